//! Secrets by their labels: a word that says what follows is one, and the value in the place that belongs to it.
//!
//! The places are those of properties and headers (`password=…`, `api-key: …`), of command lines (`--password …`), of
//! prose (`init keystore with password …`), of XML and JSON, where label and value can be an attribute, an element or
//! a pair of two (`name="password" value="…"`), and the line below. A word is a label by its last part, so that
//! `keyStorePassword`, `db.password` and `client-secret` are, and `bypass` and `password.file` are not.

use std::ops::Range;

use super::names::is_language;

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A word for passwords that stands in sentences, too.
    Password,
    /// Any other.
    Other,
}

/// Labels end so, whatever is in front and however it is spelled.
const PASSWORDS: [&str; 6] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "passwort",
    "kennwort",
];
const OTHERS: [&str; 21] = [
    "storepass",
    "keypass",
    "trustpass",
    "userpass",
    "dbpass",
    "passin",
    "passout",
    "pwd",
    "secret",
    "token",
    "apikey",
    "secretkey",
    "accesskey",
    "accesskeyid",
    "accountkey",
    "encryptionkey",
    "sharedkey",
    "credential",
    "credentials",
    "samlresponse",
    "samlrequest",
];
/// Labels whose last word this is: longer words end so, too.
const WORDS: [&str; 8] = ["pass", "pw", "pin", "otp", "totp", "sig", "psw", "jwt"];

/// What makes it worth while to look for labels in a line.
pub(super) const CUES: [&str; 34] = [
    "pass",
    "pwd",
    "kennwort",
    "secret",
    "token",
    "credential",
    "apikey",
    "api-key",
    "api_key",
    "api.key",
    "accesskey",
    "access-key",
    "access_key",
    "access.key",
    "accountkey",
    "encryptionkey",
    "encryption-key",
    "encryption_key",
    "sharedkey",
    "samlre",
    "pw=",
    "pw:",
    "pw\"",
    "pw>",
    "pin=",
    "pin:",
    "pin\"",
    "pin>",
    "otp=",
    "otp:",
    "otp\"",
    "otp>",
    "sig=",
    "psw",
];

/// What is said about passwords: no value of one.
const PROSE: [&str; 84] = [
    "a",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "authentication",
    "based",
    "been",
    "by",
    "can",
    "cannot",
    "change",
    "changed",
    "check",
    "checking",
    "could",
    "does",
    "empty",
    "encoder",
    "encrypted",
    "encryption",
    "error",
    "expired",
    "failed",
    "failure",
    "false",
    "field",
    "for",
    "found",
    "from",
    "given",
    "grant",
    "has",
    "hash",
    "hidden",
    "if",
    "in",
    "incorrect",
    "integrity",
    "invalid",
    "is",
    "ist",
    "it",
    "length",
    "manager",
    "masked",
    "mismatch",
    "missing",
    "must",
    "nil",
    "no",
    "none",
    "not",
    "null",
    "of",
    "on",
    "or",
    "policy",
    "prompt",
    "protected",
    "protection",
    "provided",
    "required",
    "reset",
    "shall",
    "should",
    "specified",
    "supplied",
    "that",
    "the",
    "to",
    "true",
    "undefined",
    "unknown",
    "unset",
    "verification",
    "was",
    "will",
    "with",
    "wrong",
    "yes",
    "you",
];
/// Between label and value in a sentence: `password has been set to …`.
const LINKS: [&str; 13] = [
    "is", "was", "to", "set", "has", "been", "changed", "now", "as", "ist", "lautet", "auf",
    "value",
];

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

/// Where a line ends, blanks and a carriage return left out.
pub(super) fn trimmed_end(line: &[u8]) -> usize {
    line.trim_ascii_end().len()
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

fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)
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

fn kind_of(label: &[u8]) -> Option<Kind> {
    const LONGEST: usize = 40;
    let label = label.strip_prefix(b"-D").unwrap_or(label);
    // password2, pwd_1
    let end = label
        .iter()
        .rposition(u8::is_ascii_alphabetic)
        .map_or(0, |last| last + 1);
    let tail = &label[end.saturating_sub(LONGEST)..end];
    let mut flat = [0; LONGEST];
    let mut length = 0;
    for byte in tail.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
        flat[length] = byte.to_ascii_lowercase();
        length += 1;
    }
    let flat = &flat[..length];
    if PASSWORDS.iter().any(|word| flat.ends_with(word.as_bytes())) {
        return Some(Kind::Password);
    }
    let is_other = OTHERS.iter().any(|word| flat.ends_with(word.as_bytes()))
        || WORDS
            .iter()
            .any(|word| last_word(tail).eq_ignore_ascii_case(word.as_bytes()));
    is_other.then_some(Kind::Other)
}

