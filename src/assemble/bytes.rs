//! What the bytes of hex dumps add, and which handshake they belong to.
//!
//! Dumps stand apart from the text that explains the same bytes: a client prints its ClientHello before the dump,
//! a server after it. A ClientHello is joined by its random, so that it does not matter which comes first; what is
//! no TLS belongs to the failure that its thread reports next. Certificates are kept for the log as a whole.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use foldhash::quality::RandomState;

use super::Assembler;
use crate::{
    event::{Bytes, Direction, Event, Fact, Random, Thread},
    handshake::{Noted, Role},
    span::Span,
    wire::{self, Content, Joiner, Message, Spoken},
};

/// Hellos that wait for their text at once.
const MAX_HELLOS: usize = 128;
/// Messages that wait for their rest, and answers that wait for their failure, at once.
const MAX_WAITING: usize = 64;
/// Where the log names no thread, a failure this many lines behind has another reason.
const NEAR_LINES: u64 = 60;

/// A ClientHello as it went over the wire.
#[derive(Debug, Clone)]
struct HelloBytes {
    random: Random,
    message: Arc<[u8]>,
    /// How long its record is, where a whole record was shown as it was written.
    record: Option<Noted<u32>>,
}

/// Bytes that belong to something that is still to come.
#[derive(Debug, Default, Clone)]
pub(super) struct PendingBytes {
    joiners: HashMap<(Arc<Thread>, Direction), Joiner, RandomState>,
    hellos: VecDeque<HelloBytes>,
    spoken: VecDeque<(Arc<Thread>, Noted<Spoken>)>,
}

impl Assembler {
    /// Takes what a dump shows.
    pub(super) fn bytes(&mut self, span: Span, thread: &Arc<Thread>, bytes: &Bytes) {
        if bytes.content == Content::Foreign {
            let spoken = &mut self.pending_bytes.spoken;
            if spoken.len() >= MAX_WAITING {
                spoken.pop_front();
            }
            let value = Spoken::of(&bytes.data);
            spoken.push_back((Arc::clone(thread), Noted { value, span }));
            return;
        }
        let key = (Arc::clone(thread), bytes.direction);
        let joiners = &mut self.pending_bytes.joiners;
        let mut joiner = joiners.remove(&key).unwrap_or_default();
        let messages = joiner.take(bytes.content, &bytes.data);
        if joiner.is_waiting() && joiners.len() < MAX_WAITING {
            joiners.insert(key, joiner);
        }
        let written = bytes.direction == Direction::Sent && bytes.content == Content::Records;
        for message in messages {
            match message {
                Message::Certificate(message) => {
                    for der in wire::certificates(&message) {
                        self.assembly.certificates.take(der, span);
                    }
                }
                Message::ClientHello(message) => {
                    let record = wire::record_length(&bytes.data)
                        .filter(|_| written)
                        .map(|value| Noted { value, span });
                    self.client_hello_bytes(message, record);
                }
            }
        }
    }

    fn client_hello_bytes(&mut self, message: Box<[u8]>, record: Option<Noted<u32>>) {
        let Some(random) = wire::client_random(&message).map(Random) else {
            return;
        };
        let hello = HelloBytes {
            random,
            message: message.into(),
            record,
        };
        for role in [Role::Client, Role::Server] {
            if let Some(index) = self.of_random(role, random) {
                self.join_hello(index, role, &hello);
            }
        }
        let hellos = &mut self.pending_bytes.hellos;
        if hellos.len() >= MAX_HELLOS {
            hellos.pop_front();
        }
        hellos.push_back(hello);
    }

    /// The bytes of the first ClientHello are those that came first: one that answers a HelloRetryRequest has the
    /// same random.
    fn join_hello(&mut self, index: usize, role: Role, hello: &HelloBytes) {
        let known = &mut self.work[index].handshake.rare_mut().wire;
        let first = known
            .client_hello
            .get_or_insert_with(|| Arc::clone(&hello.message));
        if role == Role::Client && **first == *hello.message && hello.record.is_some() {
            known.client_hello_record.clone_from(&hello.record);
        }
    }

    /// The text of a ClientHello has come: do its bytes wait for it?
    pub(super) fn claim_hello(&mut self, index: usize, role: Role, random: Random) {
        let hellos = &self.pending_bytes.hellos;
        let waiting = hellos.iter().find(|hello| hello.random == random).cloned();
        if let Some(hello) = waiting {
            self.join_hello(index, role, &hello);
        }
    }

    /// A failure has come: was something said before it that is no TLS?
    pub(super) fn claim_spoken(&mut self, index: usize, event: &Event) {
        if !matches!(event.fact, Fact::Fatal(_) | Fact::Exception(_)) {
            return;
        }
        let line = event.span.line();
        let spoken = &mut self.pending_bytes.spoken;
        let own = spoken.iter().position(|(thread, said)| {
            let nameless = thread.id.is_empty() && thread.name.is_empty();
            let near = nameless
                && event.thread.id.is_empty()
                && thread.stream == event.thread.stream
                && line.abs_diff(said.span.line()) <= NEAR_LINES;
            near || *thread == event.thread
        });
        if let Some((_, said)) = own.and_then(|own| spoken.remove(own)) {
            self.work[index].handshake.rare_mut().wire.spoken = Some(said);
        }
    }

    /// Whether anything waits to be claimed by a failure.
    pub(super) fn has_spoken(&self) -> bool {
        !self.pending_bytes.spoken.is_empty()
    }
}
