//! What a tab shows: lines of text with tones, some of which point into the log.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar as _;

use super::data::Data;
use crate::render::safe::safe;

/// What a piece of text is; how that looks is the theme's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Running text.
    Plain,
    /// Beside the point: line numbers, lanes.
    Dim,
    /// A heading.
    Title,
    /// What to look at.
    Strong,
    /// What went wrong.
    Bad,
    /// What may go wrong.
    Warn,
    /// What went well.
    Good,
    /// Something to type or to copy.
    Code,
    /// What is not there.
    Ghost,
}

/// A place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// Line, from 1.
    pub line: u64,
    /// Offset of the entry's first byte.
    pub offset: u64,
}

/// A line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocLine {
    /// Its text; nothing in it acts upon a terminal.
    pub pieces: Vec<(String, Tone)>,
    /// Where in the log it comes from.
    pub at: Option<At>,
    /// Folded: goes on where the line above ends.
    pub continues: bool,
    /// Columns in front of what goes on below, when it is folded; else a little more than its own margin.
    pub hanging: Option<usize>,
}

impl DocLine {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a text behind what is there.
    #[must_use]
    pub fn with(mut self, text: impl AsRef<str>, tone: Tone) -> Self {
        let text = safe(text.as_ref());
        if !text.is_empty() {
            self.pieces.push((text.into_owned(), tone));
        }
        self
    }

    /// With a place in the log.
    #[must_use]
    pub fn at(mut self, line: u64, offset: u64) -> Self {
        self.at = Some(At { line, offset });
        self
    }

    /// Folded, it goes on below that column.
    #[must_use]
    pub fn hanging(mut self, columns: usize) -> Self {
        self.hanging = Some(columns);
        self
    }

    /// All of its text.
    pub fn text(&self) -> String {
        self.pieces.iter().map(|(text, _)| text.as_str()).collect()
    }

    /// Columns that it takes.
    pub fn width(&self) -> usize {
        self.pieces.iter().map(|(text, _)| columns(text)).sum()
    }
}

/// Lines, one below the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Doc {
    /// The lines.
    pub lines: Vec<DocLine>,
}

impl Doc {
    /// Adds a line.
    pub fn push(&mut self, line: DocLine) {
        self.lines.push(line);
    }

    /// Adds a line of one tone.
    pub fn line(&mut self, text: impl AsRef<str>, tone: Tone) {
        self.push(DocLine::new().with(text, tone));
    }

    /// Adds an empty line, unless the last is one.
    pub fn gap(&mut self) {
        if self
            .lines
            .last()
            .is_some_and(|line| !line.pieces.is_empty())
        {
            self.push(DocLine::new());
        }
    }

    /// Adds a heading behind a gap.
    pub fn title(&mut self, text: impl AsRef<str>) {
        self.gap();
        self.line(text, Tone::Title);
    }

    /// Adds running text, folded at words, with a margin in front.
    pub fn text(&mut self, text: &str, margin: usize, width: usize, tone: Tone) {
        for line in fold_words(&safe(text), width.saturating_sub(margin).max(20)) {
            self.line(format!("{:margin$}{line}", ""), tone);
        }
    }

    /// As it may be shown: without names, while that is wanted.
    #[must_use]
    pub fn shown(mut self, data: &Data) -> Self {
        if data.is_redacted() {
            for (text, _) in self.lines.iter_mut().flat_map(|line| &mut line.pieces) {
                if let Cow::Owned(clean) = data.shown(text) {
                    *text = clean;
                }
            }
        }
        self
    }

    /// With every line folded that is wider than `width`.
    #[must_use]
    pub fn folded(self, width: usize) -> Self {
        let width = width.max(10);
        let lines = self.lines.into_iter().flat_map(|line| fold(line, width));
        Self {
            lines: lines.collect(),
        }
    }
}

/// Columns that a text takes on a terminal.
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// As much of a text as fits into so many columns.
pub fn clip(text: &str, room: usize) -> &str {
    let mut left = room;
    for (at, c) in text.char_indices() {
        match left.checked_sub(c.width().unwrap_or(0)) {
            Some(rest) => left = rest,
            None => return &text[..at],
        }
    }
    text
}

