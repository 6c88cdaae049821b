//! Stack traces: the chain of causes, without the frames.

use std::sync::Arc;

use super::{Fatal, Sender, one_sided::end_by_words};

/// An exception and its causes, outermost first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Throwable {
    /// The exception itself, then each `Caused by:`.
    pub causes: Vec<Cause>,
    /// The end in whose code it was thrown, where a frame of `sun.security.ssl` or of an HTTP stack tells, or a
    /// sentence that JSSE says at one end only.
    pub thrown_by: Option<Sender>,
    /// It was thrown while application data was read or written: the handshake was over.
    pub after_handshake: bool,
    /// A frame shows that a handshake was at work; `None` where no frame is printed.
    pub in_handshake: Option<bool>,
    /// An `SSLEngine` threw it: its calls come from whatever thread is free.
    pub by_engine: bool,
    /// The class that threw the first exception, where it is none of the JDK's.
    pub thrown_in: Option<Arc<str>>,
    /// The record that it is printed with is for details (`DEBUG`, `TRACE`): the application went on.
    pub in_detail: bool,
    /// The end that speaks so by habit: a server begins its handshake with a read, a client with a write.
    pub suggests: Option<Sender>,
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

    /// Class and message, as a stack trace prints them.
    pub fn in_words(&self) -> String {
        if self.message.is_empty() {
            self.class.to_string()
        } else {
            format!("{}: {}", self.class, self.message)
        }
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

/// What `SSLSocketImpl.startHandshake` says round any failure of its own.
const WRAPPER: &str = "Couldn't kickstart handshaking";
/// What an `SSLEngine` says of any failure of its own, up to 8u252.
const ENGINE: &str = "General SSLEngine problem";

impl Throwable {
    /// The end that says what the causes say.
    pub(crate) fn end_by_words(&self) -> Option<Sender> {
        let mut causes = self.causes.iter();
        causes.find_map(|cause| end_by_words(&cause.message))
    }

    /// The exception that tells most: the one under the wrapper.
    fn telling(&self) -> Option<&Cause> {
        self.inside_wrapper().or_else(|| self.outermost())
    }

    /// The outermost exception that is not the wrapper.
    fn inside_wrapper(&self) -> Option<&Cause> {
        self.causes
            .iter()
            .find(|cause| ![WRAPPER, ENGINE].contains(&cause.plain_message()))
    }

    /// Class and message of the exception that tells most.
    pub fn in_words(&self) -> Option<Arc<str>> {
        let cause = self.telling()?;
        Some(if cause.message.is_empty() {
            Arc::clone(&cause.class)
        } else {
            format!("{}: {}", cause.class, cause.message).into()
        })
    }

    /// The first of the causes with this simple class name.
    pub fn find(&self, simple_class: &str) -> Option<&Cause> {
        let is_it = |cause: &&Cause| {
            let package = cause.class.strip_suffix(simple_class);
            package.is_some_and(|package| package.is_empty() || package.ends_with('.'))
        };
        self.causes.iter().find(is_it)
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

impl Fatal {
    /// The end whose code failed, by the frames or by the words.
    pub fn thrown_by(&self) -> Option<Sender> {
        let thrown = self.throwable.as_ref();
        thrown
            .and_then(|thrown| thrown.thrown_by)
            .or_else(|| end_by_words(&self.reason))
    }

    /// The reason is only what `SSLSocketImpl.startHandshake` puts round any failure of its own.
    pub fn is_wrapper(&self) -> bool {
        &*self.reason == WRAPPER
    }

    /// The reason is what is said of any failure.
    fn says_nothing(&self) -> bool {
        self.is_wrapper() || &*self.reason == ENGINE
    }

    /// The exception that the wrapper hides.
    pub fn wrapped(&self) -> Option<&Cause> {
        let thrown = self.throwable.as_ref().filter(|_| self.says_nothing())?;
        thrown.inside_wrapper()
    }

    /// The reason, or what stands under it where the reason is only the wrapper.
    pub fn in_words(&self) -> Arc<str> {
        let wordless = self.says_nothing() || self.reason.is_empty();
        let inside = self.throwable.as_ref().filter(|_| wordless);
        inside
            .and_then(|thrown| thrown.in_words())
            .unwrap_or_else(|| Arc::clone(&self.reason))
    }
}

/// Made for tests.
#[cfg(test)]
impl Throwable {
    /// A chain of exceptions by class and message, outermost first.
    pub(crate) fn of(causes: &[(&str, &str)]) -> Self {
        let cause = |(class, message): &(&str, &str)| Cause {
            class: (*class).into(),
            message: (*message).into(),
            line_in_entry: 0,
        };
        Self {
            causes: causes.iter().map(cause).collect(),
            ..Self::default()
        }
    }

    /// An exception as an application hands it on: under one of its own.
    pub(crate) fn handed_on(class: &str, message: &str) -> Self {
        Self::of(&[
            ("java.util.concurrent.ExecutionException", "it failed"),
            (class, message),
        ])
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
