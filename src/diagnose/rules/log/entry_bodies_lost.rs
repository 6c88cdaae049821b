//! L106: a logging framework dropped what the messages held.

use crate::{
    assemble::Assembly,
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule},
    event::Survey,
    handshake::{Handshake, Outcome, Party},
    span::Span,
};

rule! {
    /// ## When it fires
    /// The TLS stack logged through `System.Logger` or java.util.logging (the debug option is empty), and the log has the
    /// titles of entries but not their bodies.
    ///
    /// ## Why handshakes break here
    /// They do not: but what was offered and chosen, and the certificates, cannot be seen. Up to JDK 25 JSSE passes a
    /// body as the *parameter* of a message without `{0}`, so every back end that formats the message drops it:
    /// `SimpleFormatter`, Log4j 2, Logback. `XMLFormatter` prints parameters. From JDK-8343395 on (seen in 27) title and body
    /// are one text.
    ///
    /// ## Evidence
    /// Records of the logger `javax.net.ssl` with titles of handshake messages and no body among them.
    ///
    /// ## Remedies
    /// Let JSSE print by itself: give the debug option a value. Or use `java.util.logging.XMLFormatter`.
    ///
    /// ## Not to be confused with
    /// `debug-option-too-narrow`: JSSE prints by itself, but not enough.
    ///
    /// ## References
    /// `sun.security.ssl.SSLLogger`; JDK-8343395; `java.util.logging.Formatter.formatMessage`.
    EntryBodiesLost: "L106", "entry-bodies-lost", since "0.1.0",
    "a logging framework dropped the bodies of the entries",
    check, of Unestablished, log check_log
}

/// Titles came through a framework, and no body did.
pub(super) fn are_lost(survey: &Survey) -> bool {
    let most = survey.jul * 2 > survey.entries;
    most && survey.bodies == 0 && survey.jul > 0
}

fn finding(severity: Severity, span: Span, survey: &Survey) -> Finding {
    Finding::new(&EntryBodiesLost, severity, Confidence::Strong, "the log does not show what the messages held")
        .explain(format!(
            "{} entries came through a logging framework, with their titles alone: up to JDK 25 it is given the body as a parameter that its format does not print. What was offered and chosen, and the certificates, can therefore not be seen; what is said here rests on titles and reasons.",
            survey.jul
        ))
        .fault_of(Party::Unknown)
        .evidence(span, "a record of the logger javax.net.ssl, without a body")
        .remedy(Party::Either, "let the TLS stack print by itself instead: give the option a value", Some(super::OPTION.to_owned()))
        .remedy(Party::Either, "or use a formatter that prints parameters", Some("logging.properties: java.util.logging.ConsoleHandler.formatter=java.util.logging.XMLFormatter".to_owned()))
        .confirm("an empty value means that the framework is used", Some("jcmd PID VM.system_properties | grep javax.net.debug".to_owned()))
        .references(&["sun.security.ssl.SSLLogger", "JDK-8343395"])
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let lost = handshake.outcome != Outcome::Established && are_lost(context.survey);
    lost.then(|| finding(Severity::Info, handshake.first_span(), context.survey))
}

fn check_log(assembly: &Assembly, _context: &Context<'_>) -> Option<Finding> {
    let first = assembly.handshakes.first()?;
    are_lost(&assembly.survey)
        .then(|| finding(Severity::Warning, first.first_span(), &assembly.survey))
}
