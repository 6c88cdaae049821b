//! The names of one log, and where they stand in a text.
//!
//! Names are learned from what was analysed; one pass of an automaton finds them again, wherever they stand as words
//! of their own. What the log never says in so many words (an address in an exception, a host behind `//`) is
//! recognised by its shape. A name that is a word of the language (`server`, `main`) is replaced where its place
//! shows that it is one, `CN=server`, and left alone elsewhere.

mod scan;

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::LazyLock,
};

use aho_corasick::AhoCorasick;
use foldhash::quality::RandomState;

use self::scan::{Scan, colour, is_escape};
use super::{Kinds, Named, dn, host, owners::Owners, paths::path_stand_in, tokens::Tokens};
use crate::{
    assemble::Assembly,
    diagnose::{RULES, alias_for},
    event::{Certificate, Names as List},
};

type Map<V> = HashMap<String, V, RandomState>;
type Set = HashSet<String, RandomState>;

/// Where a name counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// As a word of its own.
    Word,
    /// `name, READ: …`: a thread of the classic dialect.
    Speaker,
    /// `[  name]`, as layouts print threads.
    Bracket,
    /// `"name"`
    Quoted,
}

#[derive(Debug)]
struct Known {
    place: Place,
    stand_in: String,
}

/// What was learned.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    /// Dotted hosts, in lower case, without `*.`; and the domains that they belong to.
    hosts: Set,
    domains: Set,
    /// Hosts without a dot.
    singles: Set,
    /// Serial numbers, key identifiers and fingerprints in lower-case hex, and what stands in for them.
    numbers: Map<String>,
    /// Whether a key was learned already.
    seen: Set,
    patterns: Vec<(String, Known)>,
    automaton: Option<AhoCorasick>,
    owners: Owners,
}

/// Words of the tool and of JSSE. A name made of them alone cannot be told from what is said about it.
static VOCABULARY: LazyLock<Set> = LazyLock::new(|| {
    let docs = RULES
        .iter()
        .flat_map(|rule| [rule.docs(), rule.summary(), rule.name()]);
    docs.chain([JSSE_WORDS])
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
});

/// Words of logs that are not in the rules' texts.
const JSSE_WORDS: &str = "adding all alg algorithm alias alive allow anchor bytes cache cached called certsign chain choosing crl crlsign \
    client close closed closing closure compression consuming context cookie countdown curve debug default description duplex error \
    exec extension fatal fine finer finest finished found group groups handler handling hello hit http https identity ignore \
    ignored ignoring info initialized inbound issuer java javax jsse key keep keylimit keystore length level limit list listener local log \
    logger main manager matching message named negotiated network new nio none null number outbound params parameters peer pool port produced \
    produced protocol provider public random raw read received receiver remote reproduced request response resumed sealed secure selected \
    self send sender sent serial server session sessions severe signature size socket specifics ssl start state status stderr stdout \
    stream subject suite suites supported system task test thread ticket time timer tls trace trigger trust trusted truststore type \
    underlying unknown unsupported update use user valid value version wait warning web worker write writer x509";

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Nothing but words of the tool and numbers.
pub(super) fn is_language(name: &str) -> bool {
    words(name).all(|word| {
        word.bytes().all(|byte| byte.is_ascii_digit()) || VOCABULARY.contains(&word.to_lowercase())
    })
}

/// Beginnings of what JSSE itself says: nobody's name, whatever a log calls itself.
const RESERVED: [&str; 17] = [
    "java.",
    "javax.",
    "sun.",
    "com.sun.",
    "jdk.",
    "com.ibm.",
    "org.bouncycastle.",
    "org.openjsse.",
    "tls_",
    "ssl_",
    "tlsv",
    "sslv",
    "dtlsv",
    "sha",
    "pkcs",
    "x509",
    "0000",
];

pub(super) fn is_reserved(name: &str) -> bool {
    let name = name.to_lowercase();
    let source = |end: &str| {
        name.strip_suffix(end)
            .is_some_and(|front| !front.contains('.'))
    };
    RESERVED.iter().any(|beginning| name.starts_with(beginning))
        || source(".java")
        || ["java", "javax", "sun"].contains(&name.as_str())
}

/// Not to be mistaken for anything else, wherever it stands.
fn is_distinctive(name: &str) -> bool {
    const SHORTEST: usize = 4;
    let has_letters = name.chars().any(char::is_alphabetic);
    let numbered = name.len() > SHORTEST && name.bytes().any(|byte| byte.is_ascii_digit());
    name.len() >= SHORTEST && has_letters && !is_reserved(name) && (numbered || !is_language(name))
}

