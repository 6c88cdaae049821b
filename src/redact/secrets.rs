//! Secrets in running text: passwords, credentials in URLs and headers, tokens, keylog lines, keys and tickets in one
//! line.
//!
//! [`hide`] takes them out of a text; what surrounds them stays. Patterns are tried only where one of their cues
//! stands. Dumps are [`super::scrub`]'s.

use std::{borrow::Cow, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::{Captures, Regex};

/// What stands where a secret was.
pub(super) const HIDDEN: &[u8] = b"***";

/// How a secret is taken out.
#[derive(Debug, Clone, Copy)]
enum How {
    /// Replaced as a whole: nobody needs to know how long it was.
    Word,
    /// Its digits become zeros: whoever reads the log by its shape still can.
    Digits,
    /// As `Word`, if it looks random: the words in front of it are words of the language, too.
    Random,
    /// Base64 becomes stars.
    Base64,
}

/// One kind of secret.
struct Pattern {
    /// One of these stands near; ASCII case does not matter.
    cues: &'static [&'static str],
    /// The group `s` is the secret.
    regex: &'static str,
    how: How,
}

const PATTERNS: [Pattern; 15] = [
    // -Djavax.net.ssl.keyStorePassword=…, "password": "…", password is set to '…'
    Pattern {
        cues: &["pass", "pwd", "credential"],
        regex: r#"(?i-u)(?:pass(?:word|wd|phrase|code|wort)?|pwd|credentials?)[\\"']{0,2}[ \t]*(?:=>?|:|[ \t]is set to|[ \t]is[ \t]?:)[ \t]*(?:\\?"(?P<s>[^"\\\r\n]+)|'(?P<t>[^'\r\n]+)|(?P<u>[^ \t\r\n"'<>,;&)\]}|\\]+))"#,
        how: How::Word,
    },
    // keytool -storepass …, openssl -passin pass:…
    Pattern {
        cues: &["pass"],
        regex: r#"(?i-u)(?:-[a-z]*(?:storepass|keypass|passin|passout|password|passwd)|--?pass(?:word|wd)?)[ \t]+(?:\\?"(?P<s>[^"\\\r\n]+)|'(?P<t>[^'\r\n]+)|(?P<u>[^ \t\r\n"'\\]+))"#,
        how: How::Word,
    },
    Pattern {
        cues: &[
            "token",
            "secret",
            "api-key",
            "api_key",
            "apikey",
            "access_key",
            "accesskey",
        ],
        regex: r#"(?i-u)\b(?:[a-z]+[_.-])*(?:secret|token|api[_-]?key|secret[_-]?key|access[_-]?key|secretkey|accesstoken|refreshtoken|idtoken|clientsecret)(?:=|\\?"[ \t]*:[ \t]*)(?:\\?"(?P<s>[^"\\\r\n]+)|'(?P<t>[^'\r\n]+)|(?P<u>[^ \t\r\n"'<>,;&)\]}|\\]+))"#,
        how: How::Word,
    },
    // https://user:password@host
    Pattern {
        cues: &["://"],
        regex: r#"(?-u)://[^ \t\r\n/"'@:<>]*:(?P<s>[^ \t\r\n/"'<>@]*(?:@[^ \t\r\n/"'<>@]*)*)@"#,
        how: How::Word,
    },
    Pattern {
        cues: &[
            "authorization",
            "x-api-key",
            "x-auth-token",
            "security-token",
            "csrf-token",
        ],
        regex: r#"(?i-u)\b(?:(?:proxy-)?authorization|x-api-key|x-auth-token|x-amz-security-token|x-csrf-token)[\\"']{0,2}[ \t]*[:=][ \t]*\[?\\?["']?(?P<s>(?:="[^"\r\n]*"|[^\r\n"\\]|\\[^rn])+)"#,
        how: How::Word,
    },
    // a name and a value: the cookies of DTLS are none
    Pattern {
        cues: &["cookie"],
        regex: r#"(?i-u)\b(?:set-)?cookie2?[\\"']{0,2}[ \t]*[:=][ \t]*\[?\\?["']?(?P<s>[^=\r\n"\\{}]{1,200}=(?:="[^"\r\n]*"|"[^"\r\n]*"|[^\r\n"\\]|\\[^rn])*)"#,
        how: How::Word,
    },
    Pattern {
        cues: &["bearer ", "basic "],
        regex: r"(?i-u)\b(?:bearer|basic)[ \t]+(?P<s>[A-Za-z0-9._~+/=-]{8,})",
        how: How::Random,
    },
    // a JSON Web Token
    Pattern {
        cues: &["eyJ"],
        regex: r"(?-u)\b(?P<s>eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)*)",
        how: How::Word,
    },
    // NSS keylog: label, client random, secret
    Pattern {
        cues: &["_RANDOM", "_SECRET", "RSA Session-ID", "Master-Key", "PSK"],
        regex: r"(?-u)\b(?:(?:PMS_)?CLIENT_RANDOM|[A-Z_]*SECRET(?:_[0-9]+)?|RSA)[ \t]+(?:Session-ID:)?[0-9A-Fa-f]{8,}[ \t]+(?:Master-Key:)?(?P<s>[0-9A-Fa-f]{16,})",
        how: How::Digits,
    },
    // openssl s_client; JDKs that print keys in one line
    Pattern {
        cues: &[
            "Master-Key",
            "PSK",
            "master secret",
            "master_secret",
            "mastersecret",
            "write key",
            "write iv",
            "write secret",
            "write_key",
            "write_iv",
        ],
        regex: r"(?i-u)(?:master[-_ ]?(?:key|secret)|PSK(?:[ \t]*\((?:server|client)\))?|(?:client|server)[_ ](?:mac[_ ])?write[_ ](?:mac[_ ])?(?:secret|key|iv))[ \t]*[:=][ \t]*[\[{(]?[ \t]*(?P<s>[0-9A-Fa-f][0-9A-Fa-fx ,:-]{7,})",
        how: How::Digits,
    },
    // tickets as JDK 8u and 11 print them
    Pattern {
        cues: &["\"ticket", "\"identit", "\"binders"],
        regex: r#"(?-u)\\?"(?:ticket|identity|identities|binders?)\\?"[ \t]*:[ \t]*\\?"(?P<s>[^"\r\n]*)"#,
        how: How::Digits,
    },
    // the same in the classic dialect, which does not know these extensions
    Pattern {
        cues: &["type_35", "type_41", "session_ticket"],
        regex: r"(?-u)(?:type_35|type_41|session_ticket|pre_shared_key), data:[ \t]*(?P<s>[0-9A-Fa-f:]+)",
        how: How::Digits,
    },
    Pattern {
        cues: &["PRIVATE KEY"],
        regex: r"(?s-u)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?P<s>.*?)(?:-----END|$)",
        how: How::Base64,
    },
    // sasl.jaas.config, JDBC: user=… is a name, not a secret; ;password=… is above
    Pattern {
        cues: &["sessionid", "jsessionid", "phpsessid"],
        regex: r"(?i-u)\b(?:jsessionid|phpsessid|sessionid)=(?P<s>[^ \t\r\n;&,]+)",
        how: How::Word,
    },
    Pattern {
        cues: &["AKIA", "ghp_", "xox"],
        regex: r"(?-u)\b(?P<s>AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}|xox[abprs]-[A-Za-z0-9-]{10,})",
        how: How::Word,
    },
];

