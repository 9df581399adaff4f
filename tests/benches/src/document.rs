//! The tables in a Markdown file that people wrote the rest of.

use std::path::Path;

use anyhow::Context;

const BEGIN: &str = "<!-- begin: written by `cargo xtask bench` -->\n";
const END: &str = "<!-- end -->\n";

/// Replace what stands between the marks.
pub(crate) fn update(path: &Path, tables: &str) -> anyhow::Result<()> {
    let name = path.display();
    let old = std::fs::read_to_string(path).with_context(|| format!("read {name}"))?;
    let new = between_marks(&old, tables)
        .with_context(|| format!("{name} has no lines {BEGIN:?} and {END:?} to write between"))?;
    std::fs::write(path, new).with_context(|| format!("write {name}"))
}

fn between_marks(old: &str, tables: &str) -> Option<String> {
    let (before, rest) = old.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{tables}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let old = format!("above\n{BEGIN}old\n{END}below\n");
        let new = format!("above\n{BEGIN}\nnew\n\n{END}below\n");
        assert_eq!(between_marks(&old, "new\n"), Some(new.clone()));
        assert_eq!(between_marks(&new, "new\n"), Some(new));
        assert_eq!(between_marks("no marks\n", "new\n"), None);
    }
}
