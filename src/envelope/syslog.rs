//! syslog, as files hold it: RFC 3164 with and without priority, RFC 5424, and the forms in which
//! `journalctl` prints, which follow it.
//!
//! `Nov 21 12:00:00 host java[123]: text` · `2026-11-21T12:00:00+0000 host java[123]: text` ·
//! `<14>1 2026-11-21T12:00:00Z host java 123 - - text`. rsyslog writes control characters as `#011`;
//! appenders cut long lines and mark both ends with `...`.
//! <https://www.rfc-editor.org/rfc/rfc5424>,
//! <https://www.freedesktop.org/software/systemd/man/latest/journalctl.html>

use super::{
    anchor::Anchor,
    lines::{Hit, Wrapping},
    shape::{digits, field, is_blank, stamp},
};

/// A line of syslog.
#[derive(Debug, Default)]
pub(super) struct Syslog {
    /// Processes of the same name write at the same time: the number belongs to the stream's name.
    pids: bool,
}

impl Syslog {
    /// Reads the processes off the lines of JSSE text: two that take turns are two, one after the other
    /// they are a restart.
    pub(super) fn new(anchors: &[Anchor<'_>]) -> Self {
        let (numbered, named) = (Self { pids: true }, Self::default());
        let (mut processes, mut programs): (Vec<&[u8]>, Vec<&[u8]>) = (Vec::new(), Vec::new());
        let (mut turns, mut last) = (0, &[][..]);
        for anchor in anchors {
            let key = |syslog: &Self| syslog.hit(anchor.line).map(|hit| &anchor.line[hit.key]);
            let (Some(process), Some(program)) = (key(&numbered), key(&named)) else {
                continue;
            };
            turns += usize::from(process != last);
            last = process;
            for (key, seen) in [(process, &mut processes), (program, &mut programs)] {
                if seen.len() < 64 && !seen.contains(&key) {
                    seen.push(key);
                }
            }
        }
        Self {
            pids: turns > processes.len() && processes.len() > programs.len(),
        }
    }

    /// The host and the program, as one piece of the line, and the length of all of it.
    fn named(&self, line: &[u8], from: usize) -> Option<Hit> {
        let mut at = from;
        let first = field(&line[at..]);
        // `--no-hostname` leaves the first one out
        if !line[at..at + first].ends_with(b":") {
            at += first;
            if first == 0 || line.get(at) != Some(&b' ') {
                return None;
            }
            at += 1;
        }
        let program = field(&line[at..]);
        let tag = line[at..at + program].strip_suffix(b":")?;
        let bare = match memchr::memrchr(b'[', tag) {
            Some(open) if !self.pids && tag.ends_with(b"]") => open,
            _ => tag.len(),
        };
        let trimmed = at + program == line.len();
        (!tag.is_empty()).then(|| Hit {
            len: at + program + usize::from(!trimmed),
            key: from..at + bare,
            trimmed,
            ..Hit::default()
        })
    }
}

impl Wrapping for Syslog {
    const PLAIN: bool = false;

    fn hit(&self, line: &[u8]) -> Option<Hit> {
        let at = priority(line);
        if line[at..].starts_with(b"1 ")
            && let Some(hit) = self.rfc5424(line, at + 2)
        {
            return Some(hit);
        }
        let time = time(&line[at..])?;
        let from = at + time;
        (line.get(from) == Some(&b' ')).then(|| self.named(line, from + 1))?
    }

