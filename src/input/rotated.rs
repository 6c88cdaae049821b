//! Which files are one log, rotated: by their names, as the usual rotators build them.
//!
//! | name | rotator | newest |
//! |---|---|---|
//! | `server.log.1`, `server.1.log` | logrotate, Log4j, Tanuki, JUL; Logback | the lowest number |
//! | `server.log-20260304`, `wrapper.log.20260304` | logrotate `dateext`, Tanuki | the last date |
//! | `server.log.2026-03-04.1`, `server.2026-03-04-1.log` | Log4j, Logback, Spring Boot, Tomcat | the last date, then the highest number |
//! | `SystemOut_26.03.04_10.33.52.log` | WebSphere | the last time |
//! | `server.log00007` | `WebLogic` | the highest number |
//!
//! The file that is written to has the name alone, `server.log`. Any of them may be compressed.
//! Times of modification say nothing: copying changes them.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::Regex;

/// Where in its set a file stands. Orders from the oldest to the newest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A date and what follows it, or a number that grows.
    Growing(Vec<u64>, std::cmp::Reverse<u64>),
    /// Numbered from the newest back.
    Numbered(std::cmp::Reverse<u64>),
    /// The file that is written to.
    Current,
}

/// What a name says.
#[derive(Debug, PartialEq, Eq)]
struct Rotated {
    /// The name of the file that is written to.
    base: String,
    rank: Rank,
    /// Only next to the file that is written to: `app.1.log` may be the log of the first of two hosts.
    weak: bool,
}

/// Groups files into sets. Each group is a list of positions in `files`, oldest first; groups are in
/// the order of their first member. A file that belongs to no set is a group of its own.
pub(super) fn group(files: &[PathBuf]) -> Vec<Vec<usize>> {
    if let [_] = files {
        return vec![vec![0]];
    }
    let mut sets: HashMap<(PathBuf, String), Vec<(Rotated, usize)>> = HashMap::new();
    for (at, path) in files.iter().enumerate() {
        let (Some(name), Some(parent)) = (
            path.file_name().and_then(|name| name.to_str()),
            path.parent(),
        ) else {
            continue;
        };
        let rotated = Rotated::of(name);
        // `./x` and `x` are next to each other
        let parent = parent.components().collect::<PathBuf>();
        let parent = parent
            .strip_prefix(".")
            .map_or_else(|_| parent.clone(), Path::to_owned);
        sets.entry((parent, rotated.base.clone()))
            .or_default()
            .push((rotated, at));
    }
    let mut groups: Vec<Vec<usize>> = sets.into_values().map(|set| join(set, files)).collect();
    let mut alone = vec![true; files.len()];
    groups.retain(|set| set.len() > 1);
    groups.iter().flatten().for_each(|&at| alone[at] = false);
    groups.extend((0..files.len()).filter(|&at| alone[at]).map(|at| vec![at]));
    groups.sort_by_key(|set| set.iter().copied().min());
    groups
}

/// The members of a set in their order; without those that only look like it.
fn join(mut set: Vec<(Rotated, usize)>, files: &[PathBuf]) -> Vec<usize> {
    let has_current = set.iter().any(|(rotated, _)| rotated.rank == Rank::Current);
    set.retain(|(rotated, _)| has_current || !rotated.weak);
    let packed = |at: usize| without_compression(&files[at].to_string_lossy()).1;
    set.sort_by(|(a, at), (b, bt)| a.rank.cmp(&b.rank).then(packed(*at).cmp(&packed(*bt))));
    // `x.log.1` and the `x.log.1.gz` that is just being made of it hold the same
    set.dedup_by(|(later, _), (earlier, _)| later.rank == earlier.rank);
    set.into_iter().map(|(_, at)| at).collect()
}

impl Rotated {
    fn of(name: &str) -> Self {
        let (plain, _) = without_compression(name);
        Self::dated(plain)
            .or_else(|| Self::numbered(plain))
            .unwrap_or_else(|| Self {
                base: plain.to_owned(),
                rank: Rank::Current,
                weak: false,
            })
    }

