//! What an event changes in its handshake.

use std::sync::Arc;

use super::{Assembler, Open, conclude::finished_before_the_log, ending, lately::Lately};
use crate::{
    event::{
        Body, CertificateRequest, Closing, Connection, ContentType, Direction, Event, Extensions,
        Fact, Fatal, KeyExchangeParameters, Message, Record, Sender, ServerHello, ServerNameFact,
        Stage, Throwable,
    },
    handshake::{Chain, Handshake, Noted, Role, Step, StepDirection, What, role_by_sender},
    span::Span,
    time::Stamp,
    tls::{Alert, AlertDescription, AlertLevel, MessageKind, ProtocolVersion},
};

impl From<Direction> for StepDirection {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Sent => Self::Sent,
            Direction::Received => Self::Received,
        }
    }
}

/// Where and when: what every step needs.
pub(super) struct Place {
    pub(super) span: Span,
    pub(super) stamp: Stamp,
}

impl Place {
    fn step(&self, direction: StepDirection, what: What) -> Step {
        Step::new(self.span, self.stamp, direction, None, what)
    }

    pub(super) fn note<T>(&self, value: T) -> Noted<T> {
        Noted {
            value,
            span: self.span,
        }
    }
}

/// Key types and alerts noted for one handshake.
const MAX_NOTES: usize = 64;
/// A handshake of a hostile log does not grow without end.
const MAX_STEPS: usize = 2000;

impl Assembler {
    /// Applies an event to the handshake it belongs to.
    pub(super) fn apply(&mut self, index: usize, event: Event) {
        let place = Place {
            span: event.span,
            stamp: self.zones.stamp(event.time.as_ref()),
        };
        let open = &mut self.work[index];
        match event.fact {
            Fact::Message(direction, message) => {
                let is_server_hello = message.kind == MessageKind::ServerHello;
                open.message(&place, direction, *message);
                let server_hello = open.handshake.server_hello.as_deref();
                let random = server_hello
                    .filter(|_| is_server_hello && open.handshake.random().is_some())
                    .and_then(|hello| hello.value.random);
                if let Some(random) = random {
                    self.by_server_random.insert(&random, index);
                }
            }
            Fact::ChangeCipherSpec(direction) => {
                open.step(&place, direction.into(), What::ChangeCipherSpec);
            }
            Fact::Record(record) => open.record(&place, &record),
            Fact::AlertReceived(alert) => open.alert_received(&place, alert),
            Fact::Fatal(fatal) => {
                let same = |known: &Arc<Fatal>| **known == *fatal;
                let fatal = self
                    .fatals
                    .get_or_insert_with(same, || fatal.clone().into());
                open.fatal(&place, Arc::clone(fatal));
                open.share_words(&mut self.words);
            }
            Fact::Exception(thrown) => {
                open.exception(&place, thrown);
                open.share_words(&mut self.words);
            }
            Fact::AlertNotSent(alert) => open.alert_not_sent(&place, alert),
            Fact::CloseNotSent(thrown) => open.close_not_sent(&place, thrown),
            Fact::NegotiatedVersion(version) if !open.established => {
                open.handshake.version = Some(version);
            }
            Fact::ChosenSuite(suite) => {
                open.handshake.cipher_suite.get_or_insert(suite);
            }
            Fact::SessionKept(own, suite) if open.established || open.is_waiting() => {
                open.handshake.cipher_suite.get_or_insert(suite);
                open.handshake
                    .role
                    .get_or_insert(role_by_sender(own, Direction::Sent));
            }
            Fact::KeysInstalled(_) => open.keys(&place),
            Fact::Resuming => {
                open.handshake.resumed = true;
                open.step(&place, StepDirection::Local, What::Resuming);
            }
            Fact::Closing(closing) => open.closing(&place, closing),
            Fact::Connection(connection) => open.connection(&place, *connection),
            Fact::PeerTrusted(anchor) => open.peer_trusted(&place, anchor),
            Fact::NoCertificateSelected(types)
                if open.is_waiting() && open.handshake.no_certificate_for.len() < MAX_NOTES =>
            {
                let notes = &mut open.handshake.no_certificate_for;
                notes.reserve_exact(1); // seldom more than one
                notes.push(place.note(types));
            }
            Fact::KeyUnfit { alias, reason } if open.is_waiting() => {
                let unfit = &mut open.handshake.rare_mut().keys_unfit;
                if unfit.len() < MAX_NOTES {
                    unfit.push(place.note((alias, reason)));
                }
            }
            Fact::NoAuthenticationScheme(_) => {
                open.handshake
                    .rare_mut()
                    .no_authentication_scheme
                    .get_or_insert(place.span);
            }
            Fact::ServerName(ServerNameFact::WarnedUnrecognized) => {
                open.handshake
                    .rare_mut()
                    .warned_unrecognized_name
                    .get_or_insert(place.span);
            }
            _ => {}
        }
    }
}

