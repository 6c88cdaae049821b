//! A first look at all handshakes: which failed alike, how often each cause occurs, and the verdict in
//! one sentence. Reports for a ticket begin with it.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap, HashSet},
};

use super::{
    moment, selection,
    words::{counted, cut, fault, headline, maybe, peer, text},
};
use crate::{
    handshake::Outcome,
    report::{FindingView, HandshakeView, Report},
};

/// A headline may quote a name of any length.
const HEADLINE: usize = 400;

/// How a handshake ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Ending {
    Failed,
    Unfinished,
    Established,
}

impl Ending {
    fn of(view: &HandshakeView<'_>) -> Self {
        match text(&view.outcome) {
            "failed" => Self::Failed,
            "established" => Self::Established,
            _ => Self::Unfinished,
        }
    }

    /// The word used in JSON.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Unfinished => "unfinished",
            Self::Established => "established",
        }
    }
}

/// What is kept of every handshake.
#[derive(Debug)]
pub(super) struct Brief {
    /// Position of its input in the report, and its own there.
    pub(super) input: usize,
    pub(super) position: usize,
    pub(super) id: u32,
    pub(super) ending: Ending,
    /// Milliseconds on the wall clock at its first step.
    pub(super) started: Option<i64>,
    /// The other end of it, where that was told of before and broke for the same reason.
    pub(super) told_as: Option<u32>,
    /// Its group, unless it was established.
    pub(super) group: Option<usize>,
}

/// Handshakes that failed in the same way with the same peer.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) ending: Ending,
    /// Of the first of them.
    pub(super) headline: String,
    /// Positions in [`Overview::all`], in the order of the log.
    pub(super) members: Vec<usize>,
}

/// How often something is the cause, or is remarked on.
#[derive(Debug)]
pub(super) struct Count {
    pub(super) rule: String,
    pub(super) code: String,
    pub(super) ending: Ending,
    /// Of the first finding.
    pub(super) headline: String,
    /// The surest and the least sure of them.
    pub(super) confidence: String,
    pub(super) least: String,
    pub(super) fault: &'static str,
    pub(super) handshakes: usize,
    pub(super) first_id: u32,
    pub(super) first_input: usize,
    pub(super) first_line: u64,
    /// Every headline; the two ends of a connection word the same fault in two ways.
    headlines: HashSet<String>,
}

impl Count {
    /// How many headlines there are, each end of a connection for itself.
    pub(super) fn kinds(&self) -> usize {
        self.headlines.len()
    }

    /// `strong`, `likely to certain`
    pub(super) fn sureness(&self) -> String {
        if self.least == self.confidence {
            self.confidence.clone()
        } else {
            format!("{} to {}", self.least, self.confidence)
        }
    }

