//! Bytes that the log shows: hex dump → bytes → TLS records → handshake messages → X.509.
//!
//! With `packet`, `plaintext` or `all` the log has the bytes themselves beside the text. Three things are in
//! them that the text lacks: the certificates (and so their fingerprints), what a peer said that does not speak
//! TLS, and the ClientHello to the byte. Nothing else is looked for: key material and application data are told
//! apart by their first bytes and never decoded.
//!
//! This is the only layer that knows `tls-parser` and `x509-parser`. It knows no log entries and no
//! handshakes: text and bytes in, values out.

mod certificate;
mod dump;
mod fingerprint;
mod hello;
mod message;
mod spoken;

pub use self::certificate::Certificate;
pub(crate) use self::dump::{LONGEST as LONGEST_DUMP, read as read_dump};
pub use self::fingerprint::{Ja3, ja3, ja4};
pub use self::hello::{Hello, Transport, group_number, scheme_number, suite_number};
pub(crate) use self::hello::{PointFormats, version_number};
pub(crate) use self::message::{Joiner, Message, certificates, client_random, record_length};
pub use self::spoken::{Protocol, Spoken};

/// What a dump shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layer {
    /// Bytes of the transport: `Raw read`, `Raw write`.
    Records,
    /// What is inside a record, in the clear: `Plaintext after DECRYPTION`.
    Plaintext,
}

/// What the bytes of a dump are, as far as they can bear on a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// A TLS record of handshake messages, with its header.
    Records,
    /// Handshake messages without a header; JSSE's sockets read header and body apart.
    Messages,
    /// Something that is no TLS.
    Foreign,
}
