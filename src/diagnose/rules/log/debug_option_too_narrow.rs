//! L101: the debug option does not print what a diagnosis needs.

use super::{OPTION, SHORT_OPTION, gap};
use crate::{
    assemble::Assembly,
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule},
    handshake::{Handshake, Outcome, Party},
    span::Span,
};

rule! {
    /// ## When it fires
    /// The log shows that handshakes took place (keys, alerts, judgements), but not their messages; or messages without
    /// their bodies.
    ///
    /// ## Why handshakes break here
    /// They do not: but why they break cannot be seen. What `-Djavax.net.debug` prints depends on the update level: plain
    /// `ssl` prints everything on some updates, on others (8u, older 11, 17 and 21) only alerts and `Fatal` lines;
    /// `ssl:record` prints no messages there. Through java.util.logging, 8 to 25 print titles only.
    ///
    /// ## Evidence
    /// The kinds of entries that are there, and those that are not.
    ///
    /// ## Remedies
    /// `-Djavax.net.debug=ssl:handshake` up to JDK 25; from 26 on name the managers too:
    /// `ssl:handshake:trustmanager:keymanager`. `all`, `plaintext` and `keygen` print secrets.
    ///
    /// ## Not to be confused with
    /// `no-handshake-in-log`: nothing of TLS happened, or was logged elsewhere. `log-begins-mid-handshake`.
    ///
    /// ## References
    /// `sun.security.ssl.SSLLogger`; `java -Djavax.net.debug=help`; JDK-8044609.
    DebugOptionTooNarrow: "L101", "debug-option-too-narrow", since "0.1.0",
    "the debug option does not print what a diagnosis needs",
    check, of Unestablished, log check_log
}

fn finding(severity: Severity, what: &str, span: Span, survey: &crate::event::Survey) -> Finding {
    let jdk = survey.jdk().map_or_else(String::new, |(release, _)| {
        format!(" (JDK {release}, as far as the log tells)")
    });
    Finding::new(&DebugOptionTooNarrow, severity, Confidence::Strong, format!("the log does not show {what}"))
        .explain(format!(
            "Entries of the TLS stack{jdk}: {}; handshake messages: {}, {} of them with a body; record lines: {}. What was offered, sent and refused can therefore not be seen. Either the option prints too little on this update level, or this is only a part of the log.",
            survey.entries, survey.messages, survey.bodies, survey.records
        ))
        .fault_of(Party::Unknown)
        .evidence(span, "an entry of the TLS stack; nothing in the log says more")
        .remedy(Party::Either, "start the JVM with this option (JDK 8 to 25)", Some(SHORT_OPTION.to_owned()))
        .remedy(Party::Either, "on JDK 26 and later, or to see trust anchors and keys on every release", Some(OPTION.to_owned()))
        .confirm("lists the categories that this JVM knows", Some("java -Djavax.net.debug=help -version".to_owned()))
        .references(&["sun.security.ssl.SSLLogger", "JDK-8044609"])
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    if handshake.outcome == Outcome::Established || handshake.messages_logged {
        return None;
    }
    gap(context).map(|what| finding(Severity::Info, what, handshake.first_span(), context.survey))
}

fn check_log(assembly: &Assembly, context: &Context<'_>) -> Option<Finding> {
    let what = gap(context)?;
    let first = assembly.handshakes.first()?;
    Some(finding(
        Severity::Warning,
        what,
        first.first_span(),
        &assembly.survey,
    ))
}
