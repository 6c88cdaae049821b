//! The binary, run as a user runs it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::PathBuf};

use assert_cmd::Command;
use serde_json::Value;

fn tool() -> Command {
    let mut command = Command::cargo_bin("jssl-analyze").unwrap();
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("NO_COLOR");
    command
}

const BROKEN: &str =
    "testdata/lab/logs/17/incomplete-certificate-chain-tls12.ssl-handshake.both.log";
const GOOD: &str = "testdata/lab/logs/17/tls13-rsa.ssl-handshake.both.log";

fn stdout(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

#[test]
fn exit_codes_tell_what_was_found() {
    tool().arg(GOOD).assert().code(0);
    tool().arg(BROKEN).assert().code(1);
    tool().args([GOOD, "no/such.log"]).assert().code(2);
    tool().arg("--no-such-option").assert().code(2);
    tool().write_stdin("nothing of interest\n").assert().code(3);
}

#[test]
fn text_is_plain_in_a_pipe_and_coloured_on_demand() {
    let plain = stdout(tool().arg(BROKEN));
    assert!(
        plain.contains("T101 incomplete-certificate-chain"),
        "{plain}"
    );
    assert!(
        plain.contains("openssl s_client -connect api.lab.example:443 -servername api.lab.example"),
        "{plain}"
    );
    assert!(!plain.contains('\x1b'));
    assert!(stdout(tool().args(["--color", "always", BROKEN])).contains("\x1b["));
    assert!(
        !stdout(
            tool()
                .args(["--color", "auto", BROKEN])
                .env("NO_COLOR", "1")
        )
        .contains('\x1b')
    );
}

#[test]
fn json_has_the_shape_of_schema_1() {
    let json: Value = serde_json::from_str(&stdout(tool().args(["-f", "json", BROKEN]))).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["tool"]["name"], "jssl-analyze");
    assert_eq!(json["inputs"][0]["path"], BROKEN);
    assert_eq!(json["inputs"][0]["dialects"][0], "unified");
    assert_eq!(json["summary"]["failed"], 2);
    let client = &json["handshakes"][0];
    assert_eq!(
        (&client["id"], &client["connection"], &client["paired_with"]),
        (&1.into(), &1.into(), &2.into())
    );
    assert_eq!(client["role"], "client");
    assert_eq!(client["peer"]["server_name"], "api.lab.example");
    assert_eq!(client["versions"]["negotiated"], "TLSv1.2");
    assert_eq!(
        client["certificates"]["server"][0]["subject_alternative_names"][0],
        "DNS:api.lab.example"
    );
    assert_eq!(client["break_up"]["after"], "Certificate");
    assert_eq!(client["break_up"]["how"], "alert_sent");
    assert_eq!(
        client["break_up"]["alert"]["description"],
        "certificate_unknown"
    );
    let cause = &client["findings"][0];
    assert_eq!(cause["rule"], "incomplete-certificate-chain");
    assert!(cause["evidence"][0]["line"].as_u64().unwrap() > 0);
    assert!(cause["remedies"][0]["for"].is_string());
    assert!(cause["symptom_of"].is_null());
}

#[test]
fn every_key_of_the_design_is_there() {
    let json: Value = serde_json::from_str(&stdout(tool().args(["-f", "json", BROKEN]))).unwrap();
    let has = |object: &Value, keys: &str| {
        for key in keys.split(' ') {
            assert!(object.get(key).is_some(), "{key} is missing in {object}");
        }
    };
    has(
        &json,
        "schema tool inputs summary handshakes findings anomalies",
    );
    has(
        &json["inputs"][0],
        "path bytes lines entries compression encoding envelope dialects jdk options_seen begins_mid_handshake ends_mid_handshake anomalies",
    );
    has(
        &json["summary"],
        "handshakes established failed unfinished first_at last_at by_rule",
    );
    has(
        &json["summary"]["by_rule"][0],
        "rule code handshakes first_line",
    );
    let handshake = &json["handshakes"][0];
    has(
        handshake,
        "id connection paired_with role stream thread started_at ended_at duration_ms first_line last_line outcome resumed renegotiation history peer versions cipher_suites named_groups signature_schemes alpn client_auth certificates timeline break_up findings",
    );
    has(&handshake["peer"], "host port server_name");
    has(&handshake["cipher_suites"], "offered selected");
    has(
        &handshake["client_auth"],
        "requested authorities certificate_sent",
    );
    has(
        &handshake["certificates"]["server"][0],
        "position subject issuer serial not_before not_after subject_alternative_names signature_algorithm public_key ca key_usage extended_key_usage subject_key_id authority_key_id sha256 line",
    );
    has(
        &handshake["timeline"][0],
        "at line offset direction message detail",
    );
    has(
        &handshake["break_up"],
        "after expected how alert exception by line offset",
    );
    has(
        &handshake["findings"][0],
        "rule code severity confidence headline explanation at_fault assumptions evidence remedies confirm references symptom_of",
    );
    has(&handshake["findings"][0]["evidence"][0], "line offset text");
    has(
        &handshake["findings"][0]["remedies"][0],
        "for action command",
    );
}

