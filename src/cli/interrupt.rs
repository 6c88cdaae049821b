//! Ctrl-C while following: it ends the reading, not the program, so that the report is printed.

use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

use crate::input::Stop;

static STOP: AtomicBool = AtomicBool::new(false);

/// A flag that the first Ctrl-C (or a plain `kill`) sets; the second ends the program.
pub(super) fn stop() -> anyhow::Result<Stop> {
    for signal in [SIGINT, SIGTERM] {
        // in this order: the first signal finds the flag not set yet
        flag::register_conditional_shutdown(signal, 128 + signal, &STOP)
            .and_then(|_| flag::register(signal, &STOP))
            .context("--follow: cannot wait for Ctrl-C")?;
    }
    Ok(&STOP)
}
