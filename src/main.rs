//! The `jssl-analyze` command: parse, run, exit code.

use std::process::ExitCode;

/// Readers make what the assembler drops, on other threads: the system's allocator spends a third of
/// the time on that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    jssl_analyze::cli::main()
}
