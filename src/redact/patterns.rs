//! Secrets that have a form of their own, or stand behind words of their own: a pattern for each, and the cues by which
//! a text is known that may have one.

use std::sync::OnceLock;

use regex::bytes::Regex;

/// How a secret is taken out.
#[derive(Debug, Clone, Copy)]
pub(super) enum How {
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
pub(super) struct Pattern {
    /// One of these stands near; ASCII case does not matter.
    pub(super) cues: &'static [&'static str],
    /// The group `s` is the secret.
    regex: &'static str,
    pub(super) how: How,
}

pub(super) const PATTERNS: [Pattern; 16] = [
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
    pub(super) fn compiled(&self, index: usize) -> Option<&'static Regex> {
        static COMPILED: [OnceLock<Option<Regex>>; PATTERNS.len()] =
            [const { OnceLock::new() }; PATTERNS.len()];
        COMPILED[index]
            .get_or_init(|| Regex::new(self.regex).ok())
            .as_ref()
    }
}
