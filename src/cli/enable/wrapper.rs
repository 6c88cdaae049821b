//! The next free `wrapper.java.additional.N` of a Tanuki wrapper's configuration.
//!
//! ```text
//! wrapper.java.additional.201=-Dfile.encoding=UTF-8
//! #wrapper.java.additional.202=-Xdebug             a comment: free
//! #include ../conf/custom.conf                     not a comment: read as if it stood here
//! wrapper.ignore_sequence_gaps=TRUE
//! ```
//!
//! Without `ignore_sequence_gaps` the wrapper stops at the first number that is missing, so a number
//! behind a gap would never be read. The file is only read, never written.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

const ADDITIONAL: &str = "wrapper.java.additional.";
const IGNORE_GAPS: &str = "wrapper.ignore_sequence_gaps";
/// Numbers that nobody's installation has been seen to use, for a file that tells nothing.
const FAR_OUT: u32 = 901;
/// Configurations are small; something else was named otherwise.
const MAX_BYTES: u64 = 4 << 20;
/// Deeper nesting is a loop.
const MAX_DEPTH: usize = 10;

/// What the configuration says, with all that it includes.
#[derive(Debug, Default)]
pub(super) struct Wrapper {
    /// Numbers in use and what they are set to; of two, the later one.
    numbers: BTreeMap<u32, String>,
    ignore_gaps: bool,
    /// Files read, in order.
    pub(super) files: Vec<PathBuf>,
    /// Includes that were not found, as written.
    pub(super) missing: Vec<String>,
    /// `wrapper.conf`, which shares the numbers, was among the files.
    saw_base: bool,
}

/// A number to use, and what is to be known about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Free {
    pub(super) number: u32,
    pub(super) remarks: Vec<String>,
}

impl Wrapper {
    /// Reads the file given, `wrapper.conf` beside it, and what they include.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let mut wrapper = Self::default();
        // the wrapper reads wrapper.conf first, which includes the custom one
        let base = path.with_file_name("wrapper.conf");
        if base.is_file() && !same_file(&base, path) {
            wrapper.file(&base, 0)?;
        }
        if !wrapper.files.iter().any(|read| same_file(read, path)) {
            wrapper.file(path, 0)?;
        }
        Ok(wrapper)
    }

    fn file(&mut self, path: &Path, depth: usize) -> anyhow::Result<()> {
        let name = || path.display().to_string();
        let about = fs::metadata(path).with_context(name)?;
        anyhow::ensure!(about.is_file(), "{}: is not a file", name());
        anyhow::ensure!(
            about.len() <= MAX_BYTES,
            "{}: too large for a wrapper configuration",
            name()
        );
        let bytes = fs::read(path).with_context(name)?;
        self.saw_base |= path.file_name().is_some_and(|name| name == "wrapper.conf");
        self.files.push(path.to_path_buf());
        let text = String::from_utf8_lossy(&bytes);
        for line in text.trim_start_matches('\u{feff}').lines() {
            self.line(line.trim(), path, depth);
        }
        Ok(())
    }

    fn line(&mut self, line: &str, path: &Path, depth: usize) {
        if let Some(file) = included(line) {
            return self.include(file, path, depth);
        }
        if line.starts_with('#') {
            return;
        }
        let Some((name, value)) = line.split_once('=') else {
            return;
        };
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        if name == IGNORE_GAPS {
            self.ignore_gaps = value.eq_ignore_ascii_case("true");
        } else if let Some(number) = number_of(&name) {
            // `…N.stripquotes` makes the number used, not its value
            let slot = self.numbers.entry(number).or_default();
            if !name[ADDITIONAL.len()..].contains('.') {
                value.clone_into(slot);
            }
        }
    }

    /// Paths are relative to where the wrapper runs, mostly `bin` beside the configuration's folder.
    fn include(&mut self, file: &str, from: &Path, depth: usize) {
        let folder = from.parent().unwrap_or(Path::new(""));
        let path = PathBuf::from(file.replace('\\', "/"));
        // a copy taken elsewhere to look at has its files side by side
        let beside = path.file_name().map(|name| folder.join(name));
        let found = [folder.join(&path), folder.join("../bin").join(&path)]
            .into_iter()
            .chain(beside)
            .find(|path| path.is_file());
        let read = match found {
            Some(path) if self.files.iter().any(|read| same_file(read, &path)) => true,
            Some(path) if depth < MAX_DEPTH => self.file(&path, depth + 1).is_ok(),
            _ => false,
        };
        if !read {
            self.missing.push(file.to_owned());
        }
    }

    /// The number to use.
    pub(super) fn free(&self) -> Free {
        let mut remarks = Vec::new();
        let number = self.next_number(&mut remarks);
        for (taken, value) in &self.numbers {
            if value.contains("javax.net.debug") {
                remarks.push(format!(
                    "{ADDITIONAL}{taken} sets the option already ({value}): change that line instead."
                ));
            }
        }
        if !self.missing.is_empty() {
            remarks.push(format!(
                "Not found, so not read: {}. See that {number} is free there, too.",
                self.missing.join(", ")
            ));
        }
        Free { number, remarks }
    }

    fn next_number(&self, remarks: &mut Vec<String>) -> u32 {
        let last = self.numbers.last_key_value().map(|(number, _)| *number);
        let behind = last.map_or(FAR_OUT, |last| last.saturating_add(1));
        if !self.saw_base {
            remarks.push(format!(
                "No wrapper.conf was found beside it: see that {behind} is free there, and that it \
                 says {IGNORE_GAPS}=TRUE, or else that the numbers before {behind} are all used."
            ));
            return behind;
        }
        if self.ignore_gaps {
            return last.map_or(1, |_| behind);
        }
        let gap = (1..behind)
            .find(|number| !self.numbers.contains_key(number))
            .unwrap_or(last.map_or(1, |_| behind));
        let behind_gap: Vec<u32> = self
            .numbers
            .range(gap..)
            .map(|(number, _)| *number)
            .collect();
        if !behind_gap.is_empty() {
            let woken = (gap + 1..)
                .zip(&behind_gap)
                .take_while(|(next, number)| next == *number)
                .count();
            let (woken, dead) = behind_gap.split_at(woken);
            let mut remark = format!(
                "{IGNORE_GAPS} is not TRUE, so the wrapper stops at the first number that is missing, {gap}."
            );
            if !woken.is_empty() {
                let _ = write!(
                    remark,
                    " Setting it also puts in effect what has been dead behind it, so look at those first: {}.",
                    list(woken)
                );
            }
            if !dead.is_empty() {
                let _ = write!(remark, " Not in effect, before and after: {}.", list(dead));
            }
            remarks.push(remark);
        }
        gap
    }
}

