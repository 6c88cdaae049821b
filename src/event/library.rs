//! What libraries say in place of JSSE.
//!
//! Some check the host name themselves once the handshake is through, some look at the first bytes before JSSE gets
//! them. JSSE logs nothing of either: the exception that the application prints is all there is.

use super::{Cause, Throwable};

/// How libraries say that a certificate is not for a host: the words before its name, and those behind it.
///
/// Apache `HttpClient` from 4.4 on, before it and 3, `OkHttp`, gRPC, Jakarta Mail, the JDBC drivers of `PostgreSQL`, `MariaDB`
/// and `MySQL`, `HttpsURLConnection` with a `HostnameVerifier`, JNDI with `StartTLS`.
const REFUSED_HOST: [(&str, &str); 14] = [
    (
        "Certificate for <",
        "> doesn't match any of the subject alternative names",
    ),
    (
        "Certificate for <",
        "> doesn't match common name of the certificate subject",
    ),
    (
        "Certificate for <",
        "> doesn't contain CN or DNS subjectAlt",
    ),
    ("Host name '", "' does not match the certificate subject"),
    ("hostname in certificate didn't match: <", "> != "),
    ("Hostname ", " not verified"),
    ("Cannot verify hostname: ", ""),
    ("Can't verify identity of server: ", ""),
    (
        "The hostname ",
        " could not be verified by hostnameverifier",
    ),
    ("DNS host \"", "\" doesn't correspond to certificate"),
    ("HTTPS hostname wrong:  should be <", ">"),
    // JDK 25
    ("Wrong HTTPS hostname: should be <", ">"),
    (
        "hostname of the server '",
        "' does not match the hostname in the",
    ),
    ("does not match with '", "'"),
];

/// What such words speak of: one of these. Applications match other things with each other, too.
const SUBJECTS: [&str; 4] = ["ertificate", "ostname", "ost name", "dentity of server"];

/// What OpenSSL puts before the words of an alert: `error:0A00042E:SSL routines::tlsv1 alert protocol version`, and
/// `BoringSSL` in capitals: `error:10000410:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE`.
const OPENSSL_ROUTINES: &str = "SSL routines:";
/// What Netty says of any failure of OpenSSL.
const OPENSSL_ENGINE: &str = "General OpenSslEngine problem";

/// Netty's words before the bytes, in hex.
const NO_RECORD: &str = "not an SSL/TLS record: ";

impl Throwable {
    /// The host for which a library refused the certificate, once the handshake was through.
    pub fn refused_host(&self) -> Option<&str> {
        let mut messages = self.causes.iter().map(Cause::plain_message);
        messages.find_map(host_in)
    }

    /// The bytes of a peer that does not speak TLS, as far as a library shows them.
    pub fn no_record(&self) -> Option<Vec<u8>> {
        /// A first line and more.
        const ENOUGH: usize = 200;
        let hex = self
            .causes
            .iter()
            .find_map(|cause| cause.message.strip_prefix(NO_RECORD))?;
        let digits = hex.bytes().take_while(u8::is_ascii_hexdigit).count();
        let bytes: Vec<u8> = hex.as_bytes()[..digits]
            .chunks_exact(2)
            .take(ENOUGH)
            .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        (!bytes.is_empty()).then_some(bytes)
    }

    /// OpenSSL shook hands, not JSSE.
    pub(crate) fn is_of_openssl(&self) -> bool {
        self.saying(OPENSSL_ENGINE).is_some() || self.saying(OPENSSL_ROUTINES).is_some()
    }

    /// The same exception without those bytes, which can be anybody's password.
    pub(crate) fn without_bytes(&self) -> Self {
        let mut same = self.clone();
        for cause in &mut same.causes {
            if let Some(at) = cause.message.find(NO_RECORD) {
                let shown = at + NO_RECORD.trim_end_matches(": ").len();
                cause.message = cause.message[..shown].into();
            }
        }
        same
    }
}

/// The name of the alert that OpenSSL says it received.
pub(crate) fn openssl_alert(words: &str) -> Option<String> {
    let (_, behind) = words.split_once(OPENSSL_ROUTINES)?;
    let (_, words) = behind.split_once(':')?;
    let words = words.split(':').next()?.trim().to_ascii_lowercase();
    let words = words.replace(' ', "_");
    let (version, name) = words.split_once("_alert_")?;
    // `tlsv1`, `tlsv13`, `sslv3`; `ssl/tls` from OpenSSL 3.2 on
    (version.starts_with("tls") || version.starts_with("ssl")).then(|| name.to_owned())
}

