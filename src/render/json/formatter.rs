//! What JSON need not escape, and a terminal would act upon.

use std::io::{self, Write};

use serde_json::ser::{CharEscape, Formatter};

use crate::render::safe::is_active;

/// Escapes what JSON need not escape but a terminal would act upon (C1 controls, direction marks).
pub(super) struct Safe<F>(pub(super) F);

impl<F: Formatter> Formatter for Safe<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        // as good as every text; a loop without an early end is done many bytes at a time
        let highest = rest.bytes().fold(0, u8::max);
        if highest < 0x7f {
            return writer.write_all(rest.as_bytes());
        }
        while let Some(at) = rest.find(is_active) {
            let character = rest[at..].chars().next().unwrap_or_default();
            writer.write_all(&rest.as_bytes()[..at])?;
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + character.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        self.0.write_char_escape(writer, escape)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize as _;

    use super::*;

    #[test]
    fn active_characters_are_escaped_and_survive() {
        for (text, escaped) in [
            ("a\u{9b}b\u{202e}\x1b", r#""a\u009bb\u202e\u001b""#),
            ("\u{7f}", r#""\u007f""#),
            ("M\u{fc}ller", "\"M\u{fc}ller\""),
        ] {
            let mut out = Vec::new();
            let formatter = Safe(serde_json::ser::CompactFormatter);
            let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
            text.serialize(&mut serializer).unwrap();
            let written = String::from_utf8(out).unwrap();
            assert_eq!(written, escaped);
            let back: String = serde_json::from_str(&written).unwrap();
            assert_eq!(back, text);
        }
    }
}
