//! Secrets by their labels: a word that says what follows is one, and the value in the place that belongs to it.
//!
//! The places are those of properties and headers (`password=…`, `api-key: …`), of command lines (`--password …`), of
//! prose (`init keystore with password …`), of XML and JSON, where label and value can be an attribute, an element or
//! a pair of two (`name="password" value="…"`), and the line below. A word is a label by its last part, so that
//! `keyStorePassword`, `db.password` and `client-secret` are, and `bypass` and `password.file` are not.

mod markup;
mod place;
#[cfg(test)]
mod tests;
mod value;
mod words;

use std::ops::Range;

use self::{
    markup::{value_of_element, value_of_pair},
    place::{Place, Value},
    value::{TrimEnd as _, blanks, is_telling, says_nothing, value_at},
    words::{is_label, kind_of},
};
pub(super) use self::{value::trimmed_end, words::CUES};

/// What is known of a line.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Where its secrets lie, in order, none in another.
    pub(super) secrets: Vec<Range<usize>>,
    /// What the line below may begin with.
    pub(super) awaited: Option<Awaited>,
}

/// What may stand on the next line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    /// The line ended in the middle, `--password` or `password=\`: the value comes first.
    Value,
    /// The label stood last: a value would be alone on its line.
    Alone,
    /// A label was told in full; its value says of itself that it is one.
    Pair,
    /// A credential reached the end of the line: it may go on.
    Rest,
}

/// The secrets of a line that stand behind labels.
pub(super) fn find(line: &[u8]) -> Found {
    let mut found = Found::default();
    let mut at = 0;
    while let Some(label) = next_label(line, at) {
        at = label.end;
        // `\n` of a JSON string
        let escaped = line[..label.start].ends_with(b"\\") && b"nrt".contains(&line[label.start]);
        let label = label.start + usize::from(escaped)..label.end;
        let Some(kind) = kind_of(&line[label.clone()]) else {
            continue;
        };
        match (Place { line, label, kind }).value() {
            Some(Value::Here(secret)) => {
                at = at.max(secret.end);
                found.secrets.push(secret);
            }
            Some(Value::Below(awaited)) => found.awaited = Some(awaited),
            None => {}
        }
    }
    found.tidy();
    found
}

/// The secret of a line below one that awaited it.
pub(super) fn find_below(line: &[u8], from: usize, awaited: Awaited) -> Option<Range<usize>> {
    let line_end = trimmed_end(line);
    let from = from.min(line_end);
    let start = from + blanks(&line[from..line_end]);
    let rest = &line[start..line_end];
    if rest.is_empty() || memchr::memmem::find(rest, b"javax.net.ssl|").is_some() {
        return None;
    }
    match awaited {
        Awaited::Value if rest[0] == b'-' => None,
        Awaited::Value => Some(value_at(line, start)),
        Awaited::Pair => {
            value_of_pair(line, start..line_end).or_else(|| value_of_element(line, start))
        }
        Awaited::Alone => {
            let secret = value_at(line, start);
            let behind = line.get(secret.end..line_end).unwrap_or_default();
            let is_alone = behind.iter().all(|byte| b"\"',;\\ ]})".contains(byte))
                || behind.starts_with(b"</");
            let value = &line[secret.clone()];
            let is_pair = value
                .trim_ascii_end_of(b"=")
                .iter()
                .any(|byte| b"=:".contains(byte))
                && !behind.starts_with(b"\"");
            (is_alone && !is_pair && is_telling(value)).then_some(secret)
        }
        Awaited::Rest => {
            let end = start + rest.iter().take_while(|byte| is_base64(**byte)).count();
            let behind = &line[end..line_end];
            let is_alone = behind.iter().all(|byte| b"\"',;\\]})".contains(byte));
            (is_alone && looks_random(&line[start..end])).then_some(start..end)
        }
    }
    .filter(|secret| !secret.is_empty() && !says_nothing(&line[secret.clone()]))
}

/// Whether this can be a piece of a credential: Base64, and no word of the language.
pub(super) fn looks_random(word: &[u8]) -> bool {
    const SHORTEST: usize = 6;
    word.len() >= SHORTEST
        && (word.iter().any(u8::is_ascii_digit)
            || word.contains(&b'=')
            || word[1..].iter().any(u8::is_ascii_uppercase)
                && word.iter().any(u8::is_ascii_lowercase))
}

/// In what encodes credentials: Base64 of both sorts, and the dots of a JSON Web Token.
pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=_-.~".contains(&byte)
}

impl Found {
    /// In order, and those that overlap as one.
    fn tidy(&mut self) {
        self.secrets.sort_by_key(|secret| secret.start);
        let mut all: Vec<Range<usize>> = Vec::with_capacity(self.secrets.len());
        for secret in self.secrets.drain(..) {
            match all.last_mut() {
                Some(last) if secret.start < last.end => last.end = last.end.max(secret.end),
                _ => all.push(secret),
            }
        }
        self.secrets = all;
    }
}

/// The next word that can be a label, from `at` on.
fn next_label(line: &[u8], at: usize) -> Option<Range<usize>> {
    let start = at + line.get(at..)?.iter().position(|byte| is_label(*byte))?;
    let length = line[start..]
        .iter()
        .take_while(|byte| is_label(**byte))
        .count();
    Some(start..start + length)
}
