//! Logs with a side file: each handshake with its outcome and the rules that may come first.

use std::{fs, io, path::Path};

use jssl_analyze::{
    diagnose::Finding,
    handshake::{Handshake, Outcome},
    report::dialects_of,
};
use serde::Deserialize;

use super::{
    Log,
    table::{Case, Score},
    verdict::{Told, Verdict},
};

/// How the name of a side file ends.
pub(crate) const SUFFIX: &str = ".truth.json";

/// See `testdata/lab/README.md`.
#[derive(Debug, Deserialize)]
struct Truth {
    jdk: String,
    option: String,
    /// The option prints enough to see the cause.
    enough: bool,
    handshakes: Vec<Expected>,
}

#[derive(Debug, Deserialize)]
struct Expected {
    role: String,
    outcome: String,
    /// The rules of which one has to come first; none: nothing is broken.
    rules: Option<Vec<String>>,
    #[serde(default = "one")]
    count: usize,
}

fn one() -> usize {
    1
}

/// Judges the log beside a side file.
pub(crate) fn judge(side_file: &Path, score: &mut Score) -> io::Result<()> {
    let truth: Truth = serde_json::from_slice(&fs::read(side_file)?)
        .map_err(|error| io::Error::other(format!("{}: {error}", side_file.display())))?;
    let name = side_file.to_string_lossy();
    let path = format!("{}.log", name.trim_end_matches(SUFFIX));
    let mut case = Case {
        path: Path::new(&path),
        source: if truth.enough {
            "side files"
        } else {
            "option too narrow"
        }
        .to_owned(),
        jdk: truth.jdk.clone(),
        dialect: "?".to_owned(),
        expected: String::new(),
        rules: &[],
        is_side_file: truth.enough,
    };
    let log = match Log::open(Path::new(&path)) {
        Ok(log) => log,
        Err(error) => {
            score.add_unreadable(&case, &error.to_string());
            return Ok(());
        }
    };
    case.dialect = dialects_of(&log.analysis.assembly.survey).join("+");
    judge_handshakes(&truth, &log, &case, score);
    Ok(())
}

fn judge_handshakes(truth: &Truth, log: &Log, case: &Case<'_>, score: &mut Score) {
    let mut left: Vec<(&Handshake, &[Finding])> = log
        .analysis
        .assembly
        .handshakes
        .iter()
        .map(AsRef::as_ref)
        .zip(log.diagnosis.by_handshake.iter().map(Vec::as_slice))
        .collect();
    // the likest pairs first, so that one that disagrees does not take another's handshake
    let mut open: Vec<&Expected> = truth
        .handshakes
        .iter()
        .flat_map(|expected| std::iter::repeat_n(expected, expected.count))
        .collect();
    for likeness in [3, 2, 1] {
        open.retain(|expected| {
            let at = left
                .iter()
                .position(|(handshake, findings)| like(expected, handshake, findings) >= likeness);
            let Some((handshake, findings)) = at.map(|at| left.remove(at)) else {
                return true;
            };
            judge_pair(truth, expected, Some(handshake), findings, log, case, score);
            false
        });
    }
    for expected in open {
        judge_pair(truth, expected, None, &[], log, case, score);
    }
    for (handshake, findings) in left {
        let told = Told {
            by_handshake: vec![findings],
            of_log: &[],
        };
        let case = Case {
            expected: "no such handshake".to_owned(),
            ..case.clone()
        };
        let (verdict, finding) = told.without_cause();
        let outcome = format!("one more is {}", handshake.outcome.name());
        if truth.enough || verdict == Verdict::Alarm && handshake.outcome.name() == "established" {
            score.add(&case, verdict, finding, Some(outcome));
        }
    }
}

/// 3: role, outcome and cause are the same; 2: role and outcome; 1: the role; 0: nothing.
fn like(expected: &Expected, handshake: &Handshake, findings: &[Finding]) -> u8 {
    let role = handshake
        .role
        .is_none_or(|role| role.name() == expected.role);
    let outcome = handshake.outcome.name() == expected.outcome;
    match (role, outcome, is_first(expected, handshake, findings)) {
        (true, true, true) => 3,
        (true, true, false) => 2,
        (true, false, _) => 1,
        (false, ..) => 0,
    }
}

fn is_first(expected: &Expected, handshake: &Handshake, findings: &[Finding]) -> bool {
    match &expected.rules {
        None => handshake.outcome == Outcome::Established,
        Some(rules) => findings
            .first()
            .is_some_and(|first| names_cause(rules, handshake, first)),
    }
}

/// Where both ends are in the log, the one that knows the cause lends it to the other.
fn names_cause(rules: &[String], handshake: &Handshake, finding: &Finding) -> bool {
    rules.iter().any(|rule| rule == finding.rule)
        || handshake.paired_with.is_some() && finding.explanation.starts_with("Seen from")
}

fn judge_pair(
    truth: &Truth,
    expected: &Expected,
    handshake: Option<&Handshake>,
    findings: &[Finding],
    log: &Log,
    case: &Case<'_>,
    score: &mut Score,
) {
    let rules: Vec<&str> = expected
        .rules
        .iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let case = Case {
        expected: if rules.is_empty() {
            "nothing".to_owned()
        } else {
            rules.join(" or ")
        },
        rules: &rules,
        ..case.clone()
    };
    let told = Told {
        by_handshake: vec![findings],
        of_log: &log.diagnosis.of_log,
    };
    let (verdict, finding) = match (&expected.rules, handshake) {
        (None, _) => told.without_cause(),
        (Some(_), None) if truth.enough => (Verdict::Missed, None),
        (Some(_), None) => (Verdict::Open, None),
        (Some(rules), Some(handshake)) => told.with_cause(
            |finding| names_cause(rules, handshake, finding),
            |_| !truth.enough,
        ),
    };
    // what the option does not print cannot be read
    let read = handshake.map_or("not there", |handshake| handshake.outcome.name());
    let outcome = (truth.enough && read != expected.outcome)
        .then(|| format!("{} is {read} ({})", expected.outcome, truth.option));
    score.add(&case, verdict, finding, outcome);
}
