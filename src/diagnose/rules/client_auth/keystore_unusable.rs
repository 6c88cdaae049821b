//! A105: a key store that cannot be opened, or has nothing to use in it.

use super::{Answer, Asked};
use crate::{
    assemble::Assembly,
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        context::shell_word,
        rules::{
            end_of_thrower,
            trust::truststore_unusable::{DEFAULT_CONTEXT, is_about_trust_store},
        },
    },
    event::{Cause, Throwable},
    handshake::{Handshake, Party},
    span::Span,
};

rule! {
    /// ## When it fires
    /// The handshake broke with an exception about a key store (`keystore password was incorrect`,
    /// `UnrecoverableKeyException`, `Invalid keystore format` …). Or a client that was told to use a key
    /// store had no key to send, and the key manager says why its entries do not count. Also in a log without a
    /// handshake, where the application says that its SSLContext could not be made.
    ///
    /// ## Why handshakes break here
    /// Wrong password, wrong type, a key with another password than its store, or a store that holds a
    /// certificate without its key (a trustedCertEntry).
    ///
    /// ## Evidence
    /// The exception: *certain*; *strong* where no handshake began, as the same words are said of a trust store
    /// that is opened by the application. A key store named in the log, no key entry listed and an empty
    /// Certificate: *possible*, as the debug option may just not show the keys.
    ///
    /// ## Remedies
    /// Correct path, type and password; put key and certificate together into one entry.
    ///
    /// ## Not to be confused with
    /// `client-certificate-missing`: no key store at all. `truststore-unusable`: the other store.
    ///
    /// ## References
    /// JSSE Reference Guide, "Customizing the Default Key Stores and Trust Stores"; `java.security.KeyStore`.
    KeystoreUnusable: "A105", "keystore-unusable", since "0.1.0",
    "a key store could not be opened, or has no usable key",
    check, of BrokenUp, log check_log
}

const WORDS: [&str; 8] = [
    "keystore password was incorrect",
    "Keystore was tampered with",
    "Invalid keystore format",
    "Private key must be accompanied by certificate chain",
    "Get Key failed",
    "failed to decrypt safe contents entry",
    "toDerInputStream rejects tag type",
    "Cannot recover key",
];

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let finding = by_exception(handshake).or_else(|| by_store(handshake, context))?;
    let at = handshake.role.map_or(Party::Client, Party::from);
    let store = context
        .jvm
        .key_store
        .as_ref()
        .map_or_else(|| "client.p12".to_owned(), |store| shell_word(&store.value));
    Some(
        finding
            .fault_of(at)
            .remedy(at, "set path, type and password of the key store right; in PKCS12 the key has the password of the store", Some(format!("-Djavax.net.ssl.keyStore={store} -Djavax.net.ssl.keyStoreType=PKCS12 -Djavax.net.ssl.keyStorePassword=…")))
            .remedy(at, "if it is the trust store that does not open: the same for that one", Some("-Djavax.net.ssl.trustStore=/path/trust.p12 -Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=…".to_owned()))
            .remedy(at, "put key and chain together into one entry", Some(format!("openssl pkcs12 -export -inkey key.pem -in fullchain.pem -out {store}")))
            .confirm("the store must open and list a PrivateKeyEntry, not only trustedCertEntry", Some(format!("keytool -list -keystore {store}")))
            .references(&["JSSE Reference Guide: key stores"]),
    )
}

fn by_exception(handshake: &Handshake) -> Option<Finding> {
    let said = handshake.break_up.as_deref()?.said.as_deref();
    let may_say = said.is_none_or(|said| WORDS.iter().any(|words| said.may_hold(words)));
    let is_meant = |cause: &&Cause| has_telling_class(cause) || (may_say && says(cause));
    let fatal = handshake
        .fatal
        .as_deref()
        .and_then(|fatal| Some((fatal.span, fatal.value.throwable.as_deref()?)));
    let handled = handshake
        .exception()
        .map(|thrown| (thrown.span, &*thrown.value));
    let (span, cause) =
        [fatal, handled]
            .into_iter()
            .flatten()
            .find_map(|(span, thrown): (Span, &Throwable)| {
                Some((span, thrown.causes.iter().find(is_meant)?))
            })?;
    Some(
        Finding::error(&KeystoreUnusable, Confidence::Certain, format!("a key store could not be used: {}", cause.plain_message()))
            .explain(format!("The exception that ended the handshake comes from a store of keys or certificates: {}: {}. TLS itself did not go wrong. A trust store with a wrong password or type is refused in the same words; the frames below the exception tell which of the two was opened.", cause.simple_class(), cause.plain_message()))
            .evidence_of_cause(span, Some(cause)),
    )
}

