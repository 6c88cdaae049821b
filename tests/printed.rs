//! Exceptions that libraries print behind entries of the TLS stack: which of them are about TLS, and where they stand.
//! All texts are made up in the form that JVMs and libraries print.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use jssl_analyze::{
    assemble::Assembly,
    diagnose::{Confidence, Diagnosis, diagnose},
    drive::analyse_bytes,
};

/// What a JVM with the debug option prints when a context is made.
const START: &str = "javax.net.ssl|DEBUG|01|main|2026-01-31 09:01:02.003 UTC|SSLCipher.java:466|jdk.tls.keyLimits:  entry = AES/GCM/NoPadding KeyUpdate 2^37. AES/GCM/NOPADDING:KEYUPDATE = 137438953472\n";

fn read(log: &str) -> (Assembly, Diagnosis) {
    let assembly = analyse_bytes(log.as_bytes()).assembly;
    let diagnosis = diagnose(&assembly);
    (assembly, diagnosis)
}

/// A record of a logger, and the exception with it.
fn record(level: &str, exception: &str) -> String {
    format!(
        "09:01:02.104 [loop-1] {level} c.a.net.Platform - it did not work\n{exception}\n\tat com.acme.net.Platform.look(Platform.java:7)\n"
    )
}

#[test]
fn what_a_library_does_without_is_no_failure() {
    let headline = |record: &str| {
        let (_, diagnosis) = read(&[START, record].concat());
        diagnosis.of_log[0].headline.clone()
    };
    let missing = "java.lang.UnsupportedOperationException: Reflective access is off";
    let failed = "TLS was never started: the application failed before it";
    assert_ne!(headline(&record("DEBUG", missing)), failed);
    assert_ne!(headline(&record("FINE:", missing)), failed);
    let again = [record("DEBUG", missing), record("TRACE", missing)].concat();
    assert_ne!(headline(&again), failed);
    // where it is told as an error, it is one
    assert_eq!(headline(&record("ERROR", missing)), failed);
    let both = [record("DEBUG", missing), record("ERROR", missing)].concat();
    assert_eq!(headline(&both), failed);
    // and what keeps TLS from beginning is told at any level
    let unknown = "java.net.UnknownHostException: shop.example";
    assert_eq!(headline(&record("DEBUG", unknown)), failed);
}

/// An exception of Netty's engine on OpenSSL, as who waited for it prints it.
fn of_openssl(words: &str, cause: &str) -> String {
    format!(
        "09:01:02.105 [calls-1] ERROR c.a.Orders - no answer\njava.util.concurrent.ExecutionException: javax.net.ssl.SSLHandshakeException: {words}\n\tat java.base/java.util.concurrent.CompletableFuture.get(CompletableFuture.java:2096)\n\tat com.acme.Orders.call(Orders.java:15)\nCaused by: javax.net.ssl.SSLHandshakeException: {words}\n\tat io.netty.handler.ssl.ReferenceCountedOpenSslEngine.handshakeException(ReferenceCountedOpenSslEngine.java:1735)\n{cause}"
    )
}

#[test]
fn a_failure_of_another_engine_is_one_of_tls() {
    let path = "sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target";
    let validator = format!(
        "sun.security.validator.ValidatorException: PKIX path building failed: {path}\n\tat java.base/sun.security.validator.PKIXValidator.doBuild(PKIXValidator.java:439)\nCaused by: {path}\n\tat java.base/sun.security.provider.certpath.SunCertPathBuilder.build(SunCertPathBuilder.java:148)\n"
    );
    let first = format!("09:01:02.104 [loop-1] DEBUG i.n.h.s.Context - refused\n{validator}");
    let second = of_openssl(
        "General OpenSslEngine problem",
        &format!("Caused by: {validator}"),
    );
    let (assembly, diagnosis) = read(&[START, &first, &second].concat());
    assert_eq!(assembly.handshakes.len(), 1);
    assert_eq!(diagnosis.by_handshake[0][0].rule, "untrusted-root");
    let assumed = assembly.handshakes[0].assumptions();
    assert!(assumed.iter().any(|said| said.0.contains("OpenSSL")));
    // a path is built for signed archives, too
    let (assembly, _) = read(&[START, &first].concat());
    assert!(assembly.handshakes.is_empty());
}

