//! A body that was read before, known again by what does not differ each time.

use std::ops::Range;

use super::{
    Interned,
    grammar::{is_hex_row, key_value, unquoted},
    hello::session_id,
    likeness::{Gap, Glances, Stretch, stretches},
    recall::Meaning,
};
use crate::event::{Body as MessageBody, Fact, Survey};

/// Columns of the bytes in a row of a hex dump: twice eight of three, and what is between.
const ROW: usize = 50;
/// Columns of the characters behind them, and what is between.
const CHARACTERS: usize = 18;

/// What stands behind the line that opens a body, up to the line that closes it.
#[derive(Debug)]
pub(super) struct Body {
    glances: Glances,
    /// All of it, in order.
    stretches: Vec<Stretch>,
    text: Box<[u8]>,
    line_feeds: u64,
    /// In order. Most are of keys, signatures and tickets.
    gaps: Vec<Gap>,
    /// The gaps of which the bytes are said.
    fields: Vec<(Field, Range<usize>)>,
    pub(super) meaning: Meaning,
    /// How often it was said again since it was counted last.
    pub(super) again: u32,
}

/// What the bytes of a gap are that a body says.
#[derive(Debug, Clone, Copy)]
enum Field {
    Random,
    SessionId,
}

impl Body {
    pub(super) fn new(text: &[u8], meaning: Meaning) -> Self {
        let mut body = Self {
            line_feeds: memchr::memchr_iter(b'\n', text).count() as u64,
            glances: Glances::default(),
            stretches: Vec::new(),
            text: text.into(),
            gaps: Vec::new(),
            fields: Vec::new(),
            meaning,
            again: 0,
        };
        body.lay_out();
        body
    }

    /// What is compared, and where first, follows from the gaps.
    fn lay_out(&mut self) {
        self.glances = Glances::of(&self.text, &self.gaps);
        self.stretches = stretches(&self.text, &self.gaps);
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Bytes that it takes, roughly.
    pub(super) fn cost(&self) -> usize {
        /// What it says, and the places of its gaps.
        const AROUND: usize = 1024;
        let laid_out: usize = self.stretches.iter().map(Stretch::cost).sum();
        self.text.len() + laid_out + AROUND
    }

    pub(super) fn line_feeds(&self) -> u64 {
        self.line_feeds
    }

    /// From here on it is known by what stands around rows of bytes, random and session id.
    pub(super) fn leave_gaps(&mut self) {
        let mut at = 0;
        while at < self.text.len() {
            let rest = &self.text[at..];
            let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |feed| feed + 1);
            if let Some((gap, field)) = gap_in(&rest[..len]) {
                let gap = gap.behind(at);
                self.gaps.push(gap);
                self.fields
                    .extend(field.map(|field| (field, gap.at..gap.end)));
            }
            at += len;
        }
        self.lay_out();
    }

    /// From here on digits stand in its rows where they stood, and nowhere else.
    pub(super) fn keep_digits(&mut self) {
        for gap in &mut self.gaps {
            gap.loose = false;
        }
        self.lay_out();
    }

    /// Whether the rest of a head could stand in it, which begins in a gap: no gap is long enough for a whole one.
    pub(super) fn may_hold_heads(&self) -> bool {
        let starts = std::iter::once(0).chain(self.gaps.iter().map(|gap| gap.end));
        let ends = self.gaps.iter().map(|gap| gap.at);
        let mut between = starts.zip(ends.chain(std::iter::once(self.text.len())));
        between.any(|(from, to)| memchr::memchr(b'|', &self.text[from..to]).is_some())
    }

    /// From here on it is known by all of it.
    pub(super) fn close_gaps(&mut self) {
        self.gaps.clear();
        self.fields.clear();
        self.lay_out();
    }

    /// Counts what was said again since the last time.
    pub(super) fn count(&mut self, survey: &mut Survey) {
        let again = u64::from(std::mem::take(&mut self.again));
        if again > 0 {
            survey.add_times(&self.meaning.counts, again);
        }
    }

    /// Whether such a body stands at the beginning of `text`.
    pub(super) fn is_at(&self, text: &[u8]) -> bool {
        let Some(text) = text.get(..self.text.len()) else {
            return false;
        };
        self.glances.fit(text)
            && self
                .stretches
                .iter()
                .all(|part| part.is_at(&self.text, text))
    }

    /// What the body at the beginning of `text` says, which is such a one.
    pub(super) fn says(&self, text: &[u8], interned: &mut Interned) -> Option<Fact> {
        let mut fact = self.meaning.fact.clone();
        let Some(Fact::Message(_, message)) = &mut fact else {
            return fact;
        };
        let (random, session) = match &mut message.body {
            MessageBody::ClientHello(hello) => (&mut hello.random, &mut hello.session_id),
            MessageBody::ServerHello(hello) => (&mut hello.random, &mut hello.session_id),
            _ => return fact,
        };
        for (field, place) in &self.fields {
            let bytes = &text[place.clone()];
            match field {
                Field::Random => *random = interned.random(Some(bytes)),
                Field::SessionId => *session = session_id(bytes),
            }
        }
        fact
    }

    /// The text with every gap filled otherwise.
    pub(super) fn with_other_bytes(&self) -> Vec<u8> {
        let mut text = self.text.to_vec();
        for gap in &self.gaps {
            let mut odd = b"\"{[(:,]})= .x".iter().cycle();
            for (at, byte) in text[gap.at..gap.end].iter_mut().enumerate() {
                *byte = match *byte {
                    _ if gap.loose || gap.at + at >= gap.digits_end => *odd.next().unwrap_or(&b' '),
                    b'9' => b'A',
                    b'f' | b'F' => b'0',
                    digit if digit.is_ascii_hexdigit() => digit + 1,
                    between => between,
                };
            }
        }
        text
    }
}

/// The gap in a line: a row of bytes, or the value of `random` or `session id`.
fn gap_in(line: &[u8]) -> Option<(Gap, Option<Field>)> {
    let line = line.trim_ascii_end();
    let text = line.trim_ascii_start();
    let indent = line.len() - text.len();
    if !matches!(text.first()?, b'0'..=b'9' | b'"') {
        return None;
    }
    if is_hex_row(text) {
        let at = indent + b"0000: ".len();
        let row = &line[at..line.len().min(at + ROW)];
        let is_of_row = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b' ';
        let digits = row.iter().position(|byte| !is_of_row(byte));
        let digits_end = at + digits.unwrap_or(row.len());
        let gap = Gap {
            at,
            digits_end,
            loose: true,
            end: line.len(),
        };
        return (line.len() <= digits_end + CHARACTERS).then_some((gap, None));
    }
    let field = if text.starts_with(b"\"random\"") {
        Field::Random
    } else if text.starts_with(b"\"session id\"") {
        Field::SessionId
    } else {
        return None;
    };
    let (_, (_, value)) = key_value(text).ok()?;
    let value = unquoted(value);
    let at = crate::search::find(line, value).filter(|_| !value.is_empty())?;
    let end = at + value.len();
    let gap = Gap {
        at,
        digits_end: end,
        loose: false,
        end,
    };
    Some((gap, Some(field)))
}
