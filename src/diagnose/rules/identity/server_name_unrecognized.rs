//! S101: nobody of that name here.

use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::trust::Refusal},
    handshake::{Handshake, How, Party, Role},
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// The server does not know the name in the client's SNI: on the server `Unrecognized server name
    /// indication`, on the client the alert `unrecognized_name` – fatal, or as a warning that this client
    /// does not accept or after which the handshake broke.
    ///
    /// ## Why handshakes break here
    /// The name is not among those that the server was set up for: an alias that was forgotten, a new
    /// name that is not deployed yet, a client that uses an internal name.
    ///
    /// ## Evidence
    /// The words or the alert, and the name that was sent. *Certain* with words, *strong* with a fatal
    /// alert, which has this one meaning; *likely* when a warning came first and the handshake broke otherwise.
    ///
    /// ## Remedies
    /// Make the name known to the server, or connect by the right one. To switch SNI off in the whole
    /// JVM is no remedy: it breaks every host that needs it.
    ///
    /// ## Not to be confused with
    /// `hostname-mismatch`: the server answered, with another name's certificate. `server-name-missing`.
    ///
    /// ## References
    /// RFC 6066 §3; `sun.security.ssl.ServerNameExtension`; `javax.net.ssl.SNIMatcher`.
    ServerNameUnrecognized: "S101", "server-name-unrecognized", since "0.1.0",
    "the server does not know the name that the client asked for",
    check, of BrokenUp
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let name = handshake.server_name().map_or("the name", |name| &**name);
    let (confidence, headline, story) = match handshake.role {
        Some(Role::Server) => {
            Refusal::of(handshake)
                .filter(|refusal| refusal.says("Unrecognized server name indication"))?;
            (
                Confidence::Certain,
                format!("this server does not know the name {name}"),
                "None of this server's SNI matchers accepts the name that the client sent."
                    .to_owned(),
            )
        }
        Some(Role::Client) => seen_by_client(handshake, name)?,
        // no client sends this alert
        None => {
            let alert = handshake.break_up.as_deref()?.received_alert()?;
            if *alert != AlertDescription::UnrecognizedName {
                return None;
            }
            (
                Confidence::Strong,
                "the server does not know the name that this client asked for".to_owned(),
                "The server answered with the fatal alert unrecognized_name. Which name it was, this log does not show.".to_owned(),
            )
        }
    };
    let mut finding = Finding::error(&ServerNameUnrecognized, confidence, headline)
        .explain(format!("The client asked for {name}. {story}"))
        .fault_of(Party::Either);
    if let Some(hello) = &handshake.client_hello {
        let sent = if handshake.server_name().is_some() {
            format!("ClientHello: server_name {name}")
        } else {
            "ClientHello without a server_name".to_owned()
        };
        finding = finding.evidence(hello.span, sent);
    }
    if let Some(span) = handshake.warned_unrecognized_name() {
        finding = finding.evidence(span, "unrecognized_name, as a warning");
    }
    Some(
        finding
            .evidence_of_break_up(handshake.break_up.as_deref())
            .remedy(Party::Server, format!("make {name} known to the server"), Some(format!("nginx: server_name {0};   Apache: ServerAlias {0}   Java: parameters.setSNIMatchers(List.of(SNIHostName.createSNIMatcher(\"{0}\")))", context.host_for_command(handshake))))
            .remedy(Party::Client, "connect by a name that the server knows", None)
            .confirm("the same name with another program", Some(context.openssl(handshake, "")))
            .references(&["RFC 6066 §3"]),
    )
}

fn seen_by_client(handshake: &Handshake, name: &str) -> Option<(Confidence, String, String)> {
    let break_up = handshake.break_up.as_deref()?;
    let headline = format!("the server does not know the name {name}");
    if break_up.received_alert() == Some(&AlertDescription::UnrecognizedName) {
        return Some((
            Confidence::Strong,
            headline,
            "The server answered with the fatal alert unrecognized_name, which has no other meaning.".to_owned(),
        ));
    }
    if Refusal::of(handshake).is_some_and(|refusal| refusal.says("unrecognized_name")) {
        let story = "The server answered with unrecognized_name as a warning, and this client takes the warning for fatal.";
        return Some((Confidence::Certain, headline, story.to_owned()));
    }
    let from_outside = matches!(
        break_up.how,
        How::AlertReceived | How::PeerClosed | How::Reset | How::Timeout
    );
    handshake
        .warned_unrecognized_name()
        .filter(|_| from_outside)?;
    let story = "The server warned that it does not know the name, and then the handshake broke.";
    Some((Confidence::Likely, headline, story.to_owned()))
}
