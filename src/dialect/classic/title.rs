//! The lines at which a classic entry begins.
//!
//! ```text
//! *** ClientHello, TLSv1.2
//! %% Negotiating:  [Session-1, TLS_RSA_WITH_AES_128_CBC_SHA256]
//! http-nio-8443-exec-1, READ: TLSv1.2 Handshake, length = 104
//! adding as trusted cert:
//! ```
//!
//! Only what no other program prints is taken for a beginning; what may as well be anybody's line
//! (`***`, a bracket, a blank) never is. A beginning is known by its own line, so a log can be read
//! from any of them; only a listing of trust anchors, which is one entry, looks at the line before.

use std::sync::LazyLock;

use memchr::memmem;

use super::text::bare_name;
use crate::{search, tls::MessageKind};

/// What the first line of an entry says it is.
#[derive(Debug, PartialEq)]
pub(super) enum Title<'a> {
    /// `*** ServerHello, TLSv1.2`: which message, and the words behind the three stars.
    Message(MessageKind, &'a [u8]),
    /// `%% Negotiating:  [Session-1, SUITE]`: the words behind the two signs.
    Session(&'a [u8]),
    /// `main, READ: TLSv1.2 Handshake, length = 104`: the thread's name, and what it did.
    Thread(&'a [u8], &'a [u8]),
    /// `Ignoring unavailable cipher suite: X`: the words behind `Ignoring `.
    Refused(&'a [u8]),
    /// `No available cipher suite for TLSv1.1`: the version.
    VersionWithoutSuite(&'a [u8]),
    /// `adding as trusted cert:`
    Anchors,
    /// `Found trusted certificate:`
    Trusted,
    /// `found key for : alias`
    Key(&'a [u8]),
    /// `matching alias: alias`
    Alias(&'a [u8]),
    /// `Ignoring alias a: issuers do not match`: the words behind `Ignoring alias `.
    KeyIgnored(&'a [u8]),
    /// `trustStore is: path`
    TrustStore(&'a [u8]),
    /// `keyStore is : path`
    KeyStore(&'a [u8]),
    /// `Inaccessible trust store: path`
    Inaccessible(&'a [u8]),
    /// `Standard ciphersuite chosen: X`
    Chosen(&'a [u8]),
    /// `System property X is set to 'Y'`: the words behind `System property `.
    Property(&'a [u8]),
    /// `Warning: no suitable certificate found …`
    NoCertificate,
    /// `[Raw read]: length = 5`
    Packet,
    /// `Padded plaintext before ENCRYPTION:  len = 80`
    Plaintext,
    /// `SESSION KEYGEN:`, `CONNECTION KEYGEN:`: keys in clear.
    Secret,
    /// `update handshake state: client_hello[1]`: 8u late, 9, 10
    State,
    /// A line that only IBMJSSE2 prints.
    Ibm(&'a [u8]),
    /// A line that ends the entry before it and says nothing that bears on a handshake.
    Other,
}

/// The next line, at or behind `from`, at which an entry begins.
pub(crate) fn next_start(text: &[u8], from: usize) -> Option<usize> {
    let mut at = match from.checked_sub(1).and_then(|before| text.get(before)) {
        None | Some(b'\n') => from,
        Some(_) => from + memchr::memchr(b'\n', text.get(from..)?)? + 1,
    };
    let base = at;
    for feed in memchr::memchr_iter(b'\n', text.get(base..)?) {
        if begins(text, at, base + feed) {
            return Some(at);
        }
        at = base + feed + 1;
    }
    (at < text.len() && begins(text, at, text.len())).then_some(at)
}

fn begins(text: &[u8], at: usize, end: usize) -> bool {
    let line = &text[at..end];
    let indented = matches!(line.first(), Some(b' ' | b'\t'));
    // most lines of anything: stack traces, hex rows, the insides of certificates
    if line.is_empty() || (indented && !may_be_indented(line.trim_ascii_start())) {
        return false;
    }
    match title(line.trim_ascii_start()) {
        None => false,
        Some(Title::Anchors) => !goes_on_listing(&text[..at]),
        Some(_) => true,
    }
}

/// Who pastes a log into a mail or a ticket indents it. No body holds a line like these, but most lines of
/// bodies are indented, so that they cost little.
fn may_be_indented(line: &[u8]) -> bool {
    match line.first() {
        // `at sun.security…`, a row of a dump, a bracket, a field of the unified dialect
        None | Some(b'}' | b']' | b'(' | b'.' | b'"') => false,
        Some(b'a') => !line.starts_with(b"at "),
        Some(b'0'..=b'9') => !is_row(line),
        _ => true,
    }
}

/// Hex rows are this wide: an offset, sixteen bytes in two halves, sixteen characters.
const HEX_ROW: usize = 73;

/// `0010: 16 03 01 …` and nothing glued behind it.
fn is_row(line: &[u8]) -> bool {
    line.len() <= HEX_ROW && line.get(4) == Some(&b':')
}

/// Whether the last line of a text is a row of a dump.
pub(super) fn ends_in_row(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    let line = memchr::memrchr(b'\n', text).map_or(text, |feed| &text[feed + 1..]);
    line.first().is_some_and(u8::is_ascii_hexdigit) && is_row(line)
}

/// Whether a listing of trust anchors ends right here: then the next one belongs to it.
fn goes_on_listing(before: &[u8]) -> bool {
    let Some(before) = before
        .strip_suffix(b"\n\n")
        .or_else(|| before.strip_suffix(b"\r\n\r\n"))
    else {
        return false;
    };
    let line = memchr::memrchr(b'\n', before).map_or(before, |feed| &before[feed + 1..]);
    line.starts_with(b"  Valid from ")
}

/// What a line begins, if it begins an entry.
pub(super) fn title(line: &[u8]) -> Option<Title<'_>> {
    let after = |words: &[u8]| line.strip_prefix(words).map(<[u8]>::trim_ascii);
    let found = match line.first()? {
        b'*' | b'\\' => starred(line),
        b'%' => after(b"%% ")
            .filter(|rest| is_session(rest))
            .map(Title::Session),
        b'[' => dump(line),
        b'A' => after(b"Allow unsafe renegotiation: ").map(|_| Title::Other),
        b'C' => after(b"CONNECTION KEYGEN:")
            .map(|_| Title::Secret)
            .or_else(|| bare_hello(line)),
        b'F' => after(b"Found trusted certificate:").map(|_| Title::Trusted),
        b'I' => after(b"Ignoring alias ")
            .map(Title::KeyIgnored)
            .or_else(|| {
                after(b"Ignoring ")
                    .filter(|rest| search::find(rest, b" cipher suite: ").is_some())
                    .map(Title::Refused)
            })
            .or_else(|| after(b"Inaccessible trust store: ").map(Title::Inaccessible)),
        b'L' => after(b"Legacy ciphersuite chosen: ").map(Title::Chosen),
        b'N' => after(b"No available cipher suite for ").map(Title::VersionWithoutSuite),
        b'P' => after(b"Padded plaintext ").map(|_| Title::Plaintext),
        b'R' => torn_hello(line),
        b'S' => chosen_or_property(line).or_else(|| bare_hello(line)),
        b'U' => after(b"Using SSLEngineImpl.").map(|_| Title::Other),
        b'W' => warning(line),
        b'a' => after(b"adding as trusted cert:").map(|_| Title::Anchors),
        b'c' => after(b"check handshake state: ").map(|_| Title::State),
        b'f' => after(b"found key for : ").map(Title::Key),
        b'i' => (line.trim_ascii_end() == b"init truststore").then_some(Title::Other),
        b'k' => after(b"keyStore is : ")
            .or_else(|| after(b"keyStore is: ")) // IBMJSSE2
            .map(Title::KeyStore),
        b'm' => after(b"matching alias: ").map(Title::Alias),
        // IBM's key manager
        b's' => after(b"ssl: Ignoring alias ").map(Title::KeyIgnored),
        b't' => after(b"trustStore is: ")
            .map(Title::TrustStore)
            .or_else(|| {
                (line.trim_ascii_end() == b"trigger seeding of SecureRandom")
                    .then_some(Title::Other)
            }),
        b'u' => after(b"update handshake state: ").map(|_| Title::State),
        _ => None,
    };
    found
        .or_else(|| super::ibm::title(line))
        .or_else(|| threads(line).map(|(name, what)| Title::Thread(name, what)))
}

/// `ClientHello, TLSv1.2` → which message. The words are those of `sun.security.ssl.HandshakeMessage`.
fn message(rest: &[u8]) -> Option<MessageKind> {
    Some(match rest {
        b"Certificate chain" => MessageKind::Certificate,
        b"CertificateRequest" => MessageKind::CertificateRequest,
        b"ServerHelloDone" => MessageKind::ServerHelloDone,
        b"CertificateVerify" => MessageKind::CertificateVerify,
        b"CertificateStatus" => MessageKind::CertificateStatus,
        b"Finished" => MessageKind::Finished,
        b"HelloRequest (empty)" | b"HelloRequest" => MessageKind::HelloRequest,
        b"HelloVerifyRequest" => MessageKind::HelloVerifyRequest,
        b"ECDHClientKeyExchange" => MessageKind::ClientKeyExchange,
        _ if rest.ends_with(b" ServerKeyExchange") => MessageKind::ServerKeyExchange,
        _ if rest.starts_with(b"ClientHello, ") => MessageKind::ClientHello,
        _ if rest.starts_with(b"ServerHello, ") => MessageKind::ServerHello,
        _ if rest.starts_with(b"ClientKeyExchange, ") => MessageKind::ClientKeyExchange,
        _ => return None,
    })
}

/// `*** ServerHello, TLSv1.2`; of the hellos also what a Markdown page left: `\*\*\* ClientHello, TLSv1`.
fn starred(line: &[u8]) -> Option<Title<'_>> {
    if let Some(rest) = line.strip_prefix(b"*** ") {
        let rest = rest.trim_ascii();
        return Some(Title::Message(message(rest)?, rest));
    }
    let bare = line
        .iter()
        .position(|b| !matches!(b, b'*' | b'\\' | b' '))?;
    bare_hello(&line[bare..])
}

/// `ClientHello, TLSv1`, and nothing else on the line: the stars were taken for emphasis.
fn bare_hello(line: &[u8]) -> Option<Title<'_>> {
    let line = line.trim_ascii_end();
    let version = line
        .strip_prefix(b"ClientHello, ")
        .or_else(|| line.strip_prefix(b"ServerHello, "))?;
    let named = version.starts_with(b"TLSv1") || version.starts_with(b"SSLv");
    (named && version.len() <= b"TLSv1.2".len())
        .then(|| Some(Title::Message(message(line)?, line)))
        .flatten()
}

/// `RandomCookie:  *** ClientHello, TLSv1.2`: another thread's hello begins within a print.
fn torn_hello(line: &[u8]) -> Option<Title<'_>> {
    let rest = line.strip_prefix(b"RandomCookie:")?;
    let at = search::find(rest, b"*** ")?;
    let rest = rest[at + 4..].trim_ascii();
    Some(Title::Message(message(rest)?, rest))
}

/// What `sun.security.ssl` prints about sessions.
fn is_session(rest: &[u8]) -> bool {
    const WORDS: [&[u8]; 12] = [
        b"Initialized:",
        b"Negotiating:",
        b"Invalidated:",
        b"Cached client session:",
        b"Cached server session:",
        b"No cached client session",
        b"Client cached [",
        b"Try resuming [",
        b"Server resumed [",
        b"Resuming [",
        b"Didn't cache non-resumable",
        b"can't resume",
    ];
    WORDS.iter().any(|words| rest.starts_with(words))
}

/// `[Raw read]: length = 5`, `[write] MD5 and SHA1 hashes:  len = 104`
fn dump(line: &[u8]) -> Option<Title<'_>> {
    if line.starts_with(b"[Raw read") || line.starts_with(b"[Raw write") {
        Some(Title::Packet)
    } else if line.starts_with(b"[read] MD5") || line.starts_with(b"[write] MD5") {
        Some(Title::Other)
    } else {
        None
    }
}

/// `Standard ciphersuite chosen: X`, `System property X is set to 'Y'`, `SESSION KEYGEN:`
fn chosen_or_property(line: &[u8]) -> Option<Title<'_>> {
    if let Some(suite) = line.strip_prefix(b"Standard ciphersuite chosen: ") {
        Some(Title::Chosen(suite.trim_ascii()))
    } else if let Some(rest) = line.strip_prefix(b"System property ") {
        search::find(rest, b" is set to '").map(|_| Title::Property(rest.trim_ascii_end()))
    } else if line.starts_with(b"SESSION KEYGEN:") {
        Some(Title::Secret)
    } else {
        None
    }
}

fn warning(line: &[u8]) -> Option<Title<'_>> {
    let rest = line.strip_prefix(b"Warning: ")?;
    if rest.starts_with(b"no suitable certificate found") {
        Some(Title::NoCertificate)
    } else if rest.starts_with(b"Using insecure renegotiation")
        || rest.starts_with(b"No renegotiation indication extension")
    {
        Some(Title::Other)
    } else {
        None
    }
}

/// The longest name of a thread that is looked for.
const MAX_NAME: usize = 512;

/// What stands between a thread's name and what it did.
static COMMA: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(", "));
/// Records of DTLS stand behind a colon: `name: READ: DTLSv1.2 …`.
static DATAGRAM: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(": D"));

/// `name, READ: …` → the name and what the thread did. Names may hold anything, commas too.
pub(super) fn threads(line: &[u8]) -> Option<(&[u8], &[u8])> {
    // a page's mark in front of it, too
    let bare = match line {
        [mark, rest @ ..] if mark.is_ascii_punctuation() => rest,
        _ => line,
    };
    if is_verb(bare) {
        return Some((&[], bare.trim_ascii_end()));
    }
    let window = &line[..line.len().min(MAX_NAME)];
    let named = |at: usize| {
        let name = bare_name(&line[..at]);
        (!is_quoted(name)).then(|| (name, line[at + 2..].trim_ascii_end()))
    };
    if let Some(at) = COMMA.find_iter(window).find(|at| is_verb(&line[at + 2..])) {
        return named(at);
    }
    DATAGRAM.find(window)?;
    let of_datagrams = |what: &[u8]| {
        (what.starts_with(b"READ: D") || what.starts_with(b"WRITE: D")) && is_verb(what)
    };
    memmem::find_iter(window, ": ")
        .find(|at| of_datagrams(&line[at + 2..]))
        .and_then(named)
}

/// `Last error seen yesterday: main`: a sentence that quotes the line. Threads have names of any kind, but none that is
/// a sentence and a colon; what collectors put in front is gone by now, or begins with a date or a bracket.
fn is_quoted(name: &[u8]) -> bool {
    const WORDS: usize = 3;
    let Some(colon) = search::find(name, b": ") else {
        return false;
    };
    let sentence = &name[..colon];
    let words = || {
        sentence
            .split(|&b| b == b' ')
            .filter(|word| !word.is_empty())
    };
    sentence.last().is_some_and(u8::is_ascii_alphanumeric)
        && words().count() >= WORDS
        && words()
            .take(WORDS)
            .all(|word| word.iter().all(u8::is_ascii_alphabetic))
}

/// What a thread can do, in the words of `SSLSocketImpl`, `SSLEngineImpl` and the record classes.
fn is_verb(what: &[u8]) -> bool {
    let starts = |words: &[u8]| what.starts_with(words);
    match what.first() {
        Some(b'R') => {
            starts(b"READ: ") && is_record(&what[6..]) || starts(b"RECV ") && is_alert(what)
        }
        Some(b'W') => starts(b"WRITE: ") && is_record(&what[7..]),
        Some(b'S') => starts(b"SEND ") && is_alert(what),
        Some(b'h') => what
            .strip_prefix(b"handling exception: ")
            .is_some_and(names_a_class),
        Some(b'c') => is_closing(what),
        Some(b'r') => starts(b"received EOFException: "),
        Some(b'f') => starts(b"fatal error: ") || starts(b"fatal: engine already closed"),
        Some(b's') => starts(b"setSoTimeout(") && what.trim_ascii_end().ends_with(b" called"),
        Some(b'w') => starts(b"waiting for close_notify or alert"),
        Some(b'E') => {
            starts(b"Exception sending alert: ") || starts(b"Exception while waiting for close ")
        }
        Some(b'I') => starts(b"IOException in getSession():"),
        _ => false,
    }
}

/// `TLSv1.2 Handshake, length = 104`, ` SSL v2, contentType = Handshake, …`
fn is_record(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    [&b"TLSv1"[..], b"SSLv", b"SSL v", b"DTLSv", b"Unknown-"]
        .iter()
        .any(|version| rest.starts_with(version))
}

/// `RECV TLSv1.2 ALERT:  fatal, …`
fn is_alert(what: &[u8]) -> bool {
    search::find(&what[..what.len().min(40)], b" ALERT:").is_some()
}

/// A qualified class in front of the message.
fn names_a_class(rest: &[u8]) -> bool {
    let end = rest
        .iter()
        .position(|&b| b == b':' || b.is_ascii_whitespace())
        .unwrap_or(rest.len());
    let class = &rest[..end];
    class.contains(&b'.')
        && class
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"._$".contains(b))
}

/// `called closeSocket(true)`, `closeOutboundInternal()`
fn is_closing(what: &[u8]) -> bool {
    let what = what.trim_ascii_end();
    let Some(rest) = what.strip_prefix(b"called close") else {
        return what == b"closeOutboundInternal()" || what == b"closeInboundInternal()";
    };
    let Some(open) = memchr::memchr(b'(', rest) else {
        return false;
    };
    let known = matches!(
        &rest[..open],
        b"" | b"Internal" | b"Socket" | b"Outbound" | b"Inbound"
    );
    // another thread's print may be glued to it; a sentence that goes on is none of JSSE's
    let behind = rest[open..].splitn(2, |&b| b == b')').nth(1);
    known && behind.is_some_and(|behind| !behind.starts_with(b" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(text: &str) -> Vec<usize> {
        let (mut found, mut from) = (Vec::new(), 0);
        while let Some(at) = next_start(text.as_bytes(), from) {
            found.push(at);
            from = at + 1;
        }
        found
    }

    #[test]
    fn messages_sessions_and_threads_begin_entries() {
        let text = "prompt\n*** ClientHello, TLSv1.2\nRandomCookie:  GMT\n***\n%% No cached client session\nmain, READ: TLSv1.2 Handshake, length = 81\n";
        let lines: Vec<_> = starts(text).iter().map(|&at| &text[at..at + 4]).collect();
        assert_eq!(lines, ["*** ", "%% N", "main"]);
    }

    #[test]
    fn indented_and_emphasised_lines_begin_entries_too() {
        for line in [
            "  main, READ: TLSv1.2 Handshake, length = 81",
            "\t*** ServerHelloDone",
            "ClientHello, TLSv1",
            "** ServerHello, TLSv1.2",
            "\\*\\*\\* ClientHello, SSLv3",
        ] {
            assert_eq!(starts(line), [0], "{line}");
        }
        for line in [
            "ClientHello, a poem",
            "\tat lab.Shop.order(Shop.java:12)",
            "    0010: 20 21 22 23 24 25 26 27   28 29 2A 2B 2C 2D 2E 2F   !.#$%&'()*+,-./",
            "  Subject: CN=main, READ: TLS, O=Lab",
        ] {
            assert_eq!(starts(line), [0; 0], "{line}");
        }
    }

    #[test]
    fn what_other_programs_print_begins_nothing() {
        for line in [
            "*** not a handshake line ***",
            "***",
            "%% 12 percent",
            "2024-03-04 12:33:44,123 INFO  [x] (exec-3) order 4711 accepted, total=12.50 EUR",
            "INFO done, called close() on the pool",
            "x, handling exception: oops",
            "Last error seen 2026-11-20: main, handling exception: javax.net.ssl.SSLException: x",
            "he said, READ: the manual",
            "Ignoring the warning",
            "{\"message\":\"javax.net.ssl handshake metrics\"}",
        ] {
            assert_eq!(
                title(line.as_bytes()).filter(|_| !starts(line).is_empty()),
                None,
                "{line}"
            );
        }
    }

    #[test]
    fn names_of_threads_hold_anything() {
        let of = |line: &'static str| {
            threads(line.as_bytes()).map(|(name, _)| String::from_utf8_lossy(name).into_owned())
        };
        assert_eq!(
            of("WebContainer : 2, READ: TLSv1 Alert, length = 2").as_deref(),
            Some("WebContainer : 2")
        );
        assert_eq!(
            of("a, b, called closeSocket(selfInitiated)").as_deref(),
            Some("a, b")
        );
        assert_eq!(
            of(".RECV TLSv1 ALERT: fatal, handshake_failure").as_deref(),
            Some("")
        );
        for (marked, name) in [
            ("* main, called close()", "main"),
            ("**main, called close()", "main"),
            ("4. qtp5-114, called close()", "qtp5-114"),
            ("4.worker, called close()", "4.worker"),
            ("12, called close()", "12"),
        ] {
            assert_eq!(of(marked).as_deref(), Some(name));
        }
        for torn in [
            "RandomCookie:  GMT: 1432124479 bytes = { 220Thread-15, called close()",
            "RandomCookie:  GMT: -14 bytes = { 2, 31, Thread-15, called close()",
            "RandomCookie:  Thread-15, called close()",
            "RandomCookie:  GMT: Thread-15, called close()",
            ", 116, 199Thread-15, called close()",
            "Compression Methods:  { 0Thread-15, called close()",
            "Session ID:  {}Thread-15, called close()",
        ] {
            assert_eq!(of(torn).as_deref(), Some("Thread-15"), "{torn}");
        }
        assert_eq!(
            of("Nov 21 host1 java: main, READ: TLSv1 Alert, length = 2").as_deref(),
            Some("Nov 21 host1 java: main")
        );
        assert_eq!(
            of("main: READ: DTLSv1.2 Handshake, length = 250").as_deref(),
            Some("main")
        );
        assert_eq!(
            of("handling exception: javax.net.ssl.SSLException: x").as_deref(),
            Some("")
        );
        let row = "0010: 16 03 03 00 02 02 28 16   03 03 00 02 02 28 16 03  ......(......(..Thread-17, READ: TLSv1.2 Alert, length = 2";
        assert_eq!(of(row).as_deref(), Some("Thread-17"));
    }

    #[test]
    fn a_listing_of_anchors_is_one_entry() {
        let one = "adding as trusted cert:\n  Subject: CN=a\n  Valid from A until B\n\n";
        assert_eq!(starts(&one.repeat(3)), [0]);
        assert_eq!(starts(&format!("{one}noise\n{one}")).len(), 2);
    }

    #[test]
    fn a_hello_torn_by_another_is_found() {
        assert_eq!(starts("RandomCookie:  *** ClientHello, TLSv1.2\n"), [0]);
    }
}
