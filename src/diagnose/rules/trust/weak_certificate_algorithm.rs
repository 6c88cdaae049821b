//! T109: an algorithm or key that local policy forbids.

use super::{Objection, Refusal, between, described};
use crate::{
    diagnose::{Confidence, Context, Finding, TrustPath, catalogue::rule, context::common_name},
    event::{Certificate, same_name},
    handshake::{Handshake, Party},
};

rule! {
    /// ## When it fires
    /// This client refused the server's certificate because the JDK's policy forbids an algorithm or a
    /// key size in it: `Algorithm constraints check failed on …`, `Certificates do not conform to
    /// algorithm constraints` (`does not` in old releases), `Usage constraint … check failed`.
    ///
    /// ## Why handshakes break here
    /// `jdk.certpath.disabledAlgorithms` and `jdk.tls.disabledAlgorithms` (or a policy of the operating
    /// system that replaces them) name what is too weak. Updates make the lists longer, so a server that
    /// nobody touched is refused from one day to the next.
    ///
    /// ## Evidence
    /// The exception, which names the algorithm or size; the certificate of the chain that has it.
    /// *Certain*: the JVM says so. Strength alone proves nothing: SHA-1 below a private root is accepted
    /// by many releases.
    ///
    /// ## Remedies
    /// Have the certificate issued anew with RSA of 2048 bits or more, or EC, and SHA-256. For the time
    /// until then the list can be shortened for one process – a risk, to be scoped and ended.
    ///
    /// ## Not to be confused with
    /// `no-common-signature-scheme`: the handshake's signatures, not the certificate's.
    /// `disabled-by-local-policy`: suites and versions.
    ///
    /// ## References
    /// `java.security`: `jdk.certpath.disabledAlgorithms`; RFC 8446 §4.4.2.4;
    /// `sun.security.provider.certpath.AlgorithmChecker`.
    WeakCertificateAlgorithm: "T109", "weak-certificate-algorithm", since "0.1.0",
    "a certificate has an algorithm or key size that this JDK's policy forbids",
    check, of Objected
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of_server_certificate(handshake, context, Objection::Algorithm)?;
    let what = ["check failed on ", "check failed: "]
        .iter()
        .find_map(|words| {
            Some(
                between(refusal.text_with(words)?, words, " used with certificate")?
                    .trim_end_matches('.'),
            )
        });
    let named = refusal
        .text_with("used with certificate: ")
        .and_then(|text| between(text, "used with certificate: ", ". Usage"));
    let chain = handshake.peer_chain();
    let culprit = chain.and_then(|chain| {
        let position = chain
            .certificates
            .iter()
            .position(|presented| is_meant(&presented.certificate, named));
        position.map(|position| {
            (
                &chain.certificates[position].certificate,
                chain.span_of(position),
            )
        })
    });
    let subject = culprit
        .map(|(certificate, _)| common_name(&certificate.subject))
        .or(named.map(common_name));
    let whose = subject.map_or_else(
        || "the server's chain".to_owned(),
        |name| format!("the certificate {name}"),
    );
    let why = what.map_or_else(String::new, |what| format!(": {what}"));
    let shown = match culprit {
        Some((certificate, _)) => format!(
            " It is {}; signed with {}, key {}.",
            described(certificate),
            certificate.signature_algorithm,
            certificate.public_key
        ),
        None => algorithms(handshake),
    };
    let finding = Finding::error(&WeakCertificateAlgorithm, Confidence::Certain, format!("the policy of this JDK forbids {whose}{why}"))
        .explain(format!("The chain was refused by local policy, not because it could not be verified{why}.{shown} By its own rules the server did nothing wrong; jdk.certpath.disabledAlgorithms and jdk.tls.disabledAlgorithms of this JVM (or the system's crypto policy) decide."))
        .fault_of(Party::Either);
    let finding = match culprit {
        Some((certificate, span)) if named.is_none() => finding
            .evidence(span, format!("{}: {}, {}", certificate.subject, certificate.signature_algorithm, certificate.public_key))
            .assume("the exception names no certificate; the one signed with an old hash is taken for it"),
        Some((certificate, span)) => finding.evidence(span, format!("{}: {}, {}", certificate.subject, certificate.signature_algorithm, certificate.public_key)),
        None => finding,
    };
    Some(
        refusal
            .proves(finding)
            .remedy(Party::Server, "have the certificate issued anew: RSA with 2048 bits or more, or EC, signed with SHA-256", Some("keytool -genkeypair -alias server -keyalg EC -groupname secp256r1 -sigalg SHA256withECDSA -keystore server.p12".to_owned()))
            .remedy(Party::Client, "temporary, and a risk: a shorter list of disabled algorithms for this one process only", Some("-Djava.security.properties=weak.security   # a file with jdk.certpath.disabledAlgorithms=… without this entry".to_owned()))
            .confirm("algorithm and key size of what the server sends", Some(format!("{} | openssl x509 -noout -text | grep -E 'Signature Algorithm|Public-Key'", context.openssl(handshake, "-showcerts"))))
            .references(&["java.security: jdk.certpath.disabledAlgorithms", "RFC 8446 §4.4.2.4"]),
    )
}

/// The certificate that the exception names, or else one with a hash that is disabled everywhere.
fn is_meant(certificate: &Certificate, named: Option<&str>) -> bool {
    match named {
        Some(named) => same_name(named.trim_end_matches('.'), &certificate.subject),
        None => {
            ["MD2", "MD5", "SHA1"]
                .iter()
                .any(|weak| certificate.signature_algorithm.starts_with(weak))
                && !certificate.is_self_issued()
        }
    }
}

/// The algorithms on the path, where no single certificate stands out.
fn algorithms(handshake: &Handshake) -> String {
    let Some(path) = handshake.peer_chain().and_then(TrustPath::build) else {
        return String::new();
    };
    format!(
        " The server's own certificate is signed with {} and has a key of {}.",
        path.leaf().signature_algorithm,
        path.leaf().public_key
    )
}
