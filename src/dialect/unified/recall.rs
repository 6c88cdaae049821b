//! What entries said that were read before: a log says the same things over and over.
//!
//! A line is known by its text from the caller on, since what stands in front of that is the moment's. What a body says
//! does not hang on the bytes of keys, signatures and tickets in it, and of random and session id it says no more than
//! those: a body is known by everything else ([`Body`]). Whether that is so is tried once for each body that is
//! kept, with other bytes in their place.
//!
//! Nothing is said from memory that reading would not say, so nobody need know what is remembered.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use super::{Unified, body::Body, message};
use crate::{
    entry::{Entry, Origin, Parts},
    event::{Event, Fact, JvmFact, Survey},
    span::Span,
};

/// Lines that are remembered.
const LINES: usize = 4096;
/// Places among which a line has its choice.
const WAYS: usize = 8;
/// Longer lines are not remembered.
const LONGEST_LINE: usize = 1024;
/// Longer bodies are not remembered: those of trust stores, which come once or are known by their certificates.
const LONGEST_BODY: usize = 64 << 10;
/// Bodies that are remembered of each line.
const BODIES: usize = 64;
/// Bytes of bodies that are remembered, with what is around them.
const BODIES_HELD: usize = 4 << 20;

/// Lines and bodies that were read before, and what they said.
#[derive(Debug)]
pub(super) struct Recall {
    /// By their hash; empty before the first, then [`LINES`] of them.
    lines: Vec<Line>,
    /// Hashes of lines that were met once. What never comes again is not worth its place.
    once: Vec<u64>,
    hasher: RandomState,
    /// The line that was looked up last, if it is known.
    latest: Slot,
    /// Lines that were said again since they were counted last.
    said: Vec<Slot>,
    /// Bytes of all bodies, with what is around them.
    held: usize,
    /// Counts lines that found no empty place.
    turn: usize,
}

/// The place of a line.
type Slot = u16;
/// That of none.
const NONE: Slot = Slot::MAX;

/// A line that was read before; without text, there is none.
#[derive(Debug, Default)]
struct Line {
    /// From the caller on, with the line feed.
    text: Box<[u8]>,
    /// What is told of it.
    known: Option<Known>,
    /// The lines that came behind it last: mostly one of them does so again.
    next: Successors,
    /// How often it was said again since it was counted last.
    again: u32,
    says: Says,
}

/// Places of two lines, or of [`NONE`], the newer one first.
type Successors = [Slot; 2];

/// What a line says.
#[derive(Debug, Default)]
enum Says {
    /// Nothing that bears on a handshake; it is an entry, no more.
    #[default]
    Nothing,
    /// All of it.
    Line(Box<Meaning>),
    /// It opens one of these bodies.
    Bodies(Box<Bodies>),
}

/// The bodies of a line.
#[derive(Debug, Default)]
struct Bodies {
    /// Each stays in its place.
    known: Vec<Body>,
    /// Their places, that of the one met last in front.
    order: Vec<u8>,
    /// How many in a row were none of them.
    misses: u32,
}

/// What an entry says, and what it counts for.
#[derive(Debug)]
pub(super) struct Meaning {
    pub(super) fact: Option<Fact>,
    pub(super) counts: Survey,
}

/// What is known of a line.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Met {
    /// It was read before.
    Before(Known),
    /// Not yet, or too long ago; its hash.
    New(u64),
    /// It is none that could be remembered.
    Never,
}

/// A line that was read before: its place, its length and what kind of a line it is, in one number as [`Met::New`] has
/// one, so that either is handed on in registers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known(u64);

/// An entry that can be remembered: the text of its line, from the caller on, and what was known of that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rememberable<'a> {
    pub(crate) line: &'a [u8],
    pub(crate) met: Met,
    /// What is known of the line behind it, which is not to be forgotten now.
    pub(crate) next: Met,
}

