//! The fingerprints of a ClientHello: of its bytes where the log has them, else of its text.
//!
//! The text has names where the wire has numbers, and lacks some fields in some releases: then there is no
//! fingerprint. Extensions are printed in the order of the wire, those that JSSE does not know among them.

use std::{cell::RefCell, collections::HashMap};

use foldhash::quality::RandomState;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    event::{ClientHello, Names},
    handshake::Handshake,
    tls::ProtocolVersion,
    wire::{self, Hello, Transport},
};

/// JA3 and JA4 of the first ClientHello of a handshake, made when they are asked for: most reports never do.
#[derive(Debug, Clone)]
pub struct FingerprintsView<'a>(Source<'a>);

#[derive(Debug, Clone)]
enum Source<'a> {
    /// Made from it.
    Handshake(&'a Handshake),
    /// Read from a saved report.
    Known(Fingerprints),
}

/// As the report has them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Fingerprints {
    /// The JA3 fingerprint of the first ClientHello; null where the log does not show all that it is made of.
    ja3: Option<Box<str>>,
    /// Its JA4 fingerprint; null as above.
    ja4: Option<String>,
}

impl<'a> FingerprintsView<'a> {
    pub(super) fn new(handshake: &'a Handshake) -> Self {
        Self(Source::Handshake(handshake))
    }

    /// The JA3 fingerprint, 32 hex digits; `None` where the log does not show all that it is made of.
    pub fn ja3(&self) -> Option<Box<str>> {
        match &self.0 {
            Source::Handshake(handshake) => fingerprints(handshake).ja3,
            Source::Known(known) => known.ja3.clone(),
        }
    }

    /// The JA4 fingerprint; `None` as above.
    pub fn ja4(&self) -> Option<String> {
        match &self.0 {
            Source::Handshake(handshake) => fingerprints(handshake).ja4,
            Source::Known(known) => known.ja4.clone(),
        }
    }
}

/// So many hellos are remembered: one of a hostile log has some hundred kilobytes.
const MOST: usize = 64;

thread_local! {
    /// Fingerprints made lately on this thread: the hellos of one JVM are alike.
    static LATELY: RefCell<HashMap<Hello, Fingerprints, RandomState>> = RefCell::default();
}

fn fingerprints(handshake: &Handshake) -> Fingerprints {
    let Some(hello) = hello(handshake) else {
        return Fingerprints::default();
    };
    LATELY.with_borrow_mut(|lately| {
        if lately.len() >= MOST {
            lately.clear();
        }
        let known = lately
            .entry(hello)
            .or_insert_with_key(|hello| Fingerprints {
                ja3: wire::ja3(hello).map(|ja3| ja3.hash),
                ja4: wire::ja4(hello),
            });
        known.clone()
    })
}

fn hello(handshake: &Handshake) -> Option<Hello> {
    let bytes = handshake
        .wire()
        .and_then(|wire| Hello::read(wire.client_hello.as_deref()?));
    bytes.or_else(|| {
        let hello = &handshake.client_hello.as_deref()?.value;
        hello.whole.then(|| of_text(hello))
    })
}

impl Serialize for FingerprintsView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Source::Known(known) => known.serialize(serializer),
            Source::Handshake(handshake) => fingerprints(handshake).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for FingerprintsView<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Fingerprints::deserialize(deserializer).map(|known| Self(Source::Known(known)))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for FingerprintsView<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        Fingerprints::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Fingerprints::json_schema(generator)
    }
}

/// What the text tells of a ClientHello.
fn of_text(hello: &ClientHello) -> Hello {
    let extensions = &hello.extensions;
    let has = |number| {
        extensions
            .present
            .iter()
            .any(|extension| extension.number == Some(number))
    };
    let numbers = |number, names: &Option<Names>, of: fn(&str) -> Option<u16>| {
        listed(has(number), names.as_ref(), of)
    };
    let dtls =
        matches!(&hello.legacy_version, Some(version) if version.to_string().starts_with("DTLS"));
    let version = |version: &ProtocolVersion| wire::version_number(&version.to_string());
    Hello {
        transport: if dtls {
            Transport::Dtls
        } else {
            Transport::Tls
        },
        legacy_version: hello.legacy_version.as_ref().and_then(version),
        suites: hello
            .cipher_suites
            .iter()
            .map(|suite| wire::suite_number(suite.name()))
            .collect(),
        extensions: extensions
            .present
            .iter()
            .map(|extension| extension.number)
            .collect(),
        in_order: true,
        groups: numbers(10, &extensions.supported_groups, wire::group_number),
        point_formats: listed(
            has(11),
            extensions.point_formats.as_ref(),
            wire::PointFormats::number,
        ),
        schemes: numbers(13, &extensions.signature_schemes, wire::scheme_number),
        application_protocol: match (has(16), &extensions.application_protocols) {
            (false, _) => Some(Vec::new()),
            (true, names) => names
                .as_ref()
                .and_then(|names| names.first())
                .filter(|name| name.is_ascii())
                .map(|name| name.as_bytes().to_vec()),
        },
        versions: match (has(43), &extensions.versions) {
            (false, _) => Some(Vec::new()),
            (true, versions) => versions
                .as_ref()
                .and_then(|versions| versions.iter().map(version).collect()),
        },
    }
}

/// The numbers of a list: empty without the extension, unknown where it is not printed or one of its names has no
/// number.
fn listed<T>(
    present: bool,
    names: Option<&Names>,
    number: fn(&str) -> Option<T>,
) -> Option<Vec<T>> {
    if !present {
        return Some(Vec::new());
    }
    names?.iter().map(|name| number(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::analyse_bytes;

    /// Logs with the bytes of each ClientHello beside its text.
    const LOGS: [&str; 5] = [
        "lab/logs/17/tls13-rsa.all.both.log",
        "lab/logs/25/tls13-rsa.all.both.log",
        "classic/8u60/ok11.all.both.log",
        "jul/jul-fine/27/hostname-mismatch-tls12.client.log",
        "jul/log4j2/27/hostname-mismatch-tls12.client.log",
    ];

    fn assembled(log: &str) -> crate::assemble::Assembly {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata");
        let path = std::path::Path::new(root).join(log);
        analyse_bytes(&std::fs::read(&path).unwrap()).assembly
    }

    #[test]
    fn text_and_bytes_agree() {
        for log in LOGS {
            let assembly = assembled(log);
            assert!(!assembly.handshakes.is_empty(), "{log}");
            for handshake in &assembly.handshakes {
                let wire = handshake.wire().expect(log);
                let bytes = Hello::read(wire.client_hello.as_deref().unwrap()).unwrap();
                let text = &handshake.client_hello.as_deref().unwrap().value;
                if text.whole {
                    assert_eq!(of_text(text), bytes, "{log}");
                }
                let told = FingerprintsView::new(handshake);
                assert!(told.ja3().is_some() && told.ja4().is_some(), "{log}");
            }
        }
    }
}
