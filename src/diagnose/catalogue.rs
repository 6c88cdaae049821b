//! The catalogue: every rule, in the order in which ties are decided and `explain` lists them.

use super::{Rule, rules};

/// All rules.
pub static RULES: &[&dyn Rule] =
    &[&rules::trust::incomplete_certificate_chain::IncompleteCertificateChain];

/// A rule by name or code, in either case.
pub fn find(name: &str) -> Option<&'static dyn Rule> {
    RULES.iter().copied().find(|rule| {
        rule.name().eq_ignore_ascii_case(name) || rule.code().eq_ignore_ascii_case(name)
    })
}

/// Makes a rule of a unit struct: its doc comment is the text of `explain`.
///
/// ```text
/// rule! {
///     /// ## When it fires
///     /// …
///     IncompleteCertificateChain: "T101", "incomplete-certificate-chain", since "0.1.0",
///     "the peer sent its certificate without the one that issued it",
///     check
/// }
/// ```
macro_rules! rule {
    ($(#[doc = $doc:literal])+ $name:ident: $code:literal, $kebab:literal, since $since:literal, $summary:literal, $check:path) => {
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub(crate) struct $name;

        impl $crate::diagnose::Rule for $name {
            fn code(&self) -> &'static str { $code }
            fn name(&self) -> &'static str { $kebab }
            fn since(&self) -> &'static str { $since }
            fn summary(&self) -> &'static str { $summary }
            fn docs(&self) -> &'static str { concat!($($doc, "\n"),+) }
            fn check(
                &self,
                handshake: &$crate::handshake::Handshake,
                context: &$crate::diagnose::Context<'_>,
            ) -> Option<$crate::diagnose::Finding> {
                $check(handshake, context)
            }
        }
    };
}
pub(crate) use rule;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::diagnose::DOC_HEADINGS;

    #[test]
    fn every_rule_is_complete_and_unique() {
        let mut seen = HashSet::new();
        for rule in RULES {
            let (code, name) = (rule.code(), rule.name());
            assert!(
                seen.insert(code) && seen.insert(name),
                "{code} {name} is not unique"
            );
            let (family, digits) = code.split_at(1);
            assert!(
                "NTASPRJHL".contains(family)
                    && digits.len() == 3
                    && digits.bytes().all(|b| b.is_ascii_digit()),
                "{code}"
            );
            assert!(
                name.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{name}"
            );
            assert!(
                !rule.summary().is_empty() && !rule.summary().ends_with('.'),
                "{name}"
            );
            let headings: Vec<&str> = rule
                .docs()
                .lines()
                .filter_map(|line| line.trim().strip_prefix("## "))
                .collect();
            assert_eq!(headings, DOC_HEADINGS, "{name}");
            for text in rule.docs().split(" ## ").skip(1) {
                assert!(
                    text.trim().lines().count() > 1,
                    "{name}: nothing under {:?}",
                    text.lines().next()
                );
            }
        }
    }

    #[test]
    fn rules_are_found_by_name_and_code() {
        for rule in RULES {
            assert_eq!(find(rule.name()).map(Rule::code), Some(rule.code()));
            assert_eq!(
                find(&rule.code().to_lowercase()).map(Rule::name),
                Some(rule.name())
            );
        }
        assert!(find("no-such-rule").is_none());
    }
}