/// `pin` of `card-pin`, `Pin` of `cardPin`.
fn last_word(label: &[u8]) -> &[u8] {
    let start = (1..label.len())
        .rev()
        .find(|&at| {
            let (before, here) = (label[at - 1], label[at]);
            !before.is_ascii_alphanumeric()
                || here.is_ascii_uppercase() && before.is_ascii_lowercase()
        })
        .unwrap_or(0);
    &label[start..]
}

enum Value {
    Here(Range<usize>),
    Below(Awaited),
}

/// A label in its line.
struct Place<'l> {
    line: &'l [u8],
    label: Range<usize>,
    kind: Kind,
}

impl Place<'_> {
    fn value(&self) -> Option<Value> {
        if self.is_title() {
            return None;
        }
        if let Some((at, spaced)) = self.separated() {
            return self.separate_value(at, spaced);
        }
        if self.is_element() {
            return self.element();
        }
        if self.is_named() {
            return self.named();
        }
        if self.is_option() {
            return self.option();
        }
        if self.kind == Kind::Password {
            return self.sentence();
        }
        // secret 'x'
        let quoted = self.behind().trim_ascii_start().starts_with(b"'")
            || self.behind().trim_ascii_start().starts_with(b"\"");
        (quoted && blanks(self.behind()) > 0)
            .then(|| self.sentence())
            .flatten()
    }

    fn before(&self) -> &[u8] {
        &self.line[..self.label.start]
    }

    fn behind(&self) -> &[u8] {
        &self.line[self.label.end..]
    }

    /// `Master Secret:` stands above a dump, which is somebody else's.
    fn is_title(&self) -> bool {
        let label = &self.line[self.label.clone()];
        let before = self.before();
        label.eq_ignore_ascii_case(b"secret")
            && [&b"aster "[..], b"rite ", b"raffic ", b"inished "]
                .iter()
                .any(|word| before.ends_with(word))
    }

    /// Where the value begins behind `=` or `:`, and whether a blank stands in front of it.
    fn separated(&self) -> Option<(usize, bool)> {
        let rest = self.behind();
        let closers = rest
            .iter()
            .take(4)
            .take_while(|byte| b"\\\"']".contains(byte))
            .count();
        let mut at = closers + blanks(&rest[closers..]);
        if self.kind == Kind::Password {
            at += group(&rest[at..]);
        }
        match rest.get(at..)? {
            [b'=', b'=' | b'>', ..] | [b':', b'=', ..] => at += 2,
            [b':', b'/', b'/', ..] => return None,
            [b'=' | b':', ..] => at += 1,
            [b'%', b'3', b'D' | b'd' | b'A' | b'a', ..] => at += 3,
            _ => return None,
        }
        let gap = blanks(&rest[at..]);
        Some((self.label.end + at + gap, gap > 0))
    }

    fn separate_value(&self, at: usize, spaced: bool) -> Option<Value> {
        let rest = &self.line[at..];
        let end = rest.trim_ascii_end();
        if end.is_empty() {
            return Some(Value::Below(Awaited::Alone));
        }
        if end == b"\\" {
            return Some(Value::Below(Awaited::Value));
        }
        let secret = value_at(self.line, at);
        let value = &self.line[secret.clone()];
        let said = spaced
            && self.line[at] == value.first().copied().unwrap_or_default()
            && is_prose(value);
        (!said && !says_nothing(value)).then_some(Value::Here(secret))
    }

    /// `<password>`, `<wsse:Password Type="…">`
    fn is_element(&self) -> bool {
        let before = self.before();
        let before = match before.strip_suffix(b":") {
            Some(front) => {
                let space = front
                    .iter()
                    .rev()
                    .take_while(|byte| is_label(**byte))
                    .count();
                &front[..front.len() - space]
            }
            None => before,
        };
        opens_tag(before)
    }

    fn element(&self) -> Option<Value> {
        let (line, at) = (self.line, self.label.end);
        let close = tag_end(line, at);
        let end = close.as_ref().map_or(line.len(), |close| close.start);
        if let Some(secret) = value_of_pair(line, at..end) {
            return Some(Value::Here(secret));
        }
        let close = close?;
        if line[..close.start].ends_with(b"/") {
            return None;
        }
        content(line, close.end)
    }

    /// A word in quotes, or the text of an element.
    fn is_named(&self) -> bool {
        let (before, behind) = (self.before(), self.behind());
        let quoted = before
            .last()
            .is_some_and(|quote| b"\"'".contains(quote) && !behind.trim_ascii_start().is_empty())
            && behind.iter().find(|byte| **byte != b'\\') == before.last();
        let told = quoted && {
            let front = before[..before.len() - 1].trim_ascii_end();
            let front = front.strip_suffix(b"\\").unwrap_or(front).trim_ascii_end();
            front.ends_with(b"=") || front.ends_with(b":")
        };
        told || (before.ends_with(b">") || before.ends_with(b"&gt;")) && closes_tag(behind)
    }

    fn named(&self) -> Option<Value> {
        let (line, label) = (self.line, &self.label);
        if closes_tag(self.behind()) {
            // <param-name>password</param-name><param-value>…
            let next = tag_end(line, label.end)?.end;
            if line[next..].trim_ascii().is_empty() {
                return Some(Value::Below(Awaited::Pair));
            }
            return value_of_element(line, next + blanks(&line[next..])).map(Value::Here);
        }
        let opener = self
            .before()
            .iter()
            .rposition(|byte| b"<{".contains(byte))
            .map(|at| (line[at], at));
        let escaped = memchr::memmem::rfind(self.before(), b"&lt;");
        let opener = match (opener, escaped) {
            (None, Some(at)) => Some((b'<', at)),
            _ => opener,
        };
        match opener {
            Some((b'<', start)) => {
                let close = tag_end(line, label.end);
                let end = close.as_ref().map_or(line.len(), |close| close.start);
                let pair = value_of_pair(line, label.end..end)
                    .or_else(|| value_of_pair(line, start..label.start));
                if let Some(secret) = pair {
                    return Some(Value::Here(secret));
                }
                let Some(close) = close else {
                    return Some(Value::Below(Awaited::Pair));
                };
                if line[..close.start].ends_with(b"/") {
                    return None;
                }
                content(line, close.end)
            }
            opener => {
                let start = opener.map_or(label.start, |(_, start)| start);
                let end = self.behind().iter().position(|byte| *byte == b'}');
                let until = end.map_or(line.len(), |end| label.end + end);
                let pair = value_of_pair(line, label.end..until)
                    .or_else(|| value_of_pair(line, start..label.start));
                match pair {
                    Some(secret) => Some(Value::Here(secret)),
                    None => end.is_none().then_some(Value::Below(Awaited::Pair)),
                }
            }
        }
    }

    /// `-storepass`, `--password`, `-Djavax.net.ssl.keyStorePassword`
    fn is_option(&self) -> bool {
        let is_first = self
            .before()
            .last()
            .is_none_or(|byte| b" \t\"'`[,".contains(byte));
        self.line[self.label.start] == b'-' && self.label.len() > 2 && is_first
    }

    fn option(&self) -> Option<Value> {
        let rest = self.behind();
        // arguments as a list: "--password", "…"
        let listed = [&b"\", \""[..], b"\",\"", b"', '", b"','", b", "];
        let gap = listed
            .iter()
            .find(|gap| rest.starts_with(gap))
            .map_or_else(|| blanks(rest), |gap| gap.len());
        let at = self.label.end + gap;
        let next = &self.line[at..];
        if next.trim_ascii().is_empty() || next.trim_ascii() == b"\\" {
            return Some(Value::Below(Awaited::Value));
        }
        if gap == 0 || next.starts_with(b"-") {
            return None;
        }
        let secret = match rest.first() {
            Some(b'"' | b'\'') => {
                at..at
                    + next
                        .iter()
                        .position(|byte| *byte == rest[0])
                        .unwrap_or(next.len())
            }
            _ => value_at(self.line, at),
        };
        (!says_nothing(&self.line[secret.clone()])).then_some(Value::Here(secret))
    }

    /// `init keystore with password changeit`, `setting password to 'changeit'`
    fn sentence(&self) -> Option<Value> {
        // 'ssl.password' to 'x': behind a label in quotes only what is said to be its value
        let quoted_label = self
            .behind()
            .first()
            .is_some_and(|byte| b"'\"".contains(byte));
        let mut at = self.label.end + usize::from(quoted_label);
        let (mut linked, mut links) = (false, 0);
        loop {
            let gap = blanks(&self.line[at..]);
            if gap == 0 {
                return None;
            }
            at += gap;
            let rest = &self.line[at..];
            let length = rest
                .iter()
                .take_while(|byte| byte.is_ascii_alphabetic())
                .count();
            let word = &rest[..length];
            let is_link = LINKS
                .iter()
                .any(|link| word.eq_ignore_ascii_case(link.as_bytes()));
            match rest.get(length) {
                Some(b' ' | b'\t') if is_link => {
                    at += length;
                    links += 1;
                }
                Some(b':' | b'=') if is_link => {
                    at += length + 1;
                    at += blanks(&self.line[at..]);
                    linked = true;
                    break;
                }
                _ => break,
            }
        }
        let is_remark = self.line.get(at) == Some(&b'(');
        if is_remark || quoted_label && links == 0 && !linked {
            return None;
        }
        let secret = value_at(self.line, at);
        let start = secret.start;
        let quoted = start > at;
        // the stop at the end of a sentence, the blank of a placeholder
        let value = &self.line[secret];
        let value = if quoted {
            value
        } else {
            value.trim_ascii_end_of(b".:!?,;")
        };
        let is_word = !quoted && !linked && (is_prose(value) || is_said(value));
        let nothing = says_nothing(value) || !quoted && !is_telling(value);
        (!is_word && !nothing).then(|| Value::Here(start..start + value.len()))
    }
}

