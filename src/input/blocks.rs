//! Reading on a thread of its own: what is expensive to read is read beside the analysis, and what
//! may keep silent does not keep the analysis from saying what it knows.

use std::{
    io::{self, Read},
    sync::{
        atomic::Ordering,
        mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel},
    },
    thread,
    time::Duration,
};

use super::follow::{POLL, Stop};

/// Bytes of a block.
const BLOCK: usize = 1 << 20;
/// Blocks that wait to be used.
const AHEAD: usize = 4;
/// Bytes asked for at once. A decoder that meets damage drops what it had for this one call.
const PIECE: usize = 64 << 10;

/// What the thread hands over.
enum Message {
    Block(Vec<u8>),
    Failure(io::Error),
    End,
}

/// The bytes of a reader that another thread reads.
pub(super) struct Blocks {
    full: Receiver<Message>,
    /// Used blocks go back, to be filled again.
    used: Sender<Vec<u8>>,
    block: Vec<u8>,
    at: usize,
    live: Option<Stop>,
    ended: bool,
}

impl Blocks {
    /// Reads ahead, whole blocks at a time.
    pub(super) fn ahead(reader: Box<dyn Read + Send>) -> io::Result<Self> {
        Self::spawn(reader, None)
    }

    /// Hands on at once whatever is there. Where nothing is, reading fails with `WouldBlock` after a
    /// moment; it ends when `stop` is set.
    pub(super) fn live(reader: Box<dyn Read + Send>, stop: Stop) -> io::Result<Self> {
        Self::spawn(reader, Some(stop))
    }

    fn spawn(mut reader: Box<dyn Read + Send>, live: Option<Stop>) -> io::Result<Self> {
        let (sender, full) = sync_channel(AHEAD);
        let (used, empty) = channel::<Vec<u8>>();
        let least = if live.is_some() { 1 } else { BLOCK };
        thread::Builder::new()
            .name("input".to_owned())
            .spawn(move || {
                while let Ok(more) = hand_over(&mut *reader, least, &sender, &empty)
                    && more
                {}
            })?;
        Ok(Self {
            full,
            used,
            block: Vec::new(),
            at: 0,
            live,
            ended: false,
        })
    }

    /// The next message; `None` when there is none yet.
    fn next(&mut self) -> io::Result<Option<Message>> {
        let died = || io::Error::other("the thread that read it is gone");
        let Some(stop) = self.live else {
            return self.full.recv().map(Some).map_err(|_| died());
        };
        match self.full.recv_timeout(POLL) {
            Ok(message) => Ok(Some(message)),
            Err(RecvTimeoutError::Disconnected) => Err(died()),
            Err(RecvTimeoutError::Timeout) if stop.load(Ordering::Relaxed) => {
                Ok(Some(Message::End))
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
        }
    }
}

impl Read for Blocks {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.block.len() {
            if self.ended {
                return Ok(0);
            }
            match self.next()? {
                Some(Message::Block(block)) => {
                    // the thread may be at its end; then nobody wants the old block
                    let _ = self.used.send(std::mem::replace(&mut self.block, block));
                    self.at = 0;
                }
                Some(Message::End) => self.ended = true,
                Some(Message::Failure(error)) => {
                    self.ended = true;
                    return Err(error);
                }
                None => return Err(io::ErrorKind::WouldBlock.into()),
            }
        }
        let count = into.len().min(self.block.len() - self.at);
        into[..count].copy_from_slice(&self.block[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// Reads one block of `least` bytes or more and sends it. Says whether there is more; an error when
/// nobody listens any longer.
fn hand_over(
    reader: &mut dyn Read,
    least: usize,
    sender: &SyncSender<Message>,
    empty: &Receiver<Vec<u8>>,
) -> Result<bool, Box<std::sync::mpsc::SendError<Message>>> {
    let mut block = empty.try_recv().unwrap_or_default();
    block.resize(BLOCK, 0);
    let mut filled = 0;
    let end = loop {
        let until = block.len().min(filled + PIECE);
        match reader.read(&mut block[filled..until]) {
            Ok(0) => break Some(Message::End),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                // a descriptor that somebody else made non-blocking
                thread::sleep(Duration::from_millis(10));
            }
            Err(error) => break Some(Message::Failure(error)),
        }
        if filled >= least.min(block.len()) {
            break None;
        }
    };
    block.truncate(filled);
    sender.send(Message::Block(block))?;
    match end {
        None => Ok(true),
        Some(message) => sender.send(message).map(|()| false).map_err(Box::new),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Cursor, Read},
        sync::atomic::AtomicBool,
        time::Instant,
    };

    use super::*;

    #[test]
    fn every_byte_comes_through_in_order() {
        let data: Vec<u8> = (0..=250).cycle().take(3 * BLOCK + 17).collect();
        let mut read = Vec::new();
        Blocks::ahead(Box::new(Cursor::new(data.clone())))
            .unwrap()
            .read_to_end(&mut read)
            .unwrap();
        assert!(read == data);
    }

    #[test]
    fn an_error_comes_behind_the_bytes_before_it() {
        struct Bad;
        impl Read for Bad {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("bad"))
            }
        }
        let reader = Cursor::new(b"good".to_vec()).chain(Bad);
        let mut read = Vec::new();
        let mut blocks = Blocks::ahead(Box::new(reader)).unwrap();
        assert_eq!(
            blocks.read_to_end(&mut read).unwrap_err().to_string(),
            "bad"
        );
        assert_eq!(read, b"good");
    }

    #[test]
    fn a_silent_source_says_so_and_can_be_left() {
        struct Silent;
        impl Read for Silent {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                thread::sleep(Duration::from_secs(5));
                Ok(0)
            }
        }
        let stop: Stop = Box::leak(Box::new(AtomicBool::new(false)));
        let begin = Instant::now();
        let mut blocks =
            Blocks::live(Box::new(Cursor::new(b"first".to_vec()).chain(Silent)), stop).unwrap();
        let mut buffer = [0; 16];
        assert_eq!(blocks.read(&mut buffer).unwrap(), 5);
        let nothing = blocks.read(&mut buffer).unwrap_err();
        assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(blocks.read(&mut buffer).unwrap(), 0);
        assert!(begin.elapsed() < Duration::from_secs(4));
    }
}
