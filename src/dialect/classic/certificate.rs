//! Certificates: `X509CertImpl.toString()` of the JDK, and the short form of trust anchors.
//!
//! ```text
//! chain [0] = [
//! [
//!   Version: V3
//!   Subject: CN=lab.example, O=Lab, C=XX
//!   Key:  Sun RSA public key, 2048 bits
//!   Validity: [From: Wed Jan 01 05:30:00 IST 2020,
//!                To: Fri Jan 01 05:30:00 IST 2021]
//!   SerialNumber: [    100f]
//!
//! [1]: ObjectId: 2.5.29.19 Criticality=true
//! BasicConstraints:[
//! ```
//!
//! The text of the extensions is that of the unified dialect. The bytes of key and signature are skipped.

use std::sync::Arc;

use super::{Interned, text::date};
use crate::{
    dialect::unified::certificate::{Lists, Within, extension_line, extension_title, serial},
    entry::lines,
    event::{Certificate, PresentedCertificate},
    intern::Interner,
    search,
};

/// Certificates of one list; a hostile log does not make it longer.
const MAX_CERTIFICATES: usize = 20_000;

/// The certificates of `chain [0] = [` … in order. The same text gives the same shared list.
///
/// A piece of a torn message may begin inside a certificate: with `headless`, that comes first. Where the list does not
/// begin with `chain [0]`, its leaf is not in the log: an empty certificate stands in its place.
pub(super) fn chain(
    body: &[u8],
    headless: bool,
    interned: &mut Interned,
) -> Arc<[PresentedCertificate]> {
    let Interned {
        lists,
        certificates,
        texts,
        ..
    } = interned;
    lists.intern(body, |body| {
        let mut starts: Vec<(u32, usize)> = Vec::new();
        for (number, line) in lines(body) {
            if headless && starts.is_empty() && is_of_certificate(line) && !is_chain_line(line) {
                starts.push((number, 0));
            }
            if is_chain_line(line) && starts.len() < MAX_CERTIFICATES {
                starts.push((number, offset_in(body, line)));
            }
        }
        let first = starts.first().copied();
        let leafless = first.filter(|&(_, at)| !headless && !body[at..].starts_with(b"chain [0]"));
        let ends = starts.iter().skip(1).map(|&(_, at)| at);
        let ends: Vec<usize> = ends.chain([body.len()]).collect();
        let missing = leafless.map(|(number, _)| PresentedCertificate {
            certificate: Arc::default(),
            line_in_entry: number,
            torn: true,
        });
        let read = starts
            .iter()
            .zip(ends)
            .map(|(&(number, start), end)| PresentedCertificate {
                certificate: certificates
                    .intern(&body[start..end], |text| Arc::new(read(text, texts))),
                line_in_entry: number,
                torn: false,
            });
        missing.into_iter().chain(read).collect()
    })
}

/// The one certificate of `Found trusted certificate:`.
pub(super) fn single(body: &[u8], interned: &mut Interned) -> Arc<Certificate> {
    let Interned {
        certificates,
        texts,
        ..
    } = interned;
    certificates.intern(body, |text| Arc::new(read(text, texts)))
}

fn offset_in(body: &[u8], line: &[u8]) -> usize {
    line.as_ptr() as usize - body.as_ptr() as usize
}

/// `chain [0] = [`
fn is_chain_line(line: &[u8]) -> bool {
    line.strip_prefix(b"chain [")
        .and_then(|rest| {
            rest.iter()
                .position(|b| !b.is_ascii_digit())
                .map(|at| &rest[at..])
        })
        .is_some_and(|rest| rest.starts_with(b"] = ["))
}

/// A line that stands in certificates and nowhere else.
pub(super) fn is_of_certificate(line: &[u8]) -> bool {
    [
        &b"  Version: V"[..],
        b"  Key:  ",
        b"  Validity: [From: ",
        b"  SerialNumber: [",
        b"Certificate Extensions: ",
    ]
    .iter()
    .any(|words| line.starts_with(words))
        || extension_object(line)
        || is_chain_line(line)
}

/// One certificate.
fn read(text: &[u8], texts: &mut Interner<str>) -> Certificate {
    let mut certificate = Certificate::default();
    let mut lists = Lists::default();
    let mut within = Within::Other;
    let mut in_extensions = false;
    for (number, line) in lines(text) {
        let line = line.trim_ascii();
        if extension_object(line) {
            (within, in_extensions) = (Within::Other, true);
        } else if line.starts_with(b"Algorithm: [") {
            break; // the signature follows
        } else if !in_extensions {
            field(&mut certificate, line, number, texts);
        } else if let Some(next) = extension_title(line) {
            within = next;
            lists.enter(next);
        } else {
            extension_line(&mut certificate, &mut lists, within, line, texts);
        }
    }
    lists.store(&mut certificate);
    certificate
}

