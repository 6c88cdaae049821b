//! Handshakes: a timeline for each, what was offered and chosen, and where it broke up.
//!
//! A [`Handshake`] is one end's view. It is plain data, made by `assemble`, judged by `diagnose`.

mod break_up;
mod expect;
mod jvm;
mod lost;
mod rare;
mod step;
mod wire;

use std::sync::Arc;

pub use self::break_up::{BreakUp, How, Party};
pub(crate) use self::expect::{
    accepts, comes_later, expected_next, role_by_sender, sender_by_kind,
};
pub use self::jvm::{AnchorSet, Jvm, KeyEntry, Noted};
pub(crate) use self::lost::{has_the_word, is_through, lost_message};
pub(crate) use self::rare::Rare;
pub use self::step::{Step, StepDirection, What};
pub use self::wire::{CertificateStore, SeenCertificate, Wire};
use crate::{
    event::{
        Certificate, CertificateRequest, ClientHello, Fatal, Names, PresentedCertificate, Random,
        Sender, ServerHello, Thread,
    },
    span::Span,
    time::{LogTime, Zones},
    tls::{Alert, CipherSuite, MessageKind, ProtocolVersion},
};

/// The role of the JVM that logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "two words")]
pub enum Role {
    Client,
    Server,
}

impl From<Sender> for Role {
    fn from(end: Sender) -> Self {
        match end {
            Sender::Client => Self::Client,
            Sender::Server => Self::Server,
        }
    }
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Client, Self::Server];

    /// The other end.
    #[must_use]
    pub fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// Who sent what this end sent, or received.
    pub(crate) fn sender_of(self, sent: bool) -> Sender {
        match (self, sent) {
            (Self::Client, true) | (Self::Server, false) => Sender::Client,
            (Self::Client, false) | (Self::Server, true) => Sender::Server,
        }
    }

    /// `client` or `server`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// How a handshake ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Outcome {
    /// Both sides are done.
    Established,
    /// It broke up.
    Failed,
    /// The log ends, or falls silent, before either.
    #[default]
    Unfinished,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Established, Self::Failed, Self::Unfinished];

    /// By the word used in JSON.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// The word used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Established => "established",
            Self::Failed => "failed",
            Self::Unfinished => "unfinished",
        }
    }
}

/// A certificate chain as it was sent, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// In the order sent; empty when the message held no certificate.
    pub certificates: Arc<[PresentedCertificate]>,
    /// The Certificate message.
    pub span: Span,
}

impl Chain {
    /// The end-entity certificate, unless the log shows others of the list only.
    pub fn leaf(&self) -> Option<&Arc<Certificate>> {
        self.certificates
            .first()
            .map(|presented| &presented.certificate)
            .filter(|leaf| ***leaf != Certificate::default())
    }

    /// Lines of it are missing in the log: what it seems to lack, or to hold, may be the log's doing.
    pub fn is_torn(&self) -> bool {
        self.certificates.iter().any(|presented| presented.torn)
    }

    /// The line on which certificate `index` begins.
    pub fn span_of(&self, index: usize) -> Span {
        self.certificates.get(index).map_or(self.span, |presented| {
            self.span.down(presented.line_in_entry)
        })
    }
}

/// Something the tool had to guess, in words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Assumption(pub Arc<str>);

