//! The list of handshakes.

use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, Borders, Scrollbar, ScrollbarOrientation, ScrollbarState, Sparkline},
};

use super::{Theme, bars::grouped, detail};
use crate::{
    handshake::{Outcome, Role},
    render::safe::safe,
    time::LogTime,
    tui::{
        data::{Id, cause_of, peer_of},
        doc::{Tone, columns, fit},
        list::{Column as SortBy, Grouping, Item},
        model::Model,
        tabs,
    },
};

/// A column: heading, columns that it takes, and from which width of the screen on it is shown.
struct Column {
    name: &'static str,
    width: usize,
    from: usize,
    sort: SortBy,
}

const NUMBER: Column = Column {
    name: "#",
    width: 6,
    from: 0,
    sort: SortBy::Log,
};
const TIME: Column = Column {
    name: "TIME",
    width: 12,
    from: 0,
    sort: SortBy::Time,
};
const ROLE: Column = Column {
    name: "ROLE",
    width: 6,
    from: 66,
    sort: SortBy::Role,
};
const PEER: Column = Column {
    name: "PEER",
    width: 20,
    from: 0,
    sort: SortBy::Peer,
};
const VERSION: Column = Column {
    name: "VERSION",
    width: 7,
    from: 90,
    sort: SortBy::Version,
};
const SUITE: Column = Column {
    name: "CIPHER SUITE",
    width: 37,
    from: 190,
    sort: SortBy::Suite,
};
const DURATION: Column = Column {
    name: "MS",
    width: 6,
    from: 100,
    sort: SortBy::Duration,
};
const HISTORY: Column = Column {
    name: "HISTORY",
    width: 14,
    from: 120,
    sort: SortBy::History,
};
const THREAD: Column = Column {
    name: "THREAD",
    width: 16,
    from: 145,
    sort: SortBy::Log,
};
const FILE: Column = Column {
    name: "FILE",
    width: 20,
    from: 110,
    sort: SortBy::Log,
};
const CAUSE: Column = Column {
    name: "OUTCOME · CAUSE",
    width: 0,
    from: 0,
    sort: SortBy::Cause,
};
const COLUMNS: [&Column; 11] = [
    &NUMBER, &FILE, &TIME, &ROLE, &PEER, &VERSION, &SUITE, &DURATION, &HISTORY, &THREAD, &CAUSE,
];

pub(super) fn draw(model: &Model, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let preview = u16::try_from(model.preview_height()).unwrap_or(0);
    let mut y = area.y;
    let mut row = |height: u16| {
        let part = Rect { y, height, ..area };
        y += height;
        part
    };
    failures_over_time(model, theme, frame, row(2));
    if model.shows_filter() {
        filter_line(model, theme, frame, row(1));
    }
    heading(model, theme, frame, row(1));
    let rows = area
        .height
        .saturating_sub(3 + u16::from(model.shows_filter()) + preview);
    rows_of(model, theme, frame, row(rows));
    if preview > 0 {
        below(model, theme, frame, row(preview));
    }
}

/// When handshakes failed, from the log's beginning to its end.
fn failures_over_time(model: &Model, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let Some(times) = model.data.times() else {
        let words = without_times(model);
        frame.render_widget(Line::styled(words, theme.of(Tone::Dim)), area);
        return;
    };
    let (first, last) = (&times.first, &times.last);
    let zone = |at: &LogTime, wanted: bool| {
        let zone = at.zone.to_string();
        if wanted && !zone.is_empty() {
            format!(" {}", safe(&zone))
        } else {
            String::new()
        }
    };
    let day = if times.has_days() {
        format!("{} ", last.date())
    } else {
        String::new()
    };
    let words = format!(
        " {} {}{} – {day}{}{}{}",
        first.date(),
        first.time_of_day(),
        zone(first, times.zones),
        last.time_of_day(),
        zone(last, true),
        if times.zones { ", several zones" } else { "" },
    );
    let label = Rect { height: 1, ..area };
    let chart = Rect {
        y: area.y + 1,
        height: 1,
        ..area
    };
    let failed = model.data.totals().failed;
    let note = if failed == 0 {
        " no failures ".to_owned()
    } else {
        format!(" {} failed ", grouped(failed as u64))
    };
    let tone = if failed == 0 { Tone::Dim } else { Tone::Bad };
    frame.render_widget(
        Line::from(vec![
            Span::styled(note, theme.of(tone)),
            Span::styled(words, theme.of(Tone::Dim)),
        ]),
        label,
    );
    if failed == 0 {
        return;
    }
    let width = usize::from(chart.width);
    let bars = resample(&model.sparkline, width);
    let sparkline = Sparkline::default().data(bars).style(theme.of(Tone::Bad));
    frame.render_widget(sparkline, chart);
}

