//! What a report is made from: logs that were analysed and reports that were saved. Each input is a section, which
//! knows where its handshakes are, and which of them are wanted and told.

use super::{
    Brief, SelectionView,
    saved::{Saved, SavedInput},
};
use crate::{diagnose::Diagnosis, drive::Analysis, input::Origin};

/// One analysed input with its name and its diagnosis.
#[derive(Debug)]
pub struct Analysed {
    /// The path as given, or `standard input`.
    pub path: String,
    /// Where its bytes came from.
    pub origin: Origin,
    /// What was read.
    pub analysis: Analysis,
    /// What it means.
    pub diagnosis: Diagnosis,
}

/// What a report can be made from.
#[derive(Debug)]
pub enum Subject {
    /// An analysed log.
    Log(Box<Analysed>),
    /// A report that was saved as JSON.
    Saved(Saved),
}

/// One input of the report.
#[derive(Debug, Clone)]
pub(super) struct Section<'a> {
    pub(super) source: Source<'a>,
    /// Handshakes before it: ids run through the whole report.
    pub(super) before: u32,
    /// The places in the source of the handshakes that are wanted; `None` for all.
    pub(super) wanted: Option<Vec<u32>>,
    /// What they were chosen by.
    pub(super) filter: Option<String>,
    /// The positions, among those that are wanted, of the handshakes that are told; `None` for all.
    pub(super) told: Option<Vec<usize>>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    Log(&'a Analysed),
    Saved(&'a SavedInput),
}

impl<'a> Section<'a> {
    /// An input of which all handshakes are wanted and told.
    pub(super) fn new(source: Source<'a>, before: u32) -> Self {
        Self {
            source,
            before,
            wanted: None,
            filter: None,
            told: None,
        }
    }

    /// Handshakes in the source.
    pub(super) fn all(&self) -> usize {
        match self.source {
            Source::Log(input) => input.analysis.assembly.handshakes.len(),
            Source::Saved(saved) => saved.handshakes.len(),
        }
    }

    /// Handshakes that are wanted.
    pub(super) fn count(&self) -> usize {
        self.wanted.as_ref().map_or_else(|| self.all(), Vec::len)
    }

    /// The place in the source of the handshake at this position among those that are wanted.
    pub(super) fn place(&self, position: usize) -> u32 {
        match &self.wanted {
            Some(wanted) => wanted[position],
            None => u32::try_from(position).unwrap_or(u32::MAX),
        }
    }

    /// The position of the handshake with this id among those that are wanted.
    pub(super) fn position(&self, id: u32) -> Option<usize> {
        let own = id.checked_sub(self.before)?;
        let place = match self.source {
            // ids count them
            Source::Log(_) => own.checked_sub(1)? as usize,
            Source::Saved(saved) => saved
                .handshakes
                .binary_search_by_key(&own, |handshake| handshake.id)
                .ok()?,
        };
        match &self.wanted {
            None => (place < self.all()).then_some(place),
            Some(wanted) => wanted.binary_search(&u32::try_from(place).ok()?).ok(),
        }
    }

    /// What a saved report says of itself.
    pub(super) fn saved_selection(&self) -> Option<&'a SelectionView> {
        match self.source {
            Source::Log(_) => None,
            Source::Saved(saved) => saved.input.selection.as_ref(),
        }
    }

    pub(super) fn brief(&self, position: usize) -> Brief<'a> {
        let (place, before) = (self.place(position) as usize, self.before);
        match self.source {
            Source::Log(Analysed {
                analysis,
                diagnosis,
                ..
            }) => Brief::of_log(
                &analysis.assembly.handshakes[place],
                &diagnosis.by_handshake[place],
                before,
            ),
            Source::Saved(saved) => Brief::of_saved(&saved.handshakes[place], before),
        }
    }

    /// The highest id in it, or before it.
    pub(super) fn last_id(&self) -> u32 {
        let own = match self.source {
            Source::Log(_) => u32::try_from(self.all()).unwrap_or(u32::MAX),
            Source::Saved(saved) => saved.handshakes.last().map_or(0, |last| last.id),
        };
        self.before.saturating_add(own)
    }
}
