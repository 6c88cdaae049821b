//! Prefixes that no collector is known by: a logger's pattern, learned from what stands in front of the
//! lines of JSSE text.
//!
//! A prefix is read as columns: numbers, words, what stands in brackets, blanks, punctuation. Prefixes
//! with the same columns are one pattern, in which numbers may be any number, thread names any name. Words
//! that never change must stay as they are, unless a time makes the pattern unmistakable without them.

use std::collections::HashMap;

use super::{
    anchor::Anchor,
    lines::{Hit, Wrapping},
    shape::{Shape, Token, is_blank},
};

/// One pattern or several.
#[derive(Debug)]
pub(super) struct Learned {
    shapes: Vec<Shape>,
}

/// Patterns that are kept.
const PATTERNS: usize = 8;
/// Prefixes that are looked at.
const SAMPLES: usize = 2048;
/// Longest prefix that is learned.
const LONGEST: usize = 400;

impl Wrapping for Learned {
    fn hit(&self, line: &[u8]) -> Option<Hit> {
        if let Some(len) = self
            .shapes
            .iter()
            .find_map(|shape| shape.matches(line, false))
        {
            return Some(Hit::of(len));
        }
        // only a line with nothing behind its prefix can have lost blanks
        if line.len() > LONGEST {
            return None;
        }
        let len = self
            .shapes
            .iter()
            .find_map(|shape| shape.matches(line, true))?;
        Some(Hit {
            len,
            trimmed: true,
            ..Hit::default()
        })
    }
}

/// A column of a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Column<'a> {
    Number(&'a [u8]),
    Word(&'a [u8]),
    /// Between brackets.
    Inside(&'a [u8]),
    Blanks(&'a [u8]),
    Mark(u8),
}

/// What prefixes of one pattern have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    Number,
    Word,
    Inside,
    Blanks,
    /// Blanks at the end belong to the prefix, each of them.
    End(Vec<u8>),
    Mark(u8),
}

/// Reads a prefix as columns.
fn columns(prefix: &[u8]) -> Vec<Column<'_>> {
    let mut columns = Vec::new();
    let mut at = 0;
    while let Some(&byte) = prefix.get(at) {
        let rest = &prefix[at..];
        if is_blank(byte) {
            let count = rest.iter().take_while(|&&byte| is_blank(byte)).count();
            columns.push(Column::Blanks(&rest[..count]));
            at += count;
        } else if let Some(inside) = inside_brackets(rest) {
            columns.push(Column::Mark(byte));
            if is_time(inside) {
                chunk(inside, &mut columns);
            } else {
                columns.push(Column::Inside(inside));
            }
            columns.push(Column::Mark(rest[inside.len() + 1]));
            at += inside.len() + 2;
        } else if is_bracket(byte) || byte == b'|' {
            columns.push(Column::Mark(byte));
            at += 1;
        } else {
            let end = rest
                .iter()
                .position(|&byte| is_blank(byte) || is_bracket(byte) || byte == b'|')
                .unwrap_or(rest.len());
            chunk(&rest[..end], &mut columns);
            at += end;
        }
    }
    columns
}

fn is_bracket(byte: u8) -> bool {
    matches!(byte, b'[' | b'(' | b'<' | b'{')
}

/// What the bracket at the start of `text` holds, up to the one that closes it.
fn inside_brackets(text: &[u8]) -> Option<&[u8]> {
    let open = *text.first()?;
    let close = match open {
        b'[' => b']',
        b'(' => b')',
        b'<' => b'>',
        b'{' => b'}',
        _ => return None,
    };
    let mut depth = 0_usize;
    for (at, &byte) in text.iter().enumerate() {
        depth += usize::from(byte == open);
        if byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(&text[1..at]);
            }
        }
    }
    None
}

/// A number to begin with, and more of them.
fn is_time(text: &[u8]) -> bool {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    text.first().is_some_and(u8::is_ascii_digit)
        && digits >= 4
        && digits * 2 >= text.len()
        && !text.iter().any(|&byte| is_blank(byte) || is_bracket(byte))
}

/// A piece without blanks: numbers and what stands between them, or a word.
fn chunk<'a>(text: &'a [u8], columns: &mut Vec<Column<'a>>) {
    let is_mark = |byte: &u8| byte.is_ascii_punctuation();
    let front = text.iter().take_while(|byte| is_mark(byte)).count();
    let back = text[front..]
        .iter()
        .rev()
        .take_while(|byte| is_mark(byte))
        .count();
    let core = &text[front..text.len() - back];
    columns.extend(text[..front].iter().map(|&mark| Column::Mark(mark)));
    let letters = |byte: &u8| !byte.is_ascii_digit() && !byte.is_ascii_punctuation();
    let time = core.first().is_some_and(u8::is_ascii_digit)
        && core
            .iter()
            .filter(|byte| letters(byte))
            .all(|byte| matches!(byte, b'T' | b'Z'));
    if time {
        let mut at = 0;
        while at < core.len() {
            let digits = core[at..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            if digits > 0 {
                columns.push(Column::Number(&core[at..at + digits]));
                at += digits;
            } else {
                columns.push(Column::Mark(core[at]));
                at += 1;
            }
        }
    } else if !core.is_empty() {
        columns.push(Column::Word(core));
    }
    columns.extend(
        text[text.len() - back..]
            .iter()
            .map(|&mark| Column::Mark(mark)),
    );
}

