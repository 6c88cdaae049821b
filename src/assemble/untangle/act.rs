//! Lines with a thread's name: records, alerts, exceptions, closing.

use std::sync::Arc;

use super::{End, Records, Untangle, Wait};
use crate::{
    assemble::ending,
    event::{
        Closing, ContentType, Direction, Event, Fact, Fatal, Message, Record, Sender, Thread,
        Throwable,
    },
    handshake::Role,
    tls::{AlertDescription, AlertLevel},
};

impl Untangle {
    pub(super) fn act(&mut self, mut event: Event) {
        // the same thread is one and the same from here on, whichever reader met it
        if let Some((known, _)) = self.threads.get_key_value(&event.thread) {
            event.thread = Arc::clone(known);
        }
        let thread = Arc::clone(&event.thread);
        self.complete_of(&thread);
        self.running = Some(Arc::clone(&thread));
        let alert = match &event.fact {
            Fact::Record(Record {
                alert: Some(alert), ..
            }) if *alert != AlertDescription::CloseNotify => Some(alert.clone()),
            _ => None,
        };
        self.answer(&thread, alert.as_ref());
        match &event.fact {
            Fact::Exception(thrown) => {
                let thrown = Arc::clone(thrown);
                return self.exception(event, thrown);
            }
            Fact::Record(record) if record.alert.is_none() => {
                let record = record.clone();
                return self.record(&record, event);
            }
            _ => {}
        }
        if !matches!(event.fact, Fact::Closing(_) | Fact::AlertNotSent(_)) {
            self.release(&thread);
        }
        self.claim(&thread, &event.fact);
        let known = self.known(&thread);
        let awaits_exception = known.sent.is_some() || known.received;
        if matches!(event.fact, Fact::Closing(_) | Fact::Fatal(_)) {
            known.records = Records::None;
        }
        match &event.fact {
            Fact::Record(_) if alert.is_some() => known.sent = alert,
            Fact::AlertReceived(alert) if alert.level == AlertLevel::Fatal => {
                known.received = true;
                self.break_off(&thread);
            }
            Fact::Closing(Closing::Peer) => return known.after.push(event),
            Fact::Closing(_) if awaits_exception => return known.after.push(event),
            Fact::AlertNotSent(_) if known.sent.is_some() => return known.after.push(event),
            Fact::Closing(Closing::Transport) | Fact::Fatal(_) => self.break_off(&thread),
            _ => {}
        }
        self.hold(event, None, Wait::Nothing);
    }

    /// What a thread says next tells whether it sends an alert for the exception it had.
    fn answer(&mut self, thread: &Arc<Thread>, alert: Option<&AlertDescription>) {
        if self.alerts_held == 0 {
            return;
        }
        for held in &mut self.held {
            if held.wait != Wait::Alert || held.event.thread != *thread {
                continue;
            }
            held.wait = Wait::Nothing;
            self.alerts_held -= 1;
            if let (Some(alert), Fact::Exception(thrown)) = (alert, &held.event.fact) {
                held.event.fact = fatal(alert.clone(), thrown);
            }
        }
    }

    /// What came between an alert and an exception that does not come any more.
    fn release(&mut self, thread: &Arc<Thread>) {
        let Some(known) = self.threads.get_mut(thread) else {
            return;
        };
        for event in std::mem::take(&mut known.after) {
            self.hold(event, None, Wait::Nothing);
        }
    }

    /// What an application prints below a line that names no thread is of the thread that printed last, most likely.
    /// A thread that is named and printed nothing so far may be the one whose name a hello still lacks.
    pub(super) fn application(&mut self, mut event: Event) {
        let mut wait = Wait::Nothing;
        if event.thread.name.is_empty() {
            match (&self.running, self.speaker) {
                (Some(running), _) => event.thread = Arc::clone(running),
                (None, Some(speaker)) => {
                    self.frames_tell(speaker, &event.fact);
                    wait = Wait::Thread(speaker);
                }
                (None, None) => {}
            }
        } else if let Fact::Application(thrown) = &event.fact
            && ending::speaks_of_network_or_tls(thrown)
            && !self.threads.contains_key(&event.thread)
        {
            let thread = Arc::clone(&event.thread);
            self.claim(&thread, &event.fact);
        }
        self.hold(event, None, wait);
    }

