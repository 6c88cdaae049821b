//! Shapes of prefixes: short patterns, matched from the start of a line.

/// No collector writes more in front of a line.
pub(super) const LONGEST: usize = 512;

/// A piece of a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Exactly these bytes.
    Text(Vec<u8>),
    /// As many digits.
    Number(usize),
    /// One digit or more.
    Digits,
    /// One blank or more, for columns that are filled up.
    Blanks,
    /// Bytes that are no blanks, at least one; up to the text that follows, if one does.
    Field,
    /// Anything, up to the text that follows.
    Free,
    /// Numbers and texts of known width in one piece: for each byte the lowest that may stand there,
    /// and how far above that it may be.
    Fixed(Vec<u8>, Vec<u8>),
}

/// A pattern for the start of a line.
#[derive(Debug, Clone)]
pub(super) struct Shape(Vec<Token>);

impl Shape {
    pub(super) fn new(tokens: Vec<Token>) -> Self {
        Self(fuse(tokens))
    }

    /// The length of the prefix. With `trimmed`, blanks at its end may be missing where the line ends.
    pub(super) fn matches(&self, line: &[u8], trimmed: bool) -> Option<usize> {
        matches(&self.0, line, 0, trimmed, &mut 16)
    }
}

/// Puts pieces of fixed width together.
fn fuse(tokens: Vec<Token>) -> Vec<Token> {
    let mut fused: Vec<Token> = Vec::new();
    for token in tokens {
        let (low, span) = match &token {
            Token::Text(text) => (text.clone(), vec![0; text.len()]),
            Token::Number(width) => (vec![b'0'; *width], vec![9; *width]),
            _ => {
                fused.push(token);
                continue;
            }
        };
        match fused.last_mut() {
            Some(Token::Fixed(lows, spans)) => {
                lows.extend(low);
                spans.extend(span);
            }
            // what a field ends at must stay to be seen
            Some(Token::Field | Token::Free) => fused.push(token),
            _ => fused.push(Token::Fixed(low, span)),
        }
    }
    fused
}

/// `budget` bounds what going back costs on hostile lines.
fn matches(
    tokens: &[Token],
    line: &[u8],
    at: usize,
    trimmed: bool,
    budget: &mut u32,
) -> Option<usize> {
    let Some((first, rest)) = tokens.split_first() else {
        return Some(at);
    };
    let text = &line[at..];
    let run = |of: fn(u8) -> bool| text.iter().take_while(|&&byte| of(byte)).count();
    let next = match first {
        Token::Fixed(low, span) => fixed(text, low, span).or_else(|| {
            (trimmed && rest.is_empty())
                .then(|| fixed_without_blanks(text, low, span))
                .flatten()
        })?,
        Token::Text(expected) => {
            if text.starts_with(expected) {
                expected.len()
            } else if trimmed && rest.is_empty() {
                without_blanks(text, expected)?
            } else {
                return None;
            }
        }
        Token::Number(width) => {
            let digits = run(|byte| byte.is_ascii_digit());
            (digits == *width).then_some(digits)?
        }
        Token::Digits => run(|byte| byte.is_ascii_digit()),
        Token::Blanks => run(is_blank),
        Token::Field | Token::Free => {
            let reach = if *first == Token::Field {
                run(|byte| !is_blank(byte))
            } else {
                text.len().min(LONGEST)
            };
            let least = usize::from(*first == Token::Field);
            let Some(Token::Text(until)) = rest.first() else {
                return (reach >= least)
                    .then(|| matches(rest, line, at + reach, trimmed, budget))
                    .flatten();
            };
            return up_to(until, rest, line, at..at + reach, least, trimmed, budget);
        }
    };
    (next > 0)
        .then(|| matches(rest, line, at + next, trimmed, budget))
        .flatten()
}

/// Tries every place where the text behind a field or a free part stands, from the first.
fn up_to(
    until: &[u8],
    rest: &[Token],
    line: &[u8],
    reach: std::ops::Range<usize>,
    least: usize,
    trimmed: bool,
    budget: &mut u32,
) -> Option<usize> {
    let mut from = reach.start + least;
    while from <= reach.end && *budget > 0 {
        *budget -= 1;
        // the text may stand behind the last byte of the reach, but not begin beyond it
        let window = line.get(from..(reach.end + until.len()).min(line.len()))?;
        // where blanks were trimmed, the line may end within the text
        let Some(found) = find(window, until) else {
            let tail = trimmed && rest.len() == 1;
            let bare = until.trim_ascii_end();
            return (tail && !bare.is_empty() && line[from..].ends_with(bare))
                .then_some(line.len());
        };
        if let Some(end) = matches(rest, line, from + found, trimmed, budget) {
            return Some(end);
        }
        from += found + 1;
    }
    None
}

