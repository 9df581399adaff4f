use aya_ebpf::{
    bindings::{xdp_action::XDP_PASS, xdp_md},
    helpers::{bpf_xdp_get_buff_len, bpf_xdp_load_bytes},
    macros::xdp,
    programs::XdpContext,
};
use ringtap_record::{Direction, Hook, PacketRecord, abi::TapKind};

use crate::{packet::Packet, tap::tap};

/// Bytes to which Ethernet pads a frame, without its check sequence.
const LEAST_FRAME: u32 = 60;

/// Aware of fragments, so that interfaces with a jumbo MTU take it (kernel 5.18).
#[xdp(frags)]
#[inline(always)]
fn ringtap_xdp(context: XdpContext) -> u32 {
    tap(&Buffer { context: context.ctx });
    XDP_PASS
}

/// What XDP knows of a packet.
struct Buffer {
    context: *mut xdp_md,
}

impl Packet for Buffer {
    const KIND: TapKind = TapKind::Xdp;
    const HOOK: Hook = Hook::Xdp;
    const DIRECTION: Direction = Direction::Ingress;

    #[inline(always)]
    fn ifindex(&self) -> u32 {
        // SAFETY: the kernel passes a valid context.
        unsafe { (*self.context).ingress_ifindex }
    }

    #[inline(always)]
    fn frame_len(&self) -> u32 {
        // A call that costs as much as parsing.
        // SAFETY: the kernel passes a valid context.
        unsafe { bpf_xdp_get_buff_len(self.context) as u32 }
    }

    /// Where the first piece ends with the IP packet, it is taken for all of the frame. Of one that goes
    /// on behind just that, as with a trailer, the rest is not counted.
    #[inline(always)]
    fn frame_len_with(&self, ip_end: u32) -> u32 {
        let (data, data_end) = self.linear();
        let linear_len = (data_end - data) as u32;
        if linear_len == ip_end.max(LEAST_FRAME) { linear_len } else { self.frame_len() }
    }

    #[inline(always)]
    fn linear(&self) -> (usize, usize) {
        // SAFETY: the kernel passes a valid context.
        unsafe { ((*self.context).data as usize, (*self.context).data_end as usize) }
    }

    #[inline(always)]
    fn copy(&self, from: u32, to: *mut u8, len: u32) -> bool {
        // SAFETY: the caller gives room for `len` bytes.
        unsafe { bpf_xdp_load_bytes(self.context, from, to.cast(), len) == 0 }
    }

    /// A tag that the driver took out of the frame is not to be had here.
    #[inline(always)]
    fn vlan(&self) -> Option<u16> {
        None
    }

    #[inline(always)]
    fn describe(&self, _: &mut PacketRecord) {}
}
