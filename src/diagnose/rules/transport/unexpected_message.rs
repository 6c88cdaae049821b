//! P111: a message that must not come now.

use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, listed, peer_party, the_peer},
    },
    handshake::Handshake,
};

rule! {
    /// ## When it fires
    /// This JVM got a message or extension that the protocol does not allow at this point: `Unexpected handshake
    /// message`, `Unexpected … extension in ServerHello`, `Missing ChangeCipherSpec message` and the like.
    ///
    /// ## Why handshakes break here
    /// A stack with a bug, two connections mixed on one socket, or a box that answers in the peer's name. Often
    /// the sentence is a symptom; rules that know more come before this one.
    ///
    /// ## Evidence
    /// The sentence; what was expected.
    ///
    /// ## Remedies
    /// Upgrade both stacks; make sure that one thread at a time writes to the connection.
    ///
    /// ## Not to be confused with
    /// `Fatal (UNEXPECTED_MESSAGE)` around a reset, plain text or a large message: only the wrapper has that name.
    /// `no-common-named-group`: JSSE sends the same alert.
    ///
    /// ## References
    /// RFC 8446 §6.2 (`unexpected_message`); `sun.security.ssl.HandshakeContext.dispatch`.
    UnexpectedMessage: "P111", "unexpected-message", since "0.1.0",
    "the peer sent a message that must not come at this point",
    check, of GivenUp
}

const WORDS: [&str; 8] = [
    "Unsupported handshake message",
    "Missing ChangeCipherSpec message",
    "handshake message allowed in a ClientHello flight",
    "No more message expected",
    "Post-handshake not supported",
    "Unsupported post-handshake message",
    "extension is not requested",
    "unexpected ChangeCipherSpec",
];

/// `Unexpected …` of a message or an extension; not `Unexpected error` and `Unexpected exception`.
fn is_unexpected(sentence: &str) -> bool {
    sentence.starts_with("Unexpected ")
        && (sentence.contains("message") || sentence.contains("extension"))
        && !sentence.contains("selected group")
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let sentence = refusal.sentence(&WORDS).or_else(|| {
        refusal
            .sentence(&["Unexpected "])
            .filter(|sentence| is_unexpected(sentence))
    })?;
    let break_up = handshake.break_up.as_deref()?;
    let peer = the_peer(handshake);
    let expected = if break_up.expected.is_empty() {
        String::new()
    } else {
        format!(
            " The protocol would have brought {} next.",
            listed(&break_up.expected)
        )
    };
    Some(
        Finding::error(&UnexpectedMessage, Confidence::Likely, format!("{peer} sent something that must not come now"))
            .explain(format!("This JVM says: {sentence}.{expected} A stack with a bug, two connections mixed on one socket, or a box that answers in the peer's name."))
            .fault_of(crate::handshake::Party::Unknown)
            .evidence(refusal.span, sentence)
            .remedy(peer_party(handshake), "upgrade the TLS stack of the peer", None)
            .remedy(crate::handshake::Party::Either, "make sure that one thread at a time reads and one writes the connection", None)
            .confirm("a packet capture shows what was really sent", Some(format!("tcpdump -w handshake.pcap port {}", context.port_for_command(handshake))))
            .references(&["RFC 8446 §6.2"]),
    )
}
