//! The text report: what is read at three in the morning.
//!
//! Broken handshakes first, each with its verdict, its picture, the evidence and the remedies;
//! equal ones folded; established ones in a line each, or in a line a group when there are many.
//! Styles are written as ANSI sequences: let the caller strip them where no terminal listens.

mod established;
mod finding;
mod live;
mod picture;
pub(in crate::render) mod wrap;

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasher as _, RandomState},
    io::{self, Write},
};

use anstyle::{AnsiColor, Color, Style};

pub use self::live::Live;
use super::safe::safe;
use crate::{
    assemble::Assembly,
    diagnose::Finding,
    handshake::{Handshake, How, Outcome, Role},
    report::{Analysed, FindingView, HandshakeView, InputView, Report},
    time::LogTime,
    tls::MessageKind,
};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const BAD: Style = Style::new()
    .bold()
    .fg_color(Some(Color::Ansi(AnsiColor::Red)));
pub(crate) const GOOD: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Green)));
pub(crate) const WARN: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Yellow)));
pub(crate) const COMMAND: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Cyan)));

/// Characters of a style's sequence, on average: good enough to break a line by.
const STYLE_WIDTH: usize = 4;

/// How much is printed.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Columns to use.
    pub width: usize,
    /// Verdict lines only.
    pub quiet: bool,
    /// Pictures of established handshakes, too.
    pub verbose: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            width: 100,
            quiet: false,
            verbose: false,
        }
    }
}

/// Writes the whole report.
pub fn write(report: &Report<'_>, options: Options, out: &mut dyn Write) -> io::Result<()> {
    for (index, input) in report.inputs().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        header(&input, report, index, options, out)?;
        parts(&input, options, out)?;
        let all = 0..report.analysed()[index].analysis.assembly.handshakes.len();
        broken(report, index, all, &mut Told::default(), options, out)?;
        established::write(report, index, options, out)?;
        log_findings(report, index, options, out)?;
        anomalies(&input, report, index, options, out)?;
    }
    Ok(())
}

/// `server.log   44 handshakes: 41 established, 3 failed   client · JDK 17 · 2026-03-04 …`
fn header(
    input: &InputView,
    report: &Report<'_>,
    index: usize,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let assembly = &report.analysed()[index].analysis.assembly;
    let count = |outcome: &str| {
        assembly
            .handshakes
            .iter()
            .filter(|handshake| handshake.outcome.name() == outcome)
            .count()
    };
    let counts: Vec<String> = [("established", GOOD), ("failed", BAD), ("unfinished", WARN)]
        .into_iter()
        .filter_map(|(outcome, style)| match count(outcome) {
            0 => None,
            number => Some(format!("{style}{number} {outcome}{style:#}")),
        })
        .collect();
    let total = assembly.handshakes.len();
    let counts = if counts.is_empty() {
        String::new()
    } else {
        format!(": {}", counts.join(", "))
    };
    let title = format!(
        "{BOLD}{}{BOLD:#}   {total} handshake{}{counts}",
        safe(&input.path),
        plural(total)
    );
    let facts = header_facts(input, assembly);
    let styles = title.chars().filter(|&c| c == '\u{1b}').count() * STYLE_WIDTH;
    let length = title.chars().count().saturating_sub(styles) + 3 + facts.chars().count();
    if facts.is_empty() {
        writeln!(out, "{title}")
    } else if length <= options.width {
        writeln!(out, "{title}   {DIM}{facts}{DIM:#}")
    } else {
        writeln!(out, "{title}\n  {DIM}{facts}{DIM:#}")
    }
}

/// The files of a rotated set with the line that each begins at: lines count through all of them.
fn parts(input: &InputView, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let shown = if options.verbose { usize::MAX } else { 10 };
    for (at, part) in input.parts.iter().take(shown).enumerate() {
        let label = if at == 0 { "read as one" } else { "" };
        let (line, path) = (part.first_line, safe(&part.path));
        writeln!(out, "  {DIM}{label:<11}  line {line:<9}  {path}{DIM:#}")?;
    }
    match input.parts.len().saturating_sub(shown) {
        0 => Ok(()),
        more => writeln!(out, "  {DIM}… and {more} more files (-v){DIM:#}"),
    }
}

