//! Findings about the log and the JVM as a whole, not about one handshake.

use super::{Context, Finding, RULES, Severity};
use crate::assemble::Assembly;

/// All of them, the gravest first; the catalogue's order decides ties.
pub(super) fn check(assembly: &Assembly, context: &Context<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES
        .iter()
        .filter_map(|rule| rule.check_log(assembly, context))
        .collect();
    if findings.iter().any(names_cause) {
        findings.retain(|finding| finding.rule != "no-handshake-in-log");
    }
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.severity, finding.confidence)));
    findings
}

/// A fault of the JVM that explains why there is no handshake.
fn names_cause(finding: &Finding) -> bool {
    finding.severity == Severity::Error && !finding.code.starts_with('L')
}
