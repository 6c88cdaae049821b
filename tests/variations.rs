//! What people do to a log before they hand it on changes nothing in its diagnosis, and what they cut away
//! never makes another cause certain.
//!
//! Every recording under `testdata` is indented, quoted, numbered, mixed with other output, cut and thinned
//! out. The texts are made here, from our own recordings.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, fs, path::Path};

use jssl_analyze::{
    diagnose::{Confidence, Severity, diagnose},
    drive::analyse_bytes,
};

/// What the first error of a handshake says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    rule: &'static str,
    confidence: Confidence,
}

/// The first finding of each failed handshake, and every rule that spoke at all.
fn told(log: &[u8]) -> (Vec<Told>, BTreeSet<&'static str>) {
    let diagnosis = diagnose(&analyse_bytes(log).assembly);
    let all = diagnosis.by_handshake.iter().flatten();
    let rules = all.map(|finding| finding.rule).collect();
    let firsts = diagnosis.by_handshake.iter().filter_map(|findings| {
        let first = findings.first()?;
        (first.severity == Severity::Error).then_some(Told {
            rule: first.rule,
            confidence: first.confidence,
        })
    });
    (firsts.collect(), rules)
}

/// Recordings of all dialects: one of each few, the long ones left out.
fn recordings(step: usize) -> Vec<(String, String)> {
    const LONG: usize = 120_000;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut files: Vec<_> = ["lab/logs", "classic"]
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .flat_map(|jdk| fs::read_dir(jdk).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    files.sort();
    let texts = files.iter().step_by(step).filter_map(|path| {
        let text = String::from_utf8(fs::read(path).unwrap()).ok()?;
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        (text.len() < LONG).then_some((name, text))
    });
    texts.collect()
}

/// Each line made anew.
fn each_line(text: &str, make: impl Fn(usize, &str) -> String) -> String {
    text.lines()
        .enumerate()
        .map(|(number, line)| make(number, line) + "\n")
        .collect()
}

fn joined<'t>(lines: impl Iterator<Item = &'t str>) -> String {
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn is_head(line: &str) -> bool {
    line.starts_with("javax.net.ssl|")
}

/// Where other output of the program can stand: in front of what begins an entry in any dialect.
fn begins_entry(line: &str) -> bool {
    is_head(line)
        || line.starts_with("%% ")
        || line.contains(", WRITE: ")
        || line.contains(", READ: ")
}

/// What people search for.
fn is_looked_for(line: &str) -> bool {
    is_head(line) || line.starts_with("***") || line.contains("xception")
}

type Variation = (&'static str, fn(&str) -> String);

/// Nothing is lost.
const HARMLESS: &[Variation] = &[
    ("indented by blanks", |text| {
        each_line(text, |_, line| format!("    {line}"))
    }),
    ("indented by a tab", |text| {
        each_line(text, |_, line| format!("\t{line}"))
    }),
    ("quoted in a mail", |text| {
        each_line(text, |_, line| format!("> {line}"))
    }),
    ("numbered", |text| {
        each_line(text, |number, line| format!("{:6}\t{line}", number + 1))
    }),
    ("commented out", |text| {
        each_line(text, |_, line| format!("// {line}"))
    }),
    ("line ends of Windows", |text| text.replace('\n', "\r\n")),
    ("blanks at the ends of lines", |text| {
        each_line(text, |_, line| format!("{line}  "))
    }),
    ("a page's frame", |text| {
        format!("Hello,\n\nthis is what we see:\n\n```\n{text}```\n\nAny ideas?\n")
    }),
    ("no line feed at the end", |text| text.trim_end().to_owned()),
    ("other output in between", |text| {
        each_line(text, |number, line| {
            if begins_entry(line) && number % 3 == 0 {
                format!(
                    "2026-03-04 12:00:00,001 INFO  [pool-1] lab.Shop - order {number} is on its way\n{line}"
                )
            } else {
                line.to_owned()
            }
        })
    }),
    ("copied out of Markdown", |text| {
        text.replace('\\', "\\\\")
            .replace('_', "\\_")
            .replace('*', "\\*")
    }),
    ("a page's source", |text| {
        let inside = text.replace('&', "&amp;").replace('<', "&lt;");
        let inside = inside.replace('>', "&gt;").replace('"', "&quot;");
        format!("<html><body><pre>\n{inside}</pre></body></html>\n")
    }),
    ("a page's blanks", |text| text.replace(' ', "\u{a0}")),
    ("a word processor's quotes", |text| {
        text.replace(" \"", " “")
            .replace("\n\"", "\n“")
            .replace('"', "”")
            .replace('\'', "’")
    }),
    ("carriage returns written out", |text| {
        each_line(text, |_, line| format!("{line}^M"))
    }),
    ("a notebook", |text| {
        let lines: Vec<_> = text.split_inclusive('\n').collect();
        let output = serde_json::json!({"name": "stderr", "output_type": "stream", "text": lines});
        serde_json::to_string_pretty(&serde_json::json!({"outputs": [output]})).unwrap() + "\n"
    }),
    ("one string of JSON", |text| {
        serde_json::json!({"id": 1, "text": text}).to_string() + "\n"
    }),
    ("found with the lines around", |text| {
        each_line(text, |number, line| {
            let mark = if is_looked_for(line) { ':' } else { '-' };
            format!("{}{mark}{line}", number + 1)
        })
    }),
    ("found in several files", |text| {
        each_line(text, |number, line| {
            let mark = if is_looked_for(line) { ':' } else { '-' };
            format!("logs/server.log{mark}{}{mark}{line}", number + 1)
        })
    }),
    ("bodies begun on the line of their head", |text| {
        text.replace(" (\n", " (")
    }),
];

/// Something is lost, as in what people post.
const LOSSY: &[Variation] = &[
    ("without blank lines", |text| {
        joined(text.lines().filter(|line| !line.trim().is_empty()))
    }),
    ("the first tenth cut off", |text| part(text, 10, 100)),
    ("the first third cut off", |text| part(text, 33, 100)),
    ("the first two thirds cut off", |text| part(text, 66, 100)),
    ("the last tenth cut off", |text| part(text, 0, 90)),
    ("the last third cut off", |text| part(text, 0, 66)),
    ("the last two thirds cut off", |text| part(text, 0, 33)),
    ("only the middle", |text| part(text, 30, 75)),
    ("heads only", |text| {
        joined(
            text.lines()
                .filter(|line| is_head(line) || begins_entry(line)),
        )
    }),
    ("without stack frames", |text| {
        joined(
            text.lines()
                .filter(|line| !line.trim_start().starts_with("at ")),
        )
    }),
    ("without certificates", |text| {
        without(
            text,
            &[
                "Certificate chain",
                "Certificate handshake",
                "Certificate message",
            ],
        )
    }),
    ("without the server's hello", |text| {
        without(text, &["ServerHello"])
    }),
    ("without alerts", |text| without(text, &["ALERT", "alert"])),
    ("all indentation lost", |text| {
        each_line(text, |_, line| line.trim_start().to_owned())
    }),
    ("blanks squeezed", |text| {
        each_line(text, |_, line| {
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        })
    }),
    ("stars eaten", |text| {
        each_line(text, |_, line| line.replace("*** ", "").replace("***", ""))
    }),
    ("long lines cut", |text| {
        each_line(text, |_, line| line.chars().take(160).collect())
    }),
    ("the latest line first", |text| joined(text.lines().rev())),
    ("entries on one line", |text| {
        text.lines().fold(String::new(), |all, line| {
            let apart = if begins_entry(line) { "\n" } else { " " };
            all + apart + line
        })
    }),
];

fn part(text: &str, from: usize, to: usize) -> String {
    let count = text.lines().count();
    let lines = text
        .lines()
        .skip(count * from / 100)
        .take(count * (to - from) / 100);
    joined(lines)
}

/// The text without the entries whose first line holds one of `words`.
fn without(text: &str, words: &[&str]) -> String {
    let mut left_out = false;
    let mut kept = String::new();
    for line in text.lines() {
        let begins = begins_entry(line) || line.starts_with("*** ") || line.contains(" ALERT:");
        if begins {
            left_out = words.iter().any(|word| line.contains(word));
        }
        if !left_out {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Another cause, and too sure of it.
fn is_sold_for_more(now: &Told, before: &BTreeSet<&'static str>) -> bool {
    /// The same fault, with its reason in the part that is lost.
    const LESS_PRECISE: [(&str, &str); 1] = [(
        "client-certificate-missing",
        "no-client-certificate-for-authorities",
    )];
    let was_told = before.contains(now.rule)
        || LESS_PRECISE
            .iter()
            .any(|(less, more)| *less == now.rule && before.contains(more));
    now.confidence >= Confidence::Strong && !was_told
}

#[test]
fn what_loses_nothing_changes_nothing() {
    let mut wrong = Vec::new();
    for (name, text) in recordings(1) {
        let (before, _) = told(text.as_bytes());
        for (variation, make) in HARMLESS {
            let (now, _) = told(make(&text).as_bytes());
            let same = before.len() == now.len()
                && before.iter().zip(&now).all(|(before, now)| {
                    before.rule == now.rule && before.confidence >= now.confidence
                });
            if !same {
                wrong.push(format!("{name}, {variation}: {before:?} became {now:?}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of them:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn recording(name: &str) -> String {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lab/logs");
    fs::read_to_string(logs.join(name)).unwrap()
}

#[test]
fn a_mail_servers_greeting_is_heard_by_a_client_wherever_the_log_begins() {
    let log = recording("17/plaintext-peer-smtp.ssl-handshake-packet.client.log");
    let greeting = log.find("|Raw read (").unwrap();
    let without_hello = &log[log[..greeting].rfind('\n').unwrap() + 1..];
    let (now, rules) = told(without_hello.as_bytes());
    assert_eq!(now[0].rule, "plaintext-peer");
    assert!(!rules.contains("plaintext-client"), "{rules:?}");
}

#[test]
fn a_servers_words_about_its_client_are_not_said_of_a_server() {
    // something unknown stands behind every head, so that no message is read
    let log = recording("11/client-certificate-missing-tls12.ssl-handshake.both.log");
    let blurred = each_line(&log, |number, line| format!("{line}\"}}, {number}]}}"));
    let (now, rules) = told(blurred.as_bytes());
    assert_eq!(now.len(), 2);
    assert!(!rules.contains("message-malformed"), "{rules:?}");
}

/// Messages that a collector lost, one kind at a time.
const LOST: [&str; 7] = [
    "ServerHelloDone",
    "ServerKeyExchange",
    "ClientKeyExchange",
    "EncryptedExtensions",
    "CertificateVerify",
    "ServerHello",
    "NewSessionTicket",
];

/// What the text that is left cannot show: probes and resets are errors of the connection in themselves, and the
/// classic dialect names no entry, so that all behind a lost one is lost, too.
fn is_told_by_its_end(name: &str, variation: &str) -> bool {
    let of_hello = variation.contains("ServerHello") && !variation.contains("Done")
        || variation == "without the server's hello";
    name.contains("probe") || name.contains("/reset-") || name.starts_with("classic") && of_hello
}

#[test]
fn what_loses_something_does_not_make_a_good_handshake_fail() {
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for (name, text) in recordings(1) {
        if !told(text.as_bytes()).0.is_empty() || !text.contains("Finished") {
            continue;
        }
        let lossy = LOSSY
            .iter()
            .filter(|(variation, _)| *variation != "the latest line first")
            .map(|(variation, make)| ((*variation).to_owned(), make(&text)));
        let lost = LOST
            .iter()
            .map(|message| (format!("without {message}"), without(&text, &[message])));
        let made = lossy.chain(lost);
        for (variation, now) in made.filter(|(it, _)| !is_told_by_its_end(&name, it)) {
            let (now, _) = told(now.as_bytes());
            compared += 1;
            if !now.is_empty() {
                wrong.push(format!("{name}, {variation}: {now:?}"));
            }
        }
    }
    assert!(compared > 1000, "{compared}");
    assert!(
        wrong.is_empty(),
        "{} of them:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn what_loses_something_never_makes_another_cause_certain() {
    let mut wrong = Vec::new();
    for (name, text) in recordings(1) {
        let (_, before) = told(text.as_bytes());
        for (variation, make) in LOSSY {
            let (now, _) = told(make(&text).as_bytes());
            let sold = now.iter().filter(|now| is_sold_for_more(now, &before));
            wrong.extend(sold.map(|now| format!("{name}, {variation}: {now:?}, was {before:?}")));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of them:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
