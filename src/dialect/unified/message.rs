//! Entries that carry a handshake message.
//!
//! ```text
//! Produced ClientHello handshake message (
//! Consuming server Certificate handshake message (
//! Produced NewSessionTicket stateless post-handshake message (
//! Consuming NewSessionTicket                      JDK 17+, TLS 1.2: body without parentheses
//! Reproduced HelloRetryRequest handshake message  not on the wire: for the transcript hash
//! ```
//!
//! The titles are irregular (each handshake producer of `sun.security.ssl` has its own); what they
//! share is the verb in front and the message's name as the last word before `handshake`.

use std::sync::Arc;

use super::{
    Unified, certificate,
    grammar::{bracketed, is_hex_row, key_value, unquoted},
    hello,
};
use crate::{
    entry::{Entry, Parts, lines},
    event::{Body, Direction, Fact, KeyExchangeParameters, Message, PresentedCertificate, Sender},
    tls::MessageKind,
};

/// Whether an entry's message is the title of a handshake message.
pub(super) fn is_title(message: &[u8]) -> bool {
    message.starts_with(b"Produced ")
        || message.starts_with(b"Consuming ")
        || message.starts_with(b"Reproduced ")
}

/// A title taken apart.
struct Title<'a> {
    direction: Direction,
    sender: Option<Sender>,
    reproduced: bool,
    /// `ClientHello`, `ECDH ServerKeyExchange`
    name: &'a [u8],
}

/// The fact of an entry whose message [`is_title`].
pub(super) fn read(
    dialect: &mut Unified,
    message: &[u8],
    entry: &Entry<'_>,
    parts: &Parts<'_>,
) -> Option<Fact> {
    let title = take_apart(message)?;
    if title.name == b"ChangeCipherSpec" {
        return Some(Fact::ChangeCipherSpec(title.direction));
    }
    // JDK 17+ prints the TLS 1.2 NewSessionTicket without parentheses
    let body = if entry.head.has_body {
        parts.body
    } else {
        parts.tail
    };
    let kind = kind(&title, body)?;
    let of_13 = is_of_13(&kind, body);
    dialect.survey.messages += 1;
    dialect.survey.bodies += u64::from(entry.head.has_body);
    let mut body = if entry.head.has_body {
        match read_body(dialect, &kind, body) {
            Body::Certificates(list) => certificates(list, parts),
            other => other,
        }
    } else {
        Body::None
    };
    match &mut body {
        Body::ClientHello(hello) => hello.whole = parts.closed,
        Body::CertificateRequest(request) => request.whole = parts.closed,
        _ => {}
    }
    let message = Message {
        kind,
        sender: title.sender,
        reproduced: title.reproduced,
        of_13,
        body,
    };
    Some(Fact::Message(title.direction, Box::new(message)))
}

/// Messages that TLS 1.3 brought, and the context that it put in front of certificates (RFC 8446 §4.3.2, §4.4.2).
fn is_of_13(kind: &MessageKind, body: &[u8]) -> bool {
    const CONTEXT: &[u8] = b"certificate_request_context";
    match kind {
        MessageKind::EncryptedExtensions
        | MessageKind::EndOfEarlyData
        | MessageKind::CompressedCertificate => true,
        MessageKind::Certificate | MessageKind::CertificateRequest => {
            let beginning = &body[..body.len().min(128)];
            crate::search::find(beginning, CONTEXT).is_some()
        }
        _ => false,
    }
}

/// A list in which nothing was found is an empty one only if it says so.
fn certificates(list: Arc<[PresentedCertificate]>, parts: &Parts<'_>) -> Body {
    if list.is_empty() && !(parts.closed && certificate::says_empty(parts.body)) {
        return Body::Unread;
    }
    Body::Certificates(certificate::torn_at_end(list, parts))
}

