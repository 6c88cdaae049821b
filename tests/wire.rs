//! What the bytes in a log add: fingerprints, certificates, what spoke in place of TLS; and what must never come out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, process::Output};

use assert_cmd::Command;
use jssl_analyze::{
    assemble::Assembly,
    diagnose::{Finding, diagnose},
    drive::analyse_bytes,
    handshake::Role,
    wire::Hello,
};
use serde_json::Value;

fn read(log: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(log);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn assembled(log: &str) -> Assembly {
    analyse_bytes(&read(log)).assembly
}

fn run(args: &[&str], log: &[u8]) -> Output {
    Command::cargo_bin("jssl-analyze")
        .unwrap()
        .args(args)
        .write_stdin(log)
        .output()
        .unwrap()
}

fn json(args: &[&str], log: &[u8]) -> Value {
    serde_json::from_slice(&run(args, log).stdout).unwrap()
}

fn first_finding(log: &[u8]) -> Finding {
    let assembly = analyse_bytes(log).assembly;
    diagnose(&assembly).by_handshake[0][0].clone()
}

/// The leaf and its issuer, as `openssl x509 -fingerprint -sha256` tells for the PEM that comes out.
const LAB_CHAIN: [&str; 2] = [
    "8e65ac54e3ad54b51c04176665c714a006822967f6bfa5d7a04a592e5e1f8eb7",
    "8d169cc1439f19ed750f40d730e2fd5be2da86916524a2f9d64662033ec8a229",
];

#[test]
fn certificates_get_the_fingerprint_of_their_bytes() {
    for log in [
        "lab/logs/17/tls13-rsa.all.both.log",
        "lab/logs/25/tls13-rsa.all.both.log",
    ] {
        let report = json(&["-f", "json"], &read(log));
        for handshake in report["handshakes"].as_array().unwrap() {
            let chain = handshake["certificates"]["server"].as_array().unwrap();
            let prints: Vec<&str> = chain
                .iter()
                .map(|certificate| certificate["sha256"].as_str().unwrap())
                .collect();
            assert_eq!(prints, LAB_CHAIN, "{log}");
        }
    }
    // TLS 1.2 in records, up to JDK 10 and since
    for log in [
        "classic/8u60/ok11.all.both.log",
        "jul/jul-fine/27/tls12-ecdhe-rsa.server.log",
    ] {
        let report = json(&["-f", "json"], &read(log));
        let chain = &report["handshakes"][0]["certificates"]["server"];
        assert!(
            chain[0]["sha256"].is_string() && chain[1]["sha256"].is_string(),
            "{log}"
        );
    }
    // without bytes, none
    let report = json(
        &["-f", "json"],
        &read("lab/logs/17/tls13-rsa.ssl-handshake.both.log"),
    );
    assert!(report["handshakes"][0]["certificates"]["server"][0]["sha256"].is_null());
    assert!(report["handshakes"][0]["ja4"].is_string());
}

#[test]
fn a_certificate_of_other_bytes_is_not_taken_for_the_printed_one() {
    let text = String::from_utf8(read("lab/logs/17/tls13-rsa.all.both.log")).unwrap();
    // the text now speaks of another subject, with the serial number and the dates of the real one
    let forged = text.replace("CN=api.lab.example", "CN=bank.lab.example");
    let report = json(&["-f", "json"], forged.as_bytes());
    let chain = &report["handshakes"][0]["certificates"]["server"];
    assert!(chain[0]["sha256"].is_null(), "{chain}");
    assert_eq!(chain[1]["sha256"], LAB_CHAIN[1]);
}

#[test]
fn the_list_of_certificates_and_their_pem() {
    let log = read("lab/logs/17/tls13-rsa.all.both.log");
    let list = json(&["certs", "-f", "json"], &log);
    let certificates = list["certificates"].as_array().unwrap();
    assert_eq!(certificates.len(), 3);
    let leaf = &certificates[0];
    assert_eq!(leaf["sha256"], LAB_CHAIN[0]);
    assert_eq!(leaf["subject"], "CN=api.lab.example, O=Example Lab, C=XX");
    assert_eq!(leaf["seen"][0]["part"], "server-chain");
    assert_eq!(leaf["seen"][0]["count"], 2);
    assert_eq!(leaf["seen"][1]["part"], "key-entry");
    assert_eq!(certificates[2]["sha256"], Value::Null);

    let pem = run(&["certs", "--pem"], &log);
    let text = String::from_utf8(pem.stdout).unwrap();
    assert_eq!(text.matches("-----BEGIN CERTIFICATE-----").count(), 2);
    assert!(
        String::from_utf8(pem.stderr)
            .unwrap()
            .contains("1 certificate")
    );
    assert!(!text.contains("PRIVATE"));

    let soon = run(&["certs", "--expires-within", "30d"], &log);
    assert_eq!((soon.status.code(), soon.stdout.len()), (Some(0), 0));
    let later = run(&["certs", "--expires-within", "9y"], &log);
    assert!(
        String::from_utf8(later.stdout)
            .unwrap()
            .contains("api.lab.example")
    );
}

/// The text prints no messages at all: what is known of the certificates is in the dumps alone.
#[test]
fn certificates_that_only_a_dump_shows_are_listed_with_their_names() {
    let list = json(
        &["certs", "-f", "json"],
        &read("lab/logs/17/tls13-rsa.ssl-record-plaintext.both.log"),
    );
    let leaf = &list["certificates"][0];
    assert_eq!(leaf["seen"][0]["part"], "bytes");
    assert_eq!(leaf["sha256"], LAB_CHAIN[0]);
    let names = leaf["subject_alternative_names"].as_array().unwrap();
    assert_eq!(names, &["DNS:api.lab.example", "DNS:www.lab.example"]);
}

#[test]
fn what_spoke_in_place_of_tls_is_named_and_quoted() {
    for (log, rule, evidence) in [
        (
            "lab/logs/17/plaintext-peer-http.ssl-handshake-packet.client.log",
            "plaintext-peer",
            "the first bytes are those of plain HTTP: HTTP/",
        ),
        (
            "lab/logs/17/plaintext-peer-smtp.ssl-handshake-packet.client.log",
            "plaintext-peer",
            "the first bytes are those of SMTP or FTP: 220 m",
        ),
        (
            "lab/logs/17/plaintext-client-http.ssl-handshake-packet.server.log",
            "plaintext-client",
            "the first bytes are those of plain HTTP: GET /",
        ),
        (
            "classic/8u252/smtp-answer.all.client.log",
            "plaintext-peer",
            "the first bytes are those of SMTP or FTP: 220 m",
        ),
    ] {
        let text = read(log);
        let finding = first_finding(&text);
        assert_eq!(finding.rule, rule, "{log}");
        let said = finding.evidence.iter().find(|line| &*line.text == evidence);
        let said = said.unwrap_or_else(|| panic!("{log}: {:?}", finding.evidence));
        // the line is that of the dump
        let text = String::from_utf8(text).unwrap();
        let line = text
            .lines()
            .nth(usize::try_from(said.span.line()).unwrap() - 1)
            .unwrap();
        assert!(line.contains("Raw read"), "{log}: {line}");
    }
    let smtp = first_finding(&read(
        "lab/logs/17/plaintext-peer-smtp.ssl-handshake-packet.client.log",
    ));
    assert!(
        smtp.remedies
            .iter()
            .any(|remedy| remedy.what.contains("STARTTLS"))
    );
    let http = first_finding(&read(
        "lab/logs/17/plaintext-peer-http.ssl-handshake-packet.client.log",
    ));
    assert!(
        !http
            .remedies
            .iter()
            .any(|remedy| remedy.what.contains("STARTTLS"))
    );
}

const HEAD: &str = "javax.net.ssl|DEBUG|10|main|2026-11-21 03:33:59.000 UTC|SSLCipher.java:1961|";

/// Rows as the JDK prints them.
fn dump(title: &str, bytes: &[u8]) -> String {
    let rows = bytes.chunks(16).enumerate().map(|(row, bytes)| {
        let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        let (left, right) = pairs.split_at(pairs.len().min(8));
        let hex = format!("{}   {}", left.join(" "), right.join(" "));
        format!(
            "  {:04X}: {hex:<49}  {}\n",
            row * 16,
            ".".repeat(bytes.len())
        )
    });
    format!("{HEAD}{title} (\n{})\n", rows.collect::<String>())
}

#[test]
fn application_data_never_comes_out_and_proves_nothing() {
    let secret = b"GET /account?token=hunter2 HTTP/1.1\r\nAuthorization: Basic aHVudGVyMg==\r\nCookie: id=hunter2\r\n\r\n";
    let mut log = read("lab/logs/17/tls13-rsa.all.both.log");
    for title in [
        "Plaintext before ENCRYPTION",
        "Plaintext after DECRYPTION",
        "Raw read",
        "Raw write",
    ] {
        log.extend(dump(title, secret).bytes());
    }
    let assembly = analyse_bytes(&log).assembly;
    assert!(
        assembly
            .handshakes
            .iter()
            .all(|handshake| handshake.break_up.is_none())
    );
    for args in [
        &["-v"][..],
        &["-f", "json"],
        &["-f", "ndjson"],
        &["certs"],
        &["certs", "--pem"],
    ] {
        let out = run(args, &log);
        for text in [out.stdout, out.stderr] {
            let text = String::from_utf8(text).unwrap();
            assert!(
                !text.contains("hunter2") && !text.contains("aHVudGVyMg"),
                "{args:?}"
            );
            assert!(
                !text.contains("plaintext-peer") && !text.contains("plaintext-client"),
                "{args:?}"
            );
        }
    }
}

/// A server without TLS that is asked for something: a request that is not cut after five bytes.
#[test]
fn of_a_whole_request_only_method_and_path_are_quoted() {
    let log = String::from_utf8(read(
        "lab/logs/17/plaintext-client-http.ssl-handshake-packet.server.log",
    ))
    .unwrap();
    let at = log.find("  0000: 47 45 54").unwrap();
    let end = at + log[at..].find(")\n").unwrap();
    let request =
        b"GET /health?token=hunter2 HTTP/1.1\r\nAuthorization: Basic aHVudGVyMg==\r\n\r\n";
    let rows = dump("", request);
    let rows = &rows[rows.find('\n').unwrap() + 1..rows.len() - 2];
    let log = format!("{}{rows}{}", &log[..at], &log[end..]);
    let finding = first_finding(log.as_bytes());
    let quoted: Vec<&str> = finding.evidence.iter().map(|line| &*line.text).collect();
    assert!(
        quoted.contains(&"the first bytes are those of plain HTTP: GET /health"),
        "{quoted:?}"
    );
    let out = run(&["-f", "json"], log.as_bytes()).stdout;
    assert!(!String::from_utf8(out).unwrap().contains("hunter2"));
}

/// What a failure's own thread did not read does not explain it.
#[test]
fn bytes_of_another_thread_are_not_quoted() {
    let log = String::from_utf8(read(
        "lab/logs/17/plaintext-peer-http.ssl-handshake-packet.client.log",
    ))
    .unwrap();
    let at = log.find("|Raw read").unwrap();
    let line = log[..at].rfind('\n').unwrap() + 1;
    let other = log[line..at].replacen("|client|", "|other|", 1);
    let log = format!("{}{other}{}", &log[..line], &log[at..]);
    let finding = first_finding(log.as_bytes());
    assert_eq!(finding.rule, "plaintext-peer");
    assert!(
        !finding
            .evidence
            .iter()
            .any(|line| line.text.contains("first bytes"))
    );
}

#[test]
fn the_bytes_of_a_hello_are_those_of_its_text() {
    let assembly = assembled("lab/logs/25/tls13-rsa.all.both.log");
    for handshake in &assembly.handshakes {
        let wire = handshake.wire().unwrap();
        let bytes = wire.client_hello.as_deref().unwrap();
        assert_eq!(bytes[6..38], handshake.random().unwrap().0);
        assert!(Hello::read(bytes).is_some());
        // only who wrote the record knows its size
        let size = wire.client_hello_record.as_ref().map(|size| size.value);
        let expected =
            (handshake.role == Some(Role::Client)).then(|| u32::try_from(bytes.len()).unwrap() + 5);
        assert_eq!(size, expected);
    }
}