static COMPILED: LazyLock<Vec<Option<Regex>>> = LazyLock::new(|| {
    PATTERNS
        .iter()
        .map(|pattern| Regex::new(pattern.regex).ok())
        .collect()
});

static CUES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(cues().map(|(_, cue)| cue))
        .ok()
});

/// Every cue with the number of its pattern.
pub(super) fn cues() -> impl Iterator<Item = (usize, &'static str)> {
    PATTERNS
        .iter()
        .enumerate()
        .flat_map(|(index, pattern)| pattern.cues.iter().map(move |cue| (index, *cue)))
}

/// A set of patterns, by number.
pub(super) type Asked = u32;

/// The text without its secrets.
pub fn hide(text: &str) -> Cow<'_, str> {
    match hide_bytes(text.as_bytes(), asked_for(text.as_bytes())) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(clean) => Cow::Owned(
            String::from_utf8(clean)
                .unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned()),
        ),
    }
}

/// The patterns whose cues stand in a text.
fn asked_for(text: &[u8]) -> Asked {
    let Some(automaton) = &*CUES else {
        return Asked::MAX;
    };
    if !automaton.is_match(text) {
        return 0;
    }
    let of: Vec<usize> = cues().map(|(pattern, _)| pattern).collect();
    automaton
        .find_overlapping_iter(text)
        .fold(0, |asked, found| {
            asked | 1 << of[found.pattern().as_usize()]
        })
}

