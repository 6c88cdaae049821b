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
    /// Nothing tells the connections of this end apart: the thread stands for all of them.
    pub untold: bool,
}

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The handshake begins.
    Begins,
    /// Something is said about a handshake under way, which begins here if nothing was said before.
    GoesOn,
    /// The peer's hello was understood: a message of its was at work.
    Heard,
    /// The same, as something was chosen or agreed on.
    Chosen,
    /// This end has shown its certificate.
    Shown,
    /// The handshake is complete.
    Established,
    /// This end gave up during the handshake, and tells the peer so.
    Abandoned,
    /// This end says goodbye in order: the handshake was complete, or had been given up before.
    Farewell,
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
