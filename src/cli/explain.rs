//! `explain`: the catalogue, or one rule.

use std::io::Write;

use super::{Status, args::ExplainFormat, output};
use crate::{
    diagnose::{RULES, Rule, find_rule},
    render::{rules, safe::safe},
};

/// What was asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Question {
    /// Name or code: untrusted-root, T102 [default: all].
    rule: Vec<String>,

    /// How to print it [default: text].
    #[arg(short, long, value_enum)]
    format: Option<ExplainFormat>,
}

/// Lines of prose are not longer than this, however wide the terminal.
const WIDEST: usize = 100;

/// Prints all rules in a line each, or the text of one.
pub(super) fn run(question: &Question) -> anyhow::Result<Status> {
    let name = question.rule.join("-");
    let rule = match question.rule.as_slice() {
        [] => None,
        _ => Some(find_rule(&name).ok_or_else(|| unknown(&name))?),
    };
    let mut out = anstream::stdout().lock();
    let out: &mut dyn Write = &mut out;
    let width = output::width(80);
    match (question.format.unwrap_or(ExplainFormat::Text), rule) {
        (ExplainFormat::Text, None) => rules::write_text(width, out)?,
        (ExplainFormat::Text, Some(rule)) => rules::write_text_of(rule, width.min(WIDEST), out)?,
        (ExplainFormat::Json, None) => rules::write_json(out)?,
        (ExplainFormat::Json, Some(rule)) => rules::write_json_of(rule, out)?,
        (ExplainFormat::Markdown, None) => rules::write_markdown(out)?,
        (ExplainFormat::Markdown, Some(rule)) => rules::write_markdown_of(rule, out)?,
    }
    out.flush()?;
    Ok(Status::Good)
}

/// No such rule; the nearest names help.
fn unknown(name: &str) -> anyhow::Error {
    const SHOWN: usize = 5;
    let near = nearest(name);
    let hint = if near.is_empty() {
        "jssl-analyze explain lists them".to_owned()
    } else {
        let near: Vec<String> = near
            .iter()
            .take(SHOWN)
            .map(|rule| format!("{} ({})", rule.name(), rule.code()))
            .collect();
        format!("did you mean {}?", near.join(", "))
    };
    anyhow::anyhow!("explain: there is no rule {:?}; {hint}", safe(name))
}

/// Rules with a name or code like this one, the likest first; only those that are as good as the best.
fn nearest(name: &str) -> Vec<&'static dyn Rule> {
    const LONGEST: usize = 80;
    let wanted: String = name.to_lowercase().chars().take(LONGEST).collect();
    let wanted: Vec<&str> = wanted
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let mut near: Vec<(usize, &dyn Rule)> = RULES
        .iter()
        .filter_map(|rule| Some((apart(&wanted, *rule)?, *rule)))
        .collect();
    near.sort_by_key(|(apart, _)| *apart);
    let best = near.first().map_or(0, |(apart, _)| *apart);
    near.retain(|(apart, _)| *apart <= best + 1);
    near.into_iter().map(|(_, rule)| rule).collect()
}

/// How far these words are from a rule, if they are alike at all: the letters to change in its code, in
/// its name, or in those of its words that were said, in whatever order.
fn apart(wanted: &[&str], rule: &dyn Rule) -> Option<usize> {
    let code = rule.code().to_lowercase();
    let squeezed = wanted.concat();
    if is_code(&squeezed) {
        return (squeezed == code).then_some(0);
    }
    let name = rule.name();
    let typo = strsim::damerau_levenshtein(&wanted.join("-"), name);
    let typo = (typo <= 1 + name.len() / 6).then_some(typo);
    typo.into_iter().chain(said(wanted, name)).min()
}

/// `t101`, `t0101`
fn is_code(text: &str) -> bool {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    text.len() == digits.len() + 1
        && !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Every word is like one of the name: letters to change, and words of the name that were not said.
fn said(wanted: &[&str], name: &str) -> Option<usize> {
    let mut known: Vec<&str> = name.split('-').collect();
    let mut changes = 0;
    for word in wanted {
        let (at, apart) = known
            .iter()
            .map(|known| like(word, known))
            .enumerate()
            .filter_map(|(at, apart)| Some((at, apart?)))
            .min_by_key(|(_, apart)| *apart)?;
        changes += apart;
        known.remove(at);
    }
    (!wanted.is_empty()).then_some(changes + known.len())
}

/// How far two words are apart, if they are alike.
fn like(word: &str, known: &str) -> Option<usize> {
    const BEGINNING: usize = 4;
    if word.len() >= BEGINNING && known.starts_with(word) {
        return Some(0); // cert, resume
    }
    let apart = strsim::damerau_levenshtein(word, known);
    (apart <= known.len() / 4).then_some(apart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_what_was_meant() {
        for (typed, meant) in [
            ("untrusted-rot", "untrusted-root"),
            ("untrustedroot", "untrusted-root"),
            (
                "incomplete-certifcate-chian",
                "incomplete-certificate-chain",
            ),
            ("root untrusted", "untrusted-root"),
            ("expired-cert", "certificate-expired"),
            ("chain_incomplete", "incomplete-certificate-chain"),
            ("mismatch hostname", "hostname-mismatch"),
            ("T-101", "incomplete-certificate-chain"),
            ("t 101", "incomplete-certificate-chain"),
            ("peer-plaintext", "plaintext-peer"),
        ] {
            let near = nearest(typed);
            assert_eq!(near.first().map(|rule| rule.name()), Some(meant), "{typed}");
        }
    }

    #[test]
    fn what_is_like_nothing_gets_no_guess() {
        for typed in ["zzzzzz", "T999", "", "-", "the", "\u{1b}[2J"] {
            assert!(nearest(typed).is_empty(), "{typed:?}");
            assert!(unknown(typed).to_string().contains("lists them"));
        }
    }
}
