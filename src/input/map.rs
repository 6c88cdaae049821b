//! The memory map: the only place with `unsafe`.

use std::{fs::File, ops::Deref};

use memmap2::Mmap;

/// The bytes of a file, mapped read-only.
#[derive(Debug)]
pub struct Map(Mmap);

impl Map {
    /// Maps a file; `None` where the system refuses (the caller reads it then).
    #[expect(
        unsafe_code,
        reason = "mapping a file is unsafe by nature; this is the one place"
    )]
    pub(super) fn new(file: &File) -> Option<Self> {
        // SAFETY: the map is read-only, and nothing here relies on the bytes staying the same: they are
        // parsed as untrusted input, and no reference into the map outlives it. What remains is the
        // risk every mapping tool takes: when another process truncates the file while it is read, the
        // system ends this one with SIGBUS. Files that only grow (logs do) are safe.
        let map = unsafe { Mmap::map(file) }.ok()?;
        #[cfg(unix)]
        {
            // read once, from front to back: let the system read ahead
            let _ = map.advise(memmap2::Advice::Sequential);
        }
        Some(Self(map))
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
