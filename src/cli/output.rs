//! Where the report goes: to standard output, or into the file given.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use anstream::{AutoStream, ColorChoice};
use anyhow::Context as _;

use super::{
    args::{Args, Format},
    bundle, complain, digest, redaction,
};
use crate::{
    render::{html, json, junit, markdown, sarif, text},
    report::Report,
};

/// An opened output.
pub(super) struct Output {
    /// Only text has styles to strip.
    pub(super) out: Box<dyn Write>,
    pub(super) format: Format,
    pub(super) text: text::Options,
    limit: Option<usize>,
}

impl Output {
    /// Creates the file, if one is wanted.
    pub(super) fn open(args: &Args) -> anyhow::Result<Self> {
        let (raw, coloured, width): (Box<dyn Write>, bool, usize) = if let Some(path) = &args.output
        {
            let file = File::create(path)
                .with_context(|| format!("{}: cannot be written", path.display()))?;
            (Box::new(BufWriter::new(file)), false, 100)
        } else {
            let stdout = io::stdout();
            let coloured = AutoStream::choice(&stdout) != ColorChoice::Never;
            (Box::new(BufWriter::new(stdout)), coloured, width(100))
        };
        let format = args.format();
        let choice = if coloured {
            ColorChoice::AlwaysAnsi
        } else {
            ColorChoice::Never
        };
        let out = match format {
            Format::Json
            | Format::Ndjson
            | Format::Junit
            | Format::Sarif
            | Format::Html
            | Format::Markdown => raw,
            _ => Box::new(AutoStream::new(raw, choice)),
        };
        let text = text::Options {
            width,
            quiet: args.quiet,
            verbose: args.verbose,
        };
        let limit = args.wanted.limit;
        Ok(Self {
            out,
            format,
            text,
            limit,
        })
    }

    /// Writes the whole report.
    pub(super) fn report(&mut self, report: &Report<'_>) -> io::Result<()> {
        match self.format {
            Format::Json => json::write_json(report, &mut self.out)?,
            Format::Ndjson => json::write_ndjson(report, &mut self.out)?,
            Format::Junit => junit::write(report, &mut self.out)?,
            Format::Sarif => sarif::write(report, &mut self.out)?,
            Format::Html => {
                let options = html::Options {
                    limit: self.limit,
                    ..html::Options::default()
                };
                html::write(report, &options, &mut self.out)?;
            }
            Format::Markdown => {
                let options = markdown::Options {
                    limit: self.limit,
                    ..markdown::Options::default()
                };
                markdown::write(report, &options, &mut self.out)?;
            }
            _ => text::write(report, self.text, &mut self.out)?,
        }
        self.out.flush()
    }
}

/// What was taken out, in a sentence.
pub(super) fn redacted(args: &Args) -> Option<String> {
    redaction::wanted(args, args.format()).map(|kinds| format!("{kinds} were replaced by tokens"))
}

/// Opens the output and writes the whole report.
pub(super) fn print(report: &mut Report<'_>, args: &Args) -> anyhow::Result<()> {
    let format = args.format();
    if !matches!(format, Format::Text | Format::Junit | Format::Sarif) {
        report.add_digests(digest::of_inputs(report));
    }
    let written = if format == Format::Zip {
        let path = args
            .output
            .as_ref()
            .context("-f zip: it is not for the screen; name a file with -o ticket.zip")?;
        let file =
            File::create(path).with_context(|| format!("{}: cannot be written", path.display()))?;
        bundle::write(report, args.wanted.limit, file)
    } else {
        Output::open(args)?.report(report)
    };
    redaction::warn_of_names(args);
    if let (Some(path), true) = (&args.output, args.redaction.takes_unasked())
        && let Some(said) = redacted(args)
    {
        complain(&format!(
            "{}: {said}; --no-redact keeps them",
            path.display()
        ));
    }
    match &args.output {
        Some(path) => written.with_context(|| path.display().to_string()),
        None => Ok(written?),
    }
}

/// Columns of the terminal; COLUMNS where there is none; else `default`.
pub(super) fn width(default: usize) -> usize {
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let wanted = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.or_else(wanted).unwrap_or(default).clamp(60, 140)
}
