//! Properties that hold for every log: how it is cut, where it ends, what stands in between.

#![allow(
    clippy::naive_bytecount,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::{fs, path::Path, sync::OnceLock};

use jssl_analyze::{
    assemble::{Assembler, Assembly},
    diagnose::diagnose,
    drive::{analyse_bytes, analyse_bytes_in_parallel},
    event::{Clues, Fact, JvmFact, Survey},
    reader::Reader,
    render::{json, text},
    report::{Analysed, Report},
};
use proptest::prelude::*;

/// Small logs of several JDKs, failures and successes.
fn samples() -> &'static [(String, Vec<u8>)] {
    static SAMPLES: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    SAMPLES.get_or_init(|| small_logs("testdata/lab/logs", 7))
}

/// The same of the dialects of all JDKs.
fn samples_of_all() -> &'static [(String, Vec<u8>)] {
    static SAMPLES: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let mut all = samples().to_vec();
        all.extend(small_logs("testdata/classic", 1));
        all
    })
}

/// Every n-th of the logs in a folder's folders that are not long.
fn small_logs(folder: &str, step: usize) -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .flat_map(|jdk| fs::read_dir(jdk).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .filter(|path| fs::metadata(path).unwrap().len() < 60_000)
        .collect();
    files.sort();
    files
        .iter()
        .step_by(step)
        .map(|path| (path.display().to_string(), fs::read(path).unwrap()))
        .collect()
}

/// Everything that was understood, as text.
fn understood(assembly: &Assembly) -> String {
    format!("{assembly:?}")
}

/// Feeds the bytes in pieces that end at `cuts`.
fn in_pieces(data: &[u8], cuts: &[usize]) -> Assembly {
    let (mut reader, mut assembler, mut events) = (Reader::new(), Assembler::new(), Vec::new());
    let mut from = 0;
    for &to in cuts.iter().chain([&data.len()]) {
        from += reader.read(&data[from..to], to == data.len(), &mut events);
        events.drain(..).for_each(|event| assembler.push(event));
    }
    assembler.finish()
}

/// What a reader says of a log, whatever it read before. What policy refuses, it says once.
fn said(reader: &mut Reader, data: &[u8]) -> Vec<String> {
    let (mut events, before) = (Vec::new(), reader.lines());
    reader.read(data, true, &mut events);
    let told = events.iter().filter(|event| {
        !matches!(
            event.fact,
            Fact::Jvm(JvmFact::Refused(_) | JvmFact::Secret(_))
        )
    });
    told.map(|event| {
        let (line, len) = (event.span.line() - before, event.span.len());
        let (time, thread, fact) = (&event.time, &event.thread, &event.fact);
        format!("{line}+{len} {time:?} {thread:?} {fact:?}")
    })
    .collect()
}

/// The log of other connections that went the same way: every random, session id and row of bytes is another.
fn with_other_bytes(data: &[u8], by: u8) -> Vec<u8> {
    let turned = |digit: u8| match digit {
        b'0'..=b'9' => b'0' + (digit - b'0' + by) % 10,
        b'A'..=b'F' => b'A' + (digit - b'A' + by) % 6,
        other => other,
    };
    let mut other = Vec::new();
    for line in data.split_inclusive(|&byte| byte == b'\n') {
        let text = line.trim_ascii_start();
        let bytes_at = line.len() - text.len()
            + match text {
                [b'0'..=b'9', _, _, _, b':', b' ', ..] => 6,
                _ if text.starts_with(b"\"random\"") || text.starts_with(b"\"session id\"") => 12,
                _ => text.len(),
            };
        let (before, bytes) = line.split_at(bytes_at);
        other.extend_from_slice(before);
        other.extend(bytes.iter().copied().map(turned));
    }
    other
}

/// Renders everything; what matters is that nothing panics and that nothing active gets out.
fn render(data: &[u8]) -> (String, String) {
    let analysis = analyse_bytes(data);
    let diagnosis = diagnose(&analysis.assembly);
    let inputs = [Analysed {
        path: "x.log".to_owned(),
        origin: jssl_analyze::input::Origin::default(),
        analysis,
        diagnosis,
    }];
    let report = Report::new(&inputs);
    let (mut as_text, mut as_json) = (Vec::new(), Vec::new());
    let options = text::Options {
        verbose: true,
        ..text::Options::default()
    };
    text::write(&report, options, &mut as_text).unwrap();
    json::write_json(&report, &mut as_json).unwrap();
    (
        String::from_utf8(as_text).unwrap(),
        String::from_utf8(as_json).unwrap(),
    )
}

