//! P108: a record or message that does not decrypt or verify.

use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::Refusal},
    handshake::{Handshake, Party},
    span::Span,
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// `Tag mismatch`, `bad record MAC`, `Invalid TLS padding`, a Finished message or the signature over the
    /// server's key exchange that does not verify; or the peer answers `bad_record_mac`.
    ///
    /// ## Why handshakes break here
    /// The two ends do not have the same bytes or the same keys: a box changed something on the way, two
    /// connections got mixed on one socket, or a TLS stack or crypto accelerator has a fault.
    ///
    /// ## Evidence
    /// The sentence or the alert. That the bytes differ is sure, where they were changed is not.
    ///
    /// ## Remedies
    /// Take boxes and accelerators out of the path one by one; never share a socket between threads without order.
    ///
    /// ## Not to be confused with
    /// `plaintext-peer`: bytes that never were TLS. `client-key-unusable`: `decrypt_error` about a `CertificateVerify`.
    ///
    /// ## References
    /// RFC 8446 §5.2, §4.4.4, §6.2; `sun.security.ssl.SSLCipher`, `Finished`.
    RecordCorrupted: "P108", "record-corrupted", since "0.1.0",
    "a record or a Finished message does not decrypt or verify",
    check
}

const WORDS: [&str; 17] = [
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
    "Invalid signature on ECDH server key exchange",
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
