//! Which handshake a failure belongs to.
//!
//! Failures carry nothing that identifies a connection. A socket's thread reports those of its own; an
//! engine's are reported by whatever thread was free.

use std::sync::Arc;

use super::{Assembler, MAX_WAITING, Open, apply::Place, demux::Route, ending, fits::takes};
use crate::{
    event::{Direction, Event, Fact, Fatal, Message, Sender, Throwable},
    handshake::{Handshake, How, Role, Step, What},
    span::Span,
    tls::{AlertDescription, AlertLevel, MessageKind},
};

/// Said where a failure is given to one of those that wait.
const BY_ANOTHER_THREAD: &str =
    "the failure was logged by a thread that had no part in this handshake before";

impl Assembler {
    /// A handshake that was taken for failed, by a guess, and goes on with this message on its own thread: the failure
    /// is another's of those that wait.
    pub(super) fn failed_by_mistake(
        &mut self,
        route: &Route,
        direction: Direction,
        message: &Message,
    ) -> Option<usize> {
        let guessed = |open: &Open| {
            let assumptions = open.handshake.assumptions();
            open.ended_by_fatal && assumptions.iter().any(|said| &*said.0 == BY_ANOTHER_THREAD)
        };
        let index = self.touched_by(guessed)?;
        let open = &mut self.work[index];
        let end = open.handshake.break_up.take();
        if !takes(open, route, direction, message) {
            open.handshake.break_up = end;
            return None;
        }
        open.ended_by_fatal = false;
        let handshake = &mut open.handshake;
        handshake
            .rare_mut()
            .assumptions
            .retain(|said| &*said.0 != BY_ANOTHER_THREAD);
        let fatal = handshake.fatal.take();
        let is_fatal = |step: &Step| matches!(step.what, What::Fatal(_));
        let step = handshake.steps.iter().rposition(is_fatal);
        let step = step.map(|at| handshake.steps.remove(at));
        if !self.waiting.contains(&index) {
            self.waiting.push(index);
        }
        if let (Some(fatal), Some(step)) = (fatal, step) {
            self.failed_instead(index, &fatal.value, &step);
        }
        Some(index)
    }

    /// Gives the failure of one handshake to another that waits.
    fn failed_instead(&mut self, index: usize, fatal: &Arc<Fatal>, step: &Step) {
        let fact = Fact::Fatal(Box::new((**fatal).clone()));
        let can_be_its = |open: &Open| {
            let handshake = &open.handshake;
            open.is_waiting() && fits_thrower(handshake, &fact) && can_fail_so(handshake, &fact)
        };
        let mut waiting = self.waiting.iter().rev().copied();
        let other = waiting.find(|&other| other != index && can_be_its(&self.work[other]));
        let Some(other) = other else {
            return;
        };
        let place = Place {
            span: step.span,
            stamp: step.stamp(),
        };
        let open = &mut self.work[other];
        open.handshake.assume(BY_ANOTHER_THREAD);
        open.handshake.ambiguous = true;
        open.fatal(&place, Arc::clone(fatal));
    }

