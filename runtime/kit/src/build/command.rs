use std::{
    ffi::{OsStr, OsString},
    fmt, io,
    os::fd::AsFd,
    path::Path,
    process::{Child, Command, Stdio},
};

use super::BuildError;

/// A command, which is shown as a line for a shell.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    program: OsString,
    arguments: Vec<OsString>,
    variables: Vec<(&'static str, OsString)>,
}

impl Line {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref().to_owned();
        Self { program, arguments: Vec::new(), variables: Vec::new() }
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    pub(crate) fn args<I>(mut self, arguments: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        self.arguments.extend(arguments.into_iter().map(|one| one.as_ref().to_owned()));
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name, value.as_ref().to_owned()));
        self
    }

    /// Its stdout goes where stderr does, which leaves ours to what is asked for.
    pub(crate) fn run(&self, folder: &Path) -> Result<(), BuildError> {
        let stderr = io::stderr().as_fd().try_clone_to_owned();
        let stderr = stderr.map_err(|source| self.failed(source))?;
        let status = self.command(folder).stdout(stderr).status();
        self.check(status.map_err(|source| self.failed(source))?)
    }

    pub(crate) fn output(&self, folder: &Path) -> Result<Vec<u8>, BuildError> {
        let child = self.command(folder).stdout(Stdio::piped()).spawn();
        let output = child.and_then(Child::wait_with_output);
        let output = output.map_err(|source| self.failed(source))?;
        self.check(output.status).map(|()| output.stdout)
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(folder).stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn failed(&self, source: io::Error) -> BuildError {
        BuildError::Start { program: self.program.to_string_lossy().into_owned(), source }
    }

    fn check(&self, status: std::process::ExitStatus) -> Result<(), BuildError> {
        let program = self.program.to_string_lossy().into_owned();
        if status.success() { Ok(()) } else { Err(BuildError::Failed { program, status }) }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.variables {
            write!(f, "{name}={} ", quoted(value))?;
        }
        write!(f, "{}", quoted(&self.program))?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {}", quoted(argument)))
    }
}

/// As POSIX shells read one word.
fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+=./:,@%".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.into_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_pasted() {
        let line = Line::new("printf").env("GOFLAGS", "-a -b").args([
            "%s\\n",
            "",
            "it's",
            "a b",
            "$HOME",
            "x=1",
            "ringtap:*",
            "~",
        ]);
        assert_eq!(
            line.to_string(),
            r"GOFLAGS='-a -b' printf '%s\n' '' 'it'\''s' 'a b' '$HOME' x=1 'ringtap:*' '~'"
        );
        let here = Path::new(".");
        let shell = Line::new("sh").arg("-c").arg(line.to_string()).output(here).unwrap();
        assert_eq!(shell, line.output(here).unwrap());
        assert_eq!(shell, b"\nit's\na b\n$HOME\nx=1\nringtap:*\n~\n");
    }

    #[test]
    fn a_command_that_fails_is_told_by_name() {
        let here = Path::new(".");
        let failed = Line::new("sh").args(["-c", "exit 3"]).run(here).unwrap_err().to_string();
        assert_eq!(
            failed,
            "`sh` failed (exit status: 3): correct what it says above and build again"
        );
        let absent = Line::new("/none/such").run(here).unwrap_err().to_string();
        assert_eq!(absent, "can't run `/none/such`");
    }
}
