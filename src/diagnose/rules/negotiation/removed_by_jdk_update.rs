//! N109: what the peer wants was dropped by an update of the JDK.

use super::{NO_SUITE, offered_suites};
use crate::{
    diagnose::{
        Confidence, Context, Finding, Severity,
        catalogue::rule,
        rules::{Refusal, bracketed, listed, own_party, peer_party},
    },
    event::RefusedItem,
    handshake::{Handshake, Noted, Party, Role},
    span::Span,
    tls::{AlertDescription, CipherSuite, KeyExchange, ProtocolVersion},
};

rule! {
    /// ## When it fires
    /// Beside the real cause, as a warning that tells since when: the peer offers nothing but suites that this
    /// JVM disables, and the JDK does so by default since a certain release; or nothing but TLS 1.0 and 1.1, while
    /// this server has what current JDKs have by default. Or this client was refused right after its ClientHello,
    /// and no longer offers what old servers need.
    ///
    /// ## Why handshakes break here
    /// Each release lengthens `jdk.tls.disabledAlgorithms`: RC4, anonymous and 3DES suites years ago, TLS 1.0 and 1.1
    /// with the updates of April 2021, static ECDH with later ones, and every `TLS_RSA_*` suite with JDK 24. A peer
    /// that nobody touched is refused from the day of the update on.
    ///
    /// ## Evidence
    /// The lines `Ignore disabled cipher suite`, the offer, and the release as far as the log tells. That the update
    /// did it, and not the administrator, is *likely*; *strong* when the same log shows that such a suite was agreed
    /// on before the JVM began to list it as disabled; *possible* where only the peer's silence about its reason speaks for it.
    /// `jssl-analyze` on a log from before the update would prove it.
    ///
    /// ## Remedies
    /// Upgrade the peer, or enable current suites there. A shorter list of disabled algorithms is a temporary way
    /// out, and a risk: for this one process, no more.
    ///
    /// ## Not to be confused with
    /// `disabled-by-local-policy`: this JVM is left with nothing at all. `no-common-cipher-suite`,
    /// `no-common-protocol-version`: what is missing; this rule says since when.
    ///
    /// ## References
    /// JDK-8245545 (`TLS_RSA_*`, JDK 24); JDK-8202343 (TLS 1.0 and 1.1); RFC 8996; RFC 9325 §4.1; `jdk.tls.disabledAlgorithms`.
    RemovedByJdkUpdate: "N109", "removed-by-jdk-update", since "0.1.0",
    "what the peer relies on was disabled by an update of the JDK",
    check, of BrokenUp
}

/// The release from which on static RSA is disabled.
const NO_STATIC_RSA: u32 = 24;

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    match Refusal::of(handshake) {
        Some(refusal) if handshake.role == Some(Role::Server) => {
            suites_refused(handshake, context, &refusal).or_else(|| versions_refused(&refusal))
        }
        None if handshake.role == Some(Role::Client) => offer_refused(handshake, context),
        _ => None,
    }
}

/// Since when a suite is disabled by default.
fn since(suite: &CipherSuite) -> Option<&'static str> {
    match suite.key_exchange() {
        KeyExchange::Anonymous => return Some("earlier updates"),
        KeyExchange::StaticDh if suite.name().contains("_ECDH_") => {
            return Some("updates of the last years");
        }
        _ => {}
    }
    match suite.weakness()? {
        words if words.starts_with("static RSA") => Some("JDK 24"),
        _ => Some("earlier updates"),
    }
}

fn is_static_rsa(suite: &CipherSuite) -> bool {
    suite.key_exchange() == KeyExchange::Rsa && since(suite) == Some("JDK 24")
}

/// The release, as far as the log tells, is one that has static RSA disabled by default; where it tells
/// nothing, it may be.
fn drops_static_rsa(context: &Context<'_>) -> bool {
    let Some((guess, _)) = context.survey.jdk() else {
        return true;
    };
    let digits: String = guess.chars().take_while(char::is_ascii_digit).collect();
    let release: u32 = digits.parse().unwrap_or_default();
    release >= NO_STATIC_RSA || (guess.ends_with('+') && release > 17)
}

