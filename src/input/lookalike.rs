//! What is no log that can be read, by its first bytes: so that the message can name the cure.

/// Input that holds no readable log as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookalike {
    /// NUL bytes: no text.
    Binary,
    /// A report of this program.
    Report,
}

impl Lookalike {
    /// What the first bytes say; `None` for text.
    pub fn of(start: &[u8]) -> Option<Self> {
        let text = &start[..start.len().min(256 << 10)];
        if start[..start.len().min(8192)].contains(&0) {
            return Some(Self::Binary);
        }
        Self::of_text(text)
    }

    /// Text that was meant to be read, but is not what is read here.
    fn of_text(text: &[u8]) -> Option<Self> {
        let says = |words: &[u8]| memchr::memmem::find(text, words).is_some();
        (text.trim_ascii_start().starts_with(b"{") && says(b"\"schema\"") && says(b"jssl-analyze"))
            .then_some(Self::Report)
    }

    /// What it is, and what to do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Binary => "it looks like a binary file",
            Self::Report => "it is a JSON report, which this version does not read again",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_recognised() {
        assert_eq!(Lookalike::of(b"ELF\0\0"), Some(Lookalike::Binary));
        assert_eq!(
            Lookalike::of(b"{\n \"schema\": 1, \"tool\": \"jssl-analyze\""),
            Some(Lookalike::Report)
        );
        assert_eq!(Lookalike::of("javax.net.ssl|… ü".as_bytes()), None);
    }
}
