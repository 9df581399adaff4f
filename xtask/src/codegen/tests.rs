//! That the pages leave nothing out. What is public is found here in another way than the pages are
//! made: by its names alone.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page(path: &str) -> String {
    let page = made(&root()).unwrap().into_iter().find(|made| made.path == path);
    page.unwrap().text
}

/// Name and text of the files of a folder with that ending.
fn texts(folder: &str, ending: &str) -> Vec<(String, String)> {
    let paths = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let named = paths.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path));
    let wanted = named.filter(|(name, path)| name.ends_with(ending) && path.is_file());
    wanted.map(|(name, path)| (name, fs::read_to_string(path).unwrap())).collect()
}

/// The code of a page, without what is said of it.
fn code(page: &str) -> String {
    page.split("```").skip(1).step_by(2).map(|code| format!("{code}\n")).collect()
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect()
}

fn uncommented(text: &str, comment: &str) -> String {
    text.lines()
        .map(|line| line.split(comment).next().unwrap_or_default().to_owned() + "\n")
        .collect()
}

/// At least `least` names were found at all, and the page has all of them.
fn complete<'a>(
    path: &str,
    has: impl Fn(&str) -> bool,
    names: impl IntoIterator<Item = &'a str>,
    least: usize,
) {
    let names: BTreeSet<_> = names.into_iter().collect();
    assert!(names.len() >= least, "{path}: only {} names were found", names.len());
    let missing: Vec<_> = names.into_iter().filter(|name| !has(name)).collect();
    assert!(missing.is_empty(), "{path} lacks {missing:?}");
}

/// What the page of the package has to have of a file: headings, and rows of tables.
fn of_wit(text: &str) -> Vec<String> {
    let text = uncommented(text, "//");
    let (mut interface, mut inside, mut found) = (String::new(), false, Vec::new());
    for line in text.lines().map(str::trim) {
        let mut words = line.split([' ', '{', ';', ',', ':', '(']).filter(|word| !word.is_empty());
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match first {
            "interface" => {
                interface = second.to_owned();
                found.push(format!("### `{interface}`"));
            }
            "world" => break,
            "record" | "variant" | "enum" | "flags" | "resource" | "type" if !inside => {
                found.push(format!("{first} `{interface}.{second}`"));
                inside = line.ends_with('{');
            }
            "}" => inside = false,
            "" | "package" | "use" => {}
            name if inside => found.push(format!("| `{name}` |")),
            name if line.contains(": func(") => found.push(format!("#### `{interface}.{name}`\n")),
            _ => {}
        }
    }
    found
}

#[test]
fn the_page_of_the_package_has_every_interface_function_and_type() {
    let (page, record) = (page("docs/wit.md"), page("docs/record.md"));
    let mut all = Vec::new();
    for (file, text) in texts("wit", ".wit") {
        // What is in it has a page of its own.
        let is_layout = file == "layout.wit";
        all.extend(of_wit(&text).into_iter().filter(|item| !is_layout || item.starts_with("###")));
    }
    complete("docs/wit.md", |item| page.contains(item), all.iter().map(String::as_str), 60);

    let layout = fs::read_to_string(root().join("wit/layout.wit")).unwrap();
    let (_, packet) = layout.split_once("record packet {").unwrap();
    let packet = uncommented(packet.split_once('}').unwrap().0, "//");
    let fields = packet.lines().filter_map(|line| Some(line.trim().split_once(':')?.0));
    let has = |field: &str| record.contains(&format!("`{field}`"));
    complete("docs/record.md", has, fields, 40);
}

#[test]
fn the_page_for_c_has_every_name_of_the_headers() {
    let page = code(&page("docs/reference-c.md"));
    let known = words(&page);
    let mut headers = String::new();
    for (_, text) in texts("sdk/c/include/ringtap", ".h") {
        // Bodies use names that are not declared; only those of inline functions are indented.
        headers += &uncommented(&text, "//");
    }
    let is_guard = |name: &str| headers.contains(&format!("#ifndef {name}\n"));
    let is_public = |name: &&str| {
        let is_ours = name.starts_with("ringtap_") || name.starts_with("RINGTAP_");
        is_ours && !name.ends_with('_') && !is_guard(name)
    };
    complete(
        "docs/reference-c.md",
        |name| known.contains(name),
        words(&headers).into_iter().filter(is_public),
        200,
    );
}

