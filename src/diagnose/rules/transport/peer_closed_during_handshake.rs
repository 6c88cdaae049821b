//! P103: the peer closed the connection in the middle of the handshake.

use super::{
    CUT_BETWEEN, after, candidates_after_client_hello, fault, only_client_hello, pending,
    transport_end, with_tests, without_messages,
};
use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{peer_party, the_peer},
    },
    event::Closing,
    handshake::{BreakUp, Handshake, How, Party, Role, Step, What},
};

rule! {
    /// ## When it fires
    /// The stream ended in order (FIN, or `close_notify`) before the handshake was complete: `Remote host
    /// terminated the handshake`, `SSL peer shut down incorrectly`, `Remote host closed connection during handshake`.
    ///
    /// ## Why handshakes break here
    /// The peer, or a box between, hung up without an alert. That it did is certain; why is not in this log.
    ///
    /// ## Evidence
    /// The end of the stream, the last message, and what was pending: a certificate just sent is the best hint.
    /// The cause is *possible* only.
    ///
    /// ## Remedies
    /// The peer's log; the tests, which change one thing at a time.
    ///
    /// ## Not to be confused with
    /// `connection-reset-during-handshake`; `handshake-timeout`; `probe-or-scanner` (no ClientHello came);
    /// `client-certificate-missing`, `certificate-rejected-by-peer`: causes that can look like this.
    ///
    /// ## References
    /// RFC 8446 §6.1; `sun.security.ssl.SSLSocketImpl.handleEOF`.
    PeerClosedDuringHandshake: "P103", "peer-closed-during-handshake", since "0.1.0",
    "the peer closed the connection during the handshake without saying why",
    check, of BrokenUp
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let break_up = transport_end(handshake, context, How::PeerClosed)?;
    let peer = the_peer(handshake);
    let by_network = break_up.by == Party::Network;
    // what Java's channels throw however the connection ended
    let untold = break_up
        .exception
        .as_deref()
        .is_some_and(|words| words.contains("ClosedChannelException"));
    let mut text = if untold {
        format!(
            "The connection ended{}, without an alert; whether in order or by a reset, a ClosedChannelException does not tell.",
            after(break_up, context)
        )
    } else {
        format!(
            "The connection ended in order{}, without an alert.",
            after(break_up, context)
        )
    };
    text.push_str(if by_network {
        CUT_BETWEEN
    } else {
        " Why is not in this log."
    });
    if !by_network && closed_first(handshake, break_up) {
        text.push_str(" This side had closed its own end a moment before, as libraries do when the peer is gone, and when their own time-out is over: which of the two it was, the application's log tells.");
    }
    let hello_only = only_client_hello(handshake) && handshake.role != Some(Role::Server);
    if by_network {
        // neither end can have a reason
    } else if hello_only {
        text.push_str(" Candidates, the likeliest first: ");
        text.push_str(&candidates_after_client_hello(handshake).join("; "));
        text.push('.');
    } else {
        let pending = pending(handshake);
        if !pending.is_empty() {
            text.push(' ');
            text.push_str(&pending);
        } else if handshake.last_message().is_none() {
            text.push_str(&without_messages(handshake, context));
        }
    }
    let finding = Finding::error(
        &PeerClosedDuringHandshake,
        Confidence::Possible,
        if by_network {
            format!(
                "the connection was cut{}, for both ends",
                after(break_up, context)
            )
        } else {
            format!(
                "{peer} closed the connection{} and did not say why",
                after(break_up, context)
            )
        },
    )
    .explain(text)
    .fault_of(fault(break_up))
    .evidence_of_break_up(Some(break_up));
    let finding = match handshake.last_message() {
        Some((step, kind)) => finding.evidence(step.span, format!("{kind}, the last message")),
        None => finding,
    };
    let finding = finding
        .remedy(
            peer_party(handshake),
            format!("look up the reason in the log of {peer} (or of the balancer), at this moment"),
            None,
        )
        .references(&["RFC 8446 §6.1"]);
    Some(if handshake.role == Some(Role::Server) {
        finding.confirm(
            "the client's own log of this moment has the reason",
            Some("-Djavax.net.debug=ssl:handshake   # on a Java client".to_owned()),
        )
    } else {
        with_tests(finding, handshake, context)
    })
}

/// An engine that this side closed, in both directions: it misses the peer's `close_notify` then, whoever left.
fn closed_first(handshake: &Handshake, break_up: &BreakUp) -> bool {
    let of_engine = break_up
        .exception
        .as_deref()
        .is_some_and(|words| words.contains("before receiving peer's close_notify"));
    let local = |step: &Step| {
        matches!(step.what, What::Closed(Closing::Local))
            && step.span.order() < break_up.span.order()
    };
    of_engine && handshake.steps.iter().any(local)
}
