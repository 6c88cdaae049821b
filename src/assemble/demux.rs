//! Which handshake an event belongs to.

use std::sync::Arc;

use super::{Assembler, MAX_TOUCHED, MAX_WAITING, Open, gap::is_other_finished};
use crate::{
    event::{
        Body, ClientHello, Connection, Direction, Event, Fact, Message, Sender, Stage, Thread,
        Throwable,
    },
    handshake::{Handshake, Role, accepts, role_by_sender, sender_by_kind},
    tls::{AlertDescription, AlertLevel, MessageKind},
};

/// What a message says about the end that logged it.
pub(super) struct Route {
    pub(super) sender: Option<Sender>,
    pub(super) role: Option<Role>,
}

impl Route {
    fn of(direction: Direction, message: &Message) -> Self {
        let sender = message.sender.or_else(|| sender_by_kind(&message.kind));
        Self {
            sender,
            role: sender.map(|sender| role_by_sender(sender, direction)),
        }
    }
}

impl Assembler {
    /// Finds the handshake that an event belongs to and applies it there. Returns which it is.
    pub(super) fn handshake_event(&mut self, event: Event) -> Option<usize> {
        self.threads.enter(&event.thread);
        let target = match &event.fact {
            Fact::Message(direction, message) => self.of_message(*direction, message, &event),
            Fact::ServerName(crate::event::ServerNameFact::NotIndicated) => {
                if let Some(state) = self.threads.now_mut() {
                    state.server_name_not_indicated = Some(event.span);
                }
                None
            }
            Fact::NoCertificateSelected(types) if !self.messages_seen => {
                self.role_of_key_search(types.len());
                None
            }
            Fact::Fatal(_) | Fact::Exception(_) | Fact::AlertReceived(_) => self.of_failure(&event),
            Fact::KeysInstalled(_) => self.of_keys(&event),
            Fact::Connection(connection) => self.of_connection(connection, &event.thread),
            Fact::NegotiatedVersion(_) | Fact::ChosenSuite(_) => self.current_waiting(),
            _ => self.current(),
        };
        if let Some(index) = target {
            self.touch(index, &event.thread);
            if self.has_spoken() {
                self.claim_spoken(index, &event);
            }
            self.apply(index, event);
        }
        target
    }

    /// Where no messages are logged: a server looks for one type of key at a time, a client for all at once.
    fn role_of_key_search(&mut self, types: usize) {
        let role = if types > 1 {
            Role::Client
        } else {
            Role::Server
        };
        if let Some(state) = self.threads.now_mut() {
            state.last_role.get_or_insert(role);
        }
    }

    /// The handshake that this thread touched last.
    pub(super) fn current(&self) -> Option<usize> {
        self.threads.now()?.touched.last().copied()
    }

    /// The handshake that this thread touched last among those still under way.
    fn current_waiting(&self) -> Option<usize> {
        let touched = &self.threads.now()?.touched;
        touched
            .iter()
            .rev()
            .copied()
            .find(|&index| self.work[index].is_waiting())
            .or_else(|| touched.last().copied())
    }

    fn of_message(
        &mut self,
        direction: Direction,
        message: &Message,
        event: &Event,
    ) -> Option<usize> {
        self.messages_seen = true;
        if message.reproduced {
            return None; // for the transcript hash only: nothing went over the wire
        }
        let route = Route::of(direction, message);
        if message.kind == MessageKind::ClientHello {
            return Some(self.of_client_hello(route.role, message, event));
        }
        let takes_it = |open: &Open| takes(open, &route, direction, message);
        // two connections may offer one session at once: the thread's own comes first
        let own_session = |open: &Open| takes_it(open) && offers_session_of(open, message);
        let answers = matches!(message.body, Body::ServerHello(_));
        answers
            .then(|| self.touched_by(own_session))
            .flatten()
            .or_else(|| {
                self.by_identity(&route, message)
                    .filter(|&index| takes_it(&self.work[index]))
            })
            .or_else(|| self.of_own_thread(takes_it, message))
            .or_else(|| self.across_threads(&route, direction, message))
            .or_else(|| self.behind_gap(&route, direction, message))
            .or_else(|| self.begun_before_the_log(&route, message, event))
    }

