//! NDJSON: an object a line, which says first what it is.

use std::io::{self, Write};

use serde::Serialize;

use super::{write_compact, write_handshakes};
use crate::{
    handshake::Outcome,
    report::{Due, HandshakeView, Report, SCHEMA, SummaryView, ToolView},
};

/// Writes the report as one object a line: inputs, handshakes, findings, summary.
pub fn write_ndjson(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (index, input) in report.inputs().enumerate() {
        write_line("input", &input, out)?;
        write_handshakes(report, index, out, |_, handshake, lines| {
            write_line("handshake", handshake, lines)
        })?;
    }
    write_findings(report, out)
}

/// Writes handshakes that can be told of before everything is read.
pub fn write_ndjson_handshakes(
    report: &Report<'_>,
    input: usize,
    due: &[Due],
    out: &mut dyn Write,
) -> io::Result<()> {
    for due in due {
        let handshake = report.handshake(input, due.position);
        match due.replaces.map(Outcome::name) {
            None => write_line("handshake", &handshake, out)?,
            Some(replaces) => write_line(
                "handshake",
                &Replacing {
                    replaces,
                    handshake,
                },
                out,
            )?,
        }
    }
    Ok(())
}

/// Writes what is known when everything is read, behind the handshakes.
pub fn write_ndjson_end(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for input in report.inputs() {
        write_line("input", &input, out)?;
    }
    write_findings(report, out)
}

/// A handshake of which another outcome was told before.
#[derive(Serialize)]
struct Replacing<'a> {
    replaces: &'static str,
    #[serde(flatten)]
    handshake: HandshakeView<'a>,
}

fn write_findings(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.log_findings() {
        write_line("finding", &finding, out)?;
    }
    for anomaly in report.anomalies() {
        write_line("anomaly", &anomaly, out)?;
    }
    let end = End {
        schema: SCHEMA,
        tool: report.tool(),
        summary: report.summary(),
    };
    write_line("summary", &end, out)
}

/// The last line says what wrote it, too: where handshakes are told of while they happen, it cannot be the first.
#[derive(Serialize)]
struct End<'a> {
    schema: u32,
    tool: &'a ToolView,
    #[serde(flatten)]
    summary: SummaryView,
}

/// `{"type":"…",` and the fields of the object.
fn write_line(
    kind: &str,
    object: &impl Serialize,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let mut line = format!("{{\"type\":\"{kind}\"").into_bytes();
    let fields = line.len();
    write_compact(object, &mut line)?;
    // they go on where the type was, instead of a bracket
    if let Some(bracket) = line.get_mut(fields) {
        *bracket = b',';
    }
    line.push(b'\n');
    out.write_all(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_stands_first() {
        let mut out = Vec::new();
        write_line("x", &serde_json::json!({"k": [1]}), &mut out).unwrap();
        assert_eq!(out, b"{\"type\":\"x\",\"k\":[1]}\n");
    }
}
