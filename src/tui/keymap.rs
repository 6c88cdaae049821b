//! Which key does what: one table, for the program, the line at the foot and the help.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

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
    bind!(Everywhere, [Char('q')], Action::Quit, "q", "quit", "quit"),
    bind!(Everywhere, [Ctrl('c')], Action::Quit, "Ctrl-C", "quit", ""),
    bind!(
        Everywhere,
        [code(KeyCode::Esc)],
        Action::Back,
        "esc",
        "one level up",
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
        "go to the line in the log",
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
        "→",
        "long lines: further right",
        ""
    ),
    bind!(
        Everywhere,
        [code(KeyCode::Left), Char('h')],
        Action::Sideways(-8),
        "←",
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
        "failures only, or all",
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
        return Some(match event.code {
            KeyCode::Enter => Action::Open,
            KeyCode::Esc => Action::Back,
            KeyCode::Backspace => Action::Erase,
            KeyCode::Char('c') if ctrl => Action::Back,
            KeyCode::Char('u') if ctrl => Action::EraseAll,
            KeyCode::Char(c) if !ctrl => Action::Character(c),
            _ => return None,
        });
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
        assert!(matches!(action(&model, key('q')), Some(Action::Quit)));
        model.overlay = Some(Overlay::Prompt(super::super::model::Prompt {
            kind: super::super::model::PromptKind::Search,
            text: String::new(),
            error: None,
        }));
        assert!(matches!(
            action(&model, key('q')),
            Some(Action::Character('q'))
        ));
    }
}
