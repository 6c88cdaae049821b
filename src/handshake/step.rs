//! Steps of the timeline.

use std::{fmt, sync::Arc};

use crate::{
    event::{Certificate, Closing, Fatal, Sender, Stage, Throwable},
    span::Span,
    time::Stamp,
    tls::{Alert, AlertDescription, MessageKind},
};

/// One message or state change, seen from the JVM that logged. Most of what a long log leaves in memory are
/// steps, so each is kept small: 40 bytes.
#[derive(Clone, PartialEq)]
pub struct Step {
    /// Where it stands in the log.
    pub span: Span,
    /// What happened.
    pub what: What,
    /// The time in the upper 60 bits, the direction in two below, the sender in the lowest two.
    time_and_ends: i64,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step")
            .field("span", &self.span)
            .field("stamp", &self.stamp())
            .field("direction", &self.direction())
            .field("sender", &self.sender())
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

impl Step {
    /// A step; the time is short beside the zones of its handshake.
    pub(crate) fn new(
        span: Span,
        stamp: Stamp,
        direction: StepDirection,
        sender: Option<Sender>,
        what: What,
    ) -> Self {
        let direction = match direction {
            StepDirection::Sent => 0,
            StepDirection::Received => 1,
            StepDirection::Local => 2,
        };
        let sender = match sender {
            None => 0,
            Some(Sender::Client) => 1,
            Some(Sender::Server) => 2,
        };
        Self {
            span,
            what,
            time_and_ends: stamp.bits() << 4 | direction << 2 | sender,
        }
    }

    /// When it was logged; [`super::Handshake::time_of`] knows in which zone.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp::from_bits(self.time_and_ends >> 4)
    }

    /// When it was logged, as in [`crate::time::LogTime::millis`].
    pub fn millis(&self) -> Option<i64> {
        self.stamp().millis()
    }

    /// Sent, received, or neither.
    pub fn direction(&self) -> StepDirection {
        match self.time_and_ends >> 2 & 0b11 {
            0 => StepDirection::Sent,
            1 => StepDirection::Received,
            _ => StepDirection::Local,
        }
    }

    /// The end that sent it, where the log names it.
    pub fn sender(&self) -> Option<Sender> {
        match self.time_and_ends & 0b11 {
            1 => Some(Sender::Client),
            2 => Some(Sender::Server),
            _ => None,
        }
    }
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
            What::KeysInstalled => "KeysInstalled".to_owned(),
            What::Closed(_) => "Close".to_owned(),
            What::Connection(stage) => of_stage(*stage).to_owned(),
        }
    }
}

fn of_stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Begins | Stage::GoesOn => "HandshakeBegins",
        Stage::Heard | Stage::Chosen => "HelloReceived",
        Stage::Shown => "CertificateShown",
        Stage::Established => "Established",
        Stage::Abandoned => "GivenUp",
        Stage::Lost | Stage::Closed | Stage::Farewell => "Close",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{LogTime, Zones};

    #[test]
    fn a_step_keeps_its_parts() {
        let mut zones = Zones::default();
        for millis in [None, Some(-5), Some(1_795_219_568_006)] {
            let at = millis.map(|millis| LogTime {
                millis,
                zone: "UTC".into(),
            });
            let stamp = zones.stamp(at.as_ref());
            for direction in StepDirection::ALL {
                for sender in [None, Some(Sender::Client), Some(Sender::Server)] {
                    let step = Step::new(Span::default(), stamp, direction, sender, What::Resuming);
                    assert_eq!((step.direction(), step.sender()), (direction, sender));
                    assert_eq!(
                        (step.millis(), zones.time(step.stamp())),
                        (millis, at.clone())
                    );
                }
            }
        }
    }
}
