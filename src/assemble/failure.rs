//! Which handshake a failure belongs to.
//!
//! Failures carry nothing that identifies a connection. A socket's thread reports those of its own; an
//! engine's are reported by whatever thread was free.

use super::{Assembler, MAX_WAITING, Open};
use crate::{
    event::{Event, Fact, Throwable},
    handshake::Handshake,
    tls::{AlertDescription, AlertLevel},
};

impl Assembler {
    /// Failures belong to what the thread does now; with engines, to what waits elsewhere; else to
    /// a connection that broke before its first message.
    pub(super) fn of_failure(&mut self, event: &Event) -> Option<usize> {
        let latest = self.current();
        if let Some(index) = latest.filter(|&index| self.is_sockets_latest(index, &event.fact)) {
            return Some(index);
        }
        let current = self.touched_by(Open::is_waiting);
        if current.is_some() {
            return current;
        }
        let waiting: Vec<usize> = self
            .waiting
            .iter()
            .copied()
            .filter(|&index| self.work[index].is_waiting())
            .collect();
        let engines = self.hops_seen || is_of_engine(&event.fact);
        // what ends a handshake is not about one that is through, if another is not
        let is_through = |open: &Open| open.established && !open.is_unjudged_client();
        let of_another = |index: usize| {
            engines
                && !waiting.is_empty()
                && is_judgement(&event.fact)
                && is_through(&self.work[index])
        };
        if let Some(index) = latest
            .filter(|&index| goes_on_failing(&self.work[index], &event.fact) && !of_another(index))
        {
            return Some(index);
        }
        let is_alert = matches!(event.fact, Fact::AlertReceived(_));
        // an alert answers a handshake, so one of those that wait has to be its own
        if let Some(&chosen) = waiting
            .last()
            .filter(|_| engines || (is_alert && !is_orderly(&event.fact)))
        {
            let handshake = &mut self.work[chosen].handshake;
            handshake.assume(
                "the failure was logged by a thread that had no part in this handshake before",
            );
            handshake.ambiguous |= waiting.len() > 1;
            return Some(chosen);
        }
        if is_alert && is_orderly(&event.fact) {
            return None; // close_notify of a connection that is not in the log
        }
        if let Some(index) = self.unjudged_elsewhere(&event.fact) {
            return Some(index);
        }
        if is_behind_handshake(&event.fact) {
            return None; // a connection that was established before the log
        }
        let role = self.threads.now().and_then(|state| state.last_role);
        Some(self.begin(role, &event.thread))
    }

    /// A TLS 1.3 client's thread writes on while another reads: the server's judgement of the client's
    /// certificate comes there.
    fn unjudged_elsewhere(&mut self, fact: &Fact) -> Option<usize> {
        if !matches!(fact, Fact::AlertReceived(alert) if is_about_certificates(&alert.description))
        {
            return None;
        }
        let awaits = |open: &Open| {
            open.established
                && open.handshake.break_up.is_none()
                && open.is_unjudged_client()
                && open.was_asked()
        };
        let recent = self.work.iter().enumerate().rev().take(MAX_WAITING);
        let mut fits = recent
            .filter(|(_, open)| awaits(open))
            .map(|(index, _)| index);
        let chosen = fits.next()?;
        let several = fits.next().is_some();
        let handshake = &mut self.work[chosen].handshake;
        handshake.assume(
            "the server's alert was logged by a thread that had no part in this handshake before",
        );
        handshake.ambiguous |= several;
        Some(chosen)
    }

    /// A socket's thread is done with its earlier connections: what fails now is the latest one,
    /// though it is established. An engine's thread serves many at once.
    fn is_sockets_latest(&self, index: usize, fact: &Fact) -> bool {
        let open = &self.work[index];
        let one_role = self.threads.now().is_some_and(|state| {
            state
                .touched
                .iter()
                .all(|&other| self.work[other].handshake.role == open.handshake.role)
        });
        open.established && one_role && !self.hops_seen && goes_on_failing(open, fact)
    }
}

/// A failure that is still the same one: the exception before or behind its `Fatal`, or what
/// follows an established handshake.
fn goes_on_failing(open: &Open, fact: &Fact) -> bool {
    if open.established && open.let_go {
        let repeats =
            matches!(fact, Fact::Exception(thrown) if repeats_fatal(&open.handshake, thrown));
        return repeats || is_received(fact);
    }
    match fact {
        _ if is_orderly(fact) => true,
        Fact::Fatal(_) => open.closed.is_none() && !open.ended_by_fatal,
        Fact::Exception(thrown) => open.closed.is_none() || repeats_fatal(&open.handshake, thrown),
        _ => open.closed.is_none(),
    }
}

/// Thrown by an `SSLEngine`, which any thread may drive.
fn is_of_engine(fact: &Fact) -> bool {
    let thrown = match fact {
        Fact::Fatal(fatal) => fatal.throwable.as_ref(),
        Fact::Exception(thrown) => Some(thrown),
        _ => None,
    };
    thrown.is_some_and(|thrown| thrown.by_engine)
}

/// The transport ended while application data was read or written.
fn is_behind_handshake(fact: &Fact) -> bool {
    let thrown = match fact {
        Fact::Fatal(fatal) => fatal.throwable.as_ref(),
        Fact::Exception(thrown) => Some(thrown),
        _ => None,
    };
    thrown.is_some_and(|thrown| thrown.after_handshake && super::ending::is_of_transport(thrown))
}

/// One end judged the other's messages: nothing of the transport, no orderly end.
fn is_judgement(fact: &Fact) -> bool {
    match fact {
        Fact::AlertReceived(alert) => alert.level == AlertLevel::Fatal && !is_orderly(fact),
        Fact::Fatal(fatal) => {
            let thrown = fatal.throwable.as_ref();
            !thrown.is_some_and(|thrown| super::ending::is_of_transport(thrown))
        }
        _ => false,
    }
}

/// What a server may say of a client's certificate, or of none (RFC 8446 §4.4.2.4, §6.2).
fn is_about_certificates(alert: &AlertDescription) -> bool {
    use AlertDescription as A;
    matches!(
        alert,
        A::CertificateRequired
            | A::BadCertificate
            | A::UnsupportedCertificate
            | A::CertificateRevoked
            | A::CertificateExpired
            | A::CertificateUnknown
            | A::UnknownCa
            | A::AccessDenied
            | A::DecryptError
            | A::HandshakeFailure
    )
}

/// An alert of the peer, which may still come when this side has closed already.
fn is_received(fact: &Fact) -> bool {
    match fact {
        Fact::AlertReceived(_) => true,
        Fact::Fatal(fatal) => fatal.reason.starts_with("Received fatal alert"),
        _ => false,
    }
}

/// `handling exception` repeats the exception of the `Fatal` before it, even behind the close.
fn repeats_fatal(handshake: &Handshake, thrown: &Throwable) -> bool {
    let words = |thrown: &Throwable| {
        thrown
            .outermost()
            .map(|cause| cause.plain_message().to_owned())
    };
    let fatal = handshake
        .fatal
        .as_ref()
        .and_then(|fatal| fatal.value.throwable.as_deref());
    fatal
        .and_then(words)
        .is_some_and(|fatal| words(thrown) == Some(fatal))
}

/// `close_notify` and `user_canceled` are no failures.
fn is_orderly(fact: &Fact) -> bool {
    use crate::tls::AlertDescription as A;
    matches!(fact, Fact::AlertReceived(alert) if matches!(alert.description, A::CloseNotify | A::UserCanceled))
}
