//! N104: no signature scheme that both ends accept and the key can do.

use super::{offered_schemes, with_refusals};
use crate::{
    diagnose::{
        Confidence, Context, Finding,
        catalogue::rule,
        context::shell_word,
        rules::{Refusal, identity::no_scheme_of_13, listed, own_party, peer_party},
    },
    event::RefusedKind,
    handshake::{Handshake, Party, Role},
    tls::AlertDescription,
};

rule! {
    /// ## When it fires
    /// JSSE says that no signature scheme is supported or in common, that a scheme used is not supported, or
    /// that a key cannot sign with any scheme wanted. Also: a server finds no authentication scheme although
    /// the log lists its key, because the client's `signature_algorithms` has no scheme for that type of key, or
    /// none at all that may sign in TLS 1.3.
    ///
    /// ## Why handshakes break here
    /// The server signs its part of the handshake; the client lists the schemes it accepts. TLS 1.3 wants
    /// RSASSA-PSS for RSA keys, which some HSM, PKCS#11 and Windows keys cannot do; schemes with SHA-1 and MD5
    /// are disabled in current JDKs.
    ///
    /// ## Evidence
    /// `signature_algorithms` of the client, schemes that this JVM refuses, the keys listed in the log, the sentence.
    ///
    /// ## Remedies
    /// Widen the list that is too short (`jdk.tls.client.SignatureSchemes`, `jdk.tls.server.SignatureSchemes`),
    /// upgrade the provider of the key, or keep a key that cannot do PSS at TLS 1.2.
    ///
    /// ## Not to be confused with
    /// `server-key-missing`: no key at all. `weak-certificate-algorithm`: the signature *in* the certificate.
    ///
    /// ## References
    /// RFC 8446 §4.2.3, §4.4.3; RFC 5246 §7.4.1.4.1; `sun.security.ssl.SignatureScheme`.
    NoCommonSignatureScheme: "N104", "no-common-signature-scheme", since "0.1.0",
    "client and server have no signature scheme in common",
    check, of BrokenUp
}

const LOCAL: [&str; 8] = [
    "No supported signature algorithm",
    "No supported CertificateVerify signature algorithm",
    "No signature and hash algorithm in common",
    "No supported signature and hash algorithm in common",
    "No peer supported signature algorithms",
    "No supported hash algorithm",
    "No available signature_algorithms extension",
    "No signature algorithms specified",
];
/// A server of TLS 1.3 without a key, or without a scheme for it.
const NO_AUTHENTICATION: &str = "No available authentication scheme";
/// The peer used a scheme that this JVM does not accept.
const USED: [&str; 4] = [
    "Unsupported signature algorithm (",
    "Invalid signature algorithm (",
    "Unsupported SignatureAndHashAlgorithm",
    "Unsupported signature algorithm:",
];

fn check(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let Some(refusal) = Refusal::of(handshake) else {
        return no_key_signs(handshake, context);
    };
    let offered = offered_schemes(handshake);
    let (confidence, sentence, explanation, at_fault) =
        if let Some(sentence) = refusal.sentence(&USED) {
            let text =
                "The peer signed with a scheme that this JVM did not ask for or does not accept."
                    .to_owned();
            (Confidence::Certain, sentence, text, peer_party(handshake))
        } else if let Some(sentence) = refusal.sentence(&LOCAL) {
            (
                Confidence::Certain,
                sentence,
                in_words(handshake, context),
                Party::Either,
            )
        } else {
            let (sentence, text) = no_scheme_for_the_key(handshake, context, &refusal)?;
            (Confidence::Strong, sentence, text, Party::Either)
        };
    let no_use = sentence.contains(NO_AUTHENTICATION) && no_scheme_of_13(handshake);
    let (confidence, at_fault) = if no_use {
        (Confidence::Certain, Party::Client)
    } else {
        (confidence, at_fault)
    };
    let finding = Finding::error(
        &NoCommonSignatureScheme,
        confidence,
        "client and server have no signature scheme in common",
    )
    .explain(explanation)
    .fault_of(at_fault)
    .evidence(refusal.span, sentence)
    .evidence_if(
        handshake
            .client_hello
            .as_deref()
            .filter(|_| !offered.is_empty()),
        |_| {
            format!(
                "signature_algorithms of the ClientHello: {}",
                listed(offered)
            )
        },
    );
    let finding = with_refusals(
        finding,
        RefusedKind::SignatureScheme,
        offered.iter().map(|name| &**name),
        context,
    );
    let own = own_party(handshake);
    let property = match handshake.role {
        Some(Role::Client) => "jdk.tls.client.SignatureSchemes",
        _ => "jdk.tls.server.SignatureSchemes",
    };
    let finding = match context.jvm.system_property(property) {
        Some(set) => finding
            .evidence(set.span, format!("{property} is set to {}", set.value.1))
            .remedy(
                own,
                format!(
                    "drop {property}, which is set to {} here, or widen it",
                    set.value.1
                ),
                None,
            ),
        None => finding,
    };
    Some(
        finding
            .remedy(Party::Client, "accept the schemes that the server's key can do", Some("-Djdk.tls.client.SignatureSchemes=ecdsa_secp256r1_sha256,rsa_pss_rsae_sha256,rsa_pss_rsae_sha384,rsa_pkcs1_sha256".to_owned()))
            .remedy(Party::Server, "allow the schemes that the client offers, or use a key of another type", Some("-Djdk.tls.server.SignatureSchemes=ecdsa_secp256r1_sha256,rsa_pss_rsae_sha256,rsa_pss_rsae_sha384,rsa_pkcs1_sha256".to_owned()))
            .remedy(own, "a key in hardware that cannot do RSASSA-PSS: keep this one process to TLS 1.2 until its provider is upgraded (temporary, and a risk: no peer gets TLS 1.3)", Some(format!("-Djdk.tls.{}.protocols=TLSv1.2", handshake.role.unwrap_or(Role::Server).name())))
            .confirm("shows the scheme that the server signs with (Peer signature type)", Some(context.openssl(handshake, "-sigalgs RSA-PSS+SHA256:ECDSA+SHA256")))
            .references(&["RFC 8446 §4.2.3"]),
    )
}

