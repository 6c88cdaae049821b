//! Logs as people paste them: indented, abridged, with the emphasis of a wiki, from very old releases. All
//! texts are made up in the form that the JVM prints.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

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
    findings[0]
        .iter()
        .map(|finding| (finding.rule, finding.confidence))
        .collect()
}

/// A client's refused hello, offered in `version`, made at `seconds` since 1970.
fn refused(version: &str, seconds: i32) -> String {
    format!(
        "*** ClientHello, {version}\nRandomCookie:  GMT: {seconds} bytes = {{ 1, 2, 3 }}\nSession ID:  {{}}\nCipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA]\nCompression Methods:  {{ 0 }}\nExtension server_name, server_name: [type=host_name (0), value=shop.lab.test]\n***\nmain, WRITE: {version} Handshake, length = 92\nmain, READ: {version} Alert, length = 2\nmain, RECV {version} ALERT:  fatal, handshake_failure\nmain, called closeSocket()\n"
    )
}

#[test]
fn an_indented_log_without_its_beginning() {
    let log = "\t*** ServerHelloDone\n\tworker-1, WRITE: TLSv1 Handshake, length = 911\n\tworker-1, received EOFException: error\n\tworker-1, handling exception: javax.net.ssl.SSLHandshakeException: Remote host closed connection during handshake\n\tworker-1, SEND TLSv1 ALERT:  fatal, description = handshake_failure\n\tworker-1, called closeSocket()\n";
    let (assembly, _) = read(log);
    assert_eq!(assembly.handshakes[0].role, Some(Role::Server));
    assert_eq!(
        told(log)[0],
        ("peer-closed-during-handshake", Confidence::Possible)
    );
}

#[test]
fn stars_that_a_wiki_took_for_emphasis() {
    let plain = refused("TLSv1.2", 1_700_000_000);
    for log in [
        plain.replace("*** ", ""),
        plain.replace("*** ", r"\*\*\* "),
        plain.replace("*** ", "** "),
        plain.replace("main, WRITE", "**main, WRITE"),
    ] {
        let (assembly, _) = read(&log);
        let handshake = &assembly.handshakes[0];
        assert_eq!(handshake.history(), "Cl", "{log}");
        assert_eq!(
            handshake.server_name().map(|name| &**name),
            Some("shop.lab.test")
        );
        assert_eq!(told(&log)[0].0, "refused-without-reason");
    }
}

#[test]
fn an_offer_that_servers_had_dropped_by_then() {
    let recent = 1_700_000_000;
    assert_eq!(
        told(&refused("SSLv3", recent))[0],
        ("no-common-protocol-version", Confidence::Likely)
    );
    assert_eq!(
        told(&refused("TLSv1", recent))[0],
        ("no-common-protocol-version", Confidence::Possible)
    );
    for (version, seconds) in [("TLSv1.2", recent), ("TLSv1", 1_350_000_000)] {
        assert_eq!(
            told(&refused(version, seconds))[0].0,
            "refused-without-reason"
        );
    }
}

#[test]
fn a_warning_that_old_releases_take_for_fatal() {
    let log = "io-1, WRITE: TLSv1 Handshake, length = 333\nio-1, READ: TLSv1 Alert, length = 2\nio-1, RECV TLSv1 ALERT:  warning, internal_error\nSSL -- handshake alert:  internal_error\nio-1, fatal error: 80: problem unwrapping net record\njavax.net.ssl.SSLProtocolException: handshake alert: internal_error\nio-1, SEND TLSv1 ALERT:  fatal, description = internal_error\nio-1, WRITE: TLSv1 Alert, length = 2\n";
    let (assembly, _) = read(log);
    let break_up = assembly.handshakes[0].break_up.as_ref().unwrap();
    assert_eq!(break_up.how, How::AlertReceived);
    assert_eq!(told(log)[0].0, "refused-without-reason");
}

#[test]
fn an_alert_about_a_certificate_and_nothing_else() {
    let head = "2026-03-04 12:00:00.000 UTC|Alert.java:238|";
    let log = format!(
        "javax.net.ssl|DEBUG|56|web-1|{head}Received alert message (\n\"Alert\": {{\n  \"level\"      : \"fatal\",\n  \"description\": \"certificate_unknown\"\n}}\n)\njavax.net.ssl|ERROR|56|web-1|{head}Fatal (CERTIFICATE_UNKNOWN): Received fatal alert: certificate_unknown (\n\"throwable\" : {{\n  javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_unknown\n"
    );
    assert_eq!(
        told(&log)[0],
        ("certificate-rejected-by-peer", Confidence::Likely)
    );
    let other = log.replace("certificate_unknown", "handshake_failure");
    assert_eq!(told(&other)[0].0, "refused-without-reason");
}

