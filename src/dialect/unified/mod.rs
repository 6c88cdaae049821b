//! The unified dialect: `sun.security.ssl.SSLLogger` of JDK 11 and later, and of 8u from 8u261
//! (Oracle) and 8u272 (`OpenJDK`) on.
//!
//! Wordings travel by update, not by release, so every spelling is accepted everywhere. Not read:
//! the brace blocks of `expand`, and of hex dumps what cannot bear on a handshake.

mod announced;
mod body;
pub(in crate::dialect) mod certificate;
mod grammar;
mod hello;
mod likeness;
mod message;
mod names;
mod note;
mod recall;

use std::{collections::HashSet, sync::Arc};

use foldhash::quality::RandomState;

use self::announced::Whose;
pub(in crate::dialect) use self::note::release_in_path;
pub(crate) use self::recall::{Known, Met, Rememberable};
use super::throwable::{self, Trace};
use crate::{
    entry::{DATE_LEN, Entry, Origin, Parts, civil_date, time_of_day},
    event::{
        Anomaly, AnomalyKind, Certificate, Event, Extension, Extensions, Fact, JvmFact, Names,
        PresentedCertificate, Random, Secret, Survey, Thread, Throwable,
    },
    intern::Interner,
    span::Span,
    time::{LogTime, Zone},
    tls::{CipherSuite, ProtocolVersion},
};

/// Reads entries of this dialect. Holds only caches, a survey and what was already said.
#[derive(Debug)]
pub(crate) struct Unified {
    interned: Interned,
    recall: recall::Recall,
    /// Finds out fast whether text of other programs can hold a stack trace.
    exception: memchr::memmem::Finder<'static>,
    /// Messages about items that local policy refuses: reported once, printed for every context.
    refused: HashSet<Box<[u8]>, RandomState>,
    pub(crate) survey: Survey,
    /// See [`Survey::under_way`]: of what is said again, it is known.
    under_way: bool,
    /// A dump of decrypted data was met since the last survey.
    dumped: bool,
    /// Most entries are of the day, the zone and the thread of the one before.
    last_date: Option<([u8; DATE_LEN], i64)>,
    last_zone: Zone,
    /// As it was printed, and shared.
    last_thread: Option<(Vec<u8>, Arc<Thread>)>,
    stream: Option<Arc<str>>,
}

/// Text seen before, and what it means.
#[derive(Debug)]
pub(super) struct Interned {
    pub(super) texts: Interner<str>,
    pub(super) certificate_lists: Interner<[PresentedCertificate]>,
    pub(super) certificates: Interner<Certificate>,
    suites: Interner<[CipherSuite]>,
    names: Interner<[Arc<str>]>,
    versions: Interner<[ProtocolVersion]>,
    extensions: Interner<Extension>,
    /// Whole lists of extensions, of those that can repeat.
    pub(super) extension_lists: Interner<Extensions>,
    threads: Interner<Thread>,
    throwables: Interner<Throwable>,
    traces: Interner<[Trace]>,
    pub(super) clues: crate::event::Clues,
}

impl Default for Unified {
    fn default() -> Self {
        Self {
            interned: Interned::default(),
            recall: recall::Recall::default(),
            exception: memchr::memmem::Finder::new("xception"),
            refused: HashSet::default(),
            survey: Survey::default(),
            under_way: false,
            dumped: false,
            last_date: None,
            last_zone: Zone::default(),
            last_thread: None,
            stream: None,
        }
    }
}

const SMALL: usize = 1 << 20;
const LARGE: usize = 16 << 20;

impl Default for Interned {
    fn default() -> Self {
        Self {
            texts: Interner::with_limit(LARGE),
            certificate_lists: Interner::with_limit(LARGE),
            certificates: Interner::with_limit(LARGE),
            suites: Interner::with_limit(SMALL),
            names: Interner::with_limit(SMALL),
            versions: Interner::with_limit(SMALL),
            extensions: Interner::with_limit(SMALL),
            extension_lists: Interner::with_limit(SMALL),
            threads: Interner::with_limit(LARGE),
            throwables: Interner::with_limit(LARGE),
            traces: Interner::with_limit(LARGE),
            clues: crate::event::Clues::default(),
        }
    }
}

