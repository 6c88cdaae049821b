//! What was named on the command line as a list of inputs: directories become their files, rotated
//! sets become one.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Input, Options, joined, rotated};
use crate::error::Error;

/// Something to analyse: a file, standard input, or the files of a rotated set.
#[derive(Debug)]
pub struct Source {
    /// Oldest first; one, but for a rotated set.
    files: Vec<PathBuf>,
    /// The directory in which it was found, when it was not named itself.
    directory: Option<PathBuf>,
    /// Nothing can be opened.
    error: Option<Error>,
}

/// The inputs that these paths name, in their order.
///
/// A directory stands for the regular files in it, sorted by name, without hidden ones and without
/// those in directories below. What cannot be opened is found out by [`Source::open`].
pub fn collect(paths: &[PathBuf], options: &Options) -> Vec<Source> {
    let mut named = Vec::new();
    for path in paths {
        if path != Path::new("-") && fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
            named.extend(in_directory(path));
        } else {
            named.push(Source {
                files: vec![path.clone()],
                directory: None,
                error: None,
            });
        }
    }
    if !options.join {
        return named;
    }
    let files: Vec<PathBuf> = named
        .iter()
        .map(|source| source.files.first().cloned().unwrap_or_default())
        .collect();
    let mut named: Vec<Option<Source>> = named.into_iter().map(Some).collect();
    rotated::group(&files)
        .into_iter()
        .filter_map(|set| {
            let newest = set.last().and_then(|&at| named[at].take())?;
            if set.len() == 1 {
                return Some(newest);
            }
            Some(Source {
                files: set.iter().map(|&at| files[at].clone()).collect(),
                ..newest
            })
        })
        .collect()
}

/// The files in a directory.
fn in_directory(directory: &Path) -> Vec<Source> {
    let failed = |error| {
        vec![Source {
            files: Vec::new(),
            directory: Some(directory.to_owned()),
            error: Some(error),
        }]
    };
    let list = || -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            // through links: `current.log` is often one
            if !hidden && fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_file()) {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    };
    match list() {
        Err(error) => failed(Error::opening(directory.to_owned(), error)),
        Ok(files) if files.is_empty() => failed(Error::NoFiles {
            path: directory.to_owned(),
        }),
        Ok(files) => files
            .into_iter()
            .map(|file| Source {
                files: vec![file],
                directory: Some(directory.to_owned()),
                error: None,
            })
            .collect(),
    }
}

impl Source {
    /// The path: of a rotated set, that of its newest file.
    pub fn path(&self) -> &Path {
        let unreadable = || self.directory.as_deref().unwrap_or(Path::new("-"));
        self.files.last().map_or_else(unreadable, PathBuf::as_path)
    }

    /// The files, oldest first.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The directory in which it was found; `None` when it was named itself.
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// Opens it. `None` for a binary file that nobody named: it is not worth reading.
    pub fn open(mut self, options: &Options) -> Result<Option<Input>, Error> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if self.files.len() > 1 {
            return joined::open(&self.files, options).map(Some);
        }
        let input = Input::open_with(self.path(), options)?;
        // core dumps, archives of archives
        let skipped = self.directory.is_some() && input.is_binary();
        Ok((!skipped).then_some(input))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_stands_for_its_files() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.log", "a.log", "a.log.1", ".hidden.log", "below/c.log"] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text\n").unwrap();
        }
        let names = |options: &Options| -> Vec<Vec<PathBuf>> {
            collect(&[dir.path().to_owned(), PathBuf::from("-")], options)
                .iter()
                .map(|source| {
                    let name = |path: &PathBuf| PathBuf::from(path.file_name().unwrap());
                    source.files().iter().map(name).collect()
                })
                .collect()
        };
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(
            names(&Options::default()),
            [
                paths(&["a.log.1", "a.log"]),
                paths(&["b.log"]),
                paths(&["-"])
            ]
        );
        let options = Options {
            join: false,
            ..Options::default()
        };
        assert_eq!(names(&options).len(), 4);
    }

    #[test]
    fn a_directory_without_files_is_an_error_that_opening_tells() {
        let dir = tempfile::tempdir().unwrap();
        let [source] =
            <[Source; 1]>::try_from(collect(&[dir.path().to_owned()], &Options::default()))
                .unwrap();
        assert_eq!(source.path(), dir.path());
        let error = source.open(&Options::default()).unwrap_err();
        assert!(matches!(error, Error::NoFiles { .. }));
    }

    #[test]
    fn a_binary_file_is_read_only_when_it_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let core = dir.path().join("core");
        fs::write(&core, b"ELF\0\0\0").unwrap();
        let open = |path: &Path| {
            let source = collect(&[path.to_owned()], &Options::default())
                .pop()
                .unwrap();
            source.open(&Options::default()).unwrap()
        };
        assert!(open(dir.path()).is_none());
        assert!(open(&core).is_some());
    }
}
