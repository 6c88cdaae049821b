//! N106: the server's Diffie-Hellman parameters are too weak, or too large for an old client.

use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, peer_party},
    },
    handshake::{Handshake, Party},
};

rule! {
    /// ## When it fires
    /// `DH ServerKeyExchange does not comply to algorithm constraints` and its relatives, or (Java 6, 7) `Could
    /// not generate DH keypair`, `Prime size must be multiple of 64`.
    ///
    /// ## Why handshakes break here
    /// With DHE suites the server chooses the prime. `jdk.tls.disabledAlgorithms` refuses primes below 1024 bits;
    /// Java 6 and 7 cannot compute with more than 1024.
    ///
    /// ## Evidence
    /// The sentence; the size of the prime where `ServerKeyExchange` is printed.
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
    check, of GivenUp
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
    Some(
        Finding::error(&DhParametersTooWeak, Confidence::Certain, headline)
            .explain(explanation)
            .fault_of(at_fault)
            .evidence(refusal.span, sentence)
            .evidence_if(handshake.dh_bits(), |bits| format!("dh_p: {bits} bits"))
            .remedy(Party::Server, "use ECDHE, or a DH group of 2048 bits", Some("nginx: ssl_dhparam /path/dh2048.pem;   JVM: -Djdk.tls.ephemeralDHKeySize=2048".to_owned()))
            .remedy(Party::Client, "prefer ECDHE suites; upgrade Java 7 and older", Some("-Djdk.tls.client.cipherSuites=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384".to_owned()))
            .confirm("shows the size of the server's DH key (Server Temp Key)", Some(context.openssl(handshake, "-tls1_2 -cipher DHE")))
            .references(&["RFC 9325 §4.4", "RFC 7919"]),
    )
}
