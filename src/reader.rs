//! Bytes to events: entry and dialect behind one call, without I/O.
//!
//! [`Reader::read`] takes what bytes there are and returns how many it is done with; the driver
//! brings the rest again, with more behind it. Any way of cutting the input gives the same events:
//! only whole entries are read, and an entry ends where the next one begins.

use std::ops::Range;

use crate::{
    dialect::unified::Unified,
    entry::{Entry, Head, HeadFinder, LineEnd, MAX_ENTRY, Search},
    event::{Event, Survey},
    span::Span,
};

/// Reads entries; holds nothing but caches and, for a stream, the position.
#[derive(Debug)]
pub struct Reader {
    finder: HeadFinder,
    dialect: Unified,
    /// Offset in the stream of the first byte of the next call.
    offset: u64,
    /// Line feeds before that byte.
    lines: u64,
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
            dialect: Unified::default(),
            offset: 0,
            lines: 0,
        }
    }

    /// Reads `data`, which continues the stream behind the bytes consumed so far, and appends what it
    /// says to `events`. Returns the number of bytes consumed; bring the rest again in front of more.
    /// With `eof`, nothing follows, and everything is consumed.
    pub fn read(&mut self, data: &[u8], eof: bool, events: &mut Vec<Event>) -> usize {
        let mut scan = Scan {
            data,
            base: self.offset,
            counted: 0,
            lines: self.lines,
        };
        let mut open: Option<(usize, Head<'_>)> = None;
        let (mut search_from, mut line) = (0, LineEnd::default());
        let searched = loop {
            match self
                .finder
                .find(data, search_from..data.len(), eof, &mut line)
            {
                Search::Found(start, head) => {
                    if let Some(previous) = open.replace((start, head)) {
                        scan.entry(previous, start, false, &mut self.dialect, events);
                    }
                    search_from = start + 1;
                }
                Search::Incomplete(at) | Search::None(at) => break at,
            }
        };
        let consumed = match open {
            Some(last) if eof => {
                scan.entry(last, data.len(), true, &mut self.dialect, events);
                data.len()
            }
            // an entry is kept until its end is in sight, but not for ever
            Some((start, _)) if searched.saturating_sub(start) <= MAX_ENTRY => {
                start - line_prefix(data, start).len()
            }
            Some(last) => {
                scan.entry(last, searched, false, &mut self.dialect, events);
                searched
            }
            None if eof => data.len(),
            // what a collector put in front of a head that is still to come stays with it
            None => searched - line_prefix(data, searched).len(),
        };
        self.lines = scan.lines_before(consumed);
        self.offset += consumed as u64;
        consumed
    }

    /// Reads the entries that begin in `chunk` of `data`, which is all there is; the last of them may
    /// reach beyond the chunk. Lines are counted from the chunk's first byte. Returns the number of
    /// line feeds in the chunk.
    ///
    /// A head is a head wherever one starts to look, so chunks can be read in any order.
    pub(crate) fn read_chunk(
        &mut self,
        data: &[u8],
        chunk: Range<usize>,
        events: &mut Vec<Event>,
    ) -> u64 {
        let mut scan = Scan {
            data,
            base: 0,
            counted: chunk.start,
            lines: 0,
        };
        let mut open: Option<(usize, Head<'_>)> = None;
        let (mut search_from, mut line) = (chunk.start, LineEnd::default());
        loop {
            // a chunk without heads is left at its end; an entry is followed no further than it is read
            let to = match &open {
                None => chunk.end,
                Some((start, _)) => start.saturating_add(MAX_ENTRY + 1).min(data.len()),
            };
            let found = match self.finder.find(data, search_from..to, true, &mut line) {
                Search::Found(start, head) => Some((start, head)),
                Search::Incomplete(_) | Search::None(_) => None,
            };
            let end = found.map_or(to, |(start, _)| start);
            if let Some(previous) = open.take() {
                let last = found.is_none() && end == data.len();
                scan.entry(previous, end, last, &mut self.dialect, events);
            }
            match found {
                Some((start, head)) if start < chunk.end => open = Some((start, head)),
                // behind an entry too long to read, the chunk may go on
                None if end < chunk.end => {}
                _ => break,
            }
            search_from = end + usize::from(found.is_some());
        }
        scan.lines_before(chunk.end)
    }

    /// Lines consumed so far: line feeds before the next byte.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// What kinds of entries were read since the last call.
    pub(crate) fn take_survey(&mut self) -> Survey {
        self.dialect.take_survey()
    }
}

/// One pass over bytes that are at hand; counts line feeds on the way, each byte once.
struct Scan<'a> {
    data: &'a [u8],
    /// Offset of the first byte in the stream.
    base: u64,
    counted: usize,
    lines: u64,
}

impl<'a> Scan<'a> {
    /// Reads one entry, from its head up to `end`.
    fn entry(
        &mut self,
        (start, head): (usize, Head<'a>),
        end: usize,
        last: bool,
        dialect: &mut Unified,
        events: &mut Vec<Event>,
    ) {
        // a second head on the same line ends the first one
        let head = if end < start + head.len {
            head.cut(end - start)
        } else {
            head
        };
        let truncated = end - start > MAX_ENTRY;
        let end = end.min(start + MAX_ENTRY).max(start + head.len);
        let span = Span {
            offset: self.base + start as u64,
            line: 0,
            len: u32::try_from(end - start).unwrap_or(u32::MAX),
        };
        let rest = &self.data[start + head.len..end];
        let prefix = line_prefix(self.data, start);
        let bare = without_prefix(rest, prefix);
        dialect.survey.prefixed += u64::from(bare.is_some());
        let rest = bare.as_deref().unwrap_or(rest);
        let entry = Entry {
            head,
            rest,
            span,
            last,
            truncated,
        };
        let known = events.len();
        dialect.read(&entry, events);
        // most entries say nothing: their line need not be known
        if events.len() > known {
            let line = self.lines_before(start) + 1;
            events[known..]
                .iter_mut()
                .for_each(|event| event.span.line += line);
        }
    }

    /// Line feeds before `at`, which never goes back.
    fn lines_before(&mut self, at: usize) -> u64 {
        if at > self.counted {
            self.lines += memchr::memchr_iter(b'\n', &self.data[self.counted..at]).count() as u64;
            self.counted = at;
        }
        self.lines
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
        assert_eq!((events[0].span.line, events[0].span.offset), (2, 9));
        assert!(matches!(events[1].fact, Fact::AlertReceived(_)));
        assert_eq!(events[1].span.line, 5);
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
                .map(|event| (event.fact, event.span.line))
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
    fn any_chunks_give_the_same_events() {
        let data = LOG.as_bytes();
        for size in 1..data.len() {
            let (mut reader, mut events, mut lines) = (Reader::new(), Vec::new(), 0);
            for start in (0..data.len()).step_by(size) {
                let known = events.len();
                let chunk = start..data.len().min(start + size);
                let in_chunk = reader.read_chunk(data, chunk, &mut events);
                events[known..]
                    .iter_mut()
                    .for_each(|event| event.span.line += lines);
                lines += in_chunk;
            }
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
