//! SARIF 2.1.0 (OASIS), which code scanning reads: the catalogue as rules, causes as results.
//!
//! Equal causes with the same peer are one result with a count. Messages are plain text in which SARIF knows links
//! (§3.11.6) and placeholders (§3.11.5): words of a log must not become either.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use serde::Serialize;

use super::{json, rules::sentence, safe::safe, selection};
use crate::{
    diagnose::{RULES, Rule},
    handshake::Outcome,
    report::{BriefFinding, FindingView, HandshakeView, InputView, Report, SelectionView},
};

/// Where the format is described.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes the report.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: safe(&report.tool().name).into_owned(),
                    version: safe(&report.tool().version).into_owned(),
                    rules: RULES.iter().map(|rule| Descriptor::of(*rule)).collect(),
                },
            },
            results: report
                .inputs()
                .enumerate()
                .flat_map(|(index, input)| results(report, index, &input))
                .collect(),
            invocations: Invocation::of(report),
            properties: report.selection_of_all().map(Part::of),
        }],
    };
    json::write_pretty(&log, out)
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
struct Run {
    tool: Tool,
    results: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invocations: Option<[Invocation; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Part>,
}

/// §3.20: where a run has something to say about itself.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
}

/// Which handshakes the results are of, in numbers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
    handshakes_in_log: usize,
    handshakes_wanted: usize,
    handshakes_left_out: usize,
}

impl Part {
    fn of(selection: SelectionView) -> Self {
        Self {
            filter: selection.filter.map(|filter| safe(&filter).into_owned()),
            handshakes_in_log: selection.handshakes,
            handshakes_wanted: selection.wanted,
            handshakes_left_out: selection.left_out.all(),
        }
    }
}

impl Invocation {
    /// `None` where the results are all there is.
    fn of(report: &Report<'_>) -> Option<[Self; 1]> {
        let left_out = report
            .selection_of_all()
            .and_then(|selection| selection::left_out(&selection.left_out));
        let redacted = report.redacted().map(|what| {
            format!(
                "Redacted: {what}. {} {}",
                selection::TOKENS,
                selection::LOOK
            )
        });
        let said: Vec<Notification> = [selection::said(report), left_out, redacted]
            .into_iter()
            .flatten()
            .map(|said| Notification {
                level: "note",
                message: Text::of(&said),
            })
            .collect();
        (!said.is_empty()).then_some([Self {
            execution_successful: true,
            tool_execution_notifications: said,
        }])
    }
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: String,
    version: String,
    rules: Vec<Descriptor>,
}

/// §3.49: the id is what stays, the name is for people.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    name: &'static str,
    short_description: Text,
    help: Text,
    properties: Tags,
}

#[derive(Serialize)]
struct Tags {
    tags: [&'static str; 1],
}

#[derive(Serialize)]
struct Text {
    text: String,
}

/// §3.27
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    occurrence_count: usize,
    properties: Properties,
}

/// What SARIF has no field for.
#[derive(Serialize)]
struct Properties {
    rule: String,
    confidence: String,
    at_fault: String,
    /// Of the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    handshake: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u64,
}

impl Descriptor {
    fn of(rule: &dyn Rule) -> Self {
        let sections: Vec<String> = rule
            .sections()
            .into_iter()
            .map(|(heading, text)| format!("{heading}\n\n{text}"))
            .collect();
        Self {
            id: rule.code(),
            name: rule.name(),
            short_description: Text {
                text: sentence(rule.summary()),
            },
            help: Text {
                text: sections.join("\n\n"),
            },
            properties: Tags {
                tags: [rule.family().name],
            },
        }
    }
}

/// What makes causes equal: how the handshake ended, with whom, and why.
type Sameness<'a> = (Outcome, Option<&'a str>, BriefFinding<'a>);

/// Of those told of one input, each with all that are like it, in the order of the log; faults of the JVM and of the log last.
fn results(report: &Report<'_>, index: usize, input: &InputView) -> Vec<Finding> {
    let mut known: HashMap<Sameness<'_>, usize> = HashMap::new();
    let mut results: Vec<Finding> = Vec::new();
    let mut told: Vec<bool> = Vec::new();
    for (position, handshake) in report.briefs_of(index).enumerate() {
        let is_told = report.is_told(index, position);
        for (number, finding) in handshake.causes().enumerate() {
            let key = (handshake.outcome(), handshake.peer(), finding);
            if let Some(&at) = known.get(&key) {
                results[at].occurrence_count += 1;
                told[at] |= is_told;
                continue;
            }
            let view = report.handshake(index, position);
            if let Some(finding) = view.findings.get(number) {
                known.insert(key, results.len());
                let peer = handshake.peer().map(|peer| report.redactor().host(peer));
                results.push(Finding::of(finding, input, Some((&view, peer.as_deref()))));
                told.push(is_told);
            }
        }
    }
    let mut told = told.into_iter();
    results.retain(|_| told.next().unwrap_or(true));
    let of_log = report.log_findings_of(index);
    results.extend(of_log.map(|finding| Finding::of(&finding, input, None)));
    results
}

