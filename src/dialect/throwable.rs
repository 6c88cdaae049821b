//! Stack traces, inside `"throwable" : { … }` and as applications print them.
//!
//! ```text
//!   javax.net.ssl.SSLHandshakeException: (certificate_unknown) PKIX path building failed: …
//!       at java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)
//!   Caused by: sun.security.validator.ValidatorException: PKIX path building failed: …
//!       ... 21 more}
//! ```
//!
//! Frames are skipped. `Suppressed:` exceptions are no causes and are left out.

use nom::{
    IResult, Parser,
    bytes::complete::{tag, take_while1},
    combinator::{opt, rest},
    sequence::preceded,
};

use crate::{
    entry::lines,
    event::{Cause, Sender, Throwable},
};

/// Message lines behind the first are joined up to this many bytes.
const MAX_MESSAGE: usize = 4096;
/// A chain of causes longer than this is a hostile one.
const MAX_CAUSES: usize = 64;

/// Reads the first stack trace in `text`; `None` when there is none.
pub(crate) fn read(text: &[u8]) -> Option<Throwable> {
    let mut throwable = Throwable::default();
    let (mut in_handshake, mut seen_frames) = (false, false);
    let mut suppressed = false;
    let mut in_message = false;
    let mut negotiates = false;
    let mut in_jdk = false;
    for (number, line) in lines(text) {
        let line = line.trim_ascii();
        if is_frame(line) {
            in_message = false;
            throwable.thrown_by = throwable.thrown_by.or_else(|| end_of_frame(line));
            let call = behind_package(line).unwrap_or_default();
            throwable.by_engine |= call.starts_with(b"SSLEngineImpl.");
            throwable.after_handshake |= moves_application_data(call);
            in_handshake |= begins_handshake(call);
            seen_frames |= line.starts_with(b"at ");
            if !in_jdk && throwable.causes.len() == 1 {
                match class_of_frame(line) {
                    Some(class) if is_of_jsse(class) => in_jdk = true,
                    Some(class) if !is_of_jdk(class) => {
                        throwable.thrown_in = Some(String::from_utf8_lossy(class).into());
                        in_jdk = true;
                    }
                    _ => {}
                }
            }
            if negotiates {
                throwable.suggests = throwable.suggests.or_else(|| end_by_habit(line));
            }
            negotiates = crate::search::find(line, b"SSLSocketImpl.ensureNegotiated(").is_some();
        } else if line.starts_with(b"Suppressed: ") {
            (suppressed, in_message) = (true, false);
        } else if let Ok((_, (caused_by, class, message))) = exception_line(line) {
            let first = throwable.causes.is_empty();
            suppressed &= !caused_by;
            // IBM's certificate path prints its causes into the message, each on a line of its own
            let inside = throwable.causes.last().is_some_and(announces_cause);
            if (first || caused_by || inside) && throwable.causes.len() < MAX_CAUSES {
                throwable.causes.push(cause(class, message, number));
                in_message = true;
            } else if !first {
                in_message = false;
            }
        } else if in_message
            && !suppressed
            && !line.is_empty()
            && line != b"}"
            && let Some(cause) = throwable.causes.last_mut()
        {
            extend(cause, line);
        }
    }
    throwable.after_handshake &= !in_handshake;
    throwable.in_handshake = seen_frames.then_some(in_handshake);
    (!throwable.causes.is_empty()).then_some(throwable)
}

/// Class and method of a frame of JSSE.
fn behind_package(line: &[u8]) -> Option<&[u8]> {
    const PACKAGE: &[u8] = b"sun.security.ssl.";
    let at = crate::search::find(line, PACKAGE)?;
    Some(&line[at + PACKAGE.len()..])
}

/// The calls by which `SSLSocketImpl` moves application data.
fn moves_application_data(call: &[u8]) -> bool {
    [
        &b"SSLSocketImpl.readApplicationRecord("[..],
        b"SSLSocketImpl.readDataRecord(",
        b"SSLSocketImpl$AppInputStream.deplete(",
        b"SSLSocketImpl$AppOutputStream.write(",
    ]
    .iter()
    .any(|start| call.starts_with(start))
}

/// A handshake begins with the first read or write, too.
fn begins_handshake(call: &[u8]) -> bool {
    [
        &b"SSLSocketImpl.startHandshake("[..],
        b"SSLSocketImpl.readHandshakeRecord(",
        b"SSLSocketImpl.ensureNegotiated(",
        b"SSLSocketImpl.performInitialHandshake(",
    ]
    .iter()
    .any(|start| call.starts_with(start))
}

fn announces_cause(cause: &Cause) -> bool {
    cause.message.ends_with("internal cause is:")
}

fn cause(class: &[u8], message: &[u8], line_in_entry: u32) -> Cause {
    Cause {
        class: String::from_utf8_lossy(class).into(),
        message: String::from_utf8_lossy(message).into(),
        line_in_entry,
    }
}

fn extend(cause: &mut Cause, line: &[u8]) {
    if cause.message.len() + line.len() < MAX_MESSAGE {
        cause.message = format!("{} {}", cause.message, String::from_utf8_lossy(line)).into();
    }
}

