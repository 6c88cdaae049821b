//! L103: the log ends, or falls silent, when the handshake is under way.

use crate::{
    assemble::Assembly,
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule, rules::listed},
    event::{AnomalyKind, Sender},
    handshake::{Handshake, How, Party, Role, Step},
    time::LogTime,
    tls::MessageKind,
};

rule! {
    /// ## When it fires
    /// A handshake has no end in the log: neither success, nor a failure, nor a close.
    ///
    /// ## Why handshakes break here
    /// Perhaps it did not: the log was cut, rotated or read too early. If the log goes on for long without a word
    /// of this handshake, it hangs, or its thread was stopped, or an `SSLEngine` was dropped: when the connection
    /// is reset, closed or given up, the application lets go of it, and JSSE logs nothing. Where several threads
    /// serve a connection, its messages may also be among those that were taken for another's: *possible*. Where messages
    /// are missing that must have been there, or entries break off, a connection that is merely closed has not failed.
    ///
    /// ## Evidence
    /// The last message, what was to come next, and how long the log goes on. This is no cause.
    ///
    /// ## Remedies
    /// Give the file after it as well, or wait for the time-out.
    ///
    /// ## Not to be confused with
    /// `handshake-timeout`: there the log says that time was up. `no-server-hello`.
    ///
    /// ## References
    /// RFC 8446 §4 (order of messages).
    LogEndsMidHandshake: "L103", "log-ends-mid-handshake", since "0.1.0",
    "the log ends in the middle of a handshake",
    check, of BrokenUp, log check_log
}

/// Longer silence than this before the log's end is more than a cut.
const SILENCE_MILLIS: i64 = 10_000;

/// How long the log goes on after the last word of the handshake.
fn silent_for(handshake: &Handshake, last_at: Option<&LogTime>) -> i64 {
    match (handshake.steps.iter().rev().find_map(Step::millis), last_at) {
        (Some(at), Some(end)) => (end.millis - at).max(0),
        _ => 0,
    }
}

fn has_no_end(handshake: &Handshake) -> bool {
    handshake
        .break_up
        .as_deref()
        .is_some_and(|break_up| break_up.how == How::LogEnds)
}

/// Several threads had a part in it, or its messages were joined by a guess.
fn may_be_mixed_up(handshake: &Handshake) -> bool {
    handshake.hops_threads || handshake.ambiguous
}

/// The same thread of a client begins with the same server anew, and this one was not answered yet.
fn tried_again<'a>(handshake: &Handshake, context: &Context<'a>) -> Option<&'a Handshake> {
    /// Those that come next.
    const NEAR: usize = 16;
    let last = handshake.last_message().map(|(_, kind)| kind);
    let unanswered = handshake.role == Some(Role::Client)
        && last == Some(&MessageKind::ClientHello)
        && handshake.server_hello.is_none()
        && !handshake.ambiguous;
    let position = usize::try_from(handshake.id).ok()?;
    let later = context.handshakes.iter().skip(position).take(NEAR);
    let again = later.filter(|_| unanswered).find(|other| {
        other.role == handshake.role
            && other.thread == handshake.thread
            && other.server_name() == handshake.server_name()
    })?;
    let earlier = position.saturating_sub(NEAR);
    let near = context.handshakes.get(earlier..).unwrap_or_default();
    let of_thread = near
        .iter()
        .take(2 * NEAR)
        .filter(|other| other.thread == handshake.thread);
    (!are_interleaved(of_thread)).then_some(again)
}

/// Whether one of these begins before the one before it is through, as on a selector's thread: there, one that begins
/// says nothing of the others.
fn are_interleaved<'a>(of_thread: impl Iterator<Item = &'a Box<Handshake>>) -> bool {
    let mut through = 0;
    for handshake in of_thread {
        if handshake.first_span().order() < through {
            return true;
        }
        let proper = |kind: &MessageKind| {
            !matches!(
                kind,
                MessageKind::NewSessionTicket | MessageKind::KeyUpdate | MessageKind::HelloRequest
            )
        };
        let last = handshake.messages().rfind(|(_, kind)| proper(kind));
        through = through.max(last.map_or(0, |(step, _)| step.span.order()));
    }
    false
}

/// Both ends have a Finished: the other one's is meant where one was there.
fn next_in_words(handshake: &Handshake, expected: &[MessageKind]) -> String {
    let of = |sender| handshake.has_sent(sender, &MessageKind::Finished);
    match expected {
        [MessageKind::Finished] if of(Sender::Client) => "The server's Finished".to_owned(),
        [MessageKind::Finished] if of(Sender::Server) => "The client's Finished".to_owned(),
        _ => listed(expected),
    }
}

