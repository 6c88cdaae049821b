//! L104: nothing to analyse.

use std::sync::Arc;

use super::{OPTION, SHORT_OPTION};
use crate::{
    assemble::Assembly,
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule, rules::never},
    event::{Cause, RefusedItem, RefusedKind, Throwable},
    handshake::{Noted, Party},
    span::Span,
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
    /// How many entries of the TLS stack there are. Where there is none, but lines of entries (inner lines of a hello, heads
    /// that are cut at the left), the option is on, and the log is not whole. Where records were encrypted (application data, alerts of more than
    /// two bytes), there were handshakes, before the log begins. Where entries are printed in the course of a handshake only
    /// (an extension that was taken, the version agreed on, a record of a handshake), TLS was under way: its messages are
    /// not printed, or cut away. That nothing came is *strong* only where the option prints messages. Where heads of entries are damaged, handshakes may be in what cannot
    /// be read: no more than *possible*.
    ///
    /// ## Remedies
    /// Switch the option on, and collect stderr as well; where it is on, look at the error before TLS. Where TLS was under
    /// way, take the log from the `ClientHello` on.
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

/// A finding of this rule: what there is instead of a handshake.
fn nothing(sureness: Confidence, headline: &str) -> Finding {
    Finding::new(&NoHandshakeInLog, Severity::Warning, sureness, headline)
}

