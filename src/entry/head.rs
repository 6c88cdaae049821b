//! The head of an entry, and the search for the next one.
//!
//! ```text
//! javax.net.ssl|DEBUG|10 E3|Thread-1|2026-11-21 24:04:15.663 UTC|SSLCipher.java:1827|message (
//! ```
//!
//! Printed by `sun.security.ssl.SSLLogger` (JDK 11 and later, 8u261+). The thread's name is not
//! escaped: it may be empty, hold `|`, blanks, even a line break. It ends at the first `|` that a
//! timestamp follows. Not handled here: heads that lack columns.

use std::num::NonZeroU64;

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
pub(crate) const DATE_LEN: usize = 11;

/// The columns of a head line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head<'a> {
    /// `DEBUG`, `FINE` … or empty.
    pub(crate) level: &'a [u8],
    pub(crate) origin: Origin<'a>,
    /// `SSLCipher.java:1827`, `null:-1`, `unknown caller`.
    pub(crate) caller: &'a [u8],
    /// The message, without the ` (` that opens a body.
    pub(crate) message: &'a [u8],
    /// The line ends with ` (`: parameters follow.
    pub(crate) has_body: bool,
    /// Bytes from the first column to behind the line feed.
    pub(crate) len: usize,
}

/// When, and on which thread, an entry was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin<'a> {
    /// `id|name`, the raw key of a thread.
    pub(crate) thread: &'a [u8],
    /// Length of the id within [`Self::thread`].
    pub(crate) thread_id_len: usize,
    /// `2026-11-21 24:04:15.663`
    pub(crate) timestamp: &'a [u8],
    /// `UTC`, `GMT-03:00`, or empty.
    pub(crate) zone: &'a [u8],
}

/// The columns up to the zone, as places in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stem {
    /// Where the head begins.
    pub(crate) start: usize,
    lens: Lens,
}

/// Lengths of the columns up to the zone, all of them short, in one number: it is handed on for each line, and in a
/// register that costs nothing.
#[derive(Debug, Clone, Copy)]
struct Lens(NonZeroU64);

impl Lens {
    /// The level and the thread's id; from the head's first byte to its time, and to the caller, behind the zone.
    /// `None` if one of them is not short.
    fn new(
        level: usize,
        thread_id: usize,
        up_to_time: usize,
        up_to_caller: usize,
        on_one_line: bool,
    ) -> Option<Self> {
        let short = |len: usize| u16::try_from(len).map(u16::to_le_bytes).ok();
        let [id_low, id_high] = short(thread_id)?;
        let [time_low, time_high] = short(up_to_time)?;
        let [caller_low, caller_high] = short(up_to_caller)?;
        let lens = u64::from_le_bytes([
            caller_low,
            caller_high,
            time_low,
            time_high,
            id_low,
            id_high,
            u8::try_from(level).ok()?,
            u8::from(on_one_line),
        ]);
        NonZeroU64::new(lens).map(Self)
    }

    fn level(self) -> usize {
        let [.., level, _] = self.0.get().to_le_bytes();
        usize::from(level)
    }

    fn thread_id(self) -> usize {
        let [_, _, _, _, low, high, ..] = self.0.get().to_le_bytes();
        usize::from(u16::from_le_bytes([low, high]))
    }

    fn up_to_time(self) -> usize {
        let [_, _, low, high, ..] = self.0.get().to_le_bytes();
        usize::from(u16::from_le_bytes([low, high]))
    }

    fn up_to_caller(self) -> usize {
        let [low, high, ..] = self.0.get().to_le_bytes();
        usize::from(u16::from_le_bytes([low, high]))
    }

    /// The thread's name holds no line break.
    fn on_one_line(self) -> bool {
        let [.., on_one_line] = self.0.get().to_le_bytes();
        on_one_line != 0
    }
}

/// The columns in front of the message, as places in the text; a head is one by these alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns {
    pub(crate) stem: Stem,
    message_at: usize,
}

/// What one line's columns begin with, up to the date, and the zone behind the time: those of most other
/// heads of the same thread and level, too.
#[derive(Debug, Default)]
struct Shape {
    text: Vec<u8>,
    zone: ZoneColumn,
    /// `None` of a shape that is none yet.
    lens: Option<Lens>,
}

/// The zone's column, with the bar, as a number: compared in one step.
#[derive(Debug, Default)]
struct ZoneColumn {
    text: u128,
    /// Ones where the text has bytes.
    mask: u128,
}

/// Shapes that are remembered, a power of two: those of the threads that a server has at work.
const SHAPES: usize = 256;

/// Searches for heads.
#[derive(Debug)]
pub(crate) struct HeadFinder {
    logger: memmem::Finder<'static>,
    /// By [`shape_slot`]; empty before the first head, then [`SHAPES`] of them.
    shapes: Vec<Shape>,
}

impl HeadFinder {
    pub(crate) fn new() -> Self {
        Self {
            logger: memmem::Finder::new(LOGGER),
            shapes: Vec::new(),
        }
    }

