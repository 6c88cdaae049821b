//! From findings to a diagnosis: the cause first, its symptoms behind it.
//!
//! The order of evidence is that of `Confidence`; rules that only say *how* the peer left
//! (alert, FIN, RST, silence) are symptoms of any rule that says *why*.

use super::{
    Confidence, Context, Finding, Rule, Severity, bouncy_castle,
    context::has_guessed_port,
    finding::{Retold, Shared},
    log_rules,
    rules::log::undetermined,
    scope::Asked,
};
use crate::{
    assemble::Assembly,
    handshake::{Handshake, Outcome},
    parallel,
};

/// All findings of one input.
#[derive(Debug, Default)]
pub struct Diagnosis {
    /// For each handshake, in order: its findings, the cause first.
    pub by_handshake: Vec<Vec<Finding>>,
    /// Faults of the JVM or of the log itself.
    pub of_log: Vec<Finding>,
}

impl Diagnosis {
    /// The same without what is only worth a word about handshakes that work.
    #[must_use]
    pub fn without_hygiene(mut self) -> Self {
        for findings in &mut self.by_handshake {
            findings.retain(|finding| !finding.is_hygiene());
        }
        self
    }
}

/// Rules that tell how a handshake ended, not why.
const SYMPTOMS: [&str; 9] = [
    "certificate-rejected-by-peer",
    "refused-without-reason",
    "no-server-hello",
    "peer-closed-during-handshake",
    "connection-reset-during-handshake",
    "handshake-timeout",
    "log-ends-mid-handshake",
    "unexpected-message",
    "undetermined",
];

/// A finding that says why of another: where the first is sure enough, the second is its symptom.
const EXPLAINS: [(&str, &str); 4] = [
    ("tls-interception", "untrusted-root"),
    (
        "incomplete-certificate-chain",
        "client-certificate-rejected",
    ),
    (
        "no-client-certificate-for-authorities",
        "client-certificate-missing",
    ),
    ("server-key-missing", "no-common-cipher-suite"),
];

/// Said where a command has a port that the log does not name.
const PORT_ASSUMED: &str = "port 443 in the commands: the log does not name the server's port";

/// Judges every handshake, and the log as a whole.
pub fn diagnose(assembly: &Assembly) -> Diagnosis {
    let context = Context::new(assembly);
    let mut by_handshake = judge_all(&assembly.handshakes, &context);
    let mut retold = Retold::default();
    for (index, handshake) in assembly.handshakes.iter().enumerate() {
        learn_from_other_end(index, handshake, &mut by_handshake, &mut retold);
    }
    Diagnosis {
        by_handshake,
        of_log: log_rules::check(assembly, &context),
    }
}

/// Each handshake on its own; many of them on several threads.
fn judge_all(handshakes: &[Box<Handshake>], context: &Context<'_>) -> Vec<Vec<Finding>> {
    /// So many that handing them to a thread costs little beside judging them.
    const PART: usize = 256;
    let judge_parts = || {
        let (mut shared, mut asked) = (Shared::default(), Asked::default());
        move |part: &[Box<Handshake>]| {
            let of_part = part.iter().map(|handshake| {
                let mut findings = judge(handshake, context, asked.about(handshake, context));
                for finding in &mut findings {
                    shared.share(finding);
                }
                findings.shrink_to_fit();
                findings
            });
            of_part.collect::<Vec<_>>()
        }
    };
    let mut judged = Vec::with_capacity(handshakes.len());
    std::thread::scope(|scope| {
        let threads = parallel::threads().min(handshakes.len().div_ceil(PART));
        for part in parallel::shared(scope, threads, handshakes.chunks(PART), judge_parts) {
            judged.extend(part);
        }
    });
    judged
}

