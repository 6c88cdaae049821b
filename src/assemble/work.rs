//! Handshakes in the making, in pieces that never move.
//!
//! A log can hold a hundred thousand handshakes: one list would be copied as it grows, and be there
//! twice when the handshakes are taken out of it.

use std::ops::{Index, IndexMut};

use super::Open;

const PIECE: usize = 1 << 10;

/// A list that grows piece by piece.
#[derive(Debug, Default, Clone)]
pub(super) struct Work {
    pieces: Vec<Vec<Open>>,
}

impl Work {
    pub(super) fn len(&self) -> usize {
        match self.pieces.split_last() {
            Some((last, full)) => full.len() * PIECE + last.len(),
            None => 0,
        }
    }

    pub(super) fn push(&mut self, open: Open) {
        if self.pieces.last().is_none_or(|last| last.len() == PIECE) {
            // most logs hold few
            let size = if self.pieces.is_empty() { 4 } else { PIECE };
            self.pieces.push(Vec::with_capacity(size));
        }
        if let Some(last) = self.pieces.last_mut() {
            last.push(open);
        }
    }

    /// With their numbers, the latest first.
    pub(super) fn latest(&self) -> impl Iterator<Item = (usize, &Open)> {
        (0..self.len()).rev().map(|index| (index, &self[index]))
    }

    /// All of them; each piece is given back when it is done with.
    pub(super) fn into_all(self) -> impl Iterator<Item = Open> {
        self.pieces.into_iter().flatten()
    }
}

impl Index<usize> for Work {
    type Output = Open;

    fn index(&self, index: usize) -> &Open {
        &self.pieces[index / PIECE][index % PIECE]
    }
}

impl IndexMut<usize> for Work {
    fn index_mut(&mut self, index: usize) -> &mut Open {
        &mut self.pieces[index / PIECE][index % PIECE]
    }
}
