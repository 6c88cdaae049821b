//! The catalogue: every rule, in the order in which ties are decided and `explain` lists them.

use super::{Rule, rules};

/// All rules.
pub static RULES: &[&dyn Rule] = &[
    &rules::client_auth::keystore_unusable::KeystoreUnusable,
    &rules::client_auth::client_key_unusable::ClientKeyUnusable,
    &rules::client_auth::client_certificate_missing::ClientCertificateMissing,
    &rules::client_auth::no_client_certificate_for_authorities::NoClientCertificateForAuthorities,
    &rules::client_auth::client_certificate_rejected::ClientCertificateRejected,
    &rules::identity::server_key_missing::ServerKeyMissing,
    &rules::identity::server_name_unrecognized::ServerNameUnrecognized,
    &rules::trust::truststore_unusable::TruststoreUnusable,
    &rules::trust::certificate_malformed::CertificateMalformed,
    &rules::trust::certificate_revoked::CertificateRevoked,
    &rules::trust::revocation_status_unknown::RevocationStatusUnknown,
    &rules::trust::certificate_distrusted::CertificateDistrusted,
    &rules::trust::certificate_expired::CertificateExpired,
    &rules::trust::certificate_not_yet_valid::CertificateNotYetValid,
    &rules::trust::weak_certificate_algorithm::WeakCertificateAlgorithm,
    &rules::trust::wrong_key_usage::WrongKeyUsage,
    &rules::trust::path_constraint_violated::PathConstraintViolated,
    &rules::trust::certificate_signature_invalid::CertificateSignatureInvalid,
    &rules::trust::tls_interception::TlsInterception,
    &rules::trust::self_signed_certificate::SelfSignedCertificate,
    &rules::trust::incomplete_certificate_chain::IncompleteCertificateChain,
    &rules::trust::untrusted_root::UntrustedRoot,
    &rules::trust::ip_address_mismatch::IpAddressMismatch,
    &rules::trust::hostname_mismatch::HostnameMismatch,
    &rules::identity::server_name_missing::ServerNameMissing,
    &rules::negotiation::crypto_provider_missing::CryptoProviderMissing,
    &rules::negotiation::disabled_by_local_policy::DisabledByLocalPolicy,
    &rules::negotiation::no_common_protocol_version::NoCommonProtocolVersion,
    &rules::negotiation::no_common_named_group::NoCommonNamedGroup,
    &rules::negotiation::no_common_signature_scheme::NoCommonSignatureScheme,
    &rules::negotiation::no_common_cipher_suite::NoCommonCipherSuite,
    &rules::negotiation::removed_by_jdk_update::RemovedByJdkUpdate,
    &rules::negotiation::no_common_application_protocol::NoCommonApplicationProtocol,
    &rules::negotiation::dh_parameters_too_weak::DhParametersTooWeak,
    &rules::negotiation::downgrade_detected::DowngradeDetected,
    &rules::resumption::extended_master_secret_missing::ExtendedMasterSecretMissing,
    &rules::resumption::renegotiation_refused::RenegotiationRefused,
    &rules::resumption::resumption_rejected::ResumptionRejected,
    &rules::jvm::known_jdk_defect::KnownJdkDefect,
    &rules::jvm::crypto_provider_failed::CryptoProviderFailed,
    &rules::transport::plaintext_peer::PlaintextPeer,
    &rules::transport::plaintext_client::PlaintextClient,
    &rules::transport::record_corrupted::RecordCorrupted,
    &rules::transport::handshake_message_too_large::HandshakeMessageTooLarge,
    &rules::transport::message_malformed::MessageMalformed,
    &rules::transport::unexpected_message::UnexpectedMessage,
    &rules::transport::probe_or_scanner::ProbeOrScanner,
    &rules::transport::connection_reset_during_handshake::ConnectionResetDuringHandshake,
    &rules::transport::peer_closed_during_handshake::PeerClosedDuringHandshake,
    &rules::transport::handshake_timeout::HandshakeTimeout,
    &rules::trust::certificate_rejected_by_peer::CertificateRejectedByPeer,
    &rules::trust::misordered_certificate_chain::MisorderedCertificateChain,
    &rules::negotiation::refused_without_reason::RefusedWithoutReason,
    &rules::transport::large_client_hello_dropped::LargeClientHelloDropped,
    &rules::negotiation::no_server_hello::NoServerHello,
    &rules::hygiene::obsolete_protocol_version::ObsoleteProtocolVersion,
    &rules::hygiene::weak_cipher_suite::WeakCipherSuite,
    &rules::hygiene::certificate_expiring_soon::CertificateExpiringSoon,
    &rules::hygiene::closed_without_close_notify::ClosedWithoutCloseNotify,
    &rules::hygiene::closed_by_application::ClosedByApplication,
    &rules::log::log_newest_first::LogNewestFirst,
    &rules::log::no_handshake_in_log::NoHandshakeInLog,
    &rules::log::entry_bodies_lost::EntryBodiesLost,
    &rules::log::debug_option_too_narrow::DebugOptionTooNarrow,
    &rules::log::log_begins_mid_handshake::LogBeginsMidHandshake,
    &rules::log::log_ends_mid_handshake::LogEndsMidHandshake,
    &rules::log::secrets_in_log::SecretsInLog,
    &rules::log::undetermined::Undetermined,
];

