//! The chains: each certificate under the one that issued it, with what is missing drawn as a gap.

use crate::{
    event::Certificate,
    handshake::{Chain, Handshake, Jvm, Role},
    span::Span,
    time::LogTime,
    tui::{
        data::{Data, Id},
        doc::{Doc, DocLine, Tone},
    },
};

/// A certificate that ends this soon deserves a word.
const SOON_DAYS: i64 = 30;
const DAY: i64 = 86_400_000;

pub(super) fn doc(data: &Data, id: Id, width: usize) -> Doc {
    let handshake = data.handshake(id);
    let mut doc = Doc::default();
    let chains = [
        (
            "Server's chain",
            handshake.server_chain.as_deref(),
            Role::Server,
        ),
        (
            "Client's chain",
            handshake.client_chain.as_deref(),
            Role::Client,
        ),
    ];
    let jvm = &data.inputs()[id.input].analysis.assembly.jvm;
    for (title, chain, owner) in chains {
        let Some(chain) = chain else { continue };
        doc.title(title);
        let writer = Writer {
            handshake,
            jvm,
            // what this JVM sends, it does not check against its anchors
            checked: handshake.role != Some(owner),
            width,
        };
        writer.chain(chain, &mut doc);
    }
    if doc.lines.is_empty() {
        doc.line("No certificate of this handshake is in the log.", Tone::Dim);
        if handshake.resumed {
            doc.line("A resumed session shows none.", Tone::Dim);
        }
    }
    doc
}

struct Writer<'w> {
    handshake: &'w Handshake,
    jvm: &'w Jvm,
    checked: bool,
    width: usize,
}

