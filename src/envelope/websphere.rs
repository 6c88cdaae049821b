//! WebSphere: `[10/14/15 10:33:52:128 EDT] 0000009e SystemOut     O text`.
//!
//! Time in the server's locale, thread, what wrote, kind of event. Only the first line of a print has it:
//! the other lines of a certificate are bare. Liberty's `messages.log` is the same with other widths.
//! <https://www.ibm.com/docs/en/was/9.0.5?topic=SSEQTP_9.0.5/com.ibm.websphere.base.doc/ae/rtrb_readmsglogs.htm>

use super::{
    anchor::Anchor,
    detect::most_common,
    lines::{Hit, Wrapping},
    shape::{digits, field, is_blank},
};

/// The basic format.
#[derive(Debug, Default)]
pub(super) struct WebSphere {
    /// Blanks behind the kind of event, besides the one that is always there.
    blanks: usize,
}

impl WebSphere {
    /// Some releases write more blanks: as many as most lines of JSSE text have.
    pub(super) fn new(anchors: &[Anchor<'_>]) -> Self {
        let one = Self::default();
        let more = anchors.iter().filter_map(|anchor| {
            let between = anchor.line.get(one.hit(anchor.line)?.len..anchor.at)?;
            (between.len() < 8 && between.iter().all(|&byte| byte == b' ')).then_some(between.len())
        });
        Self {
            blanks: most_common(more).unwrap_or_default(),
        }
    }
}

impl Wrapping for WebSphere {
    fn hit(&self, line: &[u8]) -> Option<Hit> {
        let time = line.strip_prefix(b"[")?;
        let close = 1 + memchr::memchr(b']', &time[..time.len().min(64)])?;
        if digits(time) == 0 || line.get(close + 1) != Some(&b' ') {
            return None;
        }
        let thread = close + 2;
        let hex = line[thread..]
            .iter()
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count();
        if hex < 8 {
            return None;
        }
        let mut at = thread + hex + blanks(&line[thread + hex..])?;
        // `id=` of an object, in traces
        if line[at..].starts_with(b"id=") {
            at += field(&line[at..]);
            at += blanks(&line[at..])?;
        }
        at += field(&line[at..]);
        at += blanks(&line[at..])?;
        match &line[at..] {
            [kind, b' ', rest @ ..] if kind.is_ascii_graphic() => {
                let more = rest
                    .iter()
                    .take(self.blanks)
                    .take_while(|&&byte| byte == b' ')
                    .count();
                Some(Hit {
                    len: at + 2 + more,
                    trimmed: more < self.blanks,
                    ..Hit::default()
                })
            }
            [kind] if kind.is_ascii_graphic() => Some(Hit {
                len: at + 1,
                trimmed: true,
                ..Hit::default()
            }),
            _ => None,
        }
    }
}

/// One blank at least.
fn blanks(text: &[u8]) -> Option<usize> {
    let count = text.iter().take_while(|&&byte| is_blank(byte)).count();
    (count > 0).then_some(count)
}
