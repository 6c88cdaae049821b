//! Messages: which end says or hears each of them.

use std::sync::Arc;

use super::{
    Guess, MAX_ENDS, MAX_KNOWN, Untangle, Wait,
    end::{End, Fit, Heard},
    piece,
};
use crate::{
    event::{Body, Direction, Event, Fact, Message, Sender, Thread},
    handshake::{Role, role_by_sender, sender_by_kind},
    tls::MessageKind,
};

/// A way to understand a message: the end, how, and whether that is a guess.
type Found = (usize, Fit, Option<Guess>);

impl Untangle {
    pub(super) fn message(&mut self, event: Event) {
        let Fact::Message(direction, message) = &event.fact else {
            return;
        };
        let (id, fit, guess) = match message.kind {
            MessageKind::ClientHello => self.client_hello(message, *direction),
            MessageKind::HelloRequest => return self.hello_request(event),
            _ => {
                self.settle(&message.kind);
                self.best_fit(&message.kind)
                    .or_else(|| self.behind_gap(&message.kind))
                    .unwrap_or_else(|| self.midway(&message.kind))
            }
        };
        let kind = message.kind.clone();
        self.complete(|_, waiting| waiting == id);
        self.speaker = Some(id);
        self.running = self.end(id).and_then(|end| end.thread.clone());
        let Some(end) = self.end_mut(id) else { return };
        end.note(fit, &kind);
        let thread = end.thread.clone();
        if let (Some(thread), Direction::Received) = (&thread, fit.direction) {
            self.known(thread).unclaimed = false;
        }
        let wait = if std::mem::take(&mut self.torn) {
            Wait::Rest(id)
        } else {
            Wait::Thread(id)
        };
        self.hold(directed(event, fit), guess, wait);
    }

    /// More of a torn message: of the latest that can have it.
    pub(super) fn rest(&mut self, event: Event) {
        let Fact::Rest(body) = event.fact else { return };
        let open = self.held.iter_mut().rev().find_map(|held| {
            let below = event.span.line().saturating_sub(held.event.span.line());
            match (&held.wait, &mut held.event.fact) {
                (Wait::Rest(id), Fact::Message(_, message)) if piece::fits(message, &body) => {
                    Some((*id, message, u32::try_from(below).unwrap_or(u32::MAX)))
                }
                _ => None,
            }
        });
        let Some((id, message, below)) = open else {
            return;
        };
        let came_in = piece::is_foreign(&body);
        piece::join(message, *body, below);
        if came_in && self.end(id).is_some_and(End::may_have_heard) {
            self.turn(id - self.first);
        }
    }

    /// A torn message gets nothing more: its end or its thread went on.
    fn complete(&mut self, is_done: impl Fn(&Self, usize) -> bool) {
        if self.torn_held == 0 {
            return;
        }
        for at in 0..self.held.len() {
            if let Wait::Rest(id) = self.held[at].wait
                && is_done(self, id)
            {
                self.held[at].wait = Wait::Thread(id);
                self.torn_held -= 1;
            }
        }
    }

    /// The torn messages of a thread get nothing more: it prints something else.
    pub(super) fn complete_of(&mut self, thread: &Arc<Thread>) {
        self.complete(|all, id| all.end(id).is_none_or(|end| end.is_of(thread)));
    }

    /// A client says hello, or a server hears one.
    fn client_hello(&mut self, message: &Message, direction: Direction) -> Found {
        let is_heard = direction == Direction::Received;
        let is_own = std::mem::take(&mut self.looks_for_session) && !is_heard;
        let random = match &message.body {
            Body::ClientHello(hello) => hello.random,
            _ => None,
        };
        let was_said = random.is_some_and(|random| self.unheard.remove(&random));
        self.both_ends |= was_said;
        let listeners = self.listeners();
        // with both ends in the log, a hello that nobody has said yet is being said
        let is_new = !was_said && self.both_ends && !self.unheard.is_empty() && random.is_some();
        if was_said || is_heard || (!listeners.is_empty() && !is_new) {
            let guess = (listeners.len() > 1).then_some(Guess::Speaker);
            let running = listeners
                .iter()
                .position(|thread| self.running.as_ref() == Some(thread));
            let thread = listeners.into_iter().nth(running.unwrap_or(0));
            if let Some(thread) = &thread {
                let heard = &mut self.known(thread).heard;
                (heard.own_changed, heard.peer_changed) = (false, false);
            }
            let id = self.begin(End::new(Some(Role::Server), thread, false));
            return (id, hello_fit(Direction::Received), guess);
        }
        if let Some(random) = random {
            if self.unheard.len() > MAX_KNOWN {
                self.unheard.clear();
            }
            self.unheard.insert(random);
        }
        if let Some(again) = self.ends.iter().rposition(End::awaits_second_hello) {
            return (self.first + again, hello_fit(Direction::Sent), None);
        }
        let several = self
            .ends
            .iter()
            .any(|end| end.thread.is_none() && !end.over);
        let id = self.begin(if is_own {
            End::new(Some(Role::Client), None, false)
        } else {
            End::presumed()
        });
        (
            id,
            hello_fit(Direction::Sent),
            several.then_some(Guess::Speaker),
        )
    }

