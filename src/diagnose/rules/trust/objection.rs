//! What a JVM's words against a certificate mean.

use super::Refusal;
use crate::{
    diagnose::{Context, host::is_address},
    event::Throwable,
    handshake::{Handshake, Role},
};

/// What a JVM objects to in its peer's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnose) enum Objection {
    /// There is no trust anchor to judge by.
    NoAnchors,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// One of the two, and the words do not say which.
    Validity,
    /// Revoked by its issuer.
    Revoked,
    /// Nobody could say whether it is revoked.
    StatusUnknown,
    /// The JDK distrusts the authority.
    Distrusted,
    /// Not for this host name.
    HostName,
    /// Not for this address.
    Address,
    /// An algorithm or a key that local policy forbids.
    Algorithm,
    /// Not for this purpose.
    KeyUsage,
    /// A rule of the path: length, names, policies, critical extensions.
    PathConstraint,
    /// A signature that does not verify.
    Signature,
    /// No path to a trust anchor.
    NoPath,
    /// It cannot be read.
    Malformed,
}

/// Wordings of JDK 6 to 28 (`sun.security.provider.certpath`, `sun.security.validator`,
/// `sun.security.util.HostnameChecker`, `sun.security.ssl`), of IBMJSSE2 and of Bouncy Castle, the telling ones first: a path
/// validation failure carries its reason in the same sentence.
const WORDINGS: &[(&str, Objection)] = &[
    ("no PKIXBuilderParameters available", Objection::NoAnchors),
    (
        "No X509TrustManager implementation available",
        Objection::NoAnchors,
    ),
    (
        "trustAnchors parameter must be non-empty",
        Objection::NoAnchors,
    ),
    ("Certificate has been revoked", Objection::Revoked),
    ("revocation status", Objection::StatusUnknown),
    ("does not specify OCSP responder", Objection::StatusUnknown),
    ("OCSP response", Objection::StatusUnknown),
    ("Response is unreliable", Objection::StatusUnknown),
    ("distrusted", Objection::Distrusted),
    ("Untrusted certificate:", Objection::Distrusted),
    (
        "No subject alternative names matching IP address",
        Objection::Address,
    ),
    ("No subject alternative names present", Objection::Address),
    (
        "No subject alternative DNS name matching",
        Objection::HostName,
    ),
    ("No name matching", Objection::HostName),
    (
        "No subject alternative name found matching IP address",
        Objection::Address,
    ),
    (
        "No subject alternative name found matching domain name",
        Objection::HostName,
    ),
    ("No name found matching", Objection::HostName),
    ("Illegal given domain name", Objection::HostName),
    ("pathLenConstraint", Objection::PathConstraint),
    ("name constraints", Objection::PathConstraint),
    ("name chaining check failed", Objection::PathConstraint),
    ("certificate policies", Objection::PathConstraint),
    ("policy checks failed", Objection::PathConstraint),
    ("unrecognized critical extension", Objection::PathConstraint),
    ("unsupported critical extensions", Objection::PathConstraint),
    ("Path length", Objection::PathConstraint),
    ("not a CA certificate", Objection::KeyUsage),
    ("basic constraints check failed", Objection::KeyUsage),
    ("key usage check failed", Objection::KeyUsage),
    ("Extended key usage", Objection::KeyUsage),
    ("KeyUsage does not allow", Objection::KeyUsage),
    ("Wrong key usage", Objection::KeyUsage),
    ("Netscape cert type", Objection::KeyUsage),
    ("Algorithm constraints check failed", Objection::Algorithm),
    ("Usage constraint", Objection::Algorithm),
    ("denyAfter constraint", Objection::Algorithm),
    ("conform to algorithm constraints", Objection::Algorithm),
    (
        "does not meet the algorithm constraints",
        Objection::Algorithm,
    ),
    ("signature check failed", Objection::Signature),
    ("Signature does not match", Objection::Signature),
    ("validity check failed", Objection::Validity),
    ("timestamp check failed", Objection::Validity),
    ("certificate expired on", Objection::Expired),
    ("The certificate expired at", Objection::Expired),
    ("certificate not valid till", Objection::NotYetValid),
    ("PKIX path building failed", Objection::NoPath),
    ("Unable to construct a valid chain", Objection::NoPath),
    ("No issuer certificate for certificate", Objection::NoPath),
    ("Unable to find certificate chain", Objection::NoPath),
    ("unable to find valid certification path", Objection::NoPath),
    ("No trusted certificate found", Objection::NoPath),
    (
        "does not chain with any of the trust anchors",
        Objection::NoPath,
    ),
    (
        "Trust anchor for certification path not found",
        Objection::NoPath,
    ),
    ("Failed to parse server certificates", Objection::Malformed),
    ("Failed to parse client certificates", Objection::Malformed),
    ("Could not parse certificate", Objection::Malformed),
    ("Unable to parse certificate", Objection::Malformed),
    ("Error parsing certificate", Objection::Malformed),
    (
        "Invalid Certificate message: empty cert_data",
        Objection::Malformed,
    ),
];

/// Exceptions whose class says it.
const CLASSES: &[(&str, Objection)] = &[
    ("CertificateExpiredException", Objection::Expired),
    ("CertificateNotYetValidException", Objection::NotYetValid),
    ("CertificateRevokedException", Objection::Revoked),
    ("CertificateParsingException", Objection::Malformed),
    ("CertificateEncodingException", Objection::Malformed),
];

