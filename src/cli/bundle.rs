//! A bundle for a ticket: the report as HTML and as JSON, the lines of the log that it is about, and a word on
//! what to look at before it is sent.

use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::Path,
};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::digest;
use crate::{
    error::Error,
    handshake::Outcome,
    input::{self, Input, Options},
    redact::{Redactor, Scrubber},
    render::{html, json},
    report::{Analysed, Brief, Report},
};

/// Of each log, so many bytes are quoted at most: a ticket takes no more.
const MAX_EXCERPT: u64 = 8 << 20;
/// Of one entry, so much is quoted.
const MAX_ENTRY: u64 = 256 << 10;

/// What is said of names.
pub(super) struct Names<'n> {
    /// What takes them out.
    pub(super) redactor: &'n Redactor,
    /// What was taken out, in a sentence.
    pub(super) said: Option<String>,
}

/// Writes the bundle.
pub(super) fn write(
    report: &Report<'_>,
    names: Names<'_>,
    limit: Option<usize>,
    file: File,
) -> io::Result<()> {
    let mut zip = ZipWriter::new(BufWriter::new(file));
    let options = SimpleFileOptions::default();
    let digests = digest::of_inputs(report);
    let mut excerpts = Vec::new();
    for input in 0..report.len() {
        let name = match report.len() {
            1 => "excerpt.log".to_owned(),
            _ => format!("excerpt-{}.log", input + 1),
        };
        if let Some(excerpt) = excerpt(report, input, names.redactor) {
            excerpts.push((name, excerpt));
        }
    }
    zip.start_file("README.txt", options)?;
    readme(report, names.said.as_deref(), &excerpts, &mut zip)?;
    zip.start_file("report.html", options)?;
    let page = html::Options {
        limit,
        redacted: names.said,
        digests,
    };
    html::write(report, &page, &mut zip)?;
    zip.start_file("report.json", options)?;
    json::write_json(report, &mut zip)?;
    for (name, excerpt) in excerpts {
        zip.start_file(name, options)?;
        zip.write_all(&excerpt.unwrap_or_default())?;
    }
    zip.finish()?.flush()
}