    /// The first head that begins in `data` at `from` or later.
    pub(crate) fn next(&mut self, data: &[u8], mut from: usize) -> Option<Columns> {
        loop {
            let at = self.candidate(data, from)?;
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

    /// The columns of the head that begins at `start`. Nothing before it matters, and nothing behind its
    /// columns.
    pub(crate) fn at(&mut self, data: &[u8], start: usize) -> Option<Columns> {
        match self.stem(data, start) {
            Some(stem) => stem.columns(data),
            None => self.parse(data, start),
        }
    }

    /// The beginning of a head that is like one of the last ones. Whether it is a head, the caller decides, which
    /// stands behind it.
    #[inline]
    pub(crate) fn stem(&self, data: &[u8], start: usize) -> Option<Stem> {
        let text = &data[start..];
        self.shapes.get(shape_slot(text)?)?.stem(text, start)
    }

    /// Finds the columns of a head that is like none of the last ones.
    #[cold]
    fn parse(&mut self, data: &[u8], start: usize) -> Option<Columns> {
        let text = &data[start..];
        let slot = shape_slot(text).filter(|_| text.starts_with(LOGGER))?;
        let level_len = column_of(&text[LOGGER.len()..], |b| b.is_ascii_alphabetic())?;
        let thread_at = LOGGER.len() + level_len + 1;
        let thread_id_len = column_of(&text[thread_at..], |b| b.is_ascii_hexdigit() || b == b' ')?;
        let name_at = thread_at + thread_id_len + 1;
        let time_after = end_of_name(text, name_at)?;
        let name = &text[name_at..time_after - 1];
        if name.len() >= LOGGER.len() && memmem::find(name, LOGGER).is_some() {
            return None; // a torn head in front of a whole one
        }
        let zone_after = time_after + TIMESTAMP_LEN;
        let zone_len = short_column(&text[zone_after..], MAX_ZONE)?;
        let lens = Lens::new(
            level_len,
            thread_id_len,
            time_after,
            zone_after + zone_len + 1,
            memchr::memchr(b'\n', name).is_none(),
        )?;
        let found = Stem { start, lens }.columns(data)?;
        if let Some(zone) = ZoneColumn::new(&text[zone_after..=zone_after + zone_len]) {
            self.shapes.resize_with(SHAPES, Shape::default);
            self.shapes[slot] = Shape {
                text: text[..time_after + DATE_LEN].to_vec(),
                zone,
                lens: Some(lens),
            };
        }
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

    /// Where a head may begin, at `from` or later.
    pub(crate) fn candidate(&self, data: &[u8], from: usize) -> Option<usize> {
        Some(from + self.logger.find(data.get(from..)?)?)
    }
}

impl Stem {
    /// The columns, if a caller follows.
    pub(crate) fn columns(self, data: &[u8]) -> Option<Columns> {
        let caller_at = self.caller_at();
        let caller_len = short_column(&data[caller_at..], MAX_CALLER)?;
        Some(Columns {
            stem: self,
            message_at: caller_at + caller_len + 1,
        })
    }

    /// The thread's name holds no line break.
    pub(crate) fn is_on_one_line(&self) -> bool {
        self.lens.on_one_line()
    }

    fn level_end(&self) -> usize {
        self.start + LOGGER.len() + self.lens.level()
    }

    fn time_at(&self) -> usize {
        self.start + self.lens.up_to_time()
    }

    fn zone_at(&self) -> usize {
        self.time_at() + TIMESTAMP_LEN
    }

    /// Where the caller begins: what stands in front of it differs from one thread, and one moment, to the next.
    pub(crate) fn caller_at(&self) -> usize {
        self.start + self.lens.up_to_caller()
    }

    fn level<'a>(&self, data: &'a [u8]) -> &'a [u8] {
        &data[self.start + LOGGER.len()..self.level_end()]
    }

    /// When and on which thread it was printed.
    pub(crate) fn origin<'a>(&self, data: &'a [u8]) -> Origin<'a> {
        Origin {
            thread: &data[self.level_end() + 1..self.time_at() - 1],
            thread_id_len: self.lens.thread_id(),
            timestamp: &data[self.time_at()..self.zone_at()],
            zone: data[self.zone_at()..self.caller_at() - 1].trim_ascii(),
        }
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
        let stem = &self.stem;
        (
            stem.level(data),
            stem.origin(data).thread,
            &data[stem.caller_at()..self.message_at - 1],
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
        // the line feed behind the parenthesis was lost: the head ends there all the same
        let opening = (!has_body).then(|| body_on_line(text)).flatten();
        let (message, has_body, line_end) = match opening {
            Some(opening) => (&text[..opening], true, self.message_at + opening + 2),
            None => (message, has_body, line_end),
        };
        let (level, _, caller) = self.telling(data);
        Head {
            level,
            origin: self.stem.origin(data),
            caller,
            message,
            has_body,
            len: line_end - self.stem.start,
        }
    }
}

