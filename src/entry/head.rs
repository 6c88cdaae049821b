//! The head of an entry, and the search for the next one.
//!
//! ```text
//! javax.net.ssl|DEBUG|10 E3|Thread-1|2026-11-21 24:04:15.663 UTC|SSLCipher.java:1827|message (
//! ```
//!
//! Printed by `sun.security.ssl.SSLLogger` (JDK 11 and later, 8u261+). The thread's name is not
//! escaped: it may be empty, hold `|`, blanks, even a line break. It ends at the first `|` that a
//! timestamp follows. Not handled here: heads that lack columns.

use std::ops::Range;

use memchr::memmem;

use crate::time::days_from_civil;

const LOGGER: &[u8] = b"javax.net.ssl|";
/// A thread's name is searched for its end within this many bytes.
const MAX_THREAD_NAME: usize = 512;
/// Level and thread id are shorter than this.
const MAX_COLUMN: usize = 40;
/// Time zones have short names (`GMT-03:00`), callers are a file and a line.
const MAX_ZONE: usize = 64;
const MAX_CALLER: usize = 256;
/// `yyyy-MM-dd kk:mm:ss.SSS`
const TIMESTAMP_LEN: usize = 23;
/// `yyyy-MM-dd `
const DATE_LEN: usize = 11;

/// The columns of a head line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head<'a> {
    /// `DEBUG`, `FINE` … or empty.
    pub(crate) level: &'a [u8],
    /// `id|name`, the raw key of a thread.
    pub(crate) thread: &'a [u8],
    /// Length of the id within [`Self::thread`].
    pub(crate) thread_id_len: usize,
    /// `2026-11-21 24:04:15.663`
    pub(crate) timestamp: &'a [u8],
    /// `UTC`, `GMT-03:00`, or empty.
    pub(crate) zone: &'a [u8],
    /// `SSLCipher.java:1827`, `null:-1`, `unknown caller`.
    pub(crate) caller: &'a [u8],
    /// The message, without the ` (` that opens a body.
    pub(crate) message: &'a [u8],
    /// The line ends with ` (`: parameters follow.
    pub(crate) has_body: bool,
    /// Bytes from the first column to behind the line feed.
    pub(crate) len: usize,
}

/// The columns in front of the message, as places in the text; a head is one by these alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns {
    /// Where the head begins.
    pub(crate) start: usize,
    level_len: usize,
    thread_id_len: usize,
    time_at: usize,
    zone_len: usize,
    message_at: usize,
}

/// What one line's columns begin with, up to the date, and the zone behind the time: mostly those of the
/// next head, too.
#[derive(Debug, Default)]
struct Shape {
    /// A few bytes in which level and thread show: most other shapes differ in them.
    marks: u64,
    text: Vec<u8>,
    level_len: usize,
    thread_id_len: usize,
    /// Bytes from the head's first to its time.
    time_after: usize,
    /// The zone's column, with the bar.
    zone: Vec<u8>,
}

/// Searches for heads.
#[derive(Debug)]
pub(crate) struct HeadFinder {
    logger: memmem::Finder<'static>,
    shapes: [Shape; 4],
    /// The shape met last.
    latest: usize,
}

impl HeadFinder {
    pub(crate) fn new() -> Self {
        Self {
            logger: memmem::Finder::new(LOGGER),
            shapes: Default::default(),
            latest: 0,
        }
    }

    /// The first head that begins in `data` at `from` or later.
    pub(crate) fn next(&mut self, data: &[u8], mut from: usize) -> Option<Columns> {
        loop {
            let at = from + self.logger.find(data.get(from..)?)?;
            if let Some(columns) = self.at(data, at) {
                return Some(columns);
            }
            from = at + LOGGER.len();
        }
    }

    /// The last head that begins in `data`.
    pub(crate) fn last(&mut self, data: &[u8]) -> Option<Columns> {
        let mut to = data.len();
        loop {
            let at = memmem::rfind(&data[..to], LOGGER)?;
            if let Some(columns) = self.at(data, at) {
                return Some(columns);
            }
            // the word may overlap with itself no more than by nothing: its first letter is in it once
            to = at;
        }
    }

