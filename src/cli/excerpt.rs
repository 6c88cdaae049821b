//! The lines of a log that a report is about.
//!
//! An excerpt is only worth something when it says what the report says: it is analysed as it is handed on, and where it
//! gives another verdict, more of the log is quoted. The first attempt has the steps of what did not come to be and all
//! lines that the findings cite; the second what the JVM said at its start, and everything between those steps; the third
//! all of the log from its beginning.

use std::{
    collections::{HashMap, HashSet},
    io::{self, BufRead, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    diagnose::{Confidence, Diagnosis, Finding, Severity, diagnose},
    drive,
    error::Error,
    handshake::{Handshake, Outcome, Role},
    input::{self, Input, Options},
    redact::{Redactor, Scrubber},
    report::{Analysed, Brief, Report},
    span::Span,
};

/// Of each log, so many bytes are quoted at most: a ticket takes no more.
const MAX: u64 = 8 << 20;
/// Of one entry, so much is quoted.
const MAX_ENTRY: u64 = 256 << 10;
/// Of what the JVM says at its start, so much: its trust anchors take a few hundred KiB.
const MAX_START: u64 = 2 << 20;

/// Lines of a log, and how far they bear the report out.
pub(super) struct Excerpt {
    pub(super) text: Vec<u8>,
    /// Verdicts of the report that are not those of the excerpt.
    pub(super) differing: usize,
    /// Verdicts of the report that it is about.
    pub(super) verdicts: usize,
}

/// A piece of the log: offset, first line, length.
type Piece = (u64, u64, u64);

/// What is said of one handshake, or of the JVM: role, outcome, rule, sureness.
type Verdict = (
    Option<Role>,
    Option<Outcome>,
    Option<(&'static str, Confidence)>,
);

impl Excerpt {
    /// The lines that the failures of an input were read from; `None` for what is no log, or has nothing of the sort.
    pub(super) fn of(report: &Report<'_>, input: usize) -> Option<Result<Self, String>> {
        let log = report.log(input)?;
        let broken = Broken::of(report, input, log);
        let wanted = broken.verdicts();
        if wanted.is_empty() {
            return None;
        }
        let mut best: Option<Self> = None;
        for pieces in [broken.cited(), broken.whole(), broken.head()] {
            if pieces.is_empty() {
                continue;
            }
            let text = match read(log, &pieces, report.redactor()) {
                Ok(text) => text,
                Err(why) => return Some(Err(why)),
            };
            let attempt = Self {
                differing: differing(&wanted, &text),
                verdicts: wanted.len(),
                text,
            };
            if best
                .as_ref()
                .is_none_or(|best| attempt.differing < best.differing)
            {
                best = Some(attempt);
            }
            if best.as_ref().is_some_and(|best| best.differing == 0) {
                break;
            }
        }
        best.map(Ok)
    }
}

/// How many verdicts are not among those of the text; what comes first there has to come first here.
fn differing(wanted: &[Verdict], text: &[u8]) -> usize {
    let analysis = drive::analyse_bytes(text);
    let diagnosis = diagnose(&analysis.assembly);
    let all = |_: &Handshake| true;
    let given = verdicts(&analysis.assembly.handshakes, &diagnosis, all);
    let mut left: HashMap<&Verdict, usize> = HashMap::new();
    for verdict in &given {
        *left.entry(verdict).or_default() += 1;
    }
    let missing = wanted.iter().filter(|verdict| match left.get_mut(verdict) {
        Some(number @ 1..) => {
            *number -= 1;
            false
        }
        _ => true,
    });
    let missing = missing.count();
    // another failure in front would be taken for the one that the report is about
    missing.max(usize::from(given.first() != wanted.first()))
}

/// Of handshakes that are wanted and were not established, in the order of the log; then of the JVM.
fn verdicts(
    handshakes: &[Box<Handshake>],
    diagnosis: &Diagnosis,
    is_wanted: impl Fn(&Handshake) -> bool,
) -> Vec<Verdict> {
    let sureness = |finding: &Finding| (finding.rule, finding.confidence);
    let judged = handshakes.iter().zip(&diagnosis.by_handshake);
    let broken = judged
        .filter(|(handshake, _)| handshake.outcome != Outcome::Established && is_wanted(handshake));
    let of_handshakes = broken.map(|(handshake, findings)| {
        let first = findings.first().map(sureness);
        (handshake.role, Some(handshake.outcome), first)
    });
    let grave = diagnosis.of_log.iter().filter(|finding| is_grave(finding));
    of_handshakes
        .chain(grave.map(|finding| (None, None, Some(sureness(finding)))))
        .collect()
}

fn is_grave(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

/// What did not come to be in a log.
struct Broken<'a> {
    log: &'a Analysed,
    /// Lines on which handshakes begin that the report is about.
    wanted: HashSet<u64>,
}

impl<'a> Broken<'a> {
    fn of(report: &Report<'a>, input: usize, log: &'a Analysed) -> Self {
        let broken = report
            .briefs_of(input)
            .filter(|handshake| handshake.outcome() != Outcome::Established);
        Self {
            log,
            wanted: broken.map(Brief::first_line).collect(),
        }
    }

    fn verdicts(&self) -> Vec<Verdict> {
        let is_wanted = |handshake: &Handshake| self.is_wanted(handshake);
        let handshakes = &self.log.analysis.assembly.handshakes;
        verdicts(handshakes, &self.log.diagnosis, is_wanted)
    }

    fn is_wanted(&self, handshake: &Handshake) -> bool {
        handshake.outcome != Outcome::Established
            && self.wanted.contains(&handshake.first_span().line())
    }

    /// Each with its findings.
    fn handshakes(&self) -> impl Iterator<Item = (&'a Handshake, &'a [Finding])> + '_ {
        let handshakes = &self.log.analysis.assembly.handshakes;
        handshakes
            .iter()
            .map(AsRef::as_ref)
            .zip(self.log.diagnosis.by_handshake.iter().map(|all| &**all))
            .filter(|(handshake, _)| self.is_wanted(handshake))
    }

    /// Findings of the JVM and of the log.
    fn of_log(&self) -> impl Iterator<Item = &'a Finding> + '_ {
        self.log
            .diagnosis
            .of_log
            .iter()
            .filter(|finding| is_grave(finding))
    }

    /// Steps, and lines that findings cite.
    fn cited(&self) -> Vec<Piece> {
        let spans = self.handshakes().flat_map(|(handshake, findings)| {
            let steps = handshake.steps.iter().map(|step| step.span);
            steps.chain(findings.iter().flat_map(evidence))
        });
        let spans = spans.chain(self.of_log().flat_map(evidence));
        in_order(spans.map(|span| self.piece(span)))
    }

    /// The same with what the JVM said at its start, and with all that stands between the steps of a handshake.
    fn whole(&self) -> Vec<Piece> {
        let ranges = self.handshakes().map(|(handshake, findings)| {
            let first = handshake.first_span();
            let steps = handshake.steps.iter().map(|step| step.span);
            let told = steps.chain(findings.iter().flat_map(evidence));
            let near = told.map(|span| self.end(span)).filter(|end| {
                let far = first.offset() + MAX_START;
                (first.offset()..far).contains(end)
            });
            let end = near.max().unwrap_or(first.offset());
            (first.offset(), first.line(), end - first.offset())
        });
        let start = self.start().map(|end| (0, 1, end));
        in_order(self.cited().into_iter().chain(start).chain(ranges))
    }

    /// Where the first handshake of the log begins, which is the end of what the JVM says before.
    fn start(&self) -> Option<u64> {
        let assembly = &self.log.analysis.assembly;
        let handshakes = assembly.handshakes.iter();
        let begins = handshakes.map(|handshake| handshake.first_span().offset());
        let cited = self.cited().into_iter().map(|(offset, ..)| offset);
        let ends = begins
            .chain(cited)
            .filter(|end| (1..=MAX_START).contains(end));
        let first_broken = self
            .handshakes()
            .map(|(handshake, _)| handshake.first_span().offset());
        let before = first_broken.min().unwrap_or(u64::MAX);
        ends.filter(|&end| end <= before).max()
    }

    /// All of the log, where it is short enough, as far as it is read.
    fn head(&self) -> Vec<Piece> {
        vec![(0, 1, MAX.min(self.log.analysis.bytes))]
    }

    fn piece(&self, span: Span) -> Piece {
        (span.offset(), span.line(), self.end(span) - span.offset())
    }

    fn end(&self, span: Span) -> u64 {
        // an envelope makes each line longer than what the JVM printed
        let factor = match self.log.analysis.envelope {
            Some(_) => 3,
            None => 1,
        };
        span.offset() + (span.len() * factor).min(MAX_ENTRY)
    }
}

fn in_order(pieces: impl Iterator<Item = Piece>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = pieces.collect();
    pieces.sort_unstable();
    pieces
}

fn evidence(finding: &Finding) -> impl Iterator<Item = Span> + '_ {
    finding.evidence.iter().map(|evidence| evidence.span)
}

