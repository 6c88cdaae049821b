//! The interactive view without a terminal: wishes go in, states and pictures come out.
#![cfg(feature = "tui")]
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::{fmt::Write as _, fs, path::Path, sync::Arc};

use jssl_analyze::{
    diagnose::diagnose,
    drive::analyse_bytes,
    handshake::Handshake,
    input::Origin,
    redact::{Kinds, Redactor, Tokens},
    report::Analysed,
    tui::{
        action::{Action, Move, Turn},
        data::{News, Progress},
        doc::At,
        list::{Grouping, Item},
        menu::command_of,
        model::{Effect, Model, Overlay},
        source::Source,
        tabs::Tab,
        update::update,
        view::{Theme, draw},
    },
};
use ratatui::{Terminal, backend::TestBackend};
use tui_input::InputRequest;

/// A view of one log, with its lines at hand.
struct Session {
    model: Model,
    source: Source,
    effects: Vec<Effect>,
}

impl Session {
    fn of(log: &[u8]) -> Self {
        let (source, mut reader) = Source::copy_of(std::io::Cursor::new(log.to_vec()));
        std::io::copy(&mut reader, &mut std::io::sink()).unwrap();
        let mut session = Self {
            model: Model {
                size: (80, 24),
                files: vec!["server.log".to_owned()],
                ..Model::default()
            },
            source,
            effects: Vec::new(),
        };
        session.act(Action::News(input(log)));
        session.act(Action::News(News::Done));
        session
    }

    fn sample(name: &str) -> Self {
        Self::of(&sample(name))
    }

    /// Does what is wished; what is read of the log is taken at once.
    fn act(&mut self, action: Action) {
        for effect in update(&mut self.model, action) {
            let follows = match effect {
                Effect::ReadEntries(_, spans) => self
                    .source
                    .entries(&spans, self.model.data.redactor())
                    .map(Action::Log),
                Effect::ReadAround { at, known, .. } => {
                    let lines =
                        self.source
                            .around_entry(at, known, 100, 200, self.model.data.redactor());
                    lines.map(Action::Log)
                }
                Effect::ReadLine { line, known, .. } => {
                    let at = self.source.line(line, known).unwrap();
                    let redactor = self.model.data.redactor();
                    let lines = self.source.around_entry(at, at, 100, 200, redactor);
                    lines.map(Action::Log)
                }
                Effect::Find {
                    offset,
                    line,
                    text,
                    turn,
                    ..
                } => Ok(Action::LogFound(self.source.find(
                    At { line, offset },
                    &text,
                    turn,
                    self.model.data.redactor(),
                ))),
                Effect::Redact(wanted) => {
                    let tokens = Arc::new(Tokens::random().unwrap());
                    let redactor = Redactor::new(Kinds::ALL, tokens);
                    Ok(Action::Redacted(wanted.then(|| Box::new(redactor))))
                }
                effect => {
                    self.effects.push(effect);
                    continue;
                }
            };
            self.act(follows.unwrap_or_else(Action::Say));
        }
    }

    fn type_in(&mut self, text: &str) {
        for c in text.chars() {
            self.act(Action::Edit(InputRequest::InsertChar(c)));
        }
        self.act(Action::Open);
    }

    fn screen(&self) -> String {
        let (width, height) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal
            .draw(|frame| draw(&self.model, Theme::new(true), frame))
            .unwrap();
        let buffer = terminal.backend().buffer();
        let mut text = String::new();
        for y in 0..height {
            let mut row = String::new();
            let mut skip = 0;
            for x in 0..width {
                // behind a wide character stands an empty cell
                if skip == 0 {
                    let symbol = buffer[(x, y)].symbol();
                    skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                    row.push_str(symbol);
                } else {
                    skip -= 1;
                }
            }
            writeln!(text, "{}", row.trim_end()).unwrap();
        }
        text
    }

    fn cursor_line(&self) -> String {
        let detail = self.model.detail.as_ref().unwrap();
        let place = detail.places[detail.tab.index()];
        detail.doc.lines[place.cursor].text()
    }
}

