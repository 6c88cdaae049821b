//! Rules of the families N, R, P and J: for each a log on which it is the first to be told,
//! and a near miss on which it must be silent.
//!
//! Logs under `testdata/lab` are recordings. Where none shows a fault, the text is written by hand
//! in the form that JDK 17 prints.

use std::{fs, path::Path};

use jssl_analyze::{
    assemble::Assembly,
    diagnose::{Confidence, Diagnosis, Finding, diagnose, find_rule},
    drive::analyse_bytes,
    handshake::{Party, Role},
};

fn judged(log: &[u8]) -> (Assembly, Diagnosis) {
    let assembly = analyse_bytes(log).assembly;
    let diagnosis = diagnose(&assembly);
    (assembly, diagnosis)
}

fn lab(log: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/lab/logs")
        .join(log);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The findings of the first handshake of this role; of the first at all for `None`.
fn findings(log: &[u8], role: Option<Role>) -> Vec<Finding> {
    let (assembly, diagnosis) = judged(log);
    let at = assembly
        .handshakes
        .iter()
        .position(|handshake| role.is_none() || handshake.role == role);
    diagnosis.by_handshake[at.expect("a handshake of this role")].clone()
}

const CLIENT: Option<Role> = Some(Role::Client);
const SERVER: Option<Role> = Some(Role::Server);

/// (log, role, rule that comes first, rule that must be absent)
#[rustfmt::skip]
const LAB: &[(&str, Option<Role>, &str, &str)] = &[
    ("17/no-common-cipher-suite-tls12.ssl-handshake.server.log", SERVER, "no-common-cipher-suite", "no-common-named-group"),
    ("11/no-common-cipher-suite-tls13.ssl-handshake.server.log", SERVER, "no-common-cipher-suite", "undetermined"),
    ("17/no-common-cipher-suite-tls13.ssl-handshake.both.log", CLIENT, "no-common-cipher-suite", "no-server-hello"),
    ("17/no-common-protocol-version-old-server.ssl-handshake.both.log", SERVER, "no-common-protocol-version", "no-common-cipher-suite"),
    ("17/no-common-protocol-version-tls10-answer.ssl-handshake.client.log", CLIENT, "no-common-protocol-version", "downgrade-detected"),
    ("17/alert-protocol-version.ssl-handshake.client.log", CLIENT, "no-common-protocol-version", "refused-without-reason"),
    ("17/no-common-named-group-tls13.ssl-handshake.server.log", SERVER, "no-common-named-group", "unexpected-message"),
    ("17/no-common-named-group-tls13.ssl-handshake.client.log", CLIENT, "refused-without-reason", "no-common-named-group"),
    ("17/no-common-signature-scheme-tls12.ssl-handshake.server.log", SERVER, "no-common-signature-scheme", "no-common-cipher-suite"),
    ("17/no-common-signature-scheme-tls13.ssl-handshake.server.log", SERVER, "no-common-signature-scheme", "undetermined"),
    ("17/no-common-application-protocol-tls12.ssl-handshake.both.log", SERVER, "no-common-application-protocol", "no-common-protocol-version"),
    ("17/no-common-application-protocol-tls13.ssl-handshake.both.log", CLIENT, "no-common-application-protocol", "refused-without-reason"),
    ("17/crypto-provider-missing-tls13.ssl-handshake.client.log", CLIENT, "crypto-provider-missing", "no-common-named-group"),
    ("17/no-common-named-group-tls13.ssl-handshake.server.log", SERVER, "no-common-named-group", "crypto-provider-missing"),
    ("25/removed-by-jdk-update-static-rsa.ssl-handshake.server.log", SERVER, "no-common-cipher-suite", "crypto-provider-missing"),
    ("17/alert-handshake-failure.ssl-handshake.client.log", CLIENT, "refused-without-reason", "removed-by-jdk-update"),
    ("17/no-common-cipher-suite-tls13.ssl-handshake.both.log", SERVER, "no-common-cipher-suite", "removed-by-jdk-update"),
    ("17/disabled-by-local-policy-suite.ssl-handshake.client.log", None, "disabled-by-local-policy", "no-common-cipher-suite"),
    ("17/alert-handshake-failure.ssl-handshake.client.log", CLIENT, "refused-without-reason", "no-common-cipher-suite"),
    ("17/alert-internal-error.ssl-handshake.client.log", CLIENT, "refused-without-reason", "known-jdk-defect"),
    ("17/alert-access-denied.ssl-handshake.client.log", CLIENT, "refused-without-reason", "undetermined"),
    ("17/plaintext-peer-http.ssl-handshake.client.log", CLIENT, "plaintext-peer", "plaintext-client"),
    ("25/plaintext-client-http.ssl-handshake.server.log", None, "plaintext-client", "plaintext-peer"),
    ("17/closed-after-client-hello.ssl-handshake.client.log", CLIENT, "peer-closed-during-handshake", "probe-or-scanner"),
    ("25/cut-tls13-after-3.ssl-handshake.both.log", CLIENT, "peer-closed-during-handshake", "no-server-hello"),
    ("17/reset-after-client-hello.ssl-handshake.client.log", CLIENT, "connection-reset-during-handshake", "large-client-hello-dropped"),
    ("17/handshake-timeout.ssl-handshake.client.log", CLIENT, "handshake-timeout", "large-client-hello-dropped"),
    ("25/tcp-probe.ssl-handshake.server.log", None, "probe-or-scanner", "peer-closed-during-handshake"),
    ("17/tcp-probes-and-one-client.ssl-handshake.server.log", None, "probe-or-scanner", "undetermined"),
    ("17/tls10.ssl-handshake.both.log", CLIENT, "obsolete-protocol-version", "undetermined"),
    ("17/log-ends-in-certificate.ssl-handshake.client.log", CLIENT, "log-ends-mid-handshake", "no-server-hello"),
];

#[test]
fn the_cause_comes_first_and_its_neighbour_is_silent() {
    for &(log, role, first, absent) in LAB {
        let found: Vec<&str> = findings(&lab(log), role)
            .iter()
            .map(|finding| finding.rule)
            .collect();
        assert_eq!(found.first(), Some(&first), "{log}: {found:?}");
        assert!(!found.contains(&absent), "{log}: {found:?}");
        assert!(find_rule(absent).is_some(), "{absent} is a rule");
    }
}

/// An entry as JDK 17 prints it.
fn entry(second: u32, caller: &str, message: &str) -> String {
    format!("javax.net.ssl|DEBUG|10|main|2026-11-21 03:16:{second:02}.000 UTC|{caller}|{message}\n")
}

fn client_hello(verb: &str, version: &str, suites: &str, extensions: &str) -> String {
    let random = "00".repeat(31);
    let body = format!(
        "{verb} ClientHello handshake message (\n\"ClientHello\": {{\n  \"client version\"      : \"{version}\",\n  \"random\"              : \"{random}01\",\n  \"session id\"          : \"\",\n  \"cipher suites\"       : \"[{suites}]\",\n  \"compression methods\" : \"00\",\n  \"extensions\"          : [\n{extensions}  ]\n}}\n)"
    );
    entry(1, "ClientHello.java:653", &body)
}

fn sent_hello(extensions: &str) -> String {
    client_hello(
        "Produced",
        "TLSv1.2",
        "TLS_AES_128_GCM_SHA256(0x1301), TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256(0xC02F)",
        extensions,
    )
}

fn received_hello() -> String {
    client_hello(
        "Consuming",
        "TLSv1.2",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256(0xC02F)",
        "",
    )
}

fn fatal(alert: &str, class: &str, reason: &str) -> String {
    let body = format!(
        "Fatal ({alert}): {reason} (\n\"throwable\" : {{\n  javax.net.ssl.{class}: {reason}\n  \tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)}}\n\n)"
    );
    entry(2, "TransportContext.java:370", &body)
}

/// (alert, exception, reason, of the client, rule that comes first): said locally behind a ClientHello.
#[rustfmt::skip]
const SAID: &[(&str, &str, &str, bool, &str)] = &[
    ("HANDSHAKE_FAILURE", "SSLHandshakeException", "Server selected improper ciphersuite TLS_RSA_WITH_AES_128_CBC_SHA", true, "no-common-cipher-suite"),
    ("UNEXPECTED_MESSAGE", "SSLException", "Unsupported SSL v2.0 ClientHello", false, "no-common-protocol-version"),
    ("HANDSHAKE_FAILURE", "SSLHandshakeException", "Received fatal alert: inappropriate_fallback", true, "no-common-protocol-version"),
    ("ILLEGAL_PARAMETER", "SSLHandshakeException", "Unexpected HelloRetryRequest selected group: ffdhe8192", true, "no-common-named-group"),
    ("HANDSHAKE_FAILURE", "SSLHandshakeException", "Unsupported signature algorithm (rsa_pkcs1_sha1) used in CertificateVerify handshake message", true, "no-common-signature-scheme"),
    ("INSUFFICIENT_SECURITY", "SSLHandshakeException", "DH ServerKeyExchange does not comply to algorithm constraints", true, "dh-parameters-too-weak"),
    ("INSUFFICIENT_SECURITY", "SSLHandshakeException", "ServerKeyExchange for secp160k1 does not comply with algorithm constraints", true, "no-common-named-group"),
    ("ILLEGAL_PARAMETER", "SSLHandshakeException", "A potential protocol version downgrade attack", true, "downgrade-detected"),
    ("HANDSHAKE_FAILURE", "SSLHandshakeException", "Unsafe renegotiation is not allowed", false, "renegotiation-refused"),
    ("HANDSHAKE_FAILURE", "SSLHandshakeException", "Client initiated renegotiation is not allowed", false, "renegotiation-refused"),
    ("HANDSHAKE_FAILURE", "SSLHandshakeException", "Extended Master Secret extension is required", false, "extended-master-secret-missing"),
    ("HANDSHAKE_FAILURE", "SSLHandshakeException", "Missing Extended Master Secret extension on session resumption", true, "extended-master-secret-missing"),
    ("ILLEGAL_PARAMETER", "SSLHandshakeException", "Incorrect PSK binder value", false, "resumption-rejected"),
    ("UNKNOWN_PSK_IDENTITY", "SSLHandshakeException", "Received fatal alert: unknown_psk_identity", true, "refused-without-reason"),
    ("BAD_RECORD_MAC", "SSLHandshakeException", "Insufficient buffer remaining for AEAD cipher fragment (2). Needs to be more than tag size (16)", true, "record-corrupted"),
    ("DECRYPT_ERROR", "SSLHandshakeException", "The Finished message cannot be verified.", true, "record-corrupted"),
    ("BAD_RECORD_MAC", "SSLHandshakeException", "Received fatal alert: bad_record_mac", false, "record-corrupted"),
    ("UNEXPECTED_MESSAGE", "SSLProtocolException", "The size of the handshake message (33793) exceeds the maximum allowed size (32768)", true, "handshake-message-too-large"),
    ("ILLEGAL_PARAMETER", "SSLHandshakeException", "Invalid NewSessionTicket message: insufficient ticket data", true, "message-malformed"),
    ("DECODE_ERROR", "SSLHandshakeException", "Invalid certificate_authorities extension: insufficient data", true, "message-malformed"),
    ("UNEXPECTED_MESSAGE", "SSLProtocolException", "Unknown handshake type size, Handshake.msg_type = 72", false, "message-malformed"),
    ("UNEXPECTED_MESSAGE", "SSLProtocolException", "Unexpected handshake message: server_hello_done", true, "unexpected-message"),
    ("INTERNAL_ERROR", "SSLException", "Unexpected error: java.security.InvalidAlgorithmParameterException: the trustAnchors parameter must be non-empty", true, "undetermined"),
    ("INTERNAL_ERROR", "SSLException", "Received fatal alert: internal_error", true, "refused-without-reason"),
    ("DECODE_ERROR", "SSLException", "Received fatal alert: decode_error", true, "refused-without-reason"),
    ("HANDSHAKE_FAILURE", "SSLHandshakeException", "No such sentence is known", true, "undetermined"),
];

#[test]
fn sentences_that_no_recording_has_are_understood() {
    for &(alert, class, reason, of_client, first) in SAID {
        let hello = if of_client {
            sent_hello("")
        } else {
            received_hello()
        };
        let log = hello + &fatal(alert, class, reason);
        let role = if of_client { CLIENT } else { SERVER };
        let found: Vec<&str> = findings(log.as_bytes(), role)
            .iter()
            .map(|finding| finding.rule)
            .collect();
        if reason.contains("trustAnchors") {
            assert!(!found.contains(&"unexpected-message"), "{found:?}");
            continue; // the trust store's rule has this one
        }
        let mut expected = vec![first];
        if reason.ends_with("internal_error") {
            expected.push("server-name-missing"); // these hellos name none
        }
        assert_eq!(found, expected, "{reason}");
    }
}

const HYBRID: &str = "    \"key_share (51)\": {\n      \"client_shares\": [  \n        {\n          \"named group\": X25519MLKEM768\n          \"key_exchange\": {\n            0000: 00                                                 .\n          }\n        },\n      ]\n    },\n";

#[test]
fn a_lost_hybrid_hello_is_a_candidate_behind_the_time_out() {
    let handled = "handling exception (\n\"throwable\" : {\n  java.net.SocketTimeoutException: Read timed out\n  \tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:283)}\n\n)";
    let log = sent_hello(HYBRID) + &entry(12, "SSLSocketImpl.java:1672", handled);
    let found = findings(log.as_bytes(), CLIENT);
    let rules: Vec<&str> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules.first(), Some(&"handshake-timeout"), "{rules:?}");
    assert!(rules.contains(&"large-client-hello-dropped"), "{rules:?}");
    assert!(
        found[0].explanation.contains("11000 ms for ServerHello"),
        "{}",
        found[0].explanation
    );
}

