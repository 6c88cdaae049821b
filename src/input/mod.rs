//! Where bytes come from: a mapped file, or anything that can be read.
//!
//! Compressed input, other encodings than UTF-8 and growing files are not handled here yet; what
//! they look like is recognised ([`Lookalike`]), so that the message can name the cure.

mod map;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

pub use self::map::Map;
use crate::error::Error;

/// An opened input.
#[derive(Debug)]
pub enum Input {
    /// A regular file, mapped into memory.
    Map(Map),
    /// Standard input, a pipe, a file that cannot be mapped.
    Stream(Stream),
}

/// A reader and what to call it in messages.
pub struct Stream {
    /// The path, or `standard input`.
    pub name: PathBuf,
    /// The bytes.
    pub reader: Box<dyn Read + Send>,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Input {
    /// Opens a file; `-` is standard input.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if path == Path::new("-") {
            return Ok(Self::stdin());
        }
        let opening = |source| Error::opening(path.to_owned(), source);
        let file = File::open(path).map_err(opening)?;
        let metadata = file.metadata().map_err(opening)?;
        if metadata.is_dir() {
            return Err(Error::Directory {
                path: path.to_owned(),
            });
        }
        // files of /proc say that they are empty
        if metadata.is_file()
            && metadata.len() > 0
            && let Some(map) = Map::new(&file)
        {
            return Ok(Self::Map(map));
        }
        Ok(Self::Stream(Stream {
            name: path.to_owned(),
            reader: Box::new(file),
        }))
    }

    /// Standard input.
    pub fn stdin() -> Self {
        Self::Stream(Stream {
            name: PathBuf::from("standard input"),
            reader: Box::new(io::stdin()),
        })
    }
}

/// Input that holds no readable log as it is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookalike {
    /// `.gz`
    Gzip,
    /// `.zst`
    Zstd,
    /// `.xz`
    Xz,
    /// `.bz2`
    Bzip2,
    /// UTF-16 with a byte order mark, as PowerShell redirects write it.
    Utf16,
    /// NUL bytes: no text.
    Binary,
    /// The classic dialect: JDK 6 to 8u252, 9 and 10.
    Classic,
    /// A report of this program.
    Report,
}

impl Lookalike {
    /// What the first bytes say; `None` for text.
    pub fn of(start: &[u8]) -> Option<Self> {
        let text = &start[..start.len().min(256 << 10)];
        let start = &start[..start.len().min(8192)];
        let magics: [(&[u8], Self); 6] = [
            (&[0x1f, 0x8b], Self::Gzip),
            (&[0x28, 0xb5, 0x2f, 0xfd], Self::Zstd),
            (b"\xfd7zXZ\0", Self::Xz),
            (b"BZh", Self::Bzip2),
            (&[0xff, 0xfe], Self::Utf16),
            (&[0xfe, 0xff], Self::Utf16),
        ];
        let known = magics
            .iter()
            .find(|(magic, _)| start.starts_with(magic))
            .map(|&(_, kind)| kind);
        known
            .or_else(|| start.contains(&0).then_some(Self::Binary))
            .or_else(|| Self::of_text(text))
    }

    /// Text that was meant to be read, but is not what is read here.
    fn of_text(text: &[u8]) -> Option<Self> {
        const CLASSIC: [&[u8]; 4] = [
            b"*** ClientHello, ",
            b"Allow unsafe renegotiation: ",
            b", WRITE: TLSv1",
            b"adding as trusted cert:",
        ];
        let says = |words: &[u8]| memchr::memmem::find(text, words).is_some();
        if text.trim_ascii_start().starts_with(b"{") && says(b"\"schema\"") && says(b"jssl-analyze")
        {
            return Some(Self::Report);
        }
        CLASSIC
            .iter()
            .any(|words| says(words))
            .then_some(Self::Classic)
    }

    /// What it is, and what to do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Gzip => "it is gzip-compressed: zcat FILE | jssl-analyze -",
            Self::Zstd => "it is zstd-compressed: zstdcat FILE | jssl-analyze -",
            Self::Xz => "it is xz-compressed: xzcat FILE | jssl-analyze -",
            Self::Bzip2 => "it is bzip2-compressed: bzcat FILE | jssl-analyze -",
            Self::Utf16 => {
                "it is UTF-16 (a PowerShell redirect?): iconv -f UTF-16 -t UTF-8 FILE | jssl-analyze -"
            }
            Self::Binary => "it looks like a binary file",
            Self::Classic => {
                "it is the debug output of an older JDK (6 to 8u252, 9, 10), which this version does not read"
            }
            Self::Report => "it is a JSON report, which this version does not read again",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_recognised() {
        assert_eq!(Lookalike::of(&[0x1f, 0x8b, 8]), Some(Lookalike::Gzip));
        assert_eq!(Lookalike::of(b"BZh9"), Some(Lookalike::Bzip2));
        assert_eq!(Lookalike::of(b"\xff\xfej\0a\0"), Some(Lookalike::Utf16));
        assert_eq!(Lookalike::of(b"ELF\0\0"), Some(Lookalike::Binary));
        assert_eq!(
            Lookalike::of(b"x\n*** ClientHello, TLSv1.2\n"),
            Some(Lookalike::Classic)
        );
        assert_eq!(
            Lookalike::of(b"{\n \"schema\": 1, \"tool\": \"jssl-analyze\""),
            Some(Lookalike::Report)
        );
        assert_eq!(Lookalike::of("javax.net.ssl|… ü".as_bytes()), None);
    }

    #[test]
    fn errors_name_the_file() {
        let missing = Input::open(Path::new("no/such.log")).unwrap_err();
        assert_eq!(missing.to_string(), "no/such.log: no such file");
        let directory = Input::open(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap_err();
        assert!(
            directory
                .to_string()
                .ends_with("is a directory; name the log files in it")
        );
    }
}
