//! Whether a name that was found stands there as a name: where one can begin and end, and what shows that a word of
//! the language is one.

/// Where a name counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// As a word of its own.
    Word,
    /// `name, READ: …`: a thread of the classic dialect.
    Speaker,
    /// `[  name]`, as layouts print threads.
    Bracket,
    /// `"name"`
    Quoted,
}

/// Whether a name that was found stands in its place.
pub(super) fn stands(text: &str, start: usize, end: usize, place: Place) -> bool {
    let (before, behind) = (&text[..start], &text[end..]);
    match place {
        Place::Word => begins(before) && ends(behind, text[..end].ends_with('"')),
        Place::Quoted => true,
        Place::Speaker => {
            const SAYS: [&str; 19] = [
                "READ",
                "WRITE",
                "RECV",
                "SEND",
                "called",
                "handling",
                "received",
                "waiting",
                "Exception",
                "fatal",
                "closing",
                "IOException",
                "setSoTimeout",
                "SSLv",
                "TLS",
                "the previous",
                "closeOut",
                "closeIn",
                "Error",
            ];
            begins(before) && SAYS.iter().any(|word| behind.starts_with(word))
        }
        Place::Bracket => before.trim_end_matches(' ').ends_with('['),
    }
}

/// A name can begin behind this.
pub(super) fn begins(before: &str) -> bool {
    let mut last = before.chars().rev();
    match last.next() {
        None => true,
        Some('.') => !last.next().is_some_and(char::is_alphanumeric),
        // `\n` in a JSON string
        Some('n' | 'r' | 't') if last.next() == Some('\\') => true,
        // a colour, ESC[31m
        Some('m') if before.len() - colour(before) > 0 => true,
        // %2F
        Some(_) if is_escape(before.as_bytes(), before.len().saturating_sub(3)) => true,
        Some(c) => !(c.is_alphanumeric() || c == '_' || c == '-'),
    }
}

/// A name can end before this.
fn ends(behind: &str, quoted: bool) -> bool {
    let mut next = behind.chars();
    match next.next() {
        None => true,
        Some('.') => !next.next().is_some_and(char::is_alphanumeric),
        Some(c) => quoted || !(c.is_alphanumeric() || c == '_' || c == '-'),
    }
}

/// Where a text ends without the colour behind it.
fn colour(before: &str) -> usize {
    let inside = before
        .strip_suffix('m')
        .unwrap_or(before)
        .trim_end_matches(|c: char| c.is_ascii_digit() || c == ';');
    inside.strip_suffix("\x1b[").map_or(before.len(), str::len)
}

/// `%2F` at `at`.
pub(super) fn is_escape(text: &[u8], at: usize) -> bool {
    matches!(text.get(at..), Some([b'%', one, two, ..]) if one.is_ascii_hexdigit() && two.is_ascii_hexdigit())
}
