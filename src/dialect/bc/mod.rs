//! Bouncy Castle's JSSE provider (`org.bouncycastle.jsse`), which logs through `java.util.logging`.
//!
//! ```text
//! Nov 21, 2026 5:47:02 PM org.bouncycastle.jsse.provider.ProvTlsClient notifyHandshakeBeginning
//! INFO: [client #1 @6391093b] opening connection to lab.example:8443
//! … INFO  [org.bouncycastle.jsse.provider.ProvTlsServer] (exec-1) [server #8 @75efdde5] raised fatal(2) …
//! INFO: Client raised fatal(2) certificate_unknown(46) alert: Failed to read record    up to 1.72
//! ```
//!
//! It knows nothing of `javax.net.debug` and prints no message of a handshake: when one begins and is
//! complete, with whom, alerts, and at `FINE` what was agreed on. The tag in brackets is the
//! connection; it is taken for the thread's id, so that handshakes stay apart. Without tag, nothing does, and nothing
//! says that a handshake begins or is complete: it begins where a version is selected, and is complete where the
//! connection is closed in order (up to the end of a handshake, BC says `user_canceled` first).
//!
//! Not handled: records of which the line that names the logger is missing, and messages of
//! translated resource bundles (there are none so far).

mod start;
mod trace;

use std::sync::Arc;

pub(crate) use self::start::next_start;
use super::{jul::head, unified::Unified};
use crate::{
    entry::parse_civil_time,
    event::{Closing, Connection, Event, Fact, Fatal, Peer, Sender, ServerNameFact, Stage, Thread},
    span::Span,
    time::LogTime,
    tls::{Alert, AlertDescription, AlertLevel, CipherSuite, ProtocolVersion},
};

/// Reads one record: `text` goes from where [`next_start`] said to where it says next.
pub(crate) fn read(text: &[u8], span: Span, dialect: &mut Unified, events: &mut Vec<Event>) {
    dialect.survey.entries += 1;
    dialect.survey.bc += 1;
    let Some(record) = start::record(text) else {
        return;
    };
    let Some(said) = Said::of(&record) else {
        return;
    };
    let time = head::timestamp(text)
        .and_then(|time| parse_civil_time(&time))
        .map(|millis| LogTime {
            millis,
            zone: "".into(),
        });
    let thread = Arc::new(Thread {
        // a thread whose id is not told: one without any is of the classic dialect
        id: said.tag.unwrap_or("-").into(),
        name: record.thread.into(),
        stream: dialect.stream().cloned(),
    });
    let facts = said.facts(record.rest, record.message_line);
    events.extend(facts.into_iter().map(|fact| Event {
        span: span.down(record.message_line),
        time: time.clone(),
        thread: Arc::clone(&thread),
        fact,
    }));
}

/// Who says what.
struct Said<'a> {
    role: Sender,
    tag: Option<&'a str>,
    words: &'a str,
}

impl<'a> Said<'a> {
    /// `[client #1 @6391093b] opening connection to …`, `Client raised …`; clients tell `Server resumed session: …`, too.
    fn of(record: &start::Record<'a>) -> Option<Self> {
        let message = record.message;
        if let Some((tag, words)) = start::tagged(message) {
            let role = if tag.starts_with("client") {
                Sender::Client
            } else {
                Sender::Server
            };
            return Some(Self {
                role,
                tag: Some(tag),
                words: words.strip_prefix(": Server ").unwrap_or(words),
            });
        }
        let role = match record.class {
            class if class.starts_with("ProvTlsClient") => Sender::Client,
            class if class.starts_with("ProvTlsServer") => Sender::Server,
            _ => return None,
        };
        let words = ["Client ", "Server "]
            .iter()
            .find_map(|end| message.strip_prefix(end))?;
        Some(Self {
            role,
            tag: None,
            words,
        })
    }

    fn facts(&self, rest: &[u8], message_line: u32) -> Vec<Fact> {
        let after = |words: &str| self.words.strip_prefix(words).map(str::trim);
        let selected = |what: &str| {
            let words = self.words;
            let words = words.strip_prefix("notified of ").unwrap_or(words);
            words.strip_prefix("selected ")?.strip_prefix(what)
        };
        let begins = [
            "opening connection to ",
            "accepting connection from ",
            "renegotiating connection to ",
        ];
        if let Some(to) = begins.iter().find_map(|words| after(words)) {
            return vec![self.connection(Stage::Begins, peer(to))];
        }
        if let Some(with) = after("established connection with ") {
            return vec![self.connection(Stage::Established, peer(with))];
        }
        if let Some(from) = after("disconnected from ") {
            return vec![self.connection(Stage::Closed, peer(from))];
        }
        if let Some(text) = after("raised ") {
            return self.raised(text, rest, message_line);
        }
        if let Some(text) = after("received ") {
            return self.received(text);
        }
        if let Some(name) = selected("protocol version: ") {
            // said once for each handshake: without a tag, nothing else tells where one begins
            let begins = self
                .tag
                .is_none()
                .then(|| self.connection(Stage::Begins, None));
            let version = Fact::NegotiatedVersion(ProtocolVersion::from_name(name.trim()));
            let chosen = self.connection(Stage::Chosen, None);
            return begins.into_iter().chain([chosen, version]).collect();
        }
        if let Some(name) = selected("cipher suite: ") {
            // only suites with a key are selected, so its certificate goes out now
            let has_key = self.role == Sender::Server && !name.contains("_anon_");
            let shown = has_key.then(|| self.connection(Stage::Shown, None));
            let suite = Fact::ChosenSuite(CipherSuite::new(name.trim().into()));
            let chosen = self.connection(Stage::Chosen, None);
            return [chosen].into_iter().chain(shown).chain([suite]).collect();
        }
        let fact = if let Some(types) = self.looked_in_vain() {
            Fact::NoCertificateSelected(types)
        } else if after("resumed session: ").is_some() {
            Fact::Resuming
        } else if after("accepted SNI").is_some() {
            Fact::ServerName(ServerNameFact::Accepted)
        } else {
            return Vec::new();
        };
        vec![self.connection(Stage::Chosen, None), fact]
    }

