//! The diagnosis: what broke, how sure that is, whose fault, what proves it, what to change.

use crate::{
    report::{ActionView, FindingView, HandshakeView},
    tui::doc::{Doc, DocLine, Tone},
};

/// Columns in front of what is said under a label.
const MARGIN: usize = 2;
/// Longer lines of running text tire the eye.
const READABLE: usize = 100;

pub(in crate::tui) fn doc(view: &HandshakeView<'_>, width: usize) -> Doc {
    let width = width.min(READABLE);
    let mut doc = Doc::default();
    for (number, finding) in view.findings.iter().enumerate() {
        if number > 0 {
            doc.gap();
        }
        write(finding, number == 0, width, &mut doc);
    }
    if view.findings.is_empty() {
        let (words, tone) = match &*view.outcome {
            "established" => ("✓ Established; nothing to say against it.", Tone::Good),
            _ => ("No rule says anything about this handshake.", Tone::Plain),
        };
        doc.line(words, tone);
    }
    doc
}

fn write(finding: &FindingView<'_>, first: bool, width: usize, doc: &mut Doc) {
    let tone = match &*finding.severity {
        "error" if first => Tone::Bad,
        "error" | "warning" => Tone::Warn,
        _ => Tone::Title,
    };
    doc.text(&finding.headline, 0, width, tone);
    let place = finding.evidence.first();
    let mut facts = DocLine::new()
        .with(
            format!("{} {}", &*finding.code, &*finding.rule),
            Tone::Strong,
        )
        .with(" · ", Tone::Dim)
        .with(&*finding.confidence, Tone::Strong)
        .with(" · ", Tone::Dim)
        .with(fault(&finding.at_fault), Tone::Plain);
    if let Some(place) = place {
        facts = facts.at(place.line, place.offset);
    }
    doc.push(facts);
    if let Some(cause) = finding.symptom_of.as_deref() {
        doc.line(format!("A symptom of {cause}."), Tone::Dim);
    }
    if let Some(other) = finding.competes_with.as_deref() {
        doc.line(
            format!("Another possible cause beside {other}; the tests below decide."),
            Tone::Dim,
        );
    }
    if !finding.explanation.is_empty() {
        doc.gap();
        doc.text(&finding.explanation, 0, width, Tone::Plain);
    }
    evidence(finding, doc);
    actions("What to change", &finding.remedies, width, doc);
    actions("How to make sure", &finding.confirm, width, doc);
    if !finding.assumptions.is_empty() {
        doc.title("Assumed");
        for assumption in &*finding.assumptions {
            doc.text(assumption, MARGIN, width, Tone::Dim);
        }
    }
    if !finding.references.is_empty() {
        doc.title("See");
        for reference in &*finding.references {
            doc.line(format!("{:MARGIN$}{reference}", ""), Tone::Dim);
        }
    }
}

fn fault(party: &str) -> String {
    match party {
        "either" => "to be fixed on either side".to_owned(),
        "unknown" => "nobody's fault as far as the log tells".to_owned(),
        "network" => "the fault lies between the two ends".to_owned(),
        party => format!("to be fixed on the {party}"),
    }
}

fn evidence(finding: &FindingView<'_>, doc: &mut Doc) {
    if finding.evidence.is_empty() {
        return;
    }
    doc.title("Evidence");
    for evidence in &finding.evidence {
        doc.push(
            DocLine::new()
                .with(
                    format!("{:MARGIN$}line {:<8} ", "", evidence.line),
                    Tone::Dim,
                )
                .with(&*evidence.text, Tone::Plain)
                .at(evidence.line, evidence.offset)
                .hanging(MARGIN + 14),
        );
    }
}

fn actions(title: &str, actions: &[ActionView<'_>], width: usize, doc: &mut Doc) {
    if actions.is_empty() {
        return;
    }
    doc.title(title);
    for action in actions {
        let who = action
            .party
            .as_deref()
            .map_or(String::new(), |party| format!("{party}: "));
        doc.text(
            &format!("{who}{}", &*action.action),
            MARGIN,
            width,
            Tone::Plain,
        );
        for command in &action.commands {
            let mut line = DocLine::new().with(format!("{:1$}", "", MARGIN + 4), Tone::Plain);
            if let Some(place) = command.place.as_deref() {
                line = line.with(format!("{place}: "), Tone::Dim);
            }
            line = line.with(&*command.text, Tone::Code);
            if let Some(remark) = command.remark.as_deref() {
                line = line.with(format!("   {remark}"), Tone::Dim);
            }
            doc.push(line);
        }
    }
}
