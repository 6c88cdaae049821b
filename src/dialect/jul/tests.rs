use std::{fs, path::Path};

use super::*;
use crate::{dialect::testing, event::Fact};

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/jul")
}

fn starts(text: &str) -> Vec<usize> {
    let text = text.as_bytes();
    let next = |at: &usize| next_start(text, at + 1);
    std::iter::successors(next_start(text, 0), next).collect()
}

fn events_of(text: &str) -> Vec<Event> {
    testing::events(text.as_bytes(), next_start, read).0
}

#[test]
fn every_recording_with_bodies_gives_what_is_true() {
    let mut logs = 0;
    for path in testing::logs(&root()) {
        let text = fs::read(&path).unwrap();
        testing::agree(&path, &testing::events(&text, next_start, read));
        logs += 1;
    }
    assert!(logs >= 25, "{logs}");
}

#[test]
fn every_recording_without_bodies_gives_its_titles_and_its_failure() {
    for path in testing::logs(&root()) {
        let text = fs::read(&path).unwrap();
        let name = path.display();
        let read = testing::events(&text, next_start, read);
        let failed = path.to_string_lossy().contains("tls12-ecdhe")
            || path.to_string_lossy().contains("tls13-rsa");
        let fatal = read
            .0
            .iter()
            .any(|event| matches!(event.fact, Fact::Fatal(..)));
        assert_eq!(fatal, !failed, "{name}");
        if !name.to_string().contains("default") && !name.to_string().contains("manager") {
            assert!(read.1.messages >= 1, "{name}: {:?}", read.1);
        }
    }
}

#[test]
fn every_record_of_a_recording_is_found_once() {
    let count = |log: &str, needle: &str| {
        let text = fs::read_to_string(root().join(log)).unwrap();
        (starts(&text).len(), text.matches(needle).count())
    };
    for (log, needle) in [
        (
            "jul-fine/17/untrusted-root-tls13.client.log",
            " sun.security.ssl.SSLLogger log\n",
        ),
        (
            "jul-line/17/untrusted-root-tls13.client.log",
            " javax.net.ssl - ",
        ),
        (
            "jul-xml/17/hostname-mismatch-tls12.client.log",
            "<logger>javax.net.ssl</logger>",
        ),
        (
            "log4j2-date/25/client-certificate-missing-tls12.server.log",
            " (javax.net.ssl) ",
        ),
        (
            "logback-spring/27/hostname-mismatch-tls12.client.log",
            "] javax.net.ssl        ",
        ),
    ] {
        let (found, there) = count(log, needle);
        assert_eq!(found, there, "{log}");
    }
}

#[test]
fn only_records_of_the_logger_begin_one() {
    for text in [
        "javax.net.ssl.SSLHandshakeException: no cipher suites in common\n",
        "\tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)\n",
        "06:16:56.373 [main] ERROR c.e.App - javax.net.ssl.SSLException: x\n",
        "javax.net.ssl|DEBUG|01|main|2026-11-21 01:00:00.000 UTC|A.java:1|x - y\n",
        "see javax.net.ssl - the package\n",
        "Nov 21, 2026 6:12:51 AM com.example.App run\nINFO: sun.security.ssl.X y\n",
        "1234 sun.security.ssl.SSLLogger log\nno level here\n",
    ] {
        assert!(starts(text).is_empty(), "{text}");
    }
}

#[test]
fn columns_of_the_layouts() {
    let record = |text: &'static str| {
        let record = head::record(text.as_bytes()).unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            text(&record.thread),
            text(&record.timestamp),
            text(&record.title),
            record.title_line,
        )
    };
    let expected = |thread: &str, time: &str, line| {
        (
            thread.to_owned(),
            time.to_owned(),
            "Raw read:".to_owned(),
            line,
        )
    };
    assert_eq!(
        record(
            "Nov 21, 2026 12:02:51 AM sun.security.ssl.SSLSocketInputRecord read\r\nFINE: Raw read:\r\n0000: 16\n"
        ),
        expected("-|", "2026-11-21 00:02:51.000", 1)
    );
    assert_eq!(
        record("21. nov. 2026 12:02:51 sun.security.ssl.SSLLogger log\nFEIN: Raw read:\n"),
        expected("-|", "", 1)
    );
    assert_eq!(
        record("2026-11-21T06:22:15,690 DEBUG [http-nio-8443-exec-1] (javax.net.ssl) Raw read:\n"),
        expected("-|http-nio-8443-exec-1", "2026-11-21 06:22:15.690", 0)
    );
    assert_eq!(
        record(
            "2026-11-21T06:16:57.874Z DEBUG 4711 --- [         client] javax.net.ssl                : Raw read:\n"
        ),
        expected("-|client", "2026-11-21 06:16:57.874", 0)
    );
    assert_eq!(
        record("[2026-11-21 06:16:57.874] [DEBUG] [main] [javax.net.ssl] Raw read:\n"),
        expected("-|main", "2026-11-21 06:16:57.874", 0)
    );
}

