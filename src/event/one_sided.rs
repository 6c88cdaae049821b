//! What the words of a failure tell: JSSE says some sentences at one end only.

use super::Sender;

/// Sentences of JDK 6 to 28 and of IBMJSSE2 that only a server says: of the ClientHello and of the client's certificate
/// (`sun.security.ssl`, `sun.security.validator.EndEntityChecker`).
const OF_SERVERS: [&str; 8] = [
    "no cipher suites in common",
    // a client only logs it, and sends no certificate
    "No available authentication scheme",
    "Client requested protocol ",
    "Empty client certificate chain",
    "null cert chain",
    "does not permit use for TLS client authentication",
    "does not permit use for SSL client",
    "Unsupported SSL v2.0 ClientHello",
];

/// Those that only a client says: of the ServerHello and of the server's certificate. (`Empty server certificate chain`
/// is none of them: up to JDK 22 a server says it of its client's.)
const OF_CLIENTS: [&str; 6] = [
    "Server chose TLS",
    "Server selected improper ciphersuite",
    "Server resumed session with",
    "The server selected protocol version",
    "does not permit use for TLS server authentication",
    "does not permit use for SSL server",
];

/// The end that says so, where no frame shows whose code it was.
pub(super) fn end_by_words(text: &str) -> Option<Sender> {
    let says = |sentences: &[&str]| {
        let mut sentences = sentences.iter();
        sentences.any(|words| crate::search::holds(text, words))
    };
    if says(&OF_SERVERS) {
        Some(Sender::Server)
    } else if says(&OF_CLIENTS) {
        Some(Sender::Client)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_sentences_tell_the_end() {
        for (message, expected) in [
            (
                "Extended key usage does not permit use for TLS client authentication",
                Some(Sender::Server),
            ),
            (
                "Extended key usage does not permit use for TLS server authentication",
                Some(Sender::Client),
            ),
            ("no cipher suites in common", Some(Sender::Server)),
            ("No available authentication scheme", Some(Sender::Server)),
            (
                "Server chose TLSv1, but that protocol version is not enabled or not supported by the client.",
                Some(Sender::Client),
            ),
            (
                "Server selected improper ciphersuite TLS_RSA_WITH_NULL_MD5",
                Some(Sender::Client),
            ),
            ("Empty server certificate chain", None),
            ("PKIX path building failed", None),
            ("No name matching shop.example found", None),
        ] {
            assert_eq!(end_by_words(message), expected, "{message}");
        }
    }
}
