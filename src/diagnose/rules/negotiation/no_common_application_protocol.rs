//! N105: no application protocol that both ends speak.

use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, listed},
    },
    handshake::{Handshake, Party, Role},
    span::Span,
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// A server says `No matching application layer protocol values`, or the peer answers `no_application_protocol`.
    ///
    /// ## Why handshakes break here
    /// With ALPN the client lists what it wants to speak (`h2`, `http/1.1`). A server that has a list too and
    /// finds nothing in common must refuse (RFC 7301 §3.2). A server without a list does not care.
    ///
    /// ## Evidence
    /// The client's list in the ClientHello, the sentence, or the alert (it has one meaning: *strong*).
    ///
    /// ## Remedies
    /// Give both sides the same protocol; gRPC needs `h2` on both.
    ///
    /// ## Not to be confused with
    /// `no-common-protocol-version`: there TLS versions are meant.
    ///
    /// ## References
    /// RFC 7301 §3.2; `SSLParameters.setApplicationProtocols` (JDK 9, 8u251); `sun.security.ssl.AlpnExtension`.
    NoCommonApplicationProtocol: "N105", "no-common-application-protocol", since "0.1.0",
    "client and server have no application protocol (ALPN) in common",
    check, of BrokenUp
}

const WORDS: [&str; 2] = [
    "No matching application layer protocol values",
    "No matching ALPN values",
];

/// Confidence, place and words.
fn stated(handshake: &Handshake) -> Option<(Confidence, Span, String)> {
    if let Some(refusal) = Refusal::of(handshake) {
        // Bouncy Castle leaves it at the alert, which has no other meaning (RFC 7301 §3.2)
        let by_alert = refusal.alert == Some(&AlertDescription::NoApplicationProtocol);
        let sentence = refusal
            .sentence(&WORDS)
            .or_else(|| by_alert.then_some(refusal.reason))?;
        return Some((Confidence::Certain, refusal.span, sentence.to_owned()));
    }
    let break_up = handshake.break_up.as_deref()?;
    let alert = break_up
        .received_alert()
        .filter(|alert| **alert == AlertDescription::NoApplicationProtocol)?;
    Some((
        Confidence::Strong,
        break_up.span,
        format!("received fatal alert {alert}"),
    ))
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let (confidence, span, sentence) = stated(handshake)?;
    let hello = handshake.client_hello.as_deref();
    let offered = hello
        .and_then(|hello| hello.value.extensions.application_protocols.as_deref())
        .unwrap_or_default();
    let server = if handshake.role == Some(Role::Server) {
        "this server"
    } else {
        "the server"
    };
    let headline = if offered.is_empty() {
        format!("{server} speaks none of the client's application protocols")
    } else {
        format!("{server} does not speak {}", listed(offered))
    };
    let test = if offered.is_empty() {
        "h2,http/1.1".to_owned()
    } else {
        offered.join(",")
    };
    Some(
        Finding::error(&NoCommonApplicationProtocol, confidence, headline)
            .explain(if hello.is_none() {
                format!("The client offers application protocols in ALPN; {server} has a list of its own, and no protocol is in both. Neither list is in this log.")
            } else {
                format!(
                    "The client offers {} in ALPN; {server} has a list of its own and nothing in it matches. Which protocols are in that list is not logged.",
                    listed(offered)
                )
            })
            .fault_of(Party::Either)
            .evidence(span, sentence)
            .evidence_if(hello, |_| format!("application protocols of the ClientHello: {}", listed(offered)))
            .remedy(Party::Client, "offer what the server speaks", Some("Java: parameters.setApplicationProtocols(new String[] {\"h2\", \"http/1.1\"});".to_owned()))
            .remedy(Party::Server, "speak what the client offers (gRPC needs h2), or leave ALPN off", Some("Tomcat: <UpgradeProtocol className=\"org.apache.coyote.http2.Http2Protocol\"/>   nginx: http2 on;".to_owned()))
            .confirm("shows whether a protocol is chosen (ALPN protocol: …)", Some(context.openssl(handshake, &format!("-alpn {}", crate::diagnose::context::shell_word(&test)))))
            .references(&["RFC 7301 §3.2"]),
    )
}
