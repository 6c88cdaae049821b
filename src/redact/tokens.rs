//! Values and the tokens that stand for them.
//!
//! A token is the beginning of a keyed hash of what it stands for: without the key, nobody can try out names. The same
//! value has the same token as long as the key is the same; where two would share one, the later gets a digit more,
//! and the map remembers.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::Kinds;
use sha2::{Digest as _, Sha256};

/// What reads a saved map has to know.
const ABOUT: &str =
    "jssl-analyze: what the tokens of redacted reports stand for; keep it to yourself";
/// Digits of a token: few enough to be read, and lengthened where they do not do.
const DIGITS: usize = 4;

/// The tokens given out so far.
#[derive(Debug)]
pub struct Tokens {
    key: [u8; 32],
    map: Mutex<Map>,
}

#[derive(Debug, Default)]
struct Map {
    /// Sort of value → value → token.
    tokens: HashMap<String, HashMap<Box<str>, Arc<str>>>,
    taken: HashSet<Arc<str>>,
    /// Numbers given out in this run: they are no words, and follow from the key.
    numbers: HashSet<String>,
    /// Something was added since it was loaded.
    grown: bool,
}

/// A map as it is saved.
#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    about: String,
    key: String,
    tokens: BTreeMap<String, BTreeMap<String, String>>,
}