    /// Threads that have read a record of which no message was met, the oldest first; not those that
    /// wait for a server.
    fn listeners(&self) -> Vec<Arc<Thread>> {
        self.readers
            .iter()
            .filter(|thread| self.has_unclaimed(thread))
            .filter(|thread| {
                !self
                    .ends
                    .iter()
                    .any(|end| end.waits_for_server() && end.is_of(thread))
            })
            .cloned()
            .collect()
    }

    /// Whether the end's thread printed the line before.
    fn runs(&self, id: usize) -> bool {
        match &self.running {
            Some(thread) => self.end(id).is_some_and(|end| end.is_of(thread)),
            None => self.speaker == Some(id),
        }
    }

    fn has_unclaimed(&self, thread: &Thread) -> bool {
        self.threads
            .get(thread)
            .is_some_and(|known| known.unclaimed)
    }

    /// A thread has read a record of which no message was met yet.
    pub(super) fn has_read(&mut self, thread: &Arc<Thread>) {
        let known = self.known(thread);
        known.heard.unread = true;
        if std::mem::replace(&mut known.unclaimed, true) {
            return;
        }
        while self
            .readers
            .front()
            .is_some_and(|oldest| !self.has_unclaimed(oldest))
        {
            self.readers.pop_front();
        }
        self.readers.retain(|reader| reader != thread);
        if self.readers.len() >= MAX_ENDS {
            self.readers.pop_front();
        }
        self.readers.push_back(Arc::clone(thread));
    }

    /// The end that can say or hear this: best one whose record layer agrees.
    fn best_fit(&self, kind: &MessageKind) -> Option<Found> {
        let fits: Vec<(usize, Fit)> = self
            .ends
            .iter()
            .enumerate()
            .filter(|(_, end)| !end.over)
            .filter_map(|(at, end)| {
                let heard = match &end.thread {
                    Some(thread) => self.threads.get(thread)?.heard,
                    None => Heard::default(),
                };
                Some((self.first + at, end.fit(kind, heard)?))
            })
            .collect();
        let agreed = |heard| fits.iter().filter(move |(_, fit)| fit.heard == heard);
        let count = agreed(true).count();
        // threads print several lines in a row: the one that did so last goes on, most likely
        let goes_on = |(id, _): &&(usize, Fit)| self.runs(*id);
        let (id, fit) = agreed(true)
            .find(goes_on)
            .or_else(|| agreed(true).next())
            .or_else(|| agreed(false).next_back())?;
        Some((*id, *fit, (count > 1).then_some(Guess::Speaker)))
    }

    /// Of an abridged log: the only end under way, with messages left out in between.
    fn behind_gap(&self, kind: &MessageKind) -> Option<Found> {
        let mut open = self.ends.iter().enumerate().filter(|(_, end)| !end.over);
        let (at, end) = open.next().filter(|_| self.ends.len() < MAX_ENDS)?;
        if open.next().is_some() {
            return None;
        }
        Some((self.first + at, end.fit_behind_gap(kind)?, None))
    }

    /// Of a handshake that the log does not show the beginning of: what comes next may tell which way it went.
    fn settle(&mut self, kind: &MessageKind) {
        let goes_on = |end: &End| end.is_open() && end.fit(kind, Heard::default()).is_some();
        let Some(at) = self.ends.iter().rposition(goes_on) else {
            return;
        };
        let by_client = self.ends[at].is_clients_turn(kind);
        let judged = by_client.then(|| self.ends[at].certificates_are_clients());
        if let Some(judged) = judged.flatten() {
            self.give_certificates_to_client(at);
            if judged {
                self.turn(at);
            }
        }
        let Some(reader) = self.latest_reader() else {
            return;
        };
        // who reads what the client says is the server
        let end = &self.ends[at];
        if by_client == (end.role == Some(Role::Client)) {
            self.turn(at);
        }
        self.ends[at].thread = Some(reader);
    }

