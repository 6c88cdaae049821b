//! The Log tab: which lines of the log are wanted, and the marks that lead back to them.

use std::collections::HashSet;

use super::{
    action::Move,
    data::Id,
    doc::{At, Doc},
    log_lines::Lines,
    model::{Detail, Effect, Log, Model, Place},
    tabs::{self, Tab},
    update::{keep_in_view, refresh_doc, show},
};

impl Detail {
    /// The place in the log of the line under the cursor.
    pub(super) fn place_in_log(&self) -> Option<At> {
        let cursor = self.places[self.tab.index()].cursor;
        self.doc.lines.get(cursor).and_then(|line| line.at)
    }

    /// Every line of the log is shown.
    pub(super) fn shows_whole_log(&self) -> bool {
        self.tab == Tab::Log && self.log.whole
    }
}

/// Asks for the lines of this handshake.
pub(super) fn own_lines(model: &Model) -> Vec<Effect> {
    let Some(detail) = &model.detail else {
        return Vec::new();
    };
    let steps = model.data.handshake(detail.id).steps.iter();
    let mut spans: Vec<(u64, u64, u64)> = steps
        .map(|step| (step.span.offset(), step.span.line(), step.span.len()))
        .collect();
    spans.sort_unstable();
    spans.dedup_by_key(|span| span.0);
    vec![Effect::ReadEntries(detail.id.input, spans)]
}

/// From a line that points into the log to that line; from one that does not, to the next that does.
pub(super) fn to_the_log(model: &mut Model) -> Vec<Effect> {
    let Some(detail) = &mut model.detail else {
        return Vec::new();
    };
    if detail.shows_whole_log() {
        return Vec::new();
    }
    let cursor = detail.places[detail.tab.index()].cursor;
    let mut below = detail.doc.lines.iter().skip(cursor);
    let Some(at) = below.find_map(|line| line.at) else {
        model.message = Some("from here on nothing points into the log".to_owned());
        return Vec::new();
    };
    detail.log.back_to.get_or_insert(detail.tab);
    if detail.tab == Tab::Log {
        detail.log.back_to = None;
    }
    detail.log.whole = true;
    detail.tab = Tab::Log;
    let id = detail.id;
    vec![read_around(model, id, at)]
}

/// Asks for the lines around a place. The line of a finding's evidence may be inside of the entry that its
/// offset is of; the steps of a handshake are known exactly.
fn read_around(model: &Model, id: Id, at: At) -> Effect {
    let steps = model.data.handshake(id).steps.iter();
    let places = steps.map(|step| At {
        line: step.span.line(),
        offset: step.span.offset(),
    });
    let known = places.min_by_key(|place| place.offset.abs_diff(at.offset));
    Effect::ReadAround {
        input: id.input,
        at,
        known: known.unwrap_or(at),
    }
}

/// The lines around a place of which line and offset are exact.
fn exactly(id: Id, at: At) -> Effect {
    Effect::ReadAround {
        input: id.input,
        at,
        known: at,
    }
}

/// All lines, or those of this handshake.
pub(super) fn whole_log(model: &mut Model) -> Vec<Effect> {
    let Some(detail) = &mut model.detail else {
        return Vec::new();
    };
    if detail.tab != Tab::Log {
        return Vec::new();
    }
    detail.log.whole = !detail.log.whole;
    if !detail.log.whole {
        return own_lines(model);
    }
    let handshake = model.data.handshake(detail.id).first_span();
    let first = At {
        line: handshake.line(),
        offset: handshake.offset(),
    };
    let at = detail.place_in_log().unwrap_or(first);
    vec![exactly(detail.id, at)]
}

/// Where every line is shown and the cursor comes to an edge of what was read: what is beyond it.
pub(super) fn beyond(model: &mut Model, to: Move) -> Vec<Effect> {
    let Some(detail) = model.detail.as_ref().filter(|open| open.shows_whole_log()) else {
        return Vec::new();
    };
    let id = detail.id;
    let (cursor, last) = (
        detail.places[Tab::Log.index()].cursor,
        detail.doc.lines.len().saturating_sub(1),
    );
    let at = match to {
        Move::Top => Some(At { line: 1, offset: 0 }),
        Move::Bottom => {
            let end = model.data.last_line(id.input);
            let here = detail.place_in_log();
            if end.is_none() {
                model.message = Some("the log is still being read".to_owned());
            }
            end.or(here)
        }
        _ if cursor == 0 || cursor == last => detail.place_in_log(),
        _ => None,
    };
    at.map(|at| exactly(id, at)).into_iter().collect()
}

