//! T104: a box on the way answers in the server's name.

mod inspector;

use std::sync::Arc;

use self::inspector::{Sign, sign_of, site_of};
use super::{
    Objection, Refusal, as_sure_as_printed, described, import_here, not_an_anchor, validity,
    with_new_store,
};
use crate::{
    diagnose::{
        ChainEnd, Confidence, Context, Finding, PathFault, TrustPath,
        catalogue::rule,
        chain::IntermediateProof,
        context::{attribute, common_name},
    },
    event::{Certificate, same_name},
    handshake::{Chain, Handshake, Party},
    span::Span,
};

rule! {
    /// ## When it fires
    /// This client found no path to a trust anchor (`PKIX path building failed`), and the authority above the
    /// server's certificate looks like a box that inspects TLS: it also issued the certificates of other
    /// sites in this log that have nothing to do with this one, or its name is that of an inspection product.
    ///
    /// ## Why handshakes break here
    /// A proxy, firewall or virus scanner that looks into TLS ends the connection itself and shows the client
    /// a certificate that it made on the spot, for the right name. Browsers of the company trust its
    /// authority because somebody put it into the system's store; a JVM has a store of its own.
    ///
    /// ## Evidence
    /// The issuer; the other sites with certificates of the same issuer, each with its own; the product named
    /// in it. *Strong* when two sites or more of different owners share the issuer and something else fits: a
    /// product's name, words such as *inspection*, certificates made within the last days, or three owners of
    /// which none is the issuer's. *Likely* with only one of the two, *possible* when only such a word
    /// speaks for it. A public authority says where its own certificate lies (AIA), a box does not; a
    /// company's own authority has the name or the organisation of the servers below it. Neither is taken for one.
    ///
    /// ## Remedies
    /// Exempt the host from inspection, or import the box's root into the trust store that this JVM uses, after
    /// checking its fingerprint with whoever runs the box. The server has no part in it.
    ///
    /// ## Not to be confused with
    /// `untrusted-root`: a private authority of the server's owner; the words are the same, and from another
    /// network it is the same authority. `incomplete-certificate-chain`: the issuer is an intermediate that was
    /// not sent. `downgrade-detected`: a box that does not show a certificate of its own, but changes the hello.
    ///
    /// ## References
    /// RFC 8446 §9.3 (middleboxes); JSSE Reference Guide, trust stores; RFC 3135.
    TlsInterception: "T104", "tls-interception", since "0.1.0",
    "a box between that inspects TLS showed a certificate of its own making",
    check, of Objected
}

/// A certificate that speaks recently is a sign of one made on the spot.
const YOUNG_DAYS: i64 = 7;

/// What there is to judge by.
struct Case<'a> {
    /// Who issued the server's certificate, by name.
    issuer: &'a str,
    sign: Option<Sign>,
    /// Sites of other owners with another certificate of the same issuer: host, certificate, place.
    others: Vec<(&'a str, &'a Arc<Certificate>, Span)>,
    young: bool,
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of_server_certificate(handshake, context, Objection::NoPath)?;
    let chain = handshake.peer_chain()?;
    let path = TrustPath::build(chain)?;
    let case = Case::of(handshake, &path, context)?;
    let confidence = case.confidence(path.leaf())?;
    let issuer = common_name(case.issuer);
    let mut finding = Finding::error(
        &TlsInterception,
        confidence,
        match case.sign {
            Some(Sign::Product(product)) => format!("{issuer} seems to be an inspecting {product} between this client and the server"),
            _ => format!("{issuer} seems to be a box between that inspects TLS, not the server's own authority"),
        },
    )
    .explain(case.explanation(&path, confidence, context))
    .fault_of(Party::Network)
    .evidence(
        path.top_span(),
        format!("{}, issued by {}", path.leaf().subject, case.issuer),
    );
    finding = as_sure_as_printed(finding, chain);
    for (host, leaf, span) in case.others.iter().take(3) {
        finding = finding.evidence(
            *span,
            format!("{host}: {}, of the same issuer", leaf.subject),
        );
    }
    Some(remedies(
        refusal.proves(finding),
        issuer,
        handshake,
        context,
    ))
}

