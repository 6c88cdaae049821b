//! A104: the client has a certificate, but cannot sign with its key.

use std::sync::Arc;

use super::{Answer, Asked};
use crate::{
    diagnose::{Confidence, Context, Finding, catalogue::rule, rules::trust::Refusal},
    event::Sender,
    handshake::{Handshake, Noted, Party, Role},
    tls::{AlertDescription, MessageKind},
};

rule! {
    /// ## When it fires
    /// The client could not prove that it has the key of its certificate. On the client: `Cannot produce
    /// CertificateVerify signature`, `No supported CertificateVerify signature algorithm`, or the alert
    /// `decrypt_error` after its `CertificateVerify`; or the key manager passed its keys over because they
    /// do not conform to algorithm constraints. On the server: `Invalid CertificateVerify signature`.
    ///
    /// ## Why handshakes break here
    /// The key does not belong to the certificate (a key store put together by hand), the token or the
    /// HSM refuses to sign, or it cannot sign in the way TLS 1.3 wants (RSASSA-PSS).
    ///
    /// ## Evidence
    /// The exception: *certain*. `decrypt_error`: *likely*, as it is also said of a damaged Finished. A key
    /// passed over and an empty Certificate: *strong*.
    ///
    /// ## Remedies
    /// Put the key store together again from the key and its own certificate; update the provider of the
    /// token; keep to TLS 1.2 for keys that cannot sign with PSS.
    ///
    /// ## Not to be confused with
    /// `client-certificate-rejected`: the certificate is not accepted, whatever the key.
    /// `no-common-signature-scheme`: the two sides share no scheme.
    ///
    /// ## References
    /// RFC 8446 §4.4.3, §6.2 (`decrypt_error`); RFC 5246 §7.4.8; `sun.security.ssl.CertificateVerify`.
    ClientKeyUnusable: "A104", "client-key-unusable", since "0.1.0",
    "the client could not sign with the key of its certificate",
    check, of BrokenUp
}

/// What a client says that cannot sign.
const CANNOT_SIGN: [&str; 4] = [
    "Cannot produce CertificateVerify signature",
    "No supported CertificateVerify signature algorithm",
    "Unable to produce CertificateVerify",
    "Failed to sign",
];

/// What a server says whose client signed wrongly.
const WRONG_SIGNATURE: [&str; 3] = [
    "Invalid CertificateVerify signature",
    "Invalid CertificateVerify message: invalid signature",
    "Cannot verify CertificateVerify signature",
];

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let finding = match handshake.role? {
        Role::Client => own_words(handshake)
            .or_else(|| decrypt_error(handshake))
            .or_else(|| passed_over(handshake, context))?,
        Role::Server => seen_by_server(handshake)?,
    };
    Some(
        finding
            .fault_of(Party::Client)
            .remedy(Party::Client, "put the key store together again from the key and its own certificate", Some("openssl pkcs12 -export -inkey client.key -in client.pem -certfile chain.pem -out client.p12".to_owned()))
            .remedy(Party::Client, "a token or HSM that cannot sign with RSASSA-PSS: update its provider, or until then keep this one process to TLS 1.2 (temporary, and a risk: no host gets TLS 1.3)", Some("-Djdk.tls.client.protocols=TLSv1.2".to_owned()))
            .confirm("both must print the same public key", Some("openssl x509 -in client.pem -noout -pubkey; openssl pkey -in client.key -pubout".to_owned()))
            .references(&["RFC 8446 §4.4.3", "RFC 8446 §6.2"]),
    )
}

fn own_words(handshake: &Handshake) -> Option<Finding> {
    let refusal = Refusal::of(handshake).filter(|refusal| {
        handshake.certificate_request.is_some()
            && CANNOT_SIGN.iter().any(|words| refusal.says(words))
    })?;
    let root = refusal.throwable.and_then(|thrown| thrown.root());
    let why = root
        .filter(|root| root.plain_message() != refusal.reason)
        .map_or_else(String::new, |root| {
            format!(
                " The provider says: {}: {}.",
                root.simple_class(),
                root.message
            )
        });
    let finding = Finding::error(&ClientKeyUnusable, Confidence::Certain, "this client could not sign with the key of its certificate")
        .explain(format!("The server asked for a certificate, this client has one, but the signature could not be made: {}.{why}", refusal.reason));
    Some(
        refusal
            .proves(finding)
            .evidence_of_cause(refusal.entry, root),
    )
}

fn decrypt_error(handshake: &Handshake) -> Option<Finding> {
    let asked = Asked::of(handshake).filter(|asked| !asked.empty)?;
    let signed = handshake.has_sent(Sender::Client, &MessageKind::CertificateVerify);
    if !signed || !matches!(asked.answer, Answer::Alert(AlertDescription::DecryptError)) {
        return None;
    }
    let finding = asked.cited(Finding::error(&ClientKeyUnusable, Confidence::Likely, "the server could not verify this client's signature")
        .explain("The server answered the client's CertificateVerify with decrypt_error: the signature does not fit the certificate. Mostly key and certificate do not belong together; a damaged Finished would bring the same alert."), "CertificateRequest: the server asks for a certificate")
        .evidence_of_break_up(handshake.break_up.as_deref());
    Some(finding)
}

/// `Ignore alias A: certificate list does not conform to algorithm constraints`
pub(super) fn passed_over_key<'a>(
    handshake: &Handshake,
    context: &Context<'a>,
) -> Option<&'a Noted<(Arc<str>, Arc<str>)>> {
    let end = handshake.last_span().order();
    context
        .jvm
        .keys_ignored
        .iter()
        .find(|key| key.value.1.contains("algorithm constraints") && key.span.order() < end)
}

/// The key manager has keys and lets them lie, for their algorithms.
fn passed_over(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let asked = Asked::of(handshake)
        .filter(|asked| asked.empty && !matches!(asked.answer, Answer::Silence))?;
    let ignored = passed_over_key(handshake, context)?;
    let finding = Finding::error(&ClientKeyUnusable, Confidence::Strong, format!("this client may not use its key {}: algorithm constraints", ignored.value.0))
        .explain(format!("The server asked for a certificate. The key manager has the key {}, but its chain does not conform to the algorithm constraints of the server's request or of this JDK, so an empty Certificate was sent.", ignored.value.0))
        .evidence(ignored.span, format!("Ignore alias {}: {}", ignored.value.0, ignored.value.1))
;
    let finding = asked
        .cited(finding, "CertificateRequest")
        .evidence_of_break_up(handshake.break_up.as_deref());
    Some(finding)
}

fn seen_by_server(handshake: &Handshake) -> Option<Finding> {
    let refusal = Refusal::of(handshake)
        .filter(|refusal| WRONG_SIGNATURE.iter().any(|words| refusal.says(words)))?;
    let finding = Finding::error(&ClientKeyUnusable, Confidence::Certain, "the client's signature does not fit its certificate")
        .explain(format!("This server says: {}. The client signed with a key that is not that of the certificate it showed, or its signature came out wrong.", refusal.reason));
    let finding = match &handshake.client_chain {
        Some(chain) => finding.evidence(
            chain.span_of(0),
            chain
                .leaf()
                .map_or_else(String::new, |leaf| leaf.subject.to_string()),
        ),
        None => finding,
    };
    Some(refusal.proves(finding))
}
