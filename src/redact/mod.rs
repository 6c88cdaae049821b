//! What is not to be handed on: secrets never, names on request.
//!
//! Secrets (keys, tickets, decrypted data, passwords, credentials) are taken out of whatever is printed. With
//! [`Redactor::new`], names go, too: each becomes a token that is the same wherever the name stands, so that a report
//! still shows what belongs together. [`Scrubber`] does to a log what [`Redactor::text`] does to a line of a report.

mod clean;
mod dn;
mod dump;
mod host;
mod labelled;
mod names;
mod owners;
mod packet;
mod paths;
mod patterns;
mod places;
mod scrub;
mod secrets;
mod tokens;

use std::{
    borrow::Cow,
    fmt,
    str::FromStr,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use self::names::Dictionary;
pub use self::{scrub::Scrubber, secrets::hide, tokens::Tokens};
use crate::assemble::Assembly;

/// Kinds of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds {
    /// Host names, pods and containers.
    pub hosts: bool,
    /// Addresses.
    pub ips: bool,
    /// Distinguished names, e-mail addresses, users, aliases, paths.
    pub names: bool,
    /// Serial numbers, key identifiers and fingerprints of certificates.
    pub serials: bool,
    /// Threads.
    pub threads: bool,
}

impl Kinds {
    /// All of them.
    pub const ALL: Self = Self {
        hosts: true,
        ips: true,
        names: true,
        serials: true,
        threads: true,
    };
    /// None of them.
    pub const NONE: Self = Self {
        hosts: false,
        ips: false,
        names: false,
        serials: false,
        threads: false,
    };

    /// By name, as they are asked for: `hosts`, `ips`.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        let words = [
            (self.hosts, "hosts"),
            (self.ips, "ips"),
            (self.names, "names"),
            (self.serials, "serials"),
            (self.threads, "threads"),
        ];
        words
            .into_iter()
            .filter(|(taken, _)| *taken)
            .map(|(_, word)| word)
    }
}

impl fmt::Display for Kinds {
    /// In words: `host names, addresses and threads`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            (self.hosts, "host names"),
            (self.ips, "addresses"),
            (self.names, "names in certificates and paths"),
            (self.serials, "serial numbers"),
            (self.threads, "threads"),
        ];
        let words: Vec<&str> = words
            .iter()
            .filter(|(taken, _)| *taken)
            .map(|(_, word)| *word)
            .collect();
        match words.split_last() {
            Some((last, [])) => f.write_str(last),
            Some((last, others)) => write!(f, "{} and {last}", others.join(", ")),
            None => f.write_str("no names"),
        }
    }
}

impl FromStr for Kinds {
    type Err = String;

    /// `hosts,ips`
    fn from_str(list: &str) -> Result<Self, String> {
        let mut kinds = Self::NONE;
        for kind in list.split(',') {
            let wanted = match kind.trim() {
                "all" => {
                    kinds = Self::ALL;
                    continue;
                }
                "hosts" => &mut kinds.hosts,
                "ips" => &mut kinds.ips,
                "names" => &mut kinds.names,
                "serials" => &mut kinds.serials,
                "threads" => &mut kinds.threads,
                other => {
                    return Err(format!(
                        "'{other}' is none of hosts, ips, names, serials, threads"
                    ));
                }
            };
            *wanted = true;
        }
        Ok(kinds)
    }
}