/// Asks for a line by its number.
pub(super) fn go_to_line(model: &mut Model, line: u64) -> Vec<Effect> {
    let Some(detail) = &mut model.detail else {
        return Vec::new();
    };
    detail.log.whole = true;
    let known = detail.place_in_log();
    let input = detail.id.input;
    vec![Effect::ReadLine {
        input,
        line,
        known: known.unwrap_or(At { line: 1, offset: 0 }),
    }]
}

/// Takes lines of the log.
pub(super) fn show_lines(model: &mut Model, lines: Lines) {
    let Some(detail) = &mut model.detail else {
        return;
    };
    let cursor = detail.log.wanted.take().unwrap_or(lines.cursor);
    detail.log.whole = lines.whole;
    detail.log.lines = lines;
    if detail.tab == Tab::Log {
        refresh_doc(model);
    }
    let rows = model.doc_height();
    let Some(detail) = &mut model.detail else {
        return;
    };
    let found = detail
        .doc
        .lines
        .iter()
        .position(|line| line.at.is_some_and(|at| at.line == cursor));
    let place = &mut detail.places[Tab::Log.index()];
    place.cursor = found.unwrap_or(0);
    place.first = place.cursor.saturating_sub(rows / 3);
    keep_in_view(model);
}

/// The text of the tab.
pub(super) fn doc(log: &Log, own: impl Iterator<Item = u64>) -> Doc {
    if !log.lines.whole {
        return tabs::of_entries(&log.lines);
    }
    let own: HashSet<u64> = own.collect();
    tabs::of_lines(&log.lines, |number| own.contains(&number))
}

/// Reads the lines that are shown once more.
pub(super) fn reread(model: &mut Model) -> Vec<Effect> {
    let Some(detail) = &mut model.detail else {
        return Vec::new();
    };
    let at = detail.place_in_log();
    let (in_log, whole) = (detail.tab == Tab::Log, detail.shows_whole_log());
    detail.log.lines = Lines::default();
    detail.log.wanted = at.map(|at| at.line);
    match at {
        Some(at) if whole => vec![exactly(detail.id, at)],
        _ if in_log => own_lines(model),
        _ => {
            (detail.log.whole, detail.log.wanted) = (false, None);
            Vec::new()
        }
    }
}

/// Remembers this place, or goes to one that was remembered.
pub(super) fn mark(model: &mut Model, set: bool, name: char) -> Vec<Effect> {
    if set {
        let place = match &model.detail {
            Some(detail) => Some(Place {
                id: detail.id,
                tab: Some((detail.tab, detail.places[detail.tab.index()])),
                line: detail.place_in_log(),
                whole: detail.shows_whole_log(),
            }),
            None => model.list.selected().map(|id| Place {
                id,
                tab: None,
                line: None,
                whole: false,
            }),
        };
        if let Some(place) = place {
            model.marks.insert(name, place);
            model.message = Some(format!("marked as {name}; '{name} comes back"));
        }
        return Vec::new();
    }
    let known = model.marks.get(&name).copied();
    let Some(place) = known.filter(|place| model.data.has(place.id)) else {
        model.message = Some(format!("there is no mark {name}"));
        return Vec::new();
    };
    model.list.go_to(place.id, false);
    let Some((tab, scroll)) = place.tab else {
        model.detail = None;
        return Vec::new();
    };
    let mut effects = show(model, place.id, tab);
    let Some(detail) = &mut model.detail else {
        return effects;
    };
    detail.places[tab.index()] = scroll;
    if tab == Tab::Log {
        detail.log.wanted = place.line.map(|at| at.line);
        if let Some(at) = place.line.filter(|_| place.whole) {
            effects = vec![exactly(place.id, at)];
        }
    }
    refresh_doc(model);
    effects
}
