//! `SSLEngine` up to 8u252, under Netty, Jetty or Kafka: how its connections end, and what it says of failures; sockets that
//! are used behind their end. All texts are made up in the form that the JVM prints.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use jssl_analyze::{
    assemble::Assembly,
    diagnose::{Finding, diagnose},
    drive::analyse_bytes,
    handshake::{How, Outcome, Role},
};

/// A server's handshake on the thread `nio-2`, up to its own Finished.
const ESTABLISHED: &str = "\
nio-2, READ: TLSv1 Handshake, length = 118
*** ClientHello, TLSv1.2
RandomCookie:  GMT: 1590000000 bytes = { 9, 8, 7 }
Session ID:  {}
Cipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA]
Compression Methods:  { 0 }
***
%% Negotiating:  [Session-4, TLS_RSA_WITH_AES_128_CBC_SHA]
*** ServerHello, TLSv1.2
RandomCookie:  GMT: 1590000001 bytes = { 6, 5, 4 }
Session ID:  {94, 190}
Cipher Suite: TLS_RSA_WITH_AES_128_CBC_SHA
Compression Method: 0
***
*** ServerHelloDone
nio-2, WRITE: TLSv1.2 Handshake, length = 870
nio-2, READ: TLSv1.2 Handshake, length = 262
*** ClientKeyExchange, RSA PreMasterSecret, TLSv1.2
nio-2, READ: TLSv1.2 Change Cipher Spec, length = 1
nio-2, READ: TLSv1.2 Handshake, length = 64
*** Finished
verify_data:  { 1, 2, 3 }
***
nio-2, WRITE: TLSv1.2 Change Cipher Spec, length = 1
*** Finished
verify_data:  { 4, 5, 6 }
***
nio-2, WRITE: TLSv1.2 Handshake, length = 64
";

/// What a library does at the end of a connection: this side's `close_notify`, without a wait for the peer's.
const OWN_CLOSE: &str = "\
nio-2, called closeOutbound()
nio-2, closeOutboundInternal()
nio-2, SEND TLSv1.2 ALERT:  warning, description = close_notify
nio-2, WRITE: TLSv1.2 Alert, length = 48
";

const INBOUND: &str = "\
nio-2, called closeInbound()
nio-2, fatal error: 80: Inbound closed before receiving peer's close_notify: possible truncation attack?
javax.net.ssl.SSLException: Inbound closed before receiving peer's close_notify: possible truncation attack?
nio-2, SEND TLSv1.2 ALERT:  fatal, description = internal_error
nio-2, Exception sending alert: java.io.IOException: writer side was already closed.
";

fn read(log: &str) -> (Assembly, Vec<Vec<Finding>>) {
    let assembly = analyse_bytes(log.as_bytes()).assembly;
    let findings = diagnose(&assembly).by_handshake;
    (assembly, findings)
}

fn outcomes(assembly: &Assembly) -> Vec<Outcome> {
    let handshakes = assembly.handshakes.iter();
    handshakes.map(|handshake| handshake.outcome).collect()
}

fn has(findings: &[Finding], rule: &str) -> bool {
    findings.iter().any(|finding| finding.rule == rule)
}

#[test]
fn an_engine_closed_behind_its_own_close_is_no_failure() {
    let once = [ESTABLISHED, OWN_CLOSE, INBOUND].concat();
    let twice = [&*once, &*once].concat();
    // the rest of it by another thread
    let elsewhere = [ESTABLISHED, OWN_CLOSE, &INBOUND.replace("nio-2", "pool-7")].concat();
    for (log, count) in [(once, 1), (twice, 2), (elsewhere, 1)] {
        let (assembly, findings) = read(&log);
        assert_eq!(outcomes(&assembly), vec![Outcome::Established; count]);
        // this side did not wait: nothing is known of the peer
        assert!(!has(&findings[0], "closed-without-close-notify"));
    }
}

#[test]
fn a_peer_that_left_without_a_word_is_told_behind_the_handshake() {
    let (assembly, findings) = read(&[ESTABLISHED, INBOUND].concat());
    assert_eq!(outcomes(&assembly), [Outcome::Established]);
    assert!(has(&findings[0], "closed-without-close-notify"));
    assert!(!has(&findings[0], "closed-by-application"));
}