#[test]
fn the_size_of_a_lost_hello_is_told_where_the_log_has_it() {
    let handled = "handling exception (\n\"throwable\" : {\n  java.net.SocketTimeoutException: Read timed out\n  \tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:283)}\n\n)";
    let written = entry(
        1,
        "SSLSocketOutputRecord.java:261",
        "WRITE: TLSv1.3 handshake, length = 1,572",
    );
    let log = sent_hello(HYBRID) + &written + &entry(12, "SSLSocketImpl.java:1672", handled);
    let found = findings(log.as_bytes(), CLIENT);
    let large = found
        .iter()
        .find(|finding| finding.rule == "large-client-hello-dropped")
        .expect("the candidate");
    assert!(
        large
            .explanation
            .contains("1577 bytes long, more than the 1460"),
        "{}",
        large.explanation
    );
    assert!(
        large
            .evidence
            .iter()
            .any(|line| line.text.contains("1577 bytes") && line.span.line() > 1)
    );
    // the size alone is no reason
    let log = sent_hello("") + &written + &entry(12, "SSLSocketImpl.java:1672", handled);
    let found = findings(log.as_bytes(), CLIENT);
    assert!(
        found
            .iter()
            .all(|finding| finding.rule != "large-client-hello-dropped")
    );
}

#[test]
fn a_client_that_lets_go_without_a_word_had_no_server_hello() {
    let log = sent_hello("")
        + &entry(1, "SSLSocketImpl.java:577", "duplex close of SSLSocket")
        + &entry(
            1,
            "SSLSocketImpl.java:1785",
            "close the SSL connection (initiative)",
        );
    let rules: Vec<&str> = findings(log.as_bytes(), CLIENT)
        .iter()
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(rules, ["no-server-hello"]);
}

