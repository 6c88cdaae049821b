//! Names that mean harm, or that are words of the language.

use jssl_analyze::{
    drive::analyse_bytes,
    redact::{Kinds, Named, Redactor, Tokens},
    report::Report,
};
use proptest::prelude::*;

use crate::logs::{feeds, redactor_of, scrubbed, verdicts};

const LOG: &str = "testdata/lab/logs/17/incomplete-certificate-chain-tls12.ssl-handshake.both.log";

fn log() -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(LOG)).unwrap()
}

fn redactor() -> Redactor {
    Redactor::new(Kinds::ALL, std::sync::Arc::new(Tokens::random().unwrap()))
}

#[test]
fn words_of_the_language_stay_in_sentences() {
    let redactor = redactor();
    redactor.learn_names(&[
        Named::Thread("main"),
        Named::Thread("server"),
        Named::Host("server"),
        Named::Host("certificate"),
        Named::Host("net.ssl"),
        Named::Host("javax.net.ssl"),
        Named::Host("alert.java"),
        Named::Distinguished("CN=server, O=Certificate"),
        Named::Distinguished("CN=client, OU=The"),
        Named::Distinguished("CN=TLSv1.3, O=TLS_AES_128_GCM_SHA256"),
    ]);
    for text in [
        "the server sent no certificate to the client on main",
        "javax.net.ssl.SSLHandshakeException: no cipher suites in common",
        "javax.net.ssl|DEBUG|10|main|2026-11-21 24:03:38.000 UTC|Alert.java:238|Received alert message (",
        "sun.security.ssl.Alert.createSSLException(Alert.java:131)",
        "TLSv1.3 TLS_AES_128_GCM_SHA256 at line 12",
        "-Djavax.net.debug=ssl:handshake:verbose:trustmanager",
        "ObjectId: 2.5.29.19 Criticality=true, 1.3.6.1.5.5.7.48.1",
        "JDK 17.0.9 at 12:33:44.581, 2026-11-21T12:33:44.581",
        "jdk.tls.disabledAlgorithms=SSLv3, TLSv1, RC4",
        "keytool -importcert -alias issuer -file intermediate.pem -keystore trust.p12",
        "see https://bugs.openjdk.org/browse/JDK-8211806",
        "at sun.security.ssl.SSLSocketImpl.startHandshake(SSLSocketImpl.java:1234)",
        "sun.security.validator.ValidatorException: PKIX path building failed",
        "java.security.cert.CertPathValidatorException: validity check failed",
        "Level.INFO Logger.Info System.in Foo.test(Foo.java:1) X509TrustManagerImpl.java:301",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, AES/GCM/NoPadding and/or text/plain",
        "jdk-17.0.9.1 17.0.9+9-LTS 1.8.0_392 11/21/2026 2026-11-21",
        "io.netty.handler.ssl.SslHandler: handshake timed out, reactor.netty.http",
        "connect to the server: Connection refused, connection to peer lost, for user input",
        "SunJSSE, SunX509, NativePRNG, DESede/CBC/PKCS5Padding, localhost/127.0.0.1",
    ] {
        assert_eq!(redactor.text(text), text);
    }
    let named = redactor
        .text("issuer CN=server, O=Certificate was not sent by the server")
        .into_owned();
    assert!(named.starts_with("issuer CN=host-"), "{named}");
    assert!(named.ends_with(" was not sent by the server"), "{named}");
}

#[test]
fn the_words_of_the_rules_stay() {
    let redactor = redactor();
    for rule in jssl_analyze::diagnose::RULES {
        for text in [rule.summary(), rule.name()] {
            assert_eq!(redactor.text(text), text);
        }
    }
}

