//! T119: the peer does not accept the certificate that this JVM sent.

use super::own_chain::{in_words, meaning, weaknesses};
use crate::{
    diagnose::{
        Confidence, Context, Finding, catalogue::rule, context::common_name,
        rules::transport::alert_in_the_clear,
    },
    event::Sender,
    handshake::{Chain, Handshake, How, Party, Role, StepDirection},
    span::Span,
    tls::{AlertDescription, MessageKind},
};

rule! {
    /// ## When it fires
    /// This server sent its certificate, and the client answered with an alert about certificates. Or
    /// the client just went away, without another handshake message, once it had the certificate.
    ///
    /// ## Why handshakes break here
    /// The client judges the certificate by its own trust store, its own clock and the host name it
    /// wanted. Nothing of that is visible on this side; only the alert comes back, and not always: a
    /// client that closes at once leaves `Broken pipe` or `Connection reset` in the log of the server.
    ///
    /// ## Evidence
    /// The alert after the own Certificate message: *strong*, without any message *likely*; *likely* for `internal_error` (a JVM without
    /// any trust anchor says that) and `handshake_failure` as the next thing that came. A closed or reset connection right behind
    /// it: *possible*, as networks and health checks do the same; *likely* when the own chain is out of
    /// date, lacks an intermediate that the log knows, or is not for the name that the client asked for. A
    /// record of two bytes in TLS 1.3 is an alert that the client sent in the clear: *likely*, *strong*
    /// with such a weak point.
    ///
    /// ## Remedies
    /// Read the client's log: it has the reason in words. On this side the chain can be made whole,
    /// renewed, or given the name that clients ask for.
    ///
    /// ## Not to be confused with
    /// `record-corrupted`: a record that does not decrypt, of any other length.
    /// `client-certificate-rejected`: the client's certificate, refused by the server.
    /// `peer-closed-during-handshake`, `connection-reset-during-handshake`: nothing points to the
    /// certificate.
    ///
    /// ## References
    /// RFC 8446 §6.2; RFC 5246 §7.2.2.
    CertificateRejectedByPeer: "T119", "certificate-rejected-by-peer", since "0.1.0",
    "the client refused the certificate that this server sent",
    check, of BrokenUp
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let break_up = handshake.break_up.as_deref()?;
    if handshake.role.is_none() {
        return without_messages(handshake);
    }
    let alert = break_up.received_alert();
    let is_logged = [MessageKind::Certificate, MessageKind::CompressedCertificate]
        .iter()
        .any(|kind| handshake.has_sent(Sender::Server, kind));
    let is_shown = is_logged || handshake.shown().is_some();
    // where the message is not in the log, the alert tells that it was sent
    let unlogged = handshake.begins_midway || !handshake.messages_logged;
    let sent = is_shown || (unlogged && alert.is_some_and(is_refusal));
    if handshake.role != Some(Role::Server) || !sent {
        return None;
    }
    let can_be = match (alert, break_up.how) {
        (Some(AlertDescription::InternalError | AlertDescription::HandshakeFailure), _)
        | (None, How::Reset | How::PeerClosed) => !client_went_on(handshake),
        (Some(alert), _) => is_refusal(alert),
        (None, _) => alert_in_the_clear(handshake).is_some(),
    };
    if !can_be {
        return None;
    }
    let weak = weaknesses(handshake, context, alert);
    let silent = if weak.iter().any(|weakness| weakness.plain) {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let (confidence, headline, story) = match (alert, break_up.how) {
        (Some(alert), _) if is_refusal(alert) => (
            if is_shown {
                Confidence::Strong
            } else {
                Confidence::Likely
            },
            format!("the client refused {} with {alert}", own_name(handshake)),
            format!(
                "The client answered this server's certificate with an alert: {}. Which of these it is, only the client can see.",
                meaning(alert, Role::Server)
            ),
        ),
        (
            Some(alert @ (AlertDescription::InternalError | AlertDescription::HandshakeFailure)),
            _,
        ) => (
            Confidence::Likely,
            format!(
                "the client broke off with {alert} when it had {}",
                own_name(handshake)
            ),
            format!(
                "The client's answer to this server's certificate was an alert: {}.",
                meaning(alert, Role::Server)
            ),
        ),
        (None, _) if alert_in_the_clear(handshake).is_some() && !client_went_on(handshake) => (
            if silent == Confidence::Likely {
                Confidence::Strong
            } else {
                Confidence::Likely
            },
            format!(
                "the client refused {} with an alert that JSSE could not read",
                own_name(handshake)
            ),
            IN_THE_CLEAR.to_owned(),
        ),
        (None, How::Reset | How::PeerClosed) => (
            silent,
            format!(
                "the client went away {} it was sent {}",
                if is_logged { "right after" } else { "after" },
                own_name(handshake)
            ),
            if is_logged {
                WENT_AWAY
            } else {
                WENT_AWAY_UNLOGGED
            }
            .to_owned(),
        ),
        _ => return None,
    };
    let chain = handshake
        .own_chain()
        .filter(|chain| !chain.certificates.is_empty());
    let mut finding = Finding::error(&CertificateRejectedByPeer, confidence, headline)
        .explain(format!("{story} {}", in_words(&weak, handshake, alert)))
        .fault_of(Party::Unknown)
        .evidence_of_break_up(handshake.break_up.as_deref());
    if let Some(chain) = chain {
        finding = finding.evidence(chain.span, format!("sent {}", chain_in_words(chain)));
    }
    if let Some(shown) = handshake.shown() {
        finding = finding.evidence(
            shown,
            "this server chose a suite, and its certificate with it",
        );
    }
    for weakness in &weak {
        finding = finding.evidence(weakness.span, weakness.words.clone());
    }
    for weakness in weak.iter().filter(|weakness| weakness.plain) {
        finding = finding.remedy(Party::Server, weakness.remedy, None);
    }
    Some(remedies(finding, handshake, context))
}

const WENT_AWAY: &str = "The connection ended right after this server had sent its certificate; no alert of the client is in this log, and no further handshake message. Clients that refuse a certificate often leave like this; so do health checks and networks.";

/// The same of a stack that logs no messages.
const WENT_AWAY_UNLOGGED: &str = "The connection ended after this server had chosen a certificate to show; no alert of the client is in this log, and Bouncy Castle does not log whether a further message came. Clients that refuse a certificate often leave like this; so do health checks and networks.";

/// What a record of two bytes behind the server's flight means.
const IN_THE_CLEAR: &str = "Behind the certificate came a record of two bytes, which is the length of an alert: the client had no keys yet to encrypt it with (OpenSSL, and with it Python, Node.js, curl and nginx, send it so), and JSSE takes it for a damaged record. Which alert it was is not logged; at this point it nearly always is about the certificate.";

/// A log of alerts only, as plain `ssl` gives it on older updates: whose end it is, nobody knows.
fn without_messages(handshake: &Handshake) -> Option<Finding> {
    let break_up = handshake.break_up.as_deref()?;
    if let Some((span, sentence)) = alert_in_the_clear(handshake) {
        return Some(unread_alert(span, sentence));
    }
    let alert = break_up
        .received_alert()
        .filter(|alert| is_refusal(alert))?;
    let finding = Finding::error(
        &CertificateRejectedByPeer,
        Confidence::Likely,
        format!("the peer refused this side's certificate with {alert}"),
    )
    .explain(format!("The alert speaks of the certificate that this JVM sent: {}. No handshake message is logged, so whether this JVM was the server (mostly it is) or a client with a certificate is not in this log, nor what the peer has against it.", meaning(alert, Role::Server)))
    .fault_of(Party::Unknown)
    .evidence_of_break_up(handshake.break_up.as_deref())
    .remedy(Party::Either, "log the handshake messages, too: they show which certificate was sent, and by whom", Some("-Djavax.net.debug=ssl:handshake".to_owned()))
    .remedy(Party::Either, "look at the peer's own log: it says what it has against the certificate", None)
    .references(&["RFC 8446 §6.2", "RFC 5246 §7.2.2"]);
    Some(finding)
}

/// An alert in the clear, in a log without messages.
fn unread_alert(span: Span, sentence: &str) -> Finding {
    Finding::error(
        &CertificateRejectedByPeer,
        Confidence::Likely,
        "the client refused this side's certificate with an alert that JSSE could not read",
    )
    .explain(IN_THE_CLEAR)
    .fault_of(Party::Unknown)
    .evidence(span, sentence)
    .assume("no handshake message is logged; this JVM is taken for the server, as it is the client that may send an alert before it has keys")
    .remedy(Party::Client, "look at the client's own log: it says what it has against the certificate", None)
    .remedy(Party::Server, "log the handshake messages, too: they show which certificate was sent", Some("-Djavax.net.debug=ssl:handshake".to_owned()))
    .confirm("the alert, in the clear, is the last record from the client", Some("tcpdump -nX -c 30 'tcp port 443'".to_owned()))
    .references(&["RFC 8446 §5.1", "RFC 8446 §6.2"])
}

/// Alerts that a client sends about the server's certificate.
fn is_refusal(alert: &AlertDescription) -> bool {
    let asks_for_one = matches!(
        alert,
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate
    );
    (alert.is_about_certificate() && !asks_for_one)
        || *alert == AlertDescription::BadCertificateStatusResponse
}

/// The client sent a handshake message after it had the certificate: it was content with it.
fn client_went_on(handshake: &Handshake) -> bool {
    handshake
        .messages()
        .skip_while(|(step, kind)| {
            step.direction() != StepDirection::Sent
                || !matches!(
                    kind,
                    MessageKind::Certificate | MessageKind::CompressedCertificate
                )
        })
        .any(|(step, _)| step.direction() == StepDirection::Received)
}

fn own_name(handshake: &Handshake) -> String {
    match handshake.own_chain().and_then(Chain::leaf) {
        Some(leaf) => format!("the certificate {}", common_name(&leaf.subject)),
        None => "this server's certificate".to_owned(),
    }
}

/// *2 certificates: CN=a, CN=b*
fn chain_in_words(chain: &Chain) -> String {
    let subjects: Vec<&str> = chain
        .certificates
        .iter()
        .map(|presented| &*presented.certificate.subject)
        .collect();
    let noun = if subjects.len() == 1 {
        "certificate"
    } else {
        "certificates"
    };
    format!("{} {noun}: {}", subjects.len(), subjects.join("; "))
}

fn remedies(finding: Finding, handshake: &Handshake, context: &Context<'_>) -> Finding {
    finding
        .remedy(Party::Client, "look at the client's own log: it says what it has against the certificate", Some("-Djavax.net.debug=ssl:handshake:trustmanager".to_owned()))
        .remedy(Party::Server, "make sure that leaf and intermediates are on the key entry, and that they are in date", Some("keytool -list -v -alias ALIAS -keystore server.p12".to_owned()))
        .remedy(Party::Client, "if the authority is a private one: import its root into the client's trust store, after checking its fingerprint", Some(super::import_command("root", "root.pem")))
        .confirm("the chain as a client sees it; the last line must say ok, or 'self-signed certificate in chain' when the root is private", Some(format!("{} | grep -E 'depth|verify|Verify'", context.openssl(handshake, "-showcerts -verify 5"))))
        .references(&["RFC 8446 §6.2", "RFC 5246 §7.2.2"])
}