#[test]
fn ndjson_is_one_typed_object_a_line() {
    let lines: Vec<Value> = stdout(tool().args(["-f", "ndjson", BROKEN]))
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let types: Vec<&str> = lines
        .iter()
        .map(|line| line["type"].as_str().unwrap())
        .collect();
    assert_eq!(types.first(), Some(&"input"));
    assert_eq!(types.last(), Some(&"summary"));
    assert_eq!(types.iter().filter(|kind| **kind == "handshake").count(), 2);
    assert_eq!(
        lines[1]["findings"][0]["rule"],
        "incomplete-certificate-chain"
    );
}

#[test]
fn standard_input_gives_what_the_file_gives() {
    let from_file: Value =
        serde_json::from_str(&stdout(tool().args(["-f", "json", BROKEN]))).unwrap();
    let log = fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(BROKEN)).unwrap();
    let from_pipe: Value =
        serde_json::from_str(&stdout(tool().args(["-f", "json", "-"]).write_stdin(log))).unwrap();
    assert_eq!(from_file["handshakes"], from_pipe["handshakes"]);
    assert_eq!(
        from_file["inputs"][0]["lines"],
        from_pipe["inputs"][0]["lines"]
    );
}

#[test]
fn an_output_file_implies_its_format() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("report.json");
    tool()
        .arg(BROKEN)
        .arg("-o")
        .arg(&file)
        .assert()
        .code(1)
        .stdout("");
    assert!(serde_json::from_slice::<Value>(&fs::read(file).unwrap()).is_ok());
}

#[test]
fn bad_input_gets_a_message_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let complains = |path: PathBuf, code: i32, words: &str| {
        let output = tool().arg(&path).output().unwrap();
        let talk = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{talk}");
        assert!(
            talk.contains(words) && talk.contains(path.to_str().unwrap()),
            "{talk}"
        );
    };
    complains(write("empty.log", b""), 3, "it is empty");
    complains(
        write("app.log", b"INFO started\n"),
        3,
        "none of its 1 lines begins with javax.net.ssl|",
    );
    complains(
        write("app.log.gz", b"\x1f\x8b\x08rest"),
        2,
        "the gzip data ends too early, at byte 7",
    );
    complains(write("core", b"ELF\0\0\0"), 3, "binary");
    complains(dir.path().join("missing.log"), 2, "no such file");
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let output = tool()
        .args(["-f", "json", "no/such.log", BROKEN])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["summary"]["handshakes"], 2);
}

#[test]
fn several_files_are_one_report_with_ids_of_their_own() {
    let json: Value =
        serde_json::from_str(&stdout(tool().args(["-f", "json", GOOD, BROKEN]))).unwrap();
    let ids: Vec<u64> = json["handshakes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| h["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, [1, 2, 3, 4]);
    assert_eq!(json["inputs"].as_array().unwrap().len(), 2);
}

#[test]
fn explain_prints_for_scripts_and_as_a_document() {
    let all: Value = serde_json::from_str(&stdout(tool().args(["explain", "-f", "json"]))).unwrap();
    let rules = all.as_array().unwrap();
    assert_eq!(rules.len(), jssl_analyze::diagnose::RULES.len());
    let one = stdout(tool().args(["explain", "--format", "json", "T102"]));
    let one: Value = serde_json::from_str(&one).unwrap();
    assert!(rules.contains(&one));
    for (field, value) in [
        ("code", "T102"),
        ("name", "untrusted-root"),
        ("family", "trust"),
    ] {
        assert_eq!(one[field], value);
    }
    let docs = one["docs"].as_object().unwrap();
    assert_eq!(docs.len(), 6);
    assert!(docs["not_to_be_confused_with"].as_str().unwrap().len() > 20);

    let document = stdout(tool().args(["explain", "-f", "markdown"]));
    let part = stdout(tool().args(["explain", "untrusted-root", "-f", "markdown"]));
    assert!(part.starts_with("### untrusted-root\n") && document.contains(&part));
}

