//! S103: the server has no key for what the client offers.

use super::{key_may_be_missing, server_has_no_usable_key};
use crate::{
    diagnose::{
        Confidence, Context, Finding, catalogue::rule, context::shell_word, rules::trust::Refusal,
    },
    handshake::{Handshake, Party},
};

rule! {
    /// ## When it fires
    /// This server found no certificate of its own for any key type that the client's offer needs: `No
    /// available authentication scheme` in TLS 1.3; `no cipher suites in common` up to TLS 1.2, when
    /// every type that the offered suites need was tried (`No X.509 cert selected for …`) in vain. JDK 8 up to 8u252 and
    /// older do not log what they try: there, and where the log shows no message, the sentence alone.
    ///
    /// ## Why handshakes break here
    /// The key store is empty or holds certificates only, the alias is wrong, the key has another
    /// password, or its type is of no use: DSA in TLS 1.3, RSA for a client that offers ECDSA alone.
    ///
    /// ## Evidence
    /// The exception, and the types tried. *Certain* in TLS 1.3, when types are listed that were tried;
    /// *strong* without them, and before TLS 1.3, where words and types have to agree; *possible* by the sentence alone.
    ///
    /// ## Remedies
    /// Give the server a private key entry, RSA or EC, with its chain.
    ///
    /// ## Not to be confused with
    /// `no-common-signature-scheme`: the same words when the client lists no scheme that may sign in TLS 1.3.
    /// `no-common-cipher-suite`: the same sentence, with a key at hand. A good handshake prints `No X.509
    /// cert selected` too, for the types that were tried first.
    ///
    /// ## References
    /// RFC 8446 §4.4.2.2; `sun.security.ssl.X509Authentication`; `sun.security.ssl.CertificateMessage`.
    ServerKeyMissing: "S103", "server-key-missing", since "0.1.0",
    "the server has no private key that fits the client's offer",
    check, of GivenUp
}

/// The types tried in vain that a server can have a key of: *an EC*, *an RSA or EC*.
fn wanted_keys(tried: &[&str]) -> &'static str {
    let rsa = tried.iter().any(|name| name.starts_with("RSA"));
    let ec = tried
        .iter()
        .any(|name| *name == "EC" || name.starts_with("Ed"));
    match (rsa, ec) {
        (true, false) => "an RSA",
        (false, true) => "an EC",
        _ => "an RSA or EC",
    }
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let Some(missing) = server_has_no_usable_key(handshake) else {
        return untold(&refusal, handshake, context);
    };
    let types: Vec<&str> = missing.tried.iter().map(|(name, _)| *name).collect();
    let types_in_words = if types.is_empty() {
        "any key type".to_owned()
    } else {
        types.join(", ")
    };
    // a scheme in common is looked for before a key: without a type that was tried, that may be what lacks
    let confidence = if missing.in_words && !types.is_empty() {
        Confidence::Certain
    } else {
        Confidence::Strong
    };
    let keys = &context.jvm.key_entries;
    let have = match keys.as_slice() {
        [] if context.survey.keys == 0 => {
            "The log does not show the key entries of this JVM (keymanager would).".to_owned()
        }
        [] => "The log lists no private key entry of this JVM.".to_owned(),
        keys => {
            let listed: Vec<String> = keys
                .iter()
                .take(5)
                .map(|key| {
                    format!(
                        "{} ({})",
                        key.alias,
                        key.chain
                            .first()
                            .map_or("no chain", |leaf| &*leaf.certificate.public_key)
                    )
                })
                .collect();
            format!(
                "Private key entries listed in the log: {}; none of them fits, or this server does not use them.",
                listed.join(", ")
            )
        }
    };
    let mut finding = Finding::error(&ServerKeyMissing, confidence, format!("this server has no key for what the client offers (tried: {types_in_words})"))
        .explain(format!("This server says: {}. It looked for a certificate of its own for {types_in_words} and found none. {have}", refusal.reason))
        .fault_of(Party::Server);
    for (name, span) in missing.tried.iter().take(4) {
        finding = finding.evidence(*span, format!("No X.509 cert selected for {name}"));
    }
    for key in keys.iter().take(3) {
        finding = finding.evidence(key.span, format!("found key for : {}", key.alias));
    }
    let wanted = wanted_keys(&types);
    Some(with_remedies(refusal.proves(finding), wanted, context))
}

/// A JVM that does not log its search for a key, and has the same words for suites.
fn untold(refusal: &Refusal<'_>, handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let sentence = refusal.sentence(&["no cipher suites in common"])?;
    if !key_may_be_missing(handshake, context) {
        return None;
    }
    let finding = Finding::error(
        &ServerKeyMissing,
        Confidence::Possible,
        "suites may be in common, and this server has no key that fits one of them",
    )
    .explain("Suites with ECDHE_RSA or RSA in their names need an RSA key, those with ECDSA an EC key. The log does not show whether one was looked for (JDK 8 up to 8u252 and older do not print it), and JSSE says the same when there is none: the key store is empty or another one, the alias is wrong, the key has another password.")
    .fault_of(Party::Server)
    .evidence(refusal.span, sentence);
    Some(with_remedies(finding, wanted_keys(&[]), context))
}

fn with_remedies(finding: Finding, wanted: &str, context: &Context<'_>) -> Finding {
    let store = context
        .jvm
        .key_store
        .as_ref()
        .map_or_else(|| "server.p12".to_owned(), |store| shell_word(&store.value));
    finding
            .remedy(Party::Server, format!("make the server use a key store with {wanted} private key entry and its chain"), Some(format!("-Djavax.net.ssl.keyStore={store} -Djavax.net.ssl.keyStoreType=PKCS12 -Djavax.net.ssl.keyStorePassword=…")))
            .remedy(Party::Server, "import key and chain, if the store holds certificates only", Some(format!("openssl pkcs12 -export -inkey server.key -in fullchain.pem -name server -out {store}")))
            .confirm("the store must list a PrivateKeyEntry, with the alias that the server is told to use", Some(format!("keytool -list -keystore {store}")))
            .references(&["RFC 8446 §4.4.2.2"])
}
