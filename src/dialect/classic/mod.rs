//! The classic dialect: `System.out.println` of `sun.security.ssl` in JDK 6, 7, 8 up to 8u252, 9 and 10.
//!
//! No time, no level, and a thread's name only on some lines; one logical item is many prints, and what
//! other threads print stands between any two of them. Read here is what one entry says by itself. An
//! event whose text names no thread gets the thread without id and name; which thread it was, and for
//! messages which way they went, is decided where neighbours are known (`assemble::untangle`): until
//! then a message counts as sent, unless its text shows that it came from the peer.
//!
//! Not read: key material (`SESSION KEYGEN:`), the lines of the state machine.

mod act;
mod certificate;
mod hello;
mod ibm;
mod message;
mod text;
mod title;

use std::{collections::HashSet, sync::Arc};

use foldhash::quality::RandomState;

use self::title::Title;
pub(crate) use self::title::next_start;
use super::{
    throwable::{self, Trace},
    unified::release_in_path,
};
use crate::{
    event::{
        Anomaly, AnomalyKind, Bytes, Certificate, ClassicClues, Direction, Event, Extension, Fact,
        JvmFact, PresentedCertificate, RefusedItem, RefusedKind, Secret, Sender, Survey, Thread,
    },
    intern::Interner,
    search,
    span::Span,
    tls::{CipherSuite, MessageKind, ProtocolVersion},
    wire::{self, Layer},
};

/// Reads entries of this dialect. Holds only caches, a survey and what was already said.
#[derive(Debug)]
pub(crate) struct Classic {
    interned: Interned,
    /// Suites that local policy refuses: reported once, printed for every context.
    refused: HashSet<Box<[u8]>, RandomState>,
    survey: Survey,
    /// Kinds of secrets that were met since the last survey.
    dumped: Vec<Secret>,
    nobody: Arc<Thread>,
    last_thread: Arc<Thread>,
    stream: Option<Arc<str>>,
}

/// Text seen before, and what it means.
#[derive(Debug)]
struct Interned {
    texts: Interner<str>,
    certificates: Interner<Certificate>,
    lists: Interner<[PresentedCertificate]>,
    suites: Interner<[CipherSuite]>,
    names: Interner<[Arc<str>]>,
    schemes: Interner<[Arc<str>]>,
    extensions: Interner<Extension>,
    threads: Interner<Thread>,
    traces: Interner<[Trace]>,
    clues: ClassicClues,
}

/// An exception and a frame have at least so many bytes.
const MIN_TRACE: usize = 16;

const SMALL: usize = 1 << 20;
const LARGE: usize = 16 << 20;

impl Default for Interned {
    fn default() -> Self {
        Self {
            texts: Interner::with_limit(LARGE),
            certificates: Interner::with_limit(LARGE),
            lists: Interner::with_limit(LARGE),
            suites: Interner::with_limit(SMALL),
            names: Interner::with_limit(SMALL),
            schemes: Interner::with_limit(SMALL),
            extensions: Interner::with_limit(SMALL),
            threads: Interner::with_limit(SMALL),
            traces: Interner::with_limit(SMALL),
            clues: ClassicClues::default(),
        }
    }
}

impl Default for Classic {
    fn default() -> Self {
        let nobody = Arc::new(Thread {
            id: "".into(),
            name: "".into(),
            stream: None,
        });
        Self {
            interned: Interned::default(),
            refused: HashSet::default(),
            survey: Survey::default(),
            dumped: Vec::new(),
            last_thread: Arc::clone(&nobody),
            nobody,
            stream: None,
        }
    }
}

impl Interned {
    fn extension(&mut self, name: &[u8], number: Option<u16>) -> Arc<Extension> {
        let Self {
            extensions, texts, ..
        } = self;
        // no name has a number that is not its own
        extensions.intern(name, |name| {
            Arc::new(Extension {
                name: texts.text(name),
                number,
            })
        })
    }
}