impl Interned {
    /// `[A(0x1301), B(0x1302)]` with or without quotes.
    fn suites(&mut self, value: &[u8]) -> Arc<[CipherSuite]> {
        let Self { suites, texts, .. } = self;
        suites.intern(value, |value| {
            let list = grammar::bracketed(value).unwrap_or_default();
            grammar::items(list)
                .map(|item| CipherSuite::new(texts.text(grammar::suite_name(item))))
                .collect()
        })
    }

    /// `a, b`
    fn names(&mut self, list: &[u8]) -> Names {
        let Self { names, texts, .. } = self;
        names.intern(list, |list| {
            grammar::items(list).map(|item| texts.text(item)).collect()
        })
    }

    /// Distinguished names in one list: the commas inside and between them are the same.
    fn distinguished_names(&mut self, list: &[u8]) -> Names {
        names::split_distinguished_names(list)
            .iter()
            .map(|name| self.texts.text(name))
            .collect()
    }

    /// `TLSv1.3, TLSv1.2`
    fn versions(&mut self, list: &[u8]) -> Arc<[ProtocolVersion]> {
        self.versions.intern(list, |list| {
            grammar::items(list)
                .map(|item| ProtocolVersion::from_name(&String::from_utf8_lossy(item)))
                .collect()
        })
    }

    /// A stack trace; the same text gives the same shared one.
    fn throwable(&mut self, text: &[u8]) -> Option<Arc<Throwable>> {
        let thrown = self.throwables.intern(text, |text| {
            Arc::new(throwable::read(text).unwrap_or_default())
        });
        (!thrown.causes.is_empty()).then_some(thrown)
    }

    /// 32 bytes in either spelling; the spelling is a hint at the release.
    fn random(&mut self, hex: Option<&[u8]>) -> Option<Random> {
        let hex = hex?;
        if let Some(bytes) = grammar::joined_hex(hex) {
            self.clues.joined_hex = true;
            return Some(Random(bytes));
        }
        let bytes: [u8; 32] = grammar::hex_bytes(hex, 32).try_into().ok()?;
        let spaced = hex.contains(&b' ');
        self.clues.spaced_hex |= spaced;
        self.clues.joined_hex |= !spaced;
        Some(Random(bytes))
    }

    /// An extension by its whole head line.
    fn extension(&mut self, head: &[u8], name: &[u8], number: u16) -> Arc<Extension> {
        let Self {
            extensions, texts, ..
        } = self;
        extensions.intern(head, |_| {
            Arc::new(Extension {
                name: texts.text(name),
                number: Some(number),
            })
        })
    }
}

impl Unified {
    /// Reads one entry; what it says is appended to `events`.
    pub(crate) fn read(&mut self, entry: &Entry<'_>, parts: &Parts<'_>, events: &mut Vec<Event>) {
        self.survey.entries += 1;
        self.clues(
            entry.head.level,
            entry.head.origin.thread,
            entry.head.caller,
        );
        let dumps = self.survey.plaintexts;
        if let Some(fact) = self.fact(entry, parts) {
            events.push(self.event(entry.span, &entry.head.origin, fact));
        } else if !self.under_way {
            self.under_way = is_of_hello(entry.head.message);
        }
        if self.survey.plaintexts > dumps && entry.head.has_body && !self.dumped {
            self.dumped = true;
            let fact = Fact::Jvm(JvmFact::Secret(Secret::Data));
            events.push(self.event(entry.span, &entry.head.origin, fact));
        }
        self.tail(entry, parts, events);
        self.oddities(entry, parts, events);
    }

