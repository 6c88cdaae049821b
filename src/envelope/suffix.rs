//! What stands behind every line: the closing quote of a CSV column or of a `key="value"` pair, `<br/>` of a page, the
//! bracket of a server that wraps each line, a backslash.
//!
//! No text of JSSE ends all its lines alike, so what most lines end with is none of it. Quotes that close a line mean
//! that those inside are escaped, by a backslash or by a second quote (RFC 4180).

use super::{anchor::Anchor, json::unescape, lines::unwrap_each, unwrapped::Unwrapped};

/// The end that lines have in common.
#[derive(Debug)]
pub(super) struct Suffix {
    end: Vec<u8>,
    quotes: Quotes,
}

/// How quotes inside a line are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    AsTheyAre,
    Backslash,
    Doubled,
}

/// Lines that are looked at.
const SAMPLE: usize = 400;
/// The longest end.
const LONGEST: usize = 64;

/// What `GlassFish` ends its records with, which are told by their beginnings.
const END_OF_RECORD: &[u8] = b"|#]";

/// Whether the first lines end alike: cheap, for logs that begin bare.
pub(super) fn is_likely(sample: &[u8]) -> bool {
    const FIRST: usize = 12;
    let mut ends = sample
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii_end)
        // a carriage return as editors show it
        .map(|line| {
            line.strip_suffix(b"^M")
                .map_or(line.last(), |_| Some(&b'^'))
        })
        .take(FIRST);
    let first = ends.next().flatten();
    first.is_some_and(|last| !last.is_ascii_alphanumeric()) && ends.all(|end| end == first)
}

impl Suffix {
    /// The end of most lines of the sample, those of JSSE among them.
    pub(super) fn learn(anchors: &[Anchor<'_>], sample: &[u8]) -> Option<Self> {
        let lines: Vec<&[u8]> = sample
            .split(|&byte| byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter(|line| !line.is_empty())
            .take(SAMPLE)
            .collect();
        let (first, others) = anchors.split_first()?;
        let mut end = &first.line[first.line.len().saturating_sub(LONGEST)..];
        let others = others.iter().map(|other| other.line).take(SAMPLE);
        for other in others.chain(lines.iter().copied()) {
            let common = common_end(end, other);
            // a line that was cut, or is another program's, has another end
            if common > 0 {
                end = &end[end.len() - common..];
            }
        }
        // behind the anchors' own text only
        let end = trimmed_to_markup(end);
        let has_end = |line: &&&[u8]| line.ends_with(end);
        let enough = |count: usize, of: usize| count * 20 >= of * 19;
        let fits = !end.is_empty()
            && end != END_OF_RECORD
            && lines.len() >= 4
            && enough(lines.iter().filter(has_end).count(), lines.len())
            && enough(
                anchors.iter().filter(|it| it.line.ends_with(end)).count(),
                anchors.len(),
            );
        fits.then(|| Self {
            end: end.to_vec(),
            quotes: quotes(end, &lines),
        })
    }

    /// Takes the end off every line that has it.
    pub(super) fn unwrap(&self, block: &[u8], out: &mut Unwrapped) {
        unwrap_each(block, out, |line, into| {
            into.begin(line.place.0, line.place.1);
            match line.text.strip_suffix(&*self.end) {
                Some(inside) => self.put(inside, &mut into.text),
                None => into.text.extend_from_slice(line.text),
            }
            into.text.extend_from_slice(line.feed);
        });
    }

    fn put(&self, inside: &[u8], text: &mut Vec<u8>) {
        match self.quotes {
            Quotes::AsTheyAre => text.extend_from_slice(inside),
            Quotes::Backslash => unescape(inside, text),
            Quotes::Doubled => {
                let mut from = 0;
                for at in memchr::memmem::find_iter(inside, b"\"\"") {
                    text.extend_from_slice(&inside[from..=at]);
                    from = at + 2;
                }
                text.extend_from_slice(&inside[from..]);
            }
        }
    }
}

fn common_end(a: &[u8], b: &[u8]) -> usize {
    a.iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(a, b)| a == b)
        .count()
}

/// From the first byte on that can close something: what stands in front of it is the text's. An end that closes an
/// object is JSON's, one that closes a body the JVM's.
fn trimmed_to_markup(end: &[u8]) -> &[u8] {
    let opens = |at: &usize| match end[*at] {
        b' ' => matches!(end.get(at + 1), Some(b'|' | b'(')),
        b'[' => end.get(at + 1).is_some_and(u8::is_ascii_digit) && end.ends_with(b"m"),
        byte => matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'\\' | b'|' | b'^' | 0),
    };
    let from = (0..end.len()).find(opens).unwrap_or(end.len());
    let end = &end[from..];
    let of_body = memchr::memchr(b')', end).is_some() && !end.starts_with(b" (");
    if of_body || memchr::memchr(b'}', end).is_some() {
        return &[];
    }
    end
}

/// What stands for a quote inside, if a quote ends the line.
fn quotes(end: &[u8], lines: &[&[u8]]) -> Quotes {
    let count = |what: &[u8]| {
        let insides = lines.iter().filter_map(|line| line.strip_suffix(end));
        insides
            .filter(|line| memchr::memmem::find(line, what).is_some())
            .count()
    };
    if end.first() != Some(&b'"') {
        return Quotes::AsTheyAre;
    }
    let (backslashes, doubled) = (count(b"\\\""), count(b"\"\""));
    match (backslashes, doubled) {
        (0, 0) => Quotes::AsTheyAre,
        _ if backslashes >= doubled => Quotes::Backslash,
        _ => Quotes::Doubled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{Envelope, anchor};

    const LINE: &str = "javax.net.ssl|DEBUG|01|main|2026-03-04 10:00:00.123 UTC|X.java:1|Produced ClientHello handshake message (\n\"ClientHello\": {\n  \"client version\"      : \"TLSv1.2\",\n}\n)\n";

    fn text_of(log: &str) -> (String, String) {
        let envelope = Envelope::detect(log.as_bytes()).expect("an envelope");
        let mut out = Unwrapped::default();
        envelope.unwrap_block(log.as_bytes(), &mut out);
        let text = String::from_utf8(out.streams[0].text.clone()).expect("text");
        (envelope.name().into_owned(), text)
    }

    fn each(text: &str, make: impl Fn(&str) -> String) -> String {
        text.lines().map(|line| make(line) + "\n").collect()
    }

    #[test]
    fn quotes_that_close_a_line_say_how_those_inside_are_written() {
        let bare = LINE.repeat(4);
        let csv = each(&bare, |line| {
            format!(
                "2026-03-04T10:00:00Z,\"{}\",web-1",
                line.replace('"', "\"\"")
            )
        });
        let logfmt = each(&bare, |line| {
            format!(
                "time=2026-03-04T10:00:00Z level=info msg=\"{}\"",
                line.replace('"', "\\\"")
            )
        });
        for log in [csv, logfmt] {
            let (name, text) = text_of(&log);
            assert!(name.starts_with("suffix+"), "{name}");
            assert_eq!(text, bare);
        }
    }

    #[test]
    fn what_jsse_itself_ends_lines_with_stays() {
        for bare in [
            LINE.to_owned(),
            LINE.repeat(50),
            "{\"log\":\"*** Finished\"}\n".repeat(50),
        ] {
            let anchors = anchor::find(bare.as_bytes());
            assert!(Suffix::learn(&anchors, bare.as_bytes()).is_none(), "{bare}");
        }
    }
}