/// One entry on its way.
struct Entry<'a> {
    /// The text behind the first line.
    rest: &'a [u8],
    span: Span,
    /// The input ends with this entry.
    last: bool,
}

impl Classic {
    /// What is read from here on belongs to this stream.
    pub(crate) fn enter(&mut self, stream: Option<&Arc<str>>) {
        if self.stream.as_ref() != stream {
            self.stream = stream.cloned();
            self.interned.threads = Interner::with_limit(SMALL);
            self.nobody = Arc::new(Thread {
                id: "".into(),
                name: "".into(),
                stream: stream.cloned(),
            });
            self.last_thread = Arc::clone(&self.nobody);
        }
    }

    /// Reads one entry: the text from one start up to the next. `span` is that of its first byte; the
    /// lines of the events are counted from `span.line()`.
    pub(crate) fn read(&mut self, text: &[u8], span: Span, last: bool, events: &mut Vec<Event>) {
        let bare = text::without_indent(text);
        let text = bare.as_deref().unwrap_or(text);
        let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
        let entry = Entry {
            rest: text.get(end + 1..).unwrap_or_default(),
            span,
            last,
        };
        let Some(title) = title::title(text[..end].trim_ascii_end()) else {
            return;
        };
        self.survey.entries += 1;
        if matches!(title, Title::Ibm(_)) {
            self.survey.ibm += 1;
        } else {
            self.survey.classic += 1;
        }
        let mut speaker = None;
        match title {
            Title::Message(kind, words) => self.message(kind, words, &entry, events),
            Title::Thread(name, what) => {
                speaker = Some(self.act(name, what, &entry, events));
                self.rest(entry.rest, &entry, events);
            }
            title @ (Title::Packet
            | Title::Plaintext
            | Title::Secret
            | Title::Session(_)
            | Title::Other) => {
                let secret = match title {
                    Title::Plaintext => Some(Secret::Data),
                    Title::Secret => Some(Secret::Keys),
                    _ => None,
                };
                if let Some(secret) = secret.filter(|secret| !self.dumped.contains(secret)) {
                    self.dumped.push(secret);
                    events.push(self.event(span, Fact::Jvm(JvmFact::Secret(secret))));
                }
                if let Some(fact) = self.fact(title, text, &entry) {
                    events.push(self.event(span, fact));
                }
                self.rest(entry.rest, &entry, events);
            }
            title => {
                if let Some(fact) = self.fact(title, text, &entry) {
                    events.push(self.event(span, fact));
                }
            }
        }
        self.application(speaker, &entry, events);
    }

    /// The survey so far, and a fresh one.
    pub(crate) fn take_survey(&mut self) -> Survey {
        self.dumped.clear();
        self.survey.clues.classic = std::mem::take(&mut self.interned.clues);
        std::mem::take(&mut self.survey)
    }

    fn event(&self, span: Span, fact: Fact) -> Event {
        Event {
            span,
            time: None,
            thread: Arc::clone(&self.nobody),
            fact,
        }
    }

    /// What is left of another thread's message behind this entry's own text.
    fn rest(&mut self, text: &[u8], entry: &Entry<'_>, events: &mut Vec<Event>) {
        if text.len() < 16 {
            return;
        }
        if let Some(body) = message::rest(self, text) {
            events.push(self.event(entry.span, Fact::Rest(Box::new(body))));
        }
    }

    fn message(
        &mut self,
        kind: MessageKind,
        words: &[u8],
        entry: &Entry<'_>,
        events: &mut Vec<Event>,
    ) {
        let has_body = matches!(
            kind,
            MessageKind::ClientHello | MessageKind::ServerHello | MessageKind::Certificate
        );
        let read = message::read(self, kind, words, entry.rest);
        if read.cut {
            events.push(self.event(entry.span, Fact::Torn));
        }
        let direction = if read.heard {
            Direction::Received
        } else {
            Direction::Sent
        };
        let fact = Fact::Message(direction, Box::new(read.message));
        let mut event = self.event(entry.span, fact);
        event.time = read.made_at;
        events.push(event);
        if !has_body {
            self.rest(entry.rest, entry, events);
        }
        if read.cut && entry.last {
            let text = String::from_utf8_lossy(&words[..words.len().min(120)]).into();
            let kind = AnomalyKind::EntryCutOff;
            events.push(self.event(entry.span, Fact::Anomaly(Anomaly { kind, text })));
        }
    }

