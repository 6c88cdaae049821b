//! How the model changes: one action after the other, without a terminal or a file.

use super::{
    action::{Action, Move, Turn},
    data::{Id, News},
    doc::{At, Doc, DocLine},
    help,
    list::Item,
    menu,
    model::{
        Detail, Effect, Export, ExportFormat, Log, Model, Overlay, Place, Prompt, PromptKind,
        Scroll,
    },
    source::Lines,
    tabs::{self, Tab},
};
use crate::{
    handshake::Outcome,
    redact::Redactor,
    report::{Filter, Moment},
};

/// Columns of the chart of failures.
const SPARKS: usize = 240;

/// Takes an action; gives what is to be done outside.
pub fn update(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::News(news) => return news_of(model, news),
        Action::Resize(columns, rows) => {
            model.size = (columns, rows);
            refresh_doc(model);
            keep_in_view(model);
            return Vec::new();
        }
        Action::Log(lines) => {
            show_lines(model, lines);
            return Vec::new();
        }
        Action::LogFound(found) => {
            match found {
                Ok(lines) => show_lines(model, lines),
                Err(why) => model.message = Some(why),
            }
            return Vec::new();
        }
        Action::Redacted(redactor) => return redacted(model, redactor),
        Action::Say(words) => {
            model.message = Some(words);
            return Vec::new();
        }
        _ => {}
    }
    model.message = None;
    let effects = if model.overlay.is_some() {
        on_overlay(model, action)
    } else {
        on_screen(model, &action)
    };
    keep_in_view(model);
    effects
}

fn news_of(model: &mut Model, news: News) -> Vec<Effect> {
    match news {
        News::Input { index, analysed } => {
            let before = model.data.take(index, *analysed);
            model.list.refresh(&model.data);
            model.sparkline = model.data.failures_over_time(SPARKS);
            if model
                .detail
                .as_ref()
                .is_some_and(|open| !model.data.has(open.id))
            {
                model.detail = None;
            }
            refresh_doc(model);
            keep_in_view(model);
            let drop = before.map(|before| Effect::Drop(Box::new(before)));
            return drop.into_iter().collect();
        }
        News::Progress(progress) => model.progress = Some(progress),
        News::Complaint(words) => {
            model.message = Some(words.clone());
            model.complaints.push(words);
        }
        News::Done => model.progress = None,
    }
    Vec::new()
}

/// Takes names out of all that is shown from now on, or shows them.
fn redacted(model: &mut Model, redactor: Option<Box<Redactor>>) -> Vec<Effect> {
    model.data.redact_with(redactor.map(|redactor| *redactor));
    let now = if model.data.is_redacted() {
        "names are replaced by tokens; r shows them"
    } else {
        "names are shown"
    };
    model.message = Some(now.to_owned());
    let lines = reread(model);
    refresh_doc(model);
    lines
}

/// Reads the lines that are shown once more.
fn reread(model: &mut Model) -> Vec<Effect> {
    let Some(detail) = &mut model.detail else {
        return Vec::new();
    };
    let place = detail.places[Tab::Log.index()].cursor;
    let at = detail.doc.lines.get(place).and_then(|line| line.at);
    let (whole, in_log, id) = (detail.log.whole, detail.tab == Tab::Log, detail.id);
    detail.log.lines = Lines::default();
    match at {
        Some(at) if in_log && whole => vec![Effect::ReadAround {
            input: id.input,
            at,
            known: at,
        }],
        _ if in_log => own_lines(model),
        _ => {
            detail.log.whole = false;
            Vec::new()
        }
    }
}

