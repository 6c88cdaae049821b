//! ClientHello and ServerHello.
//!
//! ```text
//! *** ClientHello, TLSv1.2
//! RandomCookie:  GMT: 1795156637 bytes = { 40, 149, … }           6, 7, 8
//! RandomCookie:  random_bytes = {3F 28 …}                          9, 10
//! Session ID:  {}
//! Cipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA256]
//! Compression Methods:  { 0 }
//! Extension server_name, server_name: [type=host_name (0), value=lab.example]
//! Unsupported extension type_43, data: 05:03:04:03:03
//! ***
//! ```
//!
//! Printed by `sun.security.ssl.HandshakeMessage` and the `*Extension` classes, one print a line: what
//! other threads print may stand between any two of them, so each line is known by its first words.

use std::sync::Arc;

use super::{
    Interned,
    text::{decimal, hex, numbers, schemes},
};
use crate::{
    entry::lines,
    event::{ClientHello, Extensions, Random, ServerHello, SessionId},
    search,
    time::{LogTime, Zone},
    tls::{CipherSuite, ProtocolVersion},
};

/// In seconds from 1970.
const YEAR_2000: i32 = 946_684_800;

/// The lines of a hello, taken apart.
#[derive(Default)]
pub(super) struct Hello<'a> {
    random: Option<Random>,
    /// The first four bytes of the random, which JDK 6 to 8 fill with the time of day.
    pub(super) made_at: Option<LogTime>,
    session_id: SessionId,
    suites: Option<&'a [u8]>,
    suite: Option<&'a [u8]>,
    extensions: Extensions,
    /// The closing `***` was there.
    pub(super) closed: bool,
    /// Somebody took lines out before posting it, and says so by dots.
    shortened: bool,
    any: bool,
    /// Something is in it that this JDK did not know: it came from the peer.
    foreign: bool,
}

impl<'a> Hello<'a> {
    /// Reads the lines behind the title.
    pub(super) fn read(body: &'a [u8], interned: &mut Interned) -> Self {
        let mut hello = Self::default();
        for (_, line) in lines(body) {
            let line = line.trim_ascii_end();
            if line == b"***" {
                hello.closed = true;
                break;
            }
            hello.line(line, interned);
        }
        hello
    }

    fn line(&mut self, line: &'a [u8], interned: &mut Interned) {
        let after = |words: &[u8]| line.strip_prefix(words).map(<[u8]>::trim_ascii);
        if let Some(rest) = after(b"Extension ") {
            self.extension(rest, interned);
        } else if let Some(rest) = after(b"Unsupported extension ") {
            self.unsupported(rest, interned);
        } else if let Some(list) = after(b"Cipher Suites: ") {
            self.foreign |= holds_unknown(list);
            self.suites = Some(list);
        } else if let Some(suite) = after(b"Cipher Suite: ") {
            self.foreign |= holds_unknown(suite);
            self.suite = Some(suite);
        } else if let Some(rest) = after(b"RandomCookie:") {
            self.random(rest, interned);
        } else if let Some(rest) = after(b"Session ID:") {
            self.session_id = SessionId::from(&*numbers(rest, 32));
        } else if let Some(at) = torn_extension(line) {
            self.extension(line[at + 10..].trim_ascii(), interned);
        } else {
            self.shortened |= says_shortened(line);
            return;
        }
        self.any = true;
    }

    fn random(&mut self, rest: &[u8], interned: &mut Interned) {
        if let Some(bytes) = rest.strip_prefix(b"random_bytes = ") {
            interned.clues.random_bytes = true;
            self.random = hex(bytes, 32).try_into().ok().map(Random);
            return;
        }
        let Some(rest) = rest.strip_prefix(b"GMT: ") else {
            return;
        };
        let end = rest.iter().position(|&b| b == b' ').unwrap_or(rest.len());
        let Some(printed) = decimal(&rest[..end]).and_then(|number| i32::try_from(number).ok())
        else {
            return;
        };
        interned.clues.gmt_in_random = true;
        let first = first_of_random(printed);
        let seconds = i32::from_be_bytes(first);
        let mut bytes = first.to_vec();
        bytes.extend(numbers(&rest[end..], 28));
        self.random = bytes.try_into().ok().map(Random);
        // what is older than this dialect is a peer's that fills the field by chance
        self.made_at = (seconds > YEAR_2000).then(|| LogTime {
            millis: i64::from(seconds) * 1_000,
            zone: Zone::from("GMT"),
        });
    }

