//! The eBPF object that is embedded in the binary.

use aya::{Ebpf, EbpfLoader, VerifierLogLevel, include_bytes_aligned};

use crate::error::{TapError, is_not_permitted};

/// Built from `runtime-ebpf` by `cargo xtask ebpf`; `ebpf/build.json` says how.
static OBJECT: &[u8] = include_bytes_aligned!("../ebpf/ringtap.o");

/// Create the object's maps and prepare its programs.
pub(crate) fn load() -> Result<Ebpf, TapError> {
    let mut loader = EbpfLoader::new();
    // A full verifier log of programs of this size takes minutes to write, and helps no operator.
    loader.verifier_log_level(VerifierLogLevel::STATS);
    loader.load(OBJECT).map_err(|error| match is_not_permitted(&error) {
        true => TapError::Privilege { what: "creating the taps' BPF maps".into() },
        false => TapError::Object(Box::new(error)),
    })
}
