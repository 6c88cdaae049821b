//! A text that was turned round, and the way back from it to the places of the input.

use super::Span;

/// Text whose lines, or pieces of several lines, stand in the opposite order of the input's.
pub struct Turned {
    text: Vec<u8>,
    line_feeds: u64,
    /// The last line of the input had no end.
    unended: bool,
    /// Where pieces of several lines went, in the order of the text; `None` where each line is a piece.
    pieces: Option<Vec<Piece>>,
}

/// Where a piece of several lines begins: here, and in the input.
#[derive(Debug, Clone, Copy)]
struct Piece {
    at: (u64, u64),
    was: (u64, u64),
}

impl Turned {
    /// The last line first.
    pub fn by_lines(text: Vec<u8>) -> Self {
        let mut turned = Self::mirrored(text);
        let mut rest = &mut turned.text[..];
        // what was a line begins with its line feed now
        while !rest.is_empty() {
            let len = memchr::memchr(b'\n', &rest[1..]).map_or(rest.len(), |feed| feed + 1);
            let (line, behind) = rest.split_at_mut(len);
            line.reverse();
            rest = behind;
        }
        turned
    }

    /// The last piece first; `starts` are those of the pieces, each at the beginning of a line, the first at 0.
    pub fn by_pieces(text: Vec<u8>, starts: &[usize]) -> Self {
        let ended = text.len() + usize::from(!text.ends_with(b"\n"));
        let mut pieces = Vec::with_capacity(starts.len());
        let (mut was, mut line) = (0, 0);
        for &start in starts {
            line += memchr::memchr_iter(b'\n', &text[was..start]).count() as u64;
            was = start;
            pieces.push(Piece {
                at: (0, 0),
                was: (start as u64, line),
            });
        }
        pieces.reverse();
        let mut turned = Self::mirrored(text);
        let (mut at, mut lines, mut end) = (0, 0, ended);
        for piece in &mut pieces {
            piece.at = (at as u64, lines);
            let start = usize::try_from(piece.was.0).unwrap_or(end).min(end);
            let text = &mut turned.text[at..at + (end - start)];
            text.reverse();
            lines += memchr::memchr_iter(b'\n', text).count() as u64;
            (at, end) = (at + (end - start), start);
        }
        turned.pieces = Some(pieces);
        turned
    }

    /// All bytes in the opposite order. The last line is ended first: it will not be the last.
    fn mirrored(mut text: Vec<u8>) -> Self {
        let unended = !text.is_empty() && !text.ends_with(b"\n");
        if unended {
            text.push(b'\n');
        }
        text.reverse();
        Self {
            unended,
            line_feeds: memchr::memchr_iter(b'\n', &text).count() as u64,
            text,
            pieces: None,
        }
    }

    /// The text as it is to be read.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The text has a line feed that the input has not.
    pub fn was_unended(&self) -> bool {
        self.unended
    }

    /// Where in the input something stands that was read at `span` of the text. Its order stays that of the text.
    pub fn place(&self, span: Span) -> Span {
        match &self.pieces {
            None => self.line_of(span),
            Some(pieces) => {
                let next = pieces.partition_point(|piece| piece.at.0 <= span.offset());
                let piece = &pieces[next.saturating_sub(1)];
                let offset = piece.was.0 + (span.offset() - piece.at.0);
                let line = piece.was.1 + span.line().saturating_sub(piece.at.1);
                Span::turned(offset, line, span.len(), false)
            }
        }
    }

    fn line_of(&self, span: Span) -> Span {
        let at = usize::try_from(span.offset()).unwrap_or(usize::MAX);
        let at = at.min(self.text.len());
        let start = memchr::memrchr(b'\n', &self.text[..at]).map_or(0, |feed| feed + 1);
        let end =
            memchr::memchr(b'\n', &self.text[at..]).map_or(self.text.len(), |feed| at + feed + 1);
        // as much of the input stands before the line as of the text behind it
        let offset = self.text.len() - end + (at - start);
        let line = (self.line_feeds + 1).saturating_sub(span.line()).max(1);
        Span::turned(offset as u64, line, span.len(), true)
    }
}

impl std::fmt::Debug for Turned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pieces = self.pieces.as_ref().map(Vec::len);
        write!(f, "{} bytes in {pieces:?} pieces", self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every line of the turned text leads back to the same line of the input.
    fn leads_back(input: &str, turned: &Turned, wanted: &str) {
        let text = std::str::from_utf8(turned.text()).unwrap();
        assert_eq!(text, wanted);
        let mut at = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            for inside in [0, line.len() - 1] {
                let span = Span::new((at + inside) as u64, number as u64 + 1, 1);
                let place = turned.place(span);
                let offset = usize::try_from(place.offset()).unwrap();
                assert!(
                    input[offset - inside..].starts_with(line.trim_end()),
                    "{line}"
                );
                let before = input[..offset].matches('\n').count() as u64;
                assert_eq!(place.line(), before + 1, "{line}");
            }
            at += line.len();
        }
    }

    #[test]
    fn lines_lead_back() {
        for input in ["c\nbb\n\naaa\n", "c\nbb\n\naaa"] {
            let turned = Turned::by_lines(input.into());
            leads_back(input, &turned, "aaa\n\nbb\nc\n");
            let place = |line| turned.place(Span::new(0, line, 1));
            // further down in the entry is further up in the input
            assert_eq!(place(1).line(), 4);
            assert_eq!(place(1).down(2_u32).line(), 2);
            assert_eq!(place(1).down(9_u32).line(), 1);
        }
        assert_eq!(Turned::by_lines(Vec::new()).text(), b"");
    }

    #[test]
    fn pieces_lead_back() {
        for input in ["[c]\n1\n2\n[b]\n[a]\n\n", "[c]\n1\n2\n[b]\n[a]\n"] {
            let starts = [0, 8, 12];
            let turned = Turned::by_pieces(input.into(), &starts);
            let wanted = format!("{}[b]\n[c]\n1\n2\n", &input[12..]);
            leads_back(input, &turned, &wanted);
            let last = turned.place(Span::new(
                wanted.len() as u64 - 8,
                wanted.matches('\n').count() as u64 - 2,
                1,
            ));
            assert_eq!(
                (last.offset(), last.line(), last.down(2_u32).line()),
                (0, 1, 3)
            );
        }
    }

    #[test]
    fn the_order_is_that_of_the_text() {
        let turned = Turned::by_lines(b"c\nb\na\n".to_vec());
        let places = [0, 1, 2].map(|n| turned.place(Span::new(n * 2, n + 1, 1)));
        assert!(places.is_sorted());
        assert_eq!(places.map(Span::line), [3, 2, 1]);
    }
}