impl Known {
    const IS_ENTRY: u8 = 1;
    const COUNTS: u8 = 2;
    const OPENS_BODY: u8 = 3;

    /// `None` of a line that is not there, or too long.
    fn new(slot: Slot, len: usize, says: &Says) -> Option<Self> {
        let len = u16::try_from(len).ok().filter(|&len| len > 0)?;
        let [slot_low, slot_high] = slot.to_le_bytes();
        let [len_low, len_high] = len.to_le_bytes();
        let kind = match says {
            Says::Nothing => Self::IS_ENTRY,
            Says::Line(meaning) if meaning.fact.is_none() => Self::COUNTS,
            Says::Line(_) => 0,
            Says::Bodies(_) => Self::OPENS_BODY,
        };
        let bytes = [slot_low, slot_high, len_low, len_high, kind, 0, 0, 0];
        Some(Self(u64::from_le_bytes(bytes)))
    }

    fn slot(self) -> Slot {
        let [low, high, ..] = self.0.to_le_bytes();
        Slot::from_le_bytes([low, high])
    }

    /// Bytes from the caller on, with the line feed.
    pub(crate) fn len(self) -> usize {
        let [_, _, low, high, ..] = self.0.to_le_bytes();
        usize::from(u16::from_le_bytes([low, high]))
    }

    fn kind(self) -> u8 {
        let [_, _, _, _, kind, ..] = self.0.to_le_bytes();
        kind
    }

    /// It is an entry, of some kind, and no more.
    pub(crate) fn says_nothing(self) -> bool {
        matches!(self.kind(), Self::IS_ENTRY | Self::COUNTS)
    }

    /// There is more of the entry behind it.
    pub(crate) fn opens_body(self) -> bool {
        self.kind() == Self::OPENS_BODY
    }
}

/// The places of a line of this hash.
fn places_of(hash: u64) -> impl Iterator<Item = Slot> {
    let group = hash % (LINES / WAYS) as u64 * WAYS as u64;
    (group..group + WAYS as u64).map(|place| Slot::try_from(place).unwrap_or(NONE))
}

impl Default for Recall {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            once: Vec::new(),
            hasher: RandomState::default(),
            latest: NONE,
            said: Vec::new(),
            held: 0,
            turn: 0,
        }
    }
}

impl Recall {
    fn line(&self, slot: Slot) -> Option<&Line> {
        self.lines.get(usize::from(slot))
    }

    fn line_mut(&mut self, slot: Slot) -> Option<&mut Line> {
        self.lines.get_mut(usize::from(slot))
    }

