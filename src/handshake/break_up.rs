//! Where and how a handshake stopped.

use std::sync::Arc;

use crate::{
    search::Sieve,
    span::Span,
    tls::{Alert, MessageKind},
};

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum How {
    /// The peer sent a fatal alert.
    AlertReceived,
    /// This JVM gave up and sent a fatal alert.
    AlertSent,
    /// This JVM gave up without telling the peer why.
    LocalException,
    /// The peer (or something between) closed the connection in order: FIN.
    PeerClosed,
    /// The connection was reset: RST, broken pipe.
    Reset,
    /// Nothing came within the time the application allows.
    Timeout,
    /// The log ends or falls silent first.
    LogEnds,
}

impl How {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::AlertReceived,
        Self::AlertSent,
        Self::LocalException,
        Self::PeerClosed,
        Self::Reset,
        Self::Timeout,
        Self::LogEnds,
    ];

    /// By the word used in JSON.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.name() == name)
    }

    /// The word used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::AlertReceived => "alert_received",
            Self::AlertSent => "alert_sent",
            Self::LocalException => "local_exception",
            Self::PeerClosed => "peer_closed",
            Self::Reset => "reset",
            Self::Timeout => "timeout",
            Self::LogEnds => "log_ends",
        }
    }

    /// Nothing but the transport speaks: the cause may lie anywhere.
    pub fn is_transport(self) -> bool {
        matches!(self, Self::PeerClosed | Self::Reset | Self::Timeout)
    }
}

/// Who did something, or who is to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "plain words")]
pub enum Party {
    Client,
    Server,
    Network,
    Either,
    Unknown,
}

impl Party {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Client,
        Self::Server,
        Self::Network,
        Self::Either,
        Self::Unknown,
    ];

    /// The word used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Network => "network",
            Self::Either => "either",
            Self::Unknown => "unknown",
        }
    }
}

impl From<super::Role> for Party {
    fn from(role: super::Role) -> Self {
        match role {
            super::Role::Client => Self::Client,
            super::Role::Server => Self::Server,
        }
    }
}

/// Where a handshake stopped, what should have come next, and who ended it how.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakUp {
    /// The last handshake message, if there was any.
    pub after: Option<MessageKind>,
    /// What the protocol would have brought next; alternatives.
    pub expected: Vec<MessageKind>,
    /// How it ended.
    pub how: How,
    /// The alert that ended it.
    pub alert: Option<Alert>,
    /// The exception in words: class and message.
    pub exception: Option<Arc<str>>,
    /// Who ended it.
    pub by: Party,
    /// Where the log says so.
    pub span: Span,
    /// Of what this JVM said at the end, once that is known: dozens of rules look for their words there.
    pub(crate) said: Option<Arc<Sieve>>,
}

impl BreakUp {
    /// The end in the log's words: the exception, or the alert, or what kind of end it was.
    pub fn in_words(&self) -> String {
        match (&self.exception, &self.alert, self.how) {
            // the line is that of the alert, not of the exception behind it
            (_, Some(alert), How::AlertReceived) => {
                format!("received fatal alert {}", alert.description)
            }
            (Some(exception), _, _) => exception.to_string(),
            (None, Some(alert), _) => format!("fatal alert {}", alert.description),
            (None, None, How::PeerClosed) => "the peer closed the connection".to_owned(),
            (None, None, How::Reset) => "the connection was reset".to_owned(),
            (None, None, How::Timeout) => "no answer came in time".to_owned(),
            (None, None, How::LogEnds) => "the log has nothing more of this handshake".to_owned(),
            (None, None, How::AlertReceived) => "received a fatal alert".to_owned(),
            (None, None, How::AlertSent | How::LocalException) => {
                "this JVM gave the connection up".to_owned()
            }
        }
    }

    /// The alert that the peer sent.
    pub fn received_alert(&self) -> Option<&crate::tls::AlertDescription> {
        self.alert
            .as_ref()
            .filter(|_| self.how == How::AlertReceived)
            .map(|alert| &alert.description)
    }
}
