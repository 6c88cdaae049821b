//! What a peer says that does not speak TLS.
//!
//! JSSE reads five bytes, sees that they are no record, and gives up: so five bytes is what the log has. They are
//! enough to name most protocols. Where a dump has more, no more than a status line or the method and path of
//! a request are ever quoted: what follows may be anybody's password.

/// A protocol that is met where TLS was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names of the protocols")]
pub enum Protocol {
    HttpResponse,
    HttpRequest,
    Ssh,
    /// SMTP and FTP greet alike.
    SmtpOrFtp,
    /// EHLO, HELO: a mail client.
    SmtpClient,
    Pop3,
    Imap,
    /// The PROXY protocol of balancers, either version.
    Proxy,
    Mysql,
    Postgres,
    Amqp,
    Redis,
    Vnc,
    Xmpp,
    Html,
    Ldap,
    Rdp,
}

impl Protocol {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::HttpResponse | Self::HttpRequest => "plain HTTP",
            Self::Ssh => "SSH",
            Self::SmtpOrFtp => "SMTP or FTP",
            Self::SmtpClient => "SMTP",
            Self::Pop3 => "POP3",
            Self::Imap => "IMAP",
            Self::Proxy => "the PROXY protocol",
            Self::Mysql => "MySQL",
            Self::Postgres => "PostgreSQL",
            Self::Amqp => "AMQP",
            Self::Redis => "Redis",
            Self::Vnc => "VNC",
            Self::Xmpp => "XMPP",
            Self::Html => "an HTML or XML page",
            Self::Ldap => "LDAP",
            Self::Rdp => "RDP",
        }
    }

    /// Only a client begins so: who hears it is the server.
    pub fn is_of_clients(self) -> bool {
        matches!(self, Self::HttpRequest | Self::SmtpClient | Self::Proxy)
    }

    /// Only a server begins so, before it is asked for anything: who hears it is the client.
    pub fn is_of_servers(self) -> bool {
        matches!(
            self,
            Self::HttpResponse
                | Self::SmtpOrFtp
                | Self::Pop3
                | Self::Imap
                | Self::Mysql
                | Self::Vnc
        )
    }

    /// The protocol begins in plain and can change to TLS when asked to.
    pub fn has_starttls(self) -> bool {
        matches!(
            self,
            Self::SmtpOrFtp
                | Self::SmtpClient
                | Self::Pop3
                | Self::Imap
                | Self::Mysql
                | Self::Postgres
                | Self::Xmpp
                | Self::Ldap
        )
    }
}

/// The beginning of what was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// The protocol, where the bytes tell.
    pub protocol: Option<Protocol>,
    /// A quotation that is safe to print and holds no secret; bytes in hex where they are no text.
    pub quote: Box<str>,
}

impl Spoken {
    /// What these bytes say.
    pub fn of(bytes: &[u8]) -> Self {
        let protocol = protocol(bytes);
        Self {
            protocol,
            quote: quote(bytes, protocol).into(),
        }
    }
}

/// Beginnings, the longest that JSSE shows being five bytes: each is cut to what is there.
const BEGINNINGS: [(&[u8], Protocol); 33] = [
    (b"HTTP/", Protocol::HttpResponse),
    (b"GET /", Protocol::HttpRequest),
    (b"GET h", Protocol::HttpRequest),
    (b"POST ", Protocol::HttpRequest),
    (b"PUT /", Protocol::HttpRequest),
    (b"HEAD ", Protocol::HttpRequest),
    (b"DELET", Protocol::HttpRequest),
    (b"OPTIO", Protocol::HttpRequest),
    (b"PATCH", Protocol::HttpRequest),
    (b"TRACE", Protocol::HttpRequest),
    (b"CONNE", Protocol::HttpRequest),
    // the preface of HTTP/2
    (b"PRI *", Protocol::HttpRequest),
    (b"SSH-1", Protocol::Ssh),
    (b"SSH-2", Protocol::Ssh),
    (b"220 ", Protocol::SmtpOrFtp),
    (b"220-", Protocol::SmtpOrFtp),
    (b"421 ", Protocol::SmtpOrFtp),
    (b"554 ", Protocol::SmtpOrFtp),
    (b"EHLO ", Protocol::SmtpClient),
    (b"HELO ", Protocol::SmtpClient),
    (b"+OK", Protocol::Pop3),
    (b"* OK ", Protocol::Imap),
    (b"* BYE", Protocol::Imap),
    (b"PROXY", Protocol::Proxy),
    (b"\r\n\r\n\0", Protocol::Proxy),
    (b"AMQP\0", Protocol::Amqp),
    (b"-ERR ", Protocol::Redis),
    (b"-DENI", Protocol::Redis),
    (b"RFB 0", Protocol::Vnc),
    (b"<stre", Protocol::Xmpp),
    (b"<html", Protocol::Html),
    (b"<HTML", Protocol::Html),
    (b"<!DOC", Protocol::Html),
];

