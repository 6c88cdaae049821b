//! N107: somebody talks the two ends down to an older version.

use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::Refusal},
    handshake::{Handshake, Party},
    tls::ProtocolVersion,
};

rule! {
    /// ## When it fires
    /// The client finds the downgrade mark in the server random: `A potential protocol version downgrade attack`.
    ///
    /// ## Why handshakes break here
    /// A server that has TLS 1.3 marks its random when it agrees to less (RFC 8446 §4.1.3). A client that offered
    /// TLS 1.3 and sees the mark knows that its offer was changed on the way: mostly by a box that inspects TLS,
    /// speaks 1.2 itself and hands the server's random through.
    ///
    /// ## Evidence
    /// The sentence; offer and answer.
    ///
    /// ## Remedies
    /// Update the box, or let it pass this host. Offering less is a makeshift.
    ///
    /// ## Not to be confused with
    /// `no-common-protocol-version`: there nobody tampered.
    ///
    /// ## References
    /// RFC 8446 §4.1.3; `sun.security.ssl.ServerHello`.
    DowngradeDetected: "N107", "downgrade-detected", since "0.1.0",
    "the offer of TLS 1.3 was changed on the way to the server",
    check, of GivenUp
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let sentence = refusal.sentence(&["protocol version downgrade attack"])?;
    let version = handshake
        .version
        .as_ref()
        .map_or("an older version", ProtocolVersion::name);
    Some(
        Finding::error(&DowngradeDetected, Confidence::Certain, "the server's answer shows that its view of the offer was changed")
            .explain(format!(
                "The client offered a newer version, the answer is {version}, and the server random carries the mark of a server that has the newer one too. Somebody between changed the offer: most often a TLS-inspecting proxy, rarely an attacker."
            ))
            .fault_of(Party::Network)
            .evidence(refusal.span, sentence)
            .evidence_if(handshake.server_hello.as_deref(), |_| format!("ServerHello: {version}"))
            .remedy(Party::Network, "update the inspecting proxy, or exempt this host from inspection", None)
            .remedy(Party::Client, "until then, temporary, and a risk: offer no more than the proxy speaks (the property holds for every host of this process; SSLParameters.setProtocols for one connection)", Some("-Djdk.tls.client.protocols=TLSv1.2".to_owned()))
            .confirm("from a network without the proxy this must agree on TLS 1.3", Some(context.openssl(handshake, "-tls1_3")))
            .references(&["RFC 8446 §4.1.3"]),
    )
}
