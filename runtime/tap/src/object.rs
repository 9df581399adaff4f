//! The eBPF object that is embedded in the binary: its maps, and its programs.

use aya::{
    Ebpf, EbpfLoader, VerifierLogLevel, include_bytes_aligned,
    maps::{Map, MapError},
    programs::{Program, ProgramError, ProgramFd},
};
use ringtap_record::abi::TapKind;

use crate::error::{TapError, is_not_permitted};

/// Built from `runtime-ebpf` by `cargo xtask ebpf`; `ebpf/build.json` says how.
static OBJECT: &[u8] = include_bytes_aligned!("../ebpf/ringtap.o");

/// The object with its maps made. Programs are loaded when they are first asked for.
pub(crate) struct Object(Ebpf);

impl Object {
    /// Create the object's maps and prepare its programs.
    pub(crate) fn load() -> Result<Self, TapError> {
        let mut loader = EbpfLoader::new();
        // A full verifier log of programs of this size takes minutes to write, and helps no operator.
        loader.verifier_log_level(VerifierLogLevel::STATS);
        loader.load(OBJECT).map(Self).map_err(|error| match is_not_permitted(&error) {
            true => TapError::Privilege { what: "creating the taps' BPF maps".into() },
            false => TapError::Object(Box::new(error)),
        })
    }

    /// Take a map out, once each.
    pub(crate) fn map<M>(
        &mut self,
        name: &'static str,
        convert: impl FnOnce(Map) -> Result<M, MapError>,
    ) -> Result<M, TapError> {
        let map = self.0.take_map(name).ok_or(TapError::Missing { kind: "map", name })?;
        convert(map).map_err(|source| TapError::Map { map: name, operation: "used", source })
    }

    /// The program of that kind, loaded.
    pub(crate) fn program(&mut self, kind: TapKind) -> Result<ProgramFd, TapError> {
        let name = program_name(kind);
        let missing = TapError::Missing { kind: "program", name };
        let program = self.0.program_mut(name).ok_or(missing)?;
        let loaded = match program {
            Program::Xdp(xdp) => load_once(xdp.fd().is_ok(), || xdp.load()),
            Program::SchedClassifier(tc) => load_once(tc.fd().is_ok(), || tc.load()),
            _ => return Err(TapError::Missing { kind: "XDP or TC program", name }),
        };
        let fd = loaded.and_then(|()| program.fd()?.try_clone().map_err(ProgramError::from));
        fd.map_err(|error| match is_not_permitted(&error) {
            true => TapError::Privilege { what: format!("loading the program `{name}`") },
            false => TapError::Load { program: name, source: Box::new(error) },
        })
    }

    /// The id of the program of that kind, if it is loaded.
    pub(crate) fn program_id(&self, kind: TapKind) -> Option<u32> {
        let info = self.0.program(program_name(kind))?.info().ok()?;
        Some(info.id())
    }
}

fn load_once(
    loaded: bool,
    load: impl FnOnce() -> Result<(), ProgramError>,
) -> Result<(), ProgramError> {
    if loaded { Ok(()) } else { load() }
}

pub(crate) const fn program_name(kind: TapKind) -> &'static str {
    match kind {
        TapKind::Xdp => "ringtap_xdp",
        TapKind::TcIngress => "ringtap_ingress",
        TapKind::TcEgress => "ringtap_egress",
    }
}
