//! A103: the server does not accept the client's certificate.

use super::{Answer, Asked, listed, reason};
use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        context::common_name,
        rules::trust::{
            Refusal, described,
            own_chain::{in_words, meaning, weaknesses},
        },
    },
    event::Certificate,
    handshake::{Chain, Handshake, Party, Role},
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// On a server: this JVM refused the chain of its client, for whatever reason. On a client: the
    /// server asked for a certificate, this client sent one, and the answer was a fatal alert or the end
    /// of the connection.
    ///
    /// ## Why handshakes break here
    /// A server with client authentication judges the client like a client judges a server: path to a
    /// trusted root, dates, usage, revocation – against its own trust store. A TLS 1.3 client has
    /// finished its handshake by then: the refusal arrives with the first read, or as a broken pipe.
    ///
    /// ## Evidence
    /// On a server its own words: *certain*. (What a chain lacks that is cut off in the log proves nothing, and is not
    /// said to be the reason.) On a client `CertificateRequest`, the certificate sent, and
    /// the alert: *strong* for alerts about certificates, *likely* for `handshake_failure`, `access_denied`
    /// and for a connection that just ended, *possible* for `decrypt_error`.
    ///
    /// ## Remedies
    /// On the server, trust the client's authority. On the client, send the whole chain of a certificate
    /// that is in date, for clients, and of an authority that the server names in its request.
    ///
    /// ## Not to be confused with
    /// `client-certificate-missing`: the client sent none. `certificate-rejected-by-peer`: the server's
    /// certificate. `client-key-unusable`: the signature with the key, not the certificate.
    ///
    /// ## References
    /// RFC 8446 §4.4.2.4, §6.2; RFC 5246 §7.4.6; RFC 5280 §4.2.1.12.
    ClientCertificateRejected: "A103", "client-certificate-rejected", since "0.1.0",
    "the server refused the client's certificate",
    check, of BrokenUp
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    match handshake.role? {
        Role::Server => seen_by_server(handshake, context),
        Role::Client => seen_by_client(handshake, context),
    }
}

fn seen_by_server(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let reason = reason::of_refusal(&refusal, handshake, context)?;
    let chain = handshake.client_chain.as_deref();
    let name = chain
        .and_then(Chain::leaf)
        .map(|leaf| format!(" {}", common_name(&leaf.subject)))
        .unwrap_or_default();
    let shown = chain.and_then(Chain::leaf).map_or_else(
        || "The log does not show the certificate.".to_owned(),
        |leaf| format!("The client showed {}.", described(leaf)),
    );
    // where the beginning is lost, a chain that nobody asked for may as well be the server's own
    let is_clients =
        chain.is_some() && (!handshake.begins_midway || handshake.certificate_request.is_some());
    let confidence = if is_clients || !handshake.messages_logged {
        Confidence::Certain
    } else {
        Confidence::Likely
    };
    let finding = Finding::error(
        &ClientCertificateRejected,
        confidence,
        format!(
            "this server refused the client's certificate{name}: {}",
            reason.short
        ),
    )
    .explain(format!(
        "{shown} This server says: {}. {}",
        refusal.reason, reason.long
    ))
    .fault_of(reason.party);
    let finding = match chain {
        Some(chain) => finding.evidence(
            chain.span_of(0),
            chain
                .leaf()
                .map_or_else(|| "empty chain".to_owned(), |leaf| described(leaf)),
        ),
        None => finding,
    };
    let root = refusal
        .throwable
        .and_then(|thrown| thrown.root())
        .filter(|root| root.plain_message() != refusal.reason);
    // where it is a matter of agreement, it is this server that can import the authority
    let helper = if reason.party == Party::Either {
        Party::Server
    } else {
        reason.party
    };
    Some(
        refusal
            .proves(finding)
            .evidence_of_cause(refusal.entry, root)
            .remedy(helper, reason.remedy, reason.command)
            .confirm(
                "chain and dates of the client's key entry",
                Some("keytool -list -v -keystore client.p12".to_owned()),
            )
            .references(&["RFC 8446 §4.4.2.4", "RFC 5280 §6"]),
    )
}

