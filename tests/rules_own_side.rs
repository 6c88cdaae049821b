//! What a JVM says of itself: keys that it cannot use, providers that fail, connections it cannot read; and what a log
//! that is cut off leaves open. All texts are made up in the form that JDK 17 and Bouncy Castle print.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use jssl_analyze::{
    assemble::Assembly,
    diagnose::{Confidence, Finding, diagnose},
    drive::analyse_bytes,
    handshake::{How, Outcome, Role},
};

fn read(log: &str) -> (Assembly, Vec<Vec<Finding>>) {
    let assembly = analyse_bytes(log.as_bytes()).assembly;
    let findings = diagnose(&assembly).by_handshake;
    (assembly, findings)
}

/// Rule and confidence of the first handshake's findings.
fn told(log: &str) -> Vec<(&'static str, Confidence)> {
    let (_, findings) = read(log);
    let rule = |finding: &Finding| (finding.rule, finding.confidence);
    findings[0].iter().map(rule).collect()
}

/// How sure a rule is of the first handshake, if it speaks of it.
fn sure_of(log: &str, rule: &str) -> Option<Confidence> {
    let mut told = told(log).into_iter();
    told.find(|(name, _)| *name == rule).map(|(_, sure)| sure)
}

fn entry(level: &str, second: u32, caller: &str, message: &str) -> String {
    format!(
        "javax.net.ssl|{level}|2F|exec-4|2026-03-02 09:10:{second:02}.000 UTC|{caller}|{message}\n"
    )
}

const BOTH_KEYS: &str = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256(0xC02B), TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256(0xC02F), TLS_RSA_WITH_AES_128_GCM_SHA256(0x009C)";
const NAMED: &str =
    "    \"server_name (0)\": {\n      type=host_name (0), value=shop.lab.test\n    },\n";
const GROUPS: &str = "    \"supported_groups (10)\": {\n      \"versions\": [secp256r1, secp384r1, secp521r1, x25519]\n    }\n";

/// `Produced` or `Consuming`.
fn hello(verb: &str, suites: &str, extensions: &str) -> String {
    let body = format!(
        "{verb} ClientHello handshake message (\n\"ClientHello\": {{\n  \"client version\"      : \"TLSv1.2\",\n  \"random\"              : \"{}\",\n  \"session id\"          : \"\",\n  \"cipher suites\"       : \"[{suites}]\",\n  \"compression methods\" : \"00\",\n  \"extensions\"          : [\n{extensions}  ]\n}}\n)",
        "0A".repeat(32)
    );
    entry("DEBUG", 1, "ClientHello.java:809", &body)
}

fn received(suites: &str) -> String {
    hello("Consuming", suites, GROUPS)
        + &entry(
            "DEBUG",
            1,
            "ClientHello.java:839",
            "Negotiated protocol version: TLSv1.2",
        )
}

/// What `X509Authentication` says.
fn key(words: &str) -> String {
    entry("ALL", 2, "X509Authentication.java:300", words)
}

fn fatal(alert: &str, words: &str, causes: &str) -> String {
    let body = format!(
        "Fatal ({alert}): {words} (\n\"throwable\" : {{\n  {causes}\n  \tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)}}\n\n)"
    );
    entry("ERROR", 3, "TransportContext.java:363", &body)
}

fn refusal(alert: &str, words: &str) -> String {
    fatal(
        alert,
        words,
        &format!("javax.net.ssl.SSLHandshakeException: {words}"),
    )
}

fn no_suites() -> String {
    refusal("HANDSHAKE_FAILURE", "no cipher suites in common")
}

fn handled(causes: &str) -> String {
    let body = format!(
        "handling exception (\n\"throwable\" : {{\n  {causes}\n  \tat java.base/sun.security.ssl.SSLSocketImpl.startHandshake(SSLSocketImpl.java:455)}}\n\n)"
    );
    entry("WARNING", 3, "SSLSocketImpl.java:1672", &body)
}

fn alert(name: &str) -> String {
    let body = format!(
        "Received alert message (\n\"Alert\": {{\n  \"level\"      : \"fatal\",\n  \"description\": \"{name}\"\n}}\n)"
    );
    entry("DEBUG", 3, "Alert.java:232", &body)
}

