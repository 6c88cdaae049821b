//! Family A: what a client shows, and whether the server takes it.

use jssl_analyze::diagnose::Confidence;

use super::{PURPOSE, findings, lab, names};

#[test]
fn alerts_after_a_client_certificate_are_weighed() {
    let log = lab("17/client-certificate-rejected-relayed-tls12", "client");
    let alert = "certificate_unknown";
    assert!(log.contains(alert));
    for (name, first, confidence) in [
        (
            "unknown_ca",
            "client-certificate-rejected",
            Confidence::Strong,
        ),
        (
            "access_denied",
            "client-certificate-rejected",
            Confidence::Likely,
        ),
        (
            "handshake_failure",
            "client-certificate-rejected",
            Confidence::Likely,
        ),
        ("decrypt_error", "client-key-unusable", Confidence::Likely),
    ] {
        let findings = findings(&log.replace(alert, name), "client");
        assert_eq!(
            (findings[0].rule, findings[0].confidence),
            (first, confidence),
            "{name}"
        );
    }
    let unrelated = findings(&log.replace(alert, "no_application_protocol"), "client");
    assert!(!names(&unrelated).contains(&"client-certificate-rejected"));
}

#[test]
fn an_alert_before_any_certificate_request_is_not_about_the_client() {
    for alert in [
        "handshake_failure",
        "bad_certificate",
        "unknown_ca",
        "access_denied",
    ] {
        let log = lab("17/alert-handshake-failure", "client").replace("handshake_failure", alert);
        let findings = findings(&log, "client");
        assert!(
            names(&findings)
                .iter()
                .all(|name| !name.contains("client-certificate") && !name.contains("rejected")),
            "{alert}: {:?}",
            names(&findings)
        );
    }
}

#[test]
fn a_client_that_cannot_sign_says_so() {
    let log = lab("17/client-certificate-rejected-relayed-tls12", "client");
    let cannot = log.replace(
        "Received fatal alert: certificate_unknown",
        "Cannot produce CertificateVerify signature",
    );
    let cannot = cannot.replace("Received alert message", "Other message");
    assert_eq!(findings(&cannot, "client")[0].rule, "client-key-unusable");
    let server = lab("17/client-certificate-missing-tls13", "server");
    let wrong = server.replace(
        "Empty client certificate chain",
        "Invalid CertificateVerify message: invalid signature",
    );
    let found = findings(&wrong, "server");
    assert!(
        names(&found).contains(&"client-key-unusable"),
        "{:?}",
        names(&found)
    );
}

#[test]
fn keys_that_were_passed_over_are_the_cause() {
    let log = lab("17/client-certificate-missing-tls12", "client");
    let ignored = |reason: &str| {
        format!(
            "javax.net.ssl|ALL|D0|client|2026-11-21 03:00:00.000 UTC|X509KeyManagerImpl.java:600|Ignore alias 1.0.mine: {reason}\n{log}"
        )
    };
    let authorities = findings(&ignored("issuers do not match"), "client");
    assert_eq!(
        (authorities[0].rule, authorities[0].confidence),
        ("no-client-certificate-for-authorities", Confidence::Certain)
    );
    let algorithms = findings(
        &ignored("certificate list does not conform to algorithm constraints"),
        "client",
    );
    assert_eq!(algorithms[0].rule, "client-key-unusable");
    let key_type = findings(&ignored("key algorithm does not match"), "client");
    assert_eq!(key_type[0].rule, "client-certificate-missing");
}

#[test]
fn a_key_store_that_does_not_open_is_named() {
    let log = lab("17/wrong-key-usage-tls12", "client");
    let words = "java.security.UnrecoverableKeyException: Get Key failed: Given final block not properly padded";
    let log = log
        .replace(
            &format!("sun.security.validator.ValidatorException: {PURPOSE}"),
            words,
        )
        .replace(PURPOSE, "Get Key failed");
    assert_eq!(findings(&log, "client")[0].rule, "keystore-unusable");
    let named = lab("17/client-certificate-missing-tls12", "client");
    let named = format!(
        "javax.net.ssl|DEBUG|10|main|2026-11-21 03:00:00.000 UTC|SSLContextImpl.java:1|keyStore is : client.p12\n{named}"
    );
    let found = findings(&named, "client");
    let store = found
        .iter()
        .find(|finding| finding.rule == "keystore-unusable")
        .unwrap();
    assert_eq!(
        (found[0].rule, store.confidence),
        ("client-certificate-missing", Confidence::Possible)
    );
}

