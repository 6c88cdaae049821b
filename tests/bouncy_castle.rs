//! What Bouncy Castle's JSSE provider logs, and what can be told from it. The texts are in the words of bctls 1.72 (without
//! tags) and 1.80; recordings of both are in `testdata/lab`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use jssl_analyze::{
    assemble::Assembly,
    diagnose::{Confidence, Finding, diagnose},
    drive::analyse_bytes,
    handshake::{Handshake, Outcome, Role},
};

const FRAMES_OF_SERVER: &str = "\tat org.bouncycastle.tls.TlsServerProtocol.handleHandshakeMessage(Unknown Source)\n\tat org.bouncycastle.tls.TlsProtocol.blockForHandshake(Unknown Source)\n\tat org.bouncycastle.jsse.provider.ProvSSLSocketDirect.startHandshake(Unknown Source)\n\tat com.acme.shop.Door.open(Door.java:86)\n";

fn read(log: &str) -> (Assembly, Vec<Vec<Finding>>) {
    let assembly = analyse_bytes(log.as_bytes()).assembly;
    let findings = diagnose(&assembly).by_handshake;
    (assembly, findings)
}

fn record(class: &str, level: &str, message: &str) -> String {
    format!(
        "Nov 22, 2026 11:41:44 AM org.bouncycastle.jsse.provider.{class} notify\n{level}: {message}\n"
    )
}

/// Records of a server, each with the tag in front.
fn server(messages: &[&str]) -> String {
    let tagged = |said: &&str| {
        record(
            "ProvTlsServer",
            "FINE",
            &format!("[server #1 @672a8a7e] {said}"),
        )
    };
    messages.iter().map(tagged).collect()
}

fn untagged(class: &str, messages: &[&str]) -> String {
    messages
        .iter()
        .map(|said| record(class, "FINE", said))
        .collect()
}

fn first(findings: &[Vec<Finding>]) -> (&'static str, Confidence) {
    (findings[0][0].rule, findings[0][0].confidence)
}

fn rules(findings: &[Vec<Finding>]) -> Vec<&'static str> {
    findings[0].iter().map(|finding| finding.rule).collect()
}

fn broken_pipe(writing: &str) -> String {
    let said = server(&["raised fatal(2) internal_error(80) alert: Failed to write record"]);
    format!(
        "{said}java.net.SocketException: Broken pipe\n\tat java.base/java.net.Socket$SocketOutputStream.write(Socket.java:1035)\n\tat org.bouncycastle.tls.RecordStream.writeRecord(Unknown Source)\n{writing}"
    )
}

#[test]
fn a_client_that_left_in_the_middle_is_no_probe() {
    let accepted = server(&["accepting connection from 127.0.0.1:44264"]);
    let chosen = server(&[
        "selected protocol version: TLSv1.3",
        "selected cipher suite: TLS_AES_128_GCM_SHA256",
    ]);
    // by what was chosen, and by the frames alone, as at the level INFO
    let at_finished = format!(
        "\tat org.bouncycastle.tls.TlsProtocol.send13FinishedMessage(Unknown Source)\n{FRAMES_OF_SERVER}"
    );
    for log in [
        format!("{accepted}{chosen}{}", broken_pipe(FRAMES_OF_SERVER)),
        format!("{accepted}{}", broken_pipe(&at_finished)),
    ] {
        let (_, findings) = read(&log);
        let rules = rules(&findings);
        assert!(!rules.contains(&"probe-or-scanner"), "{rules:?}\n{log}");
        assert!(
            rules.contains(&"connection-reset-during-handshake"),
            "{rules:?}"
        );
        assert!(rules.contains(&"certificate-rejected-by-peer"), "{rules:?}");
        assert_eq!(findings[0][0].confidence, Confidence::Possible);
    }
    // nobody knows whether the certificate was out yet
    let (_, findings) = read(&format!("{accepted}{}", broken_pipe(FRAMES_OF_SERVER)));
    assert_eq!(rules(&findings), ["connection-reset-during-handshake"]);
    // nothing came at all
    let gone = server(&["raised fatal(2) handshake_failure(40) alert: Failed to read record"]);
    let (_, findings) = read(&format!(
        "{accepted}{gone}org.bouncycastle.tls.TlsFatalAlert: handshake_failure(40)\n\tat org.bouncycastle.tls.TlsProtocol.safeReadRecord(Unknown Source)\n\tat org.bouncycastle.tls.TlsProtocol.blockForHandshake(Unknown Source)\n"
    ));
    assert_eq!(first(&findings), ("probe-or-scanner", Confidence::Likely));
}

