//! What was typed.

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand, ValueEnum};

use crate::{
    assemble::Assembly,
    diagnose::{Diagnosis, diagnose},
    handshake::Outcome,
    report::{Filter, Moment, Pattern, Report, outcome_named, rule_named},
};

const EXAMPLES: &str = "\
Examples:
  jssl-analyze server.log                     browse it; in a pipe, the text report
  jssl-analyze -f text server.log             where each handshake broke up, and why
  jssl-analyze --outcome failed --peer '*.example.com' server.log
  jssl-analyze -f json server.log | jq '.handshakes[].findings[0].rule'
  kubectl logs -f pod | jssl-analyze          from a pipe, each handshake as it is settled
  jssl-analyze -F server.log                  while it grows, until Ctrl-C
  jssl-analyze explain                        every cause the tool knows
  jssl-analyze explain untrusted-root         one of them, with its look-alikes and remedies
  jssl-analyze certs server.log               every certificate in it; --pem writes them
  jssl-analyze scrub server.log -o clean.log  the log without keys, data and passwords; --redact: and names
  jssl-analyze enable                         how to get such a log; `enable tomcat` for Tomcat

Exit codes: 0 no handshake failed · 1 at least one failed, or TLS could not be started
            2 the work could not be done
            3 no JSSE debug output in the input

To get such a log, start the JVM with
  -Djavax.net.debug=ssl:handshake:verbose:trustmanager:keymanager
It prints to standard error. With `all` and `plaintext`, the log holds secrets; see `enable`.";

/// Reads a JVM's TLS debug log (-Djavax.net.debug) and says where the handshake broke up, why,
/// whose fault it is, which lines prove it, and what to change.
#[derive(Debug, Parser)]
#[command(name = "jssl-analyze", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
#[command(subcommand_negates_reqs = true, disable_help_subcommand = true)]
pub(super) struct Args {
    /// Logs to analyse, or directories of them; `-` or none for standard input. A saved report (json,
    /// ndjson) is printed again. .gz, .zst, .xz, .bz2
    /// and UTF-16 are read as they are; a rotated set (server.log.2.gz server.log.1 server.log) as one
    /// log, oldest first.
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,

    /// How to print the report [default: tui on a terminal, else text, or what the name given to -o
    /// implies].
    #[arg(short, long, value_enum)]
    pub(super) format: Option<Format>,

    /// Write the report to a file, `-` is standard output; .html, .md, .zip, .json, .ndjson, .xml (junit) and .sarif imply the format.
    /// HTML, Markdown and ZIP are then written without names, see --redact.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,

    /// Wait for what is appended, through rotation and truncation, until Ctrl-C. Handshakes are
    /// printed as they are settled, the rest at the end (as json, html, markdown: everything).
    #[arg(short = 'F', long)]
    pub(super) follow: bool,

    /// Leave the mouse to the terminal (tui).
    #[arg(long)]
    pub(super) no_mouse: bool,

    /// Read each file of a rotated set as a log of its own.
    #[arg(long)]
    pub(super) no_join: bool,

    /// Stop after this much unpacked data of a compressed input: 500M, 20G.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(super) max_unpacked: Option<u64>,

    /// Verdict lines only.
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,

    /// Timelines of established handshakes, too, and every oddity of the input.
    #[arg(short, long)]
    pub(super) verbose: bool,

    /// Say nothing about established handshakes that work but are worth a word (family H: obsolete versions,
    /// weak suites, certificates that end soon, how connections were closed).
    #[arg(long)]
    pub(super) no_hygiene: bool,

    #[command(flatten)]
    pub(super) redaction: super::redaction::Redaction,

    /// When to use colour; `NO_COLOR` is honoured.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", global = true)]
    pub(super) color: Color,

    /// When to show a progress bar on standard error.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub(super) progress: When,

    // last: the heading of the filters would stand over all that follows
    #[command(flatten)]
    pub(super) wanted: Wanted,

    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// Which handshakes are wanted; every option narrows.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Filters")]
pub(super) struct Wanted {
    /// Only the handshake of this id; several behind commas.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    id: Vec<u32>,

    /// Only those with this outcome: failed, established, unfinished.
    #[arg(long, value_name = "OUTCOME", value_delimiter = ',', value_parser = outcome_named)]
    outcome: Vec<Outcome>,

    /// Only those with a finding of this rule, by name or code; symptoms do not count.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule_named)]
    rule: Vec<String>,

    /// Only those with this peer or server name: a part of it, or a pattern with *.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    peer: Vec<Pattern>,

    /// Only those on this thread, by name (a part of it, or a pattern with *) or id.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    thread: Vec<Pattern>,

    /// Only those begun then or later, by the log's clock: 12:30, 2026-03-04, 2026-03-04T12:30:05.250.
    /// A time without a date is meant of every day.
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,

    /// Only those begun before.
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,

    /// Tell of so many only, those that failed first; the others still count. As html or markdown, equal failures are
    /// one [default for markdown: 10].
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<usize>,
}

impl Wanted {
    /// Keeps what is wanted of a report.
    pub(super) fn select(&self, report: &mut Report<'_>, format: Format) {
        let says_so = matches!(format, Format::Html | Format::Markdown | Format::Zip);
        let filter = self.filter();
        if !filter.is_empty() {
            report.select(&filter);
        }
        // HTML and Markdown count equal failures once, and tell what they leave out by kind
        if let Some(limit) = self.limit.filter(|_| !says_so) {
            report.limit(limit);
        }
    }

