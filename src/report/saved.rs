//! A report that was saved as JSON or NDJSON, read again.
//!
//! Fields that this version does not know are passed over, so that what a later version adds does no harm;
//! a later schema is refused. Of a handshake that was told of twice while the log grew, the later telling holds.

use std::ops::Range;

use serde::{Deserialize, de::DeserializeOwned};

use super::{AnomalyView, FindingView, HandshakeView, InputView, SCHEMA, ToolView};

/// A saved report.
#[derive(Debug)]
pub struct Saved {
    /// What wrote it.
    pub(super) tool: ToolView,
    /// What was taken out of it, in a sentence.
    pub(super) redacted: Option<String>,
    /// What it is about.
    pub(super) inputs: Vec<SavedInput>,
}

/// One input of a saved report.
#[derive(Debug)]
pub(super) struct SavedInput {
    pub(super) input: InputView,
    /// By id.
    pub(super) handshakes: Vec<HandshakeView<'static>>,
    pub(super) findings: Vec<FindingView<'static>>,
    pub(super) anomalies: Vec<AnomalyView<'static>>,
}

/// Why a saved report cannot be read. Each message says where, and what to do about it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// A later version wrote it.
    #[error(
        "it is of schema {schema}, and this version of the program reads up to {SCHEMA}: a newer one is needed"
    )]
    Newer {
        /// Its number.
        schema: u64,
    },
    /// Its end is missing.
    #[error(
        "the report ends too early, in line {line}: take a complete copy, or analyse the log again"
    )]
    CutShort {
        /// Where.
        line: usize,
    },
    /// It is no JSON any more, or does not have the shape of a report.
    #[error(
        "not a report as this program writes it, in line {line}: {reason}; save it again with -f json or -f ndjson"
    )]
    Foreign {
        /// Where.
        line: usize,
        /// What does not fit.
        reason: String,
    },
}

/// What tells objects apart: the whole report has a schema, lines have a type.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: Option<String>,
    schema: Option<u64>,
}

/// The whole report in one object.
#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    tool: ToolView,
    #[serde(default)]
    summary: Numbers,
    inputs: Vec<InputView>,
    handshakes: Vec<HandshakeView<'static>>,
    findings: Vec<FindingView<'static>>,
    anomalies: Vec<AnomalyView<'static>>,
}

/// What is wanted of the summary: its numbers are counted again.
#[derive(Default, Deserialize)]
struct Numbers {
    #[serde(default)]
    redacted: Option<String>,
}

/// The last line, which is a summary, too.
#[derive(Deserialize)]
struct Last {
    #[serde(default)]
    tool: ToolView,
    #[serde(flatten)]
    summary: Numbers,
}

impl Saved {
    /// Reads a report as `-f json` or `-f ndjson` wrote it.
    pub fn read(text: &[u8]) -> Result<Self, Unreadable> {
        let objects = objects(text)?;
        let newest = objects.iter().filter_map(|(kind, _)| kind.schema).max();
        if let Some(schema) = newest.filter(|&schema| schema > u64::from(SCHEMA)) {
            return Err(Unreadable::Newer { schema });
        }
        let document = match &objects[..] {
            [(Kind { kind: None, .. }, range)] => parse(text, range)?,
            lines => of_lines(text, lines)?,
        };
        document.sorted(text)
    }

    /// Without remarks on handshakes that work (family H).
    #[must_use]
    pub fn without_hygiene(mut self) -> Self {
        for handshake in self
            .inputs
            .iter_mut()
            .flat_map(|input| &mut input.handshakes)
        {
            handshake.findings.retain(|finding| !finding.is_hygiene());
        }
        self
    }
}

/// The objects of a text, and where each stands.
fn objects(text: &[u8]) -> Result<Vec<(Kind, Range<usize>)>, Unreadable> {
    let mut stream = serde_json::Deserializer::from_slice(text).into_iter::<Kind>();
    let mut objects = Vec::new();
    loop {
        let at = stream.byte_offset();
        let begin = at + text[at..].len() - text[at..].trim_ascii_start().len();
        match stream.next() {
            None => return Ok(objects),
            Some(Ok(kind)) => objects.push((kind, begin..stream.byte_offset())),
            // lines of it are counted from where it begins in the text
            Some(Err(error)) => return Err(unreadable(text, 0, &error)),
        }
    }
}

