//! The interactive view: browse every handshake while the log is still being read.
//!
//! [`Model`] is plain data, an [`Action`] is a user's wish or news from
//! outside, [`update`](update::update) changes the one by the other and says what is to be done outside, and
//! [`view`] draws. None of these knows a terminal or a file; what does is here, in `terminal`, `source` and
//! `clipboard`.

pub mod action;
mod clipboard;
pub mod data;
pub mod doc;
mod export;
mod help;
pub mod keymap;
mod lines;
pub mod list;
pub mod log_lines;
pub mod menu;
pub mod model;
mod prompt;
pub mod source;
pub mod tabs;
mod terminal;
pub mod update;
pub mod view;

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::Ordering,
        mpsc::{Receiver, TryRecvError},
    },
    time::{Duration, Instant},
};

use crossterm::event::{self, Event, KeyEventKind, MouseButton, MouseEventKind};

use self::{
    action::{Action, Move},
    data::{Id, News},
    doc::At,
    model::{Effect, ExportFormat, Model},
    source::Source,
    terminal::{Screen, Signals},
    view::Theme,
};
use crate::{
    redact::{Kinds, Redactor, Tokens},
    report::{Analysed, Filter},
};

/// How the view is wanted.
#[derive(Debug, Clone)]
pub struct Options {
    /// The files as they were named.
    pub files: Vec<String>,
    /// With colours.
    pub colours: bool,
    /// Clicks and the wheel are taken.
    pub mouse: bool,
    /// Handshakes that are wanted at first.
    pub filter: Filter,
    /// Names stay in what is made to be handed on.
    pub keep_names: bool,
    /// Names are taken out from the beginning.
    pub redacted: bool,
}

/// Where the lines of each input can be read again; filled while inputs are opened.
#[derive(Debug, Clone, Default)]
pub struct Sources(Arc<Mutex<Vec<Arc<Source>>>>);

impl Sources {
    /// The source of the next input.
    pub fn push(&self, source: Source) {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sources.push(Arc::new(source));
    }

    fn get(&self, index: usize) -> Result<Arc<Source>, String> {
        let sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let source = sources.get(index).cloned();
        source.ok_or_else(|| "the log is not open".to_owned())
    }
}

/// What is left when the view is closed.
#[derive(Debug)]
pub struct Left {
    /// What was read by then.
    pub inputs: Vec<Analysed>,
    /// What went wrong.
    pub complaints: Vec<String>,
}

/// Shows what comes until the user leaves.
pub fn run(options: Options, news: &Receiver<News>, sources: &Sources) -> io::Result<Left> {
    let signals = Signals::register()?;
    let mut screen = Screen::enter(options.mouse, &signals)?;
    let size = screen.terminal.size()?;
    let mut model = Model {
        size: (size.width, size.height),
        files: options.files,
        progress: Some(data::Progress::default()),
        ..Model::default()
    };
    model.list.filter = options.filter;
    let mut program = Program {
        model,
        theme: Theme::new(options.colours),
        sources: sources.clone(),
        clipboard: None,
        tokens: None,
        keep_names: options.keep_names,
        quit: false,
    };
    if options.redacted {
        program.act(Action::Redact, &mut screen)?;
    }
    program.run(&mut screen, &signals, news)?;
    drop(screen);
    let Model {
        data, complaints, ..
    } = program.model;
    Ok(Left {
        inputs: data.into_inputs(),
        complaints,
    })
}

struct Program {
    model: Model,
    theme: Theme,
    sources: Sources,
    /// Held as long as the view is open: see `clipboard`.
    clipboard: Option<arboard::Clipboard>,
    /// What names are replaced by; made when it is first wanted.
    tokens: Option<Arc<Tokens>>,
    /// Names stay in what is made to be handed on.
    keep_names: bool,
    quit: bool,
}

/// Stops until it is continued; the terminal may have another size by then.
fn suspend(screen: &mut Screen) -> io::Result<Action> {
    screen.suspend()?;
    let size = screen.terminal.size()?;
    Ok(Action::Resize(size.width, size.height))
}

impl Program {
    fn run(
        &mut self,
        screen: &mut Screen,
        signals: &Signals,
        news: &Receiver<News>,
    ) -> io::Result<()> {
        /// While the log is read, news is looked for so often.
        const READING: Duration = Duration::from_millis(40);
        /// And when nothing can come but keys and signals.
        const IDLE: Duration = Duration::from_millis(200);
        /// At most so long keys are taken one after the other before they are shown.
        const FRAME: Duration = Duration::from_millis(30);
        let mut reading = true;
        self.draw(screen)?;
        while !self.quit && !signals.quit.load(Ordering::Relaxed) {
            let mut changed = false;
            let begin = Instant::now();
            let mut wait = if reading { READING } else { IDLE };
            while begin.elapsed() < FRAME.max(wait) && event::poll(wait)? {
                wait = Duration::ZERO;
                changed |= self.event(&event::read()?, screen)?;
            }
            loop {
                match news.try_recv() {
                    Ok(news) => {
                        self.act(Action::News(news), screen)?;
                        changed = true;
                    }
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => {
                        changed |= reading;
                        reading = false;
                        break;
                    }
                }
            }
            if signals.stop.swap(false, Ordering::Relaxed) {
                let resized = suspend(screen)?;
                self.act(resized, screen)?;
                changed = true;
            }
            changed |= self.resized(screen)?;
            if changed && !self.quit {
                self.draw(screen)?;
            }
        }
        Ok(())
    }

