//! For each rule a log on which it fires, and a near miss on which it is silent.
//!
//! Logs below `testdata` are recordings. Where none shows a fault, it is a recording with its words
//! replaced, or a text in the form that JDK 17 prints.

use std::{fs, path::Path};

/// A log, by how it is made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Log {
    /// A file below `testdata/lab/logs`, its `ssl-handshake` recording of that end (or of both).
    Lab(&'static str, &'static str),
    /// A file below `testdata`.
    File(&'static str),
    /// A recording with words replaced, all or none of them there.
    Replaced(&'static str, &'static str, &'static str, &'static str),
    /// An alert that this client (or server) sent behind a ClientHello: exception and words.
    Said(End, &'static str, &'static str),
    /// A text.
    Text(fn() -> String),
}

/// Which end logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Client,
    Server,
}

use self::{
    End::{Client, Server},
    Log::{File, Lab, Replaced, Said, Text},
};

impl Log {
    pub(crate) fn text(self) -> String {
        match self {
            Lab(name, end) => lab(name, end),
            File(path) => read(path),
            Replaced(name, end, from, to) => {
                let log = lab(name, end);
                assert!(log.contains(from), "{name}: {from} is not in it");
                log.replace(from, to)
            }
            Said(Client, alert, words) => sent_hello("") + &fatal(alert, words),
            Said(Server, alert, words) => received_hello() + &fatal(alert, words),
            Text(text) => text(),
        }
    }
}

/// A rule, a log on which it fires, and one on which it must not.
pub(crate) struct Fixture {
    pub(crate) rule: &'static str,
    pub(crate) fires: Log,
    pub(crate) near_miss: Log,
}

const fn row(rule: &'static str, fires: Log, near_miss: Log) -> Fixture {
    Fixture {
        rule,
        fires,
        near_miss,
    }
}

/// A refusal of JDK 17 without a cause below it: what stands in its place is the reason.
const REFUSAL: &str = "17/wrong-key-usage-tls12";
const PURPOSE: &str = "Extended key usage does not permit use for TLS server authentication";

const fn refused(words: &'static str) -> Log {
    Replaced(REFUSAL, "client", PURPOSE, words)
}

const RELAYED: &str = "17/client-certificate-rejected-relayed-tls12";

