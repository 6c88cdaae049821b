//! Handshakes over time: how many failed, were not finished, or were established, in columns of equal
//! length. Without times, over the log.

use std::ops::Range;

use crate::render::{
    moment,
    overview::{Brief, Ending, Overview},
    words::counted,
};

/// Fewer handshakes need no chart.
const ENOUGH: usize = 3;
/// Columns at most.
const COLUMNS: i64 = 60;
/// Pixels from the base line to the top.
const HEIGHT: usize = 96;
/// Lengths of a column, in milliseconds: what a clock would divide by.
const LENGTHS: [i64; 26] = [
    10,
    20,
    50,
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    15_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    900_000,
    1_800_000,
    3_600_000,
    7_200_000,
    10_800_000,
    21_600_000,
    43_200_000,
    86_400_000,
    604_800_000,
    2_592_000_000,
];

/// See the module. Lengths along the time are percentages, heights are pixels.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) columns: Vec<Column>,
    pub(super) height: usize,
    /// The highest column.
    pub(super) most: usize,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) caption: String,
}

/// One column, its parts from the base line up.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) x: String,
    pub(super) width: String,
    pub(super) bars: Vec<Bar>,
    pub(super) title: String,
}

/// A part of a column.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) ending: &'static str,
    pub(super) y: usize,
    pub(super) height: usize,
}

/// Numbers of one column, by ending.
#[derive(Debug, Clone, Default)]
struct Tally {
    failed: usize,
    unfinished: usize,
    established: usize,
}

/// What the columns stand along.
struct Axis {
    /// Place of the first column's beginning, and length of each.
    start: i64,
    length: i64,
    is_time: bool,
    /// All on one day: the time of day is enough.
    is_day: bool,
}

impl Chart {
    pub(super) fn of(overview: &Overview) -> Option<Self> {
        if overview.all.len() < ENOUGH {
            return None;
        }
        let axis = Axis::of(&overview.all)?;
        let last = axis.places(&overview.all).map(|(place, _)| place).max()?;
        let count = usize::try_from((last - axis.start) / axis.length + 1).ok()?;
        let mut tallies = vec![Tally::default(); count];
        for (place, ending) in axis.places(&overview.all) {
            let column = usize::try_from((place - axis.start) / axis.length).ok()?;
            tallies[column].add(ending);
        }
        let most = tallies.iter().map(Tally::total).max()?;
        let column = |(at, tally): (usize, &Tally)| axis.column(at, count, tally, most);
        Some(Self {
            columns: tallies
                .iter()
                .enumerate()
                .filter(|(_, t)| t.total() > 0)
                .map(column)
                .collect(),
            height: HEIGHT,
            most,
            from: axis.name(0),
            to: axis.name(count),
            caption: axis.caption(overview, &tallies),
        })
    }
}

impl Axis {
    /// Times where all handshakes (but a few) have them, else the order of the log.
    fn of(all: &[Brief]) -> Option<Self> {
        let times = || all.iter().filter_map(|brief| brief.started);
        let is_time = times().count() * 10 >= all.len() * 9;
        let (first, last) = if is_time {
            (times().min()?, times().max()?)
        } else {
            (0, i64::try_from(all.len()).ok()? - 1)
        };
        let fits = |length: &i64| (last - first) / length < COLUMNS;
        let length = if is_time {
            LENGTHS
                .into_iter()
                .find(fits)
                .unwrap_or((last - first) / COLUMNS + 1)
        } else {
            (last - first) / COLUMNS + 1
        };
        // at one moment there is no course of things
        (last > first).then_some(Self {
            start: first - first.rem_euclid(length),
            length,
            is_time,
            is_day: moment::day(first) == moment::day(last),
        })
    }

