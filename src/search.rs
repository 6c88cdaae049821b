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

/// Which sequences of three bytes some texts have: a search for words that are not there ends here.
///
/// A Bloom filter of 1024 bits; a few sentences set a fifth of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sieve([u64; Self::WORDS]);

impl Default for Sieve {
    /// Lets everything through.
    fn default() -> Self {
        Self([u64::MAX; Self::WORDS])
    }
}

impl Sieve {
    const WORDS: usize = 16;

    /// Of all these texts together.
    pub(crate) fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut sieve = Self([0; Self::WORDS]);
        for text in texts {
            for three in text.as_bytes().windows(3) {
                let (word, bit) = Self::place(three);
                sieve.0[word] |= bit;
            }
        }
        sieve
    }

    /// `false` where none of the texts holds `words`.
    #[inline]
    pub(crate) fn may_hold(&self, words: &str) -> bool {
        let words = words.as_bytes();
        let Some(last) = words.len().checked_sub(3) else {
            return true;
        };
        [last, last / 2, 0].iter().all(|&at| {
            let (word, bit) = Self::place(&words[at..at + 3]);
            self.0[word] & bit != 0
        })
    }

    #[inline]
    fn place(three: &[u8]) -> (usize, u64) {
        let number = u32::from(three[0]) | u32::from(three[1]) << 8 | u32::from(three[2]) << 16;
        let hash = number.wrapping_mul(0x9E37_79B1) >> 22;
        ((hash >> 6) as usize, 1 << (hash & 63))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sieve_never_holds_back_what_is_there() {
        let texts = [
            "PKIX path building failed",
            "unable to find valid certification path",
            "x",
            "",
        ];
        let sieve = Sieve::of(texts);
        for text in texts {
            for start in 0..text.len() {
                for end in start..=text.len() {
                    assert!(sieve.may_hold(&text[start..end]), "{}", &text[start..end]);
                }
            }
        }
        assert!(!sieve.may_hold("no cipher suites in common"));
        assert!(Sieve::default().may_hold("no cipher suites in common"));
    }

    #[test]
    fn words_are_found_where_they_begin_first() {
        assert_eq!(find(b"a, b, c", b", "), Some(1));
        assert_eq!(find(b"aab", b"ab"), Some(1));
        assert_eq!(find(b"ab", b"abc"), None);
        assert_eq!(find(b"ab", b""), Some(0));
        assert!(holds("no cipher suites in common", "in common") && !holds("", "x"));
    }
}
