//! J102: the cryptography of this JVM failed.

use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, own_party},
    },
    event::Cause,
    handshake::Handshake,
};

rule! {
    /// ## When it fires
    /// This JVM gave a handshake up with an exception of its own cryptography: `ProviderException`,
    /// `PKCS11Exception`, `InternalError`. The peer is not in it.
    ///
    /// ## Why handshakes break here
    /// A provider that is not written in Java rests on a library of the system: NSS under `SunPKCS11`, a smart card or HSM,
    /// the curves of old releases (`libsunec`). Where that is missing, too old, set up wrong or out of sessions, key
    /// agreement or signature fails.
    ///
    /// ## Evidence
    /// The exception. *Strong* for those that name a provider; *likely* for `InternalError`, which other parts of the JDK
    /// throw, too.
    ///
    /// ## Remedies
    /// Update the library under the provider, or take the provider out of the list in `java.security`.
    ///
    /// ## Not to be confused with
    /// `crypto-provider-missing`: no provider has curves, and nothing is thrown. `client-key-unusable`: the key of this
    /// client cannot sign. An alert `internal_error` from the peer: then it is the peer's.
    ///
    /// ## References
    /// `java.security.ProviderException`; JDK PKCS#11 Reference Guide; `java.security.debug`.
    CryptoProviderFailed: "J102", "crypto-provider-failed", since "0.1.0",
    "a cryptographic provider of this JVM failed",
    check, of GivenUp
}

/// Classes with which a provider fails; the last is not theirs alone.
const CLASSES: [&str; 3] = [
    "sun.security.pkcs11.wrapper.PKCS11Exception",
    "java.security.ProviderException",
    "java.lang.InternalError",
];

/// One of [`CLASSES`], as a cause of its own or, where causes are not printed, at the front of a message.
fn failure(cause: &Cause) -> Option<&'static str> {
    CLASSES
        .into_iter()
        .find(|class| &*cause.class == *class || cause.plain_message().starts_with(class))
}

fn check(handshake: &Handshake, _context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let causes = &refusal.throwable?.causes;
    let class = causes.iter().find_map(failure)?;
    let confidence = if class.ends_with("InternalError") {
        Confidence::Likely
    } else {
        Confidence::Strong
    };
    let root = causes.last().filter(|_| causes.len() > 1);
    let words = causes.first()?.in_words();
    let own = own_party(handshake);
    let finding = Finding::error(&CryptoProviderFailed, confidence, "the cryptography of this JVM failed")
        .explain(format!("This JVM gave up with {words}. A provider throws so when it cannot do its work: a native library under it (NSS, a smart card, an HSM, the curves of old releases) is missing, too old, set up wrong, or out of sessions. What the peer sent is not blamed."))
        .fault_of(own);
    Some(
        refusal
            .proves(finding)
            .evidence_of_cause(refusal.entry, root)
            .remedy(own, "update the JDK and the system's libraries under its providers (NSS, p11-kit, the vendor's PKCS#11 module), then start the JVM anew", None)
            .remedy(own, "take the provider out of the list, or behind SunEC and SunJCE, if it is not needed", Some("grep '^security.provider' $JAVA_HOME/conf/security/java.security   # JDK 8: jre/lib/security".to_owned()))
            .confirm("shows which provider is asked, and what it answers", Some("-Djava.security.debug=sunpkcs11,provider".to_owned()))
            .references(&["java.security.ProviderException"]),
    )
}