    /// Whether an entry of one line with this text can be passed over: two of three say nothing that bears
    /// on a handshake, or say again what policy refuses. It is counted all the same.
    pub(crate) fn skips(&mut self, text: &[u8]) -> bool {
        let silent = match text.first() {
            Some(b'I') => self.is_silent_refusal(text),
            Some(b'C') => text.starts_with(b"Consumed extension: "),
            Some(b'N') => text.starts_with(b"No available application protocols"),
            Some(b'P') => text.starts_with(b"Populated with extension: "),
            Some(b'S') => text.starts_with(b"Stateless resumption "),
            Some(b'U') => text.starts_with(b"Unsupported authentication scheme: "),
            Some(b'X') => {
                let wanted = text.starts_with(b"X509KeyManager class: ");
                self.survey.keys_wanted |= wanted;
                wanted
            }
            Some(b'j') => text.starts_with(b"jdk.tls.keyLimits: "),
            _ => false,
        };
        // what opens a body is a matter for those who read bodies
        let skipped = silent && !text.trim_ascii_end().ends_with(b"(");
        self.survey.entries += u64::from(skipped);
        if skipped && !self.under_way {
            self.under_way = is_of_hello(text);
        }
        skipped
    }

    /// `Ignore, context unavailable extension: X`, `Ignore unavailable extension: X`, `Ignore impact of …`, and
    /// the refusals that were read before.
    fn is_silent_refusal(&mut self, text: &[u8]) -> bool {
        let Some(rest) = text.strip_prefix(b"Ignore") else {
            return false;
        };
        if rest.starts_with(b", ") || rest.starts_with(b" unavail") || rest.starts_with(b" impact ")
        {
            return true;
        }
        let known = self.refused.contains(text);
        let of_suite = known
            && rest
                .split(|&byte| byte == b':')
                .next()
                .is_some_and(note::is_of_suite);
        self.survey.contexts += u64::from(of_suite);
        known
    }

    /// What is read from here on belongs to this stream.
    pub(crate) fn enter(&mut self, stream: Option<&Arc<str>>) {
        if self.stream.as_ref() != stream {
            self.stream = stream.cloned();
            self.interned.threads = Interner::with_limit(LARGE);
            self.last_thread = None;
        }
    }

    /// The stream that is being read.
    pub(crate) fn stream(&self) -> Option<&Arc<str>> {
        self.stream.as_ref()
    }

    fn event(&mut self, span: Span, origin: &Origin<'_>, fact: Fact) -> Event {
        Event {
            span,
            time: self.time(origin),
            thread: self.thread(origin),
            fact,
        }
    }

    fn time(&mut self, origin: &Origin<'_>) -> Option<LogTime> {
        let (date, clock) = origin.timestamp.split_first_chunk()?;
        if self.last_date.is_none_or(|(last, _)| last != *date) {
            self.last_date = Some((*date, civil_date(date)?));
        }
        let (_, midnight) = self.last_date?;
        let millis = midnight + time_of_day(clock)?;
        if self.last_zone.as_bytes() != origin.zone {
            self.last_zone = Zone::from(origin.zone);
        }
        Some(LogTime {
            millis,
            zone: self.last_zone.clone(),
        })
    }

    fn thread(&mut self, origin: &Origin<'_>) -> Arc<Thread> {
        let id_len = origin.thread_id_len;
        if let Some((raw, last)) = &self.last_thread
            && raw == origin.thread
        {
            return Arc::clone(last);
        }
        let stream = &self.stream;
        let thread = self.interned.threads.intern(origin.thread, |raw| {
            let text = |raw: &[u8]| String::from_utf8_lossy(raw).into();
            Arc::new(Thread {
                stream: stream.clone(),
                id: text(&raw[..id_len]),
                name: text(&raw[id_len + 1..]),
            })
        });
        let raw = origin.thread.to_vec();
        self.last_thread = Some((raw, Arc::clone(&thread)));
        thread
    }

    /// What the columns tell about the release, of entries that are passed over, too.
    pub(crate) fn clues(&mut self, level: &[u8], thread: &[u8], caller: &[u8]) {
        let clues = &mut self.interned.clues;
        match level {
            b"FINE" | b"FINER" | b"FINEST" | b"SEVERE" => clues.jul_levels = true,
            b"TRACE" => clues.level_trace = true,
            b"ALL" => clues.level_all = true,
            _ => {}
        }
        clues.main_is_thread_3 |= thread == b"30|main";
        clues.ibm |= caller.starts_with(b"Thread.java:");
    }

