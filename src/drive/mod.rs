//! Drivers: bytes in, an [`Analysis`] out, read on several threads.
//!
//! A mapped file without an envelope is cut into segments where it lies. Everything else goes through
//! `blocks` (whole lines) and `pieces` (the envelope off, streams apart) first.

mod backwards;
mod blocks;
mod pieces;

use std::{
    borrow::Cow,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

pub use self::backwards::{MOST_TURNED, is_upside_down, set_upright};
use self::{
    backwards::Found,
    blocks::{Block, Tick},
    pieces::{Detector, Line, Piece, Place, Segmenter},
};
use crate::{
    assemble::{Assembler, Assembly},
    envelope::Envelope,
    error::Error,
    event::{Event, Survey},
    input::{Input, Lookalike, Stream},
    parallel::{in_order, shared, threads},
    reader::{Cutter, Reader},
    span::Span,
};

/// What came out of one input.
#[derive(Debug, Default, Clone)]
pub struct Analysis {
    /// The handshakes and everything around them.
    pub assembly: Assembly,
    /// Bytes read.
    pub bytes: u64,
    /// Lines read.
    pub lines: u64,
    /// What a collector put round each line, if one did: `tanuki`, `cri+log4j` …
    pub envelope: Option<Cow<'static, str>>,
    /// What the input looks like, when it is no plain text.
    pub lookalike: Option<Lookalike>,
}

/// Called now and then with the bytes done.
pub type Progress<'p> = &'p mut dyn FnMut(u64);

/// Analyses bytes that are all there, on this thread.
pub fn analyse_bytes(data: &[u8]) -> Analysis {
    analyse_bytes_in_parallel(data, 1, SEGMENT)
}

/// Analyses bytes that are all there on several threads, in segments of `size` bytes. The result is the
/// same as that of [`analyse_bytes`], whatever the numbers.
pub fn analyse_bytes_in_parallel(data: &[u8], threads: usize, size: usize) -> Analysis {
    read_slice(data, threads, size.max(1), &mut |_| {}, None).finish()
}

/// Analyses an opened input.
pub fn analyse(input: Input, progress: Progress<'_>) -> Result<Analysis, Error> {
    analyse_live(input, progress, None)
}

/// Analyses an opened input; tells what is known while it is read, if that is wanted.
pub fn analyse_live(
    input: Input,
    progress: Progress<'_>,
    live: Option<Live<'_>>,
) -> Result<Analysis, Error> {
    match input {
        Input::Map(map) => {
            let read = read_slice(&map, threads(), SEGMENT, progress, live);
            // nobody looks at the text any more, and giving back the map of a large file takes a while; where there is
            // no thread to be had, it is given back at once
            let _ = std::thread::Builder::new().spawn(move || drop(map));
            Ok(read.finish())
        }
        Input::Stream(stream) => analyse_stream(stream, progress, live),
    }
}

/// Bytes of a segment: small enough that what is read from it stays in the cache.
const SEGMENT: usize = blocks::SIZE;

/// An input of which all is read.
struct Read {
    assembler: Assembler,
    /// What is known of it besides.
    analysis: Analysis,
}

impl Read {
    fn finish(self) -> Analysis {
        Analysis {
            assembly: self.assembler.finish(),
            ..self.analysis
        }
    }
}

/// Reads bytes that are all there; on several threads when it is worth it. The result is the same.
fn read_slice(
    data: &[u8],
    threads: usize,
    size: usize,
    progress: Progress<'_>,
    live: Option<Live<'_>>,
) -> Read {
    let (mut detector, backwards) = (Detector::see_all(data), OnceLock::new());
    if let Some(found) = Found::of_slice(data, detector.first_heard(data)) {
        let _ = backwards.set(found);
    }
    let text = backwards.get().and_then(Found::text);
    if let Some(text) = text {
        detector = Detector::see_all(text);
    }
    let (envelope, spare) = (detector.found().cloned(), Spare::default());
    let mut merger = Merger::new(&spare, &backwards);
    merger.pace = live.as_ref().map(|_| Pace::new());
    merger.live = live;
    merger.begun = true;
    let mut read = read_text(
        text.unwrap_or(data),
        envelope,
        (threads, size),
        merger,
        progress,
    );
    read.analysis.bytes = data.len() as u64;
    read.analysis.lookalike = Lookalike::of(data);
    read
}

/// Reads text that is in the order in which it was written.
fn read_text(
    data: &[u8],
    envelope: Option<Envelope>,
    (threads, size): (usize, usize),
    mut merger: Merger<'_, '_>,
    progress: Progress<'_>,
) -> Read {
    let spare = merger.spare;
    let read = || {
        let mut reader = Reader::new();
        move |piece: Piece<'_>| read_piece(&mut reader, &piece, spare)
    };
    let enveloped = || {
        let envelope = envelope.clone();
        blocks::of_slice(data, size).map(move |block| (block, envelope.clone()))
    };
    match (envelope.is_some(), threads > 1 && data.len() > size) {
        (false, false) => merger.take_all(segments(data, size).map(read()), progress),
        (false, true) => std::thread::scope(|scope| {
            let batches = shared(scope, threads, segments(data, size), read);
            merger.take_all(batches, progress);
        }),
        (true, parallel) => {
            let on_threads = parallel
                && std::thread::scope(|scope| {
                    let bare = in_order(scope, threads, enveloped(), || pieces::unwrap)?;
                    let batches = in_order(scope, threads, Segmenter::new(bare), read)?;
                    merger.take_all(batches, progress);
                    std::io::Result::Ok(())
                })
                .is_ok();
            // where other threads are not wanted, or not to be had, this one reads
            if !on_threads {
                let pieces = Segmenter::new(enveloped().map(pieces::unwrap));
                merger.take_all(pieces.map(read()), progress);
            }
        }
    }
    if envelope.is_none() {
        let unended = data.last().is_some_and(|&last| last != b'\n');
        merger.lines = merger.line_feeds + u64::from(unended);
    }
    let mut read = merger.read();
    read.analysis.envelope = envelope.map(|envelope| envelope.name());
    read
}

/// Cuts bytes without an envelope where they lie.
fn segments(data: &[u8], size: usize) -> impl Iterator<Item = Piece<'_>> + Send {
    let mut cutter = Cutter::new(size);
    std::iter::from_fn(move || {
        let segment = cutter.next(data)?;
        let (offset, end) = (segment.start as u64, segment.end);
        let text = Cow::Borrowed(&data[segment]);
        let last = end == data.len();
        Some(Piece::plain(text, offset, last))
    })
}

