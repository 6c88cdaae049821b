//! The outcome of a handshake that gets no more events.

use super::{
    Open,
    ending::{self, Sifted},
};
use crate::{
    event::{Closing, Sender, Stage},
    handshake::{BreakUp, Handshake, How, Noted, Outcome, Party, Step, What, expected_next},
    span::Span,
    time::Stamp,
    tls::MessageKind,
};

/// Settles the outcome of a handshake that gets no more events.
pub(super) fn conclude(open: Open, sifted: &mut Sifted) -> Box<Handshake> {
    let mut handshake = open.handshake;
    if handshake.break_up.is_none()
        && !open.established
        && let Some(heard) = open.heard
    {
        let (thrown, stamp) = *heard;
        ending::by_application_exception(&mut handshake, thrown, stamp);
    }
    if handshake.break_up.is_none()
        && !open.established
        && keys_tell_success(&handshake, open.keys_installed)
    {
        handshake.outcome = Outcome::Established;
        handshake.assume("no handshake message is logged; that traffic keys were installed in both directions and no failure followed is taken for success");
        return handshake;
    }
    let is_through = open.untold && (handshake.cipher_suite.is_some() || handshake.resumed);
    if is_through && handshake.break_up.is_none() && !open.established && open.abandoned.is_none() {
        handshake.outcome = Outcome::Established;
        handshake.assume("Bouncy Castle up to 1.72 does not log that a handshake is complete; that no failure was logged is taken for success");
        return handshake;
    }
    let established = open.established || finished_before_the_log(&handshake);
    handshake.outcome = match (&handshake.break_up, established) {
        (Some(_), _) => Outcome::Failed,
        (None, true) => Outcome::Established,
        (None, false) => {
            let break_up = silent_end(&handshake, open.abandoned.as_deref(), open.closed);
            let outcome = if break_up.how == How::LogEnds {
                Outcome::Unfinished
            } else {
                Outcome::Failed
            };
            handshake.break_up = Some(Box::new(break_up));
            outcome
        }
    };
    if handshake.outcome == Outcome::Established {
        handshake.break_up = None;
    }
    ending::sift(&mut handshake, sifted);
    handshake
}

/// Of a handshake whose beginning is not in the log, the other Finished may be in the lost part: where what
/// is logged begins with the last flight.
pub(super) fn finished_before_the_log(handshake: &Handshake) -> bool {
    use MessageKind as M;
    if !handshake.begins_midway || handshake.break_up.is_some() {
        return false;
    }
    let Some((step, first)) = handshake.messages().next() else {
        return false;
    };
    let of_12 = handshake
        .version
        .as_ref()
        .is_some_and(|version| !version.is_13())
        || handshake.has_sent(Sender::Client, &M::ClientKeyExchange);
    let begins_last_flight = match (handshake.sender_of(step), first) {
        (_, M::Finished) | (Some(Sender::Server), M::NewSessionTicket) => true,
        (Some(Sender::Client), M::Certificate | M::CertificateVerify | M::EndOfEarlyData) => !of_12,
        _ => false,
    };
    begins_last_flight && handshake.messages().any(|(_, kind)| *kind == M::Finished)
}

/// Plain `ssl` on older updates prints no message, only that keys were installed: one pair for the
/// handshake and one for the data.
fn keys_tell_success(handshake: &Handshake, keys_installed: u8) -> bool {
    !handshake.messages_logged && keys_installed >= 3
}

/// The break-up of a handshake that ended without a word: closed by the application, or cut by the log's end.
fn silent_end(handshake: &Handshake, abandoned: Option<&Noted<Stamp>>, closed: bool) -> BreakUp {
    /// A peer that has not answered for this long is taken for silent.
    const SILENCE_MILLIS: i64 = 900;
    let own = handshake.role.map_or(Party::Unknown, Party::from);
    if let Some(break_up) = ending::by_alert_sent(handshake) {
        return break_up;
    }
    // a stack without messages tells how far it is in other steps
    let spoken =
        |step: &&Step| matches!(step.what, What::Connection(stage) if stage != Stage::Abandoned);
    let last = match handshake.last_message() {
        Some((step, _)) => Some(step),
        None => handshake.steps.iter().rev().find(spoken),
    };
    let (how, by, span) = match (abandoned, closed) {
        (Some(end), _) => {
            let waited = match (end.value.millis(), last.and_then(Step::millis)) {
                (Some(end), Some(last)) => end - last,
                _ => 0,
            };
            let how = if waited >= SILENCE_MILLIS {
                How::Timeout
            } else {
                How::LocalException
            };
            (how, own, end.span)
        }
        (None, true) => (How::LocalException, own, closed_at(handshake)),
        (None, false) => (How::LogEnds, Party::Unknown, handshake.last_span()),
    };
    BreakUp {
        after: handshake.last_message().map(|(_, kind)| kind.clone()),
        expected: expected_next(handshake),
        how,
        alert: None,
        exception: None,
        by,
        span,
        said: None,
    }
}

/// Where the transport was closed.
fn closed_at(handshake: &Handshake) -> Span {
    let is_closing = |step: &&Step| step.what == What::Closed(Closing::Transport);
    handshake
        .steps
        .iter()
        .find(is_closing)
        .map_or_else(|| handshake.last_span(), |step| step.span)
}
