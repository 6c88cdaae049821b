//! Which handshakes are wanted: by outcome, cause, peer, thread and time.
//!
//! Written as `outcome:failed rule:untrusted-root peer:*.example.com thread:http since:12:30 word`; each
//! part narrows, values of one key behind commas widen. The options of the command line say the same.

use std::{fmt, str::FromStr};

use super::{Brief, BriefFinding};
use crate::{
    diagnose::{RULES, find_rule},
    handshake::Outcome,
    time::LogTime,
};

/// Conditions that a handshake has to meet, all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Any of these ids.
    pub ids: Vec<u32>,
    /// Any of these outcomes.
    pub outcomes: Vec<Outcome>,
    /// A finding of any of these rules (names; none is a symptom's only).
    pub rules: Vec<String>,
    /// Any of these hosts or server names.
    pub peers: Vec<Pattern>,
    /// Any of these threads, by name or id.
    pub threads: Vec<Pattern>,
    /// Begun at this time or later.
    pub since: Option<Moment>,
    /// Begun before this time.
    pub until: Option<Moment>,
    /// Words that stand somewhere in what a list shows of it.
    pub words: Vec<String>,
}

/// A text to look for: part of the whole, or with `*` a pattern of all of it. Case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

/// A moment of the log's own clock, as it is printed: with a date, or of every day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Days since 1970-01-01.
    day: Option<i64>,
    /// Milliseconds since midnight.
    of_day: i64,
}

const DAY: i64 = 86_400_000;

/// What is wrong with a condition, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Not a number.
    #[error("`{0}` is no id of a handshake; ids are numbers from 1")]
    Id(String),
    /// No such outcome.
    #[error("`{0}` is no outcome; there are failed, established and unfinished")]
    Outcome(String),
    /// No such rule.
    #[error("`{0}` is no rule; `explain` lists them")]
    Rule(String),
    /// No such condition.
    #[error("`{0}` is none of id: outcome: rule: peer: thread: since: until:")]
    Key(String),
    /// Not a time.
    #[error("`{0}` is no time; write 12:30, 12:30:05.250, 2026-03-04 or 2026-03-04T12:30")]
    Time(String),
}

impl Filter {
    /// Whether every handshake meets it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a handshake meets it.
    pub fn matches(&self, handshake: Brief<'_>) -> bool {
        (self.ids.is_empty() || self.ids.contains(&handshake.id()))
            && (self.outcomes.is_empty() || self.outcomes.contains(&handshake.outcome()))
            && (self.rules.is_empty() || self.is_of_rule(handshake))
            && (self.peers.is_empty() || self.is_with_peer(handshake))
            && (self.threads.is_empty() || self.is_on_thread(handshake))
            && self.is_in_time(handshake)
            && self.words.iter().all(|word| handshake.mentions(word))
    }

    /// As options of the command line; words have none.
    pub fn options(&self) -> Vec<String> {
        self.parts()
            .into_iter()
            .map(|(key, values)| format!("--{key} {}", shell_word(&values.join(","))))
            .collect()
    }

    fn parts(&self) -> Vec<(&'static str, Vec<String>)> {
        fn texts<T: fmt::Display>(values: &[T]) -> Vec<String> {
            values.iter().map(ToString::to_string).collect()
        }
        let outcomes = self
            .outcomes
            .iter()
            .map(|outcome| outcome.name().to_owned());
        let parts = [
            ("id", texts(&self.ids)),
            ("outcome", outcomes.collect()),
            ("rule", self.rules.clone()),
            ("peer", texts(&self.peers)),
            ("thread", texts(&self.threads)),
            (
                "since",
                self.since.iter().map(ToString::to_string).collect(),
            ),
            (
                "until",
                self.until.iter().map(ToString::to_string).collect(),
            ),
        ];
        let given = parts.into_iter().filter(|(_, values)| !values.is_empty());
        given.collect()
    }

    fn is_of_rule(&self, handshake: Brief<'_>) -> bool {
        let wanted =
            |finding: &BriefFinding<'_>| self.rules.iter().any(|rule| rule == finding.rule);
        handshake
            .findings()
            .any(|finding| !finding.is_symptom && wanted(&finding))
    }

    fn is_with_peer(&self, handshake: Brief<'_>) -> bool {
        let mut names = handshake.server_name().into_iter().chain(handshake.host());
        names.any(|name| self.peers.iter().any(|peer| peer.matches(name)))
    }

    fn is_on_thread(&self, handshake: Brief<'_>) -> bool {
        handshake.thread().is_some_and(|(id, name)| {
            let fits = |thread: &Pattern| thread.matches(name) || thread.0.eq_ignore_ascii_case(id);
            self.threads.iter().any(fits)
        })
    }

