//! Lines put together with blanks, by a ticket, a chat or a search: the whole log is one line, or each entry.
//!
//! Entries of the unified dialect begin with heads that are known anywhere in a line. Those of the classic one begin
//! with a line, so it is broken where JSSE begins lines. The blank becomes the line feed.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::{lines::unwrap_each, unwrapped::Unwrapped};

/// Words of which JSSE prints one a line, and in every handshake.
const ONE_A_LINE: [&[u8]; 7] = [
    b"Allow legacy hello messages: ",
    b"Is initial handshake: ",
    b"Is secure renegotiation: ",
    b"RandomCookie: ",
    b"Session ID: ",
    b"Compression Method",
    b", READ: ",
];

/// How lines begin, each behind the blank that was a line feed.
static STARTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let starts = [
        r"\*\*\*|%% [A-Z]|RandomCookie:|Session ID:|Cipher Suites?:|Cipher suite:|Compression Methods?:|Extension [a-z]",
        r"|Unsupported extension |verify_data:|Cert Types:|Cert Authorities:|Supported Signature Algorithms:",
        r"|(?:check|update|upcoming) handshake states?:|Ignoring (?:un|disabled|obsoleted|alias)|No available cipher",
        r"|Allow unsafe renegotiation:|Allow legacy hello|Is initial handshake:|Is secure renegotiation:",
        r"|(?:trust|key)Store (?:is|type|provider)|init (?:keystore|truststore|keymanager)|(?:trigger|done) seeding",
        r"|System property |adding as trusted cert:|Found trusted certificate:|found key for|matching alias:|Warning: no ",
        r"|\[(?:Raw )?(?:read|write)|(?:SESSION|CONNECTION) KEYGEN:|(?:Padded p|P)laintext (?:before|after)|Using SSLEngineImpl",
        // rows of dumps, certificates
        r"|[0-9A-F]{4}: [0-9A-F]{2} |chain \[[0-9]+\] = \[|Version: V|Subject: |Issuer: |Signature Algorithm: |Key: |Validity: \[|To: ",
        r"|SerialNumber: \[|Certificate Extensions: |\[[0-9]+\]: ObjectId|SubjectAlternativeName|DNSName: |IPAddress: |\]",
        r"|(?:Authority|Subject)KeyIdentifier|KeyIdentifier \[|BasicConstraints:|KeyUsage |ExtendedKeyUsages |Algorithm: |Valid from ",
        // exceptions
        r"|at [a-z][\w$.]+\.(?:[\w$]+|<init>)\(|Caused by: |\.\.\. [0-9]+ more|(?:javax?|sun)\.[\w.]+(?:Exception|Error)",
        // what a thread does
        r"|[^ ]+, (?:READ: |WRITE: |RECV |SEND |called close|handling exception: |fatal error: |fatal: |setSoTimeout\(",
        r"|received EOFException|closing |waiting for close|Exception |IOException |the previous )",
    ];
    Regex::new(&format!("(?-u) (?:{})", starts.concat())).ok()
});

/// What stands behind stars; those without it end a message.
const MESSAGES: [&[u8]; 10] = [
    b"ClientHello",
    b"ServerHello",
    b"Certificate",
    b"ClientKeyExchange",
    b"ECDH",
    b"Diffie-Hellman",
    b"ServerKeyExchange",
    b"Finished",
    b"HelloRequest",
    b"NewSessionTicket",
];

/// Most lines with what stands on a line of its own have more than one of it.
pub(super) fn is_glued(sample: &[u8]) -> bool {
    let mut at: Vec<usize> = ONE_A_LINE
        .iter()
        .flat_map(|words| memchr::memmem::find_iter(sample, words))
        .collect();
    at.sort_unstable();
    let apart = at
        .windows(2)
        .filter(|pair| memchr::memchr(b'\n', &sample[pair[0]..pair[1]]).is_some())
        .count();
    // of all pairs, those on one line are the others
    at.len() > 2 * apart + 1
}

/// Breaks every line where lines of JSSE begin.
pub(super) fn unwrap(block: &[u8], out: &mut Unwrapped) {
    unwrap_each(block, out, |line, into| {
        into.begin(line.place.0, line.place.1);
        let start = into.text.len();
        into.text.extend_from_slice(line.text);
        let regex = STARTS.as_ref();
        for found in regex.into_iter().flat_map(|it| it.find_iter(line.text)) {
            // `handling exception: javax.net.ssl.…` is one line
            let goes_on = found.as_bytes().ends_with(b"Exception")
                && line.text[..found.start()].ends_with(b":");
            if !goes_on {
                into.text[start + found.start()] = b'\n';
            }
            let behind = &line.text[found.end()..];
            if found.as_bytes() == b" ***"
                && let Some(rest) = behind.strip_prefix(b" ")
                && !MESSAGES.iter().any(|name| rest.starts_with(name))
            {
                into.text[start + found.end()] = b'\n';
            }
        }
        into.text.extend_from_slice(line.feed);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{Envelope, tests::samples::CLASSIC};

    #[test]
    fn a_log_in_one_line_is_broken_where_its_lines_began() {
        let bare = CLASSIC.trim_end();
        let log = format!("{}\n", bare.replace('\n', " "));
        let envelope = Envelope::detect(log.as_bytes()).unwrap();
        assert_eq!(envelope.name(), "glued");
        let mut out = Unwrapped::default();
        envelope.unwrap_block(log.as_bytes(), &mut out);
        let text = String::from_utf8(out.streams[0].text.clone()).unwrap();
        assert_eq!(text, format!("{bare}\n"));
        assert_eq!(out.streams[0].lines.len(), 1);
    }

    #[test]
    fn lines_torn_by_another_thread_are_not_a_log_in_one_line() {
        let torn = "main, READ: TLSv1.2 Alert, length = 2Is initial handshake: true\n";
        assert!(!is_glued((CLASSIC.repeat(2) + torn).as_bytes()));
        assert!(!is_glued(b"") && !is_glued(b"Session ID:  {}\n"));
    }
}
