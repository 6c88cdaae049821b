//! Certificate blocks and the messages and listings that hold them.
//!
//! ```text
//!   "certificate" : {
//!     "version"            : "v3",
//!     "serial number"      : "3e:ca:80:b8:02:81:ef:f8",
//!     "not  after"         : "2036-11-18 24:03:38.000 UTC",
//!     "subject"            : "CN=Lab Root CA, O=Lab, C=XX",
//!     "extensions"         : [
//!       {
//!         ObjectId: 2.5.29.19 Criticality=true
//!         BasicConstraints:[
//! ```
//!
//! Printed by `sun.security.ssl.SSLLogger.SSLSimpleFormatter.formatCertificate`; the text of the
//! extensions is `toString()` of the JDK's `sun.security.x509` classes. The key's bytes, its size
//! and the signature are not printed.

use std::{ops::Range, sync::Arc};

use super::{
    Interned,
    grammar::{hex_row, is_hex_row, key_value, unquoted},
};
use crate::{
    entry::{Parts, lines, parse_civil_time},
    event::{Certificate, PresentedCertificate},
    intern::Interner,
    time::{LogTime, Zone},
};

/// All certificates of a body, in order. The same body gives the same shared list.
pub(super) fn read_all(body: &[u8], interned: &mut Interned) -> Arc<[PresentedCertificate]> {
    let Interned {
        certificate_lists,
        certificates,
        texts,
        ..
    } = interned;
    certificate_lists.intern(body, |body| {
        blocks(body)
            .into_iter()
            .map(|block| {
                let text = &body[block.range];
                PresentedCertificate {
                    certificate: certificates.intern(text, |text| Arc::new(read(text, texts))),
                    line_in_entry: block.line,
                    torn: block.torn,
                }
            })
            .collect()
    })
}

/// The certificates of an entry with those parts. Of a list that is cut off, or whose rest stands behind its bracket,
/// the last one is torn.
pub(super) fn read_list(parts: &Parts<'_>, interned: &mut Interned) -> Arc<[PresentedCertificate]> {
    torn_at_end(read_all(parts.body, interned), parts)
}

/// The same of a list that was read already.
pub(super) fn torn_at_end(
    list: Arc<[PresentedCertificate]>,
    parts: &Parts<'_>,
) -> Arc<[PresentedCertificate]> {
    if parts.closed && !goes_on(parts.tail) {
        return list;
    }
    let mut list = list.to_vec();
    if let Some(last) = list.last_mut() {
        last.torn = true;
    }
    list.into()
}

/// The fields of a certificate, in the order in which every release prints them.
const FIELDS: [&[u8]; 9] = [
    b"version",
    b"serial number",
    b"signature algorithm",
    b"issuer",
    b"not before",
    b"not  after",
    b"subject",
    b"subject public key",
    b"extensions",
];

/// The fields that are never left out: all but the extensions.
const NEVER_MISSING: usize = FIELDS.len() - 1;

/// Where a certificate is printed.
struct Block {
    /// Its first line, counted from the entry's head.
    line: u32,
    range: Range<usize>,
    /// Lines are missing, or those of two certificates are mixed up.
    torn: bool,
    /// How many fields were met, in their order.
    fields: usize,
}

impl Block {
    fn opened(line: u32, at: usize) -> Self {
        Self {
            line,
            range: at..at,
            torn: false,
            fields: 0,
        }
    }

    fn up_to(mut self, end: usize) -> Self {
        self.range.end = end;
        self.torn |= self.fields < NEVER_MISSING;
        self
    }

    /// Field `position` is next; one that was met already, or that comes too early, betrays lost lines.
    fn meets(&mut self, position: usize) {
        self.torn |= position != self.fields;
        self.fields = position + 1;
    }
}

/// Which of [`FIELDS`] a line holds.
fn field_position(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b"\"")?;
    let key = &rest[..memchr::memchr(b'"', rest)?];
    FIELDS.iter().position(|field| *field == key)
}

