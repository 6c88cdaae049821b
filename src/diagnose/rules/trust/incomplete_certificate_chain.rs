//! T101: the intermediate is missing.

use super::{Objection, Refusal, as_sure_as_printed, import_here, with_anchors_to_log};
use crate::{
    diagnose::{
        Confidence, Context, Finding, TrustPath,
        catalogue::rule,
        chain::{IntermediateProof, PathFault},
        context::common_name,
    },
    handshake::{Chain, Handshake, Party, Role},
};

rule! {
    /// ## When it fires
    /// This JVM refused the peer's certificate because it found no path to a trust anchor (`PKIX path
    /// building failed`), and the chain that was sent stops below an issuer that was not sent, is not
    /// among the trust anchors listed in the log, and looks like (or is proven to be) an intermediate.
    ///
    /// ## Why handshakes break here
    /// A peer has to send its own certificate and every intermediate above it; only the root may be
    /// left out (RFC 8446 §4.4.2). Browsers hide the mistake: they remember intermediates from other
    /// sites or fetch them. A JVM does neither by default.
    ///
    /// ## Evidence
    /// The last certificate of the chain with its issuer; the exception. *Certain* when the log shows
    /// the issuer's certificate elsewhere, issued by a trust anchor (*strong* when the anchors are not listed, *likely*
    /// when that one is not among them); *strong* when the certificate says where its issuer can be fetched
    /// (AIA `caIssuers`), or when an anchor is of the same organisation; *likely* when only the shape of
    /// the chain speaks for it; *possible* when lines of the chain are missing in the log: the intermediate may be there.
    ///
    /// ## Remedies
    /// The peer sends leaf and intermediates. Until then the missing intermediate can be imported,
    /// after checking its fingerprint, or fetched with `-Dcom.sun.security.enableAIAcaIssuers=true`.
    ///
    /// ## Not to be confused with
    /// `untrusted-root`: the chain is complete, but its root is not trusted here; the JVM's words are
    /// the same. `self-signed-certificate`. `tls-interception`: the issuer is a proxy.
    ///
    /// ## References
    /// RFC 8446 §4.4.2; RFC 5280 §4.2.2.1 (AIA); `sun.security.provider.certpath.SunCertPathBuilder`;
    /// JDK PKI guide, `com.sun.security.enableAIAcaIssuers`.
    IncompleteCertificateChain: "T101", "incomplete-certificate-chain", since "0.1.0",
    "the peer sent its certificate without the intermediate that issued it",
    check, of Objected
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)
        .filter(|_| context.objection(handshake) == Some(Objection::NoPath))?;
    let chain = handshake.peer_chain()?;
    let path = TrustPath::build(chain)?;
    let PathFault::IssuerMissing { proof } = path.fault(context) else {
        return None;
    };
    let peer = handshake.role?.peer();
    let confidence = match proof {
        // with the intermediate, the path would have to end at an anchor
        IntermediateProof::SeenInLog(certificate, _) => {
            match (context.anchor_above(certificate), context.anchors_listed()) {
                (Some(_), _) => Confidence::Certain,
                (None, false) => Confidence::Strong,
                (None, true) => Confidence::Likely,
            }
        }
        IntermediateProof::FetchAddress(_) | IntermediateProof::SameOrganisation(..) => {
            Confidence::Strong
        }
        IntermediateProof::NamedLikeOne | IntermediateProof::LeafAlone => Confidence::Likely,
    };
    let confidence = if chain.is_torn() {
        Confidence::Possible // the missing one may be among the missing lines
    } else {
        confidence
    };
    let issuer = common_name(&path.top().issuer);
    let finding = Finding::error(
        &IncompleteCertificateChain,
        confidence,
        format!(
            "the {} did not send the intermediate certificate {issuer}",
            peer.name()
        ),
    )
    .explain(explanation(&path, &proof, chain, peer, context))
    .fault_of(peer.into())
    .evidence(
        path.issuer_span(),
        format!("\"issuer\" : \"{}\": not sent", path.top().issuer),
    );
    let finding = match proof {
        IntermediateProof::SeenInLog(certificate, span) => finding.evidence(
            span,
            format!(
                "the same name as a subject, issued by {}",
                certificate.issuer
            ),
        ),
        IntermediateProof::SameOrganisation(anchor, span) => finding.evidence(
            span,
            format!(
                "a trust anchor of the same organisation: {}",
                anchor.subject
            ),
        ),
        _ => finding,
    };
    let finding = finding
        .evidence(refusal.span, format!("Fatal: {}", refusal.reason))
        .references(&["RFC 8446 §4.4.2", "RFC 5246 §7.4.2"]);
    let finding = super::with_next(finding, handshake);
    let finding = remedies(finding, handshake, context, peer, issuer);
    let finding = as_sure_as_printed(finding, chain);
    Some(with_anchors_to_log(finding, context))
}

