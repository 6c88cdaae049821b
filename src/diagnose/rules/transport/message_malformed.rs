//! P110: a message that cannot be parsed.

use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, peer_party, the_peer},
    },
    event::Sender,
    handshake::{Handshake, How, Party, Role},
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// This JVM could not parse what the peer sent: too short, too long, a length that does not fit, an unknown
    /// type; or it answered `decode_error`.
    ///
    /// ## Why handshakes break here
    /// A faulty or very old TLS stack, a box that rewrites messages, or bytes that are no TLS but begin like it.
    ///
    /// ## Evidence
    /// The sentence, which names the message or the field.
    ///
    /// ## Remedies
    /// Upgrade the peer; take boxes out of the path; the raw bytes are in a packet capture.
    ///
    /// ## Not to be confused with
    /// `record-corrupted`: does not decrypt. `unexpected-message`: well-formed, at the wrong time. `plaintext-peer`.
    ///
    /// ## References
    /// RFC 8446 §6.2 (`decode_error`), §4; `sun.security.ssl.HandshakeContext`.
    MessageMalformed: "P110", "message-malformed", since "0.1.0",
    "the peer sent a message that cannot be parsed",
    check, of GivenUp
}

const WORDS: [&str; 18] = [
    "insufficient ",
    "sufficient data",
    "unknown extra data",
    "extra data",
    "incorrect list length",
    "improper data",
    "Error parsing",
    "Duplicate extension",
    "Unknown handshake type size",
    "Unexpected end of handshake data",
    "unexpected end of handshake data",
    "Illegal handshake message",
    "Unsupported record version",
    "Bad input record size",
    "Input record too big",
    "Invalid session ID length",
    "malformed",
    "Malformed",
];

/// A server's Certificate message without a certificate: RFC 8446 §4.4.2.4, RFC 5246 §7.4.2 forbid it. Of a
/// client's, some updates say the same words: `client-certificate-missing`.
const NO_CERTIFICATE: &str = "Empty server certificate chain";

/// A server that shows no certificate.
fn without_certificate(
    handshake: &Handshake,
    context: &Context<'_>,
    refusal: &Refusal<'_>,
    sentence: &str,
) -> Finding {
    let finding = Finding::error(&MessageMalformed, Confidence::Certain, "the server's Certificate message holds no certificate")
        .explain(format!("This client says: {sentence}. A server must show at least one certificate with such a cipher suite. One that sends none has no key and certificate loaded for this name or port, and a TLS stack that does not refuse to go on without."))
        .fault_of(Party::Server)
        .evidence(refusal.span, sentence);
    let finding = match &handshake.server_chain {
        Some(chain) => finding.evidence(chain.span, "the server's Certificate is empty"),
        None => finding,
    };
    finding
        .remedy(
            Party::Server,
            "give the listener a certificate and its key, and reload it",
            None,
        )
        .remedy(
            Party::Server,
            "upgrade the TLS stack of the server, or of the proxy that answers in its place",
            None,
        )
        .confirm(
            "must print the certificates that the server sends",
            Some(context.openssl(handshake, "-showcerts")),
        )
        .references(&["RFC 5246 §7.4.2", "RFC 8446 §4.4.2.4"])
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let decode_error = handshake.break_up.as_deref().is_some_and(|break_up| {
        break_up.how == How::AlertSent
            && break_up
                .alert
                .as_ref()
                .is_some_and(|alert| alert.description == AlertDescription::DecodeError)
    });
    // servers say the same of a client: only messages, or the code that threw, prove that this is none
    let thrown_by = refusal.throwable.and_then(|thrown| thrown.thrown_by);
    let proven = handshake.messages_logged || thrown_by == Some(Sender::Client);
    let is_client = handshake.role == Some(Role::Client) && proven;
    let empty = refusal.sentence(&[NO_CERTIFICATE]).filter(|_| is_client);
    if let Some(sentence) = empty {
        return Some(without_certificate(handshake, context, &refusal, sentence));
    }
    let sentence = match refusal.sentence(&WORDS) {
        Some(sentence) => sentence,
        None if decode_error => refusal.reason,
        None => return None,
    };
    let peer = the_peer(handshake);
    Some(
        Finding::error(&MessageMalformed, Confidence::Certain, format!("{peer} sent a message that cannot be parsed"))
            .explain(format!("This JVM says: {sentence}. The message breaks the format of the protocol: a faulty or old TLS stack, a box that rewrites messages, or bytes that are no TLS but look like it."))
            .fault_of(peer_party(handshake))
            .evidence(refusal.span, sentence)
            .remedy(peer_party(handshake), "upgrade the TLS stack of the peer, and take rewriting proxies out of the path", None)
            .confirm("does another client parse it?", Some(context.openssl(handshake, "-msg")))
            .references(&["RFC 8446 §6.2"]),
    )
}
