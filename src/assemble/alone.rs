//! What was said of a handshake, and exceptions that the application printed, where none is under way.

use std::sync::Arc;

use super::{
    Assembler, Open,
    conclude::conclude,
    ending::{Sifted, speaks_of_network_or_tls},
};
use crate::{
    event::{Cause, ContentType, Fact, Throwable},
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
    /// Keeps an exception that belongs to no handshake. What a library logs as a detail, other than failures of TLS, of
    /// the network or of stores, is no failure of the application's: Netty tells so which parts of the JDK it goes without.
    pub(super) fn heard_alone(&mut self, thrown: Arc<Throwable>, span: Span) {
        if thrown.in_detail && !is_of_interest(&thrown) {
            return;
        }
        let noted = Noted {
            value: thrown,
            span,
        };
        let root = |thrown: &Throwable| thrown.root().cloned().map(|it| (it.class, it.message));
        // one failure, which is printed on its way up
        let is_again = |known: &&mut Noted<Arc<Throwable>>| {
            known.span.order() == span.order() && root(&known.value) == root(&noted.value)
        };
        let heard = &mut self.assembly.heard_alone;
        if let Some(known) = heard.iter_mut().find(is_again) {
            // what says that it was a handshake tells most
            if !is_of_tls(&known.value) && is_of_tls(&noted.value) {
                *known = noted;
            }
        } else if heard.len() < MAX_HEARD_ALONE {
            heard.push(noted);
        }
    }
}

/// In a log without any handshake, an exception of TLS stands for one: that it failed is all that is logged.
pub(super) fn handshakes(heard: &[Noted<Arc<Throwable>>]) -> impl Iterator<Item = Box<Handshake>> {
    let mut sifted = Sifted::default();
    let failed = move |thrown: &Noted<Arc<Throwable>>| {
        let mut open = Open::default();
        open.handshake.role = thrown.value.thrown_by.map(Role::from);
        if thrown.value.is_of_openssl() {
            open.handshake.assume("the TLS engine that failed is not the JDK's: it is OpenSSL, under Netty. The debug option does not reach it, and what the application printed is all that is known");
        }
        open.heard = Some(Box::new((thrown.clone(), Stamp::default())));
        conclude(open, &mut sifted)
    };
    heard
        .iter()
        .filter(|thrown| is_of_tls(&thrown.value))
        .map(failed)
}

/// A handshake failed, or a connection that had one.
fn is_of_tls(thrown: &Throwable) -> bool {
    let by_class = |cause: &Cause| {
        cause.class.starts_with("javax.net.ssl.SSL")
            || cause.simple_class() == "SslHandshakeTimeoutException"
    };
    thrown.causes.iter().any(by_class)
}

/// It tells of TLS, of the network, of keys and certificates or of a file, all of which can keep a handshake from
/// coming to pass.
fn is_of_interest(thrown: &Throwable) -> bool {
    const PACKAGES: [&str; 4] = ["java.net.", "java.security.", "sun.security.", "java.io."];
    let in_package = |cause: &Cause| {
        let mut packages = PACKAGES.iter();
        packages.any(|package| cause.class.starts_with(package))
    };
    speaks_of_network_or_tls(thrown) || thrown.causes.iter().any(in_package)
}
