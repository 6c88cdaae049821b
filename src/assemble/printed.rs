//! Exceptions that an application printed: which handshake they are about.

use std::sync::Arc;

use super::{Assembler, MAX_WAITING, Open, apply::Place, ending};
use crate::{
    event::{Cause, Event, Thread, Throwable},
    handshake::{Role, Step},
    span::Span,
    time::Stamp,
    wire::Spoken,
};

impl Assembler {
    /// Takes an exception that an application printed. Returns the handshake that it belongs to.
    pub(super) fn printed(&mut self, thrown: &Arc<Throwable>, event: &Event) -> Option<usize> {
        let host = thrown.refused_host();
        let index = self.of_printed(thrown, host, event)?;
        self.touch(index, &event.thread);
        if self.has_spoken() {
            self.claim_spoken(index, event);
        }
        let place = Place {
            span: event.span,
            stamp: self.zones.stamp(event.time.as_ref()),
        };
        self.work[index].application_exception(&place, thrown, host);
        Some(index)
    }

    /// What an application prints is about the latest handshake of its thread, unless its words tell otherwise.
    fn of_printed(
        &mut self,
        thrown: &Throwable,
        host: Option<&str>,
        event: &Event,
    ) -> Option<usize> {
        if let Some(host) = host
            && let Some(index) = self.refused_for(host, event)
        {
            return Some(index);
        }
        let current = self.current();
        if let Some(bytes) = thrown.no_record()
            && !current.is_some_and(|index| {
                let open = &self.work[index];
                awaits_first_answer(open) || open.was_told(&bytes, event.span)
            })
        {
            return Some(self.begin(None, &event.thread));
        }
        let several_here = current.filter(|&index| self.work[index].was_heard_in(event.span));
        if let Some(index) = several_here {
            return Some(self.waiting_like(index, thrown).unwrap_or(index));
        }
        current.or_else(|| self.only_one_waiting(thrown, &event.thread))
    }

    /// Another handshake of the same pool, to the same server and as far as this one, of which nothing was heard: where
    /// the same exception is printed again, it is taken for that one's.
    fn waiting_like(&mut self, index: usize, thrown: &Throwable) -> Option<usize> {
        let one = &self.work[index];
        let root = |thrown: &Throwable| thrown.root().map(Cause::in_words);
        let heard = one.heard.as_deref()?;
        if root(&heard.0.value) != root(thrown) {
            return None;
        }
        let is_like = |open: &Open| {
            open.is_waiting()
                && open.heard.is_none()
                && open.is_as_far_as(one)
                && open.pool().is_some_and(|own| one.pool() == Some(own))
        };
        let mut waiting = self.waiting.iter().rev().copied();
        let other = waiting.find(|&other| other != index && is_like(&self.work[other]))?;
        let handshake = &mut self.work[other].handshake;
        handshake.assume("several handshakes waited for the same server, and the application printed the exception several times: it is taken for one of each");
        handshake.ambiguous = true;
        Some(other)
    }

    /// A pool's thread without a handshake of its own: what it says of TLS or the network is about the one that waits
    /// for another thread of that pool, if there is one only. A thread that no entry names has its own affairs.
    fn only_one_waiting(&self, thrown: &Throwable, thread: &Thread) -> Option<usize> {
        if thread.is_named_only()
            || !ending::speaks_of_network_or_tls(thrown)
            || self.has_open_connections()
        {
            return None;
        }
        let waits = |&index: &usize| self.work[index].is_waiting();
        let mut waiting = self.waiting.iter().copied().filter(waits);
        let only = waiting.next().filter(|_| waiting.next().is_none())?;
        let begun_by = self.work[only].handshake.thread.as_deref()?;
        (pool(begun_by)? == pool(thread)?).then_some(only)
    }

    /// The connection whose certificate a library refused when JSSE had accepted it: one for that host, this thread's
    /// before others'.
    fn refused_for(&mut self, host: &str, event: &Event) -> Option<usize> {
        let is_for = |open: &Open, unnamed: bool| {
            let named = open.handshake.server_name();
            open.is_through_for_client()
                && named.map_or(unnamed, |name| name.eq_ignore_ascii_case(host))
        };
        let own = self.touched_ever_by(|open| is_for(open, true));
        let recent = || self.work.iter().enumerate().rev().take(MAX_WAITING);
        let latest = own.or_else(|| {
            let found = recent().find(|(_, open)| is_for(open, false));
            found.map(|(index, _)| index)
        })?;
        if self.work[latest].can_be_refused_behind() {
            return Some(latest);
        }
        // what is printed twice is not about the connection before, too; another thread's was refused for the same reason
        let now = self.zones.stamp(event.time.as_ref());
        let refused = &self.work[latest];
        let alike = recent()
            .find(|(_, open)| is_for(open, false) && open.is_refused_like(refused, now))
            .map(|(index, _)| index)?;
        let handshake = &mut self.work[alike].handshake;
        handshake.assume("several threads connected to that host, and the application printed the exception several times: it is taken for one of each thread's");
        handshake.ambiguous = true;
        Some(alike)
    }
}

