//! Messages that must have been sent and are not in the log: lines of it were lost.
//!
//! RFC 8446 §4 and appendix A, RFC 5246 §7.3: each message presupposes others. What comes behind one that is
//! missing proves that it was there.

use super::{Handshake, Role, StepDirection, What};
use crate::{event::Sender, tls::MessageKind};

/// The first message that the log lacks, though it shows what can only follow it. Of a log that begins in the
/// middle, only what is missing behind its beginning counts.
pub(crate) fn lost_message(handshake: &Handshake) -> Option<MessageKind> {
    let sent = |sender, kind: &MessageKind| handshake.has_sent(sender, kind);
    let presupposed = PRESUPPOSED
        .iter()
        .filter(|_| !handshake.begins_midway)
        .find(|(family, sender, kind, needed_sender, needed)| {
            family.is_of(handshake) && sent(*sender, kind) && !sent(*needed_sender, needed)
        })
        .map(|(.., needed)| needed.clone());
    presupposed
        .or_else(|| lost_signature(handshake))
        .or_else(|| lost_key_exchange(handshake))
        .or_else(|| lost_finished(handshake))
}

/// Whether it was this JVM that had the word: its own flight is not at its end, or the peer's is. It sends what is next
/// at once, or says why it cannot; a log in which it does neither lacks lines. Of a server that has nothing but the
/// ClientHello that is not said: it may take its time.
pub(crate) fn has_the_word(handshake: &Handshake) -> bool {
    use MessageKind as M;
    let (Some(role), Some((step, last))) = (handshake.role, handshake.last_message()) else {
        return false;
    };
    if handshake.sender_of(step) != Some(role.sender_of(true)) {
        let ends_peers_flight = match role {
            Role::Client => matches!(last, M::ServerHelloDone | M::Finished),
            Role::Server => *last == M::Finished,
        };
        return ends_peers_flight && !handshake.has_sent(role.sender_of(true), &M::Finished);
    }
    !matches!(
        last,
        M::ClientHello
            | M::HelloRetryRequest
            | M::HelloVerifyRequest
            | M::HelloRequest
            | M::ServerHelloDone
            | M::Finished
    ) && !matches!(last, M::Other(_) | M::KeyUpdate)
}

/// Whether a message is there that only a whole handshake has: the last Finished, whose sender and receiver have had the
/// other one before, or a TLS 1.3 server's ticket, which it sends when it has the client's Finished (RFC 8446 §4.6.1).
pub(crate) fn is_through(handshake: &Handshake) -> bool {
    use MessageKind as M;
    let last = if is_13(handshake) {
        if handshake.has_sent(Sender::Server, &M::NewSessionTicket) {
            return true;
        }
        Sender::Client
    } else if is_full_12(handshake) {
        Sender::Server
    } else {
        return false;
    };
    handshake.has_sent(last, &M::Finished)
}

/// No resumption, in which the server has no certificate to show, and the client's Finished is the last.
fn is_full_12(handshake: &Handshake) -> bool {
    use MessageKind as M;
    let of_server = [M::Certificate, M::ServerKeyExchange, M::ServerHelloDone];
    !is_13(handshake)
        && (handshake.has_sent(Sender::Client, &M::ClientKeyExchange)
            || of_server
                .iter()
                .any(|kind| handshake.has_sent(Sender::Server, kind)))
}

/// In which versions a message presupposes another.
#[derive(Debug, Clone, Copy)]
enum Family {
    Any,
    /// Up to TLS 1.2.
    Rfc5246,
    /// TLS 1.3.
    Rfc8446,
}

impl Family {
    fn is_of(self, handshake: &Handshake) -> bool {
        match self {
            Self::Any => true,
            Self::Rfc5246 => {
                !is_13(handshake)
                    && (handshake.version.is_some()
                        || handshake.has_sent(Sender::Server, &MessageKind::ServerHelloDone))
            }
            Self::Rfc8446 => is_13(handshake),
        }
    }
}

/// The version, or the one message that only TLS 1.3 has.
fn is_13(handshake: &Handshake) -> bool {
    handshake.is_13() || handshake.has_sent(Sender::Server, &MessageKind::EncryptedExtensions)
}

