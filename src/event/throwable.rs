//! Stack traces: the chain of causes, without the frames.

use std::sync::Arc;

use super::Sender;

/// An exception and its causes, outermost first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Throwable {
    /// The exception itself, then each `Caused by:`.
    pub causes: Vec<Cause>,
    /// The end in whose code it was thrown, where a frame of `sun.security.ssl` tells.
    pub thrown_by: Option<Sender>,
}

/// One exception of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The class, fully qualified.
    pub class: Arc<str>,
    /// The message; empty when there is none.
    pub message: Arc<str>,
    /// Lines between the head of the entry and this line.
    pub line_in_entry: u32,
}

impl Cause {
    /// The class without its package.
    pub fn simple_class(&self) -> &str {
        self.class.rsplit('.').next().unwrap_or(&self.class)
    }

    /// The message without the `(alert_name) ` that updates since 2024 put in front.
    pub fn plain_message(&self) -> &str {
        strip_alert_prefix(&self.message)
    }
}

/// Removes `(certificate_unknown) ` from the front of an exception's message.
pub(crate) fn strip_alert_prefix(message: &str) -> &str {
    message
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(") "))
        .filter(|(name, _)| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        })
        .map_or(message, |(_, rest)| rest)
}

impl Throwable {
    /// The first of the causes with this simple class name.
    pub fn find(&self, simple_class: &str) -> Option<&Cause> {
        self.causes
            .iter()
            .find(|cause| cause.simple_class() == simple_class)
    }

    /// The first of the causes whose message contains `words`.
    pub fn saying(&self, words: &str) -> Option<&Cause> {
        self.causes
            .iter()
            .find(|cause| crate::search::holds(&cause.message, words))
    }

    /// The outermost exception.
    pub fn outermost(&self) -> Option<&Cause> {
        self.causes.first()
    }

    /// The innermost cause.
    pub fn root(&self) -> Option<&Cause> {
        self.causes.last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alert_in_front_of_a_message_is_not_part_of_it() {
        assert_eq!(
            strip_alert_prefix("(certificate_unknown) PKIX path"),
            "PKIX path"
        );
        assert_eq!(
            strip_alert_prefix("(Connection reset) x"),
            "(Connection reset) x"
        );
        assert_eq!(
            strip_alert_prefix("no cipher suites in common"),
            "no cipher suites in common"
        );
    }
}
