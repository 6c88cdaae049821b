//! The binary on a real terminal, as somebody uses it.
#![cfg(all(unix, feature = "tui"))]
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and tells what it measured"
)]

use std::{
    io::{Read, Write},
    num::NonZero,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// A program on a terminal of its own.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    /// Everything that was written.
    raw: Arc<Mutex<Vec<u8>>>,
    master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// The program with these arguments.
    fn open(args: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_jssl-analyze"));
        command.args(args);
        Self::of(command, variables)
    }

    fn of(mut command: CommandBuilder, variables: &[(&str, &str)]) -> Self {
        let (rows, cols) = (24, 100);
        let pair = native_pty_system().openpty(size(rows, cols)).unwrap();
        command.cwd(env!("CARGO_MANIFEST_DIR"));
        command.env("TERM", "xterm-256color");
        // the clipboard of the machine is not ours to fill
        command.env("SSH_CONNECTION", "test");
        command.env_remove("NO_COLOR");
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let writer = pair.master.take_writer().unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let screen = Arc::new(Mutex::new(parser(rows, cols)));
        let raw = Arc::new(Mutex::new(Vec::new()));
        let (parsed, kept) = (Arc::clone(&screen), Arc::clone(&raw));
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                parsed.lock().unwrap().process(&bytes[..count]);
                kept.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        Self {
            child,
            writer,
            screen,
            raw,
            master: pair.master,
        }
    }

    fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until the screen shows a text; gives how long that took.
    fn wait_for(&self, text: &str) -> Duration {
        let begin = Instant::now();
        while !self.contents().contains(text) {
            assert!(
                begin.elapsed() < Duration::from_secs(60),
                "`{text}` does not come:\n{}",
                self.contents()
            );
            std::thread::sleep(Duration::from_millis(2));
        }
        begin.elapsed()
    }

    /// Waits until the screen does not show a text any more.
    fn wait_without(&self, text: &str) {
        let begin = Instant::now();
        while self.contents().contains(text) {
            assert!(
                begin.elapsed() < Duration::from_secs(60),
                "`{text}` does not go:\n{}",
                self.contents()
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for the end; gives the exit code.
    fn end(&mut self) -> u32 {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // what was written last is still on its way
                std::thread::sleep(Duration::from_millis(200));
                return status.exit_code();
            }
            assert!(
                begin.elapsed() < Duration::from_secs(60),
                "it does not end:\n{}",
                self.contents()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The main screen is back, the cursor is seen, keys are shown again as they are typed.
    fn assert_clean(&self) {
        let screen = self.screen.lock().unwrap();
        assert!(
            !screen.screen().alternate_screen(),
            "still on the other screen"
        );
        assert!(!screen.screen().hide_cursor(), "the cursor is hidden");
        drop(screen);
        let raw = self.raw.lock().unwrap();
        let last = |wanted: &[u8]| raw.windows(wanted.len()).rposition(|part| part == wanted);
        assert!(
            last(b"\x1b[?1000l") > last(b"\x1b[?1000h"),
            "the mouse is still taken"
        );
        drop(raw);
        let modes = self.master.get_termios().unwrap();
        let flags = format!("{:?}", modes.local_flags);
        assert!(
            flags.contains("ICANON") && flags.contains("ECHO"),
            "{flags}"
        );
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

fn parser(rows: u16, cols: u16) -> vt100::Parser {
    vt100::Parser::new(cells(rows), cells(cols), 0)
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

const LOG: &str = "testdata/lab/logs/17/many-one-bad.ssl-handshake.client.log";

/// What the totals say when all of it was read: keys that look for the failure find it.
const ALL_READ: &str = "✗ 1  ✓ 199";

#[test]
fn a_failure_is_found_opened_proved_copied_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let exported = folder.path().join("one.txt");
    let mut terminal = Terminal::open(&[LOG], &[]);
    terminal.wait_for(ALL_READ);
    // filter
    terminal.keys("f");
    terminal.wait_for("filter:");
    terminal.keys("outcome:failed\r");
    terminal.wait_for("1 of 200 shown");
    terminal.keys("\\");
    terminal.wait_for("200 of 200 shown");
    // search
    terminal.keys("/established\r");
    // open the failure
    terminal.keys("]\r");
    terminal.wait_for("T102");
    // jump from the evidence to its line
    terminal.keys("/Evidence\rj\r");
    terminal.wait_for("every line of the log");
    terminal.keys("\u{1b}");
    terminal.wait_for("Evidence");
    // copy: the terminal is asked to, as over SSH
    terminal.keys("y");
    terminal.wait_for("Copy");
    terminal.keys("v");
    terminal.wait_for("copied to the terminal's clipboard");
    let raw = terminal.raw.lock().unwrap().clone();
    assert!(raw.windows(5).any(|part| part == b"\x1b]52;"));
    // export
    terminal.keys("e");
    terminal.wait_for("Export");
    terminal.keys("t\u{15}");
    terminal.keys(&format!("{}\r", exported.display()));
    terminal.wait_for("one handshake written");
    let text = std::fs::read_to_string(&exported).unwrap();
    assert!(
        text.contains("evidence") && !text.contains('\u{1b}'),
        "{text}"
    );
    // the same without the view
    terminal.keys("x");
    terminal.wait_for("jssl-analyze -f text --id");
    // an escape and a key in one go would be a key with Alt
    terminal.keys("\u{1b}");
    terminal.wait_without("-f text --id");
    terminal.keys("?");
    terminal.wait_for("Everywhere");
    // the help, the handshake, the view
    terminal.keys("qqq");
    assert_eq!(terminal.end(), 1, "a handshake failed");
    terminal.assert_clean();
}

#[test]
fn a_panic_leaves_the_terminal_clean() {
    let mut terminal = Terminal::open(&[LOG], &[("JSSL_ANALYZE_TEST_PANIC", "1")]);
    terminal.wait_for("OUTCOME");
    terminal.keys("\x1b[24~");
    assert_ne!(terminal.end(), 0);
    terminal.assert_clean();
    assert!(terminal.contents().contains("a panic for a test"));
}

#[test]
fn a_signal_leaves_the_terminal_clean() {
    let mut terminal = Terminal::open(&[LOG], &[]);
    terminal.wait_for("OUTCOME");
    let id = terminal.child.process_id().unwrap();
    std::process::Command::new("kill")
        .args(["-TERM", &id.to_string()])
        .status()
        .unwrap();
    terminal.end();
    terminal.assert_clean();
}

#[test]
fn a_resized_terminal_is_filled() {
    let terminal = Terminal::open(&[LOG], &[]);
    terminal.wait_for("OUTCOME");
    let (rows, cols) = (40, 160);
    terminal.master.resize(size(rows, cols)).unwrap();
    terminal
        .screen
        .lock()
        .unwrap()
        .screen_mut()
        .set_size(cells(rows), cells(cols));
    terminal.wait_for("HISTORY");
    terminal.wait_for("THREAD");
}

#[test]
fn a_log_from_a_pipe_is_browsed_and_its_lines_are_kept() {
    let script = format!(
        "cat {LOG} | {} -f tui -",
        env!("CARGO_BIN_EXE_jssl-analyze")
    );
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", &script]);
    let mut terminal = Terminal::of(command, &[]);
    terminal.wait_for(ALL_READ);
    terminal.keys("]\r5");
    terminal.wait_for("ClientHello");
    terminal.keys("Q");
    terminal.end();
    terminal.assert_clean();
}

#[test]
fn what_is_not_there_is_said_without_the_view() {
    let mut terminal = Terminal::open(&["no-such.log"], &[]);
    assert_eq!(terminal.end(), 2);
    let raw = String::from_utf8_lossy(&terminal.raw.lock().unwrap()).into_owned();
    assert!(
        raw.contains("no-such.log") && !raw.contains("\x1b[?1049h"),
        "{raw}"
    );
}

#[test]
fn without_a_terminal_that_can_do_it_there_is_text() {
    let mut terminal = Terminal::open(&[LOG], &[("TERM", "dumb")]);
    terminal.end();
    let raw = String::from_utf8_lossy(&terminal.raw.lock().unwrap()).into_owned();
    assert!(raw.contains("evidence") && !raw.contains("\x1b[?1049h"));
}

/// Keys are answered while a log is read, and what that took is printed: of a log grown here, or of one named by
/// `JSSL_ANALYZE_BIG`, which `benches/floor.sh --grow MIB FILE` makes:
/// `JSSL_ANALYZE_BIG=big.log cargo test --release --test tui_terminal -- --nocapture keys_are_answered`
#[test]
fn the_first_rows_of_a_big_log_come_at_once_and_keys_are_answered() {
    const COPIES: usize = 64;
    let folder = tempfile::tempdir().unwrap();
    let big = std::env::var("JSSL_ANALYZE_BIG").map_or_else(
        |_| {
            let grown = folder.path().join("grown.log");
            std::fs::write(&grown, std::fs::read(LOG).unwrap().repeat(COPIES)).unwrap();
            grown
        },
        PathBuf::from,
    );
    assert!(Path::new(&big).is_file());
    let begin = Instant::now();
    let mut terminal = Terminal::open(&[&big.display().to_string()], &[]);
    terminal.wait_for("established");
    let first_row = begin.elapsed();
    let mut latencies = Vec::new();
    let cursor = |terminal: &Terminal| {
        let screen = terminal.screen.lock().unwrap();
        let screen = screen.screen();
        (0..24).find(|&row| row > 3 && screen.cell(row, 5).is_some_and(vt100::Cell::inverse))
    };
    // from the top, so that each key moves the cursor on the screen and not what is below it
    terminal.keys("g");
    std::thread::sleep(Duration::from_millis(100));
    while terminal.contents().contains("left") && latencies.len() < 2_000 {
        let before = cursor(&terminal);
        let key = if latencies.len() % 2 == 0 { "j" } else { "k" };
        let pressed = Instant::now();
        terminal.keys(key);
        while cursor(&terminal) == before && pressed.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_micros(200));
        }
        latencies.push(pressed.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    let all = begin.elapsed();
    latencies.sort_unstable();
    let at = |share: usize| {
        latencies
            .get(latencies.len() * share / 100)
            .copied()
            .unwrap_or_default()
    };
    eprintln!(
        "first row after {first_row:?}; {} keys while it was read: median {:?}, 95 % {:?}, slowest {:?}; all read after {all:?}",
        latencies.len(),
        at(50),
        at(95),
        latencies.last().copied().unwrap_or_default(),
    );
    terminal.keys("q");
    terminal.end();
    terminal.assert_clean();
}
