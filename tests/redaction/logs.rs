//! Every log below testdata: what it holds by an independent reading, and what is left of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use jssl_analyze::{
    assemble::Assembly,
    diagnose::diagnose,
    drive::analyse_bytes,
    input::Origin,
    redact::{Kinds, Redactor, Scrubber, Tokens},
    render::{json, junit, sarif, text},
    report::{Analysed, Report},
};
use regex::Regex;

/// All logs below testdata.
fn samples() -> Vec<PathBuf> {
    fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "log") {
                into.push(path);
            }
        }
    }
    let mut all = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"),
        &mut all,
    );
    all.sort();
    assert!(all.len() > 300, "only {} logs", all.len());
    all
}

fn analysed(bytes: &[u8]) -> Analysed {
    let analysis = analyse_bytes(bytes);
    let diagnosis = diagnose(&analysis.assembly);
    Analysed {
        path: "server.log".to_owned(),
        origin: Origin::default(),
        analysis,
        diagnosis,
    }
}

pub(super) fn scrubbed(log: &[u8], redactor: &Redactor) -> Vec<u8> {
    let mut scrubber = Scrubber::new(redactor);
    let mut clean = Vec::with_capacity(log.len());
    for line in log.split_inclusive(|&byte| byte == b'\n') {
        scrubber.line(line, &mut clean);
    }
    clean
}

pub(super) fn redactor_of(assembly: &Assembly) -> Redactor {
    let redactor = Redactor::new(Kinds::ALL, Arc::new(Tokens::random().unwrap()));
    redactor.learn(assembly);
    redactor
}

/// Line feeds.
pub(super) fn feeds(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text).count()
}

/// What the diagnosis comes to: of each handshake where it stands, its end and its findings; of the log its findings.
pub(super) fn verdicts(log: &[u8]) -> Vec<String> {
    let input = analysed(log);
    let findings = |findings: &[jssl_analyze::diagnose::Finding]| {
        let each = findings
            .iter()
            .map(|finding| format!("{} {}", finding.rule, finding.confidence.name()));
        each.collect::<Vec<_>>().join(", ")
    };
    let handshakes = input
        .analysis
        .assembly
        .handshakes
        .iter()
        .zip(&input.diagnosis.by_handshake);
    let mut all: Vec<String> = handshakes
        .map(|(handshake, found)| {
            let (first, last) = (handshake.first_span().line(), handshake.last_span().line());
            format!(
                "{} {first}-{last} {}: {}",
                handshake.id,
                handshake.outcome.name(),
                findings(found)
            )
        })
        .collect();
    all.push(findings(&input.diagnosis.of_log));
    all
}

/// Every format, of everything that there is to say.
fn outputs(input: &[Analysed], redactor: Option<&Redactor>) -> Vec<(&'static str, String)> {
    let report = Report::new(input);
    let report = match redactor {
        Some(redactor) => report.redacted_by(redactor),
        None => report,
    };
    let options = text::Options {
        verbose: true,
        ..text::Options::default()
    };
    let written = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    };
    vec![
        (
            "text",
            written(&|out| text::write(&report, options, out).unwrap()),
        ),
        (
            "brief text",
            written(&|out| text::write(&report, text::Options::default(), out).unwrap()),
        ),
        (
            "json",
            written(&|out| json::write_json(&report, out).unwrap()),
        ),
        (
            "ndjson",
            written(&|out| json::write_ndjson(&report, out).unwrap()),
        ),
        ("junit", written(&|out| junit::write(&report, out).unwrap())),
        ("sarif", written(&|out| sarif::write(&report, out).unwrap())),
    ]
}

/// The secrets of a log, by their headings: the lines on which they stand, and the values.
#[derive(Default)]
struct Secrets {
    lines: BTreeSet<usize>,
    values: BTreeSet<String>,
}

