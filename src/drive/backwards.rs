//! Logs that list the newest first, as the consoles of log services export them: known by a vote over their
//! beginning, turned round, and read like any other.
//!
//! What is turned round is the text as it lies in the file, with the envelope on: where a collector makes an event of
//! each line, all lines; where it makes one of each entry, the entries. The vote asks for the times in heads, which go
//! back again and again, and for the bodies of entries, which stand above their heads where each line is an event.

mod stream;

use std::sync::Arc;

pub(super) use self::stream::in_order;
use super::blocks::SIZE;
use crate::{
    assemble::Assembler,
    entry::{HeadFinder, parse_civil_time},
    envelope::{Envelope, Unwrapped},
    event::{Anomaly, AnomalyKind},
    span::{Span, Turned},
};

/// A larger log is not turned round: that takes memory of its size.
pub const MOST_TURNED: usize = 256 << 20;

/// So much text is looked at from where the TLS stack speaks first, which is anywhere in the first half of it.
const SAMPLE: usize = 2 * SIZE;

/// What is an event to the collector, where the newest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backwards {
    /// Each line: bodies of entries stand above their heads, and upside down.
    Lines,
    /// Each entry, with its lines in order.
    Entries,
    /// Whatever it is, many of them are on one line of the file.
    OneLine,
}

impl Backwards {
    /// Votes over a sample, of which lines may be cut at both ends. `None`: the log runs as logs do, or it is not
    /// certain that it does not.
    pub(super) fn of(sample: &[u8]) -> Option<Self> {
        let steps = Steps::of(sample);
        if steps.are_forth() {
            return None;
        }
        let backwards = Self::by_bodies(&steps, &Bodies::of(sample))?;
        let line_feeds = memchr::memchr_iter(b'\n', sample).count();
        Some(if steps.heads > 2 * (line_feeds + 1) {
            Self::OneLine
        } else {
            backwards
        })
    }

    fn by_bodies(steps: &Steps, bodies: &Bodies) -> Option<Self> {
        if bodies.are_above() {
            return Some(Self::Lines);
        }
        if !steps.are_back() {
            return None;
        }
        if bodies.are_below() {
            return Some(Self::Entries);
        }
        // an event that is on one line with all its text, or one line all in all
        (bodies.above + bodies.below <= 1).then_some(Self::Lines)
    }

    /// The text the other way round, where it can be.
    fn turn(self, text: impl FnOnce() -> Vec<u8>, len: usize) -> Found {
        if self == Self::OneLine || len > MOST_TURNED {
            return Found::Left(self);
        }
        let text = text();
        let starts = (self == Self::Entries).then(|| entries(&text));
        let turned = match starts {
            Some(starts) => Turned::by_pieces(text, &starts),
            None => Turned::by_lines(text),
        };
        Found::Turned(self, Arc::new(turned))
    }

    /// What is said of a log that was turned round.
    fn in_words(self) -> String {
        let what = match self {
            Self::Entries => "entries",
            Self::Lines | Self::OneLine => "lines",
        };
        format!(
            "the {what} run from the newest to the oldest; the log was read from its end, and lines are numbered as they stand in it"
        )
    }

    /// What is said of one that was not.
    fn why_left(self) -> String {
        let why = match self {
            Self::Lines | Self::Entries => format!("it is larger than {} MiB", MOST_TURNED >> 20),
            Self::OneLine => "many events are on one line".to_owned(),
        };
        format!("the log runs from the newest to the oldest, and was not turned round: {why}")
    }
}

/// Whether a log stands upside down, as far as its beginning tells: the newest line first, so that a title stands below
/// what it announces. Where entries have their lines in order, that is not so.
pub fn is_upside_down(beginning: &[u8]) -> bool {
    let backwards = Backwards::of(beginning);
    matches!(backwards, Some(Backwards::Lines | Backwards::OneLine))
}