#[rustfmt::skip]
pub(crate) const FIXTURES: &[Fixture] = &[
    row("no-common-cipher-suite", Lab("17/no-common-cipher-suite-tls12", "server"), Lab("17/disabled-by-local-policy-suite", "client")),
    row("no-common-protocol-version", Lab("17/no-common-protocol-version-old-server", "server"), Lab("17/no-common-application-protocol-tls12", "server")),
    row("no-common-named-group", Lab("17/no-common-named-group-tls13", "server"), Lab("17/no-common-named-group-tls13", "client")),
    row("no-common-signature-scheme", Lab("17/no-common-signature-scheme-tls12", "server"), Lab("17/no-common-cipher-suite-tls12", "server")),
    row("no-common-application-protocol", Lab("17/no-common-application-protocol-tls12", "server"), Lab("17/alert-handshake-failure", "client")),
    row("dh-parameters-too-weak", Said(Client, "INSUFFICIENT_SECURITY", "DH ServerKeyExchange does not comply to algorithm constraints"), Said(Client, "INSUFFICIENT_SECURITY", "ServerKeyExchange for secp160k1 does not comply with algorithm constraints")),
    row("downgrade-detected", Said(Client, "ILLEGAL_PARAMETER", "A potential protocol version downgrade attack"), Lab("17/no-common-protocol-version-tls10-answer", "client")),
    row("disabled-by-local-policy", Lab("17/disabled-by-local-policy-suite", "client"), Lab("17/no-common-cipher-suite-tls12", "server")),
    row("refused-without-reason", Lab("17/alert-handshake-failure", "client"), Lab("17/alert-protocol-version", "client")),
    row("no-server-hello", Text(let_go), Lab("17/log-ends-in-certificate", "client")),

    row("server-name-unrecognized", Lab("17/server-name-unrecognized-tls12", "server"), Lab("17/server-key-missing-tls13", "server")),
    row("server-name-missing", Text(without_server_name), Lab("17/hostname-mismatch-tls13", "client")),
    row("server-key-missing", Lab("17/server-key-missing-tls12", "server"), Lab("17/no-common-cipher-suite-tls12", "server")),

    row("incomplete-certificate-chain", Lab("17/incomplete-certificate-chain-tls13", "client"), Lab("17/untrusted-root-tls12", "client")),
    row("untrusted-root", Lab("17/untrusted-root-tls12", "client"), Lab("25/self-signed-certificate-tls13", "client")),
    row("self-signed-certificate", Lab("25/self-signed-certificate-tls13", "client"), Lab("17/incomplete-certificate-chain-tls13", "client")),
    row("certificate-expired", Lab("17/certificate-expired-tls12", "client"), Lab("25/certificate-not-yet-valid-tls13", "client")),
    row("certificate-not-yet-valid", Lab("25/certificate-not-yet-valid-tls13", "client"), Lab("17/certificate-expired-tls12", "client")),
    row("hostname-mismatch", Lab("17/hostname-mismatch-tls13", "client"), Lab("17/ip-address-mismatch-tls13", "client")),
    row("ip-address-mismatch", Lab("17/ip-address-mismatch-tls13", "client"), Lab("17/hostname-mismatch-tls13", "client")),
    row("weak-certificate-algorithm", refused("Algorithm constraints check failed on signature algorithm: MD5withRSA"), Lab(REFUSAL, "client")),
    row("wrong-key-usage", Lab(REFUSAL, "client"), refused("name constraints check failed")),
    row("certificate-revoked", refused("Certificate has been revoked, reason: KEY_COMPROMISE, revocation date: Mon Nov 02 10:00:00 UTC 2026, authority: CN=Lab Issuing CA, extension OIDs: []"), refused("Could not determine revocation status")),
    row("revocation-status-unknown", refused("Unable to determine revocation status due to network error"), refused("Certificate has been revoked, reason: KEY_COMPROMISE, revocation date: Mon Nov 02 10:00:00 UTC 2026, authority: CN=Lab Issuing CA, extension OIDs: []")),
    row("certificate-distrusted", refused("TLS Server certificate issued after 2024-11-11 and anchored by a distrusted legacy Entrust root CA: CN=Entrust"), Lab("17/untrusted-root-tls12", "client")),
    row("truststore-unusable", Lab("25/truststore-empty-tls13", "client"), Lab("17/untrusted-root-tls12", "client")),
    row("certificate-signature-invalid", refused("signature check failed"), Lab("17/untrusted-root-tls12", "client")),
    row("path-constraint-violated", refused("basic constraints check failed: pathLenConstraint violated - this cert must be the last cert in the certification path"), refused("basic constraints check failed: this is not a CA certificate")),
    row("certificate-malformed", refused("Failed to parse server certificates"), refused("signature check failed")),
    row("certificate-rejected-by-peer", Lab("17/hostname-mismatch-tls13", "server"), Lab("17/alert-handshake-failure", "client")),

    row("client-certificate-missing", Lab("17/client-certificate-missing-tls12", "client"), Lab(RELAYED, "client")),
    row("no-client-certificate-for-authorities", Lab("25/no-client-certificate-for-authorities-tls13", "client"), Lab(RELAYED, "client")),
    row("client-certificate-rejected", Lab(RELAYED, "client"), Lab("17/client-certificate-missing-tls12", "client")),
    row("client-key-unusable", Replaced(RELAYED, "client", "certificate_unknown", "decrypt_error"), Lab(RELAYED, "client")),
    row("keystore-unusable", File("synthetic/ibm/client-certificate-missing.client.log"), Lab("17/client-certificate-missing-tls12", "client")),

    row("plaintext-peer", Lab("17/plaintext-peer-http", "client"), Lab("25/plaintext-client-http", "server")),
    row("plaintext-client", Lab("25/plaintext-client-http", "server"), Lab("17/plaintext-peer-http", "client")),
    row("peer-closed-during-handshake", Lab("17/closed-after-client-hello", "client"), Lab("17/reset-after-client-hello", "client")),
    row("connection-reset-during-handshake", Lab("17/reset-after-client-hello", "client"), Lab("17/closed-after-client-hello", "client")),
    row("handshake-timeout", Lab("17/handshake-timeout", "client"), Lab("17/closed-after-client-hello", "client")),
    row("large-client-hello-dropped", Text(lost_hybrid_hello), Lab("17/handshake-timeout", "client")),
    row("probe-or-scanner", Lab("25/tcp-probe", "server"), Lab("17/closed-after-client-hello", "client")),
    row("record-corrupted", Said(Client, "DECRYPT_ERROR", "The Finished message cannot be verified."), Said(Client, "ILLEGAL_PARAMETER", "Invalid NewSessionTicket message: insufficient ticket data")),
    row("handshake-message-too-large", Said(Client, "UNEXPECTED_MESSAGE", "The size of the handshake message (33793) exceeds the maximum allowed size (32768)"), Said(Server, "UNEXPECTED_MESSAGE", "Unknown handshake type size, Handshake.msg_type = 72")),
    row("message-malformed", Said(Client, "ILLEGAL_PARAMETER", "Invalid NewSessionTicket message: insufficient ticket data"), Said(Client, "UNEXPECTED_MESSAGE", "Unexpected handshake message: server_hello_done")),
    row("unexpected-message", Said(Client, "UNEXPECTED_MESSAGE", "Unexpected handshake message: server_hello_done"), Said(Server, "UNEXPECTED_MESSAGE", "Unknown handshake type size, Handshake.msg_type = 72")),

    row("renegotiation-refused", Said(Server, "HANDSHAKE_FAILURE", "Unsafe renegotiation is not allowed"), Lab("17/renegotiation-tls12", "both")),
    row("extended-master-secret-missing", Said(Server, "HANDSHAKE_FAILURE", "Extended Master Secret extension is required"), Said(Server, "HANDSHAKE_FAILURE", "Unsafe renegotiation is not allowed")),
    row("resumption-rejected", Said(Server, "ILLEGAL_PARAMETER", "Incorrect PSK binder value"), Said(Client, "HANDSHAKE_FAILURE", "Missing Extended Master Secret extension on session resumption")),

    row("known-jdk-defect", Text(|| resumed_with("11.0.2")), Text(|| resumed_with("11.0.3"))),
    row("crypto-provider-failed", Said(Client, "INTERNAL_ERROR", "java.security.ProviderException: java.security.KeyException"), Said(Client, "INTERNAL_ERROR", "No such sentence is known")),

    row("tls-interception", Lab("17/tls-interception-tls13", "client"), Lab("17/untrusted-root-tls12", "client")),
    row("misordered-certificate-chain", Lab("17/chain-misordered", "server"), Lab("17/tls12-server-cbc", "server")),
    row("removed-by-jdk-update", Lab("25/removed-by-jdk-update-static-rsa", "server"), Lab("17/alert-handshake-failure", "client")),
    row("crypto-provider-missing", Lab("17/crypto-provider-missing-tls13", "client"), Lab("17/no-common-named-group-tls13", "server")),
    row("obsolete-protocol-version", Lab("17/tls10", "both"), Lab("25/tls12-ecdhe-rsa", "client")),
    row("weak-cipher-suite", Lab("17/tls12-static-rsa", "server"), Lab("25/tls12-ecdhe-rsa", "client")),
    row("closed-without-close-notify", Text(|| established_then("Raw read: EOF")), Text(|| established_then("duplex close of SSLSocket"))),
    row("closed-by-application", Lab("17/reset-tls12-after-finished", "client"), Lab("25/tls12-ecdhe-rsa", "client")),
    row("certificate-expiring-soon", Text(|| ending("2026-12-10")), Text(|| ending("2027-01-10"))),

    row("debug-option-too-narrow", File("lab/logs/11/tls13-rsa.ssl-record.both.log"), Lab("25/tls13-rsa", "both")),
    row("log-begins-mid-handshake", Text(without_its_beginning), Lab("25/tls13-rsa", "both")),
    row("log-ends-mid-handshake", Lab("17/log-ends-in-certificate", "client"), Lab("17/handshake-timeout", "client")),
    row("entry-bodies-lost", File("jul/jul-default/17/hostname-mismatch-tls12.client.log"), Lab("17/hostname-mismatch-tls13", "client")),
    row("log-newest-first", Text(newest_first_on_one_line), Text(|| newest_first() + &sent_hello(""))),
    row("no-handshake-in-log", Text(no_handshake), Text(|| sent_hello(""))),
    row("secrets-in-log", File("lab/logs/25/tls13-rsa.all.both.log"), Lab("25/tls13-rsa", "both")),
    row("undetermined", Said(Client, "HANDSHAKE_FAILURE", "No such sentence is known"), Said(Client, "HANDSHAKE_FAILURE", "Received fatal alert: handshake_failure")),
];

