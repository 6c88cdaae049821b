//! What was met lately, to be shared: handshakes fail in the same words again and again.

use std::{collections::VecDeque, sync::Arc};

/// The latest values, each once.
#[derive(Debug, Clone)]
pub(super) struct Lately<T>(VecDeque<T>);

impl<T> Default for Lately<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T> Lately<T> {
    /// A look at more would cost more than it saves.
    const MOST: usize = 32;

    /// The value that `is_meant`, or else a new one.
    pub(super) fn get_or_insert_with(
        &mut self,
        is_meant: impl Fn(&T) -> bool,
        make: impl FnOnce() -> T,
    ) -> &T {
        let at = self.0.iter().position(is_meant).unwrap_or_else(|| {
            if self.0.len() >= Self::MOST {
                self.0.pop_front();
            }
            self.0.push_back(make());
            self.0.len() - 1
        });
        &self.0[at]
    }
}

impl Lately<Arc<str>> {
    /// Equal words are kept once.
    pub(super) fn share(&mut self, words: &mut Arc<str>) {
        let known = self.get_or_insert_with(|known| known == words, || Arc::clone(words));
        *words = Arc::clone(known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_words_are_kept_once() {
        let mut lately = Lately::default();
        let (mut first, mut again): (Arc<str>, Arc<str>) = ("a".into(), "a".into());
        lately.share(&mut first);
        lately.share(&mut again);
        assert!(Arc::ptr_eq(&first, &again));
    }

    #[test]
    fn the_oldest_makes_room() {
        let mut lately = Lately::default();
        for number in 0..=Lately::<usize>::MOST {
            assert_eq!(*lately.get_or_insert_with(|_| false, || number), number);
        }
        assert_eq!(lately.0.len(), Lately::<usize>::MOST);
        assert_eq!(lately.0.front(), Some(&1));
    }
}
