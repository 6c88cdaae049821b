//! L100: the handshake failed, and nothing in the log says why.

use super::{OPTION, SHORT_OPTION, gap};
use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        rules::{never, own_party, peer_party, the_peer},
    },
    handshake::{Handshake, Party},
};

rule! {
    /// ## When it fires
    /// A handshake failed and no other rule can say anything about it.
    ///
    /// ## Why handshakes break here
    /// It is not known. What the log shows fits no known fault, or the log shows too little.
    ///
    /// ## Evidence
    /// Where and how the handshake ended, in the log's own words.
    ///
    /// ## Remedies
    /// More log: an option that prints more, the other side's log, a packet capture.
    ///
    /// ## Not to be confused with
    /// `refused-without-reason`, `peer-closed-during-handshake`: there it is known at least who ended it, and how.
    ///
    /// ## References
    /// `java -Djavax.net.debug=help`.
    Undetermined: "L100", "undetermined", since "0.1.0",
    "the handshake failed, and the log does not say why",
    never
}

/// The finding for a failed handshake about which no rule says anything.
pub(in crate::diagnose) fn of(handshake: &Handshake, context: &Context<'_>) -> Finding {
    let break_up = handshake.break_up.as_deref();
    let words = break_up.map_or_else(|| "nothing".to_owned(), crate::handshake::BreakUp::in_words);
    let mut missing = Vec::new();
    if let Some(gap) = gap(context) {
        missing.push(format!("the log has no {}", gap.trim_start_matches("the ")));
    }
    if handshake.begins_midway {
        missing.push("the beginning of the handshake is not in the log".to_owned());
    }
    if context.survey.trust == 0 {
        missing.push("trust anchors are not logged".to_owned());
    }
    if context.survey.keys == 0 {
        missing.push("keys are not logged".to_owned());
    }
    if handshake.paired_with.is_none() {
        missing.push(format!("the log of {} is not here", the_peer(handshake)));
    }
    Finding::error(&Undetermined, Confidence::Possible, "the handshake failed, and the log does not say why")
        .explain(format!("The log says: {words}. That fits no known fault. What is missing: {}.", missing.join("; ")))
        .fault_of(Party::Unknown)
        .evidence_of_break_up(break_up)
        .remedy(own_party(handshake), "log more (JDK 8 to 25)", Some(SHORT_OPTION.to_owned()))
        .remedy(own_party(handshake), "log more (JDK 26 and later, or keys and anchors too); 'all', 'plaintext' and 'keygen' would print secrets", Some(OPTION.to_owned()))
        .remedy(peer_party(handshake), "look into the log of the other end at the same moment", None)
        .confirm("does another client get through?", Some(context.openssl(handshake, "")))
        .references(&["java -Djavax.net.debug=help"])
}
