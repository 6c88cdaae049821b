//! What a log proves and what it does not: the same words with more and with less around them.
//!
//! Each case has a near miss, on which the rule must be silent, less sure, or blame somebody else. The texts
//! are excerpts of recordings (JDK 17) and of logs of the lab with their end replaced.

use std::{fs, path::Path};

use jssl_analyze::{
    diagnose::{Confidence, Diagnosis, Finding, diagnose},
    drive::analyse_bytes,
    handshake::Party,
};

fn lab(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/lab/logs")
        .join(format!("{name}.log"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn judged(log: &str) -> Diagnosis {
    diagnose(&analyse_bytes(log.as_bytes()).assembly)
}

/// The findings of the last handshake.
fn last(log: &str) -> Vec<Finding> {
    judged(log).by_handshake.pop().expect("a handshake")
}

/// The first finding of the last handshake: what, how sure, whose fault.
fn first(log: &str) -> (&'static str, Confidence, Party) {
    let found = last(log);
    (found[0].rule, found[0].confidence, found[0].at_fault)
}

/// The log up to the entry with these words.
fn until<'l>(log: &'l str, words: &str) -> &'l str {
    let at = log.find(words).unwrap_or_else(|| panic!("no {words}"));
    &log[..log[..at].rfind('\n').map_or(0, |feed| feed + 1)]
}

/// An entry of the thread that the lab's client or server runs on.
fn entry(thread: &str, message: &str) -> String {
    format!(
        "javax.net.ssl|ERROR|{thread}|2026-11-21 03:32:10.900 UTC|TransportContext.java:375|{message}\n"
    )
}

const SERVER: &str = "C0|server";
const MAIN: &str = "10|main";

fn fatal(thread: &str, alert: &str, thrown: &str, frames: &[&str]) -> String {
    let reason = thrown.split_once(": ").map_or(thrown, |(_, reason)| reason);
    fatal_saying(thread, alert, reason, thrown, frames)
}

fn fatal_saying(thread: &str, alert: &str, reason: &str, thrown: &str, frames: &[&str]) -> String {
    let frames = frames
        .iter()
        .fold(String::new(), |trace, frame| trace + "\n  \tat " + frame);
    entry(
        thread,
        &format!("Fatal ({alert}): {reason} (\n\"throwable\" : {{\n  {thrown}{frames}}}\n\n)"),
    )
}

fn too_short(length: u32) -> String {
    fatal(
        SERVER,
        "HANDSHAKE_FAILURE",
        &format!(
            "javax.crypto.BadPaddingException: Insufficient buffer remaining for AEAD cipher fragment ({length}). Needs to be more than tag size (16)"
        ),
        &[
            "java.base/sun.security.ssl.SSLCipher$T13GcmReadCipherGenerator$GcmReadCipher.decrypt(SSLCipher.java:1898)",
        ],
    )
}

#[test]
fn an_alert_in_the_clear_is_no_damaged_record() {
    let log = lab("17/hostname-mismatch-tls13.ssl-handshake.server");
    let flight = until(&log, "Received alert message");
    let alert = last(&format!("{flight}{}", too_short(2)));
    assert_eq!(alert[0].rule, "certificate-rejected-by-peer");
    assert!(alert[0].confidence < Confidence::Certain);
    assert!(
        alert
            .iter()
            .all(|finding| finding.rule != "record-corrupted")
    );
    // any other length is none of an alert
    let damaged = first(&format!("{flight}{}", too_short(7)));
    assert_eq!(
        (damaged.0, damaged.1),
        ("record-corrupted", Confidence::Certain)
    );
    // without messages as well, less sure
    let alone = first(&too_short(2));
    assert_eq!(
        (alone.0, alone.1),
        ("certificate-rejected-by-peer", Confidence::Likely)
    );
    assert_eq!(first(&too_short(7)).0, "record-corrupted");
}

const EXPIRED: &str = "sun.security.validator.ValidatorException: PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed\n  Caused by: java.security.cert.CertificateExpiredException: NotAfter: Wed Nov 18 09:18:04 UTC 2026";

#[test]
fn an_expired_certificate_that_is_not_logged_is_no_anchor() {
    let alone = entry(
        MAIN,
        &format!(
            "Fatal (CERTIFICATE_UNKNOWN): PKIX path validation failed (\n\"throwable\" : {{\n  {EXPIRED}}}\n\n)"
        ),
    );
    let found = last(&alone);
    assert_eq!(
        (found[0].rule, found[0].at_fault),
        ("certificate-expired", Party::Server)
    );
    assert!(
        !found[0].headline.contains("anchor"),
        "{}",
        found[0].headline
    );
    assert!(
        found[0].explanation.contains("Nov 18 09:18:04 UTC 2026"),
        "{}",
        found[0].explanation
    );
    let chain = last(&lab("17/certificate-expired-tls12.ssl-handshake.client"));
    assert!(chain[0].headline.contains("the server's certificate"));
}

fn not_tls(thread: &str, frames: &[&str]) -> String {
    fatal(
        thread,
        "UNEXPECTED_MESSAGE",
        "javax.net.ssl.SSLException: Unsupported or unrecognized SSL message",
        frames,
    )
}

#[test]
fn whose_end_met_plain_text_is_told_by_the_frames_or_not_at_all() {
    let begun = "java.base/sun.security.ssl.SSLSocketImpl.startHandshake(SSLSocketImpl.java:426)";
    let url = "java.base/sun.net.www.protocol.https.HttpsClient.afterConnect(HttpsClient.java:589)";
    assert_eq!(first(&not_tls(MAIN, &[begun, url])).0, "plaintext-peer");
    let negotiates =
        "java.base/sun.security.ssl.SSLSocketImpl.ensureNegotiated(SSLSocketImpl.java:925)";
    let reads =
        "java.base/sun.security.ssl.SSLSocketImpl$AppInputStream.read(SSLSocketImpl.java:1016)";
    let server = first(&not_tls(MAIN, &[begun, negotiates, reads]));
    assert_eq!(
        (server.0, server.1),
        ("plaintext-client", Confidence::Likely)
    );
    let open = last(&not_tls(MAIN, &[begun, "com.acme.Main.main(Main.java:1)"]));
    let rules: Vec<&str> = open.iter().map(|finding| finding.rule).collect();
    assert!(
        rules.contains(&"plaintext-peer") && rules.contains(&"plaintext-client"),
        "{rules:?}"
    );
    assert!(
        open.iter()
            .all(|finding| finding.confidence <= Confidence::Strong)
    );
    assert_eq!(open[0].confidence, Confidence::Possible);
}

#[test]
fn an_offer_without_a_scheme_for_tls13_says_nothing_of_the_key() {
    let log = lab("17/server-key-missing-tls13.ssl-handshake.both");
    assert!(log.contains("No X.509 cert selected for"));
    let untried = log.replace("No X.509 cert selected for", "Nothing selected for");
    let of_server = |log: &str| {
        let assembly = analyse_bytes(log.as_bytes()).assembly;
        let at = assembly
            .handshakes
            .iter()
            .position(|handshake| handshake.role.is_some_and(|role| role.name() == "server"));
        let found = &diagnose(&assembly).by_handshake[at.unwrap()][0];
        (found.rule, found.confidence, found.at_fault)
    };
    assert_eq!(of_server(&log).1, Confidence::Certain);
    assert_eq!(of_server(&untried).0, "server-key-missing");
    assert_eq!(of_server(&untried).1, Confidence::Strong);
    let schemes = |line: &str| {
        let only = "\"signature schemes\": [rsa_pkcs1_sha256]";
        match line.split_once("\"signature schemes\": [") {
            Some((front, _)) => format!("{}{only}\n", &front[..front.len()]),
            None => format!("{line}\n"),
        }
    };
    let pkcs1: String = untried.lines().map(schemes).collect();
    assert_eq!(
        of_server(&pkcs1),
        (
            "no-common-signature-scheme",
            Confidence::Certain,
            Party::Client
        )
    );
}

#[test]
fn a_client_that_sent_no_certificate_may_have_one() {
    let log = lab("17/client-certificate-missing-tls13.ssl-handshake.both");
    let assembly = analyse_bytes(log.as_bytes()).assembly;
    let client = assembly
        .handshakes
        .iter()
        .position(|handshake| handshake.role.is_some_and(|role| role.name() == "client"))
        .unwrap();
    let found = &diagnose(&assembly).by_handshake[client];
    assert_eq!(
        (found[0].rule, found[0].confidence),
        ("client-certificate-missing", Confidence::Likely)
    );
    assert_eq!(found[1].rule, "no-client-certificate-for-authorities");
    // with the key manager's lines the log shows that there is none
    let listed = log.replacen(
        "javax.net.ssl|",
        "javax.net.ssl|DEBUG|10|main|2026-11-21 03:32:28.000 UTC|SunX509KeyManagerImpl.java:164|found key for : other (\n)\njavax.net.ssl|",
        1,
    );
    let shown = &diagnose(&analyse_bytes(listed.as_bytes()).assembly).by_handshake[client];
    assert_ne!(
        (shown[0].rule, shown[0].confidence),
        ("client-certificate-missing", Confidence::Likely),
    );
}

#[test]
fn what_only_one_end_says_needs_no_role() {
    for (alert, thrown, rule) in [
        (
            "BAD_CERTIFICATE",
            "javax.net.ssl.SSLHandshakeException: Empty client certificate chain",
            "client-certificate-missing",
        ),
        (
            "CERTIFICATE_REQUIRED",
            "javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_required",
            "client-certificate-missing",
        ),
        (
            "UNRECOGNIZED_NAME",
            "javax.net.ssl.SSLHandshakeException: Received fatal alert: unrecognized_name",
            "server-name-unrecognized",
        ),
    ] {
        assert_eq!(first(&fatal(MAIN, alert, thrown, &[])).0, rule, "{thrown}");
    }
    // no server is told so, whatever the role was guessed to be
    let mixed = lab("17/tls12-static-rsa.ssl-handshake.server")
        + &fatal(
            "D7|worker",
            "CERTIFICATE_REQUIRED",
            "javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_required",
            &[],
        );
    assert_eq!(first(&mixed).0, "client-certificate-missing");
    // of a server's chain both ends could speak, by the release
    let either = "javax.net.ssl.SSLHandshakeException: Empty server certificate chain";
    assert_eq!(
        first(&fatal(MAIN, "BAD_CERTIFICATE", either, &[])).0,
        "undetermined"
    );
    let consumer = "java.base/sun.security.ssl.CertificateMessage$T12CertificateConsumer.checkServerCerts(C.java:1)";
    assert_eq!(
        first(&fatal(MAIN, "BAD_CERTIFICATE", either, &[consumer])),
        ("message-malformed", Confidence::Certain, Party::Server)
    );
}

#[test]
fn a_client_with_nothing_to_offer_blames_no_server() {
    let wrapped = |first: &str| {
        format!(
            "{first}{}",
            fatal_saying(
                MAIN,
                "HANDSHAKE_FAILURE",
                "Couldn't kickstart handshaking",
                "javax.net.ssl.SSLHandshakeException: No negotiable cipher suite",
                &[
                    "java.base/sun.security.ssl.ClientHello$ClientHelloKickstartProducer.produce(ClientHello.java:1)"
                ],
            )
        )
    };
    assert_eq!(
        first(&wrapped("")),
        (
            "disabled-by-local-policy",
            Confidence::Certain,
            Party::Client
        )
    );
    assert!(
        judged(&wrapped(""))
            .of_log
            .iter()
            .all(|finding| finding.rule != "debug-option-too-narrow")
    );
    // of a server, the same words are about what the client offers
    let log = lab("17/no-common-cipher-suite-tls12.ssl-handshake.server");
    assert_eq!(first(&log).0, "no-common-cipher-suite");
}

#[test]
fn a_signature_of_the_server_that_does_not_verify() {
    for (words, rule) in [
        (
            "Invalid ECDH ServerKeyExchange signature",
            "record-corrupted",
        ),
        ("Invalid DH ServerKeyExchange signature", "record-corrupted"),
        (
            "Invalid CertificateVerify message: invalid signature",
            "record-corrupted",
        ),
        ("Invalid something else", "undetermined"),
    ] {
        let log = lab("17/plaintext-peer-http.ssl-handshake.client");
        let hello = until(&log, "Fatal (");
        let thrown = format!("javax.net.ssl.SSLHandshakeException: {words}");
        let thread = hello.lines().last().map_or(MAIN, |line| line_thread(line));
        let found = first(&format!(
            "{hello}{}",
            fatal(thread, "HANDSHAKE_FAILURE", &thrown, &[])
        ));
        assert_eq!(found.0, rule, "{words}");
        assert!(found.1 < Confidence::Certain, "{words}");
    }
}

/// `10|main` of a head.
fn line_thread(line: &str) -> &str {
    let mut bars = line.match_indices('|').map(|(at, _)| at);
    match (bars.nth(1), bars.nth(1)) {
        (Some(from), Some(to)) => &line[from + 1..to],
        _ => MAIN,
    }
}

#[test]
fn a_peer_that_does_not_renegotiate_keeps_within_its_rights() {
    let thrown =
        "javax.net.ssl.SSLHandshakeException: received handshake warning: no_renegotiation";
    assert_eq!(
        first(&fatal(MAIN, "HANDSHAKE_FAILURE", thrown, &[])),
        ("renegotiation-refused", Confidence::Certain, Party::Either)
    );
    let other = "javax.net.ssl.SSLHandshakeException: received handshake warning: user_canceled";
    assert_ne!(
        first(&fatal(MAIN, "HANDSHAKE_FAILURE", other, &[])).0,
        "renegotiation-refused"
    );
}

const SETTINGS: &str = "javax.net.ssl|DEBUG|10|main|2026-11-21 09:14:45.075 UTC|SSLCipher.java:466|jdk.tls.keyLimits:  entry = AES/GCM/NoPadding KeyUpdate 2^37. AES/GCM/NOPADDING:KEYUPDATE = 137438953472\n";
const CONTEXT: &str = "java.security.NoSuchAlgorithmException: Error constructing implementation (algorithm: Default, provider: SunJSSE, class: sun.security.ssl.SSLContextImpl$DefaultSSLContext)";

#[test]
fn an_application_that_cannot_start_tls_says_why() {
    let said = |causes: &[&str]| {
        let trace = causes.join("\n\tat com.acme.Main.main(Main.java:1)\nCaused by: ");
        format!("{SETTINGS}{trace}\n\tat com.acme.Main.run(Main.java:2)\n")
    };
    let socket = format!("java.net.SocketException: {CONTEXT}");
    let of_log = |log: &str| {
        let diagnosis = judged(log);
        assert!(diagnosis.by_handshake.is_empty());
        let first = &diagnosis.of_log[0];
        (first.rule, first.severity.name())
    };
    for (causes, rule) in [
        (
            &[
                &*socket,
                CONTEXT,
                "java.security.KeyManagementException: problem accessing trust store",
            ][..],
            "truststore-unusable",
        ),
        (
            &[
                &*socket,
                CONTEXT,
                "java.security.KeyManagementException: keystore password was incorrect",
            ],
            "keystore-unusable",
        ),
        (
            &[&*socket, CONTEXT, "java.security.KeyManagementException"],
            "keystore-unusable",
        ),
        (
            &["java.io.IOException: keystore password was incorrect"],
            "keystore-unusable",
        ),
        (
            &[
                "java.lang.ExceptionInInitializerError",
                "java.lang.IllegalArgumentException: System property jdk.tls.namedGroups(P256,bogus) contains no supported named groups",
            ],
            "disabled-by-local-policy",
        ),
    ] {
        assert_eq!(of_log(&said(causes)), (rule, "error"), "{causes:?}");
    }
    // other failures in front of TLS are only quoted
    let refused = said(&["java.net.ConnectException: Connection refused"]);
    assert_eq!(of_log(&refused), ("no-handshake-in-log", "warning"));
    let quoted = &judged(&refused).of_log[0];
    assert!(
        quoted.explanation.contains("Connection refused"),
        "{}",
        quoted.explanation
    );
    assert!(quoted.remedies.iter().all(|remedy| {
        remedy
            .command
            .as_deref()
            .is_none_or(|line| !line.contains("javax.net.debug"))
    }));
}

#[test]
fn an_exception_of_tls_stands_for_a_handshake_that_is_not_logged() {
    let thrown = "java.util.concurrent.CompletionException: javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake\n\tat java.base/java.util.concurrent.CompletableFuture.encodeRelay(C.java:1)\nCaused by: javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake\n\tat java.net.http/jdk.internal.net.http.common.SSLTube.checkForHandshake(S.java:1)\nCaused by: java.net.SocketException: Connection reset\n\t... 12 more\n";
    let found = last(&format!("{SETTINGS}{thrown}"));
    assert!(
        found[0].rule.ends_with("-during-handshake"),
        "{}",
        found[0].rule
    );
    assert_eq!(found[0].confidence, Confidence::Possible);
    // beside a logged handshake the same trace is that one's, if anybody's
    let established = lab("17/tls12-client-of-both.ssl-handshake.both");
    let handshakes = |log: &str| analyse_bytes(log.as_bytes()).assembly.handshakes.len();
    assert_eq!(
        handshakes(&format!("{established}{thrown}")),
        handshakes(&established)
    );
}

#[test]
fn a_limit_below_the_usual_was_set_here() {
    for (words, blamed) in [
        (
            "The certificate chain length (2) exceeds the maximum allowed length (1)",
            Party::Client,
        ),
        (
            "The certificate chain length (14) exceeds the maximum allowed length (10)",
            Party::Server,
        ),
        (
            "The certificate chain length (14) exceeds the maximum allowed length (5)",
            Party::Server,
        ),
        (
            "The size of the handshake message (1814) exceeds the maximum allowed size (1024)",
            Party::Client,
        ),
        (
            "The size of the handshake message (33793) exceeds the maximum allowed size (32768)",
            Party::Server,
        ),
    ] {
        let consumer =
            "java.base/sun.security.ssl.ServerHello$ServerHelloConsumer.consume(S.java:1)";
        let thrown = format!("javax.net.ssl.SSLProtocolException: {words}");
        let found = first(&fatal(MAIN, "UNEXPECTED_MESSAGE", &thrown, &[consumer]));
        assert_eq!(
            (found.0, found.2),
            ("handshake-message-too-large", blamed),
            "{words}"
        );
    }
}

const CHECKED: &str =
    "PKIX path validation failed: java.security.cert.CertPathValidatorException: ";

#[test]
fn a_certificate_that_names_no_responder_is_not_the_networks_fault() {
    let log = lab("17/hostname-mismatch-tls12.ssl-handshake.both");
    let reason = "No subject alternative DNS name matching other.lab.example found.";
    let words = log
        .lines()
        .find_map(|line| line.split_once("Fatal (CERTIFICATE_UNKNOWN): "))
        .map_or(reason, |(_, words)| words.trim_end_matches(" ("));
    let with = |said: &str| log.replace(words, &format!("{CHECKED}{said}"));
    let blamed = |log: &str| {
        let diagnosis = judged(log);
        let found = diagnosis
            .by_handshake
            .iter()
            .flatten()
            .find(|finding| finding.rule == "revocation-status-unknown");
        found.expect("the rule").at_fault
    };
    assert!(!log.contains("accessMethod: ocsp") && !log.contains("CRLDistributionPoints"));
    assert_eq!(
        blamed(&with("Could not determine revocation status")),
        Party::Client
    );
    assert_eq!(
        blamed(&with(
            "Unable to determine revocation status due to network error"
        )),
        Party::Network
    );
    let named = with("Could not determine revocation status").replace(
        "\"extensions\"         : [",
        "\"extensions\"         : [\n  CRLDistributionPoints [\n  ]",
    );
    assert_eq!(blamed(&named), Party::Network);
}

#[test]
fn a_name_that_is_none_needs_another_name_and_no_certificate() {
    let checked = "java.base/sun.security.ssl.CertificateMessage$T13CertificateConsumer.checkServerCerts(C.java:1)";
    let of = |words: &str| {
        let thrown = format!("java.security.cert.CertificateException: {words}");
        last(&fatal(MAIN, "CERTIFICATE_UNKNOWN", &thrown, &[checked])).remove(0)
    };
    let illegal = of("Illegal given domain name: db_node.lab.example");
    assert_eq!(
        (illegal.rule, illegal.at_fault),
        ("hostname-mismatch", Party::Client)
    );
    assert!(illegal.headline.contains("db_node.lab.example"));
    assert!(
        illegal
            .remedies
            .iter()
            .all(|remedy| remedy.command.is_none())
    );
    let other = of("No name matching db-node.lab.example found");
    assert_eq!(
        (other.rule, other.at_fault),
        ("hostname-mismatch", Party::Either)
    );
}

#[test]
fn an_anchor_of_the_same_name_with_another_key() {
    let log = lab("17/untrusted-root-tls12.ssl-handshake.client");
    let found = |log: &str| {
        let diagnosis = judged(log);
        let found = diagnosis
            .by_handshake
            .iter()
            .flatten()
            .find(|finding| finding.rule == "untrusted-root");
        found.expect("the rule").headline.clone()
    };
    assert!(!found(&log).contains("other key"));
    let renewed = log.replace(
        "unable to find valid certification path to requested target",
        "Path does not chain with any of the trust anchors",
    );
    assert!(
        found(&renewed).contains("same name, other key"),
        "{}",
        found(&renewed)
    );
}

#[test]
fn a_trust_manager_of_the_application_is_named() {
    let jsse = "java.base/sun.security.ssl.CertificateMessage$T13CertificateConsumer.checkServerCerts(C.java:1)";
    let thrown = "java.security.cert.CertificateException: Untrusted fingerprint 4f:aa";
    let own = last(&fatal(
        MAIN,
        "CERTIFICATE_UNKNOWN",
        thrown,
        &["com.acme.Pins.checkServerTrusted(Pins.java:7)", jsse],
    ));
    assert_eq!(own[0].rule, "undetermined");
    assert!(
        own[0].headline.contains("com.acme.Pins"),
        "{}",
        own[0].headline
    );
    let jdks = last(&fatal(
        MAIN,
        "CERTIFICATE_UNKNOWN",
        thrown,
        &[jsse, "com.acme.Main.main(Main.java:1)"],
    ));
    assert!(
        !jdks[0].headline.contains("com.acme"),
        "{}",
        jdks[0].headline
    );
}

#[test]
fn a_group_asked_for_again_is_in_common() {
    let log = lab("17/no-common-named-group-tls13.ssl-handshake.client");
    let hello = until(&log, "Received alert message");
    let share = hello
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"named group\": "))
        .expect("a key share")
        .to_owned();
    let said = |group: &str| {
        let thread = hello
            .lines()
            .rev()
            .find(|line| line.starts_with("javax.net.ssl|"))
            .map_or(MAIN, line_thread);
        let thrown = format!(
            "javax.net.ssl.SSLHandshakeException: Illegal HelloRetryRequest selected group: {group}"
        );
        last(&format!(
            "{hello}{}",
            fatal(thread, "ILLEGAL_PARAMETER", &thrown, &[])
        ))
        .remove(0)
    };
    let again = said(&share);
    assert!(again.headline.contains("asked again"), "{}", again.headline);
    let new = said("ffdhe8192");
    assert!(
        new.headline.contains("no named group in common"),
        "{}",
        new.headline
    );
}

