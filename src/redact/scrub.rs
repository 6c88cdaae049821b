//! A log, line by line, without its secrets.
//!
//! Dumps are recognised by their rows, what they are by the last title above them: keys and decrypted data are
//! blanked, of packets what [`super::packet`] says. A dump without a title that is known is blanked, too: the log may
//! begin in the middle of one, and what a later release prints nobody knows. Titles of several JVMs in one log are kept
//! apart by what stands in front of the line; where that does not tell, what can be secret is taken for it.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use foldhash::quality::RandomState;

use super::{
    Redactor,
    dump::{self, Row},
    packet::{Fate, Packet},
    secrets::{self, Asked},
};

/// What a dump holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Keys and decrypted data.
    Secret,
    /// Session tickets: as secret, but their titles often stand above nothing.
    Ticket,
    /// Nobody knows.
    Unknown,
    /// TLS records or messages, or what another protocol said in their place.
    Packet,
    /// Key identifiers: a name for a key.
    KeyId,
    /// Part of a certificate, or an extension: no secret, but it may hold names.
    Names,
    /// Public values of a key exchange: neither.
    Public,
}

/// Titles, as far as they do not depend on the dialect. Of those that end at the same place, the longest counts.
const TITLES: [(&str, Kind); 48] = [
    ("Plaintext before", Kind::Secret),
    ("Plaintext after", Kind::Secret),
    ("Plaintext (", Kind::Secret),
    ("Master Secret:", Kind::Secret),
    ("MAC write Secret:", Kind::Secret),
    ("Secret:", Kind::Secret),
    ("write key:", Kind::Secret),
    ("write IV:", Kind::Secret),
    ("SESSION KEYGEN", Kind::Secret),
    ("CONNECTION KEYGEN", Kind::Secret),
    ("\"ticket\" : {", Kind::Ticket),
    ("\"ticket\"               : {", Kind::Ticket),
    ("\"ticket\": {", Kind::Ticket),
    ("\"session_ticket (35)\": {", Kind::Ticket),
    ("\"pre_shared_key (41)\": {", Kind::Ticket),
    ("\"PreSharedKey\": {", Kind::Ticket),
    ("\"identities\": {", Kind::Ticket),
    ("\"identity\": {", Kind::Ticket),
    ("\"binders\": {", Kind::Ticket),
    ("\"binder\": {", Kind::Ticket),
    ("Decrypted", Kind::Secret),
    ("Raw read", Kind::Packet),
    ("Raw write", Kind::Packet),
    ("MD5 and SHA1 hashes", Kind::Packet),
    ("KeyIdentifier [", Kind::KeyId),
    ("Signature:", Kind::Names),
    ("qualifierID:", Kind::Names),
    ("OCTET STRING", Kind::Names),
    ("ObjectId:", Kind::Names),
    ("issuerNameHash", Kind::Names),
    ("issuerKeyHash", Kind::Names),
    ("\"compressed_certificate_message\"", Kind::Names),
    ("\": {", Kind::Names),
    ("\"signature\": {", Kind::Public),
    ("\"verify data\": {", Kind::Public),
    ("\"key_exchange\": {", Kind::Public),
    ("\"ecdh public\": {", Kind::Public),
    ("\"dh_p\": {", Kind::Public),
    ("\"dh_g\": {", Kind::Public),
    ("\"dh_Ys\": {", Kind::Public),
    ("\"dh_Yc\": {", Kind::Public),
    ("\"rsa_modulus\": {", Kind::Public),
    ("\"rsa_exponent\": {", Kind::Public),
    ("\"encncrypted\": {", Kind::Public),
    ("\"encrypted\": {", Kind::Public),
    ("\"ec_point_formats (11)\": {", Kind::Public),
    ("Client Nonce:", Kind::Public),
    ("Server Nonce:", Kind::Public),
];

/// What begins an entry: what stood above is over.
const HEADS: [&str; 2] = ["javax.net.ssl|", "\"logger\"      : \"javax.net.ssl\""];

#[derive(Debug, Clone, Copy)]
enum Cue {
    Title(Kind),
    Head,
    Inline(usize),
}

struct Cues {
    automaton: AhoCorasick,
    meaning: Vec<Cue>,
}

static CUES: LazyLock<Option<Cues>> = LazyLock::new(|| {
    let titles = TITLES
        .iter()
        .map(|(title, kind)| (*title, Cue::Title(*kind)));
    let heads = HEADS.iter().map(|head| (*head, Cue::Head));
    let inline = secrets::cues().map(|(pattern, cue)| (cue, Cue::Inline(pattern)));
    // in a JSON string, quotes are escaped
    let plain = titles.chain(heads).chain(inline);
    let spelled = plain.flat_map(|(words, cue)| {
        let escaped = words
            .contains('"')
            .then(|| (words.replace('"', "\\\""), cue));
        [Some((words.to_owned(), cue)), escaped]
            .into_iter()
            .flatten()
    });
    let (words, meaning): (Vec<_>, Vec<_>) = spelled.unzip();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words)
        .ok()?;
    Some(Cues { automaton, meaning })
});

