//! TLS records and the handshake messages inside them (RFC 8446 §4, §5; RFC 5246 §7.4).

use super::Content;

/// Length of a record's header.
pub(super) const HEADER: usize = 5;
const HEADER_LENGTH: u32 = 5;
/// Length of a handshake message's header.
const MESSAGE_HEADER: usize = 4;
/// JSSE takes no message longer than 32 KiB from a peer unless it is told to.
const LONGEST: usize = 128 << 10;

const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const ENCRYPTED_EXTENSIONS: u8 = 8;
const CERTIFICATE: u8 = 11;
const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;

/// A handshake message that something is to be learned from, with its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message {
    ClientHello(Box<[u8]>),
    Certificate(Box<[u8]>),
}

/// `16 03 03 01 CB`: a record of handshake messages.
pub(super) fn begins_record(first: &[u8]) -> bool {
    const LONGEST_RECORD: u16 = (16 << 10) + 2048;
    matches!(first, [HANDSHAKE, 3, 0..=4, high, low, ..]
        if (1..=LONGEST_RECORD).contains(&u16::from_be_bytes([*high, *low])))
}

/// The first bytes of a flight that holds a hello or certificates.
pub(super) fn begins_flight(first: &[u8]) -> bool {
    const SHORTEST_HELLO: usize = 38;
    match first {
        [CLIENT_HELLO | SERVER_HELLO, length @ ..] if matches!(length, [_, _, _, 3, 0..=3, ..]) => {
            u24(length).is_some_and(|length| (SHORTEST_HELLO..1 << 16).contains(&length))
        }
        _ => begins_certificates(first),
    }
}

/// The first bytes of a `Certificate`, or of `EncryptedExtensions` that one may follow in the same record. The lengths
/// inside have to fit, so that other data is not taken for either.
pub(super) fn begins_certificates(first: &[u8]) -> bool {
    let Some((&kind, rest)) = first.split_first() else {
        return false;
    };
    let (Some(length), Some(body)) = (u24(rest), rest.get(3..)) else {
        return false;
    };
    // TLS 1.3 puts an empty context in front of the list
    let is_list = |list: &[u8], before: usize| {
        u24(list).is_some_and(|list| list > 0 && list + before + 3 == length)
    };
    match (kind, body) {
        (CERTIFICATE, [0, list @ ..]) if is_list(list, 1) => true,
        (CERTIFICATE, list) => is_list(list, 0),
        (ENCRYPTED_EXTENSIONS, [high, low, ..]) => {
            usize::from(u16::from_be_bytes([*high, *low])) + 2 == length
        }
        _ => false,
    }
}

/// A number of three bytes.
fn u24(bytes: &[u8]) -> Option<usize> {
    let bytes = bytes.first_chunk::<3>()?;
    Some(
        bytes
            .iter()
            .fold(0, |sum, &byte| sum << 8 | usize::from(byte)),
    )
}

/// Puts the messages of one direction of one connection together: a message can go on in the next record.
#[derive(Debug, Clone, Default)]
pub(crate) struct Joiner {
    held: Vec<u8>,
}

impl Joiner {
    /// Takes the bytes of the next dump. What is not understood, encrypted messages above all, is dropped.
    pub(crate) fn take(&mut self, content: Content, bytes: &[u8]) -> Vec<Message> {
        let mut messages = Vec::new();
        match content {
            Content::Foreign => {}
            Content::Messages => {
                self.held.clear();
                self.body(bytes, &mut messages);
            }
            Content::Records => self.records(bytes, &mut messages),
        }
        messages
    }

    /// Whether a message is still incomplete.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.held.is_empty()
    }

    fn records(&mut self, bytes: &[u8], messages: &mut Vec<Message>) {
        let mut rest = bytes;
        while let Ok((behind, header)) = tls_parser::parse_tls_record_header(rest) {
            let length = usize::from(header.len);
            let body = &behind[..length.min(behind.len())];
            match header.record_type.0 {
                HANDSHAKE if begins_flight(body) => {
                    self.held.clear();
                    self.body(body, messages);
                }
                HANDSHAKE => self.body(body, messages),
                CHANGE_CIPHER_SPEC => {} // TLS 1.3 puts one between messages that can be read
                _ => return,
            }
            if body.len() < length {
                self.held.clear(); // the dump is cut: what comes next does not continue it
                return;
            }
            rest = &behind[length..];
        }
    }

    fn body(&mut self, body: &[u8], messages: &mut Vec<Message>) {
        self.held.extend_from_slice(body);
        let mut at = 0;
        while let Some([kind, length @ ..]) = self.held[at..].first_chunk::<MESSAGE_HEADER>() {
            let end = at + MESSAGE_HEADER + u24(length).unwrap_or_default();
            if end - at > LONGEST || !is_kind(*kind) {
                self.held.clear();
                return;
            }
            let Some(message) = self.held.get(at..end) else {
                break;
            };
            match *kind {
                CLIENT_HELLO => messages.push(Message::ClientHello(message.into())),
                CERTIFICATE => messages.push(Message::Certificate(message.into())),
                _ => {}
            }
            at = end;
        }
        self.held.drain(..at);
    }
}

/// Types of handshake messages that are registered and in use.
fn is_kind(kind: u8) -> bool {
    matches!(kind, 0..=5 | 8 | 11..=16 | 20..=26)
}

