//! From findings to a diagnosis: the cause first, its symptoms behind it.
//!
//! The order of evidence is that of `Confidence`; rules that only say *how* the peer left
//! (alert, FIN, RST, silence) are symptoms of any rule that says *why*.

use super::{Confidence, Context, Finding, RULES, Severity, finding::Shared, log_rules, rules};
use crate::{
    assemble::Assembly,
    handshake::{Handshake, Outcome},
};

/// All findings of one input.
#[derive(Debug, Default)]
pub struct Diagnosis {
    /// For each handshake, in order: its findings, the cause first.
    pub by_handshake: Vec<Vec<Finding>>,
    /// Faults of the JVM or of the log itself.
    pub of_log: Vec<Finding>,
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

/// Judges every handshake, and the log as a whole.
pub fn diagnose(assembly: &Assembly) -> Diagnosis {
    let context = Context::new(assembly);
    let mut by_handshake = judge_all(&assembly.handshakes, &context);
    for (index, handshake) in assembly.handshakes.iter().enumerate() {
        learn_from_other_end(index, handshake, &mut by_handshake);
    }
    Diagnosis {
        by_handshake,
        of_log: log_rules::check(assembly, &context),
    }
}

/// Each handshake on its own; many of them on several threads.
fn judge_all(handshakes: &[Handshake], context: &Context<'_>) -> Vec<Vec<Finding>> {
    /// So few that starting threads would cost more.
    const FEW: usize = 500;
    let judge_part = |part: &[Handshake]| -> Vec<Vec<Finding>> {
        let mut shared = Shared::default();
        part.iter()
            .map(|handshake| {
                let mut findings = judge(handshake, context);
                for finding in &mut findings {
                    shared.share(finding);
                }
                findings.shrink_to_fit();
                findings
            })
            .collect()
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if handshakes.len() < FEW || threads < 2 {
        return judge_part(handshakes);
    }
    std::thread::scope(|scope| {
        let parts: Vec<_> = handshakes
            .chunks(handshakes.len().div_ceil(threads))
            .map(|part| (part, scope.spawn(|| judge_part(part))))
            .collect();
        parts
            .into_iter()
            .flat_map(|(part, judged)| judged.join().unwrap_or_else(|_| judge_part(part)))
            .collect()
    })
}

/// All rules on one handshake, ranked.
fn judge(handshake: &Handshake, context: &Context<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES
        .iter()
        .filter_map(|rule| rule.check(handshake, context))
        .collect();
    if handshake.outcome == Outcome::Failed && !findings.iter().any(explains_failure) {
        findings.push(rules::log::undetermined::of(handshake, context));
    }
    if handshake.ambiguous {
        for finding in &mut findings {
            finding.confidence = finding.confidence.lowered();
        }
    }
    for finding in &mut findings {
        let guesses = handshake
            .assumptions
            .iter()
            .map(|assumption| assumption.0.to_string());
        finding.assumptions.extend(guesses);
    }
    rank(&mut findings);
    findings
}

/// An error says why, or at least how; a probe is a warning that says it all. What is left speaks of the log.
fn explains_failure(finding: &Finding) -> bool {
    finding.severity == Severity::Error || finding.rule == "probe-or-scanner"
}

fn is_symptom(finding: &Finding) -> bool {
    SYMPTOMS.contains(&finding.rule)
}

/// Errors before warnings, causes before symptoms, sure before unsure; the catalogue's order decides ties.
fn rank(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| {
        let why = !is_symptom(finding) && finding.confidence > Confidence::Possible;
        std::cmp::Reverse((finding.severity, why, finding.confidence))
    });
    let Some(cause) = findings
        .first()
        .filter(|cause| cause.severity == Severity::Error && !is_symptom(cause))
    else {
        return;
    };
    let cause = cause.rule;
    for finding in findings
        .iter_mut()
        .skip(1)
        .filter(|finding| is_symptom(finding))
    {
        finding.symptom_of = Some(cause);
    }
}

/// Where this end only saw the peer leave and the other end's view is in the same input, the other end
/// knows why. So it does where it says the same with more certainty.
fn learn_from_other_end(index: usize, handshake: &Handshake, by_handshake: &mut [Vec<Finding>]) {
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
    let mut cause = told.clone();
    let role = handshake.role.map_or("other", |role| role.peer().name());
    cause.explanation = format!(
        "Seen from the {role}'s end of this connection: {}",
        cause.explanation
    );
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
    let is_cause = told.severity == Severity::Error
        && told.confidence >= Confidence::Likely
        && !is_symptom(told);
    is_cause
        && own.is_none_or(|own| {
            is_symptom(own)
                || (own.rule == told.rule && told.confidence > own.confidence)
                || MORE_PRECISE.contains(&(told.rule, own.rule))
        })
}
