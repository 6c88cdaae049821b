//! A saved report gives what the log gave.

use std::fs;

use jssl_analyze::{
    render::text::Options,
    report::{Analysed, Report, Saved, Subject, Unreadable},
};
use serde_json::{Value, json};

use crate::samples::{
    BROKEN, GOOD, analysed, hostile, json_of, logs, ndjson_of, stdout, text_of, tool,
};

/// Every way in which a report is printed.
fn all_ways(report: &Report<'_>) -> [String; 5] {
    let text = |verbose, quiet, width| {
        let options = Options {
            width,
            quiet,
            verbose,
        };
        text_of(report, options)
    };
    [
        text(false, false, 100),
        text(true, false, 72),
        text(false, true, 100),
        json_of(report),
        ndjson_of(report),
    ]
}

fn saved(text: &str) -> [Subject; 1] {
    [Subject::Saved(Saved::read(text.as_bytes()).unwrap())]
}

fn assert_printed_again(inputs: &[Analysed], what: &str) {
    let report = Report::new(inputs);
    let first = all_ways(&report);
    let [.., json, ndjson] = &first;
    for text in [json, ndjson] {
        let subjects = saved(text);
        let again = Report::of(&subjects);
        for (first, again) in first.iter().zip(all_ways(&again)) {
            assert!(*first == again, "{what}\n{first}\n---\n{again}");
        }
        let failed = |report: &Report<'_>| (0..report.len()).any(|input| report.has_failed(input));
        assert_eq!(failed(&report), failed(&again), "{what}");
    }
}

#[test]
fn every_log_is_printed_again_from_its_report() {
    for log in logs() {
        assert_printed_again(&[analysed(&log)], &log.display().to_string());
    }
}

#[test]
fn a_report_on_several_logs_is_printed_again() {
    let few: Vec<Analysed> = logs()
        .iter()
        .step_by(60)
        .map(|path| analysed(path))
        .collect();
    assert!(few.len() > 5);
    assert_printed_again(&few, "several logs");
}

#[test]
fn the_command_reads_its_own_reports_from_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    let log = |options: &[&str]| {
        let command = &mut tool();
        command.args(options).args([GOOD, BROKEN]).output().unwrap()
    };
    for name in ["report.json", "report.ndjson"] {
        let file = dir.path().join(name);
        log(&["-o", file.to_str().unwrap()]);
        for options in [
            &["-f", "text", "-v"][..],
            &["--color", "always"],
            &["-q"],
            &["--no-hygiene"],
            &["-f", "json"],
            &["-f", "ndjson"],
        ] {
            let from_log = log(options);
            let from_file = tool().args(options).arg(&file).output().unwrap();
            assert!(from_log.stdout == from_file.stdout, "{name} {options:?}");
            assert_eq!(from_file.status.code(), Some(1));
            let text = fs::read(&file).unwrap();
            let from_pipe = tool().args(options).write_stdin(text).output().unwrap();
            assert!(from_log.stdout == from_pipe.stdout, "{name} {options:?}");
            assert_eq!(from_pipe.status.code(), Some(1));
        }
    }
    let good = stdout(tool().args(["-f", "json", GOOD]));
    tool().write_stdin(good).assert().code(0);
    let silent = stdout(tool().args(["-f", "json"]).write_stdin("nothing here\n"));
    let silent = tool().write_stdin(silent).output().unwrap();
    assert_eq!(silent.status.code(), Some(3));
    assert!(
        String::from_utf8(silent.stderr)
            .unwrap()
            .contains("standard input: no JSSE debug output in it")
    );
}

/// PowerShell's `>` writes UTF-16.
#[test]
fn a_report_may_be_wrapped_in_what_a_log_may_be_wrapped_in() {
    let text = stdout(tool().args(["-f", "json", BROKEN]));
    let mut wide = vec![0xff, 0xfe];
    wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let again = tool()
        .args(["-f", "json"])
        .write_stdin(wide)
        .output()
        .unwrap();
    assert!(again.stdout == text.as_bytes());
    let marked = format!("\u{feff}{text}");
    let again = tool()
        .args(["-f", "json"])
        .write_stdin(marked)
        .output()
        .unwrap();
    assert!(again.stdout == text.as_bytes());
}

#[test]
fn reports_and_logs_become_one_report() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("report.json");
    tool()
        .arg("-o")
        .arg(&file)
        .args([GOOD, BROKEN])
        .output()
        .unwrap();
    let mixed = tool()
        .args(["-f", "json", GOOD])
        .arg(&file)
        .arg(BROKEN)
        .output()
        .unwrap();
    let from_logs = stdout(tool().args(["-f", "json", "--no-join", GOOD, GOOD, BROKEN, BROKEN]));
    let mixed: Value = serde_json::from_slice(&mixed.stdout).unwrap();
    let from_logs: Value = serde_json::from_str(&from_logs).unwrap();
    assert_eq!(mixed["inputs"].as_array().unwrap().len(), 4);
    assert_eq!(mixed, from_logs);
}

/// What a growing log is told of in lines: the handshake that failed after all replaces itself.
#[test]
fn the_last_word_on_a_handshake_holds() {
    let inputs = [analysed(BROKEN.as_ref())];
    let report = Report::new(&inputs);
    let text = ndjson_of(&report);
    let lines: Vec<&str> = text.lines().collect();
    let (input, handshakes, rest) = (lines[0], &lines[1..3], &lines[3..]);
    let established =
        handshakes[0].replace("\"outcome\":\"failed\"", "\"outcome\":\"established\"");
    assert_ne!(established, handshakes[0]);
    let replaces = handshakes[0].replacen(
        "\"handshake\",",
        "\"handshake\",\"replaces\":\"established\",",
        1,
    );
    let told = [&[handshakes[1], &established, &replaces, input][..], rest].concat();
    let subjects = saved(&told.join("\n"));
    assert_eq!(all_ways(&Report::of(&subjects)), all_ways(&report));
}

