//! The types that TypeScript's compiler makes of the sources, of the modules that `index` exports.

use std::{collections::BTreeSet, path::Path};

use anyhow::Result;

use super::{Item, Section, read};

pub(super) fn sections(sdk: &Path) -> Result<Vec<Section>> {
    let types = sdk.join("types");
    let mut sections = of_index(&types, "`@ringtap/plugin`", &mut BTreeSet::new())?;
    let mut known = BTreeSet::new();
    sections.extend(of_index(&types.join("testing"), "`@ringtap/plugin/testing`", &mut known)?);
    Ok(sections)
}

fn of_index(folder: &Path, title: &str, known: &mut BTreeSet<String>) -> Result<Vec<Section>> {
    let index = read(&folder.join("index.d.ts"))?;
    let mut sections = Vec::new();
    let own: Vec<_> =
        declarations(&index).into_iter().filter(|(_, item)| !item.docs.is_empty()).collect();
    if !own.is_empty() {
        let items = own.into_iter().map(|(_, item)| item).collect();
        sections.push(Section { title: title.to_owned(), docs: Vec::new(), language: "ts", items });
    }
    for line in index.lines() {
        let Some(module) = line.split("\"./").nth(1).and_then(|rest| rest.split(".js\"").next())
        else {
            continue;
        };
        if !known.insert(module.to_owned()) {
            continue;
        }
        let exported = |name: &str| {
            index.contains(&format!("export * as {module} from")) || has_word(&index, name)
        };
        let text = read(&folder.join(format!("{module}.d.ts")))?;
        let items: Vec<_> =
            declarations(&text).into_iter().filter(|(name, _)| exported(name)).collect();
        if !items.is_empty() {
            let items = items.into_iter().map(|(_, item)| item).collect();
            let title = format!("{title}: {module}");
            sections.push(Section { title, docs: Vec::new(), language: "ts", items });
        }
    }
    Ok(sections)
}

fn has_word(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name)
}

/// Names and declarations. Members of a class keep their comments in the code.
fn declarations(text: &str) -> Vec<(String, Item)> {
    let mut items = Vec::new();
    let (mut docs, mut code, mut in_docs) = (Vec::new(), Vec::<String>::new(), false);
    for line in text.lines() {
        if code.is_empty() && line.starts_with("/**") {
            docs = vec![line.trim_start_matches("/**").trim_end_matches("*/").trim().to_owned()];
            in_docs = !line.ends_with("*/");
            continue;
        }
        if in_docs {
            let said = line.trim_end_matches("*/").trim_start().trim_start_matches('*');
            let said = said.strip_prefix(' ').unwrap_or(said).trim_end();
            if !said.starts_with("@implements") {
                docs.push(said.to_owned());
            }
            in_docs = !line.ends_with("*/");
            continue;
        }
        if code.is_empty() && !line.starts_with("export ") {
            continue;
        }
        code.push(line.to_owned());
        let ends = !line.starts_with(' ') && (line.ends_with(';') || line.ends_with('}'));
        if ends {
            let code = std::mem::take(&mut code);
            let docs = std::mem::take(&mut docs);
            if let Some(name) = name(&code[0]) {
                items.push((name, Item { docs, code: visible(code) }));
            }
        }
    }
    items
}

/// Without members that are the SDK's own, and what is said of them.
fn visible(code: Vec<String>) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut comment, mut hidden) = (Vec::new(), false);
    for line in code {
        let said = line.trim_start();
        if line.starts_with("    /**") || !comment.is_empty() && said.starts_with('*') {
            hidden = if line.starts_with("    /**") { false } else { hidden };
            hidden |= said.contains("@internal") || said.contains("@private");
            comment.push(line);
            continue;
        }
        if !hidden {
            lines.append(&mut comment);
            lines.push(line);
        } else if line.starts_with("    ") && line.ends_with(';') {
            comment.clear();
            hidden = false;
        }
    }
    lines
}

fn name(declaration: &str) -> Option<String> {
    let kinds = ["class", "function", "const", "type", "interface", "namespace"];
    let mut words = declaration.split(' ').skip_while(|word| !kinds.contains(word)).skip(1);
    let name = words.next()?.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
    Some(name.to_owned())
}
