//! Checks of what is written in other languages than Rust, and of the templates of all: format, lints,
//! tests.

mod check;
mod go;
mod scripts;
mod templates;

use std::{path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{
    at_once::at_once,
    build::{run, tool_is_there},
    component,
};

/// Run them all. What can't be run for want of a program is said.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut checks = templates::checks(root)?;
    checks.extend(scripts::checks(root));
    checks.extend(go::checks(root));
    at_once(&checks, check::Check::run)
}

/// The plugin that is written against the bare ABI, in a language that `ringtap plugin build` does not
/// know. Without npm, say that it was not built.
pub(crate) fn build_assemblyscript(root: &Path) -> Result<()> {
    let folder = root.join("tests/conformance/assemblyscript/meter");
    if !tool_is_there("npm") {
        eprintln!("SKIPPED: the plugin in AssemblyScript was not built: there is no npm");
        return Ok(());
    }
    let mut shell = Command::new("sh");
    shell.args(["-ec", "npm ci --silent --no-audit --no-fund && npm run --silent build"]);
    run(shell.current_dir(&folder)).context("building the plugin in AssemblyScript")?;
    component::write(&folder.join("build/core.wasm"), &folder.join("meter.wasm"), None)?;
    Ok(())
}
