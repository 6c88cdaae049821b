//! N106: the server's Diffie-Hellman parameters are too weak, or too large for an old client.

use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, peer_party},
    },
    handshake::{Handshake, How, Party, Role},
    tls::{AlertDescription, KeyExchange, MessageKind},
};

rule! {
    /// ## When it fires
    /// `DH ServerKeyExchange does not comply to algorithm constraints` and its relatives, or (Java 6, 7) `Could
    /// not generate DH keypair`, `Prime size must be multiple of 64`. On a server: it chose a DHE suite with a prime of
    /// less than 2048 bits, or of unknown size, and the client gave up behind its ServerHelloDone without a word on
    /// certificates.
    ///
    /// ## Why handshakes break here
    /// With DHE suites the server chooses the prime. `jdk.tls.disabledAlgorithms` refuses primes below 1024 bits;
    /// Java 6 and 7 cannot compute with more than 1024.
    ///
    /// ## Evidence
    /// The sentence; the size of the prime where `ServerKeyExchange` is printed. What a client says without words is
    /// *likely* for `insufficient_security` and for primes below 1024 bits, else *possible*.
    ///
    /// ## Remedies
    /// A 2048-bit group or ECDHE on the server; ECDHE suites first on the client; no Java 7.
    ///
    /// ## Not to be confused with
    /// `no-common-named-group`: elliptic curves. `weak-certificate-algorithm`: the key of the certificate.
    ///
    /// ## References
    /// RFC 7919; RFC 9325 §4.4; JDK-6521495; `jdk.tls.disabledAlgorithms`; `sun.security.ssl.DHServerKeyExchange`.
    DhParametersTooWeak: "N106", "dh-parameters-too-weak", since "0.1.0",
    "the Diffie-Hellman parameters of the server are not acceptable",
    check, of BrokenUp
}

const WORDS: [&str; 7] = [
    "DH ServerKeyExchange does not comply to algorithm constraints",
    "DHPublicKey does not comply to algorithm constraints",
    "DHE key share entry does not comply to algorithm constraints",
    "Could not generate DH keypair",
    "Prime size must be multiple of 64",
    "DH key size must be multiple of 64",
    "Diffie-Hellman parameters are too",
];

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    stated(handshake, context).or_else(|| turned_away(handshake, context))
}

/// This JVM says it.
fn stated(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let sentence = refusal
        .sentence(&WORDS)
        .filter(|sentence| !sentence.contains("ECDH"))?;
    let too_large = sentence.contains("keypair") || sentence.contains("multiple of 64");
    let size = handshake
        .dh_bits()
        .map_or_else(String::new, |bits| format!(" of {} bits", bits.value));
    let (headline, explanation, at_fault) = if too_large {
        (
            format!("the server's DH prime{size} is larger than this old JVM can compute with"),
            "Java 6 and 7 compute Diffie-Hellman with at most 1024 bits; the server asks for more, as it should.".to_owned(),
            Party::Client,
        )
    } else {
        (
            format!("the peer's DH parameters{size} are too weak for this JVM"),
            format!(
                "The peer sent Diffie-Hellman parameters{size} that jdk.tls.disabledAlgorithms does not allow here."
            ),
            peer_party(handshake),
        )
    };
    let finding = Finding::error(&DhParametersTooWeak, Confidence::Certain, headline)
        .explain(explanation)
        .fault_of(at_fault)
        .evidence(refusal.span, sentence);
    Some(with_remedies(finding, handshake, context))
}

/// A client does not take what this server computes with: browsers since Logjam (2015), OpenSSL since 1.0.2.
fn turned_away(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    const ENOUGH: u32 = 2048;
    let break_up = handshake.break_up.as_deref()?;
    let suite = handshake.cipher_suite.as_ref()?;
    let asked = handshake.role == Some(Role::Server)
        && suite.key_exchange() == KeyExchange::Dhe
        && break_up.after == Some(MessageKind::ServerHelloDone);
    let bits = handshake.dh_bits().map(|bits| bits.value);
    if !asked || bits.is_some_and(|bits| bits >= ENOUGH) {
        return None;
    }
    let alert = break_up.received_alert();
    let turned_away = match alert {
        Some(alert) => matches!(
            alert,
            AlertDescription::HandshakeFailure
                | AlertDescription::InsufficientSecurity
                | AlertDescription::IllegalParameter
        ),
        None => matches!(break_up.how, How::PeerClosed | How::Reset),
    };
    if !turned_away {
        return None;
    }
    let names_it = alert == Some(&AlertDescription::InsufficientSecurity);
    let is_weak = alert.is_some() && bits.is_some_and(|bits| bits < 1024);
    let confidence = if names_it || is_weak {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let size = bits.map_or_else(
        || "of a size that is not logged (768 bits on Java 7, 1024 on Java 8)".to_owned(),
        |bits| format!("of {bits} bits"),
    );
    let finding = Finding::error(
        &DhParametersTooWeak,
        confidence,
        "the client does not seem to take this server's Diffie-Hellman parameters",
    )
    .explain(format!(
        "This server chose {suite} with a prime {size}. The client gave up right behind it ({}), and did not blame the certificate. Clients of today refuse primes below 1024 bits, many below 2048.",
        break_up.in_words()
    ))
    .fault_of(Party::Server)
    .evidence_of_break_up(Some(break_up))
    .evidence_if(handshake.server_hello.as_deref(), |_| {
        format!("ServerHello chooses {suite}")
    });
    Some(with_remedies(finding, handshake, context))
}

fn with_remedies(finding: Finding, handshake: &Handshake, context: &Context<'_>) -> Finding {
    finding
        .evidence_if(handshake.dh_bits(), |bits| format!("dh_p: {bits} bits"))
        .remedy(Party::Server, "use ECDHE, or a DH group of 2048 bits", Some("nginx: ssl_dhparam /path/dh2048.pem;   JVM: -Djdk.tls.ephemeralDHKeySize=2048".to_owned()))
        .remedy(Party::Client, "prefer ECDHE suites; upgrade Java 7 and older", Some("-Djdk.tls.client.cipherSuites=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384".to_owned()))
        .confirm("shows the size of the server's DH key (Server Temp Key)", Some(context.openssl(handshake, "-tls1_2 -cipher DHE")))
        .references(&["RFC 9325 §4.4", "RFC 7919"])
}