impl Finding {
    fn of(
        finding: &FindingView<'_>,
        input: &InputView,
        handshake: Option<(&HandshakeView<'_>, Option<&str>)>,
    ) -> Self {
        let mut evidence = finding.evidence.iter();
        let first = match (evidence.next(), handshake) {
            (Some(evidence), _) => evidence.line,
            (None, Some((view, _))) => view.first_line,
            (None, None) => 0,
        };
        Self {
            rule_id: safe(&finding.code).into_owned(),
            rule_index: RULES.iter().position(|rule| rule.code() == finding.code),
            level: match &*finding.severity {
                "error" => "error",
                "warning" => "warning",
                _ => "note",
            },
            message: Text::of(&match handshake.and_then(|(_, peer)| peer) {
                Some(peer) => format!("{peer}: {}. {}", finding.headline, finding.explanation),
                None => format!("{}. {}", finding.headline, finding.explanation),
            }),
            locations: vec![Location::of(input, first, None)],
            related_locations: evidence
                .map(|evidence| Location::of(input, evidence.line, Some(&evidence.text)))
                .collect(),
            occurrence_count: 1,
            properties: Properties {
                rule: safe(&finding.rule).into_owned(),
                confidence: safe(&finding.confidence).into_owned(),
                at_fault: safe(&finding.at_fault).into_owned(),
                handshake: handshake.map(|(view, _)| view.id),
                peer: handshake.and_then(|(_, peer)| Some(safe(peer?).into_owned())),
            },
        }
    }
}

impl Text {
    /// Words of a log, inert.
    fn of(text: &str) -> Self {
        let text = safe(text.trim_end()).replace("](", "] (");
        let mut inert = String::with_capacity(text.len());
        let mut rest = &*text;
        while let Some(at) = rest.find('{') {
            let (before, braced) = rest.split_at(at);
            inert.push_str(before);
            let digits = braced[1..].bytes().take_while(u8::is_ascii_digit).count();
            let is_placeholder = digits > 0 && braced[1 + digits..].starts_with('}');
            let end = if is_placeholder { digits + 2 } else { 1 };
            if is_placeholder {
                inert.push('{');
            }
            inert.push_str(&braced[..end]);
            if is_placeholder {
                inert.push('}');
            }
            rest = &braced[end..];
        }
        inert.push_str(rest);
        Self { text: inert }
    }
}

impl Location {
    /// A line of an input, in the file of a rotated set that it is in.
    fn of(input: &InputView, line: u64, message: Option<&str>) -> Self {
        let part = input.parts.iter().rfind(|part| part.first_line <= line);
        let (path, line) = match part {
            Some(part) => (&part.path, (line + 1).saturating_sub(part.first_line)),
            None => (&input.path, line),
        };
        Self {
            physical_location: Physical {
                artifact_location: Artifact { uri: uri(path) },
                // lines count from 1; 0 is no place
                region: (line > 0).then_some(Region { start_line: line }),
            },
            message: message.map(Text::of),
        }
    }
}

/// A path as a URI (RFC 3986): relative ones stay relative.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let path = path.replace('\\', "/");
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    } else if path.as_bytes().get(1) == Some(&b':') && path.as_bytes().get(2) == Some(&b'/') {
        // a drive of Windows
        uri.push_str("file:///");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_log_are_no_links_and_no_placeholders() {
        let text = |text: &str| Text::of(text).text;
        assert_eq!(
            text("[here](http://evil.example) {0} {x} {12}{"),
            "[here] (http://evil.example) {{0}} {x} {{12}}{"
        );
        assert_eq!(text("a\x1b[2J\n"), "a\\x1b[2J");
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("logs/server 1.log"), "logs/server%201.log");
        assert_eq!(uri("/var/log/a#b.log"), "file:///var/log/a%23b.log");
        assert_eq!(uri("C:\\logs\\ü.log"), "file:///C%3A/logs/%C3%BC.log");
        assert_eq!(uri("javascript:x"), "javascript%3Ax");
    }
}