    /// The handshake that a ServerHello answers: it repeats the session id of its ClientHello (TLS
    /// 1.3, and every resumption), or the other end's view of the same ServerHello is in the log.
    fn by_identity(&self, route: &Route, message: &Message) -> Option<usize> {
        let Body::ServerHello(hello) = &message.body else {
            return None;
        };
        let role = route.role?;
        let by_session = self.by_session.get(&(role, hello.session_id.clone()));
        let by_random = || {
            let client_random = self.client_random_of.get(&hello.random?)?;
            self.by_random.get(&(role, *client_random))
        };
        by_session.or_else(by_random).copied()
    }

    /// The latest handshake of this thread that `fits`.
    fn touched_by(&self, fits: impl Fn(&Open) -> bool) -> Option<usize> {
        let touched = &self.threads.now()?.touched;
        touched
            .iter()
            .rev()
            .copied()
            .find(|&index| fits(&self.work[index]))
    }

    /// A ClientHello goes on with a handshake that was asked to retry, or begins one.
    fn of_client_hello(&mut self, role: Option<Role>, message: &Message, event: &Event) -> usize {
        let role = role.unwrap_or(Role::Client);
        let hello = match &message.body {
            Body::ClientHello(hello) => Some(&**hello),
            _ => None,
        };
        let known = hello
            .and_then(|hello| hello.random)
            .and_then(|random| self.by_random.get(&(role, random)).copied());
        if let Some(index) = known.filter(|&index| awaits_second_hello(&self.work[index])) {
            return index;
        }
        let asked_to_retry = |open: &Open| {
            open.handshake.role == Some(role)
                && open.is_waiting()
                && (was_asked_to_retry(&open.handshake)
                    || was_answered_without_body(&open.handshake))
        };
        if hello.is_none()
            && let Some(index) = self.touched_by(asked_to_retry)
        {
            self.work[index].handshake.retried();
            return index;
        }
        let renegotiated = self.renegotiated_connection(role, hello);
        let index = self.begin(Some(role), &event.thread);
        if let Some(connection) = renegotiated {
            self.work[index].handshake.renegotiation = true;
            self.work[index].handshake.connection = connection;
        }
        if let Some(hello) = hello {
            if let Some(random) = hello.random {
                self.by_random.insert((role, random), index);
                self.claim_hello(index, role, random);
            }
            if !hello.session_id.is_empty() {
                self.by_session
                    .insert((role, hello.session_id.clone()), index);
            }
        }
        self.work[index].handshake.server_name_not_indicated = self
            .threads
            .now_mut()
            .and_then(|state| state.server_name_not_indicated.take());
        index
    }

    /// The connection that a ClientHello renegotiates: `renegotiation_info` says so, or a
    /// `HelloRequest` came before on the same connection.
    fn renegotiated_connection(&self, role: Role, hello: Option<&ClientHello>) -> Option<u32> {
        let by_extension = hello.is_some_and(|hello| hello.extensions.renegotiates);
        let earlier = self.touched_by(|open| {
            open.handshake.role == Some(role) && open.established && open.closed.is_none()
        });
        let asked = |index: usize| {
            self.work[index]
                .handshake
                .messages()
                .any(|(_, kind)| *kind == MessageKind::HelloRequest)
        };
        let earlier = earlier.or_else(|| {
            let recent = || self.work.iter().enumerate().rev().take(MAX_WAITING);
            by_extension
                .then(|| {
                    recent().find(|(_, open)| open.established && open.handshake.role == Some(role))
                })?
                .map(|(index, _)| index)
        })?;
        // a first ClientHello signals with the SCSV; only where neither is printed does the request decide
        let is_first = hello.is_some_and(|hello| {
            hello
                .cipher_suites
                .iter()
                .any(|suite| suite.name() == "TLS_EMPTY_RENEGOTIATION_INFO_SCSV")
                || hello.extensions.has("renegotiation_info")
        });
        (by_extension || (!is_first && asked(earlier)))
            .then(|| self.work[earlier].handshake.connection)
    }

    /// The handshake of this thread that takes a message; a guess where the thread serves several at once.
    fn of_own_thread(
        &mut self,
        takes_it: impl Fn(&Open) -> bool,
        message: &Message,
    ) -> Option<usize> {
        let chosen = self.touched_by(&takes_it)?;
        let state = self.threads.now()?;
        if !state.interleaves {
            return Some(chosen);
        }
        let waiting = state.touched.iter().map(|&index| &self.work[index]);
        let fits = waiting
            .filter(|open| open.is_waiting() && takes_it(open))
            .count();
        if fits > 1 {
            let handshake = &mut self.work[chosen].handshake;
            handshake.assume(format!(
                "{} could belong to {fits} handshakes that one thread serves at once; the one it touched last was taken",
                message.kind
            ));
            handshake.ambiguous = true;
        }
        Some(chosen)
    }

