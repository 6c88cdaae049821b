//! Text of a log, made harmless for a terminal.

use std::{borrow::Cow, fmt::Write as _};

/// Whether a character does something to a terminal other than to show itself: controls, and the
/// marks that turn the writing direction (a name could show as another).
pub fn is_active(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{feff}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The text with every active character written out: `\x1b`, `\u{202e}`. Line breaks and tabs become blanks.
pub fn safe(text: &str) -> Cow<'_, str> {
    // as good as every text
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) || !text.chars().any(is_active) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => clean.push(' '),
            c if !is_active(c) => clean.push(c),
            c if u32::from(c) < 0x100 => drop(write!(clean, "\\x{:02x}", u32::from(c))),
            c => drop(write!(clean, "\\u{{{:x}}}", u32::from(c))),
        }
    }
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_active_is_left() {
        assert_eq!(safe("CN=Müller 漢字"), "CN=Müller 漢字");
        assert_eq!(
            safe("a\x1b[31mb\u{9b}c\u{202e}d\ne"),
            "a\\x1b[31mb\\x9bc\\u{202e}d e"
        );
    }
}