fn readme(
    report: &Report<'_>,
    redacted: Option<&str>,
    excerpts: &[(String, Result<Vec<u8>, String>)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let tool = report.tool();
    let summary = report.summary();
    writeln!(
        out,
        "TLS handshakes of a JVM, analysed by {} {}",
        tool.name, tool.version
    )?;
    writeln!(
        out,
        "{} handshakes: {} failed, {} unfinished, {} established\n",
        summary.handshakes, summary.failed, summary.unfinished, summary.established
    )?;
    writeln!(
        out,
        "report.html   what broke, why, whose fault it is, the proof, and what to change; open it in a browser"
    )?;
    writeln!(
        out,
        "report.json   the same for programs; `jssl-analyze report.json` shows it again without the log"
    )?;
    for (name, excerpt) in excerpts {
        match excerpt {
            Ok(_) => writeln!(
                out,
                "{name:13} the lines of the log that failed handshakes were read from"
            )?,
            Err(why) => writeln!(out, "{name:13} empty: {why}")?,
        }
    }
    writeln!(out)?;
    match redacted {
        Some(redacted) => writeln!(out, "{redacted}.")?,
        None => writeln!(
            out,
            "Names are in it: hosts, addresses, certificates, threads. --redact takes them out."
        )?,
    }
    writeln!(
        out,
        "Keys, session tickets, decrypted data and passwords were taken out. No program knows them all:\nplease look through these files before you send them."
    )
}

/// The lines of what did not come to be; `None` for what is no log, or has nothing of the sort.
fn excerpt(
    report: &Report<'_>,
    input: usize,
    redactor: &Redactor,
) -> Option<Result<Vec<u8>, String>> {
    let log = report.log(input)?;
    let spans = spans(report, input, log);
    if spans.is_empty() {
        return None;
    }
    Some(read(Path::new(&log.path), &spans, redactor))
}

/// Where the steps of failed handshakes stand: offset, first line, length; in order, none twice.
fn spans(report: &Report<'_>, input: usize, log: &Analysed) -> Vec<(u64, u64, u64)> {
    let failed = report
        .briefs_of(input)
        .filter(|handshake| handshake.outcome() != Outcome::Established);
    let wanted: HashSet<u64> = failed.map(Brief::first_line).collect();
    // an envelope makes each line longer than what the JVM printed
    let factor = if log.analysis.envelope.is_some() {
        3
    } else {
        1
    };
    let handshakes = log.analysis.assembly.handshakes.iter();
    let mut spans: Vec<(u64, u64, u64)> = handshakes
        .filter(|handshake| wanted.contains(&handshake.first_span().line()))
        .flat_map(|handshake| &handshake.steps)
        .map(|step| {
            (
                step.span.offset,
                step.span.line(),
                (step.span.len() * factor).min(MAX_ENTRY),
            )
        })
        .collect();
    spans.sort_unstable();
    spans.dedup_by_key(|span| span.0);
    spans
}

fn read(path: &Path, spans: &[(u64, u64, u64)], redactor: &Redactor) -> Result<Vec<u8>, String> {
    if path == Path::new("standard input") {
        return Err("the log came through a pipe and cannot be read again".to_owned());
    }
    let options = Options::default();
    let sources = input::collect(&[path.to_owned()], &options);
    let reopened = sources
        .into_iter()
        .next()
        .map(|source| source.open(&options));
    let opened = match reopened {
        Some(Ok(Some(input))) => input,
        Some(Err(error)) => return Err(error.to_string()),
        _ => return Err("the log cannot be read again".to_owned()),
    };
    let told = |error: Error| error.to_string();
    let mut lines = Quoted::new(redactor);
    match opened {
        Input::Map(map) => lines.take(&mut &map[..], spans),
        Input::Stream(mut stream) => lines.take(&mut stream.reader, spans),
    }
    .map_err(|source| {
        told(Error::Read {
            path: path.to_owned(),
            offset: lines.at,
            source,
        })
    })?;
    Ok(lines.out)
}

/// Lines of a log, quoted in order.
struct Quoted<'r> {
    scrubber: Scrubber<'r>,
    out: Vec<u8>,
    /// Bytes of the log that were passed.
    at: u64,
    /// The line that comes next.
    line: u64,
}

impl<'r> Quoted<'r> {
    fn new(redactor: &'r Redactor) -> Self {
        Self {
            scrubber: Scrubber::new(redactor),
            out: Vec::new(),
            at: 0,
            line: 1,
        }
    }

    fn take(&mut self, log: &mut dyn Read, spans: &[(u64, u64, u64)]) -> io::Result<()> {
        for &(offset, line, len) in spans {
            let end = offset + len;
            if end <= self.at {
                continue;
            }
            if self.out.len() as u64 > MAX_EXCERPT {
                writeln!(
                    self.out,
                    "# from line {line} on left out: an excerpt has up to {} MiB",
                    MAX_EXCERPT >> 20
                )?;
                return Ok(());
            }
            let skipped = offset.saturating_sub(self.at);
            self.at += io::copy(&mut log.take(skipped), &mut io::sink())?;
            let mut text = Vec::new();
            log.take(end - self.at).read_to_end(&mut text)?;
            self.at += text.len() as u64;
            if line > self.line {
                writeln!(self.out, "# lines {} to {} left out", self.line, line - 1)?;
                self.line = line;
            }
            for part in text.split_inclusive(|&byte| byte == b'\n') {
                self.scrubber.line(part, &mut self.out);
                self.line += u64::from(part.ends_with(b"\n"));
            }
            if self.out.last().is_some_and(|&last| last != b'\n') {
                // its line feed is no part of an entry
                self.out.push(b'\n');
                self.line += 1;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        let redactor = Redactor::secrets();
        let mut lines = Quoted::new(&redactor);
        let log = b"one\ntwo\n more\nthree\nfour\nfive\n";
        lines
            .take(&mut &log[..], &[(4, 2, 9), (4, 2, 4), (25, 6, 5)])
            .unwrap();
        assert_eq!(
            String::from_utf8(lines.out).unwrap(),
            "# lines 1 to 1 left out\ntwo\n more\n# lines 4 to 5 left out\nfive\n"
        );
    }
}
