//! P105: the peer did not answer in time.

use super::{
    CUT_BETWEEN, fault, large_client_hello_dropped::is_post_quantum, only_client_hello, pending,
};
use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{listed, own_party, peer_party, the_peer},
    },
    handshake::{BreakUp, Handshake, How, Party, Role, Step, What},
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// A read timed out during the handshake (`SocketTimeoutException: Read timed out`), or the application
    /// closed the connection after a long silence.
    ///
    /// ## Why handshakes break here
    /// The peer got the message and is stuck (key store, HSM, OCSP, overload), or it never got it: a box dropped it.
    ///
    /// ## Evidence
    /// Which message was awaited, and how long. That time ran out is *likely* or *strong*; why is not in this log.
    /// *Possible* where nothing shows that the read was a handshake's: one of application data may be meant; and where a
    /// peer that was not heard before sends `unexpected_message`, as JDK 8 does when its own read times out.
    ///
    /// ## Remedies
    /// Find out on the peer whether the last message arrived.
    ///
    /// ## Not to be confused with
    /// `large-client-hello-dropped`: a special case. `peer-closed-during-handshake`: there the peer hung up.
    ///
    /// ## References
    /// `java.net.Socket.setSoTimeout`; RFC 9293 §3.8.
    HandshakeTimeout: "P105", "handshake-timeout", since "0.1.0",
    "the peer did not answer in time during the handshake",
    check, of BrokenUp
}

/// The offer has more groups than the test leaves, or a share that fills a packet.
fn may_be_smaller(handshake: &Handshake) -> bool {
    let Some(hello) = &handshake.client_hello else {
        return false;
    };
    let extensions = &hello.value.extensions;
    let more = extensions
        .supported_groups
        .iter()
        .flat_map(|groups| groups.iter())
        .any(|group| !matches!(&**group, "x25519" | "secp256r1"));
    more || extensions
        .key_share_groups
        .iter()
        .any(|group| is_post_quantum(group))
}

/// How long this side waited behind the last message.
fn waited(handshake: &Handshake, break_up: &BreakUp) -> Option<i64> {
    let (last, _) = handshake.last_message()?;
    let end = handshake
        .steps
        .iter()
        .find(|step| step.span == break_up.span)?;
    let millis = end.millis()? - last.millis()?;
    (millis >= 0).then_some(millis)
}

/// The read may be one of application data: its frames say so, or those that would show a handshake are not there.
fn may_be_later(handshake: &Handshake) -> bool {
    let by_application = |step: &Step| matches!(step.what, What::ApplicationException(_));
    let fatal = handshake.fatal.as_deref();
    let thrown = fatal
        .and_then(|fatal| fatal.value.throwable.as_deref())
        .or_else(|| handshake.exception().map(|thrown| &*thrown.value));
    thrown.is_some_and(|thrown| {
        let of_socket = !thrown.by_engine && !handshake.steps.iter().any(by_application);
        thrown.after_handshake || (of_socket && thrown.in_handshake == Some(false))
    })
}

/// A client of whom nothing else arrived says what the JSSE of JDK 8 says when its read times out (8u504 does).
fn told_by_client(handshake: &Handshake, break_up: &BreakUp) -> Option<Finding> {
    let says_so = break_up.received_alert() == Some(&AlertDescription::UnexpectedMessage);
    if !says_so || handshake.role == Some(Role::Client) || handshake.last_message().is_some() {
        return None;
    }
    Some(
        Finding::error(&HandshakeTimeout, Confidence::Possible, "the client may have waited in vain: its ClientHello did not get through")
            .explain("No handshake message is in the log before this alert: if the debug option prints them, nothing else came from the client. A client on JDK 8 sends unexpected_message when its read times out in the handshake (later ones send nothing): then its ClientHello was lost on the way, and the alert was not. Large ones are, in boxes that expect a hello in one packet (large-client-hello-dropped). The client's log has the exception.")
            .fault_of(Party::Network)
            .evidence_of_break_up(Some(break_up))
            .remedy(Party::Client, "look into the client's log at this moment: SocketTimeoutException says that it is this", None)
            .remedy(Party::Network, "let a box between pass a ClientHello of more than one packet", None)
            .confirm("on the client, with fewer key shares: succeeds if the size of the ClientHello is the cause", Some("-Djdk.tls.namedGroups=x25519,secp256r1".to_owned()))
            .references(&["sun.security.ssl.SSLSocketImpl"]),
    )
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let break_up = handshake.break_up.as_deref()?;
    if break_up.how != How::Timeout {
        return told_by_client(handshake, break_up);
    }
    let peer = the_peer(handshake);
    let awaited = if break_up.expected.is_empty() {
        "an answer".to_owned()
    } else {
        break_up
            .expected
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" or ")
    };
    let time =
        waited(handshake, break_up).map_or_else(String::new, |millis| format!(" {millis} ms"));
    let reasons = if only_client_hello(handshake) {
        "The ClientHello may never have arrived (a firewall or proxy that drops it), the port may be served by something that waits for the client to speak another protocol, or the peer is overloaded.".to_owned()
    } else if handshake.role == Some(Role::Server) && handshake.last_message().is_none() {
        "The client connected and said nothing: a health check or a pool that keeps a connection open, a client that waits for the server to speak first (as in SMTP or FTP), or its ClientHello was lost.".to_owned()
    } else {
        format!(
            "{} The peer may be stuck in its key store, HSM or OCSP, or the network lost a large message (MTU).",
            pending(handshake)
        )
        .trim_start()
        .to_owned()
    };
    // a read can time out long after a handshake that nobody logged, or of which the end is lost
    let unlogged = !handshake.messages_logged && handshake.role != Some(Role::Server);
    let spoken = if unlogged || may_be_later(handshake) {
        Confidence::Possible
    } else if break_up.exception.is_some() {
        Confidence::Strong
    } else {
        Confidence::Likely
    };
    let finding = Finding::error(
        &HandshakeTimeout,
        spoken,
        format!("{peer} did not send {awaited} in time"),
    )
    .explain(format!(
        "This side waited{time} for {awaited}; then time was up. {reasons}{}",
        if break_up.by == Party::Network {
            CUT_BETWEEN
        } else {
            ""
        }
    ))
    .fault_of(fault(break_up))
    .evidence_of_break_up(Some(break_up));
    let finding = match handshake.last_message() {
        Some((step, kind)) => finding.evidence(step.span, format!("{kind}, the last message")),
        None => finding,
    };
    let hello = handshake.client_hello.as_deref();
    let shares = hello
        .map(|hello| &hello.value.extensions.key_share_groups)
        .filter(|shares| !shares.is_empty())
        .map(listed);
    let finding = finding
        .remedy(peer_party(handshake), format!("find out whether the last message reached {peer}, and what it was doing then (thread dump)"), None)
        .remedy(own_party(handshake), "a longer time-out helps only if the peer is slow, not if the message was lost", Some("Java: socket.setSoTimeout(30_000);".to_owned()))
        .references(&["java.net.Socket.setSoTimeout"]);
    Some(if handshake.role == Some(Role::Client) {
        let finding = finding.confirm(
            "does the server answer another client from here, and how fast?",
            Some(format!("time {}", context.openssl(handshake, ""))),
        );
        match shares.filter(|_| only_client_hello(handshake) && may_be_smaller(handshake)) {
            Some(shares) => finding.confirm(format!("with fewer key shares (now {shares}): succeeds if the size of the ClientHello is the cause"), Some("-Djdk.tls.namedGroups=x25519,secp256r1".to_owned())),
            None => finding,
        }
    } else {
        finding
    })
}
