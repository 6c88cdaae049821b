//! Fingerprints of the files that a report is about: whoever gets the report knows which log it tells of.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::report::Report;

/// A longer file is not read a second time for it.
const LONGEST: u64 = 64 << 20;

/// Path and SHA-256 of every input file that is a file and not too long.
pub(super) fn of_inputs(report: &Report<'_>) -> Vec<(String, String)> {
    let mut digests = Vec::new();
    for (index, input) in report.inputs().enumerate() {
        // what the report calls a file may be a token
        let Some(log) = report.log(index) else {
            continue;
        };
        if input.parts.is_empty() {
            digests.extend(of(Path::new(&log.path), &input.path));
        }
        let parts = log.origin.parts.list();
        let called = parts.iter().zip(&input.parts);
        digests.extend(called.filter_map(|(part, called)| of(&part.path, &called.path)));
    }
    digests
}

fn of(path: &Path, called: &str) -> Option<(String, String)> {
    // a pipe would wait for its writer
    let meta = path.metadata().ok()?;
    if !meta.is_file() || meta.len() > LONGEST {
        return None;
    }
    Some((called.to_owned(), sha256(path).ok()?))
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?.take(LONGEST);
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(HEXLOWER.encode(&digest.finalize())),
            read => digest.update(&buffer[..read]),
        }
    }
}