impl<'a> Case<'a> {
    fn of(handshake: &'a Handshake, path: &TrustPath<'a>, context: &Context<'a>) -> Option<Self> {
        let leaf = path.leaf();
        let proven_otherwise = match path.fault(context) {
            PathFault::SelfSigned | PathFault::AnchorDoesNotFit(..) => true,
            PathFault::IssuerMissing { proof } => matches!(
                proof,
                IntermediateProof::SeenInLog(..) | IntermediateProof::SameOrganisation(..)
            ),
            PathFault::RootUnknown { .. } => false,
        };
        if proven_otherwise {
            return None;
        }
        let issuer: &'a str = &leaf.issuer;
        let root: &'a str = match path.end {
            ChainEnd::Root => &path.top().subject,
            _ => &path.top().issuer,
        };
        let sign = sign_of(issuer).or_else(|| sign_of(root));
        let product = matches!(sign, Some(Sign::Product(_)));
        if !product && (is_public(path) || is_own(handshake, leaf)) {
            return None;
        }
        let site = site_of_handshake(handshake, leaf)?;
        let others = other_sites(handshake, leaf, &site, context);
        let now = validity::clock(handshake);
        let young = |leaf: &Certificate| {
            leaf.not_before
                .as_ref()
                .zip(now.as_ref())
                .is_some_and(|(from, now)| {
                    (0..=YOUNG_DAYS * 86_400_000).contains(&validity::millis_between(from, now))
                })
        };
        let young = young(leaf) && others.iter().all(|(_, other, _)| young(other));
        Some(Self {
            issuer,
            sign,
            others,
            young,
        })
    }

    fn confidence(&self, leaf: &Certificate) -> Option<Confidence> {
        let organisation =
            |certificate: &Certificate| attribute(&certificate.subject, "O").map(str::to_owned);
        let owners_differ = self.others.len() >= 2
            || self.others.first().is_some_and(|(_, other, _)| {
                let (one, two) = (organisation(leaf), organisation(other));
                one.is_some() && two.is_some() && one != two
            });
        match (self.others.is_empty(), self.sign) {
            (false, Some(_)) => Some(Confidence::Strong),
            (false, None) if self.young || owners_differ => Some(Confidence::Strong),
            (false, None) | (true, Some(Sign::Product(_))) => Some(Confidence::Likely),
            (true, Some(Sign::Word(_))) => Some(Confidence::Possible),
            (true, None) => None,
        }
    }

    fn explanation(&self, path: &TrustPath<'_>, sure: Confidence, context: &Context<'_>) -> String {
        let mut text = vec![format!(
            "The certificate shown for this host is {}. Its issuer is {}.",
            described(path.leaf()),
            not_an_anchor(context)
        )];
        if !self.others.is_empty() {
            let hosts = self.others.iter().map(|(host, ..)| *host);
            text.push(format!(
                "The same authority issued what was shown for {}, which has nothing to do with this host.",
                crate::diagnose::rules::listed(hosts)
            ));
        }
        match self.sign {
            Some(Sign::Product(product)) => {
                text.push(format!(
                    "Its name is that of an inspection product ({product})."
                ));
            }
            Some(Sign::Word(word)) => text.push(format!("Its name speaks of it ({word}).")),
            None => {}
        }
        if self.young {
            let words = "The certificate is only days old, as those made on the spot are.";
            text.push(words.to_owned());
        }
        let verdict = if sure < Confidence::Strong {
            "A private authority that serves all these hosts would look the same (untrusted-root): the issuer seen from another network decides."
        } else {
            "So it is most probably a proxy, firewall or virus scanner that answers in the servers' names; this JVM does not know its authority."
        };
        text.push(verdict.to_owned());
        text.join(" ")
    }
}

/// A public authority tells where its certificate lies; what a box makes has no such address.
fn is_public(path: &TrustPath<'_>) -> bool {
    path.leaf().ca_issuers.is_some() || path.top().ca_issuers.is_some()
}

/// The authority and the server are of one house: the same organisation, or the site's name in the issuer's.
fn is_own(handshake: &Handshake, leaf: &Certificate) -> bool {
    let same = attribute(&leaf.subject, "O")
        .zip(attribute(&leaf.issuer, "O"))
        .is_some_and(|(subject, issuer)| subject.eq_ignore_ascii_case(issuer));
    let named = || {
        let site = site_of_handshake(handshake, leaf)?;
        let issuer = leaf.issuer.to_lowercase();
        let mut words = issuer.split(|c: char| !c.is_alphanumeric());
        Some(words.any(|word| word == site))
    };
    same || named().unwrap_or(false)
}

fn host_of<'h>(handshake: &'h Handshake, leaf: &'h Certificate) -> &'h str {
    handshake
        .server_name()
        .map_or_else(|| common_name(&leaf.subject), |name| &**name)
}

fn site_of_handshake(handshake: &Handshake, leaf: &Certificate) -> Option<String> {
    site_of(host_of(handshake, leaf))
}

/// One handshake for each other site whose certificate has the same issuer, and is another one.
fn other_sites<'a>(
    handshake: &Handshake,
    leaf: &Certificate,
    site: &str,
    context: &Context<'a>,
) -> Vec<(&'a str, &'a Arc<Certificate>, Span)> {
    let mut sites = vec![site.to_owned()];
    let mut found = Vec::new();
    for other in context.clients_below(&leaf.issuer) {
        let shown = other
            .server_chain
            .as_deref()
            .and_then(|chain: &Chain| Some((chain.leaf()?, chain.span_of(0))));
        let Some((shown, span)) = shown.filter(|(shown, _)| {
            other.id != handshake.id
                && shown.serial != leaf.serial
                && !same_name(&shown.subject, &leaf.subject)
                && !is_own(other, shown)
        }) else {
            continue;
        };
        match site_of_handshake(other, shown) {
            Some(other_site) if !sites.contains(&other_site) => {
                sites.push(other_site);
                found.push((host_of(other, shown), shown, span));
            }
            _ => {}
        }
    }
    found
}

fn remedies(
    finding: Finding,
    issuer: &str,
    handshake: &Handshake,
    context: &Context<'_>,
) -> Finding {
    let finding = finding
        .remedy(Party::Network, format!("exempt {} from inspection", context.host_for_command(handshake)), None)
        .remedy(Party::Client, "or import the root of the box, after checking its fingerprint with whoever runs it, into the trust store this JVM uses (the system's and the browsers' stores do not count)", Some(import_here(issuer, "inspection-root.pem", context)));
    with_new_store(finding, context)
        .confirm("here and from a network without the box: another issuer there proves the inspection, the same one disproves it", Some(format!("{} | openssl x509 -noout -subject -issuer -startdate -fingerprint -sha256", context.openssl(handshake, ""))))
        .references(&["RFC 8446 §9.3", "JSSE Reference Guide: trust stores"])
}

/// Whether a name is that of a product that inspects TLS.
pub(crate) fn names_a_product(name: &str) -> bool {
    matches!(sign_of(name), Some(Sign::Product(_)))
}
