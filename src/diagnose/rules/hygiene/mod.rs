//! Family H: established handshakes that are worth a word all the same.

pub(in crate::diagnose) mod certificate_expiring_soon;
pub(in crate::diagnose) mod closed_by_application;
pub(in crate::diagnose) mod closed_without_close_notify;
pub(in crate::diagnose) mod obsolete_protocol_version;
pub(in crate::diagnose) mod weak_cipher_suite;
