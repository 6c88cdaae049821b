//! Family P: the peer as a transport: gone, silent, not speaking TLS, or speaking it badly.

pub(in crate::diagnose) mod connection_reset_during_handshake;
pub(in crate::diagnose) mod handshake_message_too_large;
pub(in crate::diagnose) mod handshake_timeout;
pub(in crate::diagnose) mod large_client_hello_dropped;
pub(in crate::diagnose) mod message_malformed;
pub(in crate::diagnose) mod peer_closed_during_handshake;
pub(in crate::diagnose) mod plaintext_client;
pub(in crate::diagnose) mod plaintext_peer;
pub(in crate::diagnose) mod probe_or_scanner;
pub(in crate::diagnose) mod record_corrupted;
pub(in crate::diagnose) mod unexpected_message;

use crate::{
    diagnose::{
        Context, Finding,
        rules::{Refusal, capitalised, listed, the_peer},
    },
    handshake::{BreakUp, Handshake, How, Noted, Party, Role},
    span::Span,
    tls::{MessageKind, ProtocolVersion},
    wire::{Protocol, Spoken},
};

/// The words of a JVM that was sent something that is no TLS record.
const NOT_TLS: [&str; 14] = [
    // Bouncy Castle names the first byte: of HTTP, SMTP and FTP, SSH, POP and IMAP, HTML
    "Unsupported UNKNOWN(72)",
    "Unsupported UNKNOWN(71)",
    "Unsupported UNKNOWN(80)",
    "Unsupported UNKNOWN(50)",
    "Unsupported UNKNOWN(83)",
    "Unsupported UNKNOWN(43)",
    "Unsupported UNKNOWN(42)",
    "Unsupported UNKNOWN(60)",
    "Unsupported or unrecognized SSL message",
    "plaintext connection?",
    "not an SSL/TLS record",
    "Unrecognized SSL message",
    "HTTP request to an HTTPS",
    "may be talking to plain",
];

/// What the peer said in place of TLS, where the log has the bytes.
fn spoken(handshake: &Handshake) -> Option<&Noted<Spoken>> {
    handshake.wire()?.spoken.as_ref()
}

/// What came is what a server says first: this JVM is a client.
fn greeted_in_plain(handshake: &Handshake) -> bool {
    spoken(handshake)
        .and_then(|said| said.value.protocol)
        .is_some_and(Protocol::is_of_servers)
}

/// What came is what a client begins with: this JVM is the server.
fn asked_in_plain(handshake: &Handshake) -> bool {
    spoken(handshake)
        .and_then(|said| said.value.protocol)
        .is_some_and(Protocol::is_of_clients)
}

/// Adds the bytes that are no TLS to a finding.
fn quoting(finding: Finding, handshake: &Handshake) -> Finding {
    finding.evidence_if(spoken(handshake), |said| match said.protocol {
        Some(protocol) => format!(
            "the first bytes are those of {}: {}",
            protocol.name(),
            said.quote
        ),
        None => format!("the first bytes: {}", said.quote),
    })
}

/// What a record of two bytes is where one of TLS 1.3 has to be longer than its tag: an alert in the clear.
///
/// A client that refuses the server's first flight may have no keys to write with yet (OpenSSL and
/// what is built on it change them last), and RFC 8446 §5.1 lets it send the alert as it is. JSSE
/// decrypts whatever comes and reports the length, never the alert.
pub(in crate::diagnose) fn alert_in_the_clear(handshake: &Handshake) -> Option<(Span, &str)> {
    const TOO_SHORT: &str = "Insufficient buffer remaining for AEAD cipher fragment (2). Needs to be more than tag size";
    let refusal = Refusal::of(handshake)?;
    let sentence = refusal.sentence(&[TOO_SHORT])?;
    Some((refusal.span, sentence))
}

/// No ClientHello was logged, and this end is not the one that would have sent it.
///
/// A client logs its ClientHello before it reads anything, so an end without one is a server, where
/// the log prints messages at all.
fn no_client_came(handshake: &Handshake, context: &Context<'_>) -> bool {
    handshake.client_hello.is_none()
        && handshake.last_message().is_none()
        && handshake.heard().is_none()
        && match handshake.role {
            Some(Role::Client) => false,
            // where messages were exchanged and none is printed, silence proves nothing
            Some(Role::Server) => survey_shows_messages(context),
            None => begins_with_the_jvm(context) && survey_shows_messages(context),
        }
}

/// The log holds the lists of a JVM's start-up and no message at all: none was there to print. Without
/// the lists, the log may have been cut in front.
fn begins_with_the_jvm(context: &Context<'_>) -> bool {
    const START_UP_ENTRIES: u64 = 20;
    context.survey.contexts >= START_UP_ENTRIES && context.survey.messages == 0
}

/// Messages are in the log, or nothing in it speaks of any.
fn survey_shows_messages(context: &Context<'_>) -> bool {
    let survey = context.survey;
    survey.messages > 0 || !survey.hides_messages() && super::log::gap(context).is_none()
}

/// The break-up, when the transport ended the handshake in this way and a message was exchanged, or
/// this end is no server that nobody spoke to.
fn transport_end<'h>(
    handshake: &'h Handshake,
    context: &Context<'_>,
    how: How,
) -> Option<&'h BreakUp> {
    let break_up = handshake
        .break_up
        .as_deref()
        .filter(|break_up| break_up.how == how)?;
    (!no_client_came(handshake, context)).then_some(break_up)
}

