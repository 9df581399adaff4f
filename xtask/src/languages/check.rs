use std::{
    io::{Write, stderr},
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::build::tool_is_there;

/// What to run in a folder, by the shell, and the programs without which it is skipped aloud.
pub(super) struct Check {
    /// For people: the folder in the checkout.
    pub(super) of: String,
    pub(super) folder: PathBuf,
    pub(super) needs: &'static [&'static str],
    pub(super) script: String,
    /// The checkout, which the script finds in $ROOT.
    pub(super) root: PathBuf,
}

impl Check {
    /// What it says is told in one piece, when it has ended: others run beside it.
    pub(super) fn run(&self) -> Result<()> {
        let Self { of, folder, needs, script, root } = self;
        if let Some(missing) = needs.iter().find(|needed| !tool_is_there(needed)) {
            eprintln!("SKIPPED: {script}, in {of}: there is no {missing}");
            return Ok(());
        }
        let mut shell = Command::new("sh");
        shell.args(["-ec", &format!("exec 2>&1\n{script}")]).current_dir(folder);
        shell.env("ROOT", root).env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
        let output = shell.output().with_context(|| format!("running {script} in {of}"))?;
        let said = [format!("{of}: {script}\n").as_bytes(), &output.stdout].concat();
        stderr().lock().write_all(&said)?;
        ensure!(output.status.success(), "in {of}, {script} failed: {}", output.status);
        Ok(())
    }
}