/// Tells of an input while it is still being read.
pub struct Live<'l> {
    /// Called about four times a second, less often where it takes long. Of a file, which is read in one
    /// go, after a moment, and then whenever half as much time has passed again.
    pub tell: &'l mut dyn FnMut(Told),
    /// From the beginning; else from the first silence on, so that a stream that ends without one is
    /// told of at its end only. A file is always told of from the beginning.
    pub at_once: bool,
}

/// What is told.
#[derive(Debug)]
pub enum Told {
    /// Everything that is known by now.
    News(Box<Analysis>),
    /// Nothing new since.
    Nothing,
}

/// Analyses a stream.
fn analyse_stream(
    stream: Stream,
    progress: Progress<'_>,
    live: Option<Live<'_>>,
) -> Result<Analysis, Error> {
    let (name, threads) = (stream.name, threads());
    let (failure, spare) = (blocks::Failure::default(), Spare::default());
    let backwards = OnceLock::new();
    let first = Mutex::new((Detector::default(), None));
    let mut merger = Merger::new(&spare, &backwards);
    let ticks = live.is_some();
    merger.begun = live.as_ref().is_some_and(|live| live.at_once);
    // what is told of from its beginning on cannot wait for its end
    let waits = !merger.begun;
    merger.live = live;
    let read = std::thread::scope(|scope| {
        let blocks = blocks::of_stream(scope, stream.reader, &failure, ticks)?;
        let blocks = backwards::in_order(blocks, waits, &backwards).map(|block| {
            let Block::Lines { bytes, .. } = &block else {
                return (block, None);
            };
            let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
            let (detector, lookalike) = &mut *first;
            lookalike.get_or_insert_with(|| Lookalike::of(bytes));
            let envelope = detector.see(bytes).cloned();
            (block, envelope)
        });
        let bare = in_order(scope, threads, blocks, || pieces::unwrap)?;
        let batches = in_order(scope, threads, Segmenter::new(bare), || {
            let (mut reader, spare) = (Reader::new(), &spare);
            move |piece: Piece<'_>| read_piece(&mut reader, &piece, spare)
        })?;
        merger.take_all(batches, progress);
        Ok(())
    });
    if let Err(source) = read {
        return Err(Error::Threads { path: name, source });
    }
    if let Some((offset, source)) = failure
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
    {
        return Err(Error::Read {
            path: name,
            offset,
            source,
        });
    }
    let (detector, lookalike) = first.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Analysis {
        envelope: detector.found().map(Envelope::name),
        lookalike: lookalike.flatten(),
        ..merger.read().finish()
    })
}