    fn is_in_time(&self, handshake: Brief<'_>) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        handshake.began_millis().is_some_and(|at| {
            self.since.is_none_or(|since| !since.is_after(at))
                && self.until.is_none_or(|until| until.is_after(at))
        })
    }
}

impl Brief<'_> {
    /// Whether a word stands in what a list shows of it; case does not matter.
    pub fn mentions(self, word: &str) -> bool {
        let word = word.to_lowercase();
        let holds = |text: &str| text.to_lowercase().contains(&word);
        let texts = [
            self.server_name(),
            self.host(),
            self.thread().map(|(_, name)| name),
            self.version(),
            self.cipher_suite(),
            self.role(),
            Some(self.outcome().name()),
        ];
        texts.into_iter().flatten().any(holds)
            || self.findings().any(|finding| {
                holds(finding.rule) || holds(finding.code) || holds(finding.headline)
            })
    }
}

impl Pattern {
    /// Whether a name fits.
    fn matches(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(last) = parts.next_back() else {
            return name.contains(first);
        };
        let Some(mut rest) = name
            .strip_prefix(first)
            .and_then(|rest| rest.strip_suffix(last))
        else {
            return false;
        };
        for part in parts {
            match rest.split_once(part) {
                Some((_, behind)) => rest = behind,
                None => return false,
            }
        }
        true
    }
}

impl FromStr for Pattern {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_lowercase()))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Moment {
    /// Whether it comes after a time, in milliseconds since 1970-01-01T00:00 of the same clock.
    pub fn is_after(self, millis: i64) -> bool {
        match self.day {
            Some(day) => day * DAY + self.of_day > millis,
            None => self.of_day > millis.rem_euclid(DAY),
        }
    }
}

impl FromStr for Moment {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let wrong = || FilterError::Time(text.to_owned());
        let (date, time) = match text.split_once(['T', ' ']) {
            Some((date, time)) => (Some(date), Some(time)),
            None if text.contains(':') => (None, Some(text)),
            None => (Some(text), None),
        };
        let day = date
            .map(|date| day_of(date).ok_or_else(wrong))
            .transpose()?;
        let of_day = time
            .map_or(Some(0), millis_of)
            .filter(|millis| (0..=DAY).contains(millis))
            .ok_or_else(wrong)?;
        Ok(Self { day, of_day })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = LogTime {
            millis: self.day.unwrap_or(0) * DAY + self.of_day,
            zone: crate::time::Zone::default(),
        };
        if self.day.is_some() {
            write!(f, "{}T", at.date())?;
        }
        f.write_str(&at.time_of_day())
    }
}

/// The time of a report, without its offset: `2026-03-04T12:33:44.581+01:00`.
pub(super) fn millis_of_iso(text: &str) -> Option<i64> {
    let end = text.find('.').map_or(text.len(), |dot| dot + 4);
    let moment: Moment = text.get(..end)?.parse().ok()?;
    Some(moment.day? * DAY + moment.of_day)
}

/// `2026-03-04`
fn day_of(date: &str) -> Option<i64> {
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let sound = parts.next().is_none()
        && (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day);
    sound.then(|| crate::time::days_from_civil(year, month, day))
}

