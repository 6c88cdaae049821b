//! Family S: server names, and the key a server needs to be somebody.

pub(in crate::diagnose) mod server_key_missing;
pub(in crate::diagnose) mod server_name_missing;
pub(in crate::diagnose) mod server_name_unrecognized;

use std::sync::Arc;

use crate::{
    diagnose::{
        Context,
        rules::{
            negotiation::{NO_SUITE_OF_BC, suites_in_words},
            trust::Refusal,
        },
    },
    handshake::{Handshake, Noted, Role},
    span::Span,
    tls::SuiteKey,
};

/// A server that could not be anybody: no key for what the client offers.
pub(in crate::diagnose) struct NoUsableKey<'a> {
    /// Key types that were tried and not found, each once, with where it is said.
    pub(in crate::diagnose) tried: Vec<(&'a str, Span)>,
    /// Aliases that its key manager named and that it cannot use, each once, and why.
    pub(in crate::diagnose) unfit: Vec<&'a UnfitKey>,
    /// This JVM says in words that it has no authentication scheme.
    pub(in crate::diagnose) in_words: bool,
    /// The log shows that this handshake asked for what was not found.
    pub(in crate::diagnose) is_shown: bool,
}

/// An alias, and what is wrong with it.
type UnfitKey = Noted<(Arc<str>, Arc<str>)>;

/// Whether keys of this type were asked for in vain: `A private or public key is not of RSA algorithm` names one, `A is
/// not a private key entry` any.
fn rules_out(unfit: &UnfitKey, key_type: &str) -> bool {
    let reason = &unfit.value.1;
    if let Some(rest) = reason.strip_prefix("private or public key is not of ") {
        return rest.strip_suffix(" algorithm") == Some(key_type);
    }
    let of_curves = reason.contains("ECPublicKey") || reason.contains("named group");
    !of_curves || key_type == "EC"
}

/// The aliases that were of no use: to this handshake, or, where its beginning is not in the log, to any before its end.
fn unfit_keys<'a>(handshake: &'a Handshake, context: &Context<'a>) -> (Vec<&'a UnfitKey>, bool) {
    let mut unfit: Vec<&UnfitKey> = Vec::new();
    for key in handshake.keys_unfit() {
        if !unfit.iter().any(|known| known.value == key.value) {
            unfit.push(key);
        }
    }
    if unfit.is_empty() && handshake.client_hello.is_none() {
        let end = handshake.last_span().order();
        let keys = context.jvm.keys_ignored.iter();
        unfit.extend(keys.filter(|key| key.span.order() < end && is_of_possession(&key.value.1)));
        return (unfit, false);
    }
    (unfit, handshake.client_hello.is_some())
}

/// Of what JSSE finds when it takes the key, not of what the key manager passes over.
fn is_of_possession(reason: &str) -> bool {
    ["is not a ", "private or public key is not of "]
        .iter()
        .any(|words| reason.starts_with(words))
}

/// Whether this server broke off because it has no key that it may use for this client.
///
/// `No X.509 cert selected for EC` alone proves nothing: a good handshake prints it for the types that
/// were tried first. What counts is that every type which the offered suites need was tried in vain.
pub(in crate::diagnose) fn server_has_no_usable_key<'a>(
    handshake: &'a Handshake,
    context: &Context<'a>,
) -> Option<NoUsableKey<'a>> {
    let refusal = Refusal::of(handshake).filter(|_| handshake.role == Some(Role::Server))?;
    let mut tried: Vec<(&str, Span)> = Vec::new();
    for noted in &handshake.no_certificate_for {
        for name in noted.value.iter() {
            if !tried.iter().any(|(known, _)| *known == &**name) {
                tried.push((name, noted.span));
            }
        }
    }
    let (unfit, is_shown) = unfit_keys(handshake, context);
    if [
        "No available authentication scheme",
        "No X.509 certificate for server authentication",
    ]
    .iter()
    .any(|words| refusal.says(words))
    {
        if tried.is_empty() && unfit.is_empty() && no_scheme_of_13(handshake) {
            return None; // nothing was looked for: `no-common-signature-scheme`
        }
        return Some(NoUsableKey {
            tried,
            unfit,
            in_words: true,
            is_shown,
        });
    }
    let of_type = |key_type: &str| {
        tried.iter().any(|(name, _)| *name == key_type)
            || unfit.iter().any(|key| rules_out(key, key_type))
    };
    let in_vain = |key: SuiteKey| match key {
        SuiteKey::Rsa => of_type("RSA"),
        SuiteKey::Ec => of_type("EC"),
        // suites with DSA keys are rarely enabled, so they are rarely tried
        SuiteKey::Dsa | SuiteKey::Any | SuiteKey::None => true,
    };
    let of_bc = refusal.sentence(&[NO_SUITE_OF_BC]);
    let in_words = of_bc
        .map(suites_in_words)
        .filter(|suites| !suites.is_empty());
    let hello = handshake.client_hello.as_deref();
    let offered = hello
        .map(|hello| &hello.value.cipher_suites[..])
        .or(in_words.as_deref());
    let all_in_vain = match offered {
        Some(offered) => {
            (!tried.is_empty() || !unfit.is_empty())
                && offered.iter().all(|suite| in_vain(suite.server_key()))
        }
        // what was offered is not known: an entry that is no key at all is of use to none
        None => ["RSA", "EC"]
            .iter()
            .all(|key_type| unfit.iter().any(|key| rules_out(key, key_type))),
    };
    ((of_bc.is_some() || refusal.says("no cipher suites in common")) && all_in_vain).then_some(
        NoUsableKey {
            tried,
            unfit,
            in_words: false,
            is_shown,
        },
    )
}

/// `no cipher suites in common` where the log does not show the search for a key (up to 8u252, 9 and 10 it is not logged),
/// of a server that agreed on no suite with anybody: what is missing may be a key.
pub(in crate::diagnose) fn key_may_be_missing(
    handshake: &Handshake,
    context: &Context<'_>,
) -> bool {
    // Bouncy Castle never logs it, and takes no suite of TLS 1.3 either without a key
    let of_bc = Refusal::of(handshake).is_some_and(|refusal| refusal.says(NO_SUITE_OF_BC));
    let is_logged = context.survey.classic == 0 && handshake.messages_logged && !of_bc;
    let is_untold = !is_logged && handshake.no_certificate_for.is_empty();
    let has_a_key = |other: &&Handshake| {
        other.role == Some(Role::Server) && (other.cipher_suite.is_some() || of_bc)
    };
    is_untold
        && handshake.role != Some(Role::Client)
        && (!handshake.is_13() || of_bc)
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
