//! Events to handshakes.
//!
//! The log has no connection id. Events are joined to a handshake by thread first (a blocking
//! SSLSocket stays on one), then by what identifies it (client random, session id), then by what
//! the protocol allows next (an SSLEngine's tasks hop between threads). Where more than one
//! handshake fits, the guess is kept as an assumption.
//!
//! `demux` and `failure` decide *which* handshake an event belongs to, `fits` whether it can be, `apply` what it
//! changes there, `ending`
//! what a failure means; `untangle` finds out first what entries of the classic dialect leave open.

mod alone;
mod apply;
mod bytes;
mod demux;
mod ending;
mod failure;
mod fits;
mod gap;
mod lately;
mod places;
mod printed;
mod threads;
mod unproven;
mod untangle;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use foldhash::quality::RandomState;

use self::{lately::Lately, places::Places, threads::Threads};
use crate::{
    event::{
        Anomaly, AnomalyKind, Closing, Event, Fact, Fatal, JvmFact, Random, Sender, Survey,
        Throwable,
    },
    handshake::{
        AnchorSet, Assumption, BreakUp, CertificateStore, Handshake, How, Jvm, KeyEntry, Noted,
        Outcome, Party, Role, Step, What, expected_next,
    },
    span::Span,
    time::{LogTime, Stamp, Zones},
    tls::{AlertDescription, MessageKind},
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
    /// Where a connection was first closed of which nothing else is logged.
    pub closed_alone: Option<Span>,
    /// Exceptions that the application printed while no handshake was under way; capped.
    pub heard_alone: Vec<Noted<Arc<Throwable>>>,
    /// Time of the first and of the last event.
    pub first_at: Option<LogTime>,
    /// See [`Self::first_at`].
    pub last_at: Option<LogTime>,
}

/// Anomalies kept word for word; further ones are counted.
const MAX_ANOMALIES: usize = 1000;

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
            self.bytes(event.span, &event.thread, bytes);
            return;
        }
        let Some(event) = self.untangle(event) else {
            return;
        };
        self.push_told(event, None);
    }

    /// Takes an event whose thread and direction are known, or were guessed.
    fn push_told(&mut self, event: Event, guess: Option<&'static str>) {
        // what policy refuses is reported once for each reader: not a thing to set a clock by
        if !matches!(event.fact, Fact::Jvm(JvmFact::Refused(_))) {
            self.clock(&event);
        }
        match event.fact {
            Fact::Jvm(fact) => self.jvm_fact(fact, event.span),
            Fact::Anomaly(anomaly) => self.anomaly(anomaly, event.span),
            _ => {
                let span = event.span;
                let printed = match &event.fact {
                    Fact::Application(thrown) => Some(Arc::clone(thrown)),
                    _ => None,
                };
                let closes = matches!(event.fact, Fact::Closing(Closing::Local))
                    && !is_of_clean_up(&event.thread.name);
                let index = self.handshake_event(event);
                if closes && index.is_none() {
                    self.assembly.closed_alone.get_or_insert(span);
                }
                if let (None, Some(thrown)) = (index, printed) {
                    self.heard_alone(thrown, span);
                }
                if let (Some(index), Some(guess)) = (index, guess) {
                    let handshake = &mut self.work[index].handshake;
                    handshake.assume(guess);
                    handshake.ambiguous = true;
                }
            }
        }
    }

    /// Adds what kinds of entries were read.
    pub fn survey(&mut self, survey: &Survey) {
        self.assembly.survey.add(survey);
    }

    /// Notes first and last time. Concurrent threads swap places within milliseconds; an hour back is odd.
    fn clock(&mut self, event: &Event) {
        const ODD_MILLIS: i64 = 30_000;
        let Some(at) = &event.time else { return };
        let assembly = &mut self.assembly;
        if let Some(last) = assembly
            .last_at
            .as_ref()
            .filter(|last| at.since(last) < -ODD_MILLIS)
        {
            let text = format!("{last} is followed by {at}").into();
            self.anomaly(
                Anomaly {
                    kind: AnomalyKind::ClockWentBack,
                    text,
                },
                event.span,
            );
        }
        let assembly = &mut self.assembly;
        if assembly.first_at.is_none() {
            assembly.first_at = Some(at.clone());
        }
        assembly.last_at = Some(at.clone());
    }

    fn anomaly(&mut self, anomaly: Anomaly, span: Span) {
        self.assembly.anomaly_count += 1;
        if self.assembly.anomalies.len() < MAX_ANOMALIES {
            self.assembly.anomalies.push(Noted {
                value: anomaly,
                span,
            });
        }
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

    /// No more events: everything that is still open is unfinished.
    pub fn finish(mut self) -> Assembly {
        self.untangle_the_rest();
        // what was only there to join events makes room for what comes
        (self.by_random, self.by_session, self.by_server_random) = Default::default();
        self.threads = Threads::default();
        self.pending_bytes = bytes::PendingBytes::default();
        let mut sifted = ending::Sifted::default();
        let messages_seen = self.messages_seen;
        let is_told = |handshake: &Handshake| !(messages_seen && is_end_of_a_connection(handshake));
        let mut begun = false;
        // in place, and in one pass: a long log's handshakes are not there twice, nor fetched once more
        let mut handshakes: Vec<Box<Handshake>> = std::mem::take(&mut self.work)
            .into_iter()
            .filter_map(|open| {
                let mut handshake = conclude(open, &mut sifted);
                unproven::reconsider(&mut handshake, &self.assembly.anomalies);
                handshake.zones = self.zones.clone();
                let has_steps = !handshake.steps.is_empty();
                begun |= has_steps;
                (has_steps && is_told(&handshake)).then_some(handshake)
            })
            .collect();
        handshakes.shrink_to_fit();
        if !begun {
            let alone = alone::handshakes(&self.assembly.heard_alone);
            handshakes = alone.filter(|handshake| is_told(handshake)).collect();
        }
        if messages_seen {
            let begun = first_message(&handshakes);
            let serves_only = handshakes
                .iter()
                .all(|handshake| handshake.role != Some(Role::Client));
            for handshake in &mut handshakes {
                if begun.is_some_and(|begun| serves_only || handshake.first_span().offset > begun) {
                    waited_for_client_hello(handshake);
                }
            }
        } else {
            for handshake in &mut handshakes {
                expect_nothing(handshake);
            }
        }
        handshakes.sort_by_key(|handshake| handshake.first_span().offset);
        for (index, handshake) in handshakes.iter_mut().enumerate() {
            handshake.id = u32::try_from(index + 1).unwrap_or(u32::MAX);
        }
        pair_ends(&mut handshakes);
        number_connections(&mut handshakes);
        self.assembly.handshakes = handshakes;
        self.assembly
    }
}