    /// A line with a thread's name; several can stand on one line where prints were torn. Returns the first of them.
    fn act(
        &mut self,
        name: &[u8],
        what: &[u8],
        entry: &Entry<'_>,
        events: &mut Vec<Event>,
    ) -> Arc<Thread> {
        let (mut name, mut what) = (name, what);
        let thread = self.thread(name);
        for _ in 0..16 {
            let agreed = act::version_agreed_on(what).map(Fact::NegotiatedVersion);
            for fact in act::read(self, what, entry.rest).into_iter().chain(agreed) {
                let thread = self.thread(name);
                let mut event = self.event(entry.span, fact);
                event.thread = thread;
                events.push(event);
            }
            let Some(behind) = behind_length(what) else {
                break;
            };
            match title::threads(behind) {
                Some(next) => (name, what) = next,
                None => break,
            }
        }
        thread
    }

    fn thread(&mut self, name: &[u8]) -> Arc<Thread> {
        if *self.last_thread.name.as_bytes() == *name {
            return Arc::clone(&self.last_thread);
        }
        let stream = &self.stream;
        let thread = self.interned.threads.intern(name, |name| {
            Arc::new(Thread {
                id: "".into(),
                name: String::from_utf8_lossy(name).into(),
                stream: stream.clone(),
            })
        });
        self.last_thread = Arc::clone(&thread);
        thread
    }

    /// Stack traces that the application printed behind the entry. Below a line without a thread's name they are
    /// nobody's, too.
    fn application(
        &mut self,
        speaker: Option<Arc<Thread>>,
        entry: &Entry<'_>,
        events: &mut Vec<Event>,
    ) {
        // most entries have nothing behind them, or are dumps to the end
        if entry.rest.len() < MIN_TRACE || title::ends_in_row(entry.rest) {
            return;
        }
        // pasted traces come with blanks for tabs
        let has = |frame: &[u8]| memchr::memmem::find(entry.rest, frame).is_some();
        if !has(b"\tat ") && !has(b"  at ") {
            return;
        }
        let thread = speaker.unwrap_or_else(|| Arc::clone(&self.nobody));
        self.interned.clues.ibm |= ibm::threw(entry.rest);
        let traces = self.interned.traces.intern(entry.rest, throwable::read_all);
        for Trace {
            thrown,
            thread: named,
            ..
        } in &*traces
        {
            let mut event = self.event(entry.span, Fact::Application(Arc::clone(thrown)));
            event.thread = match named {
                Some(named) => self.thread(named.as_bytes()),
                None => Arc::clone(&thread),
            };
            events.push(event);
        }
    }

    /// What the other entries say.
    fn fact(&mut self, title: Title<'_>, text: &[u8], entry: &Entry<'_>) -> Option<Fact> {
        let interned = &mut self.interned;
        match title {
            Title::Session(words) => return self.session(words),
            Title::Refused(words) => return self.refused(words).map(Fact::Jvm),
            Title::VersionWithoutSuite(version) => {
                return self.without_suite(version).map(Fact::Jvm);
            }
            Title::Property(words) => return self.property(words).map(Fact::Jvm),
            Title::Packet => {
                self.survey.packets += 1;
                return dump(text, entry.rest, Layer::Records);
            }
            Title::Plaintext => {
                self.survey.plaintexts += 1;
                return dump(text, entry.rest, Layer::Plaintext);
            }
            Title::Secret => self.survey.secrets += 1,
            Title::State => {
                self.survey.under_way = true;
                interned.clues.states = true;
            }
            Title::Ibm(line) => {
                self.survey.contexts += 1;
                let release = &mut interned.clues.ibm_release;
                *release = release.or_else(|| ibm::release(line));
            }
            Title::Other | Title::Message(..) | Title::Thread(..) => {}
            Title::Chosen(suite) => {
                return Some(Fact::ChosenSuite(CipherSuite::new(
                    interned.texts.text(suite),
                )));
            }
            Title::Trusted => {
                self.survey.trust += 1;
                let certificate = certificate::single(up_to_signature(entry.rest), interned);
                return Some(Fact::PeerTrusted(certificate));
            }
            // the client has no certificate for what the server asked for
            Title::NoCertificate => return Some(Fact::NoAuthenticationScheme(Direction::Received)),
            title => return self.store(&title, text, entry).map(Fact::Jvm),
        }
        None
    }

