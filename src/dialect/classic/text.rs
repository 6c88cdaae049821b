//! The small pieces of classic text: lists of numbers, names of algorithms, Java dates, rows of dumps.

use std::sync::Arc;

use crate::time::{LogTime, Zone, days_from_civil};

/// `{ 106, 66, 255 }` → the bytes; at most `limit` of them. Numbers beyond a byte end the list.
pub(super) fn numbers(text: &[u8], limit: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let inside = match memchr::memchr(b'{', text) {
        Some(at) => &text[at + 1..],
        None => text,
    };
    let inside = memchr::memchr(b'}', inside).map_or(inside, |end| &inside[..end]);
    for item in inside.split(|&b| b == b',').take(limit) {
        let Some(byte) = decimal(item.trim_ascii()).and_then(|number| u8::try_from(number).ok())
        else {
            break;
        };
        bytes.push(byte);
    }
    bytes
}

/// The text without the blanks that stand in front of its first line; `None` when there are none.
pub(super) fn without_indent(text: &[u8]) -> Option<Vec<u8>> {
    let indent = text
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    if indent == 0 {
        return None;
    }
    let mut bare = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&b| b == b'\n') {
        let blanks = line.iter().take(indent);
        let blanks = blanks.take_while(|b| matches!(b, b' ' | b'\t')).count();
        bare.extend_from_slice(&line[blanks..]);
    }
    Some(bare)
}