/// Where the blocks are: a block begins at its `"certificate" : {` and ends at the next one, or at
/// the extensions of a TLS 1.3 `CertificateEntry`. Where that line was lost, the order of the fields tells; a line
/// that was doubled counts once.
fn blocks(body: &[u8]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    let mut previous: &[u8] = b"";
    for (number, line) in lines(body) {
        let text = line.trim_ascii_start();
        let doubled = std::mem::replace(&mut previous, line) == line;
        if doubled || !text.starts_with(b"\"") {
            continue;
        }
        let at = line.as_ptr() as usize - body.as_ptr() as usize;
        if text.starts_with(b"\"certificate\" : {") || text.starts_with(b"\"certificate\": {") {
            blocks.extend(
                open.replace(Block::opened(number, at))
                    .map(|block| block.up_to(at)),
            );
        } else if text.starts_with(b"\"extensions\": {") {
            blocks.extend(open.take().map(|block| block.up_to(at)));
        } else if let Some(position) = field_position(text) {
            if let Some(mut block) = open.take_if(|block| position + 1 < block.fields) {
                block.torn = true; // its end is missing
                blocks.push(block.up_to(at));
            }
            open.get_or_insert_with(|| Block::opened(number, at))
                .meets(position);
        }
    }
    blocks.extend(open.map(|block| block.up_to(body.len())));
    blocks
}

/// Whether a body without a certificate says that there is none. One whose lines are no longer what the JVM
/// printed (escaped, or lost) says nothing.
pub(super) fn says_empty(body: &[u8]) -> bool {
    const LIST: [&[u8]; 2] = [b"\"certificate_list\"", b"\"Certificates\""];
    const AROUND: [&[u8]; 2] = [b"\"Certificate\"", b"\"certificate_request_context\""];
    let begins = |text: &[u8], words: &[&[u8]]| words.iter().any(|word| text.starts_with(word));
    let texts = || lines(body).map(|(_, line)| line.trim_ascii());
    texts().any(|text| begins(text, &LIST))
        && texts().all(|text| {
            begins(text, &LIST)
                || begins(text, &AROUND)
                || text
                    .iter()
                    .all(|byte| matches!(byte, b'[' | b']' | b'{' | b'}' | b'(' | b')' | b','))
        })
}

/// Whether what follows a list that seems to be closed is the rest of one: where the lines of two logs were mixed, the
/// bracket may be the other's.
fn goes_on(tail: &[u8]) -> bool {
    /// A tail is another program's text as a rule; what is torn goes on at once.
    const LINES: usize = 40;
    lines(tail).take(LINES).any(|(_, line)| {
        let text = line.trim_ascii();
        text.starts_with(b"\"certificate\" : {")
            || text.starts_with(b"ObjectId: ")
            || extension_title(text).is_some_and(|within| within != Within::Other)
            || field_position(text).is_some_and(|position| position > 0)
    })
}

/// Which X.509 extension the walk is in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::dialect) enum Within {
    Other,
    BasicConstraints,
    AlternativeNames,
    KeyUsage,
    ExtendedKeyUsage,
    SubjectKeyId,
    AuthorityKeyId,
    AuthorityInfoAccess,
}

/// One certificate block.
fn read(block: &[u8], texts: &mut Interner<str>) -> Certificate {
    let mut certificate = Certificate::default();
    let mut lists = Lists::default();
    let mut within = Within::Other;
    let mut previous: &[u8] = b"";
    for (number, line) in lines(block) {
        let text = line.trim_ascii();
        if std::mem::replace(&mut previous, text) == text {
            continue; // doubled on its way here; what stands twice in a certificate says no more
        }
        if text.starts_with(b"ObjectId: ") {
            within = Within::Other; // the next extension, whatever its text looks like
        } else if let Some(next) = extension_title(text) {
            within = next;
            lists.enter(next);
        } else if text.starts_with(b"\"") {
            if let Ok((_, (key, value))) = key_value(text) {
                if key == b"issuer" {
                    certificate.issuer_line = number - 1;
                }
                field(&mut certificate, key, value, texts);
            }
        } else {
            extension_line(&mut certificate, &mut lists, within, text, texts);
        }
    }
    lists.store(&mut certificate);
    certificate.names_status_source = names_status_source(block);
    certificate
}