impl Open {
    /// Steps are most of what a long log leaves in memory: lists without room grow a few places at a time.
    fn push_step(&mut self, step: Step) {
        const GROWTH: usize = 4;
        let steps = &mut self.handshake.steps;
        if steps.len() >= MAX_STEPS {
            return;
        }
        if steps.len() == steps.capacity() {
            steps.reserve_exact(if steps.len() < 64 {
                GROWTH
            } else {
                steps.len()
            });
        }
        steps.push(step);
    }

    pub(super) fn step(&mut self, place: &Place, direction: StepDirection, what: What) {
        self.push_step(place.step(direction, what));
    }

    /// A handshake message: the step, and what its body adds.
    fn message(&mut self, place: &Place, direction: Direction, message: Message) {
        let handshake = &mut self.handshake;
        let kind = message.kind;
        if handshake.role.is_none() {
            let sender = message
                .sender
                .or_else(|| crate::handshake::sender_by_kind(&kind));
            handshake.role = sender.map(|sender| role_by_sender(sender, direction));
        }
        if message.of_13 && handshake.version.is_none() {
            handshake.version = Some(ProtocolVersion::Tls13);
        }
        let is_finished = kind == MessageKind::Finished;
        let what = What::Message(kind.clone());
        let step = Step::new(
            place.span,
            place.stamp,
            direction.into(),
            message.sender,
            what,
        );
        handshake.messages_logged = true;
        let sender = handshake.sender_of(&step);
        self.push_step(step);
        let handshake = &mut self.handshake;
        self.heard = None; // it went on: what the application printed was not about this one
        handshake.ticket_received |=
            kind == MessageKind::NewSessionTicket && direction == Direction::Received;
        match message.body {
            Body::ClientHello(hello) if handshake.client_hello.is_none() => {
                handshake.client_hello = Some(Box::new(place.note(*hello)));
            }
            Body::ServerHello(hello) => server_hello(handshake, place, &kind, hello),
            Body::Extensions(extensions) => encrypted_extensions(handshake, &extensions),
            Body::Certificates(certificates) => {
                let chain = Chain {
                    certificates,
                    span: place.span,
                };
                match sender {
                    Some(Sender::Client) => handshake.client_chain = Some(Box::new(chain)),
                    _ => handshake.server_chain = Some(Box::new(chain)),
                }
            }
            Body::CertificateRequest(request) => {
                handshake.certificate_request = Some(Box::new(place.note(*request)));
            }
            Body::KeyExchange(parameters) if sender != Some(Sender::Client) => {
                key_exchange(handshake, place, parameters);
            }
            Body::Signature(scheme) if sender == Some(Sender::Server) => {
                handshake.signature_scheme = scheme;
            }
            _ => {}
        }
        if kind == MessageKind::CertificateRequest && handshake.certificate_request.is_none() {
            handshake.certificate_request =
                Some(Box::new(place.note(CertificateRequest::default())));
        }
        // who said the first may be known by the second only
        self.finished = self.finished.saturating_add(u8::from(is_finished));
        self.established |= self.finished >= 2 && both_finished(&self.handshake);
    }

    /// `WRITE: … alert(x)`: an alert went out. Other records only matter to the record layer, but for a ClientHello
    /// that may not fit into one packet.
    fn record(&mut self, place: &Place, record: &Record) {
        const LARGE: u32 = 1200;
        const HEADER: u32 = 5;
        if let Some(length) = record.length.filter(|length| *length >= LARGE)
            && record.content_type == ContentType::Handshake
            && record.direction == Direction::Sent
            && self.handshake.role == Some(Role::Client)
            && self.handshake.client_hello.is_some()
            && self.handshake.server_hello.is_none()
            && self.handshake.hello_retry().is_none()
        {
            let size = place.note(length + HEADER);
            self.handshake
                .rare_mut()
                .wire
                .client_hello_record
                .get_or_insert(size);
        }
        if record.content_type == ContentType::Sslv2Hello {
            self.sslv2_hello(place, record.direction);
        }
        if record.content_type == ContentType::Alert
            && record.direction == Direction::Sent
            && let Some(alert) = &record.alert
        {
            self.step(
                place,
                StepDirection::Sent,
                What::AlertSent(Box::new(alert.clone())),
            );
        }
    }

    /// The line tells of a ClientHello, if nothing else does.
    fn sslv2_hello(&mut self, place: &Place, direction: Direction) {
        if self.handshake.steps.is_empty() {
            let hello = What::Message(MessageKind::ClientHello);
            self.step(place, direction.into(), hello);
        }
        let wire = &mut self.handshake.rare_mut().wire;
        wire.sslv2_hello.get_or_insert(place.span);
    }

