//! JSON: one document, written while it is made.

use std::io::{self, Write};

use serde::Serialize;

use super::{write_compact, write_handshakes, write_indented};
use crate::report::{Report, SCHEMA};

/// Writes the report as one document.
pub fn write_json(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_report(report, Layout::Lines, out)?;
    writeln!(out)
}

/// One document.
pub(in crate::render) fn write_pretty(
    document: &impl Serialize,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_indented(document, 0, out)?;
    writeln!(out)
}

/// `{"schema": 1, "name": [ … ]}`
pub fn write_list(name: &str, list: &[impl Serialize], out: &mut dyn Write) -> io::Result<()> {
    let mut document = Document::begin(Layout::Lines, out)?;
    document.field("schema", &SCHEMA)?;
    document.list(name, list)?;
    document.end()?;
    writeln!(out)
}

/// The report as one document without line breaks; `None` when it is longer than `most` bytes.
pub(in crate::render) fn within(report: &Report<'_>, most: usize) -> io::Result<Option<String>> {
    let mut room = Room {
        bytes: Vec::new(),
        most,
    };
    match write_report(report, Layout::OneLine, &mut room) {
        Ok(()) => Ok(String::from_utf8(room.bytes).ok()),
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Ok(None),
        Err(error) => Err(error),
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

fn write_report(report: &Report<'_>, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let mut document = Document::begin(layout, out)?;
    document.field("schema", &SCHEMA)?;
    document.field("tool", report.tool())?;
    document.list("inputs", report.inputs())?;
    document.field("summary", &report.summary())?;
    document.handshakes("handshakes", report)?;
    document.list("findings", report.log_findings())?;
    document.list("anomalies", report.anomalies())?;
    document.end()
}

#[derive(Debug, Clone, Copy)]
enum Layout {
    /// Two blanks for each level.
    Lines,
    /// Without blanks and line breaks.
    OneLine,
}

impl Layout {
    /// What stands in front of what begins at this level.
    fn margin(self, depth: usize) -> &'static str {
        match (self, depth) {
            (Self::OneLine, _) => "",
            (Self::Lines, 0) => "\n",
            (Self::Lines, 1) => "\n  ",
            (Self::Lines, _) => "\n    ",
        }
    }

    fn write(
        self,
        value: &impl Serialize,
        depth: usize,
        out: &mut (impl Write + ?Sized),
    ) -> io::Result<()> {
        match self {
            Self::Lines => write_indented(value, depth, out),
            Self::OneLine => write_compact(value, out),
        }
    }
}

/// An object whose lists are made an element at a time: the handshakes of a large log are never all in memory.
struct Document<'o> {
    layout: Layout,
    out: &'o mut dyn Write,
    /// In front of the next field.
    between: &'static str,
}

impl<'o> Document<'o> {
    fn begin(layout: Layout, out: &'o mut dyn Write) -> io::Result<Self> {
        out.write_all(b"{")?;
        let between = "";
        Ok(Self {
            layout,
            out,
            between,
        })
    }

    fn name(&mut self, name: &str) -> io::Result<()> {
        let colon = match self.layout {
            Layout::Lines => ": ",
            Layout::OneLine => ":",
        };
        let between = std::mem::replace(&mut self.between, ",");
        let margin = self.layout.margin(1);
        write!(self.out, "{between}{margin}\"{name}\"{colon}")
    }

    fn field(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        self.name(name)?;
        self.layout.write(value, 1, self.out)
    }

    fn list(&mut self, name: &str, elements: impl IntoIterator<Item: Serialize>) -> io::Result<()> {
        self.name(name)?;
        let mut between = "[";
        for element in elements {
            write!(self.out, "{between}{}", self.layout.margin(2))?;
            self.layout.write(&element, 2, self.out)?;
            between = ",";
        }
        self.end_list(between == "[")
    }

    fn handshakes(&mut self, name: &str, report: &Report<'_>) -> io::Result<()> {
        self.name(name)?;
        let inputs = 0..report.len();
        let layout = self.layout;
        // it has no other before it
        let first = inputs
            .clone()
            .find_map(|input| Some((input, report.told(input).next()?)));
        for input in inputs {
            write_handshakes(report, input, self.out, |position, handshake, written| {
                let is_first = first == Some((input, position));
                let between = if is_first { '[' } else { ',' };
                write!(written, "{between}{}", layout.margin(2))?;
                layout.write(handshake, 2, written)
            })?;
        }
        self.end_list(first.is_none())
    }

    fn end_list(&mut self, is_empty: bool) -> io::Result<()> {
        if is_empty {
            return self.out.write_all(b"[]");
        }
        write!(self.out, "{}]", self.layout.margin(1))
    }

    fn end(self) -> io::Result<()> {
        write!(self.out, "{}}}", self.layout.margin(0))
    }
}