    /// Whose the first certificate list is was guessed, and wrong.
    fn give_certificates_to_client(&mut self, at: usize) {
        for message in self.held_messages(self.first + at) {
            *message.0 = Direction::Sent;
            message.1.sender = Some(Sender::Client);
        }
    }

    /// Nothing that is under way takes this: its handshake began before the log did.
    fn midway(&mut self, kind: &MessageKind) -> Found {
        let reader = self.latest_reader();
        if reader.is_none()
            && let Some(found) = self.open(kind)
        {
            return found;
        }
        let sender = sender_by_kind(kind);
        let direction = if reader.is_some() {
            Direction::Received
        } else {
            Direction::Sent
        };
        let role = sender.map(|sender| role_by_sender(sender, direction));
        let id = self.begin(End::new(role, reader, true));
        let fit = Fit {
            sender,
            direction,
            heard: true,
        };
        (id, fit, None)
    }

    /// The log begins within a flight, behind the `READ` in front of it, or in front of the `WRITE` behind it.
    fn open(&mut self, kind: &MessageKind) -> Option<Found> {
        let sender = match kind {
            // each handshake has the server's
            MessageKind::Certificate => Sender::Server,
            MessageKind::CertificateVerify => Sender::Client,
            _ => sender_by_kind(kind)?,
        };
        let direction = match sender {
            Sender::Client => Direction::Sent,
            Sender::Server => Direction::Received,
        };
        let id = self.begin(End::open(kind));
        let fit = Fit {
            sender: Some(sender),
            direction,
            heard: true,
        };
        Some((id, fit, None))
    }

    /// The thread that has read last, if nothing came of it yet.
    fn latest_reader(&self) -> Option<Arc<Thread>> {
        let latest = self.readers.iter().rev();
        latest
            .into_iter()
            .find(|thread| self.has_unclaimed(thread))
            .cloned()
    }

    /// A server asks to renegotiate: outside any handshake.
    fn hello_request(&mut self, mut event: Event) {
        let reader = self.latest_reader();
        let direction = match &reader {
            Some(_) => Direction::Received,
            None => Direction::Sent,
        };
        if let Some(thread) = reader {
            self.known(&thread).unclaimed = false;
            event.thread = thread;
        } else if let Some(thread) = self.speaker.and_then(|id| self.end(id)?.thread.clone()) {
            event.thread = thread;
        }
        if let Fact::Message(way, _) = &mut event.fact {
            *way = direction;
        }
        event.time = None;
        self.hold(event, None, Wait::Nothing);
    }

    /// Facts without a thread that are no messages: about the end that spoke last, mostly.
    pub(super) fn said_by_nobody(&mut self, event: Event) {
        let fits: fn(&End) -> bool = match event.fact {
            Fact::PeerTrusted(_) => |end| end.judges && !end.over,
            Fact::ChosenSuite(_) => End::chooses,
            _ => |_| false,
        };
        if !self.ends.iter().any(fits) {
            self.told_by(&event.fact);
        }
        let wanted = self.ends.iter().rposition(fits).map(|at| at + self.first);
        if let (Fact::PeerTrusted(_), Some(id)) = (&event.fact, wanted)
            && let Some(end) = self.end_mut(id)
        {
            end.note_judged();
        }
        let wait = wanted.or(self.speaker).map_or(Wait::Nothing, Wait::Thread);
        self.hold(event, None, wait);
    }
}

impl Untangle {
    /// What only one end says, where nothing told yet whether the latest hello was said or heard.
    fn told_by(&mut self, fact: &Fact) {
        let (end, is_its): (Sender, fn(&End) -> bool) = match fact {
            Fact::ChosenSuite(_) => (Sender::Server, End::may_have_heard),
            Fact::SessionKept(own, _) => (*own, End::is_presumed),
            _ => return,
        };
        if let Some(at) = self.ends.iter().rposition(is_its) {
            match end {
                Sender::Server => self.turn(at),
                Sender::Client => self.ends[at].confirm(),
            }
        }
    }
}

fn hello_fit(direction: Direction) -> Fit {
    Fit {
        sender: Some(Sender::Client),
        direction,
        heard: true,
    }
}

/// The event with its direction. The time in a hello is that of the clock of who made it: of this JVM only
/// in what it sends.
fn directed(mut event: Event, fit: Fit) -> Event {
    if fit.direction == Direction::Received {
        event.time = None;
    }
    if let Fact::Message(direction, message) = &mut event.fact {
        *direction = fit.direction;
        message.sender = fit.sender;
    }
    event
}
