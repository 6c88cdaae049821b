//! The `expanded` dialect: entries as brace blocks, printed with the option `expand`.
//!
//! ```text
//! {
//!   "logger"      : "javax.net.ssl",
//!   "level"       : "DEBUG",
//!   "thread id"   : "C0",
//!   "thread name" : "client",
//!   "time"        : "2026-11-21 06:17:09.894 UTC",
//!   "caller"      : "ClientHello.java:641",
//!   "message"     : "Produced ClientHello handshake message",
//!   "specifics"   : [
//!   "ClientHello": {
//! …
//!   ]
//! }
//! ```
//!
//! `sun.security.ssl.SSLLogger`, the releases of the unified dialect, whose columns and bodies these are:
//! they are read by it. No value is escaped, so each ends at the last quote of its line; a message may go on over
//! several lines.

use std::sync::LazyLock;

use memchr::{memchr, memchr_iter, memmem};

use super::unified::Unified;
use crate::{
    entry::{Entry, Head, Origin},
    event::Event,
    search,
    span::Span,
};

const LOGGER: &[u8] = b"  \"logger\"      : \"javax.net.ssl\",";
/// In front of the message, which stands behind the other columns.
const MESSAGE: &[u8] = b"\n  \"message\"     : \"";
/// Behind the message, in front of the body.
const SPECIFICS: &[u8] = b"\",\n  \"specifics\"   : [\n";

static FIRST_KEY: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(LOGGER));
/// Where a block ends that has no body: `}` at column 0 is in no body, as bodies are indented.
static END: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("\"\n}\n"));
/// Where a body ends.
static BODY_END: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new("\n  ]\n}"));

/// The index of the next line, from `from` on, that begins a block.
pub(crate) fn next_start(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let hit = at + FIRST_KEY.find(text.get(at..)?)?;
        at = hit + LOGGER.len();
        let before = &text[..hit];
        let brace = before
            .strip_suffix(b"{\n")
            .or_else(|| before.strip_suffix(b"{\r\n"))?
            .len();
        let begins_line = brace == 0 || text[brace - 1] == b'\n';
        if begins_line && brace >= from {
            return Some(brace);
        }
    }
}

/// Reads one block: `text` goes from where [`next_start`] said to where it says next. Lines of the events
/// count from the block's first line, as in `span`.
pub(crate) fn read(
    text: &[u8],
    span: Span,
    last: bool,
    dialect: &mut Unified,
    events: &mut Vec<Event>,
) {
    let Some(message_at) = search::find(text, MESSAGE) else {
        return;
    };
    let columns = &text[..=message_at];
    let message = &text[message_at + MESSAGE.len()..];
    let id = value(columns, b"\n  \"thread id\"");
    let name = value(columns, b"\n  \"thread name\"");
    let time = value(columns, b"\n  \"time\"");
    let (timestamp, zone) = time.split_at(time.len().min(23));
    let parts = Parts::of(message);
    let message_line = memchr_iter(b'\n', columns).count() + usize::from(parts.has_body);
    let entry = Entry {
        head: Head {
            level: value(columns, b"\n  \"level\""),
            origin: Origin {
                thread: &[id, b"|", name].concat(),
                thread_id_len: id.len(),
                timestamp,
                zone: zone.trim_ascii(),
            },
            caller: value(columns, b"\n  \"caller\""),
            message: parts.title,
            has_body: parts.has_body,
            len: 0,
        },
        rest: &parts.rest,
        span: span.down(u32::try_from(message_line).unwrap_or(u32::MAX)),
        last,
        truncated: false,
    };
    dialect.read(&entry, &entry.parts(), events);
}

/// `  "level"       : "DEBUG",`: what stands behind its key.
fn value<'a>(columns: &'a [u8], key: &[u8]) -> &'a [u8] {
    let Some(at) = search::find(columns, key) else {
        return b"";
    };
    let line = &columns[at + key.len()..];
    // a thread's name may hold a line break: the next key ends the value
    let end = search::find(line, b"\",\n").or_else(|| search::find(line, b"\",\r\n"));
    let line = &line[..end.unwrap_or(line.len())];
    memchr(b'"', line).map_or(b"", |quote| &line[quote + 1..])
}

