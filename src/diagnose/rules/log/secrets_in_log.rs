//! L105: the log holds application data in plain text.

use super::SHORT_OPTION;
use crate::{
    assemble::Assembly,
    diagnose::{Confidence, Context, Finding, Severity, catalogue::rule, rules::never},
    handshake::Party,
    span::Span,
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
    /// The number of dumps.
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
    let dumps = assembly.survey.plaintexts;
    if dumps == 0 {
        return keys(assembly);
    }
    let span = assembly
        .handshakes
        .first()
        .map_or_else(Span::default, |first| first.first_span());
    Some(
        Finding::new(&SecretsInLog, Severity::Warning, Confidence::Certain, format!("the log holds {dumps} dumps of decrypted data"))
            .explain("The debug option prints what the application sends and receives, decrypted: passwords, cookies and tokens may be among it. Treat the log as a secret.")
            .fault_of(Party::Unknown)
            .evidence(span, format!("{dumps} entries 'Plaintext before ENCRYPTION' or 'Plaintext after DECRYPTION', from here on"))
            .remedy(Party::Either, "clean the log before handing it on", Some(SCRUB.to_owned()))
            .remedy(Party::Either, "use an option that prints no data", Some(SHORT_OPTION.to_owned()))
            .confirm("counts the dumps", Some("grep -c 'Plaintext ' server.log".to_owned()))
            .references(&["CWE-532"]),
    )
}

/// Key material, as classic JDKs print it for every handshake.
fn keys(assembly: &Assembly) -> Option<Finding> {
    let dumps = assembly.survey.secrets;
    if dumps == 0 {
        return None;
    }
    let span = assembly
        .handshakes
        .first()
        .map_or_else(Span::default, |first| first.first_span());
    Some(
        Finding::new(&SecretsInLog, Severity::Warning, Confidence::Certain, format!("the log holds {dumps} dumps of session keys"))
            .explain("JDK 6 to 8u252, 9 and 10 print the keys of each connection. With the master secret, whoever has recorded the connection can decrypt it, passwords and tokens included. Treat the log as a secret.")
            .fault_of(Party::Unknown)
            .evidence(span, format!("{dumps} blocks 'SESSION KEYGEN' or 'CONNECTION KEYGEN', from here on"))
            .remedy(Party::Either, "take these blocks out of the log before handing it on", Some(SCRUB.to_owned()))
            .confirm("counts the dumps", Some("grep -c ' KEYGEN:' server.log".to_owned()))
            .references(&["CWE-532"]),
    )
}
