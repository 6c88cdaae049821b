//! Renderers: a report as text, JSON, NDJSON, the XML of `JUnit`, or SARIF; the catalogue of rules.
//!
//! Text of a log is hostile until it is escaped ([`safe`]); every renderer does that itself.

pub mod json;
pub mod junit;
pub mod rules;
pub mod safe;
pub mod sarif;
pub mod text;