#[test]
fn a_silent_client_is_a_time_out() {
    let handled = "handling exception (\n\"throwable\" : {\n  java.net.SocketTimeoutException: Read timed out\n  \tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:283)}\n\n)";
    let log = lab("17/tls12-static-rsa.ssl-handshake.server");
    let mute = log + &entry("D7|http-nio-9", handled);
    assert_eq!(first(&mute).0, "handshake-timeout");
}

#[test]
fn a_socket_that_this_jvm_closed_is_not_the_peers_doing() {
    let hello = lab("17/closed-after-client-hello.ssl-handshake.client");
    let hello = until(&hello, "Fatal (");
    let thread = hello
        .lines()
        .rev()
        .find(|line| line.starts_with("javax.net.ssl|"))
        .map_or(MAIN, line_thread);
    let said = |thrown: &str| {
        last(&format!(
            "{}{}",
            hello,
            fatal(thread, "UNEXPECTED_MESSAGE", thrown, &[])
        ))
        .remove(0)
    };
    let own = said("java.net.SocketException: Socket closed");
    assert!(
        own.headline.contains("closed the connection itself"),
        "{}",
        own.headline
    );
    assert_eq!(own.at_fault, Party::Client);
    let reset = said("java.net.SocketException: Connection reset");
    assert_eq!(reset.rule, "connection-reset-during-handshake");
    // the same of channels: another thread closed it, or interrupted the one that waited
    for class in ["AsynchronousCloseException", "ClosedByInterruptException"] {
        let own = said(&format!("java.nio.channels.{class}"));
        assert!(
            own.headline.contains("closed the connection itself"),
            "{}",
            own.headline
        );
        assert_eq!(own.at_fault, Party::Client);
        assert_eq!(own.confidence, Confidence::Likely);
    }
    let by_peer = said("java.nio.channels.ClosedChannelException");
    assert_eq!(by_peer.rule, "peer-closed-during-handshake");
    // what the application prints may be about another connection
    let printed = "java.nio.channels.AsynchronousCloseException\n\tat java.base/java.nio.channels.spi.AbstractInterruptibleChannel.end(AbstractInterruptibleChannel.java:202)\n\tat com.acme.Client.get(Client.java:7)\n";
    let own = last(&[hello, printed].concat()).remove(0);
    assert_eq!(own.at_fault, Party::Client, "{}", own.headline);
    assert_eq!(own.confidence, Confidence::Possible);
}

