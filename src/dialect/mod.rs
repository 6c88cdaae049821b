//! Dialects: what an entry's text means, as dialect-neutral events.
//!
//! `unified` is the output of `sun.security.ssl.SSLLogger` (JDK 11 and later, 8u261+). A dialect
//! reads one entry at a time, keeps no state that could change what the next entry means, and
//! never guesses: what it cannot read, it leaves or reports as an anomaly.

pub(crate) mod throwable;
pub(crate) mod unified;
