//! Words into lines.

/// Breaks `text` into lines of at most `width` characters, at blanks; a longer word stays whole.
pub(in crate::render) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(20);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// At most `width` characters, with `…` where something was cut.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_blanks() {
        assert_eq!(
            wrap("aaaaaaaaaa bbbbbbbbbb cccccccccc", 21),
            ["aaaaaaaaaa bbbbbbbbbb", "cccccccccc"]
        );
        assert_eq!(wrap(&"x".repeat(50), 21), ["x".repeat(50)]);
        assert!(wrap("", 40).is_empty());
    }

    #[test]
    fn what_is_cut_is_marked() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("äöü", 3), "äöü");
    }
}
