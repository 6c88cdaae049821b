//! A handshake as the report shows it.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use super::schema::words;
use super::{CertificatesView, FindingView, FingerprintsView, StepView, texts};
use crate::{
    diagnose::Finding,
    event::Names,
    handshake::{BreakUp, CertificateStore, Handshake},
    time::LogTime,
    tls::{CipherSuite, ProtocolVersion},
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
            certificates: CertificatesView::new(handshake, store),
            timeline: handshake
                .steps
                .iter()
                .map(|step| StepView::new(handshake, step))
                .collect(),
            break_up: handshake.break_up.as_deref().map(break_up),
            findings: findings
                .iter()
                .map(|finding| FindingView::new(finding, handshake.role))
                .collect(),
        }
    }
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
        offset: break_up.span.offset(),
    }
}
