//! Lines of entries whose head is not there: they cannot be read, but they tell that the JVM did speak.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, PatternID};

/// What only JSSE prints, each on one line: bodies of both dialects, and titles behind heads that are cut.
const WORDS: [&str; 25] = [
    FORKED,
    "\"client version\"      : \"",
    "\"server version\"      : \"",
    "\"compression methods\" : \"",
    "\"subject public key\" : \"",
    "\"certificate_request_context\": \"",
    "\"signature schemes\": [",
    "\"client_shares\": [",
    "\"ke_modes\": [",
    "\"renegotiated connection\": [",
    "|Produced ",
    "|Consuming ",
    "Consumed extension: ",
    "Ignore unavailable extension: ",
    "Negotiated protocol version: ",
    "*** ClientHello, ",
    "*** Certificate chain",
    "RandomCookie:  GMT: ",
    "Compression Methods:  { ",
    "Extension signature_algorithms, signature_algorithms: ",
    "Extension ec_point_formats, formats: [",
    "Extension elliptic_curves, curve names: {",
    "upcoming handshake states: ",
    "found key for : ",
    "chain [0] = [",
];

/// The first column of Tencent Kona, which is JSSE under names of its own.
const FORKED: &str = "com.tencent.kona.ssl|";

/// Who pastes a piece of a log pastes little: beyond this, nothing is looked for.
pub(crate) const REACH: u64 = 256 << 10;

static ANY: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(WORDS).ok());

/// How many such lines there are at least, and how many heads of a fork.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pieces {
    pub(crate) lines: u64,
    pub(crate) forked: u64,
}

/// Counts what is within reach in a part of a text that begins at `offset` in its stream.
pub(crate) fn count(text: &[u8], offset: u64, part: Range<usize>) -> Pieces {
    let mut pieces = Pieces::default();
    let within = usize::try_from(REACH.saturating_sub(offset)).unwrap_or(usize::MAX);
    let end = part.end.min(within);
    let (Some(any), true) = (&*ANY, part.start < end) else {
        return pieces;
    };
    for found in any.find_iter(&text[part.start..end]) {
        if found.pattern() == PatternID::ZERO {
            pieces.forked += 1;
        } else {
            pieces.lines += 1;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_counted_within_reach() {
        let text = b"  \"ke_modes\": [psk_dhe_ke]\ncom.tencent.kona.ssl|FINE|01|main\nthe compression methods\n";
        let told = |offset| count(text, offset, 0..text.len());
        let expected = Pieces {
            lines: 1,
            forked: 1,
        };
        assert_eq!(told(0), expected);
        assert_eq!(told(REACH), Pieces::default());
        // what is cut at the end of reach is not half counted
        assert_eq!(told(REACH - 10), Pieces::default());
    }
}
