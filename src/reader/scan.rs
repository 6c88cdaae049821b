//! One pass over a segment: which bytes are an entry's, and on which line it stands.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{
    Dialects,
    cut::{clean_line, line_prefix},
};
use crate::{
    dialect::{foreign::Starts, piece, unified::Rememberable},
    entry::{Entry, Head, MAX_ENTRY},
    event::Event,
    span::Span,
};

/// One pass over the bytes of a segment; counts line feeds on the way, each byte once.
pub(super) struct Scan<'a> {
    pub(super) data: &'a [u8],
    /// Offset of the first byte in the stream.
    pub(super) offset: u64,
    counted: usize,
    line_feeds: u64,
}

impl<'a> Scan<'a> {
    pub(super) fn new(data: &'a [u8], offset: u64) -> Self {
        Self {
            data,
            offset,
            counted: 0,
            line_feeds: 0,
        }
    }

    /// Where the text in front of the head at `next` ends. What a collector put there belongs to the head.
    pub(super) fn end_before(&self, next: Option<usize>) -> usize {
        next.map_or(self.data.len(), |head| {
            clean_line(self.data, head).unwrap_or(head)
        })
    }

    /// Reads one entry, which begins with `head`. Returns where text of others begins behind it.
    pub(super) fn entry(
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
    pub(super) fn foreign(
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
        let survey = &mut dialects.unified.survey;
        survey.unread += unread(&self.data[range.clone()]);
        if self.offset < piece::REACH {
            let pieces = piece::count(self.data, self.offset, range.clone());
            survey.pieces += pieces.lines;
            survey.forked += pieces.forked;
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
    pub(super) fn pass(&mut self, end: usize, line_feeds: u64) {
        self.line_feeds += line_feeds;
        self.counted = end;
    }

    /// Line feeds before `at`, which never goes back.
    pub(super) fn line_feeds_before(&mut self, at: usize) -> u64 {
        if at > self.counted {
            let between = &self.data[self.counted..at];
            self.line_feeds += memchr::memchr_iter(b'\n', between).count() as u64;
            self.counted = at;
        }
        self.line_feeds
    }
}

/// What heads begin with, and the title of a message: with a head that can be read, neither stands in text of others.
static OF_ENTRIES: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| ["javax.net.ssl|", " handshake message ("].map(Finder::new));

/// How many entries there are, at least, whose heads are damaged.
fn unread(text: &[u8]) -> u64 {
    let count = |finder: &Finder<'_>| finder.find_iter(text).count() as u64;
    OF_ENTRIES.iter().map(count).max().unwrap_or_default()
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