/// Turns a log that stands upside down line by line; `None` where it is larger than [`MOST_TURNED`], or many of its
/// events are on one line.
pub fn set_upright(text: Vec<u8>) -> Option<Turned> {
    let sample = &text[..text.len().min(SAMPLE)];
    let possible = text.len() <= MOST_TURNED && Backwards::of(sample) != Some(Backwards::OneLine);
    possible.then(|| Turned::by_lines(text))
}

/// How the times of heads go on from one to the next.
#[derive(Debug, Default)]
struct Steps {
    heads: usize,
    back: usize,
    forth: usize,
}

impl Steps {
    fn of(sample: &[u8]) -> Self {
        let mut steps = Self::default();
        let (mut finder, mut from, mut last) = (HeadFinder::new(), 0, None);
        while let Some(columns) = finder.next(sample, from) {
            steps.heads += 1;
            let time = parse_civil_time(columns.stem.origin(sample).timestamp);
            if let (Some(last), Some(time)) = (last, time) {
                steps.back += usize::from(time < last);
                steps.forth += usize::from(time > last);
            }
            if steps.run_forth() {
                break;
            }
            last = time.or(last);
            from = columns.stem.caller_at();
        }
        steps
    }

    /// So many steps tell how nearly every log runs.
    fn run_forth(&self) -> bool {
        const ENOUGH: usize = 16;
        self.forth >= ENOUGH && self.are_forth()
    }

    /// Threads swap places within milliseconds: a few steps the other way prove nothing.
    fn are_forth(&self) -> bool {
        self.forth * 4 > self.back
    }

    /// Again and again, and next to never the other way: files in the wrong order, or a clock that was set, go back once.
    fn are_back(&self) -> bool {
        const AGAIN_AND_AGAIN: usize = 6;
        self.back >= AGAIN_AND_AGAIN && self.forth * 16 <= self.back
    }
}

/// Where the bodies of entries begin, as seen from the line that opens them.
#[derive(Debug, Default)]
struct Bodies {
    above: usize,
    /// On the next line.
    below: usize,
    /// Behind it, in the same line of the collector's.
    inside: usize,
}

impl Bodies {
    fn of(sample: &[u8]) -> Self {
        let mut bodies = Self::default();
        match Envelope::detect(sample) {
            None => bodies.see(sample, |_| true),
            Some(envelope) => {
                let mut texts = Unwrapped::default();
                envelope.unwrap_block(sample, &mut texts);
                for stream in &texts.streams {
                    let starts = &stream.lines;
                    let begins =
                        |at: usize| starts.binary_search_by_key(&at, |line| line.at as usize);
                    bodies.see(&stream.text, |at| begins(at).is_ok());
                }
            }
        }
        bodies
    }

    /// Looks at a text, of which some lines are lines of the collector's, too.
    fn see(&mut self, text: &[u8], is_line: impl Fn(usize) -> bool) {
        let (mut above, mut here, mut at) = (&b""[..], &b""[..], 0);
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            let rows = [above, here, line].map(row);
            let falls = rows == [Some(2), Some(1), Some(0)];
            let rises = rows == [Some(0), Some(1), Some(2)];
            match (
                falls || comes_behind(here, above),
                rises || comes_behind(here, line),
            ) {
                (true, false) => self.above += 1,
                (false, true) if is_line(at) => self.below += 1,
                (false, true) => self.inside += 1,
                _ => {}
            }
            (above, here) = (here, line);
            at += line.len();
        }
        // the last line of all, which was the first to be written
        self.above += usize::from(comes_behind(here, above));
    }

    /// Never so in a log that runs as logs do, however it is filtered or mixed.
    fn are_above(&self) -> bool {
        const AGAIN: usize = 2;
        self.above >= AGAIN && (self.below + self.inside) * 10 <= self.above
    }

    fn are_below(&self) -> bool {
        self.below > 0 && self.above * 10 <= self.below
    }
}