fn protocol(bytes: &[u8]) -> Option<Protocol> {
    let known = BEGINNINGS
        .iter()
        .find(|(beginning, _)| bytes.starts_with(beginning));
    if let Some((_, protocol)) = known {
        return Some(*protocol);
    }
    match bytes {
        // a packet of less than 64 KiB, number 0: protocol version 10, or an error ("too many connections")
        [_, _, 0, 0, 10 | 0xff, ..] => Some(Protocol::Mysql),
        // frames of HTTP/2: SETTINGS, GOAWAY
        [0, 0, _, 4 | 7, 0, ..] => Some(Protocol::HttpResponse),
        // an ErrorResponse; a request for TLS inside the protocol
        [b'E', 0, 0, _, _, ..] | [0, 0, 0, 8, 4, ..] => Some(Protocol::Postgres),
        [3, 0, 0, _, _, ..] => Some(Protocol::Rdp),
        // a message with number 1: a bind, or its answer
        [0x30, _, 2, 1, _, ..] => Some(Protocol::Ldap),
        _ => None,
    }
}

/// Whether a dump of the transport begins with something that is no TLS record. `whole`: these are all of its
/// bytes. A socket shows the five bytes that should have been a record's header; longer dumps may be the inside of a
/// record, so they have to begin like a protocol that is known.
pub(super) fn is_foreign(first: &[u8], whole: bool) -> bool {
    const HEADER: usize = 5;
    let in_words = || {
        BEGINNINGS.iter().any(|(beginning, _)| {
            first.starts_with(beginning)
                && beginning
                    .iter()
                    .all(|&byte| byte == b' ' || byte.is_ascii_graphic())
        })
    };
    match first {
        // change_cipher_spec, alert, handshake, application_data, heartbeat
        // or an SSL 2.0 ClientHello, which JSSE takes
        [20..=24, 3, ..] | [0x80..=0xff, _, 1, 0..=3, ..] => false,
        _ if whole && first.len() == HEADER => true,
        _ => first.len() > HEADER && in_words(),
    }
}

/// What may be shown of it.
fn quote(bytes: &[u8], protocol: Option<Protocol>) -> String {
    /// A status line; nobody's is longer.
    const LONGEST: usize = 60;
    /// Of what is not understood, as much as JSSE itself would have shown.
    const UNKNOWN: usize = 5;
    let line = bytes
        .split(|&byte| matches!(byte, b'\r' | b'\n' | 0))
        .next()
        .unwrap_or_default();
    let printable = line
        .iter()
        .take_while(|&&byte| byte == b' ' || byte.is_ascii_graphic())
        .count();
    let line = &line[..printable];
    let shown = match protocol {
        Some(Protocol::HttpRequest) => request(line),
        Some(
            Protocol::HttpResponse
            | Protocol::Ssh
            | Protocol::SmtpOrFtp
            | Protocol::Pop3
            | Protocol::Imap
            | Protocol::Proxy,
        ) => &line[..line.len().min(LONGEST)],
        _ => &line[..line.len().min(UNKNOWN)],
    };
    if shown.len() < 3 {
        let hex: Vec<String> = bytes
            .iter()
            .take(UNKNOWN)
            .map(|byte| format!("{byte:02X}"))
            .collect();
        return hex.join(" ");
    }
    String::from_utf8_lossy(shown).into_owned()
}

