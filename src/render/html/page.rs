//! The page: what its template asks for.

use std::{borrow::Borrow, collections::HashSet, io};

use askama::Template;
use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use super::{
    JSON_BYTES, Options, ROWS, TOLD,
    chain::End,
    chart::Chart,
    story::{Line, Story},
};
use crate::{
    diagnose::{RULES, find_rule},
    render::{
        json, moment,
        overview::{Brief, Ending, Group, Overview},
        rules::paragraphs,
        selection,
        words::{self, counted, cut, listed, maybe},
    },
    report::{FindingView, InputView, Report, ToolView},
};

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");
/// Handshakes that are unfolded from the start.
const OPEN: usize = 3;
/// Rows of one table: browsers skip tables that are not on the screen.
const TABLE: usize = 250;
/// Oddities of the input that are quoted.
const ODDITIES: usize = 50;

/// What parts of the page are made from.
#[derive(Clone, Copy)]
pub(super) struct Context<'p, 'a> {
    pub(super) report: &'p Report<'a>,
    pub(super) overview: &'p Overview,
    pub(super) options: &'p Options,
    /// The names of the inputs.
    pub(super) names: &'p [String],
}

impl<'p> Context<'p, '_> {
    /// The name of an input, where there are several.
    pub(super) fn input_name(&self, input: usize) -> Option<String> {
        let name = self.names.get(input).filter(|_| self.names.len() > 1)?;
        Some(cut(name, 300))
    }

    /// Kinds of failure that are told in full.
    pub(super) fn told(&self) -> &'p [Group] {
        let most = self.options.limit.unwrap_or(TOLD).min(TOLD);
        let all = &self.overview.groups;
        &all[..most.min(all.len())]
    }

    /// What was taken out, in a sentence.
    pub(super) fn redacted(&self) -> Option<&'p str> {
        let said = self.options.redacted.as_deref();
        said.or(self.report.redacted())
    }

    /// Whether a handshake is told in full, so that it can be linked to.
    pub(super) fn is_told(&self, id: u32) -> bool {
        let mut told = self.told().iter();
        told.any(|group| self.overview.first(group).id == id)
    }
}

#[derive(Template)]
#[template(path = "page.html")]
pub(super) struct Page<'p, 'a> {
    context: Context<'p, 'a>,
    verdict: String,
    chart: Option<Chart>,
    inputs: Vec<InputView>,
    tool: ToolView,
    /// Ids of the handshakes in the table.
    listed: HashSet<u32>,
    json: Option<String>,
    style: &'static str,
    style_hash: String,
    script: &'static str,
    script_hash: String,
    /// How many rules this program has.
    rules: usize,
}

/// A handful of handshakes of the table.
struct Block<'p> {
    briefs: Vec<&'p Brief>,
}

impl<'p, 'a> Page<'p, 'a> {
    pub(super) fn new(context: Context<'p, 'a>) -> io::Result<Self> {
        let Context {
            report,
            overview,
            options,
            ..
        } = context;
        Ok(Self {
            context,
            verdict: overview.verdict(report),
            chart: Chart::of(overview),
            inputs: report.inputs().collect(),
            tool: report.tool().clone(),
            listed: listed_ids(overview, options),
            style: STYLE,
            style_hash: hash(STYLE),
            script: SCRIPT,
            script_hash: hash(SCRIPT),
            rules: RULES.len(),
            // a limit is there to make the file small, or to show less
            json: match options.limit {
                None => json::within(report, JSON_BYTES)?.map(|json| inert_json(&json)),
                Some(_) => None,
            },
        })
    }

    fn count(&self, ending: &str) -> usize {
        let endings = [Ending::Failed, Ending::Unfinished, Ending::Established];
        let of_name = endings.into_iter().find(|known| known.name() == ending);
        of_name.map_or(0, |ending| self.context.overview.count(ending))
    }

    /// `client and server · JDK 17 · 2026-03-04 12:33:44.581 – 12:41:02.003`
    fn summary(&self) -> String {
        let mut facts = Vec::new();
        let inputs = &self.inputs;
        match inputs.as_slice() {
            [input] => facts.push(cut(&input.path, 300)),
            several => facts.push(counted(several.len(), "input")),
        }
        let mut jdks: Vec<String> = inputs
            .iter()
            .filter_map(|input| Some(format!("JDK {}", input.jdk.as_ref()?.guess)))
            .collect();
        jdks.dedup();
        facts.extend((!jdks.is_empty()).then(|| listed(&jdks)));
        facts.extend(self.time_range());
        facts.join(" · ")
    }

