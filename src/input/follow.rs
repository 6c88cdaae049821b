//! A file that grows: what is appended is read as it comes.
//!
//! Growth is polled: that works on every file system, over networks and in containers. A new file
//! under the old name (rotation) is gone over to when the old one is at its end; a file that became
//! shorter (truncation) is read again from its beginning. A file that is truncated and longer
//! than before by the next poll cannot be told from one that grew.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{
    compressed::Compression,
    encoding::{Encoding, Transcoder},
    origin::{Origin, Parts},
    part::open_file,
};
use crate::error::Error;

/// Set when following is to end.
pub type Stop = &'static AtomicBool;

/// Time between two looks at a file.
pub(super) const POLL: Duration = Duration::from_millis(200);
/// Time to read what is there when told to stop; a file may grow faster than it is read.
const GRACE: Duration = Duration::from_secs(5);

/// The bytes of a growing file as UTF-8. When nothing was appended, [`read`](Read::read) fails with
/// [`WouldBlock`](io::ErrorKind::WouldBlock) after a moment; it ends when told to stop.
pub struct Follow {
    path: PathBuf,
    file: File,
    identity: Identity,
    /// Bytes read of this file.
    at: u64,
    raw: Box<[u8]>,
    transcoder: Transcoder,
    ready: Vec<u8>,
    ready_at: usize,
    parts: Parts,
    /// The next bytes are the first of another file, or of another life of this one.
    begins: bool,
    /// Another file has the name now; the writer may still hold this one, so one more look is taken.
    replaced: bool,
    stop: Stop,
    stopped: Option<Instant>,
}

impl std::fmt::Debug for Follow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follow")
            .field("path", &self.path)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// Tells two files of one name apart.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = Option<std::time::SystemTime>;

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> Identity {
    metadata.created().ok()
}

impl Follow {
    /// Follows a file from its beginning.
    pub fn open(path: &Path, stop: Stop, origin: &Origin) -> Result<Self, Error> {
        let (mut file, metadata) = open_file(path)?;
        let opening = |source| Error::opening(path.to_owned(), source);
        let mut head = [0; Compression::MAGIC];
        let filled = file.read(&mut head).map_err(opening)?;
        if Compression::of(&head[..filled]).is_some() {
            let path = path.to_owned();
            return Err(Error::NotFollowed { path });
        }
        file.seek(SeekFrom::Start(0)).map_err(opening)?;
        origin.parts.begin(path, None, Encoding::Utf8);
        Ok(Self {
            path: path.to_owned(),
            file,
            identity: identity(&metadata),
            at: 0,
            raw: vec![0; 256 << 10].into(),
            transcoder: Transcoder::default(),
            ready: Vec::new(),
            ready_at: 0,
            parts: origin.parts.clone(),
            begins: false,
            replaced: false,
            stop,
            stopped: None,
        })
    }

    /// Reads on, here or in the file that has the name now. False when there is nothing.
    fn fill(&mut self) -> io::Result<bool> {
        self.ready.clear();
        self.ready_at = 0;
        if std::mem::take(&mut self.begins) {
            self.parts.begin(&self.path, None, Encoding::Utf8);
        }
        let count = self.file.read(&mut self.raw)?;
        if count > 0 {
            self.at += count as u64;
            self.replaced = false;
            self.decode(count, false);
            return Ok(true);
        }
        // gone for a moment is what a rotation looks like from here
        let Ok(metadata) = fs::metadata(&self.path) else {
            return Ok(false);
        };
        if identity(&metadata) == self.identity {
            if metadata.len() >= self.at {
                return Ok(false);
            }
            self.decode(0, true);
            self.file.seek(SeekFrom::Start(0))?;
            self.restart();
            return Ok(true);
        }
        // Writers go on in the old file until they are told to open the new one. As long as that is
        // empty, they were not told.
        if metadata.len() == 0 {
            return Ok(false);
        }
        if !self.replaced && self.stopped.is_none() {
            self.replaced = true;
            return Ok(false);
        }
        let file = File::open(&self.path)?;
        self.identity = identity(&file.metadata()?);
        self.decode(0, true);
        self.file = file;
        self.restart();
        Ok(true)
    }

    /// Reading goes on at the beginning of a file.
    fn restart(&mut self) {
        self.at = 0;
        self.replaced = false;
        self.transcoder = Transcoder::default();
        self.begins = true;
        // the rest of a torn line is lost; the next file begins a line of its own
        if self
            .ready
            .last()
            .map_or(self.parts.is_torn(), |last| *last != b'\n')
        {
            self.ready.push(b'\n');
        }
    }

    fn decode(&mut self, count: usize, last: bool) {
        let known = self.transcoder.encoding();
        self.transcoder
            .push(&self.raw[..count], last, &mut self.ready);
        if let Some(encoding) = self.transcoder.encoding()
            && known.is_none()
        {
            self.parts.encoding_is(encoding);
        }
    }
}

