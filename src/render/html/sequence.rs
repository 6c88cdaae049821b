//! The timeline as a picture of two lanes: client on the left, server on the right.
//!
//! A row is a grid cell with an SVG arrow in it, not a part of one large SVG: so its words wrap, can be
//! selected and searched, and fit a phone as well as a sheet of paper.

use crate::{
    render::{
        moment,
        words::{cut, maybe, text},
    },
    report::{HandshakeView, StepView},
};

/// A picture with more steps shows the first and the last of them.
const MAX_STEPS: usize = 80;
/// What a step says, in characters.
const DETAIL: usize = 300;
/// Pauses from here on are marked.
const PAUSE_MILLIS: i64 = 200;

/// A lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    Left,
    Right,
}

impl Lane {
    fn is(self, name: &str) -> bool {
        (self == Self::Left) == (name == "left")
    }

    /// The end that an arrow from here points to.
    fn opposite(self) -> &'static str {
        match self {
            Self::Left => "right",
            Self::Right => "left",
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Sequence {
    pub(super) left: &'static str,
    pub(super) right: &'static str,
    /// The lane of the JVM that logged.
    pub(super) own: Option<Lane>,
    pub(super) rows: Vec<Row>,
    pub(super) ghost: Option<Ghost>,
}

/// A step, or the place where some are left out.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    /// Time since the first step.
    pub(super) elapsed: Option<String>,
    /// Time since the step before, where it is long.
    pub(super) pause: Option<String>,
    /// Who sends; a step of this JVM alone has none.
    pub(super) from: Option<Lane>,
    pub(super) name: String,
    pub(super) detail: Option<String>,
    /// Here it broke up.
    pub(super) breaks: bool,
    /// Steps left out in front of this one.
    pub(super) skipped: usize,
}

/// What should have come next.
#[derive(Debug)]
pub(super) struct Ghost {
    pub(super) names: String,
    pub(super) from: Option<Lane>,
}

impl Sequence {
    pub(super) fn of(view: &HandshakeView<'_>) -> Self {
        let role = maybe(view.role.as_ref());
        let (left, right, own) = match role {
            Some("client") => ("client", "server", Some(Lane::Left)),
            Some(_) => ("client", "server", Some(Lane::Right)),
            None => ("this JVM", "the other end", None),
        };
        Self {
            left,
            right,
            own,
            rows: rows(view),
            ghost: ghost(view),
        }
    }
}

impl Sequence {
    /// Whether the JVM that logged is on this side.
    pub(super) fn is_own(&self, side: &str) -> bool {
        self.own.is_some_and(|own| own.is(side))
    }
}

impl Row {
    /// Where its arrow points; a step of this JVM alone has none.
    pub(super) fn direction(&self) -> Option<&'static str> {
        self.from.map(Lane::opposite)
    }
}

impl Ghost {
    /// Where its arrow would point.
    pub(super) fn direction(&self) -> Option<&'static str> {
        self.from.map(Lane::opposite)
    }
}

fn rows(view: &HandshakeView<'_>) -> Vec<Row> {
    let steps: Vec<(usize, &StepView<'_>)> = view
        .timeline
        .iter()
        .enumerate()
        .filter(|(_, step)| is_shown(view, step))
        .collect();
    let at = |step: &StepView<'_>| maybe(step.at.as_ref()).and_then(moment::millis);
    let start = steps.first().and_then(|(_, step)| at(step));
    let skipped = steps.len().saturating_sub(MAX_STEPS);
    let breaking = breaking_step(view);
    let mut before = None;
    let mut rows = Vec::new();
    for (number, (index, step)) in steps.into_iter().enumerate() {
        let is_left_out = (MAX_STEPS / 2..MAX_STEPS / 2 + skipped).contains(&number);
        if is_left_out {
            continue;
        }
        let now = at(step);
        let since = |then: Option<i64>| Some(now? - then?);
        let from = sender(view, step);
        let breaks = breaking == Some(index);
        let (name, detail) = words(view, step, from.is_none());
        rows.push(Row {
            line: step.line,
            elapsed: since(start).map(|millis| format!("+{}", moment::duration(millis))),
            pause: since(before)
                .filter(|millis| *millis >= PAUSE_MILLIS)
                .map(moment::duration),
            from,
            name,
            detail,
            breaks,
            skipped: if number == MAX_STEPS / 2 + skipped {
                skipped
            } else {
                0
            },
        });
        before = now;
    }
    rows
}

/// Keys, closes and the compatibility `ChangeCipherSpec` of TLS 1.3 are left out.
fn is_shown(view: &HandshakeView<'_>, step: &StepView<'_>) -> bool {
    let detail = maybe(step.detail.as_ref());
    match text(&step.message) {
        "KeysInstalled" | "Resuming" => !has_messages(view),
        "ChangeCipherSpec" => maybe(view.versions.negotiated.as_ref()) != Some("TLSv1.3"),
        "Close" => breaks_at(view, step),
        // repeats the alert that stands above
        "Fatal" => {
            !detail.is_some_and(|words| words.starts_with("Received fatal alert"))
                || !view.timeline.iter().any(is_alert_received)
        }
        _ => detail != Some("could not be sent"),
    }
}

fn has_messages(view: &HandshakeView<'_>) -> bool {
    let is_message = |step: &StepView<'_>| {
        step.direction != "local"
            && !step.message.starts_with("Alert ")
            && step.message != "ChangeCipherSpec"
            && step.message != "KeysInstalled"
    };
    view.timeline.iter().any(is_message)
}

