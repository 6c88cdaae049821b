//! Nobody is told to switch security off, and no finding gives a secret away.

use jssl_analyze::diagnose::{Finding, RULES};

use super::every_finding;

/// Never advised: whoever does it has no TLS left.
const NEVER: [&str; 18] = [
    "trust-all",
    "trust all certificates",
    "trustall",
    "allow_all_hostname",
    "noophostnameverifier",
    "setdefaulthostnameverifier",
    "sethostnameverifier(",
    "disablehostnameverification",
    "disableendpointidentification",
    "checkservertrusted",
    "insecuretrustmanager",
    "switch the host name check off",
    "end that check",
    "disable certificate validation",
    "--insecure",
    "curl -k",
    "-trustcacerts -noprompt",
    "verify_mode none",
];

/// Lowers what a JVM insists on: only as a makeshift, and told to be one.
const LOWERED: [&str; 9] = [
    "disabledalgorithms",
    "cadistrustpolicies",
    "java.security.properties",
    "allowunsaferenegotiation",
    "allowlegacyhellomessages",
    "allowlegacymastersecret",
    "checkrevocation=false",
    "shorter list of disabled",
    "reduced list of disabled",
];

/// Says that it is temporary, a risk, and how far it reaches.
fn is_told_as_makeshift(text: &str) -> bool {
    const SCOPES: [&str; 5] = [
        "this one process",
        "this process",
        "this client",
        "this server",
        "this connection",
    ];
    text.contains("temporary")
        && text.contains("risk")
        && SCOPES.iter().any(|scope| text.contains(scope))
}

/// What is wrong with a piece of advice.
fn fault(advice: &str) -> Option<&'static str> {
    let advice = advice.to_lowercase();
    if let Some(never) = NEVER.iter().find(|never| advice.contains(**never)) {
        return Some(never);
    }
    let lowered = LOWERED.iter().find(|lowered| advice.contains(**lowered))?;
    (!is_told_as_makeshift(&advice)).then_some(*lowered)
}

#[test]
fn bad_advice_is_seen() {
    assert!(fault("install a TrustManager whose checkServerTrusted is empty").is_some());
    assert!(fault("remove RSA from jdk.tls.disabledAlgorithms").is_some());
    assert!(fault("temporary, and a risk: take RSA out of jdk.tls.disabledAlgorithms").is_some());
    assert!(
        fault(
            "temporary, and a risk: take RSA out of jdk.tls.disabledAlgorithms for this one process"
        )
        .is_none()
    );
    assert!(fault("renew the certificate").is_none());
}

#[test]
fn no_action_switches_security_off() {
    let mut wrong = Vec::new();
    for finding in every_finding() {
        for action in &finding.remedies {
            let command = action.command.as_deref().unwrap_or_default();
            if let Some(fault) = fault(&format!("{} {command}", action.what)) {
                wrong.push(format!(
                    "{}: {fault}: {} | {command}",
                    finding.rule, action.what
                ));
            }
        }
        // a test may look at the policy, not change it
        for action in &finding.confirm {
            let text = format!(
                "{} {}",
                action.what,
                action.command.as_deref().unwrap_or_default()
            );
            let text = text.to_lowercase();
            if NEVER.iter().any(|never| text.contains(never))
                || text.contains("security.properties=")
            {
                wrong.push(format!("{}: {text}", finding.rule));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_text_of_a_rule_switches_security_off() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for (heading, text) in rule.sections() {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for sentence in text.split(". ") {
                let found = if heading == "Remedies" {
                    fault(sentence)
                } else {
                    let lower = sentence.to_lowercase();
                    NEVER.into_iter().find(|never| lower.contains(never))
                };
                if let Some(found) = found {
                    wrong.push(format!("{}, {heading}: {found}: {sentence}", rule.name()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Everything that a finding says.
fn words(finding: &Finding) -> Vec<String> {
    let mut words = vec![finding.headline.clone(), finding.explanation.clone()];
    words.extend(finding.assumptions.iter().cloned());
    words.extend(
        finding
            .evidence
            .iter()
            .map(|evidence| evidence.text.to_string()),
    );
    for action in finding.remedies.iter().chain(&finding.confirm) {
        words.push(action.what.to_string());
        words.extend(action.command.clone());
    }
    words
}

/// Sixteen bytes and more in a row, as dumps of keys, secrets and plaintext have them.
fn has_key_material(text: &str) -> bool {
    const KEY: usize = 32;
    let mut digits = 0;
    for letter in text.chars() {
        digits = match letter {
            letter if letter.is_ascii_hexdigit() => digits + 1,
            ' ' | ':' if digits > 0 && digits % 2 == 0 => digits,
            _ => 0,
        };
        if digits >= KEY {
            return true;
        }
    }
    false
}

/// `…Password=` and what follows, unless it is left open.
fn has_password(text: &str) -> bool {
    text.match_indices("assword=")
        .any(|(at, found)| !text[at + found.len()..].starts_with('…'))
        || [
            "-storepass ",
            "-keypass ",
            "-passin pass:",
            "-passout pass:",
        ]
        .iter()
        .any(|option| text.contains(option))
}

#[test]
fn no_finding_gives_a_secret_away() {
    assert!(has_key_material(
        "0000: 4F 9A 00 11 22 33 44 55 66 77 88 99 AA BB CC DD"
    ));
    assert!(has_key_material(&"ab".repeat(16)) && !has_key_material("deadbeef"));
    assert!(has_password("-Dx.keyStorePassword=geheim") && !has_password("…Password=…"));
    let mut wrong = Vec::new();
    for finding in every_finding() {
        for text in words(&finding) {
            if has_key_material(&text) || has_password(&text) {
                wrong.push(format!("{}: {text}", finding.rule));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
