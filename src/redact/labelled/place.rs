//! A label in its line, and the place of its value.

use std::ops::Range;

use super::{
    Awaited,
    markup::{closes_tag, content, opens_tag, tag_end, value_of_element, value_of_pair},
    value::{TrimEnd as _, blanks, is_telling, says_nothing, value_at},
    words::{Kind, LINKS, is_label, is_prose, is_said},
};

pub(super) enum Value {
    Here(Range<usize>),
    Below(Awaited),
}

/// A label in its line.
pub(super) struct Place<'l> {
    pub(super) line: &'l [u8],
    pub(super) label: Range<usize>,
    pub(super) kind: Kind,
}

impl Place<'_> {
    pub(super) fn value(&self) -> Option<Value> {
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

/// `[0]`, `(again) ` between a label and its separator.
pub(super) fn group(rest: &[u8]) -> usize {
    const LONGEST: usize = 24;
    let close = match rest.first() {
        Some(b'[') => b']',
        Some(b'(') => b')',
        _ => return 0,
    };
    let end = rest.iter().take(LONGEST).position(|byte| *byte == close);
    end.map_or(0, |end| end + 1 + blanks(&rest[end + 1..]))
}