/// A line that says that this JVM disables the suite.
fn disabled<'a>(context: &Context<'a>, suite: &CipherSuite) -> Option<&'a Noted<RefusedItem>> {
    context
        .jvm
        .refusal(suite.name())
        .filter(|item| item.value.disabled)
}

/// Every suite of the client is one that updates have disabled here.
fn suites_refused(
    handshake: &Handshake,
    context: &Context<'_>,
    refusal: &Refusal<'_>,
) -> Option<Finding> {
    refusal.sentence(&NO_SUITE)?;
    let offered: Vec<&CipherSuite> = offered_suites(handshake).collect();
    let disabled: Vec<_> = offered
        .iter()
        .map(|suite| Some((suite, disabled(context, suite)?, since(suite)?)))
        .collect::<Option<_>>()?;
    let before = used_before(handshake, context, &offered);
    let lines: Option<Vec<_>> = disabled
        .into_iter()
        .map(|(suite, line, when)| {
            let dropped = before.is_some() || !is_static_rsa(suite) || drops_static_rsa(context);
            dropped.then_some((line, when))
        })
        .collect();
    let lines = lines.filter(|lines| !lines.is_empty())?;
    let mut releases: Vec<&str> = lines.iter().map(|(_, when)| *when).collect();
    releases.dedup();
    let confidence = if before.is_some() {
        Confidence::Strong
    } else {
        Confidence::Likely
    };
    let story = format!(
        "The client offers {} only. This JVM disables all of that, and the JDK does so by default since {}: the client worked with an older one and has not changed.",
        listed(&offered),
        releases.join(" and ")
    );
    let mut finding = finding(
        confidence,
        "what this client offers was disabled by an update of this server's JDK",
        story,
    )
    .fault_of(Party::Client);
    for (line, _) in lines.iter().take(3) {
        finding = finding.evidence(
            line.span,
            format!("Ignore disabled cipher suite: {}", line.value.name),
        );
    }
    let finding = with_before(finding, before);
    Some(
        remedies(finding, Party::Client, Party::Server).confirm(
            "what is disabled on this JVM; compare with the release from before the update",
            Some(
                "grep -A6 '^jdk.tls.disabledAlgorithms' $JAVA_HOME/conf/security/java.security"
                    .to_owned(),
            ),
        ),
    )
}

/// This server has what JDKs have by default, and the client nothing but what they dropped.
fn versions_refused(refusal: &Refusal<'_>) -> Option<Finding> {
    let sentence = refusal.sentence(&["are not accepted by server preferences"])?;
    let (client, rest) = bracketed(sentence)?;
    let (server, _) = bracketed(rest)?;
    let read = |names: &[&str]| -> Vec<ProtocolVersion> {
        names
            .iter()
            .map(|name| ProtocolVersion::from_name(name))
            .collect()
    };
    let (client, server) = (read(&client), read(&server));
    let dropped = |version: &ProtocolVersion| {
        matches!(version, ProtocolVersion::Tls10 | ProtocolVersion::Tls11)
    };
    let by_default = [ProtocolVersion::Tls13, ProtocolVersion::Tls12]
        .iter()
        .all(|version| server.contains(version));
    if client.is_empty() || !client.iter().all(dropped) || !by_default {
        return None;
    }
    let story = format!(
        "The client has {} only. This server has the versions that a JDK has by default since the updates of April 2021 (8u291, 11.0.11, 16.0.1), which disabled TLS 1.0 and 1.1; before them this client was served.",
        listed(&client)
    );
    let finding = finding(
        Confidence::Likely,
        "the versions of this client were disabled by the JDK updates of April 2021",
        story,
    )
    .fault_of(Party::Client)
    .evidence(refusal.span, sentence);
    Some(
        remedies(finding, Party::Client, Party::Server).confirm(
            "TLSv1 and TLSv1.1 stand in this list since those updates",
            Some(
                "grep -A6 '^jdk.tls.disabledAlgorithms' $JAVA_HOME/conf/security/java.security"
                    .to_owned(),
            ),
        ),
    )
}