/// Whether an OCSP responder (in the AIA) or a CRL is named, where the list of extensions is printed.
fn names_status_source(block: &[u8]) -> Option<bool> {
    let holds = |words: &[u8]| memchr::memmem::find(block, words).is_some();
    holds(b"\"extensions\"").then(|| {
        holds(b"CRLDistributionPoints [")
            || holds(b"accessMethod: ocsp")
            || holds(b"accessMethod: 1.3.6.1.5.5.7.48.1\n")
    })
}

/// `"subject" : "CN=…"` and the like.
fn field(certificate: &mut Certificate, key: &[u8], value: &[u8], texts: &mut Interner<str>) {
    let value = value.strip_suffix(b"}").unwrap_or(value);
    let text = unquoted(value);
    match key {
        b"subject" => certificate.subject = texts.text(text),
        b"issuer" => certificate.issuer = texts.text(text),
        b"serial number" => certificate.serial = serial(text).into(),
        b"signature algorithm" => certificate.signature_algorithm = texts.text(text),
        b"subject public key" => certificate.public_key = texts.text(text),
        b"not before" => certificate.not_before = time(text),
        b"not  after" | b"not after" => certificate.not_after = time(text),
        _ => {}
    }
}

/// Hex digits without separators and leading zeros, lower case.
pub(in crate::dialect) fn serial(text: &[u8]) -> String {
    let digits: String = text
        .iter()
        .filter(|b| b.is_ascii_hexdigit())
        .map(|&b| char::from(b.to_ascii_lowercase()))
        .collect();
    let trimmed = digits.trim_start_matches('0');
    if trimmed.is_empty() {
        "0".to_owned()
    } else {
        trimmed.to_owned()
    }
}

fn time(text: &[u8]) -> Option<LogTime> {
    let millis = parse_civil_time(text)?;
    Some(LogTime {
        millis,
        zone: Zone::from(text[23..].trim_ascii()),
    })
}

/// The line that opens an extension's text.
pub(in crate::dialect) fn extension_title(text: &[u8]) -> Option<Within> {
    let title = text.strip_suffix(b"[")?.trim_ascii_end();
    let title = title.strip_suffix(b":").unwrap_or(title);
    Some(match title {
        b"BasicConstraints" => Within::BasicConstraints,
        b"SubjectAlternativeName" => Within::AlternativeNames,
        b"KeyUsage" => Within::KeyUsage,
        b"ExtendedKeyUsages" => Within::ExtendedKeyUsage,
        b"SubjectKeyIdentifier" => Within::SubjectKeyId,
        b"AuthorityKeyIdentifier" => Within::AuthorityKeyId,
        b"AuthorityInfoAccess" => Within::AuthorityInfoAccess,
        // parts of the two key identifiers and of AuthorityInfoAccess, not extensions of their own
        b"" | b"KeyIdentifier" => return None,
        _ => Within::Other,
    })
}

/// Values that take several lines.
#[derive(Default)]
pub(in crate::dialect) struct Lists {
    names: Option<Vec<Arc<str>>>,
    extended_usages: Option<Vec<Arc<str>>>,
    subject_key: String,
    authority_key: String,
    access_method_is_issuers: bool,
}

impl Lists {
    pub(in crate::dialect) fn enter(&mut self, within: Within) {
        match within {
            Within::AlternativeNames => self.names = Some(Vec::new()),
            Within::ExtendedKeyUsage => self.extended_usages = Some(Vec::new()),
            _ => {}
        }
    }

    pub(in crate::dialect) fn store(self, certificate: &mut Certificate) {
        let non_empty = |id: String| (!id.is_empty()).then(|| id.into());
        // RFC 5280 §4.2.1.6 and §4.2.1.12 know no empty list: of one without an item, the lines are lost
        let items = |list: Option<Vec<Arc<str>>>| list.filter(|items| !items.is_empty());
        certificate.subject_alternative_names = items(self.names).map(Into::into);
        certificate.extended_key_usage = items(self.extended_usages).map(Into::into);
        certificate.subject_key_id = non_empty(self.subject_key);
        certificate.authority_key_id = non_empty(self.authority_key);
    }
}