/// The key manager of this JVM passed over a key for its signature, and then `handshake_failure` came: with
/// another provider at the server's end, that is all that is logged.
fn no_key_signs(handshake: &Handshake, context: &Context<'_>) -> Option<Finding> {
    let break_up = handshake.break_up.as_deref()?;
    if break_up.received_alert() != Some(&AlertDescription::HandshakeFailure)
        || handshake.server_hello.is_some()
    {
        return None;
    }
    let end = handshake.last_span().order();
    let ignored = context.jvm.keys_ignored.iter().find(|key| {
        let reason = &key.value.1;
        reason.contains("signature") && reason.contains("algorithms") && key.span.order() < end
    })?;
    let (alias, reason) = &ignored.value;
    Some(
        Finding::error(&NoCommonSignatureScheme, Confidence::Likely, format!("the key {alias} cannot sign with any scheme that the client offers"))
            .explain(format!("A key manager of this JVM passed over the key {alias}: {reason}. Then the handshake was refused with handshake_failure, as a server without a usable key does; that the two belong together is likely, as server and client are in one log."))
            .fault_of(Party::Either)
            .evidence(ignored.span, format!("Ignoring alias {alias}: {reason}"))
            .evidence_of_break_up(handshake.break_up.as_deref())
            .remedy(Party::Server, "use a key and certificate signed with a scheme that the client offers", Some(format!("keytool -list -v -alias {} -keystore server.p12", shell_word(alias))))
            .remedy(Party::Client, "accept the schemes that the server's key can do", Some("-Djdk.tls.client.SignatureSchemes=ecdsa_secp256r1_sha256,rsa_pss_rsae_sha256,rsa_pss_rsae_sha384,rsa_pkcs1_sha256".to_owned()))
            .confirm("shows the scheme that the server signs with (Peer signature type)", Some(context.openssl(handshake, "-sigalgs RSA+SHA256:ECDSA+SHA256")))
            .references(&["RFC 5246 §7.4.1.4.1", "RFC 8446 §4.2.3"]),
    )
}

fn in_words(handshake: &Handshake, context: &Context<'_>) -> String {
    let offered = offered_schemes(handshake);
    let refused: Vec<_> = offered
        .iter()
        .filter(|name| context.jvm.refusal(name).is_some())
        .collect();
    let offer = if offered.is_empty() {
        "The log does not show which schemes the client accepts.".to_owned()
    } else {
        format!("The client accepts {}.", listed(offered))
    };
    if !refused.is_empty() && refused.len() == offered.len() {
        format!("{offer} This JVM uses no scheme of that list.")
    } else if refused.is_empty() {
        format!("{offer} This JVM has no scheme among them that it may use and its key can do.")
    } else {
        format!(
            "{offer} Of these, this JVM does not use {}.",
            listed(refused)
        )
    }
}

/// A server with keys in the log, and a client whose schemes fit none of them.
fn no_scheme_for_the_key<'a>(
    handshake: &Handshake,
    context: &Context<'_>,
    refusal: &Refusal<'a>,
) -> Option<(&'a str, String)> {
    let sentence = refusal.sentence(&[NO_AUTHENTICATION])?;
    let schemes = offered_schemes(handshake);
    if handshake.role == Some(Role::Server) && no_scheme_of_13(handshake) {
        return Some((
            sentence,
            format!(
                "The client accepts only {}. TLS 1.3, which was agreed on, signs with none of them (RFC 8446 §4.2.3): it wants rsa_pss_rsae_… for an RSA key, ecdsa_secp… for an EC key. So whatever key this server has, it cannot use it for this client.",
                listed(schemes)
            ),
        ));
    }
    let keys: Vec<&str> = context
        .jvm
        .key_entries
        .iter()
        .filter_map(|key| key.chain.first())
        .map(|leaf| {
            leaf.certificate
                .public_key
                .split(' ')
                .next()
                .unwrap_or_default()
        })
        .collect();
    if handshake.role != Some(Role::Server)
        || schemes.is_empty()
        || !keys.iter().any(|key| matches!(*key, "RSA" | "EC"))
    {
        return None;
    }
    let fits = |key: &&str| schemes.iter().any(|scheme| signs_with(scheme, key));
    if keys.iter().any(fits) {
        return None;
    }
    Some((
        sentence,
        format!(
            "The keys of this server, as the log lists them, are of type {}; the client accepts only {}. No scheme is for such a key.",
            listed(keys),
            listed(schemes)
        ),
    ))
}

/// Whether a scheme of TLS 1.3 is for a type of key.
fn signs_with(scheme: &str, key: &str) -> bool {
    match key {
        "RSA" => scheme.starts_with("rsa_pss_rsae"),
        "RSASSA-PSS" => scheme.starts_with("rsa_pss_pss"),
        "EC" => scheme.starts_with("ecdsa_secp"),
        "EdDSA" | "Ed25519" | "Ed448" => scheme.starts_with("ed"),
        "DSA" => false,
        _ => true, // a type this tool does not know may fit
    }
}
