//! Rows of hex dumps, found in a line and blanked where they stand.
//!
//! A row keeps its width: `0000: 47 45 54 20  GET ` becomes `0000: 00 00 00 00  ....`. Whatever stands in front of
//! it (indentation, a collector's prefix, the beginning of a JSON string) and behind it stays.

use std::ops::Range;

/// Bytes of a full row.
pub(super) const ROW: usize = 16;
/// Where the text begins, counted from the offset's first digit: halves three blanks apart, or, as IBM prints them, two.
const TEXT: [usize; 2] = [57, 56];

/// A row of a dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Where the offset begins.
    pub(super) start: usize,
    /// The printed offset; 0 for what is left of a torn row.
    pub(super) offset: u32,
    /// How many bytes it has.
    pub(super) len: usize,
    bytes: [u8; ROW],
    hex: [usize; ROW],
    /// The same as text: where each character stands.
    text: Vec<Range<usize>>,
    /// Where it ends.
    pub(super) end: usize,
}

impl Row {
    /// Its bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Overwrites byte `index` in a copy of the line.
    pub(super) fn put(&self, line: &mut [u8], index: usize, byte: u8) {
        let at = self.hex[index];
        let Some(pair) = line.get_mut(at..at + 2) else {
            return;
        };
        let lower = pair.iter().any(u8::is_ascii_lowercase);
        let digits: &[u8; 16] = if lower {
            b"0123456789abcdef"
        } else {
            b"0123456789ABCDEF"
        };
        pair[0] = digits[usize::from(byte >> 4)];
        pair[1] = digits[usize::from(byte & 15)];
        if let Some(text) = self
            .text
            .get(index)
            .and_then(|text| line.get_mut(text.clone()))
        {
            text.fill(b'.');
        }
    }

    /// Blanks all from byte `from` on, and the text of a torn row, which may be longer than what is left of it.
    pub(super) fn blank_from(&self, line: &mut [u8], from: usize) {
        (from..self.len).for_each(|index| self.blank(line, index));
        for text in self.text.iter().skip(self.len) {
            if let Some(text) = line.get_mut(text.clone()) {
                text.fill(b'.');
            }
        }
    }

    /// Blanks byte `index`.
    pub(super) fn blank(&self, line: &mut [u8], index: usize) {
        self.put(line, index, 0);
    }
}

/// The first row in `line` at or behind `from`. `torn`: what looks like the rest of one counts as one, too.
pub(super) fn find(line: &[u8], from: usize, torn: bool) -> Option<Row> {
    let mut at = from;
    while let Some(colon) = memchr::memchr(b':', line.get(at..)?).map(|found| found + at) {
        if let Some(row) = row_at(line, from, colon, torn) {
            return Some(row);
        }
        at = colon + 1;
    }
    if torn { rest_of_row(line, from) } else { None }
}

/// The row whose offset ends at `colon`.
fn row_at(line: &[u8], from: usize, colon: usize, torn: bool) -> Option<Row> {
    const DIGITS: usize = 4;
    let start = colon.checked_sub(DIGITS).filter(|start| *start >= from)?;
    let mut offset = 0;
    for &digit in &line[start..colon] {
        offset = offset << 4 | u32::from(nibble(digit)?);
    }
    // `12:30:4F: `, `a0000: `; but a line feed escaped in JSON may stand in front
    let glued = line[from..start]
        .last()
        .is_some_and(|&before| before.is_ascii_alphanumeric() || before == b':')
        && !line[from..start].ends_with(b"\\n");
    if glued || offset % 16 != 0 || line.get(colon + 1) != Some(&b' ') {
        return None;
    }
    let row = pairs(line, start, colon + 1, Some(offset))?;
    (torn || row.ends_well(line)).then_some(row)
}

