//! Every guest is there for a test, or to be measured: a build error where one has none.
//!
//! A guest counts as tested where a test has its name in quotes, outside of a comment line. A look at
//! what its file says is no test of what it does.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Where guests are tested.
const TESTS: [&str; 4] = ["tests", "benches/src", "../runtime", "../xtask/src"];

/// Tests that only look at files of guests.
const INSPECTION: &str = "tests/roles.rs";

/// The manifest that says what is built, and the folder of the sources, all of which are to be in it.
const MANIFEST: &str = "guests/Cargo.toml";
const SOURCES: &str = "guests/examples";

fn main() -> io::Result<()> {
    for place in TESTS.iter().chain(&[MANIFEST, SOURCES]) {
        println!("cargo::rerun-if-changed={place}");
    }
    let manifest = fs::read_to_string(MANIFEST)?;
    let guests: Vec<_> = values(&manifest, "name").skip(1).collect();
    let tests = tests()?;
    for guest in &guests {
        let name = format!("\"{guest}\"");
        if !tests.iter().any(|test| is_in_code(test, &name)) {
            println!(
                "cargo::error=the guest `{guest}` of tests/{MANIFEST} has no test: no file \
                 in tests/tests but roles.rs, in tests/benches, runtime or xtask names it. Write one, \
                 or remove the guest"
            );
        }
    }
    for source in rust_files(Path::new(SOURCES))? {
        let path = source.strip_prefix("guests").expect("it lies there").to_string_lossy();
        if !values(&manifest, "path").any(|known| known == path) {
            println!("cargo::error=tests/guests/{path} is no example of tests/{MANIFEST}: add it");
        }
    }
    if guests.is_empty() {
        println!("cargo::error=tests/{MANIFEST} has no guests that could be read from it");
    }
    Ok(())
}

/// The values of the lines `key = "value"`. The first `name` is the package's.
fn values<'a>(manifest: &'a str, key: &str) -> impl Iterator<Item = &'a str> {
    let start = format!("{key} = \"");
    manifest.lines().filter_map(move |line| line.strip_prefix(&start)?.strip_suffix('"'))
}

/// The texts of all tests.
fn tests() -> io::Result<Vec<String>> {
    let mut texts = Vec::new();
    for place in TESTS {
        let files = rust_files(Path::new(place))?;
        for file in files.iter().filter(|file| *file != Path::new(INSPECTION)) {
            texts.push(fs::read_to_string(file)?);
        }
    }
    Ok(texts)
}

fn is_in_code(text: &str, name: &str) -> bool {
    text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(name))
}

fn rust_files(place: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(place)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}
