use aya::maps::{ArrayOfMaps, Map, MapData, RingBuf};
use ringtap_record::abi::{MAX_CPUS, RING_SLOTS};

use crate::{bpf, error::TapError};

/// The rings of all CPUs, as the programs find them.
pub(crate) struct Rings(pub(crate) ArrayOfMaps<MapData, RingBuf<MapData>>);

impl Rings {
    /// Give a CPU a ring of so many bytes.
    pub(crate) fn add(&mut self, cpu: u32, bytes: u32) -> Result<RingBuf<MapData>, TapError> {
        if cpu >= MAX_CPUS {
            return Err(TapError::TooManyCpus { cpus: cpu + 1, max: MAX_CPUS });
        }
        self.put(cpu, bytes)
    }

    fn put(&mut self, slot: u32, bytes: u32) -> Result<RingBuf<MapData>, TapError> {
        let no_ring = |source| TapError::Ring { cpu: slot, bytes, source };
        let failed = |source| TapError::Map { map: "RINGS", operation: "given a ring", source };
        let data = MapData::from_fd(bpf::ring_create(bytes).map_err(no_ring)?).map_err(failed)?;
        let ring = RingBuf::try_from(Map::RingBuf(data)).map_err(failed)?;
        self.0.set(slot, &ring, 0).map_err(failed)?;
        Ok(ring)
    }

    /// Wait for a grace period: programs run under RCU, and one that has looked at a map or was just
    /// detached may still be at work.
    pub(crate) fn wait_for_programs(&mut self) -> Result<(), TapError> {
        const MEMBARRIER_CMD_GLOBAL: libc::c_int = 1;
        // SAFETY: takes numbers only, and changes nothing but the order of things.
        let result = unsafe { libc::syscall(libc::SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) };
        if result == 0 {
            return Ok(());
        }
        // Kernels with `nohz_full` CPUs have no such call. An update of a map of maps waits as well,
        // and no CPU has this slot.
        self.put(RING_SLOTS - 1, rustix::param::page_size() as u32).map(drop)
    }
}
