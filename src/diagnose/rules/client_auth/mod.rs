//! Family A: whether a client shows a certificate, and whether the server takes it.

pub(in crate::diagnose) mod client_certificate_missing;
pub(in crate::diagnose) mod client_certificate_rejected;
pub(in crate::diagnose) mod client_key_unusable;
pub(in crate::diagnose) mod keystore_unusable;
pub(in crate::diagnose) mod no_client_certificate_for_authorities;
mod reason;

use crate::{
    diagnose::Finding,
    event::{CertificateRequest, Names, Sender},
    handshake::{Handshake, How, Noted, Role, StepDirection},
    tls::{AlertDescription, MessageKind},
};

/// How a server answered what the client sent when it was asked for a certificate.
#[derive(Debug, Clone, Copy)]
pub(in crate::diagnose) enum Answer<'a> {
    /// With a fatal alert.
    Alert(&'a AlertDescription),
    /// By closing or resetting the connection.
    Gone,
    /// Not at all.
    Silence,
}

/// A client that was asked for a certificate and what it sent.
pub(in crate::diagnose) struct Asked<'a> {
    /// The server's request, where it is in the log: a client sends a Certificate only when it was asked
    /// (RFC 5246 §7.4.6, RFC 8446 §4.4.2).
    pub(in crate::diagnose) request: Option<&'a Noted<CertificateRequest>>,
    /// The client sent an empty chain: it has no certificate for this server.
    pub(in crate::diagnose) empty: bool,
    /// What came back.
    pub(in crate::diagnose) answer: Answer<'a>,
}

impl<'a> Asked<'a> {
    /// This client was asked, answered with a Certificate message, and then the handshake broke up from outside.
    pub(in crate::diagnose) fn of(handshake: &'a Handshake) -> Option<Self> {
        let break_up = handshake.break_up.as_deref()?;
        if handshake.role != Some(Role::Client) || !has_answered(handshake) {
            return None;
        }
        let request = handshake.certificate_request.as_deref();
        let answer = match break_up.how {
            How::AlertReceived => Answer::Alert(break_up.received_alert()?),
            How::Reset | How::PeerClosed if !server_went_on(handshake) => Answer::Gone,
            How::Timeout if !server_went_on(handshake) => Answer::Silence,
            _ => return None,
        };
        let empty = match &handshake.client_chain {
            // only the owner of a key signs
            Some(chain) => {
                chain.certificates.is_empty()
                    && !handshake.has_sent(Sender::Client, &MessageKind::CertificateVerify)
            }
            None => handshake.no_authentication_scheme().is_some() || has_looked_in_vain(handshake),
        };
        Some(Self {
            request,
            empty,
            answer,
        })
    }

    /// The authorities that the server named.
    pub(in crate::diagnose) fn authorities(&self) -> &'a [std::sync::Arc<str>] {
        self.request
            .and_then(|request| request.value.authorities.as_deref())
            .unwrap_or_default()
    }

    /// Adds the request to the evidence, where there is one.
    pub(in crate::diagnose) fn cited(&self, finding: Finding, words: impl Into<String>) -> Finding {
        match self.request {
            Some(request) => finding.evidence(request.span, words.into()),
            None => finding,
        }
    }
}

/// This client was asked for a certificate: the request is there, or an answer to it.
pub(in crate::diagnose) fn is_asked(handshake: &Handshake) -> bool {
    handshake.role == Some(Role::Client)
        && (handshake.certificate_request.is_some() || has_answered(handshake))
}

/// This client sent a certificate, or says that it finds none to send.
fn has_answered(handshake: &Handshake) -> bool {
    is_client_certificate_sent(handshake)
        || handshake.no_authentication_scheme().is_some()
        || has_looked_in_vain(handshake)
}

/// Of a log without messages: this client looked for a key of every type at once, as it does when it is asked for a
/// certificate, and found none.
fn has_looked_in_vain(handshake: &Handshake) -> bool {
    let looked = |types: &Noted<Names>| types.value.len() > 1;
    !handshake.messages_logged && handshake.no_certificate_for.iter().any(looked)
}

fn is_client_certificate_sent(handshake: &Handshake) -> bool {
    [MessageKind::Certificate, MessageKind::CompressedCertificate]
        .iter()
        .any(|kind| handshake.has_sent(Sender::Client, kind))
}

/// The server sent a handshake message after it had the client's Certificate.
fn server_went_on(handshake: &Handshake) -> bool {
    handshake
        .messages()
        .skip_while(|(step, kind)| {
            step.direction() != StepDirection::Sent
                || !matches!(
                    kind,
                    MessageKind::Certificate | MessageKind::CompressedCertificate
                )
        })
        .any(|(step, _)| step.direction() == StepDirection::Received)
}

/// *CN=a, CN=b and 3 more*
pub(in crate::diagnose) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join("; "),
        more => format!("{} and {more} more", shown.join("; ")),
    }
}

/// The JVM flags that give a client a key store.
pub(in crate::diagnose) const KEY_STORE_FLAGS: &str = "-Djavax.net.ssl.keyStore=client.p12 -Djavax.net.ssl.keyStoreType=PKCS12 -Djavax.net.ssl.keyStorePassword=…";
