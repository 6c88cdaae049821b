//! An open handshake: its tabs, and the diagnosis beside them where there is room.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Borders, Scrollbar, ScrollbarOrientation, ScrollbarState, Tabs},
};

use super::Theme;
use crate::{
    handshake::{Handshake, Outcome, Role},
    render::safe::safe,
    tui::{
        data::peer_of,
        doc::{Doc, DocLine, Tone, clip, columns, cut},
        model::{Detail, Model, Scroll},
        tabs::{self, Tab},
    },
};

pub(super) fn draw(model: &Model, open: &Detail, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let heading_area = Rect { height: 1, ..area };
    heading(model, open, theme, frame, heading_area);
    let tabs_area = Rect {
        y: area.y + 1,
        height: 1,
        ..area
    };
    tab_bar(open, theme, frame, tabs_area);
    let mut main = Rect {
        y: area.y + 2,
        height: area.height - 2,
        ..area
    };
    if model.has_side_pane() {
        let width = u16::try_from(model.doc_width() + 2).unwrap_or(main.width);
        let side = Rect {
            x: main.x + width,
            width: main.width - width,
            ..main
        };
        main.width = width;
        let block = Block::new()
            .borders(Borders::LEFT | Borders::TOP)
            .title(" Diagnosis ")
            .border_style(theme.of(Tone::Dim));
        let inner = block.inner(side);
        frame.render_widget(block, side);
        let doc = tabs::doc(
            Tab::Diagnosis,
            &model.data,
            open.id,
            usize::from(inner.width),
        )
        .folded(usize::from(inner.width));
        lines(&doc, &Scroll::default(), None, "", theme, frame, inner);
    }
    let block = Block::new()
        .borders(Borders::TOP)
        .border_style(theme.of(Tone::Dim))
        .title(note(open));
    let inner = block.inner(main);
    frame.render_widget(block, main);
    let bar = inner;
    let inner = Rect {
        width: inner.width.saturating_sub(1),
        ..inner
    };
    let place = open.places[open.tab.index()];
    lines(
        &open.doc,
        &place,
        Some(place.cursor),
        &model.search,
        theme,
        frame,
        inner,
    );
    let rows = usize::from(inner.height);
    if open.doc.lines.len() > rows {
        let mut state = ScrollbarState::new(open.doc.lines.len() - rows).position(place.first);
        let scrollbar = Scrollbar::new(ScrollbarOrientation::VerticalRight)
            .begin_symbol(None)
            .end_symbol(None);
        frame.render_stateful_widget(scrollbar, bar, &mut state);
    }
}

fn note(open: &Detail) -> &'static str {
    match (open.tab, open.log.whole) {
        (Tab::Log, true) => " every line of the log · a: only this handshake ",
        (Tab::Log, false) => " the lines of this handshake · a: every line ",
        (_, _) if open.wrap => " long lines folded ",
        _ => "",
    }
}

fn heading(model: &Model, open: &Detail, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let handshake = model.data.handshake(open.id);
    let (mark, tone) = match handshake.outcome {
        Outcome::Failed => ("✗", Tone::Bad),
        Outcome::Unfinished => ("…", Tone::Warn),
        Outcome::Established => ("✓", Tone::Good),
    };
    // what there may be no room for stands last
    let mut words = vec![
        format!("{mark} #{}", model.data.number(open.id)),
        handshake.outcome.name().to_owned(),
    ];
    words.extend(handshake.started_at().map(|at| at.time_of_day()));
    words.push(ends(handshake));
    if model.data.inputs().len() > 1 {
        words.push(format!("in {}", model.data.file_name(open.id.input)));
    }
    words.extend(handshake.version.as_ref().map(ToString::to_string));
    words.extend(
        handshake
            .cipher_suite
            .as_ref()
            .map(|suite| suite.name().to_owned()),
    );
    words.push(handshake.history());
    let text = cut(
        &safe(&model.data.shown(&format!(" {}", words.join("  ")))),
        usize::from(area.width),
    );
    frame.render_widget(Line::styled(text, theme.of(tone)), area);
}