fn seen_by_client(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let asked = Asked::of(handshake).filter(|asked| !asked.empty)?;
    let chain = handshake.client_chain.as_deref()?;
    let leaf = chain.leaf()?;
    let (confidence, alert) = match asked.answer {
        Answer::Alert(alert) => (confidence_of(alert)?, Some(alert)),
        Answer::Gone => (Confidence::Likely, None),
        Answer::Silence => (Confidence::Possible, None),
    };
    let story = match (alert, asked.answer) {
        (Some(alert), _) => format!("The server answered the client's certificate with an alert: {}.", meaning(alert, Role::Client)),
        (None, Answer::Silence) => "After the client's certificate nothing came back from the server.".to_owned(),
        (None, _) => "The server ended the connection right after the client's certificate; many do so without an alert, or the alert is overtaken by the end of the connection.".to_owned(),
    };
    let weak = weaknesses(handshake, context, alert);
    let authorities = authorities_in_words(&asked, chain);
    let headline = match alert {
        Some(alert) => format!(
            "the server refused the client certificate {} with {alert}",
            common_name(&leaf.subject)
        ),
        None => format!(
            "the server went away after the client certificate {}",
            common_name(&leaf.subject)
        ),
    };
    let mut finding = Finding::error(&ClientCertificateRejected, confidence, headline)
        .explain(format!(
            "{story} {authorities}{} Only the server's log has the reason in words.",
            in_words(&weak, handshake, alert)
        ))
        .fault_of(Party::Either);
    let words = "CertificateRequest: the server asks for a certificate";
    finding = asked
        .cited(finding, words)
        .evidence(chain.span_of(0), format!("sent: {}", described(leaf)))
        .evidence_of_break_up(handshake.break_up.as_deref());
    for weakness in &weak {
        finding = finding.evidence(weakness.span, weakness.words.clone());
    }
    for weakness in weak.iter().filter(|weakness| weakness.plain) {
        finding = finding.remedy(Party::Client, weakness.remedy, None);
    }
    Some(remedies(finding, leaf, handshake, context))
}

/// Alerts that can be an answer to a client's certificate; `None` for those that cannot.
fn confidence_of(alert: &AlertDescription) -> Option<Confidence> {
    use AlertDescription as A;
    Some(match alert {
        A::BadCertificate
        | A::UnsupportedCertificate
        | A::CertificateRevoked
        | A::CertificateExpired
        | A::CertificateUnknown
        | A::UnknownCa => Confidence::Strong,
        A::AccessDenied | A::HandshakeFailure | A::CertificateRequired => Confidence::Likely,
        A::DecryptError | A::InternalError => Confidence::Possible,
        _ => return None,
    })
}

/// Whether the chain is of an authority that the server named.
fn authorities_in_words(asked: &Asked<'_>, chain: &Chain) -> String {
    let authorities = asked.authorities();
    let issued = |certificate: &Certificate| {
        authorities
            .iter()
            .any(|name| crate::event::same_name(name, &certificate.issuer))
    };
    if authorities.is_empty()
        || chain
            .certificates
            .iter()
            .any(|presented| issued(&presented.certificate))
    {
        return String::new();
    }
    format!(
        "The server named the authorities that it accepts ({}), and none of them issued a certificate of this chain. ",
        listed(authorities)
    )
}

fn remedies(
    finding: Finding,
    leaf: &Certificate,
    handshake: &Handshake,
    context: &Context<'_>,
) -> Finding {
    finding
        .remedy(Party::Client, "make sure that the right key entry is used, with its whole chain, in date, and for clientAuth", Some("keytool -list -v -keystore client.p12".to_owned()))
        .remedy(Party::Server, format!("trust the authority of the client's certificate, {}", leaf.issuer), Some("keytool -importcert -alias client-ca -file client-ca.pem -keystore trust.p12 -storetype PKCS12".to_owned()))
        .confirm("the same certificate with another program", Some(context.openssl(handshake, "-cert client.pem -key client.key -cert_chain chain.pem")))
        .references(&["RFC 8446 §4.4.2.4", "RFC 8446 §6.2"])
}
