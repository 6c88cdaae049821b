//! Family J: the JVM itself.

pub(in crate::diagnose) mod crypto_provider_failed;
pub(in crate::diagnose) mod known_jdk_defect;
