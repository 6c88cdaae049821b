//! Which key does what: one table, for the program, the line at the foot and the help.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::InputRequest;

use super::{
    action::{Action, Move, Turn},
    model::{Model, Overlay},
};

/// Where a key means what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// Everywhere but in a prompt.
    Everywhere,
    /// In the list.
    List,
    /// In an open handshake.
    Detail,
}

/// A key, or several that do the same.
#[derive(Debug)]
pub struct Binding {
    keys: &'static [Key],
    place: Where,
    action: fn() -> Action,
    /// The keys as the help names them.
    pub shown: &'static str,
    /// What they do.
    pub words: &'static str,
    /// The same in one word for the foot; empty when there is no room for it.
    pub short: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Char(char),
    Ctrl(char),
    Code(KeyCode),
}

const fn code(code: KeyCode) -> Key {
    Key::Code(code)
}

macro_rules! bind {
    ($place:ident, [$($key:expr),+], $action:expr, $shown:literal, $words:literal, $short:literal) => {
        Binding {
            keys: &[$($key),+],
            place: Where::$place,
            action: || $action,
            shown: $shown,
            words: $words,
            short: $short,
        }
    };
}

use Key::{Char, Ctrl};

/// All keys, in the order of the help.
pub const BINDINGS: &[Binding] = &[
    bind!(
        Everywhere,
        [Char('?'), code(KeyCode::F(1))],
        Action::Help,
        "?",
        "help",
        "help"
    ),
    bind!(List, [Char('q')], Action::Close, "q", "quit", "quit"),
    bind!(
        Detail,
        [Char('q')],
        Action::Close,
        "q",
        "back to the list",
        "back"
    ),
    bind!(
        Everywhere,
        [Ctrl('c'), Char('Q')],
        Action::Quit,
        "Ctrl-C Q",
        "quit at once",
        ""
    ),
    bind!(
        Everywhere,
        [code(KeyCode::Esc)],
        Action::Back,
        "esc",
        "one level up; in the list, drop the search, then the filter",
        ""
    ),
    bind!(
        List,
        [code(KeyCode::Enter)],
        Action::Open,
        "enter",
        "open the handshake, or the fold",
        "open"
    ),
    bind!(
        Detail,
        [code(KeyCode::Enter)],
        Action::Open,
        "enter",
        "go to the line in the log that this is read from",
        "to the log"
    ),
    bind!(
        Everywhere,
        [Char('j'), code(KeyCode::Down)],
        Action::Move(Move::By(1)),
        "j ↓",
        "down",
        ""
    ),
    bind!(
        Everywhere,
        [Char('k'), code(KeyCode::Up)],
        Action::Move(Move::By(-1)),
        "k ↑",
        "up",
        ""
    ),
    bind!(
        Everywhere,
        [code(KeyCode::PageDown), Char(' '), Ctrl('f')],
        Action::Move(Move::Pages(1)),
        "PgDn space",
        "a page down",
        ""
    ),
    bind!(
        Everywhere,
        [code(KeyCode::PageUp), Ctrl('b')],
        Action::Move(Move::Pages(-1)),
        "PgUp",
        "a page up",
        ""
    ),
    bind!(
        Everywhere,
        [Ctrl('d')],
        Action::Move(Move::HalfPages(1)),
        "Ctrl-D",
        "half a page down",
        ""
    ),
    bind!(
        Everywhere,
        [Ctrl('u')],
        Action::Move(Move::HalfPages(-1)),
        "Ctrl-U",
        "half a page up",
        ""
    ),
    bind!(
        Everywhere,
        [Char('g'), code(KeyCode::Home)],
        Action::Move(Move::Top),
        "g Home",
        "to the top",
        ""
    ),
    bind!(
        Everywhere,
        [Char('G'), code(KeyCode::End)],
        Action::Move(Move::Bottom),
        "G End",
        "to the end",
        ""
    ),
    bind!(
        Everywhere,
        [code(KeyCode::Right), Char('l')],
        Action::Sideways(8),
        "l →",
        "long lines: further right",
        ""
    ),
    bind!(
        Everywhere,
        [code(KeyCode::Left), Char('h')],
        Action::Sideways(-8),
        "h ←",
        "back left",
        ""
    ),
    bind!(
        Detail,
        [code(KeyCode::Tab)],
        Action::Tab(Turn::Next),
        "tab",
        "next tab",
        "tabs"
    ),
    bind!(
        Detail,
        [code(KeyCode::BackTab)],
        Action::Tab(Turn::Previous),
        "shift-tab",
        "previous tab",
        ""
    ),
    bind!(
        Detail,
        [Char('1')],
        Action::TabNumber(1),
        "1 … 5",
        "a tab by its number",
        ""
    ),
    bind!(Detail, [Char('2')], Action::TabNumber(2), "", "", ""),
    bind!(Detail, [Char('3')], Action::TabNumber(3), "", "", ""),
    bind!(Detail, [Char('4')], Action::TabNumber(4), "", "", ""),
    bind!(Detail, [Char('5')], Action::TabNumber(5), "", "", ""),
    bind!(
        Everywhere,
        [Char('/')],
        Action::Search,
        "/",
        "search",
        "search"
    ),
    bind!(
        Everywhere,
        [Char('n')],
        Action::Match(Turn::Next),
        "n",
        "next match",
        ""
    ),
    bind!(
        Everywhere,
        [Char('N')],
        Action::Match(Turn::Previous),
        "N",
        "previous match",
        ""
    ),
    bind!(
        List,
        [Char('f')],
        Action::Filter,
        "f",
        "filter: outcome: rule: peer: thread: since: until: words",
        "filter"
    ),
    bind!(
        List,
        [Char('\\')],
        Action::ToggleFilter,
        "\\",
        "filter on or off",
        ""
    ),
    bind!(
        List,
        [Char('F')],
        Action::FailuresOnly,
        "F",
        "only what did not come to be, or all",
        "failures"
    ),
    bind!(
        Everywhere,
        [Char(']')],
        Action::Failure(Turn::Next),
        "]",
        "next failure",
        "next failure"
    ),
    bind!(
        Everywhere,
        [Char('[')],
        Action::Failure(Turn::Previous),
        "[",
        "previous failure",
        ""
    ),
    bind!(
        List,
        [Char('t')],
        Action::JumpToTime,
        "t",
        "go to a time",
        ""
    ),
    bind!(
        Everywhere,
        [Char(':')],
        Action::JumpToNumber,
        ":",
        "go to a handshake by its number; in Log, to a line",
        ""
    ),
    bind!(
        List,
        [Char('s')],
        Action::Sort,
        "s",
        "sort by the next column",
        "sort"
    ),
    bind!(
        List,
        [Char('S')],
        Action::ReverseSort,
        "S",
        "the other way round",
        ""
    ),
    bind!(
        List,
        [Char('b')],
        Action::Group,
        "b",
        "group: equal failures, none, by cause, by peer",
        "group"
    ),
    bind!(
        Detail,
        [Char('a')],
        Action::WholeLog,
        "a",
        "Log: all lines, or those of this handshake",
        ""
    ),
    bind!(
        Detail,
        [Char('w')],
        Action::Wrap,
        "w",
        "fold long lines, or cut them",
        "wrap"
    ),
    bind!(
        Everywhere,
        [Char('m')],
        Action::SetMark,
        "m",
        "mark this place with a letter",
        ""
    ),
    bind!(
        Everywhere,
        [Char('\'')],
        Action::GoToMark,
        "'",
        "go to a mark",
        ""
    ),
    bind!(
        Everywhere,
        [Char('y')],
        Action::Copy,
        "y",
        "copy: evidence, remedy, test, line",
        "copy"
    ),
    bind!(
        Everywhere,
        [Char('e')],
        Action::Export,
        "e",
        "export to a file",
        "export"
    ),
    bind!(
        Everywhere,
        [Char('r')],
        Action::Redact,
        "r",
        "replace names by tokens, or show them",
        ""
    ),
    bind!(
        Everywhere,
        [Char('x')],
        Action::CommandLine,
        "x",
        "the command line that prints the same",
        ""
    ),
    bind!(
        Everywhere,
        [Ctrl('z')],
        Action::Suspend,
        "Ctrl-Z",
        "stop; fg comes back",
        ""
    ),
];

