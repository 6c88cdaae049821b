//! What the protocol allows next: RFC 8446 §4 and appendix A, RFC 5246 §7.3.

use super::{Handshake, Role, StepDirection};
use crate::{
    event::{Direction, Sender},
    tls::{KeyExchange, MessageKind},
};

/// Position of a message in the flights of a full handshake, by sender.
///
/// Within one sender's messages positions only grow, in every version and on resumption too.
#[rustfmt::skip]
#[expect(clippy::match_same_arms, reason = "a table: one line a message")]
fn position(sender: Sender, kind: &MessageKind) -> Option<u8> {
    use MessageKind as M;
    Some(match (sender, kind) {
        (Sender::Client, M::ClientHello)           => 0,
        (Sender::Client, M::EndOfEarlyData)        => 1,
        (Sender::Client, M::Certificate)           => 3,
        (Sender::Client, M::ClientKeyExchange)     => 4,
        (Sender::Client, M::CertificateVerify)     => 5,
        (Sender::Client, M::Finished)              => 6,
        (Sender::Server, M::HelloVerifyRequest)    => 0,
        (Sender::Server, M::HelloRetryRequest)     => 1,
        (Sender::Server, M::ServerHello)           => 2,
        (Sender::Server, M::EncryptedExtensions)   => 3,
        // TLS 1.3 sends CertificateRequest before Certificate, TLS 1.2 after ServerKeyExchange
        (Sender::Server, M::Certificate)           => 5,
        (Sender::Server, M::CertificateStatus)     => 6,
        (Sender::Server, M::ServerKeyExchange)     => 7,
        (Sender::Server, M::ServerHelloDone)       => 9,
        (Sender::Server, M::CertificateVerify)     => 10,
        (Sender::Server, M::NewSessionTicket)      => 11,
        (Sender::Server, M::Finished)              => 12,
        _ => return None,
    })
}

/// Whether a message can be the next one of this handshake.
pub(crate) fn accepts(handshake: &Handshake, sender: Sender, kind: &MessageKind) -> bool {
    if !fits_version(handshake, kind) {
        return false;
    }
    let mut latest = None;
    for (step, seen) in handshake.messages() {
        if handshake.sender_of(step) == Some(sender) {
            if seen == kind {
                return false;
            }
            latest = latest.max(position(sender, seen));
        }
    }
    let Some(position_now) = position(sender, kind) else {
        // CertificateRequest; CompressedCertificate, which is logged before or behind the Certificate it
        // holds (JDK 27); and messages this table does not know
        return *kind != MessageKind::CertificateRequest
            || server_said_hello(handshake)
            || handshake.begins_midway;
    };
    latest.is_none_or(|latest| position_now > latest) && follows(handshake, sender, kind)
}

/// Whether a message stands behind all that its sender said in this handshake, with others left out.
pub(crate) fn comes_later(handshake: &Handshake, sender: Sender, kind: &MessageKind) -> bool {
    let latest = handshake
        .messages()
        .filter(|(step, _)| handshake.sender_of(step) == Some(sender))
        .filter_map(|(_, seen)| position(sender, seen))
        .max();
    let now = position(sender, kind);
    now.is_some_and(|now| latest.is_none_or(|latest| now > latest)) && fits_version(handshake, kind)
}

/// Messages that exist in one family of versions only.
fn fits_version(handshake: &Handshake, kind: &MessageKind) -> bool {
    use MessageKind as M;
    let Some(version) = &handshake.version else {
        return true;
    };
    match kind {
        M::EncryptedExtensions | M::EndOfEarlyData => version.is_13(),
        M::ServerKeyExchange | M::ServerHelloDone | M::ClientKeyExchange => !version.is_13(),
        _ => true,
    }
}

/// What the other end must have said before.
fn follows(handshake: &Handshake, sender: Sender, kind: &MessageKind) -> bool {
    use MessageKind as M;
    if handshake.begins_midway {
        return true;
    }
    match (sender, kind) {
        (Sender::Client, M::ClientHello) => true,
        (Sender::Server, M::ServerHello | M::HelloRetryRequest | M::HelloVerifyRequest) => {
            handshake.client_hello.is_some() || handshake.has_sent(Sender::Client, &M::ClientHello)
        }
        // who signs has shown a certificate; who shows one as a client was asked for it
        (_, M::CertificateVerify) => handshake.has_sent(sender, &M::Certificate),
        (Sender::Client, M::Certificate) => {
            server_said_hello(handshake) && handshake.certificate_request.is_some()
        }
        (Sender::Client, M::ClientKeyExchange) => {
            handshake.has_sent(Sender::Server, &M::ServerHelloDone)
                && (handshake.certificate_request.is_none()
                    || handshake.has_sent(Sender::Client, &M::Certificate))
        }
        // not a resumption: the server showed all it has
        (Sender::Client, M::Finished)
            if handshake.has_sent(Sender::Server, &M::ServerHelloDone) =>
        {
            handshake.has_sent(Sender::Client, &M::ClientKeyExchange)
        }
        (Sender::Client, M::Finished)
            if handshake.is_13() && sent_client_certificate(handshake) =>
        {
            handshake.has_sent(Sender::Client, &M::CertificateVerify)
        }
        _ => server_said_hello(handshake),
    }
}