trait TrimEnd {
    fn trim_ascii_end_of(&self, marks: &[u8]) -> &Self;
}

impl TrimEnd for [u8] {
    fn trim_ascii_end_of(&self, marks: &[u8]) -> &Self {
        let end = self.iter().rposition(|byte| !marks.contains(byte));
        &self[..end.map_or(0, |last| last + 1)]
    }
}

/// `[0]`, `(again) ` between a label and its separator.
fn group(rest: &[u8]) -> usize {
    const LONGEST: usize = 24;
    let close = match rest.first() {
        Some(b'[') => b']',
        Some(b'(') => b')',
        _ => return 0,
    };
    let end = rest.iter().take(LONGEST).position(|byte| *byte == close);
    end.map_or(0, |end| end + 1 + blanks(&rest[end + 1..]))
}

pub(super) fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|byte| b" \t".contains(byte)).count()
}

fn opens_tag(before: &[u8]) -> bool {
    [&b"<"[..], b"&lt;", b"\\u003c", b"\\u003C"]
        .iter()
        .any(|open| before.ends_with(open))
}

fn closes_tag(behind: &[u8]) -> bool {
    [&b"</"[..], b"&lt;/", b"\\u003c/", b"\\u003C/"]
        .iter()
        .any(|open| behind.starts_with(open))
}

