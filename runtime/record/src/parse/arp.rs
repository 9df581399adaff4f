use super::{Parser, Step};
use crate::{
    Frame, mark,
    wire::{be16, be32, ether_type},
};

/// Hardware type 1 (Ethernet), addresses of 6 and 4 bytes (RFC 826).
const ETHERNET: u16 = 1;

impl<F: Frame + ?Sized> Parser<'_, F> {
    /// Only IPv4 over Ethernet has addresses that a record can hold.
    #[inline(always)]
    pub(super) fn arp(&mut self) -> Step {
        self.record.l3_offset = self.at as u16;
        let kind = self.load::<8>()?;
        let known = be16(&kind, 0) == ETHERNET
            && be16(&kind, 2) == ether_type::IPV4
            && be16(&kind, 4) == 0x0604;
        if !known {
            return Ok(());
        }
        let packet = self.load::<28>()?;
        self.record.src_lo = u64::from(be32(&packet, 14));
        self.record.dst_lo = u64::from(be32(&packet, 24));
        self.record.icmp_type = packet[7];
        self.marks |= mark::ARP;
        Ok(())
    }
}