fn sample(name: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lab/logs");
    fs::read(root.join(name)).unwrap()
}

fn input(log: &[u8]) -> News {
    let analysis = analyse_bytes(log);
    let diagnosis = diagnose(&analysis.assembly);
    News::Input {
        index: 0,
        analysed: Box::new(Analysed {
            path: "server.log".to_owned(),
            origin: Origin::default(),
            analysis,
            diagnosis,
        }),
    }
}

const CHAIN: &str = "25/incomplete-certificate-chain-tls13.ssl-handshake.both.log";
const SILENT: &str = "25/closed-after-client-hello.ssl-handshake.client.log";
const MTLS: &str = "25/client-certificate-missing-tls13.ssl-handshake.both.log";
const GOOD: &str = "25/mtls-tls13.ssl-handshake.server.log";
const MANY: &str = "17/many-one-bad.ssl-handshake.client.log";

/// Many handshakes, among them thousands of equal failures.
fn huge() -> Vec<u8> {
    let bad = sample("25/hostname-mismatch-tls12.ssl-handshake.client.log");
    let good = sample(MANY);
    [good.clone(), bad.repeat(2_000), good].concat()
}

#[test]
fn each_tab_of_each_kind_looks_right_at_each_size() {
    let logs = [
        ("chain", sample(CHAIN)),
        ("no-server-hello", sample(SILENT)),
        ("mtls", sample(MTLS)),
        ("established", sample(GOOD)),
        ("empty", b"2026-11-21 INFO started\n".to_vec()),
        ("huge", huge()),
    ];
    for (name, log) in logs {
        let mut session = Session::of(&log);
        for size in [(80, 24), (120, 40), (200, 60)] {
            session.act(Action::Resize(size.0, size.1));
            session.model.detail = None;
            let mut screens = session.screen();
            session.act(Action::Move(Move::Top));
            if let Some(Item::Group(_)) = session.model.list.items().first() {
                session.act(Action::Open);
                session.act(Action::Move(Move::By(1)));
            }
            session.act(Action::Open);
            if session.model.detail.is_some() {
                for number in 1..=Tab::ALL.len() {
                    session.act(Action::TabNumber(number));
                    write!(
                        screens,
                        "{}\n{}",
                        "═".repeat(usize::from(size.0)),
                        session.screen()
                    )
                    .unwrap();
                }
            }
            insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), screens);
        }
    }
}

#[test]
fn keys_lead_from_the_list_to_the_line_that_proves_it_and_back() {
    let mut session = Session::sample(CHAIN);
    assert!(session.model.detail.is_none());
    session.act(Action::Open);
    let detail = session.model.detail.as_ref().unwrap();
    assert_eq!(detail.tab, Tab::Diagnosis);
    // from a line of the evidence to that line of the log
    session.act(Action::Search);
    session.type_in("Evidence");
    session.act(Action::Move(Move::By(1)));
    let line = session.cursor_line();
    let number: u64 = line
        .split_whitespace()
        .nth(1)
        .and_then(|number| number.parse().ok())
        .unwrap();
    session.act(Action::Open);
    let detail = session.model.detail.as_ref().unwrap();
    assert_eq!(detail.tab, Tab::Log);
    assert!(detail.log.whole);
    let log = String::from_utf8(sample(CHAIN)).unwrap();
    let wanted = log
        .lines()
        .nth(usize::try_from(number).unwrap() - 1)
        .unwrap();
    assert!(
        session
            .cursor_line()
            .trim_end()
            .ends_with(wanted.trim_end()),
        "{}",
        session.cursor_line()
    );
    session.act(Action::Back);
    assert_eq!(session.model.detail.as_ref().unwrap().tab, Tab::Diagnosis);
    assert_eq!(session.cursor_line(), line, "the place was kept");
    session.act(Action::Back);
    assert!(session.model.detail.is_none());
    session.act(Action::Quit);
    assert!(matches!(session.effects[..], [Effect::Quit]));
}

