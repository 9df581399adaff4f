use std::{ffi::OsString, path::Path};

use super::{Artifact, BuildError, Line, Recipe, Run, finish::write_wit};
use crate::{
    Language,
    tool::{Kind, Search, Tool, ToolError, is_program},
};

const COMPONENTIZE: Kind = Kind {
    what: "componentize-py",
    asks: &["--version"],
    least: &[0, 25],
    install: "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt, in the project's \
              folder",
};
const NAME: &str = "componentize-py";

/// It brings its own Python along.
pub(super) struct Python(Tool);

impl Recipe for Python {
    fn find(_: Language, folder: &Path, search: &Search) -> Result<Self, ToolError> {
        let own = Path::new(".venv/bin").join(NAME);
        let own = is_program(&folder.join(&own)).then(|| folder.join(own).into());
        let active =
            search.variable("VIRTUAL_ENV").map(|place| Path::new(place).join("bin").join(NAME));
        let active = active.filter(|path| is_program(path)).map(OsString::from);
        let candidates = own.into_iter().chain(active).chain([NAME.into()]);
        COMPONENTIZE.first_of(candidates, search).map(Self)
    }

    fn tools(self) -> Vec<Tool> {
        vec![self.0]
    }

    fn build(&self, run: &mut Run<'_>) -> Result<Artifact, BuildError> {
        let manifest = &run.project.manifest;
        let wit = write_wit(run, &manifest.world.clone().unwrap_or_default())?;
        let (sdk, path) = (run.project.sdk()?.join("src"), run.file("component.wasm"));
        let source = manifest.sources.first().map_or(Path::new(""), |path| path);
        let (folder, module) = (folder(source), module(source)?);
        let line = Line::new(&self.0.program)
            .arg("-q")
            .arg("-d")
            .arg(wit)
            .args(["-w", "app", "componentize", "-p"])
            .arg(folder)
            .arg("-p")
            .arg(sdk)
            .arg(module)
            .arg("-o")
            .arg(&path);
        run.run(&line)?;
        Ok(Artifact::Component(path))
    }
}

fn folder(source: &Path) -> &Path {
    let parent = source.parent().unwrap_or(Path::new(""));
    if parent.as_os_str().is_empty() { Path::new(".") } else { parent }
}

/// What Python calls the file.
fn module(source: &Path) -> Result<String, BuildError> {
    let stem = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = stem.chars().all(plain) && !stem.starts_with(|c: char| c.is_ascii_digit());
    // That is the world's, so that its bindings have it.
    match is_name && stem != "app" {
        true => Ok(stem),
        false => Err(BuildError::Sources(format!(
            "Python can't import {} here: call it by letters, digits and `_`, and other than app.py",
            source.display()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_module_of_its_folder() {
        assert_eq!(folder(Path::new("src/plugin.py")), Path::new("src"));
        assert_eq!(folder(Path::new("plugin.py")), Path::new("."));
        assert_eq!(module(Path::new("src/dns_log.py")).unwrap(), "dns_log");
        for bad in ["src/app.py", "src/dns-log.py", "src/2x.py"] {
            let refused = module(Path::new(bad)).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("Python can't import {bad} here: ")), "{refused}");
        }
    }
}