/// All rules that can speak of one handshake, ranked.
fn judge(handshake: &Handshake, context: &Context<'_>, rules: &[&dyn Rule]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = rules
        .iter()
        .filter_map(|rule| rule.check(handshake, context))
        .collect();
    if handshake.outcome == Outcome::Failed && !findings.iter().any(explains_failure) {
        findings.push(undetermined::of(handshake, context));
    }
    if context.survey.is_bc_alone() {
        for finding in &mut findings {
            bouncy_castle::suit(finding, handshake.role);
        }
    }
    if handshake.ambiguous {
        for finding in &mut findings {
            finding.confidence = finding.confidence.lowered();
        }
    }
    for finding in &mut findings {
        let guesses = handshake
            .assumptions()
            .iter()
            .map(|assumption| assumption.0.to_string());
        finding.assumptions.extend(guesses);
        let actions = finding.remedies.iter().chain(&finding.confirm);
        let mut commands = actions.filter_map(|action| action.command.as_deref());
        if commands.any(|command| has_guessed_port(handshake, command)) {
            finding.assume_also(PORT_ASSUMED);
        }
    }
    rank(&mut findings);
    findings
}

/// An error says why, or at least how; a probe is no error, and says it all. What is left speaks of the log.
fn explains_failure(finding: &Finding) -> bool {
    finding.severity == Severity::Error || finding.rule == "probe-or-scanner"
}

fn is_symptom(finding: &Finding) -> bool {
    SYMPTOMS.contains(&finding.rule)
}

/// Errors before warnings, causes before symptoms, sure before unsure; the catalogue's order decides ties. Every
/// error but the first is then either the symptom of another or competes with the first for the cause.
fn rank(findings: &mut [Finding]) {
    for position in 0..findings.len() {
        let explained = EXPLAINS.iter().find(|(why, what)| {
            *what == findings[position].rule
                && findings
                    .iter()
                    .any(|other| other.rule == *why && other.confidence >= Confidence::Strong)
        });
        findings[position].symptom_of = explained.map(|(why, _)| *why);
        findings[position].competes_with = None;
    }
    findings.sort_by_key(|finding| {
        let cause = !is_symptom(finding) && finding.symptom_of.is_none();
        let why = cause && finding.confidence > Confidence::Possible;
        std::cmp::Reverse((finding.severity, why, finding.confidence))
    });
    let Some((first, others)) = findings.split_first_mut() else {
        return;
    };
    let is_cause = !is_symptom(first) && first.confidence > Confidence::Possible;
    for other in others
        .iter_mut()
        .filter(|other| other.severity == Severity::Error && other.symptom_of.is_none())
    {
        if is_cause && is_symptom(other) {
            other.symptom_of = Some(first.rule);
        } else {
            other.competes_with = Some(first.rule);
        }
    }
}

/// Where this end only saw the peer leave and the other end's view is in the same input, the other end
/// knows why. So it does where it says the same with more certainty.
fn learn_from_other_end(
    index: usize,
    handshake: &Handshake,
    by_handshake: &mut [Vec<Finding>],
    retold: &mut Retold,
) {
    let Some(other) = handshake.paired_with.map(|id| id as usize - 1) else {
        return;
    };
    if handshake.outcome == Outcome::Established {
        return;
    }
    let told = by_handshake
        .get(other)
        .and_then(|findings| findings.first());
    let Some(told) = told.filter(|told| knows_better(told, by_handshake[index].first())) else {
        return;
    };
    let role = handshake.role.map_or("other", |role| role.peer().name());
    let cause = retold.retell(told, role);
    by_handshake[index].retain(|own| own.rule != cause.rule);
    by_handshake[index].insert(0, cause);
    rank(&mut by_handshake[index]);
}

/// Whether the other end's cause is worth more than this end's own.
fn knows_better(told: &Finding, own: Option<&Finding>) -> bool {
    /// The client knows why it had no certificate to send; the server only sees that none came.
    const MORE_PRECISE: [(&str, &str); 1] = [(
        "no-client-certificate-for-authorities",
        "client-certificate-missing",
    )];
    /// That no certificate came, both ends know; only the client's words tell what it had to choose from.
    const OWN_WORDS: &str = "client-certificate-missing";
    let is_cause = told.severity == Severity::Error
        && told.confidence >= Confidence::Likely
        && !is_symptom(told);
    is_cause
        && own.is_none_or(|own| {
            is_symptom(own)
                || (own.rule == told.rule
                    && told.confidence > own.confidence
                    && (own.rule != OWN_WORDS || own.confidence < Confidence::Likely))
                || MORE_PRECISE.contains(&(told.rule, own.rule))
        })
}