fn take_apart(message: &[u8]) -> Option<Title<'_>> {
    let (direction, reproduced, rest) = if let Some(rest) = message.strip_prefix(b"Produced ") {
        (Direction::Sent, false, rest)
    } else if let Some(rest) = message.strip_prefix(b"Consuming ") {
        (Direction::Received, false, rest)
    } else {
        (Direction::Sent, true, message.strip_prefix(b"Reproduced ")?)
    };
    // where the body's parenthesis was wrapped to the next line, a blank is left
    let rest = rest.trim_ascii_end();
    let rest = rest.strip_suffix(b" message").unwrap_or(rest);
    let rest = rest
        .strip_suffix(b"handshake")
        .map_or(rest, |rest| rest.strip_suffix(b"post-").unwrap_or(rest));
    let rest = rest.trim_ascii_end();
    let rest = rest.strip_suffix(b" stateless").unwrap_or(rest);
    let (sender, name) = if let Some(name) = rest.strip_prefix(b"client ") {
        (Some(Sender::Client), name)
    } else if let Some(name) = rest.strip_prefix(b"server ") {
        (Some(Sender::Server), name)
    } else {
        (None, rest)
    };
    Some(Title {
        direction,
        sender,
        reproduced,
        name,
    })
}

/// The message's type; `None` for a sentence that merely begins like a title.
fn kind(title: &Title<'_>, body: &[u8]) -> Option<MessageKind> {
    let last = title.name.rsplit(|&b| b == b' ').next()?;
    Some(match last {
        b"HelloRequest" => MessageKind::HelloRequest,
        b"ClientHello" | b"ClientHello(HRR)" | b"ClientHello(cookie)" => MessageKind::ClientHello,
        // the client's title for a HelloRetryRequest is that of a ServerHello; the body tells
        b"ServerHello"
            if body
                .trim_ascii_start()
                .starts_with(b"\"HelloRetryRequest\"") =>
        {
            MessageKind::HelloRetryRequest
        }
        b"ServerHello" => MessageKind::ServerHello,
        b"HelloRetryRequest" => MessageKind::HelloRetryRequest,
        b"HelloVerifyRequest" => MessageKind::HelloVerifyRequest,
        b"NewSessionTicket" => MessageKind::NewSessionTicket,
        b"EndOfEarlyData" => MessageKind::EndOfEarlyData,
        b"EncryptedExtensions" => MessageKind::EncryptedExtensions,
        b"Certificate" => MessageKind::Certificate,
        b"CompressedCertificate" => MessageKind::CompressedCertificate,
        b"ServerKeyExchange" => MessageKind::ServerKeyExchange,
        b"CertificateRequest" => MessageKind::CertificateRequest,
        b"ServerHelloDone" => MessageKind::ServerHelloDone,
        b"CertificateVerify" => MessageKind::CertificateVerify,
        b"ClientKeyExchange" => MessageKind::ClientKeyExchange,
        b"Finished" => MessageKind::Finished,
        b"CertificateStatus" => MessageKind::CertificateStatus,
        b"KeyUpdate" => MessageKind::KeyUpdate,
        name if name.first().is_some_and(u8::is_ascii_uppercase) && name.len() <= 64 => {
            MessageKind::Other(String::from_utf8_lossy(name).into())
        }
        _ => return None,
    })
}

fn read_body(dialect: &mut Unified, kind: &MessageKind, body: &[u8]) -> Body {
    let interned = &mut dialect.interned;
    match kind {
        MessageKind::ClientHello => {
            let hello = hello::client_hello(body, interned);
            hello.map_or(Body::Unread, |hello| Body::ClientHello(Box::new(hello)))
        }
        MessageKind::ServerHello | MessageKind::HelloRetryRequest => {
            let hello = hello::server_hello(body, interned);
            hello.map_or(Body::Unread, |hello| Body::ServerHello(Box::new(hello)))
        }
        MessageKind::EncryptedExtensions => {
            Body::Extensions(Box::new(hello::encrypted_extensions(body, interned)))
        }
        MessageKind::Certificate => Body::Certificates(certificate::read_all(body, interned)),
        MessageKind::CertificateRequest => {
            Body::CertificateRequest(Box::new(hello::certificate_request(body, interned)))
        }
        MessageKind::ServerKeyExchange | MessageKind::ClientKeyExchange => {
            Body::KeyExchange(key_exchange(dialect, body))
        }
        MessageKind::CertificateVerify => {
            Body::Signature(key_exchange(dialect, body).signature_scheme)
        }
        _ => Body::None,
    }
}

