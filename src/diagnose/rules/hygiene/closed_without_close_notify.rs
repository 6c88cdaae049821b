//! H104: established, but the peer ended the connection without saying so.

use crate::{
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule, rules::peer_party},
    event::Closing,
    handshake::{Handshake, Outcome, Party, What},
    search::holds,
    span::Span,
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// A handshake was established, and later the peer ended the connection without the alert `close_notify`:
    /// `closing inbound before receiving peer's close_notify`, or the end of the stream with no such alert before it.
    ///
    /// ## Why handshakes break here
    /// They do not: this one was done. But without `close_notify` nobody can tell a finished answer from one that was
    /// cut off on the way (truncation), so the JDK reports it as an error in some places, `SSLEngine.closeInbound` above all.
    /// Many servers and balancers end connections like that when they have nothing more to say.
    ///
    /// ## Evidence
    /// JSSE's words: *certain*; *strong* where the application printed them and they are only taken to be about this
    /// connection. The end of the stream without an alert before it, and before this side closed:
    /// *strong*, as far as the log shows both.
    ///
    /// ## Remedies
    /// None needed where the protocol above tells the length of its messages. Else let the peer send `close_notify`.
    ///
    /// ## Not to be confused with
    /// `peer-closed-during-handshake`: there the handshake was still under way. `closed-by-application`: other
    /// errors behind a handshake.
    ///
    /// ## References
    /// RFC 8446 §6.1; RFC 5246 §7.2.1; `sun.security.ssl.SSLEngineImpl.closeInbound`, `com.sun.net.ssl.requireCloseNotify`.
    ClosedWithoutCloseNotify: "H104", "closed-without-close-notify", since "0.1.0",
    "the peer ended an established connection without close_notify",
    check, of Established
}

/// JSSE's words for it, when the handshake is done.
const WORDS: [&str; 3] = [
    // `closing inbound …`, and `Inbound closed …: possible truncation attack?` before JDK 11 and 8u261
    "before receiving peer's close_notify",
    "SSL peer shut down incorrectly",
    "Remote host closed connection",
];

/// Whether words of an error say that the peer left without `close_notify`.
pub(super) fn is_said(words: &str) -> bool {
    WORDS.iter().any(|known| holds(words, known))
}

fn check(handshake: &Handshake, _context: &Context<'_>) -> Option<Finding> {
    if handshake.outcome != Outcome::Established {
        return None;
    }
    let said = handshake.aftermath().filter(|words| is_said(&words.value));
    let (confidence, span, text) = match said {
        Some(words) => {
            // a guess may stand between the words and this connection
            let sure = if handshake.assumptions().is_empty() {
                Confidence::Certain
            } else {
                Confidence::Strong
            };
            (sure, words.span, words.value.to_string())
        }
        None => (
            Confidence::Strong,
            unannounced_end(handshake)?,
            "the end of the stream, without close_notify before it".to_owned(),
        ),
    };
    Some(
        Finding::new(&ClosedWithoutCloseNotify, Severity::Info, confidence, "the peer ended the connection later without close_notify")
            .explain("The handshake was done. Later the peer ended the connection without the alert that announces it, so this side cannot tell whether all data came. Where the protocol above knows the length of its messages (HTTP does), that does no harm; an error message about it is none of the handshake's.")
            .fault_of(peer_party(handshake))
            .evidence(span, text)
            .remedy(peer_party(handshake), "send close_notify before the connection is closed, or leave it as it is where the protocol above tells where a message ends", None)
            .remedy(Party::Either, "do not take the exception for a failed handshake; with SSLEngine, call closeInbound() only when close_notify has come", None)
            .confirm("an answer that is cut off is shorter than its Content-Length", None)
            .references(&["RFC 8446 §6.1"]),
    )
}

/// The end of the stream, if neither side had announced it.
fn unannounced_end(handshake: &Handshake) -> Option<Span> {
    let mut last = None;
    for step in handshake.messages_logged.then_some(&handshake.steps)? {
        match &step.what {
            What::Closed(Closing::Peer) => {
                last = Some(step.span);
                break;
            }
            What::Closed(_) | What::AlertSent(_) => return None,
            What::AlertReceived(alert) if alert.description == AlertDescription::CloseNotify => {
                return None;
            }
            _ => {}
        }
    }
    last
}
