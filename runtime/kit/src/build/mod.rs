//! From a project's sources to its component.
//!
//! A language is a [`Recipe`]: which tools it takes, and the commands that make a core module or a
//! component with them. The rest is the same for all.

mod c;
mod command;
mod finish;
mod go;
mod js;
mod python;
mod rust;
mod zig;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{
    Language, Project, ProjectError,
    component::ComponentError,
    package::Package,
    tool::{Search, Tool, ToolError},
};
use command::Line;

/// A component that was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    pub path: PathBuf,
    /// In bytes.
    pub size: usize,
    /// Interfaces in full, such as `ringtap:plugin/log@0.1.0`.
    pub imports: Vec<String>,
    pub exports: Vec<String>,
}

/// Why there is no new component. The old one, if any, is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error("can't run `{program}`")]
    Start { program: String, source: io::Error },
    #[error("`{program}` failed ({status}): correct what it says above and build again")]
    Failed { program: String, status: std::process::ExitStatus },
    #[error("{0}")]
    Sources(String),
    #[error("no component can be made of {}", module.display())]
    Component { module: PathBuf, source: Box<ComponentError> },
    #[error("can't write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("can't read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("can't say what is done")]
    Say(#[source] io::Error),
}

/// Build a project's component into its folder. Each command is written to `say` before it runs, in a
/// form that a shell takes; what commands write goes to this process' stderr.
pub fn build(project: &Project, search: &Search, say: &mut dyn Write) -> Result<Built, BuildError> {
    let package = project.package()?;
    let mut run = Run { project, package, search, say };
    let folder = run.folder();
    std::fs::create_dir_all(&folder)
        .map_err(|source| BuildError::Write { path: folder, source })?;
    let artifact = match project.manifest.language {
        Language::Rust => run.follow::<rust::Rust>(),
        Language::C | Language::Cpp => run.follow::<c::C>(),
        Language::Zig => run.follow::<zig::Zig>(),
        Language::Go => run.follow::<go::Go>(),
        Language::Js | Language::Ts => run.follow::<js::Js>(),
        Language::Python => run.follow::<python::Python>(),
    }?;
    finish::finish(&mut run, artifact)
}

/// The tools that would build a project in that folder, which some of them are part of, or the first
/// that is missing.
pub fn tools(language: Language, folder: &Path, search: &Search) -> Result<Vec<Tool>, ToolError> {
    fn of<R: Recipe>(
        language: Language,
        folder: &Path,
        search: &Search,
    ) -> Result<Vec<Tool>, ToolError> {
        R::find(language, folder, search).map(R::tools)
    }
    match language {
        Language::Rust => of::<rust::Rust>(language, folder, search),
        Language::C | Language::Cpp => of::<c::C>(language, folder, search),
        Language::Zig => of::<zig::Zig>(language, folder, search),
        Language::Go => of::<go::Go>(language, folder, search),
        Language::Js | Language::Ts => of::<js::Js>(language, folder, search),
        Language::Python => of::<python::Python>(language, folder, search),
    }
}

/// The first tool that a language wants and that is not there; `folder` is the project's, which some
/// tools are part of, or where one is to be.
pub fn lacking(language: Language, folder: &Path, search: &Search) -> Option<ToolError> {
    tools(language, folder, search).err()
}

/// How plugins in a language are built.
trait Recipe: Sized {
    /// The tools, or what is missing or too old and the line that gets it.
    fn find(language: Language, folder: &Path, search: &Search) -> Result<Self, ToolError>;

    /// All that were found.
    fn tools(self) -> Vec<Tool>;

    fn build(&self, run: &mut Run<'_>) -> Result<Artifact, BuildError>;
}

/// What a language's own tools make. Paths are relative to the project's folder, or absolute.
enum Artifact {
    /// A core module, and the one that stands in for WASI if it isn't the usual.
    Module {
        path: PathBuf,
        adapter: Option<PathBuf>,
    },
    Component(PathBuf),
}

/// A build on its way.
struct Run<'a> {
    project: &'a Project,
    package: Package,
    search: &'a Search,
    say: &'a mut dyn Write,
}

impl Run<'_> {
    /// Below the project's folder, for what is made on the way.
    const FOLDER: &'static str = "build";

    fn follow<R: Recipe>(&mut self) -> Result<Artifact, BuildError> {
        let Project { folder, manifest, .. } = self.project;
        let tools = R::find(manifest.language, folder, self.search)?;
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        if here.is_ok_and(|here| here != *folder) {
            self.say(&Line::new("cd").arg(folder).to_string())?;
        }
        tools.build(self)
    }

    fn folder(&self) -> PathBuf {
        self.project.folder.join(Self::FOLDER)
    }

    /// A file of that folder, relative to the project's.
    fn file(&self, extension: &str) -> PathBuf {
        Path::new(Self::FOLDER).join(format!("{}.{extension}", self.project.name))
    }

    /// Say a command, run it in the project's folder, and fail unless it succeeds.
    fn run(&mut self, line: &Line) -> Result<(), BuildError> {
        self.say(&line.to_string())?;
        line.run(&self.project.folder)
    }

    /// The same, for what it writes to its stdout.
    fn output(&mut self, line: &Line) -> Result<Vec<u8>, BuildError> {
        self.say(&line.to_string())?;
        line.output(&self.project.folder)
    }

    fn say(&mut self, line: &str) -> Result<(), BuildError> {
        writeln!(self.say, "{line}").map_err(BuildError::Say)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, BuildError> {
        let path = self.project.folder.join(path);
        std::fs::read(&path).map_err(|source| BuildError::Read { path, source })
    }
}