fn on_overlay(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(overlay) = &mut model.overlay else {
        return Vec::new();
    };
    match (overlay, action) {
        (Overlay::Prompt(prompt), Action::Character(c)) => {
            prompt.text.push(c);
            prompt.error = None;
        }
        (Overlay::Prompt(prompt), Action::Erase) => {
            prompt.error = None;
            if prompt.text.pop().is_none() {
                model.overlay = None;
            }
        }
        (Overlay::Prompt(prompt), Action::EraseAll) => prompt.text.clear(),
        (Overlay::Prompt(_), Action::Open) => return answered(model),
        (Overlay::Menu(menu), Action::Character(c)) => {
            let chosen = menu.items.iter().position(|(key, ..)| *key == c);
            match chosen {
                Some(chosen) => return menu::choose(model, chosen),
                None if c == 'j' => menu.cursor = (menu.cursor + 1).min(menu.items.len() - 1),
                None if c == 'k' => menu.cursor = menu.cursor.saturating_sub(1),
                None => model.overlay = None,
            }
        }
        (Overlay::Menu(menu), Action::Move(Move::By(rows))) => {
            let last = menu.items.len().saturating_sub(1);
            menu.cursor = menu.cursor.saturating_add_signed(rows).min(last);
        }
        (Overlay::Menu(menu), Action::Open) => {
            let chosen = menu.cursor;
            return menu::choose(model, chosen);
        }
        (Overlay::Mark(set), Action::Character(c)) => {
            let set = *set;
            model.overlay = None;
            return mark(model, set, c);
        }
        (Overlay::Text { doc, scroll, .. }, Action::Move(to)) => {
            let rows = usize::from(model.size.1).saturating_sub(4).max(1);
            let last = doc.lines.len().saturating_sub(rows);
            scroll.first = moved(scroll.first, to, rows, last);
        }
        (
            Overlay::Text { .. },
            Action::Quit | Action::Help | Action::CommandLine | Action::Back,
        ) => {
            model.overlay = None;
        }
        (_, Action::Quit | Action::Back) => model.overlay = None,
        _ => {}
    }
    Vec::new()
}

fn on_screen(model: &mut Model, action: &Action) -> Vec<Effect> {
    match *action {
        Action::Quit => return vec![Effect::Quit],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Back => back(model),
        Action::Open => return open(model),
        Action::Move(to) => return go(model, to),
        Action::Click(row) => return click(model, row),
        Action::Sideways(columns) => sideways(model, columns),
        Action::Tab(turn) => {
            let count = Tab::ALL.len();
            let now = model.detail.as_ref().map_or(0, |detail| detail.tab.index());
            let step = if turn == Turn::Next { 1 } else { count - 1 };
            return show_tab(model, Tab::ALL[(now + step) % count]);
        }
        Action::TabNumber(number) => {
            if let Some(&tab) = Tab::ALL.get(number.wrapping_sub(1)) {
                return show_tab(model, tab);
            }
        }
        Action::Search => ask(model, PromptKind::Search, String::new()),
        Action::Match(turn) => return find(model, turn),
        Action::Filter => {
            let now = model.list.filter.to_string();
            ask(model, PromptKind::Filter, now);
        }
        Action::ToggleFilter => toggle_filter(model),
        Action::FailuresOnly => {
            model.list.failures_only = !model.list.failures_only;
            model.list.refresh(&model.data);
        }
        Action::Failure(turn) => return failure(model, turn),
        Action::JumpToTime => ask(model, PromptKind::Time, String::new()),
        Action::SetMark => model.overlay = Some(Overlay::Mark(true)),
        Action::GoToMark => model.overlay = Some(Overlay::Mark(false)),
        Action::Sort => {
            model.list.sort_next();
            sorted(model);
        }
        Action::ReverseSort => {
            model.list.reverse = !model.list.reverse;
            sorted(model);
        }
        Action::Group => {
            model.list.group_next();
            model.list.refresh(&model.data);
            model.message = Some(format!("rows: {}", model.list.grouping.name()));
        }
        Action::Wrap => {
            if let Some(detail) = &mut model.detail {
                detail.wrap = !detail.wrap;
            }
            refresh_doc(model);
        }
        Action::WholeLog => return whole_log(model),
        Action::Copy => menu::copy(model),
        Action::Export => menu::export(model),
        Action::Redact => return vec![Effect::Redact(!model.data.is_redacted())],
        Action::CommandLine => menu::command_line(model),
        Action::Help => {
            model.overlay = Some(Overlay::Text {
                title: "Help".to_owned(),
                doc: help::doc(model),
                scroll: Scroll::default(),
            });
        }
        _ => {}
    }
    Vec::new()
}

