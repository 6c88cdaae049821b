//! What a TLS stack that logs no handshake messages says of its connections.

use std::{fmt, sync::Arc};

use super::Sender;

/// A statement about the connection of the event's thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The end that logs.
    pub role: Sender,
    /// What is said of it.
    pub stage: Stage,
    /// The other end, where it is named.
    pub peer: Option<Peer>,
}

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The handshake begins.
    Begins,
    /// Something is said about a handshake under way, which begins here if nothing was said before.
    GoesOn,
    /// The handshake is complete.
    Established,
    /// The peer ended the stream during the handshake.
    Lost,
    /// The connection is closed.
    Closed,
}

/// The other end of a connection, as the log names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Peer {
    /// Name or address.
    pub host: Option<Arc<str>>,
    /// The port.
    pub port: Option<u16>,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.host.as_deref().unwrap_or("?"))?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}
