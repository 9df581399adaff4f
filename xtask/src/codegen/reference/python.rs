//! The modules: classes, methods, properties and functions, with their docstrings.

use std::path::Path;

use anyhow::{Context, Result};

use super::{Item, Section, read, sources};

/// Modules that are exported whole.
const WHOLE: [&str; 2] = ["kv", "log"];

pub(super) fn sections(package: &Path) -> Result<Vec<Section>> {
    let mut sections = of_package(package, "ringtap")?;
    sections.extend(of_package(&package.join("testing"), "ringtap.testing")?);
    Ok(sections)
}

/// What `__init__.py` exports, by the modules that it is in.
fn of_package(folder: &Path, name: &str) -> Result<Vec<Section>> {
    let init = read(&folder.join("__init__.py"))?;
    let (_, exported) = init.split_once("__all__").context("there is no `__all__`")?;
    let mut sections = vec![of_module(&format!("`{name}`"), &init)];
    for (file, path) in sources(folder, ".py")? {
        let module = file.trim_end_matches(".py");
        let mut section = of_module(&format!("`{name}`: {module}"), &read(&path)?);
        let is_exported = |of: &str| exported.contains(&format!("\"{of}\""));
        section.items.retain(|item| WHOLE.contains(&module) || is_exported(of(item)));
        if !section.items.is_empty() {
            sections.push(section);
        }
    }
    Ok(sections)
}

/// The class or function in the first column that it is, or is a part of.
fn of(item: &Item) -> &str {
    let declared =
        item.code.iter().find(|line| line.starts_with("class ") || line.starts_with("def "));
    let constant = item.code.first().and_then(|line| line.split(": Final").next());
    let name = declared.and_then(|line| line.split(' ').nth(1)).or(constant).unwrap_or_default();
    name.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default()
}

fn of_module(title: &str, text: &str) -> Section {
    let docs = docstring(&mut text.lines().peekable()).unwrap_or_default();
    Section { title: title.to_owned(), docs, language: "python", items: declarations(text) }
}

/// Classes and functions in the first column, and what is public in classes.
fn declarations(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut lines = text.lines().peekable();
    let (mut class, mut decorators): (Option<String>, Vec<String>) = (None, Vec::new());
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        let code = line.trim_start();
        if indent == 0 && !code.is_empty() && !code.starts_with('@') && !code.starts_with(')') {
            class = None;
        }
        if !(indent == 0 || indent == 4 && class.is_some()) {
            continue;
        }
        if code.starts_with('@') {
            // Others are how it is done.
            if ["@property", "@classmethod", "@staticmethod"].contains(&code) {
                decorators.push(code.to_owned());
            }
            continue;
        }
        if indent == 0 && is_constant(code) {
            let docs = docstring(&mut lines).unwrap_or_default();
            items.push(Item { docs, code: vec![line.to_owned()] });
            continue;
        }
        let kind = code.split(' ').next().unwrap_or_default();
        if !matches!(kind, "class" | "def") {
            decorators.clear();
            continue;
        }
        let mut declared = vec![line.to_owned()];
        while !declared.last().is_some_and(|line| line.ends_with(':') || line.ends_with(": ...")) {
            let Some(next) = lines.next() else { break };
            declared.push(next.to_owned());
        }
        let name = code.trim_start_matches(kind).trim_start();
        let name =
            name.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
        let docs = docstring(&mut lines).unwrap_or_default();
        let hidden = name.starts_with('_') && (name != "__init__" || docs.is_empty());
        let marks = std::mem::take(&mut decorators);
        if hidden {
            continue;
        }
        let margin = " ".repeat(indent);
        let mut all: Vec<_> = marks.iter().map(|mark| format!("{margin}{mark}")).collect();
        all.append(&mut declared);
        if kind == "class" && indent == 0 {
            class = Some(name.to_owned());
        } else if let Some(class) = class.as_ref().filter(|_| indent == 4) {
            all.insert(0, format!("class {class}:"));
        }
        items.push(Item { docs, code: all });
    }
    items
}

/// Whether it is `NAME: Final = …`. A name in other letters is a type's, or the module's own.
fn is_constant(line: &str) -> bool {
    let name = line.split_once(": Final").map(|(name, _)| name).unwrap_or_default();
    !name.starts_with('_')
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// The one that comes next, if one does, without its indentation.
fn docstring<'a>(
    lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>,
) -> Option<Vec<String>> {
    let first = *lines.peek()?;
    let indent = first.len() - first.trim_start().len();
    let mut said = first.trim_start().strip_prefix("\"\"\"")?;
    lines.next();
    let mut docs = Vec::new();
    loop {
        if let Some(last) = said.strip_suffix("\"\"\"") {
            docs.push(last.trim_end().to_owned());
            return Some(docs);
        }
        docs.push(said.to_owned());
        let next = lines.next()?;
        said = next.get(indent..).unwrap_or_default();
    }
}
