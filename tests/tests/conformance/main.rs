//! The same plugins in every language do the same, byte for byte: alone and fed by each other, over
//! captures and live, when they are refused, when they trap, and when one takes over from another.

mod languages;
mod live;
mod pipelines;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use languages::{Language, PLUGINS};
use rayon::prelude::*;
use ringtap_tests::{binary, finish};

/// Cases of a plugin. What is expected in them is what the reference does.
fn cases(plugin: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/cases").join(plugin)
}

fn plugin_test(component: &Path, plugin: &str, more: &[&str]) {
    let mut ringtap = Command::new(binary());
    ringtap
        .args(["plugin", "test", "--log", "off"])
        .arg(component)
        .arg("--cases")
        .arg(cases(plugin));
    let ended = finish(ringtap.args(more));
    assert_eq!(ended.code, Some(0), "{}\n{}{:#?}", component.display(), ended.stdout, ended.log);
}

/// Batches of other sizes, states that are handed on, calls that are ended and random packets
/// included.
#[test]
fn every_language_does_what_the_reference_does_in_every_case() {
    languages::all().par_iter().for_each(|language| {
        for plugin in PLUGINS {
            if let Some(component) = language.component(plugin) {
                plugin_test(component, plugin, &[]);
            }
        }
    });
}

/// That a state is the same bytes, the cases see: here the bytes are taken over.
#[test]
fn a_state_goes_from_each_language_to_the_reference_and_back() {
    let reference = Language::reference();
    let ours = reference.component("meter").expect("the reference has all");
    languages::all().par_iter().for_each(|language| {
        let theirs = language.component("meter").expect("every language has a meter");
        for (old, new) in [(ours, theirs), (theirs, ours)] {
            let old = old.to_str().expect("paths in tests are plain");
            plugin_test(new, "meter", &["--only", "state", "--old", old]);
        }
    });
}
