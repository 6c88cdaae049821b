//! What few handshakes have: kept apart, so that the many others do not pay for its room.

use std::sync::Arc;

use super::{Assumption, Handshake, Noted, Wire};
use crate::{
    event::{Certificate, Peer, ServerHello, Throwable},
    span::Span,
};

/// What few handshakes have. See the methods of [`Handshake`] of the same names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rare {
    pub(crate) peer: Option<Peer>,
    pub(crate) heard: Option<Span>,
    pub(crate) shown: Option<Span>,
    pub(crate) hello_retry: Option<Noted<Box<ServerHello>>>,
    pub(crate) dh_bits: Option<Noted<u32>>,
    pub(crate) application_protocol: Option<Arc<str>>,
    pub(crate) peer_trusted: Option<Noted<Arc<Certificate>>>,
    pub(crate) keys_unfit: Vec<Noted<(Arc<str>, Arc<str>)>>,
    pub(crate) no_authentication_scheme: Option<Span>,
    pub(crate) server_name_not_indicated: Option<Span>,
    pub(crate) warned_unrecognized_name: Option<Span>,
    pub(crate) exception: Option<Noted<Arc<Throwable>>>,
    pub(crate) aftermath: Option<Noted<Arc<str>>>,
    pub(crate) closed_after_loss: Option<Span>,
    pub(crate) wire: Wire,
    pub(crate) assumptions: Vec<Assumption>,
}

impl Handshake {
    /// The other end, where the log names it.
    pub fn peer(&self) -> Option<&Peer> {
        self.rare.as_ref()?.peer.as_ref()
    }

    /// Where a stack that prints no messages tells that it understood the peer's hello.
    pub fn heard(&self) -> Option<Span> {
        self.rare.as_ref()?.heard
    }

    /// Where a stack that prints no messages tells that it has shown a certificate of its own.
    pub fn shown(&self) -> Option<Span> {
        self.rare.as_ref()?.shown
    }

    /// A HelloRetryRequest, and where.
    pub fn hello_retry(&self) -> Option<&Noted<Box<ServerHello>>> {
        self.rare.as_ref()?.hello_retry.as_ref()
    }

    /// The size of the server's DH prime in bits, and where it was read.
    pub fn dh_bits(&self) -> Option<&Noted<u32>> {
        self.rare.as_ref()?.dh_bits.as_ref()
    }

    /// The application protocol that the server chose (ALPN).
    pub fn application_protocol(&self) -> Option<&Arc<str>> {
        self.rare.as_ref()?.application_protocol.as_ref()
    }

    /// The anchor under which this JVM accepted the peer's chain.
    pub fn peer_trusted(&self) -> Option<&Noted<Arc<Certificate>>> {
        self.rare.as_ref()?.peer_trusted.as_ref()
    }

    /// `A is not a private key entry` and its like: aliases that the key manager of this JVM named for this handshake, and
    /// why they are of no use.
    pub fn keys_unfit(&self) -> &[Noted<(Arc<str>, Arc<str>)>] {
        self.rare.as_ref().map_or(&[], |rare| &rare.keys_unfit)
    }

    /// `No available … authentication scheme`: this JVM has no key it may use.
    pub fn no_authentication_scheme(&self) -> Option<Span> {
        self.rare.as_ref()?.no_authentication_scheme
    }

    /// `Unable to indicate server name`.
    pub fn server_name_not_indicated(&self) -> Option<Span> {
        self.rare.as_ref()?.server_name_not_indicated
    }

    /// The server warned that it does not know the name.
    pub fn warned_unrecognized_name(&self) -> Option<Span> {
        self.rare.as_ref()?.warned_unrecognized_name
    }

    /// An exception that was handled outside `Fatal`.
    pub fn exception(&self) -> Option<&Noted<Arc<Throwable>>> {
        self.rare.as_ref()?.exception.as_ref()
    }

    /// The first error after the handshake was done, in its own words: not the handshake's.
    pub fn aftermath(&self) -> Option<&Noted<Arc<str>>> {
        self.rare.as_ref()?.aftermath.as_ref()
    }

    /// Where the connection was closed without a word of a failure, with messages in front of it that are not in the
    /// log: how the handshake ended is among what was lost.
    pub fn closed_after_loss(&self) -> Option<Span> {
        self.rare.as_ref()?.closed_after_loss
    }

    /// What the bytes in the log add.
    pub fn wire(&self) -> Option<&Wire> {
        self.rare.as_ref().map(|rare| &rare.wire)
    }

    /// What had to be guessed.
    pub fn assumptions(&self) -> &[Assumption] {
        self.rare.as_ref().map_or(&[], |rare| &rare.assumptions)
    }

    /// What few handshakes have, to be added to.
    pub(crate) fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Adds a guess, once.
    pub(crate) fn assume(&mut self, words: impl Into<Arc<str>>) {
        /// A guess more would tell nobody more.
        const ENOUGH: usize = 8;
        let assumption = Assumption(words.into());
        let assumptions = &mut self.rare_mut().assumptions;
        if assumptions.len() < ENOUGH && !assumptions.contains(&assumption) {
            assumptions.push(assumption);
        }
    }
}
