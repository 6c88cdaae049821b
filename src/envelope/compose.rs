//! docker compose: `web-1  | text`, the name filled up with blanks to the longest one.
//! <https://docs.docker.com/reference/cli/docker/compose/logs/>

use super::lines::{Hit, Wrapping};

/// The service stands before a bar.
#[derive(Debug)]
pub(super) struct Compose;

impl Wrapping for Compose {
    fn hit(&self, line: &[u8]) -> Option<Hit> {
        let name = line
            .iter()
            .take(256)
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            .count();
        let blanks = line[name..]
            .iter()
            .take(256)
            .take_while(|&&byte| byte == b' ')
            .count();
        let bar = name + blanks;
        if name == 0 || blanks == 0 || line.get(bar) != Some(&b'|') {
            return None;
        }
        let blank = match line.get(bar + 1) {
            Some(b' ') => 1,
            None => 0,
            Some(_) => return None,
        };
        Some(Hit {
            len: bar + 1 + blank,
            key: 0..name,
            trimmed: blank == 0,
            ..Hit::default()
        })
    }
}
