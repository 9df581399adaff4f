use std::{fs, io, path::PathBuf};

use super::{Case, Failed, Outcome, diff};

/// What a case is expected to come to: the file `expected.txt` in its folder.
pub(crate) struct Golden(PathBuf);

/// Why there is nothing to compare with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GoldenError {
    #[error("there is no {}: look at what the plugin does with `ringtap replay`, then have it written with --bless", path.display())]
    Missing { path: PathBuf },
    #[error("can't read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("can't write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

impl Golden {
    pub(crate) fn of(case: &Case) -> Self {
        Self(case.folder.join("expected.txt"))
    }

    /// Whether the file says the same.
    pub(crate) fn compare(&self, outcome: &Outcome) -> Result<Result<(), Failed>, GoldenError> {
        let path = self.0.clone();
        let expected = fs::read_to_string(&self.0).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => GoldenError::Missing { path },
            _ => GoldenError::Read { path, source },
        })?;
        Ok(diff::compare(&expected, &outcome.to_string()).map_err(Failed::Differs))
    }

    /// Have the file say it. Returns its path, and whether that changed it.
    pub(crate) fn write(&self, outcome: &Outcome) -> Result<(PathBuf, bool), GoldenError> {
        let (path, text) = (self.0.clone(), outcome.to_string());
        let changes = fs::read_to_string(&path).ok().as_deref() != Some(&text);
        fs::write(&path, text)
            .map_err(|source| GoldenError::Write { path: path.clone(), source })?;
        Ok((path, changes))
    }
}
