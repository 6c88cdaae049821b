//! What comes out of an envelope: texts, and where each of their lines stood.

/// Streams of one block that are kept apart; a hostile log could name one a line.
const MOST_STREAMS: usize = 256;

/// The bare text of a block, one entry a stream; reusable, [`Self::clear`] keeps the allocations.
#[derive(Debug, Default)]
pub struct Unwrapped {
    /// In the order in which they first appear in the block.
    pub streams: Vec<StreamText>,
    /// Emptied streams whose memory is used again.
    spare: Vec<StreamText>,
    /// For the envelopes inside the outermost one.
    pub(super) inner: Option<Box<Unwrapped>>,
}

/// The bare text of one stream of a block.
#[derive(Debug, Default)]
pub struct StreamText {
    /// Empty for the only stream; else the pod and container, the service, the host and program:
    /// something to show to a user.
    pub key: Box<[u8]>,
    /// Bare bytes. A line that goes on in a later block has no line feed at its end.
    pub text: Vec<u8>,
    /// Where the physical lines begin, in the order of the text.
    pub lines: Vec<LineStart>,
}

/// Where the content of a physical line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineStart {
    /// Index in the stream's text.
    pub at: u32,
    /// Offset in the block of the physical line's first byte, envelope included.
    pub offset: u32,
    /// Number of the physical line in the block, from 0.
    pub line: u32,
}

impl Unwrapped {
    /// Forgets what it holds and keeps the memory.
    pub fn clear(&mut self) {
        while let Some(stream) = self.streams.pop() {
            self.recycle(stream);
        }
    }

    /// Keeps the memory of a stream that is done with.
    pub(super) fn recycle(&mut self, mut stream: StreamText) {
        /// More would be hoarding: few logs have as many streams.
        const KEPT: usize = 16;
        if self.spare.len() < KEPT {
            stream.text.clear();
            stream.lines.clear();
            self.spare.push(stream);
        }
    }

    /// The index of a stream, which is made if it is not there. `size` is how much text may come.
    pub(super) fn stream(&mut self, key: &[u8], size: usize) -> usize {
        if let Some(known) = self.streams.iter().position(|stream| *stream.key == *key) {
            return known;
        }
        if self.streams.len() >= MOST_STREAMS && !key.is_empty() {
            return self.stream(&[], size);
        }
        let mut stream = self.spare.pop().unwrap_or_default();
        stream.key = key.into();
        if self.streams.is_empty() {
            stream.text.reserve(size);
        }
        self.streams.push(stream);
        self.streams.len() - 1
    }
}

impl StreamText {
    /// Notes that a physical line begins here.
    pub(super) fn begin(&mut self, offset: usize, line: u32) {
        self.lines.push(LineStart {
            at: narrow(self.text.len()),
            offset: narrow(offset),
            line,
        });
    }
}

/// Blocks are a few megabytes; a longer one would have no place for its lines.
pub(super) fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_names_a_stream_a_line_does_not_get_them_all() {
        let mut out = Unwrapped::default();
        for name in 0..100_000_u32 {
            out.stream(&name.to_be_bytes(), 1 << 20);
        }
        assert_eq!(out.streams.len(), MOST_STREAMS + 1);
        out.clear();
        assert!(out.streams.is_empty() && out.spare.len() < MOST_STREAMS);
    }
}