#[test]
fn a_group_that_a_tls12_server_does_not_have() {
    let groups = "    \"supported_groups (10)\": {\n      \"versions\": [secp521r1]\n    },\n";
    let hello = client_hello(
        "Consuming",
        "TLSv1.2",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256(0xC02F)",
        groups,
    );
    let said = fatal(
        "HANDSHAKE_FAILURE",
        "SSLHandshakeException",
        "no cipher suites in common",
    );
    let pinned = entry(
        0,
        "SSLExtensions.java:1",
        "System property jdk.tls.namedGroups is set to 'x25519,secp256r1'",
    );
    let first = findings((pinned + &hello + &said).as_bytes(), SERVER).remove(0);
    assert_eq!(
        (first.rule, first.confidence.name()),
        ("no-common-named-group", "strong")
    );
    // the same groups on both sides: the suites are left
    let pinned = entry(
        0,
        "SSLExtensions.java:1",
        "System property jdk.tls.namedGroups is set to 'secp521r1'",
    );
    let found = findings((pinned + &hello + &said).as_bytes(), SERVER);
    assert!(
        found
            .iter()
            .all(|finding| finding.rule == "no-common-cipher-suite"),
        "{found:?}"
    );
}

#[test]
fn a_server_that_looked_for_a_key_in_vain_has_suites_in_common() {
    for log in [
        "17/server-key-wrong-type-tls12.ssl-handshake.server.log",
        "17/server-key-missing-tls12.ssl-handshake.both.log",
    ] {
        let found = findings(&lab(log), SERVER);
        assert!(
            found
                .iter()
                .filter(|finding| finding.rule.starts_with("no-common"))
                .all(|finding| finding.symptom_of == Some("server-key-missing")),
            "{log}: {found:?}"
        );
    }
}

