//! The eBPF object that is embedded in the binary: its maps, and its programs.

use std::{collections::HashSet, thread};

use aya::{
    Ebpf, EbpfError, EbpfLoader, VerifierLogLevel, include_bytes_aligned,
    maps::{Map, MapError},
    programs::{Program, ProgramError, ProgramFd},
};
use ringtap_record::abi::{SLOT_BYTES, TapKind};
use rustix::mm::ProtFlags;

use crate::{
    bell::Bell,
    error::{MAKING_MAPS, TapError, is_not_permitted},
    mapped::Mapped,
};

/// Built from `runtime-ebpf` by `cargo xtask ebpf`; `ebpf/build.json` says how.
static OBJECT: &[u8] = include_bytes_aligned!("../ebpf/ringtap.o");

/// The object with its maps made. Programs are loaded when they are first asked for.
pub(crate) struct Object(Ebpf);

impl Object {
    /// Create the object's maps, with so many slots for all rings, and prepare its programs.
    pub(crate) fn load(slots: u32) -> Result<Self, TapError> {
        let mut loader = EbpfLoader::new();
        loader.map_max_entries("SLOTS", slots);
        let ordered = u8::from(cfg!(target_arch = "x86_64"));
        loader.override_global("ORDERED_STORES", &ordered, true);
        // A full verifier log of programs of this size takes minutes to write, and helps no operator.
        loader.verifier_log_level(VerifierLogLevel::STATS);
        loader.load(OBJECT).map(Self).map_err(|error| match error {
            error if is_not_permitted(&error) => TapError::Privilege { what: MAKING_MAPS.into() },
            EbpfError::MapError(MapError::CreateError { name, io_error }) if name == "SLOTS" => {
                let bytes = u64::from(slots) * SLOT_BYTES as u64;
                TapError::Rings { bytes, source: io_error }
            }
            error => TapError::Object(Box::new(error)),
        })
    }

    /// Map an array into our memory, once each.
    pub(crate) fn mapped<T>(
        &mut self,
        name: &'static str,
        protection: ProtFlags,
    ) -> Result<Mapped<T>, TapError> {
        let missing = TapError::Missing { kind: "array", name };
        let Some(Map::Array(data)) = self.0.take_map(name) else { return Err(missing) };
        Mapped::new(data, protection).map_err(|source| TapError::Map {
            map: name,
            operation: "mapped into memory",
            source,
        })
    }

    /// Map the bell into our memory, once.
    pub(crate) fn bell(&mut self) -> Result<Bell, TapError> {
        const NAME: &str = "BELL";
        let missing = TapError::Missing { kind: "ring buffer", name: NAME };
        let Some(Map::RingBuf(data)) = self.0.take_map(NAME) else { return Err(missing) };
        let operation = "mapped into memory";
        Bell::new(data).map_err(|source| TapError::Map { map: NAME, operation, source })
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
        let loaded = load_once(program);
        let fd = loaded.and_then(|()| program.fd()?.try_clone().map_err(ProgramError::from));
        fd.map_err(|error| match is_not_permitted(&error) {
            true => TapError::Privilege { what: format!("loading the program `{name}`") },
            false => TapError::Load { program: name, source: Box::new(error) },
        })
    }

    /// Load the programs of several kinds, each on a thread of its own.
    pub(crate) fn load_programs(&mut self, kinds: HashSet<TapKind>) {
        let names: Vec<_> = kinds.into_iter().map(program_name).collect();
        thread::scope(|scope| {
            for (name, program) in self.0.programs_mut() {
                if names.contains(&name) {
                    // Whoever wants it later is told what went wrong.
                    scope.spawn(|| load_once(program).ok());
                }
            }
        });
    }

    /// The id of the program of that kind, if it is loaded.
    pub(crate) fn program_id(&self, kind: TapKind) -> Option<u32> {
        let info = self.0.program(program_name(kind))?.info().ok()?;
        Some(info.id())
    }
}

fn load_once(program: &mut Program) -> Result<(), ProgramError> {
    if program.fd().is_ok() {
        return Ok(());
    }
    match program {
        Program::Xdp(xdp) => xdp.load(),
        Program::SchedClassifier(tc) => tc.load(),
        _ => Err(ProgramError::UnexpectedProgramType),
    }
}

pub(crate) const fn program_name(kind: TapKind) -> &'static str {
    match kind {
        TapKind::Xdp => "ringtap_xdp",
        TapKind::TcIngress => "ringtap_ingress",
        TapKind::TcEgress => "ringtap_egress",
    }
}
