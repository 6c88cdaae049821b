//! Where a fact was read: byte offset and line number in the decompressed stream.

use serde::Serialize;

/// A place in the input. Every fact the tool states carries one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Span {
    /// Byte offset of the first byte, from 0.
    pub offset: u64,
    /// Line number of the first byte, from 1.
    pub line: u64,
    /// Length in bytes.
    #[serde(skip)]
    pub len: u32,
}

impl Span {
    /// The place `lines` further down in the same entry; its offset stays that of the entry.
    #[must_use]
    pub fn down(self, lines: u32) -> Self {
        Self {
            line: self.line + u64::from(lines),
            ..self
        }
    }
}
