//! `cargo xtask test`: what CI runs, and nothing cleverer.

use std::{path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{codegen, docs, ebpf, go, guests, languages, setup};

/// Install, check what is committed against its sources, build, and run every test.
///
/// All in the release profile, so that the binary that is tested is the one that users build, and
/// is built once.
pub(crate) fn run(root: &Path) -> Result<()> {
    step("what the tests need");
    setup::install(root)?;
    step("formatting");
    cargo(root, &["fmt", "--all", "--check"])?;
    step("what is made from the record's layout");
    codegen::check(root)?;
    step("the documentation holds together");
    docs::check(root)?;
    step("the committed eBPF object is what its sources make");
    ebpf::check(root)?;
    step("the committed plugins are what their sources make");
    guests::check_plugins(root)?;
    step("guests for the tests");
    guests::build_guests(root)?;
    languages::build_assemblyscript(root)?;
    step("lints");
    cargo(
        root,
        &["clippy", "--release", "--workspace", "--all-targets", "--locked", "--", "-Dwarnings"],
    )?;
    step("the binary");
    cargo(root, &["build", "--release", "--locked"])?;
    step("tests of the SDK and the bundled plugins");
    for workspace in ["sdk/rust", "plugins"] {
        cargo(&root.join(workspace), &["test", "--release", "--workspace", "--locked"])
            .with_context(|| format!("in {workspace}"))?;
    }
    step("what is written in other languages");
    languages::check(root)?;
    go::check(root)?;
    step("tests");
    cargo(root, &["test", "--release", "--workspace", "--locked"])
}

fn step(what: &str) {
    eprintln!("\n=== {what}");
}

fn cargo(directory: &Path, arguments: &[&str]) -> Result<()> {
    crate::build::run(Command::new("cargo").args(arguments).current_dir(directory))
}
