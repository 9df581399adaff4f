use std::{
    collections::BTreeSet,
    ffi::OsString,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{Artifact, BuildError, Line, Recipe, Run, finish::write_wit};
use crate::{
    Language,
    tool::{Kind, Search, Tool, ToolError, is_program},
    world::World,
};

const INSTALL: &str = "run `npm install` in the project's folder";

const NODE: Kind = Kind {
    what: "Node.js",
    asks: &["--version"],
    least: &[20, 0],
    install: "apt-get install nodejs npm, if that is new enough, or get it from https://nodejs.org",
};
const ESBUILD: Kind =
    Kind { what: "esbuild", asks: &["--version"], least: &[0, 25], install: INSTALL };
const COMPONENTIZE: Kind = Kind {
    what: "componentize-js",
    asks: &["--version"],
    // Earlier ones can't pass `list<series>`.
    least: &[0, 23],
    install: INSTALL,
};
const TSC: Kind = Kind { what: "tsc", asks: &["--version"], least: &[5, 0], install: INSTALL };

/// What a plugin can't use and would otherwise import.
const WITHOUT: [&str; 5] = ["stdio", "random", "clocks", "http", "fetch-event"];

pub(super) struct Js {
    node: Tool,
    esbuild: Tool,
    componentize: Tool,
    /// Checks the types, which esbuild only strips.
    tsc: Option<Tool>,
}

impl Recipe for Js {
    fn find(language: Language, folder: &Path, search: &Search) -> Result<Self, ToolError> {
        let node = NODE.check("node".into(), search)?;
        let find = |kind: &Kind, name| kind.first_of(candidates(folder, name), search);
        // One that is elsewhere would not find the types that the project asks for.
        let own = |name| installed(folder, name).map(|program| TSC.check(program, search));
        let tsc = if language == Language::Ts { own("tsc").transpose()? } else { None };
        let esbuild = find(&ESBUILD, "esbuild")?;
        let componentize = find(&COMPONENTIZE, "componentize-js")?;
        Ok(Self { node, esbuild, componentize, tsc })
    }

    fn tools(self) -> Vec<Tool> {
        [self.node, self.esbuild, self.componentize].into_iter().chain(self.tsc).collect()
    }

    fn build(&self, run: &mut Run<'_>) -> Result<Artifact, BuildError> {
        match (&self.tsc, settings(&run.project.folder)) {
            (Some(tsc), Some(settings)) => {
                run.run(&Line::new(&tsc.program).args(["--noEmit", "-p"]).arg(settings))?;
            }
            _ if run.project.manifest.language == Language::Ts => {
                run.say(
                    "# types are stripped and not checked: that takes a tsconfig.json, and \
                     `npm install` here",
                )?;
            }
            _ => {}
        }
        let (bundle, meta) = (run.file("js"), run.file("meta.json"));
        self.bundle(run, &bundle, &meta)?;
        let world = world(run, &meta, &bundle)?;
        let wit = write_wit(run, &world)?;
        let path = run.file("component.wasm");
        let line = Line::new(&self.componentize.program).arg(&bundle).arg("-w").arg(wit);
        run.run(&line.args(["-n", "app", "-d"]).args(WITHOUT).arg("-o").arg(&path))?;
        Ok(Artifact::Component(path))
    }
}

impl Js {
    /// All that the plugin is made of in one file. What it doesn't reach is left out, and so are
    /// imports of capabilities that it doesn't use.
    fn bundle(&self, run: &mut Run<'_>, bundle: &Path, meta: &Path) -> Result<(), BuildError> {
        let sdk = run.project.sdk()?.join("src/index.js");
        let alias = format!("--alias:@ringtap/plugin=./{}", sdk.display());
        let option = |name: &str, path: &Path| format!("--{name}={}", path.display());
        let line = Line::new(&self.esbuild.program)
            .args(&run.project.manifest.sources)
            .args(["--bundle", "--format=esm", "--platform=neutral", "--target=es2022"])
            .args(["--conditions=ringtap", &alias, "--external:ringtap:*", "--log-level=warning"])
            .args([option("metafile", meta), option("outfile", bundle)]);
        run.run(&line)
    }
}

/// Where npm has put it, and then on the search path.
fn candidates(folder: &Path, name: &str) -> Vec<OsString> {
    installed(folder, name).into_iter().chain([name.into()]).collect()
}

/// Where npm puts programs: in the project, above it, or in the SDK.
fn installed(folder: &Path, name: &str) -> Option<OsString> {
    let places = folder.ancestors().map(Path::to_owned).chain(sdk(folder));
    let programs = places.map(|place| place.join("node_modules/.bin").join(name));
    programs.filter(|path| is_program(path)).map(OsString::from).next()
}

/// What TypeScript is to be told, from the project or above it.
fn settings(folder: &Path) -> Option<PathBuf> {
    let mut places = folder.ancestors().map(|place| place.join("tsconfig.json"));
    places.find(|path| path.is_file())
}

/// The SDK's folder without links, where there is a project.
fn sdk(folder: &Path) -> Option<PathBuf> {
    let manifest = crate::Manifest::read(folder).ok()?;
    folder.join(manifest.sdk).canonicalize().ok()
}

/// The world that the manifest tells, which the bundle has to fit. The tool that would find out
/// otherwise tells neither names nor what to do.
fn world(run: &Run<'_>, meta: &Path, bundle: &Path) -> Result<World, BuildError> {
    let told = run.project.manifest.world.clone().unwrap_or_default();
    let text = run.read(meta)?;
    let meta: Meta = serde_json::from_slice(&text).unwrap_or_default();
    let output = meta.outputs.into_iter().find(|(path, _)| Path::new(path) == bundle);
    let Some((_, output)) = output else { return Ok(told) };
    let prefix = format!("{}/", run.package.name);
    let interface = |import: &Import| {
        let rest = import.path.strip_prefix(&prefix)?;
        Some(rest.split_once('@').map_or(rest, |(name, _)| name).to_owned())
    };
    let used: BTreeSet<_> = output.imports.iter().filter_map(interface).collect();
    let exported: BTreeSet<_> =
        output.exports.into_iter().filter(|name| run.package.roles.contains(name)).collect();
    let source = run.project.manifest.sources.first().map(|path| path.display().to_string());
    fits(&told, &used, &exported, &source.unwrap_or_default())?;
    Ok(told)
}

/// Whether what is told is what is used.
fn fits(
    told: &World,
    used: &BTreeSet<String>,
    exported: &BTreeSet<String>,
    source: &str,
) -> Result<(), BuildError> {
    let problem = if let Some(name) = used.difference(&told.capabilities).next() {
        format!("{source} uses `{name}`: add it to `capabilities` in plugin.toml")
    } else if let Some(name) = told.capabilities.difference(used).next() {
        format!("{source} does not use `{name}`: take it out of `capabilities` in plugin.toml")
    } else if let Some(name) = told.roles.difference(exported).next() {
        match name.as_str() {
            "lifecycle" => format!("{source} does not export `lifecycle`, which every plugin has"),
            _ => format!(
                "{source} does not export `{name}`: do so, or take it out of `roles` in plugin.toml"
            ),
        }
    } else if let Some(name) = exported.difference(&told.roles).next() {
        format!("{source} exports `{name}`: add it to `roles` in plugin.toml")
    } else {
        return Ok(());
    };
    Err(BuildError::Sources(problem))
}

/// What esbuild tells of its output.
#[derive(Default, Deserialize)]
struct Meta {
    outputs: std::collections::BTreeMap<String, Output>,
}

#[derive(Deserialize)]
struct Output {
    imports: Vec<Import>,
    exports: Vec<String>,
}

#[derive(Deserialize)]
struct Import {
    path: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_manifest_tells_has_to_fit() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let told = World { capabilities: set(&["log"]), roles: set(&["lifecycle", "state"]) };
        let check = |used: &[&str], exported: &[&str]| {
            fits(&told, &set(used), &set(exported), "a.js").map_err(|error| error.to_string())
        };
        assert_eq!(check(&["log"], &["lifecycle", "state"]), Ok(()));
        let cases: [(&[&str], &[&str], &str); 5] = [
            (&["kv", "log"], &[], "a.js uses `kv`: add it to `capabilities` in plugin.toml"),
            (&[], &[], "a.js does not use `log`: take it out of `capabilities` in plugin.toml"),
            (&["log"], &[], "a.js does not export `lifecycle`, which every plugin has"),
            (
                &["log"],
                &["lifecycle"],
                "a.js does not export `state`: do so, or take it out of `roles` in plugin.toml",
            ),
            (
                &["log"],
                &["filter", "lifecycle", "state"],
                "a.js exports `filter`: add it to `roles` in plugin.toml",
            ),
        ];
        for (used, exported, text) in cases {
            assert_eq!(check(used, exported), Err(text.to_owned()));
        }
    }
}
