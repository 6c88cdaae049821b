//! Family N: what the two ends have in common, and what they lack.

mod candidates;
pub(in crate::diagnose) mod crypto_provider_missing;
pub(in crate::diagnose) mod dh_parameters_too_weak;
pub(in crate::diagnose) mod disabled_by_local_policy;
pub(in crate::diagnose) mod downgrade_detected;
pub(in crate::diagnose) mod no_common_application_protocol;
pub(in crate::diagnose) mod no_common_cipher_suite;
pub(in crate::diagnose) mod no_common_named_group;
pub(in crate::diagnose) mod no_common_protocol_version;
pub(in crate::diagnose) mod no_common_signature_scheme;
pub(in crate::diagnose) mod no_server_hello;
pub(in crate::diagnose) mod refused_without_reason;
pub(in crate::diagnose) mod removed_by_jdk_update;

use std::sync::Arc;

use crate::{
    diagnose::{Context, Finding, rules::Refusal},
    event::RefusedKind,
    handshake::{Handshake, Role},
    tls::{CipherSuite, KeyExchange, SuiteKey},
};

/// The words of a server that found no suite: no suite, no key, or no group in common.
const NO_SUITE: [&str; 3] = [
    "no cipher suites in common",
    "No negotiable cipher suite",
    NO_SUITE_OF_BC,
];
/// Bouncy Castle's: no suite, or no key for any. `found no selectable …`, up to 1.72 `No selectable …`.
pub(in crate::diagnose) const NO_SUITE_OF_BC: &str = "selectable cipher suite";

/// The suites that Bouncy Castle lists where it found none: `… among the 2 offered: [{0x13,0x02}(TLS_…), …]`.
pub(in crate::diagnose) fn suites_in_words(sentence: &str) -> Vec<CipherSuite> {
    let listed = sentence
        .split_once(" offered: [")
        .map_or("", |(_, listed)| listed);
    let named = listed
        .split('(')
        .skip(1)
        .filter_map(|item| Some(item.split_once(')')?.0))
        .filter(|name| name.starts_with("TLS_") || name.starts_with("SSL_"));
    named
        .map(|name| CipherSuite::new(name.into()))
        .filter(|suite| !suite.is_signalling())
        .collect()
}

/// The sentence in front of such a list.
pub(in crate::diagnose) fn without_list(sentence: &str) -> &str {
    let end = sentence.find(" offered: [");
    end.map_or(sentence, |at| &sentence[..at + " offered".len()])
}

/// An offer in which a server of today finds a suite: of TLS 1.3, and with ECDHE for keys of either type.
pub(in crate::diagnose) fn is_of_today(offered: &[&CipherSuite]) -> bool {
    let with_key = |key: SuiteKey| {
        offered
            .iter()
            .any(|suite| suite.key_exchange() == KeyExchange::Ecdhe && suite.server_key() == key)
    };
    offered.iter().any(|suite| suite.is_tls13())
        && with_key(SuiteKey::Rsa)
        && with_key(SuiteKey::Ec)
}

/// This JVM found nothing to write into a ClientHello: `No negotiable cipher suite` inside the wrapper of
/// `startHandshake`, before any message. A server says the same words about its client's offer.
fn has_nothing_to_offer(handshake: &Handshake) -> bool {
    handshake.role != Some(Role::Server)
        && handshake.client_hello.is_none()
        && handshake.last_message().is_none()
        && handshake
            .fatal
            .as_deref()
            .is_some_and(|fatal| fatal.value.is_wrapper())
        && Refusal::of(handshake).is_some_and(|refusal| refusal.sentence(&NO_SUITE).is_some())
}

/// The suites that the client offers, without signalling values.
fn offered_suites(handshake: &Handshake) -> impl Iterator<Item = &CipherSuite> {
    handshake
        .client_hello
        .iter()
        .flat_map(|hello| hello.value.cipher_suites.iter())
        .filter(|suite| !suite.is_signalling())
}

/// The named groups that the client offers.
fn offered_groups(handshake: &Handshake) -> &[Arc<str>] {
    handshake
        .client_hello
        .as_deref()
        .and_then(|hello| hello.value.extensions.supported_groups.as_deref())
        .unwrap_or_default()
}

/// The signature schemes that the client offers.
fn offered_schemes(handshake: &Handshake) -> &[Arc<str>] {
    handshake
        .client_hello
        .as_deref()
        .and_then(|hello| hello.value.extensions.signature_schemes.as_deref())
        .unwrap_or_default()
}

/// Every suite offered agrees on keys over named groups.
fn needs_groups(handshake: &Handshake) -> bool {
    let ephemeral = |suite: &CipherSuite| {
        matches!(
            suite.key_exchange(),
            KeyExchange::Ecdhe | KeyExchange::Tls13
        )
    };
    offered_suites(handshake).next().is_some() && offered_suites(handshake).all(ephemeral)
}

/// What other handshakes of the same role in this input agreed on: proof that this end can do it.
fn chosen_elsewhere<'a, T: PartialEq>(
    handshake: &Handshake,
    context: &Context<'a>,
    choice: impl Fn(&'a Handshake) -> Option<T>,
) -> Vec<T> {
    let mut chosen = Vec::new();
    let same_role = context
        .representatives
        .iter()
        .copied()
        .filter(|other| other.role == handshake.role);
    for value in same_role.filter_map(choice) {
        if !chosen.contains(&value) {
            chosen.push(value);
        }
    }
    chosen
}

/// Adds, for each offered thing that this JVM refuses, the line that says so.
fn with_refusals<'n>(
    mut finding: Finding,
    kind: RefusedKind,
    names: impl IntoIterator<Item = &'n str>,
    context: &Context<'_>,
) -> Finding {
    const SHOWN: usize = 4;
    let refused = names
        .into_iter()
        .filter_map(|name| context.jvm.refusal(name))
        .filter(|item| item.value.kind == kind)
        .take(SHOWN);
    for item in refused {
        let text = if item.value.disabled {
            format!(
                "{} is disabled here (jdk.tls.disabledAlgorithms)",
                item.value.name
            )
        } else {
            format!("{} is not used here", item.value.name)
        };
        finding = finding.evidence(item.span, text);
    }
    finding
}
