//! Where a value ends, and whether it is one.

use std::ops::Range;

use super::words::is_label;

/// The value that begins at `at`: in quotes, or up to what cannot belong to it any more.
pub(super) fn value_at(line: &[u8], at: usize) -> Range<usize> {
    let at = at + usize::from(line[at..].starts_with(b"[") && line[at..].len() > 1);
    let rest = &line[at..];
    for quote in [
        &b"\\\""[..],
        b"\"",
        b"&quot;",
        b"\\u0027",
        b"\\'",
        b"'",
        b"`",
    ] {
        let Some(inside) = rest.strip_prefix(quote) else {
            continue;
        };
        let start = at + quote.len();
        return start..start + closing(inside, quote);
    }
    at..at + bare(rest)
}

/// Where a value in quotes ends.
pub(super) fn closing(inside: &[u8], quote: &[u8]) -> usize {
    let mut at = 0;
    while at < inside.len() {
        let rest = &inside[at..];
        if rest.starts_with(quote) {
            // it's
            let in_word = quote == b"'" && rest.get(1).is_some_and(u8::is_ascii_alphanumeric);
            if !in_word || memchr::memchr(b'\'', &rest[1..]).is_none() {
                return at;
            }
        }
        at += if quote == b"\"" && rest[0] == b'\\' {
            2
        } else {
            1
        };
    }
    trimmed_end(inside)
}

/// Where a value without quotes ends.
pub(super) fn bare(rest: &[u8]) -> usize {
    let ends = |at: usize| {
        let next = rest.get(at + 1).copied().unwrap_or(b' ');
        let behind = rest.get(at + 1..).unwrap_or_default();
        match rest[at] {
            b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'<' | b'>' | b'|' | b'\x1b' => true,
            b'\'' | b'`' => !next.is_ascii_alphanumeric(),
            b',' | b';' => b" \t\r\n\"'}])".contains(&next) || is_pair(behind),
            b'&' => {
                let entity = [&b"quot;"[..], b"lt;", b"gt;", b"apos;"]
                    .iter()
                    .any(|name| behind.starts_with(name));
                entity || is_pair(behind.strip_prefix(b"amp;").unwrap_or(behind))
            }
            b')' | b']' | b'}' => !(next.is_ascii_alphanumeric() || b"_-+$#!%=@".contains(&next)),
            b'\\' => b"\"'nrt \r\n".contains(&next),
            b'%' => behind.starts_with(b"26") && is_encoded_pair(&behind[2..]),
            _ => false,
        }
    };
    (0..rest.len()).find(|at| ends(*at)).unwrap_or(rest.len())
}

/// `ssl=true`, which belongs to another label.
pub(super) fn is_pair(text: &[u8]) -> bool {
    let length = text.iter().take_while(|byte| is_label(**byte)).count();
    length > 0 && matches!(text.get(length), Some(b'=' | b':'))
}

pub(super) fn is_encoded_pair(text: &[u8]) -> bool {
    let length = text.iter().take_while(|byte| is_label(**byte)).count();
    text[length..].starts_with(b"%3D")
}

/// Nothing to hide: no value, or one that every program has.
pub(super) fn says_nothing(value: &[u8]) -> bool {
    const NOTHING: [&str; 11] = [
        "",
        "…",
        "***",
        "true",
        "false",
        "null",
        "none",
        "nil",
        "yes",
        "no",
        "undefined",
    ];
    let value = value.trim_ascii();
    NOTHING
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
        || value
            .iter()
            .all(|byte| b"{}[]()<>*.,:;\"'\\ \t".contains(byte))
}

/// Letters or digits, more than one: no sign, no bracket.
pub(super) fn is_telling(value: &[u8]) -> bool {
    value
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric() || **byte >= 0x80)
        .count()
        > 1
}

/// Where a line ends, blanks and a carriage return left out.
pub(in crate::redact) fn trimmed_end(line: &[u8]) -> usize {
    line.trim_ascii_end().len()
}

/// How many blanks a text begins with.
pub(super) fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|byte| b" \t".contains(byte)).count()
}

/// Marks taken off a text's end.
pub(super) trait TrimEnd {
    fn trim_ascii_end_of(&self, marks: &[u8]) -> &Self;
}

impl TrimEnd for [u8] {
    fn trim_ascii_end_of(&self, marks: &[u8]) -> &Self {
        let end = self.iter().rposition(|byte| !marks.contains(byte));
        &self[..end.map_or(0, |last| last + 1)]
    }
}
