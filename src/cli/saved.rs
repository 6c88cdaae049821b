//! A report that was saved as JSON, in place of a log.

use std::{io::Read as _, path::Path};

use crate::{error::Error, input::Input, report::Saved};

/// Reads it.
pub(super) fn read(input: Input, path: &Path) -> Result<Saved, Error> {
    let errors = input.origin().errors;
    let saved = match input {
        Input::Map(map) => Saved::read(&map),
        Input::Stream(mut stream) => {
            let mut text = Vec::new();
            let read = stream.reader.read_to_end(&mut text);
            read.map_err(|source| Error::Read {
                path: path.to_owned(),
                offset: text.len() as u64,
                source,
            })?;
            Saved::read(&text)
        }
    };
    // half a report is none: what kept it from being whole says more than what is missing
    if let Some(error) = errors.take().into_iter().next() {
        return Err(error);
    }
    saved.map_err(|why| Error::Report {
        path: path.to_owned(),
        why: why.to_string(),
    })
}
