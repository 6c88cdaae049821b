//! T115: a signature that the issuer's key does not verify.

use super::{Objection, Refusal, described};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, context::common_name},
    event::Certificate,
    handshake::{Chain, Handshake, Party},
    span::Span,
};

rule! {
    /// ## When it fires
    /// This client refused the server's certificate because a signature on the path does not verify:
    /// `signature check failed`, `Signature does not match`.
    ///
    /// ## Why handshakes break here
    /// A certificate is only good with the issuer whose key signed it. An authority that was renewed
    /// with a new key keeps its name; then the old and the new one are easily mixed up, in the chain of
    /// the server or in the trust store of the client. Forged and damaged certificates are rare.
    ///
    /// ## Evidence
    /// The exception; two certificates of one name with different keys, where the key identifiers show
    /// them. *Certain* that the signature does not fit; why, only the identifiers can tell.
    ///
    /// ## Remedies
    /// Send the issuer that signed; import the authority's new certificate beside the old.
    ///
    /// ## Not to be confused with
    /// `untrusted-root` with an anchor of the right name and another key: there the JVM found it out
    /// before it came to the signature. `record-corrupted`: damaged bytes.
    ///
    /// ## References
    /// RFC 5280 §4.2.1.1, §4.2.1.2, §6.1.3.
    CertificateSignatureInvalid: "T115", "certificate-signature-invalid", since "0.1.0",
    "a signature on the server's path does not fit the issuer's key",
    check, of Objected
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of_server_certificate(handshake, context, Objection::Signature)?;
    let pair = handshake
        .peer_chain()
        .and_then(|chain| other_key(chain, context));
    let (headline, why) = match &pair {
        Some(pair) => (
            format!("{} was signed by another key of {} than the one at hand", common_name(&pair.signed.subject), common_name(&pair.issuer.subject)),
            format!(
                "{} names the key {} as its issuer's (authority key identifier), but the certificate {} {} has {}: same name, other key. The authority has been renewed.",
                pair.signed.subject,
                pair.signed.authority_key_id.as_deref().unwrap_or("?"),
                pair.issuer.subject,
                pair.found,
                pair.issuer.subject_key_id.as_deref().unwrap_or("?"),
            ),
        ),
        None => (
            "a signature on the server's path does not fit the issuer's key".to_owned(),
            "The key identifiers in the log do not show which certificate is meant: two certificates of one authority with different keys are the usual reason, a damaged certificate a rare one.".to_owned(),
        ),
    };
    let finding = Finding::error(&CertificateSignatureInvalid, Confidence::Certain, headline)
        .explain(format!("This client says: {}. {why}", refusal.reason))
        .fault_of(Party::Either);
    let finding = match &pair {
        Some(pair) => finding
            .evidence(pair.signed_at, described(pair.signed))
            .evidence(pair.issuer_at, described(pair.issuer)),
        None => finding,
    };
    Some(
        refusal
            .proves(finding)
            .remedy(Party::Server, "send the intermediate whose key signed the certificate", Some("nginx: ssl_certificate /path/fullchain.pem;".to_owned()))
            .remedy(Party::Client, "if the root was renewed: import the new one beside the old, after checking its fingerprint", Some(super::import_here("renewed-root", "root.pem", context)))
            .confirm("the issuer's key must verify the certificate", Some("openssl verify -partial_chain -trusted intermediate.pem server.pem".to_owned()))
            .confirm("the key identifiers in what the server sends", Some(format!("{} | openssl x509 -noout -ext authorityKeyIdentifier,subjectKeyIdentifier", context.openssl(handshake, "-showcerts"))))
            .references(&["RFC 5280 §4.2.1.1", "RFC 5280 §6.1.3"]),
    )
}

/// A certificate and the issuer that has its issuer's name, but not its key.
struct Pair<'a> {
    signed: &'a Certificate,
    signed_at: Span,
    issuer: &'a Certificate,
    issuer_at: Span,
    found: &'static str,
}

fn other_key<'a>(chain: &'a Chain, context: &Context<'a>) -> Option<Pair<'a>> {
    chain
        .certificates
        .iter()
        .enumerate()
        .find_map(|(position, presented)| {
            let signed = &*presented.certificate;
            let in_chain = || {
                let named = |issuer: &Certificate| {
                    !signed.is_self_issued()
                        && signed.key_differs_from(issuer)
                        && issuer.subject == signed.issuer
                };
                let at = chain
                    .certificates
                    .iter()
                    .position(|other| named(&other.certificate))?;
                Some((
                    &*chain.certificates[at].certificate,
                    chain.span_of(at),
                    "sent with it",
                ))
            };
            let anchor = || {
                context
                    .anchor_above(signed)
                    .filter(|(anchor, _)| signed.key_differs_from(anchor))
                    .map(|(anchor, span)| (&**anchor, span, "in the trust store"))
            };
            let (issuer, issuer_at, found) = in_chain().or_else(anchor)?;
            Some(Pair {
                signed,
                signed_at: chain.span_of(position),
                issuer,
                issuer_at,
                found,
            })
        })
}
