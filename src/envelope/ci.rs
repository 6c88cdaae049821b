//! Build servers, and other collectors that put a time and nothing else in front.

use super::lines::{Hit, Output, Wrapping};
use super::shape::stamp;

/// `2026-11-21T12:00:00.123456789Z text`: `kubectl logs --timestamps`, `docker logs -t`, GitHub Actions.
#[derive(Debug)]
pub(super) struct Stamped;

impl Wrapping for Stamped {
    fn hit(&self, line: &[u8]) -> Option<Hit> {
        // GitHub's files begin with a byte order mark
        let mark = if line.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        let len = mark + stamp(&line[mark..])?;
        match line.get(len) {
            Some(b' ' | b'\t') => Some(Hit::of(len + 1)),
            None => Some(Hit {
                len,
                trimmed: true,
                ..Hit::default()
            }),
            Some(_) => None,
        }
    }
}

/// `gh run view --log`: job and step before the time, with tabs.
#[derive(Debug)]
pub(super) struct GitHubRun;

impl Wrapping for GitHubRun {
    fn hit(&self, line: &[u8]) -> Option<Hit> {
        let mut tabs = memchr::memchr_iter(b'\t', &line[..line.len().min(512)]);
        let (job, step) = (tabs.next()?, tabs.next()?);
        let stamped = Stamped.hit(&line[step + 1..])?;
        Some(Hit {
            len: step + 1 + stamped.len,
            key: 0..job,
            ..stamped
        })
    }
}

/// Jenkins' timestamps in pipelines: `[2026-11-21T12:00:00.123Z] text`.
/// <https://plugins.jenkins.io/timestamper/>
#[derive(Debug)]
pub(super) struct Jenkins;

impl Wrapping for Jenkins {
    fn hit(&self, line: &[u8]) -> Option<Hit> {
        let close = 1 + stamp(line.strip_prefix(b"[")?)?;
        if line.get(close) != Some(&b']') {
            return None;
        }
        match line.get(close + 1) {
            Some(b' ') => Some(Hit::of(close + 2)),
            None => Some(Hit {
                len: close + 1,
                trimmed: true,
                ..Hit::default()
            }),
            Some(_) => None,
        }
    }
}

/// GitLab: `2026-11-21T12:00:00.123456Z 00O text`; a `+` in place of the last blank says that the line
/// continues the one before.
/// <https://docs.gitlab.com/ci/yaml/ci_job_log_timestamps/>
#[derive(Debug)]
pub(super) struct GitLab;

impl Wrapping for GitLab {
    fn hit(&self, line: &[u8]) -> Option<Hit> {
        let at = stamp(line)?;
        let [b' ', a, b, output, rest @ ..] = &line[at..] else {
            return None;
        };
        let output = match output {
            _ if !a.is_ascii_hexdigit() || !b.is_ascii_hexdigit() => return None,
            b'O' => Output::Stdout,
            b'E' => Output::Stderr,
            _ => return None,
        };
        let (len, continues) = match rest.first() {
            Some(b' ') => (at + 5, false),
            Some(b'+') => (at + 5, true),
            None => (at + 4, false),
            Some(_) => return None,
        };
        Some(Hit {
            len,
            output,
            continues,
            trimmed: len == at + 4,
            ..Hit::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{
        lines::{Keys, unwrap},
        unwrapped::Unwrapped,
    };

    #[test]
    fn a_continued_line_of_gitlab_is_one() {
        let log = b"2026-11-21T12:00:00.000001Z 00O main, READ: \r\n2026-11-21T12:00:00.000002Z 00O+TLSv1.2\r\n2026-11-21T12:00:00.000003Z 00E x\r\n";
        let keys = Keys {
            output: Output::Stdout,
            ..Keys::default()
        };
        let mut out = Unwrapped::default();
        unwrap(&GitLab, &keys, log, &mut out);
        assert_eq!(out.streams[0].text, b"main, READ: TLSv1.2\r\n");
        assert_eq!(out.streams[0].lines.len(), 2);
        assert_eq!(
            (&*out.streams[1].key, &*out.streams[1].text),
            (&b"stderr"[..], &b"x\r\n"[..])
        );
    }
}