#[test]
fn a_known_defect_needs_the_exact_release() {
    let session = "    \"pre_shared_key (41)\": {\n      \"PreSharedKey\": {\n        \"identities\": {\n        }\n      }\n    },\n";
    let log = |release: &str| {
        let store = format!("trustStore is: /usr/lib/jvm/jdk-{release}/lib/security/cacerts");
        entry(0, "TrustStoreManager.java:112", &store)
            + &sent_hello(session)
            + &fatal(
                "INTERNAL_ERROR",
                "SSLException",
                "Received fatal alert: internal_error",
            )
    };
    let first = |release: &str| findings(log(release).as_bytes(), CLIENT)[0].rule;
    assert_eq!(
        (first("11.0.2"), first("11.0.3")),
        ("known-jdk-defect", "refused-without-reason")
    );
}

fn of_rule<'f>(findings: &'f [Finding], rule: &str) -> Option<&'f Finding> {
    findings.iter().find(|finding| finding.rule == rule)
}

#[test]
fn an_update_that_dropped_the_suites_of_the_client() {
    let log = lab("25/removed-by-jdk-update-static-rsa.ssl-handshake.server.log");
    let found = findings(&log, SERVER);
    let removed = of_rule(&found, "removed-by-jdk-update").expect("the update is named");
    assert_eq!(
        (removed.severity.name(), removed.confidence.name()),
        ("warning", "likely")
    );
    assert!(removed.explanation.contains("JDK 24"), "{removed:?}");
    // the same offer, refused by a server that does not list it as disabled
    let text = String::from_utf8(log.clone()).unwrap();
    let without: String = text
        .lines()
        .filter(|line| !line.contains("Ignore disabled cipher suite: TLS_RSA_"))
        .flat_map(|line| [line, "\n"])
        .collect();
    assert!(
        of_rule(
            &findings(without.as_bytes(), SERVER),
            "removed-by-jdk-update"
        )
        .is_none()
    );
    // one log over the update: such a suite was agreed on before
    let before = lab("17/tls12-static-rsa.ssl-handshake.server.log");
    let both = [before, log].concat();
    let (assembly, diagnosis) = judged(&both);
    let last = assembly.handshakes.len() - 1;
    let removed = of_rule(&diagnosis.by_handshake[last], "removed-by-jdk-update");
    assert_eq!(removed.map(|found| found.confidence.name()), Some("strong"));
}

#[test]
fn an_update_may_have_cost_a_client_the_suites_of_an_old_server() {
    let found = findings(
        &lab("25/alert-handshake-failure.ssl-handshake.client.log"),
        CLIENT,
    );
    assert_eq!(found[0].rule, "refused-without-reason");
    let removed = of_rule(&found, "removed-by-jdk-update").expect("a candidate");
    assert_eq!(removed.confidence.name(), "possible");
    assert!(
        removed.confirm[0]
            .command
            .as_deref()
            .is_some_and(|command| command.contains("kRSA"))
    );
}

#[test]
fn an_old_client_of_a_server_with_the_default_versions() {
    let refusal = |client: &str, server: &str| {
        let reason = format!(
            "The client supported protocol versions [{client}] are not accepted by server preferences [{server}]"
        );
        received_hello()
            + &fatal(
                "PROTOCOL_VERSION",
                "javax.net.ssl.SSLHandshakeException",
                &reason,
            )
    };
    let removed = |log: String| {
        let found = findings(log.as_bytes(), SERVER);
        assert_eq!(found[0].rule, "no-common-protocol-version");
        of_rule(&found, "removed-by-jdk-update").is_some()
    };
    assert!(removed(refusal("TLSv1.1, TLSv1", "TLSv1.3, TLSv1.2")));
    // a server that was told to have TLS 1.3 alone
    assert!(!removed(refusal("TLSv1.1, TLSv1", "TLSv1.3")));
    assert!(!removed(refusal("TLSv1.2", "TLSv1.3")));
}

