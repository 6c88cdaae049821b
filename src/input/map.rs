//! The memory map: the only place with `unsafe`.
//!
//! A mapped file that another process shortens ends this one with SIGBUS as soon as the bytes that
//! are gone are looked at. Logs only grow, but `copytruncate` of logrotate shortens them. There is
//! no way to go on from there; [`guard_maps`] at least makes it say what happened.

use std::{
    fs::{File, Metadata},
    ops::Deref,
    path::{Path, PathBuf},
};

use memmap2::Mmap;

use super::{encoding::Encoding, origin::Origin};

/// The text of a file, mapped read-only.
#[derive(Debug)]
pub struct Map {
    bytes: Mmap,
    path: PathBuf,
    encoding: Encoding,
    /// Bytes of a byte order mark in front.
    mark: usize,
}

impl Map {
    /// Maps a regular file; `None` for others, and where the system refuses (the caller reads it then).
    #[expect(
        unsafe_code,
        reason = "mapping a file is unsafe by nature; this is the one place"
    )]
    pub(super) fn new(file: &File, metadata: &Metadata, path: &Path) -> Option<Self> {
        // files of /proc say that they are empty
        if !metadata.is_file() || metadata.len() == 0 {
            return None;
        }
        #[cfg(unix)]
        guard::announce(path);
        // SAFETY: the map is read-only, and nothing here relies on the bytes staying the same: they are
        // parsed as untrusted input, and no reference into the map outlives it. What remains is the
        // risk every mapping tool takes: when another process truncates the file while it is read, the
        // system ends this one with SIGBUS. Files that only grow (logs do) are safe.
        let bytes = unsafe { Mmap::map(file) }.ok()?;
        #[cfg(unix)]
        {
            guard::watch(&bytes);
            // read once, from front to back: let the system read ahead
            let _ = bytes.advise(memmap2::Advice::Sequential);
        }
        Some(Self {
            bytes,
            path: path.to_owned(),
            encoding: Encoding::Utf8,
            mark: 0,
        })
    }

    /// The same, the mark taken off.
    pub(super) fn plain(mut self, encoding: Encoding, mark: usize) -> Self {
        self.encoding = encoding;
        self.mark = mark;
        self
    }

    /// Where its bytes come from.
    pub fn origin(&self) -> Origin {
        let origin = Origin::default();
        origin.parts.begin(&self.path, None, self.encoding);
        origin
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.mark..]
    }
}

/// From now on, a mapped file that is shortened while it is read ends the process with a message and
/// exit code 2, not with a bare `Bus error`. For programs; a library leaves signals alone.
pub fn guard_maps() {
    #[cfg(unix)]
    guard::install();
}

#[cfg(unix)]
mod guard {
    use std::{
        os::unix::ffi::OsStrExt as _,
        path::Path,
        sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::SeqCst},
    };

    static INSTALLED: AtomicBool = AtomicBool::new(false);
    /// One thread has the word.
    static SPEAKING: AtomicBool = AtomicBool::new(false);
    /// The map that was made last.
    static START: AtomicUsize = AtomicUsize::new(0);
    static LENGTH: AtomicUsize = AtomicUsize::new(0);
    /// Its path. Never freed: a handler may be reading it.
    static NAME: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
    static NAME_LENGTH: AtomicUsize = AtomicUsize::new(0);

    /// The next map is of this file. Until it is known where, it may be anywhere: the file can be
    /// shortened as soon as it is mapped.
    pub(super) fn announce(path: &Path) {
        if !INSTALLED.load(SeqCst) {
            return;
        }
        let name: Vec<u8> = path
            .as_os_str()
            .as_bytes()
            .iter()
            .map(|&byte| if byte.is_ascii_control() { b'?' } else { byte })
            .collect();
        let name = name.leak();
        NAME_LENGTH.store(0, SeqCst);
        NAME.store(name.as_mut_ptr(), SeqCst);
        NAME_LENGTH.store(name.len(), SeqCst);
        START.store(0, SeqCst);
        LENGTH.store(usize::MAX, SeqCst);
    }

    /// Where the announced file is mapped.
    pub(super) fn watch(bytes: &[u8]) {
        LENGTH.store(bytes.len(), SeqCst);
        START.store(bytes.as_ptr().addr(), SeqCst);
    }

    #[expect(unsafe_code, reason = "signal handlers are unsafe by nature")]
    pub(super) fn install() {
        // SAFETY: `action` is a valid sigaction for a handler with three arguments (SA_SIGINFO), and
        // the handler does only what is allowed in one.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
                shortened;
            action.sa_sigaction = handler as usize;
            action.sa_flags = libc::SA_SIGINFO;
            libc::sigemptyset(&raw mut action.sa_mask);
            INSTALLED.store(
                libc::sigaction(libc::SIGBUS, &raw const action, std::ptr::null_mut()) == 0,
                SeqCst,
            );
        }
    }

    /// Async-signal-safe: it reads atomics, writes to standard error and exits.
    #[expect(unsafe_code, reason = "signal handlers are unsafe by nature")]
    extern "C" fn shortened(signal: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
        const BEFORE: &[u8] = b"jssl-analyze: ";
        const AFTER: &[u8] = b": was shortened while it was read (rotated with copytruncate?); \
            run again, or read a copy: cat FILE | jssl-analyze -\n";
        let (start, length) = (START.load(SeqCst), LENGTH.load(SeqCst));
        // SAFETY: with SA_SIGINFO the system passes a valid siginfo. `signal`, `pause`, `write` and
        // `_exit` are async-signal-safe. The name was leaked and holds as many bytes as its length says:
        // `announce` sets that to 0 while it changes the pointer.
        unsafe {
            let at = (*info).si_addr().addr();
            if at < start || at - start >= length {
                // not ours: the same instruction faults again, and the system does what it does
                libc::signal(signal, libc::SIG_DFL);
                return;
            }
            while SPEAKING.swap(true, SeqCst) {
                // another thread met the same end, and is about to exit
                libc::pause();
            }
            let name = (
                NAME.load(SeqCst).cast_const().cast(),
                NAME_LENGTH.load(SeqCst),
            );
            for (text, count) in [
                (BEFORE.as_ptr().cast(), BEFORE.len()),
                name,
                (AFTER.as_ptr().cast(), AFTER.len()),
            ] {
                let _ = libc::write(libc::STDERR_FILENO, text, count);
            }
            libc::_exit(2)
        }
    }
}
