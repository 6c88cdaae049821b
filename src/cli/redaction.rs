//! `--redact`: what is taken out of what is printed, and where the tokens are kept.

use std::{
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;

use super::{
    args::{Args, Format},
    complain,
};
use crate::redact::{Kinds, Redactor, Tokens};

/// Options of whatever can be handed on.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Redaction {
    /// Replace names by tokens that are the same throughout: hosts, ips, names (of certificates, users, files),
    /// serials, threads; all of them if none are named. Secrets are never printed, with or without this.
    #[arg(long, value_name = "KINDS", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    redact: Option<Kinds>,

    /// Keep names where they would be replaced unasked: in formats that are made to be handed on.
    #[arg(long, conflicts_with_all = ["redact", "redact_map"])]
    no_redact: bool,

    /// Keep the tokens in this file, for the next run and to look names up. It is made for its owner only. Implies
    /// --redact.
    #[arg(long, value_name = "FILE")]
    redact_map: Option<PathBuf>,
}

/// The names to take out of a report: those asked for; unasked all of them where the format is made to be handed on and
/// goes into a file.
pub(super) fn wanted(args: &Args, format: Format) -> Option<Kinds> {
    let is_for_others = matches!(format, Format::Html | Format::Markdown | Format::Zip);
    let unasked = is_for_others && args.output.is_some();
    args.redaction.asked_for(unasked)
}

/// Says that names are in a document that is made to be handed on, where it is written by redirection: only into a file
/// of its own it is written without.
pub(super) fn warn_of_names(args: &Args) {
    let is_for_others = matches!(args.format(), Format::Html | Format::Markdown);
    let is_redirected = args.output.is_none() && !std::io::stdout().is_terminal();
    if is_for_others && is_redirected && args.redaction.says_nothing() {
        complain(
            "hosts, addresses and other names are in it: --redact takes them out, --no-redact says that they may stay",
        );
    }
}

impl Redaction {
    /// The names asked for; `unasked`: all of them, unless that is forbidden.
    pub(super) fn asked_for(&self, unasked: bool) -> Option<Kinds> {
        let unasked = unasked && !self.no_redact || self.redact_map.is_some();
        self.redact.or(unasked.then_some(Kinds::ALL))
    }

    /// Whether names are taken out where nobody said so.
    pub(super) fn takes_unasked(&self) -> bool {
        self.says_nothing()
    }

    /// Whether nothing was said about names.
    fn says_nothing(&self) -> bool {
        self.redact.is_none() && !self.no_redact && self.redact_map.is_none()
    }

    /// Names are kept even where they would be taken out unasked.
    pub(super) fn keeps_names(&self) -> bool {
        self.no_redact
    }

    /// Opens the map, if there is one; `output` is where the report goes.
    pub(super) fn open(
        &self,
        kinds: Option<Kinds>,
        output: Option<&Path>,
    ) -> anyhow::Result<Session> {
        let map = self.redact_map.clone().filter(|_| kinds.is_some());
        anyhow::ensure!(
            map.is_none() || map.as_deref() != output,
            "--redact-map: the map tells what the tokens stand for, so it is never part of what is handed on; name another file"
        );
        let Some(kinds) = kinds else {
            return Ok(Session {
                redactor: Redactor::secrets(),
                kept: None,
            });
        };
        let known = map.as_deref().map(read).transpose()?.flatten();
        if let Some(path) = &map {
            ensure_writable(path)?;
        }
        let tokens = known
            .or_else(Tokens::random)
            .context("--redact: the system has no random numbers for the key")?;
        let tokens = Arc::new(tokens);
        Ok(Session {
            redactor: Redactor::new(kinds, Arc::clone(&tokens)),
            kept: map.map(|path| (path, tokens)),
        })
    }
}

/// The tokens of one run.
#[derive(Debug)]
pub(super) struct Session {
    redactor: Redactor,
    kept: Option<(PathBuf, Arc<Tokens>)>,
}

impl Session {
    pub(super) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Writes the map, if one is kept and something was added.
    pub(super) fn save(&self) -> anyhow::Result<()> {
        let Some((path, tokens)) = &self.kept else {
            return Ok(());
        };
        if !tokens.has_grown() && path.exists() {
            return Ok(());
        }
        write(path, &tokens.to_json())
            .with_context(|| format!("--redact-map: {}: cannot be written", path.display()))
    }
}

/// An hour of analysis must not end with a map that cannot be written.
fn ensure_writable(path: &Path) -> anyhow::Result<()> {
    tempfile::NamedTempFile::new_in(folder(path))
        .map(drop)
        .with_context(|| format!("--redact-map: {}: cannot be written", path.display()))
}

/// Makes a map that others can read its owner's alone.
#[cfg(unix)]
fn close_to_others(path: &Path, metadata: &std::fs::Metadata) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    const OTHERS: u32 = 0o077;
    if metadata.permissions().mode() & OTHERS == 0 {
        return Ok(());
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).with_context(|| {
        format!(
            "--redact-map: {}: others can read it, and that cannot be changed",
            path.display()
        )
    })?;
    complain(&format!(
        "--redact-map: {}: others could read it, and what the tokens stand for; it is its owner's alone now (0600)",
        path.display()
    ));
    Ok(())
}

#[cfg(not(unix))]
fn close_to_others(_: &Path, _: &std::fs::Metadata) -> anyhow::Result<()> {
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Option<Tokens>> {
    // to read a FIFO would be to wait for ever
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context(format!("--redact-map: {}", path.display())),
    };
    anyhow::ensure!(
        metadata.is_file(),
        "--redact-map: {}: is no file",
        path.display()
    );
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context(format!("--redact-map: {}", path.display())),
    };
    match Tokens::from_json(&text) {
        Ok(tokens) => {
            close_to_others(path, &metadata)?;
            Ok(Some(tokens))
        }
        Err(why) => anyhow::bail!(
            "--redact-map: {}: no map of this program: {why}; name a file that is not there yet",
            path.display()
        ),
    }
}

/// Beside it first, then in its place: a map that is cut off would be worth nothing. Only the owner may read it.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder(path))?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}
