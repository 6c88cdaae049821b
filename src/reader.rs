//! Bytes to events: entry and dialect behind one call, without I/O.
//!
//! [`Reader::read`] takes what bytes there are and returns how many it is done with; the driver
//! brings the rest again, with more behind it. Any way of cutting the input gives the same events:
//! only whole entries are read, and an entry ends where the next one begins.

use std::sync::Arc;

use crate::{
    dialect::{
        classic::Classic,
        foreign::{self, Starts},
        unified::Unified,
    },
    entry::{Columns, Entry, Head, HeadFinder, MAX_ENTRY},
    event::{Event, Survey},
    span::Span,
};

/// Reads entries; holds nothing but caches and, for a stream, the position.
#[derive(Debug)]
pub struct Reader {
    finder: HeadFinder,
    dialects: Dialects,
    /// Offset in the stream of the first byte of the next call.
    offset: u64,
    /// Line feeds before that byte.
    lines: u64,
}

/// A reader for each dialect.
#[derive(Debug, Default)]
struct Dialects {
    unified: Unified,
    classic: Classic,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A reader at the beginning of a stream.
    pub fn new() -> Self {
        Self {
            finder: HeadFinder::new(),
            dialects: Dialects::default(),
            offset: 0,
            lines: 0,
        }
    }

    /// Reads `data`, which continues the stream behind the bytes consumed so far, and appends what it
    /// says to `events`. Returns the number of bytes consumed; bring the rest again in front of more.
    /// With `eof`, nothing follows, and everything is consumed.
    pub fn read(&mut self, data: &[u8], eof: bool, events: &mut Vec<Event>) -> usize {
        let whole = if eof { data.len() } else { last_cut(data) };
        let known = events.len();
        let line_feeds = self.read_segment(&data[..whole], self.offset, eof, events);
        for event in &mut events[known..] {
            event.span = event.span.down(self.lines);
        }
        self.lines += line_feeds;
        self.offset += whole as u64;
        whole
    }

    /// Reads a segment: bytes that end where an entry ends. `offset` is that of its first byte; lines
    /// are counted from it. With `last`, nothing follows. Returns the number of line feeds.
    ///
    /// What a segment says depends on nothing outside it, so segments can be read in any order.
    pub(crate) fn read_segment(
        &mut self,
        data: &[u8],
        offset: u64,
        last: bool,
        events: &mut Vec<Event>,
    ) -> u64 {
        let mut scan = Scan {
            data,
            offset,
            counted: 0,
            line_feeds: 0,
        };
        let mut next = self.finder.behind(data, 0);
        let first = scan.end_before(next.as_ref());
        scan.foreign(0..first, last, &mut self.dialects, events);
        while let Some(columns) = next {
            let start = columns.start;
            let (line_end, second) = self.finder.line_end(data, &columns);
            let cut = second.is_some();
            next = second.or_else(|| self.finder.behind(data, line_end));
            let end = scan.end_before(next.as_ref()).max(line_end);
            let ends_input = last && next.is_none();
            let alone = end == line_end && !ends_input;
            if alone && self.dialects.unified.skips(columns.text(data, line_end)) {
                let (level, thread, caller) = columns.telling(data);
                self.dialects.unified.clues(level, thread, caller);
                let prefixed = !line_prefix(data, start).is_empty();
                self.dialects.unified.survey.prefixed += u64::from(prefixed);
                continue;
            }
            let head = columns.head(data, line_end, cut);
            let told = scan.entry(start, head, end, ends_input, &mut self.dialects, events);
            scan.foreign(told..end, ends_input, &mut self.dialects, events);
        }
        scan.line_feeds_before(data.len())
    }

    /// Lines consumed so far: line feeds before the next byte.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// What kinds of entries were read since the last call.
    pub(crate) fn take_survey(&mut self) -> Survey {
        let mut survey = self.dialects.unified.take_survey();
        survey.add(&self.dialects.classic.take_survey());
        survey
    }

