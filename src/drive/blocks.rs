//! Blocks of whole lines, cut from bytes at hand or gathered from a stream.

use std::{
    borrow::Cow,
    io::{ErrorKind, Read},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvError, RecvTimeoutError, sync_channel},
    },
    thread::{Builder, Scope},
    time::{Duration, Instant},
};

/// Bytes of a block, roughly.
pub(super) const SIZE: usize = 512 << 10;
/// A line longer than this is cut.
const LONGEST_LINE: usize = 8 << 20;
/// Bytes asked of a stream at once.
const READ: usize = 128 << 10;
/// Silent for so long, a stream is taken for idle; a busy one is told of as often.
const IDLE: Duration = Duration::from_millis(250);

/// What a source brings.
#[derive(Debug)]
pub(super) enum Block<'d> {
    /// Whole lines, but for the last of the input.
    Lines {
        bytes: Cow<'d, [u8]>,
        /// Offset of the first byte in the input.
        offset: u64,
    },
    /// Time to tell what is known.
    Tick(Tick),
}

/// Why it is time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tick {
    /// Nothing came for a while.
    Silent,
    /// For as long, something came all the time.
    Busy,
}

/// Cuts bytes that are all there.
pub(super) fn of_slice(data: &[u8], size: usize) -> impl Iterator<Item = Block<'_>> + Send {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = data.get(from..).filter(|rest| !rest.is_empty())?;
        let len = whole_lines(rest, size).unwrap_or(rest.len());
        let offset = from as u64;
        from += len;
        Some(Block::Lines {
            bytes: Cow::Borrowed(&rest[..len]),
            offset,
        })
    })
}

/// Where the line ends that byte number `size` is in; `None` when that is not in sight.
fn whole_lines(rest: &[u8], size: usize) -> Option<usize> {
    let last = size.max(1) - 1;
    let window = rest.get(last..rest.len().min(last + LONGEST_LINE))?;
    match memchr::memchr(b'\n', window) {
        Some(feed) => Some(last + feed + 1),
        None => (window.len() == LONGEST_LINE).then_some(last + LONGEST_LINE),
    }
}

/// Why a stream could not be read to its end, and where that was.
pub(super) type Failure = Arc<Mutex<Option<(u64, std::io::Error)>>>;

/// Gathers what a stream brings. It is read on a thread of its own, so that silence can be noticed.
/// With `ticks`, what is there goes on its way four times a second, however little it is. Fails where the system
/// gives no thread.
pub(super) fn of_stream<'scope>(
    scope: &'scope Scope<'scope, '_>,
    reader: Box<dyn Read + Send>,
    failure: &Failure,
    ticks: bool,
) -> std::io::Result<impl Iterator<Item = Block<'scope>> + Send + use<'scope>> {
    let (sender, receiver) = sync_channel(4);
    let failure = Arc::clone(failure);
    Builder::new().spawn_scoped(scope, move || read(reader, &sender, &failure))?;
    let mut gathered = Gathered {
        receiver,
        carried: Vec::new(),
        offset: 0,
        ended: false,
        ticks,
        ticked: Instant::now(),
        due: None,
    };
    Ok(std::iter::from_fn(move || gathered.next()))
}

/// Reads until the end, until it fails, or until nobody listens any more.
fn read(
    mut reader: Box<dyn Read + Send>,
    sender: &std::sync::mpsc::SyncSender<Vec<u8>>,
    failure: &Failure,
) {
    let mut total = 0;
    loop {
        let mut chunk = vec![0; READ];
        match reader.read(&mut chunk) {
            Ok(0) => return,
            Ok(read) => {
                chunk.truncate(read);
                total += read as u64;
                if sender.send(chunk).is_err() {
                    return;
                }
            }
            // a followed file is silent
            Err(error)
                if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            Err(error) => {
                *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some((total, error));
                return;
            }
        }
    }
}

/// What was read, on its way to becoming blocks.
struct Gathered {
    receiver: Receiver<Vec<u8>>,
    carried: Vec<u8>,
    /// Offset of the first carried byte.
    offset: u64,
    ended: bool,
    ticks: bool,
    ticked: Instant,
    /// What was there is on its way; now it can be told.
    due: Option<Tick>,
}

impl Gathered {
    fn next<'d>(&mut self) -> Option<Block<'d>> {
        loop {
            if let Some(tick) = self.due.take() {
                return Some(Block::Tick(tick));
            }
            if self.ticks && !self.ended && self.ticked.elapsed() >= IDLE {
                return Some(self.tick(Tick::Busy));
            }
            if let Some(len) = whole_lines(&self.carried, SIZE) {
                return Some(self.take(len));
            }
            if self.ended {
                return (!self.carried.is_empty()).then(|| self.take(self.carried.len()));
            }
            match self.wait() {
                Ok(chunk) => self.carried.extend_from_slice(&chunk),
                Err(RecvTimeoutError::Disconnected) => self.ended = true,
                Err(RecvTimeoutError::Timeout) => return Some(self.tick(Tick::Silent)),
            }
        }
    }

    fn wait(&self) -> Result<Vec<u8>, RecvTimeoutError> {
        if self.ticks {
            return self.receiver.recv_timeout(IDLE);
        }
        let forever = |RecvError| RecvTimeoutError::Disconnected;
        self.receiver.recv().map_err(forever)
    }

    /// What is there of whole lines goes on its way, then the tick.
    fn tick<'d>(&mut self, tick: Tick) -> Block<'d> {
        self.ticked = Instant::now();
        let Some(feed) = memchr::memrchr(b'\n', &self.carried) else {
            return Block::Tick(tick);
        };
        self.due = Some(tick);
        self.take(feed + 1)
    }

    fn take<'d>(&mut self, len: usize) -> Block<'d> {
        let rest = self.carried.split_off(len);
        let bytes = std::mem::replace(&mut self.carried, rest);
        let offset = self.offset;
        self.offset += len as u64;
        Block::Lines {
            bytes: Cow::Owned(bytes),
            offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths<'d>(blocks: impl Iterator<Item = Block<'d>>) -> Vec<usize> {
        let lines = blocks.filter_map(|block| match block {
            Block::Lines { bytes, .. } => Some(bytes.len()),
            Block::Tick(_) => None,
        });
        lines.collect()
    }

    #[test]
    fn blocks_end_where_lines_end() {
        assert_eq!(lengths(of_slice(b"ab\ncd\n\nefg\nh", 1)), [3, 3, 1, 4, 1]);
        assert_eq!(lengths(of_slice(b"ab\ncd\n\nefg\nh", 4)), [6, 5, 1]);
        assert_eq!(lengths(of_slice(b"", 4)), [0; 0]);
        assert_eq!(lengths(of_slice(b"ab", 4)), [2]);
    }

    #[test]
    fn a_stream_is_all_there_in_the_end() {
        let text = b"ab\ncd\n".repeat(200_000);
        let failure = Failure::default();
        let total: usize = std::thread::scope(|scope| {
            let reader = Box::new(std::io::Cursor::new(text.clone()));
            lengths(of_stream(scope, reader, &failure, true).expect("a thread"))
                .iter()
                .sum()
        });
        assert_eq!(total, text.len());
    }
}