impl Dictionary {
    /// Learns the names of a log.
    pub(super) fn learn(&mut self, assembly: &Assembly, kinds: Kinds, tokens: &Tokens) {
        let before = self.seen.len();
        self.hosts_of(assembly);
        for handshake in &assembly.handshakes {
            for host in handshake
                .server_name()
                .into_iter()
                .chain(handshake.peer().and_then(|peer| peer.host.as_ref()))
            {
                self.host(host);
            }
            if let Some(thread) = &handshake.thread {
                self.thread(&thread.name, kinds, tokens);
                if let Some(stream) = &thread.stream {
                    self.stream(stream, kinds, tokens);
                }
            }
            let chains = [&handshake.server_chain, &handshake.client_chain];
            for leaf in chains
                .iter()
                .filter_map(|chain| chain.as_ref()?.certificates.first())
            {
                self.owner(&leaf.certificate.subject);
            }
            for presented in chains
                .into_iter()
                .flatten()
                .flat_map(|chain| chain.certificates.iter())
            {
                self.certificate(&presented.certificate, kinds, tokens);
            }
            if let Some(anchor) = handshake.peer_trusted() {
                self.certificate(&anchor.value, kinds, tokens);
            }
            let request = handshake.certificate_request.as_deref();
            if let Some(authorities) =
                request.and_then(|request| request.value.authorities.as_ref())
            {
                self.names(authorities, kinds, tokens);
            }
        }
        let jvm = &assembly.jvm;
        let stores = [&jvm.trust_store, &jvm.key_store];
        for path in stores.into_iter().flatten().chain(&jvm.unusable_stores) {
            self.path(&path.value, kinds, tokens);
        }
        for anchors in &jvm.anchor_sets {
            for presented in anchors.certificates.iter() {
                self.certificate(&presented.certificate, kinds, tokens);
            }
        }
        for key in &jvm.key_entries {
            self.alias(&key.alias, kinds, tokens);
            if let Some(leaf) = key.chain.iter().next() {
                self.owner(&leaf.certificate.subject);
            }
            for presented in key.chain.iter() {
                self.certificate(&presented.certificate, kinds, tokens);
            }
        }
        for key in &jvm.keys_ignored {
            self.alias(&key.value.0, kinds, tokens);
        }
        for seen in assembly.certificates.iter() {
            let certificate = &seen.certificate;
            self.name(&certificate.subject, kinds, tokens);
            self.name(&certificate.issuer, kinds, tokens);
            self.number(&certificate.serial, kinds, tokens);
            self.number(&certificate.sha256, kinds, tokens);
            for name in certificate.subject_alternative_names.iter().flatten() {
                self.alternative(name, kinds, tokens);
            }
        }
        self.finish(before);
    }

    /// The hosts of all certificates: what is one in an alternative name is one as a common name, too.
    fn hosts_of(&mut self, assembly: &Assembly) {
        let chains = assembly.handshakes.iter().flat_map(|handshake| {
            let chains = [&handshake.server_chain, &handshake.client_chain];
            chains.into_iter().flatten()
        });
        let presented = chains
            .flat_map(|chain| chain.certificates.iter())
            .filter_map(|presented| presented.certificate.subject_alternative_names.as_ref());
        for name in presented.flat_map(|names| names.iter()) {
            if let Some(host) = name.strip_prefix("DNS:") {
                self.host(host);
            }
        }
        let kept = assembly.certificates.iter();
        for name in
            kept.flat_map(|seen| seen.certificate.subject_alternative_names.iter().flatten())
        {
            if let Some(host) = name.strip_prefix("DNS:") {
                self.host(host);
            }
        }
    }

