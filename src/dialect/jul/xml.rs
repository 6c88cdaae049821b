//! Records of `java.util.logging.XMLFormatter`.
//!
//! ```text
//! <record>
//!   <date>2026-11-21T06:16:43.180472578Z</date>
//!   <logger>javax.net.ssl</logger>
//!   <level>FINE</level>
//!   <thread>12</thread>                     a number of java.util.logging's own
//!   <message>adding as trusted certificates</message>
//!   <param>  "certificate" : { …</param>    up to JDK 25; 27 has the body in the message
//! </record>
//! ```

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memmem};

use super::head::{Record, timestamp};

/// Takes a record apart; `<`, `>` and `&` are written out in it.
pub(super) fn record(text: &[u8]) -> Option<Record<'_>> {
    let message = element(text, b"<message>", b"</message>")?;
    let line = memchr_iter(b'\n', &text[..message.at]).count();
    let (title, more) = match memchr(b'\n', message.text) {
        Some(feed) => (&message.text[..feed], &message.text[feed + 1..]),
        None => (message.text, &b""[..]),
    };
    let parameter = element(&text[message.at..], b"<param>", b"</param>");
    let date = element(text, b"<date>", b"</date>").map_or(&b""[..], |date| date.text);
    let id = element(text, b"<thread>", b"</thread>").map_or(&b""[..], |id| id.text);
    Some(Record {
        level: element(text, b"<level>", b"</level>").map_or(&b""[..], |level| level.text),
        thread: [id, b"|"].concat(),
        thread_id_len: id.len(),
        timestamp: timestamp(date).unwrap_or_default(),
        zone: if date.ends_with(b"Z") { b"UTC" } else { b"" },
        title: unescaped(title),
        rest: unescaped(parameter.as_ref().map_or(more, |parameter| parameter.text)),
        has_parameter: parameter.is_some(),
        cut_off: !message.closed || parameter.is_some_and(|parameter| !parameter.closed),
        title_line: u32::try_from(line).unwrap_or(u32::MAX),
    })
}

struct Element<'a> {
    text: &'a [u8],
    /// Where its text begins.
    at: usize,
    closed: bool,
}

fn element<'a>(text: &'a [u8], open: &[u8], close: &[u8]) -> Option<Element<'a>> {
    let at = memmem::find(text, open)? + open.len();
    let end = memmem::find(&text[at..], close);
    Some(Element {
        text: &text[at..end.map_or(text.len(), |end| at + end)],
        at,
        closed: end.is_some(),
    })
}

fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    const NAMES: [(&[u8], u8); 5] = [
        (b"&lt;", b'<'),
        (b"&gt;", b'>'),
        (b"&amp;", b'&'),
        (b"&quot;", b'"'),
        (b"&apos;", b'\''),
    ];
    if memchr(b'&', text).is_none() {
        return text.into();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let (name, byte) = NAMES
            .iter()
            .find(|(name, _)| rest.starts_with(name))
            .copied()
            .unwrap_or((b"&", b'&'));
        out.push(byte);
        rest = &rest[name.len()..];
    }
    out.extend_from_slice(rest);
    out.into()
}
