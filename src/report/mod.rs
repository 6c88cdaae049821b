//! The report: what the renderers show, in the shape that JSON has (schema 1).
//!
//! A [`Report`] borrows what was analysed, or read from a saved report, and makes the view of one handshake
//! at a time, so that a log with a hundred thousand of them is not held twice. What is told in a line for
//! many of them is told by a [`Brief`].

mod brief;
mod certificate;
mod filter;
mod finding;
mod fingerprint;
mod handshake;
mod input;
mod inventory;
mod place;
mod redacted;
mod saved;
#[cfg(feature = "schema")]
mod schema;
mod section;
mod selection;
mod settled;
mod step;
mod summary;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
pub use self::schema::schema;
#[cfg(feature = "schema")]
use self::schema::words;
pub use self::{
    brief::{Brief, BriefFinding},
    certificate::{CertificateView, CertificatesView},
    filter::{
        Filter, FilterError, Moment, Pattern, outcome as outcome_named, rule as rule_named,
        shell_word,
    },
    finding::{ActionView, CommandView, EvidenceView, FindingView},
    fingerprint::FingerprintsView,
    handshake::{
        AlertView, BreakUpView, ClientAuthView, HandshakeView, NegotiatedView, PeerView,
        ThreadView, VersionsView,
    },
    input::{InputView, JdkView, PartView, dialects_of},
    inventory::{Inventory, InventoryEntry, Part, Sighting},
    place::Place,
    saved::{Saved, Unreadable},
    section::{Analysed, Subject},
    selection::{LeftOutView, SelectionView},
    settled::{Due, STALLED, Settled},
    step::StepView,
    summary::{RuleCount, SummaryView},
};
use self::{
    redacted::Redacted as _,
    saved::SavedInput,
    section::{Section, Source},
};
use crate::{
    diagnose::Severity, event::Names, handshake::Outcome, redact::Redactor, time::LogTime,
};

/// The JSON schema's number. Changes only add.
pub const SCHEMA: u32 = 1;

/// Everything that one run has to say.
#[derive(Debug)]
pub struct Report<'a> {
    inputs: Vec<Section<'a>>,
    tool: ToolView,
    redactor: &'a Redactor,
    /// What was taken out, in a sentence.
    redacted: Option<String>,
    digests: Vec<Digest>,
}

/// The fingerprint of a file that was read.
#[derive(Debug, Clone)]
pub struct Digest {
    /// The input that it is, or belongs to.
    pub input: usize,
    /// Its place in a rotated set.
    pub part: Option<usize>,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// Secrets are in no report.
static NO_SECRETS: Redactor = Redactor::secrets();

/// Name and version of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Tool"))]
pub struct ToolView {
    /// `jssl-analyze`
    pub name: Cow<'static, str>,
    /// The version.
    pub version: Cow<'static, str>,
}

impl Default for ToolView {
    /// This program.
    fn default() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }
}

/// An anomaly of the input.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Anomaly"))]
pub struct AnomalyView<'a> {
    /// The input that it is in: its place in `inputs`, from 0.
    #[serde(default)]
    pub input: usize,
    /// What is odd.
    #[cfg_attr(feature = "schema", schemars(with = "words::AnomalyWord"))]
    pub kind: Cow<'a, str>,
    /// Its line.
    pub line: u64,
    /// Its byte offset.
    pub offset: u64,
    /// A quotation.
    pub text: Cow<'a, str>,
}

impl<'a> Report<'a> {
    /// A report on these inputs.
    pub fn new(inputs: &'a [Analysed]) -> Self {
        let mut report = Self {
            inputs: Vec::new(),
            tool: ToolView::default(),
            redactor: &NO_SECRETS,
            redacted: None,
            digests: Vec::new(),
        };
        for input in inputs {
            report.add(input);
        }
        report
    }

    /// A report on logs and saved reports, in this order.
    pub fn of(subjects: &'a [Subject]) -> Self {
        let mut report = Self::new(&[]);
        for subject in subjects {
            match subject {
                Subject::Log(input) => report.add(input),
                Subject::Saved(saved) => {
                    report.add_saved(saved);
                    report.redacted = report.redacted.or(saved.redacted.clone());
                }
            }
        }
        if let [Subject::Saved(saved)] = subjects {
            report.tool = saved.tool.clone();
        }
        report
    }

