//! Where the next record begins.

use std::sync::LazyLock;

use memchr::{memchr, memchr2, memmem, memrchr};

use crate::search;

/// Both the logger's name and the package of the source end so: one pass finds either.
static SSL: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(".ssl"));

const LOGGER: &[u8] = b"javax.net.ssl";
const SOURCE: &[u8] = b" sun.security.ssl.";
/// No layout puts more in front of the logger's name.
const MAX_PREFIX: usize = 512;
/// Layouts pad the logger's name; endless lines are not looked through for each name on them.
const MAX_GAP: usize = 256;
/// Between `<record>` and `<logger>`.
const MAX_XML_HEAD: usize = 400;

/// Levels of `java.util.logging`, `System.Logger`, Log4j and SLF4J.
pub(super) const LEVELS: [&[u8]; 12] = [
    b"ALL", b"TRACE", b"DEBUG", b"INFO", b"WARN", b"WARNING", b"ERROR", b"SEVERE", b"CONFIG",
    b"FINE", b"FINER", b"FINEST",
];

/// See [`super::next_start`].
pub(super) fn next_start(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let hit = at + SSL.find(text.get(at..)?)?;
        at = hit + ".ssl".len();
        if let Some(start) = start_at(text, at).filter(|&start| start >= from) {
            return Some(start);
        }
    }
}

/// The beginning of the record whose logger's or source's name has the `.ssl` that ends at `end`.
fn start_at(text: &[u8], end: usize) -> Option<usize> {
    let before = &text[..end];
    if before.ends_with(LOGGER) {
        let name_at = end - LOGGER.len();
        if text[end..].starts_with(b"</logger>") {
            return xml_record(&text[..name_at]);
        }
        let start = line_start(text, name_at)?;
        return logger_column(&text[start..], name_at - start).map(|_| start);
    }
    let source_at = (end + 1).checked_sub(SOURCE.len())?;
    if text.get(source_at..=end)? != SOURCE {
        return None;
    }
    let start = line_start(text, source_at)?;
    is_two_line_head(&text[start..], source_at - start).then_some(start)
}

fn line_start(text: &[u8], at: usize) -> Option<usize> {
    let from = at.saturating_sub(MAX_PREFIX);
    match memrchr(b'\n', &text[from..at]) {
        Some(feed) => Some(from + feed + 1),
        None => (from == 0).then_some(0),
    }
}

fn xml_record(before: &[u8]) -> Option<usize> {
    let from = before.len().saturating_sub(MAX_XML_HEAD);
    Some(from + memmem::rfind(&before[from..], b"<record>")?)
}

/// `Nov 21, 2026 6:12:51 AM sun.security.ssl.SSLLogger log`, and behind it a line `FINE: …`; the names of
/// month and level are those of the locale. A frame of a stack trace has a bracket.
pub(in crate::dialect) fn is_two_line_head(text: &[u8], source_at: usize) -> bool {
    let text = &text[..text.len().min(source_at + MAX_PREFIX)];
    let Some(feed) = memchr(b'\n', text).filter(|&feed| feed > source_at) else {
        return false;
    };
    let next = &text[feed + 1..text.len().min(feed + 1 + 40)];
    let level = search::find(next, b": ").or_else(|| next.strip_suffix(b":").map(<[u8]>::len));
    if level.is_none_or(|level| memchr2(b' ', b'\n', &next[..level]).is_some()) {
        return false;
    }
    let mut words = text[source_at..feed]
        .trim_ascii()
        .split(|&byte| byte == b' ');
    let name = |word: Option<&[u8]>| {
        word.is_some_and(|word| {
            word.iter().all(|&b| {
                b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'$' | b'<' | b'>')
            })
        })
    };
    let dated = text[..source_at]
        .iter()
        .filter(|b| b.is_ascii_digit())
        .nth(3)
        .is_some();
    dated && name(words.next()) && name(words.next()) && words.next().is_none()
}

/// Where the message begins behind the logger's name at `name_at` of a line that is a record's first:
/// `… DEBUG javax.net.ssl - message`, `… (javax.net.ssl) message`, `… javax.net.ssl      : message`.
pub(super) fn logger_column(line: &[u8], name_at: usize) -> Option<usize> {
    let alone = name_at
        .checked_sub(1)
        .is_none_or(|before| matches!(line[before], b' ' | b'(' | b'[' | b'|' | b'\t'));
    let behind = &line[name_at + LOGGER.len()..];
    let behind = &behind[..behind.len().min(MAX_GAP)];
    let behind = &behind[..memchr(b'\n', behind).unwrap_or(behind.len())];
    let gap = behind
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b')' | b']' | b':' | b'-' | b'|' | b'>' | b'\t'))
        .count();
    // a class of the package, or our own compact form, goes on at once
    let apart = gap > 0 && (gap >= 2 || gap == behind.len()) && !behind.starts_with(b"|");
    (alone && apart && level_in(&line[..name_at]).is_some()).then_some(name_at + LOGGER.len() + gap)
}

/// The level among the words in front of the logger's name.
pub(in crate::dialect) fn level_in(prefix: &[u8]) -> Option<&'static [u8]> {
    prefix
        .split(|byte| !byte.is_ascii_alphabetic())
        .filter(|word| word.first().is_some_and(u8::is_ascii_uppercase))
        .find_map(|word| LEVELS.iter().copied().find(|level| *level == word))
}
