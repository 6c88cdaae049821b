//! Which thread a logger says it speaks for.
//!
//! What stands behind an entry is taken for the thread of the entry, unless the application's own line names
//! another one of its pool:
//!
//! ```text
//! javax.net.ssl|DEBUG|C1|https-nio-8443-exec-8|…
//! 2026-11-21 10:34:52,677 WARN [https-nio-8443-exec-7] com.acme.Poller - connection 12
//! java.net.SocketException: Connection reset
//! ```

/// Whether the exception at `at`, or the line before it, names a thread of the pool of `thread` that is not this one.
pub(super) fn of_another_thread(text: &[u8], at: usize, thread: &[u8]) -> bool {
    let digits = thread
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit())
        .count();
    let (pool, own) = thread.split_at(thread.len() - digits);
    if pool.is_empty() || own.is_empty() {
        return false;
    }
    let line = announcement(text, at);
    let mut numbers = memchr::memmem::find_iter(line, pool)
        .map(|found| leading_digits(&line[found + pool.len()..]))
        .filter(|number| !number.is_empty())
        .peekable();
    numbers.peek().is_some() && numbers.all(|number| number != own)
}

/// The line at `at` and the one before it.
fn announcement(text: &[u8], at: usize) -> &[u8] {
    let begin = |end: usize| memchr::memrchr(b'\n', &text[..end]).map_or(0, |feed| feed + 1);
    let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |feed| at + feed);
    &text[begin(begin(at).saturating_sub(1))..end]
}

fn leading_digits(text: &[u8]) -> &[u8] {
    let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
    &text[..count]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_another(line: &str, thread: &str) -> bool {
        let text = format!("x\n{line}\njava.net.SocketException: Connection reset\n\tat a.B.c\n");
        let at = text.find("xception").unwrap_or_default();
        of_another_thread(text.as_bytes(), at, thread.as_bytes())
    }

    #[test]
    fn only_a_neighbour_in_the_pool_is_another_thread() {
        let line = "10:34:52 WARN [nio-8443-exec-7] com.acme.Poller - connection 12";
        assert!(of_another(line, "nio-8443-exec-8"));
        assert!(!of_another(line, "nio-8443-exec-7"));
        assert!(!of_another(line, "main"));
        assert!(!of_another(line, "worker-8"));
        assert!(!of_another(
            "[nio-8443-exec-7] told nio-8443-exec-8",
            "nio-8443-exec-8"
        ));
        assert!(!of_another(
            "WARN com.acme.Poller - nio-8443-exec-",
            "nio-8443-exec-8"
        ));
    }
}
