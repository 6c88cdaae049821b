//! Lines that carry the name of a thread: records, alerts, exceptions, closing.
//!
//! ```text
//! main, READ: TLSv1.2 Handshake, length = 2217
//! main, RECV TLSv1.2 ALERT:  fatal, handshake_failure
//! main, SEND TLSv1.2 ALERT:  fatal, description = certificate_unknown
//! main, handling exception: javax.net.ssl.SSLHandshakeException: sun.security.validator.Val…
//! main, fatal error: 40: no cipher suites in common            SSLEngineImpl; exception below
//! ```

use std::sync::Arc;

use super::{Classic, ibm, text::decimal};
use crate::{
    dialect::throwable,
    event::{Cause, Closing, ContentType, Direction, Fact, Fatal, PLAIN_ALERT, Record, Throwable},
    search,
    tls::{Alert, AlertDescription, AlertLevel, ProtocolVersion},
};

/// What a thread did; `None` for what does not bear on a handshake. `rest` is the text below the line.
pub(super) fn read(dialect: &mut Classic, what: &[u8], rest: &[u8]) -> Option<Fact> {
    let after = |words: &[u8]| what.strip_prefix(words).map(<[u8]>::trim_ascii);
    if let Some(rest) = after(b"READ: ") {
        return record(dialect, Direction::Received, rest);
    }
    if let Some(rest) = after(b"WRITE: ") {
        return record(dialect, Direction::Sent, rest);
    }
    if what.starts_with(b"RECV ") {
        return alert(what)
            .map(|alert| whole(alert, rest))
            .map(Fact::AlertReceived);
    }
    if what.starts_with(b"SEND ") {
        return sent_alert(what);
    }
    if let Some(text) = after(b"handling exception: ") {
        return exception(&ibm::with_causes(text, rest));
    }
    if let Some(text) = after(b"Exception while waiting for close ") {
        return exception(&ibm::with_causes(text, rest));
    }
    if let Some(text) = after(b"IOException in getSession():") {
        return exception(&ibm::with_causes(text, rest));
    }
    if what.starts_with(b"Exception sending alert: ") {
        // which alert it was, the line before says
        return Some(Fact::AlertNotSent(AlertDescription::Unknown("".into())));
    }
    if let Some(rest_of_line) = after(b"fatal error: ") {
        return fatal(rest_of_line, rest);
    }
    if let Some(kind) = after(b"received EOFException: ") {
        return (kind == b"error").then_some(Fact::Closing(Closing::Peer));
    }
    closing(dialect, what)
}

/// `TLSv1.2 Handshake, length = 104`, `SSLv2 client hello message, length = 77`
fn record(dialect: &mut Classic, direction: Direction, rest: &[u8]) -> Option<Fact> {
    dialect.survey.records += 1;
    let says = |words: &[u8]| search::find(rest, words).is_some();
    let content_type = if is_sslv2_hello(rest) {
        ContentType::Sslv2Hello
    } else if says(b" Handshake") {
        dialect.survey.handshake_records += 1;
        ContentType::Handshake
    } else if says(b" Change Cipher Spec") {
        ContentType::ChangeCipherSpec
    } else if says(b" Alert") {
        ContentType::Alert
    } else {
        // the most frequent line of a log in use
        dialect.survey.protected_records += u64::from(says(b" Application Data"));
        return None;
    };
    let length = search::find(rest, b"length = ").and_then(|at| {
        let digits = rest[at + 9..].split(|b| !b.is_ascii_digit()).next()?;
        decimal(digits).and_then(|number| u32::try_from(number).ok())
    });
    let is_protected = content_type == ContentType::Alert && length > Some(PLAIN_ALERT);
    dialect.survey.protected_records += u64::from(is_protected);
    Some(Fact::Record(Record {
        direction,
        content_type,
        alert: None,
        length,
    }))
}

/// `SSLv2 client hello message, length = 77` (Java 6 to 8), `SSLv2 ClientHello message, …` (9), and, where one came in,
/// `SSL v2, contentType = Handshake, translated length = 81`.
fn is_sslv2_hello(rest: &[u8]) -> bool {
    rest.starts_with(b"SSLv2 client hello message")
        || rest.starts_with(b"SSLv2 ClientHello message")
        || rest.starts_with(b"SSL v2, contentType = Handshake")
}

