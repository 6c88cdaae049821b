//! One end of a handshake as far as its messages are told apart, and what it can say or hear next.

use std::sync::Arc;

use crate::{
    event::{Direction, Sender, Thread},
    handshake::{Role, role_by_sender, sender_by_kind},
    tls::{AlertDescription, MessageKind},
};

/// One end of a handshake that is under way.
#[derive(Debug, Clone)]
pub(super) struct End {
    /// The thread, once a line with its name was met.
    pub(super) thread: Option<Arc<Thread>>,
    pub(super) role: Option<Role>,
    /// How far each end has come: see [`position`].
    client_at: Option<u8>,
    server_at: Option<u8>,
    /// A message was printed that is not written yet.
    pub(super) unflushed: bool,
    /// The last message heard was the peer's certificates.
    pub(super) judges: bool,
    /// Done, or broken.
    pub(super) over: bool,
    /// The beginning is not in the log: whatever comes may fit.
    midway: bool,
    /// Which way its messages went is a guess: the log begins with one of them, and no record line told yet.
    open: bool,
    /// Its hello was taken for said because nothing told otherwise.
    presumed: bool,
    /// All that came is a certificate list, and whose it is was guessed, too.
    only_certificates: bool,
    /// This JVM has judged it: it was heard.
    judged: bool,
    /// Which way a Finished went, where nothing tells whose it was.
    finished: Option<Direction>,
}

/// What of the record layer was seen of an end's thread.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Heard {
    /// A handshake record was read, and nothing was written since.
    pub(super) unread: bool,
    /// The peer's `ChangeCipherSpec` was read.
    pub(super) peer_changed: bool,
    /// The own `ChangeCipherSpec` was written.
    pub(super) own_changed: bool,
}

/// A way to understand a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    pub(super) sender: Option<Sender>,
    pub(super) direction: Direction,
    /// The record layer agrees.
    pub(super) heard: bool,
}

/// The order of a full handshake up to TLS 1.2 (RFC 5246 §7.3). One end's messages only go down.
#[rustfmt::skip]
fn position(sender: Sender, kind: &MessageKind) -> Option<u8> {
    use MessageKind as M;
    Some(match (sender, kind) {
        (Sender::Client, M::ClientHello) | (Sender::Server, M::HelloVerifyRequest) => 0,
        (Sender::Server, M::ServerHello)        => 1,
        (Sender::Server, M::Certificate)        => 2,
        (Sender::Server, M::CertificateStatus)  => 3,
        (Sender::Server, M::ServerKeyExchange)  => 4,
        (Sender::Server, M::CertificateRequest) => 5,
        (Sender::Server, M::ServerHelloDone)    => DONE,
        (Sender::Client, M::Certificate)        => 7,
        (Sender::Client, M::ClientKeyExchange)  => KEYS,
        (Sender::Client, M::CertificateVerify)  => 9,
        (_, M::Finished)                        => FINISHED,
        _ => return None,
    })
}

const HELLO: u8 = 1;
const DONE: u8 = 6;
const KEYS: u8 = 8;
const FINISHED: u8 = 12;

impl End {
    pub(super) fn new(role: Option<Role>, thread: Option<Arc<Thread>>, midway: bool) -> Self {
        Self {
            thread,
            role,
            client_at: None,
            server_at: None,
            unflushed: false,
            judges: false,
            over: false,
            midway,
            open: false,
            presumed: false,
            only_certificates: false,
            judged: false,
            finished: None,
        }
    }

    /// An end of a handshake that the log does not show the beginning of, where nothing tells which way its first
    /// message went: a server writes its messages at once, so that these were heard, and a client its own.
    pub(super) fn open(kind: &MessageKind) -> Self {
        Self {
            open: true,
            only_certificates: *kind == MessageKind::Certificate,
            ..Self::new(Some(Role::Client), None, true)
        }
    }

    /// The end of a hello that nothing shows to have been said or heard.
    pub(super) fn presumed() -> Self {
        Self {
            presumed: true,
            ..Self::new(Some(Role::Client), None, false)
        }
    }

