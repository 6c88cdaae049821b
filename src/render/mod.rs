//! Renderers: a [`Report`](crate::report::Report) as text, JSON, NDJSON, HTML, Markdown, the XML of `JUnit`, or
//! SARIF; the catalogue of rules.
//!
//! Text of a log is hostile until it is escaped ([`safe`]); every renderer does that itself.

pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod rules;
pub mod safe;
pub mod sarif;
pub mod selection;
pub mod text;

mod moment;
mod overview;
mod words;