#[test]
fn what_a_later_version_adds_does_no_harm() {
    fn add(value: &mut Value) {
        match value {
            Value::Array(list) => list.iter_mut().for_each(add),
            Value::Object(fields) => {
                fields.values_mut().for_each(add);
                fields.insert("of_a_later_version".to_owned(), json!({"a": [1]}));
            }
            _ => {}
        }
    }
    let inputs = [analysed(BROKEN.as_ref())];
    let report = Report::new(&inputs);
    let mut value: Value = serde_json::from_str(&json_of(&report)).unwrap();
    add(&mut value);
    let subjects = saved(&value.to_string());
    assert_eq!(all_ways(&Report::of(&subjects)), all_ways(&report));
    let lines: Vec<String> = ndjson_of(&report)
        .lines()
        .map(|line| {
            let mut value = serde_json::from_str(line).unwrap();
            add(&mut value);
            value.to_string()
        })
        .chain([json!({"type": "of a later version"}).to_string()])
        .collect();
    let subjects = saved(&lines.join("\n"));
    assert_eq!(all_ways(&Report::of(&subjects)), all_ways(&report));
}

#[test]
fn what_cannot_be_read_is_told_with_its_line_and_a_cure() {
    let inputs = [analysed(BROKEN.as_ref())];
    let report = Report::new(&inputs);
    let (json, ndjson) = (json_of(&report), ndjson_of(&report));
    let why = |text: &str| Saved::read(text.as_bytes()).unwrap_err();
    for cut in [100, 1000, json.len() / 2, json.len() - 3] {
        let text = &json[..json.floor_char_boundary(cut)];
        let line = text.lines().count();
        let told = why(text);
        assert!(
            matches!(told, Unreadable::CutShort { line: at } if at.abs_diff(line) < 2),
            "{told} {line}"
        );
    }
    let lines = ndjson.lines().count();
    let (whole, _) = ndjson.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(why(whole), Unreadable::CutShort { line: lines - 1 });
    assert_eq!(
        why(&whole[..whole.len() - 9]),
        Unreadable::CutShort { line: lines - 1 }
    );
    let newer = |text: &str| text.replacen("\"schema\":1", "\"schema\":2", 1);
    let newer = [
        newer(&ndjson),
        json.replacen("\"schema\": 1", "\"schema\": 2", 1),
    ];
    for text in newer {
        assert_eq!(why(&text), Unreadable::Newer { schema: 2 });
    }
    let odd = json.replacen("\"bytes\": ", "\"bytes\": \"many\", \"was\": ", 1);
    let line = 1 + odd[..odd.find("many").unwrap()].matches('\n').count();
    assert!(
        matches!(why(&odd), Unreadable::Foreign { line: at, .. } if at == line),
        "{}",
        why(&odd)
    );
    let odd = ndjson.replacen("\"first_line\":", "\"first_line\":-", 1);
    assert!(
        matches!(why(&odd), Unreadable::Foreign { line: 2, .. }),
        "{}",
        why(&odd)
    );
    let odd = json.replacen("\"input\": 0", "\"input\": 7", 1);
    assert!(
        matches!(why(&odd), Unreadable::Foreign { .. }),
        "{}",
        why(&odd)
    );
}

#[test]
fn the_command_names_the_file_that_it_cannot_read() {
    let dir = tempfile::tempdir().unwrap();
    let json = stdout(tool().args(["-f", "json", BROKEN]));
    for (text, words) in [
        (
            json[..json.len() / 2].to_owned(),
            "the report ends too early, in line ",
        ),
        (
            json.replacen("\"schema\": 1", "\"schema\": 9", 1),
            "it is of schema 9",
        ),
        (
            "{\"schema\": 1, \"tool\": \"jssl-analyze\",\n\"inputs\": 3}".to_owned(),
            "in line 1: invalid type",
        ),
    ] {
        let file = dir.path().join("report.json");
        fs::write(&file, text).unwrap();
        let output = tool().arg(&file).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains(words) && said.contains(file.to_str().unwrap()),
            "{said}"
        );
        assert!(output.stdout.is_empty());
    }
}

/// Words that come from this program's own tables come from elsewhere in a saved report.
#[test]
fn hostile_words_in_a_saved_report_are_inert() {
    for log in logs().iter().step_by(9) {
        let inputs = [analysed(log)];
        let saved = hostile(&Report::new(&inputs), "\u{1b}[2J\u{9b}31m\u{202e}");
        let subjects = [Subject::Saved(saved)];
        let report = Report::of(&subjects);
        let options = Options {
            verbose: true,
            ..Options::default()
        };
        let text = text_of(&report, options);
        let active = |c: char| c == '\u{9b}' || c == '\u{202e}';
        assert!(
            !text.contains(active) && !text.contains("\u{1b}[2J"),
            "{text}"
        );
        let lines = ndjson_of(&report);
        assert!(!lines.contains(|c| c == '\u{1b}' || active(c)));
    }
}

/// Whoever names a folder of logs wants them once.
#[test]
fn a_report_beside_its_log_is_not_read_with_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(BROKEN, dir.path().join("a.log")).unwrap();
    let report = stdout(tool().args(["-f", "json", BROKEN]));
    fs::write(dir.path().join("a.json"), report).unwrap();
    let output = tool()
        .args(["-f", "json"])
        .arg(dir.path())
        .output()
        .unwrap();
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["inputs"].as_array().unwrap().len(), 1);
}