    /// The columns of the head whose [`LOGGER`] stands at `start`. Nothing before it matters, and
    /// nothing behind its columns.
    fn at(&mut self, data: &[u8], start: usize) -> Option<Columns> {
        let text = &data[start..];
        let marks = marks(text)?;
        for shape in (self.latest..self.shapes.len()).chain(0..self.latest) {
            if self.shapes[shape].marks == marks
                && let Some(columns) = self.shapes[shape].columns(data, start)
            {
                self.latest = shape;
                return Some(columns);
            }
        }
        self.parse(text, data, start, marks)
    }

    /// Finds the columns of a head that is like none of the last ones.
    #[cold]
    fn parse(&mut self, text: &[u8], data: &[u8], start: usize, marks: u64) -> Option<Columns> {
        let level_len = column_of(&text[LOGGER.len()..], |b| b.is_ascii_alphabetic())?;
        let thread_at = LOGGER.len() + level_len + 1;
        let thread_id_len = column_of(&text[thread_at..], |b| b.is_ascii_hexdigit() || b == b' ')?;
        let name_at = thread_at + thread_id_len + 1;
        let time_after = end_of_name(text, name_at)?;
        let name = &text[name_at..time_after - 1];
        if name.len() >= LOGGER.len() && memmem::find(name, LOGGER).is_some() {
            return None; // a torn head in front of a whole one
        }
        let found = columns(data, start, level_len, thread_id_len, start + time_after)?;
        // the shape met the longest ago is the one behind the latest, more or less
        self.latest = (self.latest + self.shapes.len() - 1) % self.shapes.len();
        let zone_at = found.time_at + TIMESTAMP_LEN;
        self.shapes[self.latest] = Shape {
            marks,
            text: text[..time_after + DATE_LEN].to_vec(),
            level_len,
            thread_id_len,
            time_after,
            zone: data[zone_at..=zone_at + found.zone_len].to_vec(),
        };
        Some(found)
    }

    /// Where the line of a head ends, and the head that begins within it: where two threads write at
    /// once, the second ends the first.
    pub(crate) fn line_end(&mut self, data: &[u8], columns: &Columns) -> (usize, Option<Columns>) {
        let mut from = columns.message_at;
        loop {
            let Some(at) = memchr::memchr2(b'\n', b'|', &data[from..]).map(|at| from + at) else {
                return (data.len(), None);
            };
            if data[at] == b'\n' {
                return (at + 1, None);
            }
            // the bar may be the one behind the logger's name
            let start = (at + 1)
                .checked_sub(LOGGER.len())
                .filter(|&start| start >= columns.message_at);
            if let Some(start) = start.filter(|&start| data[start..].starts_with(LOGGER))
                && let Some(second) = self.at(data, start)
            {
                return (start, Some(second));
            }
            from = at + 1;
        }
    }

    /// The head behind a line that ends at `line_end`: mostly on the very next line.
    pub(crate) fn behind(&mut self, data: &[u8], line_end: usize) -> Option<Columns> {
        if data[line_end..].starts_with(LOGGER)
            && let Some(columns) = self.at(data, line_end)
        {
            return Some(columns);
        }
        self.next(data, line_end)
    }
}

impl Columns {
    /// What stands behind the columns, up to the end of the line.
    pub(crate) fn text<'a>(&self, data: &'a [u8], line_end: usize) -> &'a [u8] {
        let text = &data[self.message_at..line_end];
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        text.strip_suffix(b"\r").unwrap_or(text)
    }

    /// The columns that tell about the release: level, thread, caller.
    pub(crate) fn telling<'a>(&self, data: &'a [u8]) -> (&'a [u8], &'a [u8], &'a [u8]) {
        let level_at = self.start + LOGGER.len();
        let zone_at = self.time_at + TIMESTAMP_LEN;
        (
            &data[level_at..level_at + self.level_len],
            &data[level_at + self.level_len + 1..self.time_at - 1],
            &data[zone_at + self.zone_len + 1..self.message_at - 1],
        )
    }

    /// Cuts the text of a line that ends at `line_end`. With `cut`, another head ends it: what looks like
    /// the opening of a body is none.
    pub(crate) fn head<'a>(&self, data: &'a [u8], line_end: usize, cut: bool) -> Head<'a> {
        let text = self.text(data, line_end);
        // terminals and wikis pad lines with blanks
        let (message, has_body) = match text.trim_ascii_end().strip_suffix(b" (") {
            Some(message) if !cut => (message, true),
            _ => (text, false),
        };
        let level_at = self.start + LOGGER.len();
        let zone_at = self.time_at + TIMESTAMP_LEN;
        Head {
            level: &data[level_at..level_at + self.level_len],
            thread: &data[level_at + self.level_len + 1..self.time_at - 1],
            thread_id_len: self.thread_id_len,
            timestamp: &data[self.time_at..zone_at],
            zone: data[zone_at..zone_at + self.zone_len].trim_ascii(),
            caller: &data[zone_at + self.zone_len + 1..self.message_at - 1],
            message,
            has_body,
            len: line_end - self.start,
        }
    }
}

