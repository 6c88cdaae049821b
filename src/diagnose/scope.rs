//! Which handshakes a rule can speak of at all: found out once a handshake, before sixty rules are asked.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{Context, RULES, Rule, rules::Refusal};
use crate::handshake::{Handshake, Outcome};

/// The handshakes that a rule can speak of. Of any other its check finds nothing; `tests/catalogue` asks
/// every rule about all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All.
    Any,
    /// Those that were established.
    Established,
    /// Those that were not.
    Unestablished,
    /// Those of which the log says where they broke up.
    BrokenUp,
    /// Those that this JVM gave up: there are words of its own.
    GivenUp,
    /// Those that it gave up over a certificate.
    Objected,
    /// None: the rule speaks of the log as a whole, or where all others are silent.
    Nothing,
}

impl Scope {
    const COUNT: usize = 7;

    /// All of them, each at its own number.
    const ALL: [Self; Self::COUNT] = [
        Self::Any,
        Self::Established,
        Self::Unestablished,
        Self::BrokenUp,
        Self::GivenUp,
        Self::Objected,
        Self::Nothing,
    ];

    /// Whether a handshake is one of them.
    pub fn holds(self, handshake: &Handshake, context: &Context<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Established => handshake.outcome == Outcome::Established,
            Self::Unestablished => handshake.outcome != Outcome::Established,
            Self::BrokenUp => handshake.break_up.is_some(),
            Self::GivenUp => Refusal::is_possible(handshake),
            Self::Objected => context.objection(handshake).is_some(),
            Self::Nothing => false,
        }
    }
}

/// The scopes that hold for one handshake.
type Holding = [bool; Scope::COUNT];

/// The rules to be asked, in the order of the catalogue: put together once for handshakes of which the same
/// scopes hold.
#[derive(Default)]
pub(super) struct Asked(HashMap<Holding, Vec<&'static dyn Rule>, RandomState>);

impl Asked {
    pub(super) fn about(
        &mut self,
        handshake: &Handshake,
        context: &Context<'_>,
    ) -> &[&'static dyn Rule] {
        let holding = Scope::ALL.map(|scope| scope.holds(handshake, context));
        self.0.entry(holding).or_insert_with(|| {
            let asked = |rule: &&dyn Rule| holding[rule.scope() as usize];
            RULES.iter().copied().filter(asked).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scope_has_its_own_number() {
        for (number, scope) in Scope::ALL.into_iter().enumerate() {
            assert_eq!(scope as usize, number);
        }
    }
}
