//! A ClientHello as far as fingerprints look at it, and the registry numbers behind the names that logs print.

use std::{collections::HashMap, sync::LazyLock};

use tls_parser::{
    TlsExtension, TlsMessage, TlsMessageHandshake, parse_tls_extension_alpn_content,
    parse_tls_extension_ec_point_formats_content, parse_tls_extension_elliptic_curves_content,
    parse_tls_extension_signature_algorithms_content, parse_tls_message_handshake,
};

use super::message::prefixed;

/// What the ClientHello travels in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "two names")]
pub enum Transport {
    Tls,
    Dtls,
}

/// The fields of a ClientHello that fingerprints are made of; `None` where they are not known. GREASE values
/// (RFC 8701) are still among them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hello {
    /// What it travels in.
    pub transport: Transport,
    /// `client_version`.
    pub legacy_version: Option<u16>,
    /// Cipher suites in order.
    pub suites: Option<Vec<u16>>,
    /// Extensions; in order if [`Self::in_order`].
    pub extensions: Option<Vec<u16>>,
    /// The extensions are in the order in which they were sent.
    pub in_order: bool,
    /// `supported_groups`; empty when there is no such extension.
    pub groups: Option<Vec<u16>>,
    /// `ec_point_formats`; empty when there is no such extension.
    pub point_formats: Option<Vec<u8>>,
    /// `signature_algorithms`; empty when there is no such extension.
    pub schemes: Option<Vec<u16>>,
    /// The first application protocol; empty when there is none.
    pub application_protocol: Option<Vec<u8>>,
    /// `supported_versions`; empty when there is no such extension.
    pub versions: Option<Vec<u16>>,
}

impl Hello {
    /// Reads a whole ClientHello message, header and all. `None` when any part of it is not as it should be.
    pub fn read(message: &[u8]) -> Option<Self> {
        let Ok((&[], TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello)))) =
            parse_tls_message_handshake(message)
        else {
            return None;
        };
        let mut read = Self {
            transport: Transport::Tls,
            legacy_version: Some(hello.version.0),
            suites: Some(hello.ciphers.iter().map(|suite| suite.0).collect()),
            extensions: Some(Vec::new()),
            in_order: true,
            groups: Some(Vec::new()),
            point_formats: Some(Vec::new()),
            schemes: Some(Vec::new()),
            application_protocol: Some(Vec::new()),
            versions: Some(Vec::new()),
        };
        let mut rest = hello.ext.unwrap_or_default();
        while let Some((number, behind)) = rest.split_first_chunk::<2>() {
            let (data, behind) = prefixed::<2>(behind)?;
            read.extension(u16::from_be_bytes(*number), data)?;
            rest = behind;
        }
        rest.is_empty().then_some(read)
    }

    fn extension(&mut self, number: u16, data: &[u8]) -> Option<()> {
        self.extensions.as_mut()?.push(number);
        match number {
            10 => {
                let (_, groups) = parse_tls_extension_elliptic_curves_content(data).ok()?;
                if let TlsExtension::EllipticCurves(groups) = groups {
                    self.groups = Some(groups.iter().map(|group| group.0).collect());
                }
            }
            11 => {
                let (_, formats) = parse_tls_extension_ec_point_formats_content(data).ok()?;
                if let TlsExtension::EcPointFormats(formats) = formats {
                    self.point_formats = Some(formats.to_vec());
                }
            }
            13 => {
                let (_, schemes) = parse_tls_extension_signature_algorithms_content(data).ok()?;
                if let TlsExtension::SignatureAlgorithms(schemes) = schemes {
                    self.schemes = Some(schemes);
                }
            }
            16 => {
                let (_, protocols) = parse_tls_extension_alpn_content(data).ok()?;
                if let TlsExtension::ALPN(protocols) = protocols {
                    self.application_protocol = Some(protocols.first()?.to_vec());
                }
            }
            43 => {
                let (versions, _) = prefixed::<1>(data)?;
                let pairs = versions.chunks_exact(2);
                self.versions = Some(
                    pairs
                        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                        .collect(),
                );
            }
            _ => {}
        }
        Some(())
    }
}

