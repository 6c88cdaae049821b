//! T107: a certificate for another name.

use super::{Objection, Refusal, between, described};
use crate::{
    diagnose::{
        Confidence, Context, Finding, NameMatch,
        catalogue::rule,
        context::{common_name, shell_word},
        match_host,
    },
    event::{Certificate, Throwable},
    handshake::{Handshake, Party},
};

rule! {
    /// ## When it fires
    /// This client accepted the server's chain, but the certificate is not for the host it wanted: `No
    /// subject alternative DNS name matching H found`, or `No name matching H found`. Or a library says so that checks
    /// the name itself when the handshake is through: Apache `HttpClient`, `OkHttp`, mail and JDBC drivers.
    ///
    /// ## Why handshakes break here
    /// A trusted certificate says who the server is; the client has to check that this is whom it wanted
    /// (RFC 9525). Only the names in subjectAltName count; the common name counts in a JVM only when
    /// there is no DNS name at all. `*` stands for one label, never for two.
    ///
    /// ## Evidence
    /// The wanted host in the exception, the names in the certificate. *Certain*: the JVM says so. The
    /// explanation tells which kind it is: another host's certificate, a wildcard one label short, a
    /// name in the common name only, no name at all, an address only. Words that the application printed count less,
    /// as do those of a trust manager of its own (*strong*), and least (*possible*) where neither a certificate nor a server name in the log ties them to this handshake.
    ///
    /// ## Remedies
    /// Have the certificate issued with the name, or connect by a name it has. LDAP and Kafka clients
    /// began to check at an update; their switches that end the check are no remedy.
    ///
    /// ## Not to be confused with
    /// `server-name-missing`: without SNI the server shows the certificate of its default site.
    /// `ip-address-mismatch`: the client connected by address. `tls-interception`.
    ///
    /// ## References
    /// RFC 9525 §6; RFC 2818 §3.1; `sun.security.util.HostnameChecker`;
    /// `SSLParameters.setEndpointIdentificationAlgorithm`.
    HostnameMismatch: "T107", "hostname-mismatch", since "0.1.0",
    "the server's certificate is not for the host that the client wanted",
    check, of Objected
}

/// What `HostnameChecker` says of a host name that is none by its rules: letters, digits, hyphens and dots.
const ILLEGAL_NAME: &str = "Illegal given domain name:";

/// The host's own name is refused, before any name in the certificate is looked at.
fn illegal_name(
    name: &str,
    refusal: &Refusal<'_>,
    handshake: &Handshake,
    context: &Context<'_>,
) -> Finding {
    let letter = name
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')));
    let why = letter.map_or_else(String::new, |letter| {
        format!(" `{letter}` has no place in a host name (RFC 1123 §2.1).")
    });
    let sni = if handshake.client_hello.is_some() && handshake.server_name().is_none() {
        " For the same reason the client sent no server name (SNI), so a server with several certificates showed its default one."
    } else {
        ""
    };
    let finding = Finding::error(&HostnameMismatch, Confidence::Certain, format!("this JVM accepts no certificate for {name}: it is no legal host name"))
        .explain(format!("JSSE refuses the name that the client connects by, {name}, before it looks at the certificate.{why} A certificate that has this very name would be refused, too.{sni}"))
        .fault_of(Party::Client);
    let finding = match handshake
        .peer_chain()
        .and_then(|chain| Some((chain.span_of(0), chain.leaf()?)))
    {
        Some((span, leaf)) => {
            finding.evidence(span, format!("{}; names: {}", leaf.subject, names_of(leaf)))
        }
        None => finding,
    };
    refusal
        .proves(finding)
        .remedy(Party::Client, "connect by another name of the host, one with letters, digits and hyphens only", None)
        .remedy(Party::Either, format!("rename it: give the host such a name in DNS ({}), and have the certificate issued with it", name.replace('_', "-")), None)
        .confirm("the names in the certificate that the server shows", Some(format!("{} | openssl x509 -noout -subject -ext subjectAltName", context.openssl(handshake, ""))))
        .references(&["RFC 1123 §2.1", "RFC 9525 §6.3"])
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of_server_certificate(handshake, context, Objection::HostName)?;
    if let Some(name) = refusal
        .text_with(ILLEGAL_NAME)
        .and_then(|text| text.split_once(ILLEGAL_NAME))
        .map(|(_, name)| name.trim())
    {
        return Some(illegal_name(name, &refusal, handshake, context));
    }
    let words = refusal.text_with("matching ").unwrap_or(refusal.reason);
    let behind = |before: &str| words.split_once(before).map(|(_, name)| name.trim());
    let library = refusal
        .throwable
        .filter(|thrown| thrown.refused_host().is_some());
    let said = library
        .and_then(Throwable::refused_host)
        .or_else(|| behind("found matching domain name "))
        .or_else(|| behind("No name found matching "))
        .or_else(|| between(words, "matching ", " found"));
    let host = said.or_else(|| handshake.server_name().map(|name| &**name));
    let chain = handshake.peer_chain();
    let leaf = chain.and_then(|chain| chain.leaf());
    let wanted = host.unwrap_or("the host");
    // an exception that the application printed, and no name in the log that ties it to this handshake
    let printed = handshake.ambiguous && handshake.fatal.is_none();
    let confidence = if printed && leaf.is_none() && handshake.server_name().is_none() {
        Confidence::Likely // and one step less, as its place is a guess
    } else if library.is_some() && refusal.alert.is_some() {
        Confidence::Strong // words of a cause, and not JSSE's
    } else {
        Confidence::Certain
    };
    let finding = Finding::error(
        &HostnameMismatch,
        confidence,
        format!("the server's certificate is not for {wanted}"),
    )
    .explain(explanation(
        wanted,
        host,
        leaf.map(|leaf| &**leaf),
        handshake,
        &refusal,
    ))
    .fault_of(Party::Either);
    let finding = match (chain, leaf) {
        (Some(chain), Some(leaf)) => finding.evidence(
            chain.span_of(0),
            format!("{}; names: {}", leaf.subject, names_of(leaf)),
        ),
        _ => finding,
    };
    let finding = refusal.proves(finding);
    let finding = finding.evidence_if(handshake.peer_trusted(), |anchor| {
        format!("the chain itself was trusted, under {}", anchor.subject)
    });
    let finding = match leaf.and_then(|leaf| first_name(leaf)) {
        Some(name) => finding.remedy(
            Party::Client,
            format!("connect by a name that the certificate has, such as {name}"),
            None,
        ),
        None => finding,
    };
    Some(
        finding
            .remedy(
                Party::Server,
                format!("have the certificate issued with {wanted} in subjectAltName"),
                Some(format!(
                    "keytool -certreq -alias ALIAS -ext san=dns:{} -keystore server.p12",
                    shell_word(wanted)
                )),
            )
            .remedy(
                Party::Server,
                "if it has such a certificate: map the name to it, so that SNI selects it",
                None,
            )
            .confirm(
                "the names in the certificate that the server shows for this name",
                Some(format!(
                    "{} | openssl x509 -noout -subject -ext subjectAltName",
                    context.openssl(handshake, "")
                )),
            )
            .references(&["RFC 9525 §6", "RFC 2818 §3.1"]),
    )
}

