//! The report: what the renderers show, in the shape that JSON has (schema 1).
//!
//! A [`Report`] borrows what was analysed and makes the view of one handshake at a time, so that
//! a log with a hundred thousand of them is not held twice.

mod finding;
mod fingerprint;
mod handshake;
mod input;
mod inventory;
mod settled;

use std::collections::HashMap;

use serde::Serialize;

pub use self::finding::{ActionView, CommandView, EvidenceView, FindingView};
pub use self::fingerprint::FingerprintsView;
pub use self::handshake::{
    AlertView, BreakUpView, CertificateView, CertificatesView, ClientAuthView, HandshakeView,
    NegotiatedView, PeerView, StepView, ThreadView, VersionsView,
};
pub use self::input::{InputView, JdkView, PartView, dialects_of};
pub use self::inventory::{Inventory, InventoryEntry, Part, Sighting};
pub use self::settled::{Due, STALLED, Settled};
use crate::{
    diagnose::{Diagnosis, Finding},
    drive::Analysis,
    handshake::Outcome,
    input::Origin,
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

/// Everything that one run has to say.
#[derive(Debug)]
pub struct Report<'a> {
    inputs: &'a [Analysed],
    /// Handshakes before each input: ids run through the whole report.
    offsets: Vec<u32>,
}

/// Name and version of this program.
#[derive(Debug, Clone, Serialize)]
pub struct ToolView {
    /// `jssl-analyze`
    pub name: &'static str,
    /// The version.
    pub version: &'static str,
}

/// The numbers of the whole report.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SummaryView {
    /// All handshakes: every end's view counts.
    pub handshakes: usize,
    /// Those that were established.
    pub established: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those whose end is not in the log.
    pub unfinished: usize,
    /// Time of the first event.
    pub first_at: Option<String>,
    /// Time of the last event.
    pub last_at: Option<String>,
    /// Causes by number of handshakes, the most frequent first.
    pub by_rule: Vec<RuleCount>,
}

/// How often a rule fired as a cause.
#[derive(Debug, Clone, Serialize)]
pub struct RuleCount {
    /// Name of the rule.
    pub rule: &'static str,
    /// Its code.
    pub code: &'static str,
    /// In how many handshakes.
    pub handshakes: usize,
    /// The first line of the first of them.
    pub first_line: u64,
}

/// An anomaly of the input.
#[derive(Debug, Clone, Serialize)]
pub struct AnomalyView {
    /// What is odd.
    pub kind: &'static str,
    /// Its line.
    pub line: u64,
    /// Its byte offset.
    pub offset: u64,
    /// A quotation.
    pub text: String,
}

impl<'a> Report<'a> {
    /// A report on these inputs.
    pub fn new(inputs: &'a [Analysed]) -> Self {
        let mut total = 0;
        let offsets = inputs
            .iter()
            .map(|input| {
                let before = total;
                total +=
                    u32::try_from(input.analysis.assembly.handshakes.len()).unwrap_or(u32::MAX);
                before
            })
            .collect();
        Self { inputs, offsets }
    }

    /// This program.
    pub fn tool() -> ToolView {
        ToolView {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// What was read.
    pub fn inputs(&self) -> impl Iterator<Item = InputView> {
        self.inputs.iter().map(InputView::new)
    }

    /// The inputs as analysed.
    pub fn analysed(&self) -> &'a [Analysed] {
        self.inputs
    }

    /// The id that a handshake has in the report.
    pub fn id(&self, input: usize, position: usize) -> u32 {
        self.inputs[input].analysis.assembly.handshakes[position].id + self.offsets[input]
    }

    /// The view of one handshake of one input, by its position.
    pub fn handshake(&self, input: usize, position: usize) -> HandshakeView<'a> {
        let Analysed {
            analysis,
            diagnosis,
            ..
        } = &self.inputs[input];
        let findings = &diagnosis.by_handshake[position];
        HandshakeView::new(
            &analysis.assembly.handshakes[position],
            findings,
            &analysis.assembly.certificates,
            self.offsets[input],
        )
    }

