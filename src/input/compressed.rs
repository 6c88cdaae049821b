//! `.gz`, `.zst`, `.xz`, `.bz2`: recognised by their first bytes, undone as a stream, with limits.
//!
//! Files made of several members, frames or streams are read to their end.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    codecs::{Counted, decoder},
    origin::Errors,
};
use crate::error::Error;

/// A compression that can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// `.gz`
    Gzip,
    /// `.zst`
    Zstd,
    /// `.xz`
    Xz,
    /// `.bz2`
    Bzip2,
}

impl Compression {
    /// The first bytes that [`Compression::of`] wants to see.
    pub(super) const MAGIC: usize = 6;

    /// What the first bytes say, whatever the name of the file.
    pub fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            // the second is a skippable frame, which pzstd writes first
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            // then the size of the blocks, and the first digits of pi
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => Some(Self::Bzip2),
            _ => None,
        }
    }

    /// The name, as the report prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Bzip2 => "bzip2",
        }
    }

    /// The command that undoes it.
    fn command(self) -> &'static str {
        match self {
            Self::Gzip => "zcat",
            Self::Zstd => "zstdcat",
            Self::Xz => "xzcat",
            Self::Bzip2 => "bzcat",
        }
    }
}

/// How much compressed input may unpack to: a few kilobytes can be made to fill any disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Times its size.
    pub ratio: u64,
    /// The ratio holds from here on: small files may be as repetitive as they like.
    pub ratio_after: u64,
    /// Bytes in all.
    pub total: Option<u64>,
}

impl Default for Limits {
    /// Gzip cannot pack denser than 1 : 1032, logs come nowhere near it.
    fn default() -> Self {
        Self {
            ratio: 1000,
            ratio_after: 1 << 30,
            total: None,
        }
    }
}

/// What compressed bytes unpack to. It ends without an error; errors are kept aside.
pub(super) struct Unpacked {
    decoder: Box<dyn Read + Send>,
    compression: Compression,
    path: PathBuf,
    packed: Arc<AtomicU64>,
    given: u64,
    limits: Limits,
    errors: Errors,
    ended: bool,
}

impl Unpacked {
    pub(super) fn new(
        packed: impl Read + Send + 'static,
        compression: Compression,
        path: &Path,
        limits: Limits,
        errors: &Errors,
    ) -> Result<Self, Error> {
        let counted = Counted::new(packed);
        let packed = counted.count();
        let path = path.to_owned();
        let Ok(decoder) = decoder(compression, counted) else {
            let command = compression.command();
            return Err(Error::Packed { path, command });
        };
        Ok(Self {
            decoder,
            compression,
            path,
            packed,
            given: 0,
            limits,
            errors: errors.clone(),
            ended: false,
        })
    }

    fn end(&mut self, error: Error) {
        self.ended = true;
        self.errors.push(error);
    }

    /// The limit that is exceeded.
    fn excess(&self) -> Option<Error> {
        let Limits {
            ratio,
            ratio_after,
            total,
        } = self.limits;
        let path = || self.path.clone();
        if let Some(limit) = total.filter(|limit| self.given > *limit) {
            return Some(Error::TooLarge {
                path: path(),
                limit,
            });
        }
        let packed = self.packed.load(Ordering::Relaxed);
        (self.given > ratio_after && self.given / ratio > packed).then(|| Error::Bomb {
            path: path(),
            ratio,
            unpacked: self.given,
            command: self.compression.command(),
        })
    }

    fn failed(&mut self, source: io::Error) {
        let (path, compression) = (self.path.clone(), self.compression.name());
        let offset = self.packed.load(Ordering::Relaxed);
        self.end(if source.kind() == io::ErrorKind::UnexpectedEof {
            Error::CutShort {
                path,
                compression,
                offset,
            }
        } else {
            Error::Damaged {
                path,
                compression,
                offset,
                source,
            }
        });
    }
}

impl Read for Unpacked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.ended || into.is_empty() {
            return Ok(0);
        }
        match self.decoder.read(into) {
            Ok(0) => {
                self.ended = true;
                Ok(0)
            }
            Ok(count) => {
                self.given += count as u64;
                let Some(error) = self.excess() else {
                    return Ok(count);
                };
                let over = self.limits.total.map_or(0, |total| {
                    usize::try_from(self.given.saturating_sub(total)).unwrap_or(count)
                });
                self.end(error);
                Ok(count.saturating_sub(over))
            }
            Err(error) if waits(&error) => Err(error),
            Err(error) => {
                self.failed(error);
                Ok(0)
            }
        }
    }
}