    /// A message on a thread that knows no handshake for it: an engine's task runs elsewhere.
    fn across_threads(
        &mut self,
        route: &Route,
        direction: Direction,
        message: &Message,
    ) -> Option<usize> {
        let fits: Vec<usize> = self
            .waiting
            .iter()
            .copied()
            .filter(|&index| takes(&self.work[index], route, direction, message))
            .collect();
        let chosen = *fits.first()?;
        self.hops_seen = true;
        let handshake = &mut self.work[chosen].handshake;
        if fits.len() == 1 {
            handshake.assume(
                "messages on several threads are joined: no other handshake was waiting for them",
            );
        } else {
            handshake.assume(format!(
                "{} came on another thread while {} handshakes waited for one; the oldest was taken",
                message.kind,
                fits.len()
            ));
            handshake.ambiguous = true;
        }
        Some(chosen)
    }

    /// No handshake waits for this message: it began before the log did. Post-handshake messages
    /// of a connection that is not in the log are left out.
    fn begun_before_the_log(
        &mut self,
        route: &Route,
        message: &Message,
        event: &Event,
    ) -> Option<usize> {
        use MessageKind as M;
        if matches!(
            message.kind,
            M::NewSessionTicket | M::KeyUpdate | M::HelloRequest | M::Other(_)
        ) {
            return None;
        }
        let index = self.begin(route.role, &event.thread);
        self.work[index].handshake.begins_midway = true;
        Some(index)
    }