#[test]
fn curves_that_no_provider_has() {
    let log = String::from_utf8(lab(
        "17/crypto-provider-missing-tls13.ssl-handshake.client.log",
    ))
    .unwrap();
    let found = findings(log.as_bytes(), CLIENT);
    assert_eq!(
        (found[0].rule, found[0].confidence.name()),
        ("crypto-provider-missing", "likely")
    );
    assert!(
        found[0]
            .evidence
            .iter()
            .any(|line| &*line.text == "No AlgorithmParameters for x25519")
    );
    // without the provider's words it is the shape of the offer alone
    let found = findings(
        log.replace("No AlgorithmParameters", "No Algorithms")
            .as_bytes(),
        CLIENT,
    );
    let missing = of_rule(&found, "crypto-provider-missing").expect("still a candidate");
    assert_eq!(missing.confidence.name(), "possible");
    // a server refused for another reason than the offer: it had answered
    let named = log.replace("unexpected_message", "access_denied");
    assert!(
        of_rule(
            &findings(named.as_bytes(), CLIENT),
            "crypto-provider-missing"
        )
        .is_none()
    );
    // the same runtime as a server
    let unprovided = entry(
        1,
        "NamedGroup.java:297",
        "No AlgorithmParameters for x25519 (\n\"throwable\" : {\n  java.security.NoSuchAlgorithmException: Algorithm x25519 not available}\n)",
    );
    let refusal = received_hello()
        + &fatal(
            "HANDSHAKE_FAILURE",
            "javax.net.ssl.SSLHandshakeException",
            "no cipher suites in common",
        );
    let found = findings((unprovided + &refusal).as_bytes(), SERVER);
    assert_eq!(
        of_rule(&found, "crypto-provider-missing").map(|found| found.confidence.name()),
        Some("strong")
    );
    assert!(
        of_rule(
            &findings(refusal.as_bytes(), SERVER),
            "crypto-provider-missing"
        )
        .is_none()
    );
}

#[test]
fn a_session_that_the_server_does_not_take_up_is_a_remark() {
    let log = String::from_utf8(lab("17/resumption-tls12.ssl-handshake.both.log")).unwrap();
    let remarks = |log: &str| {
        let (assembly, diagnosis) = judged(log.as_bytes());
        assert!(
            assembly
                .handshakes
                .iter()
                .all(|handshake| handshake.break_up.is_none())
        );
        let all = diagnosis.by_handshake.concat();
        all.into_iter()
            .filter(|found| found.rule == "resumption-rejected")
            .collect::<Vec<_>>()
    };
    assert!(remarks(&log).is_empty(), "resumed");
    // the second ServerHello with another session id than the one offered
    let hello = log
        .rfind("\"ServerHello\": {")
        .expect("a second ServerHello");
    let at = hello + log[hello..].find("\"session id\"").expect("its session id");
    let digit = at
        + log[at..]
            .find("\"session id\"          : \"")
            .expect("in that form")
        + 25;
    let other = if &log[digit..=digit] == "0" { "1" } else { "0" };
    let changed = format!("{}{other}{}", &log[..digit], &log[digit + 1..]);
    let found = remarks(&changed);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].severity.name(), "info");
}

#[test]
fn a_port_that_the_log_does_not_name_is_said_to_be_assumed() {
    let assumed = |found: &Finding| {
        found
            .assumptions
            .iter()
            .any(|words| words.contains("port 443"))
    };
    let guessed = findings(
        &lab("17/alert-handshake-failure.ssl-handshake.client.log"),
        CLIENT,
    );
    assert!(assumed(&guessed[0]));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/bc/1.80");
    let logs = fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut named = 0;
    for log in logs.filter(|path| path.extension().is_some_and(|extension| extension == "log")) {
        let (assembly, diagnosis) = judged(&fs::read(&log).unwrap());
        for (handshake, found) in assembly.handshakes.iter().zip(&diagnosis.by_handshake) {
            let port = handshake.peer().and_then(|peer| peer.port);
            let (Some(port), Some(first), Some(Role::Client)) =
                (port, found.first(), handshake.role)
            else {
                continue;
            };
            assert!(!assumed(first), "{}", log.display());
            let commands = first
                .confirm
                .iter()
                .filter_map(|test| test.command.as_deref());
            named += commands
                .filter(|command| command.contains(&format!(":{port}")))
                .count();
        }
    }
    assert!(named > 0, "a log of Bouncy Castle names the port");
}

/// What Netty prints of a peer that does not speak TLS: JSSE never sees those bytes.
fn printed_by_netty(bytes: &[u8]) -> String {
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let hex = hex.concat();
    format!(
        "2026-11-21 10:00:00 WARN [nioEventLoopGroup-3-1] i.n.c.DefaultChannelPipeline - An exceptionCaught() event was fired\nio.netty.handler.codec.DecoderException: io.netty.handler.ssl.NotSslRecordException: not an SSL/TLS record: {hex}\n\tat io.netty.handler.codec.ByteToMessageDecoder.callDecode(ByteToMessageDecoder.java:477)\nCaused by: io.netty.handler.ssl.NotSslRecordException: not an SSL/TLS record: {hex}\n\tat io.netty.handler.ssl.SslHandler.decodeJdkCompatible(SslHandler.java:1214)\n"
    )
}

