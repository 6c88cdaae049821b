//! T117: the chain was sent out of order.

use crate::{
    diagnose::{
        Confidence, Context, Finding, Severity, TrustPath, catalogue::rule, context::common_name,
    },
    handshake::{Chain, Handshake, Outcome, Party, Role},
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// A chain holds every certificate of its path, but not in the order from the leaf upwards: the issuer of
    /// one does not stand right behind it, or something else stands between.
    ///
    /// ## Why handshakes break here
    /// With JSSE they mostly do not: it puts the path together itself, whatever the order. Up to TLS 1.2 the order is
    /// a rule, though (RFC 5246 §7.4.2), and other TLS stacks, embedded ones above all, follow it to the
    /// letter and find no path. TLS 1.3 tells receivers to be lenient (RFC 8446 §4.4.2).
    ///
    /// ## Evidence
    /// The certificates as they were sent. That they are out of order is *certain*; it is a remark on established
    /// handshakes. Where the peer refused this JVM's own chain it is one candidate among others: *possible*.
    ///
    /// ## Remedies
    /// Leaf first, then each issuer behind what it issued; the root may be left out.
    ///
    /// ## Not to be confused with
    /// `incomplete-certificate-chain`: a certificate is missing. `certificate-rejected-by-peer`: what the peer
    /// says about the chain.
    ///
    /// ## References
    /// RFC 5246 §7.4.2; RFC 8446 §4.4.2; `sun.security.validator.PKIXValidator`.
    MisorderedCertificateChain: "T117", "misordered-certificate-chain", since "0.1.0",
    "a certificate chain was sent out of order",
    check
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let (owner, chain) = [
        (Role::Server, &handshake.server_chain),
        (Role::Client, &handshake.client_chain),
    ]
    .into_iter()
    .find_map(|(owner, chain)| {
        let chain = chain.as_ref()?;
        is_misordered(chain).then_some((owner, chain))
    })?;
    let refused_by_peer = handshake.role == Some(owner) && is_refused(handshake);
    let (severity, confidence) = match (handshake.outcome, refused_by_peer) {
        (Outcome::Established, _) => (Severity::Info, Confidence::Certain),
        (_, true) => (Severity::Warning, Confidence::Possible),
        // JSSE orders what it is sent: whatever broke here, the order did not
        _ => return None,
    };
    let owner_name = owner.name();
    let note = if refused_by_peer {
        "Some TLS stacks insist on the order and find no path then; the peer may be one of them, or may have something else against the chain."
    } else {
        "JSSE puts the path together itself and does not mind; other TLS stacks insist on the order and refuse such a chain."
    };
    let finding = Finding::new(
        &MisorderedCertificateChain,
        severity,
        confidence,
        format!("the {owner_name} sent its certificates out of order"),
    )
    .explain(format!(
        "The order sent: {}. Behind each certificate there should be the one that issued it. {note}",
        in_order(chain)
    ))
    .fault_of(owner.into())
    .evidence(chain.span, format!("order sent: {}", in_order(chain)))
    .references(&["RFC 5246 §7.4.2", "RFC 8446 §4.4.2"]);
    Some(match owner {
        Role::Server => finding
            .remedy(Party::Server, "send the leaf first, then each issuer behind what it issued", Some("cat leaf.pem intermediate.pem | tee fullchain.pem   nginx: ssl_certificate /path/fullchain.pem;".to_owned()))
            .confirm("s: of each certificate must be i: of the one before it", Some(format!("{} | grep -E '^ *[0-9]+ s:|^ *i:'", context.openssl(handshake, "-showcerts")))),
        Role::Client => finding
            .remedy(Party::Client, "put the chain onto the key entry again, leaf first", Some("openssl pkcs12 -export -inkey client.key -in client.pem -certfile intermediate.pem -out client.p12".to_owned()))
            .confirm("Certificate[1] must be the leaf, each next one the issuer of the one before", Some("keytool -list -v -keystore client.p12 | grep -E 'Certificate\\[|Owner|Issuer'".to_owned())),
    })
}

/// The path is there, and not in its order.
fn is_misordered(chain: &Chain) -> bool {
    chain.certificates.len() > 2 && TrustPath::build(chain).is_some_and(|path| path.is_misordered())
}

/// The peer answered with an alert about the certificate.
fn is_refused(handshake: &Handshake) -> bool {
    handshake
        .break_up
        .as_deref()
        .and_then(|break_up| break_up.received_alert())
        .is_some_and(AlertDescription::is_about_certificate)
}

/// *CN a, then CN b, then CN c*
fn in_order(chain: &Chain) -> String {
    let names: Vec<&str> = chain
        .certificates
        .iter()
        .map(|presented| common_name(&presented.certificate.subject))
        .collect();
    names.join(", then ")
}
