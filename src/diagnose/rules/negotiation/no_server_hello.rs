//! N112: a ClientHello, and nothing that says why it was not answered.

use crate::{
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule},
    handshake::{Handshake, How, Outcome, Party, Role},
    tls::MessageKind,
};

rule! {
    /// ## When it fires
    /// A ClientHello is the last message, no alert, exception or end of stream says what happened, and either
    /// this side let the connection go or the thread fell silent long before the log ends.
    ///
    /// ## Why handshakes break here
    /// The peer never answered and the application lost patience; or an exception was swallowed; or the
    /// answer was logged elsewhere.
    ///
    /// ## Evidence
    /// Only what is missing: *possible*.
    ///
    /// ## Remedies
    /// Find out whether the ClientHello arrives, and what the peer's log says.
    ///
    /// ## Not to be confused with
    /// `handshake-timeout`, `peer-closed-during-handshake`, `connection-reset-during-handshake`: there the log
    /// says how it ended. `log-ends-mid-handshake`: the log simply stops.
    ///
    /// ## References
    /// RFC 8446 §4.1; `javax.net.ssl.SSLSocket.close`.
    NoServerHello: "N112", "no-server-hello", since "0.1.0",
    "a ClientHello was not answered, and nothing says why",
    check, of BrokenUp
}

/// Silence of this length before the log's end is more than a cut.
const SILENCE_MILLIS: i64 = 10_000;

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let break_up = handshake.break_up.as_deref()?;
    let (step, last) = handshake.last_message()?;
    if *last != MessageKind::ClientHello || break_up.exception.is_some() || break_up.alert.is_some()
    {
        return None;
    }
    let silent_for = match (step.millis(), context.last_at) {
        (Some(at), Some(end)) => end.millis - at,
        _ => 0,
    };
    let (severity, how) = match (break_up.how, handshake.outcome) {
        (How::LocalException, Outcome::Failed) => (
            Severity::Error,
            "this side let the connection go without a word".to_owned(),
        ),
        (How::LogEnds, _) if silent_for >= SILENCE_MILLIS => (
            Severity::Warning,
            format!(
                "the log goes on for {} s without another word of it",
                silent_for / 1000
            ),
        ),
        _ => return None,
    };
    let is_client = handshake.role != Some(Role::Server);
    let headline = if is_client {
        "the ClientHello was not answered"
    } else {
        "this server did not answer the ClientHello"
    };
    let finding = Finding::new(&NoServerHello, severity, Confidence::Possible, headline)
        .explain(format!(
            "After the ClientHello there is no ServerHello, no alert and no exception; {how}. Candidates: the peer (or a box between) swallows the ClientHello; the application gave up or was stopped; another thread logged the rest."
        ))
        .fault_of(Party::Unknown)
        .evidence(step.span, "ClientHello, the last message");
    let finding = if break_up.span == step.span {
        finding
    } else {
        finding.evidence(break_up.span, break_up.in_words())
    };
    Some(
        finding
            .remedy(Party::Client, "log exceptions of the connection, and give it a time-out that shows (setSoTimeout)", None)
            .remedy(Party::Server, "look at this moment in the peer's own log", None)
            .confirm("shows whether the server answers such a hello from here", Some(context.openssl(handshake, "")))
            .references(&["RFC 8446 §4.1"]),
    )
}
