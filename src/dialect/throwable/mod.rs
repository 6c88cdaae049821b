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

mod frames;
mod level;

use std::sync::Arc;

use nom::{
    IResult, Parser,
    bytes::complete::{tag, take_while1},
    combinator::{opt, rest},
    sequence::preceded,
};

use self::frames::{
    begins_handshake, behind_package, class_of_frame, end_by_habit, end_of_frame, is_frame,
    is_of_jdk, is_of_tls_stack, moves_application_data,
};
use crate::event::{Cause, Throwable};

/// Message lines behind the first are joined up to this many bytes.
const MAX_MESSAGE: usize = 4096;
/// A chain of causes longer than this is a hostile one.
const MAX_CAUSES: usize = 64;

/// Stack traces of one text that are told apart. A program that fails without end says the same without end.
const MAX_TRACES: usize = 64;

/// A stack trace among others.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    /// Where the trace before it ends, or the text begins: what stands in between announces this one.
    pub(crate) behind: usize,
    /// The thread that it names itself, as the JVM prints what nobody caught: `Exception in thread "main" …`.
    pub(crate) thread: Option<Arc<str>>,
    pub(crate) thrown: Arc<Throwable>,
}

impl Trace {
    /// The line of its text on which it begins, the first being 1.
    pub(crate) fn first_line(&self) -> u32 {
        let first = self.thrown.outermost();
        first.map_or(0, |cause| cause.line_in_entry)
    }

    /// Whether something else stands in front of it: the line that an application logs with it.
    pub(crate) fn is_announced(&self, text: &[u8]) -> bool {
        let lines = text[self.behind..].split(|&byte| byte == b'\n');
        let mut told = lines
            .map(<[u8]>::trim_ascii)
            .filter(|line| !line.is_empty());
        let first = told.next();
        let begins = first.and_then(|line| exception_line(line).ok());
        begins.is_none_or(|(_, (_, class, _))| {
            let own = self.thrown.outermost();
            own.is_none_or(|own| own.class.as_bytes() != class)
        })
    }
}

/// Reads the first stack trace in `text`; `None` when there is none.
///
/// In a body, a trace is indented, and what stands further to the left was printed into it by others: it counts where
/// nothing else is there, as in a log that has lost its indents.
pub(crate) fn read(text: &[u8]) -> Option<Throwable> {
    let first = |least| {
        let mut traces = Traces::new(text);
        traces.least_indent = least;
        traces.next().map(|(_, _, thrown)| thrown)
    };
    let opening = text.trim_ascii_start();
    let of_body = opening.starts_with(b"\"throwable\"");
    let indent = text.len() - opening.len();
    let column = memchr::memrchr(b'\n', &text[..indent]).map_or(indent, |feed| indent - feed - 1);
    of_body
        .then(|| first(column + 1))
        .flatten()
        .or_else(|| first(0))
}

/// Reads the stack traces in `text`, one behind the other, as several threads print them. Their lines are counted
/// from the first of `text`.
pub(crate) fn read_all(text: &[u8]) -> Arc<[Trace]> {
    let trace = |(behind, thread, thrown)| Trace {
        behind,
        thread,
        thrown: Arc::new(thrown),
    };
    Traces::new(text).take(MAX_TRACES).map(trace).collect()
}

/// The stack traces of a text, from front to back, in one pass over its lines.
struct Traces<'t> {
    text: &'t [u8],
    /// Where the next line begins, and how many there were.
    at: usize,
    number: u32,
    /// A line that was read as the first one behind a trace.
    again: Option<(u32, &'t [u8])>,
    /// Where the trace before ends.
    behind: usize,
    /// The last line that is of none.
    before: &'t [u8],
    /// Blanks that lines have in front of them at least.
    least_indent: usize,
}

impl<'t> Traces<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            at: 0,
            number: 0,
            again: None,
            behind: 0,
            before: b"",
            least_indent: 0,
        }
    }

    fn next_line(&mut self) -> Option<(u32, &'t [u8])> {
        if let Some(line) = self.again.take() {
            return Some(line);
        }
        let rest = &self.text[self.at..];
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        if rest.is_empty() {
            return None;
        }
        self.at += (len + 1).min(rest.len());
        self.number = self.number.saturating_add(1);
        Some((self.number, &rest[..len]))
    }
}

impl Iterator for Traces<'_> {
    /// Where the one before ends, the thread that is named, the exception.
    type Item = (usize, Option<Arc<str>>, Throwable);

    fn next(&mut self) -> Option<Self::Item> {
        let behind = self.behind;
        let mut reading = Reading::default();
        let mut in_detail = false;
        while let Some((number, line)) = self.next_line() {
            if indent(line) < self.least_indent {
                continue;
            }
            match reading.line(number, line) {
                Line::OfTrace => {
                    self.behind = self.at;
                    in_detail |= level::is_of_detail(std::mem::take(&mut self.before));
                }
                Line::Other if line.trim_ascii().is_empty() => {}
                Line::Other => self.before = line,
                Line::OfNext => {
                    self.again = Some((number, line));
                    break;
                }
            }
        }
        let thread = reading.thread.take();
        let mut thrown = reading.finish()?;
        thrown.in_detail = in_detail;
        Some((behind, thread, thrown))
    }
}