#[test]
fn what_is_not_known_is_recognised_by_its_looks() {
    let redactor = redactor();
    redactor.learn_names(&[Named::Host("api.acme-corp.com"), Named::Host("web-17")]);
    for (text, gone) in [
        ("connect to ldap.acme-corp.com failed", "acme"),
        ("java.net.ConnectException: db.other.de:5432", "other"),
        ("https://intern.zzz/x", "intern"),
        ("gw7/10.20.30.40:443 refused", "gw7"),
        ("gw7/10.20.30.40:443 refused", "10.20.30.40"),
        ("/93.184.216.34:443", "93.184.216.34"),
        ("[2a00:1450:4001::5e]:8443", "2a00"),
        ("mail to bob.smith@acme-corp.com", "bob"),
        ("web-17:8443 closed", "web-17"),
        ("/home/alice/certs/x.jks", "alice"),
        (r"C:\Users\alice\x.jks", "alice"),
        ("https://bob:pw@api.acme-corp.com/", "bob"),
        ("No name matching plainhost found", "plainhost"),
        ("subject CN=Nobody Knows, O=Nobody", "Nobody"),
        ("API.ACME-CORP.COM", "ACME"),
        ("trustStore is: /opt/acme-shop/conf/x.jks", "acme"),
        ("-Djavax.net.ssl.trustStore=/srv/acme/x.jks -v", "acme"),
        ("jdbc:x?user=alice&ssl=true", "alice"),
    ] {
        let clean = redactor.text(text);
        assert!(!clean.contains(gone), "{text} became {clean}");
    }
    for (text, gone) in [
        // capitals, ends that nobody knows, escapes
        ("java.net.ConnectException: GW.HYPO.COM refused", "HYPO"),
        ("PAY.ACMEBANK.COM:443", "ACMEBANK"),
        ("<PAY.ACMEBANK.COM>", "ACMEBANK"),
        ("to Pay.Acmebank.Com.", "Acmebank"),
        ("PAY.ACMEBANK.ZRH/10.1.1.1", "ACMEBANK"),
        ("gw.hypo.prod q.acmebank.zrh", "hypo"),
        ("gw.hypo.prod q.acmebank.zrh", "acmebank"),
        ("x=pay.acmebank.com%20x", "acmebank"),
        ("u=%2F%2Fhn39.acmebank.com", "acmebank"),
        // short names in well-known messages
        (
            "Connect to hn81srv:443 [hn81srv/10.77.2.2] failed",
            "hn81srv",
        ),
        (
            "Certificate for <hn71srv> doesn't match any of the subject alternative names: [hn72srv, hn73srv]",
            "hn7",
        ),
        ("Hostname hn74srv not verified:", "hn74srv"),
        (
            "SSLSocket[hostname=hn11srv, port=443, Session(1|x)]",
            "hn11srv",
        ),
        ("SSLEngine[hostname=gateway1x port=443]", "gateway1x"),
        ("peerHost=hn12srv", "hn12srv"),
        ("Host: hn21srv", "hn21srv"),
        ("simple bind failed: hn84srv:636", "hn84srv"),
        ("hn98srv/2001:db8:1::5 refused", "hn98srv"),
        ("-Dhttps.proxyHost=hn99srv -Dx=y", "hn99srv"),
        (
            "(ADDRESS=(PROTOCOL=tcps)(HOST=hn02srv)(PORT=2484))",
            "hn02srv",
        ),
        ("jdbc:oracle:thin:@hn00srv:1521:hn01sid", "hn0"),
        (
            "jdbc:oracle:thin:scott/S3cretPw@db1.acme.com:1521:PAY",
            "scott",
        ),
        (
            "jdbc:oracle:thin:scott/S3cretPw@db1.acme.com:1521:PAY",
            "acme",
        ),
        (
            "jdbc:oracle:thin:scott/S3cretPw@db1.acme.com:1521:PAY",
            "S3cret",
        ),
        // users, aliases, paths
        (
            "Thread-10.77.1.20 RMI TCP Connection(3)-10.77.1.23",
            "10.77.1",
        ),
        ("Principal: mmustermann", "mmustermann"),
        ("username: jdoe6 User: jdoe7", "jdoe"),
        ("Login of user 'jdoe5' failed", "jdoe5"),
        ("-Duser.name=jdoe18 -Dx", "jdoe18"),
        (r"ACMEBANK\jdoe4", "jdoe4"),
        (r"ACMEBANK\jdoe4", "ACMEBANK"),
        ("matching alias: acmebank-pay-key", "acmebank"),
        (
            "KeyMgr: choosing key: acmebank-pay-key (verified: OK)",
            "acmebank",
        ),
        (
            "java.io.FileNotFoundException: /opt/acmebank/pay/ks.jks (No such file or directory)",
            "acmebank",
        ),
        (r"C:\Users\x\hn13.acmebank.com.log", "acmebank"),
        (r"\\nas01\acmebank$\pay\x.jks", "nas01"),
        (
            "GET https://h.acme-corp.com/cust/4711?iban=CH9300762011623852957",
            "4711",
        ),
        (
            "GET https://h.acme-corp.com/cust/4711?iban=CH9300762011623852957",
            "CH93",
        ),
    ] {
        let clean = redactor.text(text);
        assert!(!clean.contains(gone), "{text} became {clean}");
    }
    let structure = redactor
        .text("api.acme-corp.com *.acme-corp.com acme-corp.com")
        .into_owned();
    let parts: Vec<&str> = structure.split(' ').collect();
    assert!(
        parts[0].ends_with(parts[2]) && parts[1] == format!("*.{}", parts[2]),
        "{structure}"
    );
}