/// The pairs from `at` on, and the text behind them.
fn pairs(line: &[u8], start: usize, mut at: usize, offset: Option<u32>) -> Option<Row> {
    let mut row = Row {
        start,
        offset: offset.unwrap_or(0),
        len: 0,
        bytes: [0; ROW],
        hex: [0; ROW],
        text: Vec::new(),
        end: at,
    };
    while row.len < ROW {
        let rest = line.get(at..)?;
        let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
        // without its front, nobody knows where the middle of a row is
        let most = if row.len == ROW / 2 || offset.is_none() {
            3
        } else {
            1
        };
        let pair = rest.get(blanks..blanks + 2);
        let Some([Some(high), Some(low)]) = pair.map(|pair| [nibble(pair[0]), nibble(pair[1])])
        else {
            break;
        };
        // a blank or the end has to follow: the text may begin with what looks like a pair
        let ends = !rest.get(blanks + 2).is_some_and(u8::is_ascii_alphanumeric);
        if blanks > most || blanks == 0 && row.len > 0 || !ends {
            break;
        }
        row.bytes[row.len] = high << 4 | low;
        row.hex[row.len] = at + blanks;
        row.len += 1;
        at += blanks + 2;
    }
    row.end = at;
    if row.len == 0 {
        return None;
    }
    row.find_text(line);
    Some(row)
}

/// Three pairs and more without an offset: the front of the row is lost.
fn rest_of_row(line: &[u8], from: usize) -> Option<Row> {
    const FEWEST: usize = 3;
    let mut at = from;
    while at + 2 < line.len() {
        let begins = at == from || !line[at - 1].is_ascii_alphanumeric();
        if begins
            && let Some(row) = pairs(line, at, at, None)
            && row.len >= FEWEST
        {
            return Some(row);
        }
        at += 1;
    }
    None
}

impl Row {
    /// Behind the last pair comes the text, or nothing.
    fn ends_well(&self, line: &[u8]) -> bool {
        let last = self.hex[self.len - 1] + 2;
        let rest = line.get(last..).unwrap_or_default();
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        matches!(
            rest.first(),
            None | Some(b' ' | b'\r' | b'"' | b'\\' | b'<' | b'|')
        )
    }

    fn find_text(&mut self, line: &[u8]) {
        let last = self.hex[self.len - 1] + 2;
        let escaped = escaped(&line[..self.start]);
        let fits = |column: usize| {
            let at = self.start + column;
            if at < last + 2 || line.get(last..at)?.iter().any(|&byte| byte != b' ') {
                return None;
            }
            let text = characters(line, at, self.len, escaped);
            let agree = text
                .iter()
                .zip(&self.bytes)
                .filter(|(text, byte)| text.len() > 1 || shown(**byte) == line[text.start]);
            Some((agree.count(), text))
        };
        let best = TEXT
            .into_iter()
            .filter_map(fits)
            .max_by_key(|(agree, _)| *agree);
        if let Some((_, text)) = best.or_else(|| Some((0, self.text_of_torn(line, last, escaped))))
        {
            self.end = text.last().map_or(self.end, |last| last.end.max(self.end));
            self.text = text;
        }
    }

    /// Where the columns do not fit, whatever follows two blanks.
    fn text_of_torn(&self, line: &[u8], last: usize, escaped: bool) -> Vec<Range<usize>> {
        let rest = line.get(last..).unwrap_or_default();
        let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
        if blanks < 2 {
            return Vec::new();
        }
        characters(line, last + 2, self.len.max(ROW), escaped)
    }
}

/// Up to `count` characters from `at` on.
fn characters(line: &[u8], mut at: usize, count: usize, escaped: bool) -> Vec<Range<usize>> {
    let mut found = Vec::with_capacity(count);
    while found.len() < count {
        let length = match line.get(at..).unwrap_or_default() {
            [] | [b'\r' | b'\n', ..] => break,
            [b'"', ..] | [b'\\', b'n' | b'r', ..] if escaped => break,
            [b'\\', b'u', _, _, _, _, ..] if escaped => 6,
            [b'\\', _, ..] if escaped => 2,
            [b'&', rest @ ..] => entity(rest).map_or(1, |length| length + 1),
            _ => 1,
        };
        found.push(at..at + length);
        at += length;
    }
    found
}

