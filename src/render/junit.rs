//! The XML of `JUnit`, which CI systems read: a suite for each input, a test case for each peer.
//!
//! A case fails when a handshake with that peer failed; it is skipped when none got to an end. XML has no way to
//! hold control characters, so what a terminal would act upon is written out first ([`safe`]).

use std::{
    collections::HashMap,
    fmt::Write as _,
    io::{self, Write},
};

use super::{safe::safe, selection, text::plural};
use crate::{
    handshake::{Outcome, Role},
    report::{ActionView, Brief, BriefFinding, FindingView, InputView, Report},
    time::{date, time_of_day},
};

/// Causes that are told in full; one peer seldom has more than two.
const CAUSES: usize = 10;
/// Handshakes that are named.
const NAMED: usize = 6;

/// Writes the report.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let suites: Vec<Suite> = report
        .inputs()
        .enumerate()
        .map(|(index, input)| Suite::of(report, index, &input))
        .collect();
    let total = |count: fn(&Verdict) -> bool| suites.iter().map(|suite| suite.count(count)).sum();
    let counts = counts(
        total(|_| true),
        total(Verdict::is_failure),
        total(Verdict::is_skipped),
    );
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"{}\" {counts}>",
        xml(&report.tool().name)
    )?;
    for suite in &suites {
        suite.write(out)?;
    }
    writeln!(out, "</testsuites>")
}

fn counts(tests: usize, failures: usize, skipped: usize) -> String {
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"")
}

struct Suite {
    name: String,
    began_at: Option<String>,
    /// What the suite is about, when it is not about all of the log.
    said: Vec<(&'static str, String)>,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    verdict: Verdict,
}

enum Verdict {
    Passed,
    Skipped(String),
    Failed {
        /// The first cause in one line.
        message: String,
        /// Its rule.
        kind: String,
        text: String,
    },
}

impl Verdict {
    fn is_failure(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }

    fn is_skipped(&self) -> bool {
        matches!(self, Self::Skipped(_))
    }
}

impl Suite {
    fn of(report: &Report<'_>, index: usize, input: &InputView) -> Self {
        let mut cases: Vec<Case> = peers(report, index)
            .iter()
            .map(|peer| peer.case(report, index))
            .collect();
        cases.extend(
            report
                .log_findings_of(index)
                .filter(|finding| finding.severity == "error")
                .map(|finding| Case {
                    name: format!("the JVM and its log: {}", finding.rule),
                    verdict: Verdict::Failed {
                        message: finding.headline.to_string(),
                        kind: rule(&finding),
                        text: told(&finding, (report, index)),
                    },
                }),
        );
        cases.extend(untold(report, index));
        let chosen = selection::said_of(report, index);
        if cases.is_empty() {
            // a log that tells nothing is no success
            cases.push(Case {
                name: "handshakes".to_owned(),
                verdict: Verdict::Skipped(
                    chosen
                        .clone()
                        .unwrap_or_else(|| "no handshake in this log".to_owned()),
                ),
            });
        }
        let began_at = input.first_at.as_deref();
        let left_out = report
            .selection(index)
            .and_then(|selection| selection::left_out(&selection.left_out));
        let said = [
            ("filter", chosen),
            ("limit", left_out),
            ("redacted", report.redacted().map(redaction)),
        ];
        let said = said
            .into_iter()
            .filter_map(|(name, said)| Some((name, said?)));
        Self {
            said: said.collect(),
            name: input.path.clone(),
            began_at: began_at.map(|at| {
                // without fractions and zone, as the schema of most readers has it
                let time = time_of_day(at);
                format!("{}T{}", date(at), time.split('.').next().unwrap_or(time))
            }),
            cases,
        }
    }

