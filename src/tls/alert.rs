//! Alerts: RFC 8446 §6, RFC 5246 §7.2 and the IANA registry.

use std::fmt;

use arcstr::ArcStr;
use serde::{Deserialize, Serialize, Serializer};

/// How grave the sender of an alert calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AlertLevel {
    /// The connection may go on.
    Warning,
    /// The connection ends here.
    Fatal,
}

/// Level and description, as sent on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Alert {
    /// `warning` or `fatal`.
    pub level: AlertLevel,
    /// What the sender names as the reason.
    pub description: AlertDescription,
}

macro_rules! alerts {
    ($($(#[$doc:meta])* $variant:ident = $number:literal $name:literal,)+) => {
        /// What an alert says. The number is the registry's; unknown ones keep the log's text.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum AlertDescription {
            $($(#[$doc])* $variant,)+
            /// A description that this tool does not know, as the log prints it.
            Unknown(ArcStr),
        }

        impl AlertDescription {
            /// From the wire name, in either case: `handshake_failure`, `HANDSHAKE_FAILURE`.
            pub fn from_name(name: &str) -> Self {
                $(if name.eq_ignore_ascii_case($name) { return Self::$variant; })+
                Self::Unknown(name.into())
            }

            /// The wire name.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Unknown(name) => name,
                }
            }

            /// The number on the wire, when the name is a registered one.
            pub fn number(&self) -> Option<u8> {
                match self {
                    $(Self::$variant => Some($number),)+
                    Self::Unknown(_) => None,
                }
            }
        }
    };
}

alerts! {
    /// The sender will write no more.
    CloseNotify = 0 "close_notify",
    /// A message that must not come now.
    UnexpectedMessage = 10 "unexpected_message",
    /// A record that does not decrypt.
    BadRecordMac = 20 "bad_record_mac",
    /// TLS 1.0; must not be sent any more.
    DecryptionFailed = 21 "decryption_failed",
    /// A record that is too long.
    RecordOverflow = 22 "record_overflow",
    /// Compression; gone with TLS 1.3.
    DecompressionFailure = 30 "decompression_failure",
    /// No acceptable set of parameters, and every other refusal without a word of its own.
    HandshakeFailure = 40 "handshake_failure",
    /// SSL 3.0: no certificate.
    NoCertificate = 41 "no_certificate",
    /// A corrupt certificate, a bad signature, or a policy that refuses it.
    BadCertificate = 42 "bad_certificate",
    /// A certificate of an unsupported type.
    UnsupportedCertificate = 43 "unsupported_certificate",
    /// Revoked by its signer.
    CertificateRevoked = 44 "certificate_revoked",
    /// Expired or not valid now.
    CertificateExpired = 45 "certificate_expired",
    /// Any other trouble with the certificate.
    CertificateUnknown = 46 "certificate_unknown",
    /// A field out of range or inconsistent.
    IllegalParameter = 47 "illegal_parameter",
    /// No trust anchor for the chain.
    UnknownCa = 48 "unknown_ca",
    /// A valid certificate, but access control refused.
    AccessDenied = 49 "access_denied",
    /// A message that cannot be decoded.
    DecodeError = 50 "decode_error",
    /// A handshake signature or Finished that does not verify.
    DecryptError = 51 "decrypt_error",
    /// Export ciphers.
    ExportRestriction = 60 "export_restriction",
    /// A recognised but unsupported version.
    ProtocolVersion = 70 "protocol_version",
    /// The peer asks for more security than was offered.
    InsufficientSecurity = 71 "insufficient_security",
    /// A failure that has nothing to do with the peer.
    InternalError = 80 "internal_error",
    /// A fallback retry that was not needed (RFC 7507).
    InappropriateFallback = 86 "inappropriate_fallback",
    /// Cancelled for a reason that is no protocol failure; JDKs send it before `close_notify`.
    UserCanceled = 90 "user_canceled",
    /// Renegotiation is refused.
    NoRenegotiation = 100 "no_renegotiation",
    /// A mandatory extension is missing.
    MissingExtension = 109 "missing_extension",
    /// An extension that was not asked for.
    UnsupportedExtension = 110 "unsupported_extension",
    /// `client_certificate_url` could not be fetched.
    CertificateUnobtainable = 111 "certificate_unobtainable",
    /// No server of the name in `server_name`.
    UnrecognizedName = 112 "unrecognized_name",
    /// An unacceptable OCSP response.
    BadCertificateStatusResponse = 113 "bad_certificate_status_response",
    /// `client_certificate_url` hash mismatch.
    BadCertificateHashValue = 114 "bad_certificate_hash_value",
    /// No such pre-shared key.
    UnknownPskIdentity = 115 "unknown_psk_identity",
    /// A client certificate was wanted, none came.
    CertificateRequired = 116 "certificate_required",
    /// No common application protocol (RFC 7301).
    NoApplicationProtocol = 120 "no_application_protocol",
}

impl AlertDescription {
    /// Alerts that speak about a certificate of the receiver.
    pub fn is_about_certificate(&self) -> bool {
        matches!(
            self,
            Self::NoCertificate
                | Self::BadCertificate
                | Self::UnsupportedCertificate
                | Self::CertificateRevoked
                | Self::CertificateExpired
                | Self::CertificateUnknown
                | Self::UnknownCa
                | Self::AccessDenied
                | Self::CertificateRequired
        )
    }
}

impl fmt::Display for AlertDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for AlertDescription {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_either_case_and_unknown_ones_survive() {
        assert_eq!(
            AlertDescription::from_name("HANDSHAKE_FAILURE").number(),
            Some(40)
        );
        assert_eq!(
            AlertDescription::from_name("unknown_ca").name(),
            "unknown_ca"
        );
        assert_eq!(
            AlertDescription::from_name("UNKNOWN ALERT (121)").name(),
            "UNKNOWN ALERT (121)"
        );
    }
}
