//! N110: no provider of this JVM has elliptic curves.

use super::{NO_SUITE, offered_groups, offered_suites};
use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, listed, own_party},
    },
    event::{RefusedItem, RefusedKind},
    handshake::{Handshake, Noted, Role},
    tls::{AlertDescription, KeyExchange, ProtocolVersion},
};

rule! {
    /// ## When it fires
    /// This JVM has no elliptic curves to negotiate with, though current ones have, and the handshake was
    /// refused for want of something in common: its ClientHello has no ECDHE suite and no curve and was answered with an
    /// alert; or, as a server, it found nothing in a client's offer that lives on curves.
    ///
    /// ## Why handshakes break here
    /// Up to JDK 21 the curves are in the module `jdk.crypto.ec`. A runtime made by `jlink` without it, a Linux
    /// package without the library, a list of providers without `SunEC`, some FIPS set-ups, or
    /// `-Dcom.sun.net.ssl.enableECC=false` leave finite-field groups and RSA, which few servers still take.
    ///
    /// ## Evidence
    /// `No AlgorithmParameters for x25519` and its like, and the offer without curves. On a server *strong*, as its
    /// own refusal stands beside them; on a client *likely*: the alert does not say what the server missed.
    /// `no available named group` in front of a wide offer is as good; in front of a narrow one it is *possible*, as is a wide
    /// offer without any curve and without such lines: a setting does the same.
    ///
    /// ## Remedies
    /// Put the module into the runtime, or the provider back into the list.
    ///
    /// ## Not to be confused with
    /// `no-common-named-group`, `no-common-cipher-suite`: both ends have curves and suites, but not the same. A pin
    /// (`jdk.tls.namedGroups`, `jdk.tls.client.cipherSuites`) looks alike in the offer.
    ///
    /// ## References
    /// JEP 220; `jlink`; `jdk.crypto.ec` (in `java.base` from JDK 22 on); RFC 8422; RFC 9325 §4.2.
    CryptoProviderMissing: "N110", "crypto-provider-missing", since "0.1.0",
    "no provider of this JVM has elliptic curves",
    check, of BrokenUp
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    match handshake.role? {
        Role::Client => as_client(handshake, context),
        Role::Server => as_server(handshake, context),
    }
}

/// `No AlgorithmParameters for x25519`
fn missing_curve<'a>(context: &Context<'a>) -> Option<&'a Noted<RefusedItem>> {
    first_refused(RefusedKind::UnprovidedCurve, context)
}

/// `no available named group`: nothing is left of the list, for want of arithmetic or by a setting.
fn no_group_left<'a>(context: &Context<'a>) -> Option<&'a Noted<RefusedItem>> {
    first_refused(RefusedKind::EveryNamedGroup, context)
}

fn first_refused<'a>(kind: RefusedKind, context: &Context<'a>) -> Option<&'a Noted<RefusedItem>> {
    let refused = &context.jvm.refused;
    refused.iter().find(|item| item.value.kind == kind)
}

fn is_curve(group: &str) -> bool {
    !group.starts_with("ffdhe")
}

/// No ECDHE suite, no curve.
fn offers_no_curves(handshake: &Handshake) -> bool {
    let ecdhe = offered_suites(handshake).any(|suite| suite.key_exchange() == KeyExchange::Ecdhe);
    !ecdhe
        && !offered_groups(handshake)
            .iter()
            .any(|group| is_curve(group))
}

/// So wide an offer was not put together by hand.
fn is_wide(handshake: &Handshake) -> bool {
    const WIDE: usize = 10;
    let versions = handshake.offered_versions();
    versions
        .iter()
        .any(|version| *version >= ProtocolVersion::Tls12)
        && offered_suites(handshake).count() >= WIDE
}