#[test]
fn a_certificate_for_clients_that_name_no_host() {
    let log = |subject: &str| {
        format!(
            "*** ClientHello, TLSv1.2\nRandomCookie:  GMT: 1700000000 bytes = {{ 1 }}\nSession ID:  {{}}\nCipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA]\n***\nmain, WRITE: TLSv1.2 Handshake, length = 92\nmain, READ: TLSv1.2 Handshake, length = 900\n*** ServerHello, TLSv1.2\nCipher Suite: TLS_RSA_WITH_AES_128_CBC_SHA\n***\n*** Certificate chain\nchain [0] = [\n[\n  Version: V3\n  Subject: {subject}\n  Signature Algorithm: SHA256withRSA, OID = 1.2.840.113549.1.1.11\n"
        )
    };
    let telling = log("CN=fallback.lab.test, OU=no SNI was sent");
    assert_eq!(
        told(&telling)[0],
        ("server-name-missing", Confidence::Strong)
    );
    let plain = told(&log("CN=snipe.lab.test"));
    assert!(plain.iter().all(|(rule, _)| *rule != "server-name-missing"));
}

#[test]
fn a_log_that_begins_with_the_last_messages() {
    let log = "io-1, WRITE: TLSv1.2 Change Cipher Spec, length = 1\n*** Finished\nverify_data:  { 1, 2 }\n***\nio-1, WRITE: TLSv1.2 Handshake, length = 40\nio-1, READ: TLSv1.2 Change Cipher Spec, length = 1\nio-1, READ: TLSv1.2 Handshake, length = 40\n*** Finished\nverify_data:  { 3, 4 }\n***\n%% Cached client session: [Session-2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\nio-1, WRITE: TLSv1.2 Application Data, length = 99\n";
    let (assembly, _) = read(log);
    let [handshake] = &assembly.handshakes[..] else {
        panic!("one handshake, not {}", assembly.handshakes.len())
    };
    assert_eq!(handshake.outcome, Outcome::Established);
    assert_eq!(handshake.role, Some(Role::Client));
    assert_eq!(handshake.version.as_ref().unwrap().name(), "TLSv1.2");
    assert_eq!(
        handshake.cipher_suite.as_ref().unwrap().name(),
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    );
}

#[test]
fn messages_that_the_author_left_out() {
    let log = "*** ClientHello, TLSv1\nCipher Suites: [SSL_RSA_WITH_RC4_128_MD5]\n***\n*** ServerHello, TLSv1\nCipher Suite: SSL_RSA_WITH_RC4_128_MD5\n***\n*** CertificateRequest\nCert Authorities:\n<CN=Lab Root>\n*** ServerHelloDone\n*** ClientKeyExchange, RSA PreMasterSecret, TLSv1\n*** CertificateVerify\nmain, WRITE: TLSv1 Change Cipher Spec, length = 1\n*** Finished\nmain, READ: TLSv1 Change Cipher Spec, length = 1\n*** Finished\n";
    let (assembly, _) = read(log);
    let [handshake] = &assembly.handshakes[..] else {
        panic!("one handshake, not {}", assembly.handshakes.len())
    };
    assert_eq!(handshake.outcome, Outcome::Established);
    assert!(
        handshake
            .assumptions()
            .iter()
            .any(|guess| guess.0.contains("not in the log"))
    );
}

#[test]
fn a_key_that_the_key_manager_of_another_vendor_passed_over() {
    let passed_over =
        "ssl: Ignoring alias shop: signature does not conform to negotiated signature algorithms\n";
    let alert = "io-1, READ: TLSv1.2 Alert, length = 2\nio-1, RECV TLSv1.2 ALERT:  fatal, handshake_failure\nio-1, called closeOutbound()\n";
    assert_eq!(
        told(&format!("{passed_over}{alert}"))[0],
        ("no-common-signature-scheme", Confidence::Likely)
    );
    let issuers = passed_over.replace(
        "signature does not conform to negotiated signature algorithms",
        "issuers do not match",
    );
    assert_eq!(
        told(&format!("{issuers}{alert}"))[0].0,
        "refused-without-reason"
    );
}