    /// Whether the terminal has another size by now. The event that tells is lost when it comes before the first wait for
    /// events.
    fn resized(&mut self, screen: &mut Screen) -> io::Result<bool> {
        let size = screen.terminal.size()?;
        if (size.width, size.height) == self.model.size {
            return Ok(false);
        }
        self.act(Action::Resize(size.width, size.height), screen)?;
        Ok(true)
    }

    fn draw(&self, screen: &mut Screen) -> io::Result<()> {
        screen
            .terminal
            .draw(|frame| view::draw(&self.model, self.theme, frame))?;
        Ok(())
    }

    /// Whether something may have changed.
    fn event(&mut self, event: &Event, screen: &mut Screen) -> io::Result<bool> {
        let action = match *event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                test_panic(key);
                keymap::action(&self.model, key)
            }
            Event::Resize(columns, rows) => Some(Action::Resize(columns, rows)),
            Event::Mouse(mouse) => match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Some(Action::Click(mouse.row)),
                MouseEventKind::ScrollDown => Some(Action::Move(Move::By(3))),
                MouseEventKind::ScrollUp => Some(Action::Move(Move::By(-3))),
                _ => None,
            },
            _ => None,
        };
        let Some(action) = action else {
            return Ok(false);
        };
        self.act(action, screen)?;
        Ok(true)
    }

    fn act(&mut self, action: Action, screen: &mut Screen) -> io::Result<()> {
        let mut effects = update::update(&mut self.model, action);
        while let Some(effect) = effects.pop() {
            if let Some(follows) = self.carry_out(effect, screen)? {
                effects.extend(update::update(&mut self.model, follows));
            }
        }
        Ok(())
    }

    /// Does what the model asked for; what follows from it is for the model again.
    fn carry_out(&mut self, effect: Effect, screen: &mut Screen) -> io::Result<Option<Action>> {
        /// Lines read in front of a place and behind it.
        const AROUND: (usize, usize) = (400, 800);
        let told = |result: Result<Action, String>| result.unwrap_or_else(Action::Say);
        Ok(match effect {
            Effect::Quit => {
                self.quit = true;
                None
            }
            Effect::Suspend => Some(suspend(screen)?),
            Effect::Drop(known) => {
                // a hundred thousand handshakes are not given back in a moment
                std::thread::spawn(move || drop(known));
                None
            }
            Effect::Copy(what, text) => {
                let copied = clipboard::copy(&text, &mut self.clipboard);
                Some(Action::Say(match copied {
                    Ok(place) => format!("{what} copied to the {place}"),
                    Err(why) => format!("{what} not copied: {why}"),
                }))
            }
            Effect::ReadEntries(input, spans) => {
                let lines = self
                    .sources
                    .get(input)
                    .and_then(|source| source.entries(&spans, self.model.data.redactor()));
                Some(told(lines.map(Action::Log)))
            }
            Effect::ReadAround { input, at, known } => {
                let source = self.sources.get(input);
                let lines = source.and_then(|source| {
                    source.around_entry(at, known, AROUND.0, AROUND.1, self.model.data.redactor())
                });
                Some(told(lines.map(Action::Log)))
            }
            Effect::ReadLine { input, line, known } => {
                let source = self.sources.get(input);
                let lines = source.and_then(|source| {
                    let at = source.line(line, known)?;
                    source.around_entry(at, at, AROUND.0, AROUND.1, self.model.data.redactor())
                });
                Some(told(lines.map(Action::Log)))
            }
            Effect::Find {
                input,
                offset,
                line,
                text,
                turn,
            } => {
                let source = self.sources.get(input);
                let found = source.and_then(|source| {
                    source.find(At { line, offset }, &text, turn, self.model.data.redactor())
                });
                Some(Action::LogFound(found))
            }
            Effect::Redact(wanted) => Some(match self.redactor().filter(|_| wanted) {
                None if wanted => {
                    Action::Say("the system has no random numbers for the key".to_owned())
                }
                redactor => Action::Redacted(redactor.map(Box::new)),
            }),
            Effect::Export { ids, format, path } => {
                let count = ids.len();
                let written = self.export(&ids, format, &path);
                Some(Action::Say(match written {
                    Ok(()) if count == 1 => format!("one handshake written to {path}"),
                    Ok(()) => format!("{count} handshakes written to {path}"),
                    Err(why) => format!("{path}: {why}"),
                }))
            }
        })
    }
}

impl Program {
    /// What takes names out. One for as long as the view is open: a name has the same token throughout.
    fn redactor(&mut self) -> Option<Redactor> {
        if self.tokens.is_none() {
            self.tokens = Tokens::random().map(Arc::new);
        }
        let tokens = self.tokens.clone()?;
        Some(Redactor::new(Kinds::ALL, tokens))
    }

    fn export(&mut self, ids: &[Id], format: ExportFormat, path: &str) -> Result<(), String> {
        let take_out = format.is_for_others() && !self.keep_names;
        if !take_out {
            return export::write(
                &self.model.data,
                ids,
                format,
                path,
                self.model.data.redactor(),
            );
        }
        let redactor = self
            .redactor()
            .ok_or("the system has no random numbers for the key")?;
        export::write(&self.model.data, ids, format, path, &redactor)
    }
}

/// The tests see to it that a panic leaves the terminal clean.
#[cfg(debug_assertions)]
fn test_panic(key: event::KeyEvent) {
    let wanted = std::env::var_os("JSSL_ANALYZE_TEST_PANIC").is_some();
    assert!(
        !(wanted && key.code == event::KeyCode::F(12)),
        "a panic for a test"
    );
}

#[cfg(not(debug_assertions))]
fn test_panic(_key: event::KeyEvent) {}