#[test]
fn what_netty_says_of_a_peer_without_tls_is_heard() {
    let mut log = lab("17/tcp-probes-and-one-client.ssl-handshake.server.log");
    let secret = b"GET /health HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\n\r\n";
    log.extend_from_slice(printed_by_netty(secret).as_bytes());
    let (assembly, diagnosis) = judged(&log);
    let last = assembly.handshakes.len() - 1;
    let finding = &diagnosis.by_handshake[last][0];
    assert_eq!(
        (finding.rule, finding.confidence.name()),
        ("plaintext-client", "certain")
    );
    assert!(finding.explanation.contains("plain HTTP request"));
    let told = format!("{:?} {:?}", finding, assembly.handshakes[last]);
    assert!(told.contains("GET /health"), "{told}");
    assert!(!told.contains("4261736963"), "bytes of a header: {told}");

    // a client, whose hello was answered in plain
    let hello = lab("17/reset-after-client-hello.ssl-handshake.client.log");
    let hello = String::from_utf8_lossy(&hello);
    let end = hello.find("\n)\n").expect("the end of the ClientHello") + 3;
    let log = format!(
        "{}{}",
        &hello[..end],
        printed_by_netty(b"SSH-2.0-OpenSSH_9.2\r\n")
    );
    let found = findings(log.as_bytes(), CLIENT);
    assert_eq!(found[0].rule, "plaintext-peer");
    assert!(found[0].explanation.contains("SSH"));
}

#[test]
fn a_closed_channel_does_not_tell_how_the_connection_ended() {
    let told = |class: &str| {
        let log = sent_hello("")
            + &format!(
                "{class}\n\tat io.netty.handler.ssl.SslHandler.channelInactive(SslHandler.java:1031)\n"
            );
        let found = findings(log.as_bytes(), CLIENT);
        assert_eq!(found[0].rule, "peer-closed-during-handshake");
        found[0].explanation.clone()
    };
    let channel = told("java.nio.channels.ClosedChannelException");
    assert!(!channel.contains("in order after"), "{channel}");
    assert!(
        told("java.io.EOFException: SSL peer shut down incorrectly").contains("ended in order")
    );
}

#[test]
fn one_thread_of_a_pool_says_how_the_connection_of_another_ended() {
    let closed_on = |thread: &str| {
        let hello = sent_hello("").replace("|10|main|", "|10|HttpClient@5a-15|");
        let closing = entry(2, "SSLEngineImpl.java:825", "Closing outbound of SSLEngine")
            .replace("|10|main|", &format!("|11|{thread}|"));
        let thrown = "java.util.concurrent.ExecutionException: javax.net.ssl.SSLHandshakeException: Abruptly closed by peer\n\tat org.eclipse.jetty.client.util.FutureResponseListener.getResult(FutureResponseListener.java:118)\nCaused by: javax.net.ssl.SSLHandshakeException: Abruptly closed by peer\n\tat org.eclipse.jetty.io.ssl.SslConnection$DecryptedEndPoint.fill(SslConnection.java:769)\n";
        findings((hello + &closing + thrown).as_bytes(), CLIENT)[0].rule
    };
    assert_eq!(
        closed_on("HttpClient@5a-16"),
        "peer-closed-during-handshake"
    );
    assert_eq!(closed_on("server-2"), "log-ends-mid-handshake");
}

#[test]
fn an_alert_about_what_was_not_asked_for_is_no_cause() {
    let log = lab("17/alert-handshake-failure.ssl-handshake.client.log");
    let log = String::from_utf8_lossy(&log);
    for (alert, rule) in [
        ("no_renegotiation", "refused-without-reason"),
        ("unknown_psk_identity", "refused-without-reason"),
        ("close_notify", "peer-closed-during-handshake"),
    ] {
        let log = log.replace("handshake_failure", alert);
        assert_eq!(findings(log.as_bytes(), CLIENT)[0].rule, rule, "{alert}");
    }
}

#[test]
fn a_choice_that_was_not_offered_is_refused() {
    let log = lab("17/certificate-expired-tls12.ssl-handshake.server.log");
    let log = String::from_utf8_lossy(&log);
    let done = log.find("Produced ServerHelloDone").expect("the flight");
    let end = done + log[done..].find("\n)\n").expect("its end") + 3;
    let refused = |log: &str| {
        let alert = log.rfind("Produced ServerHelloDone").expect("the flight");
        let line = log[..alert].rfind('\n').expect("a line") + 1;
        let head = log[line..alert].replace("ServerHelloDone.java", "Alert.java");
        format!(
            "{log}{head}Received alert message (\n\"Alert\": {{\n  \"level\"      : \"fatal\",\n  \"description\": \"illegal_parameter\"\n}}\n)\n"
        )
    };
    let known = findings(refused(&log[..end]).as_bytes(), SERVER);
    assert_eq!(known[0].rule, "refused-without-reason");
    let groups = log.find("\"supported_groups (10)\"").expect("groups");
    let list = groups + log[groups..].find('[').expect("a list");
    let behind = list + log[list..].find(']').expect("its end");
    let foreign = format!(
        "{}[UNDEFINED-NAMED-GROUP(26){}",
        &log[..list],
        &log[behind..end]
    );
    let found = findings(refused(&foreign).as_bytes(), SERVER);
    assert_eq!(
        (found[0].rule, found[0].confidence.name()),
        ("no-common-named-group", "strong")
    );
}