/// How the connection ended for a JVM of Java 6 whose peer hung up.
const HUNG_UP: &str = "main, received EOFException: error\nmain, handling exception: javax.net.ssl.SSLHandshakeException: Remote host closed connection during handshake\nmain, SEND TLSv1 ALERT:  fatal, description = handshake_failure\nmain, WRITE: TLSv1 Alert, length = 2\nmain, called closeSocket()\n";

/// The records of a ClientHello of Java 6: the first is for the transcript, the second goes out.
const SSLV2_HELLO: &str = "main, WRITE: TLSv1 Handshake, length = 73\nmain, WRITE: SSLv2 client hello message, length = 98\n";

#[test]
fn a_hello_in_the_format_of_ssl_2() {
    let hello = "*** ClientHello, TLSv1\nRandomCookie:  GMT: 1300000000 bytes = { 1, 2, 3 }\nSession ID:  {}\nCipher Suites: [SSL_RSA_WITH_RC4_128_MD5]\nCompression Methods:  { 0 }\n***\n";
    // with the option `ssl,record`, the record is all there is
    for before in ["", hello] {
        let log = format!("{before}{SSLV2_HELLO}{HUNG_UP}");
        let (assembly, _) = read(&log);
        let [handshake] = &assembly.handshakes[..] else {
            panic!("one handshake, not {}", assembly.handshakes.len())
        };
        assert_eq!(handshake.role, Some(Role::Client));
        let told = told(&log);
        assert_eq!(
            told[0],
            ("no-common-protocol-version", Confidence::Possible),
            "{before}"
        );
        assert!(
            told.iter()
                .any(|(rule, _)| *rule == "peer-closed-during-handshake")
        );
    }
    let of_tls = format!("main, WRITE: TLSv1 Handshake, length = 73\n{HUNG_UP}");
    assert!(
        told(&of_tls)
            .iter()
            .all(|(rule, _)| *rule != "no-common-protocol-version")
    );
}

#[test]
fn a_hello_in_the_format_of_ssl_2_that_was_answered() {
    let log = format!(
        "{SSLV2_HELLO}main, READ: TLSv1 Handshake, length = 81\nmain, READ: TLSv1 Handshake, length = 900\nmain, WRITE: TLSv1 Handshake, length = 134\nmain, WRITE: TLSv1 Change Cipher Spec, length = 1\nmain, WRITE: TLSv1 Handshake, length = 32\nmain, READ: TLSv1 Change Cipher Spec, length = 1\nmain, READ: TLSv1 Handshake, length = 32\nmain, WRITE: TLSv1 Application Data, length = 32\nmain, called close()\n"
    );
    let (assembly, findings) = read(&log);
    let failed = |outcome| outcome == Outcome::Failed;
    assert!(
        !assembly
            .handshakes
            .iter()
            .any(|handshake| failed(handshake.outcome))
    );
    assert!(
        findings
            .iter()
            .flatten()
            .all(|finding| finding.rule != "no-common-protocol-version")
    );
}

/// A server of Java 7 or 8 that chose `suite`, with what it said of its key exchange, and how the client took it.
fn served(suite: &str, key_exchange: &str, end: &str) -> String {
    format!(
        "main, READ: TLSv1 Handshake, length = 80\n*** ClientHello, TLSv1\nRandomCookie:  GMT: 1400000000 bytes = {{ 1, 2, 3 }}\nSession ID:  {{}}\nCipher Suites: [{suite}]\nCompression Methods:  {{ 0 }}\n***\n*** ServerHello, TLSv1\nRandomCookie:  GMT: 1400000000 bytes = {{ 4, 5, 6 }}\nSession ID:  {{7}}\nCipher Suite: {suite}\nCompression Method: 0\n***\nCipher suite:  {suite}\n{key_exchange}*** ServerHelloDone\nmain, WRITE: TLSv1 Handshake, length = 1224\n{end}"
    )
}

