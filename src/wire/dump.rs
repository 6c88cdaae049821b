//! Hex dumps as `sun.misc.HexDumpEncoder` and its successors print them.
//!
//! ```text
//!   0000: 16 03 03 01 CB 01 00 01   C7 03 03 74 A5 69 F4 EF  ...........t.i..
//!   0010: 3D CB 6B                                           =.k
//! 0040: 31
//! ```
//!
//! An offset of four digits (it wraps after 64 KiB), up to sixteen bytes in two halves, the same as text. The
//! last row may be short, with or without the padding in front of the text. The shape is all there is to hold on
//! to: a row that is not the next one ends the dump, and what came before it is what the dump says.

use super::{Content, Layer, message, spoken};

/// No dump yields more. A TLS record has 16 KiB, a dump of several flights of an `SSLEngine` a little more.
pub(crate) const LONGEST: usize = 64 << 10;
const ROW: usize = 16;

/// The bytes of the dump with which `text` begins, and what they are, where they can bear on a handshake. The
/// first row tells, so that application data costs no more than that.
pub(crate) fn read(text: &[u8], layer: Layer, received: bool) -> Option<(Content, Box<[u8]>)> {
    let mut rows = Rows { text, offset: 0 };
    let first = rows.next()?;
    let content = content(first.bytes(), layer, received)?;
    let mut bytes = first.bytes().to_vec();
    if first.len == ROW {
        for row in rows {
            bytes.extend_from_slice(row.bytes());
            if row.len < ROW || bytes.len() >= LONGEST {
                break;
            }
        }
    }
    Some((content, bytes.into()))
}

/// What a dump with this first row holds.
fn content(first: &[u8], layer: Layer, received: bool) -> Option<Content> {
    let whole = first.len() < ROW;
    match layer {
        Layer::Plaintext => message::begins_certificates(first).then_some(Content::Messages),
        Layer::Records if message::begins_record(first) => {
            // a socket reads the header alone first: nothing to see yet
            (first.len() > message::HEADER).then_some(Content::Records)
        }
        Layer::Records if received && spoken::is_foreign(first, whole) => Some(Content::Foreign),
        Layer::Records => message::begins_flight(first).then_some(Content::Messages),
    }
}

/// One row: at most sixteen bytes.
struct Row {
    bytes: [u8; ROW],
    len: usize,
}

impl Row {
    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// The rows of a dump, in order.
struct Rows<'a> {
    text: &'a [u8],
    /// Offset of the next row.
    offset: usize,
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let end = memchr::memchr(b'\n', self.text).unwrap_or(self.text.len());
        let (offset, row) = row(&self.text[..end])?;
        if offset != self.offset & 0xffff || row.len == 0 {
            return None;
        }
        self.text = self.text.get(end + 1..).unwrap_or_default();
        self.offset += ROW;
        Some(row)
    }
}

/// Offset and bytes of one line; `None` when it is no row.
fn row(line: &[u8]) -> Option<(usize, Row)> {
    const OFFSET: usize = 4;
    let line = line.trim_ascii_start();
    let (digits, rest) = line.split_at_checked(OFFSET)?;
    let mut offset = 0;
    for &digit in digits {
        offset = offset << 4 | usize::from(nibble(digit)?);
    }
    let mut rest = rest.strip_prefix(b":")?;
    let mut row = Row {
        bytes: [0; ROW],
        len: 0,
    };
    while row.len < ROW {
        // a blank between bytes, up to three between the halves; more is the padding of a short row
        let blanks = rest.iter().take_while(|&&b| b == b' ').count();
        let most = if row.len == ROW / 2 { 3 } else { 1 };
        if blanks == 0 || blanks > most {
            break;
        }
        let Some(byte) = pair(&rest[blanks..]) else {
            break;
        };
        row.bytes[row.len] = byte;
        row.len += 1;
        rest = &rest[blanks + 2..];
    }
    Some((offset, row))
}

