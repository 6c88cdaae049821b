//! The end of the log: what is still open is concluded, and what only the whole log tells is added.

use super::{
    Assembler, Assembly, alone,
    bytes::PendingBytes,
    conclude::conclude,
    ending::Sifted,
    pair::{number_connections, pair_ends},
    threads::Threads,
    unproven,
};
use crate::{
    handshake::{Handshake, How, Party, Role, Step, What},
    tls::AlertDescription,
};

impl Assembler {
    /// No more events: everything that is still open is unfinished.
    pub fn finish(mut self) -> Assembly {
        self.untangle_the_rest();
        // what was only there to join events makes room for what comes
        (self.by_random, self.by_session, self.by_server_random) = Default::default();
        self.threads = Threads::default();
        self.pending_bytes = PendingBytes::default();
        let mut sifted = Sifted::default();
        let messages_seen = self.messages_seen;
        let is_told = |handshake: &Handshake| !(messages_seen && is_end_of_a_connection(handshake));
        let mut begun = false;
        // in place, and in one pass: a long log's handshakes are not there twice, nor fetched once more
        let mut handshakes: Vec<Box<Handshake>> = std::mem::take(&mut self.work)
            .into_iter()
            .filter_map(|open| {
                let mut handshake = conclude(open, &mut sifted);
                unproven::reconsider(&mut handshake, &self.assembly.anomalies);
                handshake.zones = self.zones.clone();
                let has_steps = !handshake.steps.is_empty();
                begun |= has_steps;
                (has_steps && is_told(&handshake)).then_some(handshake)
            })
            .collect();
        handshakes.shrink_to_fit();
        if !begun {
            let alone = alone::handshakes(&self.assembly.heard_alone);
            handshakes = alone.filter(|handshake| is_told(handshake)).collect();
        }
        if messages_seen {
            let begun = first_message(&handshakes);
            let serves_only = handshakes
                .iter()
                .all(|handshake| handshake.role != Some(Role::Client));
            for handshake in &mut handshakes {
                if begun.is_some_and(|begun| serves_only || handshake.first_span().order() > begun)
                {
                    waited_for_client_hello(handshake);
                }
            }
        } else {
            for handshake in &mut handshakes {
                expect_nothing(handshake);
            }
        }
        handshakes.sort_by_key(|handshake| handshake.first_span().order());
        for (index, handshake) in handshakes.iter_mut().enumerate() {
            handshake.id = u32::try_from(index + 1).unwrap_or(u32::MAX);
        }
        pair_ends(&mut handshakes);
        number_connections(&mut handshakes);
        self.assembly.handshakes = handshakes;
        self.assembly
    }
}

/// Keys, closing and an orderly farewell, in a log that prints messages: a connection from before the log.
fn is_end_of_a_connection(handshake: &Handshake) -> bool {
    let by_itself = handshake.break_up.as_deref().is_none_or(|end| {
        matches!(end.how, How::LocalException | How::LogEnds) && end.exception.is_none()
    });
    let says_nothing = |step: &Step| match &step.what {
        What::KeysInstalled | What::Closed(_) | What::ChangeCipherSpec => true,
        What::AlertReceived(alert) => alert.description == AlertDescription::CloseNotify,
        What::AlertSent(alert) => **alert == AlertDescription::CloseNotify,
        _ => false,
    };
    by_itself && handshake.steps.iter().all(says_nothing)
}

/// Where the log's first message stands, if the log begins in front of a handshake. In a log that begins
/// in the middle of one, a missing message may be in the lost part.
fn first_message(handshakes: &[Box<Handshake>]) -> Option<u64> {
    if handshakes.iter().any(|handshake| handshake.begins_midway) {
        return None;
    }
    handshakes
        .iter()
        .find(|handshake| handshake.messages_logged)
        .map(|handshake| handshake.first_span().order())
}

/// A client's first message is logged before it is sent. Where messages are logged and a connection
/// ended without any, through the network or through what came in, this JVM was a server waiting.
fn waited_for_client_hello(handshake: &mut Handshake) {
    let Some(break_up) = handshake
        .break_up
        .as_deref_mut()
        .filter(|_| handshake.role.is_none())
    else {
        return;
    };
    let came_from_outside = break_up.how.is_transport()
        || break_up.how == How::AlertReceived
        || break_up.exception.as_ref().is_some_and(|words| {
            words.contains("SSL message")
                || words.contains("handshake type")
                || words.contains("SSL/TLS record")
        });
    if came_from_outside
        && handshake
            .steps
            .iter()
            .all(|step| !matches!(step.what, What::Message(_)))
    {
        handshake.role = Some(Role::Server);
        if matches!(break_up.how, How::AlertReceived | How::PeerClosed) {
            break_up.by = Party::Client;
        }
        handshake.assume("no ClientHello was logged before the end, so this JVM is taken for a server that waited for one");
    }
}

/// Where no messages are logged, nobody knows which one would have been next, but for a handshake
/// that this JVM did not even begin.
fn expect_nothing(handshake: &mut Handshake) {
    if let Some(break_up) = handshake
        .break_up
        .as_deref_mut()
        .filter(|break_up| break_up.how != How::LocalException)
    {
        break_up.expected.clear();
    }
}
