//! The help: the keys, and the text of the rule that the current handshake is about.

use super::{
    doc::{Doc, DocLine, Tone, fit},
    keymap::{BINDINGS, Where},
    model::Model,
};
use crate::diagnose::find_rule;

pub(super) fn doc(model: &Model) -> Doc {
    let width = model.width().saturating_sub(6).min(100);
    let mut doc = Doc::default();
    for (title, place) in [
        ("Everywhere", Where::Everywhere),
        ("In the list", Where::List),
        ("In a handshake", Where::Detail),
    ] {
        doc.title(title);
        for binding in BINDINGS.iter().filter(|binding| binding.place() == place) {
            if !binding.shown.is_empty() {
                doc.push(
                    DocLine::new()
                        .with(format!("  {}", fit(binding.shown, 12)), Tone::Strong)
                        .with(binding.words, Tone::Plain),
                );
            }
        }
    }
    doc.title("The history of a handshake");
    doc.text("One letter a message, capitals for the client: c ClientHello, s ServerHello, j HelloRetryRequest, o EncryptedExtensions, x Certificate, k ServerKeyExchange, r CertificateRequest, y CertificateVerify, n ServerHelloDone, g ClientKeyExchange, i ChangeCipherSpec, f Finished, t NewSessionTicket, l alert.", 2, width, Tone::Plain);
    rule(model, width, &mut doc);
    doc
}

/// What `explain` says of the first finding here.
fn rule(model: &Model, width: usize, doc: &mut Doc) {
    let open = model.detail.as_ref().map(|detail| detail.id);
    let Some(id) = open.or_else(|| model.list.selected()) else {
        return;
    };
    let Some(rule) = model
        .data
        .findings(id)
        .first()
        .and_then(|finding| find_rule(finding.rule))
    else {
        return;
    };
    doc.title(format!(
        "{} {}: {}",
        rule.code(),
        rule.name(),
        rule.summary()
    ));
    for (heading, text) in rule.sections() {
        doc.gap();
        doc.line(format!("  {heading}"), Tone::Strong);
        for paragraph in text.split("\n\n") {
            let is_list = paragraph.lines().any(|line| line.starts_with("- "));
            if is_list || paragraph.contains("```") {
                for line in paragraph.lines() {
                    doc.text(line, 2, width, Tone::Plain);
                }
            } else {
                doc.text(paragraph, 2, width, Tone::Plain);
            }
        }
    }
}
