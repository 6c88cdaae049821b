//! A handshake as the report shows it.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use super::schema::words;
use super::{FindingView, FingerprintsView};
use crate::{
    diagnose::Finding,
    event::{Certificate, Names},
    handshake::{BreakUp, CertificateStore, Chain, Handshake, Role, Step, StepDirection, What},
    time::LogTime,
    tls::{CipherSuite, MessageKind, ProtocolVersion},
};

/// One handshake, one end's view.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Handshake"))]
pub struct HandshakeView<'a> {
    /// From 1, through all inputs.
    pub id: u32,
    /// The input that it was read from: its place in `inputs`, from 0.
    #[serde(default)]
    pub input: usize,
    /// The connection that it belongs to.
    pub connection: u32,
    /// The other end's view of the same handshake.
    pub paired_with: Option<u32>,
    /// `client` or `server`; null when the log does not tell.
    #[cfg_attr(feature = "schema", schemars(with = "Option<words::RoleWord>"))]
    pub role: Option<Cow<'a, str>>,
    /// The stream of the input (pod, JVM) that it was read from.
    pub stream: Option<Cow<'a, str>>,
    /// The thread on which it began.
    pub thread: Option<ThreadView<'a>>,
    /// Time of the first step.
    pub started_at: Option<String>,
    /// Time of the last step.
    pub ended_at: Option<String>,
    /// Milliseconds between them.
    pub duration_ms: Option<i64>,
    /// First line.
    pub first_line: u64,
    /// Last line.
    pub last_line: u64,
    /// `established`, `failed`, `unfinished`
    #[cfg_attr(feature = "schema", schemars(with = "words::OutcomeWord"))]
    pub outcome: Cow<'a, str>,
    /// An earlier session was resumed.
    pub resumed: bool,
    /// It ran inside an established connection.
    pub renegotiation: bool,
    /// One letter a message, capitals for the client.
    pub history: String,
    /// The other end, as far as the log names it.
    pub peer: PeerView<'a>,
    /// Protocol versions.
    pub versions: VersionsView<'a>,
    /// Cipher suites.
    pub cipher_suites: NegotiatedView<'a>,
    /// Named groups.
    pub named_groups: NegotiatedView<'a>,
    /// Signature schemes.
    pub signature_schemes: NegotiatedView<'a>,
    /// Application protocols.
    pub alpn: NegotiatedView<'a>,
    /// Client authentication.
    pub client_auth: ClientAuthView<'a>,
    /// `ja3` and `ja4`.
    #[serde(flatten)]
    pub fingerprints: FingerprintsView<'a>,
    /// Both chains.
    pub certificates: CertificatesView<'a>,
    /// What happened, in order.
    pub timeline: Vec<StepView<'a>>,
    /// Where it broke up; null for an established one.
    pub break_up: Option<BreakUpView<'a>>,
    /// What is wrong, the cause first.
    pub findings: Vec<FindingView<'a>>,
}

/// A thread.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Thread"))]
pub struct ThreadView<'a> {
    /// The printed id.
    pub id: Cow<'a, str>,
    /// The name.
    pub name: Cow<'a, str>,
}

/// The other end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Peer"))]
pub struct PeerView<'a> {
    /// Host name, where the log names it apart from SNI.
    pub host: Option<Cow<'a, str>>,
    /// Port.
    pub port: Option<u16>,
    /// The name in the `server_name` extension.
    pub server_name: Option<Cow<'a, str>>,
}

/// Offered and negotiated versions.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Versions"))]
pub struct VersionsView<'a> {
    /// What the client offers.
    pub offered: Vec<Cow<'a, str>>,
    /// What both agreed on.
    pub negotiated: Option<Cow<'a, str>>,
}

/// An offer and the choice from it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Negotiated"))]
pub struct NegotiatedView<'a> {
    /// What the client offers.
    pub offered: Vec<Cow<'a, str>>,
    /// What the server chose.
    pub selected: Option<Cow<'a, str>>,
}