/// The threads that close what nobody used: a JVM's own, for garbage.
fn is_of_clean_up(thread: &str) -> bool {
    matches!(thread, "Finalizer" | "Common-Cleaner")
}

/// Keys, closing and an orderly farewell, in a log that prints messages: a connection from before the log.
fn is_end_of_a_connection(handshake: &Handshake) -> bool {
    let by_itself = handshake.break_up.as_deref().is_none_or(|end| {
        matches!(end.how, How::LocalException | How::LogEnds) && end.exception.is_none()
    });
    let says_nothing = |step: &Step| match &step.what {
        What::KeysInstalled | What::Closed(_) | What::ChangeCipherSpec => true,
        What::AlertReceived(alert) => alert.description == AlertDescription::CloseNotify,
        What::AlertSent(alert) => **alert == AlertDescription::CloseNotify,
        _ => false,
    };
    by_itself && handshake.steps.iter().all(says_nothing)
}

/// Where the log's first message stands, if the log begins in front of a handshake. In a log that begins
/// in the middle of one, a missing message may be in the lost part.
fn first_message(handshakes: &[Box<Handshake>]) -> Option<u64> {
    if handshakes.iter().any(|handshake| handshake.begins_midway) {
        return None;
    }
    handshakes
        .iter()
        .find(|handshake| handshake.messages_logged)
        .map(|handshake| handshake.first_span().offset)
}

