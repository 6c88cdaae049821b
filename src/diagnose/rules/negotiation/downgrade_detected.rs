//! N107: somebody talks the two ends down to an older version.

use std::sync::Arc;

use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::Refusal},
    event::{Random, Sender},
    handshake::{Handshake, Party, Role},
    tls::{AlertDescription, MessageKind, ProtocolVersion},
};

rule! {
    /// ## When it fires
    /// The client finds the downgrade mark in the server random: `A potential protocol version downgrade attack`. Or
    /// this JVM is the server, its random carries the mark, and the client answers with `illegal_parameter`.
    ///
    /// ## Why handshakes break here
    /// A server that has TLS 1.3 marks its random when it agrees to less (RFC 8446 §4.1.3). A client that offered
    /// TLS 1.3 and sees the mark knows that its offer was changed on the way: mostly by a box that inspects TLS,
    /// speaks 1.2 itself and hands the server's random through. So does one that has TLS 1.3 and had fallen back to
    /// less after an attempt that failed.
    ///
    /// ## Evidence
    /// The sentence; offer and answer. On the server's side the mark and the alert, which does not say that it means
    /// the mark: *likely* where the client says that it had fallen back, else *possible*.
    ///
    /// ## Remedies
    /// Update the box, or let it pass this host. After a fallback: find out why the first attempt failed. Offering less
    /// is a makeshift.
    ///
    /// ## Not to be confused with
    /// `no-common-protocol-version`: there nobody tampered. `refused-without-reason`: `illegal_parameter` where no mark
    /// was sent.
    ///
    /// ## References
    /// RFC 8446 §4.1.3; RFC 7507 (fallback); `sun.security.ssl.ServerHello`.
    DowngradeDetected: "N107", "downgrade-detected", since "0.1.0",
    "the offer of TLS 1.3 was changed on the way to the server",
    check, of BrokenUp
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    stated(handshake, context).or_else(|| suspected(handshake))
}

/// This JVM's client says it.
fn stated(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
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

/// The last eight bytes of the random of a server that has something newer than it agrees to, but for the last one.
const MARK: &[u8; 7] = b"DOWNGRD";

/// Whether this random carries the mark of RFC 8446 §4.1.3.
fn is_marked(random: Random) -> bool {
    random.0[24..31] == *MARK && random.0[31] <= 1
}

/// The client's answer to the mark of this JVM's server: the alert that RFC 8446 §4.1.3 has for it, in place of its
/// next message.
fn suspected(handshake: &Handshake) -> Option<Finding> {
    let break_up = handshake.break_up.as_deref()?;
    let hello = handshake.server_hello.as_deref()?;
    let answers_the_hello = handshake.role == Some(Role::Server)
        && break_up.received_alert() == Some(&AlertDescription::IllegalParameter)
        && !handshake.has_sent(Sender::Client, &MessageKind::ClientKeyExchange)
        && !handshake.has_sent(Sender::Client, &MessageKind::Certificate);
    let groups = super::offered_groups(handshake);
    let has_group = |group: &Arc<str>| groups.is_empty() || groups.contains(group);
    let suits_the_offer = handshake.named_group.as_ref().is_none_or(has_group);
    let is_marked = hello.value.random.is_some_and(is_marked);
    if !answers_the_hello || !suits_the_offer || !is_marked {
        return None;
    }
    let version = handshake
        .version
        .as_ref()
        .map_or("an older version", ProtocolVersion::name);
    let client_hello = handshake.client_hello.as_deref();
    let fell_back = client_hello.is_some_and(|hello| {
        let mut suites = hello.value.cipher_suites.iter();
        suites.any(|suite| suite.name() == "TLS_FALLBACK_SCSV")
    });
    let confidence = if fell_back {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let finding = Finding::error(
        &DowngradeDetected,
        confidence,
        format!("the client refused {version} with the alert for a downgrade"),
    )
    .evidence(break_up.span, "received fatal alert illegal_parameter")
    .evidence(
        hello.span,
        format!("ServerHello: {version}; its random ends in the mark DOWNGRD"),
    );
    let finding = finding.evidence_if(client_hello, |_| {
        let says = if fell_back {
            "; TLS_FALLBACK_SCSV among its suites"
        } else {
            ""
        };
        format!(
            "ClientHello, as it came here: {}{says}",
            crate::diagnose::rules::listed(handshake.offered_versions())
        )
    });
    let mark = format!(
        "This server has TLS 1.3 and agreed to {version}, because no more was offered to it. It said so by the mark in its random (RFC 8446 §4.1.3), and the client answered in place of its next message with illegal_parameter, which is what a client with TLS 1.3 does that sees the mark."
    );
    Some(if fell_back {
        finding
            .explain(format!("{mark} The client says itself that this is a second attempt with less than it has (TLS_FALLBACK_SCSV, RFC 7507). The cause is what made the first one fail: something between that does not let TLS 1.3 through, or a fault that had gone by the second."))
            .fault_of(Party::Unknown)
            .remedy(Party::Client, "look up why its attempt before this one failed", None)
            .remedy(Party::Network, "let TLS 1.3 pass between the client and this server", None)
            .references(&["RFC 8446 §4.1.3", "RFC 7507"])
    } else {
        finding
            .explain(format!("{mark} Then somebody between took TLS 1.3 out of its offer, most often a TLS-inspecting proxy or balancer that hands the server's random through, or the client had fallen back to less after a failed attempt. The alert alone can also mean a bug of the client."))
            .fault_of(Party::Unknown)
            .remedy(Party::Network, "look for a proxy or balancer that inspects TLS between the client and this server; update it, or let this host pass", None)
            .remedy(Party::Client, "compare its own ClientHello with the one that came here, and look for an attempt before this one", None)
            .references(&["RFC 8446 §4.1.3"])
    })
}
