//! Text of a log, made harmless for Markdown.
//!
//! Renderers of tickets do more than `CommonMark` says: they link addresses, `#12`, `@names` and commit
//! hashes in plain text, where no backslash stops them, and Jira has macros in braces. None of them looks
//! into code. So a word that is more than letters and plain punctuation becomes code, and no other markup
//! is ever left. Prose stays readable as it is, pasted or not.

use crate::render::safe::safe;

/// A sentence: its odd words as code. Never begins a list, a heading, or a table.
pub(super) fn inline(text: &str) -> String {
    let safe = safe(text);
    let mut line = String::with_capacity(safe.len() + 16);
    for word in safe.split(' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        // what stands at the beginning could begin a block
        let is_plain = is_plain(word) && !(line.is_empty() && begins_block(word));
        if is_plain {
            line.push_str(word);
        } else {
            // punctuation behind a word is not part of it
            let end = word.trim_end_matches([',', '.', ';', ':', ')']).len();
            let begin = usize::from(word.starts_with('(') && end > 1);
            let (core, tail) = if begin < end {
                (&word[begin..end], &word[end..])
            } else {
                (word, "")
            };
            line.push_str(&word[..begin.min(word.len() - core.len())]);
            line.push_str(&code(core));
            line.push_str(tail);
        }
    }
    line
}

/// A text in code, between as many backticks as it takes.
pub(super) fn code(text: &str) -> String {
    let safe = safe(text);
    if safe.trim().is_empty() {
        return "` `".to_owned();
    }
    let ticks = "`".repeat(longest_run(&safe) + 1);
    let is_edge = |c: char| c == '`' || c == ' ';
    if safe.starts_with(is_edge) || safe.ends_with(is_edge) {
        format!("{ticks} {safe} {ticks}")
    } else {
        format!("{ticks}{safe}{ticks}")
    }
}

/// Lines in a block of code.
pub(super) fn fenced(text: &str, language: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(safe).collect();
    let longest = lines.iter().map(|line| longest_run(line)).max();
    let fence = "`".repeat(longest.unwrap_or_default().max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", lines.join("\n"))
}

/// What was made inert, for the cell of a table: there a bar ends the cell even in code.
pub(super) fn in_table(inert: &str) -> String {
    inert.replace('|', "\\|")
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or_default()
}

/// Letters, digits and punctuation that means nothing anywhere.
fn is_plain(word: &str) -> bool {
    let is_plain = |c: char| {
        c.is_alphanumeric()
            || matches!(
                c,
                ',' | '.'
                    | ';'
                    | '\''
                    | '"'
                    | '='
                    | '%'
                    | '('
                    | ')'
                    | '?'
                    | '/'
                    | '-'
                    | ':'
                    | '’'
                    | '…'
                    | '§'
                    | '–'
                    | '·'
                    | '→'
                    | '←'
            )
    };
    let inner = word.trim_end_matches([',', '.', ';', ':', ')']);
    // addresses, mail, emoji, hashes of commits
    let is_link = inner.contains("://")
        || starts_www(inner)
        || word.matches(':').count() > 1 && !is_time(inner);
    let is_hash = inner.len() >= 7
        && inner.chars().all(|c| c.is_ascii_hexdigit())
        && inner.contains(|c: char| c.is_ascii_digit());
    // strikes through, and smileys, in Jira
    let is_jira = word.contains("--")
        || word.contains("??")
        || is_smiley(word)
        || inner.starts_with('-')
        || inner.ends_with('-');
    word.chars().all(is_plain) && !is_link && !is_hash && !is_jira
}

/// `03:28:41.000`
fn is_time(word: &str) -> bool {
    let mut parts = word.splitn(3, ':');
    let mut is_pair = || {
        parts
            .next()
            .is_some_and(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
    };
    is_pair()
        && is_pair()
        && parts
            .next()
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

fn starts_www(word: &str) -> bool {
    word.to_ascii_lowercase().contains("www.")
}

fn is_smiley(word: &str) -> bool {
    const SMILEYS: [&str; 6] = [":)", ":(", ";)", ":P", ":D", "(/)"];
    const MORE: [&str; 7] = ["(x)", "(i)", "(y)", "(n)", "(on)", "(off)", "(?)"];
    SMILEYS
        .into_iter()
        .chain(MORE)
        .any(|smiley| word.contains(smiley))
}

/// `1.`, `h1.`, `bq.`, `=`: what a heading, list or underline would begin with.
fn begins_block(word: &str) -> bool {
    let is_number = word.ends_with(['.', ')']) && word.starts_with(|c: char| c.is_ascii_digit());
    is_number
        || matches!(word, "bq." | "h1." | "h2." | "h3." | "h4." | "h5." | "h6.")
        || word.starts_with(['=', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_and_odd_words_become_code() {
        assert_eq!(
            inline("the server did not send CN=Lab Issuing CA 1, O=Example Lab (strong)."),
            "the server did not send CN=Lab Issuing CA 1, O=Example Lab (strong)."
        );
        assert_eq!(
            inline("see @ops, #12: <b>x</b> *a* http://x.y/ (a_b) and 1c2d3e4f5a."),
            "see `@ops`, `#12`: `<b>x</b>` `*a*` `http://x.y/` (`a_b`) and `1c2d3e4f5a`."
        );
        assert_eq!(inline("until 03:28:41.000 UTC"), "until 03:28:41.000 UTC");
        assert_eq!(inline("1. not a list"), "`1`. not a list");
        assert_eq!(inline("a\n# b"), "a `#` b");
        assert_eq!(
            inline("CN=:smile: {code} [a] !x!"),
            "`CN=:smile`: `{code}` `[a]` `!x!`"
        );
    }

    #[test]
    fn code_holds_backticks() {
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code(""), "` `");
        assert_eq!(fenced("a ``` b", "sh"), "````sh\na ``` b\n````");
        assert_eq!(in_table(&code("a|b")), "`a\\|b`");
    }
}