#[test]
fn the_log_of_a_handshake_is_its_lines_or_all_of_them() {
    let mut session = Session::sample(MANY);
    session.act(Action::Move(Move::Bottom));
    session.act(Action::Open);
    session.act(Action::TabNumber(5));
    let own = session.model.detail.as_ref().unwrap().doc.lines.len();
    session.act(Action::WholeLog);
    let detail = session.model.detail.as_ref().unwrap();
    assert!(detail.log.whole && detail.doc.lines.len() > own);
    // further than what was read at first
    let first = detail.log.lines.lines[0].number;
    session.act(Action::Move(Move::Top));
    let detail = session.model.detail.as_ref().unwrap();
    assert!(detail.log.lines.lines[0].number < first);
    session.act(Action::WholeLog);
    assert!(!session.model.detail.as_ref().unwrap().log.whole);
}

#[test]
fn the_whole_log_is_searched_in_both_directions() {
    let mut session = Session::sample(MANY);
    session.act(Action::Open);
    session.act(Action::TabNumber(5));
    session.act(Action::WholeLog);
    session.act(Action::Search);
    session.type_in("Received alert");
    let session_line = |session: &Session| session.cursor_line();
    let first = session_line(&session);
    assert!(first.contains("Received alert"), "{first}");
    session.act(Action::Match(Turn::Next));
    session.act(Action::Match(Turn::Previous));
    assert!(session_line(&session).contains("Received alert"));
    session.act(Action::Search);
    session.type_in("no such thing anywhere");
    assert!(
        session
            .model
            .message
            .as_ref()
            .unwrap()
            .contains("no such thing")
    );
}

#[test]
fn equal_failures_are_one_row_that_opens() {
    let mut session = Session::of(&huge());
    let list = &session.model.list;
    let groups = list
        .items()
        .iter()
        .filter(|item| matches!(item, Item::Group(_)));
    assert_eq!(groups.count(), 1);
    assert!(list.items().len() < 500);
    session.act(Action::Failure(Turn::Next));
    while !matches!(
        session.model.list.items()[session.model.list.cursor],
        Item::Group(_)
    ) {
        session.act(Action::Failure(Turn::Next));
    }
    session.act(Action::Open);
    assert!(session.model.list.items().len() > 2_000);
    session.act(Action::Open);
    assert!(session.model.list.items().len() < 500);
    for wanted in [
        Grouping::None,
        Grouping::Cause,
        Grouping::Peer,
        Grouping::Equal,
    ] {
        session.act(Action::Group);
        assert_eq!(session.model.list.grouping, wanted);
    }
}

#[test]
fn a_filter_narrows_and_keeps_the_place() {
    let mut session = Session::sample(MANY);
    let all = session.model.list.items().len();
    session.act(Action::Failure(Turn::Next));
    let place = session.model.list.selected();
    session.act(Action::Filter);
    session.type_in("outcome:failed");
    assert!(session.model.list.items().len() < all);
    assert_eq!(session.model.list.selected(), place);
    session.act(Action::ToggleFilter);
    assert_eq!(session.model.list.items().len(), all);
    assert_eq!(session.model.list.selected(), place);
    session.act(Action::ToggleFilter);
    assert_eq!(
        command_of(&session.model),
        "jssl-analyze -f text --outcome failed server.log"
    );
    // what cannot be understood is said, and can be mended
    session.act(Action::Filter);
    session.type_in(" since:noon");
    let Some(Overlay::Prompt(prompt)) = &session.model.overlay else {
        panic!("the prompt is still open");
    };
    assert!(prompt.error.as_ref().unwrap().contains("noon"));
    session.act(Action::Edit(InputRequest::DeleteLine));
    session.type_in("colour:red");
    let Some(Overlay::Prompt(prompt)) = &session.model.overlay else {
        panic!("the prompt is still open");
    };
    assert!(prompt.error.as_ref().unwrap().contains("colour:"));
    // edited in the middle, and remembered
    session.act(Action::Edit(InputRequest::DeleteLine));
    for c in "utcome:failed".chars() {
        session.act(Action::Edit(InputRequest::InsertChar(c)));
    }
    session.act(Action::Edit(InputRequest::GoToStart));
    session.type_in("o");
    assert_eq!(session.model.list.filter.to_string(), "outcome:failed");
    session.act(Action::Search);
    session.act(Action::Recall(Turn::Previous));
    session.act(Action::Back);
    session.act(Action::Filter);
    session.act(Action::Recall(Turn::Previous));
    session.act(Action::Recall(Turn::Previous));
    let Some(Overlay::Prompt(prompt)) = &session.model.overlay else {
        panic!("the prompt is open");
    };
    assert_eq!(
        prompt.input.value(),
        "outcome:failed",
        "the older of two that are equal is gone"
    );
    session.act(Action::Back);
    session.act(Action::FailuresOnly);
    session.act(Action::ToggleFilter);
    assert!(session.model.list.items().len() < all);
}

