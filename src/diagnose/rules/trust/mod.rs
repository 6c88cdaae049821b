//! Family T: whether a peer's certificate is believed.
//!
//! Most of these faults print one sentence for several causes, or several sentences for one. [`Refusal`]
//! holds what this JVM said, [`Objection`] what it means, [`validity`] and [`own_chain`] do the arithmetic.

pub(in crate::diagnose) mod certificate_distrusted;
pub(in crate::diagnose) mod certificate_expired;
pub(in crate::diagnose) mod certificate_malformed;
pub(in crate::diagnose) mod certificate_not_yet_valid;
pub(in crate::diagnose) mod certificate_rejected_by_peer;
pub(in crate::diagnose) mod certificate_revoked;
pub(in crate::diagnose) mod certificate_signature_invalid;
pub(in crate::diagnose) mod hostname_mismatch;
pub(in crate::diagnose) mod incomplete_certificate_chain;
pub(in crate::diagnose) mod ip_address_mismatch;
pub(in crate::diagnose) mod misordered_certificate_chain;
mod objection;
pub(in crate::diagnose) mod own_chain;
pub(in crate::diagnose) mod path_constraint_violated;
pub(in crate::diagnose) mod revocation_status_unknown;
pub(in crate::diagnose) mod self_signed_certificate;
pub(in crate::diagnose) mod tls_interception;
pub(in crate::diagnose) mod truststore_unusable;
pub(in crate::diagnose) mod untrusted_root;
pub(in crate::diagnose) mod validity;
pub(in crate::diagnose) mod weak_certificate_algorithm;
pub(in crate::diagnose) mod wrong_key_usage;

pub(in crate::diagnose) use self::objection::Objection;
pub(in crate::diagnose) use super::refusal::Refusal;
use crate::{
    diagnose::{
        Confidence, Context, Finding, NameMatch,
        context::{common_name, shell_word},
        match_host,
    },
    event::Certificate,
    handshake::{Chain, Handshake, Party, Role},
};

/// *CN=api, issued by CN=Lab CA, valid from 2026-01-01 to 2026-02-01*
pub(in crate::diagnose) fn described(certificate: &Certificate) -> String {
    let date = |time: &Option<crate::time::LogTime>| {
        time.as_ref()
            .map_or_else(|| "?".to_owned(), crate::time::LogTime::date)
    };
    [
        &*certificate.subject,
        ", issued by ",
        &certificate.issuer,
        ", valid from ",
        &date(&certificate.not_before),
        " to ",
        &date(&certificate.not_after),
    ]
    .concat()
}

/// What is wrong with the server's own certificate besides: it would be the next to fail.
///
/// A path is looked for before dates and names are, so the first objection hides the others.
pub(in crate::diagnose) fn with_next(mut finding: Finding, handshake: &Handshake) -> Finding {
    let chain = handshake
        .peer_chain()
        .filter(|_| handshake.role != Some(Role::Server));
    let Some(leaf) = chain.and_then(|chain| chain.leaf()) else {
        return finding;
    };
    let mut next = Vec::new();
    match validity::clock(handshake).and_then(|now| validity::state(leaf, &now)) {
        Some(validity::Validity::Over) => next.push("it has expired".to_owned()),
        Some(validity::Validity::ToCome) => next.push("it is not valid yet".to_owned()),
        None => {}
    }
    let wanted = handshake
        .server_name()
        .filter(|name| match_host(leaf, name) != NameMatch::Matches);
    if let Some(name) = wanted {
        next.push(format!(
            "it is not for {name} (where the client checks host names)"
        ));
    }
    if !next.is_empty() {
        let words = format!(
            " Next to fail would be the certificate {} itself: {}.",
            common_name(&leaf.subject),
            next.join(", and ")
        );
        finding.explanation.push_str(&words);
    }
    match wanted {
        Some(name) => finding.remedy(
            Party::Server,
            format!("show a certificate for {name}: this looks like the default one, shown where none is set up for the name (in Kubernetes: the TLS secret of the Ingress)"),
            None,
        ),
        None => finding,
    }
}