/// `"named group": "x25519"`, `"dh_p": {` dump, `"signature algorithm": "rsa_pss_rsae_sha256"`
fn key_exchange(dialect: &mut Unified, body: &[u8]) -> KeyExchangeParameters {
    let texts = &mut dialect.interned.texts;
    let mut parameters = KeyExchangeParameters::default();
    let mut prime_bytes = None;
    for (_, line) in lines(body) {
        let text = line.trim_ascii();
        if let Some(bytes) = prime_bytes.as_mut().filter(|_| is_hex_row(text)) {
            *bytes += super::grammar::hex_row(text).map_or(0, |(_, bytes)| bytes.len());
            continue;
        }
        let Ok((_, (key, value))) = key_value(text) else {
            continue;
        };
        if let Some(bytes) = prime_bytes.take() {
            parameters.dh_bits = u32::try_from(bytes * 8).ok();
        }
        match key {
            b"named group" => {
                parameters.named_group =
                    Some(texts.text(bracketed(value).unwrap_or(unquoted(value))));
            }
            b"signature algorithm" => {
                parameters.signature_scheme = Some(texts.text(unquoted(value)));
            }
            b"dh_p" => prime_bytes = Some(0),
            _ => {}
        }
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(message: &str) -> (MessageKind, Direction, Option<Sender>) {
        let title = take_apart(message.as_bytes()).unwrap();
        (kind(&title, b"").unwrap(), title.direction, title.sender)
    }

    #[test]
    fn irregular_titles() {
        use Direction::{Received, Sent};
        use MessageKind as M;
        assert_eq!(
            title("Produced ClientHello(HRR) handshake message"),
            (M::ClientHello, Sent, None)
        );
        assert_eq!(
            title("Produced EncryptedExtensions message"),
            (M::EncryptedExtensions, Sent, None)
        );
        assert_eq!(
            title("Produced server Certificate message"),
            (M::Certificate, Sent, Some(Sender::Server))
        );
        assert_eq!(
            title("Consuming client Finished handshake message"),
            (M::Finished, Received, Some(Sender::Client))
        );
        assert_eq!(
            title("Consuming ECDHE ClientKeyExchange handshake message"),
            (M::ClientKeyExchange, Received, None)
        );
        assert_eq!(
            title("Produced NewSessionTicket stateless post-handshake message"),
            (M::NewSessionTicket, Sent, None)
        );
        assert_eq!(
            title("Consuming NewSessionTicket"),
            (M::NewSessionTicket, Received, None)
        );
        assert_eq!(
            title("Produced KeyUpdate post-handshake message"),
            (M::KeyUpdate, Sent, None)
        );
        assert_eq!(
            title("Consuming Heartbeat handshake message").0,
            M::Other("Heartbeat".into())
        );
    }

    #[test]
    fn the_size_of_a_dh_prime_is_counted() {
        let body = b"\"DH ServerKeyExchange\": {\n  \"parameters\": {\n    \"dh_p\": {\n      0000: FF FF FF FF FF FF FF FF   C9 0F DA A2 21 68 C2 34  ............!h.4\n      0010: C4 C6 62 8B                                        ..b.\n    },\n    \"dh_g\": {\n      0000: 02                                                 .\n    },\n  },\n  \"digital signature\":  {\n    \"signature algorithm\": \"rsa_pss_rsae_sha256\"\n";
        let parameters = key_exchange(&mut Unified::default(), body);
        assert_eq!(parameters.dh_bits, Some(160));
        assert_eq!(
            parameters.signature_scheme.as_deref(),
            Some("rsa_pss_rsae_sha256")
        );
    }
}