    /// `server_name, server_name: [type=host_name (0), value=lab.example]`
    fn extension(&mut self, rest: &[u8], interned: &mut Interned) {
        let end = rest
            .iter()
            .position(|b| matches!(b, b',' | b':' | b' '))
            .unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        let value = search::find(rest, b": ").map_or(&b""[..], |at| &rest[at + 2..]);
        let name: &[u8] = match name {
            b"elliptic_curves" => b"supported_groups",
            name => name,
        };
        let extensions = &mut self.extensions;
        match name {
            b"server_name" => {
                extensions.server_name = host_name(value).map(|name| interned.texts.text(name));
                interned.clues.host_name_without_type |= value.starts_with(b"[host_name: ");
            }
            b"supported_groups" => {
                self.foreign |= search::find(value, b"unknown curve ").is_some();
                interned.clues.groups_by_name |= rest.starts_with(b", group names");
                extensions.supported_groups = Some(interned.list(value, b'{', b'}'));
            }
            b"ec_point_formats" => {
                extensions.point_formats = Some(interned.list(value, b'[', b']'));
            }
            b"signature_algorithms" => {
                self.foreign |= search::find(value, b"Unknown (hash:0x").is_some();
                extensions.signature_schemes = Some(interned.schemes(value));
            }
            b"application_layer_protocol_negotiation" => {
                extensions.application_protocols = Some(protocols(value, interned));
            }
            b"renegotiation_info" => extensions.renegotiates = !value.starts_with(b"<empty>"),
            b"extended_master_secret" => {
                extensions.extended_master_secret = true;
                interned.clues.master_secret_extended = true;
            }
            _ => {}
        }
        let number = number_of(name);
        extensions.present.push(interned.extension(name, number));
    }

    /// `type_43, data: 05:03:04:03:03`: what this JDK did not know, it prints in bytes.
    fn unsupported(&mut self, rest: &[u8], interned: &mut Interned) {
        let end = rest.iter().position(|&b| b == b',').unwrap_or(rest.len());
        let (printed, rest) = rest.split_at(end);
        let data = rest.strip_prefix(b", data: ").unwrap_or_default();
        let number = match printed.strip_prefix(b"type_") {
            Some(digits) => decimal(digits).and_then(|number| u16::try_from(number).ok()),
            None => number_of(printed),
        };
        let name = number.and_then(name_of).unwrap_or(printed);
        self.foreign = true;
        match number {
            Some(16) => self.extensions.application_protocols = alpn(&hex(data, 1 << 16), interned),
            Some(43) => self.extensions.versions = versions(&hex(data, 1 << 9)),
            _ => {}
        }
        self.extensions
            .present
            .push(interned.extension(name, number));
    }

    /// Whether it came from the peer for sure: no JDK sends what it has no name for.
    pub(super) fn is_foreign(&self) -> bool {
        self.foreign
    }

    pub(super) fn into_client(
        self,
        version: &[u8],
        interned: &mut Interned,
    ) -> Option<ClientHello> {
        if !self.any {
            return None;
        }
        Some(ClientHello {
            legacy_version: Some(version_of(version)),
            random: self.random,
            session_id: self.session_id,
            // in the rest of a torn ServerHello, the suite is the only one
            cipher_suites: interned.suites(self.suites.or(self.suite).unwrap_or_default()),
            extensions: Arc::new(self.extensions),
            whole: self.closed && !self.shortened,
            suites_cut: self.suites.is_some_and(is_cut),
        })
    }

    /// The title alone tells the version that the server chose.
    pub(super) fn into_server(self, version: &[u8], interned: &mut Interned) -> ServerHello {
        ServerHello {
            legacy_version: Some(version_of(version)),
            random: self.random,
            session_id: self.session_id,
            cipher_suite: self
                .suite
                .map(|suite| CipherSuite::new(interned.texts.text(suite))),
            extensions: Arc::new(self.extensions),
        }
    }
}

/// `Unknown 0x8a:0x8a`: suites that this JDK does not know.
fn holds_unknown(suites: &[u8]) -> bool {
    search::find(suites, b"Unknown 0x").is_some()
}

/// The first four bytes of a random, which `RandomCookie.print` adds up as signed numbers.
fn first_of_random(printed: i32) -> [u8; 4] {
    let mut rest = i64::from(printed);
    let mut bytes = [0; 4];
    for byte in bytes.iter_mut().rev() {
        *byte = rest.to_le_bytes()[0];
        rest = (rest - i64::from(byte.cast_signed())) >> 8;
    }
    bytes
}

/// `[A, B, TLS_RSA_WI`, `[A, B, ...]`
fn is_cut(list: &[u8]) -> bool {
    let open = list.starts_with(b"[") && !list.ends_with(b"]");
    open || search::find(list, b"...").is_some()
}

/// `...`, `[... 60 more lines ...]`, `…`
fn says_shortened(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"[").unwrap_or(line);
    line.starts_with(b"...") || line.starts_with("…".as_bytes())
}

/// `.Extension extended_master_secret`: the end of a hex row that another thread printed stands in front.
fn torn_extension(line: &[u8]) -> Option<usize> {
    let at = search::find(line, b"Extension ")?;
    let glued = at > 0 && !line[at - 1].is_ascii_alphabetic();
    let known = line[at + 10..]
        .split(|b| !(b.is_ascii_alphanumeric() || *b == b'_'))
        .next()
        .and_then(number_of);
    (glued && known.is_some()).then_some(at)
}

fn version_of(name: &[u8]) -> ProtocolVersion {
    ProtocolVersion::from_name(&String::from_utf8_lossy(name.trim_ascii()))
}