/// What classic logs are made of.
const CLASSIC: [&str; 34] = [
    "*** ClientHello, TLSv1.2",
    "*** ServerHello, TLSv1",
    "RandomCookie:  GMT: 1795156637 bytes = { 40, 149, 210, 127, 157, 72, 48, 238, 174, 253, 154, 4, 128, 1, 242, 48, 244, 2, 103, 114, 51, 249, 218, 125, 105, 159, 129, 252 }",
    "RandomCookie:  *** ClientHello, TLSv1.2",
    "Session ID:  {1, 2, 3}",
    "Cipher Suites: [TLS_RSA_WITH_AES_128_CBC_SHA256, Unknown 0x13:0x1]",
    "Cipher Suite: TLS_RSA_WITH_AES_128_CBC_SHA256",
    "Extension server_name, server_name: [type=host_name (0), value=lab.example]",
    "Unsupported extension type_43, data: 05:03:04:03:03",
    "Unsupported extension type_16, data: 00:0c:02:68",
    "***",
    "*** Certificate chain",
    "chain [0] = [",
    "  Subject: CN=lab.example",
    "  Validity: [From: Wed Jan 01 05:30:00 IST 2020,",
    "[1]: ObjectId: 2.5.29.17 Criticality=false",
    "  Signature:",
    "*** CertificateRequest",
    "Cert Authorities:",
    "*** ServerHelloDone",
    "*** ECDHClientKeyExchange",
    "*** Finished",
    "*** HelloRequest (empty)",
    "adding as trusted cert:",
    "  Valid from Wed Mar 31 20:00:00 EDT 2021 until Sat Mar 31 20:00:00 EDT 2046\n",
    "%% Negotiating:  [Session-1, TLS_RSA_WITH_AES_128_CBC_SHA256]",
    "main, READ: TLSv1.2 Handshake, length = 104",
    "other, WRITE: TLSv1.2 Handshake, length = 81",
    "main, READ: TLSv1.2 Change Cipher Spec, length = 1",
    "main, SEND TLSv1.2 ALERT:  fatal, description = certificate_unknown",
    "main, RECV TLSv1.2 ALERT:  fatal, handshake_failure",
    "main, handling exception: javax.net.ssl.SSLException: a.BException: x",
    "other, called closeSocket(true)",
    "javax.net.ssl|FINE|01|main|2026-11-21 01:00:00.000 UTC|A.java:1|Negotiated protocol version: TLSv1.2",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_gives_what_the_whole_gives(sample in any::<prop::sample::Index>(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12)) {
        let (name, data) = &samples_of_all()[sample.index(samples_of_all().len())];
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(data.len())).collect();
        cuts.sort_unstable();
        let mut whole = analyse_bytes(data).assembly;
        whole.survey = Survey::default();
        prop_assert_eq!(understood(&in_pieces(data, &cuts)), understood(&whole), "{}", name);
    }

    #[test]
    fn any_number_of_threads_gives_what_one_gives(first in any::<prop::sample::Index>(), second in any::<prop::sample::Index>(), threads in 1_usize..5, chunk in 100_usize..40_000) {
        let (a, b) = (&samples_of_all()[first.index(samples_of_all().len())].1, &samples_of_all()[second.index(samples_of_all().len())].1);
        let data = [&a[..], &b[..]].concat();
        let (whole, parallel) = (analyse_bytes(&data), analyse_bytes_in_parallel(&data, threads, chunk));
        prop_assert_eq!(understood(&parallel.assembly), understood(&whole.assembly));
        prop_assert_eq!(parallel.lines, whole.lines);
    }

    #[test]
    fn a_collectors_prefix_changes_no_handshake(sample in any::<prop::sample::Index>(), style in 0_usize..3) {
        let (_, data) = &samples()[sample.index(samples().len())];
        let prefixed: Vec<u8> = data.split_inclusive(|&b| b == b'\n').enumerate().flat_map(|(n, line)| {
            let prefix = [
                format!("2026-11-21T03:00:{:02}.{:09}Z stderr F ", n % 60, n),
                format!("INFO   | jvm 1    | 2026/11/21 00:04:{:02} | ", n % 60),
                "web-1  | ".to_owned(),
            ][style].clone();
            [prefix.as_bytes(), line].concat()
        }).collect();
        let told = |data: &[u8]| -> Vec<String> {
            let analysis = analyse_bytes(data);
            let diagnosis = diagnose(&analysis.assembly);
            analysis.assembly.handshakes.iter().zip(&diagnosis.by_handshake).map(|(h, findings)| {
                format!("{:?} {} {:?} {} {:?}", h.role, h.history(), h.outcome, h.first_span().line(), findings.first().map(|f| f.rule))
            }).collect()
        };
        prop_assert_eq!(told(&prefixed), told(data));
    }

    #[test]
    fn any_prefix_is_analysed_and_rendered(sample in any::<prop::sample::Index>(), end in any::<prop::sample::Index>()) {
        let (_, data) = &samples_of_all()[sample.index(samples_of_all().len())];
        render(&data[..end.index(data.len())]);
    }

    #[test]
    fn any_suffix_is_analysed_and_rendered(sample in any::<prop::sample::Index>(), start in any::<prop::sample::Index>()) {
        let (_, data) = &samples_of_all()[sample.index(samples_of_all().len())];
        render(&data[start.index(data.len())..]);
    }

    #[test]
    fn damaged_logs_are_analysed_and_rendered(sample in any::<prop::sample::Index>(), damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40)) {
        let (_, data) = &samples_of_all()[sample.index(samples_of_all().len())];
        let mut data = data.clone();
        for (at, byte) in damage {
            let at = at.index(data.len());
            data[at] = byte;
        }
        let (as_text, as_json) = render(&data);
        let bare = strip_styles(&as_text);
        prop_assert!(!bare.chars().any(|c| c.is_control() && c != '\n'), "a control character got into the text");
        prop_assert!(!as_json.chars().any(|c| c.is_control() && c != '\n'), "a control character got into the JSON");
        prop_assert!(serde_json::from_str::<serde_json::Value>(&as_json).is_ok());
    }

    #[test]
    fn what_was_read_before_changes_nothing(sample in any::<prop::sample::Index>(), by in 0_u8..6, damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12)) {
        let (name, data) = &samples()[sample.index(samples().len())];
        let mut reader = Reader::new();
        let first = said(&mut reader, data);
        for _ in 0..2 {
            prop_assert_eq!(&said(&mut reader, data), &first, "{}", name);
        }
        let mut data = with_other_bytes(data, by);
        for (at, byte) in damage {
            let at = at.index(data.len());
            data[at] = byte;
        }
        prop_assert_eq!(said(&mut reader, &data), said(&mut Reader::new(), &data), "{}", name);
        prop_assert_eq!(said(&mut reader, &data), said(&mut Reader::new(), &data), "{}, again", name);
    }

    #[test]
    fn arbitrary_bytes_do_no_harm(data in prop::collection::vec(any::<u8>(), 0..4096)) {
        render(&data);
    }

    #[test]
    fn bodies_of_arbitrary_lines_do_no_harm(title in "(Produced|Consuming) (ClientHello|ServerHello|server Certificate|CertificateRequest) handshake message", body in "[ -~\n\u{80}-\u{ff}]{0,600}") {
        render(format!("javax.net.ssl|DEBUG|01|main|2026-11-21 01:00:00.000 UTC|A.java:1|{title} (\n{body}\n)\n").as_bytes());
    }

    #[test]
    fn classic_lines_in_any_order_do_no_harm(lines in prop::collection::vec((0..CLASSIC.len(), "[ -~]{0,40}", any::<bool>()), 0..80), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6), chunk in 10_usize..2000) {
        let log = lines.iter().fold(String::new(), |log, (line, noise, glued)| {
            let line = CLASSIC[*line];
            log + &if *glued { format!("{line}{noise}\n") } else { format!("{line}\n{noise}") }
        });
        let data = log.as_bytes();
        render(data);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(data.len().max(1))).collect();
        cuts.sort_unstable();
        let whole = analyse_bytes(data).assembly;
        prop_assert_eq!(understood(&analyse_bytes_in_parallel(data, 3, chunk).assembly), understood(&whole));
        // noise can look like what a collector puts in front of lines, which the reader alone does not know
        prop_assert_eq!(understood(&in_pieces(data, &cuts)), understood(&in_pieces(data, &[])));
    }

    #[test]
    fn interleaving_entries_of_other_threads_changes_no_handshake(first in any::<prop::sample::Index>(), second in any::<prop::sample::Index>(), order in prop::collection::vec(any::<bool>(), 4..200)) {
        let (a, b) = (alone(first, "AA"), alone(second, "BB"));
        // one connection cannot be there twice: the client random is its identity
        prop_assume!(a.len() != b.len());
        let mixed = interleave(&a, &b, &order);
        let histories = |data: &[u8]| {
            let mut told: Vec<String> = analyse_bytes(data).assembly.handshakes.iter().map(|h| {
                let break_up = h.break_up.as_deref().map(|b| (b.how, b.after.clone(), b.exception.clone()));
                // without a message, the role is inferred from what else the log holds
                let role = h.random().map(|_| h.role);
                format!("{role:?} {} {:?} {break_up:?} {:?}", h.history(), h.outcome, h.server_name())
            }).collect();
            told.sort();
            told
        };
        let mut apart = histories(&a.concat());
        apart.extend(histories(&b.concat()));
        apart.sort();
        prop_assert_eq!(histories(&mixed), apart);
    }
}

