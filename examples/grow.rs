//! Grows a log to measure with: recordings one after the other, over and over, and each time those of other connections,
//! with randoms, session ids, keys and tickets of their own. The same recordings give the same log.
//!
//! ```text
//! cargo run --release --example grow -- MIB FILE RECORDING…
//! ```

use std::{
    env, fs,
    io::{self, BufWriter, Write},
};

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let usage = || io::Error::other("usage: grow MIB FILE RECORDING…");
    let mib: usize = arguments
        .next()
        .and_then(|mib| mib.parse().ok())
        .ok_or_else(usage)?;
    let mut grown = BufWriter::new(fs::File::create(arguments.next().ok_or_else(usage)?)?);
    let mut once = Vec::new();
    for recording in arguments {
        once.extend(fs::read(recording)?);
    }
    if once.is_empty() {
        return Err(usage());
    }
    let mut digits = Digits::default();
    let mut written = 0;
    while written < mib << 20 {
        let mut differs = false;
        for line in once.split_inclusive(|&byte| byte == b'\n') {
            if line.starts_with(b"javax.net.ssl|") {
                differs = is_of_one_connection(line);
            }
            let (before, bytes, behind) = if differs {
                cut(line)
            } else {
                (line, &[][..], &[][..])
            };
            grown.write_all(before)?;
            let other: Vec<u8> = bytes.iter().map(|&byte| digits.instead_of(byte)).collect();
            grown.write_all(&other)?;
            grown.write_all(behind)?;
        }
        written += once.len();
        digits.shuffle();
    }
    grown.flush()
}

/// Whether a head opens a message with bytes that no other connection has. Peers keep their certificates.
fn is_of_one_connection(head: &[u8]) -> bool {
    const MESSAGES: [&[u8]; 6] = [
        b"Hello handshake message",
        b"HelloRetryRequest handshake message",
        b"KeyExchange handshake message",
        b"CertificateVerify handshake message",
        b"Finished handshake message",
        b"NewSessionTicket",
    ];
    let holds = |words: &&[u8]| head.windows(words.len()).any(|part| part == *words);
    MESSAGES.iter().any(holds)
}

/// The part of a line that is another in every connection, and what is around it.
fn cut(line: &[u8]) -> (&[u8], &[u8], &[u8]) {
    /// `48 05 …  B2 BE …`, in front of the same as characters.
    const ROW: usize = 50;
    let text = line.trim_ascii_start();
    let is_value = text.starts_with(b"\"random\"") || text.starts_with(b"\"session id\"");
    let (from, len) = match text {
        [a, b, c, d, b':', b' ', ..]
            if [a, b, c, d].iter().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            (b"0000: ".len(), ROW)
        }
        _ if is_value => (b"\"session id\"".len(), text.len()),
        _ => (0, 0),
    };
    let from = (line.len() - text.len() + from).min(line.len());
    let to = (from + len).min(line.len());
    (&line[..from], &line[from..to], &line[to..])
}

/// Which hexadecimal digit stands for which.
struct Digits {
    instead: [u8; 16],
    state: u64,
}

impl Default for Digits {
    fn default() -> Self {
        let instead = *b"0123456789ABCDEF";
        Self { instead, state: 1 }
    }
}

impl Digits {
    fn instead_of(&self, byte: u8) -> u8 {
        match byte {
            b'0'..=b'9' => self.instead[usize::from(byte - b'0')],
            b'A'..=b'F' => self.instead[usize::from(byte - b'A') + 10],
            other => other,
        }
    }

    /// Another order, by Knuth's generator (MMIX).
    fn shuffle(&mut self) {
        for last in (1..self.instead.len()).rev() {
            self.state = self
                .state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let place = usize::try_from((self.state >> 33) % (last as u64 + 1)).unwrap_or(0);
            self.instead.swap(last, place);
        }
    }
}
