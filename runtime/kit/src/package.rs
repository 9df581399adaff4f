//! The package `ringtap:plugin`, which says what a plugin may import and export.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use semver::{Version, VersionReq};
use wit_parser::{Interface, PackageId, Resolve, SourceMap, WorldId, WorldItem};

use crate::{embedded, world::World};

/// The world that holds all that the host knows.
const EVERY_ROLE: &str = "every-role";

/// The world of a plugin that is built, and the file that it is written to.
pub(crate) const APP: &str = "app";
const APP_FILE: &str = "app.wit";

/// One version of the package.
#[derive(Clone, Debug)]
pub struct Package {
    /// Names and texts.
    files: Vec<(String, String)>,
    resolve: Resolve,
    id: PackageId,
    /// Such as `ringtap:plugin`.
    pub(crate) name: String,
    pub(crate) version: Version,
    /// Interfaces with functions that a plugin may import.
    pub(crate) capabilities: Vec<String>,
    /// Interfaces that a plugin may export.
    pub(crate) roles: Vec<String>,
}

/// Why a folder holds no such package.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    #[error("can't read the WIT package in {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the WIT package in {} makes no sense", path.display())]
    Parse { path: PathBuf, source: anyhow::Error },
    #[error(
        "{} holds the package {found}, not ringtap:plugin: copy `wit/` from the ringtap that you \
         build for", path.display()
    )]
    Other { path: PathBuf, found: String },
    #[error(
        "{} holds a package without {what}: copy `wit/` from the ringtap that you build for",
        path.display()
    )]
    Lacks { path: PathBuf, what: &'static str },
}

impl Package {
    /// The one that this build of ringtap implements.
    pub fn embedded() -> Self {
        let text = |file: &embedded::File| {
            (file.path.to_owned(), String::from_utf8_lossy(file.bytes).into_owned())
        };
        let files = embedded::WIT.iter().map(text).collect();
        Self::new(files, Path::new("wit")).expect("a test looks at what is embedded")
    }