    /// Looks up the line at the beginning of `text`.
    #[expect(
        clippy::inline_always,
        reason = "see the function of that name of `Unified`"
    )]
    #[inline(always)]
    fn look_up(&mut self, text: &[u8]) -> Met {
        let expected = self
            .line(self.latest)
            .map_or([NONE; 2], |before| before.next);
        for slot in expected {
            if let Some(line) = self.line(slot)
                && let Some(known) = line.known
                && text.starts_with(&line.text)
            {
                self.latest = slot;
                return Met::Before(known);
            }
        }
        self.search(text)
    }

    /// Looks up a line that is not the expected one.
    fn search(&mut self, text: &[u8]) -> Met {
        let before = std::mem::replace(&mut self.latest, NONE);
        let window = &text[..text.len().min(LONGEST_LINE)];
        let Some(feed) = memchr::memchr(b'\n', window) else {
            return Met::Never;
        };
        let text = &window[..=feed];
        let hash = self.hasher.hash_one(text);
        let known = places_of(hash).find_map(|slot| {
            let line = self.line(slot).filter(|line| *line.text == *text)?;
            line.known
        });
        let Some(known) = known else {
            return Met::New(hash);
        };
        self.latest = known.slot();
        if let Some(before) = self.line_mut(before) {
            before.next = [known.slot(), before.next[0]];
        }
        Met::Before(known)
    }

    /// Where a line is kept, or is to be kept: in an empty place of its own, else in the one of them whose turn it is.
    fn place_for(&mut self, what: Rememberable<'_>) -> Option<Slot> {
        let place = match what.met {
            Met::Before(known) => known.slot(),
            Met::New(hash) => {
                let empty = |&slot: &Slot| self.line(slot).is_none_or(|line| line.text.is_empty());
                places_of(hash).find(empty).or_else(|| {
                    self.turn = self.turn.wrapping_add(1);
                    places_of(hash).nth(self.turn % WAYS)
                })?
            }
            Met::Never => return None,
        };
        let next = match what.next {
            Met::Before(known) => known.slot(),
            _ => NONE,
        };
        (place != next && !what.may_hold_heads()).then_some(place)
    }

    /// Whether a line is worth being remembered: the second time it is met.
    fn is_worthwhile(&mut self, met: Met) -> bool {
        match met {
            Met::Before(_) => true,
            Met::Never => false,
            Met::New(hash) => {
                self.once.resize(LINES, 0);
                let place = usize::try_from(hash % LINES as u64).unwrap_or(0);
                std::mem::replace(&mut self.once[place], hash) == hash
            }
        }
    }

    /// Remembers a line in place of the one that has its slot.
    fn keep_line(&mut self, slot: Slot, text: &[u8], says: Says, survey: &mut Survey) {
        self.lines.resize_with(LINES, Line::default);
        let kept = Line {
            text: text.into(),
            known: Known::new(slot, text.len(), &says),
            next: [NONE; 2],
            again: 0,
            says,
        };
        let Some(line) = self.line_mut(slot) else {
            return;
        };
        let mut old = std::mem::replace(line, kept);
        old.count(survey);
        if let Says::Bodies(bodies) = old.says {
            self.held -= bodies.known.iter().map(Body::cost).sum::<usize>();
        }
    }

    /// Counts what was said again since the last time.
    pub(super) fn count(&mut self, survey: &mut Survey) {
        for slot in self.said.drain(..) {
            if let Some(line) = self.lines.get_mut(usize::from(slot)) {
                line.count(survey);
            }
        }
    }

    /// A line is said again.
    #[inline]
    fn count_again(&mut self, slot: Slot) {
        if let Some(line) = self.lines.get_mut(usize::from(slot)) {
            if line.again == 0 {
                self.said.push(slot);
            }
            line.again += 1;
        }
    }

    /// Whether a body is worth being remembered: not where one after the other is another.
    fn wants_body(&mut self, slot: Slot) -> bool {
        /// So many in a row, and then one in so many.
        const PATIENCE: u32 = 128;
        let Some(Says::Bodies(bodies)) = self.line_mut(slot).map(|line| &mut line.says) else {
            return true;
        };
        bodies.misses = bodies.misses.saturating_add(1);
        bodies.misses < PATIENCE || bodies.misses.is_multiple_of(PATIENCE)
    }

    /// Remembers a body of the line in this slot.
    fn keep_body(&mut self, slot: Slot, body: Body, survey: &mut Survey) {
        if self.held + body.cost() > BODIES_HELD {
            self.forget_bodies(survey);
        }
        let mut held = self.held;
        if let Some(Says::Bodies(bodies)) = self.line_mut(slot).map(|line| &mut line.says) {
            held += body.cost();
            if let Some(mut oldest) = bodies.keep(body) {
                oldest.count(survey);
                held -= oldest.cost();
            }
        }
        self.held = held;
    }

    fn forget_bodies(&mut self, survey: &mut Survey) {
        for line in &mut self.lines {
            line.count(survey);
            if let Says::Bodies(bodies) = &mut line.says {
                bodies.known.clear();
                bodies.order.clear();
            }
        }
        self.held = 0;
    }

    /// How long the body of a known line is, which stands at the beginning of a text, and over how many lines it goes.
    /// `None` if it has to be read.
    fn body(&mut self, known: Known, text: &[u8]) -> Option<(usize, u64)> {
        match &mut self.line_mut(known.slot())?.says {
            Says::Bodies(bodies) => bodies.find(text),
            _ => None,
        }
    }
}

