//! Odd input: clocks that go back, and whole logs that do.

use std::sync::Arc;

use super::{Assembler, Assembly};
use crate::{
    event::{Anomaly, AnomalyKind, Event},
    handshake::Noted,
    span::{Span, Turned},
};

/// Anomalies kept word for word; further ones are counted.
const MAX_ANOMALIES: usize = 1000;

impl Assembler {
    /// Notes odd input.
    pub(crate) fn anomaly(&mut self, anomaly: Anomaly, span: Span) {
        self.assembly.anomaly_count += 1;
        if self.assembly.anomalies.len() < MAX_ANOMALIES {
            self.assembly.anomalies.push(Noted {
                value: anomaly,
                span,
            });
        }
    }

    /// Notes first and last time. Concurrent threads swap places within milliseconds; an hour back is odd.
    pub(super) fn clock(&mut self, event: &Event) {
        const ODD_MILLIS: i64 = 30_000;
        let Some(at) = &event.time else { return };
        let assembly = &mut self.assembly;
        if let Some(last) = assembly
            .last_at
            .as_ref()
            .filter(|last| at.since(last) < -ODD_MILLIS)
        {
            let text = format!("{last} is followed by {at}").into();
            self.anomaly(
                Anomaly {
                    kind: AnomalyKind::ClockWentBack,
                    text,
                },
                event.span,
            );
        }
        let assembly = &mut self.assembly;
        if assembly.first_at.is_none() {
            assembly.first_at = Some(at.clone());
        }
        assembly.last_at = Some(at.clone());
    }

    /// What comes was read in a text that was turned round.
    pub(crate) fn lead_back(&mut self, turned: Arc<Turned>) {
        self.turned = Some(turned);
    }

    /// Where in the input something stands that was read at `read`.
    pub(super) fn place(&self, read: Span) -> Span {
        let turned = self.turned.as_ref();
        turned.map_or(read, |turned| turned.place(read))
    }
}

impl Assembly {
    /// The log lists the newest first, whether it was turned round or not.
    pub fn runs_backwards(&self) -> bool {
        let first = self.anomalies.first().map(|first| first.value.kind);
        matches!(
            first,
            Some(AnomalyKind::NewestFirst | AnomalyKind::NewestFirstLeft)
        )
    }
}