#[test]
fn a_client_that_does_not_take_the_servers_diffie_hellman() {
    const DHE: &str = "TLS_DHE_RSA_WITH_AES_128_CBC_SHA";
    let prime = |bytes: usize| {
        let rest = ", 3".repeat(bytes - 1);
        format!(
            "*** Diffie-Hellman ServerKeyExchange\nDH Modulus:  {{ 219{rest} }}\nDH Base:  {{ 2 }}\nServer DH Public Key:  {{ 9 }}\n"
        )
    };
    let alert = |name: &str| {
        format!(
            "main, READ: TLSv1 Alert, length = 2\nmain, RECV TLSv1 ALERT:  fatal, {name}\nmain, called closeSocket()\n"
        )
    };
    let of = |suite: &str, key_exchange: &str, end: &str| {
        let told = told(&served(suite, key_exchange, end));
        let found = told
            .iter()
            .find(|(rule, _)| *rule == "dh-parameters-too-weak");
        found.map(|(_, confidence)| *confidence)
    };
    let (likely, possible) = (Some(Confidence::Likely), Some(Confidence::Possible));
    assert_eq!(of(DHE, &prime(96), &alert("handshake_failure")), likely);
    assert_eq!(of(DHE, "", &alert("insufficient_security")), likely);
    assert_eq!(of(DHE, &prime(128), &alert("handshake_failure")), possible);
    assert_eq!(of(DHE, &prime(96), HUNG_UP), possible);
    // what says something else, or nothing of the kind
    assert_eq!(of(DHE, &prime(256), &alert("handshake_failure")), None);
    assert_eq!(of(DHE, &prime(96), &alert("certificate_unknown")), None);
    let ecdhe = DHE.replace("DHE", "ECDHE");
    assert_eq!(of(&ecdhe, "", &alert("handshake_failure")), None);
}

/// A handshake without the lines of its records, as far as the server's flight, with `end` behind it.
fn without_records(end: &str) -> String {
    format!(
        "*** ClientHello, TLSv1.2\n*** ServerHello, TLSv1.2\n*** Certificate chain\nchain [0] = [\n[\n  Version: V3\n  Subject: CN=shop.lab.test\n]\n***\n*** Diffie-Hellman ServerKeyExchange\n*** CertificateRequest\nCert Authorities:\n<CN=Lab CA>\n*** ServerHelloDone\n{end}"
    )
}

#[test]
fn a_failure_tells_the_end_where_records_are_left_out() {
    let refused = "worker-4, RECV TLSv1.2 ALERT:  fatal, certificate_unknown\nworker-4, fatal: engine already closed.  Rethrowing javax.net.ssl.SSLException: Received fatal alert: certificate_unknown\n";
    // a client has shown nothing yet that could be refused so
    let (assembly, findings) = read(&without_records(refused));
    assert_eq!(assembly.handshakes.len(), 1);
    assert_eq!(assembly.handshakes[0].role, Some(Role::Server));
    assert_eq!(findings[0][0].rule, "certificate-rejected-by-peer");

    let judged = "*** Certificate chain\nchain [0] = [\n[\n  Version: V3\n  Subject: CN=till.lab.test\n]\n***\nworker-4, fatal error: 46: General SSLEngine problem\nsun.security.validator.ValidatorException: Extended key usage does not permit use for TLS client authentication\nworker-4, SEND TLSv1.2 ALERT:  fatal, description = certificate_unknown\n";
    let (assembly, findings) = read(&without_records(judged));
    assert_eq!(assembly.handshakes.len(), 1);
    assert_eq!(assembly.handshakes[0].role, Some(Role::Server));
    assert_eq!(findings[0][0].rule, "client-certificate-rejected");

    // what both ends can say leaves it a client's, as the hello suggests
    let alike = "worker-4, RECV TLSv1.2 ALERT:  fatal, internal_error\n";
    let (assembly, _) = read(&without_records(alike));
    assert_eq!(assembly.handshakes[0].role, Some(Role::Client));
    // and a record that was written is proof
    let written = format!("worker-4, WRITE: TLSv1.2 Handshake, length = 120\n{refused}");
    let log = without_records(&written).replacen(
        "*** ServerHello,",
        "worker-4, WRITE: TLSv1.2 Handshake, length = 120\nworker-4, READ: TLSv1.2 Handshake, length = 900\n*** ServerHello,",
        1,
    );
    let (assembly, _) = read(&log);
    assert_eq!(assembly.handshakes[0].role, Some(Role::Client));
}

