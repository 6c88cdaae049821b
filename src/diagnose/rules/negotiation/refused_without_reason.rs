//! N111: the peer refused and did not say why.

use super::{
    candidates::{candidates, few_groups, server_name},
    offered_suites,
};
use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{
            capitalised, client_auth::is_asked, listed, own_party, peer_party, resumption, the_peer,
        },
    },
    handshake::{Handshake, Party, Role},
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// The peer sent a fatal alert that can mean many things (`handshake_failure`, `internal_error`,
    /// `illegal_parameter` …), and nothing on this side tells which.
    ///
    /// ## Why handshakes break here
    /// `handshake_failure` is the alert for every refusal without a word of its own: no common suite, group or
    /// signature scheme, no key on the server, a missing client certificate, local policy.
    ///
    /// ## Evidence
    /// The alert. That the peer refused is sure; why is not, so the candidates are listed in the order of what
    /// this side offered, each with the test that decides.
    ///
    /// ## Remedies
    /// The peer's own log has the reason. Without it: the tests.
    ///
    /// ## Not to be confused with
    /// `no-common-protocol-version`, `no-common-application-protocol`, `server-name-unrecognized`: their alerts
    /// have one meaning. `client-certificate-missing`, `client-certificate-rejected`: after `CertificateRequest`.
    ///
    /// ## References
    /// RFC 8446 §6.2; RFC 5246 §7.2.2; `sun.security.ssl.Alert`.
    RefusedWithoutReason: "N111", "refused-without-reason", since "0.1.0",
    "the peer ended the handshake with an alert that does not say why",
    check, of BrokenUp
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let break_up = handshake.break_up.as_deref()?;
    let alert = break_up.received_alert()?;
    if speaks_for_itself(handshake, alert) || is_about_own_certificate(handshake, alert) {
        return None;
    }
    let peer = the_peer(handshake);
    let fails_unnamed = fails_unnamed(handshake, alert);
    let finding = Finding::error(
        &RefusedWithoutReason,
        confidence(alert, fails_unnamed),
        format!("{peer} refused with {alert} and did not say why"),
    )
    .fault_of(if own_fault(alert) && !fails_unnamed {
        peer_party(handshake)
    } else {
        Party::Unknown
    })
    .evidence(break_up.span, format!("received fatal alert {alert}"));
    let meaning = meaning(alert, fails_unnamed);
    let found = match alert {
        AlertDescription::UnexpectedMessage if handshake.role != Some(Role::Server) => {
            few_groups(handshake).into_iter().collect()
        }
        alert if is_about_offer(alert) => candidates(handshake),
        _ if fails_unnamed => server_name(handshake).into_iter().collect(),
        _ => Vec::new(),
    };
    let after = break_up
        .after
        .as_ref()
        .map_or_else(String::new, |after| format!(" after {after}"));
    let mut text = format!(
        "{} ended the handshake{after}. {meaning}",
        capitalised(peer)
    );
    if handshake.last_message().is_none() && context.survey.hides_messages() {
        text.push_str(" The log shows that handshakes were under way, not their messages.");
    } else if handshake.last_message().is_none() {
        text.push_str(" No handshake message is logged before it; if the debug option prints them, no ClientHello arrived, and the peer gave up first.");
    }
    if !found.is_empty() {
        text.push_str(" What this side can see, the likeliest first: ");
        text.push_str(
            &found
                .iter()
                .map(|candidate| candidate.why.as_str())
                .collect::<Vec<_>>()
                .join("; "),
        );
        text.push('.');
    }
    let mut finding = finding
        .explain(text)
        .evidence_if(handshake.client_hello.as_deref(), |_| {
            format!(
                "ClientHello offers {}, {}",
                listed(handshake.offered_versions()),
                match offered_suites(handshake).count() {
                    1 => "1 suite".to_owned(),
                    count => format!("{count} suites"),
                }
            )
        });
    for candidate in found {
        let command = Some(candidate.command(handshake, context));
        if !finding.confirm.iter().any(|test| test.command == command) {
            finding = finding.confirm(candidate.test, command);
        }
    }
    finding = finding.remedy(
        peer_party(handshake),
        format!("look up the reason in the log of {peer}, at this moment"),
        None,
    );
    if !finding.confirm.is_empty() {
        finding = finding.remedy(
            own_party(handshake),
            "run the tests below; change what the first one that succeeds differs in",
            None,
        );
    } else if handshake.role != Some(Role::Server) {
        finding = finding.confirm(
            "does the server refuse another client from here in the same way?",
            Some(context.openssl(handshake, "")),
        );
    }
    Some(finding.references(&["RFC 8446 §6.2"]))
}