#[test]
fn rows_are_sorted_and_turned_round() {
    let mut session = Session::sample(MANY);
    let durations = |session: &Session| -> Vec<Option<i64>> {
        let ids = session.model.list.wanted_ids(&session.model.data);
        let handshakes = ids.iter().map(|&id| session.model.data.handshake(id));
        handshakes.map(Handshake::duration_ms).collect()
    };
    for _ in 0..6 {
        session.act(Action::Sort);
    }
    assert_eq!(session.model.list.sort.name(), "duration");
    assert!(durations(&session).is_sorted());
    session.act(Action::ReverseSort);
    let mut backwards = durations(&session);
    backwards.reverse();
    assert!(backwards.is_sorted());
}

#[test]
fn marks_and_times_are_gone_to() {
    let mut session = Session::sample(MANY);
    session.act(Action::Move(Move::By(3)));
    let place = session.model.list.selected();
    session.act(Action::SetMark);
    session.act(Action::Character('a'));
    session.act(Action::Move(Move::Bottom));
    session.act(Action::GoToMark);
    session.act(Action::Character('a'));
    assert_eq!(session.model.list.selected(), place);
    session.act(Action::GoToMark);
    session.act(Action::Character('z'));
    assert!(session.model.message.as_ref().unwrap().contains("no mark"));
    let last = session.model.list.items().len() - 1;
    let Item::One(id, _) = session.model.list.items()[last] else {
        panic!("a handshake");
    };
    let at = session
        .model
        .data
        .handshake(id)
        .started_at()
        .unwrap()
        .time_of_day();
    session.act(Action::JumpToTime);
    session.type_in(&at);
    let selected = session.model.list.selected().unwrap();
    let found = session
        .model
        .data
        .handshake(selected)
        .started_at()
        .unwrap()
        .time_of_day();
    assert_eq!(found, at);
}

#[test]
fn what_proves_it_can_be_copied_and_exported() {
    let mut session = Session::sample(CHAIN);
    session.act(Action::Copy);
    session.act(Action::Character('v'));
    let [Effect::Copy("evidence", text)] = &session.effects[..] else {
        panic!("{:?}", session.effects);
    };
    assert!(text.starts_with("line "), "{text}");
    session.effects.clear();
    session.act(Action::Copy);
    session.act(Action::Character('c'));
    assert!(matches!(&session.effects[..], [Effect::Copy(_, text)] if text.contains("openssl")));
    session.effects.clear();
    session.act(Action::Export);
    session.act(Action::Character('j'));
    session.act(Action::Edit(InputRequest::DeleteLine));
    session.type_in("out.json");
    let [Effect::Export { ids, path, .. }] = &session.effects[..] else {
        panic!("{:?}", session.effects);
    };
    assert_eq!((ids.len(), path.as_str()), (1, "out.json"));
}

#[test]
fn news_keeps_the_place_while_the_log_is_read() {
    let log = sample(MANY);
    let mut session = Session::of(&log[..log.len() / 2]);
    session.act(Action::News(News::Progress(Progress {
        done: 1,
        total: Some(2),
        millis: 10,
    })));
    session.act(Action::Move(Move::By(7)));
    session.act(Action::Open);
    session.act(Action::TabNumber(3));
    let id = session.model.detail.as_ref().unwrap().id;
    let before = session.model.list.items().len();
    session.act(Action::News(input(&log)));
    assert!(session.model.list.items().len() > before);
    let detail = session.model.detail.as_ref().unwrap();
    assert_eq!((detail.id, detail.tab), (id, Tab::Offer));
    assert!(
        session
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Drop(_)))
    );
    session.act(Action::Back);
    assert_eq!(session.model.list.selected(), Some(id));
}

