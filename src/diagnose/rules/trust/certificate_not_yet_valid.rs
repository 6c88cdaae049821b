//! T106: a certificate whose time has not come.

use super::{
    Refusal, described,
    validity::{OutOfDate, Validity},
};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule},
    handshake::{Handshake, Party, Role},
};

rule! {
    /// ## When it fires
    /// This client refused the server's certificate because one on the path is not valid yet: `validity
    /// check failed` over a `CertificateNotYetValidException`.
    ///
    /// ## Why handshakes break here
    /// Every certificate on the path has to be valid at the moment of the handshake, by the clock of the
    /// JVM that checks. Mostly that clock is slow (a machine without a battery, a container on a host
    /// that slept, a wrong time zone); now and then a certificate was made for a later date.
    ///
    /// ## Evidence
    /// The exception with its date, and the certificate of the chain that has this date. *Certain*: the
    /// JVM says so. Whether clock or certificate is to blame, only the size of the gap can suggest.
    ///
    /// ## Remedies
    /// Set the clock of the machine that complains; if it is right, wait, or issue the certificate anew.
    ///
    /// ## Not to be confused with
    /// `certificate-expired`: the same sentence, and in some updates the same alert.
    ///
    /// ## References
    /// RFC 5280 §4.1.2.5.
    CertificateNotYetValid: "T106", "certificate-not-yet-valid", since "0.1.0",
    "a certificate of the server's path is not valid yet by the clock of this JVM",
    check, of Objected
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake).filter(|_| handshake.role != Some(Role::Server))?;
    let out = OutOfDate::of(&refusal, handshake, context)
        .filter(|out| out.validity == Validity::ToCome)?;
    let (clock, fault) = if out.may_be_clock() {
        (
            "So small or so even a gap is mostly a wrong clock or time zone, of this machine or of the one that made the certificate.",
            Party::Either,
        )
    } else {
        (
            "Either the clock of this machine is far behind, or the certificate was made for a later date.",
            Party::Either,
        )
    };
    let finding = Finding::error(
        &CertificateNotYetValid,
        Confidence::Certain,
        format!("{} is not valid yet", out.which("server")),
    )
    .explain(format!(
        "This client found {} to be not valid yet. {} {clock}",
        out.which("server"),
        out.compared()
    ))
    .fault_of(fault);
    let finding = match out.culprit {
        Some((_, certificate, span)) => finding.evidence(span, described(certificate)),
        None => finding,
    };
    Some(
        refusal
            .proves(finding)
            .evidence_of_cause(refusal.entry, refusal.cause("CertificateNotYetValidException"))
            .remedy(Party::Client, "compare the clock of this machine with the right time, and keep it set (NTP)", Some("date -u; timedatectl status".to_owned()))
            .remedy(Party::Server, "if the clock is right: use the earlier certificate until then, or have this one issued anew", None)
            .confirm("the dates that the server shows", Some(format!("{} | openssl x509 -noout -subject -dates", context.openssl(handshake, ""))))
            .references(&["RFC 5280 §4.1.2.5"]),
    )
}
