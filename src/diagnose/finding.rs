//! Findings: a rule that fired, with evidence and remedies.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    hash::{Hash, Hasher},
    ops::{Deref, DerefMut},
    sync::Arc,
};

use foldhash::quality::RandomState;

use super::command::Command;
use crate::{
    event::Cause,
    handshake::{BreakUp, Noted, Party},
    span::Span,
};

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "plain words")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

/// How sure a finding is. Ordered: more is surer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Only the absence of something, or a transport error: a candidate.
    Possible,
    /// One piece of evidence and no competing cause in the same connection.
    Likely,
    /// Two independent pieces of evidence agree.
    Strong,
    /// JSSE states the cause in words on the local side.
    Certain,
}

impl Severity {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The word used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Confidence {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Possible, Self::Likely, Self::Strong, Self::Certain];

    /// The word used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Strong => "strong",
            Self::Certain => "certain",
        }
    }

    /// One step less sure.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::Certain => Self::Strong,
            Self::Strong => Self::Likely,
            Self::Likely | Self::Possible => Self::Possible,
        }
    }
}

/// A place in the log and what it says there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Where.
    pub span: Span,
    /// The words of the log, or what they amount to.
    pub text: Arc<str>,
}

/// Something to do: a remedy, or a test.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Action {
    /// Who is to do it.
    pub party: Party,
    /// What, as a sentence without a full stop.
    pub what: Cow<'static, str>,
    /// The exact command, flag or configuration line, when there is one.
    pub command: Option<String>,
}

impl Action {
    /// What is to be typed, line by line, and where each line belongs.
    pub fn commands(&self) -> Vec<Command<'_>> {
        self.command.as_deref().map_or_else(Vec::new, Command::of)
    }
}

/// One rule that fired on one handshake (or on the log as a whole).
///
/// What is told in words is shared between findings that tell the same (`Told`): the same fault four
/// thousand times is four thousand places and one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Name of the rule.
    pub rule: &'static str,
    /// Code of the rule.
    pub code: &'static str,
    /// How grave.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Whose fault.
    pub at_fault: Party,
    /// The lines that prove it, the strongest first.
    pub evidence: Vec<Evidence>,
    /// The rule whose finding explains this one.
    pub symptom_of: Option<&'static str>,
    /// The rule whose finding stands first, where this one is another possible cause.
    pub competes_with: Option<&'static str>,
    told: Arc<Told>,
}

/// What a finding says in words; reached through the finding itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// One line: what is wrong here.
    pub headline: String,
    /// A few sentences: what the log shows and why that is the cause.
    pub explanation: String,
    /// What had to be guessed.
    pub assumptions: Vec<String>,
    /// What to change, by party.
    pub remedies: Vec<Action>,
    /// How to make sure.
    pub confirm: Vec<Action>,
    /// RFC sections, JDK properties, vendor pages.
    pub references: Vec<&'static str>,
}

impl Hash for Told {
    /// What is different is nearly always different in one of these: the rest need not be gone through.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.headline.hash(state);
        self.explanation.hash(state);
    }
}

impl Deref for Finding {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.told
    }
}

impl DerefMut for Finding {
    fn deref_mut(&mut self) -> &mut Told {
        Arc::make_mut(&mut self.told)
    }
}

/// Texts that findings share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    told: HashSet<Arc<Told>, RandomState>,
    texts: HashSet<Arc<str>, RandomState>,
}

impl Shared {
    /// Lets a finding share its words with those before it that say the same.
    pub(super) fn share(&mut self, finding: &mut Finding) {
        share_one(&mut self.told, &mut finding.told);
        finding.evidence.shrink_to_fit();
        for evidence in &mut finding.evidence {
            share_one(&mut self.texts, &mut evidence.text);
        }
    }
}

