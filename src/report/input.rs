//! What was read, and what it tells about the JVM.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Analysed, SelectionView};
use crate::{
    event::Survey,
    handshake::{Handshake, How, Outcome},
    input::Part,
    time::LogTime,
};

/// Silent for longer than this, a handshake did not end with the log.
const SILENT_MILLIS: i64 = 10_000;

/// One input.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Input"))]
pub struct InputView {
    /// The path as given.
    pub path: String,
    /// Bytes read.
    pub bytes: u64,
    /// Lines read.
    pub lines: u64,
    /// Entries of the JVM among them.
    pub entries: u64,
    /// Compression that was undone.
    pub compression: Option<Cow<'static, str>>,
    /// The encoding.
    pub encoding: Cow<'static, str>,
    /// What a collector put round each line.
    pub envelope: Option<Cow<'static, str>>,
    /// The JVM's ways of printing that occur.
    pub dialects: Vec<Cow<'static, str>>,
    /// The feature release, as far as the log tells.
    pub jdk: Option<JdkView>,
    /// The time zone as the log prints it.
    pub time_zone: Option<String>,
    /// Time of the first event.
    #[serde(default)]
    pub first_at: Option<String>,
    /// Time of the last event.
    #[serde(default)]
    pub last_at: Option<String>,
    /// Parts of the debug option whose entries occur.
    pub options_seen: Vec<Cow<'static, str>>,
    /// The log begins inside a handshake.
    pub begins_mid_handshake: bool,
    /// The log ends inside a handshake.
    pub ends_mid_handshake: bool,
    /// Number of anomalies.
    pub anomalies: u64,
    /// The files of a rotated set, or the lives of a followed file, in the order in which they were
    /// read as one; left out where there is only one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartView>,
    /// The kinds of names that tokens stand for: hosts, ips, names, serials, threads; left out where names are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redacted: Vec<Cow<'static, str>>,
    /// SHA-256 of the file in hex, where it was computed: of files of up to 64 MiB, unless there are parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Which of its handshakes this report is about; left out where it is about all, and tells all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<SelectionView>,
}

/// One file of an input that is made of several.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Part"))]
pub struct PartView {
    /// The path.
    pub path: String,
    /// The line of the input that is the first of this file.
    pub first_line: u64,
    /// The offset in the input of its first byte.
    pub first_offset: u64,
    /// Compression that was undone.
    pub compression: Option<Cow<'static, str>>,
    /// The encoding.
    pub encoding: Cow<'static, str>,
    /// SHA-256 of the file in hex, where it was computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl PartView {
    fn of(part: &Part) -> Self {
        Self {
            path: part.path.display().to_string(),
            first_line: part.first_line,
            first_offset: part.first_offset,
            compression: part.compression.map(Cow::from),
            encoding: part.encoding.into(),
            sha256: None,
        }
    }
}

/// A guess at the JDK.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Jdk"))]
pub struct JdkView {
    /// The feature release: `17`.
    pub guess: Cow<'static, str>,
    /// Why.
    pub because: Cow<'static, str>,
}

impl InputView {
    pub(super) fn new(input: &Analysed) -> Self {
        let analysis = &input.analysis;
        let assembly = &analysis.assembly;
        let survey = &assembly.survey;
        let parts = input.origin.parts.list();
        let cut = |handshake: &Handshake| {
            let open = || {
                let break_up = handshake.break_up.as_deref();
                break_up.is_some_and(|break_up| break_up.how == How::LogEnds)
            };
            let silent = || {
                let last = assembly.last_at.as_ref().zip(handshake.ended_at());
                last.map_or(0, |(last, ended)| last.since(&ended))
            };
            // what tells most of them comes first: a long log has a hundred thousand
            handshake.outcome == Outcome::Unfinished && open() && silent() < SILENT_MILLIS
        };
        let ends_mid_handshake = assembly.handshakes.iter().any(|handshake| cut(handshake));
        Self {
            path: input.path.clone(),
            bytes: analysis.bytes,
            lines: analysis.lines,
            entries: survey.entries,
            compression: input.origin.compression().map(Cow::from),
            encoding: input.origin.encoding().into(),
            envelope: analysis.envelope.clone().or_else(|| {
                (survey.prefixed * 2 > survey.entries).then_some(Cow::Borrowed("prefix"))
            }),
            dialects: words(dialects_of(survey)),
            jdk: survey.jdk().map(|(guess, because)| JdkView {
                guess: guess.into(),
                because: because.into(),
            }),
            time_zone: assembly
                .first_at
                .as_ref()
                .map(|at| at.zone.to_string())
                .filter(|zone| !zone.is_empty()),
            first_at: assembly.first_at.as_ref().map(LogTime::iso),
            last_at: assembly.last_at.as_ref().map(LogTime::iso),
            options_seen: words(options_seen(survey)),
            begins_mid_handshake: assembly
                .handshakes
                .iter()
                .any(|handshake| handshake.begins_midway),
            ends_mid_handshake,
            anomalies: assembly.anomaly_count,
            parts: if parts.len() > 1 {
                parts.iter().map(PartView::of).collect()
            } else {
                Vec::new()
            },
            redacted: Vec::new(),
            sha256: None,
            selection: None,
        }
    }
}

fn words(list: Vec<&'static str>) -> Vec<Cow<'static, str>> {
    list.into_iter().map(Cow::from).collect()
}

/// The JVM's ways of printing that occur.
pub fn dialects_of(survey: &Survey) -> Vec<&'static str> {
    let others = survey.classic + survey.ibm + survey.expanded + survey.jul + survey.bc;
    let unified = survey.entries.saturating_sub(others);
    // IBM's lines stand among those that it has in common with the classic or the unified dialect
    let (classic, ibm) = if survey.is_ibm() {
        (0, survey.classic + survey.ibm + unified)
    } else {
        (survey.classic, 0)
    };
    [
        ("unified", unified),
        ("expanded", survey.expanded),
        ("jul", survey.jul),
        ("classic", classic),
        ("ibm", ibm),
        ("bc", survey.bc),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
    .map(|(dialect, _)| dialect)
    .collect()
}

/// The parts of `javax.net.debug` whose entries are there.
pub(crate) fn options_seen(survey: &Survey) -> Vec<&'static str> {
    let parts = [
        ("handshake", survey.messages),
        ("record", survey.records),
        ("packet", survey.packets),
        ("plaintext", survey.plaintexts),
        ("trustmanager", survey.trust),
        ("keymanager", survey.keys),
        ("session", survey.sessions),
        ("sslctx", survey.contexts),
    ];
    parts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(part, _)| part)
        .collect()
}
