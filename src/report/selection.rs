//! What was chosen of the handshakes of an input by a filter, and what of that a limit leaves untold: a report
//! says so itself, so that nobody takes a part for the whole.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Brief, RuleCount};
use crate::handshake::Outcome;

/// Which handshakes of an input a report is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Selection"))]
pub struct SelectionView {
    /// The filter, as `outcome:failed peer:*.example.com`; null where handshakes were chosen by hand, or all are wanted.
    pub filter: Option<String>,
    /// How many handshakes the input has in all.
    pub handshakes: usize,
    /// Those that are wanted, and counted, but not among `handshakes` of this report (`--limit`).
    #[serde(default)]
    pub left_out: LeftOutView,
    /// Those that nobody could look at for this filter, because the saved report that was filtered leaves them out.
    #[serde(default)]
    pub unseen: usize,
    /// How many are wanted.
    #[serde(default)]
    pub wanted: usize,
}

/// Handshakes that are counted, but not told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "LeftOut"))]
pub struct LeftOutView {
    /// Those that failed.
    pub failed: usize,
    /// Those whose end is not in the log.
    pub unfinished: usize,
    /// Those that were established.
    pub established: usize,
    /// Their causes.
    #[serde(default)]
    pub by_rule: Vec<RuleCount>,
}

impl SelectionView {
    /// Whether handshakes were chosen, not merely told or not.
    pub fn is_filtered(&self) -> bool {
        self.filter.is_some() || self.wanted < self.handshakes
    }

    /// Of two inputs.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.filter = match (self.filter, other.filter) {
            (Some(one), Some(other)) if one != other => Some(format!("{one} or {other}")),
            (one, other) => one.or(other),
        };
        self.handshakes += other.handshakes;
        self.wanted += other.wanted;
        self.unseen += other.unseen;
        self.left_out = self.left_out.and(other.left_out);
        self
    }
}

impl LeftOutView {
    pub(super) fn of<'a>(handshakes: impl Iterator<Item = Brief<'a>>) -> Self {
        let mut left_out = Self::default();
        let mut counts = HashMap::new();
        for handshake in handshakes {
            *left_out.number_mut(handshake.outcome()) += 1;
            RuleCount::count(handshake, &mut counts);
        }
        left_out.by_rule = RuleCount::sorted(counts.into_values().collect());
        left_out
    }

    /// How many.
    pub fn all(&self) -> usize {
        self.failed + self.unfinished + self.established
    }

    /// How many of this outcome.
    pub fn number(&self, outcome: Outcome) -> usize {
        match outcome {
            Outcome::Failed => self.failed,
            Outcome::Unfinished => self.unfinished,
            Outcome::Established => self.established,
        }
    }

    pub(super) fn number_mut(&mut self, outcome: Outcome) -> &mut usize {
        match outcome {
            Outcome::Failed => &mut self.failed,
            Outcome::Unfinished => &mut self.unfinished,
            Outcome::Established => &mut self.established,
        }
    }

    pub(super) fn and(mut self, other: Self) -> Self {
        self.failed += other.failed;
        self.unfinished += other.unfinished;
        self.established += other.established;
        self.by_rule = RuleCount::merged(self.by_rule, other.by_rule);
        self
    }

    /// `3 failed, 1 unfinished`
    pub fn words(&self) -> String {
        let words: Vec<String> = [Outcome::Failed, Outcome::Unfinished, Outcome::Established]
            .into_iter()
            .map(|outcome| (self.number(outcome), outcome.name()))
            .filter(|(number, _)| *number > 0)
            .map(|(number, name)| format!("{number} {name}"))
            .collect();
        words.join(", ")
    }
}

/// A filter without what may be a name: what was looked for is as telling as what was found.
pub(super) fn nameless(filter: &str) -> String {
    const PLAIN: [&str; 5] = ["id", "outcome", "rule", "since", "until"];
    let parts = filter
        .split_whitespace()
        .map(|part| match part.split_once(':') {
            Some((key, _)) if PLAIN.contains(&key) => part.to_owned(),
            Some((key @ ("peer" | "thread"), _)) => format!("{key}:…"),
            _ => "…".to_owned(),
        });
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_tells_no_names() {
        assert_eq!(
            nameless("id:7 outcome:failed peer:api.corp thread:my thread since:12:30 corp"),
            "id:7 outcome:failed peer:… thread:… … since:12:30 …"
        );
    }
}