#[test]
fn hostile_names_are_drawn_safely_at_any_width() {
    let log = String::from_utf8(sample(CHAIN)).unwrap();
    let wide = "漢字".repeat(30);
    for name in [
        "\u{1b}[2J\u{202e}evil",
        "e\u{301}\u{301}\u{301}",
        &wide,
        "مثال.example",
    ] {
        let mut session = Session::of(log.replace("api.lab.example", name).as_bytes());
        for size in [(40, 8), (41, 9), (80, 24), (133, 33), (220, 70), (10, 3)] {
            session.act(Action::Resize(size.0, size.1));
            session.model.detail = None;
            assert!(!session.screen().contains('\u{1b}'));
            session.act(Action::Open);
            for number in 1..=5 {
                session.act(Action::TabNumber(number));
                session.act(Action::Wrap);
                session.act(Action::Sideways(5));
                let screen = session.screen();
                assert!(!screen.contains(['\u{1b}', '\u{202e}']), "{screen}");
            }
        }
    }
}

#[test]
fn names_are_on_no_screen_while_they_are_taken_out() {
    let mut session = Session::sample(CHAIN);
    session.act(Action::Resize(200, 60));
    let mut seen = [0, 0];
    for (redacted, seen) in seen.iter_mut().enumerate() {
        session.model.detail = None;
        let mut screens = session.screen();
        session.act(Action::Open);
        for number in 1..=Tab::ALL.len() {
            session.act(Action::TabNumber(number));
            screens += &session.screen();
        }
        session.act(Action::WholeLog);
        screens += &session.screen();
        *seen = screens.matches("lab.example").count() + screens.matches("Lab Issuing").count();
        if redacted == 0 {
            session.act(Action::Redact);
        }
    }
    assert!(seen[0] > 10 && seen[1] == 0, "{seen:?}");
    session.act(Action::Redact);
    session.model.detail = None;
    assert!(session.screen().contains("api.lab.example"));
}

mod any_keys {
    use super::*;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    use jssl_analyze::tui::keymap;
    use proptest::prelude::*;

    fn key() -> impl Strategy<Value = KeyEvent> {
        let codes = prop_oneof![
            8 => prop::char::range(' ', '~').prop_map(KeyCode::Char),
            6 => prop::sample::select(vec![
                KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::Up, KeyCode::Down,
                KeyCode::PageDown, KeyCode::End, KeyCode::Home, KeyCode::Backspace, KeyCode::Right,
            ]),
        ];
        codes.prop_map(|code| KeyEvent::new(code, KeyModifiers::NONE))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        /// Whoever leans on the keyboard gets a picture, not a panic.
        #[test]
        fn any_keys_in_any_order_do_no_harm(keys in prop::collection::vec(key(), 0..60), width in 1_u16..160, height in 1_u16..50) {
            let mut session = Session::sample(MANY);
            session.act(Action::Resize(width, height));
            for key in keys {
                if let Some(action) = keymap::action(&session.model, key) {
                    session.act(action);
                }
                session.screen();
            }
        }
    }
}

#[test]
fn the_cursor_begins_on_the_first_failure_until_it_is_moved() {
    let log = sample(MANY);
    let mut session = Session::of(&log);
    let selected = |session: &Session| session.model.list.selected().unwrap();
    let findings = session.model.data.findings(selected(&session));
    assert_eq!(findings[0].code, "T102");
    // once moved, it stays with its handshake
    session.act(Action::Move(Move::Top));
    session.act(Action::News(input(&log)));
    assert_eq!(selected(&session).position, 0);
    // at the end, it stays at the end
    session.act(Action::Move(Move::Bottom));
    let twice = [log.clone(), log].concat();
    session.act(Action::News(input(&twice)));
    assert_eq!(selected(&session).position, 399);
    session.act(Action::Move(Move::By(-1)));
    let thrice = [twice.clone(), twice].concat();
    session.act(Action::News(input(&thrice)));
    assert_eq!(selected(&session).position, 398);
}

