//! What was read: the inputs with their handshakes, as far as they are known.

use std::borrow::Cow;

use crate::{
    diagnose::Finding,
    handshake::{Handshake, Outcome},
    redact::Redactor,
    report::{Analysed, HandshakeView, Report},
    time::LogTime,
};

use super::doc::At;

/// Something new about the inputs.
#[derive(Debug)]
pub enum News {
    /// An input, as far as it is known; takes the place of what was known of it.
    Input {
        /// Which.
        index: usize,
        /// What is known of it.
        analysed: Box<Analysed>,
    },
    /// So much was read.
    Progress(Progress),
    /// Something went wrong; the rest goes on.
    Complaint(String),
    /// Everything was read.
    Done,
}

/// How far reading is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub done: u64,
    /// Bytes in all, where that is known.
    pub total: Option<u64>,
    /// Milliseconds since reading began.
    pub millis: u64,
}

/// Which handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// The input.
    pub input: usize,
    /// Its position among the handshakes of the input.
    pub position: usize,
}

/// Counts by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// All.
    pub handshakes: usize,
    /// Established.
    pub established: usize,
    /// Failed.
    pub failed: usize,
    /// Unfinished.
    pub unfinished: usize,
}

/// When the log was written, by its own clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// The earliest time printed.
    pub first: LogTime,
    /// The latest.
    pub last: LogTime,
    /// Clocks of several zones: times of different zones cannot be compared.
    pub zones: bool,
}

impl Times {
    /// It spans more than one day: a time of day does not tell which.
    pub fn has_days(&self) -> bool {
        self.first.date() != self.last.date()
    }

    fn of(mut all: impl Iterator<Item = LogTime>) -> Option<Self> {
        let mut first = all.next()?;
        let (mut last, mut zones) = (first.clone(), false);
        for at in all {
            zones |= at.zone != first.zone;
            if at.millis < first.millis {
                first = at;
            } else if at.millis > last.millis {
                last = at;
            }
        }
        Some(Self { first, last, zones })
    }
}

/// Everything that is known by now.
#[derive(Debug, Default)]
pub struct Data {
    inputs: Vec<Analysed>,
    totals: Totals,
    times: Option<Times>,
    /// Counts changes.
    version: u64,
    /// What takes names out of all that is shown, while that is wanted.
    redactor: Option<Box<Redactor>>,
}

/// Secrets are never shown.
static SECRETS: Redactor = Redactor::secrets();

impl Data {
    /// Names are taken out of all that is shown from now on, or not any more.
    pub fn redact_with(&mut self, redactor: Option<Redactor>) {
        self.version += 1;
        self.redactor = redactor.map(Box::new);
        self.learn();
    }

    /// What takes out what is not to be shown.
    pub fn redactor(&self) -> &Redactor {
        self.redactor.as_deref().unwrap_or(&SECRETS)
    }

    /// Whether names are taken out.
    pub fn is_redacted(&self) -> bool {
        self.redactor.is_some()
    }

    fn learn(&self) {
        for input in &self.inputs {
            self.redactor().learn(&input.analysis.assembly);
        }
    }

