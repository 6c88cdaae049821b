//! Logs that are still being written: what is settled is told while the input is open, and once.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use jssl_analyze::{drive::analyse_bytes, handshake::Outcome};
use serde_json::Value;

const BROKEN: &str =
    "testdata/lab/logs/17/incomplete-certificate-chain-tls12.ssl-handshake.both.log";
const GOOD: &str = "testdata/lab/logs/17/tls13-rsa.ssl-handshake.both.log";
/// The server refuses the client behind the client's Finished.
const REFUSED: &str =
    "testdata/lab/logs/11/client-certificate-missing-tls13.ssl-handshake.client.log";
const CLASSIC: &str = "testdata/classic/8u60/ok10.ssl-handshake.both.log";

/// A second is promised; machines that test have other work, too.
const SOON: Duration = Duration::from_secs(2);
/// Nothing is waited for longer.
const LONG: Duration = Duration::from_secs(60);

fn log(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn tool(arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("jssl-analyze"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The tool at work; its lines come as it prints them.
struct Running {
    child: Child,
    pipe: Option<ChildStdin>,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Running {
    fn new(arguments: &[&str]) -> Self {
        let mut child = tool(arguments).spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in stdout.lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        Self {
            pipe: child.stdin.take(),
            child,
            lines,
            seen: Vec::new(),
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.pipe.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// Waits for a line that holds these words; says how long it waited.
    fn wait_for(&mut self, words: &str) -> Duration {
        let begin = Instant::now();
        loop {
            let line = match self.lines.recv_timeout(LONG) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => panic!("no {words:?} in {:#?}", self.seen),
                Err(RecvTimeoutError::Disconnected) => panic!("ended: {:#?}", self.seen),
            };
            self.seen.push(line);
            if self.seen.last().is_some_and(|line| line.contains(words)) {
                return begin.elapsed();
            }
        }
    }

    fn assert_silent_for(&mut self, time: Duration) {
        if let Ok(line) = self.lines.recv_timeout(time) {
            panic!("{line}");
        }
    }

    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Closes the pipe; the exit code and all lines.
    fn end(mut self) -> (Option<i32>, Vec<String>) {
        drop(self.pipe.take());
        self.seen.extend(self.lines.iter());
        (self.child.wait().unwrap().code(), self.seen)
    }
}

fn count(lines: &[String], words: &str) -> usize {
    lines.iter().filter(|line| line.contains(words)).count()
}

#[test]
fn a_failure_in_an_open_pipe_is_told_within_a_second() {
    let mut tool = Running::new(&[]);
    let log = log(BROKEN);
    let (first, rest) = log.split_at(log.len() / 2);
    tool.write(first);
    thread::sleep(Duration::from_millis(400));
    tool.write(rest);
    let waited = tool.wait_for("✗ #2 ");
    assert!(waited < SOON, "{waited:?}");
    tool.write(&self::log(GOOD));
    let waited = tool.wait_for("✓ #4 ");
    assert!(waited < SOON, "{waited:?}");
    tool.write(&log);
    tool.wait_for("✗ #6 ");
    assert!(tool.child.try_wait().unwrap().is_none(), "it ended");
    let (code, lines) = tool.end();
    assert_eq!(code, Some(1));
    let text = lines.join("\n");
    for (words, times) in [
        ("✗ #1 ", 1),
        ("✗ #2 ", 1),
        ("✓ #3 ", 1),
        ("✓ #4 ", 1),
        ("✗ #5  the same cause, the same peer as #1 (", 1),
        ("T101 incomplete-certificate-chain · ", 2),
        ("6 handshakes: 2 established, 4 failed", 1),
    ] {
        assert_eq!(count(&lines, words), times, "{words}: {text}");
    }
}

#[test]
fn what_was_taken_out_is_said_before_the_first_command() {
    let mut tool = Running::new(&["--redact"]);
    let log = log(BROKEN);
    tool.write(&log);
    tool.wait_for("✗ #1 ");
    let said = "stand for the names that were there";
    assert_eq!(count(&tool.seen, said), 1, "{:#?}", tool.seen);
    tool.write(&log);
    let (code, lines) = tool.end();
    assert_eq!((code, count(&lines, said)), (Some(1), 1), "{lines:#?}");
}

#[test]
fn a_finished_pipe_is_told_of_like_a_file() {
    for path in [BROKEN, GOOD, CLASSIC] {
        for format in ["text", "ndjson"] {
            let from_file = tool(&["-f", format, path]).output().unwrap();
            let mut piped = Running::new(&["-f", format, "-"]);
            piped.write(&log(path));
            let (code, lines) = piped.end();
            assert_eq!(code, from_file.status.code());
            let wanted = String::from_utf8(from_file.stdout).unwrap();
            // the header breaks where the name leaves no room
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let found = lines.join("\n").replace("standard input", path);
            // a pipe has no fingerprint
            let wanted = match wanted.split_once(",\"sha256\":\"") {
                Some((before, after)) => format!("{before}{}", &after[65..]),
                None => wanted,
            };
            assert_eq!(words(&found), words(&wanted));
        }
    }
}

#[test]
fn a_followed_file_is_told_of_until_the_interrupt() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("server.log");
    fs::write(&path, log(GOOD)).unwrap();
    let mut tool = Running::new(&["-F", "-f", "ndjson", path.to_str().unwrap()]);
    tool.wait_for(r#""id":2,"#);
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(&log(BROKEN)).unwrap();
    let waited = tool.wait_for(r#""id":4,"#);
    assert!(waited < SOON, "{waited:?}");
    tool.interrupt();
    let (code, lines) = tool.end();
    assert_eq!(code, Some(1));
    let objects: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let types: Vec<&str> = objects
        .iter()
        .map(|object| object["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        types[..5],
        ["handshake", "handshake", "handshake", "handshake", "input"]
    );
    assert_eq!(types.last(), Some(&"summary"));
    for kind in ["input", "summary"] {
        assert_eq!(types.iter().filter(|seen| **seen == kind).count(), 1);
    }
    assert_eq!(
        objects[2]["findings"][0]["rule"],
        "incomplete-certificate-chain"
    );
    assert_eq!(objects[2]["paired_with"], 4);
}

/// Cut behind the client's Finished, where nothing is wrong yet.
fn refused() -> (Vec<u8>, Vec<u8>) {
    let log = log(REFUSED);
    let alert = memchr::memmem::find(&log, b"Received alert message").unwrap();
    let line = memchr::memrchr(b'\n', &log[..alert]).unwrap() + 1;
    (log[..line].to_vec(), log[line..].to_vec())
}

#[test]
fn a_success_that_does_not_last_is_told_of_again() {
    let (before, after) = refused();
    let mut tool = Running::new(&[]);
    tool.write(&before);
    tool.wait_for("✓ #1 ");
    tool.write(&after);
    tool.wait_for("#1 was told of as established; this replaces it:");
    let waited = tool.wait_for("✗ #1 ");
    assert!(waited < SOON, "{waited:?}");
    let (code, lines) = tool.end();
    assert_eq!(code, Some(1));
    assert_eq!(count(&lines, "✗ #1 "), 1, "{lines:#?}");
    assert_eq!(count(&lines, "1 handshake: 1 failed"), 1, "{lines:#?}");

    let mut tool = Running::new(&["-f", "ndjson"]);
    tool.write(&before);
    tool.wait_for(r#""outcome":"established""#);
    tool.write(&after);
    tool.wait_for(r#""replaces":"established""#);
    let (_, lines) = tool.end();
    let again: Value = serde_json::from_str(&lines[1]).unwrap();
    assert_eq!(
        (&again["id"], &again["outcome"]),
        (&1.into(), &"failed".into())
    );
    assert_eq!(count(&lines, r#"{"type":"handshake","#), 2);
}

#[test]
fn quiet_tells_of_failures_only() {
    let mut tool = Running::new(&["-q"]);
    tool.write(&log(GOOD));
    tool.assert_silent_for(Duration::from_millis(1200));
    tool.write(&log(BROKEN));
    tool.wait_for("✗ #3 ");
    let (_, lines) = tool.end();
    assert_eq!(count(&lines, "✓"), 0, "{lines:#?}");
    assert_eq!(count(&lines, "remedy"), 0, "{lines:#?}");
}

#[test]
fn a_log_that_is_never_silent_is_told_of_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("server.log");
    fs::write(&path, log(BROKEN)).unwrap();
    let chatter = path.clone();
    thread::spawn(move || {
        // other words of the application, faster than silence is noticed
        while let Ok(mut file) = fs::OpenOptions::new().append(true).open(&chatter) {
            file.write_all(b"12:00:00 INFO  still here\n").unwrap();
            thread::sleep(Duration::from_millis(50));
        }
    });
    let mut tool = Running::new(&["-F", path.to_str().unwrap()]);
    let waited = tool.wait_for("✗ #2 ");
    assert!(waited < SOON + SOON, "{waited:?}");
    drop(dir);
    tool.interrupt();
    assert_eq!(tool.end().0, Some(1));
}

#[test]
fn an_entry_that_pauses_in_its_middle_stays_whole() {
    let log = log(BROKEN);
    let middle = memchr::memmem::find(&log, b"\"cipher suites\"").unwrap();
    let mut tool = Running::new(&["-f", "ndjson"]);
    tool.write(&log[..middle]);
    thread::sleep(Duration::from_millis(900));
    tool.write(&log[middle..]);
    tool.wait_for(r#""id":2,"#);
    let (_, lines) = tool.end();
    let client: Value = serde_json::from_str(&lines[0]).unwrap();
    let offered = client["cipher_suites"]["offered"].as_array().unwrap();
    assert!(offered.len() > 20, "{offered:?}");
    assert_eq!(count(&lines, "body-not-closed"), 0);
}

#[test]
fn json_stays_one_document() {
    let mut tool = Running::new(&["-f", "json"]);
    tool.write(&log(BROKEN));
    tool.assert_silent_for(Duration::from_millis(1200));
    let (code, lines) = tool.end();
    assert_eq!(code, Some(1));
    let json: Value = serde_json::from_str(&lines.join("\n")).unwrap();
    assert_eq!(json["summary"]["failed"], 2);
}

#[test]
fn a_closed_output_ends_it_while_the_input_is_open() {
    let mut child = tool(&[]).spawn().unwrap();
    drop(child.stdout.take());
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(&log(BROKEN)).unwrap();
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(begin.elapsed() < LONG, "it goes on");
        thread::sleep(Duration::from_millis(20));
    };
    let mut talk = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut talk)
        .unwrap();
    assert_eq!((status.code(), talk.as_str()), (Some(0), ""));
    drop(pipe);
}

#[test]
fn an_output_file_grows_with_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.ndjson");
    let mut tool = Running::new(&["-o", path.to_str().unwrap()]);
    tool.write(&log(BROKEN));
    let begin = Instant::now();
    while !fs::read_to_string(&path).is_ok_and(|text| text.lines().count() >= 2) {
        assert!(begin.elapsed() < LONG, "nothing is written");
        thread::sleep(Duration::from_millis(20));
    }
    let (code, _) = tool.end();
    assert_eq!(code, Some(1));
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.lines()
            .last()
            .unwrap()
            .starts_with(r#"{"type":"summary","#)
    );
}

/// Every log under a folder.
fn logs(folder: &Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            logs(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "log") {
            into.push(path);
        }
    }
}

/// An id that was printed stands for the same handshake at the end.
#[test]
fn what_comes_later_changes_no_id() {
    const CUTS: usize = 6;
    let mut paths = Vec::new();
    logs(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"),
        &mut paths,
    );
    let (mut told, mut changed) = (0, Vec::new());
    for path in paths {
        let log = fs::read(&path).unwrap();
        if log.len() > 300_000 {
            continue;
        }
        let ids = |log: &[u8]| -> Vec<(u32, u64, Outcome)> {
            let analysis = analyse_bytes(log);
            let handshakes = analysis.assembly.handshakes.iter();
            handshakes
                .map(|handshake| {
                    (
                        handshake.id,
                        handshake.first_span().offset(),
                        handshake.outcome,
                    )
                })
                .collect()
        };
        let all = ids(&log);
        for cut in 1..CUTS {
            let at = log.len() * cut / CUTS;
            let Some(line) = memchr::memrchr(b'\n', &log[..at]) else {
                continue;
            };
            for (id, offset, outcome) in ids(&log[..=line]) {
                if outcome == Outcome::Unfinished {
                    continue;
                }
                told += 1;
                if !all.iter().any(|known| (known.0, known.1) == (id, offset)) {
                    changed.push(format!("{} #{id} at line {line}", path.display()));
                }
            }
        }
    }
    assert!(told > 300, "{told}");
    assert!(
        changed.is_empty(),
        "{} of {told}: {changed:#?}",
        changed.len()
    );
}
