//! Fingerprints of the files that a report is about: whoever gets the report knows which log it tells of.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::report::{Digest, Report};

/// A longer file is not read a second time for it.
const LONGEST: u64 = 64 << 20;

/// SHA-256 of every input file that is a file and not too long.
pub(super) fn of_inputs(report: &Report<'_>) -> Vec<Digest> {
    let mut digests = Vec::new();
    for input in 0..report.len() {
        let Some(log) = report.log(input) else {
            continue;
        };
        let parts = log.origin.parts.list();
        let files: Vec<(Option<usize>, &Path)> = match &parts[..] {
            [] | [_] => vec![(None, Path::new(&log.path))],
            parts => {
                let parts = parts.iter().enumerate();
                parts.map(|(at, part)| (Some(at), &*part.path)).collect()
            }
        };
        digests.extend(files.into_iter().filter_map(|(part, path)| {
            Some(Digest {
                input,
                part,
                sha256: of(path)?,
            })
        }));
    }
    digests
}

fn of(path: &Path) -> Option<String> {
    // a pipe would wait for its writer
    let meta = path.metadata().ok()?;
    if !meta.is_file() || meta.len() > LONGEST {
        return None;
    }
    sha256(path).ok()
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
