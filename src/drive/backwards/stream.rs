//! Streams that run backwards: gathered to their end, then handed on the other way round.

use std::sync::OnceLock;

use super::{
    super::{
        blocks::{self, Block, SIZE},
        pieces::speaks_of_tls,
    },
    Backwards, Found, MOST_TURNED, SAMPLE, Steps,
};

/// The blocks of a stream, turned round if its beginning runs backwards; then `found` says so before the first of them
/// is handed on. Where it cannot be waited for, they are as they come.
pub(in crate::drive) fn in_order<'b>(
    blocks: impl Iterator<Item = Block<'b>> + Send,
    waits: bool,
    found: &'b OnceLock<Found>,
) -> impl Iterator<Item = Block<'b>> + Send {
    let mut stream = Stream {
        blocks,
        found,
        state: if waits {
            State::Looking
        } else {
            State::Passing
        },
        held: Vec::new(),
        given: 0,
        heard_at: None,
        ready: None,
        after: None,
    };
    std::iter::from_fn(move || stream.next())
}

/// A stream on its way.
struct Stream<'b, B> {
    blocks: B,
    found: &'b OnceLock<Found>,
    state: State,
    /// What has come and waits: the stream from its beginning.
    held: Vec<u8>,
    /// So much of it was handed on.
    given: usize,
    /// Where in it the TLS stack spoke first, to within a block.
    heard_at: Option<usize>,
    /// The whole of it, turned round.
    ready: Option<Box<dyn Iterator<Item = Block<'b>> + Send + 'b>>,
    /// Comes behind what is held.
    after: Option<Block<'b>>,
}

#[derive(Clone, Copy)]
enum State {
    /// It is not known yet which way it runs.
    Looking,
    /// It runs backwards: all of it is needed.
    Gathering(Backwards),
    /// As it comes.
    Passing,
}

impl<'b, B: Iterator<Item = Block<'b>>> Stream<'b, B> {
    fn next(&mut self) -> Option<Block<'b>> {
        loop {
            if let Some(ready) = &mut self.ready {
                return ready.next();
            }
            if matches!(self.state, State::Passing) {
                return self.pass();
            }
            match self.blocks.next() {
                Some(Block::Lines { bytes, offset }) => {
                    if self.held.is_empty() && Steps::of(&bytes).run_forth() {
                        self.state = State::Passing;
                        return Some(Block::Lines { bytes, offset });
                    }
                    if self.heard_at.is_none() && speaks_of_tls(&bytes) {
                        self.heard_at = Some(self.held.len());
                    }
                    self.held.extend_from_slice(&bytes);
                    self.look();
                }
                Some(tick) if self.held.is_empty() => return Some(tick),
                Some(tick) => {
                    self.decide_by_all();
                    // what runs backwards is told of at its end only
                    if matches!(self.state, State::Passing) {
                        self.after = Some(tick);
                    }
                }
                None => self.end(),
            }
        }
    }

    /// Decides, if what is held is enough for that.
    fn look(&mut self) {
        /// Where the TLS stack has not spoken by then, the stream is taken as it comes.
        const FAR: usize = 16 << 20;
        let held = self.held.len();
        match self.state {
            State::Looking => {
                let heard = self.heard_at.map_or(0, |at| held - at);
                if heard >= SAMPLE || held >= FAR {
                    self.decide_by_all();
                }
            }
            State::Gathering(how) if held > MOST_TURNED => self.leave(how),
            _ => {}
        }
    }

    fn decide(&mut self, how: Option<Backwards>) {
        self.state = how.map_or(State::Passing, State::Gathering);
        if let Some(Backwards::OneLine) = how {
            self.leave(Backwards::OneLine);
        }
    }

    fn leave(&mut self, how: Backwards) {
        let _ = self.found.set(Found::Left(how));
        self.state = State::Passing;
    }

    /// Decides, with all that has come.
    fn decide_by_all(&mut self) {
        if matches!(self.state, State::Looking) {
            let heard = self.heard_at.map(|at| &self.held[at..]);
            self.decide(heard.and_then(Backwards::of));
        }
    }

    /// Nothing more comes.
    fn end(&mut self) {
        self.decide_by_all();
        if let State::Gathering(how) = self.state {
            let held = std::mem::take(&mut self.held);
            let len = held.len();
            let found = self.found.get_or_init(|| how.turn(|| held, len));
            let text = found.text().unwrap_or_default();
            self.ready = Some(Box::new(blocks::of_slice(text, SIZE)));
        }
        self.state = State::Passing;
    }

    /// What is held, what comes behind it, what comes then.
    fn pass(&mut self) -> Option<Block<'b>> {
        if let Some(Block::Lines { bytes, .. }) =
            blocks::of_slice(&self.held[self.given..], SIZE).next()
        {
            let (bytes, offset) = (bytes.into_owned(), self.given as u64);
            self.given += bytes.len();
            return Some(Block::Lines {
                bytes: bytes.into(),
                offset,
            });
        }
        self.held = Vec::new();
        self.given = 0;
        self.after.take().or_else(|| self.blocks.next())
    }
}
