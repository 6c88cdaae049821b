//! The bodies of handshake messages other than the hellos.
//!
//! ```text
//! *** ECDH ServerKeyExchange
//! Signature Algorithm SHA512withRSA
//! Server key: Sun EC public key, 256 bits
//!   parameters: secp256r1 [NIST P-256, X9.62 prime256v1] (1.2.840.10045.3.1.7)
//! *** CertificateRequest
//! Cert Types: RSA, DSS, ECDSA
//! Supported Signature Algorithms: SHA512withECDSA, SHA512withRSA
//! Cert Authorities:
//! <CN=Lab Root CA, O=Lab Trust, C=DE>
//! ```

use std::sync::Arc;

use super::{Classic, certificate, hello::Hello, text::numbers, text::signature_scheme};
use crate::{
    entry::lines,
    event::{Body, CertificateRequest, KeyExchangeParameters, Message},
    time::LogTime,
    tls::MessageKind,
};

/// A message, and what else its text tells.
pub(super) struct Read {
    pub(super) message: Message,
    /// When the sender made its hello.
    pub(super) made_at: Option<LogTime>,
    /// The text breaks off inside the message.
    pub(super) cut: bool,
    /// The peer said it, as far as its text tells.
    pub(super) heard: bool,
}

/// Reads the message behind the title `*** words`.
pub(super) fn read(dialect: &mut Classic, kind: MessageKind, words: &[u8], body: &[u8]) -> Read {
    let interned = &mut dialect.interned;
    let (mut made_at, mut cut, mut heard) = (None, false, false);
    let version = || {
        let at = memchr::memchr(b',', words).map_or(words.len(), |at| at + 1);
        &words[at..]
    };
    let fields = match kind {
        MessageKind::ClientHello => {
            let hello = Hello::read(body, interned);
            (made_at, cut) = (hello.made_at.clone(), !hello.closed);
            heard = hello.is_foreign();
            hello
                .into_client(version(), interned)
                .map_or(Body::None, |hello| Body::ClientHello(Box::new(hello)))
        }
        MessageKind::ServerHello => {
            let hello = Hello::read(body, interned);
            (made_at, cut) = (hello.made_at.clone(), !hello.closed);
            heard = hello.is_foreign();
            Body::ServerHello(Box::new(hello.into_server(version(), interned)))
        }
        MessageKind::Certificate => {
            let (text, closed) = up_to_stars(body);
            cut = !closed;
            let list = certificate::chain(text, false, interned);
            // a cut list is not an empty one, nor is one that somebody shortened before posting it
            if list.is_empty() && (cut || !is_empty_list(text)) {
                Body::Unread
            } else {
                Body::Certificates(list)
            }
        }
        MessageKind::CertificateRequest => {
            Body::CertificateRequest(Box::new(certificate_request(dialect, body)))
        }
        MessageKind::ServerKeyExchange => key_exchange(body),
        MessageKind::CertificateVerify => Body::Signature(signature(body)),
        _ => Body::None,
    };
    dialect.survey.messages += 1;
    dialect.survey.bodies += u64::from(!matches!(fields, Body::None));
    let message = Message {
        kind,
        sender: None,
        reproduced: false,
        of_13: false,
        body: fields,
    };
    Read {
        message,
        made_at,
        cut,
        heard,
    }
}

/// The rest of a message of another thread, in an entry that is no such message itself.
pub(super) fn rest(dialect: &mut Classic, text: &[u8]) -> Option<Body> {
    const HELLO: [&[u8]; 6] = [
        b"Extension ",
        b"Unsupported extension ",
        b"Cipher Suite",
        b"Session ID:",
        b"RandomCookie:",
        b"Compression Method",
    ];
    let interned = &mut dialect.interned;
    for (_, line) in lines(text) {
        if HELLO.iter().any(|words| line.starts_with(words)) {
            let mut hello = Hello::read(text, interned).into_client(b"", interned)?;
            hello.legacy_version = None;
            return Some(Body::ClientHello(Box::new(hello)));
        }
        if certificate::is_of_certificate(line) {
            let (text, _) = up_to_stars(text);
            let list = certificate::chain(text, true, interned);
            return (!list.is_empty()).then_some(Body::Certificates(list));
        }
    }
    None
}

