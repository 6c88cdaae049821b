//! What is handed on holds no secrets and, where that was asked for, no names; and it still tells the same.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod command;
mod hostile;
mod logs;
