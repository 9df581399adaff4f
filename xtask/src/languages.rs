//! Checks of what is written in C, C++, JavaScript, TypeScript and Python: format, lints, tests. Go has
//! its own ([`crate::go`]).

use std::{path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{
    build::{run, tool_is_there},
    component,
};

/// What to run in a folder of the checkout, by the shell, and the program without which it is skipped
/// aloud.
struct Check {
    folder: &'static str,
    needs: &'static str,
    script: &'static str,
}

const CHECKS: &[Check] = &[
    Check { folder: "sdk/c", needs: "clang-22", script: "tests/run.sh" },
    Check { folder: "sdk/c", needs: "clang-format-22", script: "tests/lint.sh" },
    Check { folder: "plugins/scan-watch", needs: "cc", script: "tests/run.sh" },
    Check { folder: "plugins/protocol-mix", needs: "cc", script: "tests/run.sh" },
    Check { folder: "sdk/js", needs: "npm", script: "npm test --silent" },
    Check { folder: "sdk/js", needs: "npm", script: "npm run --silent check" },
    Check {
        folder: "plugins/tls-names",
        needs: "npm",
        script: "npm install --silent --no-audit --no-fund --no-package-lock && npm test --silent",
    },
    Check {
        folder: "sdk/python",
        needs: "python3",
        script: "PYTHONPATH=src:examples python3 -m unittest discover -q -s tests",
    },
    Check {
        folder: "plugins/neighbours",
        needs: "python3",
        script: "PYTHONPATH=../../sdk/python/src:src python3 -m unittest discover -q -s unit",
    },
    Check { folder: "sdk/python", needs: "ruff", script: "ruff format --check . && ruff check ." },
    Check { folder: "sdk/python", needs: "mypy", script: "mypy" },
    Check { folder: "plugins/neighbours", needs: "ruff", script: "ruff check ." },
    Check { folder: "tests/conformance/python", needs: "ruff", script: "ruff check ." },
];

/// Run them all. What can't be run for want of a program is said.
pub(crate) fn check(root: &Path) -> Result<()> {
    for Check { folder, needs, script } in CHECKS {
        if !tool_is_there(needs) {
            eprintln!("SKIPPED: {script}, in {folder}: there is no {needs}");
            continue;
        }
        eprintln!("{folder}: {script}");
        let mut shell = Command::new("sh");
        shell.args(["-ec", script]).current_dir(root.join(folder));
        run(shell.env("PYTHONDONTWRITEBYTECODE", "1")).with_context(|| format!("in {folder}"))?;
    }
    Ok(())
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
