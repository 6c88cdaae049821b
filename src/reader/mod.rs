//! Bytes to events: entry and dialect behind one call, without I/O.
//!
//! [`Reader::read`] takes what bytes there are and returns how many it is done with; the driver
//! brings the rest again, with more behind it. Any way of cutting the input gives the same events:
//! only whole entries are read, and an entry ends where the next one begins.

mod cut;
mod scan;

use std::sync::Arc;

pub(crate) use self::cut::{Cutter, last_cut};
use self::{cut::line_prefix, scan::Scan};
use crate::{
    dialect::{
        classic::Classic,
        unified::{Known, Met, Rememberable, Unified},
    },
    entry::{HeadFinder, Stem},
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
        let mut scan = Scan::new(data, offset);
        let mut next = self.behind(data, 0);
        let first = scan.end_before(next.as_ref().map(Found::start));
        scan.foreign(0..first, last, &mut self.dialects, events);
        while let Some(found) = next {
            next = match self.skim(&mut scan, found, last, events) {
                Some(new) => self.entry(&mut scan, &new, last, events),
                None => None,
            };
        }
        scan.line_feeds_before(data.len())
    }

    /// Reads the entry that begins with `found`, and returns the head behind it.
    fn entry(
        &mut self,
        scan: &mut Scan<'_>,
        found: &Found,
        last: bool,
        events: &mut Vec<Event>,
    ) -> Option<Found> {
        let (data, start) = (scan.data, found.stem.start);
        let columns = found.stem.columns(data)?;
        let (line_end, second) = self.finder.line_end(data, &columns);
        let cut = second.is_some();
        let next = second
            .map(|columns| Found::new(columns.stem))
            .or_else(|| self.behind(data, line_end));
        let end = scan
            .end_before(next.as_ref().map(Found::start))
            .max(line_end);
        let ends_input = last && next.is_none();
        let follows = next.as_ref().map_or(!last, |next| next.stem.start == end);
        let memory = (follows && !cut && found.begins_line(data)).then(|| Rememberable {
            line: &data[found.stem.caller_at()..line_end],
            met: found.met,
            next: next.as_ref().map_or(Met::Never, |next| next.met),
        });
        let unified = &mut self.dialects.unified;
        if end == line_end && !ends_input {
            let text = columns.text(data, line_end);
            let skipped = match memory {
                Some(memory) => unified.skips_and_remembers(text, memory),
                None => unified.skips(text),
            };
            if skipped {
                let (level, thread, caller) = columns.telling(data);
                unified.clues(level, thread, caller);
                unified.survey.prefixed += u64::from(!line_prefix(data, start).is_empty());
                return next;
            }
        }
        let head = columns.head(data, line_end, cut);
        // what is remembered of a line is followed by its body, or has none
        let memory = memory.filter(|_| head.len == line_end - start);
        let told = scan.entry(
            start..end,
            head,
            ends_input,
            memory,
            &mut self.dialects,
            events,
        );
        scan.foreign(told..end, ends_input, &mut self.dialects, events);
        next
    }

    /// Says again what entries say that were read before, beginning with `found`. Returns the first head whose entry
    /// has to be read: it is new, or no head follows at once, so other text may belong to it.
    fn skim(
        &mut self,
        scan: &mut Scan<'_>,
        found: Found,
        last: bool,
        events: &mut Vec<Event>,
    ) -> Option<Found> {
        let data = scan.data;
        let Met::Before(mut known) = found.met else {
            return Some(found);
        };
        if !found.begins_line(data) {
            return Some(found);
        }
        let mut stem = found.stem;
        scan.line_feeds_before(stem.start);
        loop {
            let line_end = stem.caller_at() + known.len();
            let (len, line_feeds) = if known.opens_body() {
                match self.dialects.unified.known_body(known, &data[line_end..]) {
                    Some(body) => body,
                    None => return Some(Found::before(stem, known)),
                }
            } else {
                (0, 0)
            };
            let end = line_end + len;
            let next = self.at(data, end);
            if next.is_none() && (last || end < data.len()) {
                return Some(Found::before(stem, known));
            }
            if known.says_nothing() {
                self.dialects.unified.pass_by(known);
            } else {
                self.say_again(scan, stem, known, end, events);
            }
            scan.pass(end, line_feeds + 1);
            let next = next?;
            let Met::Before(next_known) = next.met else {
                return Some(next);
            };
            (stem, known) = (next.stem, next_known);
        }
    }

    /// Says again what an entry says that ends at `end`.
    #[inline(never)]
    fn say_again(
        &mut self,
        scan: &mut Scan<'_>,
        stem: Stem,
        known: Known,
        end: usize,
        events: &mut Vec<Event>,
    ) {
        let (data, start) = (scan.data, stem.start);
        let line = scan.line_feeds_before(start) + 1;
        let (at, len) = (scan.offset + start as u64, (end - start) as u64);
        let body = &data[stem.caller_at() + known.len()..end];
        let place = Span::new(at, line, len);
        let unified = &mut self.dialects.unified;
        unified.say_again(known, body, place, || stem.origin(data), events);
    }

    /// The head that begins at `at`.
    #[expect(
        clippy::inline_always,
        reason = "a call hands its result over in memory, and each line waits for that of the one before"
    )]
    #[inline(always)]
    fn at(&mut self, data: &[u8], at: usize) -> Option<Found> {
        let Some(stem) = self.finder.stem(data, at) else {
            return self.unlike_the_last(data, at);
        };
        let met = if stem.is_on_one_line() {
            self.dialects.unified.look_up(&data[stem.caller_at()..])
        } else {
            Met::Never
        };
        if let Met::Before(_) = met {
            return Some(Found { stem, met });
        }
        stem.columns(data).map(|_| Found { stem, met })
    }

    /// The head that begins at `at`, which is like none of the last ones.
    #[cold]
    fn unlike_the_last(&mut self, data: &[u8], at: usize) -> Option<Found> {
        self.finder
            .at(data, at)
            .map(|columns| Found::new(columns.stem))
    }

    /// The first head at `from` or later: mostly it is there.
    fn behind(&mut self, data: &[u8], mut from: usize) -> Option<Found> {
        loop {
            if let Some(found) = self.at(data, from) {
                return Some(found);
            }
            from = self.finder.candidate(data, from + 1)?;
        }
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

/// The beginning of a head, and what is known of its line.
#[derive(Debug, Clone, Copy)]
struct Found {
    stem: Stem,
    met: Met,
}

impl Found {
    fn new(stem: Stem) -> Self {
        let met = Met::Never;
        Self { stem, met }
    }

    fn before(stem: Stem, known: Known) -> Self {
        let met = Met::Before(known);
        Self { stem, met }
    }

    fn start(&self) -> usize {
        self.stem.start
    }

    /// Nothing stands in front of it on its line.
    fn begins_line(&self, data: &[u8]) -> bool {
        let start = self.stem.start;
        start == 0 || data[start - 1] == b'\n'
    }
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
        assert_eq!((events[0].span.line(), events[0].span.offset()), (2, 9));
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
