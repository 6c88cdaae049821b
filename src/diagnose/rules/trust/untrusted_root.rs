//! T102: nobody this JVM trusts stands above the chain.

use super::{
    Objection, Refusal, alias_for, as_sure_as_printed, import_here, not_an_anchor,
    store_of_its_own, validity, with_anchors_to_log, with_new_store,
};
use crate::{
    diagnose::{
        ChainEnd, Confidence, Context, Finding, PathFault, TrustPath,
        catalogue::rule,
        chain::IntermediateProof,
        context::{common_name, is_same_certificate},
    },
    event::{Certificate, same_name},
    handshake::{AnchorSet, Handshake, Party},
    span::Span,
};

rule! {
    /// ## When it fires
    /// This client refused the server's certificate because it found no path to a trust anchor (`PKIX
    /// path building failed`), and the path that the server sent ends in, or right below, a root that
    /// is not among the trust anchors listed in the log – or in one of which only the name is listed.
    ///
    /// ## Why handshakes break here
    /// A JVM trusts the authorities in its trust store and nobody else: `javax.net.ssl.trustStore` if
    /// it is set (it replaces the JDK's own list, it does not add to it), else `jssecacerts`, else
    /// `cacerts`. A company's own authority is in none of them until somebody puts it there.
    ///
    /// ## Evidence
    /// The last certificate of the path, the anchors listed, the exception. *Certain* when the root was
    /// sent, or is shown elsewhere in the log, and the anchors are listed without it; *strong* when the
    /// anchors are not listed; *likely* when only the name of the issuer speaks for a root, or when an
    /// anchor of that name is listed and was not taken; *possible* beside `incomplete-certificate-chain`
    /// when that rests on the shape of the chain alone. When lines of the chain are missing in the log, *likely* at most,
    /// and *possible* where the root is only named by what seems to be the last certificate.
    ///
    /// ## Remedies
    /// Import the root, after checking its fingerprint over another channel, into the trust store this
    /// JVM really uses; point the JVM to the right store; update an old JDK when the authority is a
    /// public one. Or give the server a certificate of an authority that its clients trust.
    ///
    /// ## Not to be confused with
    /// `incomplete-certificate-chain`: an intermediate is missing, the words are the same.
    /// `self-signed-certificate`: there is no authority at all. `tls-interception`: the issuer is a
    /// proxy. `truststore-unusable`: the store with the root could not be read.
    ///
    /// ## References
    /// RFC 5280 §6; JSSE Reference Guide, "Customizing the Default Key Stores and Trust Stores";
    /// `sun.security.provider.certpath.SunCertPathBuilder`.
    UntrustedRoot: "T102", "untrusted-root", since "0.1.0",
    "the chain ends at an authority that this JVM does not trust",
    check, of Objected
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of_server_certificate(handshake, context, Objection::NoPath)?;
    let chain = handshake.peer_chain();
    let Some((chain, path)) = chain.and_then(|chain| Some((chain, TrustPath::build(chain)?)))
    else {
        return Some(without_chain(&refusal, handshake, context));
    };
    let renewed = refusal.says(SAME_NAME);
    let finding = match path.fault(context) {
        PathFault::RootUnknown { .. } | PathFault::IssuerMissing { .. }
            if renewed && !context.anchors_listed() =>
        {
            let finding = as_sure_as_printed(other_key(&path), chain);
            return Some(renewed_remedies(
                refusal.proves(finding),
                &path,
                handshake,
                context,
            ));
        }
        PathFault::RootUnknown { proven } => {
            let mut finding = unknown_root(&path, proven, context);
            // what seems to be the last of the chain may stand in front of lines that are missing
            if !proven && chain.is_torn() && path.end != ChainEnd::Root {
                finding.confidence = Confidence::Possible;
            }
            finding
        }
        PathFault::AnchorDoesNotFit(anchor, span) => {
            other_anchor(&path, anchor, span, handshake, context)
        }
        PathFault::IssuerMissing {
            proof: IntermediateProof::LeafAlone | IntermediateProof::NamedLikeOne,
        } => maybe_a_root(&path, context),
        PathFault::IssuerMissing { .. } | PathFault::SelfSigned => return None,
    };
    let finding = as_sure_as_printed(finding, chain);
    let finding = super::with_next(refusal.proves(finding), handshake)
        .fault_of(Party::Either)
        .references(&["RFC 5280 §6", "JSSE Reference Guide: trust stores"]);
    let finding = remedies(finding, &path, handshake, context);
    Some(with_anchors_to_log(finding, context))
}