#[test]
fn explain_fits_its_text_to_the_terminal() {
    for columns in ["80", "120"] {
        let text = |arg: &[&str]| stdout(tool().env("COLUMNS", columns).arg("explain").args(arg));
        let (list, one) = (text(&[]), text(&["T101"]));
        assert!(!list.contains('\u{1b}') && !one.contains('\u{1b}'));
        let widest = one.lines().map(|line| line.chars().count()).max().unwrap();
        assert!((70..=100).contains(&widest), "{columns}: {widest}");
        let rows = list.lines().filter(|line| line.contains("T101  ")).count();
        assert_eq!(rows, 1);
    }
    let coloured = stdout(tool().args(["explain", "T101", "--color", "always"]));
    assert!(
        coloured.contains("\u{1b}[1mEvidence\u{1b}[0m"),
        "{coloured}"
    );
}

#[test]
fn explain_guesses_what_was_meant() {
    for (typed, meant) in [
        (&["certificate-expried"][..], "certificate-expired (T105)"),
        (&["T-101"], "incomplete-certificate-chain (T101)"),
        (&["root", "untrusted"], "untrusted-root (T102)"),
    ] {
        let output = tool().arg("explain").args(typed).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{typed:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("did you mean") && said.contains(meant),
            "{said}"
        );
        assert!(output.stdout.is_empty());
    }
    // words of a name, in its order
    let one = stdout(tool().args(["explain", "untrusted", "root"]));
    assert!(one.starts_with("T102 untrusted-root"), "{one}");
}

#[test]
fn explain_lists_the_catalogue_and_tells_about_one() {
    let list = stdout(tool().arg("explain"));
    assert!(
        list.contains("T101  incomplete-certificate-chain"),
        "{list}"
    );
    let one = stdout(tool().args(["explain", "t101"]));
    for heading in [
        "When it fires",
        "Why handshakes break here",
        "Evidence",
        "Remedies",
        "Not to be confused with",
        "References",
    ] {
        assert!(one.contains(heading), "{one}");
    }
    let unknown = tool()
        .args(["explain", "incomplete-chain"])
        .output()
        .unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        String::from_utf8(unknown.stderr)
            .unwrap()
            .contains("did you mean incomplete-certificate-chain")
    );
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    use std::process::{Command as Process, Stdio};
    let mut child = Process::new(assert_cmd::cargo::cargo_bin("jssl-analyze"))
        .args(["-f", "json", BROKEN])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success());
}

#[test]
fn a_very_long_line_and_binary_rubbish_do_no_harm() {
    let mut log = fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(BROKEN)).unwrap();
    log.extend(std::iter::repeat_n(b'x', 20 << 20));
    log.extend([0, 0xff, 0xfe, b'\n', 0x1b, b'[', b'2', b'J']);
    let json: Value =
        serde_json::from_str(&stdout(tool().args(["-f", "json"]).write_stdin(log))).unwrap();
    assert_eq!(json["summary"]["failed"], 2);
}

#[test]
fn remarks_on_good_handshakes_can_be_left_out_and_never_change_the_exit_code() {
    let log = "testdata/lab/logs/17/reset-tls12-after-finished.ssl-handshake.client.log";
    for (options, said) in [(&["-f", "text"][..], true), (&["--no-hygiene"], false)] {
        let run = tool().args(options).arg(log).assert().code(0);
        let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
        assert_eq!(text.contains("closed-by-application"), said, "{text}");
    }
    let count = |options: &[&str]| {
        let text = stdout(tool().args(["-f", "json"]).args(options).arg(log));
        let json: Value = serde_json::from_str(&text).unwrap();
        let handshakes = json["handshakes"].as_array().unwrap().clone();
        let of_one = |handshake: &Value| handshake["findings"].as_array().unwrap().len();
        handshakes.iter().map(of_one).sum::<usize>()
    };
    assert_eq!((count(&[]), count(&["--no-hygiene"])), (1, 0));
    // a cause is no hygiene
    let text = stdout(tool().args(["--no-hygiene", BROKEN]));
    assert!(text.contains("T101 incomplete-certificate-chain"), "{text}");
}

