//! Where a fact was read: byte offset and line number in the decompressed stream.

mod turned;

use std::fmt;

pub use self::turned::Turned;

/// A place in the input. Every fact the tool states carries one, so it is kept small: 16 bytes.
///
/// Places are in order as they were read. That is the order of the input, but where that was turned round
/// ([`Turned`]): what stands further up there comes later.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// See [`Self::order`].
    order: u64,
    /// The line in the upper 40 bits, the length below.
    line_and_len: u64,
}

/// Of an order: it is that of a text that was turned round, and falls as the offset grows.
const MIRRORED: u64 = 1 << 63;
/// Of a line, where its number stands: lines further down in an entry are further up in the input.
const UPWARDS: u64 = 1 << 39;

/// Entries are not longer than 8 MiB: 24 bits hold their lengths.
const LEN_BITS: u32 = 24;
const MAX_LEN: u64 = (1 << LEN_BITS) - 1;
/// Half a million million lines.
const MAX_LINE: u64 = UPWARDS - 1;

impl Span {
    /// A place; what is beyond 16 MiB of length or 2⁴⁰ lines counts as so much.
    pub fn new(offset: u64, line: u64, len: u64) -> Self {
        Self::raw(offset, line.min(MAX_LINE), len)
    }

    /// A place of an input that was turned round, `upside_down` with the lines of its entries.
    pub(crate) fn turned(offset: u64, line: u64, len: u64, upside_down: bool) -> Self {
        let line = line.min(MAX_LINE);
        let line = if upside_down {
            UPWARDS | (MAX_LINE - line)
        } else {
            line
        };
        Self::raw(MIRRORED | !(offset | MIRRORED), line, len)
    }

    fn raw(order: u64, line: u64, len: u64) -> Self {
        Self {
            order,
            line_and_len: line << LEN_BITS | len.min(MAX_LEN),
        }
    }

    /// Byte offset of the first byte, from 0.
    pub fn offset(self) -> u64 {
        if self.order & MIRRORED == 0 {
            self.order
        } else {
            !self.order
        }
    }

    /// What is greater was read later. Of two things of one entry it is mostly the same.
    pub fn order(self) -> u64 {
        self.order
    }

    /// Line number of the first byte, from 1.
    pub fn line(self) -> u64 {
        let line = self.line_and_len >> LEN_BITS;
        if line & UPWARDS == 0 {
            line
        } else {
            (MAX_LINE - (line & MAX_LINE)).max(1)
        }
    }

    /// Length in bytes.
    #[expect(clippy::len_without_is_empty, reason = "a place, not a container")]
    pub fn len(self) -> u64 {
        self.line_and_len & MAX_LEN
    }

    /// The place `lines` further down in the same entry; its offset stays that of the entry.
    #[must_use]
    pub fn down(self, lines: impl Into<u64>) -> Self {
        let line = self.line_and_len >> LEN_BITS;
        let down = (line & MAX_LINE).saturating_add(lines.into());
        Self::raw(self.order, line & UPWARDS | down.min(MAX_LINE), self.len())
    }

    /// The same place with what follows it.
    #[must_use]
    pub(crate) fn longer(self, by: u64) -> Self {
        Self::raw(self.order, self.line_and_len >> LEN_BITS, self.len() + by)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{} line {}", self.offset(), self.len(), self.line())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_keeps_its_parts() {
        let span = Span::new(u64::MAX >> 1, 1 << 38, 1 << 23);
        assert_eq!(
            (span.offset(), span.line(), span.len()),
            (u64::MAX >> 1, 1 << 38, 1 << 23)
        );
        let far = span.down(u64::MAX);
        assert_eq!((far.line(), far.len()), (MAX_LINE, 1 << 23));
        assert!(Span::new(1, 2, 9) < Span::new(1, 3, 0));
    }
}