    /// Failures belong to what the thread does now; with engines, to what waits elsewhere; else to
    /// a connection that broke before its first message.
    fn of_failure(&mut self, event: &Event) -> Option<usize> {
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

    /// Keys without a message: only where the log prints no messages at all.
    fn of_keys(&mut self, event: &Event) -> Option<usize> {
        let usable = self.touched_by(|open| {
            open.closed.is_none() && open.abandoned.is_none() && open.handshake.break_up.is_none()
        });
        if usable.is_some() || self.messages_seen {
            return usable;
        }
        let role = self.threads.now().and_then(|state| state.last_role);
        Some(self.begin(role, &event.thread))
    }

    /// A thread stands for a connection, or for one after the other, of a stack that logs no messages.
    fn of_connection(&mut self, connection: &Connection, thread: &Arc<Thread>) -> Option<usize> {
        let role = Role::from(connection.role);
        let known = |open: &Open| open.handshake.role == Some(role) && open.closed.is_none();
        let known = self.touched_by(known);
        match connection.stage {
            Stage::Begins => None,
            Stage::Closed => return known,
            Stage::GoesOn | Stage::Established | Stage::Lost => known,
        }
        .or_else(|| Some(self.begin(Some(role), thread)))
    }

    /// A new handshake on a connection of its own.
    pub(super) fn begin(&mut self, role: Option<Role>, thread: &Arc<Thread>) -> usize {
        self.connections += 1;
        let handshake = Handshake {
            role,
            connection: self.connections,
            thread: Some(Arc::clone(thread)),
            ..Handshake::default()
        };
        let index = self.work.len();
        self.work.push(Open {
            handshake,
            ..Open::default()
        });
        self.prune_waiting();
        self.waiting.push(index);
        self.touch(index, thread);
        index
    }

    /// Forgets who does not wait any more, now and then; and the oldest, when too many never end.
    fn prune_waiting(&mut self) {
        if self.waiting.len() < self.prune_waiting_at.max(64) {
            return;
        }
        let work = &self.work;
        self.waiting.retain(|&index| work[index].is_waiting());
        let surplus = self.waiting.len().saturating_sub(MAX_WAITING);
        self.waiting.drain(..surplus);
        self.prune_waiting_at = self.waiting.len() * 2;
    }

    /// Notes that a thread works on a handshake.
    fn touch(&mut self, index: usize, thread: &Arc<Thread>) {
        let open = &mut self.work[index];
        let is_first_thread = open
            .handshake
            .thread
            .as_ref()
            .is_some_and(|first| Arc::ptr_eq(first, thread) || first == thread);
        open.handshake.hops_threads |= !is_first_thread;
        let Some(state) = self.threads.now_mut() else {
            return;
        };
        state.last_role = open.handshake.role.or(state.last_role);
        if state.touched.last() == Some(&index) {
            return;
        }
        let waits = |index: &usize| self.work[*index].is_waiting();
        state.interleaves |= waits(&index)
            && state.touched.contains(&index)
            && state.touched.last().is_some_and(waits);
        state.touched.retain(|&other| other != index);
        if state.touched.len() >= MAX_TOUCHED {
            state.touched.remove(0);
        }
        state.touched.push(index);
    }
}

/// Whether a handshake can take a message: the role fits and the protocol allows it.
fn takes(open: &Open, route: &Route, direction: Direction, message: &Message) -> bool {
    use MessageKind as M;
    let handshake = &open.handshake;
    let role_fits = match (handshake.role, route.role) {
        (Some(own), Some(wanted)) => own == wanted,
        _ => true,
    };
    if !role_fits || handshake.break_up.is_some() {
        return false;
    }
    let post_handshake = matches!(
        message.kind,
        M::NewSessionTicket | M::KeyUpdate | M::HelloRequest
    );
    if open.established {
        let post_authentication = handshake.is_13()
            && matches!(
                message.kind,
                M::CertificateRequest | M::Certificate | M::CertificateVerify | M::Finished
            )
            && was_asked_later(handshake);
        let asks_later = handshake.is_13() && message.kind == M::CertificateRequest;
        let peer_is_done = direction == Direction::Received && peer_closed(handshake);
        return open.closed.is_none()
            && !peer_is_done
            && (post_handshake || asks_later || post_authentication);
    }
    let sender = route.sender.or_else(|| {
        handshake.role.map(|role| match (role, direction) {
            (Role::Client, Direction::Sent) | (Role::Server, Direction::Received) => Sender::Client,
            _ => Sender::Server,
        })
    });
    if sender.is_none() && message.kind == M::Finished {
        return open.is_waiting() && is_other_finished(handshake, direction);
    }
    let comes_later = matches!(message.kind, M::KeyUpdate | M::HelloRequest)
        || (message.kind == M::NewSessionTicket && handshake.is_13());
    !comes_later
        && open.is_waiting()
        && sender.is_some_and(|sender| accepts(handshake, sender, &message.kind))
}

/// The peer said that it will write no more.
fn peer_closed(handshake: &Handshake) -> bool {
    handshake
        .alerts_received
        .iter()
        .any(|alert| alert.value.description == AlertDescription::CloseNotify)
}

/// The server asked for a certificate behind the handshake proper (RFC 8446 §4.6.2), and is still to get it.
fn was_asked_later(handshake: &Handshake) -> bool {
    let behind = handshake
        .messages()
        .skip_while(|(_, kind)| **kind != MessageKind::Finished);
    behind.fold(false, |asked, (_, kind)| match kind {
        MessageKind::CertificateRequest => true,
        MessageKind::Finished => false,
        _ => asked,
    })
}

/// A `ServerHello` that repeats the session id of this handshake's `ClientHello`.
fn offers_session_of(open: &Open, message: &Message) -> bool {
    let (Body::ServerHello(server), Some(client)) = (&message.body, &open.handshake.client_hello)
    else {
        return false;
    };
    !server.session_id.is_empty() && server.session_id == client.value.session_id
}

/// The peer (or this server) asked for another ClientHello.
fn was_asked_to_retry(handshake: &Handshake) -> bool {
    matches!(
        handshake.last_message(),
        Some((
            _,
            MessageKind::HelloRetryRequest | MessageKind::HelloVerifyRequest
        ))
    )
}

/// The last message is a ServerHello whose body is lost: a HelloRetryRequest has the same title.
fn was_answered_without_body(handshake: &Handshake) -> bool {
    handshake.server_hello.is_none()
        && matches!(
            handshake.last_message(),
            Some((_, MessageKind::ServerHello))
        )
}

/// A second ClientHello with the same random goes on with the first: retried, or sent again (DTLS).
fn awaits_second_hello(open: &Open) -> bool {
    open.is_waiting() && open.handshake.server_hello.is_none()
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
