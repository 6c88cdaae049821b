//! Characters that stand for others, because the log went through a page, an editor or a chat: `&quot;` of HTML, `\_` of
//! Markdown, the no-break blanks of a browser, the curly quotes of a word processor.
//!
//! Whether a text is spelled so is decided once, by words that every log has: a log may hold any of these characters
//! in a name. <https://spec.commonmark.org/0.31.2/#backslash-escapes>

use memchr::memmem;

use super::{lines::unwrap_each, unwrapped::Unwrapped};

/// How some characters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// U+00A0 for blanks: those in front of a line, or all.
    NoBreak,
    /// `&quot;`, `&lt;`, `&#39;`
    Entities,
    /// `\_`, `\*`
    Markdown,
    /// `“` for `"`
    Curly,
}

/// A blank that no line is broken at.
const NO_BREAK: &[u8] = "\u{a0}".as_bytes();

/// What names in bodies end with.
const NAMES: [&[u8]; 18] = [
    b"Hello",
    b"version",
    b"random",
    b"session id",
    b"cipher suite",
    b"cipher suites",
    b"compression method",
    b"compression methods",
    b"extensions",
    b"Extensions",
    b"Certificate",
    b"certificate",
    b"issuer",
    b"subject",
    b"Alert",
    b"throwable",
    b"thread name",
    b"Finished",
];

/// Quotes as entities; escaped twice, too.
const QUOTES: [&[u8]; 5] = [b"&quot;", b"&#34;", b"&#x22;", b"&amp;quot;", b"&amp;#34;"];

/// Quotes that are no straight ones, in pairs that languages make.
const CURLY: [&str; 4] = ["”", "“", "„", "‟"];

/// Entities, as far as loggers and pages make them.
const ENTITIES: [(&[u8], u8); 6] = [
    (b"quot;", b'"'),
    (b"lt;", b'<'),
    (b"gt;", b'>'),
    (b"amp;", b'&'),
    (b"apos;", b'\''),
    (b"nbsp;", b' '),
];

impl Spelling {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NoBreak => "no-break-blanks",
            Self::Entities => "html-entities",
            Self::Markdown => "markdown",
            Self::Curly => "curly-quotes",
        }
    }

    /// How most of a sample is spelled, if that is not as the JVM does.
    pub(super) fn detect(sample: &[u8]) -> Option<Self> {
        [Self::NoBreak, Self::Entities, Self::Markdown, Self::Curly]
            .into_iter()
            .find(|spelling| spelling.is_in(sample))
    }

    fn is_in(self, sample: &[u8]) -> bool {
        match self {
            Self::NoBreak => has_no_break_blanks(sample),
            Self::Entities => has_entities(sample),
            Self::Markdown => has_escapes(sample),
            Self::Curly => has_curly_quotes(sample),
        }
    }

    /// Whether the beginning of a log whose lines begin with heads is spelled so all the same.
    pub(super) fn is_likely(sample: &[u8]) -> bool {
        const BEGINNING: usize = 64 << 10;
        Self::detect(&sample[..sample.len().min(BEGINNING)]).is_some()
    }

    /// Writes every line as the JVM did.
    pub(super) fn unwrap(self, block: &[u8], out: &mut Unwrapped) {
        unwrap_each(block, out, |line, into| {
            into.begin(line.place.0, line.place.1);
            self.put(line.text, &mut into.text);
            into.text.extend_from_slice(line.feed);
        });
    }

    fn put(self, line: &[u8], text: &mut Vec<u8>) {
        match self {
            Self::NoBreak => replaced(line, NO_BREAK[0], text, |rest, text| {
                rest.starts_with(NO_BREAK).then(|| {
                    text.push(b' ');
                    NO_BREAK.len()
                })
            }),
            Self::Entities => replaced(line, b'&', text, entity),
            Self::Markdown => replaced(line, b'\\', text, |rest, text| {
                let escaped = rest.get(1).filter(|byte| byte.is_ascii_punctuation())?;
                text.push(*escaped);
                Some(2)
            }),
            // all of them, and the ellipsis, are in one block of Unicode
            Self::Curly => replaced(line, 0xe2, text, |rest, text| {
                match rest.get(..3)? {
                    [_, 0x80, 0x98..=0x9b] => text.push(b'\''),
                    [_, 0x80, 0x9c..=0x9f] => text.push(b'"'),
                    [_, 0x80, 0xa6] => text.extend_from_slice(b"..."),
                    _ => return None,
                }
                Some(3)
            }),
        }
    }
}

