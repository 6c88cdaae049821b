//! The lines of the log itself, read again where they are wanted.
//!
//! A file is mapped a second time. What came through a pipe or was unpacked is kept in a temporary
//! file without a name while it is read, up to [`MAX_SPOOL`] bytes: the system removes it with us.

use std::{
    fs::File,
    io::{self, Read, Write as _},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use memchr::{memchr, memchr_iter, memmem, memrchr, memrchr_iter};

use super::{
    action::Turn,
    log_lines::{Lines, LogLine, Way},
};
use crate::{
    drive::is_upside_down,
    input::{Input, Map},
    redact::Redactor,
    tui::doc::At,
};

/// Streams are kept up to here: 4 GiB.
pub const MAX_SPOOL: u64 = 4 << 30;
/// Bytes looked at to find some lines.
const WINDOW: u64 = 1 << 20;
/// Of one entry, so much is shown.
const MAX_ENTRY: u64 = 256 << 10;

/// Where the bytes of an input can be read again.
#[derive(Debug)]
pub enum Source {
    /// A plain file.
    Map(Map),
    /// A copy of a stream.
    Spool(Spool),
    /// Nowhere, and why.
    Gone(String),
}

/// A copy of what a stream gave.
#[derive(Debug, Clone)]
pub struct Spool {
    file: Arc<File>,
    written: Arc<AtomicU64>,
}

/// Reads from a stream and keeps a copy.
struct Tee<R> {
    inner: R,
    spool: Spool,
    /// The disk is full, or the copy too long: the rest is read without.
    stopped: bool,
}

fn index(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

impl Source {
    /// The source of a plain file.
    pub fn of_file(path: &Path) -> Self {
        match Input::open(path) {
            Ok(Input::Map(map)) => Self::Map(map),
            Ok(Input::Stream(_)) => Self::Gone("it cannot be read a second time".to_owned()),
            Err(error) => Self::Gone(error.to_string()),
        }
    }

    /// A copy of what `reader` gives, and a reader in its place.
    pub fn copy_of<R: Read + Send + 'static>(reader: R) -> (Self, Box<dyn Read + Send>) {
        match tempfile::tempfile() {
            Ok(file) => {
                let spool = Spool {
                    file: Arc::new(file),
                    written: Arc::default(),
                };
                let tee = Tee {
                    inner: reader,
                    spool: spool.clone(),
                    stopped: false,
                };
                (Self::Spool(spool), Box::new(tee))
            }
            Err(error) => {
                let why = format!("no temporary file to keep its lines in: {error}");
                (Self::Gone(why), Box::new(reader))
            }
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::Map(map) => map.len() as u64,
            Self::Spool(spool) => spool.written.load(Ordering::Acquire),
            Self::Gone(_) => 0,
        }
    }

    /// The bytes from `from` up to `to`, as far as they are there.
    fn bytes(&self, from: u64, to: u64) -> Result<Vec<u8>, String> {
        let (from, to) = (from.min(self.len()), to.min(self.len()));
        match self {
            Self::Map(map) => Ok(map[index(from)..index(to)].to_vec()),
            Self::Spool(spool) => {
                let mut bytes = vec![0; index(to - from)];
                read_at(&spool.file, &mut bytes, from).map_err(|error| error.to_string())?;
                Ok(bytes)
            }
            Self::Gone(why) => Err(why.clone()),
        }
    }

    /// Lines around an offset, which is on line `line`.
    fn around(
        &self,
        offset: u64,
        line: u64,
        before: usize,
        after: usize,
        redactor: &Redactor,
    ) -> Result<Lines, String> {
        if offset >= self.len() && !matches!(self, Self::Gone(_)) {
            return Err(self.not_kept());
        }
        let start = offset.saturating_sub(WINDOW);
        let bytes = self.bytes(start, offset + WINDOW)?;
        let at = usize::try_from(offset - start).unwrap_or(0);
        let mut first = memrchr(b'\n', &bytes[..at]).map_or(0, |feed| feed + 1);
        let mut number = line;
        let here = number;
        for _ in 0..before {
            if first == 0 || number <= 1 {
                break;
            }
            first = memrchr(b'\n', &bytes[..first - 1]).map_or(0, |feed| feed + 1);
            number -= 1;
        }
        let (mut shown, mut from) = (Vec::new(), first);
        while from < bytes.len() && number <= here + after as u64 {
            let to = memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |feed| from + feed);
            shown.push((number, start + from as u64, &bytes[from..to]));
            (from, number) = (to + 1, number + 1);
        }
        let behind = bytes.get(from..).unwrap_or_default();
        let lines = self.way().clean(&bytes[..first], &shown, behind, redactor);
        Ok(Lines {
            lines,
            cursor: here,
            whole: true,
        })
    }

    /// Lines around a place whose line lies in an entry that begins at its offset. On which line that is
    /// follows from a place that is known exactly.
    pub fn around_entry(
        &self,
        at: At,
        known: At,
        before: usize,
        after: usize,
        redactor: &Redactor,
    ) -> Result<Lines, String> {
        let (low, high) = (at.offset.min(known.offset), at.offset.max(known.offset));
        let feeds = self.line_feeds(low, high)?;
        let head = if at.offset < known.offset {
            known.line.saturating_sub(feeds).max(1)
        } else {
            known.line + feeds
        };
        let down = usize::try_from(at.line.saturating_sub(head)).unwrap_or(0);
        let mut lines = self.around(at.offset, head, before, after + down, redactor)?;
        lines.cursor = at.line.max(head);
        Ok(lines)
    }

    /// Where a line begins, counted from a place that is known; the last line where there are not so many.
    pub fn line(&self, wanted: u64, known: At) -> Result<At, String> {
        let (mut line, mut at) = (known.line, known.offset);
        if wanted > line {
            let mut from = at;
            loop {
                let bytes = self.bytes(from, from + WINDOW)?;
                if bytes.is_empty() {
                    return Ok(At { line, offset: at });
                }
                for feed in memchr_iter(b'\n', &bytes) {
                    let behind = from + feed as u64 + 1;
                    if behind >= self.len() {
                        break;
                    }
                    (line, at) = (line + 1, behind);
                    if line == wanted {
                        return Ok(At { line, offset: at });
                    }
                }
                from += bytes.len() as u64;
            }
        }
        // back: one line feed more than lines, as the line begins behind the one before
        let mut to = at;
        let mut left = line - wanted + 1;
        while to > 0 {
            let from = to.saturating_sub(WINDOW);
            let bytes = self.bytes(from, to)?;
            for feed in memrchr_iter(b'\n', &bytes) {
                left -= 1;
                if left == 0 {
                    let offset = from + feed as u64 + 1;
                    return Ok(At {
                        line: wanted,
                        offset,
                    });
                }
            }
            to = from;
        }
        Ok(At { line: 1, offset: 0 })
    }

    fn line_feeds(&self, from: u64, to: u64) -> Result<u64, String> {
        let (mut from, mut feeds) = (from, 0);
        while from < to {
            let bytes = self.bytes(from, to.min(from + WINDOW))?;
            if bytes.is_empty() {
                return Err(self.not_kept());
            }
            feeds += memchr_iter(b'\n', &bytes).count() as u64;
            from += bytes.len() as u64;
        }
        Ok(feeds)
    }

    fn not_kept(&self) -> String {
        match self {
            Self::Spool(_) => format!(
                "only the first {} GiB of a stream are kept",
                MAX_SPOOL >> 30
            ),
            _ => "the file has become shorter than it was".to_owned(),
        }
    }

    /// Which way the log runs, as far as its beginning tells.
    fn way(&self) -> Way {
        const BEGINNING: u64 = 256 << 10;
        match self.bytes(0, BEGINNING) {
            Ok(beginning) if is_upside_down(&beginning) => Way::Up,
            _ => Way::Down,
        }
    }

    /// From where to where an entry of this length goes whose head is at `offset`.
    fn entry(&self, offset: u64, len: u64, way: Way) -> Result<(u64, u64), String> {
        if way == Way::Down {
            return Ok((offset, offset + len));
        }
        let head = self.bytes(offset, offset + len)?;
        let end = offset + memchr(b'\n', &head).map_or(head.len(), |feed| feed + 1) as u64;
        Ok((end.saturating_sub(len).min(offset), end))
    }

    /// The lines of some entries: (offset, line, length).
    pub fn entries(&self, spans: &[(u64, u64, u64)], redactor: &Redactor) -> Result<Lines, String> {
        let way = self.way();
        let mut lines: Vec<LogLine> = Vec::new();
        for &(offset, line, len) in spans {
            let (from, to) = self.entry(offset, len.clamp(1, MAX_ENTRY), way)?;
            let bytes = self.bytes(from, to)?;
            if bytes.is_empty() {
                return Err(self.not_kept());
            }
            let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
            let above = memchr_iter(b'\n', &text[..index(offset - from).min(text.len())]).count();
            let mut at = from;
            let mut own = Vec::new();
            for (number, part) in
                (line.saturating_sub(above as u64)..).zip(text.split(|&byte| byte == b'\n'))
            {
                own.push((number, at, part));
                at += part.len() as u64 + 1;
            }
            let own = way.clean(b"", &own, b"", redactor);
            let last = lines.last().map_or(0, |line| line.number);
            lines.extend(own.into_iter().filter(|line| line.number > last));
        }
        let cursor = lines.first().map_or(0, |line| line.number);
        Ok(Lines {
            lines,
            cursor,
            whole: false,
        })
    }

    /// Searches for a text in front of or behind a line that begins at `offset`; gives the lines there.
    /// Without capitals in it, their case does not matter.
    pub fn find(
        &self,
        At { line, offset }: At,
        text: &str,
        turn: Turn,
        redactor: &Redactor,
    ) -> Result<Lines, String> {
        let ignore_case = !text.chars().any(char::is_uppercase);
        let finder = memmem::Finder::new(text.as_bytes()).into_owned();
        let prepare = |mut bytes: Vec<u8>| {
            if ignore_case {
                bytes.make_ascii_lowercase();
            }
            bytes
        };
        let overlap = text.len() as u64;
        let missing = || {
            format!(
                "no `{text}` {} here",
                match turn {
                    Turn::Next => "behind",
                    Turn::Previous => "in front of",
                }
            )
        };
        let (at, number) = match turn {
            Turn::Next => {
                let mut number = line;
                // behind this line
                let head = self.bytes(offset, offset + WINDOW)?;
                let mut from =
                    offset + memchr(b'\n', &head).map_or(head.len(), |feed| feed + 1) as u64;
                number += 1;
                loop {
                    let bytes = prepare(self.bytes(from, from + WINDOW + overlap)?);
                    if bytes.is_empty() {
                        return Err(missing());
                    }
                    if let Some(at) = finder.find(&bytes) {
                        number += memchr_iter(b'\n', &bytes[..at]).count() as u64;
                        break (from + at as u64, number);
                    }
                    let read = bytes
                        .len()
                        .min(usize::try_from(WINDOW).unwrap_or(usize::MAX));
                    number += memchr_iter(b'\n', &bytes[..read]).count() as u64;
                    from += read as u64;
                }
            }
            Turn::Previous => {
                let (mut to, mut number) = (offset, line);
                loop {
                    if to == 0 {
                        return Err(missing());
                    }
                    let from = to.saturating_sub(WINDOW);
                    let bytes = prepare(self.bytes(from, (to + overlap).min(offset))?);
                    let inside = usize::try_from(to - from).unwrap_or(0).min(bytes.len());
                    if let Some(at) = memmem::rfind(&bytes, finder.needle()) {
                        number -= memchr_iter(b'\n', &bytes[at.min(inside)..inside]).count() as u64;
                        break (from + at as u64, number);
                    }
                    number -= memchr_iter(b'\n', &bytes[..inside]).count() as u64;
                    to = from;
                }
            }
        };
        self.around(at, number, 200, 400, redactor)
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], from: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, from)
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut from: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = std::os::windows::fs::FileExt::seek_read(file, bytes, from)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[count..];
        from += count as u64;
    }
    Ok(())
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        let written = self.spool.written.load(Ordering::Relaxed);
        if !self.stopped {
            let mut file = &*self.spool.file;
            if written + count as u64 > MAX_SPOOL || file.write_all(&into[..count]).is_err() {
                self.stopped = true;
            } else {
                let written = written + count as u64;
                self.spool.written.store(written, Ordering::Release);
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Redactor = Redactor::secrets();

    fn spool(text: &str) -> Source {
        let (source, mut reader) = Source::copy_of(io::Cursor::new(text.as_bytes().to_vec()));
        io::copy(&mut reader, &mut io::sink()).unwrap();
        source
    }

    fn numbers(lines: &Lines) -> Vec<(u64, &str)> {
        let lines = lines.lines.iter();
        lines
            .map(|line| (line.number, line.text.as_str()))
            .collect()
    }

    #[test]
    fn lines_around_a_place() {
        let source = spool("one\ntwo\r\nthree\n\nfive");
        let lines = source.around(6, 2, 5, 1, &ALL).unwrap();
        assert_eq!(numbers(&lines), [(1, "one"), (2, "two"), (3, "three")]);
        let lines = source.around(9, 3, 1, 9, &ALL).unwrap();
        let wanted = [(2, "two"), (3, "three"), (4, ""), (5, "five")];
        assert_eq!(numbers(&lines), wanted);
        assert_eq!(lines.lines[1].offset, 9);
        assert!(source.around(900, 9, 1, 1, &ALL).is_err());
    }

    #[test]
    fn a_line_inside_an_entry_is_found_from_a_place_that_is_known() {
        let source = spool("a\nentry\n one\n two\nb\nc\n");
        let at = |line, offset| At { line, offset };
        for known in [at(1, 0), at(2, 2), at(5, 18), at(6, 20)] {
            let lines = source.around_entry(at(4, 2), known, 9, 1, &ALL).unwrap();
            assert_eq!(lines.cursor, 4);
            let found = lines.lines.iter().find(|line| line.number == 4).unwrap();
            assert_eq!(found.text, " two");
        }
    }

    #[test]
    fn a_line_is_found_by_its_number() {
        let lines: Vec<String> = (1..=60_000)
            .map(|n| format!("{n} {}\n", "x".repeat(60)))
            .collect();
        let source = spool(&lines.concat());
        let begin = |line: usize| At {
            line: line as u64,
            offset: lines[..line - 1].iter().map(|line| line.len() as u64).sum(),
        };
        for known in [1, 2, 30_000, 60_000] {
            for wanted in [1, 2, 29_999, 30_000, 59_999, 60_000] {
                let found = source.line(wanted as u64, begin(known)).unwrap();
                assert_eq!(found, begin(wanted), "from {known}");
            }
        }
        assert_eq!(source.line(99_999, begin(7)).unwrap(), begin(60_000));
    }

    #[test]
    fn lines_of_entries() {
        let source = spool("a\nentry 1\n more\nother\nentry 2\n");
        let lines = source.entries(&[(2, 2, 14), (22, 5, 8)], &ALL).unwrap();
        let wanted = [(2, "entry 1"), (3, " more"), (5, "entry 2")];
        assert_eq!(numbers(&lines), wanted);
    }

    #[test]
    fn secrets_are_not_shown() {
        let head = "javax.net.ssl|ALL|01|main|2026-11-21 01:00:00.000 UTC|A.java:1|";
        let rows = "  0000: 53 45 43 52 45 54 2D 41   53 45 43 52 45 54 2D 42  SECRET-ASECRET-B\n"
            .repeat(9);
        let text = format!("{head}Plaintext before ENCRYPTION (\n{rows})\n{head}Closed\n");
        let source = spool(&text);
        let at = |line| At { line, offset: 0 };
        let lines = source.around_entry(at(8), at(1), 2, 2, &ALL).unwrap();
        assert!(lines.lines.iter().all(|line| !line.text.contains("SECRET")));
        let all = source.entries(&[(0, 1, text.len() as u64)], &ALL).unwrap();
        assert!(
            all.lines
                .iter()
                .all(|line| !line.text.contains("SECRET") && !line.text.contains("53 45"))
        );
    }

    #[test]
    fn nor_are_they_where_the_newest_line_comes_first() {
        let head = |second: u32| {
            format!("javax.net.ssl|ALL|01|main|2026-11-21 01:00:{second:02}.000 UTC|A.java:1|")
        };
        let rows = "  0000: 53 45 43 52 45 54 2D 41   53 45 43 52 45 54 2D 42  SECRET-ASECRET-B\n";
        let entry = |second| format!(")\n{rows}{}Plaintext before ENCRYPTION (\n", head(second));
        let text: String = (1..20).rev().map(entry).collect();
        let source = spool(&text);
        let lines = source.around(0, 1, 9, 90, &ALL).unwrap();
        assert_eq!(lines.lines.len(), text.lines().count());
        let hidden = |lines: &Lines| {
            let mut lines = lines.lines.iter();
            lines.all(|line| !line.text.contains("SECRET") && !line.text.contains("53 45"))
        };
        assert!(hidden(&lines));
        // an entry goes up from its head, which is its third line
        let len = entry(1).len() as u64;
        let at = (")\n".len() + rows.len()) as u64;
        let own = source.entries(&[(at, 3, len)], &ALL).unwrap();
        let numbered: Vec<u64> = own.lines.iter().map(|line| line.number).collect();
        assert_eq!(numbered, [1, 2, 3]);
        assert!(hidden(&own) && own.lines[2].text.ends_with("ENCRYPTION ("));
    }

    #[test]
    fn a_text_is_found_in_both_directions() {
        let filler = "x".repeat(70) + "\n";
        let text = format!("NEEDLE\n{0}needle a\n{0}needle b\n", filler.repeat(40_000));
        let source = spool(&text);
        let first = source
            .find(At { line: 1, offset: 0 }, "needle", Turn::Next, &ALL)
            .unwrap();
        assert_eq!(first.cursor, 40_002);
        let at = first
            .lines
            .iter()
            .find(|line| line.number == 40_002)
            .unwrap();
        assert_eq!(at.text, "needle a");
        let second = source
            .find(
                At {
                    line: at.number,
                    offset: at.offset,
                },
                "needle",
                Turn::Next,
                &ALL,
            )
            .unwrap();
        assert_eq!(second.cursor, 80_003);
        let last = second
            .lines
            .iter()
            .find(|line| line.number == 80_003)
            .unwrap();
        assert!(
            source
                .find(
                    At {
                        line: last.number,
                        offset: last.offset
                    },
                    "needle",
                    Turn::Next,
                    &ALL
                )
                .is_err()
        );
        let back = source
            .find(
                At {
                    line: last.number,
                    offset: last.offset,
                },
                "needle",
                Turn::Previous,
                &ALL,
            )
            .unwrap();
        assert_eq!(back.cursor, 40_002);
        let case = source
            .find(
                At {
                    line: at.number,
                    offset: at.offset,
                },
                "NEEDLE",
                Turn::Previous,
                &ALL,
            )
            .unwrap();
        assert_eq!(case.cursor, 1);
    }
}
