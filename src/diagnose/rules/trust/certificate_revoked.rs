//! T111: a certificate that its issuer took back.

use super::{Objection, Refusal, between, described};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, context::common_name},
    handshake::{Handshake, Party},
};

rule! {
    /// ## When it fires
    /// This client checks revocation, and the check found the server's certificate (or one above it)
    /// revoked: `Certificate has been revoked, reason: …, revocation date: …`.
    ///
    /// ## Why handshakes break here
    /// The issuer has taken the certificate back: its key leaked, it was replaced, its owner is gone.
    /// No setting of the client makes it good again.
    ///
    /// ## Evidence
    /// The exception with reason and date. *Certain*: the issuer's own word, passed on by the JVM.
    ///
    /// ## Remedies
    /// Replace the certificate, and the key with it when the reason is `KEY_COMPROMISE`.
    ///
    /// ## Not to be confused with
    /// `revocation-status-unknown`: nobody could be asked. `certificate-distrusted`: the JDK's verdict
    /// about an authority.
    ///
    /// ## References
    /// RFC 5280 §5.3.1 (reasons); RFC 6960; `java.security.cert.CertificateRevokedException`.
    CertificateRevoked: "T111", "certificate-revoked", since "0.1.0",
    "the server's certificate was revoked by its issuer",
    check, of Objected
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of_server_certificate(handshake, context, Objection::Revoked)?;
    let words = refusal
        .text_with("has been revoked")
        .unwrap_or(refusal.reason);
    let reason = between(words, "reason: ", ",").unwrap_or("not told");
    let date = between(words, "revocation date: ", ", ").unwrap_or("not told");
    let chain = handshake.peer_chain();
    let leaf = chain.and_then(|chain| chain.leaf());
    let name = leaf.map_or("the server's certificate", |leaf| {
        common_name(&leaf.subject)
    });
    let shown = leaf.map_or_else(String::new, |leaf| {
        format!(
            " The server showed {}, serial number {}.",
            described(leaf),
            leaf.serial
        )
    });
    let finding = Finding::error(&CertificateRevoked, Confidence::Certain, format!("{name} (or a certificate above it) has been revoked"))
        .explain(format!("The revocation check of this client says that the certificate was revoked; reason: {reason}; date: {date}.{shown} The exception does not name the certificate of the path that is meant."))
        .fault_of(Party::Server);
    let finding = match (chain, leaf) {
        (Some(chain), Some(leaf)) => finding.evidence(
            chain.span_of(0),
            format!("{}, serial number {}", leaf.subject, leaf.serial),
        ),
        _ => finding,
    };
    Some(
        refusal
            .proves(finding)
            .evidence_of_cause(refusal.entry, refusal.cause("CertificateRevokedException"))
            .remedy(Party::Server, "replace the certificate (and make a new key if the old one may have leaked), then reload the process that serves it", None)
            .confirm("what the issuer's responder says", Some("openssl ocsp -issuer intermediate.pem -cert server.pem -url URL -text".to_owned()))
            .confirm("the certificate that the server shows now", Some(format!("{} | openssl x509 -noout -serial -ocsp_uri", context.openssl(handshake, ""))))
            .references(&["RFC 5280 §5.3.1", "RFC 6960"]),
    )
}