/// Client authentication.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ClientAuth"))]
pub struct ClientAuthView<'a> {
    /// The server asked for a certificate.
    pub requested: bool,
    /// The authorities that it accepts.
    pub authorities: Vec<Cow<'a, str>>,
    /// Whether the client sent one; null when it was not asked or the log does not show it.
    pub certificate_sent: Option<bool>,
}

/// Both chains.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Certificates"))]
pub struct CertificatesView<'a> {
    /// What the server sent.
    pub server: Vec<CertificateView<'a>>,
    /// What the client sent.
    pub client: Vec<CertificateView<'a>>,
}

/// One certificate.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Certificate"))]
pub struct CertificateView<'a> {
    /// Position in the chain, from 0.
    pub position: usize,
    /// Subject.
    pub subject: Cow<'a, str>,
    /// Issuer.
    pub issuer: Cow<'a, str>,
    /// Serial number.
    pub serial: Cow<'a, str>,
    /// Start of validity.
    pub not_before: Option<String>,
    /// End of validity.
    pub not_after: Option<String>,
    /// Names it is good for.
    pub subject_alternative_names: Vec<Cow<'a, str>>,
    /// Signature algorithm.
    pub signature_algorithm: Cow<'a, str>,
    /// Key algorithm.
    pub public_key: Cow<'a, str>,
    /// Basic constraints say that it is a CA.
    pub ca: bool,
    /// Key usages.
    pub key_usage: Vec<Cow<'a, str>>,
    /// Extended key usages.
    pub extended_key_usage: Vec<Cow<'a, str>>,
    /// Subject key identifier.
    pub subject_key_id: Option<Cow<'a, str>>,
    /// Authority key identifier.
    pub authority_key_id: Option<Cow<'a, str>>,
    /// SHA-256 fingerprint; known only where the log holds the certificate's bytes.
    pub sha256: Option<Cow<'a, str>>,
    /// The line on which it is printed.
    pub line: u64,
}

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

/// Where it broke up.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "BreakUp"))]
pub struct BreakUpView<'a> {
    /// The last handshake message.
    pub after: Option<Cow<'a, str>>,
    /// What should have come next; alternatives.
    pub expected: Vec<Cow<'a, str>>,
    /// How it ended.
    #[cfg_attr(feature = "schema", schemars(with = "words::HowWord"))]
    pub how: Cow<'a, str>,
    /// The alert that ended it.
    pub alert: Option<AlertView<'a>>,
    /// The exception in words.
    pub exception: Option<Cow<'a, str>>,
    /// Who ended it.
    #[cfg_attr(feature = "schema", schemars(with = "words::PartyWord"))]
    pub by: Cow<'a, str>,
    /// Line.
    pub line: u64,
    /// Byte offset.
    pub offset: u64,
}

/// An alert.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Alert"))]
pub struct AlertView<'a> {
    /// `warning` or `fatal`
    pub level: crate::tls::AlertLevel,
    /// The wire name.
    pub description: Cow<'a, str>,
}

