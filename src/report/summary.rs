//! The numbers of the whole report.

use std::{borrow::Cow, collections::HashMap};

use serde::{Deserialize, Serialize};

use super::{Brief, Report};
use crate::{handshake::Outcome, time};

/// The numbers of the whole report.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Summary"))]
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
#[derive(Debug, Clone, Serialize, Deserialize)]
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
        let mut summary = Self::default();
        let mut counts = HashMap::new();
        for handshake in (0..report.len()).flat_map(|input| report.briefs_of(input)) {
            summary.count(handshake, &mut counts);
        }
        summary.by_rule = counts.into_values().collect();
        summary.by_rule.sort_by(|a, b| {
            b.handshakes
                .cmp(&a.handshakes)
                .then(a.first_line.cmp(&b.first_line))
                .then(a.code.cmp(&b.code))
        });
        let times = (0..report.len()).map(|input| report.times_of(input));
        let (first, last): (Vec<_>, Vec<_>) = times.unzip();
        let millis = |at: &String| time::millis_of_iso(at);
        summary.first_at = first.into_iter().flatten().min_by_key(millis);
        summary.last_at = last.into_iter().flatten().max_by_key(millis);
        summary
    }

    fn count<'a>(&mut self, handshake: Brief<'a>, counts: &mut HashMap<&'a str, RuleCount>) {
        self.handshakes += 1;
        match handshake.outcome() {
            Outcome::Established => self.established += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Unfinished => self.unfinished += 1,
        }
        for finding in handshake.causes() {
            let count = counts.entry(finding.rule).or_insert_with(|| RuleCount {
                rule: finding.rule.to_owned().into(),
                code: finding.code.to_owned().into(),
                handshakes: 0,
                first_line: handshake.first_line(),
            });
            count.handshakes += 1;
        }
    }
}