/// One handshake as one end saw it.
#[derive(Debug, Clone, Default)]
pub struct Handshake {
    /// From 1, in the order in which they begin in the log.
    pub id: u32,
    /// From 1; both ends of a connection share it, and so do renegotiations.
    pub connection: u32,
    /// The other end's view of the same handshake, when it is in the same input.
    pub paired_with: Option<u32>,
    /// Client or server; `None` when the log does not tell.
    pub role: Option<Role>,
    /// The thread on which it began.
    pub thread: Option<Arc<Thread>>,
    /// Messages of it were logged by more than one thread.
    pub hops_threads: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// An earlier session was resumed.
    pub resumed: bool,
    /// It ran inside an established connection.
    pub renegotiation: bool,
    /// Its first message is not in the log.
    pub begins_midway: bool,
    /// What happened, in the order of the log.
    pub steps: Vec<Step>,
    /// Why and where it broke up; `None` for an established one.
    pub break_up: Option<Box<BreakUp>>,
    /// The first ClientHello, and where.
    pub client_hello: Option<Box<Noted<ClientHello>>>,
    /// The ServerHello, and where.
    pub server_hello: Option<Box<Noted<ServerHello>>>,
    /// The version both sides agreed on.
    pub version: Option<ProtocolVersion>,
    /// The suite that the server chose.
    pub cipher_suite: Option<CipherSuite>,
    /// The group of the key exchange.
    pub named_group: Option<Arc<str>>,
    /// The scheme of the server's signature.
    pub signature_scheme: Option<Arc<str>>,
    /// The server's certificates.
    pub server_chain: Option<Box<Chain>>,
    /// The client's certificates.
    pub client_chain: Option<Box<Chain>>,
    /// The server asked for a client certificate.
    pub certificate_request: Option<Box<Noted<CertificateRequest>>>,
    /// Key types for which this JVM found no certificate of its own.
    pub no_certificate_for: Vec<Noted<Names>>,
    /// `Fatal (X): …`
    pub fatal: Option<Box<Noted<Arc<Fatal>>>>,
    /// `NewSessionTicket` was received: a TLS 1.3 server is content with the client.
    pub ticket_received: bool,
    /// Handshake messages of it were logged at all (plain `ssl` on older updates prints none).
    pub messages_logged: bool,
    /// More than one guess was possible: every verdict is one step less sure.
    pub ambiguous: bool,
    /// The zones of its steps' times.
    pub(crate) zones: Zones,
    /// What few handshakes have; read by methods.
    pub(crate) rare: Option<Box<Rare>>,
}

impl Handshake {
    /// Where it begins in the log.
    pub fn first_span(&self) -> Span {
        self.steps
            .first()
            .map_or_else(Span::default, |step| step.span)
    }

    /// Where it ends in the log.
    pub fn last_span(&self) -> Span {
        self.steps
            .last()
            .map_or_else(Span::default, |step| step.span)
    }

    /// When a step of it was logged.
    pub fn time_of(&self, step: &Step) -> Option<LogTime> {
        self.zones.time(step.stamp())
    }

    /// The time of the first step.
    pub fn started_at(&self) -> Option<LogTime> {
        let first = self.steps.iter().find(|step| step.millis().is_some())?;
        self.time_of(first)
    }

    /// The time of the last step that belongs to the handshake proper.
    pub fn ended_at(&self) -> Option<LogTime> {
        self.time_of(self.last_timed()?)
    }

    /// The last step with a time that belongs to the handshake proper.
    pub(crate) fn last_timed(&self) -> Option<&Step> {
        let of_handshake = |step: &&Step| step.counts_for_duration() && step.millis().is_some();
        self.steps.iter().rfind(of_handshake)
    }

    /// Milliseconds from the first to the last step; `None` when a time is missing or went back.
    pub fn duration_ms(&self) -> Option<i64> {
        let timed = |step: &Step| step.millis().is_some() || !step.counts_for_duration();
        if !self.steps.iter().all(timed) {
            return None;
        }
        let started = self.steps.iter().find_map(Step::millis)?;
        let millis = self.last_timed()?.millis()? - started;
        (millis >= 0).then_some(millis)
    }

    /// The client random, the identity of the connection.
    pub fn random(&self) -> Option<Random> {
        self.client_hello.as_deref()?.value.random
    }

    /// The host name in SNI.
    pub fn server_name(&self) -> Option<&Arc<str>> {
        self.client_hello
            .as_deref()?
            .value
            .extensions
            .server_name
            .as_ref()
    }

    /// The client sends no server name: all of its hello is in the log, and none is in it.
    pub fn sends_no_server_name(&self) -> bool {
        let hello = self.client_hello.as_deref();
        self.server_name().is_none() && hello.is_some_and(|hello| hello.value.whole)
    }