impl Line {
    fn count(&mut self, survey: &mut Survey) {
        let again = u64::from(std::mem::take(&mut self.again));
        match &mut self.says {
            Says::Nothing => {}
            Says::Line(meaning) => survey.add_times(&meaning.counts, again),
            Says::Bodies(bodies) => bodies.known.iter_mut().for_each(|body| body.count(survey)),
        }
    }
}

impl Bodies {
    fn find(&mut self, text: &[u8]) -> Option<(usize, u64)> {
        let known = &self.known;
        let is_at = |&place: &u8| {
            known
                .get(usize::from(place))
                .is_some_and(|body| body.is_at(text))
        };
        let found = self.order.iter().position(is_at)?;
        if found > 0 {
            self.order[..=found].rotate_right(1);
        }
        self.misses = 0;
        let body = self.latest()?;
        Some((body.len(), body.line_feeds()))
    }

    /// The one met last.
    fn latest(&mut self) -> Option<&mut Body> {
        self.known.get_mut(usize::from(*self.order.first()?))
    }

    /// Keeps one more, as the one met last. Returns the oldest, if that has to make room.
    fn keep(&mut self, body: Body) -> Option<Body> {
        if self.known.len() < BODIES {
            let place = u8::try_from(self.known.len()).ok()?;
            self.known.push(body);
            self.order.insert(0, place);
            return None;
        }
        self.order.rotate_right(1);
        self.latest().map(|oldest| std::mem::replace(oldest, body))
    }
}