/// `[1]: ObjectId: 2.5.29.35 Criticality=false`
fn extension_object(line: &[u8]) -> bool {
    line.first() == Some(&b'[') && search::find(line, b"]: ObjectId: ").is_some()
}

/// `Subject: CN=…` and the like.
fn field(certificate: &mut Certificate, line: &[u8], number: u32, texts: &mut Interner<str>) {
    let after = |words: &[u8]| line.strip_prefix(words).map(<[u8]>::trim_ascii);
    if let Some(name) = after(b"Subject:") {
        certificate.subject = texts.text(name);
    } else if let Some(name) = after(b"Issuer:") {
        certificate.issuer = texts.text(name);
        certificate.issuer_line = number.saturating_sub(1);
    } else if let Some(algorithm) = after(b"Signature Algorithm:") {
        let end = memchr::memchr(b',', algorithm).unwrap_or(algorithm.len());
        certificate.signature_algorithm = texts.text(&algorithm[..end]);
    } else if let Some(key) = after(b"Key:") {
        certificate.public_key = texts.text(key_in_words(key).as_bytes());
    } else if let Some(from) = after(b"Validity: [From:") {
        certificate.not_before = date(from.strip_suffix(b",").unwrap_or(from));
    } else if let Some(to) = after(b"To:") {
        certificate.not_after = date(to.strip_suffix(b"]").unwrap_or(to));
    } else if let Some(number) = after(b"SerialNumber:") {
        certificate.serial = serial(number).into();
    }
}

/// `Sun RSA public key, 2048 bits` → `RSA 2048`; `algorithm = RSA, unparsed keybits =` → `RSA`
fn key_in_words(key: &[u8]) -> String {
    let key = String::from_utf8_lossy(key);
    let algorithm = [
        "RSASSA-PSS",
        "RSA",
        "ECDSA",
        "EC",
        "DSA",
        "DH",
        "EdDSA",
        "Ed25519",
        "Ed448",
    ]
    .into_iter()
    .find(|name| {
        key.split(|c: char| !(c.is_alphanumeric() || c == '-'))
            .any(|word| word == *name)
    });
    let bits = key
        .split_once(" bits")
        .and_then(|(before, _)| before.rsplit(|c: char| !c.is_ascii_digit()).next())
        .filter(|digits| !digits.is_empty());
    match (algorithm, bits) {
        (Some(algorithm), Some(bits)) => format!("{algorithm} {bits}"),
        (Some(algorithm), None) => algorithm.to_owned(),
        (None, _) => key.trim().chars().take(64).collect(),
    }
}

/// A listing of trust anchors:
///
/// ```text
/// adding as trusted cert:
///   Subject: CN=Certainly Root E1, O=Certainly, C=US
///   Issuer:  CN=Certainly Root E1, O=Certainly, C=US
///   Algorithm: EC; Serial number: 0x62533b1470333275cf98d9ab9bfccf8
///   Valid from Wed Mar 31 20:00:00 EDT 2021 until Sat Mar 31 20:00:00 EDT 2046
/// ```
pub(super) fn anchors(text: &[u8], interned: &mut Interned) -> Arc<[PresentedCertificate]> {
    let Interned { lists, texts, .. } = interned;
    lists.intern(text, |text| {
        let mut anchors: Vec<(u32, Certificate)> = Vec::new();
        for (number, line) in lines(text) {
            // the next one can stand behind the end of the last where two threads print
            if line.ends_with(b"adding as trusted cert:") && anchors.len() < MAX_CERTIFICATES {
                anchors.push((number - 1, Certificate::default()));
            }
            if let Some((begun, anchor)) = anchors.last_mut() {
                anchor_line(anchor, line, number - 1 - *begun, texts);
            }
        }
        anchors
            .into_iter()
            .filter(|(_, anchor)| !anchor.subject.is_empty())
            .map(|(line_in_entry, anchor)| PresentedCertificate {
                certificate: Arc::new(anchor),
                line_in_entry,
                torn: false,
            })
            .collect()
    })
}