/// The entries of a log of blocking sockets, every thread renamed so that two logs share none.
fn alone(index: prop::sample::Index, mark: &str) -> Vec<Vec<u8>> {
    let sockets: Vec<&Vec<u8>> = samples()
        .iter()
        .filter(|(name, _)| {
            name.contains(".ssl-handshake.") && !name.contains("engine") && !name.contains("/log-")
        })
        .map(|(_, data)| data)
        .collect();
    let data = sockets[index.index(sockets.len())];
    let text = String::from_utf8_lossy(data);
    let mut entries: Vec<Vec<u8>> = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("javax.net.ssl|") {
            let (level, rest) = rest.split_once('|').unwrap();
            entries.push(format!("javax.net.ssl|{level}|{mark}{rest}").into_bytes());
        } else if let Some(entry) = entries.last_mut() {
            entry.extend_from_slice(line.as_bytes());
        }
    }
    entries
}

fn interleave(a: &[Vec<u8>], b: &[Vec<u8>], order: &[bool]) -> Vec<u8> {
    let (mut a, mut b) = (a.iter(), b.iter());
    let mut mixed = Vec::new();
    for &take_a in order.iter().cycle().take(1_000_000) {
        let next = if take_a {
            a.next().or_else(|| b.next())
        } else {
            b.next().or_else(|| a.next())
        };
        match next {
            Some(entry) => mixed.extend_from_slice(entry),
            None => break,
        }
    }
    mixed
}

