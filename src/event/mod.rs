//! The narrow waist: dialect-neutral facts, each with the place it was read from.
//!
//! Reading (`entry`, `dialect`, `reader`) ends here, understanding (`assemble` and above) begins
//! here; neither knows the other. Everything is owned or shared: no lifetime passes this layer.

mod certificate;
mod connection;
mod hello;
mod jvm;
mod library;
mod one_sided;
mod survey;
mod throwable;

use std::{fmt, sync::Arc};

pub(crate) use self::certificate::same_name;
pub use self::certificate::{Certificate, PresentedCertificate};
pub use self::connection::{Connection, Peer, Stage};
pub use self::hello::{ClientHello, Extension, Extensions, Names, Random, ServerHello, SessionId};
pub use self::jvm::{JvmFact, RefusedItem, RefusedKind, Secret};
pub(crate) use self::library::openssl_alert;
pub use self::survey::{ClassicClues, Clues, Survey};
pub use self::throwable::{Cause, Throwable};
use crate::{
    span::Span,
    time::LogTime,
    tls::{Alert, AlertDescription, CipherSuite, MessageKind, ProtocolVersion},
    wire::Content,
};

/// One fact, where it stands in the log, when and on which thread.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The entry that it was read from.
    pub span: Span,
    /// The entry's time, when it could be read.
    pub time: Option<LogTime>,
    /// The thread that logged.
    pub thread: Arc<Thread>,
    /// What was read.
    pub fact: Fact,
}

/// A thread as the head of an entry names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Thread {
    /// The printed id: hexadecimal, digits swapped from JDK 17 on; an opaque key. Empty in the classic
    /// dialect, which prints names only, and with an empty name where a line names no thread at all: then
    /// `assemble` finds out whose the event is, and for a message which way it went.
    pub id: Box<str>,
    /// The name; empty for most virtual threads.
    pub name: Box<str>,
    /// The stream that it logged into, where a log holds several (pods, containers).
    pub stream: Option<Arc<str>>,
}

impl Thread {
    /// Stands where an id would, of a thread that is only named: no head prints it.
    const NO_ID: &'static str = "?";

    /// A thread that the JVM names without its id, as in `Exception in thread "main"`.
    pub(crate) fn named_only(name: Box<str>, stream: Option<Arc<str>>) -> Self {
        Self {
            id: Self::NO_ID.into(),
            name,
            stream,
        }
    }

    /// Made by [`Self::named_only`].
    pub(crate) fn is_named_only(&self) -> bool {
        *self.id == *Self::NO_ID
    }
}

/// Seen from the JVM that logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// This JVM sent it.
    Sent,
    /// This JVM received it.
    Received,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A handshake message was produced or consumed.
    Message(Direction, Box<Message>),
    /// `ChangeCipherSpec` was produced or consumed.
    ChangeCipherSpec(Direction),
    /// A TLS record was written or read.
    Record(Record),
    /// An alert was received (`Received alert message`).
    AlertReceived(Alert),
    /// `Fatal (X): reason`: the local TLS stack gave up.
    Fatal(Box<Fatal>),
    /// `handling exception`, `handshake failed`: an exception outside `Fatal`.
    Exception(Arc<Throwable>),
    /// An alert could not be sent: the peer was gone already.
    AlertNotSent(AlertDescription),
    /// A warning with which this side closes (`user_canceled`, `close_notify`) could not be sent, and why.
    CloseNotSent(Option<Arc<Throwable>>),
    /// `Negotiated protocol version: …`.
    NegotiatedVersion(ProtocolVersion),
    /// `use cipher suite …`: the server's choice.
    ChosenSuite(CipherSuite),
    /// `%% Cached client session: [Session-1, X]`: this end keeps the session of a finished handshake.
    SessionKept(Sender, CipherSuite),
    /// `KeyLimit … side`: traffic keys were installed for one direction.
    KeysInstalled(Direction),
    /// What an implementation that logs no messages says of a connection.
    Connection(Box<Connection>),
    /// The TLS 1.3 server or client resumes a session.
    Resuming,
    /// The client looks for a session to begin with (classic): the next ClientHello is this JVM's own. Never leaves the
    /// assembler's first stage.
    LooksForSession,
    /// This JVM lets go of a connection.
    Closing(Closing),
    /// `Found trusted certificate`: the peer's chain was accepted; the anchor.
    PeerTrusted(Arc<Certificate>),
    /// `No X.509 cert selected for …`, with the key types tried.
    NoCertificateSelected(Names),
    /// `A is not a private key entry` and its like: why this JVM cannot use what its key manager gave it.
    KeyUnfit {
        /// The alias that the key manager named.
        alias: Arc<str>,
        /// What is wrong with it, in the words behind the alias.
        reason: Arc<str>,
    },
    /// `No available authentication scheme` and its client twin.
    NoAuthenticationScheme(Direction),
    /// An SNI matter: see the variants.
    ServerName(ServerNameFact),
    /// A statement about the JVM or its configuration.
    Jvm(JvmFact),
    /// Something of another program between the entries that bears on the handshake.
    Application(Arc<Throwable>),
    /// The message of the next event is not all there: another thread's print tore it (classic).
    Torn,
    /// The rest of a torn message: its fields as far as they are in this piece, a hello's always as
    /// those of a ClientHello. Never leaves the assembler's first stage.
    Rest(Box<Body>),
    /// Bytes of a hex dump that can bear on a handshake.
    Bytes(Box<Bytes>),
    /// Odd input: kept, counted, shown.
    Anomaly(Anomaly),
}

