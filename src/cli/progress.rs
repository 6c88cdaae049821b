//! The progress bar: on standard error, on a terminal, for input that takes a while.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::When;

/// Smaller input is read before a bar could be seen.
const LONG: u64 = 256 << 20;

/// A bar for `bytes` (or an unknown number), if one is wanted.
pub(super) fn bar(when: When, bytes: Option<u64>) -> ProgressBar {
    let wanted = match when {
        When::Always => true,
        When::Never => false,
        When::Auto => std::io::stderr().is_terminal() && bytes.is_none_or(|bytes| bytes >= LONG),
    };
    if !wanted {
        return ProgressBar::hidden();
    }
    let (bar, template) = match bytes {
        Some(bytes) => (
            ProgressBar::new(bytes),
            "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
        ),
        None => (
            ProgressBar::new_spinner(),
            "{spinner} {bytes} {bytes_per_sec}",
        ),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
