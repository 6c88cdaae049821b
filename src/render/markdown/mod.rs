//! The report as Markdown, to be pasted into a ticket (GitHub, GitLab, Jira, `ServiceNow`).
//!
//! Tickets are short (Jira takes 32,767 characters): without a limit, ten kinds of failure are told, and
//! what is left out is said. What comes from the log stands in code where it could be taken for markup;
//! see `inert.rs`.

mod environment;
mod inert;

use std::io::{self, Write};

use self::inert::{code, fenced, inline};
use super::{
    moment,
    overview::{Count, Ending, Group, Overview},
    selection, text,
    words::{self, counted, cut, maybe},
};
use crate::report::{ActionView, FindingView, HandshakeView, Report};

/// Kinds of failure that are told without a limit.
const TOLD: usize = 10;
/// Others of the same kind that are named.
const NAMED: usize = 12;
/// A sentence of the log, in characters.
const LONGEST: usize = 1_500;
/// A headline.
const HEADLINE: usize = 300;
/// Columns of the picture.
const WIDTH: usize = 100;

/// What the report is to hold besides what was found.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// At most so many handshakes are told of, the failed ones first; equal ones count once.
    pub limit: Option<usize>,
    /// What was taken out of the report, in a sentence, where the report does not say so itself.
    pub redacted: Option<String>,
}

/// Writes the document.
pub fn write(report: &Report<'_>, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let overview = Overview::of(report);
    let mut document = Document {
        report,
        overview: &overview,
        options,
        names: report.inputs().map(|input| input.path).collect(),
        out,
    };
    document.head()?;
    document.counts("Causes", &overview.causes)?;
    document.broken()?;
    document.of_log()?;
    document.counts("Remarks on established handshakes", &overview.remarks)?;
    document.established()?;
    document.environment()
}

struct Document<'d, 'a> {
    report: &'d Report<'a>,
    overview: &'d Overview,
    options: &'d Options,
    /// The names of the inputs.
    names: Vec<String>,
    out: &'d mut dyn Write,
}

impl Document<'_, '_> {
    fn head(&mut self) -> io::Result<()> {
        let verdict = self.overview.verdict(self.report);
        writeln!(self.out, "## {}\n", inline(&verdict))?;
        let endings = [Ending::Failed, Ending::Unfinished, Ending::Established];
        let numbers: Vec<String> = endings
            .into_iter()
            .map(|ending| (ending, self.overview.count(ending)))
            .filter(|(_, number)| *number > 0)
            .map(|(ending, number)| {
                format!("{} {number} {}", words::mark(ending.name()), ending.name())
            })
            .collect();
        if !numbers.is_empty() {
            writeln!(self.out, "{}\n", numbers.join(" · "))?;
        }
        if self.overview.pairs > 0 {
            let pairs = counted(self.overview.pairs, "connection");
            writeln!(
                self.out,
                "Both ends of {pairs} are in the log: each end's view counts as a handshake.\n"
            )?;
        }
        if let Some(redacted) = self.redacted().map(inline) {
            let (tokens, look) = (selection::TOKENS, selection::LOOK);
            writeln!(self.out, "Redacted: {redacted}. {tokens} {look}\n")?;
        }
        if let Some(said) = selection::untold(self.report) {
            writeln!(self.out, "{said}\n")?;
        }
        Ok(())
    }

    /// What was taken out, in a sentence.
    fn redacted(&self) -> Option<&str> {
        let said = self.options.redacted.as_deref();
        said.or(self.report.redacted())
    }

    /// ` in server.log`, where there are several files.
    fn place(&self, input: usize, line: u64) -> String {
        let place = self.report.place(input, line);
        place.map_or_else(String::new, |place| {
            let path = code(&cut(&place.path, HEADLINE));
            match place.first_line {
                1 => format!(" in {path}"),
                first => format!(
                    " in {path}, line {} there",
                    (line + 1).saturating_sub(first)
                ),
            }
        })
    }

