//! `plugin.toml`: what a plugin project is.

use std::{
    cell::Cell,
    collections::BTreeSet,
    fmt, fs, io,
    path::{Component, Path, PathBuf},
    str::FromStr,
};

use ringtap_document::{Document, Expected, Problem, Section, nearest};

use crate::{Language, ProjectName, package::Package, world::World};

/// The manifest's file in a project's folder.
pub(crate) const FILE: &str = "plugin.toml";

/// What stands in a manifest, with defaults for the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub language: Language,
    /// By default the folder's.
    pub name: Option<ProjectName>,
    /// Where the SDK is, relative to the project's folder. `sdk` by default.
    pub sdk: PathBuf,
    /// Where the WIT package is, relative to the project's folder. `None`: in `wit`, and if there is
    /// none, it is the one that this ringtap has.
    pub wit: Option<PathBuf>,
    /// The plugin's own sources, for languages whose tools don't find them.
    pub sources: Vec<PathBuf>,
    /// For a script, whose world has to be told.
    pub world: Option<World>,
    /// For Rust.
    pub target: RustTarget,
}

/// What Rust is compiled for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RustTarget {
    /// No operating system, so that nothing but capabilities is imported.
    #[default]
    Unknown,
    /// WASI 0.2, whose interfaces a host of ringtap has and which do nothing there.
    Wasip2,
}

/// Why there is no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error(
        "there is no {FILE} in {}: name the folder of a plugin project, or make one with `ringtap \
         plugin new`", folder.display()
    )]
    Missing { folder: PathBuf },
    #[error("can't read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}", lines(.0))]
    Problems(Vec<Problem>),
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

impl Manifest {
    /// The manifest in a project's folder.
    pub fn read(folder: &Path) -> Result<Self, ManifestError> {
        let path = folder.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&path, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ManifestError::Missing { folder: folder.to_owned() })
            }
            Err(source) => Err(ManifestError::Read { path, source }),
        }
    }

    /// What a text says; `path` is for complaints.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ManifestError> {
        let document = Document::new(path, text);
        let manifest = document.root().and_then(manifest);
        match (manifest, document.problems()) {
            (Some(manifest), problems) if problems.is_empty() => Ok(manifest),
            (_, problems) => Err(ManifestError::Problems(problems)),
        }
    }
}

fn manifest(mut root: Section<'_>) -> Option<Manifest> {
    const LANGUAGE: &str = "language";
    let has_language = root.place_of(LANGUAGE).is_some();
    let language = root.text(LANGUAGE, Language::from_str);
    if !has_language {
        root.complain_at(0..0, LANGUAGE, "is missing: say what the plugin is written in");
    }
    let places = Places::of(&root);
    let name = root.text("name", name);
    let sdk = root.text("sdk", relative);
    let wit = root.text("wit", relative);
    // Counted as they stand there: one that makes no sense is complained of by itself.
    let count = Cell::new(0);
    let source = |text: &str| {
        count.set(count.get() + 1);
        relative(text)
    };
    let sources = root.distinct("sources", source, |path| path.to_str().unwrap_or_default());
    let package = Package::embedded();
    let roles = root.distinct("roles", |text| role(text, &package), String::as_str);
    let capabilities =
        root.distinct("capabilities", |text| capability(text, &package), String::as_str);
    let target = root.text("target", RustTarget::from_str);
    let language = language?;
    places.check(&root, language, sources.as_ref().map(|_| count.get()), roles.as_deref());
    root.end();
    let world = World {
        capabilities: capabilities.into_iter().flatten().collect(),
        roles: roles.into_iter().flatten().chain(["lifecycle".to_owned()]).collect(),
    };
    Some(Manifest {
        language,
        name,
        sdk: sdk.unwrap_or_else(|| "sdk".into()),
        wit,
        sources: sources.unwrap_or_default(),
        world: language.is_script().then_some(world),
        target: target.unwrap_or_default(),
    })
}

