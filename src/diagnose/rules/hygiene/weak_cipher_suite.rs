//! H102: established, but with a weak cipher suite.

use super::super::listed;
use crate::{
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule},
    handshake::{Handshake, Outcome, Party},
    tls::CipherSuite,
};

rule! {
    /// ## When it fires
    /// A handshake was established with a suite without encryption, authentication or forward secrecy, with
    /// export keys, RC4 or a 64-bit block cipher.
    ///
    /// ## Why handshakes break here
    /// They do not yet: but JDK 24 and later disable static RSA (`TLS_RSA_*`), earlier ones RC4, 3DES and anonymous
    /// suites. An update of either side ends the connection.
    ///
    /// ## Evidence
    /// The suite in the ServerHello; better ones among those offered.
    ///
    /// ## Remedies
    /// ECDHE suites with AES-GCM or `CHACHA20` on the side that chose or lacks them.
    ///
    /// ## Not to be confused with
    /// `no-common-cipher-suite`: there the handshake broke.
    ///
    /// ## References
    /// RFC 9325 §4.1, §4.2; RFC 7465; JDK-8245545 (`TLS_RSA_*` disabled).
    WeakCipherSuite: "H102", "weak-cipher-suite", since "0.1.0",
    "an established connection uses a weak cipher suite",
    check, of Established
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let suite = handshake.cipher_suite.as_ref()?;
    let weakness = suite.weakness()?;
    if handshake.outcome != Outcome::Established {
        return None;
    }
    let better: Vec<&CipherSuite> = handshake
        .client_hello
        .iter()
        .flat_map(|hello| hello.value.cipher_suites.iter())
        .filter(|offered| {
            !offered.is_signalling() && !offered.is_tls13() && offered.weakness().is_none()
        })
        .collect();
    let (behind, offer) = if handshake.client_hello.is_none() {
        (
            Party::Either,
            "The log does not show what the client offers.".to_owned(),
        )
    } else if better.is_empty() {
        (
            Party::Client,
            "The client offers nothing better.".to_owned(),
        )
    } else {
        (
            Party::Server,
            format!("The client offers better ones too ({}).", listed(&better)),
        )
    };
    let command = if behind == Party::Client {
        "-Djdk.tls.client.cipherSuites=TLS_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,…"
    } else {
        "nginx: ssl_ciphers ECDHE+AESGCM; ssl_prefer_server_ciphers on;   JVM: -Djdk.tls.server.cipherSuites=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,…"
    };
    let span = handshake
        .server_hello
        .as_deref()
        .map_or_else(|| handshake.first_span(), |hello| hello.span);
    Some(
        Finding::new(&WeakCipherSuite, Severity::Warning, Confidence::Certain, format!("established with {suite}: {weakness}"))
            .explain(format!("The connection works, with {suite}: {weakness}. {offer} Current JDKs disable such suites one after the other."))
            .fault_of(behind)
            .evidence(span, format!("chosen suite {suite}"))
            .remedy(behind, "enable ECDHE suites with AES-GCM, and prefer them", Some(command.to_owned()))
            .confirm("must succeed before the weak suite is switched off", Some(context.openssl(handshake, "-tls1_2 -cipher ECDHE+AESGCM")))
            .references(&["RFC 9325 §4.1"]),
    )
}
