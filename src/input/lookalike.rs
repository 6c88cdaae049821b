//! What is no log that can be read, by its first bytes: so that the message can name the cure.

/// First bytes to look at.
const HEAD: usize = 256 << 10;

/// Input that holds no readable log as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookalike {
    /// NUL bytes: no text.
    Binary,
    /// A report of this program.
    Report,
    /// No debug output is needed to throw: the exception of a handshake, and the line it stands on.
    Exception(u64),
}

impl Lookalike {
    /// What the first bytes say; `None` for text.
    pub fn of(start: &[u8]) -> Option<Self> {
        let text = &start[..start.len().min(HEAD)];
        if start[..start.len().min(8192)].contains(&0) {
            return Some(Self::Binary);
        }
        Self::of_text(text)
    }

    /// Text that was meant to be read, but is not what is read here.
    fn of_text(text: &[u8]) -> Option<Self> {
        if is_report(text) {
            return Some(Self::Report);
        }
        exception(text).map(Self::Exception)
    }

    /// What it is, and what to do about it.
    pub fn advice(self) -> String {
        match self {
            Self::Binary => "it looks like a binary file".to_owned(),
            Self::Report => {
                "it is a saved report; named by itself, without --follow, it is printed again"
                    .to_owned()
            }
            Self::Exception(line) => format!(
                "there is a TLS exception in line {line}, which alone does not tell what was offered, sent and refused"
            ),
        }
    }

    /// Whether it is a log, only without debug output.
    pub fn is_log(self) -> bool {
        matches!(self, Self::Exception(_))
    }
}

/// A report of this program, by its beginning: one object that names its schema and us, or lines with a type.
pub(super) fn is_report(text: &[u8]) -> bool {
    const FIRST_LINE: [&[u8]; 2] = [b"\"input\"", b"\"handshake\""];
    let text = &text[..text.len().min(HEAD)];
    let says = |words: &[u8]| memchr::memmem::find(text, words).is_some();
    let Some(object) = text.trim_ascii_start().strip_prefix(b"{") else {
        return false;
    };
    let object = object.trim_ascii_start();
    if let Some(kind) = object.strip_prefix(b"\"type\":") {
        let kind = kind.trim_ascii_start();
        let says = |field: &[u8]| memchr::memmem::find(&kind[..kind.len().min(4096)], field);
        let is_ours = says(b"\"path\"").or_else(|| says(b"\"connection\""));
        let is_first = FIRST_LINE.iter().any(|first| kind.starts_with(first));
        return is_first && is_ours.is_some();
    }
    // as we write it; or with the names sorted, then the rest may be far away
    (object.starts_with(b"\"schema\"") && says(b"\"jssl-analyze\""))
        || object.starts_with(b"\"anomalies\"")
}

/// The line of the first exception of a TLS stack.
fn exception(text: &[u8]) -> Option<u64> {
    const WORDS: [&[u8]; 4] = [
        b"javax.net.ssl.SSL",
        b"PKIX path building failed",
        b"sun.security.validator.ValidatorException",
        b"java.security.cert.Certificate",
    ];
    let at = WORDS
        .iter()
        .filter_map(|words| {
            let at = memchr::memmem::find(text, words)?;
            let line = text[at..].split(|&b| b == b'\n').next()?;
            memchr::memmem::find(line, b"xception").map(|_| at)
        })
        .min()?;
    let feeds = memchr::memchr_iter(b'\n', &text[..at]).count();
    u64::try_from(feeds + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_recognised() {
        assert_eq!(Lookalike::of(b"ELF\0\0"), Some(Lookalike::Binary));
        assert_eq!(
            Lookalike::of(b"{\n \"schema\": 1, \"tool\": \"jssl-analyze\""),
            Some(Lookalike::Report)
        );
        for line in [
            "{\"type\":\"input\",\"path\":\"server.log\",",
            "{ \"type\": \"handshake\", \"replaces\": \"established\", \"id\": 3, \"connection\": 2",
        ] {
            assert_eq!(Lookalike::of(line.as_bytes()), Some(Lookalike::Report));
        }
        assert_eq!(
            Lookalike::of(b"{\"type\":\"log\",\"log\":\"started\"}"),
            None
        );
        assert_eq!(Lookalike::of("javax.net.ssl|… ü".as_bytes()), None);
        assert_eq!(
            Lookalike::of(b"started\nCaused by: javax.net.ssl.SSLHandshakeException: no\n"),
            Some(Lookalike::Exception(2))
        );
    }
}
