//! Which handshake an event belongs to, where threads do not tell: engines, readers, logs cut in front.
//!
//! Texts in the form that JDK 17 prints, with the order and the threads of recordings of servers and
//! clients of those kinds.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use jssl_analyze::{
    assemble::Assembly,
    diagnose::{Confidence, Finding, diagnose},
    drive::analyse_bytes,
    handshake::{How, Outcome, Role},
};

/// Entries, each on its thread, a second apart.
fn log(entries: &[(&str, &str)]) -> String {
    let entry = |(second, (thread, text)): (usize, &(&str, &str))| {
        let id = thread
            .bytes()
            .fold(16_u8, |id, byte| id.wrapping_mul(31).wrapping_add(byte));
        format!(
            "javax.net.ssl|DEBUG|{id:02X}|{thread}|2026-11-21 10:{:02}:{:02}.000 UTC|X.java:1|{text}\n",
            second / 60,
            second % 60
        )
    };
    entries.iter().enumerate().map(entry).collect()
}

fn read(log: &str) -> (Assembly, Vec<Vec<Finding>>) {
    let assembly = analyse_bytes(log.as_bytes()).assembly;
    let findings = diagnose(&assembly).by_handshake;
    (assembly, findings)
}

fn outcomes(assembly: &Assembly) -> Vec<(Outcome, String)> {
    assembly
        .handshakes
        .iter()
        .map(|handshake| (handshake.outcome, handshake.history()))
        .collect()
}

fn hello(verb: &str, version: &str, number: u8) -> String {
    format!(
        "{verb} ClientHello handshake message (\n\"ClientHello\": {{\n  \"client version\"      : \"TLSv1.2\",\n  \"random\"              : \"{}\",\n  \"session id\"          : \"\",\n  \"cipher suites\"       : \"[TLS_AES_256_GCM_SHA384(0x1302), TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384(0xC030)]\",\n  \"compression methods\" : \"00\",\n  \"extensions\"          : [\n    \"supported_versions (43)\": {{\n      \"versions\": [{version}]\n    }}\n  ]\n}}\n)",
        format!("{number:02X}").repeat(32)
    )
}

fn server_hello(verb: &str, version: &str, number: u8) -> String {
    let (suite, extensions) = if version == "TLSv1.3" {
        (
            "TLS_AES_256_GCM_SHA384(0x1302)",
            "\n    \"supported_versions (43)\": {\n      \"selected version\": [TLSv1.3]\n    }",
        )
    } else {
        ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384(0xC030)", "")
    };
    format!(
        "{verb} ServerHello handshake message (\n\"ServerHello\": {{\n  \"server version\"      : \"TLSv1.2\",\n  \"random\"              : \"{}\",\n  \"session id\"          : \"\",\n  \"cipher suite\"        : \"{suite}\",\n  \"compression methods\" : \"00\",\n  \"extensions\"          : [{extensions}\n  ]\n}}\n)",
        format!("{:02X}", number + 0x80).repeat(32)
    )
}

const CERTIFICATE: &str = "Certificate handshake message (\n\"Certificate\": {\n  \"certificate_request_context\": \"\",\n  \"certificate_list\": [\n{\n  \"certificate\" : {\n    \"version\"            : \"v3\",\n    \"serial number\"      : \"01\",\n    \"signature algorithm\": \"SHA256withRSA\",\n    \"issuer\"             : \"CN=ca.lab.test\",\n    \"not before\"         : \"2026-01-01 01:00:00.000 UTC\",\n    \"not  after\"         : \"2036-01-01 01:00:00.000 UTC\",\n    \"subject\"            : \"CN=one.lab.test\",\n    \"subject public key\" : \"RSA\"}\n  \"extensions\": {\n    <no extension>\n  }\n},\n]\n}\n)";
const NO_CERTIFICATE: &str = "Certificate handshake message (\n\"Certificate\": {\n  \"certificate_request_context\": \"\",\n  \"certificate_list\": [\n  ]\n}\n)";

fn alert(name: &str) -> String {
    format!(
        "Received alert message (\n\"Alert\": {{\n  \"level\"      : \"fatal\",\n  \"description\": \"{name}\"\n}}\n)"
    )
}

