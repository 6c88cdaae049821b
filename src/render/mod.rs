//! Renderers: a report as text, JSON or NDJSON; the catalogue of rules.
//!
//! Text of a log is hostile until it is escaped ([`safe`]); every renderer does that itself.

pub mod json;
pub mod rules;
pub mod safe;
pub mod text;
