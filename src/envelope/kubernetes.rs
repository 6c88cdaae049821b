//! Kubernetes: what the kubelet writes, what `kubectl logs` and stern print.

use super::lines::{Hit, Output, Wrapping};
use super::shape::{field, is_blank, stamp};

/// The log files of the container runtime interface: `2026-11-21T12:00:00.123456789Z stderr F text`;
/// `P` for a line that was cut at 16 KiB and goes on in the next of the same output.
/// <https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md>
#[derive(Debug)]
pub(super) struct Cri;

impl Wrapping for Cri {
    const PLAIN: bool = true;

    fn hit(&self, line: &[u8]) -> Option<Hit> {
        let at = stamp(line)?;
        let rest = &line[at..];
        let (output, name) = if rest.starts_with(b" stderr ") {
            (Output::Stderr, 8)
        } else if rest.starts_with(b" stdout ") {
            (Output::Stdout, 8)
        } else {
            return None;
        };
        // tags can be several, with colons between them; the first one says whether the line is whole
        let tags = &rest[name..];
        let goes_on = match tags.first() {
            Some(b'P') => true,
            Some(b'F') => false,
            _ => return None,
        };
        let len = at + name + field(tags);
        let trimmed = line.len() == len;
        Some(Hit {
            len: len + usize::from(!trimmed),
            output,
            goes_on,
            trimmed,
            ..Hit::default()
        })
    }
}

/// `kubectl logs --prefix`: `[pod/name/container] text`.
#[derive(Debug)]
pub(super) struct KubectlPrefix;

impl Wrapping for KubectlPrefix {
    fn hit(&self, line: &[u8]) -> Option<Hit> {
        const OPEN: &[u8] = b"[pod/";
        let rest = line.strip_prefix(OPEN)?;
        let close = memchr::memchr(b']', &rest[..rest.len().min(512)])?;
        let name = &rest[..close];
        if name.iter().any(|&byte| is_blank(byte)) || !name.contains(&b'/') {
            return None;
        }
        let len = OPEN.len() + close + 1;
        let blank = match line.get(len) {
            Some(b' ') => 1,
            None => 0,
            Some(_) => return None,
        };
        Some(Hit {
            len: len + blank,
            key: OPEN.len()..len - 1,
            trimmed: blank == 0,
            ..Hit::default()
        })
    }
}

/// stern: `pod-name container text`; the names are those of RFC 1123.
/// <https://github.com/stern/stern>
#[derive(Debug)]
pub(super) struct Stern;

/// A DNS name of small letters, digits, `-` and `.`.
fn name(text: &[u8]) -> usize {
    text.iter()
        .take(253)
        .take_while(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
        .count()
}

impl Wrapping for Stern {
    fn hit(&self, line: &[u8]) -> Option<Hit> {
        let pod = name(line);
        // pods of every kind of controller have a dash in their names
        if pod == 0 || line.get(pod) != Some(&b' ') || !line[..pod].contains(&b'-') {
            return None;
        }
        let container = name(&line[pod + 1..]);
        let len = pod + 1 + container;
        (container > 0 && matches!(line.get(len), None | Some(b' '))).then(|| Hit {
            len: len + usize::from(len < line.len()),
            key: 0..len,
            trimmed: len == line.len(),
            ..Hit::default()
        })
    }
}
