//! The timeline as a picture of two lanes: client on the left, server on the right.

use std::io::{self, Write};

use super::{BAD, BOLD, DIM, Options, wrap::cut};
use crate::{
    event::Sender,
    handshake::{Handshake, How, Role, Step, StepDirection, What},
    render::safe::safe,
    report::HandshakeView,
    tls::MessageKind,
};

/// Columns between the two lanes.
const LANES: usize = 40;
/// Columns in front: line number and mark.
const MARGIN: usize = 11;
/// A picture with more steps shows the first and the last of them.
const MAX_STEPS: usize = 60;
/// Pauses from here on are shown.
const PAUSE_MILLIS: i64 = 200;

/// Draws the handshake.
pub(super) fn write(
    view: &HandshakeView<'_>,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let handshake = view.source();
    let steps: Vec<(usize, &Step)> = handshake
        .steps
        .iter()
        .enumerate()
        .filter(|(_, step)| is_shown(handshake, step))
        .collect();
    writeln!(out)?;
    lanes(handshake, out)?;
    let breaking = breaking_step(handshake);
    let mut before: Option<&Step> = None;
    for (number, (index, step)) in steps.iter().enumerate() {
        if steps.len() > MAX_STEPS && (MAX_STEPS / 2..steps.len() - MAX_STEPS / 2).contains(&number)
        {
            if number == MAX_STEPS / 2 {
                writeln!(
                    out,
                    "{DIM}{:MARGIN$}… {} more steps{DIM:#}",
                    "",
                    steps.len() - MAX_STEPS
                )?;
            }
            continue;
        }
        let line = Line {
            view,
            index: *index,
            step,
            breaks: breaking == Some(*index),
            pause: pause(before, step),
        };
        line.write(options, out)?;
        before = Some(step);
    }
    ghost(handshake, out)
}

