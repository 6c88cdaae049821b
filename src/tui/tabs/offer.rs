//! What was offered, what was chosen from it, and what this JVM's own policy took out.

use crate::{
    handshake::{Jvm, Role},
    report::NegotiatedView,
    tui::{
        data::{Data, Id},
        doc::{Doc, DocLine, Tone},
    },
};

pub(super) fn doc(data: &Data, id: Id, width: usize) -> Doc {
    let view = data.plain_view(id);
    let handshake = data.handshake(id);
    let jvm = &data.inputs()[id.input].analysis.assembly.jvm;
    let mut doc = Doc::default();
    let hello = handshake.client_hello.as_deref();
    if hello.is_none() {
        doc.line(
            "No ClientHello of this handshake is in the log.",
            Tone::Warn,
        );
    }
    let versions: Vec<&str> = view.versions.offered.iter().map(|name| &**name).collect();
    list(
        "Versions",
        &versions,
        view.versions.negotiated.as_deref(),
        jvm,
        &mut doc,
    );
    let mut part = |title: &str, part: &NegotiatedView<'_>| {
        let offered: Vec<&str> = part.offered.iter().map(|name| &**name).collect();
        list(title, &offered, part.selected.as_deref(), jvm, &mut doc);
    };
    part("Cipher suites", &view.cipher_suites);
    part("Named groups", &view.named_groups);
    part("Signature schemes", &view.signature_schemes);
    part("Application protocols (ALPN)", &view.alpn);
    doc.title("Server name (SNI)");
    let name = view.peer.server_name.as_deref();
    let mut line = DocLine::new().with(format!("  {}", name.unwrap_or("none")), Tone::Plain);
    if let Some(hello) = hello {
        line = line.at(hello.span.line(), hello.span.offset());
    }
    doc.push(line);
    client_authentication(&view.client_auth, &mut doc, width);
    removed(jvm, &mut doc);
    fingerprints(data, id, &mut doc);
    doc
}

/// A list with the choice marked.
fn list(title: &str, offered: &[&str], selected: Option<&str>, jvm: &Jvm, doc: &mut Doc) {
    if offered.is_empty() && selected.is_none() {
        return;
    }
    doc.title(title);
    for name in offered {
        let chosen = selected == Some(*name);
        let (mark, tone) = if chosen {
            ("▶ ", Tone::Good)
        } else {
            ("  ", Tone::Plain)
        };
        let mut line = DocLine::new().with(mark, tone).with(name, tone);
        if chosen {
            line = line.with("   chosen", Tone::Good);
        }
        if let Some(refused) = jvm.refusal(name) {
            let span = refused.span;
            line = line
                .with("   not usable in this JVM", Tone::Warn)
                .at(span.line(), span.offset());
        }
        doc.push(line);
    }
    if let Some(selected) = selected.filter(|selected| !offered.contains(selected)) {
        let line = DocLine::new().with(format!("▶ {selected}"), Tone::Good);
        let why = if offered.is_empty() {
            "   chosen; the offer is not in the log"
        } else {
            "   chosen, though not in the offer"
        };
        doc.push(line.with(why, Tone::Dim));
    }
    if selected.is_none() {
        doc.line("  none chosen, as far as the log tells", Tone::Dim);
    }
}

fn client_authentication(auth: &crate::report::ClientAuthView<'_>, doc: &mut Doc, width: usize) {
    doc.title("Client authentication");
    let words = match (auth.requested, auth.certificate_sent) {
        (false, _) => "not asked for",
        (true, Some(true)) => "asked for, and a certificate was sent",
        (true, Some(false)) => "asked for, and none was sent",
        (true, None) => "asked for; the log does not show what was sent",
    };
    doc.line(format!("  {words}"), Tone::Plain);
    for authority in &auth.authorities {
        doc.text(&format!("accepts {}", &**authority), 4, width, Tone::Dim);
    }
}

/// What this JVM will not use, by its own settings.
fn removed(jvm: &Jvm, doc: &mut Doc) {
    if jvm.refused.is_empty() {
        return;
    }
    doc.title("Taken out by this JVM's policy");
    for item in &jvm.refused {
        let why = if item.value.disabled {
            "disabled"
        } else {
            "not supported"
        };
        doc.push(
            DocLine::new()
                .with(format!("  {}", item.value.name), Tone::Plain)
                .with(format!("   {why}"), Tone::Dim)
                .at(item.span.line(), item.span.offset()),
        );
    }
}

fn fingerprints(data: &Data, id: Id, doc: &mut Doc) {
    let view = data.plain_view(id);
    let prints = &view.fingerprints;
    let (ja3, ja4) = (prints.ja3(), prints.ja4());
    let lines = [("JA3", ja3.as_deref()), ("JA4", ja4.as_deref())];
    if lines.iter().all(|(_, print)| print.is_none()) {
        return;
    }
    let whose = match data.handshake(id).role {
        Some(Role::Client) => "Fingerprints of this client's offer",
        _ => "Fingerprints of the client's offer",
    };
    doc.title(whose);
    for (name, print) in lines {
        if let Some(print) = print {
            doc.line(format!("  {name}  {print}"), Tone::Plain);
        }
    }
}
