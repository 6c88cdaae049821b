//! What a person reads, for logs of real JVMs: look at every change before accepting it.

use jssl_analyze::render::{html, markdown};
use scraper::{ElementRef, Html, Node};

use super::{LOGS, analysed, html_of, log, markdown_of};

/// Blocks in which text stands; each gets a line of its own.
const BLOCKS: [&str; 20] = [
    "p",
    "h1",
    "h2",
    "h3",
    "li",
    "tr",
    "summary",
    "details",
    "section",
    "div",
    "ul",
    "ol",
    "dl",
    "pre",
    "figure",
    "figcaption",
    "table",
    "caption",
    "article",
    "nav",
];

fn name(log: &str) -> String {
    let name = log.trim_start_matches("lab/logs/").trim_end_matches(".log");
    name.replace(['/', '.'], "-")
}

/// The page as an outline: blocks by depth, with their classes, and the text in them.
fn outline(source: &str) -> String {
    let page = Html::parse_document(source);
    let mut lines = Vec::new();
    for element in super::page::elements(&page, "body > header, body > main, body > footer") {
        walk(element, 0, &mut lines);
    }
    lines.retain(|line: &String| !line.trim().is_empty());
    lines
        .join("\n")
        .replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

fn walk(element: ElementRef<'_>, depth: usize, lines: &mut Vec<String>) {
    let value = element.value();
    if value.attr("id").is_some_and(|id| id.starts_with("rule-")) {
        return; // docs/rules.md
    }
    let name = value.name();
    if BLOCKS.contains(&name) {
        let class = value.attr("class").map_or(String::new(), |class| {
            format!(".{}", class.replace(' ', "."))
        });
        let open = if value.attr("open").is_some() {
            " open"
        } else {
            ""
        };
        lines.push(format!("{:1$}<{name}{class}{open}> ", "", depth * 2));
    }
    let within = depth + usize::from(BLOCKS.contains(&name));
    for child in element.children() {
        match child.value() {
            Node::Text(text) => add(text, lines),
            Node::Element(_) => {
                let child = ElementRef::wrap(child).unwrap();
                let is_cell = ["td", "th", "dt", "dd"].contains(&child.value().name());
                if is_cell {
                    add(" ¦ ", lines);
                }
                match child.value().name() {
                    "use" => add(
                        &format!("({})", child.value().attr("href").unwrap_or_default()),
                        lines,
                    ),
                    _ => walk(child, within, lines),
                }
                // text behind a block is the parent's again
                if BLOCKS.contains(&child.value().name()) {
                    lines.push(format!("{:1$}", "", within * 2));
                }
            }
            _ => {}
        }
    }
}

fn add(text: &str, lines: &mut [String]) {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(line) = lines.last_mut() {
        if text.starts_with(char::is_whitespace) && !line.ends_with(' ') {
            line.push(' ');
        }
        line.push_str(&words);
        if text.ends_with(char::is_whitespace) && !line.ends_with(' ') {
            line.push(' ');
        }
    }
}

fn tidy(outline: &str) -> String {
    let lines: Vec<&str> = outline
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

#[test]
fn pages() {
    for log_name in LOGS {
        let inputs = [analysed(log_name, &log(log_name))];
        let options = html::Options {
            limit: log_name.contains("many").then_some(4),
            ..html::Options::default()
        };
        let outline = tidy(&outline(&html_of(&inputs, &options)));
        insta::assert_snapshot!(format!("html-{}", name(log_name)), outline);
    }
}

#[test]
fn documents() {
    for log_name in LOGS {
        let inputs = [analysed(log_name, &log(log_name))];
        let document = markdown_of(&inputs, &markdown::Options::default());
        let document = document.replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!(format!("markdown-{}", name(log_name)), document);
    }
}

#[test]
fn a_log_without_handshakes() {
    let inputs = [analysed("app.log", b"starting\nready to serve\n")];
    let page = html_of(&inputs, &html::Options::default());
    super::page::check(&page);
    insta::assert_snapshot!("html-empty", tidy(&outline(&page)));
    let document = markdown_of(&inputs, &markdown::Options::default());
    insta::assert_snapshot!(
        "markdown-empty",
        document.replace(env!("CARGO_PKG_VERSION"), "VERSION")
    );
}
