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
    assert_eq!(report["summary"]["handshakes"], 2);
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
    assert!(read("README.txt").contains("look through these files"));
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
