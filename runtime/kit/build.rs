//! Embeds what a plugin project is made of: the WIT package, and of each language's SDK what its
//! users get.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// What tools leave behind in a folder of sources.
const LEFT_BEHIND: [&str; 5] = ["target", "build", "node_modules", "__pycache__", "dist"];

/// Of an SDK, the parts that only our own tests use.
const OURS: [&str; 4] = ["c/tests", "js/test", "python/tests", "rust/tests"];

fn main() -> io::Result<()> {
    let own = env::var_os("CARGO_MANIFEST_DIR").expect("cargo tells it");
    let root = Path::new(&own).join("../..").canonicalize()?;
    let wit = tree(&root.join("wit"))?;
    let sdk = tree(&root.join("sdk"))?;
    let code = format!(
        "pub(crate) static WIT: &[File] = &{wit};\npub(crate) static SDK: &[File] = &{sdk};\n"
    );
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("embedded.rs"), code)
}

/// The files below a folder, as code.
fn tree(folder: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    files.sort();
    let file = |(name, path): &(String, PathBuf)| {
        format!("    File {{ path: {name:?}, bytes: include_bytes!({path:?}) }},\n")
    };
    Ok(format!("[\n{}]", files.iter().map(file).collect::<String>()))
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    // Also for names that are added or removed; `include_bytes` tells of changed contents.
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let place = format!("{prefix}{name}");
        if !is_source(&name) || OURS.contains(&place.as_str()) {
            continue;
        }
        // A link to a folder is what keeps one copy of `wit/` here.
        if path.is_dir() {
            collect(&path, &format!("{place}/"), files)?;
        } else {
            files.push((place, path));
        }
    }
    Ok(())
}

fn is_source(name: &str) -> bool {
    let hidden = name.starts_with('.') && name != ".gitignore";
    !hidden && !name.ends_with(".pyc") && !LEFT_BEHIND.contains(&name)
}
