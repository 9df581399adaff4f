//! Shared by the builds whose output is committed: the same bytes on any machine.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

/// The kinds of file that count as sources.
const SOURCE_EXTENSIONS: [&str; 6] = ["rs", "toml", "lock", "wit", "c", "h"];

/// Folders that builds make among the sources.
const MADE: [&str; 5] = ["target", "build", "node_modules", ".venv", "__pycache__"];

/// Names for the places of this machine that a compiler would write into its output.
pub(crate) struct Remap(Vec<(PathBuf, String)>);

impl Remap {
    /// The checkout, the crates' sources, and the standard library's of that compiler.
    pub(crate) fn of_this_machine(rustc: &Path, root: &Path) -> Result<Self> {
        let verbose = output(Command::new(rustc).arg("-vV"))?;
        let commit = verbose.lines().find_map(|line| line.strip_prefix("commit-hash: "));
        let commit = commit.unwrap_or_default();
        let sysroot = output(Command::new(rustc).args(["--print", "sysroot"]))?;
        let library = Path::new(&sysroot).join("lib/rustlib/src/rust");
        let mut places = vec![(library, format!("/rustc/{commit}"))];
        for index in fs::read_dir(cargo_home()?.join("registry/src")).into_iter().flatten() {
            places.push((index?.path(), "registry".to_owned()));
        }
        places.push((root.to_owned(), "ringtap".to_owned()));
        Ok(Self(places))
    }

    /// A further place, which may lie in one of the others.
    pub(crate) fn and(mut self, place: &Path, name: &str) -> Self {
        self.0.push((place.to_owned(), name.to_owned()));
        self
    }

    pub(crate) fn flags(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
    }
}

/// Where cargo builds to.
pub(crate) fn target_directory(root: &Path) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    root.join(target)
}

fn cargo_home() -> Result<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    home.or_else(|| Some(env::home_dir()?.join(".cargo"))).context("where is CARGO_HOME?")
}

/// SHA-256 over the names and contents of all sources in files and folders of the checkout.
pub(crate) fn sources_digest(root: &Path, places: &[&str]) -> Result<String> {
    let mut files = Vec::new();
    for place in places {
        collect(&root.join(place), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let name = file.strip_prefix(root)?.to_string_lossy().into_owned();
        let contents = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        hash.update(format!("{name}\0{}\0", contents.len()));
        hash.update(contents);
    }
    Ok(format!("{:x}", hash.finalize()))
}

/// Links are not followed: what they lead to is there by itself.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let kind = fs::symlink_metadata(path).with_context(|| format!("reading {}", path.display()))?;
    let is_made = path.file_name().is_some_and(|name| MADE.iter().any(|made| name == *made));
    if kind.is_dir() && !is_made {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    }
    let is_source = |ext: &OsStr| SOURCE_EXTENSIONS.iter().any(|known| ext == *known);
    if kind.is_file() && path.extension().is_some_and(is_source) {
        files.push(path.to_owned());
    }
    Ok(())
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Whether a program is in the search path.
pub(crate) fn tool_is_there(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// Run a command that shows its own output, and fail unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("running {command:?}"))?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(())
}

/// What a command prints, without the last line's end.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("running {command:?}"))?;
    ensure!(output.status.success(), "{command:?} failed: {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}