impl<'a> HandshakeView<'a> {
    /// The view; `before` handshakes of inputs in front of this one come first.
    pub(super) fn new(
        handshake: &'a Handshake,
        findings: &'a [Finding],
        store: &'a CertificateStore,
        (input, before): (usize, u32),
    ) -> Self {
        let extensions = handshake
            .client_hello
            .as_deref()
            .map(|hello| &hello.value.extensions);
        let peer = handshake.peer();
        Self {
            id: handshake.id + before,
            input,
            connection: handshake.connection + before,
            paired_with: handshake.paired_with.map(|id| id + before),
            role: handshake.role.map(|role| role.name().into()),
            stream: handshake
                .thread
                .as_ref()
                .and_then(|thread| thread.stream.as_deref())
                .map(Cow::Borrowed),
            thread: handshake.thread.as_ref().map(|thread| ThreadView {
                id: Cow::Borrowed(&thread.id),
                name: Cow::Borrowed(&thread.name),
            }),
            started_at: handshake.started_at().as_ref().map(LogTime::iso),
            ended_at: handshake.ended_at().as_ref().map(LogTime::iso),
            duration_ms: handshake.duration_ms(),
            first_line: handshake.first_span().line(),
            last_line: handshake.last_span().line(),
            outcome: handshake.outcome.name().into(),
            resumed: handshake.resumed,
            renegotiation: handshake.renegotiation,
            history: handshake.history(),
            peer: PeerView {
                host: peer
                    .and_then(|peer| peer.host.as_deref())
                    .map(Cow::Borrowed),
                port: peer.and_then(|peer| peer.port),
                server_name: handshake.server_name().map(|name| Cow::Borrowed(&**name)),
            },
            versions: VersionsView {
                offered: handshake
                    .offered_versions()
                    .iter()
                    .map(|version| version.to_string().into())
                    .collect(),
                negotiated: handshake
                    .version
                    .as_ref()
                    .map(|version| ProtocolVersion::name(version).into()),
            },
            cipher_suites: NegotiatedView {
                offered: handshake
                    .client_hello
                    .iter()
                    .flat_map(|hello| &*hello.value.cipher_suites)
                    .map(|suite| suite.name().into())
                    .collect(),
                selected: handshake
                    .cipher_suite
                    .as_ref()
                    .map(|suite| CipherSuite::name(suite).into()),
            },
            named_groups: negotiated(
                extensions.and_then(|e| e.supported_groups.as_ref()),
                handshake.named_group.as_ref(),
            ),
            signature_schemes: negotiated(
                extensions.and_then(|e| e.signature_schemes.as_ref()),
                handshake.signature_scheme.as_ref(),
            ),
            alpn: negotiated(
                extensions.and_then(|e| e.application_protocols.as_ref()),
                handshake.application_protocol(),
            ),
            client_auth: client_auth(handshake),
            fingerprints: FingerprintsView::new(handshake),
            certificates: CertificatesView {
                server: chain(handshake.server_chain.as_deref(), store),
                client: chain(handshake.client_chain.as_deref(), store),
            },
            timeline: handshake
                .steps
                .iter()
                .map(|step| step_view(handshake, step))
                .collect(),
            break_up: handshake.break_up.as_deref().map(break_up),
            findings: findings
                .iter()
                .map(|finding| FindingView::new(finding, handshake.role))
                .collect(),
        }
    }
}

impl StepView<'_> {
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

fn texts(names: &Names) -> Vec<Cow<'_, str>> {
    names.iter().map(|name| Cow::Borrowed(&**name)).collect()
}

fn negotiated<'a>(
    offered: Option<&'a Names>,
    selected: Option<&'a Arc<str>>,
) -> NegotiatedView<'a> {
    NegotiatedView {
        offered: offered.map(texts).unwrap_or_default(),
        selected: selected.map(|name| Cow::Borrowed(&**name)),
    }
}

fn client_auth(handshake: &Handshake) -> ClientAuthView<'_> {
    let request = handshake.certificate_request.as_deref();
    ClientAuthView {
        requested: request.is_some(),
        authorities: request
            .and_then(|request| request.value.authorities.as_ref())
            .map(texts)
            .unwrap_or_default(),
        certificate_sent: handshake
            .client_chain
            .as_deref()
            .map(|chain| !chain.certificates.is_empty()),
    }
}

fn chain<'a>(chain: Option<&'a Chain>, store: &'a CertificateStore) -> Vec<CertificateView<'a>> {
    let Some(chain) = chain else {
        return Vec::new();
    };
    let certificates = chain.certificates.iter().enumerate();
    certificates
        .map(|(index, presented)| {
            certificate(
                &presented.certificate,
                index,
                chain.span_of(index).line(),
                store,
            )
        })
        .collect()
}

