//! Lines of the log, with what matters in them brought out.

use crate::tui::{
    doc::{Doc, DocLine, Tone},
    log_lines::{Lines, LogLine},
};

/// Columns of the line's number in front of it.
const NUMBER: usize = 11;

/// Every line of a part of the log; those of this handshake are told by `is_own`.
pub fn of_lines(lines: &Lines, is_own: impl Fn(u64) -> bool) -> Doc {
    let mut doc = Doc::default();
    for line in &lines.lines {
        doc.push(shown(line, is_own(line.number)));
    }
    doc
}

/// The lines of some entries; where lines of others stand between, that is said.
pub fn of_entries(lines: &Lines) -> Doc {
    let mut doc = Doc::default();
    let mut before: Option<u64> = None;
    for line in &lines.lines {
        if let Some(between) = before
            .and_then(|before| line.number.checked_sub(before + 1))
            .filter(|&between| between > 0)
        {
            let what = if between == 1 {
                "line of something else"
            } else {
                "lines of something else"
            };
            doc.line(format!("{:>9}  ⋯ {between} {what}", ""), Tone::Ghost);
        }
        before = Some(line.number);
        doc.push(shown(line, true));
    }
    doc
}

fn shown(line: &LogLine, own: bool) -> DocLine {
    let number = DocLine::new()
        .with(format!("{:>9}  ", line.number), Tone::Dim)
        .at(line.number, line.offset)
        .hanging(NUMBER);
    if !own {
        return number.with(&line.text, Tone::Dim);
    }
    // the head of an entry is known by heart: what stands behind its last column matters
    let message = head_len(&line.text);
    let (head, text) = line.text.split_at(message);
    number
        .with(head, Tone::Dim)
        .with(text, tone(text, message > 0))
}

/// Bytes up to the message of an entry: `javax.net.ssl|DEBUG|01|main|…|…:123|`
fn head_len(text: &str) -> usize {
    let Some(start) = text.find("javax.net.ssl|") else {
        return 0;
    };
    let columns = text[start..].match_indices('|').nth(5);
    columns.map_or(0, |(at, _)| start + at + 1)
}

fn tone(text: &str, is_title: bool) -> Tone {
    /// Words of trouble, as every dialect prints them.
    const BAD: [&str; 8] = [
        "Fatal (",
        "Exception",
        "fatal",
        "Received alert message",
        "ALERT:",
        "Caused by",
        "handling exception",
        "Remote host",
    ];
    let trimmed = text.trim_start();
    if BAD.iter().any(|word| text.contains(word)) {
        Tone::Bad
    } else if is_title || trimmed.starts_with("*** ") {
        Tone::Strong
    } else if is_dump(trimmed) {
        Tone::Ghost
    } else {
        Tone::Plain
    }
}

/// `0000: 16 03 03 …`
fn is_dump(text: &str) -> bool {
    text.get(..5).is_some_and(|start| {
        start.ends_with(':') && start[..4].bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stand_out_from_their_heads() {
        let line = LogLine {
            number: 7,
            offset: 70,
            text: "javax.net.ssl|DEBUG|01|a|b|2026-11-21|X.java:1|Fatal (CERTIFICATE_UNKNOWN): no"
                .to_owned(),
        };
        let shown = shown(&line, true);
        assert_eq!(shown.text(), format!("        7  {}", line.text));
        assert_eq!(head_len("no head here"), 0);
        assert!(is_dump("0010: AB CD") && !is_dump("at java.base/x"));
    }

    #[test]
    fn gaps_are_told() {
        let line = |number| LogLine {
            number,
            offset: number,
            text: "x".to_owned(),
        };
        let lines = Lines {
            lines: vec![line(3), line(4), line(9)],
            ..Lines::default()
        };
        let doc = of_entries(&lines);
        assert!(doc.lines[2].text().contains("4 lines of something else"));
        assert_eq!(doc.lines.len(), 4);
    }
}
