//! The main job: logs in, a report out.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use super::{
    Status,
    apart::ensure_apart,
    args::Args,
    complain,
    live::Live,
    output, progress,
    redaction::{self, Session},
    saved,
};
use crate::{
    drive,
    error::Error,
    input::{self, Input, Limits, Lookalike, Options, Source},
    report::{Analysed, Report, Subject},
};

/// How to switch the debug log on, for whoever has a log without it.
const HOW_TO_ENABLE: &str = "\
  To get one, start the JVM with
    -Djavax.net.debug=ssl:handshake:verbose:trustmanager:keymanager
  (JAVA_TOOL_OPTIONS=-Djavax.net.debug=… where the command line cannot be reached). It goes to
  standard error, on Java 8 before 8u272 to standard output, of the JVM. `jssl-analyze enable`
  tells where to put it for Tomcat, Kubernetes, webMethods and others.";

/// Analyses the files and prints the report.
pub(super) fn run(args: &Args) -> anyhow::Result<Status> {
    let files = files(&args.files)?;
    if let Some(extension) = args.unknown_extension() {
        anyhow::bail!("-o: no format is known for .{extension}; name one with -f");
    }
    // a map that cannot be read is no reason to read a log for an hour first
    let session = args.redaction.open(
        redaction::wanted(args, args.format()),
        args.output.as_deref(),
    )?;
    let (options, sources) = sources(args, &files)?;
    let inputs = sources.iter().flat_map(Source::files);
    ensure_apart(inputs.chain(&files), args.output.as_deref())?;
    let mut status = Status::Good;
    let mut inputs = Vec::new();
    let mut live = None;
    let alone = sources.len() == 1;
    let mut directories: BTreeMap<PathBuf, Directory> = BTreeMap::new();
    for source in sources {
        let directory = source.directory().map(Path::to_owned);
        let files = source.files().len();
        let analysed = one(source, &options, args, &session, alone.then_some(&mut live));
        let (input, errors) = analysed.unwrap_or_else(|error| (None, vec![error]));
        status = if errors.is_empty() {
            status
        } else {
            Status::Error
        };
        for error in &errors {
            complain(&error.to_string());
        }
        let has_entries = |input: &Subject| match input {
            Subject::Log(input) => input.analysis.assembly.survey.entries > 0,
            Subject::Saved(_) => true,
        };
        match (input, directory) {
            // what was not named is not missed
            (input, Some(directory)) if !input.as_ref().is_some_and(has_entries) => {
                let directory = directories.entry(directory).or_default();
                directory.skipped += if errors.is_empty() { files } else { 0 };
            }
            (Some(input), directory) => {
                if let Some(directory) = directory {
                    directories.entry(directory).or_default().logs += 1;
                }
                // an error was told; that nothing is in what could not be read is no news
                if errors.is_empty() || has_entries(&input) {
                    inputs.push(input);
                }
            }
            (None, _) => {}
        }
    }
    status = status.and(judge_directories(&directories, &inputs));
    if !inputs.is_empty() {
        let mut report = Report::of(&inputs).redacted_by(session.redactor());
        args.wanted.select(&mut report, args.format());
        status = status.and(judge(&report));
        if let Some(redacted) = output::redacted(args) {
            report.say_redacted(redacted);
        }
        let told = live.as_mut().map_or(Ok(false), |live| live.end(&report));
        if !told? {
            output::print(&mut report, args)?;
        }
    }
    session.save()?;
    // the process ends here: giving back a hundred thousand handshakes one by one would take longer
    std::mem::forget(inputs);
    Ok(status)
}

/// How to read, and what.
pub(super) fn sources(args: &Args, files: &[PathBuf]) -> anyhow::Result<(Options, Vec<Source>)> {
    let options = Options {
        join: !args.no_join,
        follow: if args.follow {
            Some(super::interrupt::stop()?)
        } else {
            None
        },
        limits: Limits {
            total: args.max_unpacked,
            ..Limits::default()
        },
    };
    input::guard_maps();
    let sources = input::collect(files, &options);
    anyhow::ensure!(
        !args.follow || sources.len() == 1,
        "--follow: follows one log, and {} were named",
        sources.len()
    );
    Ok((options, sources))
}

/// The files named, or standard input when something is piped into it.
pub(super) fn files(named: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    if !named.is_empty() {
        return Ok(named.to_vec());
    }
    anyhow::ensure!(
        !io::stdin().is_terminal(),
        "no log given: name a file, or pipe one in (see --help)"
    );
    Ok(vec![PathBuf::from("-")])
}

/// The files of a directory, counted.
#[derive(Default)]
struct Directory {
    logs: usize,
    skipped: usize,
}