fn is_frame(line: &[u8]) -> bool {
    line.starts_with(b"at ") || line.starts_with(b"... ") || line.starts_with(b"\"throwable\"")
}

/// The end whose code a frame is of: each consumes what the other produces.
fn end_of_frame(line: &[u8]) -> Option<Sender> {
    const CLIENT: [&[u8]; 7] = [
        b"ssl.ClientHandshaker.",
        b"ClientHandshakeContext.<init>",
        b"checkServerCerts",
        b"ServerHelloConsumer",
        b"ServerKeyExchangeConsumer",
        b"ServerHelloDoneConsumer",
        b"KickstartProducer",
    ];
    const SERVER: [&[u8]; 6] = [
        b"ssl.ServerHandshaker.",
        b"ServerHandshakeContext.<init>",
        b"checkClientCerts",
        b"ClientHelloConsumer",
        b"ServerHelloProducer",
        b"ClientKeyExchangeConsumer",
    ];
    const CLIENTS: [&[u8]; 5] = [
        b"sun.net.www.protocol.https.",
        b"jdk.internal.net.http.",
        b"org.apache.http.conn.ssl.",
        b"org.apache.hc.client5.http.",
        b"okhttp3.internal.connection.",
    ];
    const SERVERS: [&[u8]; 3] = [
        b"sun.net.httpserver.",
        b"org.apache.tomcat.util.net.",
        b"org.eclipse.jetty.server.",
    ];
    let says = |list: &[&[u8]]| -> bool {
        list.iter()
            .any(|words| crate::search::find(line, words).is_some())
    };
    let is_jsse = [&b"sun.security.ssl."[..], b"com.sun.net.ssl.internal.ssl."]
        .iter()
        .any(|package| crate::search::find(line, package).is_some());
    if says(if is_jsse { &CLIENT[..] } else { &CLIENTS[..] }) {
        Some(Sender::Client)
    } else if says(if is_jsse { &SERVER[..] } else { &SERVERS[..] }) {
        Some(Sender::Server)
    } else {
        None
    }
}

/// `at app//com.acme.Pins.check(Pins.java:1)` → `com.acme.Pins`
fn class_of_frame(line: &[u8]) -> Option<&[u8]> {
    let frame = line.strip_prefix(b"at ")?;
    let call = &frame[..memchr::memchr(b'(', frame)?];
    let call = match memchr::memrchr(b'/', call) {
        Some(slash) => &call[slash + 1..],
        None => call,
    };
    let dot = memchr::memrchr(b'.', call)?;
    Some(&call[..dot])
}

fn is_of_jsse(class: &[u8]) -> bool {
    [
        &b"sun.security.ssl."[..],
        b"com.sun.net.ssl.internal.ssl.",
        b"com.ibm.jsse2.",
    ]
    .iter()
    .any(|package| class.starts_with(package))
}

/// Classes that come with a JDK, and providers that take its place.
fn is_of_jdk(class: &[u8]) -> bool {
    [
        &b"java."[..],
        b"javax.",
        b"sun.",
        b"com.sun.",
        b"jdk.",
        b"com.ibm.",
        b"org.bouncycastle.",
        b"org.conscrypt.",
        b"com.amazon.corretto.",
    ]
    .iter()
    .any(|package| class.starts_with(package))
}

/// What made a socket negotiate, in the frame above `ensureNegotiated`: an application that reads first
/// waits for a request, one that writes first has one to make.
fn end_by_habit(line: &[u8]) -> Option<Sender> {
    let holds = |words: &[u8]| crate::search::find(line, words).is_some();
    if holds(b"AppInputStream.read(") {
        Some(Sender::Server)
    } else if holds(b"AppOutputStream.write(") {
        Some(Sender::Client)
    } else {
        None
    }
}

/// Whether it is a cause of another one, its class, its message.
type ExceptionLine<'a> = (bool, &'a [u8], &'a [u8]);

/// `[Caused by: ]package.Class[: message]` → (is a cause, class, message)
fn exception_line(line: &[u8]) -> IResult<&[u8], ExceptionLine<'_>> {
    let (i, thread) = opt(preceded(tag("Exception in thread "), thread_name)).parse(line)?;
    let (i, caused_by) = opt(tag("Caused by: ")).parse(i)?;
    let (i, class) = take_while1(is_class_byte)(i)?;
    let (i, message) = opt(preceded(tag(":"), rest)).parse(i)?;
    let named_like_one = [
        &b"Exception"[..],
        b"Error",
        b"TlsFatalAlert",
        b"AlertReceived",
    ]
    .iter()
    .any(|end| class.ends_with(end));
    let qualified = class.contains(&b'.') && !class.starts_with(b".");
    let ends_there = message.is_some() || i.is_empty() || i == b"}";
    if !ends_there || !(qualified && (named_like_one || caused_by.is_some() || thread.is_some())) {
        return Err(nom::Err::Error(nom::error::Error::new(
            line,
            nom::error::ErrorKind::Verify,
        )));
    }
    let message = message.unwrap_or_default().trim_ascii();
    Ok((
        i,
        (
            caused_by.is_some(),
            class,
            message
                .strip_suffix(b"}")
                .filter(|m| !m.contains(&b'{'))
                .unwrap_or(message),
        ),
    ))
}