    /// What is read from here on belongs to this stream.
    pub(crate) fn enter(&mut self, stream: Option<&Arc<str>>) {
        self.dialects.unified.enter(stream);
        self.dialects.classic.enter(stream);
    }
}

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
            if let Some(line) = clean_line(data, columns.start).filter(|&line| line >= target) {
                return line;
            }
            from = columns.start + 1;
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
        match clean_line(data, columns.start) {
            Some(line) if line > 0 => return line,
            _ => (to, heads) = (columns.start, true),
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
fn clean_line(data: &[u8], at: usize) -> Option<usize> {
    let prefix = line_prefix(data, at);
    let line = at - prefix.len();
    (line == 0 || data[line - 1] == b'\n').then_some(line)
}

/// One pass over the bytes of a segment; counts line feeds on the way, each byte once.
struct Scan<'a> {
    data: &'a [u8],
    /// Offset of the first byte in the stream.
    offset: u64,
    counted: usize,
    line_feeds: u64,
}

impl<'a> Scan<'a> {
    /// Where the text in front of the next head ends. What a collector put there belongs to the head.
    fn end_before(&self, next: Option<&Columns>) -> usize {
        next.map_or(self.data.len(), |next| {
            clean_line(self.data, next.start).unwrap_or(next.start)
        })
    }

    /// Reads one entry, from its head up to `end`. Returns where text of others begins behind it.
    fn entry(
        &mut self,
        start: usize,
        head: Head<'a>,
        end: usize,
        last: bool,
        dialects: &mut Dialects,
        events: &mut Vec<Event>,
    ) -> usize {
        let truncated = end - start > MAX_ENTRY;
        let end = end.min(start + MAX_ENTRY).max(start + head.len);
        let rest = &self.data[start + head.len..end];
        let prefix = line_prefix(self.data, start);
        let bare = without_prefix(rest, prefix);
        let prefixed = bare.is_some();
        dialects.unified.survey.prefixed += u64::from(prefixed);
        let entry = Entry {
            head,
            rest: bare.as_deref().unwrap_or(rest),
            span: self.span(start, end),
            last,
            truncated,
        };
        let parts = entry.parts();
        // in an entry that breaks off, other text may stand anywhere
        let told = if prefixed || !parts.closed {
            start + head.len
        } else {
            end - parts.tail.len()
        };
        let known = events.len();
        dialects.unified.read(&entry, &parts, events);
        self.count_lines(start, &mut events[known..]);
        told
    }

    /// Reads the entries without a head in a part of the text that no entry with a head reaches into.
    fn foreign(
        &mut self,
        range: std::ops::Range<usize>,
        last: bool,
        dialects: &mut Dialects,
        events: &mut Vec<Event>,
    ) {
        /// Shorter text begins nothing.
        const SHORTEST: usize = 8;
        if range.len() < SHORTEST {
            return;
        }
        let text = &self.data[..range.end];
        let mut starts = Starts::new(text, range.start).peekable();
        while let Some((start, dialect)) = starts.next() {
            let end = starts.peek().map_or(text.len(), |&(next, _)| next);
            let read = start..end.min(start + MAX_ENTRY);
            let ends_input = last && read.end == self.data.len();
            let span = self.span(start, read.end);
            let known = events.len();
            let readers = (&mut dialects.unified, &mut dialects.classic);
            dialect.read(&text[read], span, ends_input, readers, events);
            self.count_lines(start, &mut events[known..]);
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.offset + start as u64, 0, (end - start) as u64)
    }

    /// Gives the events of the entry at `start` their lines. Most entries say nothing: their line need
    /// not be known.
    fn count_lines(&mut self, start: usize, events: &mut [Event]) {
        if !events.is_empty() {
            let line = self.line_feeds_before(start) + 1;
            for event in events {
                event.span = event.span.down(line);
            }
        }
    }

    /// Line feeds before `at`, which never goes back.
    fn line_feeds_before(&mut self, at: usize) -> u64 {
        if at > self.counted {
            let between = &self.data[self.counted..at];
            self.line_feeds += memchr::memchr_iter(b'\n', between).count() as u64;
            self.counted = at;
        }
        self.line_feeds
    }
}

