//! An envelope inside another: the texts of the outer one are unwrapped again, and the line tables
//! put behind each other.

use super::{
    lines::line_end,
    unwrapped::{LineStart, StreamText, Unwrapped, narrow},
};

/// Replaces the texts of `out` by what `unwrap` makes of them.
pub(super) fn unwrap_again(out: &mut Unwrapped, unwrap: impl Fn(&[u8], &mut Unwrapped)) {
    let outer = std::mem::take(&mut out.streams);
    let mut inner = out.inner.take().unwrap_or_default();
    for stream in outer {
        inner.clear();
        unwrap(&stream.text, &mut inner);
        for text in &mut inner.streams {
            text.lines = translate(&stream, text);
            let key = joined(&stream.key, &text.key);
            let index = out.stream(&key, 0);
            append(&mut out.streams[index], text);
        }
        out.recycle(stream);
    }
    out.inner = Some(inner);
}

/// `web-1` and `main` → `web-1/main`
fn joined(outer: &[u8], inner: &[u8]) -> Vec<u8> {
    match (outer, inner) {
        (key, []) | ([], key) => key.to_vec(),
        _ => [outer, b"/", inner].concat(),
    }
}

fn append(to: &mut StreamText, from: &mut StreamText) {
    if to.text.is_empty() && to.lines.is_empty() {
        std::mem::swap(&mut to.text, &mut from.text);
        std::mem::swap(&mut to.lines, &mut from.lines);
        return;
    }
    let base = narrow(to.text.len());
    to.text.extend_from_slice(&from.text);
    to.lines.extend(from.lines.iter().map(|line| LineStart {
        at: line.at.saturating_add(base),
        ..*line
    }));
}

/// The physical lines of the outer envelope that stand in the lines of `inner`.
fn translate(outer: &StreamText, inner: &StreamText) -> Vec<LineStart> {
    let mut table = Vec::with_capacity(inner.lines.len());
    let mut from = 0;
    for (index, line) in inner.lines.iter().enumerate() {
        while outer
            .lines
            .get(from)
            .is_some_and(|start| start.at < line.offset)
        {
            from += 1;
        }
        let next_at = inner
            .lines
            .get(index + 1)
            .map_or(narrow(inner.text.len()), |next| next.at);
        // mostly there is one; a line that was cut in two has more, but the inner line is one
        let mut end = None;
        while let Some(start) = outer.lines.get(from) {
            let at = if start.at == line.offset {
                line.at
            } else {
                let end =
                    *end.get_or_insert_with(|| narrow(line_end(&outer.text, line.offset as usize)));
                if start.at >= end {
                    break;
                }
                next_at.saturating_sub(end - start.at).max(line.at)
            };
            table.push(LineStart { at, ..*start });
            from += 1;
        }
    }
    table
}
