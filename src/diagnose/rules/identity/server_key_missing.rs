//! S103: the server has no key for what the client offers.

use super::{NoUsableKey, key_may_be_missing, server_has_no_usable_key};
use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        context::shell_word,
        rules::{
            listed,
            negotiation::{NO_SUITE_OF_BC, is_of_today, suites_in_words, without_list},
            trust::Refusal,
        },
    },
    handshake::{Handshake, Party},
    search::holds,
    tls::CipherSuite,
};

rule! {
    /// ## When it fires
    /// This server found no certificate of its own for any key type that the client's offer needs: `No
    /// available authentication scheme` in TLS 1.3; `no cipher suites in common` up to TLS 1.2, when
    /// every type that the offered suites need was tried (`No X.509 cert selected for …`) in vain. JDK 8 up to 8u252 and
    /// older do not log what they try: there, and where the log shows no message, the sentence alone. Or it was given an
    /// alias that is of no use: `default is not a private key entry`. Bouncy Castle says `found no selectable cipher suite`
    /// of both, and never logs the search.
    ///
    /// ## Why handshakes break here
    /// The key store is empty or holds certificates only, the alias is wrong, the key has another
    /// password, or its type is of no use: DSA in TLS 1.3, RSA for a client that offers ECDSA alone.
    ///
    /// ## Evidence
    /// The exception, and the types tried. *Certain* in TLS 1.3, when types are listed that were tried;
    /// *strong* without them, and before TLS 1.3, where words and types have to agree; *likely* where the ClientHello is not
    /// in the log; *possible* by the sentence alone.
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

/// *tried: EC, RSA*, *default is not a private key entry*
fn tried_in_words(missing: &NoUsableKey<'_>) -> String {
    let types: Vec<&str> = missing.tried.iter().map(|(name, _)| *name).collect();
    match (missing.unfit.first(), types.as_slice()) {
        (None, []) => "tried: any key type".to_owned(),
        (None, types) => format!("tried: {}", types.join(", ")),
        (Some(key), _) => format!("{} {}", key.value.0, key.value.1),
    }
}

/// What this server looked for, and what it found instead.
fn search_in_words(missing: &NoUsableKey<'_>) -> String {
    let types: Vec<&str> = missing.tried.iter().map(|(name, _)| *name).collect();
    let mut text = String::new();
    if !types.is_empty() || missing.unfit.is_empty() {
        let types = match types.as_slice() {
            [] => "any key type".to_owned(),
            types => types.join(", "),
        };
        text = format!("It looked for a certificate of its own for {types} and found none. ");
    }
    if let Some(key) = missing.unfit.first() {
        let (alias, reason) = &key.value;
        let whose = if reason.starts_with("is ") {
            "it"
        } else {
            "its"
        };
        let used = format!(
            "Its key manager named the alias {alias}, which is of no use: {whose} {reason}. The alias may be wrong, the store may hold only a certificate under it, or a key manager of the application's own names what it has no key for. "
        );
        text.push_str(&used);
    }
    text
}

/// The log of the key manager, without a key entry in it.
fn passed_over(context: &Context<'_>) -> String {
    let mut of_type = context.jvm.keys_ignored.iter();
    match of_type.find(|key| key.value.1.starts_with("key algorithm")) {
        Some(key) => format!(
            "The key manager passed over the alias {}: {}.",
            key.value.0, key.value.1
        ),
        None => "The log lists no private key entry of this JVM.".to_owned(),
    }
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let Some(missing) = server_has_no_usable_key(handshake, context) else {
        return untold(&refusal, handshake, context);
    };
    let types: Vec<&str> = missing.tried.iter().map(|(name, _)| *name).collect();
    let is_found = !types.is_empty() || !missing.unfit.is_empty();
    // a scheme in common is looked for before a key: without a type that was tried, that may be what lacks
    let confidence = if !missing.is_shown && types.is_empty() {
        Confidence::Likely
    } else if missing.in_words && is_found {
        Confidence::Certain
    } else {
        Confidence::Strong
    };
    let keys = &context.jvm.key_entries;
    let have = match keys.as_slice() {
        [] if context.survey.is_bc_alone() => {
            "The log does not list the key entries of this JVM.".to_owned()
        }
        [] if context.survey.keys == 0 => {
            "The log does not show the key entries of this JVM (keymanager would).".to_owned()
        }
        [] => passed_over(context),
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
    let tried = tried_in_words(&missing);
    let mut finding = Finding::error(
        &ServerKeyMissing,
        confidence,
        format!("this server has no key for what the client offers ({tried})"),
    )
    .explain(format!(
        "This server says: {}. {}{have}",
        without_list(refusal.reason),
        search_in_words(&missing)
    ))
    .fault_of(Party::Server);
    for key in missing.unfit.iter().take(3) {
        finding = finding.evidence(key.span, format!("{} {}", key.value.0, key.value.1));
    }
    for (name, span) in missing.tried.iter().take(4) {
        let words = if context.survey.is_bc_alone() {
            format!(
                "did not select any credentials, of a key exchange that needs a key of type {name}"
            )
        } else {
            format!("No X.509 cert selected for {name}")
        };
        finding = finding.evidence(*span, words);
    }
    for key in keys.iter().take(3) {
        finding = finding.evidence(key.span, format!("found key for : {}", key.alias));
    }
    let wanted = wanted_keys(&types);
    Some(with_remedies(refusal.proves(finding), wanted, context))
}

/// A JVM that does not log its search for a key, and has the same words for suites.
fn untold(refusal: &Refusal<'_>, handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    if let Some(sentence) = refusal.sentence(&[NO_KEY_MANAGER]) {
        return Some(without_key_manager(refusal, sentence, context));
    }
    let sentence = refusal.sentence(&["no cipher suites in common", NO_SUITE_OF_BC])?;
    if !key_may_be_missing(handshake, context) {
        return None;
    }
    if holds(sentence, NO_SUITE_OF_BC) {
        return Some(untold_by_bc(refusal, sentence, context));
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

/// What `ProvTlsServer.getSelectedCipherSuite` itself throws for (1.72 to 1.86): no other reason is in that method.
const NO_KEY_MANAGER: &str = "No key manager (ProvTlsServer";

/// Bouncy Castle looks for a suite only if it was given a key manager.
fn without_key_manager(refusal: &Refusal<'_>, sentence: &str, context: &Context<'_>) -> Finding {
    let finding = Finding::error(
        &ServerKeyMissing,
        Confidence::Strong,
        "this server was given no key manager, so it has no key at all",
    )
    .explain("Bouncy Castle gives up in ProvTlsServer.getSelectedCipherSuite itself, before it looks at any cipher suite, only where the SSLContext has no key manager: it was made without one (init(null, …)), or javax.net.ssl.keyStore is not set for the default one. Nothing is wrong with what the client offers.")
    .fault_of(Party::Server)
    .evidence(refusal.span, sentence);
    with_remedies(finding, wanted_keys(&[]), context)
}

/// Bouncy Castle selects a suite only if its key manager has a key for it, and does not log what it asked for.
fn untold_by_bc(refusal: &Refusal<'_>, sentence: &str, context: &Context<'_>) -> Finding {
    let offered = suites_in_words(sentence);
    let offered: Vec<&CipherSuite> = offered.iter().collect();
    let (confidence, offer) = if is_of_today(&offered) {
        (
            Confidence::Likely,
            format!(
                "The client offers {}: suites of TLS 1.3, and others for RSA and for EC keys, some of which nearly every server accepts.",
                listed(&offered)
            ),
        )
    } else {
        (
            Confidence::Possible,
            "What the client offers may just as well be what is refused (no-common-cipher-suite)."
                .to_owned(),
        )
    };
    let finding = Finding::error(
        &ServerKeyMissing,
        confidence,
        "this server found no cipher suite that it has a key for",
    )
    .explain(format!("Bouncy Castle selects a suite, of TLS 1.3 too, only where its key manager has a key for it, and says the same where it has none: the key store is empty or another one, the alias is wrong, the key has another password. {offer}"))
    .fault_of(Party::Server)
    .evidence(refusal.span, without_list(sentence));
    with_remedies(finding, wanted_keys(&[]), context)
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
