use std::{ffi::OsString, path::Path};

use super::{Artifact, BuildError, Line, Recipe, Run, c::sdk_sources};
use crate::{
    Language,
    component::replace,
    tool::{Kind, Search, Tool, ToolError},
};

const ZIG: Kind = Kind {
    what: "Zig",
    asks: &["version"],
    // The first that takes the SDK's header translated, as the next will.
    least: &[0, 17],
    install: "pip install ziglang, or get it from https://ziglang.org/download",
};

/// Not WASI: nothing but capabilities is there.
const TARGET: [&str; 2] = ["-target", "wasm32-freestanding"];

/// Zig, on the SDK for C.
pub(super) struct Zig(Tool);

impl Recipe for Zig {
    fn find(_: Language, _: &Path, search: &Search) -> Result<Self, ToolError> {
        // The second is what PyPI's package calls it.
        ZIG.first_of(["zig", "python-zig"].map(OsString::from), search).map(Self)
    }

    fn tools(self) -> Vec<Tool> {
        vec![self.0]
    }

    fn build(&self, run: &mut Run<'_>) -> Result<Artifact, BuildError> {
        let sdk = run.project.sdk()?.to_owned();
        let include = ["include", "libc"].map(|name| format!("-I{}", sdk.join(name).display()));
        let header = run.file("header.zig");
        self.translate(run, &sdk, &include, &header)?;
        let path = run.file("core.wasm");
        let option = |name: &str, path: &Path| format!("{name}{}", path.display());
        let root = run.project.manifest.sources.first().map_or(Path::new(""), |path| path);
        let line = Line::new(&self.0.program)
            .arg("build-exe")
            .args(TARGET)
            .args(["-O", "ReleaseFast", "-fstrip", "-fno-entry", "-rdynamic", "-fno-compiler-rt"])
            .args(["--name", run.project.name.as_str(), "--dep", "ringtap"])
            .args(include)
            // Hidden, since what is exported is linked, and would bring all capabilities along.
            .args(["-cflags", "-std=c11", "-ffreestanding", "-fvisibility=hidden", "--"])
            .args(sdk_sources(run, &sdk)?)
            // What stands before a module's `-M` is that module's.
            .args([option("-Mroot=", root), "--dep".into(), "c".into()])
            .arg(option("-Mringtap=", &sdk.join("zig/ringtap.zig")))
            .arg(option("-Mc=", &header))
            .arg(option("-femit-bin=", &path));
        run.run(&line)?;
        Ok(Artifact::Module { path, adapter: None })
    }
}

impl Zig {
    /// Make the SDK's header one of Zig.
    fn translate(
        &self,
        run: &mut Run<'_>,
        sdk: &Path,
        include: &[String],
        to: &Path,
    ) -> Result<(), BuildError> {
        let line = Line::new(&self.0.program).arg("translate-c").args(TARGET).args(include);
        let line = line.arg(sdk.join("include/ringtap.h"));
        run.say(&format!("{line} > {}", to.display()))?;
        let text = line.output(&run.project.folder)?;
        let to = run.project.folder.join(to);
        replace(&to, &text).map_err(|source| BuildError::Write { path: to, source })
    }
}
