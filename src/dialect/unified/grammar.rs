//! The small pieces that bodies are made of, one parser each.
//!
//! The text looks like JSON and is not: nothing is escaped, commas are missing or trailing, braces
//! are glued. So a body is read line by line, and these parsers see one line without its
//! indentation.

use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::{tag, take_till, take_till1, take_until, take_while1},
    character::complete::{char, space0},
    combinator::{map_opt, rest},
    sequence::delimited,
};

/// `"server version"      : "TLSv1.2",` → (`server version`, `"TLSv1.2"`)
pub(super) fn key_value(line: &[u8]) -> IResult<&[u8], (&[u8], &[u8])> {
    let (i, key) = delimited(char('"'), take_till(|b| b == b'"'), char('"')).parse(line)?;
    let (i, _) = (space0, char(':'), space0).parse(i)?;
    let (i, value) = rest(i)?;
    let value = value.trim_ascii_end();
    Ok((i, (key, value.strip_suffix(b",").unwrap_or(value))))
}

/// `"unknown extension (17,513)": {` → (`unknown extension`, 17513)
pub(super) fn extension_head(line: &[u8]) -> IResult<&[u8], (&[u8], u16)> {
    let (i, _) = char('"')(line)?;
    let end = crate::search::find(i, b" (").unwrap_or(0);
    let (name, i) = i.split_at(end);
    let (i, number) = delimited(tag(" ("), grouped_number, char(')')).parse(i)?;
    let (i, _) = (char('"'), space0, char(':'), space0, char('{')).parse(i)?;
    Ok((i, (name, number)))
}

/// `65,281` → 65281
fn grouped_number(input: &[u8]) -> IResult<&[u8], u16> {
    map_opt(
        take_while1(|b: u8| b.is_ascii_digit() || b == b','),
        |digits: &[u8]| {
            let mut number = 0_u16;
            for digit in digits.iter().filter(|b| b.is_ascii_digit()) {
                number = number
                    .checked_mul(10)?
                    .checked_add(u16::from(digit - b'0'))?;
            }
            Some(number)
        },
    )
    .parse(input)
}

/// `"…"` or a bare word → the text without quotes. Quotes inside stay: it reads to the last one.
pub(super) fn unquoted(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    value.strip_suffix(b"\"").unwrap_or(value)
}

/// `[a, b]` or `"[a, b]"` → the text between the brackets; the closing one may be missing.
pub(super) fn bracketed(value: &[u8]) -> Option<&[u8]> {
    let value = unquoted(value).strip_prefix(b"[")?;
    Some(value.strip_suffix(b"]").unwrap_or(value))
}

/// `x25519, secp256r1` → each item.
pub(super) fn items(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    memchr_split(list)
        .map(<[u8]>::trim_ascii)
        .filter(|item| !item.is_empty())
}

/// Splits at `, `; a comma without a blank is part of a name.
fn memchr_split(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let text = rest?;
        if let Some(at) = crate::search::find(text, b", ") {
            rest = Some(&text[at + 2..]);
            return Some(&text[..at]);
        }
        rest = None;
        Some(text)
    })
}

/// `TLS_AES_128_GCM_SHA256(0x1301)` → the name. `UNKNOWN-CIPHER-SUITE(0x0A0A)(0x0A0A)` keeps one number.
pub(super) fn suite_name(item: &[u8]) -> &[u8] {
    let item = item.trim_ascii();
    match item.iter().rposition(|&b| b == b'(') {
        Some(at) if item.ends_with(b")") && item[at..].starts_with(b"(0x") => &item[..at],
        _ => item,
    }
}

/// The value of each hexadecimal digit; 16 for every other byte.
const HEX: [u8; 256] = {
    let mut table = [16; 256];
    let mut value = 0_u8;
    while value < 16 {
        table[b"0123456789abcdef"[value as usize] as usize] = value;
        table[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    table
};

/// `AABBCC` of just `N` bytes.
pub(super) fn joined_hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let (pairs, []) = text.as_chunks::<2>() else {
        return None;
    };
    if pairs.len() != N {
        return None;
    }
    let mut any = 0;
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (HEX[usize::from(pair[0])], HEX[usize::from(pair[1])]);
        any |= high | low;
        *byte = high << 4 | low & 15;
    }
    (any < 16).then_some(bytes)
}

