//! Whether a text is like a known one but for its gaps: asked of every body of a log, so in few and long steps.

/// Bytes that are compared in one step.
const STEP: usize = 16;
/// Places that are looked at before all is compared.
const GLANCES: usize = 16;
/// The longest text between two rows that is compared along with them.
const BETWEEN_ROWS: usize = 32;

/// Where the bytes of another text may differ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gap {
    pub(super) at: usize,
    /// Up to here, digits stand where digits stood, and everything else is the same.
    pub(super) digits_end: usize,
    /// The digits need not stand there: anything may but what a line or a column ends with.
    pub(super) loose: bool,
    /// Up to here, anything but a line's end may stand: the same bytes as characters.
    pub(super) end: usize,
}

impl Gap {
    pub(super) fn behind(self, bytes: usize) -> Self {
        Self {
            at: self.at + bytes,
            digits_end: self.digits_end + bytes,
            end: self.end + bytes,
            ..self
        }
    }
}

/// A few bytes of a known text that are looked at first: most others differ in one of them. They are here a second
/// time, so that nothing else of the known text need be at hand.
#[derive(Debug, Default)]
pub(super) struct Glances {
    places: [u32; GLANCES],
    bytes: [u8; GLANCES],
}

impl Glances {
    /// Places at equal distances; the one in front of a gap where it would be in one.
    pub(super) fn of(text: &[u8], gaps: &[Gap]) -> Self {
        let mut glances = Self::default();
        for number in 0..GLANCES {
            let at = text.len() * (number + 1) / (GLANCES + 1);
            let gap = gaps.iter().find(|gap| (gap.at..gap.end).contains(&at));
            let at = gap.map_or(at, |gap| gap.at.saturating_sub(1));
            if let (Ok(place), Some(&byte)) = (u32::try_from(at), text.get(at)) {
                glances.places[number] = place;
                glances.bytes[number] = byte;
            }
        }
        glances
    }

    /// Whether a text has these bytes.
    pub(super) fn fit(&self, text: &[u8]) -> bool {
        let mut places = self.places.iter().zip(&self.bytes);
        places.all(|(&place, byte)| text.get(place as usize) == Some(byte))
    }
}

/// A part of a known text, and what may stand in its place.
#[derive(Debug)]
pub(super) enum Stretch {
    /// The same.
    Same(Part),
    /// Hexadecimal digits where digits stand, else the same.
    Digits(Part),
    /// Rows of bytes, and what is between them.
    Rows(Part, Box<[Step]>),
}

/// From, and up to.
type Part = std::ops::Range<usize>;

/// What may stand in the place of some bytes.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Step {
    /// The byte that has to stand there; of one that may differ, what it must not be.
    bytes: [u8; STEP],
    /// All ones where it has to.
    kept: [u8; STEP],
}

/// What may stand in the place of one byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Same,
    /// A digit, if it is one.
    Digit,
    /// Anything but a line feed and this.
    AnyBut(u8),
}

/// Cuts a text into stretches.
pub(super) fn stretches(text: &[u8], gaps: &[Gap]) -> Vec<Stretch> {
    let places = places(text.len(), gaps);
    let mut stretches = Vec::new();
    let mut from = 0;
    while let Some(&first) = places.get(from) {
        let to = match first {
            Place::Same | Place::Digit => from + run(&places[from..], |place| place == first),
            Place::AnyBut(_) => rows_end(&places, from),
        };
        let part = from..to;
        stretches.push(match first {
            Place::Same => Stretch::Same(part),
            Place::Digit => Stretch::Digits(part),
            Place::AnyBut(_) => rows(text, &places, part),
        });
        from = to;
    }
    stretches
}

/// What may stand in each place of a text.
fn places(len: usize, gaps: &[Gap]) -> Vec<Place> {
    let mut places = vec![Place::Same; len];
    for gap in gaps {
        let digits = if gap.loose {
            Place::AnyBut(b'|')
        } else {
            Place::Digit
        };
        places[gap.at..gap.digits_end].fill(digits);
        places[gap.digits_end..gap.end].fill(Place::AnyBut(b'\n'));
    }
    places
}

/// How many places at the beginning are such ones.
fn run(places: &[Place], such: impl Fn(Place) -> bool) -> usize {
    let other = places.iter().position(|&place| !such(place));
    other.unwrap_or(places.len())
}