#[test]
fn openssl_tells_which_alert_it_received() {
    let log = of_openssl(
        "error:0A00042E:SSL routines::tlsv1 alert protocol version",
        "",
    );
    let (assembly, diagnosis) = read(&[START, &log].concat());
    let end = assembly.handshakes[0].break_up.as_ref().unwrap();
    let alert = end.alert.as_ref().unwrap();
    assert_eq!(alert.description.name(), "protocol_version");
    assert!(diagnosis.of_log.is_empty(), "no option would show more");
    let told = format!("{:?}", diagnosis.by_handshake[0]);
    assert!(!told.contains("com.acme.Orders"), "it waited: {told}");
}

const HELLO: &str = "javax.net.ssl|DEBUG|01|main|2026-01-31 09:01:02.004 UTC|ClientHello.java:652|Produced ClientHello handshake message (\n\"ClientHello\": {\n  \"client version\"      : \"TLSv1.2\",\n  \"random\"              : \"0101010101010101010101010101010101010101010101010101010101010101\",\n  \"session id\"          : \"\",\n  \"cipher suites\"       : \"[TLS_AES_256_GCM_SHA384(0x1302)]\",\n  \"compression methods\" : \"00\",\n  \"extensions\"          : [\n  ]\n}\n)\n";

#[test]
fn evidence_that_was_printed_stands_where_it_was_printed() {
    let entry = START.replace("jdk.tls.keyLimits", "limits");
    let printed = "09:01:02.104 [main] ERROR c.a.Orders - no answer\nio.netty.handler.ssl.NotSslRecordException: not an SSL/TLS record: 485454502f312e312034303020426164\n\tat io.netty.handler.ssl.SslHandler.decode(SslHandler.java:1214)\n";
    let log = [HELLO, &entry, printed].concat();
    let (_, diagnosis) = read(&log);
    let finding = &diagnosis.by_handshake[0][0];
    assert_eq!(finding.rule, "plaintext-peer");
    let line = log.lines().position(|line| line.starts_with("io.netty."));
    let line = u64::try_from(line.unwrap()).unwrap() + 1;
    assert_eq!(finding.evidence[0].span.line(), line);
}

#[test]
fn a_trust_manager_that_checks_the_name_says_so_in_a_cause() {
    let refused = |cause: &str| {
        let log = format!(
            "{HELLO}javax.net.ssl|ERROR|01|main|2026-01-31 09:01:02.104 UTC|TransportContext.java:370|Fatal (certificate_unknown): Failed to verify host address and host name (\n\"throwable\" : {{\n  javax.net.ssl.SSLHandshakeException: Failed to verify host address and host name\n  \tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)\n  Caused by: java.security.cert.CertificateException: Failed to verify host address and host name\n  \tat com.acme.NameTrustManager.check(NameTrustManager.java:7)\n  Caused by: {cause}\n  \t... 21 more}}\n\n)\n"
        );
        let finding = read(&log).1.by_handshake[0][0].clone();
        (
            finding.rule,
            finding.confidence,
            finding.explanation.clone(),
        )
    };
    let (rule, confidence, told) = refused(
        "javax.net.ssl.SSLPeerUnverifiedException: Certificate for <shop.example> doesn't match any of the subject alternative names: [www.example]",
    );
    assert_eq!(
        (rule, confidence),
        ("hostname-mismatch", Confidence::Strong)
    );
    assert!(!told.contains("handshake itself was done"), "{told}");
    let (rule, ..) = refused("java.io.IOException: the directory gave no answer");
    assert_ne!(rule, "hostname-mismatch");
}