/// A client's first message is logged before it is sent. Where messages are logged and a connection
/// ended without any, through the network or through what came in, this JVM was a server waiting.
fn waited_for_client_hello(handshake: &mut Handshake) {
    let Some(break_up) = handshake
        .break_up
        .as_deref_mut()
        .filter(|_| handshake.role.is_none())
    else {
        return;
    };
    let came_from_outside = break_up.how.is_transport()
        || break_up.how == How::AlertReceived
        || break_up.exception.as_ref().is_some_and(|words| {
            words.contains("SSL message")
                || words.contains("handshake type")
                || words.contains("SSL/TLS record")
        });
    if came_from_outside
        && handshake
            .steps
            .iter()
            .all(|step| !matches!(step.what, What::Message(_)))
    {
        handshake.role = Some(Role::Server);
        if matches!(break_up.how, How::AlertReceived | How::PeerClosed) {
            break_up.by = Party::Client;
        }
        handshake.assume("no ClientHello was logged before the end, so this JVM is taken for a server that waited for one");
    }
}

/// Where no messages are logged, nobody knows which one would have been next, but for a handshake
/// that this JVM did not even begin.
fn expect_nothing(handshake: &mut Handshake) {
    if let Some(break_up) = handshake
        .break_up
        .as_deref_mut()
        .filter(|break_up| break_up.how != How::LocalException)
    {
        break_up.expected.clear();
    }
}

/// The same shared list, or an equal one.
fn same_list<T: PartialEq>(left: &Arc<[T]>, right: &Arc<[T]>) -> bool {
    Arc::ptr_eq(left, right) || left == right
}

/// Settles the outcome of a handshake that gets no more events.
fn conclude(open: Open, sifted: &mut ending::Sifted) -> Box<Handshake> {
    let mut handshake = open.handshake;
    if handshake.break_up.is_none()
        && !open.established
        && let Some(heard) = open.heard
    {
        let (thrown, stamp) = *heard;
        ending::by_application_exception(&mut handshake, thrown, stamp);
    }
    if handshake.break_up.is_none()
        && !open.established
        && keys_tell_success(&handshake, open.keys_installed)
    {
        handshake.outcome = Outcome::Established;
        handshake.assume("no handshake message is logged; that traffic keys were installed in both directions and no failure followed is taken for success");
        return handshake;
    }
    let established = open.established || finished_before_the_log(&handshake);
    handshake.outcome = match (&handshake.break_up, established) {
        (Some(_), _) => Outcome::Failed,
        (None, true) => Outcome::Established,
        (None, false) => {
            let break_up = silent_end(&handshake, open.abandoned.as_deref(), open.closed);
            let outcome = if break_up.how == How::LogEnds {
                Outcome::Unfinished
            } else {
                Outcome::Failed
            };
            handshake.break_up = Some(Box::new(break_up));
            outcome
        }
    };
    if handshake.outcome == Outcome::Established {
        handshake.break_up = None;
    }
    ending::sift(&mut handshake, sifted);
    handshake
}

/// Of a handshake whose beginning is not in the log, the other Finished may be in the lost part: where what
/// is logged begins with the last flight.
fn finished_before_the_log(handshake: &Handshake) -> bool {
    use MessageKind as M;
    if !handshake.begins_midway || handshake.break_up.is_some() {
        return false;
    }
    let Some((step, first)) = handshake.messages().next() else {
        return false;
    };
    let of_12 = handshake
        .version
        .as_ref()
        .is_some_and(|version| !version.is_13())
        || handshake.has_sent(Sender::Client, &M::ClientKeyExchange);
    let begins_last_flight = match (handshake.sender_of(step), first) {
        (_, M::Finished) | (Some(Sender::Server), M::NewSessionTicket) => true,
        (Some(Sender::Client), M::Certificate | M::CertificateVerify | M::EndOfEarlyData) => !of_12,
        _ => false,
    };
    begins_last_flight && handshake.messages().any(|(_, kind)| *kind == M::Finished)
}

/// Plain `ssl` on older updates prints no message, only that keys were installed: one pair for the
/// handshake and one for the data.
fn keys_tell_success(handshake: &Handshake, keys_installed: u8) -> bool {
    !handshake.messages_logged && keys_installed >= 3
}

