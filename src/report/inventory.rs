//! Every distinct certificate of the inputs: what it says, where it was seen, its bytes where the log has them.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use foldhash::quality::RandomState;
use serde::Serialize;

use crate::{
    assemble::Assembly,
    event::{Certificate, PresentedCertificate},
    handshake::{CertificateStore, Chain},
    redact::Redactor,
    span::Span,
    time::LogTime,
    wire,
};

/// One certificate, however often it was seen.
#[derive(Debug, Clone, Serialize)]
pub struct InventoryEntry {
    /// Subject.
    pub subject: Arc<str>,
    /// Issuer.
    pub issuer: Arc<str>,
    /// Serial number.
    pub serial: Arc<str>,
    /// Start of validity.
    pub not_before: Option<String>,
    /// End of validity.
    pub not_after: Option<String>,
    /// Names it is good for.
    pub subject_alternative_names: Vec<Arc<str>>,
    /// SHA-256 fingerprint; known only where the log holds the certificate's bytes.
    pub sha256: Option<Box<str>>,
    /// Where it was seen.
    pub seen: Vec<Sighting>,
    #[serde(skip)]
    ends: Option<LogTime>,
    /// The bytes, where the log holds them.
    #[serde(skip)]
    pub bytes: Option<Arc<wire::Certificate>>,
}

/// Where a certificate was seen, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sighting {
    /// The input.
    pub input: Arc<str>,
    /// In what part.
    pub part: Part,
    /// How often: handshakes, listings of anchors, keys.
    pub count: usize,
    /// The first line.
    pub first_line: u64,
}

/// What part a certificate played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Sent by a server.
    ServerChain,
    /// Sent by a client.
    ClientChain,
    /// Trusted by the JVM.
    TrustAnchor,
    /// With a private key of the JVM.
    KeyEntry,
    /// Seen in a hex dump only.
    Bytes,
}

impl Part {
    /// The word for reading.
    pub fn words(self) -> &'static str {
        match self {
            Self::ServerChain => "sent by the server",
            Self::ClientChain => "sent by the client",
            Self::TrustAnchor => "trust anchor",
            Self::KeyEntry => "own key",
            Self::Bytes => "in a hex dump only",
        }
    }
}

impl InventoryEntry {
    /// Milliseconds of validity left at `at`; negative when it is over.
    pub fn left_at(&self, at: &LogTime) -> Option<i64> {
        self.ends.as_ref().map(|ends| ends.since(at))
    }

    /// The same without what this redactor takes out.
    #[must_use]
    pub fn redacted(mut self, by: &Redactor) -> Self {
        self.subject = by.text(&self.subject).into();
        self.issuer = by.text(&self.issuer).into();
        self.serial = by.number(&self.serial).into();
        self.sha256 = self.sha256.map(|sha256| by.number(&sha256).into());
        for name in &mut self.subject_alternative_names {
            *name = by.alternative(name).into();
        }
        for sighting in &mut self.seen {
            sighting.input = by.path(&sighting.input).into();
        }
        self
    }
}

/// What makes two printed certificates the same one.
type Identity = (Arc<str>, Arc<str>, Arc<str>, Option<i64>);

/// Collects the certificates of one input after the other.
#[derive(Debug, Default)]
pub struct Inventory {
    entries: Vec<InventoryEntry>,
    known: HashMap<Identity, usize, RandomState>,
}

impl Inventory {
    /// Adds what one input holds.
    pub fn add(&mut self, input: &str, assembly: &Assembly) {
        let input: Arc<str> = input.into();
        let store = &assembly.certificates;
        for handshake in &assembly.handshakes {
            self.chain(
                &input,
                Part::ServerChain,
                handshake.server_chain.as_deref(),
                store,
            );
            self.chain(
                &input,
                Part::ClientChain,
                handshake.client_chain.as_deref(),
                store,
            );
        }
        for key in &assembly.jvm.key_entries {
            self.list(&input, Part::KeyEntry, &key.chain, key.span, store);
        }
        for anchors in &assembly.jvm.anchor_sets {
            self.list(
                &input,
                Part::TrustAnchor,
                &anchors.certificates,
                anchors.span,
                store,
            );
        }
        let told: HashSet<Arc<[u8]>, RandomState> = self
            .entries
            .iter()
            .filter_map(|entry| Some(Arc::clone(&entry.bytes.as_ref()?.der)))
            .collect();
        for seen in store.iter() {
            if !told.contains(&seen.certificate.der) {
                self.entries.push(of_bytes(&seen.certificate));
                let index = self.entries.len() - 1;
                self.see(index, &input, Part::Bytes, seen.span.line());
            }
        }
    }