/// `client · JDK 17 · 2026-03-04 12:33:44.581 – 12:41:02.003 UTC`
fn header_facts(input: &InputView, assembly: &Assembly) -> String {
    let mut facts = Vec::new();
    let has_role = |role: Role| {
        assembly
            .handshakes
            .iter()
            .any(|handshake| handshake.role == Some(role))
    };
    let roles: Vec<&str> = [Role::Client, Role::Server]
        .into_iter()
        .filter(|&role| has_role(role))
        .map(Role::name)
        .collect();
    if !roles.is_empty() {
        facts.push(roles.join(" and "));
    }
    if let Some(jdk) = &input.jdk {
        facts.push(format!("JDK {}", jdk.guess));
    }
    if input.dialects.iter().any(|&dialect| dialect != "unified") {
        facts.push(format!("{} dialect", input.dialects.join(" and ")));
    }
    if let Some(envelope) = &input.envelope {
        facts.push(format!("in {} lines", safe(envelope)));
    }
    if let (Some(first), Some(last)) = (&assembly.first_at, &assembly.last_at) {
        let last = if first.date() == last.date() {
            last.time_of_day()
        } else {
            format!("{} {}", last.date(), last.time_of_day())
        };
        facts.push(format!(
            "{} {} – {last} {}",
            first.date(),
            first.time_of_day(),
            safe(&first.zone)
        ));
    }
    facts.join(" · ")
}

/// Failed and unfinished handshakes among those at `positions`, equal ones folded under the first, or
/// under one that was told before.
fn broken(
    report: &Report<'_>,
    input: usize,
    positions: impl Iterator<Item = usize>,
    told: &mut Told,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Analysed {
        analysis,
        diagnosis,
        ..
    } = &report.analysed()[input];
    let handshakes = &analysis.assembly.handshakes;
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<Sameness<'_>, usize> = HashMap::new();
    for position in positions {
        let handshake = &handshakes[position];
        if handshake.outcome == Outcome::Established {
            continue;
        }
        let at = *known
            .entry(sameness(handshake, &diagnosis.by_handshake[position]))
            .or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
        groups[at].push(position);
    }
    groups.sort_by_key(|group| handshakes[group[0]].outcome == Outcome::Unfinished);
    for group in &groups {
        let sameness = sameness(&handshakes[group[0]], &diagnosis.by_handshake[group[0]]);
        if let Some(before) = told.before(&sameness, report.id(input, group[0])) {
            fold(report, input, group, Some(before), out)?;
        } else {
            one_broken(report, input, group[0], options, out)?;
            fold(report, input, &group[1..], None, out)?;
        }
    }
    Ok(())
}

/// Failures that were told in full; a hash stands for each, because what they borrow from does not last.
#[derive(Debug, Default)]
struct Told {
    hasher: RandomState,
    ids: HashMap<u64, u32>,
}

impl Told {
    /// The one like this that was told before; else this is it from now on.
    fn before(&mut self, sameness: &Sameness<'_>, id: u32) -> Option<u32> {
        match self.ids.entry(self.hasher.hash_one(sameness)) {
            Entry::Occupied(told) => Some(*told.get()),
            Entry::Vacant(free) => {
                free.insert(id);
                None
            }
        }
    }
}

/// Handshakes of which all this is equal failed in the same way with the same peer.
type Sameness<'a> = (
    Outcome,
    Option<Role>,
    Option<&'a str>,
    Option<(&'a str, &'a str)>,
    Option<(How, Option<&'a str>)>,
);

fn sameness<'a>(handshake: &'a Handshake, findings: &'a [Finding]) -> Sameness<'a> {
    (
        handshake.outcome,
        handshake.role,
        handshake.server_name().map(|name| &**name),
        findings
            .first()
            .map(|finding| (finding.rule, &*finding.headline)),
        handshake
            .break_up
            .as_ref()
            .map(|break_up| (break_up.how, break_up.after.as_ref().map(MessageKind::name))),
    )
}

