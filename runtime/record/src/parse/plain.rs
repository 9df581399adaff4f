//! The parser for most packets: each field is written once, and nothing is turned back from.

use super::Start;
use crate::{
    Frame, PacketRecord, mark,
    wire::{be16, be32, be64, ether_type, ipv4, protocol},
};

/// Parse a plain packet: TCP or UDP right behind IPv4 without options or IPv6, with one VLAN tag at most,
/// whole headers, no fragment, and lengths that agree. `false` for any other, which leaves `record` in
/// pieces.
///
/// Whatever `record` was, it is what [`parse_headers`](super::parse_headers) makes of a zeroed one, but for
/// what headers don't say: `timestamp_ns`, `matched`, `wire_len`, `cap_len`, `ifindex`, `sample_one_in`,
/// `gso_size`, `gso_segments`, `tap`, `hook` and `direction` are left alone. A packet with a VLAN tag in
/// metadata is to be `tagged`: that tag is the caller's to set afterwards, with its marks.
#[inline(always)]
pub fn parse_plain<F: Frame + ?Sized>(
    frame: &F,
    start: Start,
    tagged: bool,
    record: &mut PacketRecord,
) -> bool {
    let mut plain = Plain { frame, record };
    let parsed = match start {
        Start::Ethernet => plain.ethernet(tagged),
        Start::Ip => plain.ip(),
        Start::EtherType(_) => None,
    };
    parsed.is_some()
}

struct Plain<'a, F: ?Sized> {
    frame: &'a F,
    record: &'a mut PacketRecord,
}

