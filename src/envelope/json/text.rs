//! As much of JSON (RFC 8259) as it takes to get one member out of an object.

/// Calls `visit` with the name and the raw value of each member. `false`: no object.
pub(in crate::envelope) fn members<'a>(
    object: &'a [u8],
    mut visit: impl FnMut(&'a [u8], &'a [u8]),
) -> bool {
    let Some(mut rest) = object.trim_ascii().strip_prefix(b"{") else {
        return false;
    };
    loop {
        rest = rest.trim_ascii_start();
        if let [b'}', after @ ..] = rest {
            return after.is_empty();
        }
        let Some(name) = string(rest) else {
            return false;
        };
        let Some(value_on) = rest[name..].trim_ascii_start().strip_prefix(b":") else {
            return false;
        };
        let value_on = value_on.trim_ascii_start();
        let Some(value) = value(value_on) else {
            return false;
        };
        visit(&rest[1..name - 1], &value_on[..value]);
        rest = value_on[value..].trim_ascii_start();
        match rest.first() {
            Some(b',') => rest = &rest[1..],
            Some(b'}') => {}
            _ => return false,
        }
    }
}

/// The length of the string at the start of `text`, its quotes included.
pub(in crate::envelope) fn string(text: &[u8]) -> Option<usize> {
    let mut at = text.strip_prefix(b"\"").map(|_| 1)?;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The length of the value at the start of `text`. What is inside an array or object is not checked.
fn value(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'"' => string(text),
        b'{' | b'[' => {
            let (mut depth, mut at) = (0_usize, 0);
            loop {
                match text.get(at)? {
                    b'"' => at += string(&text[at..])? - 1,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' if depth == 1 => return Some(at + 1),
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
            }
        }
        _ => {
            let end = text
                .iter()
                .position(|byte| matches!(byte, b',' | b'}' | b']'))?;
            (end > 0).then_some(end)
        }
    }
}

/// Appends what the inside of a string means.
pub(in crate::envelope) fn unescape(raw: &[u8], text: &mut Vec<u8>) {
    let mut from = 0;
    for escape in memchr::memchr_iter(b'\\', raw) {
        // the second of two backslashes
        if escape < from {
            continue;
        }
        text.extend_from_slice(&raw[from..escape]);
        from = escape + 2;
        match raw.get(escape + 1) {
            Some(b'n') => text.push(b'\n'),
            Some(b't') => text.push(b'\t'),
            Some(b'r') => text.push(b'\r'),
            Some(b'b') => text.push(8),
            Some(b'f') => text.push(12),
            Some(b'u') => from = escape + unicode(&raw[escape..], text),
            Some(&plain) => text.push(plain),
            None => text.push(b'\\'),
        }
    }
    text.extend_from_slice(raw.get(from..).unwrap_or_default());
}

/// Appends the character of `\u00e9` or of a pair of surrogates; how many bytes that were.
fn unicode(raw: &[u8], text: &mut Vec<u8>) -> usize {
    let unit = |at: usize| {
        let hex = raw.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
    };
    let Some(first) = unit(0) else {
        text.extend_from_slice(b"\\u");
        return 2;
    };
    let pair = match (first, unit(6)) {
        (0xd800..=0xdbff, Some(second @ 0xdc00..=0xdfff)) => {
            Some(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
        }
        _ => None,
    };
    let character = char::from_u32(pair.unwrap_or(first)).unwrap_or(char::REPLACEMENT_CHARACTER);
    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    if pair.is_some() { 12 } else { 6 }
}

/// Appends the bytes of `[27,91,51]`.
pub(in crate::envelope) fn bytes_of_array(array: &[u8], text: &mut Vec<u8>) {
    let inner = array
        .strip_prefix(b"[")
        .and_then(|rest| rest.strip_suffix(b"]"));
    let numbers = inner.unwrap_or_default().split(|&byte| byte == b',');
    text.extend(numbers.filter_map(|number| {
        std::str::from_utf8(number.trim_ascii())
            .ok()?
            .parse::<u8>()
            .ok()
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(raw: &str) -> String {
        let mut text = Vec::new();
        unescape(raw.as_bytes(), &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(
            unescaped(r#"a\"b\\n\tc\u00e9\ud83d\ude00\/\u001b"#),
            "a\"b\\n\tcé😀/\u{1b}"
        );
        assert_eq!(unescaped(r"\ud83d \u12 \"), "\u{fffd} \\u12 \\");
    }

    #[test]
    fn members_of_an_object_are_found_and_half_an_object_is_none() {
        let object = br#"{ "a" : "x\"}" ,"b":{"c":["}"]},"d":null}"#;
        let mut seen = Vec::new();
        assert!(members(object, |name, value| seen.push((name, value))));
        let values: Vec<_> = seen.iter().map(|(_, value)| *value).collect();
        assert_eq!(values, [&b"\"x\\\"}\""[..], b"{\"c\":[\"}\"]}", b"null"]);
        for end in 0..object.len() {
            assert!(!members(&object[..end], |_, _| {}), "{end}");
        }
    }

    #[test]
    fn arrays_of_bytes_are_text() {
        let mut text = Vec::new();
        bytes_of_array(b"[ 27, 91,300,x,65]", &mut text);
        assert_eq!(text, [27, 91, 65]);
    }
}
