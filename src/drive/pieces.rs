//! From blocks to segments: the envelope comes off, streams are kept apart, entries are left whole.

use std::{
    borrow::Cow,
    collections::VecDeque,
    sync::{Arc, LazyLock},
};

use regex::bytes::Regex;

use super::blocks::{Block, SIZE, Tick};
use crate::{
    entry::HeadFinder,
    envelope::{Envelope, LineStart, Unwrapped},
    reader::last_cut,
};

/// Words of a JVM's TLS stack, wherever on a line.
static TLS_WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = [
        r"javax\.net\.ssl",
        // stars may be escaped, blanks may be those of a page
        r"\*[ \u{a0}](Client|Server)Hello",
        r",[ \u{a0}](WRITE|READ):[ \u{a0}](TLS|SSL)",
        r"Cipher Suites: \[",
        r"%% (Initialized|No cached)",
        r"adding as trusted cert",
        r"trustStore is: ",
        r"sun\.security\.ssl\.SSLLogger|org\.bouncycastle\.jsse",
    ];
    Regex::new(&words.join("|")).ok()
});

/// Whether a JVM's TLS stack speaks in it.
pub(super) fn speaks_of_tls(text: &[u8]) -> bool {
    TLS_WORDS.as_ref().is_some_and(|words| words.is_match(text))
}

/// Finds the envelope, by the first text in which a JVM's TLS stack speaks.
#[derive(Debug, Default)]
pub(super) struct Detector {
    envelope: Option<Envelope>,
    decided: bool,
    sample: Vec<u8>,
    /// Of bytes that are all there: where the TLS stack spoke first, to within a block.
    heard_at: usize,
}

impl Detector {
    /// Looks at the next block, while nothing is decided. Gives the envelope in force.
    pub(super) fn see(&mut self, block: &[u8]) -> Option<&Envelope> {
        /// So much text decides, if the TLS stack speaks in it at all.
        const ENOUGH: usize = 256 << 10;
        if !self.decided && (!self.sample.is_empty() || speaks_of_tls(block)) {
            self.sample
                .extend_from_slice(&block[..block.len().min(2 * ENOUGH)]);
            self.envelope = Envelope::detect(&self.sample);
            self.decided = self.envelope.is_some() || self.sample.len() >= ENOUGH;
            if self.decided {
                self.sample = Vec::new();
            }
        }
        self.envelope.as_ref()
    }

    /// Looks at the beginning of bytes that are all there, as far as is needed.
    pub(super) fn see_all(data: &[u8]) -> Self {
        /// Where the TLS stack has not spoken by then, lines are taken as they are.
        const FAR: usize = 256 << 20;
        let mut detector = Self::default();
        for block in data[..data.len().min(FAR)].chunks(SIZE) {
            detector.see(block);
            if detector.decided {
                break;
            }
            if detector.sample.is_empty() {
                detector.heard_at += block.len();
            }
        }
        detector
    }

    /// The text of `data` from about where the TLS stack spoke first.
    pub(super) fn first_heard<'d>(&self, data: &'d [u8]) -> &'d [u8] {
        data.get(self.heard_at..).unwrap_or_default()
    }

    /// What was found.
    pub(super) fn found(&self) -> Option<&Envelope> {
        self.envelope.as_ref()
    }
}

/// A block without its envelope.
pub(super) enum Bare<'d> {
    /// There is none.
    Plain { bytes: Cow<'d, [u8]>, offset: u64 },
    /// What was in it.
    Unwrapped {
        texts: Unwrapped,
        offset: u64,
        line_feeds: u64,
        end: u64,
        /// The last line is all there.
        ends_line: bool,
    },
    /// Time to tell what is known.
    Tick(Tick),
}