    fn alert_received(&mut self, place: &Place, alert: Alert) {
        let fatal = alert.level == AlertLevel::Fatal;
        if is_of_servers_only(&alert.description) {
            self.handshake.role.get_or_insert(Role::Client);
        }
        if alert.description == AlertDescription::UnrecognizedName && !fatal {
            self.handshake
                .rare_mut()
                .warned_unrecognized_name
                .get_or_insert(place.span);
        }
        self.step(
            place,
            StepDirection::Received,
            What::AlertReceived(Box::new(alert.clone())),
        );
        if fatal && self.may_still_fail(place, &ending::Ending::alert(alert.clone())) {
            self.break_up(place, ending::Ending::alert(alert));
        } else if alert.description == AlertDescription::CloseNotify
            && self.is_waiting()
            && self.handshake.messages_logged
            && !self.handshake.ambiguous
            && !finished_before_the_log(&self.handshake)
        {
            self.break_up(place, ending::Ending::closed_by_peer(alert));
        }
    }

    /// Where no message tells the role, the code that threw does.
    fn role_of_thrower(&mut self, end: Option<Sender>) {
        let Some(end) = end else {
            return;
        };
        // what the thread did before is a guess, the code that threw is none
        if !self.handshake.messages_logged || self.handshake.role.is_none() {
            self.handshake.role = Some(Role::from(end));
        }
    }

    pub(super) fn fatal(&mut self, place: &Place, fatal: Arc<Fatal>) {
        self.role_of_thrower(fatal.thrown_by());
        let ending = ending::Ending::of_fatal(&fatal, &self.handshake);
        if self.handshake.break_up.is_none() && !self.may_still_fail(place, &ending) {
            self.aftermath(place, || fatal.in_words());
            return;
        }
        self.step(place, StepDirection::Local, What::Fatal(Arc::clone(&fatal)));
        self.ended_by_fatal = true;
        match &mut self.handshake.break_up {
            // the alert or the exception before it broke the handshake; this one adds the words
            Some(break_up) => ending.enrich(break_up),
            None => self.break_up(place, ending),
        }
        self.handshake
            .fatal
            .get_or_insert_with(|| Box::new(place.note(fatal)));
    }

    fn exception(&mut self, place: &Place, thrown: Arc<Throwable>) {
        self.role_of_thrower(thrown.thrown_by);
        let ending = ending::Ending::of_throwable(&thrown);
        if !self.may_still_fail(place, &ending) {
            self.aftermath(place, || ending.into_words());
            return;
        }
        self.step(
            place,
            StepDirection::Local,
            What::Exception(Arc::clone(&thrown)),
        );
        if self.handshake.break_up.is_none() {
            self.break_up(place, ending);
        }
        self.handshake
            .rare_mut()
            .exception
            .get_or_insert(place.note(thrown));
    }

    /// Ends in the words of others, where they are the same.
    fn share_words(&mut self, words: &mut Lately<Arc<str>>) {
        let end = self.handshake.break_up.as_deref_mut();
        if let Some(exception) = end.and_then(|end| end.exception.as_mut()) {
            words.share(exception);
        }
    }

    /// Keeps the first error that came when the handshake was done and its connection still open.
    pub(super) fn aftermath(&mut self, place: &Place, words: impl FnOnce() -> Arc<str>) {
        if !self.closed && self.handshake.aftermath().is_none() {
            self.handshake.rare_mut().aftermath = Some(place.note(words()));
        }
    }

    fn alert_not_sent(&mut self, place: &Place, alert: AlertDescription) {
        if self.handshake.break_up.is_some() {
            self.step(
                place,
                StepDirection::Local,
                What::AlertNotSent(Box::new(alert)),
            );
            ending::alert_was_not_sent(&mut self.handshake);
        }
    }

    fn keys(&mut self, place: &Place) {
        self.keys_installed = self.keys_installed.saturating_add(1);
        if !self.handshake.messages_logged {
            self.step(place, StepDirection::Local, What::KeysInstalled);
        }
    }