/// The `>` that ends a tag, in whatever spelling.
fn tag_end(line: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = &line[from..];
    [&b">"[..], b"&gt;", b"\\u003e", b"\\u003E"]
        .iter()
        .filter_map(|close| {
            let at = from + memchr::memmem::find(rest, close)?;
            Some(at..at + close.len())
        })
        .min_by_key(|close| close.start)
}

/// The text of an element that begins at `at`; of its child, if it has one.
fn content(line: &[u8], at: usize) -> Option<Value> {
    const CDATA: &[u8] = b"<![CDATA[";
    let mut start = at + blanks(&line[at..]);
    let rest = &line[start..];
    if rest.trim_ascii().is_empty() {
        return Some(Value::Below(Awaited::Alone));
    }
    if rest.starts_with(CDATA) {
        start += CDATA.len();
        let end =
            memchr::memmem::find(&line[start..], b"]]>").map_or(line.len(), |end| start + end);
        return Some(Value::Here(start..end));
    }
    if closes_tag(rest) {
        return None;
    }
    if opens_tag(&rest[..1]) || rest.starts_with(b"&lt;") {
        return value_of_element(line, start).map(Value::Here);
    }
    let secret = start..text_end(line, start);
    (!says_nothing(&line[secret.clone()])).then_some(Value::Here(secret))
}