/// Takes the envelope off a block.
pub(super) fn unwrap((block, envelope): (Block<'_>, Option<Envelope>)) -> Bare<'_> {
    match (block, envelope) {
        (Block::Tick(tick), _) => Bare::Tick(tick),
        (Block::Lines { bytes, offset }, None) => Bare::Plain { bytes, offset },
        (Block::Lines { bytes, offset }, Some(envelope)) => {
            let mut texts = Unwrapped::default();
            envelope.unwrap_block(&bytes, &mut texts);
            Bare::Unwrapped {
                texts,
                offset,
                line_feeds: memchr::memchr_iter(b'\n', &bytes).count() as u64,
                end: offset + bytes.len() as u64,
                ends_line: bytes.ends_with(b"\n"),
            }
        }
    }
}

/// A segment to be read, and where it comes from.
#[derive(Debug)]
pub(super) struct Piece<'d> {
    /// The text; empty where only time passed.
    pub(super) text: Cow<'d, [u8]>,
    /// The stream, where there are several.
    pub(super) stream: Option<Arc<str>>,
    pub(super) place: Place,
    /// Nothing of this stream follows.
    pub(super) last: bool,
    /// Lines of the input so far.
    pub(super) lines: u64,
    /// Bytes of the input done with it.
    pub(super) done: u64,
    /// What is known by now can be told.
    pub(super) tick: Option<Tick>,
}

impl<'d> Piece<'d> {
    /// Text that stands in the input as it is.
    pub(super) fn plain(text: Cow<'d, [u8]>, offset: u64, last: bool) -> Self {
        Self {
            done: offset + text.len() as u64,
            text,
            stream: None,
            place: Place::Plain { offset },
            last,
            lines: 0,
            tick: None,
        }
    }
}

/// Where the text of a piece stands in the input.
#[derive(Debug)]
pub(super) enum Place {
    /// As it is, at this offset.
    Plain { offset: u64 },
    /// Line by line.
    Table(Vec<Line>),
}

/// Where a physical line begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// Index in the text.
    pub(super) at: usize,
    /// Offset in the input.
    pub(super) offset: u64,
    /// Line number in the input, from 1.
    pub(super) number: u64,
}

/// Gathers the text of each stream until a segment is full.
pub(super) struct Segmenter<'d, B> {
    upstream: B,
    streams: Vec<Pending>,
    ready: VecDeque<Piece<'d>>,
    /// Line feeds of all blocks so far.
    line_feeds: u64,
    done: u64,
    ends_line: bool,
    ended: bool,
}

/// The text of one stream that is not read yet.
#[derive(Default)]
struct Pending {
    key: Box<[u8]>,
    name: Option<Arc<str>>,
    text: Vec<u8>,
    /// Empty while no envelope is known.
    lines: Vec<Line>,
    /// Offset of the text, while no envelope is known.
    offset: u64,
    /// Ticks for which the beginning of the text has waited.
    ticks: u32,
}

impl<'d, B: Iterator<Item = Bare<'d>>> Segmenter<'d, B> {
    pub(super) fn new(upstream: B) -> Self {
        Self {
            upstream,
            streams: Vec::new(),
            ready: VecDeque::new(),
            line_feeds: 0,
            done: 0,
            ends_line: true,
            ended: false,
        }
    }

    fn take(&mut self, bare: Bare<'d>) {
        match bare {
            Bare::Plain { bytes, offset } => {
                self.line_feeds += memchr::memchr_iter(b'\n', &bytes).count() as u64;
                self.done = offset + bytes.len() as u64;
                self.ends_line = bytes.ends_with(b"\n");
                let pending = self.stream(&[]);
                let pending = &mut self.streams[pending];
                if pending.text.is_empty() {
                    pending.offset = offset;
                }
                pending.text.extend_from_slice(&bytes);
                self.cut(0, false);
            }
            Bare::Unwrapped {
                texts,
                offset,
                line_feeds,
                end,
                ends_line,
            } => {
                (self.done, self.ends_line) = (end, ends_line);
                for text in &texts.streams {
                    let number = self.stream(&text.key);
                    if self.streams[number].is_plain() {
                        self.cut(number, true); // what came before the envelope was known
                    }
                    self.streams[number].push(&text.text, &text.lines, offset, self.line_feeds);
                    self.cut(number, false);
                }
                self.line_feeds += line_feeds;
            }
            Bare::Tick(tick) => {
                for number in 0..self.streams.len() {
                    self.cut_for(tick, number);
                }
                self.mark(Some(tick));
            }
        }
    }

    /// A piece without text, to say how far it is.
    fn mark(&mut self, tick: Option<Tick>) {
        self.ready.push_back(Piece {
            lines: self.line_feeds + u64::from(!self.ends_line),
            tick,
            ..Piece::plain(Cow::Borrowed(&[]), self.done, false)
        });
    }

    fn stream(&mut self, key: &[u8]) -> usize {
        if let Some(known) = self.streams.iter().position(|stream| *stream.key == *key) {
            return known;
        }
        self.streams.push(Pending {
            key: key.into(),
            name: (!key.is_empty()).then(|| String::from_utf8_lossy(key).into()),
            ..Pending::default()
        });
        self.streams.len() - 1
    }

    /// Makes a segment of what is whole, if it is enough; of everything with `all`.
    fn cut(&mut self, number: usize, all: bool) {
        let pending = &mut self.streams[number];
        let len = match all {
            true => pending.text.len(),
            false if pending.text.len() < SIZE => 0,
            false => last_cut(&pending.text),
        };
        if len > 0 {
            let piece = pending.split(len, false, self.done);
            self.ready.push_back(piece);
        }
    }

    /// Makes a segment of the entries that are whole; of the last one, too, when there is little doubt.
    fn cut_for(&mut self, tick: Tick, number: usize) {
        let pending = &mut self.streams[number];
        if pending.text.is_empty() {
            return;
        }
        let len = last_cut(&pending.text);
        let patience = Looks::of(&pending.text[len..]).patience(tick);
        if len > 0 {
            let piece = pending.split(len, false, self.done);
            self.ready.push_back(piece);
        }
        let pending = &mut self.streams[number];
        if pending.ticks >= patience {
            self.cut(number, true);
        } else {
            pending.ticks += 1;
        }
    }

    fn finish(&mut self) {
        self.ended = true;
        for pending in &mut self.streams {
            if !pending.text.is_empty() {
                let piece = pending.split(pending.text.len(), true, self.done);
                self.ready.push_back(piece);
            }
        }
        self.mark(None);
    }
}