/// Nothing stands where certificates would, or, in later updates of 8, the word for it.
fn is_empty_list(text: &[u8]) -> bool {
    let mut said = lines(text)
        .map(|(_, line)| line.trim_ascii())
        .filter(|line| !line.is_empty());
    said.next().is_none_or(|line| line == b"<Empty>")
}

/// The text up to the line `***`, and whether there is one.
pub(super) fn up_to_stars(body: &[u8]) -> (&[u8], bool) {
    for (_, line) in lines(body) {
        if line.trim_ascii_end() == b"***" {
            return (
                &body[..line.as_ptr() as usize - body.as_ptr() as usize],
                true,
            );
        }
    }
    (body, false)
}

/// `Signature Algorithm SHA512withRSA`
fn signature(body: &[u8]) -> Option<Arc<str>> {
    lines(body).find_map(|(_, line)| {
        let name = line.strip_prefix(b"Signature Algorithm ")?;
        Some(signature_scheme(&String::from_utf8_lossy(
            name.trim_ascii(),
        )))
    })
}

fn key_exchange(body: &[u8]) -> Body {
    let mut parameters = KeyExchangeParameters {
        signature_scheme: signature(body),
        ..KeyExchangeParameters::default()
    };
    for (_, line) in lines(body) {
        let line = line.trim_ascii();
        if let Some(curve) = line.strip_prefix(b"parameters: ") {
            let end = curve.iter().position(|&b| b == b' ').unwrap_or(curve.len());
            parameters.named_group = Some(String::from_utf8_lossy(&curve[..end]).into());
        } else if let Some(prime) = line.strip_prefix(b"DH Modulus:") {
            parameters.dh_bits = bits(&numbers(prime, 4096));
        }
    }
    Body::KeyExchange(parameters)
}

/// The size of a number in bits, leading zeros left out.
fn bits(bytes: &[u8]) -> Option<u32> {
    let first = bytes.iter().position(|&byte| byte != 0)?;
    let rest = u32::try_from(bytes.len() - first - 1).ok()?;
    Some(rest * 8 + 8 - bytes[first].leading_zeros())
}

/// Names of distinguished names accepted; a hostile log does not make the list longer.
const MAX_AUTHORITIES: usize = 20_000;

fn certificate_request(dialect: &mut Classic, body: &[u8]) -> CertificateRequest {
    let mut request = CertificateRequest::default();
    let mut authorities: Option<Vec<Arc<str>>> = None;
    for (_, line) in lines(body) {
        let line = line.trim_ascii();
        if let Some(list) = line.strip_prefix(b"Cert Types:") {
            request.certificate_types = Some(
                list.split(|&b| b == b',')
                    .map(|name| certificate_type(name.trim_ascii()))
                    .collect(),
            );
        } else if let Some(list) = line.strip_prefix(b"Supported Signature Algorithms:") {
            request.signature_schemes = Some(dialect.interned.schemes(list));
        } else if line == b"Cert Authorities:" {
            authorities = Some(Vec::new());
        } else if let Some(list) = &mut authorities
            && let Some(name) = line
                .strip_prefix(b"<")
                .and_then(|name| name.strip_suffix(b">"))
            && name != b"Empty"
            && list.len() < MAX_AUTHORITIES
        {
            list.push(dialect.interned.texts.text(name));
        }
    }
    request.whole = authorities.is_some(); // the list stands last
    request.authorities = authorities.map(Into::into);
    request
}

