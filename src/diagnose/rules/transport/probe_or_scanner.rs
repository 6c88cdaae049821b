//! P107: somebody connected and never said a word of TLS.

use super::no_client_came;
use crate::{
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule},
    handshake::{Handshake, How, Outcome, Party, Role},
};

rule! {
    /// ## When it fires
    /// A connection to this server ended (end of stream, reset, time-out) before any ClientHello.
    ///
    /// ## Why handshakes break here
    /// TCP health checks, port scanners, and clients that give up before their first word (a client whose own
    /// policy leaves it nothing to offer). No handshake was tried, so nothing broke.
    ///
    /// ## Evidence
    /// No ClientHello; the end of the connection; how often the log has the same.
    ///
    /// ## Remedies
    /// None needed. A check that speaks TLS keeps the log clean.
    ///
    /// ## Not to be confused with
    /// `plaintext-client`: something was sent, but no TLS. `peer-closed-during-handshake`: a handshake had begun.
    ///
    /// ## References
    /// `sun.security.ssl.SSLSocketImpl.startHandshake` (the wrapper `Couldn't kickstart handshaking`).
    ProbeOrScanner: "P107", "probe-or-scanner", since "0.1.0",
    "a connection ended before any ClientHello: a probe, a scanner, or a client that gave up",
    check, of BrokenUp
}

/// How sure it is that nobody spoke, if it may be at all.
fn sureness(handshake: &Handshake, context: &Context<'_>) -> Option<Confidence> {
    let ended = handshake
        .break_up
        .as_deref()
        .is_some_and(|break_up| matches!(break_up.how, How::PeerClosed | How::Reset));
    if !ended || handshake.outcome != Outcome::Failed {
        return None;
    }
    if !no_client_came(handshake, context) {
        // others spoke, and what they said is not printed: so it may be with this one
        let may_be = handshake.role == Some(Role::Server)
            && handshake.last_message().is_none()
            && context.survey.hides_messages();
        return may_be.then_some(Confidence::Possible);
    }
    Some(if context.ended_unspoken > 1 {
        Confidence::Strong
    } else {
        Confidence::Likely
    })
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let confidence = sureness(handshake, context)?;
    let break_up = handshake.break_up.as_deref()?;
    let others = context.ended_unspoken.saturating_sub(1);
    let more = match others {
        0 => String::new(),
        1 => " The log has one more like it.".to_owned(),
        _ => format!(
            " The log has {others} more like it; a fixed period between them is the mark of a health check."
        ),
    };
    let end = match break_up.how {
        How::Reset => "was reset",
        _ => "was closed by the peer",
    };
    Some(
        Finding::new(&ProbeOrScanner, Severity::Info, confidence, "somebody connected and left without a ClientHello")
            .explain(format!(
                "The connection {end} before any ClientHello came. That is how TCP health checks and port scanners look, and also a client that had nothing to offer (its own log then says so).{more}"
            ))
            .fault_of(Party::Unknown)
            .evidence_of_break_up(Some(break_up))
            .remedy(Party::Client, "if it is a health check: let it speak TLS, or check a plain port", None)
            .confirm("shows who connects", Some("ss -tn state established '( sport = :443 )'   # or the access log of the balancer".to_owned()))
            .references(&["sun.security.ssl.SSLSocketImpl"]),
    )
}
