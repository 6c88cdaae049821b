//! The names of one log, and where they stand in a text.
//!
//! Names are learned from what was analysed; one pass of an automaton finds them again, wherever they stand as words
//! of their own. What the log never says in so many words (an address in an exception, a host behind `//`) is
//! recognised by its shape. A name that is a word of the language (`server`, `main`) is replaced where its place
//! shows that it is one, `CN=server`, and left alone elsewhere.

mod language;
mod learn;
mod number;
mod respelled;
mod scan;
mod stands;

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use aho_corasick::AhoCorasick;
use foldhash::quality::RandomState;

use self::{
    language::is_distinctive,
    number::decimal,
    respelled::respelled,
    scan::Scan,
    stands::{Place, stands},
};
pub(super) use self::{
    language::{is_language, is_plain_thread, is_reserved},
    number::{key_id, spelled_like},
};
use super::{Kinds, Named, dn, host, owners::Owners, paths::path_stand_in, tokens::Tokens};
use crate::diagnose::alias_for;

type Map<V> = HashMap<String, V, RandomState>;
type Set = HashSet<String, RandomState>;

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

impl Dictionary {
    /// Makes the automaton anew if names came to the `before` that it knows.
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
    fn host(&mut self, name: &str) {
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

    /// A distinguished name.
    fn name(&mut self, name: &str, kinds: Kinds, tokens: &Tokens) {
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
    fn thread(&mut self, name: &str, kinds: Kinds, tokens: &Tokens) {
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
        for spelled in respelled(name) {
            let stand_in = stand_in.clone();
            self.patterns.push((spelled, Known { place, stand_in }));
        }
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

/// A pod, a container, a unit.
pub(super) fn stream(name: &str, tokens: &Tokens) -> String {
    if is_language(name) {
        name.to_owned()
    } else {
        tokens.word("stream", name).to_string()
    }
}
