//! JA3 and JA4: fingerprints of a client's TLS stack, made of its ClientHello.
//!
//! JA3 (Salesforce, 2017) is the MD5 of five lists in the order sent; JA4 (`FoxIO`, BSD licence) sorts, so that it
//! survives clients that shuffle their extensions. Both leave out GREASE (RFC 8701). Where a field that goes into a
//! fingerprint is not known, there is none: a wrong one is worse.

use std::fmt::{Display, Write as _};

use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::{
    certificate::hex_of,
    hello::{Hello, Transport},
};

/// A JA3 fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ja3 {
    /// `771,4866-4867,0-23,29-23,0`
    pub full: String,
    /// MD5 of it, in lower-case hex: what lists of fingerprints hold.
    pub hash: Box<str>,
}

/// `0A0A`, `1A1A` … `FAFA` (RFC 8701).
fn is_grease(number: u16) -> bool {
    let [high, low] = number.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

fn without_grease(numbers: &[u16]) -> Vec<u16> {
    numbers
        .iter()
        .copied()
        .filter(|&number| !is_grease(number))
        .collect()
}

/// The JA3 fingerprint; `None` where a field or the order of the extensions is not known.
pub fn ja3(hello: &Hello) -> Option<Ja3> {
    if !hello.in_order || hello.transport == Transport::Dtls {
        return None;
    }
    let full = format!(
        "{},{},{},{},{}",
        hello.legacy_version?,
        dashed(&without_grease(hello.suites.as_deref()?)),
        dashed(&without_grease(hello.extensions.as_deref()?)),
        dashed(&without_grease(hello.groups.as_deref()?)),
        dashed(hello.point_formats.as_deref()?),
    );
    let hash = hex_of(&Md5::digest(full.as_bytes()));
    Some(Ja3 { full, hash })
}

fn dashed<T: Display>(numbers: &[T]) -> String {
    let mut text = String::with_capacity(numbers.len() * 6);
    for number in numbers {
        let dash = if text.is_empty() { "" } else { "-" };
        let _ = write!(text, "{dash}{number}");
    }
    text
}

/// The JA4 fingerprint; `None` where a field is not known.
pub fn ja4(hello: &Hello) -> Option<String> {
    const SERVER_NAME: u16 = 0;
    const ALPN: u16 = 16;
    let transport = match hello.transport {
        Transport::Tls => 't',
        Transport::Dtls => 'd',
    };
    let mut suites = without_grease(hello.suites.as_deref()?);
    let mut extensions = without_grease(hello.extensions.as_deref()?);
    let server_name = if extensions.contains(&SERVER_NAME) {
        'd'
    } else {
        'i'
    };
    let head = format!(
        "{transport}{}{server_name}{:02}{:02}{}",
        version(hello)?,
        suites.len().min(99),
        extensions.len().min(99),
        first_protocol(hello.application_protocol.as_deref()?),
    );
    suites.sort_unstable();
    extensions.retain(|&number| number != SERVER_NAME && number != ALPN);
    extensions.sort_unstable();
    let mut listed = hexes(&extensions);
    let schemes = without_grease(hello.schemes.as_deref()?);
    if !schemes.is_empty() {
        let _ = write!(listed, "_{}", hexes(&schemes));
    }
    let listed = if extensions.is_empty() { "" } else { &listed };
    Some(format!(
        "{head}_{}_{}",
        short(&hexes(&suites)),
        short(listed)
    ))
}

/// The highest version offered, in two characters.
fn version(hello: &Hello) -> Option<&'static str> {
    let versions = without_grease(hello.versions.as_deref()?);
    let highest = match hello.transport {
        Transport::Tls => versions.into_iter().max(),
        // DTLS counts down
        Transport::Dtls => versions.into_iter().min(),
    };
    match highest.or(hello.legacy_version)? {
        0x0304 => Some("13"),
        0x0303 => Some("12"),
        0x0302 => Some("11"),
        0x0301 => Some("10"),
        0x0300 => Some("s3"),
        0x0002 => Some("s2"),
        0xfeff => Some("d1"),
        0xfefd => Some("d2"),
        0xfefc => Some("d3"),
        _ => Some("00"),
    }
}

/// First and last character of the first application protocol; of its bytes in hex where they are no letters.
fn first_protocol(name: &[u8]) -> String {
    let (Some(&first), Some(&last)) = (name.first(), name.last()) else {
        return "00".to_owned();
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [first, last].map(char::from).iter().collect();
    }
    format!("{:x}{:x}", first >> 4, last & 0x0f)
}

fn hexes(numbers: &[u16]) -> String {
    let mut text = String::with_capacity(numbers.len() * 5);
    for number in numbers {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{number:04x}");
    }
    text
}