#[test]
fn what_would_fail_next_is_said_with_the_path() {
    let log = lab("17/self-signed-certificate-tls12.ssl-handshake.client");
    let of = |log: &str| last(log).remove(0);
    let own = of(&log);
    assert_eq!(own.rule, "self-signed-certificate");
    assert!(
        !own.explanation.contains("Next to fail"),
        "{}",
        own.explanation
    );
    let other = of(&log.replace("value=api.lab.example", "value=shop.lab.example"));
    assert!(
        other.explanation.contains("it is not for shop.lab.example"),
        "{}",
        other.explanation
    );
    assert!(
        other
            .remedies
            .iter()
            .any(|remedy| remedy.what.contains("shop.lab.example"))
    );
}

#[test]
fn a_time_out_without_messages_may_be_behind_the_handshake() {
    let thrown = "java.net.SocketTimeoutException: Read timed out";
    let handled = |frames: &str| {
        entry(
            MAIN,
            &format!("handling exception (\n\"throwable\" : {{\n  {thrown}{frames}}}\n\n)"),
        )
    };
    assert_eq!(first(&handled("")).1, Confidence::Possible);
    let waited = lab("17/handshake-timeout.ssl-handshake.client");
    assert!(first(&waited).1 > Confidence::Possible);
}

#[test]
fn a_client_that_leaves_had_asked_for_another_name() {
    let log = lab("17/client-goes-mid-handshake-tls12.ssl-handshake.server");
    let gone = first(&log);
    assert_eq!(gone.0, "connection-reset-during-handshake");
    let other = first(&log.replace("value=api.lab.example", "value=shop.lab.example"));
    assert_eq!(
        (other.0, other.1),
        ("certificate-rejected-by-peer", Confidence::Likely)
    );
}