    fn count(&self, of: fn(&Verdict) -> bool) -> usize {
        self.cases.iter().filter(|case| of(&case.verdict)).count()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let counts = counts(
            self.cases.len(),
            self.count(Verdict::is_failure),
            self.count(Verdict::is_skipped),
        );
        let began_at = self.began_at.as_ref();
        let began_at = began_at.map_or(String::new(), |at| format!(" timestamp=\"{}\"", xml(at)));
        let name = xml(&self.name);
        writeln!(out, "  <testsuite name=\"{name}\" {counts}{began_at}>")?;
        if !self.said.is_empty() {
            writeln!(out, "    <properties>")?;
            for (name, said) in &self.said {
                let said = xml(said);
                writeln!(out, "      <property name=\"{name}\" value=\"{said}\"/>")?;
            }
            writeln!(out, "    </properties>")?;
        }
        for case in &self.cases {
            write!(
                out,
                "    <testcase name=\"{}\" classname=\"{name}\"",
                xml(&case.name)
            )?;
            match &case.verdict {
                Verdict::Passed => writeln!(out, "/>")?,
                Verdict::Skipped(why) => writeln!(
                    out,
                    ">\n      <skipped message=\"{}\"/>\n    </testcase>",
                    xml(why)
                )?,
                Verdict::Failed {
                    message,
                    kind,
                    text,
                } => writeln!(
                    out,
                    ">\n      <failure message=\"{}\" type=\"{}\">{}</failure>\n    </testcase>",
                    xml(message),
                    xml(kind),
                    xml_lines(text)
                )?,
            }
        }
        writeln!(out, "  </testsuite>")
    }
}

fn redaction(what: &str) -> String {
    format!("{what}. {} {}", selection::TOKENS, selection::LOOK)
}

/// Handshakes of which a saved report has the number only.
fn untold(report: &Report<'_>, index: usize) -> Option<Case> {
    let untold = report.untold(index);
    let said = selection::left_out(&untold)?;
    let verdict = match untold.failed {
        0 => Verdict::Skipped(said),
        failed => Verdict::Failed {
            message: format!(
                "{failed} of {} handshake{} failed",
                untold.all(),
                plural(untold.all())
            ),
            kind: String::new(),
            text: said,
        },
    };
    Some(Case {
        name: "handshakes that the saved report leaves out".to_owned(),
        verdict,
    })
}

/// What happened with one peer.
#[derive(Default)]
struct Peer<'a> {
    name: String,
    established: usize,
    unfinished: usize,
    failed: usize,
    /// Each cause with the handshakes that failed of it.
    causes: Vec<Vec<usize>>,
    known: HashMap<Option<BriefFinding<'a>>, usize>,
}

/// The peers of one input, in the order of the log.
fn peers<'a>(report: &Report<'a>, input: usize) -> Vec<Peer<'a>> {
    let mut peers: Vec<Peer<'a>> = Vec::new();
    let mut known: HashMap<(Option<&str>, Option<&str>), usize> = HashMap::new();
    for (position, handshake) in report.briefs_of(input).enumerate() {
        let key = (handshake.role(), handshake.peer());
        let at = *known.entry(key).or_insert_with(|| {
            let shown = key.1.map(|peer| report.redactor().host(peer));
            peers.push(Peer {
                name: name((key.0, shown.as_deref())),
                ..Peer::default()
            });
            peers.len() - 1
        });
        peers[at].add(position, handshake);
    }
    peers
}

fn name((role, peer): (Option<&str>, Option<&str>)) -> String {
    let role = role.and_then(|role| Role::ALL.into_iter().find(|known| known.name() == role));
    match (role, peer) {
        (Some(Role::Client), Some(peer)) => format!("client of {peer}"),
        (Some(Role::Client), None) => "client of a server without a name".to_owned(),
        (Some(Role::Server), Some(peer)) => format!("server for {peer}"),
        (Some(Role::Server), None) => "server for clients that name none".to_owned(),
        (None, Some(peer)) => peer.to_owned(),
        (None, None) => "a peer without a name".to_owned(),
    }
}

impl<'a> Peer<'a> {
    fn add(&mut self, position: usize, handshake: Brief<'a>) {
        match handshake.outcome() {
            Outcome::Established => self.established += 1,
            Outcome::Unfinished => self.unfinished += 1,
            Outcome::Failed => {
                self.failed += 1;
                let cause = handshake.findings().next();
                let at = *self.known.entry(cause).or_insert_with(|| {
                    self.causes.push(Vec::new());
                    self.causes.len() - 1
                });
                self.causes[at].push(position);
            }
        }
    }

    fn case(&self, report: &Report<'_>, input: usize) -> Case {
        let verdict = match (self.failed, self.established) {
            (0, 0) => Verdict::Skipped(format!(
                "the log does not show how {} handshake{} ended",
                self.unfinished,
                plural(self.unfinished)
            )),
            (0, _) => Verdict::Passed,
            _ => self.failure(report, input),
        };
        Case {
            name: self.name.clone(),
            verdict,
        }
    }