/// What a line is to a trace.
enum Line {
    OfTrace,
    /// Another one begins.
    OfNext,
    Other,
}

/// A stack trace as far as it was read.
#[derive(Default)]
struct Reading {
    throwable: Throwable,
    /// See [`Trace::thread`].
    thread: Option<Arc<str>>,
    /// The message of the last of the causes.
    message: Vec<u8>,
    /// What comes belongs to that message, if it is no frame.
    in_message: bool,
    /// How far the first line is indented.
    indent: usize,
    /// No frame has come since the last exception.
    bare: bool,
    suppressed: bool,
    in_handshake: bool,
    seen_frames: bool,
    negotiates: bool,
    in_jdk: bool,
}

impl Reading {
    fn line(&mut self, number: u32, whole: &[u8]) -> Line {
        let line = whole.trim_ascii();
        if is_frame(line) {
            self.frame(line);
        } else if line.starts_with(b"Suppressed: ") {
            (self.suppressed, self.bare) = (true, true);
            self.in_message = false;
        } else if let Ok((_, (caused_by, class, message))) = exception_line(line) {
            let first = self.throwable.causes.is_empty();
            // IBM's certificate path prints its causes into the message, each on a line of its own
            let inside = self.message.ends_with(b"internal cause is:");
            let is_cause = first || caused_by || inside;
            if !is_cause && self.is_over_before(indent(whole)) {
                return Line::OfNext;
            }
            if first {
                self.indent = indent(whole);
                self.thread = named_thread(line);
            }
            self.suppressed &= !caused_by;
            self.bare = true;
            self.in_message = is_cause && self.throwable.causes.len() < MAX_CAUSES;
            if self.in_message {
                self.finish_message();
                self.throwable.causes.push(cause(class, number));
                self.message.extend_from_slice(message);
            }
        } else if self.in_message && !self.suppressed && !line.is_empty() && line != b"}" {
            self.further_message(line);
        } else {
            return Line::Other;
        }
        Line::OfTrace
    }

    /// Whether an exception so far indented, which is no cause, is another one: behind frames it is, and where it stands
    /// like the first line of this one. Others are nested in a message.
    fn is_over_before(&self, indent: usize) -> bool {
        let alike = indent == self.indent && !self.suppressed && !self.message.ends_with(b":");
        !self.bare || alike
    }

    fn frame(&mut self, line: &[u8]) {
        (self.in_message, self.bare) = (false, false);
        let throwable = &mut self.throwable;
        throwable.thrown_by = throwable.thrown_by.or_else(|| end_of_frame(line));
        let call = behind_package(line).unwrap_or_default();
        throwable.by_engine |= call.starts_with(b"SSLEngineImpl.");
        throwable.after_handshake |= moves_application_data(call);
        self.in_handshake |= begins_handshake(call);
        self.seen_frames |= line.starts_with(b"at ");
        if !self.in_jdk && is_first_thrown(&throwable.causes) {
            match class_of_frame(line) {
                Some(class) if is_of_tls_stack(class) => self.in_jdk = true,
                Some(class) if !is_of_jdk(class) => {
                    throwable.thrown_in = Some(String::from_utf8_lossy(class).into());
                    self.in_jdk = true;
                }
                _ => {}
            }
        }
        if self.negotiates {
            throwable.suggests = throwable.suggests.or_else(|| end_by_habit(line));
        }
        self.negotiates = crate::search::find(line, b"SSLSocketImpl.ensureNegotiated(").is_some();
    }

    fn further_message(&mut self, line: &[u8]) {
        if self.message.len() + line.len() < MAX_MESSAGE {
            self.message.push(b' ');
            self.message.extend_from_slice(line);
        }
    }

    fn finish_message(&mut self) {
        if let Some(cause) = self.throwable.causes.last_mut() {
            cause.message = String::from_utf8_lossy(&self.message).into();
        }
        self.message.clear();
    }

    fn finish(mut self) -> Option<Throwable> {
        self.finish_message();
        let mut throwable = self.throwable;
        throwable.after_handshake &= !self.in_handshake;
        throwable.in_handshake = self.seen_frames.then_some(self.in_handshake);
        throwable.thrown_by = throwable.thrown_by.or_else(|| throwable.end_by_words());
        (!throwable.causes.is_empty()).then_some(throwable)
    }
}

/// Whether the last of these is the exception that was thrown first, or hands that on alone: the frames of what hands
/// on are of who waited for it. Bouncy Castle wraps what comes from outside into one of its own.
fn is_first_thrown(causes: &[Cause]) -> bool {
    let hands_on = |cause: &Cause| {
        matches!(
            &*cause.class,
            "java.util.concurrent.ExecutionException"
                | "java.util.concurrent.CompletionException"
                | "org.bouncycastle.tls.TlsFatalAlert"
        )
    };
    let handed_on = causes.iter().take_while(|cause| hands_on(cause)).count();
    causes.len() == handed_on + 1
}