    /// The versions that the client offers: `supported_versions`, or all up to the legacy field.
    pub fn offered_versions(&self) -> Vec<ProtocolVersion> {
        let Some(hello) = &self.client_hello else {
            return Vec::new();
        };
        match (
            &hello.value.extensions.versions,
            &hello.value.legacy_version,
        ) {
            (Some(versions), _) => versions.to_vec(),
            (None, Some(legacy)) => vec![legacy.clone()],
            (None, None) => Vec::new(),
        }
    }

    /// The messages in the order of the log, with who sent them.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = (&Step, &MessageKind)> {
        self.steps.iter().filter_map(|step| match &step.what {
            What::Message(kind) => Some((step, kind)),
            _ => None,
        })
    }

    /// Whether `sender` sent a message of this kind.
    pub fn has_sent(&self, sender: Sender, kind: &MessageKind) -> bool {
        self.messages()
            .any(|(step, seen)| seen == kind && self.sender_of(step) == Some(sender))
    }

    /// The end that sent the message of a step.
    pub fn sender_of(&self, step: &Step) -> Option<Sender> {
        step.sender().or_else(|| {
            let own = self.role?;
            match (step.direction(), own) {
                (StepDirection::Sent, Role::Client) | (StepDirection::Received, Role::Server) => {
                    Some(Sender::Client)
                }
                (StepDirection::Sent, Role::Server) | (StepDirection::Received, Role::Client) => {
                    Some(Sender::Server)
                }
                (StepDirection::Local, _) => None,
            }
        })
    }

    /// The alerts that the peer sent, and where.
    pub fn alerts_received(&self) -> impl Iterator<Item = Noted<&Alert>> {
        self.steps.iter().filter_map(|step| match &step.what {
            What::AlertReceived(alert) => Some(Noted {
                value: &**alert,
                span: step.span,
            }),
            _ => None,
        })
    }

    /// The last handshake message before the break-up (or at all).
    pub fn last_message(&self) -> Option<(&Step, &MessageKind)> {
        self.messages().next_back()
    }

    /// The chain that the peer sent.
    pub fn peer_chain(&self) -> Option<&Chain> {
        match self.role? {
            Role::Client => self.server_chain.as_deref(),
            Role::Server => self.client_chain.as_deref(),
        }
    }

    /// The chain that this JVM sent.
    pub fn own_chain(&self) -> Option<&Chain> {
        match self.role? {
            Role::Client => self.client_chain.as_deref(),
            Role::Server => self.server_chain.as_deref(),
        }
    }

    /// Whether both sides follow RFC 8446.
    pub fn is_13(&self) -> bool {
        self.version.as_ref().is_some_and(ProtocolVersion::is_13)
    }

    /// Zeek's `ssl_history`: one letter a message, capitals for the client; capped.
    pub fn history(&self) -> String {
        const CAP: usize = 100;
        let mut history = String::new();
        for step in &self.steps {
            let letter = match &step.what {
                What::Message(kind) => kind.history_letter(),
                What::ChangeCipherSpec => 'i',
                What::AlertReceived(_) | What::AlertSent(_) => 'l',
                _ => continue,
            };
            let by_client = self.sender_of(step) == Some(Sender::Client);
            history.push(if by_client {
                letter.to_ascii_uppercase()
            } else {
                letter
            });
            if history.len() >= CAP {
                break;
            }
        }
        history
    }

    /// A second ClientHello follows: what is titled ServerHello was a HelloRetryRequest (RFC 8446 §4.1.4).
    pub(crate) fn retried(&mut self) {
        let last = self
            .steps
            .iter_mut()
            .rev()
            .find(|step| matches!(step.what, What::Message(_)));
        if let Some(step) = last.filter(|step| step.what == What::Message(MessageKind::ServerHello))
        {
            step.what = What::Message(MessageKind::HelloRetryRequest);
        }
    }
}
