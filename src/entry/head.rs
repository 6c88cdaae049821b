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
/// `yyyy-MM-dd kk:mm:ss.SSS`
const TIMESTAMP_LEN: usize = 23;

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
    /// Bytes from the first column to the message.
    pub(crate) message_at: usize,
    /// Bytes from the first column to behind the line feed.
    pub(crate) len: usize,
}

impl Head<'_> {
    /// The head of a line that only goes on for `len` bytes.
    pub(crate) fn cut(self, len: usize) -> Self {
        let message = &self.message[..self.message.len().min(len.saturating_sub(self.message_at))];
        Self {
            message,
            has_body: false,
            len,
            ..self
        }
    }
}

/// Result of [`HeadFinder::find`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search<'a> {
    /// A head begins at this index.
    Found(usize, Head<'a>),
    /// There may be one at this index, but its line is not complete yet.
    Incomplete(usize),
    /// None; everything before this index needs no second look.
    None(usize),
}

/// Searches for heads.
#[derive(Debug)]
pub(crate) struct HeadFinder {
    logger: memmem::Finder<'static>,
}

/// Where the last line that was looked at ends: many heads on one endless line look for one end.
#[derive(Debug, Default)]
pub(crate) struct LineEnd {
    /// No line feed lies in this range; one lies at its end if [`Self::found`].
    searched: Range<usize>,
    found: bool,
}

impl HeadFinder {
    pub(crate) fn new() -> Self {
        Self {
            logger: memmem::Finder::new(LOGGER),
        }
    }

    /// Finds the next head that begins in `range` of `data`. Whether there is one at a place depends on
    /// nothing before it.
    pub(crate) fn find<'a>(
        &self,
        data: &'a [u8],
        range: Range<usize>,
        eof: bool,
        line: &mut LineEnd,
    ) -> Search<'a> {
        let to = data.len().min(range.end.saturating_add(LOGGER.len() - 1));
        let mut from = range.start;
        while let Some(at) = data
            .get(from..to)
            .and_then(|window| self.logger.find(window))
        {
            let start = from + at;
            match parse_head(data, start, eof, line) {
                Parsed::Head(head) => return Search::Found(start, head),
                Parsed::NeedMore => return Search::Incomplete(start),
                Parsed::NotAHead => from = start + LOGGER.len(),
            }
        }
        // The word itself may be cut at the end of the data.
        Search::None(to.saturating_sub(LOGGER.len() - 1).max(from))
    }
}

enum Parsed<'a> {
    Head(Head<'a>),
    NotAHead,
    NeedMore,
}

/// [`LOGGER`] stands at `start`. The answer never depends on how much follows the head's line.
fn parse_head<'a>(all: &'a [u8], start: usize, eof: bool, line: &mut LineEnd) -> Parsed<'a> {
    let data = &all[start..];
    let no = |needed: usize| {
        if !eof && data.len() < needed {
            Parsed::NeedMore
        } else {
            Parsed::NotAHead
        }
    };
    let level_at = LOGGER.len();
    let Some(level_len) = column_of(&data[level_at..], |b| b.is_ascii_alphabetic()) else {
        return no(level_at + MAX_COLUMN);
    };
    let thread_at = level_at + level_len + 1;
    let Some(thread_id_len) = column_of(&data[thread_at..], |b| b.is_ascii_hexdigit() || b == b' ')
    else {
        return no(thread_at + MAX_COLUMN);
    };
    let name_at = thread_at + thread_id_len + 1;
    let Some(time_at) = end_of_name(data, name_at) else {
        return no(name_at + MAX_THREAD_NAME + TIMESTAMP_LEN + 1);
    };
    let name = &data[name_at..time_at - 1];
    if name.len() >= LOGGER.len() && memmem::find(name, LOGGER).is_some() {
        return Parsed::NotAHead; // a torn head in front of a whole one
    }
    let limit = data.len().min(time_at + super::MAX_ENTRY);
    let line_end = match line.of(all, start + time_at..start + limit) {
        Some(end) => end - start,
        None if eof || limit < data.len() => limit,
        None => return Parsed::NeedMore,
    };
    finish(
        data,
        level_at,
        level_len,
        thread_at,
        thread_id_len,
        time_at,
        line_end,
    )
}

impl LineEnd {
    /// The first line feed in `range`.
    fn of(&mut self, data: &[u8], range: Range<usize>) -> Option<usize> {
        let known = self.searched.start <= range.start && range.start <= self.searched.end;
        if !known {
            *self = Self {
                searched: range.start..range.start,
                found: false,
            };
        }
        if !self.found && self.searched.end < range.end {
            let feed = memchr::memchr(b'\n', &data[self.searched.end..range.end]);
            self.found = feed.is_some();
            self.searched.end = feed.map_or(range.end, |at| self.searched.end + at);
        }
        (self.found && self.searched.end < range.end).then_some(self.searched.end)
    }
}

/// Cuts the columns behind the thread: timestamp, zone, caller, message.
fn finish(
    data: &[u8],
    level_at: usize,
    level_len: usize,
    thread_at: usize,
    thread_id_len: usize,
    time_at: usize,
    line_end: usize,
) -> Parsed<'_> {
    let line = &data[time_at..line_end];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (timestamp, rest) = line.split_at(TIMESTAMP_LEN);
    let Some(zone_len) = memchr::memchr(b'|', rest) else {
        return Parsed::NotAHead;
    };
    let Some(caller_len) = memchr::memchr(b'|', &rest[zone_len + 1..]) else {
        return Parsed::NotAHead;
    };
    let text = &rest[zone_len + 1 + caller_len + 1..];
    let (message, has_body) = match text.strip_suffix(b" (") {
        Some(message) => (message, true),
        None => (text, false),
    };
    Parsed::Head(Head {
        level: &data[level_at..level_at + level_len],
        thread: &data[thread_at..time_at - 1],
        thread_id_len,
        timestamp,
        zone: rest[..zone_len].trim_ascii(),
        caller: &rest[zone_len + 1..zone_len + 1 + caller_len],
        message,
        has_body,
        message_at: time_at + TIMESTAMP_LEN + zone_len + caller_len + 2,
        len: (line_end + 1).min(data.len()),
    })
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
        match HeadFinder::new().find(line, 0..line.len(), true, &mut LineEnd::default()) {
            Search::Found(0, head) => Some(head),
            _ => None,
        }
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
        assert_eq!(
            HeadFinder::new().find(
                b"..javax.net.ssl|DEBUG|01|ma",
                0..27,
                false,
                &mut LineEnd::default()
            ),
            Search::Incomplete(2)
        );
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
