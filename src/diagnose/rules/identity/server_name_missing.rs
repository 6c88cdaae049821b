//! S102: the client did not say whom it wants.

use crate::{
    diagnose::{
        Confidence, Context, Finding, Severity, catalogue::rule, context::common_name,
        rules::trust::Objection,
    },
    handshake::{Chain, Handshake, Party, Role},
    span::Span,
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// Beside the real cause, as a warning: this client sent no server name (SNI), and then got a
    /// certificate for another name or of an authority it does not know, or was refused right after its
    /// ClientHello. The certificate of a host of many sites may say itself that it is for clients without SNI.
    ///
    /// ## Why handshakes break here
    /// One address serves many sites. Without SNI the server can only show its default certificate, or
    /// turn the client away. A JVM sends SNI when it knows a full host name: not for an address, not for
    /// a name without a dot, and not when a socket was layered without the host name.
    ///
    /// ## Evidence
    /// The ClientHello without `server_name`; `Unable to indicate server name`; what came back. *Strong*
    /// when the certificate says so, *likely* when it is for another host, *possible* otherwise.
    ///
    /// ## Remedies
    /// Connect by the full host name, and hand it on when a socket or an engine is layered.
    ///
    /// ## Not to be confused with
    /// `server-name-unrecognized`: a name was sent. `ip-address-mismatch`: an address was wanted.
    ///
    /// ## References
    /// RFC 6066 §3; `javax.net.ssl.SSLSocketFactory.createSocket(Socket, String, int, boolean)`.
    ServerNameMissing: "S102", "server-name-missing", since "0.1.0",
    "the client sent no server name, and the server answered as if for another site",
    check, of BrokenUp
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let hello = handshake
        .client_hello
        .as_deref()
        .filter(|_| handshake.role == Some(Role::Client) && handshake.sends_no_server_name())?;
    let break_up = handshake.break_up.as_deref()?;
    if says_no_name_came(handshake) {
        return Some(finding(
            handshake,
            context,
            hello.span,
            Confidence::Strong,
            "The certificate that came back says itself that it is for clients without a server name.",
        ));
    }
    let (confidence, story) = match context.objection(handshake) {
        Some(Objection::HostName) => (
            Confidence::Likely,
            "The certificate that came back is for another host, as a server's default certificate would be.",
        ),
        Some(Objection::NoPath) => (
            Confidence::Possible,
            "The certificate that came back is not trusted; it may be the server's default certificate and not that of the site that was wanted.",
        ),
        None if refused_at_hello(handshake) => (
            Confidence::Possible,
            "The server refused right after the ClientHello; some servers turn away clients without a server name.",
        ),
        _ => return None,
    };
    let finding = finding(handshake, context, hello.span, confidence, story);
    Some(finding.evidence(break_up.span, break_up.in_words()))
}

/// Hosts of many sites have a certificate for clients that name none, and its subject tells them so.
fn says_no_name_came(handshake: &Handshake) -> bool {
    let leaf = handshake.server_chain.as_deref().and_then(Chain::leaf);
    leaf.is_some_and(|leaf| {
        let subject = leaf.subject.to_ascii_lowercase();
        let mut words = subject.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| word == "sni")
            && (subject.contains("no-sni")
                || subject.contains("no sni")
                || subject.contains("without sni")
                || subject.contains("sni missing"))
    })
}

fn finding(
    handshake: &Handshake,
    context: &Context<'_>,
    hello: Span,
    confidence: Confidence,
    story: &str,
) -> Finding {
    let shown = handshake
        .server_chain
        .as_deref()
        .and_then(Chain::leaf)
        .map_or_else(String::new, |leaf| {
            format!(" It is the one of {}.", common_name(&leaf.subject))
        });
    let finding = Finding::new(&ServerNameMissing, Severity::Warning, confidence, "this client sent no server name (SNI)")
        .explain(format!("The ClientHello has no server_name, so the server could not know which site is wanted. {story}{shown}"))
        .fault_of(Party::Client)
        .evidence(hello, "ClientHello without server_name");
    let finding = match handshake.server_name_not_indicated() {
        Some(span) => finding.evidence(span, "Unable to indicate server name"),
        None => finding,
    };
    finding
        .remedy(Party::Client, "connect by the full host name, not by an address or a short name", None)
        .remedy(Party::Client, "hand the host name on when a socket is layered", Some("Java: factory.createSocket(socket, host, port, true)   Java: context.createSSLEngine(host, port)".to_owned()))
        .remedy(Party::Server, "let the default site have the certificate that most clients want", None)
        .confirm("with and without a name", Some(format!("openssl s_client -connect {0}:{1} -servername {0} </dev/null; openssl s_client -connect {0}:{1} -noservername </dev/null", context.host_for_command(handshake), context.port_for_command(handshake))))
        .references(&["RFC 6066 §3"])
}

/// An alert before any ServerHello that a server may send for want of a name.
fn refused_at_hello(handshake: &Handshake) -> bool {
    let alert = handshake
        .break_up
        .as_deref()
        .and_then(|break_up| break_up.received_alert());
    handshake.server_hello.is_none()
        && matches!(
            alert,
            Some(
                AlertDescription::HandshakeFailure
                    | AlertDescription::UnrecognizedName
                    // a front that fails to find its site
                    | AlertDescription::InternalError
            )
        )
}