#[test]
fn the_name_of_the_report_implies_its_format() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, more: &[&str]| {
        let path = folder.path().join(name);
        tool()
            .args([BROKEN, "-o", path.to_str().unwrap()])
            .args(more)
            .assert()
            .code(1);
        fs::read_to_string(path).unwrap()
    };
    let page = write("report.html", &[]);
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
    assert!(write("report.htm", &[]).starts_with("<!DOCTYPE html>"));
    let document = write("report.md", &[]);
    assert!(
        document.starts_with("## The handshake failed"),
        "{document}"
    );
    // who gets the report can tell which log it is about
    let digest = data_encoding::HEXLOWER.encode(&<sha2::Sha256 as sha2::Digest>::digest(
        fs::read(BROKEN).unwrap(),
    ));
    assert!(page.contains(&digest) && document.contains(&digest));
    let one = write("one.md", &["--limit", "1"]);
    assert!(one.contains("1 more broken handshake"), "{one}");
}

#[test]
fn filters_and_limits_choose_handshakes_in_every_format() {
    let many = "testdata/lab/logs/17/many-one-bad.ssl-handshake.client.log";
    let ids = |args: &[&str], code: i32| -> Vec<u64> {
        let output = tool()
            .args(["-f", "json", many])
            .args(args)
            .assert()
            .code(code);
        let report: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
        let handshakes = report["handshakes"].as_array().unwrap().iter();
        handshakes.map(|one| one["id"].as_u64().unwrap()).collect()
    };
    assert_eq!(ids(&["--outcome", "failed"], 1), [58]);
    assert_eq!(
        ids(&["--limit", "3"], 1),
        [1, 2, 58],
        "what failed comes first"
    );
    assert_eq!(ids(&["--rule", "T102", "--peer", "*.lab.example"], 1), [58]);
    assert_eq!(
        ids(&["--id", "7,9"], 0),
        [7, 9],
        "the exit code speaks of these"
    );
    assert!(ids(&["--peer", "elsewhere"], 0).is_empty());
    let since = ids(&["--since", "03:31:11.579"], 1);
    assert_eq!((since[0], since.len()), (58, 143));
    // a saved report has the same
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("all.json");
    let path = saved.to_str().unwrap();
    tool().args([many, "-o", path]).assert().code(1);
    let output = tool()
        .args([
            "-f",
            "json",
            path,
            "--since",
            "03:31:11.579",
            "--limit",
            "2",
        ])
        .assert()
        .code(1);
    let report: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    // the limit bounds what is told, not what is counted
    assert_eq!(report["summary"]["handshakes"], 143);
    assert_eq!(report["handshakes"].as_array().unwrap().len(), 2);
    assert_eq!(report["handshakes"][0]["id"], 58);
    for wrong in [
        ["--outcome", "good"],
        ["--rule", "X999"],
        ["--since", "noon"],
    ] {
        tool().args(wrong).arg(many).assert().code(2);
    }
    let output = tool().args([GOOD, "-o", "report.pdf"]).assert().code(2);
    let talk = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(talk.contains(".pdf"), "{talk}");
}

#[test]
fn a_bundle_holds_the_report_and_the_lines_that_prove_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ticket.zip");
    tool()
        .args([BROKEN, "-o", path.to_str().unwrap()])
        .assert()
        .code(1);
    let mut zip = zip::ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
    let mut read = |name: &str| {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut zip.by_name(name).unwrap(), &mut text).unwrap();
        text
    };
    let readme = read("README.txt");
    assert!(readme.contains("look through these files"), "{readme}");
    assert!(
        readme.contains("put the real ones in their place"),
        "{readme}"
    );
    assert!(read("report.html").starts_with("<!DOCTYPE html>"));
    let report = read("report.json");
    let excerpt = read("excerpt.log");
    for name in ["lab.example", "Lab Issuing"] {
        assert!(!report.contains(name) && !excerpt.contains(name), "{name}");
    }
    // the excerpt is a log of its own, with the same cause
    let again = folder.path().join("excerpt.log");
    fs::write(&again, &excerpt).unwrap();
    let output = tool()
        .args(["-f", "json", again.to_str().unwrap()])
        .assert()
        .code(1);
    let analysed: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    let rule = |report: &Value| report["handshakes"][0]["findings"][0]["rule"].clone();
    assert_eq!(rule(&analysed), rule(&report));
    // it is not for the screen
    tool().args(["-f", "zip", BROKEN]).assert().code(2);
}

