//! `certs`: every certificate of the logs, where it was seen and until when it is valid.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{Status, analyse, complain};
use crate::{
    drive,
    input::{self, Options},
    redact::Redactor,
    render::{
        json,
        safe::safe,
        text::{BOLD, DIM},
    },
    report::{Inventory, InventoryEntry, Sighting},
    time::LogTime,
};

/// What was asked for.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Question {
    /// Logs; `-` or none for standard input.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Only those that end within this time after the end of the log, and those that are over: 30d, 12h.
    #[arg(long, value_name = "TIME", value_parser = time_span)]
    expires_within: Option<i64>,

    /// Write the certificates themselves, as PEM. Their bytes are only in logs with hex dumps
    /// (`all`, `packet`; of TLS 1.3 `all`, `plaintext`).
    #[arg(long, conflicts_with = "format")]
    pem: bool,

    /// How to print the list.
    #[arg(short, long, value_enum, default_value = "text")]
    format: super::args::EnableFormat,

    #[command(flatten)]
    redaction: super::redaction::Redaction,
}

/// Reads the logs and prints what certificates are in them.
pub(super) fn run(question: &Question) -> anyhow::Result<Status> {
    let files = analyse::files(&question.files)?;
    let session = question
        .redaction
        .open(question.redaction.asked_for(false), None)?;
    anyhow::ensure!(
        !(question.pem && session.redactor().hides_names()),
        "--pem: the certificates themselves hold the names that --redact takes out; choose one of the two"
    );
    let (inventory, mut status, end) = read(&files, session.redactor());
    let entries: Vec<InventoryEntry> = inventory
        .finish()
        .into_iter()
        .filter(|entry| is_wanted(entry, question.expires_within, end.as_ref()))
        .map(|entry| entry.redacted(session.redactor()))
        .collect();
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    if question.pem {
        let without = pem(&entries, &mut out)?;
        if without > 0 {
            complain(&format!(
                "certs: of {without} certificate{} the log has no bytes: those of -Djavax.net.debug=all have",
                if without == 1 { "" } else { "s" }
            ));
        }
    } else if matches!(question.format, super::args::EnableFormat::Json) {
        json::write_list("certificates", &entries, &mut out)?;
    } else {
        for entry in &entries {
            text(entry, end.as_ref(), &mut out)?;
        }
    }
    out.flush()?;
    session.save()?;
    if entries.is_empty() && matches!(status, Status::Good) {
        complain("certs: no certificate");
        status = Status::Good;
    }
    Ok(status)
}

/// The certificates of all inputs, and the latest time in them.
fn read(files: &[PathBuf], redactor: &Redactor) -> (Inventory, Status, Option<LogTime>) {
    let options = Options::default();
    let (mut inventory, mut status, mut end) =
        (Inventory::default(), Status::Good, None::<LogTime>);
    let mut logs = 0;
    input::guard_maps();
    for source in input::collect(files, &options) {
        let path = source.path().to_owned();
        let read = source.open(&options).and_then(|input| {
            let Some(input) = input else { return Ok(None) };
            let origin = input.origin();
            Ok(Some((drive::analyse(input, &mut |_| {})?, origin)))
        });
        let (analysis, origin) = match read {
            Ok(Some(read)) => read,
            Ok(None) => continue,
            Err(error) => {
                complain(&error.to_string());
                status = Status::Error;
                continue;
            }
        };
        for error in origin.errors.take() {
            complain(&error.to_string());
            status = Status::Error;
        }
        let assembly = &analysis.assembly;
        logs += usize::from(assembly.survey.entries > 0);
        let name = if path == Path::new("-") {
            "standard input".to_owned()
        } else {
            path.display().to_string()
        };
        redactor.learn(assembly);
        inventory.add(&name, assembly);
        let later = assembly
            .last_at
            .as_ref()
            .filter(|at| end.as_ref().is_none_or(|end| at.millis > end.millis));
        if let Some(later) = later {
            end = Some(later.clone());
        }
    }
    if logs == 0 {
        complain("certs: no JSSE debug output in the input");
        status = status.and(Status::NoDebugOutput);
    }
    (inventory, status, end)
}

