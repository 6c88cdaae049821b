//! Findings as the report shows them.

use serde::Serialize;

use crate::{
    diagnose::{Action, Command, Finding},
    handshake::{Party, Role},
};

/// A finding.
#[derive(Debug, Clone, Serialize)]
pub struct FindingView<'a> {
    /// Name of the rule.
    pub rule: &'a str,
    /// Its code.
    pub code: &'a str,
    /// `error`, `warning`, `info`
    pub severity: &'a str,
    /// `certain`, `strong`, `likely`, `possible`
    pub confidence: &'a str,
    /// One line.
    pub headline: &'a str,
    /// A few sentences.
    pub explanation: &'a str,
    /// `client`, `server`, `network`, `either`, `unknown`
    pub at_fault: &'a str,
    /// What had to be guessed.
    pub assumptions: &'a [String],
    /// The lines that prove it.
    pub evidence: Vec<EvidenceView<'a>>,
    /// What to change.
    pub remedies: Vec<ActionView<'a>>,
    /// How to make sure.
    pub confirm: Vec<ActionView<'a>>,
    /// Where the knowledge comes from.
    pub references: &'a [&'static str],
    /// The rule whose finding explains this one.
    pub symptom_of: Option<&'a str>,
    /// The rule of the first finding, where this one is another possible cause; its tests decide.
    pub competes_with: Option<&'a str>,
}

/// A line that proves something.
#[derive(Debug, Clone, Serialize)]
pub struct EvidenceView<'a> {
    /// Line number.
    pub line: u64,
    /// Byte offset of its entry.
    pub offset: u64,
    /// What it says.
    pub text: &'a str,
}

/// Something to do.
#[derive(Debug, Clone, Serialize)]
pub struct ActionView<'a> {
    /// Who is to do it; absent for tests, which anybody can do.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub party: Option<&'static str>,
    /// Only that side can do it; otherwise either can.
    #[serde(skip)]
    pub is_sided: bool,
    /// What.
    pub action: &'a str,
    /// The command, flag or configuration line.
    pub command: Option<&'a str>,
    /// The same, line by line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandView<'a>>,
}

/// A line to be typed or copied, and where it belongs.
#[derive(Debug, Clone, Serialize)]
pub struct CommandView<'a> {
    /// `shell`, `jvm_option`, `configuration`, `code`
    pub kind: &'static str,
    /// The product, file or language, where the line names it.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub place: Option<&'a str>,
    /// The line.
    pub text: &'a str,
    /// What is to be known about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<&'a str>,
    /// All of it, for printing.
    #[serde(skip)]
    pub whole: Command<'a>,
}

impl<'a> FindingView<'a> {
    /// The view; what either side can do is put down for `own`, the side that logged.
    pub(super) fn new(finding: &'a Finding, own: Option<Role>) -> Self {
        Self {
            rule: finding.rule,
            code: finding.code,
            severity: finding.severity.name(),
            confidence: finding.confidence.name(),
            headline: &finding.headline,
            explanation: &finding.explanation,
            at_fault: finding.at_fault.name(),
            assumptions: &finding.assumptions,
            evidence: finding
                .evidence
                .iter()
                .map(|evidence| EvidenceView {
                    line: evidence.span.line(),
                    offset: evidence.span.offset,
                    text: &evidence.text,
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
            references: &finding.references,
            symptom_of: finding.symptom_of,
            competes_with: finding.competes_with,
        }
    }
}

fn view(action: &Action, own: Option<Role>) -> ActionView<'_> {
    let is_sided = matches!(action.party, Party::Client | Party::Server | Party::Network);
    ActionView {
        party: own.map(|own| {
            if is_sided {
                action.party.name()
            } else {
                own.name()
            }
        }),
        is_sided,
        action: &action.what,
        command: action.command.as_deref(),
        commands: action
            .commands()
            .into_iter()
            .map(|command| CommandView {
                kind: command.kind.name(),
                place: command.place,
                text: command.text,
                remark: command.remark,
                whole: command,
            })
            .collect(),
    }
}