fn explanation(
    wanted: &str,
    host: Option<&str>,
    leaf: Option<&Certificate>,
    handshake: &Handshake,
    refusal: &Refusal<'_>,
) -> String {
    let behind = who_checked(refusal);
    let Some(leaf) = leaf else {
        return format!(
            "This client wanted {wanted}. The log does not show the certificate.{behind}"
        );
    };
    let names = names_of(leaf);
    let kind = match host.map(|host| match_host(leaf, host)) {
        Some(NameMatch::WildcardTooShallow) => format!(
            "Its wildcard is one label short: a `*` stands for exactly one label. Its names: {names}."
        ),
        Some(NameMatch::OnlyCommonName) => format!(
            "The name is in the common name only, which does not count beside subjectAltName. Its names: {names}."
        ),
        Some(NameMatch::NoNamesOfThisKind) if names.contains("IP:") => {
            format!("It has addresses only ({names}), and no DNS name.")
        }
        Some(NameMatch::NoNamesOfThisKind) => format!(
            "It has no DNS names, and its common name, {}, is another one.",
            common_name(&leaf.subject)
        ),
        Some(NameMatch::Matches) if !behind.is_empty() && !names.contains("DNS:") => format!(
            "JSSE would take the name from the common name where there is no DNS name; this library does not. Its names: {names}."
        ),
        Some(NameMatch::Matches) => format!(
            "By what the log shows of it ({names}) it would be; a check of the application's own may have refused it."
        ),
        Some(NameMatch::OtherNames) | None => format!("It is another host's. Its names: {names}."),
    };
    let sni = match (handshake.server_name(), host) {
        (None, _) => " The client sent no server name (SNI), so the server could only show its default certificate.".to_owned(),
        (Some(sent), Some(host)) if !sent.eq_ignore_ascii_case(host) => format!(" The client sent another server name (SNI) than it checked: {sent}."),
        _ => String::new(),
    };
    let trusted = if handshake.peer_trusted().is_some() {
        " The chain itself was trusted."
    } else {
        ""
    };
    format!(
        "This client wanted {wanted}, and the server showed a certificate that is not for it: {}. {kind}{trusted}{sni}{behind}",
        described(leaf)
    )
}

/// Who checked, where it was not JSSE.
pub(super) fn who_checked(refusal: &Refusal<'_>) -> String {
    let library = refusal.throwable;
    let Some(thrown) = library.filter(|thrown| thrown.refused_host().is_some()) else {
        return String::new();
    };
    if refusal.alert.is_some() {
        return " The name was checked in the handshake, though not by JSSE: by a trust manager of the application or of one of its libraries.".to_owned();
    }
    let by = thrown
        .thrown_in
        .as_deref()
        .map_or_else(String::new, |class| format!(" ({class})"));
    format!(
        " The handshake itself was done: the host name is checked behind it, by a library of the application{by}, and JSSE logs nothing of that."
    )
}

/// The names of a certificate: SAN entries, else the common name.
fn names_of(leaf: &Certificate) -> String {
    /// Large sites have hundreds.
    const SHOWN: usize = 12;
    match leaf.subject_alternative_names.as_deref() {
        Some(names) if names.len() > SHOWN => format!(
            "{} and {} more",
            names[..SHOWN].join(", "),
            names.len() - SHOWN
        ),
        Some(names) if !names.is_empty() => names.join(", "),
        _ => format!(
            "none in subjectAltName, common name {}",
            common_name(&leaf.subject)
        ),
    }
}

fn first_name(leaf: &Certificate) -> Option<&str> {
    leaf.subject_alternative_names
        .as_deref()?
        .iter()
        .find_map(|name| name.strip_prefix("DNS:"))
}