#[test]
fn a_peer_that_leaves_in_the_middle_breaks_the_handshake() {
    let flight = ESTABLISHED.find("nio-2, READ: TLSv1.2 Handshake, length = 262");
    let (assembly, findings) = read(&[&ESTABLISHED[..flight.unwrap()], INBOUND].concat());
    assert_eq!(outcomes(&assembly), [Outcome::Failed]);
    let end = assembly.handshakes[0].break_up.as_deref().unwrap();
    assert_eq!(end.how, How::PeerClosed);
    assert_eq!(findings[0][0].rule, "peer-closed-during-handshake");
    assert!(!findings[0][0].explanation.contains("its own end"));

    // Netty closes both ways when the peer is gone, and when its own time is over
    let log = [&ESTABLISHED[..flight.unwrap()], OWN_CLOSE, INBOUND].concat();
    let (_, findings) = read(&log);
    assert_eq!(findings[0][0].rule, "peer-closed-during-handshake");
    assert!(findings[0][0].explanation.contains("its own end"));
}

#[test]
fn a_socket_that_broke_and_is_closed_fails_once() {
    let log = [
        "*** ClientHello, TLSv1.2\nRandomCookie:  GMT: 1590000000 bytes = { 9, 8 }\nSession ID:  {}\nCipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA]\nCompression Methods:  { 0 }\n***\nnio-2, WRITE: TLSv1.2 Handshake, length = 60\nnio-2, handling exception: java.net.SocketException: Broken pipe\nnio-2, SEND TLSv1.2 ALERT:  fatal, description = unexpected_message\nnio-2, called closeSocket()\n",
        INBOUND,
    ];
    let (assembly, _) = read(&log.concat());
    assert_eq!(outcomes(&assembly), [Outcome::Failed]);
    let end = assembly.handshakes[0].break_up.as_deref().unwrap();
    assert_eq!(end.how, How::Reset);
}

#[test]
fn the_reason_is_not_that_an_engine_had_a_problem() {
    let log = "nio-2, fatal error: 46: General SSLEngine problem\nsun.security.validator.ValidatorException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target\nnio-2, SEND TLSv1.2 ALERT:  fatal, description = certificate_unknown\n";
    let (assembly, findings) = read(log);
    let told = &findings[0][0];
    assert_eq!(told.rule, "untrusted-root");
    let words: Vec<&str> = told.evidence.iter().map(|line| &*line.text).collect();
    assert!(words[0].contains("PKIX path building failed"), "{words:?}");
    let end = assembly.handshakes[0].break_up.as_deref().unwrap();
    let exception = end.exception.as_deref().unwrap();
    assert!(
        !exception.contains("General SSLEngine problem"),
        "{exception}"
    );
}

#[test]
fn a_clients_certificate_is_refused_by_a_server() {
    let refusal = |usage: &str| {
        format!(
            "nio-2, fatal error: 46: General SSLEngine problem\nsun.security.validator.ValidatorException: Extended key usage does not permit use for TLS {usage} authentication\nnio-2, SEND TLSv1.2 ALERT:  fatal, description = certificate_unknown\nnio-2, WRITE: TLSv1.2 Alert, length = 2\n"
        )
    };
    for (usage, role, rule) in [
        ("client", Role::Server, "client-certificate-rejected"),
        ("server", Role::Client, "wrong-key-usage"),
    ] {
        let (assembly, findings) = read(&refusal(usage));
        assert_eq!(assembly.handshakes[0].role, Some(role));
        assert_eq!(findings[0][0].rule, rule);
    }
}

#[test]
fn a_socket_used_behind_its_end_is_no_failure() {
    let closed = "nio-2, called close()\nnio-2, called closeInternal(true)\nnio-2, SEND TLSv1.2 ALERT:  warning, description = close_notify\nnio-2, WRITE: TLSv1.2 Alert, length = 48\nnio-2, called closeSocket(true)\n";
    let used = "nio-2, handling exception: java.net.SocketException: Socket is closed\n";
    let (assembly, _) = read(&[ESTABLISHED, closed, used].concat());
    assert_eq!(outcomes(&assembly), [Outcome::Established]);
    // a handshake that is under way on the thread breaks by it
    let flight = ESTABLISHED.find("nio-2, READ: TLSv1.2 Handshake, length = 262");
    let next = &ESTABLISHED[..flight.unwrap()];
    let (assembly, _) = read(&[ESTABLISHED, closed, next, used].concat());
    assert_eq!(outcomes(&assembly), [Outcome::Established, Outcome::Failed]);
}
