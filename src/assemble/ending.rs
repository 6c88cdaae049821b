//! What a failure means: who ended the handshake, and how.

use std::sync::{Arc, LazyLock};

use regex::RegexSet;

use super::lately::Lately;
use crate::{
    event::{Cause, Fatal, Throwable, openssl_alert},
    handshake::{
        BreakUp, Handshake, How, Noted, Party, Role, Step, StepDirection, What, expected_next,
    },
    search::Sieve,
    span::Span,
    time::Stamp,
    tls::{Alert, AlertDescription, AlertLevel},
};

/// How a handshake ends, before it is known what it ends after.
#[derive(Debug)]
pub(super) struct Ending {
    how: How,
    alert: Option<Alert>,
    exception: Option<Arc<str>>,
}

impl Ending {
    /// The peer's fatal alert.
    pub(super) fn alert(alert: Alert) -> Self {
        // whatever its level: it ends a connection, and refuses nothing (RFC 8446 §6.1)
        if alert.description == AlertDescription::CloseNotify {
            return Self::closed_by_peer(alert);
        }
        Self {
            how: How::AlertReceived,
            alert: Some(alert),
            exception: None,
        }
    }

    /// `close_notify` in the middle of the handshake.
    pub(super) fn closed_by_peer(alert: Alert) -> Self {
        Self {
            how: How::PeerClosed,
            alert: Some(alert),
            exception: None,
        }
    }

    /// The stream ended.
    pub(super) fn end_of_stream() -> Self {
        Self {
            how: How::PeerClosed,
            alert: None,
            exception: None,
        }
    }

    /// `Fatal (X): reason`: received, of the transport, or this JVM's own judgement.
    pub(super) fn of_fatal(fatal: &Fatal, handshake: &Handshake) -> Self {
        let exception = fatal
            .throwable
            .as_ref()
            .and_then(|thrown| thrown.in_words());
        let words = || fatal.throwable.iter().flat_map(|thrown| &thrown.causes);
        let received = received_alert(&fatal.reason)
            .or_else(|| words().find_map(|cause| taken_for_fatal(cause.plain_message())))
            .or_else(|| words().find_map(|cause| of_plaintext(cause.plain_message())));
        if received.is_some() {
            return Self {
                how: How::AlertReceived,
                alert: received,
                exception,
            };
        }
        let words = fatal
            .throwable
            .as_ref()
            .and_then(|thrown| transport_end(thrown))
            .or_else(|| transport_words(&fatal.reason));
        if let Some(how) = words {
            return Self {
                how,
                alert: None,
                exception,
            };
        }
        // before its first flight a client has nobody to alert
        let silent = fatal.is_wrapper()
            && handshake.role != Some(Role::Server)
            && handshake.last_message().is_none();
        let how = if silent {
            How::LocalException
        } else {
            How::AlertSent
        };
        let alert = Alert {
            level: AlertLevel::Fatal,
            description: fatal.alert.clone(),
        };
        Self {
            how,
            alert: (!silent).then_some(alert),
            exception: exception.or_else(|| Some(Arc::clone(&fatal.reason))),
        }
    }

    /// An exception outside `Fatal`.
    pub(super) fn of_throwable(thrown: &Throwable) -> Self {
        let alert = thrown
            .causes
            .iter()
            .find_map(|cause| received_alert(cause.plain_message()));
        let how = match &alert {
            Some(_) => How::AlertReceived,
            None => transport_end(thrown).unwrap_or(How::LocalException),
        };
        Self {
            how,
            alert,
            exception: thrown.in_words(),
        }
    }

    pub(super) fn is_alert_received(&self) -> bool {
        self.how == How::AlertReceived
    }

    pub(super) fn is_reset_or_closed(&self) -> bool {
        matches!(self.how, How::Reset | How::PeerClosed)
    }

    /// The exception in words.
    pub(super) fn into_words(self) -> Arc<str> {
        self.exception
            .unwrap_or_else(|| Arc::from("an exception without words"))
    }