    /// A text of the log as it may be shown.
    pub fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match &self.redactor {
            Some(redactor) => redactor.text(text),
            None => Cow::Borrowed(text),
        }
    }

    /// Takes what is known of an input. What was known before is given back: there may be much to drop.
    pub fn take(&mut self, index: usize, analysed: Analysed) -> Option<Analysed> {
        self.version += 1;
        let before = if index < self.inputs.len() {
            Some(std::mem::replace(&mut self.inputs[index], analysed))
        } else {
            self.inputs.push(analysed);
            None
        };
        self.count();
        self.learn();
        before
    }

    fn count(&mut self) {
        let mut totals = Totals::default();
        for (handshake, _) in self.all() {
            totals.handshakes += 1;
            match handshake.outcome {
                Outcome::Established => totals.established += 1,
                Outcome::Failed => totals.failed += 1,
                Outcome::Unfinished => totals.unfinished += 1,
            }
        }
        self.totals = totals;
        let assemblies = self.inputs.iter().map(|input| &input.analysis.assembly);
        let ends = assemblies.flat_map(|all| [all.first_at.clone(), all.last_at.clone()]);
        let begins = self.all().map(|(handshake, _)| handshake.started_at());
        self.times = Times::of(ends.chain(begins).flatten());
    }

    fn all(&self) -> impl Iterator<Item = (&Handshake, &[Finding])> {
        self.inputs.iter().flat_map(|input| {
            let handshakes = &input.analysis.assembly.handshakes;
            let findings = input.diagnosis.by_handshake.iter().map(Vec::as_slice);
            handshakes.iter().map(AsRef::as_ref).zip(findings)
        })
    }

    /// The inputs.
    pub fn inputs(&self) -> &[Analysed] {
        &self.inputs
    }

    /// The inputs, given away.
    pub fn into_inputs(self) -> Vec<Analysed> {
        self.inputs
    }

    /// Counts changes.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Counts by outcome.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// All handshakes in the order of the log.
    pub fn ids(&self) -> impl Iterator<Item = Id> + '_ {
        self.inputs.iter().enumerate().flat_map(|(input, known)| {
            let count = known.analysis.assembly.handshakes.len();
            (0..count).map(move |position| Id { input, position })
        })
    }

    /// Whether there is such a handshake.
    pub fn has(&self, id: Id) -> bool {
        self.inputs
            .get(id.input)
            .is_some_and(|input| id.position < input.analysis.assembly.handshakes.len())
    }

    /// A handshake.
    pub fn handshake(&self, id: Id) -> &Handshake {
        &self.inputs[id.input].analysis.assembly.handshakes[id.position]
    }

    /// What is wrong with it, the cause first.
    pub fn findings(&self, id: Id) -> &[Finding] {
        self.inputs[id.input]
            .diagnosis
            .by_handshake
            .get(id.position)
            .map_or(&[], Vec::as_slice)
    }

    /// A report on everything.
    pub fn report(&self) -> Report<'_> {
        let report = Report::new(&self.inputs);
        match &self.redactor {
            Some(redactor) => report.redacted_with(redactor),
            None => report,
        }
    }

    /// The id that it has in a report.
    pub fn number(&self, id: Id) -> u32 {
        self.report().brief(id.input, id.position).id()
    }

    /// As a report shows it.
    pub fn view(&self, id: Id) -> HandshakeView<'_> {
        self.report().handshake(id.input, id.position)
    }

    /// As a report shows it that keeps names: for texts from which they are taken out as a whole.
    pub fn plain_view(&self, id: Id) -> HandshakeView<'_> {
        Report::new(&self.inputs).handshake(id.input, id.position)
    }

    /// The name of an input's file, without its directory.
    pub fn file_name(&self, input: usize) -> String {
        let Some(input) = self.inputs.get(input) else {
            return String::new();
        };
        let path = std::path::Path::new(&input.path);
        path.file_name().map_or_else(
            || input.path.clone(),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// The last line of an input, and where it ends; unknown while a file is being read.
    pub fn last_line(&self, input: usize) -> Option<At> {
        let analysis = &self.inputs.get(input)?.analysis;
        let offset = analysis.bytes.checked_sub(1)?;
        (analysis.lines > 0).then_some(At {
            line: analysis.lines,
            offset,
        })
    }

    /// When the log was written; `None` when it prints no times.
    pub fn times(&self) -> Option<&Times> {
        self.times.as_ref()
    }

    /// Failures in each of `count` equal parts of the time of the log.
    pub fn failures_over_time(&self, count: usize) -> Vec<u64> {
        let mut parts = vec![0; count];
        let Some(Times { first, last, .. }) = self.times().filter(|_| count > 0) else {
            return parts;
        };
        let span = last.since(first).max(1) + 1;
        for (handshake, _) in self.all() {
            let failed = handshake.outcome == Outcome::Failed;
            if let Some(at) = handshake.started_at().filter(|_| failed) {
                let into = i128::from(at.since(first).clamp(0, span - 1));
                let part = into * i128::try_from(count).unwrap_or(1) / i128::from(span);
                if let Some(part) = usize::try_from(part).ok().and_then(|at| parts.get_mut(at)) {
                    *part += 1;
                }
            }
        }
        parts
    }
}

/// The other end as a list names it: the name asked for, or the host.
pub fn peer_of(handshake: &Handshake) -> &str {
    let host = handshake.peer().and_then(|peer| peer.host.as_deref());
    handshake
        .server_name()
        .map(|name| &**name)
        .or(host)
        .unwrap_or("")
}

/// The name of the rule that says why, of a handshake that did not come to be.
pub fn cause_of(handshake: &Handshake, findings: &[Finding]) -> Option<&'static str> {
    (handshake.outcome != Outcome::Established)
        .then(|| findings.first().map(|finding| finding.rule))
        .flatten()
}