    fn add(&mut self, finding: &FindingView<'_>, is_other_end: bool) {
        const ORDER: [&str; 4] = ["possible", "likely", "strong", "certain"];
        let rank = |name: &str| ORDER.iter().position(|known| *known == name);
        self.handshakes += 1;
        if rank(text(&finding.confidence)) > rank(&self.confidence) {
            self.confidence = finding.confidence.to_string();
        }
        if rank(text(&finding.confidence)) < rank(&self.least) {
            self.least = finding.confidence.to_string();
        }
        if !is_other_end {
            self.headlines.insert(cut(&finding.headline, HEADLINE));
        }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Overview {
    pub(super) all: Vec<Brief>,
    /// The failed ones first, then the unfinished; in the order of the log within each.
    pub(super) groups: Vec<Group>,
    /// Of what failed or was not finished, the most frequent first.
    pub(super) causes: Vec<Count>,
    /// On what was established.
    pub(super) remarks: Vec<Count>,
    /// Rules of findings behind the cause of what is broken.
    pub(super) mentioned: BTreeSet<String>,
    /// Connections of which both ends are in the report.
    pub(super) pairs: usize,
    /// Handshakes that a saved report counts without telling of them: failed, unfinished, established.
    pub(super) untold: [usize; 3],
}

/// Handshakes of which all this is equal failed alike: input, ending, role, peer, cause, headline, how,
/// and after which message.
type Sameness = (
    usize,
    Ending,
    Option<String>,
    Option<String>,
    Option<(String, String)>,
    Option<(String, Option<String>)>,
);

impl Overview {
    pub(super) fn of(report: &Report<'_>) -> Self {
        let mut gathering = Gathering::default();
        for input in 0..report.len() {
            for position in 0..report.count(input) {
                gathering.add(input, position, &report.handshake(input, position));
            }
            let untold = report.untold(input);
            let numbers = [Outcome::Failed, Outcome::Unfinished, Outcome::Established];
            let sums = gathering.overview.untold.iter_mut().zip(numbers);
            sums.for_each(|(sum, outcome)| *sum += untold.number(outcome));
        }
        gathering.overview()
    }

    /// How many ended so.
    pub(super) fn count(&self, ending: Ending) -> usize {
        let ended = |brief: &&Brief| brief.ending == ending;
        let untold = match ending {
            Ending::Failed => self.untold[0],
            Ending::Unfinished => self.untold[1],
            Ending::Established => self.untold[2],
        };
        self.all.iter().filter(ended).count() + untold
    }

    /// The first of a group.
    pub(super) fn first(&self, group: &Group) -> &Brief {
        &self.all[group.members[0]]
    }

    /// The handshake under which this one is told.
    pub(super) fn told_under(&self, brief: &Brief) -> u32 {
        brief
            .group
            .map_or(brief.id, |group| self.first(&self.groups[group]).id)
    }

    /// The result in a sentence.
    pub(super) fn verdict(&self, report: &Report<'_>) -> String {
        let chosen = selection::said(report);
        let total = self.all.len() + self.untold.iter().sum::<usize>();
        match chosen {
            Some(none) if total == 0 => none,
            Some(chosen) => format!("{chosen}; {}", self.outcome(total, true)),
            None if total == 0 => report.log_findings().next().map_or_else(
                || "There is no TLS handshake in this log.".to_owned(),
                |finding| sentence(text(&finding.headline)),
            ),
            None => self.outcome(total, false),
        }
    }

    /// How they ended; `chosen`: those of which a filter was said to be met.
    fn outcome(&self, total: usize, chosen: bool) -> String {
        let failed = self.count(Ending::Failed);
        let unfinished = self.count(Ending::Unfinished);
        if failed > 0 {
            return self.failed_verdict(failed, total, chosen);
        }
        if unfinished > 0 {
            return unfinished_verdict(unfinished, total, chosen);
        }
        match (total, chosen) {
            (1, false) => "The handshake was established.".to_owned(),
            (1, true) => "it was established.".to_owned(),
            (_, false) => format!("All {total} handshakes were established."),
            (_, true) => "all of them were established.".to_owned(),
        }
    }

    /// `3 of 44 handshakes failed: …`; where they failed in several ways, the most frequent one.
    fn failed_verdict(&self, failed: usize, total: usize, chosen: bool) -> String {
        let share = match (failed, total, chosen) {
            (1, 1, false) => "The handshake failed".to_owned(),
            (1, 1, true) => "it failed".to_owned(),
            (2, 2, false) if self.pairs == 1 => "The handshake failed at both ends".to_owned(),
            (2, 2, true) if self.pairs == 1 => {
                "they are both ends of one connection and failed".to_owned()
            }
            (2, 2, false) => "Both handshakes failed".to_owned(),
            (_, _, false) if failed == total => format!("All {total} handshakes failed"),
            (_, _, true) if failed == total => "all of them failed".to_owned(),
            (_, _, false) => format!("{failed} of {total} handshakes failed"),
            (_, _, true) => format!("{failed} of them failed"),
        };
        // the other end of a connection tells of the same failure
        let told =
            |group: &&Group| group.ending == Ending::Failed && self.first(group).told_as.is_none();
        let ways: Vec<&Group> = self.groups.iter().filter(told).collect();
        let most = ways.iter().min_by_key(|group| Reverse(group.members.len()));
        // of those that a saved report leaves out, nobody knows why they failed
        let least = if self.untold[0] > 0 { "at least " } else { "" };
        match (most, ways.len()) {
            (None, _) => format!("{share}."),
            (Some(only), 1) if self.untold[0] > 0 => {
                format!("{share}; the first: {}.", only.headline)
            }
            (Some(only), 1) => format!("{share}: {}.", only.headline),
            (Some(first), number) if first.members.len() == 1 => format!(
                "{share}, in {least}{number} ways; the first: {}.",
                first.headline
            ),
            (Some(most), number) => format!(
                "{share}, in {least}{number} ways; the most frequent ({}): {}.",
                counted(most.members.len(), "handshake"),
                most.headline
            ),
        }
    }

    /// Handshakes that broke up and are not told in full, when so many kinds are.
    pub(super) fn broken_behind(&self, kinds: usize) -> usize {
        let behind = self.groups.iter().skip(kinds);
        behind.map(|group| group.members.len()).sum()
    }
}

/// `No handshake failed; 1 of 3 was not finished in this log.`
fn unfinished_verdict(unfinished: usize, total: usize, chosen: bool) -> String {
    match (unfinished, total) {
        (1, 1) if chosen => "it was not finished in this log.".to_owned(),
        (1, 1) => "The handshake was not finished in this log.".to_owned(),
        _ if unfinished == total && chosen => "none of them was finished in this log.".to_owned(),
        _ if unfinished == total => {
            format!("None of the {total} handshakes was finished in this log.")
        }
        (1, _) if chosen => "none of them failed; 1 was not finished in this log.".to_owned(),
        _ if chosen => {
            format!("none of them failed; {unfinished} were not finished in this log.")
        }
        (1, _) => format!("No handshake failed; 1 of {total} was not finished in this log."),
        _ => format!("No handshake failed; {unfinished} of {total} were not finished in this log."),
    }
}

/// With a capital and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    cut(
        &first.chain(letters).chain(['.']).collect::<String>(),
        HEADLINE,
    )
}