/// Reads these pieces again, scrubbed.
fn read(log: &Analysed, pieces: &[Piece], redactor: &Redactor) -> Result<Vec<u8>, String> {
    if log.path == "standard input" {
        return Err("the log came through a pipe and cannot be read again".to_owned());
    }
    if log.analysis.assembly.runs_backwards() {
        return Err("the log lists the newest first, so it is not known line by line what is secret: add what jssl-analyze scrub makes of it".to_owned());
    }
    let options = Options::default();
    let parts = log.origin.parts.list();
    let files: Vec<PathBuf> = match &parts[..] {
        [] | [_] => vec![PathBuf::from(&log.path)],
        parts => parts.iter().map(|part| part.path.clone()).collect(),
    };
    let mut sources = input::collect(&files, &options).into_iter();
    let (Some(source), None) = (sources.next(), sources.next()) else {
        return Err("its files cannot be read as one again".to_owned());
    };
    let opened = match source.open(&options) {
        Ok(Some(input)) => input,
        Ok(None) => return Err("the log cannot be read again".to_owned()),
        Err(error) => return Err(error.to_string()),
    };
    let mut lines = Quoted::new(redactor);
    match opened {
        Input::Map(map) => lines.take(&mut &map[..], pieces),
        Input::Stream(stream) => lines.take(&mut BufReader::new(stream.reader), pieces),
    }
    .map_err(|source| {
        Error::Read {
            path: Path::new(&log.path).to_owned(),
            offset: lines.at,
            source,
        }
        .to_string()
    })?;
    Ok(lines.out)
}

