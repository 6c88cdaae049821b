//! Records of one or two head lines: what stands in front of the message.

use std::{borrow::Cow, sync::LazyLock};

use memchr::{memchr, memmem};

use super::start::{LEVELS, level_in, logger_column};

static LOGGER: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new("javax.net.ssl"));
static SOURCE: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new(" sun.security.ssl."));
/// As much of a line as tells its date's shape.
const SHAPE: usize = 12;

/// The parts of a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) level: &'a [u8],
    /// `id|name`, either of which may be empty.
    pub(super) thread: Vec<u8>,
    pub(super) thread_id_len: usize,
    /// `yyyy-MM-dd HH:mm:ss.SSS`, or empty when the layout has no date.
    pub(super) timestamp: Vec<u8>,
    pub(super) zone: &'a [u8],
    pub(super) title: Cow<'a, [u8]>,
    /// Lines behind the title.
    pub(super) rest: Cow<'a, [u8]>,
    /// `rest` is a parameter, whatever the title ends in.
    pub(super) has_parameter: bool,
    /// The record's end is not there.
    pub(super) cut_off: bool,
    /// Line of the title, from the record's first line.
    pub(super) title_line: u32,
}

/// Takes a record apart that is not XML.
pub(super) fn record(text: &[u8]) -> Option<Record<'_>> {
    let (first, behind) = split_line(text);
    let (level, title, rest, title_line, thread) =
        if let Some((name_at, message_at)) = logger_in(first) {
            let prefix = &first[..name_at];
            let level = level_in(prefix)?;
            (level, &first[message_at..], behind, 0, thread_in(prefix))
        } else {
            // that it is a head was found out when its beginning was looked for
            SOURCE.find(first)?;
            let (second, rest) = split_line(behind);
            let colon = memchr(b':', second)?;
            let title = second[colon + 1..].trim_ascii_start();
            (&second[..colon], title, rest, 1, &b""[..])
        };
    Some(Record {
        level,
        thread: [b"-|", thread].concat(),
        // a thread whose id is not told: one without any is of the classic dialect
        thread_id_len: 1,
        timestamp: timestamp(first).unwrap_or_default(),
        zone: zone(first),
        title: title.into(),
        rest: up_to_next_record(first, rest).into(),
        has_parameter: false,
        cut_off: false,
        title_line,
    })
}

fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match memchr(b'\n', text) {
        Some(feed) => (&text[..feed], &text[feed + 1..]),
        None => (text, &b""[..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// Where the logger's name stands in a line, and where the message begins.
fn logger_in(line: &[u8]) -> Option<(usize, usize)> {
    LOGGER
        .find_iter(line)
        .find_map(|name_at| Some((name_at, logger_column(line, name_at)?)))
}

/// The thread's name: the first text in brackets that is neither level nor time.
pub(in crate::dialect) fn thread_in(prefix: &[u8]) -> &[u8] {
    let mut rest = prefix;
    while let Some(open) = memchr(b'[', rest) {
        let inner = &rest[open + 1..];
        let Some(close) = memchr(b']', inner) else {
            break;
        };
        let name = inner[..close].trim_ascii();
        let other = LEVELS.contains(&name)
            || !name.iter().any(u8::is_ascii_alphabetic)
            || timestamp(name).is_some();
        if !name.is_empty() && !other {
            return name;
        }
        rest = &inner[close..];
    }
    b""
}

/// Other loggers' records of the same layout are no part of this one: a line that begins with a date of
/// the same shape ends it.
pub(in crate::dialect) fn up_to_next_record<'a>(head: &[u8], rest: &'a [u8]) -> &'a [u8] {
    let Some(shape) = head
        .first_chunk::<SHAPE>()
        .filter(|shape| digits(*shape) >= 4)
    else {
        return rest;
    };
    let alike = |line: &[u8]| {
        line.len() >= SHAPE
            && shape.iter().zip(line).all(|(&a, &b)| {
                a == b
                    || (a.is_ascii_digit() && b.is_ascii_digit())
                    || (a.is_ascii_alphabetic() && b.is_ascii_alphabetic())
            })
    };
    let mut at = 0;
    while at < rest.len() {
        if alike(&rest[at..]) {
            return &rest[..at];
        }
        at += memchr(b'\n', &rest[at..]).map_or(rest.len(), |feed| feed + 1);
    }
    rest
}

fn digits(text: &[u8]) -> usize {
    text.iter().filter(|byte| byte.is_ascii_digit()).count()
}

/// `2026-11-21 06:16:41.455`, `2026-11-21T06:22:15,690`, `Nov 21, 2026 6:12:51 AM` at the beginning.
pub(in crate::dialect) fn timestamp(text: &[u8]) -> Option<Vec<u8>> {
    iso(text).or_else(|| english(text))
}

fn iso(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b"[").unwrap_or(text);
    let shape = b"dddd-dd-dd dd:dd:dd";
    let head = text.get(..shape.len())?;
    let fits = head.iter().zip(shape).all(|(&byte, &wanted)| match wanted {
        b'd' => byte.is_ascii_digit(),
        b' ' => byte == b' ' || byte == b'T',
        other => byte == other,
    });
    if !fits {
        return None;
    }
    let mut out = head.to_vec();
    out[10] = b' ';
    out.push(b'.');
    let fraction = text.get(20..23).filter(|_| matches!(text[19], b'.' | b','));
    let fraction = fraction.filter(|digits| digits.iter().all(u8::is_ascii_digit));
    out.extend_from_slice(fraction.unwrap_or(b"000"));
    Some(out)
}

