//! T118: a certificate that cannot be read.

use super::{Objection, Refusal};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule},
    handshake::{Handshake, Party},
};

rule! {
    /// ## When it fires
    /// This client could not read the server's certificate: `Failed to parse server certificates`,
    /// `Could not parse certificate`, a `CertificateParsingException`.
    ///
    /// ## Why handshakes break here
    /// The bytes are no certificate that this JDK understands: wrong DER (a negative serial number, an
    /// empty issuer, a field out of order), a key type without a provider, a file that is something else.
    /// Other TLS libraries are often more lenient.
    ///
    /// ## Evidence
    /// The exception and its innermost cause. *Certain* that it could not be read.
    ///
    /// ## Remedies
    /// Have the certificate issued anew; update the JDK if it is the one that is too strict.
    ///
    /// ## Not to be confused with
    /// `certificate-signature-invalid`: read, but wrongly signed. `message-malformed`: the message
    /// around the certificates is damaged.
    ///
    /// ## References
    /// RFC 5280 §4.1; `sun.security.x509.X509CertImpl`.
    CertificateMalformed: "T118", "certificate-malformed", since "0.1.0",
    "the server's certificate could not be read",
    check, of Objected
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let refusal = Refusal::of_server_certificate(handshake, context, Objection::Malformed)?;
    let root = refusal
        .throwable
        .and_then(|thrown| thrown.root())
        .filter(|root| !root.message.is_empty());
    let detail = root.map_or_else(String::new, |root| {
        format!(
            " The innermost reason: {}: {}.",
            root.simple_class(),
            root.plain_message()
        )
    });
    let finding = Finding::error(&CertificateMalformed, Confidence::Certain, "a certificate of the server could not be read")
        .explain(format!("This client says: {}.{detail} What other programs make of the same bytes does not matter here: this JDK does not accept them.", refusal.reason))
        .fault_of(Party::Server);
    Some(
        refusal
            .proves(finding)
            .evidence_of_cause(refusal.entry, root)
            .remedy(
                Party::Server,
                "have the certificate issued anew, and check the file that is served",
                Some("openssl x509 -in server.pem -noout -text".to_owned()),
            )
            .remedy(
                Party::Client,
                "try a newer JDK: some updates are more lenient, some know more key types",
                None,
            )
            .confirm(
                "what keytool makes of it",
                Some(format!(
                    "{}; keytool -printcert -file server.pem",
                    super::save_certificate(handshake, context)
                )),
            )
            .references(&["RFC 5280 §4.1"]),
    )
}
