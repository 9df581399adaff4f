//! `cargo xtask bench`: builds what is measured, and measures it.

use std::{env, ffi::OsString, path::Path, process::Command};

use anyhow::Result;

use crate::{build::run, guests};

/// Run the benchmarks with their own arguments.
///
/// The bundled plugins are those that are committed. Their sources are built once more for this
/// machine, in the same profile, to compare them with.
pub(crate) fn measure(root: &Path, arguments: &[OsString]) -> Result<()> {
    let target = env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root.join("target"), |target| root.join(target));
    let native = target.join("native");
    guests::build_guests(root)?;
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--locked", "--quiet", "--target-dir"]).arg(&native);
    run(cargo.current_dir(root.join("tests/benches/native")))?;

    // The whole workspace, since packages that are built alone have dependencies with other features:
    // what is measured is what is tested, and is not built once more.
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--locked", "--quiet", "--workspace"]);
    run(cargo.current_dir(root))?;

    let mut bench = Command::new(target.join("release/ringtap-benches"));
    bench.arg("--native").arg(native.join("release"));
    bench.arg("--binary").arg(target.join("release/ringtap"));
    for components in ["plugins/dist", "tests/guests/dist"] {
        bench.arg("--components").arg(root.join(components));
    }
    run(bench.args(arguments))
}