/// `%1$tb %1$td, %1$tY %1$tl:%1$tM:%1$tS %1$Tp`, the default of `SimpleFormatter`, in English.
fn english(text: &[u8]) -> Option<Vec<u8>> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let text = std::str::from_utf8(text.get(..text.len().min(40))?).ok()?;
    let mut words = text.split_ascii_whitespace();
    let month = words.next()?;
    let month = (1..).zip(MONTHS).find(|(_, known)| *known == month)?.0;
    let day: u8 = words.next()?.strip_suffix(',')?.parse().ok()?;
    let year: u16 = words.next()?.parse().ok()?;
    let mut time = words.next()?.splitn(3, ':');
    let hour: u8 = time.next()?.parse().ok()?;
    let (minute, second) = (time.next()?, time.next()?);
    let hour = match words.next()? {
        "AM" => hour % 12,
        "PM" => hour % 12 + 12,
        _ => return None,
    };
    let mut out = Vec::with_capacity(b"yyyy-MM-dd HH:mm:ss.SSS".len());
    push_decimal(&mut out, year, 4);
    for (sign, number) in [(b'-', month), (b'-', day), (b' ', hour)] {
        out.push(sign);
        push_decimal(&mut out, u16::from(number), 2);
    }
    for digits in [minute, second] {
        out.push(b':');
        out.extend(std::iter::repeat_n(
            b'0',
            2_usize.saturating_sub(digits.len()),
        ));
        out.extend_from_slice(digits.as_bytes());
    }
    out.extend_from_slice(b".000");
    Some(out)
}

/// A number with zeros in front, as `{:02}` writes it: each record has six of them.
fn push_decimal(out: &mut Vec<u8>, number: u16, width: u32) {
    if let (2, Ok(number @ 0..100)) = (width, u8::try_from(number)) {
        return out.extend([b'0' + number / 10, b'0' + number % 10]);
    }
    let mut power = 10_u16.pow(width.max(number.checked_ilog10().map_or(1, |log| log + 1)) - 1);
    while power > 0 {
        out.push(b'0' + (number / power % 10) as u8);
        power /= 10;
    }
}

/// `Z` behind the fraction is the only zone that a layout prints beyond doubt.
fn zone(line: &[u8]) -> &'static [u8] {
    let date = &line[..memchr(b' ', line).unwrap_or(line.len())];
    if date.ends_with(b"Z") && date.len() > 19 {
        b"UTC"
    } else {
        b""
    }
}
