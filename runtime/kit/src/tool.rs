//! Programs of others that a build calls: where they are, and what to do where they aren't.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fmt, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Where programs are looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    path: Vec<PathBuf>,
    variables: BTreeMap<String, OsString>,
}

/// A program that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// What to call: a name on the search path, or a path.
    pub program: OsString,
    pub version: Version,
}

/// The first numbers with dots in what a program says of itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(Vec<u64>);

/// Why a program can't be used. Each says how to get one that can.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    #[error("{what} is not installed: {install}")]
    Missing { what: &'static str, install: String },
    #[error("{what} is {found} ({}), and at least {least} is needed: {install}", program.display())]
    Old { what: &'static str, program: PathBuf, found: Version, least: Version, install: String },
    #[error("{what} does not work ({}): {install}", program.display())]
    Broken { what: &'static str, program: PathBuf, install: String, source: io::Error },
    #[error("{what} ({}) lacks {lacks}: {install}", program.display())]
    Lacks { what: &'static str, program: PathBuf, lacks: String, install: String },
}

impl Search {
    /// As this process is told: `PATH`, `CC`, `WASI_SDK_PATH` and others.
    pub fn from_environment() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self {
            path: std::env::split_paths(&path).collect(),
            variables: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
                .collect(),
        }
    }

    /// Programs of these folders and no variables.
    pub fn only(path: &[&Path]) -> Self {
        Self { path: path.iter().map(|path| (*path).to_owned()).collect(), ..Self::default() }
    }

    /// The same, with a variable set.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// A variable that is set to something.
    pub(crate) fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(name).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// Whether a program of that name is on the search path.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.path.iter().any(|folder| is_program(&folder.join(name)))
    }

    /// Where it is.
    pub(crate) fn locate(&self, name: &OsStr) -> Option<PathBuf> {
        if Path::new(name).components().count() > 1 {
            return Some(name.into());
        }
        self.path.iter().map(|folder| folder.join(name)).find(|path| is_program(path))
    }
}

pub(crate) fn is_program(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && path.is_file()
}

/// A kind of program, how it tells its version, and how to get it.
pub(crate) struct Kind {
    /// For people.
    pub(crate) what: &'static str,
    /// Arguments that make it tell its version.
    pub(crate) asks: &'static [&'static str],
    pub(crate) least: &'static [u64],
    pub(crate) install: &'static str,
}

impl Kind {
    /// The program if it works and is not too old.
    pub(crate) fn check(&self, program: OsString, search: &Search) -> Result<Tool, ToolError> {
        let Some(path) = search.locate(&program) else { return Err(self.missing()) };
        let broken = |source| ToolError::Broken {
            what: self.what,
            program: path.clone(),
            install: self.install.to_owned(),
            source,
        };
        let said = output(&path, self.asks).map_err(broken)?;
        let version = Version::find(&said).ok_or_else(|| {
            let first = said.lines().next().unwrap_or_default();
            broken(io::Error::other(format!("it tells no version: {first:?}")))
        })?;
        let least = Version(self.least.to_owned());
        match version < least {
            true => Err(ToolError::Old {
                what: self.what,
                program: path,
                found: version,
                least,
                install: self.install.to_owned(),
            }),
            false => Ok(Tool { program, version }),
        }
    }

    pub(crate) fn missing(&self) -> ToolError {
        ToolError::Missing { what: self.what, install: self.install.to_owned() }
    }

    /// The first of these that can be used. If none can, the complaint is of the first that is there.
    pub(crate) fn first_of(
        &self,
        candidates: impl IntoIterator<Item = OsString>,
        search: &Search,
    ) -> Result<Tool, ToolError> {
        let mut complaint = None;
        for candidate in candidates {
            match self.check(candidate, search) {
                Ok(tool) => return Ok(tool),
                Err(ToolError::Missing { .. }) => {}
                Err(error) => complaint = complaint.or(Some(error)),
            }
        }
        Err(complaint.unwrap_or_else(|| self.missing()))
    }
}