impl<F: Frame + ?Sized> Plain<'_, F> {
    #[inline(always)]
    fn ethernet(&mut self, tagged: bool) -> Option<()> {
        let header = self.frame.load::<14>(0)?;
        self.record.eth_dst_hi = be32(&header, 0);
        self.record.eth_dst_lo = be16(&header, 4);
        self.record.eth_src_hi = be32(&header, 6);
        self.record.eth_src_lo = be16(&header, 10);
        let marks = mark::ETH_SRC | mark::ETH_DST | mark::ETH_TYPE;
        let outer = be16(&header, 12);
        if !ether_type::is_vlan(outer) {
            self.record.vlan = [0; 4];
            self.record.vlan_count = 0;
            return self.network(outer, 14, marks);
        }
        if tagged {
            return None;
        }
        let tag = self.frame.load::<4>(14)?;
        self.record.vlan = [be16(&tag, 0), 0, 0, 0];
        self.record.vlan_count = 1;
        let service = if outer == ether_type::VLAN { 0 } else { mark::SERVICE_TAG };
        self.network(be16(&tag, 2), 18, marks | service)
    }

    #[inline(always)]
    fn network(&mut self, ether_type: u16, at: u32, marks: u32) -> Option<()> {
        self.record.eth_type = ether_type;
        match ether_type {
            ether_type::IPV4 => self.ipv4(at, marks),
            ether_type::IPV6 => self.ipv6(at, marks),
            _ => None,
        }
    }

    #[inline(always)]
    fn ip(&mut self) -> Option<()> {
        let record = &mut *self.record;
        (record.eth_src_hi, record.eth_src_lo) = (0, 0);
        (record.eth_dst_hi, record.eth_dst_lo) = (0, 0);
        (record.eth_type, record.vlan, record.vlan_count) = (0, [0; 4], 0);
        let [first, _] = self.frame.load(0)?;
        match first >> 4 {
            4 => self.ipv4(0, 0),
            6 => self.ipv6(0, 0),
            _ => None,
        }
    }

    #[inline(always)]
    fn ipv4(&mut self, at: u32, marks: u32) -> Option<()> {
        let header = self.frame.load::<20>(at)?;
        let fragment = be16(&header, 6);
        if header[0] != ipv4::PLAIN || fragment & ipv4::FRAGMENT != 0 {
            return None;
        }
        let ip_len = be16(&header, 2);
        let record = &mut *self.record;
        (record.src_hi, record.dst_hi) = (0, 0);
        record.src_lo = u64::from(be32(&header, 12));
        record.dst_lo = u64::from(be32(&header, 16));
        record.ip_len = u32::from(ip_len);
        record.ip_id = u32::from(be16(&header, 4));
        record.flow_label = 0;
        record.ip_checksum = be16(&header, 10);
        (record.ip_version, record.ihl) = (4, 5);
        (record.ttl, record.tos) = (header[8], header[1]);
        record.ip_flags = (fragment >> 13) as u8;
        record.l3_offset = at as u16;
        self.transport(header[9], at + 20, ip_len.checked_sub(20)?, marks)
    }

    #[inline(always)]
    fn ipv6(&mut self, at: u32, marks: u32) -> Option<()> {
        let header = self.frame.load::<40>(at)?;
        let word = be32(&header, 0);
        if word >> 28 != 6 {
            return None;
        }
        let content = be16(&header, 4);
        let record = &mut *self.record;
        (record.src_hi, record.src_lo) = (be64(&header, 8), be64(&header, 16));
        (record.dst_hi, record.dst_lo) = (be64(&header, 24), be64(&header, 32));
        record.ip_len = u32::from(content) + 40;
        record.ip_id = 0;
        record.flow_label = word & 0xf_ffff;
        record.ip_checksum = 0;
        (record.ip_version, record.ihl) = (6, 0);
        (record.ttl, record.tos) = (header[7], (word >> 20) as u8);
        record.ip_flags = 0;
        record.l3_offset = at as u16;
        self.transport(header[6], at + 40, content, marks)
    }

    /// The header at `at`, of a packet that has `content` bytes from there on.
    #[inline(always)]
    fn transport(&mut self, protocol: u8, at: u32, content: u16, marks: u32) -> Option<()> {
        let record = &mut *self.record;
        record.protocol = protocol;
        record.l4_offset = at as u16;
        (record.frag_offset, record.payload_offset, record.payload_len) = (0, 0, 0);
        (record.icmp_type, record.icmp_code, record.mpls_count) = (0, 0, 0);
        match protocol {
            protocol::TCP => self.tcp(at, content, marks),
            protocol::UDP => self.udp(at, content, marks),
            _ => None,
        }
    }

    #[inline(always)]
    fn tcp(&mut self, at: u32, content: u16, marks: u32) -> Option<()> {
        let header = self.frame.load::<20>(at)?;
        let offset_and_flags = be16(&header, 12);
        let header_len = u32::from(offset_and_flags >> 12) * 4;
        if header_len < 20 || header_len > u32::from(content) {
            return None;
        }
        let record = &mut *self.record;
        (record.src_port, record.dst_port) = (be16(&header, 0), be16(&header, 2));
        (record.tcp_seq, record.tcp_ack) = (be32(&header, 4), be32(&header, 8));
        (record.tcp_flags, record.tcp_window) = (offset_and_flags & 0xfff, be16(&header, 14));
        record.l7_offset = (at + header_len) as u16;
        const TCP: u32 =
            mark::PORTS | mark::TCP_SEQ | mark::TCP_ACK | mark::TCP_FLAGS | mark::TCP_WINDOW;
        record.marks = marks | TCP;
        Some(())
    }

    #[inline(always)]
    fn udp(&mut self, at: u32, content: u16, marks: u32) -> Option<()> {
        let header = self.frame.load::<8>(at)?;
        let udp_len = be16(&header, 4);
        if udp_len < 8 || udp_len > content {
            return None;
        }
        let record = &mut *self.record;
        (record.src_port, record.dst_port) = (be16(&header, 0), be16(&header, 2));
        (record.tcp_seq, record.tcp_ack) = (0, 0);
        (record.tcp_flags, record.tcp_window) = (0, 0);
        record.l7_offset = (at + 8) as u16;
        record.marks = marks | mark::PORTS;
        Some(())
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use bytemuck::Zeroable;

    use super::*;
    use crate::parse_headers;

    const MACS: [u8; 12] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

    fn tcp4() -> Vec<u8> {
        let mut packet = vec![0x45, 46 << 2, 0, 44, 0x12, 0x34, 0x40, 0, 64, 6, 0xab, 0xcd];
        packet.extend([10, 0, 0, 1, 10, 0, 0, 2, 4, 1, 1, 0xbb]);
        packet.extend([1, 2, 3, 4, 5, 6, 7, 8, 0x61, 0x12, 9, 10, 0, 0, 0, 0, 1, 1, 1, 1]);
        packet
    }

    fn udp4() -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 30, 0, 1, 0, 0, 3, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        packet.extend([0, 53, 0, 54, 0, 10, 0, 0, 7, 7]);
        packet
    }

    fn over_ipv6(next: u8, content: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x6b, 0x81, 2, 3, 0, content.len() as u8, next, 3];
        packet.extend(1..33);
        [&packet[..], content].concat()
    }

    fn framed(between: &[u8], packet: &[u8]) -> Vec<u8> {
        [&MACS[..], between, packet].concat()
    }

    fn packets() -> Vec<(Vec<u8>, Start)> {
        let (tcp4, udp4) = (tcp4(), udp4());
        let (tcp6, udp6) = (over_ipv6(6, &tcp4[20..]), over_ipv6(17, &udp4[20..]));
        let ethernet = [
            framed(&[8, 0], &tcp4),
            framed(&[8, 0], &udp4),
            framed(&[0x86, 0xdd], &tcp6),
            framed(&[0x86, 0xdd], &udp6),
            framed(&[0x81, 0, 0x20, 5, 8, 0], &tcp4),
            framed(&[0x88, 0xa8, 0xe0, 6, 0x86, 0xdd], &udp6),
        ];
        let ethernet = ethernet.map(|frame| (frame, Start::Ethernet));
        let ip = [tcp4, udp4, tcp6, udp6].map(|packet| (packet, Start::Ip));
        ethernet.into_iter().chain(ip).collect()
    }

    /// What headers don't say, which is the caller's.
    fn set_outside(record: &mut PacketRecord) {
        (record.timestamp_ns, record.matched, record.sample_one_in) = (1, 2, 3);
        (record.wire_len, record.cap_len, record.ifindex) = (4, 5, 6);
        (record.gso_size, record.gso_segments) = (7, 8);
        (record.tap, record.hook, record.direction) = (9, 10, 11);
    }

    /// What is plain is parsed to the same record. Whether it is plain.
    fn check(frame: &[u8], start: Start) -> bool {
        // Not one bit of what was there before may be left.
        let mut plain: PacketRecord = bytemuck::cast([0xff_u8; size_of::<PacketRecord>()]);
        if !parse_plain(frame, start, false, &mut plain) {
            return false;
        }
        set_outside(&mut plain);
        let mut parsed = PacketRecord { wire_len: frame.len() as u32, ..PacketRecord::zeroed() };
        parse_headers(frame, start, 0, &mut parsed);
        set_outside(&mut parsed);
        assert_eq!(plain, parsed, "{frame:02x?}");
        true
    }

    #[test]
    fn plain_packets_are_parsed() {
        for (frame, start) in packets() {
            assert!(check(&frame, start), "{frame:02x?}");
            for len in 0..frame.len() {
                check(&frame[..len], start);
            }
        }
    }

    #[test]
    fn no_other_packet_is_parsed() {
        let (tcp4, udp4) = (tcp4(), udp4());
        let fragment = |flags: [u8; 2]| {
            let mut packet = tcp4.clone();
            packet[6..8].copy_from_slice(&flags);
            framed(&[8, 0], &packet)
        };
        for frame in [
            fragment([0x20, 0]),
            fragment([0, 1]),
            framed(&[0x81, 0, 0, 5, 0x81, 0, 0, 6, 8, 0], &udp4),
            framed(&[8, 0], &over_ipv6(17, &udp4[20..])),
            framed(&[0x86, 0xdd], &over_ipv6(0, &udp4[20..])),
            framed(&[8, 6], &[0; 28]),
            framed(&[0, 46], &udp4),
        ] {
            assert!(!check(&frame, Start::Ethernet), "{frame:02x?}");
        }
        assert!(!check(&udp4, Start::EtherType(ether_type::IPV4)));
    }

    #[test]
    fn no_byte_of_a_header_can_make_the_two_differ() {
        for (frame, start) in packets() {
            for at in 0..frame.len() {
                for value in 0..=255 {
                    let mut frame = frame.clone();
                    frame[at] = value;
                    check(&frame, start);
                }
            }
        }
    }

    #[test]
    fn a_tag_in_metadata_is_the_only_one() {
        let mut record = PacketRecord::zeroed();
        let udp = framed(&[8, 0], &udp4());
        assert!(parse_plain(&udp[..], Start::Ethernet, true, &mut record));
        let tagged = framed(&[0x81, 0, 0x20, 5, 8, 0], &udp4());
        assert!(!parse_plain(&tagged[..], Start::Ethernet, true, &mut record));
    }
}