#[test]
fn records_without_their_messages_are_no_silence() {
    let refused = "main, WRITE: TLSv1 Handshake, length = 110\nmain, READ: TLSv1 Alert, length = 2\nmain, RECV TLSv1 ALERT:  fatal, handshake_failure\nmain, called closeSocket()\n";
    let (_, findings) = read(refused);
    assert_eq!(findings[0][0].rule, "refused-without-reason");
    let words = &findings[0][0].explanation;
    assert!(!words.contains("no ClientHello arrived"), "{words}");

    let left = "main, WRITE: TLSv1.2 Handshake, length = 110\nmain, handling exception: java.net.SocketException: Connection reset\nmain, SEND TLSv1.2 ALERT:  fatal, description = unexpected_message\n";
    let (_, findings) = read(left);
    assert_eq!(findings[0][0].rule, "connection-reset-during-handshake");
    let words = &findings[0][0].headline;
    assert!(!words.contains("before any message"), "{words}");
}

/// A client of JDK 7 that is refused, as it was posted: with these suites, and these lines behind them.
fn refused_client(suites: &str, rest: &str) -> String {
    let random = vec!["7"; 28].join(", ");
    format!(
        "*** ClientHello, TLSv1.2\nRandomCookie:  GMT: 1469560450 bytes = {{ {random} }}\nSession ID:  {{}}\nCipher Suites: {suites}\n{rest}main, WRITE: TLSv1.2 Handshake, length = 195\nmain, READ: TLSv1.2 Alert, length = 2\nmain, RECV TLSv1.2 ALERT:  fatal, handshake_failure\nmain, called closeSocket()\nmain, handling exception: javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure\n"
    )
}

#[test]
fn what_is_left_out_of_a_hello_is_not_missing_in_the_offer() {
    let all = "[TLS_RSA_WITH_AES_128_CBC_SHA256, TLS_RSA_WITH_AES_128_CBC_SHA]";
    let end = "Compression Methods:  { 0 }\n***\n";
    let told = |suites: &str, rest: &str| {
        let assembly = analyse_bytes(refused_client(suites, rest).as_bytes()).assembly;
        let findings = diagnose(&assembly).by_handshake.remove(0);
        assert_eq!(findings[0].rule, "refused-without-reason");
        let words = &findings[0].explanation;
        let named = findings
            .iter()
            .any(|finding| finding.rule == "server-name-missing");
        (
            words.contains("few cipher suites"),
            words.contains("(SNI)"),
            named,
        )
    };
    assert_eq!(told(all, end), (true, true, true));
    for cut in [
        "[TLS_RSA_WITH_AES_128_CBC_SHA256, TLS_RS",
        "[TLS_RSA_WITH_AES_128_CBC_SHA256, ...]",
    ] {
        assert_eq!(told(cut, end), (false, true, true), "{cut}");
    }
    for rest in ["...\n", "[... 12 more lines ...]\n***\n", ""] {
        assert_eq!(told(all, rest), (true, false, false), "{rest:?}");
    }
}

#[test]
fn an_exception_behind_the_own_close_is_no_handshake_of_its_own() {
    let begun = "*** ClientHello, TLSv1.2\nRandomCookie:  GMT: 1700000000 bytes = { 1, 2, 3 }\nSession ID:  {}\nCipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA]\nCompression Methods:  { 0 }\n***\nmain, WRITE: TLSv1.2 Handshake, length = 92\nmain, READ: TLSv1.2 Handshake, length = 900\n*** ServerHello, TLSv1.2\nCipher Suite: TLS_RSA_WITH_AES_128_CBC_SHA\n***\n*** ServerHelloDone\n";
    let closed = "main, called close()\nmain, called closeInternal(true)\nmain, SEND TLSv1.2 ALERT:  warning, description = close_notify\nmain, WRITE: TLSv1.2 Alert, length = 26\nmain, called closeSocket(true)\n";
    let thrown = |thread: &str| {
        format!("{thread}, handling exception: java.io.IOException: the answer is not whole\n")
    };
    let (assembly, _) = read(&[begun, closed, &thrown("main")].concat());
    assert_eq!(assembly.handshakes.len(), 1);
    let end = assembly.handshakes[0].break_up.as_ref().unwrap();
    assert!(
        end.exception
            .as_ref()
            .is_some_and(|words| words.contains("the answer is not whole")),
        "{end:?}"
    );
    // another thread's is another's
    let (assembly, _) = read(&[begun, closed, &thrown("io-2")].concat());
    assert_eq!(assembly.handshakes.len(), 2);
}

