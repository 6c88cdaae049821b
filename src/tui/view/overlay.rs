//! What lies on top: menus and texts.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Clear},
};

use super::{Theme, detail};
use crate::{
    render::safe::safe,
    tui::{
        doc::{Tone, columns, cut},
        model::{Menu, Model, Overlay},
    },
};

pub(super) fn draw(
    model: &Model,
    overlay: &Overlay,
    theme: Theme,
    frame: &mut Frame<'_>,
    area: Rect,
) {
    match overlay {
        Overlay::Prompt(_) | Overlay::Mark(_) => {}
        Overlay::Menu(menu) => draw_menu(menu, theme, frame, area),
        Overlay::Text {
            title,
            doc,
            scroll,
            copy,
        } => {
            let wanted = doc
                .lines
                .iter()
                .map(crate::tui::doc::DocLine::width)
                .max()
                .unwrap_or(0);
            let place = centred(area, wanted + 4, doc.lines.len() + 2);
            let last = doc
                .lines
                .len()
                .saturating_sub(usize::from(place.height) - 2);
            let foot = match (last, copy) {
                (0, None) => " esc closes ",
                (_, None) => " j k scroll · esc closes ",
                (0, Some(_)) => " y copies · esc closes ",
                (_, Some(_)) => " j k scroll · y copies · esc closes ",
            };
            let block = Block::bordered()
                .title(format!(" {title} "))
                .title_bottom(foot);
            let inner = block.inner(place);
            frame.render_widget(Clear, place);
            frame.render_widget(block, place);
            let inner = Rect {
                x: inner.x + 1,
                width: inner.width.saturating_sub(2),
                ..inner
            };
            detail::lines(doc, scroll, None, &model.search, theme, frame, inner);
        }
    }
}

fn draw_menu(menu: &Menu, theme: Theme, frame: &mut Frame<'_>, area: Rect) {
    let widest = menu
        .items
        .iter()
        .map(|(_, words, _)| columns(words))
        .max()
        .unwrap_or(0);
    let place = centred(area, widest + 8, menu.items.len() + 2);
    let block = Block::bordered()
        .title(format!(" {} ", menu.title))
        .title_bottom(" esc closes ");
    let inner = block.inner(place);
    frame.render_widget(Clear, place);
    frame.render_widget(block, place);
    for ((at, (key, words, _)), y) in menu.items.iter().enumerate().zip(inner.y..inner.bottom()) {
        let line = Line::from(vec![
            Span::styled(format!(" {key}  "), theme.of(Tone::Strong)),
            Span::raw(cut(
                &safe(words),
                usize::from(inner.width).saturating_sub(4),
            )),
        ]);
        let line = if at == menu.cursor {
            line.style(theme.cursor())
        } else {
            line
        };
        frame.render_widget(
            line,
            Rect {
                y,
                height: 1,
                ..inner
            },
        );
    }
}

/// A place of this size in the middle, as far as there is room.
fn centred(area: Rect, width: usize, height: usize) -> Rect {
    let width = u16::try_from(width)
        .unwrap_or(u16::MAX)
        .clamp(20, area.width.saturating_sub(2).max(20))
        .min(area.width);
    let height = u16::try_from(height)
        .unwrap_or(u16::MAX)
        .min(area.height.saturating_sub(2));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}