    /// Trust anchors, keys and stores.
    fn store(&mut self, title: &Title<'_>, text: &[u8], entry: &Entry<'_>) -> Option<JvmFact> {
        let interned = &mut self.interned;
        Some(match title {
            Title::Anchors => {
                self.survey.trust += 1;
                JvmFact::TrustAnchors(certificate::anchors(text, interned))
            }
            Title::TrustStore(path) => {
                self.survey.trust += 1;
                let release = &mut interned.clues.release_in_path;
                *release = release.or(release_in_path(path));
                JvmFact::TrustStore(interned.texts.text(path))
            }
            Title::Inaccessible(path) if path.ends_with(b"jssecacerts") => {
                return None; // an optional file that hardly ever exists
            }
            Title::Inaccessible(path) => JvmFact::StoreUnusable(interned.texts.text(path)),
            Title::KeyStore(path) if !path.is_empty() => {
                self.survey.keys += 1;
                JvmFact::KeyStore(interned.texts.text(path))
            }
            Title::Key(alias) => {
                self.survey.keys += 1;
                let (text, _) = message::up_to_stars(entry.rest);
                JvmFact::KeyFound {
                    alias: interned.texts.text(alias),
                    chain: certificate::chain(text, false, interned),
                }
            }
            Title::KeyIgnored(words) => {
                self.survey.keys += 1;
                let at = search::find(words, b": ")?;
                JvmFact::KeyIgnored {
                    alias: interned.texts.text(&words[..at]),
                    reason: interned.texts.text(&words[at + 2..]),
                }
            }
            Title::Alias(alias) => {
                self.survey.keys += 1;
                JvmFact::KeyChosen(interned.texts.text(alias))
            }
            _ => return None,
        })
    }

    /// `Negotiating:  [Session-1, SUITE]`, `Resuming [Session-1, SUITE]`, `Cached client session: [Session-1, SUITE]`
    fn session(&mut self, words: &[u8]) -> Option<Fact> {
        const CACHED: [(&[u8], Sender); 2] = [
            (b"Cached client session:", Sender::Client),
            (b"Cached server session:", Sender::Server),
        ];
        const OF_CLIENTS: [&[u8]; 3] = [
            b"No cached client session",
            b"Client cached [",
            b"Try resuming [",
        ];
        self.survey.sessions += 1;
        self.survey.under_way = true;
        if OF_CLIENTS.iter().any(|title| words.starts_with(title)) {
            return Some(Fact::LooksForSession);
        }
        if words.starts_with(b"Resuming [") || words.starts_with(b"Server resumed [") {
            return Some(Fact::Resuming);
        }
        let cached = CACHED
            .iter()
            .find_map(|(title, own)| Some((words.strip_prefix(*title)?, *own)));
        let rest = match cached {
            Some((rest, _)) => rest,
            None => words.strip_prefix(b"Negotiating:")?,
        };
        let suite = rest[memchr::memchr(b',', rest)? + 1..].trim_ascii();
        let suite = suite.strip_suffix(b"]").unwrap_or(suite);
        if suite == b"SSL_NULL_WITH_NULL_NULL" {
            return None;
        }
        let suite = CipherSuite::new(self.interned.texts.text(suite));
        Some(match cached {
            Some((_, own)) => Fact::SessionKept(own, suite),
            None => Fact::ChosenSuite(suite),
        })
    }