    /// What was printed behind a hello of nobody: its frames may tell whether it was said or heard.
    fn frames_tell(&mut self, id: usize, printed: &Fact) {
        let Some(at) = id.checked_sub(self.first) else {
            return;
        };
        let end = match (self.ends.get(at), printed) {
            (Some(end), Fact::Application(thrown))
                if end.thread.is_none() && ending::speaks_of_network_or_tls(thrown) =>
            {
                thrown.thrown_by
            }
            _ => None,
        };
        match end {
            Some(Sender::Server) => self.turn_by(at, printed),
            Some(Sender::Client) => self.ends[at].confirm(),
            None => {}
        }
    }

    /// A thread without a handshake that fails: a hello that is not written yet is its own.
    fn claim(&mut self, thread: &Arc<Thread>, failure: &Fact) {
        let has_one = self.ends.iter().any(|end| !end.over && end.is_of(thread));
        // who is still printing its hello does not close
        let closes = matches!(failure, Fact::Closing(_));
        let prints = |at: usize| {
            let id = self.first + at;
            closes && self.torn_held > 0 && self.held.iter().any(|held| held.wait == Wait::Rest(id))
        };
        let nobodys = |(at, end): (usize, &End)| end.lacks_thread() && !prints(at);
        let found = self.ends.iter().enumerate().position(nobodys);
        let Some(at) = found.filter(|_| !has_one) else {
            return;
        };
        self.turn_by(at, failure);
        self.ends[at].thread = Some(Arc::clone(thread));
        self.complete_of(thread);
    }

    /// No record line told which way its messages went, so that the hello was taken for said: the failure may tell that
    /// it was heard.
    fn turn_by(&mut self, at: usize, failure: &Fact) {
        let end = &self.ends[at];
        let told = match failure {
            Fact::AlertReceived(alert) => end.judged_by(&alert.description),
            Fact::Fatal(fatal) => fatal.thrown_by(),
            Fact::Exception(thrown) | Fact::Application(thrown) => thrown.thrown_by,
            _ => None,
        };
        if told == Some(Sender::Server) && end.role == Some(Role::Client) {
            self.turn(at);
        }
    }

    /// What was taken for said was heard, and the other way round.
    pub(super) fn turn(&mut self, at: usize) {
        self.ends[at].turn();
        for (direction, _) in self.held_messages(self.first + at) {
            *direction = match direction {
                Direction::Sent => Direction::Received,
                Direction::Received => Direction::Sent,
            };
        }
    }

    /// The messages of an end that wait for the name of its thread. They lose the time that a hello has: the clock is
    /// that of who made it.
    pub(super) fn held_messages(
        &mut self,
        id: usize,
    ) -> impl Iterator<Item = (&mut Direction, &mut Message)> {
        self.held.iter_mut().filter_map(move |held| {
            let of_this_end = matches!(held.wait, Wait::Thread(of) | Wait::Rest(of) if of == id);
            let Fact::Message(direction, message) = &mut held.event.fact else {
                return None;
            };
            of_this_end.then(|| {
                held.event.time = None;
                (direction, &mut **message)
            })
        })
    }

    /// The latest handshake of a thread is over.
    fn break_off(&mut self, thread: &Arc<Thread>) {
        if let Some(end) = self
            .ends
            .iter_mut()
            .rev()
            .find(|end| !end.over && end.is_of(thread))
        {
            end.over = true;
        }
    }

    /// `READ` and `WRITE`: who speaks, and who has something to hear.
    fn record(&mut self, record: &Record, event: Event) {
        let thread = Arc::clone(&event.thread);
        match (record.content_type, record.direction) {
            (ContentType::Handshake, Direction::Received) => {
                self.has_read(&thread);
                let known = self.known(&thread);
                known.records = Records::Others;
                (known.sent, known.received) = (None, false);
                self.release(&thread);
            }
            (ContentType::Handshake | ContentType::Sslv2Hello, Direction::Sent) => {
                let known = self.known(&thread);
                if known.records == Records::None {
                    known.records = Records::Written;
                }
                known.heard.unread = false;
                known.unclaimed = false;
                (known.sent, known.received) = (None, false);
                self.release(&thread);
                self.written(&thread);
                if record.content_type == ContentType::Sslv2Hello {
                    self.hold(event, None, Wait::Nothing);
                }
            }
            (ContentType::ChangeCipherSpec, direction) => {
                if direction == Direction::Received {
                    self.heard_from_client(&thread);
                }
                let known = self.known(&thread);
                known.records = Records::Others;
                let heard = &mut known.heard;
                match direction {
                    Direction::Received => heard.peer_changed = true,
                    Direction::Sent => heard.own_changed = true,
                }
                let fact = Fact::ChangeCipherSpec(direction);
                self.hold(Event { fact, ..event }, None, Wait::Nothing);
            }
            _ => {}
        }
    }