fn as_client(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let hello = handshake.client_hello.as_deref()?;
    let break_up = handshake.break_up.as_deref()?;
    let refused = matches!(
        break_up.received_alert()?,
        AlertDescription::HandshakeFailure
            | AlertDescription::UnexpectedMessage
            | AlertDescription::InsufficientSecurity
            | AlertDescription::IllegalParameter
    );
    if !refused || handshake.server_hello.is_some() || !offers_no_curves(handshake) {
        return None;
    }
    let line = missing_curve(context);
    let pinned = ["jdk.tls.namedGroups", "jdk.tls.client.cipherSuites"]
        .iter()
        .any(|name| context.jvm.system_property(name).is_some());
    let none_left = no_group_left(context).filter(|_| offered_groups(handshake).is_empty());
    let confidence = match (line, none_left) {
        (Some(_), _) => Confidence::Likely,
        _ if pinned => return None,
        (None, Some(_)) if is_wide(handshake) => Confidence::Likely,
        (None, Some(_)) => Confidence::Possible,
        (None, None) if is_wide(handshake) => Confidence::Possible,
        (None, None) => return None,
    };
    let groups = offered_groups(handshake);
    let groups = if groups.is_empty() {
        "no named groups".to_owned()
    } else {
        format!("the groups {} only", listed(groups))
    };
    let why = match line {
        None if none_left.is_some() => {
            "This JVM says that no named group is left to offer: its runtime lacks the module jdk.crypto.ec or the library under it (slim images of old releases do), its list of providers lacks SunEC, or a setting forbids groups or ECDHE suites."
        }
        Some(_) => {
            "The log says that no provider has the curves: the runtime lacks the module jdk.crypto.ec, or the list of providers lacks SunEC."
        }
        None => {
            "A runtime without the module jdk.crypto.ec (before JDK 22), without its provider, or a set-up that forbids curves offers this."
        }
    };
    let finding = Finding::error(
        &CryptoProviderMissing,
        confidence,
        "this client offers no elliptic curves, and the server refused right away",
    )
    .explain(format!(
        "The ClientHello has {} suites, none of them ECDHE, and {groups}. {why} Most servers take curves only. The alert does not say what the server missed; that it is this is the likeliest reason in sight.",
        offered_suites(handshake).count()
    ))
    .evidence(hello.span, format!("ClientHello without ECDHE suites, with {groups}"));
    let finding = with_line(finding, line)
        .evidence_if(none_left, |_| "no available named group".to_owned())
        .evidence_of_break_up(Some(break_up));
    Some(remedies(finding, handshake).confirm(
        "must fail in the same way without curves, and succeed with them (second command)",
        Some(format!(
            "{}; {}",
            context.openssl(handshake, "-groups ffdhe2048"),
            context.openssl(handshake, "-groups X25519:P-256")
        )),
    ))
}

fn as_server(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let sentence = refusal
        .sentence(&NO_SUITE)
        .or_else(|| refusal.sentence(&["No common named group"]))?;
    let line = missing_curve(context)?;
    if handshake.client_hello.is_none() || offers_no_curves(handshake) {
        return None;
    }
    let finding = Finding::error(
        &CryptoProviderMissing,
        Confidence::Strong,
        "this server has no elliptic curves, and the client lives on them",
    )
    .explain(format!(
        "This server says: {sentence}. The client offers the groups {}; no provider of this JVM has curves: its runtime lacks the module jdk.crypto.ec, or its list of providers lacks SunEC.",
        listed(offered_groups(handshake))
    ))
    .evidence(refusal.span, sentence);
    Some(remedies(with_line(finding, Some(line)), handshake).confirm(
        "shows whether the server takes curves",
        Some(context.openssl(handshake, "-groups X25519:P-256")),
    ))
}

fn with_line(finding: Finding, line: Option<&Noted<RefusedItem>>) -> Finding {
    match line {
        Some(line) => finding.evidence(
            line.span,
            format!("No AlgorithmParameters for {}", line.value.name),
        ),
        None => finding,
    }
}

fn remedies(finding: Finding, handshake: &Handshake) -> Finding {
    let own = own_party(handshake);
    finding
        .fault_of(own)
        .remedy(own, "put the module with the curves into the runtime (up to JDK 21)", Some("jlink --add-modules java.se,jdk.crypto.ec --output runtime   # or take a full JDK".to_owned()))
        .remedy(own, "make sure that SunEC is among the providers, and that nothing switches curves off", Some("grep '^security.provider' $JAVA_HOME/conf/security/java.security   # and no -Dcom.sun.net.ssl.enableECC=false".to_owned()))
        .confirm("must list jdk.crypto.ec (up to JDK 21)", Some("java --list-modules | grep crypto".to_owned()))
        .references(&["RFC 8422", "jdk.crypto.ec"])
}
