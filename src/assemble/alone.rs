//! What was said of a handshake, and exceptions that the application printed, where none is under way.

use std::sync::Arc;

use super::{Assembler, Open, conclude::conclude, ending::Sifted};
use crate::{
    event::{ContentType, Fact, Throwable},
    handshake::{Handshake, Noted, Role},
    span::Span,
    time::Stamp,
};

/// A program that fails in a loop must not fill the memory.
const MAX_HEARD_ALONE: usize = 64;

/// Whether only a handshake, or a connection that had one, makes a JVM say this.
pub(super) fn is_of_handshake(fact: &Fact) -> bool {
    match fact {
        // who closes a fresh connection writes an alert, too
        Fact::Record(record) => {
            !matches!(record.content_type, ContentType::Alert | ContentType::Other)
        }
        Fact::Message(..)
        | Fact::ChangeCipherSpec(_)
        | Fact::AlertReceived(_)
        | Fact::Fatal(_)
        | Fact::NegotiatedVersion(_)
        | Fact::ChosenSuite(_)
        | Fact::SessionKept(..)
        | Fact::KeysInstalled(_)
        | Fact::Resuming
        | Fact::PeerTrusted(_)
        | Fact::NoCertificateSelected(_)
        | Fact::NoAuthenticationScheme(_)
        | Fact::ServerName(_) => true,
        _ => false,
    }
}

impl Assembler {
    /// Keeps an exception that belongs to no handshake.
    pub(super) fn heard_alone(&mut self, thrown: Arc<Throwable>, span: Span) {
        let heard = &mut self.assembly.heard_alone;
        let root = |thrown: &Throwable| thrown.root().cloned().map(|it| (it.class, it.message));
        // one failure, which is printed on its way up
        let is_again = |known: &Noted<Arc<Throwable>>| {
            known.span.order() == span.order() && root(&known.value) == root(&thrown)
        };
        if heard.len() < MAX_HEARD_ALONE && !heard.iter().any(is_again) {
            heard.push(Noted {
                value: thrown,
                span,
            });
        }
    }
}

/// In a log without any handshake, an exception of TLS stands for one: that it failed is all that is logged.
pub(super) fn handshakes(heard: &[Noted<Arc<Throwable>>]) -> impl Iterator<Item = Box<Handshake>> {
    let of_tls = |thrown: &&Noted<Arc<Throwable>>| {
        thrown
            .value
            .causes
            .iter()
            .any(|cause| cause.class.starts_with("javax.net.ssl.SSL"))
    };
    let mut sifted = Sifted::default();
    let failed = move |thrown: &Noted<Arc<Throwable>>| {
        let mut open = Open::default();
        open.handshake.role = thrown.value.thrown_by.map(Role::from);
        open.heard = Some(Box::new((thrown.clone(), Stamp::default())));
        conclude(open, &mut sifted)
    };
    heard.iter().filter(of_tls).map(failed)
}