    /// A thread without a handshake reads that the peer goes over to its keys: the client's messages with which the log
    /// begins were heard, for a client would have written first.
    fn heard_from_client(&mut self, thread: &Arc<Thread>) {
        let has_one = self.ends.iter().any(|end| !end.over && end.is_of(thread));
        if let Some(at) = self.ends.iter().rposition(End::is_all_clients)
            && !has_one
        {
            self.turn(at);
            self.ends[at].thread = Some(Arc::clone(thread));
            self.complete_of(thread);
        }
    }

    /// A thread writes what was printed before: its own messages, or those of nobody yet.
    fn written(&mut self, thread: &Arc<Thread>) {
        let unflushed = |end: &&mut End| end.unflushed && !(end.over && end.thread.is_none());
        if let Some(end) = self
            .ends
            .iter_mut()
            .filter(unflushed)
            .find(|end| end.is_of(thread))
        {
            end.unflushed = false;
            return;
        }
        let nobodys = |end: &End| end.thread.is_none() && (end.unflushed || end.is_open());
        if let Some(at) = self.ends.iter().rposition(nobodys) {
            // a client has something of its own to write by then
            if self.ends[at].is_all_servers() {
                self.turn(at);
            }
            let end = &mut self.ends[at];
            end.unflushed = false;
            end.thread = Some(Arc::clone(thread));
            let heard = &mut self.known(thread).heard;
            (heard.own_changed, heard.peer_changed) = (false, false);
            self.complete_of(thread);
        }
    }

    /// `handling exception`: what an alert before it meant, or one behind it will say.
    fn exception(&mut self, event: Event, thrown: Arc<Throwable>) {
        let thread = Arc::clone(&event.thread);
        self.claim(&thread, &event.fact);
        let heard_first = !self.ends.iter().any(|end| end.is_of(&thread));
        let known = self.known(&thread);
        let wrote_only = std::mem::take(&mut known.records) == Records::Written;
        let end = if wrote_only && is_of_first_record(&thrown) {
            Some(Sender::Client)
        } else if heard_first && known.unclaimed {
            Some(Sender::Server) // who reads before anything was said
        } else {
            None
        };
        let thrown = match end {
            Some(end) if thrown.thrown_by.is_none() => {
                let mut thrown = Throwable::clone(&thrown);
                thrown.thrown_by = Some(end);
                Arc::new(thrown)
            }
            _ => thrown,
        };
        let (sent, after) = (known.sent.take(), std::mem::take(&mut known.after));
        known.received = false;
        let received = thrown
            .causes
            .iter()
            .find_map(|cause| cause.message.strip_prefix("Received fatal alert: "))
            .map(|name| AlertDescription::from_name(name.trim()));
        let transport = ending::is_of_transport(&thrown);
        let wait = if received.is_none() && sent.is_none() && !transport {
            Wait::Alert
        } else {
            Wait::Nothing
        };
        let fact = match received.or(sent.clone().filter(|_| !transport)) {
            Some(alert) => fatal(alert, &thrown),
            None => Fact::Exception(thrown),
        };
        self.break_off(&thread);
        self.hold(Event { fact, ..event }, None, wait);
        for mut event in after {
            match (&mut event.fact, &sent) {
                (Fact::Closing(Closing::Peer), _) => continue, // the exception says it
                (Fact::AlertNotSent(alert), Some(sent)) => *alert = sent.clone(),
                _ => {}
            }
            self.hold(event, None, Wait::Nothing);
        }
    }
}

/// JSSE says so of the first record that it reads, and of no other.
fn is_of_first_record(thrown: &Throwable) -> bool {
    thrown
        .saying("Unrecognized SSL message, plaintext connection")
        .is_some()
}

/// The exception as the unified dialect prints it: with the alert, and without its wrappers.
fn fatal(alert: AlertDescription, thrown: &Arc<Throwable>) -> Fact {
    let reason = thrown
        .causes
        .iter()
        .zip(thrown.causes.iter().skip(1).map(Some).chain([None]))
        .find(|(cause, next)| next.is_none_or(|next| !cause.message.starts_with(&*next.class)))
        .map_or_else(|| Arc::from(""), |(cause, _)| Arc::clone(&cause.message));
    Fact::Fatal(Box::new(Fatal {
        alert,
        reason,
        throwable: Some(Arc::clone(thrown)),
    }))
}
