//! A101: the server wants a client certificate, and there is none.

use super::{
    Answer, Asked, KEY_STORE_FLAGS, client_key_unusable::passed_over_key, listed,
    no_client_certificate_for_authorities::Mismatch,
};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::trust::Refusal},
    handshake::{Handshake, KeyEntry, Party, Role},
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// The server asked for a client certificate and the client answered with an empty chain. On the
    /// server it says `Empty client certificate chain` (`Empty server certificate chain` in some
    /// updates, `null cert chain` in old releases). On the client an alert follows, or just the end of
    /// the connection.
    ///
    /// ## Why handshakes break here
    /// A JVM has no key store of its own: without `javax.net.ssl.keyStore`, or a key manager in the HTTP
    /// client that is in use, it has nothing to show. It says so quietly and goes on; the server does not.
    ///
    /// ## Evidence
    /// On the server its words: *certain*. On the client `CertificateRequest`, the empty Certificate and
    /// the alert: *certain* for alerts that speak of it; *strong* when the connection just broke, which is
    /// how many servers answer; *possible* when nothing came back. *Likely* at most when the request names
    /// authorities and the log does not show this client's keys: one of another authority is not sent either.
    /// An answer that cannot be read, or that a signature follows, is none without a certificate.
    /// `certificate_required` alone, in a log without the messages: *strong*.
    ///
    /// ## Remedies
    /// Give the client a key store with key and chain. If the certificate is meant to be optional, let
    /// the server want it, not need it.
    ///
    /// ## Not to be confused with
    /// `no-client-certificate-for-authorities`: there is a key, but not of an authority the server names.
    /// `client-certificate-rejected`: a certificate was sent.
    ///
    /// ## References
    /// RFC 8446 §4.4.2.4, §6.2 (`certificate_required`); RFC 5246 §7.4.6; JSSE Reference Guide, key stores.
    ClientCertificateMissing: "A101", "client-certificate-missing", since "0.1.0",
    "the server wants a client certificate, and the client sent none",
    check, of BrokenUp
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let finding = match handshake.role {
        // without messages the role is a guess, and no server is told certificate_required
        Some(Role::Server) => seen_by_server(handshake, &EMPTY)
            .or_else(|| alert_alone(handshake).filter(|_| !handshake.messages_logged))?,
        Some(Role::Client) => {
            seen_by_client(handshake, context).or_else(|| alert_alone(handshake))?
        }
        // only a server says this, and only a client is told that
        None => seen_by_server(handshake, &EMPTY[..2]).or_else(|| alert_alone(handshake))?,
    };
    Some(
        finding
            .fault_of(Party::Client)
            .remedy(Party::Client, "give the JVM a key store with the client's key and chain", Some(KEY_STORE_FLAGS.to_owned()))
            .remedy(Party::Client, "a library with an SSLContext of its own needs a key manager there: the flags do not reach it", None)
            .remedy(Party::Server, "if the certificate is optional: ask for it, but do not insist", Some("Java: parameters.setWantClientAuth(true);   nginx: ssl_verify_client optional;   Tomcat: certificateVerification=\"optional\"".to_owned()))
            .confirm("the key store must list a PrivateKeyEntry", Some("keytool -list -keystore client.p12".to_owned()))
            .confirm("with a certificate the server must go on", Some(context.openssl(handshake, "-cert client.pem -key client.key")))
            .references(&["RFC 8446 §4.4.2.4", "RFC 8446 §6.2"]),
    )
}

/// What a server says of an empty chain, through the releases.
const EMPTY: [&str; 4] = [
    "certificate_required(116)", // Bouncy Castle
    "Empty client certificate chain",
    "Empty server certificate chain",
    "null cert chain",
];

fn seen_by_server(handshake: &Handshake, words: &[&str]) -> Option<Finding> {
    let refusal =
        Refusal::of(handshake).filter(|refusal| words.iter().any(|words| refusal.says(words)))?;
    let finding = Finding::error(&ClientCertificateMissing, Confidence::Certain, "the client sent no certificate, and this server insists on one")
        .explain(format!("This server asked for a client certificate and got an empty chain: {}. The client has no key, or none that fits the authorities, signature schemes and key types in the request; its own log tells which.", refusal.reason))
        .evidence_if(handshake.certificate_request.as_deref(), |request| {
            let authorities = request.authorities.as_deref().unwrap_or_default();
            format!("CertificateRequest: {}", if authorities.is_empty() { "any authority".to_owned() } else { listed(authorities) })
        });
    let finding = match &handshake.client_chain {
        Some(chain) => finding.evidence(chain.span, "the client's Certificate is empty"),
        None => finding,
    };
    Some(refusal.proves(finding))
}

/// `certificate_required` where the messages before it are not in the log: the alert has one meaning.
fn alert_alone(handshake: &Handshake) -> Option<Finding> {
    let break_up = handshake.break_up.as_deref()?;
    if break_up.received_alert() != Some(&AlertDescription::CertificateRequired)
        || Asked::of(handshake).is_some()
    {
        return None;
    }
    Some(
        Finding::error(&ClientCertificateMissing, Confidence::Strong, "the server insists on a client certificate, and this client sent none")
            .explain("A server says certificate_required when it wanted a client certificate and got an empty one (RFC 8446 §6.2). The request and the answer are not in this log, so whether this client has no key, or none of an authority that the server names, it does not tell.")
            .evidence_of_break_up(Some(break_up)),
    )
}

