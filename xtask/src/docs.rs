//! Whether the documentation holds together: the book has every page, links lead somewhere, and what
//! is shown from a file stands in that file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

const SUMMARY: &str = "docs/SUMMARY.md";

/// Fail with all that is wrong in `docs/` and the README.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut pages = Vec::new();
    collect(&root.join("docs"), &mut pages)?;
    pages.sort();
    let mut problems = missing_pages(root, &pages)?;
    for page in pages.iter().cloned().chain([root.join("README.md")]) {
        let text = read(&page)?;
        let name = page.strip_prefix(root)?.display();
        for (line, problem) in problems_of(root, &page, &text) {
            problems.push(format!("{name}:{line}: {problem}"));
        }
    }
    match problems.is_empty() {
        true => Ok(()),
        false => bail!("{}", problems.join("\n")),
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

fn collect(folder: &Path, pages: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, pages)?;
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    Ok(())
}

/// Pages that the book would leave out.
fn missing_pages(root: &Path, pages: &[PathBuf]) -> Result<Vec<String>> {
    let summary = root.join(SUMMARY);
    let text = read(&summary)?;
    let listed: Vec<_> = links(&text).map(|(_, link)| root.join("docs").join(link)).collect();
    let is_missing = |page: &&PathBuf| **page != summary && !listed.contains(page);
    let problem = |page: &PathBuf| format!("{SUMMARY}: {} is not in it", page.display());
    Ok(pages.iter().filter(is_missing).map(problem).collect())
}

/// With their lines, from 1.
fn problems_of(root: &Path, page: &Path, text: &str) -> Vec<(usize, String)> {
    let folder = page.parent().unwrap_or(root);
    let dead = |(line, link): (usize, &str)| {
        let target = link.split('#').next().unwrap_or_default();
        let is_outside = link.contains("://") || link.starts_with("mailto:");
        let is_there = is_outside || target.is_empty() || folder.join(target).exists();
        (!is_there).then(|| (line, format!("the link {link} leads nowhere")))
    };
    let mut problems: Vec<_> = links(text).filter_map(dead).collect();
    for Shown { line, from, block } in shown(text) {
        match fs::read_to_string(root.join(from)) {
            Err(error) => problems.push((line, format!("it shows a part of {from}: {error}"))),
            Ok(file) if !file.contains(&block) => {
                problems.push((line, format!("this does not stand in {from} as it is shown")));
            }
            Ok(_) => {}
        }
    }
    problems
}

/// Inline links outside of code, with their lines.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_block = false;
    let outside = text.lines().enumerate().filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_block ^= is_fence;
        !in_block && !is_fence
    });
    outside.flat_map(|(number, line)| links_in(line).map(move |link| (number + 1, link)))
}

fn links_in(line: &str) -> impl Iterator<Item = &str> {
    // What is between backticks is every second part. A link's text may be code, so that its target
    // begins a part.
    let prose = line.split('`').step_by(2);
    prose.flat_map(|part| part.split("](").skip(1).filter_map(|rest| rest.split(')').next()))
}

/// A block that says which file it is from.
struct Shown<'a> {
    line: usize,
    from: &'a str,
    block: String,
}

fn shown(text: &str) -> Vec<Shown<'_>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((line, text)) = lines.next() {
        let from =
            text.trim().strip_prefix("<!-- from ").and_then(|rest| rest.strip_suffix(" -->"));
        let Some(from) = from else { continue };
        let mut inside = lines.by_ref().skip_while(|(_, line)| !line.starts_with("```")).skip(1);
        let block =
            inside.by_ref().map(|(_, line)| line).take_while(|line| !line.starts_with("```"));
        let block = block.map(|line| format!("{line}\n")).collect();
        blocks.push(Shown { line: line + 1, from: from.trim(), block });
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_holds_together() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        check(root).unwrap();
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let write = |name: &str, text: &str| fs::write(root.join(name), text).unwrap();
        fs::create_dir_all(root.join("docs/sub")).unwrap();
        write("docs/SUMMARY.md", "- [A](a.md)\n");
        write("README.md", "[a](docs/a.md#part), [`b`](docs/none.md), `[c](none)`\n");
        write("code.c", "int a;\nint b;\n");
        write("docs/sub/b.md", "");
        let block = "<!-- from code.c -->\n```c\nint b;\n```\n";
        let other = "<!-- from code.c -->\n```c\nint c;\n```\n<!-- from none.c -->\n```c\n```\n";
        write("docs/a.md", &format!("{block}```\n[d](none)\n```\n{other}"));
        let problems = check(root).unwrap_err().to_string();
        let problems: Vec<_> = problems.lines().collect();
        assert_eq!(problems.len(), 4, "{problems:#?}");
        assert!(problems[0].ends_with("docs/sub/b.md is not in it"), "{problems:#?}");
        assert_eq!(problems[1], "docs/a.md:8: this does not stand in code.c as it is shown");
        assert!(problems[2].starts_with("docs/a.md:12: it shows a part of none.c: "));
        assert_eq!(problems[3], "README.md:1: the link docs/none.md leads nowhere");
    }
}
