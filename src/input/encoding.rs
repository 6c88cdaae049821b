//! UTF-16 and byte order marks: text becomes plain UTF-8 before anyone looks for entries in it.
//!
//! UTF-8 itself is not checked: logs hold other bytes now and then, and whoever prints escapes them.

use std::io::{self, Read};

/// How the text of an input is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8, ASCII, or whatever has ASCII at its heart.
    #[default]
    Utf8,
    /// UTF-8 behind a byte order mark.
    Utf8Bom,
    /// UTF-16, low byte first: what a PowerShell redirect writes.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

impl Encoding {
    /// What the first bytes say, and the length of the byte order mark.
    pub fn of(start: &[u8]) -> (Self, usize) {
        match start {
            [0xef, 0xbb, 0xbf, ..] => (Self::Utf8Bom, 3),
            // not UTF-32, whose mark begins the same
            [0xff, 0xfe, rest @ ..] if !rest.starts_with(&[0, 0]) => (Self::Utf16Le, 2),
            [0xfe, 0xff, ..] => (Self::Utf16Be, 2),
            _ => (Self::without_mark(start), 0),
        }
    }

    /// Logs are mostly ASCII: of two bytes, one is NUL.
    fn without_mark(start: &[u8]) -> Self {
        let (pairs, _) = start[..start.len().min(4096)].as_chunks::<2>();
        let plain = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
        let low_first = pairs.iter().filter(|[low, high]| *high == 0 && plain(*low));
        let high_first = pairs.iter().filter(|[high, low]| *high == 0 && plain(*low));
        let most = |count: usize| pairs.len() > 1 && count * 10 >= pairs.len() * 8;
        if most(low_first.count()) {
            Self::Utf16Le
        } else if most(high_first.count()) {
            Self::Utf16Be
        } else {
            Self::Utf8
        }
    }

    /// The name, as the report prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf8Bom => "utf-8-bom",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
        }
    }

    /// Whether the bytes must be changed, but for a mark in front.
    pub(super) fn is_wide(self) -> bool {
        matches!(self, Self::Utf16Le | Self::Utf16Be)
    }
}

/// Turns bytes that come in pieces into UTF-8; finds out what they are first.
#[derive(Default)]
pub(super) struct Transcoder {
    /// Too few bytes yet to tell.
    undecided: Vec<u8>,
    known: Option<(Encoding, Option<encoding_rs::Decoder>)>,
}

impl Transcoder {
    /// For bytes whose encoding is known, the mark taken off.
    fn of(encoding: Encoding) -> Self {
        let decoder = match encoding {
            Encoding::Utf8 | Encoding::Utf8Bom => None,
            Encoding::Utf16Le => Some(encoding_rs::UTF_16LE.new_decoder_without_bom_handling()),
            Encoding::Utf16Be => Some(encoding_rs::UTF_16BE.new_decoder_without_bom_handling()),
        };
        Self {
            undecided: Vec::new(),
            known: Some((encoding, decoder)),
        }
    }

    /// The encoding, once it is known.
    pub(super) fn encoding(&self) -> Option<Encoding> {
        self.known.as_ref().map(|(encoding, _)| *encoding)
    }

    /// Decodes the next bytes, behind `out`.
    pub(super) fn push(&mut self, raw: &[u8], last: bool, out: &mut Vec<u8>) {
        /// Marks, and two letters of UTF-16.
        const ENOUGH: usize = 4;
        if let Some((_, decoder)) = &mut self.known {
            match decoder {
                Some(decoder) => decode(decoder, raw, last, out),
                None => out.extend_from_slice(raw),
            }
            if last {
                // a decoder must not be asked again
                *decoder = None;
            }
            return;
        }
        self.undecided.extend_from_slice(raw);
        if self.undecided.len() >= ENOUGH || last {
            let held = std::mem::take(&mut self.undecided);
            let (encoding, mark) = Encoding::of(&held);
            *self = Self::of(encoding);
            self.push(&held[mark..], last, out);
        }
    }
}

