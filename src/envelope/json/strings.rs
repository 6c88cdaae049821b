//! JSON that is no object a line: what `jq`, `aws logs get-log-events` and `gcloud logging read` spread over many
//! lines, arrays, hits of Elasticsearch and results of Splunk with the line deep inside, a tag in front of the object.
//!
//! Whatever the structure, each line of the log is a string, and the strings have one name. They are taken out in
//! their order; nothing else is looked at. In a notebook of Jupyter they have none: they are the elements of arrays, and
//! each brings its line feed. <https://nbformat.readthedocs.io/en/latest/format_description.html>

use super::{
    super::{
        anchor::Anchor,
        detect::{most, most_common},
        lines::unwrap_each,
        unwrapped::Unwrapped,
    },
    text::{string, unescape},
};

/// The name of the strings.
#[derive(Debug)]
pub(in crate::envelope) struct Strings {
    /// Empty for elements of arrays.
    name: Vec<u8>,
}

/// How a line feed ends the inside of a string.
const FEED: &[u8] = b"\\n";

/// Calls `visit` with name and inside of each member of `text` that is a string, and of each element, without a name;
/// pieces of JSON will do.
fn strings<'a>(text: &'a [u8], mut visit: impl FnMut(&'a [u8], &'a [u8])) {
    let mut at = 0;
    while let Some(quote) = memchr::memchr(b'"', &text[at..]) {
        let name_at = at + quote;
        let Some(len) = string(&text[name_at..]) else {
            return;
        };
        at = name_at + len;
        let behind = text[at..].trim_ascii_start();
        let Some(value) = behind.strip_prefix(b":").map(<[u8]>::trim_ascii_start) else {
            visit(&[], &text[name_at + 1..at - 1]);
            continue;
        };
        if let Some(len) = string(value) {
            visit(&text[name_at + 1..at - 1], &value[1..len - 1]);
            at = text.len() - value.len() + len;
        }
    }
}

/// A line of JSON that holds no string of the log.
fn is_structure(line: &[u8]) -> bool {
    let first = line.trim_ascii_start().first();
    matches!(first, Some(b'{' | b'}' | b'[' | b']' | b'"' | b','))
}

/// A line of the log as an element: it ends as one, or the last of an array stands alone.
fn is_element(line: &[u8], inside: &[u8]) -> bool {
    let line = line.trim_ascii();
    inside.ends_with(FEED) || line.strip_suffix(b",").unwrap_or(line).len() == inside.len() + 2
}