    /// What a stack without messages says of the connection.
    fn connection(&mut self, place: &Place, connection: Connection) {
        if connection.peer.is_some() {
            self.handshake.rare_mut().peer = connection.peer;
        }
        self.untold |= connection.untold;
        match connection.stage {
            Stage::Begins => self.connection_step(place, Stage::Begins),
            Stage::Heard | Stage::Chosen
                if self.is_waiting() && self.handshake.heard().is_none() =>
            {
                self.handshake.rare_mut().heard = Some(place.span);
                self.connection_step(place, Stage::Heard);
            }
            Stage::Shown if self.is_waiting() && self.handshake.shown().is_none() => {
                self.handshake.rare_mut().shown = Some(place.span);
                self.connection_step(place, Stage::Shown);
            }
            Stage::Abandoned if self.is_waiting() => {
                self.connection_step(place, Stage::Abandoned);
                self.abandoned
                    .get_or_insert_with(|| Box::new(place.note(place.stamp)));
            }
            Stage::Farewell => {
                self.established |= self.is_waiting() && self.abandoned.is_none();
                self.closing(place, Closing::Transport);
            }
            Stage::Established if self.is_waiting() => {
                self.established = true;
                self.connection_step(place, Stage::Established);
            }
            Stage::Lost if self.is_waiting() => {
                self.connection_step(place, Stage::Lost);
                self.break_up(place, ending::Ending::end_of_stream());
            }
            Stage::Closed => self.closing(place, Closing::Transport),
            _ => {}
        }
    }

    fn connection_step(&mut self, place: &Place, stage: Stage) {
        self.step(place, StepDirection::Local, What::Connection(stage));
    }

    fn closing(&mut self, place: &Place, closing: Closing) {
        if self.closed {
            return;
        }
        self.let_go = true;
        let under_way = self.is_waiting() && self.handshake.messages_logged;
        self.step(place, StepDirection::Local, What::Closed(closing));
        match closing {
            Closing::Transport => self.closed = true,
            Closing::Peer if under_way => self.break_up(place, ending::Ending::end_of_stream()),
            Closing::Local | Closing::Peer => {}
        }
        if under_way && self.abandoned.is_none() {
            self.abandoned = Some(Box::new(place.note(place.stamp)));
        }
    }

    fn peer_trusted(&mut self, place: &Place, anchor: Arc<crate::event::Certificate>) {
        if self.is_waiting() {
            self.step(
                place,
                StepDirection::Local,
                What::PeerTrusted(Arc::clone(&anchor)),
            );
            self.handshake.rare_mut().peer_trusted = Some(place.note(anchor));
        }
    }

    pub(super) fn break_up(&mut self, place: &Place, ending: ending::Ending) {
        self.handshake.break_up = Some(Box::new(ending.break_up(&self.handshake, place.span)));
    }
}

/// RFC 8446 §6.2: what only a server can miss.
fn is_of_servers_only(alert: &AlertDescription) -> bool {
    use AlertDescription as A;
    matches!(alert, A::CertificateRequired | A::UnrecognizedName)
}

/// ServerHello and HelloRetryRequest: version, suite, group, resumption.
fn server_hello(
    handshake: &mut Handshake,
    place: &Place,
    kind: &MessageKind,
    hello: Box<ServerHello>,
) {
    if let Some(version) = hello.version() {
        handshake.version = Some(version.clone());
    }
    if let Some(suite) = &hello.cipher_suite {
        handshake.cipher_suite = Some(suite.clone());
    }
    if *kind == MessageKind::HelloRetryRequest {
        handshake.rare_mut().hello_retry = Some(place.note(hello));
        return;
    }
    if let Some(group) = hello.extensions.key_share_groups.first() {
        handshake.named_group = Some(Arc::clone(group));
    }
    application_protocol(handshake, &hello.extensions);
    let offered_session = handshake
        .client_hello
        .as_deref()
        .map(|client| &client.value.session_id);
    let repeats_session =
        offered_session.is_some_and(|id| !id.is_empty() && *id == hello.session_id);
    handshake.resumed |= hello.extensions.pre_shared_key || (repeats_session && !handshake.is_13());
    handshake.server_hello = Some(Box::new(place.note(*hello)));
}

fn encrypted_extensions(handshake: &mut Handshake, extensions: &Extensions) {
    application_protocol(handshake, extensions);
}

fn application_protocol(handshake: &mut Handshake, extensions: &Extensions) {
    if let Some(chosen) = extensions
        .application_protocols
        .as_ref()
        .and_then(|protocols| protocols.first())
    {
        handshake.rare_mut().application_protocol = Some(Arc::clone(chosen));
    }
}

fn key_exchange(handshake: &mut Handshake, place: &Place, parameters: KeyExchangeParameters) {
    if parameters.named_group.is_some() {
        handshake.named_group = parameters.named_group;
    }
    if parameters.signature_scheme.is_some() {
        handshake.signature_scheme = parameters.signature_scheme;
    }
    if let Some(bits) = parameters.dh_bits {
        handshake.rare_mut().dh_bits = Some(place.note(bits));
    }
}

/// Success, as no JVM says it: both Finished are there.
fn both_finished(handshake: &Handshake) -> bool {
    handshake.has_sent(Sender::Client, &MessageKind::Finished)
        && handshake.has_sent(Sender::Server, &MessageKind::Finished)
}
