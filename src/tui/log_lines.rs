//! Lines of the log as they are shown: without secrets, and harmless.

use crate::{
    redact::{Redactor, Scrubber},
    render::safe::safe,
};

/// A line is shown up to here.
const MAX_LINE: usize = 16 << 10;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// From 1.
    pub number: u64,
    /// Of its first byte.
    pub offset: u64,
    /// Its text, harmless.
    pub text: String,
}

/// Some lines of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    /// In order.
    pub lines: Vec<LogLine>,
    /// The line that was asked for.
    pub cursor: u64,
    /// Every line between the first and the last; else those of some entries.
    pub whole: bool,
}

/// Which way a log is to be read: what is secret in a line is known by the lines that were written before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// As logs are written.
    Down,
    /// The newest line is the first.
    Up,
}

impl Way {
    /// Lines, each with its number and offset, without secrets, and without names if they are to be taken out. A dump
    /// may have begun in the text in front of them, or in that behind them.
    pub(super) fn clean(
        self,
        before: &[u8],
        lines: &[(u64, u64, &[u8])],
        behind: &[u8],
        redactor: &Redactor,
    ) -> Vec<LogLine> {
        let mut scrubber = Scrubber::new(redactor);
        let mut look = |line: &[u8]| scrubber.line(line, &mut Vec::new());
        let feed = |byte: &u8| *byte == b'\n';
        match self {
            Self::Down => before.split_inclusive(feed).for_each(&mut look),
            Self::Up => behind.split_inclusive(feed).rev().for_each(&mut look),
        }
        let mut shown = |(number, offset, bytes): &(u64, u64, &[u8])| {
            LogLine::new(*number, *offset, bytes, &mut scrubber)
        };
        match self {
            Self::Down => lines.iter().map(shown).collect(),
            Self::Up => {
                let mut shown: Vec<LogLine> = lines.iter().rev().map(&mut shown).collect();
                shown.reverse();
                shown
            }
        }
    }
}

impl LogLine {
    fn new(number: u64, offset: u64, bytes: &[u8], scrubber: &mut Scrubber<'_>) -> Self {
        let mut clean = Vec::with_capacity(bytes.len() + 1);
        scrubber.line(bytes, &mut clean);
        let bytes = &*clean;
        let shown = &bytes[..bytes.len().min(MAX_LINE)];
        let text = String::from_utf8_lossy(shown.strip_suffix(b"\r").unwrap_or(shown));
        let text = text.replace('\t', "    ");
        let mut text = safe(&text).into_owned();
        if bytes.len() > MAX_LINE {
            text.push('…');
        }
        Self {
            number,
            offset,
            text,
        }
    }
}
