//! What can go wrong with the work itself. Odd input is no error: see `event::Anomaly`.

use std::{io, path::PathBuf};

/// The work cannot go on. Each message names the file and, where there is one, the cure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such file.
    #[error("{}: no such file", .path.display())]
    NotFound {
        /// The path as given.
        path: PathBuf,
    },
    /// A directory was given.
    #[error("{}: is a directory; name the log files in it", .path.display())]
    Directory {
        /// The path as given.
        path: PathBuf,
    },
    /// A directory without files in it.
    #[error("{}: no files in this directory; name the one that the logs are in (those below it are not searched)", .path.display())]
    NoFiles {
        /// The path as given.
        path: PathBuf,
    },
    /// The file may not be read.
    #[error("{}: no permission to read it; whoever may can pipe it in: sudo cat FILE | jssl-analyze -", .path.display())]
    Permission {
        /// The path as given.
        path: PathBuf,
    },
    /// Reading failed.
    #[error("{}: {source} (at byte {offset})", .path.display())]
    Read {
        /// The path as given, or `standard input`.
        path: PathBuf,
        /// How far reading had got.
        offset: u64,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no thread to read a stream on.
    #[error("{}: no thread to read it on ({source}); raise the limit (ulimit -u, pids of a container), or give it as a plain file, which needs none", .path.display())]
    Threads {
        /// The path as given, or `standard input`.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Compressed data ends before its end.
    #[error("{}: the {compression} data ends too early, at byte {offset}; what came before is analysed, a complete copy tells the rest", .path.display())]
    CutShort {
        /// The path as given, or `standard input`.
        path: PathBuf,
        /// The compression: `gzip`.
        compression: &'static str,
        /// How far the compressed data goes.
        offset: u64,
    },
    /// Compressed data that cannot be unpacked.
    #[error("{}: the {compression} data is damaged at byte {offset} ({source}); what came before is analysed, an intact copy tells the rest", .path.display())]
    Damaged {
        /// The path as given, or `standard input`.
        path: PathBuf,
        /// The compression: `gzip`.
        compression: &'static str,
        /// Where in the compressed data.
        offset: u64,
        /// What the decoder says.
        source: io::Error,
    },
    /// Compressed data unpacks to so much that it looks like an attack.
    #[error("{}: unpacks to more than {ratio} times its size; stopped after {unpacked} bytes, which are analysed. Should it be a log after all: {command} FILE | jssl-analyze -", .path.display())]
    Bomb {
        /// The path as given, or `standard input`.
        path: PathBuf,
        /// The ratio that was exceeded.
        ratio: u64,
        /// How much was unpacked.
        unpacked: u64,
        /// The command that unpacks it.
        command: &'static str,
    },
    /// Compressed data unpacks to more than was allowed.
    #[error("{}: unpacks to more than the {limit} bytes that --max-unpacked allows; those are analysed", .path.display())]
    TooLarge {
        /// The path as given, or `standard input`.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// Compressed data, and a build that cannot unpack it.
    #[error("{}: is compressed, and this build cannot unpack it: {command} FILE | jssl-analyze -", .path.display())]
    Packed {
        /// The path as given, or `standard input`.
        path: PathBuf,
        /// The command that unpacks it.
        command: &'static str,
    },
    /// A saved report that cannot be read.
    #[error("{}: {why}", .path.display())]
    Report {
        /// The path as given.
        path: PathBuf,
        /// What is wrong with it, where, and what to do about it.
        why: String,
    },
    /// Compressed files do not grow line by line.
    #[error("{}: is compressed and cannot be followed; leave --follow out", .path.display())]
    NotFollowed {
        /// The path as given.
        path: PathBuf,
    },
}

impl Error {
    /// The error of opening `path`.
    pub(crate) fn opening(path: PathBuf, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::PermissionDenied => Self::Permission { path },
            io::ErrorKind::IsADirectory => Self::Directory { path },
            _ => Self::Read {
                path,
                offset: 0,
                source,
            },
        }
    }
}