    /// The same report without what this redactor takes out; it learns the names of all inputs first.
    #[must_use]
    pub fn redacted_by(mut self, redactor: &'a Redactor) -> Self {
        for section in &self.inputs {
            match section.source {
                Source::Log(input) => redactor.learn(&input.analysis.assembly),
                Source::Saved(saved) => redacted::learn_saved(saved, redactor),
            }
        }
        self.redactor = redactor;
        self
    }

    /// The same, with a redactor that knows the names of all inputs.
    #[must_use]
    pub fn redacted_with(mut self, redactor: &'a Redactor) -> Self {
        self.redactor = redactor;
        self
    }

    /// What takes out what is not to be handed on.
    pub fn redactor(&self) -> &'a Redactor {
        self.redactor
    }

    fn add(&mut self, input: &'a Analysed) {
        let section = Section::new(Source::Log(input), self.last_id());
        self.inputs.push(section);
    }

    fn add_saved(&mut self, saved: &'a Saved) {
        let before = self.last_id();
        let inputs = saved.inputs.iter().map(Source::Saved);
        let sections = inputs.map(|source| Section::new(source, before));
        self.inputs.extend(sections);
    }

    /// The highest id so far.
    fn last_id(&self) -> u32 {
        let ids = self.inputs.iter().map(Section::last_id);
        ids.max().unwrap_or(0)
    }

    /// Says what was taken out, in a sentence.
    pub fn say_redacted(&mut self, what: String) {
        self.redacted = Some(what);
    }

    /// What was taken out of the report, or of the saved report that it is made from, in a sentence.
    pub fn redacted(&self) -> Option<&str> {
        self.redacted.as_deref()
    }

    /// Adds the fingerprints of the files that were read.
    pub fn add_digests(&mut self, digests: Vec<Digest>) {
        self.digests.extend(digests);
    }

    /// The program that judged: this one, or that which wrote the saved report.
    pub fn tool(&self) -> &ToolView {
        &self.tool
    }

    /// How many inputs were read.
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// What was read.
    pub fn inputs(&self) -> impl Iterator<Item = InputView> + '_ {
        self.inputs.iter().enumerate().map(|(index, section)| {
            let mut view = match section.source {
                Source::Log(input) => InputView::new(input),
                Source::Saved(saved) => saved.input.clone(),
            };
            for digest in self.digests.iter().filter(|of| of.input == index) {
                let of_file = match digest.part {
                    None => Some(&mut view.sha256),
                    Some(part) => view.parts.get_mut(part).map(|part| &mut part.sha256),
                };
                if let Some(of_file) = of_file {
                    *of_file = Some(digest.sha256.clone());
                }
            }
            view.selection = self.selection(index);
            view.redacted(self.redactor)
        })
    }

    /// An input as it was analysed; `None` when it was read from a saved report.
    pub fn log(&self, input: usize) -> Option<&'a Analysed> {
        match self.inputs[input].source {
            Source::Log(analysed) => Some(analysed),
            Source::Saved(_) => None,
        }
    }

    /// Those inputs that were analysed, not read from a saved report.
    pub fn analysed(&self) -> impl Iterator<Item = &'a Analysed> + '_ {
        (0..self.len()).filter_map(|input| self.log(input))
    }

    /// The path of one input, as it was given.
    pub fn path(&self, input: usize) -> &'a str {
        match self.inputs[input].source {
            Source::Log(analysed) => &analysed.path,
            Source::Saved(saved) => &saved.input.path,
        }
    }

    /// How many entries of a JVM one input has.
    pub fn entries(&self, input: usize) -> u64 {
        match self.inputs[input].source {
            Source::Log(analysed) => analysed.analysis.assembly.survey.entries,
            Source::Saved(saved) => saved.input.entries,
        }
    }

    /// Whether a handshake of one input failed, or TLS could not even be started.
    pub fn has_failed(&self, input: usize) -> bool {
        let is_grave = |finding: FindingView<'_>| finding.severity == Severity::Error.name();
        self.briefs_of(input)
            .any(|handshake| handshake.outcome() == Outcome::Failed)
            || self.untold(input).failed > 0
            || self.log_findings_of(input).any(is_grave)
    }

    /// How many handshakes of one input are wanted, and known one by one.
    pub fn count(&self, input: usize) -> usize {
        self.inputs[input].count()
    }

    /// One handshake of one input in brief, by its position.
    pub fn brief(&self, input: usize, position: usize) -> Brief<'a> {
        self.inputs[input].brief(position)
    }

    /// All handshakes of one input in brief.
    pub fn briefs_of(&self, input: usize) -> impl Iterator<Item = Brief<'a>> + '_ {
        (0..self.count(input)).map(move |position| self.brief(input, position))
    }

    /// The position of the handshake with this id among those of one input.
    pub fn position(&self, input: usize, id: u32) -> Option<usize> {
        self.inputs[input].position(id)
    }

    /// The view of one handshake of one input, by its position.
    pub fn handshake(&self, input: usize, position: usize) -> HandshakeView<'a> {
        let section = &self.inputs[input];
        let (place, before) = (section.place(position) as usize, section.before);
        let view = match section.source {
            Source::Log(Analysed {
                analysis,
                diagnosis,
                ..
            }) => HandshakeView::new(
                &analysis.assembly.handshakes[place],
                &diagnosis.by_handshake[place],
                &analysis.assembly.certificates,
                (input, before),
            ),
            Source::Saved(saved) => saved.handshakes[place].moved(input, before),
        };
        view.redacted(self.redactor)
    }

    /// The views of all handshakes of one input that are told, made one at a time.
    pub fn handshakes_of(&self, input: usize) -> impl Iterator<Item = HandshakeView<'a>> + '_ {
        self.told(input)
            .map(move |position| self.handshake(input, position))
    }

    /// The views of all handshakes that are told.
    pub fn handshakes(&self) -> impl Iterator<Item = HandshakeView<'a>> + '_ {
        (0..self.len()).flat_map(|input| self.handshakes_of(input))
    }

    /// Faults of the JVM and of the log of one input.
    pub fn log_findings_of(&self, input: usize) -> impl Iterator<Item = FindingView<'a>> + use<'a> {
        let (judged, saved): (_, &'a [FindingView<'static>]) = match self.inputs[input].source {
            Source::Log(analysed) => (&*analysed.diagnosis.of_log, &[]),
            Source::Saved(saved) => (&[][..], &saved.findings),
        };
        let judged = judged.iter().map(|finding| FindingView::new(finding, None));
        let redactor = self.redactor;
        judged
            .chain(saved.iter().cloned())
            .map(move |finding| FindingView {
                input: Some(input),
                ..finding.redacted(redactor)
            })
    }

    /// Faults of the JVMs and of the logs themselves.
    pub fn log_findings(&self) -> impl Iterator<Item = FindingView<'a>> + '_ {
        (0..self.len()).flat_map(|input| self.log_findings_of(input))
    }

    /// Odd input, of all inputs.
    pub fn anomalies(&self) -> impl Iterator<Item = AnomalyView<'a>> + '_ {
        (0..self.len()).flat_map(|input| self.anomalies_of(input))
    }

    /// Odd input, of one input.
    pub fn anomalies_of(&self, input: usize) -> impl Iterator<Item = AnomalyView<'a>> + use<'a> {
        let (seen, saved): (_, &'a [AnomalyView<'static>]) = match self.inputs[input].source {
            Source::Log(analysed) => (&*analysed.analysis.assembly.anomalies, &[]),
            Source::Saved(saved) => (&[][..], &saved.anomalies),
        };
        let seen = seen.iter().map(|anomaly| AnomalyView {
            input: 0,
            kind: anomaly.value.kind.name().into(),
            line: anomaly.span.line(),
            offset: anomaly.span.offset(),
            text: Cow::Borrowed(&anomaly.value.text),
        });
        let redactor = self.redactor;
        seen.chain(saved.iter().cloned())
            .map(move |anomaly| AnomalyView {
                input,
                ..anomaly.redacted(redactor)
            })
    }

    /// The times of the first and the last event of one input.
    fn times_of(&self, input: usize) -> (Option<String>, Option<String>) {
        match self.inputs[input].source {
            Source::Log(Analysed { analysis, .. }) => {
                let iso = |at: &Option<LogTime>| at.as_ref().map(LogTime::iso);
                let assembly = &analysis.assembly;
                (iso(&assembly.first_at), iso(&assembly.last_at))
            }
            Source::Saved(SavedInput { input, .. }) => {
                (input.first_at.clone(), input.last_at.clone())
            }
        }
    }

    /// The numbers.
    pub fn summary(&self) -> SummaryView {
        SummaryView::of(self)
    }
}

/// Names of a log in a view.
fn texts(names: &Names) -> Vec<Cow<'_, str>> {
    names.iter().map(|name| Cow::Borrowed(&**name)).collect()
}
