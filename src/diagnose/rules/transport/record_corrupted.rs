//! P108: a record or message that does not decrypt or verify.

use super::alert_in_the_clear;
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::Refusal},
    handshake::{Handshake, Party, Role},
    span::Span,
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// `Tag mismatch`, `bad record MAC`, `Invalid TLS padding`, a Finished message, the signature over the
    /// server's key exchange or its CertificateVerify that does not verify; or the peer answers `bad_record_mac`.
    ///
    /// ## Why handshakes break here
    /// The two ends do not have the same bytes or the same keys: a box changed something on the way, two
    /// connections got mixed on one socket, or a TLS stack or crypto accelerator has a fault.
    ///
    /// ## Evidence
    /// The sentence or the alert. That the bytes differ is sure, where they were changed is not. A signature of
    /// the server that does not verify is *strong* only: its key may not be that of its certificate.
    ///
    /// ## Remedies
    /// Take boxes and accelerators out of the path one by one; never share a socket between threads without order.
    ///
    /// ## Not to be confused with
    /// `plaintext-peer`: bytes that never were TLS. `client-key-unusable`: `decrypt_error` about a `CertificateVerify`.
    /// `certificate-rejected-by-peer`: a "record" of two bytes behind the server's certificate is the client's alert,
    /// sent before the client had keys to encrypt it with.
    ///
    /// ## References
    /// RFC 8446 §5.2, §4.4.4, §6.2; `sun.security.ssl.SSLCipher`, `Finished`.
    RecordCorrupted: "P108", "record-corrupted", since "0.1.0",
    "a record or a Finished message does not decrypt or verify",
    check, of BrokenUp
}

const WORDS: [&str; 16] = [
    "Tag mismatch",
    "mac check in GCM failed",
    "bad record MAC",
    "bad record",
    "Invalid TLS padding",
    "Invalid padding",
    "Invalid SSLv3 padding",
    "Invalid Padding length",
    "The length after padding removal",
    "ciphertext sanity check failed",
    "Insufficient buffer remaining for AEAD cipher fragment",
    "Incorrect inner plaintext",
    "The Finished message cannot be verified",
    "Inappropriate finished message",
    "message integrity check failed",
    "AEADBadTagException",
];

/// The server's signature does not verify: over its key exchange, or in CertificateVerify.
const SIGNATURE: [&str; 7] = [
    "Invalid ECDH ServerKeyExchange signature",
    "Invalid DH ServerKeyExchange signature",
    "Cannot verify ECDH ServerKeyExchange signature",
    "Cannot verify DH ServerKeyExchange signature",
    "Invalid signature on ECDH server key exchange",
    "Invalid CertificateVerify message: invalid signature",
    "Cannot verify CertificateVerify signature",
];

fn stated(handshake: &Handshake) -> Option<(Span, String, bool)> {
    if let Some(refusal) = Refusal::of(handshake) {
        if let Some(sentence) = refusal.sentence(&WORDS) {
            return Some((refusal.span, sentence.to_owned(), false));
        }
        let thrown = refusal.throwable?.find("AEADBadTagException")?;
        return Some((
            refusal.span,
            format!("{}: {}", thrown.class, thrown.message),
            false,
        ));
    }
    let break_up = handshake.break_up.as_deref()?;
    let alert = break_up.received_alert()?;
    matches!(
        alert,
        AlertDescription::BadRecordMac | AlertDescription::DecryptionFailed
    )
    .then(|| (break_up.span, format!("received fatal alert {alert}"), true))
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    if handshake.role != Some(Role::Client) && alert_in_the_clear(handshake).is_some() {
        return None; // the client's alert, not a damaged record
    }
    if let Some(finding) = of_signature(handshake) {
        return Some(finding);
    }
    let (span, sentence, by_peer) = stated(handshake)?;
    let (confidence, who) = if by_peer {
        (
            Confidence::Strong,
            "The peer could not decrypt a record of this side.",
        )
    } else {
        (
            Confidence::Certain,
            "What this side received does not decrypt or verify with the keys agreed on.",
        )
    };
    // two bytes are an alert that nobody encrypted: nothing was damaged
    let confidence = match alert_in_the_clear(handshake) {
        Some(_) => Confidence::Likely,
        None => confidence,
    };
    let finished = sentence.to_ascii_lowercase().contains("finished");
    let (headline, meaning) = if finished {
        (
            "the Finished message does not verify",
            "The two ends saw different handshakes: messages were changed on the way, or one of the stacks has a fault.",
        )
    } else {
        (
            "a record does not decrypt",
            "The bytes were changed on the way, two connections got mixed on one socket, or a stack or crypto accelerator has a fault.",
        )
    };
    Some(
        Finding::error(&RecordCorrupted, confidence, headline)
            .explain(format!("{who} {meaning} Which of these, the log does not say."))
            .fault_of(Party::Unknown)
            .evidence(span, sentence)
            .remedy(Party::Network, "take proxies and inspecting boxes out of the path, one by one", None)
            .remedy(Party::Either, "switch crypto accelerators and special providers off, as a test; upgrade both TLS stacks", Some("-XX:-UseAES -XX:-UseAESIntrinsics   # as a test: without the CPU's AES".to_owned()))
            .confirm("a packet capture on both sides shows whether the bytes differ", Some(format!("tcpdump -w handshake.pcap port {}", context.port_for_command(handshake))))
            .references(&["RFC 8446 §5.2"]),
    )
}

/// A client that cannot verify what the server signed. A server with such a client is `client-key-unusable`.
fn of_signature(handshake: &Handshake) -> Option<Finding> {
    let refusal = Refusal::of(handshake).filter(|_| handshake.role != Some(Role::Server))?;
    let sentence = refusal.sentence(&SIGNATURE)?;
    let leaf = handshake
        .server_chain
        .as_deref()
        .and_then(|chain| Some((chain.span_of(0), chain.leaf()?)));
    let finding = Finding::error(
        &RecordCorrupted,
        Confidence::Strong,
        "the server's signature over the handshake does not verify",
    )
    .explain(format!("This client says: {sentence}. The signature covers both randoms and the server's key exchange (in TLS 1.3 every message so far), so either something on the way changed a byte of them, or the server signed with a key that is not that of the certificate it shows. The test decides: a server that fails so for every client has the wrong key."))
    .fault_of(Party::Unknown)
    .evidence(refusal.span, sentence);
    let finding = match leaf {
        Some((span, leaf)) => finding.evidence(
            span,
            format!("the certificate whose key should fit: {}", leaf.subject),
        ),
        None => finding,
    };
    Some(
        finding
            .remedy(Party::Network, "take proxies and inspecting boxes out of the path, one by one", None)
            .remedy(Party::Server, "make sure that private key and certificate belong together; both commands must print the same", Some("openssl x509 -in server.pem -noout -pubkey; openssl pkey -in server.key -pubout".to_owned()))
            .remedy(Party::Either, "switch crypto accelerators and special providers off, as a test; upgrade both TLS stacks", None)
            .confirm("a packet capture on both sides shows whether the bytes differ", Some("tcpdump -w handshake.pcap port 443".to_owned()))
            .references(&["RFC 5246 §7.4.3", "RFC 8446 §4.4.3"]),
    )
}