    fn put(&self, content: &[u8], end: &[u8], text: &mut Vec<u8>) {
        /// Appenders cut at about 1 KiB; a shorter line that ends in dots is one.
        const CUT: usize = 900;
        let mut content = content;
        if let Some([next, ..]) = content.strip_prefix(b"...")
            && !matches!(next, b'.' | b' ')
        {
            content = &content[3..];
        }
        let cut = content.len() >= CUT && content.ends_with(b"...");
        if cut {
            content = &content[..content.len() - 3];
        }
        let mut from = 0;
        for mark in memchr::memchr_iter(b'#', content) {
            if mark >= from
                && let Some(&[b'0', high @ b'0'..=b'3', low @ b'0'..=b'7']) =
                    content.get(mark + 1..mark + 4)
            {
                text.extend_from_slice(&content[from..mark]);
                text.push((high - b'0') * 8 + (low - b'0'));
                from = mark + 4;
            }
        }
        text.extend_from_slice(&content[from..]);
        if !cut {
            text.extend_from_slice(end);
        }
    }
}

impl Syslog {
    /// What follows `<14>1 `: time, host, program, process, message id, structured data.
    fn rfc5424(&self, line: &[u8], from: usize) -> Option<Hit> {
        let mut at = from;
        at += stamp(&line[at..]).or_else(|| line[at..].starts_with(b"-").then_some(1))?;
        let mut ends = [0; 4];
        for end in &mut ends {
            if line.get(at) != Some(&b' ') {
                return None;
            }
            at += 1;
            let length = field(&line[at..]);
            if length == 0 {
                return None;
            }
            at += length;
            *end = at;
        }
        if line.get(at) != Some(&b' ') {
            return None;
        }
        at += 1 + structured_data(&line[at + 1..])?;
        let trimmed = at == line.len();
        at += usize::from(!trimmed);
        if line[at.min(line.len())..].starts_with(b"\xef\xbb\xbf") {
            at += 3;
        }
        let host = from + field(&line[from..]) + 1;
        Some(Hit {
            len: at,
            key: host..ends[if self.pids { 2 } else { 1 }],
            trimmed,
            ..Hit::default()
        })
    }
}

/// `-`, or elements in brackets whose values are quoted.
fn structured_data(text: &[u8]) -> Option<usize> {
    if text.starts_with(b"-") {
        return Some(1);
    }
    let (mut at, mut quoted) = (0, false);
    while text.get(at) == Some(&b'[') {
        loop {
            match text.get(at)? {
                b'\\' => at += 1,
                b'"' => quoted = !quoted,
                b']' if !quoted => break,
                _ => {}
            }
            at += 1;
        }
        at += 1;
    }
    (at > 0).then_some(at)
}

/// The length of `<14>` at the start, if it is there.
pub(super) fn priority(line: &[u8]) -> usize {
    let Some(rest) = line.strip_prefix(b"<") else {
        return 0;
    };
    let number = digits(&rest[..rest.len().min(4)]);
    if (1..=3).contains(&number) && rest.get(number) == Some(&b'>') {
        number + 2
    } else {
        0
    }
}

/// The length of the time at the start of `text`, in any form that files have.
fn time(text: &[u8]) -> Option<usize> {
    stamp(text)
        .or_else(|| month_day(text))
        .or_else(|| weekday(text))
        .or_else(|| seconds(text))
}

/// `12:00:00` or `12:00:00.123456`
fn clock(text: &[u8]) -> Option<usize> {
    let (time, rest) = text.split_first_chunk::<8>()?;
    let digit = |at: &usize| time[*at].is_ascii_digit();
    if time[2] != b':' || time[5] != b':' || ![0, 1, 3, 4, 6, 7].iter().all(digit) {
        return None;
    }
    let fraction = match rest {
        [b'.', more @ ..] => 1 + digits(more),
        _ => 0,
    };
    Some(8 + fraction)
}

/// `Nov 21 12:00:00`, `Nov  1 2026 12:00:00`
fn month_day(text: &[u8]) -> Option<usize> {
    let month = text.get(..4)?;
    if !(month[0].is_ascii_uppercase()
        && month[1..3].iter().all(u8::is_ascii_lowercase)
        && month[3] == b' ')
    {
        return None;
    }
    let mut at = 4 + usize::from(text.get(4) == Some(&b' '));
    for _ in 0..2 {
        let number = digits(&text[at..]);
        if number == 0 || text.get(at + number) != Some(&b' ') {
            return None;
        }
        at += number + 1;
        if let Some(clock) = clock(&text[at..]) {
            return Some(at + clock);
        }
    }
    None
}

/// `Sat 2026-11-21 12:00:00 UTC`
fn weekday(text: &[u8]) -> Option<usize> {
    let day = field(text);
    let date = text.get(day + 1..day + 11)?;
    if !(3..=4).contains(&day) || date[4] != b'-' || date[7] != b'-' || digits(date) != 4 {
        return None;
    }
    let at = day + 12;
    let zone = at + clock(text.get(at..)?)?;
    let name = field(text.get(zone + 1..)?);
    (name > 0 && is_blank(text[zone])).then_some(zone + 1 + name)
}

/// `[   12.345678]`, `1700000000.123456`
fn seconds(text: &[u8]) -> Option<usize> {
    let (open, rest) = match text.strip_prefix(b"[") {
        Some(rest) => (
            1 + rest
                .iter()
                .take(12)
                .take_while(|&&byte| byte == b' ')
                .count(),
            true,
        ),
        None => (0, false),
    };
    let whole = digits(&text[open..]);
    let point = open + whole;
    let fraction = digits(text.get(point + 1..)?);
    if whole == 0 || fraction < 6 || text[point] != b'.' {
        return None;
    }
    let end = point + 1 + fraction;
    match (rest, text.get(end)) {
        (true, Some(b']')) => Some(end + 1),
        (false, _) if whole >= 10 => Some(end),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        for prefix in [
            "Nov 21 12:00:00 host java[123]: ",
            "Nov  1 12:00:00.123456 host java[123]: ",
            "Nov 21 2026 12:00:00 host java: ",
            "<14>Nov 21 12:00:00 host java[123]: ",
            "2026-11-21T12:00:00+0000 host java[123]: ",
            "Sat 2026-11-21 12:00:00 UTC host java[123]: ",
            "[   12.345678] host java[123]: ",
            "1700000000.123456 host java[123]: ",
            "Nov 21 12:00:00 java[123]: ",
            "<14>1 2026-11-21T12:00:00.123Z host java 123 - - ",
            "<14>1 - host java 123 ID47 [a@1 x=\"]\"][b@2] ",
        ] {
            let line = format!("{prefix}main, READ: x");
            let hit = Syslog::default().hit(line.as_bytes());
            assert_eq!(hit.map(|hit| hit.len), Some(prefix.len()), "{prefix}");
        }
        assert!(Syslog::default().hit(b"Cipher Suites: [A, B]").is_none());
        assert!(
            Syslog::default()
                .hit(b"main, READ: TLSv1.2 Handshake, length = 5")
                .is_none()
        );
    }

    #[test]
    fn control_characters_come_back() {
        let mut text = Vec::new();
        Syslog::default().put(b"#011at x#012#09 #012", b"\n", &mut text);
        assert_eq!(text, b"\tat x\n#09 \n\n");
    }
}
