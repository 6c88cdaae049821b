//! Rules of the families T (trust), A (client authentication) and S (server name, server key).
//!
//! Each rule fires on one log and keeps quiet on a near miss. Logs are those of the lab; for what the
//! lab cannot make (a revoked certificate, a distrusted authority), one of them with its words replaced.

mod client_auth;

use std::{fs, path::Path};

use jssl_analyze::{
    diagnose::{Confidence, Finding, diagnose},
    drive::analyse_bytes,
    handshake::Outcome,
};

/// A log of `ssl:handshake` in which this end is: recorded alone, or both ends in one JVM.
fn lab(name: &str, role: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lab/logs");
    let log = [role, "both"].iter().find_map(|end| {
        fs::read_to_string(root.join(format!("{name}.ssl-handshake.{end}.log"))).ok()
    });
    log.unwrap_or_else(|| panic!("{name}: no log of a {role}"))
}

/// The findings of the first handshake of this role that was not established.
fn findings(log: &str, role: &str) -> Vec<Finding> {
    let analysis = analyse_bytes(log.as_bytes());
    let mut diagnosis = diagnose(&analysis.assembly);
    let found = analysis.assembly.handshakes.iter().position(|handshake| {
        handshake
            .role
            .is_some_and(|role_seen| role_seen.name() == role)
            && handshake.outcome != Outcome::Established
    });
    diagnosis
        .by_handshake
        .swap_remove(found.unwrap_or_else(|| panic!("no failed handshake of a {role}")))
}

fn names(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.rule).collect()
}

/// Log, role, the rule that must be first, a rule that must not be there.
#[rustfmt::skip]
const LAB: &[(&str, &str, &str, &str)] = &[
    ("17/untrusted-root-tls12", "client", "untrusted-root", "incomplete-certificate-chain"),
    ("17/incomplete-certificate-chain-tls13", "client", "incomplete-certificate-chain", "self-signed-certificate"),
    ("17/tls-interception-tls13", "client", "tls-interception", "self-signed-certificate"),
    ("17/untrusted-root-tls12", "client", "untrusted-root", "tls-interception"),
    ("17/client-certificate-incomplete-tls12", "server", "incomplete-certificate-chain", "certificate-rejected-by-peer"),
    ("25/self-signed-certificate-tls13", "client", "self-signed-certificate", "untrusted-root"),
    ("17/certificate-expired-tls12", "client", "certificate-expired", "certificate-not-yet-valid"),
    ("8/certificate-expired-tls13", "client", "certificate-expired", "client-certificate-rejected"),
    ("25/certificate-not-yet-valid-tls13", "client", "certificate-not-yet-valid", "certificate-expired"),
    ("17/hostname-mismatch-tls12", "client", "hostname-mismatch", "ip-address-mismatch"),
    ("17/hostname-mismatch-ip-only-tls12", "client", "hostname-mismatch", "ip-address-mismatch"),
    ("17/ip-address-mismatch-tls13", "client", "ip-address-mismatch", "hostname-mismatch"),
    ("17/wrong-key-usage-tls12", "client", "wrong-key-usage", "path-constraint-violated"),
    ("25/truststore-empty-tls13", "client", "truststore-unusable", "untrusted-root"),
    ("25/truststore-file-missing-tls13", "client", "truststore-unusable", "self-signed-certificate"),
    ("17/hostname-mismatch-tls13", "server", "certificate-rejected-by-peer", "client-certificate-rejected"),
    ("17/truststore-empty-tls12", "server", "certificate-rejected-by-peer", "truststore-unusable"),
    ("11/client-certificate-missing-tls13", "client", "client-certificate-missing", "client-certificate-rejected"),
    ("8/client-certificate-missing-tls13", "server", "client-certificate-missing", "client-certificate-rejected"),
    ("17/client-certificate-missing-tls12", "client", "client-certificate-missing", "client-certificate-rejected"),
    ("25/no-client-certificate-for-authorities-tls13", "client", "no-client-certificate-for-authorities", "client-certificate-missing"),
    ("17/client-certificate-rejected-relayed-tls12", "client", "client-certificate-rejected", "client-certificate-missing"),
    ("17/client-certificate-rejected-relayed-tls12", "server", "client-certificate-rejected", "untrusted-root"),
    ("17/client-certificate-expired-tls12", "server", "client-certificate-rejected", "certificate-expired"),
    ("17/server-name-unrecognized-tls12", "server", "server-name-unrecognized", "server-name-missing"),
    ("25/server-name-unrecognized-tls13", "client", "server-name-unrecognized", "server-name-missing"),
    ("17/server-key-missing-tls13", "server", "server-key-missing", "server-name-unrecognized"),
    ("17/server-key-missing-tls12", "server", "server-key-missing", "server-name-unrecognized"),
    ("17/server-key-wrong-type-tls12", "server", "server-key-missing", "certificate-rejected-by-peer"),
];

