//! Protocol versions and the many ways a JVM spells them.

use std::fmt;

use arcstr::ArcStr;
use serde::{Serialize, Serializer};

/// A protocol version. Ordered from old to new within each family.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the protocol's")]
pub enum ProtocolVersion {
    Ssl20Hello,
    Ssl30,
    Tls10,
    Tls11,
    Tls12,
    Tls13,
    Dtls10,
    Dtls12,
    Dtls13,
    /// GREASE and whatever comes next, as the log prints it.
    Unknown(ArcStr),
}

impl ProtocolVersion {
    /// From any spelling a JVM prints: `TLSv1.3`, `TLS13` (8u and 11 before 11.0.14), `SSLv3`.
    pub fn from_name(name: &str) -> Self {
        match name.trim() {
            "SSLv2Hello" | "SSL20Hello" | "SSLv2" => Self::Ssl20Hello,
            "SSLv3" | "SSL30" => Self::Ssl30,
            "TLSv1" | "TLSv1.0" | "TLS10" => Self::Tls10,
            "TLSv1.1" | "TLS11" => Self::Tls11,
            "TLSv1.2" | "TLS12" => Self::Tls12,
            "TLSv1.3" | "TLS13" => Self::Tls13,
            "DTLSv1.0" | "DTLS10" => Self::Dtls10,
            "DTLSv1.2" | "DTLS12" => Self::Dtls12,
            "DTLSv1.3" | "DTLS13" => Self::Dtls13,
            other => Self::Unknown(other.into()),
        }
    }

    /// The name that JSSE's API and `jdk.tls.disabledAlgorithms` use.
    pub fn name(&self) -> &str {
        match self {
            Self::Ssl20Hello => "SSLv2Hello",
            Self::Ssl30 => "SSLv3",
            Self::Tls10 => "TLSv1",
            Self::Tls11 => "TLSv1.1",
            Self::Tls12 => "TLSv1.2",
            Self::Tls13 => "TLSv1.3",
            Self::Dtls10 => "DTLSv1.0",
            Self::Dtls12 => "DTLSv1.2",
            Self::Dtls13 => "DTLSv1.3",
            Self::Unknown(name) => name,
        }
    }

    /// Whether handshakes of this version follow RFC 8446 (or RFC 9147).
    pub fn is_13(&self) -> bool {
        matches!(self, Self::Tls13 | Self::Dtls13)
    }

    /// Whether the version is formally deprecated (RFC 6176, 7568, 8996).
    pub fn is_obsolete(&self) -> bool {
        matches!(
            self,
            Self::Ssl20Hello | Self::Ssl30 | Self::Tls10 | Self::Tls11 | Self::Dtls10
        )
    }

    /// The `openssl s_client` option that pins a client to this version.
    pub fn openssl_option(&self) -> Option<&'static str> {
        Some(match self {
            Self::Ssl30 => "-ssl3",
            Self::Tls10 => "-tls1",
            Self::Tls11 => "-tls1_1",
            Self::Tls12 => "-tls1_2",
            Self::Tls13 => "-tls1_3",
            Self::Dtls10 => "-dtls1",
            Self::Dtls12 => "-dtls1_2",
            Self::Ssl20Hello | Self::Dtls13 | Self::Unknown(_) => return None,
        })
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for ProtocolVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_one_version_is_the_same_version() {
        assert_eq!(
            ProtocolVersion::from_name("TLS13"),
            ProtocolVersion::from_name("TLSv1.3")
        );
        assert!(ProtocolVersion::Tls12 < ProtocolVersion::Tls13);
        assert_eq!(
            ProtocolVersion::from_name("(D)TLS-42.42").name(),
            "(D)TLS-42.42"
        );
    }
}
