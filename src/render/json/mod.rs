//! JSON (one document) and NDJSON (one object a line): schema 1.

mod document;
mod formatter;
mod lines;

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter as _, PrettyFormatter};

pub(super) use self::document::{within, write_pretty};
use self::formatter::Safe;
pub use self::{
    document::{write_json, write_list},
    lines::{write_ndjson, write_ndjson_end, write_ndjson_handshakes},
};
use crate::{
    parallel,
    report::{HandshakeView, Report},
};

/// Writes a value without line breaks.
fn write_compact(value: &impl Serialize, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Safe(CompactFormatter));
    Ok(value.serialize(&mut serializer)?)
}

/// Writes a value over several lines, as one that stands so deep in a document.
fn write_indented(
    value: &impl Serialize,
    depth: usize,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let mut formatter = PrettyFormatter::new();
    for _ in 0..depth {
        formatter.begin_array(&mut io::sink())?;
    }
    let mut serializer = serde_json::Serializer::with_formatter(out, Safe(formatter));
    Ok(value.serialize(&mut serializer)?)
}

/// Writes each handshake of one input that is told, which `write` gets with its position; many of them on several
/// threads.
fn write_handshakes<'r>(
    report: &Report<'r>,
    input: usize,
    out: &mut dyn Write,
    write: impl Fn(usize, &HandshakeView<'r>, &mut Vec<u8>) -> io::Result<()> + Sync,
) -> io::Result<()> {
    /// So many that handing them to a thread costs little beside writing them.
    const PART: usize = 64;
    let mut told = report.told(input).peekable();
    let parts = std::iter::from_fn(move || {
        told.peek()?;
        Some(told.by_ref().take(PART).collect())
    });
    let write_part = || {
        |part: Vec<usize>| {
            let mut written = Vec::new();
            for position in part {
                write(position, &report.handshake(input, position), &mut written)?;
            }
            io::Result::Ok(written)
        }
    };
    // tokens for names are given out as names are met, and that is to be the order of the report
    let threads = if report.redactor().hides_names() {
        1
    } else {
        parallel::threads().min(report.count(input).div_ceil(PART))
    };
    std::thread::scope(|scope| {
        for written in parallel::shared(scope, threads, parts, write_part) {
            out.write_all(&written?)?;
        }
        Ok(())
    })
}
