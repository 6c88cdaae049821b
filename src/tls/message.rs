//! Handshake messages: RFC 8446 §4, RFC 5246 §7.4.

use std::fmt;

use arcstr::ArcStr;

/// The type of a handshake message.
///
/// `HelloRetryRequest` is a ServerHello on the wire (RFC 8446 §4.1.4) and a message of its own here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the RFCs")]
pub enum MessageKind {
    HelloRequest,
    ClientHello,
    ServerHello,
    HelloRetryRequest,
    HelloVerifyRequest,
    NewSessionTicket,
    EndOfEarlyData,
    EncryptedExtensions,
    Certificate,
    CompressedCertificate,
    ServerKeyExchange,
    CertificateRequest,
    ServerHelloDone,
    CertificateVerify,
    ClientKeyExchange,
    Finished,
    CertificateStatus,
    KeyUpdate,
    /// A message that this tool does not know, by the log's name.
    Other(ArcStr),
}

impl MessageKind {
    /// The name as the RFCs spell it.
    pub fn name(&self) -> &str {
        match self {
            Self::HelloRequest => "HelloRequest",
            Self::ClientHello => "ClientHello",
            Self::ServerHello => "ServerHello",
            Self::HelloRetryRequest => "HelloRetryRequest",
            Self::HelloVerifyRequest => "HelloVerifyRequest",
            Self::NewSessionTicket => "NewSessionTicket",
            Self::EndOfEarlyData => "EndOfEarlyData",
            Self::EncryptedExtensions => "EncryptedExtensions",
            Self::Certificate => "Certificate",
            Self::CompressedCertificate => "CompressedCertificate",
            Self::ServerKeyExchange => "ServerKeyExchange",
            Self::CertificateRequest => "CertificateRequest",
            Self::ServerHelloDone => "ServerHelloDone",
            Self::CertificateVerify => "CertificateVerify",
            Self::ClientKeyExchange => "ClientKeyExchange",
            Self::Finished => "Finished",
            Self::CertificateStatus => "CertificateStatus",
            Self::KeyUpdate => "KeyUpdate",
            Self::Other(name) => name,
        }
    }

    /// Zeek's `ssl_history` letter, lower case: the caller capitalises what the client sent.
    pub fn history_letter(&self) -> char {
        match self {
            Self::HelloRequest => 'h',
            Self::ClientHello => 'c',
            Self::ServerHello => 's',
            Self::HelloRetryRequest => 'j',
            Self::HelloVerifyRequest => 'v',
            Self::NewSessionTicket => 't',
            Self::EndOfEarlyData => 'e',
            Self::EncryptedExtensions => 'o',
            Self::Certificate | Self::CompressedCertificate => 'x',
            Self::ServerKeyExchange => 'k',
            Self::CertificateRequest => 'r',
            Self::ServerHelloDone => 'n',
            Self::CertificateVerify => 'y',
            Self::ClientKeyExchange => 'g',
            Self::Finished => 'f',
            Self::CertificateStatus => 'u',
            Self::KeyUpdate => 'p',
            Self::Other(_) => 'z',
        }
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