/// Where keys stand that make sense in some languages only.
struct Places(Vec<(&'static str, Option<std::ops::Range<usize>>)>);

impl Places {
    fn of(root: &Section<'_>) -> Self {
        let keys = ["sources", "roles", "capabilities", "target"];
        Self(keys.map(|key| (key, root.place_of(key))).into())
    }

    fn check(
        &self,
        root: &Section<'_>,
        language: Language,
        sources: Option<usize>,
        roles: Option<&[String]>,
    ) {
        for (key, place) in &self.0 {
            let problem = match (*key, place) {
                ("sources", place) => wrong_sources(language, place.is_some(), sources),
                ("target", Some(_)) if language != Language::Rust => {
                    Some("is for Rust: leave it out".to_owned())
                }
                ("roles" | "capabilities", Some(_)) if !language.is_script() => Some(format!(
                    "is for scripts; what a plugin in {} imports and exports is read off its code: \
                     leave it out",
                    language.title()
                )),
                ("roles", Some(_)) => two_roles(roles.unwrap_or_default()),
                _ => None,
            };
            if let Some(problem) = problem {
                root.complain_at(place.clone().unwrap_or(0..0), key, &problem);
            }
        }
    }
}

fn wrong_sources(language: Language, said: bool, count: Option<usize>) -> Option<String> {
    let title = language.title();
    match language {
        Language::Rust | Language::Go => {
            said.then(|| format!("{title}'s own tools find them: leave it out"))
        }
        // No array, which was complained of.
        _ if said && count.is_none() => None,
        Language::C | Language::Cpp => (count.unwrap_or(0) == 0)
            .then(|| format!("name the plugin's {title} files, such as [\"src/plugin.c\"]")),
        Language::Js | Language::Ts | Language::Python | Language::Zig => (count != Some(1))
            .then(|| format!("name the one {title} file that the plugin starts from")),
    }
}

fn two_roles(roles: &[String]) -> Option<String> {
    let roles: BTreeSet<_> = roles.iter().cloned().chain(["lifecycle".to_owned()]).collect();
    let world = World { capabilities: BTreeSet::new(), roles };
    world.check(&Package::embedded()).err().map(|error| error.to_string())
}

fn name(text: &str) -> Result<ProjectName, Expected> {
    text.parse().map_err(|_| {
        let most = ProjectName::MAX_LEN;
        Expected(format!("1 to {most} characters of a-z, 0-9 and '-', the first a letter and the last none of '-'"))
    })
}

fn relative(text: &str) -> Result<PathBuf, Expected> {
    let path = PathBuf::from(text);
    let fits = path.components().all(|part| {
        matches!(part, Component::Normal(_) | Component::ParentDir | Component::CurDir)
    });
    match fits && !text.is_empty() {
        true => Ok(path),
        false => Err(Expected(format!("a path relative to {FILE}"))),
    }
}

fn role(text: &str, package: &Package) -> Result<String, Expected> {
    let others = package.roles.iter().map(String::as_str).filter(|role| *role != "lifecycle");
    one_of(text, &others.collect::<Vec<_>>())
}

fn capability(text: &str, package: &Package) -> Result<String, Expected> {
    one_of(text, &package.capabilities.iter().map(String::as_str).collect::<Vec<_>>())
}

fn one_of(text: &str, known: &[&str]) -> Result<String, Expected> {
    if known.contains(&text) {
        return Ok(text.to_owned());
    }
    let hint = nearest(text, known).map(|near| format!("; did you mean \"{near}\"?"));
    Err(Expected(format!("one of {}{}", known.join(", "), hint.unwrap_or_default())))
}

impl RustTarget {
    /// As rustc calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "wasm32-unknown-unknown",
            Self::Wasip2 => "wasm32-wasip2",
        }
    }
}

impl fmt::Display for RustTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RustTarget {
    type Err = Expected;

    fn from_str(text: &str) -> Result<Self, Expected> {
        let all = [Self::Unknown, Self::Wasip2];
        let found = all.into_iter().find(|target| target.name() == text);
        found.ok_or_else(|| Expected(format!("one of {}", all.map(Self::name).join(", "))))
    }
}

#[cfg(test)]
mod tests;