/// Whether `next` is what the JVM prints behind `line`: the body behind its title, `RandomCookie` behind `*** ClientHello`.
fn comes_behind(line: &[u8], next: &[u8]) -> bool {
    let (line, next) = (line.trim_ascii(), next.trim_ascii_start());
    if line.starts_with(b"*** ClientHello") || line.starts_with(b"*** ServerHello,") {
        return next.starts_with(b"RandomCookie:");
    }
    line.ends_with(b" (") && (next.starts_with(b"\"") || row(next) == Some(0))
}

/// Which of the first rows of a dump it is: `0010: …` is 1. Any two can meet where lines were lost, three hardly.
fn row(line: &[u8]) -> Option<usize> {
    const FIRST: [&[u8]; 3] = [b"0000: ", b"0010: ", b"0020: "];
    let line = line.trim_ascii_start();
    FIRST.iter().position(|row| line.starts_with(row))
}

/// Where entries begin, each with its whole line; and where text of others does behind the `)` of one.
fn entries(text: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    let mut begin = |at: usize| {
        if starts.last().is_some_and(|&last| last < at) && at < text.len() {
            starts.push(at);
        }
    };
    let mut finder = HeadFinder::new();
    let mut next = finder.next(text, 0);
    while let Some(columns) = next {
        let head = columns.stem.start;
        begin(memchr::memrchr(b'\n', &text[..head]).map_or(0, |feed| feed + 1));
        let behind = line_end(text, columns.stem.caller_at());
        next = finder.next(text, behind);
        let end = next.as_ref().map_or(text.len(), |next| next.stem.start);
        if text[..behind].trim_ascii_end().ends_with(b" (") {
            begin(behind_body(text, behind, end));
        }
    }
    starts
}

/// Behind the line that is `)` and nothing else; `end` where there is none.
fn behind_body(text: &[u8], mut at: usize, end: usize) -> usize {
    while at < end {
        let next = line_end(text, at);
        if text[at..next].trim_ascii_end() == b")" {
            return next;
        }
        at = next;
    }
    text.len()
}

fn line_end(text: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |feed| at + feed + 1)
}

/// A log that runs backwards.
#[derive(Debug, Clone)]
pub(super) enum Found {
    /// It was turned round.
    Turned(Backwards, Arc<Turned>),
    /// It was left as it is.
    Left(Backwards),
}

impl Found {
    /// Turns bytes that are all there round, if they run backwards from where the TLS stack was `heard` first.
    pub(super) fn of_slice(data: &[u8], heard: &[u8]) -> Option<Self> {
        let backwards = Backwards::of(&heard[..heard.len().min(SAMPLE)])?;
        Some(backwards.turn(|| data.to_vec(), data.len()))
    }