    /// Failures belong to what the thread does now; with engines, to what waits elsewhere; else to
    /// a connection that broke before its first message.
    pub(super) fn of_failure(&mut self, event: &Event) -> Option<usize> {
        let latest = self.current();
        if let Some(index) = latest.filter(|&index| self.is_sockets_latest(index, &event.fact)) {
            return Some(index);
        }
        if let Some(index) = latest.filter(|&index| says_again(&self.work[index], &event.fact)) {
            return Some(index);
        }
        let engines = self.hops_seen || is_of_engine(&event.fact);
        let can_be_its = |open: &Open| {
            let handshake = &open.handshake;
            let of_this_end = fits_thrower(handshake, &event.fact);
            open.is_waiting() && of_this_end && (!engines || can_fail_so(handshake, &event.fact))
        };
        let current = self.touched_by(can_be_its);
        if current.is_some() {
            return current;
        }
        let is_alert = matches!(event.fact, Fact::AlertReceived(_));
        // an alert answers a handshake, so one of those that wait has to be its own
        let is_of_waiting = engines || (is_alert && !is_orderly(&event.fact));
        let waiting: Vec<usize> = self
            .waiting
            .iter()
            .rev()
            .copied()
            .filter(|&index| is_of_waiting && can_be_its(&self.work[index]))
            .take(2)
            .collect();
        // what ends a handshake is not about one that is through, if another is not
        let is_through = |open: &Open| engines && open.established && !open.is_unjudged_client();
        // and one that has sent an alert receives none
        let has_refused = |open: &Open| is_alert && has_refused(open);
        let of_another = |index: usize| {
            let open = &self.work[index];
            !waiting.is_empty()
                && is_judgement(&event.fact)
                && (is_through(open) || has_refused(open))
        };
        let goes_on = |index: usize| {
            let open = &self.work[index];
            goes_on_failing(open, &event.fact) && !open.is_waiting() && !of_another(index)
        };
        if let Some(index) = latest.filter(|&index| goes_on(index)) {
            return Some(index);
        }
        if is_unannounced_end(&event.fact)
            && (self.has_open_connections() || self.just_ended(latest))
        {
            return None; // of one of them, which are through
        }
        if let Some(&chosen) = waiting.first() {
            let handshake = &mut self.work[chosen].handshake;
            handshake.assume(BY_ANOTHER_THREAD);
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
        if needs_keys(&event.fact) && self.has_open_connections() {
            return None; // data of one of them
        }
        if says_that_it_is_closed(&event.fact) && self.has_closed(latest) {
            return None; // of that one, which somebody still uses
        }
        if is_unannounced_end(&event.fact) && self.has_established() {
            return None; // of one of them, closed by another thread before
        }
        if let Some(index) = latest.filter(|&index| self.has_let_go(index, event)) {
            return Some(index);
        }
        let role = self.threads.now().and_then(|state| state.last_role);
        let unshown = self.no_certificate_to_show(&event.fact);
        let role = thrower(&event.fact)
            .or(unshown.map(|_| Role::Client))
            .or(role);
        let index = self.begin(role, &event.thread);
        if let Some(span) = unshown {
            let handshake = &mut self.work[index].handshake;
            handshake.rare_mut().no_authentication_scheme = Some(span);
        }
        Some(index)
    }

    /// Where this JVM found no scheme for a key of its own, if the peer's alert is about that: a server that finds none
    /// gives up, and gets no alert.
    fn no_certificate_to_show(&mut self, fact: &Fact) -> Option<Span> {
        let alert = match fact {
            Fact::AlertReceived(alert) => Some(alert.description.clone()),
            Fact::Fatal(fatal) => ending::received_alert(&fatal.reason).map(|it| it.description),
            _ => None,
        };
        let found = self.threads.now_mut()?.no_scheme.take();
        found.filter(|_| alert.is_some_and(|alert| alert.is_about_certificate()))
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

    /// Established connections that were not closed yet.
    pub(super) fn has_open_connections(&self) -> bool {
        let recent = self.work.iter().rev().take(MAX_WAITING);
        recent
            .into_iter()
            .any(|open| open.established && !open.closed)
    }

    /// What the thread did last was through, and this JVM closed it.
    fn has_closed(&self, latest: Option<usize>) -> bool {
        latest.is_some_and(|index| {
            let open = &self.work[index];
            open.established && open.closed
        })
    }

    /// This JVM closed in the midst of the handshake, and what its thread says next is why.
    fn has_let_go(&self, index: usize, event: &Event) -> bool {
        const SOON_MILLIS: i64 = 2000;
        let open = &self.work[index];
        let is_soon = || {
            let closed = open.abandoned.as_deref();
            match (
                closed.and_then(|noted| noted.value.millis()),
                event.time.as_ref().map(|time| time.millis),
            ) {
                (Some(then), Some(now)) => now - then <= SOON_MILLIS,
                _ => true,
            }
        };
        let is_exception = matches!(event.fact, Fact::Exception(_));
        let is_unexplained = open.abandoned.is_some() && open.handshake.break_up.is_none();
        is_exception && is_unexplained && fits_thrower(&open.handshake, &event.fact) && is_soon()
    }

    /// A handshake was through not long ago, whatever became of its connection.
    fn has_established(&self) -> bool {
        let mut recent = self.work.iter().rev().take(MAX_WAITING);
        recent.any(|open| open.established)
    }

    /// What the thread did last is closed, or broke: an engine that is closed then, too, says nothing new.
    fn just_ended(&self, latest: Option<usize>) -> bool {
        latest.is_some_and(|index| {
            let open = &self.work[index];
            open.established || open.handshake.break_up.is_some()
        })
    }

    /// A socket's thread is done with its earlier connections: what fails now is the latest one,
    /// though it is established. An engine's thread serves many at once.
    fn is_sockets_latest(&self, index: usize, fact: &Fact) -> bool {
        let open = &self.work[index];
        let one_role = || {
            let role = open.handshake.role;
            self.threads.now().is_some_and(|state| {
                let mut others = state.touched.iter().map(|&other| &self.work[other]);
                others.all(|other| other.handshake.role == role)
            })
        };
        let of_one_before =
            || comes_before_finished(open, fact) && self.touched_by(awaits_judgement).is_some();
        open.established
            && !self.hops_seen
            && goes_on_failing(open, fact)
            && one_role()
            && !of_one_before()
    }
}

/// This JVM ended the handshake, and told the peer why.
fn has_refused(open: &Open) -> bool {
    let end = open.handshake.break_up.as_deref();
    open.ended_by_fatal && end.is_some_and(|end| end.how == How::AlertSent)
}

/// A client judges the server's certificate before it says Finished: not on a connection that is through.
fn comes_before_finished(open: &Open, fact: &Fact) -> bool {
    let judged =
        matches!(fact, Fact::AlertReceived(alert) if alert.description.is_about_certificate());
    judged && open.handshake.role == Some(Role::Server)
}

/// A server that has shown its certificate and not heard the client's Finished.
fn awaits_judgement(open: &Open) -> bool {
    let handshake = &open.handshake;
    open.is_waiting()
        && handshake.role == Some(Role::Server)
        && handshake.has_sent(Sender::Server, &MessageKind::Certificate)
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
        Fact::Fatal(_) => !open.closed && !open.ended_by_fatal,
        Fact::Exception(thrown) => !open.closed || repeats_fatal(&open.handshake, thrown),
        _ => !open.closed,
    }
}

/// The exception of a failure.
fn thrown(fact: &Fact) -> Option<&Arc<Throwable>> {
    match fact {
        Fact::Fatal(fatal) => fatal.throwable.as_ref(),
        Fact::Exception(thrown) => Some(thrown),
        _ => None,
    }
}

/// The end in whose code it was thrown.
fn thrower(fact: &Fact) -> Option<Role> {
    let end = match fact {
        Fact::Fatal(fatal) => fatal.thrown_by(),
        _ => thrown(fact)?.thrown_by,
    };
    end.map(Role::from)
}

/// Thrown by an `SSLEngine`, which any thread may drive.
fn is_of_engine(fact: &Fact) -> bool {
    thrown(fact).is_some_and(|thrown| thrown.by_engine)
}

/// It failed while application data was read or written.
fn is_behind_handshake(fact: &Fact) -> bool {
    thrown(fact).is_some_and(|thrown| thrown.after_handshake) && !is_received(fact)
}

/// `SSLEngine.closeInbound` without the peer's `close_notify`: the usual end of a connection that is through.
fn is_unannounced_end(fact: &Fact) -> bool {
    let words = words(fact);
    // JDK 11 and 8u261; before them
    ["closing inbound", "Inbound closed"]
        .into_iter()
        .filter_map(|begin| words.strip_prefix(begin))
        .any(|rest| rest.starts_with(" before receiving peer's close_notify"))
}

/// A socket is used behind its end: nothing that a handshake could break by, unless another thread closed it.
fn says_that_it_is_closed(fact: &Fact) -> bool {
    matches!(words(fact), "Socket is closed" | "Socket closed")
}

/// The exception of the alert that this thread has just logged.
fn says_again(open: &Open, fact: &Fact) -> bool {
    let by_alert = open
        .handshake
        .break_up
        .as_deref()
        .is_some_and(|end| end.how == How::AlertReceived);
    by_alert && !open.ended_by_fatal && matches!(fact, Fact::Fatal(_)) && is_received(fact)
}

/// Whether the code that threw is of this handshake's end.
fn fits_thrower(handshake: &Handshake, fact: &Fact) -> bool {
    thrower(fact).is_none_or(|thrower| handshake.role.is_none_or(|own| own == thrower))
}

/// Whether a handshake that has come so far can fail in this way. A socket's thread has one at a time: there it
/// is not asked, since messages may be missing from the log.
fn can_fail_so(handshake: &Handshake, fact: &Fact) -> bool {
    use AlertDescription as A;
    let own = handshake.role;
    if !handshake.messages_logged || handshake.begins_midway {
        return true;
    }
    let sent_hello = |sender, kind| handshake.has_sent(sender, &kind);
    let server_spoke = || sent_hello(Sender::Server, MessageKind::ServerHello);
    match fact {
        // sent in place of a ServerHello
        Fact::AlertReceived(alert) if alert.description == A::ProtocolVersion => {
            own != Some(Role::Client) || !server_spoke()
        }
        // judged when the client is through
        Fact::AlertReceived(alert) if alert.description == A::CertificateRequired => {
            sent_hello(Sender::Client, MessageKind::Finished)
        }
        Fact::Fatal(_) | Fact::Exception(_) => match words(fact) {
            // the first record shows whether the peer speaks TLS
            words if words.contains("nrecognized SSL message") => match own {
                Some(Role::Server) => false,
                _ => !server_spoke(),
            },
            words if words.contains(OF_TLS13) => server_spoke() && can_be_13(handshake),
            _ => !needs_keys(fact) || server_spoke(),
        },
        _ => true,
    }
}

/// How `SSLCipher` refuses a record that is too short, in TLS 1.3, and in TLS 1.2 with `ChaCha20` only.
const OF_TLS13: &str = "Needs to be more than tag size";

fn can_be_13(handshake: &Handshake) -> bool {
    let of_12 = handshake
        .version
        .as_ref()
        .is_some_and(|version| !version.is_13());
    let suite = handshake.cipher_suite.as_ref();
    !of_12 || suite.is_some_and(|suite| suite.name().contains("CHACHA20"))
}

/// What does not decrypt was encrypted: a handshake that has not come to keys cannot fail so.
fn needs_keys(fact: &Fact) -> bool {
    let words = words(fact);
    words.contains("AEAD cipher fragment") || words.contains("Tag mismatch")
}

/// What a failure says in the first place.
fn words(fact: &Fact) -> &str {
    match fact {
        Fact::Fatal(fatal) => &fatal.reason,
        Fact::Exception(thrown) => thrown.outermost().map_or("", |cause| &*cause.message),
        _ => "",
    }
}

/// One end judged the other's messages: nothing of the transport, no orderly end.
fn is_judgement(fact: &Fact) -> bool {
    match fact {
        Fact::AlertReceived(alert) => alert.level == AlertLevel::Fatal && !is_orderly(fact),
        Fact::Fatal(fatal) => {
            let thrown = fatal.throwable.as_ref();
            !thrown.is_some_and(|thrown| ending::is_of_transport(thrown))
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
        .as_deref()
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