/// The report that lines make.
fn of_lines(text: &[u8], lines: &[(Kind, Range<usize>)]) -> Result<Document, Unreadable> {
    let mut document = Document {
        tool: ToolView::default(),
        summary: Numbers::default(),
        inputs: Vec::new(),
        handshakes: Vec::new(),
        findings: Vec::new(),
        anomalies: Vec::new(),
    };
    let mut is_whole = false;
    for (kind, range) in lines {
        match kind.kind.as_deref() {
            Some("input") => document.inputs.push(parse(text, range)?),
            Some("handshake") => document.handshakes.push(parse(text, range)?),
            Some("finding") => document.findings.push(parse(text, range)?),
            Some("anomaly") => document.anomalies.push(parse(text, range)?),
            Some("summary") => {
                let last: Last = parse(text, range)?;
                (document.tool, document.summary) = (last.tool, last.summary);
                is_whole = true;
            }
            // what a later version adds
            Some(_) => {}
            None => {
                let line = line_at(text, range.start);
                let reason = "an object without a type among lines".to_owned();
                return Err(Unreadable::Foreign { line, reason });
            }
        }
    }
    if is_whole {
        return Ok(document);
    }
    let line = line_at(text, text.len());
    Err(Unreadable::CutShort { line })
}

impl Document {
    /// Everything with the input that it belongs to.
    fn sorted(self, text: &[u8]) -> Result<Saved, Unreadable> {
        let mut inputs: Vec<SavedInput> = self
            .inputs
            .into_iter()
            .map(|input| SavedInput {
                input,
                handshakes: Vec::new(),
                findings: Vec::new(),
                anomalies: Vec::new(),
            })
            .collect();
        let count = inputs.len();
        let unknown = |input: usize| Unreadable::Foreign {
            line: line_at(text, text.len()),
            reason: format!("something is of input {input}, counted from 0, of {count}"),
        };
        for handshake in self.handshakes {
            let input = handshake.input;
            let input = inputs.get_mut(input).ok_or_else(|| unknown(input))?;
            input.handshakes.push(handshake);
        }
        for finding in self.findings {
            let input = finding.input.unwrap_or_default();
            let input = inputs.get_mut(input).ok_or_else(|| unknown(input))?;
            input.findings.push(finding);
        }
        for anomaly in self.anomalies {
            let input = anomaly.input;
            let input = inputs.get_mut(input).ok_or_else(|| unknown(input))?;
            input.anomalies.push(anomaly);
        }
        for input in &mut inputs {
            input.sort();
        }
        Ok(Saved {
            tool: self.tool,
            redacted: self.summary.redacted,
            inputs,
        })
    }
}

impl SavedInput {
    /// By id; of several with one id, the last is kept.
    fn sort(&mut self) {
        self.handshakes.sort_by_key(|handshake| handshake.id);
        self.handshakes.dedup_by(|later, earlier| {
            let again = later.id == earlier.id;
            if again {
                std::mem::swap(later, earlier);
            }
            again
        });
    }
}

fn parse<T: DeserializeOwned>(text: &[u8], range: &Range<usize>) -> Result<T, Unreadable> {
    serde_json::from_slice(&text[range.clone()])
        .map_err(|error| unreadable(text, range.start, &error))
}

/// `error` counts lines from `begin`.
fn unreadable(text: &[u8], begin: usize, error: &serde_json::Error) -> Unreadable {
    let line = line_at(text, begin) + error.line().saturating_sub(1);
    if error.is_eof() {
        return Unreadable::CutShort { line };
    }
    let reason = error.to_string();
    // the line is told in front, and in another way
    let reason = reason
        .split_once(" at line ")
        .map_or(reason.as_str(), |(reason, _)| reason);
    Unreadable::Foreign {
        line,
        reason: reason.to_owned(),
    }
}

fn line_at(text: &[u8], offset: usize) -> usize {
    memchr::memchr_iter(b'\n', text.get(..offset).unwrap_or(text)).count() + 1
}

impl HandshakeView<'static> {
    /// The view in a report that has other inputs in front.
    pub(super) fn moved(&self, input: usize, before: u32) -> HandshakeView<'_> {
        let moved = |id: u32| id.saturating_add(before);
        HandshakeView {
            id: moved(self.id),
            input,
            connection: moved(self.connection),
            paired_with: self.paired_with.map(moved),
            ..self.clone()
        }
    }
}
