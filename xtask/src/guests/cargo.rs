use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::build::{Remap, output, target_directory};

const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's packages rustc-web and rust-web-src, for where rustup can't fetch.
const FALLBACK_RUSTC: &str = "/usr/bin/rustc";

/// A compiler that can build for WebAssembly.
pub(super) struct Toolchain {
    rustc: PathBuf,
    /// As `rustc --version` tells, with the commit.
    pub(super) version: String,
    sysroot: PathBuf,
    build_std: bool,
}

impl Toolchain {
    /// The current toolchain with the target, which rustup adds where it is missing.
    pub(super) fn find() -> Result<Self> {
        let rustc = env::var_os("RUSTC").map_or_else(|| "rustc".into(), PathBuf::from);
        let toolchain = Self::describe(rustc, false)?;
        if toolchain.has_target() {
            return Ok(toolchain);
        }
        eprintln!("adding the target {TARGET}: rustup target add {TARGET}");
        let added = Command::new("rustup").args(["target", "add", TARGET]).status();
        if added.is_ok_and(|status| status.success()) && toolchain.has_target() {
            return Ok(toolchain);
        }
        let fallback = Self::describe(FALLBACK_RUSTC.into(), true).with_context(|| {
            format!("no {TARGET}: install it with rustup, or Debian's rustc-web and rust-web-src")
        })?;
        eprintln!("rustup can't: building std from source with {FALLBACK_RUSTC}");
        Ok(fallback)
    }

    fn describe(rustc: PathBuf, build_std: bool) -> Result<Self> {
        let verbose = output(Command::new(&rustc).arg("-vV"))?;
        let version = verbose.lines().next().unwrap_or_default();
        let version = version.trim_start_matches("rustc ").to_owned();
        let sysroot = output(Command::new(&rustc).args(["--print", "sysroot"]))?.into();
        Ok(Self { rustc, version, sysroot, build_std })
    }

    fn has_target(&self) -> bool {
        self.sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir()
    }

    /// Build a workspace's libraries and examples, and return the core modules.
    pub(super) fn build(&self, root: &Path, workspace: &str) -> Result<Vec<PathBuf>> {
        let directory = root.join(workspace);
        let target = target(root);
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--release", "--workspace", "--lib", "--examples", "--locked"]);
        cargo.args(["--message-format", "json-render-diagnostics", "--target", TARGET]);
        cargo.arg("--target-dir").arg(&target).current_dir(&directory).env("RUSTC", &self.rustc);
        let remap = Remap::of_this_machine(&self.rustc, root)?.and(&target, "target");
        cargo.env("CARGO_ENCODED_RUSTFLAGS", remap.flags().collect::<Vec<_>>().join("\x1f"));
        if self.build_std {
            cargo.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
        }
        let messages = output(&mut cargo).with_context(|| format!("building {workspace}"))?;
        modules(&messages)
    }
}

/// Where guests are built, and their own tests. Apart from the host's: the flags differ, and each build
/// would throw away the other's.
pub(crate) fn target(root: &Path) -> PathBuf {
    target_directory(root).join("guests")
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

fn modules(messages: &str) -> Result<Vec<PathBuf>> {
    let mut modules = Vec::new();
    for line in messages.lines() {
        let message: Message = serde_json::from_str(line).context("reading what cargo says")?;
        let is_module = |path: &PathBuf| path.extension().is_some_and(|ext| ext == "wasm");
        modules.extend(message.filenames.into_iter().filter(is_module));
    }
    if modules.is_empty() {
        bail!("cargo made no module");
    }
    Ok(modules)
}
