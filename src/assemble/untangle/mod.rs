//! Which thread, and which way: what single entries of the classic dialect leave open.
//!
//! Only record lines, alerts and exceptions carry a thread's name there. A thread prints `READ: …` in
//! front of the messages it finds in the record, and `WRITE: …` behind those that it sends. So a
//! message is heard by a thread that has read, or said by one that will write; which of them, the
//! protocol tells: each end of each handshake has one thing that can come next. Where that leaves more
//! than one, the thread that printed last is taken and the guess is kept with the handshake.
//!
//! Events wait here until the line that names their thread has come; in the order of the log they go
//! on to the demultiplexer. Events of the other dialects carry a thread's id and never come here.

mod act;
mod end;
mod piece;
mod said;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use foldhash::quality::RandomState;

use self::end::{End, Heard};
use crate::{
    event::{Event, Fact, JvmFact, PresentedCertificate, Random, Thread},
    tls::AlertDescription,
};

/// Ends under way that are told apart at once.
const MAX_ENDS: usize = 256;
/// Events that wait for a thread's name at once.
const MAX_HELD: usize = 4096;
/// Threads and randoms remembered.
const MAX_KNOWN: usize = 65_536;

/// What had to be guessed to give an event its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guess {
    /// Which of several threads said it: messages may be mixed up.
    Speaker,
    /// Which end this JVM is: one.
    Side,
    /// Whether this JVM sent the ClientHello: it did.
    Hello,
}

impl Guess {
    /// The guess in words, as the handshake keeps it.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Speaker => {
                "the log does not name the thread of every message; where several connections were waiting for one, the thread that printed last was taken"
            }
            Self::Side => {
                "the log begins within a handshake and names no record of it; this JVM is taken for the client"
            }
            Self::Hello => {
                "nothing in the log tells whether this JVM sent or received the ClientHello; it is taken for the client"
            }
        }
    }

    /// Messages of other connections may be among those of the handshake.
    pub(super) fn may_mix_up(self) -> bool {
        self == Self::Speaker
    }
}

/// An event as it goes on, and what was guessed to give it its place.
pub(super) type Told = (Event, Option<Guess>);

/// Gives events of the classic dialect their thread and direction.
#[derive(Debug, Default, Clone)]
pub(super) struct Untangle {
    /// Ends under way, oldest first, by a running number.
    ends: VecDeque<End>,
    /// The number of the first of them.
    first: usize,
    threads: HashMap<Arc<Thread>, Known, RandomState>,
    held: VecDeque<Held>,
    /// How many of them wait for the rest of a torn message, and how many for an alert: mostly none, and nobody needs to
    /// look for them.
    torn_held: usize,
    alerts_held: usize,
    /// The end of the latest message.
    speaker: Option<usize>,
    /// The thread of the latest line, if it is known.
    running: Option<Arc<Thread>>,
    /// Randoms of hellos that a client of this log said and no server of it has heard yet.
    unheard: HashSet<Random, RandomState>,
    /// Both ends of a connection are in this log.
    both_ends: bool,
    /// The next message is not all there.
    torn: bool,
    /// The next ClientHello is this JVM's own.
    looks_for_session: bool,
    /// The last listing of trust anchors, which may go on.
    anchors: Option<Event>,
    /// Threads that have read a record, the oldest first; those of which a message was met stay for a
    /// while.
    readers: VecDeque<Arc<Thread>>,
}

#[derive(Debug, Clone)]
struct Held {
    event: Event,
    guess: Option<Guess>,
    wait: Wait,
}

/// What an event waits for.
#[derive(Debug, Clone, PartialEq)]
enum Wait {
    Nothing,
    /// The name of the thread of an end.
    Thread(usize),
    /// The rest of a torn message of this end, and then the name of its thread.
    Rest(usize),
    /// The alert that the exception's thread sends next.
    Alert,
}

/// What is known of a thread.
#[derive(Debug, Default, Clone)]
struct Known {
    heard: Heard,
    /// A record was read of which no message was met yet.
    unclaimed: bool,
    /// A fatal alert went out, and the exception behind it is still to come.
    sent: Option<AlertDescription>,
    /// A fatal alert came in, and the exception behind it is still to come.
    received: bool,
    /// What was said between the alert and its exception: it comes behind the exception.
    after: Vec<Event>,
    records: Records,
}

/// The handshake records of a thread since it last closed or failed.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Records {
    #[default]
    None,
    /// It has written, and read nothing: a client.
    Written,
    Others,
}

impl Untangle {
    /// Takes an event whose thread has no id.
    pub(super) fn take(&mut self, event: Event) {
        if !matches!(event.fact, Fact::Jvm(JvmFact::TrustAnchors(_))) {
            self.end_listing();
        }
        let named = !event.thread.name.is_empty();
        match &event.fact {
            Fact::Jvm(JvmFact::TrustAnchors(_)) => self.listing(event),
            Fact::Jvm(_) | Fact::Anomaly(_) => self.hold(event, None, Wait::Nothing),
            Fact::Application(_) => self.application(event),
            Fact::Message(..) => self.message(event),
            Fact::Torn => self.torn = true,
            Fact::LooksForSession => self.looks_for_session = true,
            Fact::Rest(_) => self.rest(event),
            Fact::Record(_)
            | Fact::AlertReceived(_)
            | Fact::Exception(_)
            | Fact::Fatal(_)
            | Fact::AlertNotSent(_)
            | Fact::Closing(_) => self.act(event),
            _ if named => self.hold(event, None, Wait::Nothing),
            _ => self.said_by_nobody(event),
        }
        if self.held.len() > MAX_HELD {
            self.give_up_waiting(self.held.len() - MAX_HELD);
        }
    }

