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
        unified::{Met, Rememberable, Unified},
    },
    entry::{Entry, Head, HeadFinder, MAX_ENTRY, Stem},
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
        let mut next = self.behind(data, 0);
        let first = scan.end_before(next.as_ref());
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
        let end = scan.end_before(next.as_ref()).max(line_end);
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
        loop {
            let start = stem.start;
            let line_end = stem.caller_at() + known.len();
            let rest = &data[line_end..];
            let unknown = Found {
                stem,
                met: Met::Before(known),
            };
            let Some((len, line_feeds)) = self.dialects.unified.known_rest(known, rest) else {
                return Some(unknown);
            };
            let end = line_end + len;
            let next = self.at(data, end);
            if next.is_none() && (last || end < data.len()) {
                return Some(unknown);
            }
            let line = scan.line_feeds_before(start) + 1;
            let origin = || {
                let (at, len) = (scan.offset + start as u64, (end - start) as u64);
                (Span::new(at, line, len), stem.origin(data))
            };
            let unified = &mut self.dialects.unified;
            unified.say_again(known, rest, origin, events);
            scan.pass(end, line_feeds + 1);
            let next = next?;
            let Met::Before(next_known) = next.met else {
                return Some(next);
            };
            (stem, known) = (next.stem, next_known);
        }
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

    /// Nothing stands in front of it on its line.
    fn begins_line(&self, data: &[u8]) -> bool {
        let start = self.stem.start;
        start == 0 || data[start - 1] == b'\n'
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
    fn end_before(&self, next: Option<&Found>) -> usize {
        next.map_or(self.data.len(), |next| {
            let start = next.stem.start;
            clean_line(self.data, start).unwrap_or(start)
        })
    }

    /// Reads one entry, which begins with `head`. Returns where text of others begins behind it.
    fn entry(
        &mut self,
        range: std::ops::Range<usize>,
        head: Head<'a>,
        last: bool,
        memory: Option<Rememberable<'_>>,
        dialects: &mut Dialects,
        events: &mut Vec<Event>,
    ) -> usize {
        let (start, end) = (range.start, range.end);
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
        let whole = !prefixed && !truncated && parts.closed && parts.tail.is_empty();
        match memory.filter(|_| whole && !last) {
            Some(memory) => dialects
                .unified
                .read_and_remember(&entry, &parts, memory, events),
            None => dialects.unified.read(&entry, &parts, events),
        }
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

    /// Goes on to `end`, with so many line feeds before it.
    fn pass(&mut self, end: usize, line_feeds: u64) {
        self.line_feeds += line_feeds;
        self.counted = end;
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