/// Who spoke with whom, on which thread; what the log does not name is left out.
fn ends(handshake: &Handshake) -> String {
    let mut words = handshake.role.map_or("role unknown", Role::name).to_owned();
    let thread = handshake.thread.as_ref().map_or("", |thread| &thread.name);
    if !thread.is_empty() {
        words.push_str(" on ");
        words.push_str(thread);
    }
    match (handshake.role, peer_of(handshake)) {
        (_, "") => {}
        (Some(Role::Server), name) => {
            words.push_str(", asked for ");
            words.push_str(name);
        }
        (_, name) => {
            words.push_str(" → ");
            words.push_str(name);
        }
    }
    words
}

fn tab_bar(open: &Detail, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let names = Tab::ALL
        .iter()
        .enumerate()
        .map(|(at, tab)| format!("{} {}", at + 1, tab.name()));
    let bar = Tabs::new(names)
        .select(open.tab.index())
        .style(theme.of(Tone::Dim))
        .highlight_style(theme.cursor())
        .divider("");
    frame.render_widget(bar, area);
}

/// The part of a text that there is room for.
pub(super) fn lines(
    doc: &Doc,
    place: &Scroll,
    cursor: Option<usize>,
    search: &str,
    theme: Theme,
    frame: &mut Frame<'_>,
    area: Rect,
) {
    let shown = doc
        .lines
        .iter()
        .enumerate()
        .skip(place.first)
        .take(usize::from(area.height));
    for ((at, line), y) in shown.zip(area.y..) {
        let row = Rect {
            y,
            height: 1,
            ..area
        };
        let mut drawn = line_of(line, place.columns, usize::from(area.width), search, theme);
        if cursor == Some(at) {
            drawn = drawn.style(theme.cursor());
        }
        frame.render_widget(drawn, row);
    }
}

/// A line from `skip` columns on; an ellipsis says that it goes on.
fn line_of(line: &DocLine, skip: usize, room: usize, search: &str, theme: Theme) -> Line<'static> {
    let goes_on = line.width().saturating_sub(skip) > room;
    let (mut spans, mut skip, mut room) = (Vec::new(), skip, room - usize::from(goes_on));
    for (text, tone) in &line.pieces {
        let width = columns(text);
        if width <= skip {
            skip -= width;
            continue;
        }
        let behind = without_columns(text, std::mem::take(&mut skip));
        let part = clip(&behind, room);
        room -= columns(part);
        mark_matches(part, search, theme.of(*tone), theme, &mut spans);
        if part.len() < behind.len() {
            break;
        }
    }
    if goes_on {
        spans.push(Span::styled("…", theme.of(Tone::Dim)));
    }
    Line::from(spans)
}

fn without_columns(text: &str, mut skip: usize) -> String {
    use unicode_width::UnicodeWidthChar as _;
    let mut rest = text.char_indices();
    for (at, c) in rest.by_ref() {
        if skip == 0 {
            return text[at..].to_owned();
        }
        skip = skip.saturating_sub(c.width().unwrap_or(0));
    }
    String::new()
}

fn mark_matches(
    text: &str,
    search: &str,
    style: ratatui::style::Style,
    theme: Theme,
    spans: &mut Vec<Span<'static>>,
) {
    let lower = text.to_lowercase();
    let needle = search.to_lowercase();
    // lower case of another length: positions would not fit
    if needle.is_empty() || lower.len() != text.len() {
        spans.push(Span::styled(text.to_owned(), style));
        return;
    }
    let mut from = 0;
    for (at, found) in lower.match_indices(&needle) {
        let to = at + found.len();
        let (Some(before), Some(found)) = (text.get(from..at), text.get(at..to)) else {
            continue;
        };
        spans.push(Span::styled(before.to_owned(), style));
        spans.push(Span::styled(found.to_owned(), style.patch(theme.found())));
        from = to;
    }
    spans.push(Span::styled(text[from..].to_owned(), style));
}
