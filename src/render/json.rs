//! JSON (one document) and NDJSON (one object a line): schema 1.

use std::io::{self, Write};

use serde::{
    Serialize, Serializer,
    ser::{SerializeSeq, SerializeStruct},
};
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter};

use super::safe::is_active;
use crate::{
    handshake::Outcome,
    report::{Due, HandshakeView, Report, SCHEMA, SummaryView, ToolView},
};

/// Writes the report as one document.
pub fn write_json(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_pretty(&Document(report), out)
}

/// One document.
pub(super) fn write_pretty(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer =
        serde_json::Serializer::with_formatter(&mut *out, Safe(PrettyFormatter::new()));
    document.serialize(&mut serializer)?;
    writeln!(out)
}

/// The report as one document without line breaks; `None` when it is longer than `most` bytes.
pub(super) fn within(report: &Report<'_>, most: usize) -> io::Result<Option<String>> {
    let mut room = Room {
        bytes: Vec::new(),
        most,
    };
    let formatter = Safe(serde_json::ser::CompactFormatter);
    let written = Document(report).serialize(&mut serde_json::Serializer::with_formatter(
        &mut room, formatter,
    ));
    match written {
        Ok(()) => Ok(String::from_utf8(room.bytes).ok()),
        Err(error) if error.io_error_kind() == Some(io::ErrorKind::StorageFull) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Takes so many bytes and no more.
struct Room {
    bytes: Vec<u8>,
    most: usize,
}

impl Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.most {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the report as one object a line: inputs, handshakes, findings, summary.
pub fn write_ndjson(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (index, input) in report.inputs().enumerate() {
        write_line("input", &input, out)?;
        for handshake in report.handshakes_of(index) {
            write_line("handshake", &handshake, out)?;
        }
    }
    write_ndjson_findings(report, out)
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
    write_ndjson_findings(report, out)
}

/// A handshake of which another outcome was told before.
#[derive(Serialize)]
struct Replacing<'a> {
    replaces: &'static str,
    #[serde(flatten)]
    handshake: HandshakeView<'a>,
}

fn write_ndjson_findings(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
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
fn write_line(kind: &str, object: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Vec::with_capacity(4096);
    object.serialize(&mut serde_json::Serializer::with_formatter(
        &mut line,
        Safe(serde_json::ser::CompactFormatter),
    ))?;
    write!(out, "{{\"type\":\"{kind}\",")?;
    out.write_all(&line[1..])?;
    out.write_all(b"\n")
}

/// `{"schema": 1, "name": [ … ]}`
pub fn write_list(
    name: &'static str,
    list: &[impl Serialize],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut writer =
        serde_json::Serializer::with_formatter(&mut *out, Safe(PrettyFormatter::new()));
    let mut document = (&mut writer).serialize_struct("List", 2)?;
    document.serialize_field("schema", &SCHEMA)?;
    document.serialize_field(name, list)?;
    SerializeStruct::end(document)?;
    writeln!(out)
}

/// The whole report; handshakes are made and written one at a time.
struct Document<'r, 'a>(&'r Report<'a>);

impl Serialize for Document<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let mut document = serializer.serialize_struct("Report", 7)?;
        document.serialize_field("schema", &SCHEMA)?;
        document.serialize_field("tool", report.tool())?;
        document.serialize_field("inputs", &Sequence(|| report.inputs()))?;
        document.serialize_field("summary", &report.summary())?;
        document.serialize_field("handshakes", &Sequence(|| report.handshakes()))?;
        document.serialize_field("findings", &Sequence(|| report.log_findings()))?;
        document.serialize_field("anomalies", &Sequence(|| report.anomalies()))?;
        document.end()
    }
}

/// An array whose elements are made while it is written.
struct Sequence<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Sequence<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        for element in (self.0)() {
            sequence.serialize_element(&element)?;
        }
        sequence.end()
    }
}

/// Escapes what JSON need not escape but a terminal would act upon (C1 controls, direction marks).
struct Safe<F>(F);

impl<F: Formatter> Formatter for Safe<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_active) {
            let character = rest[at..].chars().next().unwrap_or_default();
            writer.write_all(&rest.as_bytes()[..at])?;
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + character.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        self.0.write_char_escape(writer, escape)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn active_characters_are_escaped_and_survive() {
        let mut out = Vec::new();
        write_line(
            "x",
            &std::collections::BTreeMap::from([("k", "a\u{9b}b\u{202e}\x1b")]),
            &mut out,
        )
        .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "{\"type\":\"x\",\"k\":\"a\\u009bb\\u202e\\u001b\"}\n");
        let back: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["k"], "a\u{9b}b\u{202e}\x1b");
    }
}
