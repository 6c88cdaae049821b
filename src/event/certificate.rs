//! Certificates as the log prints them: names, dates and extensions, no key bytes.

use std::sync::Arc;

use super::Names;
use crate::time::LogTime;

/// A certificate as far as the text shows it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Certificate {
    /// Distinguished name of the subject, as printed.
    pub subject: Arc<str>,
    /// Distinguished name of the issuer, as printed.
    pub issuer: Arc<str>,
    /// Serial number: lower-case hex without separators or leading zeros.
    pub serial: Arc<str>,
    /// Start of validity.
    pub not_before: Option<LogTime>,
    /// End of validity.
    pub not_after: Option<LogTime>,
    /// `SHA256withRSA` …
    pub signature_algorithm: Arc<str>,
    /// `RSA`, `EC`; with the size where it is printed (`RSA 2048`).
    pub public_key: Arc<str>,
    /// SAN entries: `DNS:name`, `IP:address`, `other:…`; `None` when there is no such extension.
    pub subject_alternative_names: Option<Names>,
    /// `BasicConstraints`: `Some(true)` for a CA, `None` when the extension is missing.
    pub ca: Option<bool>,
    /// Path length limit of a CA.
    pub path_length: Option<u32>,
    /// Key usages in the log's words.
    pub key_usage: Vec<Arc<str>>,
    /// Extended key usages (`serverAuth`, `clientAuth`, an OID); `None` when not restricted.
    pub extended_key_usage: Option<Names>,
    /// Subject key identifier, lower-case hex.
    pub subject_key_id: Option<Arc<str>>,
    /// Authority key identifier, lower-case hex.
    pub authority_key_id: Option<Arc<str>>,
    /// Where the issuer's certificate can be fetched (AIA `caIssuers`).
    pub ca_issuers: Option<Arc<str>>,
    /// Names an OCSP responder or a CRL; `None` where the text does not tell.
    pub names_status_source: Option<bool>,
    /// Lines between the first line of the printed certificate and that of its issuer.
    pub issuer_line: u32,
}

impl Certificate {
    /// Subject and issuer are the same name: a root, or a self-signed leaf.
    pub fn is_self_issued(&self) -> bool {
        !self.subject.is_empty() && same_name(&self.subject, &self.issuer)
    }

    /// Whether `other` can have issued this certificate, by name and, where both are printed, by key.
    pub fn can_be_issued_by(&self, other: &Self) -> bool {
        !self.issuer.is_empty()
            && same_name(&self.issuer, &other.subject)
            && !self.key_differs_from(other)
    }

    /// Both key identifiers are printed, and they differ: same name, other key. Where rows of one are missing, what is
    /// left of it counts.
    pub fn key_differs_from(&self, issuer: &Self) -> bool {
        matches!((&self.authority_key_id, &issuer.subject_key_id), (Some(wanted), Some(have)) if !wanted.starts_with(&**have) && !have.starts_with(&**wanted))
    }
}

/// Distinguished names are equal but for case and white space (RFC 5280 §7.1, simplified).
pub(crate) fn same_name(left: &str, right: &str) -> bool {
    if left == right {
        return true; // as good as always, where they are the same
    }
    if left.is_ascii() && right.is_ascii() {
        return letters(left).eq(letters(right));
    }
    let mut left = left
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase);
    let mut right = right
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase);
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (l, r) if l != r => return false,
            _ => {}
        }
    }
}

/// An ASCII name without case and white space.
fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes()
        .filter(|b| !char::from(*b).is_whitespace())
        .map(|b| b.to_ascii_lowercase())
}

/// A certificate in a message: the certificate, and how far below the entry's head it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct PresentedCertificate {
    /// The certificate.
    pub certificate: Arc<Certificate>,
    /// Lines between the head of the entry and the certificate's first line.
    pub line_in_entry: u32,
    /// Lines of it, or what followed it, are missing in the log, or are mixed up with another's.
    pub torn: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_but_for_case_and_white_space() {
        assert!(same_name("CN=a, O=B", "CN=a, O=B"));
        assert!(same_name("CN=a, O=B", "cn=A,o=b"));
        assert!(same_name("CN=Müller, O=ß", "CN=MÜLLER,\u{a0}O=ß"));
        assert!(same_name("CN=a\u{b}b", "CN=ab"));
        assert!(!same_name("CN=a, O=B", "CN=a, O=Bc"));
        assert!(!same_name("CN=a, O=B", "CN=ä, O=B"));
        assert!(!same_name("", "CN=a"));
    }
}