/// What one piece says.
struct Batch {
    events: Vec<Event>,
    /// Lines of the events are counted from the piece's first; else they are those of the input.
    counted: bool,
    /// Line feeds in the piece, if lines are counted.
    line_feeds: u64,
    /// Lines of the input so far, if they are not.
    lines: u64,
    survey: Survey,
    done: u64,
    tick: Option<Tick>,
}

/// Reads one piece.
fn read_piece(reader: &mut Reader, piece: &Piece<'_>, spare: &Spare) -> Batch {
    let mut events = spare.take();
    reader.enter(piece.stream.as_ref());
    let (offset, counted) = match &piece.place {
        Place::Plain { offset } => (*offset, true),
        Place::Table(_) => (0, false),
    };
    let line_feeds = reader.read_segment(&piece.text, offset, piece.last, &mut events);
    if let Place::Table(lines) = &piece.place {
        relocate(&mut events, &piece.text, lines);
    }
    Batch {
        events,
        counted,
        line_feeds: if counted { line_feeds } else { 0 },
        lines: piece.lines,
        survey: reader.take_survey(),
        done: piece.done,
        tick: piece.tick,
    }
}

/// Puts events where their lines stand in the input. A line may have come in several physical ones.
fn relocate(events: &mut [Event], text: &[u8], lines: &[Line]) {
    let begins = |line: &&Line| line.at == 0 || text.get(line.at - 1) == Some(&b'\n');
    let cut = lines.first().filter(|line| line.at > 0);
    let starts: Vec<&Line> = cut.into_iter().chain(lines.iter().filter(begins)).collect();
    for event in events {
        let index = usize::try_from(event.span.line().saturating_sub(1)).unwrap_or(usize::MAX);
        if let Some(line) = starts.get(index).or(starts.last()) {
            event.span = Span::new(line.offset, line.number, event.span.len());
        }
    }
}

/// Puts batches together, in the order of the input.
struct Merger<'s, 'l> {
    assembler: Assembler,
    spare: &'s Spare,
    /// The log runs backwards, as far as is known.
    backwards: &'s OnceLock<Found>,
    /// That is told.
    told_backwards: bool,
    line_feeds: u64,
    lines: u64,
    done: u64,
    live: Option<Live<'l>>,
    /// Telling has begun.
    begun: bool,
    /// Something came since it was told last.
    news: bool,
    /// Telling took long: not again before.
    rest: Option<Instant>,
    /// When to tell of a file.
    pace: Option<Pace>,
}

/// A file has no silences to tell in. What is told is made anew each time, so the pauses grow: all of
/// it costs no more than a few times the last.
#[derive(Debug)]
struct Pace {
    begin: Instant,
    next: Duration,
}

impl Pace {
    fn new() -> Self {
        Self {
            begin: Instant::now(),
            next: Duration::from_millis(100),
        }
    }

    fn is_due(&mut self) -> bool {
        let passed = self.begin.elapsed();
        let due = passed >= self.next;
        if due {
            self.next = passed + passed / 2;
        }
        due
    }
}

impl<'s> Merger<'s, '_> {
    fn new(spare: &'s Spare, backwards: &'s OnceLock<Found>) -> Self {
        Self {
            assembler: Assembler::new(),
            spare,
            backwards,
            told_backwards: false,
            line_feeds: 0,
            lines: 0,
            done: 0,
            live: None,
            begun: false,
            news: false,
            rest: None,
            pace: None,
        }
    }

    fn take_all(&mut self, batches: impl Iterator<Item = Batch>, progress: Progress<'_>) {
        for batch in batches {
            self.push(batch);
            progress(self.done);
        }
    }

    fn push(&mut self, mut batch: Batch) {
        self.news |= !batch.events.is_empty();
        if !self.told_backwards
            && let Some(found) = self.backwards.get()
        {
            found.tell(&mut self.assembler);
            self.told_backwards = true;
        }
        for mut event in batch.events.drain(..) {
            if batch.counted {
                event.span = event.span.down(self.line_feeds);
            }
            self.assembler.push(event);
        }
        self.spare.give(batch.events);
        self.assembler.survey(&batch.survey);
        self.line_feeds += batch.line_feeds;
        self.lines = self.lines.max(batch.lines);
        self.done = batch.done;
        if let Some(tick) = batch.tick {
            self.begun |= tick == Tick::Silent;
            self.tell();
        } else if self.pace.as_mut().is_some_and(Pace::is_due) {
            self.tell();
        }
    }

    /// Tells what is known by now.
    fn tell(&mut self) {
        /// Of the time, a tenth goes into telling at most.
        const SHARE: u32 = 9;
        let begin = Instant::now();
        let Some(live) = &mut self.live else { return };
        if !self.begun || self.rest.is_some_and(|rest| begin < rest) {
            return;
        }
        let told = if std::mem::take(&mut self.news) {
            Told::News(Box::new(Analysis {
                assembly: self.assembler.clone().finish(),
                bytes: self.done,
                lines: self.lines,
                ..Analysis::default()
            }))
        } else {
            Told::Nothing
        };
        (live.tell)(told);
        self.rest = Some(Instant::now() + begin.elapsed() * SHARE);
    }

    fn read(self) -> Read {
        let added = self.backwards.get().map_or(0, Found::added);
        let analysis = Analysis {
            bytes: self.done - added,
            lines: self.lines,
            ..Analysis::default()
        };
        let assembler = self.assembler;
        Read {
            assembler,
            analysis,
        }
    }
}