/// Who is who.
fn lanes(handshake: &Handshake, out: &mut dyn Write) -> io::Result<()> {
    let name = |role: Role| {
        if handshake.role == Some(role) {
            format!("{} (this JVM)", role.name())
        } else {
            role.name().to_owned()
        }
    };
    let (left, right) = (name(Role::Client), name(Role::Server));
    let gap = LANES.saturating_sub(left.len() + right.len());
    writeln!(
        out,
        "{:MARGIN$}{BOLD}{left}{BOLD:#}{:gap$}{BOLD}{right}{BOLD:#}",
        "", ""
    )
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
        // repeats the alert that stands above
        What::Fatal(fatal) => {
            !fatal.in_words().starts_with("Received fatal alert")
                || handshake.alerts_received.is_empty()
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
    handshake
        .steps
        .iter()
        .rposition(|step| step.span == break_up.span)
}

/// Milliseconds since the step before, if they are worth a word.
fn pause(before: Option<&Step>, step: &Step) -> Option<i64> {
    let millis = step.at.as_ref()?.since(before?.at.as_ref()?);
    (millis >= PAUSE_MILLIS).then_some(millis)
}

struct Line<'l, 'a> {
    view: &'l HandshakeView<'a>,
    index: usize,
    step: &'a Step,
    breaks: bool,
    pause: Option<i64>,
}

impl Line<'_, '_> {
    fn write(&self, options: Options, out: &mut dyn Write) -> io::Result<()> {
        let handshake = self.view.source();
        let shown = &self.view.timeline[self.index];
        let detail = self.detail(shown.detail.as_deref());
        let (mark, style) = if self.breaks {
            ("✗ ", BAD)
        } else {
            ("", anstyle::Style::new())
        };
        let number = self.step.span.line();
        let sender = handshake
            .sender_of(self.step)
            .filter(|_| self.step.direction != StepDirection::Local);
        let room = options.width.saturating_sub(MARGIN + LANES + 2);
        let lanes = match sender {
            Some(Sender::Client) => arrow_right(&format!("{mark}{}", safe(&shown.message))),
            Some(Sender::Server) => arrow_left(&format!("{mark}{}", safe(&shown.message))),
            None => {
                let text = format!("{mark}{}", self.local_words(&shown.message, &detail));
                let text = cut(&safe(&text), options.width.saturating_sub(MARGIN));
                return writeln!(out, "{DIM}{number:>9}{DIM:#}  {style}{text}{style:#}");
            }
        };
        write!(out, "{DIM}{number:>9}{DIM:#}  {style}{lanes}{style:#}")?;
        if !detail.is_empty() {
            write!(out, "  {DIM}{}{DIM:#}", cut(&safe(&detail), room))?;
        }
        writeln!(out)
    }

    /// What stands beside the arrow.
    fn detail(&self, detail: Option<&str>) -> String {
        let pause = self.pause.map(|millis| format!("+{}", duration(millis)));
        let parts: Vec<String> = [detail.map(str::to_owned), pause]
            .into_iter()
            .flatten()
            .collect();
        parts.join(" · ")
    }

    /// The network or the peer ended it; this JVM only says so.
    fn is_from_outside(&self) -> bool {
        let break_up = self.view.source().break_up.as_ref();
        break_up.is_some_and(|break_up| {
            break_up.how.is_transport() || break_up.how == How::AlertReceived
        })
    }

    /// A step of this JVM alone, in words.
    fn local_words(&self, name: &str, detail: &str) -> String {
        let own = self
            .view
            .role
            .map_or("this JVM".to_owned(), |role| format!("this {role}"));
        match &self.step.what {
            What::Fatal(_) if self.is_from_outside() => format!("{own} saw the end: {detail}"),
            What::Fatal(_) => format!("{own} gave up: {detail}"),
            What::Exception(_) => format!("{own} met {detail}"),
            What::ApplicationException(_) => format!("the application printed {detail}"),
            What::AlertReceived(alert) => {
                format!("{own} received the alert {} ({detail})", alert.description)
            }
            What::AlertSent(alert) => format!("{own} sent the alert {alert}"),
            What::PeerTrusted(_) => format!("· {detail}"),
            What::Closed(_) => format!("{own} closed the connection {detail}"),
            What::KeysInstalled => format!("· keys installed {detail}"),
            _ if detail.is_empty() => format!("· {name}"),
            _ => format!("· {name}: {detail}"),
        }
    }
}

fn arrow_right(label: &str) -> String {
    let dashes = LANES.saturating_sub(label.chars().count() + 2).max(2);
    format!("{label} {}▶", "─".repeat(dashes))
}

fn arrow_left(label: &str) -> String {
    let dashes = LANES.saturating_sub(label.chars().count() + 2).max(2);
    format!("◀{} {label}", "─".repeat(dashes))
}

/// What should have come next.
fn ghost(handshake: &Handshake, out: &mut dyn Write) -> io::Result<()> {
    let Some(break_up) = &handshake.break_up else {
        return Ok(());
    };
    if break_up.expected.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = break_up
        .expected
        .iter()
        .map(|kind| expected_name(handshake, kind))
        .collect();
    writeln!(
        out,
        "{DIM}{:MARGIN$}┄ next would have been {}{DIM:#}",
        "",
        names.join(" or ")
    )
}

/// Both ends send a Finished: the one that is still to come is named with its sender.
fn expected_name(handshake: &Handshake, kind: &MessageKind) -> String {
    let sent = |sender| handshake.has_sent(sender, kind);
    match kind {
        MessageKind::Finished if sent(Sender::Client) => "the server's Finished".to_owned(),
        MessageKind::Finished if sent(Sender::Server) => "the client's Finished".to_owned(),
        _ => kind.name().to_owned(),
    }
}

/// `38 ms`, `4.2 s`, `2 min`
pub(super) fn duration(millis: i64) -> String {
    match millis {
        ..=999 => format!("{millis} ms"),
        1_000..=119_999 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        _ => format!("{} min", millis / 60_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_are_of_one_width() {
        assert_eq!(arrow_right("ClientHello").chars().count(), LANES);
        assert_eq!(
            arrow_left("✗ Alert certificate_unknown").chars().count(),
            LANES
        );
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(
            [duration(38), duration(4_250), duration(300_000)],
            ["38 ms", "4.2 s", "5 min"]
        );
    }
}