/// Of a chain of which lines are missing, or doubled, nothing is proven by what it lacks.
pub(in crate::diagnose) fn as_sure_as_printed(mut finding: Finding, chain: &Chain) -> Finding {
    if chain.is_torn() {
        finding.confidence = finding.confidence.min(Confidence::Likely);
        finding.assume_also(
            "the certificates are not whole in the log: lines of them are missing or mixed up",
        );
    }
    finding
}

/// *not among the 137 trust anchors listed in the log*, as far as the log tells.
pub(in crate::diagnose) fn not_an_anchor(context: &Context<'_>) -> String {
    match context.anchor_count() {
        0 => "not trusted here, it seems (the log does not list the trust anchors of this JVM)"
            .to_owned(),
        1 => "not the one trust anchor listed in the log".to_owned(),
        count => format!("not among the {count} trust anchors listed in the log"),
    }
}

/// What stands between two texts: `between("a [b] c", "[", "]")` is `b`.
pub(in crate::diagnose) fn between<'t>(
    text: &'t str,
    before: &str,
    behind: &str,
) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    Some(
        rest.split_once(behind)
            .map_or(rest, |(inside, _)| inside)
            .trim(),
    )
}

/// A word for `keytool -alias` made of a name.
pub(crate) fn alias_for(name: &str) -> String {
    let word: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let word = word.trim_matches('-').to_owned();
    if word.is_empty() {
        "peer".to_owned()
    } else {
        word
    }
}

/// `keytool -importcert …` into a new trust store.
pub(in crate::diagnose) fn import_command(name: &str, file: &str) -> String {
    format!(
        "keytool -importcert -alias {} -file {file} -keystore trust.p12 -storetype PKCS12",
        alias_for(name)
    )
}

/// `keytool -importcert …` into the trust store that this JVM reads, or a new one where that is not known.
pub(in crate::diagnose) fn import_here(name: &str, file: &str, context: &Context<'_>) -> String {
    store_of_its_own(context).map_or_else(
        || import_command(name, file),
        |store| {
            format!(
                "keytool -importcert -alias {} -file {file} -keystore {}",
                alias_for(name),
                shell_word(store)
            )
        },
    )
}

/// Adds what is to be done where [`import_here`] makes a new trust store.
pub(in crate::diagnose) fn with_new_store(finding: Finding, context: &Context<'_>) -> Finding {
    if store_of_its_own(context).is_some() {
        return finding;
    }
    finding.remedy(
        Party::Client,
        "point the JVM to that store (it replaces cacerts, it does not add to it)",
        Some(
            "-Djavax.net.ssl.trustStore=trust.p12 -Djavax.net.ssl.trustStoreType=PKCS12".to_owned(),
        ),
    )
}

/// The trust store that the log names, if it is not the list that comes with the JDK: an update of the JDK would take
/// back what is imported there.
pub(in crate::diagnose) fn store_of_its_own<'a>(context: &Context<'a>) -> Option<&'a str> {
    let store = &*context.jvm.trust_store.as_ref()?.value;
    let file = store.rsplit(['/', '\\']).next()?;
    let comes_with_jdk = matches!(file, "cacerts" | "jssecacerts");
    (!comes_with_jdk && truststore_unusable::is_file(store)).then_some(store)
}

/// Names the flag that would make a verdict about anchors surer, where the log does not list them.
pub(in crate::diagnose) fn with_anchors_to_log(finding: Finding, context: &Context<'_>) -> Finding {
    if context.anchors_listed() || context.survey.is_bc_alone() {
        return finding;
    }
    finding.confirm(
        "the trust anchors of this JVM are not in the log; with this option they are, and the verdict is surer",
        Some("-Djavax.net.debug=ssl:handshake:trustmanager".to_owned()),
    )
}

/// The command that writes the server's certificate into `server.pem`.
pub(in crate::diagnose) fn save_certificate(
    handshake: &Handshake,
    context: &Context<'_>,
) -> String {
    format!(
        "{} | openssl x509 -out server.pem",
        context.openssl(handshake, "")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_out_and_made_into_aliases() {
        assert_eq!(
            between("matching shop.example found.", "matching ", " found"),
            Some("shop.example")
        );
        assert_eq!(between("nothing", "[", "]"), None);
        assert_eq!(alias_for("Lab Root CA (2)"), "lab-root-ca--2");
        assert_eq!(alias_for("§"), "peer");
    }
}
