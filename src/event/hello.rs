//! ClientHello, ServerHello and their extensions.

use std::{fmt, ops::Deref, sync::Arc};

use crate::tls::{CipherSuite, ProtocolVersion};

/// A shared list of names: groups, schemes, application protocols, distinguished names.
pub type Names = Arc<[Arc<str>]>;

/// The 32 random bytes of a hello: the only identity a connection has in the log.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Random(pub [u8; 32]);

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// The session id of a hello: at most 32 bytes (RFC 5246 §7.4.1.2), kept in place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SessionId {
    length: u8,
    bytes: [u8; Self::MAX_LEN],
}

impl SessionId {
    /// No id is longer.
    const MAX_LEN: usize = 32;
}

impl From<&[u8]> for SessionId {
    /// What is beyond 32 bytes is left out.
    fn from(id: &[u8]) -> Self {
        let mut kept = Self::default();
        for (place, byte) in kept.bytes.iter_mut().zip(id) {
            *place = *byte;
            kept.length += 1;
        }
        kept
    }
}

impl Deref for SessionId {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// ClientHello (RFC 8446 §4.1.2).
#[derive(Debug, Clone, PartialEq)]
pub struct ClientHello {
    /// `client version`: TLSv1.2 for every TLS 1.3 client.
    pub legacy_version: Option<ProtocolVersion>,
    /// The client random.
    pub random: Option<Random>,
    /// The session id, decoded; empty when none is offered.
    pub session_id: SessionId,
    /// What the client offers, in order.
    pub cipher_suites: Arc<[CipherSuite]>,
    /// The extensions; hellos that say the same can share them.
    pub extensions: Arc<Extensions>,
    /// The text of the message is all there, up to its end.
    pub whole: bool,
    /// The list of suites is cut off in the log: the client offers more.
    pub suites_cut: bool,
}

/// ServerHello and HelloRetryRequest (RFC 8446 §4.1.3, §4.1.4).
#[derive(Debug, Clone, PartialEq)]
pub struct ServerHello {
    /// `server version`: TLSv1.2 for every TLS 1.3 server.
    pub legacy_version: Option<ProtocolVersion>,
    /// The server random.
    pub random: Option<Random>,
    /// The session id, decoded.
    pub session_id: SessionId,
    /// What the server chose.
    pub cipher_suite: Option<CipherSuite>,
    /// The extensions; hellos that say the same can share them.
    pub extensions: Arc<Extensions>,
}

impl ServerHello {
    /// The version in force: `supported_versions` outranks the legacy field.
    pub fn version(&self) -> Option<&ProtocolVersion> {
        self.extensions
            .versions
            .as_ref()
            .and_then(|versions| versions.first())
            .or(self.legacy_version.as_ref())
    }
}

/// One extension by name and number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Extension {
    /// The printed name; `unknown extension` for those the JDK does not know.
    pub name: Arc<str>,
    /// The IANA number.
    pub number: Option<u16>,
}

/// The extensions of one message: all that are there, and the values that bear on a handshake.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Extensions {
    /// Every extension in the order printed.
    pub present: Vec<Arc<Extension>>,
    /// `server_name` (RFC 6066 §3): the first host name.
    pub server_name: Option<Arc<str>>,
    /// `supported_groups` (RFC 8446 §4.2.7).
    pub supported_groups: Option<Names>,
    /// `ec_point_formats` (RFC 8422 §5.1.2).
    pub point_formats: Option<Names>,
    /// `signature_algorithms` (RFC 8446 §4.2.3).
    pub signature_schemes: Option<Names>,
    /// `application_layer_protocol_negotiation` (RFC 7301).
    pub application_protocols: Option<Names>,
    /// `supported_versions`: the list of a ClientHello, the one choice of a ServerHello.
    pub versions: Option<Arc<[ProtocolVersion]>>,
    /// Groups in `key_share`: the shares of a ClientHello, the choice of a ServerHello or HRR.
    pub key_share_groups: Vec<Arc<str>>,
    /// `certificate_authorities` (RFC 8446 §4.2.4).
    pub certificate_authorities: Option<Names>,
    /// `pre_shared_key` is there: a resumption is tried (ClientHello) or accepted (ServerHello).
    pub pre_shared_key: bool,
    /// `renegotiation_info` names an earlier handshake of the same connection (RFC 5746).
    pub renegotiates: bool,
    /// `extended_master_secret` (RFC 7627).
    pub extended_master_secret: bool,
}

impl Extensions {
    /// Whether an extension of this printed name is there.
    pub fn has(&self, name: &str) -> bool {
        self.present
            .iter()
            .any(|extension| &*extension.name == name)
    }
}