/// A `Fatal` with frames.
fn fatal(alert: &str, class: &str, words: &str, frames: &[&str]) -> String {
    let frames: String = frames
        .iter()
        .map(|frame| ["\n  \tat java.base/", frame].concat())
        .collect();
    format!("Fatal ({alert}): {words} (\n\"throwable\" : {{\n  {class}: {words}{frames}}}\n\n)")
}

/// A TLS 1.3 server that asks for a certificate: its own part.
fn server_part<'t>(thread: &'t str, texts: &'t [String]) -> Vec<(&'t str, &'t str)> {
    texts.iter().map(|text| (thread, &**text)).collect()
}

fn offer_and_answer(version: &str, number: u8) -> Vec<String> {
    let mut texts = vec![
        hello("Consuming", version, number),
        server_hello("Produced", version, number),
    ];
    let rest: &[&str] = if version == "TLSv1.3" {
        &[
            "Produced EncryptedExtensions message (\n\"EncryptedExtensions\": [\n]\n)",
            "Produced CertificateRequest message (\n\"CertificateRequest\": {\n}\n)",
            "Produced server Certificate message (\n)",
            "Produced server CertificateVerify handshake message (\n)",
            "Produced server Finished handshake message (\n)",
        ]
    } else {
        &[
            "Produced server Certificate handshake message (\n)",
            "Produced ECDH ServerKeyExchange handshake message (\n)",
            "Produced ServerHelloDone handshake message (\n)",
        ]
    };
    texts.extend(rest.iter().map(|text| (*text).to_owned()));
    texts
}

#[test]
fn an_engines_threads_do_not_mix_client_certificates_up() {
    let shown = format!("Consuming client {CERTIFICATE}");
    let (first, second) = (
        offer_and_answer("TLSv1.3", 1),
        offer_and_answer("TLSv1.3", 2),
    );
    let mut entries = server_part("exec-1", &first);
    entries.extend([
        ("exec-2", &*shown),
        (
            "exec-3",
            "Consuming CertificateVerify handshake message (\n)",
        ),
        ("exec-4", "Consuming client Finished handshake message (\n)"),
    ]);
    // threads that know the first one only
    entries.extend(server_part("exec-4", &second));
    entries.extend([
        ("exec-3", &*shown),
        (
            "exec-2",
            "Consuming CertificateVerify handshake message (\n)",
        ),
        ("exec-1", "Consuming client Finished handshake message (\n)"),
    ]);
    let (assembly, _) = read(&log(&entries));
    let good = (Outcome::Established, "CsorxyfXYF".to_owned());
    assert_eq!(outcomes(&assembly), [good.clone(), good]);
}

#[test]
fn a_refusal_is_about_the_handshake_that_waits() {
    let (first, second) = (
        offer_and_answer("TLSv1.2", 1),
        offer_and_answer("TLSv1.2", 2),
    );
    let refused = alert("unknown_ca");
    let mut entries = server_part("exec-1", &first);
    entries.extend([
        (
            "exec-2",
            "Consuming ECDHE ClientKeyExchange handshake message (\n)",
        ),
        ("exec-3", "Consuming client Finished handshake message (\n)"),
        ("exec-3", "Produced server Finished handshake message (\n)"),
    ]);
    entries.extend(server_part("exec-2", &second));
    entries.push(("exec-3", &*refused));
    let (assembly, findings) = read(&log(&entries));
    assert_eq!(
        outcomes(&assembly),
        [
            (Outcome::Established, "CsxknGFf".to_owned()),
            (Outcome::Failed, "CsxknL".to_owned())
        ]
    );
    assert_eq!(findings[1][0].rule, "certificate-rejected-by-peer");
}

#[test]
fn an_event_loop_hears_a_refusal_of_the_handshake_that_waits() {
    // Netty: all on one thread, and the one that was begun last is through
    let (first, second) = (
        offer_and_answer("TLSv1.2", 1),
        offer_and_answer("TLSv1.2", 2),
    );
    let refused = alert("unknown_ca");
    let mut entries = server_part("loop-1", &first);
    entries.extend(server_part("loop-1", &second));
    entries.extend([
        (
            "loop-1",
            "Consuming ECDHE ClientKeyExchange handshake message (\n)",
        ),
        ("loop-1", "Consuming client Finished handshake message (\n)"),
        ("loop-1", "Produced server Finished handshake message (\n)"),
        ("loop-1", &*refused),
    ]);
    let (assembly, findings) = read(&log(&entries));
    let failed = assembly
        .handshakes
        .iter()
        .position(|handshake| handshake.outcome == Outcome::Failed)
        .expect("the one that waits");
    assert_eq!(findings[failed][0].rule, "certificate-rejected-by-peer");
    let good = &assembly.handshakes[1 - failed];
    assert_eq!(good.outcome, Outcome::Established);
    assert!(good.aftermath().is_none());
}

