//! T113: an authority that the JDK distrusts.

use super::{Objection, Refusal, described};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, context::common_name},
    handshake::{Handshake, Party},
};

rule! {
    /// ## When it fires
    /// This client refused the server's certificate because the JDK itself distrusts its authority (`TLS
    /// Server certificate issued after D and anchored by a distrusted legacy X root CA`), or has the
    /// certificate on its blocked list (`Untrusted certificate`).
    ///
    /// ## Why handshakes break here
    /// Like browsers, the JDK ends its trust in authorities that broke the rules: Symantec, Entrust,
    /// Camerfirma and others. Certificates issued after a set day are refused, though the root is still in
    /// `cacerts`. It shows up right after an update of the JDK, or when a certificate is renewed.
    ///
    /// ## Evidence
    /// The sentence in the exception. *Certain*: no other fault prints it.
    ///
    /// ## Remedies
    /// A certificate of another authority. As a temporary makeshift, and at a risk, the policy of that
    /// name can be taken out of `jdk.security.caDistrustPolicies` for this one process.
    ///
    /// ## Not to be confused with
    /// `untrusted-root`: the root is not in the trust store. `certificate-revoked`: the issuer took the
    /// certificate back.
    ///
    /// ## References
    /// `java.security`: `jdk.security.caDistrustPolicies`; `sun.security.validator.CADistrustPolicy`;
    /// `lib/security/blocked.certs`.
    CertificateDistrusted: "T113", "certificate-distrusted", since "0.1.0",
    "the JDK distrusts the authority that issued the server's certificate",
    check, of Objected
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of_server_certificate(handshake, context, Objection::Distrusted)?;
    let words = refusal
        .text_with("distrusted")
        .or_else(|| refusal.text_with("Untrusted certificate"))
        .unwrap_or(refusal.reason);
    let chain = handshake.peer_chain();
    let leaf = chain.and_then(|chain| chain.leaf());
    let issuer = leaf.map_or("its issuer", |leaf| common_name(&leaf.issuer));
    let shown = leaf.map_or_else(String::new, |leaf| {
        format!(" The server showed {}.", described(leaf))
    });
    let blocked = refusal.says("Untrusted certificate:");
    let (headline, remedy) = if blocked {
        (
            "the JDK has the server's certificate on its list of blocked ones".to_owned(),
            None,
        )
    } else {
        (format!("this JDK distrusts the authority above {issuer}"), Some("-Djava.security.properties=trust.security   # a file with jdk.security.caDistrustPolicies=… without that policy".to_owned()))
    };
    let finding = Finding::error(&CertificateDistrusted, Confidence::Certain, headline)
        .explain(format!("The JDK says: {words}.{shown} The chain may be whole and the root may be in the trust store: this verdict stands above both."))
        .fault_of(Party::Server);
    let finding = match (chain, leaf) {
        (Some(chain), Some(leaf)) => finding.evidence(chain.span_of(0), described(leaf)),
        _ => finding,
    };
    let finding = refusal.proves(finding).remedy(
        Party::Server,
        "use a certificate of another authority",
        None,
    );
    let finding = match remedy {
        Some(command) => finding.remedy(Party::Client, "temporary, and a risk: take the policy of that name out of the list, for this process only", Some(command)),
        None => finding,
    };
    Some(
        finding
            .confirm(
                "issuer and start of validity of what the server shows",
                Some(format!(
                    "{} | openssl x509 -noout -issuer -dates",
                    context.openssl(handshake, "-showcerts")
                )),
            )
            .references(&["java.security: jdk.security.caDistrustPolicies"]),
    )
}