    fn failure(&self, report: &Report<'_>, input: usize) -> Verdict {
        let all = self.failed + self.established + self.unfinished;
        let mut text = format!("{} of {all} handshake{} failed\n", self.failed, plural(all));
        if let Some(chosen) = selection::said_of(report, input) {
            let _ = writeln!(text, "{}", line(&chosen));
        }
        let mut first = None;
        let is_told = |&position: &usize| report.is_told(input, position);
        let mut left_out = 0;
        for (number, positions) in self.causes.iter().enumerate() {
            let is_told = number < CAUSES && positions.iter().any(is_told);
            left_out += usize::from(!is_told);
            let Some(&position) = positions.first().filter(|_| is_told || number == 0) else {
                continue;
            };
            let handshake = report.handshake(input, position);
            let cause = handshake.findings.first();
            let headline = cause.map_or("no rule has a word for it", |cause| &cause.headline);
            first.get_or_insert((headline.to_owned(), cause.map(rule).unwrap_or_default()));
            if is_told {
                let _ = writeln!(text, "\n{}", named(report, input, positions));
                let _ = writeln!(text, "{}", line(headline));
                text.extend(cause.map(|cause| told(cause, (report, input)) + "\n"));
            }
        }
        if left_out > 0 {
            let _ = writeln!(text, "\n{left_out} cause{} not told here", plural(left_out));
        }
        let (mut message, kind) = first.unwrap_or_default();
        match self.causes.len() {
            0 | 1 => {}
            causes => drop(write!(message, " (and {} more)", causes - 1)),
        }
        Verdict::Failed {
            message,
            kind,
            text,
        }
    }
}

/// `#12 (line 812), #13 (line 903) and 4 more:`
fn named(report: &Report<'_>, input: usize, positions: &[usize]) -> String {
    let names: Vec<String> = positions
        .iter()
        .take(NAMED)
        .map(|&position| {
            let handshake = report.brief(input, position);
            format!("#{} (line {})", handshake.id(), handshake.first_line())
        })
        .collect();
    let more = match positions.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}:", names.join(", "))
}

fn rule(finding: &FindingView<'_>) -> String {
    format!("{} {}", finding.code, finding.rule)
}

/// Rule, explanation, evidence and remedies, each line for itself.
fn told(finding: &FindingView<'_>, (report, input): (&Report<'_>, usize)) -> String {
    let mut text = format!(
        "{} · {} · at fault: {}\n",
        rule(finding),
        finding.confidence,
        finding.at_fault
    );
    if !finding.explanation.is_empty() {
        let _ = writeln!(text, "\n{}", line(&finding.explanation));
    }
    let _ = writeln!(text, "\nevidence");
    let mut file = None;
    for evidence in &finding.evidence {
        let place = report.place(input, evidence.line);
        if let Some(place) = place.as_ref().filter(|_| place != file) {
            let _ = match place.first_line {
                1 => writeln!(text, "  in {}", line(&place.path)),
                first => writeln!(
                    text,
                    "  in {}, whose first line is line {first}",
                    line(&place.path)
                ),
            };
        }
        let _ = writeln!(text, "  line {}: {}", evidence.line, line(&evidence.text));
        file = place;
    }
    actions("remedy", &finding.remedies, &mut text);
    actions("confirm", &finding.confirm, &mut text);
    text
}

fn actions(title: &str, actions: &[ActionView<'_>], text: &mut String) {
    if actions.is_empty() {
        return;
    }
    let _ = writeln!(text, "{title}");
    for action in actions {
        let party = action.party.as_ref().filter(|_| action.is_sided);
        let party = party.map_or(String::new(), |party| format!("{party}: "));
        let _ = writeln!(text, "  {party}{}", line(&action.action));
        for command in &action.commands {
            let _ = writeln!(text, "    {}", line(&command.to_string()));
        }
    }
}

/// Line breaks in words of the log would look like lines of ours.
fn line(text: &str) -> String {
    safe(text).into_owned()
}

/// Text of several lines of ours.
fn xml_lines(text: &str) -> String {
    let lines: Vec<String> = text.trim_end().split('\n').map(xml).collect();
    lines.join("\n")
}

/// Text for an attribute or an element.
fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in safe(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // XML 1.0 §2.2 has no place for these two
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
