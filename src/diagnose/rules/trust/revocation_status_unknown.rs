//! T112: nobody could say whether the certificate is revoked.

use super::{Objection, Refusal};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, context::common_name},
    handshake::{Handshake, How, Party},
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// This client wants to know whether the server's certificate is revoked, and found nobody to ask:
    /// `Could not determine revocation status`, `Unable to determine revocation status due to network
    /// error`, `Certificate does not specify OCSP responder`, an unusable OCSP response.
    ///
    /// ## Why handshakes break here
    /// With revocation checking on, a certificate of unknown status is refused unless the check is told
    /// to fail softly. Mostly a firewall keeps the JVM from the responder's plain HTTP port.
    ///
    /// ## Evidence
    /// The exception; the time that went by before it, where the network kept the JVM waiting.
    /// *Certain* that the status could not be learned; not a word about the certificate itself.
    ///
    /// ## Remedies
    /// Let the client reach the responder (or its CRL), or let the server staple the answer. To switch
    /// the check off is a risk that somebody has to take by name.
    ///
    /// ## Not to be confused with
    /// `certificate-revoked`: there was an answer, and it was no.
    ///
    /// ## References
    /// RFC 6960; RFC 6066 §8 (stapling); JDK PKI guide: `com.sun.net.ssl.checkRevocation`,
    /// `ocsp.enable`, `com.sun.security.enableCRLDP`.
    RevocationStatusUnknown: "T112", "revocation-status-unknown", since "0.1.0",
    "the client could not learn whether the server's certificate is revoked",
    check
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let stapled = |refusal: &Refusal<'_>| {
        refusal.alert == Some(&AlertDescription::BadCertificateStatusResponse)
    };
    let refusal = Refusal::of_server_certificate(handshake, context, Objection::StatusUnknown)
        .or_else(|| {
            Refusal::of(handshake).filter(|refusal| {
                stapled(refusal) && refusal.objection().is_none() && Context::is_client(handshake)
            })
        })?;
    let words = ["revocation status", "OCSP", "Response is unreliable"]
        .iter()
        .find_map(|words| refusal.text_with(words))
        .unwrap_or(refusal.reason);
    let leaf = handshake.peer_chain().and_then(|chain| chain.leaf());
    let name = leaf.map_or("the server's certificate", |leaf| {
        common_name(&leaf.subject)
    });
    let where_to = if stapled(&refusal) {
        "The answer that the server stapled to its certificate was of no use."
    } else {
        "The client has to reach the responder or the revocation list of the issuer; a network error there looks like this."
    };
    let at_fault = if stapled(&refusal) {
        Party::Server
    } else {
        Party::Network
    };
    let waited = handshake.duration_ms().filter(|&millis| {
        millis >= 3_000
            && handshake
                .break_up
                .as_deref()
                .is_some_and(|end| end.how == How::AlertSent)
    });
    let waited = waited.map_or_else(String::new, |millis| {
        format!(
            " The handshake took {} s until then: somebody was waited for.",
            millis / 1_000
        )
    });
    let finding = Finding::error(&RevocationStatusUnknown, Confidence::Certain, format!("this client could not learn whether {name} is revoked"))
        .explain(format!("Revocation checking is on in this client, and it ended with: {words}. {where_to}{waited} Nothing says that the certificate is revoked."))
        .fault_of(at_fault);
    Some(
        refusal
            .proves(finding)
            .remedy(Party::Network, "let this machine reach the OCSP responder and the CRL addresses named in the certificates (plain HTTP, port 80)", None)
            .remedy(Party::Server, "staple the answer", Some("nginx: ssl_stapling on; ssl_stapling_verify on;   JVM: -Djdk.tls.server.enableStatusRequestExtension=true".to_owned()))
            .remedy(Party::Client, "fetch revocation lists too, or let the check fail softly (PKIXRevocationChecker.Option.SOFT_FAIL)", Some("-Dcom.sun.security.enableCRLDP=true".to_owned()))
            .remedy(Party::Client, "temporary, and a risk, as revoked certificates are then accepted: no check in this process", Some("-Dcom.sun.net.ssl.checkRevocation=false".to_owned()))
            .confirm("whom to ask", Some(format!("{} | openssl x509 -noout -ocsp_uri -ext crlDistributionPoints", context.openssl(handshake, ""))))
            .references(&["RFC 6960", "RFC 6066 §8"]),
    )
}
