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

use super::{Status, analyse, apart::ensure_apart, complain, redaction::Redaction};
use crate::{
    drive,
    error::Error,
    input::{self, Input, Options, Stream},
    redact::{Redactor, Scrubber},
    span::Turned,
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

    /// Take binary input, too: a key store or a memory dump is no log, and what is secret in it is not known.
    #[arg(long)]
    force: bool,

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
    ensure_plain(question.output.as_deref())?;
    let options = Options::default();
    input::guard_maps();
    let mut sources = input::collect(&files, &options).into_iter();
    let (Some(source), None) = (sources.next(), sources.next()) else {
        anyhow::bail!("scrub: takes one log at a time; name a file, not a directory of several");
    };
    let mut errors = Vec::new();
    let path = source.path().to_owned();
    let Some(mut input) = source.open(&options)? else {
        anyhow::bail!("{}: is no log", path.display());
    };
    anyhow::ensure!(
        question.force || !is_binary(&beginning(&mut input)?),
        "{}: is no text (a key store, a program, a dump?), so nothing is known of what is secret in it; nothing was written\n  --force scrubs it all the same",
        path.display()
    );
    ensure_apart([&path], question.output.as_deref())?;
    if session.redactor().hides_names() {
        let (again, mut first_errors) = learn(input, session.redactor())?;
        errors.append(&mut first_errors);
        input = again;
    }
    let output = question.output.as_deref();
    let is_debug_output = write(input, session.redactor(), output, &mut errors)?;
    session.save()?;
    for error in &errors {
        complain(&error.to_string());
    }
    if !errors.is_empty() {
        return Ok(Status::Error);
    }
    if !is_debug_output {
        complain(&format!(
            "{}: no JSSE debug output in it; passwords and the like were taken out, but look through it before you hand it on",
            path.display()
        ));
        return Ok(Status::NoDebugOutput);
    }
    Ok(Status::Good)
}

/// What is written is plain text, whatever it is called.
fn ensure_plain(output: Option<&Path>) -> anyhow::Result<()> {
    let packed = output.and_then(Path::extension).is_some_and(|extension| {
        ["gz", "zst", "xz", "bz2", "zip"]
            .iter()
            .any(|packed| extension.eq_ignore_ascii_case(packed))
    });
    anyhow::ensure!(
        !packed,
        "-o {}: what is written is not compressed; leave that ending out, or pipe it: jssl-analyze scrub … | gzip > …",
        output.unwrap_or(Path::new("")).display()
    );
    Ok(())
}

/// The first bytes of an input, which is as it was.
fn beginning(input: &mut Input) -> anyhow::Result<Vec<u8>> {
    const BEGINNING: usize = 256 << 10;
    match input {
        Input::Map(map) => Ok(map[..map.len().min(BEGINNING)].to_vec()),
        Input::Stream(stream) => {
            const CHUNK: usize = 8 << 10;
            let (mut first, mut chunk) = (Vec::new(), vec![0; CHUNK]);
            // a pipe may be slow, and what it has is enough
            let mut read = CHUNK;
            while read == CHUNK && first.len() < BEGINNING {
                read = stream
                    .reader
                    .read(&mut chunk)
                    .with_context(|| stream.name.display().to_string())?;
                first.extend_from_slice(&chunk[..read]);
            }
            let rest = std::mem::replace(&mut stream.reader, Box::new(io::empty()));
            stream.reader = Box::new(io::Cursor::new(first.clone()).chain(rest));
            Ok(first)
        }
    }
}

