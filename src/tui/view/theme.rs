//! How things look: with colours, with few of them, and without any.

use ratatui::style::{Color, Modifier, Style};

use crate::tui::doc::Tone;

/// Styles by what they mean. Only the terminal's own sixteen colours are used, so that light and dark
/// backgrounds stay readable, and nothing is told by colour alone.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    colours: bool,
}

impl Theme {
    /// With colours, or without (`NO_COLOR`, `--color never`).
    pub fn new(colours: bool) -> Self {
        Self { colours }
    }

    fn coloured(self, colour: Color) -> Style {
        if self.colours {
            Style::new().fg(colour)
        } else {
            Style::new()
        }
    }

    /// The style of a tone.
    pub fn of(self, tone: Tone) -> Style {
        match tone {
            Tone::Plain => Style::new(),
            Tone::Dim => Style::new().add_modifier(Modifier::DIM),
            Tone::Title => Style::new().add_modifier(Modifier::BOLD),
            Tone::Strong => self.coloured(Color::Cyan).add_modifier(Modifier::BOLD),
            Tone::Bad => self.coloured(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Warn => self.coloured(Color::Yellow),
            Tone::Good => self.coloured(Color::Green),
            Tone::Code => self.coloured(Color::Cyan),
            Tone::Ghost => Style::new().add_modifier(Modifier::DIM | Modifier::ITALIC),
        }
    }

    /// The row under the cursor.
    pub fn cursor(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// What was searched for.
    pub fn found(self) -> Style {
        if self.colours {
            Style::new().fg(Color::Black).bg(Color::Yellow)
        } else {
            Style::new().add_modifier(Modifier::UNDERLINED | Modifier::BOLD)
        }
    }

    /// The line at the top.
    pub fn bar(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}