/// Under any of its names, and before a byte of it is lost.
#[test]
fn a_report_is_never_written_over_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (log, link, older) = (at("server.log"), at("hard.log"), at("server.log.1"));
    let whole = fs::read(BROKEN).unwrap();
    let half = whole.len() / 2;
    fs::write(&older, &whole[..half]).unwrap();
    fs::write(&log, &whole[half..]).unwrap();
    fs::hard_link(&log, &link).unwrap();
    let refused = |args: &[&str], stdin: Option<&str>| {
        // the file itself, not a pipe that is filled from it
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_jssl-analyze"));
        command.current_dir(env!("CARGO_MANIFEST_DIR"));
        if let Some(stdin) = stdin {
            command.stdin(fs::File::open(stdin).unwrap());
        }
        let output = command.args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let talk = String::from_utf8(output.stderr).unwrap();
        assert!(talk.contains("is the log itself"), "{args:?}: {talk}");
        assert!(output.stdout.is_empty());
        assert_eq!(fs::read(&older).unwrap(), &whole[..half], "{args:?}");
        assert_eq!(fs::read(&log).unwrap(), &whole[half..], "{args:?}");
    };
    for format in ["text", "json", "html", "zip"] {
        refused(&["-f", format, "-o", &log, &log], None);
        refused(&["-f", format, "-o", &link, &log], None);
    }
    // a file of a rotated set, of several, of a directory
    refused(&["-o", &older, &older, &log], None);
    refused(&["-o", &log, GOOD, &log], None);
    refused(&["-o", &older, folder.path().to_str().unwrap()], None);
    refused(&["-o", &log, "--no-join", &older, &log], None);
    #[cfg(unix)]
    {
        let other = at("soft.log");
        std::os::unix::fs::symlink(&log, &other).unwrap();
        refused(&["-o", &other, &log], None);
        refused(&["-o", &log, &other], None);
        refused(&["-o", &log, "-"], Some(&log));
        refused(&["-o", &log], Some(&log));
    }
    // a saved report is an input as well
    let saved = at("saved.json");
    tool().args([BROKEN, "-o", &saved]).assert().code(1);
    let before = fs::read(&saved).unwrap();
    tool().args([&*saved, "-o", &saved]).assert().code(2);
    assert_eq!(fs::read(&saved).unwrap(), before);
    // what is only like it is written
    tool().args([&*log, "-o", &saved]).assert().code(1);
}

#[test]
fn a_dash_is_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let log = fs::canonicalize(BROKEN).unwrap();
    let run = |args: &[&str]| {
        let command = &mut tool();
        command.current_dir(&folder).args(args).arg(&log);
        stdout(command)
    };
    for format in ["text", "json", "html", "markdown"] {
        assert_eq!(run(&["-f", format, "-o", "-"]), run(&["-f", format]));
    }
    assert_eq!(run(&["-o", "-"]), run(&[]));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    tool()
        .args(["-f", "zip", "-o", "-", BROKEN])
        .assert()
        .code(2);
}

/// 16 handshakes, of which 4 failed.
const CONCURRENT: &str = "testdata/lab/logs/11/concurrent.ssl-handshake.both.log";