/// What stands where the times would.
fn without_times(model: &Model) -> &'static str {
    let inputs = model.data.inputs();
    let has_entries = inputs
        .iter()
        .any(|input| input.analysis.assembly.survey.entries > 0);
    match (&model.progress, inputs.is_empty()) {
        _ if model.data.totals().handshakes > 0 => " the log prints no times",
        (Some(_), _) | (None, true) => " reading …",
        (None, false) if has_entries => " TLS debug output, but no handshake in it",
        (None, false) => {
            " no TLS debug output in it: `jssl-analyze enable` tells how to switch it on"
        }
    }
}

/// As many values as there are columns; sums stay.
fn resample(values: &[u64], width: usize) -> Vec<u64> {
    let mut out = vec![0; width];
    for (at, value) in values.iter().enumerate() {
        if let Some(sum) = out.get_mut(at * width / values.len().max(1)) {
            *sum += value;
        }
    }
    out
}

fn filter_line(model: &Model, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let list = &model.list;
    let mut words = Vec::new();
    if list.failures_only {
        words.push("failed and unfinished only".to_owned());
    }
    if !list.filter.is_empty() {
        let state = if list.filter_on {
            "filter"
        } else {
            "filter (off)"
        };
        words.push(format!("{state}: {}", list.filter));
    }
    let shown = format!(
        "   {} of {} shown",
        grouped(list.wanted as u64),
        grouped(model.data.totals().handshakes as u64)
    );
    frame.render_widget(
        Line::from(vec![
            Span::styled(
                format!(" {}", safe(&words.join(" · "))),
                theme.of(Tone::Warn),
            ),
            Span::styled(shown, theme.of(Tone::Dim)),
        ]),
        area,
    );
}

/// Columns that the cause has at least, if need be at the cost of the peer's name.
const LEAST_CAUSE: usize = 30;
/// Columns of the peer's name at least.
const LEAST_PEER: usize = 14;

/// The columns that there is room for, and how wide each is. Names of peers get what those in sight need.
fn layout(model: &Model) -> Vec<(&'static Column, usize)> {
    // the mark in front, the scroll bar behind
    let width = model.width().saturating_sub(3);
    let several = model.data.inputs().len() > 1;
    let shown: Vec<&Column> = COLUMNS
        .into_iter()
        .filter(|column| model.width() >= column.from)
        .filter(|column| several || column.name != FILE.name)
        .collect();
    let width_of = |column: &Column| match column.name {
        "PEER" => 0,
        "TIME" => time_width(model),
        _ => column.width,
    };
    let taken: usize = shown.iter().map(|column| width_of(column) + 1).sum();
    let room = width.saturating_sub(taken);
    let peer = widest_peer(model)
        .clamp(LEAST_PEER, (model.width() / 4).max(LEAST_PEER))
        .min(room.saturating_sub(LEAST_CAUSE).max(LEAST_PEER));
    let widths = shown.into_iter().map(|column| match column.name {
        "PEER" => (column, peer),
        _ if column.width == 0 => (column, room.saturating_sub(peer)),
        _ => (column, width_of(column)),
    });
    widths.collect()
}

/// From this width on, days do not take the milliseconds' place.
const WIDE_TIMES: usize = 110;

/// The time of a row: with its day or its zone where the log has several.
fn time_of(model: &Model, at: &LogTime) -> String {
    let Some(times) = model.data.times() else {
        return String::new();
    };
    let mut text = at.time_of_day();
    if times.has_days() {
        let date = at.date();
        let day = date.get(5..).unwrap_or(&date);
        let whole = if model.width() >= WIDE_TIMES { 12 } else { 8 };
        text = format!("{day} {}", text.get(..whole).unwrap_or(&text));
    }
    if times.zones {
        text = format!("{text} {}", at.zone);
    }
    text
}