/// A line of an extension's text.
pub(in crate::dialect) fn extension_line(
    certificate: &mut Certificate,
    lists: &mut Lists,
    within: Within,
    text: &[u8],
    texts: &mut Interner<str>,
) {
    if text.is_empty()
        || matches!(text[0], b']' | b'[' | b'{' | b'}')
        || text.starts_with(b"ObjectId: ")
    {
        return;
    }
    match within {
        Within::BasicConstraints => basic_constraint(certificate, text),
        Within::AlternativeNames => {
            if let Some(names) = &mut lists.names {
                names.push(texts.text(&general_name(text)));
            }
        }
        Within::KeyUsage => certificate.key_usage.push(texts.text(text)),
        Within::ExtendedKeyUsage => {
            if let Some(usages) = &mut lists.extended_usages {
                usages.push(texts.text(text));
            }
        }
        Within::SubjectKeyId if is_hex_row(text) => push_hex(&mut lists.subject_key, text),
        Within::AuthorityKeyId if is_hex_row(text) => push_hex(&mut lists.authority_key, text),
        Within::AuthorityInfoAccess => access_line(certificate, lists, text, texts),
        _ => {}
    }
}

/// `CA:true`, `PathLen: no limit`, `PathLen:0`
fn basic_constraint(certificate: &mut Certificate, text: &[u8]) {
    if let Some(value) = text.strip_prefix(b"CA:") {
        certificate.ca = Some(value.trim_ascii() == b"true");
    } else if let Some(value) = text.strip_prefix(b"PathLen:") {
        let number = std::str::from_utf8(value.trim_ascii())
            .ok()
            .and_then(|text| text.parse().ok());
        certificate.path_length = number.filter(|&limit: &u32| limit < 0x7fff_ffff);
    }
}

/// `DNSName: a.example` → `DNS:a.example`, the spelling of openssl.
fn general_name(text: &[u8]) -> Vec<u8> {
    for (jdk, short) in [
        ("DNSName:", "DNS:"),
        ("IPAddress:", "IP:"),
        ("RFC822Name:", "email:"),
        ("URIName:", "URI:"),
    ] {
        if let Some(value) = text.strip_prefix(jdk.as_bytes()) {
            return [short.as_bytes(), value.trim_ascii()].concat();
        }
    }
    text.to_vec()
}

/// `accessMethod: caIssuers`, then `accessLocation: URIName: http://…`
fn access_line(
    certificate: &mut Certificate,
    lists: &mut Lists,
    text: &[u8],
    texts: &mut Interner<str>,
) {
    if let Some(method) = text.strip_prefix(b"accessMethod: ") {
        lists.access_method_is_issuers = method == b"caIssuers" || method == b"1.3.6.1.5.5.7.48.2";
    } else if let Some(address) = text.strip_prefix(b"accessLocation: URIName: ")
        && lists.access_method_is_issuers
        && certificate.ca_issuers.is_none()
    {
        certificate.ca_issuers = Some(texts.text(address));
    }
}

