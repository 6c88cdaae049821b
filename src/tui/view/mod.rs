//! The model on the screen. Nothing here changes anything.

mod bars;
mod detail;
mod list;
mod overlay;
mod theme;

use ratatui::{Frame, layout::Rect};

pub use self::theme::Theme;
use super::model::Model;

/// Smaller than this, there is no room for anything.
const SMALLEST: (u16, u16) = (40, 8);

/// Draws the model.
pub fn draw(model: &Model, theme: Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let words = format!("{}×{} is too small", area.width, area.height);
        frame.render_widget(words.as_str(), area);
        return;
    }
    let top = Rect { height: 1, ..area };
    let foot = Rect {
        y: area.bottom() - 1,
        height: 1,
        ..area
    };
    let middle = Rect {
        y: 1,
        height: area.height - 2,
        ..area
    };
    bars::top(model, theme, frame, top);
    match &model.detail {
        Some(open) => detail::draw(model, open, theme, frame, middle),
        None => list::draw(model, theme, frame, middle),
    }
    bars::foot(model, theme, frame, foot);
    if let Some(overlay) = &model.overlay {
        overlay::draw(model, overlay, theme, frame, area);
    }
}
