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
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
    hash::BuildHasher as _,
    io::{self, Write},
};

use anstyle::{AnsiColor, Color, Style};
use foldhash::quality::RandomState;

pub use self::live::Live;
use super::{safe::safe, selection};
use crate::{
    handshake::{Outcome, Role},
    report::{BreakUpView, Brief, BriefFinding, FindingView, HandshakeView, InputView, Report},
    time::{date, time_of_day},
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
    redacted(report, options, out)?;
    for (index, input) in report.inputs().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        header(&input, report, index, options, out)?;
        parts(&input, options, out)?;
        let told = report.told(index);
        broken(report, index, told, &mut Told::default(), options, out)?;
        established::write(report, index, options, out)?;
        if let Some(left_out) = report
            .selection(index)
            .and_then(|selection| selection::left_out(&selection.left_out))
        {
            writeln!(out, "\n{WARN}{left_out}{WARN:#}")?;
        }
        log_findings(report, index, options, out)?;
        anomalies(&input, report, index, options, out)?;
    }
    Ok(())
}

/// What the headline of an input counts.
#[derive(Default)]
struct Count {
    established: usize,
    failed: usize,
    unfinished: usize,
    as_client: bool,
    as_server: bool,
}

impl Count {
    fn of(report: &Report<'_>, input: usize) -> Self {
        let mut count = Self::default();
        for handshake in report.briefs_of(input) {
            *count.of_outcome(handshake.outcome()) += 1;
            count.as_client |= handshake.role() == Some(Role::Client.name());
            count.as_server |= handshake.role() == Some(Role::Server.name());
        }
        let untold = report.untold(input);
        for outcome in Outcome::ALL {
            *count.of_outcome(outcome) += untold.number(outcome);
        }
        count
    }

    fn of_outcome(&mut self, outcome: Outcome) -> &mut usize {
        match outcome {
            Outcome::Established => &mut self.established,
            Outcome::Failed => &mut self.failed,
            Outcome::Unfinished => &mut self.unfinished,
        }
    }
}

/// The picture of one handshake alone, without styles.
pub(in crate::render) fn picture(view: &HandshakeView<'_>, width: usize) -> io::Result<String> {
    let options = Options {
        width,
        ..Options::default()
    };
    let mut styled = Vec::new();
    picture::write(view, options, &mut styled)?;
    // what comes from the log has no escapes any more: those that are left are ours
    let styled = String::from_utf8_lossy(&styled);
    let mut pieces = styled.split('\u{1b}');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        plain.push_str(piece.split_once('m').map_or("", |(_, text)| text));
    }
    Ok(plain)
}

/// `server.log   44 handshakes: 41 established, 3 failed   client · JDK 17 · 2026-03-04 …`
fn header(
    input: &InputView,
    report: &Report<'_>,
    index: usize,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let count = Count::of(report, index);
    let counts: Vec<String> = [
        (count.established, "established", GOOD),
        (count.failed, "failed", BAD),
        (count.unfinished, "unfinished", WARN),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, outcome, style)| format!("{style}{number} {outcome}{style:#}"))
    .collect();
    let total = count.established + count.failed + count.unfinished;
    let counts = if counts.is_empty() {
        String::new()
    } else {
        format!(": {}", counts.join(", "))
    };
    let path = safe(&input.path);
    let selection = input.selection.as_ref();
    let title = match selection.and_then(selection::share) {
        Some(share) => format!("{BOLD}{path}{BOLD:#}   {}{counts}", safe(&share)),
        None => format!(
            "{BOLD}{path}{BOLD:#}   {total} handshake{}{counts}",
            plural(total)
        ),
    };
    let facts = header_facts(input, &count);
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