/// Each line made anew, or left out.
fn lines_as(log: &str, mut make: impl FnMut(&str) -> Option<String>) -> String {
    log.lines()
        .filter_map(|line| make(line).map(|line| line + "\n"))
        .collect()
}

/// The first finding of this client's handshake.
fn of_client(log: &str) -> Finding {
    let assembly = analyse_bytes(log.as_bytes()).assembly;
    let at = assembly
        .handshakes
        .iter()
        .position(|handshake| handshake.role.is_some_and(|role| role.name() == "client"));
    diagnose(&assembly).by_handshake[at.expect("a client")][0].clone()
}

#[test]
fn a_certificate_that_cannot_be_read_is_not_a_missing_one() {
    let log = lab("17/client-certificate-rejected-tls12.ssl-handshake.both");
    let at = log.find("Produced client Certificate").expect("sent");
    let (front, behind) = log.split_at(at);
    let escaped = front.to_owned() + &behind.replace('"', "&quot;");
    assert_ne!(of_client(&escaped).rule, "client-certificate-missing");
    let unopened = log.replace("    \"certificate\" : {\n", "");
    assert_eq!(of_client(&unopened).rule, of_client(&log).rule);
    // without a signature the empty list is believed
    let missing = lab("17/client-certificate-missing-tls12.ssl-handshake.both");
    assert_eq!(of_client(&missing).rule, "client-certificate-missing");
}