/// What hardly any line but those of TLS debug output has, in any dialect.
static MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    const MARKS: [&str; 14] = [
        "javax.net.ssl",
        "*** ClientHello",
        "*** ServerHello",
        ", READ: ",
        ", WRITE: ",
        ", RECV TLS",
        ", SEND TLS",
        "trustStore is",
        "keyStore is",
        "ProvTls",
        "org.bouncycastle",
        "com.ibm.jsse2",
        "SSLContextImpl",
        "Plaintext before ENCRYPTION",
    ];
    AhoCorasick::new(MARKS).ok()
});

/// What the titles said last.
#[derive(Debug, Clone, Copy)]
struct Last {
    kind: Kind,
    line: u64,
}

/// So many lines below its title, a dump that has not begun does not come any more.
const NEAR: u64 = 64;
/// Streams that are kept apart; more are no streams, but prefixes that nobody understands.
const MOST_STREAMS: usize = 1024;

/// Takes the secrets out of a log; with a [`Redactor`] that knows names, the names, too.
///
/// Lines are independent of how they come, so a log can be as long as it likes. The number of lines never changes.
#[derive(Debug)]
pub struct Scrubber<'r> {
    redactor: &'r Redactor,
    line: u64,
    last: Last,
    /// By what stands in front of lines.
    streams: HashMap<u64, Last, RandomState>,
    hasher: RandomState,
    /// A title of secrets whose rows have not come, on that line.
    announced: Option<u64>,
    packet: Option<(Packet, u32)>,
    /// Inside a private key.
    in_key: bool,
    secrets: secrets::Lines,
    /// A line that only TLS debug output has was seen.
    is_debug_output: bool,
}

impl<'r> Scrubber<'r> {
    /// A scrubber at the beginning of a log.
    pub fn new(redactor: &'r Redactor) -> Self {
        Self {
            redactor,
            line: 0,
            last: Last {
                kind: Kind::Unknown,
                line: 0,
            },
            streams: HashMap::default(),
            hasher: RandomState::default(),
            announced: None,
            packet: None,
            in_key: false,
            secrets: secrets::Lines::default(),
            is_debug_output: false,
        }
    }

    /// Whether any line was of TLS debug output, as far as single lines tell.
    pub fn saw_debug_output(&self) -> bool {
        self.is_debug_output
    }

