//! Remembers what a piece of text was parsed into.
//!
//! A log prints the same cipher suite list, the same certificate and the same trust store over
//! and over. [`Interner`] maps the raw text to the shared result, so that a repetition costs one
//! hash instead of a parse, and one reference count instead of a copy.

use std::{collections::HashMap, sync::Arc};

use foldhash::quality::RandomState;

/// Raw text → shared value. Bounded: when the texts held pass the limit, it starts afresh.
#[derive(Debug)]
pub(crate) struct Interner<T: ?Sized> {
    map: HashMap<Box<[u8]>, Arc<T>, RandomState>,
    held: usize,
    limit: usize,
}

/// What an entry costs besides its text, roughly.
const OVERHEAD: usize = 128;

impl<T: ?Sized> Interner<T> {
    /// An interner that holds at most `limit` bytes of raw text.
    pub(crate) fn with_limit(limit: usize) -> Self {
        Self {
            map: HashMap::default(),
            held: 0,
            limit,
        }
    }

    /// The value for `text`, made by `parse` the first time.
    pub(crate) fn intern(&mut self, text: &[u8], parse: impl FnOnce(&[u8]) -> Arc<T>) -> Arc<T> {
        if let Some(known) = self.get(text) {
            return known;
        }
        let value = parse(text);
        self.insert(text, &value);
        value
    }

    /// The value for `text`, if it was met before.
    pub(crate) fn get(&self, text: &[u8]) -> Option<Arc<T>> {
        self.map.get(text).map(Arc::clone)
    }

    /// Remembers the value for `text`.
    pub(crate) fn insert(&mut self, text: &[u8], value: &Arc<T>) {
        if self.held + text.len() + OVERHEAD > self.limit {
            self.map.clear();
            self.held = 0;
        }
        if text.len() <= self.limit {
            self.held += text.len() + OVERHEAD;
            self.map.insert(text.into(), Arc::clone(value));
        }
    }
}

impl Interner<str> {
    /// The shared string for `text`; invalid UTF-8 becomes U+FFFD.
    pub(crate) fn text(&mut self, text: &[u8]) -> Arc<str> {
        self.intern(text, |raw| String::from_utf8_lossy(raw).into())
    }
}
