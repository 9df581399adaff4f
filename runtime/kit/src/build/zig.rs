use std::path::Path;

use super::{Artifact, BuildError, Line, Recipe, Run, c::sdk_sources};
use crate::{
    Language,
    tool::{Kind, Search, Tool, ToolError},
};

const ZIG: Kind = Kind {
    what: "Zig",
    asks: &["version"],
    least: &[0, 14],
    install: "pip install ziglang, or get it from https://ziglang.org/download",
};

/// Zig, on the SDK for C.
pub(super) struct Zig(Tool);

impl Recipe for Zig {
    fn find(_: Language, _: &Path, search: &Search) -> Result<Self, ToolError> {
        ZIG.check("zig".into(), search).map(Self)
    }

    fn build(&self, run: &mut Run<'_>) -> Result<Artifact, BuildError> {
        let sdk = run.project.sdk()?.to_owned();
        let path = run.file("core.wasm");
        let option = |name: &str, path: &Path| format!("{name}{}", path.display());
        let line = Line::new(&self.0.program)
            .args(["build-exe", "-target", "wasm32-freestanding", "-O", "ReleaseSmall"])
            .args(["-fno-entry", "-rdynamic", "--name", run.project.name.as_str()])
            .args([option("-I", &sdk.join("include")), option("-I", &sdk.join("libc"))])
            .args(&run.project.manifest.sources)
            .args(sdk_sources(run, &sdk)?)
            .arg(option("-femit-bin=", &path));
        run.run(&line)?;
        Ok(Artifact::Module { path, adapter: None })
    }
}
