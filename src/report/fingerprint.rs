//! The fingerprints of a ClientHello: of its bytes where the log has them, else of its text.
//!
//! The text has names where the wire has numbers, and lacks some fields in some releases: then there is no
//! fingerprint. Extensions are printed in the order of the wire, those that JSSE does not know among them.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{
    event::{ClientHello, Names},
    handshake::Handshake,
    tls::ProtocolVersion,
    wire::{self, Hello, Transport},
};

/// JA3 and JA4 of the first ClientHello of a handshake, made when they are asked for: most reports never do.
#[derive(Debug, Clone, Copy)]
pub struct FingerprintsView<'a>(&'a Handshake);

impl<'a> FingerprintsView<'a> {
    pub(super) fn new(handshake: &'a Handshake) -> Self {
        Self(handshake)
    }

    /// The JA3 fingerprint, 32 hex digits; `None` where the log does not show all that it is made of.
    pub fn ja3(self) -> Option<Box<str>> {
        wire::ja3(&self.hello()?).map(|ja3| ja3.hash)
    }

    /// The JA4 fingerprint; `None` as above.
    pub fn ja4(self) -> Option<String> {
        wire::ja4(&self.hello()?)
    }

    fn hello(self) -> Option<Hello> {
        let bytes = self
            .0
            .wire
            .as_ref()
            .and_then(|wire| Hello::read(wire.client_hello.as_deref()?));
        bytes.or_else(|| {
            let hello = &self.0.client_hello.as_ref()?.value;
            hello.whole.then(|| of_text(hello))
        })
    }
}

impl Serialize for FingerprintsView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hello = self.hello();
        let ja3 = hello.as_ref().and_then(wire::ja3).map(|ja3| ja3.hash);
        let ja4 = hello.as_ref().and_then(wire::ja4);
        let mut fields = serializer.serialize_struct("Fingerprints", 2)?;
        fields.serialize_field("ja3", &ja3)?;
        fields.serialize_field("ja4", &ja4)?;
        fields.end()
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
                let wire = handshake.wire.as_ref().expect(log);
                let bytes = Hello::read(wire.client_hello.as_deref().unwrap()).unwrap();
                let text = &handshake.client_hello.as_ref().unwrap().value;
                if text.whole {
                    assert_eq!(of_text(text), bytes, "{log}");
                }
                let told = FingerprintsView::new(handshake);
                assert!(told.ja3().is_some() && told.ja4().is_some(), "{log}");
            }
        }
    }
}