#[test]
fn a_body_ends_at_another_loggers_record() {
    let events = events_of(
        "06:16:56.373 [main] DEBUG javax.net.ssl - Received alert message:\n\"Alert\": {\n  \"level\"      : \"fatal\",\n  \"description\": \"handshake_failure\"\n}\n06:16:56.374 [main] ERROR c.e.App - x\njava.net.SocketException: Connection reset\n\tat a.b.C.d(E.java:1)\n",
    );
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(
        matches!(&events[0].fact, Fact::AlertReceived(alert) if alert.description.name() == "handshake_failure")
    );
    assert_eq!(events[0].span.line(), 1);
}

#[test]
fn a_body_in_brackets_is_one_too() {
    let events = events_of(
        "Nov 21, 2026 6:12:51 AM sun.security.ssl.SSLLogger log\nFINE: Received alert message (\n\"Alert\": {\n  \"level\"      : \"fatal\",\n  \"description\": \"handshake_failure\"\n}\n)\n",
    );
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(matches!(&events[0].fact, Fact::AlertReceived(_)));
    assert_eq!(events[0].span.line(), 2);
}

#[test]
fn an_alert_without_its_body_is_no_alert_of_another_kind() {
    let events = events_of("06:16:56.373 [main] DEBUG javax.net.ssl - Received alert message\n");
    assert!(
        events
            .iter()
            .all(|event| !matches!(event.fact, Fact::AlertReceived(_))),
        "{events:?}"
    );
}

#[test]
fn xml_names_what_it_escapes() {
    let text = "<record>\n  <date>2026-11-21T06:16:43.180472578Z</date>\n  <logger>javax.net.ssl</logger>\n  <thread>12</thread>\n  <message>a &lt;b&gt; &amp;&quot;c&apos; &x;</message>\n  <param>p</param>\n</record>\n";
    let record = xml::record(text.as_bytes()).unwrap();
    assert_eq!(&*record.title, b"a <b> &\"c' &x;");
    assert_eq!(
        (&*record.rest, record.has_parameter, record.title_line),
        (&b"p"[..], true, 4)
    );
    assert_eq!((&*record.thread, record.thread_id_len), (&b"12|"[..], 2));
    assert_eq!(starts(text), [0]);
    assert!(
        xml::record(&text.as_bytes()[..text.len() - 15])
            .unwrap()
            .cut_off
    );
}

#[test]
fn anything_is_read_without_a_panic() {
    let text = fs::read(root().join("jul-xml/27/hostname-mismatch-tls12.client.log")).unwrap();
    for cut in (0..text.len()).step_by(997) {
        testing::events(&text[..cut], next_start, read);
        testing::events(&text[cut..], next_start, read);
    }
    for odd in [
        "",
        "<record>",
        ".ssl",
        "javax.net.ssl",
        " sun.security.ssl.",
        "INFO javax.net.ssl",
    ] {
        read(
            odd.as_bytes(),
            Span::default(),
            true,
            &mut Unified::default(),
            &mut Vec::new(),
        );
        assert!(starts(odd).len() <= 1);
    }
}

/// What one entry of the unified dialect says as a record of JDK 27 in a framework.
fn as_record(entry: &testing::Printed<'_>) -> String {
    let body = entry
        .body
        .map_or(String::new(), |body| format!(":\n{body}"));
    format!(
        "{} [{}] DEBUG javax.net.ssl - {}{body}{}{}\n",
        entry.time.replace(" 24:", " 00:"),
        entry.thread,
        entry.title,
        if entry.tail.is_empty() { "" } else { "\n" },
        entry.tail
    )
}

#[test]
fn a_record_with_its_body_says_what_the_compact_form_says() {
    testing::same_facts(next_start, read, as_record);
}

#[test]
fn no_compact_or_expanded_log_holds_a_record() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    for path in testing::logs(&data.join("lab/logs"))
        .into_iter()
        .chain(testing::logs(&data.join("expand")))
    {
        let text = fs::read(&path).unwrap();
        assert_eq!(next_start(&text, 0), None, "{}", path.display());
    }
}
