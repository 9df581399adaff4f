//! `cargo xtask codegen`: what every language needs to know of a record, made from `wit/layout.wit`,
//! so that no two of them can disagree.
//!
//! `layout` is what the WIT says: fields, their offsets, bits and numbers. `accessors` is what it
//! can't say in a form for machines: when a packet has a field at all. A module for each language
//! writes both down in its own way.

mod accessors;
mod c;
mod go;
mod go_adapter;
mod js;
mod layout;
mod markdown;
mod python;
mod reference;
mod rust;
mod wit;

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use layout::Layout;

/// A file that is made whole, below the root of the checkout.
struct Made {
    path: &'static str,
    text: String,
}

/// Write all that is made, and say what changed.
pub(crate) fn write(root: &Path) -> Result<()> {
    for Made { path, text } in made(root)? {
        let place = root.join(path);
        if fs::read_to_string(&place).is_ok_and(|found| found == text) {
            continue;
        }
        fs::create_dir_all(place.parent().context("a file lies in a directory")?)?;
        fs::write(&place, text).with_context(|| format!("writing {}", place.display()))?;
        println!("{path}");
    }
    go_adapter::write(root)
}

/// Fail unless all that is made is there and the same.
pub(crate) fn check(root: &Path) -> Result<()> {
    for Made { path, text } in made(root)? {
        let found = fs::read_to_string(root.join(path)).with_context(|| format!("reading {path}"));
        ensure!(
            found? == text,
            "{path} is not what its sources make: run `cargo xtask codegen` and commit it"
        );
    }
    go_adapter::check(root)
}

fn made(root: &Path) -> Result<Vec<Made>> {
    let layout = Layout::read(&root.join("wit"))?;
    let accessors = accessors::of(&layout)?;
    let mut made = Vec::new();
    made.extend(go::files(&layout, accessors)?);
    made.extend(rust::files(&layout, accessors)?);
    made.extend(c::files(&layout, accessors)?);
    made.extend(js::files(&layout, accessors));
    made.extend(python::files(&layout, accessors));
    made.extend(markdown::files(&layout));
    made.extend(wit::files(&root.join("wit"))?);
    made.extend(reference::files(root)?);
    Ok(made)
}

/// A WIT name as an identifier: `tcp_seq`.
fn snake(name: &str) -> String {
    name.replace('-', "_")
}

/// A WIT name as that of a constant: `TCP_SEQ`.
fn upper(name: &str) -> String {
    snake(name).to_uppercase()
}

/// The paragraphs of a text in lines of at most so many characters; an empty line between them.
fn wrapped(text: &str, width: usize) -> impl Iterator<Item = String> {
    let mut lines = Vec::new();
    for (index, paragraph) in text.split("\n\n").enumerate() {
        if index > 0 {
            lines.push(String::new());
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines.into_iter()
}

#[cfg(test)]
mod tests;