    /// `unsupported cipher suite: X for TLSv1`, `disabled cipher suite: X`
    fn refused(&mut self, words: &[u8]) -> Option<JvmFact> {
        self.survey.contexts += 1;
        if !self.is_new_refusal(words) {
            return None;
        }
        let at = search::find(words, b" cipher suite: ")?;
        let name = &words[at + 15..];
        let (name, version) = match search::find(name, b" for ") {
            Some(at) => (&name[..at], Some(&name[at + 5..])),
            None => (name, None),
        };
        Some(JvmFact::Refused(RefusedItem {
            kind: RefusedKind::CipherSuite,
            name: self.interned.texts.text(name),
            disabled: words.starts_with(b"disabled "),
            version: version.map(|name| ProtocolVersion::from_name(&String::from_utf8_lossy(name))),
        }))
    }

    /// `TLSv1.1`, of which no suite is enabled.
    fn without_suite(&mut self, version: &[u8]) -> Option<JvmFact> {
        self.survey.contexts += 1;
        self.is_new_refusal(version).then(|| {
            JvmFact::Refused(RefusedItem {
                kind: RefusedKind::VersionWithoutSuite,
                name: self.interned.texts.text(version),
                disabled: false,
                version: None,
            })
        })
    }

    /// Whether these words were not met before.
    fn is_new_refusal(&mut self, words: &[u8]) -> bool {
        const LIMIT: usize = 100_000;
        if self.refused.contains(words) {
            return false;
        }
        if self.refused.len() > LIMIT {
            self.refused.clear();
        }
        self.refused.insert(words.into())
    }

    /// `X is set to 'Y'`
    fn property(&mut self, words: &[u8]) -> Option<JvmFact> {
        self.survey.contexts += 1;
        let at = search::find(words, b" is set to '")?;
        let value = words[at + 12..].strip_suffix(b"'")?;
        let texts = &mut self.interned.texts;
        (value != b"null" && !value.is_empty()).then(|| JvmFact::SystemProperty {
            name: texts.text(&words[..at]),
            value: texts.text(value),
        })
    }
}

/// The bytes of the dump under a title such as `[Raw read]: length = 175` or `Padded plaintext after DECRYPTION:  len =
/// 80`, where they can bear on a handshake. Other threads print in between, dumps of their own among it: what has not
/// the length that the title tells is a mixture.
fn dump(title: &[u8], rows: &[u8], layer: Layer) -> Option<Fact> {
    let end = memchr::memchr(b'\n', title).unwrap_or(title.len());
    let (words, length) = title[..end].split_at(memchr::memchr(b':', &title[..end])?);
    let received = words.starts_with(b"[Raw read") || words.ends_with(b"DECRYPTION");
    let (content, data) = wire::read_dump(rows, layer, received)?;
    let digits = length.trim_ascii_end().rsplit(|&b| b == b' ').next()?;
    let length = text::decimal(digits).and_then(|length| usize::try_from(length).ok())?;
    if data.len() != length.min(wire::LONGEST_DUMP) {
        return None;
    }
    let direction = if received {
        Direction::Received
    } else {
        Direction::Sent
    };
    Some(Fact::Bytes(Box::new(Bytes {
        direction,
        content,
        data,
    })))
}

/// What stands behind `…, length = 104` on the same line.
fn behind_length(what: &[u8]) -> Option<&[u8]> {
    let at = search::find(what, b"length = ")? + 9;
    let digits = what[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    Some(&what[at + digits..]).filter(|behind| behind.len() > 8)
}

/// A certificate's text up to its signature: what other programs print behind it is cut off.
fn up_to_signature(text: &[u8]) -> &[u8] {
    memchr::memmem::find(text, b"\n  Signature:").map_or(text, |at| &text[..at])
}

#[cfg(test)]
mod tests;
