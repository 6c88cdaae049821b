//! Ten thousand handshakes still make a page for a ticket.

use jssl_analyze::render::{html, markdown};

use super::{LOGS, analysed, html_of, log, markdown_of, page};

#[test]
fn ten_thousand_handshakes_stay_small() {
    let once = log("lab/logs/17/many-one-bad.ssl-handshake.client.log");
    let mut bytes = once.repeat(50);
    bytes.extend(log(LOGS[0]));
    let inputs = [analysed("many.log", &bytes)];
    let source = html_of(&inputs, &html::Options::default());
    assert!(source.len() < 10_000_000, "{} bytes", source.len());
    let page = page::check(&source);
    assert_eq!(page::elements(&page, ".handshakes tbody tr").len(), 10_002);
    // fifty equal failures are told once, the two others in full
    assert_eq!(page::elements(&page, "details.handshake").len(), 3);
    let equals = page::text(page::elements(&page, ".equals")[0]);
    assert!(
        equals.contains("49 more times") && equals.contains("and 9 more"),
        "{equals}"
    );
    let footer = page::text(page::elements(&page, "footer")[0]);
    assert!(
        footer.contains("not in this file, because it would be too long"),
        "{footer}"
    );

    // what Jira takes
    let document = markdown_of(&inputs, &markdown::Options::default());
    assert!(document.len() < 32_767, "{} bytes", document.len());
}

/// Every failure another one: there is room for so many, and the rest is counted.
#[test]
fn different_failures_are_limited_and_counted() {
    let once = String::from_utf8(log(LOGS[1])).unwrap();
    let many: String = (0..260)
        .map(|n| once.replace("api.lab.example", &format!("h{n}.example")))
        .collect();
    let inputs = [analysed("many.log", many.as_bytes())];
    let page = page::check(&html_of(&inputs, &html::Options::default()));
    assert_eq!(page::elements(&page, "details.handshake").len(), 200);
    let said = page::text(page::elements(&page, ".left-out")[0]);
    assert!(said.contains("60 more broken handshakes"), "{said}");
    let document = markdown_of(&inputs, &markdown::Options::default());
    assert_eq!(document.matches("\n### ✗").count(), 10);
    assert!(
        document.contains("250 more broken handshakes"),
        "{document}"
    );
    let limited = markdown::Options {
        limit: Some(2),
        ..markdown::Options::default()
    };
    assert_eq!(markdown_of(&inputs, &limited).matches("\n### ✗").count(), 2);
}