    /// Learns names that are told one by one.
    pub(super) fn learn_names(&mut self, told: &[Named<'_>], kinds: Kinds, tokens: &Tokens) {
        let before = self.seen.len();
        for name in told {
            if let Named::Alternative(name) = name
                && let Some(host) = name.strip_prefix("DNS:")
            {
                self.host(host);
            }
        }
        for name in told {
            match name {
                Named::Host(name) => self.host(name),
                Named::Distinguished(name) => {
                    self.owner(name);
                    self.name(name, kinds, tokens);
                }
                Named::Alternative(name) => self.alternative(name, kinds, tokens),
                Named::Number(number) => self.number(number, kinds, tokens),
                Named::KeyIdentifier(id) => self.key(id, kinds, tokens),
                Named::Thread(name) => self.thread(name, kinds, tokens),
                Named::Stream(name) => self.stream(name, kinds, tokens),
            }
        }
        self.finish(before);
    }

    fn finish(&mut self, before: usize) {
        if self.seen.len() > before || self.automaton.is_none() {
            self.automaton = AhoCorasick::new(self.patterns.iter().map(|(name, _)| name)).ok();
            self.owners.finish();
        }
    }

    /// Whether this is the first time.
    fn is_new(&mut self, sort: &str, name: &str) -> bool {
        !name.is_empty() && self.seen.insert(format!("{sort} {name}"))
    }

    /// A host name, or a pattern for some.
    pub(super) fn host(&mut self, name: &str) {
        let name = name.trim_end_matches('.').to_lowercase();
        let name = name.strip_prefix("*.").unwrap_or(&name);
        if host::is_nobodys(name) || name.parse::<IpAddr>().is_ok() || !self.is_new("host", name) {
            return;
        }
        if is_reserved(name) {
            return;
        }
        if host::is_dotted(name) {
            self.hosts.insert(name.to_owned());
            let domain = host::domain_of(name);
            self.domains.insert(domain.to_owned());
            if let Some(owner) = host::owner_of(domain) {
                self.owners.add(owner);
            }
        } else {
            self.singles.insert(name.to_owned());
        }
    }

    fn certificate(&mut self, certificate: &Certificate, kinds: Kinds, tokens: &Tokens) {
        self.name(&certificate.subject, kinds, tokens);
        self.name(&certificate.issuer, kinds, tokens);
        self.number(&certificate.serial, kinds, tokens);
        for id in [&certificate.subject_key_id, &certificate.authority_key_id]
            .into_iter()
            .flatten()
        {
            self.key(id, kinds, tokens);
        }
        for name in certificate
            .subject_alternative_names
            .iter()
            .flat_map(|names| names.iter())
        {
            self.alternative(name, kinds, tokens);
        }
    }

    fn alternative(&mut self, name: &str, kinds: Kinds, tokens: &Tokens) {
        match name.split_once(':') {
            Some(("DNS", host)) => self.host(host),
            Some(("directory", name)) => self.name(name, kinds, tokens),
            _ => {} // addresses, e-mail and URIs are known by their looks
        }
    }

    /// The organisation of a certificate that somebody presents as his own; those of all authorities that a JVM trusts
    /// are names of strangers.
    fn owner(&mut self, name: &str) {
        let Some(attributes) = dn::at(name, 0) else {
            return;
        };
        if dn::is_public_authority(name, &attributes) {
            return;
        }
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.label == "org")
        {
            self.owners.add_all(&name[attribute.value.clone()]);
        }
    }

    fn names(&mut self, names: &List, kinds: Kinds, tokens: &Tokens) {
        for name in names.iter() {
            self.name(name, kinds, tokens);
        }
    }

    /// A distinguished name.
    pub(super) fn name(&mut self, name: &str, kinds: Kinds, tokens: &Tokens) {
        if !self.is_new("dn", name) {
            return;
        }
        let Some(attributes) = dn::at(name, 0) else {
            return;
        };
        if dn::is_public_authority(name, &attributes) {
            return;
        }
        for attribute in attributes {
            let value = &name[attribute.value.clone()];
            if attribute.label == "subject" && (host::is_dotted(value) || !value.contains(' ')) {
                // what a certificate is for can be a host without a dot
                if host::is_dotted(value) {
                    self.host(value);
                }
            }
            if attribute.label.is_empty() || value.is_empty() || !kinds.names {
                continue;
            }
            let stand_in = dn::stand_in(value, attribute.label, self.is_single(value), tokens);
            if stand_in == value {
                continue;
            }
            let whole = &name[attribute.whole.clone()];
            let kind = whole.split('=').next().unwrap_or_default();
            if self.is_new("attribute", whole) {
                self.pattern(whole, Place::Word, format!("{kind}={stand_in}"));
            }
            if attribute.label == "place" || host::is_dotted(value) {
                continue;
            }
            // remedies make a word of a name: `-alias lab-issuing-ca`
            let alias = alias_for(value);
            if alias != value && is_distinctive(&alias) && self.is_new("value", &alias) {
                self.pattern(&alias, Place::Word, alias_for(&stand_in));
            }
            if is_distinctive(value) && self.is_new("value", value) {
                self.pattern(value, Place::Word, stand_in);
            }
        }
    }

    /// A host without a dot.
    fn is_single(&self, name: &str) -> bool {
        !self.singles.is_empty() && self.singles.contains(&name.to_lowercase())
    }

