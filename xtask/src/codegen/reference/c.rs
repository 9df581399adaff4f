//! The headers. Names that end in `_` are the SDK's own.

use std::path::Path;

use anyhow::Result;

use super::{Item, Section, declarations::declarations, read, sources};

pub(super) fn sections(include: &Path) -> Result<Vec<Section>> {
    let mut sections = Vec::new();
    for (name, path) in sources(&include.join("ringtap"), ".h")? {
        let text = read(&path)?;
        let said = text.lines().map_while(|line| line.strip_prefix("///"));
        let docs = said.map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned()).collect();
        let items = declarations(&for_c(&text), "///").into_iter().filter_map(public).collect();
        sections.push(Section { title: format!("`ringtap/{name}`"), docs, language: "c", items });
    }
    Ok(sections)
}

/// Without what is for the preprocessor and for C++, which would be a bracket around all.
fn for_c(text: &str) -> String {
    let mut inside = false;
    let mut kept = String::new();
    for line in text.lines() {
        inside |= line.starts_with("#ifdef __cplusplus");
        let is_guard = line.starts_with("#define") && line.split(' ').count() < 3;
        if !inside && !is_guard && (!line.starts_with('#') || line.starts_with("#define")) {
            kept += line;
        }
        kept.push('\n');
        inside &= !line.starts_with("#endif");
    }
    kept
}

fn public(item: Item) -> Option<Item> {
    let first = item.code.first()?;
    let mut words = declared(first).split(['(', ' ', '*']);
    let own = words.any(|word| word.starts_with("ringtap_") && word.ends_with('_'));
    let code = if first.starts_with("static inline") { signatures(&item.code) } else { item.code };
    let is_comment = code.first().is_some_and(|line| line.starts_with("//"));
    (!own && !is_comment).then_some(Item { code, ..item })
}

/// Without what a macro stands for.
fn declared(line: &str) -> &str {
    let name = line.strip_prefix("#define ").and_then(|rest| rest.split(['(', ' ']).next());
    name.unwrap_or(line)
}

/// Of functions that the header has whole.
fn signatures(code: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut inside = false;
    for line in code {
        match (inside, line.strip_suffix(" {")) {
            (false, Some(signature)) => {
                lines.push(format!("{};", signature.trim_start_matches("static inline ")));
                inside = true;
            }
            (false, None) => lines.push(line.trim_start_matches("static inline ").to_owned()),
            (true, _) => inside = line != "}",
        }
    }
    lines
}