/// A client that was refused without a reason, and has lost the suites of old servers.
fn offer_refused(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let break_up = handshake.break_up.as_deref()?;
    let refused = break_up.received_alert() == Some(&AlertDescription::HandshakeFailure);
    if !refused || handshake.server_hello.is_some() {
        return None;
    }
    let tls12 = handshake
        .offered_versions()
        .contains(&ProtocolVersion::Tls12);
    let pinned = context
        .jvm
        .system_property("jdk.tls.client.cipherSuites")
        .is_some();
    if !tls12 || pinned || !drops_static_rsa(context) {
        return None;
    }
    let line = context.jvm.refused.iter().find(|item| {
        item.value.disabled && is_static_rsa(&CipherSuite::new(item.value.name.clone()))
    })?;
    if offered_suites(handshake).any(is_static_rsa) {
        return None; // still offered: it cannot be for want of it
    }
    let lost = [CipherSuite::new(line.value.name.clone())];
    let before = used_before(handshake, context, &lost.iter().collect::<Vec<_>>());
    let confidence = if before.is_some() {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let story = "This JVM disables TLS_RSA_* suites, as the JDK does by default since JDK 24, and so offers none. An old server that has no others answers with handshake_failure; if it worked until the JDK was updated, that is the reason.".to_owned();
    let finding = finding(
        confidence,
        "the server may need suites that this client's JDK no longer offers (TLS_RSA_*)",
        story,
    )
    .fault_of(peer_party(handshake))
    .evidence(
        line.span,
        format!("Ignore disabled cipher suite: {}", line.value.name),
    )
    .evidence_of_break_up(Some(break_up));
    let finding = with_before(finding, before);
    Some(
        remedies(finding, Party::Server, own_party(handshake)).confirm(
            "succeeds only if the server still lives on RSA key transport",
            Some(context.openssl(handshake, "-tls1_2 -cipher kRSA")),
        ),
    )
}

/// A handshake of this log that agreed on such a suite before this JVM began to disable it.
fn used_before<'a>(
    handshake: &Handshake,
    context: &Context<'a>,
    suites: &[&CipherSuite],
) -> Option<(Span, &'a CipherSuite)> {
    let dropped: Vec<_> = suites.iter().map(|suite| since(suite)).collect();
    context
        .representatives
        .iter()
        .filter(|other| other.role == handshake.role)
        .find_map(|other| {
            let used = other.cipher_suite.as_ref()?;
            if !dropped.contains(&since(used)) {
                return None;
            }
            let line = disabled(context, used)?;
            (other.last_span().order() < line.span.order()).then(|| (other.first_span(), used))
        })
}

fn with_before(finding: Finding, before: Option<(Span, &CipherSuite)>) -> Finding {
    match before {
        Some((span, suite)) => finding.evidence(
            span,
            format!("before the JVM listed it as disabled, {suite} was agreed on here"),
        ),
        None => finding,
    }
}

fn finding(confidence: Confidence, headline: &str, story: String) -> Finding {
    Finding::new(&RemovedByJdkUpdate, Severity::Warning, confidence, headline)
        .explain(story)
        .references(&["JDK-8245545", "JDK-8202343", "RFC 9325 §4.1"])
}

fn remedies(finding: Finding, behind: Party, updated: Party) -> Finding {
    let command = match behind {
        Party::Server => "nginx: ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM;",
        _ => "-Djdk.tls.client.protocols=TLSv1.2,TLSv1.3   # and no pin to old suites",
    };
    finding
        .remedy(behind, "upgrade it, or enable TLS 1.2 with ECDHE suites there", Some(command.to_owned()))
        .remedy(updated, "until then, temporary, and a risk: for this one process only, a list of disabled algorithms without that entry", Some("-Djava.security.properties=/path/legacy.security   # with jdk.tls.disabledAlgorithms=…".to_owned()))
}