/// More logs whose remedies have to be sound and harmless.
#[rustfmt::skip]
pub(crate) const MORE: &[Log] = &[
    refused("Certificate does not specify OCSP responder"),
    refused("Algorithm constraints check failed on keysize limits: RSA 512 bit key used with certificate: CN=api.lab.example"),
    refused("Untrusted certificate: CN=api.lab.example"),
    refused("KeyUsage does not allow digital signatures"),
    refused("No name matching api.lab.example found"),
    refused("No subject alternative names present"),
    refused("the trustAnchors parameter must be non-empty"),
    Replaced(RELAYED, "server", "PKIX path building failed", "No name matching api.lab.example found"),
    Replaced(RELAYED, "server", "PKIX path building failed", "the trustAnchors parameter must be non-empty"),
    Replaced(RELAYED, "client", "certificate_unknown", "access_denied"),
    Said(Client, "HANDSHAKE_FAILURE", "Server selected improper ciphersuite TLS_RSA_WITH_AES_128_CBC_SHA"),
    Said(Client, "HANDSHAKE_FAILURE", "Received fatal alert: inappropriate_fallback"),
    Said(Client, "HANDSHAKE_FAILURE", "Unsupported signature algorithm (rsa_pkcs1_sha1) used in CertificateVerify handshake message"),
    Said(Client, "HANDSHAKE_FAILURE", "Missing Extended Master Secret extension on session resumption"),
    Said(Client, "ILLEGAL_PARAMETER", "Unexpected HelloRetryRequest selected group: ffdhe8192"),
    Said(Client, "UNKNOWN_PSK_IDENTITY", "Received fatal alert: unknown_psk_identity"),
    Said(Server, "BAD_RECORD_MAC", "Received fatal alert: bad_record_mac"),
    Said(Server, "UNEXPECTED_MESSAGE", "Unsupported SSL v2.0 ClientHello"),
    Said(Server, "HANDSHAKE_FAILURE", "Client initiated renegotiation is not allowed"),
];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn lab(name: &str, end: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lab/logs");
    [end, "both"]
        .iter()
        .find_map(|end| {
            fs::read_to_string(root.join(format!("{name}.ssl-handshake.{end}.log"))).ok()
        })
        .unwrap_or_else(|| panic!("{name}: no log of a {end}"))
}

