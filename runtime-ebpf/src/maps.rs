use aya_ebpf::{
    bindings::{BPF_F_MMAPABLE, BPF_RB_FORCE_WAKEUP},
    btf_maps::{Array, PerCpuArray, RingBuf},
    helpers::bpf_get_smp_processor_id,
    macros::btf_map,
};
use ringtap_interest::{Lookup, MAX_NODES, MAX_PATHS, MAX_SETS, Plan, Plans, RuleSet, TrieNode, TriePath};
use ringtap_record::abi::{
    INTERFACE_SLOTS, InterfaceSlot, MAX_CPUS, MAX_PROBES, MAX_TAPS, RingCursor, SCRATCH_BYTES,
    TapTally, home_slot,
};

use crate::ring::Slot;

/// What user space maps into its memory, to read rings without a call.
const SHARED: usize = BPF_F_MMAPABLE as usize;

/// By CPU, since producers on one ring would wait for each other.
#[btf_map]
static CURSORS: Array<RingCursor, { MAX_CPUS as usize }, SHARED> = Array::new();

/// The slots of all rings. The loader knows how many.
#[btf_map]
static SLOTS: Array<Slot, 1, SHARED> = Array::new();

/// Nothing stands in it. To give up a place in it is what wakes whoever waits for it.
#[btf_map]
static BELL: RingBuf<(), 4096> = RingBuf::new();

#[btf_map]
static INTERFACES: Array<InterfaceSlot, { INTERFACE_SLOTS as usize }> = Array::new();

#[btf_map]
static TALLIES: PerCpuArray<TapTally, { MAX_TAPS as usize }> = PerCpuArray::new();

/// The plan that is not active may be half written.
#[btf_map]
static PLANS: Array<Plans, 1> = Array::new();

/// The nodes of the first set of tables, then those of the second.
#[btf_map]
static NODES: Array<TrieNode, { 2 * MAX_NODES }> = Array::new();

/// As the nodes.
#[btf_map]
static PATHS: Array<TriePath, { 2 * MAX_PATHS }> = Array::new();

/// As the nodes.
#[btf_map]
static SETS: Array<RuleSet, { 2 * MAX_SETS }> = Array::new();

/// Where the headers of a packet in several pieces are put together.
#[btf_map]
static SCRATCH: PerCpuArray<[u8; SCRATCH_BYTES], 1> = PerCpuArray::new();

/// How far the ring of this CPU is.
#[inline(always)]
pub(crate) fn cursor() -> Option<*mut RingCursor> {
    // SAFETY: the helper has no preconditions.
    CURSORS.get_ptr_mut(unsafe { bpf_get_smp_processor_id() })
}

/// A slot of some ring.
#[inline(always)]
pub(crate) fn slot(index: u32) -> Option<*mut Slot> {
    SLOTS.get_ptr_mut(index)
}

/// Wake the readers that sleep. Whether they will be.
#[inline(always)]
pub(crate) fn ring_bell() -> bool {
    let Some(place) = BELL.reserve_untyped::<u64>(0) else { return false };
    place.discard(BPF_RB_FORCE_WAKEUP.into());
    true
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

/// The tables that judge packets. Ask once a packet: they change between two questions.
#[inline(always)]
pub(crate) fn tables() -> Option<Tables> {
    let plans = PLANS.get(0)?;
    tables_of(plans, plans.active)
}

/// The tables that [`tables`] gave, by their slot.
#[inline(always)]
pub(crate) fn tables_in(slot: u32) -> Option<Tables> {
    tables_of(PLANS.get(0)?, slot)
}

#[inline(always)]
fn tables_of(plans: &'static Plans, slot: u32) -> Option<Tables> {
    Some(Tables { plan: plans.plans.get(slot as usize)?, slot })
}

/// One of the two sets of tables.
pub(crate) struct Tables {
    pub(crate) plan: &'static Plan,
    pub(crate) slot: u32,
}

impl Lookup for Tables {
    #[inline(always)]
    fn plan(&self) -> Option<&Plan> {
        Some(self.plan)
    }

    #[inline(always)]
    fn node(&self, index: u16) -> Option<&TrieNode> {
        NODES.get(self.slot * MAX_NODES as u32 + u32::from(index))
    }

    #[inline(always)]
    fn path(&self, index: u16) -> Option<&TriePath> {
        PATHS.get(self.slot * MAX_PATHS as u32 + u32::from(index))
    }

    #[inline(always)]
    fn set(&self, index: u16) -> Option<&RuleSet> {
        SETS.get(self.slot * MAX_SETS as u32 + u32::from(index))
    }
}
