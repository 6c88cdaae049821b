//! Findings as the report shows them.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use super::schema::words;
use crate::{
    diagnose::{Action, Finding},
    handshake::{Party, Role},
};

/// A finding.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Finding"))]
pub struct FindingView<'a> {
    /// Of a fault of the JVM or of the log, the input that it was found in: its place in `inputs`, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<usize>,
    /// Name of the rule.
    pub rule: Cow<'a, str>,
    /// Its code.
    pub code: Cow<'a, str>,
    /// `error`, `warning`, `info`
    #[cfg_attr(feature = "schema", schemars(with = "words::SeverityWord"))]
    pub severity: Cow<'a, str>,
    /// `certain`, `strong`, `likely`, `possible`
    #[cfg_attr(feature = "schema", schemars(with = "words::ConfidenceWord"))]
    pub confidence: Cow<'a, str>,
    /// One line.
    pub headline: Cow<'a, str>,
    /// A few sentences.
    pub explanation: Cow<'a, str>,
    /// `client`, `server`, `network`, `either`, `unknown`
    #[cfg_attr(feature = "schema", schemars(with = "words::PartyWord"))]
    pub at_fault: Cow<'a, str>,
    /// What had to be guessed.
    pub assumptions: Vec<Cow<'a, str>>,
    /// The lines that prove it.
    pub evidence: Vec<EvidenceView<'a>>,
    /// What to change.
    pub remedies: Vec<ActionView<'a>>,
    /// How to make sure.
    pub confirm: Vec<ActionView<'a>>,
    /// Where the knowledge comes from.
    pub references: Vec<Cow<'a, str>>,
    /// The rule whose finding explains this one.
    pub symptom_of: Option<Cow<'a, str>>,
    /// The rule of the first finding, where this one is another possible cause; its tests decide.
    pub competes_with: Option<Cow<'a, str>>,
}

/// A line that proves something.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Evidence"))]
pub struct EvidenceView<'a> {
    /// Line number.
    pub line: u64,
    /// Byte offset of its entry.
    pub offset: u64,
    /// What it says.
    pub text: Cow<'a, str>,
}

/// Something to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Action"))]
pub struct ActionView<'a> {
    /// Who is to do it; absent for tests, which anybody can do.
    #[serde(rename = "for", default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<words::PartyWord>"))]
    pub party: Option<Cow<'a, str>>,
    /// Only that side can do it; otherwise (left out) either can, and `for` is the side that logged.
    #[serde(rename = "sided", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_sided: bool,
    /// What.
    pub action: Cow<'a, str>,
    /// The command, flag or configuration line.
    pub command: Option<Cow<'a, str>>,
    /// The same, line by line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandView<'a>>,
}

/// A line to be typed or copied, and where it belongs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Command"))]
pub struct CommandView<'a> {
    /// `shell`, `jvm_option`, `configuration`, `code`
    #[cfg_attr(feature = "schema", schemars(with = "words::CommandWord"))]
    pub kind: Cow<'a, str>,
    /// The product, file or language, where the line names it.
    #[serde(rename = "in", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Cow<'a, str>>,
    /// The line.
    pub text: Cow<'a, str>,
    /// What is to be known about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Cow<'a, str>>,
}

/// All of it, for printing.
impl fmt::Display for CommandView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.text)?;
        match &self.remark {
            Some(remark) => write!(f, "   # {remark}"),
            None => Ok(()),
        }
    }
}

impl<'a> FindingView<'a> {
    /// The view; what either side can do is put down for `own`, the side that logged.
    pub(super) fn new(finding: &'a Finding, own: Option<Role>) -> Self {
        Self {
            input: None,
            rule: finding.rule.into(),
            code: finding.code.into(),
            severity: finding.severity.name().into(),
            confidence: finding.confidence.name().into(),
            headline: Cow::Borrowed(&finding.headline),
            explanation: Cow::Borrowed(&finding.explanation),
            at_fault: finding.at_fault.name().into(),
            assumptions: finding.assumptions.iter().map(Cow::from).collect(),
            evidence: finding
                .evidence
                .iter()
                .map(|evidence| EvidenceView {
                    line: evidence.span.line(),
                    offset: evidence.span.offset(),
                    text: Cow::Borrowed(&evidence.text),
                })
                .collect(),
            remedies: finding
                .remedies
                .iter()
                .map(|action| view(action, Some(own.unwrap_or(Role::Client))))
                .collect(),
            confirm: finding
                .confirm
                .iter()
                .map(|action| view(action, None))
                .collect(),
            references: finding.references.iter().copied().map(Cow::from).collect(),
            symptom_of: finding.symptom_of.map(Cow::from),
            competes_with: finding.competes_with.map(Cow::from),
        }
    }

    /// Whether it is a remark on a handshake that works (family H).
    pub fn is_hygiene(&self) -> bool {
        self.code.starts_with('H')
    }
}

fn view(action: &Action, own: Option<Role>) -> ActionView<'_> {
    let is_sided = matches!(action.party, Party::Client | Party::Server | Party::Network);
    let party = own.map(|own| {
        if is_sided {
            action.party.name()
        } else {
            own.name()
        }
    });
    ActionView {
        party: party.map(Cow::from),
        is_sided,
        action: Cow::Borrowed(&action.what),
        command: action.command.as_deref().map(Cow::from),
        commands: action
            .commands()
            .into_iter()
            .map(|command| CommandView {
                kind: command.kind.name().into(),
                place: command.place.map(Cow::from),
                text: command.text.into(),
                remark: command.remark.map(Cow::from),
            })
            .collect(),
    }
}