/// Where rows end that begin at `from`: no other row follows soon.
fn rows_end(places: &[Place], from: usize) -> usize {
    let is_of_row = |place| matches!(place, Place::AnyBut(_));
    let mut to = from;
    loop {
        to += run(&places[to..], is_of_row);
        let between = run(&places[to..], |place| place == Place::Same);
        let next = places.get(to + between).copied();
        if between > BETWEEN_ROWS || !next.is_some_and(is_of_row) {
            return to;
        }
        to += between;
    }
}

/// Rows, and what is in front of them if they are shorter than a step.
fn rows(text: &[u8], places: &[Place], part: Part) -> Stretch {
    let from = part.start.min(part.end.saturating_sub(STEP));
    let step = |at: usize| {
        let mut step = Step::default();
        let known = text[at..].iter().zip(&places[at..]);
        for ((byte, kept), (&known, place)) in step.bytes.iter_mut().zip(&mut step.kept).zip(known)
        {
            (*byte, *kept) = match *place {
                Place::AnyBut(other) => (other, 0),
                Place::Same | Place::Digit => (known, u8::MAX),
            };
        }
        step
    };
    match part.end.checked_sub(STEP) {
        Some(last) => {
            let whole = (from..=last).step_by(STEP);
            Stretch::Rows(from..part.end, whole.chain([last]).map(step).collect())
        }
        // so short a text is no dump
        None => Stretch::Same(part),
    }
}

impl Stretch {
    /// Whether what stands in `text` fits where `known` has this part.
    pub(super) fn is_at(&self, known: &[u8], text: &[u8]) -> bool {
        match self {
            Self::Same(part) => text[part.clone()] == known[part.clone()],
            Self::Digits(part) => digits_alike(&known[part.clone()], &text[part.clone()]),
            Self::Rows(part, steps) => all_fit(steps, &text[part.clone()]),
        }
    }

    /// Bytes that it takes beside the text.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Same(_) | Self::Digits(_) => 0,
            Self::Rows(_, steps) => size_of_val::<[Step]>(steps),
        }
    }
}

/// Whether rows fit: one step behind the other, and the last one at their end.
fn all_fit(steps: &[Step], rows: &[u8]) -> bool {
    let (whole, last) = (rows.as_chunks().0, rows.last_chunk());
    let mut odd = [0; STEP];
    // rows are as good as always alike: it is not worth asking in between
    for (step, bytes) in steps.iter().zip(whole.iter().chain(last)) {
        step.mark_odd(bytes, &mut odd);
    }
    odd == [0; STEP]
}

impl Step {
    /// Leaves bits where a byte does not fit.
    fn mark_odd(&self, bytes: &[u8; STEP], odd: &mut [u8; STEP]) {
        for (at, odd) in odd.iter_mut().enumerate() {
            let same = ones_if(bytes[at] == self.bytes[at]);
            let feed = ones_if(bytes[at] == b'\n');
            *odd |= (same ^ self.kept[at]) | (feed & !self.kept[at]);
        }
    }
}

fn ones_if(is: bool) -> u8 {
    u8::from(is).wrapping_neg()
}

/// Whether two texts of one length are the same but for their hexadecimal digits.
fn digits_alike(known: &[u8], text: &[u8]) -> bool {
    let (Some(known_last), Some(last)) = (known.last_chunk(), text.last_chunk()) else {
        let mut pairs = known.iter().zip(text);
        return pairs.all(|(&known, &text)| differs(known, text) == 0);
    };
    let (known, text) = (known.as_chunks().0, text.as_chunks().0);
    let alike = known
        .iter()
        .zip(text)
        .all(|(known, text)| all_alike(known, text));
    alike && all_alike(known_last, last)
}

/// Sixteen at a time, without a branch in between: it is asked of every random and session id.
fn all_alike(known: &[u8; STEP], text: &[u8; STEP]) -> bool {
    let mut odd = [0; STEP];
    for ((odd, &known), &text) in odd.iter_mut().zip(known).zip(text) {
        *odd = differs(known, text);
    }
    odd == [0; STEP]
}

/// No bits where both are digits, or the same.
fn differs(known: u8, text: u8) -> u8 {
    let digit =
        |byte: u8| ones_if(byte.wrapping_sub(b'0') < 10 || (byte | 0x20).wrapping_sub(b'a') < 6);
    let (was, is) = (digit(known), digit(text));
    (was ^ is) | (!was & (known ^ text))
}
