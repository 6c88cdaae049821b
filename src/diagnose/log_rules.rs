//! Findings about the log and the JVM as a whole, not about one handshake.

use super::{Context, Finding};
use crate::assemble::Assembly;

/// All of them, the gravest first.
pub(super) fn check(_assembly: &Assembly, _context: &Context<'_>) -> Vec<Finding> {
    Vec::new()
}