/// The words are there, the chain is not: the same words stand for three causes.
fn without_chain(refusal: &Refusal<'_>, handshake: &Handshake, context: &Context<'_>) -> Finding {
    // without a role it may be a server's word on its client
    let (this, peer, peers) = if handshake.role.is_some() {
        ("client", "server", "the server's")
    } else {
        ("JVM", "peer", "its peer's")
    };
    let headline =
        format!("this {this} found no path from {peers} certificate to a root it trusts");
    let of_bc = context.survey.is_bc_alone();
    let (out_of_date, which, test) = if of_bc {
        (
            " Bouncy Castle says no more than that for a certificate that is out of date, either (certificate-expired, certificate-not-yet-valid).",
            "find out which of them it is, by the test below",
            "'Verify return code' and the dates (-dates) say whether one is out of date; one certificate, issued by somebody else: the intermediate is missing; several: the root is not trusted; one, issued by itself: self-signed",
        )
    } else {
        (
            "",
            "find out which of the three it is, by the test below",
            "one certificate, issued by somebody else: the intermediate is missing; several: the root is not trusted; one, issued by itself: self-signed",
        )
    };
    let finding = Finding::error(&UntrustedRoot, Confidence::Possible, headline)
    .explain(format!("The log does not show the {peer}'s certificates. The JVM says the same for a root that it does not trust (untrusted-root), for a {peer} that does not send its intermediate (incomplete-certificate-chain), and for a self-signed certificate (self-signed-certificate); what the {peer} sends tells which.{out_of_date}"))
    .fault_of(Party::Either);
    let finding = refusal.proves(finding).remedy(Party::Either, which, None);
    // no option makes Bouncy Castle print them
    let finding = if of_bc {
        finding
    } else {
        finding.remedy(
            Party::Client,
            "log the certificates too",
            Some("-Djavax.net.debug=ssl:handshake".to_owned()),
        )
    };
    finding
        .confirm(test, Some(context.openssl(handshake, "-showcerts")))
        .references(&["RFC 5280 §6", "JSSE Reference Guide: trust stores"])
}

/// The name of the root: the top of the path, or who issued it.
fn root_of<'p>(path: &TrustPath<'p>) -> &'p str {
    match path.end {
        ChainEnd::IssuerNotSent(_) => &path.top().issuer,
        ChainEnd::Root | ChainEnd::SelfSignedLeaf => &path.top().subject,
    }
}