/// No failure: try again.
pub(super) fn waits(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
    )
}

#[cfg(test)]
#[cfg(feature = "compression")]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip2(text: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        zstd::encode_all(text, 1).unwrap()
    }

    fn xz(text: &[u8]) -> Vec<u8> {
        let options = lzma_rust2::XzOptions::with_preset(0);
        let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn unpack(packed: &[u8], limits: Limits) -> (Vec<u8>, Vec<Error>) {
        let errors = Errors::default();
        let compression = Compression::of(packed).unwrap();
        let mut unpacked = Vec::new();
        Unpacked::new(
            Cursor::new(packed.to_vec()),
            compression,
            Path::new("x.log"),
            limits,
            &errors,
        )
        .unwrap()
        .read_to_end(&mut unpacked)
        .unwrap();
        (unpacked, errors.take())
    }

    /// Text that does not shrink to nothing.
    fn text() -> Vec<u8> {
        let mut seed = 7_u32;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed >> 16
        };
        let mut text = Vec::new();
        while text.len() < 1 << 20 {
            writeln!(text, "line {:x} {:x}", next(), next()).unwrap();
        }
        text
    }

    #[test]
    fn several_members_are_read_to_the_end() {
        for pack in [gzip, bzip2, zstd, xz] {
            let (unpacked, errors) = unpack(
                &[pack(b"one\n"), pack(b"two\n")].concat(),
                Limits::default(),
            );
            assert_eq!(unpacked, b"one\ntwo\n");
            assert!(errors.is_empty());
        }
    }

    #[test]
    fn what_is_cut_short_is_read_up_to_there() {
        let text = text();
        for (pack, least) in [
            (gzip as fn(&[u8]) -> Vec<u8>, 100_000),
            (zstd, 100_000),
            (xz, 100_000),
            (bzip2, 0),
        ] {
            let packed = pack(&text);
            let half = packed.len() / 2;
            let (unpacked, errors) = unpack(&packed[..half], Limits::default());
            assert!(unpacked.len() > least && text.starts_with(&unpacked));
            let [Error::CutShort { offset, .. }] = errors[..] else {
                panic!("{errors:?}")
            };
            assert_eq!(offset, half as u64);
        }
    }

    #[test]
    fn damage_is_named_with_its_place() {
        let text = text();
        let mut packed = gzip(&text);
        let half = packed.len() / 2;
        packed[half..half + 64].fill(0xff);
        let (unpacked, errors) = unpack(&packed, Limits::default());
        assert!(unpacked.len() > 100_000);
        let [Error::Damaged { offset, .. }] = errors[..] else {
            panic!("{errors:?}")
        };
        assert!(offset > 100_000 && offset <= packed.len() as u64);
        let message = errors[0].to_string();
        assert!(
            message.starts_with("x.log: the gzip data is damaged at byte "),
            "{message}"
        );
    }

    #[test]
    fn bombs_are_stopped() {
        let limits = Limits {
            ratio: 100,
            ratio_after: 1 << 20,
            total: None,
        };
        for pack in [gzip, zstd, bzip2, xz] {
            let (unpacked, errors) = unpack(&pack(&vec![b'\n'; 8 << 20]), limits);
            assert!(
                (1 << 20..3 << 20).contains(&unpacked.len()),
                "{}",
                unpacked.len()
            );
            assert!(matches!(errors[..], [Error::Bomb { ratio: 100, .. }]));
        }
        let total = Limits {
            total: Some(1000),
            ..Limits::default()
        };
        let (unpacked, errors) = unpack(&gzip(&text()), total);
        assert_eq!(unpacked.len(), 1000);
        assert!(matches!(errors[..], [Error::TooLarge { limit: 1000, .. }]));
    }

    #[test]
    fn no_log_line_looks_compressed() {
        for text in ["BZh9 is a name\n", "(µ/ý", "P*M", "javax.net.ssl|", ""] {
            assert_eq!(Compression::of(text.as_bytes()), None);
        }
    }
}
