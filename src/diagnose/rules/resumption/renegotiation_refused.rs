//! R101: a renegotiation is refused, or secure renegotiation is missing.

use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, capitalised, own_party, peer_party, the_peer},
    },
    handshake::{Handshake, Party},
    span::Span,
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// JSSE says that (unsafe, insecure or client-initiated) renegotiation is not allowed, or that secure
    /// renegotiation could not be agreed on; or the peer answers `no_renegotiation`.
    ///
    /// ## Why handshakes break here
    /// Renegotiation without RFC 5746 can be attacked, so JSSE refuses it. Servers may refuse renegotiation by
    /// the client altogether (`jdk.tls.rejectClientInitiatedRenegotiation`). TLS 1.3 has none.
    ///
    /// ## Evidence
    /// The sentence or the alert; whether the handshake ran inside an established connection.
    ///
    /// ## Remedies
    /// Patch the peer so that it has RFC 5746; do not renegotiate. Allowing the old way is temporary and a risk.
    ///
    /// ## Not to be confused with
    /// A refused renegotiation after which the connection goes on: noise, not a failure.
    ///
    /// ## References
    /// RFC 5746; RFC 8446 §4.1.2; `sun.security.ssl.allowUnsafeRenegotiation`, `jdk.tls.rejectClientInitiatedRenegotiation`.
    RenegotiationRefused: "R101", "renegotiation-refused", since "0.1.0",
    "a renegotiation was refused",
    check, of BrokenUp
}

const WORDS: [&str; 7] = [
    "renegotiation is not allowed",
    "Failed to negotiate the use of secure renegotiation",
    "Inconsistent secure renegotiation indication",
    "Received unexpected renegotiation handshake message",
    "is present in a insecure renegotiation",
    "Missing renegotiation_info",
    "Renegotiation is not allowed",
];

/// What JSSE says when the peer answers its ClientHello inside a connection with that warning.
const BY_PEER: [&str; 2] = [
    "received handshake warning: no_renegotiation",
    "handshake alert: no_renegotiation",
];

fn stated(handshake: &Handshake) -> Option<(Confidence, Span, String)> {
    if let Some(refusal) = Refusal::of(handshake) {
        if let Some(sentence) = refusal.sentence(&BY_PEER) {
            return Some((Confidence::Certain, refusal.span, sentence.to_owned()));
        }
        return Some((
            Confidence::Certain,
            refusal.span,
            refusal.sentence(&WORDS)?.to_owned(),
        ));
    }
    let break_up = handshake.break_up.as_deref()?;
    let alert = break_up
        .received_alert()
        .filter(|alert| **alert == AlertDescription::NoRenegotiation)
        .filter(|_| super::may_renegotiate(handshake))?;
    Some((
        Confidence::Strong,
        break_up.span,
        format!("received fatal alert {alert}"),
    ))
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let (confidence, span, sentence) = stated(handshake)?;
    let by_client = sentence.contains("Client initiated");
    let by_peer = sentence.contains("no_renegotiation");
    let unsafe_peer = confidence == Confidence::Certain && !by_client && !by_peer;
    let explanation = if by_client {
        "The client asked for a new handshake inside the connection; this server is set not to allow that (jdk.tls.rejectClientInitiatedRenegotiation=true).".to_owned()
    } else if unsafe_peer {
        format!(
            "{} did not show that it has secure renegotiation (RFC 5746), so this JVM does not go on.",
            capitalised(the_peer(handshake))
        )
    } else {
        "This JVM asked for a new handshake inside the connection, and the peer answered no_renegotiation. It may (RFC 5246 §7.2.2); JSSE takes the answer for the end of the connection.".to_owned()
    };
    if by_peer {
        return Some(refused_by_peer(
            handshake,
            context,
            (confidence, span, sentence),
            explanation,
        ));
    }
    let finding = Finding::error(
        &RenegotiationRefused,
        confidence,
        "a renegotiation was refused",
    )
    .explain(explanation)
    .fault_of(peer_party(handshake))
    .evidence(span, sentence)
    .evidence_if(handshake.client_hello.as_deref(), |_| {
        "the ClientHello that was refused".to_owned()
    });
    // what helps depends on who refused, and why: a switch on the wrong side does nothing
    let finding = if by_client {
        finding
            .remedy(peer_party(handshake), "do not renegotiate: open a new connection instead", None)
            .remedy(own_party(handshake), "temporary, and a risk (clients can keep the server busy with handshakes), for this one process", Some("-Djdk.tls.rejectClientInitiatedRenegotiation=false".to_owned()))
    } else if unsafe_peer {
        finding
            .remedy(peer_party(handshake), "upgrade to a TLS stack with RFC 5746, and do not renegotiate: ask for a client certificate in the first handshake", None)
            .remedy(own_party(handshake), "temporary, and a risk, for this one process", Some("-Dsun.security.ssl.allowUnsafeRenegotiation=true -Dsun.security.ssl.allowLegacyHelloMessages=true".to_owned()))
    } else {
        finding
            .remedy(own_party(handshake), "do not renegotiate: open a new connection instead, or ask for what is wanted (a client certificate) in the first handshake", None)
            .remedy(peer_party(handshake), "if renegotiation is wanted: allow it there, for peers with RFC 5746", None)
    };
    Some(
        finding
            .confirm(
                "shows 'Secure Renegotiation IS supported' when the server has RFC 5746",
                Some(context.openssl(handshake, "-tls1_2")),
            )
            .references(&["RFC 5746"]),
    )
}

/// The peer keeps within its rights: what helps is not to ask.
fn refused_by_peer(
    handshake: &Handshake,
    context: &Context<'_>,
    (confidence, span, sentence): (Confidence, Span, String),
    explanation: String,
) -> Finding {
    Finding::error(&RenegotiationRefused, confidence, format!("{} does not renegotiate", the_peer(handshake)))
        .explain(explanation)
        .fault_of(Party::Either)
        .evidence(span, sentence)
        .evidence_if(handshake.client_hello.as_deref(), |_| "the ClientHello that was refused".to_owned())
        .remedy(own_party(handshake), "do not renegotiate (startHandshake() on an established connection does): open a new connection instead, or use TLS 1.3, which has none", None)
        .remedy(peer_party(handshake), "if renegotiation is needed: allow it there", None)
        .confirm("type R and Enter in the running session: the server must answer in the same way", Some(context.openssl(handshake, "-tls1_2").replace(" </dev/null", "")))
        .references(&["RFC 5246 §7.2.2", "RFC 5746"])
}