/// *Leaf CN=…, issued by CN=…, which the server did not send and which is not among the 137 trust anchors.*
fn explanation(
    path: &TrustPath<'_>,
    proof: &IntermediateProof<'_>,
    chain: &Chain,
    peer: Role,
    context: &Context<'_>,
) -> String {
    let peer = peer.name();
    let count = chain.certificates.len();
    let certificates = if count == 1 {
        "certificate"
    } else {
        "certificates"
    };
    let anchors = match context.anchor_count() {
        0 => "(the log does not list the trust anchors of this JVM)".to_owned(),
        1 => "and is not the one trust anchor listed in the log".to_owned(),
        count => format!("and is not among the {count} trust anchors listed in the log"),
    };
    let why = match proof {
        IntermediateProof::SeenInLog(certificate, _) => {
            let root = if context.anchors_listed() && context.anchor_above(certificate).is_none() {
                " That one is not among the trust anchors either: with the intermediate the path would still lack its root (untrusted-root)."
            } else {
                ""
            };
            format!("It is an intermediate: elsewhere in the log it appears as a subject, issued by {}.{root}", certificate.issuer)
        }
        IntermediateProof::FetchAddress(address) => {
            format!("The certificate names an address where its issuer can be fetched ({address}), as those under an intermediate do.")
        }
        IntermediateProof::SameOrganisation(anchor, _) => {
            format!("{}, of the same organisation, is a trust anchor.", anchor.subject)
        }
        IntermediateProof::NamedLikeOne => "Its name is that of an intermediate.".to_owned(),
        IntermediateProof::LeafAlone => {
            "Nothing in the log shows that issuer; a leaf sent alone mostly means that the intermediate was forgotten. If it is a root itself, the cause is untrusted-root.".to_owned()
        }
    };
    format!(
        "The {peer} sent {count} {certificates}, {}. The issuer of the last one, {}, was not sent {anchors}. {why}",
        path.leaf().subject,
        path.top().issuer,
    )
}

fn remedies(
    finding: Finding,
    handshake: &Handshake,
    context: &Context<'_>,
    peer: Role,
    issuer: &str,
) -> Finding {
    let import = import_here(issuer, "intermediate.pem", context);
    match peer {
        Role::Server => finding
            .remedy(Party::Server, "send the leaf and every intermediate, in this order; the root may be left out", Some("nginx: ssl_certificate /path/fullchain.pem;".to_owned()))
            .remedy(Party::Server, "on a JVM, put the whole chain onto the key entry", Some("keytool -importcert -alias ALIAS -file fullchain.pem -keystore server.p12".to_owned()))
            .remedy(Party::Client, "until then: import the intermediate, after checking its fingerprint, into the trust store this JVM uses", Some(import))
            .confirm("the server must list two certificates or more", Some(context.openssl(handshake, "-showcerts"))),
        Role::Client => finding
            .remedy(Party::Client, "put the whole chain, leaf and intermediates, onto the key entry of the client's key store", Some("keytool -importcert -alias ALIAS -file fullchain.pem -keystore client.p12".to_owned()))
            .remedy(Party::Server, "until then: import the client's intermediate, after checking its fingerprint, into the server's trust store", Some(import))
            .confirm("the key entry must have a chain of two certificates or more", Some("keytool -list -v -keystore client.p12 | grep -E 'Alias|chain length'".to_owned())),
    }
}
