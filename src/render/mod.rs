//! Renderers: a report as text, JSON or NDJSON.
//!
//! Text of a log is hostile until it is escaped ([`safe`]); every renderer does that itself.

pub mod json;
pub mod safe;
pub mod text;
