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
//! connection; it is taken for the thread's id, so that handshakes stay apart. Without tag, one
//! handshake of an end follows the other.
//!
//! Not handled: records of which the line that names the logger is missing, and messages of
//! translated resource bundles (there are none so far).

mod start;

use std::sync::Arc;

pub(crate) use self::start::next_start;
use super::{jul::head, throwable, unified::Unified};
use crate::{
    entry::parse_civil_time,
    event::{
        Closing, Connection, Event, Fact, Fatal, Peer, Sender, ServerNameFact, Stage, Thread,
        Throwable,
    },
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
    let Some(said) = Said::of(record.message) else {
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
    /// `[client #1 @6391093b] opening connection to …`, `Client raised …`
    fn of(message: &'a str) -> Option<Self> {
        if let Some((tag, words)) = start::tagged(message) {
            let role = if tag.starts_with("client") {
                Sender::Client
            } else {
                Sender::Server
            };
            return Some(Self {
                role,
                tag: Some(tag),
                words,
            });
        }
        let (role, words) = message
            .strip_prefix("Client ")
            .map(|words| (Sender::Client, words))
            .or_else(|| Some((Sender::Server, message.strip_prefix("Server ")?)))?;
        Some(Self {
            role,
            tag: None,
            words,
        })
    }

    fn facts(&self, rest: &[u8], message_line: u32) -> Vec<Fact> {
        let after = |words: &str| self.words.strip_prefix(words).map(str::trim);
        let either = |one: &str, other: &str| after(one).or_else(|| after(other));
        if let Some(to) = either("opening connection to ", "accepting connection from ") {
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
        let fact = if let Some(name) = either(
            "notified of selected protocol version: ",
            "selected protocol version: ",
        ) {
            Fact::NegotiatedVersion(ProtocolVersion::from_name(name))
        } else if let Some(name) = either(
            "notified of selected cipher suite: ",
            "selected cipher suite: ",
        ) {
            Fact::ChosenSuite(CipherSuite::new(name.into()))
        } else if either("resumed session: ", "server resumed session: ").is_some() {
            Fact::Resuming
        } else if after("accepted SNI").is_some() {
            Fact::ServerName(ServerNameFact::Accepted)
        } else {
            return Vec::new();
        };
        vec![self.connection(Stage::GoesOn, None), fact]
    }

    fn connection(&self, stage: Stage, peer: Option<Peer>) -> Fact {
        Fact::Connection(Box::new(Connection {
            role: self.role,
            stage,
            peer,
        }))
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
        let fatal = alert(text).filter(|(alert, _)| alert.level == AlertLevel::Fatal);
        let Some((alert, words)) = fatal else {
            return Vec::new(); // close_notify in front of `disconnected`
        };
        let (words, thrown) = exception(words, rest, message_line);
        let place = throwing_method(rest);
        let mut facts = vec![self.connection(Stage::GoesOn, None)];
        if ends_stream(&alert.description, place) {
            facts.push(self.connection(Stage::Lost, None));
        }
        facts.push(Fact::Fatal(Box::new(Fatal {
            reason: reason(&alert.description, words, place, thrown.as_ref()),
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

/// The exception, on the line itself (`alert: Failed to read record: a.b.C: words`) or below; and the words
/// in front of it.
fn exception<'a>(words: &'a str, rest: &[u8], message_line: u32) -> (&'a str, Option<Throwable>) {
    let (words, text) = match words.split_once(": org.bouncycastle.") {
        Some((words, thrown)) => {
            let line = format!("org.bouncycastle.{thrown}\n");
            (words, [line.as_bytes(), rest].concat())
        }
        // the first line of the text is the record's own, as lines are counted from there
        None => (words, [b"\n", rest].concat()),
    };
    // one that a line announces is another program's, printed in between
    let traces = throwable::read_all(&text);
    let own = traces.iter().find(|trace| !trace.is_announced(&text));
    let mut thrown = own
        .or(traces.first())
        .map(|trace| Throwable::clone(&trace.thrown));
    for cause in thrown.iter_mut().flat_map(|thrown| &mut thrown.causes) {
        cause.line_in_entry = (cause.line_in_entry + message_line).saturating_sub(1);
    }
    (words, thrown)
}

/// `class.method` of the first frame.
fn throwing_method(rest: &[u8]) -> &str {
    let frame = crate::entry::lines(rest).find_map(|(_, line)| {
        let frame = line.trim_ascii().strip_prefix(b"at ")?;
        let frame = &frame[..memchr::memchr(b'(', frame)?];
        std::str::from_utf8(frame).ok()
    });
    // `module/package.Class.method`
    let frame = frame.unwrap_or_default();
    frame.rsplit('/').next().unwrap_or(frame)
}

/// `safeReadRecord` itself throws only where the stream ends in front of a record.
fn ends_stream(alert: &AlertDescription, place: &str) -> bool {
    *alert == AlertDescription::HandshakeFailure
        && ["TlsProtocol.safeReadRecord", "TlsProtocol.closeInput"]
            .iter()
            .any(|method| place.ends_with(method))
}

/// What the record says about the reason: the first words of a cause that are more than an alert's name;
/// else what the place that threw can only mean; else the words of the record.
fn reason(
    alert: &AlertDescription,
    words: &str,
    place: &str,
    thrown: Option<&Throwable>,
) -> Arc<str> {
    let telling = thrown.into_iter().flat_map(|thrown| &thrown.causes);
    let telling = telling.filter_map(|cause| {
        let detail = match cause.simple_class() {
            "TlsFatalAlert" => cause.message.split_once(')')?.1.trim_matches([';', ' ']),
            _ => &*cause.message,
        };
        (!detail.is_empty()).then_some(detail)
    });
    if let Some(telling) = telling.into_iter().next() {
        return telling.into();
    }
    if place.ends_with("ProvTlsServer.notifyClientCertificate")
        && matches!(
            alert,
            AlertDescription::HandshakeFailure | AlertDescription::CertificateRequired
        )
    {
        return "Empty client certificate chain (ProvTlsServer.notifyClientCertificate)".into();
    }
    match words {
        "" => alert.name().into(),
        words => format!("{words}: {alert}").into(),
    }
}

#[cfg(test)]
mod tests;