/// A client without a certificate; its server refuses behind the handshake.
fn client_without_certificate() -> Vec<String> {
    vec![
        hello("Produced", "TLSv1.3", 1),
        server_hello("Consuming", "TLSv1.3", 1),
        "Consuming EncryptedExtensions handshake message (\n\"EncryptedExtensions\": [\n]\n)"
            .to_owned(),
        "Consuming CertificateRequest handshake message (\n\"CertificateRequest\": {\n}\n)"
            .to_owned(),
        format!("Consuming server {CERTIFICATE}"),
        "Consuming CertificateVerify handshake message (\n)".to_owned(),
        "Consuming server Finished handshake message (\n)".to_owned(),
        format!("Produced client {NO_CERTIFICATE}"),
        "Produced client Finished handshake message (\n)".to_owned(),
    ]
}

#[test]
fn the_servers_judgement_comes_on_the_readers_thread() {
    const FRAMES: [&str; 2] = [
        "sun.security.ssl.Alert$AlertConsumer.consume(Alert.java:293)",
        "sun.security.ssl.SSLSocketImpl.readApplicationRecord(SSLSocketImpl.java:1484)",
    ];
    const CLASS: &str = "javax.net.ssl.SSLHandshakeException";
    let begun = client_without_certificate();
    let words = "Received fatal alert: certificate_required";
    let refused = alert("certificate_required");
    let fatal = fatal("CERTIFICATE_REQUIRED", CLASS, words, &FRAMES);
    let handled = format!("handling exception (\n\"throwable\" : {{\n  {CLASS}: {words}}}\n\n)");
    let mut entries = server_part("main", &begun);
    entries.extend([
        ("reader", &*refused),
        ("main", "duplex close of SSLSocket"),
        ("main", "close the SSL connection (passive)"),
        ("reader", &*fatal),
        ("reader", &*handled),
    ]);
    let (assembly, findings) = read(&log(&entries));
    assert_eq!(
        outcomes(&assembly),
        [(Outcome::Failed, "CsorxyfXFl".to_owned())]
    );
    assert_eq!(assembly.handshakes[0].role, Some(Role::Client));
    assert_eq!(findings[0][0].rule, "client-certificate-missing");
    // the alert alone, without the connection it is about: still only a server says so
    let alone = log(&[("reader", &*refused), ("reader", &*fatal)]);
    let (assembly, _) = read(&alone);
    assert_eq!(assembly.handshakes[0].role, Some(Role::Client));
}

#[test]
fn what_an_engine_throws_may_come_on_any_thread() {
    let begun = hello("Produced", "TLSv1.3", 1);
    let thrown = |frame| {
        fatal(
            "INTERNAL_ERROR",
            "javax.net.ssl.SSLException",
            "Unrecognized SSL message, plaintext connection?",
            &[frame],
        )
    };
    let engine = thrown("sun.security.ssl.SSLEngineImpl.unwrap(SSLEngineImpl.java:504)");
    let (assembly, findings) = read(&log(&[("Worker-0", &*begun), ("Worker-1", &*engine)]));
    assert_eq!(outcomes(&assembly), [(Outcome::Failed, "C".to_owned())]);
    assert_eq!(findings[0][0].rule, "plaintext-peer");
    // a socket's thread has connections of its own
    let socket = thrown("sun.security.ssl.SSLSocketImpl.decode(SSLSocketImpl.java:1513)");
    let (assembly, _) = read(&log(&[("Worker-0", &*begun), ("Worker-1", &*socket)]));
    assert_eq!(assembly.handshakes.len(), 2);
}

