//! Text of a log, made harmless for a page.

use std::fmt::{self, Write};

use askama::filters::Escaper;

use crate::render::safe::is_active;

/// Escapes what is markup in text and in attributes, and writes out what would turn the direction of the
/// text or act on a terminal (a report is copied from). Templates use it for all that they print.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Inert;

impl Escaper for Inert {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(is_special) {
            let character = rest[at..].chars().next().unwrap_or_default();
            dest.write_str(&rest[..at])?;
            write_inert(&mut dest, character)?;
            rest = &rest[at + character.len_utf8()..];
        }
        dest.write_str(rest)
    }
}

fn is_special(character: char) -> bool {
    matches!(character, '<' | '>' | '&' | '"' | '\'' | '`') || is_active(character)
}

fn write_inert(dest: &mut impl Write, character: char) -> fmt::Result {
    match character {
        '<' => dest.write_str("&lt;"),
        '>' => dest.write_str("&gt;"),
        '&' => dest.write_str("&amp;"),
        '"' => dest.write_str("&quot;"),
        '\'' => dest.write_str("&#39;"),
        '`' => dest.write_str("&#96;"),
        '\n' | '\r' | '\t' => dest.write_char(' '),
        c if u32::from(c) < 0x100 => write!(dest, "\\x{:02x}", u32::from(c)),
        c => write!(dest, "\\u{{{:x}}}", u32::from(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_markup_nor_controls_are_left() {
        let mut page = String::new();
        Inert
            .write_escaped_str(
                &mut page,
                "<b class=\"x\" id='y'>a&b</b>\x1b[1m\u{202e}\nü`",
            )
            .unwrap();
        assert_eq!(
            page,
            "&lt;b class=&quot;x&quot; id=&#39;y&#39;&gt;a&amp;b&lt;/b&gt;\\x1b[1m\\u{202e} ü&#96;"
        );
    }
}