fn seen_by_client(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let asked = Asked::of(handshake).filter(|asked| asked.empty)?;
    if Mismatch::of(handshake, &asked, context).is_some()
        || passed_over_key(handshake, context).is_some()
    {
        return None; // there are keys, and the log says why none was taken
    }
    let (confidence, answer) = match asked.answer {
        Answer::Alert(alert) => (confidence_of(alert), format!("with the alert {alert}")),
        Answer::Gone => (
            Confidence::Strong,
            "by ending the connection, as many servers do".to_owned(),
        ),
        Answer::Silence => (Confidence::Possible, "with silence".to_owned()),
    };
    let keys = &context.client_keys;
    // a key of another authority is passed over as quietly as none: only the key manager's lines tell
    let confidence = if may_have_keys(&asked, context) {
        confidence.min(Confidence::Likely)
    } else {
        confidence
    };
    // without messages, only what is about certificates ties the end to the search for a key
    let is_about_it = matches!(asked.answer, Answer::Alert(alert) if alert.is_about_certificate());
    let confidence = if handshake.messages_logged || is_about_it {
        confidence
    } else {
        Confidence::Possible
    };
    let about_keys = if let Some(other) = context.shows_key.filter(|_| keys.is_empty()) {
        format!(
            "In handshake #{} a client of this log shows a certificate, so there is a key, but this SSLContext does not use it, or it is not of an authority in the request.",
            other.id
        )
    } else if keys.is_empty() {
        "The log lists no key entry of this client: either it has no key store, or the debug option does not show it (with keymanager it would), or the key store has none that fits.".to_owned()
    } else {
        let aliases: Vec<&str> = keys.iter().map(|key| &*key.alias).collect();
        wrong_kind(&asked, keys).unwrap_or_else(|| format!(
            "The log lists key entries ({}), so the SSLContext at work here was made without them, or their key type or signature scheme does not fit the request.",
            listed(&aliases)
        ))
    };
    let authorities = asked.authorities();
    let may_name_more = asked.request.is_some_and(|request| !request.value.whole);
    let wanted = if authorities.is_empty() && may_name_more {
        "authorities that are not in this log".to_owned()
    } else if authorities.is_empty() {
        "any authority".to_owned()
    } else {
        listed(authorities)
    };
    let asked_for = if asked.request.is_some() {
        format!("The server asked for a certificate of {wanted}")
    } else {
        "The server asked for a certificate, which is not in this log".to_owned()
    };
    let finding = Finding::error(&ClientCertificateMissing, confidence, "the server asks for a client certificate, and this client sent none")
        .explain(format!("{asked_for}; this client answered with an empty one, and the server answered {answer}. {about_keys}"));
    let finding = asked.cited(finding, format!("CertificateRequest: {wanted}"));
    let finding = match &handshake.client_chain {
        Some(chain) => finding.evidence(chain.span, "Certificate sent: empty"),
        None => finding,
    };
    let finding = match handshake.no_certificate_for.first() {
        Some(types) if !handshake.messages_logged => finding.evidence(
            types.span,
            "this client looked for a key, as it does when it is asked for a certificate, and found none",
        ),
        _ => finding,
    };
    let finding = match handshake.no_authentication_scheme() {
        Some(span) => finding.evidence(
            span,
            "this client says that it finds no certificate to send",
        ),
        None => finding,
    };
    Some(finding.evidence_of_break_up(handshake.break_up.as_deref()))
}

/// Every key of this client is of a kind that the request's signature schemes leave out.
fn wrong_kind(asked: &Asked<'_>, keys: &[&KeyEntry]) -> Option<String> {
    let schemes = asked.request?.value.signature_schemes.as_deref()?;
    let mut kinds = Vec::new();
    for key in keys {
        let kind = &*key.chain.first()?.certificate.public_key;
        let of_kind: fn(&str) -> bool = match kind {
            "RSA" => |scheme| scheme.starts_with("rsa_"),
            "EC" => |scheme| scheme.starts_with("ecdsa_"),
            _ => return None, // of kinds that both ends seldom have, this log may not tell all names
        };
        if schemes.iter().any(|scheme| of_kind(scheme)) {
            return None;
        }
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    (!schemes.is_empty() && !kinds.is_empty()).then(|| format!(
        "The request takes only signatures of {}, and the keys of this client are {} ({}), which cannot make them: so they are passed over without a word. Give the client a key of that kind, or let the server take the signatures of this one.",
        listed(schemes),
        kinds.join(" and "),
        listed(&keys.iter().map(|key| &*key.alias).collect::<Vec<_>>())
    ))
}

/// The request names authorities, or may do so, and the log does not show whether this client has keys of others.
pub(super) fn may_have_keys(asked: &Asked<'_>, context: &Context<'_>) -> bool {
    let may_name_some = asked.request.is_none_or(|request| !request.value.whole);
    (may_name_some || !asked.authorities().is_empty())
        && (context.survey.keys == 0 || context.shows_key.is_some())
        && context.client_keys.is_empty()
}

/// Alerts that a server sends when it misses a certificate, and others.
fn confidence_of(alert: &AlertDescription) -> Confidence {
    use AlertDescription as A;
    match alert {
        A::CertificateRequired | A::BadCertificate | A::HandshakeFailure | A::NoCertificate => {
            Confidence::Certain
        }
        _ if alert.is_about_certificate() => Confidence::Certain,
        A::UnexpectedMessage => Confidence::Likely,
        _ => Confidence::Possible,
    }
}