#[test]
fn an_exception_that_nobody_caught_names_its_thread() {
    let ends = |printed: &str, by: &str| {
        let (one, other) = (
            hello("Produced", "TLSv1.3", 1),
            hello("Produced", "TLSv1.3", 2),
        );
        let behind = format!(
            "{other}\n{printed}java.net.SocketException: Connection reset\n\tat com.acme.Client.get(Client.java:7)"
        );
        let (assembly, _) = read(&log(&[(by, &*one), ("worker-2", &*behind)]));
        let outcomes = outcomes(&assembly).into_iter();
        outcomes.map(|(outcome, _)| outcome).collect::<Vec<_>>()
    };
    let (failed, open) = (Outcome::Failed, Outcome::Unfinished);
    assert_eq!(ends("", "main"), [open, failed]);
    assert_eq!(
        ends("Exception in thread \"worker-2\" ", "main"),
        [open, failed]
    );
    assert_eq!(
        ends("Exception in thread \"main\" ", "main"),
        [failed, open]
    );
    // of the same pool, too
    assert_eq!(
        ends("Exception in thread \"worker-1\" ", "worker-1"),
        [failed, open]
    );
    // a thread of which nothing is logged has no handshake
    assert_eq!(
        ends("Exception in thread \"Timer-0\" ", "main"),
        [open, open]
    );
}

#[test]
fn an_exception_that_was_logged_is_of_the_thread_that_its_record_names() {
    let behind_second = |records: &str| {
        let begun = |number| hello("Produced", "TLSv1.3", number);
        let third = format!("{}\n{records}", begun(3));
        let (assembly, _) = read(&log(&[
            ("calls-1", &*begun(1)),
            ("calls-2", &*begun(2)),
            ("calls-3", &*third),
        ]));
        let outcomes = outcomes(&assembly).into_iter();
        outcomes.map(|(outcome, _)| outcome).collect::<Vec<_>>()
    };
    let record = |thread: &str| {
        format!(
            "12:00:01.041 [{thread}] ERROR com.acme.Orders - no answer\njava.net.SocketException: Connection reset\n\tat com.acme.Client.get(Client.java:7)"
        )
    };
    let (failed, open) = (Outcome::Failed, Outcome::Unfinished);
    assert_eq!(behind_second(&record("calls-2")), [open, failed, open]);
    let all = ["calls-2", "calls-3", "calls-1"].map(record).join("\n");
    assert_eq!(behind_second(&all), [failed, failed, failed]);
    // a thread of the pool of which nothing else is logged
    assert_eq!(behind_second(&record("calls-4")), [open, open, open]);
    // which of two is meant nobody knows
    let two = record("calls-1").replace("no answer", "calls-2 had none, either");
    assert_eq!(behind_second(&two), [open, open, open]);
}

#[test]
fn who_has_sent_an_alert_receives_none() {
    let server = offer_and_answer("TLSv1.2", 1);
    let (begun, answer) = (
        hello("Produced", "TLSv1.2", 1),
        server_hello("Consuming", "TLSv1.2", 1),
    );
    let shown = format!("Consuming server {CERTIFICATE}");
    let refused = fatal(
        "certificate_unknown",
        "javax.net.ssl.SSLHandshakeException",
        "PKIX path building failed: unable to find valid certification path to requested target",
        &["sun.security.ssl.CertificateMessage$T12CertificateConsumer.checkServerCerts(X.java:1)"],
    );
    let heard = alert("certificate_unknown");
    // a pool that drives the engines of both ends: the thread that has just refused hears of it at the other end
    let client = [
        ("pool-3", &*answer),
        ("pool-3", &*shown),
        ("pool-3", &*refused),
    ];
    let mut entries = vec![("pool-1", &*begun)];
    entries.extend(server_part("pool-2", &server));
    entries.extend(client);
    entries.push(("pool-3", &*heard));
    let ends = |entries: &[(&str, &str)]| {
        let (assembly, _) = read(&log(entries));
        let handshakes = assembly.handshakes.iter();
        let ends = handshakes.map(|it| (it.role.unwrap(), it.break_up.as_ref().unwrap().how));
        ends.collect::<Vec<_>>()
    };
    assert_eq!(
        ends(&entries),
        [
            (Role::Client, How::AlertSent),
            (Role::Server, How::AlertReceived)
        ]
    );
    // where no other handshake waits for one, it is of the same failure
    let mut entries = vec![("pool-1", &*begun)];
    entries.extend(client);
    entries.push(("pool-3", &*heard));
    assert_eq!(ends(&entries).len(), 1);
}