/// `READ: TLSv1.2 Change Cipher Spec, length = 1`: from here on, records carry the version agreed on.
pub(super) fn version_agreed_on(what: &[u8]) -> Option<ProtocolVersion> {
    let rest = what
        .strip_prefix(b"READ: ")
        .or_else(|| what.strip_prefix(b"WRITE: "))?;
    let end = search::find(rest, b" Change Cipher Spec")?;
    let name = std::str::from_utf8(&rest[..end]).ok()?;
    let version = ProtocolVersion::from_name(name.trim());
    (!matches!(version, ProtocolVersion::Unknown(_))).then_some(version)
}

/// `RECV TLSv1.2 ALERT:  fatal, x`, `SEND TLSv1.2 ALERT:  fatal, description = x`
fn alert(what: &[u8]) -> Option<Alert> {
    let at = search::find(what, b" ALERT:")?;
    let words = what[at + 7..].trim_ascii();
    let level = if words.starts_with(b"warning") {
        AlertLevel::Warning
    } else {
        AlertLevel::Fatal
    };
    let name = words[memchr::memchr(b',', words)? + 1..].trim_ascii();
    let name = name.strip_prefix(b"description = ").unwrap_or(name);
    // another thread's print can follow on the same line
    let end = name
        .iter()
        .position(|&b| !(b.is_ascii_alphanumeric() || b == b'_'))
        .unwrap_or(name.len());
    // `fatal, \tat lab.Shop…`: the name was torn off
    let name = match &name[..end] {
        b"at" => "unknown".into(),
        name => String::from_utf8_lossy(name),
    };
    let description = AlertDescription::from_name(&name);
    (end > 0).then_some(Alert { level, description })
}

/// The name of an alert that another thread's print tore off stands alone on a later line.
fn whole(alert: Alert, rest: &[u8]) -> Alert {
    if alert.description.number().is_some() {
        return alert;
    }
    let named = crate::entry::lines(rest)
        .filter(|(_, line)| (8..32).contains(&line.len()))
        .map(|(_, line)| AlertDescription::from_name(&String::from_utf8_lossy(line.trim_ascii())))
        .find(|description| description.number().is_some());
    match named {
        Some(description) => Alert {
            description,
            ..alert
        },
        None => alert,
    }
}

/// Of warnings, only `close_notify` says something about how a handshake ended.
fn sent_alert(what: &[u8]) -> Option<Fact> {
    let alert = alert(what)?;
    let matters =
        alert.level == AlertLevel::Fatal || alert.description == AlertDescription::CloseNotify;
    matters.then_some(Fact::Record(Record {
        direction: Direction::Sent,
        content_type: ContentType::Alert,
        alert: Some(alert.description),
        length: None,
    }))
}

fn exception(text: &[u8]) -> Option<Fact> {
    one_line(text).map(|thrown| Fact::Exception(Arc::new(thrown)))
}

/// `40: no cipher suites in common`, with the exception on the next line.
fn fatal(text: &[u8], rest: &[u8]) -> Option<Fact> {
    let at = memchr::memchr(b':', text)?;
    let number = decimal(text[..at].trim_ascii()).and_then(|number| u8::try_from(number).ok())?;
    let (below, behind) = match memchr::memchr(b'\n', rest) {
        Some(end) => (&rest[..end], &rest[end + 1..]),
        None => (rest, &b""[..]),
    };
    Some(Fact::Fatal(Box::new(Fatal {
        alert: alert_of_number(number),
        reason: String::from_utf8_lossy(text[at + 1..].trim_ascii()).into(),
        throwable: throwable::read(rest)
            .filter(|thrown| thrown.causes.len() > 1)
            .or_else(|| one_line(&ibm::with_causes(below.trim_ascii(), behind)))
            .map(Arc::new),
    })))
}

/// The description with this number (RFC 8446 §6).
fn alert_of_number(number: u8) -> AlertDescription {
    const NAMES: [&str; 26] = [
        "close_notify",
        "unexpected_message",
        "bad_record_mac",
        "decryption_failed",
        "record_overflow",
        "decompression_failure",
        "handshake_failure",
        "no_certificate",
        "bad_certificate",
        "unsupported_certificate",
        "certificate_revoked",
        "certificate_expired",
        "certificate_unknown",
        "illegal_parameter",
        "unknown_ca",
        "access_denied",
        "decode_error",
        "decrypt_error",
        "export_restriction",
        "protocol_version",
        "insufficient_security",
        "internal_error",
        "user_canceled",
        "no_renegotiation",
        "unsupported_extension",
        "unrecognized_name",
    ];
    NAMES
        .into_iter()
        .map(AlertDescription::from_name)
        .find(|description| description.number() == Some(number))
        .unwrap_or_else(|| AlertDescription::Unknown(number.to_string().into()))
}

