//! The catalogue for reading: wrapped to the width, headings and code in styles.
//!
//! Styles are written as ANSI sequences: let the caller strip them where no terminal listens.

use std::io::{self, Write};

use super::{paragraphs, sentence};
use crate::{
    diagnose::{FAMILIES, Family, Rule},
    render::text::{BOLD, COMMAND, DIM, WARN, wrap::wrap},
};

/// `  T101  ` in front of a name.
const CODE: usize = 8;
const INDENT: usize = 2;

/// All rules, each with its summary.
pub fn write_text(width: usize, out: &mut dyn Write) -> io::Result<()> {
    let rules = FAMILIES.iter().flat_map(Family::rules);
    let longest = rules.map(|rule| rule.name().len()).max().unwrap_or(0);
    for (number, family) in FAMILIES.iter().enumerate() {
        let gap = if number > 0 { "\n" } else { "" };
        writeln!(out, "{gap}{BOLD}{}{BOLD:#}", family.title)?;
        for rule in family.rules() {
            row(rule, longest, width, out)?;
        }
    }
    writeln!(
        out,
        "\njssl-analyze explain NAME tells more about one of them."
    )
}

/// A rule in a line; where that is too narrow, its summary stands below.
fn row(rule: &dyn Rule, longest: usize, width: usize, out: &mut dyn Write) -> io::Result<()> {
    const NARROW: usize = 50;
    let (code, name) = (rule.code(), rule.name());
    let head = format!("  {DIM}{code}{DIM:#}  {WARN}{name}{WARN:#}");
    let column = CODE + longest + 2;
    if width < column + NARROW {
        writeln!(out, "{head}")?;
        for line in wrap(rule.summary(), width.saturating_sub(CODE)) {
            writeln!(out, "{:CODE$}{line}", "")?;
        }
        return Ok(());
    }
    write!(out, "{head}{:1$}", "", longest + 2 - name.len())?;
    for (number, line) in wrap(rule.summary(), width - column).iter().enumerate() {
        let indent = if number > 0 { column } else { 0 };
        writeln!(out, "{:indent$}{line}", "")?;
    }
    Ok(())
}

/// One rule.
pub fn write_text_of(rule: &dyn Rule, width: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{BOLD}{} {}{BOLD:#}", rule.code(), rule.name())?;
    let (family, since) = (rule.family().title, rule.since());
    writeln!(out, "{DIM}{family} · since {since}{DIM:#}\n")?;
    for line in wrap(&sentence(rule.summary()), width) {
        writeln!(out, "{line}")?;
    }
    for (heading, text) in rule.sections() {
        writeln!(out, "\n{BOLD}{heading}{BOLD:#}")?;
        for (number, paragraph) in paragraphs(&text).iter().enumerate() {
            if number > 0 && !paragraph.starts_with("- ") {
                writeln!(out)?;
            }
            body(paragraph, width, out)?;
        }
    }
    Ok(())
}

/// A paragraph; the lines of a list item stand below its text.
fn body(paragraph: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let hang = if paragraph.starts_with("- ") { 2 } else { 0 };
    let mut in_code = false;
    let room = width.saturating_sub(INDENT + hang);
    for (number, line) in wrap(paragraph, room).iter().enumerate() {
        let indent = INDENT + if number > 0 { hang } else { 0 };
        writeln!(out, "{:indent$}{}", "", styled(line, &mut in_code))?;
    }
    Ok(())
}

/// The line with its code in a style; code may have begun on a line before.
fn styled(line: &str, in_code: &mut bool) -> String {
    let mut styled = String::with_capacity(line.len());
    if *in_code {
        styled.push_str(&COMMAND.render().to_string());
    }
    for letter in line.chars() {
        if letter == '`' && !*in_code {
            styled.extend([&COMMAND.render().to_string(), "`"]);
        } else if letter == '`' {
            styled.extend(["`", &COMMAND.render_reset().to_string()]);
        } else {
            styled.push(letter);
            continue;
        }
        *in_code = !*in_code;
    }
    if *in_code {
        styled.push_str(&COMMAND.render_reset().to_string());
    }
    styled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::RULES;

    fn plain(print: impl Fn(&mut dyn Write) -> io::Result<()>) -> String {
        let mut out = anstream::StripStream::new(Vec::new());
        print(&mut out).unwrap();
        String::from_utf8(out.into_inner()).unwrap()
    }

    #[test]
    fn all_of_it_fits_eighty_columns() {
        let mut texts = vec![plain(|out| write_text(80, out))];
        for rule in RULES {
            texts.push(plain(|out| write_text_of(*rule, 80, out)));
        }
        for line in texts.iter().flat_map(|text| text.lines()) {
            // a word that is longer than a line stays whole
            assert!(
                line.chars().count() <= 80 || !line.trim().contains(' '),
                "{line}"
            );
        }
    }

    #[test]
    fn a_wide_terminal_has_a_rule_in_a_line() {
        let text = plain(|out| write_text(200, out));
        for rule in RULES {
            let row = text.lines().find(|line| line.contains(rule.code()));
            assert!(row.is_some_and(|row| row.ends_with(rule.summary())));
        }
    }

    #[test]
    fn code_is_styled_across_lines() {
        let mut in_code = false;
        let first = styled("see `a", &mut in_code);
        assert!(in_code && first.ends_with("`a\u{1b}[0m"), "{first:?}");
        let second = styled("b` there", &mut in_code);
        assert!(
            !in_code && second.starts_with("\u{1b}[36mb`\u{1b}[0m"),
            "{second:?}"
        );
    }
}
