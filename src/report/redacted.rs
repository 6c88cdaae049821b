//! Views without what is not to be handed on. Every view that leaves the report passes here.

use std::borrow::Cow;

use super::{
    ActionView, AnomalyView, CertificateView, EvidenceView, FindingView, HandshakeView, InputView,
    saved::SavedInput,
};
use crate::redact::{Kinds, Named, Redactor};

/// Replaces a text, if something in it has to go.
fn put<'a>(text: &mut Cow<'a, str>, clean: impl for<'t> FnOnce(&'t str) -> Cow<'t, str>) {
    let clean = match clean(text) {
        Cow::Owned(clean) => clean,
        Cow::Borrowed(_) => return,
    };
    *text = Cow::Owned(clean);
}

fn put_string(text: &mut String, by: &Redactor) {
    let clean = match by.text(text) {
        Cow::Owned(clean) => clean,
        Cow::Borrowed(_) => return,
    };
    *text = clean;
}

/// Views that can be cleaned.
pub(super) trait Redacted: Sized {
    /// The view without secrets, and without names if they are to be taken out.
    fn redacted(self, by: &Redactor) -> Self;
}

impl Redacted for InputView {
    fn redacted(mut self, by: &Redactor) -> Self {
        self.path = by.path(&self.path).into_owned();
        for part in &mut self.parts {
            part.path = by.path(&part.path).into_owned();
        }
        for kind in by.kinds().into_iter().flat_map(Kinds::words) {
            if !self.redacted.iter().any(|known| known == kind) {
                self.redacted.push(kind.into());
            }
        }
        self
    }
}

impl Redacted for HandshakeView<'_> {
    fn redacted(mut self, by: &Redactor) -> Self {
        if let Some(stream) = &mut self.stream {
            put(stream, |stream| by.stream(stream));
        }
        if let Some(thread) = &mut self.thread {
            put(&mut thread.name, |name| by.thread(name));
        }
        let peer = &mut self.peer;
        for host in [&mut peer.host, &mut peer.server_name]
            .into_iter()
            .flatten()
        {
            put(host, |host| by.host(host));
        }
        for protocol in self.alpn.offered.iter_mut().chain(&mut self.alpn.selected) {
            put(protocol, |protocol| by.text(protocol));
        }
        for authority in &mut self.client_auth.authorities {
            put(authority, |name| by.text(name));
        }
        let chains = [&mut self.certificates.server, &mut self.certificates.client];
        for certificate in chains.into_iter().flatten() {
            redact_certificate(certificate, by);
        }
        for step in &mut self.timeline {
            if let Some(detail) = &mut step.detail {
                put_string(detail, by);
            }
        }
        if let Some(exception) = self
            .break_up
            .as_mut()
            .and_then(|end| end.exception.as_mut())
        {
            put(exception, |exception| by.text(exception));
        }
        for finding in &mut self.findings {
            redact_finding(finding, by);
        }
        self
    }
}

impl Redacted for FindingView<'_> {
    fn redacted(mut self, by: &Redactor) -> Self {
        redact_finding(&mut self, by);
        self
    }
}

impl Redacted for AnomalyView<'_> {
    fn redacted(mut self, by: &Redactor) -> Self {
        put(&mut self.text, |text| by.text(text));
        self
    }
}

fn redact_certificate(certificate: &mut CertificateView<'_>, by: &Redactor) {
    for name in [&mut certificate.subject, &mut certificate.issuer] {
        put(name, |name| by.text(name));
    }
    for name in &mut certificate.subject_alternative_names {
        put(name, |name| by.alternative(name));
    }
    put(&mut certificate.serial, |serial| by.number(serial));
    if let Some(sha256) = &mut certificate.sha256 {
        put(sha256, |sha256| by.number(sha256));
    }
    let ids = [
        &mut certificate.subject_key_id,
        &mut certificate.authority_key_id,
    ];
    for id in ids.into_iter().flatten() {
        put(id, |id| by.key_identifier(id));
    }
}

/// References and the names of rules are the tool's own words.
fn redact_finding(finding: &mut FindingView<'_>, by: &Redactor) {
    for text in [&mut finding.headline, &mut finding.explanation] {
        put(text, |text| by.text(text));
    }
    for assumption in &mut finding.assumptions {
        put(assumption, |text| by.text(text));
    }
    for EvidenceView { text, .. } in &mut finding.evidence {
        put(text, |text| by.text(text));
    }
    for action in finding.remedies.iter_mut().chain(&mut finding.confirm) {
        redact_action(action, by);
    }
}

fn redact_action(action: &mut ActionView<'_>, by: &Redactor) {
    put(&mut action.action, |text| by.text(text));
    if let Some(command) = &mut action.command {
        put(command, |text| by.text(text));
    }
    for command in &mut action.commands {
        put(&mut command.text, |text| by.text(text));
        if let Some(remark) = &mut command.remark {
            put(remark, |text| by.text(text));
        }
    }
}

/// Tells what of a saved report is a token already: redacted once more, it stays as it is.
fn keep_tokens(saved: &SavedInput, by: &Redactor) {
    let Ok(kinds) = saved.input.redacted.join(",").parse::<Kinds>() else {
        return;
    };
    by.keep_tokens(&saved.input.path, kinds);
    for part in &saved.input.parts {
        by.keep_tokens(&part.path, kinds);
    }
    let texts = saved
        .handshakes
        .iter()
        .map(serde_json::to_string)
        .chain(saved.findings.iter().map(serde_json::to_string))
        .chain(saved.anomalies.iter().map(serde_json::to_string));
    for text in texts.flatten() {
        by.keep_tokens(&text, kinds);
    }
    let certificates = saved.handshakes.iter().flat_map(|handshake| {
        let certificates = &handshake.certificates;
        certificates.server.iter().chain(&certificates.client)
    });
    for certificate in certificates.filter(|_| kinds.serials) {
        by.keep_number(&certificate.serial);
        let others = [
            &certificate.sha256,
            &certificate.subject_key_id,
            &certificate.authority_key_id,
        ];
        for number in others.into_iter().flatten() {
            by.keep_number(number);
        }
    }
}

/// Tells the names that a saved report has.
pub(super) fn learn_saved(saved: &SavedInput, by: &Redactor) {
    keep_tokens(saved, by);
    for handshake in &saved.handshakes {
        let peer = &handshake.peer;
        let hosts = [&peer.host, &peer.server_name].into_iter().flatten();
        let mut names: Vec<Named<'_>> = hosts.map(|host| Named::Host(host)).collect();
        names.extend(
            handshake
                .thread
                .iter()
                .map(|thread| Named::Thread(&thread.name)),
        );
        names.extend(handshake.stream.iter().map(|stream| Named::Stream(stream)));
        let authorities = &handshake.client_auth.authorities;
        names.extend(authorities.iter().map(|name| Named::Distinguished(name)));
        let certificates = &handshake.certificates;
        for certificate in certificates.server.iter().chain(&certificates.client) {
            names.push(Named::Distinguished(&certificate.subject));
            names.push(Named::Distinguished(&certificate.issuer));
            names.push(Named::Number(&certificate.serial));
            names.extend(
                certificate
                    .sha256
                    .iter()
                    .map(|sha256| Named::Number(sha256)),
            );
            let ids = [&certificate.subject_key_id, &certificate.authority_key_id];
            names.extend(ids.into_iter().flatten().map(|id| Named::KeyIdentifier(id)));
            let alternatives = &certificate.subject_alternative_names;
            names.extend(alternatives.iter().map(|name| Named::Alternative(name)));
        }
        by.learn_names(&names);
    }
}