/// What a program says, on either stream.
pub(crate) fn output(program: &Path, arguments: &[&str]) -> io::Result<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output()?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    match output.status.success() {
        true => Ok(said),
        false => {
            let last = said.lines().last().unwrap_or_default();
            Err(io::Error::other(format!("{}: {last}", output.status)))
        }
    }
}

impl Version {
    /// `None` where the text has no number with a dot.
    pub(crate) fn find(text: &str) -> Option<Self> {
        let numbers = |word: &str| {
            let word = word.trim_start_matches(|c: char| !c.is_ascii_digit());
            let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
            let numbers = word[..end].split('.').map_while(|part| part.parse().ok());
            Some(numbers.collect::<Vec<_>>()).filter(|numbers| numbers.len() > 1)
        };
        text.split_whitespace().find_map(numbers).map(Self)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<_> = self.0.iter().map(u64::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    const KIND: Kind = Kind {
        what: "the compiler",
        asks: &["--version"],
        least: &[2, 10],
        install: "apt-get install compiler",
    };

    /// A folder with programs that say what they are told to.
    fn programs(said: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, script) in said {
            let path = folder.path().join(name);
            fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        folder
    }

    fn check(script: &str) -> Result<Tool, String> {
        let folder = programs(&[("cc", script)]);
        let search = Search::only(&[folder.path()]);
        KIND.check("cc".into(), &search)
            .map_err(|error| format!("{:#}", anyhow::Error::from(error)))
            .map_err(|text| text.replace(folder.path().to_str().unwrap(), "DIR"))
    }

    #[test]
    fn versions_are_found_and_compared_by_number() {
        let find = |text| Version::find(text).map(|version| version.to_string());
        assert_eq!(find("Debian clang version 22.1.0 (1)").as_deref(), Some("22.1.0"));
        assert_eq!(find("go version go1.27 linux/amd64").as_deref(), Some("1.27"));
        assert_eq!(find("v20.18.1").as_deref(), Some("20.18.1"));
        assert_eq!(find("componentize-py 0.25.1-rc1").as_deref(), Some("0.25.1"));
        assert_eq!(find("the year 2026"), None);
        assert!(Version::find("1.9") < Version::find("1.10"));
    }

    #[test]
    fn a_program_is_there_and_new_enough_or_says_what_to_do() {
        assert_eq!(check("echo cc 2.10.1").unwrap().program, "cc");
        assert_eq!(check("echo cc 3.0 >&2").unwrap().version.to_string(), "3.0");
        assert_eq!(
            check("echo cc 2.9.3").unwrap_err(),
            "the compiler is 2.9.3 (DIR/cc), and at least 2.10 is needed: apt-get install compiler"
        );
        assert_eq!(
            check("echo lib.so: not found; exit 1").unwrap_err(),
            "the compiler does not work (DIR/cc): apt-get install compiler: exit status: 1: lib.so: \
             not found"
        );
        assert_eq!(
            check("echo hello").unwrap_err(),
            "the compiler does not work (DIR/cc): apt-get install compiler: it tells no version: \
             \"hello\""
        );
        let missing = KIND.check("cc".into(), &Search::default()).unwrap_err().to_string();
        assert_eq!(missing, "the compiler is not installed: apt-get install compiler");
    }

    #[test]
    fn the_first_that_can_be_used_is() {
        let folder = programs(&[("old", "echo 1.0"), ("new", "echo 4.0"), ("newer", "echo 5.0")]);
        let search = Search::only(&[folder.path()]);
        let first = |names: &[&str]| KIND.first_of(names.iter().map(OsString::from), &search);
        assert_eq!(first(&["none", "old", "new", "newer"]).unwrap().program, "new");
        assert!(matches!(first(&["none", "old"]), Err(ToolError::Old { .. })));
        assert!(matches!(first(&["none"]), Err(ToolError::Missing { .. })));
    }
}
