//! What of a dumped packet is not to be handed on.
//!
//! An encrypted record tells nobody anything, and what goes in the clear was seen by the network; but session
//! tickets do, and the head of an HTTP request that went to a TLS port in plain text. With names to be taken out, all
//! goes that is not a header: hellos and certificates are full of names.

const CLIENT_HELLO: u8 = 1;
const NEW_SESSION_TICKET: u8 = 4;
const HANDSHAKE: u8 = 22;
/// `session_ticket` (RFC 5077) and `pre_shared_key` (RFC 8446), whose identities are tickets.
const TICKETS: [u16; 2] = [35, 41];
const RECORD_HEADER: usize = 5;

/// What becomes of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Keep,
    Blank,
    /// A letter: what is in words stays so.
    Letter,
}

/// One dump, byte by byte.
#[derive(Debug, Clone)]
pub(super) struct Packet {
    shape: Shape,
    /// Names go, too.
    names: bool,
}

#[derive(Debug, Clone)]
enum Shape {
    Records(Records),
    Messages(Messages),
    Words(Words),
    Other,
}

impl Packet {
    /// A dump that begins so.
    pub(super) fn new(first: &[u8], names: bool) -> Self {
        let shape = match first {
            [20..=24, 3, 0..=4, ..] => Shape::Records(Records::default()),
            [1..=24, 0, _, _, _, ..] => Shape::Messages(Messages::default()),
            _ if first.len() >= RECORD_HEADER
                && first[..RECORD_HEADER].iter().all(|&byte| is_word(byte)) =>
            {
                Shape::Words(Words::new(first))
            }
            _ => Shape::Other,
        };
        Self { shape, names }
    }

