//! L102: the log begins when the handshake is under way.

use crate::{
    assemble::Assembly,
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule},
    handshake::{Handshake, Outcome, Party},
};

rule! {
    /// ## When it fires
    /// The first message of a handshake is not in the log.
    ///
    /// ## Why handshakes break here
    /// They do not: the log was rotated, cut, or switched on late. What was offered cannot be seen.
    ///
    /// ## Evidence
    /// The first message that is there, which is not a ClientHello.
    ///
    /// ## Remedies
    /// Give the file before it as well (oldest first), or log from the start of the JVM.
    ///
    /// ## Not to be confused with
    /// `debug-option-too-narrow`: there no messages are printed at all.
    ///
    /// ## References
    /// RFC 8446 §4 (order of messages).
    LogBeginsMidHandshake: "L102", "log-begins-mid-handshake", since "0.1.0",
    "the log begins in the middle of a handshake",
    check, of Unestablished, log check_log
}

fn finding(handshake: &Handshake, severity: Severity) -> Finding {
    let first = handshake.messages().next();
    let name = first.map_or_else(
        || "a later message".to_owned(),
        |(_, kind)| kind.to_string(),
    );
    Finding::new(&LogBeginsMidHandshake, severity, Confidence::Strong, format!("the log begins in the middle of a handshake, with {name}"))
        .explain(format!("The first message of this handshake in the log is {name}. The ClientHello before it, with all that was offered, is not there."))
        .fault_of(Party::Unknown)
        .evidence(first.map_or_else(|| handshake.first_span(), |(step, _)| step.span), format!("{name}, without a ClientHello before it"))
        .remedy(Party::Either, "put the log file before this one in front (rotated: server.log.1), or log from the start", Some("cat server.log.1 server.log | jssl-analyze -".to_owned()))
        .confirm("shows the option and when the JVM was started", Some("ps -o lstart,args -C java".to_owned()))
        .references(&["RFC 8446 §4"])
}

fn check(handshake: &Handshake, _context: &Context<'_>) -> Option<Finding> {
    let broken = handshake.outcome != Outcome::Established && handshake.begins_midway;
    broken.then(|| finding(handshake, Severity::Info))
}

fn check_log(assembly: &Assembly, _context: &Context<'_>) -> Option<Finding> {
    let first = assembly
        .handshakes
        .iter()
        .find(|handshake| handshake.messages_logged)?;
    first.begins_midway.then(|| finding(first, Severity::Info))
}
