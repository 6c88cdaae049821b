//! T103: a certificate signed by itself.

use super::{
    Objection, Refusal, as_sure_as_printed, described, import_here, not_an_anchor,
    save_certificate, untrusted_root::SAME_NAME, with_next,
};
use crate::{
    diagnose::{
        Confidence, Context, Finding, PathFault, TrustPath,
        catalogue::rule,
        context::{common_name, is_same_certificate},
    },
    handshake::{Handshake, Party},
};

rule! {
    /// ## When it fires
    /// This client refused the server's certificate because it found no path to a trust anchor, and the
    /// server's own certificate is its own issuer: no authority stands behind it.
    ///
    /// ## Why handshakes break here
    /// A self-signed certificate can only be trusted by being a trust anchor itself. Servers that were
    /// set up with `keytool -genkeypair`, and appliances, show one until they are given another.
    ///
    /// ## Evidence
    /// The certificate with the same name as subject and issuer; the exception. *Certain*; *likely* when
    /// this very certificate is listed as a trust anchor, which then is another trust manager's, and when lines of the
    /// certificate are missing in the log.
    ///
    /// ## Remedies
    /// Give the server a certificate of an authority. Where it must stay, import it, after checking its
    /// fingerprint, into the trust store of the client; import it again whenever it is made anew.
    ///
    /// ## Not to be confused with
    /// `untrusted-root`: there is an authority, but it is not trusted. `tls-interception`: some proxies
    /// answer with a self-signed certificate. A server without a proper configuration for the wanted
    /// name shows its default certificate: `server-name-missing`.
    ///
    /// ## References
    /// RFC 5280 §3.2; JSSE Reference Guide, trust stores; `sun.security.provider.certpath.SunCertPathBuilder`.
    SelfSignedCertificate: "T103", "self-signed-certificate", since "0.1.0",
    "the server's certificate is signed by itself and is no trust anchor here",
    check, of Objected
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of_server_certificate(handshake, context, Objection::NoPath)?;
    let chain = handshake.peer_chain()?;
    let path = TrustPath::build(chain)?;
    let PathFault::SelfSigned = path.fault(context) else {
        return None;
    };
    let leaf = path.leaf();
    let anchor = context.anchor_like(leaf);
    let (confidence, why) = match anchor {
        None => (Confidence::Certain, format!("It is {}.", not_an_anchor(context))),
        Some((anchor, _)) if is_same_certificate(anchor, leaf) => (
            Confidence::Likely,
            "It is listed as a trust anchor in the log, but the trust manager that refused it seems to be another one: one JVM can hold several.".to_owned(),
        ),
        Some((anchor, _)) => (
            Confidence::Certain,
            format!("A trust anchor of that name is listed, but it is another certificate (serial number {} instead of {}): the server's was made anew.", anchor.serial, leaf.serial),
        ),
    };
    let why = if anchor.is_none() && refusal.says(SAME_NAME) {
        "JSSE's words say that a trust anchor of that very name is in its list, but with another key: the server's certificate was made anew, and this JVM has the old one.".to_owned()
    } else {
        why
    };
    let name = common_name(&leaf.subject);
    let finding = Finding::error(
        &SelfSignedCertificate,
        confidence,
        format!("the server's certificate {name} is signed by itself and not trusted here"),
    )
    .explain(format!(
        "The server sent {}: subject and issuer are the same, no authority stands behind it. {why}",
        described(leaf)
    ))
    .fault_of(Party::Server)
    .evidence(
        path.top_span(),
        format!("subject and issuer: {}", leaf.subject),
    );
    let finding = match anchor {
        Some((anchor, span)) => finding.evidence(
            span,
            format!(
                "trust anchor {}, serial number {}",
                anchor.subject, anchor.serial
            ),
        ),
        None => finding,
    };
    let finding = as_sure_as_printed(finding, chain);
    Some(
        with_next(refusal.proves(finding), handshake)
            .remedy(Party::Server, "use a certificate of an authority that the clients trust", None)
            .remedy(Party::Client, "where it has to stay: save it, check its fingerprint with the server's owner, and import it", Some(save_certificate(handshake, context)))
            .remedy(Party::Client, "import it into the trust store this JVM uses", Some(import_here(name, "server.pem", context)))
            .confirm("subject and issuer must be the same", Some(format!("{} | openssl x509 -noout -subject -issuer -fingerprint -sha256", context.openssl(handshake, ""))))
            .references(&["RFC 5280 §3.2"]),
    )
}