/// Alerts that can mean that the offer does not suit the peer.
fn is_about_offer(alert: &AlertDescription) -> bool {
    use AlertDescription as A;
    matches!(
        alert,
        A::HandshakeFailure
            | A::InsufficientSecurity
            | A::IllegalParameter
            | A::MissingExtension
            | A::UnsupportedExtension
            | A::DecodeError
    )
}

/// Alerts with one meaning have rules of their own.
fn speaks_for_itself(handshake: &Handshake, alert: &AlertDescription) -> bool {
    use AlertDescription as A;
    match alert {
        A::NoRenegotiation => return resumption::may_renegotiate(handshake),
        A::UnknownPskIdentity => return resumption::may_offer_psk(handshake),
        _ => {}
    }
    matches!(
        alert,
        A::ProtocolVersion
            | A::InappropriateFallback
            | A::NoApplicationProtocol
            | A::UnrecognizedName
            | A::BadRecordMac
            | A::CloseNotify
    )
}

/// The peer speaks of the certificate that this side sent or failed to send.
fn is_about_own_certificate(handshake: &Handshake, alert: &AlertDescription) -> bool {
    is_asked(handshake)
        || (alert.is_about_certificate() && handshake.own_chain().is_some())
        || (alert.is_about_certificate()
            && *alert != AlertDescription::AccessDenied
            && handshake.role != Some(Role::Client))
}

/// Two of these alerts at least say where to look; the cause itself is a guess with each.
fn confidence(alert: &AlertDescription, fails_unnamed: bool) -> Confidence {
    if own_fault(alert) && !fails_unnamed || *alert == AlertDescription::AccessDenied {
        Confidence::Likely
    } else {
        Confidence::Possible
    }
}

/// The peer says that the fault is its own.
fn own_fault(alert: &AlertDescription) -> bool {
    *alert == AlertDescription::InternalError
}

/// An error of the peer's own, in answer to a ClientHello that names no site: hosts of many sites fail so.
fn fails_unnamed(handshake: &Handshake, alert: &AlertDescription) -> bool {
    own_fault(alert)
        && handshake.server_hello.is_none()
        && handshake.role == Some(Role::Client)
        && server_name(handshake).is_some()
}

fn meaning(alert: &AlertDescription, fails_unnamed: bool) -> &'static str {
    use AlertDescription as A;
    match alert {
        A::HandshakeFailure => {
            "handshake_failure stands for every refusal without an alert of its own."
        }
        A::InternalError if fails_unnamed => {
            "internal_error says that the fault is the peer's own: an exception in its TLS stack, key store or trust manager. Hosts of many sites answer so, too, where the client does not say which one it wants, and this one does not."
        }
        A::InternalError => {
            "internal_error says that the fault is the peer's own: an exception in its TLS stack, key store or trust manager (a JVM with an unusable trust store answers so). Nothing on this side explains it."
        }
        A::InsufficientSecurity => {
            "insufficient_security says that the offer is too weak for the peer: suites, groups, or key sizes."
        }
        A::AccessDenied => {
            "access_denied says that the peer understood everything and does not let this side in: an allow-list, a firewall or a proxy rule."
        }
        A::IllegalParameter => {
            "illegal_parameter says that a field of a message was out of range or did not fit the others: mostly a bug or an intolerant peer."
        }
        A::DecodeError => {
            "decode_error says that the peer could not parse a message: mostly an old or intolerant peer, or a box between."
        }
        A::UnexpectedMessage => {
            "unexpected_message says that a message did not fit the peer's state. A JVM server also sends it in TLS 1.3 when no named group is in common (no-common-named-group)."
        }
        A::MissingExtension | A::UnsupportedExtension => {
            "The alert is about an extension of the hello that the peer misses or did not ask for."
        }
        A::NoRenegotiation => {
            "no_renegotiation answers a hello inside a connection. This one began a connection, so the alert does not fit: mostly a bug, or a box between that answers in the peer's place."
        }
        A::UnknownPskIdentity => {
            "unknown_psk_identity speaks of a pre-shared key, and this client offers none: the peer may be set to pre-shared keys only, which JSSE does not have."
        }
        A::DecryptError => {
            "decrypt_error says that a signature or a Finished message did not verify at the peer."
        }
        alert if alert.is_about_certificate() => {
            "The alert says that the peer does not accept a certificate of this side; which, and why, is not in this log."
        }
        _ => "The alert alone does not tell the cause.",
    }
}
