//! What is written in C, C++, JavaScript, TypeScript and Python.

use std::path::Path;

use super::check::Check;

/// A folder of the checkout, the program without which it is skipped, and what to run. The longest
/// come first, so that none of them is what the others are waited with for.
const CHECKS: &[(&str, &[&str], &str)] = &[
    ("sdk/c", &["clang-format-22", "clang-tidy-22"], "tests/lint.sh"),
    ("sdk/c", &["clang-22"], "tests/run.sh"),
    ("sdk/python", &["mypy"], "mypy"),
    ("sdk/js", &["npm"], "npm run --silent check"),
    ("sdk/js", &["npm"], "npm test --silent"),
    ("sdk/js", &["tsc"], TYPES),
    ("tests/conformance/js", &["tsc"], "tsc -p ."),
    ("tests/conformance/ts", &["tsc"], "tsc -p ."),
    (
        "plugins/tls-names",
        &["npm"],
        "npm install --silent --no-audit --no-fund --no-package-lock && npm test --silent",
    ),
    ("plugins/tls-names", &["tsc"], "tsc -p ."),
    ("plugins/tls-names", &["npm"], STYLE),
    ("plugins/scan-watch", &["cc"], "tests/run.sh"),
    ("plugins/protocol-mix", &["cc"], "tests/run.sh"),
    (
        "sdk/python",
        &["python3"],
        "PYTHONPATH=src:examples python3 -m unittest discover -q -s tests",
    ),
    (
        "plugins/neighbours",
        &["python3"],
        "PYTHONPATH=../../sdk/python/src:src python3 -m unittest discover -q -s unit",
    ),
    ("sdk/python", &["ruff"], "ruff format --check . && ruff check ."),
    ("plugins/neighbours", &["ruff"], "ruff check ."),
    ("tests/conformance/python", &["ruff"], "ruff check ."),
];

/// What is committed in `types` is what TypeScript's compiler makes of the sources.
const TYPES: &str = "\
out=$(mktemp -d)
trap 'rm -r \"$out\"' EXIT
tsc -p tsconfig.types.json --outDir \"$out\"
diff -r types \"$out\" || { echo 'run `npm run types` in sdk/js and commit sdk/js/types'; exit 1; }";

/// By the SDK's tools and settings.
const STYLE: &str = "\
tools=../../sdk/js/node_modules/.bin
$tools/prettier --config ../../sdk/js/.prettierrc.json --check src test ./*.json README.md
$tools/eslint -c ../../sdk/js/eslint.config.js src test";

pub(super) fn checks(root: &Path) -> impl Iterator<Item = Check> {
    CHECKS.iter().map(|(folder, needs, script)| Check {
        of: (*folder).to_owned(),
        folder: root.join(folder),
        needs,
        script: (*script).to_owned(),
        root: root.to_owned(),
    })
}
