//! Words that name whoever owns the log: organisations of its certificates, and the labels of its domains.
//!
//! They stand in packages (`com.acme.pay`), aliases, file names and messages, in any case. Last of all they are looked
//! for as whole words in what is left of a text.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;

use super::{
    dn, host,
    names::{is_language, is_reserved},
    tokens::Tokens,
};

/// What is in many organisations' names, and in many packages.
const COMMON: [&str; 52] = [
    "bank",
    "group",
    "gmbh",
    "corp",
    "corporation",
    "company",
    "limited",
    "holding",
    "holdings",
    "international",
    "inc",
    "services",
    "service",
    "solutions",
    "systems",
    "technology",
    "technologies",
    "software",
    "digital",
    "cloud",
    "data",
    "global",
    "insurance",
    "versicherung",
    "financial",
    "finance",
    "capital",
    "trust",
    "network",
    "networks",
    "internet",
    "telecom",
    "federal",
    "national",
    "state",
    "city",
    "university",
    "internal",
    "development",
    "engineering",
    "operations",
    "security",
    "platform",
    "applications",
    "deutschland",
    "schweiz",
    "example",
    "domain",
    "netty",
    "spring",
    "unknown",
    "some",
];

/// The words of one log.
#[derive(Debug, Default)]
pub(super) struct Owners {
    words: BTreeSet<String>,
    /// The automaton, and the words by its numbers.
    automaton: Option<(AhoCorasick, Vec<String>)>,
}

impl Owners {
    /// An organisation, and the words of its name that are nobody else's.
    pub(super) fn add_all(&mut self, organisation: &str) {
        self.add(organisation);
        for word in organisation.split(|c: char| !c.is_alphanumeric()) {
            self.add(word);
        }
    }

    /// A word, if it can be told from all others.
    pub(super) fn add(&mut self, word: &str) {
        const SHORTEST: usize = 4;
        let word = word.to_lowercase();
        let is_telling = word.len() >= SHORTEST
            // no digits of a token
            && word.chars().any(|c| c.is_alphabetic() && !c.is_ascii_hexdigit())
            && !COMMON.contains(&word.as_str())
            && !is_language(&word)
            && !is_reserved(&word)
            && !dn::is_everybodys(&word)
            && !host::is_of_java(&word);
        if is_telling {
            self.words.insert(word);
        }
    }

    /// Makes what was added known.
    pub(super) fn finish(&mut self) {
        let known = self.automaton.as_ref().map_or(0, |(_, words)| words.len());
        if self.words.len() == known {
            return;
        }
        let words: Vec<String> = self.words.iter().cloned().collect();
        self.automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(aho_corasick::MatchKind::LeftmostLongest)
            .build(&words)
            .ok()
            .map(|automaton| (automaton, words));
    }

    /// Replaces them in a text without any other names.
    pub(super) fn replace(&self, text: &mut String, tokens: &Tokens) {
        let Some((automaton, words)) = &self.automaton else {
            return;
        };
        let (mut out, mut copied) = (String::new(), 0);
        for found in automaton.find_iter(text.as_str()) {
            let (start, end) = (found.start(), found.end());
            let word = &words[found.pattern().as_usize()];
            // of a report that is redacted already
            if !is_whole(text, start, end) || tokens.is_given(word) {
                continue;
            }
            let token = tokens.word("org", word);
            out.push_str(&text[copied..start]);
            // in the name of a class, no hyphen may stand
            if is_identifier(text, start, end) {
                out += &token.replace('-', "");
            } else {
                out += &token;
            }
            copied = end;
        }
        if copied > 0 {
            out.push_str(&text[copied..]);
            *text = out;
        }
    }
}

fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let before = &text[..start];
    let escaped = before.ends_with("\\n") || before.ends_with("\\t") || before.ends_with("\\r");
    (escaped || !before.ends_with(char::is_alphanumeric))
        && !text[end..].starts_with(char::is_alphanumeric)
}

fn is_identifier(text: &str, start: usize, end: usize) -> bool {
    let mark = |c: Option<char>| c.is_some_and(|c| ".$_".contains(c));
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let (mut before, mut behind) = (text[..start].chars().rev(), text[end..].chars());
    mark(before.next()) && letter(before.next()) || mark(behind.next()) && letter(behind.next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_in_any_case_as_whole_words() {
        let tokens = Tokens::random().unwrap();
        let mut owners = Owners::default();
        owners.add_all("Hypobank Europe AG");
        owners.add("java");
        owners.add("cafe");
        owners.finish();
        let of = |text: &str| {
            let mut text = text.to_owned();
            owners.replace(&mut text, &tokens);
            text
        };
        let token = of("HYPOBANK");
        assert!(token.starts_with("org-"), "{token}");
        assert_eq!(of("Hypobank-Zertifikat"), format!("{token}-Zertifikat"));
        assert_eq!(
            of("at com.hypobank.pay.X"),
            format!("at com.{}.pay.X", token.replace('-', ""))
        );
        for text in [
            "hypobanker",
            "javax.net.ssl",
            "host-cafe",
            "java.lang",
            &token,
        ] {
            assert_eq!(of(text), text);
        }
    }
}
