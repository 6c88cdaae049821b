//! Family S: server names, and the key a server needs to be somebody.

pub(in crate::diagnose) mod server_key_missing;
pub(in crate::diagnose) mod server_name_missing;
pub(in crate::diagnose) mod server_name_unrecognized;

use crate::{
    diagnose::{Context, rules::trust::Refusal},
    handshake::{Handshake, Role},
    span::Span,
    tls::SuiteKey,
};

/// A server that could not be anybody: no key for what the client offers.
pub(in crate::diagnose) struct NoUsableKey<'a> {
    /// Key types that were tried and not found, each once, with where it is said.
    pub(in crate::diagnose) tried: Vec<(&'a str, Span)>,
    /// This JVM says in words that it has no authentication scheme.
    pub(in crate::diagnose) in_words: bool,
}

/// Whether this server broke off because it has no key that it may use for this client.
///
/// `No X.509 cert selected for EC` alone proves nothing: a good handshake prints it for the types that
/// were tried first. What counts is that every type which the offered suites need was tried in vain.
pub(in crate::diagnose) fn server_has_no_usable_key(
    handshake: &Handshake,
) -> Option<NoUsableKey<'_>> {
    let refusal = Refusal::of(handshake).filter(|_| handshake.role == Some(Role::Server))?;
    let mut tried: Vec<(&str, Span)> = Vec::new();
    for noted in &handshake.no_certificate_for {
        for name in noted.value.iter() {
            if !tried.iter().any(|(known, _)| *known == &**name) {
                tried.push((name, noted.span));
            }
        }
    }
    if [
        "No available authentication scheme",
        "No X.509 certificate for server authentication",
    ]
    .iter()
    .any(|words| refusal.says(words))
    {
        if tried.is_empty() && no_scheme_of_13(handshake) {
            return None; // nothing was looked for: `no-common-signature-scheme`
        }
        return Some(NoUsableKey {
            tried,
            in_words: true,
        });
    }
    let in_vain = |key: SuiteKey| match key {
        SuiteKey::Rsa => tried.iter().any(|(name, _)| *name == "RSA"),
        SuiteKey::Ec => tried.iter().any(|(name, _)| *name == "EC"),
        // suites with DSA keys are rarely enabled, so they are rarely tried
        SuiteKey::Dsa | SuiteKey::Any | SuiteKey::None => true,
    };
    let offered = &handshake.client_hello.as_deref()?.value.cipher_suites;
    let all_in_vain = offered.iter().all(|suite| in_vain(suite.server_key()));
    (refusal.says("no cipher suites in common") && !tried.is_empty() && all_in_vain).then_some(
        NoUsableKey {
            tried,
            in_words: false,
        },
    )
}

/// `no cipher suites in common` where the log does not show the search for a key (up to 8u252, 9 and 10 it is not logged),
/// of a server that agreed on no suite with anybody: what is missing may be a key.
pub(in crate::diagnose) fn key_may_be_missing(
    handshake: &Handshake,
    context: &Context<'_>,
) -> bool {
    // Bouncy Castle has a sentence of its own
    let is_logged =
        context.survey.classic == 0 && handshake.messages_logged || context.survey.bc > 0;
    let is_untold = !is_logged && handshake.no_certificate_for.is_empty();
    let has_a_key =
        |other: &&Handshake| other.role == Some(Role::Server) && other.cipher_suite.is_some();
    is_untold
        && handshake.role != Some(Role::Client)
        && !handshake.is_13()
        && !context.representatives.iter().any(has_a_key)
}

/// The client lists signature schemes, and none of them may sign a CertificateVerify of TLS 1.3.
///
/// RFC 8446 §4.2.3: RSASSA-PKCS1-v1_5, SHA-1, SHA-224 and DSA are for certificates there, if for anything.
/// A name that is not known counts as one that may.
pub(in crate::diagnose) fn no_scheme_of_13(handshake: &Handshake) -> bool {
    let schemes = handshake
        .client_hello
        .as_deref()
        .and_then(|hello| hello.value.extensions.signature_schemes.as_deref())
        .unwrap_or_default();
    let of_12_only = |scheme: &str| {
        scheme.starts_with("rsa_pkcs1_")
            || scheme.starts_with("rsa_md5")
            || scheme.starts_with("rsa_sha")
            || scheme.starts_with("dsa_")
            || scheme.ends_with("_sha1")
            || scheme.ends_with("_sha224")
            || scheme.ends_with("_md5")
    };
    !schemes.is_empty() && schemes.iter().all(|scheme| of_12_only(scheme))
}