/// A TLS 1.2 server's flight, with this end of its random, answered by `illegal_parameter`.
fn refused_with_random_ending(end: &str) -> String {
    let log = lab("17/certificate-expired-tls12.ssl-handshake.server.log");
    let log = String::from_utf8_lossy(&log);
    let hello = log
        .find("Produced ServerHello handshake")
        .expect("the answer");
    let random = hello + log[hello..].find("\"random\"").expect("its random");
    let behind = random + log[random..].find("\",\n").expect("its end");
    let done = behind
        + log[behind..]
            .find("Produced ServerHelloDone")
            .expect("the flight");
    let last = done + log[done..].find("\n)\n").expect("its end") + 3;
    let line = log[..done].rfind('\n').expect("a line") + 1;
    let head = log[line..done].replace("ServerHelloDone.java", "Alert.java");
    format!(
        "{}{end}{}{head}Received alert message (\n\"Alert\": {{\n  \"level\"      : \"fatal\",\n  \"description\": \"illegal_parameter\"\n}}\n)\n",
        &log[..behind - end.len()],
        &log[behind..last]
    )
}

#[test]
fn a_client_that_sees_the_mark_of_a_newer_server_says_illegal_parameter() {
    let first = |log: &str| {
        let found = &findings(log.as_bytes(), SERVER)[0];
        (found.rule, found.confidence.name())
    };
    let marked = refused_with_random_ending("444F574E47524401");
    assert_eq!(first(&marked), ("downgrade-detected", "possible"));
    let fell_back = marked.replacen("\"[TLS_", "\"[TLS_FALLBACK_SCSV(0x5600), TLS_", 1);
    assert_ne!(fell_back, marked);
    assert_eq!(first(&fell_back), ("downgrade-detected", "likely"));
    // no mark, no downgrade
    let unmarked = refused_with_random_ending("444F574E47524402");
    assert_eq!(first(&unmarked).0, "refused-without-reason");
    // another alert speaks of something else
    let other = marked.replace("illegal_parameter", "handshake_failure");
    assert_ne!(first(&other).0, "downgrade-detected");
}

#[test]
fn what_is_printed_for_several_threads_is_about_several_handshakes() {
    let hello = |number: u32| {
        sent_hello("")
            .replace("|10|main|", &format!("|1{number}|I/O dispatcher {number}|"))
            .replace("01\"", &format!("{number:02}\""))
    };
    let thrown = "java.util.concurrent.ExecutionException: org.apache.http.ConnectionClosedException: Connection is closed\n\tat a.B.c(B.java:1)\nCaused by: org.apache.http.ConnectionClosedException: Connection is closed\n\t... 1 more\n";
    let outcomes = |log: &str| -> Vec<&str> {
        let (assembly, _) = judged(log.as_bytes());
        let ends = assembly.handshakes.iter();
        ends.map(|handshake| handshake.outcome.name()).collect()
    };
    let two = hello(1) + &hello(2);
    assert_eq!(
        outcomes(&format!("{two}{thrown}")),
        ["unfinished", "failed"]
    );
    assert_eq!(
        outcomes(&format!("{two}{thrown}APP FAILED\n{thrown}")),
        ["failed", "failed"]
    );
    // an exception that is only spoken of ends nothing
    let spoken = "10:00:00 WARN com.acme.Pool - org.apache.http.ConnectionClosedException: Connection is closed\n";
    assert_eq!(
        outcomes(&format!("{two}{spoken}")),
        ["unfinished", "unfinished"]
    );
    let other = "java.util.concurrent.TimeoutException\n\tat a.B.c(B.java:1)\n";
    assert_eq!(
        outcomes(&format!("{two}{other}")),
        ["unfinished", "unfinished"]
    );
}

#[test]
fn an_unknown_psk_is_one_that_was_offered() {
    let psk = "    \"pre_shared_key (41)\": {\n      \"PreSharedKey\": {\n      }\n    },\n";
    let alert = fatal(
        "UNKNOWN_PSK_IDENTITY",
        "SSLHandshakeException",
        "Received fatal alert: unknown_psk_identity",
    );
    let found = findings((sent_hello(psk) + &alert).as_bytes(), CLIENT);
    assert_eq!(found[0].rule, "resumption-rejected");
}

#[test]
fn a_failure_of_tls13_is_not_one_of_tls12() {
    // on another thread than any of the handshakes, as with engines
    let fatal = "javax.net.ssl|ERROR|F7|pool-9|2026-11-21 03:30:49.799 UTC|TransportContext.java:375|Fatal (HANDSHAKE_FAILURE): Insufficient buffer remaining for AEAD cipher fragment (2). Needs to be more than tag size (16) (\n\"throwable\" : {\n  javax.crypto.BadPaddingException: Insufficient buffer remaining for AEAD cipher fragment (2). Needs to be more than tag size (16)\n  \tat java.base/sun.security.ssl.SSLEngineImpl.decode(SSLEngineImpl.java:1)}\n\n)\n";
    for (log, is_hit) in [
        ("17/engine-tls12.ssl-handshake.both.log", false),
        ("17/engine-tls13.ssl-handshake.both.log", true),
    ] {
        let log = lab(log);
        let log = String::from_utf8_lossy(&log);
        let sent = log
            .find("Produced server Finished")
            .or_else(|| log.find("Produced ServerHelloDone"))
            .expect("the end of the server's flight");
        let sent = sent.min(log.find("Produced ServerHelloDone").unwrap_or(sent));
        let end = sent + log[sent..].find("\njavax.net.ssl|").expect("a next entry") + 1;
        let (assembly, _) = judged(format!("{}{fatal}", &log[..end]).as_bytes());
        let hit = assembly.handshakes.iter().any(|handshake| {
            handshake.server_hello.is_some()
                && handshake
                    .break_up
                    .as_deref()
                    .is_some_and(|end| end.exception.is_some())
        });
        assert_eq!(hit, is_hit);
    }
}