    /// The break-up of `handshake` as it stands.
    pub(super) fn break_up(self, handshake: &Handshake, span: Span) -> BreakUp {
        let own = handshake.role.map_or(Party::Unknown, Party::from);
        let peer = handshake
            .role
            .map_or(Party::Unknown, |role| Party::from(role.peer()));
        let by = match self.how {
            How::AlertReceived | How::PeerClosed => peer,
            How::AlertSent | How::LocalException => own,
            How::Reset | How::Timeout | How::LogEnds => Party::Unknown,
        };
        BreakUp {
            after: handshake.last_message().map(|(_, kind)| kind.clone()),
            expected: expected_next(handshake),
            how: self.how,
            alert: self.alert,
            exception: self.exception,
            by,
            span,
            said: None,
        }
    }

    /// Adds the words of this ending to a break-up that an earlier line began.
    pub(super) fn enrich(self, break_up: &mut BreakUp) {
        if break_up.exception.is_none() {
            break_up.exception = self.exception;
        }
        if break_up.alert.is_none() && self.how == break_up.how {
            break_up.alert = self.alert;
        }
    }
}

/// The alert that an exception says was received.
pub(super) fn received_alert(words: &str) -> Option<Alert> {
    let fatal = words
        .strip_prefix("Received fatal alert: ")
        .or_else(|| plaintext_alert(words))
        .map(|name| Alert {
            level: AlertLevel::Fatal,
            description: AlertDescription::from_name(name.trim()),
        });
    fatal
        .or_else(|| of_openssl(words))
        .or_else(|| taken_for_fatal(words))
}

fn of_openssl(words: &str) -> Option<Alert> {
    openssl_alert(words).map(|name| Alert {
        level: AlertLevel::Fatal,
        description: AlertDescription::from_name(&name),
    })
}

/// JDK 25 says so of an alert that is not encrypted though it should be: the peer had not got so far as to
/// install its keys when it refused.
fn plaintext_alert(words: &str) -> Option<&str> {
    words.strip_prefix("Unexpected plaintext alert received: Level: fatal; Alert: ")
}

fn of_plaintext(words: &str) -> Option<Alert> {
    plaintext_alert(words).and_then(|_| received_alert(words))
}

/// JSSE up to 8u252 gives up at any warning in a handshake, and says so in an alert of its own. A name
/// that the server does not know is a fault of its own, with a rule of its own.
fn taken_for_fatal(words: &str) -> Option<Alert> {
    let name = words.strip_prefix("handshake alert:")?.trim();
    let description = AlertDescription::from_name(name);
    (description != AlertDescription::UnrecognizedName).then_some(Alert {
        level: AlertLevel::Warning,
        description,
    })
}

/// The application's words, where the TLS stack itself said nothing.
pub(super) fn by_application_exception(
    handshake: &mut Handshake,
    thrown: Noted<Arc<Throwable>>,
    stamp: Stamp,
) {
    by_printed(handshake, thrown, stamp);
    guessed_by_thread(handshake);
}

/// What is printed behind a thread's entries is mostly, not always, about its handshake.
pub(super) fn guessed_by_thread(handshake: &mut Handshake) {
    handshake.assume("the exception that the application printed is taken for this handshake's");
    handshake.ambiguous = true;
}

/// An exception that the application printed ends the handshake.
pub(super) fn by_printed(handshake: &mut Handshake, thrown: Noted<Arc<Throwable>>, stamp: Stamp) {
    // it may stand far below the entry
    let below = thrown
        .value
        .causes
        .first()
        .map_or(0, |cause| cause.line_in_entry);
    let span = thrown.span.down(below);
    let what = What::ApplicationException(Arc::clone(&thrown.value));
    let step = Step::new(span, stamp, StepDirection::Local, None, what);
    handshake.steps.push(step);
    handshake.break_up = Some(Box::new(
        Ending::of_throwable(&thrown.value).break_up(handshake, span),
    ));
    handshake.rare_mut().exception.get_or_insert(thrown);
}

