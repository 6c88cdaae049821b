//! Logs with an index: one JSON object a line, with the file and what its author found.
//!
//! The verdict is about the whole log: the words of an index do not say which handshake they mean.

use std::{fs, io, path::Path};

use jssl_analyze::report::dialects_of;
use serde::Deserialize;

use super::{
    Log,
    table::{Case, Score},
    verdict::Told,
};

/// What the indexes have in common; each calls it by other names.
#[derive(Debug, Deserialize)]
struct Entry {
    file: String,
    /// The cause; where it is absent, see `expected`.
    expected_cause: Option<String>,
    expected: Option<Expected>,
    outcome: Option<String>,
    oracle: Option<Oracle>,
    /// Whether the text can show the cause: `yes`, `partly`, `no`.
    determinable: Option<String>,
    #[serde(alias = "java")]
    jdk: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Expected {
    outcome: Option<String>,
    cause_code: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Oracle {
    outcome: Option<String>,
}

impl Entry {
    fn cause(&self) -> Option<&str> {
        let expected = || self.expected.as_ref()?.cause_code.as_deref();
        self.expected_cause.as_deref().or_else(expected)
    }

    fn outcome(&self) -> Option<&str> {
        let oracle = || self.oracle.as_ref()?.outcome.as_deref();
        let expected = || self.expected.as_ref()?.outcome.as_deref();
        self.outcome.as_deref().or_else(oracle).or_else(expected)
    }
}

/// Judges every log of an index.
pub(crate) fn judge(index: &Path, score: &mut Score) -> io::Result<()> {
    let folder = index.parent().unwrap_or(Path::new("."));
    for line in fs::read_to_string(index)?.lines() {
        if line.trim().is_empty() {
            continue;
        }
        let entry: Entry = serde_json::from_str(line)
            .map_err(|error| io::Error::other(format!("{}: {error}", index.display())))?;
        judge_one(folder, &entry, score);
    }
    Ok(())
}

fn judge_one(folder: &Path, entry: &Entry, score: &mut Score) {
    let path = folder.join(&entry.file);
    let known = entry.cause().filter(|cause| !NOTHING.contains(cause));
    let wanted = known.map_or(&[][..], rules_of);
    let source = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut case = Case {
        path: &path,
        source: source.into_owned(),
        jdk: entry.jdk.clone().unwrap_or_else(|| "?".to_owned()),
        dialect: "?".to_owned(),
        expected: known.unwrap_or("nothing").to_owned(),
        rules: wanted,
        is_side_file: false,
    };
    let log = match Log::open(&path) {
        Ok(log) => log,
        Err(error) => return score.add_unreadable(&case, &error.to_string()),
    };
    case.dialect = dialects_of(&log.analysis.assembly.survey).join("+");
    let told = Told {
        by_handshake: log
            .diagnosis
            .by_handshake
            .iter()
            .map(Vec::as_slice)
            .collect(),
        of_log: &log.diagnosis.of_log,
    };
    let (verdict, finding) = match known {
        None => told.without_cause(),
        Some(_) => told.with_cause(
            |finding| wanted.contains(&finding.rule),
            |any_error| {
                // an index that does not say is about what happened, not about what the log shows
                let decidable = entry.determinable.as_deref();
                decidable != Some("yes") && (any_error || decidable == Some("no"))
            },
        ),
    };
    let outcome = disagreement(entry, &log);
    score.add(&case, verdict, finding, outcome);
}

/// The known outcome and what was read instead.
fn disagreement(entry: &Entry, log: &Log) -> Option<String> {
    let known = entry.outcome();
    let wanted = known.map_or("none", |known| {
        OUTCOMES
            .iter()
            .find(|(word, _)| *word == known)
            .map_or(known, |(_, outcome)| outcome)
    });
    let handshakes = &log.analysis.assembly.handshakes;
    let read: Vec<&str> = handshakes
        .iter()
        .map(|handshake| handshake.outcome.name())
        .collect();
    let agrees = read.contains(&wanted) || (read.is_empty() && known == Some("incomplete"));
    (!agrees).then(|| format!("{wanted} is {:?}", read.iter().take(3).collect::<Vec<_>>()))
}

/// The rules that name a cause.
fn rules_of(cause: &str) -> &'static [&'static str] {
    CAUSES
        .iter()
        .find(|(word, _)| *word == cause)
        .map_or(&[], |(_, rules)| rules)
}

/// Words for a log in which nothing is broken, or of which nothing is known.
const NOTHING: [&str; 3] = ["none", "unknown", "other:benign_close_warning"];

const OUTCOMES: [(&str, &str); 4] = [
    ("success", "established"),
    ("failure", "failed"),
    ("failed", "failed"),
    ("incomplete", "unfinished"),
];

/// The words of the indexes, and the rules that name that cause.
#[rustfmt::skip]
const CAUSES: &[(&str, &[&str])] = &[
    ("cert_expired", &["certificate-expired"]),
    ("cert_not_yet_valid", &["certificate-not-yet-valid"]),
    ("cert_revoked", &["certificate-revoked"]),
    ("cipher_mismatch", &["no-common-cipher-suite", "disabled-by-local-policy"]),
    ("client_cert_issuer_not_accepted", &["no-client-certificate-for-authorities", "client-certificate-missing"]),
    ("connection_reset", &["connection-reset-during-handshake", "peer-closed-during-handshake"]),
    ("dh_key_too_small", &["dh-parameters-too-weak"]),
    ("handshake_tampered", &["record-corrupted", "message-malformed", "unexpected-message"]),
    ("hostname_mismatch", &["hostname-mismatch", "ip-address-mismatch"]),
    ("malformed_peer_data", &["message-malformed", "unexpected-message", "plaintext-client", "record-corrupted", "handshake-message-too-large"]),
    ("mtls_no_client_cert", &["client-certificate-missing", "no-client-certificate-for-authorities"]),
    ("no_common_cipher", &["no-common-cipher-suite", "server-key-missing"]),
    ("no_common_version", &["no-common-protocol-version"]),
    ("no_signature_scheme", &["no-common-signature-scheme"]),
    ("not_tls", &["plaintext-peer", "plaintext-client"]),
    ("other:client_rejects_server_cert", &["certificate-rejected-by-peer"]),
    ("other:jdk_bug_dh_padding", &["known-jdk-defect", "record-corrupted"]),
    ("other:peer_internal_error", &["refused-without-reason", "certificate-rejected-by-peer"]),
    ("peer_alert_access_denied", &["refused-without-reason", "certificate-rejected-by-peer"]),
    ("peer_alert_internal_error", &["refused-without-reason", "certificate-rejected-by-peer"]),
    ("peer_closed", &["peer-closed-during-handshake", "probe-or-scanner"]),
    ("plaintext_peer", &["plaintext-peer", "plaintext-client"]),
    ("protocol_disabled_locally", &["disabled-by-local-policy"]),
    ("protocol_mismatch", &["no-common-protocol-version", "disabled-by-local-policy"]),
    ("server_selected_unoffered_cipher", &["no-common-cipher-suite", "message-malformed", "unexpected-message"]),
    ("session_resumption", &["resumption-rejected"]),
    ("sni_missing", &["server-name-missing", "server-name-unrecognized"]),
    ("sslv2_hello", &["no-common-protocol-version"]),
    ("timeout", &["handshake-timeout", "no-server-hello"]),
    ("trust_store_missing", &["truststore-unusable"]),
    ("truststore_problem", &["truststore-unusable", "untrusted-root", "self-signed-certificate", "incomplete-certificate-chain", "tls-interception"]),
    ("untrusted_ca", &["untrusted-root", "self-signed-certificate", "incomplete-certificate-chain", "tls-interception"]),
    ("weak_algorithm", &["weak-certificate-algorithm"]),
    ("wrong_eku", &["wrong-key-usage", "client-certificate-rejected"]),
];
