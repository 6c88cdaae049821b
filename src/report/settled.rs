//! Which handshakes of a log that is still being read can be told of, and which were.
//!
//! A handshake is told of once, when its outcome is settled: nothing came for it between two looks.
//! Two ends are told of again, as they replace what was told: that of one that had stalled, and that
//! of one whose success did not last (in TLS 1.3, a server refuses the client's certificate after
//! the client is done).
//!
//! Ids count handshakes by where they begin in the log, so those that come later do not change them
//! (`tests/live.rs`). In the classic dialect, that a handshake begins somewhere can be a guess that later
//! lines correct; one that was told of on such a guess is not taken back.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::handshake::{Handshake, How, Outcome};

/// Quiet for so long, an outcome is settled: less than the time between two looks, so that the second
/// look finds it so.
const SETTLED: Duration = Duration::from_millis(200);
/// Quiet for so long, a handshake that has no outcome has stalled.
pub const STALLED: Duration = Duration::from_secs(30);

/// A handshake to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Its position among the handshakes of its input.
    pub position: usize,
    /// What was told of it before.
    pub replaces: Option<Outcome>,
}

/// What was told of the handshakes of one input.
#[derive(Debug, Default)]
pub struct Settled {
    /// By what stays the same from look to look: where it begins, and, of several that begin there,
    /// which.
    seen: HashMap<(u64, usize), Seen>,
    waiting: bool,
}

#[derive(Debug)]
struct Seen {
    stamp: Stamp,
    since: Instant,
    told: Option<Outcome>,
}

/// Changes whenever something comes for a handshake.
type Stamp = (Outcome, usize, u64, Option<How>);

fn stamp(handshake: &Handshake) -> Stamp {
    (
        handshake.outcome,
        handshake.steps.len(),
        handshake.last_span().order(),
        handshake.break_up.as_ref().map(|break_up| break_up.how),
    )
}

impl Settled {
    /// Takes a look at everything known `now`; what is due counts as told.
    pub fn look(&mut self, handshakes: &[Box<Handshake>], now: Instant) -> Vec<Due> {
        let mut waiting = false;
        let due = self.filter(handshakes, now, |seen, outcome| {
            let wait = match outcome {
                Outcome::Unfinished => STALLED,
                Outcome::Established | Outcome::Failed => SETTLED,
            };
            let settled = now.duration_since(seen.since) >= wait;
            waiting |= !settled;
            settled
        });
        self.waiting = waiting;
        due
    }

    /// Nothing more comes: what is left to be told.
    pub fn rest(&mut self, handshakes: &[Box<Handshake>]) -> Vec<Due> {
        self.filter(handshakes, Instant::now(), |_, _| true)
    }

    /// Whether time alone can make something due.
    pub fn is_waiting(&self) -> bool {
        self.waiting
    }

    fn filter(
        &mut self,
        handshakes: &[Box<Handshake>],
        now: Instant,
        mut is_due: impl FnMut(&Seen, Outcome) -> bool,
    ) -> Vec<Due> {
        let (mut due, mut before) = (Vec::new(), None);
        for (position, handshake) in handshakes.iter().enumerate() {
            let offset = handshake.first_span().order();
            let nth = match before {
                Some((at, nth)) if at == offset => nth + 1,
                _ => 0,
            };
            before = Some((offset, nth));
            let stamp = stamp(handshake);
            let seen = self.seen.entry((offset, nth)).or_insert(Seen {
                stamp,
                since: now,
                told: None,
            });
            if seen.stamp != stamp {
                (seen.stamp, seen.since) = (stamp, now);
            }
            let outcome = handshake.outcome;
            let is_news = seen
                .told
                .is_none_or(|told| told != outcome && outcome != Outcome::Unfinished);
            if is_news && is_due(seen, outcome) {
                let replaces = seen.told.replace(outcome);
                due.push(Due { position, replaces });
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        handshake::{Step, StepDirection, What},
        span::Span,
        time::Stamp,
    };

    fn handshake(offset: u64, steps: usize, outcome: Outcome) -> Box<Handshake> {
        let step = |number: u64| {
            let span = Span::new(offset + number, 1, 1);
            let what = What::ChangeCipherSpec;
            Step::new(span, Stamp::default(), StepDirection::Local, None, what)
        };
        Box::new(Handshake {
            outcome,
            steps: (0..steps as u64).map(step).collect(),
            ..Handshake::default()
        })
    }

    fn due(position: usize, replaces: Option<Outcome>) -> Vec<Due> {
        vec![Due { position, replaces }]
    }

    #[test]
    fn an_outcome_is_told_once_when_nothing_more_came() {
        let (mut settled, begin) = (Settled::default(), Instant::now());
        let at = |millis| begin + Duration::from_millis(millis);
        assert_eq!(settled.look(&[handshake(5, 2, Outcome::Failed)], at(0)), []);
        // the exception behind the alert
        let failed = [handshake(5, 3, Outcome::Failed)];
        assert_eq!(settled.look(&failed, at(250)), []);
        assert!(settled.is_waiting());
        assert_eq!(settled.look(&failed, at(500)), due(0, None));
        assert_eq!(settled.look(&failed, at(750)), []);
        assert!(!settled.is_waiting());
        assert_eq!(settled.rest(&failed), []);
    }

    #[test]
    fn a_success_that_does_not_last_is_replaced() {
        let (mut settled, begin) = (Settled::default(), Instant::now());
        let at = |seconds| begin + Duration::from_secs(seconds);
        let established = [handshake(5, 2, Outcome::Established)];
        settled.look(&established, at(0));
        assert_eq!(settled.look(&established, at(1)), due(0, None));
        let failed = [handshake(5, 3, Outcome::Failed)];
        assert_eq!(settled.look(&failed, at(2)), []);
        assert_eq!(
            settled.look(&failed, at(3)),
            due(0, Some(Outcome::Established))
        );
    }

    #[test]
    fn a_stalled_one_is_told_and_may_go_on() {
        let (mut settled, begin) = (Settled::default(), Instant::now());
        let at = |seconds| begin + Duration::from_secs(seconds);
        let stalled = [
            handshake(5, 2, Outcome::Unfinished),
            handshake(5, 1, Outcome::Unfinished),
        ];
        assert_eq!(settled.look(&stalled, at(0)), []);
        assert_eq!(settled.look(&stalled, at(29)), []);
        assert!(settled.is_waiting());
        assert_eq!(settled.look(&stalled, at(30)).len(), 2);
        let mut gone_on = stalled;
        gone_on[1] = handshake(5, 4, Outcome::Established);
        assert_eq!(
            settled.rest(&gone_on),
            due(1, Some(Outcome::Unfinished)),
            "at the end there is nothing to wait for"
        );
    }
}
