//! Writers that wrap a bare log as collectors do.

/// What a writer made.
#[derive(Default)]
pub(crate) struct Wrapped {
    pub(crate) log: Vec<u8>,
    pub(crate) physical: u32,
    /// For each bare line the physical line where it begins.
    pub(crate) starts: Vec<u32>,
}

impl Wrapped {
    fn raw(&mut self, line: &[u8], end: &str) {
        self.log.extend_from_slice(line);
        self.log.extend_from_slice(end.as_bytes());
        self.physical += 1;
    }

    fn begin(&mut self) {
        self.starts.push(self.physical);
    }
}

/// The content of each line, and how lines end.
pub(super) fn lines_of(bare: &[u8]) -> (Vec<&[u8]>, &'static str) {
    let end = if bare.ends_with(b"\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let lines = bare.strip_suffix(end.as_bytes()).unwrap_or(bare);
    let lines = lines.split(|&byte| byte == b'\n');
    (
        lines
            .map(|line| {
                if end == "\n" {
                    line
                } else {
                    line.strip_suffix(b"\r").unwrap_or(line)
                }
            })
            .collect(),
        end,
    )
}

/// Puts a prefix in front of each line; it may depend on the line's number.
pub(super) fn prefixed(bare: &[u8], prefix: impl Fn(usize) -> String) -> Wrapped {
    split(bare, usize::MAX, |n, _, _| prefix(n), |_| String::new())
}

/// The same, in pieces of `size` bytes; prefix and end of a piece know whether it is the first and the last.
pub(super) fn split(
    bare: &[u8],
    size: usize,
    prefix: impl Fn(usize, bool, bool) -> String,
    end_of: impl Fn(bool) -> String,
) -> Wrapped {
    let (lines, end) = lines_of(bare);
    let mut out = Wrapped::default();
    for (n, line) in lines.iter().enumerate() {
        out.begin();
        let pieces: Vec<&[u8]> = if line.is_empty() {
            vec![&[]]
        } else {
            line.chunks(size).collect()
        };
        for (index, piece) in pieces.iter().enumerate() {
            let last = index + 1 == pieces.len();
            let text = [
                prefix(n, index == 0, last).as_bytes(),
                piece,
                end_of(last).as_bytes(),
            ]
            .concat();
            out.raw(&text, end);
        }
    }
    out
}

/// A time that moves with the lines: seconds, minutes, hours and days turn over.
pub(super) fn clock(n: usize) -> (usize, usize, usize, usize, usize) {
    let ms = n * 3177;
    (
        20 + ms / 86_400_000 % 9,
        ms / 3_600_000 % 24,
        ms / 60_000 % 60,
        ms / 1000 % 60,
        ms % 1000,
    )
}

pub(super) fn iso(n: usize, fraction: usize, zone: &str) -> String {
    let (day, hour, minute, second, ms) = clock(n);
    let fraction = match fraction {
        0 => String::new(),
        width => format!(".{:0<width$}", format!("{ms:03}")),
    };
    format!("2026-11-{day}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}")
}

pub(super) fn time(n: usize, point: char) -> String {
    let (_, hour, minute, second, ms) = clock(n);
    format!("{hour:02}:{minute:02}:{second:02}{point}{ms:03}")
}

pub(super) fn json_string(text: &[u8]) -> String {
    serde_json::to_string(&String::from_utf8_lossy(text)).unwrap()
}

pub(super) fn objects(
    bare: &[u8],
    object: impl Fn(&str) -> String,
    terminated: bool,
    size: usize,
) -> Wrapped {
    let (lines, end) = lines_of(bare);
    let mut out = Wrapped::default();
    for line in lines {
        out.begin();
        let whole = [line, if terminated { end.as_bytes() } else { b"" }].concat();
        let whole = String::from_utf8_lossy(&whole).into_owned();
        let mut rest = whole.as_str();
        while rest.len() > size {
            let cut = (1..=size)
                .rev()
                .find(|&cut| rest.is_char_boundary(cut))
                .unwrap();
            out.raw(
                object(&json_string(&rest.as_bytes()[..cut])).as_bytes(),
                "\n",
            );
            rest = &rest[cut..];
        }
        out.raw(object(&json_string(rest.as_bytes())).as_bytes(), "\n");
    }
    out
}

pub(super) fn is_head(line: &[u8]) -> bool {
    line.starts_with(b"javax.net.ssl|") || line.starts_with(b"*** ")
}

/// Only the first line of each message has the prefix.
pub(super) fn per_message(bare: &[u8], prefix: &str, suffix: &str, between: bool) -> Wrapped {
    let (lines, end) = lines_of(bare);
    let mut out = Wrapped::default();
    for (n, line) in lines.iter().enumerate() {
        let first = n == 0 || is_head(line);
        let last = lines.get(n + 1).is_none_or(|next| is_head(next));
        let text = [
            if first { prefix } else { "" }.as_bytes(),
            line,
            if last { suffix } else { "" }.as_bytes(),
        ]
        .concat();
        out.begin();
        out.raw(&text, end);
        if last && between {
            out.raw(b"", end);
        }
    }
    out
}

pub(super) fn odl(bare: &[u8]) -> Wrapped {
    let (lines, end) = lines_of(bare);
    let mut out = Wrapped::default();
    for (n, line) in lines.iter().enumerate() {
        let first = n == 0 || is_head(line);
        if first {
            let head = format!(
                "[{}] [glassfish 5.0] [INFO] [] [javax.enterprise.logging.stderr] [tid: _ThreadID={n} _ThreadName=Thread-8] [timeMillis: 17000{n}] [levelValue: 800] [[",
                iso(n, 3, "+0000")
            );
            out.raw(head.as_bytes(), end);
        }
        let last = lines.get(n + 1).is_none_or(|next| is_head(next));
        out.begin();
        out.raw(
            &[
                if first { b"  " } else { &b""[..] },
                line,
                if last { b"]]" } else { b"" },
            ]
            .concat(),
            end,
        );
        if last {
            out.raw(b"", end);
        }
    }
    out
}
