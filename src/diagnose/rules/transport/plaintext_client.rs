//! P102: a client that does not speak TLS.

use super::{NOT_TLS, quoting, spoken};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::Refusal},
    handshake::{Handshake, Party, Role},
    wire::{Protocol, Spoken},
};

rule! {
    /// ## When it fires
    /// A server got, as the first thing on a connection, something that is no TLS record:
    /// `Unsupported or unrecognized SSL message`, `Unrecognized SSL message, plaintext connection?`.
    ///
    /// ## Why handshakes break here
    /// A client or health check speaks `http://` to a TLS port, a balancer sends a PROXY header that nobody
    /// strips, or a scanner knocks.
    ///
    /// ## Evidence
    /// The sentence, without a ClientHello before it; with `-Djavax.net.debug=all` the first five bytes, and so the
    /// protocol.
    ///
    /// ## Remedies
    /// Correct the check or the client; strip the PROXY header before TLS.
    ///
    /// ## Not to be confused with
    /// `plaintext-peer`: the same words on a client. `probe-or-scanner`: nothing was sent at all.
    ///
    /// ## References
    /// RFC 8446 §5.1; `sun.security.ssl.SSLSocketInputRecord`.
    PlaintextClient: "P102", "plaintext-client", since "0.1.0",
    "a client sent something that is not TLS to this server",
    check
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let sentence = refusal.sentence(&NOT_TLS)?;
    if handshake.role == Some(Role::Client) {
        return None;
    }
    let first = handshake.last_message().is_none();
    let known = handshake.role.is_some() || super::no_client_came(handshake, context);
    let confidence = match (first, known) {
        (true, true) => Confidence::Certain,
        (true, false) | (false, _) => Confidence::Likely,
    };
    let said = spoken(handshake).map(|said| &said.value);
    let finding = Finding::error(
        &PlaintextClient,
        confidence,
        "the client sent something that is not TLS",
    )
    .explain(explanation(said))
    .fault_of(Party::Client)
    .evidence(refusal.span, sentence);
    let finding = quoting(finding, handshake);
    let finding = if known {
        finding
    } else {
        finding.assume("no ClientHello is logged before it, so this JVM is taken for the server; if it is a client, the rule is plaintext-peer")
    };
    let protocol = said.and_then(|said| said.protocol);
    let mut finding = finding;
    if protocol != Some(Protocol::Proxy) {
        finding = finding.remedy(
            Party::Client,
            "point the check or the client at https://, or at a plain port",
            None,
        );
    }
    if protocol.is_none_or(|protocol| protocol == Protocol::Proxy) {
        finding = finding.remedy(Party::Server, "strip the PROXY header before TLS, or expect it", Some("HAProxy: bind :443 accept-proxy ssl crt /path/server.pem   nginx: proxy_protocol off;   # in front of Tomcat, which does not expect the header".to_owned()));
    }
    Some(
        finding
            .confirm(
                "shows who connects: compare the times with the access log of the balancer or",
                Some(
                    "tcpdump -nA -c 20 'tcp dst port 443 and tcp[tcpflags] & tcp-push != 0'"
                        .to_owned(),
                ),
            )
            .references(&["RFC 8446 §5.1"]),
    )
}

/// Who sends such things, as far as the log shows.
fn explanation(said: Option<&Spoken>) -> String {
    const USUAL: &str = "Usual senders: a health check or a client that speaks http:// to the TLS port, a balancer whose PROXY header is not stripped, a port scanner.";
    match said.map(|said| said.protocol) {
        Some(Some(Protocol::HttpRequest)) => "The first bytes on this connection are a plain HTTP request: a health check or a client speaks http:// to the TLS port.".to_owned(),
        Some(Some(Protocol::Proxy)) => "The first bytes on this connection are a PROXY header: a balancer in front sends it, and nothing strips it before TLS.".to_owned(),
        Some(Some(protocol)) => format!(
            "The first bytes on this connection are {}: a client or a check of that protocol is pointed at the TLS port.",
            protocol.name()
        ),
        Some(None) => format!("The first bytes on this connection are no TLS record. {USUAL}"),
        None => format!("The first bytes on this connection are no TLS record. {USUAL} They are in the log only with -Djavax.net.debug=all."),
    }
}
