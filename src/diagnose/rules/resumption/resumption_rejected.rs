//! R103: a session was to be resumed, and the handshake broke of it.

use crate::{
    diagnose::{
        Confidence, Context, Finding, Severity,
        catalogue::rule,
        rules::{Refusal, own_party},
    },
    handshake::{Handshake, Outcome, Party},
    span::Span,
    tls::{AlertDescription, ProtocolVersion},
};

rule! {
    /// ## When it fires
    /// JSSE says that a session cannot be resumed and a new one is not allowed, that the peer resumed a session
    /// wrongly, that a PSK binder or identity does not fit; or the peer answers `unknown_psk_identity`. As a mere
    /// remark also where the server did not take up the session that was offered and began a new one.
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
    /// A resumption that is quietly declined, which is allowed: it gets a remark, no error.
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
        .filter(|alert| **alert == AlertDescription::UnknownPskIdentity)
        .filter(|_| super::may_offer_psk(handshake))?;
    Some((
        Confidence::Strong,
        break_up.span,
        format!("received fatal alert {alert}"),
    ))
}

/// A session was offered, and the server began a new one without a word: allowed, and slower.
fn declined(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let hello = handshake
        .client_hello
        .as_deref()
        .filter(|_| !handshake.resumed && handshake.outcome != Outcome::Failed)?;
    let answer = handshake.server_hello.as_deref()?;
    let offer = &hello.value;
    let has_13 = || {
        let versions = offer.extensions.versions.as_deref();
        let versions = versions.or(offer.legacy_version.as_ref().map(std::slice::from_ref));
        versions
            .unwrap_or_default()
            .iter()
            .any(ProtocolVersion::is_13)
    };
    let other_id = !offer.session_id.is_empty() && offer.session_id != answer.value.session_id;
    let (what, how) = if offer.extensions.pre_shared_key {
        ("pre_shared_key", "without pre_shared_key")
    } else if other_id && !has_13() {
        // a client of TLS 1.3 sends a session id that names no session (RFC 8446 §D.4)
        ("a session id", "with another session id")
    } else {
        return None;
    };
    Some(
        Finding::new(&ResumptionRejected, Severity::Info, Confidence::Certain, "the server did not resume the session that was offered")
            .explain("The ClientHello offers an earlier session; the server answered with a new one, and a full handshake follows. That is allowed and breaks nothing, but costs time: the server has forgotten the session (restart, time-out, a full cache), or nodes behind one name do not share their sessions or ticket keys.")
            .fault_of(Party::Server)
            .evidence(hello.span, format!("ClientHello with {what}"))
            .evidence(answer.span, format!("ServerHello {how}"))
            .remedy(Party::Server, "where it happens often: let all nodes behind the name share sessions or ticket keys, and keep them longer", Some("nginx: ssl_session_cache shared:SSL:10m; ssl_session_ticket_key /path/ticket.key;".to_owned()))
            .confirm("Reused must stand in each line but the first", Some(format!("{} | grep -E '^(New|Reused)'", context.openssl(handshake, "-reconnect -tls1_2"))))
            .references(&["RFC 8446 §2.2", "RFC 5246 §7.3"]),
    )
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let Some((confidence, span, sentence)) = stated(handshake) else {
        return declined(handshake, context);
    };
    Some(
        Finding::error(&ResumptionRejected, confidence, "the session offered could not be resumed")
            .explain(format!(
                "The handshake was to resume an earlier session, and broke of it: {sentence}. The two ends remember different things: a restart, nodes behind one name that do not share their sessions or ticket keys, or a bug in one of the stacks."
            ))
            .fault_of(Party::Either)
            .evidence(span, sentence)
            .evidence_if(handshake.client_hello.as_deref(), |hello| {
                // a client of TLS 1.3 sends a session id for the sake of middleboxes (RFC 8446 §D.4)
                let for_show = handshake.offered_versions().iter().any(ProtocolVersion::is_13);
                let how = match (hello.extensions.pre_shared_key, for_show) {
                    (true, _) => "with pre_shared_key",
                    (false, true) => "without pre_shared_key: it offers no session of TLS 1.3",
                    (false, false) => "with a session id",
                };
                format!("ClientHello {how}")
            })
            .remedy(Party::Server, "let all nodes behind the name share sessions or ticket keys; upgrade the TLS stack", None)
            .remedy(Party::Client, "allow new sessions (setEnableSessionCreation(true)); upgrade the JDK", None)
            .remedy(own_party(handshake), "as a test: no tickets, so that every handshake is a full one", Some("-Djdk.tls.client.enableSessionTicketExtension=false -Djdk.tls.server.enableSessionTicketExtension=false".to_owned()))
            .confirm("a fresh process has no session to resume; if its first handshake works, resumption is the cause", None)
            .references(&["RFC 8446 §4.2.11", "RFC 5077"]),
    )
}