/// Rules of one kind: those whose codes begin with the same letter.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// The letter.
    pub letter: char,
    /// The word used in JSON.
    pub name: &'static str,
    /// The title of its part of the catalogue.
    pub title: &'static str,
}

/// The families, in the order in which a handshake meets them.
#[rustfmt::skip]
pub static FAMILIES: [Family; 9] = [
    Family { letter: 'N', name: "negotiation", title: "Negotiation" },
    Family { letter: 'S', name: "identity", title: "Server name and identity" },
    Family { letter: 'T', name: "trust", title: "Trust" },
    Family { letter: 'A', name: "client-authentication", title: "Client authentication" },
    Family { letter: 'P', name: "transport", title: "Peer and transport" },
    Family { letter: 'R', name: "resumption", title: "Resumption and renegotiation" },
    Family { letter: 'J', name: "jvm", title: "The JVM" },
    Family { letter: 'H', name: "hygiene", title: "Hygiene: established, yet worth a word" },
    Family { letter: 'L', name: "log", title: "The log" },
];

impl Family {
    /// Its rules, by code.
    pub fn rules(&self) -> Vec<&'static dyn Rule> {
        let mut rules: Vec<_> = RULES
            .iter()
            .copied()
            .filter(|rule| rule.code().starts_with(self.letter))
            .collect();
        rules.sort_by_key(|rule| rule.code());
        rules
    }
}

/// The family of a code. A letter that none has is a mistake that `tests` finds.
pub(super) fn family_of(code: &str) -> &'static Family {
    FAMILIES
        .iter()
        .find(|family| code.starts_with(family.letter))
        .unwrap_or(&FAMILIES[FAMILIES.len() - 1])
}

/// The text of a rule at its headings.
pub(super) fn sections(docs: &'static str) -> Vec<(&'static str, String)> {
    let mut sections: Vec<(&str, String)> = Vec::new();
    for line in docs.lines() {
        // the blank behind `///`
        let line = line.strip_prefix(' ').unwrap_or(line);
        if let Some(heading) = line.strip_prefix("## ") {
            sections.push((heading, String::new()));
        } else if let Some((_, text)) = sections.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    for (_, text) in &mut sections {
        *text = text.trim().to_owned();
    }
    sections
}

/// A rule by name or code, in either case.
pub fn find(name: &str) -> Option<&'static dyn Rule> {
    RULES.iter().copied().find(|rule| {
        rule.name().eq_ignore_ascii_case(name) || rule.code().eq_ignore_ascii_case(name)
    })
}

/// Makes a rule of a unit struct: its doc comment is the text of `explain`.
///
/// ```text
/// rule! {
///     /// ## When it fires
///     /// …
///     IncompleteCertificateChain: "T101", "incomplete-certificate-chain", since "0.1.0",
///     "the peer sent its certificate without the one that issued it",
///     check
/// }
/// ```
///
/// A rule that can speak of some handshakes only says so behind the check: `, of BrokenUp` (a
/// [`Scope`](super::Scope)). A rule about the log as a whole adds `, log check_log`.
macro_rules! rule {
    ($(#[doc = $doc:literal])+ $name:ident: $code:literal, $kebab:literal, since $since:literal, $summary:literal, $check:path $(, of $scope:ident)? $(, log $check_log:path)?) => {
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub(crate) struct $name;

        impl $crate::diagnose::Rule for $name {
            fn code(&self) -> &'static str { $code }
            fn name(&self) -> &'static str { $kebab }
            fn since(&self) -> &'static str { $since }
            fn summary(&self) -> &'static str { $summary }
            fn docs(&self) -> &'static str { concat!($($doc, "\n"),+) }
            fn scope(&self) -> $crate::diagnose::Scope { $crate::diagnose::catalogue::scope!($($scope)?) }
            fn check(
                &self,
                handshake: &$crate::handshake::Handshake,
                context: &$crate::diagnose::Context<'_>,
            ) -> Option<$crate::diagnose::Finding> {
                $check(handshake, context)
            }
            $(
                fn check_log(
                    &self,
                    assembly: &$crate::assemble::Assembly,
                    context: &$crate::diagnose::Context<'_>,
                ) -> Option<$crate::diagnose::Finding> {
                    $check_log(assembly, context)
                }
            )?
        }
    };
}
pub(crate) use rule;

/// The scope that a rule names, or else any.
macro_rules! scope {
    () => {
        $crate::diagnose::Scope::Any
    };
    ($scope:ident) => {
        $crate::diagnose::Scope::$scope
    };
}
pub(crate) use scope;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_by_name_and_code() {
        for rule in RULES {
            assert_eq!(find(rule.name()).map(Rule::code), Some(rule.code()));
            assert_eq!(
                find(&rule.code().to_lowercase()).map(Rule::name),
                Some(rule.name())
            );
        }
        assert!(find("no-such-rule").is_none());
    }
}