/// A row counts only behind the rows before it: half an identifier would be another's.
fn push_hex(id: &mut String, row: &[u8]) {
    use std::fmt::Write as _;
    let offset = std::str::from_utf8(row.get(..4).unwrap_or_default())
        .ok()
        .and_then(|digits| usize::from_str_radix(digits, 16).ok());
    if offset != Some(id.len() / 2) {
        return;
    }
    if let Ok((_, bytes)) = hex_row(row) {
        for byte in bytes.iter().take(64 - id.len().min(128) / 2) {
            let _ = write!(id, "{byte:02x}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIN: &[u8] = br#""Certificate": {
  "certificate_request_context": "",
  "certificate_list": [  
  {
    "certificate" : {
      "version"            : "v3",
      "serial number"      : "00 A0 0A 52",
      "signature algorithm": "SHA256withRSA",
      "issuer"             : "CN=Lab Issuing CA, O="Lab, Inc.", C=XX",
      "not before"         : "2024-01-01 24:00:00.000 CET",
      "not  after"         : "2044-01-01 01:00:00.000 CET",
      "subject"            : "CN=api.lab.example",
      "subject public key" : "RSA",
      "extensions"         : [
        {
          ObjectId: 1.3.6.1.5.5.7.1.1 Criticality=false
          AuthorityInfoAccess [
            [
             accessMethod: ocsp
             accessLocation: URIName: http://ocsp.lab.example
          , 
             accessMethod: caIssuers
             accessLocation: URIName: http://lab.example/ca.crt
          ]
          ]
        },
        {
          ObjectId: 2.5.29.35 Criticality=false
          AuthorityKeyIdentifier [
          KeyIdentifier [
          0000: C4 3F 97 77 33 EF 46 38   79 3B A5 02 2E 9D 55 D1  .?.w3.F8y;....U.
          0010: BC 88 8B D4                                        ....
          ]
          ]
        },
        {
          ObjectId: 2.5.29.19 Criticality=false
          BasicConstraints:[
            CA:true
            PathLen: 3
          ]
        },
        {
          ObjectId: 2.5.29.37 Criticality=false
          ExtendedKeyUsages [
            serverAuth
          ]
        },
        {
          ObjectId: 2.5.29.15 Criticality=true
          KeyUsage [
            DigitalSignature
            Key_Encipherment
          ]
        },
        {
          ObjectId: 2.5.29.17 Criticality=false
          SubjectAlternativeName [
            DNSName: api.lab.example
            IPAddress: 127.0.0.1
          ]
        }
      ]}
    "extensions": {
      <no extension>
    }
  },
  {
    "certificate" : {
      "serial number"      : "10:01",
      "issuer"             : "CN=Root",
      "subject"            : "CN=Lab Issuing CA",
      "subject public key" : "RSA"}
    "extensions": {
      <no extension>
    }
  },
]
}
"#;

    #[test]
    fn a_chain_is_read_with_every_field() {
        let chain = read_all(CHAIN, &mut Interned::default());
        assert_eq!(chain.len(), 2);
        assert_eq!((chain[0].line_in_entry, chain[1].line_in_entry), (5, 69));
        let leaf = &chain[0].certificate;
        assert_eq!(&*leaf.issuer, "CN=Lab Issuing CA, O=\"Lab, Inc.\", C=XX");
        assert_eq!(&*leaf.serial, "a00a52");
        assert_eq!(
            leaf.not_before.as_ref().unwrap().iso(),
            "2024-01-01T00:00:00.000"
        );
        assert_eq!(
            leaf.authority_key_id.as_deref(),
            Some("c43f977733ef4638793ba5022e9d55d1bc888bd4")
        );
        assert_eq!((leaf.ca, leaf.path_length), (Some(true), Some(3)));
        assert_eq!(
            leaf.ca_issuers.as_deref(),
            Some("http://lab.example/ca.crt")
        );
        assert_eq!(
            leaf.extended_key_usage.as_ref().unwrap().join(" "),
            "serverAuth"
        );
        assert_eq!(
            leaf.key_usage.join(" "),
            "DigitalSignature Key_Encipherment"
        );
        assert_eq!(
            leaf.subject_alternative_names.as_ref().unwrap().join(" "),
            "DNS:api.lab.example IP:127.0.0.1"
        );
        assert_eq!(&*chain[1].certificate.public_key, "RSA");
        assert!(chain[1].certificate.subject_alternative_names.is_none());
    }

    #[test]
    fn an_extension_whose_items_are_lost_restricts_nothing() {
        let lost = |line: &&str| {
            !["serverAuth", "DNSName:", "IPAddress:"]
                .iter()
                .any(|item| line.trim().starts_with(item))
        };
        let text = std::str::from_utf8(CHAIN).unwrap();
        let kept: Vec<&str> = text.lines().filter(lost).collect();
        let chain = read_all(kept.join("\n").as_bytes(), &mut Interned::default());
        let leaf = &chain[0].certificate;
        assert!(leaf.extended_key_usage.is_none() && leaf.subject_alternative_names.is_none());
    }

    #[test]
    fn the_rest_of_a_list_is_told_from_other_text() {
        let lines: Vec<&[u8]> = CHAIN.split_inclusive(|&byte| byte == b'\n').collect();
        for from in 6..60 {
            assert!(goes_on(&lines[from..].concat()), "line {from}");
        }
        for other in [
            "",
            "\n",
            "{\n  \"version\": 1,\n}\n",
            "at a.b.C.d(C.java:1)\n",
            ")\n]\n",
        ] {
            assert!(!goes_on(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn an_empty_list_is_an_empty_list() {
        assert!(
            read_all(
                b"\"Certificates\": <empty list>\n",
                &mut Interned::default()
            )
            .is_empty()
        );
    }
}
