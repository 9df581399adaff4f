use super::{Parser, Step};
use crate::{
    Frame, mark,
    wire::{be16, be32},
};

impl<F: Frame + ?Sized> Parser<'_, F> {
    /// RFC 791.
    #[inline(always)]
    pub(super) fn ipv4(&mut self) -> Step {
        self.record.l3_offset = self.at as u16;
        let [first, _] = self.load()?;
        if first >> 4 != 4 {
            return self.malformed();
        }
        self.record.ip_version = 4;
        self.record.ihl = first & 0xf;
        let header_len = u32::from(first & 0xf) * 4;
        if header_len < 20 {
            return self.malformed();
        }
        let header = self.load::<20>()?;
        self.record.tos = header[1];
        self.record.ip_id = u32::from(be16(&header, 4));
        self.record.ttl = header[8];
        self.record.protocol = header[9];
        self.record.ip_checksum = be16(&header, 10);
        self.record.src_lo = u64::from(be32(&header, 12));
        self.record.dst_lo = u64::from(be32(&header, 16));
        let fragment = be16(&header, 6);
        self.record.ip_flags = (fragment >> 13) as u8;
        self.set_fragment(fragment & 0x2000 != 0, (fragment & 0x1fff) << 3);
        self.set_ipv4_length(u32::from(be16(&header, 2)), header_len)?;
        self.at += header_len;
        self.transport(header[9])
    }

    #[inline(always)]
    fn set_ipv4_length(&mut self, total_len: u32, header_len: u32) -> Step {
        // A super-packet whose length does not fit the field, or that the card is to cut, says 0.
        let rest = self.frame_len().saturating_sub(self.at);
        let ip_len = if total_len == 0 { rest } else { total_len };
        self.record.ip_len = ip_len;
        if ip_len < header_len {
            return self.malformed();
        }
        self.set_end(ip_len);
        Ok(())
    }

    /// The packet ends `ip_len` after the current place. One that claims more than what encloses it
    /// contradicts itself, but its headers are as good as any.
    #[inline(always)]
    pub(super) fn set_end(&mut self, ip_len: u32) {
        let end = self.at.saturating_add(ip_len);
        if end > self.end {
            self.marks |= mark::MALFORMED;
        }
        self.end = self.end.min(end);
    }

    #[inline(always)]
    pub(super) fn set_fragment(&mut self, more: bool, offset: u16) {
        self.record.frag_offset = offset;
        if more || offset != 0 {
            self.marks |= mark::FRAGMENT;
        }
    }
}
