//! Line feeds written out: a whole entry on one line, with `\n` or rsyslog's `#012` where its lines ended.
//!
//! Layouts that promise one line an event write so (`%replace{%m}{\n}{\\n}` of log4j), and rsyslog does unless
//! `$EscapeControlCharactersOnReceive` is off. <https://www.rsyslog.com/doc/rainerscript/global.html>

use super::{json::unescape, lines::unwrap_each, unwrapped::Unwrapped};

/// How a control character is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folded {
    /// `\n`, `\t`, `\"`
    Backslash,
    /// `\n`, `\t`, and nothing else: quotes are as they were.
    FeedsOnly,
    /// `#012`, `#011`
    Octal,
}

/// What opens a body on a line of its own, and its first line; how messages begin in the classic dialect.
const OPENED: [(&[u8], Folded); 8] = [
    (b"(\\n\\\"", Folded::Backslash),
    (b"(\\n\"", Folded::FeedsOnly),
    (b"(#012\"", Folded::Octal),
    (b"(#015#012\"", Folded::Octal),
    (b"\\n*** ", Folded::FeedsOnly),
    (b"#012*** ", Folded::Octal),
    (b"\\nIs initial handshake: ", Folded::FeedsOnly),
    (b"#012Is initial handshake: ", Folded::Octal),
];

/// The same with line feeds.
const PLAIN: [&[u8]; 4] = [b"(\n", b"(\r\n", b"\n*** ", b"\nIs initial handshake: "];

impl Folded {
    /// What most bodies of the sample open with, if that is no line feed: bodies begin behind a bracket, or with stars.
    pub(super) fn detect(sample: &[u8]) -> Option<Self> {
        let count = |what: &[u8]| memchr::memmem::find_iter(sample, what).count();
        // a JSON collector's closing quote is followed by a comma
        let opened = |what: &[u8]| {
            let named = |at: &usize| {
                sample
                    .get(at + what.len())
                    .is_some_and(u8::is_ascii_alphabetic)
            };
            memchr::memmem::find_iter(sample, what)
                .filter(named)
                .count()
        };
        let plain: usize = PLAIN.iter().map(|text| count(text)).sum();
        let folded = OPENED.iter().map(|(text, kind)| (opened(text), *kind));
        let (most, kind) = folded.max_by_key(|(count, _)| *count)?;
        (most > plain).then_some(kind)
    }

    /// Whether the beginning of a log whose lines begin with heads is folded all the same.
    pub(super) fn is_likely(sample: &[u8]) -> bool {
        const BEGINNING: usize = 64 << 10;
        Self::detect(&sample[..sample.len().min(BEGINNING)]).is_some()
    }

    fn put(self, line: &[u8], text: &mut Vec<u8>) {
        match self {
            Self::Backslash => unescape(line, text),
            Self::FeedsOnly => replaced(
                line,
                b'\\',
                |rest| match rest.first() {
                    Some(b'n') => Some((b'\n', 1)),
                    Some(b't') => Some((b'\t', 1)),
                    Some(b'r') => Some((b'\r', 1)),
                    _ => None,
                },
                text,
            ),
            Self::Octal => replaced(
                line,
                b'#',
                |rest| match rest.get(..3)? {
                    b"012" => Some((b'\n', 3)),
                    b"011" => Some((b'\t', 3)),
                    b"015" => Some((b'\r', 3)),
                    _ => None,
                },
                text,
            ),
        }
    }

    /// Breaks every line where its feeds are.
    pub(super) fn unwrap(self, block: &[u8], out: &mut Unwrapped) {
        unwrap_each(block, out, |line, into| {
            into.begin(line.place.0, line.place.1);
            self.put(line.text, &mut into.text);
            if !into.text.ends_with(b"\n") || line.text.is_empty() {
                into.text.extend_from_slice(line.feed);
            }
        });
    }
}

/// Appends `line` with what `read` makes of the places behind a `mark`.
fn replaced(
    line: &[u8],
    mark: u8,
    read: impl Fn(&[u8]) -> Option<(u8, usize)>,
    text: &mut Vec<u8>,
) {
    let mut from = 0;
    for at in memchr::memchr_iter(mark, line) {
        if at >= from
            && let Some((byte, len)) = read(&line[at + 1..])
        {
            text.extend_from_slice(&line[from..at]);
            text.push(byte);
            from = at + 1 + len;
        }
    }
    text.extend_from_slice(&line[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRIES: &str = "javax.net.ssl|DEBUG|01|main|2026-03-04 10:00:00.123 UTC|X.java:1|Produced ClientHello handshake message (\n\"ClientHello\": {\n\t\"client version\"      : \"TLSv1.2\",\n}\n)\njavax.net.ssl|DEBUG|01|main|2026-03-04 10:00:00.124 UTC|X.java:2|trustStore is: C:\\new\\trust\n";

    /// Each entry on a line of its own, as a layout writes it.
    fn folded(feed: &str, tab: &str, quote: &str) -> String {
        let entries = ENTRIES.split("\njavax").map(|entry| {
            entry
                .trim_end()
                .replace('\n', feed)
                .replace('\t', tab)
                .replace('"', quote)
        });
        entries.collect::<Vec<_>>().join("\njavax") + "\n"
    }

    fn unfolded(text: &str) -> String {
        let kind = Folded::detect(text.as_bytes()).expect("folded");
        let mut out = Unwrapped::default();
        kind.unwrap(text.as_bytes(), &mut out);
        String::from_utf8(out.streams[0].text.clone()).expect("text")
    }

    #[test]
    fn entries_on_one_line_are_unfolded() {
        assert_eq!(unfolded(&folded("#012", "#011", "\"")), ENTRIES);
        assert_eq!(
            unfolded(&folded("#015#012", "#011", "\"")).replace('\r', ""),
            ENTRIES
        );
        // a backslash of the text's own cannot be told from one that was put in
        let backslashes = unfolded(&folded("\\n", "\\t", "\""));
        assert!(
            backslashes.starts_with(&ENTRIES[..ENTRIES.len() - 20]),
            "{backslashes}"
        );
        assert!(
            unfolded(&folded("\\n", "\\t", "\\\"")).starts_with(&ENTRIES[..ENTRIES.len() - 20])
        );
    }

    #[test]
    fn a_classic_log_in_one_line_is_unfolded() {
        use crate::envelope::tests::samples::CLASSIC;
        let bare = CLASSIC.repeat(2);
        assert_eq!(unfolded(&bare.replace('\n', "\\n")), bare);
        assert_eq!(unfolded(&bare.replace('\n', "#012")), bare);
        assert_eq!(Folded::detect(bare.as_bytes()), None);
        let torn = bare + "a message of the application: \\n*** Certificate\n";
        assert_eq!(Folded::detect(torn.as_bytes()), None);
    }

    #[test]
    fn a_log_with_line_feeds_is_not_folded() {
        assert_eq!(Folded::detect(ENTRIES.as_bytes()), None);
        assert_eq!(Folded::detect(b"a path: (C:\\new)\n"), None);
    }
}
