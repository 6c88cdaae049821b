//! Lines that say by how they begin that they are JSSE's, wherever in the line that is.

use std::sync::LazyLock;

use regex::bytes::{Match, Regex};

/// A line of JSSE text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchor<'a> {
    /// The line without its end.
    pub(super) line: &'a [u8],
    /// Where the JVM's own text begins.
    pub(super) at: usize,
    /// The line is the first of an entry; else it is one of a body, or of the classic dialect.
    pub(super) head: bool,
}

impl<'a> Anchor<'a> {
    pub(super) fn prefix(&self) -> &'a [u8] {
        &self.line[..self.at]
    }
}

/// More would say nothing new.
const ENOUGH: usize = 8192;
/// A longer line is some other program's.
const LONGEST_PREFIX: usize = 2048;

/// Heads of the unified dialect; titles that java.util.logging prints behind a level, which is in the JVM's language.
/// Both stand at the beginning of their line.
const HEADS: &str = concat!(
    r"javax\.net\.ssl\|[A-Z]{0,8}\||[A-Z\x80-\xff]{4,24}: (?:(?:Produced|Consuming|Consumed|Received|Raw|Ignore) |WRITE:|READ:|Ignore, |Fatal \([A-Z_]+\): ",
    r"|\[(?:client|server) #[0-9]+ @|Client (?:received|raised) fatal|Server (?:received|raised) fatal)",
);

/// The brace blocks of `expand`: every line of an entry's head is indented by two. Here and below, quotes
/// may be escaped: the line is in JSON.
const EXPANDED: &str = r#"  \\?"(?:logger\\?"      : \\?"javax\.net\.ssl|thread name\\?" : |message\\?"     : |caller\\?"      : )"#;

/// Lines of bodies, and of the classic dialect and its relatives. What a System.Logger could print as a
/// message is left out: there, only the first line of a message has something in front of it.
const BODIES: &str = concat!(
    r#"\\?"(?:ClientHello|ServerHello|Certificate|CertificateRequest|CertificateVerify|Finished|EncryptedExtensions|NewSessionTicket|Alert|throwable|ECDH ServerKeyExchange|(?:RSA|DH|ECDHE) ClientKeyExchange)\\?" ?: ?\{"#,
    r#"|  \\?"(?:client version|server version|random|session id|cipher suites?|compression methods?)\\?" +: \\?""#,
    r"|\*\*\* (?:ClientHello|ServerHello|Certificate|Finished|ECDH|ClientKeyExchange|Diffie-Hellman|HelloRequest)",
    r"|RandomCookie:  ?(?:GMT|random)|Session ID:  ?\{|Cipher Suites: \[|Cipher Suite: (?:TLS|SSL)_|Compression Methods?:  ?[0-9{]",
    r"|%% (?:Initialized|No cached|Try|Invalidated|Cached|Resuming|Server resumed|Client cached|Negotiating)",
    r"|chain \[[0-9]+\] = \[|Extension (?:server_name|renegotiation_info|elliptic_curves|supported_groups|ec_point_formats|signature_algorithms|extended_master_secret)",
    r"|Allow unsafe renegotiation: |Allow legacy hello messages: |Is initial handshake: |Is secure renegotiation: ",
    r"|adding as trusted cert:|Found trusted certificate:|(?:check|update|upcoming) handshake states?: |verify_data:  ?\{",
    r"|\[Raw (?:read|write)(?: \(bb\))?\]: length|(?:SESSION|CONNECTION) KEYGEN:|(?:Client|Server) write (?:key|IV):|(?:Pre)?Master Secret:|Using SSLEngineImpl\.",
    r"|JsseJCE:  |IBMJSSE(?:2|Provider2) |CipherBox:  ",
);

static COMPACT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!("(?-u)(?:{HEADS})|(?:{BODIES})")).ok());
static BRACES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!("(?-u){EXPANDED}")).ok());

/// The lines of JSSE text in a sample.
pub(super) fn find(sample: &[u8]) -> Vec<Anchor<'_>> {
    let braces = [
        &b"logger\"      : \"javax.net.ssl"[..],
        b"logger\\\"      : \\\"javax.net.ssl",
    ]
    .iter()
    .any(|line| memchr::memmem::find(sample, line).is_some());
    let regex = if braces { &*BRACES } else { &*COMPACT };
    let mut anchors = Vec::new();
    let Some(regex) = regex else { return anchors };
    let mut at = 0;
    while anchors.len() < ENOUGH
        && let Some(found) = regex.find_at(sample, at)
    {
        let anchor = anchor(sample, found);
        at = found.end()
            + memchr::memchr(b'\n', &sample[found.end()..])
                .map_or(sample.len() - found.end(), |feed| feed + 1);
        anchors.extend(anchor.filter(|anchor| !is_logger(anchor.prefix())));
    }
    anchors
}

fn anchor<'a>(sample: &'a [u8], found: Match<'a>) -> Option<Anchor<'a>> {
    let before = &sample[found.start().saturating_sub(LONGEST_PREFIX)..found.start()];
    let at = match memchr::memrchr(b'\n', before) {
        Some(feed) => before.len() - feed - 1,
        None if before.len() < LONGEST_PREFIX => before.len(),
        // many lines of the log in one, their feeds written out
        None if memchr::memmem::find(before, b"\\n").is_some() => {
            let before = &sample[..found.start()];
            before.len() - memchr::memrchr(b'\n', before).map_or(0, |feed| feed + 1)
        }
        None => return None,
    };
    let start = found.start() - at;
    let end = memchr::memchr(b'\n', &sample[found.start()..])
        .map_or(sample.len(), |feed| found.start() + feed);
    let line = &sample[start..end];
    let text = found.as_bytes();
    let head = text.starts_with(b"javax")
        || is_level(text.split(|&byte| byte == b':').next().unwrap_or_default())
        || text.starts_with(b"  \"") && text.ends_with(b"ssl");
    Some(Anchor {
        line: line.strip_suffix(b"\r").unwrap_or(line),
        at,
        head,
    })
}

/// `FINE`, `WARNUNG`
fn is_level(word: &[u8]) -> bool {
    word.len() >= 4
        && word
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || !byte.is_ascii())
}

/// A logger's own name in front of a message: that is System.Logger, a dialect.
fn is_logger(prefix: &[u8]) -> bool {
    // in JSON, the line in front of this one may be in the same string
    let own = memchr::memmem::rfind(prefix, b"\\n").map_or(0, |feed| feed + 2);
    let prefix = &prefix[own..];
    memchr::memmem::find(prefix, b"javax.net.ssl").is_some()
        || memchr::memmem::find(prefix, b"SSLLogger").is_some()
        || memchr::memmem::find(prefix, b"org.bouncycastle").is_some()
}

/// The first heads stand at the beginning of their lines, and so do the lines behind them: the usual
/// case, answered without looking at all of the sample.
pub(super) fn bare_at_once(sample: &[u8]) -> bool {
    const LOOKED_AT: usize = 64;
    let mut heads = 0;
    for at in memchr::memmem::find_iter(sample, b"javax.net.ssl|").take(LOOKED_AT) {
        if at > 0 && sample[at - 1] != b'\n' {
            return false;
        }
        heads += 1;
    }
    heads == LOOKED_AT
}
