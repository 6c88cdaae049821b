//! Texts in which nothing was found that could be a secret: what a report says of one handshake it says of many, and
//! to know a text again takes a tenth of the time that it takes to look through it.

use std::{cell::RefCell, collections::HashSet, ops::RangeInclusive};

use foldhash::quality::RandomState;

/// Shorter texts are looked through as fast, longer ones are not said often.
const WORTH: RangeInclusive<usize> = 32..=2048;
/// So many are remembered.
const MOST: usize = 512;

thread_local! {
    /// Those met lately on this thread.
    static LATELY: RefCell<HashSet<Box<str>, RandomState>> = RefCell::default();
}

/// Whether this very text was found to be clean before.
pub(super) fn is_known(text: &str) -> bool {
    WORTH.contains(&text.len()) && LATELY.with_borrow(|lately| lately.contains(text))
}

/// The text has no secret.
pub(super) fn remember(text: &str) {
    if !WORTH.contains(&text.len()) {
        return;
    }
    LATELY.with_borrow_mut(|lately| {
        if lately.len() >= MOST {
            lately.clear();
        }
        lately.insert(text.into());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_other_text_is_known() {
        let text = "a text that is said of many handshakes";
        assert!(!is_known(text));
        remember(text);
        assert!(is_known(text));
        assert!(!is_known(&text.replace("many", "more")));
        remember("short");
        assert!(!is_known("short"));
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        for number in 0..2 * MOST {
            remember(&format!(
                "a text that is said once, with its number {number}"
            ));
        }
        assert!(LATELY.with_borrow(|lately| lately.len() <= MOST));
    }
}