    fn time_range(&self) -> Option<String> {
        let summary = self.context.report.summary();
        let (first, last) = (
            maybe(summary.first_at.as_ref())?,
            maybe(summary.last_at.as_ref())?,
        );
        let mut zones: Vec<&str> = self
            .inputs
            .iter()
            .filter_map(|input| maybe(input.time_zone.as_ref()))
            .collect();
        zones.dedup();
        let zone = match zones.as_slice() {
            [zone] => format!(" {}", cut(zone, 60)),
            _ => String::new(),
        };
        Some(moment::range(first, last) + &zone)
    }

    /// Stories of failed or of unfinished handshakes, each made when its turn comes.
    fn stories(&self, ending: &str) -> impl Iterator<Item = Story<'a>> {
        let context = self.context;
        let open = |number: usize| number < OPEN;
        let wanted = ending.to_owned();
        self.context
            .told()
            .iter()
            .enumerate()
            .filter(move |(_, group)| group.ending.name() == wanted)
            .map(move |(number, group)| Story::of(group, open(number), &context))
    }

    /// Handshakes that broke up, of kinds that there was no room for.
    fn untold(&self) -> usize {
        let told = self.context.told().len();
        self.context.overview.broken_behind(told)
    }

    /// What the saved report that this page is made from does not tell.
    fn never_told(&self) -> Option<String> {
        selection::untold(self.context.report)
    }

    /// The filter, and how much it lets through.
    fn share(&self) -> Option<String> {
        selection::share(&self.context.report.selection_of_all()?)
    }

    /// The file that a line stands in, where there are several.
    fn place(&self, input: impl Borrow<usize>, line: impl Borrow<u64>) -> Option<String> {
        let line = *line.borrow();
        let place = self.context.report.place(*input.borrow(), line)?;
        Some(words::file(&place, line))
    }

    /// Whether a handshake is told in full here, so that it can be linked to.
    fn is_told(&self, id: impl Borrow<u32>) -> bool {
        self.context.is_told(*id.borrow())
    }

    /// Findings of the JVM and of the log, but those that a handshake is told with.
    fn log_findings(&self) -> Vec<(usize, Option<String>, FindingView<'a>)> {
        let told = |rule: &str| {
            let causes = &self.context.overview.causes;
            causes.iter().any(|cause| cause.rule == rule)
        };
        let mut findings = Vec::new();
        for input in 0..self.inputs.len() {
            let of_input = self.context.report.log_findings_of(input);
            for finding in of_input.filter(|finding| !told(&finding.rule)) {
                findings.push((input, self.context.input_name(input), finding));
            }
        }
        findings
    }

    /// The rows of the table, in tables of some hundred.
    fn blocks(&self) -> impl Iterator<Item = Block<'p>> {
        let is_listed = |brief: &&Brief| self.listed.contains(&brief.id);
        let briefs: Vec<&Brief> = self.context.overview.all.iter().filter(is_listed).collect();
        let blocks: Vec<Block<'p>> = briefs
            .chunks(TABLE)
            .map(|briefs| Block {
                briefs: briefs.to_vec(),
            })
            .collect();
        blocks.into_iter()
    }

    fn lines(&self, block: &Block<'p>) -> impl Iterator<Item = Line> {
        let context = self.context;
        let told: HashSet<u32> = context
            .told()
            .iter()
            .map(|group| context.overview.first(group).id)
            .collect();
        let briefs = block.briefs.clone();
        briefs.into_iter().map(move |brief| {
            let view = context.report.handshake(brief.input, brief.position);
            let under = Some(context.overview.told_under(brief)).filter(|id| told.contains(id));
            let file = context.report.place(brief.input, view.first_line);
            let file = file.map(|place| words::file(&place, view.first_line));
            Line::of(brief, &view, under, file)
        })
    }

    /// What is not in the table.
    fn unlisted(&self) -> Option<String> {
        let all = &self.context.overview.all;
        let count = |ending: Ending| {
            let left_out =
                |brief: &&Brief| brief.ending == ending && !self.listed.contains(&brief.id);
            all.iter().filter(left_out).count()
        };
        let parts: Vec<String> = [Ending::Failed, Ending::Unfinished, Ending::Established]
            .into_iter()
            .map(|ending| (count(ending), ending.name()))
            .filter(|(number, _)| *number > 0)
            .map(|(number, name)| format!("{number} {name}"))
            .collect();
        (!parts.is_empty()).then(|| listed(&parts))
    }

    /// The texts of `explain` for every rule that is named on the page.
    fn explained(&self) -> Vec<Explained> {
        let overview = self.context.overview;
        let of_log = self.log_findings();
        let counted = overview.causes.iter().chain(&overview.remarks);
        let mut names: Vec<String> = counted.map(|count| count.rule.clone()).collect();
        names.extend(
            of_log
                .iter()
                .map(|(_, _, finding)| finding.rule.to_string()),
        );
        names.extend(overview.mentioned.iter().cloned());
        let mut seen = HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
            .iter()
            .filter_map(|name| Explained::of(name))
            .collect()
    }

    fn odd(&self, input: impl Borrow<usize>) -> Vec<(u64, String, String)> {
        let anomalies = self
            .context
            .report
            .anomalies_of(*input.borrow())
            .take(ODDITIES);
        anomalies
            .map(|odd| (odd.line, odd.kind.to_string(), cut(&odd.text, 300)))
            .collect()
    }

    /// Why the fingerprint of a file is not there.
    fn no_digest(&self, input: impl Borrow<usize>) -> &'static str {
        words::no_digest(self.context.report, *input.borrow())
    }
}

