//! Reports for a support ticket: HTML to attach, Markdown to paste.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;
mod hostile;
mod page;
mod size;
mod snapshots;

use std::{fs, path::Path};

use jssl_analyze::{
    diagnose::diagnose,
    drive::analyse_bytes,
    input::Origin,
    render::{html, json, markdown},
    report::{Analysed, Report},
};

/// Kinds of reports: chains, silence, client certificates, nothing wrong, other dialects, several ends.
const LOGS: [&str; 8] = [
    "lab/logs/25/incomplete-certificate-chain-tls13.ssl-handshake.both.log",
    "lab/logs/17/closed-after-client-hello.ssl-handshake.client.log",
    "lab/logs/17/client-certificate-missing-tls13.ssl-handshake.both.log",
    "lab/logs/17/hello-retry-request.ssl-handshake.client.log",
    "lab/logs/17/log-ends-in-certificate.ssl-handshake.client.log",
    "lab/logs/17/many-one-bad.ssl-handshake.client.log",
    "lab/logs/8/untrusted-root-tls12.ssl.both.log",
    "lab/logs/11/certificate-expired-tls13.ssl-handshake.client.log",
];

fn log(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(name);
    fs::read(path).expect("a log of the lab")
}

fn analysed(path: &str, bytes: &[u8]) -> Analysed {
    let analysis = analyse_bytes(bytes);
    let diagnosis = diagnose(&analysis.assembly);
    Analysed {
        path: path.to_owned(),
        origin: Origin::default(),
        analysis,
        diagnosis,
    }
}

fn html_of(inputs: &[Analysed], options: &html::Options) -> String {
    let mut out = Vec::new();
    html::write(&Report::new(inputs), options, &mut out).expect("memory takes it");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn markdown_of(inputs: &[Analysed], options: &markdown::Options) -> String {
    let mut out = Vec::new();
    markdown::write(&Report::new(inputs), options, &mut out).expect("memory takes it");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn json_of(inputs: &[Analysed]) -> serde_json::Value {
    let mut out = Vec::new();
    json::write_json(&Report::new(inputs), &mut out).expect("memory takes it");
    serde_json::from_slice(&out).expect("it is JSON")
}