/// The bytes of a head that are compared first. No head is so short as not to have them.
fn marks(text: &[u8]) -> Option<u64> {
    let marks = text.get(LOGGER.len() + 2..)?.first_chunk()?;
    Some(u64::from_ne_bytes(*marks))
}

impl Shape {
    /// The columns of a head of this shape.
    fn columns(&self, data: &[u8], start: usize) -> Option<Columns> {
        let text = &data[start..];
        let behind_date = text.strip_prefix(&*self.text)?;
        let zone_after = TIMESTAMP_LEN - DATE_LEN;
        if self.text.is_empty()
            || !is_time_of_day(behind_date)
            || !behind_date[zone_after..].starts_with(&self.zone)
        {
            return None;
        }
        let caller_after = zone_after + self.zone.len();
        let caller_len = short_column(&behind_date[caller_after..], MAX_CALLER)?;
        let date_end = start + self.text.len();
        Some(Columns {
            start,
            level_len: self.level_len,
            thread_id_len: self.thread_id_len,
            time_at: start + self.time_after,
            zone_len: self.zone.len() - 1,
            message_at: date_end + caller_after + caller_len + 1,
        })
    }
}

/// `24:04:15.663` at the beginning of a text: each byte is compared with that of midnight, all at once.
fn is_time_of_day(text: &[u8]) -> bool {
    let (Some(clock), Some(millis)) = (text.first_chunk::<8>(), text.get(8..12)) else {
        return false;
    };
    // what is left is the digit, and nothing of a separator
    let clock = u64::from_be_bytes(*clock) ^ u64::from_be_bytes(*b"00:00:00");
    let digits =
        |left: u64| (left | left.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 == 0;
    let fraction = millis[0] == b'.' && millis[1..].iter().all(u8::is_ascii_digit);
    digits(clock) && clock & 0x0000_FF00_00FF_0000 == 0 && fraction
}

/// Finds the columns behind the time, which stands at `time_at`: zone, caller, message.
fn columns(
    data: &[u8],
    start: usize,
    level_len: usize,
    thread_id_len: usize,
    time_at: usize,
) -> Option<Columns> {
    let zone_at = time_at + TIMESTAMP_LEN;
    let zone_len = short_column(&data[zone_at..], MAX_ZONE)?;
    let caller_at = zone_at + zone_len + 1;
    let caller_len = short_column(&data[caller_at..], MAX_CALLER)?;
    Some(Columns {
        start,
        level_len,
        thread_id_len,
        time_at,
        zone_len,
        message_at: caller_at + caller_len + 1,
    })
}

/// Length of a column of anything but a line's end, up to its `|`.
fn short_column(data: &[u8], longest: usize) -> Option<usize> {
    let window = &data[..data.len().min(longest)];
    let len = memchr::memchr2(b'|', b'\n', window)?;
    (window[len] == b'|').then_some(len)
}

/// Length of a short column of allowed bytes that a `|` ends.
fn column_of(data: &[u8], allowed: impl Fn(u8) -> bool) -> Option<usize> {
    let len = data.iter().take(MAX_COLUMN).position(|&b| !allowed(b))?;
    (data[len] == b'|').then_some(len)
}

/// Index of the timestamp that ends the thread's name.
fn end_of_name(data: &[u8], name_at: usize) -> Option<usize> {
    let window = &data[name_at..data.len().min(name_at + MAX_THREAD_NAME)];
    memchr::memchr_iter(b'|', window)
        .map(|bar| name_at + bar + 1)
        .find(|&at| is_timestamp(&data[at..]))
}

fn is_timestamp(data: &[u8]) -> bool {
    const SEPARATORS: [(usize, u8); 6] = [
        (4, b'-'),
        (7, b'-'),
        (10, b' '),
        (13, b':'),
        (16, b':'),
        (19, b'.'),
    ];
    const DIGITS: [usize; 17] = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 22];
    let Some(text) = data
        .first_chunk::<TIMESTAMP_LEN>()
        .filter(|_| data.len() > TIMESTAMP_LEN)
    else {
        return false;
    };
    // no branch in between: this is asked for every entry, and nearly always true
    let separated = SEPARATORS
        .iter()
        .fold(true, |all, &(at, byte)| all && (text[at] == byte));
    separated
        && DIGITS
            .iter()
            .fold(true, |all, &at| all & (text[at].wrapping_sub(b'0') < 10))
}

