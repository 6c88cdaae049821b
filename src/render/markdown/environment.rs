//! What the log was, at the end of the document.

use std::io;

use super::{
    Document, HEADLINE,
    inert::{self, code, inline},
};
use crate::{
    diagnose::RULES,
    render::{
        moment, selection,
        words::{cut, listed, maybe, no_digest},
    },
    report::InputView,
};

/// Oddities that are quoted.
const ODDITIES: usize = 5;

impl Document<'_, '_> {
    pub(super) fn environment(&mut self) -> io::Result<()> {
        writeln!(self.out, "### Environment\n\n| | |\n|---|---|")?;
        let tool = self.report.tool();
        self.row(
            "Tool",
            &format!("{} {}, {} rules", tool.name, tool.version, RULES.len()),
        )?;
        let summary = self.report.summary();
        let (first, last) = (
            maybe(summary.first_at.as_ref()),
            maybe(summary.last_at.as_ref()),
        );
        if let (Some(first), Some(last)) = (first, last) {
            self.row("Time range", &moment::range(first, last))?;
        }
        let selection = self.report.selection_of_all();
        if let Some(share) = selection.as_ref().and_then(selection::share) {
            self.row("Filter", &inline(&share))?;
        }
        let redacted = self.redacted().map_or("nothing".to_owned(), inline);
        self.row("Redacted", &redacted)?;
        let inputs: Vec<InputView> = self.report.inputs().collect();
        for (number, input) in inputs.iter().enumerate() {
            self.input(number, input)?;
            let anomalies: Vec<_> = self.report.anomalies_of(number).take(ODDITIES).collect();
            for odd in anomalies {
                let said = code(&cut(&odd.text, HEADLINE));
                self.row(
                    "Oddity",
                    &format!("line {}, {}: {said}", odd.line, odd.kind),
                )?;
            }
        }
        Ok(())
    }

    fn input(&mut self, number: usize, input: &InputView) -> io::Result<()> {
        self.row("File", &code(&cut(&input.path, HEADLINE)))?;
        let missing = no_digest(self.report, number);
        let digest = |sha256: &Option<String>| {
            let hex = sha256.as_ref();
            hex.map_or_else(|| missing.to_owned(), |hex| code(hex))
        };
        let digests: Vec<(String, String)> = if input.parts.is_empty() {
            vec![("SHA-256 of the file".to_owned(), digest(&input.sha256))]
        } else {
            let part = |part: &crate::report::PartView| {
                let name = code(&cut(&part.path, HEADLINE));
                (
                    format!("From line {}", part.first_line),
                    format!("{name}, SHA-256 {}", digest(&part.sha256)),
                )
            };
            input.parts.iter().map(part).collect()
        };
        for (name, value) in digests {
            self.row(&name, &value)?;
        }
        let (bytes, lines, entries) = (input.bytes, input.lines, input.entries);
        self.row(
            "Size",
            &format!("{bytes} bytes, {lines} lines, {entries} entries of the JVM"),
        )?;
        let envelope = input.envelope.as_ref().map_or_else(
            || "no envelope".to_owned(),
            |envelope| format!("envelope {}", code(&cut(envelope, HEADLINE))),
        );
        let compression =
            maybe(input.compression.as_ref()).map_or_else(String::new, |name| format!(", {name}"));
        self.row(
            "Format",
            &format!("{}{compression}, {envelope}", input.encoding),
        )?;
        let jdk = input.jdk.as_ref().map_or_else(
            || "not evident".to_owned(),
            |jdk| inline(&format!("{}: {}", jdk.guess, jdk.because)),
        );
        self.row("JDK, as the log shows", &jdk)?;
        let words = |words: Vec<String>| {
            if words.is_empty() {
                "none".to_owned()
            } else {
                inline(&listed(&words))
            }
        };
        let dialects = input.dialects.iter().map(ToString::to_string).collect();
        self.row("Ways of printing", &words(dialects))?;
        let options = input.options_seen.iter().map(ToString::to_string).collect();
        self.row("Debug options in effect", &words(options))?;
        let zone =
            maybe(input.time_zone.as_ref()).map_or("none".to_owned(), |zone| code(&cut(zone, 60)));
        self.row("Time zone as printed", &zone)?;
        let cuts = [
            (input.begins_mid_handshake, "begins inside a handshake"),
            (input.ends_mid_handshake, "ends inside a handshake"),
        ];
        for (_, cut) in cuts.into_iter().filter(|(is, _)| *is) {
            self.row("Cut", cut)?;
        }
        self.row("Oddities", &input.anomalies.to_string())
    }

    /// A row of the table; what comes from the log was made inert before.
    fn row(&mut self, name: &str, value: &str) -> io::Result<()> {
        writeln!(self.out, "| {name} | {} |", inert::in_table(value))
    }
}
