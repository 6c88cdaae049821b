//! Entries: what the JVM printed with one call, from its head to the next head.
//!
//! An entry ends where the next head begins (or at the end of the input), never at a bracket:
//! bodies are not escaped and can hold anything. What other programs print between two entries
//! is the tail of the first.

mod head;

use std::sync::LazyLock;

use memchr::memmem;

pub(crate) use self::head::{
    DATE_LEN, Head, HeadFinder, Origin, Stem, civil_date, parse_civil_time, time_of_day,
};
use crate::span::Span;

/// An entry never grows beyond this; the rest of a longer one is not read.
pub(crate) const MAX_ENTRY: usize = 8 << 20;

/// One entry with its parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    /// The columns of the first line.
    pub(crate) head: Head<'a>,
    /// Everything behind the head line: body, closing `)`, text of other programs.
    pub(crate) rest: &'a [u8],
    /// Where the entry begins.
    pub(crate) span: Span,
    /// The input ends with this entry.
    pub(crate) last: bool,
    /// The entry went on beyond [`MAX_ENTRY`].
    pub(crate) truncated: bool,
}

/// A line that is `)` and nothing else, as the JVM prints it.
static CLOSING: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("\n)\n"));

/// What stands behind the head line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    /// The parameters between `(` and `)`, without them.
    pub(crate) body: &'a [u8],
    /// What follows the closing `)`: text of other programs, mostly empty.
    pub(crate) tail: &'a [u8],
    /// The closing `)` was there.
    pub(crate) closed: bool,
}

impl<'a> Entry<'a> {
    /// Splits [`Self::rest`] at the closing `)`; without parameters all of it is tail.
    pub(crate) fn parts(&self) -> Parts<'a> {
        let rest = self.rest;
        if !self.head.has_body {
            return Parts {
                body: &[],
                tail: rest,
                closed: true,
            };
        }
        // the first line that is `)`: nearly always the last one of all
        if let Some(at) = CLOSING.find(rest) {
            let tail = &rest[at + 3..];
            return Parts {
                body: &rest[..at],
                tail,
                closed: true,
            };
        }
        split_at_closing(rest)
    }
}

/// The first line that is exactly `)` ends the body.
fn split_at_closing(rest: &[u8]) -> Parts<'_> {
    let mut line_start = 0;
    while line_start < rest.len() {
        let line_end =
            memchr::memchr(b'\n', &rest[line_start..]).map_or(rest.len(), |at| line_start + at);
        if rest[line_start..line_end].trim_ascii_end() == b")" {
            let tail = rest.get(line_end + 1..).unwrap_or_default();
            return Parts {
                body: &rest[..line_start],
                tail,
                closed: true,
            };
        }
        line_start = line_end + 1;
    }
    Parts {
        body: rest,
        tail: &[],
        closed: false,
    }
}

/// The lines of a body, each with its distance from the head line, from 1.
pub(crate) fn lines(body: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut rest = Some(body);
    let mut number = 0;
    std::iter::from_fn(move || {
        let text = rest?;
        number += 1;
        let (line, next) = match memchr::memchr(b'\n', text) {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        rest = next.filter(|next| !next.is_empty());
        Some((number, line.strip_suffix(b"\r").unwrap_or(line)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_ends_at_the_first_line_that_is_a_parenthesis() {
        let parts = split_at_closing(b"\"Alert\": {\n}\n)\r\nat app.Main\n)\n");
        assert_eq!(parts.body, b"\"Alert\": {\n}\n");
        assert_eq!(parts.tail, b"at app.Main\n)\n");
        assert!(parts.closed);
        assert!(!split_at_closing(b"  no end\n )").closed);
    }

    #[test]
    fn lines_are_numbered_from_the_head() {
        let all: Vec<_> = lines(b"a\r\n\nb").collect();
        assert_eq!(all, [(1, &b"a"[..]), (2, b""), (3, b"b")]);
    }
}
