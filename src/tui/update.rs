//! How the model changes: one action after the other, without a terminal or a file.

use super::{
    action::{Action, Move, Turn},
    data::{Id, News},
    doc::{Doc, DocLine},
    help, lines,
    list::next_of,
    menu,
    model::{Detail, Effect, ExportFormat, Log, Model, Overlay, PromptKind, Scroll},
    prompt,
    tabs::{self, Tab},
};
use crate::{handshake::Outcome, redact::Redactor};

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
        Action::Log(read) => {
            lines::show_lines(model, read);
            return Vec::new();
        }
        Action::LogFound(found) => {
            match found {
                Ok(read) => lines::show_lines(model, read),
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
    model.touched = true;
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
            place_cursor(model);
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

/// While nobody has moved it, the cursor is on the first failure: it is what people come for. At the end of
/// the list, it stays there.
fn place_cursor(model: &mut Model) {
    if model.at_end {
        model.list.cursor = model.list.items().len().saturating_sub(1);
    } else if !model.touched {
        model.list.to_first_failure(&model.data);
    }
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
    let read = lines::reread(model);
    refresh_doc(model);
    read
}

fn on_overlay(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(overlay) = &mut model.overlay else {
        return Vec::new();
    };
    match (overlay, action) {
        (Overlay::Prompt(_), Action::Edit(request)) => prompt::edit(model, request),
        (Overlay::Prompt(_), Action::Recall(turn)) => prompt::recall(model, turn),
        (Overlay::Prompt(_), Action::Open) => return prompt::answered(model),
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
            return lines::mark(model, set, c);
        }
        (Overlay::Text { doc, scroll, .. }, Action::Move(to)) => {
            let rows = usize::from(model.size.1).saturating_sub(4).max(1);
            let last = doc.lines.len().saturating_sub(rows);
            scroll.first = moved(scroll.first, to, rows, last);
        }
        (
            Overlay::Text {
                copy: Some((what, text)),
                ..
            },
            Action::Copy,
        ) => return vec![Effect::Copy(what, text.clone())],
        (_, Action::Quit) => return vec![Effect::Quit],
        (Overlay::Text { .. }, Action::Help | Action::CommandLine)
        | (_, Action::Close | Action::Back) => model.overlay = None,
        _ => {}
    }
    Vec::new()
}

fn on_screen(model: &mut Model, action: &Action) -> Vec<Effect> {
    match *action {
        Action::Quit => return vec![Effect::Quit],
        Action::Close if model.detail.is_none() => return vec![Effect::Quit],
        Action::Close => model.detail = None,
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
        Action::Search => prompt::ask(model, PromptKind::Search, String::new()),
        Action::Match(turn) => return find(model, turn),
        Action::Filter => {
            let now = model.list.filter.to_string();
            prompt::ask(model, PromptKind::Filter, now);
        }
        Action::ToggleFilter => toggle_filter(model),
        Action::FailuresOnly => {
            model.list.failures_only = !model.list.failures_only;
            model.list.refresh(&model.data);
        }
        Action::Failure(turn) => return failure(model, turn),
        Action::JumpToTime => prompt::ask(model, PromptKind::Time, String::new()),
        Action::JumpToNumber => prompt::ask(model, PromptKind::Number, String::new()),
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
                detail.places[detail.tab.index()].columns = 0;
            }
            refresh_doc(model);
        }
        Action::WholeLog => return lines::whole_log(model),
        Action::Copy => menu::copy(model),
        Action::Export => menu::export(model),
        Action::Redact => return vec![Effect::Redact(!model.data.is_redacted())],
        Action::CommandLine => menu::command_line(model),
        Action::Help => {
            model.overlay = Some(Overlay::Text {
                title: "Help".to_owned(),
                doc: help::doc(model),
                scroll: Scroll::default(),
                copy: None,
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
        None if !model.search.is_empty() => model.search.clear(),
        None => without_filter(model),
    }
}

/// Everything is shown again; the filter can be switched on as it was.
fn without_filter(model: &mut Model) {
    let list = &mut model.list;
    let filtered = list.failures_only || (list.filter_on && !list.filter.is_empty());
    if filtered {
        (list.failures_only, list.filter_on) = (false, false);
        list.refresh(&model.data);
    }
}

/// Opens what the cursor is on.
fn open(model: &mut Model) -> Vec<Effect> {
    if model.detail.is_some() {
        return lines::to_the_log(model);
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
pub(super) fn show(model: &mut Model, id: Id, tab: Tab) -> Vec<Effect> {
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
        lines::own_lines(model)
    } else {
        Vec::new()
    };
    refresh_doc(model);
    effects
}

/// Makes the text of the tab anew.
pub(super) fn refresh_doc(model: &mut Model) {
    let width = model.doc_width();
    let Some(detail) = &mut model.detail else {
        return;
    };
    let doc = if detail.tab == Tab::Log {
        let steps = &model.data.handshake(detail.id).steps;
        lines::doc(&detail.log, steps.iter().map(|step| step.span.line()))
    } else {
        tabs::doc(detail.tab, &model.data, detail.id, width)
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
        Move::HalfPages(halves) => now.saturating_add_signed(halves * (rows / 2).cast_signed()),
        Move::Top => 0,
        Move::Bottom => last,
    }
    .min(last)
}

fn go(model: &mut Model, to: Move) -> Vec<Effect> {
    // a page moves what is seen, not the cursor alone
    let whole_screens = matches!(to, Move::Pages(_) | Move::HalfPages(_));
    let rows = model.doc_height();
    let Some(detail) = &mut model.detail else {
        let rows = model.list_height();
        let list = &mut model.list;
        let end = list.items().len().saturating_sub(1);
        list.cursor = moved(list.cursor, to, rows, end);
        if whole_screens {
            list.first = moved(list.first, to, rows, end);
        }
        model.at_end = to == Move::Bottom;
        return Vec::new();
    };
    let last = detail.doc.lines.len().saturating_sub(1);
    let place = &mut detail.places[detail.tab.index()];
    let before = place.cursor;
    place.cursor = moved(place.cursor, to, rows, last);
    if whole_screens {
        place.first = moved(place.first, to, rows, last);
    }
    let stays = place.cursor == before && !matches!(to, Move::Top | Move::Bottom);
    if stays {
        return Vec::new();
    }
    lines::beyond(model, to)
}

fn sideways(model: &mut Model, columns: isize) {
    // folded lines go on below, not at the side
    if let Some(detail) = model.detail.as_mut().filter(|detail| !detail.wrap) {
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

/// The next match of what is searched for.
pub(super) fn find(model: &mut Model, turn: Turn) -> Vec<Effect> {
    if model.search.is_empty() {
        return Vec::new();
    }
    let search = model.search.clone();
    let Some(detail) = &mut model.detail else {
        model.message = model.list.find(&model.data, &search, turn);
        return Vec::new();
    };
    let lines = &detail.doc.lines;
    let place = &mut detail.places[detail.tab.index()];
    if detail.tab == Tab::Log && detail.log.whole {
        let at = lines.get(place.cursor).and_then(|line| line.at);
        let input = detail.id.input;
        let find = at.map(|at| Effect::Find {
            input,
            offset: at.offset,
            line: at.line,
            text: search,
            turn,
        });
        return find.into_iter().collect();
    }
    let word = search.to_lowercase();
    let holds = |at: &usize| lines[*at].text().to_lowercase().contains(&word);
    let matches: Vec<usize> = (0..lines.len()).filter(holds).collect();
    model.message = Some(match next_of(&matches, place.cursor, turn) {
        Some(found) => {
            place.cursor = matches[found];
            format!("match {} of {}", found + 1, matches.len())
        }
        None => format!("`{search}` is not in this text"),
    });
    Vec::new()
}

/// Scrolls so that the cursor is seen.
pub(super) fn keep_in_view(model: &mut Model) {
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