#[test]
fn the_cause_comes_first_and_its_look_alike_stays_away() {
    for &(log, role, first, absent) in LAB {
        let findings = findings(&lab(log, role), role);
        assert_eq!(
            findings.first().map(|finding| finding.rule),
            Some(first),
            "{log} {role}: {:?}",
            names(&findings)
        );
        assert!(
            !findings.iter().any(|finding| finding.rule == absent),
            "{log} {role}: {:?}",
            names(&findings)
        );
    }
}

/// The words of `17/wrong-key-usage-tls12`, a client's refusal without a cause below it.
const PURPOSE: &str = "Extended key usage does not permit use for TLS server authentication";
const PATH: &str = "PKIX path validation failed: java.security.cert.CertPathValidatorException: ";

#[rustfmt::skip]
const WORDS: &[(&str, &str)] = &[
    ("Certificate has been revoked, reason: KEY_COMPROMISE, revocation date: Mon Nov 02 10:00:00 UTC 2026, authority: CN=Lab Issuing CA, extension OIDs: []", "certificate-revoked"),
    ("Could not determine revocation status", "revocation-status-unknown"),
    ("Unable to determine revocation status due to network error", "revocation-status-unknown"),
    ("Certificate does not specify OCSP responder", "revocation-status-unknown"),
    ("TLS Server certificate issued after 2024-11-11 and anchored by a distrusted legacy Entrust root CA: CN=Entrust", "certificate-distrusted"),
    ("Algorithm constraints check failed on keysize limits: RSA 512 bit key used with certificate: CN=api.lab.example", "weak-certificate-algorithm"),
    ("Algorithm constraints check failed on signature algorithm: MD5withRSA", "weak-certificate-algorithm"),
    ("Certificates does not conform to algorithm constraints", "weak-certificate-algorithm"),
    ("basic constraints check failed: pathLenConstraint violated - this cert must be the last cert in the certification path", "path-constraint-violated"),
    ("name constraints check failed", "path-constraint-violated"),
    ("basic constraints check failed: this is not a CA certificate", "wrong-key-usage"),
    ("KeyUsage does not allow digital signatures", "wrong-key-usage"),
    ("signature check failed", "certificate-signature-invalid"),
    ("Failed to parse server certificates", "certificate-malformed"),
    ("No name matching api.lab.example found", "hostname-mismatch"),
    ("No subject alternative names present", "ip-address-mismatch"),
    ("the trustAnchors parameter must be non-empty", "truststore-unusable"),
];

#[test]
fn every_wording_finds_its_rule_and_only_that() {
    let log = lab("17/wrong-key-usage-tls12", "client");
    assert!(log.contains(PURPOSE));
    for (words, rule) in WORDS {
        for prefix in ["", PATH] {
            let findings = findings(&log.replace(PURPOSE, &format!("{prefix}{words}")), "client");
            assert_eq!(names(&findings), [*rule], "{prefix}{words}");
            assert!(
                findings[0].confidence == Confidence::Certain && !findings[0].remedies.is_empty()
            );
        }
    }
}

#[test]
fn a_server_calls_all_of_it_a_rejected_client_certificate() {
    let log = lab("17/client-certificate-rejected-relayed-tls12", "server");
    let path_building = "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target";
    assert!(log.contains(path_building));
    for (words, rule) in WORDS {
        let log = log.replace(path_building, words).replace(
            "unable to find valid certification path to requested target",
            words,
        );
        let findings = findings(&log, "server");
        assert_eq!(findings[0].rule, "client-certificate-rejected", "{words}");
        assert!(
            findings
                .iter()
                .skip(1)
                .all(|finding| finding.rule != *rule || *rule == "truststore-unusable"),
            "{words}"
        );
    }
}

