//! `cargo xtask test`: what CI runs, and nothing cleverer.

use std::{path::Path, process::Command, time::Instant};

use anyhow::{Context, Result};

use crate::{codegen, docs, ebpf, guests, languages, setup};

/// Install, check what is committed against its sources, build, and run every test.
///
/// All in the release profile, as users build it, so that everything is built once.
pub(crate) fn run(root: &Path) -> Result<()> {
    let steps: [(&str, Step); 12] = [
        ("what the tests need", setup::install),
        ("formatting", |root| cargo(root, &["fmt", "--all", "--check"])),
        ("what is made from the record's layout", codegen::check),
        ("the documentation holds together", docs::check),
        ("the committed eBPF object is what its sources make", ebpf::check),
        ("the committed plugins are what their sources make", guests::check_plugins),
        ("guests for the tests", guests_of_tests),
        ("lints", lints),
        // Of the whole workspace, as the tests: by itself it has other features in what it depends on,
        // and the engine would be compiled twice.
        ("the binary", |root| cargo(root, &["build", "--release", "--workspace", "--locked"])),
        ("tests of the SDK and the bundled plugins", tests_of_guests),
        ("what is written in other languages, and templates", languages::check),
        ("tests", |root| cargo(root, &["test", "--release", "--workspace", "--locked"])),
    ];
    let began = Instant::now();
    for (what, step) in steps {
        eprintln!("\n=== {what}");
        let began = Instant::now();
        step(root)?;
        eprintln!("=== {what}: {} s", began.elapsed().as_secs());
    }
    eprintln!("\n=== all of it: {} s", began.elapsed().as_secs());
    Ok(())
}

type Step = fn(&Path) -> Result<()>;

fn guests_of_tests(root: &Path) -> Result<()> {
    guests::build_guests(root)?;
    languages::build_assemblyscript(root)
}

fn lints(root: &Path) -> Result<()> {
    let what = ["clippy", "--release", "--workspace", "--all-targets", "--locked"];
    cargo(root, &[&what[..], &["--", "-Dwarnings"]].concat())
}

/// In the folder of their builds, which has what their macros are made of.
fn tests_of_guests(root: &Path) -> Result<()> {
    for workspace in ["sdk/rust", "plugins"] {
        let mut tests = Command::new("cargo");
        tests.args(["test", "--release", "--workspace", "--locked", "--target-dir"]);
        tests.arg(guests::target(root)).current_dir(root.join(workspace));
        crate::build::run(&mut tests).with_context(|| format!("in {workspace}"))?;
    }
    Ok(())
}

fn cargo(directory: &Path, arguments: &[&str]) -> Result<()> {
    crate::build::run(Command::new("cargo").args(arguments).current_dir(directory))
}
