//! The catalogue of rules, whole or one rule: for a terminal, for scripts, as a document.
//!
//! All three print the one text that each rule has ([`Rule::docs`](crate::diagnose::Rule::docs)).

mod json;
mod markdown;
mod text;

pub use self::{
    json::{write_json, write_json_of},
    markdown::{write_markdown, write_markdown_of},
    text::{write_text, write_text_of},
};

/// The summary as a sentence.
pub(super) fn sentence(summary: &str) -> String {
    let mut letters = summary.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).chain(['.']).collect()
    })
}

/// A paragraph, list item or block that is wrapped anew as a whole.
pub(in crate::render) fn paragraphs(section: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for line in section.lines() {
        if line.is_empty() {
            open = false;
        } else if let Some(last) = paragraphs
            .last_mut()
            .filter(|_| open && !line.starts_with("- "))
        {
            last.push(' ');
            last.push_str(line.trim_start());
        } else {
            paragraphs.push(line.to_owned());
            open = true;
        }
    }
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_paragraph_are_joined_and_items_stay_apart() {
        assert_eq!(
            paragraphs("one\ntwo\n\nthree:\n- four\n  five\n- six"),
            ["one two", "three:", "- four five", "- six"]
        );
    }

    #[test]
    fn summaries_become_sentences() {
        assert_eq!(sentence("the log ends"), "The log ends.");
        assert_eq!(sentence(""), "");
    }
}