impl Tokens {
    /// Tokens of a new key. `None` where the system has no random numbers.
    pub fn random() -> Option<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).ok()?;
        Some(Self::of_key(key))
    }

    fn of_key(key: [u8; 32]) -> Self {
        Self {
            key,
            map: Mutex::default(),
        }
    }

    /// Reads a saved map.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let saved: Saved = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let key = data_encoding::HEXLOWER
            .decode(saved.key.as_bytes())
            .ok()
            .and_then(|key| <[u8; 32]>::try_from(key).ok())
            .ok_or("the key is no 64 hex digits")?;
        let tokens = Self::of_key(key);
        {
            let mut map = tokens.map();
            for (sort, values) in saved.tokens {
                let known_as = sort.clone();
                let mut known = HashMap::new();
                for (value, word) in values {
                    if !is_token(&known_as, &word) {
                        return Err(format!("'{word}' is no token of its sort, {known_as}"));
                    }
                    let word: Arc<str> = word.into();
                    if !map.taken.insert(Arc::clone(&word)) {
                        return Err(format!("two names have the token {word}"));
                    }
                    known.insert(value.into(), word);
                }
                map.tokens.insert(sort, known);
            }
        }
        Ok(tokens)
    }

    /// The map, to be saved: it has the key, and every value beside its token.
    pub fn to_json(&self) -> String {
        let map = self.map();
        let saved = Saved {
            about: ABOUT.to_owned(),
            key: data_encoding::HEXLOWER.encode(&self.key),
            tokens: map
                .tokens
                .iter()
                .map(|(sort, values)| {
                    let values = values
                        .iter()
                        .map(|(value, token)| (value.to_string(), token.to_string()));
                    (sort.clone(), values.collect())
                })
                .collect(),
        };
        serde_json::to_string_pretty(&saved).unwrap_or_default() + "\n"
    }

    /// Whether there are tokens that were not there when it was loaded.
    pub fn has_grown(&self) -> bool {
        self.map().grown
    }

    fn map(&self) -> MutexGuard<'_, Map> {
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hash(&self, sort: &str, value: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.key);
        hash.update([u8::try_from(sort.len()).unwrap_or(u8::MAX)]);
        hash.update(sort);
        hash.update(value);
        hash.finalize().into()
    }

    /// `host-7f3a`: `prefix` says what sort of thing it is.
    pub(super) fn word(&self, prefix: &str, value: &str) -> Arc<str> {
        let hex = data_encoding::HEXLOWER.encode(&self.hash(prefix, value.as_bytes()));
        let candidates = (DIGITS..hex.len()).map(|digits| format!("{prefix}-{}", &hex[..digits]));
        self.first_free(prefix, value, candidates)
    }

    /// The token of a value: the one it has, or the first that is free.
    fn first_free(
        &self,
        sort: &str,
        value: &str,
        candidates: impl Iterator<Item = String>,
    ) -> Arc<str> {
        let mut map = self.map();
        // what is redacted already stays as it is
        if let Some(token) = map.taken.get(value) {
            return Arc::clone(token);
        }
        if let Some(token) = map.tokens.get(sort).and_then(|known| known.get(value)) {
            return Arc::clone(token);
        }
        let mut last = String::new();
        for candidate in candidates {
            last = candidate;
            if !map.taken.contains(last.as_str()) {
                break;
            }
        }
        let token: Arc<str> = last.into();
        map.taken.insert(Arc::clone(&token));
        map.tokens
            .entry(sort.to_owned())
            .or_default()
            .insert(value.into(), Arc::clone(&token));
        map.grown = true;
        token
    }

    /// Another number of as many digits; of decimal digits, if the number has no others. No two have the same.
    pub(super) fn digits(&self, number: &str) -> String {
        let number = number.to_ascii_lowercase();
        if self.map().numbers.contains(&number) {
            return number;
        }
        let own: Vec<u8> = number
            .chars()
            .filter_map(|digit| u8::try_from(digit.to_digit(16)?).ok())
            .collect();
        let is_decimal = |digits: &[u8]| digits.iter().all(|&digit| digit < 10);
        let base = if is_decimal(&own) { 10 } else { 16 };
        // what has no leading zero gets none
        let sort = |digits: &[u8]| (is_decimal(digits), digits.first() == Some(&0));
        // the way through all numbers leads back to this one: others of its sort are on it, and near
        let mut other = self.permuted(own.clone(), base);
        while sort(&other) != sort(&own) {
            other = self.permuted(other, base);
        }
        let digits: String = other
            .iter()
            .filter_map(|&digit| char::from_digit(u32::from(digit), 16))
            .collect();
        self.give_number(&digits);
        digits
    }

    /// A permutation of all numbers of as many digits: each half of the digits is moved on by what the other hashes to,
    /// in turn (a Feistel network).
    fn permuted(&self, mut digits: Vec<u8>, base: u8) -> Vec<u8> {
        const ROUNDS: usize = 8;
        let middle = digits.len() / 2;
        for round in 0..ROUNDS {
            let (first, second) = digits.split_at_mut(middle);
            let (moved, by) = if round % 2 == 0 {
                (second, first)
            } else {
                (first, second)
            };
            let mut block = self.hash("serial", by);
            for (index, digit) in moved.iter_mut().enumerate() {
                if index % block.len() == 0 && index > 0 {
                    block = self.hash("serial", &block);
                }
                *digit = (*digit + block[index % block.len()] % base) % base;
            }
        }
        digits
    }

    /// Notes a number that stands in for another.
    pub(super) fn give_number(&self, number: &str) {
        const SHORTEST: usize = 8;
        if number.len() >= SHORTEST {
            self.map().numbers.insert(number.to_owned());
        }
    }

    /// Takes what looks like a token in a text for one: it stays what it is, and nothing else gets it.
    pub(super) fn keep(&self, text: &str, kinds: Kinds) {
        const SORTS: [&str; 20] = [
            "host", "host_", "sub", "sub_", "subject", "unit", "org", "place", "dc", "mail",
            "number", "user", "title", "person", "value", "alias", "thread", "stream", "dir",
            "file",
        ];
        let mut map = self.map();
        for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || "_-.:".contains(c))) {
            let word = word.trim_end_matches(['.', ':']);
            if kinds.ips {
                let name = word.rsplit_once(':').map_or(word, |(name, _)| name);
                for address in [word, name] {
                    if address.parse::<IpAddr>().is_ok() {
                        map.taken.insert(address.into());
                    }
                }
            }
            for label in word.split(['.', ':']) {
                if let Some((sort, _)) = label.rsplit_once('-')
                    && (SORTS.contains(&sort) || sort == "db")
                    && is_token(sort, label)
                {
                    map.taken.insert(label.into());
                }
            }
        }
    }

    /// Whether this is a number that stands in for another.
    pub(super) fn is_given_number(&self, number: &str) -> bool {
        self.map().numbers.contains(number)
    }

    /// Whether this is a token.
    pub(super) fn is_given(&self, word: &str) -> bool {
        self.map().taken.contains(word)
    }

    /// Other bytes for those of a row.
    pub(super) fn bytes(&self, row: &[u8]) -> Vec<u8> {
        self.hash("bytes", row)[..row.len().min(32)].to_vec()
    }

    /// An address of the ranges kept for documentation; a private one stays private, in its own range.
    pub(super) fn address(&self, address: IpAddr) -> Arc<str> {
        let value = address.to_string();
        let candidates = (0..u32::MAX).map(|attempt| {
            let hash = self.hash("ip", format!("{value} {attempt}").as_bytes());
            match address {
                IpAddr::V4(four) => IpAddr::V4(stand_in_4(four, hash)).to_string(),
                IpAddr::V6(six) => IpAddr::V6(stand_in_6(six, hash)).to_string(),
            }
        });
        // 762 addresses are for documentation: a thousand attempts, and they are all taken
        let wide = (0..u32::MAX).map(|attempt| {
            let hash = self.hash("ip wide", format!("{value} {attempt}").as_bytes());
            Ipv4Addr::new(198, 18 + hash[0] % 2, hash[1], hash[2]).to_string()
        });
        self.first_free("ip", &value, candidates.take(1000).chain(wide))
    }
}

