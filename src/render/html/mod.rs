//! The report as one HTML file, to be attached to a ticket.
//!
//! It is complete without scripts and needs nothing from outside; its Content-Security-Policy forbids
//! all but its own style sheet and script, by their hashes. The script only adds: copy buttons, and a
//! filter above the table. Templates (`templates/`) loop over handshakes one at a time, and the page
//! is written as it is made.
//!
//! Failures that are alike are told once, with the others below the first. A page has room for
//! 200 kinds of failure and 12,000 rows, so that a log with ten thousand handshakes makes a
//! page that a browser and a ticket system still take; what was left out is said.

mod chain;
mod chart;
mod escape;
mod page;
mod sequence;
mod story;

use std::io::{self, Write};

use askama::Template as _;

use self::page::{Context, Page};
use super::overview::Overview;
use crate::report::Report;

/// Kinds of failure that are told in full.
const TOLD: usize = 200;
/// Rows in the table of all handshakes.
const ROWS: usize = 12_000;
/// The JSON report is left out of the page when it is longer.
const JSON_BYTES: usize = 2 << 20;

/// What the report is to hold besides what was found.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// At most so many handshakes, the failed ones first.
    pub limit: Option<usize>,
    /// What was taken out of the report, in a sentence, where the report does not say so itself.
    pub redacted: Option<String>,
}

/// Writes the page.
pub fn write(report: &Report<'_>, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let overview = Overview::of(report);
    let names: Vec<String> = report.inputs().map(|input| input.path).collect();
    let context = Context {
        report,
        overview: &overview,
        options,
        names: &names,
    };
    Page::new(context)?.write_into(out)
}
