//! A102: there is a key, but not of an authority that the server names.

use std::sync::Arc;

use super::{Answer, Asked, client_certificate_missing::may_have_keys, listed};
use crate::{
    diagnose::{Confidence, Context, Finding, IssuerProof, catalogue::rule, context::common_name},
    event::same_name,
    handshake::{Handshake, KeyEntry, Noted, Party},
};

rule! {
    /// ## When it fires
    /// The server asked for a client certificate of certain authorities, this client has key entries,
    /// but none whose chain was issued by one of those authorities; so it sent an empty Certificate and
    /// the handshake broke.
    ///
    /// ## Why handshakes break here
    /// The list in `CertificateRequest` is what the server trusts. A JVM picks a key whose chain, as it is
    /// stored, names one of them as an issuer. A leaf stored without its intermediate does not, though
    /// it would be acceptable.
    ///
    /// ## Evidence
    /// The authorities in the request; the issuers of the key entries listed in the log; the key
    /// manager's words `issuers do not match`. *Certain* with those words, *strong* without, *likely*
    /// beside `client-certificate-missing` when the log does not show the keys.
    ///
    /// ## Remedies
    /// Import the whole chain onto the key entry, or take a certificate of one of those authorities. On
    /// the server, add the client's authority to the trust store that the list is made of.
    ///
    /// ## Not to be confused with
    /// `client-certificate-missing`: there is no key at all, or the log does not list the keys.
    ///
    /// ## References
    /// RFC 8446 §4.2.4, §4.3.2; RFC 5246 §7.4.4; `sun.security.ssl.X509KeyManagerImpl`.
    NoClientCertificateForAuthorities: "A102", "no-client-certificate-for-authorities", since "0.1.0",
    "this client's keys are not of an authority that the server accepts",
    check, of BrokenUp
}

/// The keys that this client has, and that none of them is of an accepted authority.
pub(super) struct Mismatch<'a> {
    keys: Vec<&'a KeyEntry>,
    ignored: Option<&'a Noted<(Arc<str>, Arc<str>)>>,
}