    /// The views of all handshakes of one input, made one at a time.
    pub fn handshakes_of(&self, input: usize) -> impl Iterator<Item = HandshakeView<'a>> + '_ {
        let count = self.inputs[input].analysis.assembly.handshakes.len();
        (0..count).map(move |position| self.handshake(input, position))
    }

    /// The views of all handshakes.
    pub fn handshakes(&self) -> impl Iterator<Item = HandshakeView<'a>> + '_ {
        (0..self.inputs.len()).flat_map(|input| self.handshakes_of(input))
    }

    /// Faults of the JVM and of the log of one input.
    pub fn log_findings_of(&self, input: usize) -> impl Iterator<Item = FindingView<'a>> + use<'a> {
        self.inputs[input]
            .diagnosis
            .of_log
            .iter()
            .map(|finding| FindingView::new(finding, None))
    }

    /// Faults of the JVMs and of the logs themselves.
    pub fn log_findings(&self) -> impl Iterator<Item = FindingView<'a>> + '_ {
        (0..self.inputs.len()).flat_map(|input| self.log_findings_of(input))
    }

    /// Odd input, of all inputs.
    pub fn anomalies(&self) -> impl Iterator<Item = AnomalyView> + '_ {
        (0..self.inputs.len()).flat_map(|input| self.anomalies_of(input))
    }

    /// Odd input, of one input.
    pub fn anomalies_of(&self, input: usize) -> impl Iterator<Item = AnomalyView> + '_ {
        self.inputs[input]
            .analysis
            .assembly
            .anomalies
            .iter()
            .map(|anomaly| AnomalyView {
                kind: anomaly.value.kind.name(),
                line: anomaly.span.line(),
                offset: anomaly.span.offset,
                text: anomaly.value.text.to_string(),
            })
    }

    /// The numbers.
    pub fn summary(&self) -> SummaryView {
        let mut summary = SummaryView::default();
        let mut counts: HashMap<&'static str, RuleCount> = HashMap::new();
        for input in self.inputs {
            let assembly = &input.analysis.assembly;
            for (handshake, findings) in assembly
                .handshakes
                .iter()
                .zip(&input.diagnosis.by_handshake)
            {
                summary.handshakes += 1;
                match handshake.outcome {
                    Outcome::Established => summary.established += 1,
                    Outcome::Failed => summary.failed += 1,
                    Outcome::Unfinished => summary.unfinished += 1,
                }
                for finding in findings
                    .iter()
                    .filter(|finding| is_cause(finding, handshake.outcome, findings))
                {
                    let line = handshake.first_span().line();
                    let count = counts.entry(finding.rule).or_insert(RuleCount {
                        rule: finding.rule,
                        code: finding.code,
                        handshakes: 0,
                        first_line: line,
                    });
                    count.handshakes += 1;
                }
            }
        }
        let times = |pick: fn(&crate::assemble::Assembly) -> &Option<crate::time::LogTime>| {
            self.inputs
                .iter()
                .filter_map(move |input| pick(&input.analysis.assembly).as_ref())
        };
        summary.first_at = times(|assembly| &assembly.first_at)
            .min_by_key(|at| at.millis)
            .map(crate::time::LogTime::iso);
        summary.last_at = times(|assembly| &assembly.last_at)
            .max_by_key(|at| at.millis)
            .map(crate::time::LogTime::iso);
        summary.by_rule = counts.into_values().collect();
        summary.by_rule.sort_by(|a, b| {
            b.handshakes
                .cmp(&a.handshakes)
                .then(a.first_line.cmp(&b.first_line))
                .then(a.code.cmp(b.code))
        });
        summary
    }
}

/// The first finding of a broken handshake is its cause; of an established one, each finding counts.
fn is_cause(finding: &Finding, outcome: Outcome, findings: &[Finding]) -> bool {
    outcome == Outcome::Established
        || findings
            .first()
            .is_some_and(|first| std::ptr::eq(first, finding))
}