    fn places<'b>(&self, all: &'b [Brief]) -> impl Iterator<Item = (i64, Ending)> + 'b {
        let is_time = self.is_time;
        all.iter().zip(0..).filter_map(move |(brief, number)| {
            let place = if is_time { brief.started? } else { number };
            Some((place, brief.ending))
        })
    }

    fn column(&self, at: usize, count: usize, tally: &Tally, most: usize) -> Column {
        let share = 100_000 / count;
        let percent =
            |thousandths: usize| format!("{}.{:03}%", thousandths / 1_000, thousandths % 1_000);
        Column {
            x: percent(at * 100_000 / count),
            width: percent((share - share / 8).min(4_000)),
            bars: tally.bars(most),
            title: format!("{}: {}", self.span(at..at + 1), tally.in_words()),
        }
    }

    /// The beginning of a column.
    fn name(&self, column: usize) -> String {
        let place = self.start + i64::try_from(column).unwrap_or_default() * self.length;
        if self.is_time {
            let clock = moment::clock(place, self.length < 1_000);
            match clock.split_once(' ') {
                Some((_, time)) if self.is_day => time.to_owned(),
                _ => clock,
            }
        } else {
            format!("handshake {}", place + 1)
        }
    }

    fn span(&self, columns: Range<usize>) -> String {
        format!("{} – {}", self.name(columns.start), self.name(columns.end))
    }

    /// When the failures began, when they ended, and when there were most.
    fn caption(&self, overview: &Overview, tallies: &[Tally]) -> String {
        let failed: Vec<usize> = (0..tallies.len())
            .filter(|&at| tallies[at].failed > 0)
            .collect();
        let total = overview.count(Ending::Failed);
        let (Some(&first), Some(&last)) = (failed.first(), failed.last()) else {
            return "No handshake failed in this time.".to_owned();
        };
        let unit = if self.is_time {
            format!("A column is {}. ", moment::duration(self.length))
        } else {
            "The log has no times: the columns follow its order. ".to_owned()
        };
        let span = self.span(first..last + 1);
        let peak = failed
            .iter()
            .max_by_key(|&&at| (tallies[at].failed, usize::MAX - at));
        let is_peak = |at: &&usize| failed.len() > 1 && tallies[**at].failed > 1;
        let peak = peak.filter(is_peak).map(|&at| {
            format!(
                "; most of them, {}, in {}",
                tallies[at].failed,
                self.span(at..at + 1)
            )
        });
        format!(
            "{unit}{} failed, in {span}{}.",
            counted(total, "handshake"),
            peak.unwrap_or_default()
        )
    }
}

impl Tally {
    fn add(&mut self, ending: Ending) {
        *match ending {
            Ending::Failed => &mut self.failed,
            Ending::Unfinished => &mut self.unfinished,
            Ending::Established => &mut self.established,
        } += 1;
    }

    fn total(&self) -> usize {
        self.failed + self.unfinished + self.established
    }

    /// Failures stand on the base line, where columns compare best; one of a thousand is still seen.
    fn bars(&self, most: usize) -> Vec<Bar> {
        const LEAST: usize = 3;
        let parts = [
            (Ending::Failed, self.failed),
            (Ending::Unfinished, self.unfinished),
            (Ending::Established, self.established),
        ];
        let mut top = HEIGHT;
        let mut bars = Vec::new();
        for (ending, number) in parts {
            if number > 0 {
                let height = (number * (HEIGHT - 2 * LEAST) / most.max(1)).max(LEAST);
                top = top.saturating_sub(height);
                bars.push(Bar {
                    ending: ending.name(),
                    y: top,
                    height,
                });
            }
        }
        bars
    }

    fn in_words(&self) -> String {
        let parts = [
            (self.failed, "failed"),
            (self.unfinished, "unfinished"),
            (self.established, "established"),
        ];
        let words: Vec<String> = parts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{number} {word}"))
            .collect();
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overview(at: &[(Option<i64>, Ending)]) -> Overview {
        let all = at.iter().zip(1..).map(|(&(started, ending), id)| Brief {
            input: 0,
            position: 0,
            id,
            ending,
            started,
            told_as: None,
            group: None,
        });
        Overview {
            all: all.collect(),
            ..Overview::default()
        }
    }

    #[test]
    fn columns_have_lengths_of_a_clock_and_hold_every_handshake() {
        let day: Vec<(Option<i64>, Ending)> = (0..500)
            .map(|n| {
                (
                    Some(1_795_231_800_000 + n * 100_000),
                    if n % 50 == 0 {
                        Ending::Failed
                    } else {
                        Ending::Established
                    },
                )
            })
            .collect();
        let chart = Chart::of(&overview(&day)).unwrap();
        assert!(chart.columns.len() <= 60);
        assert!(
            chart
                .caption
                .starts_with("A column is 15 min. 10 handshakes failed"),
            "{}",
            chart.caption
        );
        let tallied: usize = chart
            .columns
            .iter()
            .flat_map(|column| column.title.split(": ").nth(1).unwrap().split(", "))
            .map(|part| part.split(' ').next().unwrap().parse::<usize>().unwrap())
            .sum();
        assert_eq!(tallied, 500);
        for column in &chart.columns {
            assert!(
                column
                    .bars
                    .iter()
                    .all(|bar| bar.height >= 3 && bar.y + bar.height <= HEIGHT)
            );
        }
    }

    #[test]
    fn without_times_the_order_of_the_log_is_the_axis() {
        let none = [(None, Ending::Failed); 130];
        let chart = Chart::of(&overview(&none)).unwrap();
        assert_eq!(
            (chart.columns.len(), chart.from.as_str()),
            (44, "handshake 1")
        );
    }

    #[test]
    fn two_handshakes_or_one_moment_make_no_chart() {
        assert!(Chart::of(&overview(&[(Some(1), Ending::Failed); 2])).is_none());
        assert!(Chart::of(&overview(&[(Some(1), Ending::Failed); 9])).is_none());
    }
}