/// The text without the styles that the renderer itself writes.
fn strip_styles(text: &str) -> String {
    let mut bare = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        bare.push_str(&rest[..at]);
        let end = rest[at..].find('m').map_or(rest.len(), |end| at + end + 1);
        rest = &rest[end..];
    }
    bare.push_str(rest);
    bare
}

#[test]
fn a_head_is_found_where_bytes_of_a_key_were_before() {
    const HEAD: &[u8] = b"javax.net.ssl|ALL|01|m|2026-11-21 01:02:03.004 UTC|A.java:1|";
    let mut replaced = 0;
    for (name, data) in samples() {
        let mut data = data.clone();
        let mut reader = Reader::new();
        for _ in 0..3 {
            said(&mut reader, &data);
        }
        let mut at = 0;
        for line in data.clone().split_inclusive(|&byte| byte == b'\n') {
            let row = line.trim_ascii();
            if row.len() > HEAD.len() + 6 && row.starts_with(b"0000: ") {
                let from = at + line.len() - line.trim_ascii_start().len() + 6;
                data[from..from + HEAD.len()].copy_from_slice(HEAD);
                replaced += 1;
            }
            at += line.len();
        }
        let fresh = said(&mut Reader::new(), &data);
        assert_eq!(said(&mut reader, &data), fresh, "{name}");
    }
    assert!(replaced > 50, "{replaced}");
}

#[test]
fn what_is_read_again_is_counted_again() {
    let count = |data: &[u8]| Survey {
        clues: Clues::default(),
        ..analyse_bytes(data).assembly.survey
    };
    for (name, data) in samples().iter().filter(|(_, data)| data.ends_with(b"\n")) {
        let (once, mut thrice) = (count(data), Survey::default());
        for _ in 0..4 {
            thrice.add(&once);
        }
        assert_eq!(count(&data.repeat(4)), thrice, "{name}");
    }
}

#[test]
fn there_are_samples_of_several_jdks() {
    assert!(samples().len() > 30);
    for jdk in ["/8/", "/11/", "/17/", "/21/", "/25/"] {
        assert!(
            samples().iter().any(|(name, _)| name.contains(jdk)),
            "{jdk}"
        );
    }
}

#[test]
fn every_span_lies_in_the_log_and_points_at_a_line() {
    for (name, data) in samples_of_all() {
        let analysis = analyse_bytes(data);
        for step in analysis
            .assembly
            .handshakes
            .iter()
            .flat_map(|handshake| &handshake.steps)
        {
            let offset = usize::try_from(step.span.offset()).unwrap();
            let line = data[..offset].iter().filter(|&&b| b == b'\n').count() as u64 + 1;
            assert!(
                step.span.offset() + step.span.len() <= data.len() as u64,
                "{name}"
            );
            if !matches!(
                step.what,
                jssl_analyze::handshake::What::ApplicationException(_)
            ) {
                assert_eq!(step.span.line(), line, "{name}");
            }
        }
    }
}
