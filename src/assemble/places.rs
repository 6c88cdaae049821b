//! Where in the list of handshakes something is that identifies one.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash},
};

use foldhash::quality::RandomState;

/// From a random, or a session id, to the index of a handshake.
///
/// Of the key, only a hash is kept: the handshake has the rest, and whoever asks compares. A long log leaves a
/// hundred thousand of them.
#[derive(Debug, Default, Clone)]
pub(super) struct Places {
    hashes: RandomState,
    indices: HashMap<u64, u32, RandomState>,
}

impl Places {
    /// The index that was noted last for what has the hash of `key`.
    pub(super) fn get(&self, key: &impl Hash) -> Option<usize> {
        let index = self.indices.get(&self.hashes.hash_one(key))?;
        Some(*index as usize)
    }

    /// Notes an index.
    pub(super) fn insert(&mut self, key: &impl Hash, index: usize) {
        if let Ok(index) = u32::try_from(index) {
            self.indices.insert(self.hashes.hash_one(key), index);
        }
    }
}