impl Binding {
    /// Where it holds.
    pub fn place(&self) -> Where {
        self.place
    }
}

impl Key {
    fn is(self, event: KeyEvent) -> bool {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        match self {
            Self::Char(c) => !ctrl && event.code == KeyCode::Char(c),
            Self::Ctrl(c) => ctrl && event.code == KeyCode::Char(c),
            Self::Code(code) => event.code == code,
        }
    }
}

impl Where {
    fn holds(self, model: &Model) -> bool {
        match self {
            Self::Everywhere => true,
            Self::List => model.detail.is_none(),
            Self::Detail => model.detail.is_some(),
        }
    }
}

/// What a key means now.
pub fn action(model: &Model, event: KeyEvent) -> Option<Action> {
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    if let Some(Overlay::Prompt(_)) = model.overlay {
        return in_prompt(event, ctrl);
    }
    let chooses = matches!(model.overlay, Some(Overlay::Menu(_) | Overlay::Mark(_)));
    if chooses
        && let KeyCode::Char(c) = event.code
        && !ctrl
    {
        return Some(Action::Character(c));
    }
    let of_place = |binding: &&Binding| binding.place.holds(model);
    BINDINGS
        .iter()
        .filter(of_place)
        .find(|binding| binding.keys.iter().any(|key| key.is(event)))
        .map(|binding| (binding.action)())
}