    /// The text that is to be read in place of the input's.
    pub(super) fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Turned(_, turned) => Some(turned.text()),
            Self::Left(_) => None,
        }
    }

    /// Bytes that the text has and the input has not.
    pub(super) fn added(&self) -> u64 {
        match self {
            Self::Turned(_, turned) => u64::from(turned.was_unended()),
            Self::Left(_) => 0,
        }
    }

    /// Sees to it that what is assembled says so, and leads back to the lines of the input.
    pub(super) fn tell(&self, assembler: &mut Assembler) {
        let (kind, text) = match self {
            Self::Turned(how, turned) => {
                assembler.lead_back(Arc::clone(turned));
                (AnomalyKind::NewestFirst, how.in_words())
            }
            Self::Left(how) => (AnomalyKind::NewestFirstLeft, how.why_left()),
        };
        let text = text.into();
        assembler.anomaly(Anomaly { kind, text }, Span::new(0, 1, 0));
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{analyse_bytes, tests::told},
        *,
    };
    use crate::envelope::tests::collectors::WRITERS;

    fn log(times: &[u32]) -> String {
        let entry = |second: &u32| {
            format!(
                "javax.net.ssl|DEBUG|01|main|2026-11-21 10:00:{second:02}.000 UTC|A.java:1|words\n"
            )
        };
        times.iter().map(entry).collect()
    }

    #[test]
    fn times_go_back_again_and_again() {
        let backwards = |times: &[u32]| Backwards::of(log(times).as_bytes());
        assert_eq!(backwards(&[7, 6, 5, 4, 3, 2, 1]), Some(Backwards::Lines));
        assert_eq!(
            backwards(&[7, 6, 6, 5, 5, 4, 3, 2, 2, 1]),
            Some(Backwards::Lines)
        );
        for other in [
            &[][..],
            &[5, 5, 5, 5, 5, 5, 5, 5],
            &[3, 2, 1],
            &[9, 8, 7, 6, 5, 4, 3, 9],
            &[1, 2, 3, 4, 5, 6, 7],
            &[40, 41, 42, 30, 31, 32, 20, 21, 22, 10, 11, 12, 1, 2, 3],
            &[9, 1, 8, 1, 7, 1, 6, 1, 5, 1, 4, 1, 3, 1],
        ] {
            assert_eq!(backwards(other), None, "{other:?}");
        }
    }

    #[test]
    fn bodies_stand_above_or_below() {
        let entry = "javax.net.ssl|DEBUG|01|main|2026-11-21 10:00:05.000 UTC|A.java:1|Produced ClientHello handshake message (";
        let of = |lines: &[&str]| Backwards::of(lines.join("\n").as_bytes());
        let above = [")", "\"ClientHello\": {", entry];
        let below = [entry, "\"ClientHello\": {", ")"];
        // at one time: the form alone tells
        assert_eq!(of(&[above, above].concat()), Some(Backwards::Lines));
        assert_eq!(of(&above), None);
        assert_eq!(of(&[below, below, below].concat()), None);
        let earlier = log(&[14, 13, 12, 11, 10, 9, 8, 7]);
        assert_eq!(
            of(&[&[&*earlier][..], &below].concat()),
            Some(Backwards::Entries)
        );
        // with the times of a log that runs as logs do, no form tells
        let later = log(&[1, 2, 3, 4]);
        assert_eq!(of(&[&above[..], &above, &[&later]].concat()), None);
        let classic = [
            "***",
            "Session ID:  {}",
            "RandomCookie:  GMT: 1",
            "*** ClientHello, TLSv1.2",
        ];
        assert_eq!(of(&[classic, classic].concat()), Some(Backwards::Lines));
    }

    #[test]
    fn what_takes_too_much_memory_is_left() {
        for how in [Backwards::Lines, Backwards::Entries] {
            let turn = |len| how.turn(|| b"b\na\n".to_vec(), len);
            assert!(turn(MOST_TURNED + 1).text().is_none());
            assert!(how.why_left().contains("256 MiB"));
            assert!(turn(MOST_TURNED).text().is_some());
        }
    }

    #[test]
    fn what_a_collector_exports_is_turned_in_its_envelope() {
        const LOGS: [&str; 2] = [
            "lab/logs/17/incomplete-certificate-chain-tls13.ssl-handshake.client.log",
            "classic/8u60/ok10.ssl-handshake.both.log",
        ];
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let (mut same, mut others) = (0, Vec::new());
        for log in LOGS {
            let plain = std::fs::read(root.join(log)).unwrap();
            for (name, writer) in WRITERS {
                let wrapped = writer(&plain).log;
                let lines: Vec<&[u8]> = wrapped.split_inclusive(|&byte| byte == b'\n').collect();
                let turned: Vec<u8> = lines.into_iter().rev().flatten().copied().collect();
                let analysis = analyse_bytes(&turned);
                if analysis.envelope.as_deref() == Some(*name)
                    && told(&analysis) == told(&analyse_bytes(&wrapped))
                {
                    same += 1;
                } else {
                    others.push(format!("{log} in {name}"));
                }
            }
        }
        // without times, the order of lines that a container's runtime cut into many is not to be seen
        others.retain(|log| {
            !(log.starts_with("classic") && log.ends_with("docker-json") || log.ends_with("cri"))
        });
        assert!(
            others.is_empty() && same > 100,
            "{same}, but not {others:#?}"
        );
    }
}
