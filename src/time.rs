//! Times as the log prints them.

use std::{
    fmt::{self, Write as _},
    ops::Deref,
    sync::Arc,
};

use arcstr::{ArcStr, literal};

/// A printed time: wall clock of the JVM's default time zone, with the zone's printed name.
///
/// Zone names are abbreviations (`CST` means two things) and are never resolved, except for those
/// that carry their offset (`UTC`, `GMT-03:00`). Differences are computed between wall clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTime {
    /// Milliseconds from 1970-01-01 00:00 to the printed wall clock, whatever the zone.
    pub millis: i64,
    /// The zone as printed.
    pub zone: Zone,
}

/// The name of a time zone as printed; empty where none is.
///
/// The usual ones take no memory, and no counting of references between threads.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Zone(ArcStr);

macro_rules! usual_zones {
    ($($name:literal)+) => {
        fn usual_zone(name: &str) -> Option<ArcStr> {
            match name {
                $($name => Some(literal!($name)),)+
                _ => None,
            }
        }
    };
}

usual_zones! {
    "" "UTC" "GMT" "Z" "WET" "WEST" "BST" "IST" "CET" "CEST" "MET" "MEST" "EET" "EEST" "MSK" "SAST" "TRT"
    "EST" "EDT" "CST" "CDT" "MST" "MDT" "PST" "PDT" "AKST" "AKDT" "HST" "BRT" "ART" "CLT" "COT"
    "JST" "KST" "HKT" "SGT" "PHT" "ICT" "WIB" "PKT" "GST" "IRST" "AEST" "AEDT" "ACST" "AWST" "NZST" "NZDT"
}

impl From<&str> for Zone {
    fn from(name: &str) -> Self {
        Self(usual_zone(name).unwrap_or_else(|| name.into()))
    }
}

impl From<&[u8]> for Zone {
    fn from(name: &[u8]) -> Self {
        Self::from(&*String::from_utf8_lossy(name))
    }
}

impl Deref for Zone {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// The zones that a log prints, mostly one: times that are kept by the thousand name theirs by number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Zones(Option<Arc<Vec<Zone>>>);

impl Zones {
    /// A time, short. What is printed in the thousandth zone has none.
    pub(crate) fn stamp(&mut self, at: Option<&LogTime>) -> Stamp {
        let Some(at) = at else {
            return Stamp::default();
        };
        let zones = self.0.get_or_insert_default();
        let number = zones.iter().position(|zone| *zone == at.zone);
        let number = number.unwrap_or_else(|| {
            if zones.len() < Stamp::MOST_ZONES {
                Arc::make_mut(zones).push(at.zone.clone());
                zones.len() - 1
            } else {
                Stamp::MOST_ZONES
            }
        });
        Stamp::new(at.millis, number)
    }

    /// What was made short.
    pub(crate) fn time(&self, stamp: Stamp) -> Option<LogTime> {
        Some(LogTime {
            millis: stamp.millis()?,
            zone: self.0.as_ref()?.get(stamp.zone()?)?.clone(),
        })
    }
}

/// A [`LogTime`], or none, in 60 bits beside the [`Zones`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stamp {
    /// The milliseconds in the upper bits, the number of the zone from 1 below; 0 where there is no time.
    millis_and_zone: i64,
}

impl Stamp {
    const ZONE_BITS: u32 = 10;
    const MOST_ZONES: usize = (1 << Self::ZONE_BITS) - 2;
    /// 50 bits, which hold all years of four digits.
    const MOST_MILLIS: i64 = (1 << 49) - 1;

    fn new(millis: i64, zone: usize) -> Self {
        let millis = millis.clamp(-Self::MOST_MILLIS, Self::MOST_MILLIS);
        let zone = i64::try_from(zone + 1).unwrap_or_default();
        Self {
            millis_and_zone: millis << Self::ZONE_BITS | zone,
        }
    }

    /// The 60 bits, as a number of that size.
    pub(crate) fn bits(self) -> i64 {
        self.millis_and_zone
    }

    /// What [`Self::bits`] gave.
    pub(crate) fn from_bits(millis_and_zone: i64) -> Self {
        Self { millis_and_zone }
    }

    fn zone(self) -> Option<usize> {
        let number = self.millis_and_zone & ((1 << Self::ZONE_BITS) - 1);
        usize::try_from(number).ok()?.checked_sub(1)
    }

    /// As in [`LogTime::millis`]; `None` where there is no time.
    pub(crate) fn millis(self) -> Option<i64> {
        self.zone()
            .filter(|&zone| zone < Self::MOST_ZONES)
            .map(|_| self.millis_and_zone >> Self::ZONE_BITS)
    }
}

