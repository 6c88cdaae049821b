//! The timeline: client on the left, server on the right.

use crate::{
    event::Sender,
    handshake::{Handshake, How, Role, Step, StepDirection, What},
    report::{HandshakeView, StepView},
    tls::MessageKind,
    tui::{
        data::{Data, Id},
        doc::{Doc, DocLine, Tone, columns, fit},
    },
};

/// Columns between the lanes, on a narrow screen and on a wide one.
const NARROW: usize = 34;
const WIDE: usize = 52;
/// Columns in front of the lanes: line number and time.
const MARGIN: usize = 20;

pub(super) fn doc(data: &Data, id: Id, width: usize) -> Doc {
    let handshake = data.handshake(id);
    let view = data.plain_view(id);
    let lanes = if width >= MARGIN + WIDE + 40 {
        WIDE
    } else {
        NARROW
    };
    let mut doc = Doc::default();
    head(handshake, lanes, &mut doc);
    let broke_at = breaking_step(handshake);
    let start = handshake.started_at().map(|at| at.millis);
    for (index, (step, shown)) in handshake.steps.iter().zip(&view.timeline).enumerate() {
        if !is_shown(handshake, step) {
            continue;
        }
        let breaks = broke_at == Some(index);
        let elapsed = start.zip(step.millis()).map(|(start, at)| at - start);
        let line = DocLine::new()
            .with(
                format!("{:>9} {:>8}  ", step.span.line(), time(elapsed)),
                Tone::Dim,
            )
            .at(step.span.line(), step.span.offset())
            .hanging(MARGIN);
        doc.push(step_line(line, handshake, step, shown, breaks, lanes));
    }
    end(handshake, lanes, &mut doc);
    verdict(&view, width, &mut doc);
    doc
}

/// Why, in a line: the rest is in the diagnosis.
fn verdict(view: &HandshakeView<'_>, width: usize, doc: &mut Doc) {
    let Some(finding) = view.findings.first() else {
        return;
    };
    doc.gap();
    let tone = match &*finding.severity {
        "error" => Tone::Bad,
        "warning" => Tone::Warn,
        _ => Tone::Plain,
    };
    doc.text(&finding.headline, 2, width, tone);
    let words = format!(
        "  {} {} · {}",
        &*finding.code, &*finding.rule, &*finding.confidence
    );
    doc.line(words, Tone::Dim);
}

/// Who is who.
fn head(handshake: &Handshake, lanes: usize, doc: &mut Doc) {
    let name = |role: Role| match handshake.role {
        Some(own) if own == role => format!("{} (this JVM)", role.name()),
        _ => role.name().to_owned(),
    };
    let (left, right) = (name(Role::Client), name(Role::Server));
    let gap = lanes
        .saturating_sub(columns(&left) + columns(&right))
        .max(1);
    doc.push(
        DocLine::new()
            .with(format!("{:>9} {:>8}  ", "line", "ms"), Tone::Dim)
            .with(left, Tone::Title)
            .with(" ".repeat(gap), Tone::Plain)
            .with(right, Tone::Title),
    );
}

/// `+38`, and longer times shorter
fn time(millis: Option<i64>) -> String {
    match millis {
        None => String::new(),
        Some(millis @ -9_999..=99_999) => format!("{millis:+}"),
        Some(millis) => format!("{:+} s", millis / 1000),
    }
}

fn step_line(
    line: DocLine,
    handshake: &Handshake,
    step: &Step,
    shown: &StepView<'_>,
    breaks: bool,
    lanes: usize,
) -> DocLine {
    let tone = if breaks { Tone::Bad } else { Tone::Plain };
    let mark = if breaks { "✗ " } else { "" };
    let detail = shown.detail.as_deref().unwrap_or_default();
    let sender = handshake
        .sender_of(step)
        .filter(|_| step.direction() != StepDirection::Local);
    let label = format!("{mark}{}", &*shown.message);
    let dashes = |label: &str| "─".repeat(lanes.saturating_sub(columns(label) + 2).max(2));
    let line = match sender {
        Some(Sender::Client) => {
            let dashes = dashes(&label);
            line.with(label, tone).with(format!(" {dashes}▶"), tone)
        }
        Some(Sender::Server) => {
            let dashes = dashes(&label);
            line.with(format!("◀{dashes} "), tone).with(label, tone)
        }
        None => {
            let words = local_words(handshake, step, &shown.message, detail);
            let tone = if breaks { Tone::Bad } else { Tone::Dim };
            return line.with(format!("{mark}{words}"), tone);
        }
    };
    if detail.is_empty() {
        line
    } else {
        line.with(format!("  {detail}"), Tone::Dim)
    }
}