/// `[type=host_name (0), value=lab.example]`; JDK 7: `[host_name: lab.example]`
fn host_name(value: &[u8]) -> Option<&[u8]> {
    let rest = match search::find(value, b"type=host_name (0), value=") {
        Some(at) => &value[at + 26..],
        None => &value[search::find(value, b"host_name: ")? + 11..],
    };
    let end = rest
        .iter()
        .position(|b| matches!(b, b']' | b',' | b'}'))
        .unwrap_or(rest.len());
    Some(rest[..end].trim_ascii()).filter(|name| !name.is_empty())
}

/// `[h2][http/1.1]`
fn protocols(value: &[u8], interned: &mut Interned) -> Arc<[Arc<str>]> {
    let items = value.split(|&b| b == b'[').skip(1);
    items
        .take(256)
        .map(|item| interned.texts.text(item.strip_suffix(b"]").unwrap_or(item)))
        .collect()
}

/// The list of RFC 7301 §3.1, in bytes.
fn alpn(data: &[u8], interned: &mut Interned) -> Option<Arc<[Arc<str>]>> {
    let mut rest = data.get(2..)?;
    let mut names = Vec::new();
    while let Some((&length, after)) = rest.split_first() {
        let length = usize::from(length);
        names.push(interned.texts.text(after.get(..length)?));
        rest = &after[length..];
    }
    Some(names.into())
}

/// `supported_versions` of a ClientHello in bytes (RFC 8446 §4.2.1).
fn versions(data: &[u8]) -> Option<Arc<[ProtocolVersion]>> {
    let known = data
        .get(1..)?
        .chunks_exact(2)
        .filter_map(|pair| match pair {
            [3, 4] => Some(ProtocolVersion::Tls13),
            [3, 3] => Some(ProtocolVersion::Tls12),
            [3, 2] => Some(ProtocolVersion::Tls11),
            [3, 1] => Some(ProtocolVersion::Tls10),
            _ => None,
        });
    Some(known.collect())
}

/// Names and numbers of extensions (IANA), as later JDKs print them.
const EXTENSIONS: [(u16, &str); 20] = [
    (0, "server_name"),
    (1, "max_fragment_length"),
    (5, "status_request"),
    (10, "supported_groups"),
    (11, "ec_point_formats"),
    (13, "signature_algorithms"),
    (16, "application_layer_protocol_negotiation"),
    (17, "status_request_v2"),
    (21, "padding"),
    (22, "encrypt_then_mac"),
    (23, "extended_master_secret"),
    (35, "session_ticket"),
    (41, "pre_shared_key"),
    (42, "early_data"),
    (43, "supported_versions"),
    (44, "cookie"),
    (45, "psk_key_exchange_modes"),
    (50, "signature_algorithms_cert"),
    (51, "key_share"),
    (65281, "renegotiation_info"),
];

fn number_of(name: &[u8]) -> Option<u16> {
    EXTENSIONS
        .iter()
        .find(|(_, known)| known.as_bytes() == name)
        .map(|(number, _)| *number)
}

fn name_of(number: u16) -> Option<&'static [u8]> {
    EXTENSIONS
        .iter()
        .find(|(known, _)| *known == number)
        .map(|(_, name)| name.as_bytes())
}

/// Shared lists.
impl Interned {
    /// `{secp256r1, secp384r1}` → the names between the brackets.
    fn list(&mut self, value: &[u8], open: u8, close: u8) -> Arc<[Arc<str>]> {
        let Self { names, texts, .. } = self;
        names.intern(value, |value| {
            let inside = memchr::memchr(open, value).map_or(value, |at| &value[at + 1..]);
            let inside = memchr::memrchr(close, inside).map_or(inside, |at| &inside[..at]);
            inside
                .split(|&b| b == b',')
                .map(<[u8]>::trim_ascii)
                .filter(|item| !item.is_empty())
                .map(|item| texts.text(item))
                .collect()
        })
    }

    /// `SHA512withRSA, SHA1withDSA` → wire names.
    pub(super) fn schemes(&mut self, value: &[u8]) -> Arc<[Arc<str>]> {
        self.schemes.intern(value, |value| schemes(value).collect())
    }

    /// `[A, B]`
    fn suites(&mut self, value: &[u8]) -> Arc<[CipherSuite]> {
        let Self { suites, texts, .. } = self;
        let ibm = &mut self.clues.ibm;
        suites.intern(value, |value| {
            *ibm |= super::ibm::names_suites(value);
            let list = value.strip_prefix(b"[").unwrap_or(value);
            let inside = list.strip_suffix(b"]").unwrap_or(list);
            // a list that is cut off ends in the middle of a name
            let end = inside.iter().rposition(|&b| b == b',').unwrap_or(0);
            let inside = if is_cut(value) {
                &inside[..end]
            } else {
                inside
            };
            inside
                .split(|&b| b == b',')
                .map(<[u8]>::trim_ascii)
                .filter(|item| !item.is_empty() && search::find(item, b"...").is_none())
                .map(|item| CipherSuite::new(texts.text(item)))
                .collect()
        })
    }
}