    /// All of them, those that end first in front.
    pub fn finish(mut self) -> Vec<InventoryEntry> {
        self.entries
            .sort_by_key(|entry| entry.ends.as_ref().map_or(i64::MAX, |ends| ends.millis));
        self.entries
    }

    fn chain(
        &mut self,
        input: &Arc<str>,
        part: Part,
        chain: Option<&Chain>,
        store: &CertificateStore,
    ) {
        if let Some(chain) = chain {
            self.list(input, part, &chain.certificates, chain.span, store);
        }
    }

    fn list(
        &mut self,
        input: &Arc<str>,
        part: Part,
        certificates: &[PresentedCertificate],
        span: Span,
        store: &CertificateStore,
    ) {
        for presented in certificates {
            let index = self.index_of(&presented.certificate, store);
            let line = span.down(presented.line_in_entry).line();
            self.see(index, input, part, line);
        }
    }

    fn index_of(&mut self, printed: &Certificate, store: &CertificateStore) -> usize {
        let identity = (
            Arc::clone(&printed.serial),
            Arc::clone(&printed.subject),
            Arc::clone(&printed.issuer),
            printed.not_after.as_ref().map(|at| at.millis),
        );
        if let Some(&known) = self.known.get(&identity) {
            let entry = &mut self.entries[known];
            if entry.bytes.is_none() {
                with_bytes(entry, printed, store);
            }
            return known;
        }
        let mut entry = of_text(printed);
        with_bytes(&mut entry, printed, store);
        self.entries.push(entry);
        self.known.insert(identity, self.entries.len() - 1);
        self.entries.len() - 1
    }

    fn see(&mut self, index: usize, input: &Arc<str>, part: Part, line: u64) {
        let seen = &mut self.entries[index].seen;
        let known = seen
            .iter_mut()
            .find(|sighting| sighting.part == part && sighting.input == *input);
        match known {
            Some(sighting) => {
                sighting.count += 1;
                sighting.first_line = sighting.first_line.min(line);
            }
            None => seen.push(Sighting {
                input: Arc::clone(input),
                part,
                count: 1,
                first_line: line,
            }),
        }
    }
}

fn of_text(printed: &Certificate) -> InventoryEntry {
    InventoryEntry {
        subject: Arc::clone(&printed.subject),
        issuer: Arc::clone(&printed.issuer),
        serial: Arc::clone(&printed.serial),
        not_before: printed.not_before.as_ref().map(LogTime::iso),
        not_after: printed.not_after.as_ref().map(LogTime::iso),
        subject_alternative_names: printed
            .subject_alternative_names
            .as_deref()
            .map(<[_]>::to_vec)
            .unwrap_or_default(),
        sha256: None,
        seen: Vec::new(),
        ends: printed.not_after.clone(),
        bytes: None,
    }
}

/// Adds the bytes of a printed certificate, and the names that the text lacks.
fn with_bytes(entry: &mut InventoryEntry, printed: &Certificate, store: &CertificateStore) {
    let Some(bytes) = store.of(printed) else {
        return;
    };
    entry.sha256 = Some(bytes.sha256.clone());
    if entry.subject_alternative_names.is_empty() {
        entry.subject_alternative_names = names_of(bytes);
    }
    entry.bytes = Some(Arc::clone(bytes));
}

fn of_bytes(bytes: &Arc<wire::Certificate>) -> InventoryEntry {
    let at = |seconds: i64| LogTime {
        millis: seconds.saturating_mul(1000),
        zone: "UTC".into(),
    };
    InventoryEntry {
        subject: (*bytes.subject).into(),
        issuer: (*bytes.issuer).into(),
        serial: (*bytes.serial).into(),
        not_before: Some(at(bytes.not_before).iso()),
        not_after: Some(at(bytes.not_after).iso()),
        subject_alternative_names: names_of(bytes),
        sha256: Some(bytes.sha256.clone()),
        seen: Vec::new(),
        ends: Some(at(bytes.not_after)),
        bytes: Some(Arc::clone(bytes)),
    }
}

fn names_of(bytes: &wire::Certificate) -> Vec<Arc<str>> {
    let names = bytes.subject_alternative_names.iter().flatten();
    names.map(|name| Arc::from(&**name)).collect()
}
