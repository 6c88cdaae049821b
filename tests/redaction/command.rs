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
    refused(
        &["scrub", KEYS, "--no-redact", "--redact-map", "x"],
        "cannot be used with",
    );
    refused(
        &["scrub", KEYS, "--redact-map", "/nonexist/x.map"],
        "cannot be written",
    );
    let packed = dir.path().join("c.log.gz");
    refused(
        &["scrub", KEYS, "-o", packed.to_str().unwrap()],
        "not compressed",
    );
    assert!(!packed.exists());
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

/// A key store is no log, and nobody should hand on what could not be read.
#[test]
fn scrub_takes_no_binary_and_says_when_there_is_no_debug_output() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let der: Vec<u8> = (0..4000_u32)
        .map(|n| u8::try_from(n.wrapping_mul(2_654_435_761) >> 24).unwrap())
        .collect();
    let store = write("store.p12", &der);
    let clean = dir.path().join("clean.log");
    let output = run(&["scrub", &store, "-o", clean.to_str().unwrap()]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("is no text") && !clean.exists(), "{told}");
    let piped = tool(&["scrub"]).write_stdin(der.clone()).output().unwrap();
    assert_eq!(piped.status.code(), Some(2));
    assert!(piped.stdout.is_empty());
    let forced = run(&["scrub", &store, "--force"]);
    assert_eq!(forced.status.code(), Some(3));
    for (name, text) in [("empty.log", &b""[..]), ("app.log", b"started\nstopped\n")] {
        let output = run(&["scrub", &write(name, text)]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains("no JSSE debug output"), "{told}");
        assert_eq!(output.stdout, text);
    }
    // a log that was cut while it was written begins with NULs
    let mut cut = vec![0; 5000];
    cut.extend_from_slice(&log(LOG));
    assert_eq!(
        run(&["scrub", &write("cut.log", &cut)]).status.code(),
        Some(0)
    );
}

#[test]
fn names_of_files_become_tokens() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("acmebank");
    fs::create_dir(&folder).unwrap();
    let path = folder.join("pay01.acmebank.com.log");
    fs::write(&path, log(LOG)).unwrap();
    let path = path.to_str().unwrap();
    for format in [
        "text", "json", "ndjson", "html", "markdown", "junit", "sarif",
    ] {
        let output = run(&[path, "--redact", "-f", format]);
        let told = stdout(&output);
        assert!(told.len() > 200, "{format}");
        assert!(!told.contains("acmebank"), "{format}: {told}");
        if format != "sarif" {
            assert!(told.contains(".log"), "{format}: what it is stays");
        }
    }
}

#[test]
fn a_redacted_report_keeps_its_tokens() {
    let dir = tempfile::tempdir().unwrap();
    let saved = dir.path().join("report.json");
    let saved = saved.to_str().unwrap();
    run(&[LOG, "--redact", "-o", saved]);
    let first: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(saved).unwrap()).unwrap();
    assert_eq!(
        first["inputs"][0]["redacted"],
        serde_json::json!(["hosts", "ips", "names", "serials", "threads"])
    );
    let again: serde_json::Value =
        serde_json::from_str(&stdout(&run(&[saved, "--redact", "-f", "json"]))).unwrap();
    assert_eq!(first, again);
    let token = regex::Regex::new("(?:host|sub|subject|org|file)-[0-9a-f]{4,}").unwrap();
    for format in ["text", "html", "junit", "sarif"] {
        let plain = stdout(&run(&[saved, "-f", format]));
        let redacted = stdout(&run(&[saved, "--redact", "-f", format]));
        let tokens = |text: &str| -> Vec<String> {
            let mut all: Vec<String> = token
                .find_iter(text)
                .map(|token| token.as_str().to_owned())
                .collect();
            all.sort();
            all.dedup();
            all
        };
        assert!(!tokens(&plain).is_empty());
        assert_eq!(tokens(&plain), tokens(&redacted), "{format}");
    }
}

#[cfg(unix)]
#[test]
fn a_map_is_its_owners_alone_and_is_checked() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let map = dir.path().join("map.json");
    let path = map.to_str().unwrap();
    // the map alone says what is wanted
    let told = stdout(&run(&[LOG, "--redact-map", path]));
    assert!(!told.contains("lab.example") && map.exists());
    fs::set_permissions(&map, fs::Permissions::from_mode(0o644)).unwrap();
    let output = run(&[LOG, "--redact-map", path]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("0600"));
    assert_eq!(
        fs::metadata(&map).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let saved = fs::read_to_string(&map).unwrap();
    let token = saved.find("\"host-").unwrap();
    let tampered = format!("{}\"lab.example\"{}", &saved[..token], &saved[token + 11..]);
    fs::write(&map, tampered).unwrap();
    let output = run(&[LOG, "--redact-map", path]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        output.stdout.is_empty() && told.contains("no token"),
        "{told}"
    );
    // a FIFO would be waited for
    let fifo = dir.path().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    if made.is_ok_and(|status| status.success()) {
        let output = run(&[LOG, "--redact-map", fifo.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn certificates_are_listed_without_names() {
    let plain = stdout(&run(&["certs", LOG]));
    let redacted = stdout(&run(&["certs", LOG, "--redact"]));
    assert!(
        plain.contains("lab.example") || plain.contains("Lab"),
        "{plain}"
    );
    assert!(
        !redacted.contains("lab.example") && !redacted.contains("Lab"),
        "{redacted}"
    );
    assert_eq!(plain.lines().count(), redacted.lines().count());
    assert_eq!(
        run(&["certs", LOG, "--redact", "--pem"]).status.code(),
        Some(2)
    );
}

#[test]
fn documents_on_standard_output_say_that_names_are_in_them() {
    let warned = |args: &[&str]| {
        let output = run(args);
        String::from_utf8_lossy(&output.stderr).contains("--redact takes them out")
    };
    assert!(warned(&[LOG, "-f", "html"]) && warned(&[LOG, "-f", "markdown"]));
    for quiet in ["--redact", "--no-redact"] {
        assert!(!warned(&[LOG, "-f", "html", quiet]));
    }
    assert!(!warned(&[LOG, "-f", "json"]));
}

#[test]
fn filters_alone_stand_under_their_heading() {
    let help = stdout(&run(&["--help"]));
    let filters = &help[help.find("\nFilters:").unwrap()..];
    assert!(filters.contains("--outcome"));
    for option in ["--color", "--quiet", "--redact", "--no-mouse"] {
        assert!(
            help.contains(option) && !filters.contains(&format!("{option} ")),
            "{option}"
        );
    }
    assert!(!stdout(&run(&["scrub", "--help"])).contains("Filters:"));
}
