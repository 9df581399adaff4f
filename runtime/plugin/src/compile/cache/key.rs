use std::{
    fmt::{self, Write},
    hash::{Hash, Hasher},
};

use sha2::{Digest as _, Sha256};

use crate::digest::Digest;

/// What compiled code depends on: the component, and wasmtime's version, settings and the CPU
/// features that it compiles for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(pub(super) [u8; 32]);

impl Key {
    pub(super) fn new(engine: &wasmtime::Engine, component: Digest) -> Self {
        let mut hasher = Sha256Hasher(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        component.hash(&mut hasher);
        Self(hasher.0.finalize().into())
    }

    /// The name of the file that holds the code.
    pub(super) fn file_name(&self) -> String {
        let mut name = self.0.iter().fold(String::new(), |mut name, byte| {
            // Writing to a string does not fail.
            write!(name, "{byte:02x}").ok();
            name
        });
        name.push_str(SUFFIX);
        name
    }
}

const SUFFIX: &str = ".code";

/// Whether a file of that name can only be an entry.
pub(super) fn is_entry(name: &str) -> bool {
    name.strip_suffix(SUFFIX).is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file_name())
    }
}

/// The standard hashers give 64 bits, which is too little to tell code by.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.clone().finalize();
        hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine;

    #[test]
    fn the_component_and_the_settings_make_the_key() {
        let engine = |change: fn(&mut wasmtime::Config)| {
            let mut config = engine::config();
            change(&mut config);
            wasmtime::Engine::new(&config).unwrap()
        };
        let (ours, same) = (engine(|_| {}), engine(|_| {}));
        let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
        let key = Key::new(&ours, a);
        assert_eq!(key, Key::new(&same, a));
        assert_ne!(key, Key::new(&ours, b));
        let fuel = engine(|config| {
            config.consume_fuel(true);
        });
        assert_ne!(key, Key::new(&fuel, a));
        let quick = engine(|config| {
            config.cranelift_opt_level(wasmtime::OptLevel::None);
        });
        assert_ne!(key, Key::new(&quick, a));
    }

    #[test]
    fn the_name_of_an_entry_is_told_from_others() {
        assert!(is_entry(&Key([0xab; 32]).file_name()));
        for name in ["", ".code", "abc.code", "notes", &format!("{}.code", "G".repeat(64))] {
            assert!(!is_entry(name), "{name}");
        }
    }
}
