//! The packages, without what is internal or of tests.

use std::path::Path;

use anyhow::Result;

use super::{Item, Section, declarations::declarations, read, sources};

/// Below the module, and the path that a plugin imports.
const PACKAGES: [(&str, &str); 8] = [
    ("", "ringtap.dev/plugin"),
    ("aggregate", "ringtap.dev/plugin/aggregate"),
    ("exporter", "ringtap.dev/plugin/exporter"),
    ("filter", "ringtap.dev/plugin/filter"),
    ("kv", "ringtap.dev/plugin/kv"),
    ("lifecycle", "ringtap.dev/plugin/lifecycle"),
    ("state", "ringtap.dev/plugin/state"),
    ("ringtaptest", "ringtap.dev/plugin/ringtaptest"),
];

pub(super) fn sections(sdk: &Path) -> Result<Vec<Section>> {
    let mut sections = Vec::new();
    for (folder, import) in PACKAGES {
        let (mut docs, mut items) = (Vec::new(), Vec::new());
        for (name, path) in sources(&sdk.join(folder), ".go")? {
            // Those of components are the same to whoever calls them.
            if name.ends_with("_test.go") || name.ends_with("_wasip1.go") {
                continue;
            }
            for item in declarations(&read(&path)?, "//") {
                match item.code.first() {
                    Some(line) if line.starts_with("package ") => docs.extend(item.docs),
                    _ => items.extend(public(item)),
                }
            }
        }
        sections.push(Section { title: format!("`{import}`"), docs, language: "go", items });
    }
    Ok(sections)
}

fn public(item: Item) -> Option<Item> {
    let first = item.code.first()?.clone();
    let is_exported = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
    let (kind, rest) = first.split_once(' ')?;
    let exported = match kind {
        "func" => match rest.strip_prefix('(') {
            Some(method) => {
                let (receiver, method) = method.split_once(") ")?;
                let of = receiver.rsplit([' ', '*']).next().unwrap_or_default();
                is_exported(of) && is_exported(method)
            }
            None => is_exported(rest),
        },
        "type" | "const" | "var" if rest != "(" => is_exported(rest),
        "type" | "const" | "var" => item.code.iter().any(|line| is_exported(line.trim_start())),
        _ => false,
    };
    let code = if kind == "func" { signature(&item.code) } else { visible(item.code) };
    exported.then_some(Item { code, ..item })
}

fn signature(code: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for line in code {
        if let Some(line) = line.strip_suffix(" {") {
            lines.push(line.to_owned());
            break;
        }
        let one_line = line.split_once(" { ").filter(|_| line.ends_with('}'));
        if let Some((signature, _)) = one_line {
            lines.push(signature.to_owned());
            break;
        }
        lines.push(line.clone());
    }
    lines
}

/// Without fields, constants and variables that others don't see, and what is said of those.
fn visible(code: Vec<String>) -> Vec<String> {
    if let [line] = &code[..]
        && let Some((of, _)) = line.split_once("struct{ ")
    {
        return vec![format!("{of}struct{{}}")];
    }
    let mut lines = Vec::new();
    let mut comments = Vec::new();
    for line in code {
        let own = line.strip_prefix('\t').filter(|line| !line.starts_with('\t'));
        match own {
            Some(said) if said.starts_with("//") => comments.push(line),
            Some(name) if name.starts_with(|c: char| c.is_ascii_lowercase()) => comments.clear(),
            _ => {
                lines.append(&mut comments);
                lines.push(line);
            }
        }
    }
    lines
}