/// Whether a word is what this program gives out for names of that sort: an address, or the sort and hex digits.
fn is_token(sort: &str, word: &str) -> bool {
    if sort == "ip" {
        return word.parse::<IpAddr>().is_ok();
    }
    let digits = word
        .strip_prefix(sort)
        .and_then(|rest| rest.strip_prefix('-'));
    digits.is_some_and(|digits| {
        digits.len() >= DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

/// RFC 5737; RFC 1918, RFC 3927 and RFC 6598 stay what they are.
fn stand_in_4(address: Ipv4Addr, hash: [u8; 32]) -> Ipv4Addr {
    let [a, b, c, d] = [hash[0], hash[1], hash[2], hash[3]];
    match address.octets() {
        [10, ..] => Ipv4Addr::new(10, a, b, c),
        [172, 16..=31, ..] => Ipv4Addr::new(172, 16 + a % 16, b, c),
        [192, 168, ..] => Ipv4Addr::new(192, 168, a, b),
        [169, 254, ..] => Ipv4Addr::new(169, 254, a, b),
        [100, 64..=127, ..] => Ipv4Addr::new(100, 64 + a % 64, b, c),
        _ => {
            let last = 1 + d % 254;
            match a % 3 {
                0 => Ipv4Addr::new(192, 0, 2, last),
                1 => Ipv4Addr::new(198, 51, 100, last),
                _ => Ipv4Addr::new(203, 0, 113, last),
            }
        }
    }
}

/// RFC 3849; unique local and link-local addresses stay such.
fn stand_in_6(address: Ipv6Addr, hash: [u8; 32]) -> Ipv6Addr {
    let low = u16::from_be_bytes([hash[0], hash[1]]).max(1);
    let high = u16::from_be_bytes([hash[2], hash[3]]);
    match address.segments()[0] {
        0xfc00..=0xfdff => Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, high, low),
        0xfe80..=0xfebf => Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, high, low),
        _ => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, high, low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        Tokens::of_key([7; 32])
    }

    #[test]
    fn a_value_keeps_its_token_and_no_two_share_one() {
        let tokens = tokens();
        let first = tokens.word("host", "acme.com");
        assert_eq!(first, tokens.word("host", "acme.com"));
        assert!(first.len() == 9 && first.starts_with("host-"), "{first}");
        let many: HashSet<_> = (0..2000)
            .map(|n| tokens.word("host", &n.to_string()))
            .collect();
        assert_eq!(many.len(), 2000, "collisions get another digit");
        assert_ne!(*Tokens::of_key([8; 32]).word("host", "acme.com"), *first);
    }

    #[test]
    fn no_two_numbers_share_one_however_short() {
        let tokens = tokens();
        for (len, count) in [(1, 16), (2, 256), (3, 4096)] {
            let all = (0..count).map(|number| format!("{number:0len$x}"));
            let others: HashSet<_> = all.map(|number| tokens.digits(&number)).collect();
            assert_eq!(others.len(), count);
        }
        let decimal = "7".repeat(77);
        assert!(
            tokens
                .digits(&decimal)
                .bytes()
                .all(|digit| digit.is_ascii_digit())
        );
    }

    #[test]
    fn a_saved_map_gives_the_same_tokens() {
        let before = tokens();
        let values: Vec<String> = (0..600).map(|n| format!("h{n}\"\\")).collect();
        let given: Vec<_> = values
            .iter()
            .map(|value| before.word("host", value))
            .collect();
        let address = before.address([8, 8, 8, 8].into());
        assert!(before.has_grown());
        let after = Tokens::from_json(&before.to_json()).unwrap();
        assert!(!after.has_grown());
        // in another order: those that collided keep what they got
        for (value, token) in values.iter().zip(&given).rev() {
            assert_eq!(after.word("host", value), *token);
        }
        assert_eq!(after.address([8, 8, 8, 8].into()), address);
        assert_eq!(after.digits("1f"), before.digits("1f"));
        let saved = after.to_json();
        let tampered = saved.replacen(&*given[0], "acme.com", 1);
        assert!(Tokens::from_json(&tampered).is_err(), "a name is no token");
        let shared = saved.replacen(&*given[0], &given[1], 1);
        assert!(Tokens::from_json(&shared).is_err(), "two share one");
        for wrong in ["", "{}", "{\"about\":\"\",\"key\":\"00\",\"tokens\":{}}"] {
            assert!(Tokens::from_json(wrong).is_err());
        }
    }

    #[test]
    fn addresses_stay_what_they_are() {
        let tokens = tokens();
        let of = |text: &str| tokens.address(text.parse().unwrap()).to_string();
        assert!(of("10.1.2.3").starts_with("10."));
        assert!(of("192.168.1.1").starts_with("192.168."));
        assert!(of("fe80::1").starts_with("fe80::"));
        assert!(of("2a00:1450::1").starts_with("2001:db8::"));
        let public: HashSet<_> = (0..=255)
            .flat_map(|a| (0..4).map(move |b| [93, 184, a, b]))
            .map(|octets| tokens.address(octets.into()).to_string())
            .collect();
        assert_eq!(public.len(), 1024, "more than there are for documentation");
        assert!(public.iter().all(|address| {
            [
                "192.0.2.",
                "198.51.100.",
                "203.0.113.",
                "198.18.",
                "198.19.",
            ]
            .iter()
            .any(|range| address.starts_with(range))
        }));
    }

    #[test]
    fn numbers_keep_their_length() {
        let tokens = tokens();
        for number in ["1", "1005", "3eca80b80281eff8", &"9".repeat(80)] {
            let other = tokens.digits(number);
            assert_eq!(other.len(), number.len());
            assert!(!other.starts_with('0'));
        }
        assert!(
            tokens
                .digits("1005")
                .bytes()
                .all(|digit| digit.is_ascii_digit())
        );
        assert_eq!(tokens.digits("ABCDEF01"), tokens.digits("abcdef01"));
    }
}