fn text_end(line: &[u8], start: usize) -> usize {
    let rest = &line[start..];
    [&b"<"[..], b"&lt;", b"\\u003c", b"\\u003C"]
        .iter()
        .filter_map(|open| memchr::memmem::find(rest, open))
        .min()
        .map_or_else(|| trimmed_end(line), |end| start + end)
}

/// `<value>…</value>` that begins at `at`: the text.
fn value_of_element(line: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = line.get(at..)?;
    if !(rest.starts_with(b"<") || rest.starts_with(b"&lt;") || rest.starts_with(b"\\u003")) {
        return None;
    }
    let close = tag_end(line, at)?;
    let is_value = contains_value(&line[at..close.start])
        || memchr::memmem::find(&line[at..close.start], b"tring").is_some();
    let secret = close.end..text_end(line, close.end);
    (is_value && !says_nothing(&line[secret.clone()])).then_some(secret)
}

fn contains_value(tag: &[u8]) -> bool {
    tag.windows(5)
        .any(|word| word.eq_ignore_ascii_case(b"value"))
}

/// `value="…"`, `"value": "…"` within a part of the line.
fn value_of_pair(line: &[u8], part: Range<usize>) -> Option<Range<usize>> {
    let text = line.get(part.clone())?;
    let mut from = 0;
    while let Some(at) = text[from..]
        .windows(5)
        .position(|word| word.eq_ignore_ascii_case(b"value"))
    {
        let end = from + at + 5;
        let rest = &text[end..];
        let closers = rest
            .iter()
            .take(3)
            .take_while(|byte| b"\\\"'".contains(byte))
            .count();
        let gap = closers + blanks(&rest[closers..]);
        if let Some(b'=' | b':') = rest.get(gap) {
            let start = part.start + end + gap + 1;
            let start = start + blanks(&line[start..]);
            let secret = value_at(line, start);
            return (secret.end <= part.end && !says_nothing(&line[secret.clone()]))
                .then_some(secret);
        }
        from = end;
    }
    None
}

/// The value that begins at `at`: in quotes, or up to what cannot belong to it any more.
fn value_at(line: &[u8], at: usize) -> Range<usize> {
    let at = at + usize::from(line[at..].starts_with(b"[") && line[at..].len() > 1);
    let rest = &line[at..];
    for quote in [
        &b"\\\""[..],
        b"\"",
        b"&quot;",
        b"\\u0027",
        b"\\'",
        b"'",
        b"`",
    ] {
        let Some(inside) = rest.strip_prefix(quote) else {
            continue;
        };
        let start = at + quote.len();
        return start..start + closing(inside, quote);
    }
    at..at + bare(rest)
}

/// Where a value in quotes ends.
fn closing(inside: &[u8], quote: &[u8]) -> usize {
    let mut at = 0;
    while at < inside.len() {
        let rest = &inside[at..];
        if rest.starts_with(quote) {
            // it's
            let in_word = quote == b"'" && rest.get(1).is_some_and(u8::is_ascii_alphanumeric);
            if !in_word || memchr::memchr(b'\'', &rest[1..]).is_none() {
                return at;
            }
        }
        at += if quote == b"\"" && rest[0] == b'\\' {
            2
        } else {
            1
        };
    }
    trimmed_end(inside)
}

/// Where a value without quotes ends.
fn bare(rest: &[u8]) -> usize {
    let ends = |at: usize| {
        let next = rest.get(at + 1).copied().unwrap_or(b' ');
        let behind = rest.get(at + 1..).unwrap_or_default();
        match rest[at] {
            b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'<' | b'>' | b'|' | b'\x1b' => true,
            b'\'' | b'`' => !next.is_ascii_alphanumeric(),
            b',' | b';' => b" \t\r\n\"'}])".contains(&next) || is_pair(behind),
            b'&' => {
                let entity = [&b"quot;"[..], b"lt;", b"gt;", b"apos;"]
                    .iter()
                    .any(|name| behind.starts_with(name));
                entity || is_pair(behind.strip_prefix(b"amp;").unwrap_or(behind))
            }
            b')' | b']' | b'}' => !(next.is_ascii_alphanumeric() || b"_-+$#!%=@".contains(&next)),
            b'\\' => b"\"'nrt \r\n".contains(&next),
            b'%' => behind.starts_with(b"26") && is_encoded_pair(&behind[2..]),
            _ => false,
        }
    };
    (0..rest.len()).find(|at| ends(*at)).unwrap_or(rest.len())
}

