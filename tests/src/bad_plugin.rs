use std::fs;

use crate::artifacts::bundled;

/// A file that is no plugin of this host.
#[derive(Debug)]
pub struct BadPlugin {
    pub name: &'static str,
    pub content: Vec<u8>,
    /// Words of the reason that is to be told.
    pub why: &'static str,
}

impl BadPlugin {
    /// One for each way in which a file can be bad.
    pub fn all() -> Vec<Self> {
        let good = fs::read(bundled("flow-log")).unwrap();
        let text = |text: &str| wat::parse_str(text).unwrap();
        let bad = |name, content, why| Self { name, content, why };
        vec![
            bad("empty", Vec::new(), "is empty: is it still being written?"),
            bad("truncated", good[..good.len() / 2].to_vec(), "ends in the middle, after "),
            bad("script", b"#!/bin/sh\n".to_vec(), "is no WebAssembly"),
            bad("core-module", text("(module)"), "is a core module: make a component of it"),
            bad("other-world", text("(component)"), "it does not export `lifecycle`"),
            bad(
                "wants-files",
                text(r#"(component (import "wasi:filesystem/types@0.2.0" (instance)))"#),
                "imports `wasi:filesystem/types@0.2.0`, which no plugin may have",
            ),
            bad(
                "from-the-future",
                text(r#"(component (import "ringtap:plugin/log@0.9.0" (instance)))"#),
                "is built for ringtap:plugin@0.9.0",
            ),
            bad("damaged", damaged(good), "does not compile: "),
        ]
    }
}

/// With the right shape, and nonsense for code.
fn damaged(mut component: Vec<u8>) -> Vec<u8> {
    let middle = component.len() / 2;
    component[middle..middle + 64].fill(0xff);
    component
}
