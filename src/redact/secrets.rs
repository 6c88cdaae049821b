//! Secrets in running text: passwords, credentials in URLs and headers, tokens, keylog lines, keys and tickets in one
//! line.
//!
//! [`hide`] takes them out of a text; what surrounds them stays. Patterns are tried only where one of their cues
//! stands. What a label announces is found by [`super::labelled`], what has a form of its own by [`super::patterns`].
//! Dumps are [`super::scrub`]'s.

use std::{borrow::Cow, ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::{Captures, Regex};

use super::{
    clean,
    labelled::{self, Awaited},
    patterns::{How, PATTERNS},
};

/// What stands where a secret was.
pub(super) const HIDDEN: &[u8] = b"***";

static CUES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(cues().map(|(_, cue)| cue))
        .ok()
});

/// The number of the secrets that [`super::labelled`] finds: behind those of the patterns.
const LABELLED: usize = PATTERNS.len();

/// Every cue with the number of its pattern.
pub(super) fn cues() -> impl Iterator<Item = (usize, &'static str)> {
    PATTERNS
        .iter()
        .map(|pattern| pattern.cues)
        .chain([&labelled::CUES[..]])
        .enumerate()
        .flat_map(|(index, cues)| cues.iter().map(move |cue| (index, *cue)))
}

/// A set of patterns, by number.
pub(super) type Asked = u32;

/// The text without its secrets.
pub fn hide(text: &str) -> Cow<'_, str> {
    if clean::is_known(text) {
        return Cow::Borrowed(text);
    }
    let asked = asked_for(text.as_bytes());
    if asked == 0 {
        clean::remember(text);
        return Cow::Borrowed(text);
    }
    match hide_bytes(text.as_bytes(), asked) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(clean) => Cow::Owned(
            String::from_utf8(clean)
                .unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned()),
        ),
    }
}

/// The pattern of each cue.
static MEANING: LazyLock<Vec<usize>> =
    LazyLock::new(|| cues().map(|(pattern, _)| pattern).collect());

/// The patterns whose cues stand in a text.
fn asked_for(text: &[u8]) -> Asked {
    let Some(automaton) = &*CUES else {
        return Asked::MAX;
    };
    automaton
        .find_overlapping_iter(text)
        .fold(0, |asked, found| {
            asked | 1 << MEANING[found.pattern().as_usize()]
        })
}

/// A text of any number of lines, with the patterns that are to be tried.
fn hide_bytes(text: &[u8], asked: Asked) -> Cow<'_, [u8]> {
    let mut lines = Lines::default();
    let mut clean = Cow::Borrowed(text);
    if memchr::memchr(b'\n', text).is_none() {
        clean = lines.labelled(text, asked);
    } else {
        let mut all = Vec::with_capacity(text.len());
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            all.extend_from_slice(&lines.labelled(line, asked));
        }
        if all != text {
            clean = Cow::Owned(all);
        }
    }
    patterns(clean, asked)
}

fn patterns(mut clean: Cow<'_, [u8]>, asked: Asked) -> Cow<'_, [u8]> {
    for (index, pattern) in PATTERNS.iter().enumerate() {
        if asked & 1 << index == 0 {
            continue;
        }
        // a pattern that cannot be compiled would let everything through: a test compiles them
        let Some(compiled) = pattern.compiled(index) else {
            continue;
        };
        if let Cow::Owned(next) = replace(&clean, compiled, pattern.how) {
            clean = Cow::Owned(next);
        }
    }
    clean
}

/// Secrets line by line: what a line leaves open, the next may have.
#[derive(Debug, Default)]
pub(super) struct Lines {
    awaited: Option<Awaited>,
    /// The beginning of the line that left something open.
    front: Vec<u8>,
}

impl Lines {
    /// Whether the next line may begin with a secret, whatever it says.
    pub(super) fn is_waiting(&self) -> bool {
        self.awaited.is_some()
    }

    /// The line without its secrets.
    pub(super) fn line<'l>(&mut self, line: &'l [u8], asked: Asked) -> Cow<'l, [u8]> {
        patterns(self.labelled(line, asked), asked)
    }

    fn labelled<'l>(&mut self, line: &'l [u8], asked: Asked) -> Cow<'l, [u8]> {
        let below = self
            .awaited
            .take()
            .and_then(|awaited| labelled::find_below(line, same_front(&self.front, line), awaited));
        let mut found = if asked & 1 << LABELLED == 0 {
            labelled::Found::default()
        } else {
            labelled::find(line)
        };
        if let Some(below) = &below {
            found.secrets.retain(|secret| secret.start >= below.end);
            found.secrets.insert(0, below.clone());
        }
        self.awaited = found
            .awaited
            .or_else(|| left_open(line, asked, &found.secrets));
        if self.awaited.is_some() {
            const FRONT: usize = 256;
            self.front.clear();
            self.front.extend_from_slice(&line[..line.len().min(FRONT)]);
        }
        covered(line, &found.secrets)
    }
}

