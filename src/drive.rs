//! Drivers: bytes in, an [`Analysis`] out. Threads live here, not in the core.

use std::{collections::VecDeque, io::Read, ops::Range, sync::mpsc};

use crate::{
    assemble::{Assembler, Assembly},
    error::Error,
    event::{Event, Survey},
    input::{Input, Lookalike, Stream},
    reader::{Cutter, Reader},
};

/// Bytes read from a stream at once.
const WINDOW: usize = 1 << 20;

/// What came out of one input.
#[derive(Debug, Default)]
pub struct Analysis {
    /// The handshakes and everything around them.
    pub assembly: Assembly,
    /// Bytes read.
    pub bytes: u64,
    /// Lines read.
    pub lines: u64,
    /// What the input looks like, when it is no plain text.
    pub lookalike: Option<Lookalike>,
}

/// Called now and then with the bytes done.
pub type Progress<'p> = &'p mut dyn FnMut(u64);

/// Analyses bytes that are all there, on this thread.
pub fn analyse_bytes(data: &[u8]) -> Analysis {
    analyse_slice(data, 1, CHUNK, &mut |_| {})
}

/// Analyses bytes that are all there on several threads, in chunks of `chunk` bytes. The result is the
/// same as that of [`analyse_bytes`], whatever the numbers.
pub fn analyse_bytes_in_parallel(data: &[u8], threads: usize, chunk: usize) -> Analysis {
    analyse_slice(data, threads, chunk.max(1), &mut |_| {})
}

/// Analyses an opened input.
pub fn analyse(input: Input, progress: Progress<'_>) -> Result<Analysis, Error> {
    match input {
        Input::Map(map) => Ok(analyse_slice(&map, threads(), CHUNK, progress)),
        Input::Stream(stream) => analyse_stream(stream, progress),
    }
}

/// Bytes of a segment of a mapped file: small enough that what is read from it stays in the cache.
const CHUNK: usize = 512 << 10;
/// Segments that each thread has before it, or has read while others are put together.
const AHEAD: usize = 3;

/// A segment to read, and an emptied list to fill.
struct Job {
    segment: Range<usize>,
    events: Vec<Event>,
}

/// What one segment says.
struct Batch {
    events: Vec<Event>,
    line_feeds: u64,
    survey: Survey,
}

/// Reads one segment.
fn read_segment(reader: &mut Reader, data: &[u8], job: Job) -> Batch {
    let Job {
        segment,
        mut events,
    } = job;
    let (offset, last) = (segment.start as u64, segment.end == data.len());
    let line_feeds = reader.read_segment(&data[segment], offset, last, &mut events);
    Batch {
        events,
        line_feeds,
        survey: reader.take_survey(),
    }
}

/// Puts batches together, in the order of the file.
#[derive(Default)]
struct Merger {
    assembler: Assembler,
    line_feeds: u64,
    /// Emptied lists, to be filled again.
    spare: Vec<Vec<Event>>,
}

impl Merger {
    fn push(&mut self, mut batch: Batch) {
        for mut event in batch.events.drain(..) {
            event.span.line += self.line_feeds;
            self.assembler.push(event);
        }
        self.assembler.survey(&batch.survey);
        self.line_feeds += batch.line_feeds;
        self.spare.push(batch.events);
    }

    fn job(&mut self, segment: Range<usize>) -> Job {
        Job {
            segment,
            events: self.spare.pop().unwrap_or_default(),
        }
    }

    fn finish(self, data: &[u8]) -> Analysis {
        let unended = data.last().is_some_and(|&last| last != b'\n');
        Analysis {
            assembly: self.assembler.finish(),
            bytes: data.len() as u64,
            lines: self.line_feeds + u64::from(unended),
            lookalike: Lookalike::of(data),
        }
    }
}

/// Analyses bytes that are all there; on several threads when it is worth it. The result is the same.
fn analyse_slice(data: &[u8], threads: usize, size: usize, progress: Progress<'_>) -> Analysis {
    let (mut cutter, mut merger) = (Cutter::new(size), Merger::default());
    if threads < 2 || data.len() <= size {
        let mut reader = Reader::new();
        while let Some(segment) = cutter.next(data) {
            let end = segment.end;
            let job = merger.job(segment);
            merger.push(read_segment(&mut reader, data, job));
            progress(end as u64);
        }
        return merger.finish(data);
    }
    // each thread gets every n-th segment; what is under way is bounded, so that the fast do not run away
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let (jobs, to_do) = mpsc::channel();
                let (done, batches) = mpsc::channel();
                scope.spawn(move || {
                    let mut reader = Reader::new();
                    for job in to_do {
                        if done.send(read_segment(&mut reader, data, job)).is_err() {
                            return;
                        }
                    }
                });
                (jobs, batches)
            })
            .collect();
        let (mut sent, mut ends) = (0, VecDeque::new());
        for received in 0.. {
            while ends.len() < threads * AHEAD
                && let Some(segment) = cutter.next(data)
            {
                ends.push_back(segment.end);
                if workers[sent % threads].0.send(merger.job(segment)).is_err() {
                    return;
                }
                sent += 1;
            }
            let Some(end) = ends.pop_front() else { return };
            let Ok(batch) = workers[received % threads].1.recv() else {
                return;
            };
            merger.push(batch);
            progress(end as u64);
        }
    });
    merger.finish(data)
}

/// Threads that read at once; the one that puts together is mostly idle.
fn threads() -> usize {
    std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(8)
}

/// A buffer that keeps what the reader has not consumed yet in front.
fn analyse_stream(mut stream: Stream, progress: Progress<'_>) -> Result<Analysis, Error> {
    let (mut reader, mut assembler, mut events) = (Reader::new(), Assembler::new(), Vec::new());
    let mut buffer = vec![0_u8; WINDOW];
    let (mut filled, mut total, mut lookalike) = (0, 0_u64, None);
    let mut ends_with_line_feed = true;
    loop {
        if filled == buffer.len() {
            buffer.resize(buffer.len() * 2, 0);
        }
        let read = match stream.reader.read(&mut buffer[filled..]) {
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(source) => {
                return Err(Error::Read {
                    path: stream.name,
                    offset: total,
                    source,
                });
            }
        };
        if total == 0 {
            lookalike = Lookalike::of(&buffer[..read]);
        }
        if let Some(last) = buffer[filled..filled + read].last() {
            ends_with_line_feed = *last == b'\n';
        }
        filled += read;
        total += read as u64;
        let consumed = reader.read(&buffer[..filled], read == 0, &mut events);
        events.drain(..).for_each(|event| assembler.push(event));
        buffer.copy_within(consumed..filled, 0);
        filled -= consumed;
        progress(total);
        if read == 0 {
            assembler.survey(&reader.take_survey());
            let lines = reader.lines() + u64::from(!ends_with_line_feed);
            return Ok(Analysis {
                assembly: assembler.finish(),
                bytes: total,
                lines,
                lookalike,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

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
        let stream = Stream {
            name: PathBuf::from("x"),
            reader: Box::new(Trickle(log, 7)),
        };
        let trickled = analyse_stream(stream, &mut |_| {}).unwrap();
        assert_eq!((whole.lines, whole.bytes), (trickled.lines, trickled.bytes));
        assert_eq!(whole.lines, 7);
        assert_eq!(whole.assembly.handshakes.len(), 1);
        assert_eq!(
            format!("{:?}", whole.assembly),
            format!("{:?}", trickled.assembly)
        );
    }
}
