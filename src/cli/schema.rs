//! `schema`: the JSON Schema of the report.

use std::io::{self, Write as _};

use super::Status;
use crate::report;

/// Prints it.
pub(super) fn run() -> anyhow::Result<Status> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, &report::schema())?;
    writeln!(out)?;
    out.flush()?;
    Ok(Status::Good)
}