    /// Appends the clean form of a line to `out`; `line` may end with a line feed, and so does what is appended.
    pub fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let (body, feed) = match line.split_last() {
            Some((b'\n', body)) => (body, &b"\n"[..]),
            _ => (line, &b""[..]),
        };
        self.line += 1;
        if !self.is_debug_output {
            self.is_debug_output = MARKS.as_ref().is_some_and(|marks| marks.is_match(body));
        }
        let (clean, asked) = self.dumps(body);
        let clean = if asked != 0 || self.in_key {
            self.keys(clean)
        } else {
            clean
        };
        let clean = if asked != 0 || self.secrets.is_waiting() {
            match self.secrets.line(&clean, asked) {
                Cow::Owned(hidden) => Cow::Owned(hidden),
                Cow::Borrowed(_) => clean,
            }
        } else {
            clean
        };
        self.redactor.log_line(&clean, out);
        out.extend_from_slice(feed);
    }

    /// The line with its dumps blanked, and the patterns to try on the rest.
    fn dumps<'l>(&mut self, line: &'l [u8]) -> (Cow<'l, [u8]>, Asked) {
        let mut clean = Cow::Borrowed(line);
        let (mut at, mut asked) = (0, 0);
        while at <= line.len() {
            let torn = self.is_hot() && memchr::memmem::find(line, HEADS[0].as_bytes()).is_none();
            let row = dump::find(line, at, torn);
            let end = row.as_ref().map_or(line.len(), |row| row.start);
            asked |= self.titles(line, at..end);
            let Some(row) = row else { break };
            // a title in front of the row, on the same line
            self.row(&row, line, &mut clean);
            at = row.end.max(at + 1);
        }
        (clean, asked)
    }

    /// Rows of secrets come, or may go on.
    fn is_hot(&self) -> bool {
        self.last.kind == Kind::Secret && self.line - self.last.line < NEAR
            || self.announced.is_some_and(|line| self.line - line < NEAR)
    }

    /// Notes what the titles in a part of the line say; gives the patterns whose cues stand there.
    fn titles(&mut self, line: &[u8], part: std::ops::Range<usize>) -> Asked {
        let (mut asked, mut last) = (0, None::<(Kind, usize, usize)>);
        let mut head = None;
        let Some(cues) = &*CUES else {
            return Asked::MAX;
        };
        for found in cues.automaton.find_overlapping_iter(&line[part.clone()]) {
            let (start, end) = (part.start + found.start(), part.start + found.end());
            match cues.meaning[found.pattern().as_usize()] {
                Cue::Inline(pattern) => asked |= 1 << pattern,
                Cue::Head => {
                    head = Some(start);
                    last = Some((Kind::Unknown, start, end));
                }
                Cue::Title(kind) => {
                    let inside =
                        last.is_some_and(|(_, before, until)| start >= before && end <= until);
                    if !inside {
                        last = Some((kind, start, end));
                    }
                }
            }
        }
        if let Some((kind, start, _)) = last {
            self.note(kind, &line[..head.unwrap_or(start)]);
        }
        asked
    }

    fn note(&mut self, kind: Kind, before: &[u8]) {
        self.packet = None;
        self.last = Last {
            kind,
            line: self.line,
        };
        if kind == Kind::Secret {
            self.announced = Some(self.line);
        }
        let stream = self.stream(before);
        if self.streams.len() >= MOST_STREAMS {
            self.streams.clear();
        }
        self.streams.insert(stream, self.last);
    }

    /// What stands in front of a line, without what changes from line to line: times, counters, blanks.
    fn stream(&self, before: &[u8]) -> u64 {
        use std::hash::{BuildHasher as _, Hasher as _};
        let mut hasher = self.hasher.build_hasher();
        for word in before.split(|byte| b" \t|".contains(byte)) {
            let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
            let is_time = digits > 0 && word.iter().any(|byte| b":,".contains(byte))
                || word
                    .iter()
                    .all(|byte| byte.is_ascii_digit() || b"-/.[]".contains(byte));
            if !is_time {
                hasher.write(word);
            }
        }
        hasher.finish()
    }

    /// Blanks what has to go of a row.
    fn row(&mut self, row: &Row, line: &[u8], clean: &mut Cow<'_, [u8]>) {
        let kind = self.kind_of(&line[..row.start]);
        let names = self.redactor.hides_names();
        match kind {
            Kind::Public => {}
            Kind::Names if !names => {}
            Kind::Secret | Kind::Ticket | Kind::Unknown | Kind::Names => {
                let line = clean.to_mut();
                // where it is not known what it is, a header of TLS stays one
                let header = kind != Kind::Names && row.offset == 0 && is_record(row.bytes());
                row.blank_from(line, if header { 5 } else { 0 });
            }
            Kind::KeyId => {
                if let Some(bytes) = self.redactor.key_id(row.bytes()) {
                    let line = clean.to_mut();
                    for (index, byte) in bytes.into_iter().enumerate().take(row.len) {
                        row.put(line, index, byte);
                    }
                }
            }
            Kind::Packet => self.packet_row(row, names, clean),
        }
    }

    fn packet_row(&mut self, row: &Row, names: bool, clean: &mut Cow<'_, [u8]>) {
        let continues = self.packet.as_ref().is_some_and(|(_, offset)| {
            *offset == row.offset && row.offset != 0 || *offset == 0x1_0000 && row.offset == 0
        });
        if !continues {
            // the front is lost: whatever it is, it can be read as nothing
            let first: &[u8] = if row.offset == 0 { row.bytes() } else { &[] };
            self.packet = Some((Packet::new(first, names || row.offset != 0), row.offset));
        }
        let Some((packet, next)) = &mut self.packet else {
            return;
        };
        *next = row.offset + 16;
        for (index, &byte) in row.bytes().iter().enumerate() {
            match packet.next(byte) {
                Fate::Keep => {}
                Fate::Blank => row.blank(clean.to_mut(), index),
                Fate::Letter => row.put(clean.to_mut(), index, b'x'),
            }
        }
    }

    fn kind_of(&mut self, before: &[u8]) -> Kind {
        if self.last.kind == Kind::Secret {
            self.announced = None;
            self.last.line = self.line;
            return Kind::Secret;
        }
        if self.announced.is_some_and(|line| self.line - line < NEAR) {
            // something came between the title and its rows
            return Kind::Secret;
        }
        let secret = |last: &Last| last.kind == Kind::Secret && self.line - last.line < NEAR;
        let stream = self.stream(before);
        if self.streams.get(&stream).is_some_and(secret) {
            if let Some(last) = self.streams.get_mut(&stream) {
                last.line = self.line;
            }
            return Kind::Secret;
        }
        self.last.kind
    }

    /// Blanks the lines of a private key.
    fn keys<'l>(&mut self, line: Cow<'l, [u8]>) -> Cow<'l, [u8]> {
        let has = |cue: &[u8]| memchr::memmem::find(&line, cue).is_some();
        if self.in_key {
            if has(b"-----END") {
                self.in_key = false;
                return line;
            }
            let mut blank = Vec::with_capacity(line.len());
            match line.iter().rposition(|byte| b" \t|\"".contains(byte)) {
                // a collector's prefix
                Some(at) => {
                    blank.extend_from_slice(&line[..=at]);
                    secrets::base64_line(&line[at + 1..], &mut blank);
                }
                None => secrets::base64_line(&line, &mut blank),
            }
            return Cow::Owned(blank);
        }
        if has(b"PRIVATE KEY-----") && has(b"-----BEGIN") && !has(b"-----END") {
            self.in_key = true;
        }
        line
    }
}

/// `16 03 03`
fn is_record(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=24, 3, 0..=4, ..])
}
