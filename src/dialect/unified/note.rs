//! Entries that are no handshake message: records, alerts, failures, stores, keys, policy.
//!
//! One look at the first letter sends most entries away: two of three say nothing that bears on a
//! handshake. Texts are those of `sun.security.ssl` from 8u292 to 28 (see each arm).

mod policy;

use std::sync::Arc;

use super::{Unified, certificate, grammar};
use crate::{
    entry::Parts,
    event::{
        Bytes, Closing, ContentType, Direction, Fact, Fatal, JvmFact, PLAIN_ALERT, Record,
        RefusedItem, RefusedKind, ServerNameFact,
    },
    search::find,
    tls::{Alert, AlertDescription, AlertLevel, CipherSuite, ProtocolVersion},
    wire::{self, Layer},
};

/// Records of this size may not fit into one packet.
const LARGE: u32 = 1200;

/// The fact of an entry, if it is one that matters.
pub(super) fn read(dialect: &mut Unified, message: &[u8], parts: &Parts<'_>) -> Option<Fact> {
    by_first_letter(dialect, message, parts).or_else(|| unfit_key(dialect, message))
}

fn by_first_letter(dialect: &mut Unified, message: &[u8], parts: &Parts<'_>) -> Option<Fact> {
    let reading = Reading {
        dialect,
        message,
        parts,
    };
    match message[0] {
        b'I' => reading.ignored(),
        b'R' | b'W' => reading.record(),
        b'K' => reading.keys(),
        b'P' => reading.plaintext(),
        b'F' => reading.failure(),
        b'N' => reading.nothing_found(),
        b'S' => reading.setting(),
        b'U' | b'A' => reading.unable(),
        b'c' | b'd' | b'C' => reading.closing(),
        b'a' | b't' | b'f' | b'm' | b'k' => reading.store(),
        _ => reading.other(),
    }
}

/// One entry's message and body, at hand for the arms below.
struct Reading<'r, 'a> {
    dialect: &'r mut Unified,
    message: &'a [u8],
    parts: &'r Parts<'a>,
}

