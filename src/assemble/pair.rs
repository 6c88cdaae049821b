//! Two ends of one connection in one log, and the numbers of connections.

use std::collections::HashMap;

use foldhash::quality::RandomState;

use crate::{
    event::Random,
    handshake::{Handshake, Outcome, Party, Role},
};

/// Joins the two ends of a connection: the client random is the same.
pub(super) fn pair_ends(handshakes: &mut [Box<Handshake>]) {
    let is_of = |handshake: &Handshake, role| handshake.role == Some(role);
    if ![Role::Client, Role::Server]
        .into_iter()
        .all(|role| handshakes.iter().any(|handshake| is_of(handshake, role)))
    {
        return;
    }
    // clients of one random, first to last: the first, and behind each the next
    let mut first: HashMap<Random, usize, RandomState> = HashMap::default();
    let mut next = HashMap::<usize, usize, RandomState>::default();
    for (index, handshake) in handshakes.iter().enumerate().rev() {
        if let (Some(Role::Client), Some(random)) = (handshake.role, handshake.random())
            && let Some(later) = first.insert(random, index)
        {
            next.insert(index, later);
        }
    }
    for server in 0..handshakes.len() {
        if !is_of(&handshakes[server], Role::Server) {
            continue;
        }
        let Some(random) = handshakes[server].random() else {
            continue;
        };
        let Some(client) = first.remove(&random) else {
            continue;
        };
        if let Some(later) = next.remove(&client) {
            first.insert(random, later);
        }
        handshakes[server].paired_with = Some(handshakes[client].id);
        handshakes[client].paired_with = Some(handshakes[server].id);
        blame_the_way(handshakes, client, server);
    }
}

/// Where both ends only saw the connection end, or one end is even content, something between them cut it.
fn blame_the_way(handshakes: &mut [Box<Handshake>], client: usize, server: usize) {
    let cut = |handshake: &Handshake| {
        handshake
            .break_up
            .as_deref()
            .is_some_and(|break_up| break_up.how.is_transport())
    };
    let content = |handshake: &Handshake| handshake.outcome == Outcome::Established;
    let (a, b) = (&handshakes[client], &handshakes[server]);
    if !((cut(a) && (cut(b) || content(b))) || (cut(b) && content(a))) {
        return;
    }
    for index in [client, server] {
        if let Some(break_up) = handshakes[index].break_up.as_deref_mut() {
            break_up.by = Party::Network;
        }
    }
}

/// Numbers connections by first appearance; both ends of one share the number.
pub(super) fn number_connections(handshakes: &mut [Box<Handshake>]) {
    // by the number that was given first; 0 where there is none yet
    let mut numbers: Vec<u32> = Vec::new();
    let mut next = 0;
    for index in 0..handshakes.len() {
        let handshake = &handshakes[index];
        let raw = handshake.connection as usize;
        let paired = handshake.paired_with.filter(|&other| other < handshake.id);
        if raw >= numbers.len() {
            numbers.resize(raw + 1, 0);
        }
        let number = match (numbers[raw], paired) {
            (0, Some(other)) => handshakes[other as usize - 1].connection,
            (0, None) => {
                next += 1;
                next
            }
            (number, _) => number,
        };
        numbers[raw] = number;
        handshakes[index].connection = number;
    }
}