#[test]
fn what_a_torn_chain_lacks_proves_nothing() {
    let log = lab("17/untrusted-root-tls12.ssl-handshake.client");
    let whole = of_client(&log);
    assert_eq!(
        (whole.rule, whole.confidence),
        ("untrusted-root", Confidence::Strong)
    );
    // doubled lines are all there
    let doubled = of_client(&lines_as(&log, |line| {
        let times = if line.starts_with(' ') { 2 } else { 1 };
        Some([line; 2][..times].join("\n"))
    }));
    assert_eq!(
        (doubled.rule, &doubled.headline),
        (whole.rule, &whole.headline)
    );
    // one certificate lost its beginning, so that its fields stand behind those of another
    let mut opened = 0;
    let melted = lines_as(&log, |line| {
        opened += usize::from(line.contains("\"certificate\" : {"));
        let lost = opened == 2
            && ["\"certificate\" : {", "\"version\"", "\"serial number\""]
                .iter()
                .any(|words| line.contains(words));
        (!lost).then(|| line.to_owned())
    });
    let melted = of_client(&melted);
    assert_eq!(melted.rule, "untrusted-root");
    assert_eq!(melted.confidence, Confidence::Likely);
    // nobody's name is no name that subject and issuer share
    let nameless = of_client(&lines_as(&log, |line| {
        let named = line.contains("\"subject\"") || line.contains("\"issuer\"");
        (!named).then(|| line.to_owned())
    }));
    assert_eq!(
        (nameless.rule, nameless.confidence),
        ("untrusted-root", Confidence::Possible)
    );
    let signed = of_client(&lab(
        "17/self-signed-certificate-tls12.ssl-handshake.client",
    ));
    assert_eq!(
        (signed.rule, signed.confidence),
        ("self-signed-certificate", Confidence::Certain)
    );
}

