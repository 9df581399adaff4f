//! The same three plugins in every language, built.

use std::{
    env, fmt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use rayon::prelude::*;
use ringtap_tests::{built, compiled, guest, skip};

/// The languages, the reference first.
const LANGUAGES: [&str; 9] =
    ["rust", "c", "cpp", "go", "js", "ts", "python", "zig", "assemblyscript"];

/// A folder with LANGUAGE/PLUGIN.wasm: components that were built elsewhere, in place of building.
const PREBUILT: &str = "RINGTAP_CONFORMANCE";

pub(crate) const PLUGINS: [&str; 3] = ["meter", "sieve", "scribe"];

/// Configuration for engines that interpret: a full call takes them longer than others have.
pub(crate) const PATIENT: &str = "[limits]\ncall_deadline = \"10s\"\n";

/// A language whose plugins are there.
#[derive(Clone, Debug)]
pub(crate) struct Language {
    pub(crate) name: &'static str,
    components: Vec<(&'static str, PathBuf)>,
}

impl Language {
    /// The component of one of [`PLUGINS`], if the language has it.
    pub(crate) fn component(&self, plugin: &str) -> Option<&Path> {
        let found = self.components.iter().find(|(name, _)| *name == plugin);
        found.map(|(_, path)| path.as_path())
    }

    pub(crate) fn reference() -> Self {
        all().into_iter().next().expect("the reference is always there")
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Every language that can be tested here, the reference first. What can't be is said aloud.
pub(crate) fn all() -> Vec<Language> {
    static ALL: OnceLock<Vec<Language>> = OnceLock::new();
    // Builds of one language share folders, those of two do not.
    ALL.get_or_init(|| LANGUAGES.par_iter().filter_map(|name| language(name)).collect()).clone()
}

fn language(name: &'static str) -> Option<Language> {
    let plugins = PLUGINS.iter().filter(|plugin| sources(name, plugin).is_some());
    // To compile what was built needs no turn: a core that has nothing to build does it.
    let components = rayon::scope(|scope| {
        let one = |plugin: &'static str| {
            let path = component(name, plugin)?;
            let built = path.clone();
            scope.spawn(move |_| compiled(&built));
            Ok((plugin, path))
        };
        plugins.map(|plugin| one(plugin)).collect::<Result<Vec<_>, String>>()
    });
    let components = match components {
        Ok(components) => components,
        Err(why) => {
            skip(format_args!("the conformance of {name}: {why}"));
            return None;
        }
    };
    if components.is_empty() {
        skip(format_args!(
            "the conformance of {name}: there are no plugins in tests/conformance/{name}"
        ));
        return None;
    }
    Some(Language { name, components })
}

/// The plugin's project, or where its component was put.
fn sources(language: &str, plugin: &str) -> Option<PathBuf> {
    let project =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance").join(language).join(plugin);
    [project, prebuilt(language, plugin)?].into_iter().find(|path| path.exists())
}

fn prebuilt(language: &str, plugin: &str) -> Option<PathBuf> {
    let folder = env::var_os(PREBUILT).unwrap_or_default();
    Some(PathBuf::from(folder).join(language).join(format!("{plugin}.wasm")))
}

/// Built by `cargo xtask guests`, elsewhere, or as [`built`] does. Why not, where that is for want of a
/// tool.
fn component(language: &str, plugin: &str) -> Result<PathBuf, String> {
    if let Some(path) = prebuilt(language, plugin).filter(|path| path.is_file()) {
        return Ok(path);
    }
    if language == "rust" {
        return Ok(guest(plugin));
    }
    let project = sources(language, plugin).expect("it was looked for");
    if language == "assemblyscript" {
        let component = project.join(format!("{plugin}.wasm"));
        let why = || "it is built by `cargo xtask test`, which was not run, or found no npm";
        return component.is_file().then_some(component).ok_or_else(|| why().to_owned());
    }
    built(&project)
}
