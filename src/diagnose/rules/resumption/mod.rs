//! Family R: resumption and renegotiation.

pub(in crate::diagnose) mod extended_master_secret_missing;
pub(in crate::diagnose) mod renegotiation_refused;
pub(in crate::diagnose) mod resumption_rejected;
