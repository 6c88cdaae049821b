//! P102: a client that does not speak TLS.

use super::{NOT_TLS, asked_in_plain, greeted_in_plain, quoting, spoken};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::Refusal},
    event::Sender,
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
    check, of GivenUp
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let sentence = refusal.sentence(&NOT_TLS)?;
    if handshake.role == Some(Role::Client) {
        return None;
    }
    let first = handshake.last_message().is_none();
    let known = is_known_server(handshake, context);
    if !handshake.messages_logged && greeted_in_plain(handshake) {
        return None;
    }
    if !known && first && handshake.role.is_none() {
        match refusal.throwable.and_then(|thrown| thrown.suggests) {
            Some(Sender::Server) => {}
            Some(Sender::Client) => return None,
            // servers hand connections to threads of their own; what runs on `main` is mostly a client
            None if !on_main_thread(handshake) => {}
            None => return Some(either(&refusal, sentence)),
        }
    }
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

/// The role is told: by a message, by the code that threw, or because nobody in the log is a client.
/// That no ClientHello stands before the end proves nothing where clients print theirs elsewhere in the log.
fn is_known_server(handshake: &Handshake, context: &Context<'_>) -> bool {
    let told = handshake.messages_logged
        || asked_in_plain(handshake)
        || Refusal::of(handshake)
            .and_then(|refusal| refusal.throwable?.thrown_by)
            .is_some();
    match handshake.role {
        Some(Role::Server) => told || context.only_role == Some(Role::Server),
        Some(Role::Client) => false,
        None => asked_in_plain(handshake) || super::no_client_came(handshake, context),
    }
}

/// The thread that a program starts with.
fn on_main_thread(handshake: &Handshake) -> bool {
    let thread = handshake.thread.as_deref();
    thread.is_some_and(|thread| &*thread.name == "main")
}

/// The words are the same at both ends, and the log does not tell which one this JVM is.
fn either(refusal: &Refusal<'_>, sentence: &str) -> Finding {
    Finding::error(&PlaintextClient, Confidence::Possible, "the peer sent something that is not TLS")
        .explain("What came is no TLS record. No handshake message is logged, so this JVM may be a server whose client (or health check, or balancer with a PROXY header) does not speak TLS, or a client whose server does not (plaintext-peer).")
        .fault_of(Party::Client)
        .evidence(refusal.span, sentence)
        .remedy(Party::Client, "point it at a port that speaks TLS, or at the plain port with the plain scheme", None)
        .remedy(Party::Either, "log the handshake messages, too: a client prints its ClientHello first", Some("-Djavax.net.debug=ssl:handshake".to_owned()))
        .confirm("shows who connects, and what is sent", Some("tcpdump -nA -c 20 'tcp port 443 and tcp[tcpflags] & tcp-push != 0'".to_owned()))
        .references(&["RFC 8446 §5.1"])
}
