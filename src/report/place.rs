//! The file of an input that a line stands in: a rotated set is read as one input.

use std::borrow::Cow;

use super::{Report, section::Source};

/// The file that a line of an input stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// Its path.
    pub path: Cow<'a, str>,
    /// The number that its first line has among those of the input.
    pub first_line: u64,
}

impl<'a> Report<'a> {
    /// The file that a line of one input stands in; `None` where there is one file only.
    pub fn place(&self, input: usize, line: u64) -> Option<Place<'a>> {
        let path = |path: &str| Cow::Owned(self.redactor.path(path).into_owned());
        let of_part = match self.inputs[input].source {
            Source::Log(analysed) => {
                let parts = analysed.origin.parts.list();
                let part = parts.iter().rfind(|part| part.first_line <= line);
                part.filter(|_| parts.len() > 1).map(|part| Place {
                    path: path(&part.path.display().to_string()),
                    first_line: part.first_line,
                })
            }
            Source::Saved(saved) => {
                let mut parts = saved.input.parts.iter();
                parts
                    .rfind(|part| part.first_line <= line)
                    .map(|part| Place {
                        path: path(&part.path),
                        first_line: part.first_line,
                    })
            }
        };
        let of_input = || Place {
            path: path(self.path(input)),
            first_line: 1,
        };
        of_part.or_else(|| (self.len() > 1).then(of_input))
    }
}