fn time_width(model: &Model) -> usize {
    let Some(times) = model.data.times() else {
        return TIME.name.len();
    };
    let time = match times.has_days() {
        true if model.width() >= WIDE_TIMES => 18,
        true => 14,
        false => TIME.width,
    };
    time + if times.zones { 5 } else { 0 }
}

fn widest_peer(model: &Model) -> usize {
    let list = &model.list;
    let rows = list
        .items()
        .iter()
        .skip(list.first)
        .take(model.list_height());
    let ids = rows.filter_map(|item| match item {
        Item::One(id, _) => Some(*id),
        Item::Group(number) => list.group(*number).members.first().copied(),
    });
    ids.map(|id| columns(&safe(peer_of(model.data.handshake(id)))))
        .max()
        .unwrap_or(0)
}

fn heading(model: &Model, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let mut text = "  ".to_owned();
    let arrow = if model.list.reverse { "↓" } else { "↑" };
    let columns = layout(model);
    let in_sight = columns
        .iter()
        .any(|(column, _)| column.sort == model.list.sort);
    for (column, width) in columns {
        let sorted = model.list.sort == column.sort && model.list.sort != SortBy::Log;
        let arrow = if sorted { arrow } else { "" };
        text.push_str(&fit(&format!("{}{arrow}", column.name), width));
        text.push(' ');
    }
    let mut spans = vec![Span::styled(text, theme.of(Tone::Title))];
    // the column that the rows are sorted by may not be among those that there is room for
    if !in_sight {
        let words = format!("by {} {arrow}", model.list.sort.name());
        let from = usize::from(area.width).saturating_sub(crate::tui::doc::columns(&words) + 2);
        let text = fit(&spans[0].content, from);
        spans = vec![
            Span::styled(text, theme.of(Tone::Title)),
            Span::styled(words, theme.of(Tone::Warn)),
        ];
    }
    frame.render_widget(Line::from(spans), area);
}

fn rows_of(model: &Model, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let list = &model.list;
    if list.items().is_empty() {
        let words = match (model.data.totals().handshakes, model.progress) {
            (0, Some(_)) => "",
            (0, None) => "  no handshake in this log",
            _ => "  nothing passes the filter; \\ switches it off, f changes it",
        };
        frame.render_widget(Line::styled(words, theme.of(Tone::Dim)), area);
        return;
    }
    let rows = usize::from(area.height);
    let shown = list.items().iter().enumerate().skip(list.first).take(rows);
    for ((at, item), y) in shown.zip(area.y..) {
        let (line, style) = row_of(model, *item, theme, usize::from(area.width) - 1);
        let style = if at == list.cursor {
            style.patch(theme.cursor())
        } else {
            style
        };
        let place = Rect {
            y,
            height: 1,
            width: area.width - 1,
            ..area
        };
        frame.render_widget(Line::from(line).style(style), place);
    }
    if list.items().len() > rows {
        let mut state = ScrollbarState::new(list.items().len() - rows).position(list.first);
        let bar = Scrollbar::new(ScrollbarOrientation::VerticalRight)
            .begin_symbol(None)
            .end_symbol(None);
        frame.render_stateful_widget(bar, area, &mut state);
    }
}

fn row_of(model: &Model, item: Item, theme: Theme, width: usize) -> (String, Style) {
    match item {
        Item::One(id, member) => {
            let handshake = model.data.handshake(id);
            let cause = outcome_and_cause(model, id);
            let number = model.data.number(id).to_string();
            let line = cells(model, id, &number, &cause, width);
            let mark = mark_of(handshake.outcome);
            let indent = if member { "└" } else { "" };
            (
                format!("{}{line}", fit(&format!("{indent}{mark}"), 2)),
                style_of(handshake.outcome, theme),
            )
        }
        Item::Group(number) => {
            let group = model.list.group(number);
            let arrow = if group.open { "▾" } else { "▸" };
            let count = grouped(group.members.len() as u64);
            let Some(&first) = group.members.first() else {
                return (String::new(), Style::new());
            };
            if model.list.grouping == Grouping::Equal {
                let handshake = model.data.handshake(first);
                let cause = format!("×{count} {}", outcome_and_cause(model, first));
                let line = cells(model, first, &format!("×{count}"), &cause, width);
                let mark = mark_of(handshake.outcome);
                return (
                    format!("{}{line}", fit(&format!("{arrow}{mark}"), 2)),
                    style_of(handshake.outcome, theme),
                );
            }
            let failed = match group.failed {
                0 => String::new(),
                failed => format!("   ✗ {} failed", grouped(failed as u64)),
            };
            let line = format!(
                "{arrow} {}   {count} {}{failed}",
                safe(&model.data.shown(group.name())),
                if group.members.len() == 1 {
                    "handshake"
                } else {
                    "handshakes"
                }
            );
            let tone = if group.failed > 0 {
                Tone::Bad
            } else {
                Tone::Plain
            };
            (fit(&line, width), theme.of(tone))
        }
    }
}

