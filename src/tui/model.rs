//! Everything that the view shows: plain data that knows no terminal.

use std::collections::HashMap;

use super::{
    data::{Data, Id, Progress},
    doc::{At, Doc},
    list::List,
    log_lines::Lines,
    tabs::Tab,
};

/// The state of the program.
#[derive(Debug, Default)]
pub struct Model {
    /// What was read.
    pub data: Data,
    /// The list of handshakes.
    pub list: List,
    /// The handshake that is open.
    pub detail: Option<Detail>,
    /// What lies on top: a prompt, a menu, the help.
    pub overlay: Option<Overlay>,
    /// What is searched for.
    pub search: String,
    /// Remembered places.
    pub marks: HashMap<char, Place>,
    /// What was typed into prompts, by what they ask for, the newest last.
    pub typed: HashMap<&'static str, Vec<String>>,
    /// A key was pressed: from now on the cursor stays where the user put it.
    pub touched: bool,
    /// The cursor was sent to the end of the list: it stays there while more comes.
    pub at_end: bool,
    /// What was said last; gone with the next key.
    pub message: Option<String>,
    /// Complaints, to be printed when the view is left.
    pub complaints: Vec<String>,
    /// How far reading is; `None` when it is done.
    pub progress: Option<Progress>,
    /// Columns and rows.
    pub size: (u16, u16),
    /// How the program was called, without the files: for the command line that prints the same.
    pub files: Vec<String>,
    /// Failures in equal parts of the log's time.
    pub sparkline: Vec<u64>,
}

/// An open handshake.
#[derive(Debug)]
pub struct Detail {
    /// Which.
    pub id: Id,
    /// The tab shown.
    pub tab: Tab,
    /// The text of the tab.
    pub doc: Doc,
    /// For each tab: the line that the cursor is on, the first one shown, and columns passed over.
    pub places: [Scroll; Tab::ALL.len()],
    /// Long lines are folded.
    pub wrap: bool,
    /// The lines of the log that are shown.
    pub log: Log,
}

/// How far a text is scrolled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scroll {
    /// The line under the cursor.
    pub cursor: usize,
    /// The first line shown.
    pub first: usize,
    /// Columns passed over.
    pub columns: usize,
}

/// The lines of the log in the Log tab.
#[derive(Debug, Default)]
pub struct Log {
    /// All lines of the log; else those of the handshake.
    pub whole: bool,
    /// What was read.
    pub lines: Lines,
    /// The tab from which a line was jumped to.
    pub back_to: Option<Tab>,
    /// The line that the cursor is to be on when the lines have come.
    pub wanted: Option<u64>,
}

/// A place to come back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The handshake.
    pub id: Id,
    /// The tab and how far it was scrolled, if it was open.
    pub tab: Option<(Tab, Scroll)>,
    /// The line of the log under the cursor.
    pub line: Option<At>,
    /// Every line of the log was shown.
    pub whole: bool,
}

/// What lies on top of the screen.
#[derive(Debug)]
pub enum Overlay {
    /// A line to type.
    Prompt(Prompt),
    /// Things to choose from.
    Menu(Menu),
    /// A text: the help, a command line.
    Text {
        /// Its heading.
        title: String,
        /// The text.
        doc: Doc,
        /// How far it is scrolled.
        scroll: Scroll,
        /// What can be copied of it, and what that is in words.
        copy: Option<(&'static str, String)>,
    },
    /// The next key is the name of a mark: to be set, or to go to.
    Mark(bool),
}

/// A line to type.
#[derive(Debug)]
pub struct Prompt {
    /// What for.
    pub kind: PromptKind,
    /// What was typed, and where the cursor is in it.
    pub input: tui_input::Input,
    /// What is wrong with it.
    pub error: Option<String>,
    /// So many answers were gone back.
    pub back: usize,
}

/// What a prompt asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PromptKind {
    /// A text to search for.
    Search,
    /// A filter.
    Filter,
    /// A time.
    Time,
    /// The number of a handshake, or of a line.
    Number,
    /// The name of a file to export to.
    Export(Export),
}

impl PromptKind {
    /// What stands in front of what is typed.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Search => "search: ",
            Self::Filter => "filter: ",
            Self::Time => "go to time: ",
            Self::Number => "go to number: ",
            Self::Export(_) => "write to: ",
        }
    }
}