/// The registry's number of a cipher suite by its name, JSSE's old `SSL_` names and what logs print of suites
/// without a name among them.
pub fn suite_number(name: &str) -> Option<u16> {
    static NUMBERS: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| {
        let all = (0..=u16::MAX).filter_map(tls_parser::TlsCipherSuite::from_id);
        all.map(|suite| (suite.name, suite.id.0)).collect()
    });
    if let Some(number) = NUMBERS.get(name) {
        return Some(*number);
    }
    if let Some(rest) = name.strip_prefix("SSL_") {
        return NUMBERS.get(format!("TLS_{rest}").as_str()).copied();
    }
    // `UNKNOWN-CIPHER-SUITE(0x1A1A)`
    if let Some(rest) = name.strip_prefix("UNKNOWN-CIPHER-SUITE(0x") {
        return u16::from_str_radix(rest.strip_suffix(')')?, 16).ok();
    }
    // up to JDK 10 `Unknown 0x13:0x1`
    let (high, low) = name.strip_prefix("Unknown 0x")?.split_once(":0x")?;
    let byte = |digits| u8::from_str_radix(digits, 16).ok();
    Some(u16::from_be_bytes([byte(high)?, byte(low)?]))
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $function:ident: [$($name:literal = $number:literal),+ $(,)?];)+) => {
        $($(#[$doc])*
        fn $function(name: &str) -> Option<u16> {
            match name {
                $($name => Some($number),)+
                _ => None,
            }
        })+
    };
}

numbers! {
    /// IANA: TLS Supported Groups.
    named_group: [
        "sect163k1" = 1, "sect163r1" = 2, "sect163r2" = 3, "sect193r1" = 4, "sect193r2" = 5, "sect233k1" = 6,
        "sect233r1" = 7, "sect239k1" = 8, "sect283k1" = 9, "sect283r1" = 10, "sect409k1" = 11, "sect409r1" = 12,
        "sect571k1" = 13, "sect571r1" = 14, "secp160k1" = 15, "secp160r1" = 16, "secp160r2" = 17, "secp192k1" = 18,
        "secp192r1" = 19, "secp224k1" = 20, "secp224r1" = 21, "secp256k1" = 22, "secp256r1" = 23, "secp384r1" = 24,
        "secp521r1" = 25, "x25519" = 29, "x448" = 30, "ffdhe2048" = 256, "ffdhe3072" = 257, "ffdhe4096" = 258,
        "ffdhe6144" = 259, "ffdhe8192" = 260, "SecP256r1MLKEM768" = 4587, "X25519MLKEM768" = 4588,
        "SecP384r1MLKEM1024" = 4589,
    ];
    /// IANA: TLS `SignatureScheme`, by the names of `sun.security.ssl.SignatureScheme`.
    signature_scheme: [
        "rsa_md5" = 0x0101, "rsa_pkcs1_sha1" = 0x0201, "dsa_sha1" = 0x0202, "ecdsa_sha1" = 0x0203,
        "rsa_sha224" = 0x0301, "dsa_sha224" = 0x0302, "ecdsa_sha224" = 0x0303, "rsa_pkcs1_sha256" = 0x0401,
        "dsa_sha256" = 0x0402, "ecdsa_secp256r1_sha256" = 0x0403, "rsa_pkcs1_sha384" = 0x0501, "dsa_sha384" = 0x0502,
        "ecdsa_secp384r1_sha384" = 0x0503, "rsa_pkcs1_sha512" = 0x0601, "dsa_sha512" = 0x0602, "ecdsa_secp521r1_sha512" = 0x0603,
        "rsa_pss_rsae_sha256" = 0x0804, "rsa_pss_rsae_sha384" = 0x0805, "rsa_pss_rsae_sha512" = 0x0806,
        "ed25519" = 0x0807, "ed448" = 0x0808, "rsa_pss_pss_sha256" = 0x0809, "rsa_pss_pss_sha384" = 0x080a,
        "rsa_pss_pss_sha512" = 0x080b,
    ];
    /// Versions by the names of `sun.security.ssl.ProtocolVersion`.
    protocol_version: [
        "SSLv3" = 0x0300, "TLSv1" = 0x0301, "TLSv1.1" = 0x0302, "TLSv1.2" = 0x0303, "TLSv1.3" = 0x0304,
        "DTLSv1.0" = 0xfeff, "DTLSv1.2" = 0xfefd, "DTLSv1.3" = 0xfefc,
    ];
}