/// In every format, and in the words of each.
#[test]
fn a_filtered_report_says_that_it_is() {
    const FORMATS: [&str; 7] = [
        "text", "json", "ndjson", "html", "markdown", "junit", "sarif",
    ];
    let folder = tempfile::tempdir().unwrap();
    let print = |format: &str, args: &[&str], code: i32| -> String {
        let output = tool()
            .args(["-f", format, CONCURRENT])
            .args(args)
            .assert()
            .code(code);
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let readme = |args: &[&str]| {
        let path = folder.path().join("ticket.zip");
        let command = &mut tool();
        command.args([CONCURRENT, "--no-redact", "-o", path.to_str().unwrap()]);
        command.args(args).output().unwrap();
        let mut zip = zip::ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut zip.by_name("README.txt").unwrap(), &mut text).unwrap();
        text
    };
    let filters: [(&[&str], &str, usize, i32); 5] = [
        (&["--outcome", "established"], "outcome:established", 12, 0),
        (&["--outcome", "failed"], "outcome:failed", 4, 1),
        (&["--id", "99"], "id:99", 0, 0),
        (&["--peer", "nobody"], "peer:nobody", 0, 0),
        (&["--since", "23:59"], "since:23:59", 0, 0),
    ];
    for (args, filter, wanted, code) in &filters {
        for format in FORMATS {
            let report = print(format, args, *code);
            let what = format!("{format} {args:?}: {report}");
            assert!(report.contains(filter), "{what}");
            assert!(!report.contains("There is no TLS handshake"), "{what}");
            assert!(!report.contains("no handshake in this log"), "{what}");
            assert!(
                !report.contains("All 12") && !report.contains("All 4 "),
                "{what}"
            );
        }
        let whole: Value = serde_json::from_str(&print("json", args, *code)).unwrap();
        let selection = &whole["summary"]["selection"];
        assert_eq!(selection["handshakes"], 16);
        assert_eq!(selection["wanted"], *wanted);
        assert_eq!(whole["summary"]["handshakes"], *wanted);
        assert_eq!(whole["inputs"][0]["selection"], *selection);
        let sentence = match wanted {
            0 => "None of the 16 handshakes in the log matches the filter".to_owned(),
            _ => format!("Of the 16 handshakes in the log, {wanted} match the filter"),
        };
        for format in ["html", "markdown", "sarif"] {
            assert!(
                print(format, args, *code).contains(&sentence),
                "{format} {args:?}"
            );
        }
        assert!(print("junit", args, *code).contains(&sentence));
        assert!(readme(args).contains(&sentence));
    }
    let text = print("text", &["--outcome", "established"], 0);
    assert!(
        text.contains("12 of 16 handshakes match the filter outcome:established: 12 established"),
        "{text}"
    );
    let page = print("html", &["--outcome", "established"], 0);
    assert!(page.contains("match the filter outcome:established; all of them were established."));
    // without a filter nothing is said of one
    let whole = print("json", &[], 1);
    assert!(!whole.contains("selection"));
    for format in FORMATS {
        assert!(
            !print(format, &[], 1).contains("filter outcome"),
            "{format}"
        );
    }
    // what was looked for is a name, too
    let hidden = print("text", &["--redact", "--peer", "lab.example"], 1);
    assert!(
        hidden.contains("peer:…") && !hidden.contains("lab.example"),
        "{hidden}"
    );
}

