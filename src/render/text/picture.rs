//! The timeline as a picture of two lanes: client on the left, server on the right.

use std::io::{self, Write};

use super::{BAD, BOLD, DIM, Options, wrap::cut};
use crate::{
    handshake::{How, Role},
    render::safe::safe,
    report::{HandshakeView, StepView},
    time::millis_of_iso,
    tls::ProtocolVersion,
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
    let shown = Shown::of(view);
    let steps: Vec<(usize, &StepView<'_>)> = view
        .timeline
        .iter()
        .enumerate()
        .filter(|(_, step)| shown.is_shown(step))
        .collect();
    writeln!(out)?;
    lanes(view, out)?;
    let breaking = breaking_step(view);
    let mut before: Option<&StepView<'_>> = None;
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
            step,
            breaks: breaking == Some(*index),
            pause: pause(before, step),
        };
        line.write(options, out)?;
        before = Some(step);
    }
    ghost(view, out)
}

/// Who is who.
fn lanes(view: &HandshakeView<'_>, out: &mut dyn Write) -> io::Result<()> {
    let name = |role: Role| {
        if view.role.as_deref() == Some(role.name()) {
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

/// What decides which steps are shown.
struct Shown {
    has_messages: bool,
    is_13: bool,
    alert_received: bool,
    /// Where it broke up.
    broke: Option<(u64, u64)>,
}

impl Shown {
    fn of(view: &HandshakeView<'_>) -> Self {
        let version = view.versions.negotiated.as_deref();
        Self {
            has_messages: view.timeline.iter().any(StepView::is_message),
            is_13: version.is_some_and(|version| ProtocolVersion::from_name(version).is_13()),
            alert_received: view.timeline.iter().any(StepView::is_alert_received),
            broke: place_of_break_up(view),
        }
    }

    /// Keys, closes and the compatibility `ChangeCipherSpec` of TLS 1.3 are left out.
    fn is_shown(&self, step: &StepView<'_>) -> bool {
        match &*step.kind {
            "keys_installed" | "resuming" => !self.has_messages,
            "change_cipher_spec" => !self.is_13,
            "closed" => self.broke == Some(step.place()),
            "alert_not_sent" => false,
            // repeats the alert that stands above
            "fatal" => {
                let words = step.detail.as_deref().unwrap_or_default();
                !words.starts_with("Received fatal alert") || !self.alert_received
            }
            _ => true,
        }
    }
}

fn place_of_break_up(view: &HandshakeView<'_>) -> Option<(u64, u64)> {
    let break_up = view.break_up.as_ref()?;
    Some((break_up.line, break_up.offset))
}

/// The step at which it broke: the one that the break-up points at.
fn breaking_step(view: &HandshakeView<'_>) -> Option<usize> {
    let break_up = view.break_up.as_ref()?;
    let place = place_of_break_up(view).filter(|_| break_up.how != How::LogEnds.name())?;
    view.timeline.iter().rposition(|step| step.place() == place)
}

/// Milliseconds since the step before, if they are worth a word.
fn pause(before: Option<&StepView<'_>>, step: &StepView<'_>) -> Option<i64> {
    let millis = |step: &StepView<'_>| millis_of_iso(step.at.as_deref()?);
    let millis = millis(step)?.checked_sub(millis(before?)?)?;
    (millis >= PAUSE_MILLIS).then_some(millis)
}

struct Line<'l, 'a> {
    view: &'l HandshakeView<'a>,
    step: &'l StepView<'a>,
    breaks: bool,
    pause: Option<i64>,
}

impl Line<'_, '_> {
    fn write(&self, options: Options, out: &mut dyn Write) -> io::Result<()> {
        let shown = self.step;
        let detail = self.detail(shown.detail.as_deref());
        let (mark, style) = if self.breaks {
            ("✗ ", BAD)
        } else {
            ("", anstyle::Style::new())
        };
        let number = shown.line;
        let room = options.width.saturating_sub(MARGIN + LANES + 2);
        let lanes = match shown.sender.as_deref() {
            Some("client") => arrow_right(&format!("{mark}{}", safe(&shown.message))),
            Some("server") => arrow_left(&format!("{mark}{}", safe(&shown.message))),
            _ => {
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
        let break_up = self.view.break_up.as_ref();
        break_up
            .and_then(|break_up| How::named(&break_up.how))
            .is_some_and(|how| how.is_transport() || how == How::AlertReceived)
    }

    /// A step of this JVM alone, in words.
    fn local_words(&self, name: &str, detail: &str) -> String {
        let own = self
            .view
            .role
            .as_ref()
            .map_or("this JVM".to_owned(), |role| format!("this {role}"));
        let alert = name.strip_prefix("Alert ").unwrap_or(name);
        match (&*self.step.kind, &*self.step.direction) {
            ("fatal", _) if self.is_from_outside() => format!("{own} saw the end: {detail}"),
            ("fatal", _) => format!("{own} gave up: {detail}"),
            ("exception", _) => format!("{own} met {detail}"),
            ("application_exception", _) => format!("the application printed {detail}"),
            ("alert", "received") => format!("{own} received the alert {alert} ({detail})"),
            ("alert", _) => format!("{own} sent the alert {alert}"),
            ("peer_trusted", _) => format!("· {detail}"),
            ("closed", _) => format!("{own} closed the connection {detail}"),
            ("keys_installed", _) => format!("· keys installed {detail}"),
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
fn ghost(view: &HandshakeView<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(break_up) = &view.break_up else {
        return Ok(());
    };
    if break_up.expected.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = break_up
        .expected
        .iter()
        .map(|name| expected_name(view, name))
        .collect();
    writeln!(
        out,
        "{DIM}{:MARGIN$}┄ next would have been {}{DIM:#}",
        "",
        safe(&names.join(" or "))
    )
}

/// Both ends send a Finished: the one that is still to come is named with its sender.
fn expected_name<'v>(view: &HandshakeView<'_>, name: &'v str) -> &'v str {
    let sent = |sender: &str| {
        view.timeline.iter().any(|step| {
            step.is_message() && step.message == name && step.sender.as_deref() == Some(sender)
        })
    };
    match name {
        "Finished" if sent("client") => "the server's Finished",
        "Finished" if sent("server") => "the client's Finished",
        _ => name,
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