fn covered<'l>(line: &'l [u8], secrets: &[Range<usize>]) -> Cow<'l, [u8]> {
    if secrets.is_empty() {
        return Cow::Borrowed(line);
    }
    let mut clean = Vec::with_capacity(line.len());
    let mut done = 0;
    for secret in secrets {
        clean.extend_from_slice(&line[done..secret.start]);
        clean.extend_from_slice(HIDDEN);
        done = secret.end;
    }
    clean.extend_from_slice(&line[done..]);
    Cow::Owned(clean)
}

/// Whether a credential goes on below: `Authorization: Bearer` alone, or a token up to the end of the line.
fn left_open(line: &[u8], asked: Asked, secrets: &[Range<usize>]) -> Option<Awaited> {
    const LONG: usize = 24;
    let end = labelled::trimmed_end(line);
    if secrets.last().is_some_and(|secret| {
        let word = &line[secret.clone()];
        secret.end == end
            && word.len() >= LONG
            && word.iter().all(|byte| labelled::is_base64(*byte))
            && labelled::looks_random(word)
    }) {
        return Some(Awaited::Rest);
    }
    if asked & *CREDENTIALS == 0 {
        return None;
    }
    let word = &line[..end];
    let start = word.iter().rposition(|byte| b" \t\"'".contains(byte));
    let word = &word[start.map_or(0, |at| at + 1)..];
    let is = |words: &[&str]| {
        words
            .iter()
            .any(|one| word.eq_ignore_ascii_case(one.as_bytes()))
    };
    if is(&[
        "bearer",
        "basic",
        "negotiate",
        "authorization:",
        "proxy-authorization:",
    ]) {
        return Some(Awaited::Alone);
    }
    let is_token =
        word.iter().all(|byte| labelled::is_base64(*byte)) && labelled::looks_random(word);
    is_token.then_some(Awaited::Rest)
}

/// The patterns of credentials, which are long enough to be wrapped.
static CREDENTIALS: LazyLock<Asked> = LazyLock::new(|| {
    cues()
        .filter(|(_, cue)| ["authorization", "bearer", "eyJ"].contains(cue))
        .fold(0, |asked, (pattern, _)| asked | 1 << pattern)
});

/// How far a line has the front of the one above: what a collector put there, up to the last blank or sign of it.
fn same_front(above: &[u8], line: &[u8]) -> usize {
    let alike = |one: u8, other: u8| one == other || one.is_ascii_digit() && other.is_ascii_digit();
    let same = above
        .iter()
        .zip(line)
        .take_while(|(one, other)| alike(**one, **other))
        .count();
    let front = &line[..same];
    if !front.iter().any(u8::is_ascii_digit) {
        return 0;
    }
    front
        .iter()
        .rposition(|byte| b" \t|]".contains(byte))
        .map_or(0, |last| last + 1)
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
        let mut all = PATTERNS.iter().enumerate();
        assert!(all.all(|(index, pattern)| pattern.compiled(index).is_some()));
        assert!(CUES.is_some());
        assert!(u32::try_from(LABELLED).unwrap() < Asked::BITS);
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
            (
                "not an SSL/TLS record: 474554202f20485454502f312e310d0a",
                "not an SSL/TLS record: 474554202f***",
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
                "jdbc:oracle:thin:scott/S3cretPw@db1.acme.com:1521:PAY",
                "jdbc:oracle:thin:scott/***@db1.acme.com:1521:PAY",
            ),
            (
                "jdbc:oracle:oci8:scott/\"a@b\"@//db1:1521/PAY",
                "jdbc:oracle:oci8:scott/\"***\"@//db1:1521/PAY",
            ),
            (
                "connect u/X@//h:1521/x and sqlplus -s u/X@PAY",
                "connect u/***@//h:1521/x and sqlplus -s u/***@PAY",
            ),
            (
                "jdbc:oracle:thin:/@PAY jdbc:oracle:thin:@//db1:1521/PAY",
                "jdbc:oracle:thin:/@PAY jdbc:oracle:thin:@//db1:1521/PAY",
            ),
            (
                "curl -s -u bob:hunter2 https://x",
                "curl -s -u bob:*** https://x",
            ),
            ("VAULT hvs.CAESIJ12 x", "VAULT *** x"),
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
