//! What stands between the Go runtime and WASI: `sdk/go/adapter/wasip1.wat`, assembled.
//!
//! There are two of it, since a component imports whatever its adapter does: one that writes to the
//! operator's log, for plugins that do so themselves, and one without.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const TEXT: &str = "sdk/go/adapter/wasip1.wat";
const PLAIN: &str = "sdk/go/adapter/wasip1.wasm";
const WITH_LOG: &str = "sdk/go/adapter/wasip1-log.wasm";

const WORLD: &str = "package ringtap:adapter;
world adapter { import ringtap:plugin/log@0.1.0; }";

/// Write both, and say what changed.
pub(super) fn write(root: &Path) -> Result<()> {
    for (path, bytes) in made(root)? {
        let place = root.join(path);
        if fs::read(&place).is_ok_and(|found| found == bytes) {
            continue;
        }
        fs::write(&place, bytes).with_context(|| format!("writing {path}"))?;
        println!("{path}");
    }
    Ok(())
}

/// Fail unless both are there and the same.
pub(super) fn check(root: &Path) -> Result<()> {
    for (path, bytes) in made(root)? {
        let found = fs::read(root.join(path)).with_context(|| format!("reading {path}"))?;
        ensure!(
            found == bytes,
            "{path} is not what {TEXT} makes: run `cargo xtask codegen` and commit it"
        );
    }
    Ok(())
}

fn made(root: &Path) -> Result<[(&'static str, Vec<u8>); 2]> {
    let text = fs::read_to_string(root.join(TEXT)).with_context(|| format!("reading {TEXT}"))?;
    let assemble = |log| wat::parse_str(variant(&text, log)).with_context(|| TEXT.to_owned());
    let mut with_log = assemble(true)?;
    let mut resolve = Resolve::default();
    resolve.push_dir(root.join("wit")).context("reading wit")?;
    let package = resolve.push_str("adapter.wit", WORLD)?;
    let world = resolve.select_world(&[package], None)?;
    embed_component_metadata(&mut with_log, &resolve, world, StringEncoding::UTF8)?;
    Ok([(PLAIN, assemble(false)?), (WITH_LOG, with_log)])
}

/// The text with or without its blocks between `;; if log` and `;; end log`.
fn variant(text: &str, log: bool) -> String {
    let mut inside = false;
    let mut kept = String::new();
    for line in text.lines() {
        match line.trim() {
            ";; if log" => inside = true,
            ";; end log" => inside = false,
            _ if inside && !log => {}
            _ => kept += &format!("{line}\n"),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_the_log_are_kept_or_left_out() {
        let text = "a\n  ;; if log\nb\n  ;; end log\nc\n;; if log\nd\n;; end log\n";
        assert_eq!(variant(text, true), "a\nb\nc\nd\n");
        assert_eq!(variant(text, false), "a\nc\n");
    }
}
