//! What was chosen of the handshakes of an input by a filter, and what of that a limit leaves untold: a report
//! says so itself, so that nobody takes a part for the whole.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Brief, Filter, Report, RuleCount};
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

impl Report<'_> {
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
                Some(filter) if self.redactor.hides_names() => Some(nameless(&filter)),
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
