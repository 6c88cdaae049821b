//! L100: the handshake failed, and nothing in the log says why.

use super::{OPTION, SHORT_OPTION, gap};
use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, never, own_party, peer_party, the_peer},
    },
    event::{Cause, Stage},
    handshake::{Handshake, How, Party, Role, Step, What},
};

rule! {
    /// ## When it fires
    /// A handshake failed and no other rule can say anything about it.
    ///
    /// ## Why handshakes break here
    /// It is not known. What the log shows fits no known fault, or the log shows too little.
    ///
    /// ## Evidence
    /// Where and how the handshake ended, in the log's own words.
    ///
    /// ## Remedies
    /// More log: an option that prints more, the other side's log, a packet capture.
    ///
    /// ## Not to be confused with
    /// `refused-without-reason`, `peer-closed-during-handshake`: there it is known at least who ended it, and how.
    ///
    /// ## References
    /// `java -Djavax.net.debug=help`.
    Undetermined: "L100", "undetermined", since "0.1.0",
    "the handshake failed, and the log does not say why",
    never, of Nothing
}

/// The finding for a failed handshake about which no rule says anything.
pub(in crate::diagnose) fn of(handshake: &Handshake, context: &Context<'_>) -> Finding {
    let break_up = handshake.break_up.as_deref();
    if let Some(finding) = of_giving_up(handshake, context)
        .or_else(|| of_own_code(handshake, context))
        .or_else(|| of_own_close(handshake))
        .or_else(|| of_silent_close(handshake))
    {
        return finding;
    }
    let words = break_up.map_or_else(|| "nothing".to_owned(), crate::handshake::BreakUp::in_words);
    let mut missing = Vec::new();
    if let Some(gap) = gap(context) {
        missing.push(format!("the log has no {}", gap.trim_start_matches("the ")));
    }
    if handshake.begins_midway {
        missing.push("the beginning of the handshake is not in the log".to_owned());
    }
    if context.survey.trust == 0 {
        missing.push("trust anchors are not logged".to_owned());
    }
    if context.survey.keys == 0 {
        missing.push("keys are not logged".to_owned());
    }
    if handshake.paired_with.is_none() {
        missing.push(format!("the log of {} is not here", the_peer(handshake)));
    }
    Finding::error(&Undetermined, Confidence::Possible, "the handshake failed, and the log does not say why")
        .explain(format!("The log says: {words}. That fits no known fault. What is missing: {}.", missing.join("; ")))
        .fault_of(Party::Unknown)
        .evidence_of_break_up(break_up)
        .remedy(own_party(handshake), "log more (JDK 8 to 25)", Some(SHORT_OPTION.to_owned()))
        .remedy(own_party(handshake), "log more (JDK 26 and later, or keys and anchors too); 'all', 'plaintext' and 'keygen' would print secrets", Some(OPTION.to_owned()))
        .remedy(peer_party(handshake), "look into the log of the other end at the same moment", None)
        .confirm("does another client get through?", Some(context.openssl(handshake, "")))
        .references(&["java -Djavax.net.debug=help"])
}

/// Bouncy Castle tells its peer when the application closes a connection in the middle of the handshake.
fn of_giving_up(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let is_giving_up = |step: &&Step| step.what == What::Connection(Stage::Abandoned);
    let step = handshake.steps.iter().find(is_giving_up)?;
    let peer = the_peer(handshake);
    let far = if handshake.heard().is_some() {
        format!("{peer} had answered by then")
    } else {
        format!("nothing of {peer} is logged before")
    };
    Some(
        Finding::error(&Undetermined, Confidence::Possible, "this JVM gave the handshake up itself")
            .explain(format!("Bouncy Castle says user_canceled where the application closes a connection before its handshake is complete; {far}. Mostly a time-out of the application is over (its own log has the SocketTimeoutException, Bouncy Castle does not log it), or the application shuts down."))
            .fault_of(Party::Unknown)
            .evidence(step.span, "user_canceled, sent by this JVM")
            .remedy(own_party(handshake), "look at this moment into the application's log: why does it close the connection?", None)
            .remedy(peer_party(handshake), "if it is a time-out: find out why the peer had not answered by then", None)
            .confirm("does another client get through, and how fast?", Some(format!("time {}", context.openssl(handshake, ""))))
            .references(&["RFC 8446 §6.1"]),
    )
}

/// Code that is none of the JDK's threw inside the handshake, as a trust manager of the application does.
fn of_own_code(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let thrown = refusal.throwable?;
    let class = thrown.thrown_in.as_deref()?;
    let words = thrown.in_words()?;
    Some(
        Finding::error(&Undetermined, Confidence::Possible, format!("{class}, which is not the JDK's, broke the handshake off"))
            .explain(format!("{words}. That was thrown by {class}: code of the application or of a library that takes part in the handshake, most often a trust manager of its own (certificate pinning, a list of fingerprints). What it demands, only its source, its settings and its authors can tell; the TLS stack of the JDK only passes its refusal on."))
            .fault_of(own_party(handshake))
            .evidence(refusal.span, words.to_string())
            .remedy(own_party(handshake), format!("look into {class}, and into what it is told to accept (pins, fingerprints, a list of its own); if the peer's certificate was renewed, renew that, too"), None)
            .confirm("what the peer shows, to compare with what that code expects", Some(format!("{} | openssl x509 -noout -subject -issuer -fingerprint -sha256", context.openssl(handshake, ""))))
            .references(&["javax.net.ssl.X509ExtendedTrustManager"]),
    )
}

