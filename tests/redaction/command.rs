//! The command line.

use std::{fs, io::Write as _, path::Path, process::Output};

use assert_cmd::Command;

const LOG: &str = "testdata/lab/logs/17/incomplete-certificate-chain-tls12.ssl-handshake.both.log";
const KEYS: &str = "testdata/classic/8u60/ok11.all.both.log";

fn tool(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("jssl-analyze").unwrap();
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args);
    command
}

fn run(args: &[&str]) -> Output {
    tool(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn log(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn scrub_writes_a_log_that_tells_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let clean = dir.path().join("clean.log");
    let clean = clean.to_str().unwrap();
    let output = run(&["scrub", KEYS, "-o", clean]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        fs::metadata(clean).unwrap().len(),
        log(KEYS).len() as u64,
        "blanked in place"
    );
    let rules = |path: &str| {
        stdout(&run(&[path, "-q"]))
            .lines()
            .filter(|line| line.contains('#'))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(rules(clean), rules(KEYS));
    // and again: there is nothing left to do
    assert_eq!(run(&["scrub", clean]).stdout, fs::read(clean).unwrap());
}

#[test]
fn scrub_reads_pipes_and_compressed_logs() {
    let plain = run(&["scrub", KEYS]).stdout;
    let piped = tool(&["scrub"])
        .write_stdin(log(KEYS))
        .output()
        .unwrap()
        .stdout;
    assert!(piped == plain);
    let dir = tempfile::tempdir().unwrap();
    let packed = dir.path().join("x.log.gz");
    let mut encoder = flate2::write::GzEncoder::new(
        fs::File::create(&packed).unwrap(),
        flate2::Compression::fast(),
    );
    encoder.write_all(&log(KEYS)).unwrap();
    encoder.finish().unwrap();
    assert!(run(&["scrub", packed.to_str().unwrap()]).stdout == plain);
    // names have to be known before the first line is written
    let map = dir.path().join("map.json");
    let map = format!("--redact-map={}", map.to_str().unwrap());
    let named = run(&["scrub", LOG, "--redact", &map]).stdout;
    let piped = tool(&["scrub", "--redact", &map])
        .write_stdin(log(LOG))
        .output()
        .unwrap()
        .stdout;
    assert!(!String::from_utf8_lossy(&named).contains("lab.example"));
    assert!(piped == named);
}

#[test]
fn scrub_says_what_it_cannot_do() {
    let refused = |args: &[&str], words: &str| {
        let output = run(args);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(words), "{told}");
    };
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("a.log");
    fs::write(&copy, log(KEYS)).unwrap();
    let copy = copy.to_str().unwrap();
    refused(&["scrub", copy, "-o", copy], "is the log itself");
    assert_eq!(fs::read(copy).unwrap(), log(KEYS));
    refused(&["scrub", "testdata/nothing.log"], "no such file");
    refused(&["scrub", KEYS, "--redact-map", "x"], "add --redact");
    refused(
        &["scrub", KEYS, "--redact", "--redact-map", copy],
        "no map of this program",
    );
    refused(
        &["scrub", KEYS, "--redact", "--redact-map", "m", "-o", "m"],
        "name another file",
    );
    refused(&[LOG, "--redact=hosts,faces"], "'faces' is none of");
}

#[test]
fn tokens_are_the_same_with_a_map_and_others_without() {
    let dir = tempfile::tempdir().unwrap();
    let map = dir.path().join("map.json");
    let path = map.to_str().unwrap();
    let first = stdout(&run(&[LOG, "--redact", "--redact-map", path, "-f", "json"]));
    let second = stdout(&run(&[LOG, "--redact", "--redact-map", path, "-f", "json"]));
    let other = stdout(&run(&[LOG, "--redact", "-f", "json"]));
    assert_eq!(first, second);
    assert_ne!(first, other, "another key");
    let value: serde_json::Value = serde_json::from_str(&first).unwrap();
    let host = value["handshakes"][0]["peer"]["server_name"]
        .as_str()
        .unwrap();
    assert!(
        host.ends_with(".example") && host.contains("host-"),
        "{host}"
    );
    // the owner of the map can look it up
    let saved = fs::read_to_string(&map).unwrap();
    let token = host
        .split('.')
        .find(|label| label.starts_with("host-"))
        .unwrap();
    assert!(saved.contains(token) && saved.contains("lab.example"));
    assert!(!first.contains(path));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            fs::metadata(&map).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

#[test]
fn kinds_are_chosen() {
    let hosts = stdout(&run(&[LOG, "--redact=hosts"]));
    assert!(
        !hosts.contains("lab.example") && hosts.contains("O=Example Lab"),
        "{hosts}"
    );
    let serials = stdout(&run(&[LOG, "--redact=serials", "-f", "json"]));
    assert!(serials.contains("lab.example"));
    let plain = stdout(&run(&[LOG, "--no-redact"]));
    assert_eq!(
        plain,
        stdout(&run(&[LOG])),
        "text is redacted when asked only"
    );
}

#[test]
fn passwords_are_in_no_report() {
    let mut bytes = log(LOG);
    bytes.extend_from_slice(b"javax.net.ssl|ERROR|10|main|2026-11-21 03:30:29.268 UTC|X.java:1|Fatal (HANDSHAKE_FAILURE): -Djavax.net.ssl.keyStorePassword=hunter2 at https://u:hunter2@h/ Cookie: id=hunter2\n");
    for args in [
        &["-", "-v"][..],
        &["-", "-f", "json"],
        &["-", "-f", "ndjson"],
        &["-", "--redact"],
        &["scrub", "-"],
        &["scrub", "-", "--redact"],
    ] {
        let output = tool(args).write_stdin(bytes.clone()).output().unwrap();
        let all = [output.stdout, output.stderr].concat();
        let all = String::from_utf8_lossy(&all);
        assert!(!all.contains("hunter2"), "{args:?}");
        assert!(all.len() > 200);
    }
}

/// A pipe that falls silent is told of live: no name may be out before it was replaced.
#[cfg(unix)]
#[test]
fn live_output_is_redacted() {
    use std::{io::Read as _, process::Stdio, time::Duration};
    for format in ["text", "ndjson"] {
        let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("jssl-analyze"))
            .args(["--redact", "-f", format])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let bytes = log(LOG);
        let half = bytes.len() / 2;
        for part in [&bytes[..half], &bytes[half..]] {
            stdin.write_all(part).unwrap();
            stdin.flush().unwrap();
            std::thread::sleep(Duration::from_millis(1500));
        }
        drop(stdin);
        let mut told = String::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut told)
            .unwrap();
        child.wait().unwrap();
        assert!(told.contains("incomplete-certificate-chain"), "{told}");
        assert!(!told.contains("lab.example"), "{told}");
    }
}

#[test]
fn a_saved_report_is_redacted_without_its_log() {
    let dir = tempfile::tempdir().unwrap();
    let saved = dir.path().join("report.json");
    let saved = saved.to_str().unwrap();
    run(&[LOG, "-o", saved]);
    assert!(fs::read_to_string(saved).unwrap().contains("lab.example"));
    let told = stdout(&run(&[saved, "--redact"]));
    assert!(
        told.contains("incomplete-certificate-chain") && !told.contains("lab.example"),
        "{told}"
    );
}
