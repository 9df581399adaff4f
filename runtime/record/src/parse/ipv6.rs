use super::{Parser, Step};
use crate::{
    Frame, mark,
    wire::{be16, be32, be64, protocol},
};

const HEADER_LEN: u32 = 40;

/// Extension headers that are followed, at most.
const MAX_EXTENSIONS: u32 = 8;

/// Hop-by-hop options that are looked through for a jumbo payload, at most.
const MAX_JUMBO_SEARCH: u32 = 4;

impl<F: Frame + ?Sized> Parser<'_, F> {
    /// RFC 8200.
    #[inline(always)]
    pub(super) fn ipv6(&mut self) -> Step {
        self.record.l3_offset = self.at as u16;
        let [first, _] = self.load()?;
        if first >> 4 != 6 {
            return self.malformed();
        }
        self.record.ip_version = 6;
        let header = self.load::<40>()?;
        let word = be32(&header, 0);
        self.record.tos = (word >> 20) as u8;
        self.record.flow_label = word & 0xf_ffff;
        self.record.ttl = header[7];
        self.record.src_hi = be64(&header, 8);
        self.record.src_lo = be64(&header, 16);
        self.record.dst_hi = be64(&header, 24);
        self.record.dst_lo = be64(&header, 32);
        let ip_len = self.ipv6_length(u32::from(be16(&header, 4)), header[6]);
        self.record.ip_len = ip_len;
        self.set_end(ip_len);
        self.at += HEADER_LEN;
        self.extensions(header[6])
    }

    /// The header's payload length and 40, unless it says 0 because the length does not fit.
    #[inline(always)]
    fn ipv6_length(&self, payload_len: u32, next: u8) -> u32 {
        if payload_len != 0 {
            return HEADER_LEN + payload_len;
        }
        if next == protocol::HOP_BY_HOP
            && let Some(jumbo) = self.jumbo_payload_len()
        {
            return jumbo.saturating_add(HEADER_LEN);
        }
        // Linux passes super-packets of over 64 KiB with a length of 0 and no jumbo option.
        let rest = self.frame_len().saturating_sub(self.at);
        if rest > HEADER_LEN + 0xffff { rest } else { HEADER_LEN }
    }

    /// The jumbo payload option (RFC 2675) of the hop-by-hop header.
    #[inline(always)]
    fn jumbo_payload_len(&self) -> Option<u32> {
        let mut at = self.at + HEADER_LEN + 2;
        for _ in 0..MAX_JUMBO_SEARCH {
            let [kind, len] = self.try_load(at)?;
            at = self.frame.conceal(at);
            match (kind, len) {
                (0xc2, 4) => return Some(be32(&self.try_load::<4>(at + 2)?, 0)),
                // Pad1 is the one option without a length.
                (0, _) => at += 1,
                _ => at += 2 + u32::from(len),
            }
        }
        None
    }

    #[inline(always)]
    fn extensions(&mut self, first: u8) -> Step {
        let mut next = first;
        for _ in 0..=MAX_EXTENSIONS {
            self.at = self.frame.conceal(self.at);
            self.record.protocol = next;
            match next {
                protocol::HOP_BY_HOP
                | protocol::ROUTING
                | protocol::DESTINATION_OPTIONS
                | protocol::MOBILITY => {
                    let [following, len] = self.load()?;
                    self.at += (u32::from(len) + 1) * 8;
                    next = following;
                }
                // RFC 4302: counted in 32-bit words, less two.
                protocol::AUTHENTICATION => {
                    let [following, len] = self.load()?;
                    self.at += (u32::from(len) + 2) * 4;
                    next = following;
                }
                protocol::FRAGMENT => {
                    next = self.fragment_header()?;
                    if self.record.frag_offset != 0 {
                        self.record.protocol = next;
                        return Ok(());
                    }
                }
                upper_layer => return self.transport(upper_layer),
            }
        }
        self.record.protocol = next;
        self.partial()
    }

    #[inline(always)]
    fn fragment_header(&mut self) -> Step<u8> {
        let header = self.load::<8>()?;
        let offset_and_flags = be16(&header, 2);
        let more = offset_and_flags & 1 != 0;
        self.marks |= mark::IP6_FRAGMENT_HEADER;
        self.record.ip_id = be32(&header, 4);
        self.record.ip_flags = u8::from(more);
        self.set_fragment(more, offset_and_flags & 0xfff8);
        self.at += 8;
        Ok(header[0])
    }
}
