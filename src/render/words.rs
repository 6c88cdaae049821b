//! Words that the reports for a ticket have in common.

use crate::report::{ActionView, CommandView, FindingView, HandshakeView, Place, Report};

/// At most `width` characters, with `…` where something was cut.
pub(super) fn cut<T: AsRef<str> + ?Sized>(text: &T, width: usize) -> String {
    let text = text.as_ref();
    match text.char_indices().nth(width) {
        None => text.to_owned(),
        Some(_) => text
            .chars()
            .take(width.saturating_sub(1))
            .chain(['…'])
            .collect(),
    }
}

/// A text, borrowed or owned.
pub(super) fn text<T: AsRef<str> + ?Sized>(text: &T) -> &str {
    text.as_ref()
}

/// A text that may not be there, borrowed or owned.
pub(super) fn maybe<T: AsRef<str>>(text: Option<&T>) -> Option<&str> {
    text.map(AsRef::as_ref)
}

/// `a`, `a and b`, `a, b and c`
pub(super) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 handshake`, `2 handshakes`
pub(super) fn counted(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// The mark of an outcome: a shape, because colour alone tells not everybody.
pub(super) fn mark(outcome: &str) -> &'static str {
    match outcome {
        "established" => "✓",
        "failed" => "✗",
        _ => "?",
    }
}

/// Why the fingerprint of an input's file is not in the report.
pub(super) fn no_digest(report: &Report<'_>, input: usize) -> &'static str {
    match report.log(input) {
        Some(_) => "not computed",
        None => "not in the saved report",
    }
}

/// `in server.log.1, line 12`: where a line of several files is to be found; `line` counts through all of a set.
pub(super) fn file(place: &Place<'_>, line: u64) -> String {
    let path = cut(&place.path, 300);
    match place.first_line {
        1 => format!("in {path}"),
        first => format!("in {path}, line {}", (line + 1).saturating_sub(first)),
    }
}

/// The name of the other end: what it was asked for by SNI, or what the log calls it.
pub(super) fn peer<'v>(view: &'v HandshakeView<'_>) -> Option<&'v str> {
    maybe(view.peer.server_name.as_ref()).or(maybe(view.peer.host.as_ref()))
}

/// The thread's name, or its id.
pub(super) fn thread<'v>(view: &'v HandshakeView<'_>) -> &'v str {
    view.thread.as_ref().map_or("", |thread| {
        let name = text(&thread.name);
        if name.is_empty() {
            text(&thread.id)
        } else {
            name
        }
    })
}

/// `main → api.company.com`, `http-nio-8443-exec-1 ← client, for api.company.com`
pub(super) fn who(view: &HandshakeView<'_>) -> String {
    let (thread, peer) = (thread(view), peer(view));
    // where no line names it, the end stands for the thread
    let thread = match maybe(view.role.as_ref()) {
        Some(role) if thread.is_empty() => role,
        _ => thread,
    };
    match (maybe(view.role.as_ref()), peer) {
        (Some("client"), peer) => format!("{thread} → {}", peer.unwrap_or("server")),
        (Some(_), Some(name)) => format!("{thread} ← client, for {name}"),
        (Some(_), None) => format!("{thread} ← client"),
        (None, Some(name)) if thread.is_empty() => format!("a connection, {name}"),
        (None, None) if thread.is_empty() => "a connection".to_owned(),
        (None, Some(name)) => format!("thread {thread}, {name}"),
        (None, None) => format!("thread {thread}"),
    }
}

/// `broke after Certificate`
pub(super) fn broke(view: &HandshakeView<'_>) -> String {
    match &view.break_up {
        _ if view.outcome == "unfinished" => "not finished".to_owned(),
        Some(end) => match (maybe(end.after.as_ref()), end.expected.is_empty()) {
            (Some(after), _) => format!("broke after {after}"),
            (None, false) => "broke before the first message".to_owned(),
            (None, true) => "broke".to_owned(),
        },
        None => "broke".to_owned(),
    }
}

/// What is wrong, in a line.
pub(super) fn headline<'v>(view: &'v HandshakeView<'_>) -> &'v str {
    view.findings
        .first()
        .map_or("no rule has a word for it", |cause| text(&cause.headline))
}

/// Whether the explanation is worth reading: that of the other end repeats what is told there.
pub(super) fn has_news(finding: &FindingView<'_>) -> bool {
    !finding.explanation.is_empty() && !finding.explanation.starts_with("Seen from the")
}

/// Where it is to be fixed; empty for remarks, which are nobody's fault.
pub(super) fn fault(finding: &FindingView<'_>) -> &'static str {
    let code = text(&finding.code);
    match text(&finding.at_fault) {
        "client" => "to be fixed on the client",
        "server" => "to be fixed on the server",
        "network" => "to be fixed in the network",
        "either" => "to be fixed on either side",
        _ if code.starts_with('H') => "",
        _ if code.starts_with('L') && finding.rule != "undetermined" => "",
        _ => "the log does not prove whose fault it is",
    }
}

/// Who is to do it, where only one side can.
pub(super) fn party<'v>(action: &'v ActionView<'_>) -> Option<&'v str> {
    maybe(action.party.as_ref()).filter(|_| action.is_sided)
}

/// What tells another possible cause from the first, where the tests of the first do not already.
pub(super) fn deciding_test<'v, 'a>(
    other: &'v FindingView<'a>,
    cause: &FindingView<'_>,
) -> Option<&'v ActionView<'a>> {
    other.competes_with.as_ref()?;
    let is_new = |test: &&ActionView<'_>| {
        !cause.confirm.iter().any(|known| {
            known.action == test.action
                || (known.command.is_some() && known.command == test.command)
        })
    };
    other.confirm.iter().find(is_new)
}

/// Where a command belongs: `shell`, `JVM option`, `nginx`.
pub(super) fn place<'v>(command: &'v CommandView<'_>) -> &'v str {
    match (maybe(command.place.as_ref()), text(&command.kind)) {
        (Some(place), _) => place,
        (None, "jvm_option") => "JVM option",
        (None, kind) => kind,
    }
}

/// The words of a command, between single blanks: lines are broken there and nowhere else.
pub(super) fn typed<'v>(command: &'v CommandView<'_>) -> impl Iterator<Item = &'v str> {
    text(&command.text).split(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_is_marked() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("äöü", 3), "äöü");
    }

    #[test]
    fn lists_are_sentences() {
        let words = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        assert_eq!(listed(&words), "a, b and c");
        assert_eq!(listed(&words[..1]), "a");
        assert_eq!(counted(1, "cause"), "1 cause");
    }
}
