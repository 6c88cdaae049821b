//! The text report of a log that is still being read: handshakes as they are settled, and at the end
//! what is left.

use std::io::{self, Write};

use super::{
    BOLD, DIM, Options, Told, WARN, anomalies, began_at, broken, established, header, log_findings,
    parts, picture, redacted, who,
};
use crate::{
    handshake::Outcome,
    render::safe::safe,
    report::{Due, Report, STALLED},
};

/// What was printed so far.
#[derive(Debug, Default)]
pub struct Live {
    told: Told,
    /// The last that was printed was a line, which the next may follow.
    in_lines: bool,
    /// It was said what was taken out.
    said_redacted: bool,
}

impl Live {
    /// Writes handshakes whose outcome is settled; with `quiet` only the failed ones.
    pub fn write(
        &mut self,
        report: &Report<'_>,
        input: usize,
        due: &[Due],
        options: Options,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.redacted(report, options, out)?;
        let [established, stalled, failed] = by_outcome(report, input, due);
        if !options.quiet {
            self.established(report, input, &established, options, out)?;
            for due in stalled {
                self.in_lines = false;
                still_open(report, input, due.position, options, out)?;
            }
        }
        self.broken(report, input, &failed, options, out)
    }

    /// Writes the handshakes that are left, and what only the end of the log tells.
    pub fn end(
        &mut self,
        report: &Report<'_>,
        input: usize,
        due: &[Due],
        options: Options,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.redacted(report, options, out)?;
        let [established, unfinished, failed] = by_outcome(report, input, due);
        if !options.quiet {
            self.established(report, input, &established, options, out)?;
        }
        self.broken(report, input, &[failed, unfinished].concat(), options, out)?;
        writeln!(out)?;
        for view in report.inputs().skip(input).take(1) {
            header(&view, report, input, options, out)?;
            parts(&view, options, out)?;
            log_findings(report, input, options, out)?;
            anomalies(&view, report, input, options, out)?;
        }
        Ok(())
    }

    /// Once, before the first command.
    fn redacted(
        &mut self,
        report: &Report<'_>,
        options: Options,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if std::mem::replace(&mut self.said_redacted, true) {
            return Ok(());
        }
        redacted(report, options, out)
    }

    fn established(
        &mut self,
        report: &Report<'_>,
        input: usize,
        due: &[Due],
        options: Options,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if due.is_empty() {
            return Ok(());
        }
        if !self.in_lines {
            writeln!(out)?;
        }
        self.in_lines = true;
        let positions: Vec<usize> = due.iter().map(|due| due.position).collect();
        established::lines(report, input, &positions, options, out)
    }

    fn broken(
        &mut self,
        report: &Report<'_>,
        input: usize,
        due: &[Due],
        options: Options,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.in_lines &= due.is_empty();
        let first = due.iter().filter(|due| due.replaces.is_none());
        let positions = first.map(|due| due.position);
        broken(report, input, positions, &mut self.told, options, out)?;
        for due in due {
            let Some(before) = due.replaces else { continue };
            let id = report.brief(input, due.position).id();
            let before = before.name();
            writeln!(
                out,
                "\n{WARN}#{id} was told of as {before}; this replaces it:{WARN:#}"
            )?;
            let position = std::iter::once(due.position);
            broken(report, input, position, &mut self.told, options, out)?;
        }
        Ok(())
    }
}

/// Established, unfinished and failed ones.
fn by_outcome(report: &Report<'_>, input: usize, due: &[Due]) -> [Vec<Due>; 3] {
    let outcome_of = |due: &Due| report.brief(input, due.position).outcome();
    [Outcome::Established, Outcome::Unfinished, Outcome::Failed].map(|outcome| {
        let due = due.iter().copied();
        due.filter(|due| outcome_of(due) == outcome).collect()
    })
}

/// `? #12  12:33:44.581  main → api.company.com   silent for 30 s after ClientHello`, and its picture
fn still_open(
    report: &Report<'_>,
    input: usize,
    position: usize,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let view = report.handshake(input, position);
    let mut messages = view.timeline.iter().filter(|step| step.is_message());
    let after = messages
        .next_back()
        .map_or("its beginning", |step| &step.message);
    writeln!(
        out,
        "\n{WARN}? #{}{WARN:#}  {BOLD}{}  {}   silent for {} s after {}{BOLD:#} {DIM}(it may still go on){DIM:#}",
        view.id,
        began_at(&view),
        who(&view),
        STALLED.as_secs(),
        safe(after)
    )?;
    picture::write(&view, options, out)
}
