//! Every kind of input, as a user gives it: the same log gives the same report, whatever it is
//! wrapped in and however it comes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

const BROKEN: &str =
    "testdata/lab/logs/17/incomplete-certificate-chain-tls12.ssl-handshake.both.log";
const GOOD: &str = "testdata/lab/logs/17/tls13-rsa.ssl-handshake.both.log";

fn log(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn tool() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("jssl-analyze"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["-f", "json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", talk(output)))
}

fn talk(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The report, and its only input.
fn report(command: &mut Command) -> (Value, Value) {
    let json = json(&command.output().unwrap());
    let [input] = json["inputs"].as_array().unwrap().as_slice() else {
        panic!("{}", json["inputs"])
    };
    (json.clone(), input.clone())
}

/// What the plain file gives.
fn plain() -> Value {
    report(tool().arg(BROKEN)).0
}

/// The same, but for what the input is called and wrapped in.
fn assert_same(mut one: Value, mut other: Value) {
    for json in [&mut one, &mut other] {
        let input = json["inputs"][0].as_object_mut().unwrap();
        for key in ["path", "compression", "encoding", "parts", "sha256"] {
            input.remove(key);
        }
    }
    assert_eq!(one, other);
}

struct Dir(TempDir);

impl Dir {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn piped(bytes: &[u8], arguments: &[&str]) -> Output {
    let mut child = tool()
        .args(arguments)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // a tool that does not read to the end is found out by what it says
    let _ = child.stdin.take().unwrap().write_all(bytes);
    child.wait_with_output().unwrap()
}

fn utf16(text: &[u8], mark: bool, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let mark = mark.then_some('\u{feff}').map(|mark| mark as u16);
    mark.into_iter()
        .chain(text.encode_utf16())
        .flat_map(to_bytes)
        .collect()
}

#[test]
fn encodings_change_nothing() {
    let (dir, text, plain) = (Dir::new(), log(BROKEN), plain());
    let with_mark = [&b"\xef\xbb\xbf"[..], &text].concat();
    for (bytes, encoding) in [
        (utf16(&text, true, u16::to_le_bytes), "utf-16le"),
        (utf16(&text, true, u16::to_be_bytes), "utf-16be"),
        (utf16(&text, false, u16::to_le_bytes), "utf-16le"),
        (utf16(&text, false, u16::to_be_bytes), "utf-16be"),
        (with_mark, "utf-8-bom"),
    ] {
        // the name says nothing
        let (json, input) = report(tool().arg(dir.write("server.gz", &bytes)));
        assert_eq!(input["encoding"], encoding);
        assert_same(json, plain.clone());
        assert_same(self::json(&piped(&bytes, &["-"])), plain.clone());
    }
}

#[cfg(feature = "compression")]
mod compressed {
    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip2(text: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        zstd::encode_all(text, 1).unwrap()
    }

    fn xz(text: &[u8]) -> Vec<u8> {
        let options = lzma_rust2::XzOptions::with_preset(0);
        let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// Frames of runs, each block of 4 bytes for 128 KiB.
    fn bomb(blocks: u32) -> Vec<u8> {
        const SIZE: u32 = 128 << 10;
        let mut bytes = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0x38];
        for block in 1..=blocks {
            let header = u32::from(block == blocks) | 1 << 1 | SIZE << 3;
            bytes.extend_from_slice(&header.to_le_bytes()[..3]);
            bytes.push(b'\n');
        }
        bytes
    }

    #[test]
    fn compression_changes_nothing() {
        let (dir, text, plain) = (Dir::new(), log(BROKEN), plain());
        let (first, second) = text.split_at(text.len() / 3);
        for (pack, compression) in [
            (gzip as fn(&[u8]) -> Vec<u8>, "gzip"),
            (bzip2, "bzip2"),
            (zstd, "zstd"),
            (xz, "xz"),
        ] {
            // the name says nothing, and several members are one file
            let packed = [pack(first), pack(second)].concat();
            let (json, input) = report(tool().arg(dir.write("server.log", &packed)));
            assert_eq!(input["compression"], compression);
            assert_eq!(input["encoding"], "utf-8");
            assert_same(json, plain.clone());
            assert_same(self::json(&piped(&packed, &["-"])), plain.clone());
        }
        let wide = gzip(&utf16(&text, true, u16::to_le_bytes));
        let (json, input) = report(tool().arg(dir.write("wide.log", &wide)));
        assert_eq!(
            (&input["compression"], &input["encoding"]),
            (&"gzip".into(), &"utf-16le".into())
        );
        assert_same(json, plain);
    }

    #[test]
    fn a_truncated_archive_is_analysed_up_to_there() {
        let dir = Dir::new();
        let packed = gzip(&[log(BROKEN), log(GOOD).repeat(20)].concat());
        let cut = dir.write("cut.log.gz", &packed[..packed.len() / 2]);
        let output = tool().arg(&cut).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let words = format!(
            "cut.log.gz: the gzip data ends too early, at byte {};",
            packed.len() / 2
        );
        assert!(talk(&output).contains(&words), "{}", talk(&output));
        let json = json(&output);
        assert_eq!(json["summary"]["failed"], 2);
        assert!(json["summary"]["established"].as_u64().unwrap() > 4);
    }

    #[test]
    fn bombs_end_with_a_message_and_what_was_read() {
        let dir = Dir::new();
        let packed = [zstd(&log(BROKEN)), bomb(9000)].concat();
        let output = tool().arg(dir.write("bomb.zst", &packed)).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let words = "bomb.zst: unpacks to more than 1000 times its size";
        assert!(talk(&output).contains(words), "{}", talk(&output));
        assert_eq!(json(&output)["summary"]["failed"], 2);

        let output = piped(&gzip(&log(BROKEN)), &["--max-unpacked", "20K"]);
        assert_eq!(output.status.code(), Some(2));
        let words = "standard input: unpacks to more than the 20480 bytes that --max-unpacked";
        assert!(talk(&output).contains(words), "{}", talk(&output));
        assert_eq!(json(&output)["inputs"][0]["bytes"], 20_480);
    }

    #[test]
    fn rotated_sets_are_one_log_in_any_order() {
        let (dir, text, plain) = (Dir::new(), log(BROKEN), plain());
        // in the middle of a handshake, in the middle of a line
        let (one, two) = (text.len() / 3, text.len() * 2 / 3);
        let oldest = dir.write("server.log.2.gz", &gzip(&text[..one]));
        let middle = dir.write("server.log.1", &text[one..two]);
        let newest = dir.write("server.log", &text[two..]);
        for order in [[&newest, &middle, &oldest], [&middle, &oldest, &newest]] {
            let (json, input) = report(tool().args(order));
            assert_eq!(input["path"], newest.to_str().unwrap());
            assert_eq!(input["compression"], "gzip");
            assert_same(json, plain.clone());
        }
        let (json, input) = report(tool().arg(dir.path("")));
        assert_same(json, plain.clone());
        let parts = input["parts"].as_array().unwrap();
        let paths: Vec<&str> = parts
            .iter()
            .map(|part| part["path"].as_str().unwrap())
            .collect();
        assert_eq!(
            paths,
            [&oldest, &middle, &newest].map(|path| path.to_str().unwrap())
        );
        assert_eq!(parts[1]["first_offset"], one);
        let before = memchr::memchr_iter(b'\n', &text[..one]).count();
        assert_eq!(parts[1]["first_line"], before + 2);
        // each a log of its own
        let apart = self::json(&tool().arg("--no-join").arg(dir.path("")).output().unwrap());
        assert_eq!(apart["inputs"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn archives_of_archives_in_a_directory_are_skipped() {
        let dir = Dir::new();
        dir.write("dump.gz", &gzip(b"ustar\0\0\0\0"));
        dir.write("server.log.gz", &gzip(&log(BROKEN)));
        let output = tool().arg(dir.path("")).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(
            talk(&output).contains("skipped 1 file without"),
            "{}",
            talk(&output)
        );
    }

    #[test]
    fn a_damaged_part_does_not_stop_the_set() {
        let dir = Dir::new();
        let packed = gzip(&log(GOOD));
        let files = [
            dir.write("x.log-20260303.gz", &packed[..packed.len() / 2]),
            dir.write("x.log-20260304", &log(BROKEN)),
        ];
        let output = tool().args(&files).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(talk(&output).contains("x.log-20260303.gz: the gzip data ends too early"));
        assert_eq!(json(&output)["summary"]["failed"], 2);
    }
}

#[test]
fn a_directory_is_its_logs() {
    let dir = Dir::new();
    dir.write("b.log", &log(BROKEN));
    dir.write("a.log", &log(GOOD));
    dir.write("app.log", b"INFO started\n");
    dir.write("core", b"ELF\0\0\0");
    dir.write("empty", b"");
    let output = tool().arg(dir.path("")).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", talk(&output));
    let json = json(&output);
    let names: Vec<&str> = json["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| input["path"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [dir.path("a.log"), dir.path("b.log")].map(|path| path.display().to_string())
    );
    assert!(
        talk(&output).contains("skipped 3 files without JSSE debug output"),
        "{}",
        talk(&output)
    );
}

#[test]
fn a_directory_without_logs_gets_a_message_that_names_it() {
    let dir = Dir::new();
    let empty = tool().arg(dir.path("")).output().unwrap();
    assert_eq!(empty.status.code(), Some(2));
    assert!(
        talk(&empty).contains("no files in this directory"),
        "{}",
        talk(&empty)
    );
    dir.write("app.log", b"INFO started\n");
    let silent = tool().arg(dir.path("")).output().unwrap();
    assert_eq!(silent.status.code(), Some(3));
    assert!(
        talk(&silent).contains("no JSSE debug output in its one file"),
        "{}",
        talk(&silent)
    );
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_does_not_stop_the_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = Dir::new();
    let locked = dir.write("locked.log", &log(GOOD));
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&locked).is_ok() {
        return; // root may read everything
    }
    let output = tool()
        .args([&locked, &PathBuf::from(BROKEN)])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(talk(&output).contains("locked.log: no permission to read it"));
    assert_eq!(json(&output)["summary"]["failed"], 2);
}

#[cfg(unix)]
#[test]
fn a_fifo_is_read_as_it_is_written() {
    let dir = Dir::new();
    let fifo = dir.path("fifo");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let child = tool().arg(&fifo).spawn().unwrap();
    let mut writer = fs::OpenOptions::new().write(true).open(&fifo).unwrap();
    for piece in log(BROKEN).chunks(10_000) {
        writer.write_all(piece).unwrap();
    }
    drop(writer);
    let output = child.wait_with_output().unwrap();
    assert_same(json(&output), plain());
}

/// What can be seen of a process tells when it has read what was written.
#[cfg(target_os = "linux")]
mod live {
    use std::{
        process::Child,
        thread,
        time::{Duration, Instant},
    };

    use super::*;

    fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
        let begin = Instant::now();
        while !holds() {
            assert!(
                begin.elapsed() < Duration::from_secs(60),
                "waited for {what}"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// How far a process has read a file that it has open.
    fn position(child: &Child, path: &Path) -> Option<u64> {
        let process = PathBuf::from(format!("/proc/{}", child.id()));
        fs::read_dir(process.join("fd"))
            .ok()?
            .filter_map(Result::ok)
            .filter(|entry| fs::read_link(entry.path()).is_ok_and(|link| link == path))
            .filter_map(|entry| {
                let info = process.join("fdinfo").join(entry.file_name());
                let info = fs::read_to_string(info).ok()?;
                info.lines()
                    .next()?
                    .strip_prefix("pos:")?
                    .trim()
                    .parse()
                    .ok()
            })
            .max()
    }

    fn wait_for_reading(child: &Child, path: &Path) {
        let length = fs::metadata(path).unwrap().len();
        wait_until("reading", || position(child, path) == Some(length));
    }

    /// Bit 1 of the caught signals is SIGINT.
    fn catches_interrupt(child: &Child) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status
            .lines()
            .find_map(|line| line.strip_prefix("SigCgt:"))
            .unwrap();
        u64::from_str_radix(caught.trim(), 16).unwrap() & 0b10 != 0
    }

    fn interrupt(child: Child) -> Output {
        let pid = child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success()
        );
        child.wait_with_output().unwrap()
    }

    fn append(path: &Path, bytes: &[u8]) {
        let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(bytes).unwrap();
    }

    /// A followed file, of which the first part was read.
    fn following(dir: &Dir, first: &[u8]) -> (Child, PathBuf) {
        let path = fs::canonicalize(dir.write("server.log", first)).unwrap();
        let child = tool().arg("-F").arg(&path).spawn().unwrap();
        wait_for_reading(&child, &path);
        (child, path)
    }

    #[test]
    fn what_is_appended_is_followed_until_the_interrupt() {
        let (dir, text) = (Dir::new(), log(BROKEN));
        let (first, rest) = text.split_at(text.len() / 2);
        let (mut child, path) = following(&dir, first);
        append(&path, rest);
        wait_for_reading(&child, &path);
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        let output = interrupt(child);
        assert_eq!(output.status.code(), Some(1), "{}", talk(&output));
        assert_same(json(&output), plain());
    }

    #[test]
    fn rotation_is_followed() {
        let (dir, text) = (Dir::new(), log(BROKEN));
        let at = memchr::memrchr(b'\n', &text[..text.len() / 2]).unwrap() + 1;
        let (child, path) = following(&dir, &text[..at - 1000]);
        fs::rename(&path, dir.path("server.log.1")).unwrap();
        fs::write(&path, b"").unwrap();
        // the writer goes on in the old file until it is told
        append(&dir.path("server.log.1"), &text[at - 1000..at]);
        append(&path, &text[at..]);
        wait_for_reading(&child, &path);
        let output = interrupt(child);
        assert_same(json(&output), plain());
        assert_eq!(json(&output)["inputs"][0]["parts"][1]["first_offset"], at);
    }

    #[test]
    fn truncation_is_followed() {
        let (dir, good) = (Dir::new(), log(GOOD).repeat(2));
        let (child, path) = following(&dir, &good);
        fs::write(&path, b"").unwrap();
        wait_until("the beginning", || position(&child, &path) == Some(0));
        append(&path, &log(BROKEN));
        wait_for_reading(&child, &path);
        let output = interrupt(child);
        assert_eq!(output.status.code(), Some(1), "{}", talk(&output));
        let json = json(&output);
        assert_eq!(json["summary"]["failed"], 2);
        assert_eq!(json["summary"]["established"], 4);
        assert_eq!(json["inputs"][0]["parts"][1]["first_offset"], good.len());
    }

    #[test]
    fn a_rotated_set_is_followed_at_its_end() {
        let (dir, text) = (Dir::new(), log(BROKEN));
        let (first, rest) = text.split_at(text.len() / 2);
        let old = dir.write("x.log.1", first);
        let new = fs::canonicalize(dir.write("x.log", b"")).unwrap();
        let child = tool().arg("-F").args([&new, &old]).spawn().unwrap();
        wait_until("opening", || position(&child, &new).is_some());
        append(&new, rest);
        wait_for_reading(&child, &new);
        assert_same(json(&interrupt(child)), plain());
    }

    #[test]
    fn standard_input_is_followed_too() {
        let mut child = tool()
            .args(["-F", "-"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(&log(BROKEN)).unwrap();
        wait_until("the handler of the interrupt", || catches_interrupt(&child));
        thread::sleep(Duration::from_millis(300));
        assert!(child.try_wait().unwrap().is_none());
        // the pipe is still open
        let output = interrupt(child);
        drop(pipe);
        assert_same(json(&output), plain());
    }

    #[test]
    fn only_one_log_is_followed() {
        let output = tool().args(["-F", GOOD, BROKEN]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(talk(&output).contains("--follow: follows one log, and 2 were named"));
    }

    #[test]
    fn files_of_proc_are_read() {
        let output = tool().arg("/proc/self/status").output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", talk(&output));
        assert!(json(&output)["inputs"][0]["bytes"].as_u64().unwrap() > 0);
    }

    #[test]
    fn a_mapped_file_that_is_shortened_gives_a_message() {
        let (dir, text) = (Dir::new(), log(BROKEN));
        // a fast machine may be done before the file is shortened: more is given to it then
        for mebibytes in [64, 256, 1024] {
            let mut file = fs::File::create(dir.path("big.log")).unwrap();
            for _ in 0..(mebibytes << 20) / text.len() {
                file.write_all(&text).unwrap();
            }
            let path = fs::canonicalize(dir.path("big.log")).unwrap();
            let child = tool().arg(&path).spawn().unwrap();
            let maps = format!("/proc/{}/maps", child.id());
            wait_until("the map", || {
                fs::read_to_string(&maps).is_ok_and(|maps| maps.contains("/big.log"))
            });
            file.set_len(0).unwrap();
            let output = child.wait_with_output().unwrap();
            if output.status.code() == Some(1) {
                continue;
            }
            assert_eq!(output.status.code(), Some(2), "{output:?}");
            let words = "big.log: was shortened while it was read";
            assert!(talk(&output).contains(words), "{}", talk(&output));
            assert!(talk(&output).ends_with("cat FILE | jssl-analyze -\n"));
            return;
        }
        panic!("it was never shortened in time");
    }
}
