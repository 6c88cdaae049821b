//! T108: a client that connects by address.

use super::{Objection, Refusal, between, described, hostname_mismatch::who_checked};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, context::shell_word},
    handshake::{Handshake, Party},
};

rule! {
    /// ## When it fires
    /// This client connected to an address, not to a name, and the server's certificate does not hold
    /// that address: `No subject alternative names matching IP address A found`, or `No subject
    /// alternative names present`.
    ///
    /// ## Why handshakes break here
    /// An address is only matched by an `iPAddress` entry in subjectAltName: never by a DNS name (even
    /// one spelt like an address), never by the common name. Few certificates have one. And without a
    /// name there is no SNI either, so the server shows its default certificate.
    ///
    /// ## Evidence
    /// The address in the exception, the names in the certificate. *Certain*: the JVM says so.
    ///
    /// ## Remedies
    /// Connect by a name of the certificate (`/etc/hosts` helps in a test). Or have the certificate
    /// issued with the address.
    ///
    /// ## Not to be confused with
    /// `hostname-mismatch`: the client wanted a name. A client that resolves the name first and connects
    /// by address looks like this, though its configuration has a name.
    ///
    /// ## References
    /// RFC 9525 §6.5; RFC 2818 §3.1; `sun.security.util.HostnameChecker.matchIP`.
    IpAddressMismatch: "T108", "ip-address-mismatch", since "0.1.0",
    "the client connected by address, and the server's certificate does not hold that address",
    check, of Objected
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of_server_certificate(handshake, context, Objection::Address)?;
    let address = refusal
        .text_with("IP address")
        .and_then(|words| between(words, "IP address ", " found"))
        .or_else(|| refusal.throwable?.refused_host());
    let wanted = address.unwrap_or("the address it connected to");
    let chain = handshake.peer_chain();
    let leaf = chain.and_then(|chain| chain.leaf());
    let names = leaf
        .and_then(|leaf| leaf.subject_alternative_names.as_deref())
        .unwrap_or_default();
    let kind = if names.is_empty() {
        "It has no subjectAltName at all.".to_owned()
    } else if names.iter().any(|name| name.starts_with("IP:")) {
        format!("It holds other addresses: {}.", names.join(", "))
    } else {
        format!(
            "It holds names only ({}), and a name never matches an address.",
            names.join(", ")
        )
    };
    let behind = who_checked(&refusal);
    let shown = leaf.map_or_else(
        || ".".to_owned(),
        |leaf| format!(": {}. {kind}", described(leaf)),
    );
    let finding = Finding::error(&IpAddressMismatch, Confidence::Certain, format!("the server's certificate does not hold {wanted}"))
        .explain(format!("This client wanted {wanted}, not a host name, and the server showed a certificate without it{shown}{behind}"))
        .fault_of(Party::Client);
    let finding = match chain {
        Some(chain) if leaf.is_some() => finding.evidence(
            chain.span_of(0),
            format!(
                "names: {}",
                if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                }
            ),
        ),
        _ => finding,
    };
    let host = names.iter().find_map(|name| name.strip_prefix("DNS:"));
    let by_name = host.map_or_else(
        || "connect by a name that the certificate has".to_owned(),
        |host| format!("connect by a name that the certificate has, such as {host}"),
    );
    let hosts_line = host
        .zip(address)
        .map(|(host, address)| format!("/etc/hosts: {address} {host}   # for a test"));
    let target = address.map_or_else(
        || context.openssl(handshake, ""),
        |address| {
            format!(
                "openssl s_client -connect {}:{} </dev/null",
                shell_word(address),
                context.port_for_command(handshake)
            )
        },
    );
    Some(
        refusal
            .proves(finding)
            .remedy(Party::Client, by_name, hosts_line)
            .remedy(
                Party::Server,
                format!("have the certificate issued with {wanted} as iPAddress in subjectAltName"),
                address.map(|address| {
                    format!(
                        "keytool -certreq -alias ALIAS -ext san=ip:{} -keystore server.p12",
                        shell_word(address)
                    )
                }),
            )
            .confirm(
                "the names in the certificate",
                Some(format!(
                    "{target} | openssl x509 -noout -subject -ext subjectAltName"
                )),
            )
            .references(&["RFC 9525 §6.5", "RFC 2818 §3.1"]),
    )
}
