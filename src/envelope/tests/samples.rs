//! Bare logs: recordings of the lab, and short texts of the dialects that it has none of.

use std::{fs, path::Path};

pub(crate) const CLASSIC: &str = "Allow unsafe renegotiation: false\nAllow legacy hello messages: true\nIs initial handshake: true\nIs secure renegotiation: false\n%% No cached client session\n*** ClientHello, TLSv1.2\nRandomCookie:  GMT: 1795154983 bytes = { 106, 66, 3 }\nSession ID:  {}\nCipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA, SSL_RSA_WITH_3DES_EDE_CBC_SHA]\nCompression Methods:  { 0 }\nExtension server_name, server_name: [type=host_name (0), value=a.example]\n***\nmain, WRITE: TLSv1.2 Handshake, length = 193\nmain, READ: TLSv1.2 Alert, length = 2\nmain, RECV TLSv1.2 ALERT:  fatal, handshake_failure\nhttp-nio-8443-exec-1, called closeSocket()\nmain, handling exception: javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure\n\n";

const EXPANDED: &str = "{\n  \"logger\"      : \"javax.net.ssl\",\n  \"level\"       : \"DEBUG\",\n  \"thread id\"   : \"51\",\n  \"thread name\" : \"main\",\n  \"time\"        : \"2026-11-21 24:06:29.891 UTC\",\n  \"caller\"      : \"X.java:499\",\n  \"message\"     : \"Produced ClientHello handshake message\",\n  \"specifics\"   : [\n    \"ClientHello\": {\n      \"client version\"      : \"TLSv1.2\",\n    }\n  ]\n}\n";

const JUL: &str = "Nov 21, 2026 12:05:48 AM sun.security.ssl.SSLLogger log\nFINE: Produced ClientHello handshake message\nNov 21, 2026 12:05:48 AM sun.security.ssl.SSLLogger log\nWARNING: Ignore the extension\nNov 21, 2026 12:05:48 AM sun.security.ssl.SSLLogger log\nFINE: Consuming ServerHello handshake message\n";

/// Recordings of many JDKs and options, and a classic log.
pub(super) fn samples() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lab/logs");
    let mut all = Vec::new();
    let mut jdks: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    jdks.sort();
    for (index, jdk) in jdks.iter().enumerate() {
        let mut logs: Vec<_> = fs::read_dir(jdk)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        logs.retain(|path| path.extension().is_some_and(|ext| ext == "log"));
        logs.sort();
        all.extend(logs.into_iter().skip(index).step_by(11).take(3));
    }
    let texts = [("classic", CLASSIC), ("expanded", EXPANDED), ("jul", JUL)];
    let mut samples: Vec<_> = texts
        .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
        .into();
    for path in all {
        let mut text = fs::read(&path).unwrap();
        text.truncate(200 << 10);
        if !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        // the writers of JSON need text
        if std::str::from_utf8(&text).is_ok() && !text.contains(&b'\r') && !text.contains(&0x1b) {
            samples.push((path.display().to_string(), text));
        }
    }
    assert!(samples.len() >= 15, "{}", samples.len());
    samples
}
