use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    Manifest, ManifestError, ProjectName,
    name::InvalidName,
    package::{Package, PackageError},
};

/// A plugin's project: a folder with a manifest.
#[derive(Clone, Debug)]
pub struct Project {
    /// Without links.
    pub folder: PathBuf,
    pub manifest: Manifest,
    pub name: ProjectName,
}

/// Why a folder is no project.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    #[error("can't read the folder {}", folder.display())]
    Folder { folder: PathBuf, source: io::Error },
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error("the plugin in {} is called as its folder: set `name` in plugin.toml", folder.display())]
    Name { folder: PathBuf, source: InvalidName },
    #[error(
        "`{key}` in plugin.toml says {}, and there is no such {what} in {}", path.display(),
        folder.display()
    )]
    NotThere { key: &'static str, what: &'static str, path: PathBuf, folder: PathBuf },
    #[error(transparent)]
    Package(#[from] PackageError),
    #[error(
        "the project is for {theirs}, and this is a ringtap of {ours}: build it with a ringtap of \
         that, or copy `sdk/` and `wit/` from a new project (ringtap plugin new)"
    )]
    OtherVersion { theirs: String, ours: String },
}

impl Project {
    /// The project in a folder.
    pub fn open(folder: &Path) -> Result<Self, ProjectError> {
        let failed = |source| ProjectError::Folder { folder: folder.to_owned(), source };
        let folder = &folder.canonicalize().map_err(failed)?;
        let manifest = Manifest::read(folder)?;
        let name = match manifest.name.clone() {
            Some(name) => name,
            None => {
                let name = folder.file_name().unwrap_or_default().to_string_lossy();
                let invalid = |source| ProjectError::Name { folder: folder.to_owned(), source };
                name.parse().map_err(invalid)?
            }
        };
        let project = Self { folder: folder.to_owned(), manifest, name };
        project.check()?;
        Ok(project)
    }

    fn check(&self) -> Result<(), ProjectError> {
        let not_there = |key, what, path: &Path| ProjectError::NotThere {
            key,
            what,
            path: path.to_owned(),
            folder: self.folder.clone(),
        };
        let lacks_file = |path: &&PathBuf| !self.folder.join(path).is_file();
        match self.manifest.sources.iter().find(lacks_file) {
            Some(source) => Err(not_there("sources", "file", source)),
            None => Ok(()),
        }
    }

    /// The package that the project is built against; one that this ringtap takes.
    pub fn package(&self) -> Result<Package, ProjectError> {
        let ours = Package::embedded();
        let wit = match &self.manifest.wit {
            Some(wit) => self.folder.join(wit),
            None => self.folder.join("wit"),
        };
        if self.manifest.wit.is_none() && !wit.exists() {
            return Ok(ours);
        }
        let theirs = Package::read(&wit)?;
        match ours.takes(&theirs) {
            true => Ok(theirs),
            false => Err(ProjectError::OtherVersion {
                theirs: theirs.full_name(),
                ours: ours.full_name(),
            }),
        }
    }

    /// The folder of the SDK, which has to be there, as in the manifest.
    pub(crate) fn sdk(&self) -> Result<&Path, ProjectError> {
        let sdk = &self.manifest.sdk;
        match self.folder.join(sdk).is_dir() {
            true => Ok(sdk),
            false => Err(ProjectError::NotThere {
                key: "sdk",
                what: "folder",
                path: sdk.clone(),
                folder: self.folder.clone(),
            }),
        }
    }

    /// Where the component goes.
    pub fn component(&self) -> PathBuf {
        self.folder.join(format!("{}.wasm", self.name))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_project_has_the_name_of_its_folder_or_its_own() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("meter");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("plugin.toml"), "language = \"rust\"").unwrap();
        let project = Project::open(&folder).unwrap();
        assert_eq!(project.component(), folder.canonicalize().unwrap().join("meter.wasm"));
        fs::write(folder.join("plugin.toml"), "language = \"rust\"\nname = \"gauge\"").unwrap();
        assert_eq!(Project::open(&folder).unwrap().name.as_str(), "gauge");

        let odd = parent.path().join("My plugin");
        fs::rename(&folder, &odd).unwrap();
        assert_eq!(Project::open(&odd).unwrap().name.as_str(), "gauge");
        fs::write(odd.join("plugin.toml"), "language = \"rust\"").unwrap();
        let error = Project::open(&odd).unwrap_err().to_string();
        assert!(error.ends_with("is called as its folder: set `name` in plugin.toml"), "{error}");
    }

    #[test]
    fn what_the_manifest_names_has_to_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let place = folder.path().canonicalize().unwrap();
        write("plugin.toml", "language = \"c\"\nname = \"x\"\nsources = [\"a.c\"]");
        let refused = Project::open(folder.path()).unwrap_err().to_string();
        let text = "`sources` in plugin.toml says a.c, and there is no such file in";
        assert_eq!(refused, format!("{text} {}", place.display()));
        write("a.c", "");
        let project = Project::open(folder.path()).unwrap();
        let refused = project.sdk().unwrap_err().to_string();
        let text = "`sdk` in plugin.toml says sdk, and there is no such folder in";
        assert_eq!(refused, format!("{text} {}", place.display()));
    }

    #[test]
    fn a_project_of_another_line_is_refused_with_both_versions() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("plugin.toml", "language = \"rust\"\nname = \"x\"");
        let project = Project::open(folder.path()).unwrap();
        let ours = Package::embedded().full_name();
        assert_eq!(project.package().unwrap().full_name(), ours);
        fs::create_dir(folder.path().join("wit")).unwrap();
        write("wit/a.wit", "package ringtap:plugin@0.2.0;\nworld every-role {}");
        let refused = project.package().unwrap_err().to_string();
        let text = "the project is for ringtap:plugin@0.2.0, and this is a ringtap of";
        assert!(refused.starts_with(&format!("{text} {ours}: ")), "{refused}");
    }
}