/// The same for bytes, with the patterns that are to be tried.
pub(super) fn hide_bytes(text: &[u8], asked: Asked) -> Cow<'_, [u8]> {
    let mut clean = Cow::Borrowed(text);
    for (index, (pattern, compiled)) in PATTERNS.iter().zip(COMPILED.iter()).enumerate() {
        if asked & 1 << index == 0 {
            continue;
        }
        // a pattern that cannot be compiled would let everything through: a test compiles them
        let Some(compiled) = compiled else { continue };
        if let Cow::Owned(next) = replace(&clean, compiled, pattern.how) {
            clean = Cow::Owned(next);
        }
    }
    clean
}

fn replace<'t>(text: &'t [u8], pattern: &Regex, how: How) -> Cow<'t, [u8]> {
    pattern.replace_all(text, |captures: &Captures<'_>| {
        let whole = captures.get_match();
        let secret = ["s", "t", "u"]
            .into_iter()
            .find_map(|name| captures.name(name));
        let Some(secret) = secret else {
            return whole.as_bytes().to_vec();
        };
        let mut out = text[whole.start()..secret.start()].to_vec();
        cover(secret.as_bytes(), how, &mut out);
        out.extend_from_slice(&text[secret.end()..whole.end()]);
        out
    })
}

fn cover(secret: &[u8], how: How, out: &mut Vec<u8>) {
    match how {
        // nothing to hide, and nothing is taken for a password
        How::Word if secret.trim_ascii().is_empty() || secret == "…".as_bytes() => {
            out.extend_from_slice(secret);
        }
        How::Random
            if !secret
                .iter()
                .any(|byte| byte.is_ascii_digit() || b"=+/".contains(byte)) =>
        {
            out.extend_from_slice(secret);
        }
        How::Word | How::Random => out.extend_from_slice(HIDDEN),
        How::Digits => out.extend(secret.iter().map(|&byte| match byte {
            b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' => b'0',
            _ => byte,
        })),
        How::Base64 => base64_line(secret, out),
    }
}