#[test]
fn an_engine_may_be_closed_by_a_thread_of_its_own() {
    let begun = |number| hello("Produced", "TLSv1.3", number);
    let (first, second) = (begun(1), begun(2));
    let closed = ("client-scheduler-1", "Closing outbound of SSLEngine");
    let outcomes = |entries: &[(&str, &str)]| {
        let (assembly, _) = read(&log(entries));
        let outcomes = outcomes(&assembly).into_iter();
        outcomes.map(|(outcome, _)| outcome).collect::<Vec<_>>()
    };
    let (failed, open) = (Outcome::Failed, Outcome::Unfinished);
    assert_eq!(
        outcomes(&[("client-1", &first), closed, ("client-2", &second)]),
        [failed, open]
    );
    // and the next one, by the same thread
    assert_eq!(
        outcomes(&[("client-1", &first), closed, ("client-2", &second), closed]),
        [failed, failed]
    );
    // which of the two is closed is not told
    assert_eq!(
        outcomes(&[("client-1", &first), ("client-2", &second), closed]),
        [open, open]
    );
    // nor is what threads of others do
    let others = ("server-1", closed.1);
    assert_eq!(outcomes(&[("client-1", &first), others]), [open]);
    // garbage is not what somebody waits for
    let cleaned = ("Finalizer", closed.1);
    assert_eq!(outcomes(&[("client-1", &first), cleaned]), [open]);
}

#[test]
fn an_alert_that_should_have_been_encrypted_is_an_alert() {
    let mut begun = offer_and_answer("TLSv1.3", 1);
    begun.push("Fatal (UNEXPECTED_MESSAGE): Unexpected exception (\n\"throwable\" : {\n  javax.net.ssl.SSLException: Unexpected exception\n  \tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:133)\n  Caused by: java.security.GeneralSecurityException: Unexpected plaintext alert received: Level: fatal; Alert: unknown_ca\n  \t... 9 more}\n\n)".to_owned());
    let (_, findings) = read(&log(&server_part("main", &begun)));
    assert_eq!(findings[0][0].rule, "certificate-rejected-by-peer");
}

#[test]
fn connections_from_before_the_log_are_no_handshakes() {
    let ticket = "Consuming NewSessionTicket message (\n\"NewSessionTicket\": {\n}\n)";
    let (assembly, _) = read(&log(&[
        (
            "main",
            "KeyLimit write side: algorithm = AES/GCM/NOPADDING:KEYUPDATE\ncountdown value = 137438953472",
        ),
        ("main", ticket),
        ("main", "duplex close of SSLSocket"),
        ("main", "close the SSL connection (passive)"),
    ]));
    assert_eq!(outcomes(&assembly), []);
    let timeout = |frame| {
        fatal(
            "UNEXPECTED_MESSAGE",
            "java.net.SocketTimeoutException",
            "Read timed out",
            &[frame],
        )
    };
    let of_data =
        timeout("sun.security.ssl.SSLSocketImpl.readApplicationRecord(SSLSocketImpl.java:1465)");
    assert_eq!(outcomes(&read(&log(&[("main", &of_data)])).0), []);
    let of_handshake =
        timeout("sun.security.ssl.SSLSocketImpl.readHandshakeRecord(SSLSocketImpl.java:1427)");
    assert_eq!(read(&log(&[("main", &of_handshake)])).0.handshakes.len(), 1);
}

#[test]
fn a_retry_is_known_by_the_second_hello_where_bodies_are_lost() {
    let titles = [
        "Produced ClientHello handshake message (",
        "Consuming ServerHello handshake message (",
        "Produced ClientHello handshake message (",
        "Consuming ServerHello handshake message (",
        "Consuming EncryptedExtensions handshake message (",
    ];
    let entries: Vec<_> = titles.iter().map(|title| ("main", *title)).collect();
    let (assembly, _) = read(&log(&entries));
    assert_eq!(assembly.handshakes.len(), 1);
    assert_eq!(assembly.handshakes[0].history(), "CjCso");
}