    /// As a filter.
    pub(super) fn filter(&self) -> Filter {
        Filter {
            ids: self.id.clone(),
            outcomes: self.outcome.clone(),
            rules: self.rule.clone(),
            peers: self.peer.clone(),
            threads: self.thread.clone(),
            since: self.since,
            until: self.until,
            words: Vec::new(),
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Explain the causes the tool knows: all of them, or one.
    Explain(super::explain::Question),

    /// Tell how to switch the debug log on, and off again, for what runs the JVM.
    Enable(super::enable::Question),

    /// Write a log without its secrets, and with --redact without names, to hand it on.
    Scrub(super::scrub::Question),

    /// List every certificate in the logs: where it was seen, until when it is valid, its fingerprint.
    Certs(super::certs::Question),

    /// Print the JSON Schema (2020-12) of the reports that -f json and -f ndjson write.
    Schema,

    /// Print a script that teaches a shell to complete options, commands and the names of causes.
    Completions(super::documents::Completions),

    /// Print the manual page.
    Man(super::documents::Manual),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum EnableFormat {
    /// For reading.
    Text,
    /// For scripts.
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ExplainFormat {
    /// For reading.
    Text,
    /// For scripts: an array, or one object.
    Json,
    /// A document, as docs/rules.md is, or the part of one rule.
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// An interactive view; without a terminal, text.
    #[cfg(feature = "tui")]
    Tui,
    /// For reading.
    Text,
    /// One document, schema 1.
    Json,
    /// One object a line: inputs, handshakes, findings, summary.
    Ndjson,
    /// One file to attach to a ticket.
    Html,
    /// To paste into a ticket.
    Markdown,
    /// A bundle for a ticket: the report as HTML and JSON, and the lines of the log that it is about; into a file.
    Zip,
    /// The XML of `JUnit`, for CI: a test case a peer, which fails as its handshakes do.
    Junit,
    /// SARIF 2.1.0, for code scanning: a result a cause.
    Sarif,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Makes the choice hold for everything that is printed.
    pub(super) fn set(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum When {
    /// On a terminal, for long input.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Args {
    /// With `-o -` understood: standard output, and what is printed there, not viewed.
    pub(super) fn settled(mut self) -> Self {
        if self.output.as_deref() == Some(Path::new("-")) {
            self.format = Some(self.format());
            self.output = None;
        }
        self
    }

    /// The extension of the output file, when it asks for a format that there is none for.
    pub(super) fn unknown_extension(&self) -> Option<&str> {
        let extension = self.output.as_ref()?.extension()?.to_str()?;
        (self.format.is_none() && extension == "pdf").then_some(extension)
    }

    /// The diagnosis, with or without hygiene.
    pub(super) fn judge(&self, assembly: &Assembly) -> Diagnosis {
        let diagnosis = diagnose(assembly);
        if self.no_hygiene {
            diagnosis.without_hygiene()
        } else {
            diagnosis
        }
    }

    /// The format: as given, as the output file's name implies, or text.
    pub(super) fn format(&self) -> Format {
        let implied = || match self.output.as_ref()?.extension()?.to_str()? {
            "json" => Some(Format::Json),
            "ndjson" | "jsonl" => Some(Format::Ndjson),
            "html" | "htm" => Some(Format::Html),
            "zip" => Some(Format::Zip),
            "md" | "markdown" => Some(Format::Markdown),
            "xml" => Some(Format::Junit),
            "sarif" => Some(Format::Sarif),
            _ => None,
        };
        match self.format.or_else(implied) {
            #[cfg(feature = "tui")]
            Some(Format::Tui) => Format::Text,
            format => format.unwrap_or(Format::Text),
        }
    }
}

/// Bytes, with K, M, G or T for powers of 1024.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => Some(0),
        "K" | "KB" | "KIB" => Some(10),
        "M" | "MB" | "MIB" => Some(20),
        "G" | "GB" | "GIB" => Some(30),
        "T" | "TB" | "TIB" => Some(40),
        _ => None,
    };
    shift
        .zip(digits.parse::<u64>().ok())
        .and_then(|(shift, number)| number.checked_mul(1 << shift))
        .ok_or_else(|| "a size is a number, with K, M, G or T behind it: 500M".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        use clap::CommandFactory as _;
        Args::command().debug_assert();
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("17"), Ok(17));
        assert_eq!(size("2k"), Ok(2048));
        assert_eq!(size("3GiB"), Ok(3 << 30));
        for wrong in ["", "G", "1.5G", "5X", "99999999999T"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_format_is_given_implied_or_text() {
        let format = |args: &[&str]| Args::parse_from([&["jssl-analyze"], args].concat()).format();
        assert_eq!(format(&["a.log"]), Format::Text);
        assert_eq!(format(&["a.log", "-o", "r.ndjson"]), Format::Ndjson);
        assert_eq!(format(&["a.log", "-o", "r.html"]), Format::Html);
        assert_eq!(format(&["a.log", "-o", "r.md"]), Format::Markdown);
        assert_eq!(format(&["a.log", "-o", "tls.xml"]), Format::Junit);
        assert_eq!(format(&["a.log", "-o", "tls.sarif"]), Format::Sarif);
        assert_eq!(
            format(&["a.log", "-o", "r.json", "-f", "text"]),
            Format::Text
        );
    }
}