#[test]
fn an_alias_that_is_no_private_key_is_the_servers_fault() {
    for words in [
        "tomcat is not a private key entry",
        "tomcat is not a certificate entry",
    ] {
        let log = received(BOTH_KEYS) + &key(words) + &key(words) + &no_suites();
        let told = told(&log);
        assert_eq!(told[0], ("server-key-missing", Confidence::Strong));
        assert_eq!(
            sure_of(&log, "no-common-cipher-suite"),
            Some(Confidence::Possible)
        );
        let (_, findings) = read(&log);
        assert!(findings[0][0].headline.contains(words));
        let quoted = findings[0][0].evidence.iter();
        assert_eq!(quoted.filter(|it| *it.text == *words).count(), 1);
    }
    // one type of key does not fit, as on every server with a key of the other type
    let log = received(BOTH_KEYS)
        + &key("tomcat private or public key is not of EC algorithm")
        + &no_suites();
    assert_eq!(told(&log)[0].0, "no-common-cipher-suite");
    assert_eq!(sure_of(&log, "server-key-missing"), None);
    let both = log.replace(
        "ALL|2F",
        "ALL|2F|exec-4|2026-03-02 09:10:02.000 UTC|X509Authentication.java:297|No X.509 cert selected for RSA\njavax.net.ssl|ALL|2F",
    );
    assert_eq!(told(&both)[0].0, "server-key-missing");
}

#[test]
fn an_alias_of_no_use_proves_the_words_of_tls_13() {
    let words = refusal("HANDSHAKE_FAILURE", "No available authentication scheme");
    let log = received(BOTH_KEYS) + &key("shop is not a private key entry") + &words;
    assert_eq!(told(&log)[0], ("server-key-missing", Confidence::Certain));
    let log = received(BOTH_KEYS) + &words;
    assert_eq!(told(&log)[0], ("server-key-missing", Confidence::Strong));
}

#[test]
fn a_search_for_a_key_without_the_hello_before_it() {
    let log = key("shop is not a private key entry") + &no_suites();
    assert_eq!(told(&log)[0], ("server-key-missing", Confidence::Likely));
    let log = key("shop private or public key is not of RSA algorithm") + &no_suites();
    assert_eq!(told(&log)[0].0, "no-common-cipher-suite");
}

#[test]
fn only_a_server_gives_up_for_want_of_a_scheme() {
    let log = refusal("HANDSHAKE_FAILURE", "No available authentication scheme");
    let (assembly, findings) = read(&log);
    assert_eq!(assembly.handshakes[0].role, Some(Role::Server));
    assert_eq!(findings[0][0].rule, "server-key-missing");
    assert_eq!(findings[0][0].confidence, Confidence::Likely);
    // a client sends no certificate then, and goes on
    let log = hello("Produced", BOTH_KEYS, NAMED)
        + &entry(
            "WARNING",
            2,
            "CertificateRequest.java:831",
            "No available authentication scheme",
        )
        + &alert("handshake_failure");
    assert_eq!(sure_of(&log, "server-key-missing"), None);
}

#[test]
fn an_internal_error_may_be_for_want_of_a_server_name() {
    let unnamed = hello("Produced", BOTH_KEYS, GROUPS) + &alert("internal_error");
    assert_eq!(
        sure_of(&unnamed, "refused-without-reason"),
        Some(Confidence::Possible)
    );
    assert_eq!(
        sure_of(&unnamed, "server-name-missing"),
        Some(Confidence::Possible)
    );
    let (_, findings) = read(&unnamed);
    assert!(!findings[0][0].explanation.contains("Nothing on this side"));

    let named = hello("Produced", BOTH_KEYS, NAMED) + &alert("internal_error");
    assert_eq!(
        told(&named)[0],
        ("refused-without-reason", Confidence::Likely)
    );
    assert_eq!(sure_of(&named, "server-name-missing"), None);
    // what a hello lacks that is cut off proves nothing
    for name in ["internal_error", "handshake_failure"] {
        let cut = hello("Produced", BOTH_KEYS, GROUPS).replace("  ]\n}\n)", "") + &alert(name);
        assert_eq!(sure_of(&cut, "server-name-missing"), None, "{name}");
    }
}

