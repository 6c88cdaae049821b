//! JSON, an object a line: Docker's json-file, journald's export, fluentd and its like.
//!
//! Docker cuts lines at 16 KiB; only the last piece has its line feed inside the text. journald cuts at
//! 48 KiB and says so (`_LINE_BREAK`), and writes what is not printable as an array of bytes.
//! <https://docs.docker.com/engine/logging/drivers/json-file/>,
//! <https://www.freedesktop.org/software/systemd/man/latest/systemd.journal-fields.html>

mod strings;
mod text;

use self::text::{bytes_of_array, members};
pub(super) use self::{strings::Strings, text::unescape};
use super::{
    Kind,
    anchor::Anchor,
    detect::most_common,
    lines::{Keys, Output, line_end, split_end},
    unwrapped::Unwrapped,
};

/// Which member holds the line.
#[derive(Debug)]
pub(super) struct Json {
    field: Vec<u8>,
    /// The text brings its own line feeds.
    terminated: bool,
}

/// What one object says.
#[derive(Default)]
struct Line<'a> {
    /// The raw value: a string with its quotes, or an array.
    text: &'a [u8],
    pod: &'a [u8],
    container: &'a [u8],
    output: Output,
    goes_on: bool,
}

fn inside(value: &[u8]) -> &[u8] {
    value
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""))
        .unwrap_or_default()
}

fn output_of(value: &[u8]) -> Output {
    match inside(value) {
        b"stdout" => Output::Stdout,
        b"stderr" => Output::Stderr,
        _ => Output::Unknown,
    }
}

impl Json {
    fn read<'a>(&self, line: &'a [u8]) -> Option<Line<'a>> {
        if let Some(quick) = self.read_docker(line) {
            return Some(quick);
        }
        let mut read = Line::default();
        let well_formed = members(line, |name, value| match name {
            _ if name == self.field => read.text = value,
            b"stream" => read.output = output_of(value),
            b"kubernetes" => {
                members(value, |name, value| match name {
                    b"pod_name" => read.pod = inside(value),
                    b"container_name" => read.container = inside(value),
                    _ => {}
                });
            }
            b"CONTAINER_NAME" | b"container_name" => read.container = inside(value),
            b"_SYSTEMD_UNIT" if read.container.is_empty() => read.container = inside(value),
            b"pod" | b"pod_name" => read.pod = inside(value),
            b"_LINE_BREAK" => read.goes_on |= inside(value) == b"line-max",
            b"CONTAINER_PARTIAL_MESSAGE" => read.goes_on |= inside(value) == b"true",
            b"logtag" | b"_p" => read.goes_on |= inside(value) == b"P",
            _ => {}
        });
        (well_formed && matches!(read.text.first(), Some(b'"' | b'['))).then_some(read)
    }

    /// `{"log":"…\n","stream":"stderr","time":"…"}`: read from both ends, since nothing behind the text can
    /// hold a quote. Anything else is read as JSON.
    fn read_docker<'a>(&self, line: &'a [u8]) -> Option<Line<'a>> {
        const TAIL: usize = 96;
        const STREAM: &[u8] = b"\",\"stream\":\"std";
        let text = line
            .strip_prefix(b"{\"")?
            .strip_prefix(&*self.field)?
            .strip_prefix(b"\":\"")?;
        let start = line.len() - text.len();
        let tail = line.len().saturating_sub(TAIL).max(start);
        let quote = tail + memchr::memmem::rfind(&line[tail..], STREAM)?;
        let output = match line[quote + STREAM.len()..].first_chunk() {
            Some(b"err\"") => Output::Stderr,
            Some(b"out\"") => Output::Stdout,
            _ => return None,
        };
        let rest = &line[quote + STREAM.len() + 4..];
        let plain = rest.strip_prefix(b",\"time\":\"")?.strip_suffix(b"\"}")?;
        let escaped = line[start..quote]
            .iter()
            .rev()
            .take_while(|&&byte| byte == b'\\')
            .count()
            % 2
            == 1;
        (!escaped && memchr::memchr2(b'"', b'\\', plain).is_none()).then(|| Line {
            text: &line[start - 1..=quote],
            output,
            ..Line::default()
        })
    }

    fn put(&self, line: &Line<'_>, text: &mut Vec<u8>) {
        if line.text.first() == Some(&b'[') {
            bytes_of_array(line.text, text);
        } else {
            unescape(inside(line.text), text);
        }
        if !self.terminated && !line.goes_on {
            text.push(b'\n');
        }
    }

    /// Takes the text out of every line that is such an object.
    pub(super) fn unwrap(&self, keys: &Keys, block: &[u8], out: &mut Unwrapped) {
        let (mut start, mut number, mut stream) = (0, 0_u32, None);
        let (mut last, mut key) = ((Output::Unknown, Vec::new()), Vec::new());
        while start < block.len() {
            let end = line_end(block, start);
            let (line, feed) = split_end(&block[start..end]);
            let read = self.read(line);
            if let Some(read) = &read {
                key_of(read, &mut key);
                if stream.is_none() || last.0 != read.output || last.1 != key {
                    stream = Some(keys.stream(&key, read.output, block.len(), out));
                    last = (read.output, key.clone());
                }
            }
            let index = *stream.get_or_insert_with(|| out.stream(&[], block.len()));
            let into = &mut out.streams[index];
            into.begin(start, number);
            if let Some(read) = &read {
                self.put(read, &mut into.text);
            } else {
                into.text.extend_from_slice(line);
                into.text.extend_from_slice(feed);
            }
            number = number.saturating_add(1);
            start = end;
        }
    }

    /// What the streams of the sample are called.
    pub(super) fn keys(&self, sample: &[u8], anchors: &[Anchor<'_>]) -> Keys {
        let mut known: Option<Vec<u8>> = None;
        let mut several = false;
        for line in sample.split(|&byte| byte == b'\n') {
            if let Some(read) = self.read(line) {
                let mut key = Vec::new();
                key_of(&read, &mut key);
                several |= *known.get_or_insert_with(|| key.clone()) != key;
            }
        }
        let outputs = anchors.iter().filter_map(|anchor| self.read(anchor.line));
        Keys {
            main: known.filter(|_| !several).map(Vec::into_boxed_slice),
            output: most_common(outputs.map(|line| line.output)).unwrap_or_default(),
        }
    }
}