/// Blanks in front of a line.
fn indent(line: &[u8]) -> usize {
    line.len() - line.trim_ascii_start().len()
}

fn cause(class: &[u8], line_in_entry: u32) -> Cause {
    Cause {
        class: String::from_utf8_lossy(class).into(),
        message: Arc::default(),
        line_in_entry,
    }
}

/// Whether it is a cause of another one, its class, its message.
type ExceptionLine<'a> = (bool, &'a [u8], &'a [u8]);

/// The thread in `Exception in thread "main" …`.
fn named_thread(line: &[u8]) -> Option<Arc<str>> {
    let (_, name) = uncaught(line).ok()?;
    Some(String::from_utf8_lossy(name).into())
}

fn uncaught(line: &[u8]) -> IResult<&[u8], &[u8]> {
    preceded(tag("Exception in thread "), thread_name).parse(line)
}

/// `[Caused by: ]package.Class[: message]` → (is a cause, class, message)
fn exception_line(line: &[u8]) -> IResult<&[u8], ExceptionLine<'_>> {
    let (i, thread) = opt(uncaught).parse(line)?;
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
    use crate::event::Sender;

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
    fn what_others_print_into_a_body_is_not_its_trace() {
        let others = "ERROR c.a.OrderClient: call failed\njava.net.SocketTimeoutException: Read timed out\n\tat com.acme.A.b(A.java:1)\nCaused by: java.io.IOException: x\n";
        let lines = [
            "\"throwable\" : {\n",
            "  javax.net.ssl.SSLHandshakeException: No name matching a found\n",
            "  \tat java.base/sun.X(Y.java:1)\n",
            "  Caused by: java.security.cert.CertificateException: No name matching a found\n",
            "  \t... 21 more}\n",
        ];
        for place in 1..=lines.len() {
            let text = [&lines[..place], &[others], &lines[place..]]
                .concat()
                .concat();
            let classes = |text: &str| -> Vec<String> {
                let thrown = read(text.as_bytes()).unwrap();
                let causes = thrown.causes.iter();
                causes
                    .map(|cause| cause.simple_class().to_owned())
                    .collect()
            };
            let own = ["SSLHandshakeException", "CertificateException"];
            assert_eq!(classes(&text), own, "{place}");
            // where indents are lost, those of the body count as they did
            let bare = lines.map(str::trim_start).concat();
            assert_eq!(classes(&bare), own);
        }
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

    /// The outermost exceptions, and the causes below the first.
    fn all(text: &str) -> Vec<(String, usize, u32)> {
        let told = |trace: &Trace| {
            let causes = &trace.thrown.causes;
            (causes[0].in_words(), causes.len(), causes[0].line_in_entry)
        };
        read_all(text.as_bytes()).iter().map(told).collect()
    }

    #[test]
    fn traces_behind_each_other_are_told_apart() {
        let text = "APP FAILED\njavax.net.ssl.SSLException: one\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException: why\n\tSuppressed: java.io.IOException: no\n\t\tat a.B.d(B.java:2)\n\t... 2 more\nAPP FAILED\njavax.net.ssl.SSLException: two\n\tat a.B.c(B.java:1)\n";
        assert_eq!(
            all(text),
            [
                ("javax.net.ssl.SSLException: one".to_owned(), 2, 2),
                ("javax.net.ssl.SSLException: two".to_owned(), 1, 9)
            ]
        );
        let traces = read_all(text.as_bytes());
        assert_eq!(traces[0].behind, 0);
        assert!(
            text[traces[1].behind..].starts_with("APP FAILED\njavax.net.ssl.SSLException: two")
        );
        // the frames of one are not the other's
        let server = "\tat sun.net.httpserver.ServerImpl.run(S.java:1)\n";
        let traces = read_all(format!("{text}{server}").as_bytes());
        assert_eq!(traces[0].thrown.thrown_by, None);
        assert_eq!(traces[1].thrown.thrown_by, Some(Sender::Server));
    }

    #[test]
    fn exceptions_without_frames_are_lines_of_their_own() {
        assert_eq!(all("a.OneException: x\na.TwoException: y\n").len(), 2);
        // JavaMail and RMI nest them in the message
        let nested = "a.MailException: no TLS;\n  nested exception is:\n\tjavax.net.ssl.SSLException: x\n\tat a.B.c(B.java:1)\n";
        assert_eq!(
            all(nested),
            [(
                "a.MailException: no TLS; nested exception is:".to_owned(),
                1,
                1
            )]
        );
        assert_eq!(
            all("a.RmiException: x; nested exception is: \njava.io.IOException: y\n").len(),
            1
        );
    }

    #[test]
    fn a_hostile_text_has_few_traces() {
        let text = "x.y.ZException: no\n\tat x\n".repeat(100_000);
        assert_eq!(read_all(text.as_bytes()).len(), MAX_TRACES);
        let one = format!("x.y.ZException: no\n{}", "  more words\n".repeat(100_000));
        assert!(all(&one)[0].0.len() < 2 * MAX_MESSAGE);
    }
}
