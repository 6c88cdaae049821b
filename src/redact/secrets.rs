//! Secrets in running text: passwords, credentials in URLs and headers, tokens, keylog lines, keys and tickets in one
//! line.
//!
//! [`hide`] takes them out of a text; what surrounds them stays. Patterns are tried only where one of their cues
//! stands. What a label announces is found by [`super::labelled`], what has a form of its own by the patterns here.
//! Dumps are [`super::scrub`]'s.

use std::{
    borrow::Cow,
    ops::Range,
    sync::{LazyLock, OnceLock},
};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::{Captures, Regex};

use super::{
    clean,
    labelled::{self, Awaited},
};

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

const PATTERNS: [Pattern; 16] = [
    // Netty's dump of what was no TLS, maybe a request with all its headers: what JSSE itself would show stays
    Pattern {
        cues: &["ssl/tls record: "],
        regex: r"(?i-u)not an SSL/TLS record: [0-9a-f]{10}(?P<s>[0-9a-f]+)",
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
    // jdbc:oracle:thin:scott/tiger@db1; with a wallet there is nothing in front of the @
    Pattern {
        cues: &["jdbc:oracle:"],
        regex: r#"(?i-u)jdbc:oracle:[a-z0-9]+:[^ \t\r\n/"'@:]*/(?:\\?"(?P<s>[^"\\\r\n]+)\\?"|(?P<t>[^ \t\r\n"'<>]+))@"#,
        how: How::Word,
    },
    // scott/tiger@//db1:1521/x, sqlplus scott/tiger@PAY
    Pattern {
        cues: &["@//", "sqlplus", "expdp", "impdp", "sqlldr", "rman "],
        regex: r#"(?i-u)(?:(?:sqlplus|expdp|impdp|sqlldr|rman)(?:[ \t]+-[a-z]+|[ \t]+userid=|[ \t]+target)*[ \t]+["']?[a-z0-9_$#]+/(?:\\?"(?P<s>[^"\\\r\n]+)|(?P<t>[^ \t\r\n"']+))@|(?:^|[ \t"'=(,:])[a-z0-9_$#]+/(?P<u>[^ \t\r\n"'<>]+)@//)"#,
        how: How::Word,
    },
    // curl -u bob:hunter2
    Pattern {
        cues: &["curl "],
        regex: r#"(?-u)\bcurl [^\r\n]*?(?:-u|--user|--proxy-user)[ =]?\\?["']?[^ \t:"']+:(?P<s>[^ \t\r\n"']+)"#,
        how: How::Word,
    },
    // a name and a value: the cookies of DTLS are none
    Pattern {
        cues: &["cookie"],
        regex: r#"(?i-u)\b(?:set-)?cookie2?[\\"']{0,2}[ \t]*[:=][ \t]*\[?\\?["']?(?P<s>[^=\r\n"\\{}]{1,200}=(?:="[^"\r\n]*"|"[^"\r\n]*"|[^\r\n"\\]|\\[^rn])*)"#,
        how: How::Word,
    },
    Pattern {
        cues: &["bearer", "basic "],
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
    Pattern {
        cues: &["sessionid", "jsessionid", "phpsessid"],
        regex: r"(?i-u)\b(?:jsessionid|phpsessid|sessionid)=(?P<s>[^ \t\r\n;&,]+)",
        how: How::Word,
    },
    // what the issuers of tokens begin them with
    Pattern {
        cues: &[
            "AKIA",
            "ASIA",
            "ghp_",
            "gho_",
            "ghu_",
            "ghs_",
            "ghr_",
            "github_pat_",
            "glpat-",
            "hvs.",
            "hvb.",
            "hvr.",
            "xox",
            "sk_live_",
            "AIza",
        ],
        regex: r"(?-u)\b(?P<s>A[KS]IA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|hv[sbr]\.[A-Za-z0-9_-]{6,}|xox[abeprs]-[A-Za-z0-9-]{10,}|sk_live_[A-Za-z0-9]{10,}|AIza[A-Za-z0-9_-]{30,})",
        how: How::Word,
    },
];

impl Pattern {
    /// Compiled when a text first has one of its cues: most logs have none of most patterns.
    fn compiled(&self, index: usize) -> Option<&'static Regex> {
        static COMPILED: [OnceLock<Option<Regex>>; PATTERNS.len()] =
            [const { OnceLock::new() }; PATTERNS.len()];
        COMPILED[index]
            .get_or_init(|| Regex::new(self.regex).ok())
            .as_ref()
    }
}

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
