//! `scrub`: the same log, line by line, without what is not to be handed on.
//!
//! Secrets are taken out as the log goes by, in one pass. Names have to be known first: with `--redact` the log is
//! analysed, then read again. What cannot be read twice is kept in a nameless temporary file meanwhile.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{Status, analyse, complain, redaction::Redaction};
use crate::{
    drive,
    error::Error,
    input::{self, Input, Options, Stream},
    redact::{Redactor, Scrubber},
};

/// What was asked for.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Question {
    /// The log; `-` or none for standard input. Compressed ones are unpacked, UTF-16 becomes UTF-8, a rotated set
    /// one log.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// Where the clean log goes [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    redaction: Redaction,
}

/// Longer lines are cut in two for the scrubber: a log without line feeds must not fill the memory.
const LONGEST_LINE: usize = 8 << 20;

/// Writes the clean log.
pub(super) fn run(question: &Question) -> anyhow::Result<Status> {
    let named: Vec<PathBuf> = question.file.iter().cloned().collect();
    let files = analyse::files(&named)?;
    let kinds = question.redaction.asked_for(false);
    let session = question.redaction.open(kinds, question.output.as_deref())?;
    let options = Options::default();
    input::guard_maps();
    let mut sources = input::collect(&files, &options).into_iter();
    let (Some(source), None) = (sources.next(), sources.next()) else {
        anyhow::bail!("scrub: takes one log at a time; name a file, not a directory of several");
    };
    let mut errors = Vec::new();
    let path = source.path().to_owned();
    let Some(input) = source.open(&options)? else {
        anyhow::bail!("{}: is no log", path.display());
    };
    ensure_apart(&path, question.output.as_deref())?;
    if session.redactor().hides_names() {
        let (again, mut first_errors) = learn(input, session.redactor())?;
        errors.append(&mut first_errors);
        write(
            again,
            session.redactor(),
            question.output.as_deref(),
            &mut errors,
        )?;
        session.save()?;
    } else {
        write(
            input,
            session.redactor(),
            question.output.as_deref(),
            &mut errors,
        )?;
    }
    for error in &errors {
        complain(&error.to_string());
    }
    Ok(if errors.is_empty() {
        Status::Good
    } else {
        Status::Error
    })
}

/// A log is not written over while it is read.
fn ensure_apart(input: &Path, output: Option<&Path>) -> anyhow::Result<()> {
    let Some(output) = output else { return Ok(()) };
    let same = input.canonicalize().ok().zip(output.canonicalize().ok());
    anyhow::ensure!(
        same.is_none_or(|(input, output)| input != output),
        "-o {}: is the log itself; name another file",
        output.display()
    );
    Ok(())
}

/// Analyses the log for its names, and gives it back at its beginning.
fn learn(input: Input, redactor: &Redactor) -> anyhow::Result<(Input, Vec<Error>)> {
    match input {
        Input::Map(map) => {
            redactor.learn(&drive::analyse_bytes(&map).assembly);
            Ok((Input::Map(map), Vec::new()))
        }
        Input::Stream(mut stream) => {
            let mut spool = tempfile::tempfile().context("scrub: no temporary file")?;
            io::copy(&mut stream.reader, &mut BufWriter::new(&mut spool))
                .with_context(|| format!("{}", stream.name.display()))?;
            let again = |file: &File| -> anyhow::Result<Stream> {
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(0))?;
                Ok(Stream::new(&stream.name, file))
            };
            let first = Input::Stream(again(&spool)?);
            redactor.learn(&drive::analyse(first, &mut |_| {})?.assembly);
            let errors = stream.origin.errors.take();
            Ok((Input::Stream(again(&spool)?), errors))
        }
    }
}

fn write(
    input: Input,
    redactor: &Redactor,
    output: Option<&Path>,
    errors: &mut Vec<Error>,
) -> anyhow::Result<()> {
    let mut out: Box<dyn Write> = match output {
        Some(path) => {
            Box::new(BufWriter::new(File::create(path).with_context(|| {
                format!("{}: cannot be written", path.display())
            })?))
        }
        None => Box::new(BufWriter::new(io::stdout().lock())),
    };
    match input {
        Input::Map(map) => scrub(&map[..], redactor, &mut out)?,
        Input::Stream(stream) => {
            let origin = stream.origin.clone();
            scrub(stream.reader, redactor, &mut out)?;
            errors.append(&mut origin.errors.take());
        }
    }
    out.flush()?;
    Ok(())
}

/// Line by line, in memory that does not grow.
fn scrub(log: impl Read, redactor: &Redactor, out: &mut dyn Write) -> io::Result<()> {
    const BUFFER: usize = 256 << 10;
    let mut log = BufReader::with_capacity(BUFFER, log);
    let mut scrubber = Scrubber::new(redactor);
    let (mut line, mut clean) = (Vec::new(), Vec::with_capacity(BUFFER));
    loop {
        line.clear();
        let limit = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX);
        if log.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
            return out.write_all(&clean);
        }
        scrubber.line(&line, &mut clean);
        if clean.len() >= BUFFER / 2 || log.buffer().is_empty() {
            out.write_all(&clean)?;
            clean.clear();
        }
    }
}