/// A name, and what sort of name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named<'n> {
    /// A host, or a pattern for some.
    Host(&'n str),
    /// A distinguished name.
    Distinguished(&'n str),
    /// A subject alternative name: `DNS:…`
    Alternative(&'n str),
    /// A serial number or a fingerprint.
    Number(&'n str),
    /// A key identifier.
    KeyIdentifier(&'n str),
    /// A thread.
    Thread(&'n str),
    /// A stream of the input: a pod, a container.
    Stream(&'n str),
}

/// Takes out of texts what is not to be handed on. Can be shared between threads; what it learns, it knows everywhere.
#[derive(Default)]
pub struct Redactor {
    names: Option<Names>,
}

struct Names {
    kinds: Kinds,
    tokens: Arc<Tokens>,
    dictionary: RwLock<Dictionary>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = self.names.as_ref().map(|names| names.kinds);
        f.debug_struct("Redactor")
            .field("kinds", &kinds)
            .finish_non_exhaustive()
    }
}

impl Names {
    fn dictionary(&self) -> RwLockReadGuard<'_, Dictionary> {
        self.dictionary
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn replaced(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 32);
        let text = if self.kinds.names {
            paths::replace(text, &self.tokens)
        } else {
            Cow::Borrowed(text)
        };
        self.dictionary()
            .replace(&text, self.kinds, &self.tokens, &mut out);
        out
    }
}

impl Redactor {
    /// Takes out secrets only.
    pub const fn secrets() -> Self {
        Self { names: None }
    }

    /// Takes out names of these kinds, too.
    pub fn new(kinds: Kinds, tokens: Arc<Tokens>) -> Self {
        Self {
            names: Some(Names {
                kinds,
                tokens,
                dictionary: RwLock::default(),
            }),
        }
    }

    /// Whether names are taken out.
    pub fn hides_names(&self) -> bool {
        self.names.is_some()
    }

    /// Learns the names of a log. What is not learned is recognised by its looks only, so this comes first.
    pub fn learn(&self, assembly: &Assembly) {
        if let Some(names) = &self.names {
            let mut dictionary = names
                .dictionary
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            dictionary.learn(assembly, names.kinds, &names.tokens);
        }
    }

    /// Learns these names.
    pub fn learn_names(&self, told: &[Named<'_>]) {
        if let Some(names) = &self.names {
            let mut dictionary = names
                .dictionary
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            dictionary.learn_names(told, names.kinds, &names.tokens);
        }
    }

    /// A text without secrets, and without names if they are to be taken out.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let clean = hide(text);
        let Some(names) = &self.names else {
            return clean;
        };
        let replaced = names.replaced(&clean);
        if replaced == *clean {
            clean
        } else {
            Cow::Owned(replaced)
        }
    }

    /// A value that is a host name or an address.
    pub fn host<'t>(&self, name: &'t str) -> Cow<'t, str> {
        self.value(name, |names| match name.parse() {
            Ok(address) if names.kinds.ips => Some(match names.replaced(name) {
                same if same == name => same,
                _ => names.tokens.address(address).to_string(),
            }),
            Ok(_) => None,
            Err(_) => names
                .kinds
                .hosts
                .then(|| host::stand_in(name, &names.tokens)),
        })
    }

    /// A subject alternative name: `DNS:…`, `IP:…`
    pub fn alternative<'t>(&self, name: &'t str) -> Cow<'t, str> {
        self.value(name, |names| match name.split_once(':') {
            Some(("DNS", host)) if names.kinds.hosts => {
                Some(format!("DNS:{}", host::stand_in(host, &names.tokens)))
            }
            Some(("email", mail)) if names.kinds.names => {
                Some(format!("email:{}", dn::mail(mail, &names.tokens)))
            }
            _ => None,
        })
    }

    /// A serial number or a fingerprint.
    pub fn number<'t>(&self, number: &'t str) -> Cow<'t, str> {
        self.value(number, |names| {
            names.kinds.serials.then(|| names.tokens.digits(number))
        })
    }

    /// A key identifier in hex.
    pub fn key_identifier<'t>(&self, id: &'t str) -> Cow<'t, str> {
        self.value(id, |names| {
            names
                .kinds
                .serials
                .then(|| names::key_id(id, &names.tokens))
        })
    }

    /// The name of a thread.
    pub fn thread<'t>(&self, name: &'t str) -> Cow<'t, str> {
        self.value(name, |names| {
            names.kinds.threads.then(|| thread(name, &names.tokens))
        })
    }

    /// The name of a stream of the input: a pod, a container.
    pub fn stream<'t>(&self, name: &'t str) -> Cow<'t, str> {
        self.value(name, |names| {
            names
                .kinds
                .hosts
                .then(|| names::stream(name, &names.tokens))
        })
    }

    /// The path of an input: where names are taken out, its last part only, and of that what says what sort of file it is.
    pub fn path<'t>(&self, path: &'t str) -> Cow<'t, str> {
        let Some(names) = self
            .names
            .as_ref()
            .filter(|names| names.kinds.names || names.kinds.hosts)
        else {
            return self.text(path);
        };
        if path == "standard input" || path == "-" {
            return Cow::Borrowed(path);
        }
        let last = path.rsplit(['/', '\\']).next().unwrap_or(path);
        Cow::Owned(paths::file(last, &names.tokens))
    }

    /// What is taken out.
    pub fn kinds(&self) -> Option<Kinds> {
        self.names.as_ref().map(|names| names.kinds)
    }

    /// Takes what looks like a token in a text for one: the text says that it was redacted, of these kinds.
    pub fn keep_tokens(&self, text: &str, kinds: Kinds) {
        if let Some(names) = &self.names {
            names.tokens.keep(text, kinds);
        }
    }

    /// Takes a number for one that was redacted.
    pub fn keep_number(&self, number: &str) {
        if let Some(names) = &self.names {
            names.tokens.give_number(&number.to_ascii_lowercase());
        }
    }

    fn value<'t>(
        &self,
        value: &'t str,
        stand_in: impl FnOnce(&Names) -> Option<String>,
    ) -> Cow<'t, str> {
        match self.names.as_ref().and_then(stand_in) {
            Some(stand_in) => Cow::Owned(stand_in),
            None => self.text(value),
        }
    }

    /// Other bytes for a row of a key identifier.
    fn key_id(&self, row: &[u8]) -> Option<Vec<u8>> {
        let names = self.names.as_ref().filter(|names| names.kinds.serials)?;
        Some(names.tokens.bytes(row))
    }

    /// A line of a log whose secrets are out: appends it without names.
    fn log_line(&self, line: &[u8], out: &mut Vec<u8>) {
        let Some(names) = &self.names else {
            out.extend_from_slice(line);
            return;
        };
        for chunk in line.utf8_chunks() {
            let valid = names.head(chunk.valid());
            let valid = names.serials(&valid);
            out.extend_from_slice(names.replaced(&valid).as_bytes());
            out.extend_from_slice(chunk.invalid());
        }
    }
}