/// Emptied lists of events, to be filled again.
#[derive(Debug, Default)]
struct Spare(Mutex<Vec<Vec<Event>>>);

impl Spare {
    fn lists(&self) -> MutexGuard<'_, Vec<Vec<Event>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<Event> {
        self.lists().pop().unwrap_or_default()
    }

    fn give(&self, emptied: Vec<Event>) {
        self.lists().push(emptied);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// Gives its bytes a few at a time.
    struct Trickle(Vec<u8>, usize);

    impl Read for Trickle {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(self.0.len()).min(into.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0.drain(..count);
            Ok(count)
        }
    }

    #[test]
    fn a_stream_gives_what_the_whole_gives() {
        let log = b"junk\njavax.net.ssl|ERROR|01|main|2026-11-21 01:00:00.000 UTC|T.java:1|Fatal (HANDSHAKE_FAILURE): no cipher suites in common (\n\"throwable\" : {\n  javax.net.ssl.SSLHandshakeException: no cipher suites in common}\n\n)\nlast".to_vec();
        let whole = analyse_bytes(&log);
        let stream = Stream::new("x", Trickle(log, 7));
        let trickled = analyse_stream(stream, &mut |_| {}, None).unwrap();
        assert_eq!((whole.lines, whole.bytes), (trickled.lines, trickled.bytes));
        assert_eq!(whole.lines, 7);
        assert_eq!(whole.assembly.handshakes.len(), 1);
        assert_eq!(
            format!("{:?}", whole.assembly),
            format!("{:?}", trickled.assembly)
        );
    }

    /// What a reader of the report would notice, but for lines.
    pub(super) fn told(analysis: &Analysis) -> Vec<String> {
        let diagnosis = crate::diagnose::diagnose(&analysis.assembly);
        let handshakes = analysis.assembly.handshakes.iter();
        let told = handshakes
            .zip(&diagnosis.by_handshake)
            .map(|(handshake, findings)| {
                let rules: Vec<_> = findings.iter().map(|f| (f.rule, f.confidence)).collect();
                let history = handshake.history();
                let end = handshake.break_up.as_deref().map(|end| (end.how, end.by));
                format!(
                    "{:?} {history} {:?} {end:?} {rules:?}",
                    handshake.role, handshake.outcome
                )
            });
        told.collect()
    }

    #[test]
    fn no_envelope_changes_what_is_told() {
        const LOGS: [&str; 5] = [
            "lab/logs/17/incomplete-certificate-chain-tls13.ssl-handshake.client.log",
            "lab/logs/11/hostname-mismatch-tls12.ssl-handshake.both.log",
            "lab/logs/8/untrusted-root-tls12.ssl-handshake.both.log",
            "lab/logs/25/no-common-cipher-suite-tls13.ssl-handshake.client.log",
            "classic/8u60/ok10.ssl-handshake.both.log",
        ];
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let mut compared = 0;
        for log in LOGS {
            let bare = std::fs::read(root.join(log)).unwrap();
            let plain = analyse_bytes(&bare);
            for (name, writer) in crate::envelope::tests::collectors::WRITERS {
                let wrapped = writer(&bare);
                let what = format!("{log} in {name}");
                let analysis = analyse_bytes(&wrapped.log);
                assert_eq!(analysis.envelope.as_deref(), Some(*name), "{what}");
                assert_eq!(told(&analysis), told(&plain), "{what}");
                let parallel = analyse_bytes_in_parallel(&wrapped.log, 3, 5000);
                let pairs = analysis
                    .assembly
                    .handshakes
                    .iter()
                    .zip(&plain.assembly.handshakes);
                for (found, wanted) in pairs {
                    let bare_line = usize::try_from(wanted.first_span().line()).unwrap() - 1;
                    let physical = u64::from(wrapped.starts[bare_line]) + 1;
                    assert_eq!(found.first_span().line(), physical, "{what}");
                }
                assert_eq!(told(&parallel), told(&analysis), "{what}, in parallel");
                compared += 1;
            }
        }
        assert!(compared > 100, "{compared}");
    }
}
