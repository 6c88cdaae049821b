//! The logs that the project has, analysed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assert_cmd::Command;
use jssl_analyze::{
    diagnose::diagnose,
    drive::analyse_bytes,
    input::Origin,
    render::{json, text},
    report::{Analysed, Report},
};

pub(crate) const BROKEN: &str =
    "testdata/lab/logs/17/incomplete-certificate-chain-tls12.ssl-handshake.both.log";
pub(crate) const GOOD: &str = "testdata/lab/logs/17/tls13-rsa.ssl-handshake.both.log";

/// All logs below testdata.
pub(crate) fn logs() -> Vec<PathBuf> {
    fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "log") {
                into.push(path);
            }
        }
    }
    let mut all = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    walk(&root, &mut all);
    all.sort();
    assert!(all.len() > 300, "only {} logs", all.len());
    all
}

pub(crate) fn analysed(path: &Path) -> Analysed {
    let analysis = analyse_bytes(&fs::read(path).unwrap());
    let diagnosis = diagnose(&analysis.assembly);
    Analysed {
        path: path.display().to_string(),
        origin: Origin::default(),
        analysis,
        diagnosis,
    }
}

pub(crate) fn json_of(report: &Report<'_>) -> String {
    let mut out = Vec::new();
    json::write_json(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn ndjson_of(report: &Report<'_>) -> String {
    let mut out = Vec::new();
    json::write_ndjson(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// With styles.
pub(crate) fn text_of(report: &Report<'_>, options: text::Options) -> String {
    let mut out = Vec::new();
    text::write(report, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn tool() -> Command {
    let mut command = Command::cargo_bin("jssl-analyze").unwrap();
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("NO_COLOR");
    command
}

pub(crate) fn stdout(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}
