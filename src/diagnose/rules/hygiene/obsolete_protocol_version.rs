//! H101: established, but with a version that is no longer to be used.

use crate::{
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule},
    handshake::{Handshake, Outcome, Party},
    tls::ProtocolVersion,
};

rule! {
    /// ## When it fires
    /// A handshake was established with SSL 3.0, TLS 1.0, TLS 1.1 or DTLS 1.0.
    ///
    /// ## Why handshakes break here
    /// They do not yet: but these versions are deprecated (RFC 8996) and disabled by default in every JDK since
    /// April 2021. The next update of either side ends the connection.
    ///
    /// ## Evidence
    /// The version in the ServerHello; what the client offers.
    ///
    /// ## Remedies
    /// Enable TLS 1.2 and 1.3 on the side that lacks them.
    ///
    /// ## Not to be confused with
    /// `no-common-protocol-version`: there the handshake broke.
    ///
    /// ## References
    /// RFC 8996; RFC 7568; RFC 9325 §3.1; `jdk.tls.disabledAlgorithms`.
    ObsoleteProtocolVersion: "H101", "obsolete-protocol-version", since "0.1.0",
    "an established connection uses an obsolete protocol version",
    check, of Established
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let version = handshake
        .version
        .as_ref()
        .filter(|version| version.is_obsolete())?;
    if handshake.outcome != Outcome::Established {
        return None;
    }
    let offered = handshake.offered_versions();
    let client_is_behind = !offered.is_empty() && offered.iter().all(ProtocolVersion::is_obsolete);
    let behind = if offered.is_empty() {
        Party::Either
    } else if client_is_behind {
        Party::Client
    } else {
        Party::Server
    };
    let span = handshake
        .server_hello
        .as_deref()
        .map_or_else(|| handshake.first_span(), |hello| hello.span);
    Some(
        Finding::new(&ObsoleteProtocolVersion, Severity::Warning, Confidence::Certain, format!("established with {version}, which is obsolete"))
            .explain(format!("The connection works, with {version}. {} Current JDKs disable this version, so an update of either side will end it.", match behind {
                Party::Client => "The client offers nothing newer.",
                Party::Server => "The client offers newer versions; the server did not take them.",
                _ => "The log does not show what the client offers.",
            }))
            .fault_of(behind)
            .evidence(span, format!("negotiated version {version}"))
            .remedy(behind, "enable TLS 1.2 and 1.3", Some(if behind == Party::Client {
                "-Djdk.tls.client.protocols=TLSv1.2,TLSv1.3".to_owned()
            } else {
                "nginx: ssl_protocols TLSv1.2 TLSv1.3;   JVM: -Djdk.tls.server.protocols=TLSv1.2,TLSv1.3".to_owned()
            }))
            .confirm("must succeed before the old version is switched off", Some(context.openssl(handshake, "-tls1_2")))
            .references(&["RFC 8996"]),
    )
}
