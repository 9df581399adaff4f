//! The taps: from `runtime-ebpf` to the object file that is committed and embedded in the binary.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::build::{Remap, output, run, sha256, sources_digest};

/// What the object is made of, besides crates whose versions are locked.
const SOURCES: [&str; 5] = [
    "runtime-ebpf",
    "runtime/interest/src",
    "runtime/interest/Cargo.toml",
    "runtime/record/src",
    "runtime/record/Cargo.toml",
];

/// The eBPF instruction set of 2019 (kernel 5.1) and loads at odd addresses: the parser runs in half
/// the time and is verified in a fifth.
const RUSTFLAGS: [&str; 5] = [
    "-Cdebuginfo=2",
    "-Clink-arg=--btf",
    "-Clinker=bpf-linker",
    "-Ctarget-cpu=v3",
    "-Ctarget-feature=+allows-misaligned-mem-access",
];

const REDO: &str = "run `cargo xtask ebpf` and commit runtime/tap/ebpf";

/// How the committed object was built.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct BuildRecord {
    /// Of the object, as is everything of that name.
    sha256: String,
    /// Over the files that it is built from.
    sources: String,
    rustc: String,
    bpf_linker: String,
    flags: Vec<String>,
}

/// Build the object and its record into the tree.
pub(crate) fn build(root: &Path) -> Result<()> {
    let (object, record) = make(root)?;
    let directory = root.join("runtime/tap/ebpf");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("ringtap.o"), &object)?;
    let text = serde_json::to_string_pretty(&record)? + "\n";
    fs::write(directory.join("build.json"), text)?;
    println!("runtime/tap/ebpf/ringtap.o ({} bytes)", object.len());
    Ok(())
}

/// Fail unless the committed object is what the sources make. With other tools than those of the
/// record only the sources can be compared; that is said.
pub(crate) fn check(root: &Path) -> Result<()> {
    let directory = root.join("runtime/tap/ebpf");
    let committed: BuildRecord = serde_json::from_slice(&fs::read(directory.join("build.json"))?)
        .context("runtime/tap/ebpf/build.json")?;
    let bytes = fs::read(directory.join("ringtap.o"))?;
    ensure!(sha256(&bytes) == committed.sha256, "ringtap.o is not what its record says: {REDO}");
    let (_, ours) = make(root)?;
    ensure!(committed.sources == ours.sources, "ringtap.o was built from other sources: {REDO}");
    if (&committed.rustc, &committed.bpf_linker) != (&ours.rustc, &ours.bpf_linker) {
        eprintln!(
            "ringtap.o was built by {} and {}, here are {} and {}: compared the sources, not the bytes",
            committed.rustc, committed.bpf_linker, ours.rustc, ours.bpf_linker
        );
    } else if committed != ours {
        bail!(
            "the same sources and tools make another object than runtime/tap/ebpf/ringtap.o: {REDO}"
        );
    }
    Ok(())
}

fn make(root: &Path) -> Result<(Vec<u8>, BuildRecord)> {
    let linked = compile(root)?;
    let object = strip(&linked)?;
    let record = BuildRecord {
        sha256: sha256(&object),
        sources: sources_digest(root, &SOURCES)?,
        rustc: output(Command::new("rustc").arg("--version"))?,
        bpf_linker: output(Command::new("bpf-linker").arg("--version"))?,
        flags: RUSTFLAGS.map(str::to_owned).to_vec(),
    };
    Ok((object, record))
}

fn compile(root: &Path) -> Result<PathBuf> {
    let target = root.join("target/ebpf");
    let mut flags = RUSTFLAGS.map(str::to_owned).to_vec();
    flags.extend(Remap::of_this_machine(Path::new("rustc"), root)?.flags());
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--release", "--locked", "--target", "bpfel-unknown-none"])
        .args(["-Zbuild-std=core", "--target-dir"])
        .arg(&target)
        .current_dir(root.join("runtime-ebpf"))
        // core for BPF has to be built, which only unstable flags do; the toolchain is the stable one.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
        .env_remove("RUSTFLAGS");
    run(&mut cargo)?;
    Ok(target.join("bpfel-unknown-none/release/ringtap-ebpf"))
}

/// Without debug sections: the loader needs BTF only.
fn strip(linked: &Path) -> Result<Vec<u8>> {
    let stripped = linked.with_extension("o");
    run(Command::new("llvm-objcopy-22").arg("--strip-debug").arg(linked).arg(&stripped))?;
    fs::read(&stripped).with_context(|| format!("reading {}", stripped.display()))
}