    /// The one in a folder.
    pub fn read(folder: &Path) -> Result<Self, PackageError> {
        let read = |source| PackageError::Read { path: folder.to_owned(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(read)? {
            let path = entry.map_err(read)?.path();
            if path.extension().is_some_and(|extension| extension == "wit") {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.push((name, fs::read_to_string(&path).map_err(read)?));
            }
        }
        files.sort();
        Self::new(files, folder)
    }

    fn new(files: Vec<(String, String)>, path: &Path) -> Result<Self, PackageError> {
        let failed = |source| PackageError::Parse { path: path.to_owned(), source };
        let (resolve, id) = resolve(&files, path).map_err(failed)?;
        let package = &resolve.packages[id];
        let name = format!("{}:{}", package.name.namespace, package.name.name);
        if name != "ringtap:plugin" {
            return Err(PackageError::Other { path: path.to_owned(), found: name });
        }
        let lacks = |what| PackageError::Lacks { path: path.to_owned(), what };
        let version = package.name.version.clone().ok_or(lacks("a version"))?;
        let world = package.worlds.get(EVERY_ROLE).ok_or(lacks("the world `every-role`"))?;
        let world = &resolve.worlds[*world];
        let capabilities = with_functions(&resolve, world.imports.values());
        let roles = with_functions(&resolve, world.exports.values());
        Ok(Self { files, name, version, capabilities, roles, id, resolve })
    }

    /// The package's name and version, such as `ringtap:plugin@0.1.0`.
    pub fn full_name(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// Whether a host that implements this version takes plugins that were built against `other`.
    pub fn takes(&self, other: &Self) -> bool {
        let line = format!("^{}.{}.0", self.version.major, self.version.minor);
        VersionReq::parse(&line).is_ok_and(|line| line.matches(&other.version))
    }

    pub(crate) fn interface(&self, name: &str) -> Option<&Interface> {
        let id = self.resolve.packages[self.id].interfaces.get(name)?;
        Some(&self.resolve.interfaces[*id])
    }

    /// The package with a plugin's world in it.
    pub(crate) fn with(&self, world: &World) -> anyhow::Result<(Resolve, WorldId)> {
        let mut files = self.files.clone();
        files.push((APP_FILE.to_owned(), world.text(self)));
        let (resolve, id) = resolve(&files, Path::new(""))?;
        let world = resolve.select_world(&[id], Some(APP))?;
        Ok((resolve, world))
    }

    /// Write that into a folder, for tools that read it there.
    pub(crate) fn write(&self, folder: &Path, world: &World) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        for (name, text) in &self.files {
            fs::write(folder.join(name), text)?;
        }
        fs::write(folder.join(APP_FILE), world.text(self))
    }
}

fn resolve(files: &[(String, String)], folder: &Path) -> anyhow::Result<(Resolve, PackageId)> {
    let mut map = SourceMap::default();
    for (name, text) in files {
        map.push(&folder.join(name), text);
    }
    let mut resolve = Resolve::default();
    let group = map.parse().map_err(|(map, error)| anyhow::anyhow!("{}", error.highlight(&map)))?;
    let id = resolve.push_group(group)?;
    Ok((resolve, id))
}

fn with_functions<'a>(
    resolve: &Resolve,
    items: impl Iterator<Item = &'a WorldItem>,
) -> Vec<String> {
    let name = |item: &WorldItem| match item {
        WorldItem::Interface { id, .. } => {
            let interface = &resolve.interfaces[*id];
            interface.name.clone().filter(|_| !interface.functions.is_empty())
        }
        WorldItem::Function(_) | WorldItem::Type { .. } => None,
    };
    items.filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_package_is_the_one_in_wit() {
        let package = Package::embedded();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");
        let read = Package::read(Path::new(folder)).unwrap();
        assert_eq!(package.files, read.files);
        let capabilities = ["log", "clock", "interfaces", "metrics", "events", "kv", "random"];
        assert_eq!(package.capabilities, capabilities);
        assert_eq!(package.roles, ["lifecycle", "aggregate", "filter", "exporter", "state"]);
    }

    #[test]
    fn another_package_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = |text: &str| {
            fs::write(folder.path().join("a.wit"), text).unwrap();
            format!("{:#}", anyhow::Error::from(Package::read(folder.path()).unwrap_err()))
        };
        let error = refusal("package some:thing@1.0.0;");
        assert!(error.contains("holds the package some:thing, not ringtap:plugin: "), "{error}");
        let error = refusal("package ringtap:plugin;");
        assert!(error.contains("holds a package without a version: "), "{error}");
        let error = refusal("package ringtap:plugin@0.1.0;\ninterface {}");
        assert!(error.contains("makes no sense: ") && error.contains("a.wit:2:11"), "{error}");
        let missing = Package::read(&folder.path().join("none")).unwrap_err().to_string();
        assert!(missing.starts_with("can't read the WIT package in "), "{missing}");
    }

    #[test]
    fn a_host_takes_what_is_of_its_line() {
        let of = |version: &str| {
            let text = format!("package ringtap:plugin@{version};\nworld every-role {{}}");
            Package::new(vec![("a.wit".to_owned(), text)], Path::new("")).unwrap()
        };
        let ours = of("0.1.3");
        assert!(ours.takes(&of("0.1.0")) && ours.takes(&of("0.1.7")));
        assert!(!ours.takes(&of("0.2.0")) && !ours.takes(&of("1.0.0")));
    }

    #[test]
    fn what_is_written_for_tools_is_the_package_with_the_world() {
        let folder = tempfile::tempdir().unwrap();
        let package = Package::embedded();
        let world = World {
            capabilities: ["kv".to_owned()].into(),
            roles: ["lifecycle".to_owned(), "state".to_owned()].into(),
        };
        package.write(folder.path(), &world).unwrap();
        let text = fs::read_to_string(folder.path().join("app.wit")).unwrap();
        assert_eq!(
            text,
            "package ringtap:plugin@0.1.0;\n\nworld app {\n  import kv;\n  export lifecycle;\n  \
             export state;\n}\n"
        );
        assert_eq!(Package::read(folder.path()).unwrap().files.len(), package.files.len() + 1);
    }
}