/// What stands before `at` on the same line: short, and without a head of its own.
fn line_prefix(data: &[u8], at: usize) -> &[u8] {
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

/// The lines of an entry without what a collector put in front of each: the same as in front of the
/// head, but for digits and letters of a time. `None` when nothing stands in front of the head.
fn without_prefix(rest: &[u8], prefix: &[u8]) -> Option<Vec<u8>> {
    if prefix.is_empty() {
        return None;
    }
    let mut bare = Vec::with_capacity(rest.len());
    for line in rest.split_inclusive(|&byte| byte == b'\n') {
        let prefixed =
            line.len() >= prefix.len() && prefix.iter().zip(line).all(|(&a, &b)| same_shape(a, b));
        bare.extend_from_slice(if prefixed {
            &line[prefix.len()..]
        } else {
            line
        });
    }
    Some(bare)
}

fn same_shape(a: u8, b: u8) -> bool {
    a == b
        || (a.is_ascii_digit() && b.is_ascii_digit())
        || (a.is_ascii_alphabetic() && b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Fact;

    const LOG: &str = "prompt> \njavax.net.ssl|DEBUG|01|main|2026-11-21 01:00:00.000 UTC|A.java:1|Negotiated protocol version: TLSv1.3\nother output\n\njavax.net.ssl|DEBUG|01|main|2026-11-21 01:00:00.001 UTC|A.java:1|Received alert message (\n\"Alert\": {\n  \"level\"      : \"fatal\",\n  \"description\": \"handshake_failure\"\n}\n)\n";

    fn whole(data: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        assert_eq!(Reader::new().read(data, true, &mut events), data.len());
        events
    }

    #[test]
    fn events_carry_line_and_offset() {
        let events = whole(LOG.as_bytes());
        assert!(matches!(events[0].fact, Fact::NegotiatedVersion(_)));
        assert_eq!((events[0].span.line(), events[0].span.offset), (2, 9));
        assert!(matches!(events[1].fact, Fact::AlertReceived(_)));
        assert_eq!(events[1].span.line(), 5);
    }

    #[test]
    fn two_heads_on_one_line_are_two_entries() {
        let head = "javax.net.ssl|DEBUG|01|main|2026-11-21 01:00:00.000 UTC|A.java:1|";
        let events = whole(
            format!("{head}Negotiated protocol version: TLSv1.3{head}use cipher suite X\n")
                .as_bytes(),
        );
        assert!(matches!(&events[0].fact, Fact::NegotiatedVersion(version) if version.is_13()));
        assert!(matches!(&events[1].fact, Fact::ChosenSuite(suite) if suite.name() == "X"));
    }

    #[test]
    fn a_prefix_on_every_line_is_taken_off() {
        let bare = LOG.strip_prefix("prompt> \n").unwrap();
        let lines = bare.split_inclusive('\n').enumerate();
        let prefixed = lines.fold(String::new(), |all, (n, line)| {
            all + &format!("2026-11-21T01:00:0{n}Z stderr F {line}")
        });
        let facts = |log: &str| {
            whole(log.as_bytes())
                .into_iter()
                .map(|event| (event.fact, event.span.line()))
                .collect::<Vec<_>>()
        };
        assert_eq!(facts(&prefixed), facts(bare));
        for step in 1..prefixed.len() {
            assert_eq!(
                in_steps(prefixed.as_bytes(), step),
                whole(prefixed.as_bytes()),
                "step {step}"
            );
        }
    }

    #[test]
    fn any_segments_give_the_same_events() {
        let data = LOG.as_bytes();
        for size in 1..data.len() {
            let (mut cutter, mut reader) = (Cutter::new(size), Reader::new());
            let (mut events, mut lines, mut end) = (Vec::new(), 0, 0);
            while let Some(segment) = cutter.next(data) {
                assert_eq!(segment.start, end);
                end = segment.end;
                let (known, last) = (events.len(), end == data.len());
                let offset = segment.start as u64;
                let feeds = reader.read_segment(&data[segment], offset, last, &mut events);
                events[known..]
                    .iter_mut()
                    .for_each(|event| event.span = event.span.down(lines));
                lines += feeds;
            }
            assert_eq!(end, data.len());
            assert_eq!(events, whole(data), "size {size}");
        }
    }

    #[test]
    fn any_cut_of_the_input_gives_the_same_events() {
        let data = LOG.as_bytes();
        for step in 1..data.len() {
            assert_eq!(in_steps(data, step), whole(data), "step {step}");
        }
    }

    /// The events of `data`, of which `step` bytes come at a time.
    fn in_steps(data: &[u8], step: usize) -> Vec<Event> {
        let mut reader = Reader::new();
        let (mut events, mut from, mut to) = (Vec::new(), 0, 0);
        while to < data.len() {
            to = (to + step).min(data.len());
            from += reader.read(&data[from..to], to == data.len(), &mut events);
        }
        assert_eq!(from, data.len());
        events
    }
}
