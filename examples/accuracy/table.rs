//! What was counted, and how it is printed.

use std::{collections::BTreeMap, path::Path};

use jssl_analyze::diagnose::{Finding, find_rule};

use super::verdict::Verdict;

/// One cause, or one log or handshake in which nothing is broken, and where it was read.
#[derive(Debug, Clone)]
pub(crate) struct Case<'a> {
    pub(crate) path: &'a Path,
    /// The folder of the index, or the kind of side file.
    pub(crate) source: String,
    pub(crate) jdk: String,
    pub(crate) dialect: String,
    /// The cause in words.
    pub(crate) expected: String,
    /// The rules that name it.
    pub(crate) rules: &'a [&'a str],
    /// It tells what can be seen, so that the target holds for it.
    pub(crate) is_side_file: bool,
}

/// Counts of one row.
#[derive(Debug, Default, Clone)]
struct Row {
    verdicts: BTreeMap<Verdict, usize>,
    outcomes: usize,
    all: usize,
}

/// Everything that was counted.
#[derive(Debug, Default)]
pub(crate) struct Score {
    all: Row,
    side_files: Row,
    by_source: BTreeMap<String, Row>,
    by_jdk: BTreeMap<String, Row>,
    by_dialect: BTreeMap<String, Row>,
    by_family: BTreeMap<String, Row>,
    disagreements: Vec<String>,
}

impl Score {
    pub(crate) fn is_empty(&self) -> bool {
        self.all.all == 0
    }

    pub(crate) fn count(&self, verdict: Verdict) -> usize {
        self.all.count(verdict)
    }

    /// Causes that come first in the side files, of 100; `None` without side files.
    pub(crate) fn first_of_side_files(&self) -> Option<f64> {
        self.side_files.share_of_first()
    }

    /// A case with its verdict, the finding behind it, and how the outcome differs, if it does.
    pub(crate) fn add(
        &mut self,
        case: &Case<'_>,
        verdict: Verdict,
        finding: Option<&Finding>,
        outcome: Option<String>,
    ) {
        self.tally(case, verdict, outcome.is_none());
        if verdict.is_right() && outcome.is_none() {
            return;
        }
        let got = finding.map_or_else(
            || "-".to_owned(),
            |finding| format!("{} ({})", finding.rule, finding.confidence.name()),
        );
        let outcome = outcome.map_or_else(String::new, |outcome| format!("; outcome {outcome}"));
        self.disagreements.push(format!(
            "{:8}{}: {} -> {got}{outcome}",
            verdict.name(),
            case.path.display(),
            case.expected,
        ));
    }

    pub(crate) fn add_unreadable(&mut self, case: &Case<'_>, error: &str) {
        self.tally(case, Verdict::Unreadable, false);
        self.disagreements
            .push(format!("{:8}{error}", Verdict::Unreadable.name()));
    }

    fn tally(&mut self, case: &Case<'_>, verdict: Verdict, outcome: bool) {
        let row = |rows: &mut BTreeMap<String, Row>, key: &str| {
            rows.entry(key.to_owned())
                .or_default()
                .add(verdict, outcome);
        };
        self.all.add(verdict, outcome);
        if case.is_side_file {
            self.side_files.add(verdict, outcome);
        }
        row(&mut self.by_source, &case.source);
        row(&mut self.by_jdk, &case.jdk);
        row(&mut self.by_dialect, &case.dialect);
        row(&mut self.by_family, family(case));
    }

    /// The tables, unless only the disagreements are wanted, and these.
    pub(crate) fn print(&self, quiet: bool) {
        let tables = [
            ("source", &self.by_source),
            ("jdk", &self.by_jdk),
            ("dialect", &self.by_dialect),
            ("family", &self.by_family),
        ];
        for (title, rows) in tables.iter().filter(|_| !quiet) {
            self.print_table(title, rows);
        }
        if !self.disagreements.is_empty() {
            println!("Disagreements: verdict, log: expected -> got");
        }
        for line in &self.disagreements {
            println!("  {line}");
        }
        match self.first_of_side_files() {
            Some(share) => println!(
                "\nin the side files {share:.1} % of the causes come first; {} wrong and sold as certain, {} false alarms",
                self.count(Verdict::Wrong),
                self.count(Verdict::Alarm)
            ),
            None => println!(
                "\n{} wrong and sold as certain, {} false alarms",
                self.count(Verdict::Wrong),
                self.count(Verdict::Alarm)
            ),
        }
    }

    fn print_table(&self, title: &str, rows: &BTreeMap<String, Row>) {
        print!("{title:34}");
        for verdict in Verdict::ALL {
            if self.count(verdict) > 0 || verdict != Verdict::Unreadable {
                print!("{:>8}", verdict.name());
            }
        }
        println!("{:>9}{:>6}", "outcome", "of");
        let total = ("all".to_owned(), self.all.clone());
        for (key, row) in rows.iter().chain([(&total.0, &total.1)]) {
            let key: String = key.chars().take(33).collect();
            print!("{key:34}");
            for verdict in Verdict::ALL {
                if self.count(verdict) > 0 || verdict != Verdict::Unreadable {
                    print!("{:>8}", row.count(verdict));
                }
            }
            println!("{:>9}{:>6}", row.outcomes, row.all);
        }
        println!();
    }
}

impl Row {
    fn add(&mut self, verdict: Verdict, outcome: bool) {
        *self.verdicts.entry(verdict).or_default() += 1;
        self.outcomes += usize::from(outcome);
        self.all += 1;
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.verdicts.get(&verdict).copied().unwrap_or_default()
    }

    #[expect(clippy::cast_precision_loss, reason = "a few hundred cases")]
    fn share_of_first(&self) -> Option<f64> {
        let first = self.count(Verdict::First);
        let other = [
            Verdict::Listed,
            Verdict::Open,
            Verdict::Missed,
            Verdict::Wrong,
        ];
        let all = first + other.iter().map(|other| self.count(*other)).sum::<usize>();
        (all > 0).then(|| 100.0 * first as f64 / all as f64)
    }
}

/// The family of the cause: that of the first rule that names it.
fn family(case: &Case<'_>) -> &'static str {
    let rule = case.rules.iter().find_map(|rule| find_rule(rule));
    match rule {
        Some(rule) => rule.family().title,
        None if case.expected == "nothing" => "(nothing broken)",
        None => "(no rule for it)",
    }
}