    /// What becomes of the next byte.
    pub(super) fn next(&mut self, byte: u8) -> Fate {
        match &mut self.shape {
            Shape::Records(records) => records.next(byte, self.names),
            Shape::Messages(messages) => messages.next(byte, self.names),
            Shape::Words(words) => words.next(byte, self.names),
            Shape::Other if self.names => Fate::Blank,
            Shape::Other => Fate::Keep,
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_graphic() || matches!(byte, b' ' | b'\r' | b'\n')
}

/// Takes big-endian numbers apart.
#[derive(Debug, Clone, Copy, Default)]
struct Number {
    value: usize,
    left: u8,
}

impl Number {
    fn of(bytes: u8) -> Self {
        Self {
            value: 0,
            left: bytes,
        }
    }

    /// The number, with its last byte.
    fn take(&mut self, byte: u8) -> Option<usize> {
        self.value = self.value << 8 | usize::from(byte);
        self.left = self.left.saturating_sub(1);
        (self.left == 0).then_some(self.value)
    }
}

#[derive(Debug, Clone, Default)]
struct Records {
    /// Bytes of the header so far.
    header: usize,
    kind: u8,
    length: usize,
    messages: Messages,
}

impl Records {
    fn next(&mut self, byte: u8, names: bool) -> Fate {
        if self.header < RECORD_HEADER {
            match self.header {
                0 => (self.kind, self.length) = (byte, 0),
                3 | 4 => self.length = self.length << 8 | usize::from(byte),
                _ => {}
            }
            self.header += 1;
            return Fate::Keep;
        }
        if self.length <= 1 {
            self.header = 0;
        }
        self.length = self.length.saturating_sub(1);
        match self.kind {
            HANDSHAKE => self.messages.next(byte, names),
            // an alert, a change of keys: two bytes at most
            20 | 21 => Fate::Keep,
            _ if names => Fate::Blank,
            _ => Fate::Keep,
        }
    }
}

/// Handshake messages, one behind the other.
#[derive(Debug, Clone, Default)]
struct Messages {
    header: u8,
    kind: u8,
    left: usize,
    hello: Hello,
}

impl Messages {
    fn next(&mut self, byte: u8, names: bool) -> Fate {
        const HEADER: u8 = 4;
        if self.header < HEADER {
            if self.header == 0 {
                (self.kind, self.left, self.hello) = (byte, 0, Hello::default());
            } else {
                self.left = self.left << 8 | usize::from(byte);
            }
            self.header += 1;
            if self.header == HEADER && self.left == 0 {
                self.header = 0;
            }
            return Fate::Keep;
        }
        self.left -= 1;
        if self.left == 0 {
            self.header = 0;
        }
        let ticket = match self.kind {
            NEW_SESSION_TICKET => true,
            CLIENT_HELLO => self.hello.is_ticket(byte),
            _ => false,
        };
        if names || ticket {
            Fate::Blank
        } else {
            Fate::Keep
        }
    }
}

/// A ClientHello (RFC 8446 §4.1.2), read as far as its extensions' bounds.
#[derive(Debug, Clone)]
struct Hello {
    at: Part,
    number: Number,
    skip: usize,
    extension: u16,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    /// Version and random.
    Front,
    /// Session id, suites, compression methods: a length and what it counts.
    List(u8),
    ExtensionsLength,
    Type,
    Length,
    Extension,
}

impl Default for Hello {
    fn default() -> Self {
        Self {
            at: Part::Front,
            number: Number::default(),
            skip: 34,
            extension: 0,
        }
    }
}

impl Hello {
    /// Whether this byte belongs to a ticket.
    fn is_ticket(&mut self, byte: u8) -> bool {
        if self.skip > 0 {
            let is_ticket = matches!(self.at, Part::Extension) && TICKETS.contains(&self.extension);
            self.skip -= 1;
            if self.skip == 0 {
                self.go_on();
            }
            return is_ticket;
        }
        let Some(value) = self.number.take(byte) else {
            return false;
        };
        match self.at {
            Part::ExtensionsLength => self.expect(Part::Type, 2),
            Part::Type => {
                self.extension = u16::try_from(value).unwrap_or_default();
                self.expect(Part::Length, 2);
            }
            Part::Length => {
                self.at = Part::Extension;
                self.skip = value;
                if value == 0 {
                    self.go_on();
                }
            }
            _ => {
                self.skip = value;
                if value == 0 {
                    self.go_on();
                }
            }
        }
        false
    }

    fn expect(&mut self, part: Part, bytes: u8) {
        (self.at, self.number) = (part, Number::of(bytes));
    }

    /// What was to be skipped is over.
    fn go_on(&mut self) {
        match self.at {
            Part::Front => self.expect(Part::List(0), 1),
            Part::List(0) => self.expect(Part::List(1), 2),
            Part::List(1) => self.expect(Part::List(2), 1),
            Part::List(_) => self.expect(Part::ExtensionsLength, 2),
            _ => self.expect(Part::Type, 2),
        }
    }
}

/// Another protocol than TLS, in words: the first of them says which.
#[derive(Debug, Clone)]
struct Words {
    /// Bytes of the first line that stay.
    keep: Keep,
    seen: usize,
    over: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// The method of a request.
    Word,
    /// A status line.
    Line,
    /// A greeting may name the host.
    Greeting,
    /// As much as JSSE would show.
    Beginning,
}

impl Words {
    fn new(first: &[u8]) -> Self {
        let begins = |words: &[&[u8]]| words.iter().any(|word| first.starts_with(word));
        let keep = if begins(&[b"HTTP/"]) {
            Keep::Line
        } else if begins(&[
            b"GET ",
            b"POST ",
            b"PUT ",
            b"HEAD ",
            b"DELETE ",
            b"OPTIONS ",
            b"PATCH ",
            b"TRACE ",
            b"CONNECT ",
            b"PRI ",
        ]) {
            Keep::Word
        } else if begins(&[b"220", b"421", b"554", b"SSH-", b"+OK", b"* ", b"PROXY"]) {
            Keep::Greeting
        } else {
            Keep::Beginning
        };
        Self {
            keep,
            seen: 0,
            over: false,
        }
    }

    fn next(&mut self, byte: u8, names: bool) -> Fate {
        let at = self.seen;
        self.seen += 1;
        if !is_word(byte) || matches!(byte, b'\r' | b'\n' | b' ') {
            let ends = match self.keep {
                Keep::Word => true,
                Keep::Line | Keep::Greeting => byte == b'\n',
                Keep::Beginning => false,
            };
            self.over |= ends;
            return if is_word(byte) {
                Fate::Keep
            } else {
                Fate::Blank
            };
        }
        let stays = match self.keep {
            Keep::Greeting if names => at < RECORD_HEADER,
            Keep::Word => !self.over || at < RECORD_HEADER,
            Keep::Line | Keep::Greeting => !self.over,
            Keep::Beginning => at < RECORD_HEADER,
        };
        if stays { Fate::Keep } else { Fate::Letter }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left: `-` for what is blank, `x` for a letter.
    fn left(bytes: &[u8], names: bool) -> Vec<u8> {
        let mut packet = Packet::new(&bytes[..bytes.len().min(16)], names);
        let fate = |&byte: &u8| match packet.next(byte) {
            Fate::Keep => byte,
            Fate::Blank => b'-',
            Fate::Letter => b'x',
        };
        bytes.iter().map(fate).collect()
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[kind, 0, length[0], length[1]], body].concat()
    }

    fn hello() -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 2, 0x13, 1, 1, 0]);
        body.extend([
            0, 18, 0, 0, 0, 3, b'a', b'b', b'c', 0, 35, 0, 3, b'T', b'T', b'T', 0, 23, 0, 0,
        ]);
        message(1, &body)
    }

    #[test]
    fn tickets_go_and_the_rest_of_the_messages_stays() {
        let ticket = message(4, b"\0\0\0\x01\0\x03TTT");
        let flight = [hello(), ticket, message(14, b"")].concat();
        let length = u16::try_from(flight.len()).unwrap().to_be_bytes();
        let record = [
            &[22, 3, 3, length[0], length[1]],
            &flight[..],
            &[23, 3, 3, 0, 2, 9, 9],
        ]
        .concat();
        for bytes in [flight, record] {
            let kept = left(&bytes, false);
            assert!(!kept.contains(&b'T'));
            let changed = bytes.iter().zip(&kept).filter(|(a, b)| a != b).count();
            assert_eq!(
                changed,
                3 + 9,
                "the ticket of the hello, the message of the ticket"
            );
            assert!(
                left(&bytes, true)
                    .iter()
                    .all(|byte| !b"abc\x13".contains(byte))
            );
        }
    }

    #[test]
    fn of_words_the_protocol_stays() {
        let request = b"POST /login?token=abc HTTP/1.1\r\nAuthorization: Basic Zm9v\r\n\r\npw=1";
        let kept = String::from_utf8(left(request, false)).unwrap();
        assert!(kept.starts_with("POST xxxx"), "{kept}");
        assert!(!kept.contains("Basic") && !kept.contains("pw"));
        let answer = left(b"HTTP/1.1 400 Bad Request\r\nSet-Cookie: id=1\r\n", true);
        assert!(
            answer.starts_with(b"HTTP/1.1 400 Bad Request\r\n") && !answer.ends_with(b"id=1\r\n")
        );
        assert_eq!(
            left(b"220 mail.acme.com ESMTP\r\n", false),
            b"220 mail.acme.com ESMTP\r\n"
        );
        assert!(left(b"220 mail.acme.com ESMTP\r\n", true).starts_with(b"220 mxxx"));
        assert_eq!(left(b"GET /", true), b"GET /", "all that JSSE shows");
    }
}