fn key_of(line: &Line<'_>, key: &mut Vec<u8>) {
    key.clear();
    key.extend_from_slice(line.pod);
    if !line.pod.is_empty() && !line.container.is_empty() {
        key.push(b'/');
    }
    key.extend_from_slice(line.container);
}

/// Most lines of JSSE text are objects: the member that holds it.
pub(super) fn candidate(anchors: &[Anchor<'_>]) -> Option<(&'static str, Kind)> {
    let objects: Vec<_> = anchors
        .iter()
        .filter(|anchor| {
            anchor.line.starts_with(b"{") && anchor.line.trim_ascii_end().ends_with(b"}")
        })
        .collect();
    if objects.is_empty() || objects.len() * 5 < anchors.len() * 3 {
        return None;
    }
    let start = |part: &[u8], whole: &[u8]| part.as_ptr() as usize - whole.as_ptr() as usize;
    let mut terminated = 0;
    let fields: Vec<Vec<u8>> = objects
        .iter()
        .filter_map(|anchor| {
            let mut field = None;
            members(anchor.line, |name, value| {
                let from = start(value, anchor.line);
                if from <= anchor.at && anchor.at < from + value.len() && value.starts_with(b"\"") {
                    terminated += usize::from(inside(value).ends_with(b"\\n"));
                    field = Some(name.to_vec());
                }
            });
            field
        })
        .collect();
    let found = fields.len();
    let field = most_common(fields.into_iter())?;
    let has = |name: &[u8]| memchr::memmem::find(objects[0].line, name).is_some();
    let name = match &*field {
        b"log" if has(b"\"stream\":\"") && !has(b"\"kubernetes\"") => "docker-json",
        b"MESSAGE" => "journald",
        _ => "json",
    };
    // the first pieces of lines that were cut have none
    let terminated = name == "docker-json" || terminated * 20 > found;
    Some((name, Kind::Json(Json { field, terminated })))
}