    /// A date, or a number that grows, behind the name or before its extension.
    fn dated(name: &str) -> Option<Self> {
        /// `20260304`, `2026-03-04`; then hours, seconds since 1970, a number within the day.
        const DATE: &str = r"(?P<date>(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])))(?P<more>(?:\d\d){0,3}(?:[-_.T]\d{1,10}){0,4})";
        static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
            [
                format!(r"^(?P<stem>.+?)[-._]{DATE}(?P<extension>)$"),
                format!(r"^(?P<stem>.+?)[-._]{DATE}(?P<extension>\.[A-Za-z]\w*)$"),
                r"^(?P<stem>.+?)_(?P<date>\d\d\.[01]\d\.[0-3]\d)(?P<more>_\d\d\.\d\d\.\d\d)(?P<extension>\.[A-Za-z]\w*)$".to_owned(),
                r"^(?P<stem>.+\.(?:log|out))(?P<date>\d{5})(?P<more>)(?P<extension>)$".to_owned(),
            ]
            .iter()
            .filter_map(|pattern| ascii(pattern))
            .collect()
        });
        let found = PATTERNS.iter().find_map(|pattern| pattern.captures(name))?;
        let digits: String = found["date"].chars().filter(char::is_ascii_digit).collect();
        let mut key = vec![digits.parse().ok()?];
        let (run, rest) = found["more"].split_at(
            found["more"]
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(found["more"].len()),
        );
        key.extend(run.as_bytes().chunks(2).map(|pair| {
            pair.iter()
                .fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
        }));
        key.extend(
            rest.split(|c: char| !c.is_ascii_digit())
                .filter_map(|number| number.parse::<u64>().ok()),
        );
        Some(Self {
            base: format!("{}{}", &found["stem"], &found["extension"]),
            rank: Rank::Growing(key, std::cmp::Reverse(0)),
            weak: false,
        })
    }

    /// A number that counts from the newest back; a dated file may have one, too.
    fn numbered(name: &str) -> Option<Self> {
        static BEHIND: LazyLock<Option<Regex>> =
            LazyLock::new(|| ascii(r"^(?P<base>.+)\.(?P<number>\d{1,4})$"));
        static WITHIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
            ascii(r"^(?P<stem>.+)\.(?P<number>\d{1,3})(?P<extension>\.[A-Za-z]\w*)$")
        });
        /// Without such an extension, `trace.8` and `trace.11` may be of two JDKs.
        const LOGS: [&str; 6] = [".log", ".out", ".err", ".txt", ".trace", ".json"];
        if let Some(found) = BEHIND.as_ref()?.captures(name) {
            let number = std::cmp::Reverse(found["number"].parse().ok()?);
            let base = &found["base"];
            if let Some(Self {
                base,
                rank: Rank::Growing(key, _),
                weak,
            }) = Self::dated(base)
            {
                let rank = Rank::Growing(key, number);
                return Some(Self { base, rank, weak });
            }
            return Some(Self {
                base: base.to_owned(),
                rank: Rank::Numbered(number),
                weak: !LOGS.iter().any(|extension| base.ends_with(extension)),
            });
        }
        let found = WITHIN.as_ref()?.captures(name)?;
        Some(Self {
            base: format!("{}{}", &found["stem"], &found["extension"]),
            rank: Rank::Numbered(std::cmp::Reverse(found["number"].parse().ok()?)),
            weak: true,
        })
    }
}

/// The name without `.gz` and its like, and whether it had one.
fn without_compression(name: &str) -> (&str, bool) {
    [".gz", ".zst", ".xz", ".bz2"]
        .iter()
        .find_map(|extension| name.strip_suffix(extension))
        .map_or((name, false), |plain| (plain, true))
}