fn unknown_root(path: &TrustPath<'_>, proven: bool, context: &Context<'_>) -> Finding {
    let confidence = match (proven, context.anchors_listed()) {
        // a store that could not be read competes for the cause
        _ if !context.jvm.unusable_stores.is_empty() => Confidence::Likely,
        (true, true) => Confidence::Certain,
        (true, false) => Confidence::Strong,
        (false, _) => Confidence::Likely,
    };
    let root = root_of(path);
    let sent = if path.end == ChainEnd::Root {
        "which was sent along"
    } else {
        "which was not sent, as roots need not be"
    };
    let store = context
        .jvm
        .trust_store
        .as_ref()
        .map_or_else(String::new, |store| {
            format!(" The trust store is {}.", store.value)
        });
    let store = if context.survey.trust == 0 {
        " Nor does it name the trust store: when javax.net.ssl.trustStore names a file that is not there, the JVM takes its own cacerts without a word, and says the same (truststore-unusable); with the category trustmanager the log tells.".to_owned()
    } else {
        store
    };
    let explanation = format!(
        "The chain of {} leads to {root}, {sent}. It is {}.{store}{}",
        path.leaf().subject,
        not_an_anchor(context),
        kind_of_store(context),
    );
    let place = if path.end == ChainEnd::Root {
        "the root sent"
    } else {
        "issued by"
    };
    Finding::error(
        &UntrustedRoot,
        confidence,
        format!("this client does not trust {}", common_name(root)),
    )
    .explain(explanation)
    .evidence(path.top_span(), format!("{place}: {root}"))
    .evidence_if(context.jvm.trust_store.as_ref(), |store| {
        format!("trustStore is: {store}")
    })
}

