//! Colours: SGR control sequences (ECMA-48, 8.3.117), `ESC [ 1 ; 31 m`, and `ESC [ K`, which terminals
//! and CI put beside them.

use super::{lines::unwrap_each, unwrapped::Unwrapped};

const ESCAPE: u8 = 0x1b;

/// The length of the sequence that begins with the escape at the start of `text`, if it is a colour.
fn sequence(text: &[u8]) -> Option<usize> {
    /// No colour needs more.
    const LONGEST: usize = 32;
    let parameters = text.strip_prefix(&[ESCAPE, b'['])?;
    let digits = parameters
        .iter()
        .take(LONGEST)
        .take_while(|byte| matches!(byte, b'0'..=b'9' | b';' | b':'))
        .count();
    matches!(parameters.get(digits), Some(b'm' | b'K')).then_some(digits + 3)
}

/// Whether a line holds a colour.
pub(super) fn coloured(line: &[u8]) -> bool {
    memchr::memchr_iter(ESCAPE, line).any(|at| sequence(&line[at..]).is_some())
}

/// Whether the beginning of a log whose lines begin with heads is coloured behind them.
pub(super) fn is_likely(sample: &[u8]) -> bool {
    const BEGINNING: usize = 4 << 10;
    coloured(&sample[..sample.len().min(BEGINNING)])
}

/// Takes the colours out of every line.
pub(super) fn unwrap(block: &[u8], out: &mut Unwrapped) {
    unwrap_each(block, out, |line, into| {
        into.begin(line.place.0, line.place.1);
        let mut from = 0;
        for at in memchr::memchr_iter(ESCAPE, line.text) {
            if let Some(len) = sequence(&line.text[at..]) {
                into.text.extend_from_slice(&line.text[from..at]);
                from = at + len;
            }
        }
        into.text.extend_from_slice(&line.text[from..]);
        into.text.extend_from_slice(line.feed);
    });
}
