//! Several files read one behind the other as one input.

use std::{
    collections::VecDeque,
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::{Input, Options, Stream, origin::Origin, part};
use crate::error::Error;

/// Opens the parts of a rotated set, oldest first, as one stream with the name of the newest. Only
/// that one may grow.
pub(super) fn open(parts: &[PathBuf], options: &Options) -> Result<Input, Error> {
    let Some(newest) = parts.last() else {
        return Err(Error::NoFiles {
            path: PathBuf::new(),
        });
    };
    let origin = Origin::default();
    Ok(Input::Stream(Stream {
        name: newest.clone(),
        reader: Box::new(Joined {
            waiting: parts.iter().cloned().collect(),
            current: None,
            errors_before: 0,
            options: *options,
            origin: origin.clone(),
        }),
        origin,
        lookalike: None,
    }))
}

/// Opens each part when the one before it is at its end. A part that cannot be read is noted, and
/// the next one goes on.
struct Joined {
    waiting: VecDeque<PathBuf>,
    current: Option<Current>,
    /// Errors before the current part was opened.
    errors_before: usize,
    options: Options,
    origin: Origin,
}

/// The part that is read.
enum Current {
    Part(Box<dyn Read + Send>),
    /// It keeps the book of its parts itself.
    Growing(Box<dyn Read + Send>),
}

impl Joined {
    fn open_next(&mut self, path: &Path) -> Result<Current, Error> {
        let follow = self.options.follow.filter(|_| self.waiting.is_empty());
        if let Some(stop) = follow {
            let follow = super::Follow::open(path, stop, &self.origin)?;
            return Ok(Current::Growing(Box::new(follow)));
        }
        let options = Options {
            follow: None,
            ..self.options
        };
        let part = part::open(path, &options, &self.origin.errors)?;
        self.origin
            .parts
            .begin(path, part.compression, part.encoding);
        Ok(Current::Part(part.reader))
    }
}

impl Read for Joined {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            match &mut self.current {
                Some(Current::Growing(reader)) => return reader.read(into),
                Some(Current::Part(reader)) => {
                    let count = reader.read(into)?;
                    if count > 0 {
                        self.origin.parts.advance(&into[..count]);
                        return Ok(count);
                    }
                    self.current = None;
                    if self.origin.errors.count() > self.errors_before
                        && self.origin.parts.is_torn()
                    {
                        // what is missing is no beginning of the next part's first line
                        into[0] = b'\n';
                        self.origin.parts.advance(b"\n");
                        return Ok(1);
                    }
                }
                None => {
                    let Some(path) = self.waiting.pop_front() else {
                        return Ok(0);
                    };
                    self.errors_before = self.origin.errors.count();
                    match self.open_next(&path) {
                        Ok(current) => self.current = Some(current),
                        Err(error) => self.origin.errors.push(error),
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn parts_are_one_stream_and_a_bad_one_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("x.log.3"), "one\n").unwrap();
        fs::write(path("x.log.1"), b"\xff\xfet\0w\0o\0\n\0").unwrap();
        fs::write(path("x.log"), "three").unwrap();
        let parts = ["x.log.3", "x.log.2", "x.log.1", "x.log"].map(path);
        let Input::Stream(mut stream) = open(&parts, &Options::default()).unwrap() else {
            panic!("no stream")
        };
        let mut text = String::new();
        stream.reader.read_to_string(&mut text).unwrap();
        assert_eq!(
            (text.as_str(), stream.name),
            ("one\ntwo\nthree", path("x.log"))
        );
        let errors = stream.origin.errors.take();
        assert!(matches!(&errors[..], [Error::NotFound { path }] if path.ends_with("x.log.2")));
        let parts = stream.origin.parts;
        assert_eq!(parts.locate_line(2), Some((path("x.log.1"), 1)));
        assert_eq!(parts.locate(9), Some((path("x.log"), 1)));
        assert_eq!(parts.list()[1].encoding, "utf-16le");
    }
}