/// Bouncy Castle's server that finds no suite among those.
fn bouncy(suites: &[&str]) -> String {
    let listed: Vec<String> = suites
        .iter()
        .map(|name| format!("{{0x13,0x01}}({name})"))
        .collect();
    format!(
        "2026-03-02 09:10:03,111 INFO  [org.bouncycastle.jsse.provider.ProvTlsServer] (exec-4) [server #3 @1b2c3d4e] raised fatal(2) handshake_failure(40) alert: Failed to process record: org.bouncycastle.tls.TlsFatalAlert: handshake_failure(40); [server #3 @1b2c3d4e] found no selectable cipher suite among the {} offered: [{}]\n",
        suites.len(),
        listed.join(", ")
    )
}

#[test]
fn bouncy_castle_lists_the_offer_and_may_lack_a_key() {
    let broad = bouncy(&[
        "TLS_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_EMPTY_RENEGOTIATION_INFO_SCSV",
    ]);
    assert_eq!(told(&broad)[0], ("server-key-missing", Confidence::Likely));
    let (_, findings) = read(&broad);
    let suites = findings[0]
        .iter()
        .find(|it| it.rule == "no-common-cipher-suite")
        .unwrap();
    assert_eq!(suites.confidence, Confidence::Possible);
    assert!(suites.headline.contains("the client's 3 cipher suites"));
    assert!(suites.explanation.contains("TLS_AES_128_GCM_SHA256"));

    // so narrow an offer may be what is refused
    let narrow = bouncy(&["TLS_RSA_WITH_AES_128_CBC_SHA"]);
    assert_eq!(
        told(&narrow),
        [
            ("no-common-cipher-suite", Confidence::Likely),
            ("server-key-missing", Confidence::Possible)
        ]
    );
    // a server that agreed with another client has a key
    let mut log = narrow;
    for words in [
        "accepting connection from (unknown):4711",
        "selected protocol version: TLSv1.2",
        "selected cipher suite: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "established connection with (unknown):4711",
    ] {
        writeln!(log, "2026-03-02 09:10:04,000 INFO  [org.bouncycastle.jsse.provider.ProvTlsServer] (exec-5) [server #4 @2b2c3d4e] {words}").unwrap();
    }
    assert_eq!(sure_of(&log, "server-key-missing"), None);
}

#[test]
fn a_provider_that_fails_is_this_jvms() {
    let offer = hello("Produced", BOTH_KEYS, NAMED);
    for (causes, sure) in [
        (
            "java.security.ProviderException: java.security.KeyException",
            Confidence::Strong,
        ),
        (
            "javax.net.ssl.SSLException: java.security.ProviderException: sun.security.pkcs11.wrapper.PKCS11Exception: CKR_DEVICE_ERROR",
            Confidence::Strong,
        ),
        ("java.lang.InternalError: no such mode", Confidence::Likely),
    ] {
        let log = offer.clone() + &handled(causes);
        assert_eq!(told(&log)[0], ("crypto-provider-failed", sure), "{causes}");
    }
    let other = offer + &handled("java.lang.IllegalStateException: no such mode");
    assert_eq!(sure_of(&other, "crypto-provider-failed"), None);

    // the classic dialect prints the exception without a reason of its own
    let log = "*** ClientHello, TLSv1\nmain, WRITE: TLSv1 Handshake, length = 120\nmain, READ: TLSv1 Handshake, length = 2000\n*** ServerHello, TLSv1\n*** ECDH ServerKeyExchange\nmain, handling exception: java.security.ProviderException: java.security.KeyException\nmain, SEND TLSv1 ALERT:  fatal, description = internal_error\nmain, WRITE: TLSv1 Alert, length = 2\nmain, called closeSocket()\n";
    assert_eq!(told(log)[0].0, "crypto-provider-failed");
    let (assembly, findings) = read(log);
    let fatal = &assembly.handshakes[0].fatal.as_ref().unwrap().value;
    assert!(fatal.in_words().contains("ProviderException"));
    let lines = &findings[0][0].evidence;
    assert!(lines.iter().all(|line| *line.text != *"Fatal: "));
}