#[test]
fn keys_of_a_kind_that_the_request_does_not_take_are_named() {
    let log = lab("25/no-client-certificate-for-authorities-tls13", "client").replace(
        "CN=Lab Root CA, O=Example Lab, C=XX]",
        "CN=Other Root CA, O=Other Lab, C=XX]",
    );
    let told = |log: &str| findings(log, "client")[0].explanation.clone();
    let request = log
        .find("Consuming CertificateRequest")
        .expect("the request");
    let schemes = request + log[request..].find(", ed25519").expect("its schemes");
    let end = schemes + log[schemes..].find(']').expect("their end");
    let of_ec = format!("{}{}", &log[..schemes], &log[end..]);
    assert!(
        told(&of_ec).contains("RSA (client-other)"),
        "{}",
        told(&of_ec)
    );
    assert!(!told(&log).contains("cannot make them"), "{}", told(&log));
}

/// The log as somebody pastes who begins at the entry with these words.
fn from<'l>(log: &'l str, words: &str) -> &'l str {
    let at = log.find(words).expect("the words are in the log");
    &log[log[..at].rfind('\n').map_or(0, |end| end + 1)..]
}

#[test]
fn who_shows_a_certificate_was_asked_for_one() {
    let log = lab("17/client-certificate-rejected-relayed-tls12", "client");
    let pasted = from(&log, "Produced client Certificate");
    assert!(!pasted.contains("CertificateRequest"));
    for (alert, confidence) in [
        ("unknown_ca", Confidence::Strong),
        ("certificate_required", Confidence::Likely),
    ] {
        let found = findings(&pasted.replace("certificate_unknown", alert), "client");
        assert_eq!(
            (found[0].rule, found[0].confidence),
            ("client-certificate-rejected", confidence),
            "{alert}"
        );
        assert!(!names(&found).contains(&"client-certificate-missing"));
    }
    let log = lab("17/client-certificate-missing-tls12", "client");
    let found = findings(from(&log, "Produced client Certificate"), "client");
    // the request may have named authorities that the client has no key of
    assert_eq!(
        (found[0].rule, found[0].confidence),
        ("client-certificate-missing", Confidence::Likely)
    );
}

#[test]
fn a_server_that_is_told_of_a_certificate_has_sent_one() {
    let log = lab("17/engine-untrusted-tls12", "server");
    let pasted = from(&log, "Produced ServerHelloDone");
    assert!(!pasted.contains("Produced server Certificate"));
    assert_eq!(
        findings(pasted, "server")[0].rule,
        "certificate-rejected-by-peer"
    );
    // of a handshake from its beginning the log would show it
    let whole: String = log.replace("Produced server Certificate", "Left out server Certificate");
    assert_ne!(
        findings(&whole, "server")[0].rule,
        "certificate-rejected-by-peer"
    );
}

#[test]
fn a_client_that_finds_no_certificate_says_so() {
    let log = lab("17/client-certificate-missing-tls12", "client");
    let words = "No X.509 certificate for client authentication";
    assert!(log.contains(words));
    // the message itself is lost
    let pasted =
        from(&log, "Consuming ServerHelloDone").replace("Produced client Certificate", "Lost");
    let found = findings(&pasted, "client");
    assert_eq!(
        (found[0].rule, found[0].confidence),
        ("client-certificate-missing", Confidence::Likely)
    );
    let silent = findings(&pasted.replace(words, "No words"), "client");
    assert!(!names(&silent).contains(&"client-certificate-missing"));
}
