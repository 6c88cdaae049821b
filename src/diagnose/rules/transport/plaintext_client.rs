//! P102: a client that does not speak TLS.

use super::NOT_TLS;
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::Refusal},
    handshake::{Handshake, Party, Role},
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
    /// The sentence, without a ClientHello before it.
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
    let finding = Finding::error(&PlaintextClient, confidence, "the client sent something that is not TLS")
        .explain("The first bytes on this connection are no TLS record. Usual senders: a health check or a client that speaks http:// to the TLS port, a balancer whose PROXY header is not stripped, a port scanner. The log has the bytes only with -Djavax.net.debug=all.")
        .fault_of(Party::Client)
        .evidence(refusal.span, sentence);
    let finding = if known {
        finding
    } else {
        finding.assume("no ClientHello is logged before it, so this JVM is taken for the server; if it is a client, the rule is plaintext-peer")
    };
    Some(
        finding
            .remedy(Party::Client, "point the check or the client at https://, or at a plain port", None)
            .remedy(Party::Server, "strip the PROXY header before TLS, or expect it", Some("HAProxy: bind :443 accept-proxy ssl crt /path/server.pem   nginx: proxy_protocol off;   # in front of Tomcat, which does not expect the header".to_owned()))
            .confirm("shows who connects: compare the times with the access log of the balancer or", Some("tcpdump -nA -c 20 'tcp dst port 443 and tcp[tcpflags] & tcp-push != 0'".to_owned()))
            .references(&["RFC 8446 §5.1"]),
    )
}