impl Secrets {
    fn of(log: &str) -> Self {
        let heading = Regex::new(r#"Plaintext (?:before|after)|laintext (?:before|after)|(?:Master|write) Secret:|write (?:key|IV):|"ticket" *: \{|"identities": \{"#).unwrap();
        let row = Regex::new(r"(?:^|[^0-9A-Za-z])([0-9A-F]{3}0|[0-9a-f]{3}0): ((?:[0-9A-Fa-f]{2} {1,3}){1,15}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{2})(?: |$)").unwrap();
        let ticket =
            Regex::new(r#"(?:"(?:ticket|identities|binders)" *: " *\{?|PSK \((?:Server|Client)\): )([0-9A-F ]{24,})"#).unwrap();
        let mut secrets = Self::default();
        let (mut inside, mut handshake) = (false, false);
        for (index, line) in log.lines().enumerate() {
            if let Some(found) = ticket.captures(line) {
                secrets.lines.insert(index);
                secrets.values.insert(found[1].trim().to_owned());
            }
            let Some(found) = row.captures(line) else {
                // GlassFish has an empty line behind each
                if heading.is_match(line) {
                    inside = true;
                } else if !line.trim().is_empty()
                    && line.trim() != "{"
                    && !line.contains("\"specifics\"")
                {
                    inside = false;
                }
                continue;
            };
            if !inside {
                continue;
            }
            secrets.lines.insert(index);
            let bytes: Vec<&str> = found[2].split_whitespace().collect();
            if &found[1] == "0000" {
                // handshake messages go in the clear elsewhere, too: they are blanked, but no values to look for
                handshake = bytes.get(1) == Some(&"00") && bytes[0] < "19";
            }
            let differing: BTreeSet<&&str> = bytes.iter().collect();
            // so does a Finished behind the vector of a block cipher
            let finished = bytes.starts_with(&["14", "00", "00", "0C"]);
            if bytes.len() >= 8 && differing.len() > 4 && !handshake && !finished {
                secrets.values.insert(bytes[..8].join(" "));
            }
        }
        // what stands under another heading, too (a host in a ClientHello and in a request) is none
        let others: Vec<&str> = log
            .lines()
            .enumerate()
            .filter(|(index, _)| !secrets.lines.contains(index))
            .map(|(_, line)| line)
            .collect();
        let others = others.join("\n");
        secrets.values.retain(|value| !others.contains(value));
        secrets
    }

    /// Every spelling of the values.
    fn spellings(&self) -> impl Iterator<Item = String> {
        self.values.iter().flat_map(|value| {
            let plain = value.replace(' ', "");
            [
                value.clone(),
                value.to_lowercase(),
                plain.to_lowercase(),
                plain,
            ]
        })
    }
}

#[test]
fn no_secret_is_in_any_output() {
    let mut found = 0;
    for path in samples() {
        let log = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&log);
        let secrets = Secrets::of(&text);
        let input = [analysed(&log)];
        let redactor = redactor_of(&input[0].analysis.assembly);
        let mut all = outputs(&input, None);
        all.extend(outputs(&input, Some(&redactor)));
        for (name, redactor) in [("scrub", Redactor::secrets()), ("scrub --redact", redactor)] {
            let clean = String::from_utf8_lossy(&scrubbed(&log, &redactor)).into_owned();
            blank(&path, &clean, &secrets);
            all.push((name, clean));
        }
        for secret in secrets.spellings() {
            for (format, output) in &all {
                assert!(
                    !output.contains(&secret),
                    "{}: {secret} in {format}",
                    path.display()
                );
            }
        }
        found += secrets.values.len();
    }
    assert!(found > 500, "only {found} secrets found in all logs");
}

/// No digit but 0 is left where the secrets stand.
fn blank(path: &Path, clean: &str, secrets: &Secrets) {
    let pair = Regex::new(r"(?:^|[ \x22{])([0-9A-Fa-f]{2})\b").unwrap();
    let row = Regex::new(r"[0-9A-Fa-f]{4}: (.{47})").unwrap();
    for (index, line) in clean
        .lines()
        .enumerate()
        .filter(|(index, _)| secrets.lines.contains(index))
    {
        let hex = row
            .captures(line)
            .map_or("", |found| found.get(1).unwrap().as_str());
        for found in pair.captures_iter(hex) {
            // a header of TLS may stay where it is not known what a dump is
            assert!(
                &found[1] == "00",
                "{}:{}: {line}",
                path.display(),
                index + 1
            );
        }
    }
}

#[test]
fn a_scrubbed_log_tells_the_same() {
    let dump =
        Regex::new(r#"[0-9A-Fa-f]{4}: [0-9A-Fa-f]{2}|"(?:ticket|identities|binders)"|type_35"#)
            .unwrap();
    let (mut untouched, mut wrong) = (0, Vec::new());
    for path in samples() {
        let log = fs::read(&path).unwrap();
        let expected = verdicts(&log);
        let redactor = redactor_of(&analyse_bytes(&log).assembly);
        for (name, redactor) in [
            ("scrub", &Redactor::secrets()),
            ("scrub --redact", &redactor),
        ] {
            let clean = scrubbed(&log, redactor);
            assert_eq!(feeds(&clean), feeds(&log), "{}", path.display());
            if !redactor.hides_names() {
                assert!(
                    scrubbed(&clean, redactor) == clean,
                    "{}: twice is once",
                    path.display()
                );
            }
            let told = verdicts(&clean);
            if told != expected {
                let differ = told
                    .iter()
                    .zip(&expected)
                    .find(|(told, expected)| told != expected);
                wrong.push(format!("{} {name}: {differ:#?}", path.display()));
            }
            if !redactor.hides_names() {
                let text = String::from_utf8_lossy(&log);
                let secrets = Secrets::of(&text);
                let changed = clean
                    .split(|&b| b == b'\n')
                    .zip(log.split(|&b| b == b'\n'))
                    .enumerate();
                let changed: Vec<usize> = changed
                    .filter(|(_, (clean, line))| clean != line)
                    .map(|(index, _)| index)
                    .collect();
                untouched += usize::from(changed.is_empty());
                let lines: Vec<&str> = text.lines().collect();
                for index in changed
                    .iter()
                    .filter(|index| !secrets.lines.contains(index))
                {
                    assert!(
                        dump.is_match(lines[*index]),
                        "{}:{}: {}",
                        path.display(),
                        index + 1,
                        lines[*index]
                    );
                }
            }
        }
    }
    assert!(untouched > 100, "only {untouched} logs without secrets");
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The names of a log: from the analysis, and from the text by their headings.
fn names(assembly: &Assembly, log: &str) -> BTreeMap<String, &'static str> {
    let mut names = BTreeMap::new();
    let mut add = |name: &str, sort| {
        let name = name.trim_start_matches("*.");
        let telling = match sort {
            "serial" => name.len() >= 8,
            // words of the trade tell nobody anything
            "thread"
                if name.split(|c: char| !c.is_alphabetic()).all(|word| {
                    [
                        "", "client", "server", "thread", "worker", "nio", "main", "exec",
                    ]
                    .contains(&word)
                }) =>
            {
                false
            }
            "thread" => {
                name.len() >= 5
                    && name.contains(|c: char| c.is_ascii_digit() || c == '-' || c == ' ')
                    && !name.starts_with("Thread-")
            }
            "host" => name.contains('.') && name.parse::<std::net::IpAddr>().is_err(),
            _ => {
                name.len() >= 5
                    && name.contains([' ', '.'])
                    && name.parse::<std::net::IpAddr>().is_err()
            }
        };
        if telling {
            names.insert(name.to_owned(), sort);
        }
    };
    for handshake in &assembly.handshakes {
        if let Some(name) = handshake.server_name() {
            add(name, "host");
        }
        if let Some(thread) = &handshake.thread {
            add(&thread.name, "thread");
        }
    }
    let heading = Regex::new(r#"(?m)DNSName: ([^ \r\n]+)|[Ss]erial ?[Nn]umber *(?:\[ *|"? *: *"?)(?:0x)?([0-9a-fA-F]{8,})\b|(?:CN|OU|O)=([^,"\r\n<>+\]]+?)(?:[,">\r\n+\]]|$)"#).unwrap();
    // the project's own: cacerts of a JDK has hundreds of public authorities, which stay
    let is_own = |part: &str| part.to_lowercase().contains("lab");
    for found in heading.captures_iter(log) {
        if let Some(host) = found.get(1) {
            add(host.as_str(), "host");
        }
        if let Some(serial) = found.get(2) {
            add(serial.as_str(), "serial");
        }
        if let Some(part) = found.get(3).filter(|part| is_own(part.as_str())) {
            add(part.as_str().trim(), "subject");
        }
    }
    names
}

#[test]
fn no_name_is_in_what_was_redacted() {
    let (mut found, mut wrong) = (0, BTreeSet::new());
    for path in samples() {
        let log = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&log);
        let input = [analysed(&log)];
        let assembly = &input[0].analysis.assembly;
        let redactor = redactor_of(assembly);
        let names = names(assembly, &text);
        let mut all = outputs(&input, Some(&redactor));
        // what is redacted stays as it is
        let json = all.iter().filter(|(format, _)| *format == "json");
        for line in json.flat_map(|(_, output)| output.lines()) {
            let again = redactor.text(line);
            if again != line {
                wrong.insert(format!("{}: {line} became {again}", path.display()));
            }
        }
        all.push((
            "scrub",
            String::from_utf8_lossy(&scrubbed(&log, &redactor)).into_owned(),
        ));
        for (name, sort) in &names {
            for (format, output) in &all {
                let at = output.find(name.as_str());
                if let Some(at) = at {
                    let from = output[..at].rfind('\n').map_or(0, |at| at + 1);
                    let line: String = output[from..].chars().take(160).collect();
                    wrong.insert(format!(
                        "{} {sort} {name:?} in {format}: {line}",
                        path.display()
                    ));
                }
            }
        }
        found += names.len();
    }
    assert!(found > 2000, "only {found} names in all logs");
    let shown: Vec<&str> = wrong.iter().map(String::as_str).take(60).collect();
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), shown.join("\n"));
}

