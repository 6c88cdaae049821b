//! What holds of every page: it is whole, keeps to itself, and says all without scripts.

use std::{collections::HashSet, fs, path::Path};

use data_encoding::BASE64;
use jssl_analyze::render::{html, markdown, safe::is_active};
use scraper::{Html, Selector};
use sha2::{Digest as _, Sha256};

use super::{LOGS, analysed, html_of, json_of, log, markdown_of};

/// Elements that a page may have.
const ELEMENTS: [&str; 61] = [
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "main",
    "footer",
    "nav",
    "section",
    "article",
    "h1",
    "h2",
    "h3",
    "p",
    "span",
    "b",
    "small",
    "br",
    "a",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "div",
    "figure",
    "figcaption",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "details",
    "summary",
    "pre",
    "code",
    "script",
    "svg",
    "defs",
    "path",
    "pattern",
    "rect",
    "line",
    "use",
    "g",
    "title",
    "input",
    "select",
    "option",
    "button",
    "output",
    "colgroup",
    "col",
    "em",
    "strong",
    "time",
];

/// Attributes that a page may have: nothing that runs, styles, or loads.
const ATTRIBUTES: [&str; 42] = [
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "id",
    "class",
    "href",
    "open",
    "aria-hidden",
    "aria-label",
    "role",
    "scope",
    "title",
    "type",
    "width",
    "height",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
    "rx",
    "d",
    "focusable",
    "patternunits",
    "patterntransform",
    "patternUnits",
    "patternTransform",
    "placeholder",
    "value",
    "colspan",
    "rowspan",
    "dir",
    "datetime",
    "for",
    "start",
    "reversed",
    "span",
    "headers",
    "abbr",
];

pub(super) fn elements<'p>(page: &'p Html, selector: &str) -> Vec<scraper::ElementRef<'p>> {
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector).collect()
}

pub(super) fn text(element: scraper::ElementRef<'_>) -> String {
    element.text().collect()
}

/// Checks a page, whatever its log was.
pub(super) fn check(source: &str) -> Html {
    let page = Html::parse_document(source);
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    check_tags(source);
    let active = source.chars().find(|&c| is_active(c) && c != '\n');
    assert_eq!(
        active, None,
        "a character that acts on a terminal or turns the text"
    );

    let mut ids = HashSet::new();
    for element in elements(&page, "*") {
        let name = element.value().name();
        assert!(ELEMENTS.contains(&name), "<{name}>");
        for (attribute, value) in element.value().attrs() {
            assert!(ATTRIBUTES.contains(&attribute), "<{name} {attribute}>");
            assert!(attribute != "href" || value.starts_with('#'), "{value}");
            assert!(attribute != "id" || ids.insert(value), "id {value} twice");
        }
    }
    for link in elements(&page, "[href]") {
        let target = &link.value().attr("href").unwrap()[1..];
        assert!(ids.contains(target), "nothing has the id {target}");
    }
    let comments = page.tree.values().filter(|node| node.is_comment()).count();
    assert_eq!(comments, 0);
    check_policy(&page);
    page
}

/// Only the page's own style sheet and script are allowed to it.
fn check_policy(page: &Html) {
    let hash = |text: &str| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)));
    let styles = elements(page, "style");
    let scripts = elements(page, "script:not([type])");
    assert_eq!((styles.len(), scripts.len()), (1, 1));
    let policy = elements(page, "meta[http-equiv]")[0]
        .value()
        .attr("content")
        .unwrap();
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
            hash(&text(styles[0])),
            hash(&text(scripts[0]))
        )
    );
    let data = elements(page, "script[type]");
    assert!(
        data.iter()
            .all(|data| data.value().attr("type") == Some("application/json"))
    );
}