/// Days from 1970-01-01 to a civil date (proleptic Gregorian).
///
/// Algorithm: Howard Hinnant, `days_from_civil`.
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The civil date of a day number: the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 {
        month_index + 3
    } else {
        month_index - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The time of day of what [`LogTime::iso`] printed: `00:06:08.006`.
pub(crate) fn time_of_day(iso: &str) -> &str {
    const LEN: usize = "00:06:08.006".len();
    let (_, time) = iso.split_once('T').unwrap_or_default();
    time.get(..LEN).unwrap_or(time)
}

/// The date of what [`LogTime::iso`] printed: `2026-11-21`.
pub(crate) fn date(iso: &str) -> &str {
    iso.split_once('T').map_or(iso, |(date, _)| date)
}

/// The wall clock in what [`LogTime::iso`] printed, as in [`LogTime::millis`]; `None` for anything else.
pub(crate) fn millis_of_iso(iso: &str) -> Option<i64> {
    let (before_christ, date) = match date(iso).strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, date(iso)),
    };
    let mut date = date.splitn(3, '-').map(str::parse::<i64>);
    let mut next = || date.next()?.ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let (clock, fraction) = time_of_day(iso).split_once('.')?;
    let mut clock = clock.splitn(3, ':').map(str::parse::<i64>);
    let mut next = || clock.next()?.ok().filter(|number| (0..60).contains(number));
    let (hour, minute, second) = (next()?, next()?, next()?);
    let is_date = year <= 1_000_000 && (1..=12).contains(&month) && (1..=31).contains(&day);
    let days = is_date.then(|| days_from_civil(year * before_christ, month, day))?;
    let of_day = ((hour * 60 + minute) * 60 + second) * 1000;
    Some(days * 86_400_000 + of_day + fraction.parse::<i64>().ok()?)
}

const ISO_LENGTH: usize = "2026-11-21T00:06:08.006+05:30".len();

