//! Checks of what is written in Go: formatting, vet, tests.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

/// The modules, in the checkout.
const MODULES: [&str; 6] = [
    "sdk/go",
    "plugins/dns-log",
    "tests/conformance/go/meter",
    "tests/conformance/go/sieve",
    "tests/conformance/go/scribe",
    "tests/go/speaks",
];

/// Packages of the SDK that are other code in a component than in a test.
const IN_COMPONENTS: [&str; 8] = [
    ".",
    "./internal/...",
    "./aggregate",
    "./filter",
    "./exporter",
    "./state",
    "./lifecycle",
    "./kv",
];

/// Format, vet and test all of it. Without Go, say that it was skipped.
pub(crate) fn check(root: &Path) -> Result<()> {
    let Some(gofmt) = gofmt() else {
        eprintln!("SKIPPED: what is written in Go was not checked: there is no Go in PATH");
        return Ok(());
    };
    for module in MODULES {
        let folder = root.join(module);
        let list = Command::new(&gofmt).args(["-l", "."]).current_dir(&folder).output()?;
        let files = String::from_utf8_lossy(&list.stdout);
        ensure!(
            list.status.success(),
            "gofmt in {module}: {}",
            String::from_utf8_lossy(&list.stderr)
        );
        ensure!(files.is_empty(), "in {module}, run `gofmt -w` on:\n{files}");
        for arguments in [["vet", "./..."], ["test", "./..."]] {
            crate::build::run(go(&folder).args(arguments))
                .with_context(|| format!("in {module}"))?;
        }
    }
    let mut vet = go(&root.join("sdk/go"));
    vet.env("GOOS", "wasip1").env("GOARCH", "wasm").arg("vet").args(IN_COMPONENTS);
    crate::build::run(&mut vet).context("in sdk/go, for components")
}

/// Where the installation that `go` is of has it; not all put it into PATH.
fn gofmt() -> Option<std::path::PathBuf> {
    let output = Command::new("go").args(["env", "GOROOT"]).stderr(Stdio::null()).output().ok()?;
    let root = String::from_utf8(output.stdout).ok()?;
    Some(Path::new(root.trim()).join("bin/gofmt"))
}

/// `go` that downloads neither a toolchain nor a module: there is nothing to download.
fn go(folder: &Path) -> Command {
    let mut go = Command::new("go");
    go.current_dir(folder).env("GOTOOLCHAIN", "local").env("GOPROXY", "off");
    go
}
