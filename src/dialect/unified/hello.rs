//! ClientHello, ServerHello, `EncryptedExtensions` and `CertificateRequest`.
//!
//! ```text
//! "ClientHello": {
//!   "client version"      : "TLSv1.2",
//!   "random"              : "AA17E3…",
//!   "cipher suites"       : "[TLS_AES_256_GCM_SHA384(0x1302), …]",
//!   "extensions"          : [
//!     "supported_versions (43)": {
//!       "versions": [TLSv1.3, TLSv1.2]
//!     },
//! ```
//!
//! Printed by `sun.security.ssl.{ClientHello,ServerHello,EncryptedExtensions,SSLExtensions}`.
//! Extension values that do not bear on a handshake's outcome (tickets, key bytes) are skipped.

use std::sync::Arc;

use super::{
    Interned,
    grammar::{bracketed, extension_head, hex_bytes, host_name, joined_hex, key_value, unquoted},
};
use crate::{
    entry::lines,
    event::{CertificateRequest, ClientHello, Extension, Extensions, ServerHello, SessionId},
    tls::{CipherSuite, ProtocolVersion},
};

/// Fields outside the extensions, of either hello.
#[derive(Default)]
struct Fields<'a> {
    version: Option<ProtocolVersion>,
    random: Option<&'a [u8]>,
    session_id: SessionId,
    suites: Option<&'a [u8]>,
    certificate_types: Option<&'a [u8]>,
    signature_schemes: Option<&'a [u8]>,
    authorities: Option<&'a [u8]>,
    any: bool,
}

impl<'a> Fields<'a> {
    fn take(&mut self, key: &[u8], value: &'a [u8]) {
        self.any = true;
        match key {
            b"client version" | b"server version" => {
                self.version = Some(ProtocolVersion::from_name(&String::from_utf8_lossy(
                    unquoted(value),
                )));
            }
            b"random" => self.random = Some(unquoted(value)),
            b"session id" => {
                self.session_id = session_id(unquoted(value));
            }
            b"cipher suites" | b"cipher suite" => self.suites = Some(value),
            b"certificate types" => self.certificate_types = Some(value),
            b"supported signature algorithms" => self.signature_schemes = Some(value),
            b"certificate authorities" => self.authorities = Some(value),
            b"compression methods" | b"cookie" | b"extensions" | b"certificate_request_context" => {
            }
            _ => self.any = false,
        }
    }
}

/// A session id in either spelling.
pub(super) fn session_id(hex: &[u8]) -> SessionId {
    match joined_hex::<32>(hex) {
        Some(bytes) => SessionId::from(&bytes[..]),
        None => SessionId::from(&*hex_bytes(hex, 32)),
    }
}

/// The body of a ClientHello.
pub(super) fn client_hello(body: &[u8], interned: &mut Interned) -> Option<ClientHello> {
    let (fields, extensions) = read(body, interned);
    let suites = fields.suites?;
    Some(ClientHello {
        legacy_version: fields.version,
        random: interned.random(fields.random),
        session_id: fields.session_id,
        cipher_suites: interned.suites(suites),
        extensions: Arc::new(extensions),
        whole: true,
        suites_cut: false,
    })
}

/// The body of a ServerHello or HelloRetryRequest.
pub(super) fn server_hello(body: &[u8], interned: &mut Interned) -> Option<ServerHello> {
    let (fields, extensions) = read(body, interned);
    if fields.version.is_none() && fields.suites.is_none() {
        return None;
    }
    let suite = fields
        .suites
        .map(|text| super::grammar::suite_name(unquoted(text)));
    Some(ServerHello {
        legacy_version: fields.version,
        random: interned.random(fields.random),
        session_id: fields.session_id,
        cipher_suite: suite.map(|name| CipherSuite::new(interned.texts.text(name))),
        extensions: Arc::new(extensions),
    })
}

/// The body of `EncryptedExtensions`: nothing but extensions.
pub(super) fn encrypted_extensions(body: &[u8], interned: &mut Interned) -> Extensions {
    read(body, interned).1
}