impl<'a> Reading<'_, 'a> {
    fn after(&self, prefix: &str) -> Option<&'a [u8]> {
        self.message.strip_prefix(prefix.as_bytes())
    }

    fn text(&mut self, raw: &[u8]) -> Arc<str> {
        self.dialect.interned.texts.text(raw)
    }

    /// Counts an entry that begins so: a session that was agreed on, or is about to be.
    fn session(&mut self, words: &[u8]) {
        if self.message.starts_with(words) {
            self.dialect.survey.sessions += 1;
            self.dialect.under_way = true;
        }
    }

    /// `READ: TLSv1.2 alert, length = 2`, `WRITE: TLSv1.3 alert(close_notify), length = 2`,
    /// `Received alert message (`, `Raw read (`, `Reloaded 144 trust certs`
    fn record(self) -> Option<Fact> {
        if let Some(rest) = self.after("READ: ") {
            return self.record_line(Direction::Received, rest);
        }
        if let Some(rest) = self.after("WRITE: ") {
            return self.record_line(Direction::Sent, rest);
        }
        if self
            .after("Warning: failed to send warning alert ")
            .is_some()
        {
            return Some(Fact::CloseNotSent(
                self.dialect.interned.throwable(self.parts.body),
            ));
        }
        if self.message == b"Received alert message" {
            return received_alert(self.parts.body).map(Fact::AlertReceived);
        }
        if let Some(rest) = self.after("Reloaded ") {
            self.dialect.survey.trust += 1;
            let count = rest.split(|&b| b == b' ').next()?;
            let count: String = count
                .iter()
                .filter(|b| b.is_ascii_digit())
                .map(|&b| char::from(b))
                .collect();
            return Some(Fact::Jvm(JvmFact::TrustStoreLoaded(count.parse().ok()?)));
        }
        if self.message.starts_with(b"Resuming session") {
            return Some(Fact::Resuming);
        }
        if let Some(rest) = self.after("Raw ") {
            self.dialect.survey.packets += 1;
            return match rest {
                b"read: EOF" => Some(Fact::Closing(Closing::Peer)),
                _ if rest.starts_with(b"read") => self.dump(Layer::Records, Direction::Received),
                _ => self.dump(Layer::Records, Direction::Sent),
            };
        }
        None
    }

    /// The bytes of the body, where they can bear on a handshake.
    fn dump(&self, layer: Layer, direction: Direction) -> Option<Fact> {
        let received = direction == Direction::Received;
        let (content, data) = wire::read_dump(self.parts.body, layer, received)?;
        Some(Fact::Bytes(Box::new(Bytes {
            direction,
            content,
            data,
        })))
    }

    fn record_line(self, direction: Direction, rest: &[u8]) -> Option<Fact> {
        self.dialect.survey.records += 1;
        let (_version, rest) = rest.split_at(memchr::memchr(b' ', rest)?);
        let (what, length) = rest.split_at(find(rest, b", length = ")?);
        let what = what.trim_ascii_start();
        let (content_type, alert) = match memchr::memchr(b'(', what) {
            Some(at) => (&what[..at], what[at + 1..].strip_suffix(b")")),
            None => (what, None),
        };
        let content_type = match content_type {
            b"handshake" => ContentType::Handshake,
            b"change_cipher_spec" => ContentType::ChangeCipherSpec,
            b"alert" => ContentType::Alert,
            b"application_data" => ContentType::ApplicationData,
            _ => ContentType::Other,
        };
        let digits = length[b", length = ".len()..]
            .iter()
            .filter(|b| b.is_ascii_digit());
        let length = digits.fold(0_u32, |sum, b| {
            sum.saturating_mul(10).saturating_add(u32::from(b - b'0'))
        });
        let is_handshake = content_type == ContentType::Handshake;
        self.dialect.survey.handshake_records += u64::from(is_handshake);
        self.dialect.under_way |= is_handshake || content_type == ContentType::ChangeCipherSpec;
        let is_protected = match content_type {
            ContentType::ApplicationData => true,
            ContentType::Alert => length > PLAIN_ALERT,
            _ => false,
        };
        self.dialect.survey.protected_records += u64::from(is_protected);
        let alert = alert.map(|name| AlertDescription::from_name(&String::from_utf8_lossy(name)));
        // of all records, only alerts that went out are told nowhere else, and the size of a hello that fills a packet
        let sent = direction == Direction::Sent;
        let large = is_handshake && length >= LARGE;
        (sent && (large || alert.is_some())).then_some(Fact::Record(Record {
            direction,
            content_type,
            alert,
            length: Some(length),
        }))
    }

    /// `KeyLimit read side: algorithm = …`, `KeyMgr: no matching key found`, `KeyMgr: choosing key: A`
    fn keys(mut self) -> Option<Fact> {
        if self.message.starts_with(b"KeyLimit read") {
            self.dialect.survey.key_limits += 1;
            return Some(Fact::KeysInstalled(Direction::Received));
        }
        if self.message.starts_with(b"KeyLimit write") {
            self.dialect.survey.key_limits += 1;
            return Some(Fact::KeysInstalled(Direction::Sent));
        }
        let rest = self.after("KeyMgr: ")?;
        self.dialect.under_way = true;
        self.dialect.survey.keys += 1;
        self.dialect.survey.keys_wanted = true;
        if rest.starts_with(b"no matching key found") {
            return Some(Fact::Jvm(JvmFact::NoMatchingKey));
        }
        let alias = rest.strip_prefix(b"choosing key: ")?;
        Some(Fact::Jvm(JvmFact::KeyChosen(self.text(alias))))
    }

    /// `Plaintext before ENCRYPTION (`, `Plaintext after DECRYPTION (`, `Padded plaintext after DECRYPTION (`
    fn plaintext(self) -> Option<Fact> {
        if !contains(self.message, b"laintext ") {
            return None;
        }
        self.dialect.survey.plaintexts += 1;
        let direction = if self.message.ends_with(b"DECRYPTION") {
            Direction::Received
        } else {
            Direction::Sent
        };
        self.dump(Layer::Plaintext, direction)
    }

    /// `Fatal (CERTIFICATE_UNKNOWN): reason (`, `Fatal: failed to send fatal alert X (`,
    /// `Found trusted certificate (`
    fn failure(mut self) -> Option<Fact> {
        if let Some(rest) = self.after("Fatal (") {
            let (alert, reason) = rest.split_at(find(rest, b"): ")?);
            return Some(Fact::Fatal(Box::new(Fatal {
                alert: AlertDescription::from_name(&String::from_utf8_lossy(alert)),
                reason: self.text(&reason[3..]),
                throwable: self.dialect.interned.throwable(self.parts.body),
            })));
        }
        if let Some(alert) = self.after("Fatal: failed to send fatal alert ") {
            return Some(Fact::AlertNotSent(AlertDescription::from_name(
                &String::from_utf8_lossy(alert),
            )));
        }
        if self.message == b"Found trusted certificate" {
            self.dialect.survey.trust += 1;
            let list = certificate::read_all(self.parts.body, &mut self.dialect.interned);
            return list
                .first()
                .map(|anchor| Fact::PeerTrusted(Arc::clone(&anchor.certificate)));
        }
        None
    }

    /// `Negotiated protocol version: V`, `No X.509 cert selected for T`, `No available authentication scheme`,
    /// `Not available key store: P`, `No AlgorithmParameters for x25519`, `No available cipher suite for TLSv1.3`
    fn nothing_found(mut self) -> Option<Fact> {
        if let Some(version) = self.after("Negotiated protocol version: ") {
            return Some(Fact::NegotiatedVersion(ProtocolVersion::from_name(
                &String::from_utf8_lossy(version),
            )));
        }
        if let Some(types) = self.after("No X.509 cert selected for ") {
            self.dialect.survey.keys_wanted = true;
            let types = grammar::bracketed(types).unwrap_or(types);
            return Some(Fact::NoCertificateSelected(
                self.dialect.interned.names(types),
            ));
        }
        if self.message == b"No available authentication scheme" {
            return Some(Fact::NoAuthenticationScheme(Direction::Sent));
        }
        if self.message == b"No available client authentication scheme"
            || self
                .message
                .starts_with(b"No X.509 certificate for client authentication")
        {
            return Some(Fact::NoAuthenticationScheme(Direction::Received));
        }
        if let Some(path) = self.after("Not available key store: ") {
            self.dialect.survey.trust += 1;
            return Some(Fact::Jvm(JvmFact::StoreUnusable(self.text(path))));
        }
        if let Some(group) = self.after("No AlgorithmParameters for ") {
            return self.unprovided(RefusedKind::UnprovidedCurve, group);
        }
        if let Some(version) = self.after("No available cipher suite for ") {
            return self.unprovided(RefusedKind::VersionWithoutSuite, version);
        }
        self.session(b"Negotiating session");
        None
    }

    /// `System property X is set to 'Y'`, `Session initialized: …`
    fn setting(mut self) -> Option<Fact> {
        if let Some(rest) = self.after("System property ") {
            let at = find(rest, b" is set to '")?;
            let value = rest[at + 12..].strip_suffix(b"'")?;
            self.dialect.survey.contexts += 1;
            let known = value != b"null" && !value.is_empty();
            let (name, value) = (self.text(&rest[..at]), self.text(value));
            return known.then_some(Fact::Jvm(JvmFact::SystemProperty { name, value }));
        }
        self.dialect.survey.sessions += u64::from(self.message.starts_with(b"Session initialized"));
        None
    }

    /// `Unable to indicate server name`, `Unsupported signature scheme: X`
    fn unable(mut self) -> Option<Fact> {
        if self.message == b"Unable to indicate server name" {
            return Some(Fact::ServerName(ServerNameFact::NotIndicated));
        }
        let name = self.after("Unsupported signature scheme: ")?;
        if !self.dialect.is_new_refusal(self.message) {
            return None;
        }
        let item = RefusedItem {
            kind: RefusedKind::SignatureScheme,
            name: self.text(name),
            disabled: false,
            version: None,
        };
        Some(Fact::Jvm(JvmFact::Refused(item)))
    }

    /// `close the underlying socket`, `duplex close of SSLSocket`, `Closing outbound of SSLEngine`
    fn closing(self) -> Option<Fact> {
        let message = self.message;
        // `Consumed extension`, the most frequent of all
        if !matches!(message.get(1), Some(b'l' | b'u')) {
            return None;
        }
        if message.starts_with(b"close the ") {
            // that this end closes first is only said where a handshake was begun
            self.dialect.under_way |= message == b"close the SSL connection (initiative)";
            return Some(Fact::Closing(Closing::Transport));
        }
        let local = message.starts_with(b"duplex close of ")
            || message.starts_with(b"close outbound of ")
            || message.starts_with(b"close inbound of ")
            || message.starts_with(b"Closing outbound of ")
            || message.starts_with(b"Closing inbound of ");
        local.then_some(Fact::Closing(Closing::Local))
    }

    /// `adding as trusted certificates (`, `trustStore is: P`, `found key for : A (`, `matching alias: A`,
    /// `keyStore is : P`
    fn store(mut self) -> Option<Fact> {
        let fact = if self.message == b"adding as trusted certificates" {
            self.dialect.survey.trust += 1;
            JvmFact::TrustAnchors(certificate::read_list(
                self.parts,
                &mut self.dialect.interned,
            ))
        } else if let Some(path) = self.after("trustStore is: ") {
            self.dialect.survey.trust += 1;
            self.release_in(path);
            JvmFact::TrustStore(self.text(path))
        } else if let Some(alias) = self.after("found key for : ") {
            self.dialect.survey.keys += 1;
            let chain = certificate::read_list(self.parts, &mut self.dialect.interned);
            JvmFact::KeyFound {
                alias: self.text(alias),
                chain,
            }
        } else if let Some(alias) = self.after("matching alias: ") {
            self.dialect.survey.keys += 1;
            JvmFact::KeyChosen(self.text(alias))
        } else if let Some(path) = self.after("keyStore is : ") {
            JvmFact::KeyStore(self.text(path))
        } else {
            return None;
        };
        Some(Fact::Jvm(fact))
    }

    /// Notes the feature release that a path names.
    fn release_in(&mut self, path: &[u8]) {
        let clue = &mut self.dialect.interned.clues.release_in_path;
        *clue = clue.or(release_in_path(path));
    }

    /// `use cipher suite X`, `handling exception (`, `handshake failed (`, `received handshake warning: …`,
    /// `server name indication (x) is accepted`, `trigger seeding of SecureRandom`, `no available named group`
    fn other(self) -> Option<Fact> {
        if self.message == b"no available named group" {
            return self.unprovided(RefusedKind::EveryNamedGroup, b"");
        }
        if let Some(suite) = self.after("use cipher suite ") {
            return Some(Fact::ChosenSuite(CipherSuite::new(
                self.dialect.interned.texts.text(suite),
            )));
        }
        if self.message == b"handling exception" || self.message == b"handshake failed" {
            return self
                .dialect
                .interned
                .throwable(self.parts.body)
                .map(Fact::Exception);
        }
        if self
            .message
            .starts_with(b"received handshake warning: unrecognized_name")
        {
            return Some(Fact::ServerName(ServerNameFact::WarnedUnrecognized));
        }
        if self.message.starts_with(b"server name indication (") {
            return Some(Fact::ServerName(ServerNameFact::Accepted));
        }
        None
    }
}

