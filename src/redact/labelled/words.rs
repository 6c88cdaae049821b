//! Which words are labels of secrets, and which values are none.

use super::{super::names::is_language, value::TrimEnd as _};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word for passwords that stands in sentences, too.
    Password,
    /// Any other.
    Other,
}

/// Labels end so, whatever is in front and however it is spelled.
pub(super) const PASSWORDS: [&str; 6] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "passwort",
    "kennwort",
];
pub(super) const OTHERS: [&str; 21] = [
    "storepass",
    "keypass",
    "trustpass",
    "userpass",
    "dbpass",
    "passin",
    "passout",
    "pwd",
    "secret",
    "token",
    "apikey",
    "secretkey",
    "accesskey",
    "accesskeyid",
    "accountkey",
    "encryptionkey",
    "sharedkey",
    "credential",
    "credentials",
    "samlresponse",
    "samlrequest",
];
/// Labels whose last word this is: longer words end so, too.
pub(super) const WORDS: [&str; 8] = ["pass", "pw", "pin", "otp", "totp", "sig", "psw", "jwt"];

/// What makes it worth while to look for labels in a line.
pub(in crate::redact) const CUES: [&str; 34] = [
    "pass",
    "pwd",
    "kennwort",
    "secret",
    "token",
    "credential",
    "apikey",
    "api-key",
    "api_key",
    "api.key",
    "accesskey",
    "access-key",
    "access_key",
    "access.key",
    "accountkey",
    "encryptionkey",
    "encryption-key",
    "encryption_key",
    "sharedkey",
    "samlre",
    "pw=",
    "pw:",
    "pw\"",
    "pw>",
    "pin=",
    "pin:",
    "pin\"",
    "pin>",
    "otp=",
    "otp:",
    "otp\"",
    "otp>",
    "sig=",
    "psw",
];

/// What is said about passwords: no value of one.
pub(super) const PROSE: [&str; 84] = [
    "a",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "authentication",
    "based",
    "been",
    "by",
    "can",
    "cannot",
    "change",
    "changed",
    "check",
    "checking",
    "could",
    "does",
    "empty",
    "encoder",
    "encrypted",
    "encryption",
    "error",
    "expired",
    "failed",
    "failure",
    "false",
    "field",
    "for",
    "found",
    "from",
    "given",
    "grant",
    "has",
    "hash",
    "hidden",
    "if",
    "in",
    "incorrect",
    "integrity",
    "invalid",
    "is",
    "ist",
    "it",
    "length",
    "manager",
    "masked",
    "mismatch",
    "missing",
    "must",
    "nil",
    "no",
    "none",
    "not",
    "null",
    "of",
    "on",
    "or",
    "policy",
    "prompt",
    "protected",
    "protection",
    "provided",
    "required",
    "reset",
    "shall",
    "should",
    "specified",
    "supplied",
    "that",
    "the",
    "to",
    "true",
    "undefined",
    "unknown",
    "unset",
    "verification",
    "was",
    "will",
    "with",
    "wrong",
    "yes",
    "you",
];
/// Between label and value in a sentence: `password has been set to …`.
pub(super) const LINKS: [&str; 13] = [
    "is", "was", "to", "set", "has", "been", "changed", "now", "as", "ist", "lautet", "auf",
    "value",
];

pub(super) fn kind_of(label: &[u8]) -> Option<Kind> {
    const LONGEST: usize = 40;
    let label = label.strip_prefix(b"-D").unwrap_or(label);
    // password2, pwd_1
    let end = label
        .iter()
        .rposition(u8::is_ascii_alphabetic)
        .map_or(0, |last| last + 1);
    let tail = &label[end.saturating_sub(LONGEST)..end];
    let mut flat = [0; LONGEST];
    let mut length = 0;
    for byte in tail.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
        flat[length] = byte.to_ascii_lowercase();
        length += 1;
    }
    let flat = &flat[..length];
    if PASSWORDS.iter().any(|word| flat.ends_with(word.as_bytes())) {
        return Some(Kind::Password);
    }
    let is_other = OTHERS.iter().any(|word| flat.ends_with(word.as_bytes()))
        || WORDS
            .iter()
            .any(|word| last_word(tail).eq_ignore_ascii_case(word.as_bytes()));
    is_other.then_some(Kind::Other)
}

/// `pin` of `card-pin`, `Pin` of `cardPin`.
pub(super) fn last_word(label: &[u8]) -> &[u8] {
    let start = (1..label.len())
        .rev()
        .find(|&at| {
            let (before, here) = (label[at - 1], label[at]);
            !before.is_ascii_alphanumeric()
                || here.is_ascii_uppercase() && before.is_ascii_lowercase()
        })
        .unwrap_or(0);
    &label[start..]
}

pub(super) fn is_prose(value: &[u8]) -> bool {
    let value = value.trim_ascii_end_of(b".:!?,;)");
    PROSE
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

/// A word that the tool or JSSE uses itself.
pub(super) fn is_said(value: &[u8]) -> bool {
    std::str::from_utf8(value)
        .is_ok_and(|word| word.bytes().all(|byte| byte.is_ascii_alphabetic()) && is_language(word))
}

/// What labels are made of.
pub(super) fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)
}
