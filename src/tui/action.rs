//! What a user can want, and what comes from outside: the only ways in which the model changes.

use tui_input::InputRequest;

use super::{data::News, log_lines::Lines};
use crate::redact::Redactor;

/// A wish, or news.
#[derive(Debug)]
pub enum Action {
    /// Leave the program.
    Quit,
    /// Close what is open; from the list, leave the program.
    Close,
    /// One level up: close what is open; in the list, drop the search, then the filter.
    Back,
    /// Open what the cursor is on.
    Open,
    /// Move the cursor.
    Move(Move),
    /// Show what is further right (or left, when negative) of long lines.
    Sideways(isize),
    /// The next tab, or the one before.
    Tab(Turn),
    /// The tab of this number, from 1.
    TabNumber(usize),
    /// Ask for a text to search for.
    Search,
    /// The next place where it stands, or the one before.
    Match(Turn),
    /// Ask for a filter.
    Filter,
    /// Filter on or off.
    ToggleFilter,
    /// Only what failed, or everything.
    FailuresOnly,
    /// The next failure, or the one before.
    Failure(Turn),
    /// Ask for a time to go to.
    JumpToTime,
    /// Ask for the number of a handshake, or of a line of the log.
    JumpToNumber,
    /// Remember this place under the next key.
    SetMark,
    /// Go to the place remembered under the next key.
    GoToMark,
    /// Fold long lines, or cut them at the edge.
    Wrap,
    /// Ask what to copy.
    Copy,
    /// Ask what to export.
    Export,
    /// Replace names by tokens, or show them again.
    Redact,
    /// Show the command line that prints the same.
    CommandLine,
    /// Show the keys, and what the rules mean.
    Help,
    /// Sort by the next column.
    Sort,
    /// The other way round.
    ReverseSort,
    /// Group by something else.
    Group,
    /// All lines of the log, or those of this handshake.
    WholeLog,
    /// Stop, as Ctrl-Z does.
    Suspend,
    /// A character for a prompt, a menu or a mark.
    Character(char),
    /// Change what was typed into a prompt.
    Edit(InputRequest),
    /// What was typed before, or after.
    Recall(Turn),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// A row of the screen was clicked.
    Click(u16),
    /// Something was read.
    News(News),
    /// Lines of the log were read.
    Log(Lines),
    /// A search in the log came to an end.
    LogFound(Result<Lines, String>),
    /// What takes names out of all that is shown; none: they are shown.
    Redacted(Option<Box<Redactor>>),
    /// Something is to be said.
    Say(String),
}

/// Where the cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// So many rows down, or up when negative.
    By(isize),
    /// So many pages.
    Pages(isize),
    /// So many halves of a page.
    HalfPages(isize),
    /// To the first row.
    Top,
    /// To the last.
    Bottom,
}

/// Forward or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Forward.
    Next,
    /// Back.
    Previous,
}
