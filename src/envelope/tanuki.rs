//! Java Service Wrapper: `INFO   | jvm 1    | 2026/03/04 12:33:44 | text`.
//!
//! `wrapper.console.format` and `wrapper.logfile.format` name the columns by letters, in any number:
//! L level, P prefix (`jvm 1`, `wrapper`), D thread, T and Z time, R G U durations, W J process ids; M,
//! the message, is the last one and the only one without a width of its own. A restarted JVM is `jvm 2`,
//! but never runs beside `jvm 1`: they are one stream.
//! <https://wrapper.tanukisoftware.com/doc/english/prop-logfile-format.html>

use super::{
    Kind,
    anchor::Anchor,
    detect::most_common,
    lines::{Hit, Wrapping},
};

/// A wrapper log with that many columns before the message.
#[derive(Debug)]
pub(super) struct Tanuki {
    columns: usize,
}

/// Widest column: a time with milliseconds, and some more.
const WIDEST: usize = 32;
/// There are no more letters.
const MOST: usize = 10;

#[derive(Debug, PartialEq, Eq)]
enum Column {
    /// Only the wrapper writes that.
    Telling,
    /// A number or a thread's name.
    Plain,
}

fn column(text: &[u8]) -> Option<Column> {
    const LEVELS: [&[u8]; 10] = [
        b"DEBUG", b"INFO", b"STATUS", b"WARN", b"ERROR", b"FATAL", b"ADVICE", b"NOTICE", b"DEVEL",
        b"ADVERT",
    ];
    let text = text.trim_ascii();
    let numbered = |name: &[u8]| {
        text.strip_prefix(name)
            .is_some_and(|rest| rest.iter().all(|byte| matches!(byte, b' ' | b'0'..=b'9')))
    };
    let time = |text: &[u8]| {
        text.len() >= 19
            && text[4] == b'/'
            && text[7] == b'/'
            && text
                .iter()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'/' | b':' | b'.' | b' '))
    };
    if LEVELS.contains(&text) || numbered(b"jvm") || text.starts_with(b"wrapper") || time(text) {
        return Some(Column::Telling);
    }
    let plain = text
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b' '));
    plain.then_some(Column::Plain)
}

/// The columns at the start of a line: how many, how long, and whether one of them tells.
fn columns(line: &[u8], most: usize) -> (usize, usize, bool) {
    let (mut count, mut at, mut telling) = (0, 0, false);
    while count < most {
        let window = &line[at..line.len().min(at + WIDEST)];
        let Some(bar) = memchr::memchr(b'|', window) else {
            break;
        };
        let spaced = bar == 0 || window[bar - 1] == b' ';
        let Some(column) = column(&window[..bar]).filter(|_| spaced) else {
            break;
        };
        // a word in front of it all would be the service that docker compose names
        if count == 0 && column == Column::Plain && !window[0].is_ascii_digit() && window[0] != b' '
        {
            break;
        }
        telling |= column == Column::Telling;
        count += 1;
        at += bar + 1;
        match line.get(at) {
            Some(b' ') => at += 1,
            None => {}
            Some(_) => return (0, 0, false),
        }
    }
    (count, at, telling)
}

impl Wrapping for Tanuki {
    fn hit(&self, line: &[u8]) -> Option<Hit> {
        let (count, len, telling) = columns(line, self.columns);
        (count == self.columns && telling).then(|| Hit {
            len,
            trimmed: line.get(len.wrapping_sub(1)) == Some(&b'|'),
            ..Hit::default()
        })
    }
}

/// Most lines of JSSE text have the same columns in front.
pub(super) fn candidate(anchors: &[Anchor<'_>]) -> Option<Kind> {
    let counts = anchors.iter().filter_map(|anchor| {
        let (count, len, telling) = columns(anchor.line, MOST);
        (telling && len <= anchor.at).then_some(count)
    });
    most_common(counts).map(|columns| Kind::Tanuki(Tanuki { columns }))
}
