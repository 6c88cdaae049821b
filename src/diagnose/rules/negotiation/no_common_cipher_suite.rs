//! N101: no cipher suite that both ends accept.

use super::{
    NO_SUITE, NO_SUITE_OF_BC, chosen_elsewhere, has_nothing_to_offer, is_of_today, needs_groups,
    offered_suites, suites_in_words, with_refusals, without_list,
};
use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{
            Refusal,
            identity::{key_may_be_missing, server_has_no_usable_key},
            listed,
        },
    },
    event::RefusedKind,
    handshake::{Handshake, Party, Role},
    search::holds,
    tls::{CipherSuite, KeyExchange},
};

rule! {
    /// ## When it fires
    /// A server says `no cipher suites in common` and did not look for a key in vain; or a client is given
    /// a suite that it did not offer or that is disabled here.
    ///
    /// ## Why handshakes break here
    /// The server picks one suite of the client's list that it has enabled itself. TLS 1.3 has suites of its
    /// own: a list of TLS 1.2 names is no offer in TLS 1.3, and the other way round.
    ///
    /// ## Evidence
    /// The suites offered, those that this JVM disables, and the sentence. *Certain* in TLS 1.3, where the
    /// sentence has one meaning, or when every suite offered is refused here; else *strong* or *likely*: JDK 8 up to
    /// 8u252 and older do not log whether a key was looked for. Bouncy Castle lists the offer in its sentence, and says
    /// the same for want of a key: *possible* where the offer has what current servers accept.
    ///
    /// ## Remedies
    /// Enable ECDHE suites with AES-GCM on the side that lacks them; upgrade old peers.
    ///
    /// ## Not to be confused with
    /// `server-key-missing`: a suite is in common, but no key for it; JSSE says the same sentence.
    /// `no-common-named-group`: in TLS 1.2 ECDHE suites drop out without a group in common; same sentence.
    ///
    /// ## References
    /// RFC 8446 §4.1.1, §B.4; RFC 9325 §4.2; `sun.security.ssl.ServerHello`; `jdk.tls.server.cipherSuites`.
    NoCommonCipherSuite: "N101", "no-common-cipher-suite", since "0.1.0",
    "client and server have no cipher suite in common",
    check, of GivenUp
}

const BAD_CHOICE: [&str; 3] = [
    "Server selected improper ciphersuite",
    "Server selected disabled ciphersuite",
    "Server selected unsupported ciphersuite",
];

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    if let Some(sentence) = refusal.sentence(&BAD_CHOICE) {
        return Some(bad_choice(handshake, context, &refusal, sentence));
    }
    let sentence = refusal.sentence(&NO_SUITE)?;
    if has_nothing_to_offer(handshake) {
        return None; // `disabled-by-local-policy`
    }
    if server_has_no_usable_key(handshake, context).is_some() {
        return Some(for_want_of_a_key(&refusal, sentence));
    }
    let named = suites_in_words(sentence);
    let offered: Vec<&CipherSuite> = if handshake.client_hello.is_some() {
        offered_suites(handshake).collect()
    } else {
        named.iter().collect()
    };
    let refused = |suite: &&&CipherSuite| {
        context
            .jvm
            .refusal(suite.name())
            .is_some_and(|item| item.value.disabled)
    };
    let all_refused =
        !offered.is_empty() && offered.iter().filter(refused).count() == offered.len();
    let ephemeral = offered
        .iter()
        .any(|suite| matches!(suite.key_exchange(), KeyExchange::Ecdhe));
    let key_untold = key_may_be_missing(handshake, context);
    let of_bc = holds(sentence, NO_SUITE_OF_BC);
    let is_of_suites = !offered.is_empty() && !ephemeral && !key_untold && !of_bc;
    let confidence = if of_bc && key_untold && is_of_today(&offered) {
        Confidence::Possible
    } else if (handshake.is_13() && !of_bc) || all_refused || is_of_suites {
        Confidence::Certain
    } else if needs_groups(handshake) || offered.is_empty() || key_untold {
        Confidence::Likely
    } else {
        Confidence::Strong
    };
    let finding = Finding::error(&NoCommonCipherSuite, confidence, headline(&offered))
        .explain(explanation(handshake, context, &offered, all_refused))
        .fault_of(Party::Either)
        .evidence(refusal.span, without_list(sentence))
        .evidence_if(handshake.client_hello.as_deref(), |_| {
            format!("ClientHello offers {}", listed(&offered))
        });
    let finding = with_refusals(
        finding,
        RefusedKind::CipherSuite,
        offered.iter().map(|suite| suite.name()),
        context,
    );
    Some(remedies(finding, &offered, handshake, context))
}

/// The JVM's own sentence, where the reason behind it is the key: a symptom of `server-key-missing`.
fn for_want_of_a_key(refusal: &Refusal<'_>, sentence: &str) -> Finding {
    Finding::error(
        &NoCommonCipherSuite,
        Confidence::Possible,
        "no cipher suite is left that fits a key of this server",
    )
    .explain("JSSE says \"no cipher suites in common\" also when suites are in common and the server has no key for any of them.")
    .fault_of(Party::Server)
    .evidence(refusal.span, sentence)
    .remedy(Party::Server, "give the server a key of the type that the offered suites need: RSA for …_RSA_…, EC for …_ECDSA_…", None)
    .confirm("shows the keys that the server has", Some("keytool -list -v -keystore server.p12 | grep -E 'Entry type|Public Key Algorithm'".to_owned()))
    .references(&["RFC 5246 §7.4.2"])
}