/// `"main" `
fn thread_name(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let (i, _) = tag("\"")(input)?;
    let (i, name) = nom::bytes::complete::take_until("\" ")(i)?;
    let (i, _) = tag("\" ")(i)?;
    Ok((i, name))
}

fn is_class_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$' | b'/' | b'@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_of_causes_is_kept_without_frames() {
        let text = b"\"throwable\" : {\n  javax.net.ssl.SSLHandshakeException: (certificate_unknown) PKIX path building failed\n  \tat java.base/sun.X(Y.java:1)\n  Caused by: sun.security.validator.ValidatorException: PKIX path building failed\n  \tSuppressed: java.io.IOException: no\n  \t... 21 more}\n\n";
        let throwable = read(text).unwrap();
        let told: Vec<_> = throwable
            .causes
            .iter()
            .map(|c| (c.simple_class(), c.plain_message(), c.line_in_entry))
            .collect();
        assert_eq!(
            told,
            [
                ("SSLHandshakeException", "PKIX path building failed", 2),
                ("ValidatorException", "PKIX path building failed", 4)
            ]
        );
    }

    #[test]
    fn frames_tell_the_end() {
        let by = |frame: &str| {
            read(format!("javax.net.ssl.SSLException: x\n\tat {frame}\n").as_bytes())
                .unwrap()
                .thrown_by
        };
        assert_eq!(
            by(
                "java.base/sun.security.ssl.CertificateMessage$T12CertificateConsumer.checkServerCerts(C.java:1)"
            ),
            Some(Sender::Client)
        );
        assert_eq!(
            by("sun.security.ssl.ClientHello$ClientHelloConsumer.consume(C.java:1)"),
            Some(Sender::Server)
        );
        assert_eq!(by("com.acme.ClientHelloConsumer.consume(C.java:1)"), None);
        assert_eq!(
            by(
                "java.base/sun.net.www.protocol.https.HttpsClient.afterConnect(HttpsClient.java:589)"
            ),
            Some(Sender::Client)
        );
        assert_eq!(
            by("org.apache.tomcat.util.net.SecureNioChannel.handshake(SecureNioChannel.java:1)"),
            Some(Sender::Server)
        );
    }

    #[test]
    fn code_outside_the_jdk_that_threw_is_named() {
        let thrown_in = |frames: &str| {
            let text = format!("java.security.cert.CertificateException: x\n{frames}");
            read(text.as_bytes()).unwrap().thrown_in
        };
        let jsse = "\tat java.base/sun.security.ssl.CertificateMessage$T12CertificateConsumer.checkServerCerts(C.java:1)\n";
        assert_eq!(
            thrown_in(&format!("\tat java.base/java.util.Objects.requireNonNull(O.java:1)\n\tat app//com.acme.Pins$1.check(P.java:1)\n{jsse}")).as_deref(),
            Some("com.acme.Pins$1")
        );
        // below the TLS stack is only who called it
        assert_eq!(
            thrown_in(&format!("{jsse}\tat com.acme.Main.main(M.java:1)\n")),
            None
        );
        assert_eq!(
            thrown_in(&format!(
                "\tat sun.security.validator.PKIXValidator.doBuild(P.java:1)\n{jsse}"
            )),
            None
        );
    }

    #[test]
    fn the_first_to_speak_is_a_client_by_habit() {
        let suggested = |frames: &str| {
            read(format!("javax.net.ssl.SSLException: x\n{frames}").as_bytes())
                .unwrap()
                .suggests
        };
        let begun_by = |stream: &str| {
            suggested(&format!(
                "\tat java.base/sun.security.ssl.SSLSocketImpl.ensureNegotiated(S.java:1)\n\tat java.base/sun.security.ssl.SSLSocketImpl${stream}(S.java:2)\n"
            ))
        };
        assert_eq!(begun_by("AppInputStream.read"), Some(Sender::Server));
        assert_eq!(begun_by("AppOutputStream.write"), Some(Sender::Client));
        // a read of a connection that is negotiated says nothing
        assert_eq!(
            suggested("\tat sun.security.ssl.SSLSocketImpl$AppInputStream.read(S.java:2)\n"),
            None
        );
    }

    #[test]
    fn an_exception_without_a_message_or_with_a_long_one() {
        let eof = read(b"  java.io.EOFException}\n").unwrap();
        assert_eq!(
            (&*eof.causes[0].class, &*eof.causes[0].message),
            ("java.io.EOFException", "")
        );
        let long = read(b"javax.net.ssl.SSLException: first\n  second\n\tat x\n").unwrap();
        assert_eq!(&*long.causes[0].message, "first second");
        assert!(read(b"INFO com.acme.Main: started\nnot a trace\n").is_none());
    }
}
