//! Logs as consoles of log services export them, the newest first: told as they would be the other way round, with
//! the lines of the file as it is. And none that runs forwards is ever turned.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use jssl_analyze::{
    diagnose::{Confidence, Severity, diagnose},
    drive::{Analysis, analyse, analyse_bytes},
    event::AnomalyKind,
    input::{Input, Stream},
};

fn logs(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            logs(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "log") {
            into.push(path);
        }
    }
}

/// Every log of the project that is text and no larger than most.
fn recordings() -> Vec<(String, String)> {
    const LARGE: usize = 400_000;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut paths = Vec::new();
    logs(&root, &mut paths);
    paths.sort();
    let texts = paths.iter().filter_map(|path| {
        let text = String::from_utf8(fs::read(path).unwrap()).ok()?;
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        (text.len() < LARGE && text.ends_with('\n')).then_some((name, text))
    });
    texts.collect()
}

fn anomaly(analysis: &Analysis) -> Option<AnomalyKind> {
    let first = analysis.assembly.anomalies.first()?;
    Some(first.value.kind).filter(|kind| kind.name().starts_with("newest-first"))
}

fn is_turned(analysis: &Analysis) -> bool {
    anomaly(analysis) == Some(AnomalyKind::NewestFirst)
}

/// All that is told of a log, with the text of each line that it points at.
fn told(text: &str, analysis: &Analysis) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let line = |number: u64| lines[usize::try_from(number).unwrap() - 1];
    let starts = |offset: u64| &text[usize::try_from(offset).unwrap()..];
    let assembly = &analysis.assembly;
    let diagnosis = diagnose(assembly);
    let mut told = vec![format!("{} {}", analysis.bytes, analysis.lines)];
    for (handshake, findings) in assembly.handshakes.iter().zip(&diagnosis.by_handshake) {
        told.push(format!(
            "{:?} {} {:?} {:?} {:?}",
            handshake.role,
            handshake.history(),
            handshake.outcome,
            handshake.break_up.as_deref().map(|end| (end.how, end.by)),
            handshake.assumptions()
        ));
        for step in &handshake.steps {
            let at = starts(step.span.offset()).lines().next().unwrap();
            told.push(format!("{:?}\n{}\n{at}", step.what, line(step.span.line())));
        }
        for finding in findings {
            let (rule, sure, headline) = (finding.rule, finding.confidence, &finding.headline);
            told.push(format!("{rule} {sure:?} {headline}"));
            let shown = finding.evidence.iter();
            told.extend(shown.map(|shown| line(shown.span.line()).to_owned()));
        }
    }
    let of_log = diagnosis.of_log.iter();
    told.extend(of_log.map(|finding| format!("{} {:?}", finding.rule, finding.confidence)));
    told
}

fn last_line_first(text: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    lines.into_iter().rev().collect()
}

/// What begins with a head, up to its `)` where it has a body; what stands behind that is other output.
fn last_entry_first(text: &str) -> String {
    let (mut entries, mut closed) = (vec![String::new()], false);
    let mut in_body = false;
    for line in text.split_inclusive('\n') {
        let is_head = line.starts_with("javax.net.ssl|");
        if is_head || closed {
            entries.push(String::new());
        }
        closed = !is_head && in_body && line.trim_end() == ")";
        in_body = (in_body && !closed && !is_head) || (is_head && line.trim_end().ends_with(" ("));
        entries.last_mut().unwrap().push_str(line);
    }
    entries.into_iter().rev().collect()
}

fn same_as_the_other_way_round(turn: fn(&str) -> String, at_least: usize) {
    let (mut turned, mut left) = (0, Vec::new());
    for (name, text) in recordings() {
        let turned_text = turn(&text);
        let analysis = analyse_bytes(turned_text.as_bytes());
        if !is_turned(&analysis) {
            left.push(name);
            continue;
        }
        let forwards = told(&text, &analyse_bytes(text.as_bytes()));
        assert_eq!(told(&turned_text, &analysis), forwards, "{name}");
        turned += 1;
    }
    assert!(turned > at_least, "{turned} of them; not {left:#?}");
}

#[test]
fn lines_from_the_last_to_the_first() {
    same_as_the_other_way_round(last_line_first, 300);
}

#[test]
fn entries_from_the_last_to_the_first() {
    same_as_the_other_way_round(last_entry_first, 200);
}

#[test]
fn what_runs_forwards_stays() {
    let mut both = String::new();
    for (name, text) in recordings() {
        let analysis = analyse_bytes(text.as_bytes());
        assert_eq!(anomaly(&analysis), None, "{name}");
        both = format!("{text}{}", &both[..both.len().min(100_000)]);
        // rotated files that are named in the wrong order
        let analysis = analyse_bytes(both.as_bytes());
        assert_eq!(anomaly(&analysis), None, "{name} in front of another");
        // its end only, and one line of two
        let tail = text.lines().skip(text.lines().count() / 2);
        let tail: String = tail.flat_map(|line| [line, "\n"]).collect();
        assert_eq!(anomaly(&analyse_bytes(tail.as_bytes())), None, "{name}");
        let half: String = text.split_inclusive('\n').step_by(2).collect();
        assert_eq!(anomaly(&analyse_bytes(half.as_bytes())), None, "{name}");
    }
}

const LAB: &str = "lab/logs/17/incomplete-certificate-chain-tls13.ssl-handshake.client.log";

