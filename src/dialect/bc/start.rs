//! Where a record of Bouncy Castle's begins, and its parts.

use std::sync::LazyLock;

use memchr::{memchr, memmem, memrchr};

use crate::dialect::jul::{
    head::{thread_in, up_to_next_record},
    start::{is_two_line_head, level_in},
};

/// Of `org.bouncycastle.jsse.provider.ProvTlsClient`, also where a layout shortens the packages in front.
const PACKAGE: &[u8] = b".jsse.provider.";
static FINDER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(PACKAGE));
/// No layout puts more in front of the logger's name.
const MAX_PREFIX: usize = 512;

/// See [`super::next_start`]: whether one begins may show on its second line only.
pub(crate) fn next_start(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let hit = at + FINDER.find(text.get(at..)?)?;
        at = hit + PACKAGE.len();
        let start = line_start(text, hit).filter(|&start| start >= from);
        if let Some(start) = start.filter(|&start| head(&text[start..], hit - start).is_some()) {
            return Some(start);
        }
    }
}

fn line_start(text: &[u8], at: usize) -> Option<usize> {
    let from = at.saturating_sub(MAX_PREFIX);
    match memrchr(b'\n', &text[from..at]) {
        Some(feed) => Some(from + feed + 1),
        None => (from == 0).then_some(0),
    }
}

/// The parts of a head.
struct Head {
    /// Where the name of the logger's class stands.
    class: std::ops::Range<usize>,
    /// Where the message begins.
    message_at: usize,
    /// The lines in front of the message's.
    lines: u32,
    /// The end of what stands in front of the logger's name.
    prefix: usize,
}

/// The head at the beginning of `text`, whose line has the package at `package`.
fn head(text: &[u8], package: usize) -> Option<Head> {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'$');
    let name_len = text[..package].iter().rev().take_while(|b| is_name(b));
    let name = package - name_len.count();
    let known = matches!(
        &text[name..package],
        b"org.bouncycastle" | b"o.b" | b"o.bouncycastle"
    );
    let class = package + PACKAGE.len();
    let class_len = text[class..].iter().take_while(|b| is_name(b)).count();
    let class_end = class + class_len;
    if !known || class_len == 0 {
        return None;
    }
    if let Some(space) = name.checked_sub(1).filter(|&at| text[at] == b' ')
        && is_two_line_head(text, space)
    {
        let feed = class_end + memchr(b'\n', &text[class_end..])?;
        let colon = feed + memchr(b':', &text[feed..])?;
        let message_at = colon + 1 + usize::from(text.get(colon + 1) == Some(&b' '));
        return Some(Head {
            class: class..class_end,
            message_at,
            lines: 1,
            prefix: 0,
        });
    }
    level_in(&text[..name])?;
    let gap = text[class_end..]
        .iter()
        .take_while(|byte| b" )]:-|>\t".contains(byte))
        .count();
    (gap >= 2).then_some(Head {
        class: class..class_end,
        message_at: class_end + gap,
        lines: 0,
        prefix: name,
    })
}

/// A record taken apart.
pub(super) struct Record<'a> {
    /// The class that logs: `ProvTlsClient`.
    pub(super) class: &'a str,
    pub(super) message: &'a str,
    /// The lines of the record in front of the message's.
    pub(super) message_line: u32,
    /// The lines behind it.
    pub(super) rest: &'a [u8],
    /// The thread's name, where the layout has it.
    pub(super) thread: &'a str,
}

pub(super) fn record(text: &[u8]) -> Option<Record<'_>> {
    let package = FINDER.find(text)?;
    let head = head(text, package)?;
    let line = &text[head.message_at..];
    let (line, rest) = match memchr(b'\n', line) {
        Some(feed) => (&line[..feed], &line[feed + 1..]),
        None => (line, &b""[..]),
    };
    let first = &text[..memchr(b'\n', text).unwrap_or(text.len())];
    let line = std::str::from_utf8(line.trim_ascii_end()).ok()?;
    let (thread, message) = in_front(line);
    let thread = thread.or_else(|| std::str::from_utf8(thread_in(&text[..head.prefix])).ok());
    Some(Record {
        class: std::str::from_utf8(&text[head.class]).ok()?,
        message,
        message_line: head.lines,
        rest: up_to_next_record(first, rest),
        thread: thread.unwrap_or_default(),
    })
}

/// `(executor-thread-5) Client received …` → the thread that layouts of `WildFly` and Quarkus print behind the logger.
fn in_front(line: &str) -> (Option<&str>, &str) {
    let thread = line
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(") "));
    match thread {
        Some((name, message)) => (Some(name), message.trim_start()),
        None => (None, line),
    }
}

/// `[client #1 @6391093b] words` → the tag and the words.
pub(super) fn tagged(message: &str) -> Option<(&str, &str)> {
    let (tag, words) = message.strip_prefix('[')?.split_once(']')?;
    let number = tag
        .strip_prefix("client #")
        .or_else(|| tag.strip_prefix("server #"))?;
    let (number, hash) = number.split_once(" @")?;
    let numbers =
        number.bytes().all(|b| b.is_ascii_digit()) && hash.bytes().all(|b| b.is_ascii_hexdigit());
    numbers.then(|| (tag, words.trim_start()))
}