/// `RSA` → `rsa_sign`: the names of RFC 5246 §7.4.4.
fn certificate_type(name: &[u8]) -> Arc<str> {
    match name {
        b"RSA" => "rsa_sign".into(),
        b"DSS" => "dss_sign".into(),
        b"ECDSA" => "ecdsa_sign".into(),
        other => String::from_utf8_lossy(other).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(kind: MessageKind, words: &str, text: &str) -> Body {
        read(
            &mut Classic::default(),
            kind,
            words.as_bytes(),
            text.as_bytes(),
        )
        .message
        .body
    }

    #[test]
    fn a_client_hello_with_other_output_in_between() {
        let text = "noise: x\nRandomCookie:  GMT: 1795156637 bytes = { 40, 149, 210, 127, 157, 72, 48, 238, 174, 253, 154, 4, 128, 1, 242, 48, 244, 2, 103, 114, 51, 249, 218, 125, 105, 159, 129, 252 }\n*** not a handshake line ***\nSession ID:  {1, 2}\nCipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA256, Unknown 0x13:0x1]\nExtension elliptic_curves, curve names: {secp256r1, unknown curve 29}\nExtension server_name, server_name: [type=host_name (0), value=lab.example]\nUnsupported extension type_43, data: 05:03:04:03:03\n***\nCipher Suites: [X]\n";
        let Body::ClientHello(hello) = body(MessageKind::ClientHello, "ClientHello, TLSv1.2", text)
        else {
            panic!("a hello")
        };
        assert_eq!(
            format!("{:?}", hello.random.unwrap()),
            "6B00EB9D2895D27F9D4830EEAEFD9A048001F230F40267723 3F9DA7D699F81FC".replace(' ', "")
        );
        assert_eq!(&*hello.session_id, [1, 2]);
        assert_eq!(hello.cipher_suites.len(), 2);
        assert_eq!(hello.extensions.server_name.as_deref(), Some("lab.example"));
        assert_eq!(
            hello
                .extensions
                .supported_groups
                .as_ref()
                .unwrap()
                .join("|"),
            "secp256r1|unknown curve 29"
        );
        assert_eq!(hello.extensions.versions.as_ref().unwrap().len(), 2);
    }

    #[test]
    fn a_list_of_which_the_brackets_were_taken_is_not_empty() {
        let of = |text: &str| body(MessageKind::Certificate, "Certificate chain", text);
        let shortened =
            "  Subject: CN=localhost, O=Lab, C=XX\n  SerialNumber: [    305e202e]\n***\n";
        assert!(matches!(of(shortened), Body::Unread));
        assert!(matches!(of("***\n"), Body::Certificates(list) if list.is_empty()));
    }

    #[test]
    fn what_a_server_asks_for() {
        let text = "Cert Types: RSA, DSS\nSupported Signature Algorithms: SHA256withRSA\nCert Authorities:\n<CN=a, O=\"x, y\">\n<CN=b>\n";
        let Body::CertificateRequest(request) =
            body(MessageKind::CertificateRequest, "CertificateRequest", text)
        else {
            panic!("a request")
        };
        assert_eq!(
            request.authorities.unwrap().join("|"),
            "CN=a, O=\"x, y\"|CN=b"
        );
        assert_eq!(
            request.certificate_types.unwrap().join("|"),
            "rsa_sign|dss_sign"
        );
        assert_eq!(
            request.signature_schemes.unwrap().join("|"),
            "rsa_pkcs1_sha256"
        );
    }

    #[test]
    fn parameters_of_key_exchanges() {
        let Body::KeyExchange(dh) = body(
            MessageKind::ServerKeyExchange,
            "Diffie-Hellman ServerKeyExchange",
            "DH Modulus:  { 0, 219, 1, 2 }\n",
        ) else {
            panic!("parameters")
        };
        assert_eq!(dh.dh_bits, Some(24));
        let Body::KeyExchange(ec) = body(
            MessageKind::ServerKeyExchange,
            "ECDH ServerKeyExchange",
            "Signature Algorithm SHA512withRSA\n  parameters: secp256r1 [NIST P-256] (1.2)\n",
        ) else {
            panic!("parameters")
        };
        assert_eq!(
            (ec.named_group.as_deref(), ec.signature_scheme.as_deref()),
            (Some("secp256r1"), Some("rsa_pkcs1_sha512"))
        );
    }
}
