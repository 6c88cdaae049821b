//! What to type where Bouncy Castle's provider logs: it does not know `javax.net.debug`.

use super::finding::{Action, Finding};
use crate::handshake::{Party, Role};

const OF_JSSE: &str = "-Djavax.net.debug";

const LEVELS: &str = "-Djava.util.logging.config.file=logging.properties   logging.properties: handlers=java.util.logging.ConsoleHandler   logging.properties: org.bouncycastle.jsse.level=FINE   logging.properties: java.util.logging.ConsoleHandler.level=FINE";

const LOG_MORE: &str = "log what is agreed on, too: Bouncy Castle logs through java.util.logging, versions, suites and keys at FINE";

/// Puts Bouncy Castle's option in the place of JSSE's, but for the peer, of which nobody knows what it is.
pub(super) fn suit(finding: &mut Finding, role: Option<Role>) {
    let peer = role.map(|role| Party::from(role.peer()));
    let is_of_jsse = |action: &Action| {
        let command = action.command.as_deref();
        Some(action.party) != peer && command.is_some_and(|it| it.starts_with(OF_JSSE))
    };
    replace(&mut finding.remedies, is_of_jsse);
    replace(&mut finding.confirm, is_of_jsse);
    let references = &mut finding.references;
    references.retain(|reference| !reference.contains(OF_JSSE));
}

fn replace(actions: &mut Vec<Action>, is_of_jsse: impl Fn(&Action) -> bool) {
    let Some(first) = actions.iter().position(&is_of_jsse) else {
        return;
    };
    actions[first].what = LOG_MORE.into();
    actions[first].command = Some(LEVELS.to_owned());
    actions.retain(|action| !is_of_jsse(action));
}
