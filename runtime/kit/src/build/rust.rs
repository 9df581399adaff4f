use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;

use super::{Artifact, BuildError, Line, Recipe, Run};
use crate::{
    Language, RustTarget,
    tool::{Kind, Search, Tool, ToolError},
};

const RUSTC: Kind = Kind {
    what: "Rust",
    asks: &["--version"],
    // The SDK's `rust-version`.
    least: &[1, 95],
    install: "get it from https://rustup.rs, or run `rustup update stable`",
};

/// Cargo, which finds the rest.
pub(super) struct Rust {
    cargo: OsString,
    rustc: Tool,
}

impl Recipe for Rust {
    fn find(_: Language, _: &Path, search: &Search) -> Result<Self, ToolError> {
        let rustc = RUSTC.check("rustc".into(), search)?;
        match search.has("cargo") {
            true => Ok(Self { cargo: "cargo".into(), rustc }),
            false => Err(RUSTC.missing()),
        }
    }

    fn tools(self) -> Vec<Tool> {
        vec![self.rustc]
    }

    fn build(&self, run: &mut Run<'_>) -> Result<Artifact, BuildError> {
        let target = run.project.manifest.target;
        ensure_target(&run.project.folder, target)?;
        let line = Line::new(&self.cargo)
            .args(["build", "--release", "--target", target.name()])
            .args(["--message-format", "json-render-diagnostics"]);
        let messages = run.output(&line)?;
        let path = module(&messages, &run.project.folder.join("Cargo.toml"))?;
        // rustc itself makes a component for WASI 0.2.
        Ok(match target {
            RustTarget::Unknown => Artifact::Module { path, adapter: None },
            RustTarget::Wasip2 => Artifact::Component(path),
        })
    }
}

/// The toolchain is the one that rustup chooses in the project's folder.
fn ensure_target(folder: &Path, target: RustTarget) -> Result<(), ToolError> {
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).current_dir(folder).output();
    let sysroot = sysroot.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let sysroot = PathBuf::from(sysroot.unwrap_or_default());
    match sysroot.join("lib/rustlib").join(target.name()).join("lib").is_dir() {
        true => Ok(()),
        false => Err(ToolError::Lacks {
            what: "Rust",
            program: sysroot,
            lacks: format!("the target {target}"),
            install: format!("rustup target add {target}"),
        }),
    }
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    manifest_path: PathBuf,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// The module of the package itself, among those that it depends on.
fn module(messages: &[u8], manifest: &Path) -> Result<PathBuf, BuildError> {
    let messages = String::from_utf8_lossy(messages);
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
    let own = messages.filter(|message| message.manifest_path == manifest);
    let mut modules: Vec<_> = own
        .flat_map(|message| message.filenames)
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .collect();
    match (modules.pop(), modules.is_empty()) {
        (Some(module), true) => Ok(module),
        (None, _) => Err(BuildError::Sources(
            "cargo made no module: put `crate-type = [\"cdylib\"]` below [lib] in Cargo.toml"
                .into(),
        )),
        (Some(_), false) => Err(BuildError::Sources(
            "cargo made more than one module: a plugin's package has one library with `crate-type \
             = [\"cdylib\"]` and no programs"
                .into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_the_packages_own() {
        let line = |manifest: &str, file: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"{manifest}","filenames":["{file}"]}}"#
            )
        };
        let find =
            |lines: &[String]| module(lines.join("\n").as_bytes(), Path::new("/p/Cargo.toml"));
        let dependency = line("/sdk/Cargo.toml", "/t/sdk.wasm");
        let own = line("/p/Cargo.toml", "/t/p.wasm");
        let library = line("/p/Cargo.toml", "/t/libp.rlib");
        let finished = r#"{"reason":"build-finished","success":true}"#.to_owned();
        let found = find(&[dependency.clone(), library, own.clone(), finished]).unwrap();
        assert_eq!(found, Path::new("/t/p.wasm"));
        let none = find(&[dependency]).unwrap_err().to_string();
        assert!(none.starts_with("cargo made no module: "), "{none}");
        let two = find(&[own.clone(), own]).unwrap_err().to_string();
        assert!(two.starts_with("cargo made more than one module: "), "{two}");
    }
}
