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
    handshake::{Handshake, Outcome, Role},
    render::safe::safe,
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
    from: 0,
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
const CAUSE: Column = Column {
    name: "OUTCOME · CAUSE",
    width: 0,
    from: 0,
    sort: SortBy::Cause,
};
const COLUMNS: [&Column; 10] = [
    &NUMBER, &TIME, &ROLE, &PEER, &VERSION, &SUITE, &DURATION, &HISTORY, &THREAD, &CAUSE,
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
    let Some((first, last)) = model.data.times() else {
        let words = match (&model.progress, model.data.inputs().is_empty()) {
            (Some(_), _) | (None, true) => "reading …",
            (None, false) => {
                "no TLS debug output in it: `jssl-analyze enable` tells how to switch it on"
            }
        };
        frame.render_widget(Line::styled(words, theme.of(Tone::Dim)), area);
        return;
    };
    let same_day = first.date() == last.date();
    let begin = format!("{} {}", first.date(), first.time_of_day());
    let end = if same_day {
        last.time_of_day()
    } else {
        format!("{} {}", last.date(), last.time_of_day())
    };
    let zone = first.zone.to_string();
    let words = format!(" {begin} – {end} {}", safe(&zone));
    let label = Rect { height: 1, ..area };
    let chart = Rect {
        y: area.y + 1,
        height: 1,
        ..area
    };
    let failed = model.data.totals().failed;
    let note = if failed == 0 {
        "  no failures".to_owned()
    } else {
        format!("  {} failed, over time:", grouped(failed as u64))
    };
    frame.render_widget(
        Line::from(vec![
            Span::styled(words, theme.of(Tone::Dim)),
            Span::styled(
                note,
                theme.of(if failed == 0 { Tone::Dim } else { Tone::Bad }),
            ),
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
        words.push("failures only".to_owned());
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

/// Columns that the cause has at least, before others are shown.
const LEAST_CAUSE: usize = 30;

/// The columns that there is room for, and how wide each is. Names of peers get what those in sight need.
fn layout(model: &Model) -> Vec<(&'static Column, usize)> {
    let width = model.width();
    let peer = widest_peer(model).clamp(14, (width / 4).max(14));
    let shown: Vec<&Column> = COLUMNS
        .into_iter()
        .filter(|column| width >= column.from)
        .collect();
    let width_of = |column: &Column| match column.name {
        "PEER" => peer,
        _ => column.width,
    };
    let taken: usize = shown.iter().map(|column| width_of(column) + 1).sum();
    let room = width.saturating_sub(taken + 3).max(LEAST_CAUSE);
    let widths = shown.into_iter().map(|column| match column.width {
        0 => (column, room),
        _ => (column, width_of(column)),
    });
    widths.collect()
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
    for (column, width) in layout(model) {
        let sorted = model.list.sort == column.sort && model.list.sort != SortBy::Log;
        let arrow = match (sorted, model.list.reverse) {
            (false, _) => "",
            (true, false) => "↑",
            (true, true) => "↓",
        };
        text.push_str(&fit(&format!("{}{arrow}", column.name), width));
        text.push(' ');
    }
    frame.render_widget(Line::styled(text, theme.of(Tone::Title)), area);
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
            let line = cells(model, handshake, &number, &cause, width);
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
                let line = cells(model, handshake, &format!("×{count}"), &cause, width);
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
                "{arrow} {}   {count} handshakes{failed}",
                safe(&model.data.shown(group.name()))
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

/// The headline is told below and in the diagnosis; the name of the rule is what one looks for.
fn outcome_and_cause(model: &Model, id: Id) -> String {
    let handshake = model.data.handshake(id);
    let findings = model.data.findings(id);
    match (handshake.outcome, cause_of(handshake, findings)) {
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

fn cells(model: &Model, handshake: &Handshake, number: &str, cause: &str, width: usize) -> String {
    let mut line = String::with_capacity(width);
    for (column, room) in layout(model) {
        let text = match column.name {
            "#" => number.to_owned(),
            "TIME" => handshake
                .started_at()
                .map(crate::time::LogTime::time_of_day)
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
    let tab = match model.data.handshake(id).outcome {
        Outcome::Established => tabs::Tab::Timeline,
        _ => tabs::Tab::Diagnosis,
    };
    let doc = tabs::doc(
        tab,
        &model.data,
        id,
        usize::from(inner.width).saturating_sub(1),
    )
    .shown(&model.data);
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
