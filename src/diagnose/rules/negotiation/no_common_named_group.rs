//! N103: no named group (curve) that both ends accept.

use super::{NO_SUITE, chosen_elsewhere, needs_groups, offered_groups, with_refusals};
use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, identity::server_has_no_usable_key, listed, peer_party},
    },
    event::RefusedKind,
    handshake::{Handshake, Party, Role},
    span::Span,
    tls::{AlertDescription, MessageKind},
};

rule! {
    /// ## When it fires
    /// A TLS 1.3 server says `No common named group`; a client is sent a group it did not offer; a group is
    /// refused by local constraints; or a TLS 1.2 server finds no suite although every suite offered needs a
    /// group, and what the log shows of this server's groups is not in the client's list – or the log shows
    /// nothing of them, and the client's list is short. Or a TLS 1.2 server chose a group that the client had not
    /// offered, and the client refused that: *strong*.
    ///
    /// ## Why handshakes break here
    /// Key exchange over elliptic curves (and named DH groups) needs one group in common. Lists get pinned by
    /// `jdk.tls.namedGroups`, FIPS providers, or builds without some curves. A HelloRetryRequest alone is normal.
    ///
    /// ## Evidence
    /// The groups offered; `jdk.tls.namedGroups` or groups agreed on elsewhere; the sentence. In TLS 1.3 the alert
    /// is an odd `unexpected_message`, in TLS 1.2 the sentence is that of `no-common-cipher-suite`; there a short
    /// list alone is *possible*.
    ///
    /// ## Remedies
    /// Let both sides have `x25519` or `secp256r1`.
    ///
    /// ## Not to be confused with
    /// `no-common-cipher-suite`; `crypto-provider-missing`: no groups at all.
    ///
    /// ## References
    /// RFC 8446 §4.2.7, §4.2.8; RFC 8422 §5.1.1; `jdk.tls.namedGroups`; `sun.security.ssl.KeyShareExtension`.
    NoCommonNamedGroup: "N103", "no-common-named-group", since "0.1.0",
    "client and server have no named group in common",
    check, of BrokenUp
}

const LOCAL: [&str; 3] = [
    "No common named group",
    "No available named group",
    "no available named group",
];
const BAD_CHOICE: [&str; 5] = [
    "HelloRetryRequest selected group",
    "Unsupported named group:",
    "ServerKeyExchange for ",
    "ClientKeyExchange for ",
    "key share entry",
];

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let Some(refusal) = Refusal::of(handshake) else {
        return refused_choice(handshake, context);
    };
    let offered = offered_groups(handshake);
    let (confidence, sentence, explanation, at_fault) = if let Some(sentence) =
        refusal.sentence(&LOCAL)
    {
        let text = match offered {
            [only] => {
                format!("The client offers the group {only} alone; this server does not have it.")
            }
            _ => format!(
                "The client offers the groups {}; this server has none of them.",
                listed(offered)
            ),
        };
        (Confidence::Certain, sentence, text, Party::Either)
    } else if let Some(sentence) = refusal.sentence(&BAD_CHOICE) {
        if let Some(group) = asked_again(handshake, sentence) {
            return Some(needless_retry(
                handshake,
                context,
                (refusal.span, sentence),
                group,
            ));
        }
        let text = format!("The peer chose a group that this JVM does not accept: {sentence}.");
        (Confidence::Certain, sentence, text, peer_party(handshake))
    } else {
        let sentence = refusal.sentence(&NO_SUITE)?;
        if handshake.is_13()
            || server_has_no_usable_key(handshake, context).is_some()
            || !needs_groups(handshake)
        {
            return None;
        }
        let (confidence, reason) = own_groups(handshake, context)?;
        let text = format!(
            "Every suite that the client offers needs a named group, and it offers only {}. {reason} JSSE says this with the words for missing suites.",
            listed(offered)
        );
        (confidence, sentence, text, Party::Either)
    };
    let headline = if confidence == Confidence::Possible {
        format!(
            "the suites may fit, and the groups not: the client offers {} only",
            listed(offered)
        )
    } else {
        "client and server have no named group in common".to_owned()
    };
    let finding = Finding::error(&NoCommonNamedGroup, confidence, headline)
        .explain(explanation)
        .fault_of(at_fault)
        .evidence(refusal.span, sentence)
        .evidence_if(handshake.client_hello.as_deref(), |_| {
            format!("supported_groups of the ClientHello: {}", listed(offered))
        });
    let finding = with_refusals(
        finding,
        RefusedKind::NamedGroup,
        offered.iter().map(|name| &**name),
        context,
    );
    Some(
        finding
            .remedy(Party::Client, "offer the common groups", Some("-Djdk.tls.namedGroups=x25519,secp256r1,secp384r1".to_owned()))
            .remedy(Party::Server, "accept the common groups", Some("nginx: ssl_ecdh_curve X25519:prime256v1:secp384r1;   JVM: -Djdk.tls.namedGroups=x25519,secp256r1,secp384r1".to_owned()))
            .confirm("shows whether the server takes secp256r1", Some(context.openssl(handshake, "-groups P-256")))
            .references(&["RFC 8446 §4.2.7"]),
    )
}