/// The alert that this JVM sent last, where no `Fatal` is logged.
pub(super) fn by_alert_sent(handshake: &Handshake) -> Option<BreakUp> {
    let (step, alert) = handshake
        .steps
        .iter()
        .rev()
        .find_map(|step| match &step.what {
            What::AlertSent(alert) => Some((step, (**alert).clone())),
            _ => None,
        })?;
    if matches!(
        alert,
        AlertDescription::CloseNotify | AlertDescription::UserCanceled
    ) {
        return None;
    }
    let alert = Alert {
        level: AlertLevel::Fatal,
        description: alert,
    };
    let ending = Ending {
        how: How::AlertSent,
        alert: Some(alert),
        exception: None,
    };
    Some(ending.break_up(handshake, step.span))
}

/// The fatal alert never left: the peer was gone, or nothing was to be sent to.
pub(super) fn alert_was_not_sent(handshake: &mut Handshake) {
    if let Some(break_up) = handshake
        .break_up
        .as_deref_mut()
        .filter(|break_up| break_up.how == How::AlertSent)
    {
        break_up.how = How::LocalException;
    }
}

/// What a JVM said when it gave up: `Fatal`, and what was handled outside it.
#[derive(Debug, Clone)]
pub(super) struct Said(Option<Arc<Fatal>>, Option<Arc<Throwable>>);

impl Said {
    fn reason(&self) -> Option<&str> {
        self.0.as_ref().map(|fatal| &*fatal.reason)
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let Self(fatal, handled) = self;
        let reason = self.reason().into_iter();
        let thrown = fatal.iter().filter_map(|fatal| fatal.throwable.as_ref());
        let causes = thrown.chain(handled).flat_map(|thrown| &thrown.causes);
        reason.chain(causes.map(|cause| &*cause.message))
    }
}

/// What JVMs said lately, made ready.
pub(super) type Sifted = Lately<(Said, Arc<Sieve>)>;

/// Prepares what this JVM said at the end for the rules, which look for their words in it.
pub(super) fn sift(handshake: &mut Handshake, lately: &mut Sifted) {
    let said = Said(
        handshake.fatal.as_deref().map(|it| Arc::clone(&it.value)),
        handshake.exception().map(|it| Arc::clone(&it.value)),
    );
    let Some(break_up) = &mut handshake.break_up else {
        return;
    };
    // the reason tells most of them apart
    let is_same = |(known, _): &(Said, Arc<Sieve>)| {
        known.reason() == said.reason() && known.texts().eq(said.texts())
    };
    let sift = || (said.clone(), Arc::new(Sieve::of(said.texts())));
    let (_, sieve) = lately.get_or_insert_with(is_same, sift);
    break_up.said = Some(Arc::clone(sieve));
}

/// Whether an exception is the transport's: end of stream, reset, time-out, a channel closed under way. It judges nothing.
pub(super) fn is_of_transport(thrown: &Throwable) -> bool {
    transport_end(thrown).is_some()
}

/// Whether one of the causes is the transport's: end of stream, reset, time-out; or tells that this JVM closed the
/// channel itself. The innermost knows best.
fn transport_end(thrown: &Throwable) -> Option<How> {
    thrown.causes.iter().rev().find_map(end_of_cause)
}

/// Whether an exception says no more than that the channel is closed, which an earlier one says why.
pub(super) fn only_follows(later: &Throwable, earlier: &Throwable) -> bool {
    let is_closed = |cause: &Cause| is_closed_channel(cause.simple_class());
    later.root().is_some_and(is_closed)
        && matches!(transport_end(earlier), Some(How::Reset | How::Timeout))
}

fn is_closed_channel(simple_class: &str) -> bool {
    matches!(
        simple_class,
        // `java.nio`, and Netty's that has no frames
        "ClosedChannelException" | "StacklessClosedChannelException"
    )
}