fn headline(offered: &[&CipherSuite]) -> String {
    match offered {
        [] => "this server accepts none of the client's cipher suites".to_owned(),
        [only] => {
            format!("this server does not accept {only}, the only cipher suite of the client")
        }
        _ => format!(
            "this server accepts none of the client's {} cipher suites",
            offered.len()
        ),
    }
}

fn explanation(
    handshake: &Handshake,
    context: &Context<'_>,
    offered: &[&CipherSuite],
    all_refused: bool,
) -> String {
    let mut text = if offered.is_empty() {
        "The log does not show what the client offers.".to_owned()
    } else {
        format!("The client offers {}.", listed(offered))
    };
    if all_refused {
        text.push_str(" Every one of them is disabled in this JVM.");
    }
    let elsewhere = chosen_elsewhere(handshake, context, |other| other.cipher_suite.as_ref());
    if !elsewhere.is_empty() {
        text.push_str(" With other clients this server agreed on ");
        text.push_str(&listed(elsewhere));
        text.push('.');
    }
    let new = offered.iter().filter(|suite| suite.is_tls13()).count();
    if handshake.is_13() && new == 0 && !offered.is_empty() {
        text.push_str(" TLS 1.3 was agreed on, but none of the suites is one of TLS 1.3: the two versions have separate suites.");
    } else if !handshake.is_13()
        && handshake.client_hello.is_some()
        && new > 0
        && new == offered.len()
    {
        text.push_str(" All of them are suites of TLS 1.3, which was not agreed on: the two versions have separate suites.");
    } else if !handshake.is_13() && needs_groups(handshake) {
        text.push_str(" JSSE says the same when the suites would fit but no named group is in common; the log does not list this server's groups.");
    }
    if !all_refused && key_may_be_missing(handshake, context) {
        text.push_str(" Nor does the log show whether a key was looked for: where suites are in common, and this server has no key that fits one of them, it says the same (server-key-missing).");
    }
    text
}

/// The client's view of a server that chose what was not offered.
fn bad_choice(
    handshake: &Handshake,
    context: &Context<'_>,
    refusal: &Refusal<'_>,
    sentence: &str,
) -> Finding {
    let chosen = sentence.rsplit(' ').next().unwrap_or_default();
    let (headline, what) = if handshake.client_hello.is_none() {
        ("does not accept", "did not offer or may not use")
    } else if offered_suites(handshake).any(|suite| suite.name() == chosen) {
        (
            "may not use",
            "offers, but may not use for this version or by its policy",
        )
    } else {
        (
            "did not offer",
            "does not offer: the ClientHello in this log has no such suite",
        )
    };
    let finding = Finding::error(
        &NoCommonCipherSuite,
        Confidence::Certain,
        format!("the server chose {chosen}, which this client {headline}"),
    )
    .explain(format!(
        "A server has to choose among the suites offered. It chose {chosen}, which this client {what}."
    ))
    .fault_of(Party::Server)
    .evidence(refusal.span, sentence)
    .evidence_if(handshake.server_hello.as_deref(), |_| format!("ServerHello chooses {chosen}"));
    let finding = with_refusals(finding, RefusedKind::CipherSuite, [chosen], context);
    finding
        .remedy(Party::Server, "update or replace the TLS stack of the server, or of the balancer in front of it: it must not answer with a suite that was not offered", None)
        .remedy(Party::Network, "find out whether a proxy or an inspecting box answers in place of the server", None)
        .confirm("the suite in the line Cipher: the same one for any offer shows that the server does not look at it", Some(context.openssl(handshake, "-tls1_2")))
        .references(&["RFC 8446 §4.1.3", "RFC 5246 §7.4.1.3"])
}

/// Suites that both ends should have.
const CURRENT: [&str; 4] = [
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
];

fn remedies(
    finding: Finding,
    offered: &[&CipherSuite],
    handshake: &Handshake,
    context: &Context<'_>,
) -> Finding {
    let host = context.host_for_command(handshake);
    let test = if handshake.role == Some(Role::Server) {
        "lists the suites that this server accepts"
    } else {
        "lists the suites that the server accepts"
    };
    let new: Vec<&str> = CURRENT
        .into_iter()
        .filter(|name| !offered.iter().any(|suite| suite.name() == *name))
        .collect();
    let finding = if new.is_empty() {
        finding
    } else {
        finding.remedy(Party::Client, "offer more of the current suites: remove pins, upgrade old JVMs (8 before 8u161 lacks 256-bit AES without the policy files)", Some(format!("-Djdk.tls.client.cipherSuites={}", new.join(","))))
    };
    finding
        .remedy(Party::Server, "accept what current clients offer", Some("nginx: ssl_ciphers ECDHE+AESGCM;   JVM: -Djdk.tls.server.cipherSuites=TLS_AES_256_GCM_SHA384,TLS_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384".to_owned()))
        .confirm(test, Some(format!("nmap --script ssl-enum-ciphers -p {} {host}", context.port_for_command(handshake))))
        .references(&["RFC 8446 §4.1.1", "RFC 9325 §4.2"])
}