fn finding(
    handshake: &Handshake,
    severity: Severity,
    silent_for: i64,
    again: Option<&Handshake>,
) -> Finding {
    let (last_at, last) = handshake.last_message().map_or_else(
        || (handshake.last_span(), "its beginning".to_owned()),
        |(step, kind)| (step.span, kind.to_string()),
    );
    let expected = handshake
        .break_up
        .as_deref()
        .map(|break_up| &break_up.expected)
        .filter(|expected| !expected.is_empty());
    let next = expected.map_or_else(String::new, |expected| {
        format!(
            " {} would have come next.",
            next_in_words(handshake, expected)
        )
    });
    let (headline, why) = if let Some(again) = again {
        (
            format!("nothing more of this handshake after {last}, and its thread begins another one (#{})", again.id),
            "Clients that drive an SSLEngine (java.net.http, Netty, Jetty) let go of a connection without a word to JSSE when it is closed or reset, and some try again at once. How this one ended is not in this log; the other may tell.".to_owned(),
        )
    } else if handshake.closed_after_loss().is_some() {
        (
            format!("messages of this handshake are missing in the log, and nothing says that it failed after {last}"),
            "The connection was closed later, without an alert, an exception or a failure. Lines in front of that are not in the log, so that it may as well have been established and used.".to_owned(),
        )
    } else if silent_for >= SILENCE_MILLIS {
        let seconds = silent_for / 1000;
        (
            format!("nothing more of this handshake after {last}, though the log goes on for {seconds} s"),
            "It may hang, or it was let go without a word: of an SSLEngine (java.net.http, NIO servers) whose connection was reset, closed or given up, JSSE logs nothing more. This is no cause, only where the trace is lost.".to_owned(),
        )
    } else {
        (
            format!("the log ends in the middle of a handshake, after {last}"),
            "How it went on is not in this log; nothing here says that it failed.".to_owned(),
        )
    };
    let (confidence, mixed_up) = if !handshake.messages_logged {
        (
            Confidence::Possible,
            " The log prints no handshake messages, so how far it came is not known: it may as well have succeeded.",
        )
    } else if again.is_some() {
        (Confidence::Possible, "")
    } else if may_be_mixed_up(handshake) {
        (
            Confidence::Possible,
            " Several threads served this connection, and others at the same time: what is missing may have been taken for another's.",
        )
    } else {
        (Confidence::Strong, "")
    };
    let remedy = if handshake.closed_after_loss().is_some() {
        "take the log anew, whole: straight from the JVM into a file, past collectors that drop lines when there are many, and with all of ssl:handshake"
    } else if again.is_some() || silent_for >= SILENCE_MILLIS {
        "look at what the application reported for this connection"
    } else {
        "look into the log file after this one, or take the log when the application has reported its error"
    };
    let finding = Finding::new(&LogEndsMidHandshake, severity, confidence, headline);
    let finding = match handshake.closed_after_loss() {
        Some(closed) => finding.evidence(closed, "the connection was closed here"),
        None => finding,
    };
    finding
        .explain(format!(
            "The last of this handshake in the log is {last}.{next} {why}{mixed_up}"
        ))
        .fault_of(Party::Unknown)
        .evidence(last_at, format!("{last}, the last of this handshake"))
        .remedy(Party::Either, remedy, None)
        .confirm(
            "a thread dump shows whether a handshake still waits (SSLSocketImpl.startHandshake)",
            Some("jcmd PID Thread.print".to_owned()),
        )
        .references(&["RFC 8446 §4"])
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    has_no_end(handshake).then(|| {
        finding(
            handshake,
            Severity::Warning,
            silent_for(handshake, context.last_at),
            tried_again(handshake, context),
        )
    })
}

fn check_log(assembly: &Assembly, context: &Context<'_>) -> Option<Finding> {
    let cut = assembly
        .anomalies
        .iter()
        .any(|anomaly| anomaly.value.kind == AnomalyKind::EntryCutOff);
    let last = assembly
        .handshakes
        .iter()
        .rev()
        .find(|handshake| has_no_end(handshake) && tried_again(handshake, context).is_none())?;
    let silent = silent_for(last, context.last_at);
    (cut || silent < SILENCE_MILLIS).then(|| finding(last, Severity::Info, silent, None))
}