/// What follows `"message"     : "`.
struct Parts<'a> {
    title: &'a [u8],
    has_body: bool,
    /// As behind a head line of the unified dialect.
    rest: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn of(message: &'a [u8]) -> Self {
        let specifics = search::find(message, SPECIFICS);
        let alone = END.find(&message[..specifics.unwrap_or(message.len())]);
        if let Some(end) = specifics.filter(|_| alone.is_none()) {
            let body = &message[end + SPECIFICS.len()..];
            return Self {
                title: first_line(&message[..end]),
                has_body: true,
                rest: compact(body),
            };
        }
        let end = alone.unwrap_or(message.len());
        let title = first_line(&message[..end]);
        let tail = alone.map_or(&b""[..], |alone| &message[alone + b"\"\n}\n".len()..]);
        // the message's further lines, the line `}`, and what other programs printed
        let mut rest = message[title.len()..end].trim_ascii_start().to_vec();
        rest.extend_from_slice(b"\n");
        rest.extend_from_slice(tail);
        Self {
            title,
            has_body: false,
            rest,
        }
    }
}

fn first_line(text: &[u8]) -> &[u8] {
    let line = &text[..memchr(b'\n', text).unwrap_or(text.len())];
    line.strip_suffix(b"\"").unwrap_or(line)
}

/// The body without its indentation and with the `)` that the compact form has, and what is behind it.
fn compact(text: &[u8]) -> Vec<u8> {
    let end = BODY_END.find(text).map(|at| at + 1);
    let end = end.or_else(|| text.starts_with(b"  ]\n}").then_some(0));
    let (body, tail) = text.split_at(end.unwrap_or(text.len()));
    let mut rest = Vec::with_capacity(text.len());
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        rest.extend_from_slice(line.strip_prefix(b"  ").unwrap_or(line));
    }
    if let Some(tail) = tail.strip_prefix(b"  ]\n}") {
        rest.extend_from_slice(b")\n");
        rest.extend_from_slice(tail);
    }
    rest
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::dialect::testing;

    #[test]
    fn every_recording_gives_what_is_true() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/expand");
        let mut logs = 0;
        for path in testing::logs(&root) {
            let text = fs::read(&path).unwrap();
            testing::agree(&path, &testing::events(&text, next_start, read));
            logs += 1;
        }
        assert!(logs >= 7, "{logs}");
    }

    fn as_block(entry: &testing::Printed<'_>) -> String {
        let specifics = entry.body.map_or(String::new(), |body| {
            let lines = body.lines().map(|line| format!("  {line}\n"));
            format!(",\n  \"specifics\"   : [\n{}  ]", lines.collect::<String>())
        });
        let more = if entry.tail.is_empty() { "" } else { "\n" };
        format!(
            "{{\n{}\n  \"level\"       : \"DEBUG\",\n  \"thread id\"   : \"{}\",\n  \"thread name\" : \"{}\",\n  \"time\"        : \"{}\",\n  \"caller\"      : \"A.java:1\",\n  \"message\"     : \"{}{more}{}\"{specifics}\n}}\n",
            String::from_utf8_lossy(LOGGER),
            entry.id,
            entry.thread,
            entry.time,
            entry.title,
            entry.tail
        )
    }

    #[test]
    fn a_block_says_what_the_compact_form_says() {
        testing::same_facts(next_start, read, as_block);
    }

    #[test]
    fn a_message_may_have_several_lines_and_no_body() {
        let block = b"{\n  \"logger\"      : \"javax.net.ssl\",\n  \"level\"       : \"DEBUG\",\n  \"thread id\"   : \"01\",\n  \"thread name\" : \"a \"b\" c\",\n  \"time\"        : \"2026-11-21 24:00:01.002 UTC\",\n  \"caller\"      : \"A.java:1\",\n  \"message\"     : \"KeyLimit read side: algorithm = X\ncountdown value = 1\"\n}\n";
        assert_eq!(next_start(block, 0), Some(0));
        assert_eq!(next_start(block, 1), None);
        assert_eq!(value(block, b"\n  \"thread name\""), b"a \"b\" c");
        let parts = Parts::of(&block[memmem::find(block, b"KeyLimit").unwrap()..]);
        assert_eq!(parts.title, b"KeyLimit read side: algorithm = X");
        assert_eq!(parts.rest, b"countdown value = 1\n");
    }
}