impl Writer<'_> {
    fn chain(&self, chain: &Chain, doc: &mut Doc) {
        if chain.certificates.is_empty() {
            let span = chain.span;
            let line = DocLine::new().with("  an empty chain: no certificate was sent", Tone::Warn);
            doc.push(line.at(span.line(), span.offset()));
            return;
        }
        let top_down = crate::diagnose::TrustPath::build(chain);
        let path: Vec<usize> = top_down.as_ref().map_or_else(
            || (0..chain.certificates.len()).collect(),
            |path| path.path.clone(),
        );
        let last = path.last().map(|&at| &chain.certificates[at].certificate);
        let mut depth = 0;
        if let Some(last) = last.filter(|last| !last.is_self_issued() && !last.issuer.is_empty()) {
            self.above(last, doc);
            depth = 1;
        }
        for &position in path.iter().rev() {
            self.certificate(chain, position, depth, doc);
            depth += 1;
        }
        let unrelated: Vec<usize> = (0..chain.certificates.len())
            .filter(|position| !path.contains(position))
            .collect();
        if !unrelated.is_empty() {
            doc.gap();
            doc.line("  sent as well, though not on the path:", Tone::Warn);
            for position in unrelated {
                self.certificate(chain, position, 0, doc);
            }
        }
        if chain.is_torn() {
            doc.line("  the text of this chain is damaged in the log", Tone::Warn);
        }
    }

    /// What stands above the chain that was sent: a trust anchor, or a gap.
    fn above(&self, last: &Certificate, doc: &mut Doc) {
        let count = self.anchor_count();
        let (line, below) = match self.anchor_above(last) {
            Some(span) => (
                DocLine::new()
                    .with(format!("  ◆ {}", last.issuer), Tone::Good)
                    .with("   trust anchor of this JVM", Tone::Good)
                    .at(span.line(), span.offset()),
                None,
            ),
            None if self.checked && count > 0 => (
                DocLine::new().with(format!("  ✗ {}", last.issuer), Tone::Bad),
                Some(match count {
                    1 => "not sent, and not the one trust anchor of this JVM".to_owned(),
                    _ => format!("not sent, and not among the {count} trust anchors of this JVM"),
                }),
            ),
            None => (
                DocLine::new().with(format!("  ? {}", last.issuer), Tone::Warn),
                Some("not sent; the log does not tell whether it is trusted".to_owned()),
            ),
        };
        doc.push(line);
        if let Some(below) = below {
            doc.line(format!("  ┊    {below}"), Tone::Dim);
            doc.line("  ┊", Tone::Dim);
        }
    }

    /// Where the log lists a trust anchor that can have issued a certificate.
    fn anchor_above(&self, certificate: &Certificate) -> Option<Span> {
        self.jvm.anchor_sets.iter().find_map(|set| {
            let mut anchors = set.certificates.iter();
            let anchor =
                anchors.find(|anchor| certificate.can_be_issued_by(&anchor.certificate))?;
            Some(set.span.down(anchor.line_in_entry))
        })
    }

    /// How many trust anchors the log lists.
    fn anchor_count(&self) -> usize {
        let sets = self.jvm.anchor_sets.iter();
        sets.map(|set| set.certificates.len()).max().unwrap_or(0)
    }

    fn certificate(&self, chain: &Chain, position: usize, depth: usize, doc: &mut Doc) {
        let certificate = &chain.certificates[position].certificate;
        let span = chain.span_of(position);
        let branch = if depth == 0 {
            "  ".to_owned()
        } else {
            format!("{:1$}└─ ", "", depth * 3 - 1)
        };
        let margin = " ".repeat(branch.chars().count() + 2);
        let subject = if certificate.subject.is_empty() {
            "(subject not logged)"
        } else {
            &certificate.subject
        };
        let mut line = DocLine::new()
            .with(&branch, Tone::Dim)
            .with(format!("{position} "), Tone::Dim)
            .with(subject, Tone::Strong)
            .at(span.line(), span.offset());
        if certificate.is_self_issued() {
            line = line.with("   self-signed", Tone::Warn);
        }
        doc.push(line);
        let mut facts = vec![
            certificate.public_key.to_string(),
            certificate.signature_algorithm.to_string(),
        ];
        if certificate.ca == Some(true) {
            facts.push("CA".to_owned());
        }
        if !certificate.serial.is_empty() {
            facts.push(format!("serial {}", certificate.serial));
        }
        facts.retain(|fact| !fact.is_empty());
        doc.line(format!("{margin}{}", facts.join(" · ")), Tone::Dim);
        self.validity(certificate, &margin, doc);
        if let Some(names) = certificate
            .subject_alternative_names
            .as_ref()
            .filter(|names| !names.is_empty())
        {
            let names: Vec<&str> = names.iter().map(|name| &**name).collect();
            let words = format!("good for {}", names.join(", "));
            doc.text(&words, margin.len(), self.width, Tone::Plain);
        }
        let usage: Vec<&str> = certificate
            .key_usage
            .iter()
            .chain(
                certificate
                    .extended_key_usage
                    .iter()
                    .flat_map(|names| names.iter()),
            )
            .map(|name| &**name)
            .collect();
        if !usage.is_empty() {
            doc.text(&usage.join(", "), margin.len(), self.width, Tone::Dim);
        }
    }

    /// The dates, against the clock of the log.
    fn validity(&self, certificate: &Certificate, margin: &str, doc: &mut Doc) {
        let (Some(from), Some(to)) = (&certificate.not_before, &certificate.not_after) else {
            return;
        };
        let now = self.handshake.ended_at();
        let days = |at: &LogTime| now.as_ref().map_or(0, |now| at.since(now).div_euclid(DAY));
        let (words, tone) = match &now {
            Some(now) if now.since(to) > 0 => (
                format!("expired {} before this handshake", period(-days(to) - 1)),
                Tone::Bad,
            ),
            Some(now) if now.since(from) < 0 => (
                format!(
                    "not valid before {} after this handshake",
                    period(days(from))
                ),
                Tone::Bad,
            ),
            Some(_) if days(to) < SOON_DAYS => {
                (format!("ends in {}", period(days(to))), Tone::Warn)
            }
            Some(_) => (format!("{} left", period(days(to))), Tone::Dim),
            None => (String::new(), Tone::Dim),
        };
        doc.push(
            DocLine::new()
                .with(
                    format!("{margin}{} – {}   ", from.date(), to.date()),
                    Tone::Plain,
                )
                .with(words, tone),
        );
    }
}

fn period(days: i64) -> String {
    match days {
        ..=0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        2..=730 => format!("{days} days"),
        _ => format!("{} years", days / 365),
    }
}