#[test]
fn a_chain_that_is_cut_off_may_have_had_the_intermediate() {
    let log = lab("17/incomplete-certificate-chain-tls13.ssl-handshake.client");
    let whole = of_client(&log);
    assert_eq!(whole.rule, "incomplete-certificate-chain");
    assert!(whole.confidence >= Confidence::Likely);
    let at = log.find("Consuming server Certificate").expect("consumed");
    let closing = at + log[at..].find("\n)\n").expect("closed");
    let cut = format!("{}{}", &log[..closing], &log[closing + 2..]);
    let cut = of_client(&cut);
    assert_eq!(
        (cut.rule, cut.confidence),
        ("incomplete-certificate-chain", Confidence::Possible)
    );
}

#[test]
fn a_read_that_timed_out_is_not_a_handshakes_by_itself() {
    let log = lab("17/timeout-tls12-after-server-hello.ssl-handshake.client");
    let whole = of_client(&log);
    assert_eq!(
        (whole.rule, whole.confidence),
        ("handshake-timeout", Confidence::Strong)
    );
    let without_calls = |log: &str| {
        lines_as(log, |line| {
            let begins = line.contains("SSLSocketImpl.startHandshake(")
                || line.contains("SSLSocketImpl.readHandshakeRecord(");
            (!begins).then(|| line.to_owned())
        })
    };
    assert_eq!(
        of_client(&without_calls(&log)).confidence,
        Confidence::Possible
    );
    let later = log.replace("readHandshakeRecord(", "readApplicationRecord(");
    assert_eq!(
        of_client(&without_calls(&later)).confidence,
        Confidence::Possible
    );
}