fn entry(second: u32, caller: &str, message: &str) -> String {
    format!("javax.net.ssl|DEBUG|10|main|2026-11-21 03:16:{second:02}.000 UTC|{caller}|{message}\n")
}

fn client_hello(verb: &str, extensions: &str) -> String {
    let random = "00".repeat(31);
    let suites = "TLS_AES_128_GCM_SHA256(0x1301), TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256(0xC02F)";
    let body = format!(
        "{verb} ClientHello handshake message (\n\"ClientHello\": {{\n  \"client version\"      : \"TLSv1.2\",\n  \"random\"              : \"{random}01\",\n  \"session id\"          : \"\",\n  \"cipher suites\"       : \"[{suites}]\",\n  \"compression methods\" : \"00\",\n  \"extensions\"          : [\n{extensions}  ]\n}}\n)"
    );
    entry(1, "ClientHello.java:653", &body)
}

fn sent_hello(extensions: &str) -> String {
    client_hello("Produced", extensions)
}

fn received_hello() -> String {
    client_hello("Consuming", "")
}

fn fatal(alert: &str, words: &str) -> String {
    let body = format!(
        "Fatal ({alert}): {words} (\n\"throwable\" : {{\n  javax.net.ssl.SSLHandshakeException: {words}\n  \tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)}}\n\n)"
    );
    entry(2, "TransportContext.java:370", &body)
}