/// A key while something is typed: as a shell takes it.
fn in_prompt(event: KeyEvent, ctrl: bool) -> Option<Action> {
    use InputRequest::{
        DeleteFromStart, DeleteNextChar, DeletePrevChar, DeletePrevWord, DeleteTillEnd, GoToEnd,
        GoToNextChar, GoToNextWord, GoToPrevChar, GoToPrevWord, GoToStart, InsertChar,
    };
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    let request = match event.code {
        KeyCode::Enter => return Some(Action::Open),
        KeyCode::Esc => return Some(Action::Back),
        KeyCode::Char('c' | 'g') if ctrl => return Some(Action::Back),
        KeyCode::Up => return Some(Action::Recall(Turn::Previous)),
        KeyCode::Down => return Some(Action::Recall(Turn::Next)),
        KeyCode::Char('p') if ctrl => return Some(Action::Recall(Turn::Previous)),
        KeyCode::Char('n') if ctrl => return Some(Action::Recall(Turn::Next)),
        KeyCode::Backspace if alt || ctrl => DeletePrevWord,
        KeyCode::Char('w') if ctrl => DeletePrevWord,
        KeyCode::Backspace => DeletePrevChar,
        KeyCode::Char('h') if ctrl => DeletePrevChar,
        KeyCode::Delete => DeleteNextChar,
        KeyCode::Char('u') if ctrl => DeleteFromStart,
        KeyCode::Char('k') if ctrl => DeleteTillEnd,
        KeyCode::Left if alt || ctrl => GoToPrevWord,
        KeyCode::Right if alt || ctrl => GoToNextWord,
        KeyCode::Char('b') if alt => GoToPrevWord,
        KeyCode::Char('f') if alt => GoToNextWord,
        KeyCode::Left => GoToPrevChar,
        KeyCode::Char('b') if ctrl => GoToPrevChar,
        KeyCode::Right => GoToNextChar,
        KeyCode::Char('f') if ctrl => GoToNextChar,
        KeyCode::Home => GoToStart,
        KeyCode::Char('a') if ctrl => GoToStart,
        KeyCode::End => GoToEnd,
        KeyCode::Char('e') if ctrl => GoToEnd,
        KeyCode::Char(c) if !ctrl => InsertChar(c),
        _ => return None,
    };
    Some(Action::Edit(request))
}

/// What the foot says: the keys that are wanted most, here.
pub fn hints(model: &Model) -> impl Iterator<Item = (&'static str, &'static str)> {
    BINDINGS
        .iter()
        .filter(|binding| binding.place.holds(model) && !binding.short.is_empty())
        .map(|binding| (binding.shown, binding.short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for (number, binding) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[number + 1..] {
                let together = binding.place == other.place
                    || binding.place == Where::Everywhere
                    || other.place == Where::Everywhere;
                let shared = binding.keys.iter().any(|key| other.keys.contains(key));
                assert!(
                    !(together && shared),
                    "{} and {}",
                    binding.words,
                    other.words
                );
            }
        }
    }

    #[test]
    fn letters_go_into_a_prompt() {
        let mut model = Model::default();
        let key = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        assert!(matches!(action(&model, key('q')), Some(Action::Close)));
        model.overlay = Some(Overlay::Prompt(super::super::model::Prompt {
            kind: super::super::model::PromptKind::Search,
            input: tui_input::Input::default(),
            error: None,
            back: 0,
        }));
        assert!(matches!(
            action(&model, key('q')),
            Some(Action::Edit(InputRequest::InsertChar('q')))
        ));
    }
}
