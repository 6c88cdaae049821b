//! The catalogue as a whole: each rule is complete, documented, and has a log that shows it and one
//! that does not; what it advises can be typed and does no harm.

mod commands;
mod fixtures;
mod safety;

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use jssl_analyze::{
    diagnose::{Context, DOC_HEADINGS, FAMILIES, Finding, RULES, diagnose},
    drive::analyse_bytes,
    render::rules::{write_markdown, write_markdown_of},
};

use self::fixtures::{FIXTURES, MORE};

/// All findings of a log, of its handshakes and about itself.
fn findings(log: &[u8]) -> Vec<Finding> {
    let diagnosis = diagnose(&analyse_bytes(log).assembly);
    let of_handshakes = diagnosis.by_handshake.into_iter().flatten();
    of_handshakes.chain(diagnosis.of_log).collect()
}

/// The text of all logs below `testdata` and of all fixtures.
fn every_log() -> impl Iterator<Item = Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let files = logs_below(&root);
    assert!(files.len() > 400, "testdata is there");
    let made = FIXTURES
        .iter()
        .flat_map(|fixture| [fixture.fires, fixture.near_miss])
        .chain(MORE.iter().copied())
        .map(|log| log.text().into_bytes());
    let files = files.into_iter().map(|path| fs::read(path).expect("a log"));
    files.chain(made)
}

/// All findings of all logs, equal words once.
fn every_finding() -> Vec<Finding> {
    static ALL: OnceLock<Vec<Finding>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut seen = HashSet::new();
        every_log()
            .flat_map(|log| findings(&log))
            .filter(|finding| seen.insert(format!("{} {:?}", finding.rule, **finding)))
            .collect()
    })
    .clone()
}

fn logs_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                logs_below(&path)
            } else if path.extension().is_some_and(|extension| extension == "log") {
                vec![path]
            } else {
                Vec::new()
            }
        })
        .collect()
}

#[test]
fn codes_and_names_are_unique_and_well_formed() {
    let mut seen = HashSet::new();
    for rule in RULES {
        let (code, name) = (rule.code(), rule.name());
        assert!(
            seen.insert(code) && seen.insert(name),
            "{code} {name} is not unique"
        );
        let (family, digits) = code.split_at(1);
        assert!(
            digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()),
            "{code}"
        );
        assert!(
            FAMILIES
                .iter()
                .any(|known| family.starts_with(known.letter)),
            "{code}: no such family"
        );
        let word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        assert!(name.contains('-') || word(name), "{name}");
        assert!(name.split('-').all(word), "{name}");
    }
    let listed: usize = FAMILIES.iter().map(|family| family.rules().len()).sum();
    assert_eq!(listed, RULES.len(), "each rule is of one family");
}

/// What a rule is not asked about, it would have had nothing to say on.
#[test]
fn no_scope_hides_a_finding() {
    let (mut inside, mut outside) = (0, 0);
    for log in every_log() {
        let assembly = analyse_bytes(&log).assembly;
        let context = Context::new(&assembly);
        for handshake in &assembly.handshakes {
            for rule in RULES {
                let found = rule.check(handshake, &context);
                if rule.scope().holds(handshake, &context) {
                    inside += usize::from(found.is_some());
                } else {
                    assert_eq!(found, None, "{} is {:?}", rule.name(), rule.scope());
                    outside += 1;
                }
            }
        }
    }
    assert!(inside > 500 && outside > 30_000, "{inside}, {outside}");
}

#[test]
fn summaries_and_versions_are_well_formed() {
    let numbers = |version: &str| -> Vec<u32> {
        version
            .split('.')
            .map(|number| number.parse().unwrap_or_else(|_| panic!("{version}")))
            .collect()
    };
    let own = numbers(env!("CARGO_PKG_VERSION"));
    for rule in RULES {
        let since = numbers(rule.since());
        assert!(
            since.len() == 3 && since <= own,
            "{}: {since:?}",
            rule.name()
        );
        let summary = rule.summary();
        assert!(
            !summary.is_empty()
                && !summary.ends_with(['.', ' '])
                && !summary.contains(". ")
                && summary.len() <= 100,
            "{summary}"
        );
    }
}

#[test]
fn every_text_has_all_headings_and_something_under_each() {
    for rule in RULES {
        let sections = rule.sections();
        let headings: Vec<&str> = sections.iter().map(|(heading, _)| *heading).collect();
        assert_eq!(headings, DOC_HEADINGS, "{}", rule.name());
        for (heading, text) in &sections {
            assert!(text.len() > 10, "{}: nothing under {heading}", rule.name());
            assert!(
                text.ends_with(['.', ')', '`']),
                "{}, {heading}: ends in the middle: {text}",
                rule.name()
            );
            assert_eq!(
                text.matches('`').count() % 2,
                0,
                "{}, {heading}: code without an end",
                rule.name()
            );
        }
    }
}

#[test]
fn every_rule_has_a_log_and_a_near_miss() {
    let rows: Vec<&str> = FIXTURES.iter().map(|fixture| fixture.rule).collect();
    let missing: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.name())
        .filter(|name| rows.iter().filter(|row| *row == name).count() != 1)
        .collect();
    assert!(
        missing.is_empty(),
        "not in exactly one row of tests/catalogue/fixtures.rs: {missing:?}"
    );
    assert_eq!(
        rows.len(),
        RULES.len(),
        "a row is of a rule that is not there"
    );
}

#[test]
fn every_rule_fires_on_its_log_and_is_silent_on_the_near_miss() {
    let mut wrong = Vec::new();
    for fixture in FIXTURES {
        let rule = fixture.rule;
        let names =
            |found: &[Finding]| -> Vec<&str> { found.iter().map(|finding| finding.rule).collect() };
        let found = findings(fixture.fires.text().as_bytes());
        match found.iter().find(|finding| finding.rule == rule) {
            None => wrong.push(format!("{rule} is silent: {:?}", names(&found))),
            Some(finding) if finding.remedies.is_empty() => {
                wrong.push(format!("{rule} has no remedy"));
            }
            Some(_) => {}
        }
        let near = fixture.near_miss.text();
        let handshakes = analyse_bytes(near.as_bytes()).assembly.handshakes.len();
        let found = findings(near.as_bytes());
        if found.iter().any(|finding| finding.rule == rule) {
            wrong.push(format!(
                "{rule} fires on its near miss: {:?}",
                names(&found)
            ));
        }
        assert!(handshakes > 0, "{rule}: its near miss has no handshake");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn markdown(print: impl Fn(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    print(&mut out).expect("printed");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn the_document_is_what_the_rules_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let made = markdown(write_markdown);
    let differs = made
        .lines()
        .zip(committed.lines())
        .find(|(made, old)| made != old);
    assert!(
        made == committed.replace("\r\n", "\n"),
        "docs/rules.md is not what the rules say ({differs:?}); make it anew:\n\n    cargo run -- explain -f markdown > docs/rules.md\n"
    );
}

#[test]
fn links_of_the_document_lead_somewhere() {
    let made = markdown(write_markdown);
    let headings: HashSet<&str> = made
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .collect();
    let mut links = 0;
    for (at, _) in made.match_indices("](#") {
        let target = made[at + 3..].split(')').next().unwrap_or_default();
        assert!(headings.contains(target), "{target}");
        links += 1;
    }
    assert!(
        links > RULES.len(),
        "all rules are listed, and some named by others"
    );
    for rule in RULES {
        let part = markdown(|out| write_markdown_of(*rule, out));
        assert!(made.contains(&part), "{}", rule.name());
    }
}