#[test]
fn the_words_of_a_failure_without_frames_tell_the_end() {
    let told = |words: &str| {
        let log = format!(
            "Nov 22, 2026 12:06:31 PM sun.security.ssl.SSLLogger log\nSEVERE: Fatal (CERTIFICATE_UNKNOWN): {words}\n"
        );
        let (assembly, findings) = read(&log);
        let first = &findings[0][0];
        (assembly.handshakes[0].role, first.rule)
    };
    assert_eq!(
        told("Extended key usage does not permit use for TLS client authentication"),
        (Some(Role::Server), "client-certificate-rejected")
    );
    assert_eq!(
        told("Extended key usage does not permit use for TLS server authentication"),
        (Some(Role::Client), "wrong-key-usage")
    );
    // both ends say so
    assert_eq!(told("PKIX path building failed").0, None);
}

#[test]
fn a_blank_behind_a_title_is_no_part_of_the_message() {
    let log = std::fs::read_to_string(
        "testdata/lab/logs/17/certificate-expired-tls13.ssl-handshake.both.log",
    )
    .unwrap();
    // as a narrow console wraps: the parenthesis that opens the body stands on the next line, or is lost
    let wrapped = log.replace(" message (\n", " message \n");
    let kinds = |log: &str| -> Vec<String> {
        let (assembly, _) = read(log);
        let kinds = assembly.handshakes[0]
            .messages()
            .map(|(_, kind)| kind.to_string());
        kinds.collect()
    };
    assert_ne!(wrapped, log);
    assert_eq!(kinds(&wrapped), kinds(&log));
}

#[test]
fn a_peer_that_hangs_up_in_order_sends_no_unexpected_message() {
    let log = "*** ClientHello, TLSv1\nRandomCookie:  GMT: 1700000000 bytes = { 1, 2, 3 }\nSession ID:  {}\nCipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA]\nCompression Methods:  { 0 }\n***\nmain, WRITE: TLSv1 Handshake, length = 92\nmain, READ: TLSv1 Alert, length = 2\nmain, RECV TLSv1 ALERT:  warning, close_notify\nmain, SEND TLSv1 ALERT:  fatal, description = unexpected_message\nmain, WRITE: TLSv1 Alert, length = 2\nmain, called closeSocket()\nmain, handling exception: javax.net.ssl.SSLException: Received close_notify during handshake\n";
    let (assembly, _) = read(log);
    let end = assembly.handshakes[0].break_up.as_deref().unwrap();
    assert_eq!(end.how, How::PeerClosed);
    assert!(
        told(log)
            .iter()
            .all(|(rule, _)| *rule != "unexpected-message")
    );
}

/// A client's hello that no record line follows.
const HELLO: &str = "*** ClientHello, TLSv1.2\nRandomCookie:  GMT: 1700000000 bytes = { 1, 2, 3 }\nSession ID:  {}\nCipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_256_CBC_SHA]\nCompression Methods:  { 0 }\nExtension server_name, server_name: [type=host_name (0), value=shop.lab.test]\n***\n";
/// What an application prints of a refusal.
const REFUSED: &str = "javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure\n\tat sun.security.ssl.Alerts.getSSLException(Alerts.java:192)\n\tat lab.Shop.order(Shop.java:12)\n";

#[test]
fn what_the_application_prints_counts_behind_any_line() {
    let write = "main, WRITE: TLSv1.2 Handshake, length = 92\n";
    let dump =
        "[Raw write]: length = 5\n0000: 16 03 03 00 57                                     ....W\n";
    for between in [
        "",
        "%% Initialized:  [Session-1, SSL_NULL_WITH_NULL_NULL]\n",
        "main, setSoTimeout(0) called\n",
        &[write, dump].concat(),
    ] {
        let log = [HELLO, between, REFUSED].concat();
        let (assembly, _) = read(&log);
        assert_eq!(assembly.handshakes.len(), 1, "{log}");
        assert_eq!(told(&log)[0].0, "refused-without-reason", "{log}");
        let uncaught = [
            HELLO,
            between,
            "Exception in thread \"main\" ",
            &REFUSED.replace('\t', "    "),
        ]
        .concat();
        assert_eq!(told(&uncaught)[0].0, "refused-without-reason", "{uncaught}");
    }
    for start in [
        "init truststore\n",
        "trigger seeding of SecureRandom\ndone seeding SecureRandom\n",
        "Ignoring unavailable cipher suite: TLS_DHE_DSS_WITH_AES_256_GCM_SHA384\n",
        "adding as trusted cert:\n  Subject: CN=a\n  Issuer:  CN=a\n  Algorithm: RSA; Serial number: 0x1\n  Valid from Wed Jan 01 05:30:00 IST 2020 until Thu Jan 01 05:30:00 IST 2030\n\n",
    ] {
        let (assembly, _) = read(&[start, REFUSED].concat());
        assert_eq!(assembly.handshakes.len(), 1, "{start}");
        assert!(assembly.handshakes[0].break_up.is_some(), "{start}");
    }
}