    /// The next event whose thread is known.
    pub(super) fn next(&mut self) -> Option<Told> {
        let front = self.held.front()?;
        let thread = match front.wait {
            Wait::Nothing => None,
            Wait::Alert | Wait::Rest(_) => return None,
            Wait::Thread(id) => match self.end(id) {
                Some(end) => Some(Arc::clone(end.thread.as_ref()?)),
                None => None, // too many since then
            },
        };
        let mut held = self.held.pop_front()?;
        if let Some(thread) = thread {
            held.event.thread = thread;
        }
        Some((held.event, held.guess))
    }

    /// Nothing more comes: what still waits goes on as it is.
    pub(super) fn finish(&mut self) {
        self.end_listing();
        let mut left: Vec<Event> = self
            .threads
            .values_mut()
            .flat_map(|known| std::mem::take(&mut known.after))
            .collect();
        left.sort_by_key(|event| event.span.order());
        for event in left {
            self.hold(event, None, Wait::Nothing);
        }
        self.give_up_waiting(self.held.len());
    }

    /// Whether anything waits.
    pub(super) fn is_holding(&self) -> bool {
        !self.held.is_empty() || self.anchors.is_some()
    }

    fn give_up_waiting(&mut self, count: usize) {
        for held in self.held.iter_mut().take(count) {
            self.torn_held -= usize::from(matches!(held.wait, Wait::Rest(_)));
            self.alerts_held -= usize::from(held.wait == Wait::Alert);
            if let Wait::Thread(id) | Wait::Rest(id) = held.wait
                && let Some(end) = id.checked_sub(self.first).and_then(|at| self.ends.get(at))
            {
                if end.is_open() {
                    held.guess = Some(Guess::Side);
                } else if end.is_presumed() && held.guess.is_none() {
                    held.guess = Some(Guess::Hello);
                }
                if let Some(thread) = &end.thread {
                    held.event.thread = Arc::clone(thread);
                }
            }
            held.wait = Wait::Nothing;
        }
    }

    fn hold(&mut self, event: Event, guess: Option<Guess>, wait: Wait) {
        self.torn_held += usize::from(matches!(wait, Wait::Rest(_)));
        self.alerts_held += usize::from(wait == Wait::Alert);
        self.held.push_back(Held { event, guess, wait });
    }

    fn end(&self, id: usize) -> Option<&End> {
        self.ends.get(id.checked_sub(self.first)?)
    }

    fn end_mut(&mut self, id: usize) -> Option<&mut End> {
        self.ends.get_mut(id.checked_sub(self.first)?)
    }

    fn known(&mut self, thread: &Arc<Thread>) -> &mut Known {
        if self.threads.len() > MAX_KNOWN && !self.threads.contains_key(thread) {
            self.threads.clear();
        }
        self.threads.entry(Arc::clone(thread)).or_default()
    }

    fn begin(&mut self, end: End) -> usize {
        while self.held.is_empty() && self.ends.front().is_some_and(|end| end.over) {
            self.ends.pop_front();
            self.first += 1;
        }
        if self.ends.len() >= MAX_ENDS {
            self.ends.pop_front();
            self.first += 1;
        }
        self.ends.push_back(end);
        self.first + self.ends.len() - 1
    }

    /// A listing that goes on right behind the last one, with other output in between, is one listing.
    fn listing(&mut self, event: Event) {
        let Some(mut listed) = self.anchors.take() else {
            self.anchors = Some(event);
            return;
        };
        let adjacent = listed.span.order() + listed.span.len() == event.span.order();
        match (&mut listed.fact, &event.fact) {
            (Fact::Jvm(JvmFact::TrustAnchors(all)), Fact::Jvm(JvmFact::TrustAnchors(more)))
                if adjacent =>
            {
                let below = u32::try_from(event.span.line().saturating_sub(listed.span.line()))
                    .unwrap_or(u32::MAX);
                let more = more.iter().map(|anchor| PresentedCertificate {
                    certificate: Arc::clone(&anchor.certificate),
                    line_in_entry: anchor.line_in_entry.saturating_add(below),
                    torn: anchor.torn,
                });
                *all = all.iter().cloned().chain(more).collect();
                listed.span = listed.span.longer(event.span.len());
                self.anchors = Some(listed);
            }
            _ => {
                self.anchors = Some(event);
                self.hold(listed, None, Wait::Nothing);
            }
        }
    }

    fn end_listing(&mut self) {
        if let Some(event) = self.anchors.take() {
            self.hold(event, None, Wait::Nothing);
        }
    }
}

impl super::Assembler {
    /// Takes events of the classic dialect; gives back those of all others as they are.
    pub(super) fn untangle(&mut self, event: Event) -> Option<Event> {
        let stream = &event.thread.stream;
        let known = self.untangle.iter().position(|(known, _)| known == stream);
        // no other dialect names a thread without its id, or none
        if event.thread.id.is_empty() {
            let index = known.unwrap_or_else(|| {
                self.untangle.push((stream.clone(), Untangle::default()));
                self.untangle.len() - 1
            });
            self.untangle[index].1.take(event);
            self.untangled(index);
            return None;
        }
        if let Some(index) = known.filter(|&index| self.untangle[index].1.is_holding()) {
            self.untangle[index].1.finish();
            self.untangled(index);
        }
        Some(event)
    }

    /// Takes what the classic dialect left open and is now known.
    fn untangled(&mut self, index: usize) {
        while let Some((event, guess)) = self.untangle[index].1.next() {
            self.push_told(event, guess);
        }
    }

    /// Nothing follows: what is held back is told as it is.
    pub(super) fn untangle_the_rest(&mut self) {
        for index in 0..self.untangle.len() {
            self.untangle[index].1.finish();
            self.untangled(index);
        }
    }
}

#[cfg(test)]
mod tests;