/// What one end of a connection learned from the other, so that it is put into words once, however many
/// connections broke in the same way.
#[derive(Debug, Default)]
pub(super) struct Retold {
    /// By where the words are, and by the end that found out.
    known: HashMap<(*const Told, &'static str), Both, RandomState>,
}

/// Words, and the same retold. The former are kept, so that nothing else gets their place.
type Both = (Arc<Told>, Arc<Told>);

impl Retold {
    /// A finding of the other end, which is `role`, for this end.
    pub(super) fn retell(&mut self, finding: &Finding, role: &'static str) -> Finding {
        let mut retold = finding.clone();
        let key = (Arc::as_ptr(&finding.told), role);
        if let Some((_, known)) = self.known.get(&key) {
            retold.told = Arc::clone(known);
            return retold;
        }
        retold.explanation = format!(
            "Seen from the {role}'s end of this connection: {}",
            finding.explanation
        );
        if self.known.len() < MOST_SHARED {
            let both = (Arc::clone(&finding.told), Arc::clone(&retold.told));
            self.known.insert(key, both);
        }
        retold
    }
}

/// What differs each time is not worth keeping.
const MOST_SHARED: usize = 20_000;

fn share_one<T: ?Sized + Eq + Hash>(known: &mut HashSet<Arc<T>, RandomState>, value: &mut Arc<T>) {
    if let Some(same) = known.get(value) {
        *value = Arc::clone(same);
    } else if known.len() < MOST_SHARED {
        known.insert(Arc::clone(value));
    }
}

impl Finding {
    /// A finding of a rule; the rest is added by the methods below.
    pub fn new(
        rule: &dyn super::Rule,
        severity: Severity,
        confidence: Confidence,
        headline: impl Into<String>,
    ) -> Self {
        Self {
            rule: rule.name(),
            code: rule.code(),
            severity,
            confidence,
            at_fault: Party::Unknown,
            evidence: Vec::new(),
            symptom_of: None,
            competes_with: None,
            told: Arc::new(Told {
                headline: headline.into(),
                ..Told::default()
            }),
        }
    }

    /// An error: the handshake broke of it.
    pub fn error(
        rule: &dyn super::Rule,
        confidence: Confidence,
        headline: impl Into<String>,
    ) -> Self {
        Self::new(rule, Severity::Error, confidence, headline)
    }

    /// Whether it is a remark on a handshake that works (family H).
    pub fn is_hygiene(&self) -> bool {
        self.code.starts_with('H')
    }

    /// Says what the log shows and why that is the cause.
    #[must_use]
    pub fn explain(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = explanation.into();
        self
    }

    /// Says whose fault it is.
    #[must_use]
    pub fn fault_of(mut self, party: Party) -> Self {
        self.at_fault = party;
        self
    }

    /// Adds a line that proves it.
    #[must_use]
    pub fn evidence(mut self, span: Span, text: impl Into<String>) -> Self {
        self.evidence.push(Evidence {
            span,
            text: text.into().into(),
        });
        self
    }

    /// Adds a line that proves it, if there is one.
    #[must_use]
    pub fn evidence_if<T>(self, noted: Option<&Noted<T>>, text: impl FnOnce(&T) -> String) -> Self {
        match noted {
            Some(noted) => {
                let text = text(&noted.value);
                self.evidence(noted.span, text)
            }
            None => self,
        }
    }

    /// Adds the line where the handshake broke up, in its own words.
    #[must_use]
    pub fn evidence_of_break_up(self, break_up: Option<&BreakUp>) -> Self {
        match break_up {
            Some(break_up) => self.evidence(break_up.span, break_up.in_words()),
            None => self,
        }
    }

    /// Adds a line of an exception's chain of causes; `entry` is where the exception's entry begins.
    #[must_use]
    pub fn evidence_of_cause(self, entry: Span, cause: Option<&Cause>) -> Self {
        match cause {
            Some(cause) => self.evidence(entry.down(cause.line_in_entry), cause.in_words()),
            None => self,
        }
    }

    /// Adds a remedy.
    #[must_use]
    pub fn remedy(
        mut self,
        party: Party,
        what: impl Into<Cow<'static, str>>,
        command: impl Into<Option<String>>,
    ) -> Self {
        self.remedies.push(Action {
            party,
            what: what.into(),
            command: command.into(),
        });
        self
    }

    /// Adds a test that would confirm or refute it.
    #[must_use]
    pub fn confirm(
        mut self,
        what: impl Into<Cow<'static, str>>,
        command: impl Into<Option<String>>,
    ) -> Self {
        self.confirm.push(Action {
            party: Party::Unknown,
            what: what.into(),
            command: command.into(),
        });
        self
    }

    /// Says where the knowledge comes from.
    #[must_use]
    pub fn references(mut self, references: &[&'static str]) -> Self {
        self.references.extend_from_slice(references);
        self
    }

    /// Says what else had to be guessed.
    pub(super) fn assume_also(&mut self, assumption: &str) {
        self.assumptions.push(assumption.to_owned());
    }

    /// Says what had to be guessed.
    #[must_use]
    pub fn assume(mut self, assumption: impl Into<String>) -> Self {
        self.assumptions.push(assumption.into());
        self
    }
}