/// A message, and one that cannot be missing in front of it, each with its sender.
#[rustfmt::skip]
const PRESUPPOSED: [(Family, Sender, MessageKind, Sender, MessageKind); 14] = {
    use Family::{Any, Rfc5246, Rfc8446};
    use MessageKind as M;
    use Sender::{Client, Server};
    [
        (Any,     Server, M::EncryptedExtensions, Server, M::ServerHello),
        (Any,     Server, M::Certificate,         Server, M::ServerHello),
        (Any,     Server, M::ServerKeyExchange,   Server, M::ServerHello),
        (Any,     Server, M::ServerHelloDone,     Server, M::ServerHello),
        (Any,     Server, M::Finished,            Server, M::ServerHello),
        (Rfc8446, Server, M::Certificate,         Server, M::EncryptedExtensions),
        (Rfc8446, Server, M::Finished,            Server, M::EncryptedExtensions),
        (Rfc8446, Client, M::Certificate,         Server, M::Finished),
        (Rfc8446, Client, M::Finished,            Server, M::Finished),
        (Rfc8446, Server, M::NewSessionTicket,    Client, M::Finished),
        (Any,     Client, M::ClientKeyExchange,   Server, M::ServerHelloDone),
        (Rfc5246, Client, M::Certificate,         Server, M::ServerHelloDone),
        (Rfc5246, Client, M::CertificateVerify,   Client, M::ClientKeyExchange),
        (Rfc5246, Server, M::NewSessionTicket,    Server, M::Finished),
    ]
};

/// A TLS 1.3 server that resumes no session shows a certificate and signs in front of its Finished.
fn lost_signature(handshake: &Handshake) -> Option<MessageKind> {
    use MessageKind as M;
    let full = is_13(handshake)
        && !handshake.begins_midway
        && !handshake.resumed
        && handshake.server_hello.is_some();
    let sent = |kind: &M| handshake.has_sent(Sender::Server, kind);
    if !full {
        return None;
    }
    if sent(&M::CertificateVerify) && !sent(&M::Certificate) && !sent(&M::CompressedCertificate) {
        return Some(M::Certificate);
    }
    (sent(&M::Finished) && !sent(&M::CertificateVerify)).then_some(M::CertificateVerify)
}

/// Up to TLS 1.2, a server that resumes no session has the client's key exchange before it says Finished.
fn lost_key_exchange(handshake: &Handshake) -> Option<MessageKind> {
    let lost = handshake.version.is_some()
        && !handshake.begins_midway
        && is_full_12(handshake)
        && handshake.has_sent(Sender::Server, &MessageKind::Finished)
        && !handshake.has_sent(Sender::Client, &MessageKind::ClientKeyExchange);
    lost.then_some(MessageKind::ClientKeyExchange)
}