fn one_broken(
    report: &Report<'_>,
    input: usize,
    position: usize,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let handshake = &report.handshake(input, position);
    writeln!(out)?;
    verdict(handshake, options, out)?;
    if options.quiet {
        return Ok(());
    }
    if let Some(cause) = handshake.findings.first()
        && !cause.explanation.starts_with("Seen from the")
    {
        finding::explanation(cause, options, out)?;
    }
    picture::write(handshake, options, out)?;
    match told_before(handshake, report, input) {
        Some(other) => {
            finding::evidence(&handshake.findings, options, out)?;
            writeln!(
                out,
                "  {BOLD}remedy{BOLD:#}     {DIM}see #{other}, the other end of this connection{DIM:#}"
            )
        }
        None => finding::rest(&handshake.findings, options, out),
    }
}

/// The other end of the connection, when it stands above with the same cause and its remedies.
fn told_before(view: &HandshakeView<'_>, report: &Report<'_>, input: usize) -> Option<u32> {
    let Analysed {
        analysis,
        diagnosis,
        ..
    } = &report.analysed()[input];
    let handshake = view.source();
    let other = handshake
        .paired_with
        .filter(|&other| other < handshake.id)? as usize
        - 1;
    let still_open = analysis.assembly.handshakes.get(other)?.outcome == handshake.outcome;
    let cause = diagnosis.by_handshake.get(other)?.first()?.rule;
    (still_open && view.findings.first()?.rule == cause).then(|| report.id(input, other))
}

/// The mark, who with whom, where it broke, and the cause in one line; then rule, sureness, fault.
fn verdict(handshake: &HandshakeView<'_>, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let (mark, style) = if handshake.outcome == "failed" {
        ("✗", BAD)
    } else {
        ("?", WARN)
    };
    let break_up = handshake.break_up.as_ref();
    let broke = match break_up.map(|break_up| (break_up.after, break_up.expected.is_empty())) {
        _ if handshake.outcome == "unfinished" => "not finished".to_owned(),
        Some((Some(after), _)) => format!("broke after {}", safe(after)),
        Some((None, false)) => "broke before the first message".to_owned(),
        Some((None, true)) | None => "broke".to_owned(),
    };
    let what = handshake
        .findings
        .first()
        .map_or("no rule has a word for it", |finding| finding.headline);
    let at = handshake
        .source()
        .started_at()
        .map(LogTime::time_of_day)
        .unwrap_or_default();
    let line = format!("{at}  {}   {broke}: {}", who(handshake), safe(what));
    let indent = format!("{mark} #{}", handshake.id).chars().count() + 2;
    let mut lines = wrap::wrap(&line, options.width.saturating_sub(indent)).into_iter();
    writeln!(
        out,
        "{style}{mark} #{}{style:#}  {BOLD}{}{BOLD:#}",
        handshake.id,
        lines.next().unwrap_or_default()
    )?;
    for line in lines {
        writeln!(out, "{:indent$}{BOLD}{line}{BOLD:#}", "")?;
    }
    if let Some(finding) = handshake.findings.first() {
        rule_line(finding, out)?;
    }
    Ok(())
}

/// `T101 incomplete-certificate-chain · strong · fix on the server`
fn rule_line(finding: &FindingView<'_>, out: &mut dyn Write) -> io::Result<()> {
    let fault = match finding.at_fault {
        "client" => "to be fixed on the client",
        "server" => "to be fixed on the server",
        "network" => "to be fixed in the network",
        "either" => "to be fixed on either side",
        // a remark about the log is nobody's fault
        _ if finding.code.starts_with('L') && finding.rule != "undetermined" => "",
        _ => "this log does not prove whose fault it is",
    };
    let fault = if fault.is_empty() {
        String::new()
    } else {
        format!(" · {fault}")
    };
    writeln!(
        out,
        "  {WARN}{} {}{WARN:#} · {}{fault}",
        finding.code, finding.rule, finding.confidence
    )
}