    fn counts(&mut self, title: &str, counts: &[Count]) -> io::Result<()> {
        if counts.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "### {title}\n")?;
        writeln!(
            self.out,
            "| Handshakes | What | How sure | Where to fix it | First |"
        )?;
        writeln!(self.out, "|---:|---|---|---|---|")?;
        for count in counts {
            let number = match count.ending {
                Ending::Unfinished => format!("{} unfinished", count.handshakes),
                _ => count.handshakes.to_string(),
            };
            let mut headline = cut(&count.headline, HEADLINE);
            if count.kinds() > 1 {
                headline = format!(
                    "{headline} and {}",
                    counted(count.kinds() - 1, "other kind")
                );
            }
            writeln!(
                self.out,
                "| {number} | {} `{}`: {} | {} | {} | handshake {}, line {}{} |",
                inline(&count.code),
                count.rule,
                inert::in_table(&inline(&headline)),
                count.sureness(),
                count.fault,
                count.first_id,
                count.first_line,
                inert::in_table(&self.place(count.first_input, count.first_line))
            )?;
        }
        writeln!(self.out)
    }

    /// Failed and unfinished handshakes, as many as there is room for.
    fn broken(&mut self) -> io::Result<()> {
        let groups = &self.overview.groups;
        let room = self.options.limit.unwrap_or(TOLD).min(groups.len());
        for group in &groups[..room] {
            self.group(group)?;
        }
        let left_out = &groups[room..];
        if !left_out.is_empty() {
            let handshakes = self.overview.broken_behind(room);
            writeln!(
                self.out,
                "Left out: {}; `--limit` tells more of them, `-f json` all.\n",
                match room {
                    0 => counted(handshakes, "broken handshake"),
                    _ => counted(handshakes, "more broken handshake"),
                }
            )?;
        }
        Ok(())
    }

    fn group(&mut self, group: &Group) -> io::Result<()> {
        let brief = self.overview.first(group);
        let view = self.report.handshake(brief.input, brief.position);
        let at = maybe(view.started_at.as_ref()).map_or("", moment::time_of_day);
        let (mark, id) = (words::mark(group.ending.name()), view.id);
        let what = cut(words::headline(&view), HEADLINE);
        let broke = words::broke(&view);
        writeln!(
            self.out,
            "### {mark} Handshake {id}: {}: {}\n",
            inline(&broke),
            inline(&what)
        )?;
        let who = code(&cut(&words::who(&view), 200));
        let space = if at.is_empty() { "" } else { " " };
        let input = self.input_name(brief.input);
        writeln!(self.out, "{at}{space}{who}{input}\n")?;
        self.equals(group)?;
        if let Some(cause) = view.findings.first() {
            self.judgement(cause)?;
            self.explanation(cause)?;
        }
        self.picture(&view)?;
        let Some((cause, others)) = view.findings.split_first() else {
            return Ok(());
        };
        self.evidence(cause, brief.input)?;
        if let Some(other) = brief.told_as {
            return writeln!(
                self.out,
                "**What to do:** see handshake {other}, the other end of this connection.\n"
            );
        }
        self.advice(cause)?;
        self.others(cause, others)
    }

    fn input_name(&self, input: usize) -> String {
        match self.names.get(input).filter(|_| self.names.len() > 1) {
            Some(name) => format!(" in {}", code(&cut(name, HEADLINE))),
            None => String::new(),
        }
    }

    /// The others that failed in the same way.
    fn equals(&mut self, group: &Group) -> io::Result<()> {
        let others = &group.members[1..];
        if others.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = others
            .iter()
            .take(NAMED)
            .map(|&at| self.overview.all[at].id.to_string())
            .collect();
        let more = match others.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        writeln!(
            self.out,
            "The same {}: handshake{} {}{more}.\n",
            counted(others.len(), "more time"),
            if others.len() == 1 { "" } else { "s" },
            ids.join(", ")
        )
    }

    /// `**T101** incomplete-certificate-chain · strong · to be fixed on the server`
    fn judgement(&mut self, finding: &FindingView<'_>) -> io::Result<()> {
        let fault = words::fault(finding);
        let dot = if fault.is_empty() { "" } else { " · " };
        writeln!(
            self.out,
            "**{}** `{}` · {}{dot}{fault}\n",
            finding.code, finding.rule, finding.confidence
        )
    }

    fn explanation(&mut self, finding: &FindingView<'_>) -> io::Result<()> {
        if !words::has_news(finding) {
            return Ok(());
        }
        writeln!(
            self.out,
            "{}\n",
            inline(&cut(&finding.explanation, LONGEST))
        )
    }

    fn picture(&mut self, view: &HandshakeView<'_>) -> io::Result<()> {
        let picture = text::picture(view, WIDTH)?;
        writeln!(self.out, "{}\n", fenced(picture.trim_matches('\n'), "text"))
    }

    fn evidence(&mut self, finding: &FindingView<'_>, input: usize) -> io::Result<()> {
        if finding.evidence.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "**Evidence**\n")?;
        for evidence in &finding.evidence {
            let said = code(&cut(&evidence.text, LONGEST));
            let file = self.place(input, evidence.line);
            writeln!(self.out, "- line {}{file}: {said}", evidence.line)?;
        }
        writeln!(self.out)
    }

    /// Remedies, tests, assumptions, references.
    fn advice(&mut self, finding: &FindingView<'_>) -> io::Result<()> {
        self.actions("What to do", &finding.remedies)?;
        self.actions("How to make sure", &finding.confirm)?;
        let assumptions: Vec<String> = finding
            .assumptions
            .iter()
            .map(|assumption| inline(&cut(assumption, LONGEST)))
            .collect();
        if !assumptions.is_empty() {
            writeln!(self.out, "**Assumed:** {}\n", assumptions.join("; "))?;
        }
        let references: Vec<String> = finding.references.iter().map(|text| inline(text)).collect();
        if !references.is_empty() {
            writeln!(self.out, "See {}.\n", references.join("; "))?;
        }
        Ok(())
    }

    fn actions(&mut self, title: &str, actions: &[ActionView<'_>]) -> io::Result<()> {
        if actions.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "**{title}**\n")?;
        for action in actions {
            let party =
                words::party(action).map_or_else(String::new, |party| format!("*{party}:* "));
            writeln!(
                self.out,
                "- {party}{}",
                inline(&cut(&action.action, LONGEST))
            )?;
            self.commands(action)?;
        }
        writeln!(self.out)
    }

    /// A block for each kind of line, inside the list item.
    fn commands(&mut self, action: &ActionView<'_>) -> io::Result<()> {
        for command in &action.commands {
            let language = match words::text(&command.kind) {
                "shell" => "sh",
                "code" => "java",
                _ => "text",
            };
            let mut line = String::new();
            if let Some(place) = maybe(command.place.as_ref()).filter(|_| language == "text") {
                line = format!("# {place}\n");
            }
            line.push_str(words::text(&command.text));
            if let Some(remark) = maybe(command.remark.as_ref()) {
                line = format!("{line}\n# {remark}");
            }
            let block = fenced(&line, language).replace('\n', "\n  ");
            writeln!(self.out, "\n  {block}")?;
        }
        Ok(())
    }

    fn others(&mut self, cause: &FindingView<'_>, others: &[FindingView<'_>]) -> io::Result<()> {
        if others.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "**Also**\n")?;
        for finding in others {
            let link = match finding.symptom_of {
                Some(_) => "its symptom",
                None => words::text(&finding.confidence),
            };
            writeln!(
                self.out,
                "- {} `{}` ({link}): {}",
                finding.code,
                finding.rule,
                inline(&cut(&finding.headline, HEADLINE))
            )?;
            if let Some(test) = words::deciding_test(finding, cause) {
                writeln!(
                    self.out,
                    "  What decides: {}",
                    inline(&cut(&test.action, LONGEST))
                )?;
                self.commands(test)?;
            }
        }
        writeln!(self.out)
    }

    /// Findings of the JVM and of the log, but those that a handshake was told with.
    fn of_log(&mut self) -> io::Result<()> {
        let causes = &self.overview.causes;
        let told = |rule: &str| causes.iter().any(|cause| cause.rule == rule);
        let findings: Vec<FindingView<'_>> = self.report.log_findings().collect();
        for finding in findings
            .iter()
            .filter(|finding| !told(words::text(&finding.rule)))
        {
            writeln!(
                self.out,
                "### {}\n",
                inline(&cut(&finding.headline, HEADLINE))
            )?;
            self.judgement(finding)?;
            self.explanation(finding)?;
            self.evidence(finding, finding.input.unwrap_or_default())?;
            self.advice(finding)?;
        }
        Ok(())
    }

    /// Established handshakes by version and suite.
    fn established(&mut self) -> io::Result<()> {
        let mut all = self.overview.all.iter();
        if !all.any(|brief| brief.ending == Ending::Established) {
            return Ok(());
        }
        let mut kinds: Vec<(String, String, usize)> = Vec::new();
        let established = self.overview.all.iter();
        for brief in established.filter(|brief| brief.ending == Ending::Established) {
            let brief = self.report.brief(brief.input, brief.position);
            let text = |text: Option<&str>| code(&cut(text.unwrap_or("not logged"), 80));
            let (version, suite) = (text(brief.version()), text(brief.cipher_suite()));
            match kinds
                .iter_mut()
                .find(|(v, s, _)| (v, s) == (&version, &suite))
            {
                Some((_, _, number)) => *number += 1,
                None => kinds.push((version, suite, 1)),
            }
        }
        kinds.sort_by_key(|(_, _, number)| std::cmp::Reverse(*number));
        writeln!(
            self.out,
            "### Established\n\n| Handshakes | Version | Cipher suite |\n|---:|---|---|"
        )?;
        let shown = kinds.len().min(self.options.limit.unwrap_or(TOLD).max(1));
        for (version, suite, number) in &kinds[..shown] {
            let (version, suite) = (inert::in_table(version), inert::in_table(suite));
            writeln!(self.out, "| {number} | {version} | {suite} |")?;
        }
        match kinds.len() - shown {
            0 => writeln!(self.out),
            more => writeln!(
                self.out,
                "\nLeft out: {}.\n",
                counted(more, "more combination")
            ),
        }
    }
}
