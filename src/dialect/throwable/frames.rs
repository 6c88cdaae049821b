//! What the frames of a stack trace tell: whose code threw, and what it was at.

use crate::event::Sender;

pub(super) fn is_frame(line: &[u8]) -> bool {
    line.starts_with(b"at ") || line.starts_with(b"... ") || line.starts_with(b"\"throwable\"")
}

/// The end whose code a frame is of: each consumes what the other produces.
pub(super) fn end_of_frame(line: &[u8]) -> Option<Sender> {
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
    const CLIENTS: [&[u8]; 6] = [
        b"ssl.ReferenceCountedOpenSslClientContext",
        b"sun.net.www.protocol.https.",
        b"jdk.internal.net.http.",
        b"org.apache.http.conn.ssl.",
        b"org.apache.hc.client5.http.",
        b"okhttp3.internal.connection.",
    ];
    const SERVERS: [&[u8]; 4] = [
        b"ssl.ReferenceCountedOpenSslServerContext",
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
pub(super) fn class_of_frame(line: &[u8]) -> Option<&[u8]> {
    let frame = line.strip_prefix(b"at ")?;
    let call = &frame[..memchr::memchr(b'(', frame)?];
    let call = match memchr::memrchr(b'/', call) {
        Some(slash) => &call[slash + 1..],
        None => call,
    };
    let dot = memchr::memrchr(b'.', call)?;
    Some(&call[..dot])
}

/// Classes of JSSE, and of what takes its place: what is further out called it, and threw nothing.
pub(super) fn is_of_tls_stack(class: &[u8]) -> bool {
    [
        &b"sun.security.ssl."[..],
        b"com.sun.net.ssl.internal.ssl.",
        b"com.ibm.jsse2.",
        b"io.netty.handler.ssl.OpenSsl",
        b"io.netty.handler.ssl.ReferenceCountedOpenSsl",
        b"org.bouncycastle.jsse.",
        b"org.bouncycastle.tls.",
    ]
    .iter()
    .any(|package| class.starts_with(package))
}

/// Classes that come with a JDK, and providers that take its place.
pub(super) fn is_of_jdk(class: &[u8]) -> bool {
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
pub(super) fn end_by_habit(line: &[u8]) -> Option<Sender> {
    let holds = |words: &[u8]| crate::search::find(line, words).is_some();
    if holds(b"AppInputStream.read(") {
        Some(Sender::Server)
    } else if holds(b"AppOutputStream.write(") {
        Some(Sender::Client)
    } else {
        None
    }
}

/// Class and method of a frame of JSSE.
pub(super) fn behind_package(line: &[u8]) -> Option<&[u8]> {
    const PACKAGE: &[u8] = b"sun.security.ssl.";
    let at = crate::search::find(line, PACKAGE)?;
    Some(&line[at + PACKAGE.len()..])
}

/// The calls by which `SSLSocketImpl` moves application data.
pub(super) fn moves_application_data(call: &[u8]) -> bool {
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
pub(super) fn begins_handshake(call: &[u8]) -> bool {
    [
        &b"SSLSocketImpl.startHandshake("[..],
        b"SSLSocketImpl.readHandshakeRecord(",
        b"SSLSocketImpl.ensureNegotiated(",
        b"SSLSocketImpl.performInitialHandshake(",
    ]
    .iter()
    .any(|start| call.starts_with(start))
}
