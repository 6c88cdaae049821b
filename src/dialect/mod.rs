//! Dialects: what an entry's text means, as dialect-neutral events.
//!
//! `unified` is the output of `sun.security.ssl.SSLLogger` (JDK 11 and later, 8u261+), `classic` that
//! of the JDKs before (6 to 8u252, 9, 10). `expanded` and `jul` are the unified entries in other
//! clothes: they take a block or a logging framework's record apart and let `unified` read title and body.
//! `bc` is another provider's word: Bouncy Castle's, which says less and in its own way.
//! `foreign` knows where the entries of all but `unified` begin; `piece` knows lines of entries without their head.
//!
//! A dialect reads one entry at a time, keeps no state that could change what the next entry means, and
//! never guesses: what it cannot read, it leaves or reports as an anomaly.

mod bc;
pub(crate) mod classic;
mod expanded;
pub(crate) mod foreign;
mod jul;
pub(crate) mod piece;
pub(crate) mod throwable;
pub(crate) mod unified;

#[cfg(test)]
mod testing {
    //! For the tests of dialects that no reader is needed for: recordings against their truth.

    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use serde_json::Value;

    use super::unified::Unified;
    use crate::{
        assemble::{Assembler, Assembly},
        diagnose::diagnose,
        event::{Event, Survey},
        span::Span,
    };

    type Next = fn(&[u8], usize) -> Option<usize>;
    type Read = fn(&[u8], Span, bool, &mut Unified, &mut Vec<Event>);

    /// Every log below a folder, in order.
    pub(crate) fn logs(root: &Path) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = fs::read_dir(root)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .flat_map(|path| {
                if path.is_dir() {
                    logs(&path)
                } else {
                    vec![path]
                }
            })
            .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
            .collect();
        found.sort();
        found
    }

    /// The events of a whole text, and what kinds of entries there were.
    pub(crate) fn events(text: &[u8], next_start: Next, read: Read) -> (Vec<Event>, Survey) {
        let (mut events, mut dialect) = (Vec::new(), Unified::default());
        let mut start = next_start(text, 0);
        while let Some(at) = start {
            start = next_start(text, at + 1);
            let end = start.unwrap_or(text.len());
            let known = events.len();
            let span = Span::new(at as u64, 0, (end - at) as u64);
            read(
                &text[at..end],
                span,
                start.is_none(),
                &mut dialect,
                &mut events,
            );
            let line = 1 + memchr::memchr_iter(b'\n', &text[..at]).count() as u64;
            for event in &mut events[known..] {
                event.span = event.span.down(line);
            }
        }
        (events, dialect.take_survey())
    }

    pub(crate) fn assembly((events, survey): &(Vec<Event>, Survey)) -> Assembly {
        let mut assembler = Assembler::new();
        events
            .iter()
            .cloned()
            .for_each(|event| assembler.push(event));
        assembler.survey(survey);
        assembler.finish()
    }

    /// Holds what was read of a log against the truth beside it, where the bodies of messages are there.
    pub(crate) fn agree(path: &Path, read: &(Vec<Event>, Survey)) {
        let name = path.display();
        let truth = path.with_extension("truth.json");
        let truth: Value = serde_json::from_slice(&fs::read(truth).unwrap()).unwrap();
        if truth["enough"] == false {
            return;
        }
        let assembly = assembly(read);
        let diagnosis = diagnose(&assembly);
        let wanted = truth["handshakes"].as_array().unwrap();
        assert_eq!(assembly.handshakes.len(), wanted.len(), "{name}");
        for wanted in wanted {
            let found = assembly
                .handshakes
                .iter()
                .find(|one| one.role.is_some_and(|role| wanted["role"] == role.name()));
            let found = found.unwrap_or_else(|| panic!("{name}: no {}", wanted["role"]));
            assert_eq!(wanted["outcome"], found.outcome.name(), "{name}");
            let text = |value: Option<&str>| value.map_or(Value::Null, Value::from);
            if wanted["outcome"] == "established" {
                let version = found
                    .version
                    .as_ref()
                    .map(crate::tls::ProtocolVersion::name);
                let suite = found
                    .cipher_suite
                    .as_ref()
                    .map(crate::tls::CipherSuite::name);
                assert_eq!(wanted["version"], text(version), "{name}");
                assert_eq!(wanted["cipher_suite"], text(suite), "{name}");
            } else {
                let cause = diagnosis.by_handshake[found.id as usize - 1].first();
                let rule = text(cause.map(|cause| cause.rule));
                let after = found.break_up.as_deref().and_then(|end| end.after.as_ref());
                let after = text(after.map(crate::tls::MessageKind::name));
                assert!(
                    wanted["rules"].as_array().unwrap().contains(&rule),
                    "{name}: {rule}"
                );
                assert!(
                    wanted["after"].as_array().unwrap().contains(&after),
                    "{name}: {after}"
                );
            }
        }
    }

    /// An entry as the unified dialect prints it.
    pub(crate) struct Printed<'a> {
        pub(crate) id: &'a str,
        pub(crate) thread: &'a str,
        /// With the zone.
        pub(crate) time: &'a str,
        pub(crate) title: &'a str,
        pub(crate) body: Option<&'a str>,
        /// Further lines of the message.
        pub(crate) tail: &'a str,
    }

    fn printed(text: &str) -> Option<Printed<'_>> {
        let (head, rest) = text.split_once('\n')?;
        let mut columns = head.splitn(7, '|').skip(2);
        let mut next = || columns.next();
        let (id, thread, time, _, message) = (next()?, next()?, next()?, next()?, next()?);
        if !time.starts_with(|c: char| c.is_ascii_digit()) {
            return None; // a bar in the thread's name
        }
        let (title, body, tail) = match message.strip_suffix(" (") {
            Some(title) => (title, Some(rest.split_once("\n)\n")?.0), ""),
            None => (message, None, rest.trim_end()),
        };
        Some(Printed {
            id,
            thread,
            time,
            title,
            body,
            tail,
        })
    }

    /// The lab's logs in another dress must give the facts that they give as they are.
    pub(crate) fn same_facts(next_start: Next, read: Read, dressed: fn(&Printed<'_>) -> String) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/lab/logs");
        let mut compared = 0;
        for path in logs(&root).iter().step_by(3) {
            let Ok(text) = fs::read_to_string(path) else {
                continue;
            };
            // where other programs' text or odd names are in between, the dress would be the test's own
            let mut starts = vec![0];
            starts.extend(
                text.match_indices("\njavax.net.ssl|")
                    .map(|(feed, _)| feed + 1),
            );
            starts.push(text.len());
            let entries: Option<Vec<Printed<'_>>> = starts
                .windows(2)
                .map(|ends| printed(&text[ends[0]..ends[1]]))
                .collect();
            let Some(entries) = entries else { continue };
            let mut plain = Vec::new();
            crate::reader::Reader::new().read(text.as_bytes(), true, &mut plain);
            let clothed: String = entries.iter().map(dressed).collect();
            let clothed = events(clothed.as_bytes(), next_start, read).0;
            let facts = |events: Vec<Event>| {
                let facts = events.into_iter().map(|event| event.fact);
                facts
                    .filter(|fact| !matches!(fact, crate::event::Fact::Application(_)))
                    .collect::<Vec<_>>()
            };
            let (plain, clothed) = (facts(plain), facts(clothed));
            for (plain, clothed) in plain.iter().zip(&clothed) {
                assert_eq!(plain, clothed, "{}", path.display());
            }
            assert_eq!(plain.len(), clothed.len(), "{}", path.display());
            compared += 1;
        }
        assert!(compared > 100, "{compared}");
    }
}
