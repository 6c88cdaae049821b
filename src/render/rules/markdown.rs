//! The catalogue as a document: `docs/rules.md`, or the part of it that tells of one rule.

use std::io::{self, Write};

use super::sentence;
use crate::diagnose::{FAMILIES, Family, Rule, find_rule};

const HEAD: &str = "\
# Rules

Every cause that `jssl-analyze` knows, by family. `jssl-analyze explain NAME` prints the part of one rule;
name and code stay what they are from release to release.

<!-- Made from the doc comments of src/diagnose/rules by:
     cargo run -- explain -f markdown > docs/rules.md -->
";

/// All rules, with a table of contents.
pub fn write_markdown(out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{HEAD}")?;
    for family in &FAMILIES {
        contents(family, out)?;
    }
    for family in &FAMILIES {
        writeln!(out, "\n## {}", family.title)?;
        for rule in family.rules() {
            writeln!(out)?;
            write_markdown_of(rule, out)?;
        }
    }
    Ok(())
}

fn contents(family: &Family, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n**{}**\n", family.title)?;
    for rule in family.rules() {
        let (code, name) = (rule.code(), rule.name());
        writeln!(out, "- {code} [{name}](#{name}): {}", rule.summary())?;
    }
    Ok(())
}

/// One rule. Its heading is its name, which makes the anchor.
pub fn write_markdown_of(rule: &dyn Rule, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### {}\n", rule.name())?;
    writeln!(
        out,
        "**{}** · since {} · {}",
        rule.code(),
        rule.since(),
        sentence(rule.summary())
    )?;
    for (heading, text) in rule.sections() {
        writeln!(out, "\n#### {heading}\n\n{}", linked(&text, rule))?;
    }
    Ok(())
}

/// The text with a link at each name of another rule.
fn linked(text: &str, own: &dyn Rule) -> String {
    let mut linked = String::with_capacity(text.len() + 64);
    for (number, part) in text.split('`').enumerate() {
        let name = (number % 2 == 1 && part != own.name())
            .then(|| find_rule(part))
            .flatten()
            .map(Rule::name)
            .filter(|name| *name == part);
        match name {
            Some(name) => linked.extend(["[`", name, "`](#", name, ")"]),
            None if number % 2 == 1 => {
                linked.extend(["`", part, "`"]);
            }
            None => linked.push_str(part),
        }
    }
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_rules_are_links() {
        let own = find_rule("untrusted-root").unwrap();
        assert_eq!(
            linked(
                "`a.b` or `untrusted-root`, not `self-signed-certificate`.",
                own
            ),
            "`a.b` or `untrusted-root`, not [`self-signed-certificate`](#self-signed-certificate)."
        );
    }
}
