//! Whether a handshake can take a message.

use super::{Open, demux::Route, gap::is_other_finished};
use crate::{
    event::{Body, Direction, Message, Sender},
    handshake::{Handshake, Role, accepts},
    tls::{AlertDescription, MessageKind},
};

/// Whether a handshake can take a message: the role fits and the protocol allows it.
pub(super) fn takes(open: &Open, route: &Route, direction: Direction, message: &Message) -> bool {
    use MessageKind as M;
    let handshake = &open.handshake;
    let role_fits = match (handshake.role, route.role) {
        (Some(own), Some(wanted)) => own == wanted,
        _ => true,
    };
    if !role_fits || handshake.break_up.is_some() {
        return false;
    }
    let post_handshake = matches!(
        message.kind,
        M::NewSessionTicket | M::KeyUpdate | M::HelloRequest
    );
    if open.established {
        let post_authentication = handshake.is_13()
            && matches!(
                message.kind,
                M::CertificateRequest | M::Certificate | M::CertificateVerify | M::Finished
            )
            && was_asked_later(handshake);
        let asks_later = handshake.is_13() && message.kind == M::CertificateRequest;
        return !open.closed
            && (post_handshake || asks_later || post_authentication)
            && !(direction == Direction::Received && peer_closed(handshake));
    }
    let sender = route.sender.or_else(|| {
        handshake.role.map(|role| match (role, direction) {
            (Role::Client, Direction::Sent) | (Role::Server, Direction::Received) => Sender::Client,
            _ => Sender::Server,
        })
    });
    if sender.is_none() && message.kind == M::Finished {
        return open.is_waiting() && is_other_finished(handshake, direction);
    }
    let comes_later = matches!(message.kind, M::KeyUpdate | M::HelloRequest)
        || (message.kind == M::NewSessionTicket && handshake.is_13());
    !comes_later
        && open.is_waiting()
        && sender.is_some_and(|sender| accepts(handshake, sender, &message.kind))
}

/// The peer said that it will write no more.
pub(super) fn peer_closed(handshake: &Handshake) -> bool {
    handshake
        .alerts_received()
        .any(|alert| alert.value.description == AlertDescription::CloseNotify)
}

/// The server asked for a certificate behind the handshake proper (RFC 8446 §4.6.2), and is still to get it.
pub(super) fn was_asked_later(handshake: &Handshake) -> bool {
    let behind = handshake
        .messages()
        .skip_while(|(_, kind)| **kind != MessageKind::Finished);
    behind.fold(false, |asked, (_, kind)| match kind {
        MessageKind::CertificateRequest => true,
        MessageKind::Finished => false,
        _ => asked,
    })
}

/// A `ServerHello` that repeats the session id of this handshake's `ClientHello`.
pub(super) fn offers_session_of(open: &Open, message: &Message) -> bool {
    let (Body::ServerHello(server), Some(client)) = (&message.body, &open.handshake.client_hello)
    else {
        return false;
    };
    !server.session_id.is_empty() && server.session_id == client.value.session_id
}

/// The peer (or this server) asked for another ClientHello.
pub(super) fn was_asked_to_retry(handshake: &Handshake) -> bool {
    matches!(
        handshake.last_message(),
        Some((
            _,
            MessageKind::HelloRetryRequest | MessageKind::HelloVerifyRequest
        ))
    )
}

/// The last message is a ServerHello whose body is lost: a HelloRetryRequest has the same title.
pub(super) fn was_answered_without_body(handshake: &Handshake) -> bool {
    handshake.server_hello.is_none()
        && matches!(
            handshake.last_message(),
            Some((_, MessageKind::ServerHello))
        )
}

/// A second ClientHello with the same random goes on with the first: retried, or sent again (DTLS).
pub(super) fn awaits_second_hello(open: &Open) -> bool {
    open.is_waiting() && open.handshake.server_hello.is_none()
}