impl Read for Follow {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let rest = &self.ready[self.ready_at..];
            if !rest.is_empty() {
                let count = into.len().min(rest.len());
                into[..count].copy_from_slice(&rest[..count]);
                self.parts.advance(&rest[..count]);
                self.ready_at += count;
                return Ok(count);
            }
            if self.stopped.is_none() && self.stop.load(Ordering::Relaxed) {
                self.stopped = Some(Instant::now());
            }
            let late = self
                .stopped
                .is_some_and(|stopped| stopped.elapsed() > GRACE);
            if !late && self.fill()? {
                continue;
            }
            if self.stopped.is_some() {
                self.decode(0, true);
                if self.ready.is_empty() {
                    return Ok(0);
                }
                continue;
            }
            thread::sleep(POLL);
            return Err(io::ErrorKind::WouldBlock.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    struct Scene {
        dir: tempfile::TempDir,
        follow: Follow,
        origin: Origin,
        stop: Stop,
    }

    impl Scene {
        fn new(text: &[u8]) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("x.log");
            fs::write(&path, text).unwrap();
            let stop: Stop = Box::leak(Box::new(AtomicBool::new(false)));
            let origin = Origin::default();
            let follow = Follow::open(&path, stop, &origin).unwrap();
            Self {
                dir,
                follow,
                origin,
                stop,
            }
        }

        fn path(&self) -> PathBuf {
            self.dir.path().join("x.log")
        }

        fn append(&self, text: &[u8]) {
            let mut file = fs::OpenOptions::new()
                .append(true)
                .open(self.path())
                .unwrap();
            file.write_all(text).unwrap();
        }

        /// Everything up to silence.
        fn read(&mut self) -> String {
            let (mut text, mut buffer, mut silence) = (Vec::new(), [0; 5], 0);
            while silence < 2 {
                match self.follow.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(count) => {
                        silence = 0;
                        text.extend_from_slice(&buffer[..count]);
                    }
                    Err(error) => {
                        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                        silence += 1;
                    }
                }
            }
            String::from_utf8(text).unwrap()
        }
    }

    #[test]
    fn what_is_appended_is_read() {
        let mut scene = Scene::new(b"one\n");
        assert_eq!(scene.read(), "one\n");
        scene.append(b"tw");
        assert_eq!(scene.read(), "tw");
        scene.append(b"o\n");
        scene.stop.store(true, Ordering::Relaxed);
        assert_eq!(scene.read(), "o\n");
        assert_eq!(scene.follow.read(&mut [0; 8]).unwrap(), 0);
    }

    #[test]
    fn a_rotated_file_is_read_to_its_end_and_then_the_new_one() {
        let mut scene = Scene::new(b"one\n");
        assert_eq!(scene.read(), "one\n");
        let old = scene.dir.path().join("x.log.1");
        fs::rename(scene.path(), &old).unwrap();
        fs::write(scene.path(), b"").unwrap();
        assert_eq!(scene.read(), "");
        // the writer was not told yet
        let mut file = fs::OpenOptions::new().append(true).open(&old).unwrap();
        file.write_all(b"two\n").unwrap();
        scene.append(b"three\n");
        assert_eq!(scene.read(), "two\nthree\n");
        let parts: Vec<u64> = scene
            .origin
            .parts
            .list()
            .iter()
            .map(|part| part.first_offset)
            .collect();
        assert_eq!(parts, [0, 8]);
        assert_eq!(scene.origin.parts.locate_line(3), Some((scene.path(), 1)));
    }

    #[test]
    fn a_truncated_file_is_read_again_from_its_beginning() {
        let mut scene = Scene::new(b"one\ntwo\nthr");
        assert_eq!(scene.read(), "one\ntwo\nthr");
        fs::write(scene.path(), b"four\n").unwrap();
        assert_eq!(scene.read(), "\nfour\n");
        assert_eq!(scene.origin.parts.locate_line(4), Some((scene.path(), 1)));
        assert_eq!(scene.origin.parts.locate(12), Some((scene.path(), 0)));
    }

    #[test]
    fn utf_16_can_be_followed_from_nothing() {
        let mut scene = Scene::new(b"");
        assert_eq!(scene.read(), "");
        scene.append(b"\xff");
        assert_eq!(scene.read(), "");
        scene.append(b"\xfeo\0n\0");
        assert_eq!(scene.read(), "on");
        assert_eq!(scene.origin.encoding(), "utf-16le");
    }

    #[test]
    fn compressed_files_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.log");
        fs::write(&path, b"\x1f\x8b\x08rest").unwrap();
        let stop: Stop = Box::leak(Box::new(AtomicBool::new(false)));
        let error = Follow::open(&path, stop, &Origin::default()).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("cannot be followed; leave --follow out")
        );
    }
}
