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
mod redacted;
mod saved;
#[cfg(feature = "schema")]
mod schema;
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
    saved::{Saved, Unreadable},
    selection::{LeftOutView, SelectionView},
    settled::{Due, STALLED, Settled},
    step::StepView,
    summary::{RuleCount, SummaryView},
};
use self::{redacted::Redacted as _, saved::SavedInput};
use crate::{
    diagnose::{Diagnosis, Severity},
    drive::Analysis,
    event::Names,
    handshake::Outcome,
    input::Origin,
    redact::Redactor,
    time::LogTime,
};

/// The JSON schema's number. Changes only add.
pub const SCHEMA: u32 = 1;

/// One analysed input with its name and its diagnosis.
#[derive(Debug)]
pub struct Analysed {
    /// The path as given, or `standard input`.
    pub path: String,
    /// Where its bytes came from.
    pub origin: Origin,
    /// What was read.
    pub analysis: Analysis,
    /// What it means.
    pub diagnosis: Diagnosis,
}

/// What a report can be made from.
#[derive(Debug)]
pub enum Subject {
    /// An analysed log.
    Log(Box<Analysed>),
    /// A report that was saved as JSON.
    Saved(Saved),
}

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

/// The file that a line of an input stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// Its path.
    pub path: Cow<'a, str>,
    /// The number that its first line has among those of the input.
    pub first_line: u64,
}

/// Secrets are in no report.
static NO_SECRETS: Redactor = Redactor::secrets();

/// One input of the report.
#[derive(Debug, Clone)]
struct Section<'a> {
    source: Source<'a>,
    /// Handshakes before it: ids run through the whole report.
    before: u32,
    /// The places in the source of the handshakes that are wanted; `None` for all.
    wanted: Option<Vec<u32>>,
    /// What they were chosen by.
    filter: Option<String>,
    /// The positions, among those that are wanted, of the handshakes that are told; `None` for all.
    told: Option<Vec<usize>>,
}

