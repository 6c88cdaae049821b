//! A certificate as the report shows it, in the chain that an end presented.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::texts;
use crate::{
    event::Certificate,
    handshake::{CertificateStore, Chain, Handshake},
    time::LogTime,
};

/// Both chains.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Certificates"))]
pub struct CertificatesView<'a> {
    /// What the server sent.
    pub server: Vec<CertificateView<'a>>,
    /// What the client sent.
    pub client: Vec<CertificateView<'a>>,
}

/// One certificate.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Certificate"))]
pub struct CertificateView<'a> {
    /// Position in the chain, from 0.
    pub position: usize,
    /// Subject.
    pub subject: Cow<'a, str>,
    /// Issuer.
    pub issuer: Cow<'a, str>,
    /// Serial number.
    pub serial: Cow<'a, str>,
    /// Start of validity.
    pub not_before: Option<String>,
    /// End of validity.
    pub not_after: Option<String>,
    /// Names it is good for.
    pub subject_alternative_names: Vec<Cow<'a, str>>,
    /// Signature algorithm.
    pub signature_algorithm: Cow<'a, str>,
    /// Key algorithm.
    pub public_key: Cow<'a, str>,
    /// Basic constraints say that it is a CA.
    pub ca: bool,
    /// Key usages.
    pub key_usage: Vec<Cow<'a, str>>,
    /// Extended key usages.
    pub extended_key_usage: Vec<Cow<'a, str>>,
    /// Subject key identifier.
    pub subject_key_id: Option<Cow<'a, str>>,
    /// Authority key identifier.
    pub authority_key_id: Option<Cow<'a, str>>,
    /// SHA-256 fingerprint; known only where the log holds the certificate's bytes.
    pub sha256: Option<Cow<'a, str>>,
    /// The line on which it is printed.
    pub line: u64,
}

impl<'a> CertificatesView<'a> {
    pub(super) fn new(handshake: &'a Handshake, store: &'a CertificateStore) -> Self {
        Self {
            server: chain(handshake.server_chain.as_deref(), store),
            client: chain(handshake.client_chain.as_deref(), store),
        }
    }
}

fn chain<'a>(chain: Option<&'a Chain>, store: &'a CertificateStore) -> Vec<CertificateView<'a>> {
    let Some(chain) = chain else {
        return Vec::new();
    };
    let certificates = chain.certificates.iter().enumerate();
    certificates
        .map(|(index, presented)| {
            certificate(
                &presented.certificate,
                index,
                chain.span_of(index).line(),
                store,
            )
        })
        .collect()
}

fn certificate<'a>(
    certificate: &'a Certificate,
    position: usize,
    line: u64,
    store: &'a CertificateStore,
) -> CertificateView<'a> {
    CertificateView {
        position,
        subject: Cow::Borrowed(&certificate.subject),
        issuer: Cow::Borrowed(&certificate.issuer),
        serial: Cow::Borrowed(&certificate.serial),
        not_before: certificate.not_before.as_ref().map(LogTime::iso),
        not_after: certificate.not_after.as_ref().map(LogTime::iso),
        subject_alternative_names: certificate
            .subject_alternative_names
            .as_ref()
            .map(texts)
            .unwrap_or_default(),
        signature_algorithm: Cow::Borrowed(&certificate.signature_algorithm),
        public_key: Cow::Borrowed(&certificate.public_key),
        ca: certificate.ca == Some(true),
        key_usage: certificate
            .key_usage
            .iter()
            .map(|usage| Cow::Borrowed(&**usage))
            .collect(),
        extended_key_usage: certificate
            .extended_key_usage
            .as_ref()
            .map(texts)
            .unwrap_or_default(),
        subject_key_id: certificate.subject_key_id.as_deref().map(Cow::Borrowed),
        authority_key_id: certificate.authority_key_id.as_deref().map(Cow::Borrowed),
        sha256: store
            .of(certificate)
            .map(|bytes| Cow::Borrowed(&*bytes.sha256)),
        line,
    }
}
