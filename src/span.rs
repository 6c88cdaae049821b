//! Where a fact was read: byte offset and line number in the decompressed stream.

use std::fmt;

/// A place in the input. Every fact the tool states carries one, so it is kept small: 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Byte offset of the first byte, from 0.
    pub offset: u64,
    /// The line in the upper 40 bits, the length below.
    line_and_len: u64,
}

/// Entries are not longer than 8 MiB: 24 bits hold their lengths.
const LEN_BITS: u32 = 24;
const MAX_LEN: u64 = (1 << LEN_BITS) - 1;
/// A million million lines.
const MAX_LINE: u64 = u64::MAX >> LEN_BITS;

impl Span {
    /// A place; what is beyond 16 MiB of length or 2⁴⁰ lines counts as so much.
    pub fn new(offset: u64, line: u64, len: u64) -> Self {
        Self {
            offset,
            line_and_len: line.min(MAX_LINE) << LEN_BITS | len.min(MAX_LEN),
        }
    }

    /// Line number of the first byte, from 1.
    pub fn line(self) -> u64 {
        self.line_and_len >> LEN_BITS
    }

    /// Length in bytes.
    #[expect(clippy::len_without_is_empty, reason = "a place, not a container")]
    pub fn len(self) -> u64 {
        self.line_and_len & MAX_LEN
    }

    /// The place `lines` further down in the same entry; its offset stays that of the entry.
    #[must_use]
    pub fn down(self, lines: impl Into<u64>) -> Self {
        let line = self.line().saturating_add(lines.into());
        Self::new(self.offset, line, self.len())
    }

    /// The same place with what follows it.
    #[must_use]
    pub(crate) fn longer(self, by: u64) -> Self {
        Self::new(self.offset, self.line(), self.len() + by)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{} line {}", self.offset, self.len(), self.line())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_keeps_its_parts() {
        let span = Span::new(u64::MAX, 1 << 39, 1 << 23);
        assert_eq!(
            (span.offset, span.line(), span.len()),
            (u64::MAX, 1 << 39, 1 << 23)
        );
        let far = span.down(u64::MAX);
        assert_eq!((far.line(), far.len()), (MAX_LINE, 1 << 23));
        assert!(Span::new(1, 2, 9) < Span::new(1, 3, 0));
    }
}
