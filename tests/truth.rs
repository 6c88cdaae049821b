//! Every log below `testdata` against its known truth.
//!
//! The truth comes from the scenario and from what the Java API observed, never from this tool.

#![allow(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use jssl_analyze::{
    diagnose::{Diagnosis, diagnose},
    drive::analyse_bytes,
    handshake::Handshake,
};
use serde::Deserialize;

/// A side file: see `testdata/lab/README.md`.
#[derive(Debug, Deserialize)]
struct Truth {
    jdk: String,
    option: String,
    enough: bool,
    handshakes: Vec<Expected>,
    #[serde(default)]
    findings: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Expected {
    role: String,
    outcome: String,
    rules: Option<Vec<String>>,
    after: Option<Vec<Option<String>>>,
    how: Option<Vec<String>>,
    version: Option<String>,
    cipher_suite: Option<String>,
    resumed: Option<bool>,
    #[serde(default = "one")]
    count: usize,
}

fn one() -> usize {
    1
}

/// Why `handshake` is not what `expected` says; `None` when it is.
fn disagreement(
    expected: &Expected,
    handshake: &Handshake,
    diagnosis: &Diagnosis,
) -> Option<String> {
    if handshake
        .role
        .is_some_and(|role| role.name() != expected.role)
    {
        return Some("role".to_owned());
    }
    if handshake.outcome.name() != expected.outcome {
        return Some(format!("outcome {}", handshake.outcome.name()));
    }
    if let Some(rules) = &expected.rules {
        let first = diagnosis.by_handshake[handshake.id as usize - 1].first();
        let ok = first.is_some_and(|first| {
            // where both ends are in the log, the one that knows the cause lends it to the other
            rules.iter().any(|rule| rule == first.rule)
                || handshake.paired_with.is_some() && first.explanation.starts_with("Seen from")
        });
        if !ok {
            return Some(format!(
                "rule {:?}, wanted {rules:?}",
                first.map(|first| first.rule)
            ));
        }
    }
    if let (Some(after), Some(break_up)) = (&expected.after, &handshake.break_up) {
        let seen = break_up.after.as_ref().map(|kind| kind.name().to_owned());
        if !after.contains(&seen) {
            return Some(format!("after {seen:?}, wanted {after:?}"));
        }
    }
    if let (Some(how), Some(break_up)) = (&expected.how, &handshake.break_up)
        && !how.iter().any(|how| how == break_up.how.name())
    {
        return Some(format!("how {}, wanted {how:?}", break_up.how.name()));
    }
    if expected.outcome == "established" {
        let version = handshake
            .version
            .as_ref()
            .map(jssl_analyze::tls::ProtocolVersion::name);
        if expected.version.as_deref() != version {
            return Some(format!("version {version:?}"));
        }
        let suite = handshake
            .cipher_suite
            .as_ref()
            .map(jssl_analyze::tls::CipherSuite::name);
        if expected.cipher_suite.as_deref() != suite {
            return Some(format!("suite {suite:?}"));
        }
        if expected
            .resumed
            .is_some_and(|resumed| resumed != handshake.resumed)
        {
            return Some(format!("resumed {}", handshake.resumed));
        }
    }
    None
}

/// Compares one log; the differences in words.
fn compare(truth: &Truth, log: &Path) -> Vec<String> {
    let analysis = analyse_bytes(&fs::read(log).unwrap());
    let diagnosis = diagnose(&analysis.assembly);
    let mut left: Vec<&Handshake> = analysis
        .assembly
        .handshakes
        .iter()
        .map(AsRef::as_ref)
        .collect();
    let mut wrong = Vec::new();
    for expected in &truth.handshakes {
        for _ in 0..expected.count {
            if let Some(at) = left
                .iter()
                .position(|handshake| disagreement(expected, handshake, &diagnosis).is_none())
            {
                left.remove(at);
            } else {
                let reasons: Vec<_> = left
                    .iter()
                    .filter_map(|handshake| disagreement(expected, handshake, &diagnosis))
                    .collect();
                wrong.push(format!(
                    "no handshake is {} {} {:?}: {reasons:?}",
                    expected.role, expected.outcome, expected.rules
                ));
            }
        }
    }
    wrong.extend(left.iter().map(|handshake| {
        format!(
            "unexpected: {:?} {} {}",
            handshake.role,
            handshake.outcome.name(),
            handshake.history()
        )
    }));
    for rule in &truth.findings {
        if !diagnosis.of_log.iter().any(|finding| finding.rule == rule) {
            wrong.push(format!("no finding {rule} about the log"));
        }
    }
    wrong
}

fn truths() -> Vec<PathBuf> {
    let mut files = below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"));
    files.retain(|path| path.to_string_lossy().ends_with(".truth.json"));
    files.sort();
    files
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                below(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn every_log_of_the_lab_agrees_with_its_truth() {
    let mut by_jdk: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for path in truths() {
        let truth: Truth = serde_json::from_slice(&fs::read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let folder = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
        let kind = folder.iter().nth(1).unwrap().to_string_lossy();
        let tally = by_jdk.entry(format!("{} ({kind})", truth.jdk)).or_default();
        if !truth.enough {
            continue;
        }
        tally.1 += 1;
        let log = path.with_file_name(
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .replace(".truth.json", ".log"),
        );
        let differences = compare(&truth, &log);
        if differences.is_empty() {
            tally.0 += 1;
        } else {
            wrong.push(format!(
                "{} {} ({})\n    {}",
                truth.jdk,
                log.file_name().unwrap().to_string_lossy(),
                truth.option,
                differences.join("\n    ")
            ));
        }
    }
    for (jdk, (right, all)) in &by_jdk {
        eprintln!("JDK {jdk}: {right} of {all} logs agree with their truth");
    }
    assert!(
        wrong.is_empty(),
        "{} logs disagree:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
