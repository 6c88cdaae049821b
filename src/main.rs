//! The `jssl-analyze` command: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    jssl_analyze::cli::main()
}