/// Two hex digits with nothing glued to them.
fn pair(text: &[u8]) -> Option<u8> {
    let (&high, &low) = (text.first()?, text.get(1)?);
    let byte = nibble(high)? << 4 | nibble(low)?;
    matches!(text.get(2), None | Some(b' ' | b'\r')).then_some(byte)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// A dump as the JDK prints it: what the tests of this layer are fed with.
#[cfg(test)]
pub(super) fn print(bytes: &[u8], indent: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for (index, row) in bytes.chunks(ROW).enumerate() {
        let half = |bytes: &[u8]| {
            let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            pairs.join(" ")
        };
        let hex = match row.split_at_checked(ROW / 2) {
            Some((left, right)) if !right.is_empty() => format!("{}   {}", half(left), half(right)),
            _ => half(row),
        };
        let shown: String = row
            .iter()
            .map(|&b| if b.is_ascii_graphic() { b as char } else { '.' })
            .collect();
        let offset = (index * ROW) & 0xffff;
        let _ = writeln!(text, "{indent}{offset:04X}: {hex:<49}  {shown}");
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        let rows = Rows {
            text: text.as_bytes(),
            offset: 0,
        };
        rows.flat_map(|row| row.bytes().to_vec()).collect()
    }

    #[test]
    fn rows_of_every_layout() {
        let unified = "  0000: 16 03 03 01 CB 01 00 01   C7 03 03 74 A5 69 F4 EF  ...........t.i..\n  0010: 3D CB 6B                                           =.k\n";
        assert_eq!(bytes(unified).len(), 19);
        assert_eq!(bytes(unified)[16..], [0x3d, 0xcb, 0x6b]);
        // classic: no indentation; a row of exactly one half
        let classic = "0000: 32 32 30 20 6D 61 69 6C                            220 mail\n";
        assert_eq!(bytes(classic), b"220 mail");
        // dumps made with the string encoder: no text behind a short row
        assert_eq!(bytes("0000: 31 \n"), [0x31]);
        assert_eq!(bytes("0000: 31"), [0x31]);
        // IBM: lower case, two blanks between the halves; text glued to the last row's own text
        let ibm = "0000: 00 12 00 14 00 16 00 0b  00 02 01 00              ............[Raw read]: length = 5\n";
        assert_eq!(bytes(ibm).len(), 12);
        assert_eq!(bytes("0000: 16 03\r\n"), [0x16, 3]);
    }

    #[test]
    fn the_text_column_is_never_taken_for_bytes() {
        // the characters look like bytes themselves
        let row = "0000: 61 62 20 63 64                                     ab cd\n";
        assert_eq!(bytes(row), b"ab cd");
        let full = "0000: 31 32 20 33 34 20 35 36   20 37 38 20 39 30 20 31  12 34 56 78 90 1\n";
        assert_eq!(bytes(full).len(), 16);
    }

    #[test]
    fn a_torn_or_foreign_row_ends_the_dump() {
        let first = "0000: 16 03 03 01 CB 01 00 01   C7 03 03 74 A5 69 F4 EF  ................\n";
        for next in [
            "0020: 00 00\n",
            "main, READ: TLSv1.2 Alert, length = 2\n",
            "0010 00 00\n",
            "001G: 00 00\n",
            "\n",
            "",
        ] {
            assert_eq!(bytes(&format!("{first}{next}")).len(), 16, "{next:?}");
        }
        assert_eq!(bytes(&format!("{first}0010: 00 0\n")).len(), 17);
    }

    #[test]
    fn offsets_wrap_and_a_dump_is_bounded() {
        let mut long = vec![0x16, 3, 3, 0x40, 0, 2];
        long.resize(3 * LONGEST, 7);
        let text = print(&long, "  ");
        assert_eq!(bytes(&text).len(), 3 * LONGEST);
        let (content, read) = read(text.as_bytes(), Layer::Records, true).unwrap();
        assert_eq!((content, read.len()), (Content::Records, LONGEST));
    }

    #[test]
    fn application_data_and_keys_are_not_decoded() {
        let request = print(b"GET /account HTTP/1.1\r\nAuthorization: Basic x\r\n", "  ");
        assert_eq!(read(request.as_bytes(), Layer::Plaintext, true), None);
        let record = print(&[0x17, 3, 3, 0, 40, 1, 2, 3, 4], "  ");
        assert_eq!(read(record.as_bytes(), Layer::Records, true), None);
        let finished = print(&[&[0x14, 0, 0, 12][..], &[9; 12]].concat(), "  ");
        assert_eq!(read(finished.as_bytes(), Layer::Plaintext, true), None);
    }

    proptest! {
        #[test]
        fn what_was_printed_is_read_again(data in proptest::collection::vec(any::<u8>(), 1..400)) {
            prop_assert_eq!(bytes(&print(&data, "  ")), data);
        }

        #[test]
        fn hostile_text_is_no_trouble(
            text in "([0-9A-F]{4}: |  |[0-9A-Fa-f]{2} |\n|\\PC|0000: 16 03 03 00 05 01|48 54 54 50 2F){0,60}",
            received in any::<bool>(),
            plain in any::<bool>(),
        ) {
            let layer = if plain { Layer::Plaintext } else { Layer::Records };
            if let Some((_, bytes)) = read(text.as_bytes(), layer, received) {
                prop_assert!(bytes.len() <= text.len() / 3 + 1);
            }
        }

        #[test]
        fn a_cut_dump_yields_a_beginning(data in proptest::collection::vec(any::<u8>(), 1..100), cut in any::<proptest::sample::Index>()) {
            let text = print(&data, "");
            let cut = cut.index(text.len());
            prop_assert!(data.starts_with(&bytes(&text[..cut])));
        }
    }
}
