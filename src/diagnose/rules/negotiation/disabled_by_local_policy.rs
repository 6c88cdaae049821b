//! N108: this JVM may not use anything that it is told to use.

use super::{NO_SUITE, has_nothing_to_offer};
use crate::{
    assemble::Assembly,
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{Refusal, end_of_thrower, listed},
    },
    event::{RefusedItem, RefusedKind},
    handshake::{Handshake, Noted, Party, Role},
};

rule! {
    /// ## When it fires
    /// This JVM gave up because nothing was left to negotiate with: `No appropriate protocol (protocol is
    /// disabled or cipher suites are inappropriate)`, `No appropriate cipher suite`, no active named group, or, of
    /// a client that has not said anything yet, `No negotiable cipher suite`.
    ///
    /// ## Why handshakes break here
    /// What the application enables is cut down by `jdk.tls.disabledAlgorithms` and by what the versions
    /// and suites have in common. When the rest is empty, a client cannot even write a ClientHello. The
    /// peer did nothing and sees an end of stream.
    ///
    /// ## Evidence
    /// The exception (often inside `Couldn't kickstart handshaking`, which is only a wrapper), system
    /// properties that pin versions or suites, and suites that the log lists as disabled. Whose side it is, only a log
    /// that shows the role of this handshake tells.
    ///
    /// ## Remedies
    /// Remove the pin to an old version or suite. Re-enabling an algorithm is a temporary measure, for one
    /// process only, and a risk.
    ///
    /// ## Not to be confused with
    /// `no-common-protocol-version`, `no-common-cipher-suite`: there both ends have something to offer.
    ///
    /// ## References
    /// `sun.security.ssl.HandshakeContext`; `jdk.tls.disabledAlgorithms` in `conf/security/java.security`; RFC 8996.
    DisabledByLocalPolicy: "N108", "disabled-by-local-policy", since "0.1.0",
    "local policy leaves no protocol version, cipher suite or group to negotiate with",
    check, of GivenUp, log check_log
}

const WORDS: [&str; 10] = [
    "No appropriate protocol",
    "No appropriate cipher suite",
    "No active named group",
    "No active elliptic curves",
    "No enabled protocol",
    "No supported cipher suites enabled",
    "contains no available elliptic curves",
    "contains no supported elliptic curves",
    "contains no available named groups",
    "contains no supported named groups",
];

/// Properties that pin what a JVM negotiates with.
const PINS: [&str; 6] = [
    "jdk.tls.client.protocols",
    "jdk.tls.server.protocols",
    "https.protocols",
    "jdk.tls.client.cipherSuites",
    "jdk.tls.server.cipherSuites",
    "jdk.tls.namedGroups",
];

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of(handshake)?;
    let sentence = if has_nothing_to_offer(handshake) {
        refusal.sentence(&NO_SUITE)?
    } else {
        refusal.sentence(&WORDS)?
    };
    let role = handshake.role;
    let own = role.map_or(Party::Either, Party::from);
    let disabled: Vec<_> = context
        .jvm
        .refused
        .iter()
        .filter(|item| item.value.disabled)
        .collect();
    let pins: Vec<_> = PINS
        .iter()
        .filter_map(|name| context.jvm.system_property(name))
        .collect();
    let nothing_sent = match role {
        Some(Role::Server) => "No ClientHello could be answered; the client has no part in it.",
        Some(Role::Client) => {
            "No ClientHello was produced, so the server has no part in it: it sees the connection end."
        }
        None => {
            "No handshake message was exchanged, so the peer has no part in it: it sees the connection end."
        }
    };
    let lists = if disabled.is_empty() {
        "The log does not list what is disabled.".to_owned()
    } else {
        format!(
            "Disabled here, as the log shows: {}.",
            listed(disabled.iter().map(|item| &item.value.name))
        )
    };
    let mut finding = Finding::error(
        &DisabledByLocalPolicy,
        Confidence::Certain,
        "local policy leaves this JVM nothing to negotiate with",
    )
    .explain(format!(
        "Every protocol version or cipher suite that this JVM is told to use is disabled, fits no enabled version, or lacks an algorithm that no provider of this JVM has. {nothing_sent} {lists}"
    ))
    .fault_of(own)
    .evidence(refusal.span, sentence);
    for pin in pins {
        finding = finding.evidence(pin.span, format!("{}={}", pin.value.0, pin.value.1));
    }
    let without_suite =
        |item: &&Noted<RefusedItem>| item.value.kind == RefusedKind::VersionWithoutSuite;
    for item in context.jvm.refused.iter().filter(without_suite).take(2) {
        finding = finding.evidence(
            item.span,
            format!("No available cipher suite for {}", item.value.name),
        );
    }
    for item in disabled.iter().take(2) {
        finding = finding.evidence(item.span, format!("Ignore disabled: {}", item.value.name));
    }
    Some(
        finding
            .remedy(own, "enable current versions, and remove whatever pins old versions or suites (setEnabledProtocols, setEnabledCipherSuites, properties)", pin_line(role))
            .remedy(own, "temporary, and a risk: a reduced list of disabled algorithms for this one process", Some("-Djava.security.properties=/path/legacy.security   # with jdk.tls.disabledAlgorithms=…".to_owned()))
            .confirm("shows what is disabled and what a pin leaves over", Some("java -XshowSettings:security:tls -version   # JDK 22+; before: grep -A6 '^jdk.tls.disabledAlgorithms' $JAVA_HOME/conf/security/java.security".to_owned()))
            .references(&["RFC 8996", "jdk.tls.disabledAlgorithms (java.security)"]),
    )
}

fn pin_line(role: Option<Role>) -> String {
    let side = role.map_or("client", Role::name);
    let flag = format!("-Djdk.tls.{side}.protocols=TLSv1.2,TLSv1.3");
    if role.is_some() {
        flag
    } else {
        format!("{flag}   # of a server: jdk.tls.server.protocols")
    }
}

/// No handshake began: the TLS stack itself did not come up with what it is set to.
fn check_log(assembly: &Assembly, _context: &Context<'_>) -> Option<Finding> {
    if !assembly.handshakes.is_empty() {
        return None;
    }
    let (thrown, cause) = assembly.heard_alone.iter().find_map(|thrown| {
        let cause = WORDS.iter().find_map(|words| thrown.value.saying(words))?;
        Some((thrown, cause))
    })?;
    let at = end_of_thrower(&thrown.value);
    Some(
        Finding::error(&DisabledByLocalPolicy, Confidence::Certain, "local settings leave this JVM nothing to negotiate with")
            .explain(format!("TLS was never started. The JVM says: {}. Nothing that the setting names is known and allowed here; a later attempt in the same process then fails with NoClassDefFoundError. No peer has a part in it.", cause.plain_message()))
            .fault_of(at)
            .evidence_of_cause(thrown.span, Some(cause))
            .remedy(at, "remove the setting, or name what this JDK knows (in its own spelling: secp256r1, not P256)", Some("-Djdk.tls.namedGroups=x25519,secp256r1,secp384r1".to_owned()))
            .confirm("shows what is disabled and what a pin leaves over", Some("java -XshowSettings:security:tls -version   # JDK 22+".to_owned()))
            .references(&["jdk.tls.namedGroups", "jdk.tls.disabledAlgorithms (java.security)"]),
    )
}
