//! The rules, one file each, by family; and what many of them ask of a handshake.

pub(super) mod client_auth;
pub(super) mod hygiene;
pub(super) mod identity;
pub(super) mod jvm;
pub(super) mod log;
pub(super) mod negotiation;
mod refusal;
pub(super) mod resumption;
pub(super) mod transport;
pub(super) mod trust;

use std::fmt::Display;

pub(in crate::diagnose) use self::refusal::Refusal;
use super::{Context, Finding};
use crate::{
    event::Throwable,
    handshake::{Handshake, Party, Role},
};

/// The check of a rule that never speaks of a single handshake.
pub(in crate::diagnose) fn never(_: &Handshake, _: &Context<'_>) -> Option<Finding> {
    None
}

/// The end that logged.
pub(in crate::diagnose) fn own_party(handshake: &Handshake) -> Party {
    handshake.role.map_or(Party::Unknown, Party::from)
}

/// The end whose code threw; either, where the frames do not tell.
pub(in crate::diagnose) fn end_of_thrower(thrown: &Throwable) -> Party {
    thrown
        .thrown_by
        .map_or(Party::Either, |end| Role::from(end).into())
}

/// The other end.
pub(in crate::diagnose) fn peer_party(handshake: &Handshake) -> Party {
    handshake
        .role
        .map_or(Party::Unknown, |role| role.peer().into())
}

/// `the server`, `the client`, or `the peer` where the log does not tell.
pub(in crate::diagnose) fn the_peer(handshake: &Handshake) -> &'static str {
    match handshake.role {
        Some(Role::Client) => "the server",
        Some(Role::Server) => "the client",
        None => "the peer",
    }
}

/// `a, b, c and 4 more`; `none` when there is nothing to list.
pub(in crate::diagnose) fn listed<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    const SHOWN: usize = 6;
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.len() {
        0 => "none".to_owned(),
        count if count > SHOWN + 1 => {
            format!("{} and {} more", items[..SHOWN].join(", "), count - SHOWN)
        }
        _ => items.join(", "),
    }
}

/// What is between the first pair of brackets in `text`, split at commas; and the text behind them.
pub(in crate::diagnose) fn bracketed(text: &str) -> Option<(Vec<&str>, &str)> {
    let (_, rest) = text.split_once('[')?;
    let (inside, behind) = rest.split_once(']')?;
    Some((
        inside
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .collect(),
        behind,
    ))
}

/// The words with a capital at the front: a sentence begins.
pub(in crate::diagnose) fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