/// What a limit leaves out is counted; outcome and exit code are those of the log.
#[test]
fn a_limit_bounds_what_is_told_and_nothing_else() {
    for format in [
        "text", "json", "ndjson", "html", "markdown", "junit", "sarif",
    ] {
        for limit in ["0", "1", "3"] {
            tool()
                .args(["-f", format, "--limit", limit, CONCURRENT])
                .assert()
                .code(1);
        }
        tool()
            .args(["-f", format, "--limit", "0", GOOD])
            .assert()
            .code(0);
    }
    let print = |args: &[&str]| stdout(tool().args(args).arg(CONCURRENT));
    let text = print(&["-f", "text", "--limit", "1"]);
    assert!(
        text.contains("16 handshakes: 12 established, 4 failed"),
        "{text}"
    );
    assert!(
        text.contains("not told here (--limit): 3 failed, 12 established"),
        "{text}"
    );
    assert_eq!(text.matches("\n✗ #").count(), 1, "{text}");
    let json: Value = serde_json::from_str(&print(&["-f", "json", "--limit", "1"])).unwrap();
    assert_eq!(json["handshakes"].as_array().unwrap().len(), 1);
    assert_eq!(json["summary"]["handshakes"], 16);
    assert_eq!(json["summary"]["failed"], 4);
    let left_out = &json["summary"]["selection"]["left_out"];
    assert_eq!(
        (&left_out["failed"], &left_out["established"]),
        (&3.into(), &12.into())
    );
    // the other end of the one that is told, and both ends of another
    assert_eq!(left_out["by_rule"][0]["handshakes"], 2);
    let whole: Value = serde_json::from_str(&print(&["-f", "json"])).unwrap();
    assert_eq!(json["summary"]["by_rule"], whole["summary"]["by_rule"]);
    let lines = print(&["-f", "ndjson", "--limit", "1"]);
    assert_eq!(lines.matches("\"type\":\"handshake\"").count(), 1);
    let junit = print(&["-f", "junit", "--limit", "1"]);
    let all = print(&["-f", "junit"]);
    let counts = |report: &str| report.lines().nth(1).unwrap().to_owned();
    assert_eq!(counts(&junit), counts(&all));
    assert!(junit.contains("not told here"), "{junit}");
    let sarif: Value = serde_json::from_str(&print(&["-f", "sarif", "--limit", "1"])).unwrap();
    assert_eq!(sarif["runs"][0]["properties"]["handshakesLeftOut"], 15);
    let page = print(&["-f", "html", "--limit", "1"]);
    assert!(page.contains("3 more broken handshakes"), "{page}");

    // and in a saved report it stays so, in every format
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("one.json");
    fs::write(&saved, print(&["-f", "json", "--limit", "1"])).unwrap();
    let again = |args: &[&str], code: i32| {
        let output = tool().args(args).arg(&saved).assert().code(code);
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    for format in ["text", "json", "ndjson", "junit"] {
        let first = print(&["-f", format, "--limit", "1"]);
        let again = again(&["-f", format], 1);
        match format {
            // of peers that it does not tell of it has the number only
            "junit" => assert!(again.contains("3 of 15 handshakes failed"), "{again}"),
            // nor does it know on which side the others were
            "text" => assert_eq!(first.replace("client and server", "client"), again),
            _ => assert_eq!(first, again, "{format}"),
        }
    }
    for format in ["html", "markdown"] {
        let again = again(&["-f", format], 1);
        assert!(again.contains("4 of 16 handshakes failed"), "{again}");
        assert!(again.contains("3 failed, 12 established"), "{again}");
    }
    // nobody knows which of those left out a filter would keep, and that is said
    let filtered = again(&["-f", "markdown", "--outcome", "established"], 0);
    assert!(filtered.contains("15 could not be looked at"), "{filtered}");
}

#[test]
fn ways_to_fail_are_counted_as_they_are() {
    let page = stdout(tool().args(["-f", "markdown", CONCURRENT]));
    assert!(
        page.starts_with("## 4 of 16 handshakes failed, in 2 ways; the first: "),
        "{page}"
    );
}

/// A report that is printed from its JSON says what the report of the log says, fingerprints and redaction as well.
#[test]
fn a_saved_report_makes_the_same_page_as_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("names.json");
    let map = map.to_str().unwrap();
    for redact in [&[][..], &["--redact", "--redact-map", map]] {
        for name in ["report.json", "report.ndjson"] {
            let saved = folder.path().join(name);
            let saved = saved.to_str().unwrap();
            tool()
                .args([BROKEN, GOOD, "-o", saved])
                .args(redact)
                .assert()
                .code(1);
            for format in ["text", "html", "markdown", "json", "junit", "sarif"] {
                let log = stdout(tool().args(["-f", format, BROKEN, GOOD]).args(redact));
                let again = stdout(tool().args(["-f", format, saved]));
                assert!(
                    log == again,
                    "{name} {format} {redact:?}\n{log}\n---\n{again}"
                );
                let is_redacted = log.contains("stand for the names that were");
                assert_eq!(
                    is_redacted,
                    !redact.is_empty() && format != "json",
                    "{format}: {log}"
                );
            }
        }
    }
    // what has no fingerprint in it says so
    let log = fs::read(BROKEN).unwrap();
    let saved = folder.path().join("piped.json");
    let piped = tool()
        .args(["-f", "json"])
        .write_stdin(log)
        .output()
        .unwrap();
    fs::write(&saved, piped.stdout).unwrap();
    let page = stdout(tool().args(["-f", "markdown"]).arg(&saved));
    assert!(page.contains("not in the saved report"), "{page}");
}

