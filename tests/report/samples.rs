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
    report::{Analysed, Report, Saved},
};
use serde_json::Value;

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

/// The report as if words of it had been changed in its file: `evil` is added to all but those that are looked at.
pub(crate) fn hostile(report: &Report<'_>, evil: &str) -> Saved {
    fn poison(value: &mut Value, evil: &str) {
        const KEPT: [&str; 6] = ["outcome", "kind", "level", "role", "code", "severity"];
        match value {
            Value::Array(list) => list.iter_mut().for_each(|value| poison(value, evil)),
            Value::Object(fields) => fields
                .iter_mut()
                .filter(|(name, _)| !KEPT.contains(&name.as_str()))
                .for_each(|(_, value)| poison(value, evil)),
            Value::String(text) => text.push_str(evil),
            _ => {}
        }
    }
    let mut value: Value = serde_json::from_str(&json_of(report)).unwrap();
    poison(&mut value, evil);
    Saved::read(value.to_string().as_bytes()).unwrap()
}