/// What is known by one name is known by it in any case and place, and has one token.
#[test]
fn one_name_has_one_token() {
    let redactor = redactor();
    redactor.learn_names(&[
        Named::Distinguished("CN=paysrv01, O=Hypobank, C=CH"),
        Named::Alternative("DNS:paysrv01"),
        Named::Alternative("DNS:pay.acmebank.com"),
        Named::Number("c323ab45ef67"),
    ]);
    let host = redactor.alternative("DNS:paysrv01").into_owned();
    let host = host.strip_prefix("DNS:").unwrap();
    assert!(host.starts_with("host-"));
    for text in [
        "CN=paysrv01",
        "DNS:paysrv01",
        "paysrv01:443",
        "the peer paysrv01",
    ] {
        let clean = redactor.text(text);
        assert!(
            clean.contains(host) && !clean.contains("paysrv01"),
            "{clean}"
        );
    }
    let org = redactor.text("O=Hypobank").into_owned();
    let org = org.strip_prefix("O=").unwrap();
    for text in ["HYPOBANK", "Hypobank-Zertifikat", "cn=x,o=hypobank"] {
        let clean = redactor.text(text);
        assert!(clean.contains(org), "{text} became {clean}");
    }
    let clean = redactor
        .text("com.acmebank.pay.PayException: no")
        .into_owned();
    assert!(
        clean.starts_with("com.org") && clean.ends_with(".pay.PayException: no"),
        "{clean}"
    );
    // the same number, in hex and as a decimal
    for number in ["0xc323ab45ef67", "C323AB45EF67", "214557964758887"] {
        let clean = redactor.text(number);
        assert_ne!(clean, number);
        assert_eq!(clean.len(), number.len());
    }
}

#[test]
fn names_are_found_however_a_page_spelled_them() {
    let original = log().replace("Issuing CA", "Issuing_Quux & Sons' CA");
    assert!(original.contains("Quux"));
    for log in [
        original.clone(),
        original.replace(' ', "\u{a0}"),
        original.replace('_', "\\_").replace('*', "\\*"),
        original
            .replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('\'', "&#39;"),
    ] {
        let redactor = redactor_of(&analyse_bytes(log.as_bytes()).assembly);
        let clean = String::from_utf8(scrubbed(log.as_bytes(), &redactor)).unwrap();
        let left: Vec<_> = clean.lines().filter(|it| it.contains("Quux")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn hostile_names_do_no_harm_to_a_log() {
    let original = log();
    let expected = verdicts(original.as_bytes());
    let sni = "incomplete.lab.example";
    let sni = if original.contains(sni) {
        sni
    } else {
        "lab.example"
    };
    let long = format!("{}.example", "a".repeat(10_000));
    for name in [
        "x.y",
        "a",
        "(.*)+[a-z].example",
        "server.certificate",
        "net.ssl",
        "handshake",
        &long,
        "ä.ö.example",
        "-._",
        "javax.net.ssl",
        "*.*",
    ] {
        let renamed = original.replace(sni, name);
        let before = verdicts(renamed.as_bytes());
        let redactor = redactor_of(&analyse_bytes(renamed.as_bytes()).assembly);
        let clean = scrubbed(renamed.as_bytes(), &redactor);
        assert_eq!(verdicts(&clean), before, "{name:.40}");
        assert_eq!(feeds(&clean), renamed.matches('\n').count());
    }
    assert!(!expected.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_names_and_any_text(
        names in proptest::collection::vec("\\PC{0,12}|[a-z.]{0,20}|CN=\\PC{0,10}(, O=\\PC{0,5})?|[A-Za-z0-9 .-]{0,9}", 0..8),
        text in "(\\PC|CN=|//|@|:443|\\.example|[0-9.]{1,9}|serial number : |javax.net.ssl\\|A\\|1\\|){0,40}",
    ) {
        let redactor = redactor();
        for name in &names {
            redactor.learn_names(&[
                Named::Host(name), Named::Distinguished(name), Named::Alternative(name), Named::Number(name),
                Named::KeyIdentifier(name), Named::Thread(name), Named::Stream(name),
            ]);
        }
        let whole = format!("{text} {} {text}", names.join(" "));
        let clean = redactor.text(&whole).into_owned();
        // the same again is the same
        prop_assert_eq!(&redactor.text(&whole), &clean);
        let line = scrubbed(whole.as_bytes(), &redactor);
        let same_feeds = feeds(&line) == whole.matches('\n').count();
        prop_assert!(same_feeds);
        for name in &names {
            let _ = (redactor.host(name), redactor.alternative(name), redactor.number(name), redactor.key_identifier(name), redactor.thread(name), redactor.path(name));
        }
    }

    #[test]
    fn any_bytes_are_scrubbed_to_as_many_lines(bytes in proptest::collection::vec(any::<u8>(), 0..400), names in any::<bool>()) {
        let redactor = if names { redactor() } else { Redactor::secrets() };
        let clean = scrubbed(&bytes, &redactor);
        prop_assert_eq!(feeds(&clean), feeds(&bytes));
    }
}

#[test]
fn a_report_is_made_of_whatever_there_is() {
    let inputs = [];
    let redactor = redactor();
    assert_eq!(
        Report::new(&inputs)
            .redacted_by(&redactor)
            .handshakes()
            .count(),
        0
    );
}