#[test]
fn a_guess_between_handshakes_of_one_thread_is_less_sure() {
    let [first, second] = [1, 2].map(|number| hello("Produced", "TLSv1.2", number));
    let answers = [1, 2].map(|number| server_hello("Consuming", "TLSv1.2", number));
    let certificate = format!("Consuming server {CERTIFICATE}");
    let refused = "Fatal (CERTIFICATE_UNKNOWN): PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target (\n\"throwable\" : {\n  sun.security.validator.ValidatorException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target}\n\n)";
    let confidence = |entries: &[(&str, &str)]| {
        let (assembly, findings) = read(&log(entries));
        let failed = assembly
            .handshakes
            .iter()
            .position(|one| one.outcome == Outcome::Failed);
        let failed = failed.unwrap();
        (
            assembly.handshakes[failed].ambiguous,
            findings[failed][0].confidence,
        )
    };
    // one after the other: the first was left alone
    let (ambiguous, sure) = confidence(&[
        ("io", &first),
        ("io", &second),
        ("io", &answers[1]),
        ("io", &certificate),
        ("io", refused),
    ]);
    assert!(!ambiguous);
    // both at once: their answers cannot be told apart
    let (ambiguous, guessed) = confidence(&[
        ("io", &first),
        ("io", &second),
        ("io", &answers[1]),
        ("io", &answers[0]),
        ("io", &certificate),
        ("io", refused),
    ]);
    assert!(ambiguous);
    assert!(guessed < sure && sure >= Confidence::Likely);
}

#[test]
fn code_that_threw_outranks_what_the_thread_did_before() {
    let words = "NotAfter: Thu Jan 01 00:00:00 UTC 2026";
    let thrown = |frame| {
        fatal(
            "CERTIFICATE_UNKNOWN",
            "java.security.cert.CertificateExpiredException",
            words,
            &[frame],
        )
    };
    let searched = "No X.509 cert selected for EC";
    let keys = "KeyLimit read side: algorithm = AES/GCM/NOPADDING:KEYUPDATE\ncountdown value = 137438953472";
    let told = |frame| {
        let failed = thrown(frame);
        let (assembly, findings) = read(&log(&[
            ("exec-1", searched),
            ("exec-1", keys),
            ("exec-1", &*failed),
        ]));
        let failed = assembly
            .handshakes
            .iter()
            .position(|one| one.outcome == Outcome::Failed)
            .unwrap();
        (assembly.handshakes[failed].role, findings[failed][0].rule)
    };
    let (end, rule) = told(
        "sun.security.ssl.CertificateMessage$T12CertificateConsumer.checkServerCerts(CertificateMessage.java:654)",
    );
    assert_eq!((end, rule), (Some(Role::Client), "certificate-expired"));
    let (end, rule) = told(
        "sun.security.ssl.CertificateMessage$T12CertificateConsumer.checkClientCerts(CertificateMessage.java:701)",
    );
    assert_eq!(
        (end, rule),
        (Some(Role::Server), "client-certificate-rejected")
    );
}

#[test]
fn an_alert_and_its_exception_are_one_failure() {
    let begun = [1, 2].map(|number| hello("Produced", "TLSv1.3", number));
    let refused = alert("protocol_version");
    let thrown = fatal(
        "PROTOCOL_VERSION",
        "javax.net.ssl.SSLHandshakeException",
        "Received fatal alert: protocol_version",
        &[],
    );
    let (assembly, _) = read(&log(&[
        ("io", &begun[0]),
        ("io", &begun[1]),
        ("io", &*refused),
        ("io", &*thrown),
    ]));
    let outcomes: Vec<_> = assembly.handshakes.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [Outcome::Unfinished, Outcome::Failed]);
}

#[test]
fn a_handshake_fails_only_as_one_that_has_come_so_far_can() {
    let begun = offer_and_answer("TLSv1.3", 1);
    let plain = fatal(
        "UNEXPECTED_MESSAGE",
        "javax.net.ssl.SSLException",
        "Unsupported or unrecognized SSL message",
        &["sun.security.ssl.SSLEngineImpl.unwrap(SSLEngineImpl.java:504)"],
    );
    let mut entries = server_part("exec-1", &begun);
    entries.push(("exec-1", &*plain));
    let (assembly, _) = read(&log(&entries));
    // that is another connection's first record
    let outcomes: Vec<_> = assembly.handshakes.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [Outcome::Unfinished, Outcome::Failed]);
}

