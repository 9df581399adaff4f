//! A page of the book for each SDK but Rust's, which has rustdoc: what is public, with what the sources
//! say of it.
//!
//! Read off the sources line by line, so that no version of a tool makes a difference. That works since
//! formatters hold them to a form: a declaration begins in the first column.

mod c;
mod cpp;
mod declarations;
mod go;
mod js;
mod python;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use super::Made;

pub(super) fn files(root: &Path) -> Result<Vec<Made>> {
    let of = |language: &str, guide: &str, sections: Vec<Section>| -> Result<String> {
        ensure!(!sections.is_empty(), "the SDK for {language} has nothing public");
        let begins = format!(
            "# The SDK for {language}\n\n<!-- Made by `cargo xtask codegen` from the SDK's sources. \
             -->\n\nAll that is public, for looking up; [the guide]({guide}) tells how it goes \
             together.\n"
        );
        Ok(sections.into_iter().fold(begins, |text, section| text + &section.text()))
    };
    let include = root.join("sdk/c/include");
    let headers = c::sections(&include)?.into_iter().chain(cpp::sections(&include)?).collect();
    let c = of("C and C++", "plugins-c.md", headers)?;
    let go = of("Go", "plugins-go.md", go::sections(&root.join("sdk/go"))?)?;
    let js = of("JavaScript and TypeScript", "plugins-js.md", js::sections(&root.join("sdk/js"))?)?;
    let python = root.join("sdk/python/src/ringtap");
    let python = of("Python", "plugins-python.md", python::sections(&python)?)?;
    Ok(vec![
        Made { path: "docs/reference-c.md", text: c },
        Made { path: "docs/reference-go.md", text: go },
        Made { path: "docs/reference-js.md", text: js },
        Made { path: "docs/reference-python.md", text: python },
    ])
}

/// A header, package or module.
struct Section {
    title: String,
    docs: Vec<String>,
    language: &'static str,
    items: Vec<Item>,
}

/// What is declared together, and what is said of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Item {
    docs: Vec<String>,
    code: Vec<String>,
}

impl Section {
    fn text(self) -> String {
        let mut text = format!("\n## {}\n{}", self.title, paragraph(&self.docs));
        for Item { docs, code } in self.items {
            text +=
                &format!("\n```{}\n{}\n```\n{}", self.language, code.join("\n"), paragraph(&docs));
        }
        text
    }
}

/// What was indented is code, and stays so.
fn paragraph(docs: &[String]) -> String {
    let text = docs.join("\n");
    let text = text.trim_matches('\n');
    if text.is_empty() { String::new() } else { format!("\n{text}\n") }
}

/// The files of a folder with that ending, in the order of their names.
fn sources(folder: &Path, ending: &str) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(ending) {
            found.push((name, path));
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}
