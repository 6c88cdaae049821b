//! Where the bytes of an input come from: its files, and what went wrong with them.
//!
//! Spans count over the whole input, decompressed and decoded. [`Parts`] leads from there back to
//! the file. It is shared with the reader and complete when that is at its end.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{compressed::Compression, encoding::Encoding};
use crate::error::Error;

/// What is known of an input beside its bytes.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The files it is made of.
    pub parts: Parts,
    /// What kept it from being read to the end.
    pub errors: Errors,
}

impl Origin {
    /// Compression that is undone: that of the first compressed part.
    pub fn compression(&self) -> Option<&'static str> {
        let state = self.parts.state();
        state.list.iter().find_map(|part| part.compression)
    }

    /// The encoding: that of the newest part.
    pub fn encoding(&self) -> &'static str {
        let state = self.parts.state();
        state
            .list
            .last()
            .map_or(Encoding::default().name(), |part| part.encoding)
    }
}

/// One file of an input, or one life of a followed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The file.
    pub path: PathBuf,
    /// Compression that is undone.
    pub compression: Option<&'static str>,
    /// The encoding.
    pub encoding: &'static str,
    /// Offset of its first byte in the input.
    pub first_offset: u64,
    /// Number in the input of the first line that begins in it.
    pub first_line: u64,
    /// Line feeds before it.
    line_feeds: u64,
}

/// The files of an input, in the order of reading: the oldest first.
#[derive(Debug, Clone, Default)]
pub struct Parts(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    list: Vec<Part>,
    offset: u64,
    line_feeds: u64,
    /// The last byte was in the middle of a line.
    torn: bool,
}

impl Parts {
    /// The parts so far.
    pub fn list(&self) -> Vec<Part> {
        self.state().list.clone()
    }

    /// The file that holds the byte at an offset of the input, and the offset in that file (in its
    /// text, when it is compressed or UTF-16).
    pub fn locate(&self, offset: u64) -> Option<(PathBuf, u64)> {
        let state = self.state();
        let after = state
            .list
            .partition_point(|part| part.first_offset <= offset);
        let part = &state.list[after.checked_sub(1)?];
        Some((part.path.clone(), offset - part.first_offset))
    }

    /// The file in which a line of the input begins, and the number of the line there.
    pub fn locate_line(&self, line: u64) -> Option<(PathBuf, u64)> {
        let state = self.state();
        let after = state.list.partition_point(|part| part.first_line <= line);
        let part = &state.list[after.checked_sub(1)?];
        Some((part.path.clone(), line - part.line_feeds))
    }

    /// The next bytes come from another file.
    pub(super) fn begin(&self, path: &Path, compression: Option<Compression>, encoding: Encoding) {
        let mut state = self.state();
        let part = Part {
            path: path.to_owned(),
            compression: compression.map(Compression::name),
            encoding: encoding.name(),
            first_offset: state.offset,
            first_line: state.line_feeds + 1 + u64::from(state.torn),
            line_feeds: state.line_feeds,
        };
        state.list.push(part);
    }

    /// The encoding of the newest part turned out.
    pub(super) fn encoding_is(&self, encoding: Encoding) {
        if let Some(part) = self.state().list.last_mut() {
            part.encoding = encoding.name();
        }
    }

    /// These bytes were read.
    pub(super) fn advance(&self, bytes: &[u8]) {
        let Some(&last) = bytes.last() else { return };
        let line_feeds = memchr::memchr_iter(b'\n', bytes).count() as u64;
        let mut state = self.state();
        state.offset += bytes.len() as u64;
        state.line_feeds += line_feeds;
        state.torn = last != b'\n';
    }

    /// Whether the bytes so far end in the middle of a line.
    pub(super) fn is_torn(&self) -> bool {
        self.state().torn
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What went wrong while an input was read. Reading ends there as if the input did, so that what
/// came before is analysed; whoever drives it asks afterwards.
#[derive(Debug, Clone, Default)]
pub struct Errors(Arc<Mutex<Vec<Error>>>);

impl Errors {
    /// The errors so far; they are told once.
    pub fn take(&self) -> Vec<Error> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn push(&self, error: Error) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(error);
    }

    pub(super) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_back_to_their_file() {
        let parts = Parts::default();
        for (path, text) in [
            ("b.1", "one\ntwo\nthr"),
            ("b", "ee\nfour\n"),
            ("c", "five\n"),
        ] {
            parts.begin(Path::new(path), None, Encoding::Utf8);
            for piece in text.as_bytes().chunks(2) {
                parts.advance(piece);
            }
        }
        let place = |path: &str, at| Some((PathBuf::from(path), at));
        assert_eq!(parts.locate(0), place("b.1", 0));
        assert_eq!(parts.locate(10), place("b.1", 10));
        assert_eq!(parts.locate(11), place("b", 0));
        assert_eq!(parts.locate(19), place("c", 0));
        assert_eq!(parts.locate_line(1), place("b.1", 1));
        // it begins in the older file and ends in the newer
        assert_eq!(parts.locate_line(3), place("b.1", 3));
        assert_eq!(parts.locate_line(4), place("b", 2));
        assert_eq!(parts.locate_line(5), place("c", 1));
        assert_eq!(Parts::default().locate(0), None);
    }
}