fn check_log(assembly: &Assembly, _context: &Context<'_>) -> Option<Finding> {
    if !assembly.handshakes.is_empty() {
        return None;
    }
    let entries = assembly.survey.entries;
    if assembly.survey.unread > 0 {
        return Some(unreadable(assembly));
    }
    if encrypted(assembly) > 0 && assembly.survey.handshake_records == 0 {
        return Some(begun_before(assembly));
    }
    if entries > 0 {
        return Some(under_way(assembly).unwrap_or_else(|| never_started(assembly)));
    }
    if assembly.survey.is_in_pieces() {
        return Some(in_pieces(assembly.survey.forked > 0));
    }
    let headline = "there is no TLS debug output in the log";
    let why = "The debug option is not set, or its output (stderr) was not collected.";
    Some(
        nothing(Confidence::Strong, headline)
            .explain(why)
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

/// Lines of entries are there, without the heads that tell where an entry begins.
fn in_pieces(is_forked: bool) -> Finding {
    let (headline, why) = if is_forked {
        (
            "the log is of Tencent Kona: the heads of its entries are not read as they are",
            "The heads of the log's entries begin with com.tencent.kona.ssl. That is JSSE under names of its own, and only heads that begin with javax.net.ssl are read.",
        )
    } else {
        (
            "pieces of TLS debug output are in the log, but no entry that can be read",
            "Lines that only JSSE prints are in the log, so the debug option is on. But the heads of their entries (in newer JDKs 'javax.net.ssl|', the level, thread, time, file, and the title of a message) are missing or cut, and without them nobody can tell what was sent, received, and by whom. How the handshakes went, this log does not tell.",
        )
    };
    let finding = nothing(Confidence::Likely, headline).explain(why);
    let finding = if is_forked {
        finding.remedy(
            Party::Either,
            "write the heads as JSSE does, and read that",
            Some(
                "sed 's/^com[.]tencent[.]kona[.]ssl|/javax.net.ssl|/' server.log | jssl-analyze -"
                    .to_owned(),
            ),
        )
    } else {
        finding.remedy(Party::Either, "take the log as the JVM wrote it, every line of it from the ClientHello on: the file itself, not a part that was marked in a terminal, and without filters that cut the beginning of lines", None)
    };
    finding
        .confirm(
            "counts the heads of entries",
            Some("grep -c '^javax.net.ssl|' server.log".to_owned()),
        )
        .references(&["java -Djavax.net.debug=help"])
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
    nothing(Confidence::Possible, "entries of the TLS stack are damaged: no handshake can be read from the log")
    .explain(format!("The TLS stack speaks in {places} of the log that cannot be read: in the heads of its entries, columns are missing, torn apart or wrapped. {read}. Whether TLS was started, and how it ended, this log does not tell."))
    .remedy(Party::Either, "take the log as the JVM wrote it: the file itself, not a copy from a terminal, a mail or a spreadsheet, and without filters that cut columns or wrap lines", None)
    .confirm("a head that is whole has seven columns on one line, the fifth a time: javax.net.ssl|DEBUG|01|main|2026-01-31 12:00:00.000 UTC|File.java:1|message", None)
    .references(&["java -Djavax.net.debug=help"])
}

/// Records and dumps of what was encrypted.
fn encrypted(assembly: &Assembly) -> u64 {
    assembly.survey.protected_records + assembly.survey.plaintexts
}

/// Connections are there that were established before the log begins.
fn begun_before(assembly: &Assembly) -> Finding {
    let entries = counted(assembly.survey.entries);
    let records = match encrypted(assembly) {
        1 => "1 record was".to_owned(),
        records => format!("{records} records were"),
    };
    nothing(Confidence::Strong, "the log has connections, but not their handshakes: they were over before it begins")
    .explain(format!("The log has {entries}, and no handshake message is among them. But {records} encrypted (application data, or an alert of more than two bytes), so handshakes were before the log begins. How they went is not in it."))
    .remedy(Party::Either, "log from the start of the JVM, or put the log file before this one in front", Some("cat server.log.1 server.log | jssl-analyze -".to_owned()))
    .remedy(Party::Either, "where records are logged and handshakes are not: add them to the option", Some(SHORT_OPTION.to_owned()))
    .references(&["RFC 8446 §5.2, §6"])
}

/// Handshakes left traces, and none of their messages.
fn under_way(assembly: &Assembly) -> Option<Finding> {
    let survey = &assembly.survey;
    let counted_only = survey.messages > 0 || survey.handshake_records > 0 || survey.under_way;
    // who closes a fresh connection writes an alert, whose bytes are dumped
    let bytes = survey.packets > 0 && assembly.closed_alone.is_none();
    let thrown = || heard(assembly).filter(|(_, thrown)| thrown.is_of_tls);
    let proof = match assembly.spoken_alone {
        Some(span) => Some((span, "printed in the course of a handshake".to_owned())),
        None => thrown().map(|(span, thrown)| (span, thrown.words)),
    };
    if proof.is_none() && !counted_only && !bytes {
        return None;
    }
    let entries = counted(survey.entries);
    let finding = nothing(Confidence::Likely, "TLS was under way, but no handshake message is in the log")
    .explain(format!("The log has {entries}, and some are of connections on which TLS was under way: only a handshake makes a JVM print them. But none is a handshake message that can be read, so how the handshakes went is not in the log. Either the option does not print the messages ('ssl' alone does not on JDK 8 to 21), or they are cut away: this is a piece of a log, or lines were filtered."))
    .remedy(Party::Either, "take the log from the ClientHello of the connection on, every line of it", None)
    .remedy(Party::Either, "where the messages are not printed: add them to the option", Some(SHORT_OPTION.to_owned()))
    .confirm("the messages of whole handshakes have titles", Some("grep -cE '(Produced|Consuming) .* message|[*][*][*] ' server.log".to_owned()))
    .references(&["java -Djavax.net.debug=help"]);
    Some(match proof {
        Some((span, words)) => finding.evidence(span, words),
        None => finding,
    })
}

/// An exception that the application printed.
struct Heard {
    words: String,
    /// Its frames are those of a handshake, or of a connection that had one.
    is_of_tls: bool,
}

/// The first exception that has words, or else the first; the innermost cause with words tells most.
fn heard(assembly: &Assembly) -> Option<(Span, Heard)> {
    fn in_words(noted: &Noted<Arc<Throwable>>) -> Option<(&Noted<Arc<Throwable>>, &Cause)> {
        let mut causes = noted.value.causes.iter().rev();
        Some((noted, causes.find(|cause| !cause.message.is_empty())?))
    }
    let bare = || {
        let noted = assembly.heard_alone.first()?;
        Some((noted, noted.value.causes.last()?))
    };
    let (noted, cause) = assembly
        .heard_alone
        .iter()
        .find_map(in_words)
        .or_else(bare)?;
    let heard = Heard {
        words: cause.in_words(),
        is_of_tls: is_of_tls(&noted.value),
    };
    Some((noted.span.down(cause.line_in_entry), heard))
}

/// A handshake threw it, or a connection that had one. The frames of one end prove neither: they may be those of a
/// library around TLS, under which hosts are not found, and proxies refuse, too.
fn is_of_tls(thrown: &Throwable) -> bool {
    let is_of = |packages: &[&str]| {
        let mut causes = thrown.causes.iter();
        causes.any(|cause| {
            packages
                .iter()
                .any(|package| cause.class.starts_with(package))
        })
    };
    thrown.after_handshake
        || thrown.in_handshake == Some(true)
        || is_of(&["javax.net.ssl.SSL"])
        || thrown.thrown_by.is_some() && is_of(&["java.security.cert.", "sun.security."])
}

/// Where this JVM was about to shake hands: what it looks through then, for the versions that are enabled.
fn prepared(assembly: &Assembly) -> Option<Span> {
    let of_handshake = |item: &RefusedItem| {
        item.version.is_some() || item.kind == RefusedKind::VersionWithoutSuite
    };
    let mut refused = assembly.jvm.refused.iter();
    let first = refused.find(|refused| of_handshake(&refused.value))?;
    Some(first.span)
}

/// How sure it is that no message was left out: who prints settings of contexts prints messages, too.
fn sureness(assembly: &Assembly) -> Confidence {
    if assembly.survey.contexts > 0 {
        Confidence::Strong
    } else {
        Confidence::Possible
    }
}

/// What else can be where no handshake is seen, in words.
fn unless_hidden(sureness: Confidence, is_bc: bool) -> &'static str {
    match sureness {
        _ if is_bc => {
            " Or connections came and are not logged: by its level, the provider may log no more than its settings."
        }
        Confidence::Possible => {
            " Or handshakes came and are not logged: with 'ssl' alone, JDK 8 to 21 print no messages, and a log that was cut or filtered lacks them."
        }
        _ => "",
    }
}

/// The option is on, yet no handshake came: nobody connected, or the application failed before TLS began.
fn never_started(assembly: &Assembly) -> Finding {
    let entries = counted(assembly.survey.entries);
    let sureness = sureness(assembly);
    let hidden = unless_hidden(sureness, assembly.survey.is_bc_alone());
    let finding = match (heard(assembly), assembly.closed_alone) {
        (Some((span, Heard { words, .. })), _) => nothing(sureness.max(Confidence::Likely), "TLS was never started: the application failed before it")
        .explain(format!("The log has {entries}: start-up, stores, settings. No handshake message is in it, so it did not come to TLS. The application says: {words}. Look there: a name that is not found, a connection that is refused, a proxy that answers with an error, a store that does not open.{hidden}"))
        .evidence(span, words),
        (None, Some(closed)) => came_without_tls(assembly, &entries, closed),
        (None, None) => match prepared(assembly) {
            Some(span) => was_prepared(&entries, span),
            None => nothing(sureness, "there is TLS debug output in the log, but no handshake")
            .explain(format!("The log has {entries}: start-up, stores, settings. No handshake message and no failure is in it. The debug option is on, so as far as the log goes, TLS was never started while it was written: nobody connected to this server, or this client failed before it (name not found, connection refused, an error of a proxy) and says so elsewhere.{hidden}")),
        },
    };
    finding
        .remedy(Party::Either, "look at the exception or the error that the application reports before TLS begins", None)
        .remedy(Party::Either, "for a server: connect to it, and look whether the address and port are those it listens on", Some("ss -tlnp".to_owned()))
        .confirm("does a connection come to exist at all?", Some("nc -vz HOST PORT".to_owned()))
        .references(&["java -Djavax.net.debug=help"])
}

/// A handshake was about to begin when the log ends, or was cut.
fn was_prepared(entries: &str, span: Span) -> Finding {
    nothing(Confidence::Possible, "a handshake was being prepared, and no message of it is in the log")
    .explain(format!("The log has {entries}. What a JVM looks through when a handshake is about to begin is among them: so a connection came to be. What became of it is not in the log: the log ends or was cut before, lines were filtered, or the peer said nothing."))
    .evidence(span, "looked through for a handshake that is about to begin")
}

/// Connections came to be, and no TLS on them.
fn came_without_tls(assembly: &Assembly, entries: &str, closed: Span) -> Finding {
    // what was closed was opened while the log was written, and messages would be in it
    let jvm = &assembly.jvm;
    let is_before = |span: &Span| span.order() < closed.order();
    let settings = jvm.system_properties.iter().map(|it| &it.span);
    let started = settings
        .chain(jvm.refused.iter().map(|it| &it.span))
        .any(is_before);
    let sureness = if started {
        sureness(assembly)
    } else {
        Confidence::Possible
    };
    let headline = if sureness == Confidence::Possible {
        "connections were closed, and no TLS on them is in the log"
    } else {
        "connections were opened and closed, without any TLS on them"
    };
    let hidden = unless_hidden(sureness, assembly.survey.is_bc_alone());
    nothing(sureness, headline)
    .explain(format!("The log has {entries}, and none is a handshake message or a failure. But connections came to be, for this JVM closed what it had made for them. On a server that is what a port probe leaves behind (a health check that connects and closes), or a peer that says nothing, or one that speaks no TLS where the library looks before JSSE does (Netty, Tomcat: they say so in their own log, if at all).{hidden}"))
    .evidence(closed, "closed, with no message before it")
}
