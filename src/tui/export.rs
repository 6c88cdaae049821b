//! Handshakes written to a file, in the formats of the command line.

use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufWriter, Write as _},
    path::PathBuf,
};

use super::{
    data::{Data, Id},
    model::ExportFormat,
};
use crate::{
    redact::{Kinds, Redactor},
    render::{html, json, markdown, text},
    report::Report,
};

/// A path as a shell takes it: `~/` is the home directory.
fn at_home(path: &str) -> PathBuf {
    let home = std::env::home_dir();
    match (path.strip_prefix("~/"), home) {
        (Some(below), Some(home)) => home.join(below),
        _ => PathBuf::from(path),
    }
}

/// Writes these handshakes; a file that exists already is left alone.
pub(super) fn write(
    data: &Data,
    ids: &[Id],
    format: ExportFormat,
    path: &str,
    redactor: &Redactor,
) -> Result<(), String> {
    let path = at_home(path);
    let file = File::create_new(&path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => "there is such a file already".to_owned(),
        io::ErrorKind::NotFound => "there is no such directory".to_owned(),
        _ => error.to_string(),
    })?;
    let mut report = Report::new(data.inputs()).redacted_by(redactor);
    if ids.len() < data.totals().handshakes {
        let wanted: HashSet<u32> = ids.iter().map(|&id| data.number(id)).collect();
        report.retain(|handshake| wanted.contains(&handshake.id()));
    }
    if redactor.hides_names() {
        report.say_redacted(format!("{} were replaced by tokens", Kinds::ALL));
    }
    let mut out = BufWriter::new(file);
    let written = match format {
        ExportFormat::Text => {
            let options = text::Options {
                verbose: true,
                ..text::Options::default()
            };
            text::write(
                &report,
                options,
                &mut anstream::StripStream::new(&mut out as &mut dyn io::Write),
            )
        }
        ExportFormat::Json => json::write_json(&report, &mut out),
        ExportFormat::Html => html::write(&report, &html::Options::default(), &mut out),
        ExportFormat::Markdown => markdown::write(&report, &markdown::Options::default(), &mut out),
    };
    written
        .and_then(|()| out.flush())
        .map_err(|error| error.to_string())
}