/// Where ` (` stands in front of a body that begins on the line of its head. Only messages that have one are looked at:
/// another may hold anything.
fn body_on_line(text: &[u8]) -> Option<usize> {
    const TITLES: [&[u8]; 8] = [
        b"Produced ",
        b"Consuming ",
        b"Received alert ",
        b"Fatal (",
        b"handling exception",
        b"adding as trusted ",
        b"found key for ",
        b"Found trusted ",
    ];
    if !TITLES.iter().any(|title| text.starts_with(title)) {
        return None;
    }
    memmem::find_iter(text, b" (").find(|&at| {
        let body = text[at + 2..].trim_ascii_start();
        body.starts_with(b"\"") || body.starts_with(b"<empty>")
    })
}

/// Where the shape of a head is kept, by level and thread. No head is so short as not to have these bytes.
fn shape_slot(text: &[u8]) -> Option<usize> {
    let (level, behind) = text.get(LOGGER.len()..)?.split_first_chunk()?;
    let (level, thread) = (
        u64::from_le_bytes(*level),
        u64::from_le_bytes(*behind.first_chunk()?),
    );
    let mixed = (level.rotate_left(23) ^ thread).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    usize::try_from(mixed >> 48)
        .ok()
        .map(|mixed| mixed % SHAPES)
}

impl Shape {
    /// The beginning of a head of this shape.
    #[inline]
    fn stem(&self, text: &[u8], start: usize) -> Option<Stem> {
        let behind_date = text.strip_prefix(&*self.text)?;
        let zone_after = TIMESTAMP_LEN - DATE_LEN;
        let is_alike =
            is_time_of_day(behind_date) && self.zone.is_at(behind_date.get(zone_after..)?);
        let lens = self.lens.filter(|_| is_alike)?;
        Some(Stem { start, lens })
    }
}

impl ZoneColumn {
    /// `None` of a long one.
    fn new(column: &[u8]) -> Option<Self> {
        let mut text = [0; size_of::<u128>()];
        text.get_mut(..column.len())?.copy_from_slice(column);
        let bytes = u32::try_from(column.len()).ok()?;
        Some(Self {
            text: u128::from_le_bytes(text),
            mask: u128::MAX >> (u128::BITS - 8 * bytes),
        })
    }

    /// Whether it is at the beginning of a text. Says no where the text ends soon behind it, as no head does.
    fn is_at(&self, text: &[u8]) -> bool {
        text.first_chunk()
            .is_some_and(|text| (u128::from_le_bytes(*text) ^ self.text) & self.mask == 0)
    }
}

/// `24:04:15.663` at the beginning of a text: each byte is compared with that of midnight, all at once.
fn is_time_of_day(text: &[u8]) -> bool {
    let Some((clock, behind)) = text.split_first_chunk() else {
        return false;
    };
    let Some(millis) = behind.first_chunk() else {
        return false;
    };
    // what is left is the digit, and nothing of a separator
    let clock = u64::from_be_bytes(*clock) ^ u64::from_be_bytes(*b"00:00:00");
    let millis = u32::from_be_bytes(*millis) ^ u32::from_be_bytes(*b".000");
    let separators = clock & 0x0000_FF00_00FF_0000 | u64::from(millis & 0xFF00_0000);
    let digits =
        |left: u64| (left | left.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080;
    separators | digits(clock) | digits(u64::from(millis)) == 0
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
    let (date, clock) = text.split_first_chunk()?;
    Some(civil_date(date)? + time_of_day(clock)?)
}

/// Milliseconds of `yyyy-MM-dd `.
pub(crate) fn civil_date(text: &[u8; DATE_LEN]) -> Option<i64> {
    let (year, month, day) = (
        number(&text[..4])?,
        number(&text[5..7])?,
        number(&text[8..10])?,
    );
    let exists = (1..=12).contains(&month) && (1..=31).contains(&day);
    exists.then(|| days_from_civil(year, month, day) * 86_400_000)
}

/// Milliseconds of `kk:mm:ss.SSS`, whatever follows.
pub(crate) fn time_of_day(text: &[u8]) -> Option<i64> {
    let text: &[u8; TIMESTAMP_LEN - DATE_LEN] =
        text.first_chunk().filter(|text| is_time_of_day(*text))?;
    let clock = u64::from_le_bytes(*text.first_chunk()?) ^ u64::from_le_bytes(*b"00:00:00");
    // each byte is ten times its digit and the one behind it, and far from running over
    let [hour, _, _, minute, _, _, second, _] = (clock * 10 + (clock >> 8)).to_le_bytes();
    let [hour, minute, second] = [hour, minute, second].map(i64::from);
    let digit = |at: usize| i64::from(text[at] & 0xF);
    let millis = digit(9) * 100 + digit(10) * 10 + digit(11);
    let seconds = hour % 24 * 3600 + minute * 60 + second;
    (hour <= 24 && minute <= 59).then_some(seconds * 1000 + millis)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + i64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests;
