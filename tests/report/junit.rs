//! The XML of `JUnit`.

use jssl_analyze::{
    render::junit,
    report::{Report, Subject},
};
use roxmltree::{Document, Node};

use crate::samples::{BROKEN, GOOD, analysed, hostile, logs, tool};

fn junit_of(report: &Report<'_>) -> String {
    let mut out = Vec::new();
    junit::write(report, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn named<'a>(node: Node<'a, 'a>, name: &'static str) -> Vec<Node<'a, 'a>> {
    node.descendants()
        .filter(|node| node.has_tag_name(name))
        .collect()
}

/// It is XML, and what it counts is there.
fn assert_counts(text: &str, what: &str) -> usize {
    let document = Document::parse(text).unwrap_or_else(|error| panic!("{what}: {error}\n{text}"));
    let root = document.root_element();
    assert!(root.has_tag_name("testsuites"));
    for suite in [vec![root], named(root, "testsuite")].concat() {
        for (attribute, element) in [
            ("tests", "testcase"),
            ("failures", "failure"),
            ("skipped", "skipped"),
            ("errors", "error"),
        ] {
            let count: usize = suite.attribute(attribute).unwrap().parse().unwrap();
            assert_eq!(count, named(suite, element).len(), "{what}: {attribute}");
        }
        assert!(!named(suite, "testcase").is_empty());
    }
    let active = |c: char| c.is_control() && c != '\n';
    assert!(!text.contains(active), "{what}");
    named(root, "failure").len()
}

#[test]
fn every_report_is_well_formed_and_fails_as_its_handshakes_do() {
    for log in logs() {
        let inputs = [analysed(&log)];
        let report = Report::new(&inputs);
        let failures = assert_counts(&junit_of(&report), &log.display().to_string());
        assert_eq!(failures > 0, report.has_failed(0), "{}", log.display());
    }
}

#[test]
fn a_case_is_a_peer() {
    let inputs = [BROKEN, GOOD].map(|log| {
        let mut input = analysed(log.as_ref());
        input.path = log.to_owned();
        input
    });
    insta::assert_snapshot!("junit", junit_of(&Report::new(&inputs)));
}

#[test]
fn a_log_that_ends_in_a_handshake_is_no_success() {
    let log = "testdata/lab/logs/17/log-ends-in-certificate.ssl-handshake.client.log";
    let inputs = [analysed(log.as_ref())];
    let text = junit_of(&Report::new(&inputs));
    let document = Document::parse(&text).unwrap();
    let cases = named(document.root_element(), "testcase");
    assert_eq!(cases.len(), 1, "{text}");
    let skipped = &named(cases[0], "skipped")[0];
    assert_eq!(
        skipped.attribute("message"),
        Some("the log does not show how 1 handshake ended")
    );
}

#[test]
fn hostile_words_are_inert() {
    for log in logs().iter().step_by(9) {
        let inputs = [analysed(log)];
        let saved = hostile(
            &Report::new(&inputs),
            "\"'><evil/>]]>&evil;\u{1b}[2J\u{0}\u{fffe}\u{202e}\n",
        );
        let subjects = [Subject::Saved(saved)];
        let text = junit_of(&Report::of(&subjects));
        assert_counts(&text, &log.display().to_string());
        let document = Document::parse(&text).unwrap();
        assert!(named(document.root_element(), "evil").is_empty());
        assert!(!text.contains(['\u{fffe}', '\u{202e}']));
    }
}

#[test]
fn the_name_of_the_file_implies_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tls.xml");
    tool().arg(BROKEN).arg("-o").arg(&file).assert().code(1);
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(assert_counts(&text, "file"), 2);
}
