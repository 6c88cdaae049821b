//! The line at the top, which says what this is, and the one at the foot, which says what can be done.

use ratatui::{
    Frame,
    layout::Rect,
    style::{Modifier, Style},
    text::{Line, Span},
    widgets::{Clear, LineGauge},
};

use super::Theme;
use crate::{
    render::safe::safe,
    tui::{
        data::Progress,
        doc::{Tone, columns, cut, fit},
        keymap,
        model::{Model, Overlay, Prompt, PromptKind},
    },
};

/// What was read, and how far.
pub(super) fn top(model: &Model, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let width = usize::from(area.width);
    let name = safe(&model.data.shown(&names(model))).into_owned();
    let totals = totals(model);
    let room = width.saturating_sub(columns(&totals) + 6);
    let left = format!(" {} · {totals} · ", cut(&name, room.max(8)));
    let right = match &model.progress {
        Some(_) => String::new(),
        None => about(model, width.saturating_sub(columns(&left))),
    };
    let line = format!("{left}{right}");
    frame.render_widget(Line::styled(fit(&line, width), theme.bar()), area);
    if let Some(progress) = model.progress {
        let taken = u16::try_from(columns(&left)).unwrap_or(0).min(area.width);
        gauge(
            progress,
            theme,
            frame,
            Rect {
                x: area.x + taken,
                width: area.width - taken,
                ..area
            },
        );
    }
}

fn names(model: &Model) -> String {
    let mut names = (0..model.data.inputs().len()).map(|input| model.data.file_name(input));
    match (names.next(), names.count()) {
        (None, _) => model.files.first().cloned().unwrap_or_default(),
        (Some(first), 0) => first,
        (Some(first), more) => format!("{first} +{more}"),
    }
}

fn totals(model: &Model) -> String {
    let totals = model.data.totals();
    let mut words = vec![match totals.handshakes {
        1 => "1 handshake".to_owned(),
        count => format!("{} handshakes", grouped(count as u64)),
    }];
    for (count, mark, name) in [
        (totals.failed, "✗", "failed"),
        (totals.unfinished, "…", "unfinished"),
        (totals.established, "✓", "established"),
    ] {
        if count > 0 {
            let name = if model.width() >= 110 {
                format!(" {name}")
            } else {
                String::new()
            };
            words.push(format!("{mark} {}{name}", grouped(count as u64)));
        }
    }
    words.join("  ")
}

/// JDK, dialect, envelope, bytes: what there is room for, no word of it cut.
fn about(model: &Model, room: usize) -> String {
    let report = model.data.report();
    let Some(input) = report.inputs().next() else {
        return String::new();
    };
    let mut words = Vec::new();
    if model.data.is_redacted() {
        words.push("redacted".to_owned());
    }
    if let Some(jdk) = &input.jdk {
        words.push(format!("JDK {}", &*jdk.guess));
    }
    words.extend(input.dialects.first().map(ToString::to_string));
    words.extend(input.envelope.as_deref().map(|name| format!("in {name}")));
    words.push(bytes(
        model
            .data
            .inputs()
            .iter()
            .map(|input| input.analysis.bytes)
            .sum(),
    ));
    let mut line = String::new();
    for word in words {
        let dot = if line.is_empty() { "" } else { " · " };
        if columns(&line) + columns(dot) + columns(&word) > room {
            break;
        }
        line.push_str(dot);
        line.push_str(&safe(&word));
    }
    line
}

fn gauge(progress: Progress, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let Some(total) = progress.total.filter(|&total| total > 0) else {
        let words = format!("reading · {}", bytes(progress.done));
        let width = usize::from(area.width);
        frame.render_widget(Line::styled(fit(&words, width), theme.bar()), area);
        return;
    };
    let done = progress.done.min(total);
    let per_mille = u128::from(done) * 1000 / u128::from(total);
    let left = u128::from(progress.millis) * u128::from(total - done) / u128::from(done.max(1));
    let label = format!(
        "{:3} % {} · {} s left",
        per_mille / 10,
        bytes(done),
        left.div_ceil(1000)
    );
    let gauge = LineGauge::default()
        .ratio(f64::from(u32::try_from(per_mille).unwrap_or(1000)) / 1000.0)
        .label(label)
        .style(theme.bar())
        .filled_style(Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD))
        .unfilled_style(Style::new().add_modifier(Modifier::REVERSED | Modifier::DIM));
    frame.render_widget(gauge, area);
}

/// `1,234,567`
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1.2 GiB`
pub(super) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let steps = UNITS.len().min((count.ilog2() / 10) as usize);
    let tenths = u128::from(count) * 10 / (1 << (10 * steps));
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[steps - 1])
}

/// A message, a prompt, or the keys that are wanted most.
pub(super) fn foot(model: &Model, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let width = usize::from(area.width);
    if let Some(Overlay::Prompt(prompt)) = &model.overlay {
        prompt_line(prompt, theme, frame, area);
        return;
    }
    if let Some(Overlay::Mark(set)) = model.overlay {
        let words = if set {
            "mark this place as: a letter"
        } else {
            "go to mark: a letter"
        };
        frame.render_widget(Line::styled(words, theme.of(Tone::Strong)), area);
        return;
    }
    if let Some(message) = &model.message {
        let line = Line::styled(fit(&safe(message), width), theme.of(Tone::Strong));
        frame.render_widget(line, area);
        return;
    }
    let mut spans = Vec::new();
    let mut room = width;
    for (key, words) in keymap::hints(model) {
        let taken = columns(key) + columns(words) + 3;
        if taken > room {
            break;
        }
        room -= taken;
        spans.push(Span::styled(key, theme.of(Tone::Strong)));
        spans.push(Span::styled(format!(" {words}  "), theme.of(Tone::Dim)));
    }
    frame.render_widget(Line::from(spans), area);
}

/// What is asked for and what was typed; above it what is wrong with that.
fn prompt_line(prompt: &Prompt, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let label = prompt.kind.label();
    let room = usize::from(area.width).saturating_sub(columns(label) + 1);
    let scroll = prompt.input.visual_scroll(room);
    let text = safe(prompt.input.value());
    let mut line = Line::from(vec![
        Span::styled(label, theme.of(Tone::Strong)),
        Span::raw(text.chars().skip(scroll).collect::<String>()),
    ]);
    if text.is_empty() {
        let example = match &prompt.kind {
            PromptKind::Filter => {
                "outcome:failed rule:T101 peer:*.example.com thread:http since:12:30 word"
            }
            PromptKind::Time => "12:30, 12:30:05.250, 2026-03-04T12:30",
            PromptKind::Number => "a handshake by its number; in the Log tab, a line",
            PromptKind::Search | PromptKind::Export(_) => "",
        };
        line.push_span(Span::styled(format!("  {example}"), theme.of(Tone::Dim)));
    }
    frame.render_widget(line, area);
    if let Some(error) = &prompt.error {
        let above = Rect {
            y: area.y.saturating_sub(1),
            ..area
        };
        let words = fit(&format!(" {}", safe(error)), usize::from(area.width));
        frame.render_widget(Clear, above);
        frame.render_widget(Line::styled(words, theme.of(Tone::Bad)), above);
    }
    let at = columns(label) + prompt.input.visual_cursor().saturating_sub(scroll);
    let at = u16::try_from(at)
        .unwrap_or(u16::MAX)
        .min(area.width.saturating_sub(1));
    frame.set_cursor_position((area.x + at, area.y));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!([grouped(7), grouped(1_234_567)], ["7", "1,234,567"]);
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(10 << 30), "10.0 GiB");
    }
}