/// Where `text` first stands in `window`. Both are short: a searcher would take longer to build.
fn find(window: &[u8], text: &[u8]) -> Option<usize> {
    let first = *text.first()?;
    let mut from = 0;
    while let Some(next) = window[from..].iter().position(|&byte| byte == first) {
        if window[from + next..].starts_with(text) {
            return Some(from + next);
        }
        from += next + 1;
    }
    None
}

fn fixed(text: &[u8], low: &[u8], span: &[u8]) -> Option<usize> {
    let text = text.get(..low.len())?;
    let wrong = text
        .iter()
        .zip(low)
        .zip(span)
        .fold(false, |wrong, ((&byte, &low), &span)| {
            wrong | (byte.wrapping_sub(low) > span)
        });
    (!wrong).then_some(low.len())
}

/// The whole rest of a line is `expected` without the blanks at its end.
fn without_blanks(text: &[u8], expected: &[u8]) -> Option<usize> {
    (text.len() < expected.len()
        && expected.starts_with(text)
        && expected[text.len()..].iter().all(|&byte| is_blank(byte)))
    .then_some(text.len())
}

fn fixed_without_blanks(text: &[u8], low: &[u8], span: &[u8]) -> Option<usize> {
    let blanks = low.get(text.len()..)?;
    if blanks.iter().all(|&byte| is_blank(byte)) {
        fixed(text, &low[..text.len()], &span[..text.len()]).filter(|&len| len > 0)
    } else {
        None
    }
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The length of an RFC 3339 or ISO 8601 time at the start of `text`, which begins
/// `2026-11-21T12:00:00`; a fraction and a zone (`Z`, `+01:00`, `+0100`, `-08`) may follow.
pub(super) fn stamp(text: &[u8]) -> Option<usize> {
    const LOW: &[u8; 19] = b"0000-00-00T00:00:00";
    const SPAN: &[u8; 19] =
        b"\x09\x09\x09\x09\x00\x09\x09\x00\x09\x09\x00\x09\x09\x00\x09\x09\x00\x09\x09";
    let mut at = fixed(text, LOW, SPAN)?;
    if let Some(b'.' | b',') = text.get(at) {
        at += 1 + digits(&text[at + 1..]);
    }
    match text.get(at) {
        Some(b'Z') => at += 1,
        Some(b'+' | b'-') => {
            at += 1 + digits(&text[at + 1..]);
            if text.get(at) == Some(&b':') {
                at += 1 + digits(&text[at + 1..]);
            }
        }
        _ => {}
    }
    Some(at)
}

/// Digits at the start of `text`.
pub(super) fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Bytes up to the next blank.
pub(super) fn field(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| !is_blank(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Token {
        Token::Text(text.as_bytes().to_vec())
    }

    #[test]
    fn a_field_goes_back_until_the_rest_fits() {
        let shape = Shape::new(vec![
            Token::Digits,
            Token::Blanks,
            text("("),
            Token::Free,
            text(") "),
        ]);
        assert_eq!(shape.matches(b"12   (a) b) {", false), Some(9));
        assert_eq!(shape.matches(b"12 (a)", false), None);
        assert_eq!(shape.matches(b"12 (a)", true), Some(6));
        let field = Shape::new(vec![Token::Field, text(": "), Token::Number(2), text("|")]);
        assert_eq!(field.matches(b"a:b: 12|x", false), Some(8));
        assert_eq!(field.matches(b": 12|x", false), None);
    }

    #[test]
    fn fixed_widths_are_compared_in_one_piece() {
        let shape = Shape::new(vec![
            Token::Number(2),
            text(":"),
            Token::Number(2),
            text(" | "),
        ]);
        assert_eq!(shape.matches(b"12:59 | x", false), Some(8));
        assert_eq!(shape.matches(b"12:5x | x", false), None);
        assert_eq!(shape.matches(b"12:59 |", true), Some(7));
        assert_eq!(shape.matches(b"12:59", true), None);
    }

    #[test]
    fn times_have_many_zones() {
        for time in [
            "2026-11-21T12:00:00",
            "2026-11-21T12:00:00.123456789Z",
            "2026-11-21T12:00:00,1+01:00",
            "2026-11-21T12:00:00-0800",
        ] {
            assert_eq!(
                stamp(format!("{time} x").as_bytes()),
                Some(time.len()),
                "{time}"
            );
        }
        assert_eq!(stamp(b"2026-11-21 12:00:00"), None);
    }
}