impl Strings {
    /// Most lines of JSSE text stand in strings of one name, in lines that begin as JSON does.
    pub(in crate::envelope) fn candidate(anchors: &[Anchor<'_>]) -> Option<Self> {
        let begins = anchors.iter().filter(|it| is_structure(it.line)).count();
        most(begins, anchors.len())
            .then(|| Self::behind_tag(anchors))
            .flatten()
    }

    /// The same, whatever stands in front of the JSON.
    pub(in crate::envelope) fn behind_tag(anchors: &[Anchor<'_>]) -> Option<Self> {
        let names = anchors.iter().filter(|it| it.at > 0).filter_map(|anchor| {
            let mut name = None;
            strings(anchor.line, |this, inside| {
                let from = inside.as_ptr() as usize - anchor.line.as_ptr() as usize;
                let is_line = !this.is_empty() || inside.ends_with(FEED);
                if is_line && (from..from + inside.len()).contains(&anchor.at) {
                    name = Some(this);
                }
            });
            name
        });
        let names: Vec<&[u8]> = names.collect();
        if !most(names.len(), anchors.len()) {
            return None;
        }
        most_common(names.into_iter()).map(|name| Self {
            name: name.to_vec(),
        })
    }

    /// Takes the strings out; lines of JSON without one are left out.
    pub(in crate::envelope) fn unwrap(&self, block: &[u8], out: &mut Unwrapped) {
        unwrap_each(block, out, |line, into| {
            let (start, number) = line.place;
            let mut found = false;
            strings(line.text, |name, inside| {
                if name != self.name || name.is_empty() && !is_element(line.text, inside) {
                    return;
                }
                if !std::mem::replace(&mut found, true) {
                    into.begin(start, number);
                }
                unescape(inside, &mut into.text);
                if !into.text.ends_with(b"\n") || inside.is_empty() {
                    into.text.push(b'\n');
                }
            });
            if !found && !is_structure(line.text) {
                into.begin(start, number);
                into.text.extend_from_slice(line.text);
                into.text.extend_from_slice(line.feed);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_found_at_any_depth_and_in_pieces() {
        let text = br#" "n": 1, "a": {"b": ["x", {"c" : "y\"}"}]}, "d": "", "e": "cut"#;
        let mut seen = Vec::new();
        strings(text, |name, inside| seen.push((name, inside)));
        assert_eq!(
            seen,
            [(&b""[..], &b"x"[..]), (b"c", b"y\\\"}"), (b"d", b"")]
        );
    }

    #[test]
    fn a_message_of_java_util_logging_is_one_string() {
        use crate::envelope::Envelope;
        let message = "Nov 21, 2026 6:21:32 AM sun.security.ssl.SSLLogger log\nSCHWERWIEGEND: Fatal (HANDSHAKE_FAILURE): no cipher suites in common\n";
        let log = format!(
            "{}\n",
            serde_json::json!({"severity": "ERROR", "message": message})
        )
        .repeat(3);
        let envelope = Envelope::detect(log.as_bytes()).unwrap();
        let mut out = Unwrapped::default();
        envelope.unwrap_block(log.as_bytes(), &mut out);
        assert_eq!(
            String::from_utf8_lossy(&out.streams[0].text),
            message.repeat(3)
        );
    }

    #[test]
    fn json_over_many_lines_is_the_log_it_holds() {
        use crate::envelope::Envelope;
        let bare = "javax.net.ssl|DEBUG|01|main|2026-03-04 10:00:00.123 UTC|X.java:1|Produced ClientHello handshake message (\n\"ClientHello\": {\n\t\"client version\"      : \"TLSv1.2\",\n}\n)\n".repeat(4);
        let messages: Vec<_> = bare.lines().collect();
        let events: Vec<_> = messages
            .iter()
            .map(|line| serde_json::json!({"a": 1, "message": line, "z": {"log": "x"}}))
            .collect();
        let hits: Vec<_> = events
            .iter()
            .map(|event| serde_json::json!({"_source": event}))
            .collect();
        let array = serde_json::json!({"events": events});
        let elements: Vec<_> = bare.split_inclusive('\n').collect();
        let output =
            serde_json::json!({"name": "stderr", "output_type": "stream", "text": elements});
        let notebook = serde_json::json!({"cells": [{"outputs": [output], "source": []}]});
        let a_line = |event: &serde_json::Value| format!("{event},\n");
        let tagged =
            |event: &serde_json::Value| format!("2026-03-04 10:00:00 +0000 kube.app: {event}\n");
        for log in [
            serde_json::to_string_pretty(&array).unwrap() + "\n",
            serde_json::to_string_pretty(&hits).unwrap() + "\n",
            format!("{array}\n"),
            format!("[\n{}]\n", events.iter().map(a_line).collect::<String>()),
            hits.iter()
                .flat_map(|hit| [hit.to_string(), "\n".to_owned()])
                .collect(),
            events.iter().map(tagged).collect(),
            serde_json::to_string_pretty(&notebook).unwrap() + "\n",
            format!("{notebook}\n"),
        ] {
            let envelope = Envelope::detect(log.as_bytes()).unwrap_or_else(|| panic!("{log}"));
            assert_eq!(envelope.name(), "json", "{log}");
            let mut out = Unwrapped::default();
            envelope.unwrap_block(log.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out.streams[0].text), bare, "{log}");
        }
    }
}