#[test]
fn findings_are_the_same_with_and_without_names() {
    for path in samples() {
        let input = [analysed(&fs::read(&path).unwrap())];
        let redactor = redactor_of(&input[0].analysis.assembly);
        let (plain, redacted) = (
            Report::new(&input),
            Report::new(&input).redacted_by(&redactor),
        );
        for (plain, redacted) in plain.handshakes().zip(redacted.handshakes()) {
            assert_eq!(plain.findings.len(), redacted.findings.len());
            for (plain, redacted) in plain.findings.iter().zip(&redacted.findings) {
                assert_eq!(
                    (&plain.rule, &plain.confidence),
                    (&redacted.rule, &redacted.confidence)
                );
                assert_eq!(plain.references, redacted.references);
            }
            // who issued whom, who asked for whom
            let links = |view: &jssl_analyze::report::HandshakeView<'_>| -> Vec<bool> {
                let chain = &view.certificates.server;
                let pairs = chain
                    .iter()
                    .flat_map(|one| chain.iter().map(move |other| (one, other)));
                pairs
                    .flat_map(|(one, other)| {
                        [
                            one.issuer == other.subject,
                            one.serial == other.serial,
                            one.authority_key_id == other.subject_key_id,
                        ]
                    })
                    .collect()
            };
            assert_eq!(links(&plain), links(&redacted), "{}", path.display());
        }
    }
}
