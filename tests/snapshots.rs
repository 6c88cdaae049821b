//! What a person reads, for logs of real JVMs: look at every change before accepting it.

use std::{fs, path::Path};

use jssl_analyze::{
    diagnose::diagnose,
    drive::analyse_bytes,
    input::Origin,
    render::{json, text},
    report::{Analysed, Report},
};

/// A failure of each kind, and a few successes, of several releases.
const TEXTS: [&str; 16] = [
    "8/hostname-mismatch-tls12.ssl-handshake.both.log",
    "11/certificate-expired-tls13.ssl-handshake.client.log",
    "17/alert-handshake-failure.ssl-handshake.client.log",
    "17/client-certificate-missing-tls13.ssl-handshake.both.log",
    "17/closed-after-client-hello.ssl-handshake.client.log",
    "17/disabled-by-local-policy-suite.ssl-handshake.client.log",
    "17/engine-untrusted-tls13.ssl-handshake.client.log",
    "17/hello-retry-request.ssl-handshake.client.log",
    "17/log-ends-in-certificate.ssl-handshake.client.log",
    "17/many-one-bad.ssl-handshake.client.log",
    "17/no-common-cipher-suite-tls12.ssl-handshake.server.log",
    "17/plaintext-peer-http.ssl-handshake.client.log",
    "17/renegotiation-tls12.ssl-handshake.both.log",
    "21/server-key-missing-tls13.ssl-handshake.both.log",
    "25/incomplete-certificate-chain-tls13.ssl-handshake.both.log",
    "8/untrusted-root-tls12.ssl.both.log",
];

fn analysed(log: &str) -> Analysed {
    let path = format!("testdata/lab/logs/{log}");
    let bytes =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path)).expect("a log of the lab");
    let analysis = analyse_bytes(&bytes);
    let diagnosis = diagnose(&analysis.assembly);
    Analysed {
        path,
        origin: Origin::default(),
        analysis,
        diagnosis,
    }
}

/// The name of a log as that of a snapshot.
fn name(log: &str) -> String {
    log.replace(['/', '.'], "-").replace("-log", "")
}

#[test]
fn text_reports() {
    for log in TEXTS {
        let inputs = [analysed(log)];
        let mut out = Vec::new();
        text::write(&Report::new(&inputs), text::Options::default(), &mut out)
            .expect("memory takes it");
        let plain = strip_styles(&String::from_utf8(out).expect("reports are UTF-8"));
        insta::assert_snapshot!(name(log), plain);
    }
}

#[test]
fn a_json_report() {
    let inputs = [analysed(
        "25/incomplete-certificate-chain-tls13.ssl-handshake.both.log",
    )];
    let mut out = Vec::new();
    json::write_json(&Report::new(&inputs), &mut out).expect("memory takes it");
    let text = String::from_utf8(out)
        .expect("reports are UTF-8")
        .replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!("json", text);
}

/// The README shows what the program prints.
#[test]
fn the_picture_in_the_readme_is_real() {
    let log = "25/incomplete-certificate-chain-tls13.ssl-handshake.both.log";
    let inputs = [analysed(log)];
    let mut out = Vec::new();
    text::write(&Report::new(&inputs), text::Options::default(), &mut out)
        .expect("memory takes it");
    let plain = strip_styles(&String::from_utf8(out).expect("reports are UTF-8"));
    let first = plain
        .split("\n\n✗ #2")
        .next()
        .expect("the first handshake")
        .trim_end();
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"))
        .expect("a README");
    assert!(readme.contains(first), "put this into README.md:\n{first}");
}

fn strip_styles(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