impl Unified {
    /// What is known of the line that begins, from the caller on, with `text`.
    #[expect(
        clippy::inline_always,
        reason = "a call hands its result over in memory, and each line waits for that of the one before"
    )]
    #[inline(always)]
    pub(crate) fn look_up(&mut self, text: &[u8]) -> Met {
        self.recall.look_up(text)
    }

    /// See [`Recall::body`].
    pub(crate) fn known_body(&mut self, known: Known, text: &[u8]) -> Option<(usize, u64)> {
        self.recall.body(known, text)
    }

    /// Passes by an entry that says nothing.
    #[inline]
    pub(crate) fn pass_by(&mut self, known: Known) {
        if known.kind() == Known::IS_ENTRY {
            self.survey.entries += 1;
        } else {
            self.recall.count_again(known.slot());
        }
    }

    /// Says again what an entry said whose line is known and whose body, if it has one, was just found to be.
    pub(crate) fn say_again<'a>(
        &mut self,
        known: Known,
        body: &[u8],
        span: Span,
        origin: impl FnOnce() -> Origin<'a>,
        events: &mut Vec<Event>,
    ) {
        let Some(line) = self.recall.line_mut(known.slot()) else {
            return;
        };
        let fact = match &mut line.says {
            Says::Nothing => None,
            Says::Line(meaning) => meaning.fact.clone(),
            Says::Bodies(bodies) => bodies.latest().and_then(|known| {
                known.again += 1;
                known.says(body, &mut self.interned)
            }),
        };
        self.recall.count_again(known.slot());
        if let Some(fact) = fact {
            events.push(self.event(span, &origin(), fact));
        }
    }

    /// Like [`Self::skips`], and remembers it.
    pub(crate) fn skips_and_remembers(&mut self, text: &[u8], what: Rememberable<'_>) -> bool {
        let (skipped, counts) = self.counting(|dialect| dialect.skips(text));
        if skipped && self.recall.is_worthwhile(what.met) {
            self.remember_line(what, None, counts);
        }
        skipped
    }

    /// Like [`Self::read`], and remembers what is said. The entry has its line, and a body if it opens one, and nothing
    /// else.
    pub(crate) fn read_and_remember(
        &mut self,
        entry: &Entry<'_>,
        parts: &Parts<'_>,
        what: Rememberable<'_>,
        events: &mut Vec<Event>,
    ) {
        let before = events.len();
        let ((), counts) = self.counting(|dialect| dialect.read(entry, parts, events));
        let fact = match &events[before..] {
            [] => None,
            [event] if can_be_said_again(&event.fact) => Some(event.fact.clone()),
            _ => return,
        };
        if !self.recall.is_worthwhile(what.met) {
            return;
        }
        if entry.head.has_body {
            self.remember_body(entry, what, Meaning { fact, counts });
        } else {
            self.remember_line(what, fact, counts);
        }
    }

    fn remember_line(&mut self, what: Rememberable<'_>, fact: Option<Fact>, counts: Survey) {
        let one = Survey {
            entries: 1,
            ..Survey::default()
        };
        let says = if fact.is_none() && counts == one {
            Says::Nothing
        } else {
            Says::Line(Box::new(Meaning { fact, counts }))
        };
        if let Some(slot) = self.recall.place_for(what) {
            self.recall
                .keep_line(slot, what.line, says, &mut self.survey);
        }
    }

    fn remember_body(&mut self, entry: &Entry<'_>, what: Rememberable<'_>, meaning: Meaning) {
        let worthwhile = entry.rest.len() <= LONGEST_BODY && !is_dump(entry.head.message);
        let Some(slot) = self.recall.place_for(what).filter(|_| worthwhile) else {
            return;
        };
        if let Met::New(_) = what.met {
            let says = Says::Bodies(Box::default());
            self.recall
                .keep_line(slot, what.line, says, &mut self.survey);
        }
        if !self.recall.wants_body(slot) {
            return;
        }
        let mut body = Body::new(entry.rest, meaning);
        if message::is_title(entry.head.message) {
            body.leave_gaps();
            if !self.is_true(&body, entry) {
                // the size of a prime is counted: there, rows are to be as long
                body.keep_digits();
                if !self.is_true(&body, entry) {
                    body.close_gaps();
                }
            }
        }
        if !body.may_hold_heads() {
            self.recall.keep_body(slot, body, &mut self.survey);
        }
    }

    /// Whether a body says of itself, and of one with other bytes in its gaps, what reading it says.
    fn is_true(&mut self, body: &Body, entry: &Entry<'_>) -> bool {
        let counts = self.survey;
        let texts = [entry.rest.to_vec(), body.with_other_bytes()];
        let is_true = texts.iter().all(|text| {
            let entry = Entry {
                rest: text,
                ..*entry
            };
            let read = self.fact(&entry, &entry.parts());
            body.is_at(text) && body.says(text, &mut self.interned) == read
        });
        self.survey = counts;
        is_true
    }

    /// Does something and tells what it counted.
    fn counting<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> (T, Survey) {
        let before = std::mem::take(&mut self.survey);
        let done = work(self);
        let counts = std::mem::replace(&mut self.survey, before);
        self.survey.add(&counts);
        (done, counts)
    }
}

impl Rememberable<'_> {
    /// Whether a head could begin in the line and end behind it.
    fn may_hold_heads(&self) -> bool {
        memchr::memmem::find(self.line, b"javax.net.ssl").is_some()
    }
}

/// Whether another entry of the same text says the same: what policy refuses is said once.
fn can_be_said_again(fact: &Fact) -> bool {
    !matches!(
        fact,
        Fact::Jvm(JvmFact::Refused(_)) | Fact::Bytes(_) | Fact::Anomaly(_) | Fact::Application(_)
    )
}

/// Bytes that differ each time.
fn is_dump(message: &[u8]) -> bool {
    message.starts_with(b"Raw ") || crate::search::find(message, b"laintext ").is_some()
}
