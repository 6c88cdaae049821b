//! Events to handshakes.
//!
//! The log has no connection id. Events are joined to a handshake by thread first (a blocking
//! SSLSocket stays on one), then by what identifies it (client random, session id), then by what
//! the protocol allows next (an SSLEngine's tasks hop between threads). Where more than one
//! handshake fits, the guess is kept as an assumption.
//!
//! `demux` and `failure` decide *which* handshake an event belongs to, `fits` whether it can be, `apply` what it
//! changes there, `unjudged` how an established one can still fail, `ending` what a failure means; `untangle` finds out first what entries of the classic dialect leave
//! open. At the end of the log, `finish` has `conclude` settle every handshake, and `pair` join the two ends of a
//! connection.

mod alone;
mod apply;
mod bytes;
mod conclude;
mod demux;
mod ending;
mod failure;
mod finish;
mod fits;
mod gap;
mod lately;
mod odd;
mod pair;
mod places;
mod printed;
mod threads;
mod unjudged;
mod unproven;
mod untangle;

use std::{collections::VecDeque, sync::Arc};

use self::{lately::Lately, places::Places, threads::Threads};
use crate::{
    event::{Anomaly, Closing, Event, Fact, Fatal, JvmFact, Survey, Throwable},
    handshake::{AnchorSet, Assumption, CertificateStore, Handshake, Jvm, KeyEntry, Noted},
    span::{Span, Turned},
    time::{LogTime, Stamp, Zones},
};

/// Everything that was read from one input, put together.
#[derive(Debug, Default, Clone)]
pub struct Assembly {
    /// The handshakes in the order in which they begin in the log.
    pub handshakes: Vec<Box<Handshake>>,
    /// The JVM as the log describes it.
    pub jvm: Jvm,
    /// Odd input, in order; capped, see [`Self::anomaly_count`].
    pub anomalies: Vec<Noted<Anomaly>>,
    /// How many anomalies there were.
    pub anomaly_count: u64,
    /// What kinds of entries there are.
    pub survey: Survey,
    /// The certificates whose bytes are in the log.
    pub certificates: CertificateStore,
    /// Where something was first said that only those say who shake hands, or have, of which nothing else is logged.
    pub spoken_alone: Option<Span>,
    /// Where a connection was first closed of which nothing else is logged.
    pub closed_alone: Option<Span>,
    /// Exceptions that the application printed while no handshake was under way; capped.
    pub heard_alone: Vec<Noted<Arc<Throwable>>>,
    /// Time of the first and of the last event.
    pub first_at: Option<LogTime>,
    /// See [`Self::first_at`].
    pub last_at: Option<LogTime>,
}

/// Puts events together, in the order of the log.
#[derive(Debug, Default, Clone)]
pub struct Assembler {
    /// What entries of the classic dialect leave open, for each stream.
    untangle: Vec<(Option<Arc<str>>, untangle::Untangle)>,
    work: Vec<Open>,
    threads: Threads,
    by_random: Places,
    /// Session ids that a ServerHello may repeat.
    by_session: Places,
    /// Handshakes by the server's random, from either end's view.
    by_server_random: Places,
    /// Handshakes that still wait for messages, oldest first.
    waiting: Vec<usize>,
    prune_waiting_at: usize,
    /// Handshakes whose lists of steps have room to grow, oldest first.
    roomy: VecDeque<usize>,
    /// A handshake was seen on more than one thread: engines are at work.
    hops_seen: bool,
    messages_seen: bool,
    connections: u32,
    pending_bytes: bytes::PendingBytes,
    zones: Zones,
    /// In which words handshakes ended, and what JVMs said of it.
    words: Lately<Arc<str>>,
    fatals: Lately<Arc<Fatal>>,
    /// The way back from a text that was turned round to the places of the input.
    turned: Option<Arc<Turned>>,
    assembly: Assembly,
}

/// A handshake in the making.
#[derive(Debug, Default, Clone)]
struct Open {
    /// In a place of its own: thousands are not copied when their list grows.
    handshake: Box<Handshake>,
    /// Complete by its own messages.
    established: bool,
    /// The transport is closed: nothing more belongs to it.
    closed: bool,
    /// The application closed while the handshake was under way, and when.
    abandoned: Option<Box<Noted<Stamp>>>,
    /// A fatal error is in: a second one belongs to another connection.
    ended_by_fatal: bool,
    /// The application or the transport let go of the connection.
    let_go: bool,
    /// An exception that the application printed while the handshake was under way.
    heard: Option<Box<(Noted<Arc<Throwable>>, Stamp)>>,
    keys_installed: u8,
    /// Of a stack that does not say when a handshake is complete.
    untold: bool,
    /// How many messages titled Finished came.
    finished: u8,
}

impl Open {
    /// Messages of the handshake proper can still come.
    fn is_waiting(&self) -> bool {
        !self.established && self.handshake.break_up.is_none() && !self.closed
    }
}

/// More than this many handshakes at once on one thread are not kept apart by thread.
const MAX_TOUCHED: usize = 64;
/// Handshakes that never ended are looked at for hops only while they are among the latest.
const MAX_WAITING: usize = 256;

