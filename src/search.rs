//! Finding a few words in a short text.
//!
//! `str::contains` and `memchr::memmem::find` prepare a search that pays on long texts; here the texts
//! are lines, asked about many times, and the preparation would cost more than the search.

/// Where `words` begin in `text` first.
pub(crate) fn find(text: &[u8], words: &[u8]) -> Option<usize> {
    let Some(&first) = words.first() else {
        return Some(0);
    };
    memchr::memchr_iter(first, text).find(|&at| text[at..].starts_with(words))
}

/// Whether `text` holds `words`.
pub(crate) fn holds(text: &str, words: &str) -> bool {
    find(text.as_bytes(), words.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_where_they_begin_first() {
        assert_eq!(find(b"a, b, c", b", "), Some(1));
        assert_eq!(find(b"aab", b"ab"), Some(1));
        assert_eq!(find(b"ab", b"abc"), None);
        assert_eq!(find(b"ab", b""), Some(0));
        assert!(holds("no cipher suites in common", "in common") && !holds("", "x"));
    }
}
