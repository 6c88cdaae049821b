//! Printing while the input is still being read: a followed log, or a pipe that falls silent before
//! it ends.
//!
//! `drive` tells what is known about four times a second, [`Settled`] picks what can be said of it. A
//! pipe that never falls silent is told of at its end, like a file.

use std::{io, path::Path, time::Instant};

use indicatif::ProgressBar;

use super::{
    Status,
    args::{Args, Format},
    complain, is_closed_pipe,
    output::{Output, redacted},
    redaction::Session,
};
use crate::{
    diagnose::Diagnosis,
    drive::Told,
    input::Origin,
    render::{json, text},
    report::{Analysed, Due, Report, Settled},
};

/// What was printed of one input, and what is known of it.
pub(super) struct Live<'a> {
    args: &'a Args,
    session: &'a Session,
    path: String,
    origin: Origin,
    bar: ProgressBar,
    settled: Settled,
    /// What is known, as long as something may be said of it later.
    known: Option<Known>,
    printer: Option<Printer>,
}

struct Known {
    input: [Analysed; 1],
    diagnosed: bool,
}

impl<'a> Live<'a> {
    /// For an input that may fall silent, if what is settled of it is to be printed.
    pub(super) fn wanted(
        (args, session): (&'a Args, &'a Session),
        path: &Path,
        name: &str,
        origin: &Origin,
        bar: &ProgressBar,
    ) -> Option<Self> {
        // a disk may be slow, but it has nothing to wait for; of a selection, nothing is printed before its end
        let may_wait = args.follow || path == Path::new("-") || !path.is_file();
        let whole = args.wanted.limit.is_none() && args.wanted.filter().is_empty();
        let tells = matches!(args.format(), Format::Text | Format::Ndjson);
        (may_wait && whole && tells).then(|| Self {
            args,
            session,
            path: name.to_owned(),
            origin: origin.clone(),
            bar: bar.clone(),
            settled: Settled::default(),
            known: None,
            printer: None,
        })
    }

    /// Prints what is settled.
    pub(super) fn tell(&mut self, told: Told) {
        if let Told::News(analysis) = told {
            let input = Analysed {
                path: self.path.clone(),
                origin: self.origin.clone(),
                analysis: *analysis,
                diagnosis: Diagnosis::default(),
            };
            self.known = Some(Known {
                input: [input],
                diagnosed: false,
            });
        }
        let Some(known) = &mut self.known else { return };
        let [input] = &mut known.input;
        let assembly = &input.analysis.assembly;
        let due = self.settled.look(&assembly.handshakes, Instant::now());
        if !due.is_empty() {
            if !known.diagnosed {
                input.diagnosis = self.args.judge(assembly);
                known.diagnosed = true;
            }
            // learns the names of all that is known before any of it is printed
            let mut report = Report::new(&known.input).redacted_by(self.session.redactor());
            if let Some(redacted) = redacted(self.args) {
                report.say_redacted(redacted);
            }
            let (args, printer) = (self.args, &mut self.printer);
            let result = self.bar.suspend(|| {
                Printer::opened(printer, args)?.print(&report, &due)?;
                Ok(())
            });
            if let Err(error) = result.and_then(|()| self.session.save()) {
                leave(&error);
            }
        }
        if !self.settled.is_waiting() {
            self.known = None;
        }
    }

    /// Prints what is left, if anything was printed before. Else gives `false`: nothing sets this input
    /// apart from a file.
    pub(super) fn end(&mut self, report: &Report<'_>) -> io::Result<bool> {
        let Some(printer) = &mut self.printer else {
            return Ok(false);
        };
        for input in report.analysed() {
            let rest = self.settled.rest(&input.analysis.assembly.handshakes);
            printer.end(report, &rest)?;
        }
        Ok(true)
    }
}

/// Nobody reads what we print, or it cannot be written. The reading thread may wait for input for
/// hours yet and cannot be called back, so the process ends here.
fn leave(error: &anyhow::Error) -> ! {
    let status = if is_closed_pipe(error) {
        Status::Good
    } else {
        complain(&format!("{error:#}"));
        Status::Error
    };
    std::process::exit(status as i32)
}

struct Printer {
    output: Output,
    text: text::Live,
}

impl Printer {
    fn opened<'p>(printer: &'p mut Option<Self>, args: &Args) -> anyhow::Result<&'p mut Self> {
        let opened = match printer.take() {
            Some(opened) => opened,
            None => Self {
                output: Output::open(args)?,
                text: text::Live::default(),
            },
        };
        Ok(printer.insert(opened))
    }

    fn print(&mut self, report: &Report<'_>, due: &[Due]) -> io::Result<()> {
        let Output {
            out, format, text, ..
        } = &mut self.output;
        match format {
            Format::Ndjson => json::write_ndjson_handshakes(report, 0, due, out)?,
            _ => self.text.write(report, 0, due, *text, out)?,
        }
        out.flush()
    }

    fn end(&mut self, report: &Report<'_>, rest: &[Due]) -> io::Result<()> {
        let Output {
            out, format, text, ..
        } = &mut self.output;
        match format {
            Format::Ndjson => {
                json::write_ndjson_handshakes(report, 0, rest, out)?;
                json::write_ndjson_end(report, out)?;
            }
            _ => self.text.end(report, 0, rest, *text, out)?,
        }
        out.flush()
    }
}