impl Assembler {
    /// An assembler that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next event of the log.
    pub fn push(&mut self, event: Event) {
        if let Fact::Bytes(bytes) = &event.fact {
            self.bytes(self.place(event.span), &event.thread, bytes);
            return;
        }
        let Some(event) = self.untangle(event) else {
            return;
        };
        self.push_told(event, None);
    }

    /// Takes an event whose thread and direction are known, or were guessed.
    fn push_told(&mut self, mut event: Event, guess: Option<untangle::Guess>) {
        event.span = self.place(event.span);
        // what policy refuses, and where dumps begin, is reported once for each reader: not a thing to set a clock by
        let is_of_reader = matches!(
            event.fact,
            Fact::Jvm(JvmFact::Refused(_) | JvmFact::Secret(_))
        );
        if !is_of_reader {
            self.clock(&event);
        }
        match event.fact {
            Fact::Jvm(fact) => self.jvm_fact(fact, event.span),
            Fact::Anomaly(anomaly) => self.anomaly(anomaly, event.span),
            _ => {
                let span = event.span;
                if let Fact::KeyUnfit { alias, reason } = &event.fact {
                    let (alias, reason) = (Arc::clone(alias), Arc::clone(reason));
                    self.jvm_fact(JvmFact::KeyIgnored { alias, reason }, span);
                }
                let printed = match &event.fact {
                    Fact::Application(thrown) => Some(Arc::clone(thrown)),
                    _ => None,
                };
                let is_of_handshake = alone::is_of_handshake(&event.fact);
                let closes = matches!(event.fact, Fact::Closing(Closing::Local))
                    && !is_of_clean_up(&event.thread.name);
                let index = self.handshake_event(event);
                if is_of_handshake && index.is_none() {
                    self.assembly.spoken_alone.get_or_insert(span);
                }
                if closes && index.is_none() {
                    self.assembly.closed_alone.get_or_insert(span);
                }
                if let (None, Some(thrown)) = (index, printed) {
                    self.heard_alone(thrown, span);
                }
                if let (Some(index), Some(guess)) = (index, guess) {
                    let handshake = &mut self.work[index].handshake;
                    handshake.assume(guess.in_words());
                    handshake.ambiguous |= guess.may_mix_up();
                }
            }
        }
    }

    /// Adds what kinds of entries were read.
    pub fn survey(&mut self, survey: &Survey) {
        self.assembly.survey.add(survey);
    }

    fn jvm_fact(&mut self, fact: JvmFact, span: Span) {
        /// A hostile log must not fill the memory with stores and keys.
        const CAP: usize = 10_000;
        fn note<T: PartialEq>(list: &mut Vec<Noted<T>>, value: T, span: Span) {
            if list.len() < CAP && !list.iter().any(|known| known.value == value) {
                list.push(Noted { value, span });
            }
        }
        let jvm = &mut self.assembly.jvm;
        match fact {
            JvmFact::TrustStore(path) => jvm.trust_store = Some(Noted { value: path, span }),
            JvmFact::StoreUnusable(path) => note(&mut jvm.unusable_stores, path, span),
            JvmFact::KeyStore(path) => jvm.key_store = Some(Noted { value: path, span }),
            JvmFact::KeyIgnored { alias, reason } => {
                note(&mut jvm.keys_ignored, (alias, reason), span);
            }
            JvmFact::SystemProperty { name, value } => {
                note(&mut jvm.system_properties, (name, value), span);
            }
            JvmFact::Refused(item) => note(&mut jvm.refused, item, span),
            JvmFact::Secret(secret) => note(&mut jvm.secrets, secret, span),
            JvmFact::TrustAnchors(certificates) => {
                let known = jvm
                    .anchor_sets
                    .iter()
                    .any(|set| same_list(&set.certificates, &certificates));
                if !known && jvm.anchor_sets.len() < CAP {
                    jvm.anchor_sets.push(AnchorSet { certificates, span });
                }
            }
            JvmFact::KeyFound { alias, chain } => {
                let known = jvm
                    .key_entries
                    .iter()
                    .any(|key| key.alias == alias && same_list(&key.chain, &chain));
                if !known && jvm.key_entries.len() < CAP {
                    jvm.key_entries.push(KeyEntry { alias, chain, span });
                }
            }
            JvmFact::TrustStoreLoaded(_) | JvmFact::KeyChosen(_) | JvmFact::NoMatchingKey => {}
        }
    }
}

/// The threads that close what nobody used: a JVM's own, for garbage.
fn is_of_clean_up(thread: &str) -> bool {
    matches!(thread, "Finalizer" | "Common-Cleaner")
}

/// The same shared list, or an equal one.
fn same_list<T: PartialEq>(left: &Arc<[T]>, right: &Arc<[T]>) -> bool {
    Arc::ptr_eq(left, right) || left == right
}

impl From<&'static str> for Assumption {
    fn from(words: &'static str) -> Self {
        Self(words.into())
    }
}