fn sorted(model: &mut Model) {
    model.list.refresh(&model.data);
    let way = if model.list.reverse {
        ", backwards"
    } else {
        ""
    };
    model.message = Some(format!("sorted by {}{way}", model.list.sort.name()));
}

fn back(model: &mut Model) {
    match &mut model.detail {
        Some(detail) => match detail.log.back_to.take().filter(|_| detail.tab == Tab::Log) {
            Some(tab) => {
                detail.tab = tab;
                refresh_doc(model);
            }
            None => model.detail = None,
        },
        None => model.search.clear(),
    }
}

/// Opens what the cursor is on.
fn open(model: &mut Model) -> Vec<Effect> {
    if model.detail.is_some() {
        return to_the_log(model);
    }
    if model.list.toggle(&model.data) {
        return Vec::new();
    }
    let Some(id) = model.list.selected() else {
        return Vec::new();
    };
    let tab = match model.data.handshake(id).outcome {
        // what is wanted first of a failure is why
        Outcome::Failed if !model.data.findings(id).is_empty() => Tab::Diagnosis,
        _ => Tab::Timeline,
    };
    let tab = if model.width() >= 150 {
        Tab::Timeline
    } else {
        tab
    };
    show(model, id, tab)
}

/// Shows a handshake.
fn show(model: &mut Model, id: Id, tab: Tab) -> Vec<Effect> {
    model.detail = Some(Detail {
        id,
        tab,
        doc: Doc::default(),
        places: [Scroll::default(); Tab::ALL.len()],
        wrap: model.detail.as_ref().is_some_and(|detail| detail.wrap),
        log: Log::default(),
    });
    show_tab(model, tab)
}

fn show_tab(model: &mut Model, tab: Tab) -> Vec<Effect> {
    let Some(detail) = &mut model.detail else {
        return Vec::new();
    };
    detail.tab = tab;
    let effects = if tab == Tab::Log && detail.log.lines.lines.is_empty() {
        own_lines(model)
    } else {
        Vec::new()
    };
    refresh_doc(model);
    effects
}

/// Asks for the lines of this handshake.
fn own_lines(model: &Model) -> Vec<Effect> {
    let Some(detail) = &model.detail else {
        return Vec::new();
    };
    let steps = model.data.handshake(detail.id).steps.iter();
    let mut spans: Vec<(u64, u64, u64)> = steps
        .map(|step| (step.span.offset, step.span.line(), step.span.len()))
        .collect();
    spans.sort_unstable();
    spans.dedup_by_key(|span| span.0);
    vec![Effect::ReadEntries(detail.id.input, spans)]
}

/// From a line that points into the log to that line.
fn to_the_log(model: &mut Model) -> Vec<Effect> {
    let Some(detail) = &mut model.detail else {
        return Vec::new();
    };
    let place = detail.places[detail.tab.index()];
    let Some(at) = detail.doc.lines.get(place.cursor).and_then(|line| line.at) else {
        model.message = Some("this line points nowhere in the log".to_owned());
        return Vec::new();
    };
    if detail.tab == Tab::Log && detail.log.whole {
        return Vec::new();
    }
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
        offset: step.span.offset,
    });
    let known = places.min_by_key(|place| place.offset.abs_diff(at.offset));
    Effect::ReadAround {
        input: id.input,
        at,
        known: known.unwrap_or(at),
    }
}