#[derive(Default)]
struct Gathering {
    overview: Overview,
    groups: HashMap<Sameness, usize>,
    causes: HashMap<(Ending, String), Count>,
    /// Ids of broken handshakes with ending and cause, for the other ends.
    broken: HashMap<u32, (Ending, String)>,
    ids: HashSet<u32>,
}

impl Gathering {
    fn add(&mut self, input: usize, position: usize, view: &HandshakeView<'_>) {
        let ending = Ending::of(view);
        self.ids.insert(view.id);
        if view
            .paired_with
            .is_some_and(|other| self.ids.contains(&other))
        {
            self.overview.pairs += 1;
        }
        let group = match ending {
            Ending::Established => None,
            _ => Some(self.group(input, ending, view)),
        };
        let told_as = self.told_as(view, ending);
        self.count(input, view, ending, told_as);
        self.overview.all.push(Brief {
            input,
            position,
            id: view.id,
            ending,
            started: maybe(view.started_at.as_ref()).and_then(moment::millis),
            told_as,
            group,
        });
    }

    fn group(&mut self, input: usize, ending: Ending, view: &HandshakeView<'_>) -> usize {
        let groups = &mut self.overview.groups;
        let sameness = sameness(input, ending, view);
        let at = *self.groups.entry(sameness).or_insert(groups.len());
        if at == groups.len() {
            groups.push(Group {
                ending,
                headline: cut(headline(view), HEADLINE),
                members: Vec::new(),
            });
        }
        groups[at].members.push(self.overview.all.len());
        at
    }

    fn told_as(&mut self, view: &HandshakeView<'_>, ending: Ending) -> Option<u32> {
        let cause = view.findings.first()?;
        let told = (ending, cause.rule.to_string());
        let other = view.paired_with;
        let same = other.filter(|other| self.broken.get(other) == Some(&told));
        if ending != Ending::Established {
            self.broken.insert(view.id, told);
        }
        same
    }

    /// The first finding of a broken handshake is its cause; of an established one, each counts.
    fn count(
        &mut self,
        input: usize,
        view: &HandshakeView<'_>,
        ending: Ending,
        told_as: Option<u32>,
    ) {
        let told = match ending {
            Ending::Established => view.findings.len(),
            _ => 1,
        };
        for finding in view.findings.iter().take(told) {
            self.causes
                .entry((ending, finding.rule.to_string()))
                .or_insert_with(|| Count {
                    rule: finding.rule.to_string(),
                    code: finding.code.to_string(),
                    ending,
                    headline: cut(&finding.headline, HEADLINE),
                    confidence: finding.confidence.to_string(),
                    least: finding.confidence.to_string(),
                    fault: fault(finding),
                    handshakes: 0,
                    first_id: view.id,
                    first_input: input,
                    first_line: view.first_line,
                    headlines: HashSet::new(),
                })
                .add(finding, told_as.is_some());
        }
        let others = view.findings.iter().skip(told);
        let others = others.map(|finding| finding.rule.to_string());
        self.overview.mentioned.extend(others);
    }

    fn overview(self) -> Overview {
        let mut overview = self.overview;
        let mut counts: Vec<Count> = self.causes.into_values().collect();
        counts.sort_by_key(|count| {
            (
                count.ending,
                Reverse(count.handshakes),
                count.first_id,
                count.code.clone(),
            )
        });
        (overview.remarks, overview.causes) = counts
            .into_iter()
            .partition(|count| count.ending == Ending::Established);
        let mut order: Vec<usize> = (0..overview.groups.len()).collect();
        order.sort_by_key(|&at| overview.groups[at].ending);
        let mut place = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old] = new;
        }
        for brief in &mut overview.all {
            brief.group = brief.group.map(|group| place[group]);
        }
        overview.groups.sort_by_key(|group| group.ending);
        overview
    }
}

fn sameness(input: usize, ending: Ending, view: &HandshakeView<'_>) -> Sameness {
    let owned = |text: &str| text.to_owned();
    (
        input,
        ending,
        maybe(view.role.as_ref()).map(owned),
        peer(view).map(owned),
        view.findings
            .first()
            .map(|cause| (cause.rule.to_string(), owned(headline(view)))),
        view.break_up.as_ref().map(|end| {
            let after = maybe(end.after.as_ref());
            (end.how.to_string(), after.map(owned))
        }),
    )
}
