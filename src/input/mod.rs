//! Where bytes come from: files, directories, rotated sets, pipes, files that grow.
//!
//! [`collect()`] turns what was named into [`Source`]s; a source opens as a mapped file ([`Map`]:
//! plain UTF-8, nothing to undo) or as a [`Stream`], with compression and encoding taken off. What is
//! recognised is recognised by the first bytes, never by the name; only rotated sets go by names.

mod blocks;
mod codecs;
mod collect;
mod compressed;
mod encoding;
mod follow;
mod joined;
mod lookalike;
mod map;
mod origin;
mod part;
mod rotated;

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

pub use self::{
    collect::{Source, collect},
    compressed::{Compression, Limits},
    encoding::Encoding,
    follow::{Follow, Stop},
    lookalike::Lookalike,
    map::{Map, guard_maps},
    origin::{Errors, Origin, Part, Parts},
};
use crate::error::Error;

/// What standard input is called in messages.
const STDIN: &str = "standard input";

/// How inputs are collected and opened.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Read rotated sets as one input.
    pub join: bool,
    /// Wait for what is appended, until told to stop.
    pub follow: Option<Stop>,
    /// How much compressed input may unpack to.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            join: true,
            follow: None,
            limits: Limits::default(),
        }
    }
}

/// An opened input.
#[derive(Debug)]
pub enum Input {
    /// A plain regular file, mapped into memory.
    Map(Map),
    /// Everything else.
    Stream(Stream),
}

/// A reader and what is known of it.
///
/// Its bytes are decompressed and decoded. It ends where reading fails; why is told by
/// `origin.errors`. While a followed input is silent, reading fails with
/// [`WouldBlock`](std::io::ErrorKind::WouldBlock) about five times a second.
pub struct Stream {
    /// The path, or `standard input`.
    pub name: PathBuf,
    /// The bytes.
    pub reader: Box<dyn Read + Send>,
    /// Where they come from.
    pub origin: Origin,
    /// What it looks like by its first bytes, when it is no plain text.
    lookalike: Option<Lookalike>,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream")
            .field("name", &self.name)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Stream {
    /// A stream of plain text.
    pub fn new(name: impl Into<PathBuf>, reader: impl Read + Send + 'static) -> Self {
        let name = name.into();
        let origin = Origin::default();
        origin.parts.begin(&name, None, Encoding::Utf8);
        Self {
            name,
            reader: Box::new(reader),
            origin,
            lookalike: None,
        }
    }

    /// A file, a pipe or standard input, wrapped in whatever it may be.
    fn unwrap(
        raw: impl Read + Send + 'static,
        name: &Path,
        options: &Options,
    ) -> Result<Self, Error> {
        let origin = Origin::default();
        let part = part::unwrap(raw, name, options, &origin.errors)?;
        origin.parts.begin(name, part.compression, part.encoding);
        Ok(Self {
            name: name.to_owned(),
            reader: part.reader,
            origin,
            lookalike: part.lookalike,
        })
    }
}

impl Input {
    /// Opens a file; `-` is standard input.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::open_with(path, &Options::default())
    }

    /// Opens a file; `-` is standard input.
    pub fn open_with(path: &Path, options: &Options) -> Result<Self, Error> {
        if path == Path::new("-") {
            return Stream::unwrap(io::stdin(), Path::new(STDIN), options).map(Self::Stream);
        }
        // opened once: whoever writes into a FIFO would notice
        let (file, metadata) = part::open_file(path)?;
        if let Some(stop) = options.follow {
            if metadata.is_file() {
                let origin = Origin::default();
                return Ok(Self::Stream(Stream {
                    name: path.to_owned(),
                    reader: Box::new(Follow::open(path, stop, &origin)?),
                    origin,
                    lookalike: None,
                }));
            }
        } else if let Some(map) = Map::new(&file, &metadata, path)
            && let (encoding, mark) = Encoding::of(&map)
            && Compression::of(&map).is_none()
            && !encoding.is_wide()
        {
            return Ok(Self::Map(map.plain(encoding, mark)));
        }
        Stream::unwrap(file, path, options).map(Self::Stream)
    }

    /// Standard input.
    pub fn stdin() -> Result<Self, Error> {
        Self::open(Path::new("-"))
    }

    /// Whether its first bytes are no text.
    fn is_binary(&self) -> bool {
        match self {
            Self::Map(map) => Lookalike::of(map) == Some(Lookalike::Binary),
            Self::Stream(stream) => stream.lookalike == Some(Lookalike::Binary),
        }
    }

    /// Whether it begins like a saved report.
    pub fn is_report(&self) -> bool {
        match self {
            Self::Map(map) => lookalike::is_report(map),
            Self::Stream(stream) => stream.lookalike == Some(Lookalike::Report),
        }
    }

    /// Where its bytes come from: shared with the stream, complete when that is read.
    pub fn origin(&self) -> Origin {
        match self {
            Self::Map(map) => map.origin(),
            Self::Stream(stream) => stream.origin.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn plain_files_are_mapped_and_others_are_streams() {
        let dir = tempfile::tempdir().unwrap();
        let open = |bytes: &[u8]| {
            let path = dir.path().join("x.log");
            std::fs::write(&path, bytes).unwrap();
            Input::open(&path).unwrap()
        };
        let Input::Map(map) = open(b"\xef\xbb\xbftext\n") else {
            panic!("a mark in front does not keep a file from being mapped")
        };
        assert_eq!(
            (&map[..], map.origin().encoding()),
            (&b"text\n"[..], "utf-8-bom")
        );
        assert!(matches!(open(b"plain\n"), Input::Map(_)));
        assert!(matches!(open(b""), Input::Stream(_)));
        let Input::Stream(mut wide) = open(b"\xff\xfea\0b\0") else {
            panic!("mapped UTF-16")
        };
        let mut text = String::new();
        wide.reader.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), wide.origin.encoding()), ("ab", "utf-16le"));
    }
}
