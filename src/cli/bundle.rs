//! A bundle for a ticket: the report as HTML and as JSON, the lines of the log that it is about, and a word on
//! what to look at before it is sent.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::excerpt::Excerpt;
use crate::{
    render::{html, json, selection},
    report::Report,
};

/// Writes the bundle.
pub(super) fn write(report: &Report<'_>, limit: Option<usize>, file: File) -> io::Result<()> {
    let mut zip = ZipWriter::new(BufWriter::new(file));
    let options = SimpleFileOptions::default();
    let mut excerpts = Vec::new();
    for input in 0..report.len() {
        let name = match report.len() {
            1 => "excerpt.log".to_owned(),
            _ => format!("excerpt-{}.log", input + 1),
        };
        if let Some(excerpt) = Excerpt::of(report, input) {
            excerpts.push((name, excerpt));
        }
    }
    zip.start_file("README.txt", options)?;
    readme(report, &excerpts, &mut zip)?;
    zip.start_file("report.html", options)?;
    let page = html::Options {
        limit,
        ..html::Options::default()
    };
    html::write(report, &page, &mut zip)?;
    zip.start_file("report.json", options)?;
    json::write_json(report, &mut zip)?;
    for (name, excerpt) in excerpts {
        zip.start_file(name, options)?;
        zip.write_all(&excerpt.map_or_else(|_| Vec::new(), |excerpt| excerpt.text))?;
    }
    zip.finish()?.flush()
}

fn readme(
    report: &Report<'_>,
    excerpts: &[(String, Result<Excerpt, String>)],
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
        "{} handshake{}: {} failed, {} unfinished, {} established",
        summary.handshakes,
        if summary.handshakes == 1 { "" } else { "s" },
        summary.failed,
        summary.unfinished,
        summary.established
    )?;
    if let Some(chosen) = selection::said(report) {
        writeln!(out, "{}.", chosen.trim_end_matches('.'))?;
    }
    writeln!(out)?;
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
            Ok(excerpt) => {
                writeln!(
                    out,
                    "{name:13} the lines of the log that failed handshakes were read from"
                )?;
                if excerpt.differing > 0 {
                    writeln!(
                        out,
                        "{:13} Analysed by itself it does not give {} of the {} verdicts: what decides them is too far\n\
                         {:13} away in the log, or too long. The report has the verdicts of the whole log.",
                        "", excerpt.differing, excerpt.verdicts, ""
                    )?;
                }
            }
            Err(why) => writeln!(out, "{name:13} empty: {why}")?,
        }
    }
    writeln!(out)?;
    match report.redacted() {
        Some(redacted) => writeln!(out, "Redacted: {redacted}.\n{}", selection::TOKENS)?,
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
