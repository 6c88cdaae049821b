//! Names that the log never tells in so many words: known by their looks, or by the place that they stand in.

use std::net::IpAddr;

use super::{
    super::{
        Kinds, dn, host,
        places::{self, Called},
        tokens::Tokens,
    },
    Dictionary,
    language::{is_distinctive, is_language, is_reserved},
    number::spelled_like,
    stands::{begins, is_escape},
};

/// What looks like a name between those that are known.
pub(super) struct Scan<'s> {
    pub(super) dictionary: &'s Dictionary,
    pub(super) kinds: Kinds,
    pub(super) tokens: &'s Tokens,
    pub(super) text: &'s str,
    /// Somewhere in the text is a list of names.
    pub(super) has_list: bool,
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"_-.@:%*".contains(&byte)
}

impl Scan<'_> {
    /// Copies a part of the text without the names in it.
    pub(super) fn gap(&self, from: usize, to: usize, out: &mut String) {
        let bytes = self.text.as_bytes();
        let (mut at, mut copied) = (from, from);
        while at < to {
            if bytes[at] == b'\x1b' && bytes.get(at + 1) == Some(&b'[') {
                let length = bytes
                    .get(at + 2..to)
                    .unwrap_or_default()
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit() || **byte == b';')
                    .count();
                let end = at + 2 + length;
                let letter = bytes.get(end).is_some_and(u8::is_ascii_alphabetic);
                at = to.min(end + usize::from(letter));
                continue;
            }
            if !is_word(bytes[at]) {
                at += 1;
                continue;
            }
            if bytes[at] == b'%' && is_escape(bytes, at) {
                at += 3;
                continue;
            }
            let length = (at..to)
                .take_while(|&index| {
                    is_word(bytes[index]) && !(bytes[index] == b'%' && is_escape(bytes, index))
                })
                .count();
            let end = at + length;
            if bytes.get(end) == Some(&b'=')
                && self.kinds.names
                && let Some((stand_in, until)) = self.name(at, to)
            {
                out.push_str(&self.text[copied..at]);
                out.push_str(&stand_in);
                (at, copied) = (until, until);
                continue;
            }
            if let Some(stand_in) = self.word(at, end) {
                out.push_str(&self.text[copied..at]);
                out.push_str(&stand_in);
                copied = end;
            }
            at = end;
        }
        out.push_str(&self.text[copied..to]);
    }

    /// A distinguished name that nobody told of before; up to `to`, where a known one begins.
    fn name(&self, at: usize, to: usize) -> Option<(String, usize)> {
        if !begins(&self.text[..at]) {
            return None;
        }
        let text = &self.text[..to];
        let attributes = dn::at(text, at)?;
        let end = attributes.last()?.whole.end;
        if dn::is_public_authority(text, &attributes) {
            return Some((text[at..end].to_owned(), end));
        }
        let (mut out, mut done) = (String::new(), at);
        for attribute in &attributes {
            out += &text[done..attribute.value.start];
            let value = &text[attribute.value.clone()];
            let is_host = self.dictionary.is_single(value);
            out += &dn::stand_in(value, attribute.label, is_host, self.tokens);
            done = attribute.value.end;
        }
        out += &text[done..end];
        Some((out, end))
    }

    /// What stands in for a word, punctuation included; `None` where it stays.
    fn word(&self, start: usize, end: usize) -> Option<String> {
        let word = &self.text[start..end];
        if !self.may_be_name(start, end, word) {
            return None;
        }
        let core = word.trim_end_matches(['.', ':', '-', '*', '%']);
        if core.is_empty() {
            return None;
        }
        let stand_in = self.core(start, core)?;
        Some(stand_in + &word[core.len()..])
    }

    /// Says no for most words, and fast: a log is mostly words, and dumps are.
    fn may_be_name(&self, start: usize, end: usize, word: &str) -> bool {
        const SHORTEST_NUMBER: usize = 8;
        let bytes = self.text.as_bytes();
        let (mut marks, mut digits) = (false, false);
        for byte in word.bytes() {
            marks |= matches!(byte, b'.' | b'@' | b':');
            digits |= byte.is_ascii_digit();
        }
        let before = &self.text[..start];
        let called_so = match start.checked_sub(1).map(|last| bytes[last]) {
            Some(b'/' | b'\\') => {
                self.behind_home(start) || before.ends_with("//") || is_domain_of_windows(before)
            }
            Some(b'=' | b' ' | b'\'' | b'"' | b'<' | b'[' | b':') => {
                places::called(before).is_some() || self.in_list(before)
            }
            _ => false,
        };
        let with_address = bytes.get(end) == Some(&b'/')
            && bytes
                .get(end + 1)
                .is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == b'[');
        marks
            || called_so
            || with_address
            || bytes.get(end) == Some(&b'\\') && is_domain_of_windows(&self.text[..=end])
            || digits && word.len() >= SHORTEST_NUMBER
            || !self.dictionary.singles.is_empty() && self.dictionary.singles.contains(word)
    }

    /// Where a text has a list of names, whether the word stands in it.
    fn in_list(&self, before: &str) -> bool {
        self.has_list && before.ends_with([' ', '[']) && places::is_in_list(before)
    }

    fn core(&self, start: usize, core: &str) -> Option<String> {
        let before = &self.text[..start];
        if let Some(stand_in) = self.login(core) {
            return Some(stand_in);
        }
        if let Some(stand_in) = self.address(before, core) {
            return self.kinds.ips.then_some(stand_in);
        }
        if self.kinds.serials && core.len() >= 8 {
            let digits = core.strip_prefix("0x").unwrap_or(core);
            let plain: String = digits
                .chars()
                .filter(|c| *c != ':')
                .flat_map(char::to_lowercase)
                .collect();
            if let Some(stand_in) = self.dictionary.numbers.get(&plain) {
                let front = &core[..core.len() - digits.len()];
                return Some(front.to_owned() + &spelled_like(digits, stand_in));
            }
        }
        // ACME\bob
        if self.kinds.names
            && self.text[start + core.len()..].starts_with('\\')
            && is_domain_of_windows(&self.text[..=start + core.len()])
            && self.text[start + core.len() + 1..].starts_with(|c: char| c.is_ascii_lowercase())
        {
            return Some(self.tokens.word("org", &core.to_lowercase()).to_string());
        }
        let called = places::called(before);
        if let Some((user, host)) = core.rsplit_once('@')
            && let Some(stand_in) = self.user_at(before, user, host)
        {
            return Some(stand_in);
        }
        if self.kinds.names && self.behind_home(start) {
            let shared = ["Shared", "Public", "Default", "linuxbrew"];
            return (!shared.contains(&core)).then(|| self.tokens.word("user", core).to_string());
        }
        let label = match called {
            Some(Called::User) => "user",
            Some(Called::Alias) => "alias",
            Some(Called::Database) => "db",
            _ if is_domain_of_windows(before) => "user",
            _ => "",
        };
        if self.kinds.names && !label.is_empty() && !core.starts_with('*') {
            // an alias can be a host's name, and is learned as one
            if label != "alias" || !host::is_dotted(core) {
                return (!is_language(core)).then(|| self.tokens.word(label, core).to_string());
            }
        }
        if let Some(stand_in) = self.numbered(core) {
            return Some(stand_in);
        }
        let (name, port) = match core.rsplit_once(':') {
            Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
                (name, &core[name.len()..])
            }
            Some(_) => return self.labelled(before, core),
            None => (core, ""),
        };
        let behind = &self.text[start + core.len()..];
        let is_host = self.is_host(before, name, port, behind);
        (self.kinds.hosts && is_host).then(|| host::stand_in(name, self.tokens) + port)
    }

    /// `jdbc:oracle:thin:scott/***@db1:1521:SID`, of which a word is what stands in front of the slash, or behind it.
    fn login(&self, core: &str) -> Option<String> {
        let rest = core.get("jdbc:".len()..)?;
        if !core.get(.."jdbc:".len())?.eq_ignore_ascii_case("jdbc:") || !rest.contains("racle:") {
            return None;
        }
        let (driver, rest) = rest.split_once("racle:").map(|(vendor, rest)| {
            let kind = rest.find(':').map_or(rest.len(), |at| at + 1);
            (vendor.len() + "jdbc:racle:".len() + kind, &rest[kind..])
        })?;
        let mut out = core[..driver].to_owned();
        let (user, place) = rest
            .split_once('@')
            .map_or((rest, None), |(user, place)| (user, Some(place)));
        out += &self.login_user(user);
        if let Some(place) = place {
            out.push('@');
            out += &self.login_place(place);
        }
        Some(out)
    }

    fn login_user(&self, user: &str) -> String {
        if user.is_empty() || user.starts_with('*') || !self.kinds.names {
            user.to_owned()
        } else {
            self.tokens.word("user", user).to_string()
        }
    }

    /// `db1:1521:SID`
    fn login_place(&self, place: &str) -> String {
        let mut parts = place.split(':');
        let mut out = match parts.next().unwrap_or_default() {
            "" => String::new(),
            name => match name.parse() {
                Ok(address) if self.kinds.ips => self.tokens.address(address).to_string(),
                Err(_) if self.kinds.hosts => host::stand_in(name, self.tokens),
                _ => name.to_owned(),
            },
        };
        for (index, part) in parts.enumerate() {
            out.push(':');
            if index == 1 && !part.is_empty() && self.kinds.names {
                out += &*self.tokens.word("db", part);
            } else {
                out += part;
            }
        }
        out
    }

    /// `Thread-10.0.0.1`: an address behind a name; versions, `jdk-17.0.9.1`, begin with small numbers.
    fn numbered(&self, core: &str) -> Option<String> {
        const HIGHEST_VERSION: u8 = 30;
        let at = core.rfind(['-', '_', '('])? + 1;
        let (name, address) = core.split_at(at);
        let (digits, port) = address
            .split_once(':')
            .map_or((address, ""), |(digits, _)| {
                (digits, &address[digits.len()..])
            });
        let four: std::net::Ipv4Addr = digits.parse().ok()?;
        let is_address = four.octets()[0] > HIGHEST_VERSION
            || four.octets()[0] == 10 && !name.to_lowercase().contains("jdk");
        let stays = four.is_loopback() || four.is_unspecified() || !self.kinds.ips;
        (is_address && !stays).then(|| format!("{name}{}{port}", self.tokens.address(four.into())))
    }

    /// `DNS:name`, `IP:address`, `email:…`, and the like.
    fn labelled(&self, before: &str, core: &str) -> Option<String> {
        let (label, rest) = core.split_once(':')?;
        if !label.bytes().all(|byte| byte.is_ascii_alphabetic()) || rest.is_empty() {
            return None;
        }
        let stand_in = if let Some(stand_in) = self.address("", rest) {
            self.kinds.ips.then_some(stand_in)
        } else if let Some((user, host)) = rest.rsplit_once('@') {
            self.user_at(before, user, host)
        } else {
            let (name, port) = rest
                .split_once(':')
                .map_or((rest, ""), |(name, _)| (name, &rest[name.len()..]));
            let known = label == "DNS" && !is_reserved(name) && !host::is_public(name)
                || self.is_host(before, name, port, "");
            (self.kinds.hosts && known).then(|| host::stand_in(name, self.tokens) + port)
        };
        Some(format!("{label}:{}", stand_in?))
    }

    /// An address, with a port or a zone; those that every host has stay.
    fn address(&self, before: &str, core: &str) -> Option<String> {
        if !core.bytes().any(|byte| matches!(byte, b'.' | b':')) {
            return None;
        }
        let (plain, rest) = match core.split_once('%') {
            Some((plain, _)) => (plain, &core[plain.len()..]),
            None => (core, ""),
        };
        let (address, rest) = if let Ok(address) = plain.parse::<IpAddr>() {
            (address, rest)
        } else {
            let (front, port) = plain.rsplit_once(':')?;
            let four = front.parse::<std::net::Ipv4Addr>().ok()?;
            port.bytes()
                .all(|byte| byte.is_ascii_digit())
                .then_some(())?;
            (IpAddr::V4(four), &core[front.len()..])
        };
        let is_number = match address {
            // numbers of objects and of versions are written alike
            IpAddr::V4(four) => {
                matches!(
                    four.octets(),
                    [0, ..]
                        | [1, 3, 6 | 14 | 132, _]
                        | [2, 5, 29 | 4 | 8, _]
                        | [2, 16 | 23, ..]
                        | [1, 2, ..]
                ) || [
                    "ersion ",
                    "ersion: ",
                    "JDK ",
                    "OID.",
                    "ObjectId: ",
                    "qualifierID: ",
                ]
                .iter()
                .any(|cue| before.ends_with(cue))
                    || before.ends_with(['.', '-', '_'])
            }
            // eight bytes of a serial number are no address
            IpAddr::V6(_) => !plain.contains("::") && plain.split(':').all(|group| group.len() < 3),
        };
        if is_number || address.is_loopback() || address.is_unspecified() || is_everybodys(address)
        {
            return None;
        }
        Some(self.tokens.address(address).to_string() + rest)
    }

    fn user_at(&self, before: &str, user: &str, host: &str) -> Option<String> {
        // scott/***@db1:1521:SID
        if user.starts_with('*') && host.matches(':').count() == 2 {
            return Some(format!("{user}@{}", self.login_place(host)));
        }
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                (name, &host[name.len()..])
            }
            _ => (host, ""),
        };
        let in_url = before.ends_with("//");
        let is_host = in_url
            || self.is_host("", name, port, "")
            || host::looks_like_host(&name.to_lowercase());
        if !is_host || user.is_empty() {
            return None;
        }
        let user = if self.kinds.names {
            let (user, rest) = user
                .split_once(':')
                .map_or((user, ""), |(name, _)| (name, &user[name.len()..]));
            format!("{}{rest}", self.login_user(user))
        } else {
            user.to_owned()
        };
        let host = if !self.kinds.hosts {
            name.to_owned()
        } else if let Ok(address) = name.parse() {
            self.tokens.address(address).to_string()
        } else {
            host::stand_in(name, self.tokens)
        };
        Some(format!("{user}@{host}{port}"))
    }

    /// Behind `/home/`.
    fn behind_home(&self, start: usize) -> bool {
        [
            "/home/",
            "/Users/",
            "\\Users\\",
            "\\\\Users\\\\",
            "/export/home/",
        ]
        .iter()
        .any(|home| self.text[..start].ends_with(home))
    }

    fn is_host(&self, before: &str, name: &str, port: &str, behind: &str) -> bool {
        let lower = name.to_lowercase();
        let bare = lower.strip_prefix("*.").unwrap_or(&lower);
        if host::is_nobodys(bare) || is_reserved(bare) {
            return false;
        }
        let in_url = before.ends_with("://") || before.ends_with("@//");
        let called_so = places::called(before) == Some(Called::Host) || self.in_list(before);
        let has_address = places::is_followed_by_address(behind);
        let known = self.dictionary.singles.contains(bare);
        if !host::is_dotted(bare) {
            // `web1:8443`, `web1/10.0.0.1`
            let placed = !port.is_empty()
                && (known || places::listens(name, port) && !is_language(bare))
                || called_so && (known || !is_language(bare))
                || in_url && (known || !is_language(bare))
                || has_address && name.bytes().any(|byte| byte.is_ascii_alphabetic());
            return placed || known && is_distinctive(name);
        }
        // whoever talks to a public host, that is their own affair
        if host::is_public(bare) || self.dictionary.hosts.contains(bare) {
            return self.dictionary.hosts.contains(bare);
        }
        let is_private = || {
            host::may_be_private(name)
                && !behind.starts_with(['=', '('])
                && !is_language(bare)
                && !bare.rsplit('.').next().is_some_and(is_language)
        };
        let has_port = || !port.is_empty() && places::listens(name, port) && !host::is_file(bare);
        self.dictionary.domains.contains(host::domain_of(bare))
            || called_so
            || in_url
            || has_address
            || host::looks_like_host(name)
            || has_port()
            || is_private()
    }
}

/// `ACME\`, in front of a user's name; not the beginning of an escape.
fn is_domain_of_windows(before: &str) -> bool {
    let Some(domain) = before.strip_suffix('\\') else {
        return false;
    };
    let length = domain
        .bytes()
        .rev()
        .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'-')
        .count();
    let front = &domain[..domain.len() - length];
    let is_alone = !front.ends_with(|c: char| c.is_alphanumeric() || "\\_:/.".contains(c));
    length > 2 && is_alone && !is_language(&domain[domain.len() - length..])
}

/// Resolvers and test networks that everybody knows; broadcast.
fn is_everybodys(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.is_broadcast(),
        IpAddr::V6(_) => false,
    }
}