#[test]
fn what_has_nothing_to_do_with_a_handshake_ends_none() {
    let other =
        "java.lang.IllegalStateException: no such order\n\tat lab.Shop.order(Shop.java:12)\n";
    for printed in [
        other.to_owned(),
        ["Exception in thread \"reaper\" ", other].concat(),
        REFUSED.replace("\tat", "\tlooking at"),
    ] {
        let log = [HELLO, &printed].concat();
        assert_eq!(told(&log)[0].0, "log-ends-mid-handshake", "{log}");
    }
    // a thread that has had its own handshake says nothing of the next one
    let worker = "main, WRITE: TLSv1.2 Handshake, length = 92\nmain, READ: TLSv1.2 Alert, length = 2\nmain, RECV TLSv1.2 ALERT:  fatal, handshake_failure\nmain, called closeSocket()\nmain, handling exception: javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure\n";
    let second = HELLO.replace("bytes = { 1, 2, 3 }", "bytes = { 4, 5, 6 }");
    let log = [
        HELLO,
        worker,
        &second,
        "Exception in thread \"main\" ",
        REFUSED,
    ]
    .concat();
    let (assembly, _) = read(&log);
    assert!(assembly.handshakes[0].break_up.is_some());
    assert_eq!(assembly.handshakes[1].outcome, Outcome::Unfinished);
}

#[test]
fn a_hello_with_what_this_jdk_does_not_know_came_in() {
    for foreign in [
        HELLO.replace("[TLS_RSA", "[Unknown 0x8a:0x8a, TLS_RSA"),
        HELLO.replace(
            "Extension",
            "Unsupported extension type_35, data: \nExtension",
        ),
        HELLO.replace(
            "Extension",
            "Extension elliptic_curves, curve names: {unknown curve 29, secp256r1}\nExtension",
        ),
    ] {
        let (assembly, findings) = read(&foreign);
        assert_eq!(assembly.handshakes[0].role, Some(Role::Server), "{foreign}");
        assert!(findings[0][0].assumptions.is_empty(), "{foreign}");
        // who fails then is its thread
        let (assembly, _) = read(&[&*foreign, "exec-1, fatal error: 40: no cipher suites in common\njavax.net.ssl.SSLHandshakeException: no cipher suites in common\n"].concat());
        assert_eq!(assembly.handshakes.len(), 1);
        assert!(assembly.handshakes[0].assumptions().is_empty(), "{foreign}");
    }
    // the same of a piece of it that another thread tore off
    let torn = HELLO
        .replace("[TLS_RSA", "[Unknown 0x8a:0x8a, TLS_RSA")
        .replace(
            "Session ID",
            "[Raw write]: length = 5\n0000: 16 03 03 00 AF\nSession ID",
        );
    assert_eq!(read(&torn).0.handshakes[0].role, Some(Role::Server));
    // nothing tells it: so the report says
    let (assembly, _) = read(HELLO);
    assert_eq!(assembly.handshakes[0].role, Some(Role::Client));
    assert_eq!(assembly.handshakes[0].assumptions().len(), 1);
    for told in [
        ["%% No cached client session\n", HELLO].concat(),
        [HELLO, "main, WRITE: TLSv1.2 Handshake, length = 92\n"].concat(),
    ] {
        let (assembly, _) = read(&told);
        assert_eq!(assembly.handshakes[0].role, Some(Role::Client));
        assert!(assembly.handshakes[0].assumptions().is_empty(), "{told}");
    }
}

#[test]
fn frames_tell_which_end_a_hello_is_of() {
    let printed = |end: &str| {
        format!(
            "javax.net.ssl.SSLHandshakeException: java.io.IOException: no\n\tat sun.security.ssl.Alerts.getSSLException(Alerts.java:192)\n\tat sun.security.ssl.{end}.processMessage({end}.java:210)\n"
        )
    };
    let handled = "main, SEND TLSv1.2 ALERT:  fatal, description = handshake_failure\nmain, WRITE: TLSv1.2 Alert, length = 2\nmain, handling exception: javax.net.ssl.SSLHandshakeException: java.io.IOException: no\n";
    for (end, role) in [
        ("ClientHandshaker", Role::Client),
        ("ServerHandshaker", Role::Server),
    ] {
        for before in [HELLO, handled] {
            let (assembly, _) = read(&[before, &printed(end)].concat());
            assert_eq!(assembly.handshakes.len(), 1);
            assert_eq!(assembly.handshakes[0].role, Some(role), "{before}");
        }
    }
    // another exception tells nothing
    let other = printed("ClientHandshaker").replace("IOException: no", "IOException: other");
    let (assembly, _) = read(&[handled, &other].concat());
    assert_eq!(assembly.handshakes[0].role, None);
}