/// `main → api.company.com`, `http-nio-8443-exec-1 ← client`
fn who(handshake: &HandshakeView<'_>) -> String {
    let thread = handshake.thread.as_ref().map_or("", |thread| {
        if thread.name.is_empty() {
            thread.id
        } else {
            thread.name
        }
    });
    let host = handshake
        .peer
        .host
        .filter(|_| handshake.role == Some("client"));
    let name = handshake.peer.server_name.or(host);
    match handshake.role {
        Some("client") => format!("{} → {}", safe(thread), safe(name.unwrap_or("server"))),
        Some(_) => match name {
            Some(name) => format!("{} ← client, for {}", safe(thread), safe(name)),
            None => format!("{} ← client", safe(thread)),
        },
        None => format!("thread {}", safe(thread)),
    }
}

/// `✗ #13, #31  the same, with the same peer (12:34:01 – 12:40:57)`
fn fold(
    report: &Report<'_>,
    input: usize,
    others: &[usize],
    told: Option<u32>,
    out: &mut dyn Write,
) -> io::Result<()> {
    const SHOWN: usize = 6;
    let handshakes = &report.analysed()[input].analysis.assembly.handshakes;
    let (Some(&first), Some(&last)) = (others.first(), others.last()) else {
        return Ok(());
    };
    let id = |&position: &usize| format!("#{}", report.id(input, position));
    let ids: Vec<String> = others.iter().take(SHOWN).map(id).collect();
    let more = if others.len() > SHOWN {
        format!(" and {} more", others.len() - SHOWN)
    } else {
        String::new()
    };
    let time = |position: usize| {
        handshakes[position]
            .started_at()
            .map(LogTime::time_of_day)
            .unwrap_or_default()
    };
    let times = if others.len() == 1 {
        time(first)
    } else {
        format!("{} – {}", time(first), time(last))
    };
    let same = match (told, handshakes[first].server_name()) {
        (Some(told), Some(_)) => format!("the same cause, the same peer as #{told}"),
        (Some(told), None) => format!("the same cause as #{told}"),
        (None, Some(_)) => "the same, with the same peer".to_owned(),
        (None, None) => "the same".to_owned(),
    };
    let (mark, style) = if handshakes[first].outcome == Outcome::Failed {
        ("✗", BAD)
    } else {
        ("?", WARN)
    };
    writeln!(
        out,
        "\n{style}{mark} {}{more}{style:#}  {same} ({times})",
        ids.join(", ")
    )
}

/// Faults of the JVM and of the log.
fn log_findings(
    report: &Report<'_>,
    index: usize,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    // a finding that a handshake above was told with needs no second telling
    let told = |rule: &str| {
        let first = report.analysed()[index]
            .diagnosis
            .by_handshake
            .iter()
            .filter_map(|findings| findings.first());
        first.into_iter().any(|finding| finding.rule == rule)
    };
    let views: Vec<FindingView<'_>> = report
        .log_findings_of(index)
        .filter(|finding| !told(finding.rule))
        .collect();
    for finding in &views {
        let style = if finding.severity == "error" {
            BAD
        } else {
            WARN
        };
        writeln!(out, "\n{style}! {}{style:#}", safe(finding.headline))?;
        rule_line(finding, out)?;
        if !options.quiet {
            finding::explanation(finding, options, out)?;
            finding::rest(std::slice::from_ref(finding), options, out)?;
        }
    }
    Ok(())
}

/// Odd input, counted; the first few with their line.
fn anomalies(
    input: &InputView,
    report: &Report<'_>,
    index: usize,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    const SHOWN: usize = 5;
    if input.anomalies == 0 {
        return Ok(());
    }
    let count = usize::try_from(input.anomalies).unwrap_or(usize::MAX);
    writeln!(
        out,
        "\n{WARN}! {count} oddit{} in the input{WARN:#}, read as far as possible",
        if count == 1 { "y" } else { "ies" }
    )?;
    let shown = if options.quiet {
        0
    } else if options.verbose {
        usize::MAX
    } else {
        SHOWN
    };
    for anomaly in report.anomalies_of(index).take(shown) {
        writeln!(
            out,
            "  line {:<8} {}: {}",
            anomaly.line,
            anomaly.kind,
            safe(&anomaly.text)
        )?;
    }
    Ok(())
}

pub(crate) fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