#[test]
fn a_client_without_any_group_left() {
    let left = entry(
        "WARNING",
        0,
        "SupportedGroupsExtension.java:372",
        "no available named group",
    );
    let suite = |number: u32| format!("TLS_RSA_WITH_LAB_{number}_SHA256(0x{number:04X})");
    let wide: Vec<String> = (0..12).map(suite).collect();
    let offer = |suites: &str| hello("Produced", suites, NAMED) + &alert("handshake_failure");
    let rule = "crypto-provider-missing";
    let log = left.clone() + &offer(&wide.join(", "));
    assert_eq!(told(&log)[0], (rule, Confidence::Likely));
    let narrow = left.clone() + &offer(&wide[..3].join(", "));
    assert_eq!(sure_of(&narrow, rule), Some(Confidence::Possible));
    let pinned = entry(
        "ALL",
        0,
        "SSLContextImpl.java:100",
        "System property jdk.tls.namedGroups is set to 'secp521r1'",
    );
    assert_eq!(sure_of(&(pinned + &narrow), rule), None);
    assert_eq!(sure_of(&offer(&wide[..3].join(", ")), rule), None);
}

#[test]
fn an_io_error_under_a_read_is_the_transports() {
    let offer = hello("Produced", BOTH_KEYS, NAMED);
    let log = offer.clone() + &handled("javax.net.ssl.SSLException: readHandshakeRecord");
    let (assembly, findings) = read(&log);
    let how = assembly.handshakes[0].break_up.as_ref().unwrap().how;
    assert_eq!(how, How::Reset);
    assert_eq!(findings[0][0].rule, "connection-reset-during-handshake");
    assert!(findings[0][0].headline.contains("ended"), "not *was reset*");
    // what is under it knows better
    let causes = "javax.net.ssl.SSLException: readHandshakeRecord\n  Caused by: java.io.EOFException: SSL peer shut down incorrectly";
    let (assembly, _) = read(&(offer.clone() + &handled(causes)));
    let how = assembly.handshakes[0].break_up.as_ref().unwrap().how;
    assert_eq!(how, How::PeerClosed);
    let other = offer + &handled("javax.net.ssl.SSLException: readHandshakeRecords of others");
    let (assembly, _) = read(&other);
    let how = assembly.handshakes[0].break_up.as_ref().unwrap().how;
    assert_eq!(how, How::LocalException);
}

/// The end of a Certificate message.
const CLOSED: &str = "]\n)";

/// A Certificate message that a peer sent, with one certificate in it.
fn certificate(of: &str) -> String {
    let body = format!(
        "Consuming {of} Certificate handshake message (\n\"Certificates\": [\n  \"certificate\" : {{\n    \"version\"            : \"v3\",\n    \"serial number\"      : \"0A0B\",\n    \"signature algorithm\": \"SHA256withRSA\",\n    \"issuer\"             : \"CN=Lab Issuing CA 2, O=Lab\",\n    \"not before\"         : \"2026-01-01 00:00:00.000 UTC\",\n    \"not  after\"         : \"2027-01-01 00:00:00.000 UTC\",\n    \"subject\"            : \"CN=shop.lab.test, O=Lab\",\n    \"subject public key\" : \"RSA\"}}\n{CLOSED}"
    );
    entry("DEBUG", 2, "CertificateMessage.java:366", &body)
}

#[test]
fn what_a_cut_chain_lacks_proves_nothing() {
    let no_path = refusal(
        "CERTIFICATE_UNKNOWN",
        "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target",
    );
    let server = received(BOTH_KEYS) + &certificate("client") + &no_path;
    let refused = |log: &str| {
        let (_, findings) = read(log);
        let of_client = |it: &&Finding| it.rule == "client-certificate-rejected";
        let found = findings.iter().flatten().find(of_client).unwrap();
        (found.headline.clone(), found.explanation.clone())
    };
    assert!(refused(&server).0.contains("was not sent"));
    let (headline, explanation) = refused(&server.replace(CLOSED, ""));
    assert!(
        headline.ends_with("no path to a trust anchor"),
        "{headline}"
    );
    assert!(explanation.contains("not whole in the log"));

    let client = hello("Produced", BOTH_KEYS, NAMED) + &certificate("server") + &no_path;
    let cut = client.replace(CLOSED, "");
    for (rule, sure) in told(&cut) {
        assert!(sure <= Confidence::Possible, "{rule}");
    }
    assert!(
        told(&client)
            .iter()
            .any(|(_, sure)| *sure > Confidence::Possible)
    );
    let of_root = |log: &str| log.replace("Lab Issuing CA 2", "Lab Root CA");
    let sure = |log: &str| sure_of(&of_root(log), "untrusted-root");
    assert_eq!(sure(&client), Some(Confidence::Likely));
    assert_eq!(sure(&cut), Some(Confidence::Possible));
}

