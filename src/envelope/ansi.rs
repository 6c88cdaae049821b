//! Colours: SGR control sequences (ECMA-48, 8.3.117), `ESC [ 1 ; 31 m`, and `ESC [ K`, which terminals
//! and CI put beside them.

use super::{lines::line_end, unwrapped::Unwrapped};

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
    if block.is_empty() {
        return;
    }
    let index = out.stream(&[], block.len());
    let into = &mut out.streams[index];
    let (mut start, mut number) = (0, 0_u32);
    while start < block.len() {
        let end = line_end(block, start);
        into.begin(start, number);
        let mut from = start;
        for escape in memchr::memchr_iter(ESCAPE, &block[start..end]) {
            let at = start + escape;
            if let Some(len) = sequence(&block[at..end]) {
                into.text.extend_from_slice(&block[from..at]);
                from = at + len;
            }
        }
        into.text.extend_from_slice(&block[from..end]);
        number = number.saturating_add(1);
        start = end;
    }
}
