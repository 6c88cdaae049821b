//! P109: a handshake message or chain over the limits of this JVM.

use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, own_party, peer_party, the_peer},
    },
    handshake::{Handshake, Role},
};

rule! {
    /// ## When it fires
    /// `The size of the handshake message (N) exceeds the maximum allowed size (M)`, or `The certificate chain
    /// length (N) exceeds the maximum allowed length (M)`.
    ///
    /// ## Why handshakes break here
    /// A JVM reads handshake messages up to 32768 bytes and chains up to 8 (client certificates) or 10
    /// certificates. A server that names its whole list of authorities in `CertificateRequest`, or a peer
    /// that sends its whole trust store, goes beyond.
    ///
    /// ## Evidence
    /// The sentence with both numbers. A limit below the JDK's own was lowered on this side.
    ///
    /// ## Remedies
    /// Shorten the list or the chain; or raise the limit.
    ///
    /// ## Not to be confused with
    /// `large-client-hello-dropped`: lost on the way, not refused here.
    ///
    /// ## References
    /// `jdk.tls.maxHandshakeMessageSize`, `jdk.tls.maxCertificateChainLength`,
    /// `jdk.tls.client.maxInboundCertificateChainLength`; `sun.security.ssl.SSLSocketInputRecord`.
    HandshakeMessageTooLarge: "P109", "handshake-message-too-large", since "0.1.0",
    "a handshake message or certificate chain is larger than this JVM allows",
    check, of GivenUp
}

const WORDS: [&str; 3] = [
    "exceeds the maximum allowed size",
    "exceeds the maximum allowed length",
    "Handshake message too big",
];

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let sentence = refusal.sentence(&WORDS)?;
    let peer = the_peer(handshake);
    let chain = sentence.contains("chain length");
    let numbers: Vec<u64> = sentence
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    let (what, property) = if chain {
        let side = handshake.role.unwrap_or(Role::Client).name();
        (
            "certificate chain",
            format!(
                "-Djdk.tls.{side}.maxInboundCertificateChainLength={}   # or jdk.tls.maxCertificateChainLength",
                numbers.first().copied().unwrap_or(20)
            ),
        )
    } else {
        let needed = numbers.first().copied().unwrap_or(65_536).max(65_536);
        (
            "handshake message",
            format!("-Djdk.tls.maxHandshakeMessageSize={needed}"),
        )
    };
    let usual = match (chain, handshake.role) {
        (false, _) => 32_768,
        (true, Some(Role::Server)) => 8,
        (true, _) => 10,
    };
    let limit = numbers.get(1).copied();
    if limit.is_some_and(|limit| limit < usual)
        && numbers.first().is_some_and(|&size| size <= usual)
    {
        return Some(limit_too_low(
            handshake,
            context,
            &refusal,
            (sentence, what, usual, property),
        ));
    }
    let advice = if chain {
        "send the leaf and its intermediates only"
    } else {
        "shorten the list of accepted authorities (CertificateRequest) or the chain"
    };
    Some(
        Finding::error(&HandshakeMessageTooLarge, Confidence::Certain, format!("{peer} sent a {what} over this JVM's limit"))
            .explain(format!("{sentence}. Mostly it is a server that names every authority it knows in CertificateRequest, or a peer that sends its whole trust store as its chain."))
            .fault_of(peer_party(handshake))
            .evidence(refusal.span, sentence)
            .remedy(peer_party(handshake), advice, None)
            .remedy(own_party(handshake), "raise the limit", Some(property))
            .confirm("shows the chain and the list of acceptable authorities", Some(context.openssl(handshake, "-showcerts")))
            .references(&["jdk.tls.maxHandshakeMessageSize", "jdk.tls.maxCertificateChainLength"]),
    )
}

/// What came is of a usual size; the limit was lowered here.
fn limit_too_low(
    handshake: &Handshake,
    context: &Context<'_>,
    refusal: &Refusal<'_>,
    (sentence, what, usual, property): (&str, &str, u64, String),
) -> Finding {
    let own = own_party(handshake);
    Finding::error(&HandshakeMessageTooLarge, Confidence::Certain, format!("this JVM is set to take no {what} of usual size"))
        .explain(format!("{sentence}. Without a setting the limit is {usual}, so it was lowered here, and what {} sent is within what other JVMs take.", the_peer(handshake)))
        .fault_of(own)
        .evidence(refusal.span, sentence)
        .remedy(own, format!("remove the setting (the JDK's own limit is {usual}), or raise it"), Some(property))
        .confirm("shows where this JVM has its limits from", Some("jcmd <pid> VM.system_properties | grep -i -E 'maxHandshakeMessageSize|CertificateChainLength'".to_owned()))
        .confirm("shows the chain and the list of acceptable authorities", Some(context.openssl(handshake, "-showcerts")))
        .references(&["jdk.tls.maxHandshakeMessageSize", "jdk.tls.maxCertificateChainLength"])
}