fn whole_log(model: &mut Model) -> Vec<Effect> {
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
    let cursor = detail.places[Tab::Log.index()].cursor;
    let at = detail.doc.lines.get(cursor).and_then(|line| line.at);
    let handshake = model.data.handshake(detail.id).first_span();
    let first = At {
        line: handshake.line(),
        offset: handshake.offset,
    };
    let at = at.unwrap_or(first);
    vec![Effect::ReadAround {
        input: detail.id.input,
        at,
        known: at,
    }]
}

/// Takes lines of the log.
fn show_lines(model: &mut Model, lines: Lines) {
    let Some(detail) = &mut model.detail else {
        return;
    };
    let cursor = lines.cursor;
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

/// Makes the text of the tab anew.
fn refresh_doc(model: &mut Model) {
    let width = model.doc_width();
    let Some(detail) = &mut model.detail else {
        return;
    };
    let doc = if detail.tab == Tab::Log {
        let lines = &detail.log.lines;
        if lines.whole {
            let steps = &model.data.handshake(detail.id).steps;
            let own: std::collections::HashSet<u64> =
                steps.iter().map(|step| step.span.line()).collect();
            tabs::of_lines(lines, |number| own.contains(&number))
        } else {
            tabs::of_entries(lines)
        }
    } else {
        tabs::doc(detail.tab, &model.data, detail.id, width).shown(&model.data)
    };
    detail.doc = if detail.wrap { doc.folded(width) } else { doc };
    let last = detail.doc.lines.len().saturating_sub(1);
    let place = &mut detail.places[detail.tab.index()];
    place.cursor = place.cursor.min(last);
}

fn moved(now: usize, to: Move, rows: usize, last: usize) -> usize {
    let page = rows.saturating_sub(1).max(1);
    match to {
        Move::By(by) => now.saturating_add_signed(by),
        Move::Pages(pages) => now.saturating_add_signed(pages * page.cast_signed()),
        Move::Top => 0,
        Move::Bottom => last,
    }
    .min(last)
}

fn go(model: &mut Model, to: Move) -> Vec<Effect> {
    let rows = if model.detail.is_some() {
        model.doc_height()
    } else {
        model.list_height()
    };
    let Some(detail) = &mut model.detail else {
        let last = model.list.items().len().saturating_sub(1);
        model.list.cursor = moved(model.list.cursor, to, rows, last);
        return Vec::new();
    };
    let last = detail.doc.lines.len().saturating_sub(1);
    let place = &mut detail.places[detail.tab.index()];
    let before = place.cursor;
    place.cursor = moved(place.cursor, to, rows, last);
    let whole_log = detail.tab == Tab::Log && detail.log.whole;
    let at_an_edge = (place.cursor == 0 || place.cursor == last) && place.cursor != before;
    if !(whole_log && at_an_edge) {
        return Vec::new();
    }
    // what is beyond the lines that were read
    let at = detail.doc.lines.get(place.cursor).and_then(|line| line.at);
    let reads = |at: At| Effect::ReadAround {
        input: detail.id.input,
        at,
        known: at,
    };
    at.map(reads).into_iter().collect()
}

fn sideways(model: &mut Model, columns: isize) {
    if let Some(detail) = &mut model.detail {
        let widest = detail.doc.lines.iter().map(DocLine::width).max();
        let place = &mut detail.places[detail.tab.index()];
        let last = widest.unwrap_or(0).saturating_sub(8);
        place.columns = place.columns.saturating_add_signed(columns).min(last);
    }
}

/// A click puts the cursor there; on the cursor, it opens.
fn click(model: &mut Model, row: u16) -> Vec<Effect> {
    let row = usize::from(row);
    if let Some(detail) = &mut model.detail {
        const TOP: usize = 4;
        let place = &mut detail.places[detail.tab.index()];
        if row >= TOP && place.first + row - TOP < detail.doc.lines.len() {
            place.cursor = place.first + row - TOP;
        }
        return Vec::new();
    }
    let top = 4 + usize::from(model.shows_filter());
    let at = (row >= top).then(|| model.list.first + row - top);
    match at.filter(|&at| at < model.list.items().len()) {
        Some(at) if at == model.list.cursor => open(model),
        Some(at) => {
            model.list.cursor = at;
            Vec::new()
        }
        None => Vec::new(),
    }
}

fn toggle_filter(model: &mut Model) {
    if model.list.filter.is_empty() {
        model.message = Some("there is no filter; f sets one".to_owned());
        return;
    }
    model.list.filter_on = !model.list.filter_on;
    model.list.refresh(&model.data);
}

fn failure(model: &mut Model, turn: Turn) -> Vec<Effect> {
    let found = match &model.detail {
        None => model.list.failure(&model.data, turn),
        Some(detail) => {
            let (tab, id) = (detail.tab, detail.id);
            let next = next_failure(model, id, turn);
            if let Some(next) = next {
                model.list.go_to(next, false);
                return show(model, next, tab);
            }
            false
        }
    };
    if !found {
        model.message = Some("no other handshake failed here".to_owned());
    }
    Vec::new()
}

/// The next failed handshake in the order of the list, folded or not.
fn next_failure(model: &Model, id: Id, turn: Turn) -> Option<Id> {
    let ids = model.list.wanted_ids(&model.data);
    let at = ids.iter().position(|&other| other == id)?;
    let failed = |id: &&Id| model.data.handshake(**id).outcome == Outcome::Failed;
    match turn {
        Turn::Next => ids[at + 1..].iter().find(failed),
        Turn::Previous => ids[..at].iter().rev().find(failed),
    }
    .copied()
}

fn ask(model: &mut Model, kind: PromptKind, text: String) {
    model.overlay = Some(Overlay::Prompt(Prompt {
        kind,
        text,
        error: None,
    }));
}

/// Asks for the name of a file.
pub(super) fn ask_for_file(model: &mut Model, export: Export) {
    let what = if export.all {
        "handshakes".to_owned()
    } else {
        let id = model.detail.as_ref().map(|detail| detail.id);
        let id = id.or_else(|| model.list.selected());
        id.map_or(String::new(), |id| {
            format!("handshake-{}", model.data.number(id))
        })
    };
    let name = format!("{what}.{}", export.format.extension());
    ask(model, PromptKind::Export(export), name);
}

/// What was typed is taken.
fn answered(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Prompt(mut prompt)) = model.overlay.take() else {
        return Vec::new();
    };
    let result = match prompt.kind.clone() {
        PromptKind::Search => {
            model.search = prompt.text;
            return find(model, Turn::Next);
        }
        PromptKind::Filter => set_filter(model, &prompt.text).map(|()| Vec::new()),
        PromptKind::Time => go_to_time(model, &prompt.text).map(|()| Vec::new()),
        PromptKind::Export(export) => exported(model, export, &prompt.text),
    };
    result.unwrap_or_else(|error| {
        prompt.error = Some(error);
        model.overlay = Some(Overlay::Prompt(prompt));
        Vec::new()
    })
}

