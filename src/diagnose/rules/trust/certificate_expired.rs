//! T105: a certificate whose time is over.

use super::{
    Refusal, described, import_here,
    validity::{OutOfDate, Validity},
};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, context::common_name},
    handshake::{Handshake, Party, Role},
};

rule! {
    /// ## When it fires
    /// This client refused the server's certificate because one on the path is not valid any more:
    /// `validity check failed` (`timestamp check failed` in old releases) over a
    /// `CertificateExpiredException`.
    ///
    /// ## Why handshakes break here
    /// Every certificate on the path has to be valid at the moment of the handshake, by the clock of the
    /// JVM that checks. It may be the server's own, an intermediate, or a cross-signed root of old.
    ///
    /// ## Evidence
    /// The exception with its date, and the certificate of the chain that has this date. *Certain*: the
    /// JVM says so. The alert tells less: the same fault is sent as `certificate_expired` by newer
    /// updates and as `certificate_unknown` by older ones. *Possible* when only `validity check failed` is logged, neither
    /// the exception below it nor the chain: the certificate may as well be one that is not valid yet.
    ///
    /// ## Remedies
    /// Renew the certificate and reload the process that serves it: a process that was not restarted
    /// keeps the old file. Take an expired cross-signed certificate out of the chain. Set the clock.
    ///
    /// ## Not to be confused with
    /// `certificate-not-yet-valid`: the same sentence, the other end of the time. An expired certificate
    /// that is not on the path does no harm. A clock that runs ahead makes any certificate look expired.
    ///
    /// ## References
    /// RFC 5280 §4.1.2.5; RFC 8446 §6.2 (`certificate_expired`).
    CertificateExpired: "T105", "certificate-expired", since "0.1.0",
    "a certificate of the server's path is valid no longer",
    check, of Objected
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake).filter(|_| handshake.role != Some(Role::Server))?;
    let out =
        OutOfDate::of(&refusal, handshake, context).filter(|out| out.validity == Validity::Over)?;
    if out.undecided {
        return Some(undecided(&refusal, handshake, context));
    }
    let zone = if out.named {
        "The exception names this very date."
    } else {
        "Dates and clock are compared as printed, in the time zone of this JVM."
    };
    let finding = Finding::error(&CertificateExpired, Confidence::Certain, format!("{} has expired", out.which("server")))
        .explain(format!(
            "This client found {} to be valid no longer. {} {zone} If the clock of this machine is right, the certificate has to be renewed.",
            out.which("server"),
            out.compared(),
        ))
        // an expired trust anchor does JSSE no harm, so the culprit is mostly one that was sent
        .fault_of(if out.culprit.is_some() || !out.chain_logged { Party::Server } else { Party::Either });
    let finding = match out.culprit {
        Some((_, certificate, span)) => finding.evidence(span, described(certificate)),
        None => finding,
    };
    let finding = refusal
        .proves(finding)
        .evidence_of_cause(refusal.entry, refusal.cause("CertificateExpiredException"))
        .references(&["RFC 5280 §4.1.2.5", "RFC 8446 §6.2"]);
    Some(remedies(finding, &out, handshake, context))
}

/// `validity check failed`, without the exception below it and without a chain: the words fit both ends of the time.
fn undecided(refusal: &Refusal<'_>, handshake: &Handshake, context: &Context<'_>) -> Finding {
    let (peer, fault) = match handshake.role {
        Some(_) => ("the server", Party::Server),
        None => ("the peer", Party::Either),
    };
    let finding = Finding::error(
        &CertificateExpired,
        Confidence::Possible,
        format!("a certificate on the path of {peer} has expired, or is not valid yet"),
    )
    .explain(format!("This JVM says that the validity of a certificate on the path of {peer} was checked and failed. Which certificate, and which end of its time, the exception below that sentence would tell; it is not in this log. Mostly it is one that ran out (certificate-not-yet-valid is the other case)."))
    .fault_of(fault);
    refusal
        .proves(finding)
        .remedy(
            Party::Either,
            "compare the dates of the whole chain with the clock of this machine",
            Some("date -u; timedatectl status".to_owned()),
        )
        .confirm(
            "the dates that the server shows",
            Some(format!(
                "{} | openssl x509 -noout -subject -dates",
                context.openssl(handshake, "")
            )),
        )
        .references(&["RFC 5280 §4.1.2.5"])
}

fn remedies(
    finding: Finding,
    out: &OutOfDate<'_>,
    handshake: &Handshake,
    context: &Context<'_>,
) -> Finding {
    let finding = match out.culprit {
        Some((0, ..)) => finding
            .remedy(Party::Server, "renew the certificate", None)
            .remedy(Party::Server, "reload the process that serves it: it keeps the old file until then", Some("nginx -s reload".to_owned())),
        Some((_, certificate, _)) => finding.remedy(
            Party::Server,
            format!("replace {} in the chain that is sent by the authority's current certificate, or leave it out if it is an old cross-signed one", common_name(&certificate.subject)),
            Some("nginx: ssl_certificate /path/fullchain.pem;".to_owned()),
        ),
        None if !out.chain_logged => finding
            .remedy(Party::Server, "find the certificate of the chain with this date, renew it, and reload the process that serves it", None)
            .remedy(Party::Client, "to see the chain in the log, too", Some("-Djavax.net.debug=ssl:handshake".to_owned())),
        None => finding
            .remedy(Party::Server, "compare the dates of the whole chain with the date in the exception", None)
            .remedy(
                Party::Client,
                "if the path leads over a certificate in the own trust store: replace it by the authority's current one, after checking its fingerprint",
                Some(import_here("renewed-root", "root.pem", context)),
            ),
    };
    finding
        .remedy(
            Party::Client,
            "make sure that the clock of this machine is right",
            Some("date -u; timedatectl status".to_owned()),
        )
        .confirm(
            "the dates that the server shows",
            Some(match out.culprit {
                Some((1.., ..)) | None => format!(
                    "{} | openssl crl2pkcs7 -nocrl -certfile /dev/stdin | openssl pkcs7 -print_certs -text -noout | grep -E 'Subject:|Not (Before|After)'",
                    context.openssl(handshake, "-showcerts")
                ),
                _ => format!(
                    "{} | openssl x509 -noout -subject -dates",
                    context.openssl(handshake, "")
                ),
            }),
        )
}
