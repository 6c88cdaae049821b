//! T116: a rule of the path is broken.

use super::{Objection, Refusal, described};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule},
    handshake::{Handshake, Party},
};

rule! {
    /// ## When it fires
    /// This client refused the server's certificate because the path breaks a rule that one of its
    /// certificates sets: `pathLenConstraint violated`, `name constraints check failed`, policies,
    /// `unrecognized critical extension(s)`, `subject/issuer name chaining check failed`.
    ///
    /// ## Why handshakes break here
    /// An authority can limit what is issued below it: how many authorities may follow, for which
    /// domains, under which policies. And what is marked critical must be understood by who checks.
    ///
    /// ## Evidence
    /// The exception names the rule, the certificates show path length and names. *Certain*: the JVM
    /// says so.
    ///
    /// ## Remedies
    /// Have the certificate issued by an authority that may issue it, or have the limits changed.
    ///
    /// ## Not to be confused with
    /// `wrong-key-usage`: a certificate above the leaf is no authority at all.
    ///
    /// ## References
    /// RFC 5280 §4.2.1.9, §4.2.1.10, §4.2.1.11, §6.1; `sun.security.provider.certpath.ConstraintsChecker`.
    PathConstraintViolated: "T116", "path-constraint-violated", since "0.1.0",
    "the path breaks a limit that one of its authorities is under",
    check, of Objected
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of_server_certificate(handshake, context, Objection::PathConstraint)?;
    let (rule, remedy) = if refusal.says("pathLenConstraint") || refusal.says("Path length") {
        (
            "more authorities follow than one of them allows (path length)",
            "have the certificate issued by an authority higher up, or have that limit raised",
        )
    } else if refusal.says("name constraints") {
        (
            "a name in the certificate lies outside the domains its authority may serve (name constraints)",
            "use an authority that may issue for this domain",
        )
    } else if refusal.says("critical extension") {
        (
            "a certificate has a critical extension that this JDK does not know",
            "have the certificate issued without that extension, or with it not critical",
        )
    } else if refusal.says("name chaining") {
        (
            "issuer and subject of two neighbours on the path are not the same name",
            "have the chain put together anew from the authority's current certificates",
        )
    } else {
        (
            "the certificate policies do not fit",
            "have the certificate issued under the policy that the client wants",
        )
    };
    let chain = handshake.peer_chain();
    let limited = chain.into_iter().flat_map(|chain| {
        chain
            .certificates
            .iter()
            .enumerate()
            .map(move |(position, presented)| (&presented.certificate, chain.span_of(position)))
    });
    let limited: Vec<_> = limited
        .filter(|(certificate, _)| certificate.path_length.is_some())
        .collect();
    let shown: Vec<String> = limited
        .iter()
        .map(|(certificate, _)| {
            format!(
                "{} allows {} below it",
                certificate.subject,
                certificate.path_length.unwrap_or_default()
            )
        })
        .collect();
    let shown = if shown.is_empty() {
        String::new()
    } else {
        format!(" In the chain: {}.", shown.join("; "))
    };
    let mut finding = Finding::error(
        &PathConstraintViolated,
        Confidence::Certain,
        format!("the server's chain is not allowed: {rule}"),
    )
    .explain(format!(
        "This client says: {}. That is: {rule}.{shown}",
        refusal.reason
    ))
    .fault_of(Party::Server);
    for (certificate, span) in limited.into_iter().take(3) {
        finding = finding.evidence(
            span,
            format!(
                "{}; path length {}",
                described(certificate),
                certificate.path_length.unwrap_or_default()
            ),
        );
    }
    Some(
        refusal
            .proves(finding)
            .remedy(Party::Server, remedy, None)
            .confirm("the limits in the chain", Some(format!("{} | openssl x509 -noout -subject -ext basicConstraints,nameConstraints,certificatePolicies", context.openssl(handshake, "-showcerts"))))
            .references(&["RFC 5280 §6.1", "RFC 5280 §4.2.1.9", "RFC 5280 §4.2.1.10"]),
    )
}
