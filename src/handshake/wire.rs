//! What the bytes in the log add to the text.

use std::{collections::HashMap, fmt, sync::Arc};

use foldhash::quality::RandomState;

use super::Noted;
use crate::{
    event,
    span::Span,
    wire::{Certificate, Spoken},
};

/// What hex dumps, and the sizes of records, tell of one handshake.
#[derive(Debug, Clone, Default)]
pub struct Wire {
    /// The ClientHello message to the byte.
    pub client_hello: Option<Arc<[u8]>>,
    /// How many bytes its record has on the wire.
    pub client_hello_record: Option<Noted<u32>>,
    /// Where the record layer says that the ClientHello has the format of SSL 2.0.
    pub sslv2_hello: Option<Span>,
    /// What the peer said in place of TLS.
    pub spoken: Option<Noted<Spoken>>,
}

/// A certificate whose bytes are in the log.
#[derive(Debug, Clone)]
pub struct SeenCertificate {
    /// The certificate.
    pub certificate: Arc<Certificate>,
    /// The dump in which it was met first.
    pub span: Span,
}

/// The distinct certificates whose bytes are in the log, as they were met.
#[derive(Clone, Default)]
pub struct CertificateStore {
    seen: Vec<SeenCertificate>,
    /// By their bytes; `None` is what is no certificate.
    known: HashMap<Arc<[u8]>, Option<usize>, RandomState>,
    by_serial: HashMap<Box<str>, Vec<usize>, RandomState>,
    held: usize,
}

impl fmt::Debug for CertificateStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.seen).finish()
    }
}

impl CertificateStore {
    /// Takes a certificate in DER; what was met before costs a look-up.
    pub(crate) fn take(&mut self, der: &[u8], span: Span) {
        /// A hostile log must not fill the memory.
        const MOST_BYTES: usize = 16 << 20;
        if self.known.contains_key(der) || self.held + der.len() > MOST_BYTES {
            return;
        }
        self.held += der.len();
        let Some(certificate) = Certificate::read(der) else {
            self.known.insert(der.into(), None);
            return;
        };
        let index = self.seen.len();
        self.known.insert(Arc::clone(&certificate.der), Some(index));
        self.by_serial
            .entry(certificate.serial.clone())
            .or_default()
            .push(index);
        self.seen.push(SeenCertificate {
            certificate: Arc::new(certificate),
            span,
        });
    }

    /// The bytes of a printed certificate: those with its serial number, names and validity. Where two
    /// different ones fit (a proxy that copies all it can), it is not known which was printed.
    pub fn of(&self, printed: &event::Certificate) -> Option<&Arc<Certificate>> {
        if self.seen.is_empty() {
            return None;
        }
        let millis = |at: &Option<crate::time::LogTime>| at.as_ref().map(|at| at.millis);
        let mut fitting = self
            .by_serial
            .get(&*printed.serial)?
            .iter()
            .filter_map(|&index| self.seen.get(index))
            .map(|seen| &seen.certificate)
            .filter(|certificate| {
                certificate.is_printed_as(
                    &printed.serial,
                    [&printed.subject, &printed.issuer],
                    millis(&printed.not_before),
                    millis(&printed.not_after),
                )
            });
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// All of them, as they were met.
    pub fn iter(&self) -> impl Iterator<Item = &SeenCertificate> {
        self.seen.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}
