use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Where the component is and where its cases are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Project {
    /// As it was named, for the command line that repeats a test.
    pub named: PathBuf,
    pub component: PathBuf,
    pub cases: PathBuf,
}

/// Why nothing can be tested there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProjectError {
    #[error("can't read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("there is no component in {}: build it first, with `ringtap plugin build {}`", folder.display(), folder.display())]
    NotBuilt { folder: PathBuf },
    #[error("there are several components in {}: name one, and its cases with --cases", folder.display())]
    Several { folder: PathBuf },
    #[error("{} is a component: say where its cases are, with --cases DIR", file.display())]
    NoCases { file: PathBuf },
}

impl Project {
    /// `path` is a project's folder or a component.
    pub(crate) fn find(path: &Path, cases: Option<&Path>) -> Result<Self, ProjectError> {
        let read = |source| ProjectError::Read { path: path.to_owned(), source };
        let is_folder = fs::metadata(path).map_err(read)?.is_dir();
        let component = if is_folder { component(path)? } else { path.to_owned() };
        let cases = match (cases, is_folder) {
            (Some(cases), _) => cases.to_owned(),
            (None, true) => path.join("tests"),
            (None, false) => return Err(ProjectError::NoCases { file: path.to_owned() }),
        };
        Ok(Self { named: path.to_owned(), component, cases })
    }
}

/// `NAME.wasm` in the folder `NAME`, or the only one.
fn component(folder: &Path) -> Result<PathBuf, ProjectError> {
    let read = |source| ProjectError::Read { path: folder.to_owned(), source };
    let name = fs::canonicalize(folder).map_err(read)?;
    let named = name.file_name().map(|name| folder.join(name).with_extension("wasm"));
    if let Some(named) = named.filter(|named| named.is_file()) {
        return Ok(named);
    }
    let mut components = Vec::new();
    for entry in fs::read_dir(folder).map_err(read)? {
        let path = entry.map_err(read)?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            components.push(path);
        }
    }
    match (components.pop(), components.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(ProjectError::Several { folder: folder.to_owned() }),
        (None, _) => Err(ProjectError::NotBuilt { folder: folder.to_owned() }),
    }
}