/// Decimal digits with zeros in front: a report prints tens of thousands of times.
fn push_digits(text: &mut String, number: u32, digits: u32) {
    for place in (0..digits).rev() {
        let digit = number / 10_u32.pow(place) % 10;
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

impl LogTime {
    /// Milliseconds since `earlier`; negative when the clock went back.
    pub fn since(&self, earlier: &Self) -> i64 {
        self.millis - earlier.millis
    }

    /// Milliseconds since 1970-01-01T00:00Z, when the zone's name says its offset.
    pub fn unix_millis(&self) -> Option<i64> {
        self.offset_minutes()
            .map(|minutes| self.millis - minutes * 60_000)
    }

    /// The date alone: `2026-11-21`.
    pub fn date(&self) -> String {
        let mut text = String::with_capacity(ISO_LENGTH);
        self.push_date(&mut text);
        text
    }

    /// The time of day alone: `00:06:08.006`.
    pub fn time_of_day(&self) -> String {
        let mut text = String::with_capacity(ISO_LENGTH);
        self.push_time_of_day(&mut text);
        text
    }

    fn push_date(&self, text: &mut String) {
        let (year, month, day) = civil_from_days(self.millis.div_euclid(86_400_000));
        if let Ok(year @ 0..=9_999) = u32::try_from(year) {
            push_digits(text, year, 4);
        } else {
            let _ = write!(text, "{year:04}"); // a String takes it all
        }
        for number in [month, day] {
            text.push('-');
            push_digits(text, u32::try_from(number).unwrap_or_default(), 2);
        }
    }

    fn push_time_of_day(&self, text: &mut String) {
        let of_day = self.millis.rem_euclid(86_400_000);
        let of_day = u32::try_from(of_day).unwrap_or_default(); // as a day has that few
        push_digits(text, of_day / 3_600_000, 2);
        text.push(':');
        push_digits(text, of_day / 60_000 % 60, 2);
        text.push(':');
        push_digits(text, of_day / 1_000 % 60, 2);
        text.push('.');
        push_digits(text, of_day % 1_000, 3);
    }

    /// ISO 8601: with an offset when the zone's name tells it, local (without) when it does not.
    pub fn iso(&self) -> String {
        let mut text = String::with_capacity(ISO_LENGTH);
        self.push_date(&mut text);
        text.push('T');
        self.push_time_of_day(&mut text);
        match self.offset_minutes() {
            None => {}
            Some(0) => text.push('Z'),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
                let _ = write!(text, "{sign}{hours:02}:{minutes:02}");
            }
        }
        text
    }

    /// The offset in minutes that the zone's own name states: `UTC`, `GMT`, `Z`, `GMT+05:30`.
    fn offset_minutes(&self) -> Option<i64> {
        let zone = &*self.zone;
        if matches!(zone, "UTC" | "GMT" | "Z") {
            return Some(0);
        }
        let rest = zone
            .strip_prefix("GMT")
            .or_else(|| zone.strip_prefix("UTC"))
            .unwrap_or(zone);
        let (sign, digits) = match rest.as_bytes().first()? {
            b'+' => (1, &rest[1..]),
            b'-' => (-1, &rest[1..]),
            _ => return None,
        };
        let (hours, minutes) = digits.split_once(':')?;
        let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
        // the widest offset that java.util.TimeZone knows
        ((0..=18).contains(&hours) && (0..60).contains(&minutes))
            .then_some(sign * (hours * 60 + minutes))
    }
}

impl fmt::Display for LogTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.date(), self.time_of_day())?;
        if self.zone.is_empty() {
            Ok(())
        } else {
            write!(f, " {}", self.zone)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_of_more_or_fewer_digits_are_printed_whole() {
        for (millis, date) in [
            (0, "1970-01-01"),
            (-62_167_219_200_001, "-001-12-31"),
            (-62_167_219_200_000, "0000-01-01"),
            (253_402_300_799_999, "9999-12-31"),
            (253_402_300_800_000, "10000-01-01"),
        ] {
            let time = LogTime {
                millis,
                zone: Zone::from("GMT-05:30"),
            };
            assert_eq!(time.date(), date);
            assert_eq!(time.iso(), format!("{date}T{}-05:30", time.time_of_day()));
        }
    }

    #[test]
    fn civil_dates_round_trip() {
        for days in [-719_468, -1, 0, 59, 60, 11_016, 20_778, 2_932_896] {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        assert_eq!(civil_from_days(20_778), (2026, 11, 21));
    }

    #[test]
    fn what_is_printed_can_be_read_again() {
        for millis in [
            0,
            -1,
            1_795_219_568_006,
            253_402_300_800_000,
            -70_000_000_000_000,
        ] {
            for zone in ["UTC", "GMT-03:30", "CST", ""] {
                let at = LogTime {
                    millis,
                    zone: zone.into(),
                };
                let iso = at.iso();
                assert_eq!(millis_of_iso(&iso), Some(millis), "{iso}");
                assert_eq!(time_of_day(&iso), at.time_of_day());
                assert_eq!(date(&iso), at.date());
            }
        }
        for odd in [
            "",
            "T",
            "2026",
            "2026-13-01T00:00:00.000",
            "ü-ü-üTü",
            "2026-01-01T99:00:00.0",
        ] {
            assert_eq!(millis_of_iso(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_stamp_keeps_the_time_and_its_zone() {
        let mut zones = Zones::default();
        let times = [
            0,
            -1,
            1_795_219_568_006,
            253_402_300_799_999,
            -62_167_219_200_000,
        ]
        .into_iter()
        .flat_map(|millis| ["UTC", "GMT-03:30", ""].map(|zone| (millis, Zone::from(zone))))
        .map(|(millis, zone)| LogTime { millis, zone });
        for at in times {
            let stamp = zones.stamp(Some(&at));
            assert_eq!(stamp.millis(), Some(at.millis));
            assert_eq!(zones.time(stamp), Some(at));
        }
        let none = zones.stamp(None);
        assert_eq!((none.millis(), zones.time(none)), (None, None));
    }

    #[test]
    fn more_zones_than_there_are_cost_the_time_only() {
        let mut zones = Zones::default();
        let mut stamp = |number: usize| {
            let at = LogTime {
                millis: 1,
                zone: Zone::from(&*format!("Z{number}")),
            };
            let stamp = zones.stamp(Some(&at));
            (zones.time(stamp), Some(at))
        };
        for number in 0..Stamp::MOST_ZONES {
            let (kept, at) = stamp(number);
            assert_eq!(kept, at);
        }
        assert_eq!(stamp(Stamp::MOST_ZONES).0, None);
    }

    #[test]
    fn offsets_are_printed_only_when_the_zone_states_them() {
        let at = |zone: &str| {
            LogTime {
                millis: 0,
                zone: zone.into(),
            }
            .iso()
        };
        assert_eq!(at("UTC"), "1970-01-01T00:00:00.000Z");
        assert_eq!(at("GMT-03:30"), "1970-01-01T00:00:00.000-03:30");
        assert_eq!(at("CST"), "1970-01-01T00:00:00.000");
    }
}
