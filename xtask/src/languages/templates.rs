//! The templates, as projects that were just made of them: what stands in them for a plugin's name
//! keeps tools from reading them where they lie.

use std::{fs, os::unix::fs::symlink, path::Path};

use anyhow::{Context, Result};
use ringtap_kit::{Language, ProjectName, new};

use super::{check::Check, go};
use crate::build::target_directory;

/// Make a project in each language that there is a template for, and say what to check in it.
pub(super) fn checks(root: &Path) -> Result<Vec<Check>> {
    let folder = target_directory(root).join("templates");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    // A user's project is not in this repository, so its rules for rustfmt are not ours.
    fs::write(folder.join("rustfmt.toml"), "").context("writing rustfmt's defaults")?;
    new::languages().map(|language| of_template(root, &folder, language)).collect()
}

fn of_template(root: &Path, folder: &Path, language: Language) -> Result<Check> {
    let name: ProjectName = format!("my-{language}").parse().map_err(anyhow::Error::msg)?;
    let project = folder.join(name.as_str());
    if project.exists() {
        fs::remove_dir_all(&project).with_context(|| format!("removing {}", project.display()))?;
    }
    new::create(folder, &name, language)
        .with_context(|| format!("making a project in {}", language.title()))?;
    if matches!(language, Language::Js | Language::Ts) {
        install(root, &project).context("installing what npm would")?;
    }
    let (needs, script) = checked(language);
    Ok(Check {
        of: format!("the template for {}", language.title()),
        folder: project,
        needs,
        script,
        root: root.to_owned(),
    })
}

/// The programs that a check takes, and the check itself, for which $ROOT is the checkout.
fn checked(language: Language) -> (&'static [&'static str], String) {
    let clang = |standard: &str| {
        format!(
            "style=$ROOT/sdk/c/.clang-format lints=$ROOT/sdk/c/.clang-tidy\n\
             clang-format-22 --dry-run -Werror --style=file:$style src/* tests/*.c*\n\
             tidy=\"clang-tidy-22 --quiet --config-file=$lints\"\n\
             wasm='--target=wasm32-unknown-unknown -mbulk-memory -ffreestanding -nostdlibinc'\n\
             $tidy src/* -- {standard} $wasm -isystem sdk/libc -Isdk/include\n\
             $tidy tests/*.c* -- {standard} -D_GNU_SOURCE -Isdk/include\n\
             sh tests/run.sh"
        )
    };
    const CLANG: &[&str] = &["clang-22", "clang-format-22", "clang-tidy-22"];
    match language {
        Language::Rust => (
            &["cargo"],
            "export CARGO_TARGET_DIR=../target\n\
             cargo fmt --check\n\
             cargo clippy --quiet --locked --all-targets -- -Dwarnings\n\
             cargo test --quiet --locked"
                .into(),
        ),
        Language::C => (CLANG, clang("-std=c11")),
        Language::Cpp => (CLANG, clang("-std=c++20 -fno-exceptions -fno-rtti")),
        Language::Go => (&["go"], go::CHECKED.into()),
        Language::Js => (
            &["npm"],
            "node_modules/.bin/eslint -c $ROOT/sdk/js/eslint.config.js src test\n\
             npm test --silent"
                .into(),
        ),
        Language::Ts => (&["npm"], "npm run --silent check\nnpm test --silent".into()),
        Language::Python => (
            &["ruff", "mypy", "python3"],
            "ruff format --check src unit\n\
             ruff check src unit\n\
             MYPYPATH=src:sdk/src mypy --strict src unit\n\
             PYTHONPATH=sdk/src:src python3 -m unittest discover -q -s unit"
                .into(),
        ),
        Language::Zig => (&["python-zig"], "python-zig fmt --check src".into()),
    }
}

/// As `npm install` in the project would do it, from what is installed for the SDK.
fn install(root: &Path, project: &Path) -> Result<()> {
    let (installed, modules) = (root.join("sdk/js/node_modules"), project.join("node_modules"));
    let sdk = modules.join("@ringtap");
    fs::create_dir_all(&sdk)?;
    symlink("../../sdk", sdk.join("plugin"))?;
    for entry in fs::read_dir(&installed).into_iter().flatten() {
        let entry = entry?;
        symlink(entry.path(), modules.join(entry.file_name()))?;
    }
    Ok(())
}
