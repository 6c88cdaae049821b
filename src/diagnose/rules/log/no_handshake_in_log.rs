//! L104: nothing to analyse.

use super::{OPTION, SHORT_OPTION};
use crate::{
    assemble::Assembly,
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule, rules::never},
    handshake::Party,
};

rule! {
    /// ## When it fires
    /// Not one handshake was found in the input.
    ///
    /// ## Why handshakes break here
    /// They do not: either the debug option is off, or its output goes elsewhere (stderr!), or this JVM did no TLS.
    ///
    /// ## Evidence
    /// How many entries of the TLS stack there are.
    ///
    /// ## Remedies
    /// Switch the option on, and collect stderr as well.
    ///
    /// ## Not to be confused with
    /// `debug-option-too-narrow`: handshakes are there, but not what they said.
    ///
    /// ## References
    /// `java -Djavax.net.debug=help`; JSSE Reference Guide, "Debugging Utilities".
    NoHandshakeInLog: "L104", "no-handshake-in-log", since "0.1.0",
    "there is no handshake in the log",
    never, log check_log
}

fn counted(entries: u64) -> String {
    match entries {
        1 => "1 entry of the TLS stack".to_owned(),
        _ => format!("{entries} entries of the TLS stack"),
    }
}

fn check_log(assembly: &Assembly, _context: &Context<'_>) -> Option<Finding> {
    if !assembly.handshakes.is_empty() {
        return None;
    }
    let entries = assembly.survey.entries;
    let (headline, why) = if entries == 0 {
        (
            "there is no TLS debug output in the log",
            "The debug option is not set, or its output (stderr) was not collected.".to_owned(),
        )
    } else {
        (
            "there is TLS debug output in the log, but no handshake",
            format!(
                "The log has {}: start-up, stores, settings. No handshake message and no failure is in it.",
                counted(entries)
            ),
        )
    };
    Some(
        Finding::new(
            &NoHandshakeInLog,
            Severity::Warning,
            Confidence::Strong,
            headline,
        )
        .explain(why)
        .fault_of(Party::Unknown)
        .remedy(
            Party::Either,
            "start the JVM with this option (JDK 8 to 25), and collect stderr",
            Some(format!(
                "java {SHORT_OPTION} -jar APP.jar 2>&1 | tee server.log"
            )),
        )
        .remedy(
            Party::Either,
            "on JDK 26 and later",
            Some(OPTION.to_owned()),
        )
        .confirm(
            "shows whether the running JVM has the option",
            Some("jcmd PID VM.system_properties | grep javax.net.debug".to_owned()),
        )
        .references(&["java -Djavax.net.debug=help"]),
    )
}