    /// The fact of an entry; `None` for the many that say nothing about a handshake.
    fn fact(&mut self, entry: &Entry<'_>, parts: &Parts<'_>) -> Option<Fact> {
        let message = entry.head.message;
        match message.first()? {
            b'P' | b'C' | b'R' if message::is_title(message) => {
                message::read(self, message, entry, parts)
            }
            _ => note::read(self, message, parts),
        }
    }

    /// What other programs printed behind the entry, as far as it is exceptions of the network or TLS.
    fn tail(&mut self, entry: &Entry<'_>, parts: &Parts<'_>, events: &mut Vec<Event>) {
        let tail = parts.tail;
        if tail.len() < 16 || self.exception.find(tail).is_none() {
            return;
        }
        let origin = &entry.head.origin;
        let name = origin.thread.get(origin.thread_id_len + 1..);
        let traces = self.interned.traces.intern(tail, throwable::read_all);
        let head_lines = if entry.head.has_body && !traces.is_empty() {
            let body = entry.rest.len() - tail.len();
            memchr::memchr_iter(b'\n', &entry.rest[..body]).count()
        } else {
            0
        };
        let head_lines = u32::try_from(head_lines).unwrap_or(u32::MAX);
        let name = name.unwrap_or_default();
        for trace in &*traces {
            let whose = match trace.thread.as_deref() {
                Some(named) if named.as_bytes() == name => Whose::Own,
                Some(named) => Whose::Other(named.into()),
                None => announced::whose(tail, trace.first_line(), name),
            };
            let fact = Fact::Application(Arc::clone(&trace.thrown));
            let mut event = self.event(entry.span, origin, fact);
            event.span = event.span.down(head_lines);
            match whose {
                Whose::Own => {}
                Whose::Other(named) => {
                    event.thread = Arc::new(Thread::named_only(named, self.stream.clone()));
                }
                Whose::Unclear => continue,
            }
            events.push(event);
        }
    }

    fn oddities(&mut self, entry: &Entry<'_>, parts: &Parts<'_>, events: &mut Vec<Event>) {
        let kind = if parts.closed {
            return;
        } else if entry.truncated {
            AnomalyKind::EntryTooLong
        } else if entry.last {
            AnomalyKind::EntryCutOff
        } else {
            AnomalyKind::BodyNotClosed
        };
        let message = &entry.head.message[..entry.head.message.len().min(120)];
        let text = String::from_utf8_lossy(message).into();
        let fact = Fact::Anomaly(Anomaly { kind, text });
        events.push(self.event(entry.span, &entry.head.origin, fact));
    }

    /// The survey so far, and a fresh one.
    pub(crate) fn take_survey(&mut self) -> Survey {
        self.recall.count(&mut self.survey);
        self.survey.clues = std::mem::take(&mut self.interned.clues);
        self.survey.under_way = std::mem::take(&mut self.under_way);
        self.dumped = false;
        std::mem::take(&mut self.survey)
    }

    /// Whether this message about a refused item was not met before.
    fn is_new_refusal(&mut self, message: &[u8]) -> bool {
        const LIMIT: usize = 100_000;
        if self.refused.contains(message) {
            return false;
        }
        if self.refused.len() > LIMIT {
            self.refused.clear();
        }
        self.refused.insert(message.into())
    }
}

/// Said of a hello or by who answers one, and of nothing else.
fn is_of_hello(text: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 9] = [
        b"Consumed extension: ",
        b"Populated with extension: ",
        b"Ignore, context unavailable ext",
        b"Ignore unavailable extension: ",
        b"Ignore impact of unsupported ext",
        b"No available application protocols",
        b"Stateless resumption ",
        b"Unsupported authentication scheme: ",
        b"X509KeyManager class: ",
    ];
    BEGINNINGS
        .iter()
        .any(|beginning| text.starts_with(beginning))
}
