//! The numbers of the whole report.

use std::{borrow::Cow, collections::HashMap};

use serde::{Deserialize, Serialize};

use super::{Brief, Report, SelectionView};
use crate::{handshake::Outcome, time};

/// The numbers of the whole report.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Summary"))]
pub struct SummaryView {
    /// All handshakes that are wanted: every end's view counts. Those that a limit leaves out count, too.
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
    /// Which handshakes of all inputs this report is about; left out where it is about all, and tells all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<SelectionView>,
    /// What was taken out of this report, in a sentence; left out where nothing but secrets was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<String>,
}

/// How often a rule fired as a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleCount {
    /// Name of the rule.
    pub rule: Cow<'static, str>,
    /// Its code.
    pub code: Cow<'static, str>,
    /// In how many handshakes.
    pub handshakes: usize,
    /// The first line of the first of them.
    pub first_line: u64,
}

impl SummaryView {
    pub(super) fn of(report: &Report<'_>) -> Self {
        let mut summary = Self {
            selection: report.selection_of_all(),
            redacted: report.redacted().map(str::to_owned),
            ..Self::default()
        };
        let mut counts = HashMap::new();
        for handshake in (0..report.len()).flat_map(|input| report.briefs_of(input)) {
            summary.add(handshake.outcome(), 1);
            RuleCount::count(handshake, &mut counts);
        }
        summary.by_rule = RuleCount::sorted(counts.into_values().collect());
        for untold in (0..report.len()).map(|input| report.untold(input)) {
            for outcome in Outcome::ALL {
                summary.add(outcome, untold.number(outcome));
            }
            summary.by_rule = RuleCount::merged(summary.by_rule, untold.by_rule);
        }
        let times = (0..report.len()).map(|input| report.times_of(input));
        let (first, last): (Vec<_>, Vec<_>) = times.unzip();
        let millis = |at: &String| time::millis_of_iso(at);
        summary.first_at = first.into_iter().flatten().min_by_key(millis);
        summary.last_at = last.into_iter().flatten().max_by_key(millis);
        summary
    }

    fn add(&mut self, outcome: Outcome, number: usize) {
        self.handshakes += number;
        match outcome {
            Outcome::Established => self.established += number,
            Outcome::Failed => self.failed += number,
            Outcome::Unfinished => self.unfinished += number,
        }
    }
}

impl RuleCount {
    /// Adds the causes of a handshake.
    pub(super) fn count<'a>(handshake: Brief<'a>, counts: &mut HashMap<&'a str, Self>) {
        for finding in handshake.causes() {
            let count = counts.entry(finding.rule).or_insert_with(|| Self {
                rule: finding.rule.to_owned().into(),
                code: finding.code.to_owned().into(),
                handshakes: 0,
                first_line: handshake.first_line(),
            });
            count.handshakes += 1;
        }
    }

    /// The most frequent first.
    pub(super) fn sorted(mut counts: Vec<Self>) -> Vec<Self> {
        counts.sort_by(|a, b| {
            b.handshakes
                .cmp(&a.handshakes)
                .then(a.first_line.cmp(&b.first_line))
                .then(a.code.cmp(&b.code))
        });
        counts
    }

    /// Both counted together.
    pub(super) fn merged(mut counts: Vec<Self>, others: Vec<Self>) -> Vec<Self> {
        if others.is_empty() {
            return counts;
        }
        for other in others {
            match counts.iter_mut().find(|count| count.rule == other.rule) {
                Some(count) => {
                    count.handshakes += other.handshakes;
                    count.first_line = count.first_line.min(other.first_line);
                }
                None => counts.push(other),
            }
        }
        Self::sorted(counts)
    }
}