/// What `java.net` says to a thread whose socket another thread of this JVM has closed; a peer that closes
/// brings an end of stream or a reset.
const CLOSED_HERE: [&str; 2] = ["Socket closed", "Socket is closed"];

/// The same of `java.nio`: for the thread that was waiting, and for one that was interrupted as it did.
const CHANNEL_CLOSED_HERE: [&str; 2] = ["AsynchronousCloseException", "ClosedByInterruptException"];

/// What tells that the socket or channel was closed on this side.
fn closed_here<'a>(refusal: &Refusal<'a>) -> Option<&'a Cause> {
    let of_socket = refusal
        .cause("SocketException")
        .filter(|cause| CLOSED_HERE.contains(&cause.plain_message()));
    let of_channel = |class: &&str| refusal.cause(class);
    of_socket.or_else(|| CHANNEL_CLOSED_HERE.iter().find_map(of_channel))
}

/// Whole seconds, and the little that it takes to notice.
fn is_even(millis: i64) -> bool {
    const NOTICED: i64 = 60;
    millis >= 1000 && millis % 1000 <= NOTICED
}

/// This JVM took the socket away itself while the handshake was under way.
fn of_own_close(handshake: &Handshake) -> Option<Finding> {
    let break_up = handshake.break_up.as_deref()?;
    let refusal = Refusal::of(handshake)?;
    let closed = closed_here(&refusal)?;
    let words = match closed.plain_message() {
        "" => closed.simple_class(),
        words => words,
    };
    let waited = handshake.duration_ms().map_or_else(String::new, |millis| {
        let hint = if is_even(millis) {
            "; so even a figure is mostly a time-out of the application's own"
        } else {
            ""
        };
        format!(" It had lasted {millis} ms by then{hint}.")
    });
    let awaited = match handshake.last_message() {
        Some((_, kind)) => format!(" The last message was {kind}."),
        None => String::new(),
    };
    Some(
        Finding::error(&Undetermined, Confidence::Likely, "this JVM closed the connection itself while the handshake was under way")
            .explain(format!("The log says: {words}. A thread is told so when another thread of the same JVM has closed its socket: a watchdog or time-out of the application, a pool that shuts down, a request that was cancelled. Neither the peer nor the network did it.{waited}{awaited} If the peer was slow to answer, that may be why the application gave up."))
            .fault_of(own_party(handshake))
            .evidence(refusal.span, closed.in_words())
            .evidence_if(handshake.client_hello.as_deref(), |_| "the ClientHello".to_owned())
            .remedy(own_party(handshake), "find who closes it: time-outs for connecting and for requests, pool and shutdown settings, in the application's log at this moment", None)
            .remedy(peer_party(handshake), "if it is a time-out: find out why the peer had not answered by then", None)
            .confirm("shows which thread closes the socket", Some("jcmd <pid> Thread.print   # or a breakpoint in java.net.Socket.close".to_owned()))
            .references(&["java.net.Socket.close"]),
    )
    .filter(|_| !break_up.how.is_transport())
}

/// The library that drives the engine let the connection go, and did not tell JSSE why.
fn of_silent_close(handshake: &Handshake) -> Option<Finding> {
    let break_up = handshake.break_up.as_deref()?;
    let awaited = break_up.expected.first()?;
    let wordless = break_up.how == How::LocalException
        && break_up.exception.is_none()
        && Refusal::of(handshake).is_none();
    if !wordless || handshake.ambiguous {
        return None;
    }
    let peer = the_peer(handshake);
    let judged = handshake.role == Some(Role::Server) && handshake.own_chain().is_some();
    let hangs_up = if judged {
        " A client that does not accept the certificate it was shown often just hangs up at this point (certificate-rejected-by-peer)."
    } else {
        ""
    };
    Some(
        Finding::error(&Undetermined, Confidence::Possible, format!("this JVM let the connection go while {awaited} was awaited from {peer}"))
            .explain(format!("No alert, no failure and no exception is logged. Servers and clients that drive an SSLEngine (Jetty, Netty, Tomcat) close it so when the peer has closed or reset the connection, and when a time-out of their own is over; which of these it was, they say in their own log, if at all.{hangs_up}"))
            .fault_of(Party::Unknown)
            .evidence_of_break_up(Some(break_up))
            .remedy(own_party(handshake), "look at this moment into the log of the server or client library, at its debug level", None)
            .remedy(peer_party(handshake), "look at its own log at this moment: whether it hung up, and why", None)
            .confirm("shows who ends the connection, and how (FIN or RST)", Some("tcpdump -nv 'tcp[tcpflags] & (tcp-fin|tcp-rst) != 0'".to_owned()))
            .references(&["javax.net.ssl.SSLEngine.closeInbound"]),
    )
}
