use core::ptr;

use aya_ebpf::{
    bindings::{__sk_buff, TC_ACT_UNSPEC},
    helpers::bpf_skb_load_bytes,
    macros::classifier,
    programs::TcContext,
};
use ringtap_record::{Direction, Hook, PacketRecord, abi::TapKind, mark};

use crate::{packet::Packet, tap::tap};

/// IEEE 802.1ad's EtherType.
const SERVICE_VLAN: u16 = 0x88a8;

/// "Go on with the next program": `TCX_NEXT` has the same number.
const NEXT: i32 = TC_ACT_UNSPEC;

#[classifier]
#[inline(always)]
fn ringtap_ingress(context: TcContext) -> i32 {
    tap(&Buffer::<false> { skb: context.skb.skb });
    NEXT
}

#[classifier]
#[inline(always)]
fn ringtap_egress(context: TcContext) -> i32 {
    tap(&Buffer::<true> { skb: context.skb.skb });
    NEXT
}

/// What traffic control knows of a packet.
struct Buffer<const EGRESS: bool> {
    skb: *mut __sk_buff,
}

impl<const EGRESS: bool> Packet for Buffer<EGRESS> {
    const KIND: TapKind = if EGRESS { TapKind::TcEgress } else { TapKind::TcIngress };
    const HOOK: Hook = Hook::Tc;
    const DIRECTION: Direction = if EGRESS { Direction::Egress } else { Direction::Ingress };

    #[inline(always)]
    fn ifindex(&self) -> u32 {
        // SAFETY: the kernel passes a valid context.
        unsafe { (*self.skb).ifindex }
    }

    #[inline(always)]
    fn frame_len(&self) -> u32 {
        // SAFETY: the kernel passes a valid context.
        unsafe { (*self.skb).len }
    }

    #[inline(always)]
    fn linear(&self) -> (usize, usize) {
        // SAFETY: the kernel passes a valid context.
        unsafe { ((*self.skb).data as usize, (*self.skb).data_end as usize) }
    }

    #[inline(always)]
    fn copy(&self, from: u32, to: *mut u8, len: u32) -> bool {
        // SAFETY: the caller gives room for `len` bytes.
        unsafe { bpf_skb_load_bytes(self.skb.cast(), from, to.cast(), len) == 0 }
    }

    #[inline(always)]
    fn vlan(&self) -> Option<u16> {
        // SAFETY: the kernel passes a valid context. Volatile, or the compiler reads several of
        // these fields at once, which the verifier refuses.
        let (present, tci) = unsafe {
            (
                ptr::read_volatile(&raw const (*self.skb).vlan_present),
                ptr::read_volatile(&raw const (*self.skb).vlan_tci),
            )
        };
        if present != 0 { Some(tci as u16) } else { None }
    }

    #[inline(always)]
    fn describe(&self, record: &mut PacketRecord) {
        if let Some(tci) = self.vlan() {
            self.describe_vlan(tci, record);
        }
        // SAFETY: as in `vlan`.
        let gso_size = unsafe { ptr::read_volatile(&raw const (*self.skb).gso_size) };
        if gso_size != 0 {
            self.describe_gso(gso_size, record);
        }
    }
}

impl<const EGRESS: bool> Buffer<EGRESS> {
    /// The outermost tag, which the kernel took out of the bytes or is yet to put there.
    #[inline(always)]
    fn describe_vlan(&self, tci: u16, record: &mut PacketRecord) {
        // SAFETY: as in `vlan`.
        let protocol = unsafe { ptr::read_volatile(&raw const (*self.skb).vlan_proto) };
        record.vlan[0] = tci;
        record.vlan_count = 1;
        record.marks |= mark::VLAN_IN_METADATA;
        if u16::from_be(protocol as u16) == SERVICE_VLAN {
            record.marks |= mark::SERVICE_TAG;
        }
    }

    /// A packet that the card or the driver is to cut, or that was put together from several.
    #[inline(always)]
    fn describe_gso(&self, gso_size: u32, record: &mut PacketRecord) {
        // SAFETY: as in `vlan`.
        let segments = unsafe { ptr::read_volatile(&raw const (*self.skb).gso_segs) };
        record.gso_size = gso_size as u16;
        record.gso_segments = segments as u16;
        record.marks |= mark::GSO;
    }
}