/// What to export, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Export {
    /// The whole list, as it is filtered; else one handshake.
    pub all: bool,
    /// As what.
    pub format: ExportFormat,
}

/// Formats to export in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// The text report.
    Text,
    /// JSON, schema 1.
    Json,
    /// One file for a ticket.
    Html,
    /// To paste into a ticket.
    Markdown,
}

impl ExportFormat {
    /// Whether it is made to be handed on: then names are taken out.
    pub fn is_for_others(self) -> bool {
        matches!(self, Self::Html | Self::Markdown)
    }

    /// The usual ending of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Json => "json",
            Self::Html => "html",
            Self::Markdown => "md",
        }
    }
}

/// Things to choose from.
#[derive(Debug)]
pub struct Menu {
    /// Its heading.
    pub title: String,
    /// Key, words and what it does.
    pub items: Vec<(char, String, Choice)>,
    /// The one under the cursor.
    pub cursor: usize,
}

/// What can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Copy this text; what it is in words.
    Copy(&'static str, String),
    /// Ask where to export to.
    Export(Export),
}

/// What is to be done outside of the model.
#[derive(Debug)]
pub enum Effect {
    /// Leave the program.
    Quit,
    /// Give the terminal back and stop.
    Suspend,
    /// Put a text into the clipboard; what it is in words.
    Copy(&'static str, String),
    /// Read the lines of entries: offset, line, length.
    ReadEntries(usize, Vec<(u64, u64, u64)>),
    /// Read lines around a place.
    ReadAround {
        /// The input.
        input: usize,
        /// The line, and where the entry begins that it is in.
        at: At,
        /// A place of which both are exact.
        known: At,
    },
    /// Read lines around one that only its number is known of.
    ReadLine {
        /// The input.
        input: usize,
        /// The line.
        line: u64,
        /// A place to count from.
        known: At,
    },
    /// Search in the log.
    Find {
        /// The input.
        input: usize,
        /// Where from.
        offset: u64,
        /// Its line.
        line: u64,
        /// What.
        text: String,
        /// Forward or back.
        turn: super::action::Turn,
    },
    /// Write these handshakes to a file.
    Export {
        /// Which.
        ids: Vec<Id>,
        /// As what.
        format: ExportFormat,
        /// Where to.
        path: String,
    },
    /// Take names out of all that is shown, or show them again.
    Redact(bool),
    /// Drop what is not needed any more, where nobody waits for it.
    Drop(Box<crate::report::Analysed>),
}

/// The layout depends on the room there is.
impl Model {
    /// Columns.
    pub fn width(&self) -> usize {
        usize::from(self.size.0)
    }

    /// Rows.
    pub fn height(&self) -> usize {
        usize::from(self.size.1)
    }

    /// Whether the diagnosis stands beside the tab.
    pub fn has_side_pane(&self) -> bool {
        let beside = |detail: &Detail| detail.tab != Tab::Diagnosis;
        self.width() >= 150 && self.detail.as_ref().is_some_and(beside)
    }

    /// Columns of the tab's text.
    pub fn doc_width(&self) -> usize {
        // a blank and the scroll bar
        let margin = 2;
        let all = self.width().saturating_sub(margin);
        if self.has_side_pane() {
            self.width() * 3 / 5 - margin
        } else {
            all
        }
    }

    /// Rows of the tab's text: all but the heading, the tabs, the frame and the foot.
    pub fn doc_height(&self) -> usize {
        self.height().saturating_sub(5).max(1)
    }

    /// Rows of the list.
    pub fn list_height(&self) -> usize {
        self.rows_below_heading()
            .saturating_sub(self.preview_height())
            .max(1)
    }

    /// Rows of the diagnosis below the list: a part of the screen, and what a short list leaves.
    pub fn preview_height(&self) -> usize {
        let all = self.rows_below_heading();
        let least = match self.height() {
            rows @ 32.. => (rows / 3).min(22),
            // its headline, and whose fault it is
            16..32 => 3,
            _ => return 0,
        };
        let left = all.saturating_sub(self.list.items().len().max(1));
        least.max(left)
    }

    /// Rows that list and preview share: all but bars, times, the filter and the heading.
    fn rows_below_heading(&self) -> usize {
        self.height()
            .saturating_sub(5 + usize::from(self.shows_filter()))
    }

    /// Whether there is a line that tells of the filter.
    pub fn shows_filter(&self) -> bool {
        !self.list.filter.is_empty() || self.list.failures_only
    }
}