/// Of several files, a line says which.
#[test]
fn evidence_names_its_file_where_there_are_several() {
    let several = |format: &str| stdout(tool().args(["-f", format, GOOD, BROKEN, CONCURRENT]));
    let text = several("text");
    for log in [BROKEN, CONCURRENT] {
        assert!(text.contains(&format!("evidence   in {log}\n")), "{text}");
    }
    let junit = several("junit");
    assert!(
        junit.contains(&format!("evidence\n  in {BROKEN}\n")),
        "{junit}"
    );
    let document = several("markdown");
    let cited = |log: &str| {
        let mut lines = document.lines();
        lines.any(|line| line.starts_with("- line ") && line.contains(&format!(" in `{log}`: ")))
    };
    assert!(cited(BROKEN) && cited(CONCURRENT), "{document}");
    let page = several("html");
    assert!(page.contains(&format!(
        "<small class=\"file\">in {BROKEN}</small></td></tr>"
    )));
    // one file needs no name
    let alone = stdout(tool().args(["-f", "text", BROKEN]));
    assert!(!alone.contains("evidence   in"), "{alone}");

    // a rotated set: its file, and the line there
    let folder = tempfile::tempdir().unwrap();
    let log = fs::read_to_string(BROKEN).unwrap();
    let half: usize = log.lines().take(300).map(|line| line.len() + 1).sum();
    fs::write(folder.path().join("server.log.1"), &log[..half]).unwrap();
    fs::write(folder.path().join("server.log"), &log[half..]).unwrap();
    let set = |format: &str| {
        let mut command = tool();
        command.current_dir(&folder);
        stdout(command.args(["-f", format, "server.log.1", "server.log"]))
    };
    let text = set("text");
    assert!(
        text.contains("in server.log, whose first line is line 301"),
        "{text}"
    );
    let document = set("markdown");
    let cited = document
        .lines()
        .find(|line| line.contains("in `server.log`, line "))
        .unwrap();
    let number = |after: &str| -> usize {
        let (_, rest) = cited.split_once(after).unwrap();
        rest.split(|c: char| !c.is_ascii_digit())
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    assert_eq!(
        number("- line "),
        number("`server.log`, line ") + 300,
        "{cited}"
    );
}

/// An excerpt bears out what the report says, or the bundle says that it does not.
#[test]
fn the_excerpt_of_a_bundle_gives_the_verdict_of_its_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ticket.zip");
    let excerpt = folder.path().join("excerpt.log");
    let mut logs: Vec<PathBuf> = [
        "25/truststore-file-missing",
        "17/server-key-missing-tls12",
        "17/server-key-wrong-type",
        "17/incomplete-certificate-chain",
        "25/incomplete-certificate-chain",
        "17/untrusted-root-tls13",
        "8/",
        "11/",
    ]
    .iter()
    .flat_map(|name| {
        let (jdk, case) = name.split_once('/').unwrap();
        let of_jdk = fs::read_dir(format!("testdata/lab/logs/{jdk}")).unwrap();
        let of_jdk = of_jdk.map(|entry| entry.unwrap().path());
        let mut logs: Vec<PathBuf> = of_jdk
            .filter(|path| {
                let name = path.file_name().unwrap().to_str().unwrap();
                let is_log = path.extension().is_some_and(|extension| extension == "log");
                is_log && name.starts_with(case)
            })
            .collect();
        logs.sort();
        logs.into_iter()
            .step_by(if case.is_empty() { 6 } else { 1 })
    })
    .collect();
    logs.dedup();
    assert!(logs.len() > 20, "{}", logs.len());
    let verdict = |json: &[u8]| {
        let report: Value = serde_json::from_slice(json).unwrap();
        let broken = report["handshakes"].as_array().unwrap().iter();
        let broken = broken.filter(|handshake| handshake["outcome"] != "established");
        let of = |finding: &Value| (finding["rule"].clone(), finding["confidence"].clone());
        let mut all: Vec<_> = broken
            .map(|handshake| of(&handshake["findings"][0]))
            .collect();
        let of_log = report["findings"].as_array().unwrap().iter();
        all.extend(
            of_log
                .filter(|finding| finding["severity"] == "error")
                .map(of),
        );
        all
    };
    let mut quoted = 0;
    for log in &logs {
        let log = log.to_str().unwrap();
        let bundle = ["--no-redact", log, "-o", path.to_str().unwrap()];
        tool().args(bundle).output().unwrap();
        let mut zip = zip::ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
        let mut read = |name: &str| {
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut zip.by_name(name).ok()?, &mut text).unwrap();
            Some(text)
        };
        let report = verdict(&read("report.json").unwrap());
        let readme = String::from_utf8(read("README.txt").unwrap()).unwrap();
        let Some(lines) = read("excerpt.log") else {
            assert!(report.is_empty(), "{log}");
            continue;
        };
        fs::write(&excerpt, lines).unwrap();
        let again = tool().args(["-f", "json"]).arg(&excerpt).output().unwrap();
        assert_eq!(verdict(&again.stdout), report, "{log}\n{readme}");
        assert!(!readme.contains("does not give"), "{log}\n{readme}");
        quoted += 1;
    }
    assert!(quoted > 15, "{quoted} excerpts");
}

#[test]
fn shells_and_man_know_the_command_line() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = stdout(tool().args(["completions", shell]));
        // the generators of the last two leave out what stands behind an option
        let values = !matches!(shell, "elvish" | "powershell");
        let cause = "incomplete-certificate-chain";
        assert_eq!(script.contains(cause), values, "{shell}");
        assert!(
            script.contains("outcome") && script.contains("scrub"),
            "{shell}"
        );
    }
    let page = stdout(tool().arg("man"));
    for piece in [".TH jssl-analyze 1", "\\-\\-outcome", ".SH EXAMPLES\n.nf\n"] {
        assert!(page.contains(piece), "{piece}");
    }
    assert!(stdout(tool().args(["man", "scrub"])).contains(".TH jssl-analyze-scrub 1"));
    tool().args(["man", "no-such"]).assert().code(2);
}