/// The bytes of one hex dump. They may be anything, secrets included: nothing shows them but by way of `wire`.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes {
    /// Written or read.
    pub direction: Direction,
    /// What they are.
    pub content: Content,
    /// Themselves.
    pub data: Box<[u8]>,
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (direction, content) = (self.direction, self.content);
        write!(f, "Bytes({direction:?} {content:?}, {})", self.data.len())
    }
}

/// What the log says about SNI apart from the extension itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerNameFact {
    /// `Unable to indicate server name`: the client sends none.
    NotIndicated,
    /// `received handshake warning: unrecognized_name`.
    WarnedUnrecognized,
    /// The server's matcher accepted the name.
    Accepted,
}

/// Ways in which a JVM lets go of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The application closed: `duplex close of SSLSocket`, `close outbound…`.
    Local,
    /// The transport is closed: `close the underlying socket`, `close the SSL connection (…)`.
    Transport,
    /// `Raw read: EOF` or `inbound closed` by the peer.
    Peer,
}

/// A TLS record as the record layer prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Written or read.
    pub direction: Direction,
    /// `handshake`, `alert`, `application_data` …
    pub content_type: ContentType,
    /// The alert, where the line names it (`WRITE: TLSv1.2 alert(certificate_unknown)`).
    pub alert: Option<AlertDescription>,
    /// The printed length in bytes.
    pub length: Option<u32>,
}

/// Bytes of an alert that is not encrypted: its level and its description (RFC 8446 §6).
pub const PLAIN_ALERT: u32 = 2;

/// TLS content types (RFC 8446 §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the protocol's")]
pub enum ContentType {
    Handshake,
    ChangeCipherSpec,
    Alert,
    ApplicationData,
    /// No TLS record: a ClientHello in the format of SSL 2.0 (RFC 5246 appendix E.2).
    Sslv2Hello,
    Other,
}

/// `Fatal (X): reason` with the exception under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fatal {
    /// The local name in the parentheses; not always the alert on the wire.
    pub alert: AlertDescription,
    /// The words behind the colon.
    pub reason: Arc<str>,
    /// The `throwable` block.
    pub throwable: Option<Arc<Throwable>>,
}

/// A handshake message with what its body says.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Which message.
    pub kind: MessageKind,
    /// Who sends messages of this title: from words such as `server Certificate`.
    pub sender: Option<Sender>,
    /// The title says that it repeats one (`Reproduced …`): nothing went over the wire.
    pub reproduced: bool,
    /// The body is in the form of TLS 1.3, whatever the version agreed on is, and whether or not the log has it.
    pub of_13: bool,
    /// What the body says.
    pub body: Body,
}

/// The end that sends a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "two words")]
pub enum Sender {
    Client,
    Server,
}

/// The fields of a message body.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Nothing printed, or nothing in it that matters.
    None,
    /// The body was printed, but not a field of it could be read.
    Unread,
    /// ClientHello.
    ClientHello(Box<ClientHello>),
    /// ServerHello and HelloRetryRequest.
    ServerHello(Box<ServerHello>),
    /// `EncryptedExtensions`.
    Extensions(Box<Extensions>),
    /// Certificate: the chain in the order sent; empty when none was sent.
    Certificates(Arc<[PresentedCertificate]>),
    /// `CertificateRequest`.
    CertificateRequest(Box<CertificateRequest>),
    /// `ServerKeyExchange` and `ClientKeyExchange`.
    KeyExchange(KeyExchangeParameters),
    /// `CertificateVerify`: the signature scheme.
    Signature(Option<Arc<str>>),
}

/// What a `CertificateRequest` asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CertificateRequest {
    /// Signature schemes that the server accepts.
    pub signature_schemes: Option<Names>,
    /// Distinguished names of the authorities that the server accepts; empty means any.
    pub authorities: Option<Names>,
    /// `ecdsa_sign`, `rsa_sign` … (up to TLS 1.2).
    pub certificate_types: Option<Names>,
    /// All of it is in the log: what it does not name, the server did not name.
    pub whole: bool,
}

/// What a key exchange message says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyExchangeParameters {
    /// The named group, for (EC)DHE.
    pub named_group: Option<Arc<str>>,
    /// The size of the DH prime in bits, where the prime is printed.
    pub dh_bits: Option<u32>,
    /// The scheme of the signature over the parameters.
    pub signature_scheme: Option<Arc<str>>,
}

/// Odd input. Parsing goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    /// What is odd.
    pub kind: AnomalyKind,
    /// A short quotation, or empty.
    pub text: Box<str>,
}

/// Kinds of odd input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AnomalyKind {
    /// The log ends inside an entry.
    EntryCutOff,
    /// An entry has a `(` but its `)` never came before the next head.
    BodyNotClosed,
    /// An entry longer than the limit: the rest was not read.
    EntryTooLong,
    /// A body that should have held a message but did not.
    BodyUnreadable,
    /// Bytes that are not text inside an entry.
    BinaryData,
    /// The log's clock went back.
    ClockWentBack,
    /// The log lists the newest first, and was turned round to be read.
    NewestFirst,
    /// It does, and was left as it is: it is too large, or all on one line.
    NewestFirstLeft,
}

impl AnomalyKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::EntryCutOff,
        Self::BodyNotClosed,
        Self::EntryTooLong,
        Self::BodyUnreadable,
        Self::BinaryData,
        Self::ClockWentBack,
        Self::NewestFirst,
        Self::NewestFirstLeft,
    ];

    /// The kebab-case name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::EntryCutOff => "entry-cut-off",
            Self::BodyNotClosed => "body-not-closed",
            Self::EntryTooLong => "entry-too-long",
            Self::BodyUnreadable => "body-unreadable",
            Self::BinaryData => "binary-data",
            Self::ClockWentBack => "clock-went-back",
            Self::NewestFirst => "newest-first",
            Self::NewestFirstLeft => "newest-first-left",
        }
    }
}
