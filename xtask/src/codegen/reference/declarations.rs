use super::Item;

/// The declarations that begin in the first column. What follows one without an empty line and without
/// a comment of its own is said to be the same. A comment that nothing follows at once is dropped.
pub(super) fn declarations(text: &str, comment: &str) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut docs = Vec::new();
    let mut lines = text.lines().peekable();
    let mut together = false;
    while let Some(line) = lines.next() {
        if let Some(said) = line.strip_prefix(comment) {
            docs.push(said.strip_prefix(' ').unwrap_or(said).to_owned());
            together = false;
        } else if line.is_empty() {
            docs.clear();
            together = false;
        } else {
            let mut code = vec![line.to_owned()];
            let mut open = depth(line);
            while open > 0 || goes_on(lines.peek()) {
                let Some(next) = lines.next() else { break };
                open += depth(next);
                code.push(next.to_owned());
            }
            match items.last_mut().filter(|_| together) {
                Some(item) => item.code.append(&mut code),
                None => items.push(Item { docs: std::mem::take(&mut docs), code }),
            }
            together = true;
        }
    }
    items
}

/// Brackets that a line leaves open, what is in comments aside.
fn depth(line: &str) -> i32 {
    let code = line.split("//").next().unwrap_or_default();
    let count = |any: [char; 3]| code.matches(any).count() as i32;
    count(['(', '{', '[']) - count([')', '}', ']'])
}

fn goes_on(next: Option<&&str>) -> bool {
    next.is_some_and(|line| line.starts_with([' ', '\t']))
}

#[test]
fn declarations_are_told_apart() {
    let text = "/// A.\n/// B.\nint a(int b,\n      int c);\nint d;\n\n/// Lost.\n\n/// E.\nstruct e {\n    int f;\n};\n";
    let item = |docs: &[&str], code: &[&str]| Item {
        docs: docs.iter().map(|line| (*line).to_owned()).collect(),
        code: code.iter().map(|line| (*line).to_owned()).collect(),
    };
    assert_eq!(
        declarations(text, "///"),
        [
            item(&["A.", "B."], &["int a(int b,", "      int c);", "int d;"]),
            item(&["E."], &["struct e {", "    int f;", "};"]),
        ]
    );
}