/// Blanks what can be Base64.
pub(super) fn base64_line(line: &[u8], out: &mut Vec<u8>) {
    let mut escaped = false;
    for &byte in line {
        let is_line_feed = escaped && matches!(byte, b'n' | b'r');
        escaped = byte == b'\\' && !escaped;
        let secret = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        out.push(if secret && !is_line_feed { b'*' } else { byte });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_has_a_place_in_the_set() {
        assert!(COMPILED.iter().all(Option::is_some));
        assert!(CUES.is_some());
        assert!(u32::try_from(PATTERNS.len()).unwrap() <= Asked::BITS);
    }

    #[test]
    fn secrets_go_and_their_surroundings_stay() {
        for (text, clean) in [
            (
                "java -Djavax.net.ssl.keyStorePassword=s3cr3t -jar a.jar",
                "java -Djavax.net.ssl.keyStorePassword=*** -jar a.jar",
            ),
            (
                "-Djavax.net.ssl.trustStorePassword=\"a b\" -x",
                "-Djavax.net.ssl.trustStorePassword=\"***\" -x",
            ),
            (
                "System property javax.net.ssl.keyStorePassword is set to 'hunter2'",
                "System property javax.net.ssl.keyStorePassword is set to '***'",
            ),
            (
                r#"{"password":"hunter2","x":1}"#,
                r#"{"password":"***","x":1}"#,
            ),
            (
                r#"{"log":"{\"password\": \"hunter2\"}"}"#,
                r#"{"log":"{\"password\": \"***\"}"}"#,
            ),
            ("password: hunter2", "password: ***"),
            (
                "keytool -list -keystore a.jks -storepass hunter2 -v",
                "keytool -list -keystore a.jks -storepass *** -v",
            ),
            (
                "openssl pkcs12 -in a -passin pass:hunter2",
                "openssl pkcs12 -in a -passin ***",
            ),
            (
                "GET https://bob:pa:ss@w@acme.com/x",
                "GET https://bob:***@acme.com/x",
            ),
            (
                "jdbc:x://h/db?user=u&password=p1;ssl=true",
                "jdbc:x://h/db?user=u&password=***;ssl=true",
            ),
            ("Authorization: Basic Zm9vOmJhcg==", "Authorization: ***"),
            (
                ">> \"Proxy-Authorization: Bearer abc\" more",
                ">> \"Proxy-Authorization: ***\" more",
            ),
            ("Cookie: id=\"q1\"; b=2", "Cookie: ***"),
            (
                "headers={Authorization=[Bearer a.b.c]}",
                "headers={Authorization=[***",
            ),
            ("sent Bearer abc123def456 to", "sent Bearer *** to"),
            ("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.abc_-9 y", "x *** y"),
            (
                "client_secret=abc&grant_type=x",
                "client_secret=***&grant_type=x",
            ),
            (
                "CLIENT_RANDOM 52340F3C52340F3C 9F5A9F5A9F5A9F5A9F5A",
                "CLIENT_RANDOM 52340F3C52340F3C 00000000000000000000",
            ),
            (
                "SERVER_TRAFFIC_SECRET_0 52340F3C52340F3C 9f5A9F5A9F5A9F5A9F5A",
                "SERVER_TRAFFIC_SECRET_0 52340F3C52340F3C 00000000000000000000",
            ),
            ("    Master-Key: 9F5A9F5A9F", "    Master-Key: 0000000000"),
            (
                "  \"ticket\"               : \"AC C7 62\",",
                "  \"ticket\"               : \"00 00 00\",",
            ),
            (
                "Unsupported extension type_35, data: c0:fe",
                "Unsupported extension type_35, data: 00:00",
            ),
            (
                "MultiNST PSK (Server): 7F30B8F54343415F6C59",
                "MultiNST PSK (Server): 00000000000000000000",
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nMIIE+/=\n-----END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\n*******\n-----END PRIVATE KEY-----",
            ),
        ] {
            assert_eq!(hide(text), clean, "{text}");
            assert_eq!(hide(clean), clean, "twice is once");
        }
    }

    #[test]
    fn words_about_secrets_are_none() {
        for text in [
            "Keystore was tampered with, or password was incorrect",
            "jdk.tls.allowLegacyMasterSecret=true",
            "prints 'Extended master secret: yes' when",
            "extended_master_secret (23)",
            "basic constraints of the certificate",
            "https://docs.oracle.com:8443/x",
            "RandomCookie:  GMT: 1795154983 bytes = { 106, 66 }",
            "  \"cookie\"              : \"52340F3C52340F3C\",",
            "cookie:  { 1, 2, 3 }",
            "\"token_binding (24)\": {",
            "PreMaster Secret:",
            // what a remedy leaves to be filled in
            "-Djavax.net.ssl.keyStorePassword=…",
        ] {
            assert_eq!(hide(text), text);
        }
    }

    #[test]
    fn the_words_of_the_rules_stay() {
        for rule in crate::diagnose::RULES {
            assert_eq!(hide(rule.docs()), rule.docs(), "{}", rule.name());
        }
    }
}