fn list(numbers: &[u32]) -> String {
    let words: Vec<String> = numbers.iter().map(u32::to_string).collect();
    words.join(", ")
}

/// `#include file`, `#include.required file`
fn included(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("#include")?;
    let rest = rest.strip_prefix(".required").unwrap_or(rest);
    let file = rest.strip_prefix([' ', '\t'])?.trim();
    (!file.is_empty()).then_some(file)
}

/// The number in `wrapper.java.additional.12` or `wrapper.java.additional.12.stripquotes`.
fn number_of(name: &str) -> Option<u32> {
    let rest = name.strip_prefix(ADDITIONAL)?;
    rest.split('.').next()?.parse().ok()
}

fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapper(base: Option<&str>, custom: &str) -> Free {
        let dir = tempfile::tempdir().unwrap();
        if let Some(base) = base {
            fs::write(dir.path().join("wrapper.conf"), base).unwrap();
        }
        let path = dir.path().join("custom_wrapper.conf");
        fs::write(&path, custom).unwrap();
        Wrapper::read(&path).unwrap().free()
    }

    #[test]
    fn with_gaps_allowed_it_is_the_number_behind_the_last() {
        let free = wrapper(
            Some("wrapper.ignore_sequence_gaps=TRUE\nwrapper.java.additional.1=-server\n"),
            "wrapper.java.additional.201=-Da=b\n#wrapper.java.additional.202=-Xdebug\n",
        );
        assert_eq!((free.number, free.remarks.len()), (202, 0));
    }

    #[test]
    fn without_it_is_the_first_gap_and_what_wakes_up_is_named() {
        let free = wrapper(
            Some("wrapper.java.additional.1=-server\nwrapper.java.additional.2=-Xss1m\n"),
            "wrapper.java.additional.4=-Da=b\n",
        );
        assert_eq!(free.number, 3);
        assert!(
            free.remarks[0].ends_with("look at those first: 4."),
            "{free:?}"
        );
        let free = wrapper(
            Some("wrapper.java.additional.1=-server\n"),
            "wrapper.java.additional.3=-Da=b\nwrapper.java.additional.7=-Dc=d\n",
        );
        assert_eq!(free.number, 2);
        assert!(
            free.remarks[0].contains("first: 3. Not in effect, before and after: 7."),
            "{free:?}"
        );
        let free = wrapper(Some("wrapper.java.additional.1=-server\n"), "\n");
        assert_eq!((free.number, free.remarks.len()), (2, 0));
    }

    #[test]
    fn without_wrapper_conf_nothing_below_is_touched() {
        let free = wrapper(None, "wrapper.java.additional.201=-Da=b\n");
        assert_eq!(free.number, 202);
        assert!(free.remarks[0].contains("No wrapper.conf"), "{free:?}");
        assert_eq!(wrapper(None, "# nothing\n").number, FAR_OUT);
    }

    #[test]
    fn crlf_blanks_case_byte_order_mark_and_suffixes() {
        let free = wrapper(
            None,
            "\u{feff} Wrapper.Java.Additional.7 = -Da=b\r\nwrapper.java.additional.9.stripquotes=TRUE\r\n\
             wrapper.java.additional.auto_bits=TRUE\r\nwrapper.java.additional.99999999999=x\r\n",
        );
        assert_eq!(free.number, 10);
    }

    #[test]
    fn includes_are_followed_once_and_missing_ones_named() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write(
            "wrapper.conf",
            "wrapper.ignore_sequence_gaps=TRUE\n#include ..\\configuration\\custom_wrapper.conf\n#include %HOME%/x.conf\n",
        );
        write(
            "custom_wrapper.conf",
            "#include.required more.conf\n#include custom_wrapper.conf\n#includes nothing\n",
        );
        write(
            "more.conf",
            "wrapper.java.additional.300=-Djavax.net.debug=ssl\n",
        );
        let wrapper = Wrapper::read(&dir.path().join("custom_wrapper.conf")).unwrap();
        assert_eq!(wrapper.files.len(), 3);
        let free = wrapper.free();
        assert_eq!(free.number, 301);
        assert!(
            free.remarks[0].contains("additional.300 sets the option already"),
            "{free:?}"
        );
        assert!(free.remarks[1].contains("%HOME%/x.conf"), "{free:?}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = Wrapper::read(Path::new("no/custom_wrapper.conf")).unwrap_err();
        assert!(format!("{error:#}").contains("no/custom_wrapper.conf"));
    }
}
