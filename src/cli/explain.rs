//! `explain`: the catalogue, or one rule.

use std::io::Write;

use super::Status;
use crate::{
    diagnose::{RULES, Rule, find_rule},
    render::text::{BOLD, DIM, WARN},
};

/// Prints all rules in a line each, or the text of one.
pub(super) fn run(rule: Option<&str>) -> anyhow::Result<Status> {
    let mut out = anstream::stdout().lock();
    match rule {
        None => list(&mut out)?,
        Some(name) => one(find_rule(name).ok_or_else(|| unknown(name))?, &mut out)?,
    }
    Ok(Status::Good)
}

fn list(out: &mut dyn Write) -> std::io::Result<()> {
    let width = RULES
        .iter()
        .map(|rule| rule.name().len())
        .max()
        .unwrap_or_default();
    let mut rules: Vec<&&dyn Rule> = RULES.iter().collect();
    rules.sort_by_key(|rule| family_order(rule.code()));
    let mut family = "";
    for rule in rules {
        let title = family_title(rule.code());
        if title != family {
            writeln!(
                out,
                "{}{BOLD}{title}{BOLD:#}",
                if family.is_empty() { "" } else { "\n" }
            )?;
            family = title;
        }
        writeln!(
            out,
            "  {DIM}{}{DIM:#}  {WARN}{:<width$}{WARN:#}  {}",
            rule.code(),
            rule.name(),
            rule.summary()
        )?;
    }
    writeln!(
        out,
        "\njssl-analyze explain NAME tells more about one of them."
    )
}

/// Families in the order in which a handshake meets them.
fn family_order(code: &str) -> (usize, &str) {
    (
        FAMILIES
            .iter()
            .position(|(letter, _)| code.starts_with(*letter))
            .unwrap_or(FAMILIES.len()),
        code,
    )
}

fn family_title(code: &str) -> &'static str {
    FAMILIES
        .iter()
        .find(|(letter, _)| code.starts_with(*letter))
        .map_or("Other", |(_, title)| title)
}

const FAMILIES: [(char, &str); 9] = [
    ('N', "Negotiation"),
    ('S', "Server name and identity"),
    ('T', "Trust"),
    ('A', "Client authentication"),
    ('P', "Peer and transport"),
    ('R', "Resumption and renegotiation"),
    ('J', "The JVM"),
    ('H', "Hygiene: established, yet worth a word"),
    ('L', "The log"),
];

fn one(rule: &dyn Rule, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(
        out,
        "{BOLD}{} {}{BOLD:#}   {DIM}since {}{DIM:#}",
        rule.code(),
        rule.name(),
        rule.since()
    )?;
    let summary = rule.summary();
    let (first, rest) = summary.split_at(summary.chars().next().map_or(0, char::len_utf8));
    writeln!(out, "{}{rest}.\n", first.to_uppercase())?;
    for line in rule.docs().lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match line.strip_prefix("## ") {
            Some(heading) => writeln!(out, "{BOLD}{heading}{BOLD:#}")?,
            None if line.is_empty() => writeln!(out)?,
            None => writeln!(out, "  {line}")?,
        }
    }
    Ok(())
}

/// No such rule; the nearest names help.
fn unknown(name: &str) -> anyhow::Error {
    let wanted = name.to_lowercase();
    let words: Vec<&str> = wanted.split('-').filter(|word| word.len() > 2).collect();
    let near: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.name())
        .filter(|known| words.iter().any(|word| known.contains(word)))
        .take(5)
        .collect();
    let hint = if near.is_empty() {
        "jssl-analyze explain lists them".to_owned()
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    anyhow::anyhow!("explain: there is no rule {name:?}; {hint}")
}