#[test]
fn a_handshake_that_goes_on_had_not_failed() {
    let (first, second) = (
        offer_and_answer("TLSv1.3", 1),
        offer_and_answer("TLSv1.3", 2),
    );
    let refused = fatal(
        "UNEXPECTED_MESSAGE",
        "javax.crypto.BadPaddingException",
        "Insufficient buffer remaining for AEAD cipher fragment (2). Needs to be more than tag size (16)",
        &["sun.security.ssl.SSLEngineImpl.decode(SSLEngineImpl.java:1)"],
    );
    let none = format!("Consuming client {NO_CERTIFICATE}");
    // the first has not sent its flight, so nothing of its client's can come
    let mut entries = server_part("exec-1", &first[..2]);
    entries.extend(server_part("exec-2", &second));
    // a thread that had no part in either; the second is taken, for it came last
    entries.push(("exec-9", &*refused));
    let (guessed, _) = read(&log(&entries));
    let outcome = |assembly: &Assembly| -> Vec<Outcome> {
        let handshakes = assembly.handshakes.iter();
        handshakes.map(|one| one.outcome).collect()
    };
    assert_eq!(outcome(&guessed), [Outcome::Unfinished, Outcome::Failed]);
    entries.extend([
        ("exec-2", &*none),
        ("exec-2", "Consuming client Finished handshake message (\n)"),
    ]);
    let (assembly, _) = read(&log(&entries));
    assert_eq!(outcome(&assembly), [Outcome::Failed, Outcome::Established]);
    assert!(assembly.handshakes[1].fatal.is_none());
}

#[test]
fn half_a_handshake_is_not_taken_for_a_good_one() {
    let begun = offer_and_answer("TLSv1.3", 1);
    // without the ClientHello, but with all of the server's flight: the client's Finished did not come
    let (assembly, _) = read(&log(&server_part("exec-1", &begun[1..])));
    assert_eq!(assembly.handshakes[0].outcome, Outcome::Unfinished);
    // the other Finished may stand in front of what begins with the last flight
    let last = ["Consuming client Finished handshake message (\n)"];
    let (assembly, _) = read(&log(&[("exec-1", last[0])]));
    assert_eq!(assembly.handshakes[0].outcome, Outcome::Established);
}

#[test]
fn flights_of_two_versions_are_not_mixed() {
    let (old, new) = (
        offer_and_answer("TLSv1.2", 1),
        offer_and_answer("TLSv1.3", 2),
    );
    let new: Vec<String> = new
        .into_iter()
        .filter(|text| !text.contains("CertificateRequest"))
        .collect();
    let mut entries = server_part("exec-1", &old);
    entries.extend(server_part("exec-2", &new));
    entries.extend([
        ("exec-1", "Consuming client Finished handshake message (\n)"),
        (
            "exec-2",
            "Consuming ECDHE ClientKeyExchange handshake message (\n)",
        ),
        ("exec-2", "Consuming client Finished handshake message (\n)"),
        ("exec-2", "Produced server Finished handshake message (\n)"),
    ]);
    let (assembly, _) = read(&log(&entries));
    assert_eq!(
        outcomes(&assembly),
        [
            (Outcome::Established, "CsxknGFf".to_owned()),
            (Outcome::Established, "CsoxyfF".to_owned())
        ]
    );
}

#[test]
fn the_usual_end_of_a_connection_is_no_handshake() {
    let begun = offer_and_answer("TLSv1.2", 1);
    let end = fatal(
        "INTERNAL_ERROR",
        "javax.net.ssl.SSLException",
        "closing inbound before receiving peer's close_notify",
        &["sun.security.ssl.SSLEngineImpl.closeInbound(SSLEngineImpl.java:797)"],
    );
    let mut entries = server_part("exec-1", &begun);
    entries.extend([
        (
            "exec-1",
            "Consuming ECDHE ClientKeyExchange handshake message (\n)",
        ),
        ("exec-1", "Consuming client Finished handshake message (\n)"),
        ("exec-1", "Produced server Finished handshake message (\n)"),
        ("exec-9", &*end),
    ]);
    let garbage = fatal(
        "BAD_RECORD_MAC",
        "javax.crypto.AEADBadTagException",
        "Tag mismatch",
        &["sun.security.ssl.SSLEngineImpl.unwrap(SSLEngineImpl.java:504)"],
    );
    entries.push(("exec-8", &*garbage));
    let (assembly, _) = read(&log(&entries));
    assert_eq!(
        outcomes(&assembly),
        [(Outcome::Established, "CsxknGFf".to_owned())]
    );
}