    /// Mostly told by where the thread's name is kept, without a look at it.
    pub(super) fn is_of(&self, thread: &Arc<Thread>) -> bool {
        self.thread.as_ref() == Some(thread)
    }

    /// How this end can understand a message of `kind`, if it can.
    pub(super) fn fit(&self, kind: &MessageKind, heard: Heard) -> Option<Fit> {
        if self.over {
            return None;
        }
        if self.role.is_none() {
            return self.other_finished(kind);
        }
        let senders = match sender_by_kind(kind) {
            Some(Sender::Client) => &[Sender::Client][..],
            Some(Sender::Server) => &[Sender::Server][..],
            None => &[Sender::Server, Sender::Client][..],
        };
        let fits = senders
            .iter()
            .filter(|&&sender| self.accepts(sender, kind))
            .filter_map(|&sender| self.fit_of(sender, kind, heard));
        fits.max_by_key(|fit| fit.heard)
    }

    /// Where the log begins so late that it has the two Finished only, the second is the other end's.
    fn other_finished(&self, kind: &MessageKind) -> Option<Fit> {
        let direction = match self.finished? {
            Direction::Sent => Direction::Received,
            Direction::Received => Direction::Sent,
        };
        (*kind == MessageKind::Finished).then_some(Fit {
            sender: None,
            direction,
            heard: true,
        })
    }

    /// How this end takes a message where some in front of it are not in the log.
    pub(super) fn fit_behind_gap(&self, kind: &MessageKind) -> Option<Fit> {
        let sender = sender_by_kind(kind)?;
        let own = match sender {
            Sender::Client => self.client_at,
            Sender::Server => self.server_at,
        };
        let later = position(sender, kind)? > own.unwrap_or(0);
        let begins = matches!(kind, MessageKind::ClientHello | MessageKind::ServerHello);
        (later && !begins && !self.over)
            .then(|| self.fit_of(sender, kind, Heard::default()))
            .flatten()
    }

    fn fit_of(&self, sender: Sender, kind: &MessageKind, heard: Heard) -> Option<Fit> {
        let direction = if role_by_sender(sender, Direction::Sent) == self.role? {
            Direction::Sent
        } else {
            Direction::Received
        };
        let finished = *kind == MessageKind::Finished;
        let heard = match direction {
            Direction::Received => heard.unread && (!finished || heard.peer_changed),
            Direction::Sent => !finished || heard.own_changed || self.thread.is_none(),
        };
        Some(Fit {
            sender: Some(sender),
            direction,
            heard,
        })
    }

    /// Whether `sender` can say this next.
    fn accepts(&self, sender: Sender, kind: &MessageKind) -> bool {
        use MessageKind as M;
        let Some(position) = position(sender, kind) else {
            return false;
        };
        let own = match sender {
            Sender::Client => self.client_at,
            Sender::Server => self.server_at,
        };
        if own.is_some_and(|own| position <= own) {
            return false;
        }
        let (client, server) = (self.client_at.unwrap_or(0), self.server_at.unwrap_or(0));
        if self.midway {
            // the list behind a ServerHello is the server's
            let servers = sender == Sender::Client && *kind == M::Certificate && server == HELLO;
            return *kind != M::ClientHello && !servers;
        }
        match (sender, kind) {
            (_, M::ClientHello) => false, // begins an end of its own
            (_, M::ServerHello | M::HelloVerifyRequest) => self.client_at.is_some(),
            (Sender::Client, M::Certificate | M::ClientKeyExchange) => server >= DONE,
            (_, M::CertificateVerify) => client >= KEYS,
            // after a resumption the server is first
            (Sender::Client, M::Finished) => client >= KEYS || server == FINISHED,
            (Sender::Server, M::Finished) => client == FINISHED || server == HELLO,
            _ => server >= HELLO && client < DONE,
        }
    }

    /// Whether a record line may still tell which way its messages went.
    pub(super) fn is_open(&self) -> bool {
        self.open && self.thread.is_none() && !self.over
    }

    /// Whether that its hello was said is no more than likely still.
    pub(super) fn is_presumed(&self) -> bool {
        self.presumed && self.thread.is_none()
    }

