//! What a page, an editor or a chat makes of a log is the log, and a log that holds such characters stays as it is.

use super::{assert_same, samples, unwrapped};
use crate::envelope::{Envelope, Unwrapped};

type Speller = (&'static str, fn(&str) -> String);

fn curly(text: &str) -> String {
    let mut odd = false;
    let each = text.chars().map(|character| match character {
        '"' => {
            odd = !odd;
            if odd { '“' } else { '”' }
        }
        '\'' => '’',
        other => other,
    });
    each.collect()
}

fn entities(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#x27;")
}

fn markdown(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('_', "\\_")
        .replace('*', "\\*")
}

fn indented_by_no_break_blanks(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let inside = line.trim_start_matches(' ');
        "\u{a0}".repeat(line.len() - inside.len()) + inside
    });
    lines.collect()
}

const SPELLERS: [Speller; 5] = [
    ("html-entities", entities),
    ("markdown", markdown),
    ("no-break-blanks", |text| text.replace(' ', "\u{a0}")),
    ("no-break-blanks", indented_by_no_break_blanks),
    ("curly-quotes", curly),
];

/// Recordings, and not what they lack.
fn spelled(make: fn(&str) -> String) -> impl Iterator<Item = (String, String, String)> {
    samples().into_iter().filter_map(move |(name, bare)| {
        let bare = String::from_utf8(bare).unwrap();
        let log = make(&bare);
        // java.util.logging's three lines have one quote at most
        (log != bare && name != "jul").then_some((name, bare, log))
    })
}

#[test]
fn what_is_spelled_otherwise_is_the_bare_log() {
    for (spelling, make) in SPELLERS {
        let mut seen = 0;
        for (sample, bare, log) in spelled(make) {
            let Some(envelope) = Envelope::detect(log.as_bytes()) else {
                panic!("{spelling}, {sample}: none")
            };
            assert_eq!(envelope.name(), spelling, "{sample}");
            let out = unwrapped(&envelope, log.as_bytes());
            let stream = &out.streams[0];
            assert_same(&stream.text, bare.as_bytes(), spelling);
            let numbers: Vec<usize> = stream.lines.iter().map(|it| it.line as usize).collect();
            assert!(numbers.into_iter().eq(0..bare.lines().count()), "{sample}");
            seen += 1;
        }
        assert!(seen > 12, "{spelling}: {seen}");
    }
}

#[test]
fn a_spelling_stands_inside_other_envelopes_and_round_them() {
    let inside = |log: &str| {
        let envelope = Envelope::detect(log.as_bytes()).unwrap_or_else(|| panic!("{log:.300}"));
        let mut out = Unwrapped::default();
        envelope.unwrap_block(log.as_bytes(), &mut out);
        let name = envelope.name().into_owned();
        (
            name,
            String::from_utf8(out.streams[0].text.clone()).unwrap(),
        )
    };
    let each = |text: &str, make: &dyn Fn(&str) -> String| -> String {
        text.lines().map(|line| make(line) + "\n").collect()
    };
    for (spelling, make) in SPELLERS {
        for (sample, bare, log) in spelled(make).skip(3).step_by(4) {
            let objects = each(&log, &|line| serde_json::json!({"log": line}).to_string());
            assert_eq!(inside(&objects), (format!("json+{spelling}"), bare.clone()));
            let quoted = make(&each(&bare, &|line| format!("web-1  | {line}")));
            let (name, text) = inside(&quoted);
            assert!(
                name.ends_with("compose") || name.ends_with(spelling),
                "{name}"
            );
            assert_same(text.as_bytes(), bare.as_bytes(), &sample);
        }
    }
}

#[test]
fn a_log_that_holds_such_characters_is_bare() {
    let names = "javax.net.ssl|DEBUG|01|main|2026-03-04 10:00:00.123 UTC|X.java:1|Produced ClientHello handshake message (\n\"ClientHello\": {\n  \"client version\"      : \"TLSv1.2\",\n  \"cipher suites\"       : \"[TLS_RSA_WITH_AES_128_CBC_SHA(0x002F)]\",\n}\n)\njavax.net.ssl|DEBUG|01|main|2026-03-04 10:00:00.124 UTC|X.java:2|";
    for message in [
        "trustStore is: C:\\_java\\my\\_store\\_x",
        "subject: CN=Lab\u{a0}Root, O=“Lab”",
        "Lab said: <pre>&quot;version&quot;: 1 &lt;CN=x",
        "\"“version”: \" \\*",
        "\u{a0}",
    ] {
        for times in [1, 100] {
            let log = format!("{names}{message}\n").repeat(times);
            assert!(Envelope::detect(log.as_bytes()).is_none(), "{message}");
        }
    }
}
