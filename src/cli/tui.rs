//! The interactive view: reading on one thread, the view on this one.

use std::{
    io::{self, IsTerminal, Write as _},
    path::Path,
    sync::mpsc::{Sender, channel},
    time::{Duration, Instant},
};

use super::{
    Status,
    analyse::{self, sources},
    args::{Args, Format},
    complain,
};
use crate::{
    diagnose::{Diagnosis, diagnose},
    drive::{self, Analysis, Told},
    error::Error,
    input::{Input, Options, Origin, Source},
    report::{Analysed, Report},
    tui::{
        self, Sources,
        data::{News, Progress},
        source::Source as Lines,
    },
};

/// How often it is told how far reading is.
const TELL: Duration = Duration::from_millis(80);

/// Whether the view is to be opened: asked for or nothing else was, and there is a terminal for it.
pub(super) fn is_wanted(args: &Args) -> bool {
    let asked = match args.format {
        Some(Format::Tui) => true,
        None => {
            args.output.is_none() && !args.quiet && !args.verbose && args.wanted.limit.is_none()
        }
        Some(_) => false,
    };
    let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    let nothing_to_read = args.files.is_empty() && io::stdin().is_terminal();
    asked && !dumb && !nothing_to_read && io::stdout().is_terminal()
}

/// Opens the view.
pub(super) fn run(args: &Args) -> anyhow::Result<Status> {
    let files = analyse::files(&args.files)?;
    let (options, found) = sources(args, &files)?;
    // nothing to browse: say so where it stays to be read
    if let Some(missing) = nothing_there(&found).filter(|_| !args.follow) {
        for error in missing {
            complain(&error.to_string());
        }
        return Ok(Status::Error);
    }
    let known = Sources::default();
    let (news, received) = channel();
    let reading = Reading {
        options,
        no_hygiene: args.no_hygiene,
        sources: known.clone(),
        news,
    };
    std::thread::spawn(move || reading.read_all(found));
    let colours = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    let options = tui::Options {
        files: files
            .iter()
            .map(|file| file.display().to_string())
            .collect(),
        colours,
        mouse: !args.no_mouse,
        filter: args.wanted.filter(),
        keep_names: args.redaction.keeps_names(),
        redacted: args.redaction.asked_for(false).is_some(),
    };
    let left = tui::run(options, &received, &known)?;
    let mut status = Status::Good;
    for complaint in &left.complaints {
        complain(complaint);
        status = Status::Error;
    }
    if !left.inputs.is_empty() {
        status = status.and(analyse::judge(&Report::new(&left.inputs)));
    }
    io::stderr().flush()?;
    // the process ends here, whatever is still being read; nothing is given back one by one
    std::mem::forget(left.inputs);
    Ok(status)
}

/// Why none of the files can be read; `None` when one can.
fn nothing_there(found: &[Source]) -> Option<Vec<Error>> {
    let why_not = |source: &Source| {
        let path = source.path();
        let exists = path == Path::new("-") || path.exists();
        (!exists).then(|| Error::NotFound {
            path: path.to_owned(),
        })
    };
    let missing: Option<Vec<Error>> = found.iter().map(why_not).collect();
    missing.filter(|missing| !missing.is_empty())
}

/// What the reading thread needs.
struct Reading {
    options: Options,
    no_hygiene: bool,
    sources: Sources,
    news: Sender<News>,
}

impl Reading {
    fn read_all(self, found: Vec<Source>) {
        let mut index = 0;
        for source in found {
            match self.read(source, index) {
                Ok(true) => index += 1,
                Ok(false) => {}
                Err(error) => self.tell(News::Complaint(error.to_string())),
            }
        }
        self.tell(News::Done);
    }

    /// The view may be gone: then nobody needs to know.
    fn tell(&self, news: News) {
        let _ = self.news.send(news);
    }

    /// Reads one input; whether it counts as one.
    fn read(&self, source: Source, index: usize) -> Result<bool, Error> {
        let path = source.path().to_owned();
        let in_directory = source.directory().is_some();
        let Some(mut input) = source.open(&self.options)? else {
            return Ok(false);
        };
        let name = if path == Path::new("-") {
            "standard input".to_owned()
        } else {
            path.display().to_string()
        };
        if input.is_report() {
            self.tell(News::Complaint(format!(
                "{name}: a saved report; `jssl-analyze -f text` prints it, and other formats"
            )));
            return Ok(false);
        }
        let origin = input.origin();
        let (lines, total) = match &mut input {
            Input::Map(map) => (Lines::of_file(&path), Some(map.len() as u64)),
            Input::Stream(stream) => {
                let reader = std::mem::replace(&mut stream.reader, Box::new(io::empty()));
                let (lines, reader) = Lines::copy_of(reader);
                stream.reader = reader;
                (lines, None)
            }
        };
        let (begin, mut told) = (Instant::now(), Instant::now());
        let progress = |done: u64| {
            if told.elapsed() >= TELL {
                told = Instant::now();
                let millis = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
                self.tell(News::Progress(Progress {
                    done,
                    total,
                    millis,
                }));
            }
        };
        let mut lines = Some(lines);
        let mut tell = |told: Told| {
            if let Told::News(analysis) = told
                && !analysis.assembly.handshakes.is_empty()
            {
                if let Some(lines) = lines.take() {
                    self.sources.push(lines);
                }
                self.tell_input(index, &name, &origin, *analysis);
            }
        };
        let live = drive::Live {
            tell: &mut tell,
            at_once: true,
        };
        let mut progress = progress;
        let analysis = drive::analyse_live(input, &mut progress, Some(live))?;
        for error in origin.errors.take() {
            self.tell(News::Complaint(error.to_string()));
        }
        if in_directory && analysis.assembly.survey.entries == 0 {
            return Ok(false);
        }
        if let Some(lines) = lines.take() {
            self.sources.push(lines);
        }
        self.tell_input(index, &name, &origin, analysis);
        Ok(true)
    }

    fn tell_input(&self, index: usize, name: &str, origin: &Origin, analysis: Analysis) {
        let diagnosis = self.judge(&analysis);
        let analysed = Analysed {
            path: name.to_owned(),
            origin: origin.clone(),
            analysis,
            diagnosis,
        };
        self.tell(News::Input {
            index,
            analysed: Box::new(analysed),
        });
    }

    fn judge(&self, analysis: &Analysis) -> Diagnosis {
        let diagnosis = diagnose(&analysis.assembly);
        if self.no_hygiene {
            diagnosis.without_hygiene()
        } else {
            diagnosis
        }
    }
}