/// Up to TLS 1.2, who says ChangeCipherSpec says Finished with the next breath. In TLS 1.3 it means nothing.
fn lost_finished(handshake: &Handshake) -> Option<MessageKind> {
    let finished = |direction: StepDirection| {
        handshake
            .messages()
            .any(|(step, kind)| *kind == MessageKind::Finished && step.direction() == direction)
    };
    let lost = Family::Rfc5246.is_of(handshake)
        && [StepDirection::Sent, StepDirection::Received]
            .into_iter()
            .any(|direction| {
                let changed = handshake.steps.iter().any(|step| {
                    step.what == What::ChangeCipherSpec && step.direction() == direction
                });
                changed && !finished(direction)
            });
    lost.then_some(MessageKind::Finished)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{handshake::Step, span::Span, time::Stamp, tls::ProtocolVersion};

    fn kind(name: &str) -> Option<MessageKind> {
        use MessageKind as M;
        let all = [
            M::ClientHello,
            M::ServerHello,
            M::EncryptedExtensions,
            M::Certificate,
            M::CertificateVerify,
            M::ServerKeyExchange,
            M::ServerHelloDone,
            M::ClientKeyExchange,
            M::Finished,
            M::NewSessionTicket,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }

    /// A client's handshake: `>` was sent, `<` received.
    fn client(version: &str, messages: &[&str]) -> Handshake {
        let steps = messages.iter().map(|message| {
            let (direction, name) = message.split_at(1);
            let direction = if direction == ">" {
                StepDirection::Sent
            } else {
                StepDirection::Received
            };
            let what = kind(name).map_or(What::ChangeCipherSpec, What::Message);
            Step::new(Span::default(), Stamp::default(), direction, None, what)
        });
        Handshake {
            role: Some(Role::Client),
            version: Some(ProtocolVersion::from_name(version)),
            steps: steps.collect(),
            ..Handshake::default()
        }
    }

    #[test]
    fn what_comes_behind_a_message_proves_that_it_was_there() {
        let of_12 = ">ClientHello <ServerHello <Certificate <ServerKeyExchange <ServerHelloDone \
                     >ClientKeyExchange >ChangeCipherSpec >Finished <ChangeCipherSpec <Finished";
        let of_13 = ">ClientHello <ServerHello <EncryptedExtensions <Certificate <CertificateVerify \
                     <Finished >Finished <NewSessionTicket";
        for (version, whole, lost) in [
            (
                "TLSv1.2",
                of_12,
                ["<ServerHello", "<ServerHelloDone", ">Finished", "<Finished"],
            ),
            (
                "TLSv1.3",
                of_13,
                [
                    "<ServerHello",
                    "<EncryptedExtensions",
                    "<Finished",
                    ">Finished",
                ],
            ),
        ] {
            let messages: Vec<_> = whole.split_whitespace().collect();
            for end in 0..=messages.len() {
                // in TLS 1.2, ChangeCipherSpec promises the Finished behind it
                if end == 0 || messages[end - 1].ends_with("ChangeCipherSpec") {
                    continue;
                }
                let so_far = client(version, &messages[..end]);
                assert_eq!(lost_message(&so_far), None, "{version}, {end} messages");
            }
            for lost in lost {
                let rest: Vec<_> = messages.iter().copied().filter(|it| *it != lost).collect();
                let found = lost_message(&client(version, &rest));
                assert_eq!(found, kind(&lost[1..]), "{version}, {lost}");
            }
        }
    }

    #[test]
    fn the_last_message_is_the_clients_in_13_and_the_servers_before() {
        let through = |version, messages: &str| {
            is_through(&client(
                version,
                &messages.split_whitespace().collect::<Vec<_>>(),
            ))
        };
        assert!(through("TLSv1.3", ">ClientHello <ServerHello >Finished"));
        assert!(!through("TLSv1.3", ">ClientHello <ServerHello <Finished"));
        assert!(through(
            "TLSv1.2",
            ">ClientHello >ClientKeyExchange <Finished"
        ));
        assert!(!through(
            "TLSv1.2",
            ">ClientHello >ClientKeyExchange >Finished"
        ));
        // a ticket is sent to a client whose Finished was good; up to TLS 1.2 it comes in front of the server's own
        assert!(through(
            "TLSv1.3",
            ">ClientHello <ServerHello <NewSessionTicket"
        ));
        assert!(!through(
            "TLSv1.2",
            ">ClientHello >ClientKeyExchange <NewSessionTicket"
        ));
        // this may be a resumption, where the server's comes first
        assert!(!through("TLSv1.2", ">ClientHello <ServerHello <Finished"));
    }

    #[test]
    fn a_jvm_in_its_own_flight_has_the_word() {
        let word = |role, version, messages: &str| {
            let mut handshake = client(version, &messages.split_whitespace().collect::<Vec<_>>());
            handshake.role = Some(role);
            has_the_word(&handshake)
        };
        for (role, version, messages, wanted) in [
            (Role::Client, "TLSv1.2", ">ClientHello", false),
            (
                Role::Client,
                "TLSv1.2",
                ">ClientHello <ServerHello <Certificate",
                false,
            ),
            (
                Role::Client,
                "TLSv1.2",
                ">ClientHello <ServerHello <Certificate <ServerHelloDone",
                true,
            ),
            (
                Role::Client,
                "TLSv1.2",
                ">ClientHello <ServerHelloDone >ClientKeyExchange",
                true,
            ),
            (
                Role::Client,
                "TLSv1.2",
                ">ClientHello <ServerHelloDone >ClientKeyExchange >Finished",
                false,
            ),
            (
                Role::Client,
                "TLSv1.3",
                ">ClientHello <ServerHello <Finished",
                true,
            ),
            (
                Role::Client,
                "TLSv1.3",
                ">ClientHello <ServerHello <Finished >Finished",
                false,
            ),
            (Role::Server, "TLSv1.3", "<ClientHello", false),
            (
                Role::Server,
                "TLSv1.3",
                "<ClientHello >ServerHello >EncryptedExtensions",
                true,
            ),
            (
                Role::Server,
                "TLSv1.3",
                "<ClientHello >ServerHello >Finished",
                false,
            ),
            (
                Role::Server,
                "TLSv1.2",
                "<ClientHello >ServerHelloDone <ClientKeyExchange",
                false,
            ),
            (
                Role::Server,
                "TLSv1.2",
                "<ClientHello >ServerHelloDone <ClientKeyExchange <Finished",
                true,
            ),
        ] {
            assert_eq!(word(role, version, messages), wanted, "{role:?} {messages}");
        }
    }
}
