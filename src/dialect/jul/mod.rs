//! The `jul` dialect: what a logging framework makes of JSSE's entries when the option is empty.
//!
//! ```text
//! Nov 21, 2026 6:12:51 AM sun.security.ssl.SSLLogger log       java.util.logging, SimpleFormatter
//! FINE: Produced ClientHello handshake message
//! 06:16:56.373 [client] DEBUG javax.net.ssl - Raw read         Log4j, Logback, one-line formats
//! <record> … <logger>javax.net.ssl</logger> …                  XMLFormatter
//! ```
//!
//! Up to JDK 25 a back end mostly drops the body of an entry: then the title is all there is. From
//! JDK-8343395 on (seen in 27) title and body are one text, joined by `:` and a line break.
//! `XMLFormatter` keeps the body in any release. Title and body are the unified dialect's, and are
//! read by it.
//!
//! Not handled: layouts that print the message before the logger's name, JSON layouts, and, without a
//! thread in the layout, telling apart the two ends of one JVM.

pub(in crate::dialect) mod head;
pub(in crate::dialect) mod start;
mod xml;

use self::head::Record;
use super::unified::Unified;
use crate::{
    entry::{Entry, Head, Origin},
    event::Event,
    span::Span,
};

/// The index of the next line, from `from` on, that begins a record of the logger `javax.net.ssl`. Whether
/// one begins may show on its second line only: the answer holds when that line is complete.
pub(crate) fn next_start(text: &[u8], from: usize) -> Option<usize> {
    start::next_start(text, from)
}

/// Reads one record: `text` goes from where [`next_start`] said to where it says next. Lines of the
/// events count from the record's first line, as in `span`.
pub(crate) fn read(
    text: &[u8],
    span: Span,
    last: bool,
    dialect: &mut Unified,
    events: &mut Vec<Event>,
) {
    let record = if text.trim_ascii_start().starts_with(b"<record>") {
        xml::record(text)
    } else {
        head::record(text)
    };
    if let Some(record) = record {
        record.hand_over(span, last, dialect, events);
    }
}

impl Record<'_> {
    /// The entry as the unified dialect would have it.
    fn hand_over(&self, span: Span, last: bool, dialect: &mut Unified, events: &mut Vec<Event>) {
        // ` (` as in the compact form: in a proposed change to the JDK, not seen in a release
        let title = self.title.strip_suffix(b":");
        let title = title.or_else(|| self.title.strip_suffix(b" ("));
        let (title, has_body) = match title {
            Some(title) if !self.rest.trim_ascii().is_empty() => (title, true),
            _ => (&*self.title, self.has_parameter),
        };
        let mut rest = self.rest.to_vec();
        if has_body && !self.cut_off {
            if rest.last().is_some_and(|&last| last != b'\n') {
                rest.push(b'\n');
            }
            rest.extend_from_slice(b")\n");
        }
        let entry = Entry {
            head: Head {
                // the framework's level tells nothing about the release, but for this one
                level: if self.level == b"ALL" { b"ALL" } else { b"" },
                origin: Origin {
                    thread: &self.thread,
                    thread_id_len: self.thread_id_len,
                    timestamp: &self.timestamp,
                    zone: self.zone,
                },
                caller: b"",
                message: title,
                has_body,
                len: 0,
            },
            rest: &rest,
            span: span.down(self.title_line),
            last: last && self.cut_off,
            truncated: false,
        };
        let (packets, plaintexts) = (dialect.survey.packets, dialect.survey.plaintexts);
        dialect.read(&entry, &entry.parts(), events);
        if !has_body {
            // the title of a dump is no dump: there are no secrets in what was lost
            (dialect.survey.packets, dialect.survey.plaintexts) = (packets, plaintexts);
        }
    }
}

#[cfg(test)]
mod tests;
