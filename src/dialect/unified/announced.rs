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
//!
//! Layouts cut long names at the left: Spring Boot's keeps fifteen characters, `[nio-8443-exec-7]`.

/// Whose an exception is that stands behind an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Of the thread of the entry: nothing tells otherwise.
    Own,
    /// Of this one of the same pool.
    Other(Box<str>),
    /// Of one of several others that are named.
    Unclear,
}

/// Whose the exception is that begins on this line of `text`, the first being 1: which threads of the pool of `thread`
/// the line and the one before it name.
pub(super) fn whose(text: &[u8], line: u32, thread: &[u8]) -> Whose {
    let (pool, own) = numbered(thread);
    if pool.is_empty() || own.is_empty() {
        return Whose::Own;
    }
    let said = announcement(text, line);
    let whole = memchr::memmem::find_iter(said, pool);
    let whole = whole.map(|at| leading_digits(&said[at + pool.len()..]));
    let cut = cut_names(said, pool);
    let mut numbers = whole.chain(cut).filter(|number| !number.is_empty());
    let Some(first) = numbers.next() else {
        return Whose::Own;
    };
    let mut is_one = true;
    for number in std::iter::once(first).chain(numbers) {
        if number == own {
            return Whose::Own;
        }
        is_one &= number == first;
    }
    if is_one {
        let name = [pool, first].concat();
        Whose::Other(String::from_utf8_lossy(&name).into())
    } else {
        Whose::Unclear
    }
}

/// The numbers of `[…]` whose words are the end of the pool's name.
fn cut_names<'t>(said: &'t [u8], pool: &[u8]) -> impl Iterator<Item = &'t [u8]> {
    /// Fewer bytes can be the end of anything.
    const LEAST: usize = 4;
    let brackets = memchr::memchr_iter(b'[', said);
    brackets.filter_map(move |at| {
        let inner = &said[at + 1..];
        let inner = &inner[..memchr::memchr(b']', inner)?];
        let (words, number) = numbered(inner.trim_ascii());
        let is_cut = (LEAST..pool.len()).contains(&words.len()) && pool.ends_with(words);
        is_cut.then_some(number)
    })
}

/// This line and the one before it.
fn announcement(text: &[u8], line: u32) -> &[u8] {
    let line = usize::try_from(line).unwrap_or(usize::MAX);
    let mut feeds = memchr::memchr_iter(b'\n', text).map(|feed| feed + 1);
    let begin = match line.saturating_sub(2) {
        0 => 0,
        before => feeds.nth(before - 1).unwrap_or(text.len()),
    };
    let lines = line.min(2);
    let end = feeds.nth(lines.saturating_sub(1)).unwrap_or(text.len());
    &text[begin..end]
}

/// The name without its number, the number.
fn numbered(name: &[u8]) -> (&[u8], &[u8]) {
    let digits = name.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    name.split_at(name.len() - digits)
}

fn leading_digits(text: &[u8]) -> &[u8] {
    let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
    &text[..count]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced_by(line: &str, thread: &str) -> Whose {
        let text = format!(
            "[nio-8443-exec-1] before\n{line}\njava.net.SocketException: Connection reset\n\tat a.B.c\n[nio-8443-exec-2] behind\n"
        );
        whose(text.as_bytes(), 3, thread.as_bytes())
    }

    #[test]
    fn only_a_neighbour_in_the_pool_is_another_thread() {
        let line = "10:34:52 WARN [nio-8443-exec-7] com.acme.Poller - connection 12";
        let seventh = || Whose::Other("nio-8443-exec-7".into());
        assert_eq!(announced_by(line, "nio-8443-exec-8"), seventh());
        assert_eq!(announced_by(line, "nio-8443-exec-7"), Whose::Own);
        assert_eq!(announced_by(line, "main"), Whose::Own);
        assert_eq!(announced_by(line, "worker-8"), Whose::Own);
        for (line, expected) in [
            ("[nio-8443-exec-7] told nio-8443-exec-8", Whose::Own),
            ("[nio-8443-exec-7] told nio-8443-exec-6", Whose::Unclear),
            ("[nio-8443-exec-7] nio-8443-exec-7 fails", seventh()),
            ("WARN com.acme.Poller - nio-8443-exec-", Whose::Own),
        ] {
            assert_eq!(announced_by(line, "nio-8443-exec-8"), expected, "{line}");
        }
    }

    #[test]
    fn a_layout_may_cut_the_name() {
        let whose = |line| announced_by(line, "https-jsse-nio-8443-exec-8");
        let seventh = Whose::Other("https-jsse-nio-8443-exec-7".into());
        assert_eq!(
            whose("WARN 12 --- [nio-8443-exec-7] c.a.Poller : no"),
            seventh
        );
        assert_eq!(
            whose("WARN 12 --- [  8443-exec-7] c.a.Poller : no"),
            seventh
        );
        assert_eq!(
            whose("WARN 12 --- [nio-8443-exec-8] c.a.Poller : no"),
            Whose::Own
        );
        assert_eq!(whose("WARN 12 --- [7] c.a.Poller : [ec-7] no"), Whose::Own);
        assert_eq!(
            whose("WARN 12 --- [nio-9443-exec-7] c.a.Poller : no"),
            Whose::Own
        );
    }

    #[test]
    fn the_first_lines_of_a_text_are_read_too() {
        let text = b"[pool-2] java.net.SocketException: Connection reset\n[pool-3] x\n";
        assert_eq!(whose(text, 1, b"pool-1"), Whose::Other("pool-2".into()));
        assert_eq!(whose(text, 2, b"pool-1"), Whose::Unclear);
        assert_eq!(whose(text, 9, b"pool-1"), Whose::Own);
        assert_eq!(whose(b"", 0, b"pool-1"), Whose::Own);
    }
}
