//! Diagnosis: rules that recognise one fault each, and the order in which their findings are told.
//!
//! A rule sees one [`Handshake`] and a read-only [`Context`]; never the text of the log. It is
//! named for the fault, lives in a file of its own, and explains itself ([`Rule::docs`]).

mod bouncy_castle;
mod catalogue;
mod chain;
mod command;
mod context;
mod finding;
mod host;
mod log_rules;
mod rank;
mod rules;
mod scope;

pub use self::catalogue::{FAMILIES, Family, RULES, find as find_rule};
pub use self::chain::{ChainEnd, PathFault, TrustPath};
pub use self::command::{Command, CommandKind};
pub use self::context::{Context, IssuerProof};
pub use self::finding::{Action, Confidence, Evidence, Finding, Severity};
pub use self::host::{NameMatch, match_host};
pub use self::rank::{Diagnosis, diagnose};
pub(crate) use self::rules::trust::{alias_for, tls_interception::names_a_product};
pub use self::scope::Scope;
use crate::{assemble::Assembly, handshake::Handshake};

/// A rule of the catalogue: what it is called, how it is explained, and how it is checked.
pub trait Rule: Sync {
    /// Family letter and three digits; never reused.
    fn code(&self) -> &'static str;
    /// The kebab-case name: the contract with users and scripts.
    fn name(&self) -> &'static str;
    /// The release of this tool that brought the rule.
    fn since(&self) -> &'static str;
    /// One line: what the fault is.
    fn summary(&self) -> &'static str;
    /// The text of `explain`, Markdown with the fixed headings of [`DOC_HEADINGS`].
    fn docs(&self) -> &'static str;
    /// The family that the letter of its code stands for.
    fn family(&self) -> &'static Family {
        catalogue::family_of(self.code())
    }
    /// Heading and text of each section of [`docs`](Self::docs), in order; the text is Markdown,
    /// wrapped as in the source.
    fn sections(&self) -> Vec<(&'static str, String)> {
        catalogue::sections(self.docs())
    }
    /// The handshakes that it can speak of; it need not be asked about others.
    fn scope(&self) -> Scope;
    /// The findings of this rule for one handshake: none, or (rarely more than) one.
    fn check(&self, handshake: &Handshake, context: &Context<'_>) -> Option<Finding>;
    /// The finding of this rule for the log as a whole; most rules speak of handshakes only.
    fn check_log(&self, _assembly: &Assembly, _context: &Context<'_>) -> Option<Finding> {
        None
    }
}

/// The headings of every rule's text, in this order.
pub const DOC_HEADINGS: [&str; 6] = [
    "When it fires",
    "Why handshakes break here",
    "Evidence",
    "Remedies",
    "Not to be confused with",
    "References",
];
