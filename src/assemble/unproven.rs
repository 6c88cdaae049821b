//! Logs of which lines were lost: that a connection was closed does not prove there that its handshake failed.

use crate::{
    event::{Anomaly, AnomalyKind},
    handshake::{
        Handshake, How, Noted, Outcome, Party, What, has_the_word, is_through, lost_message,
    },
    tls::AlertDescription,
};

/// Takes back a failure that rests on nothing but the end of the connection, where messages in front of it are
/// not in the log: the rest of the handshake may be among them. `anomalies` in the order of the log. Where that is the
/// wrong one, everything is less sure.
pub(super) fn reconsider(handshake: &mut Handshake, anomalies: &[Noted<Anomaly>]) {
    let first = anomalies.first().map(|first| first.value.kind);
    if first == Some(AnomalyKind::NewestFirstLeft) {
        handshake.assume("the log runs from the newest to the oldest, and was read as it is");
        handshake.ambiguous = true;
    }
    let Some(how) = bare_end(handshake) else {
        return;
    };
    let lost = lost_message(handshake);
    if let Some(lost) = lost.as_ref().filter(|_| is_through(handshake)) {
        handshake.assume(format!(
            "{lost} is not in the log; that what follows it is there is taken for success"
        ));
        handshake.outcome = Outcome::Established;
        handshake.break_up = None;
        return;
    }
    let is_lossy = lost.is_some()
        || has_the_word(handshake)
        || handshake.begins_midway
        || begins_with_keys(handshake)
        // that nothing came for a while is a sign of its own
        || how != How::Timeout && is_torn(handshake, anomalies);
    if how == How::LogEnds || !is_lossy {
        return;
    }
    let last_word = handshake.last_span();
    if let Some(break_up) = handshake.break_up.as_deref_mut() {
        let closed = std::mem::replace(&mut break_up.span, last_word);
        break_up.how = How::LogEnds;
        break_up.alert = None;
        break_up.by = Party::Unknown;
        handshake.rare_mut().closed_after_loss = Some(closed);
    }
    handshake.outcome = Outcome::Unfinished;
}

/// How it ended, if neither an alert nor an exception says that it failed.
fn bare_end(handshake: &Handshake) -> Option<How> {
    let break_up = handshake.break_up.as_deref()?;
    let says_nothing = match &break_up.alert {
        None => true,
        Some(alert) => {
            break_up.how == How::PeerClosed && alert.description == AlertDescription::CloseNotify
        }
    };
    let is_bare = says_nothing
        && break_up.exception.is_none()
        && handshake.fatal.is_none()
        && handshake.exception().is_none();
    is_bare.then_some(break_up.how)
}

/// A JVM that logs no message, and installs keys: more of it than these may be missing.
fn begins_with_keys(handshake: &Handshake) -> bool {
    let keys = |step: &crate::handshake::Step| step.what == What::KeysInstalled;
    !handshake.messages_logged && handshake.steps.iter().any(keys)
}

/// An entry breaks off in the middle of the handshake.
fn is_torn(handshake: &Handshake, anomalies: &[Noted<Anomaly>]) -> bool {
    let (first, last) = (
        handshake.first_span().order(),
        handshake.last_span().order(),
    );
    let from = anomalies.partition_point(|anomaly| anomaly.span.order() < first);
    anomalies[from..]
        .iter()
        .take_while(|anomaly| anomaly.span.order() <= last)
        .any(|anomaly| anomaly.value.kind == AnomalyKind::BodyNotClosed)
}
