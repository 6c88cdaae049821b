//! SARIF.

use std::fs;

use jssl_analyze::{
    render::sarif,
    report::{Report, Subject},
};
use serde_json::Value;

use crate::samples::{BROKEN, analysed, hostile, logs, stdout, tool};

fn sarif_of(report: &Report<'_>) -> (String, Value) {
    let mut out = Vec::new();
    sarif::write(report, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["version"], "2.1.0");
    (text, value)
}

fn results(value: &Value) -> &Vec<Value> {
    value["runs"][0]["results"].as_array().unwrap()
}

#[test]
fn every_cause_is_a_result_of_its_rule_in_its_place() {
    for log in logs() {
        let inputs = [analysed(&log)];
        let report = Report::new(&inputs);
        let (_, value) = sarif_of(&report);
        let what = log.display().to_string();
        let rules = value["runs"][0]["tool"]["driver"]["rules"]
            .as_array()
            .unwrap();
        let mut occurrences = 0;
        for result in results(&value) {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"], "{what}");
            assert_eq!(rules[index]["name"], result["properties"]["rule"], "{what}");
            let level = result["level"].as_str().unwrap();
            assert!(["error", "warning", "note"].contains(&level), "{what}");
            let place = &result["locations"][0]["physicalLocation"];
            let line = place["region"]["startLine"].as_u64();
            let lines = inputs[0].analysis.lines;
            assert!(
                line.is_none_or(|line| (1..=lines).contains(&line)),
                "{what}"
            );
            assert!(!result["message"]["text"].as_str().unwrap().is_empty());
            occurrences += result["occurrenceCount"].as_u64().unwrap();
        }
        let causes: usize = report
            .summary()
            .by_rule
            .iter()
            .map(|rule| rule.handshakes)
            .sum();
        let told = causes + report.log_findings().count();
        assert_eq!(occurrences, told as u64, "{what}");
    }
}

#[test]
fn a_result_says_how_sure_it_is() {
    let mut input = analysed(BROKEN.as_ref());
    input.path = BROKEN.to_owned();
    let inputs = [input];
    let (_, mut value) = sarif_of(&Report::new(&inputs));
    let driver = &mut value["runs"][0]["tool"]["driver"];
    let rules = driver["rules"].as_array_mut().unwrap();
    assert_eq!(rules.len(), jssl_analyze::diagnose::RULES.len());
    rules.retain(|rule| rule["id"] == "T101");
    driver["version"] = "VERSION".into();
    insta::assert_json_snapshot!("sarif", value);
}

#[test]
fn a_place_in_a_rotated_set_is_one_in_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let log = fs::read_to_string(BROKEN).unwrap();
    // between the two lines that prove it
    let half: usize = log.lines().take(300).map(|line| line.len() + 1).sum();
    fs::write(dir.path().join("server.log.1"), &log[..half]).unwrap();
    fs::write(dir.path().join("server.log"), &log[half..]).unwrap();
    let text =
        stdout(
            tool()
                .current_dir(dir.path())
                .args(["-f", "sarif", "server.log.1", "server.log"]),
        );
    let value: Value = serde_json::from_str(&text).unwrap();
    let mut seen = Vec::new();
    for result in results(&value) {
        let all = [&result["locations"], &result["relatedLocations"]];
        for location in all.into_iter().filter_map(Value::as_array).flatten() {
            let place = &location["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            let line = place["region"]["startLine"].as_u64().unwrap();
            let lines = fs::read_to_string(dir.path().join(uri))
                .unwrap()
                .lines()
                .count();
            assert!(line <= lines as u64, "{uri}:{line}");
            seen.push(uri.to_owned());
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen, ["server.log", "server.log.1"]);
}

#[test]
fn hostile_words_are_inert() {
    for log in logs().iter().step_by(9) {
        let inputs = [analysed(log)];
        let saved = hostile(
            &Report::new(&inputs),
            "[x](http://evil.example){0}\u{1b}[2J\u{9b}",
        );
        let subjects = [Subject::Saved(saved)];
        let (text, value) = sarif_of(&Report::of(&subjects));
        assert!(!text.contains(['\u{1b}', '\u{9b}']));
        for result in results(&value) {
            let message = result["message"]["text"].as_str().unwrap();
            assert!(
                !message.contains("](") && message.contains("{{0}}"),
                "{message}"
            );
            let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            assert!(!uri.as_str().unwrap().contains(['[', '{', ' ', '\u{1b}']));
        }
    }
}

#[test]
fn the_name_of_the_file_implies_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tls.sarif");
    tool().arg(BROKEN).arg("-o").arg(&file).assert().code(1);
    let value: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert_eq!(results(&value)[0]["ruleId"], "T101");
}
