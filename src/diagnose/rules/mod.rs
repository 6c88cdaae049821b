//! The rules, one file each, by family.

pub(super) mod trust;
