//! What the stack trace below a record tells. Debian's jars have no line numbers, but all have the names of methods.

use std::sync::Arc;

use crate::{dialect::throwable, event::Throwable, tls::AlertDescription};

/// The exception, on the line itself (`alert: Failed to read record: a.b.C: words`) or below; and the words
/// in front of it.
pub(super) fn exception<'a>(
    words: &'a str,
    rest: &[u8],
    message_line: u32,
) -> (&'a str, Option<Throwable>) {
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

/// The frames below a record, innermost first.
#[derive(Clone, Copy)]
pub(super) struct Frames<'a>(pub(super) &'a [u8]);

impl<'a> Frames<'a> {
    /// `class.method` of each frame.
    fn calls(self) -> impl Iterator<Item = &'a str> {
        crate::entry::lines(self.0).filter_map(|(_, line)| {
            let frame = line.trim_ascii().strip_prefix(b"at ")?;
            let frame = std::str::from_utf8(&frame[..memchr::memchr(b'(', frame)?]).ok()?;
            // `module/package.Class.method`
            Some(frame.rsplit('/').next().unwrap_or(frame))
        })
    }

    /// The method that threw.
    pub(super) fn innermost(self) -> &'a str {
        self.calls().next().unwrap_or_default()
    }

    /// A handshake message of the peer's was at work.
    pub(super) fn handle_a_message(self) -> bool {
        self.calls()
            .any(|call| call.ends_with("Protocol.handleHandshakeMessage"))
    }

    /// A server was writing what it sends behind its certificate.
    pub(super) fn write_behind_certificate(self) -> bool {
        const BEHIND: [&str; 6] = [
            "send13CertificateVerifyMessage",
            "send13FinishedMessage",
            "sendCertificateStatusMessage",
            "sendServerKeyExchangeMessage",
            "sendCertificateRequestMessage",
            "sendServerHelloDoneMessage",
        ];
        self.calls().any(|call| {
            let method = call.rsplit('.').next().unwrap_or_default();
            BEHIND.contains(&method)
        })
    }
}

/// `safeReadRecord` itself throws only where the stream ends in front of a record; `handleAlertWarningMessage` where
/// the peer says `close_notify` during the handshake.
pub(super) fn ends_stream(alert: &AlertDescription, place: &str) -> bool {
    const METHODS: [&str; 3] = [
        "TlsProtocol.safeReadRecord",
        "TlsProtocol.closeInput",
        "TlsProtocol.handleAlertWarningMessage",
    ];
    *alert == AlertDescription::HandshakeFailure
        && METHODS.iter().any(|method| place.ends_with(method))
}

/// What the record says about the reason: the first words of a cause that are more than an alert's name;
/// else what the place that threw can only mean; else the words of the record.
pub(super) fn reason(
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
    // a search for a suite in vain is thrown by its superclass, and in words
    if place.ends_with("ProvTlsServer.getSelectedCipherSuite")
        && *alert == AlertDescription::HandshakeFailure
    {
        return "No key manager (ProvTlsServer.getSelectedCipherSuite)".into();
    }
    match words {
        "" => alert.name().into(),
        words => format!("{words}: {alert}").into(),
    }
}