/// The body of a `CertificateRequest`: own keys up to TLS 1.2, extensions in TLS 1.3.
pub(super) fn certificate_request(body: &[u8], interned: &mut Interned) -> CertificateRequest {
    let (fields, extensions) = read(body, interned);
    let mut names = |text: Option<&[u8]>| text.and_then(bracketed).map(|list| interned.names(list));
    CertificateRequest {
        certificate_types: names(fields.certificate_types),
        signature_schemes: names(fields.signature_schemes).or(extensions.signature_schemes),
        authorities: fields
            .authorities
            .and_then(bracketed)
            .map(|list| interned.distinguished_names(list))
            .or(extensions.certificate_authorities),
        whole: true,
    }
}

/// Walks the lines of a hello once.
fn read<'a>(body: &'a [u8], interned: &mut Interned) -> (Fields<'a>, Extensions) {
    let mut fields = Fields::default();
    let mut extensions = Extensions::default();
    let mut walk = Walk {
        extensions: &mut extensions,
        current: Current::None,
        indent: None,
        authorities: Vec::new(),
    };
    let (before, list) = match crate::search::find(body, b"\"extensions\"") {
        Some(at) => body.split_at(at),
        None => (body, &body[..0]),
    };
    walk.lines(before, &mut fields, interned);
    let outside = walk.current == Current::None && walk.indent.is_none();
    let level = second_line_indent(list).filter(|_| outside);
    let (steady, fresh) = list.split_at(level.map_or(0, |level| fresh_from(list, level)));
    walk.steady(steady, level, &mut fields, interned);
    walk.lines(fresh, &mut fields, interned);
    walk.leave();
    (fields, extensions)
}

/// The indentation of the first extension, which stands on the line below the list's name.
fn second_line_indent(list: &[u8]) -> Option<usize> {
    let second = &list[memchr::memchr(b'\n', list)? + 1..];
    Some(indent_of(second))
}

fn indent_of(line: &[u8]) -> usize {
    line.iter().take_while(|&&byte| byte == b' ').count()
}

/// Where the first extension begins that is another in every hello, since it holds keys or a ticket. In
/// front of it, peers that offer the same print the same.
fn fresh_from(list: &[u8], level: usize) -> usize {
    let fresh = memchr::memchr_iter(b'(', list).filter_map(|at| {
        let behind = &list[at..];
        let holds_keys = behind.starts_with(b"(51)\"");
        let holds_ticket = || {
            let value = behind.strip_prefix(b"(35)\": {");
            value.is_some_and(|value| !value.trim_ascii_start().starts_with(b"<empty>"))
        };
        let line = memchr::memrchr(b'\n', &list[..at])? + 1;
        ((holds_keys || holds_ticket()) && indent_of(&list[line..]) == level).then_some(line)
    });
    fresh.min().unwrap_or(list.len())
}

/// Whether an extension can say the same in the next hello, given that keys and tickets are left out.
fn may_repeat(extension: &Extension) -> bool {
    !matches!(extension.number, Some(41 | 44 | 51) | None)
}

/// Which extension the walk is in, as far as its values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Current {
    None,
    ServerName,
    SupportedGroups,
    PointFormats,
    SignatureAlgorithms,
    Alpn,
    SupportedVersions,
    KeyShare,
    RenegotiationInfo,
    CertificateAuthorities,
    Other,
}

struct Walk<'w> {
    extensions: &'w mut Extensions,
    current: Current,
    /// Indentation of the extensions' heads: what stands deeper is a value, whatever it looks like.
    indent: Option<usize>,
    authorities: Vec<Arc<str>>,
}