impl<'a> Refusal<'a> {
    /// The refusal of a server's certificate for this reason, by the client that logged.
    ///
    /// What a server has against its client's certificate is `client-certificate-rejected`.
    pub(in crate::diagnose) fn of_server_certificate(
        handshake: &'a Handshake,
        context: &Context<'_>,
        objection: Objection,
    ) -> Option<Self> {
        let wanted =
            handshake.role != Some(Role::Server) && context.objection(handshake) == Some(objection);
        Self::of(handshake).filter(|_| wanted)
    }

    /// What this refusal objects to; `None` when it is not about a certificate.
    pub(in crate::diagnose) fn objection(&self) -> Option<Objection> {
        let host = self.throwable.and_then(Throwable::refused_host);
        let of_host = host.map(|host| {
            if is_address(host) {
                Objection::Address
            } else {
                Objection::HostName
            }
        });
        // the check of a library, behind the handshake: in JSSE's own failure it counts least, since others print into
        // the middle of that
        if self.alert.is_none() && of_host.is_some() {
            return of_host;
        }
        let by_class = CLASSES
            .iter()
            .find(|(class, _)| self.cause(class).is_some());
        by_class
            .map(|(_, objection)| *objection)
            .or_else(|| self.objection_by_words())
            .or(of_host)
    }

    /// The first of the wordings that the reason or one of the causes contains. A name is checked last, and its failure
    /// wrapped in nothing: JSSE's own reason says so, or it is another exception that stands among the causes.
    fn objection_by_words(&self) -> Option<Objection> {
        let of_name = |objection| matches!(objection, Objection::HostName | Objection::Address);
        let said = WORDINGS.iter().find(|(words, objection)| {
            self.says(words)
                && (self.alert.is_none() || !of_name(*objection) || self.reason.contains(words))
        });
        said.map(|(_, objection)| *objection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::Throwable, span::Span};

    fn objection(reason: &str, class: &str) -> Option<Objection> {
        let throwable = Throwable::of(&[(class, "")]);
        Refusal {
            span: Span::default(),
            entry: Span::default(),
            reason,
            throwable: Some(&throwable),
            alert: None,
            said: None,
        }
        .objection()
    }

    #[test]
    fn a_name_refused_in_the_middle_of_another_failure_is_not_this_ones() {
        let other = [
            (
                "javax.net.ssl.SSLHandshakeException",
                "No name matching other.example found",
            ),
            (
                "javax.net.ssl.SSLPeerUnverifiedException",
                "Certificate for <other.example> doesn't match any of the subject alternative names: [a.example]",
            ),
        ];
        let building = "PKIX path building failed: unable to find valid certification path";
        let alert = crate::tls::AlertDescription::CertificateUnknown;
        for (other, reason, alert, expected) in [
            (&other[0], building, Some(&alert), Objection::NoPath),
            (&other[1], building, Some(&alert), Objection::NoPath),
            (
                &other[0],
                "No name matching other.example found",
                Some(&alert),
                Objection::HostName,
            ),
            // a trust manager of the application's that checks the name
            (
                &other[1],
                "Failed to verify host address and host name",
                Some(&alert),
                Objection::HostName,
            ),
            (&other[0], "", None, Objection::HostName),
            (&other[1], "", None, Objection::HostName),
        ] {
            let throwable =
                Throwable::of(&[("javax.net.ssl.SSLHandshakeException", reason), *other]);
            let refusal = Refusal {
                span: Span::default(),
                entry: Span::default(),
                reason,
                throwable: Some(&throwable),
                alert,
                said: None,
            };
            assert_eq!(refusal.objection(), Some(expected), "{reason}, {other:?}");
        }
    }

    #[test]
    fn sentences_of_the_jdk_are_told_apart() {
        let validation =
            "PKIX path validation failed: java.security.cert.CertPathValidatorException: ";
        for (words, expected) in [
            ("validity check failed", Objection::Validity),
            (
                "Could not determine revocation status",
                Objection::StatusUnknown,
            ),
            (
                "Algorithm constraints check failed on keysize limits: RSA 512 bit key used with certificate: CN=x",
                Objection::Algorithm,
            ),
            (
                "basic constraints check failed: pathLenConstraint violated - this cert must be the last cert in the certification path",
                Objection::PathConstraint,
            ),
            (
                "basic constraints check failed: this is not a CA certificate",
                Objection::KeyUsage,
            ),
            ("signature check failed", Objection::Signature),
            (
                "Path does not chain with any of the trust anchors",
                Objection::NoPath,
            ),
        ] {
            assert_eq!(
                objection(&format!("{validation}{words}"), "x.ValidatorException"),
                Some(expected),
                "{words}"
            );
        }
        let class = "java.security.cert.CertificateNotYetValidException";
        assert_eq!(
            objection(&format!("{validation}validity check failed"), class),
            Some(Objection::NotYetValid)
        );
        for other in [
            "no cipher suites in common",
            "Broken pipe",
            "Empty client certificate chain",
            "Received fatal alert: certificate_unknown",
        ] {
            assert_eq!(
                objection(other, "javax.net.ssl.SSLHandshakeException"),
                None,
                "{other}"
            );
        }
    }
}