/// Method and path of a request: a query, credentials before a host and all behind them stay out.
fn request(line: &[u8]) -> &[u8] {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_');
    let method = memchr::memchr(b' ', line).map_or(line.len(), |at| at + 1);
    // of an absolute URI, nothing: it may hold credentials
    let path = match line.get(method) {
        Some(b'/') => line[method..]
            .iter()
            .take_while(|&&byte| is_plain(byte))
            .count(),
        _ => 0,
    };
    line[..method + path.min(40)].trim_ascii_end()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn five_bytes_name_the_protocol() {
        for (bytes, name, quote) in [
            (&b"HTTP/"[..], "plain HTTP", "HTTP/"),
            (b"220 m", "SMTP or FTP", "220 m"),
            (b"SSH-2", "SSH", "SSH-2"),
            (b"PROXY", "the PROXY protocol", "PROXY"),
            (b"\r\n\r\n\0", "the PROXY protocol", "0D 0A 0D 0A 00"),
            (b"+OK P", "POP3", "+OK P"),
            (b"* OK ", "IMAP", "* OK "),
            (b"\x4a\0\0\0\n", "MySQL", "4A 00 00 00 0A"),
            (b"0\x0c\x02\x01\x01", "LDAP", "30 0C 02 01 01"),
            (b"GET /", "plain HTTP", "GET /"),
        ] {
            let spoken = Spoken::of(bytes);
            let named = spoken.protocol.map(Protocol::name);
            assert_eq!((named, &*spoken.quote), (Some(name), quote));
            assert!(is_foreign(bytes, true), "{quote}");
        }
        let unknown = Spoken::of(&[1, 2, 3, 4, 5]);
        assert_eq!(
            (unknown.protocol, &*unknown.quote),
            (None, "01 02 03 04 05")
        );
    }

    #[test]
    fn a_status_line_is_quoted_and_nothing_behind_it() {
        let quote = |text: &str| Spoken::of(text.as_bytes()).quote;
        assert_eq!(
            &*quote("HTTP/1.1 400 Bad Request\r\nSet-Cookie: id=secret\r\n"),
            "HTTP/1.1 400 Bad Request"
        );
        assert_eq!(
            &*quote("220 mail.lab.example ESMTP\r\n"),
            "220 mail.lab.example ESMTP"
        );
        assert_eq!(
            &*quote("GET /health?token=secret HTTP/1.1\r\nAuthorization: Basic abc\r\n"),
            "GET /health"
        );
        assert_eq!(&*quote("GET http://user:secret@host/ HTTP/1.1\r\n"), "GET");
        assert_eq!(&*quote("Authorization: Basic c2VjcmV0\r\n"), "Autho");
        assert_eq!(&*quote("EHLO secret\r\n"), "EHLO ");
        assert_eq!(&*quote("HTTP/1.1 \x1b[2J\r\n"), "HTTP/1.1 ");
    }

    #[test]
    fn records_and_what_is_inside_them_are_not_foreign() {
        for header in [
            [22, 3, 1, 2, 0],
            [23, 3, 3, 0, 40],
            [21, 3, 3, 0, 2],
            [20, 3, 3, 0, 1],
            [0x80, 0x2e, 1, 3, 1],
        ] {
            assert!(!is_foreign(&header, true), "{header:?}");
        }
        // the inside of an alert, of a change_cipher_spec, of an encrypted record
        assert!(!is_foreign(&[2, 40], true));
        assert!(!is_foreign(&[1], true));
        assert!(!is_foreign(
            &[0x4a, 0, 0, 0, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2],
            false
        ));
    }

    proptest! {
        #[test]
        fn quotations_are_short_and_printable(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let spoken = Spoken::of(&bytes);
            prop_assert!(spoken.quote.len() <= 60);
            prop_assert!(spoken.quote.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
        }
    }
}