#[test]
fn an_alert_about_certificates_is_about_the_servers() {
    let accepted = server(&["accepting connection from 127.0.0.1:44264"]);
    let chosen = server(&[
        "selected protocol version: TLSv1.2",
        "selected cipher suite: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ]);
    let refused = server(&["received fatal(2) certificate_unknown(46) alert"]);
    let (_, findings) = read(&format!("{accepted}{chosen}{refused}"));
    assert_eq!(
        first(&findings),
        ("certificate-rejected-by-peer", Confidence::Strong)
    );
    let (_, findings) = read(&format!("{accepted}{refused}"));
    assert_eq!(
        first(&findings),
        ("certificate-rejected-by-peer", Confidence::Likely)
    );
    let other = server(&["received fatal(2) handshake_failure(40) alert"]);
    let (_, findings) = read(&format!("{accepted}{other}"));
    assert!(!rules(&findings).contains(&"certificate-rejected-by-peer"));
}

fn outcomes(log: &str) -> Vec<(Role, Outcome)> {
    let (assembly, _) = read(log);
    let outcome = |handshake: &Handshake| (handshake.role.unwrap(), handshake.outcome);
    assembly.handshakes.iter().map(|it| outcome(it)).collect()
}

const CLIENT_SIDE: [&str; 5] = [
    "Client notified of selected protocol version: TLSv1.2",
    "Server specified new session: 8fa8855cdc17",
    "Client notified of selected cipher suite: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "Client received warning(1) close_notify(0) alert",
    "Client raised warning(1) close_notify(0) alert: Connection closed",
];

#[test]
fn without_tags_a_handshake_begins_at_its_version_and_is_through_when_it_is_closed_in_order() {
    let one = untagged("ProvTlsClient", &CLIENT_SIDE);
    let resumed = one.replace("specified new session", "resumed session");
    assert_eq!(
        outcomes(&format!("{one}{resumed}")),
        [(Role::Client, Outcome::Established); 2]
    );
    let (assembly, findings) = read(&resumed);
    assert!(assembly.handshakes[0].resumed);
    assert!(assembly.handshakes[0].assumptions().is_empty());
    assert!(findings[0].is_empty(), "{findings:?}");
    // a server names no suite then
    let server = untagged(
        "ProvTlsServer",
        &[
            "Server selected protocol version: TLSv1.2",
            "Server resumed session: 8fa8855cdc17",
            "Server raised warning(1) close_notify(0) alert: Connection closed",
        ],
    );
    assert_eq!(
        outcomes(&format!("{server}{server}")),
        [(Role::Server, Outcome::Established); 2]
    );
    // still open: taken for success, and said so
    let open = untagged("ProvTlsClient", &CLIENT_SIDE[..3]);
    let (assembly, _) = read(&open);
    assert_eq!(assembly.handshakes[0].outcome, Outcome::Established);
    assert_eq!(assembly.handshakes[0].assumptions().len(), 1);
    // no suite yet: nobody knows
    let begun = untagged("ProvTlsClient", &CLIENT_SIDE[..1]);
    assert_eq!(outcomes(&begun), [(Role::Client, Outcome::Unfinished)]);
}

#[test]
fn without_tags_who_gives_up_says_so_before_the_farewell() {
    let given_up = untagged(
        "ProvTlsClient",
        &[
            CLIENT_SIDE[0],
            "Client raised warning(1) user_canceled(90) alert: User canceled handshake",
            CLIENT_SIDE[4],
        ],
    );
    let good = untagged("ProvTlsClient", &CLIENT_SIDE);
    assert_eq!(
        outcomes(&format!("{given_up}{good}")),
        [
            (Role::Client, Outcome::Failed),
            (Role::Client, Outcome::Established)
        ]
    );
}

#[test]
fn without_tags_several_at_once_are_as_many_as_versions_and_a_guess() {
    let [version, session, suite, heard, closed] = CLIENT_SIDE;
    let log = untagged(
        "ProvTlsClient",
        &[
            version, version, session, session, suite, suite, heard, closed, heard, closed,
        ],
    );
    assert_eq!(outcomes(&log), [(Role::Client, Outcome::Established); 2]);
    let refused = record(
        "ProvTlsClient",
        "INFO",
        "Client raised fatal(2) certificate_unknown(46) alert: Failed to read record",
    ) + "org.bouncycastle.tls.TlsFatalAlert: certificate_unknown(46)\n\tat org.bouncycastle.tls.TlsClientProtocol.handleHandshakeMessage(Unknown Source)\n";
    let log = untagged("ProvTlsClient", &[version, suite, version, suite]) + &refused;
    let (assembly, _) = read(&log);
    let failed = &assembly.handshakes[1];
    assert_eq!(assembly.handshakes.len(), 2);
    assert_eq!(failed.outcome, Outcome::Failed);
    assert!(failed.ambiguous);
}

fn gave_up(thrown: &str, innermost: &str) -> String {
    let said = server(&[
        "accepting connection from 127.0.0.1:44264",
        "selected protocol version: TLSv1.3",
        &format!("raised {thrown} alert: Failed to read record"),
    ]);
    let exception = thrown.trim_start_matches("fatal(2) ");
    format!(
        "{said}org.bouncycastle.tls.TlsFatalAlert: {exception}\n\tat org.bouncycastle.{innermost}(Unknown Source)\n{FRAMES_OF_SERVER}"
    )
}

#[test]
fn the_application_at_the_bottom_of_the_trace_is_not_to_blame() {
    let no_keys = gave_up(
        "fatal(2) handshake_failure(40)",
        "jsse.provider.ProvTlsServer.getSelectedCipherSuite",
    );
    let (_, findings) = read(&no_keys);
    assert_eq!(first(&findings), ("server-key-missing", Confidence::Strong));
    let no_protocol = gave_up(
        "fatal(2) no_application_protocol(120)",
        "tls.AbstractTlsServer.selectProtocolName",
    );
    let (_, findings) = read(&no_protocol);
    assert_eq!(
        first(&findings),
        ("no-common-application-protocol", Confidence::Certain)
    );
    let unknown = gave_up(
        "fatal(2) illegal_parameter(47)",
        "tls.TlsUtils.checkPeerSigAlgs",
    );
    let (_, findings) = read(&unknown);
    for findings in findings.iter().flatten() {
        assert!(!findings.headline.contains("com.acme"), "{findings:?}");
    }
}

#[test]
fn a_trust_manager_of_the_application_is_named_behind_the_wrapper() {
    let log = record(
        "ProvTlsClient",
        "INFO",
        "[client #1 @1f] raised fatal(2) certificate_unknown(46) alert: Failed to read record",
    ) + "org.bouncycastle.tls.TlsFatalAlert: certificate_unknown(46)\n\tat org.bouncycastle.jsse.provider.ProvSSLSocketWrap.checkServerTrusted(Unknown Source)\n\tat com.acme.shop.Main.main(Main.java:3)\nCaused by: java.security.cert.CertificateException: not on the list\n\tat com.acme.shop.Pins.checkServerTrusted(Pins.java:17)\n\tat org.bouncycastle.jsse.provider.ImportX509TrustManager_7.checkServerTrusted(Unknown Source)\n\t... 12 more\n";
    let (_, findings) = read(&log);
    let told = &findings[0][0];
    assert!(told.headline.contains("com.acme.shop.Pins"), "{told:?}");
}

#[test]
fn a_search_for_a_key_in_vain_tells_that_it_is_the_key() {
    let log = |offered: &str| {
        server(&[
            "accepting connection from 127.0.0.1:44264",
            "selected protocol version: TLSv1.2",
            "(1.2) did not select any credentials for KeyExchangeAlgorithm 17",
            "raised fatal(2) handshake_failure(40) alert: Failed to read record",
        ]) + &format!(
            "org.bouncycastle.tls.TlsFatalAlert: handshake_failure(40); [server #1 @672a8a7e] found no selectable cipher suite among the 2 offered: [{offered}, {{0x00,0xff}}(TLS_EMPTY_RENEGOTIATION_INFO_SCSV)]\n\tat org.bouncycastle.tls.AbstractTlsServer.getSelectedCipherSuite(Unknown Source)\n{FRAMES_OF_SERVER}"
        )
    };
    let (_, findings) = read(&log("{0xc0,0x2b}(TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)"));
    assert_eq!(first(&findings), ("server-key-missing", Confidence::Strong));
    // in words of its own, without the list, which is in the evidence
    let told = &findings[0][0];
    assert!(!told.explanation.contains("0xc0"), "{told:?}");
    let mut evidence = told.evidence.iter();
    assert!(evidence.all(|it| !it.text.contains("X.509")), "{told:?}");
    // another key would do, and nobody looked for it: that suite is not enabled
    let (_, findings) = read(&log("{0xc0,0x2f}(TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)"));
    assert_eq!(findings[0][0].rule, "no-common-cipher-suite");
}

#[test]
fn one_connection_on_several_threads_is_one() {
    let line = |thread: &str, said: &str| {
        format!(
            "2026-11-22 11:41:44.000  INFO 1 --- [{thread}] o.b.jsse.provider.ProvTlsServer          : {said}\n"
        )
    };
    let log = line(
        "exec-1",
        "[server #1 @66eb6719] accepting connection from 127.0.0.1:44264",
    ) + &line(
        "exec-1",
        "[server #2 @66eb6720] accepting connection from 127.0.0.1:44266",
    ) + &line(
        "exec-2",
        "[server #1 @66eb6719] selected protocol version: TLSv1.3",
    ) + &line(
        "exec-3",
        "[server #1 @66eb6719] established connection with 127.0.0.1:44264",
    ) + &line(
        "exec-2",
        "[server #2 @66eb6720] received fatal(2) certificate_unknown(46) alert",
    );
    assert_eq!(
        outcomes(&log),
        [
            (Role::Server, Outcome::Established),
            (Role::Server, Outcome::Failed)
        ]
    );
}

#[test]
fn what_to_type_is_what_bouncy_castle_knows() {
    let commands = |log: &str| -> Vec<String> {
        let (_, findings) = read(log);
        let actions = findings[0]
            .iter()
            .flat_map(|it| it.remedies.iter().chain(&it.confirm));
        actions
            .filter_map(|action| action.command.clone())
            .collect()
    };
    let log = gave_up(
        "fatal(2) illegal_parameter(47)",
        "tls.TlsUtils.checkPeerSigAlgs",
    );
    let told = commands(&log);
    assert!(
        told.iter()
            .any(|it| it.contains("org.bouncycastle.jsse.level=FINE")),
        "{told:?}"
    );
    assert!(
        !told.iter().any(|it| it.contains("javax.net.debug")),
        "{told:?}"
    );
    // of the other end nobody knows the provider
    let log = server(&[
        "accepting connection from 127.0.0.1:44264",
        "received fatal(2) certificate_unknown(46) alert",
    ]);
    let told = commands(&log);
    assert!(
        told.iter().any(|it| it.contains("javax.net.debug")),
        "{told:?}"
    );
}