fn is_meant(cause: &Cause) -> bool {
    has_telling_class(cause) || says(cause)
}

fn has_telling_class(cause: &Cause) -> bool {
    matches!(
        cause.simple_class(),
        "UnrecoverableKeyException" | "UnrecoverableEntryException" | "KeyStoreException"
    )
}

fn says(cause: &Cause) -> bool {
    WORDS
        .iter()
        .any(|words| crate::search::holds(&cause.message, words))
}

/// A key store was named, and yet nothing was sent.
fn by_store(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let asked = Asked::of(handshake)
        .filter(|asked| asked.empty && !matches!(asked.answer, Answer::Silence))?;
    let store = context.jvm.key_store.as_ref().filter(|store| {
        let before =
            |request: &crate::handshake::Noted<_>| store.span.order() < request.span.order();
        !store.value.is_empty() && asked.request.is_none_or(before)
    })?;
    if !context.client_keys.is_empty() {
        return None;
    }
    let finding = Finding::error(&KeystoreUnusable, Confidence::Possible, format!("the key store {} may have no usable key", store.value))
            .explain(format!("This JVM is told to use the key store {}, yet the log lists no key entry and the client sent an empty Certificate. The store may hold a certificate without its key, or the debug option does not show the keys.", store.value))
            .evidence(store.span, format!("keyStore is : {}", store.value));
    Some(
        asked
            .cited(finding, "CertificateRequest")
            .evidence_of_break_up(handshake.break_up.as_deref()),
    )
}

/// No handshake began, and the application says why: its SSLContext could not be made.
fn check_log(assembly: &Assembly, context: &Context<'_>) -> Option<Finding> {
    if !assembly.handshakes.is_empty() {
        return None;
    }
    let (thrown, cause) = assembly.heard_alone.iter().find_map(|thrown| {
        if is_about_trust_store(&thrown.value) {
            return None;
        }
        let causes = &thrown.value.causes;
        let plain = || causes.iter().find(|cause| is_meant(cause));
        // the default context reads two stores, and says so when it was the trust store
        let by_elimination = || {
            thrown.value.saying(DEFAULT_CONTEXT)?;
            thrown.value.find("KeyManagementException")
        };
        Some((thrown, plain().or_else(by_elimination)?))
    })?;
    let words = if cause.message.is_empty() {
        cause.simple_class()
    } else {
        cause.plain_message()
    };
    let store = context.jvm.key_store.as_ref().map_or_else(
        || "keystore.p12".to_owned(),
        |store| shell_word(&store.value),
    );
    let at = end_of_thrower(&thrown.value);
    Some(
        Finding::error(&KeystoreUnusable, Confidence::Strong, format!("no SSLContext could be made, as a key store cannot be used: {words}"))
            .explain(format!("TLS was never started: making the SSLContext failed with {}. The file is not there, has another password or type, or its key has a password of its own. No peer has a part in it.", cause.simple_class()))
            .fault_of(at)
            .evidence_of_cause(thrown.span, Some(cause))
            .evidence_if(context.jvm.key_store.as_ref(), |store| format!("keyStore is : {store}"))
            .remedy(at, "set path, type and password of the key store right, in this JVM", Some("-Djavax.net.ssl.keyStore=/path/keystore.p12 -Djavax.net.ssl.keyStoreType=PKCS12 -Djavax.net.ssl.keyStorePassword=…".to_owned()))
            .confirm("the store must open with this password and list a PrivateKeyEntry", Some(format!("ls -lL {store}; keytool -list -keystore {store}")))
            .references(&["JSSE Reference Guide: key stores"]),
    )
}
