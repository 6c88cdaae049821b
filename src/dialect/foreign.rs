//! Entries that have no head of the unified dialect: where they begin in the text in front of, between
//! and behind those that have one.

use super::{bc, classic, classic::Classic, expanded, jul, unified::Unified};
use crate::{event::Event, span::Span};

/// A dialect without that head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Foreign {
    Classic,
    Expanded,
    Jul,
    BouncyCastle,
}

const ALL: [Foreign; 4] = [
    Foreign::Classic,
    Foreign::Expanded,
    Foreign::Jul,
    Foreign::BouncyCastle,
];

impl Foreign {
    fn next_start(self, text: &[u8], from: usize) -> Option<usize> {
        match self {
            Self::Classic => classic::next_start(text, from),
            Self::Expanded => expanded::next_start(text, from),
            Self::Jul => jul::next_start(text, from),
            Self::BouncyCastle => bc::next_start(text, from),
        }
    }

    /// Reads one entry: `text` goes from where it begins up to where the next one does.
    pub(crate) fn read(
        self,
        text: &[u8],
        span: Span,
        last: bool,
        (unified, classic): (&mut Unified, &mut Classic),
        events: &mut Vec<Event>,
    ) {
        match self {
            Self::Classic => classic.read(text, span, last, events),
            Self::Expanded => {
                unified.survey.expanded += 1;
                expanded::read(text, span, last, unified, events);
            }
            Self::Jul => {
                unified.survey.jul += 1;
                jul::read(text, span, last, unified, events);
            }
            Self::BouncyCastle => bc::read(text, span, unified, events),
        }
    }
}

/// Where entries begin in a text, from front to back: each dialect is asked no more often than needed.
pub(crate) struct Starts<'t> {
    text: &'t [u8],
    /// The next start in each dialect of [`ALL`].
    next: [Option<usize>; ALL.len()],
}

impl<'t> Starts<'t> {
    /// Looks from `from` on.
    pub(crate) fn new(text: &'t [u8], from: usize) -> Self {
        Self {
            text,
            next: ALL.map(|dialect| dialect.next_start(text, from)),
        }
    }
}

impl Iterator for Starts<'_> {
    type Item = (usize, Foreign);

    fn next(&mut self) -> Option<Self::Item> {
        let starts = self.next.iter().zip(ALL);
        let (at, dialect) = starts
            .filter_map(|(&at, dialect)| Some((at?, dialect)))
            .min_by_key(|&(at, _)| at)?;
        for (next, dialect) in self.next.iter_mut().zip(ALL) {
            if *next == Some(at) {
                *next = dialect.next_start(self.text, at + 1);
            }
        }
        Some((at, dialect))
    }
}

/// Where the next entry begins in `text`, at `from` or later.
pub(crate) fn next_start(text: &[u8], from: usize) -> Option<usize> {
    Starts::new(text, from).next().map(|(at, _)| at)
}

/// Where the last entry of `text` begins.
pub(crate) fn last_start(text: &[u8]) -> Option<usize> {
    /// Entries are short: mostly, one begins this near to the end.
    const NEAR: usize = 64 << 10;
    let last_from = |from| Starts::new(text, from).last().map(|(at, _)| at);
    let near = text.len().saturating_sub(NEAR);
    if near == 0 {
        return last_from(0);
    }
    let line = memchr::memchr(b'\n', &text[near..]).map_or(text.len(), |feed| near + feed + 1);
    last_from(line).or_else(|| last_from(0))
}