fn lab() -> String {
    fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("testdata")
            .join(LAB),
    )
    .unwrap()
}

#[test]
fn without_the_last_line_feed() {
    let text = lab();
    let turned = last_line_first(&text);
    let analysis = analyse_bytes(turned.trim_end().as_bytes());
    assert!(is_turned(&analysis));
    assert_eq!(analysis.bytes, turned.len() as u64 - 1);
    assert_eq!(
        told(&turned, &analysis)[1..],
        told(&text, &analyse_bytes(text.as_bytes()))[1..]
    );
}

#[test]
fn a_stream_gives_what_a_file_gives() {
    let text = lab();
    // more than a block, with the programs' own words before and behind
    let other = "2026-11-21 10:00:00,001 INFO an order is on its way\n".repeat(20_000);
    let text = format!("{other}{text}{other}");
    for turn in [last_line_first, last_entry_first] {
        let turned = turn(&text);
        let whole = analyse_bytes(turned.as_bytes());
        let stream = Stream::new("x", std::io::Cursor::new(turned.clone().into_bytes()));
        let stream = analyse(Input::Stream(stream), &mut |_| {}).unwrap();
        assert!(is_turned(&whole) && is_turned(&stream));
        assert_eq!(told(&turned, &stream), told(&turned, &whole));
        assert_eq!(stream.bytes, turned.len() as u64);
    }
}

#[test]
fn an_export_as_a_table_or_in_objects() {
    let text = lab();
    let wanted: Vec<_> = diagnosed(&text);
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let rows = |make: &dyn Fn(usize, &str) -> String| {
        let lines: Vec<&str> = text.lines().collect();
        let rows = lines.iter().enumerate().rev();
        rows.map(|(number, line)| make(number, line) + "\n")
            .collect::<String>()
    };
    let time = |number: usize| format!("2026-11-21T10:{:02}:{:02}.000Z", number / 60, number % 60);
    for export in [
        rows(&|n, line| {
            format!(
                "{{\"@timestamp\":\"{}\",\"message\":{}}}",
                time(n),
                quoted(line)
            )
        }),
        rows(&|n, line| format!("{},i-0abc,{line}", time(n))),
        rows(&|n, line| format!("\"{}\",\"{}\"", time(n), line.replace('"', "\"\""))),
        rows(&|n, line| format!("{} pod/shop-1 {line}", time(n))),
    ] {
        let shown = &export[export.len() - 300..];
        let analysis = analyse_bytes(export.as_bytes());
        assert!(is_turned(&analysis), "{shown}");
        assert_eq!(diagnosed(&export), wanted, "{shown}");
    }
    // an object for each entry
    let entries = last_entry_first(&text);
    let entries = entries.replace("\njavax.net.ssl|", "\n\u{1}javax.net.ssl|");
    let objects = entries.split('\u{1}').map(|entry| {
        format!(
            "{{\"time\":\"x\",\"message\":{}}}\n",
            quoted(entry.trim_end())
        )
    });
    let export: String = objects.collect();
    assert!(is_turned(&analyse_bytes(export.as_bytes())));
    assert_eq!(diagnosed(&export), wanted);
}

#[test]
fn with_all_events_on_one_line_nothing_is_sold_as_sure() {
    let text = last_line_first(&lab());
    let objects = text
        .lines()
        .map(|line| format!("{{\"message\":{}}}", serde_json::to_string(line).unwrap()));
    let export = format!("[{}]", objects.collect::<Vec<_>>().join(","));
    let stream = Stream::new("x", std::io::Cursor::new(export.clone().into_bytes()));
    let stream = analyse(Input::Stream(stream), &mut |_| {}).unwrap();
    for analysis in [analyse_bytes(export.as_bytes()), stream] {
        assert_eq!(anomaly(&analysis), Some(AnomalyKind::NewestFirstLeft));
        let diagnosis = diagnose(&analysis.assembly);
        let mut errors = diagnosis
            .by_handshake
            .iter()
            .flatten()
            .filter(|it| it.severity == Severity::Error);
        assert!(errors.all(|finding| finding.confidence == Confidence::Possible));
        assert_eq!(diagnosis.of_log[0].rule, "log-newest-first");
    }
}

/// Rule and confidence of all that is found.
fn diagnosed(text: &str) -> Vec<String> {
    let diagnosis = diagnose(&analyse_bytes(text.as_bytes()).assembly);
    let found = diagnosis.by_handshake.iter().flatten();
    found
        .map(|finding| format!("{} {:?}", finding.rule, finding.confidence))
        .collect()
}

/// What `scrub` makes of a log on standard input.
fn scrubbed(log: &str) -> String {
    let mut command = assert_cmd::Command::cargo_bin("jssl-analyze").unwrap();
    let output = command
        .args(["scrub", "-"])
        .write_stdin(log)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn secrets_below_which_their_titles_stand_are_taken_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    for log in [
        "classic/8u60/ok11.all.both.log",
        "lab/logs/25/tls13-rsa.all.both.log",
    ] {
        let text = fs::read_to_string(root.join(log)).unwrap();
        let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----\n";
        let text = format!("{key}{text}");
        let turned = last_line_first(&text);
        assert_eq!(
            last_line_first(&scrubbed(&turned)),
            scrubbed(&text),
            "{log}"
        );
        let unended = turned.trim_end_matches('\n');
        assert_eq!(
            scrubbed(unended),
            scrubbed(&turned).trim_end_matches('\n'),
            "{log}"
        );
    }
}
