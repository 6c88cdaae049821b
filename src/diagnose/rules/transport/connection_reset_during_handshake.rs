//! P104: the connection was reset in the middle of the handshake.

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
    handshake::{Handshake, How, Party, Role},
};

rule! {
    /// ## When it fires
    /// `Connection reset`, `Broken pipe`, `Software caused connection abort` and the like before the handshake
    /// was complete, or `readHandshakeRecord`, which stands round an I/O error, where the error itself is not logged.
    ///
    /// ## Why handshakes break here
    /// The peer's process let go with data unread, or a firewall, balancer or proxy sent the RST in its name. A
    /// refused certificate often looks like this too: the alert was overtaken by the end of the connection.
    ///
    /// ## Evidence
    /// The exception, the last message, and what was pending. The cause is *possible* only.
    ///
    /// ## Remedies
    /// The peer's log; the tests; a packet capture on both sides (the TTL of the RST tells who sent it).
    ///
    /// ## Not to be confused with
    /// `peer-closed-during-handshake`: closed in order. `client-certificate-missing`, `certificate-rejected-by-peer`:
    /// causes that can look like this.
    ///
    /// ## References
    /// RFC 9293 §3.5.2; RFC 8446 §6; `sun.security.ssl.TransportContext.fatal`.
    ConnectionResetDuringHandshake: "P104", "connection-reset-during-handshake", since "0.1.0",
    "the connection was reset during the handshake",
    check, of BrokenUp
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let break_up = transport_end(handshake, context, How::Reset)?;
    let peer = the_peer(handshake);
    let by_network = break_up.by == Party::Network;
    let read_error = is_read_error(handshake);
    let mut text = if read_error {
        format!(
            "This JVM could not read from the connection any more{}: readHandshakeRecord stands round an I/O error of the socket, which the log does not show. Mostly the peer has reset or closed it.",
            after(break_up, context)
        )
    } else {
        format!("The connection was torn down{}.", after(break_up, context))
    };
    text.push_str(if by_network {
        CUT_BETWEEN
    } else {
        " Who did it, and why, is not in this log."
    });
    let hello_only = only_client_hello(handshake) && handshake.role != Some(Role::Server);
    if by_network {
        // neither end can have a reason
    } else if hello_only {
        text.push_str(" Candidates, the likeliest first: ");
        text.push_str(&candidates(handshake).join("; "));
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
        &ConnectionResetDuringHandshake,
        Confidence::Possible,
        if by_network {
            format!(
                "the connection was reset{}, for both ends",
                after(break_up, context)
            )
        } else if read_error {
            format!(
                "the connection with {peer} ended{}",
                after(break_up, context)
            )
        } else {
            // who sent the RST, a log does not tell
            format!(
                "the connection with {peer} was reset{}",
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
            format!("look up the reason in the log of {peer}, at this moment"),
            None,
        )
        .remedy(
            Party::Network,
            "ask whether a firewall, proxy or balancer on the way resets such connections",
            None,
        )
        .confirm(
            "on both sides: if only one sees the RST leave, a box between sent it",
            Some("tcpdump -nv 'tcp[tcpflags] & tcp-rst != 0'".to_owned()),
        )
        .references(&["RFC 9293 §3.5.2"]);
    Some(if handshake.role == Some(Role::Server) {
        finding
    } else {
        with_tests(finding, handshake, context)
    })
}

/// `SSLException: readHandshakeRecord`, and nothing of what is under it.
fn is_read_error(handshake: &Handshake) -> bool {
    let handled = handshake.exception().map(|thrown| &thrown.value);
    let fatal = handshake.fatal.as_deref();
    let thrown = handled.or_else(|| fatal?.value.throwable.as_ref());
    thrown
        .and_then(|thrown| thrown.root())
        .is_some_and(|root| &*root.message == "readHandshakeRecord")
}

/// As for a peer that hangs up, but a firewall comes first: RST is its way of saying no.
fn candidates(handshake: &Handshake) -> Vec<String> {
    let mut found = candidates_after_client_hello(handshake);
    if let Some(at) = found
        .iter()
        .position(|candidate| candidate.contains("firewall"))
    {
        found[..=at].rotate_right(1);
    }
    found
}