/// A step of this JVM alone, in words.
fn local_words(handshake: &Handshake, step: &Step, name: &str, detail: &str) -> String {
    let own = handshake.role.map_or("this JVM".to_owned(), |role| {
        format!("this {}", role.name())
    });
    let from_outside = handshake
        .break_up
        .as_ref()
        .is_some_and(|break_up| break_up.how.is_transport() || break_up.how == How::AlertReceived);
    match &step.what {
        What::Fatal(_) if from_outside => format!("{own} saw the end: {detail}"),
        What::Fatal(_) => format!("{own} gave up: {detail}"),
        What::Exception(_) => format!("{own} met {detail}"),
        What::ApplicationException(_) => format!("the application printed {detail}"),
        What::AlertReceived(alert) => format!("{own} received the alert {}", alert.description),
        What::AlertSent(alert) => format!("{own} sent the alert {alert}"),
        What::Closed(_) => format!("{own} closed the connection {detail}"),
        What::PeerTrusted(_) => format!("· {detail}"),
        What::KeysInstalled => format!("· keys installed {detail}"),
        _ if detail.is_empty() => format!("· {name}"),
        _ => format!("· {name}: {detail}"),
    }
}

/// Keys, closes and the compatibility `ChangeCipherSpec` of TLS 1.3 are left out.
fn is_shown(handshake: &Handshake, step: &Step) -> bool {
    match &step.what {
        What::KeysInstalled | What::Resuming => !handshake.messages_logged,
        What::ChangeCipherSpec => !handshake.is_13(),
        What::Closed(_) => handshake
            .break_up
            .as_ref()
            .is_some_and(|break_up| break_up.span == step.span),
        What::AlertNotSent(_) => false,
        What::Fatal(fatal) => {
            !fatal.in_words().starts_with("Received fatal alert")
                || handshake.alerts_received().next().is_none()
        }
        _ => true,
    }
}

/// The step at which it broke: the one that the break-up points at.
fn breaking_step(handshake: &Handshake) -> Option<usize> {
    let break_up = handshake
        .break_up
        .as_ref()
        .filter(|break_up| break_up.how != How::LogEnds)?;
    let points = |step: &Step| step.span == break_up.span;
    handshake.steps.iter().rposition(points)
}

/// How it ended, and what should have come next.
fn end(handshake: &Handshake, lanes: usize, doc: &mut Doc) {
    let margin = || DocLine::new().with(format!("{:MARGIN$}", ""), Tone::Plain);
    let Some(break_up) = handshake.break_up.as_deref() else {
        let took = handshake.duration_ms();
        let took = took.map_or(String::new(), |millis| format!(" in {millis} ms"));
        doc.push(margin().with(format!("✓ established{took}"), Tone::Good));
        return;
    };
    if break_up.how != How::LogEnds && breaking_step(handshake).is_none() {
        let how = format!("✗ {}", break_up.in_words());
        doc.push(
            margin()
                .with(how, Tone::Bad)
                .at(break_up.span.line(), break_up.span.offset()),
        );
    }
    if break_up.how == How::LogEnds {
        doc.push(margin().with("… here the log falls silent", Tone::Warn));
    }
    for (number, kind) in break_up.expected.iter().enumerate() {
        let from = sender_of(handshake, kind);
        let label = if number == 0 { "next" } else { "or" };
        let name = format!("{} ", kind.name());
        let dots = "┄".repeat(lanes.saturating_sub(columns(&name) + 1).max(2));
        let arrow = match from {
            Some(Sender::Client) => format!("{name}{dots}▷"),
            Some(Sender::Server) => format!("◁{dots} {}", kind.name()),
            None => name,
        };
        doc.push(
            DocLine::new()
                .with(format!("{:>9} {:8}  ", "", fit(label, 8)), Tone::Ghost)
                .with(arrow, Tone::Ghost)
                .with(
                    if number == 0 {
                        "  should have come"
                    } else {
                        ""
                    },
                    Tone::Ghost,
                ),
        );
    }
}

/// Who would have sent it. Both ends send a Finished: whoever has not yet.
fn sender_of(handshake: &Handshake, kind: &MessageKind) -> Option<Sender> {
    let sent = |sender| handshake.has_sent(sender, kind);
    match kind {
        MessageKind::Finished if sent(Sender::Client) => Some(Sender::Server),
        MessageKind::Finished if sent(Sender::Server) => Some(Sender::Client),
        MessageKind::Finished => None,
        // both can send it: in the flight that is under way, or in answer to one that is complete
        _ => crate::handshake::sender_by_kind(kind).or_else(|| {
            let (step, last) = handshake.last_message()?;
            let sender = handshake.sender_of(step)?;
            let complete = matches!(last, MessageKind::ServerHelloDone | MessageKind::Finished);
            Some(match (complete, sender) {
                (false, sender) => sender,
                (true, Sender::Server) => Sender::Client,
                (true, Sender::Client) => Sender::Server,
            })
        }),
    }
}