fn end_of_cause(cause: &Cause) -> Option<How> {
    match cause.simple_class() {
        "SocketTimeoutException"
        | "HttpTimeoutException"
        | "HttpConnectTimeoutException"
        | "ReadTimeoutException"
        // Netty; Apache HttpClient 5
        | "SslHandshakeTimeoutException"
        | "TimeoutValueException" => Some(How::Timeout),
        // OkHttp, for a whole call
        "InterruptedIOException" if &*cause.message == "timeout" => Some(How::Timeout),
        // `SSLSocketImpl` says so round an I/O error of the socket, and round nothing else
        "SSLException" if &*cause.message == "readHandshakeRecord" => Some(How::Reset),
        // another thread of this JVM closed the channel, or interrupted the one that waited
        "AsynchronousCloseException" | "ClosedByInterruptException" => Some(How::LocalException),
        "EOFException"
        // Apache HttpClient 4 and 5
        | "ConnectionClosedException"
        | "RequestNotExecutedException"
        | "NoHttpResponseException"
        // Jetty, Reactor Netty, Vert.x, Cassandra's driver
        | "EofException"
        | "PrematureCloseException"
        | "HttpClosedException"
        | "ClosedConnectionException" => Some(How::PeerClosed),
        // Apache HttpClient 5 with HTTP/2: before the handshake is through, only the end of the stream is handed on
        "ProtocolNegotiationException" if &*cause.message == "Unexpected input" => {
            Some(How::PeerClosed)
        }
        class if is_closed_channel(class) => Some(How::PeerClosed),
        // what a certificate path says is long, frequent and never the transport's
        _ if cause.class.starts_with("java.security.")
            || cause.class.starts_with("sun.security.") =>
        {
            None
        }
        _ => transport_words(cause.plain_message()),
    }
}

/// The wordings of the operating systems, of JSSE and of libraries for a connection that ended. The first that fits
/// counts.
const TRANSPORT_WORDS: [(&str, How); 23] = [
    // Jetty's client
    ("Abruptly closed by peer", How::PeerClosed),
    ("Remote host terminated the handshake", How::PeerClosed),
    (
        "Remote host closed connection during handshake",
        How::PeerClosed,
    ),
    ("SSL peer shut down incorrectly", How::PeerClosed),
    // it hung up in order, and JSSE calls that an unexpected message
    ("Received close_notify during handshake", How::PeerClosed),
    // `closing inbound …` since JDK 11 and 8u261, `Inbound closed …` before
    ("before receiving peer's close_notify", How::PeerClosed),
    ("Connection reset", How::Reset),
    ("Broken pipe", How::Reset),
    ("connection abort", How::Reset),
    ("forcibly closed", How::Reset),
    ("Connection or outbound has closed", How::Reset),
    ("Protocol wrong type for socket", How::Reset),
    ("Read timed out", How::Timeout),
    ("Connection timed out", How::Timeout),
    ("connect timed out", How::Timeout),
    // Netty before 4.1.49, Jetty, JNDI
    ("handshake timed out", How::Timeout),
    ("Idle timeout expired", How::Timeout),
    ("LDAP response read timed out", How::Timeout),
    ("LDAP connection has been closed", How::PeerClosed),
    // MongoDB's driver, Jedis and OkHttp, Oracle's driver, Lettuce
    ("Prematurely reached end of stream", How::PeerClosed),
    ("nexpected end of stream", How::PeerClosed),
    ("Got minus one from a read call", How::PeerClosed),
    ("Connection closed prematurely", How::PeerClosed),
];

/// All of [`TRANSPORT_WORDS`] in one pass over a text.
static ANY_TRANSPORT_WORDS: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSet::new(
        TRANSPORT_WORDS
            .iter()
            .map(|(words, _)| regex::escape(words)),
    )
    .ok()
});

fn transport_words(words: &str) -> Option<How> {
    let first = ANY_TRANSPORT_WORDS.as_ref()?.matches(words).iter().next()?;
    TRANSPORT_WORDS.get(first).map(|(_, how)| *how)
}

/// Whether an exception that an application printed can be a handshake's.
pub(super) fn speaks_of_network_or_tls(thrown: &Throwable) -> bool {
    let speaks = |cause: &Cause| is_of_tls(cause) || end_of_cause(cause).is_some();
    thrown.causes.iter().any(speaks)
}

