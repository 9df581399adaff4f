use std::path::Path;

use super::{Artifact, BuildError, Line, Recipe, Run};
use crate::{
    Language,
    module::Module,
    tool::{Kind, Search, Tool, ToolError},
};

const GO: Kind = Kind {
    what: "Go",
    asks: &["version"],
    // The first with `go:wasmexport`.
    least: &[1, 24],
    install: "apt-get install golang, if that is new enough, or get it from https://go.dev/dl",
};

/// The SDK's own stand-ins for WASI, which the standard adapter can't be: it runs Go's allocator
/// where nothing may run.
const ADAPTER: &str = "adapter/wasip1.wasm";
/// The same, with what Go's runtime writes going to the operator's log.
const ADAPTER_WITH_LOG: &str = "adapter/wasip1-log.wasm";

pub(super) struct Go(Tool);

impl Recipe for Go {
    fn find(_: Language, _: &Path, search: &Search) -> Result<Self, ToolError> {
        GO.check("go".into(), search).map(Self)
    }

    fn tools(self) -> Vec<Tool> {
        vec![self.0]
    }

    fn build(&self, run: &mut Run<'_>) -> Result<Artifact, BuildError> {
        let path = run.file("core.wasm");
        let sdk = run.project.sdk()?.to_owned();
        let line = Line::new(&self.0.program)
            .env("GOOS", "wasip1")
            .env("GOARCH", "wasm")
            // Neither a toolchain nor a module is fetched: all that a plugin needs is in the project.
            .env("GOTOOLCHAIN", "local")
            .env("GOPROXY", "off")
            .args(["build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false"])
            .args(["-ldflags=-s -w", "-o"])
            .arg(&path)
            .arg(".");
        run.run(&line)?;
        let adapter = sdk.join(if logs(run, &path)? { ADAPTER_WITH_LOG } else { ADAPTER });
        Ok(Artifact::Module { path, adapter: Some(adapter) })
    }
}

/// Whether the plugin asks for `log` itself. An adapter that writes there would ask for it otherwise.
fn logs(run: &Run<'_>, module: &Path) -> Result<bool, BuildError> {
    let bytes = run.read(module)?;
    let module = Module::parse(&bytes).map_err(|error| BuildError::Component {
        module: module.to_owned(),
        source: Box::new(error.into()),
    })?;
    let log = format!("{}/log@", run.package.name);
    Ok(module.imports.iter().any(|(from, _)| from.starts_with(&log)))
}