/// `ssl=true`, which belongs to another label.
fn is_pair(text: &[u8]) -> bool {
    let length = text.iter().take_while(|byte| is_label(**byte)).count();
    length > 0 && matches!(text.get(length), Some(b'=' | b':'))
}

fn is_encoded_pair(text: &[u8]) -> bool {
    let length = text.iter().take_while(|byte| is_label(**byte)).count();
    text[length..].starts_with(b"%3D")
}

/// Nothing to hide: no value, or one that every program has.
fn says_nothing(value: &[u8]) -> bool {
    const NOTHING: [&str; 11] = [
        "",
        "…",
        "***",
        "true",
        "false",
        "null",
        "none",
        "nil",
        "yes",
        "no",
        "undefined",
    ];
    let value = value.trim_ascii();
    NOTHING
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
        || value
            .iter()
            .all(|byte| b"{}[]()<>*.,:;\"'\\ \t".contains(byte))
}

fn is_prose(value: &[u8]) -> bool {
    let value = value.trim_ascii_end_of(b".:!?,;)");
    PROSE
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

/// A word that the tool or JSSE uses itself.
fn is_said(value: &[u8]) -> bool {
    std::str::from_utf8(value)
        .is_ok_and(|word| word.bytes().all(|byte| byte.is_ascii_alphabetic()) && is_language(word))
}

/// Letters or digits, more than one: no sign, no bracket.
fn is_telling(value: &[u8]) -> bool {
    value
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric() || **byte >= 0x80)
        .count()
        > 1
}

#[cfg(test)]
mod tests {
    use super::super::secrets::hide;

    /// `§…§` marks what has to go.
    fn check(marked: &str) {
        let parts: Vec<&str> = marked.split('§').collect();
        let text = parts.concat();
        let clean: String = parts
            .iter()
            .enumerate()
            .map(|(index, part)| if index % 2 == 1 { "***" } else { part })
            .collect();
        assert_eq!(hide(&text), clean, "{text}");
        assert_eq!(hide(&clean), clean, "twice is once");
    }

    #[test]
    fn properties_headers_and_parameters() {
        for text in [
            "password=§S3cretPw§ user=x",
            "password=§A,a47;x§",
            "{user=x, password=§A,a47;x§, url=y}",
            "Properties[password=§x1y2§]",
            "jdbc:x://h/db?user=u&password=§p1&p2§&ssl=true",
            "ConnectionString=Server=x;Pwd=§a;b§;Encrypt=true",
            "api-key: §k1§",
            "X-Token: §abc§ def",
            r"x\npw=§abc1§\nuser=x",
            "otp=§123456§",
            "pin=§1234§",
            "-Dpw=§x1§ -jar",
            "-Dsecret.key=§x1§",
            "?sv=2022&sig=§a%2Fb%3D§&se=2026",
            "SAMLResponse=§PHNhbWxw§&RelayState=x",
            "Kennwort=§geheim§",
            "spring.datasource.password: §hunter§",
            "AccountKey=§abc/def==§;EndpointSuffix=x",
            "password%3D§hunter§%26user%3Dx",
            "db.password.2 = §hunter§",
            "password => '§a'b§'",
            r#"{"client_secret" : "§a\"b§", "x": 1}"#,
            r#"{"log":"{\"apiKey\": \"§hunter§\"}"}"#,
            "params[password]=§hunter§",
            "passwd[0]=§hunter§",
            "password (again): §hunter§",
        ] {
            check(text);
        }
    }

    #[test]
    fn command_lines() {
        for text in [
            "-Djavax.net.ssl.keyStorePassword §S3cretPw§ -jar x",
            "--password §hunter§ --user x",
            "--client-secret '§a b§' x",
            "[\"--password\", \"§hunter§\"]",
            "keytool -list -storepass §hunter§ -v",
            "openssl pkcs12 -passin §pass:hunter§ -in x",
        ] {
            check(text);
        }
    }