#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    Log(&'a Analysed),
    Saved(&'a SavedInput),
}

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
        let before = self.last_id();
        let source = Source::Log(input);
        self.inputs.push(Section {
            source,
            before,
            wanted: None,
            filter: None,
            told: None,
        });
    }

    fn add_saved(&mut self, saved: &'a Saved) {
        let before = self.last_id();
        let sections = saved.inputs.iter().map(|input| Section {
            source: Source::Saved(input),
            before,
            wanted: None,
            filter: None,
            told: None,
        });
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

    /// Keeps those handshakes only that meet the filter, and says so.
    pub fn select(&mut self, filter: &Filter) {
        self.retain(|handshake| filter.matches(handshake));
        for section in &mut self.inputs {
            section.filter = Some(filter.to_string());
        }
    }

    /// Keeps those handshakes only; they keep their ids.
    pub fn retain(&mut self, wanted: impl Fn(Brief<'_>) -> bool) {
        let kept: Vec<Vec<u32>> = (0..self.len())
            .map(|input| {
                let section = &self.inputs[input];
                let briefs = (0..section.count()).filter(|&at| wanted(section.brief(at)));
                briefs.map(|at| section.place(at)).collect()
            })
            .collect();
        for (section, kept) in self.inputs.iter_mut().zip(kept) {
            section.wanted = Some(kept);
            section.told = None;
        }
    }

    /// Tells of so many handshakes only: those that failed first, then those whose end is not in the log; in their
    /// order. The others still count.
    pub fn limit(&mut self, limit: usize) {
        let mut told: Vec<Vec<usize>> = vec![Vec::new(); self.len()];
        let mut left = limit;
        for outcome in [Outcome::Failed, Outcome::Unfinished, Outcome::Established] {
            for (section, told) in self.inputs.iter().zip(&mut told) {
                let before = told.len();
                let of_it =
                    (0..section.count()).filter(|&at| section.brief(at).outcome() == outcome);
                told.extend(of_it.take(left));
                left -= told.len() - before;
            }
        }
        for (section, mut told) in self.inputs.iter_mut().zip(told) {
            told.sort_unstable();
            section.told = Some(told);
        }
    }

    /// The positions of those handshakes of one input that are told.
    pub fn told(&self, input: usize) -> impl Iterator<Item = usize> + '_ {
        let section = &self.inputs[input];
        let all = section.told.is_none().then(|| 0..section.count());
        let some = section.told.iter().flatten().copied();
        all.into_iter().flatten().chain(some)
    }

    /// Whether the handshake at this position is told.
    pub fn is_told(&self, input: usize, position: usize) -> bool {
        let told = self.inputs[input].told.as_ref();
        told.is_none_or(|told| told.binary_search(&position).is_ok())
    }

    /// What a saved report counts without telling of it: it is in no other list.
    pub fn untold(&self, input: usize) -> LeftOutView {
        let section = &self.inputs[input];
        match section.saved_selection() {
            // nobody knows which of them a filter would keep
            Some(saved) if section.wanted.is_none() => saved.left_out.clone(),
            _ => LeftOutView::default(),
        }
    }

    /// Which handshakes of one input the report is about; `None` when it is about all of them, and tells all.
    pub fn selection(&self, input: usize) -> Option<SelectionView> {
        let section = &self.inputs[input];
        let saved = section.saved_selection();
        if saved.is_none() && section.wanted.is_none() && section.told.is_none() {
            return None;
        }
        let of_limit = (0..section.count())
            .filter(|&position| !self.is_told(input, position))
            .map(|position| section.brief(position));
        let untold = self.untold(input);
        let wanted = section.count() + untold.all();
        let filters = [
            saved.and_then(|saved| saved.filter.as_ref()),
            section.filter.as_ref(),
        ];
        let filters: Vec<String> = filters.into_iter().flatten().cloned().collect();
        let filter = (!filters.is_empty()).then(|| filters.join(" "));
        let selection = SelectionView {
            filter: match filter {
                Some(filter) if self.redactor.hides_names() => Some(selection::nameless(&filter)),
                filter => filter,
            },
            handshakes: saved.map_or(section.all(), |saved| saved.handshakes),
            left_out: LeftOutView::of(of_limit).and(untold),
            unseen: saved.map_or(0, |saved| {
                let of_filter = section.wanted.is_some().then(|| saved.left_out.all());
                saved.unseen + of_filter.unwrap_or(0)
            }),
            wanted,
        };
        let is_all = !selection.is_filtered() && selection.left_out.all() == 0;
        (!is_all).then_some(selection)
    }

    /// The same of all inputs together.
    pub fn selection_of_all(&self) -> Option<SelectionView> {
        let selections: Vec<Option<SelectionView>> =
            (0..self.len()).map(|input| self.selection(input)).collect();
        if selections.iter().all(Option::is_none) {
            return None;
        }
        let whole = |input: usize| SelectionView {
            handshakes: self.inputs[input].all(),
            wanted: self.inputs[input].all(),
            ..SelectionView::default()
        };
        let selections = selections.into_iter().enumerate();
        selections
            .map(|(input, selection)| selection.unwrap_or_else(|| whole(input)))
            .reduce(SelectionView::and)
    }

    /// The file that a line of one input stands in; `None` where there is one file only.
    pub fn place(&self, input: usize, line: u64) -> Option<Place<'a>> {
        let path = |path: &str| Cow::Owned(self.redactor.path(path).into_owned());
        let of_part = match self.inputs[input].source {
            Source::Log(analysed) => {
                let parts = analysed.origin.parts.list();
                let part = parts.iter().rfind(|part| part.first_line <= line);
                part.filter(|_| parts.len() > 1).map(|part| Place {
                    path: path(&part.path.display().to_string()),
                    first_line: part.first_line,
                })
            }
            Source::Saved(saved) => {
                let mut parts = saved.input.parts.iter();
                parts
                    .rfind(|part| part.first_line <= line)
                    .map(|part| Place {
                        path: path(&part.path),
                        first_line: part.first_line,
                    })
            }
        };
        let of_input = || Place {
            path: path(self.path(input)),
            first_line: 1,
        };
        of_part.or_else(|| (self.len() > 1).then(of_input))
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
        let section = &self.inputs[input];
        let own = id.checked_sub(section.before)?;
        let place = match section.source {
            // ids count them
            Source::Log(_) => own.checked_sub(1)? as usize,
            Source::Saved(saved) => saved
                .handshakes
                .binary_search_by_key(&own, |handshake| handshake.id)
                .ok()?,
        };
        match &section.wanted {
            None => (place < section.all()).then_some(place),
            Some(wanted) => wanted.binary_search(&u32::try_from(place).ok()?).ok(),
        }
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
            offset: anomaly.span.offset,
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

impl<'a> Section<'a> {
    /// Handshakes in the source.
    fn all(&self) -> usize {
        match self.source {
            Source::Log(input) => input.analysis.assembly.handshakes.len(),
            Source::Saved(saved) => saved.handshakes.len(),
        }
    }

    /// Handshakes that are wanted.
    fn count(&self) -> usize {
        self.wanted.as_ref().map_or_else(|| self.all(), Vec::len)
    }

    /// The place in the source of the handshake at this position among those that are wanted.
    fn place(&self, position: usize) -> u32 {
        match &self.wanted {
            Some(wanted) => wanted[position],
            None => u32::try_from(position).unwrap_or(u32::MAX),
        }
    }

    /// What a saved report says of itself.
    fn saved_selection(&self) -> Option<&'a SelectionView> {
        match self.source {
            Source::Log(_) => None,
            Source::Saved(saved) => saved.input.selection.as_ref(),
        }
    }

    fn brief(&self, position: usize) -> Brief<'a> {
        let (place, before) = (self.place(position) as usize, self.before);
        match self.source {
            Source::Log(Analysed {
                analysis,
                diagnosis,
                ..
            }) => Brief::of_log(
                &analysis.assembly.handshakes[place],
                &diagnosis.by_handshake[place],
                before,
            ),
            Source::Saved(saved) => Brief::of_saved(&saved.handshakes[place], before),
        }
    }

    /// The highest id in it, or before it.
    fn last_id(&self) -> u32 {
        let own = match self.source {
            Source::Log(_) => u32::try_from(self.all()).unwrap_or(u32::MAX),
            Source::Saved(saved) => saved.handshakes.last().map_or(0, |last| last.id),
        };
        self.before.saturating_add(own)
    }
}

/// Names of a log in a view.
fn texts(names: &Names) -> Vec<Cow<'_, str>> {
    names.iter().map(|name| Cow::Borrowed(&**name)).collect()
}