impl<'d, B: Iterator<Item = Bare<'d>>> Iterator for Segmenter<'d, B> {
    type Item = Piece<'d>;

    fn next(&mut self) -> Option<Piece<'d>> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(piece);
            }
            if self.ended {
                return None;
            }
            match self.upstream.next() {
                Some(bare) => self.take(bare),
                None => self.finish(),
            }
        }
    }
}

/// How the entry at the beginning of a text looks. That does not end an entry, it only tells how long
/// to wait for more of it.
enum Looks {
    /// All there.
    Whole,
    /// In the middle of its body.
    Begun,
    /// No head, no telling.
    Unknown,
}

impl Looks {
    fn of(text: &[u8]) -> Self {
        let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        let first = lines.next().unwrap_or_default();
        let closes = |line: &[u8]| line == b")" || line.ends_with(b" )");
        if HeadFinder::new().next(first, 0).is_none() {
            Self::Unknown
        } else if !first.ends_with(b"(") || lines.any(closes) {
            Self::Whole
        } else {
            Self::Begun
        }
    }

    /// Ticks to wait for more.
    fn patience(self, tick: Tick) -> u32 {
        match (self, tick) {
            (Self::Whole, Tick::Silent) => 0,
            (Self::Whole, Tick::Busy) | (Self::Unknown, Tick::Silent) => 1,
            (Self::Unknown, Tick::Busy) => 2,
            // a network may pause anywhere; JVMs write an entry at once, and close it
            (Self::Begun, _) => 8,
        }
    }
}

impl Pending {
    fn is_plain(&self) -> bool {
        !self.text.is_empty() && self.lines.is_empty()
    }

    fn push(&mut self, text: &[u8], lines: &[LineStart], offset: u64, line_feeds: u64) {
        let before = self.text.len();
        self.text.extend_from_slice(text);
        self.lines.extend(lines.iter().map(|line| Line {
            at: before + line.at as usize,
            offset: offset + u64::from(line.offset),
            number: line_feeds + u64::from(line.line) + 1,
        }));
    }

    /// Splits off the first `len` bytes.
    fn split<'d>(&mut self, len: usize, last: bool, done: u64) -> Piece<'d> {
        self.ticks = 0;
        let rest = self.text.split_off(len);
        let text = std::mem::replace(&mut self.text, rest);
        let place = if self.lines.is_empty() {
            let offset = self.offset;
            self.offset += len as u64;
            Place::Plain { offset }
        } else {
            let behind = self.lines.partition_point(|line| line.at < len);
            let mut rest = self.lines.split_off(behind);
            for line in &mut rest {
                line.at -= len;
            }
            Place::Table(std::mem::replace(&mut self.lines, rest))
        };
        Piece {
            text: Cow::Owned(text),
            stream: self.name.clone(),
            place,
            last,
            done,
            lines: 0,
            tick: None,
        }
    }
}
