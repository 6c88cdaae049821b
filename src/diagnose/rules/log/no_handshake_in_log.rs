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
    /// They do not: either the debug option is off, or its output goes elsewhere (stderr!), or this JVM did no TLS:
    /// nobody connected, or the application failed before it.
    ///
    /// ## Evidence
    /// How many entries of the TLS stack there are. Where records were encrypted (application data, alerts of more than
    /// two bytes), there were handshakes, before the log begins. Where heads of entries are damaged, handshakes may be in what cannot
    /// be read: no more than *possible*.
    ///
    /// ## Remedies
    /// Switch the option on, and collect stderr as well; where it is on, look at the error before TLS.
    ///
    /// ## Not to be confused with
    /// `debug-option-too-narrow`: handshakes are there, but not what they said.
    ///
    /// ## References
    /// `java -Djavax.net.debug=help`; JSSE Reference Guide, "Debugging Utilities".
    NoHandshakeInLog: "L104", "no-handshake-in-log", since "0.1.0",
    "there is no handshake in the log",
    never, of Nothing, log check_log
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
    if assembly.survey.unread > 0 {
        return Some(unreadable(assembly));
    }
    if assembly.survey.protected_records > 0 {
        return Some(begun_before(assembly));
    }
    if entries > 0 {
        return Some(never_started(assembly));
    }
    let headline = "there is no TLS debug output in the log";
    let why = "The debug option is not set, or its output (stderr) was not collected.";
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

/// Entries are there whose heads cannot be read: what they said of handshakes is lost, not absent.
fn unreadable(assembly: &Assembly) -> Finding {
    let unread = assembly.survey.unread;
    let places = if unread == 1 {
        "1 place"
    } else {
        &format!("{unread} places")
    };
    let read = match assembly.survey.entries {
        0 => "No entry can be read".to_owned(),
        entries => format!(
            "What can be read ({}) is none of a handshake",
            counted(entries)
        ),
    };
    Finding::new(
        &NoHandshakeInLog,
        Severity::Warning,
        Confidence::Possible,
        "entries of the TLS stack are damaged: no handshake can be read from the log",
    )
    .explain(format!("The TLS stack speaks in {places} of the log that cannot be read: in the heads of its entries, columns are missing, torn apart or wrapped. {read}. Whether TLS was started, and how it ended, this log does not tell."))
    .fault_of(Party::Unknown)
    .remedy(Party::Either, "take the log as the JVM wrote it: the file itself, not a copy from a terminal, a mail or a spreadsheet, and without filters that cut columns or wrap lines", None)
    .confirm("a head that is whole has seven columns on one line, the fifth a time: javax.net.ssl|DEBUG|01|main|2026-01-31 12:00:00.000 UTC|File.java:1|message", None)
    .references(&["java -Djavax.net.debug=help"])
}

/// Connections are there that were established before the log begins.
fn begun_before(assembly: &Assembly) -> Finding {
    let entries = counted(assembly.survey.entries);
    let records = match assembly.survey.protected_records {
        1 => "1 record was".to_owned(),
        records => format!("{records} records were"),
    };
    Finding::new(
        &NoHandshakeInLog,
        Severity::Warning,
        Confidence::Strong,
        "the log has connections, but not their handshakes: they were over before it begins",
    )
    .explain(format!("The log has {entries}, and no handshake message is among them. But {records} encrypted (application data, or an alert of more than two bytes), so handshakes were before the log begins. How they went is not in it."))
    .fault_of(Party::Unknown)
    .remedy(Party::Either, "log from the start of the JVM, or put the log file before this one in front", Some("cat server.log.1 server.log | jssl-analyze -".to_owned()))
    .remedy(Party::Either, "where records are logged and handshakes are not: add them to the option", Some(SHORT_OPTION.to_owned()))
    .references(&["RFC 8446 §5.2, §6"])
}

/// The option is on, yet no handshake came: nobody connected, or the application failed before TLS began.
fn never_started(assembly: &Assembly) -> Finding {
    let entries = counted(assembly.survey.entries);
    // the innermost exception with words tells most
    let heard = assembly.heard_alone.iter().find_map(|thrown| {
        let mut causes = thrown.value.causes.iter().rev();
        let cause = causes.find(|cause| !cause.message.is_empty())?;
        Some((thrown.span.down(cause.line_in_entry), cause.in_words()))
    });
    let finding = match heard {
        Some((span, words)) => Finding::new(
            &NoHandshakeInLog,
            Severity::Warning,
            Confidence::Strong,
            "TLS was never started: the application failed before it",
        )
        .explain(format!("The log has {entries}: start-up, stores, settings. No handshake message is in it, so it did not come to TLS. The application says: {words}. Look there: a name that is not found, a connection that is refused, a proxy that answers with an error, a store that does not open."))
        .evidence(span, words),
        None if assembly.closed_alone.is_some() => came_without_tls(assembly, &entries),
        None => Finding::new(
            &NoHandshakeInLog,
            Severity::Warning,
            Confidence::Strong,
            "there is TLS debug output in the log, but no handshake",
        )
        .explain(format!("The log has {entries}: start-up, stores, settings. No handshake message and no failure is in it. The debug option is on, so TLS was never started while this log was written: nobody connected to this server, or this client failed before it (name not found, connection refused, an error of a proxy) and says so elsewhere.")),
    };
    finding
        .fault_of(Party::Unknown)
        .remedy(Party::Either, "look at the exception or the error that the application reports before TLS begins", None)
        .remedy(Party::Either, "for a server: connect to it, and look whether the address and port are those it listens on", Some("ss -tlnp".to_owned()))
        .confirm("does a connection come to exist at all?", Some("nc -vz HOST PORT".to_owned()))
        .references(&["java -Djavax.net.debug=help"])
}

/// Connections came to be, and no TLS on them.
fn came_without_tls(assembly: &Assembly, entries: &str) -> Finding {
    let finding = Finding::new(
        &NoHandshakeInLog,
        Severity::Warning,
        Confidence::Strong,
        "connections were opened and closed, without any TLS on them",
    )
    .explain(format!("The log has {entries}, and none is a handshake message or a failure. But connections came to be, for this JVM closed what it had made for them. On a server that is what a port probe leaves behind (a health check that connects and closes), or a peer that says nothing, or one that speaks no TLS where the library looks before JSSE does (Netty, Tomcat: they say so in their own log, if at all)."));
    match assembly.closed_alone {
        Some(span) => finding.evidence(span, "closed, with no message before it"),
        None => finding,
    }
}
