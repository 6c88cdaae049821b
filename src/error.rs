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
    /// The file may not be read.
    #[error("{}: no permission to read it", .path.display())]
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