/// What `X509Authentication` says of a key that it cannot use, behind the alias.
const UNFIT: [&[u8]; 6] = [
    b" is not a private key entry",
    b" is not a certificate entry",
    b" is a private key entry with no cert chain stored",
    b" private or public key is not of ",
    b" private key algorithm ",
    b" public key is not an instance of ECPublicKey",
];

/// `A is not a private key entry`, `A private or public key is not of RSA algorithm`,
/// `Unsupported named group (X) used in the A certificate`: the alias comes first, so no letter tells.
fn unfit_key(dialect: &mut Unified, message: &[u8]) -> Option<Fact> {
    // each has one of these, and most entries that come here have neither
    if !contains(message, b" key ") && !contains(message, b"certificate") {
        return None;
    }
    let group = || {
        let rest = message.strip_prefix(b"Unsupported named group (")?;
        let (group, rest) = rest.split_at(find(rest, b") used in the ")?);
        let alias = rest[b") used in the ".len()..].strip_suffix(b" certificate")?;
        Some((
            alias,
            [b"is on the unsupported named group ", group].concat(),
        ))
    };
    let said = || {
        let at = UNFIT.iter().find_map(|words| find(message, words))?;
        Some((&message[..at], message[at + 1..].to_vec()))
    };
    let (alias, reason) = said()
        .or_else(group)
        .filter(|(alias, _)| !alias.is_empty())?;
    let texts = &mut dialect.interned.texts;
    Some(Fact::KeyUnfit {
        alias: texts.text(alias),
        reason: texts.text(&reason),
    })
}

