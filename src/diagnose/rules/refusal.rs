//! What this JVM said when it ended a handshake itself.

use crate::{
    diagnose::Finding,
    event::{Cause, Throwable},
    handshake::{Handshake, How, Noted},
    search::{Sieve, holds},
    span::Span,
    tls::AlertDescription,
};

/// The exception with which this JVM refused the peer's certificate, and where it is printed.
pub(in crate::diagnose) struct Refusal<'a> {
    pub(in crate::diagnose) span: Span,
    /// The entry that it stands in, or behind.
    pub(in crate::diagnose) entry: Span,
    pub(in crate::diagnose) reason: &'a str,
    pub(in crate::diagnose) throwable: Option<&'a Throwable>,
    /// The name in `Fatal (…)`.
    pub(in crate::diagnose) alert: Option<&'a AlertDescription>,
    /// Of the reason and the causes.
    pub(in crate::diagnose) said: Option<&'a Sieve>,
}

impl<'a> Refusal<'a> {
    /// Whether this JVM ended the handshake at all: nothing else is a refusal.
    pub(in crate::diagnose) fn is_possible(handshake: &Handshake) -> bool {
        let break_up = handshake.break_up.as_deref();
        break_up.is_some_and(|break_up| is_own(break_up.how))
    }

    /// This JVM ended the handshake in words of its own: `Fatal (…)`, or an exception that was handled.
    pub(in crate::diagnose) fn of(handshake: &'a Handshake) -> Option<Self> {
        let break_up = handshake.break_up.as_deref()?;
        if !is_own(break_up.how) {
            return None;
        }
        if let Some(Noted { value: fatal, span }) = handshake.fatal.as_deref() {
            let throwable = fatal.throwable.as_deref();
            let reason = fatal.wrapped().map_or(&*fatal.reason, Cause::plain_message);
            return Some(Self {
                span: *span,
                entry: *span,
                reason,
                throwable,
                alert: Some(&fatal.alert),
                said: break_up.said.as_deref(),
            });
        }
        let Noted {
            value: thrown,
            span,
        } = handshake.exception()?;
        // what the application printed stands below the entry, and there the handshake broke up
        let line = thrown.outermost()?.line_in_entry;
        let printed = span.down(line);
        Some(Self {
            span: if break_up.span == printed {
                printed
            } else {
                *span
            },
            entry: *span,
            reason: thrown.outermost()?.plain_message(),
            throwable: Some(thrown),
            alert: None,
            said: break_up.said.as_deref(),
        })
    }

    /// `false` where the words are nowhere.
    fn may_say(&self, words: &str) -> bool {
        self.said.is_none_or(|said| said.may_hold(words))
    }

    /// Whether the reason or one of the causes contains `words`.
    pub(in crate::diagnose) fn says(&self, words: &str) -> bool {
        self.may_say(words)
            && (holds(self.reason, words)
                || self
                    .throwable
                    .is_some_and(|thrown| thrown.saying(words).is_some()))
    }

    /// The first text (the innermost cause first, the reason last) that contains `words`.
    pub(in crate::diagnose) fn text_with(&self, words: &str) -> Option<&'a str> {
        if !self.may_say(words) {
            return None;
        }
        let causes = self
            .throwable
            .into_iter()
            .flat_map(|thrown| thrown.causes.iter().rev());
        causes
            .map(Cause::plain_message)
            .chain([self.reason])
            .find(|text| holds(text, words))
    }

    /// The exception of this class, among the causes.
    pub(in crate::diagnose) fn cause(&self, simple_class: &str) -> Option<&'a Cause> {
        self.throwable?.find(simple_class)
    }

    /// Adds the line of the refusal.
    pub(in crate::diagnose) fn proves(&self, finding: Finding) -> Finding {
        let wordless = self.alert.is_none() || self.reason.is_empty();
        let thrown = self.throwable.filter(|_| wordless);
        let words = thrown.and_then(Throwable::outermost).map(Cause::in_words);
        finding.evidence(
            self.span,
            words.unwrap_or_else(|| format!("Fatal: {}", self.reason)),
        )
    }

    /// The sentence that contains one of `words`: the reason itself, or the message of a cause.
    pub(in crate::diagnose) fn sentence(&self, words: &[&str]) -> Option<&'a str> {
        // as good as always, none of them: the sieve tells
        let first = words.iter().position(|words| self.may_say(words))?;
        let possible = &words[first..];
        let says = |sentence: &str| {
            possible
                .iter()
                .any(|words| self.may_say(words) && holds(sentence, words))
        };
        let causes = self
            .throwable
            .iter()
            .flat_map(|thrown| thrown.causes.iter().map(Cause::plain_message));
        std::iter::once(self.reason)
            .chain(causes)
            .find(|sentence| says(sentence))
    }
}

fn is_own(how: How) -> bool {
    matches!(how, How::AlertSent | How::LocalException)
}
