//! The loop that all envelopes share which put something in front of a line.

use std::ops::Range;

use super::unwrapped::{StreamText, Unwrapped, narrow};

/// One kind of prefix.
pub(super) trait Wrapping {
    /// What stands in front of a line, which comes without its end. `None`: it is not wrapped.
    ///
    /// Only the bytes of the prefix may decide: lines that begin with the same prefix are not asked
    /// about again.
    fn hit(&self, line: &[u8]) -> Option<Hit>;

    /// Appends the content of a line; `end` is `\n`, `\r\n` or, at the end of the input, nothing.
    fn put(&self, content: &[u8], end: &[u8], text: &mut Vec<u8>) {
        text.extend_from_slice(content);
        text.extend_from_slice(end);
    }

    /// Content is copied as it is, so that it can go with its line end in one piece.
    const PLAIN: bool = true;
}

/// The prefix of one line.
#[derive(Debug, Clone, Default)]
pub(super) struct Hit {
    /// Its length.
    pub(super) len: usize,
    /// What names the stream, as a part of the line.
    pub(super) key: Range<usize>,
    /// Which of the two outputs of the program it was.
    pub(super) output: Output,
    /// The line goes on in the next one of its stream.
    pub(super) goes_on: bool,
    /// The line continues the one before.
    pub(super) continues: bool,
    /// Blanks at the end of the prefix were lost, as editors do to empty lines.
    pub(super) trimmed: bool,
}

impl Hit {
    pub(super) fn of(len: usize) -> Self {
        Self {
            len,
            ..Self::default()
        }
    }
}

/// An output of the program; collectors read the two from different pipes, so that the lines of one
/// can land between those of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub(super) enum Output {
    #[default]
    Unknown,
    Stdout,
    Stderr,
}

/// How streams are named.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// The key of the only stream in the sample: it needs no name.
    pub(super) main: Option<Box<[u8]>>,
    /// The output that the JSSE text goes to; the other one is a stream of its own.
    pub(super) output: Output,
}

impl Keys {
    /// The index of the stream with that key and output.
    pub(super) fn stream(
        &self,
        key: &[u8],
        output: Output,
        size: usize,
        out: &mut Unwrapped,
    ) -> usize {
        let key = match &self.main {
            Some(main) if **main == *key => &[],
            _ => key,
        };
        let name = match output {
            Output::Unknown => "",
            same if same == self.output => "",
            Output::Stdout => "stdout",
            Output::Stderr => "stderr",
        };
        if name.is_empty() {
            return out.stream(key, size);
        }
        let mut whole = key.to_vec();
        if !whole.is_empty() {
            whole.push(b' ');
        }
        whole.extend_from_slice(name.as_bytes());
        out.stream(&whole, size)
    }
}

/// A physical line and its end.
pub(super) fn split_end(full: &[u8]) -> (&[u8], &[u8]) {
    let ends = match full {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] => 1,
        _ => 0,
    };
    full.split_at(full.len() - ends)
}

/// The end of the line that begins at `start`, its line feed included.
pub(super) fn line_end(block: &[u8], start: usize) -> usize {
    memchr::memchr(b'\n', &block[start..]).map_or(block.len(), |feed| start + feed + 1)
}

/// A line of a block.
#[derive(Clone, Copy)]
pub(super) struct Line<'b> {
    pub(super) text: &'b [u8],
    /// What ends it.
    pub(super) feed: &'b [u8],
    /// Where it begins in the block, and how many lines there are in front of it.
    pub(super) place: (usize, u32),
}

/// Unwraps every line by itself, where an envelope names no streams.
pub(super) fn unwrap_each(
    block: &[u8],
    out: &mut Unwrapped,
    mut unwrap: impl FnMut(Line<'_>, &mut StreamText),
) {
    if block.is_empty() {
        return;
    }
    let index = out.stream(&[], block.len());
    let into = &mut out.streams[index];
    let (mut start, mut number) = (0, 0_u32);
    while start < block.len() {
        let end = line_end(block, start);
        let (text, feed) = split_end(&block[start..end]);
        let place = (start, number);
        unwrap(Line { text, feed, place }, into);
        number = number.saturating_add(1);
        start = end;
    }
}

/// Takes the prefix off every line that has it.
pub(super) fn unwrap<W: Wrapping>(wrapping: &W, keys: &Keys, block: &[u8], out: &mut Unwrapped) {
    // lines in a row mostly have the same prefix: comparing is quicker than reading it
    let (mut last, mut hit): (&[u8], Hit) = (&[], Hit::default());
    let mut stream: Option<usize> = None;
    let (mut start, mut number) = (0, 0_u32);
    while start < block.len() {
        let end = line_end(block, start);
        let full = &block[start..end];
        let again = !last.is_empty() && full.starts_with(last);
        if !again {
            let (line, _) = split_end(full);
            if let Some(new) = wrapping.hit(line) {
                stream = Some(keys.stream(&line[new.key.clone()], new.output, block.len(), out));
                last = if new.trimmed { &[] } else { &line[..new.len] };
                hit = new;
            } else {
                last = &[];
                hit = Hit::default();
            }
        }
        let index = *stream.get_or_insert_with(|| out.stream(&[], block.len()));
        let into = &mut out.streams[index];
        if hit.continues && into.text.last() == Some(&b'\n') {
            into.text.pop();
            if into.text.last() == Some(&b'\r') {
                into.text.pop();
            }
        }
        into.begin(start, number);
        if W::PLAIN && !hit.goes_on {
            into.text.extend_from_slice(&full[hit.len..]);
        } else {
            let (line, line_end) = split_end(full);
            let line_end = if hit.goes_on { &[] } else { line_end };
            wrapping.put(&line[hit.len..], line_end, &mut into.text);
        }
        number = number.saturating_add(1);
        start = end;
    }
    debug_assert!(narrow(start) as usize == start || start > u32::MAX as usize);
}