#[test]
fn who_wrote_first_is_the_client_of_what_is_not_tls() {
    let write = "main, WRITE: TLSv1.2 Handshake, length = 224\n";
    let read_one = "main, READ: TLSv1.2 Handshake, length = 224\n";
    let thrown = "main, handling exception: javax.net.ssl.SSLException: Unrecognized SSL message, plaintext connection?\nmain, SEND TLSv1.2 ALERT:  fatal, description = unexpected_message\nmain, WRITE: TLSv1.2 Alert, length = 2\nmain, called closeSocket()\n";
    let log = [write, thrown].concat();
    assert_eq!(read(&log).0.handshakes[0].role, Some(Role::Client));
    assert_eq!(told(&log)[0].0, "plaintext-peer");
    // a server's thread, of the connection before
    for before in [
        "",
        &[read_one, write].concat(),
        &[write, "main, called close()\n"].concat(),
    ] {
        let log = [before, thrown].concat();
        assert_ne!(read(&log).0.handshakes[0].role, Some(Role::Client), "{log}");
    }
}

#[test]
fn a_close_torn_into_a_hello_is_another_thread_s() {
    let torn = HELLO.replace(
        "{ 1, 2, 3 }",
        "{ 1Thread-15, called close()\nThread-15, called closeInternal(true)\n, 2, 3 }",
    );
    let log = [&*torn, "Thread-16, WRITE: TLSv1.2 Handshake, length = 217\nThread-16, READ: TLSv1.2 Alert, length = 2\nThread-16, RECV TLSv1.2 ALERT:  fatal, handshake_failure\n"].concat();
    let (assembly, _) = read(&log);
    let handshake = &assembly.handshakes[0];
    assert_eq!(assembly.handshakes.len(), 1);
    assert_eq!(&*handshake.thread.as_ref().unwrap().name, "Thread-16");
    assert_eq!(
        handshake.server_name().map(|name| &**name),
        Some("shop.lab.test")
    );
    assert_eq!(told(&log)[0].0, "refused-without-reason");
}

/// java.util.logging without its levels below INFO: no message, no key that was looked for.
#[test]
fn a_client_without_a_scheme_for_a_key_has_no_certificate_to_be_refused() {
    let record = |level: &str, words: &str| {
        format!("Nov 22, 2026 12:05:37 PM sun.security.ssl.SSLLogger log\n{level}: {words}\n")
    };
    let none = record("WARNING", "No available authentication scheme");
    let refused = record(
        "SEVERE",
        "Fatal (BAD_CERTIFICATE): Received fatal alert: bad_certificate",
    );
    let first = |log: &str| {
        let (assembly, findings) = read(log);
        (assembly.handshakes[0].role, findings[0][0].rule)
    };
    assert_eq!(
        first(&[&*none, &refused].concat()),
        (Some(Role::Client), "client-certificate-missing")
    );
    assert_eq!(first(&refused), (None, "certificate-rejected-by-peer"));
    // an alert about the offer says nothing of a certificate
    let other = record(
        "SEVERE",
        "Fatal (HANDSHAKE_FAILURE): Received fatal alert: handshake_failure",
    );
    assert_eq!(first(&[none, other].concat()).0, None);
}

/// The commonest post of all: nothing but the end.
#[test]
fn an_end_without_any_message_is_not_told_as_before_any_message() {
    let log = "main, handling exception: javax.net.ssl.SSLHandshakeException: Remote host closed connection during handshake\nmain, called closeSocket()\n";
    let (_, findings) = read(log);
    let first = &findings[0][0];
    assert_eq!(first.rule, "peer-closed-during-handshake");
    assert_eq!(first.confidence, Confidence::Possible);
    assert!(!first.headline.contains("before any message"));
    assert!(first.explanation.contains("wants a client certificate"));
}