/// Milliseconds of `yyyy-MM-dd kk:mm:ss.SSS`; hours run 1–24, and 24 is the first hour of the
/// same date (`SSLLogger`'s pattern has `kk`).
pub(crate) fn parse_civil_time(text: &[u8]) -> Option<i64> {
    if text.len() < TIMESTAMP_LEN {
        return None;
    }
    let number = |range: Range<usize>| {
        text[range].iter().try_fold(0_i64, |sum, b| {
            b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0'))
        })
    };
    let (month, day, hour) = (number(5..7)?, number(8..10)?, number(11..13)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 24 || number(14..16)? > 59 {
        return None;
    }
    let days = days_from_civil(number(0..4)?, month, day);
    let seconds = hour % 24 * 3600 + number(14..16)? * 60 + number(17..19)?;
    Some(days * 86_400_000 + seconds * 1000 + number(20..23)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(line: &[u8]) -> Option<Head<'_>> {
        let mut finder = HeadFinder::new();
        let columns = finder.next(line, 0).filter(|columns| columns.start == 0)?;
        let (line_end, second) = finder.line_end(line, &columns);
        Some(columns.head(line, line_end, second.is_some()))
    }

    #[test]
    fn every_column_is_cut_out() {
        let line = b"javax.net.ssl|DEBUG|10 E3|main|2026-11-21 24:06:08.006 UTC|ClientHello.java:638|Produced ClientHello handshake message (\n";
        let head = head(line).unwrap();
        assert_eq!(head.level, b"DEBUG");
        assert_eq!(head.thread, b"10 E3|main");
        assert_eq!(head.thread_id_len, 5);
        assert_eq!(head.zone, b"UTC");
        assert_eq!(head.caller, b"ClientHello.java:638");
        assert_eq!(head.message, b"Produced ClientHello handshake message");
        assert!(head.has_body);
        assert_eq!(head.len, line.len());
    }

    #[test]
    fn a_thread_may_be_called_anything() {
        let named = |name: &str| {
            let line = format!(
                "javax.net.ssl|FINE|01|{name}|2026-11-21 01:02:03.004 GMT-03:00|null:-1|x\r\n"
            );
            let head = head(line.as_bytes()).unwrap();
            (
                String::from_utf8_lossy(&head.thread[head.thread_id_len + 1..]).into_owned(),
                head.message.to_vec(),
            )
        };
        for name in [
            "",
            "a|b",
            "pool (1)|2026-11-21",
            "two\nlines",
            "http-nio-8443-exec-1",
        ] {
            assert_eq!(named(name), (name.to_owned(), b"x".to_vec()));
        }
    }

    #[test]
    fn text_that_only_looks_like_a_head_is_not_one() {
        assert!(head(b"javax.net.ssl|not a head\n").is_none());
        assert!(head(b"javax.net.ssl|DEBUG|01|main|2026-11-21 01:02:03 UTC|x\n").is_none());
        assert!(head(b"javax.net.ssl|DEBUG|01|ma").is_none());
    }

    #[test]
    fn the_hour_after_midnight_is_24_of_the_same_date() {
        let midnight = parse_civil_time(b"2026-11-21 24:04:15.663 UTC").unwrap();
        assert_eq!(midnight, 20_778 * 86_400_000 + 255_663);
        assert_eq!(
            parse_civil_time(b"2026-11-21 23:59:59.999").unwrap() - midnight,
            86_144_336
        );
    }
}