fn kinds(columns: &[Column<'_>]) -> Vec<Kind> {
    let last = columns.len().saturating_sub(1);
    columns
        .iter()
        .enumerate()
        .map(|(index, column)| match column {
            Column::Number(_) => Kind::Number,
            Column::Word(_) => Kind::Word,
            Column::Inside(_) => Kind::Inside,
            Column::Blanks(blanks) if index == last => Kind::End(blanks.to_vec()),
            Column::Blanks(_) => Kind::Blanks,
            Column::Mark(mark) => Kind::Mark(*mark),
        })
        .collect()
}

/// Learns what stands in front of the lines. The second value names it.
pub(super) fn learn(anchors: &[Anchor<'_>]) -> Option<(&'static str, Learned)> {
    let mut patterns: HashMap<Vec<Kind>, Vec<Vec<Column<'_>>>, foldhash::fast::RandomState> =
        HashMap::default();
    let mut seen = 0;
    for anchor in anchors {
        if seen < SAMPLES && (1..=LONGEST).contains(&anchor.at) {
            seen += 1;
            let columns = columns(anchor.prefix());
            patterns.entry(kinds(&columns)).or_default().push(columns);
        }
    }
    let mut patterns: Vec<_> = patterns.into_iter().collect();
    patterns.sort_by(|(a_kinds, a), (b_kinds, b)| {
        b.len()
            .cmp(&a.len())
            .then_with(|| a_kinds.len().cmp(&b_kinds.len()))
    });
    let (mut shapes, mut flexible) = (Vec::new(), Vec::new());
    let least = (seen / 50).max(1);
    for (kinds, samples) in patterns
        .iter()
        .take(PATTERNS)
        .filter(|(_, samples)| samples.len() >= least)
    {
        if let Some((fixed, any)) = compile(kinds, samples) {
            shapes.push(fixed);
            flexible.push(any);
        }
    }
    let name = patterns.first().map(|(_, samples)| name_of(samples))?;
    // widths seen in the sample are the quick way, other widths the second
    shapes.append(&mut flexible);
    (!shapes.is_empty()).then_some((name, Learned { shapes }))
}

/// The pattern with the widths of the sample, and with any.
fn compile(kinds: &[Kind], samples: &[Vec<Column<'_>>]) -> Option<(Shape, Shape)> {
    let numbers = kinds.iter().filter(|kind| **kind == Kind::Number).count();
    let timed = numbers >= 2;
    let marked = kinds.iter().any(|kind| matches!(kind, Kind::Mark(_)));
    let (mut fixed, mut any, mut constant) = (Vec::new(), Vec::new(), 0);
    for (index, kind) in kinds.iter().enumerate() {
        let column = samples.first()?.get(index)?;
        let same = samples
            .iter()
            .all(|sample| sample.get(index) == Some(column));
        let (exact, loose) = match (kind, column) {
            (Kind::Number, Column::Number(digits)) => {
                let width = digits.len();
                let one_width = samples.iter().all(|sample| {
                    matches!(sample.get(index), Some(Column::Number(digits)) if digits.len() == width)
                });
                let exact = if one_width {
                    Token::Number(width)
                } else {
                    Token::Digits
                };
                (exact, Token::Digits)
            }
            (Kind::Word | Kind::Inside, Column::Word(text) | Column::Inside(text))
                if !timed && same =>
            {
                constant += 1;
                (Token::Text(text.to_vec()), Token::Text(text.to_vec()))
            }
            (Kind::Word, _) => (Token::Field, Token::Field),
            (Kind::Inside, _) => (Token::Free, Token::Free),
            (Kind::Mark(mark), _) => (Token::Text(vec![*mark]), Token::Text(vec![*mark])),
            (Kind::End(blanks), _) => (Token::Text(blanks.clone()), Token::Text(blanks.clone())),
            _ => (Token::Blanks, Token::Blanks),
        };
        push(&mut fixed, exact);
        push(&mut any, loose);
    }
    // without a time, one odd line must not make a pattern
    let certain =
        timed || (samples.len() >= 3 && (marked || numbers + constant > 0 || kinds.len() == 1));
    certain.then(|| (Shape::new(fixed), Shape::new(any)))
}

/// Texts that follow each other are one.
fn push(tokens: &mut Vec<Token>, token: Token) {
    if let (Some(Token::Text(last)), Token::Text(text)) = (tokens.last_mut(), &token) {
        last.extend_from_slice(text);
    } else {
        tokens.push(token);
    }
}

/// A level among the words is a logger's, brackets with the name of an output are `WildFly`'s.
fn name_of(samples: &[Vec<Column<'_>>]) -> &'static str {
    const LEVELS: [&[u8]; 13] = [
        b"TRACE", b"DEBUG", b"INFO", b"WARN", b"WARNING", b"ERROR", b"FATAL", b"SEVERE", b"FINE",
        b"FINER", b"FINEST", b"CONFIG", b"NOTICE",
    ];
    let Some(first) = samples.first() else {
        return "prefix";
    };
    let (mut level, mut output, mut month) = (false, false, false);
    for column in first {
        if let Column::Word(text) | Column::Inside(text) = column {
            let text = text.trim_ascii();
            level |= LEVELS.contains(&text);
            output |= matches!(*column, Column::Inside(b"stdout" | b"stderr"));
            month |=
                matches!(text, [_, _, b'-', month, _, _, b'-', ..] if month.is_ascii_uppercase());
        }
    }
    match (level, output, month) {
        (_, true, _) => "wildfly",
        (true, _, true) => "juli",
        (true, _, _) => "log4j",
        _ => "prefix",
    }
}