#[test]
fn the_whole_log_has_both_its_ends_and_every_line_by_its_number() {
    let mut session = Session::sample(MANY);
    session.act(Action::Open);
    session.act(Action::TabNumber(5));
    session.act(Action::WholeLog);
    let line = |session: &Session| {
        let text = session.cursor_line();
        text.split_whitespace().next().unwrap().parse::<usize>()
    };
    let count = sample(MANY).split(|&byte| byte == b'\n').count() - 1;
    session.act(Action::Move(Move::Bottom));
    assert_eq!(line(&session), Ok(count));
    session.act(Action::Move(Move::Top));
    assert_eq!(line(&session), Ok(1));
    for number in [12_345, 7, count] {
        session.act(Action::JumpToNumber);
        session.type_in(&number.to_string());
        assert_eq!(line(&session), Ok(number));
    }
    // a mark comes back to its line, among all lines and among its own
    session.act(Action::Move(Move::By(-3)));
    let marked = line(&session);
    session.act(Action::SetMark);
    session.act(Action::Character('a'));
    session.act(Action::WholeLog);
    session.act(Action::Move(Move::By(5)));
    let own = line(&session);
    session.act(Action::SetMark);
    session.act(Action::Character('b'));
    session.act(Action::Back);
    for (name, wanted, whole) in [('a', &marked, true), ('b', &own, false)] {
        session.act(Action::GoToMark);
        session.act(Action::Character(name));
        assert_eq!(&line(&session), wanted, "{name}");
        assert_eq!(session.model.detail.as_ref().unwrap().log.whole, whole);
    }
}

#[test]
fn every_name_has_one_token_on_all_tabs_and_the_command_line_says_so() {
    let mut session = Session::sample("11/hostname-mismatch-tls12.ssl-handshake.both.log");
    session.act(Action::Redact);
    session.act(Action::Open);
    let tokens = |session: &mut Session, number| {
        session.act(Action::TabNumber(number));
        let screen = session.screen();
        let words = screen.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.');
        let hosts = words.filter(|word| word.starts_with("sub-"));
        hosts
            .map(str::to_owned)
            .collect::<std::collections::BTreeSet<_>>()
    };
    let timeline = tokens(&mut session, 1);
    let diagnosis = tokens(&mut session, 2);
    assert!(!diagnosis.is_empty());
    let asked: Vec<_> = timeline.intersection(&diagnosis).collect();
    assert!(!asked.is_empty(), "{timeline:?} {diagnosis:?}");
    let export = session
        .model
        .data
        .view(session.model.detail.as_ref().unwrap().id);
    let headline = export.findings[0].headline.clone();
    assert!(
        session
            .screen()
            .contains(headline.split(' ').next_back().unwrap())
    );
    assert!(command_of(&session.model).contains("--redact"));
}

#[test]
fn several_files_clocks_and_days_are_told_apart() {
    let mut session = Session::sample(CHAIN);
    let other = String::from_utf8(sample(SILENT)).unwrap();
    let other = other
        .replace("2026-11-21 ", "2026-11-19 ")
        .replace(" UTC|", " IST|");
    let News::Input { mut analysed, .. } = input(other.as_bytes()) else {
        unreachable!("an input");
    };
    analysed.path = "logs/other.log".to_owned();
    session.act(Action::News(News::Input { index: 1, analysed }));
    session.act(Action::Resize(140, 24));
    let screen = session.screen();
    assert!(
        screen.contains("other.log") && screen.contains("several zones"),
        "{screen}"
    );
    assert!(
        screen.contains("11-19 ") && screen.contains(" IST"),
        "{screen}"
    );
    let line = screen.lines().nth(1).unwrap();
    assert!(line.starts_with(" 3 failed  2026-11-19"), "{line}");
    session.act(Action::Move(Move::Bottom));
    session.act(Action::Open);
    assert!(session.screen().contains("in other.log"));
}
