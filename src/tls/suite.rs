//! Cipher suites, read by their names: what key they need and what is weak about them.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};

use crate::search;

/// A cipher suite by its registered (or JSSE's) name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CipherSuite(Arc<str>);

/// How a suite agrees on keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the protocol's")]
pub enum KeyExchange {
    /// TLS 1.3: decided by `supported_groups` and `key_share`, not by the suite.
    Tls13,
    Ecdhe,
    Dhe,
    /// Static RSA: the client encrypts the premaster secret; no forward secrecy.
    Rsa,
    /// Static (EC)DH.
    StaticDh,
    Anonymous,
    /// Kerberos, PSK and whatever else.
    Other,
}

/// The server key that a suite needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the protocol's")]
pub enum SuiteKey {
    /// TLS 1.3: decided by `signature_algorithms`.
    Any,
    Rsa,
    Ec,
    Dsa,
    /// Anonymous, PSK or unknown.
    None,
}

impl KeyExchange {
    /// By what stands between `TLS_` and `_WITH_`.
    fn of(exchange: &str) -> Self {
        if exchange.ends_with("_anon") {
            Self::Anonymous
        } else if exchange.starts_with("ECDHE_") {
            Self::Ecdhe
        } else if exchange.starts_with("DHE_") {
            Self::Dhe
        } else if exchange == "RSA" || exchange == "RSA_EXPORT" {
            Self::Rsa
        } else if exchange.starts_with("ECDH_") || exchange.starts_with("DH_") {
            Self::StaticDh
        } else {
            Self::Other
        }
    }
}

impl CipherSuite {
    /// A suite by name.
    pub fn new(name: Arc<str>) -> Self {
        Self(name)
    }

    /// The name as the log prints it, without the number behind it.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Signalling values (RFC 5746, RFC 7507) and GREASE are no suites.
    pub fn is_signalling(&self) -> bool {
        self.0.ends_with("_SCSV") || self.0.starts_with("UNKNOWN-CIPHER-SUITE")
    }

    /// How the suite agrees on keys.
    pub fn key_exchange(&self) -> KeyExchange {
        let Some((exchange, _)) = self.exchange_and_cipher() else {
            return if self.is_tls13() {
                KeyExchange::Tls13
            } else {
                KeyExchange::Other
            };
        };
        KeyExchange::of(exchange)
    }

    /// The type of key the server needs for it.
    pub fn server_key(&self) -> SuiteKey {
        let Some((exchange, _)) = self.exchange_and_cipher() else {
            return if self.is_tls13() {
                SuiteKey::Any
            } else {
                SuiteKey::None
            };
        };
        match exchange
            .strip_suffix("_EXPORT")
            .unwrap_or(exchange)
            .rsplit('_')
            .next()
        {
            Some("RSA") => SuiteKey::Rsa,
            Some("ECDSA") => SuiteKey::Ec,
            Some("DSS") => SuiteKey::Dsa,
            _ => SuiteKey::None,
        }
    }

    /// Whether it is one of RFC 8446's suites, which exist in TLS 1.3 only.
    pub fn is_tls13(&self) -> bool {
        (self.0.starts_with("TLS_AES_")
            || self.0.starts_with("TLS_CHACHA20_")
            || self.0.starts_with("TLS_SM4_"))
            && !self.0.contains("_WITH_")
    }

    /// Why the suite is called weak (RFC 9325 §4.1, RFC 7465), or `None`.
    pub fn weakness(&self) -> Option<&'static str> {
        let name = self.name();
        let parts = self.exchange_and_cipher();
        let cipher = parts.map_or(name, |(_, cipher)| cipher);
        let exchange = parts.map(|(exchange, _)| KeyExchange::of(exchange));
        if cipher.starts_with("NULL") {
            Some("no encryption")
        } else if exchange == Some(KeyExchange::Anonymous) {
            Some("no authentication")
        } else if search::holds(name, "_EXPORT") {
            Some("export-grade keys")
        } else if cipher.starts_with("RC4") {
            Some("RC4 (RFC 7465)")
        } else if cipher.starts_with("3DES") || cipher.starts_with("DES") {
            Some("64-bit block cipher")
        } else if exchange == Some(KeyExchange::Rsa) {
            Some("static RSA key exchange, no forward secrecy")
        } else {
            None
        }
    }

    /// `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256` → (`ECDHE_RSA`, `AES_128_GCM_SHA256`).
    fn exchange_and_cipher(&self) -> Option<(&str, &str)> {
        let name = self
            .0
            .strip_prefix("TLS_")
            .or_else(|| self.0.strip_prefix("SSL_"))?;
        let at = search::find(name.as_bytes(), WITH.as_bytes())?;
        Some((&name[..at], &name[at + WITH.len()..]))
    }
}

/// What stands between key exchange and cipher.
const WITH: &str = "_WITH_";

impl fmt::Display for CipherSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for CipherSuite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(name: &str) -> CipherSuite {
        CipherSuite::new(name.into())
    }

    #[test]
    fn a_name_tells_key_exchange_and_key() {
        let ecdsa = suite("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
        assert_eq!(
            (ecdsa.key_exchange(), ecdsa.server_key()),
            (KeyExchange::Ecdhe, SuiteKey::Ec)
        );
        let rsa = suite("SSL_RSA_WITH_3DES_EDE_CBC_SHA");
        assert_eq!(
            (rsa.key_exchange(), rsa.server_key()),
            (KeyExchange::Rsa, SuiteKey::Rsa)
        );
        let anonymous = suite("TLS_DH_anon_WITH_AES_128_CBC_SHA");
        assert_eq!(
            (anonymous.key_exchange(), anonymous.server_key()),
            (KeyExchange::Anonymous, SuiteKey::None)
        );
        assert_eq!(suite("TLS_AES_128_GCM_SHA256").server_key(), SuiteKey::Any);
    }

    #[test]
    fn weakness_is_named() {
        assert_eq!(
            suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256").weakness(),
            None
        );
        assert_eq!(
            suite("SSL_RSA_WITH_RC4_128_SHA").weakness(),
            Some("RC4 (RFC 7465)")
        );
        assert!(suite("TLS_RSA_WITH_AES_128_CBC_SHA").weakness().is_some());
    }
}
