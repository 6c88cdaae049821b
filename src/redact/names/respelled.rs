//! How a name stands in a log that went through a page, an editor or a chat.

/// How a character is written, if not as it is.
type Spelling = fn(char) -> Option<&'static str>;

/// Readers take them off before they read, so names are learned without.
const SPELLINGS: [Spelling; 4] = [no_break, entity, escaped, curly];

/// The ways to write a name that differ from the JVM's.
pub(super) fn respelled(name: &str) -> impl Iterator<Item = String> {
    let differs =
        move |spelling: &&Spelling| name.contains(|character| spelling(character).is_some());
    let spelled = move |spelling: &Spelling| {
        let mut spelled = String::with_capacity(name.len() + 8);
        for character in name.chars() {
            match spelling(character) {
                Some(other) => spelled.push_str(other),
                None => spelled.push(character),
            }
        }
        spelled
    };
    SPELLINGS.iter().filter(differs).map(spelled)
}

fn no_break(character: char) -> Option<&'static str> {
    (character == ' ').then_some("\u{a0}")
}

fn entity(character: char) -> Option<&'static str> {
    Some(match character {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\'' => "&#39;",
        _ => return None,
    })
}

fn escaped(character: char) -> Option<&'static str> {
    Some(match character {
        '_' => "\\_",
        '*' => "\\*",
        _ => return None,
    })
}

fn curly(character: char) -> Option<&'static str> {
    (character == '\'').then_some("’")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_spelled_otherwise_is_another_name() {
        let all = |name| respelled(name).collect::<Vec<_>>();
        assert_eq!(all("lab"), [""; 0]);
        assert_eq!(all("a_b c"), ["a_b\u{a0}c", "a\\_b c"]);
        assert_eq!(all("O'B&Co"), ["O&#39;B&amp;Co", "O’B&Co"]);
    }
}
