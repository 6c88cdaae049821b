//! `GlassFish` and Payara: `[#|2026-11-21T12:00:00.000+0000|INFO|glassfish 4.1|logger|_ThreadID=1;|text|#]`
//! and a blank line.
//!
//! Every print of the program is a record of its own, so that the classic dialect, which prints a
//! random number byte by byte, comes in dozens of records; blank lines are not logged. The default of
//! newer versions is the other form, `[time] [product] … [[`, the text indented by two, `]]`.
//! <https://docs.oracle.com/cd/E19798-01/821-1751/abluk/index.html>

use super::{
    lines::{line_end, split_end},
    unwrapped::Unwrapped,
};

/// Where the message begins in a record's first line.
pub(super) fn message(line: &[u8]) -> Option<usize> {
    /// Time, level, product, logger, key-value pairs.
    const FIELDS: usize = 5;
    let fields = line.strip_prefix(b"[#|")?;
    let last = memchr::memchr_iter(b'|', fields).nth(FIELDS - 1)?;
    Some(3 + last + 1)
}

/// The line that stands before a message in the newer form.
pub(super) fn opens(line: &[u8]) -> bool {
    line.starts_with(b"[2")
        && line.ends_with(b" [[")
        && memchr::memmem::find(line, b"] [").is_some()
}

/// What the classic dialect prints without a line end: numbers and the commas between them, labels.
fn is_fragment(text: &[u8]) -> bool {
    let number = !text.is_empty() && text.len() <= 3 && text.iter().all(u8::is_ascii_digit);
    number
        || text == b", "
        || text.ends_with(b"{ ")
        || text.ends_with(b":  ")
        || (text.starts_with(b"GMT: ") && text.ends_with(b" "))
}

/// Takes the records off.
pub(super) fn unwrap(block: &[u8], out: &mut Unwrapped) {
    if block.is_empty() {
        return;
    }
    let index = out.stream(&[], block.len());
    let into = &mut out.streams[index];
    let (mut start, mut number, mut opened) = (0, 0_u32, false);
    while start < block.len() {
        let end = line_end(block, start);
        let (line, mut feed) = split_end(&block[start..end]);
        let at = message(line);
        let mut text = &line[at.unwrap_or(0)..];
        if std::mem::take(&mut opened) {
            text = text.strip_prefix(b"  ").unwrap_or(text);
        }
        let closed = text.strip_suffix(b"|#]");
        if let Some(inside) = closed {
            if at.is_some() && is_fragment(inside) {
                feed = &[];
            }
            text = inside;
        } else if let Some(inside) = text.strip_suffix(b"]]")
            && split_end(&block[end..line_end(block, end)]).0.is_empty()
        {
            text = inside;
        }
        opened = opens(line);
        // a bracket that closes the record on a line of its own is no line of the message
        if !opened && !(text.is_empty() && (at.is_none() || closed.is_some())) {
            into.begin(start, number);
            into.text.extend_from_slice(text);
            into.text.extend_from_slice(feed);
        }
        number = number.saturating_add(1);
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_torn_into_records_is_one_again() {
        let record = |text: &str| {
            format!("[#|2026-11-21T12:00:00.000+0000|INFO|x|y|_ThreadID=1;|{text}|#]\n\n")
        };
        let pieces = [
            "*** ClientHello, TLSv1",
            "RandomCookie:  ",
            "GMT: 1288 ",
            "bytes = { ",
            "77",
            ", ",
            "201",
            " }",
        ];
        let log: String = pieces.iter().map(|piece| record(piece)).collect();
        let mut out = Unwrapped::default();
        unwrap(log.as_bytes(), &mut out);
        let text = String::from_utf8_lossy(&out.streams[0].text);
        assert_eq!(
            text,
            "*** ClientHello, TLSv1\nRandomCookie:  GMT: 1288 bytes = { 77, 201 }\n"
        );
    }
}
