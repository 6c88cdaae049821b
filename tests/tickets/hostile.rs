//! Names that a log was made to carry do nothing in a page, nor in a document.

use std::sync::LazyLock;

use comrak::{
    Arena, Options,
    nodes::{AstNode, NodeValue},
    parse_document,
};
use jssl_analyze::{
    render::{
        html, markdown,
        safe::{is_active, safe},
    },
    report::Analysed,
};
use proptest::prelude::*;

use super::{analysed, html_of, log, markdown_of, page};

const NAMES: [&str; 32] = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "-->",
    "]]>",
    "</details></main>",
    "</title></style><img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)",
    "' autofocus onfocus='alert(1)",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "https://evil.example/?q=1",
    "www.evil.example",
    "me@evil.example",
    "@ops",
    "#12",
    "owner/repo#3",
    "[a](https://evil.example)",
    "![a](https://evil.example/x.png)",
    "`",
    "```",
    "``a```b`",
    "| a | b |",
    "# heading",
    "- [ ] task",
    "{code}x{code}",
    "[~admin]",
    "!evil.png!",
    ":smile:",
    "&lt;b&gt;&#64;ops",
    "{{7*7}}",
    "\u{202e}gro.live\u{2066}",
];

/// A log of which host names, certificate names, threads and reasons can be changed.
static LOG: LazyLock<String> = LazyLock::new(|| {
    let log = log("lab/logs/25/incomplete-certificate-chain-tls13.ssl-handshake.both.log");
    String::from_utf8(log).unwrap()
});

/// The log with a name for everything that an attacker can name.
fn with(name: &str) -> Vec<Analysed> {
    let log = LOG
        .replace("api.lab.example", name)
        .replace("Lab Issuing CA 1", name)
        .replace("unable to find valid certification path", name)
        .replace("|client|", &format!("|{}|", name.replace('|', "")));
    vec![analysed(name, log.as_bytes())]
}

fn html_options(name: &str) -> html::Options {
    html::Options {
        limit: None,
        redacted: Some(name.to_owned()),
    }
}

fn markdown_options(name: &str) -> markdown::Options {
    markdown::Options {
        limit: None,
        redacted: Some(name.to_owned()),
    }
}

/// Nothing but structure of our own, and the name in plain sight.
fn check(name: &str) {
    let inputs = with(name);
    let page = page::check(&html_of(&inputs, &html_options(name)));
    let all: String = page.root_element().text().collect();
    let shown = safe(name);
    let visible: String = shown.chars().take(100).collect();
    assert!(all.contains(&visible), "{name:?} is not to be seen");
    check_document(&markdown_of(&inputs, &markdown_options(name)), name);
}

fn check_document(document: &str, name: &str) {
    let active = document.chars().find(|&c| is_active(c) && c != '\n');
    assert_eq!(active, None, "{name:?}");
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.superscript = true;
    options.extension.footnotes = true;
    options.extension.math_dollars = true;
    options.extension.description_lists = true;
    options.parse.relaxed_autolinks = true;
    let arena = Arena::new();
    let root = parse_document(&arena, document, &options);
    for node in root.descendants() {
        check_node(node, name, document);
    }
}

fn check_node<'a>(node: &'a AstNode<'a>, name: &str, document: &str) {
    match &node.data.borrow().value {
        NodeValue::Document
        | NodeValue::Paragraph
        | NodeValue::List(_)
        | NodeValue::Item(_)
        | NodeValue::CodeBlock(_)
        | NodeValue::Code(_)
        | NodeValue::Strong
        | NodeValue::Emph
        | NodeValue::SoftBreak
        | NodeValue::Table(_)
        | NodeValue::TableRow(_) => {}
        // the cells of a row: the table of causes has five columns, the environment two
        NodeValue::TableCell => {
            let cells = node.parent().unwrap().children().count();
            assert!([2, 3, 5].contains(&cells), "{name:?}: {document}");
        }
        NodeValue::Heading(heading) => assert!([2, 3].contains(&heading.level)),
        NodeValue::Text(text) => {
            let links = ["@", "://", "www.", "#", "{", "[", "~", "|"];
            let linked = links.into_iter().find(|link| text.contains(link));
            assert_eq!(linked, None, "{name:?} in {text:?}");
            assert!(!has_emoji(text), "{name:?} in {text:?}");
        }
        other => panic!("{name:?} made {other:?} in\n{document}"),
    }
}

/// `:smile:`, which GitHub draws even inside of words.
fn has_emoji(text: &str) -> bool {
    let is_name = |part: &str| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || "+-_".contains(c);
        part.contains(|c: char| c.is_ascii_alphabetic()) && part.chars().all(is_letter)
    };
    let mut parts: Vec<&str> = text.split(':').skip(1).collect();
    parts.pop();
    parts.into_iter().any(is_name)
}

#[test]
fn known_tricks_do_nothing() {
    for name in NAMES {
        check(name);
    }
    check(&"x".repeat(10_000));
    check(&"<b>&\"'`|".repeat(2_000));
    check("a\u{1b}[31mred\u{1b}]0;title\u{7}\u{9b}1m");
}

/// The names above are in the page because the log has them, not only because the caller does.
#[test]
fn hostile_names_of_the_log_reach_the_page() {
    let name = "<script>alert(1)</script>";
    let inputs = with(name);
    let page = html_of(&inputs, &html::Options::default());
    let shown = "&lt;script&gt;alert(1)&lt;/script&gt;";
    assert!(
        page.matches(shown).count() > 20,
        "{}",
        page.matches(shown).count()
    );
    let document = markdown_of(&inputs, &markdown::Options::default());
    assert!(document.matches(name).count() > 5, "{document}");
    assert!(
        document.contains(&format!("`SNI {name}")) || document.contains(&format!("SNI {name}"))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_name_does_nothing(name in prop::collection::vec(
        prop_oneof![
            prop::sample::select(NAMES.to_vec()).prop_map(str::to_owned),
            "[ -~]{1,12}",
            "\\PC{1,6}",
            prop::sample::select(vec!["\u{1b}", "\u{200f}", "\u{feff}", "  ", "\t", "\\", "*", "_", "~~", "$", "^", "==", "1. ", "> "]).prop_map(str::to_owned),
        ],
        1..6,
    )) {
        let name = name.concat();
        prop_assume!(!name.trim().is_empty());
        let inputs = with(&name);
        page::check(&html_of(&inputs, &html_options(&name)));
        check_document(&markdown_of(&inputs, &markdown_options(&name)), &name);
    }
}
