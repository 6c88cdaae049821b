//! The clipboard: this machine's own, or that of the terminal's.

use std::io::{self, Write};

use crossterm::{clipboard::CopyToClipboard, execute};

/// Longer texts are not taken by terminals (xterm stops at 74,994 bytes of base64).
const MAX_OSC52: usize = 50_000;

/// Puts a text into the clipboard; says which, or why not.
///
/// Over SSH the clipboard of this machine is of no use: the terminal is asked (OSC 52).
pub(super) fn copy(
    text: &str,
    keep: &mut Option<arboard::Clipboard>,
) -> Result<&'static str, String> {
    let remote = ["SSH_CONNECTION", "SSH_TTY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    if !remote && own(text, keep).is_ok() {
        return Ok("clipboard");
    }
    if text.len() > MAX_OSC52 {
        return Err("it is too long for the terminal's clipboard".to_owned());
    }
    let mut out = io::stdout();
    execute!(out, CopyToClipboard::to_clipboard_from(text))
        .and_then(|()| out.flush())
        .map(|()| "terminal's clipboard")
        .map_err(|error| error.to_string())
}

/// X11 gives the text away only while somebody holds it: it is kept as long as the view is open.
fn own(text: &str, keep: &mut Option<arboard::Clipboard>) -> Result<(), arboard::Error> {
    let clipboard = match keep {
        Some(clipboard) => clipboard,
        None => keep.insert(arboard::Clipboard::new()?),
    };
    clipboard.set_text(text)
}