/// The title is enough: a collector may have lost the body.
fn server_said_hello(handshake: &Handshake) -> bool {
    handshake.server_hello.is_some()
        || handshake.has_sent(Sender::Server, &MessageKind::ServerHello)
}

/// The end that sends a message of this kind, when only one can.
pub(crate) fn sender_by_kind(kind: &MessageKind) -> Option<Sender> {
    use MessageKind as M;
    match kind {
        M::ClientHello | M::ClientKeyExchange | M::EndOfEarlyData => Some(Sender::Client),
        M::HelloRequest
        | M::ServerHello
        | M::HelloRetryRequest
        | M::HelloVerifyRequest
        | M::NewSessionTicket
        | M::EncryptedExtensions
        | M::ServerKeyExchange
        | M::CertificateRequest
        | M::ServerHelloDone
        | M::CertificateStatus => Some(Sender::Server),
        _ => None,
    }
}

/// The role of the JVM that sends or receives a message of `sender`.
pub(crate) fn role_by_sender(sender: Sender, direction: Direction) -> Role {
    match (sender, direction) {
        (Sender::Client, Direction::Sent) | (Sender::Server, Direction::Received) => Role::Client,
        (Sender::Server, Direction::Sent) | (Sender::Client, Direction::Received) => Role::Server,
    }
}

/// What the protocol would bring next: one message, or the alternatives.
pub(crate) fn expected_next(handshake: &Handshake) -> Vec<MessageKind> {
    use MessageKind as M;
    let Some((step, last)) = handshake.last_message() else {
        return vec![M::ClientHello];
    };
    let from_client = match handshake.sender_of(step) {
        Some(sender) => sender == Sender::Client,
        None => step.direction() == StepDirection::Sent,
    };
    match last {
        M::ClientHello => vec![M::ServerHello],
        M::HelloRetryRequest | M::HelloVerifyRequest | M::HelloRequest => vec![M::ClientHello],
        M::ServerHello if handshake.is_13() => vec![M::EncryptedExtensions],
        M::ServerHello if handshake.resumed => vec![M::NewSessionTicket, M::Finished],
        M::ServerHello => vec![M::Certificate],
        M::EncryptedExtensions if handshake.resumed => vec![M::Finished],
        M::EncryptedExtensions => vec![M::CertificateRequest, M::Certificate],
        M::CompressedCertificate => vec![M::CertificateVerify],
        M::CertificateRequest if handshake.is_13() => vec![M::Certificate],
        M::CertificateRequest => vec![M::ServerHelloDone],
        M::Certificate if handshake.is_13() => after_certificate_13(handshake, from_client),
        M::Certificate if from_client => vec![M::ClientKeyExchange],
        M::Certificate | M::CertificateStatus => after_server_certificate_12(handshake),
        M::ServerKeyExchange => vec![M::CertificateRequest, M::ServerHelloDone],
        M::ServerHelloDone if handshake.certificate_request.is_some() => vec![M::Certificate],
        M::ServerHelloDone => vec![M::ClientKeyExchange],
        M::ClientKeyExchange if sent_client_certificate(handshake) => vec![M::CertificateVerify],
        M::ClientKeyExchange | M::CertificateVerify => vec![M::Finished],
        M::Finished => after_finished(handshake, from_client),
        M::NewSessionTicket if !handshake.is_13() => vec![M::Finished],
        _ => Vec::new(),
    }
}

fn sent_client_certificate(handshake: &Handshake) -> bool {
    handshake
        .client_chain
        .as_deref()
        .is_some_and(|chain| !chain.certificates.is_empty())
}

fn after_certificate_13(handshake: &Handshake, from_client: bool) -> Vec<MessageKind> {
    let empty = from_client && !sent_client_certificate(handshake);
    vec![if empty {
        MessageKind::Finished
    } else {
        MessageKind::CertificateVerify
    }]
}

/// Only (EC)DHE and anonymous suites have a `ServerKeyExchange`.
fn after_server_certificate_12(handshake: &Handshake) -> Vec<MessageKind> {
    match handshake
        .cipher_suite
        .as_ref()
        .map(crate::tls::CipherSuite::key_exchange)
    {
        Some(KeyExchange::Rsa | KeyExchange::StaticDh) => {
            vec![
                MessageKind::CertificateRequest,
                MessageKind::ServerHelloDone,
            ]
        }
        _ => vec![MessageKind::ServerKeyExchange],
    }
}

/// The other side's Finished, or nothing when both are through.
fn after_finished(handshake: &Handshake, from_client: bool) -> Vec<MessageKind> {
    let other = if from_client {
        Sender::Server
    } else {
        Sender::Client
    };
    if handshake.has_sent(other, &MessageKind::Finished) {
        return Vec::new();
    }
    let wants_certificate = handshake.is_13() && handshake.certificate_request.is_some();
    if !from_client
        && wants_certificate
        && !handshake.has_sent(Sender::Client, &MessageKind::Certificate)
    {
        return vec![MessageKind::Certificate];
    }
    vec![MessageKind::Finished]
}