    /// Its hello was taken for said, and nothing came behind it.
    pub(super) fn may_have_heard(&self) -> bool {
        self.is_presumed() && !self.over && self.server_at.is_none()
    }

    /// Something shows which end it is, and it is the one it was taken for.
    pub(super) fn confirm(&mut self) {
        self.presumed = false;
    }

    /// Whether a thread that fails can be its own, of which no name was met yet.
    pub(super) fn lacks_thread(&self) -> bool {
        self.thread.is_none()
            && !self.over
            && (self.unflushed || self.open || self.role == Some(Role::Server))
    }

    /// Nothing but messages of the server came, and none of them is known to be read or written.
    pub(super) fn is_all_servers(&self) -> bool {
        self.thread.is_none()
            && self.client_at.unwrap_or(0) == 0
            && self
                .server_at
                .is_some_and(|at| (HELLO..FINISHED).contains(&at))
    }

    /// Nothing but messages of the client came, behind the server's.
    pub(super) fn is_all_clients(&self) -> bool {
        self.is_open() && self.server_at.is_none() && self.client_at.is_some()
    }

    /// Whether it is the client that says this next.
    pub(super) fn is_clients_turn(&self, kind: &MessageKind) -> bool {
        use MessageKind as M;
        let done = self.server_at.is_some_and(|at| at >= DONE);
        match kind {
            M::ClientKeyExchange | M::CertificateVerify => true,
            M::Certificate => done,
            _ => false,
        }
    }

    /// This JVM has judged the certificates that were heard last.
    pub(super) fn note_judged(&mut self) {
        self.judged = true;
        self.presumed &= self.client_at != Some(0);
    }

    /// What the client says follows the certificates at once: they are its own. Whether they were heard for sure.
    pub(super) fn certificates_are_clients(&mut self) -> Option<bool> {
        let were_guessed = self.only_certificates && self.client_at.is_none();
        were_guessed.then(|| {
            self.only_certificates = false;
            self.server_at = None;
            self.client_at = position(Sender::Client, &MessageKind::Certificate);
            self.judged
        })
    }

    /// Its messages went the other way.
    pub(super) fn turn(&mut self) {
        self.role = self.role.map(Role::peer);
        self.open = false;
        self.presumed = false;
    }

    /// Notes that a message was said.
    pub(super) fn note(&mut self, fit: Fit, kind: &MessageKind) {
        self.only_certificates &= *kind == MessageKind::Certificate;
        self.unflushed |= fit.direction == Direction::Sent;
        self.judges = fit.direction == Direction::Received && *kind == MessageKind::Certificate;
        let Some(sender) = fit.sender else {
            self.over |= self.finished.is_some();
            self.finished = (*kind == MessageKind::Finished).then_some(fit.direction);
            return;
        };
        let Some(position) = position(sender, kind) else {
            return;
        };
        match sender {
            Sender::Client => self.client_at = Some(position),
            Sender::Server => self.server_at = Some(position),
        }
        self.over |= self.client_at == Some(FINISHED) && self.server_at == Some(FINISHED);
    }

    /// The end that hears this alert, where it can be about one certificate only: a server, when the client has shown none.
    pub(super) fn judged_by(&self, alert: &AlertDescription) -> Option<Sender> {
        let only_servers = self.client_at.unwrap_or(0) == 0
            && self.server_at >= position(Sender::Server, &MessageKind::Certificate);
        (only_servers && alert.is_about_certificate()).then_some(Sender::Server)
    }

    /// The server asked for a ClientHello with a cookie (DTLS).
    pub(super) fn awaits_second_hello(&self) -> bool {
        !self.over && self.server_at == Some(0)
    }

    /// A client that has said hello and waits for the server's flight.
    pub(super) fn waits_for_server(&self) -> bool {
        !self.over && self.role == Some(Role::Client) && self.server_at.unwrap_or(0) < FINISHED
    }

    /// A server that has heard the hello and not answered.
    pub(super) fn chooses(&self) -> bool {
        !self.over && self.role == Some(Role::Server) && self.server_at.unwrap_or(0) < HELLO
    }
}
