//! Abridged logs: messages that their author, or a filter, left out.

use super::{Assembler, demux::Route};
use crate::{
    event::{Direction, Message},
    handshake::{Handshake, comes_later},
    tls::MessageKind,
};

impl Assembler {
    /// The one handshake that is under way, when the message comes later in it than all that is logged of
    /// its sender: what would stand between is left out.
    pub(super) fn behind_gap(
        &mut self,
        route: &Route,
        direction: Direction,
        message: &Message,
    ) -> Option<usize> {
        use MessageKind as M;
        if self.hops_seen || matches!(message.kind, M::ClientHello | M::ServerHello) {
            return None;
        }
        let mut waiting = self
            .waiting
            .iter()
            .copied()
            .filter(|&index| self.work[index].is_waiting());
        let only = waiting.next().filter(|_| waiting.next().is_none())?;
        let is_threads_own = self.threads.now()?.touched.contains(&only);
        let handshake = &mut self.work[only].handshake;
        let role = handshake.role?;
        let sender = route
            .sender
            .unwrap_or_else(|| role.sender_of(direction == Direction::Sent));
        let role_fits = route.role.is_none_or(|wanted| wanted == role);
        if !is_threads_own || !role_fits || !comes_later(handshake, sender, &message.kind) {
            return None;
        }
        handshake.assume(format!(
            "{} is taken for this handshake's: the messages that should stand in front of it are not in the log",
            message.kind
        ));
        Some(only)
    }
}

/// Of a log that begins right in front of the two Finished, nobody knows whose is whose: one of each way
/// makes a handshake.
pub(super) fn is_other_finished(handshake: &Handshake, direction: Direction) -> bool {
    let mut messages = handshake.messages();
    let one = messages.next().is_some_and(|(step, kind)| {
        *kind == MessageKind::Finished && step.direction() != direction.into()
    });
    one && messages.next().is_none() && handshake.begins_midway
}
