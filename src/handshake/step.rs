//! Steps of the timeline.

use std::sync::Arc;

use crate::{
    event::{Certificate, Closing, Fatal, Sender, Stage, Throwable},
    span::Span,
    time::LogTime,
    tls::{Alert, AlertDescription, MessageKind},
};

/// One message or state change, seen from the JVM that logged.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Where it stands in the log.
    pub span: Span,
    /// When it was logged.
    pub at: Option<LogTime>,
    /// Sent, received, or neither.
    pub direction: StepDirection,
    /// The end that sent it, where the log names it.
    pub sender: Option<Sender>,
    /// What happened.
    pub what: What,
}

/// Which way a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "plain words")]
pub enum StepDirection {
    Sent,
    Received,
    Local,
}

impl StepDirection {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sent, Self::Received, Self::Local];

    /// The word used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Local => "local",
        }
    }
}

/// What a step is.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A handshake message.
    Message(MessageKind),
    /// `ChangeCipherSpec`.
    ChangeCipherSpec,
    /// An alert from the peer.
    AlertReceived(Box<Alert>),
    /// An alert to the peer.
    AlertSent(Box<AlertDescription>),
    /// An alert that could not be sent any more.
    AlertNotSent(Box<AlertDescription>),
    /// `Fatal (X): reason`.
    Fatal(Arc<Fatal>),
    /// An exception was handled.
    Exception(Arc<Throwable>),
    /// An exception that the application printed.
    ApplicationException(Arc<Throwable>),
    /// The peer's chain was accepted, under this anchor.
    PeerTrusted(Arc<Certificate>),
    /// A session is resumed.
    Resuming,
    /// The connection was let go.
    Closed(Closing),
    /// Keys were installed for one direction.
    KeysInstalled,
    /// What a TLS stack without messages says of the connection.
    Connection(Stage),
}

impl What {
    /// All words for kinds of steps.
    pub const KINDS: [&'static str; 12] = [
        "message",
        "change_cipher_spec",
        "alert",
        "alert_not_sent",
        "fatal",
        "exception",
        "application_exception",
        "peer_trusted",
        "resuming",
        "closed",
        "keys_installed",
        "connection",
    ];

    /// The word used in JSON for what kind of step it is.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::ChangeCipherSpec => "change_cipher_spec",
            Self::AlertReceived(_) | Self::AlertSent(_) => "alert",
            Self::AlertNotSent(_) => "alert_not_sent",
            Self::Fatal(_) => "fatal",
            Self::Exception(_) => "exception",
            Self::ApplicationException(_) => "application_exception",
            Self::PeerTrusted(_) => "peer_trusted",
            Self::Resuming => "resuming",
            Self::Closed(_) => "closed",
            Self::KeysInstalled => "keys_installed",
            Self::Connection(_) => "connection",
        }
    }
}

impl Step {
    /// Closing and what other programs print come after the handshake proper.
    pub(crate) fn counts_for_duration(&self) -> bool {
        !matches!(
            self.what,
            What::Closed(_) | What::ApplicationException(_) | What::AlertNotSent(_)
        ) && !matches!(&self.what, What::AlertReceived(alert) if alert.description == AlertDescription::CloseNotify)
    }

    /// The name shown in timelines and in JSON.
    pub fn name(&self) -> String {
        match &self.what {
            What::Message(kind) => kind.name().to_owned(),
            What::ChangeCipherSpec => "ChangeCipherSpec".to_owned(),
            What::AlertReceived(alert) => format!("Alert {}", alert.description),
            What::AlertSent(description) | What::AlertNotSent(description) => {
                format!("Alert {description}")
            }
            What::Fatal(_) => "Fatal".to_owned(),
            What::Exception(_) | What::ApplicationException(_) => "Exception".to_owned(),
            What::PeerTrusted(_) => "PeerTrusted".to_owned(),
            What::Resuming => "Resuming".to_owned(),
            What::Closed(_) | What::Connection(Stage::Lost | Stage::Closed) => "Close".to_owned(),
            What::KeysInstalled => "KeysInstalled".to_owned(),
            What::Connection(Stage::Begins | Stage::GoesOn) => "HandshakeBegins".to_owned(),
            What::Connection(Stage::Established) => "Established".to_owned(),
        }
    }
}