fn thread(name: &str, tokens: &Tokens) -> String {
    if names::is_plain_thread(name) {
        name.to_owned()
    } else {
        tokens.word("thread", name).to_string()
    }
}

impl Names {
    /// The thread in the head of an entry: whatever it is called, its place is known.
    fn head<'l>(&self, line: &'l str) -> Cow<'l, str> {
        const HEAD: &str = "javax.net.ssl|";
        let Some(at) = line.find(HEAD).filter(|_| self.kinds.threads) else {
            return Cow::Borrowed(line);
        };
        let columns = &line[at + HEAD.len()..];
        let mut bars = columns.match_indices('|').map(|(at, _)| at + 1);
        let Some(start) = bars.nth(1) else {
            return Cow::Borrowed(line);
        };
        let is_date = |rest: &str| {
            let digit = |index: usize| rest.as_bytes().get(index).is_some_and(u8::is_ascii_digit);
            (0..4).all(digit) && rest.as_bytes().get(4) == Some(&b'-')
        };
        let name = &columns[start..];
        let end = name
            .match_indices('|')
            .map(|(at, _)| at)
            .find(|at| is_date(&name[at + 1..]));
        let Some(name) = end.map(|end| &name[..end]) else {
            return Cow::Borrowed(line);
        };
        let stand_in = thread(name, &self.tokens);
        if stand_in == name {
            return Cow::Borrowed(line);
        }
        let front = at + HEAD.len() + start;
        Cow::Owned(format!(
            "{}{stand_in}{}",
            &line[..front],
            &line[front + name.len()..]
        ))
    }

    /// Numbers behind `serial number`, in whatever spelling.
    fn serials<'l>(&self, line: &'l str) -> Cow<'l, str> {
        let Some(at) = line.find("erial").filter(|_| self.kinds.serials) else {
            return Cow::Borrowed(line);
        };
        let behind = &line[at + "erial".len()..];
        let Some(rest) = [" number", "Number", " Number"]
            .iter()
            .find_map(|word| behind.strip_prefix(word))
        else {
            return Cow::Borrowed(line);
        };
        let skipped = rest.len()
            - rest
                .trim_start_matches([' ', '"', ':', '[', '\\', '\t'])
                .len();
        let skipped = skipped
            + if rest[skipped..].starts_with("0x") {
                2
            } else {
                0
            };
        let number = &rest[skipped..];
        let end = number
            .find(|c: char| !c.is_ascii_hexdigit() && c != ':' && c != ' ')
            .unwrap_or(number.len());
        let number = &number[..end];
        if skipped == 0 || !number.bytes().any(|byte| byte.is_ascii_hexdigit()) {
            return Cow::Borrowed(line);
        }
        let plain: String = number.chars().filter(char::is_ascii_hexdigit).collect();
        let significant = plain.trim_start_matches('0');
        let zeros = "0".repeat(plain.len() - significant.len());
        let stand_in = names::spelled_like(number, &(zeros + &self.tokens.digits(significant)));
        let front = line.len() - rest.len() + skipped;
        Cow::Owned(format!(
            "{}{stand_in}{}",
            &line[..front],
            &line[front + end..]
        ))
    }
}