/// The number of a named group by its printed name: `UNDEFINED-NAMED-GROUP(6682)`, up to JDK 10 `unknown curve 29`.
pub fn group_number(name: &str) -> Option<u16> {
    named_group(name).or_else(|| {
        let digits = match name.strip_prefix("UNDEFINED-NAMED-GROUP(") {
            Some(rest) => rest.strip_suffix(')')?,
            None => name.strip_prefix("unknown curve ")?,
        };
        digits.parse().ok()
    })
}

/// The number of a signature scheme by its printed name: `UNDEFINED-SIGNATURE(26)_UNDEFINED-HASH(8)` for those that
/// JSSE does not know.
pub fn scheme_number(name: &str) -> Option<u16> {
    signature_scheme(name).or_else(|| {
        let rest = name.strip_prefix("UNDEFINED-SIGNATURE(")?;
        let (signature, hash) = rest.split_once(")_UNDEFINED-HASH(")?;
        let hash = hash.strip_suffix(')')?.parse().ok()?;
        Some(u16::from_be_bytes([hash, signature.parse().ok()?]))
    })
}

/// The number of a protocol version by its printed name: `(D)TLS-58.58` for those that JSSE does not know.
pub(crate) fn version_number(name: &str) -> Option<u16> {
    protocol_version(name).or_else(|| {
        let (major, minor) = name.strip_prefix("(D)TLS-")?.split_once('.')?;
        Some(u16::from_be_bytes([
            major.parse().ok()?,
            minor.parse().ok()?,
        ]))
    })
}

/// Point formats by their printed names (RFC 8422 §5.1.2).
#[derive(Debug, Clone, Copy)]
pub(crate) struct PointFormats;

impl PointFormats {
    /// The number of one.
    pub(crate) fn number(name: &str) -> Option<u8> {
        match name {
            "uncompressed" => Some(0),
            "ansiX962_compressed_prime" => Some(1),
            "ansiX962_compressed_char2" => Some(2),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_of_names_in_every_spelling() {
        assert_eq!(suite_number("TLS_AES_128_GCM_SHA256"), Some(0x1301));
        assert_eq!(suite_number("SSL_RSA_WITH_3DES_EDE_CBC_SHA"), Some(10));
        assert_eq!(suite_number("TLS_EMPTY_RENEGOTIATION_INFO_SCSV"), Some(255));
        assert_eq!(suite_number("UNKNOWN-CIPHER-SUITE(0xFF85)"), Some(0xff85));
        assert_eq!(suite_number("Unknown 0x8a:0x8a"), Some(0x8a8a));
        assert_eq!(suite_number("Unknown 0x13:0x1"), Some(0x1301));
        assert_eq!(suite_number("TLS_NO_SUCH_SUITE"), None);
        assert_eq!(group_number("x25519"), Some(29));
        assert_eq!(group_number("UNDEFINED-NAMED-GROUP(6682)"), Some(0x1a1a));
        assert_eq!(group_number("unknown curve 29"), Some(29));
        assert_eq!(scheme_number("rsa_pss_rsae_sha256"), Some(0x0804));
        let undefined = scheme_number("UNDEFINED-SIGNATURE(26)_UNDEFINED-HASH(8)");
        assert_eq!(undefined, Some(0x081a));
        assert_eq!(scheme_number("rsa_nothing"), None);
        assert_eq!(version_number("(D)TLS-58.58"), Some(0x3a3a));
        assert_eq!(version_number("TLSv1.3"), Some(0x0304));
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_no_trouble(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
            Hello::read(&[&[1][..], &length[1..], &bytes].concat());
            Hello::read(&bytes);
            super::super::Certificate::read(&bytes);
        }
    }
}
