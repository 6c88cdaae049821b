//! The main job: logs in, a report out.

use std::{
    fs::File,
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    Status,
    args::{Args, Format},
    complain, progress,
};
use crate::{
    diagnose::diagnose,
    drive::analyse,
    error::Error,
    handshake::Outcome,
    input::Input,
    render::{json, text},
    report::{Analysed, Report},
};

/// How to switch the debug log on, for whoever has a log without it.
const HOW_TO_ENABLE: &str = "\
  To get one, start the JVM with  -Djavax.net.debug=ssl:handshake:verbose
  (JAVA_TOOL_OPTIONS=-Djavax.net.debug=… where the command line cannot be reached). It goes to
  standard error, on Java 8 before 8u272 to standard output, of the JVM.";

/// Analyses the files and prints the report.
pub(super) fn run(args: &Args) -> anyhow::Result<Status> {
    let files = files(args)?;
    if let Some(extension) = args.unknown_extension() {
        anyhow::bail!(
            "-o: no format is known for .{extension}; name one with -f text, -f json or -f ndjson"
        );
    }
    let mut status = Status::Good;
    let mut inputs = Vec::new();
    for path in &files {
        match one(path, args) {
            Ok(input) => inputs.push(input),
            Err(error) => {
                complain(&error.to_string());
                status = Status::Error;
            }
        }
    }
    if !inputs.is_empty() {
        status = status.and(judge(&inputs));
        print(&Report::new(&inputs), args)?;
    }
    // the process ends here: giving back a hundred thousand handshakes one by one would take longer
    std::mem::forget(inputs);
    Ok(status)
}

/// The files named, or standard input when something is piped into it.
fn files(args: &Args) -> anyhow::Result<Vec<PathBuf>> {
    if !args.files.is_empty() {
        return Ok(args.files.clone());
    }
    anyhow::ensure!(
        !io::stdin().is_terminal(),
        "no log given: name a file, or pipe one in (see --help)"
    );
    Ok(vec![PathBuf::from("-")])
}

fn one(path: &Path, args: &Args) -> Result<Analysed, Error> {
    let input = Input::open(path)?;
    let bytes = match &input {
        Input::Map(map) => Some(map.len() as u64),
        Input::Stream(_) => None,
    };
    let bar = progress::bar(args.progress, bytes);
    let analysis = analyse(input, &mut |done| bar.set_position(done));
    bar.finish_and_clear();
    let analysis = analysis?;
    let mut diagnosis = diagnose(&analysis.assembly);
    if analysis.assembly.survey.entries == 0 && analysis.lookalike.is_some() {
        diagnosis.of_log.clear(); // it was not read, so nothing can be said about what is in it
    }
    let name = if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    };
    Ok(Analysed {
        path: name,
        analysis,
        diagnosis,
    })
}

/// The status of what was read; inputs without debug output are named.
fn judge(inputs: &[Analysed]) -> Status {
    let mut status = Status::Good;
    let mut silent = 0;
    for input in inputs {
        let assembly = &input.analysis.assembly;
        if assembly.survey.entries == 0 {
            silent += 1;
            complain_of_silence(input);
        }
        if assembly
            .handshakes
            .iter()
            .any(|handshake| handshake.outcome == Outcome::Failed)
        {
            status = Status::Failed;
        }
    }
    if silent == inputs.len() {
        Status::NoDebugOutput
    } else {
        status
    }
}

fn complain_of_silence(input: &Analysed) {
    let analysis = &input.analysis;
    let why = match (analysis.bytes, analysis.lookalike) {
        (0, _) => "it is empty".to_owned(),
        (_, Some(lookalike)) => lookalike.advice().to_owned(),
        (_, None) => format!(
            "none of its {} lines begins with javax.net.ssl|",
            analysis.lines
        ),
    };
    complain(&format!(
        "{}: no JSSE debug output in it: {why}",
        input.path
    ));
    if analysis.lookalike.is_none() {
        let _ = writeln!(anstream::stderr(), "{HOW_TO_ENABLE}");
    }
}

/// Prints to standard output, or into the file given.
fn print(report: &Report<'_>, args: &Args) -> anyhow::Result<()> {
    if let Some(path) = &args.output {
        let file =
            File::create(path).with_context(|| format!("{}: cannot be written", path.display()))?;
        return render(report, args, 100, BufWriter::new(file), false)
            .with_context(|| path.display().to_string());
    }
    let coloured =
        anstream::AutoStream::auto(io::stdout()).current_choice() != anstream::ColorChoice::Never;
    render(
        report,
        args,
        width(),
        BufWriter::new(io::stdout()),
        coloured,
    )?;
    Ok(())
}

/// Columns of the terminal; COLUMNS where there is none.
fn width() -> usize {
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let wanted = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.or_else(wanted).unwrap_or(100).clamp(60, 140)
}

/// Renders in the format wanted. Only text has styles to strip.
fn render(
    report: &Report<'_>,
    args: &Args,
    width: usize,
    mut out: impl Write + 'static,
    coloured: bool,
) -> io::Result<()> {
    match args.format() {
        Format::Json => json::write_json(report, &mut out)?,
        Format::Ndjson => json::write_ndjson(report, &mut out)?,
        Format::Text => {
            let choice = if coloured {
                anstream::ColorChoice::AlwaysAnsi
            } else {
                anstream::ColorChoice::Never
            };
            let mut styled = anstream::AutoStream::new(Box::new(out) as Box<dyn Write>, choice);
            let options = text::Options {
                width,
                quiet: args.quiet,
                verbose: args.verbose,
            };
            text::write(report, options, &mut styled)?;
            return styled.flush();
        }
    }
    out.flush()
}