fn set_filter(model: &mut Model, text: &str) -> Result<(), String> {
    let filter: Filter = text
        .parse()
        .map_err(|error: crate::report::FilterError| error.to_string())?;
    model.list.filter = filter;
    model.list.filter_on = true;
    model.list.refresh(&model.data);
    Ok(())
}

fn go_to_time(model: &mut Model, text: &str) -> Result<(), String> {
    let moment: Moment = text
        .trim()
        .parse()
        .map_err(|error: crate::report::FilterError| error.to_string())?;
    let begun = |item: &Item| {
        let id = match item {
            Item::One(id, _) => Some(*id),
            Item::Group(group) => model.list.group(*group).members.first().copied(),
        };
        id.and_then(|id| model.data.handshake(id).started_at())
            .is_some_and(|at| !moment.is_after(at.millis))
    };
    let found = model.list.items().iter().position(begun);
    model.list.cursor = found.ok_or("no handshake begins then or later")?;
    Ok(())
}

fn exported(model: &Model, export: Export, path: &str) -> Result<Vec<Effect>, String> {
    let path = path.trim();
    if path.is_empty() {
        return Err("a file has a name".to_owned());
    }
    let open = model.detail.as_ref().map(|detail| detail.id);
    let ids = if export.all {
        model.list.wanted_ids(&model.data)
    } else {
        let one = open.or_else(|| model.list.selected());
        one.into_iter().collect()
    };
    Ok(vec![Effect::Export {
        ids,
        format: export.format,
        path: path.to_owned(),
    }])
}