#[test]
fn connections_without_tls_are_told_from_none() {
    let closed = "javax.net.ssl|ALL|C1|qtp1-28|2026-11-21 22:42:47.865 UTC|SSLEngineImpl.java:784|Closing inbound of SSLEngine\n";
    let settings = "javax.net.ssl|ALL|C1|qtp1-28|2026-11-21 22:42:47.001 UTC|SSLContextImpl.java:427|System property jdk.tls.client.protocols is set to 'TLSv1.2'\n";
    let (_, diagnosis) = judged([settings, closed].concat().as_bytes());
    assert!(
        diagnosis.of_log[0].headline.contains("opened and closed"),
        "{}",
        diagnosis.of_log[0].headline
    );
    // it may have been opened, and used, before the log
    let (_, diagnosis) = judged(closed.as_bytes());
    assert!(diagnosis.of_log[0].headline.contains("were closed, and no"));
    let garbage = settings.to_owned() + &closed.replace("qtp1-28", "Finalizer");
    let (_, diagnosis) = judged(garbage.as_bytes());
    assert!(!diagnosis.of_log[0].headline.contains("opened and closed"));
}

#[test]
fn a_key_may_be_missing_where_no_search_for_one_is_logged() {
    let hello = "nio-1, READ: TLSv1 Handshake, length = 180\n*** ClientHello, TLSv1.2\nRandomCookie:  GMT: 1590000000 bytes = { 3, 2, 1 }\nSession ID:  {}\nCipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_256_CBC_SHA]\nCompression Methods:  { 0 }\n***\n";
    let refusal = "nio-1, fatal error: 40: no cipher suites in common\njavax.net.ssl.SSLHandshakeException: no cipher suites in common\nnio-1, SEND TLSv1.2 ALERT:  fatal, description = handshake_failure\n";
    let told = |log: &str| -> Vec<(&'static str, Confidence)> {
        let assembly = analyse_bytes(log.as_bytes()).assembly;
        let findings = diagnose(&assembly).by_handshake;
        let last = findings.last().unwrap().iter();
        last.map(|finding| (finding.rule, finding.confidence))
            .collect()
    };
    let suites = ("no-common-cipher-suite", Confidence::Likely);
    let key = ("server-key-missing", Confidence::Possible);
    let alone = told(&format!("{hello}{refusal}"));
    assert_eq!(alone[0], suites);
    assert!(alone.contains(&key), "{alone:?}");
    // a fragment shows neither
    let fragment = told(refusal);
    assert_eq!(fragment[0], suites);
    assert!(fragment.contains(&key), "{fragment:?}");
    // a server that served another client has a key
    let chosen = "*** ServerHello, TLSv1.2\nRandomCookie:  GMT: 1590000001 bytes = { 4, 5, 6 }\nSession ID:  {7}\nCipher Suite: TLS_RSA_WITH_AES_128_CBC_SHA\nCompression Method: 0\n***\n*** ServerHelloDone\nnio-1, WRITE: TLSv1.2 Handshake, length = 870\nnio-1, READ: TLSv1.2 Handshake, length = 262\n*** ClientKeyExchange, RSA PreMasterSecret, TLSv1.2\nnio-1, READ: TLSv1.2 Change Cipher Spec, length = 1\nnio-1, READ: TLSv1.2 Handshake, length = 64\n*** Finished\nverify_data:  { 1, 2 }\n***\nnio-1, WRITE: TLSv1.2 Change Cipher Spec, length = 1\n*** Finished\nverify_data:  { 3, 4 }\n***\nnio-1, WRITE: TLSv1.2 Handshake, length = 64\n";
    let served = told(&format!(
        "{}{chosen}{hello}{refusal}",
        hello.replace("GMT: 1590000000", "GMT: 1580000000")
    ));
    assert_eq!(served[0], ("no-common-cipher-suite", Confidence::Certain));
    assert!(!served.iter().any(|(rule, _)| *rule == key.0), "{served:?}");
}

#[test]
fn a_version_without_a_suite_is_enabled_in_vain() {
    let log = String::from_utf8(lab(
        "17/no-common-cipher-suite-version-gap.ssl-handshake.both.log",
    ))
    .expect("text");
    let told = |log: &str, role| {
        let found = findings(log.as_bytes(), role);
        let finding = of_rule(&found, "no-common-protocol-version").expect("told");
        let cited = finding
            .evidence
            .iter()
            .any(|evidence| evidence.text.contains("No available cipher suite"));
        let pins = finding
            .remedies
            .iter()
            .filter_map(|remedy| remedy.command.as_deref())
            .any(|command| command.contains("jdk.tls.client.protocols"));
        (finding.at_fault, cited, pins)
    };
    let words = "No available cipher suite for TLSv1.2";
    assert!(log.contains(words), "the recording has the line");
    for role in [CLIENT, SERVER] {
        assert_eq!(told(&log, role), (Party::Client, true, false));
        // the server has the one that the client offers enabled, and the other is wanted by nobody
        let swapped = log.replace(words, "No available cipher suite for TLSv1.3");
        assert_eq!(told(&swapped, role), (Party::Server, true, true));
        let unwanted = log.replace(words, "No available cipher suite for TLSv1.1");
        assert_eq!(told(&unwanted, role), (Party::Either, false, true));
    }
}