#[test]
fn nothing_to_negotiate_with_names_a_side_only_where_the_log_does() {
    let log = lab("17/disabled-by-local-policy-suite.ssl-handshake.client");
    let found = last(&log).swap_remove(0);
    assert_eq!(
        (found.rule, found.at_fault),
        ("disabled-by-local-policy", Party::Client)
    );
    let clients = lab("17/untrusted-root-tls12.ssl-handshake.client");
    let alone = fatal(
        "D7|worker",
        "HANDSHAKE_FAILURE",
        "javax.net.ssl.SSLHandshakeException: No appropriate protocol (protocol is disabled or cipher suites are inappropriate)",
        &[],
    );
    assert_eq!(
        first(&format!("{clients}{alone}")),
        (
            "disabled-by-local-policy",
            Confidence::Certain,
            Party::Either
        )
    );
}

#[test]
fn a_date_that_is_wrong_either_way_is_told_as_a_guess() {
    let words = "PKIX path validation failed: java.security.cert.CertPathValidatorException: ";
    let said = |words: &str| {
        let message = format!(
            "Fatal (CERTIFICATE_UNKNOWN): {words} (\n\"throwable\" : {{\n  javax.net.ssl.SSLHandshakeException: {words}}}\n\n)"
        );
        first(&entry(MAIN, &message))
    };
    assert_eq!(
        said(&format!("{words}validity check failed")),
        ("certificate-expired", Confidence::Possible, Party::Either)
    );
    assert_ne!(
        said(&format!("{words}signature check failed")).0,
        "certificate-expired"
    );
}

