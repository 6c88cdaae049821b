//! How often the diagnosis is right: logs with known causes, analysed and compared.
//!
//! ```text
//! cargo run --release --example accuracy -- testdata
//! cargo run --release --example accuracy -- FOLDER… [--quiet]
//! ```
//!
//! A folder holds logs with side files (`NAME.truth.json` beside `NAME.log`, see `testdata/lab/README.md`)
//! or with an index (`truth.jsonl`, `index.jsonl`), at whatever depth. Printed are three tables, by JDK, by
//! dialect and by family of the cause, and every disagreement; with `--quiet`, no table.
//!
//! | column | meaning |
//! |---|---|
//! | first | the first finding is the cause |
//! | listed | another finding is |
//! | open | no finding names a cause, and the text cannot show it |
//! | missed | none of these |
//! | wrong | the first finding is another cause, and calls itself certain or strong |
//! | clean | nothing is broken, and no finding says so |
//! | alarm | nothing is broken, and a finding of severity error is there |
//! | outcome | the outcome of the handshake is as known |
//!
//! The index's words for causes stand in `index.rs`, each with the rules that name it.
//!
//! The exit code is 1 if anything is wrong or a false alarm, if a log cannot be read, or if in the side
//! files, which tell what can be seen from each end, fewer than 98 of 100 causes come first.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is there to print"
)]

mod index;
mod side_files;
mod table;
mod verdict;

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use jssl_analyze::{
    diagnose::{Diagnosis, diagnose},
    drive::{self, Analysis},
    error::Error,
    input::Input,
};

use self::{table::Score, verdict::Verdict};

/// A log, analysed.
struct Log {
    analysis: Analysis,
    diagnosis: Diagnosis,
}

impl Log {
    fn open(path: &Path) -> Result<Self, Error> {
        let analysis = drive::analyse(Input::open(path)?, &mut |_| {})?;
        let diagnosis = diagnose(&analysis.assembly);
        Ok(Self {
            analysis,
            diagnosis,
        })
    }
}

/// Causes that come first, of 100, in the side files.
const TARGET: f64 = 98.0;

fn main() -> ExitCode {
    let (options, folders): (Vec<_>, Vec<_>) =
        env::args().skip(1).partition(|arg| arg.starts_with("--"));
    if folders.is_empty() || options.iter().any(|option| option != "--quiet") {
        eprintln!("usage: accuracy [--quiet] FOLDER…");
        return ExitCode::from(2);
    }
    match measure(&folders) {
        Ok(score) => {
            score.print(!options.is_empty());
            ExitCode::from(u8::from(!is_good(&score)))
        }
        Err(error) => {
            eprintln!("accuracy: {error}");
            ExitCode::from(2)
        }
    }
}

fn measure(folders: &[String]) -> io::Result<Score> {
    let mut score = Score::default();
    for folder in folders {
        for path in below(Path::new(folder))? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(side_files::SUFFIX) {
                side_files::judge(&path, &mut score)?;
            } else if matches!(&*name, "truth.jsonl" | "index.jsonl") {
                index::judge(&path, &mut score)?;
            }
        }
    }
    if score.is_empty() {
        return Err(io::Error::other("no log with a known cause in there"));
    }
    Ok(score)
}

/// All files below a folder, in order of their names.
fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            paths.extend(below(&path)?);
        } else {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn is_good(score: &Score) -> bool {
    let bad = [Verdict::Wrong, Verdict::Alarm, Verdict::Unreadable];
    bad.iter().all(|verdict| score.count(*verdict) == 0)
        && score
            .first_of_side_files()
            .is_none_or(|share| share >= TARGET)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
    }

    #[test]
    fn the_diagnosis_is_right_on_our_own_logs() {
        let score = measure(&[root().display().to_string()]).expect("testdata");
        assert!(score.first_of_side_files().is_some() && score.count(Verdict::First) > 300);
        if !is_good(&score) {
            score.print(true);
        }
        assert!(is_good(&score), "see the disagreements above");
    }

    /// The score of one recording with a made-up truth.
    fn with_truth(file: &str, truth: &str) -> Score {
        let folder = tempfile::tempdir().expect("a folder");
        let log = root().join("lab/logs/17/untrusted-root-tls12.ssl-handshake.client.log");
        fs::copy(log, folder.path().join("a.log")).expect("copied");
        fs::write(folder.path().join(file), truth).expect("written");
        measure(&[folder.path().display().to_string()]).expect("measured")
    }

    #[test]
    fn a_wrong_cause_and_a_false_alarm_are_not_good() {
        let side_file = |rules: &str, outcome: &str| {
            format!(
                r#"{{"jdk":"17","option":"ssl","enough":true,"handshakes":[{{"role":"client","outcome":"{outcome}","rules":{rules}}}]}}"#
            )
        };
        let right = side_file(r#"["untrusted-root"]"#, "failed");
        assert!(is_good(&with_truth("a.truth.json", &right)));
        let wrong = side_file(r#"["hostname-mismatch"]"#, "failed");
        assert!(!is_good(&with_truth("a.truth.json", &wrong)));
        let alarm = with_truth("a.truth.json", &side_file("null", "established"));
        assert!(!is_good(&alarm) && alarm.count(Verdict::Alarm) == 1);
    }

    #[test]
    fn indexes_are_read_in_each_of_their_forms() {
        for (line, verdict) in [
            (
                r#"{"file":"a.log","expected_cause":"untrusted_ca","outcome":"failure"}"#,
                Verdict::First,
            ),
            (
                r#"{"file":"a.log","expected":{"cause_code":"untrusted_ca","outcome":"failed"}}"#,
                Verdict::First,
            ),
            (
                r#"{"file":"a.log","expected_cause":"none","oracle":{"outcome":"failure"}}"#,
                Verdict::Alarm,
            ),
            (r#"{"file":"a.log","expected_cause":null}"#, Verdict::Alarm),
            (
                r#"{"file":"b.log","expected_cause":"untrusted_ca"}"#,
                Verdict::Unreadable,
            ),
        ] {
            let score = with_truth("index.jsonl", line);
            assert_eq!(score.count(verdict), 1, "{line}");
            assert_eq!(is_good(&score), verdict == Verdict::First, "{line}");
        }
    }
}
