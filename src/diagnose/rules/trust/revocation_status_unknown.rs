//! T112: nobody could say whether the certificate is revoked.

use super::{Objection, Refusal};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, context::common_name},
    event::Certificate,
    handshake::{Handshake, How, Party},
    span::Span,
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
    check, of GivenUp
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
    let mute =
        nobody_to_ask(handshake).filter(|_| !stapled(&refusal) && !refusal.says("network error"));
    if let Some((certificate, span)) = mute {
        return Some(without_source(
            handshake,
            context,
            (&refusal, words),
            (certificate, span),
        ));
    }
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
            .remedy(Party::Client, "fetch revocation lists too", Some("-Dcom.sun.security.enableCRLDP=true".to_owned()))
            .remedy(Party::Client, "temporary, and a risk, as revoked certificates are then accepted: no check in this process", Some("-Dcom.sun.net.ssl.checkRevocation=false".to_owned()))
            .confirm("whom to ask", Some(format!("{} | openssl x509 -noout -ocsp_uri -ext crlDistributionPoints", context.openssl(handshake, ""))))
            .references(&["RFC 6960", "RFC 6066 §8"]),
    )
}

/// A certificate below the root that names neither a responder nor a list.
fn nobody_to_ask(handshake: &Handshake) -> Option<(&Certificate, Span)> {
    let chain = handshake.peer_chain()?;
    chain
        .certificates
        .iter()
        .enumerate()
        .find_map(|(position, presented)| {
            let certificate = &*presented.certificate;
            let mute =
                certificate.names_status_source == Some(false) && !certificate.is_self_issued();
            mute.then(|| (certificate, chain.span_of(position)))
        })
}

/// The check is on, and the certificate does not say whom to ask: no network can help.
fn without_source(
    handshake: &Handshake,
    context: &Context<'_>,
    (refusal, words): (&Refusal<'_>, &str),
    (certificate, span): (&Certificate, Span),
) -> Finding {
    let name = common_name(&certificate.subject);
    let finding = Finding::error(
        &RevocationStatusUnknown,
        Confidence::Certain,
        format!("this client checks revocation, and {name} does not say whom to ask"),
    )
    .explain(format!("Revocation checking is on in this client, and it ended with: {words}. {name} names neither an OCSP responder (authority information access) nor a revocation list (CRL distribution points), as certificates of private authorities often do not. So there is nobody to ask, and the check must fail; the network has no part in it. Nothing says that the certificate is revoked."))
    .fault_of(Party::Client)
    .evidence(span, format!("{}: no OCSP responder, no CRL distribution point", certificate.subject));
    refusal
        .proves(finding)
        .remedy(Party::Client, "tell the check by hand whom to ask, if the authority has a responder", Some("java.security: ocsp.responderURL=http://HOST/   java.security: ocsp.enable=true".to_owned()))
        .remedy(Party::Server, "have the certificate issued by an authority that names a responder or a revocation list in it", None)
        .remedy(Party::Client, "temporary, and a risk, as revoked certificates are then accepted: no check in this process", Some("-Dcom.sun.net.ssl.checkRevocation=false".to_owned()))
        .confirm("must print nothing: no responder, no list", Some(format!("{} | openssl x509 -noout -ocsp_uri -ext crlDistributionPoints", context.openssl(handshake, ""))))
        .references(&["RFC 5280 §4.2.1.13", "RFC 6960"])
}
