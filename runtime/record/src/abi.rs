//! What the taps and their loader agree on besides records: the values in the maps they share.

/// Slots in the table of tapped interfaces: a power of two, with room to spare for probing.
pub const INTERFACE_SLOTS: u32 = 1024;

/// Slots that are looked at for an interface, from its home on.
pub const MAX_PROBES: u32 = 8;

/// Taps, at most. Tap 0 is what no known tap has seen.
pub const MAX_TAPS: u32 = 1024;

/// CPUs with a ring of their own, at most.
pub const MAX_CPUS: u32 = 512;

/// Bytes of a slot of a ring: an entry, or some of the payload that follows one.
pub const SLOT_BYTES: usize = 192;

/// The longest linear copy that a tap makes of a frame whose headers are not in one piece.
pub const SCRATCH_BYTES: usize = crate::MAX_HEADER_BYTES as usize + 64;

/// Bytes of payload that a tap copies, at most.
pub const MAX_PAYLOAD: u32 = 1500;

/// The ring of one CPU: a run of slots in an array that all CPUs' rings share with user space, and how
/// far these were written and read. Only taps on that CPU write slots, and only one reader reads them.
///
/// The slot at `next` is never the reader's, so what is written there may be dropped again. A tap sees by
/// `tail` whether there is room, writes slots, and then, with release semantics, the `head`; the
/// reader sees the `head`, with acquire semantics, reads slots, and then writes the `tail`.
#[repr(C, align(128))]
#[derive(Debug, Default)]
pub struct RingCursor {
    /// Slots that were published since the start. The tap's.
    pub head: u64,
    /// Where in the ring the next entry begins: `head` modulo `slots`. The tap's.
    pub next: u32,
    /// 1 while a tap is at work in this ring: on kernels where one can interrupt another, the other one
    /// stays out.
    pub busy: u32,
    /// The ring's first slot in the array. The loader's.
    pub first: u32,
    /// How many slots it has; 0 where the CPU has no ring. The loader's.
    pub slots: u32,
    /// Where a program puts a value to make the verifier forget it; means nothing.
    pub veil: u64,
    /// On a cache line of its own, since it is the reader's: slots that were read since the start, and
    /// whether it sleeps.
    pub tail: ReaderLine,
}

/// Two cache lines, since processors fetch them in pairs.
#[repr(C, align(128))]
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "described where it is used")]
pub struct ReaderLine {
    pub tail: u64,
    /// 1 where the reader has gone to sleep until somebody wakes it: the next tap that publishes does, and
    /// makes it 0.
    pub sleeps: u64,
}

const _: () = assert!(size_of::<RingCursor>() == 256);

/// A tapped interface, in the slot that [`home_slot`] gives or one of the next.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(bytemuck::Pod, bytemuck::Zeroable))]
pub struct InterfaceSlot {
    /// 0 is free.
    pub ifindex: u32,
    /// The taps on XDP, TC ingress and TC egress, by [`TapKind`]; 0 is none.
    pub taps: [u16; 3],
    /// [`LINK_ETHERNET`] or [`LINK_IP`].
    pub link: u16,
}

/// Frames start with an Ethernet header.
pub const LINK_ETHERNET: u16 = 0;

/// Frames start with an IP header, as on tun devices and tunnels.
pub const LINK_IP: u16 = 1;

/// Where in [`InterfaceSlot::taps`] a program finds its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TapKind {
    Xdp = 0,
    TcIngress = 1,
    TcEgress = 2,
}

/// The first slot where an interface may stand.
#[inline(always)]
pub const fn home_slot(ifindex: u32) -> u32 {
    ifindex & (INTERFACE_SLOTS - 1)
}

/// What one tap counted on one CPU. `seen` is the sum of the others.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(bytemuck::Pod, bytemuck::Zeroable))]
pub struct TapTally {
    /// Packets that reached the tap.
    pub seen: u64,
    /// Packets that no rule takes.
    pub uninterested: u64,
    /// Packets that rules take, but no sample.
    pub sampled_out: u64,
    /// Records put into the ring.
    pub published: u64,
    /// Packets for which the ring had no room.
    pub lost_ring_full: u64,
    /// Packets on a CPU without a ring.
    pub lost_no_ring: u64,
    /// Packets that came while another tap was at work in the CPU's ring.
    pub lost_ring_busy: u64,
    /// Where a program puts the rules that a packet is kept for; means nothing afterwards.
    pub kept: [u64; 4],
    /// Where a program puts a value to make the verifier forget it; means nothing.
    pub veil: u64,
}