    fn number(&mut self, number: &str, kinds: Kinds, tokens: &Tokens) {
        const SHORTEST: usize = 8;
        if kinds.serials && number.len() >= SHORTEST && self.is_new("number", number) {
            let stand_in = tokens.digits(number);
            // exceptions and databases print them as decimals
            if let Some((number, stand_in)) = decimal(number).zip(decimal(&stand_in))
                && number.len() >= SHORTEST
            {
                tokens.give_number(&stand_in);
                self.numbers.insert(number, stand_in);
            }
            self.numbers.insert(number.to_owned(), stand_in);
        }
    }

    fn key(&mut self, id: &str, kinds: Kinds, tokens: &Tokens) {
        if kinds.serials && self.is_new("key", id) {
            self.numbers.insert(id.to_owned(), key_id(id, tokens));
        }
    }

    /// A thread.
    pub(super) fn thread(&mut self, name: &str, kinds: Kinds, tokens: &Tokens) {
        if !kinds.threads || is_plain_thread(name) || !self.is_new("thread", name) {
            return;
        }
        let stand_in = tokens.word("thread", name).to_string();
        self.pattern(
            &format!("{name}, "),
            Place::Speaker,
            format!("{stand_in}, "),
        );
        self.pattern(&format!("{name}]"), Place::Bracket, format!("{stand_in}]"));
        self.pattern(
            &format!("\"{name}\""),
            Place::Quoted,
            format!("\"{stand_in}\""),
        );
        if is_distinctive(name) {
            self.pattern(name, Place::Word, stand_in);
        }
    }

    fn stream(&mut self, name: &str, kinds: Kinds, tokens: &Tokens) {
        if kinds.hosts && is_distinctive(name) && self.is_new("stream", name) {
            self.pattern(name, Place::Word, stream(name, tokens));
        }
    }

    fn alias(&mut self, alias: &str, kinds: Kinds, tokens: &Tokens) {
        if kinds.names
            && is_distinctive(alias)
            && !host::is_dotted(alias)
            && self.is_new("alias", alias)
        {
            self.pattern(alias, Place::Word, tokens.word("alias", alias).to_string());
        }
        if host::is_dotted(alias) {
            self.host(alias);
        }
    }

    fn path(&mut self, path: &str, kinds: Kinds, tokens: &Tokens) {
        if kinds.names && path.contains(['/', '\\']) && self.is_new("path", path) {
            let stand_in = path_stand_in(path, tokens);
            if stand_in != path {
                self.pattern(path, Place::Word, stand_in);
            }
        }
    }

    fn pattern(&mut self, name: &str, place: Place, stand_in: String) {
        self.patterns
            .push((name.to_owned(), Known { place, stand_in }));
    }

    /// Appends the text with all names replaced.
    pub(super) fn replace(&self, text: &str, kinds: Kinds, tokens: &Tokens, out: &mut String) {
        let scan = Scan {
            dictionary: self,
            kinds,
            tokens,
            text,
            has_list: memchr::memmem::find(text.as_bytes(), b"names: [").is_some(),
        };
        let mut done = 0;
        for (start, end, stand_in) in self.found(text) {
            scan.gap(done, start, out);
            out.push_str(stand_in);
            done = end;
        }
        scan.gap(done, text.len(), out);
        if kinds.names {
            self.owners.replace(out, tokens);
        }
    }

    /// Known names, the longest of those that overlap, in order.
    fn found(&self, text: &str) -> Vec<(usize, usize, &str)> {
        let Some(automaton) = self
            .automaton
            .as_ref()
            .filter(|_| !self.patterns.is_empty())
        else {
            return Vec::new();
        };
        let mut all: Vec<(usize, usize, &str)> = automaton
            .try_find_overlapping_iter(text)
            .into_iter()
            .flatten()
            .filter_map(|found| {
                let (_, known) = self.patterns.get(found.pattern().as_usize())?;
                let stands = stands(text, found.start(), found.end(), known.place);
                stands.then_some((found.start(), found.end(), &*known.stand_in))
            })
            .collect();
        all.sort_by_key(|&(start, end, _)| (start, std::cmp::Reverse(end)));
        let mut done = 0;
        all.retain(|&(start, end, _)| {
            let free = start >= done;
            if free {
                done = end;
            }
            free
        });
        all
    }
}