/// `a.B: c.D: words: e.F: words`: an exception and its causes as `Throwable.toString` nests them.
pub(super) fn one_line(text: &[u8]) -> Option<Throwable> {
    const MAX_CAUSES: usize = 8;
    let text = String::from_utf8_lossy(text);
    let mut causes = Vec::new();
    let mut rest = &*text;
    while causes.len() < MAX_CAUSES {
        let Some((class, message)) = split_class(rest) else {
            break;
        };
        causes.push(Cause {
            class: class.into(),
            message: message.into(),
            line_in_entry: 0,
        });
        // the next class stands somewhere behind a `: `
        let next = std::iter::once(0)
            .chain(message.match_indices(": ").map(|(at, _)| at + 2))
            .find(|&at| split_class(&message[at..]).is_some());
        match next {
            Some(at) => rest = &message[at..],
            None => break,
        }
    }
    (!causes.is_empty()).then(|| {
        let mut thrown = Throwable {
            causes,
            ..Throwable::default()
        };
        thrown.thrown_by = thrown.end_by_words();
        thrown
    })
}

/// `package.Class: message` → class and message; only what is named like a throwable.
fn split_class(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '$')))
        .unwrap_or(text.len());
    let (class, rest) = text.split_at(end);
    let named = class.ends_with("Exception") || class.ends_with("Error");
    let message = match rest.strip_prefix(':') {
        Some(message) => message.trim(),
        None if rest.trim().is_empty() => "",
        None => return None,
    };
    (named && class.contains('.') && !class.starts_with('.')).then_some((class, message))
}

/// `called close()`, `called closeSocket(true)`, `called closeOutbound()`
fn closing(dialect: &mut Classic, what: &[u8]) -> Option<Fact> {
    if what.starts_with(b"called closeSocket(") {
        dialect.interned.clues.self_initiated |= what.starts_with(b"called closeSocket(selfI");
        Some(Fact::Closing(Closing::Transport))
    } else if what.starts_with(b"called close()") || what.starts_with(b"called closeOutbound()") {
        Some(Fact::Closing(Closing::Local))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(what: &str) -> Option<Fact> {
        read(&mut Classic::default(), what.as_bytes(), b"")
    }

    #[test]
    fn records_and_alerts() {
        assert_eq!(
            fact("READ: TLSv1.2 Handshake, length = 104"),
            Some(Fact::Record(Record {
                direction: Direction::Received,
                content_type: ContentType::Handshake,
                alert: None,
                length: Some(104)
            }))
        );
        assert_eq!(fact("WRITE: TLSv1.2 Application Data, length = 32"), None);
        let alert = Alert {
            level: AlertLevel::Fatal,
            description: AlertDescription::HandshakeFailure,
        };
        assert_eq!(
            fact("RECV TLSv1.2 ALERT:  fatal, handshake_failure"),
            Some(Fact::AlertReceived(alert))
        );
        assert!(matches!(
            fact("SEND TLSv1.2 ALERT:  fatal, description = certificate_unknown"),
            Some(Fact::Record(Record {
                alert: Some(AlertDescription::CertificateUnknown),
                ..
            }))
        ));
        assert_eq!(
            fact("SEND TLSv1 ALERT:  warning, description = no_certificate"),
            None
        );
    }

    #[test]
    fn an_exception_names_its_causes_in_one_line() {
        let Some(Fact::Exception(thrown)) = fact(
            "handling exception: javax.net.ssl.SSLHandshakeException: sun.security.validator.ValidatorException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target",
        ) else {
            panic!("an exception")
        };
        let told: Vec<_> = thrown.causes.iter().map(Cause::simple_class).collect();
        assert_eq!(
            told,
            [
                "SSLHandshakeException",
                "ValidatorException",
                "SunCertPathBuilderException"
            ]
        );
        assert_eq!(
            &*thrown.causes[2].message,
            "unable to find valid certification path to requested target"
        );
        assert!(
            thrown.causes[1]
                .message
                .starts_with("PKIX path building failed: sun.")
        );
    }

    #[test]
    fn an_engine_gives_up() {
        let fact = read(
            &mut Classic::default(),
            b"fatal error: 40: no cipher suites in common",
            b"javax.net.ssl.SSLHandshakeException: no cipher suites in common\n%%",
        );
        let Some(Fact::Fatal(fatal)) = fact else {
            panic!("a fatal")
        };
        assert_eq!(
            (&fatal.alert, &*fatal.reason),
            (
                &AlertDescription::HandshakeFailure,
                "no cipher suites in common"
            )
        );
        assert_eq!(fatal.throwable.unwrap().causes.len(), 1);
    }
}