fn anchor_line(anchor: &mut Certificate, line: &[u8], number: u32, texts: &mut Interner<str>) {
    let line = line.trim_ascii();
    if let Some(name) = line.strip_prefix(b"Subject:") {
        anchor.subject = texts.text(name.trim_ascii());
    } else if let Some(name) = line.strip_prefix(b"Issuer:") {
        anchor.issuer = texts.text(name.trim_ascii());
        anchor.issuer_line = number;
    } else if let Some(rest) = line.strip_prefix(b"Algorithm: ") {
        if let Some(at) = search::find(rest, b"; Serial number: 0x") {
            anchor.public_key = texts.text(&rest[..at]);
            anchor.serial = serial(&rest[at + 19..]).into();
        }
    } else if let Some(rest) = line.strip_prefix(b"Valid from ")
        && let Some(at) = search::find(rest, b" until ")
    {
        anchor.not_before = date(&rest[..at]);
        anchor.not_after = date(&rest[at + 7..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAF: &str = "chain [0] = [\n[\n  Version: V3\n  Subject: CN=lab.example, O=\"Lab, Inc.\", C=XX\n  Signature Algorithm: SHA256withRSA, OID = 1.2.840.113549.1.1.11\n\n  Key:  Sun RSA public key, 2048 bits\n  params: null\n  modulus: 23627\n  public exponent: 65537\n  Validity: [From: Wed Jan 01 05:30:00 IST 2020,\n               To: Fri Jan 01 05:30:00 IST 2021]\n  Issuer: CN=Lab Issuing CA 1, O=Lab Trust, C=DE\n  SerialNumber: [    100f]\n\nCertificate Extensions: 3\n[1]: ObjectId: 2.5.29.35 Criticality=false\nAuthorityKeyIdentifier [\nKeyIdentifier [\n0000: C4 3F 97 77 33 EF 46 38   79 3B A5 02 2E 9D 55 D1  .?.w3.F8y;....U.\n0010: BC 88 8B D4                                        ....\n]\n]\n\n[2]: ObjectId: 2.5.29.19 Criticality=true\nBasicConstraints:[\n  CA:true\n  PathLen:2147483647\n]\n\n[3]: ObjectId: 2.5.29.17 Criticality=false\nSubjectAlternativeName [\n  DNSName: lab.example\n  IPAddress: 127.0.0.1\n]\n\n]\n  Algorithm: [SHA256withRSA]\n  Signature:\n0000: 40 F2\n\n]\n";

    #[test]
    fn a_chain_is_read_with_every_field() {
        let two = LEAF.to_owned()
            + &LEAF
                .replace("chain [0]", "chain [1]")
                .replace("CN=lab.example", "CN=other");
        let chain = chain(two.as_bytes(), false, &mut Interned::default());
        assert_eq!(chain.len(), 2);
        assert_eq!((chain[0].line_in_entry, chain[1].line_in_entry), (1, 43));
        let leaf = &chain[0].certificate;
        assert_eq!(&*leaf.subject, "CN=lab.example, O=\"Lab, Inc.\", C=XX");
        assert_eq!(&*leaf.issuer, "CN=Lab Issuing CA 1, O=Lab Trust, C=DE");
        assert_eq!(
            (&*leaf.serial, &*leaf.public_key, leaf.issuer_line),
            ("100f", "RSA 2048", 12)
        );
        assert_eq!(&*leaf.signature_algorithm, "SHA256withRSA");
        assert_eq!(
            leaf.not_after.as_ref().unwrap().iso(),
            "2021-01-01T05:30:00.000"
        );
        assert_eq!(
            leaf.authority_key_id.as_deref(),
            Some("c43f977733ef4638793ba5022e9d55d1bc888bd4")
        );
        assert_eq!((leaf.ca, leaf.path_length), (Some(true), None));
        assert_eq!(
            leaf.subject_alternative_names.as_ref().unwrap().join(" "),
            "DNS:lab.example IP:127.0.0.1"
        );
    }

    #[test]
    fn anchors_are_listed_in_short() {
        let text = b"adding as trusted cert:\n  Subject: CN=a\n  Issuer:  CN=b\n  Algorithm: EC; Serial number: 0x3e8\n  Valid from Wed Mar 31 20:00:00 EDT 2021 until Sat Mar 31 20:00:00 EDT 2046\n\nadding as trusted cert:\n  Subject: CN=c\n";
        let list = anchors(text, &mut Interned::default());
        let first = &list[0].certificate;
        assert_eq!(
            (
                &*first.subject,
                &*first.issuer,
                &*first.serial,
                &*first.public_key
            ),
            ("CN=a", "CN=b", "3e8", "EC")
        );
        assert_eq!(first.not_after.as_ref().unwrap().date(), "2046-03-31");
        assert_eq!(
            (&*list[1].certificate.subject, list[1].line_in_entry),
            ("CN=c", 6)
        );
    }

    #[test]
    fn keys_in_every_spelling() {
        assert_eq!(key_in_words(b"Sun EC public key, 256 bits"), "EC 256");
        assert_eq!(key_in_words(b"Sun DSA Public Key"), "DSA");
        assert_eq!(
            key_in_words(b"algorithm = RSASSA-PSS, unparsed keybits ="),
            "RSASSA-PSS"
        );
    }
}
