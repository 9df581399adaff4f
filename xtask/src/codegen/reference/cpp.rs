//! The headers for C++. Names that end in `_` are the SDK's own, as is what is private.

use std::path::Path;

use anyhow::Result;

use super::{Item, Section, read, sources};

pub(super) fn sections(include: &Path) -> Result<Vec<Section>> {
    let mut sections = Vec::new();
    for (name, path) in sources(&include.join("ringtap"), ".hpp")? {
        let text = read(&path)?;
        let docs =
            text.lines().map_while(|line| Some(comment(line)?.to_owned())).collect::<Vec<_>>();
        let body: Vec<_> = text.lines().skip(docs.len()).collect();
        let title = format!("`ringtap/{name}`");
        sections.push(Section { title, docs, language: "cpp", items: items(&body) });
    }
    Ok(sections)
}

/// What is said in a line of documentation.
fn comment(line: &str) -> Option<&str> {
    let said = line.trim_start().strip_prefix("///")?;
    Some(said.strip_prefix(' ').unwrap_or(said))
}

/// Classes, and what they and the namespace declare. What is not documented by itself stands with what
/// comes before it.
fn items(lines: &[&str]) -> Vec<Item> {
    let (mut items, mut docs) = (Vec::<Item>::new(), Vec::new());
    let (mut private, mut at) = (false, 0);
    while let Some(line) = lines.get(at) {
        let trimmed = line.trim();
        at += 1;
        if let Some(said) = comment(line) {
            docs.push(said.to_owned());
            continue;
        }
        match trimmed {
            "private:" | "protected:" => private = true,
            "public:" => private = false,
            "};" => private = false,
            _ if is_declaration(trimmed) => {
                let mut code = vec![(*line).to_owned()];
                while !code.iter().any(|line| line.contains('{') || line.ends_with(';')) {
                    let Some(line) = lines.get(at) else { break };
                    code.push((*line).to_owned());
                    at += 1;
                }
                let is_class = trimmed.starts_with("class ") || trimmed.starts_with("struct ");
                if !is_class {
                    at += body(&code, &lines[at..]);
                }
                if !private {
                    let code = signature(&code);
                    match items.last_mut() {
                        Some(last) if docs.is_empty() && !is_class => last.code.extend(code),
                        _ => items.push(Item { docs: std::mem::take(&mut docs), code }),
                    }
                }
            }
            _ => {}
        }
        docs.clear();
    }
    items
}

fn is_declaration(line: &str) -> bool {
    let is_other = ["#", "//", "}", "namespace", "static_assert", "extern"];
    !line.is_empty() && !is_other.iter().any(|start| line.starts_with(start))
}

/// How many lines of its body follow those that a declaration has.
fn body(code: &[String], rest: &[&str]) -> usize {
    let depth = |line: &str| {
        line.chars().fold(0_i32, |depth, one| match one {
            '{' => depth + 1,
            '}' => depth - 1,
            _ => depth,
        })
    };
    let mut open: i32 = code.iter().map(|line| depth(line)).sum();
    let mut lines = 0;
    for line in rest {
        if open <= 0 {
            break;
        }
        open += depth(line);
        lines += 1;
    }
    lines
}

/// Without a body and what a constructor begins with.
fn signature(code: &[String]) -> Vec<String> {
    let text = code.join("\n");
    let text = text.split(" {").next().unwrap_or_default();
    let text = text.split(") : ").next().unwrap_or_default();
    let text = text.split(")\n        : ").next().unwrap_or_default();
    let text = text.trim_end_matches(';');
    let closed = text.matches('(').count() == text.matches(')').count();
    let text = format!("{text}{};", if closed { "" } else { ")" });
    text.lines().map(str::to_owned).collect()
}
