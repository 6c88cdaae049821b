//! L105: the log holds application data in plain text.

use super::SHORT_OPTION;
use crate::{
    assemble::Assembly,
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule, rules::never},
    event::Secret,
    handshake::Party,
};

rule! {
    /// ## When it fires
    /// The log has dumps of decrypted data (`Plaintext before ENCRYPTION`, `Plaintext after DECRYPTION`), or of keys:
    /// JDK 6 to 8u252, 9 and 10 print `SESSION KEYGEN` and `CONNECTION KEYGEN` with every option that has `ssl` in it.
    ///
    /// ## Why handshakes break here
    /// They do not: but whoever reads the log reads the application's data, with passwords, cookies and tokens.
    /// The options `all`, `plaintext`, `data` and `keygen` do this. With the master secret, whoever has recorded the
    /// connection can decrypt it.
    ///
    /// ## Evidence
    /// The number of dumps, and the first of each kind.
    ///
    /// ## Remedies
    /// Clean the log before it is handed on; use an option that does not print data.
    ///
    /// ## Not to be confused with
    /// Hex dumps of encrypted records (`packet`): large, but not secret.
    ///
    /// ## References
    /// JSSE Reference Guide, "Debugging Utilities"; CWE-532.
    SecretsInLog: "L105", "secrets-in-log", since "0.1.0",
    "the log holds application data in plain text",
    never, of Nothing, log check_log
}

/// Blanks the dumps and leaves the rest of the log as it is.
const SCRUB: &str = "jssl-analyze scrub server.log -o clean.log";

fn check_log(assembly: &Assembly, _context: &Context<'_>) -> Option<Finding> {
    let (data, keys) = (assembly.survey.plaintexts, assembly.survey.secrets);
    let headline = match (data, keys) {
        (0, 0) => return None,
        (0, _) => format!("the log holds {} of session keys", dumps(keys)),
        (_, 0) => format!("the log holds {} of decrypted data", dumps(data)),
        _ => format!(
            "the log holds {} of session keys, and {} of decrypted data",
            dumps(keys),
            dumps(data)
        ),
    };
    let mut why = Vec::new();
    if keys > 0 {
        why.push(OF_KEYS);
    }
    if data > 0 {
        why.push(OF_DATA);
    }
    why.push("Treat the log as a secret.");
    let finding = Finding::new(
        &SecretsInLog,
        Severity::Warning,
        Confidence::Certain,
        headline,
    )
    .explain(why.join(" "))
    .fault_of(Party::Unknown);
    let finding = with_evidence(finding, assembly).remedy(
        Party::Either,
        "clean the log before handing it on",
        Some(SCRUB.to_owned()),
    );
    let finding = if data > 0 {
        let what = "use an option that prints no data";
        finding.remedy(Party::Either, what, Some(SHORT_OPTION.to_owned()))
    } else {
        finding
    };
    let sought = match (data, keys) {
        (_, 0) => "laintext (before|after)",
        (0, _) => " KEYGEN:",
        _ => " KEYGEN:|laintext (before|after)",
    };
    let counting = format!("grep -cE '{sought}' server.log");
    Some(
        finding
            .confirm("counts the dumps", Some(counting))
            .references(&["CWE-532"]),
    )
}

/// Classic JDKs print them for every handshake.
const OF_KEYS: &str = "JDK 6 to 8u252, 9 and 10 print the keys of each connection. With the master secret, whoever has recorded the connection can decrypt it, passwords and tokens included.";

const OF_DATA: &str = "The debug option prints what the application sends and receives, decrypted: passwords, cookies and tokens may be among it.";

fn dumps(number: u64) -> String {
    match number {
        1 => "1 dump".to_owned(),
        _ => format!("{number} dumps"),
    }
}

/// The first dump of each kind, with what all of them begin with.
fn with_evidence(finding: Finding, assembly: &Assembly) -> Finding {
    let survey = &assembly.survey;
    let kinds = [
        (
            Secret::Keys,
            survey.secrets,
            "'SESSION KEYGEN' or 'CONNECTION KEYGEN'",
        ),
        (
            Secret::Data,
            survey.plaintexts,
            "'Plaintext before ENCRYPTION' or 'Plaintext after DECRYPTION'",
        ),
    ];
    kinds
        .into_iter()
        .fold(finding, |finding, (kind, count, title)| {
            let from_here = if count == 1 { "" } else { ", from here on" };
            match assembly.jvm.first_dump(kind) {
                Some(span) => {
                    finding.evidence(span, format!("{} {title}{from_here}", dumps(count)))
                }
                None => finding,
            }
        })
}
