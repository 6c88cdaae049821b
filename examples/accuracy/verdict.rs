//! A handshake's findings against its cause.

use jssl_analyze::diagnose::{Confidence, Finding, Severity};

/// How one cause, or one log in which nothing is broken, was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    First,
    Listed,
    Open,
    Missed,
    Wrong,
    Clean,
    Alarm,
    Unreadable,
}

impl Verdict {
    pub(crate) const ALL: [Self; 8] = [
        Self::First,
        Self::Listed,
        Self::Open,
        Self::Missed,
        Self::Wrong,
        Self::Clean,
        Self::Alarm,
        Self::Unreadable,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Listed => "listed",
            Self::Open => "open",
            Self::Missed => "missed",
            Self::Wrong => "wrong",
            Self::Clean => "clean",
            Self::Alarm => "alarm",
            Self::Unreadable => "unreadable",
        }
    }

    /// As it should be.
    pub(crate) fn is_right(self) -> bool {
        matches!(self, Self::First | Self::Clean)
    }
}

/// Rules that tell how a handshake ended, not why: the server's end of a certificate that the client
/// refused, and the like.
const HOW_IT_ENDED: [&str; 11] = [
    "certificate-rejected-by-peer",
    "client-certificate-rejected",
    "refused-without-reason",
    "no-server-hello",
    "peer-closed-during-handshake",
    "connection-reset-during-handshake",
    "handshake-timeout",
    "undetermined",
    "unexpected-message",
    "log-ends-mid-handshake",
    "no-handshake-in-log",
];

/// Findings of the handshakes that a cause is looked for in, and of the log.
pub(crate) struct Told<'a> {
    pub(crate) by_handshake: Vec<&'a [Finding]>,
    pub(crate) of_log: &'a [Finding],
}

impl<'a> Told<'a> {
    fn of_handshakes(&self) -> impl Iterator<Item = &'a Finding> + '_ {
        self.by_handshake
            .iter()
            .flat_map(|findings| findings.iter())
    }

    /// The verdict where nothing is broken, and the finding that it rests on.
    pub(crate) fn without_cause(&self) -> (Verdict, Option<&'a Finding>) {
        let error = self.of_handshakes().find(|finding| is_error(finding));
        let verdict = error.map_or(Verdict::Clean, |_| Verdict::Alarm);
        (verdict, error)
    }

    /// The verdict where one of the rules `wanted` names the cause; `open` says whether the text may be
    /// unable to show it.
    pub(crate) fn with_cause(
        &self,
        wanted: impl Fn(&Finding) -> bool,
        open: impl FnOnce(bool) -> bool,
    ) -> (Verdict, Option<&'a Finding>) {
        let firsts = || self.by_handshake.iter().filter_map(|found| found.first());
        if let Some(first) = firsts().find(|first| wanted(first)) {
            return (Verdict::First, Some(first));
        }
        let mut others = self.of_handshakes().chain(self.of_log);
        if let Some(listed) = others.find(|finding| wanted(finding)) {
            return (Verdict::Listed, Some(listed));
        }
        let mut causes = firsts().filter(|first| is_cause(first)).peekable();
        let none = causes.peek().is_none();
        if let Some(wrong) = causes.find(|cause| cause.confidence >= Confidence::Strong) {
            return (Verdict::Wrong, Some(wrong));
        }
        let any_error = self.of_handshakes().any(is_error);
        if none && open(any_error) {
            return (Verdict::Open, firsts().next());
        }
        (Verdict::Missed, firsts().next())
    }
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

fn is_cause(finding: &Finding) -> bool {
    is_error(finding) && !HOW_IT_ENDED.contains(&finding.rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jssl_analyze::diagnose::find_rule;

    fn finding(rule: &str, confidence: Confidence) -> Finding {
        Finding::error(find_rule(rule).expect("a rule"), confidence, "")
    }

    fn verdict(findings: &[Finding], wanted: &str, open: bool) -> Verdict {
        let told = Told {
            by_handshake: vec![findings],
            of_log: &[],
        };
        told.with_cause(|finding| finding.rule == wanted, |_| open)
            .0
    }

    #[test]
    fn a_cause_is_first_listed_open_missed_or_wrong() {
        let root = finding("untrusted-root", Confidence::Likely);
        let name = finding("hostname-mismatch", Confidence::Certain);
        let closed = finding("peer-closed-during-handshake", Confidence::Certain);
        let both = [name.clone(), root.clone()];
        assert_eq!(verdict(&both, "hostname-mismatch", false), Verdict::First);
        assert_eq!(verdict(&both, "untrusted-root", false), Verdict::Listed);
        assert_eq!(verdict(&both, "plaintext-peer", true), Verdict::Wrong);
        let likely = std::slice::from_ref(&root);
        assert_eq!(verdict(likely, "plaintext-peer", true), Verdict::Missed);
        let ended = std::slice::from_ref(&closed);
        assert_eq!(verdict(ended, "plaintext-peer", true), Verdict::Open);
        assert_eq!(verdict(ended, "plaintext-peer", false), Verdict::Missed);
        assert_eq!(verdict(&[], "plaintext-peer", false), Verdict::Missed);
    }

    #[test]
    fn an_error_where_nothing_is_broken_is_an_alarm() {
        let findings = [finding("untrusted-root", Confidence::Possible)];
        let told = |findings| Told {
            by_handshake: vec![findings],
            of_log: &[],
        };
        assert_eq!(told(&findings[..]).without_cause().0, Verdict::Alarm);
        assert_eq!(told(&[]).without_cause().0, Verdict::Clean);
    }
}
