//! One file, pipe or standard input as a stream of UTF-8: what it is wrapped in is found out from its
//! first bytes, and undone.

use std::{
    fs::{File, Metadata},
    io::{self, Cursor, Read},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::{
    Lookalike, Options, STDIN,
    blocks::Blocks,
    compressed::{Compression, Unpacked, waits},
    encoding::{Decoded, Encoding},
    origin::Errors,
};
use crate::error::Error;

/// First bytes to look at, where they are there at once.
const HEAD: usize = 8192;

/// An opened part.
pub(super) struct Part {
    pub(super) reader: Box<dyn Read + Send>,
    pub(super) compression: Option<Compression>,
    pub(super) encoding: Encoding,
    /// What it looks like by its first bytes, when it is no plain text.
    pub(super) lookalike: Option<Lookalike>,
}

/// Opens a file, or standard input.
pub(super) fn open(path: &Path, options: &Options, errors: &Errors) -> Result<Part, Error> {
    if path == Path::new("-") {
        return unwrap(io::stdin(), Path::new(STDIN), options, errors);
    }
    let (file, _) = open_file(path)?;
    unwrap(file, path, options, errors)
}

/// Opens what is no directory.
pub(super) fn open_file(path: &Path) -> Result<(File, Metadata), Error> {
    let opening = |source| Error::opening(path.to_owned(), source);
    let file = File::open(path).map_err(opening)?;
    let metadata = file.metadata().map_err(opening)?;
    if metadata.is_dir() {
        return Err(Error::Directory {
            path: path.to_owned(),
        });
    }
    Ok((file, metadata))
}

/// Takes off compression and encoding. What takes time is done on a thread of its own.
pub(super) fn unwrap(
    raw: impl Read + Send + 'static,
    path: &Path,
    options: &Options,
    errors: &Errors,
) -> Result<Part, Error> {
    let raw = Plain::new(raw, path, errors);
    let (head, raw) = peek(raw, path)?;
    let Some(compression) = Compression::of(&head) else {
        return decode(raw, &head, None, path, options);
    };
    let unpacked = Unpacked::new(raw, compression, path, options.limits, errors)?;
    let (head, unpacked) = peek(unpacked, path)?;
    decode(unpacked, &head, Some(compression), path, options)
}

fn decode(
    mut reader: impl Read + Send + 'static,
    head: &[u8],
    compression: Option<Compression>,
    path: &Path,
    options: &Options,
) -> Result<Part, Error> {
    let reading = |source| Error::opening(path.to_owned(), source);
    let (encoding, mark) = Encoding::of(head);
    // the mark is in the head, which is in memory
    reader.read_exact(&mut [0; 3][..mark]).map_err(reading)?;
    let reader: Box<dyn Read + Send> = if encoding.is_wide() {
        Box::new(Decoded::new(reader, encoding))
    } else {
        Box::new(reader)
    };
    let reader: Box<dyn Read + Send> = match options.follow {
        Some(stop) => Box::new(Blocks::live(reader, stop).map_err(reading)?),
        None if compression.is_some() || encoding.is_wide() => {
            Box::new(Blocks::ahead(reader).map_err(reading)?)
        }
        None => reader,
    };
    Ok(Part {
        reader,
        compression,
        encoding,
        lookalike: lookalike(head.get(mark..).unwrap_or_default(), encoding),
    })
}

fn lookalike(head: &[u8], encoding: Encoding) -> Option<Lookalike> {
    if !encoding.is_wide() {
        return Lookalike::of(head);
    }
    // what makes a report is ASCII
    let text: Vec<u8> = head.iter().copied().filter(|&byte| byte != 0).collect();
    Lookalike::of(&text)
}

/// Bytes that were read, and the rest.
type Again<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// The first bytes, and a reader that gives them again. Of a pipe, no more is waited for than it
/// takes to tell what comes.
fn peek<R: Read>(mut reader: R, path: &Path) -> Result<(Vec<u8>, Again<R>), Error> {
    let mut head = vec![0; HEAD];
    let mut filled = 0;
    while filled < Compression::MAGIC {
        match reader.read(&mut head[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if waits(&error) => thread::sleep(Duration::from_millis(10)),
            Err(error) => return Err(Error::opening(path.to_owned(), error)),
        }
    }
    head.truncate(filled);
    Ok((head.clone(), Cursor::new(head).chain(reader)))
}

/// A reader that ends where reading fails; the error is kept aside, so that what came before it is
/// analysed.
struct Plain<R> {
    inner: R,
    path: PathBuf,
    offset: u64,
    errors: Errors,
    ended: bool,
}

impl<R> Plain<R> {
    fn new(inner: R, path: &Path, errors: &Errors) -> Self {
        Self {
            inner,
            path: path.to_owned(),
            offset: 0,
            errors: errors.clone(),
            ended: false,
        }
    }
}

impl<R: Read> Read for Plain<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        match self.inner.read(into) {
            Ok(count) => {
                self.offset += count as u64;
                Ok(count)
            }
            Err(error) if waits(&error) => Err(error),
            Err(source) => {
                self.ended = true;
                self.errors.push(Error::Read {
                    path: self.path.clone(),
                    offset: self.offset,
                    source,
                });
                Ok(0)
            }
        }
    }
}
