//! P101: the server does not speak TLS.

use super::{NOT_TLS, quoting, spoken};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::Refusal},
    event::Sender,
    handshake::{Handshake, Party, Role},
    wire::{Protocol, Spoken},
};

rule! {
    /// ## When it fires
    /// This client got an answer that is no TLS record: `Unsupported or unrecognized SSL message`,
    /// `Unrecognized SSL message, plaintext connection?`.
    ///
    /// ## Why handshakes break here
    /// The port speaks something else: plain HTTP, a proxy's error page, SMTP or a database that wants
    /// STARTTLS (or its own upgrade) first, SSH.
    ///
    /// ## Evidence
    /// The sentence, behind a ClientHello: *certain*. Without messages the words fit both ends: *possible* beside
    /// `plaintext-client`, *likely* where the application wrote first, *strong* where the bytes are a greeting that only
    /// servers begin with (SMTP, FTP, POP3, IMAP, an HTTP status line). Which protocol
    /// it is shows only in the bytes: with `-Djavax.net.debug=all` the first five are in the log, and are named here.
    ///
    /// ## Remedies
    /// The right port or scheme; for an HTTP proxy the scheme `http`; STARTTLS where the protocol has it.
    ///
    /// ## Not to be confused with
    /// `plaintext-client`: the same words on a server. `record-corrupted`: later, inside an encrypted stream.
    ///
    /// ## References
    /// RFC 8446 §5.1; `sun.security.ssl.SSLSocketInputRecord`.
    PlaintextPeer: "P101", "plaintext-peer", since "0.1.0",
    "the server does not speak TLS on this port",
    check, of GivenUp
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let sentence = refusal.sentence(&NOT_TLS)?;
    let suggests = refusal.throwable.and_then(|thrown| thrown.suggests);
    // without messages the words fit both ends: `plaintext-client` stands beside this one then
    let greeted = handshake.role != Some(Role::Client)
        && !handshake.messages_logged
        && super::greeted_in_plain(handshake);
    let unknown = !greeted
        && handshake.role.is_none()
        && handshake.last_message().is_none()
        && !super::asked_in_plain(handshake)
        && !super::no_client_came(handshake, context)
        && suggests != Some(Sender::Server);
    if handshake.role != Some(Role::Client) && !unknown && !greeted {
        return None;
    }
    let first_answer = handshake.server_hello.is_none();
    let (confidence, headline) = if unknown {
        (
            if suggests.is_some() {
                Confidence::Likely
            } else {
                Confidence::Possible
            },
            "if this JVM is the client: the server answered with something that is not TLS",
        )
    } else if greeted {
        (
            Confidence::Strong,
            "the server answered with something that is not TLS",
        )
    } else if first_answer {
        (
            Confidence::Certain,
            "the server answered the ClientHello with something that is not TLS",
        )
    } else {
        (
            Confidence::Likely,
            "in the middle of the handshake something came that is not TLS",
        )
    };
    let host = context.host_for_command(handshake);
    let said = spoken(handshake).map(|said| &said.value);
    let finding = Finding::error(&PlaintextPeer, confidence, headline)
        .explain(explanation(said))
        .fault_of(Party::Client)
        .evidence(refusal.span, sentence);
    let finding = quoting(finding, handshake)
        .evidence_if(handshake.client_hello.as_deref(), |_| {
            "the ClientHello that was answered so".to_owned()
        });
    Some(
        with_remedies(finding, said.and_then(|said| said.protocol))
            .remedy(
                Party::Server,
                "if TLS was meant to be here, switch it on for this listener",
                None,
            )
            .confirm(
                "shows the first bytes of the answer in plain",
                Some(format!(
                    "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 {host} {port} | head -c 200",
                    port = context.port_for_command(handshake)
                )),
            )
            .references(&["RFC 8446 §5.1"]),
    )
}

/// What the client can do, by what the server speaks.
fn with_remedies(finding: Finding, known: Option<Protocol>) -> Finding {
    let upgrades = known.is_none_or(Protocol::has_starttls);
    let finding = if known.is_some() && upgrades {
        finding.remedy(Party::Client, "use the port where the protocol runs inside TLS from the first byte (SMTP 465, IMAP 993, POP3 995, LDAP 636)", None)
    } else {
        finding.remedy(Party::Client, "use the TLS port, or the scheme that the port speaks; address an HTTP proxy with http://", None)
    };
    if !upgrades {
        return finding;
    }
    let of_mail = known.is_none_or(|protocol| protocol == Protocol::SmtpOrFtp);
    let command = of_mail.then(|| {
        "JavaMail: mail.smtp.starttls.enable=true   # instead of mail.smtp.ssl.enable=true"
            .to_owned()
    });
    finding.remedy(Party::Client, "where the protocol upgrades inside a plain connection, use STARTTLS instead of TLS from the first byte", command)
}

/// What came back, as far as the log shows.
fn explanation(said: Option<&Spoken>) -> String {
    const USUAL: &str = "Usual reasons: the port is a plain HTTP port; a proxy answered with an error page, or an HTTP proxy is addressed with the scheme https; mail, LDAP or a database wants STARTTLS first.";
    match said.map(|said| said.protocol) {
        Some(Some(Protocol::HttpResponse | Protocol::Html)) => "What came back is plain HTTP: the port is a plain HTTP port, a proxy answered with an error page, or an HTTP proxy is addressed with the scheme https.".to_owned(),
        Some(Some(protocol)) if protocol.has_starttls() => format!(
            "What came back is {}, which begins in plain: either the port is the plain one, or STARTTLS (or the protocol's own upgrade) is wanted first.",
            protocol.name()
        ),
        Some(Some(protocol)) => format!("What came back is {}: it is the wrong port, or TLS is not switched on there.", protocol.name()),
        Some(None) => format!("What came back is no TLS record. {USUAL}"),
        None => format!("What came back is no TLS record. {USUAL} The bytes themselves are not in this log: with -Djavax.net.debug=all it shows the first of them."),
    }
}