/// What a reader of a redacted report has to know before he runs a command of it, or sends it.
fn redacted(report: &Report<'_>, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let Some(redacted) = report.redacted() else {
        return Ok(());
    };
    let said = format!(
        "Redacted: {}. {} {}",
        safe(redacted),
        selection::TOKENS,
        selection::LOOK
    );
    for line in wrap::wrap(&said, options.width) {
        writeln!(out, "{DIM}{line}{DIM:#}")?;
    }
    writeln!(out)
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
fn header_facts(input: &InputView, count: &Count) -> String {
    let mut facts = Vec::new();
    match (count.as_client, count.as_server) {
        (true, true) => facts.push("client and server".to_owned()),
        (true, false) => facts.push("client".to_owned()),
        (false, true) => facts.push("server".to_owned()),
        (false, false) => {}
    }
    if let Some(jdk) = &input.jdk {
        facts.push(format!("JDK {}", safe(&jdk.guess)));
    }
    if input.dialects.iter().any(|dialect| dialect != "unified") {
        let dialects = input.dialects.join(" and ");
        facts.push(format!("{} dialect", safe(&dialects)));
    }
    if let Some(envelope) = &input.envelope {
        facts.push(format!("in {} lines", safe(envelope)));
    }
    if let (Some(first), Some(last)) = (&input.first_at, &input.last_at) {
        let until = if date(first) == date(last) {
            time_of_day(last).to_owned()
        } else {
            format!("{} {}", date(last), time_of_day(last))
        };
        let from = format!("{} {}", date(first), time_of_day(first));
        let zone = input.time_zone.as_deref().unwrap_or_default();
        facts.push(format!("{} – {} {}", safe(&from), safe(&until), safe(zone)));
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
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<Sameness<'_>, usize, RandomState> = HashMap::default();
    for position in positions {
        let handshake = report.brief(input, position);
        if handshake.outcome() == Outcome::Established {
            continue;
        }
        let at = *known.entry(sameness(handshake)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[at].push(position);
    }
    let first = |group: &[usize]| report.brief(input, group[0]);
    groups.sort_by_key(|group| first(group).outcome() == Outcome::Unfinished);
    for group in &groups {
        let first = first(group);
        if let Some(before) = told.before(&sameness(first), first.id()) {
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
    Option<&'a str>,
    Option<&'a str>,
    Option<BriefFinding<'a>>,
    Option<(&'a str, Option<&'a str>)>,
);

fn sameness(handshake: Brief<'_>) -> Sameness<'_> {
    (
        handshake.outcome(),
        handshake.role(),
        handshake.server_name(),
        handshake.findings().next(),
        handshake.break_up(),
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
            finding::evidence((report, input), &handshake.findings, options, out)?;
            writeln!(
                out,
                "  {BOLD}remedy{BOLD:#}     {DIM}see #{other}, the other end of this connection{DIM:#}"
            )
        }
        None => finding::rest((report, input), &handshake.findings, options, out),
    }
}

/// The other end of the connection, when it stands above with the same cause and its remedies.
fn told_before(view: &HandshakeView<'_>, report: &Report<'_>, input: usize) -> Option<u32> {
    let other = view.paired_with.filter(|&other| other < view.id)?;
    let position = report.position(input, other)?;
    let other = report
        .is_told(input, position)
        .then(|| report.brief(input, position))?;
    let still_open = other.outcome().name() == view.outcome;
    let cause = other.findings().next()?.rule;
    (still_open && view.findings.first()?.rule == cause).then(|| other.id())
}

/// The mark, who with whom, where it broke, and the cause in one line; then rule, sureness, fault.
fn verdict<'v>(
    handshake: &'v HandshakeView<'_>,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (mark, style) = if handshake.outcome == "failed" {
        ("✗", BAD)
    } else {
        ("?", WARN)
    };
    let break_up = handshake.break_up.as_ref();
    let after = |break_up: &'v BreakUpView<'_>| {
        let after = break_up.after.as_deref();
        (after, break_up.expected.is_empty())
    };
    let broke = match break_up.map(after) {
        _ if handshake.outcome == "unfinished" => "not finished".to_owned(),
        Some((Some(after), _)) => format!("broke after {}", safe(after)),
        Some((None, false)) => "broke before the first message".to_owned(),
        Some((None, true)) | None => "broke".to_owned(),
    };
    let what = handshake
        .findings
        .first()
        .map_or("no rule has a word for it", |finding| &finding.headline);
    let at = began_at(handshake);
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

/// The time of day at which it begins.
fn began_at<'v>(handshake: &'v HandshakeView<'_>) -> Cow<'v, str> {
    let at = handshake.started_at.as_deref();
    safe(at.map(time_of_day).unwrap_or_default())
}

/// `T101 incomplete-certificate-chain · strong · fix on the server`
fn rule_line(finding: &FindingView<'_>, out: &mut dyn Write) -> io::Result<()> {
    let fault = match &*finding.at_fault {
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
        safe(&finding.code),
        safe(&finding.rule),
        safe(&finding.confidence)
    )
}

/// `main → api.company.com`, `http-nio-8443-exec-1 ← client`
fn who(handshake: &HandshakeView<'_>) -> String {
    let thread = handshake.thread.as_ref().map_or("", |thread| {
        if thread.name.is_empty() {
            &thread.id
        } else {
            &thread.name
        }
    });
    let role = handshake.role.as_deref();
    // where no line names it, the end stands for the thread
    let thread = if thread.is_empty() {
        role.unwrap_or_default()
    } else {
        thread
    };
    let peer = &handshake.peer;
    let host = peer.host.as_deref().filter(|_| role == Some("client"));
    let name = peer.server_name.as_deref().or(host);
    match role {
        Some("client") => format!("{} → {}", safe(thread), safe(name.unwrap_or("server"))),
        Some(_) => match name {
            Some(name) => format!("{} ← client, for {}", safe(thread), safe(name)),
            None => format!("{} ← client", safe(thread)),
        },
        None if thread.is_empty() => "a connection".to_owned(),
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
    let brief = |&position: &usize| report.brief(input, position);
    let (Some(first), Some(last)) = (others.first().map(brief), others.last().map(brief)) else {
        return Ok(());
    };
    let id = |position: &usize| format!("#{}", brief(position).id());
    let ids: Vec<String> = others.iter().take(SHOWN).map(id).collect();
    let more = if others.len() > SHOWN {
        format!(" and {} more", others.len() - SHOWN)
    } else {
        String::new()
    };
    // up to 8u252 most have none
    let times = match (first.began_at(), last.began_at()) {
        (Some(first), Some(_)) if others.len() == 1 => format!(" ({})", safe(&first)),
        (Some(first), Some(last)) => format!(" ({} – {})", safe(&first), safe(&last)),
        _ => String::new(),
    };
    let same = match (told, first.server_name()) {
        (Some(told), Some(_)) => format!("the same cause, the same peer as #{told}"),
        (Some(told), None) => format!("the same cause as #{told}"),
        (None, Some(_)) => "the same, with the same peer".to_owned(),
        (None, None) => "the same".to_owned(),
    };
    let (mark, style) = if first.outcome() == Outcome::Failed {
        ("✗", BAD)
    } else {
        ("?", WARN)
    };
    writeln!(
        out,
        "\n{style}{mark} {}{more}{style:#}  {same}{times}",
        ids.join(", "),
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
        let mut first = report
            .told(index)
            .filter_map(|position| report.brief(index, position).findings().next());
        first.any(|finding| finding.rule == rule)
    };
    let views: Vec<FindingView<'_>> = report
        .log_findings_of(index)
        .filter(|finding| !told(&finding.rule))
        .collect();
    for finding in &views {
        let style = if finding.severity == "error" {
            BAD
        } else {
            WARN
        };
        writeln!(out, "\n{style}! {}{style:#}", safe(&finding.headline))?;
        rule_line(finding, out)?;
        if !options.quiet {
            finding::explanation(finding, options, out)?;
            let finding = std::slice::from_ref(finding);
            finding::rest((report, index), finding, options, out)?;
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
            safe(&anomaly.kind),
            safe(&anomaly.text)
        )?;
    }
    Ok(())
}

pub(crate) fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
