use aya_ebpf::{
    bindings::{xdp_action::XDP_PASS, xdp_md},
    helpers::{bpf_xdp_get_buff_len, bpf_xdp_load_bytes},
    macros::xdp,
    programs::XdpContext,
};
use ringtap_record::{Direction, Hook, PacketRecord, abi::TapKind};

use crate::{
    frame::{Linear, Veil},
    packet::Packet,
    tap::tap,
};

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
        // SAFETY: the kernel passes a valid context.
        unsafe { bpf_xdp_get_buff_len(self.context) as u32 }
    }

    #[inline(always)]
    fn linear(&self, veil: Veil) -> Linear {
        // SAFETY: the kernel passes a valid context.
        unsafe {
            Linear::new((*self.context).data as usize, (*self.context).data_end as usize, veil)
        }
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