#[test]
fn the_page_for_c_has_every_class_and_accessor_of_cpp() {
    let page = code(&page("docs/reference-c.md"));
    let known = words(&page);
    let headers = texts("sdk/c/include/ringtap", ".hpp");
    fn class(line: &str) -> Option<&str> {
        let name = line.strip_prefix("class ").or_else(|| line.strip_prefix("struct "))?;
        name.split([' ', ';', ':']).next()
    }
    fn accessor(line: &str) -> Option<&str> {
        let (before, _) = line.split_once("() const {")?;
        before.rsplit(' ').next()
    }
    let names = headers.iter().flat_map(|(name, text)| {
        // Others may be private.
        let all = name.ends_with("record.inc.hpp");
        text.lines()
            .filter_map(move |line| class(line).or_else(|| if all { accessor(line) } else { None }))
    });
    complete("docs/reference-c.md", |name| known.contains(name), names, 40);
}

#[test]
fn the_page_for_go_has_every_exported_name() {
    let page = code(&page("docs/reference-go.md"));
    let known = words(&page);
    let folders =
        ["", "aggregate", "exporter", "filter", "kv", "lifecycle", "state", "ringtaptest"];
    let mut names = BTreeSet::new();
    for folder in folders {
        for (file, text) in texts(&format!("sdk/go/{folder}"), ".go") {
            if !file.ends_with("_test.go") {
                names.extend(uncommented(&text, "//").lines().filter_map(exported));
            }
        }
    }
    complete(
        "docs/reference-go.md",
        |name| known.contains(name),
        names.iter().map(String::as_str),
        100,
    );
}

/// What a line of Go declares for others in the first column, functions and methods of exported types
/// included.
fn exported(line: &str) -> Option<String> {
    let (kind, mut rest) = line.split_once(' ')?;
    if !matches!(kind, "func" | "type" | "const" | "var") {
        return None;
    }
    let is_exported = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
    if let Some(method) = rest.strip_prefix('(').filter(|_| kind == "func") {
        let (receiver, method) = method.split_once(") ")?;
        let of = receiver.split([' ', '*']).next_back()?;
        rest = Some(method).filter(|_| is_exported(of))?;
    }
    let name = words_in_order(rest).next()?;
    is_exported(name).then(|| name.to_owned())
}

fn words_in_order(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

#[test]
fn the_page_for_javascript_has_every_export() {
    let page = page("docs/reference-js.md");
    let shown = code(&page);
    let known = words(&shown);
    let index = fs::read_to_string(root().join("sdk/js/types/index.d.ts")).unwrap();
    let mut names = BTreeSet::new();
    for line in index.lines().filter_map(|line| line.strip_prefix("export ")) {
        match line.strip_prefix("* as ").or(line.strip_prefix("type ")) {
            Some(one) => names.extend(words_in_order(one).next()),
            None => {
                let (listed, _) = line.strip_prefix("{ ").unwrap().split_once(" }").unwrap();
                names.extend(words_in_order(listed));
            }
        }
    }
    // A module that is exported whole is a section.
    let has = |name: &str| {
        known.contains(name) || page.contains(&format!("\n## `@ringtap/plugin`: {name}\n"))
    };
    complete("docs/reference-js.md", has, names, 40);
}

#[test]
fn the_page_for_python_has_every_export() {
    let page = page("docs/reference-python.md");
    let shown = code(&page);
    let known = words(&shown);
    let has =
        |name: &str| known.contains(name) || page.contains(&format!("\n## `ringtap`: {name}\n"));
    for (package, least) in [("ringtap", 30), ("ringtap/testing", 2)] {
        let init = root().join("sdk/python/src").join(package).join("__init__.py");
        let init = fs::read_to_string(init).unwrap();
        let (_, all) = init.split_once("__all__ = [").unwrap();
        let (all, _) = all.split_once(']').unwrap();
        complete("docs/reference-python.md", has, words_in_order(all), least);
    }
}
