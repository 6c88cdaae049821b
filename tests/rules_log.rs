//! Rules about established handshakes and about the log as a whole (families H and L): on the logs
//! of the lab, and on small ones written by hand in the form that JDK 17 prints.

use std::{fs, path::Path};

use jssl_analyze::{
    assemble::Assembly,
    diagnose::{Confidence, Diagnosis, Finding, diagnose},
    drive::analyse_bytes,
    handshake::Role,
    tls::ProtocolVersion,
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

#[test]
fn an_established_handshake_gets_warnings_only() {
    let found = findings(&lab("17/tls12-static-rsa.ssl-handshake.server.log"), None);
    assert_eq!(
        (found[0].rule, found[0].severity.name()),
        ("weak-cipher-suite", "warning")
    );
    let (assembly, diagnosis) = judged(&lab("25/tls12-ecdhe-rsa.ssl-handshake.client.log"));
    assert_eq!(assembly.handshakes.len(), diagnosis.by_handshake.len());
    let hygiene = ["obsolete-protocol-version", "weak-cipher-suite"];
    assert!(
        diagnosis
            .by_handshake
            .iter()
            .flatten()
            .all(|finding| !hygiene.contains(&finding.rule))
    );
}

#[test]
fn a_certificate_that_ends_within_thirty_days() {
    let log = String::from_utf8(lab("17/tls12-static-rsa.ssl-handshake.server.log")).unwrap();
    let ending = |date: &str| {
        let line = |line: &str| match line.split_once("\"not  after\"") {
            Some((front, _)) => {
                format!("{front}\"not  after\"         : \"{date} 12:00:00.000 UTC\",\n")
            }
            None => format!("{line}\n"),
        };
        let text: String = log.lines().map(line).collect();
        findings(text.as_bytes(), None)
            .into_iter()
            .find(|finding| finding.rule == "certificate-expiring-soon")
    };
    assert!(
        ending("2026-12-10")
            .unwrap()
            .headline
            .ends_with("ends in 19 days")
    );
    assert!(ending("2027-01-10").is_none());
}

#[test]
fn a_cross_signed_root_that_ended_is_not_on_the_path() {
    let log = String::from_utf8(lab("25/tls13-ec.ssl-handshake.client.log")).unwrap();
    let ended = log.replace("2035-10-25 03:28:15", "2026-11-01 03:28:15");
    let ends = |log: &str| {
        findings(log.as_bytes(), CLIENT)
            .iter()
            .any(|finding| finding.rule == "certificate-expiring-soon")
    };
    assert!(ends(&ended));
    // the path ends at an anchor of that name
    let subject = "\"subject\"            : \"CN=Lab Issuing CA 1";
    assert!(ended.contains(subject));
    let cross = ended.replace(subject, "\"subject\"            : \"CN=Lab Root CA");
    assert!(!ends(&cross));
}

/// Every log of the lab: (path, the findings about the log that its truth names).
fn lab_logs() -> Vec<(String, Vec<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lab/logs");
    let folder = |path: &Path| {
        fs::read_dir(path)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect::<Vec<_>>()
    };
    let mut logs = Vec::new();
    for path in folder(&root).iter().flat_map(|jdk| folder(jdk)) {
        let path = path.to_string_lossy();
        let Some(stem) = path.strip_suffix(".truth.json") else {
            continue;
        };
        let text = fs::read_to_string(&*path).unwrap_or_default();
        let truth: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let findings = truth["findings"].as_array().into_iter().flatten();
        logs.push((
            format!("{stem}.log"),
            findings
                .filter_map(|rule| Some(rule.as_str()?.to_owned()))
                .collect(),
        ));
    }
    assert!(logs.len() > 100, "the lab is there");
    logs
}

#[test]
fn what_is_said_about_the_log_is_what_the_option_printed() {
    let mut wrong = Vec::new();
    for (path, wanted) in lab_logs() {
        let (_, diagnosis) = judged(&lab(&path));
        let said: Vec<&str> = diagnosis
            .of_log
            .iter()
            .map(|finding| finding.rule)
            .collect();
        for rule in ["debug-option-too-narrow", "log-begins-mid-handshake"] {
            if said.contains(&rule) != wanted.iter().any(|wanted| wanted == rule) {
                wrong.push(format!("{path}: says {said:?}, wanted {wanted:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn plaintext_in_the_log_is_a_secret() {
    let (_, diagnosis) = judged(&lab("25/tls13-rsa.all.both.log"));
    assert!(
        diagnosis
            .of_log
            .iter()
            .any(|finding| finding.rule == "secrets-in-log")
    );
    let (_, diagnosis) = judged(&lab("25/tls13-rsa.ssl-handshake.both.log"));
    assert!(
        diagnosis
            .of_log
            .iter()
            .all(|finding| finding.rule != "secrets-in-log")
    );
}

#[test]
fn an_empty_log_and_one_without_handshakes() {
    let said = |log: &str| {
        judged(log.as_bytes())
            .1
            .of_log
            .iter()
            .map(|finding| finding.rule)
            .collect::<Vec<_>>()
    };
    assert_eq!(said(""), ["no-handshake-in-log"]);
    assert_eq!(
        said(&entry(
            1,
            "SSLContextImpl.java:115",
            "trigger seeding of SecureRandom"
        )),
        ["no-handshake-in-log"]
    );
    assert_eq!(said("INFO: nothing of TLS here\n"), ["no-handshake-in-log"]);
    assert!(!said(&sent_hello("")).contains(&"no-handshake-in-log"));
}

#[test]
fn what_was_encrypted_had_a_handshake_before() {
    let said = |log: &str| {
        let (assembly, diagnosis) = judged(log.as_bytes());
        assert!(assembly.handshakes.is_empty(), "{log}");
        let mut findings = diagnosis.of_log.into_iter();
        let found = findings.find(|it| it.rule == "no-handshake-in-log");
        found.map(|it| it.headline.contains("before it begins"))
    };
    let classic = |alert: u32| {
        format!(
            "pool-1, READ: TLSv1.2 Alert, length = {alert}\npool-1, RECV TLSv1.2 ALERT:  warning, close_notify\npool-1, closeInboundInternal()\npool-1, closeOutboundInternal()\n"
        )
    };
    assert_eq!(said(&classic(26)), Some(true));
    assert_eq!(said(&classic(2)), Some(false));
    assert_eq!(
        said("pool-1, WRITE: TLSv1.2 Application Data, length = 512\n"),
        Some(true)
    );
    let unified = |record: &str| entry(1, "SSLEngineInputRecord.java:213", record);
    assert_eq!(
        said(&unified("READ: TLSv1.2 application_data, length = 1418")),
        Some(true)
    );
    assert_eq!(
        said(&unified("READ: TLSv1.2 alert, length = 26")),
        Some(true)
    );
    assert_eq!(
        said(&unified("READ: TLSv1.2 alert, length = 2")),
        Some(false)
    );
}

#[test]
fn the_first_dump_of_each_kind_is_the_evidence() {
    let told = |log: &str| {
        let (_, diagnosis) = judged(log.as_bytes());
        let mut findings = diagnosis.of_log.iter();
        let found = findings.find(|it| it.rule == "secrets-in-log")?;
        let lines: Vec<u64> = found.evidence.iter().map(|it| it.span.line()).collect();
        Some((found.headline.clone(), lines))
    };
    let keys = "SESSION KEYGEN:\nPreMaster Secret:\n0000: 03 03 01 02\n";
    let data = "Padded plaintext after DECRYPTION:  len = 16\n0000: 01 02 03 04\n";
    let head = "io-1, called close()\n";
    let both = [head, keys, data, keys].concat();
    let expected = "the log holds 2 dumps of session keys, and 1 dump of decrypted data";
    assert_eq!(told(&both), Some((expected.to_owned(), vec![2, 5])));
    let expected = "the log holds 1 dump of session keys";
    assert_eq!(
        told(&[head, head, keys].concat()),
        Some((expected.to_owned(), vec![3]))
    );
    let dump = "Plaintext after DECRYPTION (\n  0000: 48 54 54 50                                        HTTP\n)";
    let unified = settings()
        + &entry(2, "SSLCipher.java:1671", dump)
        + &entry(3, "SSLCipher.java:1671", dump);
    let expected = "the log holds 2 dumps of decrypted data";
    assert_eq!(told(&unified), Some((expected.to_owned(), vec![2])));
    assert_eq!(told(&settings()), None);
}

/// What is printed when a context is made, by those options only that print messages, too.
fn settings() -> String {
    entry(
        1,
        "SSLContextImpl.java:427",
        "System property jdk.tls.client.protocols is set to 'TLSv1.2'",
    )
}

/// What is said of a log without handshakes: how sure, the headline, and the lines that prove it.
fn of_no_handshake(log: &str) -> (Confidence, String, Vec<u64>) {
    let (assembly, diagnosis) = judged(log.as_bytes());
    assert!(assembly.handshakes.is_empty(), "{log}");
    let mut findings = diagnosis.of_log.iter();
    let found = findings.find(|it| it.rule == "no-handshake-in-log");
    let found = found.expect("a finding");
    let lines = found.evidence.iter().map(|it| it.span.line()).collect();
    (found.confidence, found.headline.clone(), lines)
}

#[test]
fn tls_that_was_under_way_is_not_told_as_never_started() {
    let under_way = [
        // a fact with its line, and what is only counted
        entry(
            1,
            "ServerHello.java:963",
            "Negotiated protocol version: TLSv1.2",
        ),
        entry(
            1,
            "SSLExtensions.java:192",
            "Consumed extension: renegotiation_info",
        ),
        entry(
            1,
            "SSLExtensions.java:260",
            "Ignore, context unavailable extension: cookie",
        ),
        entry(
            1,
            "SSLSocketOutputRecord.java:252",
            "WRITE: TLSv1.3 handshake, length = 422",
        ),
        entry(
            1,
            "X509Authentication.java:297",
            "No X.509 cert selected for EC",
        ),
        entry(
            1,
            "SSLSocketImpl.java:1775",
            "close the SSL connection (initiative)",
        ),
        entry(
            1,
            "SSLSessionImpl.java:784",
            "Invalidated session:  Session(1675956266192|TLS_AES_128_GCM_SHA256)",
        ),
        "io-1, WRITE: TLSv1.2 Handshake, length = 212\n".to_owned(),
        "check handshake state: certificate[11]\nupdate handshake state: certificate[11]\n"
            .to_owned(),
        "%% Cached client session: [Session-1, TLS_RSA_WITH_AES_128_CBC_SHA]\n".to_owned(),
    ];
    for lines in under_way {
        let (sureness, headline, _) = of_no_handshake(&(settings() + &lines));
        assert!(
            headline.starts_with("TLS was under way"),
            "{lines}: {headline}"
        );
        assert_eq!(sureness, Confidence::Likely, "{lines}");
    }
    let agreed = entry(
        2,
        "ServerHello.java:963",
        "Negotiated protocol version: TLSv1.2",
    );
    assert_eq!(of_no_handshake(&(settings() + &agreed)).2, [2]);
    // an exception out of a handshake that is not logged
    let frame = "\tat java.base/sun.security.ssl.CertificateMessage$T12CertificateConsumer.checkServerCerts(CertificateMessage.java:626)\n";
    let thrown = format!(
        "lab.Failed: no\n\tat lab.Shop.open(Shop.java:1)\nCaused by: java.security.cert.CertificateException: No name matching shop.lab.test found\n{frame}"
    );
    let (_, headline, _) = of_no_handshake(&(settings() + &thrown));
    assert!(headline.starts_with("TLS was under way"), "{headline}");
    let other = thrown
        .replace(frame, "")
        .replace("java.security.cert.Certificate", "lab.");
    let (_, headline, _) = of_no_handshake(&(settings() + &other));
    assert!(headline.starts_with("TLS was never started"), "{headline}");
}

#[test]
fn what_fails_below_an_https_library_is_no_handshake() {
    let library =
        "\tat java.base/sun.net.www.protocol.https.HttpsClient.<init>(HttpsClient.java:266)\n";
    let refused = "java.net.ConnectException: Connection refused\n\tat java.base/java.net.Socket.connect(Socket.java:633)\n";
    let bare = "java.net.ConnectException\n\tat java.net.http/jdk.internal.net.http.HttpClientImpl.send(HttpClientImpl.java:951)\n";
    for thrown in [[refused, library].concat(), bare.to_owned()] {
        let (sureness, headline, lines) = of_no_handshake(&(settings() + &thrown));
        assert_eq!(
            headline,
            "TLS was never started: the application failed before it"
        );
        assert_eq!((sureness, lines), (Confidence::Strong, vec![2]));
    }
}

#[test]
fn records_of_a_handshake_are_not_those_of_one_before_the_log() {
    let record = |what: &str| entry(1, "SSLSocketInputRecord.java:214", what);
    let data = record("READ: TLSv1.2 application_data, length = 25");
    let hello = record("READ: TLSv1.2 handshake, length = 89");
    let (_, headline, _) = of_no_handshake(&data);
    assert!(headline.contains("before it begins"), "{headline}");
    let (sureness, headline, _) = of_no_handshake(&(hello + &data));
    assert!(headline.starts_with("TLS was under way"), "{headline}");
    assert_eq!(sureness, Confidence::Likely);
}

/// Plain `ssl` prints no messages: a key that was looked for tells that a client had spoken.
#[test]
fn a_server_that_looked_for_a_key_was_not_merely_probed() {
    let reset = "handling exception (\n\"throwable\" : {\n  java.net.SocketException: Connection reset\n  \tat java.base/sun.security.ssl.SSLSocketImpl.readHandshakeRecord(SSLSocketImpl.java:1425)\n  \tat java.base/sun.security.ssl.ServerHandshakeContext.<init>(ServerHandshakeContext.java:1)}\n\n)";
    let ended = entry(3, "SSLSocketImpl.java:1676", reset);
    let keys = entry(
        2,
        "X509Authentication.java:299",
        "No X.509 cert selected for EC",
    );
    let told = |log: &str| {
        let found = findings(log.as_bytes(), Some(Role::Server));
        let rules = found.iter().map(|it| (it.rule, it.confidence));
        rules.collect::<Vec<_>>()
    };
    assert_eq!(
        told(&(settings() + &ended)),
        [("probe-or-scanner", Confidence::Likely)]
    );
    assert_eq!(
        told(&(settings() + &keys + &ended)),
        [
            ("connection-reset-during-handshake", Confidence::Possible),
            ("debug-option-too-narrow", Confidence::Strong),
            ("probe-or-scanner", Confidence::Possible),
        ]
    );
}

#[test]
fn that_nothing_came_is_only_sure_where_messages_would_be_printed() {
    let limits = entry(
        1,
        "SSLCipher.java:432",
        "jdk.tls.keyLimits:  entry = AES/GCM/NoPadding KeyUpdate 2^37. AES/GCM/NOPADDING:KEYUPDATE = 137438953472",
    );
    assert_eq!(of_no_handshake(&limits).0, Confidence::Possible);
    assert_eq!(
        of_no_handshake(&(settings() + &limits)).0,
        Confidence::Strong
    );
    // a handshake was about to begin
    let prepared = entry(
        2,
        "HandshakeContext.java:290",
        "Ignore unsupported cipher suite: TLS_AES_128_GCM_SHA256 for TLSv1.2",
    );
    let (sureness, headline, lines) = of_no_handshake(&(settings() + &prepared));
    assert_eq!(
        (sureness, &*lines),
        (Confidence::Possible, &[2][..]),
        "{headline}"
    );
    // what is closed first may have been opened before the log
    let closed = entry(2, "SSLEngineImpl.java:788", "Closing outbound of SSLEngine");
    assert_eq!(
        of_no_handshake(&(settings() + &closed)).0,
        Confidence::Strong
    );
    assert_eq!(
        of_no_handshake(&(closed + &settings())).0,
        Confidence::Possible
    );
}

#[test]
fn pieces_of_entries_are_not_told_as_an_option_that_is_not_set() {
    let body = sent_hello("");
    let body = &body[body.find("\"ClientHello\": {").expect("a body")..];
    let pieces = [
        body,
        "...CertificateMessage.java:1116|Produced client Certificate message (\n",
        "> RandomCookie:  GMT: 1462846299 bytes = { 1, 2 }\n> Session ID:  {}\n",
        "  | upcoming handshake states: server finished[20]\n",
    ];
    for piece in pieces {
        let (sureness, headline, _) = of_no_handshake(piece);
        assert!(headline.starts_with("pieces of TLS"), "{piece}: {headline}");
        assert_eq!(sureness, Confidence::Likely);
    }
    let (_, headline, _) = of_no_handshake("com.tencent.kona.ssl|FINE|01|main|x\n");
    assert!(headline.contains("Kona"), "{headline}");
    // one entry that can be read, and words that anybody may write
    let (_, headline, _) = of_no_handshake(&(body.to_owned() + &settings()));
    assert!(
        headline.starts_with("there is TLS debug output"),
        "{headline}"
    );
    let others = "the ClientHello has cipher suites, compression methods and extensions\n";
    let (_, headline, _) = of_no_handshake(others);
    assert!(headline.starts_with("there is no TLS debug"), "{headline}");
}

#[test]
fn damaged_heads_are_no_proof_that_nothing_was_said() {
    let said = |log: &str| {
        let findings = judged(log.as_bytes()).1.of_log;
        let found = findings.iter().find(|it| it.rule == "no-handshake-in-log");
        found.map(|it| (it.confidence, it.headline.contains("damaged")))
    };
    let start = settings();
    let sure = Some((Confidence::Strong, false));
    let unsure = Some((Confidence::Possible, true));
    assert_eq!(said(&start), sure);
    let other = "javax.net.ssl.SSLContext is made ready\n";
    assert_eq!(said(&[&start, other].concat()), sure);
    // a column lost, the head wrapped, its beginning cut off
    let hello = sent_hello("");
    for damaged in [
        hello.replace("|main|", "|main "),
        hello.replace("2026-11-21 ", "2026-11-21\n"),
        hello.replace("javax.net.ssl|DEBUG|10|main|", ""),
    ] {
        assert_eq!(said(&[&*start, &damaged].concat()), unsure, "{damaged}");
        assert_eq!(said(&damaged), unsure, "{damaged}");
    }
    assert_eq!(said(&[start, hello].concat()), None);
}

#[test]
fn the_end_of_the_log_is_no_cause() {
    let (_, diagnosis) = judged(sent_hello("").as_bytes());
    assert!(
        diagnosis
            .of_log
            .iter()
            .any(|finding| finding.rule == "log-ends-mid-handshake")
    );
    let other = "javax.net.ssl|DEBUG|11|other|2026-11-21 03:20:00.000 UTC|SSLSocketImpl.java:1|close the underlying socket\n";
    let silent = sent_hello("")
        + &sent_hello("")
            .replace("|10|main|", "|11|other|")
            .replace("03:16:01", "03:19:59")
            .replace("0001\"", "0002\"")
        + other;
    let rules: Vec<&str> = findings(silent.as_bytes(), CLIENT)
        .iter()
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(rules, ["log-ends-mid-handshake", "no-server-hello"]);
}

#[test]
fn a_client_that_begins_anew_has_not_reached_the_logs_end() {
    let again = sent_hello("")
        .replace("03:16:01", "03:16:02")
        .replace("0001\"", "0002\"");
    let (_, diagnosis) = judged((sent_hello("") + &again).as_bytes());
    let first = &diagnosis.by_handshake[0][0];
    assert_eq!(
        (first.rule, first.confidence.name()),
        ("log-ends-mid-handshake", "possible")
    );
    assert!(
        first.headline.contains("begins another one (#2)"),
        "{}",
        first.headline
    );
    assert!(
        diagnosis.by_handshake[1][0]
            .headline
            .contains("the log ends")
    );
}

#[test]
fn a_thread_that_serves_several_at_once_does_not_begin_anew() {
    let number = |log: &str, second: u32, number: u32| {
        log.replace("03:16:01", &format!("03:16:{second:02}"))
            .replace("01\"", &format!("{number:02}\""))
    };
    let hello = |second| number(&sent_hello(""), second, second);
    let answer = |second: u32| {
        entry(
            second,
            "ServerHello.java:888",
            "Consuming ServerHello handshake message (\n\"ServerHello\": {\n  \"server version\"      : \"TLSv1.2\",\n  \"session id\"          : \"\",\n  \"cipher suite\"        : \"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256(0xC02F)\"\n}\n)",
        )
    };
    // the second is answered while the third has begun
    let log = [hello(1), hello(2), hello(3), answer(4), answer(5)].concat();
    let (assembly, diagnosis) = judged(log.as_bytes());
    assert_eq!(assembly.handshakes.len(), 3);
    let ends = diagnosis.by_handshake.concat();
    let anew = ends
        .iter()
        .filter(|found| found.headline.contains("begins another one"));
    assert_eq!(anew.count(), 0);
}

#[test]
fn every_finding_has_evidence_a_remedy_and_a_reference() {
    for (path, _) in lab_logs() {
        let (_, diagnosis) = judged(&lab(&path));
        for finding in diagnosis
            .by_handshake
            .iter()
            .flatten()
            .chain(&diagnosis.of_log)
        {
            // a log without TLS has no line to show
            let complete = (!finding.evidence.is_empty() || finding.rule == "no-handshake-in-log")
                && !finding.remedies.is_empty()
                && !finding.references.is_empty();
            assert!(
                complete && !finding.explanation.is_empty(),
                "{path}: {finding:?}"
            );
            assert!(
                !finding.headline.ends_with('.') && !finding.explanation.contains("  "),
                "{path}: {finding:?}"
            );
        }
    }
}

/// A good handshake of a client, as JDK 17 logs it.
fn established() -> String {
    String::from_utf8(lab("17/tls12-server-of-both.ssl-handshake.client.log")).expect("text")
}

/// The log up to the close of its one connection, with `lines` behind it.
fn then(lines: &str) -> Vec<u8> {
    let log = established();
    let done = log
        .rfind("Finished handshake message (")
        .expect("a Finished");
    let end = done + log[done..].find("\n)\n").expect("its end") + 3;
    format!("{}{lines}", &log[..end]).into_bytes()
}

fn of_client(message: &str) -> String {
    let log = established();
    let line = log
        .lines()
        .rfind(|line| line.starts_with("javax.net.ssl|"))
        .expect("an entry");
    let mut columns: Vec<&str> = line.splitn(7, '|').collect();
    columns[6] = message;
    format!("{}\n", columns.join("|"))
}

#[test]
fn what_comes_behind_an_established_handshake_is_not_its_fault() {
    let remarks = |log: &[u8]| {
        let (assembly, diagnosis) = judged(log);
        assert!(
            assembly
                .handshakes
                .iter()
                .all(|handshake| handshake.break_up.is_none())
        );
        let all = diagnosis.by_handshake.concat();
        for finding in &all {
            assert_eq!(finding.severity.name(), "info", "{finding:?}");
        }
        all.iter()
            .map(|finding| (finding.rule, finding.confidence.name()))
            .collect::<Vec<_>>()
    };
    let reset = lab("17/reset-tls12-after-finished.ssl-handshake.client.log");
    assert_eq!(remarks(&reset), [("closed-by-application", "certain")]);
    assert_eq!(remarks(established().as_bytes()), []);
    let words = "Fatal (INTERNAL_ERROR): closing inbound before receiving peer's close_notify (\n\"throwable\" : {\n  javax.net.ssl.SSLException: closing inbound before receiving peer's close_notify\n  \tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:133)}\n\n)";
    assert_eq!(
        remarks(&then(&of_client(words))),
        [("closed-without-close-notify", "certain")]
    );
    // JDK 17 throws it and logs nothing: the application prints it
    let thrown = "javax.net.ssl.SSLException: closing inbound before receiving peer's close_notify\n\tat java.base/sun.security.ssl.SSLEngineImpl.closeInbound(SSLEngineImpl.java:797)\n";
    assert_eq!(
        remarks(&then(thrown)),
        [("closed-without-close-notify", "strong")]
    );
    let other = thrown.replace(
        "closing inbound before receiving peer's close_notify",
        "Broken pipe",
    );
    assert_eq!(remarks(&then(&other)), []);
    let eof = of_client("Raw read: EOF");
    assert_eq!(
        remarks(&then(&eof)),
        [("closed-without-close-notify", "strong")]
    );
    // announced, or closed from here before
    let notified = of_client(
        "Received alert message (\n\"Alert\": {\n  \"level\"      : \"warning\",\n  \"description\": \"close_notify\"\n}\n)",
    );
    assert_eq!(remarks(&then(&(notified + &eof))), []);
    let closed = of_client("duplex close of SSLSocket");
    assert_eq!(remarks(&then(&(closed + &eof))), []);
}

#[test]
fn every_error_behind_the_first_is_a_symptom_or_competes_with_it() {
    let mut symptoms = 0;
    let mut rivals = 0;
    for (path, _) in lab_logs() {
        let (_, diagnosis) = judged(&lab(&path));
        for findings in diagnosis.by_handshake {
            let Some((first, others)) = findings.split_first() else {
                continue;
            };
            assert_eq!(
                (first.symptom_of, first.competes_with),
                (None, None),
                "{path}"
            );
            for other in others
                .iter()
                .filter(|other| other.severity.name() == "error")
            {
                match (other.symptom_of, other.competes_with) {
                    (Some(cause), None) => {
                        symptoms += 1;
                        assert!(
                            findings.iter().any(|finding| finding.rule == cause),
                            "{path}: {other:?}"
                        );
                    }
                    (None, Some(rival)) => {
                        rivals += 1;
                        assert_eq!(rival, first.rule, "{path}");
                        let tests = first.confirm.len() + other.confirm.len();
                        assert!(
                            tests > 0,
                            "{path}: nothing decides between {rival} and {}",
                            other.rule
                        );
                    }
                    _ => panic!("{path}: {other:?}"),
                }
            }
        }
    }
    assert!(
        symptoms > 20 && rivals > 10,
        "{symptoms} symptoms, {rivals} rivals"
    );
}

#[test]
fn next_in_tls_13_is_what_tls_13_has_next() {
    let ended_after = |sender: &str, body: &str| {
        let title = format!("Consuming {sender} Certificate handshake message (\n{body})");
        let log = entry(2, "CertificateMessage.java:1148", &title);
        let (assembly, diagnosis) = judged(log.as_bytes());
        let explanation = diagnosis.by_handshake[0]
            .iter()
            .map(|it| it.explanation.clone())
            .collect::<String>();
        (assembly.handshakes[0].version.clone(), explanation)
    };
    let chain = "\"certificate_list\": [  \n{\n  \"certificate\" : {\n    \"version\"            : \"v3\",\n    \"subject\"            : \"CN=shop.lab.test\"\n  }\n}\n]\n";
    let of_13 =
        format!("\"Certificate\": {{\n  \"certificate_request_context\": \"\",\n  {chain}}}\n");
    let (version, told) = ended_after("server", &of_13);
    assert_eq!(version, Some(ProtocolVersion::Tls13));
    assert!(told.contains("CertificateVerify would"), "{told}");
    let of_12 = format!("\"Certificates\": {{\n  {chain}}}\n");
    let (version, told) = ended_after("server", &of_12);
    assert_eq!(version, None);
    assert!(told.contains("ServerKeyExchange would"), "{told}");
}