/// A TLS 1.3 client is done before the server has judged its last flight, and JSSE logs no failure where the application
/// writes: that the close cannot be sent is all there is.
#[test]
fn a_client_without_certificate_that_cannot_even_close_was_refused() {
    let path = "testdata/lab/logs/11/client-certificate-missing-tls13.ssl-handshake.client.log";
    let log = std::fs::read_to_string(path).unwrap();
    let end = log
        .find("javax.net.ssl|DEBUG|0A|client|2026-11-21 03:33:07.096")
        .unwrap();
    let client = |second: u32, caller: &str, message: &str| {
        format!(
            "javax.net.ssl|DEBUG|0A|client|2026-11-21 03:33:{second:02}.200 UTC|{caller}|{message}\n"
        )
    };
    let unsent = "Warning: failed to send warning alert USER_CANCELED (\n\"throwable\" : {\n  java.net.SocketException: Broken pipe\n  \tat java.base/sun.security.ssl.SSLSocketImpl.closeNotify(SSLSocketImpl.java:737)}\n\n)";
    let ticket = "Consuming NewSessionTicket message (\n\"NewSessionTicket\": {\n  \"ticket_lifetime\"      : \"86,400\",\n}\n)";
    let close = |second| {
        client(
            second,
            "SSLSocketImpl.java:577",
            "duplex close of SSLSocket",
        ) + &client(second, "TransportContext.java:281", unsent)
    };
    let refused = [&log[..end], &close(7)].concat();
    let (assembly, _) = read(&refused);
    let handshake = &assembly.handshakes[0];
    let end_of = handshake.break_up.as_deref().unwrap();
    assert_eq!(end_of.how, How::Reset);
    // two steps less than certain: the server names authorities, so that there may be a key, and what ended is assumed
    assert_eq!(
        told(&refused)[0],
        ("client-certificate-missing", Confidence::Possible)
    );
    // what comes late, or behind a word of the server, is another matter
    let accepted = client(7, "NewSessionTicket.java:567", ticket);
    for other in [&*close(40), &*(accepted + &close(7))] {
        let (assembly, _) = read(&[&log[..end], other].concat());
        assert_eq!(assembly.handshakes[0].outcome, Outcome::Established);
    }
}

/// Plain `ssl` prints no message on JDK 11 to 21, but which keys were looked for: a client looks for all types at once, and
/// only when it is asked for a certificate.
#[test]
fn a_client_that_looked_for_a_key_in_vain_was_asked_for_one() {
    let search = entry(
        "ALL",
        2,
        "X509Authentication.java:227",
        "No X.509 cert selected for [EC, EdDSA, RSA, RSASSA-PSS]",
    );
    let alert = |name: &str| {
        let body = format!(
            "Received alert message (\n\"Alert\": {{\n  \"level\"      : \"fatal\",\n  \"description\": \"{name}\"\n}}\n)"
        );
        entry("DEBUG", 3, "Alert.java:238", &body)
    };
    let missing = "client-certificate-missing";
    let refused = alert("bad_certificate");
    for log in [
        [&*search, &refused].concat(),
        // TLS 1.3: the search comes when there are keys
        [&*keys_installed(), &search, &refused].concat(),
    ] {
        assert_eq!(sure_of(&log, missing), Some(Confidence::Likely), "{log}");
        assert_eq!(sure_of(&log, "certificate-rejected-by-peer"), None, "{log}");
    }
    let vague = [&*search, &alert("handshake_failure")].concat();
    assert_eq!(sure_of(&vague, missing), Some(Confidence::Possible));
    // a server looks for one type at a time; and what was looked for on a connection that is closed is past
    let of_server = search.replace("[EC, EdDSA, RSA, RSASSA-PSS]", "EC");
    let closed = entry(
        "DEBUG",
        2,
        "SSLSocketImpl.java:1785",
        "close the underlying socket",
    );
    for log in [
        [&*of_server, &refused].concat(),
        [&*search, &closed, &refused].concat(),
    ] {
        assert_eq!(sure_of(&log, missing), None, "{log}");
    }
}

fn keys_installed() -> String {
    ["read", "write"]
        .map(|side| {
            entry(
                "DEBUG",
                1,
                "SSLCipher.java:1870",
                &format!("KeyLimit {side} side: algorithm = AES/GCM/NOPADDING:KEYUPDATE\ncountdown value = 137438953472"),
            )
        })
        .concat()
}