fn is_alert_received(step: &StepView<'_>) -> bool {
    step.direction == "received" && step.message.starts_with("Alert ")
}

fn breaks_at(view: &HandshakeView<'_>, step: &StepView<'_>) -> bool {
    view.break_up
        .as_ref()
        .is_some_and(|end| (end.line, end.offset) == (step.line, step.offset))
}

/// The step that the break-up points at.
fn breaking_step(view: &HandshakeView<'_>) -> Option<usize> {
    let end = view.break_up.as_ref()?;
    if end.how == "log_ends" {
        return None;
    }
    view.timeline.iter().rposition(|step| breaks_at(view, step))
}

/// The lane that an arrow begins at.
fn sender(view: &HandshakeView<'_>, step: &StepView<'_>) -> Option<Lane> {
    let is_server = maybe(view.role.as_ref()) == Some("server");
    match (text(&step.direction), is_server) {
        ("sent", false) | ("received", true) => Some(Lane::Left),
        ("sent", true) | ("received", false) => Some(Lane::Right),
        _ => None,
    }
}

/// The name of a message and what it says; a step of this JVM alone, in one.
fn words(
    view: &HandshakeView<'_>,
    step: &StepView<'_>,
    is_local: bool,
) -> (String, Option<String>) {
    let detail = maybe(step.detail.as_ref()).map(|detail| cut(detail, DETAIL));
    let name = cut(&step.message, DETAIL);
    if !is_local {
        return (name, detail);
    }
    let own =
        maybe(view.role.as_ref()).map_or("this JVM".to_owned(), |role| format!("this {role}"));
    let said = match name.as_str() {
        "Fatal" if is_from_outside(view) => format!("{own} saw the end"),
        "Fatal" => format!("{own} gave up"),
        "Exception" => format!("{own} printed an exception"),
        "PeerTrusted" => "certificate accepted".to_owned(),
        "Close" => format!("{own} closed the connection"),
        "KeysInstalled" => "keys installed".to_owned(),
        _ => name,
    };
    (said, detail)
}

/// The network or the peer ended it; this JVM only says so.
fn is_from_outside(view: &HandshakeView<'_>) -> bool {
    let how = view.break_up.as_ref().map(|end| text(&end.how));
    matches!(
        how,
        Some("peer_closed" | "reset" | "timeout" | "alert_received")
    )
}

fn ghost(view: &HandshakeView<'_>) -> Option<Ghost> {
    let end = view.break_up.as_ref()?;
    let first = text(end.expected.first()?);
    let from = expected_sender(view, first);
    let names: Vec<String> = end
        .expected
        .iter()
        .map(|name| expected_name(view, name))
        .collect();
    Some(Ghost {
        names: cut(&names.join(" or "), DETAIL),
        from,
    })
}

/// Both ends send a Finished: the one that is still to come is named with its sender.
fn expected_name(view: &HandshakeView<'_>, message: &str) -> String {
    match (message, expected_sender(view, message)) {
        ("Finished", Some(Lane::Left)) => "the client’s Finished".to_owned(),
        ("Finished", Some(Lane::Right)) => "the server’s Finished".to_owned(),
        _ => message.to_owned(),
    }
}

/// Who would have sent a message: most are one side's; of the others, who has already sent his.
fn expected_sender(view: &HandshakeView<'_>, message: &str) -> Option<Lane> {
    view.role.as_ref()?;
    let sent = |lane: Lane, name: &str| {
        let is_it = |step: &&StepView<'_>| step.message == name;
        let mut steps = view.timeline.iter().filter(is_it);
        steps.any(|step| sender(view, step) == Some(lane))
    };
    match message {
        "ClientHello" | "ClientKeyExchange" | "EndOfEarlyData" => Some(Lane::Left),
        "Certificate" if sent(Lane::Right, "Certificate") => Some(Lane::Left),
        "CertificateVerify" if sent(Lane::Left, "Certificate") => Some(Lane::Left),
        "Finished" if sent(Lane::Right, "Finished") => Some(Lane::Left),
        "Finished" if sent(Lane::Left, "Finished") => Some(Lane::Right),
        "Certificate"
        | "CertificateVerify"
        | "ServerHello"
        | "HelloRetryRequest"
        | "HelloVerifyRequest"
        | "EncryptedExtensions"
        | "CertificateRequest"
        | "CertificateStatus"
        | "ServerKeyExchange"
        | "ServerHelloDone"
        | "NewSessionTicket"
        | "HelloRequest" => Some(Lane::Right),
        _ => None,
    }
}
