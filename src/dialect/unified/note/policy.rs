//! What policy and providers refuse: suites, schemes, groups, versions, aliases, stores.

use super::{Reading, is_of_suite};
use crate::{
    event::{Fact, JvmFact, RefusedItem, RefusedKind},
    search::find,
    tls::ProtocolVersion,
};

impl Reading<'_, '_> {
    /// `Ignore disabled cipher suite: X`, `Ignore inactive signature scheme: X`, `Ignore alias A: why`,
    /// `Invalidated session: …`, `Inaccessible trust store: P`
    pub(super) fn ignored(mut self) -> Option<Fact> {
        if let Some(rest) = self.after("Ignore ") {
            return self.refused_item(rest);
        }
        if let Some(path) = self.after("Inaccessible trust store: ") {
            self.dialect.survey.trust += 1;
            // jssecacerts is looked for first on every JVM, and rarely there
            let optional = path.ends_with(b"jssecacerts");
            let path = self.text(path);
            return (!optional).then_some(Fact::Jvm(JvmFact::StoreUnusable(path)));
        }
        self.session(b"Invalidated session");
        None
    }

    fn refused_item(mut self, rest: &[u8]) -> Option<Fact> {
        // `unavailable extension`, `impact of unsupported extension`: nothing that this JVM refuses
        if rest.starts_with(b"unavail") || rest.starts_with(b"impact ") {
            return None;
        }
        if let Some(rest) = rest.strip_prefix(b"alias ") {
            self.dialect.survey.keys += 1;
            let at = memchr::memmem::rfind(rest, b": ")?;
            let (alias, reason) = (self.text(&rest[..at]), self.text(&rest[at + 2..]));
            return Some(Fact::Jvm(JvmFact::KeyIgnored { alias, reason }));
        }
        let colon = memchr::memchr(b':', rest)?;
        let (words, name) = (&rest[..colon], rest[colon + 1..].strip_prefix(b" ")?);
        let disabled = words.starts_with(b"disabled") || words.starts_with(b"inactive or disabled");
        let kind = if is_of_suite(words) {
            self.dialect.survey.contexts += 1;
            RefusedKind::CipherSuite
        } else if words.ends_with(b"signature scheme") {
            RefusedKind::SignatureScheme
        } else if words.ends_with(b"named group") {
            RefusedKind::NamedGroup
        } else {
            return None;
        };
        if !self.dialect.is_new_refusal(self.message) {
            return None;
        }
        let (name, version) = match find(name, b" for ") {
            Some(at) => (
                &name[..at],
                Some(ProtocolVersion::from_name(&String::from_utf8_lossy(
                    &name[at + 5..],
                ))),
            ),
            None => (name, None),
        };
        let item = RefusedItem {
            kind,
            name: self.text(name),
            disabled,
            version,
        };
        Some(Fact::Jvm(JvmFact::Refused(item)))
    }

    /// No provider of this JVM has this curve, no enabled suite is of this version.
    pub(super) fn unprovided(mut self, kind: RefusedKind, name: &[u8]) -> Option<Fact> {
        if !self.dialect.is_new_refusal(self.message) {
            return None;
        }
        let item = RefusedItem {
            kind,
            name: self.text(name),
            disabled: false,
            version: None,
        };
        Some(Fact::Jvm(JvmFact::Refused(item)))
    }
}