/// Whether more than a tenth is neither text nor the NULs that a log begins with that was cut while it was written.
fn is_binary(first: &[u8]) -> bool {
    const ENOUGH: usize = 64 << 10;
    let first = &first[..first.len().min(ENOUGH)];
    let start = first
        .iter()
        .position(|byte| *byte != 0)
        .unwrap_or(first.len());
    let text = &first[start..];
    let odd: usize = text
        .utf8_chunks()
        .map(|chunk| {
            let controls = chunk
                .valid()
                .bytes()
                .filter(|byte| byte.is_ascii_control() && !b"\t\n\r\x0c\x1b".contains(byte));
            controls.count() + chunk.invalid().len()
        })
        .sum();
    odd * 10 > text.len()
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

/// Writes the clean log; says whether it had TLS debug output.
fn write(
    mut input: Input,
    redactor: &Redactor,
    output: Option<&Path>,
    errors: &mut Vec<Error>,
) -> anyhow::Result<bool> {
    let upright = if drive::is_upside_down(&beginning(&mut input)?) {
        Some(upright(&mut input)?)
    } else {
        None
    };
    let mut out: Box<dyn Write> = match output {
        Some(path) if path != Path::new("-") => {
            Box::new(BufWriter::new(File::create(path).with_context(|| {
                format!("{}: cannot be written", path.display())
            })?))
        }
        _ => Box::new(BufWriter::new(io::stdout().lock())),
    };
    let is_debug_output = match (upright, input) {
        (Some(upright), input) => {
            if let Input::Stream(stream) = input {
                errors.append(&mut stream.origin.errors.take());
            }
            scrub_and_turn_back(&upright, redactor, &mut out)?
        }
        (None, Input::Map(map)) => scrub(&map[..], redactor, &mut out)?,
        (None, Input::Stream(stream)) => {
            let origin = stream.origin.clone();
            let is_debug_output = scrub(stream.reader, redactor, &mut out)?;
            errors.append(&mut origin.errors.take());
            is_debug_output
        }
    };
    out.flush()?;
    Ok(is_debug_output)
}

/// A log that lists the newest first, the other way round: what lines hold is known by the titles above them.
fn upright(input: &mut Input) -> anyhow::Result<Turned> {
    let mut text = Vec::new();
    match input {
        Input::Map(map) if map.len() <= drive::MOST_TURNED => text.extend_from_slice(map),
        Input::Map(_) => {}
        Input::Stream(stream) => {
            let limit = u64::try_from(drive::MOST_TURNED).unwrap_or(u64::MAX);
            let mut reader = stream.reader.by_ref().take(limit.saturating_add(1));
            reader
                .read_to_end(&mut text)
                .with_context(|| stream.name.display().to_string())?;
        }
    }
    let upright = (!text.is_empty()).then(|| drive::set_upright(text));
    upright.flatten().context("scrub: the log runs from the newest line to the oldest, so dumps stand above the titles that say what is secret in them, and it is too large, or too much of it on one line, to be turned round first; nothing was written\n  where each line is an event: tac LOG | jssl-analyze scrub -")
}

/// The lines of a log that was set upright, clean, in the order of the file; says whether there was TLS debug output.
fn scrub_and_turn_back(
    upright: &Turned,
    redactor: &Redactor,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let mut clean = Vec::with_capacity(upright.text().len());
    let is_debug_output = scrub(upright.text(), redactor, &mut clean)?;
    let clean = Turned::by_lines(clean);
    let text = clean.text();
    let bare = text.strip_suffix(b"\n").filter(|_| upright.was_unended());
    out.write_all(bare.unwrap_or(text))?;
    Ok(is_debug_output)
}

/// Line by line, in memory that does not grow; says whether there was TLS debug output.
fn scrub(log: impl Read, redactor: &Redactor, out: &mut dyn Write) -> io::Result<bool> {
    const BUFFER: usize = 256 << 10;
    let mut log = BufReader::with_capacity(BUFFER, log);
    let mut scrubber = Scrubber::new(redactor);
    let (mut line, mut clean) = (Vec::new(), Vec::with_capacity(BUFFER));
    loop {
        line.clear();
        let limit = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX);
        if log.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
            out.write_all(&clean)?;
            return Ok(scrubber.saw_debug_output());
        }
        scrubber.line(&line, &mut clean);
        if clean.len() >= BUFFER / 2 || log.buffer().is_empty() {
            out.write_all(&clean)?;
            clean.clear();
        }
    }
}