/// Up to TLS 1.2 JSSE chooses a group of its own where it knows none of the client's, and the client refuses that.
fn refused_choice(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    use AlertDescription as A;
    let break_up = handshake.break_up.as_deref()?;
    let alert = break_up
        .received_alert()
        .filter(|alert| matches!(alert, A::IllegalParameter | A::HandshakeFailure))
        .filter(|_| handshake.role == Some(Role::Server) && !handshake.is_13())?;
    let chosen = handshake.named_group.as_deref()?;
    let offered = offered_groups(handshake);
    if offered.is_empty()
        || offered
            .iter()
            .any(|group| group.eq_ignore_ascii_case(chosen))
    {
        return None;
    }
    let exchange = handshake
        .messages()
        .find(|(_, kind)| **kind == MessageKind::ServerKeyExchange)?;
    Some(
        Finding::error(&NoCommonNamedGroup, Confidence::Strong, format!("this server chose {chosen}, which the client does not offer"))
            .explain(format!("The client offers {} only, and this server has none of that: it took {chosen} all the same, as JSSE does up to TLS 1.2, and the client refused that with {alert}.", listed(offered)))
            .fault_of(Party::Either)
            .evidence_if(handshake.client_hello.as_deref(), |_| {
                format!("supported_groups of the ClientHello: {}", listed(offered))
            })
            .evidence(exchange.0.span, format!("ServerKeyExchange with {chosen}"))
            .evidence_of_break_up(Some(break_up))
            .remedy(Party::Client, "offer a common group (x25519, secp256r1, secp384r1)", None)
            .remedy(Party::Server, "accept a group of the client's, if this JVM has it", Some("-Djdk.tls.namedGroups=x25519,secp256r1,secp384r1,secp521r1".to_owned()))
            .confirm("shows whether the server takes secp256r1", Some(context.openssl(handshake, "-tls1_2 -groups P-256")))
            .references(&["RFC 8422 §4", "RFC 8422 §5.1.1"]),
    )
}

/// So short a list of groups is odd.
const FEW: std::ops::RangeInclusive<usize> = 1..=3;

/// What the log shows of this server's groups, when none of them is offered.
fn own_groups(handshake: &Handshake, context: &Context<'_>) -> Option<(Confidence, String)> {
    let offered = offered_groups(handshake);
    let is_offered = |name: &str| {
        offered
            .iter()
            .any(|group| group.eq_ignore_ascii_case(name.trim()))
    };
    if let Some(property) = context.jvm.system_property("jdk.tls.namedGroups") {
        let none = !property.value.1.split(',').any(is_offered);
        return none.then(|| {
            (
                Confidence::Strong,
                format!("This JVM has jdk.tls.namedGroups={}.", property.value.1),
            )
        });
    }
    let refused = |name: &str| {
        context
            .jvm
            .refusal(name)
            .is_some_and(|item| item.value.kind == RefusedKind::NamedGroup)
    };
    if !offered.is_empty() && offered.iter().all(|name| refused(name)) {
        return Some((
            Confidence::Strong,
            "This JVM lists all of them as refused.".to_owned(),
        ));
    }
    let elsewhere = chosen_elsewhere(handshake, context, |other| other.named_group.as_deref());
    if !elsewhere.is_empty() && !elsewhere.iter().any(|name| is_offered(name)) {
        let text = format!(
            "With other clients this server agreed on {}.",
            listed(elsewhere)
        );
        return Some((Confidence::Likely, text));
    }
    let common = ["x25519", "secp256r1", "secp384r1"];
    if !common.iter().any(|name| is_offered(name)) {
        return Some((
            Confidence::Likely,
            "None of these is one that servers commonly have.".to_owned(),
        ));
    }
    FEW.contains(&offered.len()).then(|| {
        (
            Confidence::Possible,
            "So short a list may have nothing in common with this server's, which the log does not show.".to_owned(),
        )
    })
}

/// The group of a HelloRetryRequest for which the ClientHello had sent a share already.
fn asked_again<'h>(handshake: &'h Handshake, sentence: &str) -> Option<&'h str> {
    let shares = &handshake
        .client_hello
        .as_deref()?
        .value
        .extensions
        .key_share_groups;
    let (_, named) = sentence.split_once("HelloRetryRequest selected group")?;
    let named = named.trim_start_matches(':').trim();
    shares
        .iter()
        .map(|group| &**group)
        .find(|group| named.eq_ignore_ascii_case(group))
}

/// A server that asks for what it has: a fault of its TLS stack, no lack of a group (RFC 8446 §4.2.8).
fn needless_retry(
    handshake: &Handshake,
    context: &Context<'_>,
    (span, sentence): (Span, &str),
    group: &str,
) -> Finding {
    Finding::error(&NoCommonNamedGroup, Confidence::Strong, format!("the server asked again for {group}, which the client had sent"))
        .explain(format!("The ClientHello has a key share for {group}, and the server answered with a HelloRetryRequest for that same group. It must not (RFC 8446 §4.1.4): the group is in common, the server's TLS stack has a fault, or two servers behind one address do not know of each other."))
        .fault_of(Party::Server)
        .evidence(span, sentence)
        .evidence_if(handshake.hello_retry(), |_| format!("HelloRetryRequest wants {group}"))
        .evidence_if(handshake.client_hello.as_deref(), |hello| {
            format!("key_share of the ClientHello: {}", listed(&hello.extensions.key_share_groups))
        })
        .remedy(Party::Server, "upgrade the TLS stack of the server, or of the proxy that answers in its place", None)
        .remedy(Party::Client, "until then: TLS 1.2, which has no HelloRetryRequest", Some("-Djdk.tls.client.protocols=TLSv1.2".to_owned()))
        .confirm("another client must meet the same", Some(context.openssl(handshake, "-tls1_3 -groups X25519 -msg")))
        .references(&["RFC 8446 §4.1.4"])
}
