//! What the log says about the JVM itself.

use std::sync::Arc;

use crate::{
    event::{PresentedCertificate, RefusedItem, Secret},
    span::Span,
};

/// A value and where it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Noted<T> {
    /// The value.
    pub value: T,
    /// Where it was read.
    pub span: Span,
}

/// Trust anchors of one trust manager.
#[derive(Debug, Clone, PartialEq)]
pub struct AnchorSet {
    /// The certificates listed.
    pub certificates: Arc<[PresentedCertificate]>,
    /// Where the listing begins.
    pub span: Span,
}

/// A private key entry of a key store.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyEntry {
    /// The alias.
    pub alias: Arc<str>,
    /// The chain stored with the key.
    pub chain: Arc<[PresentedCertificate]>,
    /// Where it is listed.
    pub span: Span,
}

/// Facts about the JVM: stores, keys, properties, what policy refuses. Each is what the log says;
/// what is missing here was not logged, which is not the same as not there.
#[derive(Debug, Clone, Default)]
pub struct Jvm {
    /// `trustStore is: …`
    pub trust_store: Option<Noted<Arc<str>>>,
    /// Stores that could not be read.
    pub unusable_stores: Vec<Noted<Arc<str>>>,
    /// Every listing of trust anchors; the same listing only once.
    pub anchor_sets: Vec<AnchorSet>,
    /// `keyStore is : …`
    pub key_store: Option<Noted<Arc<str>>>,
    /// Key entries found.
    pub key_entries: Vec<KeyEntry>,
    /// Aliases passed over: (alias, reason).
    pub keys_ignored: Vec<Noted<(Arc<str>, Arc<str>)>>,
    /// `System property X is set to 'Y'`: (name, value).
    pub system_properties: Vec<Noted<(Arc<str>, Arc<str>)>>,
    /// Suites, schemes and groups that this JVM will not use.
    pub refused: Vec<Noted<RefusedItem>>,
    /// Where the first dump of decrypted data, or of keys, is.
    pub secrets: Vec<Noted<Secret>>,
}

impl Jvm {
    /// The value of a system property, if the log shows one.
    pub fn system_property(&self, name: &str) -> Option<&Noted<(Arc<str>, Arc<str>)>> {
        self.system_properties
            .iter()
            .find(|property| &*property.value.0 == name)
    }

    /// Where the first dump of this kind is.
    pub fn first_dump(&self, of: Secret) -> Option<Span> {
        let mut dumps = self.secrets.iter();
        dumps.find(|dump| dump.value == of).map(|dump| dump.span)
    }

    /// Why this JVM does not use something, by its name.
    pub fn refusal(&self, name: &str) -> Option<&Noted<RefusedItem>> {
        let mut matching = self.refused.iter().filter(|item| &*item.value.name == name);
        let first = matching.next()?;
        Some(if first.value.disabled {
            first
        } else {
            matching.find(|item| item.value.disabled).unwrap_or(first)
        })
    }
}