impl Walk<'_> {
    /// The extensions of a list in front of those that differ each time: mostly seen before.
    fn steady<'a>(
        &mut self,
        text: &'a [u8],
        level: Option<usize>,
        fields: &mut Fields<'a>,
        interned: &mut Interned,
    ) {
        if text.is_empty() {
            return;
        }
        if let Some(known) = interned.extension_lists.get(text) {
            fields.any = true;
            (*self.extensions, self.indent, self.current) =
                ((*known).clone(), level, Current::Other);
            return;
        }
        self.lines(text, fields, interned);
        self.leave();
        if self.indent == level && self.extensions.present.iter().all(|one| may_repeat(one)) {
            let list = Arc::new(self.extensions.clone());
            interned.extension_lists.insert(text, &list);
        }
    }

    fn lines<'a>(&mut self, text: &'a [u8], fields: &mut Fields<'a>, interned: &mut Interned) {
        for (_, line) in lines(text) {
            let text = line.trim_ascii_start();
            let indent = line.len() - text.len();
            match text.first() {
                Some(b'"') => self.keyed_line(text, indent, fields, interned),
                // rows of keys' bytes
                Some(b'0'..=b'9') if self.current == Current::KeyShare => {}
                None => {}
                Some(_) => self.bare_line(text, interned),
            }
        }
    }

    /// A line that begins with a quote: the head of an extension, or a key with its value.
    fn keyed_line<'a>(
        &mut self,
        text: &'a [u8],
        indent: usize,
        fields: &mut Fields<'a>,
        interned: &mut Interned,
    ) {
        let at_extension_level = self.indent.is_none_or(|level| level == indent);
        if at_extension_level
            && text.trim_ascii_end().ends_with(b"{")
            && let Ok((_, (name, number))) = extension_head(text)
        {
            self.indent = Some(indent);
            self.leave();
            self.enter(text, name, number, interned);
            return;
        }
        let Ok((_, (key, value))) = key_value(text) else {
            return;
        };
        if self.current == Current::None {
            fields.take(key, value);
        } else {
            self.value(key, value, interned);
        }
    }

    fn enter(&mut self, text: &[u8], name: &[u8], number: u16, interned: &mut Interned) {
        self.extensions
            .present
            .push(interned.extension(text, name, number));
        self.current = match number {
            0 => Current::ServerName,
            10 => Current::SupportedGroups,
            11 => Current::PointFormats,
            13 => Current::SignatureAlgorithms,
            16 => Current::Alpn,
            43 => Current::SupportedVersions,
            47 => Current::CertificateAuthorities,
            51 => Current::KeyShare,
            65281 => Current::RenegotiationInfo,
            _ => Current::Other,
        };
        match number {
            23 => self.extensions.extended_master_secret = true,
            41 => self.extensions.pre_shared_key = true,
            _ => {}
        }
    }

    /// `"key": value` inside an extension. The key's name differs between releases; only the
    /// extension decides what it means.
    fn value(&mut self, key: &[u8], value: &[u8], interned: &mut Interned) {
        match self.current {
            Current::SupportedGroups if matches!(key, b"versions" | b"named groups") => {
                let clue = &mut interned.clues;
                clue.groups_as_versions |= key == b"versions";
                clue.groups_as_named_groups |= key == b"named groups";
                self.extensions.supported_groups =
                    bracketed(value).map(|list| interned.names(list));
            }
            Current::PointFormats if key == b"formats" => {
                self.extensions.point_formats = bracketed(value).map(|list| interned.names(list));
            }
            Current::SignatureAlgorithms if key == b"signature schemes" => {
                self.extensions.signature_schemes =
                    bracketed(value).map(|list| interned.names(list));
            }
            Current::SupportedVersions if matches!(key, b"versions" | b"selected version") => {
                self.extensions.versions = bracketed(value).map(|list| interned.versions(list));
            }
            Current::KeyShare if key == b"named group" => {
                self.extensions
                    .key_share_groups
                    .push(interned.texts.text(unquoted(value)));
            }
            Current::KeyShare if key == b"selected group" => {
                let group = bracketed(value).unwrap_or(value);
                self.extensions
                    .key_share_groups
                    .push(interned.texts.text(group));
            }
            Current::RenegotiationInfo if key == b"renegotiated connection" => {
                let list = bracketed(value).unwrap_or_default();
                self.extensions.renegotiates = !list.is_empty() && !list.starts_with(b"<no ");
            }
            _ => {}
        }
    }

    /// A line without a key: a host name, a list of application protocols, a distinguished name.
    fn bare_line(&mut self, text: &[u8], interned: &mut Interned) {
        match self.current {
            Current::ServerName if self.extensions.server_name.is_none() => {
                if let Ok((_, name)) = host_name(text) {
                    self.extensions.server_name = Some(interned.texts.text(name));
                }
            }
            Current::Alpn if text.starts_with(b"[") => {
                self.extensions.application_protocols =
                    bracketed(text.trim_ascii_end()).map(|list| interned.names(list));
            }
            Current::CertificateAuthorities if !matches!(text[0], b'}' | b']') => {
                let name = text.trim_ascii_end();
                let name = name.strip_suffix(b"]").unwrap_or(name);
                self.authorities
                    .push(interned.texts.text(name.strip_suffix(b",").unwrap_or(name)));
            }
            _ => {}
        }
    }

    /// Leaves the current extension.
    fn leave(&mut self) {
        if self.current == Current::CertificateAuthorities {
            self.extensions.certificate_authorities =
                Some(std::mem::take(&mut self.authorities).into());
        }
        if self.current != Current::None {
            self.current = Current::Other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &[u8] = br#""ClientHello": {
  "client version"      : "TLSv1.2",
  "random"              : "AA17E3671EEB570563B2144A7EDCB28F81AC0AEE7C3758F094F35009ED158F05",
  "session id"          : "",
  "cipher suites"       : "[TLS_AES_256_GCM_SHA384(0x1302), TLS_EMPTY_RENEGOTIATION_INFO_SCSV(0x00FF)]",
  "compression methods" : "00",
  "extensions"          : [
    "server_name (0)": {
      type=host_name (0), value=api.lab.example
    },
    "unknown extension (17,513)": {
      0000: 00 03 02 68 32                                     ...h2
    },
    "supported_groups (10)": {
      "versions": [x25519, UNDEFINED-NAMED-GROUP(6682)]
    },
    "application_layer_protocol_negotiation (16)": {
      [h2, http/1.1]
    },
    "supported_versions (43)": {
      "versions": [TLSv1.3, TLSv1.2]
    },
    "certificate_authorities (47)": {
      "certificate authorities": [
        CN=Lab Root CA, O=Lab
        CN=Other]
    },
    "key_share (51)": {
      "client_shares": [  
        {
          "named group": x25519
          "key_exchange": {
            0000: 00 03 02 68 32                                     ...h2
          }
        },
      ]
    },
    "renegotiation_info (65,281)": {
      "renegotiated connection": [<no renegotiated connection>]
    }
  ]
}
"#;

    #[test]
    fn a_client_hello_yields_what_it_offers() {
        let hello = client_hello(HELLO, &mut Interned::default()).unwrap();
        let names = |names: &Option<crate::event::Names>| names.as_ref().unwrap().join(" ");
        assert_eq!(hello.legacy_version, Some(ProtocolVersion::Tls12));
        assert_eq!(hello.random.unwrap().0[..2], [0xaa, 0x17]);
        assert_eq!(hello.cipher_suites.len(), 2);
        let extensions = &hello.extensions;
        assert_eq!(extensions.server_name.as_deref(), Some("api.lab.example"));
        assert_eq!(
            names(&extensions.supported_groups),
            "x25519 UNDEFINED-NAMED-GROUP(6682)"
        );
        assert_eq!(names(&extensions.application_protocols), "h2 http/1.1");
        assert_eq!(
            extensions.versions.as_deref(),
            Some(&[ProtocolVersion::Tls13, ProtocolVersion::Tls12][..])
        );
        assert_eq!(
            names(&extensions.certificate_authorities),
            "CN=Lab Root CA, O=Lab CN=Other"
        );
        assert_eq!(extensions.key_share_groups.len(), 1);
        assert!(!extensions.renegotiates && !extensions.pre_shared_key);
        assert_eq!(extensions.present[1].number, Some(17513));
    }

    #[test]
    fn lines_that_lost_their_indentation_are_read_all_the_same() {
        let flat: Vec<u8> = HELLO
            .split(|&b| b == b'\n')
            .flat_map(|line| [line.trim_ascii(), b"\n"].concat())
            .collect();
        let mut interned = Interned::default();
        assert_eq!(
            client_hello(&flat, &mut interned),
            client_hello(HELLO, &mut interned)
        );
    }

    #[test]
    fn an_authority_list_on_one_line_is_cut_into_names() {
        let body = br#""CertificateRequest": {
  "certificate types": [ecdsa_sign, rsa_sign, dss_sign]
  "supported signature algorithms": [ecdsa_secp256r1_sha256, rsa_pkcs1_sha256]
  "certificate authorities": [CN=Lab Root CA, OU=a, OU=b, O="Lab, Inc.", C=XX, CN=Other CA, CN=Third, O=T]
}
"#;
        let request = certificate_request(body, &mut Interned::default());
        let authorities: Vec<_> = request
            .authorities
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            authorities,
            [
                "CN=Lab Root CA, OU=a, OU=b, O=\"Lab, Inc.\", C=XX",
                "CN=Other CA",
                "CN=Third, O=T"
            ]
        );
        assert_eq!(request.signature_schemes.unwrap().len(), 2);
    }
}
