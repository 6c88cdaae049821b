//! XML and JSON: values in attributes, elements, and pairs of a name and a value.

use std::ops::Range;

use super::{
    Awaited,
    place::Value,
    value::{blanks, says_nothing, trimmed_end, value_at},
};

pub(super) fn opens_tag(before: &[u8]) -> bool {
    [&b"<"[..], b"&lt;", b"\\u003c", b"\\u003C"]
        .iter()
        .any(|open| before.ends_with(open))
}

pub(super) fn closes_tag(behind: &[u8]) -> bool {
    [&b"</"[..], b"&lt;/", b"\\u003c/", b"\\u003C/"]
        .iter()
        .any(|open| behind.starts_with(open))
}

/// The `>` that ends a tag, in whatever spelling.
pub(super) fn tag_end(line: &[u8], from: usize) -> Option<Range<usize>> {
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
pub(super) fn content(line: &[u8], at: usize) -> Option<Value> {
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

pub(super) fn text_end(line: &[u8], start: usize) -> usize {
    let rest = &line[start..];
    [&b"<"[..], b"&lt;", b"\\u003c", b"\\u003C"]
        .iter()
        .filter_map(|open| memchr::memmem::find(rest, open))
        .min()
        .map_or_else(|| trimmed_end(line), |end| start + end)
}

/// `<value>…</value>` that begins at `at`: the text.
pub(super) fn value_of_element(line: &[u8], at: usize) -> Option<Range<usize>> {
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

pub(super) fn contains_value(tag: &[u8]) -> bool {
    tag.windows(5)
        .any(|word| word.eq_ignore_ascii_case(b"value"))
}

/// `value="…"`, `"value": "…"` within a part of the line.
pub(super) fn value_of_pair(line: &[u8], part: Range<usize>) -> Option<Range<usize>> {
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
