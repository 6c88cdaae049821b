//! Family T: whether a peer's certificate is believed.

pub(in crate::diagnose) mod incomplete_certificate_chain;

use crate::{
    event::Throwable,
    handshake::{Handshake, How, Noted},
    span::Span,
};

/// The exception with which this JVM refused the peer's certificate, and where it is printed.
pub(in crate::diagnose) struct Refusal<'a> {
    pub(in crate::diagnose) span: Span,
    pub(in crate::diagnose) reason: &'a str,
    pub(in crate::diagnose) throwable: Option<&'a Throwable>,
}

impl<'a> Refusal<'a> {
    /// This JVM ended the handshake in words of its own: `Fatal (…)`, or an exception that was handled.
    pub(in crate::diagnose) fn of(handshake: &'a Handshake) -> Option<Self> {
        let break_up = handshake.break_up.as_ref()?;
        if !matches!(break_up.how, How::AlertSent | How::LocalException) {
            return None;
        }
        if let Some(Noted { value: fatal, span }) = &handshake.fatal {
            return Some(Self {
                span: *span,
                reason: &fatal.reason,
                throwable: fatal.throwable.as_deref(),
            });
        }
        let Noted {
            value: thrown,
            span,
        } = handshake.exception.as_ref()?;
        Some(Self {
            span: *span,
            reason: thrown.outermost()?.plain_message(),
            throwable: Some(thrown),
        })
    }

    /// Whether the reason or one of the causes contains `words`.
    pub(in crate::diagnose) fn says(&self, words: &str) -> bool {
        self.reason.contains(words)
            || self
                .throwable
                .is_some_and(|thrown| thrown.saying(words).is_some())
    }

    /// `PKIX path building failed`: no path from the peer's certificate to an anchor.
    pub(in crate::diagnose) fn is_path_building(&self) -> bool {
        self.says("PKIX path building failed")
            || self.says("unable to find valid certification path")
    }
}
