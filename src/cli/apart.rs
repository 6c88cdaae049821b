//! A report is not written over what it is about: creating its file would empty the log before, or while, it is read.

use std::path::{Path, PathBuf};

use same_file::Handle;

/// Fails when `output` is one of these files under whatever name: another path, a link, or standard input.
pub(super) fn ensure_apart<'p>(
    inputs: impl IntoIterator<Item = &'p PathBuf>,
    output: Option<&Path>,
) -> anyhow::Result<()> {
    let Some(output) = output else { return Ok(()) };
    // a terminal, a pipe or /dev/null keeps nothing that could be lost
    let is_file = output.metadata().is_ok_and(|meta| meta.is_file());
    let Some(written) = is_file.then(|| Handle::from_path(output).ok()).flatten() else {
        return Ok(());
    };
    for input in inputs {
        let read = match input.metadata() {
            _ if input == Path::new("-") => Handle::stdin().ok(),
            // whoever writes into a pipe would notice that it is opened
            Ok(meta) if meta.is_file() => Handle::from_path(input).ok(),
            _ => None,
        };
        anyhow::ensure!(
            read.as_ref() != Some(&written),
            "-o {}: is the log itself; name another file",
            output.display()
        );
    }
    Ok(())
}