/// Lines of a log, quoted in order.
struct Quoted<'r> {
    scrubber: Scrubber<'r>,
    out: Vec<u8>,
    /// Bytes of the log that were passed.
    at: u64,
    /// The line that comes next.
    line: u64,
}

impl<'r> Quoted<'r> {
    fn new(redactor: &'r Redactor) -> Self {
        Self {
            scrubber: Scrubber::new(redactor),
            out: Vec::new(),
            at: 0,
            line: 1,
        }
    }

    /// Whole lines only: pieces end where an entry does, in front of its line feed, or anywhere when that was too long.
    fn take(&mut self, log: &mut dyn BufRead, pieces: &[Piece]) -> io::Result<()> {
        for &(offset, line, len) in pieces {
            let end = offset + len;
            if end <= self.at {
                continue;
            }
            if self.out.len() as u64 >= MAX {
                writeln!(
                    self.out,
                    "# from line {} on left out: an excerpt has up to {} MiB",
                    self.line,
                    MAX >> 20
                )?;
                return Ok(());
            }
            self.skip(log, offset.saturating_sub(self.at))?;
            let mut text = Vec::new();
            log.take(end - self.at).read_to_end(&mut text)?;
            if text.last().is_some_and(|&last| last != b'\n') {
                log.take(MAX_ENTRY).read_until(b'\n', &mut text)?;
            }
            self.at += text.len() as u64;
            if line > self.line {
                writeln!(self.out, "# lines {} to {} left out", self.line, line - 1)?;
                self.line = line;
            }
            for part in text.split_inclusive(|&byte| byte == b'\n') {
                self.scrubber.line(part, &mut self.out);
                self.line += u64::from(part.ends_with(b"\n"));
            }
            if self.out.last().is_some_and(|&last| last != b'\n') {
                self.out.push(b'\n');
                self.line += 1;
            }
        }
        Ok(())
    }

    /// Without a copy of what is passed over: a mapped log is passed at once.
    fn skip(&mut self, log: &mut dyn BufRead, mut bytes: u64) -> io::Result<()> {
        while bytes > 0 {
            let ready = log.fill_buf()?.len();
            if ready == 0 {
                break;
            }
            let passed = usize::try_from(bytes).unwrap_or(usize::MAX).min(ready);
            log.consume(passed);
            bytes -= passed as u64;
            self.at += passed as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        let redactor = Redactor::secrets();
        let mut lines = Quoted::new(&redactor);
        let log = b"one\ntwo\n more\nthree\nfour\nfive\n";
        lines
            .take(&mut &log[..], &[(4, 2, 9), (4, 2, 4), (25, 6, 2)])
            .unwrap();
        assert_eq!(
            String::from_utf8(lines.out).unwrap(),
            "# lines 1 to 1 left out\ntwo\n more\n# lines 4 to 5 left out\nfive\n"
        );
    }
}