/// The break-up of a handshake that ended without a word: closed by the application, or cut by the log's end.
fn silent_end(handshake: &Handshake, abandoned: Option<&Noted<Stamp>>, closed: bool) -> BreakUp {
    /// A peer that has not answered for this long is taken for silent.
    const SILENCE_MILLIS: i64 = 900;
    let own = handshake.role.map_or(Party::Unknown, Party::from);
    if let Some(break_up) = ending::by_alert_sent(handshake) {
        return break_up;
    }
    let last = handshake.last_message().map(|(step, _)| step);
    let (how, by, span) = match (abandoned, closed) {
        (Some(end), _) => {
            let waited = match (end.value.millis(), last.and_then(Step::millis)) {
                (Some(end), Some(last)) => end - last,
                _ => 0,
            };
            let how = if waited >= SILENCE_MILLIS {
                How::Timeout
            } else {
                How::LocalException
            };
            (how, own, end.span)
        }
        (None, true) => (How::LocalException, own, closed_at(handshake)),
        (None, false) => (How::LogEnds, Party::Unknown, handshake.last_span()),
    };
    BreakUp {
        after: handshake.last_message().map(|(_, kind)| kind.clone()),
        expected: expected_next(handshake),
        how,
        alert: None,
        exception: None,
        by,
        span,
        said: None,
    }
}

/// Where the transport was closed.
fn closed_at(handshake: &Handshake) -> Span {
    let is_closing = |step: &&Step| step.what == What::Closed(Closing::Transport);
    handshake
        .steps
        .iter()
        .find(is_closing)
        .map_or_else(|| handshake.last_span(), |step| step.span)
}

/// Joins the two ends of a connection: the client random is the same.
fn pair_ends(handshakes: &mut [Box<Handshake>]) {
    let is_of = |handshake: &Handshake, role| handshake.role == Some(role);
    if ![Role::Client, Role::Server]
        .into_iter()
        .all(|role| handshakes.iter().any(|handshake| is_of(handshake, role)))
    {
        return;
    }
    // clients of one random, first to last: the first, and behind each the next
    let mut first: HashMap<Random, usize, RandomState> = HashMap::default();
    let mut next = HashMap::<usize, usize, RandomState>::default();
    for (index, handshake) in handshakes.iter().enumerate().rev() {
        if let (Some(Role::Client), Some(random)) = (handshake.role, handshake.random())
            && let Some(later) = first.insert(random, index)
        {
            next.insert(index, later);
        }
    }
    for server in 0..handshakes.len() {
        if !is_of(&handshakes[server], Role::Server) {
            continue;
        }
        let Some(random) = handshakes[server].random() else {
            continue;
        };
        let Some(client) = first.remove(&random) else {
            continue;
        };
        if let Some(later) = next.remove(&client) {
            first.insert(random, later);
        }
        handshakes[server].paired_with = Some(handshakes[client].id);
        handshakes[client].paired_with = Some(handshakes[server].id);
        blame_the_way(handshakes, client, server);
    }
}

/// Where both ends only saw the connection end, or one end is even content, something between them cut it.
fn blame_the_way(handshakes: &mut [Box<Handshake>], client: usize, server: usize) {
    let cut = |handshake: &Handshake| {
        handshake
            .break_up
            .as_deref()
            .is_some_and(|break_up| break_up.how.is_transport())
    };
    let content = |handshake: &Handshake| handshake.outcome == Outcome::Established;
    let (a, b) = (&handshakes[client], &handshakes[server]);
    if !((cut(a) && (cut(b) || content(b))) || (cut(b) && content(a))) {
        return;
    }
    for index in [client, server] {
        if let Some(break_up) = handshakes[index].break_up.as_deref_mut() {
            break_up.by = Party::Network;
        }
    }
}

/// Numbers connections by first appearance; both ends of one share the number.
fn number_connections(handshakes: &mut [Box<Handshake>]) {
    // by the number that was given first; 0 where there is none yet
    let mut numbers: Vec<u32> = Vec::new();
    let mut next = 0;
    for index in 0..handshakes.len() {
        let handshake = &handshakes[index];
        let raw = handshake.connection as usize;
        let paired = handshake.paired_with.filter(|&other| other < handshake.id);
        if raw >= numbers.len() {
            numbers.resize(raw + 1, 0);
        }
        let number = match (numbers[raw], paired) {
            (0, Some(other)) => handshakes[other as usize - 1].connection,
            (0, None) => {
                next += 1;
                next
            }
            (number, _) => number,
        };
        numbers[raw] = number;
        handshakes[index].connection = number;
    }
}

impl From<&'static str> for Assumption {
    fn from(words: &'static str) -> Self {
        Self(words.into())
    }
}