/// The rule that says no more than that the log ends.
const LOG_ENDS: &str = "log-ends-mid-handshake";

/// The headline is told below and in the diagnosis; the name of the rule is what one looks for.
fn outcome_and_cause(model: &Model, id: Id) -> String {
    let handshake = model.data.handshake(id);
    let findings = model.data.findings(id);
    match (handshake.outcome, cause_of(handshake, findings)) {
        // the end of what was read is not the end of the log
        (Outcome::Unfinished, Some(LOG_ENDS)) if model.progress.is_some() => "under way".to_owned(),
        (Outcome::Established, _) if handshake.resumed => "established, resumed".to_owned(),
        (Outcome::Established, _) => "established".to_owned(),
        (_, Some(cause)) => {
            let confidence = findings
                .first()
                .map_or("", |finding| finding.confidence.name());
            let headline = findings
                .first()
                .map_or("", |finding| finding.headline.as_str());
            format!("{cause} ({confidence}) · {headline}")
        }
        (outcome, None) => outcome.name().to_owned(),
    }
}

fn mark_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Failed => "✗",
        Outcome::Unfinished => "…",
        Outcome::Established => "✓",
    }
}

fn style_of(outcome: Outcome, theme: Theme) -> Style {
    match outcome {
        Outcome::Failed => theme.of(Tone::Bad),
        Outcome::Unfinished => theme.of(Tone::Warn),
        Outcome::Established => Style::new(),
    }
}

fn cells(model: &Model, id: Id, number: &str, cause: &str, width: usize) -> String {
    let handshake = model.data.handshake(id);
    let mut line = String::with_capacity(width);
    for (column, room) in layout(model) {
        let text = match column.name {
            "#" => number.to_owned(),
            "FILE" => model.data.file_name(id.input),
            "TIME" => handshake
                .started_at()
                .map(|at| time_of(model, &at))
                .unwrap_or_default(),
            "ROLE" => handshake.role.map_or("", Role::name).to_owned(),
            "PEER" => peer_of(handshake).to_owned(),
            "VERSION" => handshake
                .version
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            "CIPHER SUITE" => handshake
                .cipher_suite
                .as_ref()
                .map_or("", |suite| suite.name())
                .to_owned(),
            "MS" => handshake
                .duration_ms()
                .map(|millis| millis.to_string())
                .unwrap_or_default(),
            "HISTORY" => handshake.history(),
            "THREAD" => handshake
                .thread
                .as_ref()
                .map(|thread| thread.name.to_string())
                .unwrap_or_default(),
            _ => cause.to_owned(),
        };
        line.push_str(&fit(&safe(&model.data.shown(&text)), room));
        line.push(' ');
    }
    if columns(&line) > width {
        crate::tui::doc::cut(&line, width)
    } else {
        line
    }
}

/// The diagnosis of the row under the cursor.
fn below(model: &Model, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let Some(id) = model.list.selected() else {
        return;
    };
    let title = format!(" #{} ", model.data.number(id));
    let block = Block::new()
        .borders(Borders::TOP)
        .title(title)
        .border_style(theme.of(Tone::Dim));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    // of a picture, a few rows say nothing
    let tab = match model.data.handshake(id).outcome {
        Outcome::Established if inner.height > 5 => tabs::Tab::Timeline,
        _ => tabs::Tab::Diagnosis,
    };
    let doc = tabs::doc(
        tab,
        &model.data,
        id,
        usize::from(inner.width).saturating_sub(1),
    );
    detail::lines(
        &doc,
        &crate::tui::model::Scroll::default(),
        None,
        "",
        theme,
        frame,
        inner,
    );
}
