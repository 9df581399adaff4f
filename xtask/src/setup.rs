//! What the tests need besides Rust's stable toolchain, and how to get it on Debian.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{
    build::{run, tool_is_there},
    tools,
};

/// A program that the tests call, and the Debian package that has it.
struct Tool {
    program: &'static str,
    package: &'static str,
}

const TOOLS: [Tool; 11] = [
    Tool { program: "llvm-objcopy-22", package: "llvm-22" },
    Tool { program: "tshark", package: "tshark" },
    Tool { program: "tcpdump", package: "tcpdump" },
    Tool { program: "promtool", package: "prometheus" },
    Tool { program: "ip", package: "iproute2" },
    Tool { program: "clang-22", package: "clang-22" },
    Tool { program: "wasm-ld-22", package: "lld-22" },
    Tool { program: "clang-format-22", package: "clang-format-22" },
    Tool { program: "clang-tidy-22", package: "clang-tidy-22" },
    Tool { program: "node", package: "nodejs" },
    Tool { program: "npm", package: "npm" },
];

/// What bpf-linker is linked with.
const LLVM_PACKAGES: [&str; 3] = ["llvm-22-dev", "libzstd-dev", "zlib1g-dev"];
const LLVM_PREFIX: &str = "/usr/lib/llvm-22";

/// The linker that made the committed object.
const BPF_LINKER: &str = "0.13.0";

/// Sanitizers of clang, which the SDK for C is tested with.
const SANITIZERS: &str = "libclang-rt-22-dev";
const SANITIZERS_AT: &str = "/usr/lib/llvm-22/lib/clang/22/lib";

/// Install what is missing. Needs root for packages; says every command.
pub(crate) fn install(root: &Path) -> Result<()> {
    let mut packages: Vec<_> =
        TOOLS.iter().filter(|tool| !tool_is_there(tool.program)).map(|tool| tool.package).collect();
    let linker = has_bpf_linker();
    if !linker && !Path::new(LLVM_PREFIX).join("bin/llvm-config").exists() {
        packages.extend(LLVM_PACKAGES);
    }
    if !Path::new(SANITIZERS_AT).is_dir() {
        packages.push(SANITIZERS);
    }
    if !has_venv() {
        packages.push("python3-venv");
    }
    if !packages.is_empty() {
        install_packages(&packages)?;
    }
    tools::install(root)?;
    if !linker {
        install_bpf_linker()?;
    }
    add_rust_src()?;
    add_wasi()
}

/// Debian keeps what makes environments apart from Python.
fn has_venv() -> bool {
    let found = Command::new("python3").args(["-c", "import ensurepip, venv"]).output();
    found.is_ok_and(|found| found.status.success())
}

fn install_packages(packages: &[&str]) -> Result<()> {
    if !tool_is_there("apt-get") {
        bail!("missing: {}; install what has them on this system", packages.join(", "));
    }
    say(root("apt-get").arg("update"))?;
    let mut install = root("apt-get");
    install.args(["install", "-y", "--no-install-recommends"]).args(packages);
    say(&mut install).context("install packages")
}

/// A command that runs as root, by sudo where we are not.
fn root(program: &str) -> Command {
    let is_root = std::env::var("USER").is_ok_and(|user| user == "root")
        || std::fs::metadata("/proc/self")
            .is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0);
    let mut command = if is_root {
        Command::new("env")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.arg("env");
        sudo
    };
    command.arg("DEBIAN_FRONTEND=noninteractive").arg(program);
    command
}

fn has_bpf_linker() -> bool {
    let version = Command::new("bpf-linker").arg("--version").stderr(Stdio::null()).output();
    version.is_ok_and(|version| {
        String::from_utf8_lossy(&version.stdout).trim_end().ends_with(BPF_LINKER)
    })
}

fn install_bpf_linker() -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["install", "bpf-linker", "--version", BPF_LINKER, "--locked", "--force"]);
    cargo.args(["--no-default-features", "--features", "llvm-22"]);
    cargo.env("LLVM_PREFIX", LLVM_PREFIX);
    say(&mut cargo).context("install bpf-linker")
}

/// `core` for BPF is built from source.
fn add_rust_src() -> Result<()> {
    let sysroot = crate::build::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let source = Path::new(&sysroot).join("lib/rustlib/src/rust/library/core");
    if source.is_dir() {
        return Ok(());
    }
    say(Command::new("rustup").args(["component", "add", "rust-src"]))
        .context("rust-src is needed to build core for BPF")
}

/// Of plugins in Rust, one is built for WASI. The test says so where the target is missing, as it is
/// with a toolchain that rustup has none for.
fn add_wasi() -> Result<()> {
    let sysroot = crate::build::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    if !Path::new(&sysroot).join("lib/rustlib/wasm32-wasip2").is_dir() {
        let added = say(Command::new("rustup").args(["target", "add", "wasm32-wasip2"]));
        if let Err(error) = added {
            eprintln!("setup: plugins in Rust are not built for WASI: {error:#}");
        }
    }
    Ok(())
}

fn say(command: &mut Command) -> Result<()> {
    eprintln!("setup: {command:?}");
    run(command)
}
