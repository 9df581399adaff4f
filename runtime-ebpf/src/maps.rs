use aya_ebpf::{
    btf_maps::{Array, ArrayOfMaps, PerCpuArray, RingBuf},
    helpers::bpf_get_smp_processor_id,
    macros::btf_map,
};
use ringtap_record::{
    abi::{
        INTERFACE_SLOTS, InterfaceSlot, MAX_CPUS, MAX_PROBES, MAX_TAPS, SCRATCH_BYTES,
        TapTally, home_slot,
    },
};

/// The size only serves as a template; the loader makes the rings.
const TEMPLATE_RING_BYTES: usize = 65_536;

/// One ring per CPU, since producers on one ring wait for each other.
#[btf_map]
static RINGS: ArrayOfMaps<RingBuf<(), TEMPLATE_RING_BYTES>, { MAX_CPUS as usize }> =
    ArrayOfMaps::new();

#[btf_map]
static INTERFACES: Array<InterfaceSlot, { INTERFACE_SLOTS as usize }> = Array::new();

#[btf_map]
static TALLIES: PerCpuArray<TapTally, { MAX_TAPS as usize }> = PerCpuArray::new();

/// Where the headers of a packet in several pieces are put together.
#[btf_map]
static SCRATCH: PerCpuArray<[u8; SCRATCH_BYTES], 1> = PerCpuArray::new();

/// This CPU's ring.
#[inline(always)]
pub(crate) fn ring() -> Option<&'static RingBuf<(), TEMPLATE_RING_BYTES>> {
    // SAFETY: the helper has no preconditions.
    RINGS.get(unsafe { bpf_get_smp_processor_id() })
}

/// The tapped interface; all zeros when the loader knows none of that index.
#[inline(always)]
pub(crate) fn interface(ifindex: u32) -> InterfaceSlot {
    for probe in 0..MAX_PROBES {
        if let Some(slot) = INTERFACES.get(home_slot(ifindex + probe))
            && slot.ifindex == ifindex
        {
            return *slot;
        }
    }
    InterfaceSlot { ifindex: 0, taps: [0; 3], link: 0 }
}

/// This CPU's tally of a tap.
#[inline(always)]
pub(crate) fn tally(tap: u16) -> Option<*mut TapTally> {
    TALLIES.get_ptr_mut(u32::from(tap))
}

#[inline(always)]
pub(crate) fn scratch() -> Option<*mut [u8; SCRATCH_BYTES]> {
    SCRATCH.get_ptr_mut(0)
}
