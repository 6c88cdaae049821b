//! What it takes to count, sort and fold handshakes, read off without making the whole view of each: in a
//! long log, thousands of them come to one line.

use super::{FindingView, HandshakeView};
use crate::{
    diagnose::Finding,
    handshake::{Handshake, Outcome, Role},
    time::{self, LogTime},
    tls::{CipherSuite, MessageKind, ProtocolVersion},
};

/// One handshake in brief.
#[derive(Debug, Clone, Copy)]
pub struct Brief<'a> {
    source: Source<'a>,
    /// Handshakes in front of those that its id counts.
    before: u32,
}

#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    Log(&'a Handshake, &'a [Finding]),
    Saved(&'a HandshakeView<'static>),
}

/// One of its findings in brief.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BriefFinding<'a> {
    /// Name of the rule.
    pub rule: &'a str,
    /// Its code.
    pub code: &'a str,
    /// What is wrong, in one line.
    pub headline: &'a str,
    /// Another finding explains it.
    pub is_symptom: bool,
}

impl<'a> Brief<'a> {
    pub(super) fn of_log(handshake: &'a Handshake, findings: &'a [Finding], before: u32) -> Self {
        Self {
            source: Source::Log(handshake, findings),
            before,
        }
    }

    pub(super) fn of_saved(view: &'a HandshakeView<'static>, before: u32) -> Self {
        Self {
            source: Source::Saved(view),
            before,
        }
    }

    /// Its id in the report.
    pub fn id(self) -> u32 {
        let own = match self.source {
            Source::Log(handshake, _) => handshake.id,
            Source::Saved(view) => view.id,
        };
        own.saturating_add(self.before)
    }

    /// How it ended. An outcome that a later version knows counts as unfinished.
    pub fn outcome(self) -> Outcome {
        match self.source {
            Source::Log(handshake, _) => handshake.outcome,
            Source::Saved(view) => Outcome::named(&view.outcome).unwrap_or_default(),
        }
    }

    /// `client` or `server`; `None` when the log does not tell.
    pub fn role(self) -> Option<&'a str> {
        match self.source {
            Source::Log(handshake, _) => handshake.role.map(Role::name),
            Source::Saved(view) => view.role.as_deref(),
        }
    }

    /// The other end's host name, where the log names it apart from SNI.
    pub fn host(self) -> Option<&'a str> {
        match self.source {
            Source::Log(handshake, _) => handshake.peer()?.host.as_deref(),
            Source::Saved(view) => view.peer.host.as_deref(),
        }
    }

    /// Id and name of the thread on which it began.
    pub fn thread(self) -> Option<(&'a str, &'a str)> {
        match self.source {
            Source::Log(handshake, _) => {
                let thread = handshake.thread.as_ref()?;
                Some((&thread.id, &thread.name))
            }
            Source::Saved(view) => {
                let thread = view.thread.as_ref()?;
                Some((&thread.id, &thread.name))
            }
        }
    }

    /// Milliseconds from 1970-01-01T00:00 to its beginning by the log's own clock, whatever its zone.
    pub fn began_millis(self) -> Option<i64> {
        match self.source {
            Source::Log(handshake, _) => handshake.started_at().map(|at| at.millis),
            Source::Saved(view) => super::filter::millis_of_iso(view.started_at.as_deref()?),
        }
    }

    /// The line on which it begins.
    pub fn first_line(self) -> u64 {
        match self.source {
            Source::Log(handshake, _) => handshake.first_span().line(),
            Source::Saved(view) => view.first_line,
        }
    }

    /// The time of day at which it begins.
    pub fn began_at(self) -> Option<String> {
        match self.source {
            Source::Log(handshake, _) => handshake.started_at().as_ref().map(LogTime::time_of_day),
            Source::Saved(view) => view
                .started_at
                .as_deref()
                .map(|at| time::time_of_day(at).to_owned()),
        }
    }

    /// The name in SNI.
    pub fn server_name(self) -> Option<&'a str> {
        match self.source {
            Source::Log(handshake, _) => handshake.server_name().map(|name| &**name),
            Source::Saved(view) => view.peer.server_name.as_deref(),
        }
    }

    /// The other end, by whatever name the log has for it: that in SNI, else that of its host.
    pub fn peer(self) -> Option<&'a str> {
        let host = || match self.source {
            Source::Log(handshake, _) => handshake.peer()?.host.as_deref(),
            Source::Saved(view) => view.peer.host.as_deref(),
        };
        self.server_name().or_else(host)
    }

    /// The version that both agreed on.
    pub fn version(self) -> Option<&'a str> {
        match self.source {
            Source::Log(handshake, _) => handshake.version.as_ref().map(ProtocolVersion::name),
            Source::Saved(view) => view.versions.negotiated.as_deref(),
        }
    }

    /// The suite that the server chose.
    pub fn cipher_suite(self) -> Option<&'a str> {
        match self.source {
            Source::Log(handshake, _) => handshake.cipher_suite.as_ref().map(CipherSuite::name),
            Source::Saved(view) => view.cipher_suites.selected.as_deref(),
        }
    }

    /// An earlier session was resumed.
    pub fn resumed(self) -> bool {
        match self.source {
            Source::Log(handshake, _) => handshake.resumed,
            Source::Saved(view) => view.resumed,
        }
    }

    /// How it broke up, and behind which message; `None` for an established one.
    pub fn break_up(self) -> Option<(&'a str, Option<&'a str>)> {
        match self.source {
            Source::Log(handshake, _) => {
                let break_up = handshake.break_up.as_deref()?;
                let after = break_up.after.as_ref().map(MessageKind::name);
                Some((break_up.how.name(), after))
            }
            Source::Saved(view) => {
                let break_up = view.break_up.as_ref()?;
                Some((&break_up.how, break_up.after.as_deref()))
            }
        }
    }

    /// What is wrong, the cause first.
    pub fn findings(self) -> impl Iterator<Item = BriefFinding<'a>> {
        let (judged, saved): (&'a [Finding], &'a [FindingView<'static>]) = match self.source {
            Source::Log(_, findings) => (findings, &[]),
            Source::Saved(view) => (&[], &view.findings),
        };
        let judged = judged.iter().map(|finding| BriefFinding {
            rule: finding.rule,
            code: finding.code,
            headline: &finding.headline,
            is_symptom: finding.symptom_of.is_some(),
        });
        judged.chain(saved.iter().map(|finding| BriefFinding {
            rule: &finding.rule,
            code: &finding.code,
            headline: &finding.headline,
            is_symptom: finding.symptom_of.is_some(),
        }))
    }

    /// The findings that are causes: of a handshake that broke up the first, of an established one each.
    pub fn causes(self) -> impl Iterator<Item = BriefFinding<'a>> {
        let count = match self.outcome() {
            Outcome::Established => usize::MAX,
            Outcome::Failed | Outcome::Unfinished => 1,
        };
        self.findings().take(count)
    }
}