fn host_in(message: &str) -> Option<&str> {
    if !SUBJECTS.iter().any(|subject| message.contains(subject)) {
        return None;
    }
    REFUSED_HOST.iter().find_map(|(before, behind)| {
        let rest = message.split_once(before)?.1;
        let host = if behind.is_empty() {
            rest.split(char::is_whitespace).next()?
        } else {
            rest.split_once(behind)?.0
        };
        is_name(host).then_some(host)
    })
}

/// A host name or an address: nothing with blanks in it.
fn is_name(host: &str) -> bool {
    /// The longest name of DNS.
    const LONGEST: usize = 253;
    (1..=LONGEST).contains(&host.len())
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']' | '%'))
}

#[cfg(test)]
mod tests {
    use crate::event::Throwable;

    #[test]
    fn libraries_name_the_host_that_they_refuse() {
        let unverified = "javax.net.ssl.SSLPeerUnverifiedException";
        for (class, message) in [
            (
                unverified,
                "Certificate for <api.lab.example> doesn't match any of the subject alternative names: [www.lab.example]",
            ),
            (
                unverified,
                "Certificate for <api.lab.example> doesn't match common name of the certificate subject: www.lab.example",
            ),
            (
                unverified,
                "Host name 'api.lab.example' does not match the certificate subject provided by the peer (CN=www.lab.example)",
            ),
            (
                "javax.net.ssl.SSLException",
                "hostname in certificate didn't match: <api.lab.example> != </www.lab.example/www.lab.example>",
            ),
            (
                unverified,
                "Hostname api.lab.example not verified: certificate: sha256/abc= DN: CN=www.lab.example subjectAltNames: [www.lab.example]",
            ),
            (unverified, "Cannot verify hostname: api.lab.example"),
            (
                "java.io.IOException",
                "Can't verify identity of server: api.lab.example",
            ),
            (
                "org.postgresql.util.PSQLException",
                "The hostname api.lab.example could not be verified by hostnameverifier PgjdbcHostnameVerifier.",
            ),
            (
                "java.sql.SQLNonTransientConnectionException",
                "(conn=8) SSL hostname verification failed : DNS host \"api.lab.example\" doesn't correspond to certificate CN \"www.lab.example\"",
            ),
            (
                "java.io.IOException",
                "HTTPS hostname wrong:  should be <api.lab.example>",
            ),
            (
                "java.io.IOException",
                "Wrong HTTPS hostname: should be <api.lab.example>",
            ),
            (
                unverified,
                "hostname of the server 'api.lab.example' does not match the hostname in the server's certificate.",
            ),
            (
                "java.security.cert.CertificateException",
                "Server certificate identity check failed. The certificate Common Name 'www' does not match with 'api.lab.example'.",
            ),
        ] {
            assert_eq!(
                Throwable::handed_on(class, message).refused_host(),
                Some("api.lab.example"),
                "{message}"
            );
        }
        for other in [
            "peer not authenticated",
            "Certificate pinning failure!",
            "Hostname of the pool not verified yet",
            "the body does not match with 'a b'",
            "the region 'eu' does not match with 'us'",
            // JSSE's own words: they come in the handshake
            "No subject alternative DNS name matching api.lab.example found.",
        ] {
            assert_eq!(
                Throwable::handed_on(unverified, other).refused_host(),
                None,
                "{other}"
            );
        }
    }

    #[test]
    fn openssl_names_the_alert_that_it_received() {
        let name = super::openssl_alert;
        for (words, expected) in [
            (
                "error:0A00042E:SSL routines::tlsv1 alert protocol version",
                Some("protocol_version"),
            ),
            (
                "error:14094410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure",
                Some("handshake_failure"),
            ),
            (
                "error:10000416:SSL routines:OPENSSL_internal:SSLV3_ALERT_CERTIFICATE_UNKNOWN",
                Some("certificate_unknown"),
            ),
            // its own failure, and none of TLS
            ("error:0A000102:SSL routines::unsupported protocol", None),
            ("error:02001002:system library:fopen:sslv3 alert x", None),
            ("no SSL routines", None),
        ] {
            assert_eq!(name(words).as_deref(), expected, "{words}");
        }
    }

    #[test]
    fn bytes_that_are_no_record_are_read_from_hex() {
        let bytes = |message: &str| {
            Throwable::handed_on("io.netty.handler.ssl.NotSslRecordException", message).no_record()
        };
        assert_eq!(
            bytes("not an SSL/TLS record: 474554202f20485454502f312e31").as_deref(),
            Some(&b"GET / HTTP/1.1"[..])
        );
        assert_eq!(
            bytes("not an SSL/TLS record: 474554202f***").as_deref(),
            Some(&b"GET /"[..])
        );
        assert_eq!(bytes("not an SSL/TLS record: nonsense"), None);
        assert_eq!(bytes("an SSL/TLS record"), None);
    }
}