impl<'a> Mismatch<'a> {
    /// None of the keys listed in the log is of an authority that the server named.
    pub(super) fn of(
        handshake: &Handshake,
        asked: &Asked<'_>,
        context: &Context<'a>,
    ) -> Option<Self> {
        let authorities = asked.authorities();
        let before_end =
            |key: &&Noted<(Arc<str>, Arc<str>)>| key.span.order() < handshake.last_span().order();
        let ignored = context
            .jvm
            .keys_ignored
            .iter()
            .filter(before_end)
            .find(|key| key.value.1.contains("issuers do not match"));
        let keys = &context.client_keys;
        // in lines of the key's chain that are not in the log, the authority may be named
        let accepted = |key: &&KeyEntry| {
            key.chain.iter().any(|presented| {
                presented.torn
                    || authorities
                        .iter()
                        .any(|name| same_name(name, &presented.certificate.issuer))
            })
        };
        let mismatch = ignored.is_some() || (!keys.is_empty() && !keys.iter().any(accepted));
        (mismatch && asked.empty && !authorities.is_empty()).then(|| Self {
            keys: keys.clone(),
            ignored,
        })
    }
}

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let asked = Asked::of(handshake)
        .filter(|asked| asked.empty && !matches!(asked.answer, Answer::Silence))?;
    let authorities = asked.authorities();
    let Some(Mismatch { keys, ignored }) = Mismatch::of(handshake, &asked, context) else {
        return keys_not_logged(&asked, context);
    };
    let confidence = if ignored.is_some() {
        Confidence::Certain
    } else {
        Confidence::Strong
    };
    let issuers: Vec<&str> = keys
        .iter()
        .filter_map(|key| key.chain.last())
        .map(|presented| &*presented.certificate.issuer)
        .collect();
    let have = match (issuers.as_slice(), ignored) {
        ([], Some(ignored)) => format!(
            "The key manager passed over {}: issuers do not match.",
            ignored.value.0
        ),
        (issuers, _) => format!("The chains of its key entries end at {}.", listed(issuers)),
    };
    let incomplete = keys
        .iter()
        .find_map(|key| missing_link(key, authorities, context));
    let link = incomplete.as_ref().map_or_else(String::new, |issuer| format!(" But {issuer} is itself issued by one of them: the key entry lacks its intermediate, and with it the client would have found the key."));
    let mut finding = Finding::error(&NoClientCertificateForAuthorities, confidence, "this client has no certificate of an authority that the server accepts")
        .explain(format!("The server accepts certificates of: {}. {have}{link} So this client sent an empty Certificate.", listed(authorities)))
        .fault_of(Party::Either);
    finding = asked.cited(
        finding,
        format!("CertificateRequest: {}", listed(authorities)),
    );
    for key in keys.iter().take(3) {
        finding = finding.evidence(key.span, format!("found key for: {}", key.alias));
    }
    let alias = keys.first().map_or("ALIAS", |key| &*key.alias);
    Some(
        finding
            .evidence_if(ignored, |(alias, reason)| format!("Ignore alias {alias}: {reason}"))
            .evidence_of_break_up(handshake.break_up.as_deref())
            .remedy(Party::Client, "import the whole chain onto the key entry", Some(format!("keytool -importcert -alias {} -file fullchain.pem -keystore client.p12", crate::diagnose::context::shell_word(alias))))
            .remedy(Party::Client, format!("or use a certificate issued below {}", common_name(&authorities[0])), None)
            .remedy(Party::Server, "add the client's authority to the trust store from which the list is made, or send an empty list", Some("keytool -importcert -alias client-ca -file client-ca.pem -keystore trust.p12 -storetype PKCS12".to_owned()))
            .confirm("the authorities that the server names", Some(format!("{} | sed -n '/Acceptable client/,/^---/p'", context.openssl(handshake, ""))))
            .references(&["RFC 8446 §4.2.4", "RFC 5246 §7.4.4"]),
    )
}

/// Without the key manager's entries nobody can tell a client without keys from one with the wrong ones.
fn keys_not_logged(asked: &Asked<'_>, context: &Context<'_>) -> Option<Finding> {
    let authorities = asked.authorities();
    if authorities.is_empty() || !may_have_keys(asked, context) {
        return None;
    }
    let elsewhere = context.shows_key.map_or_else(String::new, |other| {
        format!(
            " In handshake #{} a client of this log does show a certificate.",
            other.id
        )
    });
    let finding = Finding::error(&NoClientCertificateForAuthorities, Confidence::Likely, "this client may have keys, but none of an authority that the server accepts")
            .explain(format!("The log does not show the keys of this client. If it has any, none is of the authorities that the server names: {}.{elsewhere} A client without any key sends the same empty Certificate (client-certificate-missing).", listed(authorities)))
            .fault_of(Party::Either);
    Some(
        asked
            .cited(
                finding,
                format!("CertificateRequest: {}", listed(authorities)),
            )
            .remedy(
                Party::Client,
                "log the key manager too",
                Some("-Djavax.net.debug=ssl:handshake:keymanager".to_owned()),
            )
            .confirm(
                "issuers of the client's key entries",
                Some("keytool -list -v -keystore client.p12 | grep -E 'Alias|Issuer'".to_owned()),
            )
            .references(&["RFC 8446 §4.2.4"]),
    )
}

/// The issuer of a key's chain that is known from elsewhere to be below an accepted authority.
fn missing_link(key: &KeyEntry, authorities: &[Arc<str>], context: &Context<'_>) -> Option<String> {
    let issuer = &key.chain.last()?.certificate.issuer;
    let IssuerProof::Intermediate((certificate, _)) = context.issuer_proof(issuer) else {
        return None;
    };
    authorities
        .iter()
        .any(|name| same_name(name, &certificate.issuer))
        .then(|| issuer.to_string())
}