impl Open {
    /// An exception that the application printed: only where the TLS stack itself said nothing. `host` is the one for
    /// which it refuses the certificate.
    fn application_exception(
        &mut self,
        place: &Place,
        thrown: &Arc<Throwable>,
        host: Option<&str>,
    ) {
        if self.established
            && thrown
                .saying("before receiving peer's close_notify")
                .is_some()
        {
            // JDK 17 and later throw this, and log nothing
            self.aftermath(place, || ending::Ending::of_throwable(thrown).into_words());
            self.handshake.assume(
                "an exception that the application printed is taken to be about this connection",
            );
        }
        self.take_side(thrown);
        if self.plain_words(place, thrown, host)
            || !self.is_waiting()
            || !ending::speaks_of_network_or_tls(thrown)
        {
            return;
        }
        let same_failure = self.heard.as_deref().is_some_and(|(heard, _)| {
            // several are printed behind one entry: the others are of other threads, or say it again
            heard.span.order() == place.span.order() || ending::only_follows(thrown, &heard.value)
        });
        if !same_failure {
            self.heard = Some(Box::new((place.note(Arc::clone(thrown)), place.stamp)));
        }
    }

    /// What ended a handshake of which no message is logged, printed once more with its frames: they tell the end.
    fn take_side(&mut self, thrown: &Throwable) {
        let Some(end) = thrown.thrown_by.filter(|_| self.handshake.role.is_none()) else {
            return;
        };
        let fatal = self.handshake.fatal.as_deref();
        let fatal = fatal.and_then(|fatal| fatal.value.throwable.as_ref());
        let handled = self.handshake.exception().map(|noted| &noted.value);
        let is_same = |known: &Arc<Throwable>| {
            let own = known.outermost().map(Cause::in_words);
            let mut all = thrown.causes.iter().map(Cause::in_words);
            own.is_some_and(|own| all.any(|words| words == own))
        };
        if fatal.is_some_and(is_same) || handled.is_some_and(is_same) {
            self.handshake.role = Some(Role::from(end));
        }
    }

    /// Words that need no guess what they are about. Whether they were taken.
    fn plain_words(&mut self, place: &Place, thrown: &Arc<Throwable>, host: Option<&str>) -> bool {
        let refused_behind = self.can_be_refused_behind();
        let handshake = &mut self.handshake;
        if let Some(host) = host.filter(|_| refused_behind) {
            let is_its = handshake
                .server_name()
                .map(|name| name.eq_ignore_ascii_case(host));
            if is_its == Some(false) {
                return false;
            }
            ending::by_printed(handshake, place.note(Arc::clone(thrown)), place.stamp);
            if is_its.is_none() {
                ending::guessed_by_thread(handshake);
            }
            return true;
        }
        let open = handshake.break_up.is_none() && handshake.server_hello.is_none();
        let Some(bytes) = thrown.no_record().filter(|_| open) else {
            return false;
        };
        handshake.rare_mut().wire.spoken = Some(place.note(Spoken::of(&bytes)));
        let shown = place.note(Arc::new(thrown.without_bytes()));
        ending::by_printed(handshake, shown, place.stamp);
        if handshake.role.is_some() {
            ending::guessed_by_thread(handshake);
        }
        true
    }

    /// The pool of the thread that began it.
    pub(super) fn pool(&self) -> Option<(&str, Option<&str>)> {
        pool(self.handshake.thread.as_deref()?)
    }

    /// The same end, the same server, the same last message.
    fn is_as_far_as(&self, other: &Self) -> bool {
        let (own, other) = (&self.handshake, &other.handshake);
        let last = own.last_message().map(|(_, kind)| kind);
        own.role == other.role
            && own.server_name() == other.server_name()
            && last == other.last_message().map(|(_, kind)| kind)
    }

    /// Another exception behind the same entry was taken for this handshake's.
    fn was_heard_in(&self, entry: Span) -> bool {
        let heard = self.heard.as_deref();
        self.is_waiting() && heard.is_some_and(|(heard, _)| heard.span.order() == entry.order())
    }

    /// Another exception behind the same entry has shown these bytes.
    fn was_told(&self, bytes: &[u8], span: Span) -> bool {
        let wire = self.handshake.wire();
        let spoken = wire.and_then(|wire| wire.spoken.as_ref());
        spoken.is_some_and(|spoken| {
            spoken.span.order() == span.order() && spoken.value == Spoken::of(bytes)
        })
    }

    /// A client's handshake that is through, as far as the TLS stack is asked, and that nobody refused.
    fn can_be_refused_behind(&self) -> bool {
        self.is_through_for_client() && self.handshake.break_up.is_none()
    }

    /// Another thread met the same certificate a moment ago and heard nothing more of its connection, either.
    fn is_refused_like(&self, refused: &Self, now: Stamp) -> bool {
        const MOMENT_MILLIS: i64 = 10_000;
        let leaf = |open: &Self| {
            let chain = open.handshake.server_chain.as_deref();
            chain.and_then(|chain| chain.leaf().cloned())
        };
        let last = self.handshake.last_timed().and_then(Step::millis);
        let moment = last.zip(now.millis());
        self.can_be_refused_behind()
            && self.handshake.thread != refused.handshake.thread
            && !self.handshake.ticket_received
            && moment.is_some_and(|(last, now)| (0..=MOMENT_MILLIS).contains(&(now - last)))
            && leaf(self).is_some_and(|own| leaf(refused).as_ref() == Some(&own))
    }

    fn is_through_for_client(&self) -> bool {
        let handshake = &self.handshake;
        (self.established || !handshake.messages_logged) && handshake.role != Some(Role::Server)
    }
}

/// The name of the pool that a thread is numbered in.
fn pool(thread: &Thread) -> Option<(&str, Option<&str>)> {
    let name = thread.name.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = !name.is_empty() && name.len() < thread.name.len();
    numbered.then_some((name, thread.stream.as_deref()))
}

/// Nothing of the peer has come yet, and no other end is known.
fn awaits_first_answer(open: &Open) -> bool {
    let handshake = &open.handshake;
    !open.established
        && handshake.break_up.is_none()
        && handshake.role == Some(Role::Client)
        && handshake.server_hello.is_none()
}