/// `AA BB CC` (8u, 11), `AABBCC` (17+), `aa:bb` → bytes; at most `N` of them.
pub(super) fn hex_bytes(text: &[u8], limit: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(limit.min(text.len() / 2));
    let mut high = None;
    for digit in text
        .iter()
        .map(|&b| HEX[usize::from(b)])
        .filter(|&digit| digit < 16)
    {
        match high.take() {
            None => high = Some(digit),
            Some(high) if bytes.len() < limit => bytes.push(high << 4 | digit),
            Some(_) => break,
        }
    }
    bytes
}

/// A row of a hex dump: `0010: 31 B2 …   …  ascii`. Recognised by its first columns.
pub(super) fn is_hex_row(line: &[u8]) -> bool {
    line.len() > 6
        && line[4] == b':'
        && line[5] == b' '
        && line[..4].iter().all(u8::is_ascii_hexdigit)
}

/// The bytes of one row of a hex dump: 16 at most, in two halves.
pub(super) fn hex_row(line: &[u8]) -> IResult<&[u8], Vec<u8>> {
    let (i, _) = (take_while1(|b: u8| b.is_ascii_hexdigit()), tag(": ")).parse(line)?;
    let columns = &i[..i.len().min(49)]; // 16 × 3 and the gap between the halves
    // two blanks after the bytes begin the ASCII column of a short row
    let end = alt((take_until("     "), rest::<_, nom::error::Error<&[u8]>>))
        .parse(columns)
        .map_or(columns, |(_, bytes)| bytes);
    Ok((&[], hex_bytes(end, 16)))
}

/// `type=host_name (0), value=www.lab.example` → the name.
pub(super) fn host_name(line: &[u8]) -> IResult<&[u8], &[u8]> {
    let (i, _) = tag("type=host_name (0), value=")(line)?;
    // a name has no blanks: those at the end of a line are of whoever copied it
    take_till1(|b: u8| matches!(b, b',' | b'\r' | b' ' | b'\t'))(i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values() {
        assert_eq!(
            key_value(b"\"not  after\"         : \"2036-11-18 24:03:38.000 UTC\",")
                .unwrap()
                .1,
            (&b"not  after"[..], &b"\"2036-11-18 24:03:38.000 UTC\""[..])
        );
        assert_eq!(unquoted(b"\"CN=a, O=\"b, c\"\""), b"CN=a, O=\"b, c\"");
        assert!(key_value(b"0000: 01 02").is_err());
    }

    #[test]
    fn extension_numbers_come_with_a_thousands_separator() {
        assert_eq!(
            extension_head(b"\"renegotiation_info (65,281)\": {")
                .unwrap()
                .1,
            (&b"renegotiation_info"[..], 65281)
        );
        assert!(extension_head(b"\"certificate_list\": [").is_err());
        assert!(extension_head(b"\"x (99,999)\": {").is_err());
    }

    #[test]
    fn lists_and_suites() {
        let list = bracketed(
            b"\"[TLS_AES_128_GCM_SHA256(0x1301), UNKNOWN-CIPHER-SUITE(0x0A0A)(0x0A0A)]\"",
        )
        .unwrap();
        let names: Vec<_> = items(list).map(suite_name).collect();
        assert_eq!(
            names,
            [
                &b"TLS_AES_128_GCM_SHA256"[..],
                b"UNKNOWN-CIPHER-SUITE(0x0A0A)"
            ]
        );
        assert_eq!(items(b"").count(), 0);
    }

    #[test]
    fn hex_in_every_spelling() {
        assert_eq!(hex_bytes(b"AA BB cc", 32), [0xaa, 0xbb, 0xcc]);
        assert_eq!(hex_bytes(b"00:a0:0a", 2), [0, 0xa0]);
        assert_eq!(joined_hex(b"00A0ff"), Some([0, 0xa0, 0xff]));
        assert_eq!(joined_hex::<3>(b"00A0fg"), None);
        assert_eq!(joined_hex::<3>(b"00A0f"), None);
        assert_eq!(joined_hex::<3>(b"00A0"), None);
        assert_eq!(
            hex_row(b"0010: BC 88 8B D4                                        ....")
                .unwrap()
                .1,
            [0xbc, 0x88, 0x8b, 0xd4]
        );
        assert_eq!(
            hex_row(b"0000: C4 3F 97 77 33 EF 46 38   79 3B A5 02 2E 9D 55 D1  .?.w3.F8y;....U.")
                .unwrap()
                .1
                .len(),
            16
        );
        assert_eq!(hex_row(b"0040: 31 ").unwrap().1, [0x31]);
    }
}