/// Twelve hex digits of SHA-256; zeros for an empty list.
fn short(list: &str) -> String {
    const DIGITS: usize = 12;
    if list.is_empty() {
        return "0".repeat(DIGITS);
    }
    hex_of(&Sha256::digest(list.as_bytes()))[..DIGITS].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(version: u16, suites: &[u16], extensions: &[u16]) -> Hello {
        Hello {
            transport: Transport::Tls,
            legacy_version: Some(version),
            suites: Some(suites.to_vec()),
            extensions: Some(extensions.to_vec()),
            in_order: true,
            groups: Some(Vec::new()),
            point_formats: Some(Vec::new()),
            schemes: Some(Vec::new()),
            application_protocol: Some(Vec::new()),
            versions: Some(Vec::new()),
        }
    }

    /// The two examples of the JA3 reference (github.com/salesforce/ja3).
    #[test]
    fn ja3_of_the_reference() {
        let suites = [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4];
        let mut one = hello(769, &suites, &[0, 10, 11]);
        one.groups = Some(vec![23, 24, 25]);
        one.point_formats = Some(vec![0]);
        let made = ja3(&one).unwrap();
        assert_eq!(
            made.full,
            "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0"
        );
        assert_eq!(&*made.hash, "ada70206e40642a3e4461f35503241d5");
        let bare = hello(769, &[4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99], &[]);
        let made = ja3(&bare).unwrap();
        assert_eq!(made.full, "769,4-5-10-9-100-98-3-6-19-18-99,,,");
        assert_eq!(&*made.hash, "de350869b8c85de67a350c8d186f11e6");
        // GREASE is no part of it
        one.suites.as_mut().unwrap().insert(0, 0x1a1a);
        one.groups.as_mut().unwrap().insert(0, 0xfafa);
        assert_eq!(
            &*ja3(&one).unwrap().hash,
            "ada70206e40642a3e4461f35503241d5"
        );
    }

    /// What Chrome offers: the example of the JA4 specification (github.com/FoxIO-LLC/ja4, `technical_details/JA4.md`).
    fn chrome() -> Hello {
        let suites = [
            0x8a8a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
            0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
        ];
        let extensions = [
            0x1a1a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023,
            0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015,
        ];
        Hello {
            schemes: Some(vec![
                0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601,
            ]),
            application_protocol: Some(b"h2".to_vec()),
            versions: Some(vec![0x2a2a, 0x0304, 0x0303]),
            ..hello(0x0303, &suites, &extensions)
        }
    }

    #[test]
    fn ja4_of_the_specification() {
        assert_eq!(
            ja4(&chrome()).unwrap(),
            "t13d1516h2_8daaf6152771_e5627efa2ab1"
        );
    }

    /// Opera 129, and a client without GREASE: published with their lists.
    #[test]
    fn ja4_of_other_clients() {
        let mut opera = chrome();
        opera.extensions = Some(vec![
            0xfe0d, 0x0033, 0xff01, 0x0017, 0x001b, 0x000a, 0x0000, 0x0010, 0x0005, 0x002b, 0x002d,
            0x0012, 0x000b, 0x44cd, 0x000d, 0x0023,
        ]);
        assert_eq!(ja4(&opera).unwrap(), "t13d1516h2_8daaf6152771_d8a2da3f94cd");
        let other = Hello {
            schemes: Some(vec![
                0x0503, 0x0403, 0x0807, 0x0806, 0x0805, 0x0804, 0x0601, 0x0501, 0x0401,
            ]),
            application_protocol: Some(b"h2".to_vec()),
            versions: Some(vec![0x0304, 0x0303]),
            ..hello(
                0x0303,
                &[
                    0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0xc02b, 0xc02f, 0xcca9, 0xcca8, 0x00ff,
                ],
                &[
                    0x0000, 0x000b, 0x000a, 0x0023, 0x0010, 0x0005, 0x0017, 0x000d, 0x002b, 0x002d,
                    0x0033,
                ],
            )
        };
        assert_eq!(ja4(&other).unwrap(), "t13d1011h2_61a7ad8aa9b6_3fcd1a44f3e3");
    }

    #[test]
    fn versions_names_and_protocols_in_two_characters() {
        let head = |hello: &Hello| ja4(hello).unwrap()[..10].to_owned();
        let mut old = hello(0x0301, &[47], &[]);
        assert_eq!(head(&old), "t10i010000");
        assert!(ja4(&old).unwrap().ends_with("_000000000000"));
        old.transport = Transport::Dtls;
        old.legacy_version = Some(0xfefd);
        assert_eq!(head(&old), "dd2i010000");
        assert_eq!(ja3(&old), None);
        for (protocol, expected) in [
            (&b"http/1.1"[..], "h1"),
            (b"h2", "h2"),
            (b"h", "hh"),
            (&[0xab], "ab"),
            (&[0x20, 0x61, 0x21], "21"),
        ] {
            assert_eq!(first_protocol(protocol), expected, "{protocol:?}");
        }
    }

    #[test]
    fn where_a_field_is_not_known_there_is_no_fingerprint() {
        let known = chrome();
        assert!(ja3(&known).is_some());
        let shuffled = Hello {
            in_order: false,
            ..known.clone()
        };
        assert_eq!((ja3(&shuffled), ja4(&shuffled)), (None, ja4(&known)));
        let without_formats = Hello {
            point_formats: None,
            ..known.clone()
        };
        assert_eq!(ja3(&without_formats), None);
        let without_suites = Hello {
            suites: None,
            ..known
        };
        assert_eq!((ja3(&without_suites), ja4(&without_suites)), (None, None));
    }
}
