use core::{cell::UnsafeCell, mem};

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

#[used]
#[unsafe(no_mangle)]
#[unsafe(link_section = ".bss.interfaces")]
static INTERFACES: Value<[InterfaceSlot; INTERFACE_SLOTS as usize]> = Value::zeroed();

#[btf_map]
static TALLIES: PerCpuArray<TapTally, { MAX_TAPS as usize }> = PerCpuArray::new();

/// The plan that is not active may be half written.
#[used]
#[unsafe(no_mangle)]
#[unsafe(link_section = ".bss.plans")]
static PLANS: Value<Plans> = Value::zeroed();

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

/// The value of a map that has only one, by its address: that takes no look-up. The loader makes a map
/// of each section, by the section's name.
#[repr(transparent)]
struct Value<T>(UnsafeCell<T>);

// SAFETY: user space writes it while programs read; they expect that.
unsafe impl<T> Sync for Value<T> {}

impl<T> Value<T> {
    /// `T` has to be something that zeros are.
    const fn zeroed() -> Self {
        // SAFETY: as the statics say, integers only.
        Self(UnsafeCell::new(unsafe { mem::zeroed() }))
    }

    #[inline(always)]
    fn get(&'static self) -> &'static T {
        // SAFETY: integers, of which user space changes only such as a program reads once.
        unsafe { &*self.0.get() }
    }
}

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
        let slot = &INTERFACES.get()[home_slot(ifindex + probe) as usize];
        if slot.ifindex == ifindex {
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
    tables_in(PLANS.get().active)
}

/// The tables that [`tables`] gave, by their slot.
#[inline(always)]
pub(crate) fn tables_in(slot: u32) -> Option<Tables> {
    Some(Tables { plan: PLANS.get().plans.get(slot as usize)?, slot })
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
