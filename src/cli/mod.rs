//! The command line: what was typed (`args`), and what is done about it.
//!
//! Reports go to standard output, talk to standard error. Exit codes: 0 analysed and nothing
//! failed, 1 a handshake failed or TLS could not be started, 2 the work could not be done, 3 no JSSE debug output in the input.

mod analyse;
mod apart;
mod args;
mod bundle;
mod certs;
mod digest;
mod documents;
mod enable;
mod excerpt;
mod explain;
mod interrupt;
mod live;
mod output;
mod progress;
mod redaction;
mod saved;
mod schema;
mod scrub;
#[cfg(feature = "tui")]
mod tui;

use std::process::ExitCode;

use clap::Parser;

use self::args::{Args, Command};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Analysed; no handshake failed.
    Good = 0,
    /// Analysed; at least one failed.
    Failed = 1,
    /// Readable, but no JSSE debug output in it.
    NoDebugOutput = 3,
    /// The work could not be done.
    Error = 2,
}

impl Status {
    /// Two inputs, one status: what could not be done outranks what was found.
    fn and(self, other: Self) -> Self {
        let rank = |status: Self| {
            [Self::Good, Self::NoDebugOutput, Self::Failed, Self::Error]
                .iter()
                .position(|known| *known == status)
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// Runs the program; the exit code says how it went.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args.settled(),
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                Status::Error
            } else {
                Status::Good
            }
            .into();
        }
    };
    args.color.set();
    let result = match &args.command {
        Some(Command::Explain(question)) => explain::run(question),
        Some(Command::Enable(question)) => enable::run(question),
        Some(Command::Certs(question)) => certs::run(question),
        Some(Command::Schema) => schema::run(),
        Some(Command::Completions(wanted)) => documents::completions(wanted),
        Some(Command::Man(wanted)) => documents::manual(wanted),
        Some(Command::Scrub(question)) => scrub::run(question),
        #[cfg(feature = "tui")]
        None if tui::is_wanted(&args) => tui::run(&args),
        None => analyse::run(&args),
    };
    match result {
        Ok(status) => status.into(),
        Err(error) if is_closed_pipe(&error) => Status::Good.into(),
        Err(error) => {
            complain(&format!("{error:#}"));
            Status::Error.into()
        }
    }
}

/// Says what went wrong.
fn complain(message: &str) {
    use std::io::Write as _;
    let message = crate::render::safe::safe(message);
    let _ = writeln!(anstream::stderr(), "jssl-analyze: {message}");
}

/// Whoever read our output has seen enough: a quiet end.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
