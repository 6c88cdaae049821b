//! A certificate by its bytes (RFC 5280).

use std::{fmt, sync::Arc};

use sha2::{Digest as _, Sha256};
use x509_parser::{
    extensions::{GeneralName, ParsedExtension},
    prelude::{FromDer as _, X509Certificate, X509Name},
};

/// A certificate whose DER the log holds. Key bytes are in the DER only.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The bytes as sent.
    pub der: Arc<[u8]>,
    /// SHA-256 over them, in lower-case hex: what every other tool calls its fingerprint.
    pub sha256: Box<str>,
    /// Serial number: lower-case hex without leading zeros.
    pub serial: Box<str>,
    /// Distinguished name of the subject, most specific part first, as the JDK prints it.
    pub subject: Box<str>,
    /// Distinguished name of the issuer.
    pub issuer: Box<str>,
    /// Seconds since 1970 at which it begins to be valid.
    pub not_before: i64,
    /// Seconds since 1970 at which it ends to be valid.
    pub not_after: i64,
    /// SAN entries: `DNS:name`, `IP:address` …; `None` when there is no such extension.
    pub subject_alternative_names: Option<Box<[Box<str>]>>,
    /// The values of the parts of subject and issuer, to compare names with that are written in another way.
    name_parts: Box<[Box<str>]>,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({} {})", self.subject, self.sha256)
    }
}

impl Certificate {
    /// Reads DER that is one certificate and nothing else.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (rest, certificate) = X509Certificate::from_der(der).ok()?;
        if !rest.is_empty() {
            return None;
        }
        let (subject, issuer) = (certificate.subject(), certificate.issuer());
        let validity = certificate.validity();
        let serial = hex_of(certificate.raw_serial());
        Some(Self {
            der: der.into(),
            sha256: hex_of(&Sha256::digest(der)),
            serial: serial.trim_start_matches('0').into(),
            subject: printed(subject).into(),
            issuer: printed(issuer).into(),
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
            subject_alternative_names: alternative_names(&certificate),
            name_parts: parts(subject).chain(parts(issuer)).collect(),
        })
    }

    /// As PEM (RFC 7468).
    pub fn pem(&self) -> String {
        const COLUMNS: usize = 64;
        let encoded = data_encoding::BASE64.encode(&self.der);
        let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
        for line in encoded.as_bytes().chunks(COLUMNS) {
            pem += &String::from_utf8_lossy(line);
            pem.push('\n');
        }
        pem + "-----END CERTIFICATE-----\n"
    }

    /// Whether a printed certificate with this serial number, these names and this validity (milliseconds since
    /// 1970, in whatever zone the JVM prints) can be this one.
    pub fn is_printed_as(
        &self,
        serial: &str,
        names: [&str; 2],
        not_before: Option<i64>,
        not_after: Option<i64>,
    ) -> bool {
        let squeezed = |text: &str| -> String { text.split_whitespace().collect() };
        let names = squeezed(&names.concat());
        *serial == *self.serial
            && same_instant(not_before, self.not_before)
            && same_instant(not_after, self.not_after)
            && self
                .name_parts
                .iter()
                .all(|part| names.contains(&squeezed(part)))
    }
}

/// The printed zone may be any: off by up to fourteen hours, in quarters of an hour.
fn same_instant(printed_millis: Option<i64>, seconds: i64) -> bool {
    const QUARTER: i64 = 15 * 60;
    let Some(millis) = printed_millis else {
        return true; // not printed, or cut off
    };
    let off = millis.div_euclid(1000) - seconds;
    off % QUARTER == 0 && off.abs() <= 14 * 4 * QUARTER
}

/// Bytes in lower-case hex.
pub(super) fn hex_of(bytes: &[u8]) -> Box<str> {
    data_encoding::HEXLOWER.encode(bytes).into()
}

/// The values in a name.
fn parts<'a>(name: &'a X509Name<'_>) -> impl Iterator<Item = Box<str>> + 'a {
    name.iter_attributes()
        .filter_map(|attribute| attribute.as_str().ok())
        .map(Into::into)
}

/// `CN=api.lab.example, O=Lab`: DER has the most general part first, Java prints it last.
fn printed(name: &X509Name<'_>) -> String {
    let registry = x509_parser::objects::oid_registry();
    let mut parts: Vec<String> = name
        .iter_attributes()
        .map(|attribute| {
            let kind = attribute.attr_type();
            let short = x509_parser::objects::oid2abbrev(kind, registry)
                .map_or_else(|_| kind.to_id_string(), str::to_owned);
            let value = attribute.as_str().unwrap_or("…");
            if value.contains([',', '+', '"', ';', '<', '>', '\\']) {
                format!("{short}=\"{}\"", value.replace('"', "\\\""))
            } else {
                format!("{short}={value}")
            }
        })
        .collect();
    parts.reverse();
    parts.join(", ")
}

/// The subject alternative names, capped.
fn alternative_names(certificate: &X509Certificate<'_>) -> Option<Box<[Box<str>]>> {
    /// No certificate in use has more.
    const MOST: usize = 4096;
    certificate
        .extensions()
        .iter()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
            _ => None,
        })
        .map(|names| names.iter().take(MOST).map(general_name).collect())
}

fn general_name(name: &GeneralName<'_>) -> Box<str> {
    match name {
        GeneralName::DNSName(name) => format!("DNS:{name}"),
        GeneralName::RFC822Name(name) => format!("email:{name}"),
        GeneralName::URI(name) => format!("URI:{name}"),
        GeneralName::IPAddress(bytes) => {
            match (<[u8; 4]>::try_from(*bytes), <[u8; 16]>::try_from(*bytes)) {
                (Ok(four), _) => format!("IP:{}", std::net::Ipv4Addr::from(four)),
                (_, Ok(sixteen)) => format!("IP:{}", std::net::Ipv6Addr::from(sixteen)),
                _ => "IP:?".to_owned(),
            }
        }
        GeneralName::DirectoryName(name) => format!("directory:{}", printed(name)),
        GeneralName::RegisteredID(oid) => format!("OID:{}", oid.to_id_string()),
        _ => "other".to_owned(),
    }
    .into()
}