/// A handful of anchors is a store of one's own, a hundred is the JDK's.
fn kind_of_store(context: &Context<'_>) -> &'static str {
    const OWN: usize = 30;
    match context.anchor_count() {
        0 => "",
        count if count <= OWN => {
            " So short a list is a trust store of the application's own: the root was not put into it, or another store is loaded than the one that was meant."
        }
        _ => {
            " So long a list is that of the JDK or the system: a private authority is not in it, nor one that is younger than this JDK."
        }
    }
}

/// An anchor of the right name is listed, yet it was not taken.
fn other_anchor(
    path: &TrustPath<'_>,
    anchor: &Certificate,
    span: Span,
    handshake: &Handshake,
    context: &Context<'_>,
) -> Finding {
    let has_it = |set: &&AnchorSet| {
        set.certificates
            .iter()
            .any(|listed| same_name(&listed.certificate.subject, &anchor.subject))
    };
    let lacking = context.jvm.anchor_sets.iter().find(|set| !has_it(set));
    let below = path.top();
    let out_of_date = validity::clock(handshake)
        .and_then(|now| validity::state(anchor, &now))
        .is_some();
    let differs = if path.end == ChainEnd::Root {
        !is_same_certificate(below, anchor)
    } else {
        below.key_differs_from(anchor)
    };
    let why = if differs && path.end == ChainEnd::Root {
        format!(
            "The root sent has the serial number {}, the anchor {}: the authority has renewed its certificate, and this JVM has the other one.",
            below.serial, anchor.serial
        )
    } else if differs {
        format!(
            "But their keys differ: the certificate was signed by the key {} (authority key identifier), the anchor has {}. The authority has renewed its key, and this JVM has another one of its certificates.",
            below.authority_key_id.as_deref().unwrap_or("?"),
            anchor.subject_key_id.as_deref().unwrap_or("?"),
        )
    } else if out_of_date {
        "But that anchor is out of date by the clock of the log, and then it is not taken."
            .to_owned()
    } else if lacking.is_some() {
        "The log lists several sets of trust anchors, and not all have it: the trust manager at work was probably one of those without it.".to_owned()
    } else {
        "So the listing is probably that of another trust manager than the one that refused: one JVM can hold several, each with its own store.".to_owned()
    };
    let explanation = format!(
        "The chain of {} leads to {}, and a trust anchor of that name is listed in the log. {why}",
        path.leaf().subject,
        root_of(path)
    );
    let headline = format!(
        "the trust anchor {} did not serve for the server's chain",
        common_name(&anchor.subject)
    );
    let finding = Finding::error(&UntrustedRoot, Confidence::Likely, headline).explain(explanation);
    let finding = match lacking {
        Some(set) => finding.evidence(
            set.span,
            format!("{} trust anchors without it", set.certificates.len()),
        ),
        None => finding,
    };
    finding
        .evidence(path.top_span(), format!("issued by {}", below.issuer))
        .evidence(
            span,
            format!(
                "trust anchor {}, serial number {}",
                anchor.subject, anchor.serial
            ),
        )
}

/// Beside `incomplete-certificate-chain`: the issuer may be a root itself.
fn maybe_a_root(path: &TrustPath<'_>, context: &Context<'_>) -> Finding {
    let issuer = root_of(path);
    Finding::error(&UntrustedRoot, Confidence::Possible, format!("{} may be a root that this client does not trust", common_name(issuer)))
        .explain(format!("Nothing in the log shows the certificate of {issuer}. If it is a root and no intermediate, it is {}.", not_an_anchor(context)))
        .evidence(path.top_span(), format!("issued by {issuer}"))
}

fn remedies(
    finding: Finding,
    path: &TrustPath<'_>,
    handshake: &Handshake,
    context: &Context<'_>,
) -> Finding {
    let root = common_name(root_of(path));
    let list = format!("keytool -list {}", store_option(context));
    let finding = finding.remedy(Party::Client, "import the root, after checking its fingerprint with its owner, into the trust store this JVM uses", Some(import_here(root, "root.pem", context)));
    let finding = match store_of_its_own(context) {
        Some(_) => finding,
        None => with_new_store(finding, context).remedy(
            Party::Client,
            "or add it to the JDK's own list",
            Some(format!(
                "keytool -importcert -cacerts -alias {} -file root.pem",
                alias_for(root)
            )),
        ),
    };
    finding
        .remedy(
            Party::Server,
            "use a certificate of an authority that the clients trust already",
            None,
        )
        .confirm(
            "the root is missing in this list, or is there with another fingerprint",
            Some(list),
        )
        .confirm(
            "what the server sends",
            Some(context.openssl(handshake, "-showcerts")),
        )
}

/// `PKIXValidator` checks a chain as it is, instead of building a path, only when an anchor has the name of
/// the last issuer; then these words mean that the anchor's key does not fit.
pub(super) const SAME_NAME: &str = "Path does not chain with any of the trust anchors";

fn other_key(path: &TrustPath<'_>) -> Finding {
    let root = root_of(path);
    Finding::error(&UntrustedRoot, Confidence::Strong, format!("this client trusts another {}: same name, other key", common_name(root)))
        .explain(format!("The chain of {} leads to {root}. JSSE says \"{SAME_NAME}\" when a trust anchor of that very name is in its list, but with another key: the authority has renewed its key (or another authority took the same name), and this JVM has the other certificate. The log does not list the anchors.", path.leaf().subject))
        .fault_of(Party::Either)
        .evidence(path.top_span(), format!("leads to {root}"))
}

/// How `keytool` is told which trust store this JVM uses.
fn store_option(context: &Context<'_>) -> String {
    context.jvm.trust_store.as_ref().map_or_else(
        || "-cacerts".to_owned(),
        |store| {
            format!(
                "-keystore {}",
                crate::diagnose::context::shell_word(&store.value)
            )
        },
    )
}

fn renewed_remedies(
    finding: Finding,
    path: &TrustPath<'_>,
    handshake: &Handshake,
    context: &Context<'_>,
) -> Finding {
    let root = common_name(root_of(path));
    let store = store_option(context);
    finding
        .remedy(Party::Client, "import the authority's new root, after checking its fingerprint with its owner, under an alias of its own beside the old one", Some(import_here(&format!("{root} new"), "root.pem", context)))
        .remedy(Party::Server, "or use a chain that ends at the key that the clients have (a cross-signed one)", None)
        .confirm(format!("a root named {root} is in this list; its SubjectKeyIdentifier must be the AuthorityKeyIdentifier below"), Some(format!("keytool -list -v {store} | grep -A4 -E 'Owner:|SubjectKeyIdentifier'")))
        .confirm("what the server sends", Some(context.openssl(handshake, "-showcerts")))
        .references(&["RFC 5280 §6", "JSSE Reference Guide: trust stores"])
}