/// The length of the first record of a dump on the wire, its header included.
pub(crate) fn record_length(bytes: &[u8]) -> Option<u32> {
    let &[_, _, _, high, low] = bytes.first_chunk::<HEADER>()?;
    Some(u32::from(u16::from_be_bytes([high, low])) + HEADER_LENGTH)
}

/// The random of a ClientHello.
pub(crate) fn client_random(message: &[u8]) -> Option<[u8; 32]> {
    message.get(MESSAGE_HEADER + 2..)?.first_chunk().copied()
}

/// The DER of each certificate in a `Certificate` message, in the order sent.
pub(crate) fn certificates(message: &[u8]) -> Vec<&[u8]> {
    let body = message.get(MESSAGE_HEADER..).unwrap_or_default();
    // TLS 1.3 puts a context in front of the list and extensions behind each certificate
    let (list, extensions) = match body {
        [0, rest @ ..] if u24(rest).is_some_and(|length| length + 3 == rest.len()) => {
            (&rest[3..], true)
        }
        [_, _, _, list @ ..] => (list, false),
        _ => return Vec::new(),
    };
    let mut rest = list;
    let mut found = Vec::new();
    while let Some((der, behind)) = prefixed::<3>(rest) {
        found.push(der);
        rest = behind;
        if extensions {
            let Some((_, behind)) = prefixed::<2>(rest) else {
                break;
            };
            rest = behind;
        }
    }
    found
}

/// A vector with a length of `N` bytes in front, and what stands behind it.
pub(super) fn prefixed<const N: usize>(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<N>()?;
    let length = length
        .iter()
        .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&[kind], &length[1..], body].concat()
    }

    fn record(body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[HANDSHAKE, 3, 3], &length[..], body].concat()
    }

    fn vector(bytes: &[u8]) -> Vec<u8> {
        message(0, bytes)[1..].to_vec()
    }

    #[test]
    fn certificates_of_both_generations() {
        let old = message(
            CERTIFICATE,
            &vector(&[vector(b"leaf"), vector(b"root")].concat()),
        );
        assert_eq!(certificates(&old), [b"leaf", b"root"]);
        let entry = |der: &[u8]| [vector(der), vec![0, 1, 9]].concat();
        let list = vector(&[entry(b"leaf"), entry(b"root")].concat());
        let new = message(CERTIFICATE, &[&[0][..], &list].concat());
        assert_eq!(certificates(&new), [b"leaf", b"root"]);
        assert!(begins_certificates(&old) && begins_certificates(&new));
        assert!(!begins_certificates(b"\x0b\x00\x00\x10 some text here"));
        assert!(certificates(&message(CERTIFICATE, &[0, 0, 0])).is_empty());
    }

    #[test]
    fn a_message_goes_on_in_the_next_record() {
        let list = vector(&vector(&vec![7; 30_000]));
        let flight = [
            message(SERVER_HELLO, &[&[3, 3][..], &[1; 70]].concat()),
            message(CERTIFICATE, &list),
            message(14, b""),
        ]
        .concat();
        let (first, second) = flight.split_at(16_384);
        let mut joiner = Joiner::default();
        assert_eq!(joiner.take(Content::Records, &record(first)), []);
        assert!(joiner.is_waiting());
        let messages = joiner.take(Content::Records, &record(second));
        assert_eq!(
            messages,
            [Message::Certificate(message(CERTIFICATE, &list).into())]
        );
        assert!(!joiner.is_waiting());
    }

    #[test]
    fn what_is_encrypted_does_not_hide_the_next_hello() {
        let hello = message(CLIENT_HELLO, &[&[3, 3][..], &[1; 60]].concat());
        let mut joiner = Joiner::default();
        // an encrypted Finished that looks like the beginning of a long message
        let finished = record(&[16, 0, 0x40, 0, 1, 2, 3]);
        assert_eq!(joiner.take(Content::Records, &finished), []);
        let told = joiner.take(Content::Records, &record(&hello));
        assert_eq!(told, [Message::ClientHello(hello.clone().into())]);
        assert_eq!(client_random(&hello), Some([1; 32]));
        assert_eq!(record_length(&record(&hello)), Some(71));
        // a socket reads the body alone
        assert_eq!(joiner.take(Content::Messages, &hello), told);
    }

    #[test]
    fn a_cut_dump_gives_what_is_whole_in_it() {
        let hello = message(CLIENT_HELLO, &[&[3, 3][..], &[1; 60]].concat());
        let both = [&hello[..], &message(CERTIFICATE, &[0; 100])].concat();
        let mut joiner = Joiner::default();
        let told = joiner.take(Content::Records, &record(&both)[..100]);
        assert_eq!(told, [Message::ClientHello(hello.into())]);
        assert!(!joiner.is_waiting());
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_no_trouble(dumps in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..300)), 0..8)) {
            let mut joiner = Joiner::default();
            for (headed, bytes) in dumps {
                let content = if headed { Content::Records } else { Content::Messages };
                let bytes = if headed { record(&bytes) } else { bytes };
                for told in joiner.take(content, &bytes) {
                    let (Message::ClientHello(bytes) | Message::Certificate(bytes)) = told;
                    client_random(&bytes);
                    certificates(&bytes);
                }
                prop_assert!(joiner.held.len() <= LONGEST + bytes.len());
            }
        }
    }
}