/// The next match of what is searched for.
fn find(model: &mut Model, turn: Turn) -> Vec<Effect> {
    if model.search.is_empty() {
        return Vec::new();
    }
    let search = model.search.clone();
    let Some(detail) = &mut model.detail else {
        if !model.list.find(&model.data, &search, turn) {
            model.message = Some(format!("no row mentions `{search}`"));
        }
        return Vec::new();
    };
    let lines = &detail.doc.lines;
    let place = &mut detail.places[detail.tab.index()];
    if detail.tab == Tab::Log && detail.log.whole {
        let at = lines.get(place.cursor).and_then(|line| line.at);
        let input = detail.id.input;
        let find = |at: At| Effect::Find {
            input,
            offset: at.offset,
            line: at.line,
            text: search,
            turn,
        };
        return at.map(find).into_iter().collect();
    }
    let word = search.to_lowercase();
    let count = lines.len();
    let found = (1..=count)
        .map(|step| match turn {
            Turn::Next => (place.cursor + step) % count,
            Turn::Previous => (place.cursor + count - step) % count,
        })
        .find(|&at| lines[at].text().to_lowercase().contains(&word));
    match found {
        Some(found) => place.cursor = found,
        None => model.message = Some(format!("`{search}` is not in this text")),
    }
    Vec::new()
}

fn mark(model: &mut Model, set: bool, name: char) -> Vec<Effect> {
    if set {
        let place = match &model.detail {
            Some(detail) => {
                let scroll = detail.places[detail.tab.index()];
                Some((detail.id, Some((detail.tab, scroll))))
            }
            None => model.list.selected().map(|id| (id, None)),
        };
        if let Some((id, tab)) = place {
            model.marks.insert(name, Place { id, tab });
            model.message = Some(format!("marked as {name}; '{name} comes back"));
        }
        return Vec::new();
    }
    let Some(place) = model
        .marks
        .get(&name)
        .copied()
        .filter(|place| model.data.has(place.id))
    else {
        model.message = Some(format!("there is no mark {name}"));
        return Vec::new();
    };
    model.list.go_to(place.id, false);
    let Some((tab, scroll)) = place.tab else {
        model.detail = None;
        return Vec::new();
    };
    let effects = show(model, place.id, tab);
    if let Some(detail) = &mut model.detail {
        detail.places[tab.index()] = scroll;
    }
    effects
}

/// Scrolls so that the cursor is seen.
fn keep_in_view(model: &mut Model) {
    let rows = model.list_height();
    let list = &mut model.list;
    list.first = in_view(list.cursor, list.first, rows, list.items().len());
    let rows = model.doc_height();
    if let Some(detail) = &mut model.detail {
        let count = detail.doc.lines.len();
        let place = &mut detail.places[detail.tab.index()];
        place.first = in_view(place.cursor, place.first, rows, count);
    }
}

fn in_view(cursor: usize, first: usize, rows: usize, count: usize) -> usize {
    let last_first = count.saturating_sub(rows);
    first
        .min(cursor)
        .max((cursor + 1).saturating_sub(rows))
        .min(last_first)
}

/// The formats that can be exported.
pub(super) const FORMATS: [(char, ExportFormat, &str); 4] = [
    ('t', ExportFormat::Text, "text"),
    ('m', ExportFormat::Markdown, "Markdown, without names"),
    ('h', ExportFormat::Html, "HTML, without names"),
    ('j', ExportFormat::Json, "JSON"),
];
