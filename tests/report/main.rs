//! The report as scripts and other programs get it, and as it is read again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod junit;
mod samples;
mod sarif;
mod saved;
mod schema;