/// A piece of a rule's text.
struct Piece {
    /// `code`, `em`, or nothing of the kind.
    kind: &'static str,
    text: String,
}

/// The text of a rule.
struct Explained {
    code: &'static str,
    name: &'static str,
    summary: &'static str,
    sections: Vec<(&'static str, Vec<Vec<Piece>>)>,
}

impl Explained {
    fn of(name: &str) -> Option<Self> {
        let rule = find_rule(name)?;
        let paragraphs = |text: &str| -> Vec<Vec<Piece>> {
            let paragraphs = paragraphs(text);
            paragraphs.iter().map(|text| pieces(text)).collect()
        };
        Some(Self {
            code: rule.code(),
            name: rule.name(),
            summary: rule.summary(),
            sections: rule
                .sections()
                .into_iter()
                .map(|(heading, text)| (heading, paragraphs(&text)))
                .collect(),
        })
    }
}

/// Cuts a paragraph at its `code` and its *emphasis*: there is no other markup in the rules' texts.
fn pieces(paragraph: &str) -> Vec<Piece> {
    let piece = |kind: &'static str, text: &str| Piece {
        kind,
        text: text.to_owned(),
    };
    let mut pieces = Vec::new();
    for (at, part) in paragraph.split('`').enumerate() {
        if at % 2 == 1 {
            pieces.push(piece("code", part));
            continue;
        }
        for (at, part) in part.split('*').enumerate() {
            pieces.push(piece(if at % 2 == 1 { "em" } else { "" }, part));
        }
    }
    pieces
}

/// As many as there is room for, the failed ones first.
fn listed_ids(overview: &Overview, options: &Options) -> HashSet<u32> {
    let room = options.limit.unwrap_or(ROWS).min(ROWS);
    let mut briefs: Vec<&Brief> = overview.all.iter().collect();
    briefs.sort_by_key(|brief| brief.ending);
    briefs
        .into_iter()
        .take(room)
        .map(|brief| brief.id)
        .collect()
}

fn hash(text: &str) -> String {
    BASE64.encode(&Sha256::digest(text.as_bytes()))
}

/// JSON in which nothing ends a script element or begins a comment: `<` occurs in strings only, where
/// it may be written as an escape.
fn inert_json(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

/// What templates call.
#[expect(
    unreachable_pub,
    clippy::inline_always,
    clippy::unnecessary_wraps,
    reason = "what filter_fn makes of a function"
)]
mod filters {
    use std::{borrow::Borrow, fmt::Display};

    use askama::Values;

    /// At most `width` characters.
    #[askama::filter_fn]
    pub(super) fn short(
        text: impl Display,
        _: &dyn Values,
        width: usize,
    ) -> askama::Result<String> {
        Ok(super::cut(&text.to_string(), width))
    }

    /// `1 handshake`, `2 handshakes`
    #[askama::filter_fn]
    pub(super) fn counted(
        number: impl Borrow<usize>,
        _: &dyn Values,
        thing: &str,
    ) -> askama::Result<String> {
        Ok(super::counted(*number.borrow(), thing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_emphasis_of_a_rule_are_told_apart() {
        let pieces = pieces("*Certain* when `a*b` says so");
        let pieces: Vec<(&str, &str)> = pieces.iter().map(|p| (p.kind, &*p.text)).collect();
        assert_eq!(
            pieces,
            [
                ("", ""),
                ("em", "Certain"),
                ("", " when "),
                ("code", "a*b"),
                ("", " says so")
            ]
        );
    }

    #[test]
    fn emphasis_is_closed_in_every_rule() {
        for rule in RULES {
            for (_, text) in rule.sections() {
                for paragraph in paragraphs(&text) {
                    let mut parts = paragraph.split('`');
                    assert_eq!(parts.clone().count() % 2, 1, "{paragraph}");
                    let even = |part: &str| part.matches('*').count().is_multiple_of(2);
                    assert!(parts.by_ref().step_by(2).all(even), "{paragraph}");
                }
            }
        }
    }
}
