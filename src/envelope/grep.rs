//! Line numbers of `grep -n -C 3`, which marks what it looked for with colons and what stands round it with dashes, of
//! editors that list what they found (`  12: `, `  13  `), and of several files (`server.log:12:`, `server.log-13-`).
//!
//! Two prefixes are one where the numbers go on from one to the other.

use super::{
    anchor::Anchor,
    detect::{most, most_common},
    lines::{Hit, Wrapping},
};

/// The numbers of one file.
#[derive(Debug)]
pub(super) struct Grep {
    /// What stands in front of the number; empty for none, or for blanks.
    file: Box<[u8]>,
    /// Behind the number of a line that was looked for, and of one that stands near it.
    marks: [&'static [u8]; 2],
}

/// How programs write it, the more particular first.
const MARKS: [[&[u8]; 2]; 2] = [[b": ", b"  "], [b":", b"-"]];

/// The number of a line.
struct Numbered {
    number: u32,
    /// Where its text begins.
    len: usize,
    /// It was not looked for.
    near: bool,
}

impl Wrapping for Grep {
    fn hit(&self, line: &[u8]) -> Option<Hit> {
        self.read(line).map(|numbered| Hit::of(numbered.len))
    }
}

impl Grep {
    /// Most lines of JSSE text are numbered so, and there are lines of both kinds.
    pub(super) fn detect(anchors: &[Anchor<'_>], sample: &[u8]) -> Option<Self> {
        let file: Box<[u8]> = most_common(anchors.iter().filter_map(file_of))?.into();
        MARKS.iter().find_map(|marks| {
            let grep = Self {
                file: file.clone(),
                marks: *marks,
            };
            let is_one = |anchor: &&Anchor<'_>| {
                let read = grep.read(anchor.line);
                read.is_some_and(|numbered| numbered.len <= anchor.at)
            };
            let fits = most(anchors.iter().filter(is_one).count(), anchors.len());
            (fits && grep.goes_on(sample)).then_some(grep)
        })
    }

    /// The numbers of lines that were not looked for are the next ones, but where lines are left out.
    fn goes_on(&self, sample: &[u8]) -> bool {
        const LEAST: usize = 2;
        let (mut near, mut next, mut last) = (0, 0, None);
        for line in sample.split(|&byte| byte == b'\n') {
            let Some(read) = self.read(line) else {
                continue;
            };
            if read.near {
                near += 1;
                next += usize::from(last.is_some_and(|last: u32| last + 1 == read.number));
            }
            last = Some(read.number);
        }
        next >= LEAST && most(next, near)
    }

    fn read(&self, line: &[u8]) -> Option<Numbered> {
        /// More lines no file has that is looked at so.
        const DIGITS: usize = 9;
        let behind = line.strip_prefix(&*self.file)?;
        let behind = if self.file.is_empty() {
            behind.trim_ascii_start()
        } else {
            behind.strip_prefix(b":").or(behind.strip_prefix(b"-"))?
        };
        let digits = behind
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let number = std::str::from_utf8(&behind[..digits]).ok()?;
        if digits > DIGITS {
            return None;
        }
        let marked = &behind[digits..];
        // an empty line may have lost its blanks
        let mark = self
            .marks
            .iter()
            .position(|mark| marked.starts_with(mark) || *marked == *mark.trim_ascii_end())?;
        let mark_len = self.marks[mark].len().min(marked.len());
        Some(Numbered {
            number: number.parse().ok()?,
            len: line.len() - marked.len() + mark_len,
            near: mark == 1,
        })
    }
}

/// What stands in front of the number that ends the prefix of a line.
fn file_of<'a>(anchor: &Anchor<'a>) -> Option<&'a [u8]> {
    let prefix = anchor.prefix().trim_ascii();
    let numbered = prefix
        .strip_suffix(b":")
        .or(prefix.strip_suffix(b"-"))
        .unwrap_or(prefix);
    let digits = numbered
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let file = &numbered[..numbered.len() - digits];
    let file = file.strip_suffix(b":").or(file.strip_suffix(b"-"));
    (digits > 0).then(|| file.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use crate::envelope::{Envelope, Unwrapped, tests::samples::CLASSIC};

    fn unwrapped(log: &str) -> Option<(String, String)> {
        let envelope = Envelope::detect(log.as_bytes())?;
        let mut out = Unwrapped::default();
        envelope.unwrap_block(log.as_bytes(), &mut out);
        let text = String::from_utf8(out.streams[0].text.clone()).ok()?;
        Some((envelope.name().into_owned(), text))
    }

    fn numbered(text: &str, make: impl Fn(usize, bool, &str) -> String) -> String {
        let found = |line: &str| line.starts_with("***") || line.contains("fatal");
        let lines = text.lines().enumerate();
        lines
            .map(|(index, line)| make(index + 98, found(line), line) + "\n")
            .collect()
    }

    #[test]
    fn what_was_looked_for_and_what_stands_near_are_one_text() {
        let bare = CLASSIC.repeat(3);
        for log in [
            numbered(&bare, |number, found, line| {
                let mark = if found { ':' } else { '-' };
                format!("{number}{mark}{line}")
            }),
            numbered(&bare, |number, found, line| {
                let mark = if found { ':' } else { '-' };
                format!("logs/a-1.log{mark}{number}{mark}{line}")
            }),
            numbered(&bare, |number, found, line| {
                let mark = if found { ':' } else { ' ' };
                format!("{number:5}{mark} {line}")
            }),
        ] {
            assert_eq!(unwrapped(&log), Some(("grep".to_owned(), bare.clone())));
        }
    }

    #[test]
    fn dashes_that_do_not_count_on_are_the_texts_own() {
        let log = numbered(&CLASSIC.repeat(3), |number, found, line| {
            if found {
                format!("{number}:{line}")
            } else {
                format!("7-{line}")
            }
        });
        assert_ne!(unwrapped(&log).unwrap().0, "grep");
    }
}