/// A feature release in a path: `/usr/lib/jvm/java-17-openjdk-amd64/…`, `…/jdk-11.0.2/…`, `…/jdk1.8.0_292/…`
pub(in crate::dialect) fn release_in_path(path: &[u8]) -> Option<u8> {
    let text = String::from_utf8_lossy(path);
    [
        "java-1.", "jdk1.", "jre1.", "java-", "jdk-", "jdk", "temurin-", "zulu",
    ]
    .iter()
    .find_map(|prefix| {
        let rest = &text[text.find(prefix)? + prefix.len()..];
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits
            .parse::<u8>()
            .ok()
            .filter(|release| (6..=60).contains(release))
    })
}

/// `disabled cipher suite`
pub(super) fn is_of_suite(words: &[u8]) -> bool {
    words.ends_with(b"cipher suite")
}

fn contains(text: &[u8], words: &[u8]) -> bool {
    find(text, words).is_some()
}

/// `"level" : "fatal",` and `"description": "handshake_failure"`
fn received_alert(body: &[u8]) -> Option<Alert> {
    let mut level = AlertLevel::Fatal;
    let mut description = None;
    for (_, line) in crate::entry::lines(body) {
        let Ok((_, (key, value))) = grammar::key_value(line.trim_ascii()) else {
            continue;
        };
        let value = grammar::unquoted(value);
        match key {
            b"level" if value == b"warning" => level = AlertLevel::Warning,
            b"description" => {
                description = Some(AlertDescription::from_name(&String::from_utf8_lossy(value)));
            }
            _ => {}
        }
    }
    description.map(|description| Alert { level, description })
}

#[cfg(test)]
mod tests;