/// Appends `line` with what `read` appends for places that begin with `mark`; it says how long they are.
fn replaced(
    line: &[u8],
    mark: u8,
    text: &mut Vec<u8>,
    read: impl Fn(&[u8], &mut Vec<u8>) -> Option<usize>,
) {
    let mut from = 0;
    for at in memchr::memchr_iter(mark, line) {
        if at < from {
            continue;
        }
        text.extend_from_slice(&line[from..at]);
        from = at + read(&line[at..], text).unwrap_or(0);
    }
    text.extend_from_slice(&line[from..]);
}

/// Appends what an entity means; its length.
fn entity(rest: &[u8], text: &mut Vec<u8>) -> Option<usize> {
    /// More digits than any character has.
    const LONGEST: usize = 12;
    let name = &rest[1..];
    if let Some((known, byte)) = ENTITIES.iter().find(|(known, _)| name.starts_with(known)) {
        text.push(*byte);
        return Some(1 + known.len());
    }
    let number = name.strip_prefix(b"#")?;
    let end = number.iter().take(LONGEST).position(|byte| *byte == b';')?;
    let digits = std::str::from_utf8(&number[..end]).ok()?;
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    let character = char::from_u32(number).filter(|it| !it.is_control())?;
    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Some(end + 3)
}

fn count(sample: &[u8], what: &[u8]) -> usize {
    memmem::find_iter(sample, what).count()
}

/// How many names of bodies such a quote closes.
fn names_closed(sample: &[u8], quote: &[u8]) -> usize {
    let closes = |at: &usize| {
        let behind = sample[at + quote.len()..].trim_ascii_start();
        behind.starts_with(b":") && NAMES.iter().any(|name| sample[..*at].ends_with(name))
    };
    memmem::find_iter(sample, quote).filter(closes).count()
}

/// More lines begin with such blanks than with others, or more blanks are such ones.
fn has_no_break_blanks(sample: &[u8]) -> bool {
    let found = count(sample, NO_BREAK);
    if found == 0 {
        return false;
    }
    let (mut indented, mut with) = (0, 0);
    for line in sample.split(|&byte| byte == b'\n') {
        let own = line.iter().take_while(|&&byte| byte == b' ').count();
        let is_with = line[own..].starts_with(NO_BREAK);
        with += usize::from(is_with);
        indented += usize::from(own > 0 && !is_with);
    }
    with > indented || found > memchr::memchr_iter(b' ', sample).count()
}

/// Names in bodies are closed by entities, or what the classic dialect and stack traces have in angle brackets is in such.
fn has_entities(sample: &[u8]) -> bool {
    let of = |all: &[&[u8]]| all.iter().map(|what| count(sample, what)).sum::<usize>();
    let escaped = QUOTES
        .iter()
        .map(|quote| names_closed(sample, quote))
        .sum::<usize>()
        + of(&[b".&lt;init&gt;(", b"&lt;CN="]);
    escaped > 0 && escaped > names_closed(sample, b"\"") + of(&[b".<init>(", b"<CN="])
}

/// More of what Markdown gives a meaning to has a backslash in front of it than has none.
fn has_escapes(sample: &[u8]) -> bool {
    /// One could be in a path of Windows.
    const LEAST: usize = 2;
    let is_word = |at: usize| sample.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let names = memmem::find_iter(sample, b"\\_")
        .filter(|at| *at > 0 && is_word(at - 1) && is_word(at + 2))
        .count();
    let stars = count(sample, b"\\*\\*\\*");
    let escaped = names + 3 * stars;
    escaped >= LEAST && {
        let all = memchr::memchr2_iter(b'_', b'*', sample).count();
        escaped * 2 > all
    }
}

fn has_curly_quotes(sample: &[u8]) -> bool {
    let curly = CURLY.map(|quote| names_closed(sample, quote.as_bytes()));
    let curly: usize = curly.iter().sum();
    curly > 0 && curly > names_closed(sample, b"\"")
}
