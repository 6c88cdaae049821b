//! `WebLogic`: `####<time> <Notice> <Stdout> <host> <server> <thread> <…> <BEA-000000> <text> `.
//!
//! The message is the last field, behind its identifier; what follows of it on further lines is bare, and
//! the bracket that closes it ends the last of them. The console has fewer fields and no `####`.
//! <https://docs.oracle.com/middleware/12211/wls/WLLOG/config_logs.htm>

use super::lines::{Hit, Wrapping};

/// A server with a long context writes more than most.
const LONGEST: usize = 1024;

/// Fields in angle brackets.
#[derive(Debug)]
pub(super) struct WebLogic;

/// `BEA-000000`
fn is_identifier(field: &[u8]) -> bool {
    let digits = field
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let subsystem = &field[..field.len() - digits];
    (5..=6).contains(&digits)
        && (subsystem.is_empty()
            || subsystem
                .strip_suffix(b"-")
                .is_some_and(|name| !name.is_empty() && name.iter().all(u8::is_ascii_alphanumeric)))
}

impl Wrapping for WebLogic {
    const PLAIN: bool = false;

    fn hit(&self, line: &[u8]) -> Option<Hit> {
        let open = if line.starts_with(b"####<") { 5 } else { 1 };
        if line.get(open - 1) != Some(&b'<') {
            return None;
        }
        let window = &line[..line.len().min(LONGEST)];
        let mut from = open;
        for between in memchr::memmem::find_iter(window, b"> <") {
            if between >= from && is_identifier(&line[from..between]) {
                return Some(Hit::of(between + 3));
            }
            from = between + 3;
        }
        None
    }

    fn put(&self, content: &[u8], end: &[u8], text: &mut Vec<u8>) {
        text.extend_from_slice(content.strip_suffix(b"> ").unwrap_or(content));
        text.extend_from_slice(end);
    }
}
