//! TLS 1.3 clients that are done before the server has judged their last flight (RFC 8446 §4.4.2.4): an established
//! handshake can still fail there.

use std::sync::Arc;

use super::{Open, apply::Place, ending};
use crate::{
    event::{Sender, Throwable},
    handshake::{Handshake, Role, Step, StepDirection, What},
    tls::MessageKind,
};

impl Open {
    /// Whether a failure is this handshake's. An established one can still fail in one way: a TLS 1.3
    /// client is done before the server has judged its certificate and Finished (RFC 8446 §4.4.2.4).
    pub(super) fn may_still_fail(&self, place: &Place, ending: &ending::Ending) -> bool {
        if !self.established {
            return true;
        }
        self.is_unjudged_client()
            && if self.was_asked() {
                ending.is_alert_received() || ending.is_reset_or_closed()
            } else {
                ending.is_alert_received() && self.is_soon_after_finished(place)
            }
    }

    /// A TLS 1.3 client that has not heard from the server since its Finished.
    pub(super) fn is_unjudged_client(&self) -> bool {
        self.handshake.role == Some(Role::Client)
            && follows_rfc_8446(&self.handshake)
            && !self.handshake.ticket_received
            && !self.closed
    }

    /// The server asked for a client certificate.
    pub(super) fn was_asked(&self) -> bool {
        self.handshake.certificate_request.is_some() || self.handshake.client_chain.is_some()
    }

    /// Without client authentication, only what answers the client's Finished at once is about it.
    fn is_soon_after_finished(&self, place: &Place) -> bool {
        const SOON_MILLIS: i64 = 10_000;
        let ended = self.handshake.last_timed().and_then(Step::millis);
        match (ended, place.stamp.millis()) {
            (Some(ended), Some(now)) => now - ended <= SOON_MILLIS,
            _ => true,
        }
    }

    /// A TLS 1.3 client that was asked for a certificate and had none finds the connection gone when it closes it itself:
    /// the server has sent nothing since, and JSSE logs no failure where an application writes.
    pub(super) fn close_not_sent(&mut self, place: &Place, thrown: Option<Arc<Throwable>>) {
        let showed_none = self
            .handshake
            .client_chain
            .as_deref()
            .is_some_and(|chain| chain.certificates.is_empty());
        let is_refusal = self.established
            && self.handshake.break_up.is_none()
            && self.is_unjudged_client()
            && showed_none
            && self.is_soon_after_finished(place);
        if !is_refusal {
            return;
        }
        let of_throwable = |thrown: &Arc<Throwable>| ending::Ending::of_throwable(thrown);
        let ending = thrown.as_ref().map(of_throwable);
        if let Some(thrown) = thrown {
            self.step(place, StepDirection::Local, What::Exception(thrown));
        }
        self.break_up(place, ending.unwrap_or_else(ending::Ending::end_of_stream));
        self.handshake.assume("the connection was gone when this client closed it, and no ticket had come: the server is taken to have ended it when it saw the client's last flight");
        self.handshake.ambiguous = true;
    }
}

/// TLS 1.3, by the version or, where that is in a lost part of the log, by the order of the two Finished.
fn follows_rfc_8446(handshake: &Handshake) -> bool {
    let mut finished = handshake
        .messages()
        .filter(|(_, kind)| **kind == MessageKind::Finished);
    let server_first = finished
        .next()
        .is_some_and(|(step, _)| handshake.sender_of(step) == Some(Sender::Server));
    handshake.is_13()
        || (handshake.version.is_none()
            && handshake.begins_midway
            && server_first
            && !handshake.resumed)
}