    fn connection(&self, stage: Stage, peer: Option<Peer>) -> Fact {
        Fact::Connection(Box::new(Connection {
            role: self.role,
            stage,
            peer,
            untold: self.tag.is_none(),
        }))
    }

    /// `(1.2) did not select any credentials for KeyExchangeAlgorithm 17` → EC: the key that the suites of this key
    /// exchange need.
    fn looked_in_vain(&self) -> Option<Arc<[Arc<str>]>> {
        let number = self
            .words
            .strip_prefix("(1.2) did not select any credentials for KeyExchangeAlgorithm ")
            .filter(|_| self.role == Sender::Server)?;
        let key = match number.trim() {
            "17" => "EC",
            "1" | "5" | "19" => "RSA",
            _ => return None,
        };
        Some([Arc::from(key)].into())
    }

    /// `fatal(2) handshake_failure(40) alert`
    fn received(&self, text: &str) -> Vec<Fact> {
        let Some((alert, _)) = alert(text).filter(|(alert, _)| matters(alert)) else {
            return Vec::new();
        };
        let goes_on = self.connection(Stage::GoesOn, None);
        let fatal = alert.level == AlertLevel::Fatal;
        let mut facts = vec![goes_on, Fact::AlertReceived(alert)];
        if fatal {
            facts.extend(self.end());
        }
        facts
    }

    /// `fatal(2) certificate_unknown(46) alert: Failed to read record`, and the exception below.
    fn raised(&self, text: &str, rest: &[u8], message_line: u32) -> Vec<Fact> {
        let Some((alert, words)) = alert(text) else {
            return Vec::new();
        };
        if alert.level != AlertLevel::Fatal {
            let stage = match alert.description {
                AlertDescription::UserCanceled => Stage::Abandoned,
                // with a tag, the records around it say what it means
                AlertDescription::CloseNotify if self.tag.is_none() => Stage::Farewell,
                _ => return Vec::new(),
            };
            return vec![self.connection(stage, None)];
        }
        let (words, thrown) = trace::exception(words, rest, message_line);
        let frames = trace::Frames(rest);
        let place = frames.innermost();
        let begun = if frames.handle_a_message() {
            Stage::Heard
        } else {
            Stage::GoesOn
        };
        let mut facts = vec![self.connection(begun, None)];
        if self.role == Sender::Server && frames.write_behind_certificate() {
            facts.push(self.connection(Stage::Shown, None));
        }
        if trace::ends_stream(&alert.description, place) {
            facts.push(self.connection(Stage::Lost, None));
        }
        facts.push(Fact::Fatal(Box::new(Fatal {
            reason: trace::reason(&alert.description, words, place, thrown.as_ref()),
            alert: alert.description,
            throwable: thrown.map(|mut thrown| {
                thrown.thrown_by = Some(self.role);
                Arc::new(thrown)
            }),
        })));
        facts.extend(self.end());
        facts
    }

    /// A fatal alert is the connection's last: where no tag tells it from the next one, this is said.
    fn end(&self) -> Option<Fact> {
        let untold = self.tag.is_none();
        untold.then_some(Fact::Closing(Closing::Transport))
    }
}

/// Warnings that say nothing about a handshake's end are left out.
fn matters(alert: &Alert) -> bool {
    alert.level == AlertLevel::Fatal
        || matches!(
            alert.description,
            AlertDescription::CloseNotify | AlertDescription::UnrecognizedName
        )
}

/// `fatal(2) certificate_unknown(46) alert: words` → the alert and the words.
fn alert(text: &str) -> Option<(Alert, &str)> {
    let (level, rest) = text.split_once('(')?;
    let level = match level {
        "fatal" => AlertLevel::Fatal,
        "warning" => AlertLevel::Warning,
        _ => return None,
    };
    let (_, rest) = rest.split_once(") ")?;
    let (name, rest) = rest.split_once('(')?;
    let (_, rest) = rest.split_once(") alert")?;
    let description = AlertDescription::from_name(name);
    let words = rest.strip_prefix(':').unwrap_or(rest).trim();
    Some((Alert { level, description }, words))
}

/// `lab.example:8443`; `(unknown)` for what is not known.
fn peer(report: &str) -> Option<Peer> {
    let (host, port) = report.rsplit_once(':')?;
    let host = Some(host).filter(|host| !host.is_empty() && *host != "(unknown)");
    let port = port.parse().ok();
    (host.is_some() || port.is_some()).then(|| Peer {
        host: host.map(Into::into),
        port,
    })
}

#[cfg(test)]
mod tests;