/// An exception of TLS, by whichever library.
fn is_of_tls(cause: &Cause) -> bool {
    let class = cause.simple_class();
    cause.class.starts_with("javax.net.ssl.")
        // Netty, Kafka, Bouncy Castle
        || ["SSL", "Ssl", "Tls"].iter().any(|start| class.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_say_how_a_connection_ended() {
        for (class, message, how) in [
            ("java.net.SocketException", "Connection reset", How::Reset),
            (
                "java.net.http.HttpConnectTimeoutException",
                "HTTP connect timed out",
                How::Timeout,
            ),
            (
                "io.netty.handler.ssl.SslHandshakeTimeoutException",
                "handshake timed out after 10000ms",
                How::Timeout,
            ),
            (
                "javax.net.ssl.SSLException",
                "handshake timed out",
                How::Timeout,
            ),
            (
                "org.apache.hc.core5.util.TimeoutValueException",
                "Timeout deadline: 6000 MILLISECONDS, actual: 6000 MILLISECONDS",
                How::Timeout,
            ),
            (
                "java.util.concurrent.TimeoutException",
                "Idle timeout expired: 30001/30000 ms",
                How::Timeout,
            ),
            (
                "javax.naming.NamingException",
                "LDAP response read timed out, timeout used: 4000 ms.",
                How::Timeout,
            ),
            ("java.io.InterruptedIOException", "timeout", How::Timeout),
            (
                "java.nio.channels.AsynchronousCloseException",
                "",
                How::LocalException,
            ),
            (
                "java.nio.channels.ClosedByInterruptException",
                "",
                How::LocalException,
            ),
            (
                "org.apache.http.ConnectionClosedException",
                "Connection is closed",
                How::PeerClosed,
            ),
            (
                "org.apache.hc.core5.http.ConnectionClosedException",
                "Connection closed by peer",
                How::PeerClosed,
            ),
            (
                "org.apache.hc.core5.http2.impl.nio.ProtocolNegotiationException",
                "Unexpected input",
                How::PeerClosed,
            ),
            (
                "io.netty.channel.StacklessClosedChannelException",
                "",
                How::PeerClosed,
            ),
            (
                "reactor.netty.http.client.PrematureCloseException",
                "Connection prematurely closed BEFORE response",
                How::PeerClosed,
            ),
            ("org.eclipse.jetty.io.EofException", "", How::PeerClosed),
            (
                "com.mongodb.MongoSocketReadException",
                "Prematurely reached end of stream",
                How::PeerClosed,
            ),
            (
                "redis.clients.jedis.exceptions.JedisConnectionException",
                "Unexpected end of stream.",
                How::PeerClosed,
            ),
            (
                "java.sql.SQLRecoverableException",
                "IO Error: Got minus one from a read call",
                How::PeerClosed,
            ),
        ] {
            let thrown = Throwable::handed_on(class, message);
            assert_eq!(transport_end(&thrown), Some(how), "{class}: {message}");
            assert!(speaks_of_network_or_tls(&thrown));
        }
    }

    #[test]
    fn other_exceptions_end_no_handshake() {
        for (class, message) in [
            (
                "java.lang.IllegalStateException",
                "Connection pool shut down",
            ),
            (
                "org.apache.hc.core5.http2.impl.nio.ProtocolNegotiationException",
                "Unsupported application protocol: h3",
            ),
            (
                "org.apache.http.conn.ConnectionPoolTimeoutException",
                "Timeout waiting for connection from pool",
            ),
            ("java.util.concurrent.TimeoutException", ""),
            ("java.io.InterruptedIOException", "interrupted"),
        ] {
            assert!(
                !speaks_of_network_or_tls(&Throwable::handed_on(class, message)),
                "{class}"
            );
        }
        // of TLS, without a word of how
        let kafka = Throwable::handed_on(
            "org.apache.kafka.common.errors.SslAuthenticationException",
            "SSL handshake failed",
        );
        assert!(speaks_of_network_or_tls(&kafka));
        assert_eq!(transport_end(&kafka), None);
    }

    #[test]
    fn a_closed_channel_follows_what_closed_it() {
        let reset = Throwable::handed_on("java.net.SocketException", "Connection reset");
        let closed = Throwable::handed_on("java.nio.channels.ClosedChannelException", "");
        assert!(only_follows(&closed, &reset));
        assert!(!only_follows(&reset, &closed));
        assert!(!only_follows(&closed, &closed));
    }
}
