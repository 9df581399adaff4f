use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use ringtap_kit::{Project, build, tool::Search};
use sha2::{Digest, Sha256};

use crate::{
    artifacts::{binary, in_target},
    ended::{finish, output},
};

/// Besides a project, its SDK and its package: what `ringtap plugin build` is made of.
const KIT: [&str; 3] = ["runtime/kit", "runtime/document", "Cargo.lock"];

/// What builds make or install among the sources.
const MADE: [&str; 5] = ["target", "build", "dist", "node_modules", "__pycache__"];

/// The component of a project of the checkout: built now by `ringtap plugin build`, or in an earlier
/// run of the same sources by the same tools. The error is a tool that is missing; a build that fails is
/// a failure.
///
/// A build of a script takes many seconds too and makes other bytes each time. What is kept lies in a
/// folder whose name is a digest over all that goes into a build, so that its being there is the proof
/// that there is nothing to build. Two builds of one language must not run at a time: they share
/// folders.
pub fn built(project: &Path) -> Result<PathBuf, String> {
    let project = Project::open(project).unwrap_or_else(|error| panic!("{error}"));
    let tools =
        build::tools(project.manifest.language, &project.folder, &Search::from_environment());
    let tools = tools.map_err(|lacking| lacking.to_string())?;
    let tools: Vec<_> =
        tools.iter().map(|tool| format!("{} {}", tool.program.display(), tool.version)).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let kept = Kept::of(&root, &project, &tools);
    let path = kept.path();
    if !path.is_file() {
        let ended = output(Command::new(binary()).args(["plugin", "build"]).arg(&project.folder));
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{}: {said}", project.folder.display());
        kept.keep(&project.component());
    }
    Ok(path)
}

/// Have the code of a component in the cache of the tests: to compile some takes many seconds. Whether
/// it would be loaded without a configuration, which is what the command tells, does not matter here.
pub fn compiled(component: &Path) {
    finish(Command::new(binary()).args(["plugin", "inspect"]).arg(component));
}

/// Where the component of a project is kept, once it is built: a plugin is called by its file, so that
/// the digest is a folder.
struct Kept {
    folder: PathBuf,
    digest: String,
    file: String,
}

impl Kept {
    fn of(root: &Path, project: &Project, tools: &[String]) -> Self {
        let place = project.folder.strip_prefix(root).expect("a project of the checkout");
        let folder = in_target("test-components").join(place);
        let file = format!("{}.wasm", project.name.as_str());
        Self { folder, digest: digest(root, project, tools), file }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(&self.digest).join(&self.file)
    }

    /// Keep what was built now, in place of what is out of date.
    fn keep(&self, component: &Path) {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).unwrap();
        }
        // Whole or not at all, also where this is ended.
        let draft = self.folder.join("draft");
        fs::create_dir_all(&draft).unwrap();
        fs::copy(component, draft.join(&self.file)).unwrap();
        fs::rename(draft, self.folder.join(&self.digest)).unwrap();
    }
}

/// SHA-256 over the tools and the names and contents of all sources: the project's, the files beside
/// it (settings of some tools stand there), its SDK's, the package's and the kit's.
fn digest(root: &Path, project: &Project, tools: &[String]) -> String {
    let own = project.folder.as_path();
    let manifest = &project.manifest;
    let linked = [Some(&manifest.sdk), manifest.wit.as_ref()].into_iter().flatten();
    let linked = linked.map(|place| own.join(place));
    let mut files = Vec::new();
    collect(own, &mut files);
    // What builds have put there; a component of an SDK's is a source.
    files.retain(|file| file.extension().is_none_or(|is| is != "wasm"));
    let beside = fs::read_dir(own.parent().expect("it lies in a folder")).unwrap();
    files.extend(beside.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()));
    let kit = KIT.iter().map(|place| root.join(place));
    for place in kit.chain(linked) {
        collect(&place.canonicalize().unwrap(), &mut files);
    }
    files.sort();
    let mut hash = Sha256::new();
    tools.iter().for_each(|tool| hash.update(format!("{tool}\0")));
    for file in files {
        let name = file.strip_prefix(root).expect("sources of the checkout").display();
        let contents = fs::read(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        hash.update(format!("{name}\0{}\0", contents.len()));
        hash.update(contents);
    }
    format!("{:x}", hash.finalize())
}

/// All files. Links are not followed: what they lead to is in one of the other places.
fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    let kind = fs::symlink_metadata(path);
    let kind = kind.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Environments and caches of tools are hidden.
    let is_made = MADE.contains(&&*name) || name.starts_with('.');
    if kind.is_dir() && !is_made {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), files);
        }
    }
    if kind.is_file() {
        files.push(path.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_any_source_or_tool_is_another_build() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let write = |name: &str, text: &str| {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let manifest =
            "language = \"c\"\nsources = [\"a.c\"]\nsdk = \"../../sdk\"\nwit = \"../../wit\"";
        write("plugins/meter/plugin.toml", manifest);
        let sources = [
            "wit/a.wit",
            "runtime/kit/a.rs",
            "runtime/document/a.rs",
            "Cargo.lock",
            "sdk/a.h",
            "sdk/adapter.wasm",
            "plugins/settings",
            "plugins/meter/a.c",
        ];
        sources.iter().for_each(|source| write(source, ""));
        let project = Project::open(&root.join("plugins/meter")).unwrap();
        let of_tool = |version: &str| digest(&root, &project, &[format!("clang {version}")]);
        let mut known = vec![of_tool("22.1"), of_tool("22.2")];
        assert_ne!(known[0], known[1]);
        for made in [
            "plugins/meter/meter.wasm",
            "plugins/meter/build/a.o",
            "sdk/build/a.o",
            "sdk/.mypy_cache/a",
        ] {
            write(made, "");
        }
        assert_eq!(of_tool("22.1"), known[0]);
        for source in sources.iter().chain(&["sdk/b.h"]) {
            write(source, "changed");
            let found = of_tool("22.1");
            assert!(!known.contains(&found), "{source}");
            known.push(found);
        }
    }
}