#[test]
fn dates_are_told_by_the_cause_below() {
    let log = lab("17/certificate-expired-tls12", "client");
    let expired = findings(&log, "client");
    assert!(
        expired[0]
            .explanation
            .contains("The exception names this very date"),
        "{}",
        expired[0].explanation
    );
    let old = log
        .replace("validity check failed", "timestamp check failed")
        .replace("(CERTIFICATE_EXPIRED)", "(CERTIFICATE_UNKNOWN)");
    assert_eq!(findings(&old, "client")[0].rule, "certificate-expired");
    let no_cause = old.replace(
        "java.security.cert.CertificateExpiredException: NotAfter:",
        "java.lang.Exception: ",
    );
    assert_eq!(
        findings(&no_cause, "client")[0].rule,
        "certificate-expired",
        "by the clock of the log"
    );
}

/// The log without the `server_name` extension of its ClientHello.
fn without_sni(log: &str) -> String {
    let (before, extension) = log
        .split_once("\"server_name (0)\": {")
        .expect("a ClientHello with SNI");
    let (_, behind) = extension
        .split_once("},")
        .expect("the end of the extension");
    format!("{before}{behind}")
}

#[test]
fn a_missing_server_name_is_a_warning_beside_the_cause() {
    let log = lab("17/hostname-mismatch-tls13", "client");
    let with = findings(&log, "client");
    let without = findings(&without_sni(&log), "client");
    assert_eq!(names(&with), ["hostname-mismatch"]);
    assert_eq!(
        names(&without),
        ["hostname-mismatch", "server-name-missing"]
    );
    let expired = findings(
        &without_sni(&lab("17/certificate-expired-tls12", "client")),
        "client",
    );
    assert_eq!(names(&expired), ["certificate-expired"]);
}

#[test]
fn an_anchor_of_the_right_name_that_did_not_serve_is_no_certainty() {
    // two ends in one JVM: the server's trust store has the root, the client's has not
    let log = lab("25/untrusted-root-tls12", "both");
    let several = findings(&log, "client");
    assert_eq!(
        (several[0].rule, several[0].confidence),
        ("untrusted-root", Confidence::Likely)
    );
    assert!(
        several[0]
            .explanation
            .contains("a trust anchor of that name is listed"),
        "{}",
        several[0].explanation
    );
    let one = log.replacen("adding as trusted certificates", "another entry", 1);
    let known = findings(&one, "client");
    assert_eq!(
        (known[0].rule, known[0].confidence),
        ("untrusted-root", Confidence::Certain)
    );
}

#[test]
fn a_good_handshake_has_no_such_finding() {
    for log in [
        "17/mtls-tls12",
        "8/mtls-tls13",
        "17/client-auth-optional-tls12",
        "17/no-sni-tls12",
    ] {
        let analysis = analyse_bytes(lab(log, "server").as_bytes());
        let diagnosis = diagnose(&analysis.assembly);
        assert!(
            diagnosis
                .by_handshake
                .iter()
                .flatten()
                .all(|finding| !"TAS".contains(&finding.code[..1])),
            "{log}"
        );
    }
}

fn confidence_of(findings: &[Finding], rule: &str) -> Option<&'static str> {
    let found = findings.iter().find(|finding| finding.rule == rule)?;
    Some(found.confidence.name())
}

