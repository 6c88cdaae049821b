//! Reads a JVM's TLS debug log and says where the handshake broke up, why, and what to change.
//!
//! The layers, each using only those above it in this list: vocabulary ([`tls`], [`span`],
//! [`time`]), input, [`envelope`], entry, dialect and [`reader`] up to [`event`], the narrow waist; then
//! [`handshake`], [`assemble`].

pub mod assemble;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diagnose;
pub mod drive;
pub mod envelope;
pub mod error;
pub mod event;
pub mod handshake;
pub mod input;
pub mod reader;
pub mod redact;
pub mod render;
pub mod report;
pub mod span;
pub mod time;
pub mod tls;
#[cfg(feature = "tui")]
pub mod tui;
pub mod wire;

mod dialect;
mod entry;
mod intern;
mod parallel;
mod search;
