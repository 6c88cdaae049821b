//! Which handshake an event belongs to.

use std::sync::Arc;

use super::{
    Assembler, MAX_TOUCHED, MAX_WAITING, Open,
    fits::{
        awaits_second_hello, offers_session_of, takes, was_answered_without_body,
        was_asked_to_retry,
    },
    is_of_clean_up,
};
use crate::{
    event::{
        Body, ClientHello, Closing, Connection, ContentType, Direction, Event, Fact, Message,
        Names, Random, Sender, SessionId, Stage, Thread,
    },
    handshake::{Noted, Role, Step, role_by_sender, sender_by_kind},
    span::Span,
    tls::MessageKind,
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
    pub(super) fn handshake_event(&mut self, mut event: Event) -> Option<usize> {
        if event.thread.is_named_only()
            && let Some(meant) = self.threads.meant_by(&event.thread)
        {
            event.thread = meant;
        }
        self.threads.enter(&event.thread);
        if matches!(event.fact, Fact::Closing(_))
            && let Some(state) = self.threads.now_mut()
        {
            // of that connection
            (state.wanted_of_client, state.no_scheme) = (None, None);
        }
        let target = match &event.fact {
            Fact::Message(direction, message) => self.of_message(*direction, message, &event),
            Fact::ServerName(crate::event::ServerNameFact::NotIndicated) => {
                if let Some(state) = self.threads.now_mut() {
                    state.server_name_not_indicated = Some(event.span);
                }
                None
            }
            Fact::NoCertificateSelected(types) if !self.messages_seen && !self.has_heard() => {
                self.key_search(types, event.span);
                None
            }
            Fact::NoAuthenticationScheme(_) if !self.messages_seen => {
                let current = self.current_waiting();
                if let (None, Some(state)) = (current, self.threads.now_mut()) {
                    state.no_scheme = Some(event.span);
                }
                current
            }
            Fact::Fatal(_) | Fact::Exception(_) | Fact::AlertReceived(_) => self.of_failure(&event),
            Fact::KeysInstalled(_) => self.of_keys(&event),
            Fact::Connection(connection) => self.of_connection(connection, &event.thread),
            Fact::NegotiatedVersion(_) | Fact::ChosenSuite(_) => self.current_waiting(),
            Fact::Record(record) if record.content_type == ContentType::Sslv2Hello => {
                self.of_sslv2_hello(record.direction, &event)
            }
            Fact::Application(thrown) => return self.printed(thrown, &event),
            Fact::Closing(Closing::Local) if self.current().is_none() => {
                let index = self.closed_from_elsewhere(&event.thread)?;
                self.apply(index, event);
                return Some(index);
            }
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

    /// Where no messages are logged: a server looks for one type of key at a time, a client for all at once, when it is
    /// asked for a certificate.
    fn key_search(&mut self, types: &Names, span: Span) {
        if types.len() <= 1 {
            if let Some(state) = self.threads.now_mut() {
                state.last_role.get_or_insert(Role::Server);
            }
            return;
        }
        let wanted = Noted {
            value: Arc::clone(types),
            span,
        };
        let may_be_client =
            |open: &Open| open.is_waiting() && open.handshake.role != Some(Role::Server);
        if let Some(index) = self.touched_by(may_be_client) {
            let handshake = &mut self.work[index].handshake;
            handshake.role = Some(Role::Client);
            handshake.no_certificate_for = vec![wanted];
        } else if let Some(state) = self.threads.now_mut() {
            state.last_role.get_or_insert(Role::Client);
            state.wanted_of_client = Some(wanted);
        }
    }

    /// Where no messages are logged, the record of a ClientHello in the format of SSL 2.0 begins a handshake.
    fn of_sslv2_hello(&mut self, direction: Direction, event: &Event) -> Option<usize> {
        let said =
            self.touched_by(|open| open.is_waiting() && open.handshake.server_hello.is_none());
        if said.is_some() || self.messages_seen {
            return said;
        }
        let role = role_by_sender(Sender::Client, direction);
        Some(self.begin(Some(role), &event.thread))
    }

    /// The handshake that this thread touched last.
    pub(super) fn current(&self) -> Option<usize> {
        self.threads.now()?.touched.last().copied()
    }

    /// The handshake that this thread touched last is one of a stack that tells so itself.
    fn has_heard(&self) -> bool {
        let told = |index: usize| self.work[index].handshake.heard().is_some();
        self.current().is_some_and(told)
    }

    /// The handshake that this thread touched last among those still under way.
    fn current_waiting(&self) -> Option<usize> {
        self.touched_by(Open::is_waiting).or_else(|| self.current())
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
            .or_else(|| self.failed_by_mistake(&route, direction, message))
            .or_else(|| self.begun_before_the_log(&route, message, event))
    }

    /// The handshake that a ServerHello answers: it repeats the session id of its ClientHello (TLS
    /// 1.3, and every resumption), or the other end's view of the same ServerHello is in the log.
    fn by_identity(&self, route: &Route, message: &Message) -> Option<usize> {
        let Body::ServerHello(hello) = &message.body else {
            return None;
        };
        let role = route.role?;
        let by_random = || self.of_random(role, self.client_random_of(hello.random?)?);
        self.of_session(role, hello.session_id).or_else(by_random)
    }

    /// The handshake of this end whose ClientHello has this random.
    pub(super) fn of_random(&self, role: Role, random: Random) -> Option<usize> {
        let index = self.by_random.get(&(role, random))?;
        (self.work[index].handshake.random() == Some(random)).then_some(index)
    }

    /// The handshake of this end whose ClientHello offers this session.
    fn of_session(&self, role: Role, id: SessionId) -> Option<usize> {
        let index = self.by_session.get(&(role, id))?;
        let hello = self.work[index].handshake.client_hello.as_deref()?;
        (hello.value.session_id == id).then_some(index)
    }

    /// The client random of the handshake that has this ServerHello, as either end sees it.
    fn client_random_of(&self, server_random: Random) -> Option<Random> {
        let index = self.by_server_random.get(&server_random)?;
        let handshake = &self.work[index].handshake;
        let hello = handshake.server_hello.as_deref()?;
        handshake
            .random()
            .filter(|_| hello.value.random == Some(server_random))
    }

    /// The handshake whose engine a thread closes that has none of its own: the only one that waits, where no connection
    /// is open that it could be instead, for a thread of a like name (`client-7` of `client-scheduler-1`).
    fn closed_from_elsewhere(&mut self, thread: &Thread) -> Option<usize> {
        if is_of_clean_up(&thread.name) {
            return None;
        }
        let mut recent = self.work.iter().rev().take(MAX_WAITING);
        if recent.any(|open| open.established && !open.closed && !open.let_go) {
            return None;
        }
        let waits = |&index: &usize| {
            let open = &self.work[index];
            open.is_waiting() && open.abandoned.is_none()
        };
        let mut waiting = self.waiting.iter().copied().filter(waits);
        let only = waiting.next().filter(|_| waiting.next().is_none())?;
        let (pool, stream) = self.work[only].pool()?;
        let is_alike = thread.name.starts_with(pool) && thread.stream.as_deref() == stream;
        let handshake = &mut self.work[only].handshake;
        if !is_alike || !handshake.messages_logged {
            return None;
        }
        handshake.assume("it was closed by a thread that had no part in it before: no other handshake was waiting then");
        Some(only)
    }

    /// The latest handshake of this thread that `fits`, of those whose connection is not closed.
    pub(super) fn touched_by(&self, fits: impl Fn(&Open) -> bool) -> Option<usize> {
        let open = &self.threads.now()?.open;
        let mut latest = open.iter().rev().copied();
        latest.find(|&index| !self.work[index].closed && fits(&self.work[index]))
    }

    /// The latest handshake of this thread that `fits`, whether or not its connection is closed.
    pub(super) fn touched_ever_by(&self, fits: impl Fn(&Open) -> bool) -> Option<usize> {
        let mut latest = self.threads.now()?.touched.iter().rev().copied();
        latest.find(|&index| fits(&self.work[index]))
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
            .and_then(|random| self.of_random(role, random));
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
                self.by_random.insert(&(role, random), index);
                self.claim_hello(index, role, random);
            }
            if !hello.session_id.is_empty() {
                self.by_session.insert(&(role, hello.session_id), index);
            }
        }
        let not_indicated = self
            .threads
            .now_mut()
            .and_then(|state| state.server_name_not_indicated.take());
        if not_indicated.is_some() {
            let rare = self.work[index].handshake.rare_mut();
            rare.server_name_not_indicated = not_indicated;
        }
        index
    }

    /// The connection that a ClientHello renegotiates: `renegotiation_info` says so, or a
    /// `HelloRequest` came before on the same connection.
    fn renegotiated_connection(&self, role: Role, hello: Option<&ClientHello>) -> Option<u32> {
        let by_extension = hello.is_some_and(|hello| hello.extensions.renegotiates);
        let earlier = self.touched_by(|open| open.handshake.role == Some(role) && open.established);
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
        let waiting = state.open.iter().map(|&index| &self.work[index]);
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
        let handshake = &mut self.work[index].handshake;
        handshake.begins_midway = true;
        if self.hops_seen {
            handshake.assume(
                "its beginning is not in the log, or was taken for another's: several threads serve handshakes at once",
            );
            handshake.ambiguous = true;
        }
        Some(index)
    }

    /// Keys without a message: only where the log prints no messages at all.
    fn of_keys(&mut self, event: &Event) -> Option<usize> {
        let usable =
            self.touched_by(|open| open.abandoned.is_none() && open.handshake.break_up.is_none());
        if usable.is_some() || self.messages_seen {
            return usable;
        }
        let role = self.threads.now().and_then(|state| state.last_role);
        Some(self.begin(role, &event.thread))
    }

    /// A thread stands for a connection, or for one after the other, of a stack that logs no messages.
    fn of_connection(&mut self, connection: &Connection, thread: &Arc<Thread>) -> Option<usize> {
        let role = Role::from(connection.role);
        let known = if connection.untold {
            self.of_untold(role, connection.stage)
        } else {
            self.touched_by(|open| open.handshake.role == Some(role))
                .or_else(|| self.of_connection_elsewhere(role, thread))
        };
        match connection.stage {
            Stage::Begins => None,
            Stage::Closed | Stage::Farewell => return known,
            _ => known,
        }
        .or_else(|| Some(self.begin(Some(role), thread)))
    }

    /// The connection has a name, which stands for the thread's id; a server may serve it by one thread after the other.
    fn of_connection_elsewhere(&self, role: Role, thread: &Thread) -> Option<usize> {
        let is_same = |open: &Open| {
            let known = open.handshake.thread.as_deref();
            let named = known.is_some_and(|it| it.id == thread.id && it.stream == thread.stream);
            named && open.handshake.role == Some(role) && !open.closed
        };
        let recent = self.work.iter().enumerate().rev().take(MAX_WAITING);
        recent
            .into_iter()
            .find(|(_, open)| is_same(open))
            .map(|(index, _)| index)
    }

    /// The handshake meant where one thread stands for all connections of an end. What is said in the course of a
    /// handshake, its failure above all, is mostly said soon; what is closed has mostly been open for long.
    fn of_untold(&mut self, role: Role, stage: Stage) -> Option<usize> {
        let own = |open: &Open| open.handshake.role == Some(role) && open.is_waiting();
        // a server that resumes a session names no suite
        let is_chosen = |open: &Open| {
            let resumed = open.handshake.resumed && role == Role::Server;
            open.handshake.cipher_suite.is_some() || resumed
        };
        let work = &self.work;
        let waiting: Vec<usize> = self.threads.now().map_or_else(Vec::new, |state| {
            let open = state.open.iter().copied();
            open.filter(|&index| own(&work[index])).collect()
        });
        let mut fits = waiting.iter().copied();
        let chosen = match stage {
            Stage::Chosen => fits.find(|&index| !is_chosen(&work[index])),
            Stage::Farewell => fits
                .clone()
                .find(|&index| work[index].abandoned.is_some())
                .or_else(|| fits.find(|&index| is_chosen(&work[index]))),
            Stage::Abandoned => fits.rfind(|&index| work[index].abandoned.is_none()),
            _ => fits.next_back(),
        };
        if let Some(index) = chosen.filter(|_| waiting.len() > 1) {
            let handshake = &mut self.work[index].handshake;
            handshake.assume("several handshakes were under way, and Bouncy Castle up to 1.72 does not say which connection a record is about");
            handshake.ambiguous = true;
        }
        chosen
    }

    /// A new handshake on a connection of its own.
    pub(super) fn begin(&mut self, role: Option<Role>, thread: &Arc<Thread>) -> usize {
        self.connections += 1;
        let mut open = Open::default();
        open.handshake.steps = self.room_for_steps();
        open.handshake.role = role;
        open.handshake.connection = self.connections;
        open.handshake.thread = Some(Arc::clone(thread));
        let state = self.threads.now_mut();
        let wanted = state.and_then(|state| state.wanted_of_client.take());
        if role == Some(Role::Client) && !self.messages_seen {
            open.handshake.no_certificate_for.extend(wanted);
        }
        let index = self.work.len();
        self.work.push(open);
        self.roomy.push_back(index);
        self.prune_waiting();
        self.waiting.push(index);
        self.touch(index, thread);
        index
    }

    /// A list of steps with room to grow: that of a handshake which is mostly through by now, since many others
    /// have begun; it keeps what it needs.
    fn room_for_steps(&mut self) -> Vec<Step> {
        const ROOMY: usize = 256;
        const ROOM: usize = 24;
        let Some(oldest) = self
            .roomy
            .front()
            .copied()
            .filter(|_| self.roomy.len() >= ROOMY)
        else {
            return Vec::with_capacity(ROOM);
        };
        self.roomy.pop_front();
        let steps = &mut self.work[oldest].handshake.steps;
        if steps.capacity() > ROOM {
            return Vec::with_capacity(ROOM); // a long one keeps its room
        }
        let mut cut = Vec::with_capacity(steps.len());
        cut.append(steps);
        std::mem::replace(steps, cut)
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
    pub(super) fn touch(&mut self, index: usize, thread: &Arc<Thread>) {
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
        let oldest = (state.touched.len() >= MAX_TOUCHED).then(|| state.touched.remove(0));
        state.touched.push(index);
        let work = &self.work;
        state
            .open
            .retain(|&other| other != index && Some(other) != oldest && !work[other].closed);
        state.open.push(index);
    }
}
