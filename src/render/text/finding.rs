//! A finding in text: why, the proof, what to change, how to make sure, what else it can be.

use std::io::{self, Write};

use super::{
    BOLD, COMMAND, DIM, Options,
    wrap::{cut, wrap},
};
use crate::{
    render::safe::safe,
    report::{ActionView, CommandView, FindingView, Place, Report},
};

/// Width of the column with `evidence`, `remedy` …
const TITLE: usize = 11;
const INDENT: usize = 2;
/// More of one sentence is not read by anybody; JSON has it whole.
const LONGEST: usize = 1500;

/// Why.
pub(super) fn explanation(
    finding: &FindingView<'_>,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    if finding.explanation.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    for line in wrap(
        &cut(&safe(&finding.explanation), LONGEST),
        options.width.saturating_sub(INDENT),
    ) {
        writeln!(out, "{:INDENT$}{line}", "")?;
    }
    Ok(())
}

/// The lines that prove the cause, with their file where there are several.
pub(super) fn evidence(
    (report, input): (&Report<'_>, usize),
    findings: &[FindingView<'_>],
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(cause) = findings.first() else {
        return Ok(());
    };
    writeln!(out)?;
    let mut column = Column {
        title: "evidence",
        options,
    };
    let mut file = None;
    for evidence in &cause.evidence {
        let place = report.place(input, evidence.line);
        if let Some(place) = place.as_ref().filter(|_| place != file) {
            column.file(place, out)?;
        }
        column.line(evidence.line, &cut(&safe(&evidence.text), LONGEST), out)?;
        file = place;
    }
    Ok(())
}

/// Evidence, remedies and tests of the cause; the other findings in a line each.
pub(super) fn rest(
    of: (&Report<'_>, usize),
    findings: &[FindingView<'_>],
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some((cause, others)) = findings.split_first() else {
        return Ok(());
    };
    evidence(of, findings, options, out)?;
    let mut column = Column {
        title: "remedy",
        options,
    };
    for action in &cause.remedies {
        column.action(action, out)?;
    }
    column.title = "confirm";
    for action in &cause.confirm {
        column.action(action, out)?;
    }
    column.title = "guessed";
    for assumption in &cause.assumptions {
        column.write(&safe(assumption), &[], out)?;
    }
    column.title = "also";
    for finding in others {
        let link = if finding.symptom_of.is_some() {
            "its symptom"
        } else {
            &*finding.confidence
        };
        column.write(
            &format!(
                "{} {} ({}): {}",
                safe(&finding.code),
                safe(&finding.rule),
                safe(link),
                safe(&finding.headline)
            ),
            &[],
            out,
        )?;
        if let Some(test) = deciding_test(finding, cause) {
            column.write(
                &format!("  decides: {}", safe(&test.action)),
                &test.commands,
                out,
            )?;
        }
    }
    Ok(())
}

/// What tells another possible cause from the first one, where the tests of the first do not already.
fn deciding_test<'v, 'a>(
    other: &'v FindingView<'a>,
    cause: &FindingView<'_>,
) -> Option<&'v ActionView<'a>> {
    other.competes_with.as_ref()?;
    let is_new = |test: &&ActionView<'_>| {
        let same = |known: &ActionView<'_>| {
            known.action == test.action
                || (known.command.is_some() && known.command == test.command)
        };
        !cause.confirm.iter().any(same)
    };
    other.confirm.iter().find(is_new)
}

/// Rows under one title, which stands on the first only.
struct Column {
    title: &'static str,
    options: Options,
}

impl Column {
    fn action(&mut self, action: &ActionView<'_>, out: &mut dyn Write) -> io::Result<()> {
        let party = match &action.party {
            Some(_) if !action.is_sided => String::new(),
            None => String::new(),
            Some(party) => format!("{}: ", safe(party)),
        };
        self.write(
            &format!("{party}{}", safe(&action.action)),
            &action.commands,
            out,
        )
    }

    /// `in server.log.1, whose first line is line 812`: what it is never breaks a line.
    fn file(&mut self, place: &Place<'_>, out: &mut dyn Write) -> io::Result<()> {
        let first = match place.first_line {
            1 => String::new(),
            line => format!(", whose first line is line {line}"),
        };
        writeln!(
            out,
            "{:INDENT$}{BOLD}{:<TITLE$}{BOLD:#}in {}{first}",
            "",
            self.title,
            safe(&place.path)
        )?;
        self.title = "";
        Ok(())
    }

    /// A line of the log: its number, and what it says beside it.
    fn line(&mut self, number: u64, text: &str, out: &mut dyn Write) -> io::Result<()> {
        const NUMBER: usize = 13;
        let room = self.options.width.saturating_sub(INDENT + TITLE + NUMBER);
        let mut number = format!("line {number}");
        for line in wrap(text, room) {
            writeln!(
                out,
                "{:INDENT$}{BOLD}{:<TITLE$}{BOLD:#}{number:<NUMBER$}{line}",
                "", self.title
            )?;
            self.title = "";
            number.clear();
        }
        Ok(())
    }

    fn write(
        &mut self,
        text: &str,
        commands: &[CommandView<'_>],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let room = self.options.width.saturating_sub(INDENT + TITLE);
        for line in wrap(text, room) {
            writeln!(
                out,
                "{:INDENT$}{BOLD}{:<TITLE$}{BOLD:#}{line}",
                "", self.title
            )?;
            self.title = "";
        }
        for command in commands {
            // never wrapped: it is there to be copied
            writeln!(
                out,
                "{:INDENT$}{:TITLE$}  {COMMAND}{}{COMMAND:#}",
                "",
                "",
                safe(&command.to_string())
            )?;
        }
        Ok(())
    }
}

/// Findings of an established handshake, behind its line.
pub(super) fn remarks(findings: &[FindingView<'_>]) -> String {
    let remarks: Vec<String> = findings
        .iter()
        .map(|finding| match &*finding.severity {
            // nothing to act on: the name is enough, JSON has the words
            "info" => safe(&finding.rule).into_owned(),
            _ => format!("{} ({})", safe(&finding.rule), safe(&finding.headline)),
        })
        .collect();
    if remarks.is_empty() {
        String::new()
    } else {
        format!("  {DIM}{}{DIM:#}", remarks.join(", "))
    }
}