/// Nothing but the ClientHello (and a request to repeat it) went over the wire.
fn only_client_hello(handshake: &Handshake) -> bool {
    handshake.server_hello.is_none()
        && matches!(
            handshake.last_message(),
            Some((_, MessageKind::ClientHello))
        )
}

/// ` after ServerHello`, or that there was no message; nothing where the log cannot show one.
fn after(break_up: &BreakUp, context: &Context<'_>) -> String {
    match &break_up.after {
        Some(kind) => format!(" after {kind}"),
        None if context.survey.messages == 0 => String::new(),
        None => " before any message".to_owned(),
    }
}

/// What can be said of an end before which no message is logged.
fn without_messages(handshake: &Handshake, context: &Context<'_>) -> String {
    let mut text = if context.survey.hides_messages() {
        " The log shows that handshakes were under way, not their messages.".to_owned()
    } else if handshake.role == Some(Role::Client) || context.survey.is_bc_alone() {
        " No handshake message is logged, so how far it had come is not in this log.".to_owned()
    } else {
        " No handshake message is logged: if the debug option prints them, nobody spoke, and it was a mere probe of a server's port (probe-or-scanner).".to_owned()
    };
    if handshake.role != Some(Role::Server) {
        let mut candidates = candidates_after_client_hello(handshake);
        candidates.insert(
            1,
            "it wants a client certificate, and got none that it takes".to_owned(),
        );
        text.push_str(match handshake.role {
            Some(_) => " What mostly makes a server hang up: ",
            None => " If this JVM was the client, what mostly makes a server hang up: ",
        });
        text.push_str(&candidates.join("; "));
        text.push('.');
    }
    text
}

/// Nobody's by guess; the network's where both ends saw the connection end.
fn fault(break_up: &BreakUp) -> Party {
    if break_up.by == Party::Network {
        Party::Network
    } else {
        Party::Unknown
    }
}

/// Said where both ends saw the connection end.
const CUT_BETWEEN: &str = " Both ends saw the connection end, so something between them cut it: a firewall, proxy or balancer.";

/// What was pending at the break-up: the strongest hint at the cause there is.
fn pending(handshake: &Handshake) -> String {
    let peer = the_peer(handshake);
    let own_chain = handshake.own_chain();
    match handshake.role {
        Some(Role::Server) if own_chain.is_some_and(|chain| !chain.certificates.is_empty()) => {
            format!(
                "This server had just sent its certificate; {peer} may have refused it and gone without an alert (its own log says why)."
            )
        }
        Some(Role::Server) if handshake.shown().is_some() => format!(
            "This server had chosen a certificate to show; {peer} may have refused it and gone without an alert (its own log says why)."
        ),
        Some(Role::Client) if own_chain.is_some_and(|chain| chain.certificates.is_empty()) => {
            format!(
                "{} asked for a client certificate and this client had none to send; that is the likeliest reason.",
                capitalised(peer)
            )
        }
        Some(Role::Client) if own_chain.is_some() => {
            format!(
                "This client had just sent its certificate; {peer} may have refused it and gone without an alert."
            )
        }
        Some(Role::Client) if handshake.certificate_request.is_some() => {
            format!("{} had asked for a client certificate.", capitalised(peer))
        }
        _ if handshake.server_hello.is_some()
            || (handshake.heard().is_some() && handshake.cipher_suite.is_some()) =>
        {
            "Version and suite were agreed on already, so these are not the cause.".to_owned()
        }
        _ => String::new(),
    }
}

/// Why a peer goes away, or is silent, right after the ClientHello: ranked for this offer.
fn candidates_after_client_hello(handshake: &Handshake) -> Vec<String> {
    let versions = handshake.offered_versions();
    let mut found = Vec::new();
    if !versions.is_empty() && versions.iter().all(ProtocolVersion::is_obsolete) {
        found.push(format!(
            "it does not accept {} and says so by hanging up",
            listed(&versions)
        ));
    }
    match handshake.server_name() {
        Some(name) => found.push(format!("no route for the server name {name} (SNI)")),
        None if handshake.sends_no_server_name() => {
            found.push("it routes by server name (SNI), and none was sent".to_owned());
        }
        None => {}
    }
    found.push("it accepts none of the versions or cipher suites offered (IIS and some balancers hang up instead of sending an alert)".to_owned());
    found.push("an allow-list or a firewall does not let this address in".to_owned());
    found.push("it is no TLS port, or the process behind it was just restarting".to_owned());
    found
}

/// The tests that decide between the candidates.
fn with_tests(finding: Finding, handshake: &Handshake, context: &Context<'_>) -> Finding {
    let mut finding = finding.confirm(
        "from the same machine: does the server answer another client with the same name?",
        Some(context.openssl(handshake, "")),
    );
    // with a ServerHello the server has agreed on version, suite and name
    if handshake.server_hello.is_none() {
        let versions = handshake.offered_versions();
        if !matches!(versions.as_slice(), [ProtocolVersion::Tls12]) {
            finding = finding.confirm(
                "with TLS 1.2 only: succeeds if the version is the cause",
                Some(context.openssl(handshake, "-tls1_2")),
            );
        }
        if handshake.server_name().is_some() {
            finding = finding.confirm(
                "without a server name: differs if SNI is the cause",
                Some(format!(
                    "openssl s_client -connect {}:{} -noservername </dev/null",
                    context.host_for_command(handshake),
                    context.port_for_command(handshake)
                )),
            );
        }
    }
    finding.confirm(
        "the same from another network: differs if an allow-list or a firewall is the cause",
        None,
    )
}