/// Whether a name that was found stands in its place.
fn stands(text: &str, start: usize, end: usize, place: Place) -> bool {
    let (before, behind) = (&text[..start], &text[end..]);
    match place {
        Place::Word => begins(before) && ends(behind, text[..end].ends_with('"')),
        Place::Quoted => true,
        Place::Speaker => {
            const SAYS: [&str; 19] = [
                "READ",
                "WRITE",
                "RECV",
                "SEND",
                "called",
                "handling",
                "received",
                "waiting",
                "Exception",
                "fatal",
                "closing",
                "IOException",
                "setSoTimeout",
                "SSLv",
                "TLS",
                "the previous",
                "closeOut",
                "closeIn",
                "Error",
            ];
            begins(before) && SAYS.iter().any(|word| behind.starts_with(word))
        }
        Place::Bracket => before.trim_end_matches(' ').ends_with('['),
    }
}

/// A name can begin behind this.
fn begins(before: &str) -> bool {
    let mut last = before.chars().rev();
    match last.next() {
        None => true,
        Some('.') => !last.next().is_some_and(char::is_alphanumeric),
        // `\n` in a JSON string
        Some('n' | 'r' | 't') if last.next() == Some('\\') => true,
        // a colour, ESC[31m
        Some('m') if before.len() - colour(before) > 0 => true,
        // %2F
        Some(_) if is_escape(before.as_bytes(), before.len().saturating_sub(3)) => true,
        Some(c) => !(c.is_alphanumeric() || c == '_' || c == '-'),
    }
}

/// A name can end before this.
fn ends(behind: &str, quoted: bool) -> bool {
    let mut next = behind.chars();
    match next.next() {
        None => true,
        Some('.') => !next.next().is_some_and(char::is_alphanumeric),
        Some(c) => quoted || !(c.is_alphanumeric() || c == '_' || c == '-'),
    }
}

/// Digits of `stand_in` with the colons and the case of `number`.
pub(super) fn spelled_like(number: &str, stand_in: &str) -> String {
    let upper = number.bytes().any(|byte| byte.is_ascii_uppercase());
    let mut digits = stand_in.chars();
    number
        .chars()
        .map(|c| {
            if !c.is_ascii_hexdigit() {
                return c;
            }
            let digit = digits.next().unwrap_or('0');
            if upper {
                digit.to_ascii_uppercase()
            } else {
                digit
            }
        })
        .collect()
}

/// The number in decimal.
fn decimal(hex: &str) -> Option<String> {
    const MOST: usize = 64;
    if hex.len() > MOST {
        return None;
    }
    // digits of the number to base 10^9, the lowest first
    let mut parts = vec![0_u64];
    for digit in hex.chars() {
        let mut carry = u64::from(digit.to_digit(16)?);
        for part in &mut parts {
            carry += *part * 16;
            *part = carry % 1_000_000_000;
            carry /= 1_000_000_000;
        }
        if carry > 0 {
            parts.push(carry);
        }
    }
    let highest = parts.pop()?.to_string();
    let others = parts.iter().rev().map(|part| format!("{part:09}"));
    Some(std::iter::once(highest).chain(others).collect())
}

/// A key identifier in hex: row by row, as dumps print it.
pub(super) fn key_id(id: &str, tokens: &Tokens) -> String {
    if tokens.is_given_number(id) {
        return id.to_owned();
    }
    let stand_in: String = match data_encoding::HEXLOWER_PERMISSIVE.decode(id.as_bytes()) {
        Ok(bytes) => bytes
            .chunks(super::dump::ROW)
            .map(|row| data_encoding::HEXLOWER.encode(&tokens.bytes(row)))
            .collect(),
        Err(_) => tokens.digits(id),
    };
    tokens.give_number(&stand_in);
    stand_in
}

/// Threads of which the name tells nothing: the JDK names them so, or it is a word of the trade.
pub(super) fn is_plain_thread(name: &str) -> bool {
    let of_jdk = ["Thread-", "pool-", "ForkJoinPool", "Keep-Alive-"];
    // what is not a single word may be the request that the thread works on
    let is_word = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let by_jdk = |beginning: &&str| {
        name.strip_prefix(*beginning)
            .is_some_and(|rest| is_language(&rest.replace("commonPool", "")))
    };
    // Thread-10.0.0.1
    let has_address = name.matches('.').count() > 2;
    is_word && !has_address && (is_language(name) || of_jdk.iter().any(by_jdk))
}

/// A pod, a container, a unit.
pub(super) fn stream(name: &str, tokens: &Tokens) -> String {
    if is_language(name) {
        name.to_owned()
    } else {
        tokens.word("stream", name).to_string()
    }
}
