//! The terminal: taken over, and given back whatever happens.

use std::{
    io::{self, Stdout},
    panic,
    sync::{
        Arc, Once,
        atomic::{AtomicBool, Ordering},
    },
};

use crossterm::{
    cursor::Show,
    event::{DisableMouseCapture, EnableMouseCapture},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{Terminal, backend::CrosstermBackend};

/// The terminal while it is ours; dropped, it is given back.
pub(super) struct Screen {
    pub(super) terminal: Terminal<CrosstermBackend<Stdout>>,
    mouse: bool,
}

/// What the system asks for.
#[derive(Clone, Default)]
pub(super) struct Signals {
    /// To leave: SIGTERM, SIGHUP, SIGINT, or a panic on another thread.
    pub(super) quit: Arc<AtomicBool>,
    /// To stop: SIGTSTP.
    pub(super) stop: Arc<AtomicBool>,
}

impl Screen {
    /// Takes the terminal over.
    pub(super) fn enter(mouse: bool, signals: &Signals) -> io::Result<Self> {
        restore_on_panic(signals);
        take(mouse)?;
        let terminal =
            Terminal::new(CrosstermBackend::new(io::stdout())).inspect_err(|_| give())?;
        Ok(Self { terminal, mouse })
    }

    /// Gives it back, stops this process as Ctrl-Z would, and takes it over again.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        give();
        #[cfg(unix)]
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        take(self.mouse)?;
        self.terminal.clear()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give();
    }
}

fn take(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    let taken = execute!(io::stdout(), EnterAlternateScreen).and_then(|()| {
        if mouse {
            execute!(io::stdout(), EnableMouseCapture)
        } else {
            Ok(())
        }
    });
    taken.inspect_err(|_| give())
}

/// Each part on its own: what fails must not keep the rest from being undone.
fn give() {
    let mut out = io::stdout();
    let _ = execute!(out, DisableMouseCapture);
    let _ = execute!(out, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

/// A panic is told on a terminal that can be read.
fn restore_on_panic(signals: &Signals) {
    static ONCE: Once = Once::new();
    let quit = Arc::clone(&signals.quit);
    ONCE.call_once(|| {
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            give();
            quit.store(true, Ordering::Relaxed);
            told(info);
        }));
    });
}

impl Signals {
    /// Signals from now on.
    #[cfg(unix)]
    pub(super) fn register() -> io::Result<Self> {
        use signal_hook::{
            consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP},
            flag,
            iterator::Signals as Received,
        };
        let signals = Self::default();
        flag::register(SIGTSTP, Arc::clone(&signals.stop))?;
        let mut received = Received::new([SIGTERM, SIGHUP, SIGINT])?;
        let quit = Arc::clone(&signals.quit);
        std::thread::spawn(move || {
            if let Some(signal) = received.forever().next() {
                quit.store(true, Ordering::Relaxed);
                // a terminal that is gone gives no more events, nor an end of waiting for them
                std::thread::sleep(PATIENCE);
                give();
                std::process::exit(128 + signal);
            }
        });
        Ok(signals)
    }

    /// Signals from now on: there are none here.
    #[cfg(not(unix))]
    pub(super) fn register() -> io::Result<Self> {
        Ok(Self::default())
    }
}

/// The view has so long to leave by itself when a signal asks for it.
#[cfg(unix)]
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(400);