/// The length of `lt;`, `amp;` …
fn entity(rest: &[u8]) -> Option<usize> {
    [
        &b"lt;"[..],
        b"gt;",
        b"amp;",
        b"quot;",
        b"apos;",
        b"#39;",
        b"#34;",
    ]
    .into_iter()
    .find(|name| rest.starts_with(name))
    .map(<[u8]>::len)
}

/// Inside a JSON string, quotes and backslashes of the text are escaped.
fn escaped(before: &[u8]) -> bool {
    [&b"\":\""[..], b"\": \""]
        .into_iter()
        .any(|cue| memchr::memmem::find(before, cue).is_some())
}

/// How the text shows a byte.
fn shown(byte: u8) -> u8 {
    if (b' '..=b'z').contains(&byte) {
        byte
    } else {
        b'.'
    }
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blanked(line: &str) -> String {
        let mut copy = line.as_bytes().to_vec();
        let mut at = 0;
        while let Some(row) = find(line.as_bytes(), at, false) {
            row.blank_from(&mut copy, 0);
            at = row.end;
        }
        String::from_utf8(copy).unwrap()
    }

    #[test]
    fn rows_of_every_layout_are_blanked_in_place() {
        for (line, expected) in [
            (
                "  0000: 47 45 54 20 2F 61 63 63   6F 75 6E 74 20 48 54 54  GET /account HTT",
                "  0000: 00 00 00 00 00 00 00 00   00 00 00 00 00 00 00 00  ................",
            ),
            (
                "INFO | jvm 1 | 0010: 3D CB 6B                                           =.k",
                "INFO | jvm 1 | 0010: 00 00 00                                           ...",
            ),
            // IBM: two blanks between the halves, and the next line glued to the text
            (
                "0010: 00 12 61 14 00 16 00 0b  00 02 01 00              ..a.........[Raw read]: length = 5",
                "0010: 00 00 00 00 00 00 00 00  00 00 00 00              ............[Raw read]: length = 5",
            ),
            ("0040: 31 ", "0040: 00 "),
            (
                r#"{"log":"  0020: 22 5C 61 0A 3C 20 20 20   20 20 20 20 20 20 20 20  \"\\a.\u003c           \n"}"#,
                r#"{"log":"  0020: 00 00 00 00 00 00 00 00   00 00 00 00 00 00 00 00  .......................\n"}"#,
            ),
            (
                r#"{"m":"x (\n  0000: 61 62                                              ab\n  0010: 63 \n)"}"#,
                r#"{"m":"x (\n  0000: 00 00                                              ..\n  0010: 00 \n)"}"#,
            ),
        ] {
            assert_eq!(blanked(line), expected);
        }
    }

    #[test]
    fn what_only_looks_like_a_row_stays() {
        for line in [
            "port 8080: ad hoc",
            "2026-11-21 04:00: 12 handshakes",
            "12:30:00: aa  bb",
            "0000: ",
            "0001: 00 00",
            "Session ID:  {1, 2}",
            "data: 05:03:04",
        ] {
            assert_eq!(blanked(line), line);
        }
    }

    #[test]
    fn what_is_left_of_a_row_is_found_when_asked_for() {
        let line = b" 54 20 2F 61   63 63 6F 75 6E 74 20 48  T /account H";
        assert_eq!(find(line, 0, false), None);
        let row = find(line, 0, true).unwrap();
        let mut copy = line.to_vec();
        row.blank_from(&mut copy, 0);
        let clean = String::from_utf8(copy).unwrap();
        assert!(
            !clean.contains("54 20") && !clean.contains("account"),
            "{clean}"
        );
        let late = b"2 64   3D 68 75 6E 74 65 72 32  password=hunter2";
        let row = find(late, 0, true).unwrap();
        let mut copy = late.to_vec();
        row.blank_from(&mut copy, 0);
        let clean = String::from_utf8(copy).unwrap();
        assert_eq!(clean, "2 00   00 00 00 00 00 00 00 00  ................");
        let cut = b"0000: 47 45 54 2Fmain, READ";
        assert_eq!(find(cut, 0, true).unwrap().len, 3);
    }
}