/// Without a time in the log, nobody can say what ends when: then nothing is left out.
fn is_wanted(entry: &InventoryEntry, within: Option<i64>, end: Option<&LogTime>) -> bool {
    match (within, end) {
        (Some(within), Some(end)) => entry.left_at(end).is_some_and(|left| left <= within),
        _ => true,
    }
}

fn text(entry: &InventoryEntry, end: Option<&LogTime>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{BOLD}{}{BOLD:#}", safe(&entry.subject))?;
    let mut line =
        |name: &str, value: &str| writeln!(out, "  {DIM}{name:<8}{DIM:#} {}", safe(value));
    line("issuer", &entry.issuer)?;
    let date = |at: &Option<String>| {
        at.as_deref()
            .map_or("?", |at| &at[..at.len().min(10)])
            .to_owned()
    };
    let over = end.is_some_and(|end| entry.left_at(end).is_some_and(|left| left < 0));
    let over = if over { ", over when the log ends" } else { "" };
    line(
        "valid",
        &format!(
            "{} to {}{over}",
            date(&entry.not_before),
            date(&entry.not_after)
        ),
    )?;
    if !entry.subject_alternative_names.is_empty() {
        line("names", &entry.subject_alternative_names.join(" "))?;
    }
    line("serial", &entry.serial)?;
    line(
        "sha256",
        entry
            .sha256
            .as_deref()
            .unwrap_or("not known: the log does not have its bytes"),
    )?;
    for sighting in &entry.seen {
        line("seen", &seen(sighting))?;
    }
    writeln!(out)
}

fn seen(sighting: &Sighting) -> String {
    let Sighting {
        input,
        part,
        count,
        first_line,
    } = sighting;
    let words = part.words();
    match count {
        1 => format!("{words}, line {first_line} of {input}"),
        _ => format!("{words}, {count} times, first on line {first_line} of {input}"),
    }
}

/// Writes those whose bytes are known; returns how many are not.
fn pem(entries: &[InventoryEntry], out: &mut dyn Write) -> io::Result<usize> {
    let mut without = 0;
    for entry in entries {
        let Some(bytes) = &entry.bytes else {
            without += 1;
            continue;
        };
        writeln!(out, "# subject {}", safe(&bytes.subject))?;
        writeln!(out, "# issuer  {}", safe(&bytes.issuer))?;
        writeln!(out, "# sha256  {}", bytes.sha256)?;
        out.write_all(bytes.pem().as_bytes())?;
    }
    Ok(without)
}

/// Milliseconds in `30d`, `12h`, `2w`.
fn time_span(text: &str) -> Result<i64, String> {
    const HOUR: i64 = 3_600_000;
    let (digits, unit) = text.split_at(
        text.trim_end_matches(|c: char| c.is_ascii_alphabetic())
            .len(),
    );
    let unit = match unit {
        "h" => Some(HOUR),
        "d" | "" => Some(24 * HOUR),
        "w" => Some(7 * 24 * HOUR),
        "y" => Some(365 * 24 * HOUR),
        _ => None,
    };
    unit.zip(digits.parse::<i64>().ok().filter(|number| *number >= 0))
        .and_then(|(unit, number)| number.checked_mul(unit))
        .ok_or_else(|| "a time is a number with h, d, w or y behind it: 30d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_have_units() {
        assert_eq!(time_span("30d"), Ok(30 * 86_400_000));
        assert_eq!(time_span("12h"), Ok(12 * 3_600_000));
        assert_eq!(time_span("7"), time_span("1w"));
        for wrong in ["", "d", "-1d", "1.5d", "1m", "99999999999999y"] {
            assert!(time_span(wrong).is_err(), "{wrong}");
        }
    }
}
