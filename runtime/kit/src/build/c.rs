use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use super::{Artifact, BuildError, Line, Recipe, Run};
use crate::{
    Language,
    project::ProjectError,
    tool::{Kind, Search, Tool, ToolError, output},
};

/// Releases of clang that Debian and others name programs after, the newest first.
const RELEASES: std::ops::RangeInclusive<u32> = 17..=30;

const CLANG: Kind = Kind {
    what: "clang",
    asks: &["--version"],
    least: &[*RELEASES.start() as u64, 0],
    install: "apt-get install clang-22 lld-22, or get wasi-sdk from \
              https://github.com/WebAssembly/wasi-sdk and set WASI_SDK_PATH",
};

const TARGET: &str = "--target=wasm32-unknown-unknown";
/// No operating system, and of a C library what the SDK has; and what is not reached is not linked,
/// so that a plugin asks for the capabilities that it uses.
const COMPILE: [&str; 9] = [
    TARGET,
    "-O2",
    "-mbulk-memory",
    "-ffreestanding",
    "-nostdlibinc",
    "-ffunction-sections",
    "-fdata-sections",
    "-Wall",
    "-Wextra",
];
const C_ONLY: &str = "-std=c11";
const CPP_ONLY: [&str; 4] =
    ["-std=c++20", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"];
const LINK: [&str; 4] = [
    TARGET,
    "-nostdlib",
    "-Wl,--no-entry,--gc-sections,--strip-debug,--stack-first",
    "-Wl,-z,stack-size=65536",
];

/// Clang, with the linker for WebAssembly.
pub(super) struct C(Tool);

impl Recipe for C {
    fn find(_: Language, _: &Path, search: &Search) -> Result<Self, ToolError> {
        let tool = CLANG.first_of(candidates(search), search)?;
        let path = search.locate(&tool.program).ok_or_else(|| CLANG.missing())?;
        let lacks = |lacks: String, install: String| ToolError::Lacks {
            what: CLANG.what,
            program: path.clone(),
            lacks,
            install,
        };
        let targets = output(&path, &["--print-targets"]).unwrap_or_default();
        if !targets.contains("wasm32") {
            return Err(lacks("the target wasm32".into(), CLANG.install.into()));
        }
        let linker = output(&path, &["-print-prog-name=wasm-ld"]).unwrap_or_default();
        match search.locate(OsStr::new(&linker)).is_some_and(|path| path.is_file()) {
            true => Ok(Self(tool)),
            false => {
                let major = tool.version.to_string();
                let major = major.split('.').next().unwrap_or_default();
                let install = format!("apt-get install lld-{major}");
                Err(lacks("the linker wasm-ld".into(), install))
            }
        }
    }

    fn tools(self) -> Vec<Tool> {
        vec![self.0]
    }

    fn build(&self, run: &mut Run<'_>) -> Result<Artifact, BuildError> {
        let sdk = run.project.sdk()?.to_owned();
        let mut objects = Vec::new();
        let own = run.project.manifest.sources.clone();
        for source in own.iter().cloned().chain(sdk_sources(run, &sdk)?) {
            let object = object(&source);
            run.run(&self.compile(&source, &object, &sdk))?;
            objects.push(object);
        }
        let path = run.file("core.wasm");
        let line = Line::new(&self.0.program).args(LINK).args(objects).arg("-o").arg(&path);
        run.run(&line)?;
        Ok(Artifact::Module { path, adapter: None })
    }
}

impl C {
    fn compile(&self, source: &Path, object: &Path, sdk: &Path) -> Line {
        let include = format!("-I{}", sdk.join("include").display());
        let line = Line::new(&self.0.program).args(COMPILE);
        let line = match source.extension() {
            Some(extension) if extension == "c" => line.arg(C_ONLY),
            _ => line.args(CPP_ONLY),
        };
        let line = line.arg(include).arg("-isystem").arg(sdk.join("libc"));
        line.arg("-c").arg(source).arg("-o").arg(object)
    }
}

/// What the user says, then the usual name, then the newest.
fn candidates(search: &Search) -> Vec<OsString> {
    let said = search.variable("CC").map(OsStr::to_owned);
    let said = said.filter(|cc| cc.to_string_lossy().contains("clang"));
    let sdk =
        search.variable("WASI_SDK_PATH").map(|place| Path::new(place).join("bin/clang").into());
    let releases = RELEASES.rev().map(|release| format!("clang-{release}").into());
    said.into_iter().chain(sdk).chain(["clang".into()]).chain(releases).collect()
}

/// The SDK's own, relative to the project's folder.
pub(super) fn sdk_sources(run: &Run<'_>, sdk: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let folder = sdk.join("src");
    let path = run.project.folder.join(&folder);
    let failed = |source| ProjectError::Folder { folder: path.clone(), source };
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(&path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if Path::new(&name).extension().is_some_and(|extension| extension == "c") {
            sources.push(folder.join(name));
        }
    }
    sources.sort();
    Ok(sources)
}

/// `src/a.c` and `a.c` are compiled to files of different names.
fn object(source: &Path) -> PathBuf {
    let name: Vec<_> = source.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    Path::new("build").join(format!("{}.o", name.join("_")))
}
