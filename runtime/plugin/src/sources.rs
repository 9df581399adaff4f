use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use ringtap_pipeline::name::PluginName;

use crate::{
    directory::Place,
    files::{Content, Unusable},
    limits::Limits,
    reload::Version,
};

/// A plugin that comes with the binary.
#[derive(Clone, Debug)]
pub struct BundledPlugin {
    pub name: PluginName,
    pub wasm: Cow<'static, [u8]>,
    /// Its opaque config, as `NAME.toml` is for a file.
    pub config: String,
}

/// Where plugins come from. Of two with the same name a single file goes before the directory, and
/// that before what is bundled.
#[derive(Debug)]
pub(crate) struct Sources {
    /// With their versions, since they never change.
    bundled: Vec<(BundledPlugin, Version)>,
    places: Vec<Place>,
}

/// Where a plugin's bytes are.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    Bundled(usize),
    File(PathBuf),
}

/// All plugins at one moment.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) origins: BTreeMap<PluginName, Origin>,
    pub(crate) versions: BTreeMap<PluginName, Version>,
    pub(crate) problems: Vec<String>,
    pub(crate) unsettled: bool,
}

impl Sources {
    pub(crate) fn new(
        bundled: Vec<BundledPlugin>,
        files: Vec<PathBuf>,
        directory: Option<PathBuf>,
    ) -> Self {
        let bundled = bundled.into_iter().map(|plugin| {
            let version = plugin.content().version();
            (plugin, version)
        });
        let files = files.into_iter().map(Place::file);
        let places = directory.map(Place::directory).into_iter().chain(files).collect();
        Self { bundled: bundled.collect(), places }
    }

    pub(crate) fn snapshot(&mut self, limits: impl Fn(&PluginName) -> Limits) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (index, (plugin, version)) in self.bundled.iter().enumerate() {
            snapshot.insert(plugin.name.clone(), Origin::Bundled(index), version.clone());
        }
        for place in &mut self.places {
            let scan = place.scan(&limits);
            snapshot.problems.extend(scan.problems);
            snapshot.unsettled |= scan.unsettled;
            for (name, (path, version)) in scan.plugins {
                snapshot.insert(name, Origin::File(path), version);
            }
        }
        snapshot
    }

    pub(crate) fn read(&self, origin: &Origin, limits: &Limits) -> Result<Content, Unusable> {
        match origin {
            Origin::Bundled(index) => Ok(self.bundled[*index].0.content()),
            Origin::File(path) => Content::read(path, limits),
        }
    }

    /// Directories in which something may change.
    pub(crate) fn watched(&self) -> impl Iterator<Item = &Path> {
        self.places.iter().map(Place::watched)
    }
}

impl Snapshot {
    fn insert(&mut self, name: PluginName, origin: Origin, version: Version) {
        self.origins.insert(name.clone(), origin);
        self.versions.insert(name, version);
    }
}

impl BundledPlugin {
    fn content(&self) -> Content {
        Content { wasm: self.wasm.to_vec(), config: self.config.clone() }
    }
}
