//! A step of the timeline as the report shows it, and in short what it says.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use super::schema::words;
use crate::{
    event::Stage,
    handshake::{Handshake, Role, Step, StepDirection, What},
    time::LogTime,
    tls::{AlertLevel, MessageKind},
};

/// One step.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Step"))]
pub struct StepView<'a> {
    /// When.
    pub at: Option<String>,
    /// Line.
    pub line: u64,
    /// Byte offset.
    pub offset: u64,
    /// `sent`, `received`, `local`
    #[cfg_attr(feature = "schema", schemars(with = "words::DirectionWord"))]
    pub direction: Cow<'a, str>,
    /// The end that sent it, `client` or `server`; left out where none did, or the log does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<words::RoleWord>"))]
    pub sender: Option<Cow<'a, str>>,
    /// What kind of step: `message`, `alert`, `fatal` …
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "words::StepWord"))]
    pub kind: Cow<'a, str>,
    /// What.
    pub message: String,
    /// In short, what it says.
    pub detail: Option<String>,
}

impl<'a> StepView<'a> {
    pub(super) fn new(handshake: &'a Handshake, step: &'a Step) -> Self {
        let is_sent = step.direction() != StepDirection::Local;
        let sender = handshake.sender_of(step).filter(|_| is_sent);
        Self {
            at: handshake.time_of(step).as_ref().map(LogTime::iso),
            line: step.span.line(),
            offset: step.span.offset(),
            direction: step.direction().name().into(),
            sender: sender.map(|end| Role::from(end).name().into()),
            kind: step.what.kind().into(),
            message: step.name(),
            detail: detail(handshake, step),
        }
    }

    /// It is a handshake message.
    pub fn is_message(&self) -> bool {
        self.kind == "message"
    }

    /// It is an alert from the peer.
    pub fn is_alert_received(&self) -> bool {
        self.kind == "alert" && self.direction == "received"
    }

    /// Line and offset.
    pub(crate) fn place(&self) -> (u64, u64) {
        (self.line, self.offset)
    }
}

/// In short, what a step says.
fn detail(handshake: &Handshake, step: &Step) -> Option<String> {
    match &step.what {
        What::Message(kind) => message_detail(handshake, step, kind),
        What::AlertReceived(alert) => Some(match alert.level {
            AlertLevel::Warning => "warning".to_owned(),
            AlertLevel::Fatal => "fatal".to_owned(),
        }),
        What::Fatal(fatal) => Some(fatal.in_words().to_string()),
        What::AlertNotSent(_) => Some("could not be sent".to_owned()),
        What::Exception(thrown) | What::ApplicationException(thrown) => {
            let cause = thrown.root()?;
            let words = if cause.message.is_empty() {
                String::new()
            } else {
                format!(": {}", cause.message)
            };
            Some(format!("{}{words}", cause.simple_class()))
        }
        What::PeerTrusted(anchor) => Some(format!("trusted under {}", anchor.subject)),
        What::ChangeCipherSpec
        | What::AlertSent(_)
        | What::Resuming
        | What::Closed(_)
        | What::KeysInstalled
        | What::Connection(Stage::Shown | Stage::Abandoned) => None,
        What::Connection(Stage::Heard | Stage::Chosen) => {
            handshake.version.as_ref().map(ToString::to_string)
        }
        What::Connection(_) => handshake.peer().map(ToString::to_string),
    }
}

fn message_detail(handshake: &Handshake, step: &Step, kind: &MessageKind) -> Option<String> {
    let here = step.span.offset();
    match kind {
        MessageKind::ClientHello => client_hello_detail(handshake, here),
        MessageKind::ServerHello => {
            let hello = &handshake.server_hello.as_deref()?.value;
            let version = hello.version().map(ToString::to_string);
            let suite = hello.cipher_suite.as_ref().map(ToString::to_string);
            let resumed = handshake.resumed.then(|| "resumed".to_owned());
            join([version, suite, resumed])
        }
        MessageKind::HelloRetryRequest => {
            let group = handshake
                .hello_retry()?
                .value
                .extensions
                .key_share_groups
                .first()?;
            Some(format!("wants {group}"))
        }
        MessageKind::Certificate => {
            let chains = [&handshake.server_chain, &handshake.client_chain];
            let chain = chains
                .into_iter()
                .flatten()
                .find(|chain| chain.span.offset() == here)?;
            Some(match (chain.certificates.len(), chain.leaf()) {
                (count, Some(leaf)) if count > 1 => {
                    format!("{} and {} more", leaf.subject, count - 1)
                }
                (_, Some(leaf)) => leaf.subject.to_string(),
                (0, None) => "empty".to_owned(),
                (_, None) => "the leaf is not in the log".to_owned(),
            })
        }
        MessageKind::CertificateRequest => {
            let authorities = handshake
                .certificate_request
                .as_deref()?
                .value
                .authorities
                .as_ref()?;
            Some(match authorities.len() {
                0 => "any authority".to_owned(),
                1 => format!("authority {}", authorities[0]),
                count => format!("{count} authorities"),
            })
        }
        MessageKind::ServerKeyExchange => {
            let bits = handshake
                .dh_bits()
                .map(|bits| format!("DH {} bits", bits.value));
            join([
                handshake
                    .named_group
                    .as_ref()
                    .map(ToString::to_string)
                    .or(bits),
                handshake.signature_scheme.as_ref().map(ToString::to_string),
                None,
            ])
        }
        _ => None,
    }
}

fn client_hello_detail(handshake: &Handshake, here: u64) -> Option<String> {
    let hello = handshake
        .client_hello
        .as_deref()
        .filter(|hello| hello.span.offset() == here)?;
    let versions = handshake.offered_versions();
    let versions = (!versions.is_empty()).then(|| {
        versions
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    });
    let suites = hello
        .value
        .cipher_suites
        .iter()
        .filter(|suite| !suite.is_signalling())
        .count();
    let server_name = match handshake.server_name() {
        Some(name) => Some(format!("SNI {name}")),
        None if hello.value.whole => Some("no SNI".to_owned()),
        None => None,
    };
    let cut = hello.value.suites_cut;
    let suites = (suites > 0 || (hello.value.whole && !cut)).then(|| {
        let plural = if suites == 1 && !cut { "" } else { "s" };
        let more = if cut { " or more" } else { "" };
        format!("{suites}{more} suite{plural}")
    });
    join([server_name, versions, suites])
}

fn join(parts: [Option<String>; 3]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}