/// `12:30`, `12:30:05`, `12:30:05.250`, with or without a Z behind
fn millis_of(time: &str) -> Option<i64> {
    let time = time.trim_end_matches('Z').replace(',', ".");
    let (whole, fraction) = time.split_once('.').unwrap_or((&time, "0"));
    let mut parts = whole.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let sound = parts.next().is_none()
        && (0..=24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    sound.then_some(((hour * 60 + minute) * 60 + second) * 1000 + millis)
}

/// As a shell takes it for one word.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,=@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// An outcome by its name.
pub fn outcome(name: &str) -> Result<Outcome, FilterError> {
    [Outcome::Failed, Outcome::Established, Outcome::Unfinished]
        .into_iter()
        .find(|outcome| outcome.name().eq_ignore_ascii_case(name))
        .ok_or_else(|| FilterError::Outcome(name.to_owned()))
}

/// The name of a rule, by name or code.
pub fn rule(name: &str) -> Result<String, FilterError> {
    find_rule(name)
        .map(|rule| rule.name().to_owned())
        .ok_or_else(|| FilterError::Rule(name.to_owned()))
}

/// The rule of this name or code; else all whose names hold it.
fn rules_like(text: &str) -> Result<Vec<String>, FilterError> {
    rule(text).map(|name| vec![name]).or_else(|error| {
        let part = text.to_lowercase();
        let names = RULES.iter().map(|rule| rule.name());
        let like: Vec<String> = names
            .filter(|name| name.contains(&part))
            .map(str::to_owned)
            .collect();
        if like.is_empty() {
            Err(error)
        } else {
            Ok(like)
        }
    })
}

/// A word in front of a colon that looks as if it were meant as a condition, not as a part of a host or a time.
fn is_like_a_key(key: &str) -> bool {
    let key = key.strip_prefix(['-', '!']).unwrap_or(key);
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase())
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        for part in text.split_whitespace() {
            let (key, values) = part.split_once(':').unwrap_or(("", part));
            let values_of = |values: &str| -> Vec<String> {
                let values = values.split(',').filter(|value| !value.is_empty());
                values.map(str::to_owned).collect()
            };
            let patterns = |values: &str| {
                let values = values_of(values);
                values
                    .iter()
                    .map(|value| Pattern(value.to_lowercase()))
                    .collect::<Vec<_>>()
            };
            match key {
                "id" => {
                    for value in values_of(values) {
                        let id = value.trim_start_matches('#').parse();
                        filter.ids.push(id.map_err(|_| FilterError::Id(value))?);
                    }
                }
                "outcome" => {
                    for value in values_of(values) {
                        filter.outcomes.push(outcome(&value)?);
                    }
                }
                "rule" => {
                    for value in values_of(values) {
                        filter.rules.extend(rules_like(&value)?);
                    }
                }
                "peer" => filter.peers.extend(patterns(values)),
                "thread" => filter.threads.extend(patterns(values)),
                "since" => filter.since = Some(values.parse()?),
                "until" => filter.until = Some(values.parse()?),
                key if is_like_a_key(key) => return Err(FilterError::Key(format!("{key}:"))),
                _ => filter.words.push(part.to_owned()),
            }
        }
        Ok(filter)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.parts().into_iter();
        let mut parts: Vec<String> = parts
            .map(|(key, values)| format!("{key}:{}", values.join(",")))
            .collect();
        parts.extend(self.words.iter().cloned());
        f.write_str(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_parts_or_wholes() {
        let fits = |pattern: &str, name: &str| pattern.parse::<Pattern>().unwrap().matches(name);
        assert!(fits("EXAMPLE", "api.example.com"));
        assert!(fits("*.example.com", "api.example.com"));
        assert!(fits("a*x*m", "api.example.com"));
        assert!(!fits("*.example", "api.example.com"));
        assert!(!fits("ab*ba", "aba"), "what matches is not matched twice");
        assert!(fits("", "anything"));
    }

    #[test]
    fn moments_have_a_date_or_are_of_every_day() {
        let log = millis_of_iso("2026-03-04T12:33:44.581+01:00").unwrap();
        let after = |text: &str| text.parse::<Moment>().unwrap().is_after(log);
        assert!(!after("12:30"));
        assert!(after("12:33:44.582") && !after("12:33:44.581"));
        assert!(after("2026-03-05") && !after("2026-03-04"));
        assert!(after("2026-03-04 12:34") && !after("2026-03-03T23:59:59Z"));
        for wrong in ["", "noon", "25:00", "12", "12:60", "2026-13-01", "1:2:3:4"] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
        assert_eq!(
            "12:30".parse::<Moment>().unwrap().to_string(),
            "12:30:00.000"
        );
    }

    #[test]
    fn a_filter_is_written_as_it_is_read() {
        let text = "id:7 outcome:failed,unfinished rule:untrusted-root peer:api* thread:main since:12:30:00.000 until:2026-03-04T00:00:00.000 tls";
        let filter: Filter = text.parse().unwrap();
        assert_eq!(filter.to_string(), text);
        assert_eq!(
            "rule:T101".parse::<Filter>().unwrap().rules,
            ["incomplete-certificate-chain"]
        );
        assert!("".parse::<Filter>().unwrap().is_empty());
        assert!("outcome:good".parse::<Filter>().is_err());
        assert!("rule:nonsense".parse::<Filter>().is_err());
        assert!("since:yesterday".parse::<Filter>().is_err());
    }

    #[test]
    fn what_is_no_condition_is_refused_and_a_part_of_a_rule_is_enough() {
        for wrong in ["foo:bar", "-rule:T101", "outcom:failed"] {
            assert!(wrong.parse::<Filter>().is_err(), "{wrong}");
        }
        let words: Filter = "example.com:443 10.0.0.1:443".parse().unwrap();
        assert_eq!(words.words.len(), 2);
        let like = "rule:untrusted".parse::<Filter>().unwrap().rules;
        assert!(like.contains(&"untrusted-root".to_owned()), "{like:?}");
        assert!("rule:certificate".parse::<Filter>().unwrap().rules.len() > 5);
    }
}
