//! P106: a ClientHello of more than one packet is lost on the way.

use super::{only_client_hello, transport_end};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::listed},
    handshake::{Handshake, How, Party, Role},
};

rule! {
    /// ## When it fires
    /// A client's ClientHello with a hybrid post-quantum key share (`X25519MLKEM768` and its kin) got no answer:
    /// time-out, reset or end of stream.
    ///
    /// ## Why handshakes break here
    /// Such a key share takes about 1200 bytes, so the ClientHello no longer fits into one packet. Some balancers,
    /// firewalls and old servers read only the first one.
    ///
    /// ## Evidence
    /// The key shares offered, the size of the ClientHello's record where the log tells it, and the silence: *possible*
    /// only. Without such a share a smaller hello would fit.
    ///
    /// ## Remedies
    /// Update the box; until then offer the classic groups only.
    ///
    /// ## Not to be confused with
    /// `handshake-timeout`, `connection-reset-during-handshake`, `peer-closed-during-handshake`: other causes of the same silence.
    ///
    /// ## References
    /// JEP 527; RFC 8446 §4.1.2, §5.1; tldr.fail; golang/go#80573.
    LargeClientHelloDropped: "P106", "large-client-hello-dropped", since "0.1.0",
    "a ClientHello with a post-quantum key share was too large for something on the way",
    check, of BrokenUp
}

/// What TCP carries in one packet of an Ethernet (RFC 9293 §3.7.1) without options. Tunnels take some of it.
const ONE_PACKET: u32 = 1460;

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    if handshake.role != Some(Role::Client) || !only_client_hello(handshake) {
        return None;
    }
    let break_up = [How::Timeout, How::Reset, How::PeerClosed]
        .into_iter()
        .find_map(|how| transport_end(handshake, context, how))?;
    let hello = handshake.client_hello.as_deref()?;
    let hybrid: Vec<_> = hello
        .value
        .extensions
        .key_share_groups
        .iter()
        .filter(|group| is_post_quantum(group))
        .collect();
    if hybrid.is_empty() {
        return None;
    }
    let size = handshake
        .wire()
        .and_then(|wire| wire.client_hello_record.as_ref());
    let larger = match size {
        Some(size) if size.value <= ONE_PACKET => {
            format!(
                "makes it {} bytes long, which is all that a packet holds behind a tunnel",
                size.value
            )
        }
        Some(size) => format!(
            "makes it {} bytes long, more than the {ONE_PACKET} of one packet",
            size.value
        ),
        None => "makes it larger than one packet".to_owned(),
    };
    Some(
        Finding::error(&LargeClientHelloDropped, Confidence::Possible, "the ClientHello may be too large for something on the way")
            .explain(format!(
                "The ClientHello carries a key share of {}, which {larger}, and nothing came back. Boxes that expect the whole hello in one packet drop it. Other causes of the silence are as possible; the test decides.",
                listed(&hybrid)
            ))
            .fault_of(Party::Network)
            .evidence(hello.span, format!("key_share: {}", listed(&hello.value.extensions.key_share_groups)))
            .evidence_if(size, |bytes| format!("the record of the ClientHello: {bytes} bytes"))
            .evidence_of_break_up(Some(break_up))
            .remedy(Party::Network, "update the balancer, firewall or proxy that reads only the first packet", None)
            .remedy(Party::Client, "until then, offer the classic groups only", Some("-Djdk.tls.namedGroups=x25519,secp256r1,secp384r1".to_owned()))
            .confirm("succeeds with the small hello and fails with the large one if this is the cause", Some(format!("{} ; {}", context.openssl(handshake, "-groups X25519"), context.openssl(handshake, "-groups X25519MLKEM768"))))
            .references(&["JEP 527", "RFC 8446 §5.1"]),
    )
}

/// Groups with ML-KEM (or its draft name Kyber) in them.
pub(super) fn is_post_quantum(group: &str) -> bool {
    let group = group.to_ascii_uppercase();
    group.contains("MLKEM") || group.contains("KYBER")
}