/// Every element is closed by a tag of its own, in order: parsers forgive too much.
fn check_tags(source: &str) {
    const VOID: [&str; 3] = ["meta", "br", "!DOCTYPE"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[..end];
        assert!(!tag.contains('<'), "<{tag}");
        let name = tag.split([' ', '\n']).next().unwrap();
        if let Some(closed) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "</{closed}>");
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
        rest = &rest[end + 1..];
        if name == "style" || name == "script" {
            let end = rest.find(&format!("</{name}>")).expect("it is closed");
            rest = &rest[end..];
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

#[test]
fn every_kind_of_page_is_whole_and_keeps_to_itself() {
    for name in LOGS {
        let inputs = [analysed(name, &log(name))];
        let source = html_of(&inputs, &html::Options::default());
        check(&source);
        assert_eq!(
            source,
            html_of(&inputs, &html::Options::default()),
            "{name}: the same twice"
        );
    }
}

#[test]
fn the_json_report_is_in_the_page() {
    let name = LOGS[0];
    let inputs = [analysed(name, &log(name))];
    let page = check(&html_of(&inputs, &html::Options::default()));
    let embedded = text(elements(&page, "script#report")[0]);
    let embedded: serde_json::Value = serde_json::from_str(&embedded).unwrap();
    assert_eq!(embedded, json_of(&inputs));
}

#[test]
fn what_the_caller_knows_is_said() {
    let name = LOGS[1];
    let inputs = [analysed(name, &log(name))];
    let redacted = Some("host names (3), addresses (1)".to_owned());
    let page = html_of(
        &inputs,
        &html::Options {
            limit: None,
            redacted: redacted.clone(),
        },
    );
    check(&page);
    let document = markdown_of(
        &inputs,
        &markdown::Options {
            limit: None,
            redacted,
        },
    );
    for report in [&page, &document] {
        assert!(report.contains("host names (3), addresses (1)"));
        assert!(report.contains("put the real ones in their place before you run a command"));
        assert!(report.contains("No program knows all names"));
    }
}

#[test]
fn a_limit_leaves_out_the_established_first_and_says_so() {
    let name = "lab/logs/17/many-one-bad.ssl-handshake.client.log";
    let inputs = [analysed(name, &log(name))];
    let options = html::Options {
        limit: Some(5),
        ..html::Options::default()
    };
    let page = check(&html_of(&inputs, &options));
    let rows = elements(&page, ".handshakes tbody tr");
    assert_eq!(rows.len(), 5);
    assert_eq!(elements(&page, ".handshakes tr.failed").len(), 1);
    assert!(elements(&page, "script#report").is_empty());
    let said = text(elements(&page, ".left-out")[0]);
    assert!(said.contains("195 established"), "{said}");
}

#[test]
fn several_inputs_are_told_apart() {
    let inputs = [
        analysed("a.log", &log(LOGS[1])),
        analysed("b.log", &log(LOGS[7])),
        analysed("c.log", &log(LOGS[3])),
    ];
    let page = check(&html_of(&inputs, &html::Options::default()));
    let wheres: Vec<String> = elements(&page, ".handshake .where")
        .into_iter()
        .map(text)
        .collect();
    assert_eq!(wheres, ["a.log", "b.log"]);
    assert_eq!(elements(&page, ".environment").len(), 4);
    let document = markdown_of(&inputs, &markdown::Options::default());
    assert!(document.contains(" in `b.log`"), "{document}");
}

/// What goes into the page unescaped is our own style and script, and JSON without `<`.
#[test]
fn templates_leave_three_expressions_unescaped() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render/html/templates");
    let mut unescaped = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let template = fs::read_to_string(entry.unwrap().path()).unwrap();
        let expressions = template
            .split("{{")
            .skip(1)
            .map(|rest| rest.split("}}").next().unwrap().trim());
        unescaped.extend(
            expressions
                .filter(|e| e.contains("safe") || e.contains("escape"))
                .map(str::to_owned),
        );
    }
    unescaped.sort();
    assert_eq!(unescaped, ["json|safe", "script|safe", "style|safe"]);
}
