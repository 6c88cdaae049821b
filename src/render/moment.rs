//! Times as the report writes them (ISO 8601), read back for differences and for short forms.

use crate::time::{LogTime, Zone, days_from_civil};

/// Milliseconds from 1970-01-01 to the wall clock of `2026-11-21T03:31:15.545Z`, whatever the zone.
pub(super) fn millis(iso: &str) -> Option<i64> {
    let number = |from: usize, to: usize| iso.get(from..to)?.parse::<i64>().ok();
    let days = days_from_civil(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let seconds = number(11, 13)? * 3_600 + number(14, 16)? * 60 + number(17, 19)?;
    Some((days * 86_400 + seconds) * 1_000 + number(20, 23)?)
}

/// The number of the day.
pub(super) fn day(millis: i64) -> i64 {
    millis.div_euclid(86_400_000)
}

/// `2026-11-21 03:31:15`, with milliseconds where they are wanted.
pub(super) fn clock(millis: i64, precise: bool) -> String {
    let at = LogTime {
        millis,
        zone: Zone::default(),
    };
    let time = at.time_of_day();
    let width = if precise { time.len() } else { 8 };
    format!("{} {}", at.date(), time.get(..width).unwrap_or(&time))
}

/// `2026-11-21`
pub(super) fn date(iso: &str) -> &str {
    iso.get(..10).unwrap_or(iso)
}

/// `03:31:15.545`
pub(super) fn time_of_day(iso: &str) -> &str {
    iso.get(11..23).unwrap_or(iso)
}

/// `38 ms`, `4.2 s`, `2 min`, `3.5 h`, `12 days`
pub(super) fn duration(millis: i64) -> String {
    match millis {
        ..=999 => format!("{millis} ms"),
        1_000..=119_999 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        120_000..=7_199_999 => format!("{} min", millis / 60_000),
        7_200_000..=172_799_999 => {
            format!("{}.{} h", millis / 3_600_000, millis % 3_600_000 / 360_000)
        }
        _ => format!("{} days", millis / 86_400_000),
    }
}

/// `2026-03-04 12:33:44.581 – 12:41:02.003`; the date once where it is one.
pub(super) fn range(first: &str, last: &str) -> String {
    let (day, time) = (date(first), time_of_day(first));
    if date(last) == day {
        format!("{day} {time} – {}", time_of_day(last))
    } else {
        format!("{day} {time} – {} {}", date(last), time_of_day(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for (wall_clock, zone) in [
            (1_795_231_875_545, "UTC"),
            (951_782_400_000, "GMT+05:30"),
            (7, "CST"),
        ] {
            let at = LogTime {
                millis: wall_clock,
                zone: zone.into(),
            };
            assert_eq!(millis(&at.iso()), Some(wall_clock), "{}", at.iso());
            assert_eq!(time_of_day(&at.iso()), at.time_of_day());
        }
        assert_eq!(millis("yesterday"), None);
        assert_eq!(millis("2026-11-21Tü3:31:15.545Z"), None);
    }

    #[test]
    fn durations_and_ranges_are_short() {
        let words: Vec<String> = [38, 4_250, 300_000, 12_600_000, 300_000_000]
            .into_iter()
            .map(duration)
            .collect();
        assert_eq!(words, ["38 ms", "4.2 s", "5 min", "3.5 h", "3 days"]);
        assert_eq!(
            range("2026-11-21T03:31:15.545Z", "2026-11-21T03:31:16.120Z"),
            "2026-11-21 03:31:15.545 – 03:31:16.120"
        );
    }
}
