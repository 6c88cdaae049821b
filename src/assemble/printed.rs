//! Exceptions that an application printed: which handshake they are about.

use std::sync::Arc;

use super::{Assembler, MAX_WAITING, Open, ending};
use crate::{
    event::{Event, Thread, Throwable},
    handshake::{Noted, Role},
    time::Stamp,
    wire::Spoken,
};

impl Assembler {
    /// What an application prints is about the latest handshake of its thread, unless its words tell otherwise.
    pub(super) fn of_printed(&mut self, thrown: &Throwable, event: &Event) -> Option<usize> {
        if let Some(host) = thrown.refused_host()
            && let Some(index) = self.refused_for(host)
        {
            return Some(index);
        }
        let current = self.current();
        if thrown.no_record().is_some()
            && !current.is_some_and(|index| awaits_first_answer(&self.work[index]))
        {
            return Some(self.begin(None, &event.thread));
        }
        current.or_else(|| self.only_one_waiting(thrown, &event.thread))
    }

    /// A pool's thread without a handshake of its own: what it says of TLS or the network is about the one that waits
    /// for another thread of that pool, if there is one only.
    fn only_one_waiting(&self, thrown: &Throwable, thread: &Thread) -> Option<usize> {
        if !ending::speaks_of_network_or_tls(thrown) || self.has_open_connections() {
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
    fn refused_for(&mut self, host: &str) -> Option<usize> {
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
        });
        // what is printed twice is not about the connection before, too
        latest.filter(|&index| self.work[index].can_be_refused_behind())
    }
}

impl Open {
    /// Words that need no guess what they are about. Whether they were taken.
    pub(super) fn plain_words(&mut self, thrown: Noted<Arc<Throwable>>, stamp: Stamp) -> bool {
        let refused_behind = self.can_be_refused_behind();
        let handshake = &mut self.handshake;
        if let Some(host) = thrown.value.refused_host()
            && refused_behind
        {
            let is_its = handshake
                .server_name()
                .map(|name| name.eq_ignore_ascii_case(host));
            if is_its == Some(false) {
                return false;
            }
            ending::by_printed(handshake, thrown, stamp);
            if is_its.is_none() {
                ending::guessed_by_thread(handshake);
            }
            return true;
        }
        let Some(bytes) = thrown
            .value
            .no_record()
            .filter(|_| handshake.break_up.is_none() && handshake.server_hello.is_none())
        else {
            return false;
        };
        handshake.rare_mut().wire.spoken = Some(Noted {
            value: Spoken::of(&bytes),
            span: thrown.span,
        });
        let shown = Noted {
            value: Arc::new(thrown.value.without_bytes()),
            span: thrown.span,
        };
        ending::by_printed(handshake, shown, stamp);
        if handshake.role.is_some() {
            ending::guessed_by_thread(handshake);
        }
        true
    }

    /// A client's handshake that is through, as far as the TLS stack is asked, and that nobody refused.
    fn can_be_refused_behind(&self) -> bool {
        self.is_through_for_client() && self.handshake.break_up.is_none()
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