/// An integer, negative ones too.
pub(super) fn decimal(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// `Wed Jan 01 05:30:00 IST 2020`: `java.util.Date.toString`, English in every locale.
pub(super) fn date(text: &[u8]) -> Option<LogTime> {
    let mut words = text.split(|&b| b == b' ').filter(|word| !word.is_empty());
    words.next()?;
    let month = month(words.next()?)?;
    let day = decimal(words.next()?)?;
    let mut clock = words.next()?.split(|&b| b == b':');
    let mut part = || decimal(clock.next()?);
    let (hour, minute, second) = (part()?, part()?, part()?);
    let zone = words.next()?;
    // what is printed behind it may have no line break in front
    let year = words.next()?;
    let digits = year.iter().take_while(|b| b.is_ascii_digit()).count();
    let year = decimal(&year[..digits])?;
    let fits = (1..=31).contains(&day)
        && (0..=24).contains(&hour)
        && (0..=59).contains(&minute)
        && (0..=60).contains(&second)
        && (0..=99_999).contains(&year);
    let seconds = || {
        let days = days_from_civil(year, month, day);
        days * 86_400 + hour * 3_600 + minute * 60 + second
    };
    fits.then(|| LogTime {
        millis: seconds() * 1_000,
        zone: Zone::from(zone),
    })
}

fn month(word: &[u8]) -> Option<i64> {
    const MONTHS: [&[u8]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let position = MONTHS.iter().position(|&month| month == word)?;
    i64::try_from(position + 1).ok()
}

/// `SHA512withRSA` → `rsa_pkcs1_sha512`: the names of RFC 8446 §4.2.3, as later JDKs print them.
/// `Unknown (hash:0x8, signature:0x4)` is a scheme that this JDK did not know.
#[rustfmt::skip]
pub(super) fn signature_scheme(item: &str) -> Arc<str> {
    let name = match item {
        "MD5withRSA"      => "rsa_md5",
        "SHA1withRSA"     => "rsa_pkcs1_sha1",
        "SHA224withRSA"   => "rsa_sha224",
        "SHA256withRSA"   => "rsa_pkcs1_sha256",
        "SHA384withRSA"   => "rsa_pkcs1_sha384",
        "SHA512withRSA"   => "rsa_pkcs1_sha512",
        "SHA1withDSA"     => "dsa_sha1",
        "SHA224withDSA"   => "dsa_sha224",
        "SHA256withDSA"   => "dsa_sha256",
        "SHA1withECDSA"   => "ecdsa_sha1",
        "SHA224withECDSA" => "ecdsa_sha224",
        "SHA256withECDSA" => "ecdsa_secp256r1_sha256",
        "SHA384withECDSA" => "ecdsa_secp384r1_sha384",
        "SHA512withECDSA" => "ecdsa_secp521r1_sha512",
        _ => match unknown_scheme(item) {
            Some((8, 4))  => "rsa_pss_rsae_sha256",
            Some((8, 5))  => "rsa_pss_rsae_sha384",
            Some((8, 6))  => "rsa_pss_rsae_sha512",
            Some((8, 7))  => "ed25519",
            Some((8, 8))  => "ed448",
            Some((8, 9))  => "rsa_pss_pss_sha256",
            Some((8, 10)) => "rsa_pss_pss_sha384",
            Some((8, 11)) => "rsa_pss_pss_sha512",
            _ => item,
        },
    };
    name.into()
}

/// `Unknown (hash:0x8, signature:0x4)` → (8, 4)
fn unknown_scheme(item: &str) -> Option<(u8, u8)> {
    let (hash, signature) = item
        .strip_prefix("Unknown (hash:0x")?
        .strip_suffix(')')?
        .split_once(", signature:0x")?;
    let hex = |digits| u8::from_str_radix(digits, 16).ok();
    Some((hex(hash)?, hex(signature)?))
}

/// `a, Unknown (hash:0x8, signature:0x4), b` → the items; a comma in parentheses is part of one.
pub(super) fn schemes(list: &[u8]) -> impl Iterator<Item = Arc<str>> {
    let (mut start, mut depth) = (0, 0_u32);
    let mut items = Vec::new();
    for (at, &byte) in list.iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                items.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(&list[start..]);
    items
        .into_iter()
        .map(<[u8]>::trim_ascii)
        .filter(|item| !item.is_empty())
        .map(|item| signature_scheme(&String::from_utf8_lossy(item)))
}

/// `05:03:04:03:03` → the bytes; at most `limit` of them.
pub(super) fn hex(text: &[u8], limit: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut high = None;
    for digit in text.iter().filter_map(|&b| char::from(b).to_digit(16)) {
        let Ok(digit) = u8::try_from(digit) else {
            break;
        };
        match high.take() {
            None => high = Some(digit),
            Some(_) if bytes.len() >= limit => break,
            Some(high) => bytes.push(high << 4 | digit),
        }
    }
    bytes
}

/// The name without the row of a hex dump in front of it: a `print` of another thread was torn, or the
/// row has no line break behind it (IBMJSSE2).
pub(super) fn bare_name(name: &[u8]) -> &[u8] {
    let is_row = name.len() > 6 && name[4..].starts_with(b": ") && {
        name[..4].iter().all(u8::is_ascii_hexdigit)
    };
    if !is_row {
        return behind_list(name).unwrap_or_else(|| without_mark(name));
    }
    // an offset, up to sixteen bytes in two halves, as many characters
    let (mut at, mut bytes) = (6, 0);
    while bytes < 16
        && let Some([a, b, b' ']) = name.get(at..at + 3)
        && a.is_ascii_hexdigit()
        && b.is_ascii_hexdigit()
    {
        (at, bytes) = (at + 3, bytes + 1);
        if bytes == 8 {
            at += name[at..]
                .iter()
                .take(2)
                .take_while(|&&b| b == b' ')
                .count();
        }
    }
    let blanks = match bytes {
        16 => 1, // the first character may be a blank, too
        _ => name[at..].iter().take_while(|&&b| b == b' ').count(),
    };
    name.get(at + blanks + bytes..).unwrap_or(name)
}

/// The name without what a page put in front of the line: `**main`, `* main`, `4. main`.
fn without_mark(name: &[u8]) -> &[u8] {
    let digits = name.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let bare = match name.first() {
        Some(b'*') => name
            .strip_prefix(b"**")
            .or_else(|| name.strip_prefix(b"* ")),
        _ if digits > 0 => name[digits..].strip_prefix(b". "),
        _ => None,
    };
    bare.unwrap_or(name).trim_ascii_start()
}

/// The name behind a list of bytes that it tore: `RandomCookie:  GMT: 1 bytes = { 220Thread-15`. These lists are printed
/// number by number.
fn behind_list(name: &[u8]) -> Option<&[u8]> {
    const LISTS: [&[u8]; 8] = [
        b", ",
        b"RandomCookie:",
        b"Session ID:",
        b"Compression Methods:",
        b"DH Modulus:",
        b"DH Base:",
        b"Server DH Public Key:",
        b"verify_data:",
    ];
    let list = LISTS.iter().find_map(|title| name.strip_prefix(*title))?;
    let mut rest = list.trim_ascii_start();
    if let Some(time) = rest.strip_prefix(b"GMT: ") {
        let end = time
            .iter()
            .position(|b| !(b.is_ascii_digit() || *b == b'-'));
        rest = time[end.unwrap_or(time.len())..].trim_ascii_start();
        rest = rest.strip_prefix(b"bytes = ").unwrap_or(rest);
    }
    rest = rest.strip_prefix(b"{").unwrap_or(rest).trim_ascii_start();
    loop {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        match rest[digits..].strip_prefix(b", ") {
            Some(next) if digits <= 3 => rest = next,
            _ => break,
        }
    }
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = &rest[digits.min(3)..];
    Some(rest.strip_prefix(b"}").unwrap_or(rest).trim_ascii_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_printed_as_numbers() {
        assert_eq!(numbers(b"Session ID:  {107, 0, 255}", 32), [107, 0, 255]);
        assert_eq!(numbers(b"{}", 32), [0_u8; 0]);
        assert_eq!(numbers(b"{ 1, 2, 300, 4 }", 32), [1, 2]);
        assert_eq!(numbers(b"{ ... }", 32), [0_u8; 0]);
    }

    #[test]
    fn java_dates() {
        let at = date(b"Wed Jan 01 05:30:00 IST 2020").unwrap();
        assert_eq!(
            (at.iso().as_str(), &*at.zone),
            ("2020-01-01T05:30:00.000", "IST")
        );
        assert_eq!(date(b"Wed Foo 01 05:30:00 IST 2020"), None);
        assert_eq!(date(b"Wed Jan 01 05:30:00"), None);
    }

    #[test]
    fn schemes_get_their_later_names() {
        let names: Vec<_> =
            schemes(b"SHA512withECDSA, Unknown (hash:0x8, signature:0x4), SHA1withFoo").collect();
        assert_eq!(
            names.join(" "),
            "ecdsa_secp521r1_sha512 rsa_pss_rsae_sha256 SHA1withFoo"
        );
    }
}
