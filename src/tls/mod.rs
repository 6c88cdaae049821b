//! The vocabulary of TLS: names and numbers, nothing that moves.
//!
//! Names are the wire names of the RFCs. Every type is *open*: what a registry of today does not
//! know survives and prints.

mod alert;
mod message;
mod suite;
mod version;

pub use self::alert::{Alert, AlertDescription, AlertLevel};
pub use self::message::MessageKind;
pub use self::suite::{CipherSuite, KeyExchange, SuiteKey};
pub use self::version::ProtocolVersion;