/// Half a surrogate pair, or anything else that is no text, becomes U+FFFD.
fn decode(decoder: &mut encoding_rs::Decoder, raw: &[u8], last: bool, out: &mut Vec<u8>) {
    let mut rest = raw;
    loop {
        let filled = out.len();
        // the documented worst case: with it, one round is enough
        let room = decoder.max_utf8_buffer_length(rest.len()).unwrap_or(64);
        out.resize(filled + room, 0);
        let (result, read, written, _) = decoder.decode_to_utf8(rest, &mut out[filled..], last);
        out.truncate(filled + written);
        rest = &rest[read..];
        if result == encoding_rs::CoderResult::InputEmpty {
            return;
        }
    }
}

/// A reader of UTF-16 as one of UTF-8.
pub(super) struct Decoded<R> {
    inner: R,
    transcoder: Transcoder,
    raw: Box<[u8]>,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    pub(super) fn new(inner: R, encoding: Encoding) -> Self {
        Self {
            inner,
            transcoder: Transcoder::of(encoding),
            raw: vec![0; 64 << 10].into(),
            ready: Vec::new(),
            at: 0,
            ended: false,
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            let count = self.inner.read(&mut self.raw)?;
            self.ended = count == 0;
            self.ready.clear();
            self.at = 0;
            self.transcoder
                .push(&self.raw[..count], self.ended, &mut self.ready);
        }
        let count = into.len().min(self.ready.len() - self.at);
        into[..count].copy_from_slice(&self.ready[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "javax.net.ssl|DEBUG|01|main: ü € 𝄞\r\n";

    fn wide(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn encodings_are_recognised_with_and_without_mark() {
        let low = wide(TEXT, u16::to_le_bytes);
        let high = wide(TEXT, u16::to_be_bytes);
        assert_eq!(Encoding::of(&low), (Encoding::Utf16Le, 0));
        assert_eq!(Encoding::of(&high), (Encoding::Utf16Be, 0));
        assert_eq!(
            Encoding::of(&[&[0xff, 0xfe], &low[..]].concat()),
            (Encoding::Utf16Le, 2)
        );
        assert_eq!(
            Encoding::of(&[&[0xfe, 0xff], &high[..]].concat()),
            (Encoding::Utf16Be, 2)
        );
        assert_eq!(Encoding::of(b"\xef\xbb\xbfx"), (Encoding::Utf8Bom, 3));
        for other in [TEXT.as_bytes(), b"", b"\0", b"ELF\0\x01\0\x02\0\0\0\0\0"] {
            assert_eq!(Encoding::of(other), (Encoding::Utf8, 0));
        }
    }

    #[test]
    fn pieces_of_any_size_give_the_same_text() {
        for mark in [&b""[..], &[0xff, 0xfe]] {
            let bytes = [mark, &wide(TEXT, u16::to_le_bytes)].concat();
            for size in 1..bytes.len() {
                let (mut transcoder, mut out) = (Transcoder::default(), Vec::new());
                for piece in bytes.chunks(size) {
                    transcoder.push(piece, false, &mut out);
                }
                transcoder.push(&[], true, &mut out);
                assert_eq!(String::from_utf8(out).unwrap(), TEXT, "{size}");
                assert_eq!(transcoder.encoding(), Some(Encoding::Utf16Le));
            }
        }
    }

    #[test]
    fn a_reader_of_utf_16_reads_utf_8() {
        let bytes = wide(&TEXT.repeat(10_000), u16::to_be_bytes);
        let mut text = String::new();
        Decoded::new(&bytes[..], Encoding::Utf16Be)
            .read_to_string(&mut text)
            .unwrap();
        assert!(text == TEXT.repeat(10_000));
        let mut cut = String::new();
        Decoded::new(&b"a\0b\0c"[..], Encoding::Utf16Le)
            .read_to_string(&mut cut)
            .unwrap();
        assert_eq!(cut, "ab\u{fffd}");
    }
}
