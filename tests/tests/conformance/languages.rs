//! The same three plugins in every language, built.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, OnceLock},
};

use ringtap_tests::{binary, finish, guest, output, skip};

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
    ALL.get_or_init(|| LANGUAGES.iter().filter_map(|name| language(name)).collect()).clone()
}

fn language(name: &'static str) -> Option<Language> {
    let plugins = PLUGINS.iter().filter(|plugin| sources(name, plugin).is_some());
    let mut components = Vec::new();
    for plugin in plugins {
        match component(name, plugin) {
            Ok(path) => {
                compile(&path);
                components.push((*plugin, path));
            }
            Err(why) => {
                skip(format_args!("the conformance of {name}: {why}"));
                return None;
            }
        }
    }
    if components.is_empty() {
        skip(format_args!(
            "the conformance of {name}: there are no plugins in tests/conformance/{name}"
        ));
        return None;
    }
    Some(Language { name, components })
}

/// Have the component's code in the cache of the tests: some take many seconds, all together longer
/// than a runtime is waited for.
fn compile(component: &Path) {
    finish(Command::new(binary()).args(["plugin", "inspect"]).arg(component));
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

/// Built by `cargo xtask guests`, elsewhere, or now. Why not, where that is for want of a tool; a
/// build that fails is a failure.
fn component(language: &str, plugin: &str) -> Result<PathBuf, String> {
    if let Some(path) = prebuilt(language, plugin).filter(|path| path.is_file()) {
        return Ok(path);
    }
    if language == "rust" {
        return Ok(guest(plugin));
    }
    let project = sources(language, plugin).expect("it was looked for");
    let component = project.join(format!("{plugin}.wasm"));
    if language == "assemblyscript" {
        let why = || "it is built by `cargo xtask test`, which was not run, or found no npm";
        return component.is_file().then_some(component).ok_or_else(|| why().to_owned());
    }
    // Builds of one language share folders.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap();
    let built = output(Command::new(binary()).args(["plugin", "build"]).arg(&project));
    let said = String::from_utf8_lossy(&built.stderr).into_owned();
    match built.status.success() {
        true => {
            assert!(fs::metadata(&component).is_ok(), "{} was not written", component.display());
            Ok(component)
        }
        // The words of `ringtap plugin build` for a tool that is missing, and of one that has no
        // such command.
        false if said.contains("is not installed") || said.contains("unrecognized subcommand") => {
            Err(said.lines().next().unwrap_or("it says nothing").to_owned())
        }
        false => panic!("`ringtap plugin build {}` failed:\n{said}", project.display()),
    }
}