#[test]
fn a_path_that_an_unknown_end_did_not_find_is_no_clients() {
    let thrown = "sun.security.validator.ValidatorException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target";
    let headline = |frames: &[&str]| {
        let log = fatal(MAIN, "CERTIFICATE_UNKNOWN", thrown, frames);
        last(&log).swap_remove(0).headline.clone()
    };
    assert!(headline(&[]).starts_with("this JVM found no path"));
    let client = "java.base/sun.security.ssl.CertificateMessage$T12CertificateConsumer.checkServerCerts(C.java:1)";
    assert!(headline(&[client]).starts_with("this client found no path"));
}

#[test]
fn who_refused_the_versions_is_the_one_that_gave_up() {
    let log = lab("17/no-common-cipher-suite-tls12.ssl-handshake.server");
    let hello = until(&log, "Fatal (");
    let thread = hello.lines().last().map_or(SERVER, line_thread);
    let thread = if thread.contains('|') { thread } else { SERVER };
    let gave_up = fatal(
        thread,
        "PROTOCOL_VERSION",
        "javax.net.ssl.SSLHandshakeException: Client requested protocol TLSv1.1 is not enabled or supported in server context",
        &[
            "java.base/sun.security.ssl.ClientHello$ClientHelloConsumer.negotiateProtocol(ClientHello.java:1)",
        ],
    );
    let server = last(&format!("{hello}{gave_up}")).swap_remove(0);
    assert_eq!(server.rule, "no-common-protocol-version");
    assert!(!server.explanation.contains("answered with the alert"));
    // a client is answered
    let client = last(&lab("17/alert-protocol-version.ssl-handshake.client")).swap_remove(0);
    assert_eq!(client.rule, "no-common-protocol-version");
    assert!(
        client.explanation.contains("answered with the alert"),
        "{}",
        client.explanation
    );
}

#[test]
fn what_an_application_prints_is_cited_where_it_stands() {
    let log = lab("17/closed-after-client-hello.ssl-handshake.client");
    let hello = until(&log, "Fatal (");
    let printed = format!(
        "{hello}INFO one\nINFO two\njavax.net.ssl.SSLHandshakeException: Remote host terminated the handshake\n\tat java.base/sun.security.ssl.SSLSocketImpl.handleEOF(SSLSocketImpl.java:1715)\n"
    );
    let line = printed.lines().count() - 1;
    let found = last(&printed);
    assert_eq!(found[0].rule, "peer-closed-during-handshake");
    let lines: Vec<u64> = found[0]
        .evidence
        .iter()
        .map(|evidence| evidence.span.line())
        .collect();
    assert_eq!(lines[0], line as u64, "{:?}", found[0].evidence);
}

#[test]
fn an_alert_without_a_hello_may_be_of_a_client_that_waited_in_vain() {
    let alert = |name: &str| {
        entry(
            SERVER,
            &format!(
                "Received alert message (\n\"Alert\": {{\n  \"level\"      : \"fatal\",\n  \"description\": \"{name}\"\n}}\n)"
            ),
        )
    };
    let told = |log: &str| {
        last(log)
            .iter()
            .map(|finding| (finding.rule, finding.confidence))
            .collect::<Vec<_>>()
    };
    let waited = ("handshake-timeout", Confidence::Possible);
    assert!(told(&alert("unexpected_message")).contains(&waited));
    assert!(!told(&alert("handshake_failure")).contains(&waited));
    let hello = lab("17/closed-after-client-hello.ssl-handshake.client");
    let sent = format!(
        "{}{}",
        until(&hello, "Fatal ("),
        alert("unexpected_message").replace(SERVER, MAIN)
    );
    assert!(!told(&sent).contains(&waited), "{:?}", told(&sent));
}