/// A pattern whose digits and letters are those of ASCII: the tables of all others take long to build.
fn ascii(pattern: &str) -> Option<Regex> {
    Regex::new(
        &pattern
            .replace(r"\d", "[0-9]")
            .replace(r"\w", "[0-9A-Za-z_]"),
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sets among these names, each oldest first.
    fn sets(names: &[&str]) -> Vec<Vec<String>> {
        let files: Vec<PathBuf> = names.iter().map(PathBuf::from).collect();
        group(&files)
            .into_iter()
            .map(|set| set.iter().map(|&at| names[at].to_owned()).collect())
            .collect()
    }

    #[test]
    fn rotated_files_are_joined_oldest_first() {
        for oldest_first in [
            &[
                "server.log.10.gz",
                "server.log.2.gz",
                "server.log.1",
                "server.log",
            ][..],
            &[
                "server.log-20260303.gz",
                "server.log-20260304",
                "server.log",
            ],
            &["server.log-2026030423.gz", "server.log-2026030500"],
            &[
                "server.log.2026-03-03.gz",
                "server.log.2026-03-04",
                "server.log",
            ],
            &[
                "server-2026-03-04.log",
                "server-2026-03-05.log",
                "server.log",
            ],
            &["catalina.2026-03-04.log", "catalina.2026-03-05.log"],
            &[
                "server.2026-03-04-1.log.gz",
                "server.2026-03-04-2.log.gz",
                "server.2026-03-04-10.log",
                "server.log",
            ],
            &[
                "app.log.2026-03-04.0.gz",
                "app.log.2026-03-04.1.gz",
                "app.log.2026-03-05.0.gz",
                "app.log",
            ],
            &[
                "wrapper.log.20260304",
                "wrapper.log.20260305",
                "wrapper.log",
            ],
            &["server.2.log", "server.1.log", "server.log"],
            &["x/wrapper.log.2.zst", "x/wrapper.log.1.xz"],
            &[
                "SystemOut_26.03.04_10.33.52.log",
                "SystemOut_26.03.04_11.00.01.log",
                "SystemOut.log",
            ],
            &[
                "AdminServer.log00009",
                "AdminServer.log00010",
                "AdminServer.log",
            ],
            &[
                "a.2026-03-04.log.2",
                "a.2026-03-04.log.1",
                "a.2026-03-05.log.1",
            ],
            &["./x.log.1", "x.log"],
        ] {
            let mut shuffled = oldest_first.to_vec();
            shuffled.rotate_left(1);
            assert_eq!(sets(&shuffled), [oldest_first], "{shuffled:?}");
            shuffled.reverse();
            assert_eq!(sets(&shuffled), [oldest_first], "{shuffled:?}");
        }
    }

    #[test]
    fn files_that_share_a_prefix_are_not_joined() {
        for strangers in [
            &[
                "server.log",
                "server-access.log",
                "server.log.old",
                "server2.log",
                "server",
            ][..],
            &["host-1.log", "host-2.log"],
            &["app.1.log", "app.2.log"],
            &["trace.8", "trace.11"],
            &["a/x.log", "b/x.log.1"],
            &["x.log", "x.log"],
            &["jdk-17.0.1.log", "jdk-17.0.2.log"],
            &["server.log", "server.out.1"],
            &["20260304.log", "20260305.log"],
        ] {
            let alone: Vec<Vec<&str>> = strangers.iter().map(|name| vec![*name]).collect();
            assert_eq!(sets(strangers), alone);
        }
    }

    #[test]
    fn the_same_part_twice_is_joined_once() {
        assert_eq!(
            sets(&["x.log.1.gz", "x.log", "x.log.1"]),
            [vec!["x.log.1.gz"], vec!["x.log.1", "x.log"]]
        );
    }

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(
            Rotated::of("x.log-20260304").rank,
            Rank::Growing(vec![20_260_304], std::cmp::Reverse(0))
        );
        assert_eq!(
            Rotated::of("x.1.log").rank,
            Rank::Numbered(std::cmp::Reverse(1))
        );
        assert_eq!(
            Rotated::of("x.log.1").rank,
            Rank::Numbered(std::cmp::Reverse(1))
        );
        assert_eq!(Rotated::of("x.log").rank, Rank::Current);
    }
}
