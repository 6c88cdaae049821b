//! Facts about the JVM and its configuration, not about one handshake.

use std::sync::Arc;

use super::{Certificate, PresentedCertificate};
use crate::tls::ProtocolVersion;

/// A statement about the JVM.
#[derive(Debug, Clone, PartialEq)]
pub enum JvmFact {
    /// `trustStore is: …`: the file the default trust manager loads.
    TrustStore(Arc<str>),
    /// `Inaccessible trust store: …` or `Not available key store: …`.
    StoreUnusable(Arc<str>),
    /// `Reloaded N trust certs`.
    TrustStoreLoaded(u32),
    /// `adding as trusted certificates`: anchors of one trust manager.
    TrustAnchors(Arc<[PresentedCertificate]>),
    /// `keyStore is : …` of the default context.
    KeyStore(Arc<str>),
    /// `found key for : alias` with its chain.
    KeyFound {
        /// The alias in the key store.
        alias: Arc<str>,
        /// The certificate chain of the entry.
        chain: Arc<[PresentedCertificate]>,
    },
    /// `matching alias: …`, `KeyMgr: choosing key: …`.
    KeyChosen(Arc<str>),
    /// `Ignore alias A: reason`.
    KeyIgnored {
        /// The alias.
        alias: Arc<str>,
        /// `issuers do not match`, `key algorithm does not match` …
        reason: Arc<str>,
    },
    /// `KeyMgr: no matching key found`.
    NoMatchingKey,
    /// `System property X is set to 'Y'`, with a value that is not `null`.
    SystemProperty {
        /// The property.
        name: Arc<str>,
        /// Its value.
        value: Arc<str>,
    },
    /// Something that local policy or the providers do not allow.
    Refused(RefusedItem),
    /// What should be in no log begins here: said once in each part of a log.
    Secret(Secret),
}

/// What gives a connection away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Secret {
    /// Decrypted data (`Plaintext after DECRYPTION`).
    Data,
    /// Keys (`SESSION KEYGEN:`).
    Keys,
}

/// A suite, scheme, group or version that this JVM will not use, and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RefusedItem {
    /// What sort of thing.
    pub kind: RefusedKind,
    /// Its name.
    pub name: Arc<str>,
    /// By `jdk.tls.disabledAlgorithms` (`Ignore disabled …`), not for lack of support.
    pub disabled: bool,
    /// The version it is refused for, when the log says so.
    pub version: Option<ProtocolVersion>,
}

/// Sorts of things that can be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusedKind {
    /// A cipher suite.
    CipherSuite,
    /// A signature scheme.
    SignatureScheme,
    /// A named group that is not among those that this JVM uses.
    NamedGroup,
    /// A curve for which no provider of this JVM has the arithmetic.
    UnprovidedCurve,
    /// Any named group: none is left to be offered (`no available named group`).
    EveryNamedGroup,
    /// A protocol version that is enabled, but none of the enabled cipher suites is of it: it is left out.
    VersionWithoutSuite,
}

impl JvmFact {
    /// The certificates of the fact: anchors or the chain of a key entry.
    pub fn certificates(&self) -> impl Iterator<Item = &Arc<Certificate>> {
        let listed: &[PresentedCertificate] = match self {
            Self::TrustAnchors(anchors) => anchors,
            Self::KeyFound { chain, .. } => chain,
            _ => &[],
        };
        listed.iter().map(|presented| &presented.certificate)
    }
}
