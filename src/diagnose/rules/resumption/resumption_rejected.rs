//! R103: a session was to be resumed, and the handshake broke of it.

use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, own_party},
    },
    handshake::{Handshake, Party},
    span::Span,
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// JSSE says that a session cannot be resumed and a new one is not allowed, that the peer resumed a session
    /// wrongly, that a PSK binder or identity does not fit; or the peer answers `unknown_psk_identity`.
    ///
    /// ## Why handshakes break here
    /// Both ends keep sessions (or tickets). After a restart, behind a balancer whose nodes do not share ticket keys,
    /// or with a stack that has bugs, what one end remembers does not fit the other. Normally the ends fall back
    /// to a full handshake; only faults and special settings make it fail.
    ///
    /// ## Evidence
    /// The sentence or the alert; whether the ClientHello offers a session.
    ///
    /// ## Remedies
    /// Share or rotate ticket keys correctly; upgrade; as a test, switch resumption off.
    ///
    /// ## Not to be confused with
    /// A resumption that is quietly declined: the full handshake that follows is normal.
    /// `extended-master-secret-missing`.
    ///
    /// ## References
    /// RFC 8446 §2.2, §4.2.11; RFC 5077; `jdk.tls.client.enableSessionTicketExtension`; JDK-8213202.
    ResumptionRejected: "R103", "resumption-rejected", since "0.1.0",
    "the handshake broke while a session was to be resumed",
    check
}

const WORDS: [&str; 13] = [
    "No new session is allowed and no existing session can be resumed",
    "No existing session to resume",
    "Client did not resume a session",
    "Server resumed session with",
    "Server resumed with wrong protocol version",
    "PSK binder value",
    "incorrect number of binders",
    "Session has no PSK",
    "Could not derive PSK",
    "Selected identity index is not in correct range",
    "unexpected pre_shared_key extension",
    "pre_shared_key extension is not last",
    "but not PSK modes",
];

fn stated(handshake: &Handshake) -> Option<(Confidence, Span, String)> {
    if let Some(refusal) = Refusal::of(handshake) {
        return Some((
            Confidence::Certain,
            refusal.span,
            refusal.sentence(&WORDS)?.to_owned(),
        ));
    }
    let break_up = handshake.break_up.as_deref()?;
    let alert = break_up
        .received_alert()
        .filter(|alert| **alert == AlertDescription::UnknownPskIdentity)?;
    Some((
        Confidence::Strong,
        break_up.span,
        format!("received fatal alert {alert}"),
    ))
}

fn check(handshake: &Handshake, _context: &Context<'_>) -> Option<Finding> {
    let (confidence, span, sentence) = stated(handshake)?;
    Some(
        Finding::error(&ResumptionRejected, confidence, "the session offered could not be resumed")
            .explain(format!(
                "The handshake was to resume an earlier session, and broke of it: {sentence}. The two ends remember different things: a restart, nodes behind one name that do not share their sessions or ticket keys, or a bug in one of the stacks."
            ))
            .fault_of(Party::Either)
            .evidence(span, sentence)
            .evidence_if(handshake.client_hello.as_ref(), |hello| {
                let how = if hello.extensions.pre_shared_key { "pre_shared_key" } else { "a session id" };
                format!("ClientHello with {how}")
            })
            .remedy(Party::Server, "let all nodes behind the name share sessions or ticket keys; upgrade the TLS stack", None)
            .remedy(Party::Client, "allow new sessions (setEnableSessionCreation(true)); upgrade the JDK", None)
            .remedy(own_party(handshake), "as a test: no tickets, so that every handshake is a full one", Some("-Djdk.tls.client.enableSessionTicketExtension=false -Djdk.tls.server.enableSessionTicketExtension=false".to_owned()))
            .confirm("a fresh process has no session to resume; if its first handshake works, resumption is the cause", None)
            .references(&["RFC 8446 §4.2.11", "RFC 5077"]),
    )
}