/// The same, with `…` where something is left out.
pub fn cut(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let mut out = clip(text, room.saturating_sub(1)).to_owned();
    if room > 0 {
        out.push('…');
    }
    out
}

/// A text cut or filled up to exactly so many columns.
pub fn fit(text: &str, room: usize) -> String {
    let mut text = cut(text, room);
    let missing = room.saturating_sub(columns(&text));
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

fn fold_words(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split_whitespace() {
        if !line.is_empty() && columns(&line) + 1 + columns(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A line in as many as it takes, broken behind a blank where there is one.
fn fold(line: DocLine, width: usize) -> Vec<DocLine> {
    if line.width() <= width {
        return vec![line];
    }
    let cells: Vec<(char, Tone)> = line
        .pieces
        .iter()
        .flat_map(|(text, tone)| text.chars().map(|c| (c, *tone)))
        .collect();
    let margin = cells.iter().take_while(|(c, _)| *c == ' ').count() + 2;
    let indent = line.hanging.unwrap_or(margin).min(width / 2);
    let (mut lines, mut rest) = (Vec::new(), &cells[..]);
    while !rest.is_empty() {
        let continues = line.continues || !lines.is_empty();
        let indent = if lines.is_empty() { 0 } else { indent };
        let (now, behind) = rest.split_at(break_at(rest, width - indent));
        let mut pieces = vec![(" ".repeat(indent), Tone::Plain)];
        for &(c, tone) in now {
            match pieces.last_mut() {
                Some((text, last)) if *last == tone => text.push(c),
                _ => pieces.push((c.to_string(), tone)),
            }
        }
        pieces.retain(|(text, _)| !text.is_empty());
        lines.push(DocLine {
            pieces,
            at: line.at,
            continues,
            hanging: line.hanging,
        });
        rest = behind;
    }
    lines
}

/// How many characters go into so many columns; at least one, so that folding ends.
fn break_at(cells: &[(char, Tone)], room: usize) -> usize {
    let mut left = room;
    let fits = cells.iter().position(|(c, _)| {
        let columns = c.width().unwrap_or(0);
        let over = columns > left;
        left = left.saturating_sub(columns);
        over
    });
    let Some(fits) = fits else {
        return cells.len();
    };
    // a word that takes more than half a line is broken
    let blank = cells[..fits].iter().rposition(|(c, _)| *c == ' ');
    let blank = blank.filter(|&at| at + 1 > fits / 2);
    blank.map_or(fits, |at| at + 1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(cut("漢字漢字", 5), "漢字…");
        assert_eq!(fit("漢字", 6), "漢字  ");
        assert_eq!(fit("e\u{301}tude", 6), "e\u{301}tude ");
        assert_eq!(cut("abc", 0), "");
    }

    #[test]
    fn folding_loses_nothing() {
        let mut doc = Doc::default();
        let line = DocLine::new().with("0123456789abc", Tone::Dim);
        doc.push(line.with("漢字漢字漢字", Tone::Bad).at(7, 700).hanging(3));
        let folded = doc.clone().folded(10);
        let text: String = folded
            .lines
            .iter()
            .map(|line| line.text().trim_start().to_owned())
            .collect();
        assert_eq!(text, doc.lines[0].text());
        assert!(folded.lines.iter().all(|line| line.width() <= 10));
        assert!(folded.lines.iter().all(|line| line.at == doc.lines[0].at));
        assert!(!folded.lines[0].continues && folded.lines[1].continues);
        assert!(folded.lines[1].text().starts_with("   "));
    }

    #[test]
    fn lines_are_folded_behind_blanks() {
        let mut doc = Doc::default();
        doc.line("  keytool -list -keystore trust.p12", Tone::Code);
        let folded = doc.folded(20);
        let texts: Vec<String> = folded.lines.iter().map(DocLine::text).collect();
        assert_eq!(
            texts,
            ["  keytool -list ", "    -keystore ", "    trust.p12"]
        );
    }

    #[test]
    fn nothing_active_gets_into_a_line() {
        let line = DocLine::new().with("a\x1b[2Jb\u{202e}c", Tone::Plain);
        assert_eq!(line.text(), "a\\x1b[2Jb\\u{202e}c");
    }
}
