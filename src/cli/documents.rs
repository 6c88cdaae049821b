//! `completions` and `man`: what a shell and `man` know of the command line, made from the command line itself.

use std::io::{self, Write as _};

use clap::{Arg, Command, CommandFactory as _, builder::PossibleValuesParser};
use clap_complete::Shell;
use clap_mangen::{
    Man,
    roff::{Roff, roman},
};

use super::{Status, args::Args};
use crate::diagnose::RULES;

/// Which shell.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// The shell that is to complete.
    #[arg(value_enum)]
    shell: Shell,
}

/// Of what.
#[derive(Debug, clap::Args)]
pub(super) struct Manual {
    /// A command, for the page about it [default: the program].
    #[arg(value_parser = COMMANDS)]
    command: Option<String>,
}

/// All commands: what is typed is checked before they can be asked for (see the test).
const COMMANDS: [&str; 7] = [
    "explain",
    "enable",
    "scrub",
    "certs",
    "schema",
    "completions",
    "man",
];

/// Prints the script for a shell.
pub(super) fn completions(wanted: &Completions) -> anyhow::Result<Status> {
    let mut command = with_rules(Args::command());
    let name = command.get_name().to_owned();
    // the generators panic where they cannot write: a closed pipe is no reason to
    let mut script = Vec::new();
    clap_complete::generate(wanted.shell, &mut command, name, &mut script);
    print(&script)
}

/// Names of rules are looked up when they are given; a shell has to have them beforehand.
fn with_rules(command: Command) -> Command {
    let names = |argument: Arg| {
        argument.value_parser(PossibleValuesParser::new(
            RULES.iter().map(|rule| rule.name()),
        ))
    };
    command
        .mut_arg("rule", names)
        .mut_subcommand("explain", |explain| explain.mut_arg("rule", names))
}

/// Prints a page in the format of `man`.
pub(super) fn manual(wanted: &Manual) -> anyhow::Result<Status> {
    let mut program = Args::command();
    program.build();
    let command = match &wanted.command {
        Some(name) => program.find_subcommand(name).cloned().unwrap_or(program),
        None => program,
    };
    let examples = command.get_after_help().map(ToString::to_string);
    let is_program = command.has_subcommands();
    let man = Man::new(command)
        .source(concat!("jssl-analyze ", env!("CARGO_PKG_VERSION")))
        .manual("jssl-analyze");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if is_program {
        man.render_subcommands_section(&mut page)?;
    }
    if let Some(examples) = examples {
        page.extend_from_slice(as_typed(&examples).as_bytes());
    }
    print(&page)
}

/// The end of the help, line for line: the generator would fill its lines.
fn as_typed(examples: &str) -> String {
    let examples = examples.strip_prefix("Examples:\n").unwrap_or(examples);
    let mut section = Roff::new();
    section
        .control("SH", ["EXAMPLES"])
        .control("nf", [])
        .text([roman(examples)])
        .control("fi", []);
    section.to_roff()
}

fn print(text: &[u8]) -> anyhow::Result<Status> {
    let mut out = io::stdout().lock();
    out.write_all(text)?;
    out.flush()?;
    Ok(Status::Good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page() {
        let program = Args::command();
        let names: Vec<&str> = program.get_subcommands().map(Command::get_name).collect();
        assert_eq!(names, COMMANDS);
    }
}