    #[test]
    fn sentences() {
        for text in [
            "init keystore with password §changeit§",
            "init keystore with password §changeit§.",
            "setting password to '§X y§'",
            "Setting property 'ssl.password' to '§X y§'",
            "password is §hn12pw§",
            "passwd §S3cret§",
            "PASSWORD §S3cret§ used",
            "secret '§hunter§' was read",
            "the password has been set to: §geheim§",
            "System property x.keyStorePassword is set to '§hunter§'",
        ] {
            check(text);
        }
    }

    #[test]
    fn elements_attributes_and_pairs() {
        for text in [
            "<wsse:Password Type=\"http://x#PasswordText\">§S3cretPw§</wsse:Password>",
            "<password>§X1§</password><user>x</user>",
            "&lt;password&gt;§X1§&lt;/password&gt;",
            "<password><![CDATA[§a<b§]]></password>",
            "<password value='§X1§'/>",
            "<property name=\"password\" value=\"§X1§\"/>",
            "<property value=\"§X1§\" name=\"password\"/>",
            "<property name=\"password\"><value>§X1§</value></property>",
            "<entry key=\"db.password\">§X1§</entry>",
            "<param-name>password</param-name><param-value>§X1§</param-value>",
            r#"{"name":"password","value":"§X1§"}"#,
            r#"{"value": "§X1§", "name": "password"}"#,
            r#"[{"name":"user","value":"bob"},{"name":"password","value":"§X1§"}]"#,
            r#"{\"name\":\"password\",\"value\":\"§X1§\"}"#,
        ] {
            check(text);
        }
    }

    #[test]
    fn values_on_the_next_line() {
        for text in [
            "--password\n§hunter§",
            "--password \\\n  §hunter§ \\\n  --user x",
            "password=\\\n  §hunter§",
            "Password:\n§hunter§",
            "<Password>\n  §hunter§\n</Password>",
            "\"name\": \"password\",\n  \"value\": \"§hunter§\"",
            "<name>password</name>\n<value>§hunter§</value>",
            "2026-11-21T10:00:01Z stdout F --password\n2026-11-21T10:00:02Z stdout F §hunter§",
        ] {
            check(text);
        }
        assert_eq!(
            hide("Authorization: Bearer\n hn12tok"),
            "Authorization: ***\n ***"
        );
        // a token that was wrapped
        let clean = hide("sent Bearer abc123def456abc\nd7e8f9Aa1\nand more");
        assert_eq!(clean, "sent Bearer ***\n***\nand more");
        // what stands below is the next property, entry, row, or a word of its own
        for text in [
            "password=\nuser=bob",
            "Password:\njavax.net.ssl|DEBUG|10|main|2026-11-21 24:03:38.000 UTC|A.java:2|x",
            "Master Secret:\n0000: 01 02 03 04",
            "\"name\": \"password\",\n  \"type\": \"x\"",
            "password=\n\tat a.b.C(D.java:1)",
            "2026-11-21 10 password=\n2026-11-21 11 ",
            "2026-11-21 10 --password\n2026-11-21 11 \r\n",
        ] {
            check(text);
        }
    }

    #[test]
    fn what_is_said_about_secrets_is_none() {
        for text in [
            "java.io.IOException: keystore password was incorrect",
            "Keystore was tampered with, or password was incorrect",
            "Password verification failed",
            "java.security.UnrecoverableKeyException: Password must not be null",
            "password is not set, password protected, wrong password supplied.",
            "bypass=1 compass: north passed=3 passwords: 4 keyStorePasswordFile=/x",
            "token_binding (24) tokenizer=x spin=3 mapping: 4 design=x RSA: signature=x",
            "jdk.tls.allowLegacyMasterSecret=true",
            "\"extended_master_secret (23)\": {",
            "Session-ID: 52340F3C52340F3C52340F3C",
            "\"session id\"          : \"52 34 0F 3C\",",
            "at com.acme.Token.java:55 TokenFilter.doFilter(TokenFilter.java:1234)",
            "javax.net.ssl|DEBUG|10|main|2026-11-21 24:03:38.000 UTC|SSLSocketImpl.java:1234|pass",
            "tryFirstPass is false useFirstPass is false storePass is false clearPass is false",
            "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA TLSv1.3 17.0.9 2026-11-21",
            "<password/><password></password>",
            "the 'password' field, the '-storepass' option, password (optional)",
            "if (password == null) token=null secret: {",
        ] {
            check(text);
        }
    }
}