#[test]
fn one_issuer_for_sites_of_two_owners_is_a_box_between() {
    const RULE: &str = "tls-interception";
    let log = lab("17/tls-interception-tls13", "client");
    assert_eq!(
        confidence_of(&findings(&log, "client"), RULE),
        Some("strong")
    );
    // the authority of a company, below which its own hosts stand
    let own = log
        .replace(
            "CN=Gateway Inspection CA, OU=TLS Inspection, O=Example Secure Web Gateway",
            "CN=Example CA, O=Example Lab",
        )
        .replace("O=Example Shop", "O=Example Lab");
    assert_eq!(confidence_of(&findings(&own, "client"), RULE), None);
    // a private authority for two owners, old certificates, no word of inspection
    let shared = log
        .replace(
            "CN=Gateway Inspection CA, OU=TLS Inspection, O=Example Secure Web Gateway",
            "CN=Partner CA, O=Example Partners",
        )
        .replace(", O=Example Shop", "")
        .replace("CN=api.lab.example, O=Example Lab", "CN=api.lab.example")
        .replace(
            "\"not before\"         : \"2026-11-20",
            "\"not before\"         : \"2026-01-20",
        );
    assert_eq!(
        confidence_of(&findings(&shared, "client"), RULE),
        Some("likely")
    );
    // one site alone: the name is all there is
    let second = log
        .match_indices("Produced ClientHello")
        .nth(1)
        .expect("two handshakes")
        .0;
    let alone = &log[..=log[..second].rfind('\n').expect("lines")];
    assert_eq!(
        confidence_of(&findings(alone, "client"), RULE),
        Some("possible")
    );
    assert_ne!(names(&findings(alone, "client"))[0], RULE);
    let product = alone.replace("Gateway Inspection CA", "Zscaler Intermediate Root CA");
    let found = findings(&product, "client");
    assert_eq!(
        (found[0].rule, found[0].confidence),
        (RULE, Confidence::Likely)
    );
    let nameless = alone.replace("Inspection", "Service");
    assert_eq!(confidence_of(&findings(&nameless, "client"), RULE), None);
}