fn certificate<'a>(
    certificate: &'a Certificate,
    position: usize,
    line: u64,
    store: &'a CertificateStore,
) -> CertificateView<'a> {
    CertificateView {
        position,
        subject: Cow::Borrowed(&certificate.subject),
        issuer: Cow::Borrowed(&certificate.issuer),
        serial: Cow::Borrowed(&certificate.serial),
        not_before: certificate.not_before.as_ref().map(LogTime::iso),
        not_after: certificate.not_after.as_ref().map(LogTime::iso),
        subject_alternative_names: certificate
            .subject_alternative_names
            .as_ref()
            .map(texts)
            .unwrap_or_default(),
        signature_algorithm: Cow::Borrowed(&certificate.signature_algorithm),
        public_key: Cow::Borrowed(&certificate.public_key),
        ca: certificate.ca == Some(true),
        key_usage: certificate
            .key_usage
            .iter()
            .map(|usage| Cow::Borrowed(&**usage))
            .collect(),
        extended_key_usage: certificate
            .extended_key_usage
            .as_ref()
            .map(texts)
            .unwrap_or_default(),
        subject_key_id: certificate.subject_key_id.as_deref().map(Cow::Borrowed),
        authority_key_id: certificate.authority_key_id.as_deref().map(Cow::Borrowed),
        sha256: store
            .of(certificate)
            .map(|bytes| Cow::Borrowed(&*bytes.sha256)),
        line,
    }
}

fn break_up(break_up: &BreakUp) -> BreakUpView<'_> {
    BreakUpView {
        after: break_up.after.as_ref().map(|kind| kind.name().into()),
        expected: break_up
            .expected
            .iter()
            .map(|kind| kind.name().into())
            .collect(),
        how: break_up.how.name().into(),
        alert: break_up.alert.as_ref().map(|alert| AlertView {
            level: alert.level,
            description: alert.description.name().into(),
        }),
        exception: break_up.exception.as_deref().map(Cow::Borrowed),
        by: break_up.by.name().into(),
        line: break_up.span.line(),
        offset: break_up.span.offset,
    }
}

fn step_view<'a>(handshake: &'a Handshake, step: &'a Step) -> StepView<'a> {
    let is_sent = step.direction() != StepDirection::Local;
    let sender = handshake.sender_of(step).filter(|_| is_sent);
    StepView {
        at: handshake.time_of(step).as_ref().map(LogTime::iso),
        line: step.span.line(),
        offset: step.span.offset,
        direction: step.direction().name().into(),
        sender: sender.map(|end| Role::from(end).name().into()),
        kind: step.what.kind().into(),
        message: step.name(),
        detail: detail(handshake, step),
    }
}

/// In short, what a step says.
fn detail(handshake: &Handshake, step: &Step) -> Option<String> {
    match &step.what {
        What::Message(kind) => message_detail(handshake, step, kind),
        What::AlertReceived(alert) => Some(match alert.level {
            crate::tls::AlertLevel::Warning => "warning".to_owned(),
            crate::tls::AlertLevel::Fatal => "fatal".to_owned(),
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
        | What::KeysInstalled => None,
        What::Connection(_) => handshake.peer().map(ToString::to_string),
    }
}

fn message_detail(handshake: &Handshake, step: &Step, kind: &MessageKind) -> Option<String> {
    let here = step.span.offset;
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
                .find(|chain| chain.span.offset == here)?;
            Some(match (chain.certificates.len(), chain.leaf()) {
                (count, Some(leaf)) if count > 1 => {
                    format!("{} and {} more", leaf.subject, count - 1)
                }
                (_, Some(leaf)) => leaf.subject.to_string(),
                (_, None) => "empty".to_owned(),
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
        .filter(|hello| hello.span.offset == here)?;
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
        Some(name) => format!("SNI {name}"),
        None => "no SNI".to_owned(),
    };
    let suites = format!("{suites} suite{}", if suites == 1 { "" } else { "s" });
    join([Some(server_name), versions, Some(suites)])
}

fn join(parts: [Option<String>; 3]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}
