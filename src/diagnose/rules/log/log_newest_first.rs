//! L107: the log lists the newest first, and could not be turned round.

use crate::{
    assemble::Assembly,
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule, rules::never},
    event::AnomalyKind,
    handshake::Party,
};

rule! {
    /// ## When it fires
    /// The times in the log go back from line to line, as the consoles of log services export it, and it was not turned
    /// round: it is larger than 256 MiB, or many events are on one line. Otherwise that is done without a word but one
    /// among the oddities, and this rule is silent.
    ///
    /// ## Why handshakes break here
    /// They do not: but read from the newest to the oldest, what came after a message stands in front of it, and what
    /// is said of the handshakes is not to be relied upon.
    ///
    /// ## Evidence
    /// The times in the heads of entries, which go back again and again.
    ///
    /// ## Remedies
    /// Export the log with the oldest first, or turn it round.
    ///
    /// ## Not to be confused with
    /// `clock-went-back` among the oddities: a clock that was set, or files in the wrong order.
    ///
    /// ## References
    /// `tac(1)`; the sort order of the console that the log was exported from.
    LogNewestFirst: "L107", "log-newest-first", since "0.1.0",
    "the log runs from the newest to the oldest",
    never, of Nothing, log check_log
}

fn check_log(assembly: &Assembly, _context: &Context<'_>) -> Option<Finding> {
    let noted = assembly.anomalies.first()?;
    if noted.value.kind != AnomalyKind::NewestFirstLeft {
        return None;
    }
    Some(
        Finding::new(&LogNewestFirst, Severity::Warning, Confidence::Strong, "the log runs from the newest to the oldest, and was not turned round")
            .explain("The times in the log go back from line to line. A log of that kind is turned round before it is read, but not one of more than 256 MiB, or one with many events on one line. Read as it is, answers stand in front of what they answer: what is said of its handshakes may be wrong.")
            .fault_of(Party::Unknown)
            .evidence(noted.span, noted.value.text.to_string())
            .remedy(Party::Either, "export the log with the oldest first, or in smaller parts", None)
            .remedy(Party::Either, "where each line is an event: turn it round", Some("tac LOG | jssl-analyze -".to_owned()))
            .remedy(Party::Either, "where all events are in one list of JSON: put each on a line of its own; then they are turned round", Some("jq -c '.[]' LOG | jssl-analyze -".to_owned()))
            .confirm("the first time in the log is later than the last", Some("grep -o '[0-9-]* [0-9]*:[0-9]*:[0-9]*[.][0-9]*' LOG | sed -n '1p;$p'".to_owned()))
            .references(&["tac(1)"]),
    )
}