#[test]
fn a_chain_out_of_order_is_a_remark_and_a_candidate() {
    const RULE: &str = "misordered-certificate-chain";
    let of_log = |log: &str| {
        let analysis = analyse_bytes(log.as_bytes());
        let all = diagnose(&analysis.assembly).by_handshake.concat();
        all.into_iter()
            .filter(|found| found.rule == RULE)
            .collect::<Vec<_>>()
    };
    let found = of_log(&lab("17/chain-misordered", "server"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity.name(), "info");
    assert!(of_log(&lab("17/tls12-server-cbc", "server")).is_empty());
    assert!(
        of_log(&lab("17/untrusted-root-tls12", "client")).is_empty(),
        "three, in order"
    );
}

/// What a library prints that checks the host name itself, behind a handshake that JSSE was content with.
fn refused_by_library(log: &str, words: &str) -> String {
    format!(
        "{log}2026-11-21 10:00:00 WARN com.acme.Client - request failed\njavax.net.ssl.SSLPeerUnverifiedException: {words}\n\tat org.apache.http.conn.ssl.SSLConnectionSocketFactory.verifyHostname(SSLConnectionSocketFactory.java:507)\n\tat com.acme.Client.call(Client.java:1)\n"
    )
}

/// How the handshakes of clients ended, in the order of the log.
fn outcomes_of_clients(log: &str) -> Vec<Outcome> {
    let handshakes = analyse_bytes(log.as_bytes()).assembly.handshakes;
    let clients = handshakes
        .iter()
        .filter(|handshake| handshake.role == Some(jssl_analyze::handshake::Role::Client));
    clients.map(|handshake| handshake.outcome).collect()
}

#[test]
fn a_library_that_checks_the_host_name_refuses_behind_the_handshake() {
    let good = lab("17/tls13-ec", "client");
    let established = |log: &str| {
        let analysis = analyse_bytes(log.as_bytes());
        let is_so = |role: &str| {
            analysis.assembly.handshakes.iter().any(|handshake| {
                handshake.role.is_some_and(|seen| seen.name() == role)
                    && handshake.outcome == Outcome::Established
            })
        };
        is_so("client")
    };
    assert!(established(&good));
    // the certificate is another host's
    let other = good.replace("value=api.lab.example", "value=pay.lab.example");
    let words = |host: &str| {
        format!(
            "Certificate for <{host}> doesn't match any of the subject alternative names: [api.lab.example, www.lab.example]"
        )
    };
    let log = refused_by_library(&other, &words("pay.lab.example"));
    let found = findings(&log, "client");
    assert_eq!(
        (found[0].rule, found[0].confidence),
        ("hostname-mismatch", Confidence::Certain)
    );
    let told = &found[0].explanation;
    assert!(
        told.contains("It is another host's")
            && told.contains("org.apache.http.conn.ssl.SSLConnectionSocketFactory"),
        "{told}"
    );
    // an address is another rule's
    let log = refused_by_library(&without_sni(&other), &words("10.1.2.3"));
    assert_eq!(names(&findings(&log, "client"))[0], "ip-address-mismatch");
    // who prints it twice does not speak of the connection before
    let twice = refused_by_library(
        &refused_by_library(&format!("{other}{other}"), &words("pay.lab.example")),
        &words("pay.lab.example"),
    );
    let outcomes = outcomes_of_clients(&twice);
    assert_eq!(outcomes, [Outcome::Established, Outcome::Failed]);
    // another thread met the same certificate: the second exception is its
    let ticket = other.find("Consuming NewSessionTicket").expect("a ticket");
    let alone = &other[..=other[..ticket].rfind('\n').expect("a line")];
    let on_thread = alone.replace("|client|", "|worker-2|");
    let traces = |count: usize| {
        let log = refused_by_library(&format!("{alone}{on_thread}"), &words("pay.lab.example"));
        let end = log.find("2026-11-21 10:00:00 WARN").expect("the exception");
        let (log, printed) = log.split_at(end);
        outcomes_of_clients(&format!("{log}{}", printed.repeat(count)))
    };
    assert_eq!(traces(1), [Outcome::Established, Outcome::Failed]);
    assert_eq!(traces(2), [Outcome::Failed, Outcome::Failed]);
    assert_eq!(traces(3), [Outcome::Failed, Outcome::Failed]);
    // one on which more was read goes on
    let log = refused_by_library(&format!("{other}{on_thread}"), &words("pay.lab.example"));
    let log = refused_by_library(&log, &words("pay.lab.example"));
    assert_eq!(
        outcomes_of_clients(&log),
        [Outcome::Established, Outcome::Failed]
    );
    // no connection of this log was for that host
    let log = refused_by_library(&other, &words("shop.lab.example"));
    assert!(established(&log));
    // the library has another reason
    let log = refused_by_library(&other, "Certificate pinning failure!");
    assert!(established(&log));
}

#[test]
fn a_context_without_a_trust_manager_has_no_usable_store() {
    let log = lab("17/untrusted-root-tls12", "client").replace(
        "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target",
        "No X509TrustManager implementation available",
    ).replace("unable to find valid certification path to requested target", "");
    let found = findings(&log, "client");
    assert_eq!(
        (found[0].rule, found[0].confidence),
        ("truststore-unusable", Confidence::Strong)
    );
}

/// All commands of the remedies for the client's first finding, in a log that names its trust store.
fn commands_with_store(store: &str) -> Vec<String> {
    let line = format!(
        "javax.net.ssl|DEBUG|10|main|2026-11-21 01:00:00.000 UTC|TrustStoreManager.java:113|trustStore is: {store}\ntrustStore type is: pkcs12\ntrustStore provider is: \nthe last modified time is: Sat Nov 21 00:00:00 UTC 2026\n"
    );
    let log = line + &lab("17/untrusted-root-tls12", "client");
    let found = findings(&log, "client");
    assert_eq!(found[0].rule, "untrusted-root");
    let commands = found[0].remedies.iter();
    commands
        .filter_map(|remedy| remedy.command.as_deref().map(str::to_owned))
        .collect()
}

#[test]
fn a_root_is_imported_into_the_store_that_the_log_names() {
    let own = commands_with_store("/opt/app/conf/trust store.p12");
    let imports = own
        .iter()
        .filter(|command| command.contains("-importcert"))
        .collect::<Vec<_>>();
    assert!(
        imports.len() == 1 && imports[0].ends_with("-keystore '/opt/app/conf/trust store.p12'"),
        "{own:?}"
    );
    assert!(
        !own.iter()
            .any(|command| command.contains("-Djavax.net.ssl.trustStore"))
    );
    // what comes with the JDK is replaced with it
    for jdks in [
        "/usr/lib/jvm/jdk-17/lib/security/cacerts",
        "C:\\Java\\jre\\lib\\security\\cacerts",
        "No File Available, Will use empty keystore.",
    ] {
        let commands = commands_with_store(jdks);
        assert!(
            commands
                .iter()
                .any(|command| command.ends_with("-keystore trust.p12 -storetype PKCS12")),
            "{commands:?}"
        );
    }
}
