//! P101: the server does not speak TLS.

use super::NOT_TLS;
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::Refusal},
    handshake::{Handshake, Party, Role},
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
    /// The sentence, behind a ClientHello. Which protocol it is shows only in the bytes (`-Djavax.net.debug=all`).
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
    check
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let sentence = refusal.sentence(&NOT_TLS)?;
    if handshake.role != Some(Role::Client) {
        return None;
    }
    let first_answer = handshake.server_hello.is_none();
    let (confidence, headline) = if first_answer {
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
    Some(
        Finding::error(&PlaintextPeer, confidence, headline)
            .explain("What came back is no TLS record. Usual reasons: the port is a plain HTTP port; a proxy answered with an error page, or an HTTP proxy is addressed with the scheme https; mail, LDAP or a database wants STARTTLS first. The bytes themselves are not read here: with -Djavax.net.debug=all the log shows them.")
            .fault_of(Party::Client)
            .evidence(refusal.span, sentence)
            .evidence_if(handshake.client_hello.as_ref(), |_| "the ClientHello that was answered so".to_owned())
            .remedy(Party::Client, "use the TLS port, or the scheme that the port speaks; address an HTTP proxy with http://", None)
            .remedy(Party::Client, "where the protocol upgrades inside a plain connection, use STARTTLS instead of TLS from the first byte", Some("JavaMail: mail.smtp.starttls.enable=true   # instead of mail.smtp.ssl.enable=true".to_owned()))
            .remedy(Party::Server, "if TLS was meant to be here, switch it on for this listener", None)
            .confirm("shows the first bytes of the answer in plain", Some(format!("printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 {host} {} | head -c 200", context.port_for_command(handshake))))
            .references(&["RFC 8446 §5.1"]),
    )
}