/// Says what was passed over. Without any log in it, a directory is like a file without one.
fn judge_directories(directories: &BTreeMap<PathBuf, Directory>, inputs: &[Subject]) -> Status {
    for (path, Directory { logs, skipped }) in directories {
        let path = path.display();
        match (logs, skipped) {
            (_, 0) => {}
            (0, 1) => complain(&format!("{path}: no JSSE debug output in its one file")),
            (0, _) => complain(&format!(
                "{path}: no JSSE debug output in any of its {skipped} files"
            )),
            (_, 1) => complain(&format!("{path}: skipped 1 file without JSSE debug output")),
            (..) => complain(&format!(
                "{path}: skipped {skipped} files without JSSE debug output"
            )),
        }
    }
    let silent = |directory: &Directory| directory.logs == 0 && directory.skipped > 0;
    if !inputs.is_empty() || !directories.values().any(silent) {
        return Status::Good;
    }
    let _ = writeln!(anstream::stderr(), "{HOW_TO_ENABLE}");
    Status::NoDebugOutput
}

/// Analyses one input, or reads the report that it is. Errors that came while it was read are given beside what came before them. What
/// was printed meanwhile is in `live`.
fn one<'a>(
    source: Source,
    options: &Options,
    args: &'a Args,
    session: &'a Session,
    live: Option<&mut Option<Live<'a>>>,
) -> Result<(Option<Subject>, Vec<Error>), Error> {
    let path = source.path().to_owned();
    // among the logs of a directory, a report on one of them would tell everything twice
    let is_named = source.directory().is_none();
    let Some(input) = source.open(options)? else {
        return Ok((None, Vec::new()));
    };
    if is_named && input.is_report() {
        let saved = saved::read(input, &path)?;
        let saved = if args.no_hygiene {
            saved.without_hygiene()
        } else {
            saved
        };
        return Ok((Some(Subject::Saved(saved)), Vec::new()));
    }
    let origin = input.origin();
    let bytes = match &input {
        Input::Map(map) => Some(map.len() as u64),
        Input::Stream(_) => None,
    };
    let name = if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    };
    let bar = progress::bar(args.progress, bytes);
    let mut progress = |done| bar.set_position(done);
    let wanted = live.and_then(|live| {
        *live = Live::wanted((args, session), &path, &name, &origin, &bar);
        live.as_mut()
    });
    let analysis = match (input, wanted) {
        (Input::Stream(stream), Some(live)) => {
            let tell = drive::Live {
                tell: &mut |told| live.tell(told),
                at_once: args.follow,
            };
            drive::analyse_live(Input::Stream(stream), &mut progress, Some(tell))
        }
        (input, _) => drive::analyse(input, &mut progress),
    };
    bar.finish_and_clear();
    let analysis = analysis?;
    let mut diagnosis = args.judge(&analysis.assembly);
    let is_no_log = analysis.lookalike.is_some_and(|seen| !seen.is_log());
    if analysis.assembly.survey.entries == 0 && is_no_log {
        diagnosis.of_log.clear(); // it was not read, so nothing can be said about what is in it
    }
    let errors = origin.errors.take();
    let analysed = Analysed {
        path: name,
        origin,
        analysis,
        diagnosis,
    };
    Ok((Some(Subject::Log(Box::new(analysed))), errors))
}

/// The status of what was read; inputs without debug output are named.
pub(super) fn judge(report: &Report<'_>) -> Status {
    let mut status = Status::Good;
    let mut silent = 0;
    for input in 0..report.len() {
        if report.entries(input) == 0 {
            silent += 1;
            match report.log(input) {
                Some(log) => complain_of_silence(log),
                None => complain(&format!(
                    "{}: no JSSE debug output in it, as the saved report says",
                    report.path(input)
                )),
            }
        }
        if report.has_failed(input) {
            status = Status::Failed;
        }
    }
    if silent == report.len() {
        Status::NoDebugOutput
    } else {
        status
    }
}

fn complain_of_silence(input: &Analysed) {
    let analysis = &input.analysis;
    let survey = &analysis.assembly.survey;
    if survey.is_in_pieces() {
        let heads = if survey.forked > 0 {
            "of Tencent Kona, and not read as they are"
        } else {
            "missing"
        };
        complain(&format!(
            "{}: pieces of JSSE debug output are in it, but no entry that can be read: the heads of the entries are {heads}",
            input.path
        ));
        return;
    }
    let why = match (analysis.bytes, analysis.lookalike) {
        (0, _) => "it is empty".to_owned(),
        (_, Some(lookalike)) => lookalike.advice(),
        (_, None) => format!(
            "none of its {} lines begins with javax.net.ssl|",
            analysis.lines
        ),
    };
    complain(&format!(
        "{}: no JSSE debug output in it: {why}",
        input.path
    ));
    if analysis.lookalike.is_none_or(Lookalike::is_log) {
        let _ = writeln!(anstream::stderr(), "{HOW_TO_ENABLE}");
    }
}
