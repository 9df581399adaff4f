use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use crate::{ProjectName, component::replace};

/// The config of a plugin in its project's folder, which becomes `NAME.toml` beside the component.
const CONFIG: &str = "config.toml";

/// A directory of plugins that builds are put into.
#[derive(Clone, Debug)]
pub struct Place {
    pub folder: PathBuf,
}

/// Why something is not there.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("can't make the directory of plugins {}", path.display())]
    Make { path: PathBuf, source: io::Error },
    #[error("can't read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("can't write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

impl Place {
    /// Make the folder where it is missing; nobody else may write to it, or a host would not use it.
    pub fn make(folder: &Path) -> Result<Self, PlaceError> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o755).create(folder);
        let made = made.and_then(|()| folder.canonicalize());
        let failed = |source| PlaceError::Make { path: folder.to_owned(), source };
        Ok(Self { folder: made.map_err(failed)? })
    }

    /// Put a component there, and the project's config beside it. Files that are the same are left
    /// alone, so that a host has no cause to reload.
    pub fn put(&self, name: &ProjectName, component: &Path) -> Result<PathBuf, PlaceError> {
        let config = component.with_file_name(CONFIG);
        let there = self.folder.join(format!("{name}.toml"));
        match fs::read(&config) {
            Ok(bytes) => write(&there, &bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => remove(&there)?,
            Err(source) => return Err(PlaceError::Read { path: config, source }),
        }
        let read = |source| PlaceError::Read { path: component.to_owned(), source };
        let there = self.folder.join(format!("{name}.wasm"));
        write(&there, &fs::read(component).map_err(read)?)?;
        Ok(there)
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), PlaceError> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    replace(path, bytes).map_err(|source| PlaceError::Write { path: path.to_owned(), source })
}

fn remove(path: &Path) -> Result<(), PlaceError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(PlaceError::Write { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_build_is_put_beside_its_config() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("project");
        fs::create_dir(&project).unwrap();
        let place = Place::make(&folder.path().join("a/plugins")).unwrap();
        assert_eq!(fs::metadata(&place.folder).unwrap().mode() & 0o022, 0);
        let name: ProjectName = "meter".parse().unwrap();
        let component = project.join("meter.wasm");
        let put = || place.put(&name, &component).unwrap();
        let files = || {
            let entries = fs::read_dir(&place.folder).unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };

        fs::write(&component, "one").unwrap();
        let there = put();
        assert_eq!(fs::read(&there).unwrap(), b"one");
        assert_eq!(files(), ["meter.wasm"]);

        let inode = || fs::metadata(&there).unwrap().ino();
        let before = inode();
        fs::write(project.join("config.toml"), "limit = 1").unwrap();
        put();
        assert_eq!(files(), ["meter.toml", "meter.wasm"]);
        assert_eq!(inode(), before, "the same component is left alone");

        fs::remove_file(project.join("config.toml")).unwrap();
        put();
        assert_eq!(files(), ["meter.wasm"]);
        let missing = place.put(&name, &project.join("none.wasm")).unwrap_err().to_string();
        assert!(missing.starts_with("can't read "), "{missing}");
    }
}
