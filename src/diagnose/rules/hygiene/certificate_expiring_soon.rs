//! H103: established, but a certificate ends soon.

use std::sync::Arc;

use crate::{
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule, context::common_name},
    event::{Certificate, same_name},
    handshake::{Chain, Handshake, Outcome, Party},
    span::Span,
    time::LogTime,
};

rule! {
    /// ## When it fires
    /// A handshake was established, and a certificate that was sent ends within 30 days of the log's own clock.
    ///
    /// ## Why handshakes break here
    /// They do not yet, but will on that day, on every connection at once.
    ///
    /// ## Evidence
    /// The end of validity against the time of the handshake in the log.
    ///
    /// ## Remedies
    /// Renew it, and reload the process that serves it: an old process keeps the old file.
    ///
    /// ## Not to be confused with
    /// `certificate-expired`: it has ended, and the peer refused it.
    ///
    /// ## References
    /// RFC 5280 §4.1.2.5.
    CertificateExpiringSoon: "H103", "certificate-expiring-soon", since "0.1.0",
    "a certificate of an established connection ends within 30 days",
    check, of Established
}

const DAY_MILLIS: i64 = 86_400_000;
const SOON_DAYS: i64 = 30;

/// Milliseconds from `at` to `end`: by the clock of the world where both zones tell, else by the printed clocks.
fn left(end: &LogTime, at: &LogTime) -> i64 {
    match (end.unix_millis(), at.unix_millis()) {
        (Some(end), Some(at)) => end - at,
        _ => end.since(at),
    }
}

/// A certificate that ends soon.
struct Ending<'a> {
    millis: i64,
    certificate: &'a Arc<Certificate>,
    until: &'a LogTime,
    span: Span,
    owner: Party,
}

fn endings<'a>(
    chain: Option<&'a Chain>,
    owner: Party,
    at: &'a LogTime,
) -> impl Iterator<Item = Ending<'a>> {
    let presented = chain.into_iter().flat_map(|chain| {
        chain
            .certificates
            .iter()
            .enumerate()
            .map(move |entry| (chain, entry))
    });
    presented.filter_map(move |(chain, (index, presented))| {
        let until = presented.certificate.not_after.as_ref()?;
        let millis = left(until, at);
        (millis < SOON_DAYS * DAY_MILLIS).then(|| Ending {
            millis,
            certificate: &presented.certificate,
            until,
            span: chain.span_of(index),
            owner,
        })
    })
}

/// The path did not lead over this certificate: it ended at a trust anchor of the same name, as with a root that was
/// cross-signed once.
fn stood_aside(handshake: &Handshake, certificate: &Certificate) -> bool {
    handshake.peer_trusted().is_some_and(|anchor| {
        same_name(&anchor.value.subject, &certificate.subject)
            && anchor.value.serial != certificate.serial
    })
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    if handshake.outcome != Outcome::Established {
        return None;
    }
    let at = handshake.started_at()?;
    let Ending {
        millis,
        certificate,
        until,
        span,
        owner,
    } = endings(handshake.server_chain.as_deref(), Party::Server, &at)
        .chain(endings(
            handshake.client_chain.as_deref(),
            Party::Client,
            &at,
        ))
        .filter(|ending| !stood_aside(handshake, ending.certificate))
        .min_by_key(|ending| ending.millis)?;
    let name = common_name(&certificate.subject);
    let days = millis.div_euclid(DAY_MILLIS);
    let headline = match days {
        ..0 => format!(
            "the certificate {name} had ended on {} and was accepted all the same",
            until.date()
        ),
        0 => format!("the certificate {name} ends within a day"),
        1 => format!("the certificate {name} ends in 1 day"),
        _ => format!("the certificate {name} ends in {days} days"),
    };
    let finding = Finding::new(
        &CertificateExpiringSoon,
        Severity::Warning,
        Confidence::Certain,
        headline,
    )
    .explain(format!(
        "{}, sent by the {}, is valid until {until}. The log's clock said {at}.",
        certificate.subject,
        owner.name()
    ))
    .fault_of(owner)
    .evidence(span, format!("valid until {until}"))
    .remedy(
        owner,
        "renew the certificate and reload the process that serves it",
        None,
    )
    .references(&["RFC 5280 §4.1.2.5"]);
    Some(match owner {
        Party::Server => finding.confirm(
            "shows the dates of what is served now",
            Some(format!(
                "{} 2>/dev/null | openssl x509 -noout -subject -dates",
                context.openssl(handshake, "")
            )),
        ),
        _ => finding.confirm(
            "shows the dates of the entry in the key store",
            Some("keytool -list -v -keystore client.p12 | grep -E 'Alias|Valid'".to_owned()),
        ),
    })
}
