//! T110: a certificate for another purpose.

use super::{Objection, Refusal, described};
use crate::{
    diagnose::{Confidence, Context, Finding, TrustPath, catalogue::rule, context::common_name},
    event::Certificate,
    handshake::{Handshake, Party},
    span::Span,
};

rule! {
    /// ## When it fires
    /// This client refused the server's certificate because it may not be used for this: `Extended key
    /// usage does not permit use for TLS server authentication`, `KeyUsage does not allow …`, `this is
    /// not a CA certificate`, `CA key usage check failed`.
    ///
    /// ## Why handshakes break here
    /// A certificate can say what it is for. With an extended key usage it must list `serverAuth` to be
    /// a server's; one that issues others must be marked as an authority (`BasicConstraints`, keyCertSign).
    ///
    /// ## Evidence
    /// The exception; the usages printed with the certificate. *Certain*: the JVM says so.
    ///
    /// ## Remedies
    /// Have the certificate issued for the purpose. A client's certificate on a server, and a server's
    /// certificate that signs others, are the common mistakes.
    ///
    /// ## Not to be confused with
    /// `client-certificate-rejected`: the same words on a server, about the client's certificate.
    /// `path-constraint-violated`: length or names of the path.
    ///
    /// ## References
    /// RFC 5280 §4.2.1.3, §4.2.1.9, §4.2.1.12; `sun.security.validator.EndEntityChecker`.
    WrongKeyUsage: "T110", "wrong-key-usage", since "0.1.0",
    "the server's certificate, or one above it, is not made for this purpose",
    check, of Objected
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of_server_certificate(handshake, context, Objection::KeyUsage)?;
    let about_issuer = [
        "CA certificate",
        "basic constraints",
        "CA key usage",
        "keyCertSign",
    ]
    .iter()
    .any(|words| refusal.says(words));
    let culprit = if about_issuer {
        issuer_without_right(handshake)
    } else {
        leaf_of(handshake)
    };
    let name = culprit.map_or("a certificate of the server's chain", |(certificate, _)| {
        common_name(&certificate.subject)
    });
    let headline = match culprit {
        _ if about_issuer => format!("{name} is used as an authority, but is not one"),
        Some(_) => format!("the certificate {name} is not for TLS servers"),
        None => "the server's certificate is not for TLS servers".to_owned(),
    };
    let shown = culprit.map_or_else(String::new, |(certificate, _)| {
        format!(
            " It is {}; {}.",
            described(certificate),
            usages(certificate)
        )
    });
    let purpose = if about_issuer {
        "be marked as an authority (CA:true, keyCertSign)"
    } else {
        "allow serverAuth, or not restrict its extended key usage"
    };
    let finding = Finding::error(&WrongKeyUsage, Confidence::Certain, headline)
        .explain(format!(
            "This client says: {}.{shown} It would have to {purpose}.",
            refusal.reason
        ))
        .fault_of(Party::Server);
    let finding = match culprit {
        Some((certificate, span)) => finding.evidence(
            span,
            format!("{}: {}", certificate.subject, usages(certificate)),
        ),
        None => finding,
    };
    let (remedy, command) = if about_issuer {
        (
            "have the chain issued below a proper authority, and send that one",
            None,
        )
    } else {
        (
            "have the certificate issued for servers",
            Some(
                "keytool -certreq -alias ALIAS -ext eku=serverAuth -keystore server.p12".to_owned(),
            ),
        )
    };
    Some(
        refusal
            .proves(finding)
            .remedy(Party::Server, remedy, command)
            .confirm("what the certificates are for", Some(format!("{} | openssl x509 -noout -subject -ext extendedKeyUsage,keyUsage,basicConstraints", context.openssl(handshake, ""))))
            .references(&["RFC 5280 §4.2.1.12", "RFC 5280 §4.2.1.9"]),
    )
}

fn leaf_of(handshake: &Handshake) -> Option<(&Certificate, Span)> {
    let chain = handshake.peer_chain()?;
    Some((chain.leaf()?, chain.span_of(0)))
}

/// The first certificate above the leaf that is not marked as an authority.
fn issuer_without_right(handshake: &Handshake) -> Option<(&Certificate, Span)> {
    let chain = handshake.peer_chain()?;
    let path = TrustPath::build(chain)?;
    let signs = |certificate: &Certificate| {
        let usages = &certificate.key_usage;
        certificate.ca == Some(true)
            && (usages.is_empty() || usages.iter().any(|usage| &**usage == "Key_CertSign"))
    };
    let position = path
        .path
        .iter()
        .copied()
        .skip(1)
        .find(|&position| !signs(&chain.certificates[position].certificate))?;
    Some((
        &chain.certificates[position].certificate,
        chain.span_of(position),
    ))
}

/// What a certificate says it is for.
pub(super) fn usages(certificate: &Certificate) -> String {
    let extended = certificate.extended_key_usage.as_deref().map_or_else(
        || "no extended key usage".to_owned(),
        |usages| format!("extended key usage {}", usages.join(", ")),
    );
    let plain = if certificate.key_usage.is_empty() {
        String::new()
    } else {
        format!(", key usage {}", certificate.key_usage.join(", "))
    };
    let authority = match certificate.ca {
        Some(true) => ", an authority",
        Some(false) => ", no authority",
        None => "",
    };
    format!("{extended}{plain}{authority}")
}