/// A client that closes without a word behind its ClientHello.
fn let_go() -> String {
    sent_hello("")
        + &entry(1, "SSLSocketImpl.java:577", "duplex close of SSLSocket")
        + &entry(
            1,
            "SSLSocketImpl.java:1785",
            "close the SSL connection (initiative)",
        )
}

/// The recording without the `server_name` extension of its ClientHello.
fn without_server_name() -> String {
    let log = lab("17/hostname-mismatch-tls13", "client");
    let (before, extension) = log
        .split_once("\"server_name (0)\": {")
        .expect("a ClientHello with SNI");
    let (_, behind) = extension.split_once("},").expect("the extension's end");
    format!("{before}{behind}")
}

/// A hybrid key share, and a time-out behind it.
fn lost_hybrid_hello() -> String {
    let share = "    \"key_share (51)\": {\n      \"client_shares\": [  \n        {\n          \"named group\": X25519MLKEM768\n          \"key_exchange\": {\n            0000: 00                                                 .\n          }\n        },\n      ]\n    },\n";
    let timeout = "handling exception (\n\"throwable\" : {\n  java.net.SocketTimeoutException: Read timed out\n  \tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:283)}\n\n)";
    sent_hello(share) + &entry(12, "SSLSocketImpl.java:1672", timeout)
}

/// A session is offered, and the peer answers `internal_error`, with this release of the JDK.
fn resumed_with(release: &str) -> String {
    let session = "    \"pre_shared_key (41)\": {\n      \"PreSharedKey\": {\n        \"identities\": {\n        }\n      }\n    },\n";
    let store = format!("trustStore is: /usr/lib/jvm/jdk-{release}/lib/security/cacerts");
    entry(0, "TrustStoreManager.java:112", &store)
        + &sent_hello(session)
        + &fatal("INTERNAL_ERROR", "Received fatal alert: internal_error")
}

/// A recording whose certificates end on that day.
fn ending(date: &str) -> String {
    let log = lab("17/tls12-static-rsa", "server");
    let line = |line: &str| match line.split_once("\"not  after\"") {
        Some((front, _)) => {
            format!("{front}\"not  after\"         : \"{date} 12:00:00.000 UTC\",\n")
        }
        None => format!("{line}\n"),
    };
    log.lines().map(line).collect()
}

/// A recording from its ServerHello on.
fn without_its_beginning() -> String {
    let log = lab("25/tls12-ecdhe-rsa", "client");
    let at = log
        .find("Consuming ServerHello handshake message")
        .expect("a ServerHello");
    let line = log[..at].rfind('\n').map_or(0, |end| end + 1);
    log[line..].to_owned()
}

fn newest_first() -> String {
    let seconds = (2..11).rev();
    seconds
        .map(|second| entry(second, "A.java:1", "words"))
        .collect()
}

fn newest_first_on_one_line() -> String {
    let entries = newest_first();
    let objects = entries
        .lines()
        .map(|line| format!("{{\"message\":\"{line}\"}}"));
    format!("[{}]\n", objects.collect::<Vec<_>>().join(","))
}

fn no_handshake() -> String {
    entry(
        1,
        "SSLContextImpl.java:115",
        "trigger seeding of SecureRandom",
    )
}

/// An established handshake, and what its thread logs next.
fn established_then(words: &str) -> String {
    let log = lab("17/tls12-ecdhe-rsa", "client");
    let end = log
        .find("duplex close of SSLSocket")
        .map_or(log.len(), |at| {
            log[..at].rfind('\n').map_or(0, |feed| feed + 1)
        });
    let thread = log
        .lines()
        .find(|line| line.contains("Produced client Finished"))
        .and_then(|line| line.rsplit_once('|'))
        .expect("a Finished")
        .0;
    format!("{}{thread}|{words}\n", &log[..end])
}
