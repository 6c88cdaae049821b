//! Where a text may be cut: wherever a head begins, an entry ends.

use crate::{
    dialect::foreign,
    entry::{HeadFinder, MAX_ENTRY},
};

/// Cuts bytes that are all there into segments, in order: wherever a head begins, an entry ends.
#[derive(Debug)]
pub(crate) struct Cutter {
    finder: HeadFinder,
    /// Bytes that a segment has at least, but for the last.
    size: usize,
    from: usize,
}

impl Cutter {
    pub(crate) fn new(size: usize) -> Self {
        Self {
            finder: HeadFinder::new(),
            size: size.max(1),
            from: 0,
        }
    }

    /// The next segment of `data`, which is the same in every call.
    pub(crate) fn next(&mut self, data: &[u8]) -> Option<std::ops::Range<usize>> {
        if self.from >= data.len() {
            return None;
        }
        let start = self.from;
        self.from = self.cut(data, start.saturating_add(self.size));
        Some(start..self.from)
    }

    /// The first place at `target` or later where a segment may end.
    fn cut(&mut self, data: &[u8], target: usize) -> usize {
        let window = &data[..data.len().min(target.saturating_add(MAX_ENTRY))];
        let mut from = target;
        while from < window.len()
            && let Some(columns) = self.finder.next(window, from)
        {
            let start = columns.stem.start;
            if let Some(line) = clean_line(data, start).filter(|&line| line >= target) {
                return line;
            }
            from = start + 1;
        }
        // no head in sight: the entry before is longer than what is read of it
        if window.len() == data.len() {
            return data.len();
        }
        forced_cut(data, window.len())
    }
}

/// So many bytes at the end of a text may be the beginning of an entry that does not show yet.
const UNDECIDED: usize = 4096;

/// The last place in `data` where a segment may end; 0 when that is not in sight.
pub(crate) fn last_cut(data: &[u8]) -> usize {
    let (mut finder, mut to, mut heads) = (HeadFinder::new(), data.len(), false);
    while let Some(columns) = finder.last(&data[..to]) {
        match clean_line(data, columns.stem.start) {
            Some(line) if line > 0 => return line,
            _ => (to, heads) = (columns.stem.start, true),
        }
    }
    let too_long = data.len() > 2 * MAX_ENTRY;
    // whether an entry begins may show on the lines behind
    let line_behind = |text: &[u8]| memchr::memrchr(b'\n', text).map_or(0, |feed| feed + 1);
    let lines = line_behind(data);
    match foreign::last_start(&data[..lines]) {
        Some(start) if start > 0 && !heads => start,
        None if !heads => line_behind(&data[..lines.saturating_sub(UNDECIDED)]),
        _ if too_long => forced_cut(data, data.len() - MAX_ENTRY),
        _ => 0,
    }
}

/// A place behind an entry too long to be read: where the next begins, or at least a line, if one is near.
fn forced_cut(data: &[u8], at: usize) -> usize {
    const NEAR: usize = 1 << 20;
    let window = &data[..data.len().min(at + NEAR)];
    foreign::next_start(window, at)
        .or_else(|| memchr::memchr(b'\n', &window[at..]).map(|feed| at + feed + 1))
        .unwrap_or(at)
}

/// The beginning of the line on which the head at `at` stands, when no other head stands in between.
pub(super) fn clean_line(data: &[u8], at: usize) -> Option<usize> {
    let prefix = line_prefix(data, at);
    let line = at - prefix.len();
    (line == 0 || data[line - 1] == b'\n').then_some(line)
}

/// What stands before `at` on the same line: short, and without a head of its own.
pub(super) fn line_prefix(data: &[u8], at: usize) -> &[u8] {
    /// No collector writes more in front of a line.
    const LONGEST: usize = 512;
    let window = &data[at.saturating_sub(LONGEST)..at];
    if window.last().is_none_or(|&last| last == b'\n') {
        return &[];
    }
    let line = match memchr::memrchr(b'\n', window) {
        Some(feed) => &window[feed + 1..],
        None if at < LONGEST => window,
        None => return &[],
    };
    if memchr::memmem::find(line, b"javax.net.ssl|").is_some() {
        &[]
    } else {
        line
    }
}
